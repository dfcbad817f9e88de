"""The evaluation trace of the textbooks: primal values, local partials, tangents and adjoints, row by row.

Griewank and Walther, *Evaluating Derivatives* (2008), tables 1.1 to 1.4. Read values and tangents down, adjoints up.
"""

import re
from html import escape
from typing import Any, NamedTuple

from ..core.errors import InputError
from . import formula, mathematics, words

SWEEPS = (None, "forward", "reverse", "both")
LIMIT = 200  # rows printed before the middle is left out


class Line(NamedTuple):
    """One row of the trace, as numbers and as words. ``partials``: parent's name -> words, one for each use.

    ``formulas``: the same as ``Formula``s (None where there is none); ``tangent_formula``, ``adjoint_formula``: by the
    tangents of the operands, and by the adjoints of the rows that use this one.
    """

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
    formulas: dict
    tangent_formula: Any
    adjoint_formula: Any

    @property
    def mark(self):
        """What the row is, if not a step between."""
        return " (input)" * self.is_input + " (output)" * self.is_output


def trace(tape, sweep="reverse", seeds=None, formulas=False):
    r"""The evaluation trace of a tape, with the tangents or adjoints of one sweep.

    ``sweep``: "reverse" (adjoints), "forward" (tangents), "both", or None (values and local partials alone).
    ``seeds``: for "forward" and "both" one tangent for each input, in the order of ``tape.inputs`` (by default 1 for
    the first input, of an array its first entry, and 0 elsewhere); for "reverse" the cotangent of the output (by
    default 1; without one, an array output gets no adjoint column).
    ``formulas``: also how each number comes about, ``∂v1/∂x = y = 3``, tangents of ``x`` as ``dx``, adjoints ``x_bar``.
    The result prints as text and shows as HTML in a notebook; ``markdown()`` and ``latex()`` are for papers.
    Raises InputError for another sweep. Source: Griewank and Walther (2008), tables 1.1 to 1.4.

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
    return TraceTable(tape, tangents, adjoints, formulas)


def scalar_output(tape):
    """Whether the function's result is a single number that depends on its arguments."""
    return len(tape.outputs) == 1 and tape.outputs[0] is not None and not words.shape(tape[tape.outputs[0]].value)


def first_direction(tape):
    """The seeds of a forward sweep for the derivative by the first input (of an array, its first entry)."""
    from ..core.tape import zeros_like

    seeds = [zeros_like(tape[i].value) for i in tape.inputs]
    if seeds and words.shape(seeds[0]):
        if seeds[0].size:
            seeds[0][(0,) * seeds[0].ndim] = 1.0
    elif seeds:
        seeds[0] = 1.0
    return seeds


