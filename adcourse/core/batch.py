"""Many at once: a batch travels through a program, or along a tape, as one value.

A Jacobian takes one sweep of the tape for every column. The sweeps differ in nothing but the tangent, so all tangents
go along together: a ``Batch`` holds them along a leading axis that the program doesn't see. Elementwise rules broadcast
over it, the common linear ones are told where their axes went, and any other rule runs once for each member.
"""

import math

import numpy as np

from .box import Box
from .errors import NoRuleError
from .inplace import setitem
from .kinds import Elementwise, shape_of
from .levels import apply
from .rules import RULES, astype, concatenate, getitem, put, where


class Batch(Box):
    """Values of one shape, stacked along the first axis of ``value``, which the program doesn't see."""

    __slots__ = ()
    many = True

    def __init__(self, value, level):
        self.value, self.level = value, level

    shape = property(lambda self: shape_of(self.value)[1:])
    size = property(lambda self: math.prod(self.shape))

    def process(self, rule, operands, static):
        members = [type(x) is type(self) and x.level.tag == self.level.tag for x in operands]
        values = [x.value if m else x for x, m in zip(operands, members, strict=True)]
        return self.like(how(rule)(rule, values, members, static))

    def like(self, value):
        return Batch(value, self.level)

    def decide(self, rule, args, kwargs):
        if len(args) == 1 and args[0] is self and not kwargs and rule.name in ("shape", "ndim", "size"):
            return getattr(self, rule.name)
        raise NoRuleError(
            f"{rule.name if rule else 'A question'} was asked of a batch of values at once.",
            "its members may differ in the answer.",
            "the same function of one value at a time",
        )

    def __bool__(self):
        return self.decide(RULES[np.any], (), {})

    __int__ = __bool__


def how(rule):
    """How members go through ``rule`` together: a function of the rule, values, which are members, and options."""
    return _broadcast if isinstance(rule, Elementwise) else _HOW.get(rule, _one_by_one)


def _one_by_one(rule, values, members, static):
    size = next(len(v) for v, m in zip(values, members, strict=True) if m)
    each = [[v[b] if m else v for v, m in zip(values, members, strict=True)] for b in range(size)]
    return np.stack([apply(rule, tuple(operands), static) for operands in each])


def _broadcast(rule, values, members, static):
    """Members keep their trailing axes aligned with the other operands': (B, 3) beside (2, 3) becomes (B, 1, 3)."""
    most = max(len(shape_of(v)) - m for v, m in zip(values, members, strict=True))
    for k, (v, m) in enumerate(zip(values, members, strict=True)):
        if m and len(v.shape) - 1 < most:
            values[k] = np.reshape(v, (v.shape[0],) + (1,) * (most + 1 - len(v.shape)) + v.shape[1:])
    return apply(rule, tuple(values), static)


def _shifted(axis, ndim):
    """An axis of a member with ``ndim`` axes, or several, as axes of the batch."""
    return int(axis) % ndim + 1 if np.ndim(axis) == 0 else tuple(a % ndim + 1 for a in axis)


def _reduce(rule, values, members, static):
    ndim = len(values[0].shape) - 1
    axis = static.get("axis")
    axis = tuple(range(1, ndim + 1)) if axis is None else _shifted(axis, ndim)
    return apply(rule, tuple(values), {**static, "axis": axis})


def _reshape(rule, values, members, static):
    v = values[0]
    if static.get("order", "C") != "C":
        return _one_by_one(rule, values, members, static)
    shape = apply(rule, (np.broadcast_to(0.0, v.shape[1:]),), static).shape  # what the rule makes of one member
    return np.reshape(v, (v.shape[0], *shape))


def _spread(rule, values, members, static):
    v, shape = values[0], static["shape"]
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    v = np.reshape(v, (v.shape[0],) + (1,) * (len(shape) + 1 - len(v.shape)) + v.shape[1:])
    return np.broadcast_to(v, (v.shape[0], *shape))


def _transpose(rule, values, members, static):
    ndim = len(values[0].shape) - 1
    axes = static.get("axes")
    return np.transpose(values[0], (0, *_shifted(range(ndim)[::-1] if axes is None else axes, ndim)))


