"""Counting operations: run a program, or a whole method, on numbers that count what is done to them.

One addition, multiplication, division, power or elementary function (exp, sin, ...) of one entry counts as one
operation. A sum of n entries is n - 1 of them; a product of an (m, k) and a (k, n) matrix m n (2k - 1); functions of
matrices have the counts of their textbook algorithms, to leading order (Golub and Van Loan, *Matrix Computations*,
2013). Moving numbers (indexing, reshaping, joining) and comparing them is free. A complex operation counts as one.
A transform's rules are NumPy code themselves, so ``grad(f)`` on such numbers counts every operation of both sweeps.
"""

from math import log2, prod

import numpy as np

from adcourse.core.box import Box
from adcourse.core.kinds import Bilinear, Elementwise, General, shape_of, size_of
from adcourse.core.levels import Level

FREE = {"positive", "conjugate", "astype", "real", "imag", "where"}
REDUCTIONS = {"sum", "mean", "trace", "prod", "max", "min", "amax", "amin", "nansum"}
MATRIX = {  # operations for an n x n matrix, as a multiple of n^3
    "solve": 2 / 3, "det": 2 / 3, "slogdet": 2 / 3, "inv": 2, "cholesky": 1 / 3, "qr": 4 / 3, "eigh": 9, "svd": 22,
    "pinv": 22,
}  # fmt: skip


class Counting(Box):
    """A number or array that adds every operation it meets to the counts of its level."""

    __slots__ = ()

    def __init__(self, value, level):
        self.value, self.level = value, level

    def process(self, rule, operands, static):
        values = [x.value if type(x) is Counting and x.level is self.level else x for x in operands]
        y = rule.evaluate(values, static)
        self.level.done += price(rule, values, y)
        return type(y)(map(self.lift, y)) if type(y) in (tuple, list) else Counting(y, self.level)

    def lift(self, value):
        return Counting(value, self.level)


class Count(Level):
    """One counted run: ``done`` operations so far."""

    def __init__(self):
        super().__init__()
        self.done = 0


def price(rule, values, y):
    """What one row of the table of rules costs at these values."""
    if rule.name in FREE:
        return 0
    if isinstance(rule, Elementwise):
        return size_of(y)
    if isinstance(rule, Bilinear) and rule.name == "matmul":
        return size_of(y) * (2 * shape_of(values[0])[-1] - 1)
    if isinstance(rule, General):
        *stack, m, n = (1, 1, *shape_of(values[0]))[-max(2, len(shape_of(values[0]))) :]
        if rule.name in MATRIX:
            right = 2 * n * size_of(values[1]) if rule.name == "solve" else 0
            return round(MATRIX[rule.name] * prod(stack) * max(m, n) * min(m, n) ** 2 + right)
        return max(size_of(values[0]), size_of(y)) if hasattr(y, "shape") else size_of(values[0])
    if rule.name in REDUCTIONS:
        return max(0, size_of(values[0]) - size_of(y))
    if rule.name == "cumsum":
        return size_of(y)
    if "fft" in rule.name:
        return round(5 * size_of(y) * log2(max(2, size_of(y))))
    return 0


def operations(run, x):
    """How many operations ``run(x)`` does on its argument, a float or an array.

    >>> operations(lambda v: v @ v + np.sin(v[0]), np.ones(3))
    7
    >>> from adcourse import grad
    >>> operations(grad(lambda v: v[0] * v[1] * v[2]), np.ones(3))  # two products, and two more for each in reverse
    6
    """
    count = Count()
    try:
        with np.errstate(all="ignore"):
            run(Counting(x, count))
    finally:
        count.close()
    return count.done
