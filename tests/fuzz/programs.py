"""Programs as data: lines of Python text, each computing one value from earlier ones. Any namespace can run them."""

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, reduce
from types import FunctionType

import numpy as np
import scipy.special as special
from numpy.random import default_rng

from ..core.examples import EXAMPLES


def into(x, low, high):
    """``x`` brought into an interval, smoothly."""
    return 0.5 * (low + high) + 0.49 * (high - low) * np.sin(x)


def fit(x, shape, low, high, seed):
    """An array of the wanted shape, with generic entries in an interval, that depends on every entry of ``x``."""
    mixing, offset = _mixture(shape, _size(np.shape(x)), seed)
    return into(np.reshape(np.matmul(mixing, np.reshape(x, (-1,))), shape) + offset, low, high)


@lru_cache(999)
def _mixture(shape, size, seed):
    rng = default_rng(seed)
    return 0.7 * rng.normal(size=(_size(shape), size)), rng.normal(size=shape)


@cache
def _weights(shape):
    return default_rng(_size(shape)).uniform(0.5, 1.5, shape)


def _size(shape):
    size = 1
    for n in shape:
        size *= n
    return size


def pair(x):
    """A number that depends on every entry of ``x`` in a different way: the sum of fixed multiples."""
    return np.sum(_weights(np.shape(x)) * x)


HELPERS = {f.__name__: f for f in (into, fit, pair)}


def rebound(function, **names):
    """A Python function with other meanings for some of its global names; NumPy's own by their names in ``np``."""
    if not isinstance(function, FunctionType):
        home = getattr(function, "__module__", None) or "numpy"
        path = f"{home}.{function.__name__}".removeprefix("numpy.").split(".")
        same = reduce(lambda home, part: getattr(home, part, None), path, np) is function
        return reduce(getattr, path, names["np"]) if same else function
    space = function.__globals__ | names
    new = FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    new.__kwdefaults__ = function.__kwdefaults__
    return new


@cache
def namespace(xp):
    """What the text of a program may name, computing with ``xp``: NumPy, or a package that looks like it."""
    if xp is np:
        return {"np": np, "EXAMPLES": EXAMPLES} | HELPERS

    def there(call):
        try:
            return rebound(call, np=xp, fft=xp.fft, sc=getattr(xp, "sc", special))
        except AttributeError as error:
            return _missing(error)

    calls = {name: [(there(call), *rest) for call, *rest in cases] for name, cases in EXAMPLES.items()}
    helpers = {name: rebound(f, np=xp) for name, f in HELPERS.items()}
    helpers["fit"] = rebound(fit, np=xp, into=helpers["into"])
    return {"np": xp, "EXAMPLES": calls} | helpers


def _missing(error):
    def call(*args, **kwargs):
        raise error

    return call


@dataclass(frozen=True)
class Program:
    """``inputs``: name -> value. ``lines``: (name, text that assigns it). ``order``: of the derivative to look at."""

    inputs: dict
    lines: tuple
    order: int = 1
    results: tuple = ()

    @cached_property
    def sinks(self):
        """What the result is made of: the values that nothing else reads, so that every line matters."""
        names = [*self.inputs, *(name for name, _ in self.lines)]
        read = set().union(*(reads(text) - {name} for name, text in self.lines))
        return self.results or tuple(v for v in names if v not in read)

    def source(self):
        body = [line for _, text in self.lines for line in text.splitlines()]
        body.append("return " + " + ".join(f"pair({v})" for v in self.sinks))
        return f"def f({', '.join(self.inputs)}):\n" + "".join(f"    {line}\n" for line in body)

    @cached_property
    def code(self):
        return compile(self.source(), "<program>", "exec")

    def function(self, np=np, **names):
        """The program as a function, with ``np`` and helpers of the caller's choice."""
        space = namespace(np) | names
        exec(self.code, space)
        return space["f"]

    def directions(self):
        """Generic directions in the space of the inputs, one for each order."""
        rng = default_rng(self.order)
        return [
            [rng.uniform(0.3, 1.0, np.shape(x)) * rng.choice((-1, 1), np.shape(x)) for x in self.inputs.values()]
            for _ in range(self.order)
        ]

    def values(self):
        """The plain value of every line."""
        space = namespace(np) | self.inputs
        for _, text in self.lines:
            exec(text, space)
        return {name: space[name] for name, _ in self.lines}

    def pruned(self):
        """Without the lines that the result doesn't depend on."""
        needed, lines = set(self.sinks), []
        for name, text in reversed(self.lines):
            if name in needed:
                needed |= reads(text)
                lines.append((name, text))
        inputs = {name: x for name, x in self.inputs.items() if name in needed} or self.inputs
        return replace(self, lines=tuple(reversed(lines)), inputs=inputs, results=self.sinks)

    def __str__(self):
        """Plain Python to paste."""
        given = ", ".join(literal(x) for x in self.inputs.values())
        return "\n".join(
            [
                "import numpy as np",
                "from adcourse import derivative, grad, jvp",
                "from tests.core.examples import EXAMPLES",
                "from tests.fuzz.programs import fit, into, pair\n",
                self.source(),
                f"xs = ({given},)",
                f"vs = [{', '.join('(' + ', '.join(literal(v) for v in d) + ',)' for d in self.directions())}]",
            ]
        )


def reads(text):
    return set(re.findall(r"\b[vx]\d+\b", text))


def literal(x):
    return repr(x) if np.ndim(x) == 0 and isinstance(x, float) else f"np.array({np.asarray(x).tolist()})"
