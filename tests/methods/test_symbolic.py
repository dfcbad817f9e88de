"""Plain NumPy programs run on letters: against closed forms, against the numbers, and against the AD core."""

import doctest

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import adcourse
from adcourse.core.errors import ADError
from adcourse.core.kinds import Elementwise, General
from adcourse.core.rules import RULES
from adcourse.methods import symbolic
from adcourse.methods.symbol import EXTREMES, FUNCTIONS, MATRICES, QUESTIONS, SPECIAL, SymbolicError, counterpart
from adcourse.methods.symbolic import derivative, evaluate, expression, gradient, run
from tests.core.examples_special import ORDERS
from tests.methods.programs import EXAMPLES, program, steps

x, y, z = sp.symbols("x y z", real=True)


def test_docstrings():
    assert doctest.testmod(symbolic).failed == 0


def same(a, b):
    return sp.simplify(a - b) == 0


# ---------------------------------------------------------------- closed forms


@pytest.mark.parametrize(
    "f, formula",
    [
        (lambda t: 5 * t**5 + 4 * t**3 - 5, 5 * x**5 + 4 * x**3 - 5),
        (lambda t: np.exp(-t / 2) * np.cos(t) ** 2, sp.exp(-x / 2) * sp.cos(x) ** 2),
        (lambda t: 1 / (1 + np.exp(-t)), 1 / (1 + sp.exp(-x))),
        (lambda t: abs(t) + np.sqrt(t**2), 2 * sp.Abs(x)),
        (lambda t: np.maximum(t, 0) + np.minimum(t, 0), sp.Max(x, 0) + sp.Min(x, 0)),
        (lambda t: np.where(t > 0, t, -t), sp.Piecewise((x, x > 0), (-x, True))),
        (lambda t: (t > 1) * t, x * sp.Piecewise((1, x > 1), (0, True))),
        (lambda t: np.where((t > 0) & ~(t >= 1), 1, 0), sp.Piecewise((1, (x > 0) & (x < 1)), (0, True))),
        (lambda t: np.where(np.logical_or(t < 0, t > 1), t, 0), sp.Piecewise((x, (x < 0) | (x > 1)), (0, True))),
        (lambda t: np.where(np.logical_and(t, t > -1), t, 0), sp.Piecewise((x, sp.Ne(x, 0) & (x > -1)), (0, True))),
        (lambda t: np.floor((t > 0) + 0.5) + np.sign(t > 0), 2 * sp.Piecewise((1, x > 0), (0, True))),
        (lambda t: np.floor(t) + np.sign(t) + t % 2, sp.floor(x) + sp.sign(x) + x - 2 * sp.floor(x / 2)),
        (lambda t: np.sum(np.stack([t, 2 * t, t**2])), 3 * x + x**2),
        (lambda t: np.array([t, 1.0]) @ np.array([[1, 2], [3, 4]]) @ np.array([1, t]), x + 2 * x**2 + 3 + 4 * x),
        (lambda t: np.linalg.det(np.reshape(np.stack([t, 1, 2, t]), (2, 2))), x**2 - 2),
        (lambda t: np.max(np.stack([t, 1 - t])), sp.Max(x, 1 - x)),
        (lambda t: t if t**2 >= 0 else np.nan, x),  # true of every real number, and SymPy knows it
        (lambda t: 7, sp.Integer(7)),
        (np.arctan, sp.atan(x)),
    ],
)
def test_programs_become_their_formulas(f, formula):
    assert same(expression(f, x), formula)


def test_loops_are_unrolled_and_swell_as_the_course_says():
    def logistic(t, n):
        for _ in range(n):
            t = 4 * t * (1 - t)
        return t

    assert same(expression(lambda t: logistic(t, 3), x), logistic(x, 3))
    assert sp.degree(expression(lambda t: logistic(t, 5), x), x) == 32


def test_arguments_may_be_names_letters_arrays_of_letters_and_numbers():
    a, b = sp.symbols("a b", real=True)
    assert expression(lambda p, q: p / q) == sp.Symbol("p", real=True) / sp.Symbol("q", real=True)
    assert expression(np.hypot) == sp.sqrt(x**2 + y**2)
    assert expression(lambda p, q=2: p * q) == 2 * sp.Symbol("p", real=True)
    assert expression(lambda v: v[0] - v[1], [a, b]) == a - b
    assert expression(lambda v, m: np.sum(m @ v), np.array([a, b]), np.array([[1, 2], [3, 4]])) == 4 * a + 6 * b
    assert expression(lambda v: np.sum(v * v), "w:3") == sum(s**2 for s in sp.symbols("w:3", real=True))
    assert expression(lambda v: {"s": v, "p": (v**2, [1.0])}, x) == {"s": x, "p": (x**2, [1])}
    assert expression(lambda v: np.stack([v, v**2]), x) == sp.Array([x, x**2])


