"""Assignment 13, leapfrog: 13.3. Its questions are in ``ps13_leapfrog``."""

from __future__ import annotations

import numpy as np

from adcourse.grading.problem import Mistake, Problem
from adcourse.grading.problems.ps13_leapfrog import leapfrog_hidden, leapfrog_visible


def _walk(step, steps=lambda n: n, end=lambda q, p: (q, p)):
    """``step(gradU, q, p, eps)`` gives the next q and p."""

    def leapfrog(gradU, q, p, eps, n):
        q, p = np.array(q, float), np.array(p, float)
        for _ in range(steps(n)):
            q, p = step(gradU, q, p, eps)
        return end(q, p)

    return leapfrog


def _step(gradU, q, p, eps, first=0.5, drift=1.0, last=0.5):
    """Kick, drift, kick, of other lengths than they should have."""
    p = p - first * eps * gradU(q)
    q = q + drift * eps * p
    return q, p - last * eps * gradU(q)


def _lengths(**lengths):
    return _walk(lambda gradU, q, p, eps: _step(gradU, q, p, eps, **lengths))


def _lean(gradU, q, p, eps, n, first=0.5, inner=1.0, last=0.5):
    """With n + 1 gradients: the kicks between two drifts are one."""
    p = p - first * eps * gradU(q)
    for k in range(n):
        q = q + eps * p
        p = p - (inner if k < n - 1 else last) * eps * gradU(q)
    return q, p


def _lean_with(**kicks):
    return lambda gradU, q, p, eps, n: _lean(gradU, q, p, eps, n, **kicks) if n else (1 * q, 1 * p)


def _ended(end):
    return lambda gradU, q, p, eps, n: end(*_lean_with()(gradU, q, p, eps, n))


def _position(gradU, q, p, eps):
    """Drift, kick, drift."""
    q = q + eps / 2 * p
    p = p - eps * gradU(q)
    return q + eps / 2 * p, p


def _old_slope(gradU, q, p, eps):
    g = gradU(q)
    p = p - eps / 2 * g
    return q + eps * p, p - eps / 2 * g


def _old_momentum(gradU, q, p, eps):
    moved = q + eps * p
    return moved, p - eps / 2 * (gradU(q) + gradU(moved))


def _runge_kutta(gradU, q, p, eps):
    def slope(q, p):
        return p, -gradU(q)

    k1 = slope(q, p)
    k2 = slope(q + eps / 2 * k1[0], p + eps / 2 * k1[1])
    k3 = slope(q + eps / 2 * k2[0], p + eps / 2 * k2[1])
    k4 = slope(q + eps * k3[0], p + eps * k3[1])
    return tuple(x + eps / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip((q, p), k1, k2, k3, k4, strict=True))


def _midpoint(gradU, q, p, eps):
    return q + eps * (p - eps / 2 * gradU(q)), p - eps * gradU(q + eps / 2 * p)


def _path(gradU, q, p, eps, n):
    qs = [q]
    for _ in range(n):
        q, p = _step(gradU, q, p, eps)
        qs.append(q)
    return np.array(qs), p


_PRICE = (
    "Your answer is right, and asks for too many gradients. Between the last half kick of a step and the first one of "
    "the next, q has not moved: which gradient do you ask for twice? (A gradient of a real potential is all the work.)"
)
_ENDS = (
    "Look at one step of the harmonic oscillator from q = 1, p = 0: how large is the kick before the drift, how large "
    "the one after it?"
)

