"""The judges of random draws. A right answer is random too, so it can be refused by chance: how often is stated.

Each statistic of the draws has a distribution that is known when the answer is right. With k statistics each is tested
at ``false_alarm / k`` (Bonferroni), so that a right answer is refused with at most that probability, once in a million
gradings unless a problem says otherwise. The draws of one question must be independent: a Markov chain is asked for
single transitions from points that are distributed as they should be, not for a path.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from adcourse.grading.judges import Exact, misshapen
from adcourse.grading.plain import Complaint, Plain
from adcourse.grading.problem import Judge

FALSE_ALARM = 1e-6


class Mean:
    """The mean of ``of(draws)``, one number a draw, is ``expected``. By the central limit theorem it is normal with
    ``variance``, that of one number, over n; where that is not given, the draws' own is taken. Asymptotic: for
    hundreds of draws without heavy tails.
    """

    def __init__(self, name: str, expected: float, variance: float | None = None, of: Callable = lambda draws: draws):
        self.name, self.expected, self.variance, self.of = name, expected, variance, of

    def off(self, draws, level: float) -> int:
        """-1 when it is too small, 1 when it is too large, 0 when it is as it should be, at this level."""
        values = np.asarray(self.of(draws), float)
        variance = values.var(ddof=1) if self.variance is None else self.variance
        # An estimate all of whose draws agree has no spread: then only rounding separates it from what is right.
        reach = -NormalDist().inv_cdf(level / 2) * math.sqrt(variance / len(values)) + 1e-9 * abs(self.expected)
        gap = float(values.mean()) - self.expected
        return 0 if abs(gap) <= reach else (1 if gap > 0 else -1)

    def differ(self, draws, others, level: float) -> bool:
        a, b = np.asarray(self.of(draws), float), np.asarray(self.of(others), float)
        spread = a.var() / len(a) + b.var() / len(b)
        return not abs(a.mean() - b.mean()) <= -NormalDist().inv_cdf(level / 2) * math.sqrt(spread) + 1e-9


@lru_cache
def binomial(n: int, p: float) -> list[float]:
    """How probable 0, 1, ..., n hits are."""
    log, odds = math.lgamma(n + 1) + n * math.log1p(-p), math.log(p) - math.log1p(-p)
    return [math.exp(log - math.lgamma(j + 1) - math.lgamma(n - j + 1) + j * odds) for j in range(n + 1)]


class Chance(Mean):
    """``of(draws)``, true or false for each draw, is true with ``probability``; exact, by the binomial distribution."""

    def __init__(self, name: str, probability: float, of: Callable):
        super().__init__(name, probability, probability * (1 - probability), of)

    def off(self, draws, level):
        hits = np.asarray(self.of(draws), bool)
        n, k, p = len(hits), int(hits.sum()), self.expected
        if p in (0.0, 1.0):
            return (k > n * p) - (k < n * p)
        mass = binomial(n, p)
        if sum(mass[: k + 1]) < level / 2:
            return -1
        return 1 if sum(mass[k:]) < level / 2 else 0


class Distribution:
    """``of(draws)`` has the cumulative distribution function ``cdf``, continuous: its distance D from that of n draws
    satisfies P(D > d) <= 2 exp(-2nd²) for every n (Dvoretzky, Kiefer and Wolfowitz 1956; the 2 is Massart's, 1990)."""

    def __init__(self, name: str, cdf: Callable, of: Callable = lambda draws: draws):
        self.name, self.cdf, self.of = name, cdf, of

    def off(self, draws, level):
        values = np.sort(np.asarray(self.of(draws), float))
        n, right = len(values), np.array([self.cdf(value) for value in values])
        above, below = np.max(np.arange(1, n + 1) / n - right), np.max(right - np.arange(n) / n)
        reach = math.sqrt(math.log(2 / level) / (2 * n))
        return 0 if max(above, below) <= reach else (-1 if above > below else 1)

    def differ(self, draws, others, level):
        a, b = (np.sort(np.asarray(self.of(values), float)) for values in (draws, others))
        grid = np.concatenate([a, b])
        gap = abs(np.searchsorted(a, grid, "right") / len(a) - np.searchsorted(b, grid, "right") / len(b)).max()
        return gap > math.sqrt(math.log(2 / level) / 2 * (1 / len(a) + 1 / len(b)))


class Random(Judge):
    """Right when every statistic of the draws is as it should be. The answer has one row a draw, each of ``shape``.

    >>> judge = Random(Mean("the mean", 0.0, 1.0), Mean("the mean square", 1.0, 2.0, of=np.square), draws=500)
    >>> judge(Plain((500,), tuple(np.random.default_rng(1).normal(size=500).tolist())))
    >>> judge(Plain((500,), tuple(np.random.default_rng(1).uniform(-1, 1, size=500).tolist())))
    Complaint(text='the mean square of your draws is too small', detail='', kind='the mean square: -1')
    """

    kinds = False  # that the same statistic is off does not make two answers alike

    def __init__(self, *statistics, draws: int, shape: tuple[int, ...] = (), false_alarm: float = FALSE_ALARM):
        self.statistics, self.shape, self.false_alarm = statistics, (draws, *shape), false_alarm

    def _draws(self, answer: Plain):
        return np.array(answer.numbers, float).reshape(answer.shape)

    def __call__(self, answer):
        if answer.shape != self.shape:
            return misshapen(answer.shape, self.shape)
        if complex in set(map(type, answer.numbers)) or not all(map(math.isfinite, answer.numbers)):
            return Complaint("one of your draws is not a finite number", kind="infinite")
        level = self.false_alarm / len(self.statistics)
        for statistic in self.statistics:
            if off := statistic.off(self._draws(answer), level):
                size = "small" if off < 0 else "large"
                return Complaint(f"{statistic.name} of your draws is too {size}", kind=f"{statistic.name}: {off}")
        return None

    def same(self, answer, known):
        """Whether the draws could come from one distribution, as far as these statistics see."""
        if answer.shape != self.shape or known.shape != self.shape:
            return answer == known
        if not all(map(math.isfinite, (*answer.numbers, *known.numbers))):
            return False
        level = self.false_alarm / len(self.statistics)
        return not any(s.differ(self._draws(answer), self._draws(known), level) for s in self.statistics)


class Repeated(Exact):
    """The differences of draws from generators in the same state are 0."""

    def __init__(self, what: str, shape: tuple[int, ...] = ()):
        super().__init__(np.zeros(shape))
        self._what = what

    def __call__(self, answer):
        if answer.numbers != self.expected.numbers:
            return Complaint(f"two generators in the same state give two different {self._what}", kind="unrepeatable")
        return None
