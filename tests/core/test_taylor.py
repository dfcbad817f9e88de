"""Identities of functions and of matrices, coefficient by coefficient."""

import math

import numpy as np
import pytest
import scipy.special as sc

from adcourse import Taylor

ORDER = 12


def series(rng, low=-1.0, high=1.0, shape=(), order=ORDER, dtype=float):
    """Random coefficients, the first in (low, high), the k-th of size 2^-k."""
    coefficients = [rng.uniform(low, high, shape)] + [
        rng.uniform(-1.0, 1.0, shape) * 0.5**k for k in range(1, order + 1)
    ]
    return Taylor([c.astype(dtype) if shape else float(c) for c in map(np.asarray, coefficients)])


def same(a, b, rtol=1e-11):
    """Two series, or a series and a number, agree to the order that both are valid to."""
    first, second = (x.coefficients if isinstance(x, Taylor) else [x] + [0.0] * ORDER for x in (a, b))
    scale = max(1.0, *(float(np.max(np.abs(c))) for c in first))
    pairs = list(zip(first, second, strict=False))
    assert len(pairs) > ORDER / 2
    for k, (c, d) in enumerate(pairs):
        np.testing.assert_allclose(c, np.broadcast_to(d, np.shape(c)), rtol=rtol, atol=rtol * scale, err_msg=f"k = {k}")


# ------------------------------------------------------------------------------ identities of functions

ANY, POSITIVE, UNIT, MORE = (-1.0, 1.0), (0.7, 2.0), (-0.6, 0.6), (1.5, 2.5)
IDENTITIES = {
    "exp log": (POSITIVE, lambda x, y: (np.exp(np.log(x)), x)),
    "log exp": (ANY, lambda x, y: (np.log(np.exp(x)), x)),
    "sin2 + cos2": (ANY, lambda x, y: (np.sin(x) ** 2 + np.cos(x) ** 2, 1.0)),
    "cosh2 - sinh2": (ANY, lambda x, y: (np.cosh(x) ** 2 - np.sinh(x) ** 2, 1.0)),
    "x y / y": (POSITIVE, lambda x, y: (x * y / y, x)),
    "x / y y": (POSITIVE, lambda x, y: (x / y * y, x)),
    "x / x": (POSITIVE, lambda x, y: (x / x, 1.0)),
    "number / x": (POSITIVE, lambda x, y: (3.0 / x * x, 3.0)),
    "sqrt squared": (POSITIVE, lambda x, y: (np.sqrt(x) ** 2, x)),
    "sqrt of square": (POSITIVE, lambda x, y: (np.sqrt(np.square(x)), x)),
    "cbrt cubed": (POSITIVE, lambda x, y: (np.cbrt(x) ** 3, x)),
    "cbrt of a negative": (POSITIVE, lambda x, y: (np.cbrt(-x), -np.cbrt(x))),
    "sum of exponents": (POSITIVE, lambda x, y: (x**0.3 * x**1.9, x**2.2)),
    "product of exponents": (POSITIVE, lambda x, y: ((x**0.3) ** 5.0, x**1.5)),
    "integer power": (ANY, lambda x, y: (x**3, x * x * x)),
    "power of a negative": (POSITIVE, lambda x, y: ((-x) ** 5, -(x**5.0))),
    "negative power": (POSITIVE, lambda x, y: (x**-2 * x**2, 1.0)),
    "power by a series": (POSITIVE, lambda x, y: (x**y, np.exp(y * np.log(x)))),
    "power of a number": (ANY, lambda x, y: (2.5**x, np.exp(x * np.log(2.5)))),
    "power zero": (ANY, lambda x, y: (x**0, 1.0)),
    "exp of sum": (ANY, lambda x, y: (np.exp(x + y), np.exp(x) * np.exp(y))),
    "log of product": (POSITIVE, lambda x, y: (np.log(x * y), np.log(x) + np.log(y))),
    "sin of sum": (ANY, lambda x, y: (np.sin(x + y), np.sin(x) * np.cos(y) + np.cos(x) * np.sin(y))),
    "tan": (ANY, lambda x, y: (np.tan(x), np.sin(x) / np.cos(x))),
    "tanh": (ANY, lambda x, y: (np.tanh(x), np.sinh(x) / np.cosh(x))),
    "tan arctan": (ANY, lambda x, y: (np.tan(np.arctan(x)), x)),
    "sin arcsin": (UNIT, lambda x, y: (np.sin(np.arcsin(x)), x)),
    "arcsin + arccos": (UNIT, lambda x, y: (np.arcsin(x) + np.arccos(x), math.pi / 2)),
    "arctanh": (UNIT, lambda x, y: (np.arctanh(x), 0.5 * np.log((1 + x) / (1 - x)))),
    "arcsinh": (ANY, lambda x, y: (np.arcsinh(x), np.log(x + np.sqrt(x * x + 1)))),
    "arccosh": (MORE, lambda x, y: (np.cosh(np.arccosh(x)), x)),
    "arctan2": (POSITIVE, lambda x, y: (np.arctan2(x, y), np.arctan(x / y))),
    "hypot": (POSITIVE, lambda x, y: (np.hypot(x, y), np.sqrt(x * x + y * y))),
    "logaddexp": (ANY, lambda x, y: (np.logaddexp(x, y), np.log(np.exp(x) + np.exp(y)))),
    "expm1": (ANY, lambda x, y: (np.log1p(np.expm1(x)), x)),
    "exp2 log2": (POSITIVE, lambda x, y: (np.exp2(np.log2(x)), x)),
    "log10": (POSITIVE, lambda x, y: (10.0 ** np.log10(x), x)),
    "sinc": (POSITIVE, lambda x, y: (np.sinc(x) * x * math.pi, np.sin(math.pi * x))),
    "Brahmagupta": (ANY, lambda x, y: ((x * x + y * y) * (x * x + 1), (x * x - y) ** 2 + (x + x * y) ** 2)),
    "erf + erfc": (ANY, lambda x, y: (sc.erf(x) + sc.erfc(x), 1.0)),
    "gamma": (POSITIVE, lambda x, y: (sc.gamma(x + 1), x * sc.gamma(x))),
    "gammaln": (POSITIVE, lambda x, y: (np.exp(sc.gammaln(x)), sc.gamma(x))),
    "psi": (POSITIVE, lambda x, y: (sc.psi(x + 1) - sc.psi(x), 1 / x)),
    "beta": (POSITIVE, lambda x, y: (sc.beta(x, y) * sc.gamma(x + y), sc.gamma(x) * sc.gamma(y))),
    "expit logit": (ANY, lambda x, y: (sc.logit(sc.expit(x)), x)),
    "bessel": (POSITIVE, lambda x, y: (sc.j0(x) + sc.jv(2, x), 2 / x * sc.j1(x))),
    "erf erfinv": (UNIT, lambda x, y: (sc.erf(sc.erfinv(x)), x)),
}


