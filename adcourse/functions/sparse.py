"""Sparse matrices as results: SciPy's where it is installed, otherwise one of our own that holds the entries."""

import numpy as np

from ..core.kinds import dtype_of
from ..core.levels import Traced, apply, ask
from ..core.rules import put


class Sparse:
    """A matrix that holds only its entries: ``values[k]`` in row ``rows[k]`` and column ``columns[k]``.

    >>> import numpy as np
    >>> Sparse(np.array([0, 1]), np.array([2, 0]), np.array([5.0, 7.0]), (2, 3)).toarray().tolist()
    [[0.0, 0.0, 5.0], [7.0, 0.0, 0.0]]
    """

    def __init__(self, rows, columns, values, shape):
        self.rows, self.columns, self.values, self.shape = rows, columns, values, shape

    nnz = property(lambda self: len(self.rows))
    dtype = property(lambda self: dtype_of(self.values))

    def toarray(self):
        """The matrix with all its zeros."""
        if self.dtype == bool:
            return self._with(self.values.astype(int)).toarray() > 0
        return apply(put, (self.values,), {"indices": ((self.rows, self.columns),), "shape": self.shape})

    def _with(self, values):
        return Sparse(self.rows, self.columns, values, self.shape)

    def __repr__(self):
        return f"<Sparse {self.shape[0]} x {self.shape[1]}, {self.nnz} entries>"


def as_sparse(pattern, values, info=None):
    """These values, row by row in the places of the pattern: a csr_array of SciPy's if there can be one."""
    if isinstance(values, Traced):
        if values.recorded:
            return ask(as_sparse, pattern, values, info)
        matrix = Sparse(pattern.rows, pattern.indices.copy(), values, pattern.shape)
    else:
        matrix = _filled(pattern, values)
    matrix.info = info
    return matrix


def _filled(pattern, values):
    if not hasattr(pattern, "example"):  # whose indices SciPy has looked at, once
        try:
            from scipy.sparse import csr_array
        except ImportError:
            pattern.example = None
        else:
            parts = np.zeros(pattern.nnz), pattern.indices.copy(), pattern.indptr.copy()
            pattern.example = csr_array(parts, shape=pattern.shape)
    example = pattern.example
    if example is None:
        return Sparse(pattern.rows, pattern.indices.copy(), values, pattern.shape)
    matrix = object.__new__(type(example))
    matrix.__dict__.update(example.__dict__)
    matrix.data, matrix.indices, matrix.indptr = values, example.indices.copy(), example.indptr.copy()
    return matrix
