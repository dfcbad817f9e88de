"""Odd programs: what people write inside a function that is differentiated. Each is right, or is refused with an error.

Right means: the value is that of the plain program, the gradient in both modes that of its differences.
"""

import collections
import contextlib
import copy
import functools
import heapq
import itertools
import math
import operator

import numpy as np
import pytest

from adcourse import grad, hessian, jacobian, jvp, value_and_grad, vjp
from adcourse.core.errors import ADError

X, B = np.array([1.3, -0.7, 0.4, 2.1]), np.arange(16.0).reshape(4, 4) / 7 - 1


def right(f):
    RIGHT[f.__name__] = f


def refused(f):
    REFUSED[f.__name__] = f


RIGHT = {
    "sorted_": lambda x: np.dot(np.stack(sorted(x)), np.arange(4.0)),
    "sorted_key": lambda x: sum(k * v for k, v in enumerate(sorted(x, key=abs))),
    "minmax": lambda x: max(x) * min(x) + max(x[0], 2.0) * min(1, x[1]),
    "mathprod": lambda x: math.prod(x),
    "reduce_": lambda x: functools.reduce(operator.mul, x, 1),
    "accumulate_": lambda x: sum(a * k for k, a in enumerate(itertools.accumulate(x, operator.mul))),
    "roundb": lambda x: round(x[0]) * x[1] + round(x[3], 1) * x[0],
    "intb": lambda x: int(x[3]) * x[0],
    "nparr_nested": lambda x: np.array([[x[0], x[1]], [1.0, x[2]]]).mean() * np.array([[x[0], 2], [3, x[3]]]).sum(),
    "nparr_mat": lambda x: np.sum(np.array([[x[0], x[1]], [x[2], x[3]]]) @ np.array([[1.0, 2], [3, 4]])),
    "nparr_var": lambda x: np.array([x[0], x[1], 2.0]).var() + np.array([x[0], x[1]]).std(),
    "nparr_rows": lambda x: np.sum(np.array([x, x * x]) * B[:2]),
    "nparr_max": lambda x: np.array([x[0], x[3], x[1]]).max() * np.array([x[0], x[1]]).min(),
    "nparr_argmax": lambda x: x[np.argmax(np.array([x[0], x[3]]))],
    "nparr_dot": lambda x: np.dot(np.array([x[0], x[1]]), np.array([x[2], 1.0])),
    "nparr_norm": lambda x: np.linalg.norm(np.array([x[0], x[1], x[2]])),
    "nparr_sort": lambda x: np.sort(np.array([x[0], x[1], x[2]])) @ np.array([1.0, 2, 3]),
    "nparr_cumsum": lambda x: np.sum(np.cumsum(np.array([x[0], x[1], x[2]])) ** 2),
    "nparr_diff": lambda x: np.sum(np.diff(np.array([x[0], x[1], x[2]])) ** 2),
    "nparr_where": lambda x: np.sum(np.where(np.array([x[0], x[1]]) > 0, np.array([x[0], x[1]]), 0.0)),
    "nparr_clip": lambda x: np.sum(np.clip(np.array([x[0], x[1]]), -0.5, 1.0)),
    "nparr_concat": lambda x: np.sum(np.concatenate([np.array([x[0], x[1]]), x]) ** 2),
    "nparr_outer": lambda x: np.sum(np.outer(np.array([x[0], x[1]]), np.ones(2))),
    "nparr_einsum": lambda x: np.einsum("i,i", np.array([x[0], x[1]]), np.ones(2)),
    "objlist_np_sum": lambda x: np.sum([x[0], x[1] * x[0]]),
    "npmean_list": lambda x: np.mean([x[0], x[1] * x[0], 1.0]),
    "npmax_list": lambda x: np.max([x[0], x[1]]),
    "npdot_list": lambda x: np.dot([x[0], x[1]], [x[2], 1]),
    "npstack_mixed": lambda x: np.sum(np.stack([x[0], 1.0, x[1]]) ** 2),
    "npconc_mixed": lambda x: np.sum(np.concatenate([[x[0]], [1.0], x]) ** 2),
    "npmult_list": lambda x: np.sum(np.multiply([1, 2, 3, 4], x)),
    "intpow": lambda x: np.sum(x ** np.arange(4)),
    "negpow": lambda x: np.sum(x**-2),
    "fracpow": lambda x: np.sum(np.abs(x) ** 0.5),
    "np_int_scalar": lambda x: np.sum(x * np.int64(3) + np.float32(0.5) * x ** np.int8(2)),
    "complexbad": lambda x: np.sum(np.abs(x * (1 + 2j))),
    "complexarr": lambda x: np.sum(np.real(x * np.exp(1j * np.arange(4)))),
    "emptysum": lambda x: np.sum(x[4:]) + np.sum(x) + np.sum(np.zeros((0, 4)) @ x),
    "emptyprod": lambda x: np.prod(x[4:]) * x[0],
    "bcast": lambda x: np.sum((x[:, None] * x[None] + np.ones((3, 1, 4))) ** 2),
    "bcast_scalar": lambda x: np.sum(x[0] * np.ones((2, 3)) + x[1]),
    "fancy_bool_cols": lambda x: np.sum(np.outer(x, x * x)[:, np.array([True, False, True, False])] ** 2),
    "ix": lambda x: np.sum(np.outer(x, x)[np.ix_([0, 2], [1, 1])] ** 2),
    "chained_cmp": lambda x: x[0] if 0 < x[0] < 2 else x[1],
    "np_any": lambda x: np.sum(x) if np.any(x > 2) and not (x == 0).all() else 0.0,
    "isin_": lambda x: np.sum(x[np.isin(np.arange(4), [1, 2])]),
    "vectorize_": lambda x: np.sum(np.vectorize(lambda t: t * t)(x)),
    "listcomp_arr": lambda x: np.sum(np.array([v * v for v in x])),
    "ndenum": lambda x: sum(v * i[0] for i, v in np.ndenumerate(x)),
    "add_reduce": lambda x: np.add.reduce(x * x),
    "argsort_": lambda x: x[np.argsort(x)] @ np.arange(4.0),
    "mod_by": lambda x: np.sum(5.3 % np.abs(x)),
    "method_std": lambda x: x.std() * x.var() * x.mean() * x.max() * x.min() * x.prod(),
    "method_clip": lambda x: x.clip(-0.5, 1.0).sum() * x.ptp() if hasattr(x, "ptp") else x.clip(-0.5, 1.0).sum(),
    "method_nonzero": lambda x: x[(x > 0).nonzero()].sum(),
    "matmul_vec": lambda x: (B @ x) @ x + x @ B @ x,
    "rmatmul_list": lambda x: np.sum([[1, 2, 3, 4], [5, 6, 7, 8]] @ x),
    "dot3": lambda x: np.dot(np.dot(x, B), x),
    "linalg_": lambda x: (
        np.linalg.det(np.outer(x, x) + np.eye(4) * 3) + np.linalg.norm(np.linalg.inv(np.outer(x, x) + 3 * np.eye(4)))
    ),
    "solve_obj": lambda x: np.linalg.solve(
        np.array([[x[0], 1.0], [0.0, x[3]]], like=x), np.array([x[1], 1.0], like=x)
    ).sum(),
    "eye_like": lambda x: np.sum(np.eye(4, like=x) * np.outer(x, x)),
    "fullplain": lambda x: np.full((2, 2), x[0]).sum(),
    "ones_mul": lambda x: np.sum(np.ones_like(x) * x[0] + np.zeros_like(x, dtype=int) * x),
    "full_like_int": lambda x: np.sum(np.full_like(x, 3) * x),
    "float_round": lambda x: x[0] * round(x[3]),
    "math_floor": lambda x: x[0] * math.floor(x[3]) + math.ceil(x[0]) * x[1] + math.trunc(x[3]) * x[2],
    "index_obj": lambda x: np.arange(4.0)[int(x[3])] * x[0],
    "bool_not": lambda x: x[0] if not x[1] > 0 else x[2],
    "np_where_one": lambda x: x[np.where(x > 0)].sum(),
    "and_mask": lambda x: x[(x > 0) & (x < 2)].sum() + x[~(x > 0)].sum(),
}


