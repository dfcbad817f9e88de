"""One notebook through the real engine: what it earns, what is said below it, what the gradebook will have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from adcourse.grading.marking.campaign import Outcome
from adcourse.grading.marking.commands_grade import tell
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.mark import NO_RESPONSE, mark, questions
from adcourse.grading.marking.runner import Runner
from adcourse.grading.problems import all_problems
from tests.grading.blocks import ROOT, blocks, cell

from .campaigns import NAME

SEED = 20_261


@pytest.fixture(scope="module")
def runner():
    with Runner(preload=("numpy", "adcourse")) as runner:
        yield runner


@pytest.fixture(scope="module")
def frame():
    return Frame.read(ROOT / "exercises" / NAME / f"{NAME}.ipynb")


def filled(answers: dict[str, str], more: Mapping[str, str] = {}, where: str = "exercises") -> bytes:
    """The released notebook with answers by problem, and code in cells of the student's own at the end."""
    notebook = json.loads((ROOT / where / NAME / f"{NAME}.ipynb").read_text())
    texts = {cell(id): code for id, code in answers.items()}
    for one in notebook["cells"]:
        one["source"] = texts.get(one["id"], one["source"])
    notebook["cells"] += [
        {"cell_type": "code", "id": id, "metadata": {}, "source": code, "outputs": [], "execution_count": None}
        for id, code in more.items()
    ]
    return json.dumps(notebook).encode()


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    notebook = json.loads((ROOT / "solutions" / NAME / f"{NAME}.ipynb").read_text())
    solved = {one["id"]: one["source"] for one in notebook["cells"]}
    return {id: solved[cell(id)] for id in all_problems() if id.startswith("6.")}


def test_all_right(runner, frame, reference):
    report, shown = mark(frame, filled(reference), runner, SEED)
    assert (report.score, report.points) == (16, 16)
    assert report.grades == {one.key: one.points for one in frame.tests}
    assert set(report.comments.values()) == {None}
    assert not report.trouble and not report.notes
    notebook = nbformat.reads(shown.decode(), 4)
    nbformat.validate(notebook)
    sources = {one.id: one.source for one in notebook.cells}
    assert all(sources[one.id] == one.source for one in frame.tests)


def test_all_as_released(runner, frame):
    report, _ = mark(frame, filled({}), runner, SEED)
    assert report.score == 0
    assert set(report.grades.values()) == {0.0}
    assert set(report.comments.values()) == {NO_RESPONSE}
    assert all("empty stub" in verdict.message for verdict in report.verdicts)


def test_a_wrong_answer_costs_its_own_points_and_is_explained(runner, frame, reference):
    for id in reference:
        wrong = next(block for block in blocks() if block.id == id and not block.right)
        report, _ = mark(frame, filled({**reference, id: wrong.code}), runner, SEED)
        (failed,) = [verdict for verdict in report.verdicts if not verdict.passed]
        assert failed.id == id
        assert wrong.hint in failed.hint
        test = next(one for one in frame.tests if one.asks[0].problem == id)
        assert report.grades[test.key] == failed.score == 0.0
        assert report.score == 16 - failed.points == 16 - test.points
        assert report.comments[test.answer] == f"{id}: {failed.message} {failed.hint}"
        assert sum(comment is not None for comment in report.comments.values()) == 1


def test_an_answer_repaired_or_given_elsewhere_counts(runner, frame, reference):
    stub, wrong = "def grad_xyz(x, y, z):\n    raise NotImplementedError()", "def mipt_grads(w1, w2): return w1, w2"
    report, _ = mark(
        frame,
        filled({**reference, "6.1": stub, "6.2": wrong}, {"a": reference["6.1"], "b": reference["6.2"]}),
        runner,
        SEED,
    )
    assert report.score == 16


def test_an_answer_spoilt_later_counts_where_it_was_given(runner, frame, reference):
    report, _ = mark(frame, filled(reference, {"a": "grad_xyz = mipt_grads = None"}), runner, SEED)
    assert report.score == 16


