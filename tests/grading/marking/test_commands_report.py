"""The commands as a teacher types them, in the folder of a course."""

import os

import pytest
from click.testing import CliRunner

from adcourse.cli import main
from adcourse.grading.marking.records import Records
from tests.grading.marking.classroom import NAME, Classroom, mixed


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    room = Classroom(tmp_path_factory.mktemp("course"))
    for k in range(8):
        room.add(f"s{k}", mixed(k), first_name="Ada", last_name=f"Number {k}", email=f"s{k}@example.org")
    room.gradebook.add_student("absent")
    for student, reports in room.reports.items():
        Records(room.course, NAME).write(student, list(reports))
    yield room
    room.close()


def run(room, *words: str):
    before = os.getcwd()
    os.chdir(room.folder)
    try:
        return CliRunner().invoke(main, words)
    finally:
        os.chdir(before)


def test_feedback_for_everybody_then_for_nobody(room):
    first = run(room, "feedback", "ps06")
    assert first.exit_code == 0, first.output
    assert "8 students: 8 pages new or changed" in first.output
    pages = sorted((room.folder / "build" / "feedback").rglob("*.html"))
    assert [p.parts[-3] for p in pages] == [f"s{k}" for k in range(8)]
    assert "8 students: 0 pages new" in run(room, "feedback", "ps06").output


def test_feedback_for_one_whose_mark_changed(room):
    run(room, "feedback", "ps06")
    room.grade("s3", "6.4").manual_score = 2.5
    room.gradebook.db.commit()
    again = run(room, "feedback", "ps06", "s3", "s4")
    assert "2 students: 1 pages new or changed" in again.output


@pytest.mark.parametrize(
    "words, said",
    [
        (["feedback", "ps06", "nobody"], "nobody called nobody"),
        (["feedback", "ps06", "absent"], "nothing to give back"),
        (["feedback", "ps99"], "no assignment 'ps99'"),
        (["feedback"], "Missing argument"),
    ],
)
def test_errors_teach(room, words, said):
    answer = run(room, *words)
    assert answer.exit_code != 0
    assert said in answer.output
    assert "Traceback" not in answer.output


def test_nothing_graded_yet(tmp_path, repository):
    import shutil

    shutil.copy(repository / "nbgrader_config.py", tmp_path)
    shutil.copytree(repository / "exercises" / NAME, tmp_path / "exercises" / NAME)
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        answer = CliRunner().invoke(main, ["feedback", "ps06"])
    finally:
        os.chdir(before)
    assert answer.exit_code == 1
    assert "nothing of ps06_reverse_mode has been graded yet" in answer.output
    assert "adcourse grade ps06_reverse_mode" in answer.output
    assert not (tmp_path / "build" / "gradebook.db").exists()
