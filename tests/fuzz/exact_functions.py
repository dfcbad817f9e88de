"""Functions that NumPy rounds to 16 digits or refuses on arrays of mpmath numbers: by mpmath or their definition.

The vectors of ``eigh``, ``svd`` and ``qr`` are unique up to signs: here they get those that NumPy gives them.
"""

from functools import reduce

import mpmath
import numpy as np

from .exact_fourier import TRANSFORMS


def each(f):
    return np.frompyfunc(f, 1, 1)


sqrt = each(mpmath.sqrt)


def array(m):
    """An mpmath matrix as an array."""
    return np.array(m.tolist(), dtype=object)


def stacked(f):
    """``f`` of one matrix, for a stack of them; ``f`` may return a tuple."""

    def of_stack(a, *args, **kwargs):
        a = np.asarray(a, dtype=object)
        if a.ndim == 2:
            return f(a, *args, **kwargs)
        found = [of_stack(m, *args, **kwargs) for m in a]
        if isinstance(found[0], tuple):
            return type(found[0])(*(np.array(r, dtype=object) for r in zip(*found, strict=True)))
        return np.array(found, dtype=object)

    return of_stack


def matrix(a):
    return mpmath.matrix(a.tolist())


def mT(a):
    return np.swapaxes(a, -1, -2)


def signs(mine, numpys):
    """Per column, what makes ``mine`` point where NumPy's does."""
    pairs = zip(mine.T.astype(float), numpys.T, strict=True)
    return np.array([1 if np.dot(a, b) > 0 else -1 for a, b in pairs], dtype=object)


class Several(tuple):
    """Several results, with the names that NumPy gives them."""

    def __new__(cls, *results):
        return tuple.__new__(cls, results)


class Eigen(Several):
    eigenvalues, eigenvectors = (property(lambda self, k=k: self[k]) for k in range(2))


class QR(Several):
    Q, R = (property(lambda self, k=k: self[k]) for k in range(2))


class SVD(Several):
    U, S, Vh = (property(lambda self, k=k: self[k]) for k in range(3))


class SignLog(Several):
    sign, logabsdet = (property(lambda self, k=k: self[k]) for k in range(2))


inv = stacked(lambda a: array(mpmath.inverse(matrix(a))))
det = stacked(lambda a: mpmath.det(matrix(a)))


def solve(a, b):
    b = np.asarray(b, dtype=object)
    return np.matmul(inv(a), b[..., None])[..., 0] if b.ndim == 1 else np.matmul(inv(a), b)


@stacked
def _lower(a):
    return array(mpmath.cholesky(matrix((a + a.T) / 2)))


def cholesky(a, upper=False):
    return mT(_lower(a)) if upper else _lower(a)


@stacked
def slogdet(a):
    d = mpmath.det(matrix(a))
    return SignLog(mpmath.sign(d), mpmath.log(abs(d)))


@stacked
def eigh(a, UPLO="L"):
    half = np.tril(a) if UPLO == "L" else np.triu(a).T
    a = half + np.tril(half, -1).T
    w, V = map(array, mpmath.eigsy(matrix(a)))
    return Eigen(w[:, 0], V * signs(V, np.linalg.eigh(a.astype(float))[1]))


@stacked
def qr(a, mode="reduced"):
    n = min(a.shape)
    Q, R = map(array, mpmath.qr(matrix(a[:, :n]), mode="full" if mode == "complete" else "skinny"))
    Q = Q * signs(Q, np.linalg.qr(a.astype(float), mode="complete" if mode == "complete" else "reduced")[0])
    R = np.matmul(Q.T, a)
    return R if mode == "r" else QR(Q, R)


@stacked
def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    U, S, V = map(array, mpmath.svd_r(matrix(a), full_matrices=full_matrices))
    S = S[:, 0]
    if not compute_uv:
        return S
    s, n = signs(U, np.linalg.svd(a.astype(float), full_matrices=full_matrices)[0]), len(S)
    flip = np.concatenate([s[:n], np.ones(len(V) - n, dtype=object)])
    return SVD(U * s, S, V * flip[:, None])


def svdvals(a):
    return svd(a, compute_uv=False)


def pinv(a, rcond=None, hermitian=False, rtol=None):
    U, S, V = svd(a, full_matrices=False)
    small = (rcond or rtol or 1e-15) * np.max(S, axis=-1, keepdims=True) >= S
    inverse = np.where(small, 0, 1 / np.where(small, 1, S))
    return np.matmul(mT(V) * inverse[..., None, :], mT(U))


def lstsq(a, b, rcond=None):
    x = np.matmul(pinv(a), b)
    m, n = a.shape
    residual = np.sum((np.matmul(a, x) - b) ** 2, axis=0, keepdims=b.ndim == 1)
    return x, residual if m > n else residual[:0], min(m, n), svdvals(a)


