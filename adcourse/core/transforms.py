"""What a user calls: each transform takes a function and gives derivatives of it.

Names, order of arguments and meaning are those of JAX. Arguments and results may be numbers, arrays, or nested tuples,
lists and dicts of them. The function is plain NumPy code.
"""

from functools import wraps

import numpy as np

from .arguments import (
    as_input,
    as_output,
    as_python,
    called,
    check_function,
    own_arrays,
    pair,
    recording,
    teach,
)
from .dual import Dual
from .errors import InputError
from .inplace import argument, snapshot
from .kinds import shape_of, size_of
from .levels import Level, plain
from .tape import match_seed, names_of, zeros_like
from .tree import flatten

# ---------------------------------------------------------------------------------------------- forward


def jvp(f, primals, tangents):
    """The value of ``f`` and its derivative in one direction, in one run: ``(f(x), J v)``.

    ``primals`` and ``tangents`` are tuples with one entry for each argument of ``f`` (a single argument may stand
    without a tuple); each tangent has its primal's shape. Forward mode: cost at most about three times that of ``f``.
    Raises InputError for shapes that differ or values that aren't real numbers.
    Source: Griewank and Walther (2008), section 3.1; ``jax.jvp``.

    >>> import numpy as np
    >>> y, dy = jvp(lambda x: np.array([x[0] * x[1], x[0] ** 2]), (np.array([2.0, 3.0]),), (np.array([1.0, 0.0]),))
    >>> [float(v) for v in dy]
    [3.0, 4.0]
    """
    check_function(f, "jvp")
    primals, tangents = pair(primals, tangents, "jvp")
    (xs, build), (vs, _) = flatten(primals), flatten(tangents)
    if len(xs) != len(vs) or any(shape_of(x) != shape_of(v) for x, v in zip(xs, vs, strict=False)):
        raise InputError(
            f"Primals have shapes {[shape_of(x) for x in xs]}, tangents {[shape_of(v) for v in vs]}.",
            "a tangent is a direction in the space of its primal: one number for each of its numbers.",
            "jvp(f, (x,), (np.ones_like(x),)), or another array of the shape of x",
        )
    level = Level()
    try:
        duals = [
            argument(Dual(snapshot(x), snapshot(as_input(v, "A tangent")), level))
            for x, v in zip([as_input(x, "A primal") for x in xs], vs, strict=True)
        ]
        try:
            outputs, build_out = flatten(f(*build(duals)))
        except (TypeError, ValueError) as error:
            teach(error)
            raise
        mine = [(y, isinstance(y, Dual) and y.level is level) for y in map(as_output, outputs)]
    finally:
        level.close()
    values = [snapshot(y.value) if m else y for y, m in mine]
    tangents = own_arrays([y.tangent if m else zeros_like(y) for y, m in mine], vs)
    if all(type(x) in (float, int) for x in xs):
        tangents = [as_python(t) for t in tangents]
    return build_out(values), build_out(tangents)


def derivative(f, n=1):
    """The ``n``-th derivative of a function of one number, as a function: ``derivative(f)(x)`` is f'(x).

    ``f`` takes a scalar and may return a scalar or an array. Forward mode, nested ``n`` times.
    Raises InputError when x is an array.

    >>> derivative(lambda x: x**3)(2.0), derivative(lambda x: x**3, 2)(2.0)
    (12.0, 12.0)
    """
    check_function(f, "derivative")
    if not isinstance(n, (int, np.integer)) or n < 0:
        raise InputError(
            f"derivative was asked for order {n!r}.",
            "orders count 0, 1, 2, ...",
            "derivative(f, 2) for the second",
        )
    if n == 0:
        return f
    lower = derivative(f, n - 1)

    def df(x):
        if shape_of(x):
            raise InputError(
                f"derivative(f) was called with an array of shape {shape_of(x)}.",
                "a function of many numbers has many derivatives, one for each direction.",
                "grad(f)(x) or jacobian(f)(x); or jvp(f, (x,), (np.ones_like(x),))[1] if f works element by element",
            )
        return jvp(lower, (x,), (1.0,))[1]

    return df


# ---------------------------------------------------------------------------------------------- reverse


def vjp(f, *primals):
    """The value of ``f`` and its pullback: ``pullback(ybar)`` is the tuple of ``ybar^T J`` for each argument.

    ``ybar`` has the form of the result. The pullback may be called any number of times.
    Reverse mode: one call costs a small multiple of ``f``, however many inputs there are.
    Source: Griewank and Walther (2008), section 3.2; ``jax.vjp``.

    >>> import numpy as np
    >>> y, pullback = vjp(lambda a, b: a * b, 2.0, 5.0)
    >>> [float(v) for v in pullback(1.0)]
    [5.0, 2.0]
    """
    check_function(f, "vjp")
    with recording(f, primals, tuple(range(len(primals))), own=True) as (tape, xs, build, values, _):
        pass

    def pullback(cotangent):
        given, _ = flatten(cotangent)
        if len(given) != len(values):
            raise InputError(
                f"The pullback got {len(given)} cotangent(s) for {len(values)} output(s).",
                "each output needs one cotangent.",
                "pullback(cotangent) with the same tuples, lists and dicts as the result of f",
            )
        return tuple(
            build(
                _pull(
                    tape,
                    [match_seed(as_input(g, "A cotangent"), y) for g, y in zip(given, values, strict=True)],
                    xs,
                )
            )
        )

    return tape.value, pullback


def _pull(tape, cotangents, xs):
    """The adjoints of the tape's inputs, zeros where an output doesn't depend on them."""
    seeds = {}
    for i, g in zip(tape.outputs, cotangents, strict=True):
        if i is not None:
            seeds[i] = seeds[i] + g if i in seeds else g
    adjoint = tape.sweep(seeds)
    found = [zeros_like(x) if adjoint[i] is None else adjoint[i] for i, x in zip(tape.inputs, xs, strict=True)]
    found = own_arrays(found, cotangents)
    return [as_python(g) if type(x) is float else g for g, x in zip(found, xs, strict=True)]


