"""A recorded program as Python source: one line for each step.

``Writer`` knows how each function reads on a page: ``x * y``, ``np.sin(x)``, ``x[1:]``; the few that aren't one call of
NumPy's are two or three lines. The same lines serve a reader (``tape.source()``), with NumPy's names, and the machine
(``replay``), where names are bound beforehand and numbers are Python's floats.
"""

import math
import sys
from collections import Counter

import numpy as np

from .gather import gather, scatter
from .inplace import constant, setitem
from .kinds import Elementwise, shape_of
from .program import GUARD, HOLD, INPUT, Asked, Part, Step, steps_in
from .rules import RULES, astype, concatenate, fraction, getitem, put

INFIX = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.matmul: "@", np.remainder: "%",
    np.power: "**", np.floor_divide: "//", np.greater: ">", np.greater_equal: ">=", np.less: "<",
    np.less_equal: "<=", np.equal: "==", np.not_equal: "!=", np.bitwise_and: "&", np.bitwise_or: "|",
}  # fmt: skip
PREFIX = {np.negative: "-", np.positive: "+"}
MODULES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}
THEIRS = {np.absolute, np.reshape, np.ravel, np.linalg.cholesky}  # whose own ``compute`` does what NumPy's does here


class Writer:
    """The lines of a program, the names in it, and what the names that aren't its own stand for (``bound``)."""

    def __init__(self, program):
        self.program, self.lines, self.bound = program, [], {}
        self.names, self.taken, self.count = {}, set(), 0
        self.uses = Counter(x for step in program.steps for x in step.reads)
        self.uses.update(steps_in(program.outputs))
        self.last = {x: step for step in program.steps for x in step.reads}
        self.last.update((x, None) for x in steps_in(program.outputs))
        self.owned = set()  # arrays that were made by the program and that nothing else looks into
        self.viewed = {}  # what a view looks into
        self.writing = None

    # ------------------------------------------------------------------ names and values
    def name(self, step):
        """The name of a step's value."""
        if step not in self.names:
            self.names[step] = self.new(step.name)
        return self.names[step]

    def new(self, wish=None):
        self.count += wish is None
        name = wish or f"v{self.count}"
        while name in self.taken:
            name = f"{name}_"
        self.taken.add(name)
        return name

    def bind(self, prefix, thing):
        """A name for an object that can't be written as text."""
        for name, known in self.bound.items():
            if known is thing:
                return name
        name = self.new(f"{prefix}{len(self.bound)}")
        self.bound[name] = thing
        return name

    def text(self, x):
        """A step or a constant as it stands in the program."""
        if type(x) is Step:
            return self.name(x)
        if type(x) is tuple:
            return f"({', '.join(map(self.text, x))}{',' * (len(x) == 1)})"
        if type(x) is list:
            return f"[{', '.join(map(self.text, x))}]"
        if type(x) is dict:
            return f"{{{', '.join(f'{k!r}: {self.text(v)}' for k, v in x.items())}}}"
        if type(x) is float:
            text = repr(x) if math.isfinite(x) else self.function(f"np.{abs(x)}", abs(x))
            return f"({text})" if text[0] == "-" else f"(-{text})" if x == -math.inf else text
        if type(x) is slice:
            return f"slice({self.text(x.start)}, {self.text(x.stop)}, {self.text(x.step)})"
        if type(x) in (bool, int, str, type(None), type(Ellipsis)):
            return f"({x!r})" if type(x) is int and x < 0 else "..." if x is Ellipsis else repr(x)
        if isinstance(x, np.dtype):
            return self.function(f"np.{x.name}", x.type)
        if isinstance(x, np.generic) and x.dtype.kind in "fiub" and (x.dtype.kind != "f" or np.isfinite(x)):
            return f"{self.function(f'np.{x.dtype.name}', x.dtype.type)}({x.item()!r})"
        return self.constant(x)

    def constant(self, x):
        return self.bind("K", x)

    def function(self, path, thing):
        """A function by the path under which a reader finds it."""
        return path

    def callable(self, rule):
        """What a rule calls, as text."""
        function, name = getattr(rule, "function", None), getattr(rule.function, "__name__", None)
        if name and (rule.compute is function or function in THEIRS):
            for module, home in MODULES.items():
                if getattr(home, name, None) is function:
                    return self.function(f"{module}.{name}", function)
            if name in getattr(sys.modules.get("scipy.special"), "__all__", ()):
                return self.function(f"special.{name}", function)
        return self.helper(rule)

    def helper(self, rule):
        """What has no name in NumPy."""
        return self.bind("F", rule.compute)

    def index(self, i):
        """What stands between brackets."""
        if type(i) is tuple and i:
            return ", ".join(map(self.index, i)) + "," * (len(i) == 1)
        if type(i) is slice:
            ends = ["" if e is None else str(e) for e in (i.start, i.stop)]
            return ":".join(ends) + ("" if i.step is None else f":{i.step}")
        return str(int(i)) if type(i) in (int, np.int64) else self.text(i)

    # ------------------------------------------------------------------ lines
    def line(self, text):
        self.lines.append(text)

    def assign(self, step, text):
        self.line(f"{self.name(step)} = {text}")

    def write(self, step):
        """The line or lines of one step."""
        self.writing = step
        if step.rule is GUARD:
            self.guard(step)
        elif step.rule is not INPUT:
            how = _dft if step.rule.name == "fft" else WAYS.get(step.rule)
            if how is None:
                self.assign(step, self.expression(step))
            else:
                text = how(self, step, *step.args, **step.static)
                if text is not None:
                    self.assign(step, text)
        self.note_memory(step)

    def expression(self, step):
        """The one call that gives this step's value."""
        rule, args = step.rule, step.args
        if type(rule) is Part:
            return f"{self.text(args[0])}[{rule.k}]"
        function = rule.function
        if not step.static and len(args) == 2 and function in INFIX:
            return f"{self.text(args[0])} {INFIX[function]} {self.text(args[1])}"
        if not step.static and function in PREFIX:
            return f"{PREFIX[function]}{self.text(args[0])}"
        return self.call(self.callable(rule), args, step.static)

    def call(self, function, args, static):
        given = [*map(self.text, args), *(f"{k}={self.text(v)}" for k, v in static.items())]
        return f"{function}({', '.join(given)})"

    def guard(self, step):
        """A line that stops where the program would take another way."""
        x, value = self.text(step.args[0]), step.value
        if isinstance(value, (bool, np.bool_)):
            same = x if value else f"not {x}"
        elif isinstance(value, (int, np.integer)):
            same = f"{x} == {int(value)}"
        else:
            array_equal = self.function("np.array_equal", np.array_equal)
            same = f"{array_equal}({x}, {self.text(value)})"
        self.line(f"if not ({same}):")
        self.line("    " + self.refusal(step))

    def refusal(self, step):
        return 'raise ValueError("these arguments take another branch than those of the recording")'

    # ------------------------------------------------------------------ memory
    def note_memory(self, step):
        """Which arrays are the program's own, and which are views of others."""
        if not shape_of(step.value) or step.rule is GUARD:
            return
        if step.rule in FRESH or isinstance(step.rule, (Elementwise, Asked)):
            self.owned.add(step)
        else:
            for x in step.reads:
                if shape_of(x.value) and np.may_share_memory(bottom(x.value), bottom(step.value)):
                    self.viewed.setdefault(x, []).append(step)

    def free(self, x, step):
        """Whether this step is the last to look into the memory of ``x``, which is the program's own."""
        return x in self.owned and self.gone(x, step)

    def gone(self, x, step):
        return self.last.get(x, step) is step and all(self.gone(y, step) for y in self.viewed.get(x, ()))


