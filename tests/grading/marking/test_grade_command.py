"""`adcourse grade` as a teacher runs it: real notebooks, real sandbox, real processes, killed and resumed."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import click
import psutil
import pytest
from click.testing import CliRunner

from adcourse.cli import main
from adcourse.grading.marking.campaign import grade
from adcourse.grading.marking.commands_grade import foreseen
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.records import Records
from adcourse.grading.marking.workers import Dask, Here
from tests.grading.blocks import blocks

from .campaigns import ENVIRONMENT, NAME, command, hand_in, nbgrader, picture, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills, and looks for what is left")
POINTS = {"p6-1-test": 1, "p6-2-test": 3, "p6-3-test": 4, "p6-4-test": 4, "p6-5-test": 4}


def fill(folder: Path) -> dict[str, float]:
    """A small class; what each of them has earned."""
    wrong = next(block for block in blocks() if block.id == "6.1" and not block.right)
    hand_in(folder, "all right")
    hand_in(folder, "nothing", {})
    hand_in(folder, "one wrong")
    replace(folder, "one wrong", "p6-1-solution", wrong.code)
    hand_in(folder, "Renée O'Brien").rename(folder / "build/submitted/Renée O'Brien" / NAME / "homework (2).ipynb")
    hand_in(folder, "loops")
    replace(folder, "loops", "p6-2-solution", "def mipt_grads(w1, w2):\n    while True: pass")
    hand_in(folder, "broken").write_bytes(b"%PDF-1.7 not a notebook")
    return {"all right": 16, "nothing": 0, "one wrong": 15, "Renée O'Brien": 16, "loops": 13, "broken": 0}


def replace(folder: Path, student: str, id: str, code: str):
    path = folder / "build/submitted" / student / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["id"] == id:
            cell["source"] = code
    path.write_text(json.dumps(notebook))


def scores(folder: Path) -> dict[str, float]:
    with sqlite3.connect(folder / "build/gradebook.db") as connection:
        rows = connection.execute(
            "select s.student_id, sum(g.auto_score) from grade g join submitted_notebook b on b.id = g.notebook_id "
            "join submitted_assignment s on s.id = b.assignment_id group by s.student_id"
        )
        return dict(rows.fetchall())


@pytest.fixture(scope="module")
def finished(released, tmp_path_factory):
    """A course graded by the command with two workers, and what it said."""
    folder = tmp_path_factory.mktemp("finished") / "course"
    shutil.copytree(released, folder)
    earned = fill(folder)
    out, err = run(folder, "--workers", "2")
    return folder, earned, out, err


def test_scores_comments_and_what_is_said(finished):
    folder, earned, out, err = finished
    assert scores(folder) == earned
    assert f"{NAME}: 6 submissions graded in " in out and "by 2 processes here" in out
    assert "nothing in the file could be read:\n  broken: it is not a notebook: it is a PDF" in out
    assert re.search("ran isolated|^Isolation: ", out, re.M)
    assert "adcourse feedback ps06" in out and "adcourse report ps06" in out
    assert "\r" not in err  # no bar where there is no terminal
    reports = Records(Course.find(folder), NAME).reports()
    (verdict,) = [verdict for verdict in reports["loops"][0].verdicts if not verdict.passed]
    assert verdict.id == "6.2" and verdict.notes
    assert any("homework (2).ipynb" in note for note in reports["Renée O'Brien"][0].notes)
    with sqlite3.connect(folder / "build/gradebook.db") as connection:
        comments = dict(
            connection.execute(
                "select s.student_id, m.auto_comment from comment m join submitted_notebook b on b.id = m.notebook_id "
                "join submitted_assignment s on s.id = b.assignment_id join base_cell c on c.id = m.cell_id "
                "where c.name = 'p6-1-solution'"
            )
        )
    assert comments["nothing"] == "No response."
    assert comments["all right"] is None
    assert comments["one wrong"].startswith("6.1: ")


def test_nothing_that_runs_or_lies_about_is_left(finished):
    folder, *_ = finished
    assert not [path for path in (folder / "build").rglob(".*") if path.suffix in (".part", ".old")]
    assert not [process for process in psutil.process_iter(["cwd", "cmdline"]) if process.info["cwd"] == str(folder)]


@pytest.mark.slow
def test_nbgrader_s_own_feedback_and_export_go_on_from_here(finished, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(finished[0], folder)
    nbgrader(folder, "generate_feedback", NAME, "--CourseDirectory.student_id=one wrong")
    page = (folder / "build/feedback/one wrong" / NAME / f"{NAME}.html").read_text()
    assert "Score: 15.0 / 16.0" in page
    assert "6.1 Back-propagate" in page
    nbgrader(folder, "export", f"--to={tmp_path / 'grades.csv'}")
    lines = (tmp_path / "grades.csv").read_text().splitlines()
    assert sum(NAME in line for line in lines) == 6
    out, _ = run(folder)  # and nothing of that makes it grade again
    assert "0 submissions graded; 6 unchanged" in out


@pytest.mark.slow
def test_killed_and_resumed_with_all_its_processes(finished, released, tmp_path):
    """SIGKILL to the parent alone or to the whole group, at random moments; then to the end: nothing differs."""
    done, earned, *_ = finished
    folder = tmp_path / "course"
    shutil.copytree(done, folder)
    for place in ("build/autograded", f"build/marking/{NAME}/reports"):
        shutil.rmtree(folder / place)
    shutil.copy(released / "build/gradebook.db", folder / "build/gradebook.db")
    draw = random.Random(seed := int.from_bytes(os.urandom(4)))
    for kill in (os.kill, os.killpg, os.kill):
        process = command(folder, "--workers", "1", stderr=subprocess.DEVNULL)
        own = psutil.Process(process.pid)
        reports = folder / "build/marking" / NAME / "reports"
        wanted, deadline = draw.randrange(0, 3), time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if len(own.children(recursive=True)) > 3 and len(list(reports.glob("*.json"))) >= wanted:
                break
            time.sleep(0.02)
        time.sleep(draw.uniform(0, 0.5))
        family = own.children(recursive=True) if own.is_running() else []
        kill(process.pid, signal.SIGKILL)
        process.communicate()
        _, alive = psutil.wait_procs(family, timeout=15)
        assert not alive, f"left running after seed {seed}: {alive}"
    run(folder, "--workers", "2")
    assert scores(folder) == earned
    assert picture(folder) == picture(done), seed


@pytest.mark.slow
def test_dask_with_a_worker_killed(released, tmp_path, monkeypatch):
    """A real cluster of processes; one is killed while it grades: everybody is graded, once, with the same scores."""
    from distributed import LocalCluster

    folder = tmp_path / "course"
    shutil.copytree(released, folder)
    monkeypatch.chdir(folder)
    for k in range(8):
        hand_in(folder, f"student {k}", None if k % 2 else {})
    away = tmp_path / "elsewhere"  # the workers know nothing of the course's folder
    away.mkdir()
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(away),
        protocol="tcp",
    )  # fmt: skip
    try:
        killed = []

        class Killing(Dask):
            def submit(self, function, task):
                future = super().submit(function, task)
                future.add_done_callback(self.kill)
                return future

            def kill(self, future):
                if not killed:
                    killed.append(1)
                    victim = next(iter(cluster.workers.values()))
                    os.kill(victim.process.pid, signal.SIGKILL)

        outcome = grade(Course.find(), NAME, (), lambda n, preload: Killing(cluster.scheduler_address))
    finally:
        cluster.close()
    assert killed
    assert outcome.failed == {}
    assert sorted(outcome.graded) == [f"student {k}" for k in range(8)]
    assert scores(folder) == {f"student {k}": 16 * (k % 2) for k in range(8)}
    assert "Dask worker" in outcome.crew


@pytest.mark.slow
def test_a_process_that_dies_costs_no_submission(released, tmp_path, monkeypatch):
    folder = tmp_path / "course"
    shutil.copytree(released, folder)
    monkeypatch.chdir(folder)
    for k in range(4):
        hand_in(folder, f"student {k}", None if k % 2 else {})
    killed = []

    class Dying(Here):
        def submit(self, function, task):
            future = super().submit(function, task)
            if len(killed) < 1:
                killed.append(task.student)
                os.kill(next(iter(self._pool._processes)), signal.SIGKILL)
            return future

    outcome = grade(Course.find(), NAME, (), lambda n, preload: Dying(1, preload))
    assert killed and not outcome.failed
    assert scores(folder) == {f"student {k}": 16 * (k % 2) for k in range(4)}


@pytest.mark.slow
def test_the_grader_s_memory_is_bounded_whatever_is_handed_in(released, tmp_path):
    """300 MB printed, a notebook of 40 MB, five million brackets: no process of the grader's grows with them."""
    folder = tmp_path / "course"
    shutil.copytree(released, folder)
    hand_in(folder, "modest")
    hand_in(folder, "prints", {"p6-1-solution": "for _ in range(3000):\n    print('x' * 100_000)"})
    hand_in(folder, "brackets").write_bytes(b"[" * 5_000_000)
    path = hand_in(folder, "pictures")
    notebook = json.loads(path.read_text())
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "y" * 1_000_000} for _ in range(40)]
    path.write_text(json.dumps(notebook))
    process = command(folder, "--workers", "1")
    own, most = psutil.Process(process.pid), {}
    while process.poll() is None:
        for one in [own, *own.children(recursive=True)]:
            try:
                if one is own or "multiprocessing" in "".join(
                    one.cmdline()
                ):  # what is in the sandbox has its own limit
                    most[one.pid] = max(most.get(one.pid, 0), one.memory_info().rss)
            except psutil.Error:
                pass
        time.sleep(0.02)
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    assert scores(folder) == {"modest": 16, "prints": 0, "brackets": 0, "pictures": 16}
    print({pid: f"{size / 1e6:.0f} MB" for pid, size in most.items()})
    assert most[process.pid] < 300e6
    assert max(most.values()) < 800e6
    assert all(path.stat().st_size < 3e6 for path in (folder / "build/autograded").rglob("*.ipynb"))


