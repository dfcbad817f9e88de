"""Which rows of a tape share a box of its graph: all of them apart, repeats of the same steps, or all but a focus.

A box holds rows that follow each other, so that boxes, like rows, only ever read earlier ones, and the derivative of
its result by what it reads is what eliminating its inner rows leaves (Griewank and Walther 2008, section 9.2).
"""

from difflib import get_close_matches
from itertools import accumulate, pairwise
from typing import NamedTuple

from ..core.errors import InputError
from .words import shape

WHOLE = 40  # rows up to which every row has its own box by default
FEW = 30  # boxes that a grouped graph has at most, where its inputs and outputs allow it
NEAR = 16  # rows shown one by one around a focus
INPUTS = 8  # inputs that are not grouped
PERIOD = 100  # rows of the longest step that is looked for


class Box(NamedTuple):
    """The rows ``start`` to ``stop - 1``: one row, ``times`` repeats of the same steps, or any stretch of rows."""

    start: int
    stop: int
    times: int = 1

    @property
    def rows(self):
        return range(self.start, self.stop)

    @property
    def single(self):
        return self.stop == self.start + 1


class Rows:
    """The rows of a tape, with where each is used."""

    def __init__(self, tape):
        self.tape, self.rows, self.outputs = tape, list(tape), {i for i in tape.outputs if i is not None}
        self.called = [_called(row) for row in self.rows]
        self.uses = [[] for _ in self.rows]
        for row in self.rows:
            for p in row.parents:
                if p is not None:
                    self.uses[p].append(row.index)
        change = [0] * (len(self.rows) + 1)
        for i, uses in enumerate(self.uses):
            change[i + 1] += 1
            change[(uses or [i])[-1] + 1] -= 1
        self.open = list(accumulate(change))  # at each row, how many earlier ones are still to be read

    def __len__(self):
        return len(self.rows)

    def reads(self, box):
        """The rows outside that a box reads."""
        return sorted({p for i in box.rows for p in self.rows[i].parents if p is not None and p < box.start})

    def gives(self, box):
        """The rows of a box that others read, or that are the program's results."""
        return [i for i in box.rows if i in self.outputs or (self.uses[i] and self.uses[i][-1] >= box.stop)]


def whole(rows):
    """Every row in its own box."""
    return [Box(i, i + 1) for i in range(len(rows))]


# ---------------------------------------------------------------------- repeats
def grouped(rows, most=FEW):
    """At most ``most`` boxes, if the results allow it: repeats of the same steps first, then whatever hangs together.

    As far as there is room, a repeat is drawn as its first step, the others in one box, and its last step, or at least
    as its first step and the others.
    """
    boxes, closed = outline(rows, 0, len(rows)), set()
    while found := [b for b in boxes if b.times > 1 and b not in closed]:
        box = max(found, key=lambda b: len(b.rows))
        at, space, inside = boxes.index(box), most + 1 - len(boxes), _opened(rows, box)
        if len(inside) > space:
            inside = _opened(rows, box, last=False)
        if len(inside) > space and len(boxes) < most // 3:  # hardly anything is shown yet: the first step in outline
            inside = [*_joined(rows, inside[:-1], space - 1), inside[-1]]
        closed |= {box, inside[-1], *(b for b in inside if b.times == box.times - 2)}
        if len(inside) <= space:
            boxes[at : at + 1] = inside
    return _joined(rows, boxes, most)