def bottom(x):
    return x if isinstance(x, np.ndarray) else np.asarray(x)


# ---------------------------------------------------------------------------------------------- how rules read


def is_number(x):
    """Whether a step or constant is one number, not an array."""
    return not shape_of(x.value if type(x) is Step else x)


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
    whole, dtype = w.name(step), step.value.dtype
    zeros = f"{w.function('np.zeros', np.zeros)}({w.text(shape)}"
    w.line(f"{whole} = {zeros}{'' if dtype == float else ', ' + w.text(dtype)})")
    for k, (part, index) in enumerate(zip(parts, indices, strict=True)):
        items = index if isinstance(index, tuple) else (index,)
        if any(isinstance(i, list) or hasattr(i, "dtype") or type(i) is Step for i in items):
            w.line(f"{w.function('np.add.at', np.add.at)}({whole}, {w.text(index)}, {w.text(part)})")
        else:
            w.line(f"{whole}[{w.index(index) or '()'}] {'=' if k == 0 and not is_number(part) else '+='} {w.text(part)}")


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
    whole, dtype = w.name(step), step.value.dtype
    zeros = f"{w.function('np.zeros', np.zeros)}({math.prod(shape)}"
    w.line(f"{whole} = {zeros}{'' if dtype == float else ', ' + w.text(dtype)})")
    w.line(f"{w.function('np.add.at', np.add.at)}({whole}, {w.text(at)}, {w.text(g)})")
    if len(shape) != 1:
        w.line(f"{whole} = {whole}.reshape({w.text(shape)})")