@pytest.mark.parametrize("seed, shape", [(1, ()), (2, ()), (3, (3,)), (4, (2, 3))])
@pytest.mark.parametrize("name", IDENTITIES)
def test_identity(name, seed, shape):
    rng, (domain, sides) = np.random.default_rng(seed), IDENTITIES[name]
    x, y = (series(rng, *domain, shape) for _ in range(2))
    same(*sides(x, y))


@pytest.mark.parametrize("name", IDENTITIES)
def test_identity_in_single_precision(name):
    rng, (domain, sides) = np.random.default_rng(5), IDENTITIES[name]
    left, right = sides(*(series(rng, *domain, (3,), dtype=np.float32) for _ in range(2)))
    assert {c.dtype for c in left.coefficients} == {np.dtype(np.float32)}
    same(left, right, rtol=2e-3 if name in ("gammaln", "gamma", "psi", "beta", "bessel", "erf erfinv") else 1e-4)


# ------------------------------------------------------------------------------ matrix polynomials


def matrices(seed, *shape, add=0.0, degree=3, order=8):
    rng = np.random.default_rng(seed)
    coefficients = [rng.uniform(-1.0, 1.0, shape) * 0.5**k for k in range(degree + 1)]
    coefficients[0] = coefficients[0] + add
    return Taylor(coefficients, order)


def mT(x):
    return np.swapaxes(x, -1, -2)


def diagonal(w):
    return w[..., None, :] * np.eye(w.shape[-1])


