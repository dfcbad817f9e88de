"""NumPy functions that need no rule of their own, because they are made of functions that have one.

Each has NumPy's own signature. Their derivatives, of every order, follow from the parts.
"""

import numpy as np

from .errors import no_rule
from .kinds import dtype_of, out_argument
from .levels import apply, pack, plain
from .rules import concatenate as concatenate_rule
from .rules import where as where_rule

DERIVED = {}


def _derives(function):
    return lambda mine: DERIVED.setdefault(function, mine)


def _refuse(function, out=None, **options):
    if out is not None:
        raise out_argument(function)
    for name, value in options.items():
        if value is not None:
            raise no_rule(function, f"(..., {name}={value!r})")


def _array(a):
    return pack(np.array(a)) if isinstance(a, (list, tuple)) else a


@_derives(np.where)
def where(condition, x=None, y=None):
    if x is None:
        return np.nonzero(condition)
    return apply(where_rule, (condition, x, y))


@_derives(np.concatenate)
def concatenate(arrays, axis=0, out=None, dtype=None, casting=None):
    _refuse(np.concatenate, out, dtype=dtype, casting=casting)
    return apply(concatenate_rule, tuple(map(_array, arrays)), {"axis": axis})


@_derives(np.stack)
def stack(arrays, axis=0, out=None, dtype=None, casting=None):
    _refuse(np.stack, out, dtype=dtype, casting=casting)
    arrays = list(map(_array, arrays))
    if len({np.shape(a) for a in arrays}) != 1:
        raise ValueError(f"np.stack needs arrays of one shape; these have {[np.shape(a) for a in arrays]}")
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis=axis)


@_derives(np.prod)
def prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    """The product as a tree of halves: no division, so zeros among the factors do no harm at any order."""
    _refuse(np.prod, out, dtype=dtype, initial=initial, where=where)
    shape, ndim = np.shape(a), np.ndim(a)
    axes = tuple(range(ndim)) if axis is None else tuple(int(i) % ndim for i in np.atleast_1d(axis))
    rest = tuple(n for i, n in enumerate(shape) if i not in axes)
    result = tuple(1 if i in axes else n for i, n in enumerate(shape)) if keepdims else rest
    if 0 in shape:
        return np.prod(np.zeros(shape), axis=axis, keepdims=bool(keepdims))
    a = np.reshape(np.moveaxis(a, axes, tuple(range(len(axes)))), (-1, *rest))
    while len(a) > 1:
        half = len(a) // 2
        paired = a[:half] * a[half : 2 * half]
        a = paired if len(a) == 2 * half else np.concatenate([paired, a[2 * half :]])
    return np.reshape(a, result)


@_derives(np.dot)
def dot(a, b, out=None):
    """A product with scalars, matmul up to two dimensions; beyond, the last axis of a with the last but one of b."""
    _refuse(np.dot, out)
    if not np.ndim(a) or not np.ndim(b):
        return a * b
    if np.ndim(b) <= 2:
        return np.matmul(a, b)
    n, rest = np.shape(b)[-2], np.shape(b)[:-2] + np.shape(b)[-1:]
    flat = np.matmul(np.reshape(a, (-1, n)), np.reshape(np.moveaxis(b, -2, 0), (n, -1)))
    return np.reshape(flat, np.shape(a)[:-1] + rest)


@_derives(np.max)
def max(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    """The largest element; several that tie share the derivative equally."""
    _refuse(np.max, out, initial=initial, where=where)
    return _extreme(a, np.max(plain(a), axis=axis, keepdims=True), axis, keepdims)


@_derives(np.min)
def min(a, axis=None, out=None, keepdims=False, initial=None, where=None):
    """The smallest element; several that tie share the derivative equally."""
    _refuse(np.min, out, initial=initial, where=where)
    return _extreme(a, np.min(plain(a), axis=axis, keepdims=True), axis, keepdims)


def _extreme(a, extreme, axis, keepdims):
    hit = plain(a) == extreme
    if not np.all(np.any(hit, axis=axis)):  # nan
        return np.sum(a, axis=axis, keepdims=keepdims)
    ties = np.sum(hit, axis=axis, keepdims=keepdims).astype(dtype_of(a) or float)
    return np.sum(np.where(hit, a, 0.0), axis=axis, keepdims=keepdims) / ties


@_derives(np.var)
def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, **options):
    _refuse(np.var, out, dtype=dtype, **options)
    deviations = a - np.mean(a, axis=axis, keepdims=True)
    total = np.sum(deviations * deviations, axis=axis, keepdims=keepdims)
    return total / (np.size(a) / np.size(total) - ddof)


@_derives(np.std)
def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, **options):
    _refuse(np.std, out, dtype=dtype, **options)
    return np.sqrt(np.var(a, axis=axis, ddof=ddof, keepdims=keepdims))


@_derives(np.clip)
def clip(a, a_min=None, a_max=None, out=None, **options):
    _refuse(np.clip, out, **options)
    a = a if a_min is None else np.maximum(a, a_min)
    return a if a_max is None else np.minimum(a, a_max)


@_derives(np.outer)
def outer(a, b, out=None):
    _refuse(np.outer, out)
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))
