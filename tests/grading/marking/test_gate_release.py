"""The release itself: nbgrader's bytes, always the same; all of it replaced or nothing; the gradebook in step."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from adcourse.cli import main
from adcourse.grading.marking import gate, generation
from adcourse.grading.marking.course import Course
from tests.grading.marking.planting import NAME, ROOT, SOLUTION, TEST, TEXT, Planted, tree, without_running

ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("PATH", "VIRTUAL_ENV", "LC_ALL", "TZ")}
ENVIRONMENT |= {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "MPLBACKEND": "agg"}


def adcourse(folder, *command: str, **environment: str) -> subprocess.CompletedProcess:
    """The command as a teacher gives it, in an environment of its own."""
    line = [sys.executable, "-c", "from adcourse.cli import main; main(prog_name='adcourse')", *command]
    return subprocess.run(
        line, cwd=folder, env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=300, encoding="utf-8"
    )


def git(folder, *command: str) -> str:
    who = ["-c", "user.name=A teacher", "-c", "user.email=teacher@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True, text=True).stdout


def gradebook(planted: Planted) -> Gradebook:
    return Gradebook(f"sqlite:///{planted.folder / 'build/gradebook.db'}", "adcourse")


def entry(planted: Planted) -> dict[str, float]:
    """The graded cells of the assignment as the gradebook has them."""
    with gradebook(planted) as book:
        return {cell.name: cell.max_score for cell in book.find_notebook(NAME, NAME).grade_cells}


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A gradebook as nbgrader makes it, once: that takes longer than a release."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    Course.find(ROOT)  # finds alembic, which nbgrader starts by name
    Gradebook(f"sqlite:///{path}", "adcourse").close()
    return path


@pytest.fixture
def planted(tmp_path, monkeypatch, empty) -> Planted:
    without_running(monkeypatch)
    planted = Planted(tmp_path / "course")
    (planted.folder / "build").mkdir()
    shutil.copy(empty, planted.folder / "build")
    planted.save()
    return planted


@pytest.mark.slow
def test_the_command_from_the_first_release_to_the_next(tmp_path):
    """In two folders, under different languages, time zones and hash seeds, the same bytes: those of nbgrader."""
    first, second, plain = (Planted(tmp_path / name) for name in ("one", "ein anderer Ordner", "plain"))
    for course in (first, second, plain):
        course.save()
        (course.source / "data.csv").write_text("x,y\n1,2\n")
    looked = adcourse(first.folder, "release", "ps06", "--check")
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert not first.released.exists() and not (first.folder / "build/gradebook.db").exists()

    done = adcourse(first.folder, "release", "ps06", LC_ALL="C", TZ="Asia/Tokyo", PYTHONHASHSEED="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{NAME} is released in exercises/{NAME} (" in done.stdout
    other = adcourse(second.folder, "release", NAME + "/", LC_ALL="C.UTF-8", TZ="America/Lima", PYTHONHASHSEED="2")
    assert other.returncode == 0, other.stdout + other.stderr
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", NAME]
    subprocess.run(command, cwd=plain.folder, env=ENVIRONMENT, check=True, capture_output=True, timeout=300)
    assert tree(first.released) == tree(second.released) == tree(plain.released)
    assert set(tree(first.released)) == {f"{NAME}.ipynb", "data.csv"}
    assert entry(first) == entry(second) == entry(plain) == {TEST: 1.0}
    assert sorted(path.name for path in (first.folder / "exercises").iterdir()) == [NAME]


def test_a_release_that_git_keeps_is_what_its_source_gives(planted, monkeypatch):
    """Looked at, it must not differ, whoever changed it; released, it is replaced, and the difference shown."""

    def command(*options: str):
        done = CliRunner().invoke(main, ["release", "ps06", *options])
        return done.exit_code, done.output

    def changed() -> list[str]:
        return git(planted.folder, "status", "--porcelain", "exercises").split()

    monkeypatch.chdir(planted.folder)
    assert command()[0] == 0
    git(planted.folder, "init", "-q")
    git(planted.folder, "add", "exercises", "solutions", "nbgrader_config.py")
    git(planted.folder, "commit", "-qm", "released")
    code, said = command()
    assert code == 0 and ", as it was (" in said and changed() == []

    planted.change(TEXT, "6.1", "6.1 again")
    planted.save()
    code, said = command("--check")
    assert code == 1 and changed() == []
    assert "is not what its source gives" in said and "again" in said and "\n      +" in said
    assert f"run: adcourse release {NAME}" in said
    code, said = command()
    assert code == 0 and f"exercises/{NAME} changed:\n" in said and "again" in said
    assert changed() == ["M", f"exercises/{NAME}/{NAME}.ipynb"]
    assert command("--check")[0] == 0

    path = planted.released / f"{NAME}.ipynb"
    path.write_bytes(path.read_bytes() + b"\n")  # by hand
    assert command("--check")[0] == 1
    (planted.released / "more.txt").write_text("put there by hand")
    code, said = command("--check")
    assert code == 1 and "more.txt: no longer released" in said


def test_the_command_where_it_can_not_work(planted, tmp_path, monkeypatch):
    """It ends with 1 and says why; never in a traceback."""

    def said(folder, *command: str) -> str:
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 1 and isinstance(done.exception, SystemExit), done.output
        return done.output

    assert "nbgrader_config.py" in said(tmp_path, "release", "ps06")
    assert NAME in said(planted.folder, "release", "ps07")
    planted.change(SOLUTION, "### BEGIN SOLUTION", "### begin solution")
    planted.save()
    refused = said(planted.folder, "release", "ps06")
    assert f"1. solutions/{NAME}/{NAME}.ipynb, cell {SOLUTION} (number 3), line 3: is no marker for nbgrader" in refused
    assert "      ### begin solution\n    write: ### BEGIN SOLUTION\n" in refused
    assert f"{NAME} is not fit to be released, for 2 reasons" in refused
    assert not planted.released.exists()


def test_what_is_refused_leaves_everything_as_it_was(planted):
    assert planted.outcome(check=False).refusals == []
    before, book = tree(planted.released), (planted.folder / "build/gradebook.db").read_bytes()
    faults = [
        lambda p: p.change(SOLUTION, "### BEGIN SOLUTION", "### begin solution"),
        lambda p: p.add("markdown", "q = x + y"),
        lambda p: p.cell(TEXT).update(source="[data](data.csv)"),
    ]
    for plant in faults:
        broken = Planted(planted.folder)
        plant(broken)
        broken.save()
        assert broken.outcome(check=False).refusals
        assert tree(planted.released) == before
        assert (planted.folder / "build/gradebook.db").read_bytes() == book
        assert os.listdir(planted.folder / "exercises") == [NAME]


@pytest.mark.parametrize("released", [True, False])
def test_a_gradebook_that_can_not_be_written(planted, released):
    """The files are in their place when the gradebook fails: they go back."""
    if released:
        planted.outcome(check=False)
        before = tree(planted.folder / "exercises")
        planted.change(TEXT, "6.1", "6.1 again")
        planted.save()
    (planted.folder / "build/gradebook.db").unlink()
    (planted.folder / "build/gradebook.db").mkdir()
    (refusal,) = planted.outcome(check=False).refusals
    assert "nbgrader did not release it" in refusal.what and "unable to open database file" in refusal.what
    assert tree(planted.folder / "exercises") == (before if released else {})


def test_an_interrupt_while_the_gradebook_is_written(planted, monkeypatch):
    planted.outcome(check=False)
    before = tree(planted.folder / "exercises")
    planted.change(TEXT, "6.1", "6.1 again")
    planted.save()
    made = generation.generate

    def interrupted(course, assignment, into, gradebook):
        if gradebook:
            assert tree(planted.released) != before
            raise KeyboardInterrupt
        return made(course, assignment, into, gradebook)

    monkeypatch.setattr(gate, "generate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        planted.outcome(check=False)
    assert tree(planted.folder / "exercises") == before


@pytest.mark.parametrize("moment", ["copied", "moved aside", "put in place"])
def test_a_release_that_was_killed_is_undone(planted, moment):
    """What the folders look like after a kill at each moment; the next release starts from what students have."""
    planted.outcome(check=False)
    before = tree(planted.folder / "exercises")
    new, old = generation.aside(planted.released)
    shutil.copytree(planted.released, new)
    (new / f"{NAME}.ipynb").write_text("half")
    if moment != "copied":
        os.rename(planted.released, old)
    if moment == "put in place":
        os.rename(new, planted.released)
    generation.tidy(planted.released)
    assert tree(planted.folder / "exercises") == before
    assert planted.outcome(check=False).changed == []
    assert tree(planted.folder / "exercises") == before


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # add_submission's own business
def test_cells_that_go_when_students_have_handed_in(planted):
    planted.outcome(check=False)
    with gradebook(planted) as book:
        book.add_student("ada")
        book.add_submission(NAME, "ada")
    before, exercises = entry(planted), tree(planted.released)
    planted.cell(TEXT)["source"] += "\n\nA remark is no change of cells."
    planted.save()
    assert planted.outcome(check=False).refusals == []
    assert entry(planted) == before and tree(planted.released) != exercises
    exercises = tree(planted.released)
    planted.add("markdown", "Why?", "p6-why", grade=True, solution=True, points=2)
    planted.save()
    for check in (True, False):
        (refusal,) = planted.outcome(check).refusals
        assert "p6-why" in refusal.what and f"nbgrader db assignment remove {NAME} --force" in refusal.remedy
    assert entry(planted) == before and tree(planted.released) == exercises
    with gradebook(planted) as book:
        assert [submission.student.id for submission in book.assignment_submissions(NAME)] == ["ada"]


def test_cells_come_and_go_while_nobody_has_handed_in(planted):
    planted.outcome(check=False)
    planted.add("markdown", "Why?", "p6-why", grade=True, solution=True, points=2)
    planted.save()
    assert planted.outcome(check=False).refusals == []
    assert entry(planted) == {TEST: 1.0, "p6-why": 2.0}
    Planted(planted.folder).save()
    assert planted.outcome(check=False).refusals == []
    assert entry(planted) == {TEST: 1.0}


def test_an_id_that_students_have_is_kept(planted):
    planted.outcome(check=False)
    planted.cell(TEXT)["id"] = "p6-1-renamed"
    planted.save()
    (refusal,) = planted.outcome().refusals
    assert "'p6-1-text'" in refusal.what and '"id": "p6-1-text"' in refusal.remedy
    planted.cell("p6-1-renamed")["source"] += "\n\nA new text may have a new id."
    planted.save()
    assert planted.outcome().refusals == []


def test_files_that_are_released_no_longer_go(planted):
    (planted.source / "data.csv").write_text("1,2\n")
    planted.outcome(check=False)
    (planted.source / "data.csv").unlink()
    outcome = planted.outcome(check=False)
    assert outcome.refusals == [] and outcome.changed == ["data.csv: no longer released"]
    assert set(tree(planted.released)) == {f"{NAME}.ipynb"}


def test_a_release_that_git_does_not_keep_may_differ(planted):
    planted.outcome(check=False)
    planted.change(TEXT, "6.1", "6.1 again")
    planted.save()
    outcome = planted.outcome()
    assert outcome.refusals == [] and any("6.1 again" in line for line in outcome.changed)


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_what_is_made_otherwise_each_time(planted):
    """A header without cell ids: nbformat gives each release other ones."""
    header = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "Rules"}], "metadata": {}, "nbformat": 4}
    (planted.folder / "header.ipynb").write_text(json.dumps(header | {"nbformat_minor": 5}))
    config = planted.folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.IncludeHeaderFooter.header = 'header.ipynb'\n")
    refusals = planted.outcome().refusals
    assert ["made otherwise each time" in refusal.what for refusal in refusals] == [True], refusals


def test_what_nbgrader_itself_refuses(planted):
    config = planted.folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.IncludeHeaderFooter.header = 'missing.ipynb'\n")
    (refusal,) = planted.outcome(check=False).refusals
    assert "missing.ipynb" in refusal.what and "nbgrader generate_assignment" in refusal.remedy
    assert not planted.released.exists()


def test_another_layout_of_the_course(planted):
    """Directories, stubs and markers are those of the course's own configuration."""
    config = planted.folder / "nbgrader_config.py"
    config.write_text(
        config.read_text()
        + "\nc.CourseDirectory.source_directory = 'source'\nc.CourseDirectory.release_directory = 'given/out'"
        + "\nc.ClearSolutions.begin_solution_delimeter = 'BEGIN ANSWER'"
        + "\nc.ClearSolutions.end_solution_delimeter = 'END ANSWER'"
        + "\nc.ClearSolutions.code_stub = {'python': 'return None  # yours'}\n"
    )
    (planted.folder / "solutions").rename(planted.folder / "source")
    planted.cell(SOLUTION)["source"] = planted.cell(SOLUTION)["source"].replace(" SOLUTION", " ANSWER")
    path = planted.folder / "source" / NAME / f"{NAME}.ipynb"
    path.write_text(json.dumps(planted.raw))
    outcome = planted.outcome(check=False)
    assert outcome.refusals == [] and outcome.place == f"given/out/{NAME}"
    assert b"return None  # yours" in tree(planted.folder / "given/out")[f"{NAME}/{NAME}.ipynb"]


def test_the_gradebook_is_whole(planted):
    planted.outcome(check=False)
    with sqlite3.connect(planted.folder / "build/gradebook.db") as book:
        assert book.execute("pragma integrity_check").fetchone() == ("ok",)
        assert {row[0] for row in book.execute("select name from assignment")} == {NAME}
    book.close()
