"""Hyper-dual numbers: exact second derivatives, entry by entry and mixed, alone and among the other modes."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse import Dual, HyperDual, Taylor, derivative, grad, hessian, jvp
from adcourse.core.errors import ConversionError, InputError

from .device import DeviceArray, to_host
from .examples import EXAMPLES, draw

EIGHTHS = st.integers(-64, 64).map(lambda n: n / 8)  # sums and products of a few of them are exact
HYPERDUALS = st.builds(HyperDual, EIGHTHS, EIGHTHS, EIGHTHS, EIGHTHS)
CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


def fike_and_alonso(x, m=np):
    return m.exp(x) / m.sqrt(m.sin(x) ** 3 + m.cos(x) ** 3)


def test_fike_and_alonso():
    y = fike_and_alonso(HyperDual(1.5, 1, 1))
    assert f"{y.e1:.14f} {y.e2:.14f} {y.e12:.14f}" == "4.05342789389862 4.05342789389862 9.46307368159660"


@pytest.mark.parametrize("x", [-0.5, 0.1, 0.7, 1.5, 2.0])
def test_against_fifty_digits(x):
    y = fike_and_alonso(HyperDual(x, 1, 1))
    with mpmath.workdps(50):
        exact = [float(mpmath.diff(lambda t: fike_and_alonso(t, mpmath), mpmath.mpf(x), k)) for k in range(3)]
    assert [y.value, y.e1, y.e12] == pytest.approx(exact, rel=1e-14, abs=1e-15)


# ------------------------------------------------------------------------------ arithmetic, to the last bit


def parts(x):
    return tuple(map(Fraction, (x.value, x.e1, x.e2, x.e12)))


@given(HYPERDUALS, HYPERDUALS)
def test_the_ring(x, y):
    """The formulas of sum, difference and product, in exact rational numbers."""
    (a, a1, a2, a12), (b, b1, b2, b12) = parts(x), parts(y)
    assert parts(x + y) == (a + b, a1 + b1, a2 + b2, a12 + b12)
    assert parts(x - y) == (a - b, a1 - b1, a2 - b2, a12 - b12)
    assert parts(x * y) == (a * b, a1 * b + a * b1, a2 * b + a * b2, a12 * b + a1 * b2 + a2 * b1 + a * b12)
    assert parts(x * 2.0) == parts(2 * x) == parts(x + x)
    assert parts(-x) == parts(0 - x)


@given(HYPERDUALS, st.integers(-3, 3).map(lambda n: 2.0**n))
def test_division_by_powers_of_two_is_exact(x, b):
    """(1/y)'' has only divisions by powers of two when y is one."""
    y = HyperDual(b, 1, 1)
    assert parts(x / y * y) == parts(x)
    assert parts((x / y) * y - x) == (0, 0, 0, 0)


@given(EIGHTHS, st.integers(0, 7))
def test_powers(x, n):
    y = HyperDual(x, 1, 1) ** n
    a = Fraction(x)
    exact = a**n, n * a ** max(n - 1, 0), n * (n - 1) * a ** max(n - 2, 0)
    assert (y.value, y.e1, y.e2, y.e12) == pytest.approx(tuple(map(float, (*exact[:2], *exact[1:]))), rel=4e-15)


def test_four_products_give_the_mixed_part():
    assert repr((3.0 + HyperDual(0, 1, 0) + HyperDual(0, 0, 1)) ** 2) == "HyperDual(9.0, 6.0, 6.0, 2.0)"
    eps1, eps2 = HyperDual(0, 1), HyperDual(0, 0, 1)
    assert parts(eps1 * eps1) == parts(eps2 * eps2) == (0, 0, 0, 0)
    assert parts(eps1 * eps2) == (0, 0, 0, 1)


# ------------------------------------------------------------------------------ the table, walked


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_every_rule_against_nested_dual_numbers(call, domains, shapes):
    """e1 and e2 in two directions u and v: the result is f, f'u, f'v and f''uv."""
    rng = np.random.default_rng(len(shapes) + sum(map(len, shapes)))
    x, u, v = (draw(rng, domains, shapes) for _ in range(3))

    def f(*args):  # curved, so that a linear rule has a second derivative too
        return np.sin(call(*args))

    z = f(*map(HyperDual, x, u, v))
    y, fu = jvp(f, tuple(x), tuple(u))
    fv, fuv = jvp(lambda *a: jvp(f, a, tuple(v))[1], tuple(x), tuple(u))
    for found, expected in zip((z.value, z.e1, z.e2, z.e12), (y, fu, fv, fuv), strict=True):
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


# ------------------------------------------------------------------------------ among the other modes


def third(f):
    """Third derivatives of f in six ways, each with hyper-dual numbers inside or outside."""
    slope = lambda g: lambda x: jvp(g, (x,), (1.0,))[1]
    second = lambda g: lambda x: g(HyperDual(x, 1, 1)).e12
    by_hand = lambda g: lambda x: g(Dual(x, 1.0)).tangent
    series = lambda g: lambda x: g(Taylor([x, 1.0])).coefficients[1]
    for first in (grad, slope, derivative, by_hand, series):
        yield first(second(f))
        yield second(first(f))


def test_under_and_over_every_mode():
    x = 0.8
    with mpmath.workdps(50):
        exact = float(mpmath.diff(lambda t: fike_and_alonso(t, mpmath), mpmath.mpf(x), 3))
    found = [d3(x) for d3 in third(fike_and_alonso)]
    assert found == pytest.approx([exact] * 10, rel=1e-13)


def test_fourth_derivative_by_two():
    second = lambda g: lambda x: g(HyperDual(x, 1, 1)).e12
    assert second(second(lambda x: x**5))(2.0) == 240.0
    assert second(second(np.sin))(0.3) == pytest.approx(np.sin(0.3), rel=1e-14)


def test_gradient_and_hessian_of_a_hyperdual():
    f = lambda x: np.sum(np.sin(x) * x[::-1])
    x, u, v = np.array([0.3, -0.8, 1.2]), np.array([1.0, 2.0, -1.0]), np.array([0.5, 0.0, 1.0])
    g = grad(f)(HyperDual(x, u, v))
    H = hessian(f)(x)
    np.testing.assert_allclose(g.e1, H @ u, rtol=1e-14)
    np.testing.assert_allclose(g.e2, H @ v, rtol=1e-14)
    third = jvp(lambda x: hessian(f)(x) @ u, (x,), (v,))[1]
    np.testing.assert_allclose(g.e12, third, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(f(HyperDual(x, u, v)).e12, u @ H @ v, rtol=1e-14)


def test_programs_with_branches_loops_and_writes():
    def f(x):
        y = np.zeros_like(x)
        for i in range(len(x)):
            y[i] = x[i] ** 3 if x[i] > 0 else np.cos(x[i])
        y[1:] *= x[:-1]
        return np.sum(np.where(y > 0.5, y, np.exp(y)))

    x = np.array([0.4, -1.0, 2.0, 0.1])
    H = hessian(f)(x)
    for i, u in enumerate(np.eye(4)):
        for j, v in enumerate(np.eye(4)):
            assert f(HyperDual(x, u, v)).e12 == pytest.approx(H[i, j], rel=1e-14, abs=1e-14)


# ------------------------------------------------------------------------------ making one


def test_parts_take_on_the_shape_and_dtype_of_the_value():
    x = HyperDual(np.ones((2, 3), np.float32), 1, np.full((2, 3), 2.0))
    assert [(p.shape, p.dtype) for p in x.parts] == [((2, 3), np.float32)] * 4
    assert [(p.shape, p.dtype) for p in np.exp(x * 2).parts] == [((2, 3), np.float32)] * 4
    assert [type(p) for p in HyperDual(1, 1).parts] == [float] * 4
    assert repr(HyperDual(1, 2)) == "HyperDual(1.0, 2.0, 0.0, 0.0)"
    a = grad(lambda a: np.sum(HyperDual(np.ones(3), a, a).e1))(2.0)
    assert a == 3.0


@pytest.mark.parametrize(
    "given", [("x",), (1j,), (True,), (None,), ([1.0],), (1.0, np.ones(2)), (np.ones(2), np.ones(3)), (1.0, 0, 0, "x")]
)
def test_what_is_refused(given):
    with pytest.raises(InputError):
        HyperDual(*given)


def test_a_number_made_by_hand_is_no_plain_number():
    with pytest.raises(ConversionError):
        float(HyperDual(1.0))
    with pytest.raises(InputError, match=r"return y\.value"):
        grad(lambda x: HyperDual(x, 1) * x)(1.0)
    x = HyperDual(1.0, 1, 1)
    with pytest.raises(AttributeError, match="Make it inside"):
        grad(lambda a: (a * x).e12)(1.0)


def test_on_a_device():
    x = np.array([0.3, 1.1, 2.0])
    f = lambda x: np.sum(np.exp(x) * x[::-1] / (1 + x * x))
    host, device = f(HyperDual(x, 1, 1)), f(HyperDual(DeviceArray(x), 1, 1))
    assert [float(to_host(p)) for p in device.parts] == pytest.approx([float(p) for p in host.parts], rel=1e-14)
