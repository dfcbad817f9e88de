"""One function, every method: right rows, honest rows, and pictures of them."""

import contextlib
import doctest
import json
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adcourse
from adcourse.core.errors import InputError
from adcourse.methods import compare as module
from adcourse.methods.bridges import BRIDGES
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.compare import compare
from adcourse.methods.numerical import default_step
from adcourse.methods.registry import METHODS
from tests.methods.programs import EXAMPLES, TO_NUMBER, polynomial, program, steps

EPS = 2.0**-52
MISSING = {bridge.title for bridge in BRIDGES.values() if not bridge.available}  # systems that aren't installed here
EXACT = [method.name for method in METHODS.values() if method.exact and method.name not in MISSING]


def here(comparison):
    """The rows of the methods that are installed; the others say that they aren't."""
    for row in comparison.rows:
        if row.method in MISSING:
            assert row.value is None and row.note
        else:
            yield row


def test_docstrings():
    assert doctest.testmod(module).failed == 0


def test_the_front_door_leads_here():
    assert adcourse.compare is compare


# ---------------------------------------------------------------- right rows


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_method_on_every_running_example(name):
    f, x, by_hand = EXAMPLES[name]
    comparison, n = compare(f, x), np.size(x)
    assert [row.method for row in comparison.rows] == list(METHODS)
    for row in here(comparison):
        tolerance = 1e-13 if row.method in EXACT else 100 * EPS ** METHODS[row.method].accuracy(1)
        assert row.value == pytest.approx(by_hand(x), rel=tolerance, abs=tolerance), row.method
        assert row.relative < tolerance and row.note == "" and row.seconds > 0
    scalar = np.ndim(x) == 0
    evaluations = {
        "symbolic": 1, "forward difference": n + 1, "central difference": 2 * n, "complex step": n,
        "dual numbers": n, "vector forward mode": 1, "hyperdual numbers": n, "Taylor mode": n, "tape": 1,
    }  # fmt: skip
    assert {name: comparison[name].evaluations for name in evaluations} == evaluations
    assert isinstance(comparison["tape"].value, float) == scalar


def test_the_course_polynomial_has_the_errors_of_the_syllabus():
    comparison = compare(polynomial, 1)
    assert all(comparison[name].error <= 1e-14 for name in EXACT)
    assert 1e-8 < comparison["forward difference"].error < 1e-5
    assert comparison["forward difference"].relative == comparison["forward difference"].error / 37
    assert 1e-11 < comparison["central difference"].error < 1e-7


def bound(f, x, scheme):
    """Truncation and round-off of the default step, with the derivatives that the core computes; times a margin."""
    h = np.max(default_step(x, scheme))
    third = lambda v: adcourse.grad(lambda u: np.sum(adcourse.grad(lambda t: np.sum(adcourse.grad(f)(t)))(u)))(v)
    second = lambda v: adcourse.grad(lambda t: np.sum(adcourse.grad(f)(t)))(v)
    around = [x + s * h for s in (-1, 0, 1)]
    size = max(1.0, abs(f(x)))
    if scheme == "forward":
        return 10 * h * max(1, np.max(np.abs([second(a) for a in around]))) + 100 * EPS * size / h
    return 10 * h**2 * max(1, np.max(np.abs([third(a) for a in around]))) + 100 * EPS * size / h


def took_part(comparison):
    """All rows; only the complex step may be missing, where NumPy has no complex version of a function."""
    for row in here(comparison):
        if row.error is not None:
            yield row
        else:
            assert row.method == "complex step" and "does not have it for complex numbers" in row.note, (
                row.method,
                row.note,
            )


@given(steps, st.floats(-2, 2))
@settings(max_examples=6, deadline=None)
def test_all_methods_agree_on_random_programs_of_one_number(steps, x):
    f = program(steps)
    comparison = compare(f, x)
    assert comparison.reference.values is not None, comparison.reference.how
    size = 1 + abs(float(comparison.reference.values[0]))
    for row in took_part(comparison):
        if row.method in EXACT:
            assert row.error < 1e-11 * size, row.method
    assert comparison["forward difference"].error < bound(f, np.float64(x), "forward")
    assert comparison["central difference"].error < bound(f, np.float64(x), "central")


@given(steps, st.integers(0, len(TO_NUMBER) - 1), st.lists(st.floats(-2, 2), min_size=2, max_size=4))
@settings(max_examples=6, deadline=None)
def test_all_methods_agree_on_random_programs_of_an_array(steps, reduce, x):
    comparison = compare(program(steps, reduce), x)
    assert comparison.reference.values is not None, comparison.reference.how
    size = 1 + max(abs(float(v)) for v in comparison.reference.values)
    for row in took_part(comparison):
        assert row.error < (1e-11 if row.method in EXACT else 1e-3) * size, row.method


# ---------------------------------------------------------------- honest rows


