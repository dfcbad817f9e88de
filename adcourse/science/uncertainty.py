"""Propagation of uncertainty: what a program makes of inputs that are known only by mean m and covariance C.

With J and H_i the Jacobian, and the Hessian of result i, at m:

    first order    E f   = f(m)                      Cov f_ij = (J C J^T)_ij
    second order   E f_i = f_i(m) + tr(H_i C) / 2    Cov f_ij = (J C J^T)_ij + tr(H_i C H_j C) / 2

The first is exact for a straight f and any distribution; the second for a parabola and normal inputs (its mean for any
distribution). Elsewhere they are good where f is nearly so over the width of the inputs: let chance judge, by drawing.

Source: JCGM 100, *Guide to the expression of uncertainty in measurement* (2008), section 5; Mathai and Provost,
*Quadratic Forms in Random Variables* (1992), for the traces.
"""

from typing import NamedTuple

import numpy as np

from adcourse import jacobian
from adcourse.core.errors import DomainError, InputError


class Propagated(NamedTuple):
    """Mean and covariance of a result: numbers of shape () for a number, (m,) and (m, m) for m of them."""

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def deviation(self):
        """The standard deviations: the roots of the variances."""
        return np.sqrt(self.covariance if np.ndim(self.covariance) == 0 else np.diagonal(self.covariance))

    @property
    def correlation(self):
        """Cov f_ij / (s_i s_j), of shape (m, m); nan where a result has no spread."""
        s = np.atleast_1d(self.deviation)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.atleast_2d(self.covariance) / np.outer(s, s)


def propagate(f, mean, covariance, order=1):
    """Mean and covariance of ``f(x)``, to first or second order, as a ``Propagated``.

    ``mean``: a number, or a vector of shape (n,). ``covariance``: the variance, or the matrix of shape (n, n); for
    independent inputs with standard deviations s it is ``np.diag(np.square(s))``. ``f`` returns a number or a vector.
    The first order takes one Jacobian, the second that of the Jacobian too.
    Raises InputError for other shapes, and for a matrix that is no covariance; DomainError where a derivative is
    infinite or nan at the mean, for there f is like no straight line.

    A pendulum's length and period give gravity; and a parabola shows what the first order misses at its vertex:

    >>> g = propagate(lambda x: 4 * np.pi**2 * x[0] / x[1] ** 2, [1.0, 2.006], np.diag(np.square([0.001, 0.010])))
    >>> round(float(g.deviation), 7)
    0.0983039
    >>> [[float(part) for part in propagate(lambda x: x**2, 0.0, 0.25, order)] for order in (1, 2)]
    [[0.0, 0.0], [0.25, 0.125]]
    """
    if order not in (1, 2):
        raise InputError(
            f"There is no order {order} here.",
            "the first order takes f for a straight line, the second for a parabola.",
            "propagate(f, mean, covariance, order=2), or draw: f(rng.multivariate_normal(mean, covariance))",
        )
    mean, root = _checked(mean, covariance)

    def standard(t):  # f as a function of independent inputs with mean 0 and variance 1: x = m + R t, with R R^T = C
        return _vector(f(mean + np.reshape(root @ t, mean.shape)))

    centre, at = np.zeros(root.shape[1]), f(mean)
    value = np.asarray(at, dtype=float)
    J = _finite(jacobian(standard)(centre), "first")
    covariance = J @ J.T
    shift = np.zeros(len(J))
    if order == 2:
        H = _finite(jacobian(jacobian(standard))(centre), "second")
        shift = np.trace(H, axis1=1, axis2=2) / 2
        covariance = covariance + np.einsum("iab,jab->ij", H, H) / 2
    return Propagated(value + np.reshape(shift, value.shape), np.reshape(covariance, value.shape * 2))


def budget(f, mean, deviations):
    """How much each of several independent inputs adds to the variance of a number f(x): (df/dx_i s_i)^2, shape (n,).

    To first order; their sum is the variance. ``deviations``: the standard deviation s of each input. The largest entry
    names the measurement that is worth improving. (Where inputs are correlated, they have no shares of their own.)
    Raises as ``propagate`` does.

    >>> length, period = budget(lambda x: 4 * np.pi**2 * x[0] / x[1] ** 2, [1.0, 2.006], [0.001, 0.010])
    >>> round(float(period / (length + period)), 3)
    0.99
    """
    mean, s = np.atleast_1d(np.asarray(mean, dtype=float)), np.atleast_1d(np.asarray(deviations, dtype=float))
    if mean.shape != s.shape or not np.all(s >= 0):
        raise InputError(
            f"The deviations have shape {s.shape} where the mean has {mean.shape}, or one of them isn't 0 or more.",
            "there is one standard deviation for each input; it is a width, of the input's own unit.",
            "np.sqrt(np.diagonal(covariance)) for the deviations, if the inputs are independent",
        )
    if np.ndim(f(mean)):
        raise InputError(
            f"f returned an array of shape {np.shape(f(mean))}.",
            "a budget splits the variance of one number.",
            "budget(lambda x: f(x)[0], mean, deviations)",
        )
    return np.square(_finite(jacobian(f)(mean), "first") * s)


def _checked(mean, covariance):
    """The mean as floats, and R of shape (n, n) with R R^T = C."""
    mean, C = np.asarray(mean, dtype=float), np.asarray(covariance, dtype=float)
    n = mean.size
    if mean.ndim > 1 or C.shape != mean.shape * 2:
        raise InputError(
            f"The mean has shape {mean.shape} and the covariance {C.shape}.",
            "a number has a variance, n numbers have a matrix of n rows and columns.",
            "np.diag(np.square(deviations)) for independent inputs; and a vector of all inputs that f takes apart",
        )
    if not (np.all(np.isfinite(mean)) and np.all(np.isfinite(C))):
        raise InputError(
            "A mean or a covariance isn't finite.",
            "nothing is known of such an input, and so nothing of what is computed from it.",
            "np.isfinite(mean), to find which one it is",
        )
    C = np.reshape(C, (n, n))
    s = np.sqrt(np.where(np.diagonal(C) > 0, np.diagonal(C), 1.0))
    correlation = C / s[:, None] / s  # free of units, so that none of them is lost beside a larger one
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    if not (np.all(values >= -1e-12 * n) and np.allclose(correlation, correlation.T, atol=1e-8)):
        raise InputError(
            "This matrix is no covariance: it isn't symmetric, or some combination of inputs has a negative variance.",
            "C_ij = E (x_i - m_i)(x_j - m_j), so v^T C v is the variance of v . x.",
            "np.cov(draws, rowvar=False), or np.diag(np.square(deviations)) for independent inputs",
        )
    return mean, s[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))


def _vector(y):
    if np.ndim(y) > 1:
        raise InputError(
            f"f returned an array of shape {np.shape(y)}.",
            "the covariance of m numbers is a matrix; that of a matrix would need four indices.",
            "lambda x: np.ravel(f(x))",
        )
    return np.reshape(y, (-1,))


def _finite(derivative, which):
    if not np.all(np.isfinite(derivative)):
        raise DomainError(
            f"The {which} derivative of f is infinite or nan at the mean.",
            "there f is like no straight line and no parabola, however narrow the inputs.",
            "draws = [f(x) for x in rng.multivariate_normal(mean, covariance, 10_000)], and their mean and covariance",
        )
    return derivative
