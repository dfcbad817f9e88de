"""Right answers by different routes pass, wrong ones fail with the hint that fits: visible and hidden questions."""

import secrets
import time
from collections import Counter

import pytest

from adcourse.grading import check, examine
from adcourse.grading.judges import Close
from adcourse.grading.problems import all_problems, find
from tests.grading.blocks import blocks, function

BLOCKS = blocks()
PROBLEMS = list(all_problems().values())


@pytest.fixture
def seed():
    """A new one each time; the message of a hidden check names it."""
    return secrets.randbits(40)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.right], ids=str)
def test_right_answers_pass(block):
    answer = function(find(block.id), block.code)
    assert check(block.id, answer), check(block.id, answer)
    for _ in range(3):
        hidden = examine(block.id, answer)
        assert hidden, hidden


@pytest.mark.parametrize("block", [b for b in BLOCKS if not b.right], ids=str)
def test_wrong_answers_get_their_hint(block, seed):
    answer = function(find(block.id), block.code)
    for result in (check(block.id, answer), examine(block.id, answer, seed)):
        assert not result
        assert block.hint in result.hint, result


def test_every_problem_has_enough_answers():
    count = Counter((block.id, block.right) for block in BLOCKS)
    for problem in PROBLEMS:
        assert count[problem.id, True] >= 2
        assert count[problem.id, False] >= 4


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_every_known_mistake_is_rejected_with_its_own_hint(problem, seed):
    for mistake in problem.mistakes:
        for result in (check(problem.id, mistake.code), examine(problem.id, mistake.code, seed)):
            assert not result
            assert result.hint == mistake.hint, result


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


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.right], ids=str)
def test_the_check_of_a_right_answer_takes_milliseconds(block):
    answer = function(find(block.id), block.code)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        check(block.id, answer)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1
