"""What a user calls: each transform takes a function and gives derivatives of it.

Names, order of arguments and meaning are those of JAX. Arguments and results may be numbers, arrays, or nested tuples,
lists and dicts of them. The function is plain NumPy code.
"""

from functools import wraps

import numpy as np

from . import guard
from .arguments import (
    as_floats,
    as_input,
    as_output,
    as_python,
    as_tangents,
    called,
    check_function,
    own_arrays,
    pair,
    recording,
    teach,
    without_aux,
)
from .dual import Dual
from .errors import InputError
from .inplace import argument, snapshot
from .kinds import shape_of
from .levels import Level
from .tape import TAPE, Tape, match_seed, names_of, zeros_like
from .tree import flatten, leaves_like

# ---------------------------------------------------------------------------------------------- forward


def jvp(f, primals, tangents, has_aux=False):
    """The value of ``f`` and its derivative in one direction, in one run: ``(f(x), J v)``.

    ``primals`` and ``tangents`` are tuples with one entry for each argument of ``f`` (a single argument may stand
    without a tuple); each tangent has its primal's shape. Forward mode: cost at most about three times that of ``f``.
    ``has_aux``: ``f`` returns a pair ``(y, aux)``, and so ``(y, J v, aux)`` comes back, aux as plain values.
    Raises InputError for shapes that differ or values that aren't real numbers.
    Source: Griewank and Walther (2008), section 3.1; ``jax.jvp``.

    >>> import numpy as np
    >>> y, dy = jvp(lambda x: np.array([x[0] * x[1], x[0] ** 2]), (np.array([2.0, 3.0]),), (np.array([1.0, 0.0]),))
    >>> [float(v) for v in dy]
    [3.0, 4.0]
    """
    check_function(f, "jvp(f, (x,), (v,))")
    if has_aux:
        main, kept = without_aux(f)
        return *jvp(main, primals, tangents), *kept
    primals, tangents = pair(primals, tangents, "jvp")
    if TAPE.get() is not Tape:  # strict or repair: by way of their tape
        y, f_jvp = linearize(f, *primals)
        return y, f_jvp(*tangents)
    xs, build = flatten(primals)
    xs = [as_input(x, "A primal") for x in xs or [x for x in primals if x is None]]
    vs = as_tangents(tangents, primals, xs)
    level, held = Level(), {}
    try:
        for a in (*xs, *vs):
            if type(a) is not float:
                guard.hold(a, held)
        duals = [argument(Dual(snapshot(x), snapshot(v), level)) for x, v in zip(xs, vs, strict=True)]
        try:
            outputs, build_out = flatten(f(*build(duals)))
        except (AttributeError, TypeError, ValueError) as error:
            teach(error, primals)
            raise
        mine = [(z := as_output(y, level), isinstance(z, Dual) and z.level is level) for y in outputs]
    finally:
        level.close()
        if held:
            guard.release(held)
    values = own_arrays([y.value if m else y for y, m in mine], xs)
    tangents = own_arrays([y.tangent if m else zeros_like(y) for y, m in mine], vs)
    return build_out(values), build_out(as_floats(tangents, xs))


def linearize(f, *primals, has_aux=False):
    """The value of ``f`` and its derivative as a linear function: ``(f(x), v -> J v)``.

    ``f`` runs once; each call of the linear function sweeps its record forwards, for tangents in the form of the
    arguments. Worth it for many directions at one point; for one, ``jvp`` is cheaper. ``has_aux`` as for ``vjp``.
    Raises InputError as ``jvp`` does.
    Source: Griewank and Walther (2008), section 6.1; ``jax.linearize``.

    >>> import numpy as np
    >>> y, f_jvp = linearize(lambda x, y: x * np.sin(y), 3.0, 0.0)
    >>> float(y), [float(f_jvp(*v)) for v in [(1.0, 0.0), (0.0, 1.0), (2.0, 2.0)]]
    (0.0, [0.0, 3.0, 6.0])
    """
    check_function(f, "linearize(f, x)")
    if has_aux:
        main, kept = without_aux(f)
        return *linearize(main, *primals), *kept
    with recording(f, primals, range(len(primals)), own=True) as (tape, xs, build, values, build_out):
        form = build(xs)

    def f_jvp(*tangents):
        vs = as_tangents(tangents, form, xs)
        found = tape.push(dict(zip(tape.inputs, vs, strict=True)))
        out = [None if i is None else found[i] for i in tape.outputs]
        out = [zeros_like(y) if t is None else t for t, y in zip(out, values, strict=True)]
        return build_out(as_floats(own_arrays(out, vs), xs))

    return tape.value, f_jvp


