"""Differential equations by Taylor series: against closed forms, against 40 digits, and programs of every kind."""

import time
from functools import lru_cache

import mpmath
import numpy as np
import pytest
from scipy.special import ellipj, ellipk

from adcourse import grad, hessian, jacobian, jvp, taylor
from adcourse.core.errors import ADError, InputError
from adcourse.core.flow import Flow
from adcourse.science.ode import ODEError, errors_by_tolerance, taylor_solve


def lotka_volterra(y):
    return np.array([1.5 * y[0] - y[0] * y[1], -3.0 * y[1] + y[0] * y[1]])


def kepler(y):
    r3 = (y[0] ** 2 + y[1] ** 2) ** 1.5
    return np.array([y[2], y[3], -y[0] / r3, -y[1] / r3])


def pendulum(y):
    return np.array([y[1], -np.sin(y[0])])


@lru_cache
def by_many_digits(T, steps=200, order=30):
    """Lotka-Volterra from (1, 1) with 40 digits, the recurrences written out."""
    with mpmath.workdps(40):
        x, y, h = mpmath.mpf(1), mpmath.mpf(1), mpmath.mpf(T) / steps
        for _ in range(steps):
            a, b = [x], [y]
            for k in range(order):
                ab = mpmath.fsum(a[j] * b[k - j] for j in range(k + 1))
                a.append((a[k] * 3 / 2 - ab) / (k + 1))
                b.append((ab - 3 * b[k]) / (k + 1))
            x, y = mpmath.polyval(a[::-1], h), mpmath.polyval(b[::-1], h)
        return np.array([float(x), float(y)])


def kepler_exact(e, t):
    """The orbit of semi-major axis 1 that begins at its pericentre, by Kepler's equation."""
    E = float(mpmath.findroot(lambda E: E - e * mpmath.sin(E) - t, t))
    slow = 1 - e * np.cos(E)
    b = np.sqrt(1 - e * e)
    return np.array([np.cos(E) - e, b * np.sin(E), -np.sin(E) / slow, b * np.cos(E) / slow])


# ------------------------------------------------------------------------------ the solutions


def test_lotka_volterra_against_forty_digits():
    found = taylor_solve(lotka_volterra, [1.0, 1.0], (0.0, 10.0))
    np.testing.assert_allclose(found.y[-1], by_many_digits(10), rtol=1e-11)


@pytest.mark.parametrize("e", [0.0, 0.5, 0.9])
def test_kepler_for_ten_periods_and_in_between(e):
    start = kepler_exact(e, 0.0)
    times = np.linspace(0.0, 20 * np.pi, 37)
    found = taylor_solve(kepler, start, times, tol=1e-14)
    growth = 1e-13 * 100 / (1 - e) ** 3  # phase errors grow with the square of time, and near the pericentre
    for t, y in zip(times, found.y, strict=True):
        np.testing.assert_allclose(y, kepler_exact(e, t), atol=growth)
    np.testing.assert_allclose(found.y[-1], start, atol=growth)


def test_the_pendulum_is_an_elliptic_function():
    """theta = 2 arcsin(k sn(t + K)), started at rest at 2 arcsin k."""
    k = 0.6
    found = taylor_solve(pendulum, [2 * np.arcsin(k), 0.0], np.linspace(0.0, 20.0, 50))
    sn = ellipj(found.t + ellipk(k * k), k * k)[0]
    np.testing.assert_allclose(found.y[:, 0], 2 * np.arcsin(k * sn), atol=2e-11)


def test_a_quadratic_right_hand_side_has_the_geometric_series():
    """y' = y^2, y(0) = 1: y = 1 / (1 - t), all coefficients 1 (to order 30)."""
    c = Flow(lambda t, y: y**2, 30)(0.0, np.array(1.0))
    assert c.shape == (31,) and np.all(c == 1.0)
    c = Flow(lambda t, y: y**2, 30)(0.5, np.array([2.0, -1.0]))
    np.testing.assert_allclose(c[:, 0], 2.0 ** np.arange(1, 32), rtol=1e-14)
    np.testing.assert_allclose(c[:, 1], -((-1.0) ** np.arange(31)), rtol=1e-14)


@pytest.mark.parametrize(
    "f",
    [
        lambda t, y: np.cos(t) * y,
        lambda y, t: np.cos(t) * y,
        lambda y, time: y * np.cos(time),
        lambda s, y: [np.cos(s) * y[0], np.cos(s) * y[1]],
    ],
)
def test_time_in_the_right_hand_side(f):
    """y' = cos(t) y: y = y0 exp(sin t)."""
    found = taylor_solve(f, [1.0, 2.0], np.linspace(0.0, 7.0, 15))
    np.testing.assert_allclose(found.y, np.exp(np.sin(found.t))[:, None] * [1.0, 2.0], rtol=1e-11)


