"""Sparse matrices as results: SciPy's where it is installed, otherwise one of our own that holds the entries."""

from ..core.kinds import dtype_of
from ..core.levels import Traced, apply
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


def as_sparse(pattern, values):
    """These values, row by row in the places of the pattern: a csr_array of SciPy's if there can be one."""
    if not isinstance(values, Traced):
        try:
            from scipy.sparse import csr_array
        except ImportError:
            pass
        else:
            return csr_array((values, pattern.indices.copy(), pattern.indptr.copy()), shape=pattern.shape)
    return Sparse(pattern.rows, pattern.indices.copy(), values, pattern.shape)
