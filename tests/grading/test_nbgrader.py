"""The real nbgrader on the real notebooks: generate, submit, autograde, read the gradebook."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from adcourse.grading.keeping import NAME
from adcourse.grading.problems import all_problems
from tests.grading.blocks import ASSIGNMENTS, ROOT, blocks, cell, notebook

PROBLEMS = all_problems()
# The folders of the environment that runs the tests are left out of PATH: nothing may depend on its activation.
# Progress is kept, as it would be on a teacher's machine.
BARE = {key: value for key, value in os.environ.items() if key not in ("PATH", "VIRTUAL_ENV", "ADCOURSE_PROGRESS")}
BARE |= {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "MPLBACKEND": "agg"}


GENERATE = """
import sys
from nbgrader.apps import NbGrader, NbGraderAPI
app = NbGrader(log_level="WARN")
app.initialize([])
api = NbGraderAPI(app.coursedir, parent=app)
for name in sys.argv[1:]:
    done = api.generate_assignment(name)
    assert done["success"], done
"""


def nbgrader(course: Path, *command: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command], cwd=course, env=BARE, capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A copy of what nbgrader reads, with the release generated anew."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions", course / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (course / "lectures").mkdir()
    for name in ASSIGNMENTS.values():
        (course / "solutions" / name / NAME).write_text("{}")
    line = [sys.executable, "-c", GENERATE, *ASSIGNMENTS.values()]
    subprocess.run(line, cwd=course, env=BARE, check=True, timeout=600)
    return course


@pytest.mark.parametrize("name", ASSIGNMENTS.values())
def test_the_release_is_what_nbgrader_generates(course, name):
    made, kept = (sorted((root / "exercises" / name).glob("[!.]*")) for root in (course, ROOT))
    assert [p.name for p in made] == [p.name for p in kept]
    for one, other in zip(made, kept, strict=True):
        assert one.read_bytes() == other.read_bytes(), f"run: adcourse release {name}"


def wrong_submissions(problems) -> dict[str, dict[str, str]]:
    """Every wrong answer once; three problems are wrong in a submission, so that the others show that they are not."""
    wrong = {id: [block for block in blocks() if block.id == id and not block.right] for id in problems}
    submissions = {}
    for k in range(max(map(len, wrong.values()))):
        row = [wrong[id][k] for id in problems if k < len(wrong[id])]
        for start in range(0, len(row), 3):
            part = row[start : start + 3]
            submissions[f"wrong-{k}-{start}"] = {block.id: block.code for block in part}
    return submissions


def right_submissions(problems) -> dict[str, dict[str, str]]:
    right = {id: [block.code for block in blocks() if block.id == id and block.right] for id in problems}
    return {f"right-{k}": {id: right[id][k % len(right[id])] for id in problems} for k in range(3)}


LOUD = """
import sys, warnings

def _loud(answer):
    def louder(*args):
        print("debugging", args[-1:])
        sys.stderr.write("on stderr\\n")
        warnings.warn("careful")
        if not isinstance(answer, type):
            return answer(*args)
        answer.__init__(*args)
    return type(answer.__name__, (answer,), {{"__init__": louder}}) if isinstance(answer, type) else louder

{name} = _loud({name})
"""
SHADOWS = """
adcourse = examine = None
check = lambda *args: True
verdict = True

def {name}(*args):
    return 0.0
"""


class Submission:
    """A released notebook with answers filled in; the rest of a problem's cells stays as it was released."""

    def __init__(self, assignment: str, answers: dict[str, str], reference: bool = True):
        self.notebook = notebook("exercises", assignment)
        solved = {c.id: c.source for c in notebook("solutions", assignment).cells}
        self.cells = {c.id: c for c in self.notebook.cells}
        for id in self.cells:
            if id.endswith("-solution") and reference:
                self.cells[id].source = solved[id]
        for id, code in answers.items():
            self.cells[cell(id)].source = code

    def test_cell(self, id: str):
        return self.cells[cell(id).replace("solution", "test")]

    def write(self, course: Path, assignment: str, student: str):
        folder = course / "build" / "submitted" / student / ASSIGNMENTS[assignment]
        folder.mkdir(parents=True)
        nbformat.write(self.notebook, folder / f"{ASSIGNMENTS[assignment]}.ipynb")
        (folder / NAME).write_text("{}")