def test_backwards_in_time_and_back():
    there = taylor_solve(lotka_volterra, [1.0, 1.0], (0.0, 5.0)).y[-1]
    back = taylor_solve(lotka_volterra, there, np.linspace(5.0, 0.0, 7))
    np.testing.assert_allclose(back.y[-1], [1.0, 1.0], rtol=1e-11)
    assert back.t.tolist() == np.linspace(5.0, 0.0, 7).tolist()
    np.testing.assert_allclose(back(2.5), taylor_solve(lotka_volterra, [1.0, 1.0], (0.0, 2.5)).y[-1], rtol=1e-11)


def test_dense_output_is_as_good_as_the_steps():
    found = taylor_solve(lambda y: np.array([y[1], -y[0]]), [0.0, 1.0], (0.0, 12.0))
    times = np.random.default_rng().uniform(0.0, 12.0, 100)
    np.testing.assert_allclose(found(times), np.stack([np.sin(times), np.cos(times)], 1), atol=1e-11)
    assert len(found.steps) < 60
    with pytest.raises(InputError, match="tells nothing outside"):
        found(12.5)


# ------------------------------------------------------------------------------ tolerances, order, errors


def test_the_error_follows_the_tolerance():
    rows = errors_by_tolerance(lotka_volterra, [1.0, 1.0], (0.0, 10.0), (1e-3, 1e-6, 1e-9, 1e-12))
    best = by_many_digits(10)
    for row in rows:
        error = np.max(np.abs(taylor_solve(lotka_volterra, [1.0, 1.0], (0.0, 10.0), tol=row["tol"]).y[-1] - best))
        assert row["error"] == pytest.approx(error, rel=0.1, abs=2e-14)
        assert row["error"] < 100 * row["tol"]
    assert [row["order"] for row in rows] == [6, 12, 18, 24]


@pytest.mark.parametrize("order", [5, 15, 40])
def test_any_order(order):
    found = taylor_solve(lotka_volterra, [1.0, 1.0], (0.0, 5.0), tol=1e-10, order=order)
    assert found.order == order
    np.testing.assert_allclose(found.y[-1], by_many_digits(5), rtol=1e-8)


def test_the_shown_error_of_a_step_is_below_the_tolerance():
    found = taylor_solve(pendulum, [1.0, 0.0], (0.0, 10.0), tol=1e-9)
    assert 1e-13 < max(found.errors) <= 1e-9 and len(found.errors) == len(found.steps) - 1
    assert "tolerance 1e-09" in repr(found) and "order 18" in repr(found)


# ------------------------------------------------------------------------------ programs of every kind


def many_bodies(y):
    """Three bodies in space as arrays: y[0] positions, y[1] velocities."""
    d = y[0][:, None] - y[0][None]
    r2 = np.sum(d**2, axis=-1) + np.eye(3)
    return np.stack([y[1], -np.sum(d / r2[..., None] ** 1.5, axis=1)])


def test_arrays_of_bodies_keep_energy_and_momentum():
    y0 = np.random.default_rng(3).normal(size=(2, 3, 3))
    found = taylor_solve(many_bodies, y0, (0.0, 0.5))

    def energy(y):
        d = y[0][:, None] - y[0][None]
        return 0.5 * np.sum(y[1] ** 2) - 0.5 * np.sum((1 - np.eye(3)) / np.sqrt(np.sum(d**2, -1) + np.eye(3)))

    assert energy(found.y[-1]) == pytest.approx(energy(y0), rel=1e-11)
    np.testing.assert_allclose(found.y[-1][1].sum(0), y0[1].sum(0), atol=1e-11)


A = np.array([[0.0, 1.0, 0.2], [-1.0, 0.0, 0.1], [0.3, 0.0, -0.5]])


@pytest.mark.parametrize(
    "f",
    [
        lambda y: A @ y,
        lambda y: [A[i] @ y for i in range(3)],
        lambda y: np.linalg.solve(np.linalg.inv(A), y),  # not a function for arrays of objects
        lambda y: np.einsum("ij,j->i", A, y),
        lambda y: np.concatenate([A[:1] @ y, A[1:] @ y]),
        lambda y: np.sum(A * y, axis=1),
        lambda y: np.stack([np.dot(row, y) for row in A]),
    ],
)
def test_linear_systems_in_every_spelling(f):
    """y' = A y: y = exp(A t) y0."""
    y0 = np.array([1.0, -0.5, 2.0])
    exact = np.array((mpmath.expm(mpmath.matrix(A.tolist()) * 3) * mpmath.matrix(y0.tolist())).tolist(), float)[:, 0]
    np.testing.assert_allclose(taylor_solve(f, y0, (0.0, 3.0)).y[-1], exact, rtol=1e-11)


