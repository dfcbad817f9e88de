"""The random draws of 9.5: how often a right answer is refused, over 200 seeds."""

import math
import secrets

import numpy as np

from adcourse.grading.diagnosis import put
from adcourse.grading.problems.ps09_estimates import SIGMAS, deviation, forty_unknowns, some_symmetric, three_unknowns

STATED = 0.05  # of each question: high, so that two hundred seeds can show it


def hutchinson(hvp, n, m, rng):
    total = 0.0
    for z in 2.0 * rng.integers(0, 2, size=(m, n)) - 1:
        total += z @ hvp(z)
    return total / m


def test_right_estimates_are_refused_as_often_as_stated():
    """The questions with few values, at a rate that shows; the judges are exact, so it is at most the stated one."""
    seed, refused = secrets.randbits(40), [0, 0, 0]
    for k in range(200):
        rng = np.random.default_rng([seed, k])
        A = rng.normal(size=(3, 3))
        for m in (1, 2, 3):
            probe = three_unknowns(A + A.T, m, int(rng.integers(2**32)), "", draws=40, false_alarm=STATED)
            refused[m - 1] += probe.judge(put(probe, hutchinson)) is not None
    assert max(refused) <= 10 + 5 * math.sqrt(200 * STATED * (1 - STATED)), (refused, seed)


def test_the_large_estimate_is_normal():
    """Its distance from the trace in deviations: mean square 1 (with a deviation of 0.1), and none beyond the band."""
    seed, distances = secrets.randbits(40), []
    for k in range(200):
        rng = np.random.default_rng([seed, k])
        H = some_symmetric(rng, 40)
        m = 100
        probe = forty_unknowns(H, m, int(rng.integers(2**32)), "")
        answer = put(probe, hutchinson)
        assert probe.judge(answer) is None, (seed, k)
        distances.append((answer.numbers[0] - np.trace(H)) / deviation(H, m))
    assert abs(np.mean(np.square(distances)) - 1) < 5 * 0.1, seed
    assert max(map(abs, distances)) < SIGMAS
