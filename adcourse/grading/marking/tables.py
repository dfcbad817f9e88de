"""The marks of a class as a table: one row a student, one column a problem."""

from __future__ import annotations

import csv
import io
import re

from adcourse.grading.marking.gradesheet import Gradesheet, Item, Mark, Row
from adcourse.grading.marking.pages import legible

CELL = 30_000  # characters: a spreadsheet takes 32767
FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")  # OWASP, "CSV Injection"


def text(value: object) -> str:
    """A text for a cell of a table, which no spreadsheet takes for a formula.

    >>> text("=1+1"), text("Ada"), text("-2 points")
    ("'=1+1", 'Ada', "'-2 points")
    """
    shown = legible("" if value is None else value, CELL)
    return f"'{shown}" if FORMULA.match(shown) else shown


def points(value: float | None) -> str:
    """A number for a cell: the shortest decimals that are right to ten digits; None is an empty cell.

    >>> points(2.0), points(1 / 3), points(None)
    ('2', '0.3333333333', '')
    """
    return "" if value is None else f"{value:.10g}"


def wide(sheet: Gradesheet, reasons: bool = False) -> list[list[str]]:
    """The table, its header first: who, how it stands, the points of each problem, the sum before and after a penalty.

    ``reasons`` adds after each problem why it did not get all points, what the grading noted for the teacher, and the
    teacher's comment. Who handed in nothing has empty problems and a total of 0; what isn't marked yet is empty.
    """
    header = ["student_id", "last_name", "first_name", "email", "lms_user_id", "status", "handed_in"]
    several = len(sheet.notebooks()) > 1
    for item in sheet.items:
        name = f"{item.notebook} {item.problem or item.cell}" if several else item.problem or item.cell
        header += [text(name), *([f"{name} reason", f"{name} notes", f"{name} comment"] if reasons else [])]
    header += ["score", "late_penalty", "total", "max_score"]
    return [header, *(_row(sheet, row, reasons) for row in sheet.rows)]


def _row(sheet: Gradesheet, row: Row, reasons: bool) -> list[str]:
    cells = [text(row.student), text(row.last), text(row.first), text(row.email), text(row.lms), row.status]
    cells.append(f"{row.timestamp:%Y-%m-%d %H:%M:%S}" if row.timestamp else "")
    for item in sheet.items:
        mark = row.marks.get(item)
        cells.append(points(mark.score if mark else None))
        if reasons:
            notes = "\n".join(mark.verdict.notes) if mark and mark.verdict else ""
            cells += [text(reason(item, mark)), text(notes), text(mark.comment if mark else "")]
    if row.status == "ungraded":
        return [*cells, "", "", "", points(sheet.points)]
    return [*cells, points(row.score), points(row.penalty), points(row.total), points(sheet.points)]


def reason(item: Item, mark: Mark | None) -> str:
    """Why an item did not get all of its points, and the hint; "" when it did."""
    if mark is None or mark.verdict is None or mark.verdict.passed:
        return ""
    return "\n".join(filter(None, [mark.verdict.message, mark.verdict.hint]))


def written(rows: list[list[str]], delimiter: str = ",", excel: bool = False) -> bytes:
    """Rows as a CSV file (RFC 4180): UTF-8, every cell quoted. ``excel`` begins it with the mark by which Excel on
    Windows knows UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig" if excel else "utf-8")
