"""Numerical differentiation: a slope from values of f alone.

Every quotient carries two errors. *Truncation*, because the step h is not zero, falls with h. *Round-off*, because
close values are subtracted, grows as h shrinks: f is known to about eps |f| (eps = 2.2e-16 in float64), and the
quotient divides that by h. Their sum is the U-curve, and its minimum is the best the formula can do:

    formula                                       truncation     round-off       best h      best error
    forward   (f(x+h) - f(x)) / h                 h f''/2        2 eps f / h     eps^(1/2)   eps^(1/2)
    central   (f(x+h) - f(x-h)) / (2 h)           h^2 f'''/6     eps f / h       eps^(1/3)   eps^(2/3)
    second    (f(x+h) - 2 f(x) + f(x-h)) / h^2    h^2 f''''/12   4 eps f / h^2   eps^(1/4)   eps^(1/2)
    complex   Im f(x + ih) / h                    h^2 f'''/6     none            1e-20, say  eps

The default steps are those of the table times max(1, |x|). That suits a function that changes over distances of about
max(1, |x|) and is a guess, as every default is: where f changes faster (log near 0), give a smaller h.

``x`` and ``h`` may be arrays that broadcast: every pair is a point of its own, and f gets one number at a time.

Sources: Press et al., *Numerical Recipes* (2007), section 5.7; Squire and Trapp, SIAM Review 40 (1998), 110-112.
"""

from functools import wraps

import numpy as np

from adcourse.core.errors import ADError, InputError

ROOT = {"forward": 2, "central": 3, "second": 4}  # the best step is about eps ** (1 / ROOT[formula])


class StepError(ADError, ValueError):
    """A step that is not positive, or so small that x + h is x."""


def default_step(x, formula):
    """eps^(1/2), eps^(1/3) or eps^(1/4) for "forward", "central" or "second", times max(1, |x|), in the dtype of x.

    >>> f"{default_step(1.0, 'forward'):.1e} {default_step(-100.0, 'central'):.1e}"
    '1.5e-08 6.1e-04'
    """
    x = _real(x)
    return (np.finfo(x.dtype).eps ** (1 / ROOT[formula]) * np.maximum(1.0, np.abs(x))).astype(x.dtype)[()]


def _pointwise(formula):
    """Give a formula for one x and one h the checks they all need, and arrays of points."""

    @wraps(formula)
    def at_each_point(f, x, h=None, **options):
        x = _real(x)
        if h is None and formula.__name__ in ROOT:
            f, h = _as_precise_as(x, f), default_step(x, formula.__name__)
        xs, hs = np.broadcast_arrays(x, _positive(1e-20 if h is None else h, x))
        slopes = np.empty(xs.shape, x.dtype)
        for i in np.ndindex(xs.shape):
            slopes[i] = formula(f, xs[i], hs[i], **options)
        return slopes[()]

    return at_each_point


@_pointwise
def forward(f, x, h=None, *, fx=None):
    """f'(x) by the forward quotient (f(x+h) - f(x)) / h. Two evaluations; one, if you have f(x) and give it as ``fx``.

    x: real number or array of them, integers are promoted; h > 0, default eps^(1/2) max(1, |x|), made representable:
    the quotient divides by the step taken, (x+h) - x. Returns a float, or an array of them in the common shape.
    Raises InputError for an x or a value of f that is not a real number, StepError for a step that is none.

    >>> float(forward(lambda t: t * t, 3.0, h=0.5))  # 2x + h
    6.5
    """
    h = _representable(x, h)
    return (_value(f, x + h) - (_value(f, x) if fx is None else fx)) / h


@_pointwise
def central(f, x, h=None):
    """f'(x) by the central quotient (f(x+h) - f(x-h)) / (2h): two evaluations, truncation of second order.

    Arguments, result and errors as for :func:`forward`; default h eps^(1/3) max(1, |x|).

    >>> float(central(lambda t: t * t * t, 1.0, h=0.5))  # 3x^2 + h^2
    3.25
    """
    h = _representable(x, h)
    return (_value(f, x + h) - _value(f, x - h)) / (2 * h)


@_pointwise
def second(f, x, h=None):
    """f''(x) by the second difference (f(x+h) - 2 f(x) + f(x-h)) / h^2: three evaluations, truncation of second order.

    Arguments, result and errors as for :func:`forward`; default h eps^(1/4) max(1, |x|).

    >>> float(second(lambda t: t * t, 1.0, h=0.5))
    2.0
    """
    h = _representable(x, h)
    up, here, down = _value(f, x + h), _value(f, x), _value(f, x - h)
    return ((up - here) - (here - down)) / h / h


