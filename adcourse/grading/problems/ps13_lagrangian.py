"""Assignment 13, motion from a Lagrangian: the questions of 13.2.

The oracles are equations of motion by hand, as mechanics books have them. Tolerance: 1e-9 of the largest acceleration.
Exact second derivatives are off by 1e-14, and a difference of exact first ones by 1e-10, which is accurate enough;
second differences of L itself keep seven digits at best, the energies being counted from another zero. L takes lists
as well as arrays, of whatever numbers a student differentiates with.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Probe
from adcourse.grading.untouched import Untouched, asked


def pendulum(g, length, zero):
    return lambda q, v: (length * v[0]) ** 2 / 2 + g * length * np.cos(q[0]) + zero


def pendulum_motion(g, length, zero, q, v):
    return [-g / length * np.sin(q[0])]


def planet(m, k, zero):
    """Polar coordinates (r, φ)."""
    return lambda q, v: m * (v[0] ** 2 + (q[0] * v[1]) ** 2) / 2 + k / q[0] + zero


def planet_motion(m, k, zero, q, v):
    return [q[0] * v[1] ** 2 - k / (m * q[0] ** 2), -2 * v[0] * v[1] / q[0]]


def double_pendulum(m1, m2, l1, l2, g, zero):
    def L(q, v):
        kinetic = (m1 + m2) * (l1 * v[0]) ** 2 / 2 + m2 * (l2 * v[1]) ** 2 / 2
        kinetic = kinetic + m2 * l1 * l2 * v[0] * v[1] * np.cos(q[0] - q[1])
        return kinetic + (m1 + m2) * g * l1 * np.cos(q[0]) + m2 * g * l2 * np.cos(q[1]) + zero

    return L


def double_pendulum_motion(m1, m2, l1, l2, g, zero, q, v):
    m, gap = m1 + m2, q[0] - q[1]
    s, c = np.sin(gap), np.cos(gap)
    below = m1 + m2 * s * s
    pull = m2 * l2 * v[1] ** 2 * s + m * g * np.sin(q[0])
    push = l1 * v[0] ** 2 * s - g * np.sin(q[1])
    return [-(pull + m2 * c * push) / (l1 * below), (m * push + c * pull) / (l2 * below)]


def charge(m, b, slope, k, zero):
    """In a plane, in the magnetic field b + slope·x and on a spring; the whole vector potential points along y."""

    def L(q, v):
        potential = b * q[0] + slope * q[0] ** 2 / 2
        return m * (v[0] ** 2 + v[1] ** 2) / 2 + v[1] * potential - k * (q[0] ** 2 + q[1] ** 2) / 2 + zero

    return L


def charge_motion(m, b, slope, k, zero, q, v):
    field = b + slope * q[0]
    return [(field * v[1] - k * q[0]) / m, (-field * v[0] - k * q[1]) / m]


def fast(m, c, k, zero):
    """A relativistic particle, of any dimension, in the potential k q⁴/4: a mass that depends on the velocity."""

    def L(q, v):
        square = sum(v[i] * v[i] for i in range(len(v)))
        return zero - m * c**2 * np.sqrt(1 - square / c**2) - k * sum(q[i] ** 4 for i in range(len(q))) / 4

    return L


def fast_motion(m, c, k, zero, q, v):
    force = -k * q**3
    return (force - (force @ v) * v / c**2) * np.sqrt(1 - v @ v / c**2) / m


def elastic(m, k, rest, g, zero):
    """A weight on a spring that swings in space, spherical coordinates (r, θ, φ) with θ = 0 straight down."""

    def L(q, v):
        across = (q[0] * v[1]) ** 2 + (q[0] * np.sin(q[1]) * v[2]) ** 2
        return m * (v[0] ** 2 + across) / 2 - k * (q[0] - rest) ** 2 / 2 + m * g * q[0] * np.cos(q[1]) + zero

    return L


def elastic_motion(m, k, rest, g, zero, q, v):
    (r, theta, _), (dr, dtheta, dphi) = q, v
    s, c = np.sin(theta), np.cos(theta)
    return [
        r * dtheta**2 + r * (s * dphi) ** 2 - k / m * (r - rest) + g * c,
        s * c * dphi**2 - (2 * dr * dtheta + g * s) / r,
        -2 * dphi * (dr / r + dtheta * c / s),
    ]


def motion_at(make: Callable, by_hand: Callable, data, q, v, question) -> Probe:
    """``make(*data)`` is the Lagrangian, ``by_hand(*data, q, v)`` the acceleration."""
    data, q, v = [float(d) for d in data], np.asarray(q, float), np.asarray(v, float)

    def ask(lagrangian_acceleration):
        said, changed = asked(lambda q, v: lagrangian_acceleration(make(*data), q, v), q, v)
        return [*parts((said,), a=q.shape), changed]

    a = np.array(by_hand(*data, q, v), float)
    judge = Parts(a=Close(a, atol=1e-9 * float(np.abs(a).max())), arguments=Untouched())
    return Probe(question, ask, judge)


def motion_visible():
    return [
        motion_at(pendulum, pendulum_motion, (9.81, 1, 0), [0.7], [1.3], "the pendulum: a = -9.81 sin q"),
        motion_at(
            planet, planet_motion, (1, 0, 0), [2, 0.4], [0.5, 3], "a free particle in polar coordinates: (18, -1.5)"
        ),
        motion_at(charge, charge_motion, (2.0, 1.5, 0.4, 0.8, 25), [0.6, -1.1], [1.2, 0.7], "a charge in a field"),
        motion_at(
            fast, fast_motion, (1.0, 2.0, 1.5, 0.0), [1.1, -0.8], [0.9, 1.2], "a fast particle, speed 1.5 and c = 2"
        ),
    ]


def motion_hidden(rng):
    zero = 10 * rng.uniform(2, 4)
    some = lambda *size: rng.uniform(0.6, 1.4, size=size) * rng.choice([-1, 1], size=size)
    data = rng.uniform(5, 12), rng.uniform(1.5, 2.5), zero
    yield motion_at(pendulum, pendulum_motion, data, some(1), some(1), "another pendulum")
    q = [rng.uniform(1, 2), rng.normal()]
    yield motion_at(planet, planet_motion, (*rng.uniform(1.5, 3, size=2), zero), q, some(2), "a planet")
    data = *rng.uniform(0.7, 1.5, size=4), rng.uniform(5, 10), zero
    yield motion_at(double_pendulum, double_pendulum_motion, data, some(2), 2 * some(2), "a double pendulum")
    data = *rng.uniform(0.7, 2, size=4), zero
    yield motion_at(charge, charge_motion, data, some(2), some(2), "a charge in another field")
    data = rng.uniform(0.7, 1.5), rng.uniform(3, 4), rng.uniform(1, 2), zero
    yield motion_at(fast, fast_motion, data, some(3), some(3), "another fast particle, in space")
    data, q = (*rng.uniform(0.7, 2, size=3), rng.uniform(5, 10), zero), rng.uniform([1, 0.5, 0], [2, 1.2, 6])
    yield motion_at(elastic, elastic_motion, data, q, some(3), "a weight on a spring")