def value_and_grad(f, argnums=0):
    """``(f(x), grad f(x))`` in one forward and one reverse sweep. See ``grad``.

    >>> y, g = value_and_grad(lambda x: x * x)(3.0)
    >>> float(y), float(g)
    (9.0, 6.0)
    """
    check_function(f, "grad")

    @wraps(f, updated=())
    def value_and_gradient(*args, **kwargs):
        with recording(f, args, argnums, kwargs) as (tape, xs, build, values, _):
            if len(values) != 1 or shape_of(values[0]) != ():
                shapes = [shape_of(v) for v in values]
                raise InputError(
                    f"grad needs a function with one number as its result; {called(f)} gave shape(s) {shapes}.",
                    "a gradient is the derivative of one number; of several there is a Jacobian.",
                    "jacobian(f)(x), or a scalar such as np.sum(f(x)) to differentiate",
                )
            return values[0], build(_pull(tape, [match_seed(1.0, values[0])], xs))

    return value_and_gradient


def grad(f, argnums=0):
    """The gradient of a scalar function, as a function: ``grad(f)(x)`` has the shape and dtype of ``x``.

    ``argnums`` says by which positional argument(s) to differentiate (a tuple gives a tuple). Reverse mode: the cost
    is a small multiple of that of ``f``, independent of the size of ``x`` (Baur and Strassen 1983).
    Raises InputError when ``f`` doesn't return one number.

    >>> import numpy as np
    >>> grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0])).tolist()
    [2.0, 4.0]
    >>> grad(lambda x, y, z: (x + y) * z, argnums=(0, 1, 2))(-2.0, 5.0, -4.0)
    (-4.0, -4.0, 3.0)
    """
    both = value_and_grad(f, argnums)

    @wraps(f, updated=())
    def gradient(*args, **kwargs):
        return both(*args, **kwargs)[1]

    return gradient


# ---------------------------------------------------------------------------------------------- matrices


def jacobian(f, argnums=0):
    """The matrix of all first derivatives: ``J[i, j] = d f_i / d x_j``, of shape ``f(x).shape + x.shape``.

    ``f`` runs once. If it has at least as many outputs as inputs, its tape is swept forwards, one column a sweep;
    if fewer, backwards, one row a sweep. Source: Griewank and Walther (2008), section 3.3; ``jax.jacobian``.

    >>> import numpy as np
    >>> f = lambda x: np.array([x[0] ** 2 * x[1], 5 * x[0] + np.sin(x[1])])
    >>> jacobian(f)(np.array([2.0, 0.0])).tolist()
    [[0.0, 4.0], [5.0, 1.0]]
    """
    check_function(f, "jacobian")

    @wraps(f, updated=())
    def matrix(*args, **kwargs):
        with recording(f, args, argnums, kwargs) as (tape, xs, build, values, build_out):
            columns, rows = sum(map(size_of, xs)), sum(map(size_of, values))
            blocks = _by_columns(tape, xs, values) if columns <= rows else _by_rows(tape, xs, values)
            return build_out([build(row) for row in blocks])

    return matrix


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
            sweeps.append(_pull(tape, cotangents, xs))
        blocks.append([_stacked([s[j] for s in sweeps], 0, shape_of(y), shape_of(x)) for j, x in enumerate(xs)])
    return blocks


def _stacked(parts, axis, out_shape, in_shape):
    shape = tuple(out_shape) + tuple(in_shape)
    if not shape:
        return parts[0]
    if not parts:
        return np.zeros(shape)
    return np.reshape(np.stack(parts, axis=axis), shape)


def hessian(f, argnums=0):
    """The matrix of second derivatives of a scalar function: ``H[i, j] = d2 f / dx_i dx_j``.

    The Jacobian of the gradient: the gradient program is recorded once and swept forwards (forward over reverse).

    >>> import numpy as np
    >>> rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> hessian(rosenbrock)(np.array([-1.2, 1.0])).round(9).tolist()
    [[1330.0, 480.0], [480.0, 200.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f, primals, tangents):
    """The Hessian of a scalar function times a vector, ``H v``, without forming H: forward over reverse.

    Arguments as for ``jvp``; the result has the form of ``primals`` (a single argument gives a single result).
    Cost: a small multiple of that of ``f``. Source: Pearlmutter, *Fast exact multiplication by the Hessian* (1994).

    >>> import numpy as np
    >>> rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> hvp(rosenbrock, np.array([-1.2, 1.0]), np.array([1.0, 2.0])).round(9).tolist()
    [2290.0, 880.0]
    """
    primals, tangents = pair(primals, tangents, "hvp")
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]


# ---------------------------------------------------------------------------------------------- the trace


def record(f, *args):
    """Run ``f`` and keep its tape: every elementary operation with its operands, value and local derivative.

    The tape prints as the evaluation trace, draws as a graph and sweeps both ways; see ``Tape``.

    >>> tape = record(lambda x, y, z: (x + y) * z, -2.0, 5.0, -4.0)
    >>> [(row.name, row.value) for row in tape]
    [('x', -2.0), ('y', 5.0), ('z', -4.0), ('v1', 3.0), ('v2', -12.0)]
    >>> [float(g) for g in tape.adjoints()]
    [-4.0, -4.0, 3.0, -4.0, 1.0]
    """
    check_function(f, "record")
    with recording(f, args, tuple(range(len(args))), keep=True, own=True) as (tape, *_):
        tape.input_names = names_of(f, args)
    return tape
