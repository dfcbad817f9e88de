"""Numbers, arrays and operations as a student writes them: what is written can be run, and gives the row's value."""

import operator as op
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import record
from adcourse.show import mathematics, words
from adcourse.show.formula import Formula


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_to_seven_digits(x):
    assert float(words.number(x)) == pytest.approx(x, rel=5e-7)
    assert not words.number(x).startswith("-0") or x < 0


@pytest.mark.parametrize(
    "x, text",
    [
        (0.0, "0"), (-0.0, "0"), (4.0, "4"), (12, "12"), (True, "True"), (np.bool_(False), "False"),
        (float("nan"), "nan"), (float("-inf"), "-inf"), (1e-9, "1e-9"), (1e22, "1e22"), (1 / 3, "0.3333333"),
        (np.float32(0.1), "0.1"), (1 + 2j, "1+2j"), (10**9, "1e9"),
    ],
)  # fmt: skip
def test_numbers(x, text):
    assert words.number(x) == text


@pytest.mark.parametrize(
    "x, text",
    [
        (np.array(3.0), "3"), (np.array([1.0, 2.5]), "[1, 2.5]"), (np.eye(2), "[[1, 0], [0, 1]]"),
        (np.arange(9.0), "(9,) [0, 1, 2, …]"), (np.arange(12.0).reshape(3, 4), "(3, 4) [0, 1, 2, …]"),
        (np.zeros((0, 3)), "(0, 3) []"), (np.array([True, False]), "[True, False]"), ([1.0, (2.0, 3.0)], "[1, [2, 3]]"),
    ],
)  # fmt: skip
def test_values(x, text):
    assert words.value(x) == text


PROGRAMS = [
    (lambda x, y: x + y, "x + y"),
    (lambda x, y: x - -2.0, "x - (-2)"),
    (lambda x, y: -2.0 * x, "-2 * x"),
    (lambda x, y: x * -2.0, "x * (-2)"),
    (lambda x, y: 2.0**x, "2 ** x"),
    (lambda x, y: x**y, "x ** y"),
    (lambda x, y: -x, "-x"),
    (lambda x, y: abs(x), "abs(x)"),
    (lambda x, y: np.maximum(x, 0.5), "maximum(x, 0.5)"),
    (lambda x, y: np.arctan2(x, y), "arctan2(x, y)"),
    (lambda x, y: 1.0 / x, "1 / x"),
]


@pytest.mark.parametrize("f, text", PROGRAMS)
def test_scalar_operations_are_written_as_python_and_run(f, text):
    x, y = 1.5, 0.25
    row = record(f, x, y)[-1]
    assert words.operation(row, "xy".__getitem__) == text
    names = {"x": x, "y": y, "arctan2": np.arctan2, "maximum": np.maximum}
    assert eval(text, names) == pytest.approx(row.value)


ARRAYS = [
    (lambda x: x[0], "x[0]"),
    (lambda x: x[-1, 1:], "x[-1, 1:]"),
    (lambda x: x[..., None], "x[..., None]"),
    (lambda x: x[::2, :1], "x[::2, :1]"),
    (lambda x: x[np.array([0, 2])], "x[[0, 2]]"),
    (lambda x: x[:, np.array([True, False])], "x[:, [True, False]]"),
    (lambda x: x.T, "x.T"),
    (lambda x: np.transpose(x, (1, 0)), "transpose(x, axes=(1, 0))"),
    (lambda x: np.sum(x), "sum(x)"),
    (lambda x: np.sum(x, axis=0), "sum(x, axis=0)"),
    (lambda x: np.mean(x, axis=1, keepdims=True), "mean(x, axis=1, keepdims=True)"),
    (lambda x: x.reshape(2, 3), "reshape(x, (2, 3))"),
    (lambda x: np.broadcast_to(x, (2, 3, 2)), "broadcast_to(x, (2, 3, 2))"),
    (lambda x: x @ np.array([1.0, 2.0]), "x @ [1, 2]"),
    (lambda x: np.concatenate([x, x], axis=1), "concatenate([x, x], axis=1)"),
    (lambda x: x.astype(np.float32), "x.astype(float32)"),
    (lambda x: np.where(x.value > 2 if hasattr(x, "value") else x > 2, x, 0.0), None),
]


@pytest.mark.parametrize("f, text", ARRAYS)
def test_array_operations_are_written_as_numpy_and_run(f, text):
    x = np.arange(6.0).reshape(3, 2)
    row = record(f, x)[-1]
    written = words.operation(row, lambda p: "x")
    if text is None:
        assert written.startswith("where(") and written.endswith(", x, 0)")
        return
    assert written == text
    names = {"x": x} | {
        n: getattr(np, n) for n in ("transpose", "sum", "mean", "reshape", "broadcast_to", "concatenate", "float32")
    }
    np.testing.assert_allclose(eval(text, names), row.value)


