"""Richardson's extrapolation: the tableau by algebra, errors that hold, refusals where there is no slope."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adcourse.core.errors import ADError
from adcourse.methods.numerical import NotSmoothError, StepError, UndefinedError, richardson, tableau

EPS = 2.0**-52


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=7), st.sampled_from([1, 2]), st.fractions(1, 3))
def test_each_column_removes_one_power_of_the_error(coefficients, power, first):
    """On a polynomial in h^q of degree d, entry d and all after it are the value at h = 0, exactly."""
    steps = [first / k for k in (1, 2, 3, 5, 7, 8, 11)]
    rows = tableau([sum(c * h ** (power * k) for k, c in enumerate(coefficients)) for h in steps], steps, power)
    for row in rows:
        assert all(entry == coefficients[0] for entry in row[len(coefficients) - 1 :])
    assert [len(row) for row in rows] == list(range(1, 8)) and isinstance(rows[-1][-1], (int, Fraction))


def functions(rng):
    """A random function and its slope in long arithmetic: waves, steep steps, poles nearby, cancellation."""
    a, b, c = rng.normal(size=3)
    w = 10 ** rng.uniform(-2, 4)
    programs = [
        lambda t, m=np: m.sin(w * t + a),
        lambda t, m=np: m.exp(a * t) * m.cos(b * t),
        lambda t, m=np: 1 / (t * t + c * c),
        lambda t, m=np: (t - a) ** 5 * (t - b) ** 2,
        lambda t, m=np: m.log(t * t + abs(a)) * m.tanh(w * t),
        lambda t, m=np: t**3 - 3 * a * t + b + 1e4 * c,
        lambda t, m=np: (1 - m.cos(t * w / 10)) / (abs(c) + t * t),
    ]
    return programs[rng.integers(len(programs))]


@pytest.mark.parametrize("n, kind", [(1, "central"), (1, "forward"), (1, "backward"), (2, "central"), (3, "central")])
@pytest.mark.parametrize("noise", [0.0, 1e-6])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_true_error_is_below_the_estimate(n, kind, noise, seed):
    rng, outside, sizes = np.random.default_rng(100 * seed + n), [], []
    total = 40
    for _ in range(total):
        f, x = functions(rng), float(rng.normal() * 10 ** rng.uniform(-2, 1))
        program = (lambda t, f=f: f(t) + noise * rng.normal()) if noise else f
        with np.errstate(over="ignore", invalid="ignore"):
            value, error, *_ = richardson(program, x, n, kind)
        with mpmath.workdps(50):
            exact = mpmath.diff(lambda t, f=f: f(t, mpmath), mpmath.mpf(x), n)
        if not abs(value - float(exact)) <= error:
            outside.append((seed, x, value, error, float(exact)))
        sizes.append(error / max(abs(float(exact)), 1e-10))
    assert len(outside) <= 0.05 * total, outside
    if not noise:
        assert np.median(sizes) < {1: 1e-10, 2: 1e-9, 3: 1e-7}[n]  # and it isn't so large that it says nothing


def test_on_smooth_functions_it_is_as_good_as_rounding_allows():
    for f, slope in ((np.sin, np.cos), (np.exp, np.exp), (np.arctan, lambda t: 1 / (1 + t * t))):
        for x in (0.0, 0.3, -1.7, 2.5):
            found = richardson(f, x)
            assert abs(found.value - slope(x)) <= min(found.error, 1e-13 * (1 + abs(slope(x))))
            assert found.error < 1e-11 and found.evaluations <= 40


@given(st.floats(-100, 100), st.integers(0, 3))
def test_polynomials_of_low_degree_are_exact_to_rounding(x, degree):
    found = richardson(lambda t: t**degree, x)
    size = 1 + abs(x) ** degree
    assert abs(found.value - degree * x ** max(degree - 1, 0)) <= found.error + 1e-300 < 1e-11 * size


@pytest.mark.parametrize("exponent", [-300, -8, -3, 0, 3, 100])
def test_any_size_of_x(exponent):
    x = 1.3 * 10.0**exponent
    found = richardson(lambda t: 3 * t, x)
    assert abs(found.value - 3) <= found.error < 1e-10
    found = richardson(np.log, x) if exponent >= -8 else richardson(np.sin, x)
    assert abs(found.value * x - 1) <= found.error * x < 1e-8 if exponent >= -8 else found.value == pytest.approx(1)


def test_counts_its_evaluations():
    calls = []
    found = richardson(lambda t: calls.append(t) or math.sin(t), 1.0)
    assert found.evaluations == len(calls) == len(set(calls))
    assert float(found) == found.value


def test_arrays_of_points():
    x = np.array([[0.1, 1.0, 2.0]])
    found = richardson(np.sin, x)
    assert found.value.shape == found.error.shape == found.step.shape == (1, 3)
    assert np.all(abs(found.value - np.cos(x)) <= found.error)
    assert np.all(abs(richardson(np.sin, 1.0, h=[0.1, 0.2]).value - np.cos(1)) < 1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_dtype(dtype):
    found = richardson(np.sin, dtype(1))
    assert type(found.value) is dtype
    assert abs(found.value - np.cos(dtype(1))) <= found.error < 300 * float(np.finfo(dtype).eps) ** 0.9


# ---------------------------------------------------------------- where there is no slope


@given(st.floats(-3, 3), st.floats(0.01, 10), st.floats(-10, 10))
def test_kinks_are_named_with_both_slopes(x, jump, slope):
    with pytest.raises(NotSmoothError, match="from the left"):
        richardson(lambda t: slope * t + jump * abs(t - x) + np.sin(t), x)


@given(st.floats(-3, 3), st.floats(1e-3, 0.3), st.sampled_from([-1, 1]))
def test_beside_a_kink_the_slope_is_that_of_the_branch(x, distance, side):
    assume(x + side * distance != x)
    found = richardson(lambda t: abs(t - (x - side * distance)), x)
    assert abs(found.value - side) <= found.error < 1e-10


@pytest.mark.parametrize(
    "f, x",
    [
        (np.cbrt, 0.0),
        (lambda t: abs(t) ** 0.5, 0.0),
        (lambda t: float(t > 1), 1.0),
        (np.floor, 2.0),
        (lambda t: t + (t > 0.3), 0.3),
        (lambda t: t * math.sin(1 / t) if t else 0.0, 0.0),
        (lambda t: max(t, 0.0), 0.0),
        (lambda t: abs(t) + abs(t - 1e-9), 0.0),
    ],
)
def test_no_slope_no_number(f, x):
    with pytest.raises(NotSmoothError, match="has no slope"):
        richardson(f, x)


@pytest.mark.parametrize("f, kind, x", [(np.sqrt, "forward", 0.0), (np.arcsin, "backward", 1.0)])
def test_vertical_tangents_at_the_border(f, kind, x):
    with pytest.raises(NotSmoothError, match="without bound"):
        richardson(f, x, kind=kind)


def test_a_jump_in_the_second_derivative():
    with pytest.raises(NotSmoothError, match=r"left it is -2, from the right 2"):
        richardson(lambda t: t * abs(t), 0.0, n=2)
    found = richardson(lambda t: t * abs(t), 0.0)
    assert abs(found.value) <= found.error < 1e-5


def test_one_side_of_a_kink():
    for kind, slope in (("forward", 3), ("backward", -1)):
        found = richardson(lambda t: t + 2 * abs(t), 0.0, kind=kind)
        assert abs(found.value - slope) <= found.error < 1e-12


# ---------------------------------------------------------------- domains and refusals


@pytest.mark.parametrize("log", [np.log, math.log])
@pytest.mark.parametrize("x", [0.2, 1e-3, 1e-6])
def test_steps_out_of_the_domain_are_left_out(log, x):
    with np.errstate(invalid="ignore"):
        found = richardson(log, x)
    assert abs(found.value - 1 / x) <= found.error < 1e-8 / x


def test_at_the_border_of_the_domain():
    f = lambda t: (1 - t) ** 3.5
    with np.errstate(invalid="ignore"), pytest.raises(UndefinedError):
        richardson(f, 1.0)
    found = richardson(f, 1.0, kind="backward")
    assert abs(found.value) <= found.error < 1e-6


@pytest.mark.parametrize(
    "f, x, options",
    [
        (np.log, 0.0, {}),
        (lambda t: np.nan, 1.0, {}),
        (lambda t: t, np.inf, {}),
        (lambda t: t, 1j, {}),
        (lambda t: None, 1.0, {}),
        (lambda t: np.array([t, t]), 1.0, {}),
        (np.sin, 1.0, {"kind": "middle"}),
        (np.sin, 1.0, {"n": 0}),
        (np.sin, 1.0, {"h": -1.0}),
        (np.sin, 1.0, {"h": 1e-15}),
    ],
)
def test_refusals(f, x, options):
    with np.errstate(all="ignore"), pytest.raises(ADError, match="Write:"):
        richardson(f, x, **options)


def test_what_f_itself_raises_at_x_is_passed_on():
    with pytest.raises(ZeroDivisionError):
        richardson(lambda t: 1 / float(t) if t else 1 // 0, 0.0)
    with pytest.raises(KeyError):
        richardson(lambda t: {}[t], 0.0)


def test_noise_makes_the_error_larger_and_a_constant_stays_a_constant():
    rng = np.random.default_rng(7)
    errors = [richardson(lambda t, s=s: np.sin(t) + s * rng.normal(), 1.0).error for s in (1e-12, 1e-9, 1e-6, 1e-3)]
    assert np.all(np.diff(np.log10(errors)) > 1)
    assert richardson(lambda t: 3.0, 1.0).value == 0
    assert richardson(lambda t: 1e20 + t, 1.0).error > 1  # t is lost beside 1e20


def test_a_first_step_of_ones_own():
    found = richardson(np.sin, 1.0, h=0.01)
    assert found.step < 0.01 and abs(found.value - np.cos(1)) <= found.error
    with pytest.raises(StepError):
        richardson(np.sin, 1.0, h=1e-14)
