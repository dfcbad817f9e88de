"""The oracles of assignment 13 against the package and closed forms; how often 13.4 refuses a right answer, and finds
a wrong one."""

import math
import secrets
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adcourse
from adcourse.grading.diagnosis import put
from adcourse.grading.problems.ps13_chance import hmc_hidden, quartic_moments, reach
from adcourse.grading.problems.ps13_hmc import Together
from tests.grading.test_oracles_implicit import margin, questions

SEEDS = st.integers(0, 2**32 - 1)


def force(V, q):
    return -adcourse.grad(V)(q)


def lagrangian_acceleration(L, q, v):
    by_v = adcourse.grad(L, 1)
    mixed, masses = (adcourse.jacobian(by_v, k)(q, v) for k in (0, 1))
    return np.linalg.solve(masses, adcourse.grad(L)(q, v) - mixed @ v)


def pinn_residual(W, x):
    def slope(x):
        return adcourse.jvp(lambda x: x * (1 - x) * (np.tanh(x[:, None] * W[0] + W[1]) @ W[2]), x, 0 * x + 1)[1]

    return adcourse.jvp(slope, x, 0 * x + 1)[1] + np.pi**2 * np.sin(np.pi * x)


EXACT = {"13.1": force, "13.2": lagrangian_acceleration, "13.5": pinn_residual}


@pytest.mark.parametrize("id", EXACT)
@settings(max_examples=4)
@given(SEEDS)
def test_formulas_by_hand_are_what_the_package_says(id, seed):
    """And exact derivatives have digits to spare."""
    for probe in questions(id, seed):
        said = put(probe, EXACT[id])
        assert probe.judge(said) is None, probe.question
        assert margin(probe, said.numbers[: len(next(iter(probe.judge.judges.values())).expected.numbers)]) < 0.1


@given(SEEDS)
@settings(max_examples=20)
def test_motions_by_hand_keep_their_energy(seed):
    """v·∂L/∂v - L doesn't change along the motion, whatever L is: no second derivative by v is solved for."""
    for probe in questions("13.2", seed):
        expected = probe.judge.judges["a"].expected.numbers

        def answer(L, q, v, expected=expected):
            a = np.array(expected)
            energy = lambda t: (w := v + t * a) @ adcourse.grad(L, 1)(q + t * v, w) - L(q + t * v, w)
            assert abs(adcourse.derivative(energy)(0.0)) < 1e-10 * (1 + abs(v) @ abs(a))
            return a

        assert probe.judge(put(probe, answer)) is None


def walked(gradU, q, p, eps, n):
    """Leapfrog, kick by kick."""
    slope = gradU(q)
    for _ in range(n):
        p = p - eps / 2 * slope
        q = q + eps * p
        slope = gradU(q)
        p = p - eps / 2 * slope
    return q, p


@settings(max_examples=4)
@given(SEEDS)
def test_leapfrog_without_momenta_is_leapfrog(seed):
    for probe in questions("13.3", seed):
        said = put(probe, walked)
        assert probe.judge(said) is None, probe.question
        if hasattr(probe.judge, "judge"):  # the numbers of q, then those of p
            assert margin(probe, said.numbers[: (len(said.numbers) - 1) // 2]) < 0.1


@given(st.fractions(Fraction(1, 50), Fraction(19, 10), max_denominator=50), st.integers(1, 6), st.integers(-3, 3))
def test_how_far_leapfrog_gets_in_a_bowl(eps, L, p):
    """In fractions: from 0 to b·p, with the energy error (eps b p)²/8."""
    q, end = walked(lambda q: q, Fraction(0), Fraction(p), eps, L)
    b = reach(float(eps), L)
    assert float(q) == pytest.approx(b * p, abs=1e-9)
    assert float((q * q + end * end - p * p) / 2) == pytest.approx((float(eps) * b * p) ** 2 / 8, abs=1e-9)


def test_the_quartic_density():
    """E q² = 2 Γ(3/4)/Γ(1/4); K(0) = 0, and K's slope there is the mean."""
    mean, s, K = quartic_moments()
    at = int(np.argmin(abs(s)))
    assert mean == pytest.approx(2 * math.gamma(0.75) / math.gamma(0.25), rel=1e-12)
    assert f"{mean:.6f}" == "0.675978"
    assert abs(s[at]) < 1e-12
    assert abs(K[at]) < 1e-12
    slope = (8 * (K[at + 1] - K[at - 1]) - (K[at + 2] - K[at - 2])) / (12 * (s[at + 1] - s[at]))
    assert slope == pytest.approx(mean, abs=1e-4)


# --- 13.4 ------------------------------------------------------------------------------------------------------------

STATED = 0.05  # of each question: high, so that two hundred seeds can show it


def hmc(accepts=lambda log, start, end: log < sum(start) - sum(end)):
    """Many moves at once; ``accepts(log of a uniform number, (U, kinetic energy), the same at the end)``."""

    def move(U, gradU, q, eps, L, rng):
        p = rng.normal(size=q.shape)
        new, last = walked(gradU, q, p, eps, L)
        energies = [(U(q), (p * p).sum(axis=1) / 2) for q, p in ((q, p), (new, last))]
        accepted = accepts(np.log(rng.random(len(q))), *energies)
        return np.where(accepted[:, None], new, q), accepted

    return Together(move)


def test_right_moves_are_refused_as_rarely_as_stated():
    """The judges are exact, or bounds, or of a normal mean of normal numbers: at most the stated rate."""
    seed, refused = secrets.randbits(40), {}
    for k in range(200):
        for place, probe in enumerate(hmc_hidden(np.random.default_rng([seed, k]), false_alarm=STATED)):
            if getattr(probe.judge, "false_alarm", 0) == STATED:
                refused[place] = refused.get(place, 0) + (probe.judge(put(probe, hmc())) is not None)
    assert len(refused) == 5
    assert max(refused.values()) <= 200 * STATED + 5 * math.sqrt(200 * STATED * (1 - STATED)), (refused, seed)


WRONG = {
    "half the energy error": lambda log, start, end: log < (sum(start) - sum(end)) / 2,
    "twice the energy error": lambda log, start, end: log < 2 * (sum(start) - sum(end)),
    "the sign of the energy error": lambda log, start, end: log < sum(end) - sum(start),
    "always accepts": lambda log, start, end: log < 1,
    "kinetic energy forgotten": lambda log, start, end: log < start[0] - end[0],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_moves_are_seen(wrong):
    """With the probability 0.999 for each seed: three of 25 are missed less than once in 100,000 runs."""
    seed, missed, answer = secrets.randbits(40), 0, hmc(WRONG[wrong])
    for k in range(25):
        probes = list(hmc_hidden(np.random.default_rng([seed, k])))
        missed += not any(probe.judge(put(probe, answer)) for probe in probes)
    assert missed < 3, seed
