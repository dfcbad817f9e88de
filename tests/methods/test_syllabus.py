"""Four claims about methods that lecture notes get wrong, and the numbers that decide them, mostly by one call."""

import numpy as np
import pytest

from adcourse import compare, jacobian
from tests.methods.programs import polynomial

POWERS = 10.0 ** -np.arange(1, 17)


def test_symbolic_swell_is_a_property_of_trees():
    """l_10' of the logistic map, nine runs of 4 x (1 - x): 70 663 nodes as a tree, 121 distinct ones."""
    (row,) = compare(lambda x: 4 * x * (1 - x), 0.2, methods="tape").swell(steps=[9]).rows
    assert (row.derivative_tree, row.derivative_dag) == (70_663, 121)


@pytest.mark.parametrize("sizes", [(2, 3, 10, 40), (17,)])
def test_the_cost_of_a_gradient_over_that_of_the_function(sizes):
    """x1 x2 ... xn: 3 in reverse for every n; 3n + 1 forward; n + 1 runs of f by forward differences, 2n by central."""

    def product(v):
        y = v[0]
        for x in v[1:]:
            y = y * x
        return y

    methods = ["forward difference", "central difference", "complex step", "vector forward mode", "tape"]
    cost = compare(product, np.array([1.5, 0.5]), methods="tape", budget=60).cost(sizes, methods)
    expected = [lambda n: n + 1, lambda n: 2 * n, lambda n: n, lambda n: 3 * n + 1, lambda n: 3.0]
    for name, law in zip(methods, expected, strict=True):
        assert cost[name].at == list(sizes) and cost[name].operations == [law(n) for n in sizes], name


def test_the_least_errors_of_difference_quotients():
    """p'(1) = 37: forward 4.0e-7 at 1e-8, central 6.2e-10 at about 3e-6; p''(1) = 124: 3.1e-7 at 1e-4.

    As the formulas stand; those of the package step by representable numbers, and are off by no more.
    """
    p, h, mid = polynomial, POWERS, 10**-5.5
    forward = np.abs((p(1 + h) - p(1.0)) / h - 37)
    second = np.abs((p(1 + h) - 2 * p(1.0) + p(1 - h)) / h**2 - 124)
    central = abs((p(1 + mid) - p(1 - mid)) / (2 * mid) - 37)
    assert (h[np.argmin(forward)], f"{min(forward):.1e}") == (1e-8, "4.0e-07")
    assert (h[np.argmin(second)], f"{min(second):.1e}", f"{central:.1e}") == (1e-4, "3.1e-07", "6.2e-10")

    comparison = compare(p, 1.0)
    at = comparison.errors_at([1e-8, mid])
    assert 1e-7 < at["forward difference"][0] < 1e-6 and at["central difference"][1] < 1e-9
    assert f"{compare(p, 1.0, methods='tape', order=2).errors_at([1e-4])['central difference'][0]:.1e}" == "3.1e-07"
    assert comparison["complex step"].error <= 7.2e-15
    assert comparison["tape"].error == comparison["dual numbers"].error == 0


def test_faithful_to_a_bad_program_too():
    """Naive log(1 + e^x) at 1000, and a root behind a ``where``: nan. The formula, simplified, knows better."""
    softplus = compare(lambda x: np.log(1 + np.exp(x)), 1000.0)
    root = compare(lambda x: np.where(x > 0, np.sqrt(x), 0.0), -1.0)
    for comparison in (softplus, root):
        for name in {"tape", "JAX", "autograd"} & {row.method for row in comparison.rows if row.value is not None}:
            assert np.isnan(comparison[name].value) and comparison[name].note, name
    assert (softplus["symbolic"].value, root["symbolic"].value) == (1.0, 0.0)


def lorenz(u):
    x, y, z = u[..., 0], u[..., 1], u[..., 2]
    return np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z], -1)


def lorenz_matrix(u):
    x, y, z = u
    return np.array([[-10, 10, 0], [28 - z, -1, -x], [y, x, -8 / 3]])


def march(rate, state, steps, h=0.02):
    for _ in range(steps):
        a = rate(state)
        b = rate(state + h / 2 * a)
        c = rate(state + h / 2 * b)
        d = rate(state + h * c)
        state = state + h / 6 * (a + 2 * b + 2 * c + d)
    return state


@pytest.mark.slow
def test_chaos_is_differentiated_faithfully():
    """|du(T)/du0| of the Lorenz system grows from a few units at T = 1 to 10^8 at T = 20, as the variational equation
    says, integrated beside it by the same scheme; and as the attractor's exponent, 0.906, has it."""
    u = start = np.array([-8.0, 7.0, 27.0])
    state = np.column_stack([start, np.eye(3)])
    J, before, norms = np.eye(3), 0, []
    rate = lambda s: np.column_stack([lorenz(s[:, 0]), lorenz_matrix(s[:, 0]) @ s[:, 1:]])
    for T in (1, 5, 10, 20):
        steps = 50 * (T - before)
        J = jacobian(lambda v, steps=steps: march(lorenz, v, steps))(u) @ J  # the chain rule, from stop to stop
        u, state, before = march(lorenz, u, steps), march(rate, state, steps), T
        np.testing.assert_allclose(J, state[:, 1:], rtol=1e-6, atol=1e-6 * np.max(abs(J)))
        norms.append(np.linalg.norm(J, 2))
    assert 3 < norms[0] < 30 < norms[1] < 300 < 3e3 < norms[2] < 3e5 and 1e7 < norms[3] < 1e9
    assert np.log(norms[3]) / 20 == pytest.approx(0.906, abs=0.15)