def test_a_gradient_that_is_itself_recorded_can_be_read():
    from adcourse import grad

    tape = record(grad(lambda x: np.sum(x[:2] ** 3)), np.array([1.0, 2.0, 3.0]))
    assert "added at [:2]" in " ".join(words.operation(row, lambda p: tape[p].name) for row in tape)


# ---------------------------------------------------------------------------------------------- formulas


LEAVES = [(Formula("x"), 1.25), (Formula("y"), -0.75), (2.0, 2.0), (-0.5, -0.5), (1.0, 1.0)]
TWO = [op.add, op.sub, op.mul, op.truediv, np.add, np.subtract, np.multiply]
ONE = [op.neg, np.negative, np.sin, np.cos, np.exp, lambda t: t**2, lambda t: 1.0 * t, lambda t: -1.0 * t]


def _grown(trees):
    return st.tuples(st.sampled_from(TWO), trees, trees) | st.tuples(st.sampled_from(ONE), trees)


def _both(tree):
    """A formula and its value, by the same operations."""
    if not callable(tree[0]):
        formula, value = tree
        return formula, np.float64(value)
    formulas, values = zip(*map(_both, tree[1:]), strict=True)
    return tree[0](*formulas), tree[0](*values)


@settings(deadline=None, max_examples=60)
@given(st.recursive(st.sampled_from(LEAVES), _grown, max_leaves=12))
def test_a_formula_as_python_and_as_latex_has_the_value_of_its_operations(tree):
    with np.errstate(all="ignore"):
        try:
            formula, value = _both(tree)
        except ZeroDivisionError:  # of plain numbers
            return
    if not np.isfinite(value):
        return
    names = {"x": 1.25, "y": -0.75, "sin": np.sin, "cos": np.cos, "exp": np.exp, "inf": np.inf, "nan": np.nan}
    assert eval(words.expression(formula, digits=17), names) == pytest.approx(value, rel=1e-9, abs=1e-12)
    latex = mathematics.expression(formula, digits=17)
    assert eval(_from_latex(latex), names) == pytest.approx(value, rel=1e-9, abs=1e-12)


def _from_latex(text):
    """The few signs that formulas are set with, as Python."""
    text = text.replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\cdot", "*")
    for name in ("sin", "cos", "exp"):
        text = text.replace(rf"\{name}", name)
    text = re.sub(r"\^\{(-?\d+)\}", r"**(\1)", text)
    while (start := text.rfind(r"\frac{")) >= 0:
        middle = _closing(text, start + 5)
        end = _closing(text, middle + 1)
        text = f"{text[:start]}(({text[start + 6 : middle]})/({text[middle + 2 : end]})){text[end + 1 :]}"
    return text


def _closing(text, start):
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if not depth:
            return i
    raise AssertionError(f"unbalanced: {text}")


def test_a_formula_has_no_value_to_decide_by():
    x = Formula("x")
    for question in (lambda: x > 0, lambda: x == 0, lambda: bool(x), lambda: np.maximum.reduce(x), lambda: x != x):
        with pytest.raises(TypeError):
            question()


# ---------------------------------------------------------------------------------------------- names in LaTeX


@pytest.mark.parametrize(
    "name, latex",
    [
        ("x", "x"), ("x1", "x_{1}"), ("x_1", "x_{1}"), ("v10", "v_{10}"), ("x1_2", "x_{1, 2}"),
        ("rate", r"\mathrm{rate}"),
        ("sigma_2", r"\sigma_{2}"), ("Omega", r"\Omega"), ("lambda_", r"\lambda"), ("x_max", r"x_{\mathrm{max}}"),
        ("learning_rate", r"\mathrm{learning\_rate}"), ("learning_rate_3", r"\mathrm{learning\_rate}_{3}"),
        ("p['W1'][0]", "p_{W, 1, 0}"), ("xs[1][0]", r"\mathrm{xs}_{1, 0}"), ("θ", r"\theta"), ("σ_2", r"\sigma_{2}"),
        ("w_μ", r"w_{\mu}"), ("_h", r"\text{\_h}"), ("д", "д"),
    ],
)  # fmt: skip
def test_names_in_latex(name, latex):
    assert mathematics.name(name) == latex


def test_accents_stand_on_the_letter_and_not_on_its_subscript():
    assert mathematics.name("w_hidden", "bar") == r"\bar{w}_{\mathrm{hidden}}"
    assert mathematics.name("sigma_2", "d") == r"\dot{\sigma}_{2}"


@given(st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,12}", fullmatch=True))
def test_any_name_is_set_by_a_real_parser(name):
    from matplotlib.mathtext import MathTextParser

    for accent in ("", "d", "bar"):
        text = mathematics.name(name, accent).replace(r"\text{", r"\mathrm{")
        MathTextParser("path").parse(f"${text}^{{2}} + 1$")
