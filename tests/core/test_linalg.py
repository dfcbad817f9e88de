"""Matrix functions: the identities their derivatives obey, degenerate and singular cases, JAX as a second opinion."""

import math
import subprocess
import sys

import numpy as np
import pytest

from adcourse import grad, hessian, hvp, jacobian, jvp, vjp
from adcourse.core.errors import ConversionError, InputError, NoRuleError

from .examples_linalg import functions_of, mT, positive, symmetric

SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def normal(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=s) for s in shapes]


def close(a, b, tol=1e-10):
    np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


# ---------------------------------------------------------------- identities


@SEEDS
def test_first_derivatives_of_inverse_and_determinant(seed):
    """d log|det A| = tr(A^-1 dA), d det A = det A tr(A^-1 dA), d A^-1 = -A^-1 dA A^-1."""
    A, V = normal(seed, (5, 5), (5, 5))
    inverse = np.linalg.inv(A)
    close(jvp(lambda a: np.linalg.slogdet(a)[1], A, V)[1], np.trace(inverse @ V))
    close(grad(np.linalg.det)(A), np.linalg.det(A) * inverse.T)
    close(jvp(np.linalg.inv, A, V)[1], -inverse @ V @ inverse)
    sign, tangent = jvp(lambda a: np.linalg.slogdet(a).sign, A, V)
    assert sign == np.linalg.slogdet(A)[0] and tangent == 0.0


@SEEDS
def test_second_and_third_derivative_of_log_det(seed):
    """d^2 log det A = -tr((A^-1 V)^2), d^3 = 2 tr((A^-1 V)^3), through slogdet, cholesky, eigvalsh and svd alike."""
    X, V = normal(seed, (4, 4), (4, 4))
    A, V = positive(X), symmetric(V)
    B = np.linalg.solve(A, V)
    for log_det in (
        lambda a: np.linalg.slogdet(a)[1],
        lambda a: 2.0 * np.sum(np.log(np.linalg.cholesky(a)[np.arange(4), np.arange(4)])),
        lambda a: np.sum(np.log(np.linalg.eigvalsh(a))),
        lambda a: np.sum(np.log(np.linalg.svdvals(a))),
        lambda a: np.log(np.linalg.det(a)),
    ):

        def along(t, log_det=log_det):
            return log_det(A + t * V)

        def d(f):
            return lambda t: jvp(f, (t,), (1.0,))[1]

        close(d(along)(0.0), np.trace(B))
        close(grad(d(along))(0.0), -np.trace(B @ B))
        close(d(grad(grad(along)))(0.0), 2.0 * np.trace(B @ B @ B), 1e-8)
        close(hvp(log_det, A, V), -B @ np.linalg.inv(A), 1e-8)


@SEEDS
def test_factors_reconstruct_the_tangent(seed):
    """Differentiate A = L L^T, A = Q R, A = U S V^T, A V = V w: the product rule must give dA back."""
    (A, V) = normal(seed, (2, 5, 3), (2, 5, 3))
    for wide in (False, True):
        a, v = (mT(A), mT(V)) if wide else (A, V)
        (q, r), (dq, dr) = jvp(lambda x: tuple(np.linalg.qr(x)), a, v)
        close(dq @ r + q @ dr, v)
        close(mT(q) @ dq + mT(dq) @ q, np.zeros((2, 3, 3)))  # Q^T Q = 1
        close(np.tril(dr, -1), np.zeros_like(dr))
        (u, s, vh), (du, ds, dvh) = jvp(lambda x: tuple(np.linalg.svd(x, full_matrices=False)), a, v)
        close((du * s[:, None]) @ vh + (u * ds[:, None]) @ vh + (u * s[:, None]) @ dvh, v)
        close(mT(u) @ du + mT(du) @ u, np.zeros((2, 3, 3)))
    S, dS = positive(mT(A)), symmetric(V[:, :3])
    for upper in (False, True):
        L, dL = jvp(lambda x, upper=upper: np.linalg.cholesky(x, upper=upper), S, dS)
        L, dL = (mT(L), mT(dL)) if upper else (L, dL)
        close(dL @ mT(L) + L @ mT(dL), dS)
        close(np.triu(dL, 1), np.zeros_like(dL))
    (w, U), (dw, dU) = jvp(lambda x: tuple(np.linalg.eigh(x)), S, dS)
    close(dS @ U + S @ dU, dU * w[:, None] + U * dw[:, None])


