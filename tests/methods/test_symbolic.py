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
from adcourse.methods.counterparts import FUNCTIONS, QUESTIONS, SPECIAL, counterpart
from adcourse.methods.matrix_formulas import FORMULAS, NO_FORMULA, PROGRAMS
from adcourse.methods.symbol import SymbolicError
from adcourse.methods.symbolic import derivative, evaluate, expression, gradient, jacobian, run
from tests.core.examples import EXAMPLES as CALLS
from tests.core.examples import draw
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
    assert {rule.function for rule in RULES.values() if isinstance(rule, General)} <= set(FORMULAS) | set(
        NO_FORMULA
    ) | set(PROGRAMS)
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
@settings(max_examples=40, deadline=None)
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


def test_what_is_no_function_and_no_order_is_refused():
    for refused in (lambda: expression(None), lambda: derivative(np.sin, n=-1), lambda: derivative(np.sin, n=0.5)):
        with pytest.raises(ADError):
            refused()


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


# ---------------------------------------------------------------- the whole table

REFUSED = {  # by name, with the way out; all else has a formula
    "eigh": "roots of a polynomial", "eigvalsh": "roots of a polynomial", "svd": "singular values",
    "svdvals": "singular values", "qr": "signs", "lstsq": "number", "logsumexp": "numbers", "softmax": "numbers",
    "log_softmax": "numbers", "cond": "singular values", "norm": "singular values", "matrix_norm": "singular values",
    "polyfit": "singular values", "take": "number", "quantile": "branches", "average": "branches",
    "interp": "searchsorted", "linspace": "branches", "elementary": "number",
}  # fmt: skip
SOME = {"cond", "norm", "matrix_norm", "polyfit", "take", "quantile", "average", "interp", "linspace", "elementary"}


def entry_and_slope(call, at, rng):
    """One entry of the formula of a call and its derivative by one letter, and the core's; or why there is none."""
    letters = [np.array(sp.symbols(f"{s}:{np.size(a)}", real=True), object).reshape(np.shape(a))[()]
               for s, a in zip("xyz", at, strict=False)]  # fmt: skip
    try:
        formula = np.array(expression(call, *letters, exact=True), object)
    except SymbolicError as refused:
        return refused, None
    y, k = np.asarray(call(*at)), int(rng.integers(len(at)))
    assert formula.shape == y.shape
    i, j = (tuple(int(rng.integers(n)) for n in np.shape(a)) for a in (y, at[k]))
    point = {s: float(v) for a, b in zip(letters, at, strict=True)
             for s, v in zip(np.ravel(np.array(a, object)), np.ravel(b), strict=True)}  # fmt: skip
    seeds = [np.zeros(np.shape(a)) for a in at]
    seeds[k][j] = 1.0
    _, slope = adcourse.jvp(call, tuple(at), tuple(s if s.shape else float(s) for s in seeds))
    letter = letters[k][j] if j else letters[k]
    partial = symbolic.differentiate(formula[i], letter)
    return [float(evaluate(e, point)) for e in (formula[i], partial)], [y[i], np.asarray(slope)[i]]


@pytest.mark.parametrize("name", sorted(set(CALLS)))
def test_every_function_of_the_table_has_a_formula_or_says_why_not(name):
    """Walks the examples of all rules and derived functions: value and slope of a random entry, by a random letter."""
    rng, refused = np.random.default_rng(), 0
    for call, domains, shapes in CALLS[name]:
        at = draw(rng, domains, shapes)
        found, expected = entry_and_slope(call, at, rng)
        if isinstance(found, SymbolicError):
            assert REFUSED[name] in str(found) and "grad(f)(x)" in found.instead
            refused += 1
        else:
            assert found == pytest.approx(expected, rel=1e-8, abs=1e-9), (name, shapes)
    if name in REFUSED:
        assert refused > 0 and (refused < len(CALLS[name])) == (name in SOME)


# ---------------------------------------------------------------- arguments, simplification, several results


def test_arguments_may_be_containers_matrices_and_matrix_symbols():
    a, b = sp.symbols("a b", real=True)
    f = lambda p: np.sum(np.tanh(p["w"] @ np.array([1.0, 2.0]) + p["b"]))
    by_name = gradient(f, {"w": "w:2:2", "b": "b:2"})
    w, c = sp.Array(sp.symbols("w:2:2", real=True), (2, 2)), sp.symbols("b:2", real=True)
    assert by_name == gradient(f, {"w": sp.Matrix(w), "b": list(c)}) == gradient(f, {"w": w, "b": np.array(c)})
    assert by_name["b"] == sp.Array([1 - sp.tanh(c[i] + w[i, 0] + 2 * w[i, 1]) ** 2 for i in range(2)])
    assert by_name["w"].shape == (2, 2) and by_name["w"][1, 1] == 2 * by_name["b"][1]
    A = sp.MatrixSymbol("A", 2, 2)
    assert expression(np.linalg.det, A) == A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]
    assert gradient(np.linalg.det, A) == sp.Array([[A[1, 1], -A[1, 0]], [-A[0, 1], A[0, 0]]])
    assert expression(lambda m: m @ m, sp.Matrix([[a, 1], [0, b]])) == sp.Array([[a**2, a + b], [0, b**2]])
    assert gradient(lambda p, t: p[0] * p[1]["s"] * t, (a, {"s": "s", "k": 3.0}), b) == (
        (sp.Symbol("s", real=True) * b, {"s": a * b, "k": None}), a * sp.Symbol("s", real=True),
    )  # fmt: skip


