"""The oracles against mathematics that they do not use."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import HyperDual, Taylor, grad, hessian, jacobian, vjp
from adcourse import derivative as derivative_of
from adcourse.grading import Node
from adcourse.grading.problems.oracles import (
    Polynomial,
    complex_step_gradient,
    complex_step_vjp,
    derivative,
    exact,
    rounding,
)
from adcourse.grading.problems.ps01_quotients import quotient
from adcourse.grading.problems.ps01_steps import quotients, some_quadratic, squire_trapp
from adcourse.grading.problems.ps04_confusion import CONFUSION
from adcourse.grading.problems.ps04_dual import complex_pair
from adcourse.grading.problems.ps04_jacobian import complex_jacobian, hill
from adcourse.grading.problems.ps04_newton import bisected, kepler
from adcourse.grading.problems.ps04_uncertainty import gravity, sigma_of
from adcourse.grading.problems.ps05_functions import composed
from adcourse.grading.problems.ps05_hyperdual import matrix, of_matrix, polynomial, squire_trapp_at
from adcourse.grading.problems.ps05_steps import CUBE, GROWTH, LOGARITHM, SQUARE, linear
from adcourse.grading.problems.ps06_formulas import logistic_loss, mipt_loss, q_times_z
from adcourse.grading.problems.ps07_determinant import neglogdet
from adcourse.grading.problems.ps07_softmax import mean_loss
from adcourse.grading.problems.ps07_solves import some_matrix
from adcourse.grading.problems.ps09_colours import most_neighbours, some_pattern
from adcourse.grading.problems.ps09_curvature import (
    logistic,
    logistic_hessian,
    rosenbrock,
    rosenbrock_hessian,
    wave,
    wave_hessian,
)
from adcourse.grading.problems.ps09_recovery import burgers, burgers_jacobian
from adcourse.grading.problems.sample_graphs import Graph, chain, doublings, shared, skipping, some_graph

points = st.floats(0.5, 2.0)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), st.floats(-2, 2), st.floats(0.1, 1.0))
def test_polynomials_in_floats_stay_within_the_rounding_bound(coefficients, x, h):
    f = Polynomial(*coefficients)
    for t in (x, x + h, x - h):
        assert abs(Fraction(float(f(t))) - exact(f, t)) <= rounding(f, x, h)
    assert abs(derivative(f)(x) - complex_step_gradient(f, (x,))[0]) <= 1e-9
    computed = (f(x + h) - f(x - h)) / (2 * h)
    assert abs(Fraction(computed) - quotient(f, x, h, "central")) <= rounding(f, x, h) / h


@given(points, points)
def test_quotients_of_powers_in_closed_form(x, h):
    square, cube = Polynomial(0, 0, 1), Polynomial(0, 0, 0, 1)
    x, h = Fraction(x), Fraction(h)
    assert quotient(square, x, h, "forward") == 2 * x + h
    assert quotient(square, x, h, "central") == 2 * x
    assert quotient(cube, x, h, "central") == 3 * x**2 + h**2


@given(st.integers(1, 6), st.floats(0.1, 1.0), st.integers(0, 2**32 - 1))
def test_quotients_of_quadratic_functions(n, h, seed):
    rng = np.random.default_rng(seed)
    f, v = some_quadratic(rng, n), rng.normal(size=n)
    by_definition = [(f(v + h * e) - f(v)) / h for e in np.eye(n)]
    np.testing.assert_allclose(by_definition, quotients(f, v, h), rtol=1e-9, atol=1e-9)


@given(points, points, points)
def test_squire_and_trapp_in_closed_form(a, b, k):
    f, slope = squire_trapp(a, b / 2, k)
    assert slope(1.0) == pytest.approx(complex_step_gradient(f, (1.0,))[0], rel=1e-12, abs=1e-12)


def test_squire_and_trapp_as_published():
    f, slope = squire_trapp(1, 1, 1)
    assert f(1.5) == pytest.approx(4.49778005, abs=5e-9)
    assert slope(1.5) == pytest.approx(4.05342789389862, abs=5e-14)


@pytest.mark.parametrize(
    "f, point", [(q_times_z, (-2.0, 5.0, -4.0)), (mipt_loss, (math.e, 4.0)), (mipt_loss, (2.0, 3.0))]
)
def test_the_complex_step_agrees_with_reverse_mode(f, point):
    """The one place where the oracle meets what the assignment is about."""
    adjoints = grad(f, argnums=tuple(range(len(point))))(*point)
    np.testing.assert_allclose(complex_step_gradient(f, point), adjoints, rtol=1e-13)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_adjoints_of_arrays_agree_with_reverse_mode(n, k, seed):
    rng = np.random.default_rng(seed)
    A, B, g = some_matrix(rng, n), rng.normal(size=(n, k)), rng.normal(size=(n, k))
    for f, args, u in ((np.matmul, (A, B), g), (np.linalg.solve, (A, B), g), (neglogdet, (A,), 1.7)):
        for ours, theirs in zip(complex_step_vjp(f, args, u), vjp(f, *args)[1](u), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@given(st.integers(1, 5), st.integers(2, 4), st.integers(0, 2**32 - 1), st.floats(-1000, 1000))
def test_the_loss_of_a_classifier(n, k, seed, shift):
    """Over all ways to choose the classes the probabilities add up to 1; a shift of all logits changes nothing."""
    Z = np.random.default_rng(seed).normal(size=(n, k))
    rows = [np.exp(-mean_loss(Z[:1], np.eye(k)[[label]])) for label in range(k)]
    assert sum(rows) == pytest.approx(1)
    Y = np.eye(k)[np.arange(n) % k]
    assert mean_loss(Z + shift, Y) == pytest.approx(mean_loss(Z, Y), abs=1e-11)
    assert mean_loss(np.zeros((n, k)), Y) == pytest.approx(np.log(k))
    assert mean_loss(Z + 1000 * Y, Y) == 0
    assert mean_loss(np.array([[1000.0, 0.0]]), np.array([[0, 1]])) == 1000


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_matrices_of_questions_are_as_they_are_needed(n):
    for seed in range(20):
        X = some_matrix(np.random.default_rng(seed), n)
        assert np.linalg.det(X) > 0
        assert np.linalg.cond(X) < 4.01
        assert n == 1 or abs(X - X.T).max() > 1e-3


def test_numbers_of_the_syllabus():
    assert complex_step_gradient(q_times_z, (-2.0, 5.0, -4.0)) == (-4, -4, 3)
    np.testing.assert_allclose(complex_step_gradient(mipt_loss, (math.e, 4.0)), (5 / math.e, 1.25), rtol=1e-14)
    np.testing.assert_allclose(complex_step_gradient(mipt_loss, (2.0, 3.0))[1], 0.933485, atol=5e-7)
    assert logistic_loss(2.0, 0.5, -1.0, 1.0) == pytest.approx(0.334214, abs=5e-7)
    slopes = complex_step_gradient(lambda w, b: logistic_loss(w, b, -1.0, 1.0), (2.0, 0.5))
    np.testing.assert_allclose(slopes, (0.121938, -0.121938), atol=5e-7)


# --- graphs --------------------------------------------------------------------------------------------------------


def path_sum(nodes, start, out):
    """All paths, one by one: the definition, and hopeless for anything large."""
    if nodes[out] is nodes[start]:
        return 1.0
    place = {id(node): k for k, node in enumerate(nodes)}
    edges = zip(nodes[out].parents, nodes[out].partials, strict=True)
    return sum(partial * path_sum(nodes, start, place[id(parent)]) for parent, partial in edges)


@pytest.mark.parametrize("make", [shared, skipping, lambda: doublings(6), lambda: chain([0.5, 1.5, 2.5, 3.5, 4.5])])
def test_adjoints_are_sums_over_paths(make):
    nodes = make()
    adjoints = Graph(nodes).adjoints(len(nodes) - 1)
    assert adjoints == pytest.approx({k: path_sum(nodes, k, len(nodes) - 1) for k in adjoints})


@given(st.integers(0, 2**32 - 1))
def test_adjoints_of_random_graphs(seed):
    nodes = some_graph(np.random.default_rng(seed), 12)
    adjoints, bounds = Graph(nodes).adjoints(11), Graph(nodes).adjoints(11, abs)
    for k, adjoint in adjoints.items():
        assert abs(adjoint - path_sum(nodes, k, 11)) <= 1e-12 * bounds[k]


def test_random_graphs_are_what_the_questions_need():
    """Repeated parents, shared nodes, and nodes that the output does not depend on, in nearly all of them."""
    graphs = [Graph(some_graph(np.random.default_rng(seed))) for seed in range(100)]
    repeated = sum(any(len(set(p)) < len(p) for p in graph.parents) for graph in graphs)
    unreached = sum(len(graph.reachable(23)) < 24 for graph in graphs)
    assert repeated > 90
    assert unreached > 50


def test_known_adjoints():
    assert Graph(shared()).adjoints(6) == {0: 25, 1: 19, 2: 7, 3: 6, 4: 1, 5: 1, 6: 1}
    assert Graph(doublings(40)).adjoints(40)[0] == 2**40


def test_local_partials_of_nodes_are_derivatives():
    for a in (0.3, 1.7):
        node = Node(a)
        assert (3 * node + node * 2).value == 5 * a
        assert node.sin().partials == (math.cos(a),)
        assert (node * Node(4.0)).partials == (4.0, a)
        assert (node + 1).partials == (1.0, 1.0)
    assert repr(Node(1.0, name="a")) == "Node(1.0, name='a')"
    assert repr(Node(1.0)) == "Node(1.0)"


# --- series and hyper-dual numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["exp", "log", "sin"])
@given(f=st.lists(st.floats(-1, 1), min_size=1, max_size=8), first=st.floats(0.5, 2))
def test_functions_of_series_agree_with_taylor_mode(name, f, first):
    """The one is a finite sum of powers, the other a recurrence."""
    f[0] = first
    found = getattr(np, name)(Taylor([*f, 0.0])).coefficients[:-1]
    assert (abs(composed(name, f) - found) <= 1e-12 * np.maximum(1, composed(name, f, abs))).all()


@given(st.lists(st.floats(-3, 3), min_size=8, max_size=8))
def test_hyper_dual_numbers_are_matrices(numbers):
    x, y = numbers[:4], numbers[4:]
    p = Polynomial(0.5, -1.0, 2.0, 1.5)
    u, v = HyperDual(*x), HyperDual(*y)
    for number, M in ((u * v, matrix(*x) @ matrix(*y)), (p(u), polynomial(p, matrix(*x)))):
        np.testing.assert_allclose(of_matrix(M), [float(part) for part in number.parts], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("equation", [GROWTH, SQUARE, CUBE, LOGARITHM, linear(-0.7, 1.2)], ids=lambda e: e.words)
def test_solutions_satisfy_their_equations(equation):
    """(k + 1) y_(k+1) is the coefficient k of F(y), for the solution in closed form."""
    y = [equation.coefficient(0.8, k) for k in range(9)]
    np.testing.assert_allclose([(k + 1) * c for k, c in enumerate(y[1:])], equation.F(y)[:-1], rtol=1e-12)
    assert equation.terms(0.8, 0.5, 2) == [y[0], y[1] / 2, y[2] / 4]


def test_derivatives_of_the_syllabus():
    probe = squire_trapp_at(1.5, 1.0, 1.0, 0.0, "as published")
    _, slope, _, bend = probe.judge.expected.numbers
    assert slope == pytest.approx(4.05342789389862, abs=1e-14)
    assert bend == pytest.approx(9.46307368159660, abs=1e-14)


# --- forward mode --------------------------------------------------------------------------------------------------


def test_numbers_of_the_syllabus_for_forward_mode():
    np.testing.assert_array_equal(complex_jacobian(hill, [2.0, 0.0]), [[0, 4], [5, 1]])
    assert sigma_of(gravity, [1.0, 2.006], [0.001, 0.01]) == pytest.approx(0.0983038556637593, rel=1e-14)
    assert bisected(kepler(1.0, 0.3), 0.0, 3.0) == pytest.approx(1.28809131321184, abs=5e-15)
    assert complex_pair(lambda x, y: x / y, (2.0, 3.0), (4.0, -1.0)) == [0.5, (3 * 4 + 2) / 16]


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1))
def test_derivatives_by_hand_of_nested_programs(seed):
    """Those of 4.5, against the package's own operator."""
    D = lambda f, x: derivative_of(f)(float(x) if isinstance(x, int) else x)
    for probe in (*CONFUSION.visible(), *CONFUSION.hidden(np.random.default_rng(seed))):
        assert probe.ask(D) == pytest.approx(probe.judge.right()[0], rel=1e-12), probe.question


