"""The 50-digit reference: right where there is a derivative, and a word where there is none."""

import warnings

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse.methods.reference import DIGITS, reference
from adcourse.methods.registry import formula_of
from tests.methods.programs import EXAMPLES, TO_NUMBER, program, steps


def refer(f, x, with_formula=True):
    x = np.asarray(x, float)[()]
    try:
        formula = formula_of(f, x) if with_formula else None
    except Exception:
        formula = None
    return reference(f, x, formula)


def exactly(x):
    return sp.Rational(x)


def branch(x):
    if x > 0:
        return x**2
    return -3 * x


def program_with_a_trap(x):
    return 1.0 if x == 1 else x**2


@pytest.mark.parametrize("with_formula", [True, False])
@pytest.mark.parametrize(
    "f, x, exact",
    [
        (np.exp, 0.3, sp.exp(exactly(0.3))),
        (np.log, 1e-300, 1 / exactly(1e-300)),
        (np.sin, 1e300, sp.cos(exactly(1e300))),
        (lambda x: x + 1, 1e-300, 1),
        (lambda x: 0.1 * x, 7.0, exactly(0.1)),  # the double 0.1, not a tenth
        (lambda x: 1 - np.tanh(x), 150.0, sp.tanh(150) ** 2 - 1),
        (lambda x: np.exp(-x), 800.0, -sp.exp(-800)),  # below the smallest double
        (lambda x: np.sin(x) ** 2 + np.cos(x) ** 2, 0.3, 0),
        (lambda x: x**3, 0.0, 0),
        (lambda x: np.abs(x) * x, 0.0, 0),
        (lambda x: 3.0, 1.0, 0),
        (np.floor, 1.5, 0),
        (lambda x: np.log(1 + np.exp(x)), 1000.0, 1 / (1 + sp.exp(-1000))),
        (branch, 2.0, 4),
        (branch, -2.0, -3),
        (program_with_a_trap, 1.0, 2),
        (lambda x: np.where(x == 1, 1.0, x**2), 1.0, 2),  # here the formula itself falls into the trap
    ],
)
def test_scalar_references(f, x, exact, with_formula):
    found = refer(f, x, with_formula)
    exact = sp.N(exact, DIGITS + 30)
    assert found.values is not None, found.how
    assert abs(found.values[0] - exact) <= abs(exact) * sp.Float(10) ** (1 - DIGITS)


@pytest.mark.parametrize(
    "f, x, why",
    [
        (abs, 0.0, "kink"),
        (branch, 0.0, "slope -3 on one side and 0 on the other"),
        (lambda v: np.maximum(v[0], v[1]), [1.0, 1.0], "kink"),
        (lambda v: np.sum(np.abs(v)), [1.0, 0.0, 2.0], "kink"),
        (np.floor, 1.0, "jumps"),
        (lambda x: 1.0 if x > 2 else 0.0, 2.0, "jumps"),
        (np.cbrt, 0.0, "infinite"),
        (lambda x: np.sqrt(np.abs(x)), 0.0, "infinite"),
        (np.sqrt, 0.0, "edge"),
        (np.sqrt, -1.0, "not a finite real number"),
        (lambda x: 1 / x, 0.0, "not a finite real number"),
        (lambda x: x / x, 0.0, "not a finite real number"),
        (lambda x: float(x), 1.0, "can't run the program"),
    ],
)
def test_no_reference_where_there_is_no_derivative(f, x, why):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = refer(f, x)
    assert found.values is None
    assert why in found.how


@pytest.mark.parametrize("name", EXAMPLES)
def test_formula_and_long_arithmetic_agree_on_the_running_examples(name):
    f, x, by_hand = EXAMPLES[name]
    first, second = refer(f, x), refer(f, x, with_formula=False)
    assert "formula" in first.how and "differences" in second.how
    for a, b, c in zip(first.values, second.values, np.atleast_1d(by_hand(x)), strict=True):
        assert abs(a - b) <= abs(a) * sp.Float(10) ** (1 - DIGITS)
        assert float(a) == pytest.approx(c, rel=1e-14)


@given(steps, st.integers(0, len(TO_NUMBER) - 1), st.lists(st.floats(-2, 2), min_size=2, max_size=3))
@settings(max_examples=15, deadline=None)
def test_formula_and_long_arithmetic_agree_on_random_programs(steps, reduce, x):
    f = program(steps, reduce)
    first, second = refer(f, x), refer(f, x, with_formula=False)
    assert "checked" in first.how
    for a, b in zip(first.values, second.values, strict=True):
        assert abs(a - b) <= (abs(a) + 1) * sp.Float(10) ** (1 - DIGITS)
