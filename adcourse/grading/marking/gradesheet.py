"""One assignment of a whole class: what nbgrader's gradebook holds, beside what the engine said about each problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy.engine import make_url

from adcourse.grading.marking.course import Course
from adcourse.grading.marking.report import Report, Verdict
from adcourse.grading.problems import UnknownProblem, find


class Item(NamedTuple):
    """Something that earns points: the ``problem`` that a cell tests, or "" for a cell that a person marks."""

    notebook: str
    cell: str
    points: float
    problem: str
    title: str

    @property
    def label(self) -> str:
        return f"{self.problem} {self.title}".strip()


class Mark(NamedTuple):
    """What a student has for an item. ``score`` includes ``extra``; None: nobody has marked it yet."""

    score: float | None
    extra: float = 0.0
    by_hand: bool = False
    waiting: bool = False
    comment: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Row:
    """A student. ``status``: "nothing" handed in, "ungraded", "waiting" for a person to mark something, or "graded"."""

    student: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""
    status: str = "nothing"
    marks: Mapping[Item, Mark] = field(default_factory=dict)
    penalty: float = 0.0
    timestamp: datetime | None = None
    reports: tuple[Report, ...] = ()

    @property
    def name(self) -> str:
        return " ".join(filter(None, [self.first, self.last])) or self.student

    @property
    def marked(self) -> bool:
        """Whether there is a total to speak of."""
        return self.status in ("graded", "waiting")

    @property
    def score(self) -> float:
        return sum(mark.score or 0.0 for mark in self.marks.values())

    @property
    def extra(self) -> float:
        return sum(mark.extra for mark in self.marks.values())

    @property
    def total(self) -> float:
        """After the penalty for handing in late; never below 0, as nbgrader exports it."""
        return max(0.0, self.score - self.penalty)


@dataclass(frozen=True)
class Gradesheet:
    """``items`` in the order of the notebook, ``rows`` by the students' ids: everybody in the gradebook, and everybody
    who handed something in."""

    assignment: str
    items: tuple[Item, ...]
    rows: tuple[Row, ...]

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items)

    def notebooks(self) -> list[str]:
        return list(dict.fromkeys(item.notebook for item in self.items))

    def of(self, students: Iterable[str]) -> list[Row]:
        """The rows of these students, all of them if none is named; ClickException for one who isn't there."""
        rows = {row.student: row for row in self.rows}
        if unknown := sorted(set(students) - set(rows)):
            raise click.ClickException(
                f"nobody called {', '.join(unknown)} is in the gradebook or has handed in {self.assignment}. "
                "Students go by the name of their folder; nbgrader db student list shows them"
            )
        return [rows[student] for student in dict.fromkeys(students)] or list(self.rows)


def gradesheet(course: Course, assignment: str, reports: Mapping[str, Iterable[Report]]) -> Gradesheet:
    """The gradebook's rows of an assignment. ``reports`` maps a student to what the engine wrote.

    ClickException while the gradebook does not know the assignment: nothing of it has been graded.
    """
    reports = {student: tuple(found) for student, found in reports.items()}
    ungraded = click.ClickException(
        f"nothing of {assignment} has been graded yet, so there is nothing to report. Put what was handed in under "
        f"{course.path('submitted', 'NAME', assignment)} and run: adcourse grade {assignment}"
    )
    database = make_url(course.directory.db_url)
    if database.drivername.startswith("sqlite") and not (database.database and Path(database.database).is_file()):
        raise ungraded
    with Gradebook(course.directory.db_url, course.directory.course_id) as gradebook:
        session = gradebook.db
        found = session.query(Assignment).filter(Assignment.name == assignment).one_or_none()
        if found is None:
            raise ungraded
        items = _items(session, found.id, reports)
        marks, comments = _marks(session, found.id), _comments(session, found.id)
        handed = SubmittedAssignment
        query = session.query(handed.student_id, handed.timestamp, handed.late_submission_penalty)
        submissions = {row.student_id: row for row in query.filter(handed.assignment_id == found.id)}
        known = {student.id: student for student in session.query(Student)}
        handed_in = course.students("submitted", assignment)
        rows = []
        for name in sorted({*known, *handed_in}):
            student, submission = known.get(name), submissions.get(name)
            row = _row(items, marks.get(name, {}), comments.get(name, {}), reports.get(name, ()))
            waiting = any(mark.waiting for mark in row.values())
            status = "nothing" if name not in handed_in and submission is None else "ungraded"
            rows.append(
                Row(
                    student=name,
                    first=(student and student.first_name) or "",
                    last=(student and student.last_name) or "",
                    email=(student and student.email) or "",
                    lms=(student and student.lms_user_id) or "",
                    status=("waiting" if waiting else "graded") if row else status,
                    marks=row,
                    penalty=(submission and submission.late_submission_penalty) or 0.0,
                    timestamp=submission and submission.timestamp,
                    reports=reports.get(name, ()),
                )
            )
    return Gradesheet(assignment, tuple(items), tuple(rows))


