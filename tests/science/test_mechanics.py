"""Mechanics: conservation laws, other coordinates, closed forms, and what a symplectic map must fulfil."""

import random

import numpy as np
import pytest

from adcourse import grad, jacobian
from adcourse.core.errors import ADError, InputError
from adcourse.science.mechanics import (
    euler,
    force,
    hamiltonian_equations,
    lagrangian_acceleration,
    leapfrog,
    lennard_jones,
)
from adcourse.science.ode import taylor_solve


@pytest.fixture(params=random.sample(range(10**6), 3))
def rng(request):
    return np.random.default_rng(request.param)


def apart(rng, n, dimensions):
    """n points in general position, no two of them close."""
    lattice = np.stack(np.meshgrid(*[np.arange(3.0)] * dimensions), -1).reshape(-1, dimensions)[:n]
    return 1.3 * lattice + rng.uniform(-0.15, 0.15, size=(n, dimensions))


# ------------------------------------------------------------------------------ forces


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3)])
def test_the_force_is_minus_the_slope_in_the_shape_of_q(rng, shape):
    q, k = rng.normal(size=shape), rng.uniform(1, 2, size=shape)
    F = force(lambda q: np.sum(k * q**4 / 4), q)
    assert np.shape(F) == shape and np.allclose(F, -k * q**3, rtol=1e-12)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_lennard_jones_forces_are_those_of_the_formula_and_of_newton(rng, dimensions):
    q = apart(rng, 5, dimensions)
    F, expected = force(lennard_jones, q), np.zeros_like(q)
    for i in range(5):
        for j in range(5):
            if i != j:
                away, r = q[i] - q[j], np.linalg.norm(q[i] - q[j])
                expected[i] += (48 * r**-13 - 24 * r**-7) * away / r
    assert np.allclose(F, expected, rtol=1e-11, atol=1e-12)
    assert np.allclose(F.sum(axis=0), 0, atol=1e-12)  # action and reaction
    assert np.isclose(np.sum(q[:, 0] * F[:, 1] - q[:, 1] * F[:, 0]), 0, atol=1e-12)  # no torque on the whole


def test_a_pair_rests_at_the_sixth_root_of_two():
    pair = np.array([[0.0], [2 ** (1 / 6)]])
    assert np.isclose(lennard_jones(pair), -1, rtol=1e-14) and np.allclose(force(lennard_jones, pair), 0, atol=1e-13)
    assert np.isclose(force(lennard_jones, np.array([[0.0], [1.5]]))[1, 0], 48 * 1.5**-13 - 24 * 1.5**-7, rtol=1e-13)


@pytest.mark.parametrize("q", [np.zeros(3), np.zeros((1, 3)), np.zeros((2, 3))])
def test_lennard_jones_refuses_what_has_no_pairs_or_no_distance(q):
    with pytest.raises(InputError):
        lennard_jones(q)


# ------------------------------------------------------------------------------ Lagrangians


def curved(rng, n):
    """A Lagrangian with everything in it: masses that depend on q, a magnetic term, a potential."""
    A, B, c = rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=n)

    def L(q, v):
        turned = A @ v
        kinetic = np.sum(turned**2 * (2 + np.sin(q + c))) + np.sum(v * v)
        return kinetic / 2 + (B @ np.sin(q)) @ v - np.sum(np.cos(q - c)) * np.sum(q * q)

    return L


def test_the_acceleration_fulfils_euler_and_lagrange(rng):
    """d/dt L_v along the path q + v t + a t²/2, by a central difference of a hand-made gradient, is L_q."""
    n, h, k = 3, 1e-3, 1e-20
    L, q, v = curved(rng, n), rng.normal(size=n), rng.normal(size=n)
    a = lagrangian_acceleration(L, q, v)
    by_v = lambda t: np.array([L(q + v * t + a * t * t / 2, v + a * t + 1j * k * e).imag / k for e in np.eye(n)])
    by_q = np.array([L(q + 1j * k * e, v).imag / k for e in np.eye(n)])
    slope = (8 * (by_v(h) - by_v(-h)) - (by_v(2 * h) - by_v(-2 * h))) / (12 * h)  # error of order h⁴
    assert np.allclose(slope, by_q, rtol=1e-7, atol=1e-7)


