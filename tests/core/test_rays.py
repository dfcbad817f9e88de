"""Derivatives along rays and mixed partials from them: in exact fractions, against SymPy and nested transforms."""

import math
import random
from fractions import Fraction
from itertools import permutations, product

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import (
    derivative,
    derivative_tensor,
    directional_derivatives,
    grad,
    hessian,
    jacobian,
    jvp,
    mixed_partial,
    taylor,
)
from adcourse.core import rays
from adcourse.core.errors import DomainError, InputError
from adcourse.core.rays import along, interpolation

from .device import DeviceArray, to_host
from .examples import EXAMPLES, draw

CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]
ORDERS = st.lists(st.integers(0, 4), min_size=1, max_size=4).filter(lambda i: sum(i) <= 7).map(tuple)


# ------------------------------------------------------------------------------ the interpolation, in fractions


@settings(deadline=None)
@given(ORDERS, st.randoms(use_true_random=False))
def test_interpolation_is_exact(orders, rng):
    """Of a random form of degree d = |i|, from its values at the rays: the coefficient that i asks for."""
    d, n = sum(orders), len(orders)
    form = {m: Fraction(rng.randint(-9, 9), rng.randint(1, 9)) for m in product(range(d + 1), repeat=n) if sum(m) == d}
    value = lambda j: sum(c * math.prod(a**e for a, e in zip(j, m, strict=True)) for m, c in form.items())
    found = sum(weight * value(j) for j, weight in interpolation(orders).items())
    assert found == form[orders] * math.prod(map(math.factorial, orders))


def test_the_weights_of_a_mixed_second_derivative():
    """f_xy = f_2(1, 1) - (f_2(2, 0) + f_2(0, 2)) / 4, and a pure derivative needs its own ray alone."""
    assert interpolation((1, 1)) == {(1, 1): 1, (2, 0): Fraction(-1, 4), (0, 2): Fraction(-1, 4)}
    for d in range(1, 9):
        assert interpolation((0, d, 0)) == {(0, d, 0): Fraction(math.factorial(d), d**d)}
    assert interpolation((0, 0)) == {(0, 0): 1}


@pytest.mark.parametrize("orders", [(2, 1, 0), (1, 3), (1, 1, 2)])
def test_weights_are_symmetric_in_the_variables(orders):
    for p in permutations(range(len(orders))):
        turn = lambda v, p=p: tuple(v[k] for k in p)
        assert interpolation(turn(orders)) == {turn(j): w for j, w in interpolation(orders).items()}


# ------------------------------------------------------------------------------ against SymPy


SYMBOLS = sp.symbols("x y z")
EXPRESSIONS = [
    "exp(x*y)*sin(z)", "log(1 + x**2 + y*z)", "(x + 2*y)**3*z**2 - x*y*z", "sqrt(x + y + z)/(1 + x*y)",
    "tanh(x*z) + atan(y*z)", "x**y*z", "cosh(x - y)/z", "1/(x**2 + y**2 + z**2)",
]  # fmt: skip
X = np.array([0.5, 0.75, 1.25])


@pytest.mark.parametrize(
    "orders", [(1, 0, 0), (1, 1, 0), (2, 0, 1), (1, 1, 1), (0, 3, 0), (2, 1, 2), (0, 2, 4), (3, 3, 0)]
)
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_transcendental_functions(text, orders):
    expression = sp.sympify(text)
    f = sp.lambdify([SYMBOLS], expression, "numpy")
    exact = sp.diff(expression, *[(s, k) for s, k in zip(SYMBOLS, orders, strict=True) if k])
    exact = float(exact.subs(dict(zip(SYMBOLS, map(sp.Rational, X), strict=True))).evalf(30))
    size = abs(derivative_tensor(f, X, sum(orders))).max()
    assert mixed_partial(f, X, orders) == pytest.approx(exact, rel=1e-12, abs=1e-13 * size)


