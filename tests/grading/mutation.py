"""How much the questions see: small changes to right answers, put to the check and to the grading.

``python -m tests.grading.mutation [ps06 ...]`` changes one thing at a time (an operator, a constant, a name, a whole
statement) in every right answer, counts which changes the visible questions reject, which only the hidden ones do and
which nobody does, and shows the last: most of them mean the same, and the others are holes. It counts the wrong
answers as well: how many are rejected, and with the hint that is meant for them.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections import Counter
from collections.abc import Iterator

import tqdm

from adcourse.grading import check
from adcourse.grading.problems import find
from adcourse.grading.sheet import Sheet
from adcourse.methods.budget import Budget, OutOfTime
from tests.grading.blocks import blocks, function

SECONDS = 2  # for a change, which may make a loop endless
OPERATORS = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div, ast.Add), ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,), ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.Mult,), ast.MatMult: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.And: (ast.Or,), ast.Or: (ast.And,),
}  # fmt: skip
NAMES = {
    "sin": "cos", "cos": "sin", "exp": "log", "log": "exp", "sqrt": "exp", "sum": "max", "zeros": "ones",
    "ones": "zeros", "zeros_like": "ones_like", "append": "remove", "min": "max", "max": "min",
}  # fmt: skip


def changes(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Copies of the tree that differ in one place, and the line that differs."""
    for place, node in enumerate(ast.walk(tree)):
        for number in range(len(_ways(node))):
            other = copy.deepcopy(tree)
            changed = next(n for k, n in enumerate(ast.walk(other)) if k == place)
            _ways(changed)[number]()
            yield ast.fix_missing_locations(other), f"line {getattr(node, 'lineno', '?')}: {ast.unparse(changed)}"


def _ways(node: ast.AST) -> list:
    """What can be done to this one, as functions without arguments."""
    ways = []
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        ways += [lambda new=new: setattr(node, "op", new()) for new in OPERATORS.get(type(node.op), ())]
    if isinstance(node, ast.Compare):
        ways += [lambda new=new: node.ops.__setitem__(0, new()) for new in OPERATORS.get(type(node.ops[0]), ())]
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        ways += [lambda: setattr(node, "value", node.value + 1), lambda: setattr(node, "value", node.value * 0.5)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        ways.append(lambda: setattr(node, "op", ast.UAdd()))
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        ways.append(lambda: setattr(node, "attr", NAMES[node.attr]))
    if isinstance(node, ast.Call) and len(node.args) > 1:
        ways.append(node.args.reverse)
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1 and isinstance(node.ctx, ast.Load):
        ways.append(node.elts.reverse)
    for name in ("body", "orelse"):
        statements = getattr(node, name, None)
        if isinstance(statements, list):
            ways += [lambda s=statements, k=k: s.__setitem__(k, ast.Pass()) for k in range(len(statements))]
    return ways


def verdict(problem, code, sheet: Sheet, seconds=SECONDS) -> str:
    """Who rejects it: "visible", "hidden", or "" for nobody."""
    try:
        with Budget(seconds).watch(problem.id):
            answer = function(problem, code)
            return "visible" if not check(problem.id, answer) else "" if sheet.judged(sheet.ask(answer)) else "hidden"
    except (Exception, OutOfTime):  # while it is defined, or because it doesn't end
        return "visible"


def mutants(block) -> list[tuple[str, str]]:
    """The sources of all changed answers, each once, and what was changed."""
    tree = ast.parse(block.code)
    found = {ast.unparse(tree): ""}
    for other, what in changes(tree):
        found.setdefault(ast.unparse(other), what)
    return list(found.items())[1:]


def main(assignments: list[str]):
    known = [block for block in blocks() if not assignments or f"ps{int(block.id.partition('.')[0]):02}" in assignments]
    sheets = {block.id: Sheet(find(block.id), 20) for block in known}
    counts: dict[str, Counter] = {id: Counter() for id in sheets}
    survivors = []
    work = [(block, *mutant) for block in known if block.right for mutant in mutants(block)]
    for block, code, what in tqdm.tqdm(work, desc="changes", disable=None):
        rejected = verdict(sheets[block.id].problem, code, sheets[block.id])
        counts[block.id][rejected] += 1
        if not rejected:
            survivors.append(f"{block}: {' '.join(what.split())[:110]}")
    for block in known:
        if not block.right:
            result = sheets[block.id].judged(sheets[block.id].ask(function(sheets[block.id].problem, block.code)))
            counts[block.id]["wrong"] += 1
            counts[block.id]["told"] += not result.passed and block.hint in result.hint
    print("| problem | changes | rejected by the check | by the grading alone | by nobody | wrong answers, told why |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for id, count in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        numbers = [count["visible"] + count["hidden"] + count[""], count["visible"], count["hidden"], count[""]]
        print(f"| {id} | {' | '.join(map(str, numbers))} | {count['told']} of {count['wrong']} |")
    print("\nRejected by nobody:", *survivors, sep="\n* ")


if __name__ == "__main__":
    main(sys.argv[1:])
