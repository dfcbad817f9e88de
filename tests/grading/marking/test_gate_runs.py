"""Faults that show when the notebook runs, as nbgrader runs it: reference, untouched, known answers and mistakes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adcourse.grading.marking import engine_trial, gate, generation, known
from adcourse.grading.marking.answers import FOLDER
from adcourse.grading.marking.cells import Cell
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.markers import markers
from adcourse.grading.problem import Mistake
from adcourse.grading.problems import find
from tests.grading.marking.planting import NAME, REAL, SETUP, SOLUTION, TEST, Planted

HIDDEN = """### BEGIN HIDDEN TESTS
{indent}from adcourse.grading import examine

{indent}assert examine("{id}", {name})
### END HIDDEN TESTS
"""


@pytest.fixture
def planted(tmp_path) -> Planted:
    return Planted(tmp_path)


def add_test(planted: Planted, id: str, before: str = "", indent: str = "", after: str = "", check: bool = True):
    """A test of problem ``id``, whose hidden tests stand after ``before``."""
    problem = find(id)
    source = f'import adcourse\n\nassert adcourse.check("{id}", {problem.name})\n' if check else ""
    source += before + HIDDEN.format(id=id, name=problem.name, indent=indent) + after
    name = f"p{id.replace('.', '-')}"
    for cell in REAL["cells"]:
        if cell["id"] == f"{name}-solution":
            planted.raw["cells"].append({**cell, "source": "".join(cell["source"])})
    planted.add("code", source, f"{name}-test", grade=True, locked=True, points=problem.points)


@pytest.mark.slow
def test_faults_that_show_when_it_runs(planted):
    """Many at once: each is named by its own cell, and costs the others nothing."""
    planted.change(SOLUTION, "return q_bar * 1, q_bar * 1, z_bar", "return q_bar * 2, q_bar * 1, z_bar")
    add_test(planted, "6.5", before="if False:\n    pass\n", indent="    ")
    add_test(planted, "6.3", before="def later():\n    pass\n", indent="    ")
    add_test(planted, "6.2", after="import warnings\n\nwarnings.warn('careful')\nassert 2 > 1\n")
    planted.add("code", "assert callable(grad_xyz)", "p6-idle", grade=True, locked=True, points=2)
    planted.add("code", "print('x' * 100_000)", "p6-loud")
    planted.add("code", "open('data.csv').read()", "p6-file")
    planted.add("code", "open('there.csv').read()", "p6-other-file")
    planted.save()
    (planted.source / "there.csv").write_text("1,2\n")
    refusals = planted.refusals()
    said = {refusal.cell.split()[1]: refusal for refusal in refusals}
    assert len(said) == len(refusals) == 7, list(map(str, refusals))
    assert "gives the reference 0 of 1 points: AssertionError" in said[TEST].what
    assert "never comes to its hidden tests" in said["p6-5-test"].what
    assert "never comes to its hidden tests" in said["p6-3-test"].what
    assert "stderr" in said["p6-2-test"].what and "careful" in said["p6-2-test"].what
    assert "gives 2 of 2 points to whoever hands in nothing" in said["p6-idle"].what
    assert "prints 100,001 characters" in said["p6-loud"].what
    assert "No such file" in said["p6-file"].what
    assert all(refusal.file == f"solutions/{NAME}/{NAME}.ipynb" and refusal.remedy for refusal in refusals)


@pytest.mark.slow
def test_hidden_tests_in_all_forms_are_come_to(planted):
    """In a loop, in a branch that is taken, in a function that is called, over several lines, with no assertion."""
    planted.cell(TEST)["source"] = """import adcourse

assert adcourse.check("6.1", grad_xyz)
### BEGIN HIDDEN TESTS
from adcourse.grading import examine


def ask(seed):
    verdict = examine("6.1", grad_xyz, seed)
    if verdict:
        assert verdict.passed, (
            verdict,
            seed)
    else:
        raise AssertionError(verdict)


for seed in range(2):
    ask(seed)
if seed:
    assert seed == 1
else:
    assert seed == 0
### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
if not examine("6.1", grad_xyz):
    raise AssertionError
### END HIDDEN TESTS"""
    assert planted.refusals() == []


@pytest.mark.slow
def test_a_notebook_that_kills_its_kernel(planted):
    planted.add("code", "import os\n\nos._exit(1)")
    (refusal,) = planted.refusals()
    assert "could not be run" in refusal.what and "DeadKernel" in refusal.what


@pytest.mark.slow
def test_a_reference_that_only_nbgrader_can_run(planted):
    """It reads a file of this machine, which no student has and no sandbox shows."""
    (planted.folder / "table.txt").write_text("1.0")
    path = str(planted.folder / "table.txt")
    planted.change(SOLUTION, "    q = x + y\n", f"    q = x + y * float(open({path!r}).read())\n")
    (refusal,) = planted.refusals()
    assert "`adcourse grade` gives the reference 0 of 1 points in problem 6.1" in refusal.what
    assert "FileNotFoundError" in refusal.what and TEST in refusal.cell


