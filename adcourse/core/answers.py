"""Questions without derivative (``x > 0``, ``argmax``, ``argsort``), asked of a batch: an answer for each member."""

import inspect
import math

import numpy as np

from .errors import varies
from .kinds import shape_of, stand_in
from .levels import Traced, bare, batches, bottom, highest
from .members import aligned, member, shifted
from .tree import flatten

_SHAPES = """shape ndim size result_type can_cast common_type iscomplexobj isrealobj diag_indices_from tril_indices_from
    triu_indices_from einsum_path"""
SHAPES = {getattr(np, name) for name in _SHAPES.split()}  # one answer for all members
MEMORY = {np.may_share_memory, np.shares_memory}
VARYING = {np.nonzero, np.flatnonzero, np.argwhere, np.ix_, np.unique}  # as many numbers as the answer is True


def answer(rule, args, kwargs):
    """The answer of ``rule`` to a question of batches, as a batch of plain answers."""
    args, kwargs = bare(args), bare(kwargs)
    top = highest(batches((args, kwargs)))
    function = rule.function
    if top is None:
        return rule.compute(*args, **kwargs)
    if top.recorded:
        return top.decide(rule, args, kwargs)
    if function in SHAPES or function in MEMORY:
        leaves, build = flatten((args, kwargs))
        args, kwargs = build([(stand_in if function in SHAPES else bottom)(x) for x in leaves])
        return rule.compute(*args, **kwargs)
    if function in VARYING:
        raise varies(f"a question whose answer, np.{rule.name}, has another shape for each")
    if getattr(rule.compute, "__self__", None) is function:  # a method of a ufunc: np.logical_and.reduce
        how = _each
    else:
        how = _elementwise if isinstance(function, np.ufunc) or function in ELEMENTWISE else HOW.get(function, _each)

    def again(*args, **kwargs):  # there may be batches of other levels
        return answer(rule, args, kwargs)

    found = how(again, function, args, kwargs, top.level)
    wrap = lambda x: type(top)(x, top.level)
    return tuple(map(wrap, found)) if isinstance(found, tuple) else wrap(found)


def _is(x, level):
    return isinstance(x, Traced) and x.level is level


def _value(x, level):
    return x.value if _is(x, level) else x


def _each(compute, function, args, kwargs, level):
    """Member by member."""
    leaves, build = flatten((args, kwargs))
    mine = [_is(x, level) for x in leaves]
    size = next(len(x.value) for x, m in zip(leaves, mine, strict=True) if m)
    found = []
    for b in range(max(size, 1)):
        args, kwargs = build([member(x.value, b) if m else x for x, m in zip(leaves, mine, strict=True)])
        found.append(compute(*args, **kwargs))
    if isinstance(found[0], tuple):
        return tuple(_stack(column)[:size] for column in zip(*found, strict=True))
    return _stack(found)[:size]


def _stack(answers):
    if len({np.shape(a) for a in answers}) > 1:
        raise varies("a question whose answers differ in shape")
    return np.stack(answers)


def _elementwise(compute, function, args, kwargs, level):
    if any(_is(x, level) for x in kwargs.values()):
        return _each(compute, function, args, kwargs, level)
    args = [np.array(x) if isinstance(x, (list, tuple)) else x for x in args]
    members = [_is(x, level) for x in args]
    return compute(*aligned([_value(x, level) for x in args], members), **kwargs)


def _given(function, args, kwargs):
    return inspect.signature(function).bind(*args, **kwargs).arguments


def _along(over_all, default=None):
    """A question along an axis; along none, of all numbers: ``over_all`` says whether as several axes or as one."""

    def how(compute, function, args, kwargs, level):
        given = _given(function, args, kwargs)
        a, axis = given.pop("a"), given.pop("axis", default)
        if batches(dict(given)) or not _is(a, level) or (axis is None and given.get("keepdims") and not over_all):
            return _each(compute, function, args, kwargs, level)
        value, ndim = a.value, len(shape_of(a))
        if axis is None and not over_all:
            value, axis, ndim = np.reshape(value, (len(value), math.prod(a.shape))), 0, 1
        axis = tuple(range(1, ndim + 1)) if axis is None else shifted(axis, ndim)
        return compute(value, axis=axis, **given)

    return how


def _stacked(name, least=0):
    """A question of which one argument may have any number of axes in front."""

    def how(compute, function, args, kwargs, level):
        given = _given(function, args, kwargs)
        if len([x for x in given.values() if _is(x, level)]) > 1 or not _is(given[name], level):
            return _each(compute, function, args, kwargs, level)
        if len(shape_of(given[name])) < least:
            return _each(compute, function, args, kwargs, level)
        return compute(**{k: _value(x, level) for k, x in given.items()})

    return how


_ENTRIES = """greater greater_equal less less_equal equal not_equal floor_divide sign floor ceil trunc rint round around
    fix signbit spacing isfinite isnan isinf isposinf isneginf iscomplex isreal angle isclose nan_to_num
    logical_and logical_or logical_not logical_xor"""
ELEMENTWISE = {getattr(np, name) for name in _ENTRIES.split()}
HOW = dict.fromkeys((np.any, np.all, np.count_nonzero), _along(True))
HOW |= dict.fromkeys((np.argmax, np.argmin, np.nanargmax, np.nanargmin), _along(False))
HOW |= dict.fromkeys((np.argsort, np.argpartition), _along(False, -1))
HOW |= {np.searchsorted: _stacked("v"), np.digitize: _stacked("x"), np.isin: _stacked("element")}
HOW |= {np.linalg.matrix_rank: _stacked("A", 2)}
