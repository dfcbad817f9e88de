"""The page a student gets back: harmless whatever is in it, hides what is hidden, and says what the gradebook says."""

import base64
import copy
import json
import random
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse.grading.marking.feedback import page, read, write
from adcourse.grading.marking.gradesheet import gradesheet
from adcourse.grading.marking.pages import legible
from adcourse.grading.marking.prose import MATHML, SHAPE, prose
from tests.grading.blocks import cell, notebook
from tests.grading.marking.classroom import NAME, Classroom, filled, mixed, problems

PAYLOADS = [
    "<script>window.stolen = 1</script>",
    "<img src=x onerror=window.stolen=1>",
    "<svg onload=window.stolen=1><animate onbegin=window.stolen=1>",
    '"><iframe srcdoc="<script>parent.stolen=1</script>">',
    "</title></style></pre></textarea><script>window.stolen=1</script>",
    "<!-- <a href='javascript:window.stolen=1'>x</a> --> [x](javascript:window.stolen=1)",
    "![x](https://example.org/spy.png) <link rel=stylesheet href=https://example.org/x.css>",
    "$\\href{javascript:window.stolen=1}{x}$ $$\\style{background:url(https://example.org)}{y}$$ <math href=x>",
    "{{ 7 * 7 }}{% raw %} ${window.stolen=1} <%= 1 %>",
    "\x1b[31m\x1b]8;;https://example.org\x07link\x1b]8;;\x07\x1b[0m \x00\x08\x9b31m",
    "<base href=https://example.org/><meta http-equiv=refresh content='0;url=https://example.org'>",
    "<form action=https://example.org><input name=password autofocus onfocus=window.stolen=1>",
    "a" * 30_000,
    "\ud800 half a letter \u202e reversed \ufeff",
]


class Tags(HTMLParser):
    """The elements of a page, and everything that could fetch, run or submit something."""

    def __init__(self, content: str):
        super().__init__()
        self.tags, self.bad, self.text = [], [], []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        if tag != "span":  # colours of code
            self.tags.append((tag, *sorted(name for name, _ in attrs)))
        for name, value in attrs:
            fetches = name in ("src", "href", "action", "srcset", "data", "srcdoc", "style", "formaction")
            if name.startswith("on") or (fetches and not re.match(r"#[\w-]*$|data:image/png;base64,[\w+/=]+$", value)):
                self.bad.append((tag, name, value))

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    room = Classroom(tmp_path_factory.mktemp("course"))
    for k in range(3):
        room.add(f"student-{k}", mixed(k), first_name="Ada", last_name="Lovelace")
    yield room
    room.close()


def sheet_of(room):
    return gradesheet(room.course, NAME, room.reports)


def a_page(room, student, **kwargs):
    sheet = sheet_of(room)
    (row,) = sheet.of([student])
    found = kwargs.pop("notebook", None) or read(room.course.path("autograded", student, NAME) / f"{NAME}.ipynb")
    return page(sheet, row, room.frame, found, **kwargs)


def hostile(payload: str) -> dict:
    """A notebook in which everything that a student can write holds the payload."""
    given = copy.deepcopy(filled(mixed(0)))
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + payload.encode("utf-8", "replace")).decode()
    given.metadata.title = payload
    for k, item in enumerate(given.cells):
        item.metadata[payload] = payload
        if not item.metadata.get("nbgrader", {}).get("locked"):
            item.source = f"{payload}\n{item.source}" if k % 2 else payload
        if item.cell_type == "code":
            bundle = dict.fromkeys(("text/html", "text/plain", "image/svg+xml", "application/javascript"), payload)
            item.outputs = [
                {"output_type": "stream", "name": payload, "text": [payload, payload]},
                {"output_type": "display_data", "data": bundle, "metadata": {}},
                {"output_type": "display_data", "data": {"image/png": png, "text/latex": payload}, "metadata": {}},
                {"output_type": "error", "ename": payload, "evalue": payload, "traceback": [payload]},
                {"output_type": payload, "data": payload, "text": {"a": payload}},
                payload,
            ]
        else:
            item.attachments = {payload: {"image/svg+xml": payload}}
    given.cells += [payload, {"cell_type": payload, "source": payload}, {"cell_type": "raw", "source": [payload, 3]}]
    return json.loads(json.dumps(given))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: ascii(payload)[:30])
