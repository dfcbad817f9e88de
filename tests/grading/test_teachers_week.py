"""A teacher's week, from a new problem to the grades in the university's system, by the commands that a teacher types.

Monday: a problem is written and released. Tuesday to Friday: a class hands in, with everything that students do
(ADCOURSE_WEEK=200 for a large one).
Saturday: all is graded, one is looked at by hand. Sunday: feedback and grades go back.
What docs/teachers.md has a teacher type is among what is typed here.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.grading.blocks import ROOT, blocks
from tests.grading.hostility import handed_in, notebooks, odd_notebooks
from tests.grading.hostility.handed_in import nonsense, problems, submission
from tests.guides import commands

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

NAME = "ps01_four_ways_to_a_slope"
NEW = "ps15_harmonic"
LEAVINGS = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
STUDENTS = int(os.environ.get("ADCOURSE_WEEK", "40"))  # 200 take minutes
ODD, HOSTILE = 12, 8  # how many of these are among them

PROBLEM = '''"""Assignment 15: the derivative of a mean."""

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_gradient


def at(x, y):
    return Probe(
        f"harmonic_slope({x:g}, {y:g})",
        lambda harmonic_slope: harmonic_slope(x, y),
        Close(complex_step_gradient(lambda x, y: 2 / (1 / x + 1 / y), (x, y)), rtol=1e-10),
    )


HARMONIC = Problem(
    id="15.1",
    title="Slope of the harmonic mean",
    points=2,
    signature="harmonic_slope(x, y)",
    visible=lambda: [at(1.0, 2.0)],
    hidden=lambda rng: [at(*rng.uniform(0.5, 3, size=2)) for _ in range(3)],
    hint="Differentiate 2 / (1/x + 1/y) from the outside in.",
    mistakes=[Mistake(lambda x, y: (y / (x + y), x / (x + y)), "You forgot the square of the outer 1/(...).")],
)
PROBLEMS = (HARMONIC,)
'''
SOLUTION = """def harmonic_slope(x, y):
    ### BEGIN SOLUTION
    # With h = 2/(1/x + 1/y), dh/dx = h²/(2x²).
    h = 2 / (1 / x + 1 / y)
    return h**2 / (2 * x**2), h**2 / (2 * y**2)
    ### END SOLUTION
"""
TEST = """import adcourse

verdict = adcourse.check("15.1", harmonic_slope)
print(verdict)
assert verdict, verdict.message
### BEGIN HIDDEN TESTS
from adcourse.grading import examine

verdict = examine("15.1", harmonic_slope)
assert verdict, verdict
### END HIDDEN TESTS
"""


class Course:
    """A teacher's copy of the repository, and the commands run in it."""

    def __init__(self, root: Path):
        self.root = root
        self.typed = set()
        shutil.copy(ROOT / "nbgrader_config.py", root)
        for part in ("adcourse", "solutions", "exercises"):
            shutil.copytree(ROOT / part, root / part, ignore=LEAVINGS)

    def run(self, *command: str) -> str:
        start = time.monotonic()
        self.typed.add(" ".join(command))
        environment = {**os.environ, "PYTHONPATH": str(self.root), "ADCOURSE_PROGRESS": "off"}
        done = subprocess.run(
            [sys.executable, "-c", "from adcourse.cli import main; main()", *command],
            cwd=self.root, env=environment, capture_output=True, text=True, timeout=900,
        )  # fmt: skip
        print(f"adcourse {' '.join(command)}: {time.monotonic() - start:.1f} s")
        assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
        return done.stdout + done.stderr

    def hand_in(self, student: str, assignment: str, content: bytes, name: str = ""):
        folder = self.root / "build" / "submitted" / student / assignment
        folder.mkdir(parents=True)
        (folder / (name or f"{assignment}.ipynb")).write_bytes(content)

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root / 'build' / 'gradebook.db'}")

    def look_at(self, student: str, score: float):
        """What formgrader does when a teacher gives a score to problem 1.1."""
        with self.gradebook() as book:
            grade = book.find_grade("p1-1-test", NAME, NAME, student)
            grade.manual_score, grade.needs_manual_grade = score, False
            book.db.commit()

    def scores(self, assignment: str) -> dict[str, dict[str, float]]:
        with self.gradebook() as book:
            return {
                s.student.id: {grade.name: grade.score for n in s.notebooks for grade in n.grades}
                for s in book.assignment_submissions(assignment)
            }


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(tmp_path_factory.mktemp("week"))


