"""Assignment 8, the slope of a mean squared error: 8.2.

The oracle is the complex step through the loss as it is written. Tolerance: 1e-12 of the sum of the absolute values
that are added up.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_gradient
from adcourse.grading.untouched import Untouched, asked


def mean_squared_error(w, X, Y):
    return np.mean((w * X - Y) ** 2)


def slope_at(w, X, Y, question) -> Probe:
    X, Y = np.asarray(X), np.asarray(Y)

    def ask(mse_slope):
        said, changed = asked(lambda X, Y: mse_slope(w, X, Y), X, Y)
        return [*parts((said,), slope=()), changed]

    size = float(np.mean(2 * np.abs(X) * (np.abs(w * X) + np.abs(Y)))) + 1.0
    slope = Close(lambda: complex_step_gradient(lambda w: mean_squared_error(w, X, Y), (w,))[0], atol=1e-12 * size)
    return Probe(question, ask, Parts(slope=slope, arguments=Untouched()))


def slope_visible():
    X, Y = [1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0]
    return [
        slope_at(0.0, X, Y, "four points on the line y = 2x, w = 0: -30"),
        slope_at(3.0, X, Y, "the same points, w = 3: 15"),
        slope_at(2.0, X, Y, "the same points, w = 2, where every point is on the line: 0"),
        slope_at(1.5, [2.0], [-1.0], "one point (2, -1), w = 1.5: 2·2·(3 + 1) = 16"),
        slope_at(-0.5, [1, -2, 5, 0, 3], [4, 1, -1, 2, 2], "five points with integer coordinates, w = -0.5"),
        slope_at(0.25, [1.5, -0.7], [0.4, 2.1], "two points, w = 0.25"),
    ]


def slope_hidden(rng):
    yield slope_at(0.0, [1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0], "the four points of the exercise, w = 0")
    for n in (1, 2, 3, 4, 5, 6, 7, 20, int(rng.integers(30, 60))):
        X, Y = 2 * rng.normal(size=(2, n)) + rng.normal(size=(2, 1))
        yield slope_at(float(rng.normal()), X, Y, f"{n} random point{'s' * (n > 1)}")
    yield slope_at(int(rng.integers(2, 5)), rng.integers(-9, 9, size=6), rng.integers(1, 9, size=6), "integers")


def _slope(of):
    """Of X, the residuals wX - Y, and how many points there are."""
    return lambda w, X, Y: of(np.asarray(X, float), w * X - Y, len(X))


_PUBLISHED = (
    "This is the code as it was published. np.dot gives ONE number, the sum over all points, and the mean of a number "
    "is that number: print np.dot(2 * X, w * X - Y) and its .mean(). By how much is it too large for 4 points? For 5?"
)
_TWO = "A 2 got lost: the derivative of r² by r is not r. Compare with a difference quotient of the mean squared error."
_SHAPE = (
    "One slope for each point came back. w is a single number that moves all predictions at once: the slope is the "
    "mean of what the points contribute."
)

MSE_SLOPE = Problem(
    id="8.2",
    title="Find the factor N",
    points=2,
    signature="mse_slope(w, X, Y)",
    visible=slope_visible,
    hidden=slope_hidden,
    hint="What is .mean() of a scalar? Write down the loss for one point, and for two, and differentiate by w.",
    hints={
        "changed": "The data belong to the caller, who needs them for the next step: `X *= ...` writes into X itself.",
        "digits": "Your slope is right in its first digits, which is what a difference quotient leaves. The loss is a "
        "polynomial in w: differentiate it on paper.",
    },
    mistakes=[
        Mistake(_slope(lambda x, r, n: np.dot(2 * x, r).mean()), _PUBLISHED),
        Mistake(_slope(lambda x, r, n: np.mean(x * r)), _TWO),
        Mistake(
            _slope(lambda x, r, n: np.dot(x, r)),
            "Two things at once: your answer is a sum where the loss is a mean, and the 2 of the square got lost.",
        ),
        Mistake(
            _slope(lambda x, r, n: -2 * np.mean(x * r)),
            "The sign: at w = 0 all predictions are 0, and those of the line y = 2x should be larger. If w grows, does "
            "the loss rise or fall?",
        ),
        Mistake(
            _slope(lambda x, r, n: -2 * np.sum(x * r)),
            "Two things at once: the sign, and a sum where the loss is a mean.",
        ),
        Mistake(
            _slope(lambda x, r, n: np.sum(x * r) / 2 / n),
            "You divide by 2N. The square brings a 2 down when it is differentiated: where does it go?",
        ),
        Mistake(
            _slope(lambda x, r, n: 2 * np.mean(r)),
            "Your slope doesn't depend on where the points are: wx - y moves by x when w moves by 1. Which factor is "
            "missing from the chain rule?",
        ),
        Mistake(
            _slope(lambda x, r, n: 2 * np.mean(x) * np.mean(r)),
            "The mean of a product is not the product of the means: try two points, x = (1, -1).",
        ),
        Mistake(
            _slope(lambda x, r, n: 2 * np.mean(x * r) / n),
            "You divide by N twice. Put every point in twice: the mean squared error stays, and so must its slope.",
        ),
        Mistake(
            _slope(lambda x, r, n: np.dot(2 * x, r) / 4),
            "A factor 4 is right for four points only. What is it for five?",
        ),
        Mistake(
            _slope(lambda x, r, n: 2 * np.sum(x * r) / (n - 1 or 1)),
            "You divide by N - 1. The mean that was asked for has all N points in it.",
        ),
        Mistake(_slope(lambda x, r, n: 2 * x * r), _SHAPE),
        Mistake(_slope(lambda x, r, n: 2 * x * r / n), _SHAPE),
        Mistake(_slope(lambda x, r, n: np.mean(r**2)), "You give the loss itself. Its slope was asked for."),
        Mistake(
            _slope(lambda x, r, n: np.mean(2 * x * r**2)), "The derivative of r² is 2r: your residual is squared still."
        ),
        Mistake(
            _slope(lambda x, r, n: np.mean(2 * x)),
            "Your slope doesn't depend on w, as if the loss were a straight line: the derivative of r² still has an r.",
        ),
        Mistake(
            _slope(lambda x, r, n: np.mean(x * r) / max(np.sqrt(np.mean(r**2)), 1e-300)),
            "That is the slope of the root of the mean squared error. Here no root is taken.",
        ),
        Mistake(
            _slope(lambda x, r, n: np.mean(x * np.sign(r))),
            "That is the slope of the mean absolute error. Here the errors are squared.",
        ),
        Mistake(
            lambda w, X, Y: np.dot(X, Y) / np.dot(X, X),
            "That is the best w, where the slope is 0. Asked for is the slope at the w that is given.",
        ),
        Mistake(
            lambda w, X, Y: w - 0.01 * 2 * np.mean(X * (w * X - Y)),
            "You give w after a step. A slope was asked for; what is done with it is up to the caller.",
        ),
    ],
)
