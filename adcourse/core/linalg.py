"""The rules of matrix functions, one JVP line each: differentiate the equation that defines the result.

Reverse mode transposes these lines. A VJP stands beside one where the transposition, which first runs the line on
zeros, was slower: by the factor beside it, for a value and its gradient at n = 200.

A function with several results is one rule whose value is a *bundle*: the results, flattened behind the batch axes,
side by side on the last axis. So neither the tape nor any mode knows of functions with several results.

``cholesky`` and ``eigh`` read one triangle. Their derivatives are those of functions of symmetric matrices, as in JAX:
dA counts as (dA + dA^T)/2, gradients are symmetric, and a matrix that isn't symmetric is refused.

Where eigenvalues or singular values coincide, functions symmetric in them (a sum, the trace of a function) have their
derivative. One alone has none, a kink as max has at a tie: it gets v^T dA v with the v that LAPACK took, which is a
subgradient of the largest. What goes through the vectors and would divide by a vanishing gap is nan, never a wrong
number; where nothing is to be divided it is 0.

Sources: Giles, *Collected matrix derivative results for forward and reverse mode AD* (2008); Murray, *Differentiation
of the Cholesky decomposition* (2016); Golub and Pereyra (1973), for pinv; Walter and Lehmann (2018), for qr.
"""

import math

import numpy as np

from .errors import InputError
from .kinds import Constant, General, differentiated, dtype_of, shape_of
from .levels import Traced, apply, asked, ground, highest, plain, some
from .rules import RULES, general


def _mT(x):
    return np.swapaxes(x, -1, -2)


def _eye(x, n=None):
    return np.eye(n or x.shape[-1], dtype=dtype_of(x), like=plain(x))


def _columns(z, b):
    """A right-hand side or a solution as a matrix: one with a single axis is one column."""
    return z[..., None] if len(shape_of(b)) == 1 else z


# ---------------------------------------------------------------------------------------------- inverses


def _inv(z, primals, tangents):  # A z = 1
    (dA,) = tangents
    return -np.matmul(z, np.matmul(dA, z))


def _inv_vjp(g, z, primals):  # 1.6
    return (-np.matmul(_mT(z), np.matmul(g, _mT(z))),)


def _det(z, primals, tangents):  # Jacobi's formula; needs an invertible matrix
    (A,), (dA,) = primals, tangents
    return z * np.sum(_mT(np.linalg.inv(A)) * dA, axis=(-2, -1))


def _solve(z, primals, tangents):  # A z = b
    (A, b), (dA, db) = primals, tangents
    residual = 0.0 if db is None else _columns(db, b)
    residual = residual if dA is None else residual - np.matmul(dA, _columns(z, b))
    return np.reshape(np.linalg.solve(A, residual), shape_of(z))


def _solve_vjp(g, z, primals):  # linear in b: here the transposition of all JVPs with a solve ends
    A, b = primals
    b_bar, zT = np.linalg.solve(_mT(A), _columns(g, b)), _mT(_columns(z, b))
    outer = np.multiply if zT.shape[-2] == 1 else np.matmul
    return outer(-b_bar, zT), np.reshape(b_bar, shape_of(g))


def _pinv(z, primals, tangents, *, rcond=None, rtol=None):  # where the rank is constant; elsewhere pinv jumps
    (A,), (dA,) = primals, tangents
    dAT, zT = _mT(dA), _mT(z)
    left, right = dAT - np.matmul(np.matmul(dAT, A), z), dAT - np.matmul(z, np.matmul(A, dAT))
    return np.matmul(z, np.matmul(zT, left)) + np.matmul(right, np.matmul(zT, z)) - np.matmul(z, np.matmul(dA, z))


general(np.linalg.inv, _inv, vjp=_inv_vjp)
general(np.linalg.det, _det)
general(np.linalg.solve, _solve, operands=2, vjp=_solve_vjp)
general(np.linalg.pinv, _pinv)

# ---------------------------------------------------------------------------------------------- symmetric input


def _size(A):
    return np.max(np.abs(A), axis=(-2, -1))


def _symmetric(function, A):
    """A, if it is symmetric to half its digits."""
    a = ground(A)
    if not np.all(a == _mT(a)) and np.any(_size(a - _mT(a)) > np.finfo(a.dtype).eps ** 0.5 * _size(a)):
        name = f"np.linalg.{function.__name__}"
        raise InputError(
            f"{name} met a matrix that isn't symmetric.",
            "it reads one triangle only, so its derivative by the other would be 0, and no gradient symmetric.",
            f"{name}((A + A.T) / 2), or np.swapaxes(A, -1, -2) for A.T in a batch",
        )
    return A


