"""What tests of a whole grading share: submissions made from the release, a quick stand-in for the engine, and a
picture of all that a grading leaves."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from concurrent.futures import Future
from pathlib import Path

from adcourse.grading.marking.campaign import Outcome, grade
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.report import Report, Verdict
from adcourse.grading.marking.work import Done, Task
from tests.grading.blocks import ROOT

NAME = "ps06_reverse_mode"
PATH = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])  # nbgrader starts alembic
ENVIRONMENT = os.environ | {
    "PATH": PATH, "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "MPLBACKEND": "agg",
}  # fmt: skip


def nbgrader(folder: Path, *command: str) -> str:
    """Run nbgrader in a course."""
    line = [sys.executable, "-m", "nbgrader", *command]
    run = subprocess.run(line, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def make_course(folder: Path) -> Path:
    """A course with assignment 6, released by nbgrader."""
    folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    nbgrader(folder, "generate_assignment", NAME)
    return folder


def command(folder: Path, *options: str, **more) -> subprocess.Popen:
    """`adcourse grade ps06` in a course, begun."""
    line = [sys.executable, "-c", "from adcourse.cli import main; main()", "grade", "ps06", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(line, cwd=folder, env=ENVIRONMENT, start_new_session=True, **(pipes | more))


def run(folder: Path, *options: str) -> tuple[str, str]:
    """`adcourse grade ps06` in a course, done: what it said on both streams."""
    process = command(folder, *options)
    out, err = process.communicate(timeout=400)
    assert process.returncode == 0, out + err
    return out, err


def hand_in(folder: Path, student: str, answers: dict[str, str] | None = None, name: str = NAME) -> Path:
    """The released notebook with ``answers`` by cell id; with the reference's where None is given."""
    notebook = json.loads((folder / "exercises" / name / f"{name}.ipynb").read_text())
    if answers is None:
        solved = json.loads((folder / "solutions" / name / f"{name}.ipynb").read_text())
        answers = {cell["id"]: cell["source"] for cell in solved["cells"] if cell["id"].endswith("-solution")}
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    path = folder / "build" / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))
    return path


def quick_work(task: Task) -> Done:
    """Scores drawn from what was handed in and the seed, in place of an engine: no process, no sandbox."""
    reports, notebooks = [], {}
    for frame, content, notes in task.notebooks:
        draw = hashlib.sha256(content + str(task.seed).encode()).digest()
        grades = {cell.key: float(min(cell.points, draw[k])) for k, cell in enumerate(frame.tests)}
        verdicts = tuple(Verdict(k, k, frame_points(frame, k), score, cell=k) for k, score in grades.items())
        comments = {cell.answer: f"draw {draw.hex()[:8]}" for cell in frame.tests}
        about = {"digest": task.digest, "engine": task.engine, "notes": notes}
        reports.append(
            Report(task.assignment, frame.notebook, task.student, verdicts, grades=grades, comments=comments, **about)
        )
        notebooks[frame.notebook] = content
    return Done(task.student, reports, notebooks)


def frame_points(frame: Frame, key: str) -> float:
    return next(cell.points for cell in frame.cells if cell.key == key)


class Quick:
    """A crew of nobody: each task is done when it is handed over."""

    size = 1

    def __init__(self, number: int = 0, work=quick_work):
        self.number, self.work, self.done = number, work, []

    def submit(self, function, task) -> Future:
        future = Future()
        self.done.append(task.student)
        try:
            future.set_result(self.work(task))
        except BaseException as error:
            future.set_exception(error)
        return future

    def renew(self):
        pass

    def close(self, at_once: bool):
        pass

    def __str__(self):
        return "nobody"


def graded(students=(), again=False, work=quick_work) -> tuple[Outcome, list[str]]:
    """Grade the course in the current folder quickly: the outcome, and whose work was graded, in order."""
    crew = Quick(work=work)
    return grade(Course.find(), NAME, students, lambda n, preload: crew, again), crew.done


GRADES = (
    "select s.student_id, n.name, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade "
    "from grade g join base_cell c on c.id = g.cell_id join submitted_notebook b on b.id = g.notebook_id "
    "join submitted_assignment s on s.id = b.assignment_id join notebook n on n.id = b.notebook_id"
)


def picture(folder: Path) -> dict[str, object]:
    """All that a grading leaves: rows of the gradebook, files with their content, reports without their seconds."""
    with sqlite3.connect(folder / "build/gradebook.db") as connection:
        rows = sorted(connection.execute(GRADES), key=repr)
        rows += sorted(connection.execute("select student_id, timestamp from submitted_assignment"), key=repr)
        rows += sorted(connection.execute("select cell_id, auto_comment from comment"), key=repr)
    files = {}
    for place in ("autograded", "marking"):
        for path in sorted((folder / "build" / place).rglob("*")):
            content = path.read_bytes() if path.is_file() else b""
            if path.suffix == ".json":
                reports = json.loads(content)
                content = json.dumps(
                    [{k: v for k, v in report.items() if k != "seconds"} for report in reports]
                ).encode()
            files[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return {"rows": rows, "files": files}
