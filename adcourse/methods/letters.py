"""From arguments to letters: what a program receives when it runs on symbols, and what its formula is called after.

Letters stand for real numbers. Those that aren't declared real are replaced while the program runs, so that sqrt(x**2)
is |x|, and come back in the result.
"""

import inspect
import re

import numpy as np
import sympy as sp

from adcourse.core.errors import InputError
from adcourse.core.tree import flatten
from adcourse.methods.symbol import Symbol, objects

MATRICES = (sp.MatrixBase, sp.MatrixExpr, sp.NDimArray)


class Letters:
    """The arguments of one run: ``inputs`` are the letters, one tree of arrays for each argument that has some."""

    def __init__(self, args, level):
        self.level, self.inputs, self.back, self.mine = level, [], {}, {}
        self.arguments = [self._argument(a) for a in args]

    def _argument(self, a):
        leaves, build = flatten(_arrays(a))
        letters = [self._real(x) if _is_symbolic(x) else None for x in leaves]
        if any(x is not None for x in letters):
            self.inputs.append(build(letters))
        return build([x if mine is None else Symbol(mine, self.level) for x, mine in zip(leaves, letters, strict=True)])

    def _real(self, entries):
        return np.frompyfunc(lambda e: sp.sympify(e).xreplace(self._renamed(e)), 1, 1)(entries)

    def _renamed(self, e):
        for s in _letters_in(sp.sympify(e)):
            if s.is_real is False or not s.is_commutative:
                raise InputError(
                    f"{s} among the arguments is not a letter for a real number.",
                    "the rules of the table are those of real functions.",
                    "sympy.Symbol('x', real=True)",
                )
            if not s.is_real and s not in self.mine:
                self.mine[s] = sp.Dummy(str(s), real=True)
                self.back[self.mine[s]] = s
        return self.mine

    def given(self, formula):
        """A formula in the letters that the caller has."""
        return each_leaf(lambda e: e.xreplace(self.back), formula)


def each_leaf(function, formula):
    """``function`` of every expression in a formula: an expression, an Array, or a tree of these."""
    leaves, build = flatten(formula)
    return build([e.applyfunc(function) if isinstance(e, sp.NDimArray) else function(e) for e in leaves])


def _letters_in(e):
    """Symbols, and entries such as A[0, 0] of a matrix symbol."""
    if e.is_symbol:
        return [e]
    return [s for a in e.args for s in _letters_in(a)]


def _is_symbolic(x):
    return isinstance(x, sp.Basic) or (isinstance(x, np.ndarray) and x.dtype == object)


def _arrays(a):
    """Names, lists of symbols and SymPy's matrices as arrays of expressions, in the containers that stand around."""
    if isinstance(a, str):
        return _named(a)
    if isinstance(a, MATRICES):
        return np.array(sp.Matrix(a) if isinstance(a, sp.MatrixExpr) else a.tolist(), object)
    if isinstance(a, dict):
        return {k: _arrays(v) for k, v in a.items()}
    if isinstance(a, (list, tuple)):
        if _is_array(a):
            return np.array(a, object)
        return type(a)._make(map(_arrays, a)) if hasattr(a, "_make") else type(a)(map(_arrays, a))
    return a


def _named(name):
    """A letter; with ":3" at its end an array of three, with ":2:3" one of shape (2, 3)."""
    shape = [int(n) for n in re.findall(r":(\d+)(?![\d:]*[^\d:])", name)]
    found = sp.symbols(name, real=True)
    return np.array(found, object).reshape(shape or len(found)) if isinstance(found, (tuple, list)) else found


def _is_array(a):
    """Whether a list is a rectangular one of symbols, expressions and numbers: to the program, an array."""
    try:
        entries = np.array(a, object)
    except ValueError:
        return False
    entries = list(entries.flat)
    numbers = (sp.Expr, int, float, np.number)
    plain = all(isinstance(e, numbers) and not isinstance(e, MATRICES) for e in entries)
    return plain and any(isinstance(e, sp.Expr) for e in entries)


def parameters(f):
    """A name for every required parameter of f."""
    if isinstance(f, np.ufunc):  # their signatures differ between versions of NumPy
        return ["x", "y", "z"][: f.nin]
    given = inspect.signature(f).parameters.values()
    required = [
        p.name for p in given if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return required or ["x"]


def packed(entries):
    """An object array as a SymPy Array; its only entry, if it has no axes."""
    entries = objects(entries)
    return sp.Array(list(entries.flat), entries.shape) if entries.ndim else entries[()]


def unpacked(formula):
    """An expression or Array as an object array."""
    if isinstance(formula, sp.NDimArray):
        return np.array(list(sp.flatten(formula.tolist())) if formula.shape else [formula[()]], object).reshape(
            formula.shape
        )
    return objects(formula)
