"""Assignment 13, Hamiltonian Monte Carlo: the questions of 13.4.

A chain's draws depend on each other, so single moves are asked for, from points that we choose. Then much is exact:

* In a linear potential leapfrog makes no error at all, every move is accepted, and its momentum can be read off.
* From the centre of a Gaussian the energy error is c|p|² with a known c, so that a move of d coordinates is accepted
  with probability (1 + 2c)^(-d/2), and the momenta of accepted moves are normal with variance 1/(1 + 2c).
* Steps beyond the limit of stability are refused, tiny ones are accepted, and so is a move inwards from far outside:
  all but one in ten million.
* From a point that is drawn from the density, a move ends at one that is distributed alike. That is what a chain relies
  on; the moments are held against Chernoff's bound, which is no approximation.

Each question refuses a right answer at most once in a million gradings (``FALSE_ALARM``), six of them in each grading.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from adcourse.grading.chance import FALSE_ALARM, Chance, Mean, Repeated
from adcourse.grading.problem import Probe
from adcourse.grading.problems.ps13_moves import Moves, inner, moves

COARSE = 0.9
NEIGHBOURS = "the share of neighbours with the same sign of momentum"
SHOWN = 5  # coordinates that are looked at, where there are more
WITHIN = math.erf(1 / math.sqrt(2))  # of the standard normal distribution, between -1 and 1
BEYOND = math.erfc(2 / math.sqrt(2))  # and outside of -2 to 2


class Average(Mean):
    """The mean of n independent numbers, by Chernoff's bound: P(mean >= x) <= exp(-n (s x - K(s))) for every s > 0,
    with K(s) = log E exp(s·number); alike below with s < 0. ``cumulant`` is K, ``slopes`` the s that are tried."""

    def __init__(self, name: str, expected: float, cumulant: Callable, slopes, of: Callable):
        super().__init__(name, expected, of=of)
        self.cumulant, self.slopes = cumulant, np.asarray(slopes)

    def off(self, draws, level):
        values = np.asarray(self.of(draws), float)
        gap = float(values.mean()) - self.expected
        s = self.slopes[self.slopes * gap > 0]
        bound = len(values) * float(np.max(s * values.mean() - self.cumulant(s), initial=0.0))
        return 0 if bound <= math.log(2 / level) else (1 if gap > 0 else -1)


def same(start, times):
    return (start for _ in range(times))


def accepted(rows):
    return rows[:, -3]


def linear(g, q0, eps, L, draws, seed, question, false_alarm=FALSE_ALARM) -> Probe:
    g, q0, T = np.asarray(g, float), np.asarray(q0, float), eps * L
    d = len(g)

    def ask(hmc_step):
        rng = np.random.default_rng(seed)
        return moves(hmc_step, lambda q: q @ g, lambda q: g + 0 * q, same(q0, draws), eps, L, rng)

    def momenta(rows):
        return (rows[:, :d] - q0 + g * T**2 / 2) / T

    def new(rows):
        return np.append(True, np.any(rows[1:, :d] != rows[:-1, :d], axis=1))

    judge = Moves(
        Chance("the share of accepted moves, which is 1 without any energy error,", 1.0, accepted),
        Chance("the share of moves that differ from the one before, which is 1,", 1.0, new),
        Chance(
            NEIGHBOURS,
            0.5,
            lambda rows: (momenta(rows)[:, :-1:2] * momenta(rows)[:, 1::2]).ravel() > 0,
        ),
        Mean("the momentum along the force", 0.0, 1.0, lambda rows: momenta(rows) @ g / np.sqrt(g @ g)),
        Chance("the share of momenta between -1 and 1", WITHIN, lambda rows: abs(momenta(rows)).ravel() < 1),
        Chance("the share of momenta beyond 2", BEYOND, lambda rows: abs(momenta(rows)).ravel() > 2),
        Chance("the share of positive momenta", 0.5, lambda rows: momenta(rows).ravel() > 0),
        draws=draws,
        shape=(d + 3,),
        false_alarm=false_alarm,
    )
    return Probe(question, ask, judge)


def reach(eps, L):
    """b in q = cos(Lθ) q0 + b p after L steps in the potential q²/2; p makes the energy error (eps b p)²/8 from 0."""
    return math.sin(L * math.acos(1 - eps**2 / 2)) / math.sqrt(1 - eps**2 / 4)


def from_the_centre(centre, width, eps, L, draws, seed, question, false_alarm=FALSE_ALARM) -> Probe:
    """A Gaussian of standard deviation ``width`` in each direction; ``eps`` in units of it."""
    centre = np.asarray(centre, float)
    d, b = len(centre), reach(eps, L)
    spread = 1 / math.sqrt(1 + (eps * b) ** 2 / 4)

    def ask(hmc_step):
        rng = np.random.default_rng(seed)
        U = lambda q: inner(q - centre, q - centre) / (2 * width**2)
        gradU = lambda q: (q - centre) / width**2
        return moves(hmc_step, U, gradU, same(centre, draws), eps * width, L, rng)[:, -SHOWN - 3 :]

    def momenta(rows):
        return ((rows[rows[:, -3] == 1, :SHOWN] - centre[-SHOWN:]) / (width * b * spread)).ravel()

    judge = Moves(
        Chance("the share of accepted moves", spread**d, accepted),
        Chance("the share of accepted momenta between -1 and 1", WITHIN, lambda rows: abs(momenta(rows)) < 1),
        Chance("the share of accepted momenta beyond 2", BEYOND, lambda rows: abs(momenta(rows)) > 2),
        draws=draws,
        shape=(SHOWN + 3,),
        false_alarm=false_alarm,
    )
    return Probe(question, ask, judge)


def certain(start, eps, L, answer, times, seed, question) -> Probe:
    """Some moves in q·q/2, from where there is hardly any chance in the test."""
    start = np.asarray(start, float)

    def ask(hmc_step):
        rng = np.random.default_rng(seed)
        return moves(hmc_step, lambda q: inner(q, q) / 2, lambda q: 1 * q, same(start, times), eps, L, rng)

    name = f"the share of accepted moves, which is {answer} here,"
    return Probe(question, ask, Moves(Chance(name, float(answer), accepted), draws=times, shape=(len(start) + 3,)))


def correlated(mean, turn, widths, L, draws, seed, question, false_alarm=FALSE_ALARM) -> Probe:
    """Moves from points of a Gaussian in the plane: the columns of ``turn`` are its axes."""
    mean, turn, widths = (np.asarray(x, float) for x in (mean, turn, widths))

    def ask(hmc_step):
        draw, rng = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
        A = turn / widths**2 @ turn.T
        starts = (mean + turn @ (widths * draw.normal(size=2)) for _ in range(draws))
        U, gradU = lambda q: inner(q - mean, (q - mean) @ A) / 2, lambda q: (q - mean) @ A
        return moves(hmc_step, U, gradU, starts, COARSE, L, rng)

    def along(k):
        return lambda rows: (rows[:, :2] - mean) @ turn[:, k] / widths[k]

    def square(s):
        return -np.log(1 - 2 * s) / 2

    s = np.linspace(-0.49, 0.49, 197)
    judge = Moves(
        Mean("the mean along the narrow axis", 0.0, 1.0, along(0)),
        Mean("the mean along the wide axis", 0.0, 1.0, along(1)),
        Average("the variance along the narrow axis", 1.0, square, s, lambda rows: along(0)(rows) ** 2),
        Average("the variance along the wide axis", 1.0, square, s, lambda rows: along(1)(rows) ** 2),
        Average(
            "the covariance of the two axes",
            0.0,
            lambda s: -np.log(1 - s**2) / 2,
            2 * s,
            lambda rows: along(0)(rows) * along(1)(rows),
        ),
        draws=draws,
        shape=(2 + 3,),
        false_alarm=false_alarm,
    )
    return Probe(question, ask, judge)


@cache
def quartic_moments():
    """E q² under exp(-q⁴/4), and K of q² at some slopes; the trapezoidal rule is exact to rounding here."""
    q, s = np.linspace(-7, 7, 1401), np.linspace(-6, 2, 161)
    weights = np.exp(-(q**4) / 4)
    grown = np.exp(np.multiply.outer(s, q**2) - q**4 / 4).sum(axis=1)
    return float(weights @ q**2 / weights.sum()), s, np.log(grown / weights.sum())


def quartic(L, draws, seed, question, false_alarm=FALSE_ALARM) -> Probe:
    def ask(hmc_step):
        draw, rng = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
        starts = (draw.choice([-1, 1], size=1) * (4 * draw.gamma(0.25, size=1)) ** 0.25 for _ in range(draws))
        return moves(hmc_step, lambda q: inner(q, q**3) / 4, lambda q: q**3, starts, COARSE, L, rng)

    expected, slopes, values = quartic_moments()
    judge = Moves(
        Average(
            "the mean of q²", expected, lambda s: np.interp(s, slopes, values), slopes, lambda rows: rows[:, 0] ** 2
        ),
        Chance("the share of positive q", 0.5, lambda rows: rows[:, 0] > 0),
        draws=draws,
        shape=(1 + 3,),
        false_alarm=false_alarm,
    )
    return Probe(question, ask, judge)


def repeatable(centre, seed, question, times=40) -> Probe:
    """So often that chance doesn't make the same decisions twice."""
    centre = np.asarray(centre, float)

    def ask(hmc_step):
        U, gradU = lambda q: inner(q - centre, q - centre) / 2, lambda q: q - centre
        run = lambda: moves(hmc_step, U, gradU, same(centre, times), 1.05, 1, np.random.default_rng(seed))
        return run() - run()

    return Probe(question, ask, Repeated("moves", (times, len(centre) + 3)))


