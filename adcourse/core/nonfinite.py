"""Derivatives that are inf or nan: ``strict`` names the operation they come from, ``repair`` takes 0 * inf as 0.

Both choose another kind of tape for the transforms called inside them. It keeps every value, and looks at what its
sweeps bring; outside, nothing is looked at and nothing costs. Forward mode, too, goes by way of the tape here.
"""

from contextlib import contextmanager
from functools import cache, partial

import numpy as np

from .batch import Batch
from .errors import NonFiniteError, NoRuleError
from .kinds import Elementwise, shape_of
from .levels import plain
from .tape import TAPE, Tape


@contextmanager
def strict():
    """In this block, a derivative that is inf or nan raises NonFiniteError, naming the operation that made it so.

    The first one in the order of the sweep: given finite tangents, or adjoints, it handed on others. Infinite values
    that the result doesn't depend on (forward mode meets them in the branch that ``np.where`` drops) are no error.

    >>> from adcourse import grad
    >>> with strict():
    ...     grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0)
    Traceback (most recent call last):
      ...
    adcourse.core.errors.NonFiniteError: In v1, sqrt(0.0) turned the adjoint 0.0 into nan.
      Why: ...
    """
    with _tape(strict=True):
        yield


@contextmanager
def repair():
    """In this block, 0 * inf and 0 * nan count as 0 where the chain rule multiplies by the slope of a function.

    Then a branch that ``np.where`` doesn't take adds nothing to the derivative, of any order, also where its slope is
    infinite. It is a convention, and wrong where the 0 and the inf are limits: it gives sqrt(x)**2 the slope 0 at 0.
    For elementwise functions; those of matrices are left as they are.

    >>> from adcourse import grad
    >>> with repair():
    ...     grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0)
    0.0
    """
    with _tape(repair=True):
        yield


@contextmanager
def _tape(**options):
    chosen = TAPE.get()
    token = TAPE.set(partial(CarefulTape, **{**getattr(chosen, "keywords", {}), **options}))
    try:
        yield
    finally:
        TAPE.reset(token)