@pytest.mark.parametrize("seed", range(4))
def test_random_polynomials(seed):
    """All partials of orders 0 to 6 in three variables, against exact rational ones."""
    rng = random.Random(seed)
    monomials = [m for m in product(range(6), repeat=3) if sum(m) <= 6]
    terms = {m: rng.randint(-5, 5) for m in rng.sample(monomials, 12)}
    f = lambda x: sum(c * x[0] ** i * x[1] ** j * x[2] ** k for (i, j, k), c in terms.items())
    polynomial = sp.Poly(terms, *SYMBOLS)
    for d in range(7):
        T = derivative_tensor(f, X, d)
        assert T.shape == (3,) * d
        for at in product(range(3), repeat=d):
            exact = polynomial
            for k in at:
                exact = exact.diff(SYMBOLS[k])
            assert T[at] == pytest.approx(float(exact.eval(tuple(map(sp.Rational, X)))), rel=1e-11, abs=1e-10)


# ------------------------------------------------------------------------------ against nested transforms


def curved(x):
    return np.exp(np.sin(x[0] * x[len(x) // 2]) + x[-1] ** 2) * np.linalg.norm(x)


def system(x):
    return np.linalg.solve(np.outer(x, x) + np.diag(np.arange(1.0, len(x) + 1)), np.cos(x))


def field(x):
    return np.stack([x * x[0], np.tanh(x)[::-1]])


def program(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] ** 3 if x[i] > 0 else np.cos(x[i])
    y[1:] *= x[:-1]
    return np.sort(y)[::-1] * np.max(x)


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("f", [curved, system, field, program])
def test_jacobian_and_hessian_and_the_next(f, n):
    x = np.random.default_rng(n).uniform(0.2, 1.0, n) * (-1.0) ** np.arange(n)
    nested = f
    for order in range(4):
        T = derivative_tensor(f, x, order)
        assert T.shape == np.shape(f(x)) + (n,) * order
        expected = nested(x)
        np.testing.assert_allclose(T, expected, rtol=1e-11, atol=1e-12 * abs(expected).max())
        nested = jacobian(nested)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_symmetric_to_the_last_bit(order):
    T = derivative_tensor(field, np.array([0.3, -0.8, 1.1]), order)
    for p in permutations(range(order)):
        assert np.array_equal(T, np.transpose(T, (0, 1, *(2 + k for k in p))))


def test_a_tensor_contracted_with_a_direction_is_the_derivative_along_it():
    x, v = np.array([0.3, -0.8, 1.1]), np.array([1.0, 0.5, -2.0])
    series = taylor(curved, x, 6, v)
    for d in range(7):
        T = derivative_tensor(curved, x, d)
        for _ in range(d):
            T = T @ v
        assert pytest.approx(series.derivatives[d], rel=1e-10) == T


def test_within_other_modes():
    x, v = np.array([0.3, -0.8, 1.1]), np.array([1.0, 0.5, -2.0])
    T = derivative_tensor(curved, x, 4)
    third = lambda x: mixed_partial(curved, x, (2, 0, 1))
    np.testing.assert_allclose(grad(third)(x), T[0, 0, 2], rtol=1e-10)
    np.testing.assert_allclose(jvp(third, (x,), (v,))[1], T[0, 0, 2] @ v, rtol=1e-10)
    np.testing.assert_allclose(jacobian(lambda x: derivative_tensor(curved, x, 2))(x), derivative_tensor(curved, x, 3))
    g = lambda x: grad(curved)(x)[1]
    assert mixed_partial(g, x, (2, 0, 1)) == pytest.approx(T[0, 0, 1, 2], rel=1e-10)
    assert mixed_partial(lambda x: hessian(curved)(x)[0, 1], x, (1, 0, 1)) == pytest.approx(T[0, 0, 1, 2], rel=1e-10)
    scaled = derivative(lambda a: mixed_partial(lambda x: curved(a * x), x, (1, 1, 0)))(1.0)
    xy = derivative_tensor(curved, x, 2)[0, 1]
    assert scaled == pytest.approx(2 * xy + derivative_tensor(curved, x, 3)[0, 1] @ x, rel=1e-10)


# ------------------------------------------------------------------------------ along several directions


def nested_jvp(f, x, v, order):
    """The derivative along v, ``order`` times over."""
    for _ in range(order):
        f = lambda x, f=f: jvp(f, (x,), (v,))[1]
    return f(x)


@pytest.mark.parametrize("order", range(5))
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 2)])
def test_directional_derivatives_are_nested_jvps(shape, order):
    rng = np.random.default_rng()
    f = lambda x: np.stack([np.exp(np.sum(x) / 2), np.sum(np.sin(x) * np.ravel(x)[0])])
    x, directions = rng.normal(size=shape), rng.normal(size=(5, *shape))
    x = x if shape else float(x)
    found = directional_derivatives(f, x, directions, order)
    assert type(found) is np.ndarray and found.shape == (5, 2)
    expected = [nested_jvp(f, x, v if shape else float(v), order) for v in directions]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(directional_derivatives(f, x, directions.tolist(), order), found)