@_pointwise
def complex_step(f, x, h=None):
    """f'(x) by the complex step, Im f(x + ih) / h: one evaluation, no subtraction, so h may be tiny (default 1e-20).

    It holds for functions that are analytic at x, made of operations that complex numbers have. Python and NumPy would
    go on without a word through ``abs`` (whose complex value is real) or ``sqrt`` left of 0; here f runs on complex
    numbers that check each operation against the real line, and raise NotAnalyticError. Comparisons look at the real
    part. Where f itself isn't finite the result is nan.

    >>> f"{complex_step(np.exp, 1.0):.15f}"
    '2.718281828459045'
    """
    from adcourse.methods.analytic import imaginary_part

    return imaginary_part(f, x, h) / h


def gradient(f, x, scheme="forward", h=None):
    """The gradient of a scalar f of one array by ``scheme``, one input after the other; an array of the shape of x.
    (For a number x, the derivative.)

    It costs n + 1 evaluations of f for "forward", 2n for "central", n for "complex_step". f gets an array of its own
    each time; the caller's x is never written to. h: one step, or one for each input.

    >>> gradient(lambda v: v @ v, [1, 2, 3], "central", h=0.5)
    array([2., 4., 6.])
    """
    if scheme not in SCHEMES:
        raise InputError(
            f"gradient knows no scheme {scheme!r}.",
            "it goes through the inputs with one of the formulas for a first derivative.",
            f"gradient(f, x, {' or '.join(map(repr, SCHEMES))})",
        )
    x = _real(x)
    if not x.ndim:
        return SCHEMES[scheme](f, x[()], h)
    hs = [None] * x.size if h is None else np.broadcast_to(h, x.shape).flat
    shared = {"fx": _value(f, x.copy())} if scheme == "forward" else {}

    def along(i):
        return lambda t: f(_replace(x, i, t))

    slopes = [SCHEMES[scheme](along(i), x[i], step, **shared) for i, step in zip(np.ndindex(x.shape), hs, strict=True)]
    return np.array(slopes, x.dtype).reshape(x.shape)


SCHEMES = {"forward": forward, "central": central, "complex_step": complex_step}


def _replace(x, i, t):
    """A new array: x with entry i replaced by t, which may be a traced number."""
    if isinstance(t, np.generic):
        x = x.copy()
        x[i] = t
        return x
    here = np.zeros(x.shape, bool)
    here[i] = True
    return np.where(here, t, x)


def _real(x):
    """x as a floating-point array; integers are promoted, everything that isn't real refused."""
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


def _positive(h, x):
    h = _real(h)
    if not np.all(h > 0):
        raise StepError(
            f"The step h = {h} is not positive.",
            "the quotient divides by h; the formulas are written for steps to the right.",
            "h=1e-6, or no h at all for the default",
        )
    return h.astype(x.dtype)


def _representable(x, h):
    """The step h rounded so that x + h and x - h are floating-point numbers exactly that far from x."""
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


def _as_precise_as(x, f):
    """f, refusing values coarser than x: the default step would drown in their rounding."""

    def checked(t):
        y = f(t)
        dtype = getattr(y, "dtype", x.dtype)
        if dtype.kind == "f" and np.finfo(dtype).eps > np.finfo(x.dtype).eps:
            raise InputError(
                f"f returned {dtype} for an x of type {x.dtype}.",
                "the default step suits values as precise as x; rounding of coarser ones would drown the difference.",
                f"np.{dtype}(x) as the point, so that the step fits, f in {x.dtype}, or a step h of your own",
            )
        return y

    return checked


def _value(f, x):
    """f(x) as a real number in the dtype of x."""
    y = f(x)
    if np.ndim(y) != 0:
        raise InputError(
            f"f returned an array of shape {np.shape(y)}.",
            "these formulas give the slope of one number.",
            "f(x)[0] for one entry, np.sum(f(x)) for the sum, or adcourse.jacobian(f) for all",
        )
    if np.asarray(y).dtype.kind not in "fiu":
        raise InputError(
            f"f returned {y!r}, of type {type(y).__name__}.",
            "a slope needs real numbers." + (" A function without a return line gives None." if y is None else ""),
            "return y, with y a float",
        )
    return np.asarray(x).dtype.type(y)
