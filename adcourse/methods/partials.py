"""Functions of several numbers: gradients and Jacobians from values of f alone.

With n inputs it takes n + 1 evaluations of f by the forward formula, which shares f(x), 2n by the central one, and
n by the complex step. Each column of a Jacobian is a derivative along a line, and its formula that of one variable.
"""

import numpy as np

from adcourse.core.arguments import check_function
from adcourse.core.errors import InputError
from adcourse.core.tree import flatten
from adcourse.methods import complexstep
from adcourse.methods.points import (
    Counted,
    Estimate,
    as_precise_as,
    each,
    number,
    numbers,
    real,
)  # fmt: skip
from adcourse.methods.quotients import estimated
from adcourse.methods.richardson import extrapolate
from adcourse.methods.stencils import Stencil, stencil

SCHEMES = {
    "forward": stencil(1, 1, "forward"),
    "backward": stencil(1, 1, "backward"),
    "central": stencil(1, 2),
    "complex_step": None,
    "richardson": None,
}


def gradient(f, x, scheme="forward", h=None, *, full=False):
    """The gradient of a scalar f by ``scheme``, one input after the other. (For a number x, the derivative.)

    x: an array, or a tuple or dict of numbers and arrays; f takes such an x, and the gradient has its form. ``scheme``:
    "forward" (n + 1 evaluations of f), "backward" (n + 1), "central" (2n), "complex_step" (n), "richardson" (20 n or
    more), or a :class:`Stencil` for the first derivative. ``h``: one step, or one for each input in the form of x.
    f gets an argument of its own each time; the caller's x is never written to. With ``full=True`` an
    :class:`Estimate`, from about twice as many evaluations, with errors and steps in the form of the gradient.

    >>> gradient(lambda v: v @ v, [1, 2, 3], "central", h=0.5)
    array([2., 4., 6.])
    >>> gradient(lambda p: p["a"] * p["b"][1], {"a": 2.0, "b": np.array([3.0, 4.0])}, "complex_step")["b"]
    array([0., 2.])
    """
    return _slopes(f, x, scheme, h, full, number)


def jacobian(f, x, scheme="forward", h=None, *, full=False):
    """The Jacobian of f by ``scheme``, one input after the other: [..., j] is the derivative by input j.

    f: from x (as for :func:`gradient`) to an array, a list of numbers or a number. The shape is that of f(x), then that
    of x; for a tuple or dict x, a tuple or dict of such arrays. Arguments and evaluations as for :func:`gradient`.

    >>> jacobian(lambda v: np.array([v[0] * v[1], v[1]**2]), [2.0, 3.0], "central", h=0.5)
    array([[3., 2.],
           [0., 6.]])
    """
    return _slopes(f, x, scheme, h, full, numbers)


def _slopes(f, x, scheme, h, full, value):
    check_function(f, "gradient(f, x)")
    formula = SCHEMES.get(scheme) if isinstance(scheme, str) else scheme
    if (isinstance(scheme, str) and scheme not in SCHEMES) or (
        formula is not None and (not isinstance(formula, Stencil) or formula.n != 1)
    ):
        raise InputError(
            f"There is no scheme {scheme!r} for a first derivative.",
            "it goes through the inputs with one of the formulas for a first derivative.",
            f"gradient(f, x, {' or '.join(map(repr, SCHEMES))}), or stencil(1, 4) for a formula of order 4",
        )
    inputs, counted = _Inputs(x), Counted(f)
    g = counted if h is not None or formula is None else as_precise_as(inputs.leaves[0], counted)
    here = value(lambda t: g(inputs.own()), inputs.leaves[0]) if formula and 0 in formula.offsets else None
    columns = []
    for place, step in zip(inputs.places(), inputs.steps(h, formula), strict=True):
        start = inputs.entry(place)

        def along(t, place=place):
            return g(inputs.with_entry(place, t))

        def at(f, t, start=start):
            return here if here is not None and t == start else value(f, t)

        columns.append(_slope(scheme, formula, along, start, step, full, value, at))
    values, errors, steps = (inputs.shaped(part) for part in zip(*columns, strict=True))
    return Estimate(values, errors, steps, counted.calls) if full else values


