"""Programs with their derivatives by hand, for the contract that every method and every bridge keeps.

What the programs have in common: plain NumPy code for one number or one array, that returns one number.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

SEED = 20240706
RNG = np.random.default_rng(SEED)
V5, V50 = RNG.normal(size=5), RNG.normal(size=50)
B = RNG.normal(size=(5, 5))
A = B @ B.T + 5 * np.eye(5)  # symmetric, positive definite
C = RNG.normal(size=5)


@dataclass
class Scenario:
    """A program ``f``, a point ``x`` and the ``exact`` derivative there: numbers, or an interval of slopes at a kink.

    ``size``: how large values and derivatives of f are near x, which is what the promise of a difference formula is
    relative to; ``condition``: by how much the program itself, exactly differentiated, loses digits.
    ``smooth``: whether a difference formula with the default step is promised to work.
    """

    name: str
    f: Any
    x: Any
    exact: Any
    size: float = 10.0
    condition: float = 10.0
    smooth: bool = True
    kink: bool = False


# ---------------------------------------------------------------------------------------------- programs


def horner(x, coefficients=tuple(range(1, 12))):
    y = 0.0 * x
    for c in coefficients:
        y = y * x + c
    return y


def chebyshev(x, n=8):
    before, now = 1.0, x
    for _ in range(n - 1):
        before, now = now, 2 * x * now - before
    return now


def newton_root(a):
    x = a
    for _ in range(5):
        x = (x + a / x) / 2
    return x


def until_small(x):
    """A loop whose length depends on x: e^x from its series."""
    term, total, k = 1.0, 1.0, 1
    while abs(term) > 1e-25:
        term = term * x / k
        total, k = total + term, k + 1
    return total


def collatz(x):
    """Branches in a loop: a straight line through 0 on each piece."""
    for _ in range(10):
        x = x / 2 if math.floor(x) % 2 == 0 else 3 * x + 1
    return x


def fibonacci(x, n=6):
    return x**n if n < 2 else fibonacci(x, n - 1) * np.cos(x) + fibonacci(x, n - 2)


def fibonacci_slope(x, n=6):
    """(f_n, f_n') by the product rule."""
    if n < 2:
        return x**n, n * 1.0
    (a, da), (b, db) = fibonacci_slope(x, n - 1), fibonacci_slope(x, n - 2)
    return a * math.cos(x) + b, da * math.cos(x) - a * math.sin(x) + db


def branch(x):
    if x > 0:
        return x**2
    return -3 * x


def rosenbrock(v):
    return np.sum(100 * (v[1:] - v[:-1] ** 2) ** 2 + (1 - v[:-1]) ** 2)


def rosenbrock_gradient(v):
    g = np.zeros_like(v)
    g[:-1] = -400 * v[:-1] * (v[1:] - v[:-1] ** 2) - 2 * (1 - v[:-1])
    g[1:] += 200 * (v[1:] - v[:-1] ** 2)
    return g


def product(v):
    y = v[0]
    for k in range(1, len(v)):
        y = y * v[k]
    return y


def assembled(v):
    """Writes into an array of its own."""
    y = np.zeros_like(v)
    for k in range(len(v)):
        y[k] = v[k] * v[k - 1]
    return np.sum(y)


def softmax_loss(v):
    return np.log(np.sum(np.exp(v))) - v[0]


def softmax(v):
    return np.exp(v - np.max(v)) / np.sum(np.exp(v - np.max(v)))


def circle(v):
    return np.sqrt(v @ v)


def inverse(v):
    return np.linalg.inv(A + np.diag(v))


def twice_by_columns(v):
    return np.sum(np.reshape(np.concatenate([v, 2 * v]), (2, -1)) @ np.ones(len(v)) ** 2)


TWO_THIRDS = np.float32(2 / 3)
U = np.array([0.5, 1.5, 2.5], np.float32)
X7 = 0.7

SCENARIOS = [
    # numbers
    Scenario("course polynomial", lambda x: 5 * x**5 + 4 * x**3 - 5, 1.0, 37.0, 500),
    Scenario("exp of sin", lambda x: np.exp(np.sin(x)), X7, math.cos(X7) * math.exp(math.sin(X7))),
    Scenario("negative power", lambda x: x**-3, X7, -3 * X7**-4, 1e4),
    Scenario("power of itself", lambda x: x**x, X7, X7**X7 * (math.log(X7) + 1), 50),
    Scenario("logistic", lambda x: 1 / (1 + np.exp(-x)), X7, math.exp(-X7) / (1 + math.exp(-X7)) ** 2),
    Scenario("tanh, saturated", np.tanh, 15.0, 1 / math.cosh(15.0) ** 2, condition=1e14),
    Scenario("arctan2 and hypot", lambda x: np.arctan2(x, 2.0) + np.hypot(x, 1.0), X7,
             2 / (X7**2 + 4) + X7 / math.hypot(X7, 1)),
    Scenario("constant", lambda x: 3.0, X7, 0.0),
    Scenario("does not use x", lambda x: 0 * x + 2, X7, 0.0),
    Scenario("integer point", lambda x: x * x, 3, 6.0),
    Scenario("special function", special.erf, X7, 2 / math.sqrt(math.pi) * math.exp(-(X7**2))),
    Scenario("from math", lambda x: math.sin(x), X7, math.cos(X7)),
    Scenario("turned into a float", lambda x: float(x) ** 2, X7, 2 * X7),
    Scenario("single precision", lambda x: np.sin(x) * x, TWO_THIRDS, math.sin(2 / 3) + 2 / 3 * math.cos(2 / 3)),
    # polynomials and loops
    Scenario("Horner, degree 10", horner, 0.9, np.polyval(np.polyder(np.arange(1.0, 12.0)), 0.9), 1e6),
    Scenario("Chebyshev, degree 8", chebyshev, 0.3,
             8 * math.sin(8 * math.acos(0.3)) / math.sin(math.acos(0.3)), 1e5),
    Scenario("Newton's root", newton_root, 2.0, 0.5 / math.sqrt(2), condition=100),
    Scenario("loop of unknown length", until_small, 1.5, math.exp(1.5)),
    Scenario("recursion", fibonacci, X7, fibonacci_slope(X7)[1], 1e3),
    # branches and kinks
    Scenario("branch, right", branch, 2.0, 4.0),
    Scenario("branch, left", branch, -2.0, -3.0),
    Scenario("branches in a loop", collatz, 7.3, 3.0**6 / 2.0**4, 1e3, smooth=False),
    Scenario("where", lambda x: np.where(x > 1, x**3, np.exp(x)), 2.0, 12.0, 50),
    Scenario("abs beside its kink", np.abs, -1.5, -1.0),
    Scenario("maximum of three", lambda v: np.max(v), np.array([1.0, 3.0, 2.0]), np.array([0.0, 1.0, 0.0])),
    Scenario("clip", lambda v: np.sum(np.clip(v, -1.0, 1.0) ** 2), np.array([-3.0, 0.25, 2.0]),
             np.array([0.0, 0.5, 0.0])),
    Scenario("floor is flat", lambda x: x * np.floor(x), 2.5, 2.0),
    Scenario("abs at its kink", np.abs, 0.0, (-1.0, 1.0), smooth=False, kink=True),
    Scenario("relu at its kink", lambda x: np.maximum(x, 0.0), 0.0, (0.0, 1.0), smooth=False, kink=True),
    Scenario("kink inside", lambda x: np.abs(np.sin(x)) + x, 0.0, (0.0, 2.0), smooth=False, kink=True),
    Scenario("smooth all the same", lambda x: x * np.abs(x), 0.0, 0.0, smooth=False),
    # arrays
    *[
        Scenario(f"{name}, n = {len(v)}", f, v, df(v), size)
        for v in (V5[:1], V5, V50)
        for name, f, df, size in [
            ("v sin v", lambda v: np.sum(v * np.sin(v)), lambda v: np.sin(v) + v * np.cos(v), 100),
            ("product", product, lambda v: np.array([np.prod(np.delete(v, i)) for i in range(len(v))]), 10),
            ("norm", circle, lambda v: v / np.linalg.norm(v), 100),
            ("softmax loss", softmax_loss, lambda v: softmax(v) - np.eye(len(v))[0], 10),
            ("cumulative", lambda v: np.sum(np.cumsum(v) ** 2) / 2, lambda v: np.cumsum(np.cumsum(v)[::-1])[::-1], 1e4),
            ("joined and reshaped", twice_by_columns, lambda v: np.full(len(v), 3.0), 100),
        ]
        if len(v) < 50 or name in ("product", "softmax loss", "cumulative")
    ],
    Scenario("Rosenbrock, n = 5", rosenbrock, V5, rosenbrock_gradient(V5), 1e5),
    Scenario("Rosenbrock, n = 50", rosenbrock, V50, rosenbrock_gradient(V50), 1e5),
    Scenario("assembled entry by entry", assembled, V5, np.roll(V5, 1) + np.roll(V5, -1), 10),
    Scenario("some entries only", lambda v: v[0] * v[3], V5, np.array([V5[3], 0, 0, V5[0], 0])),
    Scenario("negative base", lambda v: v[0] ** 3 * v[1] ** 2, np.array([-1.5, -0.5]),
             np.array([3 * 2.25 * 0.25, 2 * -3.375 * -0.5]), 50),
    Scenario("single precision, array", lambda v: np.sum(np.log(v) * v), U, np.log(U.astype(float)) + 1, 10),
    Scenario("a matrix of inputs", lambda m: np.sum((m @ m.T) * np.eye(2)), np.arange(6.0).reshape(2, 3),
             2 * np.arange(6.0).reshape(2, 3), 100),
    # functions of matrices
    Scenario("quadratic form", lambda v: v @ A @ v, V5, 2 * A @ V5, 1e3),
    Scenario("log det", lambda v: np.linalg.slogdet(A + np.diag(v**2))[1], V5,
             2 * V5 * np.diag(np.linalg.inv(A + np.diag(V5**2))), 100),
    Scenario("det", lambda v: np.linalg.det(A + np.diag(v)), V5,
             np.linalg.det(A + np.diag(V5)) * np.diag(inverse(V5)), 1e5, 100),
    Scenario("solve", lambda v: C @ np.linalg.solve(A + np.diag(v), C), V5, -((inverse(V5) @ C) ** 2), 10, 100),
    Scenario("trace of an inverse", lambda v: np.trace(np.linalg.inv(A + np.diag(v))), V5,
             -np.diag(inverse(V5) @ inverse(V5)), 10, 100),
    Scenario("largest eigenvalue", lambda v: np.linalg.eigvalsh(A + np.diag(v))[-1], V5,
             np.linalg.eigh(A + np.diag(V5))[1][:, -1] ** 2, 100, 100),
    # overflow, cancellation and the edges of domains
    Scenario("overflow", np.exp, 800.0, math.inf, smooth=False),
    Scenario("overflow inside", lambda x: np.log(1 + np.exp(x)), 1000.0, 1.0, smooth=False),
    Scenario("underflow", lambda x: np.exp(-x * x), 40.0, 0.0),
    Scenario("cancellation", lambda x: (1 - np.cos(x)) / x**2, 1e-4, -1e-4 / 12, 10, 1e17, smooth=False),
    Scenario("outside the domain", np.log, -1.0, math.nan, smooth=False),
    Scenario("edge of the domain", np.sqrt, 0.0, math.inf, smooth=False),
    Scenario("edge, a slope on one side", lambda x: np.sqrt(x) * x, 0.0, math.nan, smooth=False),
    Scenario("arcsin at its end", np.arcsin, 1.0, math.inf, smooth=False),
    Scenario("a tiny scale", np.log, 1e-9, 1e9, 1e9, smooth=False),
    Scenario("far out", lambda x: np.sin(x), 1e6, math.cos(1e6), 10, 1e8, smooth=False),
    Scenario("where around a root", lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0), -1.0, 0.0),
    Scenario("where over a root", lambda x: np.where(x > 0, np.sqrt(x), 0.0), -1.0, 0.0),
]  # fmt: skip
BY_NAME = {s.name: s for s in SCENARIOS}
assert len(BY_NAME) == len(SCENARIOS)
