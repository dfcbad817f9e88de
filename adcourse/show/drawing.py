"""The computational graph of a tape as SVG: a box for each row, an arrow for each use, constants in their operation."""

from base64 import b64encode
from html import escape

from ..core.errors import InputError
from . import style, words
from .arrows import LABEL_HEIGHT, heads, label_spot, path, width_of
from .layout import extent, layout
from .table import TraceTable, scalar_output

LIMIT = 200  # rows that are drawn; beyond, a picture can't be read
LABELS = 12  # rows up to which every edge shows its local partial
LETTER, LINE, PAD = 7.83, 18.0, 9.0  # of the 13 px fixed-width font: letter width, line height, room around the text
LONGEST = 26  # letters of an operation that are drawn; the table has the rest
WIDEST = 1000.0  # a picture wider than this runs downwards instead


def graph(tape, adjoints=False):
    """The computational graph of ``tape``, with values, local partials and, on request, adjoints.

    Displays by itself in a notebook; ``.svg()`` is the picture, ``.html()`` a static form with alternative text and a
    table, ``.alt`` the text. ``adjoints=True`` needs a single scalar output and raises InputError without.

    >>> from adcourse import record
    >>> graph(record(lambda x, y: x * y, 2.0, 3.0)).alt
    'Computational graph with 2 inputs and 1 operation. x = 2; y = 3; v1 = x * y = 6 (output).'
    """
    if adjoints and not scalar_output(tape):
        raise InputError(
            "Adjoints were asked for, but the function's result isn't a single number that depends on its arguments.",
            "an adjoint is the derivative of one number by each row.",
            "graph(tape), or graph(record(lambda *a: np.sum(f(*a)), ...), adjoints=True)",
        )
    return Graph(TraceTable(tape, adjoints=tape.adjoints() if adjoints else None))