@SEEDS
def test_hellmann_feynman_and_second_order_perturbation(seed):
    """w_k' = v_k^T V v_k and w_k'' = 2 sum_j (v_j^T V v_k)^2 / (w_k - w_j): what physics books call perturbation."""
    A, V = map(symmetric, normal(seed, (5, 5), (5, 5)))
    w, U = np.linalg.eigh(A)
    P = U.T @ V @ U
    first, second = (
        jvp(lambda a: np.linalg.eigvalsh(a), A, V)[1],
        jvp(lambda t: jvp(lambda s: np.linalg.eigvalsh(A + s * V), (t,), (1.0,))[1], (0.0,), (1.0,))[1],
    )
    close(first, np.diag(P))
    gap = w[:, None] - w + np.diag(np.full(5, np.inf))
    close(second, 2.0 * np.sum(P**2 / gap, axis=1), 1e-8)


@SEEDS
def test_gradients_are_symmetric_where_one_triangle_is_read(seed):
    A = positive(normal(seed, (4, 4))[0])
    W = normal(seed + 10, (4, 4))[0]
    for f in (
        lambda a: np.sum(W * np.linalg.cholesky(a)),
        lambda a: np.sum(W * functions_of(*np.linalg.eigh(a))),
        lambda a: np.linalg.eigh(a, UPLO="U")[0] @ W[0],
    ):
        g = grad(f)(A)
        close(g, g.T)
        V = symmetric(W)  # along symmetric directions NumPy's own function agrees
        close(np.sum(g * V), (f(A + 1e-6 * V) - f(A - 1e-6 * V)) / 2e-6, 1e-6)
    for f in (np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh):
        with pytest.raises(InputError, match="symmetric") as info:
            jvp(lambda a, f=f: f(a)[0], A + np.triu(W), W)
        assert "(A + A.T) / 2" in str(info.value)
        jvp(lambda a, f=f: f(a)[0], A * (1.0 + 1e-12 * W), W)  # rounding is no asymmetry


@SEEDS
def test_least_squares_and_pseudo_inverse(seed):
    """x = A^+ b: its gradient from the normal equations; the residual's from the residual itself (envelope theorem)."""
    A, b, W = normal(seed, (6, 3), (6,), (3,))
    g = grad(lambda a, c: W @ np.linalg.lstsq(a, c)[0], (0, 1))(A, b)
    normal_equations = grad(lambda a, c: W @ np.linalg.solve(a.T @ a, a.T @ c), (0, 1))(A, b)
    close(g[0], normal_equations[0])
    close(g[1], normal_equations[1])
    x, residual = np.linalg.lstsq(A, b)[:2]
    close(grad(lambda a: np.linalg.lstsq(a, b)[1][0])(A), -2.0 * np.outer(b - A @ x, x))
    y, res, rank, s = np.linalg.lstsq(A, b)
    found = jvp(lambda c: [r * 1.0 for r in np.linalg.lstsq(A, c)], b, b)[0]
    for mine, numpys in zip(found, (y, res, rank, s), strict=True):
        close(mine, numpys)
    close(residual, found[1])


@SEEDS
def test_pinv_where_the_rank_stays(seed):
    """(X X^T)^+ for a 5 x 2 matrix X has rank 2 everywhere; its derivative obeys that of A A^+ A = A."""
    X, V = normal(seed, (5, 2), (5, 2))
    A, dA = jvp(lambda x: x @ x.T, X, V)
    P, dP = jvp(lambda x: np.linalg.pinv(x @ x.T, rcond=1e-9), X, V)
    close(dA @ P @ A + A @ dP @ A + A @ P @ dA, dA)
    close(dP, mT(dP))


