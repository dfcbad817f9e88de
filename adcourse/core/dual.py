"""Forward mode: dual numbers.

A dual number a + b eps, with eps^2 = 0, carries a value and its tangent. f(a + b eps) = f(a) + f'(a) b eps, so running
a program on dual numbers differentiates it, one input direction a run (Clifford 1873; Wengert 1964).
"""

import numpy as np

from .arguments import as_input
from .box import Box
from .errors import InputError
from .kinds import shape_of
from .levels import hand_made, plain
from .shortcuts import shorten_dual

RANK = 0.75  # see levels.hand_made


class Dual(Box):
    """The dual number ``value + tangent * eps``, with eps**2 = 0.

    ``value`` and ``tangent`` are numbers or arrays of the same shape. Everything NumPy does to a dual number follows
    the rules in ``adcourse.core.rules``. Raises InputError for parts of two shapes, or that aren't real numbers.

    >>> x = Dual(3.0, 1.0)
    >>> x * x
    Dual(9.0, 6.0)
    >>> 1 / (x - 2)
    Dual(1.0, -1.0)
    """

    __slots__ = ("tangent",)

    def __init__(self, value, tangent, level=None):
        if level is None:  # made by hand
            value, tangent = as_input(value, "The value of a Dual"), as_input(tangent, "The tangent of a Dual")
            if shape_of(value) != shape_of(tangent):
                raise InputError(
                    f"Dual was given a value of shape {shape_of(value)} and a tangent of shape {shape_of(tangent)}.",
                    "each number of the value has a tangent of its own.",
                    "Dual(x, v) with v of the shape of x; Dual(x, np.ones_like(x)) where all move alike",
                )
            level = hand_made(value, tangent, rank=RANK)
        self.value, self.tangent, self.level = value, tangent, level

    parts = property(lambda self: (self.value, self.tangent))

    def process(self, rule, operands, static):
        """Value by the function, tangent by its pushforward: dz = sum_k (dz/dx_k) dx_k."""
        level, primals, tangents = self.level, [], []
        for x in operands:
            if type(x) is Dual and (x.level is level or x.level.tag == level.tag):
                primals.append(x.value)
                tangents.append(x.tangent)
            else:
                primals.append(x)
                tangents.append(None)
        z = rule.evaluate(primals, static)
        return Dual(z, rule.pushforward(z, primals, tangents, static), level)

    def lift(self, value):
        """A constant of this level: its tangent is zero."""
        return Dual(value, np.zeros_like(plain(value)), self.level)

    def __repr__(self):
        return f"Dual({short(self.value)}, {short(self.tangent)})"


shorten_dual(Dual)


def short(x):
    """A part of a number, for its repr."""
    return repr(x if isinstance(x, Box) or shape_of(x) else float(x))
