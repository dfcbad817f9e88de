"""The running examples of the course, and random programs: compositions of elementary functions that are smooth
everywhere, so that every method has to agree on them."""

import numpy as np
from hypothesis import strategies as st

RNG = np.random.default_rng(20240229)
POINTS = RNG.normal(size=(6, 2)).round(2)
LABELS = (POINTS @ [1.0, -2.0] > 0).astype(float)


def polynomial(x):
    return 5 * x**5 + 4 * x**3 - 5


def circuit(v):
    return (v[0] + v[1]) * v[2]


def baydin(w):
    v = w[1] * np.log(w[0])
    return v + np.sqrt(v)


def log_density(v):
    y, mu, sigma = v[0], v[1], v[2]
    return -0.5 * np.log(2 * np.pi) - np.log(sigma) - 0.5 * ((y - mu) / sigma) ** 2


def logistic_least_squares(w):
    prediction = 1 / (1 + np.exp(-(POINTS @ w)))
    return np.sum((LABELS - prediction) ** 2) / 2


def _logistic_gradient(w):
    s = 1 / (1 + np.exp(-POINTS @ w))
    return POINTS.T @ ((s - LABELS) * s * (1 - s))


def _baydin_gradient(w):
    outer = 1 + 0.5 / np.sqrt(w[1] * np.log(w[0]))
    return outer * np.array([w[1] / w[0], np.log(w[0])])


def _log_density_gradient(v):
    z = (v[0] - v[1]) / v[2]
    return np.array([-z / v[2], z / v[2], (z * z - 1) / v[2]])


EXAMPLES = {  # name: the program, a point, the derivative by hand
    "polynomial": (polynomial, 1.0, lambda x: 25 * x**4 + 12 * x**2),
    "circuit": (circuit, np.array([-2.0, 5.0, -4.0]), lambda v: np.array([v[2], v[2], v[0] + v[1]])),
    "L(w1, w2)": (baydin, np.array([2.0, 3.0]), _baydin_gradient),
    "normal log-density": (log_density, np.array([3.0, 0.5, 2.0]), _log_density_gradient),
    "logistic least squares": (logistic_least_squares, np.array([0.3, -0.7]), _logistic_gradient),
}

UNARY = [
    np.sin, np.cos, np.tanh, np.arctan, lambda t: np.exp(np.sin(t)), lambda t: np.log1p(t * t),
    lambda t: np.sqrt(2.0 + t * t),
    lambda t: 1 / (1.5 + np.cos(t)), lambda t: t**3 / (1 + t**2), lambda t: -t, lambda t: np.cosh(np.tanh(t)),
    lambda t: np.where(t * t >= 0, np.arctan(t) ** 2, t), lambda t: np.arcsin(np.tanh(t) / 2),
    lambda t: 2.0 ** np.sin(t),
]  # fmt: skip
BINARY = [
    np.add, np.subtract, np.multiply, lambda a, b: a / (2 + np.sin(b)), lambda a, b: np.arctan2(a, 2 + b * b),
    lambda a, b: np.hypot(a, 1 + b * b), lambda a, b: (1 + a * a) ** np.tanh(b), np.logaddexp,
]  # fmt: skip
TO_NUMBER = [
    np.sum, np.mean, lambda v: v @ v, lambda v: v[0] * v[-1], lambda v: np.sum(np.concatenate([v, 2 * v[:1]])),
    lambda v: np.sum(np.reshape(v, (1, -1)) * np.array([[1.0], [0.25]])), lambda v: np.prod(1 + v / 3),
    lambda v: np.sum(np.array([v[0], v[-1] ** 2]) @ np.array([[1.0, 2.0], [-0.5, 1.0]])),
]  # fmt: skip

steps = st.lists(
    st.tuples(st.sampled_from(range(len(UNARY) + len(BINARY))), st.integers(0, 9), st.integers(0, 9)),
    min_size=1,
    max_size=5,
)


def program(steps, reduce=None):
    """A straight-line program: each step applies one function to earlier results."""

    def f(x):
        results = [x]
        for k, i, j in steps:
            a, b = results[-1 - i % len(results)], results[j % len(results)]
            results.append(UNARY[k](a) if k < len(UNARY) else BINARY[k - len(UNARY)](a, b))
        return results[-1] if reduce is None else TO_NUMBER[reduce](results[-1])

    return f
