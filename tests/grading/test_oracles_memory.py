"""The oracles of assignment 10 against mathematics that they do not use."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse import grad
from adcourse.core.revolve import revolve
from adcourse.grading.problems.oracles import complex_step_vjp
from adcourse.grading.problems.ps10_advances import fewest
from adcourse.grading.problems.ps10_chain import some_chain
from adcourse.grading.problems.ps10_layers import layers
from adcourse.grading.problems.ps10_reach import reach


@given(st.integers(1, 60), st.integers(0, 60))
def test_the_reach_is_a_binomial(s, r):
    assert reach(s, r) == comb(s + r, s)


@pytest.mark.parametrize("s", range(1, 8))
def test_the_least_advances_are_those_of_revolve(s):
    """Tabulated by trying all places; from the schedule; and from the formula."""
    for l in (1, 2, 3, 10, 39, 40, 41, 400, 1000):
        r = next(r for r in range(l) if comb(s + r, s) >= l)
        formula = r * l - (comb(s + r, r - 1) if r else 0)
        schedule = (
            sum(action[2] - action[1] for action in revolve(l, s) if action[0] == "advance") if l < 50 else formula
        )
        assert fewest(l, s) == formula == schedule


def test_numbers_of_the_syllabus():
    assert reach(3, 2) == 10
    assert reach(10, 3) == 286
    assert [fewest(10, 3), fewest(100, 1), fewest(100, 3), fewest(100, 10)] == [15, 4950, 490, 222]


@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_pullbacks_of_the_chain_give_its_gradient(seed, n):
    """By the rules that students call, by the complex step, and by the tape; in another order they give another."""
    rng = np.random.default_rng(seed)
    chain, g = some_chain(rng, n), rng.normal(size=2)
    states = [chain.x0]
    for k in range(n):
        states.append(chain.step(states[-1], k))
    x_bar = g
    for k in reversed(range(n)):
        x_bar = chain.vjp(states[k], k, x_bar)
    size = np.abs(x_bar).max()
    np.testing.assert_allclose(complex_step_vjp(chain.run, (chain.x0,), g)[0], x_bar, rtol=0, atol=1e-10 * size)
    np.testing.assert_allclose(grad(lambda x: g @ chain.run(x))(chain.x0), x_bar, rtol=0, atol=1e-10 * size)
    if n > 1:
        upwards = g
        for k in range(n):
            upwards = chain.vjp(states[k], k, upwards)
        assert np.abs(upwards - x_bar).max() > 1e-6 * size


@given(st.integers(0, 2**32 - 1), st.integers(0, 7))
def test_layers_can_be_undone_to_the_tolerance(seed, n):
    x, y = np.random.default_rng(seed).uniform(-1.2, 1.2, size=(2, 3))
    above, below = layers(x, y, n)
    for k in reversed(range(1, n + 1)):
        above = above - np.tanh(below) / 2
        below = below - np.sin(k * above)
    np.testing.assert_allclose([above, below], [x, y], rtol=0, atol=2e-11)
