"""The meter's sizes are those of the formulas and of the trace, the rule is that of calculus, questions are fair."""

import math
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import adcourse as ad
from adcourse.core.errors import ADError, InputError
from adcourse.methods import symbolic
from adcourse.methods.chain_rule import differentiate_up
from adcourse.methods.formulas import dag_size, tree_size
from adcourse.methods.loops import BODIES, of_two, recurrence, sizes, unrolled
from adcourse.methods.swell import logistic, swell
from adcourse.widgets import SwellMeter


def logistic_round(y):
    return 4 * y * (1 - y)


LOOPS = {
    "logistic": logistic_round,
    "sine": np.sin,
    "shifted sine": lambda y, x: np.sin(x + y),
    "square": lambda y: y * y,
    "root": lambda y: np.sqrt(1 + y * y),
    "quotient": lambda y, x: x / (1 + y),
    "three": lambda y: y * np.exp(y) + y,
}


@pytest.fixture(scope="module")
def meter():
    return SwellMeter(logistic_round)


def test_the_numbers_of_lecture_2(meter):
    nest = meter.sizes["nest"]
    assert (nest[3].slope_tree, nest[3].slope_dag) == (343, 43)  # l_4'
    assert (nest[9].slope_tree, nest[9].slope_dag) == (70_663, 121)  # l_10'
    account = swell(logistic, [2, 3, 4], at=0.2)
    for column, name in (("tree", "tree"), ("dag", "dag"), ("derivative_tree", "slope_tree")):
        assert account[column] == [getattr(s, name) for s in nest[1:4]]


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("loop", BODIES)
def test_all_rounds_at_once_are_each_round_alone(name, loop):
    """The rounds share one pass; each must be what its own formula gives, and the trace that of the program."""
    body = BODIES[loop](of_two(LOOPS[name]))
    found = sizes(body, 3, 0.3)
    x = sp.Symbol("x", real=True)
    for n in (0, 1, 3):
        program = lambda x, n=n: unrolled(body, n)(x)[-1]
        with sp.evaluate(False):
            formula = symbolic.expression(program, "x")
        slope = differentiate_up(formula, x)
        s = found[n]
        assert (s.tree, s.dag) == (tree_size(formula), dag_size(formula))
        assert (s.slope_tree, s.slope_dag) == (tree_size(slope), dag_size(slope))
        assert s.trace == len(ad.record(program, 0.3))
        assert float(slope.subs(x, 0.3)) == pytest.approx(ad.derivative(program)(0.3), rel=1e-9)


def mentions(body):
    """How often the loop's body mentions y, written out."""
    y, x = sp.Symbol("y", real=True), sp.Symbol("x", real=True)
    with sp.evaluate(False):
        formula = symbolic.expression(body, y, x)
    return sum(e == y for e in sp.preorder_traversal(formula))


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("loop", BODIES)
def test_the_copies_of_the_last_slope_are_the_mentions_of_y(name, loop):
    body = BODIES[loop](of_two(LOOPS[name]))
    found = sizes(body, 6, 0.3)
    a, b, c = recurrence(found)
    assert a == mentions(body)
    for before, now in pairwise(found):
        assert now.slope_tree == a * before.slope_tree + b * before.tree + c
    rises = np.diff([s.slope_dag for s in found])
    assert len(set(rises[2:])) == 1  # the graph: the same from round to round


def test_sizes_that_follow_no_rule_are_given_none(meter):
    from dataclasses import replace

    found = list(meter.sizes["nest"])
    found[5] = replace(found[5], slope_tree=found[5].slope_tree + 1)
    assert recurrence(found) is None
    assert recurrence(found[:3]) is None  # too few to know


def test_each_round_says_its_numbers(meter):
    for loop, how in meter.data["loops"].items():
        for s, said, row in zip(meter.sizes[loop], how["says"], how["rows"], strict=True):
            assert row == [f"{n:,}" for n in (s.tree, s.slope_tree, s.slope_dag, s.trace)]
            if s.rounds:
                assert f"{s.slope_tree:,} nodes" in said and f"{s.slope_dag:,}, " in said and f"{s.trace} rows" in said
    said = meter.data["loops"]["nest"]["says"][3]
    assert "343 nodes = 2 × 111 (the last y′) + 4 × 25 (the last y) + 21 new" in said


@pytest.mark.parametrize("name", LOOPS)
def test_no_known_mistake_passes_as_right(name):
    found = SwellMeter(LOOPS[name], at=0.3, rounds=6)
    asked = [ask for how in found.data["loops"].values() for ask in how["asks"] if ask]
    assert len(asked) == 15
    for ask in asked:
        assert 1 < ask["factor"] <= 1.1
        for wrong, why in ask["mistakes"]:
            assert abs(math.log(wrong / ask["answer"])) > math.log(ask["factor"]) and why.endswith(".")
        loop, _, rest = ask["name"].partition(": ")
        kind, n = rest.split(" ")[0], int(rest.split(" ")[2])
        now = found.sizes[loop][n]
        assert ask["answer"] == (now.slope_tree if kind == "tree" else now.slope_dag)


@settings(max_examples=20)
@given(st.floats(0.1, 0.9), st.integers(2, 5))
def test_the_trace_is_that_of_the_loop_at_the_learner_s_number(at, rounds):
    found = SwellMeter(lambda y, x: np.exp(-y) * x, at=at, rounds=rounds)
    assert [s.trace for s in found.sizes["nest"]] == [1 + 3 * n for n in range(rounds + 1)]
    assert found.last == rounds


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: SwellMeter(3.0), "was given 3.0"),
        (lambda: SwellMeter(np.sin, rounds=1), "rounds=1"),
        (lambda: SwellMeter(np.sin, rounds=16), "rounds=16"),
        (lambda: SwellMeter(np.sin, rounds=2.0), "rounds=2.0"),
        (lambda: SwellMeter(lambda y, x, z: y), "takes 3 arguments"),
        (lambda: SwellMeter(lambda: 1.0), "takes 0 arguments"),
        (lambda: SwellMeter(lambda y: 3.0), "returned 3"),
        (lambda: SwellMeter(lambda y, x: x * x), "for the letter y"),
        (lambda: SwellMeter(lambda y: (y, y)), "for the letter y"),
        (lambda: SwellMeter(lambda y: y / [][0]), "on letters, raised IndexError"),
        (lambda: SwellMeter(lambda y: logistic(y, 40)), "parts; the meter takes at most"),
        (lambda: SwellMeter(np.sin, at="a"), "at='a'"),
        (lambda: SwellMeter(np.sin, at=np.ones(2)), "at=array"),
        (lambda: SwellMeter(np.sin, at=math.inf), "at=inf"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_line_to_write(make, message):
    with pytest.raises(InputError, match=rf"(?s){message}.*Write: "):
        make()


def test_a_branch_has_no_formula():
    with pytest.raises(ADError, match="(?s)Why: .*Write: "):
        SwellMeter(lambda y: 2 * y if y < 0.5 else 2 - 2 * y)


def test_the_static_form_shows_all_three_loops_to_the_end(meter):
    html = meter.static_html()
    for found in meter.sizes.values():
        assert f"tree has {found[-1].slope_tree:,} nodes" in html
        assert f"<td>{found[-1].slope_tree:,}</td>" in html
