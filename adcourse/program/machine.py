"""A recorded program, compiled to run fast: numbers are Python's floats, names are bound beforehand."""

import math
from collections import defaultdict
from functools import cached_property

import numpy as np

from ..core.kinds import shape_of
from ..core.rules import put
from .blocks import is_total, starts_of, write_group
from .recorder import GUARD, INPUT, Function, Part, Step, steps_in
from .writer import INFIX, PREFIX, Writer, is_number

LONGEST = 150  # letters of an expression within another
MANY = 200  # steps; a function's first 256 names cost less than the others, and numbers let go less than new ones
NEAR = 64  # steps after which the value with such a name is used for the last time
FEW = 24  # numbers of a vector up to which Python adds them faster than NumPy
LARGE = 2**16  # bytes from which an array is let go as soon as nobody reads it
MATH = {
    np.exp: math.exp, np.expm1: math.expm1, np.log: math.log, np.log2: math.log2, np.log10: math.log10,
    np.log1p: math.log1p, np.sin: math.sin, np.cos: math.cos, np.tan: math.tan, np.arcsin: math.asin,
    np.arccos: math.acos, np.arctan: math.atan, np.sinh: math.sinh, np.cosh: math.cosh, np.tanh: math.tanh,
    np.sqrt: math.sqrt, np.fabs: math.fabs,
}  # fmt: skip
OPERATORS = {*INFIX, *PREFIX}
NEVER = 0, ""
_ALIKE = {}
RANK = {np.add: 1, np.subtract: 1, np.multiply: 2, np.divide: 2}  # what binds stronger; from left to right in a rank
IN_PLACE = {*RANK, np.negative, np.absolute, np.square, np.sqrt}  # of the same bits wherever the result goes to
IDIOMS = {}  # by function; see idioms.py


UNPACK = Function(None, "unpack")  # the numbers of a vector, each of which is an ``Element``; see unrolled.py
PACK = Function(None, "pack")


