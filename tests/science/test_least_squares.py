"""Least squares against linear algebra, exact data, and SciPy's MINPACK."""

import numpy as np
import pytest
import scipy.optimize

from adcourse import grad, jacobian
from adcourse.core.errors import InputError
from adcourse.science.least_squares import gauss_newton, levenberg_marquardt

BOTH = pytest.mark.parametrize("method", [gauss_newton, levenberg_marquardt])
T = np.linspace(0.0, 3.0, 25)


@pytest.fixture(params=range(3))
def rng(request):
    return np.random.default_rng(request.param)


def wave(x):
    return x[0] * np.exp(-x[1] * T) * np.cos(x[2] * T) + x[3]


@BOTH
def test_a_straight_line_takes_linear_algebra(rng, method):
    A, b = rng.normal(size=(9, 3)), rng.normal(size=9)
    fit = method(lambda x: A @ x - b, rng.normal(size=3))
    assert fit.converged and np.allclose(fit.x, np.linalg.lstsq(A, b)[0], rtol=1e-9)
    assert np.isclose(fit.value, np.sum((A @ fit.x - b) ** 2) / 2)
    variance = np.sum((A @ fit.x - b) ** 2) / 6
    assert np.allclose(fit.covariance, variance * np.linalg.inv(A.T @ A), rtol=1e-8)


def test_gauss_newton_solves_a_linear_problem_in_one_step(rng):
    A, b = rng.normal(size=(9, 3)), rng.normal(size=9)
    once = gauss_newton(lambda x: A @ x - b, rng.normal(size=3), steps=1)
    assert np.allclose(once.x, np.linalg.lstsq(A, b)[0])


@BOTH
def test_exact_data_give_the_parameters_back(rng, method):
    truth = np.array([2.0, 0.4, 3.0, -1.0])
    fit = method(lambda x: wave(x) - wave(truth), truth + 0.05 * rng.normal(size=4))
    assert fit.converged and np.allclose(fit.x, truth, rtol=1e-10)


def test_beside_minpack_with_our_jacobian(rng):
    data = wave([2.0, 0.4, 3.0, -1.0]) + 0.1 * rng.normal(size=25)
    r, start = (lambda x: wave(x) - data), np.array([1.0, 1.0, 2.5, 0.0])
    ours = levenberg_marquardt(r, start)
    theirs = scipy.optimize.least_squares(r, start, jac=jacobian(r), method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14)
    assert ours.converged and np.allclose(ours.x, theirs.x, rtol=1e-6)
    assert np.abs(grad(lambda x: np.sum(r(x) ** 2))(ours.x)).max() < 1e-7
    _, covariance = scipy.optimize.curve_fit(lambda t, *x: wave(x), T, data, ours.x)
    assert np.allclose(ours.covariance, covariance, rtol=1e-3)


def test_where_full_steps_run_away_short_ones_arrive():
    """arctan: from beyond 1.39 each Newton step is longer than the last."""
    with np.errstate(all="ignore"):
        away = gauss_newton(np.arctan, [2.0])
    near = levenberg_marquardt(np.arctan, [2.0])
    assert not away.converged and near.converged and abs(near.x[0]) < 1e-9
    assert all(b < a for a, b in zip(near.values, near.values[1:], strict=False))


@pytest.mark.parametrize("units", [1e-6, 1e6])
def test_the_units_of_an_unknown_do_not_matter(rng, units):
    data, start = wave([2.0, 0.4, 3.0, -1.0]) + 0.1 * rng.normal(size=25), np.array([1.0, 1.0, 2.5, 0.0])
    scale = np.array([1.0, units, 1.0, 1.0])
    plain = levenberg_marquardt(lambda x: wave(x) - data, start)
    other = levenberg_marquardt(lambda x: wave(x / scale) - data, start * scale)
    assert np.allclose(other.x / scale, plain.x, rtol=1e-7)


def test_residuals_may_lie_in_a_matrix(rng):
    B = rng.normal(size=(3, 4))
    fit = levenberg_marquardt(lambda x: np.outer(x[:3], x[3:]) - B, rng.normal(size=7))  # the best matrix of rank one
    singular = np.linalg.svd(B, compute_uv=False)
    assert np.isclose(fit.value, np.sum(singular[1:] ** 2) / 2, rtol=1e-6)
    with pytest.raises(InputError, match="covariance of 7 unknowns"):
        _ = fit.covariance  # u may grow as v shrinks


def test_what_makes_no_sense_is_refused():
    with pytest.raises(InputError, match="not a vector"):
        gauss_newton(lambda x: x, 1.0)
    with pytest.raises(InputError, match="damping"):
        levenberg_marquardt(lambda x: x, [1.0], damping=0)
    stuck = levenberg_marquardt(lambda x: x * np.nan, [1.0])
    assert not stuck.converged and "not finite" in stuck.why
