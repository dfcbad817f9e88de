"""Every function that adcourse differentiates, as a page: ``python -m adcourse.show.functions`` writes it.

What the page says stands in the table itself: each rule's kind, what it reads, its derivative as it is written in the
source, and the remark beside it.
"""

import ast
import inspect
import re
from functools import cache
from pathlib import Path

import numpy as np

from adcourse.core import box  # noqa: F401  (every rule has joined the table then)
from adcourse.core.derived import DERIVED
from adcourse.core.kinds import Bilinear, Constant, Elementwise, General, Linear
from adcourse.core.rules import RULES

PAGE = Path(__file__).parents[1] / "core" / "FUNCTIONS.md"
COMMAND = "python -m adcourse.show.functions"
HEAD = f"""# The functions that adcourse differentiates

Made from the table of rules by `{COMMAND}`; a test says when it is out of date. In a derivative `z` is the result, `x`
and `y` are the operands. "Keeps" says which of these numbers the tape holds on to, because the derivative reads them.
"""
SECTIONS = {
    "elementwise": "Element by element: the partial derivative by each operand.",
    "linear": "Linear: forward mode applies the function itself, reverse mode its transpose.",
    "bilinear": "Linear in each of two operands.",
    "general": "One JVP line; reverse mode transposes it.",
    "derived": "Made of functions that have a rule, so every derivative follows from theirs.",
    "constant": "No derivative, or zero wherever there is one: these return plain values.",
}
_KINDS = {Elementwise: "elementwise", Linear: "linear", Bilinear: "bilinear", General: "general", Constant: "constant"}


@cache
def _module(path):
    source = Path(path).read_text(encoding="utf-8")
    return ast.parse(source), source.splitlines()


def _shape_of(code):
    return code.co_code, code.co_names, code.co_varnames, tuple(c for c in code.co_consts if not inspect.iscode(c))


def _written(function):
    """The node of the source that defines a function, and its first line; None if it has none."""
    code = getattr(function, "__code__", None)
    if code is None or not Path(code.co_filename).is_file():
        return None, ""
    tree, lines = _module(code.co_filename)
    line = lines[code.co_firstlineno - 1]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name and _starts(node) == code.co_firstlineno:
            return node, lines[node.lineno - 1]
        if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno == node.lineno:
            if _shape_of(compile(ast.Expression(node), "", "eval").co_consts[0]) == _shape_of(code):
                return node, line
    return None, line


def _starts(node):
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _formula(function):
    """A derivative in words: the body of a lambda, or the first line of what a named function says of itself."""
    if isinstance(function, str):
        return f"`{function}`"
    if not callable(function):
        return f"`{function:g}`"
    node, _ = _written(function)
    if isinstance(node, ast.Lambda):
        return f"`{ast.unparse(node.body)}`"
    return _first_line(function) or f"`{function.__name__}`"


def _first_line(function):
    return (inspect.getdoc(function) or "").split("\n")[0] if getattr(function, "__code__", None) else ""


def _remark(*functions):
    """The comments beside the definitions of these functions."""
    found = []
    for function in functions:
        _, line = _written(function)
        comment = re.search(r"#\s*(.*)", line)
        text = comment.group(1).strip() if comment else ""
        if text and not text.startswith(("noqa", "fmt")) and text not in found:
            found.append(text)
    return "; ".join(found)


def name_of(function, rule=None):
    """How a program calls the function."""
    for home, label in ((np, "np"), (np.linalg, "np.linalg"), (np.fft, "np.fft")):
        if getattr(home, function.__name__, None) is function:
            return f"{label}.{function.__name__}"
    if rule is not None and not rule.name.startswith(("_", "<")) and rule.name != function.__name__:
        return rule.name
    if isinstance(function, np.ufunc):
        return f"scipy.special.{function.__name__.strip('_')}"
    return function.__name__


def _row(function, rule):
    kept = [n for n, reads in zip("xy", rule.reads, strict=False) if reads] + ["z"] * rule.reads_out
    if isinstance(rule, Elementwise):
        partials = [rule.known[f"p{k}"] for k in range(len(rule.partials))]
        return [", ".join(map(_formula, partials)), " ".join(kept), _remark(*filter(callable, partials))]
    if isinstance(rule, Linear):
        return [_formula(rule.transpose), "shape", _remark(rule.transpose)]
    if isinstance(rule, Bilinear):
        return [", ".join(f"`{t.__name__}`" for t in rule.transposes), "x y", _remark(*rule.transposes)]
    return [_first_line(rule.jvp) or f"`{rule.jvp.__name__}`", "x z", _remark(rule.jvp)]


def rows():
    """``(name, kind, derivative, what is kept, remark)`` for every function of the table."""
    found = []
    for function, rule in RULES.items():
        kind = _KINDS[type(rule)]
        found.append((name_of(function, rule), kind, *(["", "", ""] if kind == "constant" else _row(function, rule))))
    for function, mine in DERIVED.items():
        found.append((name_of(function), "derived", _first_line(mine), "", _remark(mine)))
    return sorted(found)


def page():
    """The whole page, as Markdown."""
    parts, table = [HEAD], rows()
    for kind, meaning in SECTIONS.items():
        chosen = [row for row in table if row[1] == kind]
        parts.append(f"\n## {meaning.split(':')[0].rstrip('.')} ({len(chosen)})\n\n{meaning}\n")
        if kind == "constant":
            parts.append("\n" + ", ".join(f"`{row[0]}`" for row in chosen) + "\n")
            continue
        parts.append("\n| function | derivative | keeps | remark |\n|---|---|---|---|\n")
        parts += [f"| `{name}` | {_cell(what)} | {keeps} | {_cell(remark)} |\n" for name, _, what, keeps, remark in chosen]
    return "".join(parts)


def _cell(text):
    return text.replace("|", "\\|")


def main():
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