class TraceTable:
    """An evaluation trace that prints as text, HTML, Markdown and LaTeX; ``lines`` holds its numbers.

    ``tangents`` and ``adjoints`` are None for a column that is not there.
    """

    def __init__(self, tape, tangents=None, adjoints=None, formulas=False):
        self.tape, self.tangents, self.adjoints, self.formulas = tape, tangents, adjoints, formulas
        self.uses = {}
        for row in tape if formulas else ():
            for k, parent in enumerate(row.parents):
                self.uses.setdefault(parent, []).append((row, k))

    def __len__(self):
        return len(self.tape)

    def line(self, i):
        """Row ``i`` of the trace."""
        row, names, tangents, adjoints = self.tape[i], self.tape.name, self.tangents, self.adjoints
        is_output, by_parent, how = i in self.tape.outputs, {}, [None, None]
        if self.formulas:
            for k, parent in enumerate(row.parents):
                if parent is not None:
                    by_parent.setdefault(names(parent), []).append(formula.partial(row, k, names))
            how = [
                formula.tangent(row, names),
                None if is_output else formula.adjoint(row, self.uses.get(i, []), names),
            ]
        return Line(
            row.index, row.name, words.equation(row, names), mathematics.equation(row, names), row.value,
            {names(p): parts for p, parts in words.partials(self.tape, i).items()},
            None if tangents is None else tangents[i], None if adjoints is None else adjoints[i],
            row.rule is None, is_output, by_parent, *how,
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

    def _columns(self, language):
        """Heading, whether its cells are numbers, and the cell of a line, for each column; in words or in LaTeX."""
        in_words = language is words

        def partials(line):
            found = []
            for parent, parts in line.partials.items():
                how = formula.total(line.formulas.get(parent, ()))
                found.append(f"{language.by(line.name, parent)} = {explained(how, language.total(parts))}")
            return language.listed(found)

        def explained(how, number):
            how = number if how is None else language.expression(how)
            return number if how == number else f"{how} = {number}"

        yield "operation", False, lambda line: line.equation if in_words else line.latex
        yield "value", True, lambda line: language.value(line.value)
        yield "local partials", False, partials
        if self.tangents is not None:
            yield "tangent", True, lambda line: explained(line.tangent_formula, language.value(line.tangent))
        if self.adjoints is not None:
            yield "adjoint", True, lambda line: explained(line.adjoint_formula, language.value(line.adjoint))

    def _table(self, limit, language=words):
        """The columns' headings, whether they hold numbers, and the rows: ``(line, cells)``, a number for a gap."""
        heads, numeric, cells = zip(*self._columns(language), strict=True)
        n = len(self)
        shown = range(n) if limit is None or n <= limit else [*range(limit // 2), None, *range(n - limit // 2, n)]
        lines = [None if i is None else self.line(i) for i in shown]
        return heads, numeric, [(line, line and [cell(line) for cell in cells]) for line in lines], n - len(shown) + 1

    def text(self, limit=LIMIT):
        """The trace in fixed-width text; the middle of one longer than ``limit`` rows is left out (None: never)."""
        heads, numeric, rows, left_out = self._table(limit)
        rows = [(line, line and [cells[0] + " (input)" * line.is_input, *cells[1:]]) for line, cells in rows]
        widths = [max(map(len, column)) for column in zip(heads, *(cells for _, cells in rows if cells), strict=True)]
        out = [self.caption]
        for line, cells in [(None, heads), *rows]:
            if cells is None:
                out.append(f"… {left_out} rows left out; text(limit=None) prints all …")
                continue
            padded = (c.rjust(w) if right else c.ljust(w) for c, w, right in zip(cells, widths, numeric, strict=True))
            out.append(("  ".join(padded) + "  (output)" * (line is not None and line.is_output)).rstrip())
        return "\n".join(out)

    def html(self, limit=LIMIT):
        """The trace as an HTML table with a caption, column and row headers; it needs no style sheet and no script."""
        heads, numeric, rows, left_out = self._table(limit)
        side = {True: "right;white-space:nowrap;font-variant-numeric:tabular-nums", False: "left"}
        styles = [f' style="padding:.1em .6em;text-align:{side[right]}"' for right in numeric]
        body = []
        for line, cells in rows:
            if cells is None:
                body.append(f'<tr><td colspan="{len(heads)}">… {left_out} rows left out …</td></tr>')
                continue
            first, *rest = map(escape, cells)
            head = f'<th scope="row"{styles[0]}><code>{first}</code>{line.mark}</th>'
            cells = (f"<td{style}>{cell}</td>" for style, cell in zip(styles[1:], rest, strict=True))
            body.append(f"<tr>{head}{''.join(cells)}</tr>")
        head = "".join(f'<th scope="col"{style}>{h}</th>' for style, h in zip(styles, heads, strict=True))
        return (
            f'<table class="adcourse-trace"><caption style="text-align:left">{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )

    def markdown(self, limit=LIMIT):
        """The trace as a Markdown table, as GitHub and JupyterLab show it, below its caption."""
        heads, numeric, rows, left_out = self._table(limit)
        out = [heads, ["--:" if right else ":--" for right in numeric]]
        for line, cells in rows:
            if cells is None:
                out.append([f"… {left_out} rows left out …", *[""] * (len(heads) - 1)])
                continue
            first, *rest = cells
            out.append([_code(first) + line.mark, *map(_plain, rest)])
        return "\n".join([_plain(self.caption), "", *(f"| {' | '.join(cells)} |" for cells in out)])

    def latex(self, limit=LIMIT):
        r"""The trace as a LaTeX ``array``, for mathematics mode: between ``$$`` in Markdown, ``\[ \]`` in a paper."""
        heads, numeric, rows, _ = self._table(limit, mathematics)
        columns = "".join("r" if right else "l" for right in numeric)
        titles = " & ".join(rf"\text{{{h}}}" for h in heads)
        body = " \\\\\n".join(" & ".join([r"\vdots"] * len(heads) if cells is None else cells) for _, cells in rows)
        return f"\\begin{{array}}{{{columns}}}\n{titles} \\\\ \\hline\n{body}\n\\end{{array}}"

    def __str__(self):
        return self.text()

    __repr__ = __str__

    def _repr_html_(self):
        return self.html()


def partials_text(line):
    """The local partials of one row in words, ``["∂v2/∂w2 = 1", "∂v2/∂v1 = 4"]``; a parent used twice shows a sum."""
    return [f"{words.by(line.name, parent)} = {words.total(parts)}" for parent, parts in line.partials.items()]


def _plain(text):
    """Text in which Markdown sees no signs of its own; mathematics neither."""
    return re.sub(r"([\\`*_{}\[\]<>|~$#])", r"\\\1", text)


def _code(text):
    """Text in Markdown as it is written in a program. In a table a bar is escaped even there."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " * (fence != "`")
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")
