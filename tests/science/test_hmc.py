"""Hamiltonian Monte Carlo: what leaves the density as it is, exact moments, and the stream of random numbers.

A test of a mean over independent chains asks for five standard errors: a false alarm in two million.
"""

import random
from math import gamma

import numpy as np
import pytest
from scipy.stats import kstest

from adcourse import grad
from adcourse.core.errors import InputError
from adcourse.science.hmc import effective_size, r_hat, sample, transition
from adcourse.science.mechanics import leapfrog

SEEDS = pytest.mark.parametrize("seed", random.sample(range(2**32), 2))
C = np.array([[1.0, 0.8, 0.0], [0.8, 2.0, -0.5], [0.0, -0.5, 0.7]])
MEAN, PRECISION = np.array([1.0, -2.0, 0.5]), np.linalg.inv(C)


def gaussian(q):
    """-log of a correlated normal density, chain by chain."""
    return np.sum((q - MEAN) @ PRECISION * (q - MEAN), axis=-1) / 2


def agrees(x, expected):
    """Whether the mean over the first axis, of independent entries, is what it should be."""
    error = np.std(x, axis=0) / np.sqrt(len(x))
    return np.all(np.abs(np.mean(x, axis=0) - expected) < 5 * error + 1e-12)


def exact(rng, chains):
    return MEAN + rng.normal(size=(chains, 3)) @ np.linalg.cholesky(C).T


def moments(q):
    away = q - MEAN
    return np.concatenate([away, (away[:, :, None] * away[:, None, :]).reshape(len(q), -1)], axis=1)


@SEEDS
def test_a_coarse_step_leaves_the_density_as_it_is(seed):
    """From exact draws to exact draws, with a step at which a tenth and more is rejected."""
    rng = np.random.default_rng(seed)
    q, accepted, error = transition(gaussian, exact(rng, 40_000), 0.7, 5, rng)
    assert 0.3 < accepted.mean() < 0.95
    assert agrees(moments(q), np.concatenate([np.zeros(3), C.ravel()]))
    assert agrees(np.exp(-error), 1.0)  # an identity for every map that keeps volumes and can be reversed


@SEEDS
def test_without_metropolis_it_would_not(seed):
    """So the one before can fail: with all moves accepted, the covariance becomes another one."""
    rng = np.random.default_rng(seed)
    q = exact(rng, 10_000)
    for _ in range(10):
        q = leapfrog(lambda q: (q - MEAN) @ PRECISION, q, rng.normal(size=q.shape), 0.9, 5)[0][-1]
    assert not agrees(moments(q), np.concatenate([np.zeros(3), C.ravel()]))


@SEEDS
def test_the_fourth_power_from_anywhere(seed):
    """E q² of exp(-q⁴/4) is 2 Γ(3/4)/Γ(1/4) = 0.675978."""
    rng = np.random.default_rng(seed)
    found = sample(lambda q: q**4 / 4, rng.uniform(-1, 1, size=300), 120, 0.3, 8, rng, warmup=30)
    expected = 2 * gamma(3 / 4) / gamma(1 / 4)
    assert round(expected, 6) == 0.675978
    assert agrees(np.mean(found.q**2, axis=0), expected) and agrees(np.mean(found.q, axis=0), 0.0)
    assert r_hat(found.q) < 1.05 and found.acceptance > 0.9


@SEEDS
def test_the_posterior_of_mean_and_spread_is_students(seed):
    """Normal data, a flat prior in μ and log σ: μ is Student's t about the mean, with n - 1 degrees of freedom."""
    rng = np.random.default_rng(seed)
    y = np.array([2.1, 3.7, 2.9, 4.4, 3.1, 2.2, 3.6, 3.0])
    n, mean, s = len(y), y.mean(), y.std(ddof=1)

    def U(q):
        mu, log_sigma = q[:, 0], q[:, 1]
        return np.sum((y - mu[:, None]) ** 2, axis=1) / (2 * np.exp(2 * log_sigma)) + n * log_sigma

    start = np.stack([rng.normal(mean, s, size=250), np.log(s) + rng.normal(size=250) / 4], axis=1)
    found = sample(U, start, 1, 0.2, 8, rng, warmup=60)
    t = (found.q[-1, :, 0] - mean) / (s / np.sqrt(n))  # one draw of each chain: independent
    assert kstest(t, "t", args=(n - 1,)).pvalue > 1e-6
    assert kstest((n - 1) * (s / np.exp(found.q[-1, :, 1])) ** 2, "chi2", args=(n - 1,)).pvalue > 1e-6