@right
def shape_list_mut(x):
    sh = [2, 2]
    y = np.reshape(x, sh)
    sh[0] = 4
    sh[1] = 1
    return np.sum(y @ y)


@right
def axes_list_mut(x):
    ax = [1, 0]
    y = np.transpose(np.outer(x, x * x), ax)
    ax[:] = [0, 1]
    return np.sum(y * B)


@right
def idx_mut(x):
    i = [0, 1]
    y = x[i]
    i[0] = 3
    return np.sum(y * y)


@right
def divmod_(x):
    q, r = divmod(x[0], 0.5)
    return q * x[1] + r


@right
def whileloop(x):
    y = x[0]
    while y < 50:
        y = y * 1.7 + x[1] * 0.1
    return y


@right
def rec(x):
    def f(n):
        return x[0] if n == 0 else np.sin(f(n - 1)) * x[n % 4]

    return f(9)


@right
def tryexc(x):
    try:
        y = x * x
        y[99] = 1
    except IndexError:
        pass
    return np.sum(y * y)


@right
def gen(x):
    def g():
        s = x[0]
        while True:
            s = s * x[1]
            yield s

    return sum(itertools.islice(g(), 4))


@right
def closure_late(x):
    fs = [lambda k=k: x[k] * k for k in range(4)]
    return sum(f() ** 2 for f in fs)


