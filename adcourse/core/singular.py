"""Where series begin with a zero: quotients, roots and powers that still have a power series, and those that don't.

x = t^n u with u_0 != 0. So x / y loses the order of the zero of y, and sqrt(x) half of that of x; where a negative or
broken power of t would remain, there is no power series. A zero among the entries of an array has each entry looked at
by itself.
"""

import math

import numpy as np

from .coefficients import cut, fill, sequence, zero
from .errors import outside, varies
from .kinds import Elementwise, shape_of
from .levels import Traced, plain, some

FIRST = "the coefficient of t^0 must be non-zero"
MORE = "a coefficient must be non-zero, and all that are known are zero: a higher order may show one"


def first_of(rule, values, static):
    """The first coefficient: the function's value. Where it has none, neither has it a series."""
    if rule.function in ANYWHERE or not isinstance(rule, Elementwise):
        return rule.evaluate(values, static)
    if rule.function in SMOOTH:
        first = rule.evaluate(values, static)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            first = rule.evaluate(values, static)
    if not is_finite(first) and all(map(is_finite, values)):
        raise outside(rule.name, values[-1], "the coefficient of t^0 must be inside its domain")
    return first


def is_finite(x):
    x = plain(x)
    return not some(np.logical_not(np.isfinite(x))) if hasattr(x, "shape") else math.isfinite(x)


def _any(condition):
    return condition if type(condition) is bool else some(condition)


def _entry_by_entry(function, *operands):
    """An elementwise function of arrays of series, each entry by itself."""
    shape = np.broadcast_shapes(*map(shape_of, operands))
    operands = [np.broadcast_to(x, shape) for x in operands]
    return np.reshape(np.stack([function(*(x[i] for x in operands)) for i in np.ndindex(shape)]), shape)


def _zeros(self, x, name):
    """How many of the first coefficients of a series of numbers are zero; None if all are."""
    for n, c in enumerate(x.series.c):
        if n and (x.series.steps or self.several):
            break  # the next isn't known yet, or there is no dividing by it
        there = plain(c) != 0
        if some(there):
            if isinstance(there, Traced) and some(np.logical_not(there)):
                raise varies("a divisor of which some members begin with zero, and others don't")
            return n
        if isinstance(c, Traced):  # zero here, but its derivative may not be
            break
    else:
        return None
    raise outside(name, x, FIRST)


def _divide(self, rule, x, y):
    if not _any(plain(y) == 0):
        return None
    if shape_of(x) or shape_of(y):
        return _entry_by_entry(np.divide, x, y)
    name = "Division by a series without constant term"
    n = _zeros(self, y, name) if self.shares(y) else None
    top = self.like(x.series.c) if self.shares(x) else self.lift(x)
    ahead = _zeros(self, top, name) if n else 0
    if n is None or (ahead is None and n >= len(top.series.c)):
        raise outside(name, y, MORE if self.shares(y) else FIRST)
    if ahead is not None and ahead < n:
        raise outside(name, y, FIRST)
    return self.like(cut(top.series.c, None, n)) / self.like(cut(y.series.c, None, n))


def _reciprocal(self, rule, x):
    return 1.0 / x


def _log(self, rule, x):
    if _any(plain(x) <= 0):
        raise outside("log", x, "the coefficient of t^0 must be non-zero, and positive")


def _sqrt(self, rule, x):
    return _root(self, rule, x, 0.5) if _any(plain(x) <= 0) else None


def _root(self, rule, x, a):
    """x^a = t^(n a) u^a where some x = t^n u has no constant term."""
    function = rule.function if rule.operands == 1 else lambda x: rule.function(x, a)
    if shape_of(x):
        return _entry_by_entry(function, x)
    name, first = "sqrt" if rule.operands == 1 else f"The power {a}", plain(x)
    if first < 0 and a != int(a):
        raise outside(name, x, "the coefficient of t^0 must be non-zero, and positive")
    if first != 0:
        return function(x)
    n = _zeros(self, x, name)
    if n is None and a > 0:  # zero, to the order to which x is known
        return self.like(sequence([x.value], max(0, math.ceil(len(x.series.c) * min(a, 1.0)) - 1)), x.value)
    if n is not None and n * a > len(x.series.c) - 1:  # zero, to the order to which x is known
        return self.like(sequence([x.value], len(x.series.c) - 1), x.value)
    if n is None or n * a < 0 or n * a != int(n * a):
        raise outside(name, x, MORE if n is None else FIRST)
    root = function(self.like(cut(x.series.c, None, n)))
    return self.like(sequence([*[zero(root.value)] * int(n * a), *root.series.c][: len(x.series.c)], None))


def _power(self, rule, x, a):
    if not self.shares(x) or isinstance(a, Traced):  # the exponent varies
        if self.shares(x):
            return _begin(np.exp(a * np.log(x)), self, rule, x, a)
        gone = x == 0  # 0^a is 0; its derivative by a is taken as 0
        log = math.log(x + gone) if type(x) in (int, float) and x >= 0 else np.log(x + gone)  # a float keeps float32
        z = np.exp(a * log)
        return _begin(z * (x != 0) if _any(gone) else z, self, rule, x, a)
    if type(a) in (int, float) and a in (1, 2, 3):
        return _begin(_product(x, int(a)), self, rule, x, a)
    first, whole = plain(x), not _any(a != a // 1)
    if shape_of(a):
        good = not _any(first <= 0) or (whole and not _any(first == 0))
        return None if good else _entry_by_entry(rule.function, x, a)
    if whole and a >= 0 and (not a or _any(first == 0)):
        return _begin(_product(x, int(a)) if a else self.lift(1.0 + 0.0 * x.value), self, rule, x, a)
    if not _any(first <= 0) or (whole and not _any(first == 0)):
        return None
    return _root(self, rule, x, a)


def _begin(z, self, rule, *operands):
    """``z`` with the value that the function itself has: a formula for it may differ in the last digit."""
    z.value = rule.evaluate([x.value if self.shares(x) else x for x in operands], {})
    fill(z.series.c, 0, z.value)
    return z


def _product(x, n):
    """x^n by repeated squaring."""
    half = x if n < 2 else _product(x, n // 2)
    return half if n < 2 else half * half * x if n % 2 else half * half


SPECIAL = {
    np.divide: _divide, np.reciprocal: _reciprocal, np.log: _log, np.sqrt: _sqrt, np.power: _power,
    np.float_power: _power,
}  # fmt: skip
ANYWHERE = {np.add, np.subtract, np.multiply, np.square, np.negative, *SPECIAL}  # where is looked after, or no matter
SMOOTH = {np.sin, np.cos, np.exp, np.sinh, np.cosh, np.tanh, np.arctan, np.arcsinh}  # everywhere
