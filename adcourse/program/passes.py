"""What can be left out of a recorded program without changing a bit of its results.

Each pass walks the steps once and gives new ones. Aho, Lam, Sethi and Ullman, *Compilers* (2006), chapter 8: folding of
constants, common subexpressions, dead code. Of the rules of algebra only those stay that hold in floating point.
"""

import math

import numpy as np

from ..core.kinds import Elementwise, shape_of
from ..core.rules import RULES
from .recorder import GUARD, INPUT, Program, Step, steps_in

SMALL = 64  # numbers in a constant that is compared by its bytes
MULTIPLY, NEGATIVE, POSITIVE = RULES[np.multiply], RULES[np.negative], RULES[np.positive]
BROADCAST = RULES[np.broadcast_to]
TWOS = (2.0, 4.0)  # by which a product is exact, whether before or after the rounding of another


def improved(program):
    """All passes. The first three look at one step after the other, and each at what the one before has left."""
    return drop_dead(rewritten(program, (fold, Simplify(program.narrow), Merge())))


def rewritten(program, changes):
    """The program with ``change(step)`` in place of each step: another step, a constant, or the step itself."""
    new, steps, placed = {}, [], set()
    for step in program.steps:
        found = step
        for x in step.reads:
            if x in new:
                step.args, step.static = swapped(step.args, new), swapped(step.static, new)
                step.reads = tuple(steps_in((step.args, step.static)))
                break
        for change in changes:
            found = change(found)
            if type(found) is not Step or found in placed:
                break
        if found is not step:
            new[step] = found
            if type(found) is Step and isinstance(step.value, np.ndarray):
                found.stands_for(step)
        if type(found) is Step and found not in placed:
            place(found, placed, steps)
    return Program(steps, program.inputs, swapped(program.outputs, new), program.build, program.ours)


def place(step, placed, steps):
    """A step behind what it reads, each once."""
    for x in step.reads:
        if x not in placed:
            place(x, placed, steps)
    placed.add(step)
    steps.append(step)


def swapped(args, new):
    """Arguments with others in the place of some steps."""
    if type(args) is Step:
        return new.get(args, args)
    if isinstance(args, dict):
        return {k: swapped(x, new) for k, x in args.items()} if args else args
    if isinstance(args, (tuple, list)):
        made = [swapped(x, new) for x in args]
        return type(args)._make(made) if hasattr(args, "_make") else type(args)(made)
    return args


# ---------------------------------------------------------------------------------------------- the passes


def fold(step):
    """A constant for a step that reads constants alone; a guard of a constant always holds."""
    return step if step.reads or step.rule is INPUT else step.value


