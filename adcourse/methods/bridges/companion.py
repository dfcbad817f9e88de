"""Companion: a number of NumPy's program, and beside it the same number in another system.

NumPy runs the program as ever: its values decide branches, indices, dtypes and which arrays share memory. Whatever is
done to a companion is also done to the other system's array that travels with it, which is all that the other system
sees, and differentiates. Where there are no numbers yet (under ``jax.jit``, in CasADi), NumPy's part has only the
right shape and dtype, and a question such as ``x > 0`` is answered by the other system, for ``np.where``.
"""

import numpy as np

from adcourse.core.box import Box
from adcourse.core.custom import Bundled
from adcourse.core.errors import ADError
from adcourse.core.inplace import VIEWS
from adcourse.core.kinds import General, dtype_of, shape_of
from adcourse.core.levels import Level, Traced, bare
from adcourse.core.rules import RULES, getitem
from adcourse.core.tree import flatten
from adcourse.methods.bridges.formulas import FORMULAS


class BridgeError(ADError, TypeError):
    """The program asked for something that the other system doesn't have, or can't know."""


class Run(Level):
    """One run of a program through another system. ``where``: the device of its arrays, for systems that have one."""

    def __init__(self, system, where=None):
        super().__init__()
        self.system, self.where = system, where


class Companion(Box):
    """``value``: NumPy's. ``other``: the other system's. ``known``: whether the value is one, or only a stand-in."""

    __slots__ = ("known", "other")
    answers = property(lambda self: self.known)

    def __init__(self, value, other, level, known=True):
        self.value, self.other, self.level, self.known = value, other, level, known

    def process(self, rule, operands, static):
        run, system = self.level, self.level.system
        for x in operands:
            if isinstance(x, Traced) and not self._mine(x):
                raise met_another(system, x)
        known = all(x.known for x in operands if isinstance(x, Companion))
        if isinstance(rule, Bundled):
            return _body(rule, operands, static, system)
        values = [x.blank if isinstance(x, Companion) else x for x in operands]
        value = rule.evaluate(values, static) if known else _stand_in(rule, values, static)
        if system.native(rule) is None and rule.name in FORMULAS:
            found = FORMULAS[rule.name](*operands, **static)  # plain where it doesn't depend on what is differentiated
            other = system.operand(found, dtype_of(value) or np.dtype(float), run.where)
        else:
            other = system.compute(rule, operands, value, static, run.where)
        return Companion(value, other, run, known)

    def _mine(self, x):
        return type(x) is Companion and x.level is self.level

    @property
    def blank(self):
        """NumPy's value; of a question without answer, False."""
        return np.zeros(self.shape, bool)[()] if dtype_of(self.value) is _OBJECT else self.value

    @property
    def kind(self):
        """The dtype of the other system's array."""
        return dtype_of(self.blank) or np.dtype(float)

    def decide(self, rule, args, kwargs):
        """By NumPy's values, where they are known. Otherwise the other system's answer, which np.where understands."""
        if rule is None:
            raise unknown(self.level.system)
        if rule.function in _OF_SHAPE:
            return rule.compute(*_blank(args), **_blank(kwargs))
        mine = [x for x in flatten((args, kwargs))[0] if isinstance(x, Companion)]
        if all(x.known for x in mine):
            return rule.compute(*bare(args), **bare(kwargs))
        system = self.level.system
        ask = system.question(rule)
        if ask is None or any(isinstance(x, Traced) and not self._mine(x) for x in args):
            raise unknown(system, rule.name)
        with np.errstate(all="ignore"):
            value = np.asarray(rule.compute(*_blank(args), **_blank(kwargs)))
        elementwise = isinstance(rule.function, np.ufunc)
        others = [system.operand(x, None, self.level.where) if elementwise or self._mine(x) else x for x in args]
        try:
            other = ask(*others, **kwargs)
        except TypeError as error:  # an option of NumPy's that the other system's function doesn't have
            raise unknown(system, f"{rule.name} with these options") from error
        value = np.full(value.shape, _Unknown(system), object) if value.dtype == bool else np.zeros_like(value)
        return Companion(value if value.dtype is _OBJECT else value[()], other, self.level, known=False)

    def __getitem__(self, index):
        if any(isinstance(i, Companion) for i in (index if isinstance(index, tuple) else (index,))):
            raise unknown(self.level.system, "an index")
        return super().__getitem__(index)

    def lift(self, value):
        return Companion(value, self.level.system.operand(value, None, self.level.where), self.level)

    def any(self, *args, **kwargs):
        return np.any(self, *args, **kwargs)

    def all(self, *args, **kwargs):
        return np.all(self, *args, **kwargs)

    __and__ = __rand__ = lambda self, other: self.decide(RULES[np.logical_and], (self, other), {})
    __or__ = __ror__ = lambda self, other: self.decide(RULES[np.logical_or], (self, other), {})
    __xor__ = __rxor__ = lambda self, other: self.decide(RULES[np.logical_xor], (self, other), {})
    __invert__ = lambda self: self.decide(RULES[np.logical_not], (self,), {})


