"""Shorter ways to the same bits: what NumPy's functions call in the end, without what they do before.

``np.sum(x)`` on ten numbers takes a microsecond and a half, ``np.add.reduce(x)`` less than one.
"""

import numpy as np

from ..core.kinds import shape_of
from ..core.rules import put
from .blocks import LARGE, POWERS, scattered
from .machine import IDIOMS
from .recorder import Step
from .writer import PHRASES


def _sum(w, step, x, *, axis=None, **static):
    options = "".join(f", {k}={w.text(v)}" for k, v in static.items())
    axis = "" if axis is None and x.value.ndim == 1 else f", {w.text(axis)}"
    return f"{w.function('np.add.reduce', np.add.reduce)}({w.text(x)}{axis}{options})"


def _shaped(w, step, x, **static):
    if static.get("order", "C") != "C":
        return w.expression(step)
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
    w.line(f"{whole} = {w.function('np.zeros', np.zeros)}({shape[0]}, {w.text(step.value.dtype)})")
    w.line(f"{whole}[{w.index(indices[0])}] = {w.text(parts[0])}")
    for part, i in zip(parts[1:], indices[1:], strict=True):
        piece = w.new()
        w.line(f"{piece} = {whole}[{w.index(i)}]")
        w.line(f"{w.function('np.add', np.add)}({piece}, {w.text(part)}, {piece})")
    return None


def share_not(part):
    return type(part) is Step and shape_of(part.value)


IDIOMS |= {
    np.sum: _sum, np.reshape: _shaped, np.ravel: _shaped, np.expand_dims: _shaped, np.squeeze: _shaped,
    np.transpose: _transposed, np.swapaxes: _transposed, np.moveaxis: _transposed, np.power: _power_of_array,
    put.function: _put_slices,
}  # fmt: skip
