"""Recurrences written out as straight-line Python programs, where they are run many times.

A recurrence runs once on names in place of numbers, and every operation writes down what it does. The program that
results has no loop, no list and no zero in it; it gives the same numbers in a fraction of the time.
"""

from contextlib import suppress
from functools import lru_cache
from itertools import chain

import numpy as np

from .coefficients import Still
from .kinds import shape_of
from .singular import first_of

OFTEN = 100  # times: about what writing out and compiling costs
LONGEST = 32  # the order to which recurrences are written out
NUMBERS = {float, int, np.float64}
DEGREES = {np.add: max, np.subtract: max, np.multiply: sum}  # of the polynomials that these functions give


class Writer:
    """The lines of a program, and the names in it."""

    def __init__(self):
        self.lines = []

    def name(self, text):
        """A name for what an expression gives."""
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return name


class Name:
    """What stands in a program for a float: an expression, which gets a name when it becomes a factor.

    ``rank``: 0 for a name or number, 1 for a product, 2 for a sum.
    """

    __slots__ = ("rank", "text", "writer")

    def __init__(self, writer, text, rank=0):
        self.writer, self.text, self.rank = writer, text, rank

    def atom(self):
        if self.rank:
            self.text, self.rank = self.writer.name(self.text), 0
        return self.text

    def __add__(self, other):
        if is_number(other) and other == 0:
            return self
        right = other.text if type(other) is Name and other.rank < 2 else atom(other)
        return Name(self.writer, f"{self.text} + {right}", 2)

    def __sub__(self, other):
        if is_number(other) and other == 0:
            return self
        right = other.text if type(other) is Name and other.rank < 2 else atom(other)
        return Name(self.writer, f"{self.text} - {right}", 2)

    def __mul__(self, other):
        if is_number(other) and other in (0, 1):
            return self if other == 1 else 0.0
        return Name(self.writer, f"{self.atom()} * {atom(other)}", 1)

    def __truediv__(self, other):
        if is_number(other) and other == 1:
            return self
        return Name(self.writer, f"{self.atom()} / {atom(other)}", 1)

    def __radd__(self, other):
        return self if other == 0 else Name(self.writer, f"{atom(other)} + {self.atom()}", 2)

    def __rsub__(self, other):
        return Name(self.writer, f"{atom(other)} - {self.atom()}", 2)

    def __rmul__(self, other):
        return 0.0 if other == 0 else self if other == 1 else Name(self.writer, f"{atom(other)} * {self.atom()}", 1)

    def __rtruediv__(self, other):
        return 0.0 if other == 0 else Name(self.writer, f"{atom(other)} / {self.atom()}", 1)

    def __bool__(self):
        raise TypeError("a name stands for any number")

    def __neg__(self):
        return Name(self.writer, f"-{self.atom()}", 2)

    def __array_ufunc__(self, ufunc, method, *inputs):
        if getattr(np, ufunc.__name__, None) is not ufunc:
            return NotImplemented  # a function of SciPy's
        return Name(self.writer, f"number(numpy.{ufunc.__name__}({', '.join(map(atom, inputs))}))", 1)


def is_number(x):
    return type(x) is not Name


def atom(x):
    """A name or number as it stands in the program."""
    return x.atom() if type(x) is Name else f"({float(x)!r})" if x < 0 else repr(float(x))


class Program:
    """Something that is run again and again; from ``OFTEN`` times on by a function that is written for it.

    ``function`` is for floats, ``on_arrays`` for arrays; ``cost`` counts its operations.
    """

    def __init__(self):
        self.times, self.function, self.on_arrays, self.cost = 0, None, None, 0

    def ready(self, write, *args):
        """The function, if it is worth while by now."""
        self.times += 1
        if self.times == OFTEN:
            with suppress(Exception):  # what isn't arithmetic alone runs on as it is
                write(self, *args)
        return self.function

    def compile(self, writer, parameters, result, **names):
        """The function of these parameters that runs what was written."""
        lines = [f"def program({', '.join(parameters)}):", *writer.lines, f"return {result}"]
        text = "\n    ".join(lines)
        code, self.cost = _code(text), sum(map(text.count, (" + ", " - ", " * ", " / ")))
        self.function, self.on_arrays = (
            _defined(code, names | {"number": number, "numpy": np, "nan": np.nan, "inf": np.inf})
            for number in (float, lambda x: x)
        )


def _defined(code, names):
    exec(code, names)
    return names["program"]


@lru_cache(maxsize=128)
def _code(text):
    return compile(text, f"{__file__}: recurrences, written out", "exec")


@lru_cache(maxsize=256)
def program_of(key):
    """The program that is remembered under ``key``."""
    return Program()


