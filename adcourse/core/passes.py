"""What can be left out of a recorded program without changing a bit of its results.

Each pass walks the steps once and gives new ones. Aho, Lam, Sethi and Ullman, *Compilers* (2006), chapter 8: folding of
constants, common subexpressions, dead code. Of the rules of algebra only those stay that hold in floating point.
"""

import math

import numpy as np

from .kinds import dtype_of, shape_of
from .program import GUARD, INPUT, Program, Step
from .rules import RULES

NESTS = (tuple, list, dict)
SMALL = 64  # numbers in a constant that is compared by its bytes
MULTIPLY, NEGATIVE, POSITIVE = RULES[np.multiply], RULES[np.negative], RULES[np.positive]


def improved(program):
    """All passes, in an order in which each finds what the one before has left."""
    for step_by_step in (fold, simplify, merge):
        program = step_by_step(program)
    return drop_dead(program)


# ---------------------------------------------------------------------------------------------- walking


def operands_of(args):
    """The steps among arguments, also inside tuples, lists and dicts."""
    for x in args:
        if type(x) is Step:
            yield x
        elif isinstance(x, NESTS):
            yield from operands_of(x.values() if isinstance(x, dict) else x)


def reads(step):
    """The steps that a step reads."""
    yield from operands_of(step.args)
    if step.static:
        yield from operands_of(step.static.values())


def swapped(args, new):
    """Arguments with steps in place of which others have come."""
    if type(args) is Step:
        return new.get(args, args)
    if isinstance(args, dict):
        return {k: swapped(x, new) for k, x in args.items()}
    if isinstance(args, NESTS):
        made = [swapped(x, new) for x in args]
        return type(args)._make(made) if hasattr(args, "_make") else type(args)(made)
    return args


def rewritten(program, change):
    """The program with ``change(step)`` in place of each step: a step, a constant, or itself."""
    new, steps = {}, []
    for step in program.steps:
        if new and any(x in new for x in reads(step)):
            args, static = swapped(step.args, new), swapped(step.static, new)
            again = Step(step.rule, args, static, step.value)
            again.name, again.note = step.name, step.note
            new[step] = again
        else:
            again = step
        found = change(again)
        if found is not again:
            new[step] = new[again] = found
        if found is again:
            steps.append(again)
    return Program(steps, program.inputs, swapped(program.outputs, new), program.build)


# ---------------------------------------------------------------------------------------------- the passes


def fold(program):
    """Constants for steps that read constants alone; a guard of a constant always holds."""

    def change(step):
        if step.rule is INPUT or any(True for _ in reads(step)):
            return step
        return step.value

    return rewritten(program, change)


def simplify(program):
    """x for x * 1 and -(-x), -x for x * -1, 200 x for 100 (2 x), c for an array whose entries are all c: exact."""

    def change(step):
        if step.rule is MULTIPLY:
            return product(step)
        if step.rule is NEGATIVE and (inner := step.args[0]).rule is NEGATIVE:
            return inner.args[0]
        if step.rule is POSITIVE and same_kind(step.args[0], step):
            return step.args[0]
        return step

    return rewritten(program, change)


def product(step):
    """A product by a constant, if it is one, in its shortest form."""
    x, c = step.args
    if type(c) is Step:
        x, c = c, x
    if type(c) is Step or type(x) is not Step or not same_kind(x, step):
        return step
    number = uniform(c)
    if number is None or (shape_of(c) and not shape_of(step.value)):
        return step
    if number == 1.0:
        return x
    if number == -1.0:
        return like(step, NEGATIVE, (x,))
    if x.rule is MULTIPLY and type(x.args[0]) is float and x.args[0] in (2.0, 4.0) and abs(number) >= 1.0:
        inner = x.args[1]  # twice a number is exact, whether before or after rounding
        if type(inner) is Step and same_kind(inner, step) and math.isfinite(number * x.args[0]):
            return like(step, MULTIPLY, (x.args[0] * number, inner))
    return like(step, MULTIPLY, (number, x)) if shape_of(c) else step


def uniform(c):
    """The number that all entries of a constant are, as a Python float."""
    if type(c) is float:
        return c
    if isinstance(c, np.floating) or (isinstance(c, np.ndarray) and c.dtype.kind == "f" and c.size):
        first = float(c.flat[0]) if c.ndim else float(c)
        if not c.ndim or (c == first).all():
            return first if first else None  # the sign of a zero, a nan: as they are
    return None


def same_kind(x, step):
    """Whether an operand has the shape and dtype of the result, so that it can stand in its place."""
    if type(x) is not Step or shape_of(x.value) != shape_of(step.value):
        return False
    kinds = {"f" if isinstance(v, float) else getattr(v, "dtype", None) for v in (x.value, step.value)}
    return kinds in ({"f"}, {np.dtype(float)}, {np.dtype(np.float32)})


def like(step, rule, args):
    """Another step in its place."""
    new = Step(rule, args, {}, step.value)
    new.name, new.note = step.name, step.note
    return new


def merge(program):
    """The same function of the same operands, computed once (common subexpressions)."""
    known = {}

    def change(step):
        if step.rule is INPUT:
            return step
        key = (key_of(step.rule), key_of(step.args), key_of(step.static) if step.static else None)
        first = known.setdefault(key, step)
        if first is not step and first.name is None:
            first.name, first.note = step.name, step.note
        return first if step.rule is not GUARD or first is step else None

    return rewritten(program, change)


def key_of(x):
    """What tells one operand, option or rule from another."""
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
    wanted, steps = set(operands_of(program.outputs)), []
    for step in reversed(program.steps):
        if step.rule is GUARD or step.rule is INPUT or step in wanted:
            steps.append(step)
            wanted.update(reads(step))
    return Program(steps[::-1], program.inputs, program.outputs, program.build)
