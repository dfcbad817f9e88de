"""Hyper-dual numbers: first and second derivatives in one run, with no error but rounding.

a + b eps1 + c eps2 + d eps1 eps2, with eps1^2 = eps2^2 = 0 and eps1 eps2 not zero. Then
f(x + eps1 + eps2) = f(x) + f'(x) eps1 + f'(x) eps2 + f''(x) eps1 eps2: no step size, nothing subtracted.

Source: Fike and Alonso, *The development of hyper-dual numbers for exact second-derivative calculations* (AIAA
2011-886).
"""

import numpy as np

from .arguments import as_input
from .box import Box
from .dual import Dual, short
from .errors import InputError
from .kinds import cast, shape_of
from .levels import hand_made, plain

RANK = 0.5  # see levels.hand_made


class HyperDual(Box):
    """The hyper-dual number ``value + e1 * eps1 + e2 * eps2 + e12 * eps1 * eps2``.

    ``value`` is a real number or array; each other part has its shape, or is a number, meant for all entries. What
    NumPy does to a hyper-dual number follows the rules of the core. Started at ``HyperDual(x, 1, 1)``, a function's
    result has f'(x) as ``e1`` and ``e2`` and f''(x) as ``e12``; with ``e1`` in one variable and ``e2`` in another,
    ``e12`` is the mixed partial derivative.
    Raises InputError for parts of other shapes, or that aren't real numbers.

    >>> HyperDual(3.0, 1, 1) ** 2
    HyperDual(9.0, 6.0, 6.0, 2.0)
    >>> x, y = HyperDual(3.0, 1, 0), HyperDual(5.0, 0, 1)
    >>> (x**2 * y).e12
    6.0
    """

    __slots__ = ("e1", "e2", "e12")

    def __init__(self, value, e1=0, e2=0, e12=0):
        value, *rest = (as_input(p, "A part of a HyperDual") for p in (value, e1, e2, e12))
        if any(shape_of(p) not in ((), shape_of(value)) for p in rest):
            raise InputError(
                f"HyperDual was given a value of shape {shape_of(value)}, and e1, e2, e12 of shapes "
                f"{', '.join(str(shape_of(p)) for p in rest)}.",
                "each entry of the value has one number of each kind beside it.",
                "HyperDual(x, u, v) with u and v of the shape of x; or numbers, for all entries: HyperDual(x, 1, 1)",
            )
        alike = [p if shape_of(p) == shape_of(value) else np.zeros_like(plain(value)) + p for p in rest]
        self.value, (self.e1, self.e2, self.e12) = value, (cast(p, value) for p in alike)
        self.level = hand_made(*self.parts, rank=RANK)

    @classmethod
    def at(cls, level, value, e1, e2, e12):
        """The hyper-dual number of a level with these parts."""
        x = object.__new__(cls)
        x.level, x.value, x.e1, x.e2, x.e12 = level, value, e1, e2, e12
        return x

    parts = property(lambda self: (self.value, self.e1, self.e2, self.e12))

    def process(self, rule, operands, static):
        """A dual number of dual numbers: (a + b eps1) + (c + d eps1) eps2, by the pushforward of the rule."""
        level, primals, tangents = self.level, [], []
        for x in operands:
            if mine := type(x) is HyperDual and x.level.tag == level.tag:
                tangents.append(Dual(x.e2, x.e12, level))
            primals.append(Dual(x.value, x.e1, level) if mine else x)
            tangents += [] if mine else [None]
        z = rule.evaluate(primals, static)
        dz = rule.pushforward(z, primals, tangents, static)
        return HyperDual.at(level, z.value, z.tangent, dz.value, dz.tangent)

    def lift(self, value):
        """A constant of this level."""
        return HyperDual.at(self.level, value, *(np.zeros_like(plain(value)) for _ in range(3)))

    def __repr__(self):
        return f"HyperDual({', '.join(map(short, self.parts))})"