def test_nothing_a_student_writes_becomes_markup(room, payload):
    student = f"hostile-{zlib.crc32(payload.encode('utf-8', 'replace'))}"
    named = legible(payload).replace("\x00", "")[:100]
    notes = (f"Your file is called {payload}",)
    room.add(student, mixed(1), notebook=hostile(payload), notes=notes, first_name=named, last_name=named)
    room.comment(student, problems()[0], named)
    content = a_page(room, student)
    found = Tags(content)
    assert not found.bad
    assert {tag for tag, *_ in found.tags} <= ALLOWED
    assert content.count("<script") == 0
    content.encode()  # no half letters
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", content)


ATTRIBUTES = {"class", "tabindex", "role", "aria-label"}.union(*SHAPE.values())
PAGE = (
    "html head meta title style body header main footer a h1 h2 h3 h4 h5 h6 p bdi div span table caption thead tbody "
    "tfoot tr th td strong em ul ol li pre code figure img"
)
ALLOWED = set(PAGE.split()) | MATHML


def test_the_payload_is_there_to_be_read(room):
    """Escaped, not dropped: what a student wrote is what they see."""
    given = filled({})
    given.cells[0].update(cell_type="code", source=f"{PAYLOADS[0]} # and \u202e", metadata={}, outputs=[])
    room.add("reads", {}, notebook=given)
    assert f"{PAYLOADS[0]} # and ‹U+202E›" in "".join(Tags(a_page(room, "reads")).text)


fragments = st.lists(
    st.sampled_from([*"<>&\"'`=/;\\$_*[]()!#{}%\n\t\r\x1b\x00", "<b", "-->", "]]>", "\ud800", "π", "x"])
)


@given(fragments.map("".join))
def test_the_structure_of_a_page_does_not_depend_on_the_text(text):
    """Whatever stands in a source, an output or a comment, the elements of the page stay the same."""
    assert Tags(a_small_page(f"x{text}\nx")).tags == Tags(a_small_page("x")).tags


def a_small_page(text: str) -> str:
    from adcourse.grading.marking.frame import Frame
    from adcourse.grading.marking.gradesheet import Gradesheet, Item, Mark, Row
    from adcourse.grading.marking.report import Report, Verdict

    item = Item("ps06", "p6-1-test", 2.0, "6.1", "Title")
    given = Verdict("6.1", "Title", 2.0, 1.0, f"message {text}", f"hint {text}")
    report = Report("ps06", "ps06", "s", (given,), (f"note {text}",))
    row = Row(
        "s", f"first {text}", status="graded", marks={item: Mark(1.0, comment=text, verdict=given)}, reports=(report,)
    )
    cells = [
        {
            "cell_type": "code",
            "source": f"f = 1\n{text}",
            "outputs": [{"output_type": "stream", "text": f"out {text}"}],
        },
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "p6-1-solution"}}, "source": text, "outputs": []},
    ]
    return page(Gradesheet("ps06", (item,), (row,)), row, Frame("ps06", {}, ()), {"cells": cells})


@given(fragments.map("".join), st.sampled_from(PAYLOADS), st.booleans())
def test_prose_has_harmless_tags_only(text, payload, trusted):
    content = prose(f"{text}{payload[:500]}{text}&#8238;&#27;", trusted)
    found = Tags(content)
    assert {tag for tag, *_ in found.tags} <= ALLOWED | set(
        "blockquote details summary hr br b i u s del sub sup kbd dl dt dd".split()
    )
    assert not found.bad
    assert not [names for names in found.tags if set(names[1:]) - ATTRIBUTES]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", content)


