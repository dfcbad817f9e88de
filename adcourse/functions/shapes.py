"""Functions that move, repeat and drop numbers, and fill the gaps with zeros.

Such a function is linear, and what it does to the positions 1, 2, 3, ... of the numbers says where each one went: its
transpose adds every entry of the cotangent at the position that its number came from. Position 0 stands for the zeros.
"""

import inspect
from functools import reduce

import numpy as np

from ..core.errors import no_rule, varies
from ..core.gather import pick, scatter
from ..core.kinds import owned, shape_of, size_of, stand_in
from ..core.levels import apply, ask, batches, bottom, plain, some
from ..core.rules import RULES, concatenate, linear, put, where
from ..core.tree import flatten
from .derived import as_array, derives


def integers(start, stop, like):
    """start, ..., stop - 1, on the device of ``like``."""
    like = bottom(like)
    return np.arange(start, stop, like=like) if hasattr(like, "__array_function__") else np.arange(start, stop)


MOVES = set()  # the rules that ``moves`` has added


def moves(function, operands=1, compute=None):
    """Add a rule for a function that only moves numbers: its transpose follows from what it does to positions."""

    def transpose(g, k, all_operands, /, **static):  # a static argument may be called k
        size = size_of(all_operands[k])
        numbers = integers(1, size + 1, g)
        nothing = [np.zeros_like(numbers, shape=shape_of(x)) for x in all_operands]
        nothing[k] = np.reshape(numbers, shape_of(all_operands[k]))
        places = np.ravel(rule.compute(*nothing, **static))
        found = apply(put, (np.ravel(g),), {"indices": (places,), "shape": (size + 1,)})
        return np.reshape(found[1:], shape_of(all_operands[k]))

    rule = linear(function, transpose, operands=operands, compute=compute)
    rule.static = tuple(inspect.signature(function).parameters)[operands:]
    MOVES.add(rule)
    return rule


_MOVES = "rot90 roll tile repeat resize delete diag diagflat diagonal tril triu take_along_axis fliplr flipud"
for _name in _MOVES.split():
    moves(getattr(np, _name))
pad_rule = moves(np.pad)
insert_rule = moves(np.insert, 2, lambda arr, values, *, obj, axis=None: np.insert(arr, obj, values, axis))

# NumPy defines these by others that have a rule; its own definition serves.
_THEIRS = "rollaxis array_split split hsplit vsplit dsplit vstack hstack dstack unstack cumulative_sum cumulative_prod"
for _name in _THEIRS.split():
    derives(getattr(np, _name))(getattr(np, _name).__wrapped__)


derives(np.shape)(lambda a: shape_of(as_array(a)))
derives(np.ndim)(lambda a: len(shape_of(as_array(a))))
derives(np.size)(lambda a, axis=None: np.size(np.broadcast_to(0.0, shape_of(as_array(a))), axis))


@derives(np.pad)
def pad(array, pad_width, mode="constant", *, constant_values=0, reflect_type="even"):
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap") or reflect_type != "even":
        raise no_rule(np.pad, f"(..., mode={mode!r})")
    padded = apply(pad_rule, (array,), {"pad_width": owned(pad_width), "mode": mode})
    if mode == "constant" and some(np.not_equal(constant_values, 0)):
        padded = padded + np.pad(np.zeros_like(stand_in(array)), pad_width, constant_values=constant_values)
    return padded


@derives(np.insert)
def insert(arr, obj, values, axis=None):
    return apply(insert_rule, (as_array(arr), as_array(values)), {"obj": owned(obj), "axis": axis})


@derives(np.trace)
def trace(a, offset=0, axis1=0, axis2=1, dtype=None):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@derives(np.matrix_transpose)
def matrix_transpose(x):
    if np.ndim(x) < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {np.ndim(x)}")
    return np.swapaxes(x, -1, -2)


def _at_least(n, before):
    """``np.atleast_nd``: ``before`` says for each number of axes how many new ones go in front."""

    def one(a):
        shape, m = np.shape(a), np.ndim(a)
        return a if m >= n else np.reshape(a, (1,) * before[m] + shape + (1,) * (n - m - before[m]))

    def at_least(*arys):
        found = tuple(one(as_array(a)) for a in arys)
        return found[0] if len(found) == 1 else found

    return at_least


derives(np.atleast_1d)(_at_least(1, (1,)))
derives(np.atleast_2d)(_at_least(2, (1, 1)))
derives(np.atleast_3d)(_at_least(3, (1, 1, 0)))


@derives(np.broadcast_arrays)
def broadcast_arrays(*args):
    args = tuple(map(as_array, args))
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(a if np.shape(a) == shape else np.broadcast_to(a, shape) for a in args)


@derives(np.meshgrid)
def meshgrid(*xi, indexing="xy", sparse=False, copy=True):
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    n = len(xi)
    place = [1 - i if indexing == "xy" and n > 1 and i < 2 else i for i in range(n)]
    xi = [np.reshape(as_array(x), (1,) * p + (-1,) + (1,) * (n - 1 - p)) for x, p in zip(xi, place, strict=True)]
    return tuple(xi) if sparse else np.broadcast_arrays(*xi)


# ---------------------------------------------------------------------------------------------- put together


@derives(np.concatenate)
def _concatenate(arrays, axis=0, *, dtype=None, casting="same_kind"):
    joined = apply(concatenate, tuple(map(as_array, arrays)), {"axis": axis})
    return joined if dtype is None else np.astype(joined, dtype)