@pytest.mark.parametrize("batch", [(), (2,)])
@pytest.mark.parametrize("seed", [1, 2])
class TestMatrices:
    """Factors of a polynomial A(t) with matrices as coefficients, multiplied together again, to order 8."""

    def square(self, seed, batch):
        return matrices(seed, *batch, 4, 4, add=3.0 * np.eye(4))

    def symmetric(self, seed, batch):
        A = matrices(seed, *batch, 4, 4, add=np.diag([1.0, 4.0, 7.0, 11.0]))
        return (A + mT(A)) / 2

    def test_inv(self, seed, batch):
        A = self.square(seed, batch)
        same(A @ np.linalg.inv(A), np.eye(4))
        same(np.linalg.inv(A) @ A, np.eye(4))

    def test_solve(self, seed, batch):
        A, B = self.square(seed, batch), matrices(seed + 9, *batch, 4, 3)
        same(A @ np.linalg.solve(A, B), B)
        same(A @ np.linalg.solve(A, B.value), Taylor([B.value], 8))  # a constant on either side
        same(A.value @ np.linalg.solve(A.value, B), B)

    def test_det(self, seed, batch):
        A, B = self.square(seed, batch), self.square(seed + 9, batch)
        same(np.linalg.det(A @ B), np.linalg.det(A) * np.linalg.det(B))
        sign, logdet = np.linalg.slogdet(-A)
        same(sign * np.exp(logdet), np.linalg.det(A))

    def test_det_by_principal_minors(self, seed, batch):
        """det(D + t B), D diagonal: the coefficient of t^k is made of the minors of B with k rows."""
        D = np.diag([1.0, 2.0, -3.0, 0.5]) + np.zeros((*batch, 4, 4))
        B0 = matrices(seed, *batch, 4, 4).value
        found = np.linalg.det(Taylor([D, B0], 8))
        entries, expected = np.diagonal(D, axis1=-2, axis2=-1), [0.0] * 9
        for mask in range(16):
            chosen = [i for i in range(4) if mask >> i & 1]
            minor = np.linalg.det(B0[..., chosen, :][..., chosen]) if chosen else 1.0
            rest = np.prod(entries[..., [i for i in range(4) if i not in chosen]], axis=-1)
            expected[len(chosen)] = expected[len(chosen)] + minor * rest
        for c, e in zip(found.coefficients, expected, strict=True):
            np.testing.assert_allclose(c, np.broadcast_to(e, batch), rtol=1e-12, atol=1e-12)

    def test_cholesky(self, seed, batch):
        A = self.symmetric(seed, batch)
        A = A @ mT(A)
        L = np.linalg.cholesky(A)
        same(L @ mT(L), A)
        same(np.triu(L, 1), 0.0)

    def test_qr(self, seed, batch):
        A = matrices(seed, *batch, 5, 3)
        Q, R = np.linalg.qr(A)
        same(Q @ R, A)
        same(mT(Q) @ Q, np.eye(3))
        same(np.tril(R, -1), 0.0)

    def test_eigh(self, seed, batch):
        A = self.symmetric(seed, batch)
        w, V = np.linalg.eigh(A)
        same(V @ diagonal(w) @ mT(V), A, rtol=1e-9)
        same(mT(V) @ V, np.eye(4), rtol=1e-9)
        same(np.sum(w, axis=-1), np.trace(A, axis1=-2, axis2=-1))

    @pytest.mark.parametrize("shape", [(4, 3), (3, 4), (3, 3)])
    def test_svd(self, seed, batch, shape):
        A = matrices(seed, *batch, *shape, add=2.0 * np.diag([1.0, 2.0, 3.0, 4.0])[: shape[0], : shape[1]])
        U, s, Vh = np.linalg.svd(A, full_matrices=False)
        same(U @ diagonal(s) @ Vh, A, rtol=1e-9)
        same(mT(U) @ U, np.eye(3), rtol=1e-9)
        same(Vh @ mT(Vh), np.eye(3), rtol=1e-9)

    @pytest.mark.parametrize("shape", [(4, 3), (3, 4)])
    def test_pinv(self, seed, batch, shape):
        A = matrices(seed, *batch, *shape, add=2.0 * np.eye(4)[: shape[0], : shape[1]])
        X = np.linalg.pinv(A)
        same(A @ X @ A, A)
        same(X @ A @ X, X)
        same(mT(A @ X), A @ X)
        same(mT(X @ A), X @ A)


def test_perturbation_theory():
    """Eigenvalues of diag(1, 2) + t [[0, 1], [1, 0]]: (3 -+ sqrt(1 + 4 t^2)) / 2."""
    A = Taylor([np.diag([1.0, 2.0]), np.array([[0.0, 1.0], [1.0, 0.0]])], 20)
    w = np.linalg.eigvalsh(A)
    root = np.sqrt(1 + 4 * Taylor([0.0, 1.0], 20) ** 2)
    same(w[0], (3 - root) / 2)
    same(w[1], (3 + root) / 2)
