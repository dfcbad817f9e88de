"""Assignment 10, how far s checkpoints reach: 10.1.

The oracle fills Pascal's triangle, in integers, and so are the answers: exact.
"""

from __future__ import annotations

import math

from adcourse.grading.judges import Exact
from adcourse.grading.plain import real
from adcourse.grading.problem import Mistake, Probe, Problem


def reach(s: int, r: int) -> int:
    """A chain either gets no further state, or is cut where the next one is saved: row by row of Pascal's triangle."""
    row = [1] * (r + 1)  # no room: nothing beyond one step
    for _ in range(s):
        for k in range(1, r + 1):
            row[k] += row[k - 1]
    return row[r]


class Digits(Exact):
    """All digits. Who has the first ones has computed with floats."""

    def __call__(self, answer):
        blamed = super().__call__(answer)
        if blamed and all(abs(real(a) - b) <= 1e-9 * b for a, b in zip(answer.numbers, self.right(), strict=False)):
            return blamed._replace(kind="digits")
        return blamed


def beta_at(s, r, question) -> Probe:
    return Probe(question, lambda beta: beta(s, r), Digits(lambda: reach(s, r)))


def beta_visible():
    return [
        beta_at(3, 2, "beta(3, 2) = 10"),
        beta_at(1, 4, "beta(1, 4) = 5: one state, x0"),
        beta_at(2, 1, "beta(2, 1) = 3"),
        beta_at(4, 0, "beta(4, 0) = 1: nothing is computed again"),
        beta_at(10, 3, "beta(10, 3) = 286"),
        beta_at(5, 7, "beta(5, 7) = 792"),
        beta_at(1000, 8, "beta(1000, 8), to the last of its 20 digits"),
    ]


def beta_hidden(rng):
    for _ in range(5):
        s, r = (int(v) for v in rng.integers(2, 9, size=2))
        yield beta_at(s, r, "another s and r")
    yield beta_at(int(rng.integers(2, 9)), 0, "r = 0")
    yield beta_at(1, int(rng.integers(2, 50)), "a single state")
    yield beta_at(int(rng.integers(1000, 1500)), 8, "a large number of states")
    yield beta_at(8, int(rng.integers(1000, 1500)), "a large number of repetitions")


def binomial(n, k):
    """0 where there is no way to choose."""
    return math.comb(n, k) if k >= 0 else 0


_DIGITS = (
    "Your first digits are right, and the last are not: a float holds 16 of them. Print 2**53 + 1.0. Integers "
    "have as many digits as they need; only / makes floats of them, and // doesn't."
)

BETA = Problem(
    id="10.1",
    title="How far do s checkpoints reach?",
    points=1,
    signature="beta(s, r)",
    visible=beta_visible,
    hidden=beta_hidden,
    hint="binomial(s+r, s)",
    hints={
        "recursion": "beta(s, r) = beta(s - 1, r) + beta(s, r - 1) is right, and as a recursion it is too deep for "
        "Python where s = 1000, and takes for ever where both are 30. Fill a table, or find the binomial in it.",
        "digits": _DIGITS,
        "raised OverflowError": _DIGITS,
    },
    mistakes=[
        Mistake(
            lambda s, r: binomial(s + r, s) - 1,
            "One step too few. With r = 0 nothing is computed again: a chain of one step can be reversed all the same.",
        ),
        Mistake(
            lambda s, r: binomial(s + r, s) + 1, "One step too many. With r = 0, can a chain of two steps be reversed?"
        ),
        Mistake(
            lambda s, r: (r + 1) ** s,
            "A power: that would be right if each part of the chain had as many places as the whole. To the right of a "
            "saved state there is one place less. Work out beta(2, 1) by hand.",
        ),
        Mistake(
            lambda s, r: (s + 1) ** r,
            "A power: that would be right if every part could be run through r times again. What is advanced over to "
            "save the next state has been run through once. Work out beta(2, 2) by hand.",
        ),
        Mistake(lambda s, r: s**r, "A power grows too fast: work out beta(2, 1) and beta(1, 4) by hand."),
        Mistake(lambda s, r: r**s, "A power grows too fast: work out beta(2, 1) and beta(1, 4) by hand."),
        Mistake(
            lambda s, r: s * r, "A product is too small, and with r = 0 it is 0: one step can be reversed with x0."
        ),
        Mistake(
            lambda s, r: s * (r + 1),
            "That is what s states reach if each of them serves a piece of its own, all of the same length. A place "
            "that has become free can be used again, nearer to the start.",
        ),
        Mistake(
            lambda s, r: s + r,
            "That is the upper number of the binomial. How many ways are there to choose?",
        ),
        Mistake(
            lambda s, r: binomial(s + r - 1, s),
            "One repetition too few, or the initial state not counted: with one state, x0 alone, and r = 4, the chain "
            "has 5 steps.",
        ),
        Mistake(
            lambda s, r: binomial(s + r - 1, r),
            "One state too few: x0 is one of the s. With one state and r = 4 the chain has 5 steps.",
        ),
        Mistake(
            lambda s, r: binomial(s + r + 1, s + 1),
            "One state too many: x0 is one of the s. With one state and r = 4 the chain has 5 steps.",
        ),
        Mistake(
            lambda s, r: binomial(s + r + 1, s), "One repetition too many: with r = 0 a single step can be reversed."
        ),
        Mistake(
            lambda s, r: binomial(s * r, s), "s + r, not s times r: with one state and r = 4 the chain has 5 steps."
        ),
        Mistake(
            lambda s, r: binomial(s + r, abs(r - 1)), "The lower number of your binomial is not right: look at r = 0."
        ),
        Mistake(
            lambda s, r: float(math.prod((s + i) / i for i in range(1, r + 1))),
            _DIGITS,
        ),
        Mistake(lambda s, r: float(binomial(s + r, s)), _DIGITS),
        Mistake(lambda s, r: int(float(binomial(s + r, s))), _DIGITS),
        Mistake(lambda s, r: 2 ** (s + r), "You count all choices out of s + r. How many of them take s?"),
        Mistake(lambda s, r: 2**s * (r + 1), "Work out beta(2, 1) and beta(1, 4) by hand, and compare."),
    ],
)