class Graph:
    """A drawn computational graph: what the trace ``table`` has, as a picture.

    ``columns`` are the columns of the trace that stand in the boxes (by default all); ``room``,
    ``{row: [words, ...]}``, makes each box wide enough for further words, for a picture whose words change.
    """

    def __init__(self, table, columns=("tangent", "adjoint"), room=None):
        self.table, self.tape, self.room = table, table.tape, room or {}
        self.columns = [c for c in columns if getattr(table, f"{c}s") is not None]

    # ------------------------------------------------------------------ what is drawn
    @property
    def edges(self):
        """One (parent row, row, operand number) for each use of a row, in evaluation order."""
        return [(p, row.index, k) for row in self.tape for k, p in enumerate(row.parents) if p is not None]

    def _lines(self, i):
        """The lines of text in box ``i``, each with its class."""
        row = self.tape[i]
        text = words.equation(row, lambda p: self.tape[p].name, digits=4)
        yield "op", text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        yield "value", short(row.value)
        for kind in self.columns:
            yield kind, f"{kind} {short(getattr(self.table, f'{kind}s')[i])}"

    def _label(self, i, k):
        """The local partial that stands at an edge; of an array the shape alone."""
        text, local = words.partial(self.tape, i, k, digits=4), self.tape.partials(i)[k]
        return text if len(text) <= LONGEST / 2 or local is None else f"shape {words.shape(local)}"

    @property
    def alt(self):
        """The graph in words: its size, every row with its value, and the adjoints of the inputs."""
        tape, n, first = self.tape, len(self.tape), len(self.tape.inputs)
        text = f"Computational graph with {_count(first, 'input')} and {_count(n - first, 'operation')}. "
        shown = range(n) if n <= 2 * LABELS else sorted({*tape.inputs[:LABELS], *range(n - 4, n)})
        rows = []
        for i in shown:
            line = f"{words.equation(tape[i], lambda p: tape[p].name)} = {words.value(tape[i].value)}"
            rows.append(line + (" (output)" if i in tape.outputs else ""))
        text += "; ".join(rows) + (f"; the other {n - len(rows)} are in the table." if len(rows) < n else ".")
        if self.table.adjoints is not None:
            found = (f"{tape[i].name} {words.value(self.table.adjoints[i])}" for i in tape.inputs[:LABELS])
            text += f" Adjoints of the inputs: {', '.join(found)}{', …' * (first > LABELS)}."
        return text

    def drawing(self):
        """The picture's body: SVG elements and their (left, top, width, height). Boxes carry ``data-row``, arrows
        ``data-edge``."""
        tape, edges = self.tape, self.edges
        if len(tape) > LIMIT:
            raise InputError(
                f"This tape has {len(tape)} rows; a graph is drawn up to {LIMIT}.",
                "beyond that a picture can't be read.",
                "print(adcourse.show.trace(tape)), or record a smaller case (fewer steps, shorter arrays)",
            )
        lines = [list(self._lines(i)) for i in range(len(tape))]
        boxes = []
        for i, box in enumerate(lines):
            letters = max(len(t) for t in [*(t for _, t in box), *self.room.get(i, ())])
            boxes.append((letters * LETTER + 2 * PAD + 10 * (tape[i].rule is None), len(box) * LINE + 10))
        labels = [self._label(v, k) for _, v, k in edges]
        crowded = len(tape) > LABELS
        hidden = ' visibility="hidden"' if crowded else ""
        widest = 0.0 if crowded else max((width_of(t) for t in labels), default=0.0)
        pairs = [(u, v) for u, v, _ in edges]
        gap = max(52.0, min(widest, 150.0) + 34)
        down = extent(boxes, pairs, gap=gap, pull=crowded) > WIDEST
        if down:
            turned, gap, apart = [(h, w) for w, h in boxes], 36.0 if crowded else 60.0, 26.0
            found = layout(turned, pairs, gap=gap, apart=apart, pull=crowded)
            turn = lambda p: (p[1] + 8, p[0] + 8)
            height, width = found.size
        else:
            found = layout(boxes, pairs, gap=gap, pull=crowded)
            turn = lambda p: (p[0] + 8, p[1] + 8)
            width, height = found.size
        centres = [turn(c) for c in found.centres]
        routes = [[turn(p) for p in route] for route in found.routes]
        taken = [(x, y, w, h) for (x, y), (w, h) in zip(centres, boxes, strict=True)]
        body = []
        for (u, v, k), route, label in zip(edges, routes, labels, strict=True):
            twins = [operand for a, b, operand in edges if (a, b) == (u, v)]
            side = 0 if len(twins) == 1 else -1 if k == twins[0] else 1
            x, y = label_spot(route, width_of(label), taken, down, side)
            if not crowded:
                taken.append((x, y, width_of(label), LABEL_HEIGHT))
            body.append(
                f'<g class="edge" data-edge="{u},{v},{k}"><path d="{path(route, down)}"/>{heads(route, down)}'
                f'<text class="partial"{hidden} x="{x:.1f}" y="{y:.1f}">{escape(label)}</text></g>'
            )
        used = {u for u, _, _ in edges} | set(tape.outputs)
        for i, ((x, y), (w, h)) in enumerate(zip(centres, boxes, strict=True)):
            kinds = ["node", "input" if tape[i].rule is None else "operation"]
            kinds += ["output"] * (i in tape.outputs) + ["unused"] * (i not in used)
            radius = 20 if tape[i].rule is None else 5
            box = f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{radius:g}"/>'
            top = y - (len(lines[i]) - 1) * LINE / 2
            texts = "".join(
                f'<text class="{kind}" x="{x:.1f}" y="{top + j * LINE:.1f}">{escape(t)}</text>'
                for j, (kind, t) in enumerate(lines[i])
            )
            body.append(f'<g class="{" ".join(kinds)}" data-row="{i}">{box}{texts}</g>')
        left = min([0.0, *(x - w / 2 - 4 for x, _, w, _ in taken)])  # a label may stand out at either side
        right = max([width + 16, *(x + w / 2 + 4 for x, _, w, _ in taken)])
        return "\n".join(body), (left, 0.0, right - left, height + 16)

    # ------------------------------------------------------------------ forms
    def svg(self, dark=False):
        """The picture as a complete SVG file with its own colours, for a light or a dark page."""
        body, (left, top, width, height) = self.drawing()
        paper = style.colours(dark)["paper"]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="adcourse-graph" role="img" '
            f'aria-label="{escape(self.alt)}" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}">'
            f"<style>{style.graph_css(dark)}</style>"
            f'<path fill="{paper}" d="M{left:.1f} 0h{width:.1f}v{height:.1f}h{-width:.1f}z"/>\n{body}</svg>'
        )

    def html(self, dark=False):
        """The static form: a figure that any notebook viewer shows, with alternative text, and the trace as a table."""
        table = f"<details><summary>The same as a table</summary>{self.table.html()}</details>"
        if len(self.tape) > LIMIT:
            return f"<p>{len(self.tape)} rows are too many to draw; a graph is drawn up to {LIMIT}.</p>{table}"
        picture = b64encode(self.svg(dark).encode()).decode()
        return (
            f'<figure style="margin:0.5em 0"><img alt="{escape(self.alt)}" style="max-width:100%" '
            f'src="data:image/svg+xml;base64,{picture}"></figure>{table}'
        )

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html()}


def short(x):
    """A value as it stands in a box: four digits, of an array three entries at most."""
    return words.value(x, 4 if not words.shape(x) else 3, whole=words.FEW)


def _count(n, word):
    return f"{n} {word}{'' if n == 1 else 's'}"