def _vector_norm(x, p, axis, keepdims):
    x = abs(x)
    options = {"axis": axis, "keepdims": keepdims}
    if p in (None, 2, "fro"):
        return sqrt(np.sum(x * x, **options))
    if abs(p) == np.inf:
        return (np.max if p > 0 else np.min)(x, **options)
    p = mpmath.mpf(p)
    return np.sum(x**p, **options) ** (1 / p)


def norm(x, ord=None, axis=None, keepdims=False):
    x = np.asarray(x, dtype=object)
    if axis is None and ord is not None and x.ndim == 2:
        axis = (0, 1)
    if np.ndim(axis) == 0 or len(axis) == 1 or ord in (None, "fro"):
        return _vector_norm(x, ord, axis, keepdims)
    rows, columns = (a % x.ndim for a in axis)
    if ord in ("nuc", 2, -2):
        S = svdvals(np.moveaxis(x, (rows, columns), (-2, -1)))
        found = {"nuc": np.sum, 2: np.max, -2: np.min}[ord](S, axis=-1)
    else:
        along, over = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = np.sum(abs(x), axis=along, keepdims=True)
        found = np.squeeze((np.max if ord > 0 else np.min)(sums, axis=over, keepdims=True), axis=(rows, columns))
    return np.expand_dims(found, (rows, columns)) if keepdims else found


def vector_norm(x, axis=None, keepdims=False, ord=2):
    return _vector_norm(np.asarray(x, dtype=object), ord, axis, keepdims)


def matrix_norm(x, keepdims=False, ord="fro"):
    return norm(x, ord, (-2, -1), keepdims)


def cond(x, p=None):
    if p in (None, 2, -2):
        S = svdvals(x)
        return S[..., 0] / S[..., -1] if p != -2 else S[..., -1] / S[..., 0]
    return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))


def matrix_power(a, n):
    if n < 0:
        a, n = inv(a), -n
    return reduce(np.matmul, [a] * n)


def tensorinv(a, ind=2):
    n = int(np.prod(a.shape[:ind]))
    return np.reshape(inv(np.reshape(a, (n, -1))), a.shape[ind:] + a.shape[:ind])


def tensorsolve(a, b, axes=None):
    if axes is not None:
        a = np.moveaxis(a, axes, range(a.ndim - len(axes), a.ndim))
    return np.reshape(solve(np.reshape(a, (b.size, -1)), np.ravel(b)), a.shape[b.ndim :])


def mean(a, axis=None, where=True, keepdims=False):
    count = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    return np.sum(np.where(where, a, 0), axis=axis, keepdims=keepdims) / count


def quantile(a, q, axis=None, method="linear", keepdims=False):
    a = np.asarray(a, dtype=object)
    axes = tuple(range(a.ndim)) if axis is None else tuple(np.atleast_1d(axis) % a.ndim)
    x = np.moveaxis(a, axes, range(len(axes)))
    x = np.sort(x.reshape(-1, *x.shape[len(axes) :]), axis=0)
    places = np.quantile(np.arange(float(len(x))), q, method=method)  # where among the sorted numbers
    low = np.floor(places).astype(int)
    part = np.reshape(places - low, (*np.shape(places), *[1] * (x.ndim - 1)))
    found = x[low] + part * (x[np.minimum(low + 1, len(x) - 1)] - x[low])
    return np.expand_dims(found, tuple(np.ndim(q) + i for i in axes)) if keepdims else found


def var(a, axis=None, ddof=0, keepdims=False, where=True, correction=0, mean=None):
    centre = FUNCTIONS["mean"](a, axis, where, True) if mean is None else mean
    squares = np.where(where, (a - centre) ** 2, 0)
    count = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    return np.sum(squares, axis=axis, keepdims=keepdims) / (count - ddof - correction)


LINALG = [inv, det, solve, cholesky, slogdet, eigh, qr, svd, svdvals, pinv, lstsq, norm, vector_norm, matrix_norm, cond,
          matrix_power, tensorinv, tensorsolve]  # fmt: skip
FUNCTIONS = {f"linalg.{name}": f for f in LINALG for name, g in globals().copy().items() if g is f}
FUNCTIONS |= {
    "linalg.eigvalsh": lambda a, UPLO="L": eigh(a, UPLO)[0],
    "linalg.multi_dot": lambda arrays: reduce(np.matmul, arrays),
    **{f"fft.{name}": f for name, f in TRANSFORMS.items()},
    "real": each(mpmath.re),
    "imag": each(mpmath.im),
    "angle": each(mpmath.arg),
    "insert": lambda a, i, values, axis=None: np.insert(np.asarray(a, dtype=object), i, values, axis),
    "mean": mean,
    "quantile": quantile,
    "percentile": lambda a, q, **options: quantile(a, np.asarray(q) / 100, **options),
    "median": lambda a, **options: quantile(a, 0.5, **options),
    "sinc": each(mpmath.sincpi),
    "i0": each(lambda x: mpmath.besseli(0, x)),
    "var": var,
    "std": lambda a, **options: sqrt(var(a, **options)),
    "round": each(mpmath.nint),
}