# ---------------------------------------------------------------- degenerate, singular, empty


def test_equal_eigenvalues_symmetric_functions_have_their_derivative():
    W = symmetric(normal(5, (3, 3))[0])
    for A in (np.eye(3), np.diag([2.0, 1.0, 2.0]), np.zeros((3, 3)), np.eye(3) * (1 + 1e-15 * W)):
        close(grad(lambda a: np.sum(np.linalg.eigvalsh(a)))(A), np.eye(3))
        close(grad(lambda a: np.sum(np.exp(np.linalg.eigh(a)[0])))(A), functions_of_exp(A))
        close(jvp(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2), A, W)[1], 2.0 * np.sum(A * W))
        # the trace of V f(w) V^T, through the vectors
        close(grad(lambda a: np.sum(np.eye(3) * functions_of(*np.linalg.eigh(a))))(A), functions_of_cos(A))


def functions_of_exp(A):
    w, V = np.linalg.eigh(A)
    return (V * np.exp(w)) @ V.T


def functions_of_cos(A):
    w, V = np.linalg.eigh(A)
    return (V * np.cos(w)) @ V.T


def test_equal_eigenvalues_their_vectors_have_none():
    """What would divide by the gap is nan in both modes, never a finite number; what wouldn't is right."""
    A, W = np.diag([1.0, 1.0, 3.0]), symmetric(normal(6, (3, 3))[0])
    assert np.isnan(grad(lambda a: np.sum(W * functions_of(*np.linalg.eigh(a))))(A)).any()
    dV = jvp(lambda a: np.linalg.eigh(a)[1], A, W)[1]
    assert np.isnan(dV[:, :2]).all() and np.isfinite(dV[:, 2]).all()
    D = np.diag([5.0, 7.0, 2.0])  # turns no vector
    close(jvp(lambda a: np.linalg.eigh(a)[1], A, D)[1], np.zeros((3, 3)))


def test_one_of_several_equal_eigenvalues_has_a_subgradient():
    """The largest eigenvalue is convex: lambda(B) >= lambda(A) + <G, B - A> for every symmetric B."""
    A = np.diag([3.0, 1.0, 3.0])
    G = grad(lambda a: np.linalg.eigvalsh(a)[-1])(A)
    for seed in range(5):
        B = symmetric(normal(seed, (3, 3))[0])
        assert np.linalg.eigvalsh(B)[-1] >= 3.0 + np.sum(G * (B - A)) - 1e-12
    close(jvp(lambda a: np.linalg.eigvalsh(a)[-1], A, B)[1], np.sum(G * B))  # both modes take the same


def test_second_derivatives_at_equal_eigenvalues_are_nan_and_right_beside_them():
    """d^2 tr exp(A + tW) = sum_ij exp[w_i, w_j] (v_i^T W v_j)^2; where the gap closes, no formula of vectors has it."""
    W = symmetric(normal(12, (3, 3))[0])

    def f(a):
        return np.sum(np.exp(np.linalg.eigvalsh(a)))

    assert np.isnan(hvp(f, np.eye(3), W)).any()
    A = np.diag([1.0, 1.0 + 1e-3, 3.0])
    w = np.diag(A)
    slopes = np.expm1(w[:, None] - w) * np.exp(w) / (w[:, None] - w + np.eye(3)) + np.diag(np.exp(w))
    close(np.sum(hvp(f, A, W) * W), np.sum(slopes * W**2), 1e-9)


def test_equal_singular_values():
    rotation = np.linalg.qr(normal(7, (3, 3))[0])[0]
    W = normal(8, (3, 3))[0]
    close(grad(lambda a: np.sum(np.linalg.svdvals(a)))(rotation), rotation)  # the nuclear norm
    close(grad(lambda a: np.linalg.norm(a, "nuc"))(2.0 * rotation[:2]), rotation[:2])

    def polar(a):  # smooth at an invertible matrix, but not through vectors that aren't: nan, not a wrong number
        u, _, vh = np.linalg.svd(a)
        return u @ vh

    assert np.isnan(jvp(polar, rotation, W)[1]).all() and np.isnan(grad(lambda a: np.sum(W * polar(a)))(rotation)).any()
    assert np.isfinite(grad(lambda a: np.linalg.norm(a, "nuc"))(np.zeros((2, 3)))).all()


