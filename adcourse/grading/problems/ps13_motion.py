"""Assignment 13, motion from a Lagrangian: 13.2. Its questions are in ``ps13_lagrangian``."""

from __future__ import annotations

import numpy as np

from adcourse.grading.problem import Mistake, Problem
from adcourse.grading.problems.ps13_lagrangian import motion_hidden, motion_visible


def _slope(L, z, n):
    """All first derivatives, by the complex step."""
    found = np.zeros(2 * n)
    for k in range(2 * n):
        w = z.astype(complex)
        w[k] += 1e-30j
        found[k] = np.imag(L(w[:n], w[n:])) / 1e-30
    return found


def _derivatives(L, q, v):
    """(L_q, L_v, L_qq, L_vq, L_vv): the second ones by differences of the first, of fourth order."""
    n, h = len(q), 2e-3
    z = np.concatenate([q, v])
    first = _slope(L, z, n)
    rows = []
    for e in h * np.eye(2 * n):
        near, far = (_slope(L, z + s * e, n) - _slope(L, z - s * e, n) for s in (1, 2))
        rows.append((8 * near - far) / (12 * h))
    second = np.array(rows)
    return first[:n], first[n:], second[:n, :n], second[n:, :n], second[n:, n:]


def _motion(formula):
    """What ``formula(L_q, L_v, L_qq, L_vq, L_vv, q, v)`` makes of the derivatives."""
    return lambda L, q, v: formula(*_derivatives(L, q, v), q, v)


def _mixed_up(L, q, v):
    return _motion(_right)(lambda a, b: L(b, a), q, v)


def _right(Lq, Lv, Lqq, Lvq, Lvv, q, v):
    return np.linalg.solve(Lvv, Lq - Lvq @ v)


def _standing(L, q, v):
    """The derivatives are taken where v is 0."""
    Lq, _, _, Lvq, Lvv = _derivatives(L, q, 0 * v)
    return np.linalg.solve(Lvv, Lq - Lvq @ v)


def _by_differences(L, q, v):
    """Quotients of L itself."""
    n, h = len(q), 1e-4
    z = np.concatenate([q, v])
    steps = h * np.eye(2 * n)
    f = lambda z: L(z[:n], z[n:])
    first = np.array([f(z + e) - f(z - e) for e in steps]) / (2 * h)
    second = [[f(z + d + e) - f(z + d - e) - f(z - d + e) + f(z - d - e) for e in steps] for d in steps]
    second = np.array(second) / (4 * h * h)
    return np.linalg.solve(second[n:, n:], first[:n] - second[n:, :n] @ v)


_FORGOTTEN = (
    "∂L/∂v changes for two reasons: because v does, and because q does. You have the first. The pendulum can't tell, "
    "its ∂L/∂v has no q in it. Write down ∂L/∂v in polar coordinates, for the angle: what is in it?"
)
_QUOTIENT = (
    "You take second differences of L: a difference of four numbers that agree in most of their digits, over h². "
    "Where the energy is counted from another zero, little is left. A gradient made by `adcourse.grad` is a function "
    "like any other: it can be differentiated again, without a step."
)
_MASS = (
    "There is no mass in your answer: (∂L/∂q minus something) is a force. Which matrix stands beside a when you expand "
    "d/dt (∂L/∂v)? Try L = 5 v²/2 - q."
)

_POSITIONS = (
    "Beside a stands the matrix of second derivatives by velocities. The angle of a planet isn't in its L at all: a "
    "matrix of derivatives by positions has a row of zeros there."
)

