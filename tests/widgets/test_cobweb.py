"""The cobweb's numbers: iterations drawn anew, Heron's of the lecture, and errors that teach."""

import math
import random

import numpy as np
import pytest

from adcourse.core.errors import InputError
from adcourse.widgets import Cobweb


@pytest.mark.parametrize("seed", [random.randrange(10**6) for _ in range(4)])
def test_rate_derivative_and_errors_are_those_of_theory(seed):
    a, c, start = np.random.default_rng(seed).uniform([0.5, 0.2, 2.0], [1.5, 0.6, 3.0]).tolist()
    cobweb = Cobweb(lambda z, a: a + c * np.sin(z), a, start)
    z = cobweb.solution
    assert z == pytest.approx(a + c * math.sin(z), abs=1e-11)  # fixed_point stops at 1.8e-12 of the largest, up to 3
    assert cobweb.rate == pytest.approx(c * math.cos(z), abs=1e-11)
    assert cobweb.derivative == pytest.approx(1 / (1 - c * math.cos(z)), rel=1e-11)
    k = cobweb.settings["steps"]
    value, loop, equation = (cobweb.errors[name] for name in ("value", "loop", "equation"))
    assert value[k] < 1e-5 * abs(z) <= value[k - 1]  # it begins where the value is nearly there
    # d/da of the equation's derivative 1/(1 - f_z) by z, times the error of z: as near as the value, to first order
    bend = c * math.sin(z) / (1 - cobweb.rate) ** 2
    assert equation[k] == pytest.approx(abs(bend) * value[k], rel=1e-2)
    for j in range(1, 4):  # the loop's derivative is the slope of the value in a
        h = 1e-6
        moved = [Cobweb(lambda z, a: a + c * np.sin(z), a + s * h, start).zs[cobweb.settings["start"]] for s in (-1, 1)]
        slope = (moved[1][j] - moved[0][j]) / (2 * h)
        assert cobweb.loop[cobweb.settings["start"]][j] == pytest.approx(slope, rel=1e-6, abs=1e-8)
    right = "loop" if loop[k] > 3 * value[k] else "value" if value[k] > 3 * loop[k] else "same"
    assert cobweb.data["asks"][1]["answer"] == right


def test_heron_s_numbers_of_the_lecture():
    cobweb = Cobweb(lambda z, a: (z + a / z) / 2, 2.0, 1.0, between=(0.3, 4.0))
    assert cobweb.starts[0] == 0.3 and cobweb.starts[-1] == 4.0 and cobweb.starts[cobweb.settings["start"]] == 1.0
    assert cobweb.solution == pytest.approx(math.sqrt(2)) and cobweb.derivative == pytest.approx(1 / math.sqrt(8))
    assert abs(cobweb.rate) < 1e-12 and cobweb.data["asks"][0]["answer"] == 0.0
    assert [f"{cobweb.errors['value'][k]:.1e}" for k in (3, 4)] == ["2.1e-06", "1.6e-12"]
    assert [f"{cobweb.errors['loop'][k]:.1e}" for k in (3, 4)] == ["1.3e-05", "1.8e-11"]
    assert cobweb.data["asks"][1]["answer"] == "loop"


def test_a_start_that_runs_away_is_left_out_and_the_others_stay():
    cobweb = Cobweb(lambda z, a: z**3 + a, 0.0, 0.5, between=(-5.0, 5.0))
    assert cobweb.solution == pytest.approx(0.0, abs=1e-9)
    assert cobweb.data["zs"][0][-1] is None and cobweb.data["zs"][cobweb.settings["start"]][-1] is not None


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((lambda z, a: 3 * z + a, 1.0, 1.0), "doesn't settle"),
        ((lambda z, a: a - z, 1.0, 0.2), "doesn't settle"),
        ((lambda z: z, 1.0, 1.0), "two numbers"),
        ((np.cos, None, 1.0), "not a number"),
        ((3, 1.0, 1.0), "in place of a function"),
        ((lambda z, a: np.array([z, a]), 1.0, 1.0), "not a real number"),
        ((lambda z, a: np.sqrt(a - z), 1.0, 3.0), "nan"),
        ((lambda z, a: a + 0.5 * np.sin(z), 1.0, 3.0, (0, 1)), "doesn't hold the start"),
    ],
)
def test_what_can_t_be_shown_says_why(arguments, words):
    with pytest.raises(InputError, match=f"(?s){words}.*Why: .*Write: |Why: .*Write: .*{words}"):
        Cobweb(*arguments)
