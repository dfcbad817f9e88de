"""Jacobians and Hessians that are mostly zeros: as many sweeps as colours, however many columns.

The pattern says where an entry can be (sparsity.py), a colouring which columns can share a sweep (colouring.py). Each
sweep gives J times the sum of such columns, and in each row one number, or none, of this sum is an entry.

A pattern found once serves for all arguments of these shapes. That it still holds, though a branch may have gone the
other way, is checked by one more direction, a random v: J v must be what the entries read off make of v. When the same
operations have passed this check, and the pattern is made of nothing but them, it isn't repeated.

Source: Curtis, Powell and Reid, *On the estimation of sparse Jacobian matrices* (1974); Gebremedhin, Manne and Pothen,
*What color is your Jacobian?* (2005); Griewank and Walther (2008), chapter 8.
"""

from functools import wraps
from typing import NamedTuple

import numpy as np

from ..functions.sparse import as_sparse
from .arguments import called, check_function, recording
from .colouring import as_pattern, colour_columns, colour_rows, number_of, star_colouring
from .errors import InputError
from .jacobians import check_mode, largest, many
from .kinds import dtype_of, shape_of, size_of
from .levels import plain
from .sparsity import dependence, structure
from .transforms import grad

BRANCHES = 8  # whose operations are remembered, so that they aren't checked again


class Info(NamedTuple):
    """How a sparse matrix was found: by how many sweeps, and which way."""

    sweeps: int
    mode: str


def sparse_jacobian(f, argnums=0, pattern=None, mode=None):
    """The Jacobian of ``f`` as a sparse matrix, with as few sweeps of its tape as there are colours.

    ``sparse_jacobian(f)(x)`` has a row for each number of f(x) and a column for each number of x, in order (of several
    arguments or results, one after the other): a ``csr_array`` where SciPy is installed, otherwise an object with
    ``rows``, ``columns``, ``values``, ``shape`` and ``toarray()``, as also inside another transform.

    ``pattern``, a matrix that isn't zero where the Jacobian may be other than zero, is found from the program itself if
    it isn't given: once for all arguments of these shapes, checked when the operations are others than before, and
    widened when another branch needs more. The tape is swept forwards for groups of columns or backwards for groups of
    rows, whichever are fewer, or as ``mode`` ("forward" or "reverse") says; all sweeps at once, with one for the check.
    ``sparse_jacobian(f).sweeps(x)`` says how many; ``.mode(x)``, ``.colours(x)`` and ``.pattern(x)`` which. The result
    has the first two as ``.info``. Raises InputError when a given pattern lacks an entry.
    Source: Curtis, Powell and Reid (1974); Griewank and Walther (2008), chapter 8.

    >>> import numpy as np
    >>> second_difference = lambda x: x[:-2] - 2 * x[1:-1] ** 2 + x[2:]
    >>> J = sparse_jacobian(second_difference)
    >>> J(np.arange(5.0)).toarray().tolist()
    [[1.0, -4.0, 1.0, 0.0, 0.0], [0.0, 1.0, -8.0, 1.0, 0.0], [0.0, 0.0, 1.0, -12.0, 1.0]]
    >>> J.sweeps(np.zeros(1000)), J.mode(np.zeros(1000))
    (3, 'forward')
    """
    check_function(f, "sparse_jacobian")
    check_mode(mode, "sparse_jacobian")
    return _transform(f, f, argnums, pattern, mode)


def sparse_hessian(f, argnums=0, pattern=None):
    """The Hessian of a scalar function as a sparse matrix: forward over reverse, one sweep for each colour.

    The program is that of the gradient, and its pattern is one of the numbers that meet in a product or another
    non-linear operation. The matrix is symmetric, so a star colouring is enough, which may need far fewer colours than
    columns that don't meet. Everything else as for ``sparse_jacobian``; the shape is (x.size, x.size).
    Source: Gebremedhin, Manne and Pothen (2005); Griewank and Walther (2008), section 7.1.

    >>> import numpy as np
    >>> rosenbrock = lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    >>> H = sparse_hessian(rosenbrock)
    >>> H(np.array([-1.2, 1.0])).toarray().round(9).tolist()
    [[1330.0, 480.0], [480.0, 200.0]]
    >>> H.sweeps(np.zeros(1000))
    3
    """
    check_function(f, "sparse_hessian")
    return _transform(f, grad(f, argnums), argnums, pattern, "symmetric")


