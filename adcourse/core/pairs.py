"""Large reductions: s_i = sum_j k(x_i, y_j), without ever holding the matrix of all pairs.

Kernels, forces between particles, attention: N x M numbers that are needed for their sums alone. They are made block
by block and dropped, and the derivative makes them again: recomputing a block costs less than keeping it.

A block turns some rows X, some columns Y and the parameters P into contributions to results of the rows, of the
columns, and to common ones. Its JVP is such a block, made of (X, dX), (Y, dY), (P, dP). So is its VJP: what it returns
for X is added up over the columns, for Y over the rows, for P over everything. So one loop serves every derivative.

Source: Charlier et al., *Kernel Operations on the GPU, with Autodiff, without Memory Overflows* (2021).
"""

import numpy as np

from .arguments import as_output, called, check_function
from .custom import custom_rule, is_traced
from .errors import InputError, from_around
from .kinds import shape_of
from .levels import pack
from .transforms import jvp, vjp
from .tree import flatten

AT_ONCE = 512  # rows and columns of a block: 2 MB an array, in double precision


def sum_over_pairs(formula, x, y, *parameters, block=AT_ONCE):
    """s[i] = sum over j of ``formula(x[i], y[j], *parameters)``, in the memory of one block of pairs.

    ``formula`` is NumPy code that gets blocks ``x[:, None]``, of shape (rows, 1, ...), and ``y[None, :]``, of shape
    (1, columns, ...), and works pair by pair: its result, of shape (rows, columns, ...), is summed over axis 1, so
    ``s`` has shape (N, ...). ``x`` and ``y`` are arrays or trees of them, with a first axis of N and of M (weights are
    one more array of ``y``); the parameters have any shape and are the same for all pairs. ``block`` is how many rows,
    and columns, there are at once.
    Memory: that of a block, and a few times that of x, y and s; a derivative of any order adds no N x M either.
    Cost: that of the dense formula; its derivatives compute each block once more. At N = M = 2,000 a value took 0.4 to
    1.0 of the dense formula's time, a gradient 0.7 to 1.5, an hvp 0.6 to 1.7.
    Raises InputError for arrays that differ in their first axis or a formula that doesn't work on blocks.
    Source: Charlier et al. (2021), whose KeOps does this on a GPU.

    >>> import numpy as np
    >>> from adcourse import grad
    >>> bell = lambda x, y, width: np.exp(-((x - y) ** 2) / width)
    >>> x, y = np.array([0.0, 1.0]), np.array([0.0, 1.0, 2.0])
    >>> sum_over_pairs(bell, x, y, 1.0).round(6).tolist()
    [1.386195, 1.735759]
    >>> grad(lambda x: np.sum(sum_over_pairs(bell, x, y, 1.0)))(x).round(6).tolist()
    [0.809021, 0.0]
    """
    check_function(formula, "sum_over_pairs(f, x, y)")
    if not isinstance(block, (int, np.integer)) or isinstance(block, bool) or block < 1:
        raise InputError(
            f"sum_over_pairs was given block={block!r}.",
            "it is the number of rows, and of columns, that are computed at once.",
            "block=512",
        )
    leaves, builds = zip(*map(flatten, (x, y, parameters)), strict=True)
    leaves = [list(map(pack, group)) for group in leaves]
    traced = [[k for k, leaf in enumerate(group) if is_traced(leaf)] for group in leaves]
    counts = _length(leaves[0], "x"), _length(leaves[1], "y")

    def filled(group, active, cut=None):
        """The leaves of x, y or the parameters for one block: those that are traced are given, and cut already."""
        given = dict(zip(traced[group], active[group], strict=True))
        return [given[k] if k in given else a if cut is None else a[cut] for k, a in enumerate(leaves[group])]

    def contribution(active, i, j):
        """The sums of the formula over the columns of one block; nothing for the columns and the parameters."""
        rows = builds[0]([a[:, None] for a in filled(0, active, i)])
        columns = builds[1]([a[None] for a in filled(1, active, j)])
        k = as_output(formula(rows, columns, *builds[2](filled(2, active))))
        size = tuple(len(range(*cut.indices(n))) for cut, n in zip((i, j), counts, strict=True))
        return [np.sum(_as_pairs(k, size, formula), axis=1)], [], []

    blocks = _Blocks(contribution, counts, block, called(formula))
    (s,), _, _ = blocks(*[tuple(leaves[g][k] for k in traced[g]) for g in range(3)])
    return s