# --- what is begun before nbgrader has said where things lie ----------------------------------------------------------


def test_what_is_foreseen(folder, tmp_path, monkeypatch):
    for student in ("al", "bo"):
        hand_in(folder, student, {})
    path = folder / "solutions" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].append({"cell_type": "code", "source": ["import fractions\n", "%matplotlib inline"]})
    path.write_text(json.dumps(notebook))
    path.with_name("broken.ipynb").write_text('{"cells": [7')
    path.with_name("odd.ipynb").write_text('{"cells": [7]}')
    for name in ("ps06", NAME, f"{NAME}/"):
        count, modules = foreseen(name)
        assert 2 <= count <= 4  # what else lies in such places counts, too
        assert {"numpy", "adcourse", "fractions"} <= set(modules)
    monkeypatch.chdir(tmp_path)
    assert foreseen("ps06") is None, "no course"


@pytest.mark.slow
def test_a_wrong_guess_costs_nobody_a_point(folder):
    """The release lies where nobody would look, and imports what no worker has begun to import."""
    cell = {"cell_type": "code", "source": "import statistics, fractions", "metadata": {}, "outputs": [], "id": "more"}
    path = folder / "exercises" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].insert(0, cell | {"execution_count": None})
    path.write_text(json.dumps(notebook))
    hand_in(folder, "bo")
    (folder / "far/off").mkdir(parents=True)
    (folder / "exercises").rename(folder / "far/off/exercises")
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.release_directory = 'far/off/exercises'\n")
    assert "fractions" not in foreseen(NAME)[1]
    assert "1 submission graded" in run(folder)[0]
    assert scores(folder) == {"bo": 16}


# --- errors, in this process ----------------------------------------------------------------------------------------


def said(folder, monkeypatch, *arguments) -> str:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, ["grade", *arguments])
    assert result.exit_code in (1, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit | click.ClickException), result.exception
    return result.output


def test_errors_teach(released, tmp_path, monkeypatch):
    assert "there is no nbgrader_config.py" in said(tmp_path, monkeypatch, "ps06")
    assert f"cd {released}" in said(released / "solutions", monkeypatch, "ps06")
    assert NAME in said(released, monkeypatch, "ps6_reverse")
    assert f"nobody has handed in {NAME}" in said(released, monkeypatch, "ps06")
    assert "build/submitted/STUDENT" in said(released, monkeypatch, "ps06")
    assert "give one of them" in said(released, monkeypatch, "ps06", "--workers", "2", "--scheduler", "tcp://x:1")
    assert "adcourse release ps01" in said(released, monkeypatch, "ps01")


def test_no_scheduler_there(folder, monkeypatch):
    hand_in(folder, "bo", {})
    monkeypatch.setattr(Dask, "PATIENCE", "1s")
    assert "no Dask scheduler answers" in said(folder, monkeypatch, "ps06", "--scheduler", "tcp://127.0.0.1:9")
