"""Taylor polynomials in several variables: identities, exact coefficients, and agreement with every other mode."""

import itertools
import math
import timeit

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.polys.ring_series import rs_atan, rs_cos, rs_exp, rs_log, rs_sin, rs_tan, rs_tanh
from sympy.polys.rings import ring

from adcourse import Dual, Taylor, TaylorN, grad, hessian, jacobian, jvp, taylor
from adcourse.core import homogeneous
from adcourse.core.errors import ADError, DomainError, InputError, NoRuleError
from adcourse.core.homogeneous import monomials, offset, rank, size

from .examples import EXAMPLES, draw


def all_terms(p):
    """The terms of a scalar polynomial with the zeros, in one array."""
    return np.concatenate(p.coefficients)


def assert_same(p, q, rtol=1e-11, atol=1e-11):
    assert p.order == q.order
    for a, b in zip(p.coefficients, q.coefficients, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


def random_polynomial(rng, n, order, centre=None):
    """Integer coefficients, so that sums and products of them are exact."""
    terms = {m: float(rng.integers(-9, 10)) for d in range(order + 1) for m in map(tuple, monomials(n, d).tolist())}
    return TaylorN(terms | ({} if centre is None else {(0,) * n: centre}), order)


# ---------------------------------------------------------------------------------------------- the layout


@given(st.integers(1, 6), st.integers(0, 7))
def test_monomials_are_all_there_and_in_order(n, d):
    rows = list(map(tuple, monomials(n, d).tolist()))
    everything = [m for m in itertools.product(range(d + 1), repeat=n) if sum(m) == d] if n * d < 25 else rows
    assert rows == sorted(everything, reverse=True)
    assert len(rows) == size(n, d) == offset(n, d + 1) - offset(n, d)
    assert rank(monomials(n, d)).tolist() == list(range(size(n, d)))


def dictionary_product(p, q, order):
    z = {}
    for a, x in p.items():
        for b, y in q.items():
            if sum(a) + sum(b) <= order:
                m = tuple(map(sum, zip(a, b, strict=True)))
                z[m] = z.get(m, 0.0) + x * y
    return {m: c for m, c in z.items() if c}


@pytest.mark.parametrize("at_once", [1, 7, 100, 10**6])
@pytest.mark.parametrize("n, order", [(1, 9), (2, 6), (3, 5), (5, 3), (9, 2)])
def test_products_are_those_of_polynomials(n, order, at_once, monkeypatch):
    monkeypatch.setattr(homogeneous, "AT_ONCE", at_once)
    rng = np.random.default_rng([n, order, at_once])
    p, q = random_polynomial(rng, n, order), random_polynomial(rng, n, order)
    assert (p * q).terms() == dictionary_product(p.terms(), q.terms(), order)
    assert (p * p).terms() == (p**2).terms() == np.square(p).terms() == dictionary_product(p.terms(), p.terms(), order)
    assert (p * q + q * p - 2 * q * p).terms() == {}


def test_products_are_much_faster_than_with_dictionaries():
    rng = np.random.default_rng()
    p, q = random_polynomial(rng, 4, 8), random_polynomial(rng, 4, 8)
    a, b = p.terms(), q.terms()
    ours, theirs = (
        min(timeit.repeat(run, number=1, repeat=3)) for run in (lambda: p * q, lambda: dictionary_product(a, b, 8))
    )
    assert 20 * ours < theirs  # 200 times, on a quiet machine


def test_eulers_four_square_identity():
    """The product of two sums of four squares is a sum of four squares: Euler to Goldbach, 4 May 1748."""
    rng = np.random.default_rng()
    v = TaylorN.variables(rng.integers(-3, 4, size=8).astype(float), 4)
    a, b = v[:4], v[4:]
    squares = np.array([
        a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3],
        a[0] * b[1] - a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
        a[0] * b[2] - a[1] * b[3] - a[2] * b[0] + a[3] * b[1],
        a[0] * b[3] + a[1] * b[2] - a[2] * b[1] - a[3] * b[0],
    ])  # fmt: skip
    left, right = np.sum(a * a) * np.sum(b**2), np.sum(squares**2)
    assert left.terms() == right.terms() and max(map(sum, left.terms())) == 4


