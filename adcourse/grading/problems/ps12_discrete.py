"""Assignment 12, the discrete adjoint of explicit Euler: 12.3.

The oracle is the complex step through the Euler program and the sum J, in all directions at once. The answer is a
derivative of a program, so it is right to rounding: 1e-10 of the largest entry. Cost: a sweep needs each of the four
functions once a step; four times as often leaves room for saved states (assignment 10), and none for a run from the
start for each step, or for each parameter.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.meters import counted
from adcourse.grading.plain import Complaint, parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps12_fields import (
    CHANGED,
    CLASSICAL,
    EULER,
    GROWTH,
    HUNT,
    LAYER,
    RATES,
    THREE,
    jacobian,
    some_coupled,
    steps,
)
from adcourse.grading.untouched import Untouched, asked

ENOUGH = 4  # calls of each function, a step


class Calls(Close):
    """The largest number of calls among the four functions."""

    def __init__(self, enough):
        super().__init__(0.0)
        self.enough = enough

    def wrong(self, answer):
        (number,) = answer.numbers
        return [] if isinstance(number, (int, float)) and number <= self.enough else [0]

    def __call__(self, answer):
        if self.wrong(answer):
            return Complaint(
                f"more than {self.enough} calls of f, fu, fp or gu",
                f"there were {answer.numbers[0]:g}",
                "too many calls",
            )
        return None

    def equal(self, answer, known):
        return [bool(self.wrong(answer)) == bool(self.wrong(known))]


class Data:
    """J = Σ_k s_k |u_k - y_k|²/2 + c_k·u_k, with s_k = 0 and c_k = 0 where there is nothing to be seen."""

    def __init__(self, s, y, c):
        self.s, self.y, self.c = (np.asarray(x, float) for x in (s, y, c))

    def total(self, us):
        return sum(
            s * np.sum((u - y[:, None]) ** 2, axis=0) / 2 + c @ u
            for s, y, c, u in zip(self.s, self.y, self.c, us, strict=True)
        )


def gradient_of(data: Data):
    s, y, c = data.s, data.y, data.c

    def gu(u, k):
        if not 0 <= k < len(s):
            raise IndexError(f"there is no u_k with k = {k}: k runs from 0 to n = {len(s) - 1}")
        return s[k] * (u - y[k]) + c[k]

    return gu


def last(n, c) -> Data:
    """J = c·u_n."""
    rows = np.zeros((n + 1, len(c)))
    rows[-1] = c
    return Data(np.zeros(n + 1), np.zeros_like(rows), rows)


def every(each, n, y, s=1.0, first=True) -> Data:
    """Observations y in every ``each``-th step, with the weight s."""
    at = np.arange(n + 1) % each == 0
    at[0] = first
    return Data(s * at, np.asarray(y, float), np.zeros((n + 1, np.shape(y)[1])))


def adjoint_at(field, data, u0, p, T, question) -> Probe:
    u0, p, n = np.asarray(u0, float), np.asarray(p, float), len(data.s) - 1
    gu = gradient_of(data)

    def ask(discrete_adjoint):
        four, calls = zip(*(counted(g, limit=400 * n) for g in (*field, gu)), strict=True)
        f, fu, fp, seen = four
        said, changed = asked(lambda u0, p: discrete_adjoint(f, fu, fp, seen, u0, p, T, n), u0, p)
        return [*parts(said, dJ_du0=u0.shape, dJ_dp=p.shape), max(count() for count in calls), changed]

    J = lambda u, p: data.total(steps(lambda u: field[0](u, p), u, T / n, n, EULER))
    _, by_u0, by_p = jacobian(J, u0, p)
    close = [Close(x, atol=1e-10 * max(1.0, float(np.abs(x).max()))) for x in (by_u0, by_p)]
    judge = Parts(dJ_du0=close[0], dJ_dp=close[1], calls=Calls(ENOUGH * (n + 1)), arguments=Untouched())
    return Probe(question, ask, judge)


def adjoint_visible():
    k = np.arange(31.0)
    seen = np.column_stack([1.1 + 0.5 * np.cos(0.3 * k), 0.9 + 0.4 * np.sin(0.4 * k)])
    weighed = Data(np.sin(k[:7]) ** 2, np.outer(k[:7], [0.1, -0.1, 0.2]), np.outer(np.cos(k[:7]), [0.4, -0.6, 0.3]))
    return [
        adjoint_at(
            GROWTH, last(10, [1.0]), [1.0], [1.0], 1.0, "u' = pu, J = u_10: dJ/du0 = 1.1^10 and dJ/dp = 2.357947691"
        ),
        adjoint_at(
            HUNT, last(1, [0.7, -1.3]), [1.2, 0.7], RATES, 0.4, "hares and foxes, one step, J = 0.7x - 1.3y at its end"
        ),
        adjoint_at(HUNT, last(12, [0.7, -1.3]), [1.2, 0.7], RATES, 1.2, "hares and foxes, 12 steps, the same J"),
        adjoint_at(HUNT, every(5, 30, seen), [1.2, 0.7], RATES, 2.0, "hares and foxes, data in steps 0, 5, ..., 30"),
        adjoint_at(THREE, weighed, [0.5, -0.8, 1.1], [1.2, -0.7], 1.5, "three unknowns, another g in each of 6 steps"),
    ]


def adjoint_hidden(rng):
    h, n = float(rng.uniform(0.05, 0.2)), int(rng.integers(8, 13))
    yield adjoint_at(GROWTH, last(n, [1.0]), [1.0], [1.0], n * h, "u' = pu, J = u_n")
    seen = rng.uniform(0.5, 1.5, size=(41, 2))
    start, p = rng.uniform(0.8, 1.4, size=2), np.array(RATES) * rng.uniform(0.8, 1.2, size=4)
    yield adjoint_at(HUNT, every(5, 40, seen, first=False), start, p, 2.0, "hares and foxes, data in every fifth step")
    rows = rng.normal(size=(2, 9, 3))
    data = Data(rng.uniform(0.5, 1.5, size=9), *rows)
    u, q = rng.uniform(-1, 1, size=3), rng.uniform(0.5, 1.5, size=2)
    yield adjoint_at(some_coupled(rng), data, u, q, 1.6, "three unknowns, another g in each step")
    yield adjoint_at(LAYER, last(10, rng.normal(size=2)), rng.normal(size=2), rng.normal(size=6), 2.0, "a neural ODE")
    yield adjoint_at(HUNT, last(1, rng.normal(size=2)), start, p, 0.5, "hares and foxes, one step")


def _sweep(
    fu_at=lambda us, k: us[k],
    fp_at=lambda us, k: us[k],
    through=lambda lam, A, h: lam + h * A.T @ lam,
    of_p=lambda B, old, new, h: h * B.T @ old,
    add=lambda lam, old, A, seen, h: lam + seen,
    seen=lambda gu, us, k: gu(us[k], k),
    end=lambda gu, us, n: gu(us[n], n),
    order=lambda n: range(n - 1, -1, -1),
    gather=lambda mu, term: mu + term,
    states=EULER,
    result=lambda lam, mu: (lam, mu),
):
    """The sweep with some of its lines exchanged. ``add`` gets λ after and before the transposed step."""

    def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
        h = T / n
        us = steps(lambda u: f(u, p), u0, h, n, states)
        lam, mu = end(gu, us, n), np.zeros(len(p))
        for k in order(n):
            A = fu(fu_at(us, k), p)
            old, lam = lam, through(lam, A, h)
            lam = add(lam, old, A, seen(gu, us, k), h)
            mu = gather(mu, of_p(fp(fp_at(us, k), p), old, lam, h))
        return result(lam, mu)

    return discrete_adjoint


def _next(us, k):
    return us[k + 1]


def _equation(f, fu, fp, gu, u0, p, T, n):
    """The adjoint equation by RK4, with the data added where they are."""
    us = steps(lambda u: f(u, p), u0, T / n, n)
    d, lam, mu = len(u0), gu(us[n], n), np.zeros(len(p))

    def F(y):
        u, lam = y[:d], y[d : 2 * d]
        return np.concatenate([f(u, p), -fu(u, p).T @ lam, -fp(u, p).T @ lam])

    for k in reversed(range(n)):
        y = steps(F, np.concatenate([us[k + 1], lam, mu]), -T / n, 1)[-1]
        lam, mu = y[d : 2 * d] + gu(us[k], k), y[2 * d :]
    return lam, mu


def _from_u0_again(f, fu, fp, gu, u0, p, T, n):
    at = lambda k: steps(lambda u: f(u, p), u0, T / n, k, EULER)[-1]
    lam, mu = gu(at(n), n), np.zeros(len(p))
    for k in reversed(range(n)):
        u = at(k)
        mu, lam = mu + T / n * fp(u, p).T @ lam, lam + T / n * fu(u, p).T @ lam + gu(u, k)
    return lam, mu


def _each(step, part):
    """A run for each entry of u0 and p."""

    def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
        def run(u0, p):
            return steps(lambda u: f(u, p), u0, T / n, n, EULER)

        us, found = run(u0, p), []
        for e in np.eye(len(u0) + len(p)):
            moved = run(u0 + step * e[: len(u0)], p + step * e[len(u0) :])
            found.append(sum(gu(u, k) @ part(v, u) for k, (u, v) in enumerate(zip(us, moved, strict=True))))
        return found[: len(u0)], found[len(u0) :]

    return discrete_adjoint


def _before(f, fu, fp, gu, u0, p, T, n):
    """The data are added where a round begins, and before the first round as well."""
    h = T / n
    us = steps(lambda u: f(u, p), u0, h, n, EULER)
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        lam = lam + gu(us[k + 1], k + 1)
        mu, lam = mu + h * fp(us[k], p).T @ lam, lam + h * fu(us[k], p).T @ lam
    return lam, mu


def _shared(f, fu, fp, gu, u0, p, T, n):
    """The first state is the array that moves on."""
    us, h = [u0], T / n
    for _ in range(n):
        u0 += h * f(u0, p)
        us.append(u0.copy())
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu, lam = mu + h * fp(us[k], p).T @ lam, lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam, mu


def _in_place(f, fu, fp, gu, u0, p, T, n):
    said = _sweep()(f, fu, fp, gu, u0, p, T, n)
    u0 += T / n * f(u0, p)
    return said


_END = (
    "Step k starts at u_k: u_{k+1} = u_k + h f(u_k, p). So its Jacobian is taken at u_k, and you take it at u_{k+1}. "
    "One step of hares and foxes shows it."
)
_EARLY = (
    "You move λ back through step k before you use it for p. In step k p moves u_{k+1}, so it meets the λ of u_{k+1}, "
    "and you give it that of u_k. With u' = pu, J = u_10: you give 2.5937, and moving p shows 2.3579."
)
_EQUATION = (
    "That is near the derivative of the differential equation's solution; asked for is that of the Euler program. With "
    "u' = pu, J = u_10 the program computes (1 + p/10)^10: differentiate that by hand."
)

DISCRETE_ADJOINT = Problem(
    id="12.3",
    title="Discrete adjoint of explicit Euler",
    points=5,
    signature="discrete_adjoint(f, fu, fp, gu, u0, p, T, n)",
    visible=adjoint_visible,
    hidden=adjoint_hidden,
    hint="Transpose the Euler step, and add g_u where there is data. Begin with the question of one step: J = c·u_1 "
    "with u_1 = u_0 + h f(u_0, p). By how much does J move with u_0, and with p?",
    hints={
        "digits": "Your gradient is right in its first digits only, which is what a difference quotient leaves. The "
        "sweep makes no error but rounding.",
        "too many calls": "Your gradient is right, and it took too many calls. The way back needs each state once: "
        "keep them on the way forward. And one sweep brings the derivatives by all parameters.",
        "changed": CHANGED,
        "raised ValueError": "Look at the shapes: fu(u, p) is d × d, fp(u, p) is d × m, λ has d numbers and dJ/dp has "
        "m. Which of the two matrices fits λ only if it is transposed?",
        "raised IndexError": "There are n + 1 states, u_0 to u_n, and gu(u, k) takes k = 0, ..., n. Print k where it "
        "fails.",
        "raised TypeError": "The calls: f(u, p), fu(u, p), fp(u, p) and gu(u, k).",
        "calls": "Your function calls the same thing again and again. How many steps are there?",
    },
    mistakes=[
        Mistake(_sweep(fu_at=_next, fp_at=_next), _END),
        Mistake(_sweep(fu_at=_next), "The matrix with which λ goes back is taken at u_{k+1}. " + _END),
        Mistake(_sweep(fp_at=_next), "Your fp is taken at u_{k+1}. " + _END),
        Mistake(_sweep(of_p=lambda B, old, new, h: h * B.T @ new), _EARLY),
        Mistake(
            _sweep(of_p=lambda B, old, new, h: h * B.T @ (old + new) / 2),
            "That is the trapezoidal rule for an integral. The program has no integral: in step k p moves u_{k+1}, by "
            "h f_p, and nothing else.",
        ),
        Mistake(_equation, _EQUATION),
        Mistake(
            _sweep(states=CLASSICAL),
            "Your states are not those of Euler's method. It is the Euler program that is differentiated, at the "
            "states that it runs through.",
        ),
        Mistake(
            _sweep(through=lambda lam, A, h: lam + h * A @ lam),
            "fu isn't transposed on the way back. With one unknown nobody can tell. Which entry of λ should "
            "fu[0, 1], the force of the foxes on the hares, be multiplied by?",
        ),
        Mistake(
            _sweep(through=lambda lam, A, h: h * A.T @ lam),
            "u_{k+1} = u_k + h f(u_k, p) contains u_k twice. Your λ goes back through f alone.",
        ),
        Mistake(
            _sweep(through=lambda lam, A, h: lam + A.T @ lam),
            "A step of length h moves u by h f, and your λ goes back as if h were 1.",
        ),
        Mistake(
            _sweep(through=lambda lam, A, h: lam - h * A.T @ lam),
            "The sign of fu on the way back. In the adjoint *equation* there is a minus, and time runs backwards, "
            "which is another one. Transpose the step as it is.",
        ),
        Mistake(
            _sweep(through=lambda lam, A, h: np.linalg.solve(np.eye(len(lam)) - h * A.T, lam)),
            "You solve a linear system in each step: that is an implicit step for the adjoint equation. The transposed "
            "Euler step is a product.",
        ),
        Mistake(
            _sweep(of_p=lambda B, old, new, h: B.T @ old),
            "dJ/dp is too large by 1/h: by how much does u_{k+1} move with p, in one step of length h?",
        ),
        Mistake(
            _sweep(gather=lambda mu, term: term),
            "p is used in every step, and your dJ/dp has the part of one of them. Is there an = where a += belongs?",
        ),
        Mistake(
            _sweep(of_p=lambda B, old, new, h: -h * B.T @ old),
            "The sign of dJ/dp. In u' = pu from u0 = 1, does u_10 grow or fall when p grows?",
        ),
        Mistake(
            _sweep(seen=lambda gu, us, k: 0.0),
            "Your sweep knows J at its end alone. With data in every fifth step, u_5 is in J directly: what is "
            "added to its adjoint when the sweep comes by?",
        ),
        Mistake(
            _sweep(end=lambda gu, us, n: np.zeros(len(us[n]))),
            "Your sweep starts from 0. u_n is in J as well: with J = u_10, what is the adjoint of u_10?",
        ),
        Mistake(
            _sweep(end=lambda gu, us, n: np.ones(len(us[n]))),
            "Your sweep starts from ones. It starts from the slope of g at u_n.",
        ),
        Mistake(
            _sweep(seen=lambda gu, us, k: gu(us[k], k) if k else 0.0),
            "The data at k = 0 are missing: u_0 is in J, too.",
        ),
        Mistake(
            _sweep(add=lambda lam, old, A, seen, h: lam + h * seen),
            "You multiply gu by h, as if J were an integral. It is a sum, over k.",
        ),
        Mistake(
            _sweep(add=lambda lam, old, A, seen, h: lam + seen + h * A.T @ seen),
            "You add the data of u_k before λ goes through step k. They are about u_k itself, where step k starts: "
            "that step has nothing to do with them.",
        ),
        Mistake(
            _sweep(add=lambda lam, old, A, seen, h: seen if np.any(seen) else lam),
            "Where there are data you replace λ by theirs. u_k is in J directly and through all later steps: two parts "
            "of one sum.",
        ),
        Mistake(
            _sweep(seen=lambda gu, us, k: gu(us[k], k + 1)),
            "Your data are off by one: gu(u, k) belongs to u_k, and you ask it with another k.",
        ),
        Mistake(
            _sweep(seen=lambda gu, us, k: gu(us[k + 1], k)),
            "Your data are off by one: gu(u, k) wants u_k, and you give it another state.",
        ),
        Mistake(
            _sweep(seen=lambda gu, us, k: gu(us[k + 1], k + 1), order=lambda n: range(n - 1, -1, -1)),
            "Your data are off by one: those of the last state are added twice, and those of the first not at all.",
        ),
        Mistake(
            _before,
            "The data of u_n are added twice: before the loop, and once more in its first round. And which round adds "
            "those of u_0?",
        ),
        Mistake(
            _shared,
            "u0 belongs to the caller, and your first state is that same array: `u += ...` moves it along. `u = u + "
            "...` makes a new one.",
        ),
        Mistake(
            _sweep(order=range),
            "You go through the steps from the first to the last. λ belongs to u_n at the start: which step made u_n?",
        ),
        Mistake(
            _sweep(order=lambda n: range(n - 1, 0, -1)),
            "Step 0 is left out: range(a, b, -1) stops before it reaches b. Print your k.",
        ),
        Mistake(_sweep(result=lambda lam, mu: (mu, lam)), "Your two answers have changed places: dJ/du0 comes first."),
        Mistake(_sweep(result=lambda lam, mu: lam), "Two things were asked for: (dJ/du0, dJ/dp)."),
        Mistake(_sweep(result=lambda lam, mu: mu), "Two things were asked for: (dJ/du0, dJ/dp)."),
        Mistake(
            _from_u0_again,
            "Your gradient is right, and you run from u_0 to every state anew: n²/2 steps. Keep the states of the "
            "first run. (How few are enough, assignment 10 tells.)",
        ),
        Mistake(
            _each(1e-30j, lambda v, u: v.imag / 1e-30),
            "Your gradient is right, and it took a run for each entry of u0 and p: that is forward mode. With a "
            "thousand parameters it would be a thousand runs; one sweep backwards is enough for all.",
        ),
        Mistake(
            _each(1e-7, lambda v, u: (v - u) / 1e-7),
            "That is a difference quotient, with a run for each parameter, and half of the digits are lost.",
        ),
        Mistake(_in_place, CHANGED),
    ],
)