def test_no_answer_of_that_name(runner, frame, reference):
    report, _ = mark(frame, filled({**reference, "6.1": "def gradxyz(x, y, z): return z, z, x + y"}), runner, SEED)
    (failed,) = [verdict for verdict in report.verdicts if not verdict.passed]
    assert "there is no grad_xyz" in failed.message


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\x00\xff" * 99, b"[1]", b'{"cells": []}'])
def test_what_can_not_be_read_earns_nothing_and_says_why(runner, frame, content):
    report, shown = mark(frame, content, runner, SEED)
    assert report.trouble
    assert report.score == 0 and set(report.grades.values()) == {0.0}
    assert all(verdict.message == report.trouble for verdict in report.verdicts)
    nbformat.validate(nbformat.reads(shown.decode(), 4))


def test_why_there_is_no_file_is_the_reason_given(runner, frame):
    report, _ = mark(frame, b"", runner, SEED, missing="It was not handed in.")
    assert report.trouble == report.verdicts[0].message == "It was not handed in."


def test_missing_isolation_is_said(frame, reference, capsys):
    """In the report, and once in the summary."""
    with Runner(preload=("numpy", "adcourse"), mode="bare") as bare:
        report, _ = mark(frame, filled(reference), bare, SEED)
    assert report.score == 16
    assert report.isolation
    course = SimpleNamespace(directory=SimpleNamespace(autograded_directory="graded"))
    tell(Outcome(NAME, graded=["bo"], isolation={report.isolation, ""}, by_hand=["p9-1-test"]), course)
    said = capsys.readouterr().out
    assert "give their points in formgrader: p9-1-test" in said
    assert f"Isolation: {report.isolation}" in said
    assert "ran isolated" not in said


def test_the_seed_alone_draws_the_questions(runner, frame, reference):
    answers = {**reference, "6.1": "def grad_xyz(x, y, z): return 1, 1, x + y"}
    one, _ = mark(frame, filled(answers), runner, SEED)
    other, _ = mark(frame, filled(answers), runner, SEED)
    assert one.verdicts == other.verdicts
    assert questions("6.1", 1).blob != questions("6.1", 2).blob
    assert questions("6.1", 1).seed != questions("6.2", 1).seed


def test_nothing_hidden_is_told(runner, frame):
    """An answer that says its arguments, loudly, to everything it can reach."""
    tell = "def grad_xyz(x, y, z):\n    print('told', x, y, z)\n    raise ValueError(f'told {x} {y} {z}')"
    report, shown = mark(frame, filled({"6.1": tell}), runner, SEED)
    said = report.to_json() + shown.decode()
    sheet = questions("6.1", SEED)
    hidden = []
    for probe in sheet.probes[1:]:
        probe.ask(lambda *args: hidden.extend(args) or args)
    numbers = [number for number in hidden if number not in (-2.0, 5.0, -4.0) and number != int(number)]
    assert len(numbers) > 3
    assert not any(str(float(number))[:7] in said for number in numbers)


def test_cells_for_a_person(runner, tmp_path):
    """A written answer left alone earns nothing, a changed one waits for a person; so does a test written by hand."""
    marks = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    make = lambda kind, id, source, **own: (
        {"cell_type": kind, "id": id, "source": source, "metadata": {"nbgrader": marks | {"grade_id": id} | own}}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
    )
    cells = [
        make("code", "answer", "def f(x):\n    raise NotImplementedError()", solution=True),
        make("code", "by-hand", "assert f(1) == 2", grade=True, locked=True, points=2),
        make("markdown", "essay", "Write here", grade=True, solution=True, points=3),
        make("markdown", "task", "Draw it", task=True, locked=True, points=1),
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = Path(tmp_path, "hand.ipynb")
    path.write_text(json.dumps(notebook))
    frame = Frame.read(path)
    report, _ = mark(frame, path.read_bytes(), runner, SEED)
    assert report.grades == {"by-hand": None, "essay": 0.0}
    assert report.comments == {"answer": NO_RESPONSE, "essay": NO_RESPONSE, "task": None}
    cells[2]["source"] = "I think so."
    report, _ = mark(frame, json.dumps(notebook).encode(), runner, SEED)
    assert report.grades == {"by-hand": None, "essay": None}
    assert report.comments["essay"] is None


def test_data_released_with_the_notebook_lies_beside_it(runner, frame, reference):
    more = {"a": "print('read', open('table.csv').read())"}
    _, shown = mark(frame, filled(reference, more), runner, SEED, {"table.csv": b"1,2,3"})
    assert "read 1,2,3" in shown.decode()
