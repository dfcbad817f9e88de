"""What moves in assignment 12, and how exactly an answer is known.

A field is a triple (f, fu, fp): the right side of u' = f(u, p) with the Jacobians ∂f_i/∂u_j and ∂f_i/∂p_j. Each f also
takes a batch, with a trailing axis, of complex numbers: so the oracles are complex steps in all directions at once,
through programs that know nothing of fu and fp.

Problems 12.2 and 12.4 accept every integrator of second order or better, since their text can't say which one is right.
The tolerance is ``ROOM`` times the error, at the same number of steps, of Heun's method or of the midpoint rule, the
larger of the two. Of the routes of second order that we know the worst, two-step Adams-Bashforth along stored states,
is off by 12 times as much in one random question of a thousand, the others by 5; methods of first order by 50 times as
much in the question about three unknowns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close
from adcourse.grading.plain import Complaint

STEP = 1e-30
ROOM = 20

CHANGED = (
    "u0 belongs to the caller, who may start again from it: `u = u0` makes a second name, not another array, and "
    "`u += ...` writes into it."
)


# --- fields --------------------------------------------------------------------------------------------------------


def growth(u, p):
    return p * u


def growth_u(u, p):
    return np.array([[p[0]]])


def growth_p(u, p):
    return np.array([[u[0]]])


def hunt(u, p):
    """Lotka and Volterra's hares and foxes."""
    return np.array([p[0] * u[0] - p[1] * u[0] * u[1], -p[2] * u[1] + p[3] * u[0] * u[1]])


def hunt_u(u, p):
    return np.array([[p[0] - p[1] * u[1], -p[1] * u[0]], [p[3] * u[1], p[3] * u[0] - p[2]]])


def hunt_p(u, p):
    both = u[0] * u[1]
    return np.array([[u[0], -both, 0.0, 0.0], [0.0, 0.0, -u[1], both]])


def layer(u, p):
    """A neural differential equation of one layer, u' = tanh(Wu + b); W and b are the six parameters."""
    return np.tanh(np.array([p[0] * u[0] + p[1] * u[1] + p[4], p[2] * u[0] + p[3] * u[1] + p[5]]))


def layer_u(u, p):
    slope = 1 - layer(u, p) ** 2
    return np.array([[slope[0] * p[0], slope[0] * p[1]], [slope[1] * p[2], slope[1] * p[3]]])


def layer_p(u, p):
    a, b = (1 - layer(u, p) ** 2).tolist()
    return np.array([[a * u[0], a * u[1], 0.0, 0.0, a, 0.0], [0.0, 0.0, b * u[0], b * u[1], 0.0, b]])


RATES = [1.5, 1.0, 3.0, 1.0]  # of hares and foxes
GROWTH = (growth, growth_u, growth_p)
HUNT = (hunt, hunt_u, hunt_p)
LAYER = (layer, layer_u, layer_p)


def coupled(A, B):
    """u' = A sin(u) + (Bp) cos(u): three unknowns, two parameters, nothing symmetric."""
    A, B = np.asarray(A, float), np.asarray(B, float)

    def f(u, p):
        return A @ np.sin(u) + (B @ p) * np.cos(u)

    def fu(u, p):
        return A * np.cos(u) - np.diag((B @ p) * np.sin(u))

    def fp(u, p):
        return B * np.cos(u)[:, None]

    return f, fu, fp


THREE = coupled([[0.4, -0.9, 0.3], [1.1, 0.2, -0.6], [-0.5, 0.8, -0.3]], [[0.7, -0.4], [0.2, 0.9], [-0.6, 0.5]])


def some_coupled(rng):
    return coupled(rng.uniform(-1, 1, size=(3, 3)), rng.uniform(-1, 1, size=(3, 2)))


# --- integrators ---------------------------------------------------------------------------------------------------

# Butcher's tableaus: the rows say from which stages a stage starts, the last tuple how they are weighed.
EULER = ((),), (1.0,)
HEUN = ((), (1.0,)), (0.5, 0.5)
MIDPOINT = ((), (0.5,)), (0.0, 1.0)
CLASSICAL = ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)


def steps(f: Callable, u, h: float, n: int, tableau=CLASSICAL) -> list:
    """The n + 1 states of an explicit Runge-Kutta method for u' = f(u)."""
    rows, weights = tableau
    states = [u]
    for _ in range(n):
        k = []
        for row in rows:
            at = u
            for a, slope in zip(row, k, strict=True):
                at = at + h * a * slope if a else at
            k.append(f(at))
        for b, slope in zip(weights, k, strict=True):
            u = u + h * b * slope if b else u
        states.append(u)
    return states


def at_the_end(f, u0, p, T, n, tableau=CLASSICAL):
    return steps(lambda u: f(u, p), u0, T / n, n, tableau)[-1]


# --- oracles -------------------------------------------------------------------------------------------------------


def jacobian(program: Callable, u0, p) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``program(u0, p)`` and its derivatives by u0 and by p: complex steps, in all directions at once.

    >>> jacobian(lambda u, p: p[0] * u, np.array([2.0, 5.0]), np.array([3.0]))
    (array([ 6., 15.]), array([[3., 0.],
           [0., 3.]]), array([[2.],
           [5.]]))
    """
    d = len(u0)
    z = np.append(u0, p)[:, None] + 1j * STEP * np.eye(d + len(p))
    said = program(z[:d], z[d:])
    J = np.imag(said) / STEP
    return np.real(said)[..., 0], J[..., :d], J[..., d:]


class SecondOrder(Close):
    """Within a tolerance that a method of second order keeps. Who is off by more, but by no more than ``nearly``, gets
    a complaint of kind "order"."""

    def __init__(self, expected, atol: float, nearly: float):
        super().__init__(expected, atol=atol)
        self._nearly = nearly

    def __call__(self, answer):
        blamed = super().__call__(answer)
        wrong = blamed and answer.shape == self.shape and self.wrong(answer)
        if wrong and all(abs(answer.numbers[k] - self.expected.numbers[k]) <= self._nearly for k in wrong):
            return Complaint(f"{self._where(wrong[0])} is not of second order in the step", blamed.detail, "order")
        return blamed


def second_order(fine, others, first) -> list[SecondOrder]:
    """A judge for each part of an answer, from what methods of second order and one of first order say. Where one part
    happens to be much nearer than the other it gets half the other's relative error, but no more than 0.002."""
    fine, first = [np.asarray(part) for part in fine], list(first)
    size = [float(np.abs(part).max()) for part in fine]
    off = [max(float(np.abs(other[k] - part).max()) for other in others) for k, part in enumerate(fine)]
    floor = min(0.002, max(o / s for o, s in zip(off, size, strict=True)) / 2)
    return [
        SecondOrder(part, ROOM * max(off[k], floor * size[k]), 3 * float(np.abs(first[k] - part).max()))
        for k, part in enumerate(fine)
    ]
