"""Discrete chance: estimates against the sum over all outcomes, and the identities that they rest on.

An estimate passes if it lies within SIGMAS standard errors of what is exact. For a normal distribution six errors are
exceeded once in 5e8 times. Estimates here are means of 4000 bounded values or more, whose tails are a little fatter;
allowing a thousand times that, all comparisons of this file together raise a false alarm once in 10,000 runs at most.
"""

import random

import numpy as np
import pytest

from adcourse import derivative, grad
from adcourse.core.errors import InputError
from adcourse.science.discrete import expectation, pathwise, perturbation, score
from adcourse.science.laws import GEOMETRIC, POISSON, binomial

SIGMAS = 6
SEEDS = pytest.mark.parametrize("seed", random.sample(range(2**32), 3))
UNBIASED = pytest.mark.parametrize(
    "estimate",
    [
        score,
        lambda *args, **options: score(*args, baseline=False, **options),
        perturbation,
        lambda *args, **options: perturbation(*args, every=True, **options),
    ],
    ids=["score", "score-without-baseline", "perturbation", "perturbation-of-every-draw"],
)


def agree(found, exact):
    assert np.shape(found.value) == np.shape(exact)
    assert np.all(np.abs(found.value - exact) <= SIGMAS * found.error + 1e-9 * np.abs(exact)), (found, exact)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def square(p, chance):
    return chance.binomial(10, p) ** 2


def walk(p, chance):
    """Where it goes next depends on where it is, and what a step is worth on p."""
    x = 0.0
    for k in range(5):
        x = x + p[1] * chance.bernoulli(sigmoid(p[0] - 0.7 * x)) - 0.2 * k
    return np.sin(x) + p[0] * x


def nested(p, chance):
    """A draw whose chance depends on the draw before it, and a value that jumps."""
    first = chance.binomial(3, p**2)
    second = chance.binomial(4, p / (1 + first))
    return np.where(first + second > 2, 5.0, second * p)


# ---------------------------------------------------------------------------------------------- identities


@SEEDS
@pytest.mark.parametrize(
    "law", [binomial(1), binomial(7), GEOMETRIC, POISSON], ids="bernoulli binomial geometric poisson".split()
)
def test_raising_a_draw_moves_the_distribution_as_its_parameter_does(law, seed):
    """-dF/dq = P rise; and with it sum P rise (g(k+1) - g(k)) = d/dq sum P g, for any g."""
    rng = np.random.default_rng(seed)
    q, ks = rng.uniform(0.1, 0.9), np.arange(law.lowest, min(law.highest, 400) + 1)
    g = np.concatenate([rng.normal(size=len(ks)), [0.0]])
    P = lambda q: np.exp(law.log_prob(ks, q))
    rise = P(q) * law.rise(ks, q)
    assert np.isclose(np.sum(P(q)), 1, rtol=1e-12)
    for k in range(min(len(ks), 6)):
        assert np.isclose(rise[k], -derivative(lambda q, k=k: np.sum(P(q)[: k + 1]))(q), rtol=1e-8, atol=1e-10)
    assert np.isclose(np.sum(rise * np.diff(g)), derivative(lambda q: np.sum(P(q) * g[:-1]))(q), rtol=1e-8, atol=1e-9)


@SEEDS
def test_the_expectation_of_a_square(seed):
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(1, 12)), rng.uniform(0.05, 0.95)
    E = lambda p: expectation(lambda p, chance: chance.binomial(n, p) ** 2, p)
    assert np.isclose(E(p), n * p * (1 - p) + (n * p) ** 2, rtol=1e-12)
    assert np.isclose(derivative(E)(p), n * (1 - 2 * p) + 2 * n**2 * p, rtol=1e-11)
    assert np.isclose(derivative(derivative(E))(p), 2 * n**2 - 2 * n, rtol=1e-10, atol=1e-9)


def test_a_binomial_is_a_sum_of_bernoullis():
    one_by_one = lambda p, chance: sum(chance.bernoulli(p) for _ in range(6)) ** 2
    assert np.isclose(derivative(lambda p: expectation(square, p))(0.6), 118, rtol=1e-12)
    assert np.isclose(derivative(lambda p: expectation(one_by_one, p))(0.6), 6 * (1 - 2 * 0.6) + 72 * 0.6, rtol=1e-11)


def test_probabilities_add_up_to_one():
    assert np.isclose(expectation(lambda p, chance: walk(p, chance) * 0 + 1, np.array([0.3, -1.2])), 1, rtol=1e-13)


# ---------------------------------------------------------------------------------------------- without bias


@SEEDS
@UNBIASED
def test_chains_of_draws(estimate, seed):
    rng = np.random.default_rng(seed)
    p = rng.normal(size=2)
    agree(estimate(walk, p, samples=4000, rng=rng), grad(lambda p: expectation(walk, p))(p))
    q = rng.uniform(0.2, 0.8)
    agree(estimate(nested, q, samples=4000, rng=rng), derivative(lambda q: expectation(nested, q))(q))


