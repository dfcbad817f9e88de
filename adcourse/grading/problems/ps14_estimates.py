"""Assignment 14, a derivative by chance: the questions of 14.3.

There are several unbiased estimators, and all of them are right: f(X) times the score, the covariance of f(X) and the
score, the weak derivative n (f(Y + 1) - f(Y)) with Y of n - 1 trials. The variance of each is a finite sum over the
values of X, and the largest of the three is taken. A mean of N draws is then off by more than Bernstein's bound with a
probability that is known for every N, and of pairs of estimates at most one in nine is farther apart than three
deviations (Chebyshev), so that their number has a binomial tail. So a right answer, by the score, is refused at
most once in a million gradings a question; for the other two estimators that holds up to terms that vanish for many
draws. A test puts the questions of 200 seeds to all three.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adcourse.grading.chance import FALSE_ALARM, Mean, Repeated
from adcourse.grading.plain import Complaint
from adcourse.grading.problem import Probe
from adcourse.grading.problems.ps09_estimates import Estimates, Told

FAR, SHARE = 3, 1 / 9


class Binomial:
    """X, the number of successes of n trials, and f(X): everything about them by sums over k = 0, ..., n."""

    def __init__(self, f: Callable, n: int, p: float):
        self.n, self.p, self.k = n, p, np.arange(n + 1)
        self.f = np.asarray(f(self.k), float) + np.zeros(n + 1)
        self.mass = np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])

    @property
    def slope(self) -> float:
        """d/dp E f(X) by the product rule on each p^k (1 - p)^(n - k), with nothing divided."""
        n, p = self.n, self.p
        up = [math.comb(n, k) * k * p ** (k - 1) * (1 - p) ** (n - k) if k else 0.0 for k in range(n + 1)]
        down = [math.comb(n, k) * (n - k) * p**k * (1 - p) ** (n - k - 1) if k < n else 0.0 for k in range(n + 1)]
        return float(np.dot(self.f, np.subtract(up, down)))

    @property
    def scored(self) -> np.ndarray:
        """What one draw contributes: f times the derivative of the logarithm of the mass."""
        return self.f * (self.k / self.p - (self.n - self.k) / (1 - self.p))

    def mean(self, values) -> float:
        return float(np.dot(self.mass, values))

    def variance(self, m: int) -> float:
        """The largest of the variances of the three estimators from m draws."""
        plain = self.mean((self.scored - self.slope) ** 2) / m
        fewer = Binomial(lambda k: n_steps(self.f, k), self.n - 1, self.p) if self.n > 1 else None
        weak = fewer.mean((self.n * fewer.f - self.slope) ** 2) / m if fewer else 0.0
        a, b = self.f - self.mean(self.f), (self.k - self.n * self.p) / (self.p * (1 - self.p))
        both, squares = self.mean(a * a * b * b), self.mean(a * a) * self.mean(b * b)
        covariance = (both - (m - 2) / (m - 1) * self.slope**2 + squares / (m - 1)) / m
        return max(plain, weak, covariance)


def n_steps(values, k):
    return np.diff(values)[k]


class Unbiased(Mean):
    """The mean of all draws, each of them at most ``reach`` away from it: by Bernstein's inequality it is off by t with
    probability 2 exp(-N t² / (2 v + 2/3 reach t)) at most."""

    def __init__(self, name, expected, variance, reach, m):
        super().__init__(name, expected, variance)
        self.reach, self.m = reach, m

    def off(self, draws, level):
        N, L = len(draws) * self.m, math.log(2 / level)
        b = L * self.reach / (3 * N)
        t = b + math.sqrt(b * b + 2 * L * self.m * self.variance / N)
        gap = float(np.mean(draws)) - self.expected
        return 0 if abs(gap) <= t + 1e-9 * abs(self.expected) else (1 if gap > 0 else -1)


class Near(Told):
    """Few pairs of estimates are far apart. They differ, unless some good estimator leaves nothing to chance there."""

    def __init__(self, name, expected, deviation, certain):
        super().__init__(name, expected)
        self.deviation, self.certain = deviation, certain

    def off(self, draws, level):
        if not self.certain and np.ptp(draws) == 0:
            return -1
        R = len(draws) // 2
        far = int(np.sum(abs(draws[::2] - draws[1::2]) > FAR * self.deviation))
        tail = sum(math.comb(R, j) * SHARE**j * (1 - SHARE) ** (R - j) for j in range(far, R + 1))
        return int(tail < level)


class OfDerivative(Estimates):
    """In the words of this problem."""

    def __call__(self, answer):
        blamed = super().__call__(answer)
        if blamed and blamed.kind.startswith("the distance"):
            return Complaint("your estimates lie too far from each other for m draws", kind="spread")
        return blamed


def estimates(f, p, n, m, seed, question, repeats, certain=False, false_alarm=FALSE_ALARM) -> Probe:
    """``repeats`` estimates from m draws each, one after the other from one generator."""
    X = Binomial(f, n, p)
    variance = X.variance(m)

    def ask(score_gradient):
        rng = np.random.default_rng(seed)
        return [score_gradient(f, p, n, m, rng) for _ in range(repeats)]

    judge = OfDerivative(
        Near("the distance", X.slope, math.sqrt(2 * variance), certain),
        Unbiased("the mean", X.slope, variance, float(np.max(abs(X.scored - X.slope))), m),
        Told("the spread", 0.0, of=lambda t: (t - X.slope) ** 2),
        draws=repeats,
        false_alarm=false_alarm,
    )
    return Probe(question, ask, judge)


def repeatable(seed, question, p=0.4, n=12) -> Probe:
    """The difference of two estimates from generators in the same state; m and f are such that chance alone doesn't
    give the same mean twice."""
    f = quadratic(0.7, -1.3, math.sqrt(2))

    def ask(score_gradient):
        first, second = (score_gradient(f, p, n, 50, np.random.default_rng(seed)) for _ in range(2))
        return first - second

    return Probe(question, ask, Repeated("estimates"))


# --- functions of a number of successes, or of an array of them -----------------------------------------------------


def identity():
    return lambda k: 1.0 * np.asarray(k)


def quadratic(a, b, c):
    return lambda k: c + np.asarray(k) * (b + a * np.asarray(k))


def step(at, low=0.0, high=1.0):
    return lambda k: low + (high - low) * (np.asarray(k) >= at)


def estimates_visible():
    return [
        estimates(identity(), 0.3, 8, 300, 1, "f(x) = x, n = 8, p = 0.3: 8", 30, certain=True),
        estimates(step(4), 0.4, 9, 300, 3, "f(x) = 1 if x ≥ 4, else 0, n = 9, p = 0.4", 30),
        estimates(quadratic(1.5, -11.5, 19.0), 0.35, 10, 300, 4, "f(x) = 1.5x² - 11.5x + 19, n = 10, p = 0.35", 30),
        estimates(
            quadratic(0.0, 1.0, -0.4), 0.45, 1, 2, 5, "f(x) = x - 0.4, n = 1, p = 0.45, two draws: 1", 256, certain=True
        ),
        repeatable(6, "the same state of rng twice: the same estimate twice"),
    ]


def estimates_hidden(rng):
    seeds = [int(seed) for seed in rng.integers(2**32, size=5)]
    near = lambda a, b: float(rng.uniform(a, b))
    yield estimates(quadratic(1.0, 0.0, 0.0), 0.6, 10, 500, seeds[0], "f(x) = x², n = 10, p = 0.6: 118", 30)
    p, n = near(0.6, 0.8), int(rng.integers(6, 13))
    f = step(round(n * p), near(-1, -0.5), near(0.5, 1))
    yield estimates(f, p, n, 500, seeds[1], "a step", 30)
    p, n = near(0.25, 0.4), int(rng.integers(8, 13))
    a, middle = near(1, 2), n * p + near(0.5, 1)
    f = quadratic(a, -2 * a * middle, a * middle**2 - a * n * p * (1 - p))
    yield estimates(f, p, n, 500, seeds[2], "a parabola", 30)
    p = near(0.44, 0.56)
    yield estimates(quadratic(0.0, 1.0, -p), p, 1, 2, seeds[3], "one trial, two draws", 256, certain=True)
    yield repeatable(seeds[4], "the same state of rng twice")
