"""The broadcast view: which axes are copied on the way forward, and over which adjoints are summed on the way back."""

from itertools import combinations
from math import prod
from numbers import Integral

import numpy as np

from ..core.errors import InputError
from .base import InteractivePicture
from .drawn import Drawing, stroke, words

AXES, NAMES = 4, "abc"


class BroadcastView(InteractivePicture, module="broadcast_view.js", using=("frame.js", "table.js", "drawn.js")):
    """How shapes meet in ``a + b``, and what that means for adjoints: ``BroadcastView((4, 3), (3,))``.

    Two or three operands, given by their shapes or as arrays, of at most four axes. Predicted and shown are the shape
    of the result; for each operand the axes over which its adjoint is summed, because it was copied along them; and how
    many shares each of its entries collects.

    Attributes for a later cell: ``shape``, of the result; ``axes`` and ``copies``, dicts from "a", "b", "c" to the axes
    of the result that are summed, and to the number of copies; ``step``, ``done`` and ``predictions``. Raises
    InputError if the shapes can't be broadcast.

    >>> view = BroadcastView((4, 3), (3,))
    >>> view.shape, view.axes, view.copies
    ((4, 3), {'a': (), 'b': (0,)}, {'a': 1, 'b': 4})
    """

    def __init__(self, *operands):
        shapes = _shapes(operands)
        self.shape, self._shapes = _result(shapes), dict(zip(NAMES, shapes, strict=False))
        self.axes = {name: summed(shape, self.shape) for name, shape in self._shapes.items()}
        self.copies = {name: prod(self.shape[k] for k in axes) for name, axes in self.axes.items()}
        steps = [_forward(self._shapes, self.shape)]
        begins = {}
        for name, shape in self._shapes.items():
            begins[name] = len(steps) + 1
            steps.append(_backward(name, shape, self.shape, self.axes[name]))
            if self.copies[name] > 1:
                steps.append(_count(name, shape, self.shape, self.copies[name]))
        shown = " and ".join(f"{name} {_words(shape)}" for name, shape in self._shapes.items())
        draw = lambda static: _drawing(self._shapes, self.shape, self.axes, begins, static)
        self._drawing = draw(static=True)
        cells = [[self._cell(name, k) for name in self._shapes] for k in range(len(self.shape))]
        super().__init__(
            {
                "title": f"Broadcasting {shown}",
                "start": f"The operands have the shapes {shown}. Broadcasting aligns them at the last axis.",
                "steps": steps,
                "columns": [["result", "result"], *([name, name] for name in self._shapes)],
                "axes": [str(k) for k in range(len(self.shape))],
                "cells": [[str(n), *row] for n, row in zip(self.shape, cells, strict=True)],
                "begins": [1, *begins.values()],
                "svg": draw(static=False).inline(),
            }
        )

    def _picture(self):
        return self._drawing

    def _table(self):
        rows = [[axis, *cells] for axis, cells in zip(self.data["axes"], self.data["cells"], strict=True)]
        return self.data["title"], ["axis of the result", "its length", *self._shapes], rows

    def _cell(self, name, k):
        """What one axis of the result is to one operand, forward and back."""
        shape, n = self._shapes[name], self.shape[k]
        own = k - len(self.shape) + len(shape)
        if k not in self.axes[name]:
            return f"{n}: nothing to sum"
        if own < 0:
            return f"none, copied {n} times: sum over {n}, axis dropped"
        return f"1, copied {n} times: sum over {n}, axis kept"


def summed(shape, result):
    """The axes of ``result`` over which the adjoint of an operand of this shape is summed: those that were added in
    front, and those of length 1 that were stretched.

    >>> summed((3, 1), (2, 3, 4))
    (0, 2)
    """
    front = len(result) - len(shape)
    return tuple(k for k, n in enumerate(result) if k < front or (shape[k - front] == 1 and n > 1))


# ---------------------------------------------------------------------------------------------- steps