class Simplify:
    """x for x * 1 and -(-x), -x for x * -1, 200 x for 100 (2 x): what is exact in floating point."""

    def __init__(self, narrow):
        self.narrow = narrow

    def __call__(self, step):
        rule = step.rule
        if type(step.value) is not float and isinstance(rule, Elementwise) and not self.narrow:
            self.unbroadcast(step)
        if rule is MULTIPLY:
            return self.product(step)
        x = step.args[0] if step.args else None
        if rule is NEGATIVE and type(x) is Step and self.alike(x, step):
            if x.rule is NEGATIVE:
                return x.args[0]
            if x.rule is MULTIPLY and type(x.args[0]) is float and type(x.args[1]) is Step:
                return like(step, MULTIPLY, (-x.args[0], x.args[1]))
        return x if rule is POSITIVE and self.alike(x, step) else step

    def unbroadcast(self, step):
        """A number that was spread over the shape of the other operand, as the number: NumPy spreads it anyway."""
        shape = shape_of(step.value)
        for k, x in enumerate(step.args):
            if type(x) is Step and x.rule is BROADCAST and type(x.args[0]) is Step and not shape_of(x.args[0].value):
                others = [shape_of(y.value if type(y) is Step else y) for y in step.args[:k] + step.args[k + 1 :]]
                if shape in others and shape_of(x.value) == shape:
                    step.args = (*step.args[:k], x.args[0], *step.args[k + 1 :])
                    step.reads = tuple(steps_in(step.args))

    def product(self, step):
        """A product by a constant, in its shortest form: the constant first, a number where all its entries are one."""
        x, c = step.args
        if type(c) is Step:
            x, c = c, x
        if type(x) is not Step:
            return step
        if type(c) is Step:
            return self.of_two(step)
        number = uniform(c)
        if number is None or not self.alike(x, step):
            return step
        if number == 1.0:
            return x
        if number == -1.0:
            return self(like(step, NEGATIVE, (x,)))
        if self.doubled(x) and abs(number) >= 1.0 and math.isfinite(number * x.args[0]):
            return like(step, MULTIPLY, (number * x.args[0], x.args[1]))
        if x.rule is NEGATIVE:
            return like(step, MULTIPLY, (-number, x.args[0]))
        return like(step, MULTIPLY, (number, x)) if shape_of(c) or type(step.args[1]) is not Step else step

    def of_two(self, step):
        """(2c x) y for (c x) (2 y)."""
        for x, y in (step.args, step.args[::-1]):
            if self.doubled(y) and self.scaled(x) and self.alike(x, step) and self.alike(y, step):
                c = x.args[0] * y.args[0]
                if abs(x.args[0]) >= 1.0 and math.isfinite(c):
                    return like(step, MULTIPLY, (like(x, MULTIPLY, (c, x.args[1])), y.args[1]))
        return step

    def scaled(self, x):
        """Whether it is a number times something of its own shape."""
        if x.rule is not MULTIPLY or type(x.args[0]) is not float:
            return False
        return type(x.args[1]) is Step and self.alike(x.args[1], x)

    def doubled(self, x):
        return self.scaled(x) and x.args[0] in TWOS

    def alike(self, x, step):
        """Whether an operand has the shape and dtype of the result, so that it can stand in its place."""
        if type(x) is not Step or shape_of(x.value) != shape_of(step.value):
            return False
        if self.narrow and type(x.value) is not type(step.value):
            return False
        kinds = {"f" if isinstance(v, float) else getattr(v, "dtype", None) for v in (x.value, step.value)}
        return kinds in ({"f"}, {np.dtype(float)}, {np.dtype(np.float32)})


def uniform(c):
    """The number that all entries of a constant are, as a Python float."""
    if type(c) is float:
        return c
    if isinstance(c, np.floating) or (isinstance(c, np.ndarray) and c.dtype.kind == "f" and c.size):
        first = float(c.flat[0]) if c.ndim else float(c)
        if not c.ndim or (c == first).all():
            return first if first else None  # the sign of a zero, a nan: as they are
    return None


def like(step, rule, args):
    """Another step in its place."""
    new = Step(rule, args, {}, step.value)
    new.name, new.note = step.name, step.note
    return new


class Merge:
    """The same function of the same operands, computed once (common subexpressions)."""

    def __init__(self):
        self.known = {}

    def __call__(self, step):
        if step.rule is INPUT:
            return step
        key = [getattr(step.rule, "key", step.rule)]
        key += [x if type(x) is Step else key_of(x) for x in step.args]
        key = (*key, key_of(step.static)) if step.static else tuple(key)
        first = self.known.setdefault(key, step)
        if first is not step:
            if step.rule is GUARD:
                return None
            if first.name is None:
                first.name = step.name
        return first


def key_of(x):
    """What tells one operand, option or rule from another."""
    if type(x) is Step:
        return id(x)
    if type(x) is tuple or type(x) is list:
        return (type(x), *map(key_of, x))
    if type(x) is dict:
        return tuple((k, key_of(v)) for k, v in x.items())
    if type(x) is slice:
        return slice, key_of((x.start, x.stop, x.step))
    if isinstance(x, (float, int)) or x is None or x is Ellipsis or isinstance(x, str):
        return type(x), x.hex() if isinstance(x, float) else x
    if isinstance(x, np.ndarray) and x.size <= SMALL:
        return x.shape, x.dtype, x.tobytes()
    if isinstance(x, np.generic):
        return x.dtype, x.tobytes()
    return getattr(x, "key", None) or id(x)


def drop_dead(program):
    """Without the steps whose value nobody reads."""
    wanted, steps = set(steps_in(program.outputs)), []
    for step in reversed(program.steps):
        if step.rule is GUARD or step.rule is INPUT or step in wanted:
            steps.append(step)
            wanted.update(step.reads)
    return Program(steps[::-1], program.inputs, program.outputs, program.build, program.ours)