@pytest.mark.parametrize("order", [0, 1, 2, 7, 20, 170, 300])
def test_directional_derivatives_of_a_wave(order):
    """Of sin(k x): (k v)^d sin(k x + d pi / 2), in 30 digits; also where d! is no float."""
    k, x, directions = np.array([0.5, -1.25]), np.array([0.75, 0.5]), np.array([[1.0, 0.0], [0.5, 2.0], [-3.0, 1.5]])
    found = directional_derivatives(lambda x: np.sin(k @ x), x, directions, order)
    with mpmath.workdps(30):
        wave = mpmath.sin(mpmath.mpf(k @ x) + order * mpmath.pi / 2)
        expected = [float(mpmath.mpf(k @ v) ** order * wave) for v in directions]
    np.testing.assert_allclose(found, expected, rtol=1e-13 * (1 + order))


@pytest.mark.parametrize("order", range(1, 6))
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_directional_derivatives_of_expressions(text, order):
    """Those of f(x0 + t v), which SymPy differentiates by t."""
    expression, t = sp.sympify(text), sp.Symbol("t")
    directions = np.array([[1.0, 0.0, 0.0], [1.0, -0.5, 2.0], [0.0, 0.25, 0.5]])
    found = directional_derivatives(sp.lambdify([SYMBOLS], expression, "numpy"), X, directions, order)
    for v, mine in zip(directions, found, strict=True):
        line = {s: sp.Rational(a) + t * sp.Rational(b) for s, a, b in zip(SYMBOLS, X, v, strict=True)}
        exact = float(sp.diff(expression.subs(line, simultaneous=True), t, order).subs(t, 0).evalf(30))
        assert mine == pytest.approx(exact, rel=1e-11, abs=1e-13 * abs(found).max())


def test_directional_derivatives_contract_the_tensor():
    directions = np.random.default_rng().normal(size=(4, 3))
    T = derivative_tensor(field, X, 3)
    found = directional_derivatives(field, X, directions, 3)
    np.testing.assert_allclose(found, np.einsum("abijk,ri,rj,rk->rab", T, *[directions] * 3), rtol=1e-9, atol=1e-9)


def test_directions_go_together():
    runs = []

    def f(x):
        runs.append(1)
        return np.sum(np.sin(x) ** 2)

    directional_derivatives(f, X, np.random.default_rng().normal(size=(50, 3)), 4)
    assert len(runs) == 1


def test_directional_derivatives_within_other_modes():
    x, directions = np.array([0.3, -0.8, 1.1]), np.random.default_rng().normal(size=(2, 3))
    third = derivative_tensor(curved, x, 3)
    slope = jacobian(lambda x: directional_derivatives(curved, x, directions, 2))(x)
    np.testing.assert_allclose(slope, np.einsum("ijk,ri,rj->rk", third, directions, directions), rtol=1e-10)
    by_direction = grad(lambda v: directional_derivatives(curved, x, v, 2)[1])(directions)
    np.testing.assert_allclose(by_direction, [np.zeros(3), 2 * hessian(curved)(x) @ directions[1]], rtol=1e-10)
    cubic = taylor(lambda x: directional_derivatives(lambda x: np.sum(x**3), x, directions, 1), x, 2)
    np.testing.assert_allclose(cubic.derivatives[2], 6 * np.sum(directions, axis=1), rtol=1e-12)


