"""A comparison as a table, in text and in HTML."""

from html import escape

HEADS = (
    "method", "value", "absolute error", "relative error", "operations", "evaluations of f", "time (ms)",
    "peak memory (KiB)",
)  # fmt: skip
KEY = (
    "Time: median of up to 5 runs. Operations: additions, products, powers and elementary functions of numbers, those "
    "of f included. Peak memory: the most that Python and NumPy held at a time, in a run of its own."
)


class Table:
    """A comparison as a table: ``text()`` for a terminal, ``html()`` for a page."""

    def __init__(self, comparison):
        self.comparison = comparison

    @property
    def caption(self):
        """What was differentiated, where, and the reference to 20 digits."""
        from adcourse.show import words

        c = self.comparison
        exact = c.reference.values
        to = "" if exact is None else f", reference {digits(exact)}"
        return f"{c.what} at x = {words.value(c.x)}{to}"

    def _cells(self, row):
        from adcourse.show import words

        return [
            "" if row.value is None else words.value(row.value, 16),
            *("" if e is None else "0" if e == 0 else f"{e:.1e}" for e in (row.error, row.relative)),
            *("" if n is None else str(n) for n in (row.operations, row.evaluations)),
            "" if row.seconds is None else f"{1000 * row.seconds:.3g}",
            "" if row.memory is None else f"{row.memory / 1024:.3g}",
        ]

    @property
    def notes(self):
        """Sentences below the table."""
        return [*self.comparison.notes, KEY]

    def text(self):
        """The table in fixed-width text, the notes of methods below it."""
        rows = [(row.method, *self._cells(row)) for row in self.comparison.rows]
        widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
        lines = [self.caption, _line(HEADS, widths), _line(["-" * w for w in widths], widths)]
        lines += [_line(row, widths) for row in rows]
        lines += [f"{row.method}: {row.note}" for row in self.comparison.rows if row.note]
        return "\n".join([*lines, *self.notes])

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
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
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


def digits(exact, n=20):
    """High-precision numbers in words, without trailing zeros."""

    def short(e):
        mantissa, e_, exponent = str(e.n(n)).partition("e")
        return "0" if e.is_zero else (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + e_ + exponent

    shown = [short(e) for e in exact[:3]]
    return shown[0] if len(exact) == 1 else f"[{', '.join(shown)}{', …' if len(exact) > 3 else ''}]"


def ordinal(n):
    """1 -> "1st", 2 -> "2nd", 11 -> "11th".

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    return f"{n}{'th' if n % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"
