"""A class whose work is graded already: a real gradebook, autograded notebooks and reports, from the answers in
``tests/grading/answers``. What grading itself does is tested elsewhere."""

from __future__ import annotations

import copy
import functools
import json
import shutil
import warnings
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade, is_solution

from adcourse.grading import examine
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.frame import Frame, frames
from adcourse.grading.marking.report import Report, Verdict
from adcourse.grading.problems import find
from tests.grading.blocks import ASSIGNMENTS, ROOT, blocks, cell, function

NAME = ASSIGNMENTS["ps06"]
FORMULA = '=cmd|"/c calc"!A1'
SEED = 20261121


@functools.cache
def released(name: str = NAME):
    return nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4)


@functools.cache
def answers(problem: str, right: bool) -> tuple[str, ...]:
    return tuple(block.code for block in blocks() if block.id == problem and block.right == right)


@functools.cache
def judged(problem: str, code: str):
    try:
        return examine(problem, function(find(problem), code), SEED)
    except Exception:  # code that defines nothing
        return None


def problems(name: str = NAME) -> list[str]:
    frame = frames(ROOT / "exercises" / name)[name]
    return [ask.problem for test in frame.tests for ask in test.asks]


class Classroom:
    """A course's folder with one assignment, and a way to fill it."""

    def __init__(self, folder: Path, name: str = NAME, config: str = ""):
        self.name, self.folder = name, folder
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        if config:
            with (folder / "nbgrader_config.py").open("a") as file:
                file.write(config)
        for part in ("solutions", "exercises"):
            shutil.copytree(ROOT / part / name, folder / part / name, ignore=shutil.ignore_patterns(".*"))
        self.course = Course.find(folder)
        self.frame: Frame = frames(folder / "exercises" / name)[name]
        self.reports: dict[str, tuple[Report, ...]] = {}
        self.gradebook = Gradebook(self.course.directory.db_url, self.course.directory.course_id)
        self.gradebook.add_assignment(name, duedate=datetime(2026, 11, 20, tzinfo=UTC))
        self.gradebook.add_notebook(name, name)
        for item in released(name).cells:
            if is_grade(item):
                about = item.metadata.nbgrader
                self.gradebook.add_grade_cell(about.grade_id, name, name, max_score=about.points, cell_type="code")
            if is_solution(item):
                self.gradebook.add_solution_cell(item.metadata.nbgrader.grade_id, name, name)

    def close(self):
        self.gradebook.close()

    def add(self, student: str, codes: dict[str, str], notebook=None, notes=(), seconds=0.25, **about):
        """A student whose answers are ``codes``; what isn't answered stays as it was released."""
        self.gradebook.update_or_create_student(student, **about)
        given = filled(codes, self.name) if notebook is None else notebook
        for step in ("submitted", "autograded"):
            folder = self.course.path(step, student, self.name)
            folder.mkdir(parents=True)
            content = given if isinstance(given, bytes) else json.dumps(given).encode("utf-8", "surrogatepass")
            (folder / f"{self.name}.ipynb").write_bytes(content)
            (folder / "timestamp.txt").write_text("2026-11-19 12:00:00 UTC")
            (folder / "submission_secret.txt").write_text(f"secret of {student}")
        with warnings.catch_warnings():  # SQLAlchemy's about nbgrader
            warnings.simplefilter("ignore")
            self.gradebook.update_or_create_submission(self.name, student, timestamp=datetime(2026, 11, 19, 12))
        verdicts = []
        for problem in problems(self.name):
            result = judged(problem, codes[problem]) if problem in codes else None
            points = find(problem).points
            verdicts.append(
                Verdict(
                    problem,
                    find(problem).title,
                    points,
                    float(points) if result else 0.0,
                    result.message if result is not None else "This is still the empty stub",
                    result.hint if result is not None else "",
                    cell=cell(problem).replace("solution", "test"),
                )
            )
        report = Report(self.name, self.name, student, tuple(verdicts), tuple(notes), seconds)
        self.reports[student] = (report,)
        for verdict in verdicts:
            grade = self.gradebook.find_grade(verdict.cell, self.name, self.name, student)
            grade.auto_score, grade.needs_manual_grade = verdict.score, False
        self.gradebook.db.commit()
        return report

    def grade(self, student: str, problem: str):
        return self.gradebook.find_grade(cell(problem).replace("solution", "test"), self.name, self.name, student)

    def comment(self, student: str, problem: str, words: str):
        self.gradebook.find_comment(cell(problem), self.name, self.name, student).manual_comment = words
        self.gradebook.db.commit()


def filled(codes: dict[str, str], name: str = NAME) -> dict:
    """The released notebook with answers in it."""
    notebook = copy.deepcopy(released(name))
    for item in notebook.cells:
        for problem, code in codes.items():
            if item.id == cell(problem):
                item.source = code
    return notebook


def mixed(k: int, name: str = NAME) -> dict[str, str]:
    """Answers of the k-th of many students: some right, some wrong, some not there."""
    codes = {}
    for n, problem in enumerate(problems(name)):
        turn = (7 * k + 3 * n) % 10
        if turn < 9:
            pool = answers(problem, right=turn < 6)
            codes[problem] = pool[(k + n) % len(pool)]
    return codes