def _half(X):
    """The lower triangle with half the diagonal: what L^-1 dL is, if L L^T changes by L (X + X^T) L^T."""
    n = X.shape[-1]
    return X * (np.tri(n, dtype=dtype_of(X), like=plain(X)) - 0.5 * _eye(X))


def _cholesky(z, primals, tangents, *, upper=False):  # L L^T = A
    L, dA = _mT(z) if upper else z, 0.5 * (tangents[0] + _mT(tangents[0]))
    dL = np.matmul(L, _half(np.linalg.solve(L, _mT(np.linalg.solve(L, dA)))))
    return _mT(dL) if upper else dL


def _cholesky_vjp(g, z, primals, *, upper=False):  # L^-T half(L^T g) L^-1, made symmetric; 2.7
    L, g = (_mT(z), _mT(g)) if upper else (z, g)
    Li = np.linalg.inv(L)
    if not differentiated(g) and not np.any(g * (1.0 - _eye(g))):  # log det has such a g: half the work
        right = 0.5 * np.sum(L * g, axis=-1)[..., None] * Li
    else:
        right = np.matmul(_half(np.matmul(_mT(L), g)), Li)
    A_bar = np.matmul(_mT(Li), right)
    return (0.5 * (A_bar + _mT(A_bar)),)


general(  # CuPy's has no option upper
    np.linalg.cholesky,
    _cholesky,
    vjp=_cholesky_vjp,
    compute=lambda A, *, upper=False: np.linalg.cholesky(A, upper=True) if upper else np.linalg.cholesky(A),
)

# ---------------------------------------------------------------------------------------------- dividing by gaps


def _divide(x, gaps):
    """x / gaps; where a gap is 0, 0 for an x that is 0 (to rounding, beside its matrix), otherwise nan."""
    closed = gaps == 0
    if not np.any(closed):
        return x / gaps
    rounding = 16 * np.finfo(x.dtype).eps * np.sum(np.abs(x), axis=(-2, -1), keepdims=True)
    return np.where(closed, np.where(np.abs(x) <= rounding, 0.0 * x, math.nan), x / np.where(closed, 1.0, gaps))


def _divide_jvp(z, primals, tangents):
    (_, gaps), (dx, dgaps) = primals, tangents
    dx = dx if dgaps is None else -z * dgaps if dx is None else dx - z * dgaps
    return divide(dx, gaps)


def _divide_vjp(g, z, primals):
    x_bar = divide(g, primals[1])
    return x_bar, -x_bar * z


def divide(x, gaps):
    """``_divide`` for values of any level."""
    return apply(DIVIDE, (x, gaps))


DIVIDE = General(
    _divide,
    _divide_jvp,
    operands=2,
    vjp=_divide_vjp,
    compute=lambda x, gaps: _divide(x, gaps) if highest((x, gaps)) is None else divide(x, gaps),
    name="divide_by_gaps",
)


def _open(values, gaps):
    """Gaps of the size of rounding errors of ``values`` are 0."""
    v = asked(values)
    rounding = 16 * np.finfo(v.dtype).eps * np.sum(np.abs(v), axis=-1)[..., None, None]
    closed = np.abs(asked(gaps)) <= rounding
    return np.where(closed, 0.0, gaps) if some(closed) else gaps


def _gaps(w):
    """w_j - w_i; on the diagonal, where nothing is to be divided, the largest number there is."""
    return _open(w, w[..., None, :] - w[..., :, None] + float(np.finfo(w.dtype).max) * _eye(w))


# ---------------------------------------------------------------------------------------------- several results


def _bundle(results, batch):
    return np.concatenate([np.reshape(r, (*batch, -1)) for r in results], axis=-1)


def _apart(bundle, shapes):
    """The results in a bundle, each of its shape behind the batch axes."""
    parts, start = [], 0
    for shape in shapes:
        stop = start + math.prod(shape)
        part = bundle[..., slice(start, stop) if shape else start]
        parts.append(np.reshape(part, (*bundle.shape[:-1], *shape)) if len(shape) > 1 else part)
        start = stop
    return parts