def test_letters_that_are_not_declared_real_stand_for_real_numbers_and_come_back():
    t = sp.Symbol("t")
    assert expression(lambda u: np.sqrt(u**2), t) == sp.Abs(t)
    assert derivative(lambda u: np.sqrt(u**2), t) == sp.sign(t)
    assert gradient(lambda u, v: np.abs(u) * v, t, x) == (x * sp.sign(t), sp.Abs(t))
    with pytest.raises(ADError):
        expression(np.sin, sp.Symbol("i", imaginary=True))


def test_constants_are_shown_nicely_or_kept_exactly():
    assert expression(lambda t: 0.1 * t + 0.5, x) == x / 10 + sp.Rational(1, 2)
    assert expression(lambda t: 0.1 * t, x, exact=True) == sp.Rational(3602879701896397, 2**55) * x
    assert expression(lambda t: np.float32(0.1) * t, x, exact=True) == sp.Rational(float(np.float32(0.1))) * x
    assert "6.28318530717959" in str(expression(lambda t: 2 * np.pi * t, x).n(15))
    assert expression(lambda t: np.maximum(t, -np.inf), x) == x
    third = expression(lambda t: t * (1 / 3), x, exact=True)
    assert evaluate(third, {x: 1.0}, 40) == sp.Float(sp.Rational(1 / 3), 40)


# ---------------------------------------------------------------- derivatives


@pytest.mark.parametrize("name", EXAMPLES)
def test_running_examples_against_derivatives_by_hand(name):
    f, at, by_hand = EXAMPLES[name]
    if np.ndim(at) == 0:
        found = [evaluate(derivative(f, "x", exact=True), {x: at})]
    else:
        letters = sp.symbols(f"x:{len(at)}", real=True)
        found = [evaluate(d, dict(zip(letters, at, strict=True))) for d in gradient(f, letters, exact=True)]
    assert np.array(found, float) == pytest.approx(np.atleast_1d(by_hand(at)), rel=1e-14)


def test_derivatives_of_higher_order():
    f = lambda t: np.exp(2 * t) * np.sin(t)
    for n in range(4):
        assert same(derivative(f, x, n=n), sp.diff(sp.exp(2 * x) * sp.sin(x), x, n))


def test_jumps_are_flat():
    assert derivative(lambda t: np.floor(t**2) * t, x) == sp.floor(x**2)
    assert derivative(lambda t: np.ceil(t) + np.trunc(t), x).subs(x, sp.Rational(3, 2)) == 0


def test_derivatives_of_the_core_can_be_traced():
    f = lambda t: np.sin(t) * t**2
    for transform in (adcourse.grad, adcourse.derivative):
        assert same(expression(transform(f), x), sp.diff(sp.sin(x) * x**2, x))
    hessian = expression(adcourse.hessian(lambda v: v[0] ** 2 * v[1]), [x, y])
    assert hessian == sp.Array([[2 * y, 2 * x], [2 * x, 0]])


@pytest.mark.parametrize(
    "function", [f for f, rule in RULES.items() if isinstance(rule, Elementwise)], ids=lambda f: f.__name__
)
def test_every_elementwise_rule_has_its_formula_and_the_same_derivatives(function):
    """Walks the table: value and partial derivatives of the formula are those of the rule."""
    rule = RULES[function]
    assert counterpart(rule)
    rng = np.random.default_rng()
    low, high = {"arccosh": (1.1, 3), "power": (0.2, 2), "float_power": (0.2, 2)}.get(function.__name__, (0.1, 0.9))
    order = (3,) if rule.name in ORDERS else ()  # no derivative by that
    at = rng.uniform(low, high, size=len(rule.partials) - len(order))
    letters = [x, y][: len(at)]
    special = rule.name in SPECIAL and function not in FUNCTIONS  # SciPy doesn't give the last digits
    rel = 1e-12 if special else 1e-14
    formula = expression(lambda *a: function(*order, *a), *letters, exact=True)
    point = dict(zip(letters, at, strict=True))
    assert float(evaluate(formula, point)) == pytest.approx(function(*order, *at), rel=rel)
    for k, letter in enumerate(letters):
        exact = float(evaluate(symbolic.differentiate(formula, letter), point))
        found = adcourse.grad(lambda *a: function(*order, *a), k)(*at)
        assert found == pytest.approx(exact, rel=10 * rel, abs=1e-15), (function, at)


