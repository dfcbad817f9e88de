"""Matrix calculus: programs run on whole matrices that stay letters, and so do their derivatives.

The rules of matrix functions in adcourse.core.linalg are written with matrix products, transposes and solves. Run on
matrix letters, reverse mode therefore writes down what books on matrix calculus list: d log det A = tr(A^-1 dA), so the
gradient is A^-T. Petersen and Pedersen, *The Matrix Cookbook* (2012); Giles, *Collected matrix derivative results for
forward and reverse mode algorithmic differentiation* (2008).

SymPy differentiates matrix expressions too, but not all: SymPy 1.14 says that the derivative of log(Determinant(A)) is
0. So check a formula at numbers, with :func:`at`.
"""

import numpy as np
import sympy as sp

from adcourse.core.box import Box
from adcourse.core.errors import InputError
from adcourse.core.kinds import Linear, shape_of
from adcourse.core.levels import Level
from adcourse.core.rules import RULES, astype, getitem, put
from adcourse.core.transforms import grad
from adcourse.methods.counterparts import counterpart
from adcourse.methods.symbol import AT_A_NUMBER, SymbolicError


def matrix_expression(f, *args):
    """The formula that f computes of matrices and vectors, a SymPy matrix expression (or expression, for a number).

    Each argument is a matrix symbol (one of shape (n, 1) is a vector to the program), a name with a shape ("A:3:3" for
    a matrix, "x:3" for a vector, "t" for a number), a real symbol, or a number or array of numbers. A number made of
    vectors is a trace: x^T A x = tr(x^T A x). Raises SymbolicError for what has no such formula: entries, branches.

    >>> matrix_expression(lambda A, x: x @ A @ x, "A:3:3", "x:3")
    Trace(x.T*A*x)
    >>> matrix_expression(lambda A, b: np.linalg.solve(A, b), "A:3:3", "b:3")
    A**(-1)*b
    """
    return _run(lambda level, letters: f(*letters), args)


def matrix_gradient(f, *args, argnums=0):
    """The gradient of f, which returns one number, as matrix expressions of the shapes of its arguments.

    Arguments as for :func:`matrix_expression`; ``argnums`` as for ``adcourse.grad``, which does the work: the entry
    (i, j) is the derivative by A[i, j].

    >>> matrix_gradient(lambda A: np.linalg.slogdet(A)[1], "A:3:3")
    A.T**(-1)
    >>> matrix_gradient(lambda x, A: x @ A @ x, "x:3", "A:3:3")
    A*x + A.T*x
    """
    return _run(lambda level, letters: grad(f, argnums)(*letters), args)


def at(formula, numbers):
    """The value of a matrix expression at numbers, ``{"A": array, ...}``, as a NumPy array or float.

    >>> at(matrix_gradient(np.trace, "A:2:2"), {})
    array([[1., 0.],
           [0., 1.]])
    """
    known = {e: e.as_explicit() for e in formula.atoms(sp.OneMatrix, sp.Identity, sp.ZeroMatrix)}
    for s in formula.atoms(sp.MatrixSymbol, sp.Symbol):
        if isinstance(s, sp.MatrixSymbol) or s.name in numbers:
            value = np.asarray(numbers[s.name], float)
            known[s] = sp.ImmutableMatrix(value.reshape(s.shape)) if isinstance(s, sp.MatrixSymbol) else float(value)
    value = formula.xreplace(known).doit()
    if not getattr(formula, "is_Matrix", False):
        return float(value)
    return np.array(value.as_explicit().evalf().tolist(), float)


# ---------------------------------------------------------------------------------------------- letters for matrices


class Matrix(Box):
    """A number, vector (as a column) or matrix of NumPy's in letters: ``formula``; ``value`` only holds the shape."""

    __slots__ = ("formula",)
    answers = False

    def __init__(self, formula, shape, level):
        self.formula, self.value, self.level = formula, np.zeros(shape)[()], level

    def process(self, rule, operands, static):
        shapes = [shape_of(x) for x in operands]
        formulas = [x.formula if isinstance(x, Matrix) else constant(x) for x in operands]
        shape = None if rule in SHAPES else _shape_of_result(rule, shapes, static)
        known = [pattern(e) for e in formulas]
        if isinstance(rule, Linear) and len(operands) == 1 and known[0] is not None:
            factor, numbers = known[0]
            found = np.asarray(rule.evaluate([np.reshape(numbers, shapes[0])[()]], static))
            return Matrix(sp.MatMul(factor, constant(found), evaluate=False), found.shape, self.level)
        if rule in SHAPES:
            formula, shape = SHAPES[rule](formulas[0], shapes[0], static)
        elif rule.function in MEANING:
            formula = MEANING[rule.function](*zip(formulas, shapes, strict=True), **static)
        elif rule in SAME_ENTRIES:
            formula = arranged(formulas[0], shape)
        elif counterpart(rule) and (len(formulas) == 1 or not any(map(is_matrix, formulas))):
            function = counterpart(rule)
            formula = formulas[0].applyfunc(function) if is_matrix(formulas[0]) else function(*formulas)
        else:
            formula = None
        if formula is None:
            raise no_formula(rule.name, shapes)
        return Matrix(formula, shape, self.level)

    def decide(self, rule, args, kwargs):
        raise no_formula("a branch, or a question about the numbers" if rule is None else rule.name, [])

    def lift(self, value):
        return Matrix(constant(value), shape_of(value), self.level)


