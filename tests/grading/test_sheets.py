"""A sheet packs the questions without the answers: unpickled where there are no problems they ask the same."""

import json
import subprocess
import sys

import pytest

from adcourse.grading.asking import Complaint
from adcourse.grading.plain import Plain
from adcourse.grading.problems import all_problems
from adcourse.grading.sheet import sheet
from tests.grading.blocks import blocks

PROBLEMS = all_problems()

SANDBOX = """
import json, pickle, sys
sys.modules["adcourse.grading.problems"] = None  # whoever imports it gets an ImportError
import math, numpy as np
from adcourse.grading import asking, Node
from adcourse.grading.plain import Plain

def remote(place, args):
    print(json.dumps(["call", place, [[a.shape, [repr(n) for n in a.numbers]] for a in args]]), flush=True)
    kind, *said = json.loads(sys.stdin.readline())
    if kind == "stop":
        raise asking.Stopped(asking.Complaint(*said))
    return Plain(tuple(said[0]), tuple(complex(n) if "j" in n else float(n) for n in said[1]))

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
    return Plain(tuple(shape), tuple(complex(t) if "j" in t else float(t) for t in texts))


@pytest.fixture(scope="module")
def elsewhere():
    other = Elsewhere()
    yield other
    other.process.stdin.close()
    other.process.wait(10)
    other.process.stdout.close()


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_questions_travel(elsewhere, block, here):
    """Right and wrong answers get the same judgement where the problems do not exist as in one process."""
    questions = sheet(block.id, 2026)
    there = questions.judged(elsewhere.answers(block.code, questions))
    assert there == questions.judged(questions.ask(here(block)))
    assert there.passed is block.right
    assert block.hint in there.hint


@pytest.fixture
def here():
    from tests.grading.blocks import function

    return lambda block: function(PROBLEMS[block.id], block.code)
