"""Difference formulas of any order: exact algebra for the weights, slopes for the order, refusals."""

import math
import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adcourse.core.errors import ADError
from adcourse.methods.numerical import StepError, UndefinedError, derivative, richardson, stencil, weights

offset_lists = st.lists(st.fractions(-10, 10, max_denominator=7), min_size=2, max_size=9, unique=True)
kinds = st.sampled_from(["central", "forward", "backward"])


@given(offset_lists, st.integers(1, 8), st.lists(st.integers(-9, 9), min_size=9, max_size=9))
def test_weights_differentiate_every_polynomial_through_their_points_exactly(offsets, n, coefficients):
    assume(len(offsets) > n)
    p = coefficients[: len(offsets)]
    values = [sum(c * o**k for k, c in enumerate(p)) for o in offsets]
    exact = p[n] * math.factorial(n) if n < len(p) else 0
    assert sum(w * y for w, y in zip(weights(offsets, n), values, strict=True)) == exact


@given(offset_lists, st.integers(1, 8))
def test_order_and_constant_are_those_of_the_first_power_that_is_wrong(offsets, n):
    """On t^j with j = n + p the formula at h = 1 misses the derivative, 0 at t = 0, by C j!, and on no lower power."""
    assume(len(offsets) > n)
    s = stencil(n, offsets=offsets)

    def miss(j):
        exact = math.factorial(n) if j == n else 0
        return sum(w * o**j for w, o in zip(s.weights, s.offsets, strict=True)) - exact

    j = n + s.order
    assert not any(miss(k) for k in range(j)) and miss(j) == s.constant * math.factorial(j) != 0
    assert s.order >= len(offsets) - n


@given(st.integers(1, 6), st.integers(1, 4), kinds)
def test_the_standard_formulas_have_their_order_on_the_fewest_points(n, half, kind):
    order = 2 * half if kind == "central" else half
    s = stencil(n, order, kind)
    assert s.order == order and s.symmetric == (kind == "central")
    assert set(s.offsets) <= set({"forward": range(40), "backward": range(-40, 1), "central": range(-20, 21)}[kind])
    assert len(s.offsets) == (n + order if kind != "central" else n + order - 1)
    mirrored = stencil(n, order, {"forward": "backward", "backward": "forward"}.get(kind, kind))
    assert dict(zip(mirrored.offsets, mirrored.weights, strict=True)) == {
        -o: (-1) ** n * w for o, w in zip(s.offsets, s.weights, strict=True)
    }


@pytest.mark.parametrize(
    "n, order, kind, constant",
    [
        (1, 1, "forward", Fraction(1, 2)),  # h f''/2, the table of the course
        (1, 1, "backward", Fraction(-1, 2)),
        (1, 2, "central", Fraction(1, 6)),
        (2, 2, "central", Fraction(1, 12)),
        (1, 4, "central", Fraction(-1, 30)),
        (1, 8, "central", Fraction(1, 630)),  # (m!)^2 / (2m+1)! with m = 4, and the sign (-1)^m
    ],
)
def test_error_constants_of_the_textbook(n, order, kind, constant):
    m = order // 2
    if kind == "central" and n == 1:
        size = Fraction(math.factorial(m) ** 2, math.factorial(2 * m + 1))
        assert abs(constant) == size
    assert abs(stencil(n, order, kind).constant) == abs(constant)
    h, x = Fraction(1, 1000), 0  # the sign, on the power itself
    s, j = stencil(n, order, kind), n + order
    error = sum(w * (o * h) ** j for w, o in zip(s.weights, s.offsets, strict=True)) / h**n - x
    assert error == s.constant * math.factorial(j) * h**order


@pytest.mark.parametrize(
    "kind, order", [("central", 2), ("central", 4), ("central", 6), ("forward", 3), ("backward", 2)]
)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_errors_fall_like_the_power_of_h_with_the_constant_of_the_theory(n, kind, order):
    """On 60-digit numbers, where rounding doesn't hide it: error / (C f^(n+p) h^p) -> 1."""
    s, x = stencil(n, order, kind), mpmath.mpf("0.7")
    with mpmath.workdps(60):
        for h in (mpmath.mpf(10) ** -3, mpmath.mpf(10) ** -4):
            values = [mpmath.exp(x + mpmath.mpf(o.numerator) / o.denominator * h) for o in s.offsets]
            fractions = [mpmath.mpf(w.numerator) / w.denominator for w in s.weights]
            error = sum(w * y for w, y in zip(fractions, values, strict=True)) / h**n - mpmath.exp(x)
            leading = mpmath.mpf(s.constant.numerator) / s.constant.denominator * mpmath.exp(x) * h**order
            assert abs(error / leading - 1) < 20 * h


@given(st.integers(1, 5), st.integers(1, 3), kinds, st.sampled_from([0.5, 0.25, 2.0]), st.integers(-6, 6))
def test_derivative_is_exact_on_polynomials_of_the_degree_its_points_reach(n, half, kind, h, x):
    order = 2 * half if kind == "central" else half
    degree = n + order - 1
    exact = math.perm(degree, n) * float(x) ** (degree - n)
    size = 1 + (abs(x) + 8 * h) ** degree / h**n
    assert derivative(lambda t: t**degree, x, n, order, kind, h) == pytest.approx(exact, abs=1e-13 * size)