def _shape_of_result(rule, shapes, static):
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        return np.shape(rule.evaluate([rng.uniform(1.0, 2.0, s) for s in shapes], static))


def no_formula(name, shapes):
    return SymbolicError(
        f"{name} of shapes {shapes} has no formula in whole matrices here." if shapes else f"{name} needs numbers.",
        "matrix letters know sums, products, transposes, inverses, determinants and traces; single entries and other "
        "functions of the entries are no matrix expressions.",
        f"symbolic.gradient(f, 'A:3:3'), whose letters are the entries; or {AT_A_NUMBER}",
    )


def is_matrix(e):
    return getattr(e, "is_Matrix", False)


def constant(x):
    """Numbers as a formula: ones, the identity and zeros have a name."""
    a = np.asarray(x, float)
    if a.size == 1:
        return sp.nsimplify(float(a.ravel()[0]), rational=True)
    columns = a.reshape(len(a), -1)
    first = sp.nsimplify(float(columns[0, 0]), rational=True)
    if not np.any(a):
        return sp.ZeroMatrix(*columns.shape)
    if np.all(a == a.flat[0]):
        return first * sp.OneMatrix(*columns.shape)
    if columns.shape[0] == columns.shape[1] and np.array_equal(columns, columns[0, 0] * np.eye(len(a))):
        return first * sp.Identity(len(a))
    return sp.ImmutableMatrix(columns)


def pattern(e):
    """A number times an array of plain numbers, if the formula is one: ``(number, array)``."""
    factor, rest = e.as_coeff_mmul() if isinstance(e, sp.MatMul) else (sp.S.One, e)
    if is_matrix(rest) and not rest.atoms(sp.MatrixSymbol) and isinstance(rest.rows, (int, sp.Integer)):
        return factor, np.array(rest.as_explicit().tolist(), float)
    return None


def _run(work, args):
    level = Level()
    try:
        letters = [_letter(a, level) for a in args]
        found = work(level, letters)
        return _formulas(found)
    finally:
        level.close()


def _letter(a, level):
    if isinstance(a, str):
        name, *sizes = a.split(":")
        rows, columns = [*map(int, sizes), 1, 1][:2]
        a = sp.MatrixSymbol(name, rows, columns) if sizes else sp.Symbol(name, real=True)
    if isinstance(a, sp.MatrixSymbol):
        shape = tuple(int(n) for n in a.shape)
        return Matrix(a, shape[:1] if shape[1] == 1 else shape, level)
    return Matrix(a, (), level) if isinstance(a, sp.Symbol) else a


def _formulas(found):
    if isinstance(found, (tuple, list)):
        return type(found)(map(_formulas, found))
    if not isinstance(found, (Matrix, int, float, np.ndarray, np.number)):
        raise InputError(f"f returned {found!r}.", "a formula describes numbers and arrays.", "return y")
    e = found.formula if isinstance(found, Matrix) else constant(found)
    return e.doit() if is_matrix(e) else e


# ---------------------------------------------------------------------------------------------- what the rules mean


def _times(a, b):
    """Entry by entry: a number times anything, two of one shape, or a column (n, 1) and a row or vector."""
    (x, p), (y, q) = (_without_ones(*a), a[1]), (_without_ones(*b), b[1])
    if not (is_matrix(x) and is_matrix(y)):
        return x * y if is_matrix(y) or not is_matrix(x) else y * x
    if p == q:
        return sp.HadamardProduct(x, y)
    for one, other, r, s in ((x, y, p, q), (y, x, q, p)):
        if len(s) == 1 or s[0] == 1:  # a row: each column of the other by one of its numbers
            row = other.T if len(s) == 1 else other
            return one * row if r[1] == 1 else one * sp.DiagMatrix(row.T)
        if s[1] == 1:
            return sp.DiagMatrix(other) * one
    return None


def _without_ones(x, shape):
    """The number c in place of c times ones."""
    known = pattern(x) if is_matrix(x) and len(shape) else None
    return known[0] * constant(known[1].flat[0]) if known and np.all(known[1] == known[1].flat[0]) else x


