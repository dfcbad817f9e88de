"""Matrix functions of a 200 x 200 matrix: log determinant, solve, Cholesky factor, eigenvectors."""

from functools import partial

import numpy

from .bench import Case, table
from .ways import HAND, WAYS, numbers


def logdet(A, np=numpy):
    return np.linalg.slogdet(A)[1]


def logdet_by_hand(A):
    return numpy.linalg.slogdet(A)[1], numpy.linalg.inv(A).T


def solve(A, b, np=numpy):
    return np.sum(np.linalg.solve(A, b) ** 2)


def solve_by_hand(A, b):
    x = numpy.linalg.solve(A, b)
    b_ = numpy.linalg.solve(A.T, 2.0 * x)
    return x.dot(x), (b_[:, None] * -x, b_)


def cholesky(A, C, np=numpy):
    return np.sum(C * np.linalg.cholesky(A))


def cholesky_by_hand(A, C):
    """L^-T sym(L^T C) L^-1, sym(M) the symmetric matrix with the lower triangle of M, halved (Murray 2016)."""
    L = numpy.linalg.cholesky(A)
    M = numpy.tril(L.T @ numpy.tril(C))
    M += numpy.tril(M, -1).T
    M *= 0.5
    inverse = numpy.linalg.inv(L)
    return numpy.vdot(C, L), inverse.T @ M @ inverse


def eigh(A, C, np=numpy):
    """<C, A^(1/2)>, the square root from the eigenvalues and eigenvectors."""
    w, V = np.linalg.eigh(A)
    return np.sum(C * ((V * np.sqrt(w)) @ V.T))


def eigh_by_hand(A, C):
    """In the basis of the eigenvectors the derivative of A^(1/2) divides by sqrt(w_i) + sqrt(w_j)."""
    w, V = numpy.linalg.eigh(A)
    w = numpy.sqrt(w)
    M = V.T @ C @ V
    value = numpy.diagonal(M).dot(w)
    M /= w[:, None] + w
    return value, V @ M @ V.T


def symmetric(result):
    """Derivatives by a symmetric matrix agree in symmetric directions; how they fill a triangle is a convention."""
    value, gradient = result
    (G,) = gradient if isinstance(gradient, (tuple, list)) else (gradient,)
    G = numbers(G)
    n = round(len(G) ** 0.5)
    G = G.reshape(n, n)
    return numpy.append(numbers(value), G + G.T)


def cases(tiny=False):
    n = 4 if tiny else 200
    rng = numpy.random.default_rng(n)
    A, C, b = rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=n)
    S = A @ A.T / n + numpy.diag(numpy.linspace(1, 2, n))
    for f, hand, args, constants, compare in (
        (logdet, logdet_by_hand, (A,), (), numbers),
        (solve, solve_by_hand, (A, b), (), numbers),
        (cholesky, cholesky_by_hand, (S,), (C,), symmetric),
        (eigh, eigh_by_hand, (S,), (C + C.T,), symmetric),
    ):
        ways = {name: way(f, args, constants) for name, way in WAYS.items()}
        yield Case(f.__name__, {HAND: partial(hand, *args, *constants)} | ways, reach=1.2, compare=compare)


def main(tiny=False):
    return table("Matrix functions, n = 200", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
