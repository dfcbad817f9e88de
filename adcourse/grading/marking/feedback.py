"""The page that a student gets back: what each problem earned and why, then the notebook as it was handed in.

It lies where nbgrader puts feedback, so that ``nbgrader release_feedback`` returns it. Test cells show what was
released, never what they hide, and none of their outputs: what there is to say about them is in the verdict.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from adcourse.cli import replace
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.frame import Frame, Released
from adcourse.grading.marking.gradesheet import Gradesheet, Item, Mark, Row, answer_cell
from adcourse.grading.marking.pages import legible, number, picture, render
from adcourse.grading.marking.prose import as_released, prose

CELLS, OUTPUTS = 500, 50  # of one notebook, of one cell: more are counted, not shown
PAGE = 3_000_000  # characters of code, text and pictures of one page
TICKETS = ("timestamp.txt", "submission_secret.txt")  # what nbgrader's exchange needs to return a page


class Output(NamedTuple):
    kind: str  # "text", "error" or "picture"
    content: str


class Cell(NamedTuple):
    """A cell as the page shows it. ``text`` is markup made here; a code cell has ``source`` instead."""

    label: str
    anchor: str = ""
    text: Markup | None = None
    source: str = ""
    outputs: tuple[Output, ...] = ()
    verdict: str = ""
    comment: str = ""


def page(sheet: Gradesheet, row: Row, frame: Frame, notebook: Mapping | None) -> str:
    """The feedback of one student on one notebook, as HTML.

    ``notebook`` is the autograded one, or None where there is none; ``frame`` what was released. The same arguments
    give the same bytes.
    """
    marks = {item: mark for item, mark in row.marks.items() if item.notebook == frame.notebook}
    reports = [report for report in row.reports if report.notebook == frame.notebook]
    trouble = " ".join(report.trouble for report in reports if report.trouble)
    return render(
        "feedback.html.j2",
        assignment=sheet.assignment,
        notebook=frame.notebook,
        row=row,
        marks=[(item, mark, verdict(item, mark), _anchor(answer_cell(item.cell))) for item, mark in marks.items()],
        worth=sum(item.points for item in marks),
        score=sum(mark.score or 0.0 for mark in marks.values()),
        several=len(sheet.notebooks()) > 1,
        handed_in=f"{row.timestamp:%Y-%m-%d %H:%M} UTC" if row.timestamp else "",
        trouble=trouble,
        notes=[note for report in reports for note in report.notes],
        cells=cells(frame, notebook, marks) if notebook and not trouble else [],
    )


def verdict(item: Item, mark: Mark) -> str:
    """An item's standing in words.

    >>> item = Item("ps06", "p6-1-test", 2.0, "6.1", "Back-propagate")
    >>> [verdict(item, Mark(score)) for score in (2.0, 1.0, 0.0, None)]
    ['solved', 'partly solved', 'not yet', 'waiting for your teacher']
    """
    if mark.waiting or mark.score is None:
        return "waiting for your teacher"
    words = "solved" if mark.score >= item.points else "partly solved" if mark.score > 0 else "not yet"
    if item.problem == "":
        words = f"{points(mark.score)} given"
    return f"{words}, marked by your teacher" if mark.by_hand else words


def points(score: float | None) -> str:
    return "no points yet" if score is None else f"{number(score)} point{'' if score == 1 else 's'}"


def cells(frame: Frame, notebook: Mapping, marks: Mapping[Item, Mark]) -> list[Cell]:
    """The cells of an autograded notebook, made harmless; all that can't be read is left out."""
    released = {cell.key: cell for cell in frame.cells} | {cell.id: cell for cell in frame.cells}
    tests = {item.cell: (item, mark) for item, mark in marks.items()}
    answers = {answer_cell(item.cell): (item, mark) for item, mark in marks.items()}
    given = notebook.get("cells")
    given = [cell for cell in given if isinstance(cell, Mapping)] if isinstance(given, list) else []
    shown, room = [], PAGE
    for cell in given[:CELLS]:
        metadata = cell.get("metadata") if isinstance(cell.get("metadata"), Mapping) else {}
        ours = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), Mapping) else {}
        key = ours.get("grade_id", cell.get("id"))
        known = released.get(key) if isinstance(key, str) else None
        if room <= 0:
            break
        if (ours.get("grade") and not ours.get("solution")) or (known and known.role == "test"):
            entry = _test(known, tests.get(key))
        elif known and known.locked:  # shown as it was released: nbgrader puts back what hides in it
            entry = _shown(known.kind, known.source, "", known, _outputs(cell.get("outputs")))
        else:
            item, mark = answers.get(key, (None, None))
            source = legible(joined(cell.get("source")))
            label = f"Your answer to {item.label}" if item else ""
            entry = _shown(cell.get("cell_type"), source, label, known, _outputs(cell.get("outputs")))
            if item:
                entry = entry._replace(anchor=_anchor(key), comment=mark.comment)
        room -= len(entry.source) + len(entry.text or "") + sum(len(output.content) for output in entry.outputs)
        shown.append(entry)
    if left_out := len(given) - len(shown):
        shown.append(Cell(label=f"{left_out} more cells are not shown: this notebook is too long for a page."))
    return shown


