"""NumPy's functions: every ufunc decided, NumPy's own values and errors, and the conventions at kinks."""

import builtins
import math

import mpmath
import numpy as np
import pytest

from adcourse import derivative, grad, hessian, jacobian, jvp, vjp
from adcourse.core.errors import REASONS, ADError, ConversionError, NoRuleError
from adcourse.core.rules import RULES
from adcourse.functions.derived import DERIVED

modes = pytest.mark.parametrize("d", [derivative, grad])
UFUNCS = {v.__name__: v for v in vars(np).values() if isinstance(v, np.ufunc)}


@pytest.mark.parametrize("name", sorted(UFUNCS))
def test_every_ufunc_is_decided(name):
    """It has a rule, or is made of others, or is refused with the reason."""
    decided = UFUNCS[name] in RULES, UFUNCS[name] in DERIVED, name in REASONS
    assert builtins.sum(decided) == 1


@pytest.mark.parametrize("name", sorted(REASONS))
def test_a_refusal_says_why(name):
    with pytest.raises(NoRuleError, match="Why: ") as info:
        grad(lambda x: getattr(np, name)(*[x] * (2 if getattr(UFUNCS.get(name), "nin", 1) == 2 else 1)))(1.5)
    assert REASONS[name] in str(info.value)


# ------------------------------------------------------------------------------ the conventions beside the rules


@modes
def test_conventions_at_jumps_and_ties(d):
    assert d(lambda x: np.fmod(x, 2.0))(6.0) == d(lambda x: np.remainder(x, 2.0))(6.0) == 1.0
    assert d(lambda y: np.fmod(6.0, y))(2.0) == d(lambda y: np.remainder(6.0, y))(2.0) == -3.0
    assert d(lambda y: np.remainder(0.9, y))(0.1) == -8.0  # 0.9 = 8 * 0.1 + 0.09999999999999995
    assert d(lambda x: np.heaviside(x, 0.3))(0.0) == 0.0 and d(lambda h: np.heaviside(0.0, h))(0.3) == 1.0
    assert d(lambda x: np.copysign(x, -2.0))(0.0) == -1.0 and d(lambda x: np.copysign(x, -2.0))(-0.0) == 1.0
    assert d(lambda x: np.fmax(x, x))(1.0) == 1.0 and d(lambda x: np.fmin(x, 1.0))(1.0) == 0.5
    assert d(lambda x: np.fmax(x, math.nan))(1.0) == 1.0 and d(lambda x: np.fmax(math.nan, 2 * x))(1.0) == 2.0
    assert d(lambda x: np.modf(x)[0])(-2.0) == 1.0 and d(lambda x: np.modf(x)[1] + x)(-2.5) == 1.0
    assert d(lambda x: np.clip(x, 0.0, 1.0))(1.0) == 0.5
    assert d(np.nan_to_num)(math.inf) == 0.0 and d(np.nan_to_num)(2.0) == 1.0


def test_logaddexp_where_a_probability_is_zero():
    """log 0 = -inf is an ordinary entry of such sums; two of them have nothing to share and do no harm."""
    x = np.array([-math.inf, -math.inf, 0.5, -math.inf])
    assert grad(lambda x: np.logaddexp.reduce(x))(x).tolist() == [0.0, 0.0, 1.0, 0.0]
    assert grad(lambda x: np.logaddexp2.reduce(x))(x).tolist() == [0.0, 0.0, 1.0, 0.0]


def test_ties_in_order_statistics():
    """Largest elements that tie share; in a sorted array each keeps its own derivative, in the order of standing."""
    x = np.array([0.1, 0.1, 0.1, 0.0])
    assert grad(np.max)(x).tolist() == [1 / 3, 1 / 3, 1 / 3, 0.0]
    assert vjp(np.max, x)[0] == 0.1  # exactly, so that x == np.max(x) holds
    assert grad(lambda x: np.sum(x[x == np.max(x)]))(x).tolist() == [1.0, 1.0, 1.0, 0.0]
    assert jacobian(np.sort)(np.array([1.0, 0.0, 1.0])).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert grad(np.median)(np.array([1.0, 1.0, 2.0, 2.0])).tolist() == [0.0, 0.5, 0.5, 0.0]
    assert derivative(lambda q: np.quantile(np.array([1.0, 2.0, 4.0]), q))(0.5) == 0.0  # at an entry, as JAX
    assert derivative(lambda q: np.quantile(np.array([1.0, 2.0, 4.0]), q))(0.75) == 4.0
    assert grad(lambda x: np.sum(np.unique(x)))(np.array([3.0, 1.0, 3.0])).tolist() == [1.0, 1.0, 0.0]