def hmc_visible():
    g = np.array([2.2, -1.4, 1.7, 2.5, -1.9, 1.2, -2.7, 1.5, 2.0, -1.6] * 2)
    return [
        linear(g, 0.3 * g - 1, 0.5, 3, 25, 3, "a linear potential, where ΔH = 0: 25 moves of 20 coordinates"),
        certain([1.3, -0.7, 0.9], 2.6, 6, 0, 6, 4, "q·q/2 with eps = 2.6, beyond stability: all are refused, q stays"),
        certain([30.0, -25.0], COARSE, 2, 1, 6, 5, "q·q/2 from far outside, eps = 0.9: all are accepted"),
        certain([1.3, -0.7, 0.9], 0.004, 2, 1, 20, 8, "q·q/2 with eps = 0.004, where ΔH is tiny: all are accepted"),
        from_the_centre([0.0] * 14, 1.0, COARSE, 1, 300, 6, "q·q/2 from 0, eps = 0.9: 35% of 300 moves are accepted"),
        from_the_centre([0.0] * 100, 1.0, 0.1, 5, 12, 9, "100 coordinates, eps = 0.1: 97% are accepted, U grows by 11"),
        repeatable([0.4, -0.3, 0.8, 0.1, 1.2], 7, "the same state of rng twice: the same moves twice"),
    ]