@SEEDS
def test_the_stream_is_momenta_then_one_number_for_each_chain(seed):
    q = np.random.default_rng(seed).normal(size=(6, 3))
    found, accepted, error = transition(gaussian, q, 0.8, 4, np.random.default_rng(seed + 1))
    rng = np.random.default_rng(seed + 1)
    p, chance = rng.normal(size=(6, 3)), rng.uniform(size=6)
    for k in range(6):
        x, w, by = q[k], p[k], grad(gaussian)
        for _ in range(4):
            w = w - 0.4 * by(x)
            x = x + 0.8 * w
            w = w - 0.4 * by(x)
        change = gaussian(x) + w @ w / 2 - gaussian(q[k]) - p[k] @ p[k] / 2
        assert np.isclose(change, error[k], rtol=1e-9, atol=1e-10)
        assert accepted[k] == (chance[k] < np.exp(-change))
        assert np.allclose(found[k], x if accepted[k] else q[k], rtol=1e-10, atol=1e-12)
    again = transition(gaussian, q, 0.8, 4, np.random.default_rng(seed + 1), gradU=lambda q: (q - MEAN) @ PRECISION)
    assert np.allclose(again[0], found, rtol=1e-10, atol=1e-12)


def test_a_rejected_move_is_the_old_point_and_says_nothing(recwarn):
    """U that falls off a cliff: the step leads to where it is nan, or to infinity."""
    rng = np.random.default_rng()
    for U, q in ((lambda q: 1 / q + np.log(q) * q, 0.01), (lambda q: q**4, 30.0)):
        found = sample(U, q, 5, 5.0, 20, rng, warmup=0)
        assert np.array_equal(found.q, np.full(5, q)) and found.divergent == 5 and found.acceptance == 0
        assert "DIVERGENT" in repr(found) and effective_size(found.q) == 0
    assert not recwarn.list


def test_the_energy_error_falls_with_the_square_of_the_step():
    q = exact(np.random.default_rng(), 200)
    errors = [
        np.abs(transition(gaussian, q, 0.2 / k, 5 * k, np.random.default_rng(7))[2]).mean() for k in (1, 2, 4)
    ]  # the same momenta, the same time
    assert np.allclose(np.divide(errors[:-1], errors[1:]), 4, rtol=0.1)


@SEEDS
@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.6, 0.9])
def test_the_effective_size_of_a_known_autocorrelation(seed, rho):
    """x_k = ρ x_(k-1) + noise: n draws are worth n (1 - ρ)/(1 + ρ)."""
    noise = np.random.default_rng(seed).normal(size=(20_000, 4))
    x = np.empty_like(noise)
    x[0] = noise[0] / np.sqrt(1 - rho**2)
    for k in range(1, len(x)):
        x[k] = rho * x[k - 1] + noise[k]
    expected = (1 - rho) / (1 + rho)
    assert np.isclose(effective_size(x) / x.size, expected, rtol=0.2)
    assert np.isclose(effective_size(x[:, 0]) / len(x), expected, rtol=0.3)


@SEEDS
def test_r_hat_of_chains_apart(seed):
    """Two means d apart, unit variance within: four halves, √(1 + d²/3)."""
    x = np.random.default_rng(seed).normal(size=(10_000, 2))
    assert np.isclose(r_hat(x + np.array([0.0, 3.0])), np.sqrt(1 + 3.0**2 / 3), rtol=0.03) and r_hat(x) < 1.01
    assert r_hat(x[:, 0] + np.arange(10_000) / 3000) > 1.2  # one chain that drifts
    assert r_hat(np.array([[0.0, 1.0]] * 10)) == np.inf


@pytest.mark.parametrize(
    "call",
    [
        lambda rng: transition(lambda q: q, np.zeros((2, 3)).T[:, :1] * np.nan, 0.1, 1, rng),
        lambda rng: transition(lambda q: np.zeros(4), np.zeros((2, 3)), 0.1, 1, rng),
        lambda rng: transition(lambda q: 1 / q, 0.0, 0.1, 1, rng),
        lambda rng: sample(lambda q: q * q, 0.0, 10, -0.1, 5, rng),
        lambda rng: sample(lambda q: q * q, 0.0, 0, 0.1, 5, rng),
        lambda rng: effective_size(np.zeros((10, 2, 2))),
        lambda rng: r_hat([1.0]),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(InputError):
        call(np.random.default_rng())
