"""Honest submissions in odd shapes, graded by the real engine: full marks for all of them.

They stand in ``odd/`` and ``odd_notebooks.py``. Each run draws a sample, and names its seed; ADCOURSE_HOSTILITY=all
runs them all."""

from __future__ import annotations

import random
import shutil

import pytest

from adcourse.grading.marking.runner import Limits
from tests.grading.hostility import odd_notebooks
from tests.grading.hostility.class_of import grade, sample
from tests.grading.hostility.handed_in import blocks, problems

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]


def cases():
    return [*blocks("odd"), *odd_notebooks.cases()]


@pytest.fixture(scope="module", params=[random.randrange(10**6)], ids="seed {}".format)
def graded(request):
    found = cases()
    first = [case for case in found if case.assignment.startswith("ps01")]
    last = [case for case in found if not case.assignment.startswith("ps01")]
    return grade([(sample(first, 24, request.param) + sample(last, 3, request.param), Limits())])


def test_they_get_full_marks(graded):
    lost = []
    for one in graded:
        if one.case.part != "witness":
            for id, problem in problems(one.case.assignment).items():
                if one.scores.get(id) != problem.points:
                    said = next((v.message for v in one.report.verdicts if v.id == id), "no verdict")
                    lost.append(f"{one.case}: {id} has {one.scores.get(id)} of {problem.points} points ({said})")
    assert not lost, "\n".join(lost)


def test_what_they_print_is_shown_within_bounds(graded):
    for one in graded:
        assert len(one.shown) < 5_000_000, one.case.name
        if "megabyte of prints" in one.case.name:
            assert "xxx" in one.shown
            assert len(one.shown) < 500_000


def test_there_are_enough_of_them():
    assert len({str(case) for case in cases()}) == len(cases()) > 60
