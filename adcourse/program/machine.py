"""A recorded program, compiled to run fast: numbers are Python's floats, names are bound beforehand."""

import math
from collections import defaultdict

import numpy as np

from ..core.kinds import dtype_of
from ..core.rules import put
from ..core.tape import NARROW
from .blocks import starts_of, write_group
from .recorder import GUARD, INPUT, Step, steps_in
from .writer import INFIX, PREFIX, Writer, is_number

DEEPEST = 12  # expressions within expressions
MANY = 200  # steps; a function's first 256 names cost less than the others, and numbers let go less than new ones
NEAR = 64  # steps after which the value with such a name is used for the last time
LARGE = 2**16  # bytes from which an array is let go as soon as nobody reads it
MATH = {
    np.exp: math.exp, np.expm1: math.expm1, np.log: math.log, np.log2: math.log2, np.log10: math.log10,
    np.log1p: math.log1p, np.sin: math.sin, np.cos: math.cos, np.tan: math.tan, np.arcsin: math.asin,
    np.arccos: math.acos, np.arctan: math.atan, np.sinh: math.sinh, np.cosh: math.cosh, np.tanh: math.tanh,
    np.sqrt: math.sqrt, np.fabs: math.fabs,
}  # fmt: skip
_ALIKE = {}
QUICK = {np.add, np.subtract, np.multiply, np.divide}
IDIOMS = {}  # by function; see idioms.py


class Elsewhere(Exception):
    """The program doesn't hold for these arguments: another type, shape or branch."""


def in_python(function):
    """Python's own function of a number where it gives the same bits as NumPy's (which is so where NumPy calls it).

    Whether it is so depends on the processor, so it is tried: two ways to compute exp differ in some of 2,000 numbers.
    """
    if function not in _ALIKE:
        other, found = MATH.get(function), None
        if other is not None:
            rng = np.random.default_rng(0)
            x = np.concatenate([rng.uniform(0, 1, 700), rng.normal(size=700), np.exp(rng.normal(0, 4, 600))])
            with np.errstate(all="ignore"):
                inside = [float(v) for v in x if np.isfinite(function(v)) and abs(v) < 700]
                found = other if all(other(v) == float(function(v)) for v in inside) else None
        _ALIKE[function] = found
    return _ALIKE[function]


class Singular(Elsewhere):
    """Python's numbers raise here, where NumPy's say inf or nan."""


