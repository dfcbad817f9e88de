"""NumPy functions without a rule of their own, made of functions that have one: how they are entered, and reductions.

Each has NumPy's own signature. Their derivatives, of every order, follow from the parts.
"""

import inspect
import itertools
import math
from functools import partial, reduce

import numpy as np

from ..core.errors import no_rule
from ..core.inplace import write_out
from ..core.kinds import Constant, cast, dtype_of, out_argument, owned, stand_in
from ..core.levels import apply, highest, pack, plain, some
from ..core.rules import RULES, general

DERIVED = {}


def derives(*functions):
    """Enter a function as the meaning of these NumPy functions. Of their options it takes those that it names."""
    return lambda mine: [DERIVED.setdefault(f, partial(_call, f, mine)) for f in functions] and mine


def _call(function, mine, *args, **kwargs):
    """A call of NumPy's; options that ``mine`` doesn't have are refused, unless they stand at their default."""
    code, out = mine.__code__, kwargs.pop("out", None)
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    for name in () if code.co_flags & inspect.CO_VARKEYWORDS else kwargs.keys() - set(known):
        value = kwargs.pop(name)
        if value is not None and value is not inspect.signature(function).parameters[name].default:
            raise no_rule(function, f"(..., {name}={value!r})")
    if len(args) > code.co_argcount and not code.co_flags & inspect.CO_VARARGS:
        raise out_argument(function)  # the one that NumPy has in the middle
    result = mine(*map(pack, args), **kwargs)
    return result if out is None else write_out(function, out, result)


def as_array(a):
    """Lists as arrays; arrays of traced values as one traced array."""
    return pack(np.array(a)) if isinstance(a, (list, tuple)) else pack(a)


def as_dtype(a, dtype):
    return a if dtype is None or dtype == (dtype_of(a) or float) else np.astype(a, dtype)


def fronted(a, axis):
    """``a`` with the axes to reduce merged into one first axis, and its shape after that with ``keepdims``."""
    shape = np.shape(a)
    if axis is None:
        return np.reshape(a, (-1,)), (1,) * len(shape)
    axes = sorted(np.lib.array_utils.normalize_axis_tuple(axis, len(shape)))
    rest = tuple(n for i, n in enumerate(shape) if i not in axes)
    a = np.moveaxis(a, axes, range(len(axes)))
    lead = math.prod(shape[i] for i in axes)  # not -1, which says nothing about empty arrays
    return np.reshape(a, (lead, *rest)), tuple(1 if i in axes else n for i, n in enumerate(shape))


# ---------------------------------------------------------------------------------------------- methods of ufuncs

_ASSOCIATIVE = {np.multiply, np.logaddexp, np.logaddexp2, np.fmax, np.fmin, np.maximum, np.minimum, np.hypot}


def fold(ufunc, a, axis=0, dtype=None, keepdims=False, initial=None, where=True):
    """``ufunc.reduce``. An associative one as a tree of halves: no division, so zeros in a product do no harm."""
    if ufunc in _REDUCE:
        given = ({} if initial is None else {"initial": initial}) | ({} if where is True else {"where": where})
        return _REDUCE[ufunc](as_dtype(a, dtype), axis=axis, keepdims=keepdims, **given)
    if where is not True:
        a = np.where(where, a, initial if ufunc.identity is None else ufunc.identity)
    if np.size(a) == 0:
        initial = {} if initial is None else {"initial": initial}
        return ufunc.reduce(stand_in(a), axis, keepdims=keepdims, **initial)  # NumPy's identity, or its error
    axis = None if np.ndim(a) == 0 and axis in (0, -1) else axis
    a, kept = fronted(as_dtype(a, dtype), axis)
    if ufunc in _ASSOCIATIVE:
        while len(a) > 1:
            half = len(a) // 2
            paired = ufunc(a[:half], a[half : 2 * half])
            a = paired if len(a) == 2 * half else np.concatenate([paired, a[2 * half :]])
        a = a[0]
    else:
        a = reduce(ufunc, a)
    a = np.reshape(a, kept) if keepdims else a
    return a if initial is None else ufunc(initial, a)


def scan(ufunc, a, axis=0, dtype=None):
    """``ufunc.accumulate``: the odd entries from the scan of neighbouring pairs, the even ones from these."""
    if ufunc is np.add:
        return np.cumsum(a, axis, dtype)
    a = np.moveaxis(as_dtype(a, dtype), axis, 0)
    done = _scan(ufunc, a) if ufunc in _ASSOCIATIVE or len(a) < 2 else np.stack(list(itertools.accumulate(a, ufunc)))
    return np.moveaxis(done, 0, axis)


def _scan(ufunc, a):
    n, m = len(a), (len(a) - 1) // 2
    if n < 2:
        return a
    odd = _scan(ufunc, ufunc(a[: n - 1 : 2], a[1::2]))
    woven = np.stack([odd[:m], ufunc(odd[:m], a[2::2])], axis=1)
    return np.concatenate([a[:1], np.reshape(woven, (2 * m, *np.shape(a)[1:])), odd[m:]])


def outer_of(ufunc, a, b):
    """``ufunc.outer``: every entry of a with every entry of b."""
    return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b)


def ufunc_method(ufunc, method, inputs, kwargs):
    """``np.logaddexp.reduce`` and its like, for ufuncs of two operands."""
    if method == "outer":
        return outer_of(ufunc, *inputs, **kwargs)
    if isinstance(RULES.get(ufunc), Constant):
        return highest(inputs).decide(Constant(ufunc, getattr(ufunc, method)), inputs, kwargs)
    if ufunc not in RULES or method not in ("reduce", "accumulate"):
        raise no_rule(ufunc, f".{method}")
    kwargs = {k: v for k, v in kwargs.items() if v is not np._NoValue}
    return (fold if method == "reduce" else scan)(ufunc, *inputs, **kwargs)


