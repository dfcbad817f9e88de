"""Reverse mode: the tape.

Running a program on recorded values writes one row per operation, in evaluation order. A row names its parents by
their row numbers, so the reverse sweep is one loop from the last row to the first: no recursion, no sorting, however
long the program (Linnainmaa 1970; Griewank and Walther 2008, section 3.2). It is the evaluation trace of the textbooks.
"""

import inspect
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from . import guard
from .box import Box
from .errors import InputError
from .gather import picked, places
from .inplace import argument, constant, snapshot
from .kinds import Constant, Elementwise, Rule, cast, match, shape_of, spec_of
from .levels import Level, Traced, apply, enter, plain
from .origin import Origins, row_names
from .rules import getitem, put
from .shortcuts import shorten_var
from .tree import paths

INPUT = Constant(lambda x: x)  # the rule of an input's row
NARROW = frozenset({np.dtype(np.float32), np.dtype(np.float16)})  # np.float64 wins beside them, float doesn't


class Row(NamedTuple):
    """One row of the evaluation trace: ``value = rule(*operands, **static)``."""

    index: int
    name: str
    rule: Rule | None  # None: an input
    parents: tuple  # per operand, the row it was computed in, or None for a constant
    operands: tuple
    static: dict
    value: Any


class Var(Box):
    """A recorded value: row ``index`` of the tape that is its level."""

    __slots__ = ("index",)

    def __init__(self, value, tape, index):
        self.value, self.level, self.index = value, tape, index

    def process(self, rule, operands, static):
        """Compute the value and write its row. What no derivative reads is kept as shape and dtype alone."""
        tape = self.level
        rows, keep, reads = tape.rows, tape.keep, rule.reads
        parents, primals, kept = [], [], []
        for k, x in enumerate(operands):
            read = keep or (k < len(reads) and reads[k])
            if type(x) is Var and x.level is tape:
                parents.append(x.index)
                x = x.value
                kept.append(x if read or type(x) is float else rows[parents[-1]][4])
            else:
                parents.append(None)
                kept.append(x if type(x) is float else tape.protected(x) if read else spec_of(x))
            primals.append(x)
        if tape.lean and len(primals) > 1 and any(getattr(x, "dtype", None) in NARROW for x in primals):
            for k, p in enumerate(parents):
                if p is not None and type(primals[k]) is float and tape.is_numpys(p):
                    primals[k] = kept[k] = np.float64(primals[k])
        value = rule.evaluate(primals, static)
        if keep:
            tape.origins.note(tape)
        rows.append((rule, parents, kept, static, value if keep or rule.reads_out else spec_of(value)))
        if type(value) is np.float64 and tape.lean:
            value = float(value)  # the same number, and faster; its NumPy type comes back at the end
        return Var(value, tape, len(rows) - 1)

    def lift(self, value):
        """A constant of this tape: a row without parents."""
        if not self.level.open:
            enter(self)
        return self.process(constant, (value,), {})


shorten_var(Var)


