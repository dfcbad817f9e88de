"""Noise and the choice of a step: levels that were put in are found, and the step is near the best there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse.core.errors import ADError
from adcourse.methods.numerical import best_step, derivative, noise_level, richardson, size_of_derivative, stencil

EPS = 2.0**-52


def noisy(f, level, seed, draw="normal"):
    rng = np.random.default_rng(seed)
    if draw == "normal":
        return lambda t: f(t) + level * rng.normal()
    return lambda t: f(t) + level * np.sqrt(3) * rng.uniform(-1, 1)


@pytest.mark.parametrize("draw", ["normal", "uniform"])
@pytest.mark.parametrize("level", [1e-12, 1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize(
    "f, x", [(np.sin, 1.0), (np.exp, -2.0), (lambda t: t**3, 10.0), (lambda t: np.sin(50 * t), 0.2)]
)
def test_noise_that_was_put_in_is_found(f, x, level, draw):
    """Within a factor of 4 always nearly, of 2 mostly: nine values tell no more."""
    found = [noise_level(noisy(f, level, seed, draw), x) / level for seed in range(30)]
    assert np.mean([0.25 < r < 4 for r in found]) > 0.9
    assert 0.7 < np.median(found) < 1.4


@given(st.floats(0.5, 3), st.sampled_from([np.sin, np.exp, np.arctan, lambda t: t**2.5]))
def test_the_noise_of_smooth_programs_is_rounding(x, f):
    assert noise_level(f, x) < 4 * EPS * max(1.0, abs(f(x)))


def test_noise_in_steps_is_seen_with_a_spacing_beyond_them():
    """A solver that stops at a tolerance: its error is the same over short distances, and jumps over longer ones."""
    rough = lambda t: np.sin(t) + 1e-6 * np.sin(1e9 * np.floor(1e5 * t) ** 2)
    assert 0.2e-6 < noise_level(rough, 1.0, h=1e-4) < 3e-6


def test_no_noise_no_level():
    assert noise_level(lambda t: 3.0, 1.0) == 0
    assert noise_level(lambda t: 0.5 * t, 1.0) < EPS
    assert noise_level(lambda t: t, 2.0**30) < EPS * 2**30


def test_theory_of_the_step():
    """At the best step the derivative of the error by h is zero; there truncation is n/p times what noise gives."""
    for n, order, kind in ((1, 1, "forward"), (1, 2, "central"), (2, 2, "central"), (1, 4, "central")):
        s = stencil(n, order, kind)
        h = s.best_step(3.0, 1e-9)
        around = s.error(h * np.linspace(0.5, 2, 301), 3.0, 1e-9)
        assert abs(np.argmin(around) - 100) <= 1
        truncation, rounding = s.error(h, 3.0, 0.0), s.error(h, 0.0, 1e-9)
        assert truncation / rounding == pytest.approx(n / order)
    forward = stencil(1, 1, "forward")
    assert forward.best_step(4.0, 1e-16) == pytest.approx(2 * np.sqrt(1e-16 / 4.0))  # sqrt(2 * 2 sigma / |f''|)


@pytest.mark.parametrize("n, order, kind", [(1, 1, "forward"), (1, 2, "central"), (1, 4, "central"), (2, 2, "central")])
@pytest.mark.parametrize("level", [0.0, 1e-10, 1e-6])
@pytest.mark.parametrize(
    "f, exact, x",
    [
        (np.sin, (np.cos, lambda t: -np.sin(t)), 1.0),
        (np.exp, (np.exp, np.exp), 2.0),
        (lambda t: np.sin(100 * t), (lambda t: 100 * np.cos(100 * t), lambda t: -1e4 * np.sin(100 * t)), 0.7),
        (np.log, (lambda t: 1 / t, lambda t: -1 / t**2), 1e-3),
        (lambda t: np.sin(t / 100), (lambda t: np.cos(t / 100) / 100, lambda t: -np.sin(t / 100) / 1e4), 30.0),
    ],
)
def test_the_best_step_is_near_the_best_there_is(n, order, kind, level, f, exact, x):
    """Its rms error is within a factor of 6 of the least of a scan over all steps (the median over five draws)."""
    ratios = []
    for seed in range(5):
        g = noisy(f, level, seed) if level else f

        def rms(h, g=g):
            try:
                found = [derivative(g, x, n, order, kind, h=h * s) - exact[n - 1](x) for s in np.linspace(0.8, 1.2, 7)]
            except ADError:
                return np.inf
            return np.sqrt(np.mean(np.square(found)))

        with np.errstate(invalid="ignore", divide="ignore"):
            h = best_step(g, x, n, order, kind)
            ratios.append(rms(h) / min(rms(10.0**e) for e in np.linspace(-11, 0.3, 35)))
    assert np.median(ratios) < 6, ratios


def test_simulations_with_noise_get_a_step_that_suits_them():
    """With noise of 1e-6 the default step gives nothing but noise; the best one the error that theory has."""
    errors = {"default": [], "best": []}
    for seed in range(20):
        f = noisy(np.sin, 1e-6, seed)
        h = best_step(f, 1.0)
        assert 0.005 < h < 0.06  # (3 sigma / |cos 1|)^(1/3) = 0.018
        errors["best"].append(abs(derivative(f, 1.0, h=h) - np.cos(1)))
        errors["default"].append(abs(derivative(f, 1.0) - np.cos(1)))
        assert h == pytest.approx(best_step(f, 1.0, noise=1e-6), rel=1.5)
    assert np.median(errors["best"]) < 2e-4 < 0.02 < np.median(errors["default"])


def test_sizes_of_derivatives():
    for m in (2, 3, 5):
        assert size_of_derivative(np.exp, 1.0, m, EPS) == pytest.approx(np.e, rel=0.5)
        assert size_of_derivative(lambda t: np.sin(30 * t), 0.3, m, 1e-10) < 3 * 30.0**m
    assert size_of_derivative(lambda t: 2 * t, 1.0, 3, EPS) < 1e-11  # 0, as far as rounding tells


def test_where_nothing_limits_the_step_it_is_large():
    for f in (lambda t: 3.0 * t, lambda t: 0.0 * t, lambda t: 2.5):
        h = best_step(f, 0.5)
        assert h > 1e-6 and derivative(f, 0.5, h=h) == pytest.approx(f(1.0) - f(0.0), abs=1e-9)


def test_dtype_and_refusals():
    assert best_step(np.sin, np.float32(1)).dtype == np.float32
    for call in (
        lambda: best_step(np.sin, 1.0, noise=-1.0),
        lambda: best_step(np.sin, 1.0, order=3),
        lambda: best_step(np.sin, np.nan),
        lambda: noise_level(np.sin, 1.0, h=0.0),
        lambda: noise_level(lambda t: np.nan, 1.0),
        lambda: noise_level(lambda t: [t], 1.0),
    ):
        with pytest.raises(ADError, match="Write:"):
            call()


def test_richardson_and_the_best_step_agree():
    f = noisy(lambda t: np.exp(-t) * t, 1e-8, 3)
    value, error, *_ = richardson(f, 0.4)
    assert abs(derivative(f, 0.4, h=best_step(f, 0.4)) - value) < error + 1e-4
