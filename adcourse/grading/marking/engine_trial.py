"""What ``adcourse grade`` gives a reference and an untouched notebook: its own engine, sandbox and judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from adcourse.grading.marking.cells import Cell, Refusal
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.mark import mark
from adcourse.grading.marking.names import imports
from adcourse.grading.marking.runner import Runner

SEED = 1  # of the hidden questions: a release is refused or not, whoever asks


def graded(cells: Sequence[Cell], source: Path, made: Path) -> Iterator[Refusal]:
    """All points for the reference, none for the release as it is. ``made`` is the released notebook."""
    frame = Frame.read(made)
    files = {path.name: path.read_bytes() for path in made.parent.iterdir() if path.is_file() and path != made}
    by_id = {cell.id: cell for cell in cells}
    with Runner(preload=imports(cell.source for cell in frame.cells if cell.kind == "code")) as runner:
        for what, path in (("the reference", source), ("whoever hands in nothing", made)):
            report, _ = mark(frame, path.read_bytes(), runner, SEED, files)
            for verdict in report.verdicts:
                due = verdict.points if path == source else 0.0
                if verdict.score != due:
                    said = f"`adcourse grade` gives {what} {verdict.score:g} of {verdict.points:g} points"
                    why = ": " + " ".join(filter(None, [verdict.message, *verdict.notes, *report.notes]))
                    remedy = "let it define all it needs; what it prints or draws does not count"
                    yield by_id[verdict.cell].refuse(f"{said} in problem {verdict.id}{why}"[:400], remedy)
