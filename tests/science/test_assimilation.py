"""4D-Var: against linear algebra where the model is linear, against the discrete adjoint; twins that must be found."""

import random

import numpy as np
import pytest

import adcourse as ad
from adcourse.core.errors import InputError
from adcourse.science.adjoint import discrete_adjoint
from adcourse.science.assimilation import (
    analysis_covariance,
    four_d_var,
    lorenz63,
    lotka_volterra,
    misfit,
    observe,
)
from adcourse.science.runge_kutta import solve

P, L = (1.5, 1.0, 3.0, 1.0), (10.0, 28.0, 8 / 3)
H = np.array([[1.0, 0.0]])


@pytest.fixture
def rng():
    return np.random.default_rng(random.randrange(2**31))


def test_lotka_volterra_goes_round(rng):
    p, u0 = rng.uniform(0.5, 2.0, 4), rng.uniform(0.5, 2.0, 2)
    u = solve(lotka_volterra, u0, p, np.linspace(0, 5, 1001))
    kept = p[3] * u[:, 0] - p[2] * np.log(u[:, 0]) + p[1] * u[:, 1] - p[0] * np.log(u[:, 1])
    assert np.ptp(kept) < 1e-6 * (1 + np.abs(kept).max()) and np.ptp(u[:, 0]) > 1e-3


def test_lorenz_rests_and_shrinks_volumes(rng):
    """The divergence of the field is -(σ + 1 + β) everywhere."""
    side = np.sqrt(L[2] * (L[1] - 1))
    for sign in (-1, 1):
        assert np.allclose(lorenz63(np.array([sign * side, sign * side, L[1] - 1]), L), 0, atol=1e-12)
    J = ad.jacobian(lambda u: lorenz63(u, L))(10 * rng.normal(size=3))
    assert np.isclose(np.trace(J), -(L[0] + 1 + L[2]))
    many = rng.normal(size=(3, 5))
    assert np.allclose(lorenz63(many, L)[:, 2], lorenz63(many[:, 2], L))


def test_a_linear_model_takes_linear_algebra(rng):
    """u_k+1 = M u_k: the analysis is that of weighted least squares, its covariance the inverse of the Hessian."""
    A, H = rng.normal(size=(3, 3)), rng.normal(size=(2, 3))
    t, y, b = np.linspace(0, 1, 9), rng.normal(size=(4, 2)), rng.normal(size=3)
    M = np.array([solve(lambda u, p, t: A @ u, e, None, t)[2::2] @ H.T for e in np.eye(3)])  # 3 × 4 × 2
    G = np.moveaxis(M, 0, -1).reshape(8, 3)
    hessian = np.eye(3) / 2.0**2 + G.T @ G / 0.3**2
    exact = np.linalg.solve(hessian, b / 2.0**2 + G.T @ y.ravel() / 0.3**2)
    fit = four_d_var(lambda u, p, t: A @ u, None, t, 2, H, y, 0.3, b, 2.0)
    assert np.allclose(fit.x, exact, rtol=1e-8) and np.allclose(analysis_covariance(fit), np.linalg.inv(hessian))


@pytest.mark.parametrize("states", [None, 3])
def test_its_gradient_is_the_discrete_adjoint(rng, states):
    t, b = np.linspace(0, 2, 41), np.array([1.3, 0.8])
    y = observe(lotka_volterra, np.ones(2), P, t, 5, H, 0.1, rng)
    r = misfit(lotka_volterra, P, t, 5, H, y, 0.1, b, 0.5, states=states)
    at = np.array([1.1, 1.2])
    ours = ad.grad(lambda u: np.sum(r(u) ** 2) / 2)(at)
    data = lambda u, k: np.sum((H @ u - y[k // 5 - 1]) ** 2) / (2 * 0.1**2) if k % 5 == 0 and k else 0.0
    value, by_u0, _ = discrete_adjoint(lotka_volterra, at, np.array(P), t, data, states=4)
    assert np.allclose(ours, by_u0 + (at - b) / 0.5**2, rtol=1e-11)
    assert np.isclose(np.sum(r(at) ** 2) / 2, value + np.sum((at - b) ** 2) / (2 * 0.5**2))


def test_observations_are_of_the_twin(rng):
    t = np.linspace(0, 1, 21)
    states = solve(lotka_volterra, np.ones(2), P, t)
    exact = observe(lotka_volterra, np.ones(2), P, t, 4, H, 0.0, rng)
    assert np.array_equal(exact[:, 0], states[[4, 8, 12, 16, 20], 0])
    noisy = observe(lambda u, p, t: 0 * u, np.ones(2), None, t, 1, np.ones((500, 2)), 0.5, rng)
    assert noisy.std() == pytest.approx(0.5, rel=0.05) and noisy.mean() == pytest.approx(2.0, abs=0.03)


def test_lorenz_is_found_from_one_of_its_three_numbers():
    """Exact observations of x alone determine the start; the background is worth nothing."""
    t, start = np.linspace(0, 0.4, 16), np.array([-5.0, -6.0, 22.0])
    only_x = np.array([[1.0, 0, 0]])
    y = observe(lorenz63, start, L, t, 5, only_x, 0.0, np.random.default_rng())
    fit = four_d_var(lorenz63, L, t, 5, only_x, y, 0.1, background=start + np.array([0.5, -0.5, 1.0]), spread=1e6)
    assert np.allclose(fit.x, start, atol=1e-5)


def test_what_does_not_fit_is_explained():
    t = np.linspace(0, 1, 11)
    with pytest.raises(InputError, match="one observation"):
        misfit(lotka_volterra, P, t, 5, H, np.ones(2), 0.1, np.ones(2), 1.0)
    with pytest.raises(InputError, match="reach to the last"):
        misfit(lotka_volterra, P, t, 5, H, np.ones((3, 1)), 0.1, np.ones(2), 1.0)