def _items(session, assignment: str, reports) -> list[Item]:
    verdicts = {
        (report.notebook, verdict.cell): verdict
        for found in reports.values()
        for report in found
        for verdict in report.verdicts
    }
    items = []
    for kind in (GradeCell, TaskCell):
        query = session.query(Notebook.name, kind.name, kind.max_score).join(kind, kind.notebook_id == Notebook.id)
        for notebook, cell, points in query.filter(Notebook.assignment_id == assignment):
            verdict = verdicts.get((notebook, cell))
            problem, title = (verdict.id, verdict.title) if verdict else _by_name(cell)
            items.append(Item(notebook, cell, points, problem, title))
    return sorted(items, key=lambda item: (item.notebook, _natural(item.problem or item.cell), item.cell))


def _by_name(cell: str) -> tuple[str, str]:
    """The problem that a test cell of ours is named after; a cell of another name goes by that."""
    name = re.fullmatch(r"p(\d+)-(\d+)-test", cell)
    try:
        problem = find(f"{name[1]}.{name[2]}") if name else None
    except UnknownProblem:
        problem = None
    return (problem.id, problem.title) if problem else ("", cell)


def _natural(name: str) -> list:
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.findall(r"\d+|\D+", name)]


def _marks(session, assignment: str) -> dict[str, dict[tuple[str, str], Mark]]:
    query = (
        session.query(SubmittedAssignment.student_id, Notebook.name, BaseCell.name, Grade)
        .select_from(Grade)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .filter(SubmittedAssignment.assignment_id == assignment)
    )
    found: dict[str, dict] = {}
    for student, notebook, cell, grade in query:
        unmarked = grade.auto_score is None and grade.manual_score is None
        found.setdefault(student, {})[notebook, cell] = Mark(
            score=None if unmarked and grade.needs_manual_grade else grade.score,
            extra=grade.extra_credit or 0.0,
            by_hand=grade.manual_score is not None,
            waiting=bool(grade.needs_manual_grade),
        )
    return found


def _comments(session, assignment: str) -> dict[str, dict[tuple[str, str], str]]:
    """What a person wrote, by the cell that it is about."""
    query = (
        session.query(SubmittedAssignment.student_id, Notebook.name, BaseCell.name, Comment.manual_comment)
        .select_from(Comment)
        .join(SubmittedNotebook, Comment.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(BaseCell, Comment.cell_id == BaseCell.id)
        .filter(SubmittedAssignment.assignment_id == assignment, Comment.manual_comment.is_not(None))
    )
    found: dict[str, dict] = {}
    for student, notebook, cell, comment in query:
        found.setdefault(student, {})[notebook, cell] = comment
    return found


def answer_cell(cell: str) -> str:
    """The cell that an item's comment hangs below: that of the answer, or the item itself."""
    return cell.removesuffix("-test") + "-solution" if cell.endswith("-test") else cell


def _row(items, marks, comments, reports: tuple[Report, ...]) -> dict[Item, Mark]:
    if not marks:
        return {}
    verdicts = {(report.notebook, verdict.cell): verdict for report in reports for verdict in report.verdicts}
    nothing = Mark(score=0.0)
    return {
        item: marks.get((item.notebook, item.cell), nothing)._replace(
            verdict=verdicts.get((item.notebook, item.cell)),
            comment=comments.get((item.notebook, answer_cell(item.cell)), "")
            or comments.get((item.notebook, item.cell), ""),
        )
        for item in items
    }
