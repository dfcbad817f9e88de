"""Curvature from products alone: against the whole matrix, its eigenvalues, and the exactness of Gauss quadrature."""

import random

import numpy as np
import pytest

from adcourse import hessian
from adcourse.core.errors import ConvergenceError, InputError
from adcourse.science.curvature import (
    Spectrum,
    extreme_eigenvalues,
    hessian_product,
    lanczos,
    power_iteration,
    spectral_density,
    trace,
)

SEEDS = pytest.mark.parametrize("seed", random.sample(range(2**32), 2))


def with_eigenvalues(values, rng):
    Q, _ = np.linalg.qr(rng.normal(size=(len(values), len(values))))
    return (Q * values) @ Q.T


def quartic(n, rng):
    A, b = rng.normal(size=(n, n)), rng.normal(size=n)
    return lambda x: np.sum(np.cos(A @ x) * b) + np.sum(x) ** 4


# ---------------------------------------------------------------------------------------------- products


@SEEDS
def test_products_are_those_of_the_matrix(seed):
    rng = np.random.default_rng(seed)
    f, x = quartic(7, rng), rng.normal(size=7)
    product, n = hessian_product(f, x)
    H = hessian(f)(x)
    assert n == 7 and np.allclose([product(e) for e in np.eye(7)], H, rtol=1e-10, atol=1e-9)


def test_weights_in_trees_stand_one_after_the_other():
    rng = np.random.default_rng()
    whole = quartic(9, rng)

    def loss(weights):
        parts = weights["first"][0].ravel(), weights["first"][1], weights["last"].ravel()
        return whole(np.concatenate(parts))

    x = rng.normal(size=9)
    weights = {"first": [x[:6].reshape(2, 3), x[6:8]], "last": x[8:].reshape(1, 1)}
    product, n = hessian_product(loss, weights)
    v = rng.normal(size=9)
    assert n == 9 and np.allclose(product(v), hessian(whole)(x) @ v, rtol=1e-9, atol=1e-8)


def test_single_precision_stays_single():
    seen = []

    def f(x):
        seen.append(x.dtype)
        return np.sum(x**3)

    product, _ = hessian_product(f, np.arange(1, 4, dtype=np.float32))
    assert np.array_equal(product(np.ones(3)), [6, 12, 18]) and set(seen) == {np.dtype(np.float32)}


# ---------------------------------------------------------------------------------------------- Lanczos


@SEEDS
def test_lanczos_projects_the_matrix(seed):
    rng = np.random.default_rng(seed)
    H = with_eigenvalues(rng.normal(size=60) * 10 ** rng.uniform(-3, 3), rng)
    krylov = lanczos(H.__matmul__, 60, 25, rng=rng)
    V, size = krylov.basis, np.linalg.norm(H)
    T = np.diag(krylov.diagonal) + np.diag(krylov.beside, 1) + np.diag(krylov.beside, -1)
    assert np.allclose(V.T @ V, np.eye(25), atol=1e-12)
    assert np.allclose(V.T @ H @ V, T, atol=1e-12 * size)
    assert np.isclose(np.linalg.norm(H @ V - V @ T), krylov.residual, rtol=1e-8)


@SEEDS
@pytest.mark.parametrize("distinct", [1, 2, 5])
def test_it_ends_after_as_many_steps_as_there_are_distinct_eigenvalues(seed, distinct):
    rng = np.random.default_rng(seed)
    eigenvalues = 3.0 * np.arange(distinct) - 4
    H = with_eigenvalues(np.resize(eigenvalues, 40), rng)
    krylov = lanczos(H.__matmul__, 40, 40, rng=rng)
    assert krylov.residual == 0 and np.allclose(krylov.eigh()[0], eigenvalues, atol=1e-9)


@SEEDS
@pytest.mark.parametrize("n", [1, 2, 3, 10, 60])
def test_the_ends_of_the_spectrum_lie_within_the_errors_stated(seed, n):
    rng = np.random.default_rng(seed)
    H = with_eigenvalues(rng.normal(size=n), rng)
    eigenvalues = np.linalg.eigvalsh(H)
    ends = extreme_eigenvalues(H.__matmul__, n, rng=rng)
    size = np.abs(eigenvalues).max()
    for value, error, exact, v in zip(ends[:2], ends.errors, eigenvalues[[0, -1]], ends.vectors, strict=True):
        assert error <= 1e-6 * size
        assert abs(value - exact) <= error + 1e-10 * size
        assert np.linalg.norm(H @ v - value * v) <= error + 1e-10 * size
    assert ends.products <= n


