"""The notebook that is graded: the student's cells in their order, the released ones put back, the questions placed.

Every code cell of the student's runs, extra ones too. Locked cells run as they were released; test cells never run:
they are places where questions are put. A question is put where its test cell stands (if that is gone, after the last
cell that binds the name it asks for), and again after the last cell that may have changed what the answer does; the
better answer counts, so that neither a moved cell nor a late repair costs a point. What a name was bound to before that
counts for nothing, as in a kernel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from adcourse.grading.marking.frame import Ask, Frame, Released
from adcourse.grading.marking.handed import Cell
from adcourse.grading.marking.matching import Match, added, match
from adcourse.grading.marking.names import bound, changes, parsed, used
from adcourse.grading.marking.runner import Question, Step

NOTES = 40

_FENCE = re.compile(r"(?m)^\s*```.*$")


class Place(NamedTuple):
    """A cell of the notebook that is graded: as handed in (None: it was missing), as released (None: the student's
    own), what of it runs (None: nothing), and what is to be said below it."""

    key: str
    cell: Cell | None
    released: Released | None
    run: str | None
    note: str = ""


class Rebuilt(NamedTuple):
    """``steps`` for the runner, ``places`` to show afterwards, ``notes`` for the student."""

    steps: list[Step]
    places: list[Place]
    notes: tuple[str, ...]


def rebuild(frame: Frame, cells: Sequence[Cell], question: Callable[[Ask, int], Question]) -> Rebuilt:
    """Put a submission into its frame; ``question(ask)`` makes the runner's question of a problem."""
    notes: list[str] = []
    matches = match(frame, cells)
    places = _without_stubs(_places(frame, cells, matches, notes))
    _moved(frame, places, notes)
    _insert_missing(frame, places, notes)
    _misplaced_code(frame, places, notes)
    if len(notes) > NOTES:
        notes[NOTES:] = [f"... and {len(notes) - NOTES} more."]
    return Rebuilt(_steps(frame, places, question), places, tuple(dict.fromkeys(notes)))


def _places(frame: Frame, cells: Sequence[Cell], matches: list[Match], notes: list[str]) -> list[Place]:
    places, extra = [], 0
    known = {released.key for released in frame.cells}
    for cell, (released, copy_of) in zip(cells, matches, strict=True):
        if released is None or (released.role in ("code", "text") and cell.kind != released.kind):
            while (key := f"extra-{(extra := extra + 1)}") in known:
                continue
            places.append(_extra(key, cell, copy_of, notes))
            if cell.grade_id and not copy_of and cell.marks.get("grade"):
                notes.append(
                    f"A cell says that it is graded ({cell.grade_id}), but was not released: it earns nothing."
                )
        else:
            _said_of_marks(cell, released, notes)
            places.append(_known(cell, released, notes))
    tests = {test.source.strip() for test in frame.tests}
    return [place._replace(run=None) if place.run and place.run.strip() in tests else place for place in places]


def _without_stubs(places: list[Place]) -> list[Place]:
    """An answer cell left as it was released doesn't run where the answer stands in another cell: it would undo it."""

    def undoes(place: Place) -> bool:
        if not place.released or place.released.role != "answer" or place.run != place.released.source:
            return False
        names = bound(place.run)
        others = (other for other in places if other.run is not None and other.key != place.key)
        return bool(names) and names <= frozenset().union(*(bound(other.run) for other in others))

    note = "Left as it was released: your answer in another cell counts."
    return [place._replace(run=None, note=note) if undoes(place) else place for place in places]


def _extra(key: str, cell: Cell, copy_of: Released | None, notes: list[str]) -> Place:
    if copy_of and copy_of.role == "test":
        notes.append(f"The test cell {copy_of.key} was there more than once; one of them counts.")
        run = added(cell.source, copy_of.source) or None
        return Place(key, cell, None, run, "" if run else "A copy of a test cell: not run.")
    if copy_of and copy_of.role != "text":
        notes.append(f"The cell {copy_of.key} was there more than once; all of them ran, in their order.")
    return Place(key, cell, None, cell.source if cell.kind == "code" else None)


def _known(cell: Cell, released: Released, notes: list[str]) -> Place:
    key, same = released.key, cell.source.strip() == released.source.strip()
    if released.kind != "code":
        if cell.kind != released.kind:
            notes.append(f"The cell {key} is for text; it was read as text, not run.")
        if released.locked and not same:
            notes.append(f"The text of {key} was changed; it is shown as it was released.")
        return Place(key, cell, released, None)
    if not released.locked:
        if cell.kind == "code":
            return Place(key, cell, released, cell.source)
        notes.append(f"The cell {key} had become a {cell.kind} cell; it ran as code.")
        return Place(key, cell, released, cell.source, f"This cell had become a {cell.kind} cell; it ran as code.")
    more = "" if same else added(cell.source, released.source)
    if not same:
        what = "the code typed into it ran as part of your answer" if more else "it counts as it was released"
        notes.append(f"The {'test' if released.role == 'test' else 'locked'} cell {key} was changed; {what}.")
    if released.role == "test":
        return Place(key, cell, released, more or None)
    return Place(key, cell, released, f"{released.source}\n\n{more}" if more else released.source)