def cell_of(problem: str) -> str:
    return f"p{problem.replace('.', '-')}-test"


# --- Monday --------------------------------------------------------------------------------------------------------


def write_the_problem(course: Course):
    folder = course.root / "adcourse" / "grading" / "problems"
    (folder / "ps15.py").write_text(PROBLEM)
    listed = (folder / "__init__.py").read_text()
    assert 'ASSIGNMENTS = ("ps01"' in listed
    (folder / "__init__.py").write_text(listed.replace('ASSIGNMENTS = ("ps01"', 'ASSIGNMENTS = ("ps15", "ps01"'))

    about = {"schema_version": 3, "task": False}
    text = nbformat.v4.new_markdown_cell("# A mean\n\nThe gradient of $2/(1/x + 1/y)$.", id="p15-1-text")
    answer = nbformat.v4.new_code_cell(SOLUTION, id="p15-1-solution")
    answer.metadata.nbgrader = {"grade": False, "grade_id": answer.id, "locked": False, "solution": True, **about}
    test = nbformat.v4.new_code_cell(TEST, id="p15-1-test")
    test.metadata.nbgrader = {
        "grade": True, "grade_id": test.id, "locked": True, "points": 2, "solution": False, **about,
    }  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[text, answer, test], metadata=metadata)
    (course.root / "solutions" / NEW).mkdir()
    nbformat.write(notebook, course.root / "solutions" / NEW / f"{NEW}.ipynb")


# --- Tuesday to Friday ---------------------------------------------------------------------------------------------


