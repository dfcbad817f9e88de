"""Identities of functions and matrices, coefficient by coefficient; the order a series is valid to; its domain."""

import math

import numpy as np
import pytest
import scipy.special as sc

from adcourse import Taylor, taylor
from adcourse.core.errors import DomainError

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


# ------------------------------------------------------------------------------ the order a series is valid to


def variable(order=8):
    return Taylor([0.0, 1.0], order)


def known(f, order=8):
    """The coefficients of f(t), and how many are known."""
    y = f(variable(order))
    assert len(y.coefficients) == y.order + 1
    return y.order, [float(c) for c in y.coefficients]


FACTORIALS = [1 / math.factorial(k) for k in range(30)]
SIN = [0.0 if k % 2 == 0 else (-1) ** (k // 2) * FACTORIALS[k] for k in range(30)]
COS = [0.0 if k % 2 else (-1) ** (k // 2) * FACTORIALS[k] for k in range(30)]
ROOT = [1.0]  # sqrt(1 + t)
for _k in range(1, 30):
    ROOT.append(ROOT[-1] * (1.5 - _k) / _k)
VALID = {  # orders lost, coefficients
    "sin(t)/t": (1, lambda t: np.sin(t) / t, SIN[1:]),
    "(1 - cos(t))/t^2": (2, lambda t: (1 - np.cos(t)) / t**2, [-c for c in COS[2:]]),
    "(1 - cos(t))/t": (1, lambda t: (1 - np.cos(t)) / t, [-c for c in COS[1:]]),
    "(exp(t) - 1)/t": (1, lambda t: (np.exp(t) - 1) / t, FACTORIALS[1:]),
    "expm1(t)/t": (1, lambda t: np.expm1(t) / t, FACTORIALS[1:]),
    "log1p(t)/t": (1, lambda t: np.log1p(t) / t, [(-1) ** k / (k + 1) for k in range(30)]),
    "t/t": (1, lambda t: t / t, [1.0] + [0.0] * 30),
    "t^3/t": (1, lambda t: t**3 / t, [0.0, 0.0, 1.0] + [0.0] * 30),
    "t^3/t^2": (2, lambda t: t**3 / t**2, [0.0, 1.0] + [0.0] * 30),
    "(t + t^2)/(2 t)": (1, lambda t: (t + t * t) / (2 * t), [0.5, 0.5] + [0.0] * 30),
    "0/t": (1, lambda t: 0.0 / t, [0.0] * 30),
    "sin(t)^2/(1 - cos(t))": (2, lambda t: np.sin(t) ** 2 / (1 - np.cos(t)), [2.0, *COS[1:]]),
    "sqrt(t^2 (1 + t))": (1, lambda t: np.sqrt(t * t * (1 + t)), [0.0, *ROOT]),
    "sqrt(t^4 (1 + t))": (2, lambda t: np.sqrt(t**4 * (1 + t)), [0.0, 0.0, *ROOT]),
    "sqrt(4 t^2)": (1, lambda t: np.sqrt(4 * t * t), [0.0, 2.0] + [0.0] * 30),
    "(t^2)^0.5": (1, lambda t: (t * t * (1 + t)) ** 0.5, [0.0, *ROOT]),
    "(t^2)^1.5": (0, lambda t: (t * t) ** 1.5, [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "t^2": (0, lambda t: t**2, [0.0, 0.0, 1.0] + [0.0] * 30),
    "t^2.0": (0, lambda t: t**2.0, [0.0, 0.0, 1.0] + [0.0] * 30),
    "t^float64(3)": (0, lambda t: t ** np.float64(3), [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "t^int64(3)": (0, lambda t: t ** np.int64(3), [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "power(t, 3.0)": (0, lambda t: np.power(t, 3.0), [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "t^0": (0, lambda t: t**0, [1.0] + [0.0] * 30),
    "t^0.0": (0, lambda t: t**0.0, [1.0] + [0.0] * 30),
    "t^20": (0, lambda t: t**20, [0.0] * 30),
    "sin(t)^3": (0, lambda t: np.sin(t) ** 3, [(3 * a - b) / 4 for a, b in zip(SIN, [s * 3**k for k, s in
                                                                           enumerate(SIN)], strict=True)]),
    "t/sin(t)": (1, lambda t: np.sin(t) * (t / np.sin(t)), [0.0, 1.0] + [0.0] * 30),
    "cbrt(1 + t)^3": (0, lambda t: np.cbrt(1 + t) ** 3, [1.0, 1.0] + [0.0] * 30),
    "product of orders": (1, lambda t: (t / t) * np.exp(t), FACTORIALS),
    "sum of orders": (2, lambda t: t**3 / t**2 + t / t + np.exp(t), [2.0, 2.0, *FACTORIALS[2:]]),
}  # fmt: skip


@pytest.mark.parametrize("order", [4, 8])
@pytest.mark.parametrize("name", VALID)
def test_valid_order(name, order):
    """What is returned is right, and it is not more than what is known: O(t^n) of an operand stays O(t^n)."""
    lost, f, exact = VALID[name]
    valid, found = known(f, order)
    assert valid <= order if lost == 0 else valid == order - lost
    assert valid >= order - lost
    np.testing.assert_allclose(found, exact[: valid + 1], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", VALID)
def test_what_is_said_to_be_known_is(name):
    """What an operand leaves open, its coefficient of t^(order+1), changes nothing that is said to be known."""
    _, f, _ = VALID[name]
    y = f(Taylor([0.0, 1.0] + [0.0] * 5, 6))
    for c in (1.0, -3.0):
        z = f(Taylor([0.0, 1.0] + [0.0] * 5 + [c], 7))
        for a, b in zip(y.coefficients, z.coefficients, strict=False):
            assert a == pytest.approx(b, abs=1e-13)


def test_orders_of_operands_differ():
    a, b = Taylor([1.0, 2.0, 3.0]), Taylor([4.0, 5.0, 6.0, 7.0, 8.0])
    for y in (a + b, a * b, a / b, b / a, a - b, a**b, np.hypot(a, b), np.arctan2(b, a), np.maximum(a, b)):
        assert y.order == 2
    assert np.stack([a, b]).order == np.hstack([a, b]).order == np.array([a, b, 1.0], like=a).order == 2
    assert (np.array([[1.0, 2.0]]) @ np.stack([a, b])).order == 2


OUTSIDE = {
    "log(t)": np.log, "log2(t)": np.log2, "log10(t)": np.log10, "1/t": lambda t: 1 / t, "1/t^2": lambda t: 1 / (t * t),
    "t/t^2": lambda t: t / t**2, "cos/sin": lambda t: np.cos(t) / np.sin(t), "reciprocal": np.reciprocal,
    "sqrt(t)": np.sqrt, "sqrt(t^3)": lambda t: np.sqrt(t**3), "sqrt(sin t)": lambda t: np.sqrt(np.sin(t)),
    "t^0.5": lambda t: t**0.5, "t^2.5": lambda t: t**2.5, "t^-1": lambda t: t**-1, "t^-2": lambda t: t**-2.0,
    "cbrt(t)": np.cbrt, "(t^2)^-0.5": lambda t: (t * t) ** -0.5, "sqrt(-t^2)": lambda t: np.sqrt(-t * t),
    "t^t": lambda t: t**t, "log1p(t - 1)": lambda t: np.log1p(t - 1), "x log x": lambda t: t * np.log(t),
    "arcsin(1 + t)": lambda t: np.arcsin(1 + t), "arccos(-1 + t)": lambda t: np.arccos(-1 + t),
    "arccosh(1 + t)": lambda t: np.arccosh(1 + t), "arctanh(1 - t)": lambda t: np.arctanh(1 - t),
    "0/0": lambda t: (t - t) / (t - t), "t/0": lambda t: t / (t - t), "1/0": lambda t: 1.0 / (0.0 * t),
    "arctan2(t, t)": lambda t: np.arctan2(t, t - t),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_domain(name):
    """No series exists, and what is said names the coefficient that must not be zero."""
    with pytest.raises(DomainError, match=r"coefficient|c_\d"), np.errstate(all="ignore"):
        OUTSIDE[name](variable())
    with pytest.raises(DomainError), np.errstate(all="ignore"):
        taylor(OUTSIDE[name], 0.0, 5)


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_domain_in_one_entry_of_an_array(name):
    t = Taylor([np.array([0.5, 0.0, 0.7]), np.ones(3)], 6)
    with pytest.raises(DomainError), np.errstate(all="ignore"):
        OUTSIDE[name](t)


@pytest.mark.parametrize("order", [1, 2])
def test_at_first_order_too(order):
    """The derivative of sqrt at 0 is infinite: no series, at any order; its value alone, order 0, is."""
    with pytest.raises(DomainError):
        taylor(np.sqrt, 0.0, order)
    assert taylor(np.sqrt, 0.0, 0).coefficients == [0.0]
