"""Taylor coefficients against numbers that know nothing of recurrences: exact rationals, and 50 digits of Cauchy's.

How close is close? Rounding moves a number by a part in 2^53. Moved by that, x0 changes c_k by (k + 1) c_(k+1) x0
2^-53, whatever the algorithm; each of the k steps of a recurrence may do it once more. A bound below is a small
multiple of that; a wrong weight in a recurrence changes c_k by 1/k of itself, ten orders of magnitude more.
"""

import functools
import math
from fractions import Fraction
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.polys import ring_series as rs

from adcourse import Taylor, grad, taylor

from . import examples_special
from .examples import EXAMPLES, draw
from .test_rules import ELEMENTWISE, ORACLE

EPS = 2.0**-52

# ------------------------------------------------------------------------------ the reference


@functools.cache
def _roots(n, digits):
    with mpmath.workdps(digits):
        return [mpmath.expjpi(mpmath.mpf(j) / n) for j in range(2 * n)]


def cauchy(f, order, radius=0.01):
    """c_k = 1/(2 pi i) of the integral of f(t) / t^(k+1) around 0, for an f that is real on the real line.

    The trapezoidal rule with n nodes gives c_k + c_(k+n) r^n + ...: exact to (r/R)^n, R the distance of the nearest
    singularity. Enough digits are carried for c_k r^k, however small; what is smaller than their last is zero.
    """
    n, digits = order + 12 + order % 2, 60 + 5 * order  # an even n: conjugate pairs
    with mpmath.workdps(digits):
        w, r, found = _roots(n, digits), mpmath.mpf(radius), []
        values = [f(r * w[2 * j + 1]) for j in range(n // 2)]
        real, imaginary = [mpmath.re(v) for v in values], [mpmath.im(v) for v in values]
        for k in range(order + 1):
            turned = [w[(2 * j + 1) * k % (2 * n)] for j in range(n // 2)]
            total = mpmath.fdot(real, [v.real for v in turned]) + mpmath.fdot(imaginary, [v.imag for v in turned])
            found.append(2 * total / (n * r**k) if abs(total) > mpmath.mpf(10) ** (10 - digits) else mpmath.mpf(0))
        return found


REAL = "absolute fabs maximum minimum fmax fmin copysign heaviside fmod remainder modf nextafter".split()
INVERSE = "erfinv erfcinv ndtri".split()  # mpmath finds them by iteration, on the real line
SLOW = [*INVERSE, *"k0 k1 kv y0 y1 yv".split()]  # in mpmath
WIDE = "rgamma log_ndtr".split()  # raised from functions with nearer singularities, whose roundings they inherit
COMPLEX = ORACLE | {  # as analytic functions
    "arctan2": lambda x, y: -1j * mpmath.log((y + 1j * x) / mpmath.sqrt(x * x + y * y)),
    "hypot": lambda x, y: mpmath.sqrt(x * x + y * y),
    "ndtr": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "log_ndtr": lambda x: mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2),
}


def exact_coefficients(name, x, order):
    """The coefficients of f(x0 + t), or of f(x0 + t, y0 + t/2), one more than ``order``, to 50 digits."""
    along = [(mpmath.mpf(a), s) for a, s in zip(x, (1.0, 0.5), strict=False)]
    if name in REAL or name in INVERSE:
        with mpmath.workdps(50):
            return mpmath.taylor(lambda t: ORACLE[name](*(a + t * s for a, s in along)), 0, order + 1)
    return cauchy(lambda t: COMPLEX[name](*(a + t * s for a, s in along)), order + 1)


def close(found, exact, x0, steps=8):
    """Each coefficient within ``steps`` roundings a step of the recurrence; ``exact`` has one more than ``found``."""
    for k, (c, e, after) in enumerate(zip(found, exact, exact[1:], strict=False)):
        allowed = steps * (k + 1) * EPS * max(abs(e), (k + 1) * abs(after) * max(abs(a) for a in x0))
        assert abs(mpmath.mpf(float(c)) - e) <= allowed, (
            f"c_{k} is {float(c)!r}, exactly {mpmath.nstr(e, 20)}, within {mpmath.nstr(abs(c - e) / allowed, 3)} times "
        )


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_elementwise_function(name):
    """To order 100 for a third of them, as 50 digits of so many derivatives take their time."""
    high = 100 if len(name) % 3 == 0 else 40
    order = 12 if name in SLOW else 20 if name in examples_special.ORACLE else high
    call, domains, shapes = EXAMPLES[name][0]
    x = draw(np.random.default_rng(1), domains, shapes)
    series, exact = taylor(call, tuple(x), order, (1.0, 0.5)[: len(x)]), exact_coefficients(name, x, order)
    assert series.order == order == len(series.coefficients) - 1
    if name in WIDE:
        np.testing.assert_allclose(series.coefficients, [float(e) for e in exact[:-1]], rtol=1e-14, atol=32 * EPS)
    else:
        close(series.coefficients, exact, x)


def test_mpmath_agrees_with_cauchy():
    """The two ways to a reference, on a function with singularities nearby."""
    with mpmath.workdps(50):
        by_differences = mpmath.taylor(lambda t: mpmath.tan(mpmath.mpf(1) / 3 + t), 0, 20)
    for a, b in zip(by_differences, cauchy(lambda t: mpmath.tan(mpmath.mpf(1) / 3 + t), 20), strict=True):
        assert abs(a - b) < abs(b) * mpmath.mpf(10) ** -40


# ------------------------------------------------------------------------------ exact rationals

R, t = sympy.ring("t", sympy.QQ)
RATIONAL = {  # of a series without constant term: NumPy's function, SymPy's, and one that bounds all its terms
    "exp": (np.exp, rs.rs_exp, rs.rs_exp),
    "expm1": (np.expm1, lambda p, t, n: rs.rs_exp(p, t, n) - 1, rs.rs_exp),
    "sin": (np.sin, rs.rs_sin, rs.rs_sinh),
    "cos": (np.cos, rs.rs_cos, rs.rs_cosh),
    "sinh": (np.sinh, rs.rs_sinh, rs.rs_sinh),
    "cosh": (np.cosh, rs.rs_cosh, rs.rs_cosh),
    "tan": (np.tan, rs.rs_tan, rs.rs_tan),
    "tanh": (np.tanh, rs.rs_tanh, rs.rs_tan),
    "arctan": (np.arctan, rs.rs_atan, rs.rs_atanh),
    "arctanh": (np.arctanh, rs.rs_atanh, rs.rs_atanh),
    "arcsin": (np.arcsin, rs.rs_asin, rs.rs_asin),
    "log1p": (np.log1p, lambda p, t, n: rs.rs_log(1 + p, t, n), lambda p, t, n: -rs.rs_log(1 - p, t, n)),
    "log": (lambda x: np.log(1.0 + x), lambda p, t, n: rs.rs_log(1 + p, t, n), lambda p, t, n: -rs.rs_log(1 - p, t, n)),
    "-log": (lambda x: -np.log(1.0 - x), *[lambda p, t, n: -rs.rs_log(1 - p, t, n)] * 2),
    "reciprocal": (lambda x: 1.0 / (1.0 - x), *[lambda p, t, n: rs.rs_series_inversion(1 - p, t, n)] * 2),
    "-sqrt": (lambda x: -np.sqrt(1.0 - x), *[lambda p, t, n: -rs.rs_nth_root(1 - p, 2, t, n)] * 2),
    "-cbrt": (lambda x: -np.cbrt(1.0 - x), *[lambda p, t, n: -rs.rs_nth_root(1 - p, 3, t, n)] * 2),
    "power": (lambda x: (1.0 - x) ** -2.5, *[lambda p, t, n: rs.rs_pow(1 - p, sympy.Rational(-5, 2), t, n)] * 2),
    "square": (np.square, lambda p, t, n: rs.rs_square(p, t, n), lambda p, t, n: rs.rs_square(p, t, n)),
    "cube": (lambda x: x**3, *[lambda p, t, n: rs.rs_pow(p, 3, t, n)] * 2),
    "product": (lambda x: x * (2.0 + x), *[lambda p, t, n: rs.rs_mul(p, 2 + p, t, n)] * 2),
}  # fmt: skip


def rationals(p, order):
    by_power = {powers[0]: Fraction(int(c.numerator), int(c.denominator)) for powers, c in p.terms()}
    return [by_power.get(k, Fraction(0)) for k in range(order + 1)]


def polynomial(numbers):
    return sum((sympy.QQ(int(n), 16) * t ** (k + 1) for k, n in enumerate(numbers)), R(0))


@pytest.mark.parametrize("name", RATIONAL)
@pytest.mark.parametrize("order, signs", [(100, [1]), (24, [-1, 1])])
def test_against_exact_rationals(name, order, signs):
    """A random polynomial with coefficients n/16, exact in binary, through NumPy's function and SymPy's ring of series.

    Every term of a recurrence is at most the majorant's coefficient (Cauchy), so k steps err by k roundings of that.
    With positive coefficients only, order 100: where nothing cancels, the majorant of most is the series itself.
    """
    rng = np.random.default_rng(order)
    numbers = rng.integers(1, 8, 5) * rng.choice(signs, 5)
    function, exactly, majorant = RATIONAL[name]
    exact = rationals(exactly(polynomial(numbers), t, order + 1), order)
    bound = rationals(majorant(polynomial(abs(numbers)), t, order + 1), order)
    found = function(Taylor([0.0, *numbers / 16.0], order))
    assert found.order == order
    for k, (c, e, b) in enumerate(zip(found.coefficients, exact, bound, strict=True)):
        assert abs(Fraction(float(c)) - e) <= 4 * (k + 1) * Fraction(EPS) * max(b, abs(e)), f"c_{k} is {c}, exactly {e}"


def test_exact_rationals_of_several_operations():
    """Products, quotients and compositions of small integers are exact in binary as long as nothing is rounded."""
    x = Taylor([0.0, 1.0], 30)
    assert [float(c) for c in (1 / (1 - x)).coefficients] == [1.0] * 31
    assert [float(c) for c in (x / (1 - x - x * x)).coefficients] == [fibonacci(k) for k in range(31)]
    assert [float(c) for c in (1 / (1 - x) ** 3).coefficients] == [math.comb(k + 2, 2) for k in range(31)]
    catalan = (1 - np.sqrt(1 - 4 * x)) / (2 * x)
    assert catalan.order == 29
    assert [round(float(c)) for c in catalan.coefficients] == [math.comb(2 * k, k) // (k + 1) for k in range(30)]


def fibonacci(k):
    a, b = 0, 1
    for _ in range(k):
        a, b = b, a + b
    return a


# ------------------------------------------------------------------------------ compositions

STEPS = {  # each for NumPy and for 50-digit numbers; analytic near the real line
    "sin": lambda m, x: m.sin(x),
    "cos": lambda m, x: m.cos(2 * x),
    "exp": lambda m, x: m.exp(x / 2),
    "tanh": lambda m, x: m.tanh(x / 4),  # 1 - tanh^2 cancels where tanh is nearly 1
    "arctan": lambda m, x: m.arctan(x),
    "log": lambda m, x: m.log(3 + m.sin(x)),
    "sqrt": lambda m, x: m.sqrt(1 + x * x),
    "arcsinh": lambda m, x: m.arcsinh(x),
    "square": lambda m, x: x * x,
    "cube": lambda m, x: x**3 - x,
    "reciprocal": lambda m, x: 1 / (2 + x * x),
    "power": lambda m, x: (2 + m.cos(x)) ** 1.5,
    "gauss": lambda m, x: m.exp(-x * x),
    "cbrt": lambda m, x: m.cbrt(2 + m.sin(x)),
    "erf": lambda m, x: m.erf(x),
    "expit": lambda m, x: m.expit(x),
    "quotient": lambda m, x: m.sin(x) / (2 + m.cos(x)),
    "product": lambda m, x: x * m.exp(-x),
    "twice": lambda m, x: m.arctan(x) * m.sinh(x) - m.cosh(x),
    "sinc": lambda m, x: m.arcsin(m.sin(x) / 2),
    "logistic": lambda m, x: m.logaddexp(x, 1.0),
}
PRECISE = SimpleNamespace(**COMPLEX)


class Numpy:
    def __getattr__(self, name):
        import scipy.special

        return getattr(np, name, None) or getattr(scipy.special, name)


def compose(m, names, x):
    for name in names:
        x = STEPS[name](m, x)
    return x


def nearby(names, x, turned, errors):
    """A composition whose steps y err by e/2 (y(w t) + y(t/w)) with |w| = 1: by up to e c_k in every coefficient."""
    for name, e in zip(names, errors, strict=True):
        turned = [STEPS[name](PRECISE, y) for y in turned]
        x = STEPS[name](PRECISE, x) + e * sum(turned) / 2
    return x


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=3), st.floats(0.1, 1.5))
def test_compositions(names, x0):
    """As close as the exact coefficients of a program in whose steps every coefficient errs by a last digit."""
    order, rng = 20, np.random.default_rng(1)

    def perturbed():
        w, at = mpmath.expj(rng.uniform(0.5, 2.5)), mpmath.mpf(x0) + EPS * rng.uniform(0.5, 1) * max(1, abs(x0))
        errors = [EPS * e for e in rng.uniform(0.5, 1, len(names))]
        return cauchy(lambda s: nearby(names, at + s, [x0 + s * w, x0 + s / w], errors), order, 1e-3)

    exact, near = cauchy(lambda s: compose(PRECISE, names, x0 + s), order, 1e-3), [perturbed() for _ in range(2)]
    found = taylor(lambda x: compose(Numpy(), names, x), x0, order).coefficients
    for k, (c, e, *others) in enumerate(zip(found, exact, *near, strict=True)):
        spread = max(abs(o - e) for o in others) + EPS * abs(e)
        assert abs(mpmath.mpf(float(c)) - e) <= 64 * (k + 1) * spread, (names, k, float(c), float(e), float(spread))


# ------------------------------------------------------------------------------ lecture 5


def test_exp_of_sin():
    exact = rationals(rs.rs_exp(rs.rs_sin(t, t, 9), t, 9), 8)
    assert exact == [1, 1, Fraction(1, 2), 0, *(Fraction(1, -n) for n in (8, 15, 240)), Fraction(1, 90),
                     Fraction(31, 5760)]  # fmt: skip
    found = taylor(lambda t: np.exp(np.sin(t)), 0.0, 8)
    assert [float(c) for c in found.coefficients] == pytest.approx([float(c) for c in exact], rel=4 * EPS, abs=EPS / 4)
    assert [round(float(d)) for d in found.derivatives] == [1, 1, 1, 0, -3, -8, -3, 56, 217]


def fike_and_alonso(x):
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


def test_fike_and_alonsos_function():
    shown = "4.49778005 4.05342789 9.46307368 32.1679045".split()
    found = taylor(fike_and_alonso, 1.5, 3).derivatives
    assert all(abs(float(d) - float(s)) < 10.0 ** (len(s.split(".")[0]) - 9) for d, s in zip(found, shown, strict=True))
    x = mpmath.mpf(1.5)

    def f(s):
        return mpmath.exp(x + s) / mpmath.sqrt(mpmath.sin(x + s) ** 3 + mpmath.cos(x + s) ** 3)

    close(taylor(fike_and_alonso, 1.5, 60).coefficients, cauchy(f, 61), [1.5])


def test_an_equation_with_a_pole():
    """y' = y^2: y = y0 / (1 - y0 t), coefficient by coefficient from y_(k+1) = (y^2)_k / (k + 1), exact to K = 30."""
    for y0 in (1.0, 2.0, -0.5):
        y = [y0]
        for k in range(30):
            y.append((Taylor(y) ** 2).coefficients[k] / (k + 1))
        assert [float(c) for c in y] == [y0 ** (k + 1) for k in range(31)]
    slope = grad(lambda y0: last_of_recurrence(y0, 5))(2.0)  # d/dy0 of y0^6
    assert slope == pytest.approx(6 * 2.0**5, rel=1e-14)


def last_of_recurrence(y0, order):
    y = [y0]
    for k in range(order):
        y.append((Taylor(y) * Taylor(y)).coefficients[k] / (k + 1))
    return y[-1]