def test_a_nan_stays_in_its_row():
    x = np.array([[1.0, math.nan, 3.0], [4.0, 5.0, 6.0]])
    for f in (np.max, np.min, np.median):
        y, dy = jvp(lambda x, f=f: f(x, axis=1), x, np.ones_like(x))
        np.testing.assert_array_equal(y, f(x, axis=1))
        assert dy[1] == 1.0
    g = grad(lambda x: np.nanmean(x) + np.nanmax(x))(x)
    np.testing.assert_allclose(g, [[0.2, 0.0, 0.2], [0.2, 0.2, 1.2]])


def test_interp_at_knots_and_outside():
    """The slope to the right of a knot, to the left of the last one, and 0 outside."""
    xp, fp = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0])
    slopes = [derivative(lambda x: np.interp(x, xp, fp))(x) for x in (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0)]
    assert slopes == [0.0, 1.0, 1.0, 4.0, 4.0, 0.0]
    weights = jacobian(lambda fp: np.interp([0.25, 2.0, 9.0], xp, fp))(fp)
    assert weights.tolist() == [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]


def test_sinc_at_zero_in_every_order():
    """sinc x = sum (-1)^k (pi x)^2k / (2k+1)!"""
    f, orders = np.sinc, []
    for _ in range(5):
        orders.append(f(0.0))
        f = derivative(f)
    np.testing.assert_allclose(orders, [1, 0, -(math.pi**2) / 3, 0, math.pi**4 / 5], atol=1e-15)


@pytest.mark.parametrize("x", [0.0, 1e-3, 1.0, -4.0, 30.0, 300.0])
def test_i0_against_bessel_functions(x):
    for order in range(3):
        f = np.i0
        for _ in range(order):
            f = derivative(f)
        exact = float(mpmath.diff(lambda t: mpmath.besseli(0, t), x, order)) if x else [1.0, 0.0, 0.5][order]
        assert f(x) == pytest.approx(exact, rel=2e-13, abs=1e-15)


def test_products_and_scans_with_zeros():
    x = np.array([2.0, 0.0, 3.0, 0.0])
    assert grad(np.prod)(x).tolist() == [0.0] * 4
    H = hessian(np.prod)(x)
    assert H[1, 3] == H[3, 1] == 6.0 and np.count_nonzero(H) == 2
    assert jacobian(np.cumprod)(x).tolist() == [[1, 0, 0, 0], [0, 2, 0, 0], [0, 6, 0, 0], [0, 0, 0, 0]]


# ------------------------------------------------------------------------------ like NumPy