def _test(known: Released | None, found: tuple[Item, Mark] | None) -> Cell:
    label = f"The test of {found[0].label}" if found else "A test"
    said = f"{points(found[1].score)} of {number(found[0].points)}: {verdict(*found)}" if found else ""
    return Cell(label=f"{label}, as it was released", source=known.source if known else "", verdict=said)


def _shown(kind: object, source: str, label: str, known: Released | None, outputs) -> Cell:
    if kind == "markdown":
        return Cell(label=label, text=prose(source, trusted=known is not None and as_released(source, known.source)))
    if kind == "code":
        return Cell(label=label or "Code", source=source, outputs=outputs)
    return Cell(label=label or "Text", source=source)


def _outputs(given: object) -> tuple[Output, ...]:
    given = [output for output in given if isinstance(output, Mapping)] if isinstance(given, list) else []
    shown = [output for output in map(_output, given[:OUTPUTS]) if output.content]
    if len(given) > OUTPUTS:
        shown.append(Output("text", f"… {len(given) - OUTPUTS} more outputs are not shown."))
    return tuple(shown)


def _output(output: Mapping) -> Output:
    kind = output.get("output_type")
    if kind == "stream":
        return Output("text", legible(joined(output.get("text"))).rstrip("\n"))
    if kind == "error":
        told = legible(joined(output.get("traceback"), "\n")).strip("\n")
        return Output("error", told or legible(f"{output.get('ename')}: {output.get('evalue')}"))
    data = output.get("data")
    if not isinstance(data, Mapping):
        return Output("text", "")
    for kind in ("image/png", "image/jpeg"):
        if address := picture(data.get(kind)):
            return Output("picture", address)
    return Output("text", legible(joined(data.get("text/plain"))))


def joined(text: object, between: str = "") -> str:
    """Notebooks hold a text as one string, or as a list of its lines; what is neither is nothing."""
    if isinstance(text, str):
        return text
    return between.join(part for part in text if isinstance(part, str)) if isinstance(text, list) else ""


def _anchor(cell: str) -> str:
    return "cell-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in cell)


def read(path: Path) -> Mapping | None:
    """The notebook at ``path``, or None where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def write(course: Course, sheet: Gradesheet, row: Row, frames: Mapping[str, Frame]) -> int:
    """Write a student's pages to nbgrader's feedback directory; how many there were new or different."""
    graded = course.path("autograded", row.student, sheet.assignment)
    folder = course.path("feedback", row.student, sheet.assignment)
    shared = course.directory.groupshared
    changed = 0
    for name in sheet.notebooks():
        content = page(sheet, row, frames[name], read(graded / f"{name}.ipynb") if row.marked else None)
        changed += _put(folder / f"{name}.html", content.encode(), shared)
    for ticket in TICKETS:
        for source in (graded / ticket, course.path("submitted", row.student, sheet.assignment) / ticket):
            if source.is_file():
                _put(folder / ticket, source.read_bytes(), shared)
                break
    return changed


def _put(path: Path, content: bytes, shared: bool) -> bool:
    """Write all of a file or nothing of it; whether it changed."""
    if path.is_file() and path.read_bytes() == content:
        return False
    replace(path, content, mode=0o664 if shared else 0o644)
    return True
