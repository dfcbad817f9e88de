"""Order and statistics: what depends on the order of numbers takes them where the plain numbers' order puts them."""

import numpy as np

from ..core.errors import no_rule
from ..core.kinds import cast, shape_of
from ..core.levels import Traced, ask, some
from .derived import as_array, derives, fronted


@derives(np.sort)
def sort(a, axis=-1, *, stable=True):
    """The numbers in order; of several that tie, each keeps its own derivative, in the order in which they stand."""
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argsort(a, axis=axis, kind="stable"), axis)


@derives(np.partition)
def partition(a, kth, axis=-1):
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argpartition(a, kth, axis=axis), axis)


@derives(np.unique)
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, **options):
    """Of several that tie the first has the derivative."""
    _, index, *rest = ask(np.unique, ar, True, return_inverse, return_counts, axis, **options)
    values = np.take(ar, index, axis=axis)
    wanted = [values] + ([index] if return_index else []) + rest
    return tuple(wanted) if len(wanted) > 1 else values


# method -> (which entry is below, which above, how far between them), from the place h = q (n - 1)
_BETWEEN = {
    "linear": lambda h: (np.floor(h), np.ceil(h), h - np.floor(h)),
    "lower": lambda h: (np.floor(h), np.floor(h), 0.0),
    "higher": lambda h: (np.ceil(h), np.ceil(h), 0.0),
    "nearest": lambda h: (np.rint(h), np.rint(h), 0.0),
    "midpoint": lambda h: (np.floor(h), np.ceil(h), 0.5),
}


def _quantile(function, a, q, axis, method, keepdims, skip_nan=False):
    """Between two neighbours in order, as far as ``q`` says; at an entry itself its neighbours don't count (as JAX)."""
    if method not in _BETWEEN:
        raise no_rule(function, f"(..., method={method!r})")
    if some(np.logical_not(np.logical_and(np.greater_equal(q, 0), np.less_equal(q, 1)))):
        raise ValueError("Quantiles must be in the range [0, 1]")
    rows, kept = fronted(a, axis)
    rows, missing = np.sort(rows, axis=0), np.isnan(rows)
    q_shape, rest = np.shape(q), np.shape(rows)[1:]
    last = np.sum(np.logical_not(missing), axis=0) - 1 if skip_nan else len(rows) - 1
    h = q * last if not q_shape else np.reshape(q, q_shape + (1,) * len(rest)) * last
    below, above, between = _BETWEEN[method](h)

    def entry(at):
        if not shape_of(at) and not skip_nan:
            return rows[at.astype(int) if isinstance(at, Traced) else int(at)]
        at = np.broadcast_to(np.maximum(at, 0).astype(int), q_shape + rest)
        return np.reshape(np.take_along_axis(rows, np.reshape(at, (-1, *rest)), 0), q_shape + rest)

    low, high = entry(below), entry(above)
    found = low + cast(between, rows) * np.where(low == high, 0.0 * low, high - low)
    if not skip_nan and some(missing):
        found = np.where(np.any(missing, axis=0), np.nan, found)
    return np.reshape(found, q_shape + kept) if keepdims else found


for _prefix in ("", "nan"):

    def _three(skip):
        def quantile(a, q, axis=None, *, method="linear", keepdims=False):
            return _quantile(np.quantile, a, q, axis, method, keepdims, skip)

        def percentile(a, q, axis=None, *, method="linear", keepdims=False):
            return _quantile(np.percentile, a, as_array(q) / 100, axis, method, keepdims, skip)

        def median(a, axis=None, *, keepdims=False):
            return _quantile(np.median, a, 0.5, axis, "midpoint", keepdims, skip)

        return quantile, percentile, median

    for _mine in _three(_prefix == "nan"):
        derives(getattr(np, _prefix + _mine.__name__))(_mine)


@derives(np.average)
def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, np.ones_like(mean) * (np.size(a) / (np.size(mean) or 1))) if returned else mean
    a, weights = as_array(a), as_array(weights)
    if np.shape(weights) != np.shape(a):
        axes = np.lib.array_utils.normalize_axis_tuple(range(np.ndim(a)) if axis is None else axis, np.ndim(a))
        if axis is None or np.shape(weights) != tuple(np.shape(a)[i] for i in axes):
            raise (TypeError if axis is None else ValueError)(
                "The shape of the weights must be that of a along the axis."
            )
        weights = np.reshape(weights, np.shape(weights) + (1,) * (np.ndim(a) - len(axes)))
        weights = np.broadcast_to(np.moveaxis(weights, range(len(axes)), axes), np.shape(a))
    total = np.sum(weights, axis=axis, keepdims=keepdims)
    if some(total == 0):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


@derives(np.cov)
def cov(m, y=None, rowvar=True, bias=False, ddof=None, *, dtype=None):
    rows = [np.atleast_2d(as_array(x)) for x in (m, y) if x is not None]
    rows = [x if rowvar or (len(x) == 1 and np.ndim(m) < 2) else np.transpose(x) for x in rows]
    x = np.concatenate(rows, axis=0)
    x = x - np.mean(x, axis=1, keepdims=True)
    n = np.shape(x)[1] - ((0 if bias else 1) if ddof is None else ddof)
    return np.squeeze(np.matmul(x, np.transpose(x)) / (float(n) if n > 0 else 0.0))


@derives(np.corrcoef)
def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    c = np.cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    deviation = np.sqrt(np.diagonal(c))
    return np.clip(c / deviation[:, None] / deviation[None, :], -1, 1)
