"""What a function reads besides its arguments: numbers and arrays of enclosing functions, globals and objects.

They are constants of a recorded program. Python doesn't say when one changes, so a program that has such constants
looks at them again in every call: whether each name still holds the same object, and arrays the same numbers (of one
with more than 4,096 a sample of 64).
"""

import dis
from functools import lru_cache, partial
from types import CellType, CodeType, FunctionType, MethodType

import numpy as np

from ..core.guard import SMALL
from ..core.guard import _sample as sample

NUMBERS = (float, int, str, np.generic)
OURS = __name__.partition(".")[0]
LIBRARIES = ("numpy", "scipy", OURS)


class Captured:
    """The names that ``f`` reads, and what they held when this was made."""

    def __init__(self, f):
        self.names, self.arrays, self.seen = [], [], set()
        self.visit(f)
        self.seen.clear()

    def holds(self):
        """Whether everything is as it was."""
        for home, key, value in self.names:
            now = _read(home, key)
            if now is not value and not (type(now) is type(value) and isinstance(value, NUMBERS) and now == value):
                return False
        return all(_numbers(array) == before for array, before in self.arrays)

    def visit(self, f):
        """What a function, method or callable object reads, and what the functions read that it calls."""
        if id(f) in self.seen:
            return
        self.seen.add(id(f))
        if isinstance(f, partial):
            for x in (f.func, *f.args, *f.keywords.values()):
                self.value(x)
        elif isinstance(f, MethodType):
            self.visit(f.__func__)
            self.attributes(f.__self__)
        elif isinstance(f, FunctionType):
            ours = f.__globals__.get("__name__", "").partition(".")[0] in LIBRARIES
            for cell in f.__closure__ or ():
                self.name(cell, None, ours)
            for name in () if ours else global_names(f.__code__):
                if name in f.__globals__:
                    self.name(f.__globals__, name)
        elif callable(f) and not isinstance(f, (type, np.ufunc)):
            self.attributes(f)

    def attributes(self, thing):
        """What an object holds, and what its methods read."""
        if type(thing).__module__.partition(".")[0] in LIBRARIES:
            return
        for key in getattr(thing, "__dict__", ()):
            self.name(thing.__dict__, key)
        for method in vars(type(thing)).values():
            if isinstance(method, FunctionType):
                self.visit(method)

    def name(self, home, key, functions_alone=False):
        """A name that is read: what it holds, and what is in that."""
        value = _read(home, key)
        if callable(value):
            self.visit(value)
        elif not functions_alone and type(value).__name__ != "module":
            self.value(value)
        if not functions_alone and type(value).__name__ != "module":
            self.names.append((home, key, value))

    def value(self, x):
        if isinstance(x, np.ndarray):
            self.arrays.append((x, _numbers(x)))
        elif isinstance(x, (tuple, list, dict)) and id(x) not in self.seen:
            self.seen.add(id(x))
            if isinstance(x, list | dict):
                self.arrays.append((x, _numbers(x)))
            for e in x.values() if isinstance(x, dict) else x:
                self.value(e)
        elif callable(x):
            self.visit(x)
        elif id(x) not in self.seen:
            self.seen.add(id(x))
            self.attributes(x)


def _read(home, key):
    """What a cell or a dict of names holds; the cell itself if that is nothing."""
    if type(home) is CellType:
        try:
            return home.cell_contents
        except ValueError:
            return home
    return home.get(key, home)


def _numbers(x):
    """What is in an array, or which objects in a list or dict, to be compared later."""
    if isinstance(x, list):
        return tuple(e if isinstance(e, NUMBERS) else id(e) for e in x)
    if isinstance(x, dict):
        return tuple((k, e if isinstance(e, NUMBERS) else id(e)) for k, e in x.items())
    return x.tobytes() if x.size <= SMALL else sample(x)


@lru_cache(maxsize=1024)
def global_names(code):
    """The global names that a function reads, with those of the functions inside it."""
    found = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= global_names(inner)
    return found
