"""Nested tuples, lists and dicts of numbers and arrays: taken apart and put together again."""

import math
from copy import copy
from operator import itemgetter

import numpy as np

from .errors import InputError
from .kinds import dtype_of, shape_of

_NESTS = (tuple, list, dict)
_only = itemgetter(0)


def flatten(tree):
    """The leaves of ``tree`` in order, and a function that builds a tree of the same form from a list of new leaves.

    Named tuples and kinds of dict keep their type. None inside a container is no leaf: it stays where it is.

    >>> leaves, build = flatten({"w": (1.0, [2.0], None)})
    >>> leaves, build([10, 20])
    ([1.0, 2.0], {'w': (10, [20], None)})
    """
    if not isinstance(tree, _NESTS):
        return [tree], _only
    if type(tree) is tuple:
        for t in tree:
            if t is None or isinstance(t, _NESTS):
                break
        else:
            return list(tree), tuple
    leaves = []

    def take(t):
        if isinstance(t, dict):
            parts = {k: inside(v) for k, v in t.items()}
            if type(t) is dict:
                return lambda new: {k: part(new) for k, part in parts.items()}

            def fill(new):  # an ordered or default dict
                same = copy(t)
                for k, part in parts.items():
                    same[k] = part(new)
                return same

            return fill
        if isinstance(t, (tuple, list)):
            parts = [inside(v) for v in t]
            kind = type(t)
            make = kind._make if hasattr(kind, "_make") else kind  # named tuples
            return lambda new: make([part(new) for part in parts])
        leaves.append(t)
        return next

    def inside(t):
        return _none if t is None else take(t)

    take_again = take(tree)
    found = leaves.copy()
    leaves.clear()  # take refers to itself and to this list: arrays in it would wait for the garbage collector
    return found, lambda new: take_again(iter(new))


def _none(new):
    return None


def leaves_like(tree, like, what):
    """The leaves of ``tree`` in the order of those of ``like``, whose form it must have (dicts go by their keys)."""
    if isinstance(like, dict):
        same = isinstance(tree, dict) and tree.keys() == like.keys()
        pairs = [(tree[k], v) for k, v in like.items()] if same else ()
    elif isinstance(like, (tuple, list)):
        same = isinstance(tree, (tuple, list)) and len(tree) == len(like)
        pairs = zip(tree, like, strict=True) if same else ()
    else:
        return [tree]
    if not same:
        raise InputError(
            f"{what} {tree!r} don't have the form of {like!r}.",
            "there must be one for each number, in the same tuples, lists and dicts.",
            "the same containers with the same lengths and keys around them",
        )
    return [leaf for t, v in pairs if v is not None for leaf in leaves_like(t, v, what)]


def paths(tree, name):
    """The names of the leaves of ``tree``, as Python writes them: ``p[0]``, ``p['w']``."""
    if isinstance(tree, dict):
        return [path for k, v in tree.items() if v is not None for path in paths(v, f"{name}[{k!r}]")]
    if isinstance(tree, (tuple, list)):
        return [path for k, v in enumerate(tree) if v is not None for path in paths(v, f"{name}[{k}]")]
    return [name]


def ravel(leaves):
    """The numbers of all leaves in one vector, and a function that makes such leaves of a vector."""
    forms, start = [], 0
    for x in leaves:
        stop = start + math.prod(shape_of(x))
        forms.append((start, stop, shape_of(x), dtype_of(x)))
        start = stop

    def unravel(v):
        parts = [np.reshape(v[a:b], shape) if shape else v[a] for a, b, shape, _ in forms]
        mine = dtype_of(v)
        return [p if to in (None, mine) else p.astype(to) for p, (*_, to) in zip(parts, forms, strict=True)]

    parts = [np.reshape(x, (-1,)) for x in leaves]
    return parts[0] if len(parts) == 1 else np.concatenate(parts), unravel
