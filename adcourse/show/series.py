"""A series as a student writes it: ``1 + t + t²/2 - t⁴/8 + O(t⁵)``, as text and in LaTeX.

A rational coefficient is shown exactly. A float stands for a rational number when it lies within eight units in the
last place of a fraction so simple that this can't be chance: see ``rational``.
"""

import math
from fractions import Fraction
from numbers import Rational

import numpy as np

from ..core.levels import Traced
from . import mathematics, words

DIGITS = 6  # significant digits of what isn't rational
SIMPLE = {4: 100, 8: 10**7, 16: 10**7}  # by bytes of the float: how large numerator times denominator may be
WHOLE = 12  # entries of an array that is shown whole
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def text(coefficients, variable="t", order=None):
    """The series with these coefficients, to the order that they reach unless ``order`` says otherwise.

    >>> text([1.0, 1.0, 0.5, 0.0, -0.125])
    '1 + t + t²/2 - t⁴/8 + O(t⁵)'
    >>> text([0.0, math.sin(1.0), Fraction(31, 5760)])
    '0.841471 t + 31t²/5760 + O(t³)'
    >>> text([np.array([1.0, 2.0]), np.array([1.0, 0.5])], "h")
    '[1 2] + [1 1/2] h + O(h²)'
    """
    return _series(coefficients, variable, order, _text_power, _text_term, "O({})".format)


def latex(coefficients, variable="t", order=None):
    r"""The same in LaTeX.

    >>> latex([1.0, 1.0, 0.5])
    '1 + t + \\frac{t^{2}}{2} + O\\left(t^{3}\\right)'
    """
    name = mathematics.name(variable)
    return _series(coefficients, name, order, _latex_power, _latex_term, r"O\left({}\right)".format)


def text_n(terms, names, order):
    """A series in several variables, from ``{exponents: coefficient}``, lowest degrees first.

    ``O(3)`` stands for all that has degree 3 or more.

    >>> text_n({(0, 0): 1.0, (1, 0): 1.0, (1, 1): 1.0, (2, 0): 0.5}, ["x", "y"], 2)
    '1 + x + x²/2 + x y + O(3)'
    """
    return _series_n(terms, names, order, _text_power, _text_term)


def latex_n(terms, names, order):
    r"""The same in LaTeX.

    >>> latex_n({(1, 0): 2.0, (1, 1): 0.5}, ["x", "theta"], 2)
    '2 x + \\frac{x \\theta}{2} + O(3)'
    """
    return _series_n(terms, [mathematics.name(n) for n in names], order, _latex_power, _latex_term)


def rational(x, k=0):
    """The fraction that a coefficient of degree ``k`` stands for, or None.

    A float is taken for p/q within eight units in the last place (a recurrence of order 20 seldom loses more) if
    p q <= 10^7, or if q divides the larger of k! and 12! and the numerator over that is no more than 10^7: Taylor
    coefficients are derivatives over factorials. Such fractions lie so far apart that a number drawn at random is
    taken for one with a chance of less than 10^-7. In single precision the bounds are 100, the chance is 10^-3. A
    float that is an integer, or a fraction in half its bits, is shown as it is. Where decimals are as exact and
    shorter, as in 0.37, they are kept.

    >>> rational(1 / 3), rational(-1 / math.factorial(12)), rational(0.1234567), rational(math.sin(1.0))
    (Fraction(1, 3), Fraction(-1, 479001600), None, None)
    """
    x = x[()] if isinstance(x, np.ndarray) else x
    if isinstance(x, (Rational, np.bool_)):
        return Fraction(int(x.numerator), int(x.denominator)) if isinstance(x, Rational) else Fraction(int(x))
    if not isinstance(x, (float, np.floating)) or not math.isfinite(x):
        return None
    exact, eps = Fraction(*x.as_integer_ratio()), float(np.finfo(type(x)).eps)
    simple, found = SIMPLE.get(getattr(x, "nbytes", 8), 0), None
    if exact.numerator**2 < 1 / eps or (exact.denominator == 1 and abs(x) < 1 / eps):
        found = exact
    else:
        near = exact.limit_denominator(max(1, math.isqrt(int(simple / abs(exact)))))
        candidates = [near] if abs(near.numerator) * near.denominator <= simple else []
        scales = math.factorial(12), math.factorial(max(k, 12))
        candidates += [Fraction(p, n) for n in scales if abs(p := round(exact * n)) <= simple]
        found = next((c for c in candidates if abs(c - exact) <= 8 * Fraction(eps) * abs(exact)), None)
    decimals = words.number(x, DIGITS)
    shorter = found is not None and found.denominator > 10 and len(decimals) < len(str(found))
    return None if shorter and type(x)(decimals) == x else found


# ---------------------------------------------------------------------------------------------- terms and their sum


def _series(coefficients, variable, order, power, term, big_o):
    order = len(coefficients) - 1 if order is None else order
    terms = [term(c, power(variable, k), k) for k, c in enumerate(coefficients[: order + 1]) if not _is_zero(c)]
    return _sum(terms, big_o(power(variable, order + 1) or "1"))


def _series_n(terms, names, order, power, term):
    def product(exponents):
        return " ".join(power(name, e) for name, e in zip(names, exponents, strict=True) if e)

    shown = [k for k, c in terms.items() if sum(k) <= order and not _is_zero(c)]
    shown.sort(key=lambda k: (sum(k), [-e for e in k]))
    return _sum([term(terms[k], product(k), sum(k)) for k in shown], f"O({order + 1})")


def _sum(terms, rest):
    """Terms joined by their signs."""
    out = "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in [*(terms or ["0"]), rest])
    return out[3:] if out.startswith(" + ") else "-" + out[3:]


def _is_zero(c):
    return not isinstance(c, Traced) and bool(np.all(c == 0))


def _text_power(name, k):
    return "" if k == 0 else name if k == 1 else name + str(k).translate(RAISED)


def _latex_power(name, k):
    return "" if k == 0 else name if k == 1 else f"{name}^{{{k}}}"


def _text_term(c, power, k):
    q = rational(c, k)
    if q is None:
        return f"{_other(c)} {power}".rstrip()
    return _times(q.numerator, power, "") + (f"/{q.denominator}" if q.denominator > 1 else "")


def _latex_term(c, power, k):
    q = rational(c, k)
    if q is None:
        text = mathematics.value(c, DIGITS) if _is_decimal(c) else mathematics.text_mode(_other(c))
        return f"{text} {power}".rstrip()
    top = _times(abs(q.numerator), power, " ")
    return "-" * (q < 0) + (rf"\frac{{{top}}}{{{q.denominator}}}" if q.denominator > 1 else top)


def _times(n, power, between):
    """An integer times a power; a factor of 1 isn't written."""
    if not power or abs(n) != 1:
        return f"{n}{between}{power}" if power else str(n)
    return power if n > 0 else f"-{power}"


def _is_decimal(c):
    return hasattr(c, "__float__") and not isinstance(c, (Traced, complex)) and not words.shape(c)


def _other(c):
    """A coefficient that is no fraction: decimals, an array (a small one whole), anything else in parentheses."""
    if isinstance(c, Traced):
        return f"({' '.join(repr(c).split())})"
    if not words.shape(c):
        return words.number(c, DIGITS) if _is_decimal(c) else f"({words.number(c, DIGITS)})"
    return words.value(c) if math.prod(words.shape(c)) > WHOLE else _nested(c.tolist())


def _nested(c):
    if isinstance(c, list):
        return f"[{' '.join(map(_nested, c))}]"
    q = rational(c)
    return words.number(c, words.DIGITS) if q is None else str(q)
