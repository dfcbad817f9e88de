"""A loop's formulas round by round: how large they are written out and with equal parts kept once, and by which rule.

The body of the loop is made of a function f by nesting, by multiplying, or by both. Written out, the derivative of a
round holds ``a`` copies of the last derivative (one for each mention of y) and ``b`` copies of the last formula (those
that the product rule and the chain rule bring along), and ``c`` nodes of its own.
"""

from dataclasses import dataclass
from inspect import Parameter, signature
from operator import mul

import numpy as np
import sympy as sp

from adcourse.core.transforms import record
from adcourse.methods import symbolic
from adcourse.methods.chain_rule import differentiate_up
from adcourse.methods.formulas import tree_and_dag

BODIES = {  # of f(y, x): what stands in the loop
    "nest": lambda f: f,
    "multiply": lambda f: lambda y, x: y * f(x, x),
    "both": lambda f: lambda y, x: y * f(y, x),
}


@dataclass(frozen=True)
class Sizes:
    """After some rounds, from y = x: nodes of y's formula and of its derivative, as tree and as graph, and the rows of
    the trace of the same loop run on a number."""

    rounds: int
    tree: int
    dag: int
    slope_tree: int
    slope_dag: int
    trace: int


def needed(f):
    """How many arguments f must be given. NumPy's own functions don't all say; they count as functions of one.

    >>> needed(lambda y, x=1: y), needed(lambda y, x: y), needed(np.sin)
    (1, 2, 1)
    """
    try:
        found = signature(f).parameters.values()
    except ValueError:
        return 1
    places = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.default is Parameter.empty and p.kind in places for p in found)


def of_two(f):
    """f as a function of y and x, also where it takes y alone."""
    return f if needed(f) == 2 else lambda y, x: f(y)


def unrolled(body, rounds):
    """The loop as a program of x that returns y before the first round and after each."""

    def program(x):
        found = [x]
        for _ in range(rounds):
            found.append(body(found[-1], x))
        return tuple(found)

    return program


def sizes(body, rounds, at):
    """A list of :class:`Sizes`, for 0, 1, ..., ``rounds`` rounds of ``y = body(y, x)`` from y = x.

    ``at``: the number on which the loop is traced. Raises what the body raises, and SymbolicError if it branches.

    >>> [s.slope_tree for s in sizes(lambda y, x: 4 * y * (1 - y), 3, 0.2)]
    [1, 27, 111, 343]
    """
    with sp.evaluate(False):
        formulas = symbolic.expression(unrolled(body, rounds), "x")
    slopes = differentiate_up(formulas, sp.Symbol("x", real=True))
    with np.errstate(all="ignore"):
        traces = [len(record(lambda x, n=n: unrolled(body, n)(x)[-1], at)) for n in range(rounds + 1)]
    return [
        Sizes(n, *tree_and_dag(e), *tree_and_dag(slope), traces[n])
        for n, (e, slope) in enumerate(zip(formulas, slopes, strict=True))
    ]


def recurrence(found):
    """(a, b, c) such that each ``slope_tree`` is a times the last, plus b times the last ``tree``, plus c; None where
    there is no such rule, or more than one.

    >>> recurrence(sizes(lambda y, x: 4 * y * (1 - y), 4, 0.2))
    (2, 4, 21)
    """
    before = [(s.slope_tree, s.tree, 1) for s in found[:-1]]
    after = [s.slope_tree for s in found[1:]]
    for k in range(len(before) - 2):
        rows, right = before[k : k + 3], after[k : k + 3]
        if whole := _determinant(rows):  # Cramer's rule, exact
            replaced = [[(*r[:j], y, *r[j + 1 :]) for r, y in zip(rows, right, strict=True)] for j in range(3)]
            rule = tuple(_determinant(m) // whole for m in replaced)
            fits = all(sum(map(mul, rule, b)) == y for b, y in zip(before, after, strict=True))
            return rule if fits and min(rule) >= 0 else None
    return None


def _determinant(rows):
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