def test_one_letter_twice_is_one_letter():
    s, t = sp.symbols("s t")  # not declared real: replaced while f runs
    symmetric = sp.Matrix([[s, t], [t, s]])
    assert sp.expand(expression(np.linalg.det, symmetric)) == s**2 - t**2
    found = jacobian(lambda m: np.linalg.det(m), symmetric)
    assert found.applyfunc(sp.expand) == sp.Array([[2 * s, -2 * t], [-2 * t, 2 * s]])
    with pytest.raises(ADError, match="not a letter"):
        gradient(np.linalg.det, sp.Matrix([[s, 1], [0, s]]))


@given(st.integers(0, 2**32))
@settings(max_examples=6, deadline=None)
def test_jacobians_and_hessians_are_those_of_the_core(seed):
    rng = np.random.default_rng(seed)
    m, at = rng.normal(size=(3, 2)), rng.uniform(0.3, 1.5, size=2)
    f = lambda v: np.exp(m @ v) / (1 + v[0] * v[1] ** 2)
    letters = sp.symbols("v:2", real=True)
    point = dict(zip(letters, at, strict=True))
    for found, expected in [
        (jacobian(f, letters, exact=True), adcourse.jacobian(f)(at)),
        (symbolic.hessian(lambda v: np.sum(f(v)), letters, exact=True), adcourse.hessian(lambda v: np.sum(f(v)))(at)),
    ]:
        numbers = np.array([float(evaluate(e, point, 20)) for e in sp.flatten(found.tolist())])
        assert numbers.reshape(found.shape) == pytest.approx(expected, rel=1e-12)
    assert jacobian(lambda v, t: {"a": v * t}, "v:2", "t")["a"][0].shape == (2, 2)
    with pytest.raises(ADError, match="one array"):
        symbolic.hessian(lambda a, b: a * b)


def test_simplified_or_not():
    f = lambda t: np.sin(t) ** 2 + np.cos(t) ** 2 + t
    assert expression(f, x) == sp.sin(x) ** 2 + sp.cos(x) ** 2 + x
    assert expression(f, x, simplify=True) == x + 1 and derivative(f, x, simplify=True) == 1
    assert derivative(lambda t: (t + 1) ** 3 * (t + 1), x, simplify=sp.expand) == sp.expand(4 * (x + 1) ** 3)
    slow = lambda t: np.sum(np.linalg.inv(np.reshape(np.sin(t), (3, 3)) + np.exp(np.reshape(t, (3, 3)))))
    with pytest.warns(UserWarning, match=r"took more than 0\.2 s"):
        formula = expression(slow, "t:9", simplify=True, seconds=0.2)
    assert formula == expression(slow, "t:9")


def test_second_derivatives_of_kinks_are_flat_too():
    assert derivative(np.abs, x, n=2) == 0
    assert derivative(lambda t: np.maximum(t, 1) ** 2, x, n=2).subs(x, 3) == 2


# ---------------------------------------------------------------- what tracing sees: one path


def newton(t):
    root = 1.0
    while abs(root * root - t) > 1e-9:
        root = (root + t / root) / 2
    return root


@pytest.mark.parametrize(
    "f",
    [
        newton,
        lambda t: np.sum(np.stack([t for _ in range(int(t))])),
        lambda t: sum(t for _ in range(t)),
        lambda t: [1.0, 2.0][int(t)] * t,
        lambda t: np.array([1.0, 2.0])[np.floor(t)] * t,
        lambda t: float(t) ** 2,
        lambda t: complex(t).real,
        lambda t: __import__("math").exp(t),
        lambda t: t.item() + 1,
        lambda t: {t: 1.0}[t],
        lambda t: np.unwrap(np.stack([t, 9 * t])),
        lambda t: np.full(3, 0.0).fill(t),
        lambda t: np.linalg.eigh(np.reshape(np.stack([t, 1, 1, t]), (2, 2)))[0],
        lambda t: np.stack([t, 1 - t])[np.stack([t, 1 - t]) > 0.5],
    ],
)
def test_what_depends_on_the_number_is_explained_with_two_ways_out(f):
    with pytest.raises(SymbolicError) as caught:
        expression(f, x)
    assert "grad(f)(x)" in caught.value.instead
    assert "one path" in caught.value.why or "roots" in caught.value.why


def test_the_path_that_letters_cannot_choose_is_no_obstacle_at_a_number():
    """What the error advises: the derivative of the path taken there, and of both branches in one formula."""
    assert adcourse.grad(newton)(2.0) == pytest.approx(0.5 / 2**0.5, rel=1e-9)
    both = lambda t: np.where(t > 0, t**2, -t)
    slope = derivative(both, x)
    for at in (-1.5, 2.5):
        assert float(slope.subs(x, at)) == adcourse.grad(lambda t: t**2 if t > 0 else -t)(at)


def test_numbers_in_place_of_letters_may_decide():
    assert expression(lambda t, n: sum(t**k for k in range(n)), x, 4) == 1 + x + x**2 + x**3
    assert expression(lambda t, flag: t if flag > 0 else -t, x, -1.0) == -x
