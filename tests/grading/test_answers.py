"""Right answers by different routes pass, wrong ones fail with the hint that fits: visible and hidden questions."""

import math
import re
import secrets
import time
from collections import Counter

import numpy as np
import pytest

from adcourse.grading import check, examine
from adcourse.grading.judges import Close
from adcourse.grading.problems import all_problems, find
from adcourse.grading.sheet import Sheet
from tests.grading.blocks import blocks, cell, function, notebook

BLOCKS = blocks()
PROBLEMS = list(all_problems().values())


@pytest.fixture(scope="module")
def sheets():
    """Visible and hidden questions, of a new seed each time; a failure names it."""
    return {problem.id: Sheet(problem, secrets.randbits(40)) for problem in PROBLEMS}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_right_answers_pass_and_wrong_ones_get_their_hint(block, sheets):
    """In the instant check as in the grading; a check of the form alone passes what is wrong otherwise."""
    sheet = sheets[block.id]
    answer = function(sheet.problem, block.code)
    graded, checked = sheet.judged(sheet.ask(answer)), check(block.id, answer)
    for result in [graded] if sheet.problem.unseen and checked else [graded, checked]:
        assert result.passed is block.right, (sheet.seed, result)
        assert block.hint in result.hint, (sheet.seed, result)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_the_hidden_twin_of_the_check(problem):
    """``examine``, which plain nbgrader runs, draws its own seed and names it."""
    right = next(block for block in BLOCKS if block.id == problem.id and block.right)
    wrong = next(block for block in BLOCKS if block.id == problem.id and not block.right)
    assert examine(problem.id, function(problem, right.code))
    failed = examine(problem.id, function(problem, wrong.code))
    assert not failed
    assert wrong.hint in failed.hint, failed


def test_every_problem_has_enough_answers():
    count = Counter((block.id, block.right) for block in BLOCKS)
    for problem in PROBLEMS:
        assert count[problem.id, True] >= 2
        assert count[problem.id, False] >= 4


def some_seeds(seconds=0.3):
    """Twenty, or as many as there is time for, but two: each run draws others."""
    start = time.process_time()
    for k in range(20):
        if k < 2 or time.process_time() - start < seconds:
            yield secrets.randbits(40)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_every_known_mistake_is_told_from_all_others(problem):
    """None agrees with the right answers, none with another that has another hint, whatever the data."""
    for mistake in problem.mistakes:
        assert check(problem.id, mistake.code).hint == ("" if problem.unseen else mistake.hint)
    for seed in some_seeds() if problem.mistakes else ():
        sheet = Sheet(problem, seed)
        for mistake in problem.mistakes:
            answers = sheet.ask(mistake.code)
            assert not any(getattr(a, "kind", "").startswith("raised NameError") for a in answers), mistake.hint
            result = sheet.judged(answers)
            assert not result, (seed, mistake.hint)
            assert result.hint == mistake.hint, (seed, result)


TABLES = [p for p in PROBLEMS if all(isinstance(probe.judge, Close) for probe in p.visible())]


@pytest.mark.parametrize("problem", TABLES, ids=lambda problem: problem.id)
def test_the_constants_of_the_visible_questions_do_not_pass(problem):
    """A table of the right answers to everything the instant check asks earns nothing in the grading."""
    expected = [probe.judge.expected for probe in problem.visible()]
    replies = iter(range(10**6))

    def parrot(*args):
        plain = expected[next(replies) % len(expected)]
        return plain.numbers if plain.shape else plain.numbers[0]

    assert not examine(problem.id, parrot)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_the_check_of_a_right_answer_takes_milliseconds(problem):
    answer = function(problem, next(block.code for block in BLOCKS if block.id == problem.id and block.right))
    times = []
    for _ in range(5):
        start = time.process_time()
        check(problem.id, answer)
        times.append(time.process_time() - start)
    assert min(times) < 0.1


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_no_hint_holds_a_solution(problem):
    """No line of code that the reference has, whatever its spaces."""
    source = {c.id: c.source for c in notebook("solutions", f"ps{int(problem.id.partition('.')[0]):02}").cells}
    lines = re.sub(r"(?m)#.*$", "", source[cell(problem.id)]).splitlines()[2:]
    code = {re.sub(r"\s|return", "", line) for line in lines}
    for hint in (problem.hint, *problem.hints.values(), *(mistake.hint for mistake in problem.mistakes)):
        assert not [line for line in code if len(line) > 8 and line in re.sub(r"\s", "", hint)]


# --- answers that are wrong in more than one way, or in none that is known -----------------------------------------


def test_two_mistakes_in_two_places():
    hint = check("6.1", lambda x, y, z: (x * z, y * z, 1.0)).hint
    assert "still carries x" in hint
    assert "100" in hint
    loss_and_sign = lambda w, b, x, t: (s := 1 / (1 + np.exp(-w * x - b)), (d := (t - s) * s * (1 - s)) * x, d)
    assert "wrong sign" in check("6.5", loss_and_sign).hint


@pytest.mark.parametrize("factor, words", [(-1, "wrong sign"), (2, "twice"), (0.5, "half")])
def test_what_all_wrong_numbers_have_in_common(factor, words):
    """Said with the hint of the problem, where no known mistake does that."""
    for code in (lambda x, y, z: (factor * z, z, x + y), lambda x, y, z: (factor * z, factor * z, factor * (x + y))):
        hint = check("6.1", code).hint
        assert words in hint
        assert find("6.1").hint in hint


def test_right_numbers_in_another_order_or_form():
    assert "order" in check("6.1", lambda x, y, z: (z, x + y, z)).hint
    assert check("6.1", lambda x, y, z: [[z, z, x + y]]).hint


def test_a_mistake_in_another_form_is_still_known():
    """Known numbers, as a column, or with a sign on top."""
    assert "local partial" in check("6.1", lambda x, y, z: [[1.0], [1.0], [x + y]]).hint
    assert "exchanged" in check("6.5", lambda w, b, x, t: np.negative(SWAPPED(w, b, x, t))).hint


def SWAPPED(w, b, x, t):
    y = 1 / (1 + math.exp(-w * x - b))
    d = (y - t) * y * (1 - y)
    return (y - t) ** 2 / 2, d, d * x


def test_a_name_that_is_not_there():
    assert "Restart the kernel" in check("6.1", lambda x, y, z: (z, z, forgotten)).hint  # noqa: F821
