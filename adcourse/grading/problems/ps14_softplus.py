"""Assignment 14, a formula that is right and a program that is not: 14.4.

The oracle is decimal arithmetic, with as many digits as it takes: at x = -700 the logarithm is of 1 + 1e-304.
Tolerance: 1e-12; the worst honest routes, such as exp(-log(1 + exp(-x))) for the slope, lose 1e-13 at |x| = 700. What
is too small for a float is 0 (1e-305 absolutely); no x is asked about whose result is a denormal number. Large x are
whole numbers.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from adcourse.grading.alarms import alarmed
from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem


@cache
def softplus(x: float) -> tuple[float, float]:
    """log(1 + e^x) and its slope, by the formulas as they stand. (Below -800 both are 0 as floats.)"""
    with localcontext(prec=50 + round(min(max(-x, 0), 800) / 2)):
        power = Decimal(x).exp()
        return float((1 + power).ln()), float(power / (1 + power))


def softplus_at(x, question, alarm=False) -> Probe:
    def ask(softplus_and_grad):
        with alarmed() if alarm else nullcontext():
            return parts(softplus_and_grad(x), value=(), derivative=())

    close = lambda k: Close(lambda: softplus(x)[k], rtol=1e-12, atol=1e-305)
    return Probe(question, ask, Parts(value=close(0), derivative=close(1)))


def both_ways(points):
    """First the numbers, then the operations."""
    for alarm in (False, True):
        for x, name in points:
            yield softplus_at(x, name + ", overflow as an error" * alarm, alarm)


def softplus_visible():
    return list(both_ways([(x, f"x = {x:g}") for x in (0.0, 1.5, -2.0, 25.0, -36.0, 800.0, -800.0)]))


def softplus_hidden(rng):
    points = [(float(rng.uniform(-4, 4)), "a small x") for _ in range(2)]
    points += [(float(-rng.uniform(25, 60)), "an x around -40") for _ in range(2)] + [(-40.0, "x = -40")]
    points += [(float(rng.uniform(17, 28)), "an x around 20"), (float(rng.integers(100, 700)), "a large x")]
    points += [(float(-rng.integers(100, 700)), "a large negative x")]
    points += [(x, f"x = {x:g}") for x in (1000.0, -1000.0)]
    points += [(float(sign * rng.integers(10**4, 10**6)), "a huge x") for sign in (1, -1)]
    return both_ways(points)


def _naive(x):
    e = np.exp(np.float64(x))
    return np.log(1 + e), e / (1 + e)


def _log1p(x):
    e = np.exp(np.float64(x))
    return np.log1p(e), e / (1 + e)


def _in_math(x):
    return math.log(1 + math.exp(x)), math.exp(x) / (1 + math.exp(x))


def _minus(x):
    """The usual remedy by half: the value from e^-|x|, with a logarithm that loses the small ones."""
    return max(x, 0.0) + math.log(1 + math.exp(-abs(x))), softplus(x)[1]


def _where(x):
    x = np.float64(x)
    with np.errstate(all="ignore"):
        value = np.where(x > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))
        return float(value), float(np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))))


def _logistic(x):
    with np.errstate(all="ignore"):
        return softplus(x)[0], float(1 / (1 + np.exp(-np.float64(x))))


def _clipped(x):
    c = min(max(x, -50.0), 50.0)
    return softplus(c)


def _threshold(at):
    return lambda x: (x, 1.0) if x > at else softplus(x)


_NAIVE = (
    "The formula as it stands. At x = 1000 print np.exp(x), then each of the numbers that are made of it: the chain "
    "rule multiplies and divides what the program has computed, and has no way to know that inf / inf should be 1. "
    "log(1 + eˣ) has a second form, in which only a number below 0 is exponentiated."
)
_LOST = (
    "For negative x the small number is lost when 1 is added to it: print 1 + math.exp(-40), and its logarithm. NumPy "
    "and math have a function for the logarithm of 1 plus something small."
)
_DIFFERENCE = (
    "Your slope is the difference of two numbers close to 1, or 1 plus one close to -1, as with tanh. At x = -40 all "
    "of its digits are lost: print both numbers there. The slope can be written as a quotient without a difference."
)

SOFTPLUS = Problem(
    id="14.4",
    title="AD is faithful, also to a bad formula",
    points=3,
    signature="softplus_and_grad(x)",
    visible=softplus_visible,
    hidden=softplus_hidden,
    hint="Never exponentiate a positive number.",
    hints={
        "raised FloatingPointError": "Something overflows on the way, perhaps in a branch whose result is thrown away, "
        "or in a number whose reciprocal is 0 in the end. Print the argument of every exp at x = 1000 and at -1000: "
        "are there positive ones?",
        "raised OverflowError": "math.exp refuses arguments above 709. Print the argument of every exp at x = 1000 and "
        "at x = -1000: are there positive ones?",
    },
    mistakes=[
        Mistake(_naive, _NAIVE),
        Mistake(_in_math, _NAIVE),
        Mistake(_log1p, "log1p mends the small x. At x = 1000 it is too late: what does it get? Print np.exp(x)."),
        Mistake(_minus, _LOST),
        Mistake(lambda x: (max(x, 0.0) + math.log(1 + math.exp(-abs(x))), 1 - softplus(-x)[1]), _LOST),
        Mistake(
            lambda x: (softplus(x)[0], 1 - softplus(-x)[1]),
            _DIFFERENCE,
        ),
        Mistake(
            lambda x: (softplus(x)[0], 0.5 * (1 + math.tanh(x / 2))),
            _DIFFERENCE,
        ),
        Mistake(
            _where,
            "The numbers are right, and at x = ±1000 one of your exponentials overflows all the same: np.where "
            "computes both of its branches. The lesson of 14.1: which argument of exp is harmless in both of them?",
        ),
        Mistake(
            _logistic,
            "Your slope is 1 / (1 + exp(-x)): right, but for x = -1000 the way leads through an overflow. Print "
            "np.exp(1000.0). Which of the two forms of the quotient suits a negative x?",
        ),
        Mistake(
            _clipped, "x was clipped: at x = 1000 print what you return. log(1 + eˣ) goes on growing, and so does x."
        ),
        Mistake(
            lambda x: (x + math.log1p(math.exp(-min(max(x, -50.0), 50.0))), softplus(x)[1]),
            "Something was clipped inside: at x = -1000 print what you return, and what the sizes of its terms are.",
        ),
        Mistake(
            _threshold(20.0),
            "From some x on you return x itself (some libraries do, from 20 on). At x = 21 the part that is left out "
            "is exp(-21): in which digit of 21 does it show? In which digit of the slope?",
        ),
        Mistake(
            lambda x: (x, 1.0) if x > 30 else (0.0, 0.0) if x < -30 else softplus(x),
            "Below some x you return 0. At x = -40 the result is 4e-18: small, but not 0, and asked for with all its "
            "digits.",
        ),
        Mistake(
            lambda x: (max(x, 0.0), float(x > 0)),
            "That is relu, which softplus is a smooth version of. At x = 0 softplus is log 2.",
        ),
        Mistake(
            lambda x: (softplus(x)[0], softplus(-x)[1]),
            "Your slope belongs to -x. Does log(1 + eˣ) become steeper or flatter to the right?",
        ),
        Mistake(
            lambda x: (softplus(x)[0], softplus(x)[1] * softplus(-x)[1]),
            "That is the slope of the slope. The value's own slope comes one derivative earlier: compare a quotient of "
            "your values at x = 1.5 and 1.6.",
        ),
        Mistake(
            lambda x: (softplus(-x)[0], softplus(x)[1]),
            "Your value belongs to -x: is log(1 + eˣ) large or small for x = 25?",
        ),
        Mistake(lambda x: softplus(x)[::-1], "Your two numbers are exchanged: the value comes first."),
    ],
)