@SEEDS
def test_the_power_method_finds_the_eigenvalue_of_largest_absolute_value(seed):
    rng = np.random.default_rng(seed)
    H = with_eigenvalues([-9.0, *rng.uniform(-8, 8, 80)], rng)
    eigenvalue, v, products = power_iteration(H.__matmul__, 81, tol=1e-8, rng=rng)
    assert abs(eigenvalue + 9) < 1e-7 and np.linalg.norm(H @ v + 9 * v) < 1e-6
    assert products > extreme_eigenvalues(H.__matmul__, 81, tol=1e-8, rng=rng).products


def test_no_curvature_is_a_curvature():
    flat = np.zeros_like
    assert extreme_eigenvalues(flat, 5)[:2] == (0, 0) and power_iteration(flat, 5)[0] == 0
    assert trace(flat, 5) == (0, 0) and spectral_density(flat, 5).share(-1, 1) == (1, 0)


# ---------------------------------------------------------------------------------------------- by chance


@SEEDS
def test_the_trace_is_exact_where_nothing_stands_beside_the_diagonal(seed):
    diagonal = np.random.default_rng(seed).integers(-9, 9, size=20).astype(float)
    assert trace(diagonal.__mul__, 20, probes=3, rng=seed) == (diagonal.sum(), 0)


@SEEDS
def test_the_trace_is_as_uncertain_as_it_says(seed):
    """Variance 2 * sum of squares beside the diagonal, by probe."""
    rng = np.random.default_rng(seed)
    H = with_eigenvalues(rng.normal(size=30), rng)
    estimate = trace(H.__matmul__, 30, probes=3000, rng=rng)
    sigma = np.sqrt(2 * (np.sum(H**2) - np.sum(np.diag(H) ** 2)) / 3000)
    assert abs(estimate.value - np.trace(H)) < 6 * sigma and abs(estimate.error / sigma - 1) < 0.2


@SEEDS
def test_the_quadrature_is_exact_to_degree_2k_minus_1(seed):
    rng = np.random.default_rng(seed)
    H = with_eigenvalues(rng.uniform(-1, 1, 50), rng)
    start, k = rng.normal(size=50), 6
    start /= np.linalg.norm(start)
    values, vectors = lanczos(H.__matmul__, 50, k, start).eigh()
    found = [vectors[0] ** 2 @ values**j for j in range(2 * k + 1)]
    exact = [start @ np.linalg.matrix_power(H, j) @ start for j in range(2 * k + 1)]
    assert np.allclose(found[:-1], exact[:-1], atol=1e-13) and abs(found[-1] - exact[-1]) > 1e-8


@SEEDS
def test_the_density_is_that_of_the_eigenvalues(seed):
    rng = np.random.default_rng(seed)
    eigenvalues = np.concatenate([rng.normal(0, 0.3, 150), rng.uniform(4, 6, 50)])
    H = with_eigenvalues(eigenvalues, rng)
    spectrum = spectral_density(H.__matmul__, 200, probes=20, steps=30, rng=rng)
    assert np.allclose(spectrum.weights.sum(axis=1), 1, atol=1e-12)
    at = np.linspace(-4, 9, 400)
    by_eigenvalues = Spectrum(eigenvalues[None], np.full((1, 200), 1 / 200)).density(at, 0.3)
    density = spectrum.density(at, 0.3)
    assert abs(np.trapezoid(density, at) - 1) < 1e-3
    assert np.trapezoid(np.abs(density - by_eigenvalues), at) < 0.15
    share = spectrum.share(3, 7)
    assert abs(share.value - 0.25) < max(6 * share.error, 0.03)


# ---------------------------------------------------------------------------------------------- refusals


def test_what_is_not_symmetric_is_refused():
    A = np.random.default_rng().normal(size=(20, 20))
    for search in (lambda: lanczos(A.__matmul__, 20, 10), lambda: spectral_density(A.__matmul__, 20)):
        with pytest.raises(InputError, match="symmetric"):
            search()


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: trace(lambda v: v[1:], 4), "shape"),
        (lambda: trace(lambda v: v * np.nan, 4), "nan"),
        (lambda: trace(np.negative, 4, probes=1), "probes"),
        (lambda: lanczos(np.negative, 4, 0), "steps"),
        (lambda: lanczos(np.negative, 4, 2, start=np.zeros(4)), "start"),
        (lambda: lanczos(np.negative, 4, 2, start=np.ones(3)), "start"),
        (lambda: spectral_density(np.negative, 4, steps=2.5), "steps"),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(InputError, match=word):
        call()


def test_what_does_not_converge_says_so():
    with pytest.raises(ConvergenceError, match="opposite sign"):
        power_iteration(lambda v: np.array([3.0, -3.0]) * v, 2, most=50)
    crowded = np.linspace(0, 1, 400)
    with pytest.raises(ConvergenceError, match="10 products"):
        extreme_eigenvalues(crowded.__mul__, 400, most=10)
