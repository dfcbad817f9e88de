"""Recurrences side by side in one loop: a function of straight-line code, written from their own source.

Generators that take turns spend more time on taking turns than on coefficients. So for a run that repeats, the bodies
of their loops are written one after the other into one loop over k:

    for k in range(1, 25):
        x0[k] = x1[k - 1] / k
        x1[k] = convolve(x0, x2, k)
"""

import ast
import inspect
import textwrap
from functools import lru_cache


class _Template(ast.NodeTransformer):
    """Local names become fields of a template, ``yield z_k`` becomes ``z[k] = z_k``."""

    def __init__(self, code):
        self.names, self.result = {*code.co_varnames, *code.co_freevars} - {"k"}, code.co_varnames[0]

    def visit_Name(self, node):
        return ast.Name(f"FIELD_{node.id}_FIELD", node.ctx) if node.id in self.names else node

    def visit_Expr(self, node):
        if not isinstance(node.value, ast.Yield):
            return self.generic_visit(node)
        target = ast.Subscript(ast.Name(self.result, ast.Load()), ast.Name("k", ast.Load()), ast.Store())
        return self.visit(ast.Assign([target], node.value.value))


@lru_cache(maxsize=256)
def _template(recurrence):
    """The source of a recurrence before its loop and inside, its parameters, its local names and what it refers to."""
    code, outer = recurrence.__code__, inspect.getclosurevars(recurrence)
    *first, loop = ast.parse(textwrap.dedent(inspect.getsource(recurrence))).body[0].body
    texts = []
    for part in (first, loop.body):
        tree = ast.fix_missing_locations(_Template(code).visit(ast.Module(part, [])))
        text = ast.unparse(tree).replace("{", "{{").replace("}", "}}")
        for local in (*code.co_varnames, *code.co_freevars):
            text = text.replace(f"FIELD_{local}_FIELD", "{" + local + "}")
        texts.append(text)
    return *texts, code.co_varnames[: code.co_argcount], code.co_varnames[code.co_argcount :], outer


def inlined(values, recurrences, order):
    """A function that computes ``values``, then ``order`` turns of all ``recurrences``.

    ``values``: triples of a sequence, the function that finds its first coefficient, and the sequences whose first ones
    it takes. ``recurrences``: pairs of a generator function and its arguments, the first of which is to be filled.
    """
    space, known = {}, {}

    def name(x):
        if id(x) not in known:
            known[id(x)] = f"x{len(known)}"
            space[known[id(x)]] = x
        return known[id(x)]

    lines, loop = [], []
    for c, compute, operands in values:
        lines.append(f"{name(c)}[0] = float({name(compute)}({', '.join(f'{name(x)}[0]' for x in operands)}))")
    for n, (recurrence, arguments) in enumerate(recurrences):
        first, body, parameters, local, outer = _template(recurrence)
        fields = {own: f"{own}_{n}" for own in (*local, *outer.nonlocals)} | {"k": "k"}
        fields |= {parameter: name(x) for parameter, x in zip(parameters, arguments, strict=True)}
        space |= outer.globals | {fields[free]: x for free, x in outer.nonlocals.items()}
        lines.append(first.format_map(fields))
        loop.append(body.format_map(fields))
    lines = [line for line in lines if line] + [
        f"for k in range(1, {order + 1}):",
        textwrap.indent("\n".join(loop), "    "),
    ]
    source = "def run():\n" + textwrap.indent("\n".join(lines), "    ")
    exec(source, space)
    space["run"].source = source
    return space["run"]