def outline(rows, start, stop):
    """The rows ``start`` to ``stop - 1`` as boxes: the longest repeats, and single rows between them."""
    free, boxes = [True] * (stop - start), []
    for length, period, _, s in sorted(_repeats(rows, start, stop)):
        if all(free[s - start : s - start - length]):
            free[s - start : s - start - length] = [False] * -length
            boxes.append(Box(s, s - length, -length // period))
    return sorted(boxes + [Box(i, i + 1) for i in range(start, stop) if free[i - start]])


def _repeats(rows, start, stop):
    """All stretches of four equal steps or more, or of three that go on from each other; sorted, the longest first."""
    done = {}  # up to where a stretch of this period and phase goes that has been found
    inputs = len(rows.tape.inputs)
    for s in range(inputs if inputs <= INPUTS and not start else start, stop):
        for period in range(1, min((stop - s) // 3, PERIOD) + 1):
            if s < done.get((period, s % period), 0):
                continue
            end = s + period
            while end + period <= stop and _alike(rows, end - period, end, period):
                end += period
            done[period, s % period] = end
            if end >= s + 4 * period or (end == s + 3 * period and _linked(rows, s, end, period)):
                yield s - end, period, rows.open[s + period], s  # of equal ones that whose steps hand on the least


def _linked(rows, start, stop, period):
    """Whether each step after the first reads the one before."""
    return all(
        any(p is not None and t - period <= p < t for i in range(t, t + period) for p in rows.rows[i].parents)
        for t in range(start + period, stop, period)
    )


def _alike(rows, first, second, period):
    """Whether two steps do the same: operation by operation, with the same wiring inside; what they read may differ."""
    for k in range(period):
        a, b = rows.rows[first + k].parents, rows.rows[second + k].parents
        if rows.called[first + k] != rows.called[second + k] or len(a) != len(b):
            return False
        for p, q in zip(a, b, strict=True):
            p = p if p is None else max(p - first, -1)
            if p != (q if q is None else max(q - second, -1)):
                return False
    return True


def _called(row):
    """The operation of a row, without what may differ from step to step: the place in an array."""
    if row.rule is None:
        return None
    return row.rule.name, str({k: v for k, v in row.static.items() if k not in ("index", "indices", "shape")})


def _opened(rows, box, last=True):
    """The boxes of a repeat when it is opened: its first step, the others, and, if wanted, its last."""
    period = len(box.rows) // box.times
    second, end = box.start + period, box.stop - period
    if last and box.times <= 3:
        return [b for s in range(box.start, box.stop, period) for b in outline(rows, s, s + period)]
    if last:
        return [*outline(rows, box.start, second), Box(second, end, box.times - 2), *outline(rows, end, box.stop)]
    return [*outline(rows, box.start, second), Box(second, box.stop, box.times - 1)]


def _joined(rows, boxes, most):
    """Join neighbours until few are left: always those that, as one box, have the fewest arrows."""
    kept = rows.outputs if len(rows.outputs) <= most // 4 else set()

    def cost(a, b):
        box = Box(a.start, b.stop)
        if (rows.rows[a.start].rule is None) != (rows.rows[b.start].rule is None) or kept & {*a.rows, *b.rows}:
            return None
        return len(rows.reads(box)) + len(rows.gives(box)), len(box.rows)

    costs = [cost(a, b) for a, b in pairwise(boxes)]
    while len(boxes) > most and any(costs):
        k = min((k for k, c in enumerate(costs) if c), key=lambda k: costs[k])
        boxes[k : k + 2] = [Box(boxes[k].start, boxes[k + 1].stop)]
        costs[k : k + 1] = []
        for j in (k - 1, k):
            if 0 <= j < len(costs):
                costs[j] = cost(boxes[j], boxes[j + 1])
    return boxes


# ---------------------------------------------------------------------- a focus
def focused(rows, focus, reach):
    """A row with what it is computed from and what is computed from it, ``reach`` arrows far; the rest in few boxes."""
    if not isinstance(reach, int) or reach < 0:
        raise InputError(f"reach is {reach!r}.", "it counts the arrows to follow from the focus, each way.", "reach=2")
    centre, far = row_called(rows, focus), {}
    for onward in (lambda i: rows.uses[i], lambda i: [p for p in rows.rows[i].parents if p is not None]):
        front = [centre]
        for step in range(reach + 1):
            for i in front:
                far[i] = min(step, far.get(i, step))
            front = sorted({j for i in front for j in onward(i)})
    near = set(sorted(far, key=lambda i: (far[i], abs(i - centre)))[: max(NEAR, 1)])
    boxes, first = [], sum(row.rule is None for row in rows.rows)
    for i in range(len(rows)):
        if i in near or not boxes or boxes[-1].stop - 1 in near or i == first:
            boxes.append(Box(i, i + 1))
        else:
            boxes[-1] = Box(boxes[-1].start, i + 1)
    return boxes


def row_called(rows, focus):
    """The number of the row that ``focus`` names."""
    names = {row.name: row.index for row in rows.rows}
    if isinstance(focus, str) and focus in names:
        return names[focus]
    if isinstance(focus, int) and not isinstance(focus, bool) and -len(rows) <= focus < len(rows):
        return focus % len(rows)
    close = get_close_matches(str(focus), names, 3) or [rows.rows[-1].name]
    raise InputError(
        f"The tape has no row {focus!r}.",
        "the focus is the name of a row, as it stands in the table, or its number.",
        f"graph(tape, focus={close[0]!r})" + (f", or {' or '.join(map(repr, close[1:]))}" if close[1:] else ""),
    )


# ---------------------------------------------------------------------- arrows
class Arrow(NamedTuple):
    """A use of a box by another: which boxes, the rows that are read, and, between two rows, (parent, row, operand)."""

    tail: int
    head: int
    sources: tuple
    use: tuple | None


def arrows(rows, boxes):
    """One arrow for each use of a row by a row; what a box of several rows reads of another box is one arrow."""
    home, found, bundles = {i: k for k, box in enumerate(boxes) for i in box.rows}, [], {}
    for k, box in enumerate(boxes):
        for i in box.rows:
            for operand, p in enumerate(rows.rows[i].parents):
                if p is None or home[p] == k:
                    continue
                if box.single and boxes[home[p]].single:
                    found.append(Arrow(home[p], k, (p,), (p, i, operand)))
                elif (home[p], k) in bundles:
                    bundles[home[p], k].add(p)
                else:
                    bundles[home[p], k] = {p}
                    found.append(Arrow(home[p], k, (), None))
    return [a if a.use else a._replace(sources=tuple(sorted(bundles[a.tail, a.head]))) for a in found]


def partials(rows, box):
    """The derivatives of a box's one result by each row it reads, its inner rows eliminated; None for several results.

    One reverse sweep over the rows of the box, from its result.
    """
    gives = rows.gives(box)
    if len(gives) != 1 or shape(rows.rows[gives[0]].value):
        return None
    adjoint, found = {gives[0]: 1.0}, {}
    for i in reversed(box.rows):
        if i in adjoint:
            for p, share in zip(rows.rows[i].parents, rows.tape.pullback(i, adjoint.pop(i)), strict=True):
                if p is not None:
                    sums = adjoint if p >= box.start else found
                    sums[p] = sums[p] + share if p in sums else share
    return {p: found.get(p, 0.0) for p in rows.reads(box)}
