"""What a comparison holds: a row for each method, the error against the step h, the cost against n and order."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from adcourse.core.errors import InputError
from adcourse.methods import numerical
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.comparetable import Table, digits, ordinal
from adcourse.methods.registry import METHODS

CURVES = {"forward difference": ("forward", 1), "central difference": ("central", 2)}  # formula and order
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
                    for name, (scheme, _) in CURVES.items():
                        try:
                            error, _ = self._errors(numerical.gradient(self.f, self.x, scheme, h))
                            errors[name][i] = np.nan if error is None else error
                        except Exception:  # f may be undefined a large step away
                            continue
        except OutOfTime:
            pass
        return {"h": steps, **errors}

    # ------------------------------------------------------------------ plot
    def plot(self, kind="step", dark=False):
        """A picture of the comparison, a Matplotlib figure; its attribute ``alt`` describes it in words.

        ``kind``: "step", the error of the difference quotients against the step h, with the exact methods as level
        lines.
        """
        if kind != "step":
            raise InputError(
                f"A comparison has no plot of kind {kind!r}.", "it has one.", 'comparison.plot("step")'
            )  # fmt: skip
        from adcourse.methods.stepplot import draw

        return draw(self, dark)