def test_the_orbit_is_one_in_every_coordinates(rng):
    """A body in the plane by (x, y) and by (r, angle): the same second derivative of the position."""
    V = lambda r: np.log(r) + r**3
    polar = lambda q, v: (v[0] ** 2 + (q[0] * v[1]) ** 2) / 2 - V(q[0])
    (r, at), (u, w) = rng.uniform(0.5, 2, size=2), rng.normal(size=2)
    ar, aw = lagrangian_acceleration(polar, np.array([r, at]), np.array([u, w]))
    out, across = np.array([np.cos(at), np.sin(at)]), np.array([-np.sin(at), np.cos(at)])
    position = (ar - r * w * w) * out + (r * aw + 2 * u * w) * across
    assert np.allclose(position, force(lambda x: V(np.sqrt(np.sum(x * x))), r * out), rtol=1e-11)


def test_a_charge_in_a_magnetic_field_turns(rng):
    """L = v²/2 + A(q)·v gives a = v × rot A, which L_qv in the place of L_vq would reverse."""
    M, q, v = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    a = lagrangian_acceleration(lambda q, v: v @ v / 2 + (M @ q) @ v, q, v)
    field = np.array([M[2, 1] - M[1, 2], M[0, 2] - M[2, 0], M[1, 0] - M[0, 1]])
    assert np.allclose(a, np.cross(v, field), rtol=1e-11, atol=1e-12)


def double_pendulum(q, v):
    kinetic = v[0] ** 2 + v[1] ** 2 / 2 + v[0] * v[1] * np.cos(q[0] - q[1])
    return kinetic + 2 * np.cos(q[0]) + np.cos(q[1])


def test_the_double_pendulum_has_its_known_equations(rng):
    q, v = rng.uniform(-3, 3, size=2), rng.normal(size=2)
    c, s = np.cos(q[0] - q[1]), np.sin(q[0] - q[1])
    right = [-s * v[1] ** 2 - 2 * np.sin(q[0]), s * v[0] ** 2 - np.sin(q[1])]
    expected = np.linalg.solve([[2, c], [c, 1]], right)
    assert np.allclose(lagrangian_acceleration(double_pendulum, q, v), expected, rtol=1e-11, atol=1e-12)


def test_a_push_is_added_and_shapes_stay(rng):
    q, v, push = (rng.normal(size=(2, 3)) for _ in range(3))
    a = lagrangian_acceleration(lambda q, v: np.sum(v * v) - np.sum(q**4) / 4, q, v, push)
    assert a.shape == (2, 3) and np.allclose(2 * a, -(q**3) + push, rtol=1e-12)
    assert np.isclose(lagrangian_acceleration(lambda q, v: v**2 / 2 - q**2, 3.0, 1.0), -6.0, rtol=1e-14)


