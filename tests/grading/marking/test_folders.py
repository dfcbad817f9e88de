"""Files and folders: what is read of a submission, what is written of a graded one, what is kept in private."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import stat
from datetime import datetime

import click
import pytest

from adcourse.grading.marking.course import Course
from adcourse.grading.marking.folder import Folders
from adcourse.grading.marking.records import Records
from adcourse.grading.marking.report import Report, Verdict
from adcourse.grading.marking.submissions import Submission, Unreadable, misnamed, strays

NAME = "ps06_reverse_mode"


@pytest.fixture
def course(tmp_path, repository, monkeypatch) -> Course:
    folder = tmp_path / "course"
    folder.mkdir()
    shutil.copy(repository / "nbgrader_config.py", folder)
    for place in ("solutions", "exercises"):
        shutil.copytree(repository / place / NAME, folder / place / NAME)
    monkeypatch.chdir(folder)
    return Course.find()


@pytest.fixture
def handed_in(course):
    place = course.path("submitted", "bo", NAME)
    (place / "data").mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_text("{}")
    (place / "data/table.csv").write_text("1,2\n")
    (place / "timestamp.txt").write_text("2030-01-01 10:00:00 UTC")
    (place / "secret").symlink_to("/etc/passwd")
    (place / "there").symlink_to("/etc")
    (place / "cached.pyc").touch()
    os.mkfifo(place / "pipe")
    return place


@pytest.mark.skipif(os.name == "nt", reason="makes links and pipes")
def test_only_ordinary_files_are_read(course, handed_in):
    submission = Submission.read("bo", handed_in, course.directory.ignore)
    assert set(submission.files) == {f"{NAME}.ipynb", "data/table.csv", "timestamp.txt"}
    assert submission.odd == ("pipe is no ordinary file", "secret is a link", "there is a link")
    assert submission.timestamp() == datetime(2030, 1, 1, 10)
    for name in ("secret", "pipe", "there", "gone"):
        with pytest.raises(Unreadable):
            submission.open(name)


@pytest.mark.parametrize("text", ["", "yesterday", "99999999999999-01-01", "\0", "2030-01-01 12:00:00 " * 1000])
def test_a_time_that_is_none_is_none(course, handed_in, text):
    (handed_in / "timestamp.txt").write_text(text)
    assert Submission.read("bo", handed_in).timestamp() is None


def test_the_digest_sees_every_change_and_nothing_else(course, handed_in):
    digest = lambda: Submission.read("bo", handed_in, course.directory.ignore).digest()
    seen = {digest()}
    os.utime(handed_in / "data/table.csv", (1, 1))
    assert digest() in seen
    for change in (
        lambda: (handed_in / "data/table.csv").write_text("1,3\n"),
        lambda: (handed_in / "data/table.csv").rename(handed_in / "table.csv"),
        lambda: (handed_in / "more.ipynb").touch(),
        lambda: (handed_in / "timestamp.txt").unlink(),
    ):
        change()
        assert digest() not in seen
        seen.add(digest())


def test_a_graded_folder_is_put_in_place_at_once(course, handed_in):
    folders, submission = Folders(course, NAME), Submission.read("bo", handed_in, course.directory.ignore)
    place = folders.place("bo")
    assert not folders.complete("bo", [NAME])
    with folders.ready(submission, {NAME: b"first"}):
        assert not place.exists()
    assert folders.complete("bo", [NAME])
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert files == {f"{NAME}.ipynb", "data/table.csv", "timestamp.txt"}
    assert stat.S_IMODE((place / f"{NAME}.ipynb").stat().st_mode) == 0o444  # as nbgrader leaves them
    with pytest.raises(RuntimeError), folders.ready(submission, {NAME: b"second"}):
        raise RuntimeError
    assert (place / f"{NAME}.ipynb").read_bytes() == b"first"
    with folders.ready(submission, {NAME: b"second"}):
        assert (place / f"{NAME}.ipynb").read_bytes() == b"first"
    assert (place / f"{NAME}.ipynb").read_bytes() == b"second"
    assert [path.name for path in place.parent.iterdir()] == [NAME]


def test_what_a_killed_grading_left_is_swept_away(course, handed_in):
    folders = Folders(course, NAME)
    place = folders.place("bo")
    for name in (NAME, f".{NAME}.part", f".{NAME}.old"):
        (place.parent / name).mkdir(parents=True)
    folders.sweep(["bo", "nobody"])
    assert [path.name for path in place.parent.iterdir()] == [NAME]


def test_the_teacher_s_files_replace_those_of_that_name_unless_excluded(course, handed_in):
    for name in ("table.csv", "own.csv"):
        course.path("source", ".", NAME).joinpath(name).write_text("the teacher's")
        (handed_in / name).write_text("the student's")
    course.config.Autograde.exclude_overwriting = {NAME: ["own.csv"]}
    folders = Folders(course, NAME)
    with folders.ready(Submission.read("bo", handed_in), {NAME: b""}) as place:
        pass
    assert (place / "table.csv").read_text() == "the teacher's"
    assert (place / "own.csv").read_text() == "the student's"


def test_files_larger_than_nbgrader_takes_stay_behind(course, handed_in):
    (handed_in / "large.bin").write_bytes(bytes(3000))
    (handed_in / "small.bin").write_bytes(bytes(900))
    (handed_in / "second.bin").write_bytes(bytes(900))
    course.directory.max_file_size, course.directory.max_dir_size = 1, 1
    with Folders(course, NAME).ready(Submission.read("bo", handed_in), {NAME: b""}) as place:
        pass
    assert [path.name for path in place.glob("*.bin")] == ["second.bin"]


@pytest.mark.parametrize("name", ["bo", "Zoë O'Neil", "李雷", "a+b", "x" * 100, "-rf", "a%20b", "<b>"])
def test_names_that_can_be_kept(name):
    assert misnamed(name) == ""


@pytest.mark.parametrize(
    "name, why",
    [
        (" bo", "space"), ("bo\n", "space"), ("b\no", "character"), ("a\x1b[2Jb", "character"), ("\udcff", "UTF-8"),
        ("x" * 101, "longer"), ("李" * 90, "longer"),
    ],
)  # fmt: skip
def test_names_that_can_not(name, why):
    assert why in misnamed(name)


def test_folders_named_after_no_assignment(course, handed_in):
    for name in ("bo/ps06_reverse_mod", "cy/holiday", "cy/ps06_reverse_mode"):
        course.path("submitted", ".", name).mkdir(parents=True)
    found = strays(course, [NAME, "ps01_slopes"])
    assert {os.path.basename(name): near for name, near in found.items()} == {"ps06_reverse_mod": NAME, "holiday": ""}


def test_the_seed_is_made_once_and_private(course):
    records = Records(course, NAME)
    seed = records.seed()
    assert records.seed() == Records(course, NAME).seed() == seed
    assert Records(course, "ps01_slopes").seed() != seed
    assert seed.bit_length() > 32
    assert stat.S_IMODE((records.folder / "seed").stat().st_mode) == 0o600
    assert stat.S_IMODE(records.folder.stat().st_mode) == stat.S_IMODE(records.folder.parent.stat().st_mode) == 0o700
    assert "hidden questions" in (records.folder / "README.txt").read_text()
    (records.folder / "seed").write_text("what?")
    with pytest.raises(click.ClickException, match="holds no number"):
        records.seed()


def test_reports_come_back_and_spoilt_ones_count_as_none(course):
    records = Records(course, NAME)
    mine = [
        Report(
            NAME, name, "Zoë", (Verdict("6.1", "Sum", 1, 0.5, "so <b>", notes=("n",)),), grades={"a": None, "b": 0.5}
        )
        for name in "ab"
    ]
    records.write("Zoë", mine)
    records.write("x" * 100, [])
    (records.folder / "reports" / "cy.json").write_text("[{}]")
    assert records.read("Zoë") == mine
    assert records.read("nobody") == records.read("cy") == []
    assert records.reports() == {"Zoë": mine}
    assert json.loads((records.folder / "reports" / "Zoë.json").read_text())[0]["student"] == "Zoë"


def _hold(folder, held):
    os.chdir(folder)
    with Records(Course.find(), NAME).lock():
        held.set()
        multiprocessing.Event().wait(60)


def test_one_grading_at_a_time_and_a_killed_one_is_none(course):
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    other = context.Process(target=_hold, args=(course.root, held))
    other.start()
    assert held.wait(60)
    records = Records(course, NAME)
    with pytest.raises(click.ClickException, match=f"being graded by process {other.pid} on"), records.lock():
        pass
    with Records(course, "ps01_slopes").lock():  # another assignment is free
        pass
    other.kill()
    other.join()
    (records.folder / "reports").mkdir(exist_ok=True)
    (records.folder / "reports" / ".bo.json.part").touch()
    with records.lock():
        assert not list(records.folder.rglob("*.part"))
    assert not (records.folder / "lock.holder").exists()