@SEEDS
@UNBIASED
def test_draws_without_a_highest_outcome(estimate, seed):
    rng = np.random.default_rng(seed)
    q, rate = rng.uniform(0.2, 0.7), rng.uniform(0.5, 6)
    survival = derivative(lambda q: sum((1 - q) ** k for k in range(5)))(q)  # E min(X, 5) = sum of P(X > k)
    agree(estimate(lambda q, chance: np.minimum(chance.geometric(q), 5), q, samples=8000, rng=rng), survival)
    agree(estimate(lambda r, chance: chance.poisson(r) ** 2, rate, samples=8000, rng=rng), 1 + 2 * rate)


@SEEDS
def test_draws_follow_their_law(seed):
    """By the frequencies of three outcomes, with the standard error of a frequency."""
    rng, samples = np.random.default_rng(seed), 20_000
    drawn = []

    def program(q, chance):
        drawn[:] = chance.binomial(6, q), chance.geometric(q), chance.poisson(q)
        return 0.0 * q

    q = rng.uniform(0.2, 0.8)
    pathwise(program, q, samples=samples, rng=rng)
    for law, draws in zip((binomial(6), GEOMETRIC, POISSON), drawn, strict=True):
        for k in (law.lowest, law.lowest + 1, law.lowest + 2):
            P = float(np.exp(law.log_prob(k, q)))
            assert abs(np.mean(draws == k) - P) <= SIGMAS * np.sqrt(P * (1 - P) / samples)


# ---------------------------------------------------------------------------------------------- what each sees


def test_pathwise_sees_only_what_depends_on_p_directly():
    rng = np.random.default_rng(random.randrange(2**32))
    assert pathwise(square, 0.6, rng=rng) == (0.0, 0.0)
    agree(pathwise(lambda p, chance: p**3 * chance.binomial(10, 0.5), 0.6, samples=4000, rng=rng), 3 * 0.6**2 * 5)


@UNBIASED
def test_without_draws_it_is_the_derivative(estimate):
    assert estimate(lambda p, chance: np.sin(p), 0.6, samples=2) == pytest.approx((np.cos(0.6), 0.0))


def test_a_baseline_takes_the_height_away_and_adds_no_bias():
    high = lambda p, chance: square(p, chance) + 1e4
    kwargs = {"samples": 4000, "rng": random.randrange(2**32)}
    low_error, high_error = score(square, 0.6, **kwargs).error, score(high, 0.6, **kwargs).error
    assert high_error == pytest.approx(low_error, rel=1e-6)
    assert score(high, 0.6, baseline=False, **kwargs).error > 50 * high_error


def test_a_perturbation_that_changes_nothing_costs_no_variance():
    flat = lambda p, chance: 1e4 + 0 * chance.binomial(10, p)
    assert perturbation(flat, 0.6, samples=50) == (0.0, 0.0)
    assert score(flat, 0.6, samples=50, baseline=False).error > 100


def test_the_standard_error_is_what_repeated_estimates_scatter_by():
    """The spread of 150 estimates is known to 6 %, so 40 % are more than six standard errors."""
    rng = np.random.default_rng(random.randrange(2**32))
    for estimate in (score, perturbation):
        found = [estimate(square, 0.6, samples=200, rng=rng) for _ in range(150)]
        assert np.std([f.value for f in found]) == pytest.approx(np.mean([f.error for f in found]), rel=0.4)


# ---------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("estimate", [score, perturbation, pathwise])
@pytest.mark.parametrize(
    "program, p, says",
    [
        (lambda p, chance: chance.bernoulli(p), 1.0, "probability 1.0"),
        (lambda p, chance: chance.bernoulli(p), float("nan"), "probability nan"),
        (lambda p, chance: chance.poisson(p), -2.0, "rate -2.0"),
        (lambda p, chance: 1.0 if chance.bernoulli(p) > 0 else 2.0, 0.5, "np.where"),
        (lambda p, chance: np.ones(3), 0.5, "shape"),
        (lambda p, chance: chance.binomial(0, p), 0.5, "n=0"),
    ],
)
def test_what_it_refuses(estimate, program, p, says):
    with pytest.raises(InputError, match=says):
        estimate(program, p, samples=50)


def test_expectation_refuses_what_it_cannot_enumerate():
    with pytest.raises(InputError, match="infinitely many"):
        expectation(lambda p, chance: chance.geometric(p), 0.5)
    with pytest.raises(InputError, match="100000"):
        expectation(lambda p, chance: chance.binomial(200_000, p), 0.5)
    with pytest.raises(InputError, match="probability 0"):
        expectation(lambda p, chance: chance.bernoulli(p), 0.0)
    with pytest.raises(InputError, match="samples=1 "):
        score(square, 0.6, samples=1)
