"""Formulas for NumPy's functions of matrices, of order and of Fourier, entry by entry, on arrays of expressions.

Two tables. ``FORMULAS``: of the rules that need one of their own (inv, det, solve, ...). ``PROGRAMS``: of NumPy
functions that the core takes apart by looking at numbers (which entry is the smallest?), as programs that do without.
"""

from functools import reduce
from itertools import product

import numpy as np
import sympy as sp

from adcourse.methods.evaluation import run

# ---------------------------------------------------------------------------------------------- matrices


def _each_matrix(function):
    """A function of one 2-D array on stacks of them."""

    def of_stack(a, **static):
        lead = a.shape[:-2]
        found = [np.asarray(function(a[i], **static), object) for i in np.ndindex(*lead)]
        return np.array(found, object).reshape(lead + found[0].shape) if lead else found[0]

    return of_stack


def _solve(a, b):
    """A x = b, by SymPy's LU decomposition; b is a vector only if it has one axis."""
    columns = b[:, None] if b.ndim == 1 else b
    lead = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    a, columns = np.broadcast_to(a, lead + a.shape[-2:]), np.broadcast_to(columns, lead + columns.shape[-2:])
    x = np.empty(columns.shape, object)
    for i in np.ndindex(*lead):
        x[i] = np.array(sp.Matrix(a[i]).LUsolve(sp.Matrix(columns[i])), object).reshape(x[i].shape)
    return x[..., 0] if b.ndim == 1 else x


def _cholesky(a, upper=False):
    """L L^T = A column by column; of A the symmetric part, as the rule has it."""
    n, half = len(a), sp.Rational(1, 2)
    a, L = (a + a.T) * half, np.full((n, n), sp.S.Zero, object)
    for j in range(n):
        L[j, j] = sp.sqrt(a[j, j] - sum(L[j, k] ** 2 for k in range(j)))
        for i in range(j + 1, n):
            L[i, j] = (a[i, j] - sum(L[i, k] * L[j, k] for k in range(j))) / L[j, j]
    return L.T if upper else L


def _pinv(a, rcond=None, rtol=None):
    """By a full-rank factorisation A = B C, B some independent columns: A^+ = C^T (C C^T)^-1 (B^T B)^-1 B^T."""
    if a.shape[0] < a.shape[1]:
        return _pinv(a.T).T
    columns = _independent_columns(a)
    B = sp.Matrix(a[:, columns])
    left = (B.T * B).LUsolve(B.T)
    if len(columns) == a.shape[1]:
        return left
    C = left * sp.Matrix(a)
    return C.T * (C * C.T).LUsolve(left)


def _independent_columns(a):
    """The columns that are independent of those before them, for almost all numbers that the letters may be."""
    rng = np.random.default_rng(0)
    letters = sorted(set().union(*(e.free_symbols for e in a.flat)), key=str)
    point = {s: float(rng.uniform(0.5, 1.5)) for s in letters}
    at = np.array([float(run(e, point, 30)[0]) for e in a.flat]).reshape(a.shape)
    return [j for j in range(a.shape[1]) if np.linalg.matrix_rank(at[:, : j + 1]) > np.linalg.matrix_rank(at[:, :j])]


def _det(a):
    """Leibniz' formula up to 3 x 3; then Berkowitz' method, which needn't know what is zero (and so simplify)."""
    return sp.Matrix(a).det() if len(a) < 4 else sp.Matrix(a).det(method="berkowitz")


def _inv(a):
    """The adjugate over the determinant; from 4 x 4 on by LU."""
    a = sp.Matrix(a)
    return a.adjugate() / a.det() if a.rows < 4 else a.LUsolve(sp.eye(a.rows))


def _slogdet(a):
    det = _det(a)
    return [sp.sign(det), sp.log(sp.Abs(det))]


def _dft(x, inverse, norm):
    """The discrete Fourier transform by its definition; a complex number is a last axis of length 2."""
    n = x.shape[-2]
    size = {None: sp.Integer(n), "backward": sp.Integer(n), "ortho": sp.sqrt(n), "forward": sp.S.One}[norm]
    scale = 1 / size if inverse else size / n
    turn = [[2 * sp.pi * (j * k % n) / n for k in range(n)] for j in range(n)]
    cos, sin = (np.array([[f(t) for t in row] for row in turn], object) for f in (sp.cos, sp.sin))
    sin = sin if inverse else -sin
    re, im = x[..., 0], x[..., 1]
    return np.stack([re @ cos - im @ sin, re @ sin + im @ cos], axis=-1) * scale


