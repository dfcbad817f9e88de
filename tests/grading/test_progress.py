"""Progress is kept through everything that happens to files: damage, kills, two notebooks at once, folders that can't
be written. Nothing of that is an error, and nothing that was there is destroyed."""

import html.parser
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adcourse
from adcourse.grading import keeping
from adcourse.grading.keeping import ABOUT, LARGEST, NAME, Attempt, Standing, record
from adcourse.grading.problems import all_problems
from adcourse.grading.result import Line, Result
from tests.grading.blocks import ROOT

PROBLEMS = all_problems()


def right(x, y, z):
    return z, z, x + y


def wrong(x, y, z):
    return z, z, x - y


def result(id="6.1", right=1, of=1):
    lines = tuple(Line(f"question {k}", "" if k < right else "no") for k in range(of))
    return Result(id, "Some problem", "said", lines=lines, passed=right == of)


def row(id):
    return {row.id: row for row in adcourse.progress().rows}[id]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A student's copy of the course; the notebook runs in the folder of an exercise."""
    work = tmp_path / "course" / "exercises" / "ps06_reverse_mode"
    work.mkdir(parents=True)
    (tmp_path / "course" / "lectures").mkdir()
    monkeypatch.delenv("ADCOURSE_PROGRESS")
    monkeypatch.chdir(work)
    monkeypatch.setattr(keeping, "_said", set())
    return tmp_path / "course"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# --- what it says ------------------------------------------------------------------------------------------------


def test_tests_keep_nothing(tmp_path, monkeypatch):
    assert os.environ["ADCOURSE_PROGRESS"] == "off"
    monkeypatch.chdir(tmp_path)
    assert adcourse.check("6.1", right)
    assert adcourse.progress().points == 0
    assert files(tmp_path) == set()


def test_not_yet_tried_passed(course):
    fresh = adcourse.progress()
    assert (fresh.points, fresh.of) == (0, sum(problem.points for problem in PROBLEMS.values()))
    assert [(r.id, r.title, r.points, r.state) for r in fresh.rows] == [
        (p.id, p.title, p.points, "not yet") for p in PROBLEMS.values()
    ]
    assert files(course) == set()  # looking writes nothing

    assert not adcourse.check("6.1", wrong)
    assert row("6.1").state.startswith("tried, 20")
    assert row("6.1").state.endswith(": 0 of 2 right")
    assert not row("6.1").passed
    assert adcourse.check("6.1", right)
    assert row("6.1").state.startswith("passed, 20")
    assert "last try" not in row("6.1").state
    now = adcourse.progress()
    assert now.points == PROBLEMS["6.1"].points
    assert [part.points for part in now.parts if part.title == "Assignment 6: Reverse mode"] == [1]
    assert sum(part.of for part in now.parts) == now.of
    assert files(course) == {NAME}


def test_a_later_failure_takes_no_pass_away_and_shows(course):
    adcourse.check("6.1", right)
    adcourse.check("6.1", wrong)
    assert row("6.1").passed
    assert "passed" in row("6.1").state
    assert row("6.1").state.endswith("0 of 2 right")
    adcourse.check("6.1", right)
    assert "last try" not in row("6.1").state


def test_while_a_notebook_is_graded_it_is_harmless(course, monkeypatch):
    """There, no problem can be imported, and nothing is kept."""
    monkeypatch.setattr("adcourse.grading.asking.REMOTE", lambda *args: None)
    monkeypatch.setitem(sys.modules, "adcourse.grading.problems", None)
    assert adcourse.check("6.1", wrong)
    assert "graded" in str(adcourse.progress()) and "graded" in adcourse.progress()._repr_html_()
    assert files(course) == set()


def test_the_best_of_the_failures_is_said_too(course):
    record(result("6.1", 1, 4))
    record(result("6.1", 3, 4))
    record(result("6.1", 2, 4))
    assert re.fullmatch(r"tried, [-\d :]{16}: 3 of 4 right; last try, [-\d :]{16}: 2 of 4 right", row("6.1").state)
    record(result("6.1", 3, 4))
    assert re.fullmatch(r"tried, [-\d :]{16}: 3 of 4 right", row("6.1").state)


@given(st.lists(st.integers(1, 9).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), min_size=1))
def test_the_best_is_the_first_of_the_best_and_the_last_is_the_last(tries):
    attempts = [Attempt(*some, f"2026-01-01T00:00:{k:02}+00:00") for k, some in enumerate(tries)]
    standing = Standing(attempts[0], attempts[0])
    for attempt in attempts[1:]:
        standing = standing.then(attempt)
    share = max(attempt.right / attempt.of for attempt in attempts)
    assert standing.best is next(a for a in attempts if a.right / a.of == share)
    assert standing.last is attempts[-1]


