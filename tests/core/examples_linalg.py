"""Examples for the functions of np.linalg, joined to those of examples.py: ``name: [(call, shape, ...), ...]``.

Operands are drawn from (-0.9, 0.9); the helpers make of them what a function asks for, on the device they live on.
"""

import numpy as np

from adcourse.core.levels import plain


def eye(x):
    return np.eye(x.shape[-1], dtype=x.dtype, like=plain(x))


def mT(x):
    return np.swapaxes(x, -1, -2)


def regular(x):
    """An invertible matrix."""
    return x + 3.0 * eye(x)


def symmetric(x):
    return x + mT(x)


def positive(x):
    square = np.matmul(x, mT(x))
    return square + eye(square)


def both(results):
    """All results in one array: their shapes allow a broadcast sum."""
    return sum(results[1:], results[0])


def functions_of(w, V):
    """V sin(w) V^T: the sign of no vector matters."""
    return np.matmul(V * np.sin(w)[..., None, :], mT(V))


def of_svd(x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.matmul(u * np.exp(s)[..., None, :], vh)


RULES = {
    "inv": [(lambda x: np.linalg.inv(regular(x)), (3, 3)), (lambda x: np.linalg.inv(regular(x)), (2, 3, 3)),
            (lambda x: np.linalg.inv(regular(x)), (1, 1))],
    "det": [(lambda x: np.linalg.det(regular(x)), (2, 3, 3)), (lambda x: np.linalg.det(x), (2, 2))],
    "solve": [(lambda x, y: np.linalg.solve(regular(x), y), (3, 3), (3,)),
              (lambda x, y: np.linalg.solve(regular(x), y), (2, 3, 3), (2, 3, 4)),
              (lambda x, y: np.linalg.solve(regular(x), y), (2, 3, 3), (3,)),
              (lambda x, y: np.linalg.solve(regular(x), y), (3, 3), (2, 3, 1)),
              (lambda y: np.linalg.solve(4.0 * eye(y) - 1.0, y), (3, 3)),
              (lambda x: np.linalg.solve(regular(x), eye(x)[1]), (3, 3))],
    "pinv": [(lambda x: np.linalg.pinv(x), shape) for shape in ((4, 2), (2, 4), (3, 3), (2, 4, 3))]
            + [(lambda x: np.linalg.pinv(np.matmul(x, mT(x)), rcond=1e-9), (3, 2))],  # its rank is 2 everywhere
    "cholesky": [(lambda x: np.linalg.cholesky(positive(x)), (3, 3)),
                 (lambda x: np.linalg.cholesky(positive(x), upper=True), (2, 3, 3)),
                 (lambda x: np.linalg.cholesky(symmetric(regular(x))), (3, 3))],
    "slogdet": [(lambda x: np.linalg.slogdet(regular(x))[1], (3, 3)), (lambda x: np.linalg.slogdet(-x)[1], (2, 3, 3)),
                (lambda x: both(np.linalg.slogdet(-regular(x))), (2, 3, 3))],
    "eigh": [(lambda x: np.linalg.eigh(symmetric(x))[0], (4, 4)),
             (lambda x: functions_of(*np.linalg.eigh(symmetric(x))), (3, 3)),
             (lambda x: functions_of(*np.linalg.eigh(symmetric(x), UPLO="U")), (2, 3, 3)),
             (lambda x: np.linalg.eigh(symmetric(x)).eigenvectors, (2, 3, 3))],
    "qr": [(lambda x: np.linalg.qr(x)[0], (4, 3)), (lambda x: np.linalg.qr(x)[1], (4, 3)),
           (lambda x: both(np.linalg.qr(x)), (2, 3, 3)), (lambda x: np.linalg.qr(x).Q, (2, 4)),
           (lambda x: np.linalg.qr(x, mode="complete").R, (2, 2, 4)), (lambda x: np.linalg.qr(x, mode="r"), (4, 2))],
    "svd": [(of_svd, (4, 2)), (of_svd, (2, 2, 4)),
            (lambda x: both(np.linalg.svd(x)), (3, 3)),
            (lambda x: np.linalg.svd(x, full_matrices=False)[0], (4, 3)),
            (lambda x: np.linalg.svd(x, full_matrices=False).Vh, (3, 4))],
}  # fmt: skip

NORMS = [None, 1, 2, 3, 2.5, 0.5, -1, np.inf, -np.inf]
MATRIX_NORMS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]
DERIVED = {
    "eigvalsh": [(lambda x: np.linalg.eigvalsh(symmetric(x)), (2, 3, 3)),
                 (lambda x: np.linalg.eigvalsh(symmetric(x), "U"), (3, 3))],
    "svdvals": [(lambda x: np.linalg.svdvals(x), (3, 4)), (lambda x: np.linalg.svd(x, compute_uv=False), (4, 3))],
    "norm": [(lambda x, p=p: np.linalg.norm(x, p), (4,)) for p in NORMS]
            + [(lambda x, p=p: np.linalg.norm(x, p, axis=1, keepdims=True), (2, 3)) for p in NORMS]
            + [(lambda x, p=p: np.linalg.norm(x, p), (3, 4)) for p in MATRIX_NORMS]
            + [(lambda x, p=p: np.linalg.norm(x, p, axis=(2, 0)), (3, 2, 4)) for p in MATRIX_NORMS]
            + [(lambda x: np.linalg.norm(x, "nuc", axis=(-3, 2), keepdims=True), (3, 2, 4)),
               (lambda x: np.linalg.norm(x), (2, 3, 4)), (lambda x: np.linalg.norm(x, axis=(0,)), (2, 3))],
    "vector_norm": [(lambda x: np.linalg.vector_norm(x), (2, 3)),
                    (lambda x: np.linalg.vector_norm(x, axis=(0, 2), ord=3, keepdims=True), (2, 3, 2))],
    "matrix_norm": [(lambda x: np.linalg.matrix_norm(x), (2, 3, 3)),
                    (lambda x: np.linalg.matrix_norm(x, ord="nuc", keepdims=True), (2, 3, 2))],
    "cond": [(lambda x, p=p: np.linalg.cond(regular(x), p), (3, 3)) for p in (None, 2, -2, 1, "fro")],
    "lstsq": [(lambda x, y: np.linalg.lstsq(x, y)[0], (4, 2), (4,)),
              (lambda x, y: both([np.linalg.lstsq(x, y)[k] for k in (0, 1, 3)]), (4, 2), (4, 2)),
              (lambda x, y: np.linalg.lstsq(x, y)[0], (2, 4), (2, 3))],
    "matrix_power": [(lambda x, n=n: np.linalg.matrix_power(regular(x) / 3.0, n), (2, 3, 3))
                     for n in (-3, -1, 1, 2, 3, 6)],
    "multi_dot": [(lambda x, y: np.linalg.multi_dot([x, y, mT(y), x[:, 0]]), (3, 3), (3, 2)),
                  (lambda x, y: np.linalg.multi_dot([x[0], y, x]), (2, 3), (3, 2)),
                  (lambda x, y: np.linalg.multi_dot([x, y]), (2, 3), (3, 2))],
    "tensorinv": [(lambda x: np.linalg.tensorinv(np.reshape(regular(x), (2, 2, 4)), ind=2), (4, 4))],
    "tensorsolve": [(lambda x, y: np.linalg.tensorsolve(np.reshape(regular(x), (2, 2, 4)), y), (4, 4), (2, 2)),
                    (lambda x, y: np.linalg.tensorsolve(
                        np.transpose(np.reshape(regular(x), (4, 2, 2)), (1, 0, 2)), y, axes=(0,)), (4, 4), (4,))],
    "matrix_transpose": [(lambda x: np.linalg.matrix_transpose(x), (2, 3, 4))],
    "linalg.matmul": [(lambda x, y: np.linalg.matmul(x, y), (2, 3), (3, 2))],
    "linalg.trace": [(lambda x: np.linalg.trace(x, offset=1), (2, 3, 4))],
    "linalg.diagonal": [(lambda x: np.linalg.diagonal(x, offset=-1), (2, 3, 4))],
    "linalg.cross": [(lambda x, y: np.linalg.cross(x, y, axis=0), (3, 2), (3, 2))],
    "linalg.tensordot": [(lambda x, y: np.linalg.tensordot(x, y, axes=1), (2, 3, 4), (4, 2))],
    "linalg.outer": [(lambda x, y: np.linalg.outer(x, y), (2,), (3,))],
    "linalg.vecdot": [(lambda x, y: np.linalg.vecdot(x, y, axis=0), (3, 2), (3, 2))],
}  # fmt: skip
