"""Widget 6, the swell meter: the formula of a loop's derivative, round by round, as a tree and as a graph."""

from math import exp, log

import numpy as np
import sympy as sp

from ..core.errors import InputError
from ..methods import symbolic
from ..methods.formulas import dag_size, parts
from ..methods.loops import BODIES, of_two, recurrence, sizes
from ..methods.loops import needed as arguments
from .base import InteractivePicture
from .drawn import Drawing, Log, mark, power, stroke, words
from .learner import called as name_of
from .learner import running
from .settings import choice

ROUNDS, PARTS = 15, 60  # beyond, the picture shows nothing new, and the measuring takes longer than a learner waits
SERIES = (
    ("slope_tree", "tree", "partial", "solid", "square"),
    ("slope_dag", "graph", "primal", "dashed", "circle"),
    ("trace", "trace", "ink", "dotted", "triangle"),
)
COLUMNS = (
    ("tree", "y: tree"), ("slope_tree", "y′: tree"), ("slope_dag", "y′: graph"), ("trace", "trace"),
)  # fmt: skip


class SwellMeter(InteractivePicture, module="swell_meter.js", using=("frame.js", "table.js", "drawn.js")):
    """How large the derivative of a loop becomes as a formula: ``SwellMeter(lambda y: 4 * y * (1 - y))``.

    The loop begins with y = x. The learner chooses what stands in it, y = f(y), y = y f(x) or both in one, and goes
    through it round by round; the size of y′, written out as a tree and with each part kept once, is predicted before
    it is revealed, and set against the trace of the same loop run on the number ``at``. ``f`` is a function of y, or of
    y and x, plain NumPy code without branches; ``rounds`` at most 15.

    Attributes for a later cell: ``sizes``, a dict from "nest", "multiply" and "both" to a list, one entry for 0, 1, 2,
    ... rounds, with ``slope_tree``, ``slope_dag``, ``tree``, ``dag``, ``trace``; ``step``, ``done``, ``settings`` and
    ``predictions``. Raises InputError, or SymbolicError where f has no formula.

    >>> meter = SwellMeter(lambda y: 4 * y * (1 - y))
    >>> meter.sizes["nest"][3].slope_tree, meter.sizes["nest"][3].slope_dag
    (343, 43)
    """

    def __init__(self, f, at=0.2, rounds=9):
        called = name_of(f)
        two, text = _checked(f, called, at, rounds)
        codes = {
            "nest": f"y = {called}(y{', x' * two})",
            "multiply": f"y = y * {called}(x{', x' * two})",
            "both": f"y = y * {called}(y{', x' * two})",
        }
        self.sizes = {loop: _measured(body(of_two(f)), called, rounds, at) for loop, body in BODIES.items()}
        loops = {}
        for loop, found in self.sizes.items():
            rule = recurrence(found)
            loops[loop] = {
                "code": codes[loop],
                "rows": [[f"{getattr(s, column):,}" for column, _ in COLUMNS] for s in found],
                "says": [_said(found, n, codes[loop], rule) for n in range(rounds + 1)],
                "asks": [_asked(found, n, loop, rule) for n in range(rounds + 1)],
            }
        self._drawings = _drawings(self.sizes, codes, rounds)
        title = f"Swell meter: a loop of {called}" + f", {called}(y{', x' * two}) = {text}" * bool(text)
        super().__init__(
            {"title": title, "columns": COLUMNS, "loops": loops, "steps": [{}] * rounds,
             "svg": self._drawings["live"].inline()},
            {"loop": choice("In the loop", codes)},
        )  # fmt: skip

    def _picture(self):
        return self._drawings["static"]

    def _table(self):
        head = ["rounds", *(f"{loop}: {series[1]}" for loop in self.sizes for series in SERIES)]
        rows = [
            [n, *(f"{getattr(found[n], column):,}" for found in self.sizes.values() for column, *_ in SERIES)]
            for n in range(len(self.sizes["nest"]))
        ]
        loops = "; ".join(f"{loop}: {how['code']}" for loop, how in self.data["loops"].items())
        return f"Nodes of y′ as a tree and as a graph, and rows of the trace. {loops}.", head, rows


# ---------------------------------------------------------------------------------------------- words


