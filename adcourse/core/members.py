"""How each rule of the table meets a batch: in one call of NumPy, on all members at once.

A function of the table ``HOW`` takes ``(rule, values, members, static)``: the values of the operands, which of them are
batches (their first axis is that of the members), and the static arguments, which speak of the axes of one member. What
has no entry goes member by member: a function of the reader's own (``custom_rule``), and the questions that are left.
"""

import math

import numpy as np

from .gather import gather, numbered, pick, picked, positions, scatter
from .kinds import Bilinear, Elementwise, General, Linear, shape_of
from .levels import apply, bottom
from .linalg import DIVIDE
from .rules import RULES, astype, concatenate, getitem, put, where


def how(rule):
    """How this rule meets a batch. (A custom rule may stand for a NumPy function, but is another.)"""
    if isinstance(rule, Elementwise):
        return broadcast
    return HOW.get(rule.function, one_by_one) if type(rule) in (Linear, Bilinear, General) else one_by_one


def count(values, members):
    """How many members there are."""
    return next(shape_of(v)[0] for v, m in zip(values, members, strict=True) if m)


def member(value, b):
    """One member; of an empty batch one that could be."""
    return value[b] if shape_of(value)[0] else np.ones_like(bottom(value), shape=shape_of(value)[1:])


def one_by_one(rule, values, members, static):
    size = count(values, members)
    each = [[member(v, b) if m else v for v, m in zip(values, members, strict=True)] for b in range(max(size, 1))]
    return np.stack([apply(rule, tuple(operands), static) for operands in each])[:size]


# ---------------------------------------------------------------------------------------------- elementwise


def aligned(values, members):
    """Members keep their trailing axes aligned with the other operands': (B, 3) beside (2, 3) becomes (B, 1, 3)."""
    most = max(len(shape_of(v)) - m for v, m in zip(values, members, strict=True))
    return [fit(v, most) if m else v for v, m in zip(values, members, strict=True)]


def fit(value, ndim):
    """A batch whose members have ``ndim`` axes: new ones of length 1 come first, and such ones go first."""
    shape = shape_of(value)
    if len(shape) == ndim + 1:
        return value
    return np.reshape(value, (shape[0],) + (1,) * (ndim + 1 - len(shape)) + shape[max(1, len(shape) - ndim) :])


def broadcast(rule, values, members, static):
    return apply(rule, tuple(aligned(values, members)), static)


def as_is(rule, values, members, static):
    return apply(rule, tuple(values), static)


def spread(value, is_member, size):
    """An operand as a batch: one that is the same for all, ``size`` times."""
    return value if is_member else np.broadcast_to(value, (size, *shape_of(value)))


# ---------------------------------------------------------------------------------------------- axes


def shifted(axis, ndim):
    """Axes of a member with ``ndim`` axes as axes of the batch."""
    if isinstance(axis, (tuple, list, range)):
        return tuple(shifted(a, ndim) for a in axis)
    return axis % ndim + 1 if -ndim <= axis < ndim else np.lib.array_utils.normalize_axis_index(axis, ndim)


def _along(*names, **defaults):
    """The rule itself, with the static arguments of these names, axes, shifted by one."""

    def along(rule, values, members, static):
        ndim = len(shape_of(values[0])) - 1
        given = {n: static.get(n, defaults.get(n)) for n in (*names, *defaults)}
        given = {n: tuple(range(1, ndim + 1)) if a is None else shifted(a, ndim) for n, a in given.items()}
        return apply(rule, tuple(values), {**static, **given})

    return along


def _reshape(rule, values, members, static):
    v = values[0]
    shape = apply(rule, (np.broadcast_to(0.0, v.shape[1:]),), static).shape  # what the rule makes of one member
    if static.get("order", "C") == "C":
        return np.reshape(v, (v.shape[0], *shape))
    v = np.transpose(v, (0, *range(len(v.shape) - 1, 0, -1)))  # in Fortran's order: backwards, there and back
    return np.transpose(np.reshape(v, (v.shape[0], *shape[::-1])), (0, *range(len(shape), 0, -1)))


def _broadcast_to(rule, values, members, static):
    v, shape = values[0], static["shape"]
    shape = tuple(shape) if isinstance(shape, (tuple, list, range)) else (shape,)
    if len(shape) < len(v.shape) - 1:
        np.broadcast_to(np.broadcast_to(0.0, v.shape[1:]), shape)  # NumPy says that it can't
    return np.broadcast_to(fit(v, len(shape)), (v.shape[0], *shape))


