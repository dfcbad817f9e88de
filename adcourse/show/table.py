"""The evaluation trace of the textbooks: primal values, local partials, tangents and adjoints, row by row.

Griewank and Walther, *Evaluating Derivatives* (2008), tables 1.1 to 1.4. Read values and tangents down, adjoints up.
"""

from html import escape
from typing import Any, NamedTuple

from ..core.errors import InputError
from . import mathematics, words

SWEEPS = (None, "forward", "reverse", "both")
LIMIT = 200  # rows printed before the middle is left out


class Line(NamedTuple):
    """One row of the trace, as numbers and as words. ``partials``: parent's name -> words, one for each use."""

    index: int
    name: str
    equation: str
    latex: str
    value: Any
    partials: dict
    tangent: Any
    adjoint: Any
    is_input: bool
    is_output: bool


def trace(tape, sweep="reverse", seeds=None):
    r"""The evaluation trace of a tape, with the tangents or adjoints of one sweep.

    ``sweep``: "reverse" (adjoints), "forward" (tangents), "both", or None (values and local partials alone).
    ``seeds``: for "forward" and "both" one tangent for each input, in the order of ``tape.inputs`` (by default 1 for
    the first input, of an array its first entry, and 0 elsewhere); for "reverse" the cotangent of the output (by
    default 1; without one, an array output gets no adjoint column). Raises InputError for another sweep.

    >>> from adcourse import record
    >>> print(trace(record(lambda x, y: x * y + x, 2.0, 3.0)))  # doctest: +NORMALIZE_WHITESPACE
    Evaluation trace at x = 2, y = 3. Read values down, adjoints up.
    operation    value  local partials            adjoint
    x (input)        2                                  4
    y (input)        3                                  2
    v1 = x * y       6  ∂v1/∂x = 3, ∂v1/∂y = 2          1
    v2 = v1 + x      8  ∂v2/∂v1 = 1, ∂v2/∂x = 1         1  (output)
    """
    if sweep not in SWEEPS:
        raise InputError(
            f"There is no sweep {sweep!r}.", "a tape is swept forwards, in reverse, or both.",
            "trace(tape, sweep='reverse'), 'forward', 'both' or None",
        )  # fmt: skip
    tangents = adjoints = None
    if sweep in ("forward", "both"):
        tangents = tape.tangents(first_direction(tape) if seeds is None else seeds)
    if sweep == "reverse" and (seeds is not None or scalar_output(tape)):
        adjoints = tape.adjoints(1.0 if seeds is None else seeds)
    if sweep == "both" and scalar_output(tape):
        adjoints = tape.adjoints()
    return TraceTable(tape, tangents, adjoints)


def scalar_output(tape):
    """Whether the function's result is a single number that depends on its arguments."""
    return len(tape.outputs) == 1 and tape.outputs[0] is not None and not words.shape(tape[tape.outputs[0]].value)


def first_direction(tape):
    """The seeds of a forward sweep for the derivative by the first input (of an array, its first entry)."""
    seeds = [0.0 * tape[i].value for i in tape.inputs]
    if seeds and words.shape(seeds[0]):
        seeds[0].reshape(-1)[:1] = 1.0
    elif seeds:
        seeds[0] = 1.0
    return seeds


