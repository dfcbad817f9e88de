"""What is printed can be read: parsed by SymPy, the text and the LaTeX of a series give its coefficients back."""

import math
import random
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, standard_transformations
from sympy.polys.ring_series import rs_series

from adcourse import Dual, Taylor, TaylorN, grad, taylor
from adcourse.show import series

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
t, x, y = sp.symbols("t x y")
FRACTIONS = st.fractions(max_denominator=10**6)
DECIMALS = st.floats(-1e6, 1e6).filter(lambda c: c == 0 or abs(c) > 1e-6)


def read(text):
    """The polynomial that the text shows, and what its O says."""
    text, rest = re.fullmatch(r"(.*?)(?: \+ )?(O\(.*\))", text).groups()
    text = re.sub(f"[{RAISED}]+", lambda m: "**" + "".join(str(RAISED.index(digit)) for digit in m[0]), text)
    text = re.sub(r"(?<=[xy\d]) (?=[xyt])", "*", text)
    return parse_expr(text, transformations=(*standard_transformations, implicit_multiplication)), rest


def read_latex(text):
    """The polynomial that the LaTeX of a series in t, x, y shows."""
    text, _ = text.rsplit(" + O", 1)
    text = re.sub(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{(\d+)\}", r"(\1)/\2", text)
    text = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"*10**(\1)", text)
    text = re.sub(r"(?<=[\d)}txy]) (?=[txy])", "*", text).replace("^{", "**(").replace("}", ")")
    return parse_expr(text)


def coefficients(polynomial, n):
    return [sp.Poly(polynomial, t).coeff_monomial(t**k) for k in range(n)]


@given(st.lists(FRACTIONS | st.integers(-(10**20), 10**20), max_size=12))
def test_fractions_are_exact(given):
    polynomial, rest = read(series.text(given))
    assert [Fraction(int(c.p), int(c.q)) for c in coefficients(polynomial, len(given))] == given
    assert [Fraction(int(c.p), int(c.q)) for c in coefficients(read_latex(series.latex(given)), len(given))] == given
    if len(given) > 1:
        assert read(rest[2:-1] + "O()")[0] == t ** len(given)


@given(st.lists(DECIMALS, min_size=1, max_size=8))
@example([1e-5, -1e-6, 123456.789, 0.1, -0.0])
def test_floats_are_read_back_to_six_digits(given):
    for polynomial in (read(series.text(given))[0], read_latex(series.latex(given))):
        found = coefficients(polynomial, len(given))
        assert [float(c) for c in found] == pytest.approx(given, rel=5e-6, abs=0)


@given(st.fractions(-100, 100, max_denominator=999))
@example(Fraction(14607, 160))
def test_simple_fractions_are_recognised(q):
    """As floats, and with an error in the last places."""
    if abs(q.numerator * q.denominator) > 10**7:
        return
    near = float(q)
    for _ in range(4):
        shown = read(series.text([near]))[0]
        exact = sp.Rational(q.numerator, q.denominator)
        assert shown == exact or float(shown) == near  # 0.37 is as exact as 37/100
        if len(str(near)) > 12 and q:
            assert shown == exact
        near = math.nextafter(near, math.inf)


@pytest.mark.parametrize(
    "f, order",
    [
        (sp.exp(t), 20), (sp.exp(sp.sin(t)), 10), (sp.tan(t), 11), (1 / sp.cos(t), 10), (sp.sqrt(1 + t), 14),
        (1 / (1 - t - t**2), 20), (sp.atan(t), 20), (sp.log(1 + t), 20),
        (sp.tanh(t), 9), (1 / sp.sqrt(1 - t**2), 14),
    ],
    ids=str,
)  # fmt: skip
def test_taylor_coefficients_come_out_as_the_textbook_has_them(f, order):
    """Rounded to floats, each off by an ulp or two: the exact fractions are back in the text."""
    found = rs_series(f, t, order + 1).as_expr()
    exact = [sp.Rational(found.coeff(t, k)) for k in range(order + 1)]
    rng = random.Random(str(f))
    near = [float(c) * (1 + rng.choice([-4, -2, 0, 2, 4]) * 2.0**-53) for c in exact]
    polynomial, _ = read(series.text(near))
    assert coefficients(polynomial, order + 1) == exact
    assert not polynomial.atoms(sp.Float)


def test_the_series_of_the_lecture():
    c = [1, 1, 1 / 2, 0, -1 / 8, -1 / 15, -1 / 240, 1 / 90, 31 / 5760, 0]
    assert series.text(c) == "1 + t + t²/2 - t⁴/8 - t⁵/15 - t⁶/240 + t⁷/90 + 31t⁸/5760 + O(t¹⁰)"
    assert series.text([1 / math.factorial(12)]) == "1/479001600 + O(t)"


