"""Formulas as trees, as graphs and as programs: how large they are, what they share, and how fast they run.

A formula written out is a tree: ``(x + y)**2 * sin(x + y)`` has x + y twice. Kept as a graph, each distinct part stands
there once. Derivatives repeat the parts of the function, so it is the tree that explodes, not the graph: Laue, *On the
Equivalence of Automatic and Symbolic Differentiation* (2019).

A formula is a SymPy expression or Array, or a tuple, list or dict of these, as a gradient by several arguments is.
"""

from dataclasses import dataclass

import numpy as np
import sympy as sp

from adcourse.core.errors import InputError
from adcourse.core.tree import flatten


def entries(formula):
    """All expressions in a formula, in order: an Array has one for each entry."""
    found = []
    for leaf in flatten(formula)[0]:
        many = isinstance(leaf, (sp.NDimArray, sp.MatrixBase))
        found += sp.flatten(leaf.tolist()) if many and leaf.shape else [leaf[()] if many else leaf]
    for e in found:
        if not isinstance(e, sp.Basic):
            raise InputError(
                f"{e!r} is no formula.",
                "formulas are SymPy expressions and Arrays, and tuples, lists and dicts of these.",
                "symbolic.expression(f), for the formula that a program f computes; sympy.sympify(2.0) for a number",
            )
    return found


def parts(formula):
    """Every distinct subexpression once, each after those that it is made of.

    A loop with a stack, not a recursion: the formula of an unrolled loop is nested deeply.

    >>> x, y = sp.symbols("x y")
    >>> parts(sp.sin(x * y) + x * y)
    [x, y, x*y, sin(x*y), x*y + sin(x*y)]
    """
    distinct, arguments, done = {}, {}, set()
    for root in entries(formula):
        stack = [root]
        while stack:
            e = stack[-1]
            _, args = arguments.setdefault(id(e), (e, e.args))  # e is kept, so that its id stays its own
            missing = [a for a in args if id(a) not in done]
            stack += missing[::-1]
            if not missing:
                done.add(id(stack.pop()))
                distinct.setdefault(e)  # by its structure: equal parts that were built separately are one
    return list(distinct)


def tree_size(formula):
    """How many nodes the formula has when it is written out: operations, letters and numbers, repeated parts counted
    as often as they stand there.

    >>> x = sp.Symbol("x")
    >>> tree_size(sp.sin(x) ** 2 + sp.sin(x)), dag_size(sp.sin(x) ** 2 + sp.sin(x))
    (7, 5)
    """
    return tree_and_dag(formula)[0]


def tree_and_dag(formula):
    """Both sizes at once: :func:`tree_size` and :func:`dag_size`."""
    sizes = {}
    for e in parts(formula):
        sizes[e] = 1 + sum(sizes[a] for a in e.args)
    return sum(sizes[e] for e in entries(formula)), len(sizes)


def dag_size(formula):
    """How many distinct subexpressions the formula has: its nodes when equal parts are kept once (a directed acyclic
    graph)."""
    return len(parts(formula))


def operations(formula):
    """How many operations it takes to evaluate the formula as it is written, by SymPy's ``count_ops``.

    >>> x = sp.Symbol("x")
    >>> operations(sp.exp(x) * x + sp.exp(x)), common_subexpressions(sp.exp(x) * x + sp.exp(x)).operations
    (4, 3)
    """
    return int(sum(sp.count_ops(e) for e in entries(formula)))


@dataclass(frozen=True)
class StraightLine:
    """A formula as a program without loops: ``lines``, pairs of a new name and what it stands for, and ``results``."""

    lines: list
    results: list

    @property
    def operations(self):
        """How many operations the program does."""
        return operations([e for _, e in self.lines] + self.results)

    def __str__(self):
        results = ", ".join(map(str, self.results))
        return "\n".join([*(f"{name} = {e}" for name, e in self.lines), f"return {results}"])


def common_subexpressions(formula):
    """The formula as a straight-line program, in which what occurs twice is computed once: SymPy's ``cse``.

    >>> x, y = sp.symbols("x y")
    >>> print(common_subexpressions((sp.sin(x + y), (x + y) * sp.sin(x + y))))
    x0 = x + y
    x1 = sin(x0)
    return x1, x0*x1
    """
    formulas = entries(formula)
    taken = set().union(*(e.free_symbols for e in formulas)) if formulas else set()
    names = sp.numbered_symbols("x", real=True, exclude={sp.Symbol(s.name, real=True) for s in taken})
    return StraightLine(*sp.cse(formulas, symbols=names))


def lambdify(formula, *letters, cse=True):
    """The formula as a NumPy function of these letters: each a symbol, a name, or an array (list, tuple) of symbols.

    With ``cse`` common subexpressions are computed once; without, the function is the formula written out, and a large
    one may be too much for Python's compiler. An Array gives an array.

    >>> x = sp.Symbol("x", real=True)
    >>> lambdify(sp.diff(sp.sin(x) ** 2, x), x)(np.pi / 4).round(12)
    np.float64(1.0)
    """
    formulas, build = flatten(formula)
    letters = [sp.Symbol(s, real=True) if isinstance(s, str) else s for s in letters]
    letters = [np.asarray(s, object).tolist() if isinstance(s, (np.ndarray, list, tuple)) else s for s in letters]
    unknown = set().union(*(e.free_symbols for e in entries(formula))) - set(sp.flatten(letters))
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        raise InputError(
            f"The formula contains {names}, which is not among the letters given.",
            "a function computes with the numbers that are handed to it, one for each letter. Two SymPy symbols of one "
            "name are different letters if one of them is declared real and the other isn't.",
            "lambdify(formula, *sorted(formula.free_symbols, key=str))",
        )
    entries_of = [e.tolist() if isinstance(e, sp.NDimArray) else e for e in formulas]
    function = sp.lambdify(letters, entries_of, cse=cse)  # with SciPy where it is installed

    def run(*numbers):
        return build(
            [
                np.array(v, float) if isinstance(e, sp.NDimArray) else v
                for e, v in zip(formulas, function(*numbers), strict=True)
            ]
        )

    return run
