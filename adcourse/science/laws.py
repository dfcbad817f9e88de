"""Counts by chance: their distributions, and what a program of ``discrete.py`` draws from.

The same program is run in three ways: with new draws (``Drawn``), with the draws of another run held while its numbers
are differentiated (``Held``), and with every sequence of outcomes in its turn (``Outcomes``).
"""

import math
from typing import NamedTuple

import numpy as np

from adcourse.core.errors import InputError


class Law(NamedTuple):
    """A distribution on ``lowest``, lowest + 1, ... with a parameter q below ``end``."""

    log_prob: callable  # (k, q) -> log P(X = k)
    rise: callable  # (k, q) -> -(dF/dq)(k) / P(k): how often k becomes k + 1, for each unit that q grows
    lowest: int
    highest: float
    end: float


_log_factorial = np.vectorize(lambda k: math.lgamma(k + 1.0), otypes=[float])


def binomial(n):
    """The law of the number of heads in ``n`` throws, each with probability q."""

    def log_prob(k, q):
        ways = math.lgamma(n + 1) - _log_factorial(k) - _log_factorial(n - k)
        return ways + k * np.log(q) + (n - k) * np.log1p(-q)

    return Law(log_prob, lambda k, q: (n - k) / (1 - q), 0, n, 1.0)


GEOMETRIC = Law(lambda k, q: (k - 1) * np.log1p(-q) + np.log(q), lambda k, q: -k / q, 1, math.inf, 1.0)
POISSON = Law(
    lambda k, q: k * np.log(q) - q - _log_factorial(k), lambda k, q: np.ones(np.shape(k)), 0, math.inf, math.inf
)


class Chance:
    """What a program draws from; q and rate are numbers, or arrays with one number for each sample."""

    def bernoulli(self, q):
        """1 with probability q, otherwise 0."""
        return self.binomial(1, q)

    def binomial(self, n, q):
        """The number of heads in n throws, each with probability q."""
        if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
            raise InputError(f"binomial was given n={n!r}.", "it is the number of throws.", "chance.binomial(10, q)")
        return self._draw(binomial(int(n)), q)

    def geometric(self, q):
        """The number of the first throw that succeeds, each with probability q: 1, 2, 3, ..."""
        return self._draw(GEOMETRIC, q)

    def poisson(self, rate):
        """The number of events where ``rate`` are expected: 0, 1, 2, ..."""
        return self._draw(POISSON, rate)


class Drawn(Chance):
    """Draws by inversion: X is the first k with U < F(k; q). ``raised[i]``, where True, makes draw i one higher."""

    def __init__(self, samples, rng, uniforms=(), raised=None):
        self.samples, self.rng, self.uniforms, self.raised = samples, rng, list(uniforms), raised
        self.draws = []  # (law, q, k)

    def _draw(self, law, q):
        check(law, q)
        i, q = len(self.draws), np.broadcast_to(np.asarray(q, float), (self.samples,))
        if i == len(self.uniforms):
            self.uniforms.append(self.rng.random(self.samples))
        k = _inverted(law, q, self.uniforms[i])
        if self.raised is not None and i < len(self.raised):
            k = k + self.raised[i]
        self.draws.append((law, q, k))
        return k


class Held(Chance):
    """The draws of another run once more. Their parameters are kept, and the sum of their log-probabilities."""

    def __init__(self, draws):
        self.draws, self.parameters, self.log_prob = draws, [], 0.0

    def _draw(self, law, q):
        k = self.draws[len(self.parameters)][2]
        self.parameters.append(q)
        self.log_prob = self.log_prob + law.log_prob(k, q)
        return k


class Outcomes(Chance):
    """One sequence of outcomes, ``chosen`` and then the lowest ones; those that remain are in ``others``."""

    def __init__(self, chosen):
        self.chosen, self.at, self.others, self.log_prob = list(chosen), 0, [], 0.0

    def _draw(self, law, q):
        if law.highest == math.inf:
            raise InputError(
                "expectation met a draw with infinitely many outcomes.",
                "it runs the program once for each sequence of outcomes.",
                "score(program, p, samples) or perturbation(program, p, samples), which draw",
            )
        check(law, q)
        if self.at == len(self.chosen):
            self.others += [(*self.chosen, k) for k in range(law.lowest + 1, law.highest + 1)]
            self.chosen.append(law.lowest)
        k = self.chosen[self.at]
        self.at, self.log_prob = self.at + 1, self.log_prob + law.log_prob(k, q)
        return float(k)


def check(law, q):
    """Raise InputError unless q is strictly inside its interval."""
    if not (np.all(q > 0) and np.all(q < law.end)):
        what, end = ("probability", " and below 1") if law.end == 1 else ("rate", "")
        raise InputError(
            f"A draw was to be made with {what} {q}.",
            "at an end of the interval nothing is left to chance, and log-probabilities are infinite.",
            f"a {what} above 0{end}; np.clip(q, 1e-9, 1 - 1e-9), for instance",
        )


def _inverted(law, q, uniform):
    """For each sample the first k with uniform < F(k; q)."""
    k, below, found = law.lowest, np.zeros(len(q)), np.full(len(q), law.lowest)
    while k < law.highest:
        probability = np.exp(law.log_prob(k, q))
        below = below + probability
        more = uniform >= below
        if not np.any(more & ((below < 0.5) | (probability > 1e-17))):  # rounding may leave F below 1 for ever
            break
        k += 1
        found[more] = k
    return found
