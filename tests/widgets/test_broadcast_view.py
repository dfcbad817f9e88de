"""The axes are those that NumPy broadcasts and the engine's adjoints are summed over; wrong answers have a reason."""

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import adcourse as ad
from adcourse.core.errors import InputError
from adcourse.widgets import BroadcastView

shapes = st.integers(2, 3).flatmap(
    lambda n: mutually_broadcastable_shapes(num_shapes=n, min_dims=0, max_dims=3, min_side=1, max_side=4)
)


@settings(max_examples=40)
@given(shapes, st.integers(0, 2**32))
def test_the_sums_are_those_of_the_vjp(drawn, seed):
    given, result = drawn
    view = BroadcastView(*given)
    assert view.shape == result
    rng = np.random.default_rng(seed)
    operands = [rng.normal(size=shape) for shape in given]
    g = rng.normal(size=result)
    _, pull = ad.vjp(lambda *xs: sum(xs[1:], xs[0]), *operands)
    for name, shape, bar in zip("abc", given, pull(g), strict=False):
        assert np.allclose(np.sum(g, axis=view.axes[name]).reshape(shape), bar)
        assert view.copies[name] * prod(shape) == prod(result)  # each share is counted once


@settings(max_examples=40)
@given(shapes)
def test_each_choice_but_the_right_one_has_a_reason(drawn):
    view = BroadcastView(*drawn[0])
    for step in view.data["steps"]:
        ask = step["ask"]
        options = ask.get("options", ())
        assert len({key for key, *_ in options}) == len(options)
        for key, _, why in options:
            assert (why is None) == (key == ask["answer"]), ask
        assert all(wrong != ask["answer"] for wrong, _ in ask.get("mistakes", ()))


def test_arrays_and_shapes_say_the_same():
    for pair in (((4, 3), (3,)), (np.ones((4, 3)), np.ones(3)), ([4, 3], [3]), (np.ones((4, 3)), (3,))):
        view = BroadcastView(*pair)
        assert (view.axes, view.copies) == ({"a": (), "b": (0,)}, {"a": 1, "b": 4})
    assert BroadcastView(2.0, (2, 2)).axes == {"a": (0, 1), "b": ()}


def test_the_table_says_what_happens_to_each_axis():
    cells = BroadcastView((3, 1), (2, 1, 4)).data["cells"]
    assert [row[1] for row in cells] == [
        "none, copied 2 times: sum over 2, axis dropped",
        "3: nothing to sum",
        "1, copied 4 times: sum over 4, axis kept",
    ]


@pytest.mark.parametrize(
    "operands, message",
    [
        (((4, 3), (4,)), r"a has length 3 where b has 4.*BroadcastView\(\(4, 3\), \(4, 1\)\), which is b\[..., None\]"),
        (((2, 3), (3, 2)), "a has length 3 where b has 2"),
        (((2, 1), (1, 3), (4, 3)), "a has length 2 where c has 4"),
        (((4, 3),), "1 operand"),
        (((1,),) * 4, "4 operands"),
        (((1,) * 5, (1,)), "columns for 4 axes"),
        (((0, 3), (3,)), "at least one entry"),
        ((None, (3,)), "given None"),
        (((2, 3), "ab"), "given 'ab'"),
    ],
)
def test_shapes_that_do_not_meet_are_refused_with_the_line_to_write(operands, message):
    with pytest.raises(InputError, match=rf"(?s){message}.*"):
        BroadcastView(*operands)