# ---------------------------------------------------------------------------------------------- exact coefficients

T, X, Y, Z = ring("t,x,y,z", sympy.QQ)[1:]
RING = {
    "exp": (np.exp, rs_exp, 0),
    "log": (np.log, rs_log, 1),
    "sin": (np.sin, rs_sin, 0),
    "cos": (np.cos, rs_cos, 0),
    "tan": (np.tan, rs_tan, 0),
    "tanh": (np.tanh, rs_tanh, 0),
    "arctan": (np.arctan, rs_atan, 0),
}


def ring_terms(p):
    """Terms of a polynomial of SymPy's in t x, t y, t z: the power of t is the degree."""
    return {m[1:]: c for m, c in p.terms()}


@pytest.mark.parametrize("name", RING)
def test_coefficients_against_the_exact_series(name):
    f, exact, centre = RING[name]
    order = 7
    x, y, z = TaylorN.variables([0.0, 0.0, 0.0], order)
    p = f(centre + x - 2 * y + x * z / 3 + y**3)
    inner = centre + T * X - 2 * T * Y + T**2 * X * Z / 3 + T**3 * Y**3
    expected = ring_terms(exact(inner, T, order + 1))
    found = p.terms()
    for m in itertools.chain(*(map(tuple, monomials(3, d).tolist()) for d in range(order + 1))):
        assert found.get(m, 0.0) == pytest.approx(float(expected.get(m, 0)), rel=1e-12, abs=1e-13)


def test_the_geometric_series_is_exact():
    x, y, z = TaylorN.variables([0.0] * 3, 9)
    p = 1 / (1 - x - y - z)
    for m, c in p.terms().items():
        assert c == math.factorial(sum(m)) / math.prod(map(math.factorial, m))  # the multinomial coefficients
    assert len(p.terms()) == math.comb(12, 3)


def test_partials_of_a_product_of_powers():
    x, y = TaylorN.variables([2.0, -1.0], 6)
    p = x**3 * y**2
    for i, j in itertools.product(range(4), range(3)):
        exact = math.perm(3, i) * 2.0 ** (3 - i) * math.perm(2, j) * (-1.0) ** (2 - j)
        assert p.partial((i, j)) == exact == p.derivatives[i, j]
        assert p.coefficient((i, j)) == exact / (math.factorial(i) * math.factorial(j))
    assert p.partial((4, 1)) == 0.0 and (4, 1) not in p.derivatives


# ---------------------------------------------------------------------------------------------- identities


def near(rng, n, order, centre):
    x = TaylorN.variables(rng.normal(size=n), order)
    p = np.sum(np.sin(x * rng.normal(size=n))) * np.exp(x[0] / 3) + x[-1] ** 2
    return 0.3 * (p - p.value) + centre


@pytest.mark.parametrize("n, order", [(1, 12), (2, 9), (3, 6), (5, 4)])
def test_identities(n, order):
    rng = np.random.default_rng([n, order])
    f, one = near(rng, n, order, 0.8), TaylorN({(0,) * n: 1.0}, order)
    for left, right in [
        (np.exp(np.log(f)), f),
        (np.log(np.exp(f)), f),
        (np.sin(f) ** 2 + np.cos(f) ** 2, one),
        (np.cosh(f) ** 2 - np.sinh(f) ** 2, one),
        (np.tan(f), np.sin(f) / np.cos(f)),
        (np.sqrt(f) ** 2, f),
        (np.cbrt(f) ** 3, f),
        (f**2.5 * f**-2.5, one),
        (f**f, np.exp(f * np.log(f))),
        (np.arctan2(np.sin(f), np.cos(f)), f),
        (np.tanh(np.arctanh(f / 2)), f / 2),
        (np.hypot(3 * f, 4 * f), 5 * f),
        (np.abs(-f), f),
        (1 / (1 / f), f),
        (np.maximum(f, 0.0), f),
        (np.where(f > 0, f, 0.0), f),
    ]:
        assert_same(left, right, 1e-9, 1e-9)


