"""Answers cross the boundary between student and judge as plain numbers.

Whatever a student's code returns (a tuple, a list, a NumPy array or scalar, a fraction, an iterator) is read once
and becomes Python floats in a known shape. After that no object of the student's takes part in the judgement, so
one that claims to equal everything has nothing to claim. An answer of another form (a dict, arrays of several shapes,
a word out of a few) is first taken apart by ``entries``, ``parts`` or ``choice``, in the question that asks for it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

LIMIT = 50_000  # no question asks for nearly as many numbers
EXACT = 2**53  # the integers up to here are floats
BITS = 10_000  # of the largest integer that is read digit by digit


class Plain(NamedTuple):
    """``numbers`` are floats in row-major order of ``shape``; complex where an imaginary part is left, and integers
    where a float would lose digits. ``cost`` is what the meter of the question read, beside the answer."""

    shape: tuple[int, ...]
    numbers: tuple[float | complex | int, ...]
    cost: tuple[int, ...] = ()


class Complaint(NamedTuple):
    """What is wrong with an answer. ``text`` holds nothing of the answer, nor of the right one: it is shown for hidden
    questions too, which an answer could spell out. ``detail`` is shown by the check alone. Two answers whose complaints
    share a ``kind`` are wrong in the same way, whatever their numbers; up to a colon it is the name of its hint."""

    text: str
    detail: str = ""
    kind: str = ""


class NotPlain(Exception):
    """The answer can't be read as numbers; the message says what it is instead."""


def plain(answer: object) -> Plain:
    """Read ``answer`` as plain numbers.

    >>> plain((1, np.float32(2.5)))
    Plain(shape=(2,), numbers=(1.0, 2.5), cost=())
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
        return Plain((), (_real(value),))
    if hasattr(kind, "__iter__"):
        return _read_items(list(islice(value, LIMIT + 1)), depth)
    if callable(value):
        raise NotPlain("a function came back, not its value: are the brackets of a call missing?")
    raise NotPlain(f"{describe(value)} came back where a number belongs")


_SCALARS = {float, int, np.float64}


def _real(value) -> float | int:
    if not hasattr(type(value), "__index__"):
        return float(value)
    integer = int.__pos__(operator.index(value))  # of a subclass of int, the integer itself
    if -EXACT <= integer <= EXACT:
        return float(integer)
    return integer if integer.bit_length() <= BITS else math.copysign(math.inf, integer > 0 or -1)


def _read_array(array, depth) -> Plain:
    if array.size > LIMIT:
        raise NotPlain(f"an array of {array.size} numbers came back, far more than were asked for")
    if array.dtype.kind in "iu" and array.size and not -EXACT <= array.min() <= array.max() <= EXACT:
        return Plain(array.shape, tuple(map(_real, array.ravel().tolist())))
    if array.dtype.kind in "biuf":
        return Plain(array.shape, tuple(array.astype(float).ravel().tolist()))
    if array.dtype.kind in "cO" and array.ndim:
        return _read_items(list(array), depth)
    if array.dtype.kind in "cO":
        return _read(array.item(), depth + 1)
    raise NotPlain(f"an array of {array.dtype} came back where numbers belong")


def _read_items(items, depth) -> Plain:
    parts, size = [], len(items)
    if set(map(type, items)) <= _SCALARS and size <= LIMIT:  # the usual ones, in a tenth of the time
        return Plain((size,), tuple(map(_real, items)))
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


def entries(answer: object, keys: Sequence) -> list:
    """The values of a dict in the order of ``keys``, which are strings, integers, or tuples of them.

    >>> entries({(2, 1): 0.5, (np.int64(1), 1): -1.0}, [(1, 1), (2, 1)])
    [-1.0, 0.5]
    >>> entries({"a": 1.0}, ["a", "b"])
    Traceback (most recent call last):
    adcourse.grading.plain.NotPlain: the key 'b' is missing from the dict
    """
    if not isinstance(answer, Mapping):
        plain(answer)  # says what is wrong with None, a function ...
        raise NotPlain(f"a dict with the keys {_few(keys)} was asked for")
    found = {_key(key): answer[key] for key in islice(answer, LIMIT)}
    if missing := [key for key in keys if key not in found]:
        raise NotPlain(f"the key {missing[0]!r} is missing from the dict")
    if len(found) > len(keys):
        raise NotPlain(f"the dict has {len(found) - len(keys)} keys too many; the keys are {_few(keys)}")
    return [found[key] for key in keys]


def _key(key):
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, (tuple, list)):
        return tuple(_key(part) for part in islice(key, 9))
    try:
        return int.__pos__(operator.index(key))
    except TypeError:
        return None


def _few(keys) -> str:
    return ", ".join(map(repr, keys[:12])) + (", ..." if len(keys) > 12 else "")


def parts(answer: object, **shapes: tuple[int, ...]) -> list:
    """The numbers of several values of known shapes, one after the other: of a tuple such as ``(loss, gradient)``.

    >>> parts((1.0, np.eye(2)), loss=(), gradient=(2, 2))
    [1.0, 1.0, 0.0, 0.0, 1.0]
    >>> parts((1.0, 2.0), loss=(), gradient=(2, 2))
    Traceback (most recent call last):
    adcourse.grading.plain.NotPlain: gradient: a single number came back, but an array of shape (2, 2) was asked for
    """
    names = ", ".join(shapes)
    if answer is None or not hasattr(type(answer), "__iter__") or isinstance(answer, (str, bytes, Mapping)):
        plain(answer)
        raise NotPlain(f"a single number came back, but ({names}) was asked for")
    values = list(islice(answer, len(shapes) + 1))
    if len(values) != len(shapes):
        raise NotPlain(f"({names}) was asked for, {len(shapes)} values, not {min(len(values), len(shapes) + 1)}")
    numbers = []
    for value, (name, shape) in zip(values, shapes.items(), strict=True):
        try:
            read = plain(value)
        except NotPlain as refused:
            raise NotPlain(f"{name}: {refused}") from None
        if read.shape != shape:
            raise NotPlain(f"{name}: {form(read.shape)} came back, but {form(shape)} was asked for")
        numbers += read.numbers
    return numbers


def choice(answer: object, options: Sequence[str]) -> int:
    """Which of a few words it is.

    >>> choice("Reverse", ["forward", "reverse"])
    1
    """
    word = str.__str__(answer).strip().lower() if isinstance(answer, str) else ""
    if word not in options:
        raise NotPlain(f"one of the words {_few(options)} was asked for")
    return list(options).index(word)


def real(number: float | complex | int) -> float | complex:
    """A number that can be computed with: of an integer beyond the floats, infinity."""
    try:
        return number if isinstance(number, complex) else float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def form(shape: tuple[int, ...]) -> str:
    """A shape in words."""
    if shape == ():
        return "a single number"
    return f"a sequence of {shape[0]}" if len(shape) == 1 else f"an array of shape {shape}"
