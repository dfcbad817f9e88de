"""What is entered in the gradebook is what nbgrader itself enters, in one transaction, whoever else is writing."""

from __future__ import annotations

import datetime
import shutil
import sqlite3
import threading
import time

import click
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc
from sqlalchemy import event

from adcourse.grading.marking import gradebook as module
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.gradebook import Book, harmless
from adcourse.grading.marking.report import Report

from .campaigns import nbgrader

TABLES = {
    "student": "select id, first_name, last_name, email, lms_user_id from student",
    "submission": "select a.name, s.student_id, s.timestamp, s.extension from submitted_assignment s "
    "join assignment a on a.id = s.assignment_id",
    "notebook": "select s.student_id, n.name, b.flagged, nullif(b.late_submission_penalty, 0) from "
    "submitted_notebook b join submitted_assignment s on s.id = b.assignment_id join notebook n "
    "on n.id = b.notebook_id",
    "grade": "select s.student_id, n.name, c.name, c.type, g.auto_score, g.manual_score, g.extra_credit, "
    "g.needs_manual_grade from grade g join base_cell c on c.id = g.cell_id join submitted_notebook b on "
    "b.id = g.notebook_id join submitted_assignment s on s.id = b.assignment_id join notebook n "
    "on n.id = b.notebook_id",
    "comment": "select s.student_id, n.name, c.name, c.type, m.auto_comment, m.manual_comment from comment m "
    "join base_cell c on c.id = m.cell_id join submitted_notebook b on b.id = m.notebook_id "
    "join submitted_assignment s on s.id = b.assignment_id join notebook n on n.id = b.notebook_id",
}


def dump(folder) -> dict[str, list[tuple]]:
    """All that the gradebook says of students, without the random ids."""
    with sqlite3.connect(folder / "build/gradebook.db") as connection:
        return {table: sorted(connection.execute(query), key=repr) for table, query in TABLES.items()}


def cell(kind, id: str, source: str, **metadata):
    marks = {"grade_id": id, "schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    make = new_code_cell if kind == "code" else new_markdown_cell
    return make(source, id=id, metadata={"nbgrader": marks | metadata})


def mixed(points: float = 2):
    """A notebook with every kind of cell that nbgrader grades."""
    return new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            cell("code", "setup", "import math", locked=True),
            cell(
                "code",
                "answer",
                "def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION",
                solution=True,
            ),
            cell("code", "test", "assert f(1) == 2", grade=True, locked=True, points=points),
            cell("markdown", "essay", "Your answer here", grade=True, solution=True, points=3),
            cell("markdown", "task", "Draw it", task=True, locked=True, points=1.5),
            cell("code", "more", "assert f(2) == 3\n", grade=True, locked=True, points=1),
        ],
    )


@pytest.fixture(scope="module")
def mixture(tmp_path_factory):
    """A course with one assignment of every kind of cell, in two notebooks, due and released."""
    folder = tmp_path_factory.mktemp("mixture")
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///build/gradebook.db'\n"
        "c.LateSubmissionPlugin.penalty_method = 'zero'\n"
    )
    (folder / "build").mkdir()
    (folder / "source/mixed").mkdir(parents=True)
    for name in "ab":
        nbformat.write(mixed(), folder / f"source/mixed/{name}.ipynb")
    nbgrader(folder, "generate_assignment", "mixed")
    with Gradebook(f"sqlite:///{folder / 'build/gradebook.db'}") as book:
        book.update_or_create_assignment("mixed", duedate=datetime.datetime(2030, 1, 1, 12))
    return folder