class TraceTable:
    """An evaluation trace that prints as text, HTML and LaTeX; ``lines`` holds its numbers.

    ``tangents`` and ``adjoints`` are None for a column that is not there.
    """

    def __init__(self, tape, tangents=None, adjoints=None):
        self.tape, self.tangents, self.adjoints = tape, tangents, adjoints

    def __len__(self):
        return len(self.tape)

    def line(self, i):
        """Row ``i`` of the trace."""
        row, names = self.tape[i], lambda p: self.tape[p].name
        return Line(
            row.index, row.name, words.equation(row, names), mathematics.equation(row, names), row.value,
            {names(p): parts for p, parts in words.partials(self.tape, i).items()},
            None if self.tangents is None else self.tangents[i],
            None if self.adjoints is None else self.adjoints[i],
            row.rule is None, i in self.tape.outputs,
        )  # fmt: skip

    @property
    def lines(self):
        """All rows of the trace, in evaluation order."""
        return [self.line(i) for i in range(len(self))]

    @property
    def caption(self):
        """One sentence: where the program was run, and which way to read the columns."""
        tape = self.tape
        where = ", ".join(f"{tape[i].name} = {words.value(tape[i].value)}" for i in tape.inputs[:6])
        text = f"Evaluation trace at {where}{', …' if len(tape.inputs) > 6 else ''}."
        if self.tangents is not None:
            text += f" Tangents for the direction {', '.join(self.direction())}."
        read = "values" if self.tangents is None else "values and tangents"
        return f"{text} Read {read} down{', adjoints up' if self.adjoints is not None else ''}."

    def direction(self):
        """The seeds of the tangents: ``["dw1 = 1", "dw2 = 0"]``."""
        inputs = self.tape.inputs
        seeds = [f"d{self.tape[i].name} = {words.value(self.tangents[i])}" for i in inputs[:6]]
        return seeds + ["…"] * (len(inputs) > 6)

    def _columns(self):
        yield "operation", lambda line: line.equation + (" (input)" if line.is_input else "")
        yield "value", lambda line: words.value(line.value)
        yield "local partials", lambda line: ", ".join(partials_text(line))
        if self.tangents is not None:
            yield "tangent", lambda line: words.value(line.tangent)
        if self.adjoints is not None:
            yield "adjoint", lambda line: words.value(line.adjoint)

    def _shown(self, limit):
        """The rows to print; None marks the gap in a long trace."""
        n = len(self)
        if limit is None or n <= limit:
            return list(range(n))
        return [*range(limit // 2), None, *range(n - limit // 2, n)]

    def text(self, limit=LIMIT):
        """The trace in fixed-width text; the middle of one longer than ``limit`` rows is left out (None: never)."""
        heads, cells = zip(*self._columns(), strict=True)
        shown = self._shown(limit)
        lines = [None if i is None else self.line(i) for i in shown]
        table = [heads] + [None if line is None else tuple(cell(line) for cell in cells) for line in lines]
        widths = [max(len(row[k]) for row in table if row) for k in range(len(heads))]
        left = {"operation", "local partials"}
        out = [self.caption]
        for row, line in zip(table, [None, *lines], strict=True):
            if row is None:
                out.append(f"… {len(self) - len(shown) + 1} rows left out; text(limit=None) prints all …")
                continue
            padded = (c.ljust(w) if h in left else c.rjust(w) for c, w, h in zip(row, widths, heads, strict=True))
            out.append(("  ".join(padded) + ("  (output)" if line and line.is_output else "")).rstrip())
        return "\n".join(out)

    def html(self, limit=LIMIT):
        """The trace as an HTML table with a caption, column and row headers; it needs no style sheet and no script."""
        heads, cells = zip(*self._columns(), strict=True)
        shown, body = self._shown(limit), []
        for i in shown:
            if i is None:
                body.append(f'<tr><td colspan="{len(heads)}">… {len(self) - len(shown) + 1} rows left out …</td></tr>')
                continue
            line = self.line(i)
            first, *rest = (escape(cell(line)) for cell in cells)
            mark = " (output)" if line.is_output else ""
            body.append(
                f'<tr><th scope="row" style="text-align:left"><code>{first}</code>{mark}</th>'
                + "".join(f'<td style="text-align:left">{c}</td>' for c in rest) + "</tr>"
            )  # fmt: skip
        head = "".join(f'<th scope="col" style="text-align:left">{h}</th>' for h in heads)
        return (
            f'<table class="adcourse-trace"><caption style="text-align:left">{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )

    def latex(self, limit=LIMIT):
        r"""The trace as a LaTeX ``array``, for mathematics mode: between ``$$`` in Markdown, ``\[ \]`` in a paper."""
        heads = [head for head, _ in self._columns()]
        shown, body = self._shown(limit), []
        for i in shown:
            if i is None:
                body.append(rf"\multicolumn{{{len(heads)}}}{{c}}{{\vdots}}")
                continue
            line = self.line(i)
            cells = [line.latex, mathematics.value(line.value), _partials_latex(self.tape, line)]
            cells += [mathematics.value(v) for v in (line.tangent, line.adjoint) if v is not None]
            body.append(" & ".join(cells))
        titles = " & ".join(rf"\text{{{h}}}" for h in heads)
        rows = " \\\\\n".join(body)
        return f"\\begin{{array}}{{{'l' * len(heads)}}}\n{titles} \\\\ \\hline\n{rows}\n\\end{{array}}"

    def __str__(self):
        return self.text()

    __repr__ = __str__

    def _repr_html_(self):
        return self.html()


def partials_text(line):
    """The local partials of one row in words, ``["∂v2/∂w2 = 1", "∂v2/∂v1 = 4"]``; a parent used twice shows a sum."""
    return [f"∂{line.name}/∂{parent} = {words.total(parts)}" for parent, parts in line.partials.items()]


def _partials_latex(tape, line):
    return r",\; ".join(
        rf"\frac{{\partial {mathematics.name(line.name)}}}{{\partial {mathematics.name(parent)}}} = "
        + " + ".join(_words_latex(p) for p in parts)
        for parent, parts in line.partials.items()
    )


def _words_latex(text):
    try:
        return mathematics.value(float(text))
    except ValueError:
        return mathematics.text_mode(text)