class Element(Part):
    """The rule of a number of a vector that was taken apart."""


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
        self.narrow = program.narrow
        self.within, self.bare, self.fused = {}, {}, set()  # see ``assign``
        self.numbers = {}  # see ``operand``
        self.given = set()  # what is part of the result already, so that a second one needs a copy
        self.scalars, self.operators, self.arithmetic, self.guarded = set(), set(), set(), set()
        for step in program.steps:
            if step.rule is GUARD:
                self.guarded.update(step.args)
            elif not self.narrow and is_float(step.value):
                self.scalars.add(step)
                if not step.static and step.rule.function in OPERATORS and not power_of_array(step):
                    self.operators.add(step)  # by Python's operators: what they read is ``arithmetic``
                    self.arithmetic.update(step.reads)
        self.outputs = set(steps_in(program.outputs))
        self.place = {x: k for k, x in enumerate(program.steps)} if len(program.steps) > MANY else {}
        self.spare = {True: [self.new(f"r{k}") for k in range(NEAR)] if self.place else [], False: []}
        self.pool = {}  # to which of these a number's name goes back
        if self.place:
            self.line(" = ".join([*self.spare[True], "0.0"]))

    @cached_property
    def readers(self):
        """The steps that read a step."""
        found = defaultdict(set)
        for step in self.program.steps:
            for x in step.reads:
                found[x].add(step)
        return found

    @cached_property
    def terms(self):
        """Names for the numbers of a short vector, for a moment."""
        return [self.new(f"t{k}") for k in range(FEW)]

    def function(self, path, thing):
        name = path.replace("np.", "").replace(".", "_")
        if self.bound.setdefault(name, thing) is not thing:
            return self.bind(name, thing)
        self.taken.add(name)
        return name

    def number(self, text):
        return f"{self.function('number', float)}({text})"

    def text(self, x):
        if type(x) is not Step and not self.narrow and isinstance(x, np.float64):
            return self.text(float(x))
        return super().text(x)

    def assign(self, step, text):
        """A line; or, where one expression alone reads this number, the text in parentheses for its name."""
        if step not in self.scalars:
            return super().assign(step, text)
        if step not in self.operators and step in self.arithmetic and not self.is_python(step):
            text = self.number(text)
        reads = []  # by the names that stand in the text
        for x in step.reads:
            reads += self.within.get(x) or (x,)
        if self.uses[step] == 1 and len(text) < LONGEST and self.fits(step):
            self.names[step], self.within[step] = f"({text})", reads
            if step in self.operators:
                self.bare[step] = RANK.get(step.rule.function, 0), text
            return None
        if self.place:
            self.take_name(step, reads)
        return self.line(f"{self.name(step)} = {text}")

    def fits(self, step):
        """Whether a number can stand within the expression that alone reads it."""
        consumer = self.last[step]
        single = consumer in self.operators or (consumer in self.scalars and len(consumer.args) == 1)
        single = single or getattr(consumer, "rule", None) is PACK
        return single and self.scalars.issuperset(step.reads)

    def take_name(self, step, reads):
        """The name of a number that this line is the last to read, or another that is free."""
        for x in reads:
            self.uses[x] -= 1
            if not self.uses[x] and x in self.pool:
                self.pool[x].append(self.names[x])
        last = self.last[step]
        names = self.pool[step] = self.spare[last is not None and self.place[last] - self.place[step] < NEAR]
        self.names[step] = names.pop() if names else self.new()

    def beside(self, x, rank):
        """An operand of Python's operators, in parentheses only where it binds less than they do."""
        if type(x) is not Step:
            return self.factor(float(x) if is_array(x) and not x.ndim else x)
        own, text = self.bare.get(x, NEVER)
        return text if own >= rank else self.names.get(x) or self.name(x)

    def operand(self, x):
        """An operand of NumPy's functions: a constant as an array of one number, which they needn't make of it."""
        if self.narrow or (type(x) not in (float, np.float64) and not (type(x) is int and abs(x) < 2**53)):
            return self.text(x)
        return self.constant(self.numbers.setdefault(float(x).hex(), np.array(float(x))))

    def is_python(self, step):
        """Whether the text of this step already gives a Python float."""
        one = len(step.args) == 1 and in_python(step.rule.function) is not None
        return one or step in self.operators or type(step.rule) is Element

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
        if step in self.scalars and power_of_array(step):
            return IDIOMS[np.power]
        if step.rule.function in IN_PLACE and not self.narrow and not step.static and is_array(step.value):
            return in_place
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
        rank = RANK.get(step.rule.function)
        if rank and step in self.operators:  # nine of ten steps of a program of numbers
            a, b = step.args
            self.assign(step, f"{self.beside(a, rank)} {INFIX[step.rule.function]} {self.beside(b, rank + 1)}")
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
        readers = dict.fromkeys(y for s in steps for y in self.readers[s])
        sums, totals = [x for x in readers if self.adds(x, mine)], [x for x in readers if is_total(x, mine)]
        self.fused.update(sums, totals)
        mine.update(sums, totals)
        kept = [x for x in steps if x in self.outputs or x in self.guarded or self.readers[x] - mine]
        write_group(self, steps, buffers, kept, sums, totals)
        self.owned.update(sums)

    def adds(self, step, mine):
        """Whether a step does nothing but add different members of a group, each used for that alone, into a vector."""
        if step.rule is not put or not mine.issuperset(step.args) or starts_of(step) is None:
            return False
        alone = all(self.readers[x] == {step} and x not in self.outputs for x in step.args)
        return alone and len(mine.intersection(step.args)) == len(step.args) and alike(*step.args, step)

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
        if not wanted.ndim:
            return f"{self.function('np.array', np.array)}({text})"
        if type(x) is not Step or x not in self.owned or x in self.given:
            text = f"{text}.copy()"
        self.given.add(x) if type(x) is Step else None
        return text


def in_place(w, step, *args):
    """NumPy's function itself, on its own numbers, and in the memory of an operand that nobody reads any more.

    On small arrays this takes half the time of ``2.0 * x``.
    """
    function = w.function(f"np.{step.rule.function.__name__}", step.rule.function)
    call, to = f"{function}({', '.join(map(w.operand, args))}", laid_out(step.value)
    fit = [x for x in args if type(x) is Step and w.free(x, step) and laid_out(x.value) == to]
    if not fit:
        return f"{call})"
    name = w.names[step] = w.name(fit[0])
    w.line(f"{call}, {name})")
    return None


def laid_out(x):
    """What an array is like, and how it lies in memory."""
    return x.dtype, x.shape, x.strides


def alike(*steps):
    """Whether the values have one dtype."""
    return len({step.value.dtype for step in steps}) == 1


def power_of_array(step):
    """Whether it is a power with an array in it, be it of one number: NumPy's powers of arrays have their own bits."""
    values = [x.value if type(x) is Step else x for x in step.args] if step.rule.function is np.power else ()
    return any(type(v) is np.ndarray for v in values)


def is_array(value):
    """Whether it is an array of floats as most are."""
    return type(value) is np.ndarray and value.dtype == np.dtype(float)


def is_float(value):
    """Whether it is one number, of Python's or NumPy's."""
    return isinstance(value, float) or (not shape_of(value) and getattr(getattr(value, "dtype", 0), "kind", 0) == "f")


def power(x, y):
    """x**y of Python's floats, and no complex number."""
    z = x**y
    if type(z) is complex:
        raise ValueError
    return z
