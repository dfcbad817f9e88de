"""One function, every method: what each says the derivative is, how far it is off, and what it cost."""

import numpy as np

from adcourse.core.arguments import check_function
from adcourse.core.errors import InputError
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.comparison import Comparison
from adcourse.methods.measure import Counted, measure, own
from adcourse.methods.reference import Reference, reference
from adcourse.methods.registry import METHODS, checked_names, formula_of


def compare(f, x, methods=None, budget=20.0, order=1):
    """Differentiate f at x by every method, and measure each against 50 digits.

    f: a function of one number, or of one array, that returns one number; plain NumPy code. x: such a number or
    array; integers are promoted. ``methods``: some of the names in ``METHODS``; default all. ``order``: of the
    derivative; above 1, x is a number. ``budget``: seconds after which a method is stopped and says so; no method gets
    more than about half of what is left, so that the others have their turn. What can't be stopped: one call into
    compiled code, as of ``np.linalg.solve``, which ends first; the row then says how long it was.
    Returns a :class:`Comparison`, which prints as a table and has a ``plot()``.
    Raises InputError for an x, an order, a value of f or a name of a method that won't do; passes on what f itself
    raises at x.

    >>> comparison = compare(lambda x: x * x, 3.0, methods=["dual numbers", "tape"])
    >>> [(row.method, row.value, row.error, row.evaluations) for row in comparison.rows]
    [('dual numbers', 6.0, 0.0, 1), ('tape', 6.0, 0.0, 1)]
    """
    check_function(f, "compare(f, x)")
    x = _point(x)
    names, order = checked_names(methods), _checked_order(order, x)
    fx = _value_checked(f, x)
    flat, f_flat = (x, f) if x.ndim < 2 else (x.ravel(), lambda v: f(np.reshape(v, x.shape)))
    clock, rows, formula = Budget(budget), {}, None
    last_of_all = sorted(names, key="symbolic".__eq__)  # SymPy may take all the time there is
    for k, name in enumerate(last_of_all):
        counted = Counted(f_flat)
        rows[name] = measure(METHODS[name], counted, flat, order, clock, 0.7 if k == len(names) - 1 else 0.5)
        formula = counted.formula or formula
    if "symbolic" not in names:
        formula = _formula_if_any(f_flat, flat, order, clock)
    exact = _find_reference(f_flat, flat, formula, order, clock)
    for row in rows.values():
        row.value = row.value if row.value is None or x.ndim < 2 else row.value.reshape(x.shape)
    return Comparison(f, x, fx, [rows[name] for name in names], exact, budget, order)


def _point(x):
    a = np.asarray(x)
    if a.dtype.kind not in "fiu" or not a.size or not np.all(np.isfinite(a)):
        raise InputError(
            f"compare can't differentiate at x = {x!r}.",
            "it takes a function of one real number, or of one array of real numbers, at a finite point.",
            "compare(f, 1.0), compare(f, np.array([1.0, 2.0])); of two arguments: compare(lambda v: f(v[0], v[1]), x)",
        )
    return a.astype(float if a.dtype.kind != "f" else a.dtype)[()]


def _checked_order(order, x):
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)) or order < 1:
        raise InputError(
            f"compare was asked for a derivative of order {order!r}.",
            "orders count 1, 2, 3, ...",
            "compare(f, x, order=2) for the second derivative",
        )
    if order > 1 and np.ndim(x):
        raise InputError(
            f"compare was asked for order {order} at an array.",
            "a function of many numbers has an array of derivatives of each order.",
            "compare(lambda t: f(x + t * v), 0.0, order=2) for the second derivative along v; adcourse.hessian(f)(x)",
        )
    return int(order)


def _value_checked(f, x):
    """f(x), if it is one real number, and the same when asked again."""
    with np.errstate(all="ignore"):
        first, second = f(own(x)), f(own(x))
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


def _formula_if_any(f, x, order, clock):
    try:
        with clock.watch("compare: the formula", 0.7), np.errstate(all="ignore"):
            return formula_of(f, x, order)
    except (OutOfTime, Exception):  # the reference then does without
        return None


def _find_reference(f, x, formula, order, clock):
    try:
        with clock.watch("compare: reference"), np.errstate(all="ignore"):
            return reference(f, x, formula, order)
    except OutOfTime:
        return Reference(None, f"none: the budget of {clock.seconds:g} s is spent")
