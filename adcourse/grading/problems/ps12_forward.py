"""Assignment 12, forward sensitivity equations: 12.2.

The oracle is the complex step through a finer RK4. Any integrator of second order passes; `ps12_fields` states the
tolerance. A question in seconds, with a parameter of 1e-9, tells whoever moves parameters by a fixed step.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps12_fields import (
    CHANGED,
    CLASSICAL,
    EULER,
    GROWTH,
    HEUN,
    HUNT,
    LAYER,
    MIDPOINT,
    RATES,
    THREE,
    at_the_end,
    jacobian,
    second_order,
    some_coupled,
    steps,
)
from adcourse.grading.untouched import Untouched, asked


def sensitivity(f, u0, p, T, n, tableau=CLASSICAL):
    """u(T) and du(T)/dp of the method with this tableau, by the complex step."""
    value, _, by_p = jacobian(lambda u, p: at_the_end(f, u, p, T, n, tableau), u0, p)
    return value, by_p


class InSeconds(Parts):
    """Who is wrong here alone has moved a parameter of 1e-9 by a step that is much too large."""

    def __call__(self, answer):
        blamed = super().__call__(answer)
        return blamed and blamed._replace(kind=blamed.kind or "quotient")


def sensitivity_at(field, u0, p, T, n, question, judged=Parts) -> Probe:
    f, fu, fp = field
    u0, p = np.asarray(u0, float), np.asarray(p, float)

    def ask(forward_sensitivity):
        said, changed = asked(lambda u0, p: forward_sensitivity(f, fu, fp, u0, p, T, n), u0, p)
        return [*parts(said, u=u0.shape, S=(len(u0), len(p))), changed]

    fine = sensitivity(f, u0, p, T, 2 * n)
    heun, midpoint, euler = (sensitivity(f, u0, p, T, n, tableau) for tableau in (HEUN, MIDPOINT, EULER))
    u, S = second_order(fine, (heun, midpoint), euler)
    judge = judged(u=u, S=S, arguments=Untouched())
    judge.kinds = False  # there are many methods of first order
    return Probe(question, ask, judge)


def sensitivity_visible():
    return [
        sensitivity_at(GROWTH, [1.0], [1.0], 1.0, 24, "u' = pu with p = 1, u(0) = 1: u(1) = e and S(1) = e"),
        sensitivity_at(GROWTH, [0.7], [-0.8], 1.6, 200, "u' = pu with p = -0.8, u(0) = 0.7, 200 steps to T = 1.6"),
        sensitivity_at(HUNT, [1.2, 0.7], RATES, 1.0, 24, "hares and foxes, four parameters, to T = 1"),
        sensitivity_at(THREE, [0.5, -0.8, 1.1], [1.2, -0.7], 1.5, 24, "three unknowns, two parameters, to T = 1.5"),
        sensitivity_at(GROWTH, [5.0], [-3e-9], 2e8, 24, "a decay of p = -3e-9 per second, for 2e8 seconds", InSeconds),
    ]


def sensitivity_hidden(rng):
    p = np.array(RATES)
    yield sensitivity_at(HUNT, [1.0, 1.0], p, 10.0, 160, "hares and foxes to T = 10")
    T = float(rng.uniform(1.0, 1.6))
    q = p * rng.uniform(0.8, 1.2, size=4)
    yield sensitivity_at(HUNT, rng.uniform(0.7, 1.5, size=2), q, T, 24, "hares and foxes from another start")
    field, u, q = some_coupled(rng), rng.uniform(-1, 1, size=3), rng.uniform(0.5, 1.5, size=2)
    yield sensitivity_at(field, u, q, T, 24, "three unknowns, two parameters")
    yield sensitivity_at(LAYER, rng.normal(size=2), rng.normal(size=6), T, 24, "a neural ODE, six parameters")
    decay = -rng.uniform(1e-9, 3e-9)
    yield sensitivity_at(GROWTH, rng.uniform(2, 6, size=1), [decay], 2e8, 24, "a slow decay, in seconds", InSeconds)


def _joint(
    slope=lambda fu, fp, S: fu @ S + fp,
    start=lambda d, m: np.zeros((d, m)),
    end=lambda u, S: (u, S),
    tableau=HEUN,
    count=lambda n: n,
):
    """u and S side by side in one state of 1 + m columns."""

    def forward_sensitivity(f, fu, fp, u0, p, T, n):
        def F(y):
            u = y[:, 0]
            return np.column_stack([f(u, p), slope(fu(u, p), fp(u, p), y[:, 1:])])

        y = steps(F, np.column_stack([u0, start(len(u0), len(p))]), T / n, count(n), tableau)[-1]
        return end(y[:, 0], y[:, 1:])

    return forward_sensitivity


def _apart(tableau, states, place):
    """S from stored states, with u at one end of each step for all of it: first order."""

    def forward_sensitivity(f, fu, fp, u0, p, T, n):
        h = T / n
        us = steps(lambda u: f(u, p), u0, h, n, states)
        S = np.zeros((len(u0), len(p)))
        for k in range(n):
            A, B = fu(us[k + place], p), fp(us[k + place], p)
            S = steps(lambda S, A=A, B=B: A @ S + B, S, h, 1, tableau)[-1]
        return us[-1], S

    return forward_sensitivity


def _at_start(fu_stays, fp_stays):
    """One Jacobian, or both of them, at u0 throughout."""

    def forward_sensitivity(f, fu, fp, u0, p, T, n):
        A = (lambda u, p: fu(u0, p)) if fu_stays else fu
        B = (lambda u, p: fp(u0, p)) if fp_stays else fp
        return _joint()(f, A, B, u0, p, T, n)

    return forward_sensitivity


def _relative(f, fu, fp, u0, p, T, n):
    u, S = _joint()(f, fu, fp, u0, p, T, n)
    return u, S * p


def _by_initial_state(f, fu, fp, u0, p, T, n):
    F = lambda y: np.column_stack([f(y[:, 0], p), fu(y[:, 0], p) @ y[:, 1:]])
    y = steps(F, np.column_stack([u0, np.eye(len(u0))]), T / n, n, HEUN)[-1]
    return y[:, 0], y[:, 1:]


def _differences(f, fu, fp, u0, p, T, n):
    end = lambda p: steps(lambda u: f(u, p), u0, T / n, n, HEUN)[-1]
    return end(p), np.column_stack([(end(p + 1e-6 * e) - end(p)) / 1e-6 for e in np.eye(len(p))])


def _in_place(f, fu, fp, u0, p, T, n):
    u, S = _joint()(f, fu, fp, u0, p, T, n)
    u0 += u - u0
    return u0, S


_TWICE = (
    "p acts on u' in two ways: f contains p, and it contains u, which has been moved by p already. Write "
    "f(u(t, p), p) and differentiate it by p with the chain rule: how many terms are there?"
)
_ORDER = (
    "Nearly: your error only halves when the steps do. u and S have to move on together: whatever slope of S a method "
    "asks for, at the start of a step, in its middle or at its end, it belongs to the u of the same place. Write the "
    "numbers of u and S into one long vector, and leave it to rk4."
)
_QUOTIENT = (
    "That is a difference quotient, with a step that suits parameters of size 1. A decay of 3e-9 per second "
    "is moved by it out of this world. S can be integrated, without any step in p."
)
_START = "Your S doesn't start from 0. S is the derivative of u by p: at t = 0, by how much does u0 move when p does?"

FORWARD_SENSITIVITY = Problem(
    id="12.2",
    title="Forward sensitivity equations",
    points=4,
    signature="forward_sensitivity(f, fu, fp, u0, p, T, n)",
    visible=sensitivity_visible,
    hidden=sensitivity_hidden,
    hint="S(0)=0 because u0 does not depend on p. Then look at u' = pu by hand: u = u0 exp(pt), so S = t u0 exp(pt). "
    "Put it into the equation that you integrate for S: do both sides agree?",
    hints={
        "order": _ORDER,
        "quotient": _QUOTIENT,
        "changed": CHANGED,
        "raised ValueError": "Look at the shapes: with d unknowns and m parameters fu(u, p) is d × d, fp(u, p) is "
        "d × m, and S, like fp, is d × m. Which products fit? To integrate u and S as one vector, flatten S, append it "
        "to u, and give it its shape back inside the right side.",
        "raised TypeError": "All three take two arguments: f(u, p), fu(u, p) and fp(u, p).",
        "raised IndexError": "d and m differ from question to question: take them from u0 and p.",
    },
    mistakes=[
        Mistake(_joint(slope=lambda fu, fp, S: fp), "Your S' lacks a term. " + _TWICE),
        Mistake(_joint(slope=lambda fu, fp, S: fu @ S), "Your S stays 0: nothing ever moves it. " + _TWICE),
        Mistake(_joint(start=lambda d, m: np.ones((d, m))), _START),
        Mistake(_joint(start=np.eye), _START),
        Mistake(
            _by_initial_state,
            "Your S is the derivative by the initial state: it starts from the identity, and p isn't in it. Asked for "
            "is the derivative by p.",
        ),
        Mistake(
            _joint(slope=lambda fu, fp, S: fu.T @ S + fp),
            "You use the transpose of fu. S goes forward, as a tangent does: by how much does f move when u moves by a "
            "column of S? (The transpose belongs to the adjoint, 12.3.)",
        ),
        Mistake(
            _joint(slope=lambda fu, fp, S: fu @ S - fp),
            "The sign of fp. In u' = pu from u0 = 1, does u grow or fall when p grows?",
        ),
        Mistake(
            _joint(slope=lambda fu, fp, S: fp - fu @ S),
            "The sign in front of fu: the minus belongs to the adjoint equation (12.4). A tangent moves as u does.",
        ),
        Mistake(
            _joint(slope=lambda fu, fp, S: np.diag(np.diag(fu)) @ S + fp),
            "You use the diagonal of fu alone, as if each unknown moved itself and no other. With hares and foxes: do "
            "the foxes notice when there are more hares?",
        ),
        Mistake(
            _joint(slope=lambda fu, fp, S: S + fp),
            "Where is fu in your S'? With u' = pu and p = 1 it is 1, and nobody can tell.",
        ),
        Mistake(
            _joint(slope=lambda fu, fp, S: fu @ S + np.outer(fp.sum(axis=1), np.ones(fp.shape[1]))),
            "All your columns are alike: the columns of fp have been added up. Each parameter has a column of its own.",
        ),
        Mistake(
            _at_start(True, True),
            "Your Jacobians are taken at u0 all the time. They belong to the state of the moment.",
        ),
        Mistake(_at_start(True, False), "Your fu is taken at u0 all the time. It belongs to the state of the moment."),
        Mistake(_at_start(False, True), "Your fp is taken at u0 all the time. It belongs to the state of the moment."),
        Mistake(
            _relative,
            "Your S is multiplied by p: that says how u moves when p grows by so many per cent. Asked for is the "
            "derivative by p itself.",
        ),
        Mistake(_joint(tableau=EULER), "That is Euler's method. " + _ORDER),
        Mistake(_apart(EULER, HEUN, 0), _ORDER),
        Mistake(_apart(HEUN, HEUN, 0), _ORDER),
        Mistake(_apart(HEUN, HEUN, 1), _ORDER),
        Mistake(_joint(count=lambda n: n - 1), "You take n - 1 steps of length T/n: the last one is missing."),
        Mistake(_joint(count=lambda n: n + 1), "You take n + 1 steps of length T/n: one too many."),
        Mistake(
            _differences,
            _QUOTIENT,
        ),
        Mistake(
            _joint(end=lambda u, S: (u, S.T)),
            "Your S lies on its side: it has a row for each unknown and a column for each parameter, as fp has.",
        ),
        Mistake(_joint(end=lambda u, S: S), "Two things were asked for: (u(T), S(T))."),
        Mistake(_joint(end=lambda u, S: (S, u)), "Your two answers have changed places: u(T) comes first."),
        Mistake(
            _joint(end=lambda u, S: (u, S.ravel())),
            "Your S is still one long vector: give it its shape back, a row for each unknown and a column for each "
            "parameter.",
        ),
        Mistake(_in_place, CHANGED),
    ],
)
