"""Derivatives of solutions: every way against every other, the complex step, closed forms, observed orders."""

import random

import numpy as np
import pytest

from adcourse import grad, jacobian, value_and_grad
from adcourse.core.errors import ADError, InputError
from adcourse.science.adjoint import backsolve, continuous_adjoint, discrete_adjoint, forward_sensitivity, odeint
from adcourse.science.runge_kutta import euler_step, rk4_step, rk45, solve

STEPS = pytest.mark.parametrize("step", [euler_step, rk4_step])


def driven(u, p, t):
    """Two populations with seasons: not autonomous, not symmetric; p has three numbers, u two."""
    return np.stack([p[0] * u[0] - u[0] * u[1] + 0.3 * np.cos(t), u[0] * u[1] - p[1] * u[1] + p[2] * np.sin(t) * u[0]])


def grow(u, p, t):
    return p * u


P, START = np.array([1.5, 2.0, 0.4]), np.array([1.0, 1.2])


def with_data(n, every):
    """½|u_k - y_k|² at every few steps, the start and the end among them; y is any."""
    y = np.random.default_rng(random.randrange(2**31)).normal(size=(n + 1, 2)) + 1.0
    return lambda u, k: np.sum((u - y[k]) ** 2) / 2 if k % every == 0 else 0.0


def by_tape(f, u0, p, t, g, step):
    def J(u0, p):
        u = solve(f, u0, p, t, step)
        return sum(g(u[k], k) for k in range(len(t)))

    value, slopes = value_and_grad(J, (0, 1))(u0, p)
    return value, *slopes


@STEPS
@pytest.mark.parametrize("states", [None, 1, 3, 100])
def test_the_discrete_adjoint_is_reverse_mode(step, states):
    t = np.sort(np.array([0.0, 1.0] + [random.uniform(0, 1) for _ in range(19)]))
    g = with_data(20, 5)
    ours = discrete_adjoint(driven, START, P, t, g, step, states)
    for a, b in zip(ours, by_tape(driven, START, P, t, g, step), strict=True):
        assert np.allclose(a, b, rtol=1e-12, atol=1e-13)
    for position in range(3):  # and the complex step knows nothing of either
        p = P + 1e-30j * np.eye(3)[position]
        u = solve(driven, START + 0j, p, t, step)
        assert np.isclose(sum(g(u[k], k) for k in range(21)).imag / 1e-30, ours[2][position], rtol=1e-11)


@STEPS
def test_sensitivities_are_the_jacobians_of_the_steps(step):
    t = np.linspace(0.0, 1.0, 21)
    u, by_u0, by_p = forward_sensitivity(driven, START, P, t, step)
    assert u.shape == (21, 2) and by_u0.shape == (21, 2, 2) and by_p.shape == (21, 2, 3)
    assert np.allclose(u, solve(driven, START, P, t, step), rtol=1e-14)
    J = jacobian(lambda u0, p: solve(driven, u0, p, t, step), (0, 1))(START, P)
    assert np.allclose(by_u0, J[0], rtol=1e-12, atol=1e-14) and np.allclose(by_p, J[1], rtol=1e-12, atol=1e-14)


@STEPS
def test_forwards_and_backwards_meet(step):
    """λᵀ S is the same number whichever is taken along: the adjoint identity."""
    t = np.linspace(0.0, 1.0, 16)
    w = np.array([random.gauss(0, 1) for _ in range(2)])
    _, by_u0, by_p = forward_sensitivity(driven, START, P, t, step)
    _, over_u0, over_p = discrete_adjoint(driven, START, P, t, lambda u, k: w @ u if k == 15 else 0.0, step)
    assert np.allclose(w @ by_u0[-1], over_u0, rtol=1e-12) and np.allclose(w @ by_p[-1], over_p, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 10, 37])
