"""What a comparison shows: a table, and the error against the step h on logarithmic axes."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np

from adcourse.methods import numerical
from adcourse.methods.budget import Budget, OutOfTime

CURVES = {"forward difference": ("forward", 1), "central difference": ("central", 2)}  # formula and order
EXACT = ("symbolic", "complex step", "dual numbers", "tape")
HEADS = ("method", "value", "absolute error", "relative error", "evaluations of f", "seconds")


@dataclass
class Row:
    """What one method did. Where a number is None, ``note`` says why.

    ``error`` and ``relative`` are measured against the 50-digit reference; for a gradient ``error`` is the largest
    error of an entry, and ``relative`` that divided by the largest entry of the reference.
    """

    method: str
    value: object = None
    error: float | None = None
    relative: float | None = None
    evaluations: int | None = None
    seconds: float | None = None
    note: str = ""


class Comparison:
    """Every method on one function at one point. ``comparison["tape"]`` is the row of the tape.

    ``rows``: a :class:`Row` for each method. ``reference``: ``.values`` to 50 digits (or None) and ``.how`` they were
    found. ``notes``: what a reader should know before trusting the numbers.
    """

    def __init__(self, f, x, value, rows, reference, budget):
        self.f, self.x, self.value, self.rows, self.reference, self.budget = f, x, value, rows, reference, budget
        for row in rows:
            row.error, row.relative = self._errors(row.value)

    def __getitem__(self, method):
        return {row.method: row for row in self.rows}[method]

    def _errors(self, value):
        """Largest absolute error of an entry, and that relative to the largest entry."""
        exact = self.reference.values
        if value is None or exact is None or not np.all(np.isfinite(value)):
            return None, None
        error = max(abs(float(v) - e) for v, e in zip(np.atleast_1d(value), exact, strict=True))
        size = max(map(abs, exact))
        return float(error), float(error / size) if size else (0.0 if error == 0 else None)

    @property
    def notes(self):
        """Sentences below the table."""
        notes, exact = [f"Reference: {self.reference.how}."], self.reference.value
        if exact is not None and exact.is_finite and not abs(self.value - exact) <= 1e-6 * abs(exact) + 1e-300:
            notes.append(
                f"f(x) is {self.value:.6g} in floating point and {_digits([exact], 6)} in exact arithmetic: rounding "
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
        """Everything in the table as numbers, strings, lists and dicts, for ``json``; the reference as strings."""
        exact = self.reference.values
        return {
            "x": np.asarray(self.x).tolist(),
            "value": self.value,
            "reference": {"values": exact and [str(e) for e in exact], "how": self.reference.how},
            "rows": [
                {**vars(row), "value": None if row.value is None else np.asarray(row.value).tolist()}
                for row in self.rows
            ],
            "notes": self.notes,
        }

    # ------------------------------------------------------------------ plot
    @cached_property
    def sweep(self):
        """Steps h, and for each difference formula its error at each: ``{"h": ..., "forward difference": ..., ...}``.

        nan where f has no finite value a step away. Within the budget in seconds; what it didn't reach is nan too.
        """
        size, n = np.max(np.abs(self.x)), np.size(self.x)
        steps = np.geomspace(4 * np.spacing(size), max(1.0, size), max(16, 121 // n)).astype(np.asarray(self.x).dtype)
        steps = steps[steps > 0] if size else np.geomspace(1e-16, 1, max(16, 121 // n))
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

    def plot(self, dark=False):
        """The error of the difference quotients against the step h, with the exact methods as level lines.

        Returns a Matplotlib figure; its attribute ``alt`` describes it in words.
        """
        from adcourse.methods.stepplot import draw

        return draw(self, dark)


class Table:
    """A comparison as a table: ``text()`` for a terminal, ``html()`` for a page."""

    def __init__(self, comparison):
        self.comparison = comparison

    @property
    def caption(self):
        """What was differentiated, where, and the reference to 20 digits."""
        from adcourse.show import words

        c = self.comparison
        what = "f'(x)" if np.ndim(c.x) == 0 else "The gradient of f"
        exact = c.reference.values
        to = "" if exact is None else f", reference {_digits(exact)}"
        return f"{what} at x = {words.value(c.x)}{to}"

    def _cells(self, row):
        from adcourse.show import words

        value = "" if row.value is None else words.value(row.value, 16)
        return [
            value,
            *("" if e is None else "0" if e == 0 else f"{e:.1e}" for e in (row.error, row.relative)),
            "" if row.evaluations is None else str(row.evaluations),
            "" if row.seconds is None else f"{row.seconds:.1e}",
        ]

    def text(self):
        """The table in fixed-width text, the notes of methods below it."""
        rows = [(row.method, *self._cells(row)) for row in self.comparison.rows]
        widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
        lines = [self.caption, _line(HEADS, widths), _line(["-" * w for w in widths], widths)]
        lines += [_line(row, widths) for row in rows]
        lines += [f"{row.method}: {row.note}" for row in self.comparison.rows if row.note]
        return "\n".join([*lines, *self.comparison.notes])

    def html(self):
        """The table with a caption, row and column headers; no style sheet and no script needed."""
        left = 'style="text-align:left"'
        head = "".join(f'<th scope="col" {left}>{h}</th>' for h in HEADS)
        body = ""
        for row in self.comparison.rows:
            body += f'<tr><th scope="row" {left}>{escape(row.method)}</th>'
            if row.value is None:
                body += f'<td colspan="{len(HEADS) - 1}" {left}>{escape(row.note)}</td></tr>'
            else:
                cells = self._cells(row)
                cells[0] += f" ({row.note})" if row.note else ""
                body += "".join(f"<td {left}>{escape(cell)}</td>" for cell in cells) + "</tr>"
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.comparison.notes)
        return (
            f'<table class="adcourse-compare"><caption {left}>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"
        )

    def __str__(self):
        return self.text()

    __repr__ = __str__

    def _repr_html_(self):
        return self.html()


def _line(cells, widths):
    return "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip()


def _digits(exact, digits=20):
    """High-precision numbers in words, without trailing zeros."""

    def short(e):
        mantissa, e_, exponent = str(e.n(digits)).partition("e")
        return "0" if e.is_zero else (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + e_ + exponent

    shown = [short(e) for e in exact[:3]]
    return shown[0] if len(exact) == 1 else f"[{', '.join(shown)}{', …' if len(exact) > 3 else ''}]"
