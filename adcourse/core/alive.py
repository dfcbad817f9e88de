"""What a tape keeps alive, in bytes: all in all, and over the time of a run and of its reverse sweep."""

from typing import NamedTuple

import numpy as np

from .kinds import Spec, dtype_of, shape_of, size_of
from .levels import Traced


class Timeline(NamedTuple):
    """Bytes alive when row i has been recorded (``forward``), and when the sweep has handed on its adjoint."""

    forward: list
    reverse: list


def innermost(values):
    """What these values are made of in the end: traced ones and tuples, lists and dicts are taken apart."""
    left = list(values)
    while left:
        x = left.pop()
        if isinstance(x, Traced):
            left.extend(x.parts)
        elif isinstance(x, (tuple, list)):
            left.extend(x)
        elif isinstance(x, dict):
            left.extend(x.values())
        else:
            yield x


def kept_by(values, seen):
    """The bytes of the arrays and numbers in these values that aren't in ``seen``, which gets them.

    A view keeps all of the array that it looks at. A number counts 8 bytes (its Python object takes more).
    """
    total = 0
    for x in innermost(values):
        if isinstance(x, float) or (hasattr(x, "nbytes") and not isinstance(x, memoryview)):
            while isinstance(getattr(x, "base", None), np.ndarray):
                x = x.base
            if id(x) not in seen:
                seen[id(x)] = x
                total += getattr(x, "nbytes", 8)
    return total


def row_bytes(tape):
    """For each row, the bytes that it keeps alive and no row before it does."""
    seen, found = {}, []
    for rule, _, primals, static, value in tape.rows:
        if rule is None:  # a number from numbers: the partials by one or two of them
            found.append(kept_by((static,) if primals is None else (static, value), seen))
        else:
            found.append(kept_by((primals, static, value, rule.held() if rule.spliced else ()), seen))
    return found


def timeline(tape):
    """See ``Tape.timeline``."""
    forward = np.cumsum([0, *row_bytes(tape)])[1:].tolist()
    n, total = len(tape.rows), forward[-1] if forward else 0
    size = [8 if rule is None or not shape_of(z) else size_of(z) * _itemsize(z) for rule, *_, z in tape.rows]
    reached = [False] * n
    alive, reverse = 0, [0] * n
    for i in tape.outputs:
        if i is not None and not reached[i]:
            reached[i], alive = True, alive + size[i]
    inputs = set(tape.inputs)
    for i in range(n - 1, -1, -1):
        rule, left, right, *_ = tape.rows[i]
        if reached[i]:
            for p in (left, right) if rule is None else left:
                if p is not None and not reached[p]:
                    reached[p], alive = True, alive + size[p]
            alive -= 0 if i in inputs else size[i]
        reverse[i] = total + alive
    return Timeline(forward, reverse)


def _itemsize(value):
    dtype = value.dtype if isinstance(value, Spec) else dtype_of(value)
    return 8 if dtype is None else dtype.itemsize
