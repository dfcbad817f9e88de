"""Assignment 13, Hamiltonian Monte Carlo: 13.4. Its questions are in ``ps13_chance``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from adcourse.grading.problem import Mistake, Problem
from adcourse.grading.problems.ps13_chance import NEIGHBOURS, hmc_hidden, hmc_visible
from adcourse.grading.problems.ps13_moves import inner


class Together:
    """A known mistake that makes many moves in a few operations: ``move(U, gradU, q, eps, L, rng)`` with a row of q
    for each of them. All of them are asked whenever an answer is wrong, and one by one that would take seconds."""

    def __init__(self, move: Callable):
        self.together = move

    def __call__(self, U, gradU, q, eps, L, rng):
        ends, accepted = self.together(U, gradU, q[None], eps, L, rng)
        return ends[0], bool(accepted[0])


def _leapfrog(gradU, q, p, eps, L):
    p = p - eps / 2 * gradU(q)
    for k in range(L):
        q = q + eps * p
        p = p - (eps if k < L - 1 else eps / 2) * gradU(q)
    return q, p


def _kinetic(p):
    return inner(p, p) / 2


def _hmc(
    momentum=lambda rng, d, eps, L: rng.normal(size=d),
    walk=_leapfrog,
    error=lambda U, q, p, new, end: U(new) + _kinetic(end) - U(q) - _kinetic(p),
    chance=lambda rng: np.log(rng.random()),
    test=lambda u, dH: u < -dH,
    result=lambda q, new, accepted: (np.where(accepted[:, None], new, q), accepted),
):
    """A move with something exchanged; a row of q for each. The random numbers alone are drawn move by move, as in a
    student's answer: if that draws them in the same order, it is recognised move by move."""

    def move(U, gradU, q, eps, L, rng):
        drawn = [(momentum(rng, q.shape[1], eps, L), chance(rng)) for _ in q]
        p, u = (np.array(numbers) for numbers in zip(*drawn, strict=True))
        new, end = walk(gradU, q, p, eps, L)
        return result(q, new, test(u, error(U, q, p, new, end)))

    return Together(move)


def _certain(rng):
    """No random number is drawn."""
    return 0.0


def _euler(gradU, q, p, eps, L):
    for _ in range(L):
        q, p = q + eps * p, p - eps * gradU(q)
    return q, p


def _symplectic_euler(gradU, q, p, eps, L):
    for _ in range(L):
        p = p - eps * gradU(q)
        q = q + eps * p
    return q, p


def _drift_first(gradU, q, p, eps, L):
    for _ in range(L):
        q = q + eps / 2 * p
        p = p - eps * gradU(q)
        q = q + eps / 2 * p
    return q, p


def _no_last_kick(gradU, q, p, eps, L):
    p = p - eps / 2 * gradU(q)
    for k in range(L):
        q = q + eps * p
        p = p - eps * gradU(q) * (k < L - 1)
    return q, p


def _always_half(gradU, q, p, eps, L):
    p = p - eps / 2 * gradU(q)
    for _ in range(L):
        q = q + eps * p
        p = p - eps / 2 * gradU(q)
    return q, p


def _uphill(gradU, q, p, eps, L):
    return _leapfrog(lambda q: -gradU(q), q, p, eps, L)


def _refreshed(gradU, q, p, eps, L):
    """With L momenta a move."""
    for k in range(L):
        q, end = _leapfrog(gradU, q, p[:, k], eps, 1)
    return q, end


def _steps(more):
    return lambda gradU, q, p, eps, L: _leapfrog(gradU, q, p, eps, L + more) if L + more else (q, p)


@cache
def _always_drawn(d):
    return np.random.default_rng(1).normal(size=d)


def _returned(result):
    return lambda *arguments: result(*_hmc()(*arguments))