@given(st.text(st.characters()) | fragments.map("".join))
def test_legible_text_has_no_control_characters(text):
    shown = legible(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", shown)
    assert legible(shown) == shown


def test_nothing_hidden_is_shown(room):
    """nbgrader's own autograding puts hidden tests back into the notebook, and what they print: none of it is shown."""
    given = notebook("solutions", "ps06")  # with every hidden test in its test cells
    solved = filled(dict.fromkeys(problems(), "# my own answer"))
    answers = {item.id: item.source for item in solved.cells}
    hidden = []
    for item in given.cells:
        if item.id.endswith("-solution"):
            item.source = answers[item.id]
        elif "BEGIN HIDDEN" in item.source:
            hidden += item.source.partition("BEGIN HIDDEN")[2].splitlines()[1:-1]
            item.outputs = [
                {"output_type": "stream", "name": "stdout", "text": "backward(secret 3.14159) is not 2.71828"}
            ]
    room.add("peeks", {}, notebook=json.loads(json.dumps(given)))
    text = "".join(Tags(a_page(room, "peeks")).text)
    hidden = {line.strip() for line in hidden} - {"", "assert verdict, verdict"}
    assert len(hidden) > 4
    assert not [line for line in hidden if line in text]
    assert "3.14159" not in text and "HIDDEN" not in text
    assert "# my own answer" in text


def test_a_test_cell_under_another_name_is_not_shown_either(room):
    given = filled({})
    given.cells[3].metadata = {"nbgrader": {"grade": True, "solution": False, "grade_id": "other", "locked": True}}
    given.cells[3].source = "examine('6.1', secret)"
    room.add("renamed", {}, notebook=json.loads(json.dumps(given)))
    assert "secret" not in a_page(room, "renamed")


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"cells": [[]]}', b'{"cells": 7}'])
def test_a_notebook_that_can_not_be_read_says_what_to_do(room, broken):
    student = f"broken-{zlib.crc32(broken)}"
    room.add(student, {}, notebook=broken)
    content = a_page(room, student)
    assert "could not be read" in content and "What to do" in content
    assert not Tags(content).bad


def test_the_reason_why_a_file_can_not_be_read_is_told_once():
    from adcourse.grading.marking.frame import Frame
    from adcourse.grading.marking.gradesheet import Gradesheet, Item, Mark, Row
    from adcourse.grading.marking.report import Report, Verdict

    item, why = Item("ps06", "p6-1-test", 2.0, "6.1", "Title"), "it is no notebook <at all>"
    given = Verdict("6.1", "Title", 2.0, 0.0, why, cell=item.cell)
    report = Report("ps06", "ps06", "s", (given,), trouble=why)
    row = Row("s", status="graded", marks={item: Mark(0.0, verdict=given)}, reports=(report,))
    rebuilt = {"cells": [{"cell_type": "code", "source": "as_released()", "metadata": {}}]}
    text = "".join(Tags(page(Gradesheet("ps06", (item,), (row,)), row, Frame("ps06", {}, ()), rebuilt)).text)
    assert text.count(why) == 1
    assert "What to do" in text and "as_released" not in text


def test_not_graded_yet_is_said(room):
    folder = room.course.path("submitted", "early", NAME)
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text("{}")
    sheet = sheet_of(room)
    (row,) = sheet.of(["early"])
    assert row.status == "ungraded"
    assert write(room.course, sheet, row, {NAME: room.frame}) == 1
    assert "not been graded yet" in (room.course.path("feedback", "early", NAME) / f"{NAME}.html").read_text()


def test_numbers_are_the_gradebook_s(room):
    """Scores given by hand, extra credit and the penalty for lateness; the total is nbgrader's."""
    rng = random.Random()
    room.add("late", mixed(2))
    by_hand, extra, unmarked = problems()[:3]
    room.grade("late", by_hand).manual_score = hand = rng.choice([0.25, 0.5, 0.75])
    room.grade("late", extra).extra_credit = more = rng.choice([1.5, 2.5])
    room.grade("late", unmarked).needs_manual_grade = True
    graded = room.gradebook.find_submission(NAME, "late")
    graded.notebooks[0].late_submission_penalty = penalty = 0.5
    room.gradebook.db.commit()
    room.gradebook.db.refresh(graded)
    text = " ".join(" ".join(Tags(a_page(room, "late")).text).split())
    number = lambda value: f"{value:.2f}".rstrip("0").rstrip(".")
    assert f"{number(hand)} of" in text and "marked by your teacher" in text
    assert f"Extra credit: {number(more)}" in text
    assert f"Handed in late −{number(penalty)}" in text
    assert f"Total {number(graded.score - penalty)} of {number(graded.max_score)}" in text
    assert "waiting for your teacher" in text


