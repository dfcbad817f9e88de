"""Indices that differ from member to member of a batch: gather and scatter.

What ``x[index]`` takes is said by positions: ``np.arange(x.size).reshape(x.shape)[index]`` are those of its elements in
``np.ravel(x)``. So ``gather(x, at) = np.ravel(x)[at]``, linear in ``x``; its transpose ``scatter`` adds every number at
its position. The positions are an operand like any other, so each mode and each batch sees them.
"""

import math

import numpy as np

from .errors import varies
from .kinds import Linear, dtype_of, owned, shape_of
from .levels import Traced, apply, ask, batches, bottom, highest, settled
from .rules import put


def pick(x, index, collect=True):
    """``x[index]``, also where arrays or numbers in the index are batches of integers.

    ``collect``: a tape adds its cotangents along with those of any other ``x[index]``.
    """
    index = _without_masks(index)
    if not batches(index):
        return x[owned(index)]
    at = positions(shape_of(x), index, x)
    return apply(picked if collect and at.recorded else gather, (x, at))


def _without_masks(index):
    """A recorded mask as it is now: how many numbers it takes is part of the program."""
    if isinstance(index, tuple):
        return tuple(map(_without_masks, index))
    return settled(index) if isinstance(index, Traced) and dtype_of(index).kind == "b" else index


def numbered(shape, like):
    """The elements of an array of this shape counted from 0 in C order, on the device of ``like``."""
    like = bottom(like)
    like = {"like": like} if hasattr(like, "__array_function__") else {}
    return np.arange(math.prod(shape), **like).reshape(shape)


def positions(shape, index, like):
    """Which elements of an array of this shape ``x[index]`` takes, counted from 0 in C order."""
    items = index if isinstance(index, tuple) else (index,)
    kinds = {dtype_of(b).kind for b in batches(index)}
    if "b" in kinds:
        raise varies("a mask in x[mask], which takes as many numbers as it has True's")
    if "f" in kinds:
        raise IndexError("a batch of floats was used as an index; write x[i.astype(int)]")
    return _positions(numbered(shape, like), list(items))


def _positions(numbers, items):
    """Level by level, from the highest: the axis of a batch goes in front of the axes of all index arrays."""
    top = highest(batches(items))
    if top is None:
        return numbers[tuple(items)]
    if top.recorded:
        return ask(_taken, numbers, tuple(items))
    items = [e for i in items for e in _integers(i)]
    mine = [isinstance(i, Traced) and i.level is top.level for i in items]
    values = [i.value if m else i for i, m in zip(items, mine, strict=True)]
    most = max(len(shape_of(i)) for i in items)
    for k, (v, m) in enumerate(zip(values, mine, strict=True)):
        if m:
            values[k] = np.reshape(v, (shape_of(v)[0],) + (1,) * (most + 1 - len(shape_of(v))) + shape_of(v)[1:])
    found = np.moveaxis(_positions(numbers, values), _first_axis(values, numbers.ndim), 0)
    return type(top)(found, top.level)


def places(at, shape):
    """Positions as an index of an array of this shape."""
    return at if len(shape) == 1 else tuple(np.unravel_index(at, shape))


def _taken(numbers, items):
    return numbers[items]


def _integers(item):
    """Lists as arrays, masks as the integers that they stand for."""
    if isinstance(item, list):
        item = np.stack(item) if batches(item) else np.array(item)
    return np.nonzero(item) if getattr(dtype_of(item), "kind", None) == "b" else (item,)


def _keeps(item):
    return item is None or item is Ellipsis or isinstance(item, slice)


def _first_axis(items, ndim):
    """Where the axes of the index arrays stand in the result: in their place, or first if a slice comes between."""
    at = [k for k, i in enumerate(items) if not _keeps(i)]
    if at[-1] - at[0] >= len(at):
        return 0
    hidden = ndim - sum(1 for i in items if i is not None and i is not Ellipsis)
    return sum(hidden if i is Ellipsis else 1 for i in items[: at[0]])


def _scatter(g, at, *, shape):
    if highest((g, at)) is not None:
        return apply(scatter, (g, at), {"shape": shape})
    return np.reshape(put.compute(g, indices=(at,), shape=(math.prod(shape),)), shape)


def _gathering(name):
    def compute(x, at):
        if highest((x, at)) is not None:  # no NumPy function, so NumPy's protocols don't see traced operands
            return apply(rule, (x, at))
        return np.reshape(x, (-1,))[at]

    def transposed(g, k, operands):
        return apply(scatter, (g, operands[1]), {"shape": shape_of(operands[0])})

    rule = Linear(compute, transposed, operands=2, constant=(1,), name=name)
    return rule


gather = _gathering("gather")
picked = _gathering("picked")  # in a recording: the tape adds its cotangents to others as it does those of x[index]
scatter = Linear(
    _scatter,
    lambda g, k, operands, *, shape: apply(gather, (g, operands[1])),
    operands=2,
    constant=(1,),
    name="scatter",
)