_ALWAYS = (
    "Every move is accepted, also one that ends at an energy of a thousand. What does your test compare, and can it "
    "ever come out false? Print ΔH for eps = 2.6."
)
_SIGN = (
    "You refuse moves that lose energy, and accept those that gain some: the sign of ΔH. H at the end minus H at the "
    "beginning; with which sign does it stand in the exponent?"
)
_GREEDY = (
    "No chance in your test: a move that gains energy, however little, is never accepted. Then points far up are never "
    "reached, and the draws crowd around the minimum of U. What is min(1, exp(-ΔH)) for a small positive ΔH?"
)
_KINETIC = (
    "There is no kinetic energy in your test, or not as it should be there. H = U(q) + p·p/2, at the beginning and at "
    "the end: print U alone along a path, and then H. Which of them does leapfrog keep?"
)
_MOMENTUM = (
    "The momentum isn't a standard Gaussian, with a number of its own for each coordinate: p·p/2 is its energy, so its "
    "density is exp(-p·p/2). Draw a thousand of them: what are their mean, their variance, and the largest?"
)
_PATH = (
    "Your path isn't that of leapfrog: the energy moves by more than it should, or p at the end belongs to another "
    "time than q. Take a linear potential, U = 2q, where leapfrog makes no error: print H before and after. "
    "(And does it fall, or climb?)"
)
_SCALE = (
    "How probable a move is doesn't fit its energy error: your acceptance falls too slowly, or too fast, with ΔH. How "
    "often should a move of ΔH = 1 be accepted, and how often is it in your code? Is it compared with a number by "
    "chance, and of which distribution?"
)
_STEPS = (
    "Your path has another length than L steps of eps. In a linear potential everybody falls by the same distance, and "
    "you can compute it: print q at the end for L = 1 and L = 2."
)
_FIXED = (
    "Your moves are the same each time, whatever the generator: no draw of rng is in them. If you seed a generator of "
    "your own, call your function twice, and then with another rng."
)

