"""Files that Canvas and Moodle import: filled into what they exported, or made from the students in the gradebook.

Canvas: the CSV of *Grades › Export*; *Grades › Import* takes it back. A row is found by ``ID``, ``SIS User ID`` or
``SIS Login ID``. Moodle: the *grading worksheet* of an assignment, whose rows are found by ``Identifier``,
``ID number`` or ``Email address``; made anew it suits *Grades › Import › CSV file*, which asks what each column is.

A file that the learning platform exported keeps all its columns, rows and cells; only the marks are written, and only
those that are final. An empty mark would erase what stands there, so whoever has none keeps what they had.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

from adcourse.grading.marking.gradesheet import Gradesheet, Row
from adcourse.grading.marking.tables import points, reason, text, written


@dataclass
class Export:
    """A file for a learning platform: its ``rows``, the header first, and what a person should know about it."""

    rows: list[list[str]]
    delimiter: str = ","
    notes: list[str] = field(default_factory=list)

    def content(self) -> bytes:
        return written(self.rows, self.delimiter)


def canvas(sheet: Gradesheet, exported: Path | None = None, column: str = "", zero: bool = False) -> Export:
    """The file that Canvas imports. ``column`` names the assignment there, if it isn't called as it is here; with
    ``zero``, who handed in nothing gets 0."""
    if exported is None:
        header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column or sheet.assignment]
        rows = [["    Points Possible", "", "", "", "", points(sheet.points)]]
        for row in sheet.rows:
            name = ", ".join(filter(None, [row.last, row.first])) or row.student
            who = [text(name), text(row.lms), "", text(row.student), ""]
            rows.append([*who, mark_of(row, zero)])
        return Export([header, *rows])
    file = _read(exported)
    header = file.rows[0]
    if not (header[:1] == ["Student"] and "ID" in header and "Section" in header):
        raise click.ClickException(
            f"{exported} does not look like a gradebook of Canvas: its header lacks Student, ID or Section. "
            "Export one in Canvas: Grades › Export › Export Entire Gradebook"
        )
    place = _canvas_column(header, file.rows, sheet, column, exported)
    if place == len(header):
        header.append(column or sheet.assignment)
        file.notes.append(
            f"{exported} has no column for {sheet.assignment}: one was added, and Canvas will ask about it"
        )
    for row in file.rows[1:]:
        row += [""] * (len(header) - len(row))
        if "Points Possible" in row[0]:
            row[place] = row[place] or points(sheet.points)
            if _number(row[place]) != sheet.points:
                file.notes.append(
                    f"Canvas counts {row[place].strip()} points here, the gradebook {points(sheet.points)}"
                )
    people = [r for r in file.rows[1:] if "Points Possible" not in r[0] and not _policy(r)]
    _fill(file, people, sheet, [header.index(k) for k in ("ID", "SIS User ID", "SIS Login ID") if k in header], zero,
          lambda target, _, mark: target.__setitem__(place, mark))  # fmt: skip
    return file


def moodle(sheet: Gradesheet, exported: Path | None = None, zero: bool = False) -> Export:
    """The file that Moodle imports, with the reasons and hints as feedback comments."""
    if exported is None:
        header = ["First name", "Last name", "ID number", "Email address", "Grade", "Feedback comments"]
        rows = [
            [
                text(row.first),
                text(row.last),
                text(row.lms or row.student),
                text(row.email),
                mark_of(row, zero),
                said(row),
            ]
            for row in sheet.rows
        ]
        return Export([header, *rows])
    file = _read(exported)
    header = file.rows[0]
    keys = [header.index(name) for name in ("ID number", "Email address", "Username") if name in header]
    if "Grade" not in header or "Identifier" not in header or not keys:
        raise click.ClickException(
            f"{exported} does not look like a grading worksheet of Moodle: it needs the columns Identifier, Grade, and "
            "ID number or Email address. In the assignment: Submissions › Actions › Download grading worksheet; with "
            "anonymous submissions, reveal the identities first"
        )
    grade, comments = header.index("Grade"), header.index("Feedback comments") if "Feedback comments" in header else -1
    people = [row + [""] * (len(header) - len(row)) for row in file.rows[1:]]
    file.rows[1:] = people
    if "Maximum Grade" in header:
        for most in {row[header.index("Maximum Grade")] for row in people} - {""}:
            if _number(most) != sheet.points:
                file.notes.append(f"Moodle counts {most} points for it, the gradebook {points(sheet.points)}")

    def put(target: list[str], row: Row, mark: str):
        target[grade] = mark
        if comments >= 0 and not target[comments].strip():  # what a person wrote there stays
            target[comments] = said(row)

    _fill(file, people, sheet, keys, zero, put)
    return file


def mark_of(row: Row, zero: bool) -> str:
    """The mark to hand on: "" while it isn't final, and for who handed in nothing unless that is ``zero``."""
    if row.status == "graded":
        return points(row.total)
    return "0" if zero and row.status == "nothing" else ""


