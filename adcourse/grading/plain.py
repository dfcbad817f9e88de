"""Answers cross the boundary between student and judge as plain numbers.

Whatever a student's code returns (a tuple, a list, a NumPy array or scalar, a fraction, an iterator) is read once
and becomes Python floats in a known shape. After that no object of the student's takes part in the judgement, so
one that claims to equal everything has nothing to claim.
"""

from __future__ import annotations

import math
from itertools import islice
from typing import NamedTuple

import numpy as np

LIMIT = 50_000  # no question asks for nearly as many numbers


class Plain(NamedTuple):
    """``numbers`` are floats (complex where an imaginary part is left) in row-major order of ``shape``."""

    shape: tuple[int, ...]
    numbers: tuple[float | complex, ...]


class NotPlain(Exception):
    """The answer can't be read as numbers; the message says what it is instead."""


def plain(answer: object) -> Plain:
    """Read ``answer`` as plain numbers.

    >>> plain((1, np.float32(2.5)))
    Plain(shape=(2,), numbers=(1.0, 2.5))
    >>> plain(None)
    Traceback (most recent call last):
    adcourse.grading.plain.NotPlain: None came back: is a `return` missing?
    """
    try:
        return _read(answer, 0)
    except NotPlain:
        raise
    except Exception as error:  # an answer's own __array__, __float__ or __iter__ may fail in any way
        raise NotPlain(f"{describe(answer)} came back, and reading it raised {type(error).__name__}") from None


def describe(thing: object) -> str:
    """What a thing is, in a few words that its own methods have no part in."""
    name = type(thing).__name__[:40]
    return f"an object of type {name}" if not isinstance(thing, type) else f"the class {thing.__name__[:40]}"


def _read(value, depth) -> Plain:
    kind = type(value)
    if value is None:
        raise NotPlain("None came back: is a `return` missing?" if depth == 0 else "one of the entries is None")
    if issubclass(kind, (str, bytes, bytearray)):
        raise NotPlain("text came back where a number belongs")
    if issubclass(kind, (dict, set, frozenset)):
        raise NotPlain(f"a {kind.__name__} came back: give the numbers in the order that the exercise names")
    if depth > 8:
        raise NotPlain("the answer is nested too deeply to be read")
    if issubclass(kind, np.ndarray) or (hasattr(kind, "__array__") and not issubclass(kind, np.generic)):
        return _read_array(np.asarray(value), depth)
    if issubclass(kind, np.generic) and value.dtype.kind not in "biufc":
        raise NotPlain("a NumPy value that is not a number came back")
    if issubclass(kind, (complex, np.complexfloating)):
        number = complex(value)
        return Plain((), (number.real if number.imag == 0 else number,))
    if hasattr(kind, "__float__") or hasattr(kind, "__index__"):
        return Plain((), (_float(value),))
    if hasattr(kind, "__iter__"):
        return _read_items(list(islice(value, LIMIT + 1)), depth)
    if callable(value):
        raise NotPlain("a function came back, not its value: are the brackets of a call missing?")
    raise NotPlain(f"{describe(value)} came back where a number belongs")


def _float(value) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond the floats
        return math.inf if value > 0 else -math.inf


def _read_array(array, depth) -> Plain:
    if array.size > LIMIT:
        raise NotPlain(f"an array of {array.size} numbers came back, far more than were asked for")
    if array.dtype.kind in "biuf":
        return Plain(array.shape, tuple(array.astype(float).ravel().tolist()))
    if array.dtype.kind in "cO" and array.ndim:
        return _read_items(list(array), depth)
    if array.dtype.kind in "cO":
        return _read(array.item(), depth + 1)
    raise NotPlain(f"an array of {array.dtype} came back where numbers belong")


def _read_items(items, depth) -> Plain:
    parts, size = [], len(items)
    for item in items:
        if size > LIMIT:
            raise NotPlain("the answer never seems to end")
        parts.append(_read(item, depth + 1))
        size += len(parts[-1].numbers)
    shapes = {part.shape for part in parts}
    if len(shapes) > 1:
        raise NotPlain(f"the entries have different shapes: {' and '.join(map(str, sorted(shapes)))}")
    inner = shapes.pop() if shapes else ()
    return Plain((len(parts), *inner), tuple(number for part in parts for number in part.numbers))
