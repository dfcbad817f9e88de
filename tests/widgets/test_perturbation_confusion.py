"""Nested derivatives with one ε and with two: the traces are those of the two machines, and errors teach."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import Dual, derivative
from adcourse.core.errors import ADError, InputError
from adcourse.widgets import PerturbationConfusion
from adcourse.widgets.nested import written

PAIRS = [
    (lambda x, y: x + y, lambda x, d: x * d),
    (lambda x, y: x * y**2, lambda x, d: d),
    (lambda x, y: np.sin(x * y) / (1 + y * y), lambda x, d: np.exp(x) * d - d * d),
    (lambda x, y: np.sqrt(x * x + y * y), lambda x, d: d / x),
    (lambda x, y: y * y, lambda x, d: x * d + x),  # inside, x is not used: no confusion
    (lambda x, y: x, lambda x, d: x + d),  # the inner derivative is 0
]
NUMBERS = st.floats(0.2, 3)


@settings(max_examples=8)
@given(NUMBERS, NUMBERS)
@pytest.mark.parametrize("inner, outer", PAIRS)
def test_with_tags_it_is_the_derivative_and_without_what_one_epsilon_gives(inner, outer, x, y):
    picture = PerturbationConfusion(inner, outer, x, y)
    right = derivative(lambda x: outer(x, derivative(lambda y: inner(x, y))(y)))(x)
    assert picture.with_tags == pytest.approx(right, rel=1e-10, abs=1e-10)
    d = inner(Dual(x, 1.0), Dual(y, 1.0)).tangent  # both of them nudged, by the same name
    assert picture.without_tags == pytest.approx(outer(Dual(x, 1.0), Dual(d, 0.0)).tangent, rel=1e-10, abs=1e-10)


def test_the_trace_of_the_best_known_case_line_by_line():
    """Siskind and Pearlmutter (2005), section 2: 2 where 1 is right."""
    rows = PerturbationConfusion().data["rows"]
    assert rows == [
        ["x = 1", "1 + 1ε", "1 + 1ε₁"], ["y = 1", "1 + 1ε", "1 + 1ε₂"], ["v1 = x + y", "2 + 2ε", "2 + 1ε₁ + 1ε₂"],
        ["d = read off v1", "2", "1"], ["v2 = x * d", "2 + 2ε", "1 + 1ε₁"], ["read off v2", "2", "1"],
    ]  # fmt: skip


def test_where_nothing_can_be_confused_it_says_that_the_two_agree():
    picture = PerturbationConfusion(lambda x, y: y * y, lambda x, d: x * d, 1.0, 3.0)
    assert picture.with_tags == picture.without_tags == 6
    assert "agree" in picture.data["steps"][-1]["say"]
    assert "agree" not in PerturbationConfusion().data["steps"][-1]["say"]


@settings(max_examples=20)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_no_known_mistake_would_pass_as_right(x, y):
    picture = PerturbationConfusion(lambda x, y: x * y * y + x, lambda x, d: x * d - d, x, y)
    asks = [step["ask"] for step in picture.data["steps"] if step["ask"]]
    assert [ask["name"] for ask in asks] == ["without tags", "with tags"]
    for ask in asks:
        assert all(abs(wrong - ask["answer"]) > ask["tolerance"] for wrong, _ in ask["mistakes"])
    assert asks[1]["answer"] == picture.with_tags


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4))
def test_a_number_is_written_with_every_part_that_is_not_zero(parts):
    first, *terms = written(tuple(parts)).split(" ")
    read = {"": float(first.replace("−", "-"))}
    for sign, term in zip(terms[::2], terms[1::2], strict=True):
        unit = term.lstrip("0123456789.e−")
        read[unit] = float(sign.replace("−", "-") + term.removesuffix(unit).replace("−", "-"))
    expected = {unit: part for unit, part in zip(("", "ε₁", "ε₂", "ε₁ε₂"), parts, strict=True) if part or not unit}
    assert read == pytest.approx(expected, rel=1e-3)


def long(x, y):
    for _ in range(20):
        x = x * y
    return x


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: PerturbationConfusion(inner=2.0), "inner = 2.0 is not a function"),
        (lambda: PerturbationConfusion(outer="x * d"), "outer = 'x . d' is not a function"),
        (lambda: PerturbationConfusion(lambda x: x), "inner raised TypeError"),
        (lambda: PerturbationConfusion(lambda x, y: {}[x]), "inner raised KeyError"),
        (lambda: PerturbationConfusion(lambda x, y: 3.0), "depends on x or y"),
        (lambda: PerturbationConfusion(lambda x, y: (x, y)), "inner can't be shown line by line"),
        (lambda: PerturbationConfusion(lambda x, y: np.sum(np.ones(3) * x) + y), "has to be one number"),
        (lambda: PerturbationConfusion(outer=lambda x, d: 1.0), "depends on x or d"),
        (lambda: PerturbationConfusion(outer=lambda x, d: x * d if d > 1.5 else x + d), "another branch"),
        (lambda: PerturbationConfusion(long), "21 operations.*at most 16"),
        (lambda: PerturbationConfusion(x="one"), "x = 'one' is not a number"),
        (lambda: PerturbationConfusion(y=math.nan), "y = nan is not a number"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_line_to_write(make, message):
    with pytest.raises(InputError, match=rf"(?s){message}.*Why: .*Write: .*"):
        make()


def test_errors_of_the_core_pass_as_they_are():
    with pytest.raises(ADError, match="np.sin"):
        PerturbationConfusion(lambda x, y: math.sin(x) * y)


def test_the_static_form_has_both_traces():
    html = PerturbationConfusion().static_html()
    assert "inner derivative reads off 2 and the outer one 2; with tags they read off 1 and 1" in html
    assert '<th scope="row">v1 = x + y</th><td>2 + 2ε</td><td>2 + 1ε₁ + 1ε₂</td>' in html
