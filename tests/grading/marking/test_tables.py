"""Tables that a spreadsheet, Canvas and Moodle read back as they were meant."""

import csv
import io
from datetime import datetime

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse.grading.marking import lms
from adcourse.grading.marking.gradesheet import Gradesheet, Item, Mark, Row
from adcourse.grading.marking.report import Verdict
from adcourse.grading.marking.tables import text, wide, written

ITEMS = (
    Item("ps06", "p6-1-test", 2.0, "6.1", "Back-propagate"),
    Item("ps06", "p6-2-test", 4.0, "6.2", "The sweep"),
    Item("ps06", "essay", 3.0, "", "essay"),
)
ODD = [
    '=cmd|"/c calc"!A1',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "a,b;c\td",
    'say "hi"',
    "two\nlines",
    "Łukasz 李 ñ",
    "",
]


def verdict(item: Item, score: float, said: str = "wrong") -> Verdict:
    return Verdict(item.problem, item.title, item.points, score, said, "Look at the edge.", ("limit met",), item.cell)


def row(student: str, *scores, status="graded", said="wrong", **about) -> Row:
    marks = {
        item: Mark(score, verdict=verdict(item, score or 0.0, said) if item.problem else None)
        for item, score in zip(ITEMS, scores, strict=False)
    }
    return Row(student, status=status, marks=marks, **about)


def sheet(*rows: Row) -> Gradesheet:
    return Gradesheet("ps06_reverse_mode", ITEMS, rows)


CLASS = sheet(
    row("ada", 2.0, 1.0, 3.0, first="Ada", last="Lovelace", email="ada@example.org", lms="101", penalty=0.5),
    row("bo", 0.0, 4.0, 1 / 3, first="Bo", last="O'Neill, Jr", email="Bo@Example.org", lms="102"),
    row("cy", 2.0, 4.0, None, first="Cy", last="Ng", email="cy@example.org", lms="103", status="waiting"),
    Row("di", first="Di", last="Absent", email="di@example.org", lms="104"),
    Row("ed", first="Ed", last="Early", email="ed@example.org", lms="105", status="ungraded"),
)


def parsed(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


def test_a_column_a_problem():
    header, *rows = parsed(written(wide(CLASS)))
    table = {one["student_id"]: one for one in (dict(zip(header, cells, strict=True)) for cells in rows)}
    assert header[7:10] == ["6.1", "6.2", "essay"]
    assert [table["ada"][name] for name in ("6.1", "6.2", "essay", "score", "late_penalty", "total", "max_score")] == [
        "2", "1", "3", "6", "0.5", "5.5", "9",
    ]  # fmt: skip
    assert float(table["bo"]["essay"]) == pytest.approx(1 / 3, abs=1e-9)
    assert (table["cy"]["essay"], table["cy"]["status"], table["cy"]["total"]) == ("", "waiting", "6")
    assert (table["di"]["6.1"], table["di"]["status"], table["di"]["total"]) == ("", "nothing", "0")
    assert (table["ed"]["6.1"], table["ed"]["status"], table["ed"]["total"]) == ("", "ungraded", "")


def test_reasons_beside_the_points():
    header, ada, *_ = wide(CLASS, reasons=True)
    told = dict(zip(header, ada, strict=True))
    assert told["6.1 reason"] == ""  # solved
    assert told["6.2 reason"] == "wrong\nLook at the edge."
    assert told["6.2 notes"] == "limit met"


@pytest.mark.parametrize("odd", ODD)
def test_odd_texts_come_back_and_are_no_formulas(odd):
    one = row("s", 2.0, 1.0, 3.0, first=odd, last=odd, email=odd, said=odd, timestamp=datetime(2026, 11, 19))
    for rows in (wide(sheet(one), reasons=True), lms.canvas(sheet(one)).rows, lms.moodle(sheet(one)).rows):
        back = parsed(written(rows))
        assert back == rows
        assert not [c for line in back for c in line if c.lstrip()[:1] in {*"=+-@"}]
    header, cells = wide(sheet(one), reasons=True)
    shown = dict(zip(header, cells, strict=True))["last_name"].removeprefix("'")
    assert shown == odd


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), min_size=1))
def test_every_text_survives_the_file(rows):
    cleaned = [[text(cell) for cell in line] for line in rows]
    assert parsed(written(cleaned)) == cleaned
    assert parsed(written(cleaned, ";", excel=True), ";") == cleaned


