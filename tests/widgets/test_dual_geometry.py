"""The geometry of dual numbers: what the browser is given is f, f' and g(f) on a grid; errors teach."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import derivative
from adcourse.core.errors import ADError, InputError
from adcourse.widgets import DualGeometry
from adcourse.widgets.samples import grid, window


def cubic(x):
    return x**3 - x


def test_the_samples_are_values_and_slopes_of_both_functions_and_of_the_chain():
    picture = DualGeometry(cubic, np.sin, between=(-2, 3))
    data, values = picture.data, picture.data["values"]
    for k in np.random.default_rng().choice(len(values["u"]), 20):
        x = (data["first"] + k) * data["fine"]
        expected = [
            cubic(x), derivative(cubic)(x), math.sin(x), math.cos(x), math.sin(cubic(x)), math.cos(cubic(x))
        ]  # fmt: skip
        assert [values[letter][k] for letter in "usvtyr"] == pytest.approx(expected, rel=1e-8, abs=1e-8)


@settings(max_examples=10)
@given(st.floats(-50, 50), st.floats(0.01, 100))
def test_wherever_the_point_and_the_arrow_are_moved_they_are_on_the_grid(low, length):
    """So that f(a + b ε) is known without the kernel, for each size in which ε is drawn."""
    picture = DualGeometry(lambda x: 2 * x, lambda x: x, between=(low, low + length))
    data, a, b = picture.data, picture.data["settings"]["a"], picture.data["settings"]["b"]
    assert low - 1e-6 * (abs(low) + length) <= a["min"] and a["max"] <= low + length + 1e-6 * (abs(low) + length)
    assert 0.9 * length < a["max"] - a["min"] + 2 * a["step"]
    for move in (a["min"], a["step"], *(b["step"] * float(h) for h, _ in data["settings"]["epsilon"]["options"])):
        places = move / data["fine"]
        assert places == pytest.approx(round(places), abs=1e-5)


@pytest.mark.parametrize(
    "view, expected",
    [("function", (0.48, 0.7)), ("product", (0.48 * math.exp(1.4), (0.48 * 0.5 + 0.7) * math.exp(1.4))),
     ("chain", (math.exp(0.48), 0.7 * math.exp(0.48)))],
)  # fmt: skip
def test_the_result_is_that_of_what_is_set(view, expected):
    picture = DualGeometry()
    picture.settings = {"view": view, "a": 1.4, "b": 0.5}
    assert picture.result == pytest.approx(expected, rel=1e-14)


def test_where_a_function_has_no_value_the_data_have_none():
    values = DualGeometry(np.log, np.sqrt, between=(-1, 3)).data["values"]
    assert values["u"][0] is None and values["u"][-1] == pytest.approx(math.log(3))
    assert values["y"][-1] == pytest.approx(math.sqrt(math.log(3)))
    assert None in values["y"]  # where log(x) < 0


def test_a_pole_does_not_flatten_the_rest():
    low, high = window([1 / (0.01 * k) for k in range(-200, 201) if k])
    assert -15 < low < -1 and 1 < high < 15
    assert window([5.0, 5.0])[0] < 5 < window([5.0, 5.0])[1]
    assert grid((0, 1)) == (0, 1, 0.2)


def test_the_static_form_has_the_numbers_of_the_beginning():
    html = DualGeometry(lambda x: x * x, lambda x: x + 1, between=(0, 4), a=2.0, b=0.5).static_html()
    assert "sides 4 + 2ε and 3 + 0.5ε" in html  # 4 · 3 + (4 · 0.5 + 2 · 3) ε
    for cells in (("x", 2, 0.5), ("f(x)", 4, 2), ("g(x)", 3, 0.5), ("f(x) · g(x)", 12, 8), ("g(f(x))", 5, 2)):
        assert '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>'.format(*cells) in html


def raises(x):
    raise RuntimeError("sensor offline")


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: DualGeometry(3.0), "f = 3.0 is not a function"),
        (lambda: DualGeometry(np.sin, "cos"), "g = 'cos' is not a function"),
        (lambda: DualGeometry(lambda x: np.array([x, x])), "array of shape"),
        (lambda: DualGeometry(lambda x: (x, x)), "not one real number"),
        (lambda: DualGeometry(raises), "f raised RuntimeError everywhere.*: sensor offline"),
        (lambda: DualGeometry(np.log, between=(-3, -1)), "f is infinite or undefined everywhere"),
        (lambda: DualGeometry(lambda x: x - 10, np.log, between=(-3, -1)), "g is infinite or undefined everywhere"),
        (lambda: DualGeometry(between=(2, 2)), "not an interval"),
        (lambda: DualGeometry(between=3), "not an interval"),
        (lambda: DualGeometry(between=(0, math.inf)), "not an interval"),
        (lambda: DualGeometry(a=7.0), "a = 7.0 can't be shown"),
        (lambda: DualGeometry(b="long"), "b = 'long' can't be shown"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_line_to_write(make, message):
    with pytest.raises(InputError, match=rf"(?s){message}.*Why: .*Write: .*"):
        make()


def test_errors_of_the_core_pass_as_they_are():
    with pytest.raises(ADError, match="np.sin"):
        DualGeometry(lambda x: math.sin(x))
    with pytest.raises(ADError, match="np.sin"):
        DualGeometry(np.cos, lambda x: math.sin(x))
