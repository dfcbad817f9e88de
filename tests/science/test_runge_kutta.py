"""Runge-Kutta steps: observed orders, exact solutions, the complex step, and SciPy's adaptive ones."""

import random

import numpy as np
import pytest

from adcourse import jacobian, jvp
from adcourse.core.errors import ADError, InputError
from adcourse.science.ode import taylor_solve
from adcourse.science.runge_kutta import StepError, euler_step, observed_order, rk4_step, rk45, solve


def lotka_volterra(u, p, t=0.0):
    return np.stack([p[0] * u[0] - p[1] * u[0] * u[1], p[3] * u[0] * u[1] - p[2] * u[1]])


P, START = np.array([1.5, 1.0, 3.0, 1.0]), np.array([1.0, 1.0])


@pytest.mark.parametrize("step, order", [(euler_step, 1), (rk4_step, 4)])
def test_halving_the_step_shows_the_order(step, order):
    n = 200 if order == 1 else 40
    assert observed_order(lotka_volterra, START, P, 1.0, step, n) == pytest.approx(order, abs=0.2)
    assert observed_order(lambda u, p, t: np.cos(t) * u, 1.0, None, 2.0, step, n) == pytest.approx(order, abs=0.2)


def test_the_weights_are_those_of_kutta():
    """On u' = t^k one step is Simpson's rule, exact up to k = 3; on u' = u it is the series of exp up to h^4."""
    h = random.uniform(0.1, 1.0)
    for k in range(4):
        step = rk4_step(lambda u, p, t, k=k: t**k, 0.0, None, 0.5, h)
        assert step == pytest.approx(((0.5 + h) ** (k + 1) - 0.5 ** (k + 1)) / (k + 1), rel=1e-13)
    assert rk4_step(lambda u, p, t: u, 1.0, None, 0.0, h) == pytest.approx(1 + h + h**2 / 2 + h**3 / 6 + h**4 / 24)
    assert euler_step(lambda u, p, t: u, 1.0, None, 0.0, h) == pytest.approx(1 + h)


def test_lotka_volterra_beside_taylor_series():
    exact = taylor_solve(lambda y: lotka_volterra(y, P), START, (0.0, 10.0)).y[-1]
    assert np.allclose(solve(lotka_volterra, START, P, np.linspace(0, 10, 4001))[-1], exact, atol=1e-9)
    assert np.allclose(rk45(lotka_volterra, START, P, [0.0, 10.0], 1e-11, 1e-13)[-1], exact, atol=1e-8)


def test_backwards_undoes_forwards():
    there = solve(lotka_volterra, START, P, np.linspace(0, 2, 401))[-1]
    assert np.allclose(solve(lotka_volterra, there, P, np.linspace(2, 0, 401))[-1], START, atol=1e-8)
    there = rk45(lotka_volterra, START, P, [0.0, 2.0])[-1]
    assert np.allclose(rk45(lotka_volterra, there, P, [2.0, 0.0])[-1], START, atol=1e-6)


@pytest.mark.parametrize("step", [euler_step, rk4_step])
def test_a_solution_is_a_program(step):
    """Forward mode, reverse mode, and the complex step through the same loop."""
    t = np.linspace(0.0, 1.5, 31)
    end = lambda p: solve(lotka_volterra, START, p, t, step)[-1]
    v = np.array([random.gauss(0, 1) for _ in range(4)])
    by_complex = end(P + 1e-30j * v).imag / 1e-30
    assert np.allclose(jvp(end, (P,), (v,))[1], by_complex, rtol=1e-12)
    assert np.allclose(jacobian(end)(P) @ v, by_complex, rtol=1e-12)


def test_states_of_any_shape_and_uneven_times():
    t = np.array([0.0, 0.1, 0.3, 0.35, 0.7, 1.0])
    assert solve(lambda u, p, t: -u, 2.0, None, t).shape == (6,)
    many = solve(lambda u, p, t: -p * u, np.ones((3, 2)), np.array([1.0, 2.0]), t)
    assert many.shape == (6, 3, 2) and np.allclose(many[-1], np.exp([-1.0, -2.0]), atol=2e-3)
    many = rk45(lambda u, p, t: -p * u, np.ones((3, 2)), np.array([1.0, 2.0]), t)
    assert many.shape == (6, 3, 2) and np.allclose(many, np.exp(-np.multiply.outer(t, [1, 2]))[:, None], atol=1e-7)
    smooth = rk45(lambda u, p, t: -u, np.ones((2, 1)), None, t, dense=True)
    assert smooth(0.5).shape == (2, 1) and np.allclose(smooth(0.5), np.exp(-0.5), atol=1e-6)


def test_what_cannot_be_solved_is_explained():
    with pytest.raises(InputError, match="grow or fall"):
        solve(lambda u, p, t: u, 1.0, None, [0.0, 1.0, 0.5])
    with pytest.raises(ADError, match="grow or fall"):
        rk45(lambda u, p, t: u, 1.0, None, 3.0)
    with pytest.raises(StepError, match="without bound"), np.errstate(all="ignore"):
        rk45(lambda u, p, t: u * u, np.ones(1), None, [0.0, 2.0])


def test_a_long_run_shows_how_far_it_is(capsys, monkeypatch):
    monkeypatch.setattr("adcourse.science.progress.PATIENCE", 0.0)
    solve(lambda u, p, t: -u, 1.0, None, np.linspace(0, 1, 5))
    rk45(lambda u, p, t: -u, np.ones(1), None, [0.0, 1.0])
    shown = capsys.readouterr().err
    assert "solve" in shown and "rk45" in shown
