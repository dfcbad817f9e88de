"""The methods that ``compare`` knows, in the order of its table.

A :class:`Method` has a name, a function ``run(f, x, order)`` and what it promises. The agreement:

* ``f`` takes one real number or one array and returns one real number; plain NumPy code. ``x`` is such a point, a float
  or a 1-D array of floats that the method must not write to. For order 1 the result is the derivative or the gradient,
  of the shape of x; for a higher order, x is a number and the result that derivative.
* What a method can't do, it refuses: it raises an :class:`ADError`, whose ``what`` and ``why`` go into the table. A
  wrong number without a word is a fault of the method, and the contract test (tests/methods/test_contract.py) finds it.
* ``evaluations`` counts the calls of f, on whatever numbers the method calls it with: floats, dual numbers, letters.
* ``counted`` says how operations are counted (see costs.py): "run", the method itself runs on numbers that count;
  "calls", each call of f costs what f costs; "formula", the distinct parts of the formulas; None, not at all.
* ``accuracy(order)`` is the power q in the promise: an error of about eps^q, relative to the size of f and its
  derivatives at x, where f is smooth at a scale of max(1, |x|). Exact methods have q = 1: rounding alone.
* ``memory`` is False where the numbers lie outside Python's view, in the library of another system.
* ``unavailable()`` is "" or the reason why the method can't run on this machine, as a package that isn't installed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy.core.cache import clear_cache

from adcourse.core.errors import ADError, InputError
from adcourse.core.expand import nth_derivative, taylor
from adcourse.core.hyperdual import HyperDual
from adcourse.core.jacobians import jacobian
from adcourse.core.transforms import derivative, grad, jvp
from adcourse.methods import numerical, symbolic
from adcourse.methods.bridges import BRIDGES

NAMES = {4: "fourth-order"}  # of differences that are not called by their kind


class OrderError(ADError, ValueError):
    """A method was asked for a derivative of an order that it doesn't have."""


@dataclass(frozen=True)
class Method:
    """One way to a derivative; see the agreement at the head of this module."""

    name: str
    run: Callable
    accuracy: Callable = lambda order: 1.0
    counted: str | None = "run"
    highest: int | None = None  # the highest order it has; None: any
    why: str = ""  # ... and why it has no higher one
    memory: bool = True  # whether Python sees the memory that it takes
    unavailable: Callable = lambda: ""
    prepare: Callable = lambda: None  # what a first run would do that later ones need not: loading a library

    @property
    def exact(self):
        """Whether its error is rounding alone: it has no step."""
        return self.accuracy(1) == 1.0

    def __call__(self, f, x, order=1):
        """The derivative of f at x by this method; raises OrderError for an order that it doesn't have."""
        if self.highest is not None and order > self.highest:
            raise OrderError(
                f"The method has no derivative of order {order}.", self.why, "dual numbers, Taylor mode or the tape"
            )
        return self.run(f, x, order)


# ---------------------------------------------------------------------------------------------- by a formula


def formula_of(f, x, order=1):
    """The letters and the (partial) derivatives of the formula that f computes, for x a number or a 1-D array."""
    letters = sp.symbols(f"x:{np.size(x)}" if np.ndim(x) else "x", real=True)
    formula, (inputs,), _ = symbolic.traced(f, (letters,), exact=True)
    letters = list(np.atleast_1d(inputs))
    return letters, [symbolic.differentiate(formula, s, order) for s in letters]


def _symbolic(f, x, order):
    clear_cache()  # SymPy remembers: what another run found would make this one look too fast
    letters, partials = f.formula = formula_of(f, x, order)  # kept: the reference starts from it
    at = dict(zip(letters, np.atleast_1d(x).tolist(), strict=True))
    values = [_double(symbolic.run(d, at, 15)[0]) for d in partials]
    return values[0] if np.ndim(x) == 0 else np.array(values)


def _double(number):
    """A SymPy number as a float; nan for what is not a real number."""
    return float(number) if number.is_extended_real else np.nan


# ---------------------------------------------------------------------------------------------- by values of f alone


