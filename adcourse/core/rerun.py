"""Programs that aren't recorded, but run again when the reverse sweep comes to them.

Such a program leaves one row: its inputs. When the reverse sweep comes to that row, the program runs once more, on a
tape of its own, which is swept in the row's place and dropped.

Its inputs are all traced values that it meets: arguments, parts of them, and what it closes over. So it runs at first
on a throw-away tape, below the tapes around it (in the sense of levels.py). Each value of theirs that is met becomes an
input of that run, for as long as the run lasts; and the same when it runs again.
"""

from array import array
from math import inf
from weakref import ref

import numpy as np

from .alive import innermost
from .custom import Bundled
from .errors import MutationError, RecomputationError
from .inplace import ARGUMENT, become, snapshot
from .kinds import Elementwise, Linear, dtype_of, shape_of
from .levels import OPENED, apply, highest
from .tape import INPUT, TAPE, Tape, Var, _Parts, zeros_like

BELOW = 2.0**-20  # how far a run is below the tapes around it: above all that was there before them
NUMBER = Linear(lambda x: float(x) if type(x) is np.float64 else x, lambda g, k, operands: g, name="float")


def surroundings():
    """The tapes that now record, down to the first level that isn't one: forward modes run the function themselves."""
    levels = OPENED.levels()
    modes = (level.number for level in levels if not isinstance(level, Tape))
    top = max((number for number in modes if number < inf), default=0)  # complex numbers are above all levels
    return [level for level in levels if isinstance(level, Tape) and level.number > top]


class Inputs:
    """The traced values that a program has met: ``operands``, and which objects stand for them."""

    def __init__(self):
        self.operands, self.places, self.objects, self.numpys = [], {}, [], set()

    def place(self, box):
        """The number of the operand that ``box`` is; None if it hasn't been met."""
        return self.places.get((box.level, box.index))

    def add(self, box):
        self.places[box.level, box.index] = len(self.operands)
        self.operands.append(snapshot(box))


class Run:
    """One run of a program on a tape of its own: ``with Run(outer, inputs) as run``.

    Every value of the tapes ``outer`` that is met stands for an input of this run's tape until the end.
    ``values``: those of the inputs, when the program runs again; at first they are looked up, and new ones join.
    """

    def __init__(self, outer, inputs, values=None, own=False):
        self.outer, self.inputs, self.values, self.own = outer, inputs, values, own
        self.mine, self.changed = {}, []

    def __enter__(self):
        number = min(tape.number for tape in self.outer) - BELOW
        met = [x for x in OPENED.levels() if isinstance(x, Tape) or x.number < number]  # no sweep around this run, say
        self.opened, OPENED.by_tag = OPENED.by_tag, {level.tag: ref(level) for level in met}
        self.tape = TAPE.get()(False, self.own)
        self.tape.number = number
        self.flags = [(tape, tape.open, tape.lean, tape.adopt) for tape in self.outer]
        for tape in self.outer:
            tape.open, tape.lean, tape.adopt = False, False, self.adopt
        return self

    def __exit__(self, error, *_):
        self.tape.close()
        OPENED.by_tag = self.opened
        for tape, *flags in self.flags:
            tape.open, tape.lean, tape.adopt = flags
            tape.asked |= self.tape.asked
        written = False
        for box, new, old, base in reversed(self.changed):
            written |= box.level is not new.level or box.index != new.index
            become(box, old)
            if base is None:
                del box._base
            else:
                box._base = base
        if error is not None:
            self.end()
        elif written:
            self.end()
            raise MutationError(
                "A checkpointed function wrote to an array that it was given.",
                "it runs once more in the reverse sweep, and must find its inputs as they were.",
                "x = x.copy() before the write, and return the new array",
            )

    def end(self):
        """Drop the record."""
        self.tape.release()
        self.tape.rows.clear()

    def input(self, k):
        """Operand ``k`` as an input of this run; a NumPy number as such, see shortcuts.py."""
        if k not in self.mine:
            x = self.stripped(k) if self.values is None else self.values[k]
            self.mine[k] = new = self.tape.input(np.float64(x) if type(x) is float and k in self.inputs.numpys else x)
            if type(new.value) is np.float64 and not self.tape.keep:
                new.value = float(new.value)
        return self.mine[k]

    def fill(self, parents=None):
        """The inputs, when a program runs again: first rows of the tape; those with the same parent are one."""
        first = {}
        for (level, _), k in self.inputs.places.items():
            if level in self.outer:
                same = k if parents is None or parents[k] is None else first.setdefault(parents[k], k)
                self.mine[k] = self.input(same)
        for box, k in self.inputs.objects:
            self.replace(box, self.mine[k] if k in self.mine else self.values[k])

    def meet(self, leaves):
        """Arguments are inputs, whatever the program does with them."""
        for x in leaves:
            if type(x) is Var and x.level in self.outer:
                self.adopt(x)

    def adopt(self, box):
        """Let ``box``, of an outer tape, stand for an input of this run (and of a run around it that asks for it)."""
        around = next(adopt for tape, _, _, adopt in self.flags if tape is box.level)
        if around is not None:
            around(box)
        k = self.inputs.place(box)
        if k is None and self.values is not None:
            raise other_numbers("met a traced value that it hadn't met before, or that was written to since.")
        if k is None:
            self.inputs.add(box)
            k = self.inputs.place(box)
            self.inputs.objects.append((box, k))
        self.replace(box, self.input(k))

    def replace(self, box, new):
        self.changed.append((box, snapshot(new), snapshot(box), getattr(box, "_base", None)))
        become(box, new)
        box._base = ARGUMENT

    def stripped(self, k):
        """The value of an operand below the outer tapes."""
        box = self.inputs.operands[k]
        x = box.value
        while type(x) is Var and x.level in self.outer:
            box, x = x, x.value
        if type(x) is float and box.level.is_numpys(box.index):
            self.inputs.numpys.add(k)
        return x

    def value(self, y):
        """The value of a result; a NumPy number as such."""
        return np.float64(y.value) if type(y.value) is float and self.tape.is_numpys(y.index) else y.value

    def taken(self, leaves):
        """Which results were computed by this run, each object once: they have a derivative."""
        given, found = {id(box) for box, *_ in self.changed}, {}
        for y in leaves:
            if type(y) is Var and y.level is self.tape and id(y) not in given:
                found[id(y)] = y
        return list(found.values())

    def swept(self, seeds, have):
        """The adjoints of the operands, added to what they ``have``, and those of all rows."""
        onto = {}
        for k, x in self.mine.items():
            if onto.get(x.index) is None:
                onto[x.index] = have[k]
        found = self.tape.sweep(seeds, onto=onto)
        return [found[self.mine[k].index] if k in self.mine else c for k, c in enumerate(have)], found

    def fingerprint(self, results):
        """A number that tells this run from another: of all that its derivative reads, and of the results."""
        return fingerprint(_read(row) for row in self.tape.rows), fingerprint(results)


