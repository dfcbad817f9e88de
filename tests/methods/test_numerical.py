"""Difference quotients and the complex step: exact algebra at large steps, orders, U-curves, costs and refusals."""

import doctest
import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adcourse
from adcourse.core.errors import ADError
from adcourse.methods import numerical
from adcourse.methods.analytic import NotAnalyticError
from adcourse.methods.numerical import (
    StepError,
    UndefinedError,
    central,
    complex_step,
    default_step,
    forward,
    gradient,
    second,
)

EPS = 2.0**-52
points = st.floats(-50, 50)


def p(x):
    return 5 * x**5 + 4 * x**3 - 5  # p(1) = 4, p'(1) = 37, p''(1) = 124


def squire_trapp(x):
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


class Counted:
    def __init__(self, f):
        self.f, self.calls, self.arguments = f, 0, []

    def __call__(self, x):
        self.calls += 1
        self.arguments.append(x)
        return self.f(x)


def test_docstrings():
    assert doctest.testmod(numerical).failed == 0


# ---------------------------------------------------------------- the formulas, by exact algebra at a large step


@given(x=points, h=st.sampled_from([0.5, 0.25, 2.0, 3.0]))
def test_quotients_of_monomials_are_what_algebra_says(x, h):
    x = round(x * 4) / 4  # quarters, so that the arithmetic below is exact
    assert forward(lambda t: t * t, x, h) == 2 * x + h
    assert central(lambda t: t * t, x, h) == 2 * x
    assert central(lambda t: t * t * t, x, h) == pytest.approx(3 * x * x + h * h, rel=1e-14)
    assert second(lambda t: t * t, x, h) == 2
    assert second(lambda t: t**4, x, h) == pytest.approx(12 * x * x + 2 * h * h, rel=1e-12)


@pytest.mark.parametrize("formula, exact, order", [(forward, 1, 1), (central, 1, 2), (second, 2, 2)])
@pytest.mark.parametrize("x", [0.3, 1.0, 1.7])
def test_truncation_falls_with_the_order_of_the_formula(formula, exact, order, x):
    f, derivatives = lambda t: np.exp(2 * t), {1: 2 * np.exp(2 * x), 2: 4 * np.exp(2 * x)}
    errors = [abs(formula(f, x, h) - derivatives[exact]) for h in (1e-2, 5e-3, 2.5e-3)]
    assert np.log2(np.divide(errors[:-1], errors[1:])) == pytest.approx([order, order], abs=0.05)


def test_complex_step_truncation_is_of_second_order_with_the_sign_of_its_series():
    hs = np.array([0.1, 0.05, 0.025])
    errors = complex_step(np.exp, 0.7, hs) - np.exp(0.7)  # Im e^(x+ih)/h - e^x = -h^2 e^x/6 + ...
    assert errors / (-(hs**2) * np.exp(0.7) / 6) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("x", [-1e5, -3.7, 0.1, 2.0**-30, 7e3])
def test_the_step_taken_is_the_step_divided_by(x):
    """A line through the origin has the same slope at every step, if the rounding of x + h is taken into account."""
    for h in (1e-4, 3e-6, 1e-8):
        assert forward(lambda t: t, x, h) == 1 == central(lambda t: t, x, h)
        assert second(lambda t: t, x, h) == 0


# ---------------------------------------------------------------- the best that can be done


def test_best_errors_for_the_course_polynomial():
    within = {  # (step, error the theory predicts there): measured errors are rounding noise of that size
        forward: (1e-8, 4.0e-7, 37),
        central: (3e-6, 6.2e-10, 37),
        second: (1e-4, 3.1e-7, 124),
    }
    for formula, (h, error, exact) in within.items():
        worst = np.max(np.abs(formula(p, 1.0, h * np.linspace(0.8, 1.25, 50)) - exact))
        assert error / 3 < worst < 10 * error, formula.__name__
    assert abs(complex_step(p, 1.0) - 37) <= 1e-14