def _plus(a, b):
    (x, p), (y, q) = a, b
    if is_matrix(x) == is_matrix(y):
        return x + y if p == q or not is_matrix(x) else None
    matrix, number = (x, y) if is_matrix(x) else (y, x)
    return matrix + number * sp.OneMatrix(*matrix.shape)


def _product(a, b):
    (x, p), (y, q) = a, b
    if len(p) > 2 or len(q) > 2:
        return None
    if len(p) == 1:
        return sp.Trace(x.T * y) if len(q) == 1 else y.T * x
    return x * y


def _sum(a, axis=None, keepdims=False):
    x, shape = a
    if not is_matrix(x):
        return x
    axes = {k % len(shape) for k in np.atleast_1d(range(len(shape)) if axis is None else axis)}
    if len(axes) < len(shape):  # of a matrix, along one axis: a vector
        rows = x * sp.OneMatrix(x.cols, 1) if axes == {1} else x.T * sp.OneMatrix(x.rows, 1)
        return rows.T if keepdims and axes == {0} else rows
    if isinstance(x, sp.DiagonalOf):
        return sp.Trace(x.arg)
    if isinstance(x, sp.HadamardProduct) and len(x.args) == 2:
        return sp.Trace(x.args[0].T * x.args[1])
    return sp.Trace(sp.OneMatrix(x.cols, x.rows) * x)


def _power(a, b):
    (x, _), (n, _) = a, b
    if not is_matrix(x):
        return x**n
    return sp.HadamardProduct(x, x) if n == 2 else None


def _transposed(a, axes=None, axis1=None, axis2=None):
    x, shape = a
    return x if len(shape) < 2 or not is_matrix(x) or axes in ([0, 1], (0, 1)) else x.T


def _spread(a, shape=None):
    """A number, row, column or vector (which NumPy takes as a row) repeated."""
    (x, old), (rows, columns) = a, (*shape, 1)[:2]
    if not is_matrix(x):
        return x * sp.OneMatrix(rows, columns)
    x = x.T if len(old) == 1 < len(shape) else x
    return (
        x if x.shape == (rows, columns) else sp.OneMatrix(rows, 1) * x if x.rows == 1 else x * sp.OneMatrix(1, columns)
    )


def arranged(e, new):
    """The same entries in another shape, if a column or row makes the difference."""
    if not is_matrix(e):
        return e
    rows, columns = int(e.rows), int(e.cols)
    if (rows, columns) == (*new, 1)[:2]:
        return e
    return e.T if 1 in (rows, columns) and (columns, rows) == (*new, 1)[:2] else None


def _entry(e, shape, static):
    """What keeps all entries (x[:, None], x[..., 0] of a column), and a part of a pair such as slogdet's."""
    index = static["index"]
    if isinstance(e, sp.Tuple):
        return e[index[-1] if isinstance(index, tuple) else index], ()
    places = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    kept = places[index]
    same = kept.size == places.size and np.array_equal(kept.ravel(), places.ravel())
    return (arranged(e, kept.shape) if same else None), kept.shape


def _pair(e, shape, static):
    parts = [sp.S.Zero] * static["shape"][0]
    if len(static["shape"]) != 1 or is_matrix(e) or not isinstance(static["indices"][0][-1], int):
        return None, ()
    parts[static["indices"][0][-1]] = e
    return sp.Tuple(*parts), static["shape"]


def _logdet(a):
    x, _ = a
    return sp.Tuple(sp.sign(sp.Determinant(x)), sp.log(sp.Abs(sp.Determinant(x))))


MEANING = {
    np.add: _plus, np.subtract: lambda a, b: _plus(a, (-b[0], b[1])), np.negative: lambda a: -a[0],
    np.positive: lambda a: a[0], np.multiply: _times,
    np.divide: lambda a, b: None if is_matrix(b[0]) else a[0] * (1 / b[0]), np.matmul: _product,
    np.square: lambda a: _power(a, (2, ())), np.power: _power, np.sum: _sum,
    np.mean: lambda a, axis=None, keepdims=False: _sum(a) / int(np.prod(a[1])) if axis is None else None,
    np.transpose: _transposed, np.swapaxes: _transposed, np.broadcast_to: _spread,
    np.diagonal: lambda a, offset=0, axis1=0, axis2=1: None if offset else sp.DiagonalOf(a[0]),
    np.linalg.inv: lambda a: a[0].I, np.linalg.solve: lambda a, b: a[0].I * b[0],
    np.linalg.det: lambda a: sp.Determinant(a[0]), np.linalg.slogdet: _logdet,
}  # fmt: skip
SHAPES = {getitem: _entry, put: _pair}
SAME_ENTRIES = {RULES[f] for f in (np.reshape, np.ravel, np.expand_dims, np.squeeze, np.copy)} | {astype}
