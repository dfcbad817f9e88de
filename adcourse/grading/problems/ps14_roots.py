"""Assignment 14, a square root that is 0 where there is none: 14.1.

The oracle is decimal arithmetic with fifty digits. Tolerance: 1e-12, for the worst honest route, by exp(log(x) / 2),
loses 1e-13 at 1e-300. Every x is asked about twice: with warnings off, where a nan shows, and with warnings as errors,
where an operation shows whose result is thrown away. The large and the small x are powers of ten: what is added to x,
or taken for 0, differs there by more than all digits.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from decimal import Decimal, localcontext

import numpy as np

from adcourse.grading.alarms import alarmed
from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem


def root(x: float) -> tuple[float, float]:
    """The square root and its slope, for x > 0, else zeros."""
    if x <= 0:
        return 0.0, 0.0
    with localcontext(prec=50):
        value = Decimal(x).sqrt()
        return float(value), float(1 / (2 * value))


def root_at(x, question, alarm=False) -> Probe:
    def ask(safe_sqrt):
        with alarmed() if alarm else nullcontext():
            return parts(safe_sqrt(x), value=(), derivative=())

    value, slope = root(x)
    judge = AtTiny if 0 < x < 1e-100 else Parts
    return Probe(question, ask, judge(value=Close(value, rtol=1e-12), derivative=Close(slope, rtol=1e-12)))


class AtTiny(Parts):
    """Where x is tiny, finds out whether it was taken for 0, or for something larger."""

    def __call__(self, answer):
        blamed = super().__call__(answer)
        if not blamed or any(isinstance(number, complex) for number in answer.numbers):
            return blamed
        if not any(answer.numbers):
            return blamed._replace(kind="cut")
        (value, slope), (right, steep) = answer.numbers, self.right()
        return blamed._replace(kind="added") if value > 1e9 * right or 0 < slope < 1e-9 * steep else blamed


def both_ways(points):
    """First the numbers, then the operations."""
    for alarm in (False, True):
        for x, name in points:
            yield root_at(x, name + ", warnings as errors" * alarm, alarm)


def roots_visible():
    return list(both_ways([(x, f"x = {x:g}") for x in (4.0, 0.0, -2.5, 1e-300)]))


def roots_hidden(rng):
    size = lambda: float(10 ** rng.uniform(-3, 3))
    points = [(size(), "a positive x") for _ in range(3)] + [(-size(), "a negative x") for _ in range(2)]
    points += [(10.0 ** -int(rng.integers(200, 300)), "a tiny x"), (10.0 ** int(rng.integers(200, 300)), "a huge x")]
    points += [(-(10.0 ** -int(rng.integers(200, 300))), "a tiny negative x"), (0.0, "x = 0"), (-0.0, "x = -0.0")]
    return both_ways(points)


def _where(condition, a, b):
    return float(np.where(condition, a, b))


def _made(value, slope):
    """A wrong answer from its two numbers, computed as NumPy does."""
    return lambda x: (value(np.float64(x)), slope(np.float64(x)))


def _right(x):
    return root(float(x))[0]


def _slope(x):
    return root(float(x))[1]


_OUTER = (
    "The numbers are right, but on the way to them something is computed that does not exist, and thrown away. Take "
    "your lines one at a time at x = -1 and at x = 0: which of them warns? Both branches of np.where are computed; "
    "what does the mask have to reach, for nothing invalid to be computed at all?"
)
_PRODUCT = (
    "Your derivative is nan at 0, or where the root itself is: the mask was multiplied with an infinite or undefined "
    "slope. Print 0 * np.inf. A mask that comes after the root comes too late."
)
_SMALL = (
    "Something small was added, to x or to its root, or x was kept away from 0 by it. At x = 4 that hardly shows. At "
    "1e-300, which is a positive number as good as any, print what you add beside what you add it to."
)
_CUT = "You take small numbers for 0. 1e-300 is positive, and its root is 1e-150: where does your condition cut?"

SAFE_SQRT = Problem(
    id="14.1",
    title="The double-where trick",
    points=3,
    signature="safe_sqrt(x)",
    visible=roots_visible,
    hidden=roots_hidden,
    hint="Mask the INPUT of sqrt too: 0*inf is nan.",
    hints={
        "digits": _SMALL,
        "added": _SMALL,
        "cut": _CUT,
        "raised FloatingPointError": _OUTER,
        "raised ValueError": "math.sqrt refuses what has no root. Which number could it get in place of a negative x?",
        "raised ZeroDivisionError": "You divide by the root of 0. Which number could the root be of, where x is 0?",
    },
    mistakes=[
        Mistake(
            _made(
                lambda x: _where(x > 0, np.sqrt(x), 0.0),
                lambda x: _where(x > 0, 1.0, 0.0) * 0.5 / np.sqrt(x),
            ),
            _PRODUCT,
        ),
        Mistake(
            _made(
                lambda x: _where(x > 0, np.sqrt(x), 0.0),
                lambda x: _where(x > 0, 0.5 / np.sqrt(x), 0.0),
            ),
            _OUTER,
        ),
        Mistake(
            _made(
                lambda x: np.sqrt(max(x, 0.0)),
                lambda x: _where(x > 0, 0.5 / np.sqrt(max(x, 0.0)), 0.0),
            ),
            _OUTER,
        ),
        Mistake(_made(lambda x: np.sqrt(x), lambda x: 0.5 / np.sqrt(x)), "There is no mask at all: try x = -1 and 0."),
        Mistake(
            _made(lambda x: np.nan_to_num(np.sqrt(x)), lambda x: np.nan_to_num(0.5 / np.sqrt(x))),
            "np.nan_to_num repairs what has happened already, and of inf it makes 1.8e308. Print it at x = 0.",
        ),
        Mistake(
            _made(
                lambda x: _where(x > 0, math.sqrt(max(x, 0) + 1e-12), 0.0),
                lambda x: _where(x > 0, 0.5 / math.sqrt(max(x, 0) + 1e-12), 0.0),
            ),
            _SMALL,
        ),
        Mistake(_made(lambda x: np.sqrt(x + 1e-12), lambda x: 0.5 / np.sqrt(x + 1e-12)), _SMALL),
        Mistake(
            _made(lambda x: np.sqrt(max(x, 0) + 1e-12), lambda x: 0.5 / np.sqrt(max(x, 0) + 1e-12)),
            _SMALL,
        ),
        Mistake(_made(lambda x: np.sqrt(max(x, 1e-12)), lambda x: 0.5 / np.sqrt(max(x, 1e-12))), _SMALL),
        Mistake(
            _made(
                lambda x: math.sqrt(x) if x > 1e-12 else 0.0,
                lambda x: 0.5 / math.sqrt(x) if x > 1e-12 else 0.0,
            ),
            _CUT,
        ),
        Mistake(
            _made(
                lambda x: math.sqrt(x) if x > 0 else 1.0,
                lambda x: 0.5 / math.sqrt(x) if x > 0 else 0.5,
            ),
            "Where x was replaced, the root of the substitute came back. Print what you return at x = -1: the "
            "substitute only keeps the root out of trouble, and must not be seen in the result.",
        ),
        Mistake(
            _made(_right, lambda x: 0.5 / math.sqrt(x) if x > 0 else 0.5),
            "The value has its second mask, the derivative has not: at x = -1 it is the slope at the substitute. How "
            "fast does your value change there?",
        ),
        Mistake(
            _made(lambda x: math.sqrt(x) if x > 0 else 1.0, _slope),
            "The derivative has its second mask, the value has not: at x = -1 it is the root of the substitute.",
        ),
        Mistake(
            _made(lambda x: math.sqrt(abs(x)), lambda x: 0.5 / math.sqrt(abs(x)) if x else 0.0),
            "That is the root of |x|. At x = -1 both numbers are to be 0.",
        ),
        Mistake(
            _made(_right, lambda x: math.inf if x == 0 else _slope(x)),
            "The slope of the root at 0 is infinite, seen from the right, and yours says so. Asked for is a program "
            "that stops there: what was agreed for x = 0?",
        ),
        Mistake(
            _made(_right, lambda x: 2 * _slope(x)),
            "A factor is missing in your derivative: compare it at x = 4 with the slope of the line from (4, 2) to "
            "(4.41, 2.1).",
        ),
        Mistake(
            _made(_right, lambda x: 0.5 * _right(x)),
            "You multiply by the root where x to the power -1/2 belongs. Is the root steeper at 1 or at 100?",
        ),
        Mistake(_made(_slope, _right), "Your two numbers are exchanged: the value comes first."),
    ],
)