class Machine(Writer):
    """Writes for the machine."""

    def __init__(self, program):
        super().__init__(program)
        self.narrow = any(dtype_of(s.value) in NARROW for s in program.steps if dtype_of(s.value) is not None)
        self.inside, self.depth, self.fused = {}, {}, set()
        self.given = set()  # what is part of the result already, so that a second one needs a copy
        self.scalars = {
            s for s in program.steps
            if not self.narrow and s.rule is not GUARD and is_number(s) and kind_of(s.value) == "f"
        }  # fmt: skip
        self.readers = defaultdict(set)
        for step in program.steps:
            for x in step.reads:
                self.readers[x].add(step)
        self.outputs = set(steps_in(program.outputs))
        self.guarded = {x for s in program.steps if s.rule is GUARD for x in s.args}
        self.left = self.uses.copy()  # what has yet to be read, in a line that is written
        self.place = {x: k for k, x in enumerate(program.steps)} if len(program.steps) > MANY else {}
        self.spare = {True: [self.new(f"r{k}") for k in range(NEAR)] if self.place else [], False: []}
        if self.place:
            self.line(" = ".join([*self.spare[True], "0.0"]))
        self.arithmetic = {  # numbers that other numbers are computed from by Python's operators
            x for s in program.steps if s in self.scalars and self.operator(s) for x in s.reads
        }

    def function(self, path, thing):
        name = path.replace("np.", "").replace(".", "_")
        if self.bound.setdefault(name, thing) is not thing:
            return self.bind(name, thing)
        self.taken.add(name)
        return name

    def operator(self, step):
        return not step.static and (step.rule.function in INFIX or step.rule.function in PREFIX)

    def number(self, text):
        return f"{self.function('number', float)}({text})"

    def text(self, x):
        if type(x) is Step and x in self.inside:
            return self.inside[x]
        if type(x) is not Step and not self.narrow and isinstance(x, np.float64):
            return self.text(float(x))
        return super().text(x)

    def assign(self, step, text):
        if step in self.scalars:
            if step in self.arithmetic and not self.is_python(step):
                text = self.number(text)
            depth = 1 + max((self.depth.get(x, 0) for x in step.reads), default=0)
            alone = self.uses[step] == 1 and step not in self.outputs and step not in self.guarded
            if alone and depth < DEEPEST and self.scalars.issuperset(step.reads):
                consumer = self.last[step]
                if consumer in self.scalars and (self.operator(consumer) or len(consumer.args) == 1):
                    self.inside[step], self.depth[step] = f"({text})", depth
                    return
            if self.place:
                self.take_name(step)
        super().assign(step, text)

    def take_name(self, step):
        """The name of a number that this line is the last to read, or another that is free."""
        for x in self.in_line(step):
            self.left[x] -= 1
            if not self.left[x] and x in self.scalars and x.rule is not INPUT:
                self.spare[self.soon(x)].append(self.names[x])
        names = self.spare[self.soon(step)]
        self.names[step] = names.pop() if names else self.new()

    def in_line(self, step):
        """What the line of this step reads: expressions within it belong to it."""
        for x in step.reads:
            yield from self.in_line(x) if x in self.inside else (x,)

    def soon(self, step):
        last = self.last[step]
        return last is not None and self.place[last] - self.place[step] < NEAR

    def is_python(self, step):
        """Whether the text of this step already gives a Python float."""
        return self.operator(step) or (len(step.args) == 1 and in_python(step.rule.function) is not None)

    def callable(self, rule):
        function = rule.function
        if self.writing in self.scalars and len(self.writing.args) == 1:
            if function is np.absolute:
                return "abs"
            if (fast := in_python(function)) is not None and is_number(self.writing.args[0]):
                return self.function(f"{function.__name__}_of_number", fast)
        return super().callable(rule)

    def way(self, step):
        """A shorter way to the same bits, where there is one."""
        x = step.args[0] if step.args else None
        if type(x) is not Step or not isinstance(x.value, np.ndarray) or x in self.scalars:
            return super().way(step)
        return IDIOMS.get(step.rule.function) or super().way(step)

    def power(self, x, y):
        if self.narrow:
            return f"{self.factor(x)} ** {self.factor(y)}"
        name = self.function("power", power)
        return f"{name}({self.text(x)}, {self.text(y)})"

    def refusal(self, step):
        self.bound["Elsewhere"] = Elsewhere
        return "raise Elsewhere"

    def write(self, step):
        if step in self.fused:
            return
        if step in self.scalars and step.rule.function in QUICK and not step.static:
            a, b = step.args  # nine of ten steps of a program of numbers
            self.assign(step, f"{self.factor(a)} {INFIX[step.rule.function]} {self.factor(b)}")
            return
        super().write(step)
        gone = [
            x for x in dict.fromkeys(step.reads)
            if self.last.get(x) is step and getattr(x.value, "nbytes", 0) >= LARGE and x.rule is not INPUT
            and x in self.names and self.names[x] != self.names.get(step)
        ]  # fmt: skip
        if gone:
            self.line(f"del {', '.join(map(self.name, gone))}")

    def group(self, steps, buffers):
        """Steps that go through large arrays together."""
        mine = set(steps)
        sums = [x for x in dict.fromkeys(y for s in steps for y in self.readers[s]) if self.adds(x, mine)]
        self.fused.update(sums)
        kept = [x for x in steps if x in self.outputs or x in self.guarded or self.last_of(x, mine) - set(sums)]
        write_group(self, steps, buffers, kept, sums)
        self.owned.update(sums)

    def adds(self, step, mine):
        """Whether a step does nothing but add different members of a group, each used for that alone, into a vector."""
        if step.rule is not put or not mine.issuperset(step.args) or starts_of(step) is None:
            return False
        alone = all(self.readers[x] == {step} and x not in self.outputs for x in step.args)
        return alone and len(mine.intersection(step.args)) == len(step.args) and alike(*step.args, step)

    def last_of(self, x, mine):
        """Whether a step outside a group reads it."""
        return self.readers[x] - mine

    # ------------------------------------------------------------------ in and out
    def enter(self, step):
        """An input: a number of NumPy's as the one that the program calculates with."""
        name = self.name(step)
        if step in self.scalars and type(step.value) is not float:
            self.line(f"{name} = {self.number(name)}")

    def leave(self, x, wanted):
        """A result as the caller gets it: of the type that the function gives, and the caller's own."""
        text = self.text(x)
        if type(wanted) is float:
            python = x in self.scalars and self.is_python(x) if type(x) is Step else False
            return text if python or type(x) is float else f"{self.function('float', float)}({text})"
        if type(wanted) is np.float64 and type(x) is Step and type(x.value) is np.float64:
            converted = x in self.scalars and (x in self.arithmetic or self.is_python(x))
            return f"{self.function('np.float64', np.float64)}({text})" if converted else text
        if isinstance(wanted, np.generic):
            return f"{self.function(f'np.{wanted.dtype.name}', type(wanted))}({text})"
        if not isinstance(wanted, np.ndarray):
            return text
        if type(x) is not Step or x not in self.owned or x in self.given:
            text = f"{text}.copy()"
        self.given.add(x) if type(x) is Step else None
        return text


def alike(*steps):
    """Whether the values have one dtype."""
    return len({step.value.dtype for step in steps}) == 1


def kind_of(value):
    return "f" if isinstance(value, float) else getattr(getattr(value, "dtype", None), "kind", None)


def power(x, y):
    """x**y of Python's floats, and no complex number."""
    z = x**y
    if type(z) is complex:
        raise ValueError
    return z