# --- curvature and sparsity ----------------------------------------------------------------------------------------


@given(st.integers(2, 7), st.integers(0, 2**32 - 1))
def test_hessians_by_hand(n, seed):
    """Of functions that are written down here once more, against the package."""
    rng = np.random.default_rng(seed)
    a, b, x = rng.uniform(0.5, 2, size=n), rng.uniform(1, 5, size=n - 1), rng.normal(size=n)
    X, t = rng.normal(size=(4, n)), rng.integers(0, 2, size=4)
    for f, gradient, H in (
        (
            lambda x: np.sum(a * (1 - x) ** 2) + np.sum(b * (x[1:] - x[:-1] ** 2) ** 2),
            rosenbrock(a, b),
            rosenbrock_hessian(a, b, x),
        ),
        (lambda w: np.sum(np.log(1 + np.exp(X @ w))) - t @ (X @ w), logistic(X, t), logistic_hessian(X, t, x)),
        (lambda x: np.sin(a @ x) + (x @ x) ** 2, wave(a), wave_hessian(a, x)),
    ):
        np.testing.assert_allclose(gradient(x), grad(f)(x), rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(H, hessian(f)(x), rtol=1e-10, atol=1e-9)


@given(st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_the_stencil_of_burgers_equation(n, seed):
    u = np.random.default_rng(seed).normal(size=n)
    np.testing.assert_allclose(burgers_jacobian(u), jacobian(burgers)(u), atol=1e-13)


@given(st.integers(1, 9), st.integers(3, 9), st.integers(0, 2**32 - 1))
def test_random_patterns_need_no_more_colours_than_one_more_than_neighbours(m, n, seed):
    S = some_pattern(np.random.default_rng(seed), m, n, 2)
    together = [sum(bool(np.any(S[:, j] & S[:, k])) for k in range(n) if k != j) for j in range(n)]
    assert most_neighbours(S) == max(together)
    assert S.any(axis=0).all()
