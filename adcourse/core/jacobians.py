"""Matrices of derivatives: one sweep of the tape for every column, or for every row."""

from functools import wraps

import numpy as np

from .arguments import as_python, check_function, own_arrays, recording, without_aux
from .batch import Batch
from .errors import ADError, InputError
from .kinds import dtype_of, shape_of, size_of
from .levels import Level, bottom
from .tape import match_seed

AT_ONCE = 2**20  # numbers in the largest array of a batch: 8 MB


def jacobian(f, argnums=0, has_aux=False, mode=None):
    """The matrix of all first derivatives: ``J[i, j] = d f_i / d x_j``, of shape ``f(x).shape + x.shape``.

    ``f`` runs once, and its tape is swept forwards, one column a sweep, or backwards, one row a sweep: whichever takes
    fewer sweeps, forwards when equal; ``mode`` ("forward" or "reverse") decides otherwise. ``jacobian(f).mode(x)`` says
    which it is for these arguments. With several arguments, or results, in tuples, lists or dicts, the Jacobian is a
    tree of blocks: of the form of the result, each leaf of the form of the arguments. ``has_aux``: ``f`` returns a pair
    ``(y, aux)``, and ``(J, aux)`` comes back.
    Raises InputError for arguments or results that aren't real numbers, and for any other ``mode``.
    Source: Griewank and Walther (2008), section 3.3; ``jax.jacfwd`` and ``jax.jacrev``.

    >>> import numpy as np
    >>> f = lambda x: np.array([x[0] ** 2 * x[1], 5 * x[0] + np.sin(x[1])])
    >>> jacobian(f)(np.array([2.0, 0.0])).tolist()
    [[0.0, 4.0], [5.0, 1.0]]
    >>> jacobian(f).mode(np.ones(2)), jacobian(np.sum).mode(np.ones(2))
    ('forward', 'reverse')
    """
    check_function(f, "jacobian")
    check_mode(mode, "jacobian")

    def chosen(xs, values):
        return mode or ("forward" if sum(map(size_of, xs)) <= sum(map(size_of, values)) else "reverse")

    @wraps(f, updated=())
    def matrix(*args, **kwargs):
        main, kept = without_aux(f) if has_aux else (f, None)
        with recording(main, args, argnums, kwargs) as (tape, xs, build, values, build_out):
            sweeps = _by_columns if chosen(xs, values) == "forward" else _by_rows
            J = build_out([build(row) for row in sweeps(tape, xs, values)])
        return (J, *kept) if has_aux else J

    def which(*args, **kwargs):
        """How the Jacobian at these arguments is computed: "forward" or "reverse". Runs ``f`` once."""
        main = without_aux(f)[0] if has_aux else f
        with recording(main, args, argnums, kwargs) as (_, xs, _, values, _):
            return chosen(xs, values)

    matrix.mode = which
    return matrix


def hessian(f, argnums=0, has_aux=False):
    """The matrix of second derivatives: ``H[i, j] = d2 f / dx_i dx_j``, of shape ``f(x).shape + x.shape + x.shape``.

    The Jacobian of the Jacobian, which for a scalar function is the gradient: the program that computes it is recorded
    once and swept forwards (forward over reverse). ``argnums`` and ``has_aux`` as for ``jacobian``.
    Raises InputError as ``jacobian`` does.
    Source: Griewank and Walther (2008), section 5.1; ``jax.hessian``.

    >>> import numpy as np
    >>> rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> hessian(rosenbrock)(np.array([-1.2, 1.0])).round(9).tolist()
    [[1330.0, 480.0], [480.0, 200.0]]
    """
    return jacobian(jacobian(f, argnums, has_aux), argnums, has_aux)


def check_mode(mode, transform):
    if mode not in (None, "forward", "reverse"):
        raise InputError(
            f"{transform} was given mode={mode!r}.",
            "the tape is swept forwards (columns of the Jacobian) or backwards (rows).",
            f'{transform}(f, mode="forward"), or mode="reverse", or neither to have the cheaper one chosen',
        )


def _units(x):
    """The unit vectors of the space of ``x``, stacked along a first axis, in the dtype of ``x``."""
    n = size_of(x)
    units = np.zeros_like(bottom(x), shape=(n, *shape_of(x)))
    for k in range(n):
        units[(k, *np.unravel_index(k, shape_of(x)))] = 1.0
    return units


def _sweeps(sweep, x, most):
    """``sweep([unit vector])`` for all unit vectors of the space of ``x``: see ``many``."""
    if not shape_of(x):
        return [None if y is None else np.expand_dims(y, 0) for y in sweep([match_seed(1.0, x)])]
    return many(sweep, [_units(x)], most)


def many(sweep, directions, most):
    """``sweep`` for many directions: its results leaf by leaf, stacked along a first axis, as the directions are.

    Many go at once, as a batch, as far as memory allows: ``most`` is the size of the largest array on the way. A rule
    of the reader's own that can't take a batch gets them one by one.
    """
    count, step = len(directions[0]), max(1, AT_ONCE // max(1, most))
    parts = []
    for start in range(0, count, step):
        chunk = [d[start : start + step] for d in directions]
        level = Level()
        try:
            found = sweep([Batch(d, level) for d in chunk])
            parts.append([_stack(y, level, len(chunk[0])) for y in found])
        except (ADError, TypeError, ValueError):
            for one in zip(*chunk, strict=True):
                parts.append([None if y is None else np.expand_dims(y, 0) for y in sweep(list(one))])
        finally:
            level.close()
    return [None if ys[0] is None else ys[0] if len(ys) == 1 else np.concatenate(ys) for ys in zip(*parts, strict=True)]


def _stack(y, level, count):
    if isinstance(y, Batch) and y.level is level:
        return y.value
    return None if y is None else np.broadcast_to(y, (count, *shape_of(y)))


def largest(tape):
    return max(size_of(row[4]) for row in tape.rows)


def _by_columns(tape, xs, values):
    rows, most = [[] for _ in values], largest(tape)
    for i, x in zip(tape.inputs, xs, strict=True):

        def sweep(unit, i=i):
            tangent = tape.push({i: unit[0]})
            return [None if o is None else tangent[o] for o in tape.outputs]

        for row, y, dy in zip(rows, values, _sweeps(sweep, x, most) or [None] * len(values), strict=True):
            row.append(_block(dy if dy is None else np.moveaxis(dy, 0, -1), y, x))
    return map(own_arrays, rows)


def _by_rows(tape, xs, values):
    most = largest(tape)
    for o, y in zip(tape.outputs, values, strict=True):
        found = None if o is None else _sweeps(lambda unit, o=o: tape.sweep({o: unit[0]})[: len(xs)], y, most)
        yield own_arrays([_block(dx, y, x) for dx, x in zip(found or [None] * len(xs), xs, strict=True)])


def _block(d, y, x):
    """The block of the Jacobian for one result ``y`` and one argument ``x``; None stands for zeros."""
    shape = (*shape_of(y), *shape_of(x))
    if d is None:
        return np.zeros_like(bottom(x), shape=shape, dtype=dtype_of(x) or float) if shape else 0.0
    d = np.reshape(d, shape) if shape else d[0]
    return as_python(d) if type(x) is float and not shape else d
