"""Assignment 5, one Taylor step of a differential equation: 5.4.

The right answers are Taylor polynomials of solutions that are known in closed form. A step of order K is this
polynomial and no other number, so its local order is K + 1: the questions at h, h/2 and h/4 look at that.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps05_derivatives import OnSeries
from adcourse.grading.problems.ps05_functions import by_powers


class Equation:
    """y' = F(y), and the Taylor coefficients y_0, y_1, ... of its solution in closed form, by y_0 and k."""

    def __init__(self, words: str, F: OnSeries, coefficient: Callable):
        self.words, self.F, self.coefficient = words, F, coefficient

    def terms(self, y0, h, K) -> list[float]:
        return [self.coefficient(y0, k) * h**k for k in range(K + 1)]


def square(c):
    return np.convolve(c, c)[: len(c)]


def linear(a, b) -> Equation:
    F = OnSeries(lambda c: a * c + b * (np.arange(len(c)) == 0))
    return Equation("y' = ay + b", F, lambda y, k: (a * y + b) * a ** (k - 1) / math.factorial(k) if k else y)


GROWTH = Equation("y' = y", OnSeries(lambda c: c), lambda y, k: y / math.factorial(k))
SQUARE = Equation("y' = y²", OnSeries(square), lambda y, k: y ** (k + 1))  # y = y0 / (1 - y0 t)
CUBE = Equation(  # y = y0 / sqrt(1 - 2 y0² t)
    "y' = y³",
    OnSeries(lambda c: np.convolve(square(c), c)[: len(c)]),
    lambda y, k: y ** (2 * k + 1) * math.comb(2 * k, k) / 2**k,
)
LOGARITHM = Equation(  # y = log(e^y0 + t)
    "y' = exp(-y)",
    OnSeries(lambda c: by_powers([math.exp(-c[0]) * (-1) ** j / math.factorial(j) for j in range(len(c))], c)),
    lambda y, k: -((-math.exp(-y)) ** k) / k if k else y,
)


def step_of(equation, y0, steps, K, question) -> Probe:
    """The polynomial of order K, for one step or several: 1e-12 of the sum of its absolute terms."""
    F, terms = equation.F, [equation.terms(y0, h, K) for h in np.ravel(steps).tolist()]
    expected, size = [math.fsum(t) for t in terms], [1e-12 * math.fsum(map(abs, t)) for t in terms]
    if isinstance(steps, float):
        return Probe(
            question, lambda ode_taylor_step: ode_taylor_step(F, y0, steps, K), Close(expected[0], atol=size[0])
        )
    judge = Close(expected, atol=size, labels=[f"for h = {h:g}" for h in steps])
    return Probe(question, lambda ode_taylor_step: [ode_taylor_step(F, y0, h, K) for h in steps], judge)


def step_visible():
    e = Close(math.e, atol=1e-14)
    first = step_of(GROWTH, 1.0, 1.0, 20, "y' = y, y(0) = 1, h = 1, K = 20: e to 1e-14")
    return [
        Probe(first.question, first.ask, e),
        step_of(SQUARE, 1.0, 0.5, 30, "y' = y², y(0) = 1, h = 0.5, K = 30: 2 - 2^-30"),
        step_of(GROWTH, 2.0, 0.5, 1, "y' = y, y(0) = 2, h = 0.5, K = 1: 2 + 0.5·2 = 3, a step of Euler's method"),
        step_of(GROWTH, 2.0, 0.5, 3, "y' = y, y(0) = 2, h = 0.5, K = 3: 2(1 + 0.5 + 0.5²/2 + 0.5³/6) = 3.29166..."),
        step_of(SQUARE, 2.0, -0.25, 3, "y' = y², y(0) = 2, h = -0.25, K = 3: 2(1 - 0.5 + 0.25 - 0.125) = 1.25"),
    ]


def step_hidden(rng):
    y0, a, b = (float(v) for v in rng.uniform(0.6, 1.4, size=3))
    yield step_of(SQUARE, y0, [0.5 / y0, -0.3], 30, "y' = y², K = 30")
    for K in (3, 6):
        h = float(rng.uniform(0.15, 0.25))
        for equation in (SQUARE, LOGARITHM):
            yield step_of(equation, y0, [h, h / 2, h / 4], K, f"{equation.words}, K = {K}, of local order {K + 1}")
    yield step_of(linear(-a, b), y0, [0.7, -0.4], 9, "a linear equation, K = 9")
    yield step_of(CUBE, -y0, 0.1, 5, "y' = y³, K = 5")
    yield step_of(SQUARE, -y0, float(rng.uniform(0.2, 0.6)), 1, "y' = y², K = 1")


def _value(y, h):
    return math.fsum(c * h**k for k, c in enumerate(y))


def _series(F, y0, K, next=lambda y, F, k: F(y)[k] / (k + 1)):
    y = [y0]
    for k in range(K):
        y.append(next(y, F, k))
    return y


def _step(next=lambda y, F, k: F(y)[k] / (k + 1), add=_value, more=0):
    return lambda F, y0, h, K: add(_series(F, y0, K + more, next), h)


def _last_of_padded(F, y0, h, K):
    y = [y0] + [0.0] * K
    for k in range(K):
        y[k + 1] = F(y)[-1] / (k + 1)
    return _value(y, h)


def _runge_kutta(F, y0, h, K):
    f = lambda y: F([y])[0]
    a = f(y0)
    b = f(y0 + h / 2 * a)
    c = f(y0 + h / 2 * b)
    return y0 + h / 6 * (a + 2 * b + 2 * c + f(y0 + h * c))


