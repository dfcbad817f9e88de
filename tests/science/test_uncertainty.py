"""Uncertainty: exact for straight lines and parabolas, judged by chance elsewhere, indifferent to units and order."""

import math
import random

import numpy as np
import pytest

from adcourse.core.errors import DomainError, InputError
from adcourse.science.uncertainty import budget, propagate

SEEDS = pytest.mark.parametrize("seed", random.sample(range(2**32), 2))


def covariance_matrix(n, rng):
    A = rng.normal(size=(n, n))
    return A @ A.T


@SEEDS
def test_a_straight_function_is_exact_to_both_orders(seed):
    rng = np.random.default_rng(seed)
    A, b, m, C = rng.normal(size=(3, 4)), rng.normal(size=3), rng.normal(size=4), covariance_matrix(4, rng)
    for order in (1, 2):
        found = propagate(lambda x: A @ x + b, m, C, order)
        assert np.allclose(found.mean, A @ m + b, rtol=1e-12, atol=1e-12)
        assert np.allclose(found.covariance, A @ C @ A.T, rtol=1e-10, atol=1e-10)


@SEEDS
def test_quadratic_forms_of_normal_inputs_have_the_moments_that_isserlis_gives(seed):
    """Products x_i x_j: E = C_ij + m_i m_j; covariances by Isserlis' theorem, index by index."""
    rng = np.random.default_rng(seed)
    m, C = rng.normal(size=3), covariance_matrix(3, rng)
    pairs = [(0, 0), (0, 1), (1, 2), (2, 2)]
    found = propagate(lambda x: np.stack([x[i] * x[j] for i, j in pairs]), m, C, order=2)
    assert np.allclose(found.mean, [C[i, j] + m[i] * m[j] for i, j in pairs], rtol=1e-10, atol=1e-10)
    for a, (i, j) in enumerate(pairs):
        for b, (k, l) in enumerate(pairs):
            pure = C[i, k] * C[j, l] + C[i, l] * C[j, k]
            mixed = m[i] * m[k] * C[j, l] + m[i] * m[l] * C[j, k] + m[j] * m[k] * C[i, l] + m[j] * m[l] * C[i, k]
            assert np.isclose(found.covariance[a, b], pure + mixed, rtol=1e-9, atol=1e-9)


@SEEDS
def test_chance_agrees(seed):
    """A curved function and correlated inputs: within five standard errors of 200,000 draws, and better than order 1.

    What both orders leave out is of fourth order in the width, 0.2^4; here less than the draws can tell.
    """
    rng = np.random.default_rng(seed)
    m, C = np.array([0.3, 1.2]), 0.2**2 * np.array([[1.0, -0.6], [-0.6, 2.0]])
    f = lambda x: np.stack([np.exp(x[0] * 0.5) + x[1] ** 2, np.sin(x[0]) * x[1]])
    draws = f(rng.multivariate_normal(m, C, 200_000).T)
    first, second = (propagate(f, m, C, order) for order in (1, 2))
    error = np.std(draws, axis=1) / math.sqrt(draws.shape[1])
    assert np.all(np.abs(second.mean - draws.mean(axis=1)) < 5 * error + 5e-4)
    assert abs(first.mean[0] - draws[0].mean()) > 20 * error[0]
    spread = np.cov(draws)
    assert np.allclose(second.covariance, spread, rtol=0.05, atol=0.002)
    assert np.allclose(second.deviation, draws.std(axis=1), rtol=0.03)


@SEEDS
def test_the_exponential_of_a_normal_number(seed):
    """Its moments are known: mean e^(m + v/2). Order 1 is off by v/2, order 2 by v^2/8, relative to e^m."""
    rng = np.random.default_rng(seed)
    m = rng.normal()
    for v in (1e-2, 1e-3):
        off = [propagate(np.exp, m, v, order).mean / math.exp(m + v / 2) - 1 for order in (1, 2)]
        assert off[0] == pytest.approx(-v / 2, rel=0.02) and off[1] == pytest.approx(-(v**2) / 8, rel=0.02)