def told(f, x, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a comparison speaks in its rows, not in warnings
        return compare(f, x, **options)


def test_a_method_that_cannot_take_part_says_why():
    comparison = told(lambda x: x * abs(x), -2.0)
    assert comparison["complex step"].value is None and "absolute" in comparison["complex step"].note
    assert all(comparison[name].error < 1e-14 for name in ("symbolic", "dual numbers", "tape"))

    comparison = told(lambda x: x**2 if x > 0 else -x, 3.0)
    assert comparison["symbolic"].value is None and "branch" in comparison["symbolic"].note
    assert "difference" in comparison.reference.how  # the stated fallback
    assert comparison["tape"].error == 0 and comparison["forward difference"].error > 0


def test_a_kink_a_jump_and_an_edge_have_no_errors_and_a_word():
    for f, x, why in [(abs, 0, "kink"), (np.floor, 2, "jumps"), (np.sqrt, 0, "edge"), (np.log, -1.0, "not a finite")]:
        comparison = told(f, x)
        assert all(row.error is None for row in comparison.rows)
        assert why in str(comparison)


def test_a_trap_that_catches_automatic_differentiation_is_shown():
    """f(x) = x^2, written with a special case at 1: AD differentiates the branch taken, 1.0. The slope is 2."""
    comparison = told(lambda x: np.where(x == 1, 1.0, x**2), 1.0)
    assert float(comparison.reference.values[0]) == 2
    assert comparison["tape"].error == comparison["dual numbers"].error == comparison["symbolic"].error == 2
    assert comparison["central difference"].error < 1e-9


def test_overflow_and_cancellation_of_the_program_get_a_note():
    softplus = told(lambda x: np.log(1 + np.exp(x)), 1000.0)
    assert softplus["symbolic"].value == 1 and np.isnan(softplus["tape"].value)
    assert "inf in floating point and 1000" in str(softplus)
    assert softplus["tape"].error is None and "not a finite number" in softplus["tape"].note
    cancelling = told(lambda x: (1 - np.cos(x)) / x**2, 1e-8)
    assert cancelling["tape"].relative > 1 and "0 in floating point and 0.5" in str(cancelling)


@pytest.mark.parametrize("x", [1e-300, 1e300, -1e-5, 2**60])
def test_extreme_points(x):
    comparison = told(lambda t: 3.0 * t, x)
    assert all(comparison[name].error == 0 for name in EXACT)


def test_constants_integers_and_single_precision():
    assert all(row.error == 0 for row in here(told(lambda x: 3, 1)))
    assert all(row.error == 0 for row in here(told(lambda v: 2.0, [1, 2])))
    single = told(np.sin, np.float32(1))
    assert 0 < single["tape"].error < 1e-7 and single["forward difference"].error < 2e-3


def test_a_program_that_writes_to_its_argument_leaves_the_callers_alone():
    def vandal(v):
        y = v[0] * v[1]
        v[0] = 7
        return y

    x = np.array([1.0, 2.0])
    comparison = told(vandal, x)
    assert x.tolist() == [1, 2]
    assert comparison["tape"].value is None and comparison["tape"].note
    assert comparison["central difference"].value == pytest.approx([2, 1])


def test_a_method_that_fails_does_not_take_the_others_with_it():
    def picky(x):
        if isinstance(x, adcourse.core.dual.Dual):
            raise ZeroDivisionError("no duals, please")
        return x**2

    comparison = told(picky, 2.0)
    assert comparison["dual numbers"].note == "ZeroDivisionError: no duals, please"
    assert comparison["tape"].error == 0


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("x", ["1", None, 1j, float("nan"), np.inf, [], np.ones((2, 2)), [1.0, np.nan], True])
def test_points_that_will_not_do(x):
    with pytest.raises(InputError):
        compare(lambda t: t, x)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.stack([x]),
        lambda x: None,
        lambda x: 1j,
        lambda x: "a",
        lambda x: [x],
        lambda x: x > 0,
        lambda x: {},
        None,
    ],
)
def test_values_that_will_not_do(f):
    with pytest.raises(InputError):
        compare(f, 1.0)


def test_what_f_raises_at_x_is_passed_on():
    with pytest.raises(KeyError, match="mine"):
        compare(lambda x: {}["mine"], 1.0)


def test_a_program_that_is_no_function_is_refused():
    rng, calls = np.random.default_rng(), []
    with pytest.raises(InputError, match="random"):
        compare(lambda x: x * rng.normal(), 1.0)
    with pytest.raises(InputError):
        compare(lambda x: calls.append(x) or x * len(calls), 1.0)


def test_methods_can_be_chosen_and_unknown_ones_name_the_known():
    assert [row.method for row in compare(np.sin, 1.0, methods=["tape", "symbolic"]).rows] == ["tape", "symbolic"]
    assert [row.method for row in compare(np.sin, 1.0, methods="tape").rows] == ["tape"]
    for methods in (["tapes"], [], "dual"):
        with pytest.raises(InputError, match="dual numbers"):
            compare(np.sin, 1.0, methods=methods)


# ---------------------------------------------------------------- the budget


def logistic_map(x):
    for _ in range(60):  # as a formula: 2^60 terms
        x = 3.7 * x * (1 - x)
    return x


