"""Independent ways to the right numbers: the complex step, and exact arithmetic on polynomials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

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