@pytest.fixture
def folder(mixture, tmp_path, monkeypatch):
    shutil.copytree(mixture, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


def auto(folder, student: str) -> list[Report]:
    """The automatic part of what nbgrader entered, as reports."""
    with Gradebook(f"sqlite:///{folder / 'build/gradebook.db'}") as book:
        return [
            Report(
                "mixed", notebook.name, student,
                grades={grade.name: grade.auto_score for grade in notebook.grades},
                comments={comment.name: comment.auto_comment for comment in notebook.comments},
            )
            for notebook in book.find_submission("mixed", student).notebooks
        ]  # fmt: skip


def hand_in(folder, student: str, answer: str, essay: str, timestamp: str = ""):
    place = folder / "submitted" / student / "mixed"
    shutil.copytree(folder / "release/mixed", place)
    for path in place.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for one in notebook.cells:
            one.source = {"answer": answer, "essay": essay}.get(one.id) or one.source
        nbformat.write(notebook, path)
    if timestamp:
        (place / "timestamp.txt").write_text(timestamp)


@pytest.mark.slow
def test_as_nbgrader_enters_it_first_and_again(folder, tmp_path, monkeypatch):
    """Right, half right, untouched and late; then persons give scores, comments and extra credit, somebody gets an
    extension, and all is graded again: both gradebooks are equal row by row."""
    hand_in(folder, "right", "def f(x):\n    return x + 1", "I see.", "2030-01-01 11:59:00 UTC")
    hand_in(folder, "half", "def f(x):\n    return 2", "", "2030-01-01 14:00:00 +0200")
    hand_in(folder, "Zoë O'Late", "f = lambda x: x + 1", "Sorry.", "2030-01-02 08:00:00 UTC")
    hand_in(folder, "later", "f = lambda x: x + 1", "Sorry.", "2030-01-02 08:00:00 UTC")
    hand_in(folder, "untouched", "", "")
    for student in ("half", "later", "Zoë O'Late", "untouched"):
        (folder / "submitted" / student / "mixed/b.ipynb").unlink()
    ours = tmp_path / "ours"
    shutil.copytree(folder, ours)
    students = sorted(path.name for path in (folder / "submitted").iterdir())

    def both(*options):
        nbgrader(folder, "autograde", "mixed", *options)
        course = Course.find(ours)
        with Book(course, "mixed") as book:
            for student in students:
                written = auto(folder, student)
                stamp = ours / "submitted" / student / "mixed/timestamp.txt"
                book.write(student, parse_utc(stamp.read_text()) if stamp.exists() else None, written)
        theirs = dump(folder)
        assert all(theirs.values())
        assert dump(ours) == theirs

    monkeypatch.chdir(ours)
    both()
    assert sum(row[3] is not None for row in dump(ours)["notebook"]) == 3
    for place in (folder, ours):
        with Gradebook(f"sqlite:///{place / 'build/gradebook.db'}") as book:
            book.find_grade("test", "a", "mixed", "half").manual_score = 1.5
            book.find_grade("test", "a", "mixed", "Zoë O'Late").manual_score = 0.0
            essay = book.find_grade("essay", "a", "mixed", "right")
            essay.manual_score, essay.needs_manual_grade = 2.5, False
            book.find_grade("test", "a", "mixed", "later").extra_credit = 0.25
            book.find_comment("essay", "a", "mixed", "right").manual_comment = "Well put."
            book.find_submission("mixed", "later").extension = datetime.timedelta(days=3)
            book.db.commit()
    both("--force")
    assert sum(row[3] is not None for row in dump(ours)["notebook"]) == 2


def reports(score=2.0, comment="No response."):
    grades = {"test": score, "more": None if score is None else 1.0, "essay": None, "task": None}
    return [Report("mixed", name, "bo", grades=grades, comments={"answer": comment, "task": None}) for name in "ab"]


def test_a_person_s_work_stays_and_is_marked_for_another_look(folder):
    with Book(Course.find(), "mixed") as book:
        book.write("bo", None, reports())
        with Gradebook("sqlite:///build/gradebook.db") as other:
            grade = other.find_grade("test", "a", "mixed", "bo")
            assert (grade.auto_score, grade.needs_manual_grade) == (2.0, False)
            grade.manual_score, grade.extra_credit = 0.5, 1.0
            other.find_comment("answer", "a", "mixed", "bo").manual_comment = "Talk to me."
            other.db.commit()
        book.write("bo", None, reports(0.0, None))
    with Gradebook("sqlite:///build/gradebook.db") as other:
        grade = other.find_grade("test", "a", "mixed", "bo")
        assert (grade.auto_score, grade.manual_score, grade.extra_credit, grade.score) == (0.0, 0.5, 1.0, 1.5)
        assert grade.needs_manual_grade
        assert not other.find_grade("more", "a", "mixed", "bo").needs_manual_grade
        comment = other.find_comment("answer", "a", "mixed", "bo")
        assert (comment.auto_comment, comment.manual_comment, comment.comment) == (None, "Talk to me.", "Talk to me.")


def test_what_is_entered_is_read_back(folder):
    with Book(Course.find(), "mixed") as book:
        assert book.entered() == {}
        book.write("bo", datetime.datetime(2030, 1, 1), reports())
        book.write("al", None, [])
        entered = book.entered()
    assert entered["bo"].scores == {(r.notebook, name): score for r in reports() for name, score in r.grades.items()}
    assert set(entered["al"].scores.values()) == {None}
    assert entered["bo"].due == "2030-01-01 12:00:00"


def test_one_transaction_and_no_query_a_cell(folder):
    statements, commits = [], []
    with Book(Course.find(), "mixed") as book:
        event.listen(book._book.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        event.listen(book._book.engine, "commit", lambda connection: commits.append(1))
        for times in (1, 2):
            book.write("bo", None, reports())
            assert len(commits) == times
    assert len(statements) <= 2 * 20 * len(book.cells)
    assert not [line for line in statements if line.startswith("SELECT") and "base_cell" in line]


def test_it_waits_for_another_program_and_then_says_who(folder, monkeypatch):
    held, leave = threading.Event(), threading.Event()

    def hold():
        with sqlite3.connect("build/gradebook.db") as connection:
            connection.execute("begin exclusive")
            held.set()
            leave.wait(30)
            connection.rollback()

    with Book(Course.find(), "mixed") as book:
        said = []
        book.say = said.append
        other = threading.Thread(target=hold)
        other.start()
        held.wait(30)
        threading.Timer(7, leave.set).start()
        start = time.monotonic()
        book.write("bo", None, reports())
        assert time.monotonic() - start > 5
        other.join()
        assert "waiting" in said[0]
        assert book.entered()["bo"].scores["a", "test"] == 2.0

        monkeypatch.setattr(module, "PATIENCE", 0.1)
        held.clear(), leave.clear()
        other = threading.Thread(target=hold)
        other.start()
        held.wait(30)
        with pytest.raises(click.ClickException, match="another program has held the gradebook"):
            book.write("cy", None, reports())
        leave.set()
        other.join()
        assert "cy" not in book.entered()


def test_rows_that_another_program_makes_meanwhile(folder):
    """nbgrader's autograde makes the same submission between our look and our insert: then it is done again."""
    with Book(Course.find(), "mixed") as book:
        before = book._db.execute
        raced = []

        def race(statement, *args):
            if str(statement).startswith("INSERT INTO submitted_assignment") and not raced:
                book._db.rollback()
                raced.append(1)
                with Book(book.course, "mixed") as other:
                    other.write("bo", None, reports(0.0))
            return before(statement, *args)

        book._db.execute = race
        try:
            book.write("bo", None, reports())
        finally:
            del book._db.execute
        assert raced
        assert book.entered()["bo"].scores["b", "more"] == 1.0
    assert len(dump(folder)["grade"]) == 8


def test_no_gradebook_and_no_such_assignment(folder, tmp_path):
    with pytest.raises(click.ClickException, match="adcourse release other"):
        Book(Course.find(), "other")
    (folder / "build/gradebook.db").unlink()
    with pytest.raises(click.ClickException, match="no gradebook yet .*adcourse release mixed"):
        Book(Course.find(), "mixed")
    assert not (folder / "build/gradebook.db").exists()
    (folder / "build/gradebook.db").write_text("not a database, " * 100)
    with pytest.raises(click.ClickException, match="Is it a gradebook"):
        Book(Course.find(), "mixed")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "</div><iframe src=//x>",
        "[a](javascript:alert(1))",
        "![a][b]\n\n[b]: data:x",
        "a\\href{x}",
    ],
)
def test_comments_are_no_markup(text):
    from nbconvert.filters import markdown2html

    html = markdown2html(harmless(f"your code raised {text}: entry [0] of x < y is not right (see [1])"))
    assert not any(sign in html for sign in ("<script", "<iframe", "<a ", "<img", "href=", "\\href"))
    assert "entry [0] of x &lt; y is not right (see [1])" in html
    assert harmless(None) is None