@given(st.integers(1, 3), kinds, st.floats(-3, 3))
def test_default_steps_reach_the_error_of_the_theory(n, kind, x):
    for order in (2, 4):
        eps = 2.0**-52
        found = derivative(np.sin, x, n, order, kind)
        exact = (np.cos, lambda t: -np.sin(t), lambda t: -np.cos(t))[n - 1](x)
        assert abs(found - exact) < 100 * float(stencil(n, order, kind).rounding) * eps ** (order / (n + order))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1.0), st.integers(1, 2), kinds)
def test_a_line_has_its_slope_whatever_rounding_makes_of_the_points(x, h, half, kind):
    """x + o h is rounded; the weights are for the points as they are."""
    order = 2 * half
    assert derivative(lambda t: t, x, 1, order, kind, h) == pytest.approx(1, abs=1e-13)
    assert abs(derivative(lambda t: t, x, 2, order, kind, h)) <= 1e-12 * (abs(x) + 1) / h**2 * 1e-3 + 1e-9 / h


@pytest.mark.parametrize(
    "n, order, kind", [(1, 2, "central"), (1, 1, "forward"), (2, 4, "central"), (3, 2, "backward")]
)
def test_the_formula_in_print_is_the_formula(n, order, kind):
    s, x, h, f = stencil(n, order, kind), 0.3, 0.125, np.exp
    text = re.sub(r"(\d+) (?=[fh])", r"\1 * ", str(s)).replace("^", "**")
    assert eval(text, {"f": f, "x": x, "h": h}) == pytest.approx(s(f, x, h), rel=1e-10)


@given(st.floats(0.1, 3), st.sampled_from([(1, 2, "central"), (2, 2, "central"), (1, 3, "forward"), (3, 4, "central")]))
def test_the_estimated_error_covers_the_true_one(x, which):
    n, order, kind = which
    value, error, step, evaluations = derivative(np.exp, x, n, order, kind, full=True)
    assert abs(value - np.exp(x)) <= 3 * error < 1e-2
    assert step > 0 and evaluations == 2 * len(stencil(n, order, kind).offsets)


def test_arrays_of_points_and_their_estimates():
    x = np.array([[0.0, 1.0], [2.0, 3.0]])
    estimate = derivative(np.sin, x, full=True)
    assert estimate.value.shape == estimate.error.shape == estimate.step.shape == x.shape
    assert np.all(abs(estimate.value - np.cos(x)) <= estimate.error) and estimate.evaluations == 16
    assert derivative(np.sin, x) == pytest.approx(np.cos(x), abs=1e-9)
    with np.errstate(invalid="ignore"):
        assert np.isnan(derivative(np.sqrt, np.array([0.0, 4.0]))).tolist() == [True, False]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtype_of_x_is_kept_and_sets_the_step(dtype):
    for n, order in ((1, 2), (1, 4), (2, 2)):
        found = derivative(np.exp, dtype(0.5), n, order)
        assert type(found) is dtype
        assert abs(found - np.exp(dtype(0.5))) < 50 * float(np.finfo(dtype).eps) ** (order / (n + order))


def test_at_the_border_of_the_domain_one_sided_formulas_work_and_central_ones_refuse():
    f = lambda t: t**2.5
    with np.errstate(invalid="ignore"), pytest.raises(UndefinedError, match="forward"):
        derivative(f, 0.0)
    assert derivative(f, 0.0, order=3, kind="forward") == pytest.approx(0, abs=1e-5)
    assert derivative(lambda t: (1 - t) ** 3.5, 1.0, kind="backward") == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(
    "call",
    [
        lambda: stencil(0),
        lambda: stencil(1.5),
        lambda: stencil(True),
        lambda: stencil(1, 3),
        lambda: stencil(1, 0, "forward"),
        lambda: stencil(1, 2, "middle"),
        lambda: stencil(2, offsets=[0, 1]),
        lambda: stencil(1, offsets=[0, 1, 1]),
        lambda: stencil(1, offsets=["a", 1]),
        lambda: stencil(1, offsets=[0, float("nan")]),
        lambda: stencil(1, offsets=3),
        lambda: weights([0, 1], -1),
        lambda: stencil(1, 4)(np.sin, 1.0, 1e-17),
        lambda: stencil(1, 6)(np.sin, 1.0, 1e-16),
        lambda: stencil(1, 4)(np.sin, 1e308, 1e308),
        lambda: stencil(6, 2)(np.exp, 1.0, 1e-60),
        lambda: derivative(lambda t: t**40, 1e300),
        lambda: derivative(np.sin, "1"),
        lambda: derivative(np.sin, np.inf),
        lambda: derivative(np.sin, 1.0, h=-1),
        lambda: derivative(lambda t: np.array([t, t]), 1.0),
        lambda: derivative(lambda t: None, 1.0, full=True),
        lambda: derivative(lambda t: np.float32(t), 1.0),
        lambda: derivative(lambda t: np.float32(t), 1.0, full=True),
    ],
)
def test_what_is_refused(call):
    with np.errstate(over="ignore"), pytest.raises(ADError, match="Write:"):
        call()


def test_a_step_that_disappears_is_a_step_error():
    for order in (2, 4, 6):
        with pytest.raises(StepError):
            derivative(np.sin, 1e10, order=order, h=1e-9)


def test_offsets_may_be_any_numbers():
    """Data at uneven points: the slope of the parabola through them."""
    s = stencil(1, offsets=[0.1, 0.25, 1.5])
    assert s(lambda t: 3 * t * t - t, 2.0, 1.0) == pytest.approx(11, abs=1e-12)
    assert s.order == 2 and not s.symmetric
    assert richardson(lambda t: 3 * t * t - t, 2.0).value == pytest.approx(11, abs=1e-12)
