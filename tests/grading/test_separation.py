"""Nothing that leads to an answer travels with the questions: walked mechanically, for every problem."""

import json
import math
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from adcourse.grading import problems
from adcourse.grading.plain import Plain
from adcourse.grading.problems import all_problems
from adcourse.grading.sheet import Sheet
from tests.grading.blocks import blocks, function
from tests.grading.spy import Reached

PROBLEMS = all_problems()
FIRST = {}  # the first right answer to each problem
for block in blocks():
    if block.right:
        FIRST.setdefault(block.id, block)


def spied(code, sheet):
    message = json.dumps([code, sheet.problem.name, sheet.blob.hex()])
    run = subprocess.run(
        [sys.executable, Path(__file__).with_name("spy.py")], input=message, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    codes, executed, held = json.loads(run.stdout)
    return {tuple(c) for c in codes}, {tuple(c) for c in executed}, [{complex(*n) for n in row} for row in held]


def telling(number) -> bool:
    """Not one of the numbers that turn up by chance, such as 4 or 0.5."""
    return math.isfinite(number) and abs(64 * number - round(64 * number)) > 1e-6


def leaks(sheet, code):
    """What of the answers can be reached: code that no question needs, or numbers of a right answer."""
    codes, executed, held = spied(code, sheet)
    found = {c for c in codes - executed if not c[0].endswith("__init__")}
    secret = [[mistake.code for mistake in sheet.problem.mistakes], [type(probe.judge) for probe in sheet.probes]]
    found |= codes & set(Reached(secret, through_globals=False).codes)
    answers = sheet.ask(function(sheet.problem, code))
    for answer, numbers in zip(answers, held, strict=True):
        assert isinstance(answer, Plain)
        right = [n for n in answer.numbers if not isinstance(n, complex) and telling(n)]
        found |= {n for n in right if any(abs(n - m) <= 1e-9 * abs(n) for m in numbers)}
    return found


@pytest.mark.parametrize("id", PROBLEMS)
def test_questions_do_not_lead_to_answers(id):
    sheet = Sheet(PROBLEMS[id], secrets.randbits(40))
    assert len(sheet.blob) < 20_000
    assert not leaks(sheet, FIRST[id].code)


# --- the walk finds what it is there to find ------------------------------------------------------------------------

LEAKY = """
import numpy as np
from adcourse.grading.judges import Close
from adcourse.grading.problem import Probe, Problem

def slope(x):
    return np.cos(x) + x / 7

class Both:
    def __call__(self, x):
        return np.sin(x) + x * x / 14
    def slope(self, x):
        return slope(x)

def probe(ask, x=0.7):
    return Probe("?", ask, Close(slope(x), rtol=1e-9))

def in_a_closure(expected=slope(0.7)):
    return probe(lambda derivative: derivative(np.sin, 0.7) + 0 * expected)

def in_a_method(f=Both()):
    return probe(lambda derivative: derivative(f, 0.7))

def in_a_default():
    return probe(lambda derivative, judge=slope: derivative(np.sin, 0.7))

def in_an_attribute(f=Both()):
    f.secret = {"answers": [np.array([slope(0.7)])]}
    return probe(lambda derivative: derivative(f, 0.7))

def in_a_frame():
    def ask(derivative):
        right = slope(0.7)
        return derivative(np.sin, 0.7)
    return probe(ask)

def in_a_constant():
    return probe(lambda derivative: derivative(np.sin, 0.7) if derivative else 0.8648421872844885)
"""


@pytest.mark.parametrize("where", ["closure", "method", "default", "attribute", "frame", "constant"])
def test_a_leak_is_found(where, tmp_path, monkeypatch):
    monkeypatch.setattr(problems, "__path__", [*problems.__path__, str(tmp_path)])
    name = f"leaky_{where}"
    (tmp_path / f"{name}.py").write_text(LEAKY)
    module = __import__(f"adcourse.grading.problems.{name}", fromlist=["x"])
    make = next(value for key, value in vars(module).items() if key.endswith(where))
    problem = module.Problem("9.9", "-", 1, "derivative(f, x)", lambda: [make()], lambda rng: [make()], hint="-")
    right = "def derivative(f, x):\n    return np.cos(x) + x / 7\n"
    assert leaks(Sheet(problem, 1), right)