def _forward(shapes, result):
    given = list(shapes.values())
    aligned = [(1,) * (len(result) - len(s)) + s for s in given]
    left = [s + (1,) * (len(result) - len(s)) for s in given]
    wrong = {
        tuple(max(n) for n in zip(*left, strict=True)): "Shapes are aligned at the last axis, not at the first.",
        tuple(min(n) for n in zip(*aligned, strict=True)): "An axis of length 1 is stretched to the other's length.",
        sum(given, ()): "That would hold every pair of entries; entries in the same place meet.",
        **{s: f"That is the shape of {name} alone." for name, s in shapes.items()},
    }
    wrong.pop(result, None)
    options = sorted(
        [[_words(result), _words(result), None], *([_words(s), _words(s), why] for s, why in wrong.items())]
    )
    names = " and ".join(shapes)
    return {
        "say": f"Forward: axis by axis from the right, lengths are equal or 1 or missing. The result has the shape "
        f"{_words(result)}.",
        "ask": {
            "name": "shape", "question": f"what shape has the result of broadcasting {names}?",
            "answer": _words(result), "shown": _words(result), "options": options,
        },
    }  # fmt: skip


def _backward(name, shape, result, axes):
    front = len(result) - len(shape)
    how = []
    for k in axes:
        kind = "was added in front and is dropped" if k < front else "was stretched from 1 and stays with length 1"
        how.append(f"axis {k} {kind}")
    sums = f"is summed: {'; '.join(how)}" if axes else "needs no sum: nothing was copied"
    subsets = [some for count in range(len(result) + 1) for some in combinations(range(len(result)), count)]
    options = [[_listed(some), _listed(some), _why(name, axes, some, result, front)] for some in subsets]
    return {
        "say": f"Back to {name} {_words(shape)}: the adjoint, of shape {_words(result)}, {sums}.",
        "ask": {
            "name": f"axes of {name}", "options": options, "answer": _listed(axes), "shown": _listed(axes),
            "question": f"over which axes of {_words(result)} is the adjoint for {name} {_words(shape)} summed?",
        },
    }  # fmt: skip


def _why(name, right, given, result, front):
    """What is wrong with summing over the given axes, or None."""
    for k in range(len(result)):
        if k in right and k not in given:
            how = "was added in front" if k < front else f"was stretched from 1 to {result[k]}"
            return f"Axis {k} {how}: {name} was copied along it, and the adjoint of a copy is a sum."
        if k in given and k not in right:
            return f"Along axis {k} each entry of {name} is used once: nothing was copied, so nothing is summed."
    return None


def _count(name, shape, result, copies):
    size, entries = prod(result), prod(shape)
    return {
        "say": f"Each entry of {name} was used {copies:,} times, so it collects {copies:,} shares: {copies:,} if each "
        f"is 1. Together {entries:,} × {copies:,} = {size:,}, as many as the result has entries.",
        "ask": {
            "name": f"shares of {name}", "answer": copies, "shown": f"{copies:,}", "tolerance": 0,
            "question": f"if every entry of the result has the adjoint 1, what is the adjoint of each entry of {name}?",
            "mistakes": [
                [m, why] for m, why in (
                    (1, "A copy hands its adjoint back; an entry that was copied collects them all."),
                    (size, "That is the sum over the whole result; each entry collects only from its own copies."),
                    (entries, f"That is how many entries {name} has."),
                ) if m != copies
            ],
        },
    }  # fmt: skip


def _listed(axes):
    if not axes:
        return "none"
    return f"axis {axes[0]}" if len(axes) == 1 else "axes " + ", ".join(map(str, axes))


def _words(shape):
    return str(tuple(shape))


# ---------------------------------------------------------------------------------------------- the picture