# ------------------------------------------------------------------ one recurrence on complete series


def write_recurrence(program, recurrence, order, degrees):
    """The function of z_0 and of the coefficients of the operands, polynomials of these degrees: z_1, ..., z_order."""
    writer = Writer()
    z = [Name(writer, "z0"), *[None] * order]
    names = [[f"{letter}{k}" for k in range(d + 1)] for letter, d in zip("abc", degrees, strict=False)]
    operands = [[*(Name(writer, n) for n in ns), *[0.0] * (order + 1 - len(ns))] for ns in names]
    for k, z_k in zip(range(1, order + 1), recurrence(z, *operands), strict=False):
        z[k] = z_k
        atom(z_k)
    program.compile(writer, ["z0", *chain(*names)], f"[{', '.join(map(atom, z[1:]))}]")


def at_once(self, rule, recurrence, operands):
    """A series by the program that was written out for its recurrence on complete series; None if there is none."""
    values, numbers, degrees, shape, order = [], [], [], None, LONGEST
    kind, level = type(self), self.level
    if level.__dict__.get("met") is not None:
        return None
    for x in operands:
        if type(x) is kind and x.level is level and x.series.steps is None:
            value, c, degree = x.value, x.series.c, x.series.degree
            if type(c) is not (np.ndarray if shape_of(value) else list) or len(c) > LONGEST + 1:
                return None
            if shape not in (None, shape_of(value)):
                return None
            shape, order = shape_of(value), len(c) - 1 if len(c) <= order else order
        elif type(x) in NUMBERS:
            value, c, degree = x, (float(x),), 0
        else:
            return None
        values.append(value)
        degrees.append(degree)
        numbers.extend(c[: degree + 1])
    degree = min(order, DEGREES[rule.function](degrees)) if rule.function in DEGREES else order
    program = program_of((rule.function, degree, *degrees))
    if not (program.function or program.ready(write_recurrence, recurrence, degree, degrees)):
        return None
    if not shape:
        first = first_of(rule, values, {})
        c = [c0 := float(first), *program.function(c0, *numbers), *[0.0] * (order - degree)]
    elif program.cost > 12 * order or np.float64 in map(type, values):
        return None  # many terms are better in compiled loops; and NumPy's numbers widen arrays
    else:
        first = first_of(rule, values, {})
        c = np.empty((order + 1, *shape), first.dtype)
        for k, c_k in enumerate((first, *program.on_arrays(first, *numbers))):
            c[k] = c_k
        c[degree + 1 :] = 0.0
    return self.at(self.level, c, first, degree)


# ------------------------------------------------------------------ all recurrences of an expansion


def key_of(inputs, nodes, order):
    """What tells the recurrences of an expansion from those of another."""
    place = {id(c): i for i, c in enumerate([*inputs, *(c for c, *_ in nodes)])}

    def sign(x):
        if type(x) is list:
            return place[id(x)] if id(x) in place else tuple(map(sign, x))
        if type(x) is Still:
            return "constant", sign(x.first)
        return (float, float(x).hex()) if isinstance(x, float) else (type(x), None if type(x) is dict else x)

    return order, *((compute, sign(xs), how, sign(list(given))) for _, compute, xs, how, given in nodes)


def write_expansion(program, inputs, nodes, order):
    """The function of the first coefficients of the inputs that gives all of theirs."""
    writer, functions, runs = Writer(), {}, []
    for i, c in enumerate(inputs):
        c[0] = Name(writer, f"x{i}")
    for i, (c, compute, operands, recurrence, arguments) in enumerate(nodes):
        if compute is not None:
            functions[f"f{i}"] = compute
            c[0] = Name(writer, writer.name(f"number(f{i}({', '.join(atom(x[0]) for x in operands)}))"))
        runs.append((c, recurrence(*arguments)))
    for k in range(1, order + 1):
        for c, steps in runs:
            c[k] = next(steps)
            atom(c[k])
    rows = ", ".join(f"({', '.join(map(atom, c))})" for c in inputs)
    program.compile(writer, [f"x{i}" for i in range(len(inputs))], f"{rows},", **functions)


def run(inputs, nodes, values, order):
    """The recurrences on numbers, all to one order before the next."""
    for c, value in zip(inputs, values, strict=True):
        c[0] = value
    runs = []
    for c, compute, operands, recurrence, arguments in nodes:
        if compute is not None:
            c[0] = float(compute(*[x[0] for x in operands]))
        runs.append((c, recurrence(*arguments).__next__))
    for k in range(1, order + 1):
        for c, following in runs:
            c[k] = following()
    return inputs
