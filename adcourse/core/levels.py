"""Levels: who differentiates what, when derivatives are nested.

Every call of a transform opens a level with the next number. A traced value belongs to one level. When an operation
meets values of several levels, the highest is active and all else is constant to it; computing the plain value then
wakes the next level down. So d/dx (x * d/dy (x + y)) is 1, not 2: the inner level sees x as a constant.
Tagging by number, not by depth or type: Siskind and Pearlmutter, *Perturbation Confusion and Referential
Transparency* (2005); Manzyuk et al. (2019).
"""

import itertools
import math
import sys
import threading
from functools import lru_cache
from weakref import ref

import numpy as np

from .errors import InputError, escaped, mixed

_numbers = itertools.count(1)


class _Opened(threading.local):
    """The levels that are open in this thread."""

    def __init__(self):
        self.by_tag = {}

    def levels(self):
        return [level for level in (r() for r in self.by_tag.values()) if level is not None]


OPENED = _Opened()
_joined = []  # what has joined the table because the program uses it


class Level:
    """One call of a transform. Closed when the transform returns; its traced values may not be used after that.

    ``lean``: open, and nobody wants to look at each operation, so the short way (shortcuts.py) may be taken.
    ``tag``: what its perturbation is called; one name for each level, but for numbers made by hand (``hand_made``).
    """

    latest = 0  # the number of the newest level
    asked = False  # whether the program has decided something by a value of this level
    shared = False  # whether other levels have the same perturbation
    adopt = None  # who takes its values as inputs of a run of their own meanwhile; see rerun.py

    def __init__(self, lean=True):
        self.number = self.tag = Level.latest = next(_numbers)
        self.open, self.lean = True, lean
        OPENED.by_tag[self.tag] = ref(self)
        if "scipy.special" in sys.modules and not _joined:
            _joined.append("scipy.special")
            from ..functions import special  # noqa: F401  (its rules join the table)

    def close(self):
        self.open = self.lean = False
        OPENED.by_tag.pop(self.tag, None)


class Traced:
    """A value that travels through user code in place of a number, for one level."""

    __slots__ = ("level", "value")
    pair = False  # whether it is of two parts, and above all modes: see complex.py
    many = False  # whether its answers are no plain values: those of a batch, or of a recorded program
    recorded = False  # whether a program is being written down with it; see program/recorder.py
    answers = True  # whether there is an answer to a question such as ``x > 0``
    parts = property(lambda self: (self.value,))  # the values that it is made of

    def process(self, rule, operands, static):
        """Compute ``rule`` for this level: its value and what this mode carries beside it."""
        raise TypeError(f"{type(self).__name__} doesn't say how to process a rule")

    def lift(self, value):
        """A constant as a value of this level, so that it can be written to."""
        return value

    @property
    def example(self):
        """What stands for it where only shape, dtype and device matter."""
        return self.value

    def decide(self, rule, args, kwargs):
        """Answer a question that has no derivative (``x > 0``, ``argmax``): on plain values."""
        return rule.compute(*bare(args), **bare(kwargs))


def bare(x):
    """Plain values in tuples, lists and dicts, to decide something by them."""
    if isinstance(x, dict):
        return {k: bare(v) for k, v in x.items()}
    return type(x)(map(bare, x)) if type(x) in (tuple, list) else asked(x)


def plain(x):
    """The plain number or array inside a traced value, below all levels; of a batch, a batch of plain ones."""
    while isinstance(x, Traced):
        if not x.level.open:
            enter(x)
        if x.many:
            inside = plain(x.value)
            return x if inside is x.value else type(x)(inside, x.level)
        x = x.value
    return x


def asked(x):
    """The same, to decide something by it. What the program does next holds for this value only: its level notes it."""
    y = x
    while isinstance(y, Traced):
        y.level.asked = True
        if not y.answers:
            y.decide(None, (), {})  # raises
        y = y.value
    return plain(x)


def enter(x):
    """A value of a level that isn't open: a checkpointed run takes it as one of its inputs, or it has escaped."""
    if x.level.adopt is None:
        raise escaped(x)
    x.level.adopt(x)


def bottom(x):
    """The array at the bottom of a value: of a batch, all of its numbers, behind the axes of the batch."""
    while isinstance(x, Traced):
        x = x.value
    return x


