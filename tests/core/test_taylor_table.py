"""Walk the table: every example of every rule in Taylor mode, against nested forward mode."""

import math
from fractions import Fraction

import numpy as np
import pytest

from adcourse import Taylor, grad, jvp, taylor
from adcourse.core.rules import RULES
from adcourse.core.tree import flatten

from .examples import EXAMPLES, draw
from .test_rules import ELEMENTWISE

ORDER = 4
CASES = [
    pytest.param(name, call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


def curve(rng, x, degree=4):
    """A polynomial in t with the value x at 0 and otherwise random coefficients."""
    steps = [0.2 * rng.uniform(-1.0, 1.0, np.shape(x)) for _ in range(degree)]
    steps = steps if np.shape(x) else [float(s) for s in steps]

    def at(t):
        y = steps[-1]
        for s in [*steps[-2::-1], x]:
            y = s + t * y
        return y

    return at


def nested(f, order):
    """f^(k)(0) for k = 0 ... order by forward mode of forward mode of ..."""

    def raised(f):
        return lambda t: jvp(f, (t,), (1.0,))

    for _ in range(order):
        f = raised(f)
    leaves = flatten(f(0.0))[0]
    return [leaves[2**k - 1] for k in range(order + 1)]


@pytest.mark.parametrize("name, call, domains, shapes", CASES)
def test_against_nested_first_derivatives(name, call, domains, shapes, request):
    rng = np.random.default_rng(len(request.node.name))
    curves = [curve(rng, x) for x in draw(rng, domains, shapes)]

    def f(t):
        return call(*(at(t) for at in curves))

    found, expected = taylor(f, 0.0, ORDER), nested(f, ORDER)
    assert isinstance(found, Taylor) and found.order == ORDER
    assert [np.shape(c) for c in found.coefficients] == [np.shape(expected[0])] * (ORDER + 1)
    scale = max(np.max(np.abs(d), initial=0.0) / math.factorial(k) for k, d in enumerate(expected))
    for k, (c, d, e) in enumerate(zip(found.coefficients, found.derivatives, expected, strict=True)):
        np.testing.assert_allclose(d, e, rtol=1e-9, atol=1e-11 * math.factorial(k) * scale, err_msg=f"k = {k}")
        np.testing.assert_allclose(math.factorial(k) * c, d, rtol=1e-15)


@pytest.mark.parametrize("name, call, domains, shapes", CASES)
def test_the_argument_itself_is_a_series(name, call, domains, shapes):
    """taylor(f, x, 2, v) = f(x), J v, v^T H v / 2, for functions of several arrays."""
    rng = np.random.default_rng(5)
    x = tuple(draw(rng, domains, shapes))
    v = tuple(0.3 * rng.normal(size=np.shape(a)) if np.shape(a) else 0.3 * float(rng.normal()) for a in x)
    found = taylor(call, x, 2, v)
    y, dy = jvp(call, x, v)
    second = jvp(lambda *a: jvp(call, a, v)[1], x, v)[1]
    for c, e in zip(found.coefficients, (y, dy, second / 2), strict=True):
        scale = max(1.0, np.max(np.abs(e), initial=0.0))
        np.testing.assert_allclose(c, e, rtol=1e-10, atol=1e-12 * scale)


@pytest.mark.parametrize("name, call, domains, shapes", CASES)
def test_under_the_other_modes(name, call, domains, shapes):
    """The second coefficient c = v^T H v / 2, differentiated by the point and by v, in every mode."""
    rng = np.random.default_rng(6)
    x = tuple(draw(rng, domains, shapes))
    v, u = (tuple(0.3 * rng.normal(size=np.shape(a)) if np.shape(a) else 0.3 * float(rng.normal()) for a in x)
            for _ in range(2))  # fmt: skip
    weights, every = rng.normal(size=np.shape(call(*x))), tuple(range(len(x)))

    def c(*a):
        return np.sum(weights * taylor(call, a, 2, v).coefficients[2])

    def by_direction(*d):
        return np.sum(weights * taylor(call, x, 2, d).coefficients[2])

    def twice_forward(*a):
        return np.sum(weights * jvp(lambda *b: jvp(call, b, v)[1], a, v)[1]) / 2

    def dot_u(gradients):
        return sum(np.sum(g * b) for g, b in zip(gradients, u, strict=True))

    expected = jvp(twice_forward, x, u)[1]
    found = [jvp(c, x, u)[1], dot_u(grad(c, every)(*x)), taylor(c, x, 1, u).coefficients[1]]
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)
    v_H_u = np.sum(weights * jvp(lambda *b: jvp(call, b, v)[1], x, u)[1])
    np.testing.assert_allclose(dot_u(grad(by_direction, every)(*v)), v_H_u, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_float32_stays_float32(name):
    for call, domains, shapes in EXAMPLES[name]:
        if name in ("astype", "float_power") or any(not s for s in shapes):
            continue
        x = tuple(a.astype(np.float32) for a in draw(np.random.default_rng(7), domains, shapes))
        if call(*x).dtype != np.float32:
            continue  # the example itself mixes in float64 constants
        with np.errstate(all="ignore"):  # a pseudo-inverse with a cutoff below single precision
            assert {c.dtype for c in taylor(call, x, 3).coefficients} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE) - {"float_power"}))
def test_fractions_where_there_is_no_exact_result_become_floats(name):
    call, domains, _ = EXAMPLES[name][0]
    x = [[Fraction(4, 3) if low >= 0 and high > 1 else Fraction(1, 3), Fraction(1, 2)] for low, high in domains]
    exact, found = (call(*(Taylor([kind(c) for c in a], 6) for a in x)) for kind in (Fraction, float))
    np.testing.assert_allclose(np.array(exact.coefficients, float), found.coefficients, rtol=1e-12, atol=1e-13)


def test_arithmetic_of_fractions_is_exact():
    t = Taylor([Fraction(1, 3), Fraction(1)], 4)
    y = (1 - t * t) / (2 + t) ** 3
    assert {type(c) for c in y.coefficients} == {Fraction}
    assert (y * (2 + t) ** 3).coefficients == (1 - t * t).coefficients


ENTRYWISE = sorted({rule.function.__name__ for rule in RULES.values()} & set(EXAMPLES) & {
    "exp", "log", "sqrt", "sin", "tan", "tanh", "arcsin", "arctan", "power", "divide", "multiply", "cbrt", "logaddexp",
    "arctan2", "hypot", "expm1", "reciprocal", "square", "arcsinh", "maximum", "absolute",
})  # fmt: skip


@pytest.mark.parametrize("name", ENTRYWISE)
def test_an_array_is_a_series_for_each_entry(name):
    """taylor(f, array) with the direction left out expands around every entry."""
    call, domains, shapes = EXAMPLES[name][1]
    x = draw(np.random.default_rng(8), domains, shapes)
    together = taylor(call, tuple(x), 12)
    for i in range(3):
        alone = taylor(call, tuple(float(a[i]) for a in x), 12)
        for c, one in zip(together.coefficients, alone.coefficients, strict=True):
            np.testing.assert_allclose(c[i], one, rtol=1e-12, atol=1e-15)