def test_singular_matrices_raise_what_numpy_raises():
    A = np.array([[1.0, 2.0], [2.0, 4.0]])
    for f in (lambda a: np.sum(np.linalg.inv(a)), lambda a: np.linalg.solve(a, np.ones(2))[0], np.linalg.det):
        with pytest.raises(np.linalg.LinAlgError):
            grad(f)(A)
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda a: np.linalg.cholesky(a)[0, 0])(-np.eye(2))
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda a: np.linalg.qr(a)[0][0, 0])(np.zeros((3, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda a: np.sum(np.linalg.inv(a)))(np.ones((2, 3)))


@pytest.mark.parametrize("n", [0, 1])
def test_the_smallest_matrices(n):
    A = np.full((n, n), 2.0)
    for f, slope in [
        (lambda a: np.sum(np.linalg.inv(a)), -0.25),
        (lambda a: np.linalg.slogdet(a)[1], 0.5),
        (lambda a: np.linalg.det(a), 1.0),
        (lambda a: np.sum(np.linalg.cholesky(a)), 0.125**0.5),
        (lambda a: np.sum(np.linalg.eigvalsh(a) ** 2), 4.0),
        (lambda a: np.sum(np.linalg.eigh(a)[1] ** 2), 0.0),
        (lambda a: np.sum(np.linalg.svdvals(a)), 1.0),
        (lambda a: np.sum(np.linalg.qr(a)[0] * np.linalg.qr(a)[1]), 1.0),
        (lambda a: np.sum(np.linalg.pinv(a)), -0.25),
        (lambda a: np.sum(np.linalg.solve(a, np.ones(n))), -0.25),
        (lambda a: np.linalg.norm(a), 1.0),
    ]:
        close(grad(f)(A), np.full((n, n), slope))


def test_norms_at_their_kinks():
    for n in ((3,), (2, 3)):
        zero = np.zeros(n)
        for p in (None, 2, 3, "fro", "nuc", 1) if len(n) == 2 else (None, 2, 3, 2.5, 1):
            if len(n) == 2 and p == 3:
                continue
            g = grad(lambda x, p=p: np.linalg.norm(x, p))(zero)
            assert np.isfinite(g).all()
            if p not in ("nuc", 2) or len(n) == 1:  # U V^T of the vectors that LAPACK takes: a subgradient too
                close(g, zero)
    close(grad(lambda x: np.linalg.norm(x, np.inf))(np.array([2.0, -2.0, 1.0])), [0.5, -0.5, 0.0])  # a tie is shared
    close(grad(lambda x: np.linalg.norm(x, 1))(np.array([2.0, 0.0, -1.0])), [1.0, 0.0, -1.0])
    assert grad(lambda x: np.linalg.norm(x, 0))(np.ones(3)).tolist() == [0.0, 0.0, 0.0]  # counts
    for bad in (lambda x: np.linalg.norm(x, "fro"), lambda x: np.linalg.norm(np.reshape(x, (1, 3)), 5)):
        with pytest.raises(ValueError, match="norm"):
            grad(bad)(np.ones(3))


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "f, line",
    [
        (lambda a: np.linalg.eig(a)[0], "eigh"),
        (lambda a: np.linalg.eigvals(a), "eigvalsh"),
        (lambda a: np.linalg.qr(a, mode="complete")[0], "np.linalg.qr(A)"),
        (lambda a: np.linalg.qr(a, mode="raw")[0], "np.linalg.qr(A)"),
        (lambda a: np.linalg.svd(a)[1], "full_matrices=False"),
        (lambda a: np.linalg.svd(a, hermitian=True)[1], "formula"),
        (lambda a: np.linalg.pinv(a, hermitian=True), "formula"),
    ],
)
def test_what_has_no_derivative_says_what_to_write(f, line):
    with pytest.raises(NoRuleError) as info:
        jvp(f, np.ones((4, 3)), np.ones((4, 3)))
    assert line in str(info.value).split("Write:")[1]


def test_rank_is_a_plain_number():
    assert grad(lambda a: np.linalg.matrix_rank(a) * np.sum(a))(np.eye(3)).tolist() == [[3.0] * 3] * 3


# ---------------------------------------------------------------- float32, JAX


def test_float32_stays_float32():
    A = positive(normal(9, (3, 3))[0]).astype(np.float32)
    for f in (
        lambda a: np.linalg.eigh(a)[1],
        lambda a: np.linalg.svd(a)[0],
        lambda a: np.linalg.qr(a).R,
        lambda a: np.linalg.slogdet(a)[1],
        lambda a: np.linalg.lstsq(a, a)[0],
        lambda a: np.linalg.norm(a, 2.0),
        lambda a: np.abs(np.fft.rfft(a)) ** 2,
    ):
        y, dy = jvp(f, A, A)
        (g,) = vjp(f, A)[1](np.ones_like(y))
        assert y.dtype == dy.dtype == g.dtype == np.float32


PROGRAMS = {
    "slogdet": lambda np, a, b: np.linalg.slogdet(a)[1] * np.sum(b),
    "det": lambda np, a, b: np.linalg.det(a + b),
    "solve": lambda np, a, b: np.sum(np.sin(np.linalg.solve(a, b))),
    "solve a vector": lambda np, a, b: np.sum(np.linalg.solve(a @ b, b[0]) ** 2),
    "inv": lambda np, a, b: np.sum(np.linalg.inv(a) * np.cos(b)),
    "cholesky": lambda np, a, b: np.sum(np.linalg.cholesky(a) * b),
    "eigh": lambda np, a, b: np.sum(np.linalg.eigh(a)[0] * b) + np.sum(b * np.linalg.eigh(a)[1] ** 2),
    "svd": lambda np, a, b: np.sum(np.linalg.svd(b, full_matrices=False)[0] ** 2 * a)
    + np.sum(np.linalg.svd(b[:, :2], full_matrices=False)[1] ** 3),
    "qr": lambda np, a, b: np.sum(np.linalg.qr(b)[0] * a) + np.sum(np.linalg.qr(a)[1] * b),
    "pinv": lambda np, a, b: np.sum(np.linalg.pinv(b[:2]) * a[:, :2]),
    "norms": lambda np, a, b: np.linalg.norm(b, "nuc") + np.linalg.norm(a, 1) * np.linalg.norm(b[0], 3)
    + np.sum(np.linalg.norm(a, np.inf, axis=1)),
    "powers": lambda np, a, b: np.sum(np.linalg.matrix_power(b / 3.0, 5) * a) + np.linalg.cond(a),
    "multi_dot": lambda np, a, b: np.sum(np.linalg.multi_dot([a, b, b[:, 0]]) ** 2),
    "spectrum": lambda np, a, b: np.sum(np.abs(np.fft.rfft(a @ b)) ** 2 * np.abs(np.fft.fft(b))[:, :2]),
    "filter": lambda np, a, b: np.sum(np.fft.irfft(np.fft.rfft(a) * (1.0 - 2.0j), 3) ** 2 * b),
    "convolution": lambda np, a, b: np.sum(np.fft.ifft2(np.fft.fft2(a) * np.fft.fft2(b)).real ** 3),
    "a complex solution": lambda np, a, b: np.sum(np.abs(np.exp(1j * a) @ b - 1j) + np.angle(b[0] + 1j * a[0])),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_and_second_derivatives_are_those_of_jax(name):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    f, (X, b, V) = PROGRAMS[name], normal(len(name), (3, 3), (3, 3), (3, 3))
    a, V = positive(X), symmetric(V)
    theirs = jax.grad(lambda a, b: f(jax.numpy, a, b), (0, 1))
    mine = grad(lambda a, b: f(np, a, b), (0, 1))
    for g, h in zip(mine(a, b), theirs(a, b), strict=True):
        close(g, h, 1e-9)
    second = jvp(lambda a: mine(a, b)[0], a, V)[1]
    close(second, jax.jvp(lambda a: theirs(a, b)[0], (a,), (V,))[1], 1e-7)


# ---------------------------------------------------------------- complex numbers on the way


@pytest.mark.parametrize(
    "f",
    [
        np.fft.fft,
        lambda x: x * 1j,
        lambda x: np.max(1j * x),
        lambda x: np.maximum(1j * x, 0),
        lambda x: np.var(np.fft.fft(x)),
        lambda x: np.linalg.norm(np.fft.rfft(x)),
        lambda x: np.vdot(np.fft.fft(x), np.fft.fft(x)),
        lambda x: np.vdot(x, np.fft.fft(x)),
        lambda x: np.fft.rfft(1j * x),
        lambda x: np.sort(1j * x),
        lambda x: np.sinh(1j * x),
        lambda x: x if np.fft.fft(x)[0] > 0 else -x,
        lambda x: np.linalg.inv(1j * x * np.eye(4)).real,
        lambda x: np.allclose(1j * x, 0) * x,
        lambda x: (1j * x).astype(float),
    ],
)
def test_complex_values_raise_where_no_formula_is_known(f):
    with pytest.raises((InputError, ConversionError), match="complex|Complex"):
        jacobian(f)(np.array([0.5, -1.0, 2.0, 0.25]))


def test_complex_arrays_are_not_written_to():
    def f(x):
        z = np.fft.fft(x)
        z[0] = 0.0
        return np.sum(abs(z))

    with pytest.raises(InputError, match="Writing in place"):
        grad(f)(np.ones(4))


@SEEDS
def test_parseval_and_the_convolution_theorem(seed):
    """sum |fft x|^2 = n sum x^2, so its Hessian is 2n times 1; a product of spectra is a circular convolution."""
    x, y = normal(seed, (6,), (6,))
    close(hessian(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))(x), 12.0 * np.eye(6))
    matrix = np.array([np.roll(y, k) for k in range(6)]).T
    close(jacobian(lambda x: np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y), 6))(x), matrix)


