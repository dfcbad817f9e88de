"""Taylor mode: truncated power series.

A series x_0 + x_1 t + ... + x_K t^K + O(t^(K+1)) carries all derivatives of a value to order K: x_k = x^(k) / k!.
Running a program on series gives the series of its result. Each elementary function has a recurrence that finds z_k
from the coefficients before it. Those of ``recurrences.py`` are written by hand, as in a textbook; every other rule of
the table is *raised*: z' = f'(x) x' says what the next coefficient is, and f' is run on series in its turn.

Source: Griewank and Walther, *Evaluating Derivatives* (2008), chapter 13.
"""

import math
from contextlib import contextmanager
from fractions import Fraction
from itertools import count

import numpy as np

from .box import Box
from .coefficients import (
    Short,
    Still,
    Values,
    as_sequence,
    blank,
    convolve,
    cut,
    fill,
    sequence,
    sum_of_products,
)
from .inplace import snapshot
from .kinds import Bilinear, Elementwise, Linear
from .levels import hand_made
from .recurrences import RATIONAL, RECURRENCES, slopes, square, times
from .singular import SPECIAL, first_of
from .straight import DEGREES, at_once

# ---------------------------------------------------------------------------------------------- what has no recurrence


def linear(z, rule, operands, static):
    """What is linear in its series acts on each coefficient."""
    first = [x[0] for x in operands]
    for k in count(1):
        yield rule.pushforward(z[0], first, [None if type(x) is Still else x[k] for x in operands], static)


def bilinear(z, rule, x, y):  # z_k = sum_(j=0..k) f(x_j, y_(k-j))
    for k in count(1):
        yield sum_of_products(lambda a, b: rule.evaluate((a, b), {}), x, y, k)


def by_partials(z, rule, operands):  # z' = sum_i p_i x_i', where the partial derivatives p_i are series too
    mine = [(i, x.series.c, slopes(x.series.c)) for i, x in enumerate(operands) if z.shares(x)]
    with program(z.level):
        partials = [rule.partial(i, z, operands) for i, *_ in mine]
    for k in count(1):
        total = 0
        for p, (_, x, dx) in zip(partials, mine, strict=True):
            dx[k] = k * x[k]
            total = total + convolve(known(p, z, k - 1), dx, k, 0, k - 1)
        yield total / k


def by_jvp(z, rule, operands, static):  # z' = jvp(z, x; x'), where z_k needs z to order k - 1 only
    with program(z.level):
        tangents = [slope_of(x) if z.shares(x) else None for x in operands]
        dz = rule.pushforward(z, operands, tangents, static)
    for k in count(1):
        yield known(dz, z, k - 1)[k - 1] / k


# ---------------------------------------------------------------------------------------------- the mode


RANK = 0.25  # see levels.hand_made


class Series:
    """A sequence of coefficients ``c`` of which ``known`` are known; ``steps`` finds the next, when ``needs`` has its.

    When all are known, ``steps`` is None. After that of order ``degree`` all are zero.
    """

    __slots__ = ("c", "degree", "known", "needs", "steps")

    def __init__(self, c, steps=None, needs=(), degree=None):
        self.c, self.steps, self.needs = c, steps, needs
        self.known = 1 if steps else len(c)
        self.degree = len(c) - 1 if degree is None else degree

    def fill(self, steps, degree):
        """Know all coefficients at once: to ``degree`` by these steps, and zeros."""
        c, self.degree = self.c, degree
        for k, c_k in zip(range(1, degree + 1), steps, strict=False):
            fill(c, k, c_k)
        if degree < len(c) - 1:
            c[degree + 1 :] = 0.0 if type(c) is np.ndarray else [0.0] * (len(c) - 1 - degree)

    def extend(self, k):
        """Know the coefficients up to the k-th."""
        while self.known <= k:
            if self.steps is None:
                raise Unknown
            for x in self.needs:
                if x.known <= self.known:
                    x.extend(self.known)
            fill(self.c, self.known, next(self.steps))
            self.known += 1
            if self.known == len(self.c):
                self.steps, self.needs = None, ()

    def complete(self, level):
        """Know all coefficients; fewer, where what they are made of isn't known further."""
        with program(level):
            try:
                self.extend(len(self.c) - 1)
            except Unknown:
                self.c, self.steps, self.needs = cut(self.c, self.known), None, ()


