"""The computational graph of a tape as SVG: a box for each row, an arrow for each use, constants in their operation.

Beyond 40 rows, boxes stand for repeated steps and other stretches of rows (``boxes.py``).
"""

from html import escape
from textwrap import wrap

from ..core.errors import InputError
from . import boxes, export, style
from .arrows import LABEL_HEIGHT, heads, label_spot, path, width_of
from .captions import LIMIT, Captions
from .layout import extent, layout
from .picture import image_html
from .table import TraceTable, scalar_output

LABELS = 12  # boxes up to which every arrow shows its local partial
LONGEST_TAPE = 2000  # rows in which repeats are looked for
LETTER, LINE, PAD = 7.83, 18.0, 9.0  # of the 13 px fixed-width font: letter width, line height, room around the text
STACK = 4.0  # how far the second frame of a box of several rows stands out
NOTE_LETTER = 7.23  # of the 12 px font
WIDEST = 1000.0  # a picture wider than this runs downwards instead


def graph(tape, adjoints=False, *, partials=None, group=None, focus=None, reach=2):
    """The computational graph of ``tape``, with values, local partials and, on request, adjoints.

    Displays by itself in a notebook; ``.svg()`` is the picture, ``.html()`` a static form with alternative text and a
    table, ``.alt`` the text, ``.dot()`` and ``.mermaid()`` the same for other programs, ``.save("graph.svg")`` a file.

    ``adjoints=True`` needs a single scalar output and raises InputError without; ``graph(trace(tape, "both"))`` draws
    the tangents and adjoints of a trace. ``partials``: whether the arrows show the local partials (by default up to 12
    boxes). ``group``: whether repeated steps, and what else hangs together, share a box (by default beyond 40 rows); a
    box then stands for the derivative of its result by what it reads. ``focus``: a row, by name or number, that is
    shown with what lies up to ``reach`` arrows before and after it, the rest in few boxes.

    >>> from adcourse import record
    >>> graph(record(lambda x, y: x * y, 2.0, 3.0)).alt
    'Computational graph with 2 inputs and 1 operation. x = 2; y = 3; v1 = x * y = 6 (output).'
    """
    table = tape if isinstance(tape, TraceTable) else None
    tape = table.tape if table else tape
    if adjoints and not scalar_output(tape):
        raise InputError(
            "Adjoints were asked for, but the function's result isn't a single number that depends on its arguments.",
            "an adjoint is the derivative of one number by each row.",
            "graph(tape), or graph(record(lambda *a: np.sum(f(*a)), ...), adjoints=True)",
        )
    if table is None or (adjoints and table.adjoints is None):
        table = TraceTable(tape, table and table.tangents, tape.adjoints() if adjoints else None)
    rows = boxes.Rows(tape)
    if focus is not None:
        shown = boxes.focused(rows, focus, reach)
    elif (len(tape) > boxes.WHOLE if group is None else group) and len(tape) <= LONGEST_TAPE:
        shown = boxes.grouped(rows)
    else:
        shown = boxes.whole(rows)
    around = None if focus is None else (boxes.row_called(rows, focus), reach)
    return Graph(table, rows=rows, shown=shown, partials=partials, around=around)


