"""One assignment in nbgrader's gradebook: what nbgrader's SaveAutoGrades and AssignLatePenalties enter cell by cell
is entered here a submission at a time, in one transaction that another program may make wait but can't break."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import click
from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import bindparam, case, func, insert, make_url, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from adcourse.grading.marking.course import Course
from adcourse.grading.marking.report import Report

PATIENCE = 60.0  # seconds to wait for another program that writes into the gradebook
LOCKED = re.compile("lock|busy|deadlock|timeout", re.I)

# The tables themselves: reading the classes would compute every sum of scores along with each row.
ASSIGNMENT, STUDENT = api.Assignment.__table__, api.Student.__table__
SUBMISSION, NOTEBOOK = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
GRADE, COMMENT = api.Grade.__table__, api.Comment.__table__


class Cells(NamedTuple):
    """A notebook of the assignment in the gradebook: ids of its cells by name, and what they are worth."""

    id: str
    grades: dict[str, str]
    comments: dict[str, str]
    points: dict[str, float]


class Entered(NamedTuple):
    """What the gradebook has of a student: the automatic scores by (notebook, cell), and when the work was due."""

    scores: dict[tuple[str, str], float | None]
    due: str


class Book:
    """``with Book(course, assignment) as book``. Raises ClickException, with what to do, when it can't be opened."""

    def __init__(self, course: Course, assignment: str, say: Callable[[str], None] = click.echo):
        self.course, self.assignment, self.say = course, assignment, say
        release = f"Release it first: adcourse release {assignment}"
        url = make_url(course.directory.db_url)
        if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
            raise click.ClickException(f"there is no gradebook yet ({url.database}). {release}")
        self._book = self._patiently(lambda: api.Gradebook(course.directory.db_url, course.directory.course_id))
        self._db = self._book.db
        found = self._patiently(self._structure)
        if found is None:
            self.close()
            raise click.ClickException(f"{assignment} is not in the gradebook ({url.database}). {release}")
        self.id, self.cells = found
        self._late = AssignLatePenalties(parent=course.app)
        self._late.init_plugin()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._book.close()
        self._book.engine.dispose()

    @property
    def penalty(self) -> str:
        """The rule for late submissions, in words that change when it changes."""
        plugin = self._late.plugin_inst
        return (
            f"{type(plugin).__module__}.{type(plugin).__qualname__} {sorted(plugin.trait_values(config=True).items())}"
        )

    def _structure(self) -> tuple[str, dict[str, Cells]] | None:
        id = self._db.scalar(select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.name == self.assignment))
        if id is None:
            return None
        notebooks = self._db.execute(
            select(api.Notebook.__table__.c["id", "name"]).where(api.Notebook.assignment_id == id)
        )
        found = {notebook.id: (notebook.name, Cells(notebook.id, {}, {}, {})) for notebook in notebooks}
        for cell in self._db.scalars(select(api.BaseCell).where(api.BaseCell.notebook_id.in_(found))):
            _, cells = found[cell.notebook_id]
            if isinstance(cell, api.GradeCell | api.TaskCell):
                cells.grades[cell.name], cells.points[cell.name] = cell.id, cell.max_score
            if isinstance(cell, api.SolutionCell | api.TaskCell):
                cells.comments[cell.name] = cell.id
        self._db.rollback()
        return id, dict(found.values())

    def entered(self) -> dict[str, Entered]:
        """What is in the gradebook of each student that it knows to have handed this in."""
        return self._patiently(self._entered)

    def _entered(self) -> dict[str, Entered]:
        due = self._due()
        columns = SUBMISSION.c.student_id, SUBMISSION.c.extension
        rows = self._db.execute(select(*columns).where(SUBMISSION.c.assignment_id == self.id))
        found = {
            student: Entered({}, str(due + extension if due and extension else due)) for student, extension in rows
        }
        names = {cells.id: name for name, cells in self.cells.items()}
        cells = {id: name for cells in self.cells.values() for name, id in cells.grades.items()}
        rows = select(SUBMISSION.c.student_id, NOTEBOOK.c.notebook_id, GRADE.c.cell_id, GRADE.c.auto_score)
        rows = rows.join(NOTEBOOK, NOTEBOOK.c.assignment_id == SUBMISSION.c.id)
        rows = rows.join(GRADE, GRADE.c.notebook_id == NOTEBOOK.c.id).where(SUBMISSION.c.assignment_id == self.id)
        for student, notebook, cell, score in self._db.execute(rows):
            if student in found and notebook in names and cell in cells:
                found[student].scores[names[notebook], cells[cell]] = score
        self._db.rollback()
        return found

    def due(self) -> str:
        """When the assignment is due for whom no extension was granted."""
        return str(self._patiently(self._due))

    def _due(self):
        return self._db.scalar(select(ASSIGNMENT.c.duedate).where(ASSIGNMENT.c.id == self.id))

    def known(self, student: str) -> bool:
        return self._patiently(lambda: self._db.scalar(select(STUDENT.c.id).where(STUDENT.c.id == student))) is not None

    def write(self, student: str, timestamp, reports: Sequence[Report]):
        """Enter one submission, all of it or nothing.

        As nbgrader does: automatic scores and comments are replaced, a person's score, comment and extra credit stay;
        who has a person's score, or needs one, is marked for a person to look at; the penalty is computed anew.
        """
        self._patiently(lambda: self._write(student, timestamp, reports))

    def _write(self, student, timestamp, reports):
        if self._db.scalar(select(STUDENT.c.id).where(STUDENT.c.id == student)) is None:
            self._db.execute(insert(STUDENT).values(id=student))
        where = (SUBMISSION.c.assignment_id == self.id) & (SUBMISSION.c.student_id == student)
        values = {} if timestamp is None else {"timestamp": timestamp}
        if self._db.scalar(select(SUBMISSION.c.id).where(where)) is None:
            self._db.execute(insert(SUBMISSION).values(assignment_id=self.id, student_id=student, **values))
        elif values:
            self._db.execute(update(SUBMISSION).where(where).values(**values))
        submission = self._db.execute(select(SUBMISSION.c["id", "timestamp", "extension"]).where(where)).one()
        rows = select(NOTEBOOK.c["notebook_id", "id"]).where(NOTEBOOK.c.assignment_id == submission.id)
        there = dict(self._db.execute(rows).all())
        if new := [cells.id for cells in self.cells.values() if cells.id not in there]:
            values = [{"notebook_id": id, "assignment_id": submission.id, "flagged": False} for id in new]
            self._db.execute(insert(NOTEBOOK), values)
            there = dict(self._db.execute(rows).all())
        given = {report.notebook: report for report in reports}
        for name, cells in self.cells.items():
            grades = given[name].grades if name in given else {}
            comments = given[name].comments if name in given else {}
            scores = {id: grades[cell] for cell, id in cells.grades.items() if cell in grades}
            said = {id: harmless(comments[cell]) for cell, id in cells.comments.items() if cell in comments}
            self._enter(GRADE, there[cells.id], cells.grades.values(), "auto_score", scores)
            self._enter(COMMENT, there[cells.id], cells.comments.values(), "auto_comment", said)
        self._penalise(student, submission, there.values())
        self._db.commit()

    def _enter(self, table, notebook: str, cells, column: str, values: Mapping[str, object]):
        """Put values into a column of grades or comments, by cell; make the rows that are missing."""
        rows = select(table.c.cell_id).where(table.c.notebook_id == notebook)
        there = set(self._db.scalars(rows))
        graded = table is GRADE
        if new := [cell for cell in cells if cell not in there]:
            row = lambda cell: {"cell_id": cell, "notebook_id": notebook, column: values.get(cell)}
            needed = lambda cell: {"needs_manual_grade": values.get(cell) is None} if graded else {}
            self._db.execute(insert(table), [row(cell) | needed(cell) for cell in new])
        if old := [{"cell": cell, "value": value} for cell, value in values.items() if cell in there]:
            where = (table.c.notebook_id == notebook) & (table.c.cell_id == bindparam("cell"))
            new = {column: bindparam("value")}
            if graded:
                person = table.c.manual_score.is_not(None) | bindparam("value").is_(None)
                new["needs_manual_grade"] = case((person, True), else_=False)
            self._db.execute(update(table).where(where).values(new), old)

    def _penalise(self, student: str, submission, notebooks):
        due = self._due()
        due = due + submission.extension if due and submission.extension else due
        late = max(0.0, (submission.timestamp - due).total_seconds()) if due and submission.timestamp else 0.0
        for id in notebooks:
            penalty = None
            if late > 0:
                score = self._db.scalar(select(func.sum(api.Grade.score)).where(api.Grade.notebook_id == id)) or 0.0
                penalty = self._late.plugin_inst.late_submission_penalty(student, score, late)
                if penalty is not None:
                    penalty = self._late._check_late_penalty(SimpleNamespace(score=score), penalty)
            self._db.execute(update(NOTEBOOK).where(NOTEBOOK.c.id == id).values(late_submission_penalty=penalty))

    def _patiently(self, work: Callable):
        """Do it; again, from its beginning, while another program holds the gradebook."""
        start, said = time.monotonic(), False
        while True:
            try:
                return work()
            except DatabaseError as error:
                if hasattr(self, "_book"):
                    self._db.rollback()
                # An IntegrityError: another program has just made the rows that we were about to make.
                patience = 3 if isinstance(error, IntegrityError) else PATIENCE if LOCKED.search(str(error.orig)) else 0
                if time.monotonic() - start > patience:
                    raise click.ClickException(self._trouble(error)) from error
                if not said and time.monotonic() - start > 5:
                    self.say("Another program is writing into the gradebook: waiting for it ...")
                    said = True
                time.sleep(0.2)

    def _trouble(self, error: DatabaseError) -> str:
        where = make_url(self.course.directory.db_url).database
        said = str(error.orig)
        if LOCKED.search(said):
            return (
                f"another program has held the gradebook ({where}) for {PATIENCE:.0f} s. Close what writes into it (an "
                "nbgrader command, a database browser), and start this again: it goes on where it stopped."
            )
        if isinstance(error, OperationalError) and re.search("no such (table|column)", said):
            return f"another nbgrader made the gradebook ({where}): {said}. Keep a copy, then: nbgrader db upgrade"
        return (
            f"the gradebook ({where}) can't be read or written: {said}. Is there room on the disk? Is it a gradebook?"
        )


def harmless(text: str | None) -> str | None:
    """nbgrader shows comments as Markdown, HTML and all: take the sense of markup from what a student may have put into
    the name of an error or of a function.

    >>> harmless("your code raised <img src=x onerror=alert(1)>, see [this](javascript:alert(1))")
    'your code raised < img src=x onerror=alert(1)>, see [this] (javascript:alert(1))'
    """
    if text is None:
        return None
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)
    return re.sub(r"(?<=\])(?=[(\[:])|(?<=<)(?=\S)|(?<=\\)(?=\w)", " ", text)