def test_every_matrix_function_has_its_formula():
    assert {rule.function for rule in RULES.values() if isinstance(rule, General)} <= set(MATRICES) | set(EXTREMES)
    rng = np.random.default_rng()
    letters = sp.symbols("a:6", real=True)
    at = rng.normal(size=6) + np.array([3, 0, 0, 3, 0, 0])
    for f in (
        lambda v: np.linalg.det(np.reshape(v[:4], (2, 2))),
        lambda v: np.sum(np.linalg.inv(np.reshape(v[:4], (2, 2))) * np.array([[1, 2], [3, 4]])),
        lambda v: np.linalg.solve(np.reshape(v[:4], (2, 2)), v[4:]) @ np.array([1, -2]),
    ):
        exact = [float(evaluate(d, dict(zip(letters, at, strict=True)))) for d in gradient(f, letters, exact=True)]
        assert adcourse.grad(f)(at) == pytest.approx(exact, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if not q.__name__.startswith("logical")], ids=lambda q: q.__name__
)
def test_questions_get_their_answer_when_the_letters_do(question):
    n = question.nin if isinstance(question, np.ufunc) else 1
    for a, b in [(1.5, 0.5), (-1.5, 2.0), (0.5, 0.5)]:
        letters, numbers = (x, y)[:n], (a, b)[:n]
        answer = expression(question, *letters).subs(dict(zip(letters, map(sp.Rational, numbers), strict=True)))
        assert float(sp.Piecewise((1, answer), (0, True)) if answer.is_Boolean else answer) == float(question(*numbers))


@given(steps, st.floats(-2, 2))
@settings(max_examples=60, deadline=None)
def test_random_programs_have_the_value_of_their_formula(steps, at):
    f = program(steps)
    formula = expression(f, x, exact=True)
    assert float(evaluate(formula, {x: at})) == pytest.approx(f(np.float64(at)), rel=1e-12, abs=1e-12)
    assert float(run(formula, {x: at}, 15)[0]) == pytest.approx(f(np.float64(at)), rel=1e-11, abs=1e-11)


# ---------------------------------------------------------------- fifty digits


def test_evaluate_has_the_digits_it_promises():
    for digits in (15, 50, 200):
        assert abs(evaluate(sp.exp(x), {x: 1.0}, digits) - sp.E.n(digits + 20)) < sp.E * sp.Float(10) ** -digits
    at = {x: 1e-30}  # 30 digits cancel here
    assert evaluate(sp.exp(x) - 1 - x, at, 30) == pytest.approx(5.0000000000000008334e-61, rel=1e-16)
    assert evaluate(1 - sp.tanh(x) ** 2, {x: 150.0}, 30) == pytest.approx(float(1 / sp.cosh(150) ** 2), rel=1e-14)


def test_evaluate_knows_a_zero_and_what_is_no_real_number():
    zero = (sp.sqrt(x + 1) + sp.sqrt(x)) * (sp.sqrt(x + 1) - sp.sqrt(x)) - 1
    assert evaluate(zero, {x: 0.3}).is_zero
    for formula, at in [
        (sp.log(x), -1.0),
        (1 / x, 0.0),
        (sp.sqrt(x), -2.0),
        (sp.DiracDelta(x), 0.0),
        (x + sp.zoo, 1.0),
    ]:
        assert evaluate(formula, {x: at}) is sp.nan


def test_evaluate_takes_each_distinct_part_once():
    e = x
    for _ in range(40):  # 2^40 nodes as a tree, 120 as a graph
        e = sp.sin(e) * sp.cos(e)
    assert evaluate(e, {x: 0.3}).is_finite


# ---------------------------------------------------------------- what tracing can't see


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t if t > 0 else -t,
        lambda t: max(t, 0.0),
        lambda t: sorted([t, 1 - t])[0],
        lambda t: t * (3 if abs(t) < 1 and t > 0 else 2),
    ],
)
def test_a_branch_is_refused_with_the_way_out(f):
    with pytest.raises(SymbolicError, match=r"np\.where"):
        expression(f, x)


def test_a_while_loop_is_refused():
    def halve(t):
        while t > 1:
            t = t / 2
        return t

    with pytest.raises(SymbolicError, match="branch"):
        expression(halve, x)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: float(t),
        lambda t: int(t),
        lambda t: np.argsort(np.stack([t, 1 - t]))[0] * t,
        lambda t: np.round(t),
        lambda t: None,
        lambda t: "formula",
        lambda t: t[0],
        lambda t: __import__("math").sin(t),
    ],
)
def test_what_needs_the_number_is_refused(f):
    with pytest.raises(ADError):
        expression(f, x)


def test_shapes_of_results_that_have_no_derivative_are_refused():
    with pytest.raises(ADError):
        derivative(lambda t: (t, t), x)
    with pytest.raises(ADError):
        gradient(lambda v: 2 * v, "v:2")
    with pytest.raises(ADError):
        derivative(lambda a, b: a * b, x, y)


def test_an_index_error_of_the_program_is_its_own():
    with pytest.raises(IndexError):
        expression(lambda v: v[5], "v:3")


def test_a_letter_kept_after_the_run_is_refused():
    kept = []
    expression(lambda t: kept.append(t) or t, x)
    with pytest.raises(ADError):
        kept[0] + 1


def test_a_formula_inside_a_derivative_is_refused():
    with pytest.raises(ADError):
        adcourse.grad(lambda t: expression(lambda u: t * u, x).subs(x, 2))(1.0)
