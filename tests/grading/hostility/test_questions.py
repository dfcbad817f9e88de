"""What goes into the sandbox leads to no right answer, and nothing that comes out of it passes or stops a judge."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from adcourse.grading.plain import Complaint, Plain
from adcourse.grading.problems import all_problems
from adcourse.grading.sheet import sheet

IDS = list(all_problems())
if os.environ.get("ADCOURSE_HOSTILITY") != "all":
    IDS = sorted(random.sample(IDS, min(8, len(IDS))))
TRUSTED = {"Close", "Judge", "Mistake", "Problem", "Probe", "Meter", "Counted", "Sheet", "Diagnosis"}


def inside(blob: bytes) -> tuple[set[str], set[float]]:
    """The names and the sizes of the numbers that a question's code and data lead to."""
    look = [sys.executable, str(Path(__file__).with_name("look.py"))]
    run = subprocess.run(look, input=blob, capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr.decode()
    names, numbers = json.loads(run.stdout)
    return set(names), {round(abs(complex(*number)), 9) for number in numbers}


@pytest.mark.parametrize("id", IDS)
def test_no_question_leads_to_its_judge_or_to_the_right_numbers(id):
    made = sheet(id, random.randrange(2**40))
    names, numbers = inside(made.blob)
    assert not names & TRUSTED
    assert not {name for name in names if "expected" in name or "oracle" in name or "complex_step_grad" in name}
    for probe in made.probes:
        expected = getattr(probe.judge, "expected", None)
        # The gradient of (x + y) z is made of its own arguments; what was not broadcast comes back as it was.
        if isinstance(expected, Plain) and len(expected.numbers) < 100 and id not in ("6.1", "7.1"):
            # Round numbers (37, 12.5) stand in questions for other reasons, and one number may be an argument itself.
            telling = {round(abs(n), 9) for n in expected.numbers if abs(n) > 1e-6 and n * 8 % 1 > 1e-9}
            assert len(telling) < 2 or not telling <= numbers, f"{probe.question}: the answer lies beside the question"


# --- what may come back --------------------------------------------------------------------------------------------

NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.5, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 1j, complex(math.nan, 1)]
SHAPES = [(), (0,), (1,), (2,), (3,), (4,), (7,), (100,), (0, 5), (5, 0), (2, 2), (3, 1), (1,) * 10, (50_000,)]


def hostile_answers(count: int, seed: int):
    rng = random.Random(seed)
    for shape in SHAPES:
        for number in NUMBERS if math.prod(shape) < 1000 else NUMBERS[2:8:2]:
            yield [Plain(shape, (number,) * math.prod(shape))] * count
    for _ in range(30):
        shape = rng.choice(SHAPES[:-1])
        yield [Plain(shape, tuple(rng.choices(NUMBERS, k=math.prod(shape)))) for _ in range(count)]
    for text in ("", " ", "\n", "All questions answered.", "{got} {expected}", "<b>"):
        for kind in ("", "stub", "recursion", "digits", "form", "raised ValueError: "):
            yield [Complaint(text, "1 is right", kind)] * count
    yield []
    yield [Plain((), (1.0,))] * (count + 50)
    yield [Complaint("")] * (count + 50)


@pytest.mark.parametrize("id", IDS)
def test_no_answer_passes_or_stops_the_judgement_by_its_form(id):
    made = sheet(id, 5)
    for answers in hostile_answers(len(made.probes), seed=random.randrange(2**40)):
        result = made.judged(answers)
        assert result.passed is False, answers[:3]
        assert result.message
        assert str(result)
        assert result._repr_html_()


@pytest.mark.parametrize("id", IDS)
def test_the_words_of_a_session_are_not_shown_for_hidden_questions(id):
    """A student's code could write the hidden inputs into its complaint, and read them in the feedback."""
    made, secret = sheet(id, 6), "x is 0.8414709848"
    visible = len(list(made.problem.visible()))
    for kind in ("", "form", f"raised {secret}", "raised ValueError: 0.8414709848", "calls", secret):
        answers = [Complaint(f"{secret} {k}", secret, kind) for k in range(len(made.probes))]
        result = made.judged(answers)
        for line in result.lines[visible:]:
            assert "0.84147" not in line.question + line.complaint
        right = made.ask(lambda *args: 1 / 0)[:visible]  # the message is then that of the first visible question
        message = made.judged([*right, *answers[visible:]])
        assert "0.84147" not in message.message + message.hint + str(message)
