"""The error V's numbers: theory against measurement, on functions that can't be had from a list; errors teach."""

import math

import numpy as np
import pytest

from adcourse.core.errors import ADError, InputError
from adcourse.widgets import ErrorV


@pytest.mark.parametrize("_", range(3))
def test_slopes_errors_and_the_best_step_are_those_of_theory(_):
    a, b, x = np.random.default_rng().uniform([0.5, 0.5, -2.0], [2.0, 3.0, 2.0])
    print(a, b, x)
    v = ErrorV(lambda t: a * np.exp(b * t), x)
    slope = a * b * math.exp(b * x)
    assert v.truth == pytest.approx(slope, rel=1e-14)
    for name, power in (("forward", 1), ("central", 2)):
        h, e = np.array(v.steps), np.array(v.errors[name])
        assert e == pytest.approx(np.abs(np.array(v.slopes[name]) - v.truth))
        large = (h > 1000 * v.best[name]) & (h < 0.01)
        size = slope * b**power / math.factorial(power + 1)
        np.testing.assert_allclose(e[large], size * h[large] ** power, rtol=0.1)  # truncation, with its slope
        measured = h[np.argmin([np.median(e[max(k - 3, 0) : k + 4]) for k in range(len(h))])]
        assert 1 / 30 < measured / v.best[name] < 30
    assert max(v.errors["ad"]) <= 8 * np.spacing(slope)
    assert max(v.errors["complex"][:60]) <= 8 * np.spacing(slope)


@pytest.mark.parametrize(
    "f, x, best",
    [
        (lambda t: 2 * t + 1, 1.0, 10**-0.3),  # no truncation error: the larger the better
        (lambda t: t * t, 0.0, 1e-16),  # no round-off: the smaller the better
    ],
)
def test_where_there_is_only_one_of_the_two_errors_the_best_step_is_at_the_end(f, x, best):
    v = ErrorV(f, x)
    assert v.best["forward"] == pytest.approx(best)
    assert "never the larger" in v.data["asks"][0]["because"]


def test_at_a_large_point_the_steps_are_larger():
    v = ErrorV(lambda t: t * t, 3e6)
    assert v.steps[-1] > 1e6 and v.steps[0] < v.best["forward"] < v.steps[-1]


def test_a_later_cell_reads_the_step_and_a_noisy_function_has_its_own_best():
    rng = np.random.default_rng()
    v = ErrorV(lambda t: np.sin(t) + 1e-6 * (rng.normal() if isinstance(t, float) else 0.0), 1.0)
    assert 1e-4 < v.best["forward"] < 3e-2  # 2 sqrt(sigma / f'') or so, sigma about 1e-6
    v.settings = {"power": -3.0}
    assert v.h == 1e-3 and v.settings["method"] == "forward"


def test_what_the_complex_step_cannot_do_is_no_choice():
    v = ErrorV(lambda t: np.abs(t) * t, -1.0)
    assert "complex" not in dict(v.data["settings"]["method"]["options"])
    assert "ad" in dict(v.data["settings"]["method"]["options"])


def test_beyond_the_domain_there_is_no_error():
    v = ErrorV(np.log, 0.1)
    assert v.errors["central"][-1] is None and v.errors["forward"][-1] is not None


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: ErrorV(3.0, 1.0), "in place of a function"),
        (lambda: ErrorV(np.sin, "1"), "was given the point"),
        (lambda: ErrorV(np.sin, math.nan), "was given the point"),
        (lambda: ErrorV(np.abs, 0.0), "no slope at x = 0"),
        (lambda: ErrorV(np.log, -1.0), "is nan"),
        (lambda: ErrorV(lambda t: np.array([t, t]), 1.0), "not a real number"),
        (lambda: ErrorV(lambda t: {}[t], 1.0), "raised KeyError"),
        (lambda: ErrorV(lambda a, b: a, 1.0), "raised TypeError"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_line_to_write(make, message):
    with pytest.raises(InputError, match=rf"(?s){message}.*Why: .*Write: "):
        make()


def test_errors_of_the_core_pass_as_they_are():
    with pytest.raises(ADError, match="np.sin"):
        ErrorV(lambda t: math.sin(t), 1.0)
