"""The transform ``taylor``: all derivatives along a line, in one run of the program."""

from .arguments import as_input, as_output, as_tangents, called, check_function, teach
from .coefficients import as_order, sequence
from .errors import DomainError, outside
from .inplace import argument
from .levels import Level
from .taylor import Taylor
from .tree import flatten


def taylor(f, x0, order, direction=None):
    """The Taylor series of f(x0 + t v) in t, to ``order``: a ``Taylor`` whose ``coefficients`` are f_0, ..., f_order.

    f_k is the k-th derivative along v, divided by k!. ``x0`` is a number, an array or a tree of them; a tuple has one
    entry for each argument of ``f``. The direction v has the form of ``x0`` and is 1 everywhere unless given: then a
    function that works element by element gives the series at each element. The result has the form of that of ``f``;
    each series knows the order to which it is valid, which divisions by zero to first order diminish.
    Cost: that of ``f`` times about order²/2.
    Raises InputError for what isn't real numbers; DomainError where f has no power series at x0.
    Source: Griewank and Walther (2008), chapter 13; ``jax.experimental.jet``.

    >>> import numpy as np
    >>> taylor(lambda t: np.exp(np.sin(t)), 0.0, 8)
    1 + t + t²/2 - t⁴/8 - t⁵/15 - t⁶/240 + t⁷/90 + 31t⁸/5760 + O(t⁹)
    >>> taylor(lambda x, y: x * y, (2.0, 3.0), 2, (1.0, -1.0)).coefficients
    [6.0, 1.0, -1.0]
    """
    check_function(f, "taylor(f, x0, order)")
    order = as_order(order, "taylor")
    primals = x0 if type(x0) is tuple else (x0,)
    xs, build = flatten(primals)
    xs = [as_input(x, "The point x0") for x in xs or [None]]
    if direction is None:
        vs = [1.0] * len(xs)
    else:
        vs = as_tangents(direction if type(x0) is tuple else (direction,), primals, xs)
    level = Level()
    try:
        series = [
            Taylor.at(level, sequence([x, v][: order + 1], order), x, min(order, 1))
            for x, v in zip(xs, vs, strict=True)
        ]
        try:
            outputs, build_out = flatten(f(*build(list(map(argument, series)))))
        except (AttributeError, TypeError, ValueError) as error:
            teach(error, primals)
            raise
        found = [_result(as_output(y, level), level, order) for y in outputs]
    finally:
        level.close()
    return build_out(found)


def _result(y, level, order):
    """One result, as a series of the reader's own."""
    return y.made_by_hand() if isinstance(y, Taylor) and y.level is level else Taylor([y], order)


def nth_derivative(f, x, n):
    """n! f_n for a function of one number; from a longer series, where divisions take orders away."""
    error = None
    for order in (n, 2 * n, 4 * n + 4):
        try:
            leaves, build = flatten(taylor(f, x, order))
        except DomainError as e:
            error = error or e
        else:
            if all(y.order >= n for y in leaves):
                return build([y.derivatives[n] for y in leaves])
            error = error or outside(called(f), x, f"its coefficient of t^{n} must be known")
    raise error
