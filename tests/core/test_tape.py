"""The tape as the textbook's table: rows, names, partials, and the two sweeps over them."""

import math

import numpy as np
import pytest

from adcourse import grad, jvp, record
from adcourse.core.errors import InputError


def source_b(w1, w2):
    v = w2 * np.log(w1)
    return v + np.sqrt(v)


def test_rows_in_evaluation_order():
    tape = record(source_b, math.e, 4.0)
    rows = [(r.name, r.rule.name if r.rule else "input", r.parents, float(r.value)) for r in tape]
    assert rows == [
        ("w1", "input", (), math.e),
        ("w2", "input", (), 4.0),
        ("v1", "log", (0,), 1.0),
        ("v", "multiply", (1, 2), 4.0),
        ("v3", "sqrt", (3,), 2.0),
        ("v4", "add", (3, 4), 6.0),
    ]
    assert (len(tape), tape.inputs, tape.outputs, float(tape.value)) == (6, [0, 1], [5], 6.0)
    assert tape[-1] == tape[5] and tape[3].operands == (4.0, 1.0)


def test_partials_and_sweeps_of_a_known_table():
    """The reverse table of L = w2 log w1 + sqrt(w2 log w1) at (e, 4), corrected: dL/dw2 = dL/dv2 * v1 = 1.25, not 5."""
    tape = record(source_b, math.e, 4.0)
    partials = [tape.partials(i) for i in range(2, 6)]
    assert partials == [
        pytest.approx((1 / math.e,)),
        pytest.approx((1.0, 4.0)),
        pytest.approx((0.25,)),
        (1, 1),
    ]
    assert tape.adjoints() == pytest.approx([5 / math.e, 1.25, 5.0, 1.25, 1.0, 1.0])
    assert tape.tangents([1.0, 0.0]) == pytest.approx([1, 0, 1 / math.e, 4 / math.e, 1 / math.e, 5 / math.e])
    assert tape.pullback(3, 1.25) == pytest.approx((1.25, 5.0))
    assert tape.pushforward(3, (0.0, 1.0)) == 4.0


def test_names():
    tape = record(lambda p, v1: p["a"][1] * v1 + p["b"], {"a": (1.0, 2.0), "b": 3.0}, 4.0)
    assert list(tape.names.values()) == ["p['a'][0]", "p['a'][1]", "p['b']", "v1", "t1", "t2"]
    assert list(record(np.sin, 1.0).names.values()) == ["x", "v1"]
    assert record(lambda *args: args[0] * args[1], 1.0, 2.0).names[1] == "args[1]"


def test_fan_out_adds_up():
    """b = a + a; c = b + b: c = 4 a."""

    def f(a):
        b = a + a
        return b + b

    assert record(f, 3.0).adjoints() == [4.0, 2.0, 1.0]


def test_what_the_output_does_not_depend_on():
    def f(x, y):
        unused = y * y  # noqa: F841
        return x * 2.0

    tape = record(f, 1.0, 2.0)
    assert tape.adjoints() == [2.0, 0.0, 0.0, 1.0]
    constant = record(lambda x: 5.0, 1.0)
    assert constant.outputs == [None] and constant.adjoints() == [0.0] and constant.value == 5.0


def test_arrays_on_the_tape():
    x = np.array([1.0, 2.0, 3.0])
    tape = record(lambda x: np.sum(x[1:] * 2.0), x)
    assert [r.rule.name for r in tape if r.rule] == ["getitem", "multiply", "sum"]
    assert tape.partials(1) == (None,) and tape[2].parents == (1, None)
    assert [np.asarray(a).tolist() for a in tape.adjoints()] == [[0.0, 2.0, 2.0], [2.0, 2.0], [1.0, 1.0], 1.0]
    assert tape.pullback(1, np.ones(2))[0].tolist() == [0.0, 1.0, 1.0]
    for made, exact in zip(tape.tangents([x])[1:], [x[1:], 2 * x[1:], 10.0], strict=True):
        np.testing.assert_array_equal(made, exact)
    with pytest.raises(InputError, match="cotangent"):
        record(lambda x: x * 2.0, x).adjoints()
    assert record(lambda x: x * 2.0, x).adjoints(np.ones(3))[0].tolist() == [2.0] * 3


def test_sweeps_agree_with_each_other():
    rng = np.random.default_rng()
    x, v, w = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.normal(size=4)

    def f(x):
        return np.tanh(x @ x.T).sum(axis=0) @ np.sin(x)

    tape = record(f, x)
    out = tape.outputs[0]
    forward = tape.tangents([v])[out]
    np.testing.assert_allclose(forward, jvp(f, x, v)[1], rtol=1e-13)
    np.testing.assert_allclose(np.sum(tape.adjoints(w)[0] * v), w @ forward, rtol=1e-11)


@pytest.mark.parametrize("shape", [(3, 1), (4, 3), (2, 3, 4)])
def test_an_argument_lies_in_memory_as_the_callers(shape):
    """The bits of a product depend on it: a matrix that is stored by columns stays so."""
    x, seen = np.asfortranarray(np.random.default_rng().normal(size=shape)), []

    def f(x):
        seen.append(x.value.strides)
        return np.sum(x * x)

    np.testing.assert_array_equal(grad(f)(x), 2 * x)
    assert seen == [x.copy("K").strides]
