"""Every kind of answer: functions, classes, values, dicts, words, integers, costs, random draws; right and wrong."""

import importlib.util
import re
import secrets
import sys
from pathlib import Path

import pytest

from adcourse.grading.sheet import Sheet
from tests.grading import blocks
from tests.grading.test_separation import leaks
from tests.grading.test_sheets import Elsewhere

HERE = Path(__file__).parent
NAME = "adcourse.grading.problems.kinds"
spec = importlib.util.spec_from_file_location(NAME, HERE / "kinds.py")
kinds = sys.modules[NAME] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kinds)

PROBLEMS = {problem.id: problem for problem in kinds.PROBLEMS}
_, *PARTS = re.split(r"(?m)^# %% (\S+) (right|wrong): (.*)$", (HERE / "answers" / "kinds.py").read_text())
ANSWERS = [
    blocks.Block(id, verdict == "right", *map(str.strip, (title + "|").split("|")[:2]), code)
    for id, verdict, title, code in zip(*[iter(PARTS)] * 4, strict=True)
]


@pytest.fixture(scope="module")
def elsewhere():
    with Elsewhere() as other:
        yield other


@pytest.fixture(scope="module")
def sheets():
    return {id: Sheet(problem, secrets.randbits(40)) for id, problem in PROBLEMS.items()}


@pytest.mark.parametrize("block", ANSWERS, ids=str)
def test_every_kind_of_answer(elsewhere, sheets, block):
    """Judged where the problems do not exist as in one process; right ones pass, wrong ones get their hint."""
    sheet = sheets[block.id]
    here = sheet.judged(sheet.ask(blocks.function(sheet.problem, block.code)))
    assert here.passed is block.right, (sheet.seed, here)
    assert block.hint in here.hint, (sheet.seed, here)
    if "np.random.randint" not in block.code and "never ends" not in block.name:
        assert sheet.judged(elsewhere.answers(block.code, sheet)) == here


def test_every_kind_has_right_and_wrong_answers():
    assert {(block.id, block.right) for block in ANSWERS} == {(id, right) for id in PROBLEMS for right in (True, False)}


@pytest.mark.parametrize("id", PROBLEMS)
def test_known_mistakes_are_told_apart(sheets, id):
    sheet = sheets[id]
    for mistake in PROBLEMS[id].mistakes:
        result = sheet.judged(sheet.ask(mistake.code))
        assert not result
        assert result.hint == mistake.hint, (sheet.seed, result)


@pytest.mark.parametrize("id", ["90.1", "90.8", "90.13"])
def test_questions_of_every_kind_keep_their_answers_to_themselves(sheets, id):
    right = next(block.code for block in ANSWERS if block.id == id and block.right)
    assert not leaks(sheets[id], right)
