"""Assignment 9, the trace by chance: 9.5. Its questions are in ``ps09_estimates``."""

from __future__ import annotations

import numpy as np

from adcourse.grading.problem import Mistake, Problem
from adcourse.grading.problems.ps09_estimates import trace_hidden, trace_visible


def _hutchinson(probes, average=lambda values, n: sum(values) / len(values), value=lambda z, Hz: z @ Hz, times=1):
    """The estimate with something exchanged."""

    def hutchinson(hvp, n, m, rng):
        return average([value(z, hvp(z)) for z in probes(rng, n, times * m)], n)

    return hutchinson


def _signs(rng, n, m):
    return 2.0 * rng.integers(0, 2, size=(m, n)) - 1


def _one_for_all(rng, n, m):
    return np.repeat(_signs(rng, n, 1), m, axis=0)


def _mirrored(rng, n, m):
    z = _signs(rng, n, (m + 1) // 2)
    return [s * x for x in z for s in (1, -1)][:m]


def _sphere(rng, n, m):
    z = rng.normal(size=(m, n))
    return z * np.sqrt(n) / np.linalg.norm(z, axis=1, keepdims=True)


def _of_its_own(hvp, n, m, rng):
    return _hutchinson(_signs)(hvp, n, m, np.random.default_rng(1))


def _all_the_same_sign(rng, n, m):
    return np.repeat(rng.choice([-1.0, 1.0], size=(m, 1)), n, axis=1)


_ZEROS = (
    "Probes with zeros among their entries: part of the diagonal is missed each time, and 0 and 1 without signs let in "
    "what stands beside it. Print the mean of np.outer(z, z) over many z: which matrix should it be?"
)
_LENGTH = (
    "Your estimate is n times too small: for H = 2I you get 2, whatever n is. Either your probes have length 1, so "
    "that each z² is 1/n, or you take a mean over the diagonal."
)
_ONE_COUNTS = (
    "From three products you get what a single one can give: only one of your probes counts in the end. Print all of "
    "them: do they differ? And does each have its part in the mean?"
)
_SUM_OF_ALL = (
    "All entries of your probe have the same sign: then zᵀHz is the sum of all entries of H, the trace and everything "
    "beside it. What makes the rest cancel, on average? Print your z. (And does it change from call to call?)"
)
_FIXED = (
    "Your estimate is the same each time, whatever the generator: no draw of rng is in it. If you seed a generator of "
    "your own, call your function twice, and then with another rng."
)

HUTCHINSON = Problem(
    id="9.5",
    title="Hutchinson trace (PyHessian)",
    points=3,
    signature="hutchinson(hvp, n, m, rng)",
    visible=trace_visible,
    hidden=trace_hidden,
    hint="E[z z^T] must be the identity and z_i^2 = 1.",
    hints={
        "calls": "Your function takes more products than m.",
        "price": "Your estimate is a good one. Count your products H v, though: m of them are asked for, one for each "
        "probe.",
        "constant": _FIXED,
        "unrepeatable": "Your draws don't come from the rng that is passed in, so that nobody can repeat a run. rng "
        "has methods for everything that np.random has.",
    },
    mistakes=[
        Mistake(
            _hutchinson(lambda rng, n, m: rng.normal(size=(m, n))),
            "Gaussian probes: their mean is right, but on a diagonal H each estimate is off by chance, and for ±1 "
            "probes none is. Compute zᵀHz for H = diag(a, b) on paper: what must the squares of z be?",
        ),
        Mistake(
            _hutchinson(lambda rng, n, m: rng.integers(0, 2, size=(m, n))),
            _ZEROS,
        ),
        Mistake(
            _hutchinson(lambda rng, n, m: rng.uniform(-1, 1, size=(m, n))),
            "Probes between -1 and 1: print the mean of z² over many draws. The diagonal is weighted with it.",
        ),
        Mistake(
            _hutchinson(lambda rng, n, m: rng.choice([-1.0, 0.0, 1.0], size=(m, n))),
            _ZEROS,
        ),
        Mistake(
            _hutchinson(_sphere),
            "Probes from a sphere: on 2I they are exact, on diag(1, 3) not. One entry of z² may be large where the "
            "other is small; what must each of them be, for the diagonal to come out without chance?",
        ),
        Mistake(
            _hutchinson(lambda rng, n, m: np.sqrt(n) * np.eye(n)[rng.integers(0, n, size=m)]),
            "Probes along one axis at a time: on 2I they are exact, on diag(1, 3) each sees one entry and guesses the "
            "others from it.",
        ),
        Mistake(
            lambda hvp, n, m, rng: sum(hvp(e) @ e for e in np.eye(n)),
            "That is the exact trace, from n products. A network has a million weights, and m is a hundred: the "
            "estimate is to come from m products.",
        ),
        Mistake(
            _hutchinson(lambda rng, n, m: _signs(rng, n, m) / np.sqrt(n)),
            _LENGTH,
        ),
        Mistake(
            _hutchinson(_signs, average=lambda values, n: sum(values)),
            "The sum of m products. An estimate doesn't grow with m: from more products it becomes better, not larger.",
        ),
        Mistake(
            _hutchinson(_signs, average=lambda values, n: sum(values) / len(values) / n),
            _LENGTH,
        ),
        Mistake(
            _hutchinson(_signs, average=lambda values, n: sum(values) / n),
            "You divide by n, the number of unknowns. The mean is over m products.",
        ),
        Mistake(
            _hutchinson(_signs, average=lambda values, n: sum(values) / (max(len(values) - 1, 1))),
            "You divide by m - 1: that is for a variance, where the mean was estimated from the same draws. This is "
            "a mean of m numbers.",
        ),
        Mistake(
            _hutchinson(_signs, average=lambda values, n: np.median(values)),
            _ONE_COUNTS,
        ),
        Mistake(
            _hutchinson(_signs, average=lambda values, n: values[-1]),
            _ONE_COUNTS,
        ),
        Mistake(
            _hutchinson(_one_for_all),
            _ONE_COUNTS,
        ),
        Mistake(
            _hutchinson(_mirrored),
            "Every second probe is the one before with the opposite sign, and zᵀHz doesn't see a sign: half of the "
            "products bring nothing new.",
        ),
        Mistake(
            _hutchinson(_all_the_same_sign),
            _SUM_OF_ALL,
        ),
        Mistake(
            _hutchinson(lambda rng, n, m: np.ones((m, n))),
            _SUM_OF_ALL,
        ),
        Mistake(
            _hutchinson(_signs, value=lambda z, Hz: sum(Hz)),
            "You add up the entries of Hz. On a diagonal H that is a sum with random signs: which product turns "
            "every sign back?",
        ),
        Mistake(
            _hutchinson(_signs, value=lambda z, Hz: Hz @ Hz),
            "The mean of |Hz|² is the sum of the squares of all entries of H. That of zᵀHz is the trace.",
        ),
        Mistake(
            _hutchinson(_signs, value=lambda z, Hz: abs(z @ Hz)),
            "You take absolute values: a trace may be negative, and so may zᵀHz.",
        ),
        Mistake(
            _hutchinson(_signs, value=lambda z, Hz: z * Hz),
            "A vector came back, z times Hz entry by entry: an estimate of the diagonal. The trace is one number.",
        ),
        Mistake(
            _hutchinson(_signs, times=2),
            "Your estimate is a good one, from 2m products. Asked for is one from m.",
        ),
        Mistake(
            _of_its_own,
            _FIXED,
        ),
    ],
)
