"""The Taylor explorer's numbers: radii and poles of functions drawn anew, remainders, and errors that teach."""

import cmath
import math

import numpy as np
import pytest

from adcourse.core.errors import ADError, InputError
from adcourse.widgets import TaylorExplorer


@pytest.mark.parametrize("_", range(5))
def test_the_radius_is_the_distance_to_the_nearest_pole_and_the_pole_is_found(_):
    re, im, c = np.random.default_rng().uniform([-2, 0.5, -2], [2, 3, 2])
    print(re, im, c)
    explorer = TaylorExplorer(lambda t: (1 + t) / ((t - re) ** 2 + im**2), c)
    away = abs(complex(re, im) - c)
    assert explorer.radius[c] == pytest.approx(away, rel=1e-6)
    assert min(abs(p - complex(re, im)) for p in explorer.poles[c]) < 1e-6
    assert explorer.data["asks"][0]["answer"] == "away"


@pytest.mark.parametrize(
    "f, c, radius",
    [
        (np.log, 2.0, 2.0),  # a branch point
        (lambda t: np.sqrt(3 + t), 1.0, 4.0),
        (lambda t: (1 + t * t) ** 0.3, 0.0, 1.0),  # two of them
        (np.tan, 0.5, math.pi / 2 - 0.5),
        (np.tanh, 1.0, abs(1 - 0.5j * math.pi)),
        (lambda t: 1 / (np.exp(t) - 3), 0.0, math.log(3)),
        (np.arctan, 2.0, math.sqrt(5)),
    ],
)
def test_other_singularities_are_met_to_three_per_cent(f, c, radius):
    assert TaylorExplorer(f, c).radius[c] == pytest.approx(radius, rel=0.03)


@pytest.mark.parametrize(
    "f", [np.sin, np.exp, lambda t: np.exp(np.sin(t)), lambda t: np.exp(-t * t), lambda t: t**5 - t]
)
def test_where_there_is_no_end_none_is_found(f):
    explorer = TaylorExplorer(f, 0.3)
    assert explorer.radius[0.3] == math.inf and explorer.poles[0.3] == []
    assert explorer.data["asks"][0]["answer"] == "closer" and len(explorer.data["asks"]) == 1


def test_poles_that_the_learner_knows_are_taken():
    explorer = TaylorExplorer(lambda t: 1 / (1 + t * t), 0.0, 3.0, poles=(1j, -1j))
    assert explorer.radius == {0.0: 1.0, 3.0: math.sqrt(10)}
    estimated = TaylorExplorer(lambda t: 1 / (1 + t * t), 0.0).data["asks"][0]["because"]
    assert "(estimated)" in estimated and "(estimated)" not in explorer.data["asks"][0]["because"]
    asked = explorer.data["asks"][1]
    assert asked["answer"] == math.sqrt(10) and "±i" in asked["because"]
    assert asked["mistakes"][0][0] == 1.0  # the radius about the other centre


def test_a_later_cell_reads_the_remainder():
    explorer = TaylorExplorer(np.exp, 0.0, 1.0)
    explorer.settings = {"order": 3, "centre": 1.0, "x": explorer.xs[10]}
    x = explorer.xs[10]
    polynomial = math.e * sum((x - 1) ** k / math.factorial(k) for k in range(4))
    assert explorer.remainder == pytest.approx(math.exp(x) - polynomial, rel=1e-9)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: TaylorExplorer("sin"), "in place of a function"),
        (lambda: TaylorExplorer(np.sin, "0"), "was given the point"),
        (lambda: TaylorExplorer(np.log, 0.0), "is -inf"),
        (lambda: TaylorExplorer(lambda t: 1 / (t * t + 1e-16), 0.0), "overflow"),
        (lambda: TaylorExplorer(lambda t: [t, t], 0.0), "not a real number"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_line_to_write(make, message):
    with pytest.raises(InputError, match=rf"(?s){message}.*Why: .*Write: "):
        make()


def test_where_there_is_no_series_the_core_says_so():
    with pytest.raises(ADError):
        TaylorExplorer(np.sqrt, 0.0)
    assert cmath.isfinite(TaylorExplorer(np.sqrt, 1.0).radius[1.0])
