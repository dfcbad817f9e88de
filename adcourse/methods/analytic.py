"""Complex numbers that check, operation by operation, that a function is analytic on the real line.

The complex step reads f'(x) off f(x + ih) = f(x) + ih f'(x) - h^2 f''(x)/2 - ... That expansion is true of analytic
functions alone, and NumPy goes on without a word where it fails: |x + ih| is the real number |x|, with no trace of h;
sqrt(-1 + ih) = i is no number of the real line at all. So here each operation is checked: its value must be complex,
proportional to h in the imaginary part, and defined on the real line.
"""

import numpy as np

from adcourse.core.box import Box
from adcourse.core.errors import ADError, InputError
from adcourse.core.kinds import General
from adcourse.core.levels import Level, pack
from adcourse.core.rules import RULES, astype

FIRST_WINS = {np.maximum: np.greater_equal, np.minimum: np.less_equal}  # by the real values, as in the real program
ANALYTIC_MATRIX_FUNCTIONS = {np.linalg.solve, np.linalg.inv, np.linalg.det}  # the others conjugate, or take signs


class NotAnalyticError(ADError, ArithmeticError):
    """The complex step met an operation that is not analytic where it was used."""


class Complex(Box):
    """The number (or array) z = x + ih on its way through a program, beside the real ``value``, with which it compares.

    The real part of z won't do for that: (ih)^2 >= 0 is false.
    """

    __slots__ = ("z",)

    def __init__(self, value, z, level):
        self.value, self.z, self.level = value, z, level

    def process(self, rule, operands, static):
        mine = [type(x) is Complex and x.level is self.level for x in operands]
        values = [x.z if m else x for x, m in zip(operands, mine, strict=True)]
        reals = [x.value if m else x for x, m in zip(operands, mine, strict=True)]
        if rule.function is np.conjugate:
            raise _not_analytic(rule, "it turns x + ih into x - ih: the slope would have the wrong sign")
        if isinstance(rule, General) and rule.function not in {*ANALYTIC_MATRIX_FUNCTIONS, np.max, np.min}:
            raise _not_analytic(rule, "it is not known to be analytic in the entries of the matrix")
        real = rule.evaluate(reals, static)
        if rule.function in (np.max, np.min):
            dz = rule.pushforward(real, reals, [np.imag(z) for z in values], static)
            return Complex(real, real + 1j * dz, self.level)
        if rule.function in FIRST_WINS:
            z = np.where(FIRST_WINS[rule.function](*reals), *values)
            return Complex(real, np.where(np.isfinite(real), z, np.nan)[()], self.level)
        if rule is astype:
            static = {"dtype": np.result_type(static["dtype"], np.complex64)}
        try:
            with np.errstate(all="ignore"):  # what is wrong on the real line has been said by the line above
                z = np.asarray(rule.evaluate(values, static))
                half = np.asarray(
                    rule.evaluate([v - 0.5j * v.imag if np.iscomplexobj(v) else v for v in values], static)
                )
                step = max(np.max(np.abs(np.imag(v)), initial=0.0) for v in values)
                noise = 1e-10 * step + 4 * np.finfo(z.dtype).tiny  # rounding, and underflow
                bent = np.abs(2 * half.imag - z.imag) > 1e-3 * np.abs(z.imag) + noise
        except TypeError as error:
            raise _not_analytic(rule, "NumPy does not have it for complex numbers") from error
        if z.dtype.kind != "c":
            raise _not_analytic(rule, "of x + ih it is a real number, in which h is lost: the slope would be 0")
        good = np.isfinite(real)
        if step < 1e-6 and np.any(bent & good):
            raise _not_analytic(rule, "at this point its imaginary part is not proportional to h")
        return Complex(real, np.where(good, z, real + 1j * np.nan)[()], self.level)

    def lift(self, value):
        return Complex(value, value + 0j, self.level)

    @property
    def real(self):
        raise _not_analytic(RULES[np.conjugate], "the real part of x + ih is x: the slope would be 0")

    imag = real


def _not_analytic(rule, why):
    return NotAnalyticError(
        f"The complex step can't go through {rule.name} here.",
        f"{why}. The complex step holds for analytic functions only.",
        "adcourse.derivative(f)(x), which takes the slope of each branch; or the formula of "
        f"{rule.name} in analytic functions (np.where(x < 0, -x, x) for abs)",
    )


def imaginary_part(f, x, h, shape=()):
    """Im f(x + ih) for a real number x; exactly 0 if f(x) does not depend on x. ``shape``: of f(x); None for any."""
    level = Level()
    try:
        y = f(Complex(x, np.asarray(x + 1j * h, np.result_type(x, np.complex64))[()], level))
        if shape is None and isinstance(y, (list, tuple, np.ndarray)):
            y = pack(np.array(y, object)) if len(y) else np.zeros(np.shape(y))
        if (shape is not None and np.ndim(y) != 0) or not (
            isinstance(y, (Box, int, float, np.number)) or getattr(y, "dtype", np.dtype(object)).kind in "fiu"
        ):
            raise InputError(
                f"f returned {y!r}.",
                "the complex step gives the slope of one real number.",
                "f(x)[0] for one entry, np.sum(f(x)) for the sum, or numerical.jacobian(f, x, 'complex_step') for all",
            )
        return y.z.imag if isinstance(y, Complex) else np.zeros(np.shape(y))[()]
    finally:
        level.close()
