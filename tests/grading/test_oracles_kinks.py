"""Assignment 14: its oracles against other mathematics, the false alarms of 14.3, the sentences of 14.5."""

import math
import secrets

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse.grading import check, examine
from adcourse.grading.alarms import alarmed
from adcourse.grading.diagnosis import put
from adcourse.grading.problems.oracles import high_precision
from adcourse.grading.problems.ps14_audit import KEYS, truths
from adcourse.grading.problems.ps14_claims import CLAIMS
from adcourse.grading.problems.ps14_estimates import Binomial, estimates, quadratic, step
from adcourse.grading.problems.ps14_kinks import PROGRAMS, slopes
from adcourse.grading.problems.ps14_roots import root
from adcourse.grading.problems.ps14_softplus import softplus
from tests.grading.blocks import notebook


@given(st.floats(1e-300, 1e300))
def test_the_root_and_its_slope(x):
    value, slope = root(x)
    assert math.isclose(value, math.sqrt(x), rel_tol=1e-15)
    assert math.isclose(2 * value * slope, 1, rel_tol=1e-15)


@pytest.mark.parametrize("x", [0.0, 1.5, -40.0, 25.0, -300.0, 700.0, 1000.0, -1000.0])
def test_softplus_in_many_digits(x):
    assert math.isclose(softplus(x)[0], high_precision(lambda mp, x: mp.log1p(mp.exp(x)), x), rel_tol=1e-15)
    assert math.isclose(softplus(x)[1], high_precision(lambda mp, x: 1 / (1 + mp.exp(-x)), x), rel_tol=1e-15)


@given(st.floats(-3, 3))
def test_programs_for_zero(s):
    """Each is 0 for every number, and no s is right for all of them."""
    for program in PROGRAMS.values():
        assert program(s, lambda t: max(t, 0.0)) == 0
    assert slopes(s) == pytest.approx({"zero1": 1 - 2 * s, "zero2": s - s * s, "zero3": -s * s, "zero4": 0}, abs=1e-12)
    assert any(slopes(s).values())


def test_no_setting_silences_the_alarm_and_it_ends():
    before = np.errstate, np.seterr, np.geterr()
    for silenced in (lambda: np.errstate(all="ignore"), lambda: np.errstate(**np.seterr(all="ignore"))):
        with pytest.raises(FloatingPointError), alarmed(), silenced():
            np.sqrt(np.float64(-1))
    assert (np.errstate, np.seterr, np.geterr()) == before


# --- 14.3 ------------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 12), st.floats(0.1, 0.9))
def test_the_derivative_of_a_mean_in_closed_form(n, p):
    assert math.isclose(Binomial(lambda k: k, n, p).slope, n, rel_tol=1e-10)
    assert math.isclose(Binomial(lambda k: k * k, n, p).slope, n * (1 - 2 * p) + 2 * n * n * p, rel_tol=1e-10)
    X = Binomial(lambda k: np.cos(k), n, p)
    assert math.isclose(X.mean(X.scored), X.slope, rel_tol=1e-9, abs_tol=1e-9)


def by_the_score(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * (X - n * p)) / (p * (1 - p))


def by_covariance(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.cov(f(X), X)[0, 1] / (p * (1 - p))


def by_one_more_trial(f, p, n, m, rng):
    Y = rng.binomial(n - 1, p, m)
    return n * np.mean(f(Y + 1) - f(Y))


STATED = 0.05  # of each question: high, so that two hundred seeds can show it


@pytest.mark.parametrize("right", [by_the_score, by_covariance, by_one_more_trial])
def test_right_estimates_are_refused_as_rarely_as_stated(right):
    seed, refused = secrets.randbits(40), 0
    for k in range(200):
        rng = np.random.default_rng([seed, k])
        n, p = int(rng.integers(2, 13)), float(rng.uniform(0.2, 0.8))
        f = step(round(n * p), -0.7, 1.0) if k % 2 else quadratic(*rng.normal(size=3))
        probe = estimates(f, p, n, 40, int(rng.integers(2**32)), "", 12, certain=True, false_alarm=STATED)
        refused += probe.judge(put(probe, right)) is not None
    assert refused <= 200 * STATED + 5 * math.sqrt(200 * STATED * (1 - STATED)), (refused, seed)


@pytest.mark.parametrize("m", [4, 50])
def test_no_good_estimator_varies_more_than_allowed(m):
    rng = np.random.default_rng(secrets.randbits(40))
    n, p, f = 5, 0.35, step(2, -1.0, 0.5)
    allowed = Binomial(f, n, p).variance(m)
    for right in (by_the_score, by_covariance, by_one_more_trial):
        found = np.array([right(f, p, n, m, rng) for _ in range(1500)])
        assert abs(found.mean() - Binomial(f, n, p).slope) < 6 * math.sqrt(allowed / 1500)
        assert found.var() < 1.4 * allowed


# --- 14.5 ------------------------------------------------------------------------------------------------------------


def test_the_sheet_has_the_sentences():
    text = next(c.source for c in notebook("exercises", "ps14").cells if c.id == "p14-5-text")
    for claim in CLAIMS:
        assert f"| `{claim.key}` | {claim.sentence} |" in text
    assert text.count("| `") == len(CLAIMS) == 12


def test_the_check_can_not_be_asked_which_verdicts_are_right():
    """Whatever twelve verdicts it is given, it says the same; the grading passes one of all the sheets."""
    rng = np.random.default_rng(secrets.randbits(40))
    sheets = [dict(zip(KEYS, map(bool, rng.integers(0, 2, 12)), strict=True)) for _ in range(20)]
    right = dict(zip(KEYS, truths(), strict=True))
    assert len({str(check("14.5", lambda sheet=sheet: sheet)) for sheet in [*sheets, right]}) == 1
    for sheet in sheets:
        assert bool(examine("14.5", lambda sheet=sheet: sheet)) is (sheet == right)
    assert examine("14.5", lambda: right)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_one_wrong_verdict_is_enough_and_is_told_an_experiment(claim):
    verdicts = dict(zip(KEYS, truths(), strict=True))
    verdicts[claim.key] = not verdicts[claim.key]
    result = examine("14.5", lambda: verdicts)
    assert not result and result.hint == f"{claim.key}: {claim.hint}"
    assert "not all of the twelve" in result.message and claim.key not in result.message
