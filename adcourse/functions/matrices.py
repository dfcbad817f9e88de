"""The functions of np.linalg that are made of others: several results taken apart, norms, products, powers."""

import math
from functools import cache

import numpy as np

from ..core import linalg
from ..core.errors import NoRuleError, no_rule
from ..core.kinds import dtype_of
from ..core.levels import asked, plain, some
from .derived import DERIVED, derives

_mT = linalg._mT

# NumPy's named tuples of several results
SLOGDET, EIGH, QR, SVD = (type(getattr(np.linalg, f)(np.eye(1))) for f in ("slogdet", "eigh", "qr", "svd"))


@derives(np.linalg.slogdet)
def slogdet(a):
    return SLOGDET(*linalg.slogdet(a))


@derives(np.linalg.eigh)
def eigh(a, UPLO="L"):
    return EIGH(*linalg.eigh(linalg._symmetric(np.linalg.eigh, a), UPLO=UPLO))


@derives(np.linalg.eigvalsh)
def eigvalsh(a, UPLO="L"):
    return np.linalg.eigh(a, UPLO)[0]  # the derivative needs the vectors too: one eigh, not two


@derives(np.linalg.qr)
def qr(a, mode="reduced"):
    m, n = np.shape(a)[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise NoRuleError(
            f"np.linalg.qr(..., mode={mode!r}) has no derivative.",
            "the columns of Q beyond those of A are any orthonormal basis of the rest; LAPACK's choice is no "
            "differentiable function of A.",
            "np.linalg.qr(A), which leaves them away",
        )
    q, r = linalg.qr(a)
    return r if mode == "r" else QR(q, r)


@derives(np.linalg.svd)
def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    m, n = np.shape(a)[-2:]
    if hermitian:
        raise no_rule(np.linalg.svd, "(..., hermitian=True)")
    if compute_uv and full_matrices and m != n:
        raise NoRuleError(
            f"np.linalg.svd of a {m} x {n} matrix with full_matrices=True has no derivative.",
            "the singular vectors beyond the smaller side are any orthonormal basis of the rest, and no "
            "differentiable function of the matrix.",
            "np.linalg.svd(A, full_matrices=False)",
        )
    parts = SVD(*linalg.svd(a))
    return parts if compute_uv else parts[1]


@derives(np.linalg.lstsq)
def lstsq(a, b, rcond=None):
    """By the pseudo-inverse, so a matrix that hasn't full rank is taken to keep its rank."""
    m, n = np.shape(a)
    rcond = np.finfo(dtype_of(a)).eps * max(m, n) if rcond is None else max(rcond, 0.0)
    s = np.linalg.svd(a, compute_uv=False)
    rank = np.sum(asked(s) > rcond * np.max(plain(s))) if min(m, n) else 0
    x = np.matmul(np.linalg.pinv(a, rcond=rcond), b)
    full = m > n and not some(rank != n)
    residuals = np.reshape(b - np.matmul(a, x), (m, -1)) if full else np.zeros_like(plain(x), shape=(0, 0))
    return x, np.sum(residuals * residuals, axis=0), rank, s


@derives(np.linalg.eig)
def eig(a):
    raise NoRuleError(
        "np.linalg.eig and np.linalg.eigvals have no derivative.",
        "the eigenvalues of a real matrix that isn't symmetric are complex in general, and the rules are those of "
        "real functions.",
        "np.linalg.eigh(A) or np.linalg.eigvalsh(A) for a symmetric matrix",
    )


DERIVED[np.linalg.eigvals] = eig

_cholesky = linalg.RULES[np.linalg.cholesky]


@derives(np.linalg.cholesky)
def cholesky(a, /, *, upper=False):
    return linalg.apply(_cholesky, (linalg._symmetric(np.linalg.cholesky, a),), {"upper": upper})


# ---------------------------------------------------------------------------------------------- norms


def _root(total, p):
    """total^(1/p); its derivative at 0 is taken as 0, the smallest subgradient of a norm there."""
    inside = np.where(total > 0, total, 1.0)
    return np.where(total > 0, np.sqrt(inside) if p == 2 else inside ** (1.0 / p), 0.0 * total)


def _vector_norm(x, ord, axis, keepdims):
    how = {"axis": axis, "keepdims": keepdims}
    if ord in (None, 2):
        return _root(np.sum(x * x, **how), 2)
    if ord in (math.inf, -math.inf):  # entries that tie share the derivative, as in max
        return (np.max if ord > 0 else np.min)(np.abs(x), **how)
    if ord == 0:  # counts
        return np.sum(asked(x) != 0, **how).astype(dtype_of(x))
    if isinstance(ord, str):
        raise ValueError(f"ord={ord!r} is a norm of matrices")
    return np.sum(np.abs(x), **how) if ord == 1 else _root(np.sum(np.abs(x) ** ord, **how), ord)


def _matrix_norm(x, ord, axis, keepdims):
    if ord in (None, "fro", "f"):
        return _vector_norm(x, None, axis, keepdims)
    if ord in (1, -1, math.inf, -math.inf):
        column, row = axis if abs(ord) == 1 else axis[::-1]
        z = (np.max if ord > 0 else np.min)(np.sum(np.abs(x), axis=column, keepdims=True), axis=row, keepdims=True)
    elif ord in (2, -2, "nuc"):
        s = np.linalg.svd(np.moveaxis(x, axis, (-2, -1)), compute_uv=False)
        z = np.sum(s, axis=-1) if ord == "nuc" else s[..., 0] if ord == 2 else s[..., -1]
        z = np.expand_dims(z, tuple(a % np.ndim(x) for a in axis))
    else:
        raise ValueError(f"ord={ord!r} is no norm of a matrix; they are 1, -1, 2, -2, inf, -inf, 'fro' and 'nuc'")
    return z if keepdims else np.squeeze(z, axis=axis)


@derives(np.linalg.norm)
def norm(x, ord=None, axis=None, keepdims=False):
    """Derivative at 0 taken as 0. Where largest entries tie, they share; at a zero entry |x| has derivative 0."""
    axis = range(np.ndim(x)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    if ord is not None and len(axis) not in (1, 2):
        raise ValueError(f"a norm with ord={ord!r} is of vectors or matrices, not of {len(axis)} axes")
    return (_vector_norm if ord is None or len(axis) == 1 else _matrix_norm)(x, ord, tuple(axis), keepdims)


@derives(np.linalg.cond)
def cond(x, p=None):
    if p in (None, 2, -2):
        s = np.linalg.svd(x, compute_uv=False)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return np.linalg.matrix_norm(x, ord=p) * np.linalg.matrix_norm(np.linalg.inv(x), ord=p)


# ---------------------------------------------------------------------------------------------- products


@derives(np.linalg.matrix_power)
def matrix_power(a, n):
    """By repeated squaring."""
    if n <= 0:
        return linalg._eye(a) + np.zeros_like(plain(a)) if n == 0 else np.linalg.matrix_power(np.linalg.inv(a), -n)
    if n == 1:
        return a
    half = np.linalg.matrix_power(a, n // 2)
    return np.matmul(np.matmul(half, half), a) if n % 2 else np.matmul(half, half)


@derives(np.linalg.multi_dot)
def multi_dot(arrays):
    """In the order that takes the fewest multiplications."""
    sizes = [math.prod(np.shape(arrays[0])[:-1]), *(np.shape(a)[0] for a in arrays[1:])]
    sizes.append(math.prod(np.shape(arrays[-1])[1:]))

    @cache
    def best(i, j):  # the cost of the product of arrays i to j, and the last place to multiply
        costs = [(best(i, k)[0] + best(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)]
        return min(costs, default=(0, i))

    def product(i, j):
        k = best(i, j)[1]
        return arrays[i] if i == j else np.matmul(product(i, k), product(k + 1, j))

    return product(0, len(arrays) - 1)


@derives(np.linalg.tensorsolve)
def tensorsolve(a, b, axes=None):
    last = [] if axes is None else list(axes)
    a = np.transpose(a, [k for k in range(np.ndim(a)) if k not in last] + last)
    shape = np.shape(a)[np.ndim(b) :]
    return np.reshape(np.linalg.solve(np.reshape(a, (math.prod(shape), -1)), np.ravel(b)), shape)


@derives(np.linalg.tensorinv)
def tensorinv(a, ind=2):
    shape = np.shape(a)
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(shape[:ind]), -1))), shape[ind:] + shape[:ind])


