"""Random programs: every mode and nesting against a 50-digit oracle that knows nothing of the rules."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import derivative, grad, hessian, hvp, jacobian, jvp, vjp

# name: (how NumPy writes it, how mpmath writes it); total functions, so that every program has a value
ONE = {
    "sin": (np.sin, mpmath.sin),
    "cos": (np.cos, mpmath.cos),
    "tanh": (np.tanh, mpmath.tanh),
    "arctan": (np.arctan, mpmath.atan),
    "exp": (lambda x: np.exp(np.sin(x)), lambda x: mpmath.exp(mpmath.sin(x))),
    "log": (lambda x: np.log(2.0 + np.cos(x)), lambda x: mpmath.log(2 + mpmath.cos(x))),
    "log1p": (lambda x: np.log1p(x * x), lambda x: mpmath.log1p(x * x)),
    "expm1": (lambda x: np.expm1(-(x**2)), lambda x: mpmath.expm1(-(x**2))),
    "sqrt": (lambda x: np.sqrt(1 + x * x), lambda x: mpmath.sqrt(1 + x * x)),
    "cube": (lambda x: 0.1 * x**3, lambda x: mpmath.mpf(0.1) * x**3),
    "reciprocal": (lambda x: 1 / (1.5 + np.sin(x)), lambda x: 1 / (mpmath.mpf(1.5) + mpmath.sin(x))),
    "negative": (lambda x: -x, lambda x: -x),
    "loop": (lambda x: _loop(x, np.sin), lambda x: _loop(x, mpmath.sin)),
}
TWO = {
    "add": (lambda x, y: x + y, lambda x, y: x + y),
    "subtract": (lambda x, y: x - y, lambda x, y: x - y),
    "multiply": (lambda x, y: np.sin(x) * y, lambda x, y: mpmath.sin(x) * y),
    "divide": (lambda x, y: x / (2.0 + np.cos(y)), lambda x, y: x / (2 + mpmath.cos(y))),
    "power": (
        lambda x, y: (1.5 + np.sin(x)) ** np.tanh(y),
        lambda x, y: (1.5 + mpmath.sin(x)) ** mpmath.tanh(y),
    ),
    "array": (lambda x, y: np.sum(np.array([x, y]) * [1.0, 2.0]), lambda x, y: x + 2 * y),
    "pair": (lambda x, y: np.stack([x, y])[1] * x, lambda x, y: y * x),
}


def _loop(x, sin):
    for k in range(3):
        x = x + sin(x * k) * 0.5
    return x


STEP = st.one_of(
    st.tuples(st.sampled_from(sorted(ONE)), st.integers(0, 99)),
    st.tuples(st.sampled_from(sorted(TWO)), st.integers(0, 99), st.integers(0, 99)),
)
PROGRAM = st.lists(STEP, min_size=1, max_size=8)
POINT = st.floats(-1.5, 1.5, allow_subnormal=False).map(lambda x: round(x, 6) + 0.011)


def run(program, inputs, dialect):
    """Straight-line code: each step reads any earlier values; the result is the sum of the last two."""
    values = list(inputs)
    for name, *sources in program:
        f = (ONE if len(sources) == 1 else TWO)[name][dialect]
        values.append(f(*(values[s % len(values)] for s in sources)))
    return values[-1] + values[-2] * values[-1]


def oracle(program, point, order):
    with mpmath.workdps(60):
        return float(mpmath.diff(lambda *x: run(program, x, 1), tuple(map(mpmath.mpf, point)), order))


def close(found, exact):
    assert found == pytest.approx(exact, rel=1e-9, abs=1e-9)


@settings(max_examples=120, deadline=None)
@given(PROGRAM, POINT, POINT)
def test_first_and_second_derivatives(program, x, y):
    def f(x, y):
        return run(program, (x, y), 0)

    first = [oracle(program, (x, y), o) for o in ((1, 0), (0, 1))]
    close(list(grad(f, (0, 1))(x, y)), first)
    close([jvp(f, (x, y), v)[1] for v in ((1.0, 0.0), (0.0, 1.0))], first)
    mixed = oracle(program, (x, y), (1, 1))
    close(derivative(lambda x: derivative(lambda y: f(x, y))(y))(x), mixed)
    close(grad(lambda x: derivative(lambda y: f(x, y))(y))(x), mixed)
    close(derivative(lambda x: grad(f, 1)(x, y))(x), mixed)
    close(grad(lambda x: grad(f, 1)(x, y))(x), mixed)


@settings(max_examples=25, deadline=None)
@given(PROGRAM, POINT, st.permutations([derivative, grad, derivative]), st.booleans())
def test_third_derivatives_by_nesting(program, x, modes, swap):
    def f(x):
        return run(program, (x, 0.7), 0)

    a, b, c = modes if not swap else [grad, *modes[:2]]
    exact = oracle(program, (x, 0.7), (3, 0))
    assert a(b(c(f)))(x) == pytest.approx(exact, rel=1e-7, abs=1e-7 * max(1, abs(exact)))


ARRAY_STEPS = {
    "roll": lambda x: np.concatenate([x[1:], x[:1]]),
    "square": lambda x: x * x * 0.3,
    "sin": np.sin,
    "normalise": lambda x: x / np.sqrt(1.0 + np.sum(x * x)),
    "matmul": lambda x: np.array([[0.3, -1.0, 0.2], [0.5, 0.1, 0.4], [-0.7, 0.2, 0.9]]) @ x,
    "outer": lambda x: np.tanh(x[:, None] * x) @ x,
    "pick": lambda x: x[[2, 0, 0]] + x[1],
    "where": lambda x: np.where(x > 0.1, x * 2.0, np.cos(x)),
    "centre": lambda x: x - x.mean(),
    "stack": lambda x: np.stack([x, np.exp(-(x**2))], axis=1).reshape(3, 2).sum(axis=1),
    "prod": lambda x: x + np.prod(x),
    "transpose": lambda x: (x.reshape(3, 1) * np.ones((1, 2))).T.sum(axis=0) * 0.5,
    "branch": lambda x: x * 1.5 if np.sum(x) > 0 else np.arctan(x),
    "loop": lambda x: np.array([x[i] * x[i - 1] for i in range(3)]),
}


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(sorted(ARRAY_STEPS)), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_array_programs(steps, seed):
    """Jacobian from rows = from columns = from the pullback; Hessian symmetric, and its product by either nesting."""
    rng = np.random.default_rng(seed)
    x, u, v = rng.uniform(-1, 1, 3), rng.normal(size=3), rng.normal(size=3)

    def f(x):
        for name in steps:
            x = ARRAY_STEPS[name](x)
        return x

    J = jacobian(f)(x)
    y, dy = jvp(f, x, v)
    np.testing.assert_allclose(y, f(x), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(J @ v, dy, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(vjp(f, x)[1](u)[0], u @ J, rtol=1e-10, atol=1e-10)

    def scalar(x):
        return np.sum(u * f(x) ** 2)

    H = hessian(scalar)(x)
    scale = max(1.0, np.abs(H).max())
    np.testing.assert_allclose(H, H.T, rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(H @ v, hvp(scalar, x, v), rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(H @ v, grad(lambda x: jvp(scalar, x, v)[1])(x), rtol=1e-9, atol=1e-9 * scale)
