"""A learner's function on a grid: values and slopes, computed once in the kernel, so that the browser needs none."""

from math import ceil, floor, isfinite, log10, nan

from ..core.errors import ADError, InputError
from ..core.transforms import jvp
from ..show.words import number


def grid(between):
    """The interval, cut to tenths of a unit, and the unit: 1, 2 or 5 times a power of ten, near a third of it.

    >>> grid((-1.2, 2.6)), grid((0, 10))
    ((-1.2, 2.6, 1.0), (0.0, 10.0, 2.0))
    """
    try:
        low, high = (float(end) for end in between)
    except (TypeError, ValueError):
        low = high = 0.0
    if not (isfinite(low) and isfinite(high) and high - low > 1e-9 * max(abs(low), abs(high))):
        raise InputError(
            f"between = {between!r} is not an interval.",
            "the functions are shown from its first number to its second.",
            "between=(-2, 2)",
        )
    power = 10.0 ** floor(log10((high - low) / 2.5))
    unit = max(m * power for m in (1, 2, 5) if m * power <= (high - low) / 2.5 * (1 + 1e-12))
    step = unit / 10
    return tidy(ceil(low / step - 1e-9) * step), tidy(floor(high / step + 1e-9) * step), tidy(unit)


def start(x, otherwise, low, high, name, step):
    """Where a slider begins: at the learner's number, or at the nearest place that the slider has."""
    x = otherwise if x is None else x
    if isinstance(x, bool) or not isinstance(x, (int, float)) or not low <= x <= high:
        raise InputError(
            f"{name} = {x!r} can't be shown.",
            f"{name} is moved between {number(low)} and {number(high)}, which the interval decides.",
            f"a number between these, or another between=(low, high), or nothing for {name}",
        )
    return min(max(tidy(round(x / step) * step), low), high)


def sampled(f, xs, name):
    """Values and slopes of ``f`` at ``xs``, each by one forward sweep, nan where it has none; and the first error."""
    import numpy as np
    from tqdm import tqdm

    if not callable(f):
        raise InputError(
            f"{name} = {f!r} is not a function.",
            "the picture sends many points through it.",
            f"{name}=lambda x: x**3, or a function that you have defined",
        )
    values, slopes, refused = [], [], None
    with np.errstate(all="ignore"):
        for x in tqdm(xs, desc=f"computing {name}", delay=2, leave=False):
            value = slope = nan
            try:
                value, slope = pushed(f, x, name) if isfinite(x) else (nan, nan)
            except Exception as error:  # whatever a learner's function raises there; shown if there is nothing else
                refused = refused or error
            values.append(value)
            slopes.append(slope if isfinite(value) else nan)
    return values, slopes, refused


def pushed(f, x, name):
    """Value and slope of ``f`` at ``x``; InputError if they aren't real numbers."""
    value, slope = jvp(f, (x,), (1.0,))
    if not hasattr(value, "__float__") or getattr(value, "shape", ()) or isinstance(value, complex):
        shown = f"an array of shape {value.shape}" if getattr(value, "shape", ()) else f"a {type(value).__name__}"
        raise InputError(
            f"{name} returned {shown} at {number(x)}, not one real number.",
            "the picture shows a number and its arrow.",
            f"{name}=lambda x: one entry of the result, or its sum",
        )
    return float(value), float(slope)


def checked(name, between, *found):
    """The first of what was sampled, if there is a value anywhere; else the error that says why there is none."""
    if any(isfinite(v) for values, *_ in found for v in values):
        return found[0][:2]
    refused = next(filter(None, (error for *_, error in found)), None)
    if isinstance(refused, ADError):
        raise refused
    where = f"on [{number(between[0])}, {number(between[1])}]"
    failed = f"{name} raised {type(refused).__name__} everywhere {where}: {refused}"
    raise InputError(
        failed if refused else f"{name} is infinite or undefined everywhere {where}.",
        "the picture shows its values and slopes there.",
        f"{name}({number(between[0])}) by itself to see what happens; then another between=(low, high)",
    ) from refused


def window(values):
    """The values that a picture shows: all, or without the outermost where these would leave no room for the rest."""
    found = sorted(v for v in values if isfinite(v)) or [0.0]
    low, high, inner = found[0], found[-1], found[len(found) // 10 : len(found) - len(found) // 10]
    if high - low > 8 * (inner[-1] - inner[0]) > 0:
        low, high = inner[0], inner[-1]
    pad = 0.15 * (high - low) or 1.0
    return [tidy(low - pad), tidy(high + pad)]


def called(f, letter):
    """A function by its letter and, where it has one, its name: ``g = exp``."""
    name = getattr(f, "__name__", letter)
    return letter if name in (letter, "<lambda>") else f"{letter} = {name}"


def tidy(x):
    """A number without the dust of binary fractions."""
    return float(f"{x:.9g}")


def plain(values):
    """Numbers as JSON has them: None for those that aren't finite."""
    return [tidy(v) if isfinite(v) else None for v in values]
