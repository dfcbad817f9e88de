"""What the code of a notebook must be so that it grades: tests that assert, ask the problem they name, and can fail."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

from adcourse.grading.marking.cells import Cell, Refusal
from adcourse.grading.marking.markers import Region
from adcourse.grading.problem import Problem
from adcourse.grading.problems import UnknownProblem, find

ASKING = ("check", "examine")


class Call(NamedTuple):
    """A call of ``adcourse.check`` or ``examine``: how, of which problem (None where it isn't written out)."""

    way: str
    id: str | int | float | None
    line: int


def parsed(cell: Cell) -> tuple[ast.Module | None, list[Refusal]]:
    """A code cell as Python, with IPython's own syntax taken out first."""
    code = TransformerManager().transform_cell(cell.source)
    try:
        return compile(code, cell.label, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), []
    except (SyntaxError, ValueError) as error:
        what = f"is no Python: {getattr(error, 'msg', error)}"
        return None, [cell.refuse(what, "mend this line; run the cell once", getattr(error, "lineno", 0) or 0)]


def aliases(trees: list[ast.Module]) -> dict[str, str]:
    """What each imported name stands for, in full: {"ad": "adcourse"}."""
    names = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    names[one.asname or one.name.partition(".")[0]] = one.name if one.asname else one.name.split(".")[0]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{full_name(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def calls(tree: ast.Module, names: dict[str, str]) -> list[Call]:
    """Where a cell asks a problem's questions."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        package, _, way = full_name(node.func, names).rpartition(".")
        if way in ASKING and package.split(".")[0] == "adcourse":
            given = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "id"), None)
            constant = given.value if isinstance(given, ast.Constant) else None
            found.append(Call(way, constant if isinstance(constant, (str, int, float)) else None, node.lineno))
    return found


def problems_of(cell: Cell, asked: list[Call]) -> tuple[list[Problem], list[Refusal]]:
    """The problems that a test cell asks, each once; none for a test written by hand."""
    named: dict[str, Problem] = {}
    for call in asked:
        if call.id is None:
            what = f"does not write out which problem {call.way} is to ask"
            return [], [cell.refuse(what, f'write its number there: {call.way}("6.1", ...)', call.line)]
        try:
            problem = find(str(call.id))
        except UnknownProblem as unknown:
            return [], [cell.refuse("names a problem that is not defined", str(unknown), call.line)]
        named.setdefault(problem.id, problem)
    return list(named.values()), []


def tested(cell: Cell, tree: ast.Module, asked: list[Call], regions: list[Region]) -> list[Refusal]:
    """A test cell: it can fail, ends in no value, and asks hidden questions of the problems whose points it has."""
    refusals = trailing(cell, tree)
    if not any(asserts(node) for node in ast.walk(tree)):
        what = "asserts nothing, so nbgrader gives everyone full marks"
        call = next((call for call in asked), None)
        example = f"assert adcourse.{call.way}({call.id!r}, ...)" if call else "assert f(2) == 4"
        refusals.append(cell.refuse(what, f"write for instance: {example}"))
    problems, unknown = problems_of(cell, asked)
    refusals += unknown
    given, due = cell.meta.get("points"), sum(problem.points for problem in problems)
    if problems and isinstance(given, (int, float)) and given != due:
        ids = " and ".join(problem.id for problem in problems)
        what = f"gives {given} points, and {ids} {'is' if len(problems) == 1 else 'are'} worth {due}"
        refusals.append(cell.refuse(what, f'write in its metadata.nbgrader: "points": {due}'))
    inside = [range(region.first, region.last + 1) for region in regions if region.kind == "hidden"]
    for problem in problems:
        mine = [call for call in asked if find(str(call.id)).id == problem.id]
        hidden = [call for call in mine if any(call.line in lines for lines in inside)]
        if not any(call.way == "examine" for call in hidden):
            what = f"asks no hidden question of {problem.id}: answers to the visible ones would get its points"
            refusals.append(cell.refuse(what, "write at its end:\n" + hidden_test(problem)))
        for call in hidden:
            lines = next(lines for lines in inside if call.line in lines)
            if not any(asserts(node) and node.lineno in lines for node in ast.walk(tree) if hasattr(node, "lineno")):
                what = f"asks hidden questions of {problem.id} and asserts nothing of the verdict"
                refusals.append(cell.refuse(what, "write below it: assert verdict, verdict", call.line))
        if not any(call.way == "check" and call not in hidden for call in mine):
            what = f"does not say in its released part that it asks {problem.id}, where `adcourse grade` reads it"
            refusals.append(cell.refuse(what, f'write: assert adcourse.check("{problem.id}", {problem.name})'))
    return refusals


def hidden_test(problem: Problem) -> str:
    lines = (
        "### BEGIN HIDDEN TESTS",
        "from adcourse.grading import examine",
        "",
        f'verdict = examine("{problem.id}", {problem.name})',
        "assert verdict, verdict",
        "### END HIDDEN TESTS",
    )
    return "\n".join(f"      {line}" for line in lines)


def trailing(cell: Cell, tree: ast.Module) -> list[Refusal]:
    """A value at the end is shown, and what a test cell shows nbgrader reads as points."""
    if not tree.body or not isinstance(tree.body[-1], ast.Expr) or silenced(cell.source):
        return []
    last = tree.body[-1]
    what = "ends in an expression, whose value nbgrader reads as the points earned"
    return [cell.refuse(what, "put the assertion last: assert verdict, verdict.message", last.lineno)]


def silenced(source: str) -> bool:
    """Whether the last thing in a cell is a semicolon, after which IPython shows nothing."""
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in skip]
    except (tokenize.TokenError, SyntaxError):
        return False
    return bool(tokens) and tokens[-1].string == ";"


def asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, (ast.Constant, ast.Tuple))  # neither can fail
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name.lower().startswith("assert")
    return isinstance(node, ast.Raise)


def plain_python(cell: Cell, tree: ast.Module) -> list[Refusal]:
    """Graded cells hold no magics and no shell: they do not run outside Jupyter, nor in the sandbox."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "get_ipython"]
    if not names:
        return []
    lines = [TransformerManager().transform_cell(line) for line in cell.lines]
    line = next((number for number, line in enumerate(lines, 1) if "get_ipython" in line), names[0].lineno)
    what = "uses IPython's magics or the shell in a cell that is graded"
    return [cell.refuse(what, "write it in Python, or move it to a cell that is not graded", line)]


def widgets(cell: Cell, tree: ast.Module, names: dict[str, str]) -> list[Refusal]:
    """Widgets need a browser, which grading has not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{one.name}" for one in node.names]
        elif isinstance(node, ast.Attribute):
            modules = [full_name(node, names)]
        else:
            continue
        if any(f"{m}.".startswith(("ipywidgets.", "anywidget.", "adcourse.widgets.")) for m in modules):
            what = "uses widgets, which do nothing where assignments are graded"
            return [cell.refuse(what, "show a table or a figure instead: print, matplotlib", node.lineno)]
    return []
