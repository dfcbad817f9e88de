"""Derivatives of expectations over discrete chance: d/dp E[f(X)], where X counts heads and p is the coin's.

Hold the draws and differentiate: the count stays as it is while p moves a little, so its derivative is 0, and so says
every AD system. But the *probabilities* move. Two ways to see that, both without bias:

* the score: d/dp E[f] = E[f d/dp log P(X)], from values of f alone, with a large variance;
* perturbation: now and then a draw X would have come out one higher. Run the program once more with it, and weigh
  the difference with how often: E[w (f(X + 1) - f(X))], with w = -(dF/dp)(X) / P(X), F being the distribution function.

A program is ``program(p, chance)``. It draws by ``chance.bernoulli(q)``, ``chance.binomial(n, q)``,
``chance.geometric(q)`` or ``chance.poisson(rate)``, where q may depend on p and on draws before. All samples run at
once: a draw is an array with one entry for each, and the program returns such an array (np.where in place of ``if``).

Source: Williams, *Simple statistical gradient-following algorithms* (1992); Fu and Hu, *Conditional Monte Carlo*
(1997); Arya et al., *Automatic Differentiation of Programs with Discrete Randomness* (2022).
"""

import math
from typing import NamedTuple

import numpy as np

from adcourse import linearize
from adcourse.core.arguments import as_output, check_function
from adcourse.core.errors import InputError
from adcourse.science.curvature import Estimate

from .given import whole
from .laws import Drawn, Held, Outcomes

MOST = 100_000  # runs of a program whose outcomes are all enumerated


# ---------------------------------------------------------------------------------------------- exactly


def expectation(program, p):
    """E[program(p, chance)], exactly: the sum over all sequences of outcomes of probability times value.

    Takes one run for each, at most 100,000. It is a smooth program in p, so any derivative of it is right.
    Raises InputError for geometric and Poisson draws, and when there are more outcomes than that.

    >>> from adcourse import derivative
    >>> square = lambda p, chance: chance.binomial(10, p) ** 2
    >>> round(derivative(lambda p: expectation(square, p))(0.6), 9)
    118.0
    """
    check_function(program, "expectation(f, p)")
    total, left, runs = 0.0, [()], 0
    while left:
        chance, runs = Outcomes(left.pop()), runs + 1
        value = as_output(program(p, chance))
        total = total + np.exp(chance.log_prob) * value
        left += chance.others
        if runs + len(left) > MOST:
            raise InputError(
                f"The program has more than {MOST} sequences of outcomes.",
                "expectation runs it once for each.",
                "fewer draws; or score(program, p, samples) or perturbation(program, p, samples)",
            )
    return total


# ---------------------------------------------------------------------------------------------- by chance


def pathwise(program, p, samples=1000, rng=None):
    """The mean derivative of the program with its draws held, as an ``Estimate``: what AD alone says.

    It is d/dp E only if no draw depends on p. ``p``: a number or array; the estimate has its shape.

    >>> pathwise(lambda p, chance: chance.binomial(10, p) ** 2, 0.6, rng=0)
    Estimate(value=0.0, error=0.0)
    """
    return _estimate(_first(program, p, samples, rng).slope)


def score(program, p, samples=1000, baseline=True, rng=None):
    """d/dp E[program(p, chance)] by the score, as an ``Estimate``: the mean of (f - b) d log P / dp + df/dp.

    For each sample the ``baseline`` b is the mean of f over all others: independent of the sample, so it adds no bias,
    and takes away the part of the variance that comes from the height of f. Without one, b is 0.
    Takes one run, and one with its tangents. Raises InputError where a probability isn't strictly between 0 and 1, or
    when the program doesn't return one number for each sample. Source: Williams (1992); the score function estimator
    in Mohamed et al., *Monte Carlo Gradient Estimation in Machine Learning* (2020), section 4.

    >>> found = score(lambda p, chance: chance.binomial(10, p) ** 2, 0.6, samples=10_000, rng=0)
    >>> abs(found.value - 118) < 4 * found.error
    True
    """
    run = _first(program, p, samples, rng)
    others = (run.value.sum() - run.value) / (samples - 1) if baseline else 0.0
    return _estimate(_times(run.value - others, run.score) + run.slope)