def test_what_asks_no_question_is_no_attempt(course):
    def stub(x, y, z):
        raise NotImplementedError()

    adcourse.check("6.1", stub)
    adcourse.check("6.1", "grad_xyz")
    assert row("6.1").state == "not yet"
    assert files(course) == set()


def test_text_names_every_problem_and_the_file(course):
    adcourse.check("6.1", right)
    assert repr(adcourse.progress()) == str(adcourse.progress())  # what a terminal shows
    lines = str(adcourse.progress()).splitlines()
    assert lines[0] == f"Progress, 1 of {adcourse.progress().of} points"
    assert "Assignment 6: Reverse mode, 1 of 16 points" in lines
    for problem in PROBLEMS.values():
        (line,) = [line for line in lines if line.split()[:1] == [problem.id]]
        assert problem.title in line
    assert str(course / NAME) in lines[-1]


class Table(html.parser.HTMLParser):
    """The cells by row; captions; every tag."""

    def __init__(self):
        super().__init__()
        self.rows, self.captions, self.tags, self.open = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("td", "th"):
            self.rows[-1].append(data)
        if self.open[-1] == "caption":
            self.captions.append(data)


def test_html_is_a_table_with_headings_and_every_state_in_words(course):
    adcourse.check("6.1", right)
    adcourse.check("6.2", lambda w1, w2: (0.0, 0.0))
    shown, page = adcourse.progress(), Table()
    page.feed(shown._repr_html_())
    assert page.open == []
    assert page.captions == [shown.heading]
    rows = [["Problem", "Points", "State"]]
    for part in shown.parts:
        rows += [[part.heading], *([f"{r.id} {r.title}", f"{r.points:g}", r.state] for r in part.rows)]
    assert page.rows == rows
    assert {a["scope"] for tag, a in page.tags if tag == "th"} == {"col", "rowgroup", "row"}


def test_folder_names_are_escaped(course, monkeypatch):
    monkeypatch.setenv("ADCOURSE_PROGRESS", "<b>&.json")
    assert "<b>" not in adcourse.progress()._repr_html_()
    assert "&lt;b&gt;&amp;.json" in adcourse.progress()._repr_html_()


# --- where it is kept --------------------------------------------------------------------------------------------


def test_without_a_course_around_it_lies_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.delenv("ADCOURSE_PROGRESS")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exercises").mkdir()  # alone it is any folder of that name
    adcourse.check("6.1", right)
    assert files(tmp_path) == {NAME}


def test_the_nearest_course_counts(course, monkeypatch):
    inner = course / "exercises" / "copy"
    for part in ("exercises/deep/deeper", "lectures"):
        (inner / part).mkdir(parents=True)
    monkeypatch.chdir(inner / "exercises/deep/deeper")
    adcourse.check("6.1", right)
    assert files(course) == {f"exercises/copy/{NAME}"}


@pytest.mark.parametrize("setting", ["mine.json", "folder", "~/mine.json", " mine.json "])
def test_the_environment_names_another_place(course, monkeypatch, setting):
    (course / "home").mkdir()
    work = Path.cwd()
    (work / "folder").mkdir()
    monkeypatch.setenv("HOME", str(course / "home"))
    monkeypatch.setenv("ADCOURSE_PROGRESS", setting)
    adcourse.check("6.1", right)
    expected = {"folder": work / "folder" / NAME, "~/mine.json": course / "home/mine.json"}
    assert files(course) == {expected.get(setting, work / "mine.json").relative_to(course).as_posix()}
    assert row("6.1").passed


@pytest.mark.parametrize("setting", ["off", "OFF", "0", "no", " off ", "false"])
def test_switched_off(course, monkeypatch, setting):
    monkeypatch.setenv("ADCOURSE_PROGRESS", setting)
    assert adcourse.check("6.1", right)
    assert row("6.1").state == "not yet"
    assert "off" in str(adcourse.progress())
    assert files(course) == set()


def test_an_empty_setting_is_none(course, monkeypatch):
    monkeypatch.setenv("ADCOURSE_PROGRESS", "")
    adcourse.check("6.1", right)
    assert files(course) == {NAME}


def test_a_link_stays_a_link(course):
    elsewhere = course / "synchronised"
    elsewhere.mkdir()
    (course / NAME).symlink_to(elsewhere / "p.json")
    for _ in range(2):
        adcourse.check("6.1", right)
    assert (course / NAME).is_symlink()
    assert row("6.1").passed
    assert (elsewhere / "p.json").is_file()


