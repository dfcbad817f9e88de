"""Assignment 11, the derivative of a square root that a loop computes: 11.4.

The oracle runs Heron's steps in integers of 200 binary digits. A right answer is off by a few roundings: 1e-13.
Where the loop has not converged, z² = a has another derivative at z than the loop has, or the exact root.
"""

from __future__ import annotations

import math
from fractions import Fraction

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem

ONE = 1 << 200


def heron(a: float, n: int) -> Fraction:
    """n steps from 1, rounded to 200 digits after the binary point."""
    a, z = int(Fraction(a) * ONE), ONE
    for _ in range(n):
        z = (z + a * ONE // z) // 2
    return Fraction(z, ONE)


def root_of(a, n, question) -> Probe:
    z = heron(a, n)
    judge = Parts(value=Close(float(z), rtol=1e-13), derivative=Close(float(1 / (2 * z)), rtol=1e-13))
    return Probe(question, lambda sqrt_with_rule: parts(sqrt_with_rule(float(a), n), value=(), derivative=()), judge)


def heron_visible():
    return [
        root_of(2, 20, "a = 2, n = 20: the loop has long converged"),
        root_of(2, 3, "a = 2, n = 3: the value is right to 2e-6"),
        root_of(50, 4, "a = 50, n = 4: z is still 0.15 too large"),
        root_of(9, 1, "a = 9, n = 1: z = 5"),
        root_of(0.5, 2, "a = 0.5, n = 2"),
        root_of(5, 0, "a = 5, n = 0: no step, z = 1"),
    ]


def heron_hidden(rng):
    for a in (2, 9, 50):
        for n in (4, 6):
            yield root_of(a, n, f"a = {a}, n = {n}")
    for n in (2, 3, int(rng.integers(4, 7))):
        yield root_of(rng.uniform(12, 80), n, f"another a, n = {n}")
    yield root_of(rng.uniform(0.05, 0.5), 2, "a below 1, n = 2")
    yield root_of(rng.uniform(2, 9), 1, "one step")
    yield root_of(rng.uniform(2, 9), 0, "no step")
    yield root_of(rng.uniform(2, 9), 40, "many steps")


def _loop(a, n, z=1.0):
    for _ in range(n):
        z = (z + a / z) / 2
    return z


def _rule(slope, loop=_loop):
    """Heron's value, and some number for its derivative."""

    def sqrt_with_rule(a, n):
        z = loop(a, n)
        return z, slope(z, a, n)

    return sqrt_with_rule


def _unrolled(a, n):
    z, dz = 1.0, 0.0
    for _ in range(n):
        z, dz = (z + a / z) / 2, (dz + 1 / z - a * dz / z**2) / 2
    return z, dz


_UNROLLED = (
    "You differentiate the loop, step by step or by quotients of its results. Compare at a = 2, n = 3: the value is "
    "off by 2e-6, your derivative by 1e-5; it lags behind. Without any step, at n = 0, it is 0: the loop knows nothing "
    "of a yet. The equation does."
)
_EXACT = (
    "An exact square root stands where the z of the loop belongs. In most problems there is no exact solution to call, "
    "only what the solver found. Look at a = 50, n = 4: which z do you have there?"
)
_BOTH = f"In both numbers: {_EXACT} (Steps until it has converged make an exact root, too.)"
_PRECEDENCE = "In Python 1 / 2 * z is half of z, as 6 / 2 * 3 is 9: print both. What should be below the line?"
_FACTOR = "The factor: let z be 3 and become 3.01. By how much does z² move?"
_STEPS = "Your value: print z after each step. Which one is n = 0, and which n = 1, where z = (1 + a)/2?"
_START = (
    "The loop starts from z = 1, whatever a is: with n = 0 no step is done, and 1 is the value. (From z = a the "
    "first step leads to the same place as from 1. Why?)"
)
_TWO = (
    "Two numbers were asked for, (value, derivative): what the loop found, and how fast the solution of the equation "
    "moves there when a does."
)

HERON = Problem(
    id="11.4",
    title="Do not differentiate the iteration",
    points=3,
    signature="sqrt_with_rule(a, n)",
    visible=heron_visible,
    hidden=heron_hidden,
    hint="Which equation does z satisfy? Differentiate that one, as it stands, and put in the z that you have.",
    mistakes=[
        Mistake(_unrolled, _UNROLLED),
        Mistake(_rule(lambda z, a, n: (_loop(a + 1e-6, n) - _loop(a - 1e-6, n)) / 2e-6), _UNROLLED),
        Mistake(_rule(lambda z, a, n: (_loop(a + 1e-6, n) - z) / 1e-6), _UNROLLED),
        Mistake(_rule(lambda z, a, n: (_loop(a + 1e-5, n) - _loop(a - 1e-5, n)) / 2e-5), _UNROLLED),
        Mistake(_rule(lambda z, a, n: 1 / (2 * math.sqrt(a))), f"In your derivative: {_EXACT}"),
        Mistake(lambda a, n: (math.sqrt(a), 1 / (2 * math.sqrt(a))), _BOTH),
        Mistake(lambda a, n: (math.sqrt(a), 1 / (2 * _loop(a, n))), f"In your value: {_EXACT}"),
        Mistake(
            _rule(lambda z, a, n: 1 / (2 * _loop(a, n - 1)) if n else 0.0),
            "You differentiate the last step alone, with the z before it held fixed. That z is not the one you return; "
            "and with n = 0 there is no step at all.",
        ),
        Mistake(
            _rule(lambda z, a, n: z / (z * z + a)),
            "You differentiate the loop's own equation, that a step leaves z as it is. At its solution that is the "
            "same; where the loop has stopped early it isn't, and z² = a was asked for.",
        ),
        Mistake(
            _rule(lambda z, a, n: z / (2 * a)),
            "You have put a in place of z² once. The two are equal when the loop has converged, and here it may have "
            "stopped early: the derivative of z² = a by z is taken at the z you have.",
        ),
        Mistake(_rule(lambda z, a, n: z / 2), _PRECEDENCE),
        Mistake(
            _rule(lambda z, a, n: 2 * z),
            "That is by how much z² moves when z does: da/dz. Asked for is the opposite. At a = 9, should the root "
            "move faster than a, or slower?",
        ),
        Mistake(
            _rule(lambda z, a, n: -1 / (2 * z)),
            "The sign: when a grows, its root grows. Write z² - a = 0: what is the derivative of the left side by a?",
        ),
        Mistake(_rule(lambda z, a, n: 1 / z), _FACTOR),
        Mistake(_rule(lambda z, a, n: 1 / math.sqrt(a)), f"{_FACTOR} And in your derivative: {_EXACT}"),
        Mistake(
            _rule(lambda z, a, n: 1 / (2 * a)),
            "In your derivative stands a where a root belongs. At a = 9 the root is 3; at 9.06 it is 3.01.",
        ),
        Mistake(
            _rule(lambda z, a, n: 1 / (2 * z * z)),
            "In your derivative stands z² where z belongs. At a = 9 the root is 3; at 9.06 it is 3.01.",
        ),
        Mistake(
            _rule(lambda z, a, n: 0.0),
            "You take z for a constant. When a = 9 becomes 9.06, the root becomes 3.01.",
        ),
        Mistake(
            _rule(lambda z, a, n: (1 - a / z**2) / 2),
            "That is how a step moves when z does: ∂f/∂z of the loop, which vanishes at the solution (that is why the "
            "loop is so fast). Asked for is how the solution moves when a does.",
        ),
        Mistake(
            lambda a, n: (1 / (2 * _loop(a, n)), _loop(a, n)),
            f"Your two numbers have changed places. {_TWO}",
        ),
        Mistake(_loop, _TWO),
        Mistake(lambda a, n: 1 / (2 * _loop(a, n)), _TWO),
        *[Mistake(lambda a, n, more=more: (z := _loop(a, max(0, n + more)), 1 / (2 * z)), _STEPS) for more in (-1, 1)],
        Mistake(lambda a, n: (z := _loop(a, n, a), 1 / (2 * z)), _START),
    ],
)
