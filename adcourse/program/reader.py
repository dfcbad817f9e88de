"""A recorded program for a reader: names as in the trace, NumPy's own functions, and comments."""

import keyword
import re

import numpy as np

from ..core.dual import Dual
from ..core.errors import InputError
from ..core.kinds import shape_of
from ..core.levels import Traced
from ..core.linalg import DIVIDE
from .recorder import GUARD, INPUT, Step, Tracer
from .writer import Writer


class Reader(Writer):
    """Writes for a reader: NumPy's names, and the lines of the original program as comments."""

    def __init__(self, program):
        super().__init__(program)
        self.said, self.conditions = None, {}
        self.narrow = program.narrow
        wished = {s.name for s in program.steps}
        self.letter = next(c for c in "tuvwrpq" if not any(re.fullmatch(rf"{c}\d+", name or "") for name in wished))
        self.reserved = wished | {"np", "special", "math"}

    def new(self, wish=None):
        if wish is None:
            self.count += 1
            wish = f"{self.letter}{self.count}"
        while wish in self.taken:
            wish += "_"
        self.taken.add(wish)
        return wish

    def text(self, x):
        if type(x) is Step and x in self.conditions:
            return self.conditions[x]
        return super().text(float(x) if isinstance(x, np.float64) and not self.narrow else x)

    def write(self, step):
        before = len(self.lines)
        super().write(step)
        if step.note and step.note != self.said and len(self.lines) > before:
            self.said = step.note
            if self.lines[before] != step.note:
                self.lines.insert(before, f"# {step.note}")

    def assign(self, step, text):
        """A condition that is asked for alone stands in the ``if`` itself."""
        alone = self.uses[step] == 1 and isinstance(step.value, (bool, np.bool_))
        if alone and (last := self.last[step]) is not None and last.rule is GUARD:
            self.conditions[step] = text
        else:
            super().assign(step, text)

    def helper(self, rule):
        if rule is DIVIDE:
            self.bound["_divide"] = DIVIDE.function
            return "_divide"
        if rule.name == "_zeta":
            return "special.zeta"
        bound = getattr(rule.function, "__self__", None)
        if isinstance(bound, np.ufunc):
            return f"np.{bound.__name__}.{rule.function.__name__}"
        raise InputError(
            f"The program calls {rule.name}, which can't be written as NumPy source.",
            "it is a function with a rule of its own, whose body isn't recorded.",
            "replay(grad(f)) runs such a program; or write the function with NumPy's, without custom_rule",
        )

    def refusal(self, step):
        return 'raise ValueError("these arguments take another branch than those that the program was written for")'

    def result(self, x):
        """A result, as the caller's own."""
        text = self.text(x)
        if type(x) is Step and isinstance(x.value, np.ndarray) and not x.value.ndim:
            text = f"{text}[()]"
        if type(x) is Step and shape_of(x.value) and (x not in self.owned or x.rule is INPUT):
            text = f"np.array({text})"
        return Text(text if type(x) is Step or not isinstance(x, np.ndarray) else f"{text}.copy()")


class Text(str):
    """A piece of source in the place of a value."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def as_text(x):
    """A tree of pieces of source as one expression."""
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return repr(tuple(x))
    return repr(dict(x)) if isinstance(x, dict) else repr(x)


def as_identifier(name):
    """``p_w`` for ``p['w']``."""
    found = re.sub(r"\W+", "_", name).strip("_")
    return f"{found}_" if keyword.iskeyword(found) or found in ("np", "special", "math") else found


def label(x, name, note=None):
    """Let the step that computed a value, or the parts of one, be called so."""
    while isinstance(x, Traced):
        if type(x) is Tracer:
            if x.step.name is None and x.step.rule is not INPUT:
                x.step.name, x.step.note = as_identifier(name), note
            return
        if isinstance(x, Dual):
            label(x.tangent, f"{name}_dot", note)
        x = x.value