@pytest.mark.parametrize(
    "formula, exact, root", [(forward, np.cos(1), 2), (central, np.cos(1), 3), (second, -np.sin(1), 4)]
)
def test_the_u_curve_has_its_bottom_where_theory_puts_it(formula, exact, root):
    """The envelope (rms error within a third of a decade) is lowest within a factor 10 of eps^(1/root)."""
    exponents = np.linspace(-11, -1, 31)
    rms = [
        np.sqrt(np.mean((formula(np.sin, 1.0, 10 ** (e + np.linspace(-1 / 6, 1 / 6, 40))) - exact) ** 2))
        for e in exponents
    ]
    bottom = 10 ** exponents[np.argmin(rms)]
    assert 0.1 < bottom / EPS ** (1 / root) < 10
    assert rms[0] > 100 * min(rms) and rms[-1] > 100 * min(rms)


@pytest.mark.parametrize("scale", [1.0, 1e3, -1e6])
@pytest.mark.parametrize("formula, power", [(forward, 1 / 2), (central, 2 / 3)])
def test_default_steps_reach_the_theoretical_error_at_any_size_of_x(formula, power, scale):
    x = 1.3 * scale
    error = abs(formula(lambda t: (t / scale) ** 3, x) * scale - 3 * 1.3**2)
    assert error < 50 * EPS**power


@given(points)
def test_default_step_scales_with_x_and_belongs_to_its_dtype(x):
    assert default_step(x, "central") == pytest.approx(EPS ** (1 / 3) * max(1, abs(x)))
    assert default_step(np.float32(x), "forward").dtype == np.float32
    assert default_step(np.float32(1), "forward") == pytest.approx(2 ** (-23 / 2))


# ---------------------------------------------------------------- the complex step


def test_complex_step_on_the_function_of_squire_and_trapp():
    for h in (1e-20, 1e-200, 1e-9):
        assert complex_step(squire_trapp, 1.5, h) == pytest.approx(4.0534278938986, abs=5e-14)


@given(st.floats(0.1, 3))
def test_complex_step_is_exact_to_rounding(x):
    assert complex_step(lambda t: np.log(t) * np.arctan(t) + 2**t, x) == pytest.approx(
        math.atan(x) / x + math.log(x) / (1 + x * x) + 2**x * math.log(2), rel=1e-13
    )


def test_complex_step_of_what_does_not_depend_on_x_is_zero():
    assert complex_step(lambda t: 3, 2.0) == 0 == complex_step(lambda t: np.floor(t) + 1.0, 2.5)


@pytest.mark.parametrize("x", [-2.0, 0.5])
def test_complex_step_takes_the_branch_that_f_takes(x):
    def f(t):
        if t > 0:
            return t**2
        return np.where(t < -1, -3 * t, t)

    assert complex_step(f, x) == (2 * x if x > 0 else -3)
    assert complex_step(lambda t: np.maximum(t, 0) * np.minimum(t, 1.0), x) == (2 * x if x > 0 else 0)


@pytest.mark.parametrize(
    "f, x",
    [
        (abs, 1.0),
        (lambda t: t * np.abs(t), -1.5),  # the result is complex, and still wrong
        (lambda t: np.exp(np.fabs(t)), 2.0),
        (np.sqrt, 0.0),
        (lambda t: t**0.9, 0.0),
        (np.arcsin, 1.0),
        (lambda t: np.hypot(t, 1.0), 1.0),
        (lambda t: np.linalg.norm(np.stack([t, 0.0 * t])) * np.abs(t), 1.0),
        (lambda t: math.sin(t), 1.0),
        (lambda t: t.real, 1.0),
        (lambda t: np.conj(t) * t, 1.0),
        (lambda t: np.real(t), 1.0),
        (lambda t: complex(t), 1.0),
        (lambda t: np.stack([t, t]), 1.0),
        (lambda t: None, 1.0),
    ],
)
def test_complex_step_refuses_what_is_not_analytic_or_not_a_number(f, x):
    with pytest.raises((ADError, AttributeError)):
        complex_step(f, x)