_OBJECT = np.dtype(object)
_SHAPES = "shape ndim size result_type can_cast common_type iscomplexobj isrealobj may_share_memory shares_memory"
_OF_SHAPE = {getattr(np, name) for name in _SHAPES.split()}


def _blank(x):
    if isinstance(x, dict):
        return {k: _blank(v) for k, v in x.items()}
    if type(x) in (tuple, list):
        return type(x)(map(_blank, x))
    return x.blank if isinstance(x, Companion) else x


class _Unknown:
    """What stands in the place of an answer, so that nobody, however deep in NumPy, decides by it."""

    def __init__(self, system):
        self.system = system

    def __bool__(self):
        raise unknown(self.system)


def _stand_in(rule, values, static):
    """A value of the shape and dtype of the result: the rule runs on zeros, and on the identity for a matrix."""
    if isinstance(rule, General):
        values = [_identity(v) if len(shape_of(v)) > 1 else v for v in values]
    with np.errstate(all="ignore"):
        value = rule.evaluate(values, static)
    if rule is getitem or rule.function in VIEWS:
        return value  # of the same memory in the place of the same memory
    return np.zeros_like(value)[()] if hasattr(value, "dtype") else type(value)(0)


def _identity(v):
    return np.broadcast_to(np.eye(*v.shape[-2:], dtype=v.dtype), v.shape)


def _body(rule, operands, static, system):
    """A function with a rule of its reader's own: its body is a program like any other, and runs as one."""
    if not hasattr(rule, "custom"):
        raise no_counterpart(system, rule)
    result = rule.custom.f(*rule.arguments(operands), **static)
    leaves, rule.build_out = flatten(result)
    return rule.bundle_up(leaves, single=not isinstance(result, (tuple, list, dict)))


# ---------------------------------------------------------------------------------------------- errors


def no_counterpart(system, rule):
    return BridgeError(
        f"{rule.name} has no counterpart in {system.title}.",
        f"a bridge turns each of NumPy's functions into the other system's, which differentiates those; for this one "
        f"{system.title} has no function with a derivative.",
        f"adcourse's own grad(f)(x); or f with functions that {system.title} has too",
    )


def no_tolerance(system):
    return BridgeError(
        f"np.linalg.pinv was called with a tolerance, which {system.title}'s pinv doesn't take.",
        "its derivative is that of a matrix of full rank.",
        "np.linalg.pinv(a), for a matrix of full rank",
    )


def met_another(system, x):
    return BridgeError(
        f"A value on its way through {system.title} met a {type(x).__name__} of another transform.",
        f"the array that {system.title} differentiates can't hold what another system differentiates.",
        "bridges.jax.function(f) or bridges.torch.function(f) to use adcourse's derivatives inside the other system; "
        "or one system for the whole program",
    )


def unknown(system, what="a condition (if, while, bool)"):
    return BridgeError(
        f"The program asked for {what} of a value that {system.title} doesn't have yet.",
        f"here the program runs once, in {system.title}, for whichever numbers come later: of an `if` or `while` it "
        "would see one branch and never the other. (A `for` over a fixed range is unrolled.)",
        f"np.where(x > 0, a, b) in place of a if x > 0 else b; or {system.with_numbers}",
    )
