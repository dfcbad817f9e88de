"""A whole grading: who is graded, what a second run does; no kill, lock or full disk leaves anything half done.

The engine has a quick stand-in here; gradebook, folders, records and processes are real. With the real engine:
test_grade_command.py.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
import warnings
from contextlib import suppress

import click
import pytest

from adcourse.grading.marking.course import Course
from adcourse.grading.marking.records import Records
from adcourse.grading.marking.report import Report
from adcourse.grading.marking.work import Done

from .campaigns import NAME, Quick, graded, hand_in, picture, quick_work

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks")
STUDENTS = [f"student {k}" for k in range(12)]
KILLS = int(os.environ.get("ADCOURSE_KILLS", 10))


@pytest.fixture
def full(folder):
    """A course in which a dozen have handed in, each something else."""
    for k, student in enumerate(STUDENTS):
        hand_in(folder, student, {"p6-1-solution": f"# {k}\ndef grad_xyz(x, y, z): return z, z, x + y"})
    return folder


def test_everybody_is_graded_once_and_a_second_run_does_nothing(full):
    outcome, done = graded()
    assert sorted(outcome.graded) == sorted(done) == sorted(STUDENTS)
    assert not (outcome.failed or outcome.unread or outcome.unchanged or outcome.strays)
    before = picture(full)
    outcome, done = graded()
    assert (done, outcome.graded, sorted(outcome.unchanged)) == ([], [], sorted(STUDENTS))
    assert picture(full) == before
    outcome, done = graded(again=True)
    assert sorted(done) == sorted(STUDENTS)
    assert picture(full) == before


def test_who_is_named_is_graded_and_nobody_else(full):
    outcome, done = graded(["student 3", "student 7", "student 3"])
    assert sorted(done) == sorted(outcome.graded) == ["student 3", "student 7"]  # two may end at once
    outcome, done = graded()
    assert sorted(outcome.unchanged) == ["student 3", "student 7"]


DUE = "update assignment set duedate = '2031-01-01 00:00:00.000000'"
EXTENSION = "update submitted_assignment set extension = '1970-01-03 00:00:00.000000' where student_id = 'student 4'"
CHANGES = {
    "the submission": (lambda folder: hand_in(folder, "student 3", {}), ["student 3"]),
    "a file beside it": (
        lambda folder: (folder / "build/submitted/student 5" / NAME / "notes.txt").write_text("x"), ["student 5"],
    ),
    "the time": (
        lambda folder: (folder / "build/submitted/student 5" / NAME / "timestamp.txt").write_text("2030-01-01"),
        ["student 5"],
    ),
    "a score in the gradebook": (
        lambda folder: sql(folder, "update grade set auto_score = 99 where rowid = 1"), 1,
    ),
    "the graded notebook": (lambda folder: shutil.rmtree(folder / "build/autograded/student 1"), ["student 1"]),
    "a report": (
        lambda folder: (folder / "build/marking" / NAME / "reports/student 2.json").write_text("{"), ["student 2"],
    ),
    "the deadline": (lambda folder: sql(folder, DUE), 12),
    "an extension": (
        lambda folder: (sql(folder, DUE), graded(), sql(folder, EXTENSION)), ["student 4"],
    ),
    "the late penalty": (
        lambda folder: add(folder, "c.LateSubmissionPlugin.penalty_method = 'zero'\n"), 12,
    ),
    "the seed": (lambda folder: (folder / "build/marking" / NAME / "seed").write_text("7"), 12),
    "released data": (lambda folder: (folder / "exercises" / NAME / "data.csv").write_text("1"), 12),
    "the release": (lambda folder: touch_release(folder), 12),
}  # fmt: skip


def sql(folder, statement):
    with sqlite3.connect(folder / "build/gradebook.db") as connection:
        assert connection.execute(statement).rowcount > 0


def add(folder, line):
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(line)


def touch_release(folder):
    path = folder / "exercises" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] += " "
    path.write_text(json.dumps(notebook))


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_graded_again_alone(full, change):
    graded()
    make, whom = CHANGES[change]
    make(full)
    _, done = graded()
    assert len(done) == whom if isinstance(whom, int) else done == whom
    assert graded()[1] == []


def test_another_engine_grades_anew(full, monkeypatch):
    graded()
    monkeypatch.setattr("adcourse.grading.marking.campaign.engine", lambda: "another")
    assert len(graded()[1]) == 12


# --- killed, at any moment ------------------------------------------------------------------------------------------


def child(work) -> int:
    """Run ``work`` in a fork of this process, which has all imported."""
    with warnings.catch_warnings():  # JAX, where a test before this one has imported it, warns of every fork
        warnings.simplefilter("ignore")
        pid = os.fork()
    if pid:
        return pid
    with suppress(BaseException), open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1), os.dup2(nowhere.fileno(), 2)
        work()
        os._exit(0)
    os._exit(1)


def ended(pid: int, within: float = 120.0) -> int:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("the grading hangs")


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_as_if_undisturbed(full, tmp_path, monkeypatch):
    print("seed", seed := int.from_bytes(os.urandom(4)))
    undisturbed = tmp_path / "undisturbed"
    Records(Course.find(), NAME).seed()
    shutil.copytree(full, undisturbed)
    monkeypatch.chdir(undisturbed)
    start = time.monotonic()
    graded()
    took = time.monotonic() - start
    monkeypatch.chdir(full)
    draw, kills = random.Random(seed), 0
    while True:
        pid = child(graded)
        time.sleep(draw.uniform(0, 0.7 + kills / 20) * took)  # longer each time: it ends on a busy machine, too
        os.kill(pid, signal.SIGKILL)
        if ended(pid) == 0 and kills >= KILLS:
            break
        kills += 1
        assert kills < 200
        if kills % 4 == 0:  # somebody hands in again meanwhile, the same
            hand_in(full, "student 3", {"p6-1-solution": "# 3\ndef grad_xyz(x, y, z): return z, z, x + y"})
        if kills == 5:
            shutil.rmtree(full / "build/autograded", ignore_errors=True)
    graded()
    mine, theirs = picture(full), picture(undisturbed)
    assert mine["rows"] == theirs["rows"]
    assert mine["files"] == theirs["files"]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(KILLS // 2))
def test_killed_at_some_step_of_writing(full, part):
    """A fork that dies at its n-th call of what touches a file or the gradebook."""
    print("step", step := random.randrange(60))
    seen = iter(range(10**6))

    def die(event, args):
        if event in ("open", "os.rename", "os.mkdir", "os.remove", "shutil.rmtree", "os.chmod", "sqlite3.connect"):
            name = str(args[0]) if args else ""
            if "build/" in name and next(seen) == step + 10:
                os.kill(os.getpid(), signal.SIGKILL)

    def dying():
        sys.addaudithook(die)
        graded(["student 1", "student 2"])

    assert ended(child(dying)) == -signal.SIGKILL
    outcome, _ = graded(["student 1", "student 2"])
    assert sorted(outcome.graded + outcome.unchanged) == ["student 1", "student 2"]
    leftovers = [path for path in (full / "build").rglob(".*") if path.suffix in (".part", ".old")]
    assert leftovers == []
    assert graded(["student 1", "student 2"])[1] == []


# --- no room, no lock, no luck --------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [2_000, 50_000, "gradebook"])
def test_a_full_disk_leaves_all_as_it_was_and_says_so(full, room, tmp_path):
    """Files can't grow beyond ``room`` bytes: the graded notebooks, the gradebook's journal or the gradebook."""
    import resource

    if room == "gradebook":
        room = (full / "build/gradebook.db").stat().st_size + 8192  # two pages more
    for student in STUDENTS:
        (full / "build/submitted" / student / NAME / "data.bin").write_bytes(os.urandom(60_000))
    log = tmp_path / "log"

    def cramped():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            graded()
        except click.ClickException as error:
            os.write(os.open(log, os.O_CREAT | os.O_WRONLY), error.message.encode())

    assert ended(child(cramped)) == 0
    said = log.read_text()
    assert "room" in said
    with sqlite3.connect(full / "build/gradebook.db") as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    outcome, _ = graded()
    assert sorted(outcome.graded + outcome.unchanged) == sorted(STUDENTS)
    assert not [path for path in (full / "build").rglob(".*") if path.suffix in (".part", ".old")]


def test_two_graders_at_once(full):
    pid = child(lambda: graded(work=lambda task: time.sleep(60)))
    deadline = time.monotonic() + 60
    holder = full / "build/marking" / NAME / "lock.holder"
    while not holder.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        with pytest.raises(click.ClickException, match=f"being graded by process {pid}"):
            graded()
    finally:
        os.kill(pid, signal.SIGKILL)
        ended(pid)
    assert len(graded()[1]) == 12


def test_one_that_can_not_be_graded_costs_nobody_else(full):
    def work(task):
        if task.student == "student 4":
            raise ZeroDivisionError("a bug of ours")
        return quick_work(task)

    outcome, _ = graded(work=work)
    assert outcome.failed == {"student 4": "ZeroDivisionError: a bug of ours"}
    assert len(outcome.graded) == 11
    assert not (full / "build/autograded/student 4").exists()
    outcome, done = graded()
    assert done == ["student 4"]


def test_interrupted_it_stops_and_goes_on(full):
    def work(task):
        if task.student == "student 4":
            raise KeyboardInterrupt
        return quick_work(task)

    outcome, _ = graded(work=work)
    assert outcome.stopped
    assert 0 < len(outcome.graded) < 12
    outcome, done = graded()
    assert len(done) + len(outcome.unchanged) == 12 and outcome.unchanged


# --- odd courses ----------------------------------------------------------------------------------------------------


def test_errors_say_what_to_do(full):
    with pytest.raises(click.ClickException, match="nothing by 'student 33'.* student 3"):
        graded(["student 33"])
    shutil.rmtree(full / "exercises" / NAME)
    with pytest.raises(click.ClickException, match=f"adcourse release {NAME}"):
        graded()


def test_nobody_has_handed_in(folder):
    with pytest.raises(
        click.ClickException, match=f"nobody has handed in .*build/submitted/STUDENT/{NAME}/{NAME}.ipynb"
    ):
        graded()


def test_a_release_that_the_gradebook_does_not_know(full):
    sql(full, "update grade_cells set max_score = 17")
    with pytest.raises(click.ClickException, match=f"other cells or points .*adcourse release {NAME}"):
        graded()


def test_names_and_folders_that_can_not_be_graded_are_said(full):
    for name in ("Zoë O'Neil", "李雷", "a\nb", " x", "x" * 120):
        hand_in(full, name, {})
    hand_in(full, "cy", {})
    (full / "build/submitted/cy" / NAME).rename(full / "build/submitted/cy/ps06_reverse_mod")
    outcome, done = graded()
    assert set(outcome.failed) == {"a\nb", " x", "x" * 120}
    assert {"Zoë O'Neil", "李雷"} < set(done)
    assert {os.path.basename(name): near for name, near in outcome.strays.items()} == {"ps06_reverse_mod": NAME}


def test_only_whom_the_gradebook_knows_if_so_configured(full):
    add(full, "c.Autograde.create_student = False\n")
    sql(full, "insert into student (id) values ('student 6')")
    outcome, done = graded()
    assert done == ["student 6"]
    assert len(outcome.failed) == 11


def test_excluded_students(full):
    add(full, "c.CourseDirectory.student_id_exclude = 'student 6,student 7'\n")
    assert len(graded()[1]) == 10
    assert graded(["student 6"])[1] == ["student 6"]


def test_a_report_belongs_to_what_is_written(full):
    """What `adcourse feedback` reads is what the gradebook has."""
    graded()
    reports = Records(Course.find(), NAME).reports()
    assert sorted(reports) == sorted(STUDENTS)
    with sqlite3.connect(full / "build/gradebook.db") as connection:
        rows = connection.execute(
            "select s.student_id, c.name, g.auto_score from grade g join base_cell c on c.id = g.cell_id join "
            "submitted_notebook b on b.id = g.notebook_id join submitted_assignment s on s.id = b.assignment_id"
        ).fetchall()
    assert {(s, cell): score for s, cell, score in rows} == {
        (student, cell): score for student, (report,) in reports.items() for cell, score in report.grades.items()
    }
    assert isinstance(reports["student 1"][0], Report)


def test_the_grader_s_memory_does_not_grow_with_the_class(full):
    """Not all submissions are read ahead: results of a megabyte each are held a few at a time."""
    alive = []

    class Watched(Quick):
        size = 2

        def submit(self, function, task):
            alive.append(task.student)
            return super().submit(function, task)

    from adcourse.grading.marking.workers import graded as run

    crew, most, got = Watched(), 0, 0
    tasks = (quick_task(k) for k in range(50))
    for result in run(tasks, crew, lambda: None):
        got += 1
        most = max(most, len(alive) - got)
        assert isinstance(result, Done)
    assert got == 50
    assert most <= 2 * crew.size


def quick_task(k):
    from adcourse.grading.marking.work import Task

    return Task(f"s{k}", NAME, (), {}, 0, "", "")
