"""Small changes to right answers are rejected, but for those that mean the same: see `tests.grading.mutation`."""

import random

import pytest

from adcourse.grading.problems import find
from adcourse.grading.sheet import Sheet
from tests.grading.blocks import blocks
from tests.grading.mutation import mutants, verdict

RIGHT = [block for block in blocks() if block.right]


@pytest.mark.slow
def test_most_changes_to_right_answers_are_rejected():
    """Nineteen of twenty are, of all; the rest reorder a sum, write 0.0 for 0, or leave out what only saves time."""
    print("seed", seed := random.SystemRandom().randrange(10**9))
    draw, sheets, said = random.Random(seed), {}, []
    for block in RIGHT:
        sheet = sheets.setdefault(block.id, Sheet(find(block.id), draw.randrange(2**40)))
        assert verdict(sheet.problem, block.code, sheet) == ""
        code, _ = draw.choice(mutants(block))
        said.append(verdict(sheet.problem, code, sheet))
    assert sum(map(bool, said)) > 0.8 * len(said), f"{said.count('')} of {len(said)} passed"
