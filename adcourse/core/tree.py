"""Nested tuples, lists and dicts of numbers and arrays: taken apart and put together again."""

from operator import itemgetter

_NESTS = (tuple, list, dict)
_only = itemgetter(0)


def flatten(tree):
    """The leaves of ``tree`` in order, and a function that builds a tree of the same form from a list of new leaves.

    >>> leaves, build = flatten({"w": (1.0, [2.0])})
    >>> leaves, build([10, 20])
    ([1.0, 2.0], {'w': (10, [20])})
    """
    if not isinstance(tree, _NESTS):
        return [tree], _only
    if type(tree) is tuple and not any(isinstance(t, _NESTS) for t in tree):
        return list(tree), tuple
    leaves = []

    def take(t):
        if isinstance(t, dict):
            parts = {k: take(v) for k, v in t.items()}
            return lambda new: {k: part(new) for k, part in parts.items()}
        if isinstance(t, (tuple, list)):
            parts = [take(v) for v in t]
            kind = type(t)
            make = kind._make if hasattr(kind, "_make") else kind  # named tuples
            return lambda new: make([part(new) for part in parts])
        leaves.append(t)
        return next

    take_again = take(tree)
    return leaves, lambda new: take_again(iter(new))


def paths(tree, name):
    """The names of the leaves of ``tree``, as Python writes them: ``p[0]``, ``p['w']``."""
    if isinstance(tree, dict):
        return [path for k, v in tree.items() for path in paths(v, f"{name}[{k!r}]")]
    if isinstance(tree, (tuple, list)):
        return [path for k, v in enumerate(tree) for path in paths(v, f"{name}[{k}]")]
    return [name]
