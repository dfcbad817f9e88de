"""Groups and focus: every row in one box, the chain rule between boxes, repeats found as they were programmed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import grad, record
from adcourse.core.errors import InputError
from adcourse.show import graph
from adcourse.show.boxes import FEW, WHOLE, Box, Rows, arrows, focused, grouped, partials, whole
from adcourse.show.captions import formula

from .programs import (
    LARGE,
    fibonacci,
    logistic,
    nested,
    network,
    newton_root,
    predator_prey,
    product,
    tapes,
    tree,
    wide_sum,
)


def covers(boxes, n):
    """Whether each of ``n`` rows is in exactly one box, in order."""
    return [i for box in boxes for i in box.rows] == list(range(n))


@settings(max_examples=60)
@given(tapes(150), st.integers(6, 30))
def test_groups_hold_every_row_once_and_are_few(tape, most):
    rows = Rows(tape)
    boxes = grouped(rows, most)
    assert covers(boxes, len(tape))
    assert len(boxes) <= most
    for a, box in enumerate(boxes):
        assert len(box.rows) % box.times == 0
        for arrow in arrows(rows, boxes):
            assert arrow.tail < arrow.head
            assert arrow.head != a or set(arrow.sources) <= set(rows.reads(box))


@settings(max_examples=60)
@given(tapes(100), st.data())
def test_a_focus_shows_its_neighbours_and_hides_no_row(tape, data):
    rows, focus, reach = Rows(tape), data.draw(st.integers(0, len(tape) - 1)), data.draw(st.integers(0, 3))
    boxes = focused(rows, focus, reach)
    assert covers(boxes, len(tape))
    single = {box.start for box in boxes if box.single}
    assert focus in single
    if reach == 1 and len(rows.uses[focus]) < 10:
        assert {focus, *rows.uses[focus], *(p for p in tape[focus].parents if p is not None)} <= single
    assert boxes == focused(rows, tape.name(focus), reach)


def accumulated(rows, boxes):
    """The derivatives of the last row by the inputs, box by box: each box one elementary operation (None: not one)."""
    adjoint = {len(rows) - 1: 1.0}
    for box in reversed(boxes):
        gives = rows.gives(box)
        inputs = rows.rows[box.start].rule is None
        if not gives or inputs:
            continue
        found = partials(rows, box)
        if found is None:
            return None
        for p, partial in found.items():
            adjoint[p] = adjoint.get(p, 0.0) + adjoint.get(gives[0], 0.0) * partial
    return [adjoint.get(i, 0.0) for i in rows.tape.inputs]


@settings(max_examples=60)
@given(tapes(80))
def test_the_chain_rule_holds_between_boxes(tape):
    """Inner rows eliminated, the partials at the arrows still give the gradient (Griewank and Walther, section 9.2)."""
    if tape.outputs[0] is None:
        return
    rows, exact = Rows(tape), [tape.adjoints()[i] for i in tape.inputs]
    for boxes in (whole(rows), grouped(rows, 8), focused(rows, len(tape) // 2, 1)):
        found = accumulated(rows, boxes)
        if found is not None:
            np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("n", [20, 50, 66])
def test_the_chain_rule_through_a_loop_in_one_box(n):
    f, x = logistic(n), 0.2
    rows = Rows(record(f, x))
    boxes = grouped(rows)
    assert max(box.times for box in boxes) == n - 2  # the first and the last step are drawn
    assert accumulated(rows, boxes) == pytest.approx([grad(f)(x)], rel=1e-9)


@pytest.mark.parametrize(
    "f, args, times, period",
    [
        (logistic(40), (0.2,), 40, 3),
        (newton_root(40), (2.0,), 40, 3),
        (product, [1.1] * 60, 59, 1),
        (wide_sum, (np.linspace(0, 1, 30),), 30, 4),
        (nested(8, 10), (0.5, 0.1), 8, 23),
        (predator_prey(16), (1.0, 0.5, 0.8, 0.3, 1.0, 2.0), 16, 12),
        (*(lambda f, *a: (f, a))(*network(30)), 30, 2),
    ],
)
def test_repeats_are_those_of_the_program(f, args, times, period):
    """A loop of the program is found as such: its steps, neither halves of them nor pairs."""
    boxes = grouped(Rows(record(f, *args)))
    longest = max(boxes, key=lambda box: box.times if len(box.rows) == box.times * period else 0)
    assert times - 3 <= longest.times <= times  # the first step and the last may stand by themselves
    assert len(longest.rows) == longest.times * period


def test_a_loop_starts_where_the_program_starts_it():
    """What a step hands to the next is the loop's variable, not something from the middle of the step."""
    rows = Rows(record(logistic(30), 0.2))
    (loop,) = [box for box in grouped(rows) if box.times > 1]
    assert rows.gives(loop) == [loop.stop - 1]
    assert len(rows.reads(loop)) == 1


def test_arrays_with_other_numbers_and_other_places_are_the_same_step():
    rows = Rows(record(lambda x: sum((k + 1.5) * np.sin(x[k]) for k in range(20)), np.arange(20.0)))
    assert max(box.times for box in grouped(rows)) >= 17


