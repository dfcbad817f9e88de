"""The U-curves of difference formulas on one function: measured errors, and beside them what theory says."""

import numpy as np

from adcourse.core.errors import ADError, InputError
from adcourse.methods.points import UndefinedError, real
from adcourse.methods.stencils import Stencil, stencil
from adcourse.methods.steps import noise_level, size_of_derivative

USUAL = (stencil(1, 1, "forward"), stencil(1, 2), stencil(1, 4))
ROLES = ("primal", "adjoint", "tangent", "partial", "warm", "ink")
MARKERS = "o^sDvP"


def step_plot(f, x, formulas=USUAL, *, exact=None, noise=None, steps=None, dark=False):
    """A Matplotlib figure: the error of each formula against the step h, dots, and the error of the theory, a line.

    f: from one number to one number; x: a number. ``formulas``: stencils, all for the same derivative, at most six.
    ``exact``: that derivative; by default Taylor mode computes it. ``noise``: of the values of f, by default measured
    by :func:`noise_level`. The line is |C| |f^(n+p)| h^p + (sum of |w_k|) noise / h^n with |f^(n+p)| measured, too; its
    lowest point, which is marked, is what :func:`best_step` gives. ``steps``: by default 91 from 1e-12 to 1, times
    max(1, |x|). The attribute ``alt`` of the figure describes it; ``best`` lists the marked steps and their errors.

    >>> figure = step_plot(np.sin, 1.0)
    >>> [round(float(np.log10(h))) for h, error in figure.best]
    [-8, -5, -3]
    """
    import matplotlib.pyplot as plt

    from adcourse.show import style

    x, formulas = real(x)[()], tuple(formulas)
    _check(formulas, x)
    n = formulas[0].n
    exact = _exact(f, x, n) if exact is None else exact
    noise = noise_level(f, x) if noise is None else noise
    with np.errstate(all="ignore"):
        noise = max(noise, float(np.finfo(x.dtype).eps) / 4 * abs(float(f(x))), np.finfo(float).tiny)
    hs = max(1.0, abs(float(x))) * np.geomspace(1e-12, 1, 91) if steps is None else np.asarray(steps, float)
    colours, said, best = style.colours(dark), [], []
    with plt.rc_context(style.rc(dark)):
        fig, ax = plt.subplots(figsize=(7.2, 4.4))
        ax.set(xscale="log", yscale="log", xlabel="step h", ylabel=f"absolute error of {_name(n)}")
        for formula, role, marker in zip(formulas, ROLES, MARKERS, strict=False):
            errors = np.array([_error(formula, f, x, h, exact) for h in hs])
            seen = np.isfinite(errors) & (errors > 0)
            label = f"{formula.kind}, order {formula.order}"
            ax.plot(hs[seen], errors[seen], ls="", marker=marker, ms=3.5, color=colours[role], label=label)
            size = size_of_derivative(f, x, n + formula.order, noise, formula.kind)
            theory = formula.error(hs, size, noise)
            h = formula.best_step(size, noise)
            least = formula.error(h, size, noise)
            ax.plot(hs, theory, color=colours[role], lw=1)
            ax.plot([h], [least], marker="*", ms=15, color=colours[role], mec=colours["ink"], ls="", zorder=3)
            best.append((h, least))
            said.append(f"{label.capitalize()}: truncation rises with slope {formula.order}, the least error of "
                        f"theory is {least:.0e} at h = {h:.0e}.")  # fmt: skip
        lowest = min(least for _, least in best)
        top = 1e10 * lowest  # what is further up tells nothing more
        shown = [h for h in hs if min(formula.error(h, 0.0, noise) for formula in formulas) < top]
        ax.set(ylim=(lowest / 300, top), xlim=(min(shown, default=min(hs)) / 2, 2 * max(hs)))
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
        fig.alt = (
            f"Error of {_name(n)} against the step h, both axes logarithmic: dots measured, lines theory, stars its "
            f"least error. Round-off falls with slope {-n}. " + " ".join(said)
        )
        fig.best = best
        plt.close(fig)  # shown by whoever asked for it, and not a second time by the notebook
    return fig


def _name(n):
    return "the derivative" if n == 1 else f"the derivative of order {n}"


def _error(formula, f, x, h, exact):
    """nan where the formula has no value."""
    try:
        with np.errstate(all="ignore"):
            return abs(float(formula(f, x, h)) - exact)
    except (ADError, ArithmeticError, ValueError):
        return np.nan


def _check(formulas, x):
    good = all(isinstance(formula, Stencil) for formula in formulas) and len({formula.n for formula in formulas}) == 1
    if not good or len(formulas) > len(ROLES) or np.ndim(x):
        raise InputError(
            f"step_plot can't draw {len(formulas)} formulas {[str(formula) for formula in formulas]} at x = {x}.",
            "it shows one to six formulas for the same derivative of a function of one number.",
            "step_plot(f, 1.0, [stencil(2, 2), stencil(2, 4)])",
        )


def _exact(f, x, n):
    from adcourse.core.expand import nth_derivative

    try:
        exact = float(nth_derivative(f, x, n))
    except Exception as error:
        raise InputError(
            f"There is no exact derivative to compare with: {error}",
            "by default it comes from Taylor mode, which follows the operations of f.",
            "step_plot(f, x, exact=...)",
        ) from error
    if not np.isfinite(exact):
        raise UndefinedError(f"The derivative of f at {x} is {exact}.", "no error can be told.", "another x")
    return exact