DERIVED |= {
    np.linalg.vector_norm: lambda x, /, *, axis=None, keepdims=False, ord=2: _vector_norm(x, ord, axis, keepdims),
    np.linalg.matrix_norm: lambda x, /, *, keepdims=False, ord="fro": _matrix_norm(x, ord, (-2, -1), keepdims),
    np.linalg.svdvals: lambda x, /: np.linalg.svd(x, compute_uv=False),
    np.real: lambda val: val.real,
    np.imag: lambda val: val.imag,
    np.linalg.matrix_transpose: lambda x, /: _mT(x),
    np.linalg.matmul: lambda x1, x2, /: np.matmul(x1, x2),
    np.linalg.outer: lambda x1, x2, /: np.outer(x1, x2),
    np.linalg.cross: lambda x1, x2, /, *, axis=-1: np.cross(x1, x2, axis=axis),
    np.linalg.tensordot: lambda x1, x2, /, *, axes=2: np.tensordot(x1, x2, axes=axes),
    np.linalg.vecdot: lambda x1, x2, /, *, axis=-1: np.vecdot(x1, x2, axis=axis),
    np.linalg.trace: lambda x, /, *, offset=0, dtype=None: np.trace(x, offset, -2, -1, dtype),
    np.linalg.diagonal: lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1),
}