def test_derivatives_by_a_number_through_complex_exponentials():
    """|1 + exp(it)|^2 = 2 + 2 cos t."""

    def f(t):
        return abs(1 + np.exp(1j * t)) ** 2

    for t in (0.3, -2.0):
        close(grad(f)(t), -2.0 * math.sin(t))
        close(grad(grad(f))(t), -2.0 * math.cos(t))


# ---------------------------------------------------------------- SciPy


def test_logsumexp_is_what_it_was_for_plain_arrays_and_its_gradient_is_softmax():
    special = pytest.importorskip("scipy.special")
    x = np.array([0.3, -1.2, 2.0])
    p = special.softmax(x)
    close(grad(special.logsumexp)(x), p)
    close(hessian(special.logsumexp)(x), np.diag(p) - np.outer(p, p))
    close(grad(lambda x: special.logsumexp(x, b=[1, 2, -0.5], return_sign=True)[0])(x),
          np.array([1, 2, -0.5]) * np.exp(x) / np.sum(np.array([1, 2, -0.5]) * np.exp(x)))  # fmt: skip
    assert special.logsumexp(x) == pytest.approx(math.log(np.sum(np.exp(x))), rel=1e-15)
    assert special.logsumexp([1000.0, 1000.0], keepdims=True).tolist() == [1000.0 + math.log(2.0)]
    assert list(__import__("inspect").signature(special.logsumexp).parameters)[:3] == ["a", "axis", "b"]


def test_the_core_does_not_import_scipy():
    program = "import adcourse, sys; adcourse.grad(lambda x: x * x)(1.0); assert 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_no_derivative_by_the_order_of_a_bessel_function():
    special = pytest.importorskip("scipy.special")
    with pytest.raises(NoRuleError, match="order"):
        grad(lambda n: special.jv(n, 2.0))(1.0)
    with pytest.raises(ConversionError, match="np.stack"):
        grad(lambda x: np.sum(special.erf(np.array([x[0], x[1]]))))(np.ones(2))
