"""Curvature of a function of many numbers, from products of its Hessian with vectors alone.

The Hessian of a function of n = 10^6 numbers has 10^12 entries; a product H v costs a few gradients. From some tens of
products come both ends of its spectrum, its trace, and how all its eigenvalues are distributed. So PyHessian looks at
neural networks.

Everything here takes ``product``, a function v -> H v on vectors of length n with H symmetric, and ``n``;
``hessian_product(f, x)`` makes both. Chance comes from ``rng``, a NumPy generator.

Source: Yao, Gholami, Keutzer and Mahoney, *PyHessian* (2020); Golub and Meurant, *Matrices, Moments and Quadrature with
Applications* (2010).
"""

from typing import NamedTuple

import numpy as np

from adcourse import grad, linearize
from adcourse.core.arguments import check_function
from adcourse.core.errors import ConvergenceError, InputError

from .given import whole
from .progress import progress

NOTHING = 1e-12  # of the size of H: what rounding may leave of a vector that should be zero


def hessian_product(f, x):
    """``(product, n)`` for the Hessian of a scalar function at ``x``: product(v) = H v, for v of shape (n,).

    ``x``: an array, or tuples, lists and dicts of arrays such as the weights of a network; its n numbers stand in v one
    after the other. The gradient is recorded once, and each product sweeps this record forwards (forward over reverse).
    Raises what ``grad`` raises. Source: Pearlmutter, *Fast exact multiplication by the Hessian* (1994).

    >>> product, n = hessian_product(lambda x: x[0] ** 2 * x[1], np.array([1.0, 3.0]))
    >>> n, product(np.array([1.0, 0.0])).tolist()
    (2, [6.0, 2.0])
    """
    vector, build = _vector(x)
    _, forwards = linearize(grad(f), x)
    return lambda v: _vector(forwards(build(np.asarray(v))))[0], vector.size


def _vector(x):
    """All numbers of a tree of arrays as one vector, and the way back."""
    if not isinstance(x, tuple | list | dict):
        x = np.asarray(x)
        return x.ravel().astype(float), lambda v: v.reshape(x.shape).astype(x.dtype)
    keys = list(x) if isinstance(x, dict) else range(len(x))
    vectors, builds = zip(*(_vector(x[key]) for key in keys), strict=True)
    ends = np.cumsum([v.size for v in vectors])[:-1]

    def build(v):
        parts = [part(w) for part, w in zip(builds, np.split(v, ends), strict=True)]
        return dict(zip(keys, parts, strict=True)) if isinstance(x, dict) else type(x)(parts)

    return np.concatenate(vectors), build


# ---------------------------------------------------------------------------------------------- eigenvalues


class Krylov(NamedTuple):
    """What H looks like in the space of v, H v, H H v, ...: H V ~ V T, with orthonormal columns V and T tridiagonal."""

    diagonal: np.ndarray
    beside: np.ndarray  # T's entries next to the diagonal
    basis: np.ndarray  # V, of shape (n, steps)
    residual: float  # |H V - V T|; 0 when the space holds all its products, and T's eigenvalues are H's

    def eigh(self):
        """The eigenvalues of T, rising, and its eigenvectors as columns."""
        return np.linalg.eigh(np.diag(self.diagonal) + np.diag(self.beside, 1) + np.diag(self.beside, -1))


def lanczos(product, n, steps, start=None, rng=None):
    """At most ``steps`` steps of Lanczos' iteration from ``start`` (random if not given), as a ``Krylov``.

    Each step takes one product. H v_k has parts along v_k, along the vector before, and a new direction, which becomes
    v_k+1; it is made orthogonal to all vectors so far, since rounding would bring old directions back. The iteration
    ends early when nothing new is left: from a random start after as many steps as H has distinct eigenvalues.
    Raises InputError when H isn't symmetric. Source: Golub and Van Loan, *Matrix Computations*, chapter 10.

    >>> krylov = lanczos(lambda v: np.array([1.0, 1.0, 4.0]) * v, 3, 3, start=[1.0, 0.0, 1.0])
    >>> krylov.eigh()[0].round(12).tolist(), krylov.basis.shape
    ([1.0, 4.0], (3, 2))
    """
    v = np.random.default_rng(rng).normal(size=n) if start is None else np.array(start, float)
    if v.shape != (n,) or not np.any(v):
        raise InputError(
            f"lanczos was given a start of shape {v.shape} and norm {np.linalg.norm(v)}.",
            f"it starts in some direction in the space of {n} numbers.",
            f"start=np.ones({n}), or no start for a random one",
        )
    *_, krylov = _growing(product, v, min(n, whole(steps, 1, "steps")))
    return krylov