class CarefulTape(Tape):
    """A tape that looks at what its sweeps bring."""

    def __init__(self, keep, own, strict=False, repair=False):
        super().__init__(keep=True, own=own)
        self.strict, self.repair = strict, repair

    def close(self):
        super().close()
        if self.repair:
            self.rows = [
                (_repaired(rule), *row) if type(rule) is Elementwise else (rule, *row) for rule, *row in self.rows
            ]

    def sweep(self, cotangents, everything=False, onto=None):
        _one_at_a_time(cotangents)
        with np.errstate(all="ignore"):
            adjoint = super().sweep(cotangents, everything, onto)
            if self.strict and onto is None and not all(_finite(adjoint[i]) for i in self.inputs):
                raise self.blame_sweep(super().sweep(cotangents, True))
        return adjoint

    def push(self, tangents):
        _one_at_a_time(tangents)
        with np.errstate(all="ignore"):
            tangent = super().push(tangents)
            if self.strict and not all(i is None or _finite(tangent[i]) for i in self.outputs):
                raise self.blame_push(tangent)
        return tangent

    def blame_sweep(self, adjoint):
        """The last row that makes inf or nan of a finite adjoint, where that reaches an input."""
        reached, found = {i for i in self.inputs if not _finite(adjoint[i])}, (self.inputs[0], None, None)
        for i, (_, parents, *_) in enumerate(self.rows):
            if adjoint[i] is None or reached.isdisjoint(parents):
                continue
            for k, (p, c) in enumerate(zip(parents, self.pullback(i, adjoint[i]), strict=True)):
                if p in reached and not _finite(c):
                    if not _finite(adjoint[i]):
                        reached.add(i)
                    else:
                        found = i, k, adjoint[i]
        return self.error("adjoint", *found)

    def blame_push(self, tangent):
        """The first row that makes inf or nan of finite tangents, where that reaches an output."""
        reached, found = {i for i in self.outputs if i is not None and not _finite(tangent[i])}, (0, None, None)
        for i in range(len(self.rows) - 1, -1, -1):
            if i in reached:
                moving = {
                    k: tangent[p] for k, p in enumerate(self.rows[i][1]) if p is not None and tangent[p] is not None
                }
                reached.update(p for p in self.rows[i][1] if p is not None and not _finite(tangent[p]))
                if all(map(_finite, moving.values())):
                    steep = (k for k in moving if not _finite(self.partials(i)[k]))
                    k = next(steep, next(iter(moving), None))
                    found = i, k, moving.get(k)
        return self.error("tangent", *found)

    def origin(self, i):
        """The first row on which row ``i`` depends that makes a value inf or nan of finite operands, or None."""
        reached, found = {i}, None
        for j in range(i, -1, -1):
            row = self[j]
            if j in reached and not _finite(row.value):
                reached.update(p for p in row.parents if p is not None)
                found = j if row.rule is not None and all(map(_finite, row.operands)) else found
            elif j == i:
                reached.update(p for p in row.parents if p is not None)
        return found

    def error(self, what, i, k, came):
        if k is None:
            return NonFiniteError(
                f"The {what}s that came in are inf or nan, or a sum of finite ones is.",
                "numbers above 1.8e308 (3.4e38 in float32) count as inf.",
                "the function in units in which its values and derivatives are of moderate size",
            )
        origin = self.origin(i)
        row, factors = self[i if origin is None else origin], () if origin is not None else (came, self.partials(i)[k])
        name = row.rule.name
        why, instead = (
            "no finite derivative comes from such a point.",
            f"np.where(ok, {name} of np.where(ok, x, 1.0), 0.0), where ok (x > 0, say) tells that it and its slope are "
            "finite; or, if this branch isn't taken, with adcourse.repair(): ...",
        )
        if not isinstance(row.rule, Elementwise):
            shapes = ", ".join(str(shape_of(x)) for x in row.operands)
            did = f"turned a finite {what} into inf or nan" if factors else "is inf or nan"
            return NonFiniteError(f"In {row.name}, {name} of operands of shape {shapes} {did}.", why, instead)
        shown = [np.broadcast_to(plain(x), shape_of(row.value)) for x in (*row.operands, row.value, *factors)]
        bad = np.argwhere(~np.isfinite(shown[-2] * shown[-1] if factors else shown[-1]))
        at = tuple(map(int, bad[0])) if len(bad) else (0,) * shown[0].ndim
        *operands, value, before, slope = [float(x[at]) for x in shown] + [1.0] * (2 - len(factors))
        text = f"In {row.name}{list(at) or ''}, {name}({', '.join(map(str, operands))})"
        if not factors:
            return NonFiniteError(f"{text} is {value}.", why, instead)
        text = f"{text} turned the {what} {before} into {np.multiply(before, slope)}."
        if np.isfinite(slope):
            why = "the product is larger than the largest number, 1.8e308 (3.4e38 in float32)."
            return NonFiniteError(text, why, "the function in other units, or its logarithm")
        why = f"its slope there is {slope}."
        if before == 0:
            why += f" The {what} is 0, as in a branch that np.where doesn't take (but differentiates); 0 * inf is nan."
        return NonFiniteError(text, why, instead)


def _one_at_a_time(seeds):
    if any(isinstance(s, Batch) for s in seeds.values()):
        raise NoRuleError("A batch was to be looked at.", "its members differ.", "one sweep for each member")


def _finite(x):
    return x is None or bool(np.all(np.isfinite(plain(x))))


class _Repaired(Elementwise):
    """An elementwise rule that multiplies by its partials with 0 * inf = 0."""

    def _times(self, c, p, z, primals):
        partial = self._partial(p, z, primals)
        a, b = plain(c), plain(partial)
        if not _finite(a):
            c = _zero_where(~np.isfinite(a) & (b == 0), c)
        if not _finite(b):
            partial = _zero_where(~np.isfinite(b) & (a == 0), partial)
        return c * partial


def _zero_where(mask, x):
    return np.where(mask, 0.0, x) if shape_of(x) or shape_of(mask) else 0.0 if mask else x


@cache
def _repaired(rule):
    twin = object.__new__(_Repaired)
    twin.__dict__ = rule.__dict__
    return twin