@right
def nparr_iadd(x):
    a = np.array([x[0], x[1]])
    b = a
    a += x[2]
    return np.sum(b * b)


@right
def nparr_inplace_idx(x):
    a = np.array([x[0], x[1], 0.0])
    a[2] = a[0] * a[1]
    a[0] = x[3]
    return a.sum() + a[2]


@right
def objzeros(x):
    a = np.zeros(3, dtype=object)
    a[0] = x[0]
    a[1] = x[0] * x[1]
    return np.sum(a * a)


@right
def frac(x):
    from fractions import Fraction

    return np.sum(x * float(Fraction(1, 3)))


@right
def zero_d(x):
    y = np.asarray(x[0])
    return y * y + np.array(2.0) * x[1]


@right
def ufunc_out(x):
    y = np.empty_like(x)
    np.sin(x, out=y)
    return np.sum(y * y)


@right
def ufunc_out_sum(x):
    y = np.empty_like(x)
    np.multiply(x, 2.0, out=y)
    z = y
    np.add(y, x, y)
    return np.sum(z * x)


@right
def buffer_reuse(x):
    buf = np.zeros(4)
    t = 0.0
    for k in range(3):
        buf[:] = k
        t = t + np.sum(x * buf)
    return t


@right
def deepcopy_(x):
    y = copy.deepcopy(x)
    return np.sum(y * y)


@right
def copy_alias(x):
    y = x * 1.0
    z = copy.copy(y)
    z[0] = 5.0
    return np.sum(y * y) + np.sum(z * z)


@right
def deepcopy_alias(x):
    y = x * 1.0
    z = copy.deepcopy(y)
    z[0] = 5.0
    return np.sum(y * y) + np.sum(z * z)


@right
def deep_struct(x):
    d = {"a": x * 1.0, "b": [x * 2.0]}
    e = copy.deepcopy(d)
    e["a"][0] = 7.0
    e["b"][0][1] = x[0]
    return np.sum(d["a"] * e["a"]) + np.sum(d["b"][0] * e["b"][0])


@right
def asarray_arg(x):
    x = np.asarray(x)
    return np.sum(x * x)


@right
def array_copy_write(x):
    y = np.array(x)
    y[0] = 5.0
    return np.sum(y * y) + np.sum(x)


@right
def real_view(x):
    y = x * 1.0
    y.real[0] = 3.0
    return np.sum(y * y)


@right
def unpack_write(x):
    A = np.outer(x, x)
    a, b, c, d = A
    a[:] = b
    c += d
    return np.sum(A * B)


@right
def iter_write(x):
    A = np.outer(x, x)
    for r in A:
        r *= x
        r[0] = r[1] * x[0]
    return np.sum(A * B)


@right
def newaxis_write(x):
    y = x * 1.0
    y[:, None][1, 0] = x[0]
    return np.sum(y * y)


@right
def bcast_write(x):
    y = np.broadcast_to(x * 1.0, (2, 4))
    with contextlib.suppress(ValueError, ADError):
        y[0, 0] = 5.0
    return np.sum(y * y)


@right
def aug_scalar_alias(x):
    s = x[0]
    t = s
    s += x[1]
    return s * t


@right
def aug_scalar_in_list(x):
    l = [x[0], x[1]]
    l[0] += l[1]
    l[1] *= l[0]
    return l[0] * l[1]


@right
def aug_dict(x):
    d = collections.defaultdict(float)
    for i, v in enumerate(x):
        d[i % 2] += v * v
    return d[0] * d[1]


@right
def aug_row_alias(x):
    A = np.outer(x, x)
    r = A[0]
    A[0] += r
    A[0] *= r
    return np.sum(A * B)


@right
def self_assign(x):
    y = x * 1.0
    y[:] = y[::-1]
    return np.sum(y * np.arange(4.0))


@right
def overlap(x):
    y = x * 1.0
    y[1:] += y[:-1]
    y[:-1] *= y[1:]
    return np.sum(y * np.arange(4.0))