def short(x):
    """The coefficients that aren't zero for sure: in a recurrence of arrays the others cost nothing then."""
    return Short(x.c[: x.degree + 1]) if type(x.c) is np.ndarray and x.degree < len(x.c) - 1 else x.c


class Unknown(Exception):
    """A coefficient beyond the order to which a series is known."""


def known(x, z, k):
    """The coefficients of ``x``, a series of the level of ``z`` or a constant, known up to the k-th."""
    if not z.shares(x):
        return Still(x)
    x.series.extend(k)
    return x.series.c


def slope_of(x):
    """x', whose coefficients are (k + 1) x_(k+1), as they become known."""
    x.series.extend(1)
    source, slope = x.series, x.like(blank(1 * x.series.c[1], len(x.series.c) - 2, x.series.c))

    def steps():
        for k in count(2):
            source.extend(k)
            yield k * source.c[k]

    if len(slope.series.c) > 1:
        slope.series = Series(slope.series.c, steps())
    return slope


@contextmanager
def program(level):
    """Within: the program of a rule, whose series are found by need; what it computes twice is computed once."""
    before = met, _ = level.__dict__.get("met"), level.__dict__.get("tracked")
    level.met, level.tracked = {} if met is None else met, None
    try:
        yield
    finally:
        level.met, level.tracked = before