def test_large_systems_are_arrays():
    n = 200
    rates = np.linspace(-1.0, 1.0, n)
    found = taylor_solve(lambda y: rates * y, np.ones(n), (0.0, 2.0))
    np.testing.assert_allclose(found.y[-1], np.exp(2.0 * rates), rtol=1e-11)


def test_filling_an_array():
    def f(t, y):
        dy = np.zeros_like(y)
        dy[0] = y[1]
        dy[1:] = -y[:1]
        return dy

    np.testing.assert_allclose(taylor_solve(f, [0.0, 1.0], (0.0, 4.0)).y[-1], [np.sin(4), np.cos(4)], atol=1e-11)


def test_branches_are_taken_anew_at_each_step():
    """A ball that is pushed back at once beyond |y| = 1: the side changes on the way."""
    calls = []

    def f(y):
        calls.append(1)
        return np.array([y[1], -y[0] if y[0] < 0 else -4.0 * y[0]])

    def side(y):
        return y[0]

    side.terminal = True
    found = taylor_solve(f, [0.0, 1.0], (0.0, 10.0), events=side)  # a half period of frequency 2
    assert found.events[0][0][0] == pytest.approx(np.pi / 2, rel=1e-11) and found.t_end == found.events[0][0][0]
    assert len(calls) == len(found.steps) - 1
    again = taylor_solve(f, found.events[0][0][1] * [0, 1] - [1e-300, 0], (0.0, 10.0), events=side)
    assert again.t_end == pytest.approx(np.pi, rel=1e-11)  # and one of frequency 1


@pytest.mark.parametrize(
    "f, y0", [(lotka_volterra, [1.0, 1.0]), (kepler, [0.5, 0.1, 0.2, 1.5]), (pendulum, [1.0, 0.3])]
)
def test_recurrences_started_again_do_what_the_program_does(f, y0):
    """Without running f: the coefficients of a new run on series of arrays; and they solve the equation."""
    y0, flow = np.array(y0), Flow(lambda t, y: f(y), 12)
    flow(0.0, y0)
    assert flow.recipe is not None
    for shift in np.random.default_rng().normal(scale=0.1, size=3):
        fresh = Flow(lambda t, y: f(y), 12)
        fresh.apart = False
        c = flow(0.0, y0 + shift)
        np.testing.assert_allclose(c, fresh(0.0, y0 + shift), rtol=1e-10, atol=1e-12)
        slopes = taylor(lambda t, c=c: f(np.sum(c * (t ** np.arange(13))[:, None], axis=0)), 0.0, 11).coefficients
        np.testing.assert_allclose(slopes, [k * c[k] for k in range(1, 13)], rtol=1e-9, atol=1e-9)


def test_domain_errors_of_a_later_point_are_said():
    with pytest.raises(ODEError, match="no power series"):
        taylor_solve(np.sqrt, 0.0, (0.0, 1.0))
    with pytest.raises(ODEError, match=r"t = 0\.666667 and no further"):
        taylor_solve(lambda y: -1.0 / np.sqrt(y), 1.0, (0.0, 1.0))  # y = (1 - 3t/2)^(2/3)
    with pytest.raises(ODEError, match="not finite"):
        taylor_solve(lambda y: y * np.inf, 1.0, (0.0, 1.0))
    with pytest.raises(ODEError) as caught:
        taylor_solve(lambda y: y * y, 1.0, (0.0, 2.0))
    found = caught.value.solution
    assert found.t_end == pytest.approx(1.0, abs=1e-6) and found(0.5) == pytest.approx(2.0)
    with pytest.raises(ODEError, match="10 steps"):
        taylor_solve(kepler, [0.5, 0.0, 0.0, 1.7], (0.0, 100.0), max_steps=10)


# ------------------------------------------------------------------------------ events


def test_events_of_the_pendulum():
    """From rest at angle a the lowest points are passed at K, 3K, 5K, ..., the turning points at 0, 2K, 4K, ..."""
    k = 0.5
    K = ellipk(k * k)
    lowest = lambda y: y[0]
    falling = lambda t, y: y[0]
    falling.direction = -1
    found = taylor_solve(pendulum, [2 * np.arcsin(k), 0.0], (0.0, 10 * K), events=[lowest, falling, lambda y: y[1]])
    times = [[t for t, _ in event] for event in found.events]
    np.testing.assert_allclose(times[0], K * np.arange(1, 10, 2), rtol=1e-11)
    np.testing.assert_allclose(times[1], K * np.arange(1, 10, 4), rtol=1e-11)
    np.testing.assert_allclose(times[2][:4], K * np.arange(2, 10, 2), rtol=1e-11)
    assert all(abs(y[0]) < 1e-11 for _, y in found.events[0])