EMPTY = [
    np.sum, np.prod, np.cumsum, np.cumprod, np.sort, np.flip, np.ravel, lambda x: np.roll(x, 1), np.diff, np.tril,
    lambda x: np.tile(x, 2), lambda x: np.repeat(x, 3), lambda x: np.logaddexp.reduce(x), np.mean, np.var,
    lambda x: np.concatenate([x, x]), lambda x: np.pad(x, 1), lambda x: np.einsum("i...->...", x), np.transpose,
    lambda x: np.sum(x, axis=-1, keepdims=True), lambda x: np.linspace(x, 1.0, 3), lambda x: np.take(x, [], axis=0),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
@pytest.mark.parametrize("f", EMPTY)
def test_empty_arrays(f, shape):
    x = np.zeros(shape)
    try:
        y = f(x)
    except (ValueError, IndexError) as error:
        with pytest.raises(type(error)):
            jvp(f, x, x)
        return
    z, dz = jvp(f, x, x)
    np.testing.assert_array_equal(z, y)
    assert np.shape(dz) == np.shape(y)
    assert vjp(f, x)[1](np.ones_like(y) if np.shape(y) else 1.0)[0].shape == shape


A = np.arange(6.0).reshape(2, 3) + 0.5
WRONG = [
    lambda x: np.sum(x, axis=2), lambda x: np.max(x, axis=(0, 0)), lambda x: np.reshape(x, (4, 2)),
    lambda x: np.prod(x, axis=5), lambda x: np.cumsum(x, axis=3), lambda x: np.cumprod(x, axis=3),
    lambda x: np.einsum("ij,jk", x, x), lambda x: np.einsum("ijk->i", x), lambda x: np.einsum("ij->ik", x),
    lambda x: np.einsum("ij,jk", x), lambda x: np.tensordot(x, x, 1), lambda x: np.split(x, 2, axis=1),
    lambda x: np.stack([x, x[0]]), lambda x: np.concatenate([x, x[0]]), lambda x: np.take(x, 7),
    lambda x: np.quantile(x, 1.5), lambda x: np.diff(x, n=-1), lambda x: np.gradient(x, edge_order=3),
    lambda x: np.gradient(x, 1.0, 1.0, 1.0), lambda x: np.interp(1.0, [1.0, 2.0], x[0]),
    lambda x: np.linspace(x, 1, -1),
    lambda x: np.cross(x, x[:, :1]), lambda x: np.average(x, weights=[1.0, 2.0]), lambda x: np.select([x > 0], [x, x]),
    lambda x: np.broadcast_to(x, (5, 5)), lambda x: np.moveaxis(x, 0, 4), lambda x: np.choose([0, 5], [x[0, 0], 1.0]),
    lambda x: np.median(x, axis=4), lambda x: np.sort(x, axis=4), lambda x: np.max(x, where=A > 2),
    lambda x: np.pad(x, ((1, 1), (1, 1), (1, 1))), lambda x: np.inner(x, x[0, :2]), lambda x: np.rot90(x, axes=(0, 0)),
    lambda x: np.block([[x], x]), lambda x: np.vander(x), lambda x: np.geomspace(0.0 * x, 1.0),
    lambda x: np.convolve(x, x[0]), lambda x: np.matrix_transpose(x[0]), lambda x: np.vecdot(x, x[0, :2]),
    lambda x: np.trapezoid(x, axis=7), lambda x: np.flip(x, 3), lambda x: np.repeat(x, [1, 2], axis=1),
]  # fmt: skip


@modes
@pytest.mark.parametrize("f", WRONG)
def test_bad_arguments_raise_what_numpy_raises(d, f):
    with pytest.raises(Exception) as plain:  # noqa: PT011
        f(A)
    mro = [t for t in type(plain.value).__mro__ if t in (IndexError, ValueError, TypeError, ZeroDivisionError)]
    with pytest.raises(tuple(mro)):
        d(lambda t: np.sum(f(t * A)))(1.0)


def test_lists_of_traced_numbers_and_lists_beside_them():
    x = np.array([1.0, 2.0])
    for f in (
        lambda x: np.sum([x[0], x[1] ** 2]), lambda x: np.dot([1.0, 2.0], x), lambda x: np.outer(x, [1.0, 2.0])[1, 1],
        lambda x: np.einsum("i,i", [1.0, 3.0], x), lambda x: np.cross([1.0, 0.0, 0.0], [x[0], x[1], 0.0])[2],
        lambda x: np.kron([1.0, 2.0], x)[3], lambda x: np.interp(0.5, [0.0, 1.0], x),
        lambda x: np.polyval([x[0], 1.0], 2.0),
        lambda x: np.append(x, [1.0, 2.0]) @ [1.0, 2.0, 3.0, 4.0], lambda x: np.max([x[0], 0.5]) + builtins.max(x),
        lambda x: builtins.sum(x) + builtins.min(x[0], 3.0), lambda x: np.trapezoid([x[0], x[1], 1.0]),
        lambda x: np.insert(x, 1, [5.0])[0], lambda x: np.where([True, False], x, 0.0)[0],
    ):  # fmt: skip
        g, h = grad(f)(x), 1e-6
        steps = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(2)]
        np.testing.assert_allclose(g, np.array(steps, float), atol=1e-8)