def _several(function, shapes, jvp, vjp=None, **static):
    """The rule of a function with several results, of these ``shapes(m, n)``, from a ``jvp(results, A, dA)``.

    Returns what NumPy's protocol shall call: the rule, and its bundle taken apart.
    """

    def of(A):
        return shapes(*A.shape[-2:])

    def compute(A, **options):
        if isinstance(A, Traced):
            return apply(rule, (A,), options)
        return _bundle(function(A, **static, **options), A.shape[:-2])

    def bundle_jvp(z, primals, tangents, **options):
        (A,), (dA,) = primals, tangents
        return _bundle(jvp(_apart(z, of(A)), A, dA), A.shape[:-2])

    def bundle_vjp(g, z, primals, **options):
        (A,) = primals
        return (vjp(_apart(g, of(A)), _apart(z, of(A)), A),)

    rule = general(function, bundle_jvp, vjp=vjp and bundle_vjp, compute=compute)
    return lambda A, **options: _apart(apply(rule, (A,), options), of(A))


def _slogdet(results, A, dA):  # Jacobi's formula; the sign is constant
    return 0.0 * dA[..., 0, 0], np.sum(_mT(np.linalg.inv(A)) * dA, axis=(-2, -1))


def _slogdet_vjp(gs, results, A):  # 1.7
    return gs[1][..., None, None] * _mT(np.linalg.inv(A))


def _eigh(results, A, dA):  # A V = V diag(w)
    w, V = results
    P = np.matmul(_mT(V), np.matmul(0.5 * (dA + _mT(dA)), V))
    return np.sum(P * _eye(P), axis=-1), np.matmul(V, divide(P, _gaps(w)))


def _eigh_vjp(gs, results, A):  # 1.9
    (gw, gV), (w, V) = gs, results
    if not differentiated(gV) and not np.any(gV):  # of the eigenvalues only
        return np.matmul(V * gw[..., None, :], _mT(V))
    P_bar = divide(np.matmul(_mT(V), gV), _gaps(w)) + gw[..., None] * _eye(w)
    A_bar = np.matmul(V, np.matmul(P_bar, _mT(V)))
    return 0.5 * (A_bar + _mT(A_bar))


def _qr(results, A, dA):  # Q R = A; Q^T dQ is antisymmetric; of a wide A, Q and the left of R are of its left square
    Q, R = results
    k = Q.shape[-1]
    X = _mT(np.linalg.solve(_mT(R[..., :k]), _mT(dA[..., :k])))
    S = np.matmul(_mT(Q), X)
    low = S * np.tri(S.shape[-1], k=-1, dtype=dtype_of(S), like=plain(S))
    turn = low - _mT(low)
    dQ = X + np.matmul(Q, turn - S)
    return dQ, np.matmul(_mT(Q), dA) - np.matmul(turn, R)


def _svd(results, A, dA):  # U diag(s) V^T = A
    U, s, Vh = results
    V, (m, n), k = _mT(Vh), A.shape[-2:], s.shape[-1]
    dAV = np.matmul(dA, V)
    P = np.matmul(_mT(U), dAV)
    PT = _mT(P)
    # partial fractions of (P_ij s_j + P_ji s_i) / (s_j^2 - s_i^2): the second stays good where s_i = s_j
    even = divide(0.5 * (P + PT), _gaps(s))
    odd = divide(0.5 * (P - PT), _open(s, s[..., None, :] + s[..., :, None]))
    dU, dV = np.matmul(U, even + odd), np.matmul(V, even - odd)
    if m > k:
        dU = dU + divide(dAV - np.matmul(U, P), _open(s, s[..., None, :]))
    if n > k:
        dV = dV + divide(np.matmul(_mT(dA), U) - np.matmul(V, PT), _open(s, s[..., None, :]))
    return dU, np.sum(P * _eye(P), axis=-1), _mT(dV)


slogdet = _several(np.linalg.slogdet, lambda m, n: ((), ()), _slogdet, _slogdet_vjp)
eigh = _several(np.linalg.eigh, lambda m, n: ((n,), (n, n)), _eigh, _eigh_vjp)
qr = _several(np.linalg.qr, lambda m, n: ((m, min(m, n)), (min(m, n), n)), _qr)
svd = _several(np.linalg.svd, lambda m, n: ((m, min(m, n)), (min(m, n),), (min(m, n), n)), _svd, full_matrices=False)
RULES[np.linalg.matrix_rank] = Constant(np.linalg.matrix_rank)