HMC = Problem(
    id="13.4",
    title="One HMC transition",
    points=4,
    signature="hmc_step(U, gradU, q, eps, L, rng)",
    visible=hmc_visible,
    hidden=hmc_hidden,
    hint="The kinetic energy belongs in the test; a rejected move repeats the old point.",
    hints={
        "changed": "q belongs to the caller, and a rejected move has to give it back as it was: print it before and "
        "after. `q += ...` writes into it; `q = q + ...` makes a new array.",
        "flag": "The second thing that comes back says whether the move was accepted: True or False, not with which "
        "probability.",
        "moved": "A rejected move repeats the old point, exactly: which q do you return when accepted is False? (And "
        "if it is the old one: is accepted the wrong way round?)",
        "still": "You say that a move was accepted, and q is the old one: which q do you return then? (And if a "
        "rejected move gives the new one: is accepted the wrong way round?)",
        "unrepeatable": "Your draws don't all come from the rng that is passed in, so that nobody can repeat a run. "
        "rng has methods for everything that np.random has.",
        "the share of moves that differ from the one before, which is 1,": _FIXED,
        f"{NEIGHBOURS}: 1": _MOMENTUM,
        "infinite": "Somewhere a number that is not finite came back. A path that leaves everything has to be refused: "
        "is a comparison with nan true or false?",
    },
    mistakes=[
        Mistake(_hmc(chance=_certain, test=lambda u, dH: np.full(dH.shape, True)), _ALWAYS),
        Mistake(_hmc(test=lambda u, dH: np.full(dH.shape, True)), _ALWAYS),
        Mistake(_hmc(test=lambda u, dH: u < dH), _SIGN),
        Mistake(_hmc(chance=_certain, test=lambda u, dH: dH < -1e-9), _GREEDY),
        Mistake(_hmc(chance=_certain, test=lambda u, dH: dH < 1e-9), _GREEDY),
        Mistake(_hmc(error=lambda U, q, p, new, end: U(new) - U(q)), _KINETIC),
        Mistake(_hmc(error=lambda U, q, p, new, end: _kinetic(end) - _kinetic(p)), _KINETIC),
        Mistake(_hmc(error=lambda U, q, p, new, end: U(new) - U(q) + 2 * _kinetic(end) - 2 * _kinetic(p)), _KINETIC),
        Mistake(_hmc(error=lambda U, q, p, new, end: U(new) - U(q) - _kinetic(end) + _kinetic(p)), _KINETIC),
        Mistake(_hmc(error=lambda U, q, p, new, end: U(new) - U(q) - _kinetic(p)), _KINETIC),
        Mistake(
            _hmc(error=lambda U, q, p, new, end: U(new) + _kinetic(end)),
            "You test the energy at the end alone. "
            "Metropolis's test compares it with that at the beginning, of the same move.",
        ),
        Mistake(
            _hmc(test=lambda u, dH: np.exp(u) < 1 / (1 + np.exp(np.minimum(dH, 500)))),
            "Half of the moves without any energy "
            "error are refused. min(1, exp(-ΔH)) is 1 there; 1/(1 + exp(ΔH)) keeps the density too, and wastes every "
            "second move.",
        ),
        Mistake(_hmc(test=lambda u, dH: 2 * u < -dH), _SCALE),
        Mistake(_hmc(test=lambda u, dH: u < -2 * dH), _SCALE),
        Mistake(_hmc(chance=lambda rng: rng.normal(), test=lambda u, dH: u < np.exp(np.minimum(-dH, 500))), _SCALE),
        Mistake(_hmc(chance=_certain, test=lambda u, dH: dH < 0.7), _SCALE),
        Mistake(_hmc(momentum=lambda rng, d, eps, L: rng.uniform(-1, 1, size=d)), _MOMENTUM),
        Mistake(_hmc(momentum=lambda rng, d, eps, L: rng.normal() * np.ones(d)), _MOMENTUM),
        Mistake(_hmc(momentum=lambda rng, d, eps, L: eps * rng.normal(size=d)), _MOMENTUM),
        Mistake(_hmc(momentum=lambda rng, d, eps, L: abs(rng.normal(size=d))), _MOMENTUM),
        Mistake(_hmc(momentum=lambda rng, d, eps, L: 2 * rng.normal(size=d)), _MOMENTUM),
        Mistake(_hmc(momentum=lambda rng, d, eps, L: np.zeros(d)), _MOMENTUM),
        Mistake(_hmc(walk=_euler), _PATH),
        Mistake(_hmc(walk=_symplectic_euler), _PATH),
        Mistake(
            _hmc(walk=_drift_first),
            "Your path begins with half a drift. That samples rightly, too; asked for are "
            "L steps of 13.3's leapfrog, which begins with half a kick and makes another energy error.",
        ),
        Mistake(_hmc(walk=_no_last_kick), _PATH),
        Mistake(_hmc(walk=_always_half), _PATH),
        Mistake(_hmc(walk=_uphill), _PATH),
        Mistake(
            _hmc(
                momentum=lambda rng, d, eps, L: rng.normal(size=(L, d)),
                walk=_refreshed,
                error=lambda U, q, p, new, end: U(new) + _kinetic(end) - U(q) - _kinetic(p[:, 0]),
            ),
            "You draw a new momentum in each of the L steps: that is L short moves, of which "
            "only the last one's energy is tested. One momentum, at the beginning, carries the whole path.",
        ),
        Mistake(_hmc(walk=_steps(1)), _STEPS),
        Mistake(_hmc(walk=_steps(-1)), _STEPS),
        Mistake(_hmc(walk=lambda gradU, q, p, eps, L: _leapfrog(gradU, q, p, eps, 1)), _STEPS),
        Mistake(
            _hmc(result=lambda q, new, accepted: (new, accepted)),
            "A rejected move gives you the new point all the "
            "same: where does the flag have an effect on what is returned?",
        ),
        Mistake(
            _hmc(result=lambda q, new, accepted: (1 * q, accepted)),
            "The old q comes back, also when the move was accepted: where has the end of the path gone?",
        ),
        Mistake(
            _hmc(result=lambda q, new, accepted: (np.where(accepted[:, None], new, q), ~accepted)),
            "Your flag says the opposite: it is True when the move was accepted.",
        ),
        Mistake(
            _returned(lambda q, accepted: q),
            "Two things come back: q, and whether the move was accepted.",
        ),
        Mistake(
            _returned(lambda q, accepted: (accepted, q)),
            "Your two answers have changed places: q comes first.",
        ),
        Mistake(
            _hmc(
                momentum=lambda rng, d, eps, L: _always_drawn(d),
                chance=lambda rng: -0.7,
            ),
            _FIXED,
        ),
    ],
)
