"""Neural ODEs: their gradient by every way back, and equations that a network can be told to be."""

import random

import numpy as np
import pytest

import adcourse as ad
from adcourse.core.errors import InputError
from adcourse.science.adjoint import continuous_adjoint, discrete_adjoint
from adcourse.science.neural_ode import NeuralODE
from adcourse.science.nn import Network
from adcourse.science.optimize import adam
from adcourse.science.runge_kutta import solve


@pytest.fixture
def rng():
    return np.random.default_rng(random.randrange(2**31))


def test_a_network_without_layers_is_a_linear_equation(rng):
    A, b = rng.normal(size=(2, 2)), rng.normal(size=2)
    ode, t = NeuralODE(Network((2, 2))), np.linspace(0, 1, 21)
    theta, u0 = np.concatenate([A.T.ravel(), b]), rng.normal(size=2)
    exact = solve(lambda u, p, t: A @ u + b, u0, None, t)
    assert np.allclose(ode.predict(theta, u0, t), exact)
    assert np.allclose(ode.predict(theta, np.stack([u0, 0 * u0]), t)[:, 0], exact)


def test_every_way_back_gives_the_gradient(rng):
    ode = NeuralODE(Network((2, 4, 2)), known=lambda u, t: -u + np.cos(t))
    theta, starts, ends = ode.network.start(rng), rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    t = np.linspace(0, 1, 17)
    by_tape = ad.grad(ode.loss)(theta, starts, ends, t)
    assert np.allclose(by_tape, ad.grad(ode.loss)(theta, starts, ends, t, states=3), rtol=1e-12, atol=1e-15)
    g = lambda u, k: np.sum((u - ends) ** 2) / 6 if k == 16 else 0.0
    by_steps = discrete_adjoint(ode, starts, theta, t, g, states=4)[2]
    by_equation = continuous_adjoint(ode, starts, theta, t, g)[2]
    assert np.allclose(by_steps, by_tape, rtol=1e-11, atol=1e-14)
    assert np.allclose(by_equation, by_tape, rtol=1e-3, atol=1e-5)
    v = rng.normal(size=theta.size)
    by_complex = ode.loss(theta + 1e-30j * v, starts, ends, t).imag / 1e-30
    assert np.isclose(by_tape @ v, by_complex, rtol=1e-10)


def test_what_the_equation_leaves_out_is_learnt(rng):
    """u' = -u + 0.5, of which -u is known: at that θ there is nothing left to learn, and fit goes towards it."""
    ode, t = NeuralODE(Network((1, 1)), known=lambda u, t: -u), np.linspace(0, 2, 21)
    u = solve(lambda u, p, t: 0.5 - u, np.array([2.0]), None, t)
    truth, piece = np.array([0.0, 0.5]), t[:4]
    assert ode.loss(truth, u[:-3], u[3:], piece) < 1e-28
    assert np.allclose(ad.grad(ode.loss)(truth, u[:-3], u[3:], piece), 0, atol=1e-14)
    found = ode.fit(t, u, adam(0.05), epochs=30, rng=rng)
    assert found.losses[-1] < found.losses[0] / 2 and len(found.losses) == 30


def test_what_cannot_be_is_explained():
    with pytest.raises(InputError, match="as many numbers"):
        NeuralODE(Network((2, 8, 1)))
    with pytest.raises(InputError, match="evenly spaced"):
        NeuralODE(Network((1, 1))).fit([0.0, 1.0, 3.0], np.ones((3, 1)), reach=1)
