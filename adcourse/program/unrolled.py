"""Short vectors as numbers: in the time of one call of NumPy's for ten numbers Python does twenty operations.

So where a program calculates with vectors of a few numbers, each number gets steps of its own: one line takes a vector
apart, one puts it together. What NumPy only arranges (slices, shapes, gradients of indexing) then costs nothing. The
bits are the same: +, -, *, / and the square root are rounded alike everywhere (IEEE 754), and sums are added in NumPy's
order. Compilers call this scalar replacement of aggregates: Muchnick, *Advanced Compiler Design* (1997), section 12.2.
"""

import numpy as np

from ..core.inplace import constant, setitem
from ..core.rules import RULES, getitem, put
from .blocks import POWERS
from .idioms import added, in_a_row
from .machine import FEW, PACK, UNPACK, Element, in_python, is_array, is_float
from .passes import improved, swapped
from .recorder import GUARD, HOLD, INPUT, Program, Step, steps_in

LONGEST = 3_000  # numbers in all vectors of a program; more code than that takes as long to fetch as it saves
SAVES = 0.8  # how much of the time may be left, for what a step takes is an estimate
ADD, MULTIPLY, DIVIDE, SQRT = RULES[np.add], RULES[np.multiply], RULES[np.divide], RULES[np.sqrt]


def unrolled(program):
    """The program with numbers in place of short vectors, where that is less work; else the program itself."""
    short = [step for step in program.steps if step.rule is not INPUT and is_short(step.value)]
    if program.narrow or not short or sum(step.value.size for step in short) > LONGEST:
        return program
    made = Unroll(program)
    if made.turned:
        return program
    new = improved(made.program)
    return new if work(new) < SAVES * work(program) else program


def is_short(value):
    """Whether it is an array of a few floats."""
    return is_array(value) and value.ndim > 0 and 0 < value.size <= FEW


def work(program):
    return sum(map(nanoseconds, program.steps))


def nanoseconds(step):
    """What a step takes on a usual processor: all that is asked is which of two programs takes longer."""
    rule, of = step.rule, step.args[0].value if step.args and type(step.args[0]) is Step else None
    if rule in (INPUT, GUARD) or type(rule) is Element:
        return 0
    if rule is UNPACK:
        return 60 + 6 * of.size
    if rule is PACK:
        return 200 + 18 * step.value.size
    if is_float(step.value):
        if is_short(of):
            return 150 + 8 * of.size if rule.function is np.sum else 100
        return 12 if rule.function in ARITHMETIC else 100
    if rule is put:
        return 120 + 300 * len(step.args)
    return 110 if WAYS.get(rule, WAYS.get(rule.function)) in (_arranged, _joined, _picked) else 220


class Unroll:
    """``program``: another with the same results. ``new``: by step, what stands in its place there.

    ``numbers``: by step, an array of objects: for each number of a short vector its step, or a constant.
    ``turned``: whether a step reads what would lie in memory in another order, on which the bits of products depend.
    """

    def __init__(self, program):
        self.steps, self.new, self.numbers, self.turned = [], {}, {}, False
        for step in program.steps:
            if step.rule is INPUT:
                self.new[step] = step
                self.steps.append(step)
            elif not self.unroll(step):
                args, static = self.whole((step.args, step.static))
                self.turned |= any(
                    self.new[x].rule is PACK and not x.value.flags.c_contiguous for x in step.reads if x in self.numbers
                )
                new = self.new[step] = self.add(step.rule, args, step.value, static)
                new.name, new.note, new.others = step.name, step.note, step.others
        outputs = self.whole(program.outputs)
        self.program = Program(self.steps, program.inputs, outputs, program.build, program.ours)

    def unroll(self, step):
        """Whether a step could be written as steps on numbers, or as none."""
        number = is_float(step.value)
        if not is_short(step.value) and not (number and any(is_short(x.value) for x in step.reads)):
            return False
        how = WAYS.get(step.rule) or WAYS.get(step.rule.function)
        found = how(self, step, *step.args, **step.static) if how else None
        if found is None:
            return False
        if number:
            self.new[step] = found[()]
        else:
            self.numbers[step] = found
        return True

    def add(self, rule, args, value, static=None):
        self.steps.append(Step(rule, args, static or {}, value))
        return self.steps[-1]

    def whole(self, args):
        """Arguments of the program as those of the new one, with their vectors put together."""
        for x in steps_in(args):
            if x not in self.new:
                self.new[x] = self.add(PACK, tuple(self.numbers[x].flat), x.value, {"shape": x.value.shape})
        return swapped(args, self.new)

    def apart(self, x):
        """An operand as an array of objects; None if it is neither a number nor a short vector."""
        if type(x) is not Step:
            exact = getattr(x, "dtype", 0) == np.dtype(float) or type(x) is float or (type(x) is int and abs(x) < 2**53)
            return np.asarray(x, float).astype(object) if exact and np.size(x) <= FEW else None
        if x not in self.numbers and is_short(x.value):
            vector = self.add(UNPACK, (self.new[x],), None)
            self.numbers[x] = objects(x.value.shape)
            for k, v in enumerate(x.value.flat):
                self.numbers[x].flat[k] = self.add(Element(k), (vector,), float(v))
        if x not in self.numbers and is_float(x.value):
            return objects((), self.new[x])
        return self.numbers.get(x)

    def each(self, write, *operands):
        """An elementwise function of arrays of objects, by ``write(place, *numbers)``."""
        operands = np.broadcast_arrays(*operands)
        made = objects(operands[0].shape)
        for place in np.ndindex(made.shape):
            made[place] = write(place, *(x[place] for x in operands))
        return made

    def plus(self, a, b):
        """A step that adds two numbers."""
        return self.add(ADD, (a, b), sum(float(x.value) if type(x) is Step else x for x in (a, b)))