def _transpose(rule, values, members, static):
    ndim = len(values[0].shape) - 1
    axes = static.get("axes")
    return np.transpose(values[0], (0, *shifted(range(ndim)[::-1] if axes is None else tuple(axes), ndim)))


def _concatenate(rule, values, members, static):
    axis, size = static.get("axis", 0), count(values, members)
    values = [spread(v, m, size) for v, m in zip(values, members, strict=True)]
    if axis is None:
        values, axis = [np.reshape(v, (size, math.prod(v.shape[1:]))) for v in values], 0
    return apply(rule, tuple(values), {"axis": axis + 1 if axis >= 0 else axis})


# ---------------------------------------------------------------------------------------------- indices


def _arrays(index):
    return [i for i in (index if isinstance(index, tuple) else (index,)) if isinstance(i, list) or np.ndim(i)]


def _simple(index):
    """Whether an index means the same behind a leading axis: at most one array, and no integer beside it."""
    arrays = len(_arrays(index))
    return not arrays or (arrays == 1 and not any(np.ndim(i) == 0 and hasattr(i, "__index__") for i in _items(index)))


def _items(index):
    return index if isinstance(index, tuple) else ()


def _behind(index):
    return (slice(None), *index) if isinstance(index, tuple) else (slice(None), index)


def _getitem(rule, values, members, static):
    x, index = values[0], static["index"]
    if _simple(index):
        return x[_behind(index)]
    return _rows(x)[:, positions(x.shape[1:], index, x)]


def _rows(x):
    return np.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


def _offset(at, size, members):
    """Positions in one member as positions in the whole batch."""
    return at + numbered((members,) + (1,) * (len(shape_of(at)) - 1), at) * size


def _ndim(shape, index, like):
    """How many axes ``x[index]`` has."""
    if not _arrays(index):
        return np.broadcast_to(0.0, shape)[index].ndim
    return positions(shape, index, like).ndim


def _put(rule, values, members, static):
    size, shape = count(values, members), static["shape"]
    if all(map(_simple, static["indices"])):
        targets = [_ndim(shape, i, values[0]) for i in static["indices"]]
        values = [fit(spread(v, m, size), n) for v, m, n in zip(values, members, targets, strict=True)]
        return apply(rule, tuple(values), {"indices": tuple(map(_behind, static["indices"])), "shape": (size, *shape)})
    whole = math.prod(shape)
    places = [_offset(positions(shape, i, values[0])[None], whole, size) for i in static["indices"]]
    parts = [
        np.broadcast_to(fit(spread(v, m, size), at.ndim - 1), at.shape)
        for v, m, at in zip(values, members, places, strict=True)
    ]
    found = apply(rule, tuple(parts), {"indices": tuple(places), "shape": (size * whole,)})
    return np.reshape(found, (size, *shape))


def _setitem(rule, values, members, static):
    """Written into every member: the batch, the axes of the target that the value lacks, those of the value."""
    (old, new), index = values, static["index"]
    old = spread(old, members[0], count(values, members))
    new = fit(new, _ndim(old.shape[1:], index, old)) if members[1] else new
    if _simple(index):
        return apply(rule, (old, new), {"index": _behind(index)})
    at = (slice(None), positions(old.shape[1:], index, old))
    return np.reshape(apply(rule, (_rows(old), new), {"index": at}), old.shape)


def _gather(rule, values, members, static):
    (x, at), size = values, count(values, members)
    if not members[1]:
        return pick(_rows(x), (slice(None), at))
    return apply(rule, (x, _offset(at, math.prod(x.shape[1:]), size) if members[0] else at))


def _scatter(rule, values, members, static):
    (g, at), size = values, count(values, members)
    at = _offset(spread(at, members[1], size), math.prod(static["shape"]), size)
    return apply(rule, (spread(g, members[0], size), at), {"shape": (size, *static["shape"])})


def _moved(rule, values, members, static):
    """A function that moves numbers: what it does to positions 1, 2, ... says which number goes where; 0 is a zero."""
    size, numbers, first = count(values, members), [], 1
    for v, m in zip(values, members, strict=True):
        shape = shape_of(v)[m:]
        numbers.append(first + numbered(shape, values[members.index(True)]))
        first += math.prod(shape)
    at = rule.compute(*numbers, **static)
    rows = [_rows(spread(v, m, size)) for v, m in zip(values, members, strict=True)]
    if np.any(at == 0):
        rows.insert(0, np.zeros_like(bottom(rows[0]), shape=(size, 1)))
    else:
        at = at - 1
    return (np.concatenate(rows, axis=1) if len(rows) > 1 else rows[0])[:, at]