@settings(max_examples=300)
@given(st.floats(-1e3, 1e3).filter(lambda c: len(repr(c)) > 16 and abs(c) > 1e-3), st.integers(0, 20))
@example(math.sin(1.0), 0)
@example(math.pi, 12)
@example(0.1234567, 12)
@example(0.0123456, 0)
@example(0.577215664901, 3)
def test_what_is_no_fraction_stays_decimal(c, k):
    """Drawn with all their digits: a fraction among these is either exact or simple, and close."""
    q = series.rational(c, k)
    if q is not None:
        assert abs(q - Fraction(c)) <= abs(Fraction(c)) * 2**-49
        assert Fraction(c) == q or abs(q.numerator) * q.denominator <= 10**7 or math.factorial(20) % q.denominator == 0
    if c in (math.sin(1.0), math.pi, 0.1234567, 0.0123456, 0.577215664901):
        assert q is None


@pytest.mark.parametrize("seed", range(3))
def test_chance_makes_no_fractions(seed):
    rng = random.Random(seed)
    drawn = [rng.choice([rng.random(), rng.gauss(0, 1e3), math.exp(-30 * rng.random())]) for _ in range(5_000)]
    assert [c for c in drawn if series.rational(c, rng.randrange(25))] == []


@pytest.mark.parametrize(
    "c, text",
    [
        ([], "0 + O(1)"), ([0.0], "0 + O(t)"), ([0, 0, 0], "0 + O(t³)"), ([-1.0, -1.0], "-1 - t + O(t²)"),
        ([0.0, -2.0, 1.5], "-2t + 3t²/2 + O(t³)"), ([0.0, 0.37, 0.05, 0.1], "0.37 t + t²/20 + t³/10 + O(t⁴)"),
        ([math.nan, math.inf, -math.inf, -0.0], "nan + inf t - inf t² + O(t⁴)"),
        ([np.float32(1 / 3), np.float32(0.1), np.float32(np.pi)], "1/3 + t/10 + 3.14159 t² + O(t³)"),
        ([np.float32(np.sin(1.0)), np.float16(0.5), np.float16(0.1)], "0.841471 + t/2 + 0.0999756 t² + O(t³)"),
        ([np.int64(-4), np.array(0.5), True], "-4 + t/2 + t² + O(t³)"),
        ([2.0**70, 1e300], "1.18059e21 + 1e300 t + O(t²)"),
        ([np.array([1.0, 2.0]), np.array([1, 1]), np.zeros(2)], "[1 2] + [1 1] t + O(t³)"),
        ([np.eye(2) / 3, -np.array([np.pi, 0.25])], "[[1/3 0] [0 1/3]] + [-3.142 -1/4] t + O(t²)"),
        ([np.arange(20.0), 1], "(20,) [0, 1, 2, …] + t + O(t²)"),
        ([np.array([Fraction(1, 7)] * 2)], "[1/7 1/7] + O(t)"),
        ([1 + 2j, sp.Rational(1, 7), sp.sqrt(2)], "(1+2j) + t/7 + 1.41421 t² + O(t³)"),
        ([Dual(1.0, 2.0), Dual(0.0, 0.0)], "(Dual(1.0, 2.0)) + (Dual(0.0, 0.0)) t + O(t²)"),
        ([1, Dual(np.eye(2), np.ones(2) * np.ones((2, 1)))],
         "1 + (Dual(array([[1., 0.], [0., 1.]]), array([[1., 1.], [1., 1.]]))) t + O(t²)"),
    ],
)  # fmt: skip
def test_texts(c, text):
    assert series.text(c) == text


@pytest.mark.parametrize(
    "c, text",
    [
        ([1.0, 1.0, 0.5], r"1 + t + \frac{t^{2}}{2} + O\left(t^{3}\right)"),
        ([-0.5, 0, Fraction(-31, 5760)], r"-\frac{1}{2} - \frac{31 t^{2}}{5760} + O\left(t^{3}\right)"),
        ([1e-7 * np.pi, 3], r"3.14159 \cdot 10^{-7} + 3 t + O\left(t^{2}\right)"),
        ([math.inf, -math.inf, math.nan], r"\infty - \infty t + \text{nan} t^{2} + O\left(t^{3}\right)"),
        ([np.array([1.0, 0.5]), Dual(1.0, 2.0)], r"\text{[1 1/2]} + \text{(Dual(1.0, 2.0))} t + O\left(t^{2}\right)"),
    ],
)
def test_latex(c, text):
    assert series.latex(c) == text


