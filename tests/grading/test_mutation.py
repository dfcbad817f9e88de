"""Small changes to right answers are rejected, but for those that mean the same: see `tests.grading.mutation`."""

import random

import pytest

from adcourse.grading.problems import find
from adcourse.grading.sheet import Sheet
from tests.grading.blocks import blocks
from tests.grading.mutation import mutants, verdict

RIGHT = {}
for block in blocks():
    if block.right:
        RIGHT.setdefault(block.id, []).append(block)


@pytest.mark.slow
def test_most_changes_to_right_answers_are_rejected():
    """Nineteen of twenty are, of all; the rest reorder a sum, write 0.0 for 0, or leave out what only saves time."""
    print("seed", seed := random.SystemRandom().randrange(10**9))
    draw, said = random.Random(seed), []
    for id, answers in RIGHT.items():
        sheet, block = Sheet(find(id), draw.randrange(2**40)), draw.choice(answers)
        assert verdict(sheet.problem, block.code, sheet, seconds=60) == ""
        code, _ = draw.choice(mutants(block))
        said.append(verdict(sheet.problem, code, sheet))
    assert sum(map(bool, said)) > 0.7 * len(said), f"{said.count('')} of {len(said)} passed"
