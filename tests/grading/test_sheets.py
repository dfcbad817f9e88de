"""A sheet packs the questions without the answers: unpickled where there are no problems they ask the same."""

import json
import math
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse.grading.asking import Complaint
from adcourse.grading.diagnosis import Diagnosis, heard
from adcourse.grading.plain import Plain
from adcourse.grading.problems import all_problems
from adcourse.grading.sheet import sheet
from tests.grading.blocks import blocks, function

PROBLEMS = all_problems()

SANDBOX = """
import json, pickle, sys
sys.modules["adcourse.grading.problems"] = None  # whoever imports it gets an ImportError
import math, numpy as np
from adcourse.grading import asking, Node
from adcourse.grading.plain import Plain

def remote(place, args):
    message = json.dumps(["call", place, [[a.shape, [repr(n) for n in a.numbers]] for a in args]])
    print(message, file=sys.__stdout__, flush=True)
    kind, *said = json.loads(sys.stdin.readline())
    if kind == "stop":
        raise asking.Stopped(asking.Complaint(*said))
    return Plain(tuple(said[0]), tuple(map(number, said[1])))

def number(text):
    return complex(text) if "j" in text else int(text) if text.lstrip("-").isdigit() else float(text)

asking.REMOTE = remote
for line in sys.stdin:
    code, name, blob = json.loads(line)
    space = {"np": np, "math": math, "Node": Node}
    exec(compile(code, "<answer>", "exec"), space)
    for question in pickle.loads(bytes.fromhex(blob)):
        with asking.quiet(False):
            said = asking.ask(question, space[name])
        form = [said.shape, [repr(n) for n in said.numbers]] if isinstance(said, Plain) else list(said)
        print(json.dumps([type(said).__name__, *form]), flush=True)
    print(json.dumps(["end"]), flush=True)
"""


class Elsewhere:
    """A Python process that has no problems and answers questions."""

    def __init__(self):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "-c", SANDBOX], text=True, **pipes)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def send(self, *message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def answers(self, code, questions):
        from adcourse.grading.meters import Running

        running, answers = Running(questions.functions), []
        self.send(code, questions.problem.name, questions.blob.hex())
        while True:
            kind, *said = json.loads(self.process.stdout.readline())
            if kind == "end":
                return running.read(answers)
            if kind == "Complaint":
                answers.append(Complaint(*said))
            elif kind == "Plain":
                answers.append(numbers(*said))
            else:
                value = running.call(said[0], [numbers(*arg) for arg in said[1]])
                if isinstance(value, Complaint):
                    self.send("stop", *value)
                else:
                    self.send("value", value.shape, [repr(n) for n in value.numbers])


def numbers(shape, texts):
    read = [complex(t) if "j" in t else int(t) if t.lstrip("-").isdigit() else float(t) for t in texts]
    return Plain(tuple(shape), tuple(read))


@pytest.fixture(scope="module")
def elsewhere():
    with Elsewhere() as other:
        yield other


@pytest.mark.parametrize("id", [id for id in PROBLEMS if id not in ("6.3", "6.4")])
def test_questions_travel(elsewhere, id):
    """Right and wrong answers get the same judgement where the problems do not exist as in one process."""
    questions = sheet(id, 2026)
    for right in (True, False):
        block = random.choice([block for block in blocks() if block.id == id and block.right is right])
        there = questions.judged(elsewhere.answers(block.code, questions))
        assert there == questions.judged(questions.ask(function(PROBLEMS[id], block.code))), block
        assert there.passed is right, block


def test_an_overflow_in_a_function_that_is_called_back_warns_nobody(elsewhere):
    questions = sheet("13.3", 2026)
    (uphill,) = [block for block in blocks() if (block.id, block.name) == ("13.3", "uphill")]
    there = questions.judged(elsewhere.answers(uphill.code, questions))
    assert there == questions.judged(questions.ask(function(PROBLEMS["13.3"], uphill.code))) and "nan" in str(there)


# --- what comes back is hostile -------------------------------------------------------------------------------------

SECRET = "hidden question: 1.2345678"
ODD = [math.nan, math.inf, -math.inf, 1e308, -0.0, 10**300, 10**400, 1j, complex(math.nan, 1), 0.5, 1e-320, -1.0]
KINDS = ["", "form: x", f"raised {SECRET}: x", SECRET, "recursion"]
anything = st.one_of(
    st.builds(
        Complaint, st.just(SECRET), st.just(SECRET), st.sampled_from(["", "form: x", f"raised {SECRET}: x", SECRET])
    ),
    st.builds(
        lambda shape, numbers, cost: Plain(shape, tuple(numbers[: math.prod(shape)]), cost),
        st.sampled_from([(), (0,), (1,), (2,), (3,), (1, 3), (3, 1), (0, 3)]),
        st.lists(st.sampled_from(ODD) | st.floats(), min_size=3, max_size=3),
        st.just(()),
    ),
    st.none(),
)


@pytest.mark.parametrize("id", ["1.1", "1.5", "6.1", "6.3"])
@given(answers=st.lists(anything, max_size=40), lost=st.sampled_from(["", "time", "memory", "died", SECRET]))
@settings(max_examples=15, deadline=None)
def test_hostile_answers_earn_nothing_and_say_nothing(id, answers, lost):
    result = sheet(id, 11).judged(answers, lost)
    assert not result
    assert "1.2345678" not in str(result) + result._repr_html_()
    came = [a for a in answers if a is not None]
    asked = sheet(id, 11).probes[: len(came)]
    said = heard(asked, came[: len(asked)])
    if any(s.blamed for s in said):
        assert Diagnosis(PROBLEMS[id], asked).hint(said)
    assert result.hint
    assert result.message


def test_the_words_of_a_visible_question_repeat_no_number_either():
    """The code that answers it has seen the hidden ones."""
    questions = sheet("6.1", 3)
    result = questions.judged([Plain((3,), (1.2345678, 2.0, 3.0))] * len(questions.probes))
    assert "1.2345" not in str(result)
    assert "grad_xyz(-2, 5, -4): entry [0] of your answer is not right" in result.message


def test_what_can_not_be_called_is_told_how_it_is_called():
    """In a session nothing has looked at the answer before the questions are put to it."""
    questions = sheet("6.1", 3)
    for answer in (lambda x, y: 0, 3.0, None, float):
        assert "grad_xyz(x, y, z)" in questions.judged(questions.ask(answer)).hint


@pytest.mark.parametrize("lost", ["time", "memory", "died", "garbled", ""])
def test_answers_that_never_came_are_wrong(lost):
    questions = sheet("6.1", 3)
    answers = questions.ask(lambda x, y, z: (z, z, x + y))
    assert questions.judged(answers)
    assert not questions.judged(answers[:-1], lost)
    assert questions.judged([*answers, "more than asked"])


def test_a_sheet_is_kept():
    assert sheet("6.1", 3) is sheet("6.1", 3)
    assert [p.question for p in sheet("6.1", 3).probes][:2] == [p.question for p in PROBLEMS["6.1"].visible()]