class Graph:
    """A drawn computational graph: what the trace ``table`` has, as a picture.

    ``columns`` are the columns of the trace that stand in the boxes (by default all); ``room``,
    ``{row: [words, ...]}``, makes each box wide enough for further words, for a picture whose words change.
    """

    def __init__(
        self, table, columns=("tangent", "adjoint"), room=None, *, rows=None, shown=None, partials=None, around=None
    ):
        self.table, self.tape, self.room, self.partials = table, table.tape, room or {}, partials
        rows = rows or boxes.Rows(self.tape)
        self.boxes = boxes.whole(rows) if shown is None else shown
        columns = [c for c in columns if getattr(table, f"{c}s") is not None]
        self.captions = Captions(table, rows, self.boxes, columns, around)

    # ------------------------------------------------------------------ what is drawn
    @property
    def arrows(self):
        """The arrows, in evaluation order of what they lead to."""
        return self.captions.arrows

    @property
    def alt(self):
        """The graph in words."""
        return self.captions.alt()

    def labels(self):
        """The words at each arrow, or None, and whether they are shown: from the start, or one by one by a reader."""
        shown = len(self.boxes) <= LABELS if self.partials is None else self.partials
        return [self.captions.label(a) if shown or self.room else None for a in self.arrows], shown

    def drawing(self):
        """The picture's body: SVG elements and their (left, top, width, height). Boxes carry ``data-row``, arrows
        ``data-edge``."""
        if len(self.boxes) > LIMIT:
            raise InputError(
                f"This tape has {len(self.tape)} rows; a graph is drawn up to {LIMIT} boxes.",
                "beyond that a picture can't be read.",
                "graph(tape) with repeated steps in one box, graph(tape, focus='v1'), or a smaller case "
                "(fewer steps, shorter arrays)" if len(self.tape) <= LONGEST_TAPE else
                "graph(tape, focus='v1'), print(tape), or record a smaller case (fewer steps, shorter arrays)",
            )  # fmt: skip
        lines = [list(self.captions.lines(box)) for box in self.boxes]
        sizes = [self._size(box, text) for box, text in zip(self.boxes, lines, strict=True)]
        pairs = [(a.tail, a.head) for a in self.arrows]
        labels, shown = self.labels()
        rooms = [(width_of(t) + 4, LABEL_HEIGHT) if t and shown else None for t in labels]
        widest, pull = max((r[0] for r in rooms if r), default=0.0), len(self.boxes) > LABELS
        gap = 22.0 if widest else 52.0
        down = extent(sizes, pairs, label=widest, gap=gap, pull=pull) > WIDEST
        if down:
            turned, rooms = [(h, w) for w, h in sizes], [r and r[::-1] for r in rooms]
            found = layout(turned, pairs, labels=rooms, gap=18.0 if widest else 36.0, apart=26.0, pull=pull)
        else:
            found = layout(sizes, pairs, labels=rooms, gap=gap, pull=pull)
        turn = (lambda p: (p[1] + 8, p[0] + 8)) if down else (lambda p: (p[0] + 8, p[1] + 8))
        width, height = turn(found.size)
        centres = [turn(c) for c in found.centres]
        taken = [(*c, *s) for c, s in zip(centres, sizes, strict=True)]
        drawn = set()
        body, left, right, beside = [], 0.0, width + 8, {}  # beside: the labels at each box that show one by one
        for arrow, route, label, spot in zip(self.arrows, found.routes, labels, found.spots, strict=True):
            route = [turn(p) for p in route]
            text = ""
            if label:
                near = beside.setdefault(arrow.head, [])
                x, y = turn(spot) if spot else label_spot(route, width_of(label), taken + near, down)
                near.append((x, y, width_of(label), LABEL_HEIGHT))
                left, right = min(left, x - width_of(label) / 2 - 4), max(right, x + width_of(label) / 2 + 4)
                hidden = "" if shown else ' visibility="hidden"'
                text = f'<text class="partial"{hidden} x="{x:.1f}" y="{y:.1f}">{escape(label)}</text>'
            use = (
                f'data-edge="{",".join(map(str, arrow.use))}"'
                if arrow.use
                else f'data-arrow="{arrow.tail},{arrow.head}"'
            )
            ends = heads(route, down, back=bool(self.room))
            if not self.room:  # of edges that share a trunk one draws it
                while len(route) > 2 and (arrow.tail, *route[:2]) in drawn:
                    route = route[2:]
                drawn.update((arrow.tail, *piece) for piece in zip(route[::2], route[1::2], strict=True))
            body.append(f'<g class="edge" {use}><path d="{path(route, down)}"/>{ends}{text}</g>')
        body += map(self._box, self.boxes, lines, centres, sizes)
        note = wrap(self.captions.note(), max(int((right - left - 16) / NOTE_LETTER), 50))
        for k, line in enumerate(note):
            body.append(f'<text class="note" x="8" y="{height + 20 + 16 * k:.1f}">{escape(line)}</text>')
            right = max(right, 16 + NOTE_LETTER * len(line))
        return "\n".join(body), (left, 0.0, right - left, height + 8 + (16 * len(note) + 8 if note else 0))

    def _size(self, box, lines):
        letters = max(len(t) for t in [*(t for _, t in lines), *self.room.get(box.start, ())])
        slack = 10 * (self.tape[box.start].rule is None) + 2 * STACK * (not box.single)
        return letters * LETTER + 2 * PAD + slack, len(lines) * LINE + 10 + 2 * STACK * (not box.single)

    def _box(self, box, lines, centre, size):
        """A box as SVG: a frame, a second one behind it if it stands for several rows, and its lines of text."""
        rows, (x, y), (w, h) = self.captions.rows, centre, size
        is_input, gives = self.tape[box.start].rule is None, rows.gives(box)
        kinds = ["node", "input" if is_input else "operation"]
        kinds += ["group"] * (not box.single) + ["output"] * (not rows.outputs.isdisjoint(box.rows))
        kinds += ["unused"] * (not gives) + ["focus"] * (box.single and self.captions.around[:1] == (box.start,))
        radius, place = 20 if is_input else 5, f'data-row="{box.start}"'
        frames = [(x - w / 2, y - h / 2, w, h)]
        if not box.single:
            w, h, place = w - 2 * STACK, h - 2 * STACK, f'data-rows="{box.start}-{box.stop - 1}"'
            frames.append((x - w / 2, y - h / 2, w, h))
        drawn = "".join(
            f'<rect x="{a:.1f}" y="{b:.1f}" width="{c:.1f}" height="{d:.1f}" rx="{radius:g}"/>' for a, b, c, d in frames
        )
        top = y - (len(lines) - 1) * LINE / 2
        texts = "".join(
            f'<text class="{kind}" x="{x:.1f}" y="{top + j * LINE:.1f}">{escape(t)}</text>'
            for j, (kind, t) in enumerate(lines)
        )
        return f'<g class="{" ".join(kinds)}" {place}>{drawn}{texts}</g>'

    # ------------------------------------------------------------------ forms
    def svg(self, dark=False):
        """The picture as a complete SVG file with its own colours, for a light or a dark page; ``dark=None`` has both,
        and a browser takes the one that the reader prefers."""
        body, (left, top, width, height) = self.drawing()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="adcourse-graph" role="img" '
            f'aria-label="{escape(self.alt)}" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}">'
            f"<style>{style.graph_css(dark)}</style>"
            f'<path class="paper" d="M{left:.1f} 0h{width:.1f}v{height:.1f}h{-width:.1f}z"/>\n{body}</svg>'
        )

    def html(self, dark=None):
        """The static form: a figure that any notebook viewer shows, with alternative text, and the trace as a table.

        ``dark=None``: in the colours of JupyterLab's theme, elsewhere in those that the reader prefers.
        """
        table = f"<details><summary>The same as a table</summary>{self.table.html()}</details>"
        if len(self.boxes) > LIMIT:
            return f"<p>{len(self.tape)} rows are too many to draw; a graph is drawn up to {LIMIT}.</p>{table}"
        return style.FOLLOW_THEME * (dark is None) + image_html(self.alt, self.svg(dark).encode(), "svg+xml") + table

    def dot(self):
        """The graph in Graphviz's language: ``dot -Tpdf graph.dot`` draws it."""
        return export.dot(self)

    def mermaid(self):
        """The graph as a Mermaid flowchart, which GitHub and many wikis draw."""
        return export.mermaid(self)

    def save(self, path):
        """Write the graph to a file: .svg, .html, .dot (or .gv) or .mmd, by its suffix. Returns the path."""
        return export.save(self, path)

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html()}
