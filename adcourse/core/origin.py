"""Where the rows of a tape come from: the line of the user's program, and the variable that it puts the value into.

Python runs a program as a list of simple instructions. At the time of an operation the stack says which one is being
run; if the next ones store their value, they say in which variables. What is there when the next operation comes (a
list of values, perhaps, of which this was one) is looked at before a row is called so: no name is ever guessed.
"""

import dis
import linecache
import os
import re
import sys
from collections import Counter
from itertools import count, filterfalse
from typing import NamedTuple

from .inplace import setitem
from .levels import Traced

OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
THEIRS = sys.stdlib_module_names | {"numpy", "scipy"}
STORES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")
MOVES = set(
    "COPY SWAP UNPACK_SEQUENCE UNPACK_EX BUILD_TUPLE BUILD_LIST TO_BOOL NOT_TAKEN NOP CACHE EXTENDED_ARG".split()
)
RETURNED = ("return",)  # no variable can be called so
_READ, MOST = {}, 1000  # what has been read of code objects, by their id (as keys, all of them would be hashed)


class Origin(NamedTuple):
    """A place in the user's program, and the variables that may come to hold the value computed there."""

    filename: str
    line: int
    names: tuple


def origin():
    """The ``Origin`` of the operation that is being computed now; None where no code of the user's is running.

    >>> def here():
    ...     area = origin()
    ...     return area
    >>> here().names, line_text(here().filename, here().line)
    (('area',), 'area = origin()')
    """
    return _here(sys._getframe(1))[0]


def _here(frame):
    """The origin, and the running call of a function whose variables those are.

    Where one returns the value at once, it is that of the function that called it, and so on.
    """
    frame, places = _innermost(frame)
    if frame is None:
        return None, None
    found = places[frame.f_lasti]
    names = found.names
    if names is RETURNED:
        while names is RETURNED:
            frame, places = _innermost(frame.f_back)
            names = () if frame is None else places[frame.f_lasti].names
        found = found._replace(names=names)
    return found, frame


def line_text(filename, number):
    """A line of source, in a file or in a notebook's cell, without the space around it; None if it can't be had."""
    linecache.checkcache(filename)
    return linecache.getline(filename, number or 0).strip() or None


class Origins:
    """The origins of the rows of one tape, noted as they are written. ``bound``: the variable that held row i first."""

    def __init__(self):
        self.places, self.bound, self.latest, self.frame = {}, {}, None, None

    def note(self, tape):
        """The row that is written next is computed here."""
        if self.frame is not None:
            self.look(tape)
        found, frame = _here(sys._getframe(1))
        if found is not None:
            self.places[len(tape.rows)] = found
            if found.names:
                self.latest, self.frame = found, frame

    def look(self, tape):
        """What do the variables hold that the latest row may have gone into? Asked at the next one, and at the end.

        A variable may hold that row, or with ``a, b = x * y, x + y`` another that comes from the same line.
        """
        if self.frame is not None:
            variables, outside, (filename, line, names) = self.frame.f_locals, self.frame.f_globals, self.latest
            for name in names:
                row = _row_of(variables[name] if name in variables else outside.get(name), tape)
                place = self.places.get(row)
                if place is not None and (name in place.names or place[:2] == (filename, line)):
                    self.bound.setdefault(row, name)
            self.latest = self.frame = None

    def line(self, i):
        """The source of the line that computes row ``i``, or None."""
        return line_text(*self.places[i][:2]) if i in self.places else None


def row_names(tape):
    """A name of its own for each row of a tape, in order: inputs and variables as the program calls them.

    A variable that takes several values in turn, or that of an input, has them numbered: ``y_1``, ``y_2``, ...
    Values that no variable held go by their place, ``v1``, ``v2``, ... (or ``t1``, ... if a variable v1 is elsewhere).

    >>> from adcourse import record
    >>> def f(x):
    ...     y = 3.0 * x
    ...     x = x + y * y
    ...     return x
    >>> [*record(f, 1.0).names.values()]
    ['x', 'y', 'v2', 'x_1']
    """
    many, inputs = len(tape.rows), len(tape.inputs)
    given = tape.input_names or [f"x{i}" for i in range(1, inputs + 1)]
    variables = _variables(tape)
    times = Counter(variables.values())
    taken = {*given, *(re.split(r"\W", name)[0] for name in given)}
    used = taken | set(times)
    numbered = {name: filterfalse(used.__contains__, map((name + "_{}").format, count(1))) for name in times}
    names = [*given, *[None] * (many - inputs)]
    for i, name in variables.items():
        names[i] = next(numbered[name]) if times[name] > 1 or name in taken else name

    def at_its_place(name, letter):
        i = inputs - 1 + int(name[len(letter) :])
        return inputs <= i < many and names[i] == name

    letters = (letter * n for n in count(1) for letter in "vtuszrqpabc")
    fits = lambda x: all(at_its_place(name, x) for name in used if re.fullmatch(rf"{x}\d+", name))
    letter = next(filter(fits, letters))
    return [name or f"{letter}{i - inputs + 1}" for i, name in enumerate(names)]


def _variables(tape):
    """The variable of each row that has one: what first held it, or of an array that was written to (``y[0] = v``)."""
    bound = {}
    for i, (rule, parents, *_) in enumerate(tape.rows if tape.origins else ()):
        name = tape.origins.bound.get(i)
        if name is None and rule is setitem:
            name = bound.get(parents[0])
        if name is not None and name.strip("_"):
            bound[i] = name
    return bound


def _innermost(frame):
    """The innermost call of a function of the user's, and the origins in its code by instruction."""
    while frame is not None:
        _, places = _READ.get(id(frame.f_code)) or _first_met(frame)
        if places is not None:
            return frame, places
        frame = frame.f_back
    return None, None


def _first_met(frame):
    """Read the code of a frame, if it is the user's. It is kept: its id must not become another's."""
    code, module = frame.f_code, str(frame.f_globals.get("__name__"))
    if len(_READ) >= MOST:
        _READ.clear()
    ours = code.co_filename.startswith(OURS) or module.partition(".")[0] in THEIRS
    found = _READ[id(code)] = code, None if ours else _read(code)
    return found


def _read(code):
    """The origin of what each instruction computes, at its offset. Read backwards: the next ones store it, or don't."""
    places, names, end, before = {}, (), len(code.co_code), {}
    lines = [position[0] for position in code.co_positions()]
    for step in reversed([*dis.get_instructions(code)]):
        if step.opname == "PRECALL":  # Python 3.11: at times it does the work of the CALL that follows
            names = places[end].names
        for offset in range(step.offset, end, 2):  # the instruction and its caches
            places[offset] = Origin(code.co_filename, lines[step.offset // 2], names)
        end = step.offset
        if step.opname == "RETURN_VALUE":
            names = RETURNED
        elif step.opname.startswith(STORES):
            # one variable; since Python 3.13 also two, or one to store and one to load
            stored = step.argval if isinstance(step.argval, tuple) else (step.argval,)
            loads = step.opname.endswith("LOAD_FAST")
            names = stored[:1] if loads else stored if names is RETURNED else stored + names
        elif "JUMP" in step.opname:  # forwards, as in a if c else b
            names = before.get(step.argval, ())
        elif step.opname not in MOVES:
            names = ()
        before[step.offset] = names
    return places


def _row_of(value, tape):
    """The row of a tape that a value is, also where it stands inside a value of an inner transform."""
    while isinstance(value, Traced) and not value.pair:
        if value.level is tape:
            return value.index
        value = value.value
    return None
