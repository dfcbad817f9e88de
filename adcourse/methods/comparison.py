"""What a comparison holds: a row for each method, the error against the step h, the cost against n and order."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from adcourse.core.errors import InputError
from adcourse.methods import numerical
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.comparetable import Table, digits, ordinal
from adcourse.methods.registry import METHODS, checked_names

CURVES = {"forward difference": ("forward", 1), "central difference": ("central", 2)}  # formula and order
IN_COST = ("symbolic", "forward difference", "complex step", "dual numbers", "vector forward mode", "tape", "JAX")
IN_ORDER = ("symbolic", "central difference", "dual numbers", "hyperdual numbers", "Taylor mode", "tape", "JAX")
SIZES = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
ORDERS = tuple(range(1, 13))
STEPS = tuple(range(1, 10))
EXACT = tuple(method.name for method in METHODS.values() if method.exact)


@dataclass
class Row:
    """What one method did. Where a number is None, ``note`` says why.

    ``error`` and ``relative`` are measured against the 50-digit reference; for a gradient ``error`` is the largest
    error of an entry, and ``relative`` that divided by the largest entry of the reference. ``evaluations``: calls of
    f. ``operations``: see costs.py. ``seconds``: median of a few runs. ``memory``: peak in bytes.
    """

    method: str
    value: object = None
    error: float | None = None
    relative: float | None = None
    operations: int | None = None
    evaluations: int | None = None
    seconds: float | None = None
    memory: int | None = None
    note: str = ""


class Comparison:
    """Every method on one function at one point. ``comparison["tape"]`` is the row of the tape.

    ``rows``: a :class:`Row` for each method. ``reference``: ``.values`` to 50 digits (or None) and ``.how`` they were
    found. ``notes``: what a reader should know before trusting the numbers.
    """

    def __init__(self, f, x, value, rows, reference, budget, order=1):
        self.f, self.x, self.value, self.rows, self.reference = f, x, value, rows, reference
        self.budget, self.order = budget, order
        for row in rows:
            row.error, row.relative = self._errors(row.value)
            if row.error is not None and not METHODS[row.method].exact:
                self._judge_step(row)

    def __getitem__(self, method):
        return {row.method: row for row in self.rows}[method]

    @property
    def what(self):
        """What was computed, in words."""
        if np.ndim(self.x):
            return "The gradient of f"
        return "f'(x)" if self.order == 1 else f"The {ordinal(self.order)} derivative of f"

    def _errors(self, value):
        """Largest absolute error of an entry, and that relative to the largest entry."""
        exact = self.reference.values
        if value is None or exact is None or not np.all(np.isfinite(value)):
            return None, None
        error = max(abs(float(v) - e) for v, e in zip(np.ravel(value), exact, strict=True))
        size = max(map(abs, exact))
        return float(error), float(error / size) if size else (0.0 if error == 0 else None)

    def _judge_step(self, row):
        """Say so where a method with a step is further off than it promises: its default step doesn't suit f here."""
        power, eps = METHODS[row.method].accuracy(self.order), np.finfo(np.asarray(self.x).dtype).eps
        size = max(float(max(map(abs, self.reference.values))), abs(self.value) / max(1.0, float(np.max(abs(self.x)))))
        if row.error > 1e4 * eps**power * size:
            row.note = (
                "its default step is made for functions that change over distances of about max(1, |x|), and whose "
                "values are right to the last digits; this one is not such a function here"
            )

    @property
    def notes(self):
        """Sentences below the table."""
        notes, exact = [f"Reference: {self.reference.how}."], self.reference.value
        if exact is not None and exact.is_finite and not abs(self.value - exact) <= 1e-6 * abs(exact) + 1e-300:
            notes.append(
                f"f(x) is {self.value:.6g} in floating point and {digits([exact], 6)} in exact arithmetic: rounding "
                "or overflow spoils the program here, and with it the derivatives of the program."
            )
        finite = [row.value for row in self.rows if row.value is not None and np.all(np.isfinite(row.value))]
        if self.reference.values is None and len(finite) > 1:
            spread = np.max(np.max(finite, axis=0) - np.min(finite, axis=0))
            notes.append(f"Without a reference there are no errors; the methods differ by up to {spread:.2g}.")
        return notes

    # ------------------------------------------------------------------ table
    def table(self):
        """The comparison as a :class:`Table`, in text and HTML."""
        return Table(self)

    def __str__(self):
        return self.table().text()

    __repr__ = __str__

    def _repr_html_(self):
        return self.table().html()

    def to_dict(self):
        """Everything in the table as numbers, strings, lists and dicts, for ``json``; the reference as strings.

        JSON has no inf and nan: Python's ``json`` writes them all the same, as ``Infinity`` and ``NaN``.
        """
        exact = self.reference.values
        return {
            "x": np.asarray(self.x).tolist(),
            "order": self.order,
            "value": self.value,
            "reference": {"values": exact and [str(e) for e in exact], "how": self.reference.how},
            "rows": [
                {**vars(row), "value": None if row.value is None else np.asarray(row.value).tolist()}
                for row in self.rows
            ],
            "notes": self.notes,
        }

    # ------------------------------------------------------------------ error against the step
    @cached_property
    def sweep(self):
        """Steps h, and for each difference formula its error at each: ``{"h": ..., "forward difference": ..., ...}``.

        nan where f has no finite value a step away. Within the budget in seconds; what it didn't reach is nan too.
        """
        size, n = np.max(np.abs(self.x)), np.size(self.x)
        steps = np.geomspace(4 * np.spacing(size), max(1.0, size), max(16, 121 // n)).astype(np.asarray(self.x).dtype)
        steps = steps[steps > 0] if size else np.geomspace(1e-16, 1, max(16, 121 // n))
        return self.errors_at(steps)

    def errors_at(self, steps):
        """The same at steps of your choice, one after the other.

        >>> from adcourse import compare
        >>> comparison = compare(lambda x: x * x, 3.0, methods="tape")
        >>> comparison.errors_at([0.5, 0.25])["forward difference"]  # (x + h)² - x² over h is 2x + h
        array([0.5 , 0.25])
        """
        steps = np.asarray(steps, float)
        errors = {name: np.full(len(steps), np.nan) for name in CURVES}
        try:
            with Budget(self.budget).watch("compare: error against step"), np.errstate(all="ignore"):
                for i, h in enumerate(steps):
                    for name, (kind, accuracy) in CURVES.items():
                        try:
                            error, _ = self._errors(self._quotient(kind, accuracy, h))
                            errors[name][i] = np.nan if error is None else error
                        except Exception:  # f may be undefined a large step away
                            continue
        except OutOfTime:
            pass
        return {"h": steps, **errors}

    def _quotient(self, kind, accuracy, h):
        if np.ndim(self.x) == 0:
            return numerical.derivative(self.f, self.x, self.order, accuracy, kind, h)
        return numerical.gradient(self.f, self.x, numerical.stencil(1, accuracy, kind), h)

    # ------------------------------------------------------------------ growth
    def cost(self, sizes=SIZES, methods=None):
        """The cost of the gradient against the number of inputs, a :class:`Growth`; f takes an array of any length.

        ``sizes``: the numbers of inputs; at each, f is differentiated at the entries of x, repeated or cut to that
        length. ``methods``: by default those of this comparison that the picture of the lecture shows.
        Raises InputError if x is a number.
        """
        from adcourse.methods.growth import against_inputs

        if np.ndim(self.x) != 1:
            raise InputError(
                "The cost against n belongs to a function of n numbers, and this one is of "
                + ("one." if np.ndim(self.x) == 0 else f"an array of shape {np.shape(self.x)}."),
                "f is run on arrays of every length n, so it must take them.",
                'compare(lambda v: np.prod(v), np.array([1.0, 2.0])).plot("cost"); plot("order") for one number',
            )
        return against_inputs(self.f, self.x, self._chosen(methods, IN_COST), sizes, self.budget)

    def orders(self, orders=ORDERS, methods=None):
        """The cost of derivatives of f against their order, a :class:`Growth`. Raises InputError if x is an array."""
        from adcourse.methods.growth import against_order

        if np.ndim(self.x):
            raise InputError(
                "The cost against order belongs to a function of one number, and x is an array.",
                "a function of many numbers has an array of derivatives of each order.",
                'compare(lambda t: f(x + t * v), 0.0).plot("order") along a direction v',
            )
        return against_order(self.f, self.x, self._chosen(methods, IN_ORDER), orders, self.budget)

    def swell(self, steps=STEPS):
        """How the formula of the derivative grows as the program gets longer: an account, :class:`Swell`.

        Of a function of one number the longer program is f of f of ... f of x, ``n`` runs of f, as in a loop; of a
        function of an array it is f of n numbers.
        """
        from adcourse.methods.swell import swell

        def repeated(x, n):
            for _ in range(n):
                x = self.f(x)
            return x

        if np.ndim(self.x) == 0:
            return swell(repeated, steps, self.x, self.budget)
        return swell(lambda x, n: self.f(x), steps, lambda n: np.resize(np.ravel(self.x), n), self.budget)

    def _chosen(self, methods, usual):
        """Methods to draw: those asked for, or the usual ones in this comparison, or all of this comparison."""
        if methods is not None:
            return checked_names(methods)
        mine = [row.method for row in self.rows]
        return [name for name in mine if name in usual] or mine

    # ------------------------------------------------------------------ plot
    def plot(self, kind="step", dark=False, **options):
        """A picture of the comparison, a Matplotlib figure; its attribute ``alt`` describes it in words.

        ``kind``: "step", the error of the difference quotients against the step h, with the exact methods as level
        lines; "cost", the cost of the gradient against the number of inputs (``options`` as for :meth:`cost`);
        "order", the cost of derivatives against their order (as for :meth:`orders`); "swell", sizes and times of the
        formula as the program gets longer (as for :meth:`swell`).
        """
        from adcourse.methods import growthplot, stepplot

        unit = "number of inputs n" if np.ndim(self.x) else "number n of times that f is applied"
        draw = {
            "step": lambda: stepplot.draw(self, dark, **options),
            "cost": lambda: growthplot.draw(self.cost(**options), dark=dark),
            "order": lambda: growthplot.draw(self.orders(**options), dark=dark),
            "swell": lambda: self.swell(**options).plot(unit, dark),
        }
        if kind not in draw:
            raise InputError(
                f"A comparison has no plot of kind {kind!r}.",
                "each kind is one question: which step, how many inputs, which order, how long a formula.",
                " or ".join(f'comparison.plot("{k}")' for k in draw),
            )
        return draw[kind]()