def test_forms_of_directional_derivatives():
    f = lambda x, p: {"a": p["s"] * np.sum(x**2), "b": (x * p["s"] ** 2,)}
    x0 = np.array([1.0, 2.0]), {"s": 3.0}
    found = directional_derivatives(f, x0, (np.eye(2), {"s": [0.0, 1.0]}), 1)
    assert found["a"].tolist() == [2 * 3.0 * 1.0, 2 * 3.0 * 2.0 + 5.0]
    assert found["b"][0].tolist() == [[9.0, 0.0], [6.0, 9.0 + 12.0]]
    assert directional_derivatives(lambda x: 5.0, X, np.eye(3), 1).tolist() == [0.0, 0.0, 0.0]
    assert directional_derivatives(curved, X, np.eye(3)[:1], 0).tolist() == [curved(X)]
    assert directional_derivatives(lambda x: x**3, np.array([1, 2]), np.eye(2, dtype=int), 2).tolist() == [
        [6, 0],
        [0, 12],
    ]
    assert directional_derivatives(np.exp, np.float32(0.5), np.ones(2), 3).dtype == np.float32
    on_device = directional_derivatives(lambda x: x[0] ** 3 * np.sum(x), DeviceArray(X), np.eye(3), 2)
    np.testing.assert_allclose(to_host(on_device), [6 * 0.5 * np.sum(X) + 6 * 0.25, 0.0, 0.0], rtol=1e-14)


# ------------------------------------------------------------------------------ the rays go together


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_every_rule_takes_many_rays(call, domains, shapes):
    """Together, rays give what each gives alone."""
    rng = np.random.default_rng(len(shapes) + sum(map(len, shapes)))
    x = tuple(draw(rng, domains, shapes))
    v = tuple(rng.normal(size=(3, *np.shape(a))) for a in x)
    f = lambda *args: np.sin(call(*args))
    together = along(f, x, v, 3)
    for k in range(3):
        alone = taylor(f, x, 3, tuple(d[k] if d.ndim > 1 else float(d[k]) for d in v)).coefficients
        np.testing.assert_allclose(together[:, k], np.stack(alone), rtol=1e-9, atol=1e-10)


def test_one_run_of_the_program():
    runs = []

    def f(x):
        runs.append(1)
        return np.sum(np.sin(x) @ np.outer(x, x))

    derivative_tensor(f, np.arange(1.0, 6.0), 3)
    assert len(runs) == 1
    found = along(f, np.arange(1.0, 6.0), np.eye(5), 2)
    assert found.shape == (3, 5)
    np.testing.assert_allclose(found[0], f(np.arange(1.0, 6.0)), rtol=1e-14)
    np.testing.assert_allclose(found[1], grad(f)(np.arange(1.0, 6.0)), rtol=1e-12)
    np.testing.assert_allclose(found[2] * 2, np.diag(hessian(f)(np.arange(1.0, 6.0))), rtol=1e-12)


def test_more_rays_than_memory_holds_go_in_parts(monkeypatch):
    x = np.array([0.3, -0.8, 1.1])
    T = derivative_tensor(system, x, 3)
    monkeypatch.setattr(rays, "AT_ONCE", 3 * 4 * 4)
    np.testing.assert_allclose(derivative_tensor(system, x, 3), T, rtol=1e-12, atol=1e-12)


def test_where_each_ray_needs_its_own_way():
    """sin(x)/x loses an order along each ray on which x moves, and has no series along one on which it rests."""
    f = lambda x: np.sin(x[0]) / x[0] * np.exp(x[1]) + np.sin(x[1]) / x[1]
    x = np.array([0.0, 1.0])
    assert mixed_partial(f, x, (4, 0)) == pytest.approx(np.e / 5, rel=1e-14)
    with pytest.raises(DomainError):
        mixed_partial(f, x, (2, 1))

    def question(x):  # of the second coefficient, which is the ray's own
        t = jvp(np.sin, (x[0],), (x[1],))[1]
        return x[0] * t if x[1] > 0 else -t

    T = derivative_tensor(question, x, 2)
    np.testing.assert_allclose(T, hessian(question)(x), atol=1e-15)


# ------------------------------------------------------------------------------ forms, dtypes, what is refused


