"""Linear systems on plain numbers, A v = b: with the matrix A, or from products v -> A v alone (GMRES).

GMRES looks for v among the combinations of b, A b, A A b, ...: the one whose residual is smallest. Where the directions
p are chosen such that all A p are orthonormal, that is r - (A p . r) A p after each of them. Eigenvalues of A in a few
clusters mean few steps.
Source: Saad and Schultz, *GMRES* (1986), in the form of Jiranek and Rozloznik, *Adaptive version of Simpler GMRES*
(2010).
"""

import warnings

import numpy as np

from .errors import ConvergenceError, DomainError

DENSE = 100  # unknowns up to which the matrix costs less than the search
STALLED = 2000  # unknowns up to which the matrix is made after all, where the search takes as many products
RESTART = 60  # directions held at once


def inverse(A):
    """A^-1, where the condition of A allows."""
    rows = np.max(np.abs(A), axis=1, keepdims=True)
    columns = np.max(np.abs(A) / np.where(rows == 0, 1.0, rows), axis=0)
    inverse, condition = None, np.inf
    if np.all(np.isfinite(rows)) and np.all(rows) and np.all(columns):
        scaled = A / rows / columns  # in units in which entries are at most 1
        try:
            inverse = np.linalg.inv(scaled)
            condition = np.linalg.norm(scaled, 1) * np.linalg.norm(inverse, 1)
        except np.linalg.LinAlgError:
            pass
    _check_condition(condition, A)
    return inverse / columns[:, None] / rows.T


def refined(A, inverse, b):
    """v with A v = b: a product with the inverse, and one with what is left."""
    v = inverse @ b
    return v + inverse @ (b - A @ v)


def _check_condition(condition, b):
    lost = condition * np.finfo(b.dtype).eps
    if not lost < 0.01:
        raise DomainError(
            f"F_z, the derivative of the residual by z, is singular, or infinite (condition {condition:.1e}).",
            "then the equation doesn't say how z moves with x: two solutions meet, or some number of z is free.",
            "arguments away from that point, or one more equation for what is left free",
        )
    if lost > np.finfo(b.dtype).eps ** 0.5:
        warnings.warn(
            f"F_z is nearly singular (condition {condition:.1e}): the derivative has {-np.log10(lost):.0f} digits.",
            RuntimeWarning,
            stacklevel=2,
        )


def accept(b, left, condition=1.0):
    """Refuse a v that leaves a residual of norm ``left``."""
    size = np.linalg.norm(b)
    if not left <= np.finfo(b.dtype).eps ** 0.5 * size:
        raise ConvergenceError(
            f"The linear system with F_z is solved to a residual of {left:.3g} only; its right-hand side has norm "
            f"{size:.3g}.",
            "F_z is singular, or nearly so, or its eigenvalues are spread so widely that the search stalls.",
            "implicit_function(residual, solve, linear_solve=...), with a function (product, b) -> v that knows the "
            "structure of the equation",
        )
    _check_condition(condition, b)


def search(product, b):
    """``(v, residual, condition, products)``: v with A v = b from products alone, up to about as many as unknowns.

    ``condition``: that of A as far as the directions met tell; ``products``: how many there were.
    """
    eps, spread, products = float(np.finfo(b.dtype).eps), (np.inf, 0.0), 0
    v, r, left, size = np.zeros_like(b), b, np.linalg.norm(b), np.linalg.norm(b)
    while left > 4 * eps * size:
        step, used, spread = _cycle(product, r, 4 * eps * size, spread)
        r = b - product(v + step)
        before, left, products = left, np.linalg.norm(r), products + used + 1
        if left < before:
            v = v + step
        if not left < 0.5 * before or products >= len(b):
            left = min(left, before)
            break
    return v, left, spread[1] / spread[0] if products else 1.0, products


def _cycle(product, r, enough, spread):
    """The combination of up to RESTART directions p for which r - A p is smallest: each A p is made orthogonal."""
    P, Q = (np.empty_like(r, shape=(min(RESTART, len(r)), len(r))) for _ in range(2))
    v, p, before = np.zeros_like(r), r, np.linalg.norm(r)
    for k in range(len(P)):
        q = product(p)
        size = np.linalg.norm(q)
        for _ in range(2):
            h = Q[:k] @ q
            p, q = p - h @ P[:k], q - h @ Q[:k]
        norm = np.linalg.norm(q)
        if not norm > 4 * np.finfo(r.dtype).eps * size:  # no new direction: r can't be reached
            break
        P[k], Q[k] = p / norm, q / norm
        length = np.linalg.norm(P[k])  # between 1 / (largest singular value) and 1 / (smallest)
        spread = min(spread[0], length), max(spread[1], length)
        a = Q[k] @ r
        v, r = v + a * P[k], r - a * Q[k]
        left = np.linalg.norm(r)
        if not left > enough:
            break
        # the residual is the better direction while it shrinks; where it doesn't, it would be the old one again
        p, before = (r if left < 0.9 * before else Q[k]), left
    return v, k + 1, spread
