"""What is given wrongly is named, with the line to write instead; a right thing goes through as it is."""

import numpy as np
import pytest

from adcourse.core.errors import InputError
from adcourse.science import adjoint, assimilation, curvature, discrete, hmc, least_squares, mechanics, ode, optimize
from adcourse.science.given import generator, right_hand_side, whole
from adcourse.science.neural_ode import NeuralODE
from adcourse.science.nn import Network
from adcourse.science.runge_kutta import rk45, solve

X, T = np.array([1.0, 2.0]), np.linspace(0.0, 1.0, 5)
BOWL = lambda x: np.sum(x * x)
DOWN = optimize.gradient_descent(0.1)
GROW = lambda u, p: p * u  # without the time


@pytest.mark.parametrize(
    "wrong, message",
    [
        (lambda: optimize.descend(BOWL, X, 0.1), "the rule 0.1"),
        (lambda: optimize.descend(BOWL, X, DOWN, steps=-1), "steps=-1"),
        (lambda: optimize.descend(BOWL, X + 1j, DOWN), "start x0"),
        (lambda: optimize.newton_cg(BOWL, "1"), "start x0"),
        (lambda: optimize.steepest_descent(BOWL, X, steps=2.5), "steps=2.5"),
        (lambda: optimize.gradient_descent("fast"), "lr='fast'"),
        (lambda: optimize.conjugate_gradients(np.eye(2), X), "can't be called"),
        (lambda: least_squares.levenberg_marquardt(lambda x: x, X * 1j), "start x0"),
        (lambda: least_squares.gauss_newton(3.0, X), "can't be called"),
        (lambda: curvature.lanczos(np.eye(2), 2, 2), "can't be called"),
        (lambda: curvature.trace(lambda v: v, 2, probes=1), "probes=1"),
        (lambda: discrete.score(lambda p, chance: chance.bernoulli(p), 0.5, samples=1.5), "samples=1.5"),
        (lambda: discrete.expectation(None, 0.5), "can't be called"),
        (lambda: discrete.expectation(lambda p, chance: None, 0.5), "returned None"),
        (lambda: mechanics.leapfrog(lambda q: q, X, X, 0.1, -1), "n=-1"),
        (lambda: mechanics.leapfrog(lambda q: None, X, X, 0.1, 3), "returned None"),
        (lambda: hmc.transition(BOWL, X, 0.1, 3, rng=7), "rng=7"),
        (lambda: hmc.sample(BOWL, X, 10, 0.1, 3, rng=None), "rng=None"),
        (lambda: Network((3,)), "sizes"),
        (lambda: Network("ab"), "sizes"),
        (lambda: NeuralODE((2, 2)), "network"),
        (lambda: ode.taylor_solve(lambda y: y, 1.0, "ab"), "times"),
        (lambda: ode.taylor_solve(lambda y: y, 1.0, T, order=1), "order=1"),
        (lambda: ode.taylor_solve(lambda y: None, 1.0, T), "returned None"),
        (lambda: assimilation.observe(assimilation.lotka_volterra, X, np.ones(4), T, 0, np.eye(2), 0.1, None), "every"),
        *(
            (lambda run=run: run(GROW, X, np.ones(1), T), "three arguments")
            for run in (
                solve,
                rk45,
                adjoint.forward_sensitivity,
                lambda *given: adjoint.discrete_adjoint(*given, lambda u, k: u[0]),
                lambda *given: adjoint.continuous_adjoint(*given, lambda u, k: u[0]),
                lambda *given: adjoint.backsolve(*given, lambda u, k: u[0]),
            )
        ),
    ],
)
def test_wrong_uses(wrong, message):
    with pytest.raises(InputError, match=message) as info:
        wrong()
    assert "Write: " in str(info.value)


def test_right_uses():
    assert whole(np.int64(3), 3, "n") == 3
    assert right_hand_side(np.clip, "solve") is np.clip
    rng = np.random.default_rng()
    assert generator(rng, "sample") is rng