def said(row: Row) -> str:
    """What there is to say about each problem that isn't solved, as HTML, which Moodle takes comments for."""
    lines = []
    for item, mark in row.marks.items():
        words = "\n".join(filter(None, [reason(item, mark), mark.comment and f"Your teacher: {mark.comment}"]))
        if words and row.status == "graded":
            lines.append(f"{item.label}: {words}")
    return html.escape(text("\n".join(lines)), quote=False).replace("\n", "<br>")


def _read(path: Path) -> Export:
    """A CSV file as exported, whichever of comma and semicolon separates it."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(
            f"{path} is not UTF-8: take the file as it was exported, or save it as CSV UTF-8"
        ) from None
    first = content.splitlines()[0] if content.strip() else ""
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True) if row]
    except csv.Error as error:
        raise click.ClickException(f"{path} can't be read as CSV: {error}. Export it once more") from None
    if not rows:
        raise click.ClickException(f"{path} is empty: export it once more")
    return Export(rows, delimiter)


def _policy(row: list[str]) -> bool:
    """The row below the header in which Canvas keeps which marks are posted by hand."""
    return all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.I) for cell in row)


def _canvas_column(header, rows, sheet: Gradesheet, column: str, exported: Path) -> int:
    """Where the assignment stands; ``len(header)`` when it isn't there."""
    last = header.index("Section")
    possible = next((row for row in rows[1:] if "Points Possible" in row[0]), [])
    open_ = [k for k in range(last + 1, len(header)) if "read only" not in "".join(possible[k : k + 1]).lower()]
    if column:
        found = [k for k in open_ if header[k] == column] or [k for k in open_ if _title(header[k]) == _plain(column)]
        if not found:
            there = ", ".join(header[k] for k in open_) or "none"
            raise click.ClickException(f"{exported} has no column {column!r}. It has these assignments: {there}")
    else:
        short = re.match(r"[a-z]+\d+", sheet.assignment)
        names = {_plain(sheet.assignment), _plain(short[0]) if short else ""} - {""}
        found = [k for k in open_ if _title(header[k]) in names]
    if len(found) > 1:
        columns = " or ".join(repr(header[k]) for k in found)
        raise click.ClickException(
            f"{exported} has several columns for {sheet.assignment}: name one, --column {columns}"
        )
    return found[0] if found else len(header)


def _title(column: str) -> str:
    """The assignment's name in a header of Canvas, which ends in its number: "Reverse mode (1234)"."""
    return _plain(re.sub(r"\s*\(\d+\)\s*$", "", column))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def _number(cell: str) -> float | None:
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return None


def _fill(file: Export, people: Iterable[list[str]], sheet: Gradesheet, keys: list[int], zero: bool, put):
    """Write each student's mark into their row; what found no counterpart is said."""
    known: dict[str, set[str]] = {}
    for row in sheet.rows:
        for key in filter(None, (row.student, row.lms, row.email)):
            known.setdefault(key.strip().casefold(), set()).add(row.student)
    rows = {row.student: row for row in sheet.rows}
    met, strangers = set(), []
    for target in people:
        given = [target[k].strip().casefold() for k in keys]
        found = set().union(*(known.get(key, set()) for key in given if key))
        if len(found) != 1:
            strangers.append(f"{target[0]} ({' and '.join(sorted(found))})" if found else target[0])
            continue
        row = rows[found.pop()]
        met.add(row.student)
        if mark := mark_of(row, zero):
            put(target, row, mark)
    if strangers:
        file.notes.append(
            f"left as they were, for they match nobody or several here: {'; '.join(map(text, strangers))}"
        )
    if missing := [row.student for row in sheet.rows if row.student not in met and row.status != "nothing"]:
        file.notes.append(f"handed in work, but are not in that file: {', '.join(map(text, missing))}")
    if waiting := [row.student for row in sheet.rows if row.student in met and row.status in ("waiting", "ungraded")]:
        file.notes.append(f"have no final mark yet and were left as they were: {', '.join(map(text, waiting))}")