class Taylor(Box):
    """The series c_0 + c_1 t + ... + c_K t^K + O(t^(K+1)); its value is c_0.

    ``coefficients`` are numbers or arrays of one shape, c_0 to c_K; zeros are added up to ``order``. What NumPy does to
    a series follows the rules of the core, and is known to the order to which its operands determine it: 1 / t raises,
    sin(t) / t loses an order. ``x(dt)`` is the value of the polynomial at t = dt.
    Raises DomainError where a coefficient is zero that must not be.

    >>> t = Taylor([0, 1], order=4)
    >>> 1 / (1 - t)
    1 + t + t² + t³ + t⁴ + O(t⁵)
    >>> (np.exp(t) - 1) / t
    1 + t/2 + t²/6 + t³/24 + O(t⁴)
    """

    __slots__ = ("series",)
    several = False  # variables

    def __init__(self, coefficients, order=None):
        self._own(as_sequence(coefficients, order), len(coefficients) - 1)

    def _own(self, c, degree):
        traced = c if isinstance(c, Values) else ()
        self.value, self.series = c[0], Series(c, degree=min(degree, len(c) - 1))
        self.level = hand_made(*traced, rank=RANK)

    def made_by_hand(self):
        """The same series as one of the reader's own, for when its level closes."""
        x = object.__new__(type(self))
        c = self.series.c
        x._own(c.copy() if type(c) is np.ndarray else c, self.series.degree)
        return x

    # ------------------------------------------------------------------ the mode
    @classmethod
    def at(cls, level, c, value, degree=None):
        """The series of a level with the coefficients ``c``; ``value`` is the first as the program has it."""
        x = object.__new__(cls)
        x.value, x.series, x.level = value, Series(c, degree=degree), level
        return x

    def like(self, c, value=None):
        """A series of the same level."""
        return self.at(self.level, c, c[0] if value is None else value)

    def shares(self, x):
        """Whether ``x`` is a series of the same level."""
        return isinstance(x, Taylor) and (x.level is self.level or x.level.tag == self.level.tag)

    parts = property(lambda self: tuple(self.series.c))

    def lift(self, value):
        """A constant as a series."""
        return self.like(sequence([value], len(self.series.c) - 1), value)

    def process(self, rule, operands, static):
        """Each coefficient of the result from those before it, by the recurrence of ``rule``."""
        if rule.function in SPECIAL and (z := SPECIAL[rule.function](self, rule, *operands)) is not None:
            return z
        recurrence = RECURRENCES.get(rule.function) if isinstance(rule, Elementwise) else None
        if recurrence is not None and (z := at_once(self, rule, recurrence, operands)) is not None:
            return z
        met = self.level.__dict__.get("met")
        if met is not None and isinstance(rule, Elementwise):
            key = (rule, *(id(x.series) if self.shares(x) else x if type(x) is float else id(x) for x in operands))
            if key in met:
                return snapshot(met[key][0])
        series = [x.series if self.shares(x) else Still(x) for x in operands]
        mine = [x for x in series if type(x) is Series]
        values = [x if type(s) is Still else x.value for x, s in zip(operands, series, strict=True)]
        growing = any(x.steps for x in mine)
        like = next((x.c for x in mine if isinstance(x.c, Values)), None)
        if like is not None and rule.function not in RATIONAL and Fraction in map(type, values) and not growing:
            return self.process(rule, tuple(x.in_floats() if self.shares(x) else x for x in operands), static)
        first = first_of(rule, values, static)
        c = blank(first, min([len(x.c) for x in mine]) - 1, like)
        z = self.like(c, first)
        if met is not None and isinstance(rule, Elementwise):
            met[key] = z, operands
        if len(c) == 1:
            return z
        degree, sequences = len(c) - 1, [x.c for x in series]
        if not isinstance(c, Values) and rule.function in RECURRENCES and not growing:
            sequences = list(map(short, series))
            if rule.function in DEGREES:
                degree = min(degree, DEGREES[rule.function]([x.degree for x in series]))
        recurrence, arguments, alone = z.recurrence(rule, operands, sequences, static)
        steps = recurrence(*arguments)
        if growing or (met is not None and not alone):
            z.series = Series(c, steps, mine)
            if (tracked := self.level.__dict__.get("tracked")) is not None:
                tracked.append((z, rule, operands, sequences, static))
        elif alone:
            z.series.fill(steps, degree)
        else:
            z.series = Series(c, steps, mine)
            z.series.complete(self.level)
        return z

    def in_floats(self):
        """The same series; where its coefficients are fractions, as floats."""
        return self.like(sequence([float(c) if type(c) is Fraction else c for c in self.series.c], None))

    def recurrence(self, rule, operands, c, static):
        """What finds the coefficients of this series, its arguments, and whether these are coefficients alone."""
        z = self.series.c
        if rule.function is np.multiply:
            x, y = c
            if type(x) is Still or type(y) is Still:
                return times, (z, *((x, y.first) if type(y) is Still else (y, x.first))), True
            if x is y:
                return square, (z, x), True
        if rule.function in RECURRENCES:
            return RECURRENCES[rule.function], (z, *c), True
        if isinstance(rule, Linear) or (isinstance(rule, Elementwise) and not rule.reads_out and not any(rule.reads)):
            return linear, (z, rule, c, static), True
        if isinstance(rule, Bilinear):
            return bilinear, (z, rule, *c), True
        if isinstance(rule, Elementwise):
            return by_partials, (self, rule, operands), False
        return by_jvp, (self, rule, operands, static), False

    # ------------------------------------------------------------------ reading
    @property
    def coefficients(self):
        """c_0, ..., c_K."""
        return [self.value, *self.series.c[1 : self.series.known]]

    @property
    def order(self):
        """K: the order to which the series is known."""
        return len(self.series.c) - 1

    @property
    def derivatives(self):
        """The derivatives by t at 0, of order 0 to K: k! c_k."""
        return [math.factorial(k) * c for k, c in enumerate(self.coefficients)]

    def __call__(self, dt):
        """The value of the polynomial at t = dt (Horner)."""
        total = self.coefficients[-1]
        for c in self.coefficients[-2::-1]:
            total = total * dt + c
        return total

    def __repr__(self):
        from adcourse.show.series import text  # what a reader sees is made above the core, and only when looked at

        return text([self.value, *self.series.c[1 : self.series.known]])

    def _repr_latex_(self):
        from adcourse.show.series import latex

        return f"${latex(self.coefficients)}$"
