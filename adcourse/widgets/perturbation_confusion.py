"""Widget 8, perturbation confusion: a derivative inside a derivative, with one ε for both and with an ε for each."""

from html import escape
from math import isfinite

from ..core.errors import InputError
from ..core.transforms import record
from ..show import style
from ..show.picture import image_html
from ..show.words import number, shape
from .base import InteractivePicture, table_html
from .learner import running
from .nested import lines, steps, written

LIMIT = 16  # operations: beyond, the traces can't be taken in
LETTER, PITCH, BAR = 7.9, 26, 90  # of the drawing: width of a letter, height of a line, longest bar


class PerturbationConfusion(
    InteractivePicture, module="perturbation_confusion.js", using=("frame.js", "table.js", "drawn.js")
):
    """Step through ``D(x -> outer(x, D(y -> inner(x, y))(y0)))(x0)``, with tags and without, side by side.

    ``inner`` and ``outer`` take two numbers and return one; by default they are ``x + y`` and ``x * d``, where d is the
    inner derivative. ``x`` and ``y`` are the numbers x0 and y0. Before a coefficient is read off, it may be predicted.

    Attributes for a later cell: ``with_tags`` and ``without_tags``, the two results; ``step``, ``done``,
    ``predictions``. Raises InputError for functions that can't be shown line by line, and says what to do.

    >>> picture = PerturbationConfusion(lambda x, y: x + y, lambda x, d: x * d, x=1.0, y=1.0)
    >>> picture.without_tags, picture.with_tags
    (2.0, 1.0)
    """

    def __init__(self, inner=None, outer=None, x=1.0, y=1.0):
        inner = (lambda x, y: x + y) if inner is None else inner
        outer = (lambda x, d: x * d) if outer is None else outer
        x, y = _point("x", x), _point("y", y)
        tape = _recorded(inner, "inner", x, y)
        tapes = {}  # the outer function at the inner derivative, which is another one without tags

        def recorded(d):
            tapes[d] = _recorded(outer, "outer", x, d)
            if len({tuple((row.rule, row.parents) for row in tape) for tape in tapes.values()}) > 1:
                raise InputError(
                    "outer takes another branch without tags than with them.",
                    "the two traces are shown line by line, side by side.",
                    "an outer without a branch that depends on d",
                )
            return tapes[d]

        self.lines = lines(tape, recorded, x, y)
        operations = sum(line.kind == "operation" for line in self.lines)
        if operations > LIMIT:
            raise InputError(
                f"inner and outer have {operations} operations together; at most {LIMIT} are shown.",
                "longer traces can't be taken in, and every step would look like the last.",
                "PerturbationConfusion(inner, outer) with shorter functions",
            )
        point = f"x = {number(x)} and y = {number(y)}"
        super().__init__(
            data={
                "title": f"Perturbation confusion: a derivative inside a derivative, at {point}",
                "start": "Two runs of one program: on the left both derivatives nudge by the same ε, on the right each "
                "has its own. Bars show what stands before ε: on the right filled for x's nudge, hollow for y's.",
                "panels": [
                    ["Without tags: one ε for both", self._panel("without")],
                    ["With tags: an ε for each", self._panel("tagged")],
                ],
                "rows": [[line.equation, written(line.without), written(line.tagged)] for line in self.lines],
                "steps": steps(self.lines),
            }
        )

    @property
    def without_tags(self):
        """What a machine answers that has one ε for both derivatives."""
        return self.lines[-1].without[0]

    @property
    def with_tags(self):
        """What a machine answers that has an ε for each: the derivative."""
        return self.lines[-1].tagged[0]

    def _panel(self, which, live=True):
        """One run as a drawing: frames for the two derivatives, a line of words and a bar for each coefficient.

        ``live``: with the mark of the line at work.
        """
        words = [line.equation for line in self.lines]
        numbers = [written(getattr(line, which)) for line in self.lines]
        left = 34 + LETTER * max(map(len, words))
        bar = left + 12 + LETTER * max(map(len, numbers))
        parts = [p for line in self.lines for p in (*line.without[1:], *line.tagged[1:3]) if isfinite(p)]
        longest, below = max(map(abs, parts), default=1.0) or 1.0, any(p < 0 for p in parts)
        zero, unit = bar + (BAR / 2 if below else 0), BAR / (2 if below else 1) / longest
        width, top = bar + BAR + 18, 30
        inside = [k for k, line in enumerate(self.lines) if line.place == "inner"]
        height = (len(words) + 2) * PITCH + 22
        y = {k: top + PITCH * (k + 0.5 + (k >= inside[0])) for k in range(len(words))}
        first, last = y[inside[0]] - 1.5 * PITCH + 4, y[inside[-1]] + 0.5 * PITCH
        drawn = [
            f'<rect x="4" y="4" width="{width - 8:.0f}" height="{height - 8}" rx="6"/>',
            f'<rect x="10" y="{first:.0f}" width="{width - 20:.0f}" height="{last - first:.0f}" rx="6"/>',
            _text(12, 17, "outer derivative, by x", "note"), _text(18, first + 13, "inner derivative, by y", "note"),
        ]  # fmt: skip
        for k, line in enumerate(self.lines):
            parts = getattr(line, which)[1:3]
            marks = "".join(_bar(zero, y[k], unit, p, j, which) for j, p in enumerate(parts) if p and isfinite(p))
            bold = "font-weight:600;" if line.kind in ("read", "result") else ""
            box = f"M12 {y[k] - 12:.0f}H{width - 12:.0f}v24H12z"
            if live:
                drawn.append(f'<path data-only="{k + 1}" style="fill:var(--ac-current)" d="{box}"/>')
            drawn += [
                _text(18, y[k], line.equation),
                f'<g data-from="{k + 1}">{_text(left, y[k], numbers[k], style=bold)}{marks}</g>',
            ]
        axis = f'<path style="stroke:var(--ac-line)" d="M{zero:.0f} {top}V{height - 10}"/>'
        return {"body": drawn[0] + drawn[1] + axis + "".join(drawn[2:]), "width": round(width), "height": height}

    def _alt(self):
        result = self.lines[-1]
        read = next(line for line in self.lines if line.kind == "read")
        return (
            "Two traces of one nested derivative, line by line. Without tags the inner derivative reads off "
            f"{written(read.without)} and the outer one {written(result.without)}; with tags they read off "
            f"{written(read.tagged)} and {written(result.tagged)}."
        )

    def static_html(self):
        """The two finished traces side by side as a figure with alternative text, and as a table."""
        x, drawn = 0, []
        for which, (title, _) in zip(("without", "tagged"), self.data["panels"], strict=True):
            panel = self._panel(which, live=False)
            drawn.append(f'<g transform="translate({x} 24)">{_text(4, -10, title)}{panel["body"]}</g>')
            x += panel["width"] + 16
        height = 24 + self.data["panels"][0][1]["height"]
        picture = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="adcourse-graph nested" width="{x}" height="{height}" '
            f'viewBox="0 0 {x} {height}"><style>{style.graph_css(None)}</style>'
            f'<path class="paper" d="M0 0h{x}v{height}h{-x}z"/>{"".join(drawn)}</svg>'
        )
        image = image_html(self._alt(), picture.encode(), "svg+xml")
        table = table_html("Line by line", ("line", "without tags", "with tags"), self.data["rows"])
        return style.FOLLOW_THEME + image + table