def test_removing_the_file_is_a_fresh_start(course):
    adcourse.check("6.1", right)
    (course / NAME).unlink()
    assert row("6.1").state == "not yet"
    adcourse.check("6.2", lambda w1, w2: (0.0, 0.0))
    assert row("6.1").state == "not yet"


def test_git_ignores_it():
    names = [NAME, f"exercises/ps06_reverse_mode/{NAME}", f"{NAME}.part", NAME.replace(".", "-unread.")]
    ignored = subprocess.run(["git", "check-ignore", *names], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ignored.stdout.split() == names


# --- damage ------------------------------------------------------------------------------------------------------

GOOD = {"right": 1, "of": 2, "when": "2026-01-31T12:00:00+01:00"}


def content(**problems):
    return json.dumps({"about": ABOUT, "problems": problems}).encode()


FOREIGN = {
    "empty": b"",
    "text": b"my shopping list",
    "not UTF-8": b"\xff\xfe\x00",
    "nested deep": b"[" * 200_000,
    "a list": b"[]",
    "a number": b"1e999",
    "null": b"null",
    "other JSON": b'{"cells": [], "nbformat": 4}',
    "another version": content().replace(b"version 1", b"version 2"),
    "no problems": json.dumps({"about": ABOUT, "problems": [1, 2]}).encode(),
    "huge": b'{"about": "' + b"x" * LARGEST + b'"}',
}
BAD_ENTRIES = {
    "null": None,
    "a text": "passed",
    "half": {"best": GOOD},
    "more": {"best": GOOD, "last": GOOD | {"more": 1}},
    "more right than asked": {"best": GOOD, "last": GOOD | {"right": 3}},
    "negative": {"best": GOOD, "last": GOOD | {"right": -1}},
    "of none": {"best": GOOD, "last": GOOD | {"right": 0, "of": 0}},
    "true": {"best": GOOD, "last": GOOD | {"right": True}},
    "halves": {"best": GOOD, "last": GOOD | {"right": 0.5}},
    "no time": {"best": GOOD, "last": GOOD | {"when": "soon"}},
    "a number for a time": {"best": GOOD, "last": GOOD | {"when": 5}},
    "the first year": {"best": GOOD, "last": GOOD | {"when": "0001-01-01T00:00:00+14:00"}},
}


def asides(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*unread*"))]


@pytest.mark.parametrize("raw", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_put_aside_whole(course, raw):
    (course / NAME).write_bytes(raw)
    assert "could be read" in adcourse.progress().note
    assert (course / NAME).read_bytes() == raw  # looking changes nothing
    result = adcourse.check("6.1", right)
    assert result
    assert "unread" in result.note
    assert asides(course) == [raw]
    assert row("6.1").passed
    assert "unread" not in adcourse.check("6.1", right).note


@pytest.mark.parametrize("bad", BAD_ENTRIES.values(), ids=BAD_ENTRIES)
def test_what_can_be_read_of_a_damaged_file_is_kept(course, bad):
    raw = content(**{"6.2": {"best": GOOD, "last": GOOD}, "6.3": bad})
    (course / NAME).write_bytes(raw)
    assert row("6.2").state.startswith("tried")
    assert row("6.3").state == "not yet"
    adcourse.check("6.1", right)
    assert asides(course) == [raw]
    assert row("6.1").passed and row("6.2").standing.best == Attempt(**GOOD)


def test_any_beginning_of_a_file_is_damaged_and_none_is_lost(course):
    adcourse.check("6.1", right)
    whole = (course / NAME).read_bytes()
    cuts = sorted({*range(0, len(whole), max(1, len(whole) // 12)), len(whole) - 1})
    for cut in cuts:
        (course / NAME).write_bytes(whole[:cut])
        adcourse.check("6.1", right)
        assert row("6.1").passed
    assert sorted(asides(course)) == sorted(whole[:cut] for cut in cuts)


def test_problems_of_another_version_of_the_course_stay(course):
    entry = {"best": GOOD, "last": GOOD}
    (course / NAME).write_bytes(content(**{"99.9": entry}))
    adcourse.check("6.1", right)
    assert json.loads((course / NAME).read_bytes())["problems"]["99.9"] == entry
    assert "99.9" not in str(adcourse.progress())
    assert asides(course) == []


# --- folders that can't be written -------------------------------------------------------------------------------


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="a folder where not even root can write")
def test_where_nothing_can_be_written_it_is_said_once(course, monkeypatch):
    monkeypatch.setenv("ADCOURSE_PROGRESS", "/proc/progress.json")
    first, second = adcourse.check("6.1", right), adcourse.check("6.1", right)
    assert first and second
    assert "ADCOURSE_PROGRESS" in first.note and "/proc/progress.json" in first.note
    assert "ADCOURSE_PROGRESS" not in second.note
    assert row("6.1").state == "not yet"


@pytest.mark.parametrize("there", ["a folder", "a pipe"])
def test_something_else_in_its_place_is_left_alone(course, there):
    if there == "a folder":
        (course / NAME / "work").mkdir(parents=True)
    elif hasattr(os, "mkfifo"):
        os.mkfifo(course / NAME)
    assert "ordinary file" in adcourse.check("6.1", right).note
    assert "can't be read" in adcourse.progress().note
    assert [path.name for path in course.glob("adcourse-*")] == [NAME]
    assert (course / NAME).is_dir() or (course / NAME).is_fifo()


READ_ONLY = """
import os, sys
import adcourse
import adcourse.grading.keeping, adcourse.grading.progress
adcourse.grading.examine("6.1", adcourse.check)  # all is imported while everything can still be read
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)
for k in range(2):
    result = adcourse.check("6.1", lambda x, y, z: (z, z, x + y))
    assert result and ("can't be kept" in result.note) == (k == 0), result
"""
NOWHERE = """
import os, sys
import adcourse
os.chdir(sys.argv[1])
os.rmdir(sys.argv[1])
assert adcourse.check("6.1", lambda x, y, z: (z, z, x + y))
assert "can't be read" in str(adcourse.progress())
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX's permissions")
@pytest.mark.parametrize("code", [READ_ONLY, NOWHERE], ids=["read-only", "removed"])
def test_a_folder_that_is_read_only_or_gone_and_no_home(tmp_path, code):
    """As an ordinary user, for nothing is read-only to root."""
    folder = tmp_path / "folder"
    folder.mkdir(0o555)
    env = {name: value for name, value in os.environ.items() if name not in ("HOME", "ADCOURSE_PROGRESS")}
    subprocess.run([sys.executable, "-c", code, folder], env=env, check=True, timeout=60)
    assert files(tmp_path) == set()


# --- several notebooks, and kills --------------------------------------------------------------------------------

WRITER = """
import sys
from adcourse.grading.keeping import record
from adcourse.grading.result import Line, Result
print("ready", flush=True)
sys.stdin.readline()
for k in range(int(sys.argv[2])):
    said = record(Result(f"{sys.argv[1]}.{k}", "Some", "said", lines=(Line("a question"),), passed=True)).note
    assert not said, said
"""


def writer(name, times):
    command = [sys.executable, "-c", WRITER, str(name), str(times)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def start(process):
    process.stdin.write("\n")
    process.stdin.flush()


def kept(course):
    known, whole = keeping._read(str(course / NAME))
    assert whole
    return set(known)


def test_notebooks_at_once_lose_nothing(course):
    writers = [writer(name, 60) for name in (101, 102, 103)]
    for process in writers:
        start(process)
    assert [process.wait(60) for process in writers] == [0, 0, 0]
    for process in writers:
        process.stdin.close(), process.stdout.close()
    assert kept(course) == {f"{name}.{k}" for name in (101, 102, 103) for k in range(60)}
    assert files(course) == {NAME}


def test_a_kill_at_any_moment_leaves_a_whole_file(course):
    rng = np.random.default_rng()
    record(result("6.1"))
    for name in range(201, 206):
        process = writer(name, 10_000)
        start(process)
        time.sleep(rng.uniform(0.0, 0.05))
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.wait(10)
        process.stdin.close(), process.stdout.close()
        before = kept(course)
        record(result(f"{name}.mine"))
        assert kept(course) == before | {f"{name}.mine"}
    assert files(course) == {NAME}


def test_what_a_killed_notebook_left_holds_nobody_up_for_long(course):
    (course / f"{NAME}.part").write_text("{")
    begun = time.monotonic()
    adcourse.check("6.1", right)
    assert time.monotonic() - begun < 20 * keeping.PATIENCE
    assert row("6.1").passed
    assert files(course) == {NAME}


def test_a_full_disk_keeps_what_was_there(course, monkeypatch):
    """The real thing: a limit on the size of files, as a full disk stops a write half way."""
    resource = pytest.importorskip("resource")
    adcourse.check("6.1", right)
    before = (course / NAME).read_bytes()
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        result = adcourse.check("6.1", wrong)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert "can't be kept" in result.note
    assert (course / NAME).read_bytes() == before
    assert files(course) == {NAME}