FORMULAS = {
    np.linalg.inv: _each_matrix(_inv),
    np.linalg.det: _each_matrix(_det),
    np.linalg.slogdet: _each_matrix(_slogdet),
    np.linalg.cholesky: _each_matrix(_cholesky),
    np.linalg.pinv: _each_matrix(_pinv),
    np.linalg.solve: _solve,
    np.fft.fft: _dft,
}
NO_FORMULA = {  # and why
    np.linalg.eigh: "eigenvalues are roots of a polynomial: from degree 5 on there is no formula for them (Abel), and "
    "below it none that puts them in order.",
    np.linalg.svd: "singular values are square roots of eigenvalues: from 5 x 5 on there is no formula for them, and "
    "below it none that puts them in order.",
    np.linalg.qr: "the signs in Q and R are the computer's choice, made by the numbers.",
}

# ---------------------------------------------------------------------------------------------- order, without looking


def _extreme(larger):
    """max or min, whose winner isn't known in letters, as nested Max and Min."""

    def extreme(a, axis=None, *, keepdims=False, initial=None, where=True):
        a = a if where is True else np.where(where, a, initial)
        axes = np.lib.array_utils.normalize_axis_tuple(range(a.ndim) if axis is None else axis, a.ndim)
        rows = np.moveaxis(a, axes, range(len(axes)))
        winner = reduce(larger, [rows[i] for i in product(*map(range, rows.shape[: len(axes)]))])
        winner = winner if initial is None else larger(winner, initial)
        return np.expand_dims(winner, axes) if keepdims and axes else winner

    return extreme


def _sort(a, axis=-1, **options):
    """By a network: neighbours are put in order, the smaller one first, in as many rounds as there are entries."""
    rows = np.moveaxis(np.ravel(a) if axis is None else a, -1 if axis is None else axis, 0)
    rows = [rows[i] for i in range(len(rows))]
    for start in range(len(rows)):
        for i in range(start % 2, len(rows) - 1, 2):
            rows[i : i + 2] = np.minimum(rows[i], rows[i + 1]), np.maximum(rows[i], rows[i + 1])
    return np.moveaxis(np.stack(rows), 0, -1 if axis is None else axis)


def _interp(x, xp, fp, left=None, right=None, period=None):
    """Piece by piece, between knots that are numbers in order."""
    if period is not None or not isinstance(xp, (list, np.ndarray)):
        return NotImplemented
    y = fp[0] + 0 * x
    for i in range(len(xp) - 1):
        slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
        y = np.where(x >= xp[i], fp[i] + slope * (x - xp[i]), y)
    y = np.where(x < xp[0], fp[0] if left is None else left, y)
    return np.where(x > xp[-1], fp[-1] if right is None else right, y)


def _piecewise(x, condlist, funclist, *args, **options):
    """All branches on all of x; of the conditions that hold, the last one counts."""
    one = np.ndim(condlist[0]) < np.ndim(x) if isinstance(condlist, (list, tuple)) else np.ndim(condlist) == np.ndim(x)
    conditions = [condlist] if one else list(condlist)
    branches = [f(x, *args, **options) if callable(f) else f for f in funclist]
    y = 0 * x + (branches.pop() if len(branches) > len(conditions) else 0)
    for condition, branch in zip(conditions, branches, strict=True):
        y = np.where(condition, branch, y)
    return y


PROGRAMS = {
    np.max: _extreme(np.maximum), np.min: _extreme(np.minimum),
    np.amax: _extreme(np.maximum), np.amin: _extreme(np.minimum),
    np.sort: _sort, np.partition: lambda a, kth, axis=-1, **options: _sort(a, axis),
    np.interp: _interp, np.piecewise: _piecewise, np.nan_to_num: lambda x, *args, **options: x,
    np.i0: lambda x: x.map(lambda e: sp.besseli(0, e)),
}  # fmt: skip
