"""Descent against what is known of it: iterates in closed form, rates, exact solutions, and SciPy's optimizers."""

import numpy as np
import pytest
import scipy.optimize

from adcourse import grad, hessian
from adcourse.core.errors import InputError
from adcourse.science.optimize import (
    adam,
    conjugate_gradients,
    descend,
    gradient_descent,
    line_search,
    momentum,
    newton_cg,
    steepest_descent,
)


@pytest.fixture(params=range(3))
def rng(request):
    return np.random.default_rng(request.param)


def curved(rng, n, condition):
    """A symmetric matrix with eigenvalues from 1 to ``condition``, a minimum, and the quadratic function of both."""
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    A, least = Q @ np.diag(np.geomspace(1, condition, n)) @ Q.T, rng.normal(size=n)
    return A, least, lambda x: (x - least) @ A @ (x - least) / 2


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_gradient_descent_is_a_power_of_a_matrix(rng):
    A, least, f = curved(rng, 4, 10.0)
    x0, lr = rng.normal(size=4), rng.uniform(0.01, 0.19)
    expected = least + np.linalg.matrix_power(np.eye(4) - lr * A, 25) @ (x0 - least)
    assert np.allclose(descend(f, x0, gradient_descent(lr), 25).x, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("factor, converges", [(0.99, True), (1.01, False)])
def test_the_longest_step_is_two_over_the_largest_curvature(rng, factor, converges):
    _, least, f = curved(rng, 3, 10.0)
    away = descend(f, least + rng.normal(size=3), gradient_descent(factor * 2 / 10.0), 300)
    assert (away.slopes[-1] < 0.1 * away.slopes[0]) == converges
    assert (away.slopes[-1] > away.slopes[0]) == (not converges)


def test_the_heavy_ball_is_a_recurrence_of_two_terms(rng):
    """Δx_k = β Δx_{k-1} - lr ∇f(x_k): Polyak's form of it, without the velocity."""
    A, least, f = curved(rng, 3, 5.0)
    lr, beta = 0.1, 0.7
    points = descend(f, rng.normal(size=3), momentum(lr, beta), 20).points
    for before, x, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
        assert np.allclose(after, x - lr * A @ (x - least) + beta * (x - before), rtol=1e-12, atol=1e-13)
    plain, none = (descend(f, points[0], rule, 20).x for rule in (gradient_descent(lr), momentum(lr, 0.0)))
    assert np.array_equal(plain, none)


def test_momentum_takes_the_square_root_of_the_steps(rng):
    _, _, f = curved(rng, 2, 100.0)
    best = gradient_descent(2 / (1 + 100)), momentum(4 / (1 + 10) ** 2, (9 / 11) ** 2)
    plain, heavy = (descend(f, rng.normal(size=2), rule, 10_000, tol=1e-6).steps for rule in best)
    assert plain > 3 * heavy


def test_adam_does_not_see_the_size_of_the_gradient(rng):
    f, scale, x0 = (lambda x: np.sum(np.cosh(x))), 10.0 ** rng.uniform(-3, 3), rng.normal(size=4)
    small, large = (descend(lambda x, c=c: c * f(x), x0, adam(0.1, eps=0.0), 15).points for c in (1.0, scale))
    assert np.allclose(small, large, rtol=1e-10)
    assert np.allclose(np.abs(small[1] - small[0]), 0.1)  # the first step, in every coordinate


def test_a_rule_keeps_nothing(rng):
    f = lambda x: np.sum(np.cosh(x) + x)
    for rule in (momentum(0.1), adam(0.1)):
        first, second = (descend(f, np.ones(3), rule, 7).x for _ in range(2))
        assert np.array_equal(first, second)


@pytest.mark.parametrize("rule", [gradient_descent, momentum, adam])
def test_a_descent_can_be_differentiated_by_its_step_and_by_its_start(rng, rule):
    f, x0, lr, h = (lambda x: np.sum(np.cosh(x)) + x[0] * x[1]), rng.normal(size=3), 0.05, 1e-6
    end = lambda lr, x0: f(descend(f, x0, rule(lr), 6).x)
    by_lr, by_x0 = grad(end, (0, 1))(lr, x0)
    assert np.isclose(by_lr, (end(lr + h, x0) - end(lr - h, x0)) / (2 * h), rtol=1e-6)
    for k, e in enumerate(np.eye(3)):
        assert np.isclose(by_x0[k], (end(lr, x0 + h * e) - end(lr, x0 - h * e)) / (2 * h), rtol=1e-5, atol=1e-8)


def test_the_step_size_gradient_in_closed_form(rng):
    """f = |x|²/2: x_k = (1-α)^k x_0, so dL/dα = -k (1-α)^(2k-1) |x_0|² for L = f(x_k)."""
    f, x0, alpha = (lambda x: x @ x / 2), rng.normal(size=3), rng.uniform(0.05, 0.5)
    slope = grad(lambda a: f(descend(f, x0, gradient_descent(a), 10).x))(alpha)
    assert np.isclose(slope, -10 * (1 - alpha) ** 19 * (x0 @ x0), rtol=1e-12)


def test_the_start_is_left_alone_and_integers_become_floats():
    x0 = np.array([3, 4])
    path = descend(lambda x: np.sum(x * x) / 2, x0, gradient_descent(0.5), 2)
    assert np.array_equal(x0, [3, 4]) and np.array_equal(path.x, [0.75, 1.0]) and path.steps == 2
    assert descend(lambda x: np.sum(x * x), np.ones(2, np.float32), adam(), 3).x.dtype == np.float32
    assert np.array_equal(steepest_descent(lambda x: np.sum(x * x), (2, 1)).x, [0, 0])


def test_what_grows_without_bound_says_so():
    with np.errstate(over="ignore"):
        path = descend(lambda x: np.sum(x**4), np.ones(2), gradient_descent(10.0), 100)
    assert not path.converged and "not finite" in path.why and path.steps < 100


@pytest.mark.parametrize("minimise", [steepest_descent, newton_cg])
def test_minima_are_found(rng, minimise):
    _, least, f = curved(rng, 5, 30.0)
    found = minimise(f, rng.normal(size=5))
    assert found.converged and np.allclose(found.x, least, atol=1e-7)
    assert all(b < a for a, b in zip(found.values, found.values[1:], strict=False))


def test_newton_cg_beside_scipy(rng):
    x0 = rng.normal(size=20)
    f = lambda x: np.sum(np.cosh(x - 1)) + np.sum(x[1:] * x[:-1]) / 4
    ours, scipys = newton_cg(f, x0), scipy.optimize.minimize(f, x0, jac=grad(f), method="BFGS", tol=1e-9)
    assert ours.converged and np.allclose(ours.x, scipys.x, atol=1e-6) and ours.steps <= 10
    slow = newton_cg(rosenbrock, rng.normal(size=10), steps=500)
    assert slow.converged and np.linalg.eigvalsh(hessian(rosenbrock)(slow.x)).min() > 0


def test_newton_cg_leaves_a_saddle():
    """At (0.1, 1e-3) f curves downwards: a full Newton step would go to the saddle at the origin."""
    f = lambda x: x[0] ** 2 + x[1] ** 4 / 4 - x[1] ** 2 / 2
    found = newton_cg(f, [0.1, 1e-3])
    assert found.converged and np.allclose(np.abs(found.x), [0, 1], atol=1e-6)


def test_conjugate_gradients_end_with_the_distinct_eigenvalues(rng):
    Q = np.linalg.qr(rng.normal(size=(30, 30)))[0]
    H, b = Q @ np.diag(rng.choice([1.0, 5.0, 9.0], 30)) @ Q.T, rng.normal(size=30)
    p, products, solved = conjugate_gradients(lambda v: H @ v, b, tol=1e-10)
    assert solved and products <= 4 and np.allclose(H @ p, b)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_conjugate_gradients_in_any_units(rng, scale):
    A, b = scale * curved(rng, 8, 100.0)[0], rng.normal(size=8)
    p, _, solved = conjugate_gradients(lambda v: A @ v, b)
    assert solved and np.allclose(scale * p, np.linalg.solve(A / scale, b))


def test_conjugate_gradients_say_when_they_have_no_answer(rng):
    b = rng.normal(size=3)
    p, products, solved = conjugate_gradients(lambda v: -v, b)
    assert not solved and products == 1 and p @ b > 0
    assert not conjugate_gradients(lambda v: np.diag([1.0, 2.0, 3.0]) @ v, b, most=1)[2]


def test_line_search_lowers_f_enough(rng):
    f, x = (lambda x: np.sum(np.exp(x) - 2 * x)), rng.normal(size=4)
    g = grad(f)(x)
    t = line_search(f, x, -100 * g, f(x), -100 * g @ g)
    assert 0 < t < 1 and f(x - 100 * t * g) <= f(x) - 0.01 * t * g @ g
    assert line_search(lambda x: 1.0, 0.0, 1.0, 1.0, -1.0) == 0.0  # a slope that isn't f's


def test_what_goes_uphill_is_refused():
    for wrong in (0.0, -0.1, np.nan):
        for rule in (gradient_descent, momentum, adam):
            with pytest.raises(InputError, match="goes uphill"):
                rule(wrong)
    with pytest.raises(InputError, match="beta1"):
        adam(beta1=1.0)
    with pytest.raises(InputError, match="p = -gradient"):
        line_search(lambda x: x, 0.0, 1.0, 0.0, 1.0)