def test_reason_hint_and_comment_are_told_for_what_is_not_solved(room):
    wrong = {problem: mixed(0).get(problem, "") for problem in problems()}
    report = room.add("told", wrong, notes=["Your test cell 6.3 had been edited; graded with the original."])
    room.comment("told", "6.4", "See lecture 6,\nsecond half.")
    text = "".join(Tags(a_page(room, "told")).text)
    for verdict in report.verdicts:
        assert (verdict.hint in text) == (not verdict.passed) or not verdict.hint
        assert verdict.passed or verdict.message in text
    assert "See lecture 6,\nsecond half." in text
    assert "6.3 had been edited" in text


def test_the_same_bytes_again(room):
    sheet = sheet_of(room)
    (row,) = sheet.of(["student-1"])
    assert write(room.course, sheet, row, {NAME: room.frame}) == 1
    path = room.course.path("feedback", "student-1", NAME) / f"{NAME}.html"
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert write(room.course, sheet_of(room), row, {NAME: room.frame}) == 0
    assert before == (path.read_bytes(), path.stat().st_mtime_ns)
    assert [p.name for p in path.parent.iterdir() if p.name.endswith(".part")] == []


def test_a_picture_is_shown_and_a_bomb_is_not(room):
    from matplotlib.figure import Figure

    from adcourse.show import figure

    fig = Figure(figsize=(1, 1))
    good = figure(fig, alt="empty").png
    bomb = good[:16] + (60_000).to_bytes(4, "big") * 2 + good[24:]
    given = filled({})
    for data, item in zip((good, bomb), [c for c in given.cells if c.id.endswith("-solution")], strict=False):
        encoded = base64.encodebytes(data).decode()
        item.outputs = [{"output_type": "display_data", "data": {"image/png": encoded, "text/plain": "<Figure>"}}]
    room.add("draws", {}, notebook=json.loads(json.dumps(given)))
    content = a_page(room, "draws")
    (source,) = re.findall(r'src="data:image/png;base64,([^"]*)"', content)
    assert base64.b64decode(source) == good
    assert "&lt;Figure&gt;" in content


def test_an_endless_notebook_is_cut_and_says_so(room):
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 30_000}] * 3000
    given = {"cells": [{"cell_type": "code", "source": "x", "outputs": outputs, "metadata": {}}] * 900}
    content = a_page(room, "student-0", notebook=given)
    assert len(content) < 8_000_000
    assert "more cells are not shown" in content and "more characters are not shown" in content


@pytest.mark.slow
def test_nbgrader_releases_the_pages(tmp_path):
    room = Classroom(tmp_path, config=f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    for student in ("ada", "bo"):
        room.add(student, mixed(1))
    sheet = sheet_of(room)
    for row in sheet.rows:
        write(room.course, sheet, row, {NAME: room.frame})
    room.close()
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "release_feedback", NAME], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    from nbgrader.utils import notebook_hash

    for student in ("ada", "bo"):
        secret = notebook_hash(secret=f"secret of {student}", notebook_id=NAME)
        released = tmp_path / "exchange" / "adcourse" / "feedback" / f"{secret}.html"
        assert released.read_bytes() == (room.course.path("feedback", student, NAME) / f"{NAME}.html").read_bytes()


def test_cell_ids_make_anchors_that_are_unique(room):
    content = a_page(room, "student-0")
    ids = re.findall(r'id="([^"]*)"', content)
    assert len(set(ids)) == len(ids)
    assert {f"cell-{cell(problem)}" for problem in problems()} <= set(ids)
    assert set(re.findall(r'href="#([^"]*)"', content)) <= set(ids)
