"""One function, every method: what each says the derivative is, how far it is off, and what it cost."""

import time

import numpy as np
import sympy as sp

from adcourse.core.errors import ADError, InputError
from adcourse.core.transforms import derivative, grad, jvp
from adcourse.methods import numerical, symbolic
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.comparison import Comparison, Row
from adcourse.methods.reference import Reference, reference

# ---------------------------------------------------------------------------------------------- the methods


def _symbolic(f, x):
    letters, partials = f.formula = formula_of(f, x)  # kept: the reference starts from it
    at = dict(zip(letters, np.atleast_1d(x).tolist(), strict=True))
    values = [_double(symbolic.run(d, at, 15)[0]) for d in partials]
    return values[0] if np.ndim(x) == 0 else np.array(values)


def _double(number):
    """A SymPy number as a float; nan for what is not a real number."""
    return float(number) if number.is_extended_real else np.nan


def formula_of(f, x):
    """The letters and the partial derivatives of the formula that f computes, for x a number or a 1-D array."""
    letters = sp.symbols(f"x:{np.size(x)}" if np.ndim(x) else "x", real=True)
    formula, (inputs,), _ = symbolic.traced(f, (letters,), exact=True)
    letters = list(np.atleast_1d(inputs))
    return letters, [symbolic.differentiate(formula, s) for s in letters]


def _dual(f, x):
    if np.ndim(x) == 0:
        return derivative(f)(x)
    return np.array([jvp(f, (x,), (seed,))[1] for seed in np.eye(len(x), dtype=x.dtype)])


def _numerical(scheme):
    return lambda f, x: numerical.gradient(f, x, scheme)


METHODS = {  # in the order of the table; each a function of (f, x)
    "symbolic": _symbolic,
    "forward difference": _numerical("forward"),
    "central difference": _numerical("central"),
    "complex step": _numerical("complex_step"),
    "dual numbers": _dual,
    "tape": lambda f, x: grad(f)(x),
}


# ---------------------------------------------------------------------------------------------- the comparison


def compare(f, x, methods=None, budget=20.0):
    """Differentiate f at x by every method, and measure each against 50 digits.

    f: a function of one number, or of one 1-D array, that returns one number; plain NumPy code. x: such a number or
    array; integers are promoted. ``methods``: some of the names in ``METHODS``; default all. ``budget``: seconds after
    which a method is stopped and says so. Returns a :class:`Comparison`, which prints as a table and has a ``plot()``.
    Raises InputError for an x, a value of f or a name of a method that won't do; passes on what f itself raises at x.

    >>> comparison = compare(lambda x: x * x, 3.0, methods=["dual numbers", "tape"])
    >>> [(row.method, row.value, row.error, row.evaluations) for row in comparison.rows]
    [('dual numbers', 6.0, 0.0, 1), ('tape', 6.0, 0.0, 1)]
    """
    x = _point(x)
    names = _checked_names(methods)
    fx = _value_checked(f, x)
    clock, rows, formula = Budget(budget), {}, None
    for name in sorted(names, key="symbolic".__eq__):  # last, because SymPy may take all the time there is
        counted = _Counted(f)
        rows[name] = _measure(name, counted, x, clock)
        formula = counted.formula or formula
    if "symbolic" not in names:
        formula = _formula_if_any(f, x, clock)
    return Comparison(f, x, fx, [rows[name] for name in names], _find_reference(f, x, formula, clock), budget)


def _point(x):
    a = np.asarray(x)
    if a.dtype.kind not in "fiu" or a.ndim > 1 or not a.size or not np.all(np.isfinite(a)):
        raise InputError(
            f"compare can't differentiate at x = {x!r}.",
            "it takes a function of one real number, or of one 1-D array of real numbers, at a finite point.",
            "compare(f, 1.0), compare(f, np.array([1.0, 2.0])); of two arguments: compare(lambda v: f(v[0], v[1]), x)",
        )
    return a.astype(float if a.dtype.kind != "f" else a.dtype)[()]


def _checked_names(methods):
    names = list(METHODS) if methods is None else [methods] if isinstance(methods, str) else list(methods)
    unknown = [name for name in names if name not in METHODS]
    if unknown or not names:
        raise InputError(
            f"compare knows no method {unknown[0]!r}." if unknown else "compare was given an empty list of methods.",
            "each row of the table is one method.",
            f"compare(f, x, methods={list(METHODS)}), or some of these",
        )
    return names


def _value_checked(f, x):
    """f(x), if it is one real number, and the same when asked again."""
    with np.errstate(all="ignore"):
        first, second = f(_own(x)), f(_own(x))
    for y in (first, second):
        kind = getattr(np.asarray(y).dtype, "kind", "O")
        if np.ndim(y) != 0 or kind not in "fiu":
            raise InputError(
                f"f returned {y!r}" + (f", an array of shape {np.shape(y)}." if np.ndim(y) else "."),
                "a derivative or gradient belongs to one real number.",
                "f(x)[0] or np.sum(f(x)); for all entries of an array, adcourse.jacobian(f)(x)"
                if np.ndim(y)
                else "return y, with y a float",
            )
    if not np.array_equal(first, second, equal_nan=True):
        raise InputError(
            f"f gave {first!r} and then {second!r} at the same x.",
            "a program that draws random numbers or remembers earlier calls is no function of x: it has no derivative.",
            "rng = np.random.default_rng(0) inside f, so that every call draws the same numbers",
        )
    return float(first)


def _own(x):
    return x.copy() if isinstance(x, np.ndarray) else x


class _Counted:
    """f, counting its evaluations, with an argument of its own each time."""

    def __init__(self, f):
        self.f, self.calls, self.formula = f, 0, None

    def __call__(self, x):
        self.calls += 1
        return self.f(_own(x))


def _measure(name, f, x, clock):
    """Run one method: its value, the evaluations of f it took, and the shortest time of a few runs."""
    method, repeatable = METHODS[name], name != "symbolic"  # SymPy remembers: a second run would look too fast
    try:
        with clock.watch(f"compare: {name}", share=1.0 if repeatable else 0.7), np.errstate(all="ignore"):
            start = time.perf_counter()
            value = method(f, x)
            calls, seconds = f.calls, time.perf_counter() - start
            for _ in range(min(4, int(0.05 / max(seconds, 1e-9))) if repeatable else 0):
                start = time.perf_counter()
                method(f, x)
                seconds = min(seconds, time.perf_counter() - start)
    except OutOfTime:
        return Row(name, note=f"stopped: the budget is {clock.seconds:g} s; compare(f, x, budget=...) sets another")
    except RecursionError:
        return Row(name, note="the formula is nested more deeply than Python can follow")
    except ADError as error:
        return Row(name, note=f"{error.what} Why: {error.why}")
    except Exception as error:
        return Row(name, note=f"{type(error).__name__}: {error}")
    note = "" if np.all(np.isfinite(value)) else "not a finite number"
    value = float(value) if np.ndim(x) == 0 else np.asarray(value)
    return Row(name, value, evaluations=calls, seconds=seconds, note=note)


def _formula_if_any(f, x, clock):
    counted = _Counted(f)
    _measure("symbolic", counted, x, clock)
    return counted.formula


def _find_reference(f, x, formula, clock):
    try:
        with clock.watch("compare: reference"), np.errstate(all="ignore"):
            return reference(f, x, formula)
    except OutOfTime:
        return Reference(None, f"none: the budget of {clock.seconds:g} s is spent")