def derivative(f, n=1):
    """The ``n``-th derivative of a function of one number, as a function: ``derivative(f)(x)`` is f'(x).

    ``f`` takes a scalar and may return a scalar or an array. The first by forward mode, higher ones by Taylor mode:
    all in one run of ``f``, at a cost that grows as n². Raises InputError when x is an array, and DomainError where
    ``f`` has no power series.

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

    def df(x):
        if shape_of(x):
            raise InputError(
                f"derivative(f) was called with an array of shape {shape_of(x)}.",
                "a function of many numbers has many derivatives, one for each direction.",
                "grad(f)(x) or jacobian(f)(x); or jvp(f, (x,), (np.ones_like(x),))[1] if f works element by element",
            )
        if n == 1:
            return jvp(f, (x,), (1.0,))[1]
        if TAPE.get() is not Tape:  # strict or repair: by way of their tape
            return jvp(derivative(f, n - 1), (x,), (1.0,))[1]
        from .expand import nth_derivative

        return nth_derivative(f, x, n)

    return df


# ---------------------------------------------------------------------------------------------- reverse


def vjp(f, *primals, has_aux=False):
    """The value of ``f`` and its pullback: ``pullback(ybar)`` is the tuple of ``ybar^T J`` for each argument.

    ``ybar`` has the form of the result. The pullback may be called any number of times. ``has_aux``: ``f`` returns a
    pair ``(y, aux)``, and ``(y, pullback, aux)`` comes back.
    Reverse mode: one call costs a small multiple of ``f``, however many inputs there are.
    Raises InputError for values that aren't real numbers, and for a ``ybar`` of another form or shape than the result.
    Source: Griewank and Walther (2008), section 3.2; ``jax.vjp``.

    >>> import numpy as np
    >>> y, pullback = vjp(lambda a, b: a * b, 2.0, 5.0)
    >>> [float(v) for v in pullback(1.0)]
    [5.0, 2.0]
    """
    check_function(f, "vjp(f, x)")
    if has_aux:
        main, kept = without_aux(f)
        return *vjp(main, *primals), *kept
    with recording(f, primals, range(len(primals)), own=True) as (tape, xs, build, values, build_out):
        form = build_out(values)

    def pullback(cotangent):
        given = leaves_like(cotangent, form, "The cotangents")
        return tuple(
            build(
                pull(
                    tape,
                    [match_seed(as_input(g, "A cotangent"), y) for g, y in zip(given, values, strict=True)],
                    xs,
                )
            )
        )

    return tape.value, pullback


def pull(tape, cotangents, xs):
    """The adjoints of the tape's inputs, zeros where an output doesn't depend on them."""
    seeds = {}
    for i, g in zip(tape.outputs, cotangents, strict=True):
        if i is not None:
            seeds[i] = seeds[i] + g if i in seeds else g
    found = tape.sweep(seeds)[: len(xs)]  # the inputs are the first rows
    arrays = False
    for k, x in enumerate(xs):
        if found[k] is None:
            found[k] = zeros_like(x)
        if type(found[k]) is not float:
            arrays = True
            if type(x) is float:
                found[k] = as_python(found[k])
    return own_arrays(found, cotangents) if arrays else found


def value_and_grad(f, argnums=0, has_aux=False):
    """``(f(x), grad f(x))`` in one forward and one reverse sweep. See ``grad``.

    ``has_aux``: ``f`` returns a pair ``(y, aux)``, and ``((y, aux), gradient)`` comes back.

    >>> y, g = value_and_grad(lambda x: x * x)(3.0)
    >>> float(y), float(g)
    (9.0, 6.0)
    """
    check_function(f, "grad")
    if has_aux:

        @wraps(f, updated=())
        def value_aux_and_gradient(*args, **kwargs):
            main, kept = without_aux(f)
            value, gradient = value_and_grad(main, argnums)(*args, **kwargs)
            return (value, *kept), gradient

        return value_aux_and_gradient

    @wraps(f, updated=())
    def value_and_gradient(*args, **kwargs):
        with recording(f, args, argnums, kwargs) as (tape, xs, build, values, _):
            y = values[0] if len(values) == 1 else None
            if y is None or (type(y) is not float and shape_of(y) != ()):
                shapes = [shape_of(v) for v in values]
                raise InputError(
                    f"grad needs a function with one number as its result; {called(f)} gave shape(s) {shapes}.",
                    "a gradient is the derivative of one number; of several there is a Jacobian.",
                    "jacobian(f)(x), or a scalar such as np.sum(f(x)) to differentiate; grad(f, has_aux=True) when "
                    "what f returns beside the number is only to be handed back",
                )
            return y, build(pull(tape, [1.0 if type(y) is float else match_seed(1.0, y)], xs))

    return value_and_gradient


def grad(f, argnums=0, has_aux=False):
    """The gradient of a scalar function, as a function: ``grad(f)(x)`` has the shape and dtype of ``x``.

    ``argnums`` says by which positional argument(s) to differentiate (a tuple gives a tuple). Reverse mode: the cost
    is a small multiple of that of ``f``, independent of the size of ``x`` (Baur and Strassen 1983). ``has_aux``: ``f``
    returns a pair ``(y, aux)``, and ``(gradient, aux)`` comes back: residuals, a state, a count, as plain values.
    Raises InputError when ``f`` doesn't return one number.

    >>> import numpy as np
    >>> grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0])).tolist()
    [2.0, 4.0]
    >>> grad(lambda x, y, z: (x + y) * z, argnums=(0, 1, 2))(-2.0, 5.0, -4.0)
    (-4.0, -4.0, 3.0)
    >>> grad(lambda x: (x**2, {"twice": 2 * x}), has_aux=True)(3.0)
    (6.0, {'twice': 6.0})
    """
    both = value_and_grad(f, argnums, has_aux)

    @wraps(f, updated=())
    def gradient(*args, **kwargs):
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return gradient


def hvp(f, primals, tangents):
    """The Hessian of a scalar function times a vector, ``H v``, without forming H: forward over reverse.

    Arguments as for ``jvp``; the result has the form of ``primals`` (a single argument gives a single result).
    Cost: a small multiple of that of ``f``. Raises InputError as ``jvp`` and ``grad`` do.
    Source: Pearlmutter, *Fast exact multiplication by the Hessian* (1994).

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
    Raises InputError for arguments or results that aren't real numbers.

    >>> tape = record(lambda x, y, z: (x + y) * z, -2.0, 5.0, -4.0)
    >>> [(row.name, row.value) for row in tape]
    [('x', -2.0), ('y', 5.0), ('z', -4.0), ('v1', 3.0), ('v2', -12.0)]
    >>> [float(g) for g in tape.adjoints()]
    [-4.0, -4.0, 3.0, -4.0, 1.0]
    """
    check_function(f, "record(f, x)")
    with recording(f, args, tuple(range(len(args))), keep=True, own=True) as (tape, *_):
        tape.input_names = names_of(f, args)
    tape.recorded = f, args
    return tape