def test_vectorize_takes_traced_arrays():
    f = np.vectorize(lambda t: t * t if t > 0 else -t)
    assert grad(lambda x: np.sum(f(x)))(np.array([1.5, -2.0])).tolist() == [3.0, -1.0]


def test_options_of_dtype_and_out():
    x = np.array([1.0, 2.0], np.float32)
    y, dy = jvp(lambda x: np.sum(x, dtype=np.float64), x, x)
    assert y.dtype == dy.dtype == np.float64
    assert grad(lambda x: np.sum(x, dtype=np.float64))(x).dtype == np.float32
    with pytest.raises(ADError, match="Write: "):
        grad(lambda x: np.sum(x, None, None, np.zeros(())))(x)
    with pytest.raises(ConversionError):
        grad(lambda x: np.sum(x, dtype=int))(x)
    with pytest.raises(ADError, match="order"):
        grad(lambda x: np.sum(np.ravel(x, order="K")))(x)


def test_methods_are_the_functions_of_their_name():
    x = np.array([[3.0, 1.0], [2.0, 5.0]])
    for f in (
        lambda x: x.cumsum(1), lambda x: x.take([1, 0], axis=0), lambda x: x.diagonal(1), lambda x: x.trace(),
        lambda x: x.repeat(2, 0), lambda x: x.swapaxes(0, 1), lambda x: x.conj(), lambda x: x.mT, lambda x: x.flat[2],
        lambda x: x.compress([True, False], axis=1), lambda x: x.flatten("F"), lambda x: x.clip(2.0, None),
        lambda x: x.argsort(0) * x, lambda x: x.searchsorted(2.0) if x.ndim == 1 else x.round() * x, lambda x: x.dot(x),
        lambda x: x[x.nonzero()] * x.any() * x.all(), lambda x: x * x.argmax() * x.itemsize * x.nbytes,
        lambda x: x.std(ddof=1), lambda x: x.real + x.imag, lambda x: x.prod(0),
        lambda x: x.ravel("F").reshape(2, -1, order="F"),
    ):  # fmt: skip
        y, dy = jvp(f, x, np.cos(x))
        np.testing.assert_allclose(y, f(x), rtol=1e-14)
        h = 1e-6
        np.testing.assert_allclose(dy, (f(x + h * np.cos(x)) - f(x - h * np.cos(x))) / (2 * h), atol=1e-7)
    for lost in (lambda x: x.tolist(), lambda x: x.item(0), lambda x: x.tobytes()):
        with pytest.raises(ConversionError, match="Write: "):
            grad(lambda x, lost=lost: lost(x))(x)


@pytest.mark.parametrize("seed", range(3))
def test_products_agree_with_each_other(seed):
    """One contraction by every function that can say it: gradients agree to the last digits."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 4, 3))
    w = rng.normal(size=(4, 4))
    ways = [
        lambda x: np.sum(w * (x @ y.T)), lambda x: np.sum(w * np.inner(x, y)), lambda x: np.einsum("ij,kj,ik", x, y, w),
        lambda x: np.vdot(w, np.tensordot(x, y, (1, 1))), lambda x: np.sum(w * np.vecdot(x[:, None], y)),
        lambda x: np.trace(w.T @ np.dot(x, y.T)), lambda x: np.einsum("ij,kj,ik", x, y, w, optimize=True),
    ]  # fmt: skip
    for f in ways:
        np.testing.assert_allclose(grad(f)(x), w @ y, rtol=1e-13, atol=1e-14)


def test_the_cost_of_a_long_product_is_linear():
    """A million factors in a tree of twenty levels: no row per factor."""
    from adcourse import record

    assert len(record(np.prod, np.ones(2**12 + 1))) < 150
    assert len(record(np.cumprod, np.ones(2**12 + 1))) < 300
