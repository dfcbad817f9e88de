"""Hamiltonian Monte Carlo: samples of a density π(q) ∝ exp(-U(q)), from its gradient.

Give q a random momentum, let it move by leapfrog, and accept where it comes to with probability min(1, exp(-ΔH)). The
energy error ΔH of leapfrog is corrected exactly by that test, so the step's size costs time and never accuracy.

Many chains run at once: for an array of shape (chains, ...) U returns one number for each chain.

Source: Neal, *MCMC using Hamiltonian dynamics* (Handbook of Markov Chain Monte Carlo, 2011); for the diagnostics,
Gelman et al., *Bayesian Data Analysis* (3rd edition, 2013), sections 11.4 and 11.5.
"""

from dataclasses import dataclass

import numpy as np

from adcourse import grad
from adcourse.core.errors import InputError

from .given import generator
from .mechanics import leapfrog
from .progress import progress

WILD = 1000.0  # an energy error above this is no error of rounding or order: the step is too long


def transition(U, q, eps, steps, rng, gradU=None):
    """One move: fresh momentum, ``steps`` leapfrog steps of size ``eps``, Metropolis's test.

    ``U`` is -log π up to a constant, plain NumPy code. q is a number or an array; of its shape, U returns the first
    part, often (): a test for each entry. ``rng`` is a NumPy Generator, from which one normal number for each entry of
    q is drawn, and then one uniform number for each chain. ``gradU`` is the gradient, unless given ``adcourse.grad``'s.
    Returns (q, accepted, ΔH); a rejected move returns the old q. Where ΔH is not finite the move is rejected.
    Raises InputError unless U returns one number for each chain, and if it isn't finite at the start.

    >>> U = lambda q: np.sum(q * q) / 2
    >>> q, accepted, error = transition(U, np.zeros(2), 0.1, 10, np.random.default_rng(0))
    >>> q.shape, bool(accepted), bool(abs(error) < 0.01)
    ((2,), True, True)
    """
    q = np.asarray(q, float)
    before = _energy(U, q)
    inside = tuple(range(before.ndim, q.ndim))  # the axes of one chain's position
    kinetic = lambda p: np.sum(p * p, axis=inside) / 2
    p = generator(rng, "transition").normal(size=q.shape)
    chance = rng.uniform(size=before.shape)
    with np.errstate(all="ignore"):  # a step that is too long may end anywhere, and is rejected
        qs, ps = leapfrog(gradU or slope(U), q, p, eps, steps)
        error = U(qs[-1]) + kinetic(ps[-1]) - before - kinetic(p)
        accepted = np.isfinite(error) & (np.log(chance) < -error)
    kept = np.reshape(accepted, before.shape + (1,) * len(inside))
    return np.where(kept, qs[-1], q), accepted, np.where(np.isfinite(error), error, np.inf)


def slope(U):
    """∇U, chain by chain: the gradient of the sum, for no chain influences another one's energy."""
    return grad(lambda q: np.sum(U(q)))


@dataclass(repr=False)
class Chains:
    """What ``sample`` drew.

    ``q``          the draws: shape (draws, *shape of the start)
    ``accepted``   whether each move was accepted; ``errors``, its ΔH: shape (draws, *chains)
    """

    q: np.ndarray
    accepted: np.ndarray
    errors: np.ndarray

    @property
    def acceptance(self):
        """The part of the moves that was accepted."""
        return float(np.mean(self.accepted))

    @property
    def divergent(self):
        """How many moves had an energy error beyond all bounds: there the chain can't go, and its draws lack a part."""
        return int(np.sum(~(np.abs(self.errors) < WILD)))

    def __repr__(self):
        wild = f"; {self.divergent} DIVERGENT: shorten eps" if self.divergent else ""
        many = int(np.prod(self.accepted.shape[1:]))
        return f"{len(self.q)} draws of {many} chain{'s'[: many > 1]}, {self.acceptance:.0%} accepted{wild}"


