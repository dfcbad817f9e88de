"""Physics-informed networks: their derivatives by hand, their ends, and equations whose solutions are known."""

import random

import numpy as np
import pytest

from adcourse import hessian, jacobian
from adcourse.core.errors import InputError
from adcourse.science.nn import Network
from adcourse.science.pinn import Trial, train

SEEDS = pytest.mark.parametrize("seed", random.sample(range(2**32), 2))
WIDTH = 5


def weights(seed):
    return np.random.default_rng(seed).normal(size=3 * WIDTH + 1)


def by_hand(theta, x, ends=(0.0, 1.0), values=(0.0, 0.0)):
    """u, u' and u'' of a layer of tanh, by the product rule; for complex θ too."""
    w, b, c, d = theta[:WIDTH], theta[WIDTH : 2 * WIDTH], theta[2 * WIDTH : 3 * WIDTH], theta[-1]
    t = np.tanh(np.multiply.outer(x, w) + b)
    N, dN, ddN = t @ c + d, (1 - t * t) @ (c * w), (-2 * t * (1 - t * t)) @ (c * w * w)
    (l, r), (left, right) = ends, values
    g, dg = (x - l) * (r - x), l + r - 2 * x
    slope = (right - left) / (r - l)
    return left + slope * (x - l) + g * N, slope + g * dN + dg * N, g * ddN + 2 * dg * dN - 2 * N


@SEEDS
@pytest.mark.parametrize("ends, values", [((0.0, 1.0), (0.0, 0.0)), ((-1.0, 2.0), (3.0, -0.5))])
def test_a_taylor_sweep_gives_the_product_rule(seed, ends, values):
    theta, x = weights(seed), np.linspace(*ends, 9)
    u = Trial(Network((1, WIDTH, 1)), ends, values)
    for ours, expected in zip(u.derivatives(theta, x), by_hand(theta, x, ends, values), strict=True):
        assert np.allclose(ours, expected, rtol=1e-10, atol=1e-10)
    nested = [hessian(lambda x: u(theta, np.stack([x]))[0])(point) for point in x.tolist()]
    assert np.allclose(u.derivatives(theta, x)[2], nested, rtol=1e-10, atol=1e-10)
    assert np.allclose(u(theta, np.array(ends)), values, rtol=0, atol=1e-14)


@SEEDS
def test_the_second_derivative_against_a_second_difference(seed):
    theta, x, h = weights(seed), np.linspace(0.05, 0.95, 9), 1e-4
    u = Trial(Network((1, 4, 3, 1)))
    theta = np.random.default_rng(seed).normal(size=u.network.size)
    difference = (u(theta, x + h) - 2 * u(theta, x) + u(theta, x - h)) / h**2
    assert np.allclose(u.derivatives(theta, x)[2], difference, rtol=1e-4, atol=1e-4)


@SEEDS
def test_by_the_weights_against_the_complex_step(seed):
    """A nonlinear equation of all four, hard and soft: the Jacobian that the training uses."""
    theta, x, weight = weights(seed), np.linspace(0, 1, 7), 3.0
    equation = lambda x, u, du, ddu: ddu * np.sin(u) + du**2 - np.exp(u) * x

    def soft(theta):
        w, b, c, d = theta[:WIDTH], theta[WIDTH : 2 * WIDTH], theta[2 * WIDTH : 3 * WIDTH], theta[-1]
        t = np.tanh(np.multiply.outer(x, w) + b)
        F = equation(x, t @ c + d, (1 - t * t) @ (c * w), (-2 * t * (1 - t * t)) @ (c * w * w)) / np.sqrt(7)
        ends = np.tanh(np.multiply.outer(np.array([0.0, 1.0]), w) + b) @ c + d - np.array([2.0, 5.0])
        return np.concatenate([F, np.sqrt(weight) * ends])

    hard = lambda theta: equation(x, *by_hand(theta, x)) / np.sqrt(7)
    for u, program in ((Trial(Network((1, WIDTH, 1))), hard),
                       (Trial(Network((1, WIDTH, 1)), values=(2.0, 5.0), hard=False), soft)):  # fmt: skip
        ours = lambda theta, u=u: u.residuals(theta, equation, x, weight)
        columns = [program(theta + 1e-20j * e).imag / 1e-20 for e in np.eye(len(theta))]
        assert np.allclose(ours(theta), program(theta), rtol=1e-10, atol=1e-10)
        assert np.allclose(jacobian(ours)(theta), np.transpose(columns), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", random.sample(range(2**32), 1))
def test_poisson(seed):
    """-u'' = π² sin πx with both kinds of ends, the exact solution is sin πx."""
    points, between = np.linspace(0, 1, 25), np.linspace(0, 1, 101)
    for hard in (True, False):
        u = Trial(Network((1, 8, 1)), hard=hard)
        fit = train(
            u,
            lambda x, u, du, ddu: ddu + np.pi**2 * np.sin(np.pi * x),
            points,
            u.network.start(np.random.default_rng(seed)),
            weight=100.0,
            steps=40,
        )
        assert np.abs(u(fit.x, between) - np.sin(np.pi * between)).max() < 0.02
        assert fit.value < 1e-4 * fit.values[0]


@SEEDS
def test_a_nonlinear_equation_with_ends_that_are_not_zero(seed):
    """u'' = 2u³ with u(0) = 1, u(1) = 1/2 has the solution 1/(1 + x)."""
    x = np.linspace(0, 1, 20)
    u = Trial(Network((1, 6, 1)), values=(1.0, 0.5))
    fit = train(u, lambda x, u, du, ddu: ddu - 2 * u**3, x, u.network.start(np.random.default_rng(seed)), steps=40)
    assert np.abs(u(fit.x, x) - 1 / (1 + x)).max() < 0.005


@pytest.mark.parametrize(
    "call",
    [
        lambda u: Trial(Network((2, 3, 1))),
        lambda u: Trial(Network((1, 3, 1)), ends=(1.0, 0.0)),
        lambda u: train(u, lambda x, u, du, ddu: ddu, np.linspace(0, 2, 5), np.zeros(10)),
        lambda u: train(u, lambda x, u, du, ddu: ddu, np.zeros((3, 1)), np.zeros(10)),
        lambda u: train(u, lambda x, u, du, ddu: np.sum(ddu), np.linspace(0, 1, 5), np.zeros(10)),
        lambda u: train(u, lambda x, u, du, ddu: ddu, np.linspace(0, 1, 5), np.zeros(10), weight=0.0),
        lambda u: train(u, lambda x, u, du, ddu: ddu, np.linspace(0, 1, 5), np.zeros(11)),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(InputError):
        call(Trial(Network((1, 3, 1))))
