"""Numbers, arrays and operations as a student writes them: what is written can be run, and gives the row's value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse import record
from adcourse.show import words


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
        n: getattr(np, n) for n in ("transpose", "sum", "mean", "reshape", "broadcast_to", "concatenate")
    }
    np.testing.assert_allclose(eval(text, names), row.value)


def test_a_gradient_that_is_itself_recorded_can_be_read():
    from adcourse import grad

    tape = record(grad(lambda x: np.sum(x[:2] ** 3)), np.array([1.0, 2.0, 3.0]))
    assert "added at [:2]" in " ".join(words.operation(row, lambda p: tape[p].name) for row in tape)