def _difference(kind, accuracy):
    """The difference formula of this kind ("forward", "backward", "central") whose error falls like h^accuracy."""

    def run(f, x, order):
        if np.ndim(x) == 0:
            return numerical.derivative(f, x, order, accuracy, kind)
        return numerical.gradient(f, x, numerical.stencil(1, accuracy, kind))

    return Method(f"{NAMES.get(accuracy, kind)} difference", run, lambda n: accuracy / (n + accuracy), "calls")


def _richardson(f, x, order):
    return numerical.richardson(f, x, order).value if np.ndim(x) == 0 else numerical.gradient(f, x, "richardson")


# ---------------------------------------------------------------------------------------------- by the core


def _each_input(slope):
    """A gradient from ``slope(f, x, seed)``, one run of f for each input; of a number, from one run."""

    def gradient(f, x, order):
        if np.ndim(x) == 0:
            return slope(f, x, 1.0)
        return np.array([slope(f, x, _unit(x, i)) for i in range(len(x))])

    return gradient


def _unit(x, i):
    """The i-th unit vector of the space of x; all of them at once would be a matrix."""
    seed = np.zeros(len(x), x.dtype)
    seed[i] = 1.0
    return seed


def _dual(f, x, order):
    if np.ndim(x) == 0:
        for _ in range(order):  # a derivative of a derivative: dual numbers of dual numbers
            f = derivative(f)
        return f(x)
    return _each_input(lambda f, x, seed: jvp(f, (x,), (seed,))[1])(f, x, order)


def _hyperdual(f, x, order):
    def slope(f, x, seed):
        y = f(HyperDual(x, seed, seed if order == 2 else 0.0))
        return (y.e1 if order == 1 else y.e12) if isinstance(y, HyperDual) else 0.0

    return _each_input(slope)(f, x, order)


def _taylor(f, x, order):
    if np.ndim(x) == 0:
        return nth_derivative(f, x, order)
    return _each_input(lambda f, x, seed: taylor(f, x, 1, seed).derivatives[1])(f, x, order)


def _tape(f, x, order):
    for _ in range(order):
        f = grad(f)
    return f(x)


def _bridge(bridge):
    return Method(
        bridge.title, bridge.gradient, counted=None, memory=False,
        unavailable=lambda: bridge.why, prepare=lambda: bridge.available and bridge.gradient(np.log, 1.0),
    )  # fmt: skip


METHODS = {
    method.name: method
    for method in [
        Method("symbolic", _symbolic, counted="formula"),
        _difference("forward", 1),
        _difference("backward", 1),
        _difference("central", 2),
        _difference("central", 4),
        Method("Richardson", _richardson, lambda n: 0.8 / n, "calls"),
        Method(
            "complex step", lambda f, x, order: numerical.gradient(f, x, "complex_step"), counted="calls", highest=1,
            why="a second derivative from complex steps subtracts close numbers again, which the method is to avoid.",
        ),
        Method("dual numbers", _dual),
        Method(
            "vector forward mode", lambda f, x, order: jacobian(f, mode="forward")(x), highest=1,
            why="it is one sweep with a tangent for each input; one of higher order is Taylor mode.",
        ),
        Method(
            "hyperdual numbers", _hyperdual, highest=2,
            why="a hyperdual number has two units, and with them derivatives of order one and two.",
        ),
        Method("Taylor mode", _taylor),
        Method("tape", _tape),
        *map(_bridge, BRIDGES.values()),
    ]
}  # fmt: skip


def checked_names(methods):
    """The names of methods, each once; all for None. Raises InputError for one that compare doesn't know."""
    names = list(METHODS) if methods is None else [methods] if isinstance(methods, str) else list(methods)
    unknown = [name for name in names if name not in METHODS]
    if unknown or not names:
        raise InputError(
            f"compare knows no method {unknown[0]!r}." if unknown else "compare was given an empty list of methods.",
            "each row of the table is one method.",
            f"compare(f, x, methods={list(METHODS)}), or some of these",
        )
    return list(dict.fromkeys(names))