@pytest.mark.parametrize(
    "f, x", [(np.sqrt, -1.0), (np.log, 0.0), (np.log, -2.0), (np.arccos, 1.5), (lambda t: t**0.5, -1.0)]
)
def test_complex_step_does_not_leave_the_real_domain(f, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UndefinedError):
            complex_step(f, x)
        assert np.isnan(complex_step(f, np.array([x]))).all()


def test_complex_step_compares_by_the_real_value():
    """(0 + ih)^2 = -h^2 is negative; the real 0^2 is not."""
    assert complex_step(lambda t: np.where(t * t >= 0, 2 * t, 5 * t), 0.0) == 2
    assert complex_step(lambda t: 2 * t if t * t >= 0 else 5 * t, 0.0) == 2
    assert complex_step(lambda t: np.maximum(t * t, 0.0), 1e-25) == 2e-25


def test_underflow_is_no_reason_to_refuse():
    assert complex_step(lambda t: 2 * t + 1 / (1.5 + np.cos(t)), -4.200990401027316e-304) == 2


def test_complex_step_goes_through_arrays_and_matrices():
    a = np.array([[2.0, 1.0], [1.0, 3.0]])

    def f(t):
        m = a + t * np.array([[1.0, 0.0], [2.0, t]])
        return np.linalg.solve(m, np.array([1.0, 2.0]))[0] + np.linalg.det(m) + np.max(np.stack([t, 3 * t, -t]))

    # m = [[2+t, 1], [1+2t, 3+t^2]]: det = 5+t+2t^2+t^3, first entry of the solution (1+t^2)/det
    t = 0.7
    det, slope = 5 + t + 2 * t**2 + t**3, 1 + 4 * t + 3 * t**2
    assert complex_step(f, t) == pytest.approx((2 * t * det - (1 + t**2) * slope) / det**2 + slope + 3, rel=1e-13)


def test_complex_step_nests_with_the_other_modes():
    f = lambda x: np.sin(x) * x**2
    x = 1.3
    exact = (2 - x * x) * np.sin(x) + 4 * x * np.cos(x)
    for inner in (adcourse.grad(f), adcourse.derivative(f)):
        assert complex_step(inner, x) == pytest.approx(exact, rel=1e-13)


def test_the_refusal_says_what_to_write():
    with pytest.raises(NotAnalyticError, match="adcourse.derivative"):
        complex_step(abs, 1.0)


# ---------------------------------------------------------------- gradients and their price


@pytest.mark.parametrize("n", [1, 3, 10])
def test_the_gradient_costs_what_the_course_says(n):
    x = np.linspace(0.5, 2, n)
    keep = x.copy()
    for scheme, calls, tolerance in [("forward", n + 1, 1e-6), ("central", 2 * n, 1e-9), ("complex_step", n, 1e-14)]:
        f = Counted(lambda v: np.sum(v**3) + v[0])
        slope = gradient(f, x, scheme)
        assert f.calls == calls
        assert slope == pytest.approx(3 * x**2 + (np.arange(n) == 0), rel=tolerance)
    assert np.array_equal(x, keep)


@pytest.mark.parametrize("formula, calls", [(forward, 2), (central, 2), (second, 3), (complex_step, 1)])
def test_the_price_of_a_slope(formula, calls):
    f = Counted(np.exp)
    formula(f, 1.0)
    assert f.calls == calls


def test_a_function_that_writes_to_its_argument_spoils_neither_x_nor_the_gradient():
    def vandal(v):
        y = v @ v
        v[:] = 0
        return y

    x = np.array([1.0, 2.0, 3.0])
    for scheme in ("forward", "central"):
        assert gradient(vandal, x, scheme) == pytest.approx([2, 4, 6], rel=1e-6)
    assert np.array_equal(x, [1, 2, 3])