def test_a_runaway_method_is_stopped_and_says_so(capsys):
    start = time.monotonic()
    comparison = compare(logistic_map, 0.3, budget=8.0)
    assert time.monotonic() - start < 30
    assert comparison["symbolic"].value is None and "budget is 8 s" in comparison["symbolic"].note
    assert comparison["tape"].value is not None
    assert comparison.reference.values is not None  # a share of the budget was kept for it
    assert "compare: symbolic" in capsys.readouterr().err  # over two seconds, a line says what is being waited for


def test_a_spent_budget_leaves_a_note_in_every_row():
    comparison = compare(lambda x: time.sleep(0.2) or x * x, 1.0, budget=0.1)
    assert all("budget" in row.note for row in here(comparison))
    assert "budget" in comparison.reference.how


def test_a_budget_stops_work_that_catches_exceptions_and_leaves_nothing_behind():
    def stubborn():
        with contextlib.suppress(Exception):
            while True:
                sum(range(1000))

    with pytest.raises(OutOfTime), Budget(0.3).watch("stubborn"):
        stubborn()
    with Budget(5).watch("quick"):
        pass
    time.sleep(0.2)  # an exception asked for too late would arrive here


# ---------------------------------------------------------------- what it shows


def test_the_table_in_text_and_html():
    comparison = compare(lambda x: x * abs(x), 2.0)
    text, page = str(comparison.table()), comparison._repr_html_()
    for row in comparison.rows:
        assert row.method in text and row.method in page
    assert page.count("<tr>") == page.count("</tr>") == 1 + len(METHODS)
    assert "<caption" in page and page.count('scope="col"') == 8 and page.count('scope="row"') == len(METHODS)
    assert comparison["complex step"].note.split("\n")[0] in text
    assert "reference 4" in text and comparison.reference.how in text


def test_text_from_the_program_is_escaped():
    def f(x):
        if isinstance(x, adcourse.core.box.Box):
            raise ValueError("<script>alert(1)</script>")
        return x

    page = compare(f, 1.0)._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_comparison_survives_json(name):
    f, x, by_hand = EXAMPLES[name]
    back = json.loads(json.dumps(compare(f, x).to_dict()))
    assert back["rows"][-1]["value"] == pytest.approx(np.asarray(by_hand(x)).tolist())
    assert float(back["reference"]["values"][0]) == pytest.approx(np.atleast_1d(by_hand(x))[0])


def test_the_sweep_is_the_u_curve_of_theory():
    sweep = compare(np.exp, 1.0).sweep
    h = sweep["h"]
    for name, order, constant in [("forward difference", 1, np.e / 2), ("central difference", 2, np.e / 6)]:
        error = sweep[name]
        right = (h > 1e-3) & (h < 1e-1)
        assert error[right] == pytest.approx(constant * h[right] ** order, rel=0.1)
        left = (h > 1e-13) & (h < 1e-10)
        assert np.max(error[left] * h[left]) < 10 * EPS * np.e  # round-off: at most a few eps |f| / h
        assert np.median(error[left] * h[left]) > EPS * np.e / 20


@pytest.mark.parametrize("dark", [False, True])
def test_the_plot_shows_what_its_text_says(dark):
    comparison = compare(np.exp, 1.0)
    figure = comparison.plot(dark=dark)
    (axes,) = figure.axes
    assert axes.get_xscale() == axes.get_yscale() == "log"
    words = [text.get_text() for text in axes.texts]
    assert "truncation, slope +1" in words and "truncation, slope +2" in words and "round-off, slope −1" in words
    without_step = [row.method for row in comparison.rows if row.method in EXACT and row.error is not None]
    assert {"symbolic", "tape", "Taylor mode"} <= set(without_step)
    for name in ["forward difference", "central difference", *without_step]:
        assert name.lower() in figure.alt.lower()
    assert "slope +1" in figure.alt and "slope +2" in figure.alt and "slope -1" in figure.alt
    level = next(text for text in words if "tape" in text)
    assert "error" in level


def test_a_line_has_no_truncation_and_the_plot_does_not_claim_one():
    figure = compare(lambda x: 2 * x, 1.0).plot()
    assert not any("truncation" in text.get_text() for text in figure.axes[0].texts)
    assert "error 0 at every step" in figure.alt


def test_a_slope_that_is_not_the_rule_is_not_written():
    """For x^3 at 0 both quotients are h^2: the forward one is better than its order."""
    words = [text.get_text() for text in compare(lambda x: x * x * x, 0.0).plot().axes[0].texts]
    assert "truncation, slope +2" in words and "truncation, slope +1" not in words


@pytest.mark.parametrize(
    "f, x", [(abs, 0.0), (logistic_map, 0.3), (np.log, 1e-3), (lambda v: np.sum(np.exp(v)), np.ones(5))]
)
def test_plots_of_awkward_functions_draw_without_a_warning(f, x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = compare(f, x, methods=["tape", "forward difference"], budget=3).plot()
        figure.canvas.draw()
    assert figure.alt