def _growing(product, v, most):
    """The ``Krylov`` after one step from v, after two, ..."""
    V, diagonal, beside, size = np.empty((most, len(v))), [], [], 0.0
    residual = np.linalg.norm(v)
    for k in range(most):
        V[k] = v / residual
        w = _times(product, V[k])
        size = max(size, np.linalg.norm(w))
        along = V[: k + 1] @ w
        _check_symmetric(along[:k], beside, size)
        v = w - along @ V[: k + 1]
        v -= (V[: k + 1] @ v) @ V[: k + 1]  # once more: what rounding left
        residual = np.linalg.norm(v)
        residual = residual if residual > NOTHING * size else 0.0
        diagonal.append(along[k])
        yield Krylov(np.array(diagonal), np.array(beside), V[: k + 1].T, residual)
        beside.append(residual)
        if not residual:
            break


def _times(product, v):
    check_function(product, "lanczos(lambda v: H @ v, n, steps)")
    w = np.asarray(product(v), float)
    if w.shape != v.shape or not np.all(np.isfinite(w)):
        raise InputError(
            f"The product of H with a vector of shape {v.shape} has shape {w.shape}"
            + ("." if w.shape != v.shape else ", and entries that are inf or nan."),
            "a Hessian times a vector of n numbers is a vector of n numbers.",
            "product, n = hessian_product(f, x)",
        )
    return w


def _check_symmetric(along, beside, size):
    """H v_k has no part along v_0 .. v_k-2, and along v_k-1 what H v_k-1 had along v_k, if H is symmetric."""
    expected = np.zeros_like(along)
    expected[-1:] = beside[-1:]
    if np.any(np.abs(along - expected) > 1e-5 * size):
        raise InputError(
            f"This H isn't symmetric: two entries that should be equal differ by {np.abs(along - expected).max():.3g}.",
            "Lanczos' iteration, and the bounds that come with it, hold for symmetric matrices, as Hessians are.",
            "the product with (H + H^T) / 2; a Jacobian J has the symmetric J^T J",
        )


class Ends(NamedTuple):
    """Both ends of a spectrum; there are eigenvalues no further from the two than the ``errors``."""

    lowest: float
    highest: float
    errors: tuple[float, float]
    vectors: tuple[np.ndarray, np.ndarray]
    products: int


def extreme_eigenvalues(product, n, tol=1e-6, most=300, rng=None):
    """The lowest and the highest eigenvalue, by Lanczos' iteration, as ``Ends``.

    To ``tol`` times the largest absolute value of the two. With fewer than n steps an eigenvalue whose eigenvector is
    all but orthogonal to the random start may be missed. Raises ConvergenceError after ``most`` products.
    Source: Golub and Van Loan, *Matrix Computations*, chapter 10; for networks, PyHessian (2020).

    >>> ends = extreme_eigenvalues(lambda v: np.arange(-3.0, 7.0) * v, 10, rng=0)
    >>> round(ends.lowest, 6), round(ends.highest, 6)
    (-3.0, 6.0)
    """
    most = min(n, most)
    steps = _growing(product, np.random.default_rng(rng).normal(size=n), most)
    for krylov in progress(steps, "Lanczos", unit=" products"):
        k = len(krylov.diagonal)
        if k % 8 and krylov.residual and k < most:
            continue
        values, vectors = krylov.eigh()
        errors = krylov.residual * np.abs(vectors[-1, [0, -1]])
        if np.all(errors <= tol * np.abs(values[[0, -1]]).max()) or k == n:
            ends = krylov.basis @ vectors[:, [0, -1]]
            return Ends(float(values[0]), float(values[-1]), tuple(errors.tolist()), tuple(ends.T), k)
    raise ConvergenceError(
        f"After {k} products the ends of the spectrum are known to {errors.max():.2g} only: "
        f"{values[0]:.6g} and {values[-1]:.6g}.",
        "eigenvalues close to an end are hard to tell from it.",
        f"extreme_eigenvalues(product, n, tol={2 * errors.max() / np.abs(values).max():.0e}), or a larger most=",
    )


