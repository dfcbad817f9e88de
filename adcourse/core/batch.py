"""Many at once: a batch travels through a program, or along a tape, as one value.

``vmap`` runs a function on many members in one run; a Jacobian takes one sweep of the tape for every column. The runs,
and the sweeps, differ in nothing but the numbers, so all go along together: a ``Batch`` holds them along a leading axis
that the program doesn't see. Elementwise rules broadcast over it; what any other rule makes of it is said in
``members.py``. A comparison of batches is a batch of answers, as ``np.where`` takes it.
"""

import math

import numpy as np

from ..functions.derived import DERIVED
from .answers import answer
from .box import Box
from .errors import varies
from .kinds import shape_of, stand_in
from .levels import ask, highest
from .members import aligned, how
from .rules import RULES


def _integers(ufunc, swap=False):
    """Python's operators that are for masks and integers, which have no derivative."""
    return lambda self, other: ask(ufunc, other, self) if swap else ask(ufunc, self, other)


class Answers(Box):
    """A value whose answers to questions are of its kind: masks and integers, with Python's operators for them."""

    __slots__ = ()

    __and__, __rand__ = _integers(np.bitwise_and), _integers(np.bitwise_and, swap=True)
    __or__, __ror__ = _integers(np.bitwise_or), _integers(np.bitwise_or, swap=True)
    __xor__, __rxor__ = _integers(np.bitwise_xor), _integers(np.bitwise_xor, swap=True)
    __lshift__, __rshift__ = _integers(np.left_shift), _integers(np.right_shift)
    __invert__ = lambda self: ask(np.invert, self)


class Batch(Answers):
    """Values of one shape, stacked along the first axis of ``value``, which the program doesn't see."""

    __slots__ = ()
    many = True

    def __init__(self, value, level):
        self.value, self.level = value, level

    shape = property(lambda self: shape_of(self.value)[1:])
    size = property(lambda self: math.prod(self.shape))
    example = property(stand_in)

    def process(self, rule, operands, static):
        members = [type(x) is type(self) and x.level.tag == self.level.tag for x in operands]
        values = [x.value if m else x for x, m in zip(operands, members, strict=True)]
        return self.like(how(rule)(rule, values, members, static))

    def like(self, value):
        return Batch(value, self.level)

    def lift(self, value):
        """A constant, the same for all members, that can be written to."""
        return Batch(np.broadcast_to(value, (len(self.value), *shape_of(value))), self.level)

    def decide(self, rule, args, kwargs):
        return answer(rule, args, kwargs)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        """Of plain numbers any ufunc will do, with all its options: no derivative is asked for."""
        known = ufunc in DERIVED or (ufunc in RULES and not kwargs)
        top = highest(inputs)
        if known or out is not None or method != "__call__" or top.pair or not self.many:
            return super().__array_ufunc__(ufunc, method, *inputs, out=out, **kwargs)
        if not top.many:
            return top.__array_ufunc__(ufunc, method, *inputs, **kwargs)
        members = [isinstance(x, Batch) and x.level is top.level for x in inputs]
        values = aligned([x.value if m else x for x, m in zip(inputs, members, strict=True)], members)
        found = ufunc(*values, **kwargs)
        return tuple(Batch(z, top.level) for z in found) if ufunc.nout > 1 else Batch(found, top.level)

    def astype(self, dtype):
        return super().astype(dtype) if np.dtype(dtype).kind == "f" else self.like(self.value.astype(dtype))

    # ------------------------------------------------------------------ where one answer is needed for all
    def settle(self):
        raise varies("index or option")

    def __bool__(self):
        raise varies("a condition (if, while, and, or, not, assert, max, min)")

    def __int__(self):
        raise varies("one integer (int)")

    def __index__(self):
        raise varies("one integer (range, a length, an index into a list)")

    def __hash__(self):
        raise varies("a key of a dict, or in a set")

    def __format__(self, spec):
        return repr(self)