def _swap(rule, values, members, static):
    ndim = len(values[0].shape) - 1
    return apply(rule, tuple(values), {name: _shifted(axis, ndim) for name, axis in static.items()})


def _simple(index):
    """Whether an index means the same behind a leading axis: at most one array, and that alone."""
    return not isinstance(index, tuple) or not any(isinstance(i, list) or np.ndim(i) for i in index)


def _behind(index):
    return (slice(None), *index) if isinstance(index, tuple) else (slice(None), index)


def _getitem(rule, values, members, static):
    if not _simple(static["index"]):
        return _one_by_one(rule, values, members, static)
    return values[0][_behind(static["index"])]


def _put(rule, values, members, static):
    if not all(map(_simple, static["indices"])) or not all(members):
        return _one_by_one(rule, values, members, static)
    indices = tuple(map(_behind, static["indices"]))
    return apply(rule, tuple(values), {"indices": indices, "shape": (len(values[0]), *static["shape"])})


def _setitem(rule, values, members, static):
    """Written into every member: the batch, the axes of the target that the value lacks, those of the value."""
    (old, new), index = values, static["index"]
    if not members[0] or not _simple(index):
        return _one_by_one(rule, values, members, static)
    if members[1]:
        most = np.broadcast_to(0.0, old.shape[1:])[index].ndim
        new = np.reshape(new, (new.shape[0],) + (1,) * (most + 1 - len(new.shape)) + new.shape[1:])
    return apply(rule, (old, new), {"index": _behind(index)})


def _concatenate(rule, values, members, static):
    axis = static.get("axis", 0)
    if axis is None:
        return _one_by_one(rule, values, members, static)
    size = next(len(v) for v, m in zip(values, members, strict=True) if m)
    values = [v if m else np.broadcast_to(v, (size, *shape_of(v))) for v, m in zip(values, members, strict=True)]
    return apply(rule, tuple(values), {"axis": axis + 1 if axis >= 0 else axis})


def _matmul(rule, values, members, static):
    x, y = (len(shape_of(v)) - m for v, m in zip(values, members, strict=True))
    if (x, y) == (1, 2) and members == [True, False]:  # many vectors times one matrix: a product of two matrices
        return np.matmul(*values)
    if (x, y) == (2, 1) and members == [False, True]:
        return np.matmul(values[1], np.swapaxes(values[0], 0, 1))
    rows = values[0][..., None, :] if x == 1 else values[0]
    columns = values[1][..., None] if y == 1 else values[1]
    z = _broadcast(rule, [rows, columns], members, static)
    z = z[..., 0] if y == 1 else z
    return z if x > 1 else z[..., 0] if y == 1 else z[..., 0, :]


def _solve(rule, values, members, static):
    """Many right-hand sides of one matrix are its columns."""
    A, b = values
    if members[0] or len(A.shape) > 2 or len(b.shape) > 3:
        return _one_by_one(rule, values, members, static)
    columns = np.moveaxis(b, 0, -1)  # the members along the last axis
    x = apply(rule, (A, np.reshape(columns, (A.shape[0], -1))), static)
    return np.moveaxis(np.reshape(x, columns.shape), -1, 0)


_as_is = lambda rule, values, members, static: apply(rule, tuple(values), static)
_HOW = {astype: _as_is, where: _broadcast, concatenate: _concatenate, getitem: _getitem, put: _put, setitem: _setitem}
_HOW |= {RULES[np.sum]: _reduce, RULES[np.mean]: _reduce, RULES[np.broadcast_to]: _spread}
_HOW |= {RULES[f]: _reshape for f in (np.reshape, np.ravel, np.expand_dims, np.squeeze)}
_HOW |= {RULES[np.transpose]: _transpose, RULES[np.swapaxes]: _swap, RULES[np.moveaxis]: _swap}
_HOW |= {RULES[np.copy]: _as_is, RULES[np.matmul]: _matmul, RULES[np.linalg.solve]: _solve}