def test_order_and_variable():
    assert series.text([1, 1, 1], "h", order=1) == "1 + h + O(h²)"
    assert series.text([1, 1], "theta", order=11) == "1 + theta + O(theta¹²)"
    assert series.latex([0, 1, 0.5], "theta") == r"\theta + \frac{\theta^{2}}{2} + O\left(\theta^{3}\right)"


def test_a_traced_coefficient_is_not_made_plain():
    shown = []

    def f(a):
        shown.append(series.text([a, 1.0]))
        return a

    grad(f)(2.0)
    assert shown == ["(Var(2.0)) + t + O(t²)"]


# ------------------------------------------------------------------------------ several variables


@given(
    st.dictionaries(st.tuples(st.integers(0, 12), st.integers(0, 12)), FRACTIONS, max_size=10),
    st.integers(0, 24),
)
def test_several_variables_are_exact(terms, order):
    polynomial, rest = read(series.text_n(terms, ["x", "y"], order))
    expected = sum((sp.Rational(c) * x**i * y**j for (i, j), c in terms.items() if i + j <= order), sp.Integer(0))
    assert sp.expand(polynomial - expected) == 0
    assert rest == f"O({order + 1})"


def test_terms_come_by_degree():
    terms = {(0, 2): -1 / 3, (1, 1): 1.0, (2, 0): 0.5, (0, 0): 1.0, (1, 0): 1.0, (3, 0): 9.0, (0, 1): 0.0}
    assert series.text_n(terms, ["x", "y"], 2) == "1 + x + x²/2 + x y - y²/3 + O(3)"
    assert series.text_n({(1, 2): math.pi, (0, 1): -2}, ["x", "y"], 3) == "-2y + 3.14159 x y² + O(4)"
    assert series.latex_n(terms, ["x1", "theta"], 2) == (
        r"1 + x_{1} + \frac{x_{1}^{2}}{2} + x_{1} \theta - \frac{\theta^{2}}{3} + O(3)"
    )


# ------------------------------------------------------------------------------ what a notebook shows of a series


def shown_latex(series):
    """What a notebook is given, without the dollar signs that make it mathematics."""
    return re.fullmatch(r"\$(.+)\$", series._repr_latex_())[1]


@given(st.lists(st.integers(-999, 999), min_size=1, max_size=9), st.sampled_from([1, 2, 3, 10, 24]))
def test_a_series_shows_its_coefficients(numerators, denominator):
    given = Taylor([n / denominator for n in numerators])
    found = coefficients(read_latex(shown_latex(given)), len(numerators))
    assert [float(c) for c in found] == given.coefficients
    assert shown_latex(given).endswith(rf"O\left({sp.latex(t ** len(numerators))}\right)")


@pytest.mark.parametrize(
    "f", [sp.exp(sp.sin(t)), sp.tan(t), sp.log(1 + t), sp.sqrt(1 + t), 1 / (1 - t - t**2)], ids=str
)
def test_a_series_of_a_program_shows_the_exact_one(f):
    shown = read_latex(shown_latex(taylor(sp.lambdify(t, f, "numpy"), 0.0, 9)))
    assert sp.expand(shown - sp.series(f, t, 0, 10).removeO()) == 0


def test_only_what_is_known_is_shown():
    """sin t / t of sin to order 5 is known to order 4."""
    h = Taylor([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    assert sp.expand(read_latex(shown_latex(np.sin(h) / h)) - (1 - t**2 / 6 + t**4 / 120)) == 0
    assert shown_latex(np.sin(h) / h).endswith(rf"O\left({sp.latex(t**5)}\right)")


@pytest.mark.parametrize("seed", range(4))
def test_a_series_in_two_variables_shows_its_polynomial(seed):
    rng = random.Random(seed)
    p = sum(
        sp.Rational(rng.randint(-9, 9), rng.choice([1, 2, 4])) * x**i * y**j for i in range(5) for j in range(5 - i)
    )
    drawn = sp.lambdify([x, y], p, "numpy")(*TaylorN.variables([0.0, 0.0], 4, ["x", "y"]))
    assert sp.expand(read_latex(shown_latex(drawn)) - p) == 0
    assert shown_latex(drawn).endswith(" + O(5)")


def test_two_variables_of_a_program():
    """exp(x) sin(y), to degree 6: the products of the two series."""
    a, b = TaylorN.variables([0.0, 0.0], 6, ["x", "y"])
    exact = sum(
        x**i * y**j * (-1) ** (j // 2) / sp.factorial(i) / sp.factorial(j)
        for i in range(6)
        for j in (1, 3, 5)
        if i + j <= 6
    )
    assert sp.expand(read_latex(shown_latex(np.exp(a) * np.sin(b))) - exact) == 0