LEAPFROG = Problem(
    id="13.3",
    title="Leapfrog",
    points=3,
    signature="leapfrog(gradU, q, p, eps, n)",
    visible=leapfrog_visible,
    hidden=leapfrog_hidden,
    hint="Half kick, drift, ..., half kick. Do one step by hand, from q = 1, p = 0 with eps = 0.1.",
    hints={
        "changed": "q and p belong to the caller, who may want to start again from there: print them before and after. "
        "`p -= ...` writes into the caller's array; `p = p - ...` makes a new one.",
        "price": _PRICE,
        "calls": "Your function goes on calling gradU: n steps take n + 1 gradients.",
        "digits": "Nearly: some digits are lost on the way. The steps are made of sums and products alone; is there a "
        "difference quotient in your code?",
    },
    mistakes=[
        Mistake(
            _walk(lambda gradU, q, p, eps: (q + eps * p, p - eps * gradU(q))),
            "Explicit Euler: q and p both move with the old values. Follow the energy of the oscillator for a hundred "
            "steps: it grows and grows. Which value of p should move q?",
        ),
        Mistake(
            _lengths(first=1, last=0),
            "Symplectic Euler, a whole kick and then the drift: halve eps, and the error becomes half as large, not a "
            "quarter. And with -p it doesn't come back, for the way back would have to drift first.",
        ),
        Mistake(
            _lengths(first=0, last=1),
            "Symplectic Euler, the drift and then a whole kick: halve eps, and the error becomes half as large, not a "
            "quarter. And with -p it doesn't come back, for the way back would have to kick first.",
        ),
        Mistake(
            _walk(_position),
            "Half a drift, a kick, half a drift. That is reversible, of order 2, and the same method with the parts "
            "exchanged; asked for is the one that begins with half a kick. Compare with (0.995, -0.09975).",
        ),
        Mistake(
            _lengths(first=1, last=1), f"Two whole kicks in each step: p moves twice as fast as it should. {_ENDS}"
        ),
        Mistake(
            _lengths(last=0),
            f"The second half kick is missing: p has felt half of the force. {_ENDS}",
        ),
        Mistake(_lengths(first=0), f"The first half kick is missing: p has felt half of the force. {_ENDS}"),
        Mistake(
            _lean_with(inner=0.5),
            "All your kicks are half kicks. Where two steps meet, one ends with half a kick and the next begins with "
            "another one: count them, for n = 2.",
        ),
        Mistake(
            _lean_with(last=1.0),
            "Your last kick is a whole one: at the end p is half a step ahead of q. Compare for n = 1.",
        ),
        Mistake(
            _lean_with(first=1.0),
            f"Your first kick is a whole one: p is half a step ahead of where it should be. {_ENDS}",
        ),
        Mistake(
            _lean_with(last=0.0),
            "The kick at the end is missing: p is half a step behind q, as it is inside of the loop. For n = 1, how "
            "many kicks do you see?",
        ),
        Mistake(
            _walk(_old_slope),
            "Both half kicks of a step have the same slope, that at the old place. After the drift the ball is "
            "somewhere else: how steep is it there?",
        ),
        Mistake(
            _walk(_old_momentum),
            "Your drift takes p from before the half kick. In which order do the three lines of a step stand, and "
            "which p does each of them see?",
        ),
        Mistake(
            _lengths(first=-0.5, last=-0.5),
            "Your kicks push uphill: the oscillator runs away. The force is minus the gradient.",
        ),
        Mistake(
            _lengths(drift=0.5),
            "You drift half as far as you should: only the kicks are cut in two.",
        ),
        Mistake(
            _walk(lambda gradU, q, p, eps: _step(gradU, q, p, eps, drift=1 / eps if eps else 1)),
            "eps is missing from your drift: in a time eps, how far does something of momentum p get?",
        ),
        Mistake(
            _walk(lambda gradU, q, p, eps: _step(gradU, q, p, eps, first=0.5 / eps, last=0.5 / eps)),
            "eps is missing from your kicks: halve eps, and each kick must be half as strong.",
        ),
        Mistake(
            _walk(lambda gradU, q, p, eps: _step(gradU, q, p, eps, first=eps / 2, last=eps / 2)),
            "Your kicks have an eps too many (eps²/2 is what a kick does to q): halve eps, and each kick must be half "
            "as strong.",
        ),
        Mistake(
            _ended(lambda q, p: (q, -p)),
            "p comes back with its sign turned. A sampler may want that; asked for is where the motion has come to.",
        ),
        Mistake(_ended(lambda q, p: (p, q)), "Your two answers have changed places: q comes first."),
        Mistake(
            _ended(lambda q, p: q),
            "Two arrays are asked for, (q, p): without p nobody can go on from there, nor back.",
        ),
        Mistake(
            _path,
            "You give all the points of the way. Asked for is the last one: q and p have the shape they came with.",
        ),
        Mistake(
            lambda gradU, q, p, eps, n: _walk(_step)(gradU, q, p, eps / max(n, 1), n),
            "You divide eps by n. eps is the length of one step, and n of them are asked for.",
        ),
        Mistake(
            _walk(_step, steps=lambda n: min(n, 1)),
            "You take one step, whatever n is.",
        ),
        Mistake(
            _walk(_step, steps=lambda n: n + 1),
            "You take one step too many: for n = 0, does your loop run at all?",
        ),
        Mistake(
            _walk(_step, steps=lambda n: max(n - 1, 0)),
            "You take one step too few: for n = 1, count how often your loop runs.",
        ),
        Mistake(
            _lean,
            "For n = 0 nothing may happen: half a kick before the loop is half a kick, also when there is no drift "
            "after it.",
        ),
        Mistake(_walk(_step), _PRICE),
        Mistake(
            _walk(_runge_kutta),
            "Runge and Kutta's method: four gradients a step, and more exact. But with -p it doesn't come back, and "
            "over a long time the energy drifts away. Leapfrog's energy error stays bounded.",
        ),
        Mistake(
            _walk(_midpoint),
            "A midpoint rule: order 2, two gradients a step, and with -p it doesn't come back. In leapfrog, each line "
            "uses what the line before it has just made.",
        ),
    ],
)