def sample(U, q, draws, eps, steps, rng, warmup=100, gradU=None):
    """``draws`` transitions from q, after ``warmup`` of them that are thrown away; returns Chains.

    ``steps`` leapfrog steps each, of a size drawn anew for each move between 0.8 and 1.2 ``eps``, so that no orbit
    closes upon itself. The other arguments are those of ``transition``; the draws are those of ``rng`` alone.

    >>> chains = sample(lambda q: np.sum(q * q, axis=1) / 2, np.zeros((50, 2)), 200, 0.5, 4, np.random.default_rng(0))
    >>> chains.q.shape, bool(chains.acceptance > 0.8), bool(abs(np.mean(chains.q**2) - 1) < 0.1)
    ((200, 50, 2), True, True)
    """
    if not (eps > 0 and draws > 0 and steps > 0 and warmup >= 0):
        raise InputError(
            f"sample was given draws={draws!r}, eps={eps!r}, steps={steps!r}, warmup={warmup!r}.",
            "a chain takes some draws, each of some leapfrog steps of a positive size.",
            "sample(U, q, 1000, 0.1, 10, np.random.default_rng())",
        )
    kept, gradU, rng = [], gradU or slope(U), generator(rng, "sample")
    for k in progress(range(warmup + draws), "Hamiltonian Monte Carlo"):
        q, accepted, error = transition(U, q, eps * rng.uniform(0.8, 1.2), steps, rng, gradU)
        if k >= warmup:
            kept.append((q, accepted, error))
    return Chains(*map(np.stack, zip(*kept, strict=True)))


def effective_size(x):
    """How many independent draws would tell the mean of x as well: draws x chains / (1 + 2 Σ ρ_t).

    ``x`` has shape (draws,) or (draws, chains). ρ_t is the autocorrelation at lag t, and the sum ends where ρ of two
    neighbours together is no longer positive (Geyer, 1992). The draws' standard error is that of x by the root of it.

    >>> independent = np.random.default_rng(0).normal(size=(1000, 4))
    >>> bool(3000 < effective_size(independent) < 5000)
    True
    """
    x = _table(x)
    n, chains = x.shape
    spread = np.fft.rfft(x - x.mean(axis=0), 2 * n, axis=0)
    within = np.fft.irfft(np.abs(spread) ** 2, axis=0)[:n].mean(axis=1) / n  # autocovariance, mean of the chains
    if not np.ptp(x):
        return 0.0  # nothing ever moved
    total = within[0] + (np.var(x.mean(axis=0), ddof=1) if chains > 1 else 0.0)
    rho = 1 - (within[0] - within) / total
    pairs = rho[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    falling = np.minimum.accumulate(pairs)
    end = np.argmax(falling <= 0) if np.any(falling <= 0) else len(falling)
    return float(n * chains / max(2 * np.sum(falling[:end]) - 1, 1 / np.log10(n * chains)))


def r_hat(x):
    """√(variance of all draws / that within chains), each chain cut into halves: near 1 if all tell the same story.

    ``x`` has shape (draws,) or (draws, chains). Above 1.01 the chains are not to be trusted (Vehtari et al., 2021).

    >>> apart = np.random.default_rng(0).normal(size=(1000, 2)) + [0.0, 3.0]
    >>> bool(r_hat(apart) > 1.5), bool(r_hat(apart - [0.0, 3.0]) < 1.02)
    (True, True)
    """
    x = _table(x)
    half = len(x) // 2
    x = np.concatenate([x[:half], x[-half:]], axis=1)
    within, between = np.mean(np.var(x, axis=0, ddof=1)), np.var(x.mean(axis=0), ddof=1)
    return float(np.sqrt((half - 1) / half + between / within)) if within > 0 else np.inf


def _energy(U, q):
    value = np.asarray(U(q), float)
    if value.shape != q.shape[: value.ndim] or not np.all(np.isfinite(value)):
        raise InputError(
            f"U returned {value!r} for q of shape {q.shape}.",
            "it must be a finite number, or one for each chain: the first axes of q are those of U(q).",
            "np.sum(..., axis=-1) for the chains of shape (chains, dimensions), and a start where the density is not 0",
        )
    return value


def _table(x):
    x = np.asarray(x, float)
    if x.ndim not in (1, 2) or len(x) < 4:
        raise InputError(
            f"A diagnostic was given an array of shape {x.shape}.",
            "it looks at one number: of a chain, (draws,), or of some, (draws, chains).",
            "chains.q[:, :, 0]",
        )
    return x.reshape(len(x), -1)
