"""Assignment 14, a derivative by chance: 14.3. Its questions are in ``ps14_estimates``."""

from __future__ import annotations

import numpy as np

from adcourse.grading.problem import Mistake, Problem
from adcourse.grading.problems.ps14_estimates import estimates_hidden, estimates_visible


def _estimate(weight=lambda X, n, p: (X - n * p) / (p * (1 - p)), draw=lambda rng, n, p, m: rng.binomial(n, p, m)):
    """The mean of f times a weight, with something exchanged."""

    def score_gradient(f, p, n, m, rng):
        X = draw(rng, n, p, m)
        return float(np.mean(f(X) * weight(X, n, p)))

    return score_gradient


def _score(X, n, p):
    return (X - n * p) / (p * (1 - p))


def _baseline(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return float(np.mean((f(X) - np.mean(f(X))) * _score(X, n, p)))


def _plugged_in(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    guess = np.mean(X) / n
    return float(np.mean(f(X) * _score(X, n, guess))) if 0 < guess < 1 else 0.0


def _exact(f, p, n, m, rng):
    k = np.arange(n + 1)
    ways = np.array([np.prod(np.arange(n - j + 1, n + 1)) / np.prod(np.arange(1, j + 1)) for j in k])
    return float(np.sum(ways * p**k * (1 - p) ** (n - k) * f(k) * _score(k, n, p)))


def _quotient(h, one_seed=False):
    def score_gradient(f, p, n, m, rng):
        other = np.random.default_rng(int(rng.integers(2**32))) if one_seed else rng
        again = np.random.default_rng(other.bit_generator.seed_seq) if one_seed else rng
        return float(np.mean(f(other.binomial(n, p + h, m))) - np.mean(f(again.binomial(n, p - h, m)))) / (2 * h)

    return score_gradient


def _smooth(f, p, n, m, rng):
    """As if X = n p: the slope of f, by a quotient, times X / p."""
    X = rng.binomial(n, p, m)
    return float(np.mean((f(X + 1e-6) - f(X)) / 1e-6 * X / p))


def _steps(trials):
    def score_gradient(f, p, n, m, rng):
        Y = rng.binomial(trials(n), p, m)
        return float(np.mean(n * (f(Y + 1) - f(Y))))

    return score_gradient


_PATHWISE = (
    "0 is the derivative of what you drew: with the uniform numbers held fixed, X is a whole number that stays as it "
    "is when p moves by a little, and now and then jumps. No derivative along a path sees a jump. What does change "
    "smoothly with p is how probable each value is: the sum over k of f(k) P(k; p). Which factor of it depends on p?"
)
_FACTOR = (
    "Your weight is the score up to a factor, and the factor depends on p. Write out log P(k; p) = const + k log p + "
    "(n - k) log(1 - p), differentiate it by p, and bring it over one denominator."
)
_HALF = (
    "log P(k; p) has two terms with p in them, the successes and the failures: k log p and (n - k) log(1 - p). "
    "What is the mean of your weight over many draws? That of a score is 0."
)
_APART = (
    "The mean of your estimates is 0, whatever f is. That is the mean of the score, the derivative of the sum of all "
    "probabilities. Is f in your estimate? And does each f(X) meet the score of the SAME draw, before any mean?"
)
_SAME_DRAWS = (
    "Your estimate is too small on the average, and the fewer draws the more: something in it was estimated from the "
    "same draws, the mean of f(X) that you subtract, or X/n in the place of p. With m = 2 and n = 1, take the mean of "
    "a thousand estimates. p is known; and what makes up for a subtracted mean, as in a variance?"
)

SCORE_GRADIENT = Problem(
    id="14.3",
    title="A derivative pathwise AD cannot see",
    points=4,
    signature="score_gradient(f, p, n, m, rng)",
    visible=estimates_visible,
    hidden=estimates_hidden,
    hint="d/dp log P = (X-np)/(p(1-p)).",
    hints={
        "spread": "The mean may be right, but single estimates scatter far more than m draws need. Either only a few "
        "of the draws count, or small differences of random numbers are divided by a small step.",
        "constant": "Your estimate is the same each time, whatever the generator. Either no draw of rng is in it (a "
        "generator of your own, seeded? a sum over all values? That sum is exact, and for n = 1000 coins that depend "
        "on each other it has 2^1000 terms: asked for is an estimate from m draws), or it doesn't look at f(X).",
        "unrepeatable": "Your draws don't come from the rng that is passed in, so that nobody can repeat a run. It has "
        "rng.binomial.",
    },
    mistakes=[
        Mistake(lambda f, p, n, m, rng: 0.0 * float(np.mean(f(rng.binomial(n, p, m)))), _PATHWISE),
        Mistake(_smooth, _PATHWISE.replace("0 is the derivative of what you drew", "You differentiate f")),
        Mistake(_estimate(lambda X, n, p: X - n * p), _FACTOR),
        Mistake(_estimate(lambda X, n, p: (X - n * p) / p), _FACTOR),
        Mistake(_estimate(lambda X, n, p: (X - n * p) / (1 - p)), _FACTOR),
        Mistake(_estimate(lambda X, n, p: (X - n * p) / np.sqrt(n * p * (1 - p))), _FACTOR),
        Mistake(_estimate(lambda X, n, p: X / p), _HALF),
        Mistake(_estimate(lambda X, n, p: -(n - X) / (1 - p)), _HALF),
        Mistake(_estimate(lambda X, n, p: X / p + (n - X) / (1 - p)), _HALF),
        Mistake(_estimate(lambda X, n, p: X / (p * (1 - p))), _HALF),
        Mistake(
            _estimate(lambda X, n, p: (X - p) / (p * (1 - p))),
            "That is the score of a single trial. X counts the successes of n of them: what is its mean?",
        ),
        Mistake(
            _estimate(lambda X, n, p: (n * p - X) / (p * (1 - p))),
            "The sign: when p grows, large X become more probable, so large X must count positively. For f(x) = x your "
            "estimate is about -n.",
        ),
        Mistake(lambda f, p, n, m, rng: float(np.mean(_score(rng.binomial(n, p, m), n, p))), _APART),
        Mistake(
            lambda f, p, n, m, rng: m * _estimate()(f, p, n, m, rng),
            "A sum over the m draws. An estimate doesn't grow with m: from more draws it becomes better, not larger.",
        ),
        Mistake(
            lambda f, p, n, m, rng: _estimate()(f, p, n, m, rng) / m,
            "You divide by m twice: np.mean has done it already. From more draws an estimate gets better, not smaller.",
        ),
        Mistake(
            lambda f, p, n, m, rng: float(np.mean(f(rng.binomial(n, p, m)))),
            "That is an estimate of E f(X) itself. For f(x) = x it is about np; how fast does np change with p?",
        ),
        Mistake(
            lambda f, p, n, m, rng: _estimate()(f, p, n, m, rng) / n,
            "Your estimate is n times too small, about 1 for f(x) = x: the mean is over m draws, not over n trials; "
            "and np(1 - p), the variance of X, is not what stands below the line in the derivative of log P.",
        ),
        Mistake(
            lambda f, p, n, m, rng: float(np.mean(f(X := rng.binomial(n, p, m))) * np.mean(_score(X, n, p))),
            _APART,
        ),
        Mistake(
            lambda f, p, n, m, rng: float(np.mean(f(rng.binomial(n, p, m)) * _score(rng.binomial(n, p, m), n, p))),
            _APART,
        ),
        Mistake(_plugged_in, _SAME_DRAWS),
        Mistake(_baseline, _SAME_DRAWS),
        Mistake(
            _steps(lambda n: n),
            "n (f(X + 1) - f(X)) is close: one more success among how many trials? With n = 1 there is one trial, and "
            "it is the one that is moved. How many others are left?",
        ),
        Mistake(
            _quotient(1e-3),
            "A difference quotient of two random means: their noise is divided by the step. Repeat it ten times at one "
            "p, and look at how much your ten answers differ. No step is needed at all.",
        ),
        Mistake(
            _exact,
            "That is the exact derivative, by a sum over all values of X: your estimates are all the same. With a "
            "thousand coins that depend on each other there are 2^1000 terms: asked for is an estimate from m draws.",
        ),
        Mistake(
            lambda f, p, n, m, rng: _estimate()(f, p, n, 1, rng),
            "One draw, and m of them are asked for. The mean is right, but each estimate is as uncertain as a single "
            "draw.",
        ),
        Mistake(
            lambda f, p, n, m, rng: _estimate(draw=lambda rng, n, p, m: rng.random(m) < p)(f, p, n, m, rng),
            "You draw one trial where X counts the successes of n: print a few of your X. They should reach n.",
        ),
    ],
)