def _last_two(otherwise):
    """A function of matrices, also stacked ones; of a member that isn't one, ``otherwise``."""
    return lambda rule, v, m, s: (as_is if len(shape_of(v[0])) > 2 else otherwise)(rule, v, m, s)


def _diag(rule, values, members, static):
    if len(values[0].shape) == 3:
        return np.diagonal(values[0], static.get("k", 0), 1, 2)
    return _moved(rule, values, members, static)


# ---------------------------------------------------------------------------------------------- products, equations


def _matmul(rule, values, members, static):
    x, y = (len(shape_of(v)) - m for v, m in zip(values, members, strict=True))
    if (x, y) == (1, 2) and members == [True, False]:  # many vectors times one matrix: a product of two matrices
        return np.matmul(*values)
    if (x, y) == (2, 1) and members == [False, True]:
        return np.matmul(values[1], np.swapaxes(values[0], 0, 1))
    rows = values[0][..., None, :] if x == 1 else values[0]
    columns = values[1][..., None] if y == 1 else values[1]
    z = broadcast(rule, [rows, columns], members, static)
    z = z[..., 0] if y == 1 else z
    return z if x > 1 else z[..., 0] if y == 1 else z[..., 0, :]


def _convolve(rule, values, members, static):
    """Every window of the longer operand, with zeros around it, times the shorter one, backwards."""
    m, n = (shape_of(v)[-1] for v in values)
    (x, y), (of_x, of_y) = (values, members) if m >= n else (values[::-1], members[::-1])
    m, n = max(m, n), min(m, n)
    x = np.pad(x, [(0, 0)] * of_x + [(n - 1, n - 1)])
    windows = x[..., n - 1 + numbered((m + n - 1, 1), x) - numbered((n,), x)]
    return how(RULES[np.matmul])(RULES[np.matmul], [windows, y], [of_x, of_y], {})


def _solve(rule, values, members, static):
    A, b = values
    vector = len(shape_of(b)) - members[1] == 1
    b = b[..., None] if vector else b
    if len(shape_of(b)) == 3 and len(shape_of(A)) == 2:  # one matrix, so one elimination for all members
        columns = np.reshape(np.moveaxis(b, 0, -1), (b.shape[1], b.shape[2] * b.shape[0]))
        z = np.linalg.solve(A, columns)
        z = np.moveaxis(np.reshape(z, (*b.shape[1:], b.shape[0])), -1, 0)
    else:
        z = broadcast(rule, [A, b], members, static)
    return z[..., 0] if vector else z


HOW = {gather.function: _gather, picked.function: _gather, scatter.function: _scatter}
HOW |= {getitem.function: _getitem, put.function: _put}
HOW |= {astype.function: as_is, np.copy: as_is, where.function: broadcast, concatenate.function: _concatenate}
HOW |= dict.fromkeys((np.sum, np.mean, np.max, np.min), _along("axis"))
HOW |= {np.cumsum: _along("axis"), np.flip: _along("axis"), np.swapaxes: _along("axis1", "axis2")}
HOW |= {np.moveaxis: _along("source", "destination"), np.transpose: _transpose, np.broadcast_to: _broadcast_to}
HOW |= {np.diagonal: _along(axis1=0, axis2=1), np.rot90: _along(axes=(0, 1)), np.diag: _diag}
HOW |= {np.flipud: lambda r, v, m, s: np.flip(v[0], 1), np.fliplr: lambda r, v, m, s: np.flip(v[0], 2)}
HOW |= dict.fromkeys((np.reshape, np.ravel, np.expand_dims, np.squeeze), _reshape)
HOW |= dict.fromkeys((np.tril, np.triu), _last_two(_moved))
HOW |= dict.fromkeys((np.roll, np.tile, np.repeat, np.resize, np.delete, np.diagflat, np.take_along_axis), _moved)
HOW |= {np.pad: _moved, np.insert: _moved}
HOW |= {np.matmul: _matmul, np.convolve: _convolve, np.linalg.solve: _solve, np.fft.fft: as_is}
_STACKED = "inv det pinv cholesky slogdet eigh qr svd".split()  # NumPy's functions of matrices take stacks of them
HOW |= {getattr(np.linalg, name): as_is for name in _STACKED}
HOW |= {DIVIDE.function: broadcast}
