"""The commands as a teacher types them, in the folder of a course."""

import csv
import io
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


def test_report_writes_its_tables_beside_the_feedback(room):
    answer = run(room, "report", "ps06")
    assert answer.exit_code == 0, answer.output
    folder = room.folder / "build" / "report" / NAME
    pages = {"grades.csv", "canvas.csv", "moodle.csv", "statistics.html", "similar.html", "plots"}
    assert {p.name for p in folder.iterdir()} == pages
    assert "Number" not in (folder / "statistics.html").read_text()
    (header, *rows) = csv.reader(io.StringIO((folder / "grades.csv").read_text(), newline=""))
    assert [line[0] for line in rows] == ["absent", *(f"s{k}" for k in range(8))]
    for line in rows[1:]:
        graded = room.gradebook.find_submission(NAME, line[0])
        assert float(line[header.index("total")]) == graded.score
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    run(room, "report", "ps06")
    assert before == {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_report_fills_in_the_file_of_canvas(room, tmp_path):
    path = tmp_path / "exported.csv"
    path.write_text("Student,ID,SIS Login ID,Section,ps06_reverse_mode (7)\nA,1,s2,X,\nB,2,who,X,\n")
    answer = run(room, "report", "ps06", "--canvas", str(path), "--to", str(tmp_path / "out"))
    assert answer.exit_code == 0, answer.output
    rows = list(csv.reader((tmp_path / "out" / "canvas.csv").read_text().splitlines()))
    assert float(rows[1][4]) == room.gradebook.find_submission(NAME, "s2").score
    assert rows[2] == ["B", "2", "who", "X", ""]
    assert "canvas.csv: left as they were" in answer.output and "B" in answer.output


@pytest.mark.parametrize(
    "words, said",
    [
        (["feedback", "ps06", "nobody"], "nobody called nobody"),
        (["feedback", "ps06", "absent"], "nothing to give back"),
        (["feedback", "ps99"], "no assignment 'ps99'"),
        (["feedback"], "Missing argument"),
        (["report", "ps06", "--canvas", "no such file"], "does not exist"),
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
