"""The recurrences of Taylor mode: z_k, the coefficient of the result, from those of the operands and those before it.

Each is a generator that yields z_1, z_2, ... and reads its operands only as far as it must. So it also serves series
that are still growing: y' = f(y) gives y_(k+1) = f(y)_k / (k + 1).

Source: Griewank and Walther, *Evaluating Derivatives* (2008), chapter 13; Knuth, *The Art of Computer Programming* 2
(1997), section 4.7; Moore, *Interval Analysis* (1966), chapter 11.
"""

from itertools import count

import numpy as np

from .coefficients import Short, blank, convolve, fill, sum_of_products, zero
from .kinds import shape_of
from .levels import apply
from .linalg import DIVIDE
from .rules import RULES


def add(z, x, y):
    for k in count(1):
        yield x[k] + y[k]


def subtract(z, x, y):
    for k in count(1):
        yield x[k] - y[k]


def negative(z, x):
    for k in count(1):
        yield -x[k]


def times(z, x, c):  # a constant
    for k in count(1):
        yield x[k] * c


def multiply(z, x, y):  # z_k = sum_(j=0..k) x_j y_(k-j)
    for k in count(1):
        yield convolve(x, y, k)


def square(z, x):  # the same, with each pair of factors taken once
    for k in count(1):
        pairs = 2 * convolve(x, x, k, 0, (k - 1) // 2)
        yield pairs if k % 2 else pairs + x[k // 2] * x[k // 2]


def divide(z, x, y):  # y z = x:  y_0 z_k = x_k - sum_(j=1..k) y_j z_(k-j)
    for k in count(1):
        yield (x[k] - convolve(y, z, k, 1)) / y[0]


def sqrt(z, x):  # z z = x:  2 z_0 z_k = x_k - sum_(j=1..k-1) z_j z_(k-j)
    for k in count(1):
        yield (x[k] - convolve(z, z, k, 1, k - 1)) / (2 * z[0])


def power(z, x, a):  # x z' = a z x':  k x_0 z_k = sum_(j=1..k) a j x_j z_(k-j) - x_j (k-j) z_(k-j)
    dx, dz = slopes(x), slopes(z)
    for k in count(1):
        dx[k] = k * x[k]
        z_k = (a[0] * convolve(dx, z, k, 1) - convolve(x, dz, k, 1, k - 1)) / (k * x[0])
        dz[k] = k * z_k
        yield z_k


def exp(z, x):  # z' = z x':  k z_k = sum_(j=1..k) j x_j z_(k-j)
    dx = slopes(x)
    for k in count(1):
        dx[k] = k * x[k]
        yield convolve(dx, z, k, 1) / k


def log(z, x):  # x z' = x':  x_0 z_k = x_k - 1/k sum_(j=1..k-1) j z_j x_(k-j)
    dz = slopes(z)
    for k in count(1):
        z_k = (x[k] - convolve(dz, x, k, 1, k - 1) / k) / x[0]
        dz[k] = k * z_k
        yield z_k


def _turn(other, to, back):
    """sin and cos, sinh and cosh: z' = to w x' and w' = back z x', with ``w = other(x)``."""

    def recurrence(z, x):
        dx, w = slopes(x), blank(other(x[0]), len(z) - 1, z)
        for k in count(1):
            dx[k] = k * x[k]
            fill(w, k, convolve(dx, z, k, 1) * (back / k))
            yield convolve(dx, w, k, 1) * (to / k)

    return recurrence


def solve(z, A, b):  # A z = b:  A_0 z_k = b_k - sum_(j=1..k) A_j z_(k-j)
    vector = len(shape_of(b[0])) == 1
    columns = lambda x: x[..., None] if vector and shape_of(x) else x
    product = lambda a, x: np.matmul(a, columns(x))
    for k in count(1):
        rest = columns(b[k]) - sum_of_products(product, A, z, k, 1)
        z_k = apply(RULES[np.linalg.solve], (A[0], rest if shape_of(rest) else zero(columns(z[0]))))
        yield z_k[..., 0] if vector else z_k


def divide_by_gaps(z, x, gaps):
    for k in count(1):
        yield apply(DIVIDE, (x[k] - convolve(gaps, z, k, 1), gaps[0]))


def slopes(x):
    """Room for the coefficients of t x', which are k x_k."""
    return Short(slopes(x.c)) if type(x) is Short else blank(x[0], len(x) - 1, x)


RECURRENCES = {
    np.add: add, np.subtract: subtract, np.negative: negative, np.multiply: multiply, np.divide: divide,
    np.square: square, np.sqrt: sqrt,
    np.power: power, np.float_power: power,
    np.exp: exp, np.log: log, np.linalg.solve: solve, DIVIDE.function: divide_by_gaps,
    np.sin: _turn(np.cos, 1.0, -1.0), np.cos: _turn(np.sin, -1.0, 1.0),
    np.sinh: _turn(np.cosh, 1.0, 1.0), np.cosh: _turn(np.sinh, 1.0, 1.0),
}  # fmt: skip

RATIONAL = {np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square}  # fractions stay exact