def _length(leaves, name):
    """The length of the first axis that all arrays share."""
    lengths = {shape_of(leaf)[:1] for leaf in leaves}
    if len(lengths) != 1 or () in lengths:
        raise InputError(
            f"The arrays of {name} have shapes {[shape_of(leaf) for leaf in leaves]}.",
            f"their first axis counts the elements of {name}, so all have one, of the same length.",
            f"{name} of shape (N,) or (N, dimensions); what belongs to all pairs, behind x and y",
        )
    return lengths.pop()[0]


def _as_pairs(k, size, formula):
    """What the formula returned, for each pair of a block."""
    shape = shape_of(k)
    if shape and (len(shape) == 1 or any(n not in (1, m) for n, m in zip(shape, size, strict=False))):
        raise InputError(
            f"{called(formula)} returned shape {shape} for a block of {size[0]} rows and {size[1]} columns.",
            "it gets x of shape (rows, 1, ...) and y of shape (1, columns, ...), and returns one value a pair.",
            "np.sum((x - y) ** 2, axis=-1) for points in space: sums over the axes behind the first two alone",
        )
    return k if shape[:2] == size else np.broadcast_to(k, size + shape[2:])


class _Blocks:
    """The sum of ``F((X, Y, P), i, j)`` over all blocks: a function of the arrays X, Y and P, with derivatives."""

    def __init__(self, F, counts, block, name):
        self.F, self.counts, self.block, self.name = F, counts, block, name

    def __call__(self, X, Y, P):
        def total(X, Y, P):
            return self.total(X, Y, P)

        total.__name__ = f"sum of {self.name}"
        return custom_rule(total, jvp=self.tangent, vjp=self.cotangents)(X, Y, P)

    def total(self, X, Y, P):
        rows, columns = (range(0, max(n, 1), self.block) for n in self.counts)
        of_rows, of_columns, common = [], [None] * len(columns), None
        for i in rows:
            i, row = slice(i, i + self.block), None
            x = tuple(a[i] for a in X)
            for k, j in enumerate(columns):
                j = slice(j, j + self.block)
                found = self.F((x, tuple(a[j] for a in Y), P), i, j)
                if any(map(is_traced, flatten(found)[0])):
                    raise from_around(self.name, flatten(found)[0][0])
                row, of_columns[k], common = map(_added, (row, of_columns[k], common), found)
            of_rows.append(row)
        return _joined(of_rows), _joined(of_columns), common

    def like(self, F):
        return _Blocks(F, self.counts, self.block, self.name)

    def tangent(self, z, primals, tangents):
        def F(active, i, j):
            (x, dx), (y, dy), (p, dp) = map(_halves, active)
            return jvp(lambda *a: self.F(a, i, j), (x, y, p), (dx, dy, dp))[1]

        return self.like(F)(*[(*a, *da) for a, da in zip(primals, tangents, strict=True)])

    def cotangents(self, g, z, primals):
        """The results' cotangents travel with the rows, columns and parameters that they belong to."""
        sizes = [len(a) for a in primals]

        def F(active, i, j):
            own = [a[:n] for a, n in zip(active, sizes, strict=True)]
            given = [list(a[n:]) for a, n in zip(active, sizes, strict=True)]
            return vjp(lambda *a: self.F(a, i, j), *own)[1](tuple(given))

        return self.like(F)(*[(*a, *ga) for a, ga in zip(primals, g, strict=True)])


def _halves(leaves):
    return leaves[: len(leaves) // 2], leaves[len(leaves) // 2 :]


def _added(have, new):
    return list(new) if have is None else [a + b for a, b in zip(have, new, strict=True)]


def _joined(parts):
    return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]
