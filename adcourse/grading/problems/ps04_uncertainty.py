"""Assignment 4, propagating an uncertainty: 4.4.

The oracle is the complex step, and its contributions in quadrature. Tolerance: a dozen operations on numbers of size 1,
so 1e-12.
"""

from __future__ import annotations

import math

import numpy as np

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_gradient


def sigma_of(f, x, sigma) -> float:
    return math.hypot(*(slope * s for slope, s in zip(complex_step_gradient(f, x), sigma, strict=True)))


def spread_of(f, x, sigma, question) -> Probe:
    judge = Close(lambda: sigma_of(f, x, sigma), rtol=1e-12, atol=1e-14)
    return Probe(question, lambda propagate: propagate(f, list(x), list(sigma)), judge)


def gravity(length, period):
    return 4 * np.pi**2 * length / period**2


def second_alone(x, y):
    return y * y


def still(x, y):
    return 7.5


def propagate_visible():
    return [
        spread_of(lambda x, y: x - y, [5.0, 2.0], [0.3, 0.4], "x − y with σ = 0.3 and 0.4: 0.5"),
        spread_of(gravity, [1.0, 2.006], [0.001, 0.01], "the pendulum, g = 4π²ℓ/T²: 0.0983038556637593"),
        spread_of(lambda x: 1 / x, [2.0], [0.2], "1/x at 2 ± 0.2: 0.05"),
        spread_of(lambda x, y, z: x * y - z**2, [2.0, -1.0, 3.0], [0.1, 0.3, 0.05], "xy − z² at (2, −1, 3)"),
        spread_of(second_alone, [2.0, 3.0], [0.5, 0.1], "y², whatever x is: 0.6"),
        spread_of(still, [2.0, 3.0], [0.5, 0.1], "7.5, whatever x and y are: 0"),
    ]


def propagate_hidden(rng):
    def mixed(x, y, z):
        return x * np.exp(-y) + np.sin(z) / x - y * z

    def five(a, b, c, d, e):
        return a / b - np.sqrt(c) * d + np.log(e)

    for f, n in ((mixed, 3), (mixed, 3), (five, 5), (gravity, 2)):
        x, sigma = rng.uniform(0.8, 2.0, size=n), rng.uniform(0.02, 0.3, size=n)
        yield spread_of(f, x.tolist(), sigma.tolist(), f"{n} measured numbers")
    exact = float(rng.uniform(0.8, 2.0))
    yield spread_of(mixed, [exact, 1.3, 0.9], [0.0, 0.2, 0.1], "the first number is exact")
    yield spread_of(lambda x, y: 2.5, [exact, 1.0], [0.1, 0.2], "a constant")
    yield spread_of(lambda x, y, z: 1 / (x + y), [exact, 1.0, 0.4], [0.1, 0.2, 0.3], "one of them is not used")


def _terms(combine, term=lambda slope, s: slope * s):
    def propagate(f, x, sigma):
        slopes = complex_step_gradient(lambda *z: f(*z) + 0j, x)
        return float(combine(np.array([term(slope, s) for slope, s in zip(slopes, sigma, strict=True)])))

    return propagate


def _of_values(f, x, sigma):
    return float(abs(f(*(a + s for a, s in zip(x, sigma, strict=True))) - f(*x)))


PROPAGATE = Problem(
    id="4.4",
    title="Propagate an uncertainty",
    points=2,
    signature="propagate(f, x, sigma)",
    visible=propagate_visible,
    hidden=propagate_hidden,
    hint="Independent errors add in quadrature.",
    hints={
        "digits": "Right in the first digits: do your slopes come from a difference quotient? A sweep has no step.",
        "raised AttributeError": "What comes back when f doesn't depend on an input at all? Nothing moved it, so it is "
        "a plain number without an ε. What is its derivative?",
    },
    mistakes=[
        Mistake(
            _terms(np.sum),
            "You add the contributions with their signs, as one sweep with all the σ as its tangents does. In x − y "
            "the two errors then cancel. Would you trust a difference more than its parts?",
        ),
        Mistake(
            _terms(lambda t: abs(t.sum())),
            "You add the contributions with their signs, as one sweep with all the σ as its tangents does, and take "
            "the size of that. In x − y the errors then cancel: would you trust a difference more than its parts?",
        ),
        Mistake(
            _terms(lambda t: abs(t).sum()),
            "You add the sizes of the contributions: that is the worst case, where all errors push the same way. "
            "Independent ones partly cancel, like the sides of a right-angled triangle.",
        ),
        Mistake(
            _terms(lambda t: np.sum(t**2)),
            "That is the variance: its unit is the square of that of f. The standard deviation is asked for.",
        ),
        Mistake(
            _terms(lambda t: math.sqrt(np.sum(t**2)), term=lambda slope, s: slope),
            "Your answer does not depend on sigma. Halve all the uncertainties: what should happen?",
        ),
        Mistake(
            _terms(lambda t: math.sqrt(np.sum(t**2)), term=lambda slope, s: s),
            "Your answer does not depend on f. Is 100x as uncertain as x?",
        ),
        Mistake(
            _terms(lambda t: math.sqrt(np.sum(t)), term=lambda slope, s: slope**2 * s),
            "The slope is squared and sigma is not. Double sigma: the result should double.",
        ),
        Mistake(
            _terms(lambda t: math.sqrt(abs(np.sum(t))), term=lambda slope, s: slope * s**2),
            "Sigma is squared and the slope is not. Take 100 times f: the result should be 100 times as large.",
        ),
        Mistake(
            _terms(lambda t: math.sqrt(np.mean(t**2))),
            "You take a mean of the squares. A second source of error makes the result more uncertain, not less.",
        ),
        Mistake(
            _terms(lambda t: max(abs(t))),
            "You keep the largest contribution alone. Are 3 and 4 together no more than 4?",
        ),
        Mistake(
            _terms(lambda t: abs(t[0])), "You moved the first input alone. Every number that was measured contributes."
        ),
        Mistake(
            _of_values,
            "You move all the inputs by their σ at once and look how far f goes. What if one error goes up and the "
            "other down?",
        ),
    ],
)
