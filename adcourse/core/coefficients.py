"""Sequences of Taylor coefficients, and the one inner loop of all recurrences.

The coefficients of a series of numbers are a list. Those of a series of arrays lie one after the other in one array,
so that the inner loop runs in compiled code. Traced coefficients (of lower levels) and others are a list too.
"""

from fractions import Fraction
from operator import index, mul

import numpy as np

from .arguments import as_input
from .errors import InputError
from .kinds import conform, dtype_of, shape_of
from .levels import Traced, pack


class Values(list):
    """Coefficients that aren't plain floats: traced values, fractions, arrays of another library."""

    def like(self, coefficients):
        """A sequence of the same kind."""
        return type(self)(coefficients)


class Still:
    """A constant as a series: all coefficients but the first are zero."""

    __slots__ = ("first",)
    degree, c = 0, property(lambda self: self)

    def __init__(self, first):
        self.first = first

    def __getitem__(self, k):
        return 0 if k else self.first


class Short:
    """A series of arrays whose coefficients after the first few are zero, as those of x_0 + v t: they cost nothing."""

    __slots__ = ("c",)

    def __init__(self, c):
        self.c = c

    def __getitem__(self, k):
        return self.c[k] if k < len(self.c) else 0.0

    def __setitem__(self, k, value):
        if k < len(self.c):
            self.c[k] = value


def blank(first, order, like=None):
    """A sequence for ``order + 1`` coefficients, of which the first is known; ``like``: of the kind of these Values."""
    if isinstance(like, Values):
        return like.like([first, *[None] * order])
    if type(first) is np.ndarray:
        c = np.empty((order + 1, *first.shape), first.dtype)
        c[0] = first
        return c
    if type(first) is np.float64:
        first = float(first)
    return (list if type(first) is float else Values)([first, *[None] * order])


def fill(c, k, value):
    """Coefficient ``k`` becomes known; it takes on the shape and dtype of the first."""
    if type(c) is list:
        c[k] = value if isinstance(value, Traced) else float(value)
    elif isinstance(c, Values) and (shape_of(value) or shape_of(c[0])):
        c[k] = conform(value, c[0])
    else:
        c[k] = value


def sequence(coefficients, order):
    """These coefficients, and zeros up to ``order``."""
    order = len(coefficients) - 1 if order is None else order
    if all(type(x) is float for x in coefficients):
        return [*coefficients, *[0.0] * (order + 1 - len(coefficients))]
    first = coefficients[0]
    if type(first) is np.ndarray and first.dtype == float and all(type(x) is float for x in coefficients[1:]):
        c = np.zeros((order + 1, *first.shape))
        for k, x in enumerate(coefficients):
            c[k] = x
        return c
    shape = np.broadcast_shapes(*map(shape_of, coefficients))
    first = coefficients[0] if shape_of(coefficients[0]) == shape else np.broadcast_to(coefficients[0], shape)
    if any(dtype_of(x) is not None for x in coefficients) and not any(isinstance(x, Traced) for x in coefficients):
        first = first * np.ones((), np.result_type(*coefficients))  # the widest dtype of all
    c = blank(first, order, Values() if any(isinstance(x, Traced) for x in coefficients) else None)
    for k, x in enumerate(coefficients):
        fill(c, k, x)
    if type(c) is np.ndarray:
        c[len(coefficients) :] = 0.0
    else:
        c[len(coefficients) :] = [zero(c[0])] * (order + 1 - len(coefficients))
    return c


def as_sequence(coefficients, order):
    """What a reader gives as coefficients: integers count as reals, lists as arrays."""
    if not isinstance(coefficients, (list, tuple, np.ndarray)) or not len(coefficients):
        raise InputError(
            f"Taylor was given {coefficients!r} as its coefficients.",
            "a series is made of its coefficients c_0, c_1, ..., one for each order from 0.",
            "Taylor([0, 1], order=5) for t + O(t^6)",
        )
    order = len(coefficients) - 1 if order is None else as_order(order, "Taylor")
    given = [pack(np.array(c)) if isinstance(c, (list, tuple)) else c for c in coefficients]
    return sequence([c if isinstance(c, Fraction) else as_input(c, "A coefficient") for c in given][: order + 1], order)


def as_order(order, name):
    if isinstance(order, bool) or not hasattr(order, "__index__") or order < 0:
        raise InputError(
            f"{name} was asked for order {order!r}.",
            "orders count 0, 1, 2, ...",
            f"{name}(..., order=5) for the coefficients up to that of t^5",
        )
    return index(order)


def zero(x):
    """A plain zero like ``x``."""
    if shape_of(x):
        return np.zeros(shape_of(x), dtype_of(x), like=None if isinstance(x, Traced) else x)
    return Fraction(0) if type(x) is Fraction else 0.0


def cut(c, stop, start=0):
    """Some of the coefficients, as a sequence of the same kind."""
    return c.like(c[start:stop]) if isinstance(c, Values) else c[start:stop]


def convolve(a, b, k, i=0, j=None):
    """The sum of a_m b_(k-m) over m = i, ..., j (to k, if j isn't given): the heart of every recurrence."""
    if type(a) is list and type(b) is list:
        if j is None:
            return sum(map(mul, a[i : k + 1], b[k - i :: -1]))
        return sum(map(mul, a[i : j + 1], reversed(b[k - j : k - i + 1])))
    j = k if j is None else j
    if type(a) is Short:
        a, j = a.c, min(j, len(a.c) - 1)
    if type(b) is Short:
        b, i = b.c, max(i, k - len(b.c) + 1)
    if type(a) is np.ndarray and type(b) is np.ndarray and i <= j:
        if i == j:
            return a[i] * b[k - i]
        return np.einsum("m...,m...->...", a[i : j + 1], b[k - j : k - i + 1][::-1])
    if type(a) is Still:
        return 0 if i else a.first * b[k]
    if type(a) is type(b) and hasattr(a, "convolve"):
        return a.convolve(b, k, i, j)
    return sum_of_products(mul, a, b, k, i, j)


def sum_of_products(product, a, b, k, i=0, j=None):
    """The same, term by term and for any product that is linear in both factors."""
    j = k if j is None else j
    if type(a) is Still:
        j = min(j, 0)
    if type(b) is Still:
        i = max(i, k)
    total = 0
    for m in range(i, j + 1):
        if not (_is_zero(a[m]) or _is_zero(b[k - m])):
            term = product(a[m], b[k - m])
            total = term if type(total) is int else total + term
    return total


def _is_zero(c):
    return type(c) in (float, int, Fraction) and c == 0
