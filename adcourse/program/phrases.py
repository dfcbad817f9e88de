"""How the rules that are no single call of NumPy's read as source: one small function for each.

Each takes the ``Writer``, the step, its arguments and options, and returns the text of the value, or None after having
written the lines itself.
"""

import math

import numpy as np

from ..core.gather import gather, picked, scatter
from ..core.inplace import constant, setitem
from ..core.rules import RULES, astype, concatenate, fraction, getitem, put
from .recorder import FLOAT, HOLD, Step
from .writer import LATE, PHRASES, is_number


def _getitem(w, step, x, *, index):
    if is_number(x):
        return f"{w.function('np.asarray', np.asarray)}({w.text(x)})[{w.index(index)}]"
    return f"{w.text(x)}[{w.index(index) or '()'}]"


def _concatenate(w, step, *parts, **static):
    options = "".join(f", {k}={w.text(v)}" for k, v in static.items())
    return f"{w.function('np.concatenate', np.concatenate)}({w.text(parts)}{options})"


def _astype(w, step, x, *, dtype):
    x = w.text(x) if not is_number(x) else f"{w.function('np.float64', np.float64)}({w.text(x)})"
    return f"{x}.astype({w.text(np.dtype(dtype))})"


def _put(w, step, *parts, indices, shape):
    """Zeros, to which every part is added at its place."""
    whole = w.name(step)
    zeros = f"{w.function('np.zeros', np.zeros)}({w.text(shape)}"
    w.line(f"{whole} = {zeros}{w.dtype(step)})")
    for k, (part, index) in enumerate(zip(parts, indices, strict=True)):
        items = index if isinstance(index, tuple) else (index,)
        if any(isinstance(i, list) or hasattr(i, "dtype") or type(i) is Step for i in items):
            w.line(f"{w.function('np.add.at', np.add.at)}({whole}, {w.text(index)}, {w.text(part)})")
        else:
            sign = "=" if k == 0 and not is_number(part) else "+="
            w.line(f"{whole}[{w.index(index) or '()'}] {sign} {w.text(part)}")


def _setitem(w, step, old, new, *, index):
    """The old array with new numbers in it; in its own memory, where nobody looks at the old one any more."""
    if type(old) is Step and w.free(old, step) and old.value.shape == step.value.shape:
        whole = w.names[step] = w.name(old)
    else:
        whole = w.name(step)
        w.line(f"{whole} = {w.function('np.array', np.array)}({w.text(old)})")
    value = new.value if type(new) is Step else new
    new = w.text(new) + ("[()]" if isinstance(value, np.ndarray) and value.ndim == 0 else "")
    w.line(f"{whole}[{w.index(index) or '()'}] = {new}")


def _gather(w, step, x, at):
    return f"{w.function('np.reshape', np.reshape)}({w.text(x)}, (-1,))[{w.text(at)}]"


def _scatter(w, step, g, at, *, shape):
    whole = w.name(step)
    zeros = f"{w.function('np.zeros', np.zeros)}({math.prod(shape)}"
    w.line(f"{whole} = {zeros}{w.dtype(step)})")
    w.line(f"{w.function('np.add.at', np.add.at)}({whole}, {w.text(at)}, {w.text(g)})")
    if len(shape) != 1:
        w.line(f"{whole} = {whole}.reshape({w.text(shape)})")


def _copied(w, step, x, order="K"):
    options = f", order={order!r}" if order != "K" else ""
    return f"{w.function('np.array', np.array)}({w.text(x)}{options})"


def _power(w, step, x, y):
    if is_number(x) and is_number(y) and not (type(y) is int or (type(y) is float and y.is_integer())):
        return w.power(x, y)
    return f"{w.factor(x)} ** {w.factor(y)}"


def _positional(*names):
    """A function whose options, in this order, stand without their names; those that are the default are left out."""

    def phrase(w, step, x, **static):
        given = [static.pop(name) for name in names if name in static]
        static = {k: v for k, v in static.items() if (k, v) != ("order", "C")}
        return w.call(w.callable(step.rule), (x, *given), static)

    return phrase


def _float(w, step, x):
    return f"float({w.text(x)})"


def _modf(w, step, x):
    return f"{w.function('np.modf', np.modf)}({w.text(x)})[0]"


def _insert(w, step, x, values, *, obj, axis=None):
    return f"{w.function('np.insert', np.insert)}({w.text(x)}, {w.text(obj)}, {w.text(values)}, {axis})"


def _several(w, step, x, **options):
    """All results side by side, as the rule has them."""
    name = step.rule.function.__name__
    options |= {"full_matrices": False} if name == "svd" else {}
    given = "".join(f", {k}={v!r}" for k, v in options.items())
    parts = w.new()
    w.line(f"{parts} = {w.function(f'np.linalg.{name}', step.rule.function)}({w.text(x)}{given})")
    reshape, shape = w.function("np.reshape", np.reshape), (*x.value.shape[:-2], -1)
    concatenate = w.function("np.concatenate", np.concatenate)
    return f"{concatenate}([{reshape}(part, {shape}) for part in {parts}], axis=-1)"


def _dft(w, step, x, *, inverse, norm):
    x, z, name = w.text(x), w.new(), "ifft" if inverse else "fft"
    function = w.function(f"np.fft.{name}", getattr(np.fft, name))
    w.line(f"{z} = {function}({x}[..., 0] + 1j * {x}[..., 1], norm={norm!r})")
    return f"{w.function('np.stack', np.stack)}([{z}.real, {z}.imag], axis=-1)"


PHRASES |= {
    getitem: _getitem, concatenate: _concatenate, astype: _astype, put: _put, setitem: _setitem, gather: _gather,
    picked: _gather, scatter: _scatter, HOLD: _copied, constant: _copied, RULES[np.copy]: _copied,
    RULES[np.power]: _power,
    RULES[np.reshape]: _positional("shape"), RULES[np.broadcast_to]: _positional("shape"),
    RULES[np.transpose]: _positional("axes"), RULES[np.swapaxes]: _positional("axis1", "axis2"),
    RULES[np.moveaxis]: _positional("source", "destination"), RULES[np.expand_dims]: _positional("axis"),
    fraction: _modf, FLOAT: _float, RULES[np.insert]: _insert,
    **{RULES[f]: _several for f in (np.linalg.slogdet, np.linalg.eigh, np.linalg.qr, np.linalg.svd)},
}  # fmt: skip
LATE["fft"] = _dft
