"""A recorded program as Python source: one line for each step.

``Writer`` knows how each function reads on a page: ``x * y``, ``np.sin(x)``, ``x[1:]``; the few that aren't one call of
NumPy's are two or three lines. The same lines serve a reader (``tape.source()``), with NumPy's names, and the machine
(``replay``), where names are bound beforehand and numbers are Python's floats.
"""

import math
import sys
from collections import Counter

import numpy as np

from ..core.gather import _taken
from ..core.kinds import shape_of
from .recorder import GUARD, INPUT, Part, Step, memory_of, steps_in

INFIX = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.matmul: "@", np.remainder: "%",
    np.power: "**", np.floor_divide: "//", np.greater: ">", np.greater_equal: ">=", np.less: "<",
    np.less_equal: "<=", np.equal: "==", np.not_equal: "!=", np.bitwise_and: "&", np.bitwise_or: "|",
}  # fmt: skip
PREFIX = {np.negative: "-", np.positive: "+"}
MODULES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}
THEIRS = {np.absolute, np.reshape, np.ravel, np.linalg.cholesky}  # whose own ``compute`` does what NumPy's does here


PHRASES, LATE = {}, {}  # the rules that phrases.py knows, and those by name that join the table later


class Writer:
    """The lines of a program, the names in it, and what the names that aren't its own stand for (``bound``)."""

    def __init__(self, program):
        self.program, self.lines, self.bound, self.bound_names = program, [], {}, {}
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
        if id(thing) not in self.bound_names:
            name = self.bound_names[id(thing)] = self.new(f"{prefix}{len(self.bound)}")
            self.bound[name] = thing
        return self.bound_names[id(thing)]

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
            return f"-{text}" if x == -math.inf else text
        if type(x) is slice:
            return f"slice({self.text(x.start)}, {self.text(x.stop)}, {self.text(x.step)})"
        if type(x) in (bool, int, str, type(None), type(Ellipsis)):
            return "..." if x is Ellipsis else repr(x)
        if isinstance(x, range):
            return repr(x)
        if x is float or x is int or x is bool:
            return x.__name__
        if isinstance(x, type) and issubclass(x, np.generic):
            return self.function(f"np.{x.__name__}", x)
        if isinstance(x, np.dtype):
            return self.function(f"np.{x.name}", x.type)
        if isinstance(x, np.generic) and x.dtype.kind in "fiub" and (x.dtype.kind != "f" or np.isfinite(x)):
            return f"{self.function(f'np.{x.dtype.name}', x.dtype.type)}({x.item()!r})"
        return self.constant(x)

    def factor(self, x):
        """The same, beside an operator."""
        text = self.text(x)
        return f"({text})" if text[0] == "-" else text

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
            how = self.way(step)
            if how is None:
                self.assign(step, self.expression(step))
            else:
                text = how(self, step, *step.args, **step.static)
                if text is not None:
                    self.assign(step, text)
        self.note_memory(step)

    def way(self, step):
        """What writes this step, if it is no single call of its function."""
        return PHRASES.get(step.rule) or LATE.get(step.rule.name)

    def expression(self, step):
        """The one call that gives this step's value."""
        rule, args = step.rule, step.args
        if rule.function is _taken:
            return f"{self.text(args[0])}[{self.index(args[1])}]"
        if type(rule) is Part:
            return f"{self.text(args[0])}[{rule.k}]"
        function = rule.function
        if not step.static and len(args) == 2 and function in INFIX:
            return f"{self.factor(args[0])} {INFIX[function]} {self.factor(args[1])}"
        if not step.static and function in PREFIX:
            return f"{PREFIX[function]}{self.factor(args[0])}"
        return self.call(self.callable(rule), args, step.static)

    def call(self, function, args, static):
        given = [*map(self.text, args), *(f"{k}={self.text(v)}" for k, v in static.items())]
        return f"{function}({', '.join(given)})"

    def dtype(self, step):
        """The dtype of an array that is made, unless it is the usual one."""
        return "" if step.value.dtype == np.dtype(float) else f", {self.text(step.value.dtype)}"

    def power(self, x, y):
        """Of Python's floats x**y may be complex, or raise; NumPy's say nan and inf."""
        return f"{self.function('np.float64', np.float64)}({self.text(x)}) ** {self.factor(y)}"

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
        """Whether an array is the program's own, or a view of another: the values of the recording show it."""
        if not shape_of(step.value) or step.rule in (GUARD, INPUT):
            return
        shared = [x for x in step.reads if share(x.value, step.value) or among(x.others, step.value)]
        for x in shared:
            self.viewed.setdefault(x, []).append(step)
        mine = isinstance(step.value, np.ndarray) and step.value.flags.owndata and step.value.flags.writeable
        if mine and not shared and not any(share(x, step.value) for x in step.args):
            self.owned.add(step)

    def free(self, x, step):
        """Whether this step is the last to look into the memory of ``x``, which is the program's own."""
        return x in self.owned and self.gone(x, step)

    def gone(self, x, step):
        return self.last.get(x, step) is step and all(self.gone(y, step) for y in self.viewed.get(x, ()))


def is_number(x):
    """Whether a step or constant is one number, not an array."""
    return not shape_of(x.value if type(x) is Step else x)


def share(a, b):
    """Whether two arrays may have memory in common."""
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.may_share_memory(a, b)


def among(others, x):
    """Whether a value lies in the memory of one of these."""
    return bool(others) and isinstance(x, np.ndarray) and id(memory_of(x)) in others
