"""Assignment 10, the fewest steps that are run again: 10.2.

The oracle tries all places for the next state to save: dynamic programming, in integers, and so are the answers: exact.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from adcourse.grading.judges import Exact
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps10_reach import binomial


@cache
def table(lengths: int, states: int) -> np.ndarray:
    """The least number of advances, for all chains up to ``lengths`` and all numbers of states: with one, each step
    is reached from x0; with more, all places j for the next one are tried."""
    t = np.zeros((states + 1, lengths + 1), dtype=int)
    t[1] = [n * (n - 1) // 2 for n in range(lengths + 1)]
    for s in range(2, states + 1):
        for n in range(2, lengths + 1):
            j = np.arange(1, n)
            t[s, n] = np.min(j + t[s, 1:n] + t[s - 1, n - j])
    return t


def fewest(l: int, s: int) -> int:
    return int(table(40 if l <= 40 else 1000, 10)[min(s, 10), l]) if l <= 1000 and s <= 10 else l - 1


def advances_at(l, s, question) -> Probe:
    return Probe(question, lambda min_advances: min_advances(l, s), Exact(lambda: fewest(l, s)))


def advances_of_all(lengths, states, question) -> Probe:
    def ask(min_advances):
        return [[min_advances(l, s) for l in lengths] for s in states]

    return Probe(question, ask, Exact(lambda: [[fewest(l, s) for l in lengths] for s in states]))


def advances_visible():
    return [
        advances_at(10, 3, "min_advances(10, 3) = 15"),
        advances_at(1, 3, "min_advances(1, 3) = 0: a single step"),
        advances_at(6, 1, "min_advances(6, 1) = 15: from x0 to every step"),
        advances_at(6, 9, "min_advances(6, 9) = 5: room for all states"),
        advances_at(100, 1, "min_advances(100, 1) = 4950"),
        advances_at(100, 3, "min_advances(100, 3) = 490"),
        advances_at(100, 10, "min_advances(100, 10) = 222"),
        advances_of_all(range(1, 13), (2, 3, 4), "l = 1, ..., 12 with s = 2, 3 and 4"),
        advances_at(1000, 3, "min_advances(1000, 3)"),
    ]


def advances_hidden(rng):
    for s in range(1, 7):
        yield advances_of_all(range(1, 41), (s,), f"l = 1, ..., 40 with s = {s}")
    for s in rng.permutation([2, 4, 5, 7])[:2].tolist():
        yield advances_at(1000, s, "l = 1000")
    yield advances_at(int(rng.integers(20, 40)), 50, "more room than states")


def _revolve(terms=lambda r, l, s: r * l - binomial(s + r, r - 1)):
    def min_advances(l, s):
        r = 0
        while binomial(s + r, s) < l:
            r += 1
        return terms(r, l, s)

    return min_advances


def _planned(place, right=1, left=0, base=lambda l: l * (l - 1) // 2, ahead=lambda j: j):
    """Advances of a schedule that saves the next state at ``place(l, s)``."""

    def min_advances(l, s):
        total, todo = 0, [(l, s)]
        while todo:
            l, s = todo.pop()
            if l > 1 and s <= 1:
                total += base(l)
            elif l > 1:
                j = max(1, min(l - 1, place(l, s)))
                total += ahead(j)
                todo += [(j, s - left), (l - j, s - right)]
        return total

    return min_advances


def _evenly(l, s):
    """s pieces of nearly the same length; in each, every step is reached from its start."""
    s = min(s, l)
    sizes = [l // s + (k < l % s) for k in range(s)]
    return l - sizes[-1] + sum(n * (n - 1) // 2 for n in sizes)


def _square_root(l, s):
    n = max(1, math.isqrt(l))
    return l - 1 + sum(min(n, l - k) - 1 for k in range(0, l, n))


MIN_ADVANCES = Problem(
    id="10.2",
    title="Minimal recomputation",
    points=4,
    signature="min_advances(l, s)",
    visible=advances_visible,
    hidden=advances_hidden,
    hint="Find the smallest r with C(s+r,s)>=l. Then count: how many steps are advanced over r times, how many less "
    "often? Compare with l = 1, 2, 3 by hand.",
    hints={
        "recursion": "Your function calls itself too deeply for l = 1000. Fill a table from short chains to long ones, "
        "or find the formula.",
        "raised ValueError": "math.comb(n, k) wants k >= 0: there are no ways to choose a negative number. Where does "
        "r - 1 become negative, and how many advances are needed there?",
    },
    mistakes=[
        Mistake(
            lambda l, s: l * (l - 1) // 2,
            "That is the number for one state, x0, from which each step is reached anew. What do s - 1 more save?",
        ),
        Mistake(
            lambda l, s: l - 1,
            "That is the number if every state is kept. There is room for s of them.",
        ),
        Mistake(
            _square_root,
            "You keep a state every √l steps, however much room there is: that is a good rule of thumb, and not the "
            "least for s states.",
        ),
        Mistake(
            _evenly,
            "You keep s states at equal distances and leave them there. When the last piece is reversed its place "
            "is free, and can be used in the piece before.",
        ),
        Mistake(
            _planned(lambda l, s: l // 2),
            "You cut in the middle. To the right of the cut there is one place less than to the left: which part "
            "should be the longer one? Try all cuts for l = 10, s = 3.",
        ),
        Mistake(
            _planned(lambda l, s: l - l // s if s < l else 1),
            "Your cut leaves the s-th part of the chain to the right. Try all cuts for l = 10, s = 3.",
        ),
        Mistake(
            _planned(lambda l, s: l // s if s < l else 1),
            "Your cut leaves the s-th part of the chain to the left. Try all cuts for l = 10, s = 3.",
        ),
        Mistake(
            _revolve(terms=lambda r, l, s: r * l),
            "You let every step be advanced over r times. The last one of the chain never is, and those near the end "
            "less often: what has to be subtracted?",
        ),
        Mistake(
            _revolve(terms=lambda r, l, s: r * l - binomial(s + r, r)),
            "What you subtract is the length that r reaches. With l = 1 your answer is not 0.",
        ),
        Mistake(
            _revolve(terms=lambda r, l, s: r * l - binomial(s + r - 1, r - 1)),
            "What you subtract is too small: work out l = 3, s = 2, and l = 4, s = 1.",
        ),
        Mistake(
            _revolve(terms=lambda r, l, s: r * l - binomial(s + r, r - 1) + l),
            "You count the l reversals, too. Asked for are the steps forward, without them.",
        ),
        Mistake(
            lambda l, s: _revolve()(l, s + 1),
            "You have one place too many: x0 is one of the s states.",
        ),
        Mistake(
            lambda l, s: _revolve()(l, s - 1) if s > 1 else l * (l - 1) // 2,
            "You have one place too few: x0 is one of the s states, and the others are yours.",
        ),
        Mistake(
            lambda l, s: _revolve(terms=lambda r, l, s: r)(l, s),
            "You give r, how often a step is advanced over at most. Asked for is the sum over all steps.",
        ),
        Mistake(
            lambda l, s: _revolve(terms=lambda r, l, s: (r - 1) * l - binomial(s + r - 1, r - 2) if r else 0)(l, s),
            "Your r is one too small: C(s + r, s) must reach l.",
        ),
        Mistake(
            lambda l, s: math.ceil(l * max(0, l - s) / s) + l - 1,
            "Steps and places don't divide so simply: compare with l = 10, s = 3 by hand.",
        ),
    ],
)
