"""Assignment 12, the continuous adjoint: 12.4.

The oracle is the complex step of G(u(T)) through a finer RK4, without any adjoint. Any integrator and any quadrature of
second order passes, with states stored, interpolated or integrated again; `ps12_fields` states the tolerance.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps12_fields import (
    CHANGED,
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


def backwards(
    tableau=HEUN,
    lam_slope=lambda A, lam: -A.T @ lam,
    mu_slope=lambda B, lam: -B.T @ lam,
    u_slope=lambda f: f,
    seen=lambda u, u0, uT: u,
    end=lambda gT, u0, uT: gT(uT),
    length=lambda T, n: -T / n,
    count=lambda n: n,
    begin=lambda u0, uT: uT,
    result=lambda lam, mu: (lam, mu),
):
    """u, λ and μ integrated from T to 0 together, with some of the lines exchanged."""

    def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
        d = len(u0)
        uT = steps(lambda u: f(u, p), u0, T / n, n, tableau)[-1]

        def F(y):
            u, lam = y[:d], y[d : 2 * d]
            at = seen(u, u0, uT)
            return np.concatenate([u_slope(f(u, p)), lam_slope(fu(at, p), lam), mu_slope(fp(at, p), lam)])

        start = np.concatenate([begin(u0, uT), end(gT, u0, uT), np.zeros(len(p))])
        y = steps(F, start, length(T, n), count(n), tableau)[-1]
        return result(y[d : 2 * d], y[2 * d :])

    return continuous_adjoint


def adjoint_at(field, c, u0, p, T, n, question, bend=0.3) -> Probe:
    """J = G(u(T)) with G(u) = c·u + bend |u|²/2."""
    f, fu, fp = field
    u0, p, c = (np.asarray(x, float) for x in (u0, p, c))

    def gT(u):
        return c + bend * u

    def ask(continuous_adjoint):
        said, changed = asked(lambda u0, p: continuous_adjoint(f, fu, fp, gT, u0, p, T, n), u0, p)
        return [*parts(said, dJ_du0=u0.shape, dJ_dp=p.shape), changed]

    def J(u, p):
        u = at_the_end(f, u, p, T, 2 * n)
        return c @ u + bend * np.sum(u * u, axis=0) / 2

    fine = jacobian(J, u0, p)[1:]
    heun, midpoint, euler = (backwards(tableau)(f, fu, fp, gT, u0, p, T, n) for tableau in (HEUN, MIDPOINT, EULER))
    by_u0, by_p = second_order(fine, (heun, midpoint), euler)
    judge = Parts(dJ_du0=by_u0, dJ_dp=by_p, arguments=Untouched())
    judge.kinds = False  # there are many methods of first order
    return Probe(question, ask, judge)


def adjoint_visible():
    return [
        adjoint_at(
            GROWTH,
            [1.0],
            [1.0],
            [1.0],
            1.0,
            24,
            "u' = pu with p = 1, u(0) = 1, J = u(1): λ(0) = e, dJ/dp = e",
            0.0,
        ),
        adjoint_at(GROWTH, [-0.6], [0.7], [1.1], 1.4, 200, "u' = pu, J = -0.6u + 0.15u², 200 steps to T = 1.4"),
        adjoint_at(HUNT, [0.7, -1.3], [1.2, 0.7], RATES, 1.0, 24, "hares and foxes, J = 0.7x - 1.3y at T = 1", 0.0),
        adjoint_at(
            THREE,
            [0.7, -0.4, 0.9],
            [0.9, 0.4, -0.6],
            [1.2, -0.7],
            1.5,
            24,
            "three unknowns, two parameters, to T = 1.5",
        ),
    ]


def adjoint_hidden(rng):
    T = float(rng.uniform(1.0, 1.6))
    p = np.array(RATES) * rng.uniform(0.8, 1.2, size=4)
    yield adjoint_at(HUNT, rng.normal(size=2), rng.uniform(0.7, 1.5, size=2), p, T, 24, "hares and foxes")
    u, q = rng.uniform(-1, 1, size=3), rng.uniform(0.5, 1.5, size=2)
    yield adjoint_at(some_coupled(rng), rng.normal(size=3), u, q, T, 24, "three unknowns, two parameters")
    near = [np.array(x) + rng.uniform(-0.05, 0.05, size=3) for x in ([0.7, -0.4, 0.9], [0.9, 0.4, -0.6])]
    yield adjoint_at(THREE, *near, [1.2, -0.7], 1.5, 24, "three unknowns as in the check, elsewhere")
    layer = rng.normal(size=2), rng.normal(size=2), rng.normal(size=6)
    yield adjoint_at(LAYER, *layer, T, 24, "a neural ODE, six parameters")


def _along(states=HEUN, lam_step=None, quadrature="trapezium"):
    """λ step by step along stored states, then the integral."""

    def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
        h = T / n
        us = steps(lambda u: f(u, p), u0, h, n, states)
        lams = [gT(us[-1])]
        for k in reversed(range(n)):
            lams.insert(0, lam_step(lams[0], fu(us[k], p).T, fu(us[k + 1], p).T, h))
        terms = [fp(u, p).T @ lam for u, lam in zip(us, lams, strict=True)]
        left, right = sum(terms[:-1]), sum(terms[1:])
        return lams[0], h * {"left": left, "right": right, "trapezium": (left + right) / 2}[quadrature]

    return continuous_adjoint


def _over_h(f, fu, fp, gT, u0, p, T, n):
    lam, mu = backwards()(f, fu, fp, gT, u0, p, T, n)
    return lam, mu * n / T


def _heun(lam, A0, A1, h):
    k = A1 @ lam
    return lam + h / 2 * (k + A0 @ (lam + h * k))


def _at_the_left(lam, A0, A1, h):
    return _heun(lam, A0, A0, h)


def _at_the_right(lam, A0, A1, h):
    return _heun(lam, A1, A1, h)


def _euler(lam, A0, A1, h):
    return lam + h * A1 @ lam


def _euler_left(lam, A0, A1, h):
    return lam + h * A0 @ lam


def _euler_adjoint(f, fu, fp, gT, u0, p, T, n):
    """The discrete adjoint of 12.3."""
    h = T / n
    us = steps(lambda u: f(u, p), u0, h, n, EULER)
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for u in reversed(us[:-1]):
        mu, lam = mu + h * fp(u, p).T @ lam, lam + h * fu(u, p).T @ lam
    return lam, mu


def _in_place(f, fu, fp, gT, u0, p, T, n):
    said = backwards()(f, fu, fp, gT, u0, p, T, n)
    u0 += T / n * f(u0, p)
    return said


_ORDER = (
    "Nearly: your error only halves when the steps do, for some part of it is of first order: the states (Euler's "
    "method?), λ (one slope a step? or fu from one end of the step for all of it?), or the integral (a sum of "
    "left or right rectangles?). Double n and compare each of the three apart."
)
_SIGN = (
    "The sign. Your time runs from T to 0, so each step has dt = -h. For u' = pu λ' = -p λ: should λ "
    "grow on its way from T to 0, or fall?"
)

CONTINUOUS_ADJOINT = Problem(
    id="12.4",
    title="Continuous adjoint",
    points=5,
    signature="continuous_adjoint(f, fu, fp, gT, u0, p, T, n)",
    visible=adjoint_visible,
    hidden=adjoint_hidden,
    hint="Integrate from T to 0 and watch the sign. By hand: with u' = pu and J = u(T), λ(t) = exp(p (T - t)), so "
    "λ(0) = exp(pT), and the integral of u λ is T exp(pT). Print both, beside yours.",
    hints={
        "order": _ORDER,
        "changed": CHANGED,
        "raised ValueError": "Look at the shapes: fu(u, p) is d × d, fp(u, p) is d × m, λ has d numbers and dJ/dp "
        "has m. Which of the two matrices fits λ only if it is transposed? In one long vector for rk4: u, λ "
        "and mu have d, d and m entries.",
        "raised TypeError": "The calls: f(u, p), fu(u, p), fp(u, p), and gT(u) with one argument.",
        "raised IndexError": "There are n + 1 states, u_0 to u_n; and d and m differ from question to question.",
    },
    mistakes=[
        Mistake(backwards(lam_slope=lambda A, lam: A.T @ lam), "The sign of fu. " + _SIGN),
        Mistake(
            backwards(lam_slope=lambda A, lam: -A @ lam),
            "fu isn't transposed. With one unknown nobody can tell. λ is a row, a rate for each unknown: which "
            "entry of it does fu[0, 1], the force of the foxes on the hares, feed?",
        ),
        Mistake(
            backwards(lam_slope=lambda A, lam: A @ lam), "fu isn't transposed, and it has the wrong sign. " + _SIGN
        ),
        Mistake(
            backwards(mu_slope=lambda B, lam: B.T @ lam),
            "The sign of dJ/dp: the integral goes from 0 to T, and you add it up from T to 0. In u' = pu, does u(T) "
            "fall when p grows?",
        ),
        Mistake(
            backwards(lam_slope=lambda A, lam: A.T @ lam, mu_slope=lambda B, lam: B.T @ lam),
            "The signs of fu and of the integral. " + _SIGN,
        ),
        Mistake(
            backwards(u_slope=lambda f: -f),
            "Your u doesn't come back: on the way from T to 0 it goes on instead, where it has never been. Print it at "
            "the end: it should be u0.",
        ),
        Mistake(
            backwards(u_slope=lambda f: 0 * f),
            "Your u stays at u(T) while λ goes back. The Jacobians belong to u(t), at the same time as λ(t).",
        ),
        Mistake(
            backwards(seen=lambda u, u0, uT: u0),
            "Your Jacobians are taken at u0 all the time. They belong to u(t), at the same time as λ(t).",
        ),
        Mistake(
            backwards(begin=lambda u0, uT: u0),
            "Your state starts its way back from u0. At the time T it is u(T).",
        ),
        Mistake(
            backwards(begin=lambda u0, uT: u0, length=lambda T, n: T / n),
            "Your λ goes from 0 to T, beside u. What is known of it is known at T.",
        ),
        Mistake(
            backwards(
                begin=lambda u0, uT: u0,
                length=lambda T, n: T / n,
                lam_slope=lambda A, lam: A.T @ lam,
                mu_slope=lambda B, lam: B.T @ lam,
            ),
            "You go forward in time, with u from u0 and λ from gT. Transposed, the Jacobians have to come in the "
            "opposite order: with one unknown nobody can tell, with two they don't commute.",
        ),
        Mistake(
            backwards(end=lambda gT, u0, uT: gT(u0)),
            "Your λ starts from gT(u0). J is about u(T). (Where gT is constant nobody can tell.)",
        ),
        Mistake(
            backwards(end=lambda gT, u0, uT: np.ones(len(uT))),
            "Your λ starts from ones. It starts from gT(u(T)).",
        ),
        Mistake(
            backwards(end=lambda gT, u0, uT: uT * gT(uT)),
            "Your λ starts from gT(u(T)) times u(T): gT is the gradient already.",
        ),
        Mistake(
            backwards(mu_slope=lambda B, lam: 0 * (B.T @ lam)),
            "Your dJ/dp is 0. It is an integral over all of the time from 0 to T; what do you add up?",
        ),
        Mistake(
            backwards(mu_slope=lambda B, lam: -B.sum(axis=0)),
            "Where is λ in your integral? What p does to u' at the time t counts as much as λ(t) says.",
        ),
        Mistake(
            _over_h,
            "Your dJ/dp is too large by 1/h: an integral is a sum of heights times widths.",
        ),
        Mistake(
            backwards(count=lambda n: n - 1),
            "You stop a step before you are at 0.",
        ),
        Mistake(backwards(count=lambda n: n + 1), "You go a step beyond 0."),
        Mistake(
            _euler_adjoint,
            "That is the discrete adjoint of Euler's method, 12.3. It is the exact derivative of a program of first "
            "order; here the derivative of the solution is asked for, to second order.",
        ),
        Mistake(backwards(EULER), "That is Euler's method, to and fro. " + _ORDER),
        Mistake(_along(lam_step=_heun, quadrature="left"), _ORDER),
        Mistake(_along(lam_step=_heun, quadrature="right"), _ORDER),
        Mistake(_along(lam_step=_at_the_left), _ORDER),
        Mistake(_along(lam_step=_at_the_right), _ORDER),
        Mistake(_along(lam_step=_euler), _ORDER),
        Mistake(_along(lam_step=_euler_left), _ORDER),
        Mistake(_along(EULER, lam_step=_heun), _ORDER),
        Mistake(
            backwards(result=lambda lam, mu: (mu, lam)), "Your two answers have changed places: dJ/du0 comes first."
        ),
        Mistake(backwards(result=lambda lam, mu: lam), "Two things were asked for: (dJ/du0, dJ/dp)."),
        Mistake(backwards(result=lambda lam, mu: mu), "Two things were asked for: (dJ/du0, dJ/dp)."),
        Mistake(_in_place, CHANGED),
    ],
)
