"""What a runner is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from adcourse.grading.meters import Meter
from adcourse.grading.plain import Complaint, Plain


class Limits(NamedTuple):
    """Seconds for a cell, for a question, for all cells (its answers have half as many); bytes of memory and of
    files; characters that a cell may show, bytes of its pictures; processes and threads at a time; numbers in all
    answers together."""

    cell: float = 10.0
    question: float = 10.0
    total: float = 60.0
    memory: int = 1500 << 20
    disk: int = 64 << 20
    output: int = 64_000
    images: int = 1 << 20
    processes: int = 64
    numbers: int = 2_000_000


class Question(NamedTuple):
    """``name`` is what the student defined, ``blob`` a pickled list of questions to put to it; ``functions`` has for
    each the meter that is evaluated here, outside, or None. A `Sheet` has them all. ``place`` counts the places where
    what has this ``id`` is put."""

    id: str
    name: str
    blob: bytes
    functions: Sequence[Meter | None] = ()
    place: int = 0


class Step(NamedTuple):
    """Run ``source`` (None: nothing), then put the questions."""

    key: str
    source: str | None
    questions: tuple[Question, ...] = ()


class CellRun(NamedTuple):
    """``status`` is "ok", "error", "timeout", "died", "memory" or "skipped"; ``said`` says it to the student."""

    status: str
    outputs: list[dict]
    said: str = ""


class Asked(NamedTuple):
    """``answers`` are in the order of the questions; where some are missing, ``lost`` is "time", "memory", "died",
    "garbled" or "skipped"."""

    defined: bool
    answers: list[Plain | Complaint]
    lost: str = ""


class Ran(NamedTuple):
    """Cells by key; answers by (key of the step, id of the question); what was noticed on the way."""

    cells: dict[str, CellRun]
    asked: dict[tuple[str, str], Asked]
    notes: tuple[str, ...]
    seconds: float


Settled = Callable[[Question, Asked], bool]
