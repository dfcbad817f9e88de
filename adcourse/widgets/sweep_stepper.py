"""Widget 1, the sweep stepper: one function, step by step through its primal, tangent and adjoint sweep."""

from html import escape

from ..core.errors import InputError
from ..core.transforms import record
from ..show.captions import short
from ..show.drawing import Graph
from ..show.table import TraceTable, first_direction, partials_text, scalar_output
from ..show.words import equation, value
from .base import InteractivePicture
from .learner import called, running
from .sweeps import NAMES, steps

COLUMNS = (("primal", "value"), ("partials", "local partials"), ("tangent", "tangent"), ("adjoint", "adjoint"))
LIMIT = 200  # rows: beyond, neither picture nor table can be taken in


class SweepStepper(InteractivePicture, module="sweep_stepper.js", using=("frame.js", "table.js")):
    """Step through the sweeps that differentiate ``f`` at a point: ``SweepStepper(f, 2.0, 3.0)``.

    The graph, the evaluation trace and the running sum of each adjoint fill as the sweeps pass; before an adjoint is
    revealed it may be predicted. ``f`` is a plain NumPy function with a single number as its result. ``seeds`` gives
    the direction of the tangent sweep, one tangent for each input (by default 1 for the first input, 0 for the others).

    Attributes for a later cell: ``step``, ``done``, ``adjoints`` (name -> number or array), ``predictions`` (a list of
    dicts with ``name``, ``answer``, ``expected``, ``right``). ``to_html(path)`` writes one file that opens from disk.
    Raises InputError when the function can't be stepped through, and says what to do.

    >>> stepper = SweepStepper(lambda x, y: x * y, 2.0, 3.0)
    >>> stepper.step, stepper.adjoints["x"], stepper.adjoints["y"]
    (0, 3.0, 2.0)
    """

    def __init__(self, f, *args, seeds=None):
        tape = _tape(f, args)
        tangents = tape.tangents(first_direction(tape) if seeds is None else seeds)
        self.tape, self.table = tape, TraceTable(tape, tangents, tape.adjoints())
        super().__init__(data=self._data(f))

    @property
    def adjoints(self):
        """The adjoint of every row by name: what the reverse sweep ends with."""
        return {row.name: self.table.adjoints[row.index] for row in self.tape}

    def _data(self, f):
        tape, table = self.tape, self.table
        inputs = [tape[i] for i in tape.inputs]
        point = ", ".join(f"{row.name} = {value(row.value)}" for row in inputs[:6]) + ", …" * (len(inputs) > 6)
        found = steps(tape, table.tangents)
        room = {}
        for step in found:
            for i, sweep, _, words in step["set"]:
                room.setdefault(i, set()).add(words if sweep == "primal" else f"{sweep} {words}")
        graph = Graph(table, columns=("adjoint",), room=room)
        body, box = graph.drawing()
        size = (
            f'viewBox="{" ".join(f"{v:.0f}" for v in box)}" style="width:{box[2]:.0f}px;min-width:{0.7 * box[2]:.0f}px"'
        )
        rows = []
        for i in range(len(table)):
            line = table.line(i)
            note = "input" if line.is_input else "output" if line.is_output else ""
            rows.append({"name": line.name, "equation": line.equation, "note": note, "partials": partials_text(line)})
        return {
            "title": f"Sweep stepper: {called(f)} at {point}",
            "start": "Nothing is computed yet. Next begins the primal sweep.",
            "svg": f'<svg class="adcourse-graph" role="img" aria-label="{escape(self._alt())}" {size}>{body}</svg>',
            "columns": COLUMNS,
            "letters": _letters(rows, found),
            "rows": rows,
            "sweeps": [[s, NAMES[s], 1 + [t["sweep"] for t in found].index(s)] for s in NAMES],
            "steps": found,
        }

    def _alt(self):
        operations = "; ".join(equation(row, lambda p: self.tape[p].name) for row in self.tape if row.rule is not None)
        return f"Computational graph of {operations}. The table below has its numbers."

    def static_html(self):
        """The last step as a figure with alternative text, and the evaluation trace as a table."""
        return Graph(self.table, columns=("adjoint",)).html()


def _letters(rows, found):
    """How wide the full table is, in letters: the longest words of every column, and the room between columns."""
    words = {(cell[0], cell[1]): len(cell[2]) for step in found for cell in step["set"]}
    columns = [
        max(len(r["equation"] + r["note"]) + 3 for r in rows),
        max((len(p) for r in rows for p in r["partials"]), default=0),
    ]
    columns += [max(n for (_, column), n in words.items() if column == kind) for kind in NAMES]
    return sum(max(n, 8) for n in columns) + 2 * len(columns)


def _tape(f, args):
    """The recorded run, or an error that says why it can't be stepped through and what to write instead."""
    name = called(f)
    if not callable(f) or not args:
        raise InputError(
            "SweepStepper was given no " + ("point." if callable(f) else "function."),
            "it runs a function once, at a point, and steps through that run.",
            "SweepStepper(f, 2.0, 3.0), with one value for each argument of f",
        )
    why = "the stepper runs the function once at the point it was given, and that run failed."
    alone = f"{name}({', '.join(short(a) for a in args)})"
    with running(name, why, f"{alone} by itself to see where it fails; then another point"):
        tape = record(f, *args)
    if not scalar_output(tape):
        raise InputError(
            f"The result of {name} is not one number that depends on its arguments.",
            "the adjoint sweep follows the derivative of one number back to every value it came from.",
            f"SweepStepper(lambda *a: np.sum({name}(*a)), ...), or one entry of the result",
        )
    if len(tape) > LIMIT:
        raise InputError(
            f"This run of {name} has {len(tape)} rows; the stepper takes at most {LIMIT}.",
            "longer runs can be neither drawn nor read, and every step would look like the last.",
            f"SweepStepper({name}, ...) with fewer iterations, or with whole arrays in place of a loop over "
            f"entries; or print(adcourse.show.trace(adcourse.record({name}, ...)))",
        )
    return tape