MOTION = Problem(
    id="13.2",
    title="Equations of motion from a Lagrangian",
    points=5,
    signature="lagrangian_acceleration(L, q, v)",
    visible=motion_visible,
    hidden=motion_hidden,
    hint="Expand d/dt (dL/dv). On paper for one coordinate first: ∂L/∂v is a function of q and of v, and both move.",
    hints={
        "changed": "q and v belong to the caller: print them before and after. `v[i] += ...` writes into v itself; "
        "take a copy for what you move.",
        "digits": _QUOTIENT,
        "raised LinAlgError": f"Your matrix is singular. {_POSITIONS}",
    },
    mistakes=[
        Mistake(_motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq)), _FORGOTTEN),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq - Lvq.T @ v)),
            "The mixed matrix stands on its side. Entry i of ∂L/∂v changes by Σ_j ∂²L/∂v_i∂q_j · (velocity of q_j): "
            "which index is summed? In a magnetic field the two matrices differ.",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq + Lvq @ v)),
            "The sign of the mixed term: it stands beside a, on the left of the equation. In polar coordinates, if a "
            "free particle moves outwards, does it turn faster or slower?",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq + Lvq.T @ v)),
            "The mixed term has the wrong sign, and its matrix stands on its side: entry i of ∂L/∂v changes by "
            "Σ_j ∂²L/∂v_i∂q_j · (velocity of q_j), on the left of the equation.",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, -Lq - Lvq @ v)),
            "The sign of ∂L/∂q. L is kinetic MINUS potential energy, so the minus of the force is in it already: where "
            "does your pendulum fall to?",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, -Lq)),
            f"The sign of ∂L/∂q: L is kinetic MINUS potential energy, the force's minus is in it. And: {_FORGOTTEN}",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lvq @ v - Lq)),
            "All your accelerations are turned around. Write the equation as (matrix)·a = right side, and look at what "
            "changes sides.",
        ),
        Mistake(_motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: Lq - Lvq @ v), _MASS),
        Mistake(_motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: Lq), f"{_MASS} And then: {_FORGOTTEN}"),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: Lvv @ (Lq - Lvq @ v)),
            "You multiply by the matrix of masses. The equation is (matrix)·a = right side: does a heavier body "
            "accelerate more?",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: (Lq - Lvq @ v) / np.diag(Lvv)),
            "You divide entry by entry, by the diagonal of the matrix of masses. For the double pendulum, or near the "
            "speed of light, it has entries beside the diagonal: which operation undoes a matrix?",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: (Lq - Lvq @ v) / Lvv.sum(axis=1)),
            "You divide by sums of rows of the matrix of masses (a tangent of ones gives those). Which operation "
            "undoes a matrix?",
        ),
        Mistake(_motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.pinv(Lqq) @ (Lq - Lvq @ v)), _POSITIONS),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq - Lqq @ v)),
            "Your second term differentiates twice by q. It is ∂L/∂v that changes with time: one derivative is by v, "
            "the other by what moves.",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq - Lvv @ v)),
            "Your second term is L_vv times v. v moves at the speed a, and q moves at the speed v: which matrix "
            "belongs to which of them?",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lv - Lvq @ v)),
            "You have ∂L/∂v on the right side. Its time derivative is the left one; the right side is ∂L/∂q.",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq - Lvq @ v / 2)),
            "Half of the mixed term is missing: the Coriolis acceleration is 2 r' φ' / r, and yours has no 2.",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq - 2 * Lvq @ v)),
            "Your mixed term is twice as large as it should be. Follow the chain rule: each of the things that move is "
            "met once.",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq - Lvq @ np.ones_like(v))),
            "In your mixed term every coordinate moves at speed 1. How fast does q move?",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq) - Lvq @ v),
            "Your mixed term isn't divided by the masses. It stands beside ∂L/∂q, and the system is solved for both "
            "together.",
        ),
        Mistake(
            _motion(lambda Lq, Lv, Lqq, Lvq, Lvv, q, v: np.linalg.solve(Lvv, Lq - Lvq @ q)),
            "In your mixed term q moves in the direction of q. How fast does q move, and in which direction?",
        ),
        Mistake(
            _standing,
            "You take the derivatives at v = 0. The centrifugal force is a ∂L/∂q that only a moving body has.",
        ),
        Mistake(
            _mixed_up,
            "q and v have changed places in a call of L: it is L(q, v).",
        ),
        Mistake(
            _motion(lambda *all: all[1]),
            "That is ∂L/∂v, the momentum. The acceleration is in its time derivative.",
        ),
        Mistake(
            _motion(lambda *all: (all[-1], _right(*all))),
            "Two arrays came back, the velocity and the acceleration, as for a solver of first-order equations. The "
            "acceleration alone was asked for.",
        ),
        Mistake(
            _motion(lambda *all: all[4]),
            "A matrix came back, the masses. The acceleration has one number for each coordinate.",
        ),
        Mistake(
            lambda L, q, v: -9.81 * np.sin(q),
            "That is the equation of one pendulum, whatever L is. Your function is given L: ask it.",
        ),
        Mistake(_by_differences, _QUOTIENT),
    ],
)
