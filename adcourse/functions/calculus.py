"""Functions of one variable on a grid: differences, integrals, interpolation, polynomials, ranges; and what is left."""

import math

import numpy as np

from ..core.gather import pick
from ..core.kinds import cast, dtype_of
from ..core.levels import apply, ask, plain, some
from ..core.rules import fraction
from .derived import as_array, as_dtype, derives
from .shapes import integers


@derives(np.clip)
def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    """Between the bounds; at a bound half of the derivative (as np.maximum)."""
    low, high = a_min if min is None else min, a_max if max is None else max
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@derives(np.nan_to_num)
def nan_to_num(x, *, nan=0.0, posinf=None, neginf=None):
    return np.where(np.isfinite(x), x, ask(np.nan_to_num, x, nan=nan, posinf=posinf, neginf=neginf))


@derives(np.modf)
def modf(x):
    return apply(fraction, (x,)), np.trunc(x)


@derives(np.ldexp)
def ldexp(x1, x2):
    """x1 times 2 to the integer x2, in two steps, as 2**x2 alone may overflow."""
    half, one = np.floor_divide(x2, 2), np.ones_like(plain(x1), shape=())
    return x1 * ask(np.ldexp, one, half) * ask(np.ldexp, one, x2 - half)


@derives(np.frexp)
def frexp(x):
    exponent = ask(np.frexp, x)[1]
    return np.ldexp(x, -exponent), exponent


@derives(np.divmod)
def divmod(x, y):
    return np.floor_divide(x, y), np.remainder(x, y)


derives(np.real)(lambda val: val.real)
derives(np.imag)(lambda val: val.imag)
derives(np.real_if_close)(lambda a, tol=100: a)


@derives(np.unwrap)
def unwrap(p, discont=None, axis=-1, *, period=2 * math.pi):
    return p + (ask(np.unwrap, p, discont, axis, period=period) - plain(p))


@derives(np.sinc)
def sinc(x):
    """sin(pi x) / (pi x); for |pi x| < 1 by its series, so that the derivatives of every order hold at 0."""
    y = math.pi * x
    near = np.abs(y) < 1
    small = np.where(near, y * y, 0.0)
    series = np.polyval([(-1) ** k / math.factorial(2 * k + 1) for k in range(11, -1, -1)], small)
    away = np.where(near, 1.0, y)
    return np.where(near, series, np.sin(away) / away)


@derives(np.i0)
def i0(x):
    """The mean of exp(x cos t) over a circle, by the midpoint rule, which converges geometrically (DLMF 10.32.1)."""
    n = 16
    while n < 144 and some(np.abs(x) > (n - 12) ** 2 / 20):  # beyond, exp overflows anyway
        n += 16
    terms = (np.exp(x * math.cos((k + 0.5) * math.pi / n)) for k in range(n))
    return sum(terms, 0.0) / n


# ---------------------------------------------------------------------------------------------- differences


@derives(np.diff)
def diff(a, n=1, axis=-1, prepend=None, append=None):
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    if np.ndim(a) == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    a = np.moveaxis(as_array(a), axis, 0)
    ends = [None if x is None or x is np._NoValue else as_array(x) for x in (prepend, append)]
    ends = [x if x is None else np.moveaxis(x, axis, 0) if np.ndim(x) else x * np.ones_like(plain(a[:1])) for x in ends]
    parts = [x for x in (ends[0], a, ends[1]) if x is not None]
    a = np.concatenate(parts) if len(parts) > 1 else a
    for _ in range(n):
        a = a[1:] - a[:-1]
    return np.moveaxis(a, 0, axis)


@derives(np.ediff1d)
def ediff1d(ary, to_end=None, to_begin=None):
    steps = np.diff(np.ravel(as_array(ary)))
    parts = [to_begin, steps, to_end]
    return np.concatenate([np.ravel(cast(as_array(p), steps)) for p in parts if p is not None])


