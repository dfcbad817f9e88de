"""The difference quotients of the course, each written as its formula; and the one for any derivative to any order."""

import numpy as np

from adcourse.methods.points import (
    Counted,
    Estimate,
    as_precise_as,
    default_step,
    number,
    pointwise,
    positive,
    real,
    representable,
)  # fmt: skip
from adcourse.methods.stencils import stencil


@pointwise
def forward(f, x, h=None, *, fx=None):
    """f'(x) by the forward quotient (f(x+h) - f(x)) / h. Two evaluations; one, if you have f(x) and give it as ``fx``.

    x: real number or array of them, integers are promoted; h > 0, default eps^(1/2) max(1, |x|), made representable:
    the quotient divides by the step taken, (x+h) - x. Returns a float, or an array of them in the common shape.
    Raises InputError for an x or a value of f that is not a real number, StepError for a step that is none,
    UndefinedError where f is inf or nan. (In an array of points, such a point gives nan.)

    >>> float(forward(lambda t: t * t, 3.0, h=0.5))  # 2x + h
    6.5
    """
    h = representable(x, default_step(x, "forward") if h is None else h)
    return (number(f, x + h) - (number(f, x) if fx is None else fx)) / h


@pointwise
def backward(f, x, h=None):
    """f'(x) by the backward quotient (f(x) - f(x-h)) / h; all else as for :func:`forward`.

    >>> float(backward(lambda t: t * t, 3.0, h=0.5))  # 2x - h
    5.5
    """
    h = representable(x, default_step(x, "backward") if h is None else h)
    return (number(f, x) - number(f, x - h)) / h


@pointwise
def central(f, x, h=None):
    """f'(x) by the central quotient (f(x+h) - f(x-h)) / (2h): two evaluations, truncation of second order.

    Arguments, result and errors as for :func:`forward`; default h eps^(1/3) max(1, |x|).

    >>> float(central(lambda t: t * t * t, 1.0, h=0.5))  # 3x^2 + h^2
    3.25
    """
    h = representable(x, default_step(x, "central") if h is None else h)
    return (number(f, x + h) - number(f, x - h)) / (2 * h)


@pointwise
def second(f, x, h=None):
    """f''(x) by the second difference (f(x+h) - 2 f(x) + f(x-h)) / h^2: three evaluations, truncation of second order.

    Arguments, result and errors as for :func:`forward`; default h eps^(1/4) max(1, |x|).

    >>> float(second(lambda t: t * t, 1.0, h=0.5))
    2.0
    """
    h = representable(x, default_step(x, "second") if h is None else h)
    up, here, down = number(f, x + h), number(f, x), number(f, x - h)
    return ((up - here) - (here - down)) / h / h


def derivative(f, x, n=1, order=2, kind="central", h=None, *, full=False):
    """The n-th derivative of f at x by a difference formula whose error falls like h^order.

    f: from one number to one number. x: a number, or an array of points of their own. ``kind``: "central", "forward",
    "backward", as for :func:`stencil`. ``h`` > 0: default the power of 2 next to eps^(1/(n+order)) max(1, |x|), good
    for a function that changes over distances of about max(1, |x|); :func:`best_step` measures a better one.
    Returns the derivative. With ``full=True`` an :class:`Estimate`: the formula is used once more with h/2, and of the
    difference truncation and noise are estimated; :func:`richardson` makes more of more evaluations.
    Raises StepError, InputError, and UndefinedError where f is inf or nan at a point of the formula.

    >>> float(derivative(lambda t: t**4, 1.0, n=3, h=0.5)), float(derivative(lambda t: t**4, 1.0, 1, 4, h=0.5))
    (24.0, 4.0)
    >>> slope, error, h, evaluations = derivative(np.exp, 0.0, kind="forward", full=True)
    >>> bool(abs(slope - 1) < error < 1e-8), evaluations
    (True, 6)
    """
    formula = stencil(n, order, kind)
    if not full:
        return _derivative(f, x, h, formula)
    x, counted = real(x), Counted(f)
    xs, hs = np.broadcast_arrays(x, formula.default_step(x) if h is None else positive(h, x))
    g = as_precise_as(x, counted) if h is None else counted
    found = np.empty((2, *xs.shape), x.dtype)
    for i in np.ndindex(xs.shape):
        found[(slice(None), *i)] = estimated(formula, g, xs[i], hs[i])
    return Estimate(found[0][()], found[1][()], hs[()], counted.calls)


@pointwise
def _derivative(f, x, h, formula):
    return formula(f, x, h)


def estimated(formula, f, x, h, value=number):
    """The quotient at x, and an estimate of its error from that with half the step."""
    coarse, ys = formula.quotient(f, x, h, value)
    fine, _ = formula.quotient(f, x, h / 2, value)
    rounding = formula.error(float(h), 0.0, float(np.finfo(x.dtype).eps)) * np.max(np.abs(ys), axis=0)
    return coarse, np.abs(fine - coarse) / (1 - 2.0**-formula.order) + rounding