def _copied(w, step, x, **static):
    return f"{w.function('np.array', np.array)}({w.text(x)})"


def _power(w, step, x, y):
    """Of Python's floats x**y may be complex, or raise; NumPy's say nan and inf."""
    if is_number(x) and is_number(y) and not (type(y) is int or (type(y) is float and y.is_integer())):
        return w.power(x, y)
    return f"{w.text(x)} ** {w.text(y)}"


def _modf(w, step, x):
    return f"{w.function('np.modf', np.modf)}({w.text(x)})[0]"


def _insert(w, step, x, values, *, obj, axis=None):
    return f"{w.function('np.insert', np.insert)}({w.text(x)}, {w.text(obj)}, {w.text(values)}, {axis})"


def _several(w, step, x, **options):
    """All results side by side, as the rule has them."""
    name = step.rule.function.__name__
    given = "".join(f", {k}={v!r}" for k, v in (options | {"full_matrices": False} if name == "svd" else options).items())
    parts = w.new()
    w.line(f"{parts} = {w.function(f'np.linalg.{name}', step.rule.function)}({w.text(x)}{given})")
    reshape, batch = w.function("np.reshape", np.reshape), "".join(f"{n}, " for n in x.value.shape[:-2])
    parts = f"[{reshape}(part, ({batch}-1)) for part in {parts}]" if batch else f"[{w.function('np.ravel', np.ravel)}(part) for part in {parts}]"
    return f"{w.function('np.concatenate', np.concatenate)}({parts}, axis=-1)"


def _dft(w, step, x, *, inverse, norm):
    x, z, name = w.text(x), w.new(), "ifft" if inverse else "fft"
    function = w.function(f"np.fft.{name}", getattr(np.fft, name))
    w.line(f"{z} = {function}({x}[..., 0] + 1j * {x}[..., 1], norm={norm!r})")
    return f"{w.function('np.stack', np.stack)}([{z}.real, {z}.imag], axis=-1)"


Writer.power = lambda w, x, y: f"{w.function('np.float64', np.float64)}({w.text(x)}) ** {w.text(y)}"

WAYS = {
    getitem: _getitem, concatenate: _concatenate, astype: _astype, put: _put, setitem: _setitem, gather: _gather,
    scatter: _scatter, HOLD: _copied, constant: _copied, RULES[np.copy]: _copied, RULES[np.power]: _power,
    fraction: _modf, RULES[np.insert]: _insert,
    **{RULES[f]: _several for f in (np.linalg.slogdet, np.linalg.eigh, np.linalg.qr, np.linalg.svd)},
}  # fmt: skip
FRESH = {put, setitem, scatter, HOLD, constant, RULES[np.copy], RULES[np.sum], RULES[np.matmul], concatenate, gather}