def test_it_nests_in_any_other_derivative(rng):
    """Derivatives of the acceleration by a parameter and by q, through derivatives that are nested already."""
    q, v = rng.normal(size=2), rng.normal(size=2)
    planar = lambda k: lambda q, v: (v[0] ** 2 + (q[0] * v[1]) ** 2) / 2 - k * q[0] ** 2 / 2
    assert np.allclose(jacobian(lambda k: lagrangian_acceleration(planar(k), q, v))(1.5), [-q[0], 0], atol=1e-12)
    by_q = jacobian(lambda q: lagrangian_acceleration(planar(1.5), q, v))(q)
    assert np.allclose(by_q, [[v[1] ** 2 - 1.5, 0], [2 * v[0] * v[1] / q[0] ** 2, 0]], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("kinetic", [lambda v: v[0] ** 2, lambda v: (0.1 * v[0] + 0.3 * v[1]) ** 2])
def test_a_velocity_without_kinetic_energy_is_refused(kinetic):
    with pytest.raises(InputError, match="singular"):
        lagrangian_acceleration(lambda q, v: kinetic(v) - q @ q, [1.0, 2.0], [0.0, 1.0])


# ------------------------------------------------------------------------------ Hamiltonians


def test_hamilton_and_lagrange_tell_one_story(rng):
    """H(q, p) = p·v - L at p = L_v, for masses that depend on q: dq/dt = v, and dp/dt = L_q."""
    q, v = rng.uniform(-3, 3, size=2), rng.normal(size=2)
    masses = lambda q: np.stack([np.stack([2.0 + 0 * q[0], np.cos(q[0] - q[1])]),
                                 np.stack([np.cos(q[0] - q[1]), 1.0 + 0 * q[0]])])  # fmt: skip
    H = lambda q, p: p @ np.linalg.solve(masses(q), p) / 2 - 2 * np.cos(q[0]) - np.cos(q[1])
    p = grad(double_pendulum, 1)(q, v)
    dq, dp = hamiltonian_equations(H, q, p)
    assert np.allclose(dq, v, rtol=1e-11, atol=1e-12)
    assert np.allclose(dp, grad(double_pendulum)(q, v), rtol=1e-11, atol=1e-12)


def test_its_flow_keeps_the_energy_and_leapfrog_comes_near_it():
    H = lambda q, p: p**2 / 2 - np.cos(q)
    flow = taylor_solve(lambda y: np.stack(hamiltonian_equations(H, y[0], y[1])), [1.0, 0.0], (0.0, 2.0))
    assert np.isclose(H(*flow.y[-1]), H(1.0, 0.0), rtol=1e-12)
    errors = [np.abs(np.array(leapfrog(np.sin, 1.0, 0.0, 2 / n, n))[:, -1] - flow.y[-1]).max() for n in (50, 100)]
    assert 3.9 < errors[0] / errors[1] < 4.1
    errors = [np.abs(np.array(euler(np.sin, 1.0, 0.0, 2 / n, n))[:, -1] - flow.y[-1]).max() for n in (800, 1600)]
    assert 1.9 < errors[0] / errors[1] < 2.1


def bumpy(rng, n):
    K = rng.normal(size=(n, n))
    return lambda q: np.sum(np.cos(K @ q)) + np.sum(q**4) / 4


def test_leapfrog_is_symplectic_and_euler_is_not(rng):
    """JᵀΩJ = Ω for the Jacobian J of the end by the start."""
    n = 2
    slope, start, masses = grad(bumpy(rng, n)), rng.normal(size=2 * n), rng.uniform(0.5, 2, size=n)
    omega = np.block([[np.zeros((n, n)), np.eye(n)], [-np.eye(n), np.zeros((n, n))]])

    def broken(method):
        end = lambda y: np.concatenate([path[-1] for path in method(slope, y[:n], y[n:], 0.1, 8, masses)])
        J = jacobian(end)(start)
        return np.abs(J.T @ omega @ J - omega).max()

    assert broken(leapfrog) < 1e-11 and broken(euler) > 1e-3


def test_leapfrog_comes_back(rng):
    slope, q, p = grad(bumpy(rng, 3)), rng.normal(size=3), rng.normal(size=3)
    there = leapfrog(slope, q, p, 0.05, 60)
    for sign_p, sign_h in ((-1, 1), (1, -1)):
        back = leapfrog(slope, there[0][-1], sign_p * there[1][-1], sign_h * 0.05, 60)
        assert np.allclose(back[0][-1], q, atol=1e-10) and np.allclose(back[1][-1], sign_p * p, atol=1e-10)


def test_a_spring_in_closed_form(rng):
    """For V = k q²/2 a step is a rotation of (q √(k m (1 - h²k/4m)), p), by the angle 2 arcsin(h/2 √(k/m)).

    So a quantity close to the energy is kept to rounding, and the energy's error doesn't grow.
    """
    k, m, h, (q, p) = rng.uniform(0.5, 2), rng.uniform(0.5, 2), 0.3, rng.normal(size=2)
    qs, ps = leapfrog(lambda q: k * q, q, p, h, 400, m)
    scale, angle = np.sqrt(k * m * (1 - h * h * k / (4 * m))), 2 * np.arcsin(h / 2 * np.sqrt(k / m)) * np.arange(401)
    assert np.allclose(qs * scale, q * scale * np.cos(angle) + p * np.sin(angle), rtol=1e-11, atol=1e-11)
    assert np.allclose(ps, p * np.cos(angle) - q * scale * np.sin(angle), rtol=1e-11, atol=1e-11)


def test_one_gradient_a_step_and_one_more():
    for method, expected in ((leapfrog, 8), (euler, 7)):
        calls = []
        qs, ps = method(lambda q, calls=calls: calls.append(q) or q, np.ones((2, 3)), np.zeros((2, 3)), 0.1, 7)
        assert len(calls) == expected and qs.shape == ps.shape == (8, 2, 3)


def test_a_way_is_differentiable_by_its_start_and_by_the_step(rng):
    q, p, h = rng.normal(), rng.normal(), 0.2
    by_q = grad(lambda q: leapfrog(lambda q: q, q, p, h, 1)[0][-1])(q)
    by_h = grad(lambda h: leapfrog(lambda q: q, q, p, h, 1)[0][-1])(h)
    assert np.isclose(by_q, 1 - h * h / 2, rtol=1e-13) and np.isclose(by_h, p - h * q, rtol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: leapfrog(np.sin, [1.0, 2.0], [1.0], 0.1, 3),
        lambda: leapfrog(np.sin, 1.0, 0.0, 0.1, 2.5),
        lambda: euler(np.sin, 1.0, 0.0, 0.1, -1),
        lambda: lagrangian_acceleration(lambda q, v: v @ v, [1.0, 2.0], 1.0),
        lambda: force(lambda q: q, np.ones(3)),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(ADError):
        call()
