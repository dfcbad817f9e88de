"""The rules of matrix functions, one JVP line each: differentiate the equation that defines the result.

Source: Giles, *Collected matrix derivative results for forward and reverse mode AD* (2008), section 2. Reverse mode
transposes these lines; ``solve`` is linear in its right-hand side, and there its transpose ends the recursion.
"""

import numpy as np

from .rules import general


def _mT(x):
    return np.swapaxes(x, -1, -2)


def _inv(z, primals, tangents):  # A Z = 1
    (dA,) = tangents
    return -np.matmul(z, np.matmul(dA, z))


def _det(z, primals, tangents):  # Jacobi's formula; needs an invertible matrix
    (A,), (dA,) = primals, tangents
    return z * np.sum(_mT(np.linalg.inv(A)) * dA, axis=(-2, -1))


def _solve(z, primals, tangents):  # A z = b
    (A, _), (dA, db) = primals, tangents
    residual = db if dA is None else -np.matmul(dA, z) if db is None else db - np.matmul(dA, z)
    return np.linalg.solve(A, residual)


general(np.linalg.inv, _inv)
general(np.linalg.det, _det)
general(np.linalg.solve, _solve, operands=2, linear={1: lambda g, A, b: np.linalg.solve(_mT(A), g)})