@derives(np.gradient)
def gradient(f, *varargs, axis=None, edge_order=1):
    """Second-order central differences, also for uneven spacing; at the ends one-sided, of the order asked for."""
    f = as_array(f)
    axes = np.lib.array_utils.normalize_axis_tuple(range(np.ndim(f)) if axis is None else axis, np.ndim(f))
    spacings = list(varargs) * (len(axes) if len(varargs) == 1 else 1) or [1.0] * len(axes)
    if len(spacings) != len(axes):
        raise TypeError("invalid number of arguments")
    if edge_order not in (1, 2):
        raise ValueError("'edge_order' greater than 2 not supported")
    found = tuple(_slope(f, as_array(h), k, edge_order) for h, k in zip(spacings, axes, strict=True))
    return found[0] if len(axes) == 1 else found


def _slope(f, h, axis, edge_order):
    y = np.moveaxis(f, axis, -1)
    n = np.shape(y)[-1]
    if n < edge_order + 1:
        raise ValueError("Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) needed")
    if np.ndim(h) and np.shape(h) != (n,):
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    step = y[..., 1:] - y[..., :-1]
    if np.ndim(h):
        d = np.diff(h)
        s = step / d
        middle = (s[..., :-1] * d[1:] + s[..., 1:] * d[:-1]) / (d[1:] + d[:-1])
    else:
        d, s = np.ones_like(plain(y), shape=(2,)), step / h
        middle = (y[..., 2:] - y[..., :-2]) / (2.0 * h)
    first, last = s[..., :1], s[..., -1:]
    if edge_order == 2:
        first = first - (s[..., 1:2] - first) * d[:1] / (d[:1] + d[1:2])
        last = last + (last - s[..., -2:-1]) * d[-1:] / (d[-1:] + d[-2:-1])
    return cast(np.moveaxis(np.concatenate([first, middle, last], axis=-1), -1, axis), f)


@derives(np.trapezoid)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    y = np.moveaxis(as_array(y), axis, -1)
    if x is not None:
        x = as_array(x)
        dx = np.diff(x) if np.ndim(x) == 1 else np.diff(np.moveaxis(x, axis, -1))
    return np.sum(dx * (y[..., 1:] + y[..., :-1]) / 2.0, axis=-1)


# ---------------------------------------------------------------------------------------------- interpolation


@derives(np.interp)
def interp(x, xp, fp, left=None, right=None, period=None):
    """Piecewise linear; at a knot the slope to its right, at the last knot to its left, outside 0 (as JAX)."""
    x, xp, fp = map(as_array, (x, xp, fp))
    if np.ndim(xp) != 1 or np.ndim(fp) != 1:
        raise ValueError("Data points must be 1-D sequences")
    if not len(xp) or len(xp) != len(fp):
        raise ValueError("fp and xp are not of the same length." if len(xp) else "array of sample points is empty")
    if period is not None:
        if period == 0:
            raise ValueError("period must be a non-zero value")
        period = abs(period)
        x, xp = x % period, xp % period
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp, left, right = np.concatenate([fp[-1:], fp, fp[:1]]), None, None
    if len(xp) == 1:
        inside = np.broadcast_to(fp[0], np.shape(x))
    else:
        k = np.clip(np.searchsorted(xp, x, side="right"), 1, len(xp) - 1)
        (x0, x1), (y0, y1) = ([pick(at, k - 1), pick(at, k)] for at in (xp, fp))
        h, rise = x1 - x0, y1 - y0
        inside = y0 + (x - x0) * (rise / np.where(h == 0, 1.0, h))
    inside = np.where(x < xp[0], fp[0] if left is None else left, inside)
    return np.where(x > xp[-1], fp[-1] if right is None else right, inside)


# ---------------------------------------------------------------------------------------------- polynomials and ranges


@derives(np.polyval)
def polyval(p, x):
    """Horner's scheme, the highest power first."""
    y = 0.0 * x
    for c in p:
        y = y * x + c
    return y