@SEEDS
def test_units_and_names_do_not_matter(seed):
    """Inputs in other units and another order, and results too: x = T u has u's covariance T^-1 C T^-T."""
    rng = np.random.default_rng(seed)
    m, C = rng.uniform(1, 2, size=3), covariance_matrix(3, rng)
    T, R = rng.normal(size=(3, 3)) + 3 * np.eye(3), np.diag([1e-3, 1e3])[::-1]
    f = lambda x: np.stack([x[0] * x[1] / x[2], np.log(x[2]) * x[0]])
    inverse = np.linalg.inv(T)
    for order in (1, 2):
        here = propagate(f, m, C, order)
        there = propagate(lambda u: R @ f(T @ u), inverse @ m, inverse @ C @ inverse.T, order)
        assert np.allclose(there.mean, R @ here.mean, rtol=1e-8)
        assert np.allclose(there.covariance, R @ here.covariance @ R.T, rtol=1e-7)
        assert np.all(np.linalg.eigvalsh(here.correlation) > -1e-9)
        assert np.allclose(np.diag(here.correlation), 1)


def test_a_tiny_unit_is_not_lost_beside_a_large_one():
    s, r = np.array([1e-19, 300.0]), 0.4
    C = np.outer(s, s) * np.array([[1, r], [r, 1]])
    ratio = propagate(lambda x: x[0] / x[1], [1e-18, 3000.0], C)  # relative errors of 0.1 each
    assert float(ratio.deviation / ratio.mean) == pytest.approx(math.sqrt(0.01 + 0.01 - 2 * r * 0.01))


def test_two_readings_of_one_gauge_have_no_uncertain_difference():
    C = np.full((2, 2), 0.04)  # a singular covariance: the error is common to both
    difference = propagate(lambda x: x[0] - x[1], [5.0, 3.0], C)
    assert difference.mean == 2.0 and difference.covariance == pytest.approx(0, abs=1e-15)
    assert propagate(lambda x: x[0] + x[1], [5.0, 3.0], C).deviation == pytest.approx(0.4)


def test_the_budget_adds_up_to_the_variance():
    rng = np.random.default_rng()
    m, s = rng.uniform(1, 2, size=4), rng.uniform(0, 0.1, size=4)
    f = lambda x: np.sin(x[0]) * x[1] ** x[2] / x[3]
    parts = budget(f, m, s)
    assert np.sum(parts) == pytest.approx(propagate(f, m, np.diag(s**2)).covariance)
    for i in range(4):  # each alone
        assert parts[i] == pytest.approx(propagate(f, m, np.diag(np.where(np.arange(4) == i, s, 0) ** 2)).covariance)


def test_shapes():
    number = propagate(lambda x: x**3, 2, 0.01, order=2)
    assert np.shape(number.mean) == np.shape(number.covariance) == np.shape(number.deviation) == ()
    assert number.mean == pytest.approx(8 + 6 * 0.01) and number.covariance == pytest.approx(1.44 + 72 * 0.01**2)
    vector = propagate(lambda x: np.stack([x, x**2, x**3]), 2.0, 0.01)
    assert vector.mean.shape == (3,) and vector.covariance.shape == (3, 3)
    assert propagate(lambda x: x[:1], [1.0, 2.0], np.eye(2)).covariance.shape == (1, 1)
    assert np.isnan(propagate(lambda x: 0 * x, 1.0, 1.0).correlation[0, 0])


@pytest.mark.parametrize(
    "mean, covariance, says",
    [
        ([1.0, 2.0], [0.1, 0.2], "np.diag"),  # deviations in place of a matrix
        ([1.0, 2.0], 0.1, "np.diag"),
        (1.0, [[0.1]], "a number has a variance"),
        ([[1.0, 2.0]], np.eye(2), "a vector of all inputs"),
        (1.0, -0.1, "negative variance"),
        ([1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]], "negative variance"),
        ([1.0, 2.0], [[1.0, 0.5], [0.1, 1.0]], "symmetric"),
        ([1.0, np.nan], np.eye(2), "finite"),
        (1.0, np.inf, "finite"),
        ([1.0, 2.0], [[0.0, 0.1], [0.1, 1.0]], "negative variance"),
    ],
)
def test_what_is_no_covariance_is_refused(mean, covariance, says):
    with pytest.raises(InputError, match=says):
        propagate(np.sum, mean, covariance)


def test_what_else_is_refused():
    with pytest.raises(InputError, match="order=2"):
        propagate(np.sin, 1.0, 0.1, order=3)
    with pytest.raises(InputError, match=r"np\.ravel"):
        propagate(lambda x: np.outer(x, x), np.ones(2), np.eye(2))
    with pytest.raises(InputError, match="one number"):
        budget(lambda x: x, [1.0, 2.0], [0.1, 0.1])
    with pytest.raises(InputError, match="a width"):
        budget(np.sum, [1.0, 2.0], [0.1, -0.1])
    for order in (1, 2):
        with pytest.raises(DomainError, match="no straight line"), np.errstate(all="ignore"):
            propagate(np.sqrt, 0.0, 0.1, order)