@derives(np.stack)
def stack(arrays, axis=0, *, dtype=None, casting="same_kind"):
    arrays = list(map(as_array, arrays))
    if len({np.shape(a) for a in arrays}) != 1:
        raise ValueError(f"np.stack needs arrays of one shape; these have {[np.shape(a) for a in arrays]}")
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis=axis, dtype=dtype)


@derives(np.column_stack)
def column_stack(tup):
    return np.concatenate([np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a for a in map(as_array, tup)], axis=1)


@derives(np.append)
def append(arr, values, axis=None):
    if axis is None:
        arr, values, axis = np.ravel(as_array(arr)), np.ravel(as_array(values)), 0
    return np.concatenate([arr, values], axis=axis)


@derives(np.block)
def block(arrays):
    """Nested lists of blocks: the innermost are joined along the last axis, the next along the last but one, ..."""

    def depth(x):
        return 1 + depth(x[0]) if isinstance(x, list) and x else 0

    levels, leaves = depth(arrays), flatten(arrays)[0]
    ndim = max(levels, *(np.ndim(a) for a in leaves), 0)

    def join(x, level):
        if (level < levels) != isinstance(x, list):
            raise ValueError(f"List depths are mismatched: np.block needs all blocks {levels} lists deep.")
        if level == levels:
            return np.reshape(x, (1,) * (ndim - np.ndim(x)) + np.shape(x))
        return np.concatenate([join(e, level + 1) for e in x], axis=level - levels)

    return join(arrays, 0)


# ---------------------------------------------------------------------------------------------- chosen by index


@derives(np.take)
def take(a, indices, axis=None, *, mode="raise"):
    if axis is None:
        a, axis = np.ravel(a), 0
    length = np.shape(a)[axis]
    if isinstance(indices, tuple):
        indices = list(indices)
    if mode != "raise":
        indices = np.asarray(indices) if isinstance(indices, list) else indices
        indices = np.clip(indices, 0, length - 1) if mode == "clip" else indices % length
    return pick(a, (slice(None),) * (axis % np.ndim(a)) + (indices,))


@derives(np.take_along_axis)
def take_along_axis(arr, indices, axis=-1):
    if not batches(indices):
        return apply(RULES[np.take_along_axis], (arr,), {"indices": owned(indices), "axis": axis})
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis, ndim = axis % np.ndim(arr), np.ndim(arr)
    line = [np.arange(n).reshape((-1,) + (1,) * (ndim - 1 - k)) for k, n in enumerate(np.shape(arr))]
    return pick(arr, tuple(indices if k == axis else i for k, i in enumerate(line)), collect=False)


@derives(np.compress)
def compress(condition, a, axis=None):
    chosen = np.flatnonzero(condition)
    return np.take(a, chosen.tolist() if isinstance(condition, (list, tuple)) else chosen, axis=axis)


@derives(np.extract)
def extract(condition, arr):
    return np.ravel(arr)[np.flatnonzero(condition)]


@derives(np.where)
def _where(condition, x=None, y=None):
    if x is None:
        return np.nonzero(condition)
    return apply(where, (condition, as_array(x), as_array(y)))


@derives(np.select)
def select(condlist, choicelist, default=0):
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError("list of cases must be same length as list of conditions")
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = np.where(condition, choice, default)
    return default


@derives(np.choose)
def choose(a, choices, *, mode="raise"):
    which = ask(np.choose, a, list(range(len(choices))), mode=mode)
    return np.select([which == k for k in range(len(choices))], list(choices))


@derives(np.piecewise)
def piecewise(x, condlist, funclist, *args, **kw):
    """Each function runs on its own elements only. The last may stand without a condition, for all the rest."""
    one = np.ndim(condlist[0]) < np.ndim(x) if isinstance(condlist, (list, tuple)) else np.ndim(condlist) == np.ndim(x)
    conditions = [condlist] if one else list(condlist)
    if len(conditions) == len(funclist) - 1:
        conditions.append(np.logical_not(reduce(np.logical_or, conditions)))
    if len(conditions) != len(funclist):
        raise ValueError(f"with {len(conditions)} condition(s), as many functions are expected, or one more")
    y = np.zeros_like(plain(x))
    for condition, function in zip(conditions, funclist, strict=True):
        condition = np.broadcast_to(condition, np.shape(x))
        if batches(condition) and callable(function):  # of numbers for which it is not, one for which it is
            inside = pick(np.ravel(x), np.argmax(condition))
            y = np.where(condition, function(np.where(condition, x, inside), *args, **kw), y)
            continue
        value = function(x[condition], *args, **kw) if callable(function) else function
        filled = apply(put, (value,), {"indices": (condition,), "shape": np.shape(x)}) if callable(function) else value
        y = np.where(condition, filled, y)
    return y


@derives(np.bincount)
def bincount(x, weights=None, minlength=0):
    """The sums of the weights that share a number: linear in them."""
    length = np.maximum(minlength, np.max(x) + 1 if np.size(x) else 0)
    if some(length != bottom(length).flat[0]):
        raise varies("a length: np.bincount counts up to the largest number; minlength=n with n large enough")
    shape = (int(bottom(length).flat[0]),)
    return apply(scatter, (np.ones(np.shape(x), int) if weights is None else weights, x), {"shape": shape})


derives(np.astype)(lambda x, dtype, *, copy=True: x.astype(dtype))