def _slope(scheme, formula, f, x, h, full, value, at):
    """Value, error (None if not asked for) and step of the derivative of f at the number x."""
    if scheme == "richardson":
        return extrapolate(f, x, 1, "central", h, value)[:3]
    if scheme == "complex_step":
        h = complexstep.STEP if h is None else h
        shape = () if value is number else None
        slope = complexstep.slope(f, x, h, shape)
        if full:
            other = complexstep.slope(f, x, h / 2, shape)
            return slope, abs(other - slope) + 4 * np.finfo(x.dtype).eps * abs(slope), h
        return slope, None, h
    if full:
        return *estimated(formula, f, x, h, at), h
    return formula.quotient(f, x, h, at)[0], None, h


class _Inputs:
    """All numbers in x, which may be a number, an array, or a tuple, list or dict of them."""

    def __init__(self, x):
        leaves, self.build = flatten(x) if _nested(x) else ([x], lambda leaves: leaves[0])
        self.leaves = [real(leaf) for leaf in leaves]
        if not sum(leaf.size for leaf in self.leaves):
            raise InputError(f"x = {x!r} is empty.", "there is nothing to differentiate by.", "an x with numbers in it")

    def places(self):
        return [(k, i) for k, leaf in enumerate(self.leaves) for i in np.ndindex(leaf.shape)]

    def entry(self, place):
        k, i = place
        return self.leaves[k][i]

    def own(self):
        """x, in memory of its own."""
        return self.build([leaf.copy()[()] for leaf in self.leaves])

    def with_entry(self, place, t):
        """A new x, with t at this place, which may be a traced number."""
        k, i = place
        leaves = [leaf.copy()[()] for leaf in self.leaves]
        leaves[k] = _replace(self.leaves[k], i, t) if i else t
        return self.build(leaves)

    def steps(self, h, formula):
        """The step for each place: one for all, or in the form of x; else the default of the formula, if any."""
        given = flatten(h)[0] if _nested(h) else [h]
        if len(given) not in (1, len(self.leaves)):
            raise InputError(
                f"There are steps for {len(given)} parts, and x has {len(self.leaves)}.",
                "there is one step for all numbers in x, or steps in the form of x.",
                "h=1e-6, or a tuple or dict like x",
            )
        if h is not None:
            given = given * len(self.leaves) if len(given) == 1 else given
            steps = [each(a, leaf) for a, leaf in zip(given, self.leaves, strict=True)]
        elif formula is not None:
            steps = [formula.default_step(leaf) for leaf in self.leaves]
        else:
            return [None] * len(self.places())
        return [steps[k][i] for k, i in self.places()]

    def shaped(self, columns):
        """One array for each leaf, its last axes those of the leaf, in the form of x."""
        if columns[0] is None:
            return None
        found, start = [], 0
        for leaf in self.leaves:
            part = np.stack([np.asarray(c) for c in columns[start : start + leaf.size]], axis=-1) if leaf.size else leaf
            found.append(np.reshape(part, part.shape[: part.ndim - 1] + leaf.shape).astype(leaf.dtype)[()])
            start += leaf.size
        return self.build(found)


def _nested(x):
    """Whether x is a dict, or a tuple or list that isn't just one array written out."""
    if isinstance(x, dict):
        return True
    return isinstance(x, (tuple, list)) and any(
        _nested(a) or (not isinstance(a, (list, tuple)) and np.ndim(a) > 0) for a in x
    )


def _replace(x, i, t):
    if isinstance(t, np.generic):
        x = x.copy()
        x[i] = t
        return x
    here = np.zeros(x.shape, bool)
    here[i] = True
    return np.where(here, t, x)
