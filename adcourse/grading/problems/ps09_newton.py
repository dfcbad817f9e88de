"""Assignment 9, the Newton direction by conjugate gradients: 9.4.

The oracle is elimination. Tolerance: whoever stops at |Hp + g| <= tol |g|, with |g| = 1 here, is off by tol over the
smallest eigenvalue, which is 1 or more; 1e-8 leaves room for stopping by a neighbouring measure, an entry or a mean.
The eigenvalues lie so close (below 6) that rounding costs no steps. Steps: with exact arithmetic as many as there are
distinct eigenvalues; 31 and 6 for 30 and 3 of them leave room for a start or a last look.
"""

from __future__ import annotations

from itertools import count

import numpy as np

from adcourse.grading.judges import Close, Holds, Price
from adcourse.grading.meters import Counted
from adcourse.grading.plain import Complaint
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps09_recovery import of_vectors

ROUGH = 1e-2
LIMIT = 85  # products; steepest descent arrives with fewer, an iteration that doesn't converge ends here


def direction_of(H, g, at_most, question) -> Probe:
    H, g = np.asarray(H, dtype=float), np.asarray(g, dtype=float)
    hvp = Counted(of_vectors(lambda v: H @ v, len(g)), limit=LIMIT)
    judge = Price(Close(-np.linalg.solve(H, g), atol=1e-8), at_most=at_most, what="H v")
    return Probe(question, lambda newton_cg: newton_cg(hvp, g.copy()), judge, hvp)


def rough_direction(H, g, at_most, question) -> Probe:
    """With a large tol. Any p will do that leaves a small residual; ten times as much is allowed."""
    hvp = Counted(of_vectors(lambda v: H @ v, len(g)), limit=LIMIT)

    def fault(p):
        if np.linalg.norm(H @ p + g) > 10 * ROUGH:
            return Complaint("with a larger tol your direction is not even nearly right", kind="rough")
        return None

    judge = Price(Holds(fault, shape=g.shape), at_most=at_most, what="H v")
    return Probe(question, lambda newton_cg: newton_cg(hvp, g.copy(), ROUGH), judge, hvp)


def some_hessian(rng, eigenvalues):
    """Symmetric, with these eigenvalues, and full."""
    Q = np.linalg.qr(rng.normal(size=(len(eigenvalues), len(eigenvalues))))[0]
    return Q * eigenvalues @ Q.T


def some_gradient(rng, n):
    g = rng.normal(size=n)
    return g / np.linalg.norm(g)


def newton_visible():
    A = [[1.9, 0.6, -0.3], [0.6, 1.2, 0.4], [-0.3, 0.4, 2.7]]
    chain = 4 * np.eye(24) - np.eye(24, k=1) - np.eye(24, k=-1)
    g = np.sin(np.arange(24) ** 2 + 1.0)
    g = g / np.linalg.norm(g)
    return [
        direction_of(2 * np.eye(4), [0.6, -0.4, 0.5, 0.2], 2, "H = 2I: p = -g/2, from one product"),
        direction_of([[2.5, 0.7], [0.7, 1.5]], [0.6, -0.8], 3, "H = [[2.5, 0.7], [0.7, 1.5]], g = (0.6, -0.8)"),
        direction_of(A, [0.3, -0.7, 0.6], 4, "three unknowns"),
        direction_of(chain, g, 25, "a chain of 24 unknowns"),
        rough_direction(chain, g, 8, f"the same with tol = {ROUGH:g}"),
    ]