def test_a_few_inputs_stand_by_themselves_and_many_in_one_box():
    few, many = record(*LARGE["predator_prey_11"]), record(*LARGE["product_60"])
    assert [box.single for box in graph(few).boxes][:6] == [True] * 6
    assert any(not box.single and box.stop <= 60 for box in graph(many).boxes)


def test_other_axes_are_another_step():
    def f(A):
        for axis in (0, 1) * 15:
            A = A - np.sum(A, axis=axis, keepdims=True)
        return np.sum(A)

    steps = [box for box in grouped(Rows(record(f, np.eye(3)))) if box.times > 1]
    assert steps and all(len(box.rows) // box.times == 4 for box in steps)


@pytest.mark.parametrize("name", LARGE)
def test_large_graphs_are_grouped_by_default_and_say_how_to_look_inside(name):
    tape = record(*LARGE[name])
    drawn = graph(tape)
    assert 1 < len(drawn.boxes) <= FEW and covers(drawn.boxes, len(tape))
    note = drawn.captions.note()
    assert "graph(tape, group=False)" in note and note.split()[-1] in drawn.svg()
    line = note[note.index("graph(tape, focus=") :].partition(". ")[0]
    inside = eval(line, {"graph": graph, "tape": tape})  # the line that the picture tells to write
    hidden = {i for box in drawn.boxes if not box.single for i in box.rows}
    assert hidden & {box.start for box in inside.boxes if box.single}
    assert 'class="node operation focus"' in inside.svg()


def test_up_to_forty_rows_nothing_is_grouped():
    tape = record(logistic(13), 0.2)
    assert len(tape) == WHOLE
    assert graph(tape).boxes == whole(Rows(tape)) and graph(tape).captions.note() == ""
    assert len(graph(tape, group=True).boxes) < len(tape)
    assert len(graph(record(logistic(14), 0.2)).boxes) < WHOLE


def test_the_result_of_a_program_is_never_hidden_among_others():
    for name in ("logistic_66", "nested", "newton_60"):
        tape = record(*LARGE[name])
        drawn = graph(tape)
        (last,) = [box for box in drawn.boxes if tape.outputs[0] in box.rows]
        assert last.stop - 1 == tape.outputs[0]
        assert f"{tape.name(tape.outputs[0])} = " in drawn.svg()


@pytest.mark.parametrize(
    "f, x, text",
    [
        (lambda x: 4 * x * (1 - x), 0.3, "4 * x * (1 - x)"),
        (lambda x: (x - 1) - (2 - x * 3), 0.3, "x - 1 - (2 - 3 * x)"),
        (lambda x: np.sin(x + 1) ** 2, 0.3, "sin(x + 1) ** 2"),
        (lambda x: (x * 2) ** 3 / (x / 7), 0.3, "(2 * x) ** 3 / (x / 7)"),
        (lambda x: -(x + 1) * 2, 0.3, "2 * -(x + 1)"),
    ],
)
def test_a_step_is_written_as_a_formula(f, x, text):
    tape = record(f, x)
    found = formula(Rows(tape), Box(1, len(tape)), len(tape) - 1).partition(" = ")[2]
    names = {"x": x, "sin": math.sin}
    assert eval(found, names) == pytest.approx(f(x)) == pytest.approx(eval(text, names))
    assert found.count("(") <= text.count("(")


@given(tapes(5))
def test_a_formula_has_the_value_of_its_row(tape):
    rows, n = Rows(tape), len(tape)
    found = formula(rows, Box(len(tape.inputs), n), n - 1)
    if found:
        names = {"sin": math.sin, "xs": [tape[i].value for i in tape.inputs]}
        assert eval(found.partition(" = ")[2], names) == pytest.approx(tape[n - 1].value, rel=1e-9)


def test_a_formula_leaves_no_row_out():
    tape = record(lambda x: (np.cos(x), np.sin(x) * 2)[1], 0.3)  # cos(x) is computed, too, and isn't in the result
    assert formula(Rows(tape), Box(1, len(tape)), len(tape) - 1) is None


def test_each_row_can_be_asked_for_by_its_name():
    for args in LARGE.values():
        tape = record(*args)
        assert len({tape.name(i) for i in range(len(tape))}) == len(tape)
    names = record(predator_prey(2), 1.0, 0.5, 0.8, 0.3, 1.0, 2.0).names.values()
    assert {"dx_1", "dx_2", "dy_1", "dy_2"} <= set(names)


@pytest.mark.parametrize("focus", ["x_1000", "nothing", 10_000, -200, 1.5, True])
def test_a_focus_that_is_no_row_is_refused_with_a_line_that_works(focus):
    tape = record(logistic(30), 0.2)
    with pytest.raises(InputError) as raised:
        graph(tape, focus=focus)
    line = str(raised.value).partition("Write: ")[2].partition(", or")[0].strip()
    assert len(eval(line, {"graph": graph, "tape": tape}).boxes) > 1


@pytest.mark.parametrize("reach", [-1, 1.5, "far"])
def test_a_reach_that_is_no_count_is_refused(reach):
    with pytest.raises(InputError, match="reach=2"):
        graph(record(logistic(30), 0.2), focus="x", reach=reach)


def test_irregular_programs_are_grouped_too():
    for f, x in ((fibonacci(10), 1.2), (tree, np.linspace(0.5, 1, 64))):
        tape = record(f, x)
        assert len(graph(tape).boxes) <= FEW