def the_class(rng: random.Random) -> dict[str, tuple[bytes, dict[str, float | None]]]:
    """Of each student what they hand in, and the points that each problem has to get (None: at most what it earns)."""
    points = {id: problem.points for id, problem in problems(NAME).items()}
    answers = {}
    for block in blocks():
        answers.setdefault((block.id, block.right), []).append(block.code)
    found = {}

    def add(kind: str, content: bytes, expected: dict[str, float | None]):
        found[f"{kind}-{len(found):03}"] = (content, expected)

    odd = [case for case in handed_in.blocks("odd") + odd_notebooks.cases() if case.assignment == NAME]
    for case in rng.sample(odd, ODD):
        add("odd", case.content, dict(points))
    hostile = [case for case in notebooks.cases() if case.assignment == NAME]
    for case in rng.sample(hostile, HOSTILE):
        kept = {id: None if id in case.risks else float(p) for id, p in points.items()}
        add("hostile", case.content, kept | dict.fromkeys(case.loses, 0.0))
    add("nothing", b"", dict.fromkeys(points, 0.0))
    add("broken", b'{"cells": [', dict.fromkeys(points, 0.0))
    add("untouched", (ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_bytes(), dict.fromkeys(points, 0.0))
    while len(found) < STUDENTS:
        right = {id: rng.random() < 0.7 for id in points}
        chosen = {id: rng.choice(answers[id, right[id]]) for id in points}
        if rng.random() < 0.1:
            lost = rng.choice(list(points))
            chosen[lost], right[lost] = nonsense(lost), False
        content = json.dumps(submission(NAME, chosen)).encode()
        add("student", content, {id: float(points[id]) if right[id] else 0.0 for id in points})
    return found


# --- the week ------------------------------------------------------------------------------------------------------


def test_a_teachers_week(course):
    seed = random.SystemRandom().randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)

    # Monday: a new problem, and an old assignment.
    write_the_problem(course)
    assert "released" in course.run("release", "ps15")
    course.run("release", "ps01")
    handed_out = (course.root / "exercises" / NEW / f"{NEW}.ipynb").read_text()
    assert "h**2" not in handed_out and "examine" not in handed_out and "raise NotImplementedError" in handed_out

    # Tuesday to Friday: the class hands in.
    handed = the_class(rng)
    for student, (content, _) in handed.items():
        course.hand_in(student, NAME, content)
    new = json.loads(handed_out)
    wrong = "def harmonic_slope(x, y):\n    return y / (x + y), x / (x + y)"
    for student, code in {"ada": SOLUTION, "ben": wrong}.items():
        new["cells"][1]["source"] = code
        course.hand_in(student, NEW, json.dumps(new).encode())

    # Saturday: grading.
    said = course.run("grade", "ps01", "--workers", "2")
    assert f"{STUDENTS} submissions graded" in said
    course.run("grade", "ps15")
    scores = course.scores(NAME)
    assert len(scores) == len(handed)
    for student, (_, expected) in handed.items():
        got = {id: scores[student].get(cell_of(id)) for id in expected}
        wrong = {id: (got[id], wanted) for id, wanted in expected.items() if wanted is not None and got[id] != wanted}
        assert not wrong, (student, wrong, seed)
    assert course.scores(NEW) == {"ada": {"p15-1-test": 2.0}, "ben": {"p15-1-test": 0.0}}

    # One is looked at by hand, and stays as the teacher wanted it when all is graded again.
    judged = next(student for student in handed if student.startswith("student"))
    course.look_at(judged, 1.5)
    course.run("grade", "ps01", "--workers", "2", "--again", judged)
    assert course.scores(NAME)[judged]["p1-1-test"] == 1.5
    assert "1 wait for marking by hand" in course.run("feedback", "ps01")  # once more: the submission may have changed
    course.look_at(judged, 1.5)

    # Sunday: feedback, and the grades for the university's system.
    course.run("feedback", "ps01")
    course.run("feedback", "ps15")
    pages = {path.parent.parent.name: path for path in (course.root / "build" / "feedback").glob(f"*/{NAME}/*.html")}
    assert set(pages) == set(handed)
    for page in pages.values():
        text = page.read_text()
        assert "<script" not in text.lower() and "BEGIN HIDDEN" not in text and "examine(" not in text
    ben = (course.root / "build" / "feedback" / "ben" / NEW / f"{NEW}.html").read_text()
    assert "You forgot the square of the outer" in ben

    exported = course.root / "exported.csv"  # what Canvas hands out, to be filled in
    with exported.open("w", newline="") as file:
        rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{NAME} (77)"]]
        rows += [["    Points Possible", "", "", "", "", "12"], ["Doe, Jane", "1", judged, judged, "A", ""]]
        csv.writer(file).writerows(rows)
    moodle = [["Identifier", "Full name", "ID number", "Grade", "Maximum Grade"]]
    moodle += [["Participant 7", "Jane Doe", judged, "", "12.00"]]
    with (course.root / "worksheet.csv").open("w", newline="") as file:
        csv.writer(file).writerows(moodle)
    course.run("report", "ps01", "--canvas", "exported.csv", "--moodle", "worksheet.csv")
    (folder,) = (course.root / "build" / "report").glob("ps01*")
    totals = {student: sum(points.values()) for student, points in course.scores(NAME).items()}
    for row in read(folder / "grades.csv"):
        if row["student_id"] in totals:
            assert float(row["score"]) == totals[row["student_id"]], row
    jane = next(row for row in read(folder / "canvas.csv") if row["SIS User ID"] == judged)
    assert float(jane[f"{NAME} (77)"]) == totals[judged]
    (jane,) = read(folder / "moodle.csv")
    assert float(jane["Grade"]) == totals[judged]
    assert "<img" in (folder / "statistics.html").read_text() and (folder / "similar.html").exists()

    page = [line.removeprefix(".venv/bin/adcourse ") for line in commands("teachers.md") if "/adcourse " in line]
    assert len(page) >= 5 and {line.replace("NAME", judged) for line in page} <= course.typed


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