# ------------------------------------------------------------------------------------------------------------- Canvas

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Reverse mode (881),ps06_reverse_mode (882),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,10,9,(read only)
"Lovelace, Ada",101,u1,ada,S1,7,,77.5
"O'Neill, Jr, Bo",,,BO@example.org,S1,,3,50
"Ng, Cy",103,,,S2,1,2,
"Absent, Di",104,,,S2,,8.5,
"Stranger, Sam",999,,sam,S2,4,5,6
"Student, Test",555,,feed,S1,,,
"""


def test_canvas_gets_its_own_file_back_with_the_marks(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text(CANVAS, encoding="utf-8-sig")
    given = parsed(path.read_bytes())
    file = lms.canvas(CLASS, path)
    back = parsed(file.content())
    marks = {line[0]: line[6] for line in back[3:]}
    assert marks == {
        "Lovelace, Ada": "5.5", "O'Neill, Jr, Bo": "4.333333333", "Ng, Cy": "2", "Absent, Di": "8.5",
        "Stranger, Sam": "5", "Student, Test": "",
    }  # fmt: skip
    assert [line[:6] + line[7:] for line in back] == [line[:6] + line[7:] for line in given]
    notes = "\n".join(file.notes)
    assert "Stranger, Sam" in notes and "Student, Test" in notes
    assert "not in that file: ed" in notes
    assert "left as they were: cy" in notes


def test_canvas_zero_for_who_handed_in_nothing(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text(CANVAS)
    back = lms.canvas(CLASS, path, zero=True).rows
    assert {line[0]: line[6] for line in back}["Absent, Di"] == "0"


def test_canvas_a_column_by_name_and_one_that_is_not_there(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text(CANVAS.replace("ps06_reverse_mode (882)", "Homework (882)"))
    file = lms.canvas(CLASS, path, column="homework")
    assert file.rows[3][6] == "5.5"
    file = lms.canvas(CLASS, path)
    assert file.rows[0][-1] == "ps06_reverse_mode" and file.rows[2][-1] == "9" and file.rows[3][-1] == "5.5"
    assert "one was added" in file.notes[0]
    with pytest.raises(click.ClickException, match="Homework"):
        lms.canvas(CLASS, path, column="Final Score")


def test_canvas_other_points_are_said(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text(CANVAS.replace("10,9,", "10,20,"))
    assert any("Canvas counts 20 points" in note for note in lms.canvas(CLASS, path).notes)


def test_canvas_semicolons_and_two_students_who_could_be_meant(tmp_path):
    path = tmp_path / "grades.csv"
    semicolons = lms.Export(parsed(CANVAS.encode()), ";")
    semicolons.rows[3][1:4] = ["101", "", "bo"]  # Ada's number, Bo's login
    path.write_bytes(semicolons.content())
    file = lms.canvas(CLASS, path)
    assert file.delimiter == ";"
    assert parsed(file.content(), ";")[3][6] == ""
    assert "Lovelace, Ada (ada and bo)" in "\n".join(file.notes)


def test_canvas_made_anew_has_the_form_that_canvas_reads():
    """Names in the order that its importer looks them up: the section last, then the assignment; a row of points."""
    header, possible, *rows = lms.canvas(CLASS).rows
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ps06_reverse_mode"]
    assert possible[0].strip() == "Points Possible" and possible[5] == "9"
    assert rows[0] == ["Lovelace, Ada", "101", "", "ada", "", "5.5"]
    assert [line[5] for line in rows] == ["5.5", "4.333333333", "", "", ""]


# ------------------------------------------------------------------------------------------------------------- Moodle

MOODLE = """\
Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 11","Ada Lovelace",,ada@example.org,"Submitted for grading",,9.00,Yes,"Monday, 1 January",-,
"Participant 12","Bo O'Neill",102,,"Submitted for grading",1.00,9.00,Yes,-,-,"Seen in class"
"Participant 13","Sam Stranger",,sam@example.org,"No submission",,9.00,Yes,-,-,
"""


def test_moodle_gets_its_worksheet_back_with_marks_and_comments(tmp_path):
    path = tmp_path / "worksheet.csv"
    path.write_text(MOODLE, encoding="utf-8")
    given = parsed(path.read_bytes())
    file = lms.moodle(CLASS, path)
    back = parsed(file.content())
    assert [line[5] for line in back[1:]] == ["5.5", "4.333333333", ""]
    assert [line[:5] + line[6:10] for line in back] == [line[:5] + line[6:10] for line in given]
    assert back[1][10] == "6.2 The sweep: wrong<br>Look at the edge."
    assert back[2][10] == "Seen in class"  # what a person wrote stays
    assert "Participant 13" in "\n".join(file.notes)


def test_moodle_comments_are_text_in_html(tmp_path):
    one = row("ada", 0.0, 0.0, 0.0, email="ada@example.org", said="<script>&")
    path = tmp_path / "worksheet.csv"
    path.write_text(MOODLE)
    assert "&lt;script&gt;&amp;" in lms.moodle(sheet(one), path).rows[1][10]


def test_moodle_made_anew():
    header, ada, *_ = lms.moodle(CLASS).rows
    assert header[2:6] == ["ID number", "Email address", "Grade", "Feedback comments"]
    assert ada[:5] == ["Ada", "Lovelace", "101", "ada@example.org", "5.5"]


@pytest.mark.parametrize("read", [lms.canvas, lms.moodle])
@pytest.mark.parametrize(
    "content, words",
    [(b"", "empty"), (b"a,b\n1,2\n", "does not look like"), (b'a,"b\n', "can't be read"), (b"\xff\xfea\x00", "UTF-8")],
)
def test_other_files_are_refused_with_a_reason(tmp_path, read, content, words):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(click.ClickException, match=words):
        read(CLASS, path)