@derives(np.polyadd)
def polyadd(a1, a2):
    a1, a2 = np.atleast_1d(as_array(a1), as_array(a2))
    n = max(len(a1), len(a2))
    return np.pad(a1, (n - len(a1), 0)) + np.pad(a2, (n - len(a2), 0))


derives(np.polysub)(lambda a1, a2: np.polyadd(a1, np.negative(as_array(a2))))
derives(np.polymul)(lambda a1, a2: np.convolve(a1, a2))


@derives(np.polyder)
def polyder(p, m=1):
    for _ in range(m):
        p = p[:-1] * integers(1, len(p), p)[::-1]
    return p


@derives(np.polyint)
def polyint(p, m=1, k=None):
    constants = [0.0] * m if k is None else list(np.atleast_1d(as_array(k))) * (m if np.size(k) == 1 else 1)
    for c in constants:
        p = np.append(p / integers(1, len(p) + 1, p)[::-1], c * np.ones_like(plain(p[:1])))
    return p


@derives(np.polyfit)
def polyfit(x, y, deg, *, w=None):
    """Least squares on the matrix of powers, its columns scaled to length 1."""
    x, y = as_array(x), as_array(y)
    powers = np.vander(x, deg + 1)
    if w is not None:
        w = as_array(w)
        powers, y = powers * w[:, None], y * (w if np.ndim(y) == 1 else w[:, None])
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    c = np.linalg.lstsq(powers / scale, y, rcond=2e-16 * len(x))[0]
    return np.transpose(np.transpose(c) / scale)


@derives(np.vander)
def vander(x, N=None, increasing=False):
    if np.ndim(x) != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    n = len(x) if N is None else N
    columns = [x**k for k in range(n)]
    return (
        np.stack(columns if increasing else columns[::-1], axis=-1) if n else np.zeros_like(plain(x), shape=(len(x), 0))
    )


@derives(np.linspace)
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    start, stop = as_array(start), as_array(stop)
    step = (stop - start) / (max(num - 1, 1) if endpoint else max(num, 1))
    k = np.reshape(as_dtype(integers(0, num, step), dtype_of(step) or float), (-1,) + (1,) * np.ndim(step))
    y = start + k * step
    if endpoint and num > 1:
        y = np.concatenate([y[:-1], np.expand_dims(stop + 0.0 * step, 0)])  # exactly
    y = as_dtype(np.moveaxis(y, 0, axis), dtype)
    return (y, step) if retstep else y


@derives(np.logspace)
def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    base = base if np.ndim(base) == 0 else np.expand_dims(base, axis)
    return as_dtype(np.power(base, np.linspace(start, stop, num, endpoint, axis=axis)), dtype)


@derives(np.geomspace)
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    start, stop = as_array(start), as_array(stop)
    if some(start == 0) or some(stop == 0):
        raise ValueError("Geometric sequence cannot include zero")
    sign = np.sign(start)
    y = np.logspace(np.log10(start * sign), np.log10(stop * sign), num, endpoint, axis=0) * sign
    if num > 1:  # exactly
        ends = [np.expand_dims(x + 0.0 * y[0], 0) for x in (start, stop)]
        y = np.concatenate([ends[0], y[1:-1], ends[1]] if endpoint else [ends[0], y[1:]])
    return as_dtype(np.moveaxis(y, 0, axis), dtype)


@derives(np.apply_along_axis)
def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    rows = np.moveaxis(arr, axis, -1)
    lead = np.shape(rows)[:-1]
    found = [as_array(func1d(r, *args, **kwargs)) for r in np.reshape(rows, (-1, np.shape(rows)[-1]))]
    found = np.reshape(np.stack(found), lead + np.shape(found[0]))
    new = np.ndim(found) - len(lead)
    return np.moveaxis(found, range(len(lead), len(lead) + new), range(axis % np.ndim(arr), axis % np.ndim(arr) + new))