def _transform(f, program, argnums, given, mode):
    plans = {}

    def plan_for(tape, xs, values):
        key = tuple(map(shape_of, xs)), tuple(map(shape_of, values))
        if new := key not in plans:
            plans[key] = _Plan(dependence(tape, values) if given is None else _fitting(given, xs, values), mode)
        return key, plans[key], new

    @wraps(f, updated=())
    def matrix(*args, **kwargs):
        with recording(program, args, argnums, kwargs) as (tape, xs, _, values, _):
            key, plan, new = plan_for(tape, xs, values)
            steps = structure(tape) if given is None and mode != "symmetric" else None
            check = steps is None or steps not in plan.proven
            found, agrees = plan.read(tape, xs, values, check)
            if not agrees:
                plans[key], found = _widened(plan, found, tape, xs, values, given, f)
                plan = plans[key]
            elif check and steps is not None and len(plan.proven) < BRANCHES:
                # An entry that the pattern lacks may be zero here, and not elsewhere.
                wider = plan.pattern if new else plan.pattern | dependence(tape, values)
                if wider.nnz > plan.pattern.nnz:
                    plans[key] = _Plan(wider, plan.mode)
                else:
                    plan.proven.append(steps)
        return as_sparse(plan.pattern, found, Info(plan.sweeps, plan.mode))

    def about(what):
        def look(*args, **kwargs):
            with recording(program, args, argnums, kwargs) as (tape, xs, _, values, _):
                return what(plan_for(tape, xs, values)[1])

        return look

    matrix.sweeps, matrix.mode = about(lambda plan: plan.sweeps), about(lambda plan: plan.mode)
    matrix.colours = about(lambda plan: plan.colours.copy())
    matrix.pattern = about(lambda plan: as_sparse(plan.pattern, np.ones(plan.pattern.nnz, bool)))
    return matrix


def _fitting(given, xs, values):
    """The pattern that the caller gave, if it has the shape of the matrix."""
    pattern, shape = as_pattern(given), (sum(map(size_of, values)), sum(map(size_of, xs)))
    if pattern.shape != shape:
        raise InputError(
            f"The pattern has shape {pattern.shape}, the matrix {shape}.",
            "it needs a row for each number of the result and a column for each number of the argument.",
            "a pattern of that shape; or leave pattern= away, and it is found from the program",
        )
    return pattern


def _widened(plan, found, tape, xs, values, given, f):
    """The plan and the entries when the check has failed: by rounding, another branch, or what isn't symmetric."""
    mine = dependence(tape, values)
    if mine <= plan.pattern:
        if plan.mode != "symmetric":
            return plan, found
        plan = _Plan(plan.pattern, "forward")
        return plan, plan.read(tape, xs, values)[0]
    wider = _Plan(plan.pattern | mine, plan.mode)
    more = wider.read(tape, xs, values)[0]
    if given is None:
        return wider, more
    missed = np.flatnonzero(~plan.pattern.has(wider.pattern) & (plain(more) != 0))
    if not len(missed):
        return plan, found
    k = missed[0]
    raise InputError(
        f"The pattern lacks the entry ({wider.pattern.rows[k]}, {wider.pattern.indices[k]}), where a derivative of "
        f"{called(f)} is {plain(more)[k]}.",
        "columns share a sweep when by the pattern they don't meet; where they do meet, their entries mix.",
        "a pattern with this entry; or leave pattern= away, and it is found from the program",
    )