def hmc_hidden(rng, false_alarm=FALSE_ALARM):
    seeds = [int(seed) for seed in rng.integers(2**32, size=9)]
    some = lambda size: rng.uniform(1, 3, size=size) * rng.choice([-1, 1], size=size)
    yield linear(some(20), some(20), rng.uniform(0.4, 0.6), 3, 25, seeds[0], "a linear potential", false_alarm)
    yield certain(some(3), rng.uniform(2.5, 2.8), 6, 0, 6, seeds[1], "steps beyond stability")
    yield certain(20 * some(2), COARSE, 2, 1, 6, seeds[2], "a start far outside")
    yield certain(some(2) / 2, 0.004, 2, 1, 20, seeds[3], "tiny steps")
    L, d = (1, 20) if rng.random() < 0.5 else (4, 40)  # 22% are accepted, and with half the error 45%
    width, words = float(rng.uniform(0.5, 2)), f"from the centre, {d} coordinates, eps = 0.9"
    yield from_the_centre(some(d), width, COARSE, L, 300, seeds[4], words, false_alarm)
    yield from_the_centre([some(1)[0]] * 100, width, 0.1, 5, 12, seeds[7], "100 coordinates, small steps", false_alarm)
    yield repeatable(some(4), seeds[8], "the same state of rng twice")
    turn, widths = np.linalg.qr(rng.normal(size=(2, 2)))[0], [rng.uniform(0.53, 0.57), rng.uniform(1.2, 1.8)]
    words = "mean and covariance of a correlated Gaussian, eps = 0.9"
    yield correlated(some(2), turn, widths, 4, 80, seeds[5], words, false_alarm)
    yield quartic(3, 80, seeds[6], "E q² under exp(-q⁴/4), eps = 0.9", false_alarm)