@right
def swap_rows(x):
    A = np.outer(x, x)
    A[[0, 1]] = A[[1, 0]]
    A[0], A[1] = A[1].copy(), A[0].copy()
    return np.sum(A * B)


@right
def swap_rows_bug(x):
    A = np.outer(x, x**2)
    A[0], A[1] = A[1], A[0]
    return np.sum(A * B)


@right
def ipow_(x):
    y = x * 1.0
    z = y
    y **= 2
    y /= x[3]
    y %= 3
    return np.sum(z * z)


@right
def ifloor(x):
    y = x * 3.0
    z = y
    y //= 1
    return np.sum(z * x)


@right
def imatmul_(x):
    A = np.outer(x, x)
    A @= B
    return np.sum(A * A)


@right
def neg_idx_write(x):
    y = np.zeros(4, like=x)
    y[-1] = x[0]
    y[-3:-1] = x[:2]
    return np.sum(y * np.arange(4.0))


@right
def write_then_read_old(x):
    y = x * x
    z = y * y
    y[0] = 5.0
    return np.sum(z)


@right
def exp_write(x):
    y = np.exp(x)
    s = np.sum(y)
    y[...] = 0.0
    return s


@right
def matmul_write(x):
    A = np.outer(x, x)
    v = A @ x
    A[:] = 0.0
    x2 = x * 1.0
    w = B @ x2
    x2[:] = 1.0
    return np.sum(v) + np.sum(w * w)


@right
def inner_grad_closure_write(x):
    y = np.zeros_like(x)

    def f(t):
        y[0] = x[0] * 2.0
        return t * t * y[0]

    g = grad(f)(x[1])
    y[0] = x[2]
    return g + y[0]


@right
def inner_pullback_after_write(x):
    y = x * x
    pb = vjp(lambda t: np.sum(t * t * t), y)[1]
    y[:] = 0.0
    return np.sum(pb(1.0)[0] * x)


@right
def inner_result_view_write(x):
    v, pb = vjp(lambda t: t[1:], x * x)
    v[0] = 5.0
    return np.sum(pb(v)[0] * x)


@right
def inner_identity_seed(x):
    s = x * 1.0
    pb = vjp(lambda t: t, x * x)[1]
    g = pb(s)[0]
    g[0] = 9.0
    return np.sum(s * s) + np.sum(g)


@right
def jvp_seed_alias(x):
    s = x * 1.0
    v, d = jvp(lambda t: t + 1, (x * x,), (s,))
    d[0] = 9.0
    return np.sum(s * s) + np.sum(d * v)


@right
def jac_write(x):
    J = jacobian(lambda t: t * t * x)(x * 1.0)
    J[0] = 1.0
    J[np.diag_indices(4)] *= x
    return np.sum(J * B)


@right
def hess_write(x):
    H = hessian(lambda t: np.sum(t**3 * x))(x * 1.0)
    H += 1.0
    H[0, 0] = x[0]
    return np.sum(H * B)


@right
def errstate_(x):
    with np.errstate(all="raise"):
        return np.sum(np.sqrt(x * x))


@right
def zl_int(x):
    k = np.zeros_like(x, dtype=int)
    k[1] = 2
    k += 1
    return np.sum(k * x)


@right
def zl_bool(x):
    k = np.zeros_like(x, dtype=bool)
    k[1] = True
    return np.sum(x[k])


@right
def zl_shape(x):
    k = np.zeros_like(x, shape=(2, 2))
    k[1] = x[:2]
    return np.sum(k * k)


@right
def emptylike_scal(x):
    s = np.empty_like(x[0])
    s[...] = x[1]
    s *= x[0]
    return s + 0.0


@right
def loopfill2d(x):
    A = np.zeros((4, 4), like=x)
    for i in range(4):
        for j in range(4):
            A[i][j] = x[i] * x[j] + i
    return np.sum(A * B)


@right
def fill_list(x):
    r = [None] * 4
    for i in range(4):
        r[i] = x[i] ** 2
    return np.sum(np.stack(r))


@right
def nested_slices(x):
    A = np.outer(x, x)
    A[1:][1:][0][::2] = 5.0
    A[::2][:, 1] += x[:2]
    return np.sum(A * B)


@right
def write_none(x):
    y = x * 1.0
    y[None] = x * 2
    y[..., None][0] = 3.0
    return np.sum(y * y)


@right
def write_lead1(x):
    y = np.zeros(4, like=x)
    y[:] = x[None, None]
    return np.sum(y * y)


@right
def write_empty(x):
    y = x * 1.0
    y[[]] = 1.0
    y[4:] = 2.0
    y[np.zeros(4, bool)] = x[0]
    return np.sum(y * y)


