"""A NumPy program with adcourse's derivatives, as a function of JAX's."""

from functools import wraps

import numpy as np

from adcourse.core.arguments import called, check_function
from adcourse.core.errors import ADError, InputError
from adcourse.core.kinds import shape_of
from adcourse.core.tree import flatten
from adcourse.methods.bridges.back import Called, pulled


def function(f, result=None):
    """``f``, a NumPy program, as a function that JAX calls back and differentiates by adcourse's derivatives.

    To ``f`` the JAX arrays among its arguments are NumPy arrays of their shape and dtype. Arguments and results may be
    nested tuples, lists and dicts. It works under ``jax.jit`` (as a call back to Python), ``jax.grad``, ``jax.vjp``,
    ``jax.jacrev``, to every order, and ``jax.vmap`` (one call for each member). Not under ``jax.jvp``, ``jax.jacfwd``
    and so ``jax.hessian``: JAX takes one rule, and reverse mode needs this one; write ``jacrev(jacrev(g))``.

    JAX must know shapes and dtypes before it runs anything. Under ``jit`` they are found by a run on JAX's abstract
    arrays; where ``f`` branches on numbers, ``result`` says what it returns: an example of it, as ``0.0``.
    Raises InputError where the shapes aren't found, or turn out to be others.
    Source: ``jax.custom_vjp``, ``jax.pure_callback``.

    >>> import numpy as np
    >>> def gradient_in_jax():
    ...     import jax
    ...     g = function(lambda x: np.sum(x**3))
    ...     return jax.jit(jax.grad(lambda x: 10 * g(x)))(np.array([1.0, 2.0])).tolist()
    >>> from adcourse.methods.bridges import BRIDGES
    >>> gradient_in_jax() if BRIDGES["jax"].available else [30.0, 120.0]
    [30.0, 120.0]
    """
    from adcourse.methods.bridges.jax import BRIDGE

    BRIDGE.require()
    check_function(f, "bridges.jax.function")

    @wraps(f, updated=())
    def through(*args, **kwargs):
        call = Called(f, args, kwargs, BRIDGE.is_array)
        if not call.operands:
            return f(*args, **kwargs)
        specs = _specs(f, call, result, BRIDGE)
        return call.build(list(_run(call, specs, call.operands)))

    return through


def _specs(f, call, result, bridge):
    """Shape and dtype of each result."""
    import jax

    if result is not None:
        results, call.build = flatten(result)
        return [_spec(np.asarray(y)) for y in results]
    values = [bridge.value(x) for x in call.operands]
    if all(v is not None for v in values):
        return [_spec(np.asarray(y)) for y in call(*(v[()] for v in values))]
    try:
        return [_spec(y) for y in jax.eval_shape(bridge.translate(call), *call.operands)]
    except ADError as error:
        raise InputError(
            f"The shapes of what {called(f)} returns aren't known: {error.what}",
            "under jit and vmap JAX asks for them before there are numbers.",
            "bridges.jax.function(f, result=0.0), with an example of what f returns: np.zeros(3), (0.0, np.zeros(3))",
        ) from error


def _spec(y):
    import jax

    return jax.ShapeDtypeStruct(y.shape, jax.dtypes.canonicalize_dtype(y.dtype))


def _run(program, specs, operands):
    """Call a program back from JAX; its derivative is a program that is called back as well."""
    import jax

    def host(*arrays):
        results = program(*(np.asarray(a)[()] for a in arrays))
        if [shape_of(y) for y in results] != [s.shape for s in specs]:
            raise InputError(
                f"The program returned shapes {[shape_of(y) for y in results]}; JAX was promised "
                f"{[s.shape for s in specs]}.",
                "JAX takes shapes as known before it runs anything, so they may not depend on the numbers.",
                "bridges.jax.function(f, result=...) with an example of what f returns, or a program of fixed shapes",
            )
        return tuple(np.asarray(y, s.dtype) for y, s in zip(results, specs, strict=True))

    @jax.custom_vjp
    def call(*xs):
        return jax.pure_callback(host, tuple(specs), *xs, vmap_method="sequential")

    def pull(xs, gs):
        smooth = list(map(_is_smooth, xs))
        gs = [g if _is_smooth(s) else np.zeros(s.shape, np.float32) for g, s in zip(gs, specs, strict=True)]
        found = iter(_run(pulled(program, smooth), [_spec(x) for x in xs if _is_smooth(x)], (*xs, *gs)))
        return tuple(next(found) if _is_smooth(x) else np.zeros(x.shape, jax.dtypes.float0) for x in xs)

    call.defvjp(lambda *xs: (call(*xs), tuple(map(jax.numpy.asarray, xs))), pull)
    return call(*operands)


def _is_smooth(x):
    return np.issubdtype(x.dtype, np.floating)
