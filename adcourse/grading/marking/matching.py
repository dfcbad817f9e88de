"""Which cell that was handed in is which released one, though ids were lost, cells copied, changed or moved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from adcourse.grading.marking.frame import Frame, Released, asks
from adcourse.grading.marking.handed import Cell
from adcourse.grading.marking.names import bound

ALIKE = 0.6  # share of lines in common
MANY = 300  # cells without an id beyond which texts are not compared


class Match(NamedTuple):
    """``released`` is the cell's counterpart, if any; of several copies one is the counterpart, the rest are extra."""

    released: Released | None = None
    copy_of: Released | None = None


def match(frame: Frame, cells: Sequence[Cell]) -> list[Match]:
    """For each of ``cells`` its counterpart: by grade id, cell id, text, the problem that a test asks, the names that
    an answer binds, most of the lines, and last by its place between two cells that are known."""
    counterpart: dict[int, Released] = {}

    def free() -> list[Released]:
        taken = {released.key for released in counterpart.values()}
        return [released for released in frame.cells if released.key not in taken]

    def unmatched(kind: str = "") -> list[int]:
        return [k for k, cell in enumerate(cells) if k not in counterpart and kind in ("", cell.kind)]

    by_key = {released.key: released for released in frame.cells}
    by_id = {released.id: released for released in frame.cells}
    for k, cell in enumerate(cells):
        if released := by_key.get(cell.grade_id) or by_id.get(cell.id) or by_key.get(cell.id):
            counterpart[k] = released
    for released in free():
        text = released.source.strip()
        _first(counterpart, released, (k for k in unmatched(released.kind) if cells[k].source.strip() == text))
    for released in free():
        if released.asks:
            names = {ask.name for ask in released.asks}  # where one is defined is an answer, and checks itself
            alike = (k for k in unmatched("code") if set(asks(cells[k].source)) & set(released.asks))
            _first(counterpart, released, (k for k in alike if not bound(cells[k].source) & names))
    for released in free():
        if released.role == "answer":
            names = bound(released.source)
            _first(counterpart, released, (k for k in reversed(unmatched("code")) if bound(cells[k].source) & names))
    if len(unmatched()) <= MANY:
        lines = {k: _lines(cells[k].source) for k in unmatched()}
        for released in free():
            mine = _lines(released.source)
            ranked = sorted(((_alike(mine, lines[k]), -k) for k in unmatched(released.kind)), reverse=True)
            _first(counterpart, released, (-k for alike, k in ranked if alike >= ALIKE))
    for released in free():
        if released.role in ("manual", "answer"):
            _first(counterpart, released, _between(frame, released, counterpart, unmatched(released.kind), len(cells)))
    return _without_copies(counterpart, cells)


def _first(counterpart: dict[int, Released], released: Released, candidates: Iterable[int]):
    if (k := next(iter(candidates), None)) is not None:
        counterpart[k] = released


def _lines(text: str) -> Counter:
    return Counter(line.strip() for line in text.splitlines() if line.strip())


def _alike(a: Counter, b: Counter) -> float:
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def _between(
    frame: Frame, released: Released, counterpart: dict[int, Released], free: list[int], end: int
) -> list[int]:
    """The cells without a counterpart that lie where ``released`` would: between its nearest known neighbours."""
    order = {cell.key: number for number, cell in enumerate(frame.cells)}
    mine = order[released.key]
    before = [(order[r.key], k) for k, r in counterpart.items() if order[r.key] < mine]
    after = [(order[r.key], k) for k, r in counterpart.items() if order[r.key] > mine]
    low, high = max(before)[1] if before else -1, min(after)[1] if after else end
    return [k for k in free if low < k < high]


def _without_copies(counterpart: dict[int, Released], cells: Sequence[Cell]) -> list[Match]:
    """Of several cells with one counterpart: the last that was changed, as nbgrader does; of a locked one the first."""
    chosen: dict[str, int] = {}
    for k, released in counterpart.items():
        changed = cells[k].source.strip() != released.source.strip()
        if released.key not in chosen or (not released.locked and changed) or released.role == "test":
            chosen[released.key] = k
    return [
        Match(counterpart[k])
        if k in counterpart and chosen[counterpart[k].key] == k
        else Match(None, counterpart.get(k))
        for k in range(len(cells))
    ]


_COMMENT = re.compile(r"\s*(?:#.*)?$")


def added(source: str, released: str) -> str:
    """The code that a student typed into a locked cell: the lines that it didn't have, if they define something.

    >>> added("y = 2\\nassert check(f)", "assert check(f)")
    'y = 2'
    >>> added("assert True", "assert check(f)")
    ''
    """
    known = {line.rstrip() for line in released.splitlines()}
    lines = [line for line in source.splitlines() if line.rstrip() not in known or not line.strip()]
    text = "\n".join(lines).strip("\n")
    if all(_COMMENT.match(line) for line in lines) or not bound(text) - bound(released):
        return ""
    return text