@right
def write_shape_err(x):
    y = x * 1.0
    with contextlib.suppress(ValueError):
        y[:2] = x
    return np.sum(y * y)


@right
def iadd_shape_err(x):
    y = x * 1.0
    with contextlib.suppress(ValueError):
        y += np.ones((2, 4))
    return np.sum(y * y)


@right
def index_err_negstep(x):
    y = x * 1.0
    y[3:0:-1] = x[:3]
    return y @ np.arange(4.0)


@right
def write_self_idx(x):
    y = x * 1.0
    y[[0, 1, 2]] = y[[2, 0, 1]]
    return y @ np.arange(4.0)


@right
def write_int_into(x):
    y = x * 1.0
    y[0] = 3
    y[1] = True
    y[2] = np.float32(2)
    return np.sum(y * y * x)


@right
def place_extract(x):
    y = x * 1.0
    np.place(y, y > 0, [1.0, 2.0])
    return np.sum(y * x)


@right
def sorted_inplace_list(x):
    l = list(x)
    l.sort()
    l.reverse()
    return sum(k * v for k, v in enumerate(l))


@right
def heap(x):
    h = list(x)
    heapq.heapify(h)
    return heapq.heappop(h) * 2 + heapq.heappop(h) * 3


@right
def bisect_(x):
    import bisect

    l = [0.0, 1.0, 2.0]
    return x[0] * bisect.bisect(l, x[0])


REFUSED = {
    "mathfsum": lambda x: math.fsum(x),
    "nparr_float": lambda x: np.sum(np.array(x, dtype=float)),
    "fromiter_": lambda x: np.sum(np.fromiter((v * v for v in x), dtype=float)),
    "item_": lambda x: x.item(0) ** 2,
    "math_copysign": lambda x: math.copysign(x[0], -1),
    "math_pow": lambda x: math.pow(x[0], 2),
    "math_hypot": lambda x: math.hypot(x[0], x[1]),
    "math_dist": lambda x: math.dist(x[:2], x[2:]),
    "astype_int": lambda x: np.sum(x.astype(int) * x),
    "astype_c": lambda x: np.sum(np.real(x.astype(complex))),
}


@refused
def decimal_(x):
    from decimal import Decimal

    return np.sum(x * Decimal("0.5"))


@refused
def fractionbad(x):
    from fractions import Fraction

    return np.sum(x * Fraction(1, 3))


@right
def sum_out(x):
    o = np.zeros((), like=x)
    np.sum(x * x, out=o)
    return o * 1.0


@right
def dot_out(x):
    o = np.zeros_like(x)
    np.dot(B, x, out=o)
    return np.sum(o * x)


@right
def clip_out(x):
    y = x.copy()
    np.clip(y, -0.5, 1.0, out=y)
    return np.sum(y * y)


@refused
def asarray_write2(x):
    y = x * 1.0
    z = np.asarray(y)
    y[0] = 5.0
    return np.sum(z * z)


@refused
def random_loc(x):
    rng = np.random.default_rng(0)
    return np.sum(rng.normal(loc=x))


@pytest.mark.parametrize("f", RIGHT.values(), ids=RIGHT)
def test_right(f):
    value, gradient = value_and_grad(f)(X.copy())
    steps = [1e-6 * e for e in np.eye(4)]
    with np.errstate(all="ignore"):
        differences = [(f(X + h) - f(X - h)) / 2e-6 for h in steps]
        assert value == pytest.approx(f(X.copy()), rel=1e-14)
        np.testing.assert_allclose(gradient, differences, rtol=1e-5, atol=1e-6)
        forward = [jvp(f, (X.copy(),), (e,)) for e in np.eye(4)]
        np.testing.assert_allclose([dy for _, dy in forward], gradient, rtol=1e-12, atol=1e-12)
        assert all(y == value for y, _ in forward)
        second = [(grad(f)(X + 10 * h) - grad(f)(X - 10 * h)) / 2e-5 for h in steps]
        np.testing.assert_allclose(hessian(f)(X), second, rtol=1e-4, atol=1e-5)
        mixed = jacobian(lambda x: np.stack([jvp(f, (x,), (e,))[1] for e in np.eye(4)]))(X)
        np.testing.assert_allclose(mixed, hessian(f)(X), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("f", REFUSED.values(), ids=REFUSED)
def test_refused(f):
    for d in (grad, hessian, lambda f: lambda x: jvp(f, (x,), (x,))):
        with pytest.raises(ADError, match="Write: "):
            d(f)(X)