def ground(x):
    """The same, to decide something by it: what is recorded stays so, and notes what is asked of it."""
    while isinstance(x, Traced) and not x.recorded:
        x = x.value
    return x


def some(condition):
    """Whether it holds anywhere: for any entry, of any member of a batch."""
    return bool(np.any(ground(condition)))


def by_formula(what, *values):
    """Note that recorded values meet a formula of ours where the plain program runs NumPy's or SciPy's: other bits."""
    for x in values:
        if isinstance(x, Traced) and x.recorded:
            x.level.ours = what


def settled(x):
    """An index without what a program has recorded: that holds for these numbers only, and the program notes it."""
    if type(x) in (tuple, list):
        return type(x)(map(settled, x))
    return x.settle() if isinstance(x, Traced) and x.recorded else x


def ask(function, *args, **kwargs):
    """A function without derivative of plain values. (Called itself, a derived one would come back to its formula.)"""
    args, kwargs = bare(args), bare(kwargs)
    top = highest(batches((args, kwargs)))
    return function(*args, **kwargs) if top is None else top.decide(_Question(function), args, kwargs)


class _Question:
    def __init__(self, function):
        self.function = self.compute = function
        self.name = getattr(function, "__name__", "a question")


def batches(x):
    """The batches in tuples, lists and dicts of values."""
    if isinstance(x, (tuple, list)):
        return [b for e in x for b in batches(e)]
    if isinstance(x, dict):
        return batches(list(x.values()))
    return [x] if isinstance(x, Traced) and x.many else []


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
            if isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", None) == "c":
                by_formula("complex numbers", *operands)
            return apply(rule, tuple(_operand(x, rule) for x in operands), static)
    if top is None:
        return rule.evaluate(operands, static)
    if not top.level.open:
        enter(top)
        return apply(rule, operands, static)
    if top.level.shared:
        top = _active(top, operands)
    return top.process(rule, operands, static)


def _is_real_array(x):
    return getattr(getattr(x, "dtype", None), "kind", "O") in "fiub"


def _operand(x, rule):
    """An operand as a value that rules understand: lists become arrays, arrays of traced values one traced array."""
    if isinstance(x, (list, tuple)):
        x = np.array(x)
    x = pack(x)
    kind = getattr(getattr(x, "dtype", None), "kind", None)
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


# ---------------------------------------------------------------------------------------------- numbers made by hand


class HandMade(Level):
    """The level of numbers that a reader makes: ``Dual(3.0, 1.0)``. Never closed; what is inside closes."""

    shared = True

    def __init__(self, number, tag):
        self.number, self.tag, self.open, self.lean = number, tag, True, True


def hand_made(*values, rank):
    """The level of a number that a reader makes of ``values``: above all transforms that run now and all it is made of.

    So it is a constant to a transform that begins later, and takes constants from one that runs: in
    ``grad(lambda x: (Dual(x, 1.0) * x).tangent)`` the dual number sees x as a constant, as an inner transform would.
    All numbers of one class share their perturbation, whenever they were made (so modes compare ``level.tag``); only a
    number that is made of another of its class, ``Dual(Dual(x, 1.0), 1.0)``, has one of its own. ``rank``, between 0
    and 1, orders the classes: where two meet, the higher one is outside.
    """
    inside = list(levels_in(*values))
    top = max([Level.latest, *(level.number for level in inside)])
    depth = max((level.tag[1] + 1 for level in inside if level.shared and level.tag[0] == rank), default=0)
    return _hand_made(top + (math.floor(top) + 1 - top) * rank, (rank, depth))


_hand_made = lru_cache(maxsize=256)(HandMade)


def levels_in(*values):
    """The levels of all traced values that these values are made of, themselves included."""
    for x in values:
        if isinstance(x, Traced):
            yield x.level
            yield from levels_in(*x.parts)


def _active(top, operands):
    """The active operand when ``top``, the highest, was made by hand: to one made of its like it is a constant."""
    tag = top.level.tag
    for x in operands:
        if isinstance(x, Traced) and x.level.tag != tag and tag in {level.tag for level in levels_in(*x.parts)}:
            if any(x.level.tag == level.tag for y in operands if y is not x for level in levels_in(y)):
                raise mixed(top, x)
            return x
    return top