def power_iteration(product, n, tol=1e-6, most=1000, rng=None):
    """``(eigenvalue, vector, products)``: the eigenvalue of largest absolute value, by multiplying again and again.

    Each step shrinks the share of every other eigenvector by the ratio of the eigenvalues, which Lanczos' iteration
    beats by far (``extreme_eigenvalues``); but it holds two vectors only. Ends when |H v - eigenvalue v| is at most
    ``tol`` times the eigenvalue. Raises ConvergenceError after ``most`` products, as when two eigenvalues have the same
    absolute value. Source: von Mises and Pollaczek-Geiringer (1929).

    >>> eigenvalue, _, products = power_iteration(lambda v: np.array([1.0, -8.0]) * v, 2, rng=0)
    >>> round(eigenvalue, 6)
    -8.0
    """
    v = np.random.default_rng(rng).normal(size=n)
    for k in progress(range(1, most + 1), "power iteration"):
        v = v / np.linalg.norm(v)
        w = _times(product, v)
        eigenvalue = float(v @ w)
        left = np.linalg.norm(w - eigenvalue * v)
        if left <= tol * abs(eigenvalue) or not np.any(w):
            return eigenvalue, v, k
        v = w
    raise ConvergenceError(
        f"After {most} products |H v - {eigenvalue:.6g} v| is still {left:.2g}.",
        "the two eigenvalues of largest absolute value are too close to each other, or of opposite sign.",
        "extreme_eigenvalues(product, n)",
    )


# ---------------------------------------------------------------------------------------------- by chance


class Estimate(NamedTuple):
    """A number found by chance, and its standard error."""

    value: float
    error: float


def signs(n, rng):
    """A random vector of n entries +1 or -1 (Rademacher): E[z z^T] = I and z_i^2 = 1."""
    return rng.choice([-1.0, 1.0], size=n)


def trace(product, n, probes=100, rng=None):
    """The trace of H, as an ``Estimate``: the mean of z^T H z over random vectors of signs z.

    Its expectation is tr H because E[z z^T] = I, its variance 2 sum_{i != j} H_ij^2 / probes: exact for a diagonal H.
    Source: Hutchinson, *A stochastic estimator of the trace of the influence matrix* (1990).

    >>> trace(lambda v: np.array([1.0, 2.0, 4.0]) * v, 3, probes=5, rng=0)
    Estimate(value=7.0, error=0.0)
    """
    probes, rng = whole(probes, 2, "probes"), np.random.default_rng(rng)
    found = np.empty(probes)
    for k in progress(range(probes), "trace"):
        z = signs(n, rng)
        found[k] = z @ _times(product, z)
    return Estimate(float(found.mean()), float(found.std(ddof=1) / np.sqrt(probes)))


class Spectrum(NamedTuple):
    """How the eigenvalues are distributed: masses ``weights`` at ``values``, a row for each random vector.

    Each row has total weight 1, and its mean of values^j is that of eigenvalue^j as the vector sees it.
    """

    values: np.ndarray
    weights: np.ndarray

    def density(self, at, width):
        """The density at the points ``at``, each mass spread as a Gaussian of standard deviation ``width``."""
        away = (np.asarray(at, float)[..., None, None] - self.values) / width
        bells = np.exp(-0.5 * away**2) / (width * np.sqrt(2 * np.pi))
        return np.sum(bells * self.weights, axis=(-2, -1)) / len(self.weights)

    def share(self, low, high):
        """The share of eigenvalues between two bounds, as an ``Estimate``."""
        inside = np.sum(self.weights * ((low <= self.values) & (self.values <= high)), axis=1)
        return Estimate(float(inside.mean()), float(inside.std(ddof=1) / np.sqrt(len(inside))))


def spectral_density(product, n, probes=10, steps=40, rng=None):
    """The distribution of the eigenvalues of H, by stochastic Lanczos quadrature, as a ``Spectrum``.

    From a random vector of signs v, ``steps`` of Lanczos' iteration: the eigenvalues of T, weighted by the squares of
    their eigenvectors' first entries, are a Gauss quadrature of the distribution of eigenvalues as v sees it, exact for
    polynomials up to degree 2 steps - 1. The mean over ``probes`` of them forgets v. Takes probes * steps products.
    Source: Golub and Meurant (2010), chapter 7; Ubaru, Chen and Saad, *Fast estimation of tr(f(A)) via stochastic
    Lanczos quadrature* (2017); for networks, Yao et al. (2020).

    >>> spectrum = spectral_density(lambda v: np.repeat([0.0, 5.0], [30, 10]) * v, 40, probes=4, rng=0)
    >>> spectrum.share(4, 6)
    Estimate(value=0.25, error=0.0)
    """
    probes, steps = whole(probes, 2, "probes"), min(n, whole(steps, 1, "steps"))
    rng = np.random.default_rng(rng)
    values, weights = np.zeros((probes, steps)), np.zeros((probes, steps))
    for k in progress(range(probes), "spectral density"):
        found, vectors = lanczos(product, n, steps, signs(n, rng)).eigh()
        values[k, : len(found)], weights[k, : len(found)] = found, vectors[0] ** 2
    return Spectrum(values, weights)
