"""Whatever holds numbers is read as those numbers; what does not is refused with a reason."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from adcourse.grading.judges import Close
from adcourse.grading.plain import NotPlain, Plain, plain

floats = st.floats(allow_nan=False)


@given(st.lists(floats, max_size=20))
def test_all_forms_of_one_sequence_read_alike(values):
    forms = [values, tuple(values), np.array(values, dtype=float), iter(values), (v for v in values)]
    forms += [[np.float64(v) for v in values], np.array(values, dtype=object), [np.array(v) for v in values]]
    assert {plain(form) for form in forms} == {Plain((len(values),), tuple(values))}


@given(
    npst.arrays(npst.integer_dtypes() | npst.floating_dtypes(sizes=(32, 64)), npst.array_shapes(min_dims=0, max_dims=3))
)
def test_arrays_and_nested_lists_read_alike(array):
    shape, numbers, _ = plain(array)
    assert shape == array.shape
    assert len(numbers) == array.size
    assert all(type(number) is float or abs(number) > 2**53 for number in numbers)
    assert list(numbers) == array.ravel().tolist() or not np.all(np.isfinite(array))
    np.testing.assert_array_equal(np.reshape(np.array(numbers, float), shape), array.astype(float))
    listed = plain(array.tolist())
    assert list(map(repr, listed.numbers)) == list(map(repr, numbers))


@given(st.complex_numbers(allow_nan=False))
def test_complex_numbers_keep_an_imaginary_part_that_is_there(z):
    for form in (z, np.complex128(z), np.array(z)):
        (number,) = plain(form).numbers
        assert number == z
        assert isinstance(number, complex) == (z.imag != 0)


@given(st.fractions(max_denominator=10**6))
def test_fractions(x):
    assert plain(Fraction(x)) == Plain((), (float(x),))


@given(st.integers())
def test_integers_keep_their_last_digit(n):
    for form in (
        n,
        np.array(n, dtype=object),
        type("Mine", (int,), {"__eq__": lambda a, b: True, "__hash__": None})(n),
    ):
        (number,) = plain(form).numbers
        assert int(number) == n
        assert type(number) is (float if abs(n) <= 2**53 else int)


def test_integers_beyond_all_use():
    assert plain([10**400, -(10**400)]).numbers == (10**400, -(10**400))
    assert plain([10**4000, -(10**4000)]) == Plain((2,), (math.inf, -math.inf))


@pytest.mark.parametrize(
    "thing", [None, "1", b"1", {}, {1.0}, object(), float, [1, [2, 3]], [None], np.array(["a"]), np.str_("1"), ...]
)
def test_no_numbers(thing):
    with pytest.raises(NotPlain):
        plain(thing)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.integers(0, 4), st.floats(1e-3, 1e3))
def test_a_judge_accepts_within_its_tolerance_and_not_outside(values, index, size):
    judge = Close(values, rtol=1e-9, atol=1e-6)
    k = index % len(values)
    tolerance = 1e-6 + 1e-9 * abs(values[k])
    near, far = list(values), list(values)
    near[k] += 0.9 * tolerance
    far[k] += (1.1 + size) * tolerance
    assert judge(plain(values)) is None
    assert judge(plain(near)) is None
    assert f"[{k}]" in judge(plain(far)).text
    assert judge(plain([*values, 0.0])) is not None
    nothing = list(values)
    nothing[k] = math.nan
    assert judge(plain(nothing)) is not None
