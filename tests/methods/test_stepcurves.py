"""The picture of the U-curves: what is drawn is what was measured, and theory lies where the measured errors are."""

import numpy as np
import pytest

from adcourse.core.errors import ADError
from adcourse.methods.numerical import best_step, derivative, stencil, step_plot

FORMULAS = [stencil(1, 1, "forward"), stencil(1, 2), stencil(1, 4)]


def curves(figure):
    """The dots and the lines of each formula."""
    lines = figure.axes[0].lines
    return [(lines[k].get_xydata(), lines[k + 1].get_xydata()) for k in range(0, len(lines), 3)]


@pytest.mark.parametrize("noise", [0.0, 1e-6])
@pytest.mark.parametrize("dark", [False, True])
def test_theory_bounds_what_is_measured_and_is_near_it(noise, dark):
    rng = np.random.default_rng(0)
    f = lambda t: np.sin(t) + noise * rng.normal() if noise else np.sin(t)
    figure = step_plot(f, 1.0, FORMULAS, dark=dark)
    for formula, (dots, line) in zip(FORMULAS, curves(figure), strict=True):
        theory = np.exp(np.interp(np.log(dots[:, 0]), *np.log(line.T)))
        ratio = dots[:, 1] / theory
        assert np.mean(ratio < 3) > 0.95 and np.median(ratio) > 0.1
        large = dots[:, 0] > 30 * best_step(np.sin, 1.0, 1, formula.order, formula.kind, noise=noise or 1e-16)
        large &= dots[:, 0] < 0.3
        assert np.all((ratio[large] > 0.5) & (ratio[large] < 2))  # truncation: nothing random in it


def test_dots_are_the_errors_and_stars_the_best_steps():
    hs = [1e-6, 1e-4, 1e-2]
    figure = step_plot(np.exp, 0.5, [stencil(2, 2)], steps=hs)
    (dots, _), (h, least) = curves(figure)[0], figure.best[0]
    assert dots[:, 0] == pytest.approx(hs)
    assert dots[:, 1] == pytest.approx([abs(derivative(np.exp, 0.5, 2, h=h) - np.exp(0.5)) for h in hs], rel=1e-6)
    assert h == pytest.approx(best_step(np.exp, 0.5, 2), rel=1.5) and 0 < least < 1e-6
    assert "order 2" in figure.alt and "slope -2" in figure.alt


def test_steps_out_of_the_domain_have_no_dot():
    figure = step_plot(np.log, 1e-3, [stencil(1, 2)])
    assert np.max(curves(figure)[0][0][:, 0]) < 1e-3


@pytest.mark.parametrize(
    "call",
    [
        lambda: step_plot(np.sin, 1.0, []),
        lambda: step_plot(np.sin, 1.0, [stencil(1), stencil(2)]),
        lambda: step_plot(np.sin, 1.0, ["central"]),
        lambda: step_plot(np.sin, [1.0, 2.0]),
        lambda: step_plot(np.sin, np.nan),
        lambda: step_plot(np.cbrt, 0.0),
        lambda: step_plot(lambda t: float(t), 1.0),
    ],
)
def test_refusals(call):
    with np.errstate(all="ignore"), pytest.raises(ADError, match="Write:"):
        call()
    assert step_plot(lambda t: float(t) ** 2, 1.0, exact=2.0).best