def newton_hidden(rng):
    spread = rng.uniform(1, 6, size=30)
    yield direction_of(some_hessian(rng, spread), some_gradient(rng, 30), 31, "30 unknowns")
    three = np.repeat(rng.uniform([1, 2.5, 5], [1.5, 3.5, 6]), 10)
    yield direction_of(some_hessian(rng, three), some_gradient(rng, 30), 6, "30 unknowns, three distinct eigenvalues")
    n = int(rng.integers(3, 7))
    c = float(rng.choice([2, 4]))  # of two, so that the first step arrives without rounding
    yield direction_of(c * np.eye(n), some_gradient(rng, n), 2, f"a multiple of the identity, {n} unknowns")
    few = rng.uniform(1, 6, size=n)
    yield direction_of(some_hessian(rng, few), some_gradient(rng, n), n + 1, f"{n} unknowns")
    yield direction_of([[float(rng.uniform(0.5, 3))]], [float(rng.uniform(0.4, 1))], 2, "one unknown")
    H, g = some_hessian(rng, np.linspace(1, 6, 40)), some_gradient(rng, 40)
    yield rough_direction(H, g, 15, f"40 unknowns, with tol = {ROUGH:g}")


def _cg(
    start=lambda g: -g,
    alpha=lambda rr, d, q, r: rr / (d @ q),
    beta=lambda new, old: new / old,
    turn=lambda r, beta, d: r + beta * d,
    refresh=lambda r, a, q: r - a * q,
    done=lambda rr, first, tol: np.sqrt(rr) <= tol * first,
    again=0,
    limit=None,
    answer=lambda p, r, d: p,
):
    """Conjugate gradients with something exchanged."""

    def newton_cg(hvp, g, tol=1e-10):
        p, r = np.zeros(len(g)), start(g)
        d, rr, first = r.copy(), r @ r, np.linalg.norm(g)
        for _ in count() if limit is None else range(limit(len(g))):
            if done(rr, first, tol) or not np.isfinite(rr):
                break
            q = hvp(d)
            a = alpha(rr, d, q, r)
            p = p + a * d
            r = refresh(r, a, q)
            for _ in range(again):
                r = -g - hvp(p)
            new = r @ r
            d = turn(r, beta(new, rr), d)
            rr = new
        return answer(p, r, d)

    return newton_cg


def _either(hint, **exchanged):
    """The mistake in a loop until convergence, and in one of n steps."""
    return [Mistake(_cg(**exchanged, limit=limit), hint) for limit in (None, lambda n: n)]


