"""Programs as people write them in Taylor mode; nesting with the other modes; arguments that can't be right."""

import math
import sys
from itertools import product

import numpy as np
import pytest
import scipy.special as sc
import sympy

from adcourse import Taylor, custom_rule, derivative, grad, hessian, hvp, jacobian, jvp, taylor, vjp
from adcourse.core.errors import ADError, InputError

FACTORIAL = np.array([float(math.factorial(k)) for k in range(31)])


def numbers(series):
    return [float(c) for c in series.coefficients]


def agree(f, g, x0=0.4, order=10):
    """Two ways to write one function have one series."""
    a, b = taylor(f, x0, order), taylor(g, x0, order)
    assert a.order == b.order == order
    for c, d in zip(a.coefficients, b.coefficients, strict=True):
        np.testing.assert_allclose(c, d, rtol=1e-12, atol=1e-11)


# ------------------------------------------------------------------------------ programs


def heron(x):
    y = 1.0
    while abs(y * y - x) > 1e-15:
        y = (y + x / y) / 2
    for _ in range(4):  # the value is there; each step doubles the number of right coefficients
        y = (y + x / y) / 2
    return y


def filled(x):
    y = np.zeros(4, like=x)
    y[0] = x
    for i in range(1, 4):
        y[i] = np.sin(y[i - 1]) * x
    y[1:3] += x
    y[0] *= 2.0
    return y


def by_hand(x):
    a = np.sin(x) * x
    b = np.sin(a) * x
    return np.stack([2 * x, a + x, b + x, np.sin(b) * x])


def horner(x, c=(1.0, -2.0, 0.5, 3.0)):
    y = 0.0
    for a in c[::-1]:
        y = y * x + a
    return y


def euler(x, n=20):
    y = np.array([1.0 + 0.0 * x, 0.0 * x])
    for _ in range(n):
        y = y + np.array([y[1], -y[0] * x]) * (x / n)
    return y[0]


def factorial_of(x, n):
    return 1.0 if n == 0 else x * factorial_of(x - 1.0, n - 1)


