"""Orders of multiplication: counted on real products, all of them the same Jacobian, none cheaper than the best."""

from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adcourse as ad
from adcourse.core.errors import ADError
from adcourse.methods import groupings as order

chains = st.lists(st.integers(1, 7), min_size=3, max_size=6).map(tuple)


class Number:
    """An integer that counts the multiplications done with it and its like."""

    done = 0

    def __init__(self, value):
        self.value = value

    def __mul__(self, other):
        Number.done += 1
        return Number(self.value * other.value)

    def __add__(self, other):
        return Number(self.value + other.value)


def multiply(grouping, factors):
    if isinstance(grouping, int):
        return factors[grouping - 1]
    left, right = (multiply(part, factors) for part in grouping)
    return left @ right


@given(chains, st.integers(0, 2**32))
def test_every_grouping_multiplies_as_often_as_it_says_and_gives_the_same(sizes, seed):
    rng = np.random.default_rng(seed)
    factors = [rng.integers(-3, 4, size=(b, a)) for a, b in pairwise(sizes)]
    counted = [np.vectorize(Number, otypes=[object])(factor) for factor in factors]
    whole = np.linalg.multi_dot(factors[::-1]) if len(factors) > 1 else factors[0]
    for grouping in order.groupings(len(factors)):
        Number.done = 0
        product = multiply(grouping, counted)
        assert Number.done == order.multiplications(sizes, grouping)
        assert np.array_equal([[entry.value for entry in row] for row in product], whole)


@given(st.lists(st.integers(1, 50), min_size=2, max_size=8).map(tuple))
def test_dynamic_programming_finds_the_least_of_all(sizes):
    every = order.groupings(len(sizes) - 1)
    least = min(order.multiplications(sizes, grouping) for grouping in every)
    count, grouping = order.best(sizes)
    assert count == least == order.multiplications(sizes, grouping)
    assert grouping in every


@pytest.mark.parametrize("stages", range(1, 9))
def test_there_are_as_many_as_catalan_says_and_two_of_them_have_a_name(stages):
    every = order.groupings(stages)
    k = stages - 1
    assert len(set(every)) == len(every) == comb(2 * k, k) // (k + 1)
    assert order.forward(stages) in every and order.reverse(stages) in every
    assert len({order.name(grouping) for grouping in every}) == len(every)


@given(chains)
def test_turning_the_chain_round_exchanges_the_modes(sizes):
    """The transposed Jacobian is the product of the transposed factors in the opposite order."""
    stages = len(sizes) - 1
    turned = sizes[::-1]
    assert order.multiplications(sizes, order.forward(stages)) == order.multiplications(turned, order.reverse(stages))
    assert order.best(sizes)[0] == order.best(turned)[0]


def test_modes_of_a_real_program_are_these_two_groupings():
    """n JVPs give the columns and m VJPs the rows: what accumulates them are the products of the grouping."""
    rng = np.random.default_rng()
    sizes = (6, 2, 5, 3)
    W = [rng.normal(size=(b, a)) for a, b in pairwise(sizes)]

    def program(x):
        for matrix in W:
            x = np.tanh(matrix @ x)
        return x

    x = rng.normal(size=6)
    factors, at = [], x
    for matrix in W:
        factors.append(ad.jacobian(lambda v, matrix=matrix: np.tanh(matrix @ v))(at))
        at = np.tanh(matrix @ at)
    columns = np.stack([ad.jvp(program, (x,), (seed,))[1] for seed in np.eye(6)], axis=1)
    pull = ad.vjp(program, x)[1]
    rows = np.stack([pull(seed)[0] for seed in np.eye(3)])
    for grouping in order.groupings(3):
        product = multiply(grouping, factors)
        assert np.allclose(product, columns) and np.allclose(product, rows)


def test_the_lecture_s_example():
    sizes = (1000, 3, 4, 1)
    assert order.multiplications(sizes, order.forward(3)) == 16_000
    assert order.best(sizes) == (3012, order.reverse(3))


@pytest.mark.parametrize("sizes", [(), (3,), "1000"])
def test_a_chain_has_two_sizes_at_least(sizes):
    with pytest.raises(ADError):
        order.best(sizes)
