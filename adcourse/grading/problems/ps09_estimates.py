"""Assignment 9, the trace by chance: the questions of 9.5.

With three unknowns zᵀHz takes four values, each with probability 1/4. So all shares of the draws are binomial, and the
three judges that look at them refuse a right answer at most once in a million gradings each. On a diagonal H there is
no chance at all. For 40 unknowns the estimate is a mean of 400, normal, with the variance 2 (|H|² - |diag H|²) / m:
off by more than five deviations once in 1.7 million. Together: a right answer is refused at most four times in a
million gradings. A test puts the questions of 200 seeds to one.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import numpy as np

from adcourse.grading.chance import FALSE_ALARM, Chance, Mean, Random, Repeated
from adcourse.grading.judges import Close, Exact, Parts, Price
from adcourse.grading.meters import Counted, counted
from adcourse.grading.plain import Complaint, parts
from adcourse.grading.problem import Probe
from adcourse.grading.problems.ps09_recovery import of_vectors

SIGMAS = 5
MANY = 16  # unknowns, whose zᵀHz takes 2¹⁵ values: two estimates don't agree by chance
PATTERNS = np.array([[1, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]])  # all z of three signs, up to a sign that cancels


class Estimates(Random):
    """Random, in the words of this problem; there may be ``no_chance`` at all, or there should."""

    def __init__(self, *statistics, draws, false_alarm, no_chance=False):
        super().__init__(*statistics, draws=draws, false_alarm=false_alarm)
        self.no_chance = no_chance

    def __call__(self, answer):
        blamed = super().__call__(answer)
        if blamed and not self.no_chance and len(set(answer.numbers)) == 1:
            return Complaint("all your estimates are the same", kind="constant")
        return blamed and blamed._replace(text=blamed.text.replace("your draws", "your estimates"))


class Certain(Close):
    """One estimate where there is no chance. Wrong ones may be by chance, and are alike whatever they are."""

    def __call__(self, answer):
        blamed = super().__call__(answer)
        return blamed and blamed._replace(kind="chance")


class Told(Mean):
    """Tells wrong answers from each other, and refuses none."""

    def off(self, draws, level):
        return 0


def some_symmetric(rng, n):
    A = rng.normal(size=(n, n))
    return A + A.T + np.diag(rng.uniform(1, 3, size=n))


def on_diagonal(diagonal, m, seed, question, estimates, false_alarm=FALSE_ALARM) -> Probe:
    diagonal = np.asarray(diagonal, dtype=float)
    n, trace = len(diagonal), float(diagonal.sum())

    def ask(hutchinson):
        rng, hvp = np.random.default_rng(seed), of_vectors(lambda v: diagonal * v, n)
        return [hutchinson(hvp, n, m, rng) for _ in range(estimates)]

    slack = 1e-12 * m * float(abs(diagonal).sum())
    judge = Estimates(
        Told("the mean", trace),
        Told("the spread", 0.0, of=lambda t: (t - trace) ** 2),
        Told("the share of the first", 1.0, of=lambda t: abs(t - t[0]) <= slack),
        Chance("the share of exact ones, which is 1 here,", 1.0, of=lambda t: abs(t - trace) <= slack),
        draws=estimates,
        false_alarm=false_alarm,
        no_chance=True,
    )
    return Probe(question, ask, judge)


def priced(diagonal, m, question) -> Probe:
    """One estimate on a diagonal, and how many products it took."""
    diagonal = np.asarray(diagonal, dtype=float)
    n, trace = len(diagonal), float(diagonal.sum())
    hvp = Counted(of_vectors(lambda v: diagonal * v, n))
    judge = Price(Certain(trace, atol=1e-12 * m * float(abs(diagonal).sum())), exactly=m, what="H v")
    return Probe(question, lambda hutchinson: hutchinson(hvp, n, m, np.random.default_rng(5)), judge, hvp)


def three_unknowns(H, m, seed, question, draws=80, false_alarm=FALSE_ALARM) -> Probe:
    """``draws`` estimates from m products each: means of m values that are equally likely."""
    H = np.asarray(H, dtype=float)
    values = np.sort([z @ H @ z for z in PATTERNS])
    ways = Counter(tuple(sorted(some)) for some in product(values.tolist(), repeat=m))
    slack = 1e-9 * float(abs(H).sum())

    def ask(hutchinson):
        rng, hvp = np.random.default_rng(seed), of_vectors(lambda v: H @ v, 3)
        return [hutchinson(hvp, 3, m, rng) for _ in range(draws)]

    def among(allowed):
        return lambda t: (abs(np.subtract.outer(t, allowed)) <= slack).any(axis=1)

    possible = Chance("the share of possible ones, which is 1 for signs,", 1.0, among([sum(w) / m for w in ways]))
    if m == 1:
        names = "smallest", "second", "third", "largest"
        shares = [Chance(f"the share of the {n} value", 1 / 4, among([v])) for n, v in zip(names, values, strict=True)]
    else:
        shares = [Chance(f"the share with {m} equal products", 4.0 ** (1 - m), among(values))]
    pairs = Chance("the share of equal pairs", sum(n * n for n in ways.values()) / 16**m, paired)
    mean = Told("the mean", float(np.trace(H)))
    judge = Estimates(mean, possible, *shares, pairs, draws=draws, false_alarm=false_alarm)
    return Probe(question, ask, judge)


def paired(t):
    """Whether the estimates of a pair are equal; no estimate is in two pairs, so that the pairs are independent."""
    return abs(t[::2] - t[1::2]) <= 1e-9 * abs(t).max()


def forty_unknowns(H, m, seed, question) -> Probe:
    n, H = len(H), H.astype(np.float32)  # half the length to send; a float32 is an exact number, too

    def ask(hutchinson):
        once, calls = counted(of_vectors(lambda v: H.astype(float) @ v, n), limit=2 * m)
        estimate = hutchinson(once, n, m, np.random.default_rng(seed))
        return parts((estimate, calls() - m), estimate=(), products=())

    off = SIGMAS * deviation(H.astype(float), m)
    judge = Parts(
        estimate=Close(
            float(np.trace(H.astype(float))), atol=off, says=f"your estimate is off by more than {SIGMAS} deviations"
        ),
        products=Exact(0, says=f"the number of products H v is not {m}"),
    )
    return Probe(question, ask, judge)


def deviation(H, m) -> float:
    """Of a mean of m independent zᵀHz."""
    return math.sqrt(2 * (np.sum(H**2) - np.sum(np.diag(H) ** 2)) / m)


def repeatable(H, seed, question) -> Probe:
    """The difference of two estimates from generators in the same state."""

    def ask(hutchinson):
        first, second = (
            hutchinson(of_vectors(lambda v: H @ v, len(H)), len(H), 3, np.random.default_rng(seed)) for _ in range(2)
        )
        return first - second

    return Probe(question, ask, Repeated("estimates"))


def trace_visible():
    H = [[1.3, 0.4, -0.7], [0.4, 2.2, 0.9], [-0.7, 0.9, -0.6]]
    return [
        priced([2.0] * 10, 5, "H = 2I, n = 10, from 5 products: exactly 20, for any draw"),
        on_diagonal(
            [1.5, -0.4, 3.2, 0.7, 2.0], 1, 7, "H = diag(1.5, -0.4, 3.2, 0.7, 2) from one product: exactly 7", 150
        ),
        three_unknowns(H, 1, 11, "three unknowns, one product: -1.1, 3.3, 4.1 or 5.3, each as often as the others"),
        three_unknowns(H, 2, 12, "the same from two products", 40),
        three_unknowns(H, 3, 13, "the same from three products", 40),
        repeatable(some_symmetric(np.random.default_rng(9), MANY), 3, "the same state of rng twice: the same estimate"),
    ]


def trace_hidden(rng, false_alarm=FALSE_ALARM):
    seeds = [int(seed) for seed in rng.integers(2**32, size=6)]
    n = int(rng.integers(5, 9))
    yield priced([float(rng.uniform(1, 3))] * n, 3, "a multiple of the identity, three products")
    yield priced(rng.uniform(1, 3, size=n), 4, "a diagonal H, four products")
    yield on_diagonal(rng.uniform(1, 4, size=n), 1, seeds[0], "a diagonal H", 160, false_alarm)
    for m, draws in ((1, 80), (2, 40), (3, 40)):
        a, b, c = rng.uniform([0.3, 0.6, 1.1], [0.5, 0.9, 1.6]) * rng.choice([-1, 1], size=3)
        H = np.array([[0, a, b], [a, 0, c], [b, c, 0]]) + np.diag(rng.uniform(1, 3, size=3)) * (-1) ** m
        yield three_unknowns(H, m, seeds[m], f"three unknowns, m = {m}", draws, false_alarm)
    yield forty_unknowns(some_symmetric(rng, 40), 400, seeds[4], "40 unknowns, 400 products")
    yield repeatable(some_symmetric(rng, MANY), seeds[5], "the same state of rng twice")