def test_forms():
    assert mixed_partial(lambda x, y: x**3 * y**2, (1.0, 2.0), (1, 2)) == 6.0
    assert mixed_partial(np.sin, 0.3, 3) == pytest.approx(-np.cos(0.3), rel=1e-15)
    assert type(mixed_partial(np.sin, 0.3, 3)) is float
    assert mixed_partial(curved, X, (0, 0, 0)) == curved(X)
    matrix = np.array([[2.0, 1.0], [0.5, 3.0]])
    assert mixed_partial(np.linalg.det, matrix, [[1, 0], [0, 1]]) == pytest.approx(1.0, rel=1e-14)
    np.testing.assert_allclose(derivative_tensor(np.linalg.det, matrix, 2), hessian(np.linalg.det)(matrix), atol=1e-14)
    two = derivative_tensor(lambda x, y: {"a": x**2 * y, "b": (y * np.ones(2),)}, (2.0, 3.0), 2)
    assert two["a"].tolist() == [[6.0, 4.0], [4.0, 0.0]]
    assert two["b"][0].shape == (2, 2, 2)
    f = lambda x, a: a**2 * np.prod(x) ** 3
    assert mixed_partial(f, (np.ones(2), 3.0), ((1, 2), 1)) == pytest.approx(3 * 6 * 6, rel=1e-13)
    assert mixed_partial(f, (np.ones(2), 3.0), (np.array([1, 2]), 1)) == mixed_partial(f, (np.ones(2), 3.0), [1, 2, 1])
    T = derivative_tensor(lambda x, a: a * np.sum(x**2), (np.ones(2), 3.0), 2)
    assert T.tolist() == [[6.0, 0.0, 2.0], [0.0, 6.0, 2.0], [2.0, 2.0, 0.0]]
    assert derivative_tensor(lambda x: 5.0, X, 2).tolist() == np.zeros((3, 3)).tolist()


def test_dtypes_and_devices():
    x = np.array([0.5, 0.25], np.float32)
    f = lambda x: np.exp(x[0] * x[1])
    assert derivative_tensor(f, x, 2).dtype == mixed_partial(f, x, (1, 1)).dtype == np.float32
    assert derivative_tensor(lambda x: x**3, np.array([1, 2]), 1).tolist() == [[3.0, 0.0], [0.0, 12.0]]
    T = derivative_tensor(lambda x: np.sum(x**3) * x[0], DeviceArray(X), 3)
    np.testing.assert_allclose(to_host(T), derivative_tensor(lambda x: np.sum(x**3) * x[0], X, 3), rtol=1e-14)


@pytest.mark.parametrize("orders", [(1, 1), (1, 1, 1, 1), (1, -1, 1), (1, 0.5, 1), (1, "x", 1), 1, None, (True, 1, 1)])
def test_orders_that_are_refused(orders):
    with pytest.raises(InputError, match="each number of x0 has one order"):
        mixed_partial(curved, X, orders)


@pytest.mark.parametrize("order", [-1, 1.5, None, True])
def test_an_order_that_is_refused(order):
    with pytest.raises(InputError):
        derivative_tensor(curved, X, order)
    with pytest.raises(InputError, match="orders count 0, 1, 2"):
        directional_derivatives(curved, X, np.eye(3), order)


def test_directions_of_another_shape_are_refused():
    for v in (np.eye(2), np.ones((2, 3, 1)), np.ones(3)):
        with pytest.raises(InputError):
            along(curved, X, v, 2)
    for x0, v in (
        (X, np.eye(2)), (X, X), (X, np.zeros((0, 3))), (X, 1.0), (0.5, 1.0), (0.5, [[1.0]]),
        ((X, 0.5), (np.eye(3), [1.0, 2.0])), ((), ()),
    ):  # fmt: skip
        with pytest.raises(InputError, match="one axis that counts them"):
            directional_derivatives(lambda *x: 1.0, x0, v, 1)
    for x0, v in (((X,), np.eye(3)), ((X, 0.5), (np.eye(3),)), ([0.5, 1.0], {"a": [1.0], "b": [1.0]})):
        with pytest.raises(InputError, match="same tuples, lists and dicts"):
            directional_derivatives(lambda *x: 1.0, x0, v, 1)


def test_other_input_that_is_refused():
    for call in (
        lambda: mixed_partial(3.0, X, (1, 0, 0)),
        lambda: derivative_tensor(curved(X), X, 1),
        lambda: mixed_partial(np.sin, "x", 1),
        lambda: derivative_tensor(np.sin, 1j, 1),
        lambda: derivative_tensor(lambda x: None, X, 1),
        lambda: directional_derivatives(curved(X), X, np.eye(3), 1),
        lambda: directional_derivatives(curved, "x", np.eye(3), 1),
        lambda: directional_derivatives(curved, X, np.eye(3) > 0, 1),
        lambda: directional_derivatives(curved, X, 1j * np.eye(3), 1),
        lambda: directional_derivatives(curved, X, None, 1),
    ):
        with pytest.raises(InputError):
            call()
