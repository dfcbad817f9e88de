"""What the rules of the table mean for whole matrices in letters: SymPy's matrix expressions.

``MEANING``: for a NumPy function, the formula of its result from pairs of formula and NumPy shape of the operands, or
None where there is none. A vector, of shape (n,), is a column.
"""

import numpy as np
import sympy as sp

from adcourse.core.rules import RULES, astype, getitem, put


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


def _times(a, b):
    """Entry by entry: a number times anything, two of one shape, or a matrix by a row or column."""
    (p, q), whole = (a[1], b[1]), np.broadcast_shapes(a[1], b[1])
    x, y = _without_ones(*a), _without_ones(*b)
    if not (is_matrix(x) and is_matrix(y)):
        if not is_matrix(x) and not is_matrix(y):
            return x * y * (sp.OneMatrix(*(*whole, 1)[:2]) if whole != () else 1)
        return y * _spread((x, p), whole) if is_matrix(x) else x * _spread((y, q), whole)
    if p == q:
        return sp.HadamardProduct(x, y)
    for one, other, r, s in ((x, y, p, q), (y, x, q, p)):
        if len(r) < 2:
            continue
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
    (x, old), (rows, columns) = a, (*shape, 1, 1)[:2]
    if not is_matrix(x):
        return x * sp.OneMatrix(rows, columns)
    if (old if len(old) == 2 else (*old, 1)) == (rows, columns) and len(old) == len(shape):
        return x
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


def fitted(e, shape):
    """A formula that has the shape of the result, or None: the last check on what stands below."""
    if e is None or isinstance(e, sp.Tuple):
        return e
    if not is_matrix(e):
        return e if np.prod(shape, dtype=int) == 1 else e * sp.OneMatrix(*(*shape, 1)[:2])
    return e if len(shape) <= 2 and e.shape == (*shape, 1, 1)[:2] else None


def _entry(e, shape, static):
    """What keeps all entries (x[:, None], x[..., 0] of a column), and a part of a pair such as slogdet's."""
    index = static["index"]
    if isinstance(e, sp.Tuple):
        return e[index[-1] if isinstance(index, tuple) else index], ()
    places = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    kept = places[index]
    same = kept.size == places.size and np.array_equal(kept.ravel(), places.ravel())
    return (arranged(e, kept.shape) if same else None), kept.shape


def _placed(e, shape, static):
    """The transpose of the same: all entries back in their shape, or one part of a pair."""
    index, whole = static["indices"][0], static["shape"]
    if len(static["indices"]) == 1 and whole == (2,) and not is_matrix(e) and isinstance(index, tuple):
        return sp.Tuple(*(e if i == index[-1] else sp.S.Zero for i in range(2))), whole
    places = np.arange(np.prod(whole, dtype=int)).reshape(whole)
    same = len(static["indices"]) == 1 and np.array_equal(np.ravel(places[index]), np.ravel(places))
    return (arranged(e, whole) if same else None), whole


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
SHAPES = {getitem: _entry, put: _placed}
SAME_ENTRIES = {RULES[f] for f in (np.reshape, np.ravel, np.expand_dims, np.squeeze, np.copy)} | {astype}