def objects(shape, fill=None):
    made = np.empty(shape, object)
    made[...] = fill
    return made


# ------------------------------------------------------------------------------------------------ the ways of the steps


def _elementwise(u, step, *args, **static):
    """Each number by the same rule, or by another that has the same bits."""
    rule, operands = step.rule, list(map(u.apart, args))
    if rule.function is np.power and type(args[1]) in (int, float):
        rule, operands = RULES.get(POWERS.get(float(args[1]))), operands[:1]
    if static or rule is None or any(x is None for x in operands):
        return None
    if rule.function is np.square:
        rule, operands = MULTIPLY, operands * 2
    elif rule.function is np.reciprocal:
        rule, operands = DIVIDE, [objects((), 1.0), *operands]
    if rule.function not in ARITHMETIC and (rule is not SQRT or not in_python(np.sqrt)):
        return None
    return u.each(lambda place, *numbers: u.add(rule, numbers, float(step.value[place])), *operands)


def _arranged(u, step, *args, **static):
    """NumPy's own function, of the steps."""
    x = u.apart(args[0])
    return None if x is None or static.get("order", "C") != "C" else step.rule.function(x, *args[1:], **static)


def _joined(u, step, *args, **static):
    parts = [u.apart(x) for x in (args[0] if len(args) == 1 and type(args[0]) in (tuple, list) else args)]
    return None if any(x is None for x in parts) else np.concatenate(parts, **static)


def _same(u, step, x, **static):
    return u.apart(x)


def _picked(u, step, x, *, index):
    x = u.apart(x) if is_basic(index) else None
    return None if x is None else x[view_at(index)]


def _summed(u, step, x, axis=None, **static):
    if static or axis not in (None, 0, (0,)) or type(x) is not Step or not in_a_row(x.value):
        return None
    return objects((), added(list(u.apart(x)), u.plus, 0.0))


def _put(u, step, *parts, indices, shape):
    """Zeros, to which every part is added at its place; the first one is written there, unless it is a number."""
    made, found = objects(shape, 0.0), list(map(u.apart, parts))
    if not all(map(is_basic, indices)) or any(x is None for x in found):
        return None
    for k, (part, index) in enumerate(zip(found, indices, strict=True)):
        here = made[view_at(index)]
        here[...] = part if k == 0 and part.ndim else u.each(lambda place, a, b: u.plus(a, b), here, part)
    return made


def _written(u, step, old, new, *, index):
    old, new = u.apart(old), u.apart(new)
    if old is None or new is None or not is_basic(index) or old.shape != step.value.shape:
        return None
    made = old.copy()
    made[index] = new if new.ndim else new[()]
    return made


def view_at(index):
    """The index with which NumPy gives a view, also of a single place."""
    items = index if type(index) is tuple else (index,)
    return items if Ellipsis in items else (*items, ...)


def is_basic(index):
    """Whether it is made of integers and slices: no two of its places are the same."""
    items = index if type(index) is tuple else (index,)
    return all(type(i) in (int, slice, type(None), type(Ellipsis)) for i in items)


ARITHMETIC = {np.add, np.subtract, np.multiply, np.divide, np.negative}
WAYS = {
    **dict.fromkeys((*ARITHMETIC, np.square, np.reciprocal, np.sqrt, np.power), _elementwise),
    **dict.fromkeys((np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims), _arranged),
    **dict.fromkeys((np.squeeze, np.broadcast_to), _arranged), **dict.fromkeys((HOLD, constant, np.copy), _same),
    np.concatenate: _joined, getitem: _picked, np.sum: _summed, put: _put, setitem: _written,
}  # fmt: skip
