"""Matrices of derivatives: one sweep of the tape for every column, or for every row."""

from functools import wraps

import numpy as np

from .arguments import check_function, recording, without_aux
from .errors import InputError
from .kinds import shape_of, size_of
from .levels import plain
from .tape import match_seed, zeros_like
from .transforms import pull


def jacobian(f, argnums=0, has_aux=False, mode=None):
    """The matrix of all first derivatives: ``J[i, j] = d f_i / d x_j``, of shape ``f(x).shape + x.shape``.

    ``f`` runs once, and its tape is swept forwards, one column a sweep, or backwards, one row a sweep: whichever takes
    fewer sweeps, forwards when equal; ``mode`` ("forward" or "reverse") decides otherwise. ``jacobian(f).mode(x)`` says
    which it is for these arguments. With several arguments, or results, in tuples, lists or dicts, the Jacobian is a
    tree of blocks: of the form of the result, each leaf of the form of the arguments. ``has_aux``: ``f`` returns a pair
    ``(y, aux)``, and ``(J, aux)`` comes back.
    Source: Griewank and Walther (2008), section 3.3; ``jax.jacfwd`` and ``jax.jacrev``.

    >>> import numpy as np
    >>> f = lambda x: np.array([x[0] ** 2 * x[1], 5 * x[0] + np.sin(x[1])])
    >>> jacobian(f)(np.array([2.0, 0.0])).tolist()
    [[0.0, 4.0], [5.0, 1.0]]
    >>> jacobian(f).mode(np.ones(2)), jacobian(np.sum).mode(np.ones(2))
    ('forward', 'reverse')
    """
    check_function(f, "jacobian")
    if mode not in (None, "forward", "reverse"):
        raise InputError(
            f"jacobian was given mode={mode!r}.",
            "the tape is swept forwards (one column a sweep) or backwards (one row a sweep).",
            'jacobian(f, mode="forward"), jacobian(f, mode="reverse"), or neither to have the cheaper one chosen',
        )

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
    Source: Griewank and Walther (2008), section 5.1; ``jax.hessian``.

    >>> import numpy as np
    >>> rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> hessian(rosenbrock)(np.array([-1.2, 1.0])).round(9).tolist()
    [[1330.0, 480.0], [480.0, 200.0]]
    """
    return jacobian(jacobian(f, argnums, has_aux), argnums, has_aux)


def _units(x):
    """The unit vectors of the space of ``x``, each in its shape and dtype."""
    if not shape_of(x):
        return [match_seed(1.0, x)]
    units = []
    for k in range(size_of(x)):
        e = np.zeros_like(plain(x))
        e[np.unravel_index(k, shape_of(x))] = 1.0
        units.append(e)
    return units


def _by_columns(tape, xs, values):
    blocks = [[[] for _ in xs] for _ in values]
    for j, (i, x) in enumerate(zip(tape.inputs, xs, strict=True)):
        for e in _units(x):
            tangent = tape.push({i: e})
            for k, (o, y) in enumerate(zip(tape.outputs, values, strict=True)):
                blocks[k][j].append(zeros_like(y) if o is None or tangent[o] is None else tangent[o])
    return [
        [_stacked(c, -1, shape_of(y), shape_of(x)) for c, x in zip(row, xs, strict=True)]
        for row, y in zip(blocks, values, strict=True)
    ]


def _by_rows(tape, xs, values):
    blocks = []
    for k, y in enumerate(values):
        sweeps = []
        for e in _units(y):
            cotangents = [e if m == k else zeros_like(v) for m, v in enumerate(values)]
            sweeps.append(pull(tape, cotangents, xs))
        blocks.append([_stacked([s[j] for s in sweeps], 0, shape_of(y), shape_of(x)) for j, x in enumerate(xs)])
    return blocks


def _stacked(parts, axis, out_shape, in_shape):
    shape = tuple(out_shape) + tuple(in_shape)
    if not out_shape and (axis == 0 or not in_shape):  # a single row
        return parts[0]
    if not parts:
        return np.zeros(shape)
    return np.reshape(np.stack(parts, axis=axis), shape)
