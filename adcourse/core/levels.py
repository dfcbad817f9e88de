"""Levels: who differentiates what, when derivatives are nested.

Every call of a transform opens a level with the next number. A traced value belongs to one level. When an operation
meets values of several levels, the highest is active and all else is constant to it; computing the plain value then
wakes the next level down. So d/dx (x * d/dy (x + y)) is 1, not 2: the inner level sees x as a constant.
Tagging by number, not by depth or type: Siskind and Pearlmutter, *Perturbation Confusion and Referential
Transparency* (2005); Manzyuk et al. (2019).
"""

import itertools
import sys

import numpy as np

from .errors import InputError, escaped

_numbers = itertools.count(1)
_joined = []  # what has joined the table because the program uses it


class Level:
    """One call of a transform. Closed when the transform returns; its traced values may not be used after that.

    ``lean``: open, and nobody wants to look at each operation, so the short way (shortcuts.py) may be taken.
    """

    def __init__(self, lean=True):
        self.number, self.open, self.lean = next(_numbers), True, lean
        if "scipy.special" in sys.modules and not _joined:
            _joined.append("scipy.special")
            from ..functions import special  # noqa: F401  (its rules join the table)

    def close(self):
        self.open = self.lean = False


class Traced:
    """A value that travels through user code in place of a number, for one level."""

    __slots__ = ("level", "value")
    pair = False  # whether it is of two parts, and above all modes: see complex.py

    def process(self, rule, operands, static):
        """Compute ``rule`` for this level: its value and what this mode carries beside it."""
        raise TypeError(f"{type(self).__name__} doesn't say how to process a rule")

    def lift(self, value):
        """A constant as a value of this level, so that it can be written to."""
        return value

    def decide(self, rule, args, kwargs):
        """Answer a question that has no derivative (``x > 0``, ``argmax``): on plain values."""
        return rule.compute(*_bare(args), **{k: _bare(v) for k, v in kwargs.items()})


def _bare(x):
    return type(x)(map(_bare, x)) if type(x) in (tuple, list) else plain(x)


def plain(x):
    """The plain number or array inside a traced value, below all levels."""
    while isinstance(x, Traced):
        if not x.level.open:
            raise escaped(x)
        x = x.value
    return x


def highest(operands):
    """The traced operand of the highest level, or None."""
    top = None
    for x in operands:
        if isinstance(x, Traced) and (top is None or x.level.number > top.level.number):
            top = x
    return top


_NO_STATIC = {}
_NUMBERS = {float, int, bool, np.float64}


def apply(rule, operands, static=_NO_STATIC):
    """Compute ``rule`` on operands of any levels. Every operation on a traced value passes through here."""
    top = None
    for x in operands:
        if isinstance(x, Traced):
            if top is None or x.level.number > top.level.number:
                top = x
        elif type(x) not in _NUMBERS and not _is_real_array(x):
            return apply(rule, tuple(_operand(x, rule) for x in operands), static)
    if top is None:
        return rule.evaluate(operands, static)
    if not top.level.open:
        raise escaped(top)
    return top.process(rule, operands, static)


def _is_real_array(x):
    return getattr(getattr(x, "dtype", None), "kind", "O") in "fiub"


def _operand(x, rule):
    """An operand as a value that rules understand: lists become arrays, arrays of traced values one traced array."""
    if isinstance(x, (list, tuple)):
        x = np.array(x)
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    if kind == "O":
        return pack(x)
    if kind == "c" or isinstance(x, complex):
        from ..functions.complex import Complex

        return Complex(np.real(x), np.imag(x))
    if not isinstance(x, (Traced, int, float)) and kind not in tuple("fiub"):
        raise InputError(
            f"{rule.name} met {x!r} of type {type(x).__name__} beside a traced value.",
            "an operand must be a number, an array of numbers, or a traced value.",
            "a float or a NumPy array of floats there",
        )
    return x


def pack(x):
    """An object array of numbers and traced values, as ``np.array([x[0], x[1]**2])`` makes, as one traced array."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        if not x.size:
            return x.astype(float)
        return np.reshape(np.concatenate([np.reshape(e, (1,)) for e in x.flat]), x.shape)
    return x