def submissions(assignment: str) -> dict[str, tuple[Submission, set[str]]]:
    """For each student what they hand in, and the problems that they got wrong."""
    problems = [id for id in PROBLEMS if f"ps{int(id.partition('.')[0]):02}" == assignment]
    names = {id: PROBLEMS[id].name for id in problems}
    reference = {c.id: c.source for c in notebook("solutions", assignment).cells}
    found = {
        "reference": (Submission(assignment, {}), set()),
        "untouched": (Submission(assignment, {}, reference=False), set(problems)),
    }
    # A reference may call that of an earlier problem (13.4 calls 13.3's leapfrog), and is lost with it. These answers
    # stand alone, so that whatever else is wrong, they earn their points.
    alone = random.choice(list(right_submissions(problems).values()))
    found["right"] = (Submission(assignment, alone), set())
    for student, answers in random.sample(list(wrong_submissions(problems).items()), 2):
        found[student] = (Submission(assignment, alone | answers), set(answers))

    loud = {id: reference[cell(id)] + LOUD.format(name=names[id]) for id in problems}
    found["loud"] = (Submission(assignment, loud), set())
    shadows = {id: SHADOWS.format(name=names[id]) for id in problems}
    found["shadows"] = (Submission(assignment, shadows), set(problems))
    broken = {problems[0]: "def half(:", problems[1]: "raise SystemExit", problems[2]: ""}
    found["broken"] = (Submission(assignment, alone | broken), set(broken))

    edited = Submission(assignment, alone | {problems[-2]: SHADOWS.format(name=names[problems[-2]])})
    edited.test_cell(problems[-2]).source = "assert True"
    found["edited a test"] = (edited, {problems[-2]})
    deleted = Submission(assignment, alone | {problems[-1]: SHADOWS.format(name=names[problems[-1]])})
    deleted.notebook.cells.remove(deleted.test_cell(problems[-1]))
    deleted.notebook.cells.remove(deleted.test_cell(problems[0]))
    found["deleted two tests"] = (deleted, {problems[-1]})
    return {student.replace(" ", "-"): submission for student, submission in found.items()}


# One of them takes a minute. xdist's processes must name the same tests: each draws its own in the test.
@pytest.mark.slow
@pytest.mark.parametrize("drawn", ASSIGNMENTS if os.environ.get("ADCOURSE_TESTS") == "all" else ["one of them"])
def test_autograde(course, drawn):
    """All kinds of submissions of one assignment in one run of nbgrader; each problem earns its points or nothing.
    `adcourse grade` and the release gate look at all assignments and all answers."""
    from nbgrader.api import Gradebook

    print("assignment", assignment := drawn if drawn in ASSIGNMENTS else random.choice(list(ASSIGNMENTS)))
    handed_in = submissions(assignment)
    for student, (submission, _) in handed_in.items():
        submission.write(course, assignment, student)
    nbgrader(course, "autograde", ASSIGNMENTS[assignment])

    with Gradebook(f"sqlite:///{course / 'build' / 'gradebook.db'}") as gradebook:
        for student, (_, wrong) in handed_in.items():
            (graded,) = gradebook.find_submission(ASSIGNMENTS[assignment], student).notebooks
            scores = {grade.name: grade.score for grade in graded.grades}
            expected = {
                cell(id).replace("solution", "test"): 0 if id in wrong else problem.points
                for id, problem in PROBLEMS.items()
                if cell(id).replace("solution", "test") in scores
            }
            assert len(expected) == len(scores)
            assert scores == expected, (student, why(course, assignment, student))
        full = sum(p.points for id, p in PROBLEMS.items() if int(id.partition(".")[0]) == int(assignment[2:]))
        assert gradebook.find_submission(ASSIGNMENTS[assignment], "reference").score == full
        assert gradebook.find_submission(ASSIGNMENTS[assignment], "untouched").score == 0
    # A student's file of progress is neither released nor collected, and nothing that is graded here is written to one.
    places = {path.relative_to(course).parts[:2] for path in course.rglob("adcourse-progress*")}
    assert places == {("build", "submitted"), *(("solutions", name) for name in ASSIGNMENTS.values())}
    # Whoever has solved everything, or nothing yet, meets no error but that of a test that does not pass.
    assert failed_cells(course, assignment, "reference") == []
    assert all(id.endswith("-test") for id in failed_cells(course, assignment, "untouched"))


def graded_cells(course: Path, assignment: str, student: str) -> list[dict]:
    name = ASSIGNMENTS[assignment]
    return json.loads((course / "build" / "autograded" / student / name / f"{name}.ipynb").read_text())["cells"]


def failed_cells(course: Path, assignment: str, student: str) -> list[str]:
    cells = [c for c in graded_cells(course, assignment, student) if c["cell_type"] == "code"]
    return [c["id"] for c in cells if any(output["output_type"] == "error" for output in c["outputs"])]


def why(course: Path, assignment: str, student: str) -> str:
    """The outputs of the test cells that nbgrader ran, for the message of a failure."""
    cells = graded_cells(course, assignment, student)
    return json.dumps([c["outputs"] for c in cells if c["id"].endswith("-test")])[:4000]