def test_the_polynomial_approximates_the_function():
    f = lambda x: np.exp(x[0] * x[1]) / (1 + x[0] ** 2) + np.sin(x[1])
    rng = np.random.default_rng()
    x0, d = rng.uniform(-1, 1, size=2), np.array([np.cos(np.arange(40)), np.sin(np.arange(40))])
    p = f(TaylorN.variables(x0, 5))
    error = [np.max(np.abs(p(h * d) - f(x0[:, None] + h * d))) for h in (0.1, 0.05)]
    assert error[1] < error[0] / 2**5 < 1e-4  # of order 6
    many = rng.normal(size=(2, 3, 4))
    assert p(many).shape == (3, 4)
    np.testing.assert_allclose(p(many)[1, 2], p(*many[:, 1, 2]), rtol=1e-12)
    np.testing.assert_allclose(p(*many), p(many))


# ---------------------------------------------------------------------------------------------- other modes


def program(x):
    return np.array([np.sin(x[0] * x[1]) + x[2], np.prod(x), np.exp(-x[0]) / np.sum(x**2)])


def test_gradient_jacobian_and_hessian_are_those_of_the_package():
    x0 = np.random.default_rng().normal(size=3)
    p = TaylorN(program(TaylorN.variables(x0, 3)))
    assert p.shape == (3,)
    np.testing.assert_allclose(p.jacobian(), jacobian(program)(x0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(p.hessian(), hessian(program)(x0), rtol=1e-12, atol=1e-12)
    for k in range(3):
        np.testing.assert_allclose(p[k].gradient(), grad(lambda x, k=k: program(x)[k])(x0), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(p[k].hessian(), p.hessian()[k])


@pytest.mark.parametrize("seed", range(3))
def test_partials_are_nested_pushforwards(seed):
    rng = np.random.default_rng(seed)
    x0 = rng.normal(size=3)
    f = lambda x: np.exp(x[0] * x[1]) * np.cos(x[2] - x[0]) / (2 + x[1] ** 2)
    p = f(TaylorN.variables(x0, 4))
    unit = np.eye(3)
    for which in itertools.combinations_with_replacement(range(3), 4):
        g = f
        for i in which:
            g = lambda x, g=g, i=i: jvp(g, (x,), (unit[i],))[1]
        exponents = tuple(which.count(i) for i in range(3))
        assert p.partial(exponents) == pytest.approx(g(x0), rel=1e-10, abs=1e-10)


def test_the_gradient_of_a_program_as_polynomials():
    """grad of f, run on polynomials, is the derivative of the polynomial of f."""
    x0 = np.random.default_rng().normal(size=3)
    f = lambda x: np.sin(x[0] * x[1]) * np.exp(x[2]) + np.sum(x**2)
    x = TaylorN.variables(x0, 5)
    slopes, p = grad(f)(x), f(x)
    for i, name in enumerate("xyz"):
        assert p.derivative(i).order == 4
        assert_same(p.derivative(i), p.derivative(name))
        for a, b in zip(p.derivative(i).coefficients, slopes[i].coefficients, strict=False):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


def test_the_derivative_of_a_coefficient_by_a_parameter():
    f = lambda x, a: np.exp(a * x[0]) * np.sin(x[1] + a)
    x0, a = np.array([0.3, 0.7]), 1.3
    inside = lambda a: f(TaylorN.variables(x0, 4), a).partial((2, 1))
    third = lambda a: jvp(lambda s: jvp(lambda t: grad(lambda x: f(x, a))(x0 + np.array([t, 0.0]))[1], (s,), (1.0,))[1],
                          (0.0,), (1.0,))[1]  # fmt: skip
    assert inside(a) == pytest.approx(third(a), rel=1e-10)
    exact = grad(lambda a: a**2 * np.exp(a * x0[0]) * np.cos(x0[1] + a))(a)
    by_hand = lambda a: TaylorN({(0, 0): a, (1, 0): 2.0, (0, 1): a**2}, order=2)
    assert grad(lambda a: (by_hand(a) ** 2).coefficient((0, 2)))(a) == pytest.approx(4 * a**3)
    assert grad(inside)(a) == pytest.approx(exact, rel=1e-10)
    assert jvp(inside, (a,), (1.0,))[1] == pytest.approx(exact, rel=1e-10)


def test_polynomials_of_polynomials():
    f = lambda x: np.exp(x[0] * x[1]) * np.sin(x[1] - x[0])
    x0 = np.random.default_rng().uniform(-1, 1, size=2)
    nested = f(TaylorN.variables(TaylorN.variables(x0, 3), 2))
    whole = f(TaylorN.variables(x0, 5))
    assert_same(nested.partial((1, 1)), whole.derivative("x").derivative("y"))
    for a, b in zip(nested.partial((0, 1)).coefficients, whole.derivative("y").coefficients, strict=False):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)


def test_polynomials_inside_series_and_dual_numbers():
    x, y = TaylorN.variables([0.5, 2.0], 4)
    t = Taylor([0.0, 1.0], 3)
    for product in (np.exp(t * x) * y, y * np.exp(x * t)):
        for k, c in enumerate(product.coefficients):
            assert_same(c, x**k * y / math.factorial(k))
    d = np.sin(x * Dual(3.0, 1.0))
    assert_same(d.tangent, x * np.cos(3 * x))


CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_every_rule_on_a_line_is_the_series_of_one_variable(call, domains, shapes):
    rng = np.random.default_rng(5)
    order = 3
    x = tuple(draw(rng, domains, shapes))
    u, v = ([0.3 * rng.normal(size=np.shape(a)) for a in x] for _ in range(2))
    s, t = TaylorN.variables([0.0, 0.0], order, names=("s", "t"))
    a, b = rng.normal(size=2)
    p = call(*(x_k + s * u_k + t * v_k for x_k, u_k, v_k in zip(x, u, v, strict=True)))
    line = taylor(call, x, order, tuple(a * u_k + b * v_k for u_k, v_k in zip(u, v, strict=True)))
    along = Taylor([0.0, 1.0], order)
    p = p if isinstance(p, TaylorN) else TaylorN(p)
    found = p(along * a, along * b)
    for c, exact in zip(found.coefficients, line.coefficients, strict=True):
        assert np.shape(c) == np.shape(exact)
        np.testing.assert_allclose(c, exact, rtol=1e-9, atol=1e-9)


# ---------------------------------------------------------------------------------------------- linear algebra


@pytest.mark.parametrize("shape", [(3,), (3, 2)])
def test_linear_equations_of_polynomials(shape):
    rng = np.random.default_rng()
    x = TaylorN.variables(rng.normal(size=2), 5)
    A = 5 * np.eye(3) + np.sin(x[0] * rng.normal(size=(3, 3)) + x[1] * rng.normal(size=(3, 3)))
    b = np.cos(x[0] * rng.normal(size=shape)) * x[1]
    assert_same(A @ np.linalg.solve(A, b), b)
    assert_same(np.linalg.inv(A) @ b, np.linalg.solve(A, b))
    assert_same(A @ np.linalg.inv(A), np.eye(3) + 0 * A)
    expansion = sum(
        np.linalg.det(np.eye(3)[list(order)]) * A[0, order[0]] * A[1, order[1]] * A[2, order[2]]
        for order in itertools.permutations(range(3))
    )
    assert_same(np.linalg.det(A), expansion)
    assert_same(np.linalg.slogdet(A)[1], np.log(np.abs(expansion)))


def test_factorisations_of_polynomials():
    rng = np.random.default_rng()
    x = TaylorN.variables(rng.normal(size=2), 4)
    B = 4 * np.eye(3) + np.cos(x[0] * rng.normal(size=(3, 3)) + x[1] * rng.normal(size=(3, 3)))
    A = B + B.T + np.diag([10.0, 30.0, 50.0])  # the eigenvalues stay apart
    L = np.linalg.cholesky(A)
    assert_same(L @ L.T, A, 1e-9, 1e-9)
    Q, R = np.linalg.qr(B)
    assert_same(Q @ R, B, 1e-8, 1e-8)
    assert_same(Q.T @ Q, np.eye(3) + 0 * A, 1e-8, 1e-8)
    w, V = np.linalg.eigh(A)
    assert_same(V * w @ V.T, A, 1e-8, 1e-8)
    assert_same(np.sum(w), np.trace(A), 1e-9, 1e-9)


# ---------------------------------------------------------------------------------------------- composition and inverse


def to_ring(p, *variables):
    """The polynomial with exact coefficients, of these polynomials of SymPy's."""
    return sum(int(c) * math.prod(map(pow, variables, m)) for m, c in p.terms().items())


@pytest.mark.parametrize("seed", range(4))
def test_composition_against_sympy(seed):
    rng = np.random.default_rng(seed)
    order = 4
    p = random_polynomial(rng, 2, order)
    q, r = (random_polynomial(rng, 3, order, centre=0.0) for _ in range(2))
    exact = to_ring(p, to_ring(q, X, Y, Z), to_ring(r, X, Y, Z))
    expected = {m[1:]: float(c) for m, c in exact.terms() if sum(m) <= order}
    assert p(q, r).terms() == p(np.array([q, r])).terms() == p(np.stack([q, r])).terms() == expected


def test_composition_is_that_of_programs():
    rng = np.random.default_rng()
    f = lambda x: np.array([np.sin(x[0]) * x[1], np.exp(x[1] - x[0]), x[0] * x[1] ** 2])
    g = lambda x: np.array([np.cos(x[0] + x[2]) * x[1], np.log(3 + x[2] ** 2 - x[0])])
    x = TaylorN.variables(rng.normal(size=3) / 2, 5)
    inner = TaylorN(g(x))
    outer = TaylorN(f(TaylorN.variables(inner.value, 5)))
    assert_same(outer(inner - inner.value), TaylorN(f(inner)), 1e-9, 1e-9)


@pytest.mark.parametrize("n, order", [(1, 10), (2, 8), (3, 6), (4, 4)])
@pytest.mark.parametrize("seed", range(2))
def test_a_map_and_its_inverse_are_the_identity(n, order, seed):
    rng = np.random.default_rng([n, seed])
    x = TaylorN.variables(rng.normal(size=n), order)
    A = 2 * np.eye(n) + rng.uniform(-0.5, 0.5, size=(n, n))
    p = A @ x + 0.2 * np.sin(x * x[::-1]) + 0.1 * np.exp(x / 2) * np.sum(x)
    q, identity = p.inverse(), TaylorN.variables(np.zeros(n), order)
    rounding = 1e-12 * max(np.max(np.abs(c)) for c in (*p.coefficients, *q.coefficients))
    assert rounding < 1e-6
    assert_same(q(p - p.value), identity, 1e-10, rounding)
    assert_same(p(q), identity + p.value, 1e-10, rounding)


def test_the_inverse_of_an_exact_map_is_exact():
    x, y = TaylorN.variables([0.0, 0.0], 6)
    q = np.stack([x + y**2, y + (x + y**2) ** 3]).inverse()  # x = u - y², y = v - u³
    u, v = TaylorN.variables([0.0, 0.0], 6)
    assert (q[0] - (u - (v - u**3) ** 2)).terms() == (q[1] - (v - u**3)).terms() == {}


def test_lambert_w_is_the_inverse_of_x_exp_x():
    x = TaylorN.variables([0.0], 12)
    w = (x * np.exp(x)).inverse()
    for k in range(1, 13):
        assert w[0].coefficient(k) == pytest.approx((-k) ** (k - 1) / math.factorial(k), rel=1e-10)


def test_a_polynomial_along_a_curve():
    t = Taylor([0.0, 1.0], 6)
    x, y = TaylorN.variables([0.5, -0.2], 6)
    f = lambda x, y: np.exp(x * y) + np.sin(x)
    curve = np.sin(t), t * np.exp(t)
    for a, b in zip(f(x, y)(*curve).coefficients, f(0.5 + curve[0], -0.2 + curve[1]).coefficients, strict=True):
        assert a == pytest.approx(b, rel=1e-10, abs=1e-10)


# ---------------------------------------------------------------------------------------------- orders, shapes, names


def test_valid_orders():
    x, y = TaylorN.variables([0.0, 1.0], 5)
    u, _ = TaylorN.variables([0.0, 1.0], 3)
    assert (x * u).order == (x + u).order == np.arctan2(u, y).order == np.stack([x, u]).order == 3
    assert x.derivative(0).order == 4 and x(u, u).order == 3 and u(x, x).order == 3
    assert np.exp(x).order == np.linalg.inv(TaylorN(np.array([[y, x], [x, y]]))).order == 5
    constant = TaylorN({(0, 0): 2.0})
    assert constant.order == 0 and constant(1.0, 1.0) == 2.0 and np.exp(constant).terms() == {(0, 0): math.exp(2.0)}
    assert TaylorN.variables([1.0, 2.0], 0).value.tolist() == [1.0, 2.0]


def test_polynomials_of_different_times_are_of_one_kind():
    p = TaylorN.variables(np.array([1.0, 2.0]), 3)
    grad(lambda x: np.sum(x**2))(np.ones(2))
    q = TaylorN.variables(np.array([1.0, 2.0]), 3)
    for f in (np.add, np.multiply, np.arctan2, np.matmul, lambda p, q: np.concatenate([p, q])):
        assert_same(f(p, q), f(p, p), 0, 0)
        assert_same(f(q, p), f(p, p), 0, 0)


def test_any_program_runs_on_them():
    x = TaylorN.variables([1.0, 2.0, 3.0], 3)
    y = np.zeros_like(x)
    for i in range(3):
        y[i] = x[i] ** 2
    y[1] += 1.0
    z = y.copy()
    z[0] = 0.0
    assert np.sum(y - x**2).terms() == {(0, 0, 0): 1.0}
    assert (np.sum(z) - np.sum(y) + x[0] * x[0]).terms() == {}
    assert [p.terms() for p in x[::-1]] == [p.terms() for p in list(x)[::-1]]
    assert x[0] < x[1] and np.argmax(x) == 2 and bool(x[0])
    assert np.sort(-x)[0].terms() == {(0, 0, 0): -3.0, (0, 0, 1): -1.0}
    W = np.random.default_rng().normal(size=(2, 3))
    np.testing.assert_allclose((W @ x).jacobian(), W)
    np.testing.assert_allclose(np.einsum("ij,j->i", W, x).jacobian(), W)


def test_shapes_and_dtypes():
    x0 = np.arange(6.0).reshape(2, 3)
    p = TaylorN.variables(x0, 2)
    assert p.shape == (2, 3) and p.names == ("x1", "x2", "x3", "x4", "x5", "x6")
    assert p.jacobian().shape == (2, 3, 6) and (p @ p.T).hessian().shape == (2, 2, 6, 6)
    assert p[1, 2].terms() == {(0,) * 6: 5.0, (0, 0, 0, 0, 0, 1): 1.0}
    assert (p * p)(np.ones((6, 4))).shape == (4, 2, 3)
    single = np.exp(TaylorN.variables(np.array([1, 2], dtype=np.float32), 3))
    assert {c.dtype for c in single.coefficients} == {np.dtype(np.float32)}
    one = TaylorN.variables(2.0, 3)
    assert one.shape == () and (one**2).terms() == {(0,): 4.0, (1,): 4.0, (2,): 1.0} and type(one(0.5)) is float
    assert all(type(c) is float for c in (one**2).terms().values())


def test_nothing_is_shared_with_the_caller():
    x0 = np.array([1.0, 2.0])
    p = TaylorN.variables(x0, 2)
    before = repr(p)
    for array in (x0, *p.coefficients, *p.terms().values(), p.coefficient((1, 0)), p.jacobian(), p.hessian()):
        array[...] = 7.0
    assert repr(p) == before


def test_names():
    p, q = TaylorN.variables([0.0, 0.0], 2, names=("mass", "speed"))
    energy = p * q**2 / 2 + q * p
    assert energy.derivative("speed").terms() == {(1, 0): 1.0}
    assert "mass" in repr(energy) and "speed" in repr(energy)


def test_printing():
    x, y = TaylorN.variables([0.0, 0.0], 2)
    assert str(np.exp(x) * (1 + y)) == "1 + x + y + x²/2 + x y + O(3)"


# ---------------------------------------------------------------------------------------------- errors that teach

x, y = TaylorN.variables([0.0, 0.0], 3)
u, v = TaylorN.variables([0.0, 0.0], 3, names=("u", "v"))


@pytest.mark.parametrize(
    "mistake, error, says",
    [
        (lambda: x + u, InputError, "u, v"),
        (lambda: 1 / x, DomainError, "non-zero"),
        (lambda: x / y, DomainError, "non-zero"),
        (lambda: np.sqrt(x**2 + y**2), DomainError, "non-zero"),
        (lambda: np.sqrt(x * x), DomainError, "non-zero"),
        (lambda: np.log(x), DomainError, "positive"),
        (lambda: np.log(x - 1), DomainError, "positive"),
        (lambda: x**0.5, DomainError, "non-zero"),
        (lambda: x**-1, DomainError, "non-zero"),
        (lambda: np.stack([x, 1 + y]) / np.stack([y, 1 + x]), DomainError, "non-zero"),
        (lambda: x(1 + y, y), InputError, "from degree 4 on"),
        (lambda: jvp(lambda s: x(s + y, y), (0.5,), (1.0,)), InputError, "constant"),
        (lambda: x(np.stack([y, 2 + y])), InputError, "constant"),
        (lambda: x(1.0, 2.0, 3.0), InputError, "dx, dy"),
        (lambda: x(1.0), InputError, "dx, dy"),
        (lambda: x(np.zeros((3, 2))), InputError, "dx, dy"),
        (lambda: x("12"), InputError, "real"),
        (lambda: np.stack([x * y, x + y]).inverse(), DomainError, "determinant must be non-zero"),
        (lambda: np.stack([x, x, y]).inverse(), InputError, "as many"),
        (lambda: x.inverse(), InputError, "as many"),
        (lambda: x.coefficient((2, 2)), InputError, "order 3"),
        (lambda: x.coefficient((1,)), InputError, "2 variable"),
        (lambda: x.coefficient((1, -1)), InputError, "power"),
        (lambda: x.coefficient((1, 0.5)), InputError, "power"),
        (lambda: x.partial("xy"), InputError, "power"),
        (lambda: np.stack([x, y]).gradient(), InputError, "jacobian"),
        (lambda: TaylorN.variables([1.0, 2.0], 1)[0].hessian(), InputError, "order 1"),
        (lambda: TaylorN.variables([1.0, 2.0], 0).jacobian(), InputError, "order 0"),
        (lambda: TaylorN.variables([1.0, 2.0], 0).derivative(0), InputError, "order 0"),
        (lambda: x.derivative("z"), InputError, "x, y"),
        (lambda: x.derivative(2), InputError, "x, y"),
        (lambda: TaylorN.variables([1.0, 2.0], -1), InputError, "orders count"),
        (lambda: TaylorN.variables([1.0, 2.0], 1.5), InputError, "orders count"),
        (lambda: TaylorN.variables([1.0, 2.0], 2, names="x"), InputError, "name"),
        (lambda: TaylorN.variables([1.0, 2.0], 2, names=("x", "x")), InputError, "name"),
        (lambda: TaylorN.variables([1.0, 2j], 2), InputError, "real"),
        (lambda: TaylorN.variables([], 2), InputError, "number"),
        (lambda: TaylorN.variables(np.zeros(100), 10), InputError, "memory"),
        (lambda: TaylorN({}), InputError, "term"),
        (lambda: TaylorN({(0, 0): 1.0, (1,): 2.0}), InputError, "2 variable"),
        (lambda: TaylorN([1.0, 2.0]), InputError, "term"),
        (lambda: float(x), ADError, "plain number"),
    ],
)
def test_mistakes_are_explained(mistake, error, says):
    with pytest.raises(error, match=says) as caught:
        mistake()
    assert "Write:" in str(caught.value)


def test_homogeneous_polynomials_are_no_series():
    p = x.series.c[1]
    for function in (np.sin, lambda p: 1 / p, lambda p: p / p, lambda p: p + p * p, lambda p: p > 0, np.linalg.inv):
        with pytest.raises(NoRuleError):
            function(p)