@pytest.mark.slow
def test_an_answer_that_is_there_before_anybody_writes_it(planted):
    """The set-up cell defines it already; both engines would give its points for nothing."""
    planted.cell(SOLUTION)["source"] = planted.cell(SOLUTION)["source"].replace("    ### BEGIN SOLUTION\n", "")
    planted.change(SOLUTION, "    ### END SOLUTION", "")
    planted.change(SETUP, "import math\n", "import math\n\ngrad_xyz = lambda x, y, z: (z, z, x + y)\n")
    assert ["gives 1 of 1 points to whoever hands in nothing" in refusal.what for refusal in planted.refusals()] == [
        True
    ]
    path = planted.source / f"{NAME}.ipynb"
    course = Course.find(planted.folder)
    cells = gate.inspected(course, NAME, markers(course.config)).cells
    made = generation.generate(course, NAME, planted.folder / "made", gradebook=False) / f"{NAME}.ipynb"
    (refusal,) = engine_trial.graded(cells, path, made)
    assert "gives whoever hands in nothing 1 of 1 points" in refusal.what


ANSWERS = """
# %% 6.1 right: by hand
def grad_xyz(x, y, z):
    return z, z, x + y
# %% 6.1 right: not so
def grad_xyz(x, y, z):
    return z, z, x - y
# %% 6.1 wrong: it is right | anything
def grad_xyz(x, y, z):
    return np.array([z, z, x + y])
# %% 6.1 wrong: another hint than it gets | the moon
def grad_xyz(x, y, z):
    return 1.0, 1.0, x + y
# %% 6.1 wrong: no function |
grad_xyz = 3
# %% 6.1 wrong: does not run |
def grad_xyz(x, y, z)
# %% 6.4 wrong: of another assignment | the moon
backward = None
"""


@pytest.mark.slow
def test_answers_that_are_written_down(planted):
    """Each is tried, and named when it is not what it is said to be."""
    answers = planted.folder / FOLDER / "ps06.py"
    answers.parent.mkdir(parents=True)
    answers.write_text(ANSWERS)
    refusals = planted.refusals()
    assert [refusal.file for refusal in refusals] == [f"{FOLDER}/ps06.py"] * 3
    assert "'not so'" in refusals[0].what and "called right and fails" in refusals[0].what
    assert "'it is right'" in refusals[1].what and "passes" in refusals[1].what
    assert "'the moon'" in refusals[2].what


def mistakes_of(problem) -> list[str]:
    cell = Cell("source", 1, {"id": "p6-1-test", "source": "", "metadata": {}})
    return [refusal.what for refusal in known.mistakes(cell, known.questions(problem))]


def test_mistakes_that_are_none_or_like_another():
    problem = find("6.1")
    assert mistakes_of(problem) == []
    right = Mistake(lambda x, y, z: (z, z, x + y), "You forgot the sum.")
    (what,) = mistakes_of(replace(problem, mistakes=[*problem.mistakes, right]))
    assert "You forgot the sum." in what and "rightly" in what
    twin = replace(problem.mistakes[0], hint="Another hint for the same numbers.")
    (what,) = mistakes_of(replace(problem, mistakes=[*problem.mistakes, twin]))
    assert "Another hint" in what and "gets another hint" in what


def test_a_mistake_that_only_the_visible_questions_catch():
    """Its numbers are wrong where the check looks and right where the grading does."""
    problem = find("6.1")
    (visible, *_) = (probe.ask for probe in problem.visible())
    asked = []
    visible(lambda *args: asked.append(args))
    late = Mistake(lambda x, y, z: (z, z, 0.0 if (x, y, z) == asked[0] else x + y), "Right elsewhere.")
    (what,) = mistakes_of(replace(problem, mistakes=[*problem.mistakes, late]))
    assert "the hidden questions of seed 1 rightly" in what


def test_the_gate_asks_the_mistakes_of_the_notebooks_problems(planted, monkeypatch):
    """From the notebook to its problems: a definition whose mistake passes stops the release."""
    problem = find("6.1")
    wrong = replace(problem, mistakes=[Mistake(lambda x, y, z: (z, z, x + y), "You forgot the sum.")])
    monkeypatch.setattr("adcourse.grading.marking.graded_code.find", lambda id: wrong)
    for part, name in ((gate.trial, "tried"), (gate.engine_trial, "graded")):
        monkeypatch.setattr(part, name, lambda *args: [])
    (refusal,) = planted.refusals()
    assert "You forgot the sum." in refusal.what and TEST in refusal.cell
