"""What every difference formula asks of its point, its step and its values; and what it may tell about its result."""

from functools import wraps
from typing import NamedTuple

import numpy as np

from adcourse.core.arguments import check_function
from adcourse.core.errors import ADError, DomainError, InputError


class StepError(ADError, ValueError):
    """A step that is not positive, or so small that x + h is x."""


class UndefinedError(DomainError, ValueError):
    """f has no finite value at one of the points that a formula needs."""


class NotSmoothError(DomainError):
    """f has no derivative at the point: a kink, a jump or a vertical tangent."""


class Estimate(NamedTuple):
    """A derivative with what is known of it: ``value``, an estimate of its ``error``, the ``step`` h and the number of
    ``evaluations`` of f. Value, error and step may be arrays, with one entry for each entry of the derivative.
    ``float(estimate)`` is the value."""

    value: object
    error: object
    step: object
    evaluations: int

    def __float__(self):
        return float(self.value)


class Counted:
    """f, counting its evaluations."""

    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, x):
        self.calls += 1
        return self.f(x)


def real(x):
    """x as a floating-point array; integers are promoted, everything that isn't real and finite refused."""
    a = np.asarray(x)
    if a.dtype.kind not in "fiu":
        raise InputError(
            f"The point x = {x!r} is not made of real numbers.",
            "a difference quotient steps along the real line, and the complex step from it into the complex plane.",
            "a float, or an array of floats: for complex inputs, differentiate by real and imaginary part",
        )
    a = a.astype(float) if a.dtype.kind in "iu" else a
    if not np.all(np.isfinite(a)):
        raise InputError(f"The point x = {x!r} is not finite.", "there are no points beside it.", "a finite x")
    return a


def positive(h, x):
    """The step (or steps) h in the dtype of x."""
    h = real(h)
    if not np.all(h > 0):
        raise StepError(
            f"The step h = {h} is not positive.",
            "the quotient divides by h; the formulas are written for steps to the right.",
            "h=1e-6, or no h at all for the default",
        )
    return h.astype(x.dtype)


def each(h, x):
    """The steps for all entries of x, from one step or one for each."""
    h = positive(h, x)
    try:
        return np.broadcast_to(h, x.shape)
    except ValueError as error:
        raise StepError(
            f"Steps of shape {h.shape} don't fit a point of shape {x.shape}.",
            "there is one step for all numbers in x, or one for each.",
            "h=1e-6, or an array of the shape of x",
        ) from error


def default_step(x, root):
    """The step eps^(1/root) max(1, |x|), in the dtype of x. ``root``: the number of the root, or the name of a formula:
    2 for "forward", 3 for "central", 4 for "second"; n + p for a formula of order p for the n-th derivative.

    >>> f"{default_step(1.0, 'forward'):.1e} {default_step(-100.0, 'central'):.1e}"
    '1.5e-08 6.1e-04'
    """
    x = real(x)
    root = ROOT.get(root, root)
    return (np.finfo(x.dtype).eps ** (1 / root) * np.maximum(1.0, np.abs(x))).astype(x.dtype)[()]


ROOT = {"forward": 2, "backward": 2, "central": 3, "second": 4}


def representable(x, h):
    """The step h rounded so that x + h and x - h are floating-point numbers exactly that far from x."""
    with np.errstate(over="ignore", invalid="ignore"):
        step = (abs(x) + h) - abs(x)
    if not 0 < step < np.inf:
        raise StepError(
            f"The step h = {h:.3g} disappears at x = {x:.6g}: x + h is x."
            if step == 0
            else f"x + h overflows, h = {h}.",
            f"next to {x:.6g}, numbers of type {x.dtype} are {np.spacing(abs(x)):.1e} apart.",
            f"h={default_step(x, 'forward'):.1e}, or no h at all for the default",
        )
    return step


def pointwise(formula):
    """Give a formula for one number x and one step h (or None) the checks they need, and arrays of points.

    In an array, a point at which f is undefined gives nan; alone it is an error.
    """

    @wraps(formula)
    def at_each_point(f, x, h=None, *args, **options):
        check_function(f, f"{formula.__name__.strip('_')}(f, x)")
        x = real(x)
        if h is None:
            f, xs, hs = as_precise_as(x, f), x, None
        else:
            xs, hs = np.broadcast_arrays(x, positive(h, x))
        slopes = np.full(xs.shape, np.nan, x.dtype)
        for i in np.ndindex(xs.shape):
            try:
                slopes[i] = formula(f, xs[i], None if hs is None else hs[i], *args, **options)
            except UndefinedError:
                if not xs.ndim:
                    raise
        return slopes[()]

    return at_each_point


def as_precise_as(x, f):
    """f, refusing values coarser than x: the default step would drown in their rounding."""

    def checked(t):
        y = f(t)
        dtype = getattr(y, "dtype", x.dtype)
        if dtype != x.dtype and dtype.kind == "f" and np.finfo(dtype).eps > np.finfo(x.dtype).eps:
            raise InputError(
                f"f returned {dtype} for an x of type {x.dtype}.",
                "the default step suits values as precise as x; rounding of coarser ones would drown the difference.",
                f"np.{dtype}(x) as the point, so that the step fits, f in {x.dtype}, or a step h of your own",
            )
        return y

    return checked


def number(f, t):
    """f(t) as one real number in the dtype of t."""
    y = f(t)
    if np.ndim(y) != 0:
        raise InputError(
            f"f returned an array of shape {np.shape(y)}.",
            "these formulas give the slope of one number.",
            "f(x)[0] for one entry, np.sum(f(x)) for the sum, or numerical.jacobian(f, x) for all",
        )
    return _checked(y, t)[()]


def numbers(f, t):
    """f(t), a number or an array of them, as an array in the dtype of t."""
    return _checked(f(t), t)


def _checked(y, t):
    values = np.asarray(y)
    if values.dtype.kind not in "fiu":
        raise InputError(
            f"f returned {y!r}, of type {type(y).__name__}.",
            "a slope needs real numbers." + (" A function without a return line gives None." if y is None else ""),
            "return y, with y a float",
        )
    if not np.all(np.isfinite(values)):
        raise UndefinedError(
            f"f is {y} at {t}.",
            "every point of the formula must lie where f is defined and finite.",
            'a smaller step h; at the border of the domain, a one-sided formula: derivative(f, x, kind="forward")',
        )
    return values.astype(np.asarray(t).dtype)
