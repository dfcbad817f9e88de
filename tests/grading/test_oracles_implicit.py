"""The oracles of assignment 11 against exact fractions, and their tolerances against right answers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse.grading.diagnosis import put
from adcourse.grading.problems import find
from adcourse.grading.problems.ps11_fixed_point import some_contraction
from adcourse.grading.problems.ps11_heron import heron

SEEDS = st.integers(0, 2**32 - 1)
exact = np.vectorize(Fraction, otypes=[object])


def eliminated(A, B):
    """A⁻¹B, in fractions."""
    M = np.hstack([exact(A), exact(B)])
    for k in range(len(M)):
        pivot = next(i for i in range(k, len(M)) if M[i, k])
        M[[k, pivot]] = M[[pivot, k]]
        M[k] = M[k] / M[k, k]
        for i in range(len(M)):
            if i != k:
                M[i] = M[i] - M[i, k] * M[k]
    return M[:, len(A) :]


def questions(id, seed):
    yield from find(id).visible()
    yield from find(id).hidden(np.random.default_rng(seed))


def margin(probe, answer) -> float:
    """How far an answer is from the oracle's, in tolerances."""
    judge = getattr(probe.judge, "judge", probe.judge)
    part = next(iter(judge.judges.values()))
    said = part.expected.numbers
    off = [abs(a - b) / t for a, b, t in zip(np.ravel(answer).tolist(), said, part.tolerances, strict=True)]
    return float(max(off))


@settings(max_examples=5)
@given(SEEDS)
def test_jacobians_by_newton_are_those_by_fractions(seed):
    for probe in questions("11.1", seed):
        found = []

        def implicit_jacobian(Fz, Fx, found=found):
            found += [-eliminated(Fz, Fx), Fz]
            return found[0].astype(float)

        assert probe.judge(put(probe, implicit_jacobian)) is None
        assert margin(probe, found[0].astype(float)) < 0.1
        assert np.linalg.cond(found[1]) < 50


@settings(max_examples=5)
@given(SEEDS)
def test_adjoints_through_the_loop_are_those_by_fractions(seed):
    """And 45 rounds, or a stop at a change of 1e-9, are enough."""
    for probe in questions("11.2", seed):

        def exactly(vjp_z, vjp_x, g):
            n = len(g)
            products = np.column_stack([vjp_z(e) for e in np.eye(n)])
            w = eliminated(exact(np.eye(n)) - exact(products), g[:, None])[:, 0]
            return vjp_x(w.astype(float))

        def in_rounds(vjp_z, vjp_x, g):
            w, change = g, np.inf
            for _ in range(45):
                if change <= 1e-9 * np.linalg.norm(w):
                    break
                new = g + vjp_z(w)
                w, change = new, np.linalg.norm(new - w)
            return vjp_x(w)

        for answer, share in ((exactly, 0.01), (in_rounds, 0.8)):
            said = put(probe, answer)
            assert probe.judge(said) is None
            assert margin(probe, said.numbers[:-1]) < share


@given(SEEDS, st.integers(1, 6))
def test_contractions_contract(seed, n):
    J = some_contraction(np.random.default_rng(seed), n)
    assert np.linalg.norm(J, 2) < 0.6
    assert n == 1 or not np.allclose(J, J.T)


@settings(max_examples=5)
@given(SEEDS)
def test_hypergradients_by_the_complex_step_are_those_by_fractions(seed):
    for probe in questions("11.3", seed):
        found = []

        def ridge_hypergrad(X, y, lam, Xv, yv, found=found):
            X, y, Xv, yv = map(exact, (X, y, Xv, yv))
            A = X.T @ X + Fraction(lam) * exact(np.eye(X.shape[1]))
            w = eliminated(A, (X.T @ y)[:, None])
            found.append(2 * (Xv @ w[:, 0] - yv) @ (Xv @ -eliminated(A, w)[:, 0]))
            return found[0]

        assert probe.judge(put(probe, ridge_hypergrad)) is None
        assert margin(probe, float(found[0])) < 0.1


@given(st.floats(0.05, 80), st.integers(0, 6))
def test_heron_to_two_hundred_digits(a, n):
    z = Fraction(1)
    for _ in range(n):
        z = (z + Fraction(a) / z) / 2
    assert heron(a, n) == pytest.approx(z, rel=1e-40)


def test_numbers_of_the_syllabus():
    """Heron at 2: the value is off by 2.1e-6 and 1.6e-12 after 3 and 4 steps, the derivative of the loop by more."""
    h = Fraction(1, 2**60)
    for n, value, derivative in ((3, "2.1e-06", "1.3e-05"), (4, "1.6e-12", "1.8e-11")):
        loop = (heron(2 + h, n) - heron(2 - h, n)) / (2 * h)
        assert f"{abs(float(heron(2, n) - heron(2, 60))):.1e}" == value
        assert f"{abs(float(loop - 1 / (2 * heron(2, 60)))):.1e}" == derivative