def test_closed_forms_for_growth(n):
    """u' = p u by Euler: J = (1 + hp)^n. Discretise, then differentiate: n h (1 + h)^(n-1); or the other way round."""
    end = lambda u, k: u if k == n else 0.0
    t, h = np.linspace(0.0, 1.0, n + 1), 1 / n
    value, by_u0, by_p = discrete_adjoint(grow, 1.0, 1.0, t, end, euler_step)
    assert np.allclose([value, by_u0, by_p], [(1 + h) ** n, (1 + h) ** n, n * h * (1 + h) ** (n - 1)], rtol=1e-13)
    value, by_u0, by_p = continuous_adjoint(grow, 1.0, 1.0, t, end, euler_step)
    assert np.allclose([value, by_u0, by_p], (1 + h) ** n, rtol=1e-13)


@pytest.mark.parametrize("step, order", [(euler_step, 1), (rk4_step, 4)])
@pytest.mark.parametrize("method", [continuous_adjoint, backsolve])
def test_the_adjoint_equation_converges_with_the_order_of_the_step(method, step, order):
    _, u0, p = discrete_adjoint(driven, START, P, np.linspace(0, 1, 257), lambda u, k: u[0] * u[1] if k == 256 else 0.0)
    errors = []
    for n in (16, 32):
        _, by_u0, by_p = method(
            driven, START, P, np.linspace(0, 1, n + 1), lambda u, k, n=n: u[0] * u[1] if k == n else 0.0, step
        )[:3]
        errors.append(np.max(np.abs(np.concatenate([by_u0 - u0, by_p - p]))))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.45)
    assert errors[1] > 1e-9  # and it is not the derivative of the program


def test_data_on_the_way_are_jumps_of_the_adjoint():
    t, g = np.linspace(0.0, 1.0, 101), with_data(100, 10)
    exact = discrete_adjoint(driven, START, P, t, g)
    for method in (continuous_adjoint, backsolve):
        for a, b in zip(method(driven, START, P, t, g), exact, strict=False):
            assert np.allclose(a, b, rtol=1e-6)


def test_a_backsolve_finds_its_start_only_where_the_flow_remembers():
    t, end = np.linspace(0.0, 1.0, 201), lambda u, k: np.sum(u) if k == 200 else 0.0
    assert np.allclose(backsolve(driven, START, P, t, end)[3], START, atol=1e-8)
    forgets = lambda u, k, t: k * (np.cos(t) - u)
    assert abs(backsolve(forgets, 2.0, 5.0, t, end)[3] - 2.0) < 1e-5
    assert abs(backsolve(forgets, 2.0, 40.0, t, end)[3] - 2.0) > 1e5
    kept = continuous_adjoint(forgets, 2.0, 40.0, t, end)  # the states kept: no harm
    assert np.allclose(kept[1:], discrete_adjoint(forgets, 2.0, 40.0, t, end)[1:], atol=1e-6)


def test_adaptive_steps_have_a_derivative():
    t = [0.0, 0.4, 1.0]
    weights = np.array([[random.gauss(0, 1) for _ in range(2)] for _ in t])
    J = lambda u0, p: np.sum(weights * odeint(driven, u0, p, t))
    fine = np.linspace(0.0, 1.0, 201)
    g = lambda u, k: weights[(0, 80, 200).index(k)] @ u if k in (0, 80, 200) else 0.0
    value, by_u0, by_p = discrete_adjoint(driven, START, P, fine, g)
    assert np.isclose(J(START, P), value, rtol=1e-6)
    ours = grad(J, (0, 1))(START, P)
    assert np.allclose(ours[0], by_u0, rtol=1e-6, atol=1e-7) and np.allclose(ours[1], by_p, rtol=1e-6, atol=1e-7)
    with pytest.raises(ADError):  # SciPy's own loop needs plain numbers
        grad(lambda p: rk45(driven, START, p, t)[-1, 0])(P)


def test_bad_times_are_explained():
    for method in (discrete_adjoint, continuous_adjoint, backsolve):
        with pytest.raises(InputError, match="grow or fall"):
            method(grow, 1.0, 1.0, [0.0], lambda u, k: u)
