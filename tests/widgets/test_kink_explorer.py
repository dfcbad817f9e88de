"""The kink explorer's slopes: sums of relus drawn anew, programs for zero, adcourse's own ties, errors."""

import math
import random

import numpy as np
import pytest

from adcourse import derivative
from adcourse.core.errors import ADError
from adcourse.widgets import KinkExplorer


@pytest.mark.parametrize("seed", [random.randrange(10**6) for _ in range(4)])
def test_a_sum_of_relus_has_the_slopes_of_its_terms(seed):
    rng = np.random.default_rng(seed)
    c, a = rng.normal(size=(2, 4)).tolist()

    def f(t, relu):
        return sum(ci * relu(ai * t) for ci, ai in zip(c, a, strict=True)) + 0.3 * t * t

    k = KinkExplorer(f)
    kinks = [ci * ai for ci, ai in zip(c, a, strict=True)]
    right = sum(k for k, ai in zip(kinks, a, strict=True) if ai > 0)
    left = sum(k for k, ai in zip(kinks, a, strict=True) if ai < 0)
    assert k.right == pytest.approx(right, abs=1e-6) and k.left == pytest.approx(left, abs=1e-6)
    for s in (0.0, 0.3, 1.0):
        k.settings = {"share": s}
        assert k.slope == pytest.approx(s * sum(kinks), abs=1e-12)
    k.settings = {"place": 33}
    t = k.ts[33]
    assert k.slope == pytest.approx(right + 0.6 * t, abs=1e-12) == pytest.approx(k.left, abs=1e-6)
    assert k.between_them


@pytest.mark.parametrize(
    "f, answer, verdict",
    [
        (lambda t, relu: relu(-t) + t - relu(t), 1.0, "some"),  # all of them are zero; see Bolte and Pauwels
        (lambda t, relu: 0.0 * relu(t), 0.0, "all"),
        (lambda t, relu: relu(t) - relu(relu(t)), 0.0, "some"),
        (lambda t, relu: relu(t) + relu(-t), 0.0, "all"),  # |t|
        (np.abs, 0.0, "all"),
        (lambda t: np.maximum(t, 0.0), 0.5, "all"),
        (lambda t: np.maximum(t, 0.0) - np.where(t > 0, t, 0.0), 0.5, "none"),
    ],
)
def test_programs_of_the_same_curve_have_answers_of_their_own(f, answer, verdict):
    k = KinkExplorer(f)
    assert k.slope == answer == k.data["asks"][0]["answer"]
    assert k.data["asks"][1]["answer"] == verdict


def test_without_a_relu_it_is_adcourse_s_own_slope():
    k = KinkExplorer(lambda t: 1.0 if t == 1 else t * t, 1.0)
    assert (k.slope, k.left, k.right, k.between_them) == (0.0, 2.0, 2.0, False)
    assert "share" not in k.settings
    smooth = KinkExplorer(np.sin, 0.3)
    assert smooth.slope == derivative(np.sin)(0.3) and smooth.left == smooth.right == pytest.approx(math.cos(0.3))


def test_a_jump_and_an_infinite_slope_are_no_slopes():
    jump = KinkExplorer(lambda t: np.where(t > 0, t + 1.0, 0.0))
    assert jump.left == 0.0 and math.isinf(jump.right)
    root = KinkExplorer(lambda t: np.sqrt(np.maximum(t, 0.0)))
    assert not math.isfinite(root.slope) and root.left == 0.0 and math.isinf(root.right)
    assert root.data["asks"][0]["answer"] == "broken" and root.data["rights"][20] is None


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((3,), "in place of a function"),
        ((np.log,), "-inf"),
        ((lambda a, b, c: 1.0,), "positional arguments"),
        ((lambda t: float(t) + 1,), "float"),
        ((np.abs, 0.0, (1.0, 2.0)), "doesn't hold x"),
    ],
)
def test_what_can_t_be_shown_says_why(arguments, words):
    with pytest.raises(ADError, match=f"(?s){words}.*Why: .*Write: "):
        KinkExplorer(*arguments)
