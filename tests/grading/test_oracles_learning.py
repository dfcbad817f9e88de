"""The oracles of assignment 8 against mathematics that they do not use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse import grad
from adcourse.grading.problems.ps08_checker import bent, central, gradient_of, largest, some_function
from adcourse.grading.problems.ps08_descent import iterate, some_slope
from adcourse.grading.problems.ps08_network import NAMES, network_loss, some_network
from adcourse.grading.problems.ps08_slope import mean_squared_error
from adcourse.grading.problems.ps08_stepsize import loss_after

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 5), st.integers(0, 12), st.floats(0.05, 0.95))
def test_iterates_in_closed_form_are_those_of_a_walk(seed, n, steps, lr):
    rng = np.random.default_rng(seed)
    slope, start = some_slope(rng, n), rng.normal(size=n)
    x = start
    for _ in range(steps):
        x = x - lr * grad(lambda v: v @ slope.A @ v / 2 - slope.b @ v)(x)
    np.testing.assert_allclose(iterate(slope, start, lr, steps), x, rtol=0, atol=1e-12)


def test_numbers_of_the_syllabus():
    X, Y = np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 6, 8])
    assert grad(mean_squared_error)(0.0, X, Y) == -30
    w = published = 0.0
    for _ in range(20):
        w -= 0.01 * grad(mean_squared_error)(w, X, Y)
        published -= 0.04 * grad(mean_squared_error)(published, X, Y)
    assert (w, published) == (pytest.approx(1.92248, abs=5e-6), pytest.approx(1.99999998, abs=5e-9))
    assert grad(loss_after)(0.1, [3.0, 4.0]) == pytest.approx(-33.7712929418, abs=5e-11)


@given(seeds)
def test_the_network_by_reverse_mode(seed):
    rng = np.random.default_rng(seed)
    p, X, Y = some_network(rng, 5, 3, 4, 2, 0.7)

    def loss(w):
        H = np.maximum(0, X @ w["W1"] + w["b1"])
        return np.mean(np.sum((H @ w["W2"] + w["b2"] - Y) ** 2, axis=1)) / 2 + 0.35 * np.sum(w["W1"] ** 2)

    w = {name: p[name] for name in NAMES}
    assert network_loss(**p, X=X, Y=Y) == pytest.approx(loss(w), rel=1e-12)
    direction = {name: rng.normal(size=p[name].shape) for name in NAMES}
    moved = {name: p[name] + 1e-30j * direction[name] for name in NAMES}
    pushed = network_loss(**moved, lam=0.7, X=X, Y=Y).imag / 1e-30
    by_rules = sum(np.sum(slopes * direction[name]) for name, slopes in grad(loss)(w).items())
    assert pushed == pytest.approx(by_rules, rel=1e-11, abs=1e-11)


@given(st.floats(-0.2, 2.2), st.lists(st.floats(-3, 3), min_size=1, max_size=4))
def test_the_loss_after_ten_steps_in_closed_form(alpha, x0):
    assert loss_after(alpha, x0) == pytest.approx((1 - alpha) ** 20 * np.sum(np.square(x0)) / 2, rel=1e-10, abs=1e-12)


@given(seeds)
def test_central_quotients_are_good_enough_and_forward_ones_are_not(seed):
    """What the tolerance of 8.4 relies on: 2e-6, with every step from 1e-3 to 1e-7."""
    rng = np.random.default_rng(seed)
    f, x = some_function(rng, 4)
    near = rng.uniform(0.03, 0.08, size=3)
    curved = bent(near, rng.uniform(1, 2, size=3))
    for h in 10.0 ** rng.uniform(-7, -3, size=5):
        assert largest(central(f, x, h), gradient_of(f, x)) < 1e-6
        assert largest(central(curved, near, h), gradient_of(curved, near)) < 1e-6
    for h in 10.0 ** rng.uniform(-16, 0, size=5):
        forward = [(curved(near + h * e) - curved(near)) / h for e in np.eye(3)]
        assert largest(forward, gradient_of(curved, near)) > 4e-6
