"""Independent ways to the right numbers: the complex step, many digits, exact arithmetic on polynomials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

EPS = 2.0**-52


def complex_step_gradient(f: Callable, point: Sequence[float]) -> tuple[float, ...]:
    """All partial derivatives of an analytic ``f(*point)``, Im f(x + ih e_k) / h: right to rounding, because
    nothing is subtracted (Squire & Trapp, SIAM Review 40, 1998).

    >>> complex_step_gradient(lambda x, y: x * y, (2.0, 3.0))
    (3.0, 2.0)
    """
    h = 1e-30
    steps = ([x + 1j * h * (k == i) for k, x in enumerate(point)] for i in range(len(point)))
    return tuple(float((f(*step) / h).imag) for step in steps)


def complex_step_jvp(f: Callable, point: Sequence, direction: Sequence):
    """J·v at an analytic ``f(*point)`` whose arguments and value may be arrays, Im f(x + ihv) / h.

    >>> complex_step_jvp(lambda A, b: A @ b, (np.eye(2), np.ones(2)), (np.ones((2, 2)), np.zeros(2)))
    array([2., 2.])
    """
    h = 1e-30
    return np.imag(f(*(np.asarray(x) + 1j * h * np.asarray(v) for x, v in zip(point, direction, strict=True)))) / h


def complex_step_vjp(f: Callable, point: Sequence, u) -> list[np.ndarray]:
    """Jᵀ·u at an analytic ``f(*point)``, an array for each argument: entry by entry ⟨u, J e⟩, by its definition.

    >>> complex_step_vjp(lambda x: 3 * x[:2], (np.ones(3),), [1.0, 5.0])
    [array([ 3., 15.,  0.])]
    """
    u, point = np.asarray(u), [np.asarray(x, dtype=float) for x in point]
    found = [np.zeros(x.shape) for x in point]
    for k, x in enumerate(point):
        for place in np.ndindex(x.shape):
            e = [np.zeros(other.shape) for other in point]
            e[k][place] = 1.0
            found[k][place] = np.sum(u * complex_step_jvp(f, point, e))
    return found


def high_precision(f: Callable, *point, digits: int = 50) -> float:
    """``f(mpmath, *point)`` in ``digits`` digits, for formulas that lose them in floats. For hidden questions: mpmath
    comes with SymPy, and the check shall need neither.

    >>> high_precision(lambda mp, x: mp.log(1 + mp.exp(x)), -40)
    4.248354255291589e-18
    """
    import mpmath

    with mpmath.workdps(digits):
        return float(f(mpmath, *map(mpmath.mpf, point)))


class Polynomial:
    """A polynomial by its coefficients, lowest first: called with floats, complex numbers or arrays it computes as
    any function does. This is what a student is given, so it can do nothing else."""

    def __init__(self, *coefficients: float):
        self.coefficients = coefficients

    def __call__(self, x):
        total = 0.0 * x
        for c in reversed(self.coefficients):
            total = total * x + c
        return total


def exact(f: Polynomial, x: float | Fraction) -> Fraction:
    """f(x) in fractions, without rounding."""
    return sum((Fraction(c) * Fraction(x) ** k for k, c in enumerate(f.coefficients)), Fraction(0))


def derivative(f: Polynomial) -> Polynomial:
    return Polynomial(*([k * c for k, c in enumerate(f.coefficients) if k] or [0.0]))


def rounding(f: Polynomial, x: float, h: float) -> float:
    """A bound, generous by a factor of about ten, for the rounding error of a value of the polynomial within
    ``h`` of ``x``, the rounding of x + h itself included. Divide by h, or h², for a quotient."""
    reach = abs(x) + 2 * abs(h)
    return 64 * EPS * sum(abs(c) * (k + 1) * max(reach, 1.0) ** k for k, c in enumerate(f.coefficients))


P = Polynomial(-5.0, 0.0, 0.0, 4.0, 0.0, 5.0)  # the running example 5x⁵ + 4x³ − 5: p(1) = 4, p'(1) = 37, p''(1) = 124
SQUARE, CUBE, FOURTH = Polynomial(0, 0, 1), Polynomial(0, 0, 0, 1), Polynomial(0, 0, 0, 0, 1)