def _said(found, n, code, rule):
    """What the round did, with its numbers."""
    now = found[n]
    if not n:
        return "The loop has not begun: y = x, and y′ = 1. Tree, graph and trace are 1."
    before = found[n - 1]
    how = ""
    if rule:
        a, b, c = rule
        how = f" = {_copies(a)}{before.slope_tree:,} (the last y′) + {_copies(b)}{before.tree:,} (the last y) + {c} new"
    return (
        f"Round {n}, {code}: written out, y′ has {now.slope_tree:,} nodes{how}. With each part kept once it has "
        f"{now.slope_dag:,}, {now.slope_dag - before.slope_dag} more than before. The trace has {now.trace} rows."
    )


def _copies(n):
    return "" if n == 1 else f"{n} × "


def _asked(found, n, loop, rule):
    """The prediction before round n is revealed: of the tree where n is even, of the graph where it is odd."""
    if n < 2:
        return None
    now, before, first = found[n], found[n - 1], found[n - 2]
    if n % 2:
        rise = now.slope_dag - before.slope_dag
        right, what = now.slope_dag, "y′ as a graph, each part kept once,"
        because = f"What is there already is only pointed at: the round adds {rise} parts."
        mistakes = [
            (2 * before.slope_dag, "Only a tree copies what is there; a graph points at it."),
            (now.slope_tree, "That is the tree, with every copy counted."),
            (now.trace, "That is the trace of y alone; its derivative has parts of its own."),
        ]
        line = f"{first.slope_dag:,}, then {before.slope_dag:,}"
    else:
        right, what = now.slope_tree, "y′ written out, as a tree,"
        uses = f"{_copies(rule[0])}the last y′ and {_copies(rule[1])}the last y" if rule else "copies of y′ and of y"
        because = f"Each round writes {uses} into the new y′."
        same_rise = 2 * before.slope_tree - first.slope_tree
        mistakes = [
            (same_rise, "That adds as much as the round before; but what is copied has grown."),
            (2 * before.slope_tree, "Doubling is not the rule here."),
            (now.tree, "That is y itself."),
            (now.slope_dag, "That is the graph, with each part kept once."),
        ]
        if rule:
            copies = rule[0] * before.slope_tree
            mistakes.insert(1, (copies, "That has the copies of the last y′, but none of the last y."))
        line = f"{first.slope_tree:,}, then {before.slope_tree:,}"
    wrong = {m: why for m, why in reversed(mistakes) if m != right and m > 0}
    near = min((abs(log(m / right)) for m in wrong), default=1.0)
    percent = min(10, int(100 * exp(0.4 * near) - 100))  # near enough is right, but no known mistake is
    how = f"to within {percent} %" if percent else "exactly"
    return {
        "question": f"{what} had {line} nodes. How many after one more round, {how}?",
        "name": f"{loop}: {'graph' if n % 2 else 'tree'} after {n} rounds", "answer": right, "shown": f"{right:,}",
        "factor": 1 + (percent / 100 or 1e-9), "mistakes": [[m, why] for m, why in wrong.items()], "because": because,
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------- the picture


def _drawings(found, codes, rounds):
    """The curves of each loop: for the live picture one over the other, for the static one side by side."""
    top = max(s.slope_tree for row in found.values() for s in row)
    live = [f'<g data-loop="{loop}">{"".join(_panel(row, top, rounds, 330, 270))}</g>' for loop, row in found.items()]
    panels = []
    for k, (loop, row) in enumerate(found.items()):
        panel = "".join(_panel(row, top, rounds, 180, 260, title=codes[loop], last=True))
        panels.append(f'<g transform="translate({k * 320} 0)">{panel}</g>')
    ends = {loop: row[-1] for loop, row in found.items()}
    said = " ".join(
        f"{codes[loop]}: the tree has {s.slope_tree:,} nodes, the graph {s.slope_dag:,}, the trace {s.trace} rows."
        for loop, s in ends.items()
    )
    alt = f"Size of y′ against the number of rounds, logarithmic, for three loops. After {rounds} rounds: {said}"
    how = "Size of y′ against the rounds, logarithmic: tree, graph and trace. The table has the numbers."
    return {"live": Drawing(490, 330, how, live), "static": Drawing(3 * 320 + 30, 330, alt, panels)}


def _panel(row, top, rounds, wide, high, title="", last=False):
    left, up = 46, 24 if title else 12
    axis = Log(top, high)
    place = lambda n, value: (left + 8 + (wide - 16) * n / rounds, up + high - axis.at(value))
    yield stroke(f"M{left} {up}v{high}h{wide}", "muted")
    for tick in axis.ticks:
        y = place(0, tick)[1]
        yield stroke(f"M{left} {y:.1f}h{wide}", width=0.4)
        yield words(left - 5, y + 4, power(tick), anchor="end")
    for n in range(0, rounds + 1, 1 + rounds // 10 if not last else 3):
        yield words(place(n, 1)[0], up + high + 17, str(n), anchor="middle")
    yield words(left + wide / 2, up + high + 36, "rounds", anchor="middle")
    if title:
        yield words(left, 12, title)
    for n in range(rounds + 1):
        heights = _apart([place(n, getattr(row[n], column))[1] for column, *_ in SERIES])
        for (column, label, role, dash, shape), height in zip(SERIES, heights, strict=True):
            x, y = place(n, getattr(row[n], column))
            if n:
                x0, y0 = place(n - 1, getattr(row[n - 1], column))
                yield stroke(f"M{x0:.1f} {y0:.1f}L{x:.1f} {y:.1f}", role, 1.8, dash, f' data-from="{n}"')
            yield mark(x, y, shape, role, f' data-from="{n}"')
            if not last or n == rounds:
                yield words(x + 10, height + 4, f"{label} {getattr(row[n], column):,}", role, more=f' data-only="{n}"')


def _apart(heights, room=15):
    """The heights of labels, from the lowest one up, moved apart so that none covers another."""
    moved, below = dict.fromkeys(range(len(heights)), 0.0), None
    for k in sorted(moved, key=lambda k: (-heights[k], -k)):
        moved[k] = heights[k] if below is None else min(heights[k], below - room)
        below = moved[k]
    return list(moved.values())


# ---------------------------------------------------------------------------------------------- what is refused


def _checked(f, called, at, rounds):
    """Whether f takes x too, and its formula if that is short; InputError where the meter can't use it."""
    if not callable(f):
        raise InputError(
            f"SwellMeter was given {f!r}.",
            "it nests and multiplies a function.",
            "SwellMeter(lambda y: 4 * y * (1 - y))",
        )
    if isinstance(rounds, bool) or not isinstance(rounds, int) or not 2 <= rounds <= ROUNDS:
        raise InputError(
            f"SwellMeter was given rounds={rounds!r}.",
            f"a curve needs two rounds, and after {ROUNDS} it shows nothing new.",
            f"SwellMeter({called}, rounds=9)",
        )
    if isinstance(at, bool) or not isinstance(at, (int, float, np.integer, np.floating)) or not np.isfinite(at):
        raise InputError(
            f"SwellMeter was given at={at!r}.",
            "the trace is that of a run on one real number.",
            f"SwellMeter({called}, at=0.2)",
        )
    if arguments(f) not in (1, 2):
        raise InputError(
            f"{called} takes {arguments(f)} arguments.",
            "the body of the loop is a function of y, or of y and x, that returns the next y.",
            f"SwellMeter(lambda y: {called}(y, ...)), with numbers for the others",
        )
    y, x = sp.Symbol("y", real=True), sp.Symbol("x", real=True)
    with sp.evaluate(False):
        formula = _run(lambda: symbolic.expression(of_two(f), y, x), called, "on letters")
    if isinstance(formula, sp.Expr) and dag_size(formula) > PARTS:
        raise InputError(
            f"The formula of {called} has {dag_size(formula)} parts; the meter takes at most {PARTS}.",
            f"it is repeated {rounds} times, and all of that is written out.",
            "SwellMeter with one round of your loop as the function; the meter makes the loop",
        )
    if not isinstance(formula, sp.Expr) or y not in parts(formula):
        raise InputError(
            f"{called} returned {formula!r} for the letter y.",
            "the body of the loop makes the next y, one number, of the last.",
            f"SwellMeter(lambda y: ...) with a formula in y, such as y * {called}(y)",
        )
    text = str(formula)
    return arguments(f) == 2, text if len(text) < 50 else ""


def _measured(body, called, rounds, at):
    return _run(lambda: sizes(body, rounds, at), called, f"in the loop from {at!r}")


def _run(work, called, on):
    why = "the meter runs the loop twice, on letters to get formulas and on a number to get the trace."
    alone = f"{called}(0.2) by itself to see where it fails"
    with running(f"{called}, {on},", why, f"{alone}; then SwellMeter({called}, at=...) with a number it takes"):
        return work()