# ---------------------------------------------------------------------------------------------- reductions


def _axis(axis, keepdims):
    return {"axis": axis, "keepdims": True} if keepdims else {} if axis is None else {"axis": owned(axis)}


@derives(np.sum)
def sum(a, axis=None, dtype=None, *, keepdims=False, initial=None, where=True):
    a = as_dtype(a if where is True else np.where(where, a, 0.0), dtype)
    total = apply(RULES[np.sum], (a,), _axis(axis, keepdims))
    return total if initial is None else total + initial


def _count(a, total, axis, keepdims, where):
    """How many elements went into each entry of ``total``: a float, or with ``where`` an array."""
    if where is True:
        return np.size(a) / (np.size(total) or 1)
    return np.sum(np.where(where, np.ones_like(plain(a)), 0.0), axis=axis, keepdims=keepdims)


@derives(np.mean)
def mean(a, axis=None, dtype=None, *, keepdims=False, where=True):
    if where is not True:
        total = np.sum(a, axis=axis, dtype=dtype, keepdims=keepdims, where=where)
        return total / _count(a, total, axis, keepdims, where)
    return apply(RULES[np.mean], (as_dtype(a, dtype),), _axis(axis, keepdims))


@derives(np.prod)
def prod(a, axis=None, dtype=None, *, keepdims=False, initial=None, where=True):
    return fold(np.multiply, a, axis, dtype, keepdims, initial, where)


def _spread(z, axis, keepdims):
    return z if axis is None or keepdims else np.expand_dims(z, axis)


def _hits(z, a, axis, keepdims):
    """Which elements attain the extreme (in a row with a nan, all), and how many tie."""
    hit = (a == _spread(z, axis, keepdims)) | _spread(z != z, axis, keepdims)
    return hit, cast(np.sum(hit, axis=axis, keepdims=keepdims), z)


def _extreme_jvp(z, primals, tangents, axis=None, keepdims=False):
    hit, ties = _hits(z, *primals, axis, keepdims)
    return np.sum(np.where(hit, tangents[0], 0.0), axis=axis, keepdims=keepdims) / ties


def _extreme_vjp(g, z, primals, axis=None, keepdims=False):  # beside the JVP: a fifth of its transpose's time
    hit, ties = _hits(z, *primals, axis, keepdims)
    return (np.where(hit, _spread(g / ties, axis, keepdims), 0.0),)


def _extreme(function, ufunc, *names):
    rule = general(function, _extreme_jvp, vjp=_extreme_vjp)  # elements that tie share the derivative, as in JAX

    @derives(function, *names)
    def extreme(a, axis=None, *, keepdims=False, initial=None, where=True):
        if where is not True:
            if initial is None:
                function(stand_in(a), axis, where=stand_in(where))  # NumPy says that it needs one
            a = np.where(where, a, initial)
        if initial is not None and np.size(a) == 0:
            return function(stand_in(a), axis, keepdims=keepdims, initial=initial)
        found = apply(rule, (a,), _axis(axis, keepdims))
        return found if initial is None else ufunc(found, initial)

    return extreme


max = _extreme(np.max, np.maximum, np.amax)
min = _extreme(np.min, np.minimum, np.amin)


@derives(np.ptp)
def ptp(a, axis=None, *, keepdims=False):
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@derives(np.cumsum)
def cumsum(a, axis=None, dtype=None):
    a = np.ravel(a) if axis is None or np.ndim(a) == 0 else a
    return apply(RULES[np.cumsum], (as_dtype(a, dtype),), {"axis": axis or 0})


@derives(np.cumprod)
def cumprod(a, axis=None, dtype=None):
    return scan(np.multiply, np.ravel(a) if axis is None else a, axis or 0, dtype)


@derives(np.var)
def var(a, axis=None, dtype=None, *, ddof=0, keepdims=False, where=True, mean=None, correction=None):
    a = as_dtype(a, dtype)
    squares = np.square(a - (np.mean(a, axis=axis, keepdims=True, where=where) if mean is None else mean))
    total = np.sum(squares, axis=axis, keepdims=keepdims, where=where)
    count = _count(a, total, axis, keepdims, where) - (ddof if correction is None else correction)
    return total / (np.maximum(count, 0) if where is not True else count if count > 0 else 0.0)


@derives(np.std)
def std(a, axis=None, dtype=None, **options):
    """The square root of the variance; its derivative where all elements are equal is nan."""
    return np.sqrt(np.var(a, axis=axis, dtype=dtype, **options))


_REDUCE = {np.add: np.sum, np.maximum: np.max, np.minimum: np.min}


def _without_nan(function, fill):
    @derives(getattr(np, f"nan{function.__name__}"))
    def passing_over(a, *args, **kwargs):
        there = np.logical_not(np.isnan(a))
        if function not in (np.cumsum, np.cumprod):
            kwargs["where"] = there & kwargs.get("where", True)
        return function(np.where(there, a, fill), *args, **kwargs)


for _function in (np.sum, np.mean, np.var, np.std, np.cumsum):
    _without_nan(_function, 0.0)
_without_nan(np.prod, 1.0)
_without_nan(np.cumprod, 1.0)


def _extreme_without_nan(name, fill):
    @derives(getattr(np, f"nan{name}"))
    def passing_over(a, axis=None, **options):
        missing = np.isnan(a)
        found = getattr(np, name)(np.where(missing, fill, a), axis=axis, **options)
        nothing = np.all(missing, axis=axis, keepdims=options.get("keepdims", False))
        return np.where(nothing, np.nan, found) if some(nothing) else found


_extreme_without_nan("max", -np.inf)
_extreme_without_nan("min", np.inf)
