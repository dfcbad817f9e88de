"""Phase space: energies drawn anew, orders of the methods, closed forms of the harmonic oscillator, errors."""

import math
import random

import numpy as np
import pytest

from adcourse.core.errors import ADError
from adcourse.widgets import PhaseSpace

POTENTIALS = {
    "pendulum": lambda q: 1 - np.cos(q),
    "quartic": lambda q: q**4 / 4 + q * q / 2,
    "well": lambda q: np.cosh(q) + 0.2 * q,
}


def at(picture, **now):
    picture.settings = {"steps": picture.data["settings"]["steps"]["max"], **now}
    return picture


@pytest.mark.parametrize("seed", [random.randrange(10**6) for _ in range(3)])
@pytest.mark.parametrize("name", POTENTIALS)
def test_the_error_of_the_energy_has_the_order_of_the_method(name, seed):
    q, p = np.random.default_rng(seed).uniform([0.5, -0.5], [1.5, 0.5]).tolist()
    picture = PhaseSpace(POTENTIALS[name], q, p, h=0.04, steps=400)
    for method, order in {"symplectic": 1, "leapfrog": 2}.items():  # they keep to a line: the error has no memory
        coarse, fine = (at(picture, method=method, step=k).drift for k in (2, 1))
        assert math.log2(coarse / fine) == pytest.approx(order, abs=0.25), method
    for method, order in {"euler": 1, "rk4": 4}.items():  # errors add up: compare where the paths end, at one time
        first = 0 if method == "euler" else 2
        ends = []
        for k in range(3):
            picture.settings = {"method": method, "step": first + k, "steps": 80 >> k}
            ends.append(picture.path[:, -1])
        ratio = np.linalg.norm(ends[2] - ends[1]) / np.linalg.norm(ends[1] - ends[0])
        assert math.log2(ratio) == pytest.approx(order, abs=0.6), method
    assert picture.data["asks"][0]["answer"] == "grows"
    assert picture.data["asks"][1]["answer"] == pytest.approx(4, rel=0.1)


def test_the_harmonic_oscillator_by_euler_grows_by_1_plus_h_squared_each_step():
    picture = PhaseSpace(lambda q: q * q / 2, 1.0, 0.5, h=0.1, steps=40)
    for k in (0, 2, 4):
        h = picture.hs[k]
        q, p = at(picture, method="euler", step=k).path
        np.testing.assert_allclose((q**2 + p**2) / 1.25, (1 + h * h) ** np.arange(41), rtol=1e-12)
        q, p = at(picture, method="leapfrog", step=k).path  # keeps p² + (1 - h²/4) q² to the last bits
        np.testing.assert_allclose(p**2 + (1 - h * h / 4) * q**2, 0.25 + 1 - h * h / 4, rtol=1e-12)
        q, p = at(picture, method="rk4", step=k).path
        turn = np.exp(-1j * h)
        exact = (1.0 + 0.5j) * turn ** np.arange(41)
        np.testing.assert_allclose(q + 1j * p, exact, atol=h**5 * 41 / 60)


def test_at_rest_nothing_happens_and_nothing_is_asked_of_the_order():
    picture = PhaseSpace(lambda q: q * q, 0.0)
    assert [ask["answer"] for ask in picture.data["asks"]] == ["same"]


def test_what_runs_away_is_cut_off():
    picture = PhaseSpace(lambda q: q**4 / 4, 1.0, h=0.2, steps=400)
    assert None in picture.data["errors"]["euler"][5] and None not in picture.data["errors"]["leapfrog"][0]
    assert not math.isfinite(at(picture, method="euler", step=5).drift)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((3, 1.0), "in place of a function"),
        ((np.cos, None), "the point None"),
        ((math.cos, 1.0), "functions of the math module"),
        ((lambda q: np.array([q, q]), 1.0), "not a real number"),
        ((np.cos, 1.0, None), "p = None"),
        ((np.cos, 1.0, 0.0, -0.1), "h = -0.1"),
        ((np.cos, 1.0, 0.0, 0.1, 10**4), "steps = 10000"),
    ],
)
def test_what_can_t_be_shown_says_why(arguments, words):
    with pytest.raises(ADError, match=f"(?s){words}.*Write: "):
        PhaseSpace(*arguments)