def _said_of_marks(cell: Cell, released: Released, notes: list[str]):
    marks = released.metadata.get("nbgrader", {})
    changed = [k for k in ("points", "grade", "solution", "locked", "task") if k in cell.marks and k in marks]
    if changed := [k for k in changed if cell.marks[k] != marks[k]]:
        notes.append(f"The metadata of {released.key} was changed ({', '.join(changed)}); what was released counts.")


def _moved(frame: Frame, places: list[Place], notes: list[str]):
    order = {cell.key: number for number, cell in enumerate(frame.cells)}
    found = [order[place.key] for place in places if place.released]
    if found != sorted(found):
        notes.append("The cells stand in another order than released; they ran in the order that you handed in.")


def _insert_missing(frame: Frame, places: list[Place], notes: list[str]):
    """Put back the cells that nbgrader knows, each after the released cell before it; a test after the answer."""
    missing: dict[bool, list[str]] = {}
    for number, released in enumerate(frame.cells):
        if any(place.key == released.key for place in places) or released.role in ("code", "text"):
            continue
        before = {cell.key for cell in frame.cells[:number]}
        at = 1 + max((k for k, place in enumerate(places) if place.key in before), default=-1)
        if released.role == "test":
            at = 1 + max((k for k, place in enumerate(places) if _binds(place, released.asks)), default=at - 1)
        run = released.source if released.role == "setup" and released.kind == "code" else None
        places.insert(at, Place(released.key, None, released, run, "This cell was missing from what was handed in."))
        missing.setdefault(released.role in ("answer", "manual"), []).append(released.key)
    if not any(place.cell for place in places):
        return
    for answers, keys in sorted(missing.items()):
        cells, were = ("cells", "were") if len(keys) > 1 else ("cell", "was")
        if answers:
            notes.append(f"The answer {cells} {', '.join(keys)} {were} missing; answers in other cells count.")
        else:
            notes.append(f"The {cells} {', '.join(keys)} {were} missing, and put back as released.")


def _binds(place: Place, asks: Sequence[Ask]) -> bool:
    return place.run is not None and any(ask.name in bound(place.run) for ask in asks)


def _misplaced_code(frame: Frame, places: list[Place], notes: list[str]):
    """An answer in a cell that isn't a code cell can't run; say so, if there is no other."""
    for ask in frame.asks:
        if not any(_binds(place, [ask]) and place.run != _stub(place) for place in places):
            for place in places:
                if place.cell and place.cell.kind != "code" and place.run is None:
                    text = _FENCE.sub("", place.cell.source)
                    if parsed(text) and ask.name in bound(text):
                        notes.append(
                            f"{ask.name} is defined in a {place.cell.kind} cell, which can't run: {ask.problem}."
                        )


def _stub(place: Place) -> str | None:
    return place.released.source if place.released else None


def _steps(frame: Frame, places: list[Place], question: Callable[[Ask, int], Question]) -> list[Step]:
    asked: dict[int, list[Question]] = {}
    for ask in frame.asks:
        for number, k in enumerate(_where(ask, places)):
            asked.setdefault(k, []).append(question(ask, number))
    return [
        Step(place.key, place.run, tuple(asked.get(k, ())))
        for k, place in enumerate(places)
        if place.run is not None or k in asked
    ]


def _where(ask: Ask, places: list[Place]) -> list[int]:
    """The one or two places where a question is put. Not more: each would be another guess."""
    runs = [k for k, place in enumerate(places) if place.run is not None]
    binding = [k for k in runs if ask.name in bound(places[k].run)]
    tests = [k for k, place in enumerate(places) if place.released and ask in place.released.asks]
    first = tests[-1] if places[tests[-1]].cell else max([*binding, -1])
    if first < 0:
        first = tests[-1]
    needed, more = frozenset(), frozenset({ask.name})
    while more - needed:  # the names that the answer uses, and those that these use
        needed |= more
        more = frozenset().union(*(used(places[k].run) for k in runs if bound(places[k].run) & needed))
    changed = max((k for k in runs if changes(places[k].run, needed)), default=-1)
    second = changed if changed > first else first if binding else len(places) - 1
    # What stands between two cells that run changes nothing: the question is put after the first of them.
    return sorted({max((run for run in runs if run <= k), default=k) for k in (first, second)})