SAME = {
    "packing": (lambda x: np.array([x, x**2, 1.0]) @ np.array([1.0, 2.0, 3.0]), lambda x: x + 2 * x * x + 3),
    "packed array": (lambda x: np.array([np.sin(x), x]), lambda x: np.stack([np.sin(x), x])),
    "nested packing": (lambda x: np.linalg.det(np.array([[x, 1.0], [2.0, x * x]], like=x)), lambda x: x**3 - 2),
    "objects": (lambda x: np.sum(np.exp(np.array([x, 2 * x]))), lambda x: np.exp(x) + np.exp(2 * x)),
    "in place": (filled, by_hand),
    "loop": (horner, lambda x: 1 - 2 * x + 0.5 * x**2 + 3 * x**3),
    "recursion": (lambda x: factorial_of(x, 4), lambda x: x * (x - 1) * (x - 2) * (x - 3)),
    "while": (heron, np.sqrt),
    "branch": (lambda x: np.sin(x) if x > 0 else np.cos(x), np.sin),
    "where": (lambda x: np.where(x > 0, np.sin(x), np.sqrt(x * x + 1)), np.sin),
    "where on an array": (lambda x: np.where(np.array([True, False]), x, x * x), lambda x: np.stack([x, x * x])),
    "clip": (lambda x: np.clip(x, 0.0, 1.0) * np.clip(x, 1.0, 2.0), lambda x: x),
    "maximum": (lambda x: np.maximum(x, x**2), lambda x: x),
    "abs": (lambda x: np.abs(-x) * abs(x), lambda x: x * x),
    "sort": (lambda x: np.sort(np.stack([x, x**3, x**2])), lambda x: np.stack([x**3, x**2, x])),
    "augmented": (lambda x: sum([x * k for k in range(4)]), lambda x: 6 * x),
    "cumprod": (lambda x: np.cumprod(np.stack([x, x, x])), lambda x: np.stack([x, x**2, x**3])),
    "einsum": (lambda x: np.einsum("i,ij,j->", *[np.stack([x, 1 / x])] * 1, np.eye(2), np.stack([x, x])),
               lambda x: x * x + 1),
    "polyval": (lambda x: np.polyval([3.0, 0.5, -2.0, 1.0], x), horner),
    "fft": (lambda x: np.abs(np.fft.fft(np.stack([x, x * x, 1 + x]))[0]), lambda x: 1 + 2 * x + x * x),
    "parseval": (lambda x: np.sum(np.abs(np.fft.fft(np.sin(x * np.arange(4.0)))) ** 2) / 4,
                 lambda x: np.sum(np.sin(x * np.arange(4.0)) ** 2)),
    "complex": (lambda x: np.exp(1j * x).imag, np.sin),
    "complex power": (lambda x: np.real((x + 1j) ** 3), lambda x: x**3 - 3 * x),
    "norm": (lambda x: np.linalg.norm(np.stack([3 * x, 4 * x])), lambda x: 5 * x),
    "matrix exponential": (lambda x: sum((np.linalg.matrix_power(x * np.array([[0.0, 1.0], [-1.0, 0.0]]), k)
                           / FACTORIAL[k] for k in range(1, 25)), np.eye(2))[0], lambda x: np.stack([np.cos(x),
                                                                                                     np.sin(x)])),
    "gamma": (lambda x: sc.gamma(x + 3), lambda x: sc.gamma(x) * x * (x + 1) * (x + 2)),
    "bessel": (lambda x: sc.jv(0, x) + sc.jv(2, x), lambda x: 2 * sc.j1(x) / x),
    "softplus": (lambda x: np.logaddexp(0.0, x), lambda x: np.log(1 + np.exp(x))),
    "sinc": (lambda x: np.sinc(x / np.pi), lambda x: np.sin(x) / x),
    "logsumexp": (lambda x: sc.logsumexp(np.stack([x, 2 * x])), lambda x: np.log(np.exp(x) + np.exp(2 * x))),
    "trapezoid": (lambda x: np.trapezoid(np.stack([x, x * x, x**3])), lambda x: x / 2 + x * x + x**3 / 2),
    "mean and var": (lambda x: np.var(np.stack([x, 3 * x])) + np.mean(np.stack([x, 3 * x])), lambda x: x * x + 2 * x),
    "interp": (lambda x: np.interp(x, [0.0, 1.0], [2.0, 5.0]), lambda x: 2 + 3 * x),
    "divmod": (lambda x: divmod(x, 0.3)[1] + 0.3 * (x // 0.3), lambda x: x),
    "floor": (lambda x: x * np.floor(x + 3) + np.sign(x), lambda x: 3 * x + 1),
    "round trip": (lambda x: np.reshape(np.stack([x, 1 + x]), (2, 1)).T.ravel()[::-1][0], lambda x: 1 + x),
    "reduce": (lambda x: np.multiply.reduce(np.stack([x, x, 2 * x])), lambda x: 2 * x**3),
    "custom": (lambda x: cubed(x), lambda x: x**3),
    "reciprocal": (lambda x: np.reciprocal(x), lambda x: x**-1),
    "power of power": (lambda x: (x**x) ** 2, lambda x: np.exp(2 * x * np.log(x))),
    "at": (lambda x: scattered(x), lambda x: np.stack([x + x * x, 3 * x])),
    "swap": (lambda x: swapped(x), lambda x: np.stack([x * x, x])),
}  # fmt: skip


def scattered(x):
    y = np.zeros(2, like=x)
    np.add.at(y, [0, 0, 1], np.stack([x, x * x, 3 * x]))
    return y


def swapped(x):
    y = np.stack([x, x * x])
    y[0], y[1] = y[1].copy(), y[0].copy()
    return y


@custom_rule
def cubed(x):
    return x**3


@cubed.jvp
def cubed_jvp(y, primals, tangents):
    return 3 * primals[0] ** 2 * tangents[0]


@pytest.mark.parametrize("name", SAME)
def test_programs(name):
    agree(*SAME[name])


def test_an_integration_by_eulers_method():
    """20 steps make a polynomial of x: the same program on SymPy's exact polynomials has its coefficients."""
    x = sympy.ring("x", sympy.QQ)[1]
    exact, found = euler(x), taylor(euler, 0.0, 40)
    for k, c in enumerate(found.coefficients):
        assert float(c) == pytest.approx(float(exact.coeff(x**k)), rel=1e-13)
    assert found(0.8) == pytest.approx(euler(0.8), rel=1e-13)


@pytest.mark.parametrize("order", [0, 1, 2, 7])
def test_forms_of_results(order):
    def f(x):
        return {"a": np.sin(x), "b": (x * x, [np.stack([x, 1.0 + x])])}, 3.0

    found, constant = taylor(f, 0.3, order)
    pair = found["b"]
    assert isinstance(pair, tuple) and isinstance(pair[1], list)
    for y, g in [(found["a"], np.sin), (pair[0], np.square), (pair[1][0], lambda x: np.stack([x, 1 + x]))]:
        assert isinstance(y, Taylor) and y.order == order and len(y.coefficients) == order + 1
        np.testing.assert_allclose(y.value, g(0.3), rtol=1e-15)
        np.testing.assert_array_equal(y.value, y.coefficients[0])
    assert isinstance(constant, Taylor) and numbers(constant) == [3.0] + [0.0] * order


def test_constants():
    assert numbers(taylor(lambda x: 5, 1.0, 3)) == [5.0, 0.0, 0.0, 0.0]
    assert numbers(taylor(lambda x: np.floor(x), 1.5, 2)) == [1.0, 0.0, 0.0]
    found = taylor(lambda x: np.array([1.0, 2.0]), 1.0, 2)
    np.testing.assert_array_equal(np.array(found.coefficients), [[1.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
    assert numbers(taylor(lambda x: x, 2.0, 3)) == [2.0, 1.0, 0.0, 0.0]
    assert numbers(taylor(lambda x: x * 0.0, 2.0, 2)) == [0.0] * 3


def test_several_arguments_and_directions():
    A, v = np.arange(6.0).reshape(2, 3) / 5, np.array([1.0, -2.0, 0.5])

    def f(M, x, s):
        return np.sum(np.sin(M @ x)) * s

    def along(t):
        return f(A + t * np.ones((2, 3)), v + t * A[0], 2.0 - 3.0 * t)

    found, expected = taylor(f, (A, v, 2.0), 6, (np.ones((2, 3)), A[0], -3.0)), taylor(along, 0.0, 6)
    np.testing.assert_allclose(numbers(found), numbers(expected), rtol=1e-12)
    plain = taylor(f, (A, v, 2.0), 6)  # no direction: along all ones
    np.testing.assert_allclose(numbers(plain), numbers(taylor(lambda t: f(A + t, v + t, 2.0 + t), 0.0, 6)), rtol=1e-12)


def test_integers_count_as_reals():
    assert numbers(taylor(lambda x: x / 2, 3, 2)) == [1.5, 0.5, 0.0]
    found = taylor(lambda x: x**-1, np.array([1, 2]), 1)
    np.testing.assert_array_equal(found.coefficients, [[1.0, 0.5], [-1.0, -0.25]])
    assert numbers(Taylor([1, 2]) / 2) == [0.5, 1.0]
    assert numbers(1 / Taylor([2, 0])) == [0.5, 0.0]


def test_series_go_on_after_the_function_returned():
    """What taylor returns is an ordinary series: arithmetic, evaluation, derivatives."""
    s, c = taylor(np.sin, 0.3, 10), taylor(np.cos, 0.3, 10)
    np.testing.assert_allclose(numbers(s * s + c * c), [1.0] + [0.0] * 10, atol=1e-15)
    np.testing.assert_allclose(numbers(np.arctan2(s, c)), [0.3, 1.0] + [0.0] * 9, atol=1e-14)
    assert s(0.1) == pytest.approx(np.sin(0.4), rel=1e-14)
    np.testing.assert_allclose(s(np.array([0.0, 0.1])), np.sin([0.3, 0.4]), rtol=1e-14)
    np.testing.assert_allclose(np.array(s.derivatives, float)[:5], np.sin(0.3 + np.arange(5) * np.pi / 2), rtol=1e-13)
    kept = taylor(lambda x: np.stack([x, x * x]), 2.0, 3)
    assert numbers(kept[1] + kept[0] * 2) == [8.0, 6.0, 1.0, 0.0]


def test_a_box_that_escapes():
    kept = []
    taylor(lambda x: kept.append(x) or x, 1.0, 3)
    with pytest.raises(ADError):
        kept[0] * 2


# ------------------------------------------------------------------------------ cost


def calls(run):
    """How many calls, of Python's functions and of C's, ``run`` makes: its work, but for what the clock says."""
    count, before = [0], sys.getprofile()

    def watch(frame, event, _):
        count[0] += event in ("call", "c_call")

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count[0]


def growth(f, order):
    """How much more work the order takes than half of it."""
    taylor(f, 0.7, 1)
    return calls(lambda: taylor(f, 0.7, order)) / calls(lambda: taylor(f, 0.7, order // 2))


SLOW = {
    "psi": sc.psi, "gamma": sc.gamma, "gammaln": sc.gammaln, "erf": sc.erf, "jv": lambda x: sc.jv(2, x),
    "j0": sc.j0, "kv": lambda x: sc.kv(2, x), "expit": sc.expit, "zeta": lambda x: sc.zeta(3.0, x + 1),
    "erfinv": sc.erfinv,
    "beta": lambda x: sc.beta(x, 2 * x), "ndtr": sc.ndtr, "log_ndtr": sc.log_ndtr, "tan": np.tan, "arcsin": np.arcsin,
    "arctan2": lambda x: np.arctan2(x, np.cos(x)), "hypot": lambda x: np.hypot(x, 1.0), "sinc": np.sinc,
    "inv": lambda x: np.linalg.inv(x * np.eye(3) + np.ones((3, 3)))[0, 0],
    "eigh": lambda x: np.linalg.eigh(np.diag([1.0, 2.0, 3.0]) + x * np.ones((3, 3)))[0][0],
    "svd": lambda x: np.linalg.svd(np.diag([1.0, 2.0, 3.0]) + x * np.tri(3))[1][0],
    "logaddexp": lambda x: np.logaddexp(x, x * x), "dawsn": sc.dawsn, "gammainc": lambda x: sc.gammainc(2.5, x),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_twice_the_order_is_not_the_square_of_the_work(name):
    """Quadratic in the order, at most cubic for the rules that are raised; of nested modes 2^8 times the work."""
    assert growth(SLOW[name], 16) < 8.5


def test_quadratic_in_the_order():
    assert growth(lambda x: np.exp(np.sin(x)) / (1 + x * x), 100) < 4.2


# ------------------------------------------------------------------------------ nesting


def forward(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


def backward(f):
    return lambda x: vjp(f, x)[1](1.0)[0]


def coefficient(f):
    return lambda x: taylor(f, x, 1).coefficients[1]


def deep(f):
    return lambda x: taylor(f, x, 3).derivatives[1]


def second_of_integral(f):
    return lambda x: taylor(lambda y: (y - x) * f(y), x, 2).coefficients[2]  # ((y - x) f)'' / 2 = f'


def by_hand_made(f):
    return lambda x: f(Taylor([x, 1.0])).coefficients[1]


WAYS = [coefficient, deep, second_of_integral, by_hand_made, derivative, forward, backward, grad, jacobian]
PAIRS = [pair for pair in product(WAYS, repeat=2) if {coefficient, deep, second_of_integral, by_hand_made} & set(pair)]


@pytest.mark.parametrize("outer, inner", PAIRS)
def test_perturbations_are_not_confused(outer, inner):
    """d/dx (x d/dy (x + y)) = 1."""
    if not outer is inner is by_hand_made:  # numbers made by hand of plain numbers share their perturbation
        assert float(outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0)) == 1.0
        assert float(outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0)) == 6.0
    assert float(outer(lambda x: inner(lambda y: x * x + y)(x) * x)(3.0)) == 1.0


@pytest.mark.parametrize("outer, inner", PAIRS)
def test_second_derivatives_of_every_pair(outer, inner):
    f = outer(lambda x: x * inner(lambda y: np.sin(x * y) + x / y)(x))
    x = 0.7  # x (x cos(x^2) - 1/x)
    assert float(f(x)) == pytest.approx(2 * x * np.cos(x * x) - 2 * x**3 * np.sin(x * x), rel=1e-13)


@pytest.mark.parametrize("first, second, third", list(product([*WAYS[:3], grad, forward], repeat=3))[::2])
def test_three_deep(first, second, third):
    f = first(second(third(lambda x: x**5 * np.exp(-x))))
    x = 1.3
    assert float(f(x)) == pytest.approx(np.exp(-x) * x**2 * (60 - 60 * x + 15 * x**2 - x**3), rel=1e-12)


def energy(x):
    return np.sum(np.exp(x[1:] * np.sin(x[:-1]))) + np.prod(x) / (1 + x @ x)


X, V, W = np.array([0.3, -0.7, 1.1]), np.array([1.0, 0.5, -0.2]), np.array([-0.3, 0.8, 0.4])


@pytest.mark.parametrize("k", range(5))
def test_gradient_of_a_taylor_coefficient_is_the_coefficient_of_the_gradient(k):
    """grad_x c_k(x, v) = k-th coefficient of grad f along x + t v; grad_v c_k is the (k-1)-th."""
    along = taylor(grad(energy), X, k, V)
    np.testing.assert_allclose(grad(lambda x: taylor(energy, x, k, V).coefficients[k])(X), along.coefficients[k],
                               rtol=1e-10, atol=1e-11)  # fmt: skip
    if k:
        by_v = grad(lambda v: taylor(energy, X, k, v).coefficients[k])(V)
        np.testing.assert_allclose(by_v, along.coefficients[k - 1], rtol=1e-10, atol=1e-11)


def test_second_derivatives_of_coefficients():
    def second(x):
        return 2 * taylor(energy, x, 2, V).coefficients[2]  # v^T H v

    H = hessian(energy)
    assert second(X) == pytest.approx(V @ H(X) @ V, rel=1e-12)
    np.testing.assert_allclose(grad(second)(X), grad(lambda x: V @ H(x) @ V)(X), rtol=1e-10)
    np.testing.assert_allclose(hessian(second)(X), hessian(lambda x: V @ H(x) @ V)(X), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(hvp(second, X, W), hessian(second)(X) @ W, rtol=1e-9, atol=1e-10)
    J = jacobian(lambda x: np.stack(taylor(energy, x, 3, V).coefficients))(X)
    after = np.array(numbers(taylor(energy, X, 4, V))[1:])
    np.testing.assert_allclose(J @ V, after * [1, 2, 3, 4], rtol=1e-10)


def test_taylor_of_taylor():
    """The coefficients c_ij of f(x + s v + t w) one variable at a time, in either order."""

    def first(x, d):
        return taylor(energy, x, 3, d).coefficients

    rows = [taylor(lambda x, i=i: first(x, V)[i], X, 3, W).coefficients for i in range(4)]
    columns = [taylor(lambda x, i=i: first(x, W)[i], X, 3, V).coefficients for i in range(4)]
    np.testing.assert_allclose(np.array(rows, float), np.array(columns, float).T, rtol=1e-10, atol=1e-11)
    diagonal = [sum(rows[i][k - i] for i in range(k + 1)) for k in range(4)]
    np.testing.assert_allclose(diagonal, numbers(taylor(energy, X, 3, V + W)), rtol=1e-10, atol=1e-11)


def test_taylor_of_derivatives():
    """f'(x + t) has the coefficients (k + 1) c_(k+1)."""
    c = np.array(numbers(taylor(lambda x: np.exp(np.sin(x)), 0.7, 9)))
    expected = c[1:] * np.arange(1, 10)
    for d in (grad, derivative, forward, backward, coefficient):
        found = taylor(d(lambda x: np.exp(np.sin(x))), 0.7, 8)
        np.testing.assert_allclose(numbers(found), expected, rtol=1e-11, atol=1e-13)
    H = taylor(hessian(energy), X, 2, V)
    np.testing.assert_allclose(H.coefficients[1], jvp(hessian(energy), (X,), (V,))[1], rtol=1e-10)


@pytest.mark.parametrize("n", range(7))
def test_derivative_of_any_order(n):
    assert derivative(np.sin, n)(0.3) == pytest.approx(np.sin(0.3 + n * np.pi / 2), rel=1e-13)
    assert derivative(lambda x: x**4, n)(2.0) == math.perm(4, n) * 2.0 ** max(4 - n, 0) * (n <= 4)
    f = derivative(derivative(lambda x: np.exp(2 * x), 2), n)
    assert f(0.1) == pytest.approx(2.0 ** (n + 2) * np.exp(0.2), rel=1e-13)
    assert grad(derivative(np.sin, n))(0.3) == pytest.approx(np.sin(0.3 + (n + 1) * np.pi / 2), rel=1e-13)


@pytest.mark.parametrize("f", [abs, np.abs, lambda x: np.maximum(x, 0.0), lambda x: np.maximum(x, 2 * x),
                               lambda x: np.minimum(x, -x), lambda x: np.where(x > 0, x, 0.0), np.sign, lambda x:
                               abs(x) * np.exp(x)])  # fmt: skip
def test_kinks_by_the_convention_of_the_other_modes(f):
    found = taylor(f, 0.0, 3).derivatives
    g = f
    for d in found:
        assert float(d) == float(g(0.0))
        g = forward(g)


# ------------------------------------------------------------------------------ what can't be right


@pytest.mark.parametrize("f", [abs, lambda x: np.hypot(x, 0.0), lambda x: np.hypot(x, x), lambda x: abs(x * x),
                               lambda x: np.linalg.norm(np.stack([x, 2 * x])), lambda x: 0.0 ** (1 + x)])  # fmt: skip
def test_where_a_kink_counts_as_constant_all_derivatives_are_zero(f):
    assert numbers(taylor(f, 0.0, 4)) == [0.0] * 5
    assert [float(derivative(f, n)(0.0)) for n in range(4)] == [0.0] * 4
    assert float(grad(grad(f))(0.0)) == 0.0


@pytest.mark.parametrize("order", [-1, 2.5, 2.0, "3", None, True, np.float64(2), [2]])
def test_an_order_that_is_none(order):
    with pytest.raises(InputError, match="order"):
        taylor(np.sin, 1.0, order)


@pytest.mark.parametrize("x0", [None, "1", 1j, np.array([1j]), np.array(["a"]), [None], {"a": "b"}, (1.0, 2j)])
def test_points_that_are_none(x0):
    with pytest.raises(InputError):
        taylor(lambda *x: np.sin(x[0]), x0, 2)


@pytest.mark.parametrize("x0, direction", [
    (1.0, np.ones(2)), (np.ones(2), 1.0), (np.ones(2), np.ones(3)), ((1.0, 2.0), 1.0), ((1.0, 2.0), (1.0,)),
    (1.0, 1j), (1.0, "x"), (np.ones((2, 3)), np.ones((3, 2))), ((1.0,), (1.0, 2.0)),
])  # fmt: skip
def test_directions_of_another_shape(x0, direction):
    with pytest.raises((InputError, ValueError)):
        taylor(lambda *x: x[0] * 2, x0, 2, direction)


def test_what_is_no_function():
    with pytest.raises(InputError):
        taylor(3.0, 1.0, 2)
    with pytest.raises(InputError):
        taylor(lambda x: "text", 1.0, 2)
    with pytest.raises(ADError):
        taylor(lambda x: math.sin(x), 1.0, 2)
    with pytest.raises(ADError):
        taylor(lambda x: float(x), 1.0, 2)


@pytest.mark.parametrize("coefficients", [[], [1j], ["a"], [np.ones(2), np.ones(3)], 3.0, None, "12"])
def test_series_that_are_none(coefficients):
    with pytest.raises((InputError, ValueError, TypeError)):
        Taylor(coefficients)


def test_an_order_below_the_coefficients_truncates_or_says_no():
    try:
        y = Taylor([1.0, 2.0, 3.0], 1)
    except (InputError, ValueError):
        return
    assert y.order == 1 and numbers(y) == [1.0, 2.0]


def test_the_argument_is_left_alone():
    x, v = np.array([1.0, 2.0]), np.array([0.5, -1.0])

    def f(y):
        y = y.copy()
        y[0] = y[1] * 3.0
        return y * y

    found = taylor(f, x, 2, v)
    np.testing.assert_array_equal(x, [1.0, 2.0])
    np.testing.assert_array_equal(v, [0.5, -1.0])
    np.testing.assert_array_equal(found.coefficients, [[36.0, 4.0], [-36.0, -4.0], [9.0, 1.0]])
    for c in found.coefficients:
        c[...] = 0.0  # and what comes back is the caller's
    np.testing.assert_array_equal(x, [1.0, 2.0])
    y = taylor(lambda y: y, x, 1, v)
    y.coefficients[0][0] = 9.0
    y.coefficients[1][0] = 9.0
    np.testing.assert_array_equal(x, [1.0, 2.0])
    np.testing.assert_array_equal(v, [0.5, -1.0])
