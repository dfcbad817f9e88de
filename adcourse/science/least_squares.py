"""Nonlinear least squares: minimise ½|r(x)|² for a program r that returns many residuals, with its exact Jacobian.

Near x, r(x + p) ≈ r + J p. Gauss and Newton minimise ½|r + J p|², which is linear least squares; Levenberg and
Marquardt keep p short as long as the straight line is a poor guide. No second derivative is needed.

Source: Nocedal and Wright, *Numerical Optimization*, 2nd edition (Springer, 2006), chapter 10; Marquardt (1963); for
the damping, Nielsen, *Damping parameter in Marquardt's method* (IMM-REP-1999-05).
"""

from dataclasses import dataclass

import numpy as np

from adcourse import jacobian
from adcourse.core.arguments import as_input, check_function
from adcourse.core.errors import InputError

from .given import whole
from .optimize import Descent
from .progress import progress

SHORT = 1e-12  # a step below this, relative to x, is within rounding of none
FLAT = 1e-13  # and a fall of |r|² below this, relative to it
MOST = 1e12  # a damping above this leaves no step


@dataclass(repr=False)
class Fit(Descent):
    """A Descent whose ``values`` are ½|r|² and whose ``slopes`` say how far r is from being at right angles to J.

    ``residuals``, ``jacobian``   r (m numbers) and J (m × n) at ``x``
    """

    residuals: np.ndarray = None
    jacobian: np.ndarray = None

    @property
    def covariance(self):
        """s² (JᵀJ)⁻¹ with s² = |r|²/(m - n): to first order the covariance of x, for independent errors of one size.

        Raises InputError unless there are more residuals than unknowns, and J has full rank.
        """
        m, n = self.jacobian.shape
        if m <= n or np.linalg.matrix_rank(self.jacobian) < n:
            raise InputError(
                f"The covariance of {n} unknowns was asked for, from {m} residuals.",
                "the data leave no residual to judge the errors by, or don't determine every unknown.",
                "more data, or fewer unknowns",
            )
        R = np.linalg.qr(self.jacobian, mode="r")
        inverse = np.linalg.solve(R, np.eye(n))
        return inverse @ inverse.T * (self.residuals @ self.residuals) / (m - n)


def gauss_newton(r, x0, steps=50, tol=1e-10):
    """Minimise ½|r(x)|² by full Gauss-Newton steps p = argmin |r + J p|; returns a Fit.

    Fast where the residuals become small; from far away it may jump further away still, and then it says so.

    >>> t = np.array([0.0, 1.0, 2.0, 3.0])
    >>> fit = gauss_newton(lambda x: x[0] * np.exp(-x[1] * t) - np.array([2.0, 1.0, 0.5, 0.25]), [1.0, 1.0])
    >>> fit.x.round(9), bool(fit.value < 1e-20)  # the second is log 2
    (array([2.        , 0.69314718]), True)
    """
    return _fit(r, x0, steps, tol, None)


def levenberg_marquardt(r, x0, steps=200, tol=1e-10, damping=1e-3):
    """Minimise ½|r(x)|² by steps p = argmin |r + J p|² + μ |D p|², which never go uphill; returns a Fit.

    D holds the largest length so far of each column of J, so that the units of x don't matter. μ begins at ``damping``,
    falls where |r|² fell as foreseen, and grows where it didn't.

    >>> t = np.array([0.0, 1.0, 2.0, 3.0])
    >>> fit = levenberg_marquardt(lambda x: x[0] * np.exp(-x[1] * t) - np.array([2.0, 1.0, 0.5, 0.25]), [9.0, -2.0])
    >>> fit.x.round(9)
    array([2.        , 0.69314718])
    """
    if not damping > 0:
        raise InputError(
            f"levenberg_marquardt was given damping={damping!r}.",
            "it is a factor that grows and shrinks.",
            "damping=1e-3",
        )
    return _fit(r, x0, steps, tol, damping)


def _fit(r, x0, steps, tol, mu):
    check_function(r, f"{'gauss_newton' if mu is None else 'levenberg_marquardt'}(f, x0)")
    residuals = lambda x: np.ravel(r(x))
    slopes, steps = jacobian(residuals), whole(steps, 0, "steps")
    found, x, damped = Fit(), np.array(as_input(np.array(x0), "The start x0"), float), mu is not None
    if x.ndim != 1:
        raise InputError(
            f"The start {x0!r} is not a vector.", "the unknowns are the entries of one array.", "[1.0, 2.0]"
        )
    scale, grow, values = np.zeros_like(x), 2.0, residuals(x)
    for k in progress(range(steps + 1), "least squares"):
        J = np.asarray(slopes(x))
        found.residuals, found.jacobian = values, J
        if found.arrive(x, values @ values / 2, _tilt(J, values), tol) or k == steps:
            break
        if not J.any():
            found.why = "Here r doesn't depend on x at all."
            break
        scale = np.maximum(scale, np.sqrt(np.sum(J * J, axis=0)))
        last = False
        while True:
            p = _step(J, values, np.sqrt(mu) * scale if damped else None)
            moved = residuals(x + p)
            if not damped:
                break
            foreseen = values @ values - np.sum((values + J @ p) ** 2)
            if foreseen <= FLAT * (values @ values) and mu < 1:
                last = True
                break
            gain = (values @ values - moved @ moved) / foreseen if foreseen > 0 else -1.0
            if gain > 0:
                mu, grow = mu * max(1 / 3, 1 - (2 * gain - 1) ** 3), 2.0
                break
            mu, grow = mu * grow, 2 * grow  # also where r is not finite
            if mu > MOST:
                found.why = "No step lowers |r|, however short."
                break
        if found.why:
            break
        x, values = x + p, moved
        if last or _short(p, x):
            found.residuals, found.jacobian = values, np.asarray(slopes(x))
            found.arrive(x, values @ values / 2, _tilt(found.jacobian, values), tol)
            found.converged, found.why = True, "To rounding, no step lowers |r| any more."
            break
    found.why = found.why or f"All {steps} steps were taken."
    return found


def _step(J, r, scale):
    """argmin |r + J p|² + |scale p|²: by orthogonal transformations, for JᵀJ would square the rounding."""
    if scale is not None:
        J, r = np.vstack([J, np.diag(scale)]), np.concatenate([r, np.zeros(len(scale))])
    return np.linalg.lstsq(J, -r)[0]


def _tilt(J, r):
    """The largest |cos| of an angle between r and a column of J: 0 at a minimum; for J = 0 it is 1."""
    if not J.any():
        return float(r.any())
    J, r = (v / np.where(v.any(axis=0), np.abs(v).max(axis=0), 1.0) for v in (J, r))  # their squares may underflow
    lengths = np.sqrt(np.sum(J * J, axis=0) * (r @ r))
    return float(np.max(np.abs(J.T @ r) / np.where(lengths, lengths, 1.0)))


def _short(p, x):
    return np.max(np.abs(p)) <= SHORT * (np.max(np.abs(x)) + SHORT)
