"""The learner's own function: its name, and its value, or an error that says why a picture can't be drawn of it."""

from contextlib import contextmanager

import numpy as np

from ..core.errors import ADError, InputError
from ..show.captions import short


def called(f):
    """The name of a function, "f" for one without."""
    return getattr(f, "__name__", "f").replace("<lambda>", "f")


@contextmanager
def running(words, why, instead):
    """Within this context the learner's code is run: an error of its own becomes an InputError that says where."""
    try:
        yield
    except ADError:
        raise
    except Exception as error:
        raise InputError(f"{words} raised {type(error).__name__}: {error}", why, instead) from error


def number_at(f, x, picture):
    """f(x), a finite float, for a number ``x``; InputError, which names the picture, where it is none."""
    if not callable(f):
        raise InputError(
            f"{picture} was given {short(f)} in place of a function.",
            "it runs it at many points.",
            f"{picture}(f, 1.0)",
        )
    if not isinstance(x, (int, float, np.integer, np.floating)) or not np.isfinite(x):
        raise InputError(
            f"{picture} was given the point {short(x)}.",
            "it shows a function of one real number.",
            f"{picture}(f, 1.0)",
        )
    name = called(f)
    why = "the picture runs the function at many points, this one first."
    instead = f"{name}({float(x):g}) by itself to see where it fails; then another point"
    with running(f"{name}({float(x):g})", why, instead), np.errstate(all="ignore"):
        y = f(float(x))
    if np.ndim(y) or np.iscomplexobj(y) or np.asarray(y).dtype.kind not in "fiu":
        raise InputError(
            f"{name}({float(x):g}) is {short(y)}, not a real number.",
            "the picture draws the curve of a function from one number to one number.",
            f"{picture}(lambda t: np.sum({name}(t)), ...), or one entry of the result",
        )
    if not np.isfinite(y):
        raise InputError(
            f"{name}({float(x):g}) is {float(y)}.", "there is no slope at a point without a value.", "another point"
        )
    return float(y)


def values(f, points):
    """f at the points, None where it has no finite value, for JSON has no nan."""
    return [finite(_value(f, t)) for t in points]


def _value(f, t):
    try:
        with np.errstate(all="ignore"):
            return float(f(float(t)))
    except (ArithmeticError, TypeError, ValueError):
        return None


def finite(number):
    """A float for JSON: None where it isn't finite."""
    return float(number) if number is not None and np.isfinite(number) else None


def span(ys, middle, least, room=0.08):
    """The ends of an axis that shows ``ys``, at least ``middle`` with ``least`` to both sides; None is left out.

    What shoots away, beside a pole, is cut off, so that it doesn't make the rest flat.
    """
    ys = np.array([middle, *(y for y in ys if y is not None)])
    usual = np.percentile(ys, [3, 97])
    ends = np.array([ys.min(), ys.max()])
    low, high = ends if np.ptp(ends) <= 3 * np.ptp(usual) else usual
    low, high = min(low, middle - least), max(high, middle + least)
    return float(low - room * (high - low)), float(high + room * (high - low))