class Tape(Level):
    """The record of one run of a program: a flat list of rows, swept forwards for tangents, backwards for adjoints.

    A row is ``(rule, parents, primals, static, value)``. On a ``lean`` tape, one that no reader looks at, a number
    computed from numbers leaves ``(None, left, right, a, b)``: one or two parents and the partials by them.

    ``keep`` holds on to every value, for a reader; without it only those that a derivative reads.
    ``own`` copies the caller's arrays, for a tape that outlives the call; without it they are read-only meanwhile.
    """

    def __init__(self, keep=False, own=False):
        super().__init__(lean=not keep)
        self.keep, self.own = keep, own
        self.rows, self.inputs, self.outputs = [], [], []
        self.value, self.input_names, self._guarded = None, [], {}
        self.recorded = None  # the function and its arguments, of a tape that ``record`` made
        self.origins, self._names = Origins() if keep else None, None

    def close(self):
        if self.keep and self.open:
            self.origins.look(self)
        super().close()

    # ------------------------------------------------------------------ writing
    def begin(self, values):
        """The independent variables: they are the first rows."""
        self.inputs = list(range(len(values)))
        return [self.input(x) for x in values]

    def input(self, x):
        if type(x) is not float:
            x = self.protected(x, whole=True)
        self.rows.append((INPUT, (), (), {}, x))
        return argument(Var(float(x) if type(x) is np.float64 and self.lean else x, self, len(self.rows) - 1))

    def is_numpys(self, i):
        """Whether row ``i`` of a lean tape, a number, is a np.float64 in the program that it records."""
        look, seen = [i], set()
        while look:
            i = look.pop()
            if i in seen:
                continue
            seen.add(i)
            rule, left, right, _, last = self.rows[i]
            if rule is not None:
                if type(last) is not float:
                    return True
            elif right is not None:
                look += [left, right]
            elif last:
                return True
            else:
                look.append(left)
        return False

    def protected(self, x, whole=False):
        """The caller's array as it is now: a copy, which is cheap if it is small, or read-only until the sweep is done.

        ``whole``: read-only in any case, as the arguments are.
        """
        if isinstance(x, Traced):
            return snapshot(x)
        if hasattr(x, "shape") and not isinstance(x, np.generic):
            small = x.size <= guard.SMALL
            if not self.own and (whole or not small):
                guard.hold(x, self._guarded)
            if self.own or small:
                return x.copy("K") if isinstance(x, np.ndarray) else x.copy()
        return x

    def release(self):
        """Let the caller write to their arrays again. Whether one has changed all the same."""
        if self._guarded:
            changed = guard.changed(self._guarded)
            guard.release(self._guarded)
            return changed
        return False

    # ------------------------------------------------------------------ sweeping
    def sweep(self, cotangents, everything=False, onto=None):
        """The adjoints of all rows from those of some, ``{row: cotangent}``: one loop from the last row to the first.

        Each row hands its adjoint to its parents, through its pullback; a parent with several children gets the sum.
        Adjoints that have been handed on are dropped, unless ``everything`` is wanted. ``None`` stands for zero.
        ``onto``: what inputs have already, ``{row: adjoint}``, when this tape stands in the place of a row of another.
        """
        rows = self.rows
        adjoint = [None] * len(rows)
        for i, g in (onto or {}).items():
            adjoint[i] = g
        for i, g in cotangents.items():
            adjoint[i] = g if adjoint[i] is None else adjoint[i] + g
        backwards = zip(range(len(rows) - 1, -1, -1), reversed(adjoint), reversed(rows), strict=True)
        for i, g, (rule, left, right, a, b) in backwards:
            if g is None:
                continue
            if rule is None:  # a number from numbers: at most two parents, and the partials by them
                have = adjoint[left]
                adjoint[left] = g * a if have is None else have + g * a
                if right is not None:
                    have = adjoint[right]
                    adjoint[right] = g * b if have is None else have + g * b
                continue
            parents, primals, static, value = left, right, a, b
            if rule is INPUT and onto is not None:
                continue
            if rule.spliced:
                self._splice(adjoint, i, g, everything)
                continue
            if type(g) is _Parts:
                g = adjoint[i] = g.total()
            if rule is INPUT:
                continue
            if not everything:
                adjoint[i] = None
            if rule is getitem:
                contributions = (_Parts(primals[0], g, static["index"]),)
            elif rule is picked:
                contributions = (_Parts(primals[0], g, places(primals[1], shape_of(primals[0]))), None)
            else:
                contributions = rule.pullback(g, value, primals, static, parents)
            for parent, c in zip(parents, contributions, strict=True):
                if parent is not None:
                    have = adjoint[parent]
                    adjoint[parent] = c if have is None else have + c if type(c) is not _Parts else c.after(have)
        return adjoint

    def _splice(self, adjoint, i, g, everything):
        """Sweep a row that was run without being recorded: its own rows, in the place where they would have been."""
        rule, parents, primals, _, value = self.rows[i]
        by_result = type(g) is _Parts and g.whole is None and not rule.single
        gs = rule.sorted(g.indices, g.parts) if by_result else rule.split(g.total() if type(g) is _Parts else g)
        adjoint[i] = (g.total() if type(g) is _Parts else g) if everything else None
        have = [None if p is None else adjoint[p] for p in parents]
        for p, c in zip(parents, rule.sweep(gs, value, primals, parents, have), strict=True):
            if p is not None:
                adjoint[p] = c

    def push(self, tangents):
        """The tangents of all rows from those of the inputs, ``{row: tangent}``; None stands for zero."""
        tangent = [None] * len(self.rows)
        for i, (rule, parents, primals, static, value) in enumerate(self.rows):
            if rule is INPUT:
                tangent[i] = tangents.get(i)
            elif rule is None:
                left, right = tangent[parents], None if primals is None else tangent[primals]
                t = None if left is None else left * static
                tangent[i] = t if right is None else right * value if t is None else t + right * value
            else:
                ts = [None if p is None else tangent[p] for p in parents]
                if any(t is not None for t in ts):
                    tangent[i] = rule.pushforward(value, primals, ts, static)
        return tangent

    # ------------------------------------------------------------------ reading
    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        i = range(len(self.rows))[i]
        rule, parents, primals, static, value = self.rows[i]
        rule = None if rule is INPUT else rule
        return Row(i, self.name(i), rule, tuple(parents), tuple(primals), static, value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def name(self, i):
        """Inputs and variables are called what the program calls them, other rows v1, v2, ... by their place."""
        return self.names[i]

    @property
    def names(self):
        """What each row is called; see ``row_names``."""
        if self._names is None or self.open:
            self._names = dict(enumerate(row_names(self)))
        return self._names

    def line(self, i):
        """The line of the program that computed row ``i``, as written; None for inputs and where it isn't known."""
        return self.origins.line(i) if self.origins is not None else None

    def source(self, what="gradient"):
        """The derivative as source: a straight-line NumPy function that runs without adcourse.

        ``what``: "value", "gradient", "value_and_gradient", "jvp", "vjp" or "hvp"; see ``adcourse.program.source``.
        """
        from ..program.source import source

        return source(self, what)

    @property
    def nbytes(self):
        """The bytes that the tape keeps alive: values and operands of its rows, each array once, a view by its base."""
        from .alive import row_bytes

        return sum(row_bytes(self))

    def timeline(self):
        """What is alive over time, row by row, in bytes: ``forward`` while recording, ``reverse`` in the reverse sweep.

        ``forward[i]`` is what rows 0 to i keep, ``reverse[i]`` all that is kept and the adjoints that are waiting when
        row i has handed on its own (the sweep goes from the last row to the first). Arrays that the program itself
        holds on to, and those that a rule makes in passing, aren't the tape's and don't count; two adjoints that are
        one array count twice.

        >>> from adcourse import record
        >>> tape = record(lambda x: np.sum(np.exp(x)), np.ones(1000))
        >>> tape.nbytes, tape.timeline()
        (16008, Timeline(forward=[8000, 16000, 16008], reverse=[24008, 24008, 24008]))
        """
        from .alive import timeline

        return timeline(self)

    def partials(self, i):
        """The local partials of elementwise row ``i``, per operand; None for constants, and for other kinds of rule."""
        rule, parents, primals, _, value = self.rows[i]
        if not isinstance(rule, Elementwise):
            return (None,) * len(parents)
        return tuple(None if p is None else rule.partial(k, value, primals) for k, p in enumerate(parents))

    def pushforward(self, i, tangents):
        """The tangent of row ``i`` from its operands' (None for a constant)."""
        rule, _, primals, static, value = self.rows[i]
        return rule.pushforward(value, primals, tangents, static)

    def pullback(self, i, cotangent):
        """What row ``i`` with this adjoint adds to that of each operand; None for constants."""
        rule, parents, primals, static, value = self.rows[i]
        return tuple(rule.pullback(cotangent, value, primals, static, parents))

    def tangents(self, seeds):
        """The tangents of all rows; ``seeds`` gives one for each input, in the order of ``inputs``."""
        found = self.push(dict(zip(self.inputs, seeds, strict=True)))
        return [zeros_like(row[4]) if t is None else t for t, row in zip(found, self.rows, strict=True)]

    def adjoints(self, cotangent=1.0):
        """The adjoints of all rows: the derivative of the (first) output, times ``cotangent``, by each row."""
        out = self.outputs[0] if self.outputs else None
        found = (
            [None] * len(self.rows)
            if out is None
            else self.sweep({out: match_seed(cotangent, self.rows[out][4])}, True)
        )
        return [zeros_like(row[4]) if g is None else g for g, row in zip(found, self.rows, strict=True)]

    def __str__(self):
        from adcourse.show import trace  # what a reader sees is made above the core, and only when looked at

        return str(trace(self))

    def _repr_html_(self):
        from adcourse.show import trace

        return trace(self).html()

    def __repr__(self):
        return f"<Tape: {len(self.inputs)} inputs, {len(self.rows) - len(self.inputs)} operations>"


TAPE = ContextVar("tape", default=Tape)  # the kind of tape that transforms write; strict and repair choose another


class _Parts:
    """The adjoint of an indexed array while it is being collected: many pieces, scattered once into one buffer."""

    __slots__ = ("indices", "like", "parts", "whole")

    def __init__(self, like, part, index):
        self.like, self.whole, self.parts, self.indices = like, None, [part], [index]

    def after(self, have):
        """These pieces added to what was there: a sum of arrays, or pieces collected before."""
        if type(have) is _Parts:
            have.parts += self.parts
            have.indices += self.indices
            return have
        self.whole = have
        return self

    def __add__(self, other):
        self.whole = other if self.whole is None else self.whole + other
        return self

    def total(self):
        static = {"indices": tuple(self.indices), "shape": shape_of(self.like)}
        scattered = match(apply(put, tuple(self.parts), static), self.like)
        return scattered if self.whole is None else self.whole + scattered


def zeros_like(x):
    """A zero of the shape of a number, array or traced value; a plain float for a scalar."""
    return np.zeros_like(plain(x)) if shape_of(x) else 0.0


def match_seed(cotangent, y):
    """The cotangent that starts a reverse sweep, in the dtype of the output it belongs to."""
    if shape_of(cotangent) != shape_of(y):
        raise InputError(
            f"The cotangent has shape {shape_of(cotangent)}, the output {shape_of(y)}.",
            "a cotangent holds one number for each number of the output.",
            "np.ones_like(y), or another array of the output's shape",
        )
    if hasattr(cotangent, "astype"):
        return cast(cotangent, y)
    y = plain(y)
    y = y.value if isinstance(y, Traced) and y.recorded else y
    if hasattr(y, "__array_function__"):  # an array without axes: the seed is one of its own kind, on a GPU one there
        return np.ones_like(y) * cotangent
    return type(y)(cotangent) if isinstance(y, np.generic) else cotangent


def transpose(linear, like, cotangents):
    """The transpose of a linear function, from values like ``like`` to several: record it at zero, sweep that back."""
    tape, seeds = Tape(), {}
    try:
        ts = tape.begin([zeros_like(x) for x in like])
        for y, g in zip(linear(ts), cotangents, strict=True):
            if g is not None and isinstance(y, Var) and y.level is tape:
                seeds[y.index] = seeds[y.index] + g if y.index in seeds else g
        tape.close()
        found = tape.sweep(seeds)
    finally:
        tape.close()
        tape.release()
    return [zeros_like(x) if found[t.index] is None else found[t.index] for t, x in zip(ts, like, strict=True)]


def transpose_of_jvp(rule, g, z, primals, static, active):
    """The pullback of a rule that has only a JVP: the transpose of t -> jvp(x; t), which is linear in t."""

    def jvp(ts):
        given = dict(zip(active, ts, strict=True))
        return [rule.pushforward(z, primals, [given.get(k) for k in range(len(primals))], static)]

    found = dict(zip(active, transpose(jvp, [primals[k] for k in active], [g]), strict=True))
    return [found.get(k) for k in range(len(primals))]


def names_of(f, args):
    """What the function calls its arguments, leaf by leaf: ``x``, ``p[0]``, ``p['w']``."""
    try:
        bound = inspect.signature(f).bind(*args).arguments.items()
    except (TypeError, ValueError):  # built-in functions have no signature
        bound = [(f"x{i}" if len(args) > 1 else "x", a) for i, a in enumerate(args, 1)]
    return [path for name, a in bound for path in paths(a, name)]