def _euler_steps(F, y0, h, K):
    """K short steps of Euler's method instead of a series of K terms."""
    for _ in range(K):
        y0 = y0 + h / K * F([y0])[0]
    return y0


ODE_STEP = Problem(
    id="5.4",
    title="A Taylor-series ODE step",
    points=4,
    signature="ode_taylor_step(F, y0, h, K)",
    visible=step_visible,
    hidden=step_hidden,
    hint="Recompute F on the series known so far. Do y' = y² by hand up to y₃, as in the lecture, and print what your "
    "code has after each coefficient.",
    mistakes=[
        Mistake(
            _step(lambda y, F, k: F(y)[k]),
            "Your y_(k+1) is [F(y)]_k, undivided. The derivative of y₂t² is 2y₂t: compare coefficients of t once more.",
        ),
        Mistake(
            _step(lambda y, F, k: F(y)[k] / (k + 2)),
            "You divide by k + 2. Print k at the first coefficient: y₁ is [F(y)]₀ itself, the slope at the start.",
        ),
        Mistake(
            _step(lambda y, F, k: F(y)[k] / max(k, 1)),
            "You divide by k. The derivative of y_(k+1) t^(k+1) brings down another number: which?",
        ),
        Mistake(
            _step(lambda y, F, k: F(y)[k] / math.factorial(k + 1)),
            "You divide by (k+1)!. [F(y)]_k is a coefficient, which has its 1/k! inside already; one differentiation "
            "brings down one factor.",
        ),
        Mistake(
            _step(lambda y, F, k: F(y)[k] * (k + 1)),
            "You multiply by k + 1. On the left of y' = F(y) stands (k+1) y_(k+1): solve for y_(k+1).",
        ),
        Mistake(
            _step(lambda y, F, k: F([y[0], *[0.0] * k])[k] / (k + 1)),
            "F sees y₀ alone and never the coefficients that you found: all but y₁ come out 0, and the step is "
            "Euler's. When is F to be run again?",
        ),
        Mistake(
            _step(lambda y, F, k: F([y[0], 1.0, *[0.0] * k][: k + 1])[k] / (k + 1)),
            "F is run on y₀ + t, as in 5.3. Here the series that moves is y itself: F belongs on the y that is known "
            "so far.",
        ),
        Mistake(
            _step(lambda y, F, k: F([y[-1]])[0] / (k + 1)),
            "F is run on the newest coefficient alone. [F(y)]_k needs the whole series y₀, ..., y_k: try y' = y² by "
            "hand.",
        ),
        Mistake(
            _step(add=lambda y, h: math.fsum(y)),
            "Your coefficients are added up without powers of h. With h = 1 that doesn't show; try h = 0.5.",
        ),
        Mistake(
            _step(add=lambda y, h: y[0] + h * math.fsum(y[1:])),
            "All your coefficients but the first are multiplied by h. y_k stands before t^k, and t is h.",
        ),
        Mistake(
            _step(add=lambda y, h: math.fsum(c * h ** (k + 1) for k, c in enumerate(y))),
            "Your powers of h are one too high: at h = 0 the step has to be y₀.",
        ),
        Mistake(
            _step(add=lambda y, h: math.fsum(c * h**k / math.factorial(k) for k, c in enumerate(y))),
            "You divide by k! in the sum. The y_k are coefficients, not derivatives: the factorial is inside already.",
        ),
        Mistake(
            _step(
                lambda y, F, k: F(y)[k], lambda y, h: math.fsum(c * h**k / math.factorial(k) for k, c in enumerate(y))
            ),
            "Your list holds derivatives, and F takes coefficients. For y' = y both come to the same; do y' = y² by "
            "hand.",
        ),
        Mistake(
            _last_of_padded,
            "You read the last coefficient of a list that is filled up with zeros. Which of them is [F(y)]_k, and "
            "which need coefficients of y that aren't known yet?",
        ),
        Mistake(
            _step(add=lambda y, h: math.fsum(c * h**k for k, c in enumerate(y) if k)),
            "That is by how much y changes. Asked for is y after the step: at h = 0 it has to be y₀.",
        ),
        Mistake(
            _step(more=1),
            "You have a term too many: order K ends with y_K h^K. K = 1 is Euler's method, y₀ + h F(y₀).",
        ),
        Mistake(
            _step(more=-1),
            "The last term is missing: order K ends with y_K h^K. K = 1 is Euler's method, y₀ + h F(y₀).",
        ),
        Mistake(
            _step(add=lambda y, h: y),
            "These are the coefficients of y. One number is asked for: the value of the series at t = h.",
        ),
        Mistake(
            _euler_steps,
            "You make K short steps of Euler's method. One step of order K it shall be: the series to t^K, put at t = "
            "h.",
        ),
        Mistake(
            _runge_kutta,
            "You make a Runge-Kutta step, whose order is 4, whatever K is. The Taylor step takes its order from K.",
        ),
        Mistake(
            _step(add=lambda y, h: math.fsum(c * abs(h) ** k for k, c in enumerate(y))),
            "Your step ignores the sign of h. Backwards in time is a step like any other.",
        ),
    ],
    hints={
        "series": "F takes a list of coefficients, lowest first: a number y₀ is the list with y₀ in it.",
        "raised TypeError": "F takes a list and gives back a list. Lists can't be multiplied by a float; their "
        "entries can.",
        "raised IndexError": "F gives back as many coefficients as it is given, the first of them at [0]. How long is "
        "the series when you ask for [F(y)]_k?",
        "digits": "Nearly: is a term missing or one too many? And do the coefficients come from F by the recurrence, "
        "not from differences?",
    },
)
