"""Programs whose graphs the tests draw: drawn at random by hypothesis, and some of every shape."""

import math

import numpy as np
from hypothesis import strategies as st

from adcourse import record


def running_example(w1, w2):
    v = w2 * np.log(w1)
    return v + np.sqrt(v)


def logistic(n):
    def f(x):
        for _ in range(n):
            x = 4 * x * (1 - x)
        return x

    return f


def rosenbrock(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def newton_root(n):
    def f(x):
        t = (1 + x) / 2
        for _ in range(n):
            t = (t + x / t) / 2
        return t

    return f


def product(*xs):
    p = xs[0]
    for x in xs[1:]:
        p = p * x
    return p


def wide_sum(x):
    return sum(np.sin(x[i]) * (i + 1) for i in range(len(x)))


def tree(x):
    values = [x[i] ** 2 for i in range(len(x))]
    while len(values) > 1:
        values = [values[k] * values[k + 1] for k in range(0, len(values), 2)]
    return values[0]


def fibonacci(n):
    def f(x, k=n):
        return x if k < 2 else np.sin(f(x, k - 1)) * f(x, k - 2)

    return lambda x: f(x)


def network(depth):
    def f(Ws, x):
        for W in Ws:
            x = np.tanh(W @ x)
        return np.sum(x * x)

    weights = [np.eye(3) * (k + 1) / 4 for k in range(depth)]
    return f, weights, np.array([1.0, -0.5, 0.25])


def softmax_regression(W, b, X, Y):
    Z = X @ W + b
    Z = Z - np.max(Z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(Z), axis=1)) - np.sum(Y * Z, axis=1)) + 0.01 * np.sum(W**2)


def runge_kutta(n):
    def rate(p, u):
        return p * u * (1 - u)

    def f(p, u):
        for _ in range(n):
            k1 = rate(p, u)
            k2 = rate(p, u + 0.05 * k1)
            k3 = rate(p, u + 0.05 * k2)
            k4 = rate(p, u + 0.1 * k3)
            u = u + 0.1 / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return u

    return f


def predator_prey(n):
    def f(a, b, c, d, x, y):
        for _ in range(n):
            dx = a * x - b * x * y
            dy = d * x * y - c * y
            x, y = x + 0.05 * dx, y + 0.05 * dy
        return x * y

    return f


def nested(n, m):
    def f(x, w):
        total = 0.0
        for i in range(n):
            y = x * (i + 1)
            for _ in range(m):
                y = np.cos(y) + w
            total = total + y * y
        return total

    return f


CASES = {
    "one_row": (np.sin, 1.0), "running_example": (running_example, math.e, 4.0), "logistic_3": (logistic(3), 0.2),
    "logistic_10": (logistic(10), 0.2), "newton_root": (newton_root(9), 2.0),
    "rosenbrock": (rosenbrock, np.array([-1.2, 1.0, 0.5, 0.3, 0.2])), "square": (lambda x: x * x, 3.0),
    "layer": (lambda W, x: np.sum(np.tanh(W @ x)), np.ones((4, 3)), np.arange(3.0)),
    "unused": (lambda x, y: (x * y, x * 2.0)[1], 1.0, 2.0),
    "islands": (lambda x, y, z: (x * 2.0, y * 3.0), 1.0, 2.0, 3.0),
    "softmax": (softmax_regression, np.ones((3, 4)), np.zeros(4), np.arange(15.0).reshape(5, 3), np.eye(5)[:, :4]),
}  # fmt: skip
LARGE = {
    "logistic_66": (logistic(66), 0.2), "newton_60": (newton_root(60), 2.0), "product_60": (product, *[1.1] * 60),
    "wide_sum_30": (wide_sum, np.linspace(0, 1, 30)), "tree_32": (tree, np.linspace(0.5, 1, 32)),
    "fibonacci_9": (fibonacci(9), 1.2), "network_30": network(30), "runge_kutta_7": (runge_kutta(7), 2.0, 0.1),
    "predator_prey_11": (predator_prey(11), 1.0, 0.5, 0.8, 0.3, 1.0, 2.0), "nested": (nested(5, 8), 0.5, 0.1),
    "rosenbrock_16": (rosenbrock, np.linspace(-1, 1, 16)),
}  # fmt: skip


OPERATIONS = (
    lambda a, b: a * b, lambda a, b: a + b, lambda a, b: np.sin(a), lambda a, b: 2 * a, lambda a, b: a - b,
    lambda a, b: b * b,
)  # fmt: skip


@st.composite
def tapes(draw, most=60, least=1):
    """Tapes of random programs of ``least`` to ``most`` operations: far and near operands, twins, unused rows."""
    n, inputs = draw(st.integers(least, most)), draw(st.integers(1, 5))
    picks = draw(
        st.lists(st.tuples(st.integers(0, 5), st.floats(0, 0.999), st.floats(0, 0.999)), min_size=n, max_size=n)
    )
    near = draw(st.booleans())  # near operands make long programs, far ones wide programs

    def f(*xs):
        values = list(xs)
        for kind, first, second in picks:
            window = values[-4:] if near and kind < 4 else values
            a, b = window[int(first * len(window))], values[int(second * len(values))]
            values.append(OPERATIONS[kind](a, b))
        return values[-1]

    return record(f, *[0.3 + 0.1 * k for k in range(inputs)])


@st.composite
def dags(draw, most=60):
    """Sizes of nodes and edges of a random graph, with twins and islands."""
    n = draw(st.integers(1, most))
    far = draw(st.integers(1, 200))
    pairs = [draw(st.lists(st.integers(max(0, v - far), v - 1), max_size=3)) if v else [] for v in range(n)]
    sizes = [(draw(st.floats(20, 120)), draw(st.floats(20, 80))) for _ in range(n)]
    return sizes, [(u, v) for v, parents in enumerate(pairs) for u in parents]