def test_integers_are_promoted_and_other_shapes_keep_theirs():
    assert gradient(lambda v: v @ v, np.array([1, 2, 3]), "central", h=0.5).tolist() == [2, 4, 6]
    assert gradient(lambda v: v @ v, [1, 2, 3], h=[0.5, 0.25, 1]).tolist() == [2.5, 4.25, 7]
    assert forward(lambda t: 1 / t, 2, h=0.5) == (1 / 2.5 - 1 / 2) / 0.5
    square = np.arange(4.0).reshape(2, 2)
    for scheme in numerical.SCHEMES:
        assert gradient(lambda m: np.sum(m * m), square, scheme) == pytest.approx(2 * square, abs=1e-6)
        assert gradient(lambda t: t * t, 3.0, scheme) == pytest.approx(6)


def test_arrays_of_points_and_steps_are_points_of_their_own():
    """Even where f mixes the entries of an array: each number goes in alone."""
    softmax = lambda t: np.exp(t) / np.sum(np.exp(t))
    assert np.array_equal(central(softmax, np.array([0.0, 1.0, 2.0])), [0, 0, 0])
    table = forward(lambda t: t * t, np.array([[1.0], [2.0]]), np.array([0.5, 0.25]))
    assert table.tolist() == [[2.5, 2.25], [4.5, 4.25]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_dtype_of_x_is_kept_and_sets_the_accuracy(dtype):
    eps = float(np.finfo(dtype).eps)
    for formula, power in [(forward, 1 / 2), (central, 2 / 3)]:
        slope = formula(np.sin, dtype(1))
        assert slope.dtype == dtype
        assert abs(slope - np.cos(dtype(1))) < 20 * eps**power


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("formula", [forward, central, second, complex_step])
@pytest.mark.parametrize("h", [0, -1e-6, float("nan"), float("inf")])
def test_a_step_must_be_positive_and_finite(formula, h):
    with pytest.raises(ADError):
        formula(np.sin, 1.0, h)


@pytest.mark.parametrize("formula", [forward, central, second])
def test_a_step_that_disappears_is_refused(formula):
    with pytest.raises(StepError, match="disappears"):
        formula(np.sin, 1.0, 1e-17)


@pytest.mark.parametrize("formula", [forward, central, second, complex_step, gradient])
@pytest.mark.parametrize("x", [1 + 1j, np.array([1j]), "1", None, float("nan"), [1.0, np.inf]])
def test_a_point_must_be_real_and_finite(formula, x):
    with pytest.raises(ADError):
        formula(lambda t: t, x)


@pytest.mark.parametrize("formula", [forward, central, second, gradient])
@pytest.mark.parametrize("f", [lambda t: None, lambda t: [t], lambda t: np.ones(2) * t, lambda t: t + 1j, str, 2.0])
def test_the_value_must_be_one_real_number(formula, f):
    with pytest.raises(ADError):
        formula(f, 1.0)


def test_values_coarser_than_x_need_a_step_of_ones_own():
    coarse = lambda t: np.sin(np.float32(t))
    with pytest.raises(ADError, match="float32"):
        forward(coarse, 1.0)
    assert forward(coarse, 1.0, 1e-3) == pytest.approx(np.cos(1), abs=2e-3)


def test_finite_differences_do_not_pass_traced_numbers():
    with pytest.raises(ADError):
        adcourse.derivative(lambda x: forward(np.sin, x))(1.0)
    with pytest.raises(ADError):
        adcourse.grad(lambda x: gradient(lambda v: v @ v, x)[0])(np.ones(2))


def test_an_unknown_scheme_names_the_known_ones():
    with pytest.raises(ADError, match="central"):
        gradient(lambda v: v @ v, np.ones(2), "middle")
