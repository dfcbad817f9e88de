"""The derivative to 50 digits, or the reason why there is none.

Two independent ways, both with constants and inputs exactly as the computer holds them. The *formula*: SymPy
differentiates what the program computes. *Long arithmetic*: the program itself runs on numbers of 400 digits, where a
difference quotient with h = 1e-60 is right to more than 50; branches and loops are no obstacle there. Its quotients
from the left and from the right also tell a kink or a jump from a slope.
"""

from math import comb, log10
from typing import NamedTuple

import numpy as np
import sympy as sp

from adcourse.core.errors import ADError
from adcourse.methods.symbol import Symbol, Tracing, objects
from adcourse.methods.symbolic import evaluate

DIGITS = 50


class Reference(NamedTuple):
    """``values``: one 50-digit number per input, or None; ``how`` they were found, or why there are none;
    ``value``: f(x) in long arithmetic, or None."""

    values: list | None
    how: str
    value: sp.Expr | None = None


class NoSlope(Exception):
    """f has no derivative at the point, and the message says why."""


def reference(f, x, formula=None, order=1):
    """The derivative of f at x, a float or 1-D array, to 50 digits; ``order`` is 1 for an array.

    ``formula``: the letters and the (partial) derivatives that tracing f gave, ``(letters, partials)``, or None.
    """
    point = [sp.Rational(float(t)) for t in np.atleast_1d(x)]
    program = LongProgram(f, point, order, scalar=np.ndim(x) == 0)
    generic = [1 + sp.Rational(i * 61803398875 % 10**11, 10**11) for i in range(len(point))]  # meets every kink
    values = None
    if formula is not None:
        letters, partials = formula
        values = [evaluate(d, dict(zip(letters, point, strict=True)), DIGITS) for d in partials]
        values = values if all(v.is_finite for v in values) else None
    try:
        slope = program.slope(generic)
        if values is not None and _close(sum(v * d**order for v, d in zip(values, generic, strict=True)), slope):
            how = f"the formula, evaluated to {DIGITS} digits and checked by differences in long arithmetic"
        else:
            values = [program.slope([int(i == k) for i in range(len(point))]) for k in range(len(point))]
            how = f"differences from both sides in {program.digits}-digit arithmetic" + (
                "" if formula is None else ", because here the formula of the program says something else"
            )
        return Reference([sp.Float(v, DIGITS) for v in values], how, program.here)
    except NoSlope as none:
        return Reference(None, f"none: {none}", program.here)
    except Exception as error:  # whatever the program can't do with long numbers
        why = error.what if isinstance(error, ADError) else f"{type(error).__name__}: {error}"
        if values is None:
            return Reference(None, f"none: there is no formula, and long arithmetic can't run the program ({why})")
        return Reference(
            values, f"the formula, evaluated to {DIGITS} digits; long arithmetic could not check it ({why})"
        )


class LongProgram:
    """f in long arithmetic, along lines through a point; ``here`` is its value at the point."""

    def __init__(self, f, point, order, scalar):
        self.f, self.point, self.order, self.scalar, self.here = f, point, order, scalar, None
        sizes = [float(abs(p)) for p in point if p] + [1.0]
        self.step = sp.Rational(min(sizes)) / 10**60  # far below the smallest input, and digits enough to see it
        self.digits = 330 + 70 * order + int(log10(max(sizes)) - (1 + order) * log10(min(sizes)))

    def __call__(self, t, direction):
        values = [sp.Float(p + t * d, self.digits) for p, d in zip(self.point, direction, strict=True)]
        level = Tracing(exact=True)
        try:
            y = self.f(Symbol(values[0] if self.scalar else np.array(values, object), level))
            y = objects(y.value)[()] if isinstance(y, Symbol) else level.constant(y)
        except ZeroDivisionError:
            return sp.nan
        finally:
            level.close()
        y = y if y.is_Float or y.is_Rational else y.evalf(self.digits)
        return y if y.is_real and y.is_finite else sp.nan

    def quotient(self, h, direction):
        """The difference quotient of f from the point to one side, through order + 1 equally spaced points."""
        values = [self.here] + [self(i * h, direction) for i in range(1, self.order + 1)]
        if sp.nan in values:
            raise NoSlope("x is on the edge of where f is defined")
        signs = [(-1) ** (self.order - i) * comb(self.order, i) for i in range(self.order + 1)]
        return sum(s * v for s, v in zip(signs, values, strict=True)) / h**self.order

    def slope(self, direction):
        """The derivative of f at the point along a direction, the mean of quotients from both sides; raises NoSlope."""
        if self.here is None:
            self.here = self(0, direction)
        if self.here is sp.nan:
            raise NoSlope("f(x) is not a finite real number")
        pairs = [[self.quotient(side * h, direction) for side in (-1, 1)] for h in (self.step, self.step / 10**10)]
        noise = sp.Float(10) ** -200 * max(1, abs(self.here))
        (left, right), gaps, slopes = pairs[1], [abs(r - l) for l, r in pairs], [(l + r) / 2 for l, r in pairs]
        if gaps[1] > gaps[0] / 2 and gaps[1] > _tiny(left, right) + noise:  # where f is smooth it shrinks with h
            first = self.order == 1
            if gaps[1] > 2 * gaps[0]:
                raise NoSlope("f jumps here, or its slope is infinite" if first else "a derivative jumps here")
            left, right = (f"{float(round(s, DIGITS)):.6g}" for s in (left, right))
            sides = f"{left} on one side and {right} on the other"
            raise NoSlope(f"f has a kink here, slope {sides}" if first else f"the derivative jumps here: {sides}")
        if abs(slopes[1] - slopes[0]) > _tiny(*slopes) + noise:
            if abs(slopes[1]) > abs(slopes[0]) / 10**9:
                raise NoSlope("the slope is infinite here, or the difference quotients do not settle")
            return sp.Float(0)  # it vanishes with h
        return slopes[0]


def _tiny(a, b):
    return (abs(a) + abs(b)) * sp.Float(10) ** -40


def _close(a, b):
    return abs(a - b) <= _tiny(a, b) + sp.Float(10) ** -100