def test_two_crossings_within_one_step_are_both_seen():
    """y = t^2: one polynomial, one step; y - 1/2 t - 1/100 crosses twice."""
    found = taylor_solve(lambda t, y: 2.0 * t + 0 * y, 0.0, (0.0, 1.0), events=lambda t, y: y - 0.5 * t + 0.01)
    exact = np.sort(np.roots([1.0, -0.5, 0.01]))
    assert len(found.steps) == 2
    np.testing.assert_allclose([t for t, _ in found.events[0]], exact, rtol=1e-12)


def test_touching_is_no_crossing_and_the_start_no_event():
    touch = taylor_solve(lambda t, y: 2.0 * (t - 0.5) + 0 * y, 0.25, (0.0, 1.0), events=lambda y: y)
    assert touch.events == [[]]
    start = taylor_solve(lambda y: 1.0 + 0 * y, 0.0, (0.0, 1.0), events=lambda y: y)
    assert start.events == [[]]


# ------------------------------------------------------------------------------ derivatives of solutions


def test_sensitivity_to_the_start_and_to_parameters():
    """y' = a y: dy/da = t y, d2y/da2 = t^2 y, dy/dy0 = y / y0; by reverse and forward mode."""
    end = lambda a, y0: taylor_solve(lambda y: a * y, y0, (0.0, 2.0)).y[-1]
    y = 3.0 * np.exp(1.0)
    np.testing.assert_allclose(grad(end, (0, 1))(0.5, 3.0), [2.0 * y, y / 3.0], rtol=1e-10)
    np.testing.assert_allclose(jvp(end, (0.5, 3.0), (1.0, 0.0))[1], 2.0 * y, rtol=1e-10)
    np.testing.assert_allclose(hessian(lambda a: end(a, 3.0))(0.5), 4.0 * y, rtol=1e-8)


def test_sensitivities_of_a_system_against_differences():
    end = lambda p: taylor_solve(lambda y: np.array([p[0] * y[0] - y[0] * y[1], y[0] * y[1] - p[1] * y[1]]), p[2:], (0.0, 2.0)).y[-1]  # fmt: skip  # noqa: E501
    p = np.array([1.5, 3.0, 1.0, 1.2])
    J = jacobian(end)(p)
    for i, h in enumerate(np.eye(4) * 1e-5):
        np.testing.assert_allclose(J[:, i], (end(p + h) - end(p - h)) / 2e-5, rtol=1e-7, atol=1e-9)


# ------------------------------------------------------------------------------ what is refused, what is shown


@pytest.mark.parametrize(
    "call, lesson",
    [
        (lambda: taylor_solve(lambda y: y, 1.0, (0.0, 0.0)), "grow or fall"),
        (lambda: taylor_solve(lambda y: y, 1.0, [0.0, 1.0, 0.5]), "grow or fall"),
        (lambda: taylor_solve(lambda y: y, 1.0, 5.0), "grow or fall"),
        (lambda: taylor_solve(3.0, 1.0, (0.0, 1.0)), "can't be called"),
        (lambda: taylor_solve(lambda y: y[0], [1.0, 2.0], (0.0, 1.0)), "one entry for each entry of y"),
        (lambda: taylor_solve(lambda y: None, 1.0, (0.0, 1.0)), "None"),
        (lambda: taylor_solve(lambda y: y, "now", (0.0, 1.0)), "start y0"),
        (lambda: taylor_solve(lambda y: y, 1.0, (0.0, 1.0), tol=0.0), "tolerance"),
        (lambda: taylor_solve(lambda y: y, [1.0, 1.0], (0.0, 1.0), events=lambda y: y), "one number"),
    ],
)
def test_bad_input_is_explained(call, lesson):
    with pytest.raises(ADError, match=lesson):
        call()


def test_a_long_run_shows_how_far_it_is(capsys):
    def slow(y):
        time.sleep(0.3)
        return -y if y > -1 else y  # asks, so it runs at each step

    taylor_solve(slow, 1.0, (0.0, 20.0), order=8, tol=1e-4)
    assert "taylor_solve" in capsys.readouterr().err
    taylor_solve(lambda y: -y, 1.0, (0.0, 1.0))
    assert capsys.readouterr().err == ""