class _Plan:
    """Which sweeps to do for a pattern, and where in their results each entry is to be read."""

    def __init__(self, pattern, mode):
        self.pattern = pattern = pattern | pattern.T if mode == "symmetric" else pattern
        self.proven = []  # the structures of tapes that have passed the check, and whose pattern is in this one
        rows, columns = pattern.rows, pattern.indices
        self.mode, self.colours = _coloured(pattern, mode)
        self.into, self.along = (columns, rows) if self.mode == "reverse" else (rows, columns)
        self.sweeps, self.size = number_of(self.colours), pattern.shape[self.mode == "reverse"]
        self.seeds = np.zeros((self.sweeps + 1, len(self.colours)))
        self.seeds[self.colours, np.arange(len(self.colours))] = 1.0
        self.seeds[-1] = v = np.random.default_rng().uniform(1.0, 2.0, len(self.colours))  # for the check
        self.weights = v[self.along]
        self.at = self.colours[self.along] * self.size + self.into
        if mode == "symmetric":  # where h_ij isn't alone of its colour in its row, h_ji is
            _, which, times = np.unique(rows * (self.sweeps + 1) + self.colours[columns], False, True, True)
            self.at = np.where(times[which] == 1, self.at, self.colours[rows] * self.size + columns)
        else:
            self.spread = np.zeros((self.sweeps, self.size))  # the weight of each number that the sweeps give
            self.spread.flat[self.at] = self.weights

    def read(self, tape, xs, values, check=True):
        """The entries, row by row, and whether they agree with the product in a random direction."""
        seeds = self.seeds if check else self.seeds[:-1]
        sweep, inside, outside = _forwards(tape), xs, values
        if self.mode == "reverse":
            sweep, inside, outside = _backwards(tape, len(xs)), values, xs
        stacks, start = [], 0
        for x in inside:
            part = seeds[:, start : start + size_of(x)].reshape(len(seeds), *shape_of(x))
            stacks.append(part.astype(dtype_of(x) or float, copy=False))
            start += size_of(x)
        found = many(sweep, stacks, largest(tape)) if stacks else [None] * len(outside)
        parts = [
            np.zeros((len(seeds), size_of(x))) if t is None else np.reshape(t, (len(seeds), size_of(x)))
            for t, x in zip(found, outside, strict=True)
        ] or [np.zeros((len(seeds), 0))]
        compressed = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        entries = np.reshape(compressed, -1)[self.at]
        if not check:
            return entries, True
        eps = max(np.finfo(dtype_of(x) or float).eps for x in (*xs, *values, entries))
        return entries, self._agrees(plain(entries), plain(compressed), 1024 * eps)

    def _agrees(self, entries, compressed, tolerance):
        product = compressed[-1]
        if self.mode == "symmetric":
            terms = entries * self.weights
            sums, scale = (np.bincount(self.into, t, self.size) for t in (terms, np.abs(terms)))
        else:
            terms = compressed[:-1] * self.spread
            sums = terms.sum(axis=0)
            scale = np.abs(terms).sum(axis=0)
        return bool((np.abs(sums - product) <= tolerance * scale).all())  # False for nan


def _coloured(pattern, mode):
    """Which way to sweep, and the colours."""
    if mode == "symmetric":
        return mode, star_colouring(pattern)
    if mode == "reverse":
        return mode, colour_rows(pattern)
    columns = colour_columns(pattern)
    if mode is None and number_of(columns) > np.bincount(pattern.indices).max(initial=0):  # no fewer rows' colours
        rows = colour_rows(pattern)
        if number_of(rows) < number_of(columns):
            return "reverse", rows
    return "forward", columns


def _forwards(tape):
    def sweep(tangents):
        found = tape.push(dict(zip(tape.inputs, tangents, strict=True)))
        return [None if o is None else found[o] for o in tape.outputs]

    return sweep


def _backwards(tape, inputs):
    def sweep(cotangents):
        seeds = {}
        for o, g in zip(tape.outputs, cotangents, strict=True):
            if o is not None:
                seeds[o] = seeds[o] + g if o in seeds else g
        return tape.sweep(seeds)[:inputs]

    return sweep
