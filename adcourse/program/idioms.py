"""Shorter ways to the same bits: what NumPy's functions call in the end, without what they do before.

``np.sum(x)`` on ten numbers takes a microsecond and a half, ``np.add.reduce(x)`` less than one.
"""

from functools import cache, reduce

import numpy as np

from ..core.kinds import shape_of
from ..core.rules import getitem, put
from .blocks import LARGE, POWERS, scattered
from .machine import FEW, IDIOMS, PACK, UNPACK
from .recorder import Step
from .writer import PHRASES

REDUCED = {
    np.sum: np.add, np.prod: np.multiply, np.max: np.maximum, np.min: np.minimum, np.all: np.logical_and,
    np.any: np.logical_or,
}  # fmt: skip


def _reduced(w, step, x, axis=None, *others, **static):
    if others:
        return w.expression(step)
    function = REDUCED[step.rule.function]
    if function is np.add and not static and axis in (None, 0, (0,)) and in_a_row(x.value):
        terms = w.terms[: x.value.size]
        w.line(f"{', '.join(terms)}, = {w.text(x)}.tolist()")
        text = added(terms)
        return text if step in w.arithmetic else f"{w.function('np.float64', np.float64)}({text})"
    options = "".join(f", {k}={w.text(v)}" for k, v in static.items())
    axis = "" if axis is None and x.value.ndim == 1 else f", {w.text(axis)}"
    return f"{w.function(f'np.{function.__name__}.reduce', function.reduce)}({w.text(x)}{axis}{options})"


def in_a_row(x):
    """Whether it is a vector so short that Python adds its numbers faster than NumPy."""
    return x.ndim == 1 and 0 < x.size <= FEW and x.dtype == np.dtype(float) and adds_alike()


def added(terms, plus="({} + {})".format, zero="0.0"):
    """A sum as NumPy has it: eight sums side by side, then what is left, and never -0 (of at most 128 numbers)."""
    whole = len(terms) // 8 * 8
    lanes = [reduce(plus, terms[k:whole:8]) for k in range(8)] if whole else []
    while len(lanes) > 1:
        lanes = [plus(a, b) for a, b in zip(lanes[::2], lanes[1::2], strict=True)]
    return reduce(plus, [*lanes, *terms[whole:], zero])


@cache
def adds_alike():
    """Whether this NumPy adds so: tried on numbers of all sizes and signs."""
    rng = np.random.default_rng(0)
    for n in range(1, FEW + 1):
        terms = [f"x{k}" for k in range(n)]
        add = eval(f"lambda {', '.join(terms)}: {added(terms)}")
        for x in (*np.exp(rng.normal(0, 9, (20, n))) * rng.choice([-1, 1], (20, n)), np.full(n, -0.0), np.zeros(n)):
            if add(*x.tolist()).hex() != float(np.add.reduce(x)).hex():
                return False
    return True


def _picked(w, step, x, *, index):
    if type(index) is np.ndarray and index.ndim == x.value.ndim == 1 and index.dtype.kind == "i":
        return f"{w.text(x)}.take({w.text(index)})"
    return PHRASES[step.rule](w, step, x, index=index)


def _shaped(w, step, x, **static):
    if static.get("order", "C") != "C":
        return w.expression(step)
    if step.rule.function is np.ravel:  # a copy of what has gaps or is turned, where reshape may give a view
        return f"{w.text(x)}.ravel()"
    return f"{w.text(x)}.reshape({w.text(step.value.shape)})"


def _transposed(w, step, x, **static):
    """The axes of the result, as a transposition of lengths that are all different shows them."""
    lengths = np.broadcast_to(0, range(1, x.value.ndim + 1))
    return f"{w.text(x)}.transpose({w.text(tuple(n - 1 for n in step.rule.function(lengths, **static).shape))})"


def _power_of_array(w, step, x, y):
    function = POWERS.get(float(y)) if type(y) in (int, float) else None
    if function is None:
        if step in w.scalars:
            return f"{w.function('np.power', np.power)}({w.text(x)}, {w.text(y)})"
        return f"{w.factor(x)} ** {w.factor(y)}"
    return f"{w.function(f'np.{function.__name__}', function)}({w.text(x)})"


def _put_slices(w, step, *parts, indices, shape):
    """Slices of a vector: each part in one call."""
    ends = [i.indices(shape[0]) if len(shape) == 1 and type(i) is slice else None for i in indices]
    if None in ends or any(e[2] != 1 for e in ends) or step.value.dtype != parts[0].value.dtype:
        return PHRASES[step.rule](w, step, *parts, indices=indices, shape=shape)
    whole = w.name(step)
    if step.value.nbytes >= LARGE and all(share_not(p) for p in parts):
        empty = f"{w.function('np.empty', np.empty)}({shape[0]}, {w.text(step.value.dtype)})"
        starts = tuple(e[0] for e in ends)
        return f"{w.function('scattered', scattered)}({empty}, {w.text(parts)}, {starts})"
    w.line(f"{whole} = {w.function('np.zeros', np.zeros)}({shape[0]}{w.dtype(step)})")
    begun = 2 if len(parts) > 1 and indices[0] == indices[1] else 1
    if begun == 1:
        w.line(f"{whole}[{w.index(indices[0])}] = {w.text(parts[0])}")
    else:
        a, b = map(w.text, parts[:2])
        w.line(f"{w.function('np.add', np.add)}({a}, {b}, {whole}[{w.index(indices[0])}])")
    for part, i in zip(parts[begun:], indices[begun:], strict=True):
        piece = w.new()
        w.line(f"{piece} = {whole}[{w.index(i)}]")
        w.line(f"{w.function('np.add', np.add)}({piece}, {w.text(part)}, {piece})")
    return None


def _unpacked(w, step, x):
    """All numbers of a vector in one line."""
    parts = {part.rule.k: part for part in w.readers[step]}
    w.fused.update(parts.values())
    names = [w.name(parts[k]) if k in parts else "_" for k in range(x.value.size)]
    flat = w.text(x) if x.value.ndim == 1 else f"{w.text(x)}.ravel()"
    w.line(f"{', '.join(names)}, = {flat}.tolist()")


def _packed(w, step, *numbers, shape):
    w.owned.add(step)
    array = f"{w.function('np.array', np.array)}([{', '.join(map(w.text, numbers))}])"
    return array if len(shape) == 1 else f"{array}.reshape({w.text(shape)})"


def share_not(part):
    return type(part) is Step and shape_of(part.value)


IDIOMS |= {
    **dict.fromkeys(REDUCED, _reduced), np.reshape: _shaped, np.ravel: _shaped, np.expand_dims: _shaped,
    np.squeeze: _shaped, np.transpose: _transposed, np.swapaxes: _transposed, np.moveaxis: _transposed,
    np.power: _power_of_array, getitem.function: _picked, put.function: _put_slices,
}  # fmt: skip
PHRASES |= {UNPACK: _unpacked, PACK: _packed}