def _steepest(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    while True:
        if np.linalg.norm(r) <= tol * np.linalg.norm(g):
            break
        q = hvp(r)
        a = r @ r / (r @ q)
        p, r = p + a * r, r - a * q
    return p


def _descent(rate):
    def newton_cg(hvp, g, tol=1e-10):
        p = np.zeros(len(g))
        while True:
            r = hvp(p) + g
            if not tol < np.linalg.norm(r) < 1e100:
                break
            p = p - rate * r
        return p

    return newton_cg


def _whole_matrix(hvp, g, tol=1e-10):
    return np.linalg.solve(np.column_stack([hvp(e) for e in np.eye(len(g))]), -g)


_SIGN = "The sign: with H = 2I, does p go along the gradient or against it? A Newton step goes downhill."
_STEEPEST = (
    "That is steepest descent: each direction is the residual alone, and in a long valley it goes to and fro. For two "
    "unknowns two products have to do. Print the angles between your directions d and H times the last one."
)

_BETA = (
    "β says how much of the old direction comes along. What it is for: d·Hd_old must be 0, print it. And print β "
    "itself: is it below 1 when the residual has become shorter? Which sign does it come in with? And does it compare "
    "lengths, or their squares?"
)
_ONE_STEP = (
    "With H = 2I one step must arrive. Print after it α, your residual r, and -g - Hp: the last two must be the "
    "same, and 0. Which of the three isn't as it should be?"
)
_ZERO = (
    "What came back is 0 or nearly: the residual, or the last direction, which both vanish when the iteration arrives. "
    "Asked for is p, all the steps together."
)

NEWTON_CG = Problem(
    id="9.4",
    title="Newton direction without a matrix",
    points=4,
    signature="newton_cg(hvp, g, tol=1e-10)",
    visible=newton_visible,
    hidden=newton_hidden,
    hint="CG needs one product per iteration; keep r updated.",
    hints={
        "calls": "Your iteration doesn't end. Print the length of the residual in each step: it should reach zero "
        "after as many steps as there are unknowns.",
        "digits": "The direction is right in its first digits only: you stop too early. What do you compare with tol, "
        "the residual or its square?",
        "rough": "With a large tol your iteration stops too early. What do you compare with tol, the residual or its "
        "square?",
    },
    mistakes=[
        *_either(_SIGN, start=lambda g: g),
        Mistake(
            _cg(answer=lambda p, r, d: -p),
            _SIGN,
        ),
        Mistake(_steepest, _STEEPEST),
        Mistake(
            _cg(limit=lambda n: 1),
            "That is one step along the gradient. Put your p into Hp + g: what is left is the residual, and the next "
            "step begins there.",
        ),
        Mistake(
            _whole_matrix,
            "Your direction is right, and the whole matrix was built for it, a product for each column. With three "
            "distinct eigenvalues three products are enough, whatever n is.",
        ),
        Mistake(
            _cg(again=1),
            "Your direction is right, with two products in each step: the residual is computed anew from p. You have "
            "H d already; how does r move when p moves by α d?",
        ),
        *_either(
            _BETA,
            beta=lambda new, old: old / new,
        ),
        *_either(
            _BETA,
            turn=lambda r, beta, d: r - beta * d,
        ),
        *_either(
            _BETA,
            beta=lambda new, old: 1.0,
        ),
        *_either(
            _BETA,
            beta=lambda new, old: np.sqrt(new / old),
        ),
        *_either(
            _ONE_STEP,
            alpha=lambda rr, d, q, r: rr / (d @ d),
        ),
        *_either(
            _ONE_STEP,
            alpha=lambda rr, d, q, r: rr / (q @ q),
        ),
        *_either(
            _ONE_STEP,
            refresh=lambda r, a, q: r + a * q,
        ),
        *_either(
            _ONE_STEP,
            refresh=lambda r, a, q: r,
        ),
        *_either(
            "Your residual moves by Hd, and p by α d: compare it with -g - Hp after one step.",
            refresh=lambda r, a, q: r - q,
        ),
        Mistake(
            _cg(done=lambda rr, first, tol: rr <= tol),
            "You stop when the square of the residual falls below tol: with tol = 1e-10 that leaves a residual of "
            "1e-5.",
        ),
        Mistake(
            _cg(done=lambda rr, first, tol: False, limit=lambda n: n),
            "You always take n steps. With H = 2I the residual is 0 after the first one, and the second divides 0 by "
            "0. When has the iteration arrived?",
        ),
        Mistake(
            _cg(done=lambda rr, first, tol: np.sqrt(rr) <= 1e-10),
            "tol is not looked at: with tol = 0.01 your iteration goes on to ten digits. In Newton's method, far from "
            "the minimum, two digits are plenty.",
        ),
        Mistake(
            _cg(limit=lambda n: n - 1),
            "One step too few: with n unknowns n of them may be needed.",
        ),
        Mistake(
            _cg(answer=lambda p, r, d: r),
            _ZERO,
        ),
        Mistake(
            _cg(answer=lambda p, r, d: d),
            _ZERO,
        ),
        Mistake(
            lambda hvp, g, tol=1e-10: -g,
            "That is the direction of gradient descent. Newton's knows the curvature: Hp = -g.",
        ),
        Mistake(
            lambda hvp, g, tol=1e-10: -hvp(g),
            "You multiply by H. In Hp = -g the direction is what H is multiplied with: where f is strongly curved, "
            "the step is short.",
        ),
        Mistake(
            lambda hvp, g, tol=1e-10: -g / hvp(np.ones(len(g))),
            "You divide by the sums of the rows of H: that solves the system where H is diagonal, and nowhere else.",
        ),
        Mistake(
            _descent(0.2),
            "You go down with a fixed step, hundreds of products: that is gradient descent on the quadratic model. "
            "Conjugate gradients choose step and direction so that each of n steps is final.",
        ),
    ],
)
