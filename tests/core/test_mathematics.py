"""Theorems that hold for every smooth function, on functions that hypothesis draws: each would catch a wrong rule."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse import derivative, grad, hessian, hvp, jacobian, jvp, vjp

ONE = {  # smooth on the whole line
    "sin": np.sin, "tanh": np.tanh, "exp": lambda x: np.exp(0.5 * x), "arctan": np.arctan, "square": lambda x: x * x,
    "log": lambda x: np.log(1.5 + np.cos(x)), "root": lambda x: np.sqrt(1.0 + x * x),
    "reciprocal": lambda x: 1 / (2 + x * x),
    "power": lambda x: (1.2 + x * x) ** 1.7, "hypot": lambda x: np.hypot(1.0, x), "expm1": lambda x: np.expm1(-x * x),
}  # fmt: skip
MANY = {  # of three numbers, not symmetric in them
    "norm": lambda x: np.linalg.norm(x + 3.0),
    "sum": lambda x: np.sum(np.array([1.0, -2.0, 0.5]) * np.sin(x) * x[::-1]),
    "product": lambda x: np.prod(1.5 + np.sin(x)) * x[0],
    "matrix": lambda x: np.tanh(x) @ (np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 1.0], [0.3, 0.0, 2.0]]) @ (x * x)),
    "logdet": lambda x: np.log(np.linalg.det(np.diag([3.0, 4.0, 5.0]) + x[:, None] * np.cos(x))),
    "solve": lambda x: np.sum(np.linalg.solve(3.0 * np.eye(3) + x[:, None] * np.sin(x), np.exp(x)) * x),
}
function = st.sampled_from(sorted(ONE)).map(ONE.get)
several = st.sampled_from(sorted(MANY)).map(MANY.get)
number = st.floats(-1.5, 1.5, allow_subnormal=False)
mode = st.sampled_from([derivative, grad])
point = st.lists(number, min_size=3, max_size=3).map(np.array)


def close(a, b, rtol=1e-9):
    scale = max(1.0, float(np.max(np.abs(b))))
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * scale)


def nth(f, modes):
    for d in modes:
        f = d(f)
    return f


@given(function, function, number, st.lists(mode, min_size=1, max_size=3))
def test_leibniz(f, g, x, modes):
    """(f g)^(n) = sum_k C(n, k) f^(k) g^(n-k)."""
    n = len(modes)
    terms = [math.comb(n, k) * nth(f, modes[:k])(x) * nth(g, modes[k:])(x) for k in range(n + 1)]
    close(nth(lambda x: f(x) * g(x), modes)(x), sum(terms))


@given(function, function, number, mode, mode, mode)
def test_chain_rule(f, g, x, a, b, c):
    """(f o g)' = f'(g) g', (f o g)'' = f''(g) g'^2 + f'(g) g'', and Faa di Bruno's third."""

    def h(x):
        return f(g(x))

    y = g(x)
    f1, f2, f3 = nth(f, [a])(y), nth(f, [a, b])(y), nth(f, [a, b, c])(y)
    g1, g2, g3 = nth(g, [a])(x), nth(g, [a, b])(x), nth(g, [a, b, c])(x)
    close(nth(h, [a])(x), f1 * g1)
    close(nth(h, [a, b])(x), f2 * g1**2 + f1 * g2)
    close(nth(h, [a, b, c])(x), f3 * g1**3 + 3 * f2 * g1 * g2 + f1 * g3)


@given(several, point, point, point, number, number)
def test_derivatives_are_linear_in_the_direction(f, x, u, v, a, b):
    def along(d):
        return jvp(f, (x,), (d,))[1]

    close(along(a * u + b * v), a * along(u) + b * along(v))
    close(hvp(f, x, a * u + b * v), a * hvp(f, x, u) + b * hvp(f, x, v))


@given(several, several, point, number, number)
def test_derivatives_are_linear_in_the_function(f, g, x, a, b):
    def h(x):
        return a * f(x) + b * g(x)

    close(grad(h)(x), a * grad(f)(x) + b * grad(g)(x))
    close(hessian(h)(x), a * hessian(f)(x) + b * hessian(g)(x))


@given(several, point)
def test_second_and_third_derivatives_are_symmetric(f, x):
    H, T = hessian(f)(x), jacobian(hessian(f))(x)
    close(H, H.T)
    for axes in permutations(range(3)):
        close(T, np.transpose(T, axes))


@given(several, several, point, point, st.lists(number, min_size=2, max_size=2).map(np.array))
def test_forward_and_reverse_are_adjoint(f, g, x, v, w):
    """<w, J v> = <J^T w, v>."""

    def both(x):
        return np.stack([f(x), g(x)])

    close(np.dot(w, jvp(both, (x,), (v,))[1]), np.dot(vjp(both, x)[1](w)[0], v))


@given(st.sampled_from([-2, -1, 0.5, 1, 2, 3]), point)
def test_euler_homogeneous(degree, x):
    """If f(t x) = t^p f(x), then <grad f, x> = p f and H x = (p - 1) grad f."""
    x = x + 2.0

    def f(x):
        return np.linalg.norm(x) ** degree * (1.0 + x[0] * x[1] / np.sum(x * x))

    close(np.dot(grad(f)(x), x), degree * f(x))
    close(hvp(f, x, x), (degree - 1) * grad(f)(x))


@pytest.mark.parametrize(
    "f, inverse, at",
    [(np.sin, np.arcsin, 0.4), (np.cos, np.arccos, 0.4), (np.tan, np.arctan, 0.7), (np.sinh, np.arcsinh, 0.8),
     (np.cosh, np.arccosh, 0.9), (np.tanh, np.arctanh, 0.3), (np.exp, np.log, 0.6), (np.exp2, np.log2, 0.6),
     (np.expm1, np.log1p, 0.2), (np.square, np.sqrt, 1.3), (np.deg2rad, np.rad2deg, 20.0),
     (lambda x: x**3, np.cbrt, 0.8), (np.reciprocal, np.reciprocal, 0.7)],
)  # fmt: skip
def test_inverse_functions(f, inverse, at):
    """g'(f(x)) = 1 / f'(x), and g'' = -f'' / f'^3."""
    y, f1, f2 = f(at), derivative(f)(at), derivative(f, 2)(at)
    close(derivative(inverse)(y), 1 / f1, 1e-12)
    close(grad(derivative(inverse))(y), -f2 / f1**3, 1e-12)


