"""The oracles of assignment 12 against other mathematics, and the line between first and second order."""

import math
import random
from itertools import pairwise

import numpy as np
import pytest

from adcourse import vjp
from adcourse.grading.problems import find
from adcourse.grading.problems.ps12_discrete import every
from adcourse.grading.problems.ps12_fields import (
    CLASSICAL,
    EULER,
    GROWTH,
    HEUN,
    HUNT,
    LAYER,
    MIDPOINT,
    THREE,
    at_the_end,
    jacobian,
    steps,
)
from adcourse.grading.problems.ps12_forward import sensitivity
from adcourse.grading.sheet import Sheet

FIELDS = {"growth": (GROWTH, 1, 1), "hunt": (HUNT, 2, 4), "layer": (LAYER, 2, 6), "three": (THREE, 3, 2)}


@pytest.mark.parametrize("name", FIELDS)
def test_the_jacobians_are_those_of_the_fields(name):
    (f, fu, fp), d, m = FIELDS[name]
    draw = random.Random(random.getrandbits(40))
    u, p = (np.array([draw.uniform(0.4, 1.4) for _ in range(n)]) for n in (d, m))
    value, by_u, by_p = jacobian(f, u, p)
    np.testing.assert_allclose(value, f(u, p), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(fu(u, p), by_u, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(fp(u, p), by_p, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("order, tableau", [(1, EULER), (2, HEUN), (2, MIDPOINT), (4, CLASSICAL)])
def test_the_methods_are_of_their_orders(order, tableau):
    """On u' = Au a step is the exponential series up to the order; on a pendulum the error falls as it should."""
    A, h = np.array([[0.3, -1.1], [0.7, 0.2]]), 0.37
    series = sum(np.linalg.matrix_power(h * A, k) / math.factorial(k) for k in range(order + 1))
    np.testing.assert_allclose(steps(lambda u: A @ u, np.eye(2), h, 1, tableau)[-1], series, rtol=1e-14)
    swing = lambda u, p: np.array([u[1], -np.sin(u[0])])
    u0 = np.array([1.0, 0.4])
    fine = at_the_end(swing, u0, None, 1.5, 500)
    errors = [np.abs(at_the_end(swing, u0, None, 1.5, n, tableau) - fine).max() for n in (24, 48)]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_numbers_of_the_syllabus():
    """To their eight digits they are those of a thousand steps; the solution has 1.02634477 and 2.16055752."""
    u0, p = np.ones(2), np.array([1.5, 1.0, 3.0, 1.0])
    u, S = sensitivity(HUNT[0], u0, p, 10.0, 1000)
    np.testing.assert_allclose(u, [1.02634473, 0.90969112], atol=5e-9)
    np.testing.assert_allclose(S[0], [2.16055726, 0.18856881, 0.56318264, 0.93965132], atol=5e-9)
    one = np.ones(1)
    value, by_u, by_p = jacobian(lambda u, p: at_the_end(GROWTH[0], u, p, 1.0, 10, EULER), one, one)
    assert value[0] == by_u[0, 0] == pytest.approx(1.1**10, rel=1e-14)
    assert by_p[0, 0] == pytest.approx(2.357947691, rel=1e-13)


def test_the_discrete_adjoint_is_the_reverse_mode_of_the_program():
    """The complex step through J, against the tape's gradient of the Euler program."""
    n, u0, p = 20, np.array([1.2, 0.7]), np.array([1.5, 1.0, 3.0, 1.0])
    data = every(5, n, np.full((n + 1, 2), 0.8))
    states = lambda u, p: steps(lambda u: HUNT[0](u, p), u, 0.05, n, EULER)
    us, pull = vjp(lambda u, p: np.stack(states(u, p)), u0, p)
    by_u0, by_p = pull(data.s[:, None] * (us - data.y) + data.c)
    _, u_bar, p_bar = jacobian(lambda u, p: data.total(states(u, p)), u0, p)
    np.testing.assert_allclose(by_u0, u_bar, rtol=1e-12)
    np.testing.assert_allclose(by_p, p_bar, rtol=1e-12)


# --- 12.4: every method of second order passes, none of first order ------------------------------------------------


def along(states, lam_step, integral):
    """λ along stored states, then the integral by the terms at the n + 1 places or, for "middle", between them."""

    def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
        h = T / n
        us = steps(lambda u: f(u, p), u0, h, n, states)
        lams = [gT(us[-1])]
        for k in reversed(range(n)):
            A, B, C = (fu(u, p).T for u in (us[k + 1], (us[k] + us[k + 1]) / 2, us[k]))
            lams.insert(0, lam_step(lams[0], A, B, C, h))
        if integral == "middle":
            means = [((u + v) / 2, (y + z) / 2) for (u, y), (v, z) in pairwise(zip(us, lams, strict=True))]
            return lams[0], h * sum(fp(u, p).T @ y for u, y in means)
        terms = [fp(u, p).T @ y for u, y in zip(us, lams, strict=True)]
        left, right = sum(terms[:-1]), sum(terms[1:])
        return lams[0], h * {"left": left, "right": right, "trapezium": (left + right) / 2}[integral]

    return continuous_adjoint


def heun(y, A, B, C, h):
    return y + h / 2 * (A @ y + C @ (y + h * A @ y))


def middle(y, A, B, C, h):
    return y + h * B @ (y + h / 2 * A @ y)


def implicit(y, A, B, C, h):
    return np.linalg.solve(np.eye(len(y)) - h / 2 * C, y + h / 2 * A @ y)


def classical(y, A, B, C, h):
    k1 = A @ y
    k2 = B @ (y + h / 2 * k1)
    k3 = B @ (y + h / 2 * k2)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + C @ (y + h * k3))


def one_slope(y, A, B, C, h):
    return y + h * A @ y


def standing(y, A, B, C, h):
    return classical(y, A, A, A, h)


def backward_euler(y, A, B, C, h):
    return np.linalg.solve(np.eye(len(y)) - h * C, y)


SECOND = [
    (states, step, integral)
    for states in (HEUN, MIDPOINT, CLASSICAL)
    for step in (heun, middle, implicit, classical)
    for integral in ("trapezium", "middle")
]
FIRST = [
    *((CLASSICAL, step, "trapezium") for step in (one_slope, standing, backward_euler)),
    *((EULER, step, "trapezium") for step in (heun, classical)),
    *((CLASSICAL, step, integral) for step in (heun, classical) for integral in ("left", "right")),
]


def test_second_order_passes_and_first_does_not():
    """Each run draws some of them, and another sheet."""
    sheet = Sheet(find("12.4"), seed := random.getrandbits(40))
    for route in random.sample(SECOND, 4):
        result = sheet.judged(sheet.ask(along(*route)))
        assert result.passed, (seed, route, result)
    for route in random.sample(FIRST, 2):
        result = sheet.judged(sheet.ask(along(*route)))
        assert not result.passed, (seed, route)
        assert "only halves" in result.hint, (seed, route, result)