class Recomputed(Bundled):
    """The row of a program that isn't recorded. ``spliced``: its tape is swept in the row's place; see Tape.sweep."""

    spliced, static, reads_out, vjp = True, (), False, None

    def __init__(self, function, name, outer):
        self.function = function
        self.name, self.outer, self.inputs, self.first = name, outer, Inputs(), None

    def apply(self, values):
        """Write the row, of results with these values; the results as traced values."""
        self.results = [(shape_of(x), dtype_of(x)) for x in values]
        self.first = self.bundle_up(values, single=len(values) == 1)
        self.operands = len(self.inputs.operands)
        self.reads = (True,) * self.operands
        try:
            parts = self.split(apply(self, tuple(self.inputs.operands)))
        finally:
            self.first = None
        if self.single:
            return parts
        return [apply(NUMBER, (y,)) if d is None else y for y, (_, d) in zip(parts, self.results, strict=True)]

    def compute(self, *operands):
        if self.above(operands) != self.outer:
            return apply(self, operands)
        return self.again(operands) if self.first is None else self.first

    def held(self):
        """What the row keeps beside its operands."""
        return ()

    def above(self, primals):
        """The outer tapes above all of these values."""
        top = highest(primals)
        below = top.level.number if type(top) is Var and top.level in self.outer else 0
        return [tape for tape in self.outer if tape.number > below]

    def sorted(self, indices, pieces):
        """Pieces of a bundle's adjoint, result by result; None for a result on which nothing depends."""
        start, places = 0, {}
        for k, (shape, _) in enumerate(self.results):
            places[start] = k
            start += int(np.prod(shape))
        gs = [None] * len(self.results)
        for index, g in zip(indices, pieces, strict=True):
            k = places[index if type(index) is int else index.start]
            g = np.reshape(g, self.results[k][0])
            gs[k] = g if gs[k] is None else gs[k] + g
        return gs

    def pullback(self, g, z, primals, static, wanted):
        found = self.sweep(self.split(g), z, primals, wanted, [None] * len(primals))
        found = [c.total() if type(c) is _Parts else c for c in found]
        return [
            None if w is None else zeros_like(x) if c is None else c
            for c, w, x in zip(found, wanted, primals, strict=True)
        ]


def _read(row):
    """What the derivative reads of a row; the partials by numbers, whichever way the row was written (shortcuts.py)."""
    rule, parents, primals, static, value = row
    if rule is None:
        return (static,) if primals is None else (static, value)
    if rule.spliced:
        return rule.prints
    if isinstance(rule, Elementwise) and not shape_of(value):
        z, *xs = [float(x) if isinstance(x, np.floating) else x for x in (value, *primals)]
        return tuple([rule.partial(k, z, xs) for k, p in enumerate(parents) if p is not None])
    return () if rule is INPUT else (primals, static, value)


def fingerprint(values):
    """A hash of the bits of all numbers in these values, nested as they may be."""
    numbers, parts = array("d"), []
    for x in innermost(values):
        if isinstance(x, float):
            numbers.append(x)
        elif isinstance(x, np.generic):
            parts.append(x.tobytes())
        elif isinstance(x, np.ndarray) and x.dtype != object:
            words = x.nbytes > 2**12 and x.itemsize == 8 and x.flags.forc
            parts.append(int(np.add.reduce(x.ravel(order="K").view(np.uint64))) if words else x.tobytes())
        elif isinstance(x, (int, str, type(None))):
            parts.append(x)
        else:
            parts.append((str(dtype_of(x)), shape_of(x)))
    return hash((numbers.tobytes(), *parts))


def other_numbers(what):
    return RecomputationError(
        f"A function that was run again for the reverse sweep {what}",
        "its record wasn't kept, so its derivative is made of the second run, which must repeat the first: no random "
        "numbers, and no arrays, variables or files that change between the two.",
        "the random numbers as an argument: noise = rng.normal(size=3), then checkpoint(f)(x, noise); and new arrays "
        "(b = b + 1) in place of changed ones (b += 1)",
    )