def _text(x, y, words, name="", style=""):
    return f'<text class="{name}" x="{x:.0f}" y="{y:.0f}" style="{style}text-anchor:start">{escape(words)}</text>'


def _bar(zero, y, unit, part, j, which):
    """A coefficient as a bar: filled for x's nudge, hollow for y's, wide and grey where there is one ε for both."""
    end = zero + unit * part
    if which == "without":
        return f'<path style="fill:var(--ac-muted)" d="M{zero:.1f} {y - 6:.0f}H{end:.1f}v12H{zero:.1f}z"/>'
    look = "fill:var(--ac-paper);stroke:var(--ac-adjoint);stroke-width:2" if j else "fill:var(--ac-primal)"
    top = y + 2 if j else y - 7
    return f'<path style="{look}" d="M{zero:.1f} {top:.0f}H{end:.1f}v6H{zero:.1f}z"/>'


def _point(name, x):
    if isinstance(x, bool) or not isinstance(x, (int, float)) or not isfinite(x):
        raise InputError(
            f"{name} = {x!r} is not a number.",
            "the two derivatives are taken at the numbers x and y.",
            "PerturbationConfusion(inner, outer, x=1.0, y=1.0)",
        )
    return float(x)


def _recorded(f, name, x, second):
    """The run of a learner's function at two numbers, or an error that says why it can't be shown line by line."""
    letters = "x, y" if name == "inner" else "x, d"
    if not callable(f):
        raise InputError(
            f"{name} = {f!r} is not a function.", "it is run once, line by line.", f"{name}=lambda {letters}: ..."
        )
    why = f"it is called with two numbers, ({letters}), and that run failed."
    with running(name, why, f"{name}({number(x)}, {number(second)}) by itself to see where it fails"):
        tape = record(f, x, second)
    if len(tape.outputs) != 1 or tape.outputs[0] is None or any(shape(row.value) for row in tape):
        raise InputError(
            f"{name} can't be shown line by line: its result, and every value on the way, has to be one number that "
            f"depends on {' or '.join(letters.split(', '))}.",
            "each line shows one number with its nudges.",
            f"{name}=lambda {letters}: an expression of numbers, such as {'x * y**2' if name == 'inner' else 'x * d'}",
        )
    return tape