def _drawing(shapes, result, axes, begins, static):
    """A column for each axis of the result, a row for each operand: a copied axis is dashed, a missing one dotted."""
    left, wide, high = 110, 104, 50
    parts = [words(left + wide * (k + 0.5) - 5, 16, f"axis {k}", "muted", "middle") for k in range(len(result))]
    y = 26
    for name, shape in shapes.items():
        parts.append(words(4, y + 24, f"{name} {_words(shape)}"))
        front = len(result) - len(shape)
        for k, n in enumerate(result):
            x = left + wide * k
            box = f"M{x} {y}h{wide - 10}v38h{10 - wide}z"
            if k not in axes[name]:
                parts.append(stroke(box, "primal", 2) + words(x + 47, y + 24, f"{n}", "primal", "middle"))
                continue
            parts.append(stroke(box, "primal", 1.5, "dotted" if k < front else "dashed"))
            before = "none" if k < front else "1"
            if not static:
                parts.append(words(x + 47, y + 24, before, "primal", "middle", ' data-only="0"'))
            parts.append(words(x + 47, y + 17, f"{before} → {n}", "primal", "middle", ' data-from="1"'))
            parts.append(words(x + 47, y + 33, f"Σ over {n}", "adjoint", "middle", f' data-from="{begins[name]}"'))
        y += high
    parts.append(words(4, y + 24, "result", more=' data-from="1"'))
    for k, n in enumerate(result):
        x = left + wide * k
        parts.append(stroke(f"M{x} {y}h{wide - 10}v38h{10 - wide}z", "ink", 2, more=' data-from="1"'))
        parts.append(words(x + 47, y + 24, f"{n}", "ink", "middle", ' data-from="1"'))
    said = "; ".join(f"{name} {_words(shape)} is summed over {_listed(axes[name])}" for name, shape in shapes.items())
    alt = f"Shapes aligned at the last axis. The result has the shape {_words(result)}. Back, the adjoint for {said}."
    return Drawing(left + wide * max(len(result), 1) + 10, y + 50, alt, parts)


# ---------------------------------------------------------------------------------------------- what is refused


def _shapes(operands):
    if len(operands) not in (2, 3):
        raise InputError(
            f"BroadcastView was given {len(operands)} operand{'s' * (len(operands) != 1)}.",
            "it shows how two or three shapes meet.",
            "BroadcastView((4, 3), (3,))",
        )
    found = []
    for operand in operands:
        given = isinstance(operand, (tuple, list)) and all(isinstance(n, Integral) for n in operand)
        if not given and np.asarray(operand).dtype.kind not in "biufc":
            raise InputError(
                f"BroadcastView was given {operand!r}.",
                "each operand is a shape, or an array of numbers.",
                "BroadcastView((4, 3), (3,))",
            )
        shape = tuple(int(n) for n in operand) if given else np.shape(operand)
        if len(shape) > AXES or any(n < 1 for n in shape):
            raise InputError(
                f"BroadcastView was given the shape {shape}.",
                f"it has columns for {AXES} axes, and an axis has at least one entry.",
                "BroadcastView((4, 3), (3,))",
            )
        found.append(shape)
    return found


def _result(shapes):
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        pass
    rank = max(map(len, shapes))
    aligned = [(1,) * (rank - len(s)) + s for s in shapes]
    k = next(k for k in reversed(range(rank)) if len({s[k] for s in aligned} - {1}) > 1)
    lengths = [s[k] for s in aligned]
    first, second = (lengths.index(n) for n in [*dict.fromkeys(n for n in lengths if n > 1)][:2])
    raise InputError(
        f"The shapes {' and '.join(map(str, shapes))} can't be broadcast.",
        f"aligned at the last axis, {NAMES[first]} has length {lengths[first]} where {NAMES[second]} has "
        f"{lengths[second]}; lengths must be equal, or one of them 1.",
        _instead(shapes),
    )


def _instead(shapes):
    """The shapes with an axis of length 1 behind one of them, if they fit then; of the ways to do so the smallest."""
    found = []
    for k, shape in enumerate(shapes):
        tried = [*shapes[:k], (*shape, 1), *shapes[k + 1 :]]
        try:
            found.append((len(np.broadcast_shapes(*tried)), k, tried))
        except ValueError:
            continue
    if not found:
        return "BroadcastView((4, 3), (3,)), or (4, 1) for one number a row"
    _, k, tried = min(found)
    return f"BroadcastView({', '.join(map(str, tried))}), which is {NAMES[k]}[..., None] for an array"