@given(function, number, number)
def test_an_integral_differentiates_to_its_integrand(f, a, x):
    """d/dx of the trapezoid sum of f from a to x, to second order in its step; and exactly, of a parabola's."""

    def integral(x, n=400, f=f):
        t = a + (x - a) * np.arange(n + 1) / n
        y = f(t)
        return (x - a) / n * (np.sum(y) - 0.5 * (y[0] + y[n]))

    if abs(x - a) > 0.1:
        close(derivative(integral)(x), f(x), 2e-4)
    exact = derivative(lambda x: integral(x, 7, lambda t: 2.0 * t - 1.0))(x)
    close(exact, 2.0 * x - 1.0)


@given(several, point)
def test_the_gradient_of_a_directional_derivative_is_the_hessian_times_the_direction(f, x):
    v = np.array([1.0, -0.4, 0.7])
    close(grad(lambda x: jvp(f, (x,), (v,))[1])(x), hessian(f)(x) @ v)
    close(hvp(f, x, v), hessian(f)(x) @ v)


@given(point, number)
def test_the_inverse_function_theorem_for_maps(x, t):
    """The Jacobian of the inverse map is the inverse Jacobian: polar coordinates there and back."""
    r, angle = 1.5 + t / 2, float(x[0])

    def polar(p):
        return np.stack([p[0] * np.cos(p[1]), p[0] * np.sin(p[1])])

    def back(q):
        return np.stack([np.hypot(q[0], q[1]), np.arctan2(q[1], q[0])])

    p = np.array([r, angle])
    close(jacobian(back)(polar(p)) @ jacobian(polar)(p), np.eye(2))


@given(several, point, point)
def test_a_line_integral_of_the_gradient_is_the_difference(f, x, y):
    """f(y) - f(x) = int_0^1 <grad f(x + t (y - x)), y - x> dt, by Gauss and Legendre's rule on twenty points."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    along = [np.dot(grad(f)(x + 0.5 * (s + 1) * (y - x)), y - x) for s in nodes]
    close(np.dot(weights, along) / 2, f(y) - f(x), 1e-5)