def perturbation(program, p, samples=1000, every=False, rng=None):
    """d/dp E[program(p, chance)] by perturbation, as an ``Estimate``: the mean of w (f(raised) - f) + df/dp.

    In each sample one draw, chosen at random in proportion to its weight, comes out one higher; draws after it are
    made with the same random numbers, so that a run and its neighbour differ by no more than they must. With ``every``
    each draw is raised in its turn: one run for each, and less variance.
    Raises as ``score`` does. Source: Arya et al. (2022), sections 2 and 3.

    >>> found = perturbation(lambda p, chance: chance.binomial(10, p) ** 2, 0.6, samples=10_000, rng=0)
    >>> abs(found.value - 118) < 4 * found.error
    True
    """
    run = _first(program, p, samples, rng)
    rises = [law.rise(k, q) for law, q, k in run.draws]
    weights = np.array([_times(rise, dq) for rise, dq in zip(rises, run.moves, strict=True)])
    total = run.slope.copy()
    if every:
        for i in range(len(weights)):
            raised = [np.zeros(samples, int)] * i + [_moved(weights[i])]
            total += _times(_again(program, p, run, raised) - run.value, weights[i])
    elif len(weights):
        size = np.abs(weights).reshape(len(weights), samples, -1).sum(axis=2)
        reach = np.cumsum(size, axis=0)
        chosen = np.sum(run.rng.random(samples) * reach[-1] >= reach, axis=0).clip(max=len(weights) - 1)
        at = chosen, np.arange(samples)
        raised = np.zeros(size.shape, int)
        raised[at] = size[at] > 0
        share = np.where(size[at] > 0, size[at] / np.where(reach[-1] > 0, reach[-1], 1.0), 1.0)
        total += _times((_again(program, p, run, raised) - run.value) / share, weights[at])
    return _estimate(total)


class _Run(NamedTuple):
    """One run of all samples: values, draws, and derivatives with the draws held, of shape (samples, *p.shape)."""

    value: np.ndarray
    draws: list
    slope: np.ndarray  # of the value
    score: np.ndarray  # of the log-probability of all draws
    moves: np.ndarray  # of each draw's q: (draws, samples, *p.shape)
    uniforms: list
    rng: np.random.Generator


def _first(program, p, samples, rng):
    samples = whole(samples, 2, "samples")  # an error is estimated from two on
    p, chance = np.asarray(p, float), Drawn(samples, np.random.default_rng(rng))
    p = p if p.ndim else float(p)
    value = _values(program, p, chance)

    def held(p):
        again = Held(chance.draws)
        rows = program(p, again), again.log_prob, *again.parameters
        return np.stack([np.broadcast_to(row, (samples,)) for row in rows])

    _, push = linearize(held, p)
    basis = np.eye(np.size(p)).reshape(np.size(p), *np.shape(p))
    tangents = np.stack([push(v if v.ndim else float(v)) for v in basis], axis=-1)
    tangents = tangents.reshape(-1, samples, *np.shape(p))
    return _Run(value, chance.draws, tangents[0], tangents[1], tangents[2:], chance.uniforms, chance.rng)


def _again(program, p, run, raised):
    return _values(program, p, Drawn(len(run.value), run.rng, run.uniforms, raised))


def _values(program, p, chance):
    try:
        value = np.asarray(program(p, chance), float)
    except ValueError as error:
        if "ambiguous" not in str(error):
            raise
        raise InputError(
            "The program branches on a draw.",
            "all samples run at once, and a draw is an array with one entry for each.",
            "np.where(draw > 0, a, b) in place of a if draw > 0 else b",
        ) from error
    if value.shape not in ((), (chance.samples,)):
        raise InputError(
            f"The program returned an array of shape {value.shape} for {chance.samples} samples.",
            "it returns one number for each sample, or one for all.",
            "the sum over axis 0, where draws are stacked along it",
        )
    return np.broadcast_to(value, (chance.samples,))


def _moved(weights):
    return np.any(weights.reshape(len(weights), -1) != 0, axis=1).astype(int)


def _times(a, derivatives):
    """a, of shape (samples,), times an array of shape (samples, ...)."""
    return a.reshape(-1, *[1] * (derivatives.ndim - 1)) * derivatives


def _estimate(each):
    value, error = each.mean(axis=0), each.std(axis=0, ddof=1) / math.sqrt(len(each))
    return Estimate(value, error) if each.ndim > 1 else Estimate(float(value), float(error))
