"""The landscape's minima, limits and walks against calculus and plain descent; what can't be shown is refused."""

import random

import numpy as np
import pytest
from numpy.polynomial import chebyshev

from adcourse import grad
from adcourse.core.errors import InputError
from adcourse.science.optimize import descend, gradient_descent, momentum
from adcourse.widgets import DescentLandscape

from .examples import himmelblau


@pytest.fixture(scope="module")
def four():
    return DescentLandscape(himmelblau)


def lopsided(v):
    """Nothing symmetric in it: another scale in x than in y."""
    return np.exp(0.4 * v[0]) + (v[1] - 0.2 * v[0] ** 2) ** 2 - v[0]


def curvature(x, y):
    return np.linalg.eigvalsh([[12 * x * x + 4 * y - 42, 4 * (x + y)], [4 * (x + y), 12 * y * y + 4 * x - 26]])


def test_himmelblaus_four_minima_and_their_curvatures(four):
    assert list(four.minima) == list("ABCD")
    for name, (x, y) in four.minima.items():
        assert abs(himmelblau((x, y))) < 1e-20 and curvature(x, y)[0] > 0
        assert np.isclose(four.longest[name], 2 / curvature(x, y)[1], rtol=1e-9)


@pytest.mark.parametrize("name", "ABCD")
def test_beyond_the_longest_step_no_walk_settles(four, name):
    near = four.minima[name] + [1e-4, 2e-4]
    settles, leaves = (descend(himmelblau, near, gradient_descent(c * four.longest[name]), 300) for c in (0.97, 1.03))
    assert np.abs(settles.x - four.minima[name]).max() < 1e-5 < np.abs(leaves.x - four.minima[name]).max()


def test_the_basins_are_those_of_short_steps(four):
    names, sizes = list(four.minima), [len(basin) for basin in four.data["basins"]]
    assert sum(sizes) >= 0.95 * 400 and min(sizes) > 40
    for k, basin in enumerate(four.data["basins"]):
        start = random.choice(basin)
        end = descend(himmelblau, start, gradient_descent(0.002), 600).x
        assert np.allclose(end, four.minima[names[k]], atol=1e-3), start


@pytest.mark.parametrize("f, x, y", [(himmelblau, (-5, 5), (-5, 5)), (lopsided, (-2, 3), (-1, 2))])
def test_the_browser_gets_f_and_its_gradient(f, x, y):
    shown = DescentLandscape(f, x, y)
    gx, gy, height = (np.array(series) for series in shown.data["series"])
    for s, t in np.random.default_rng().uniform(-1, 1, (20, 2)):
        point = np.array([np.mean(x) + s * np.ptp(x) / 2, np.mean(y) + t * np.ptp(y) / 2])
        sent = [chebyshev.chebval2d(s, t, series) for series in (gx, gy, height)]
        assert np.allclose(sent, [*grad(f)(point), f(point)], rtol=1e-7, atol=1e-6)


def test_a_program_that_runs_on_one_point_at_a_time_makes_the_same_landscape():
    def branching(v):
        return lopsided(v) if v[0] > 0 else np.exp(0.4 * v[0]) - v[0] + (v[1] - 0.2 * v[0] ** 2) ** 2

    one, other = (DescentLandscape(f, (-2, 3), (-1, 2)) for f in (lopsided, branching))
    for mine, its in zip(one.data["series"], other.data["series"], strict=True):
        assert np.allclose(mine, its, rtol=1e-9, atol=1e-9)
    assert one.minima.keys() == other.minima.keys()


def test_the_axes_have_the_names_of_what_is_fitted():
    shown = DescentLandscape(lopsided, (-2, 3), (-1, 2), names=("rate", "size"))
    assert [shown.data["settings"][key]["label"] for key in "xy"] == ["start rate", "start size"]
    assert "over rate and size" in shown.static_html() and "<th scope=col>size</th>" in shown.static_html()
    assert shown.data["names"] == ["rate", "size"]


def test_the_walk_is_that_of_the_settings():
    shown = DescentLandscape(lopsided, (-2, 3), (-1, 2), start=(-1.5, 1.0))
    shown.settings = {"x": 2.0, "y": -0.5, "rate": 10, "momentum": 0.8, "steps": 17}
    rule = momentum(shown.data["rates"][10], 0.8)
    assert np.array_equal(shown.walk.x, descend(lopsided, [2.0, -0.5], rule, 17).x)
    (name,) = shown.minima
    assert np.abs(grad(lopsided)(shown.minima[name])).max() < 1e-7


def test_the_questions_are_answered_by_descent(four):
    end, longest = four.data["asks"]
    way = descend(himmelblau, [0.0, 0.0], gradient_descent(four.data["rates"][16]), 400)
    assert np.allclose(way.x, four.minima[end["answer"]], atol=1e-6) and longest["answer"] == four.longest["A"]
    far = DescentLandscape(lambda v: v[0] * v[1], start=(1.0, -0.5))
    assert not far.minima and [ask["answer"] for ask in far.data["asks"]] == ["out"]  # a saddle
    ridge = DescentLandscape(lambda v: v[0] * v[1], start=(1.0, 1.0))  # x = y: straight into the saddle
    assert ridge.data["asks"][0]["answer"] == "on"


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(InputError, match="kink"):
        DescentLandscape(lambda v: abs(v[0] - 0.3) + v[1] ** 2)
    with pytest.raises(InputError, match="not finite"), np.errstate(all="ignore"):
        DescentLandscape(lambda v: np.log(v[0]) + v[1] ** 2)
    for box in ((5, -5), (-5, 5)), ((1, 2), (-5, 5)), ((-5, 5, 1), (-5, 5, 1)), ((-5, 5), (-5, 5), 0.0), (None,):
        with pytest.raises(InputError, match="smaller to a larger"):
            DescentLandscape(himmelblau, *box)
