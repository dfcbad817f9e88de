"""Tape and checkpoints: every schedule reverses the loop within its room, and what is said of the best one is true."""

import random
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import pytest

from adcourse import revolve
from adcourse.core.errors import InputError
from adcourse.widgets import CheckpointSchedule

SEEDS = pytest.mark.parametrize("seed", random.sample(range(2**32), 4))


def followed(schedule, n, room):
    """The steps of advance, if the schedule reverses all steps from the last to the first within its room."""
    current, saved, left, extra = 0, set(), n, 0
    for what, k, *to in schedule:
        if what == "restore":
            assert k in saved
            current = k
            continue
        assert current == k
        if what == "save":
            saved.add(k)
            assert len(saved) <= room
        elif what == "advance":
            extra, current = extra + to[0] - k, to[0]
        else:
            left -= 1
            assert what == "reverse" and k == left
            saved.discard(k)
            current = None
    assert left == 0
    return extra


@cache
def least(n, s):
    """By trying every place for the next state."""
    if n < 2 or s == 1:
        return n * (n - 1) // 2
    return min(j + least(n - j, s - 1) + least(j, s) for j in range(1, n))


def drawn(picture, rng):
    """The picture with random settings."""
    names = [name for name in picture.settings if name != "again"]
    places = {name: int(rng.integers(picture.n)) for name in names}
    picture.settings = {**places, "again": str(rng.choice(["none", "used"]))}
    return picture


@SEEDS
def test_whatever_is_kept_the_loop_is_reversed_within_its_room(seed):
    rng = np.random.default_rng(seed)
    slots = int(rng.integers(2, 7))
    picture = CheckpointSchedule(int(rng.integers(max(slots, 3), 31)), slots)
    for _ in range(5):
        drawn(picture, rng)
        assert picture.extra == followed(picture.schedule, picture.n, slots) >= picture.least
        if picture.settings["again"] == "none":  # each stretch is run from its beginning, again and again
            parts = [b - a for a, b in pairwise([*picture.kept, picture.n - 1])]
            assert picture.extra == picture.n - 1 + sum(m * (m - 1) // 2 for m in parts)


@pytest.mark.parametrize("n, slots", [(3, 2), (4, 4), (7, 2), (8, 3), (9, 3), (10, 3), (9, 4)])
def test_the_best_of_all_placings_is_the_least_and_starts_where_it_is_said(n, slots):
    picture = CheckpointSchedule(n, slots)
    found = {}
    for count in range(slots):
        for kept in combinations(range(1, n), count):
            found[kept] = followed(picture._schedule([0, *kept], True), n, slots)
    first, fewest = picture.data["asks"]
    assert min(found.values()) == picture.least == fewest["answer"] == least(n, slots)
    best = {kept[0] for kept, extra in found.items() if extra == picture.least}
    assert best == {k for k in range(1, n) if abs(k - first["answer"]) <= first["tolerance"]}
    *_, shown = picture.data["ways"]
    assert shown[2] == picture.least and picture._ways()[-1][2] == revolve(n, slots)


def test_even_is_best_only_if_nothing_more_is_kept():
    for n, slots in ((3, 2), (10, 3), (9, 4), (20, 3)):
        picture = CheckpointSchedule(n, slots)
        placings = [[0, *kept] for kept in combinations(range(1, n), slots - 1)]
        costs = [followed(picture._schedule(kept, False), n, slots) for kept in placings]
        ways = {name: extra for name, _, extra, *_ in picture.data["ways"]}
        assert ways["evenly spaced, nothing more"] == min(costs)
    assert ways["the best schedule"] == 45 < ways["evenly spaced, places used again"] < 70 == min(costs)
    assert costs[placings.index([0, 10, 16])] == 82


def test_a_step_lies_within_the_schedule_also_when_that_becomes_shorter():
    picture = CheckpointSchedule(12, 3)
    picture.settings = {"place 2": 6, "place 3": 10, "again": "used"}
    picture.step = long = picture.last
    picture.settings = {"place 2": 0, "place 3": 0, "again": "none"}
    assert picture.step == picture.last < long


@pytest.mark.parametrize("arguments", [(2, 2), (10, 1), (31, 3), (10, 7), (4, 5), (10.0, 3), (True, 2), ("10", 3)])
def test_what_can_not_be_shown_is_refused(arguments):
    with pytest.raises(InputError, match="(?s)Why: .*Write: "):
        CheckpointSchedule(*arguments)
