"""Many variables by one: partial derivatives of any order from Taylor series along straight rays.

A series of f(x + t v) in t knows the derivatives along v to any order, and needs no array with a place for every
partial. All partials of order d are sums of the d-th coefficients along the rays whose directions j are the vectors of
integers j >= 0 with j_1 + ... + j_n = d: as many rays as there are partials.

Source: Griewank, Utke and Walther, *Evaluating higher derivative tensors by forward propagation of univariate Taylor
series*, Mathematics of Computation 69 (2000); Griewank and Walther (2008), section 13.3.
"""

from collections import Counter
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement, product
from math import comb, factorial, lgamma, log, prod

import numpy as np

from .arguments import as_floats, as_input, called, check_function
from .batch import Batch
from .coefficients import as_order
from .errors import ADError, InputError, outside
from .expand import taylor
from .jacobians import AT_ONCE
from .kinds import shape_of, size_of
from .levels import Level, Traced, plain
from .singular import is_finite
from .tree import flatten, leaves_like


def directional_derivatives(f, x0, directions, order):
    """The derivative of one order along each of several directions v: d! times the coefficient of t^d in f(x0 + t v).

    ``directions`` has the form of ``x0``, each array with one axis more in front, which counts the directions; for a
    number ``x0`` it is a vector. The result has the form and dtype of that of ``f``, with the same axis in front. All
    directions go through ``f`` together, in one run, as far as memory allows.
    Raises InputError for directions of other shapes, and for an order that isn't an integer from 0; DomainError as
    ``taylor`` does.
    Source: Griewank and Walther (2008), section 13.3.

    >>> directional_derivatives(lambda x: x[0] ** 2 * x[1], np.array([3.0, 5.0]), [[1.0, 0.0], [1.0, 1.0]], 2)
    array([10., 22.])
    >>> directional_derivatives(lambda x, y: x * y**2, (2.0, 3.0), ([1.0, 0.0], [0.0, 1.0]), 1)
    array([ 9., 12.])
    """
    check_function(f, "directional_derivatives(f, x0, directions, order)")
    d, (xs, form) = as_order(order, "directional_derivatives"), flatten(x0)
    xs = [as_input(x, "The point x0") for x in xs]
    vs = [np.asarray(v) if isinstance(v, (tuple, list)) else v for v in leaves_like(directions, x0, "The directions")]
    vs = [as_input(v, "A direction") for v in vs]
    rays = {shape_of(v)[:1] for v in vs}
    if len(rays) != 1 or rays & {(), (0,)} or any(shape_of(v)[1:] != shape_of(x) for x, v in zip(xs, vs, strict=True)):
        raise InputError(
            f"x0 has shapes {[shape_of(x) for x in xs]}, the directions {[shape_of(v) for v in vs]}.",
            "each array of directions has the shape of its part of x0 and, in front, one axis that counts them.",
            "directional_derivatives(f, x, np.stack([v, w]), order), or v[np.newaxis] for a single direction",
        )
    # 2^(e d) is about d!: along 2^e v the coefficient has the size of the derivative. Along v it may underflow.
    e = round(lgamma(d + 1) / log(2) / max(d, 1))
    vs = [v if isinstance(v, Traced) else _like(v, plain(x)) for x, v in zip(xs, vs, strict=True)]
    found, build = flatten(along(f, x0, form([2.0**e * v for v in vs]), d))
    return build([factorial(d) / 2 ** (e * d) * c[-1] for c in found])


def mixed_partial(f, x0, orders):
    """One partial derivative: ``orders[i]`` times by the i-th number of ``x0``.

    ``x0`` is a number, an array, or a tuple with one entry for each argument of ``f``, whose numbers count in turn.
    The result has the form, shape and dtype of that of ``f``. For d derivatives by m of the numbers, C(m + d - 1, d)
    rays go through ``f`` together, in one run. Rounding errors grow with d: of an exponential function, the relative
    error is about 1e-15 for d = 4, 1e-12 for 12 and 1e-10 for 20.
    Raises InputError for orders that aren't integers from 0, one for each number; DomainError as ``taylor`` does.

    >>> mixed_partial(lambda x: x[0] ** 2 * x[1] * x[2], [3.0, 4.0, 5.0], (2, 0, 1))
    8.0
    >>> mixed_partial(lambda x, y: x**3 * y**2, (1.0, 2.0), (1, 2))
    6.0
    """
    check_function(f, "mixed_partial(f, x0, orders)")
    (xs, form), given = flatten(x0), [i for part in flatten(orders)[0] for i in np.ravel(part).tolist()]
    n = sum(map(size_of, xs))
    if len(given) != n or not all(type(i) is int and i >= 0 for i in given):
        raise InputError(
            f"mixed_partial was given orders {orders} for {n} number(s).",
            "each number of x0 has one order: how many times to differentiate by it.",
            "mixed_partial(f, x0, (2, 0, 1)) for the third derivative, twice by x[0] and once by x[2]",
        )
    weights = _weights(tuple(k for k, i in enumerate(given) for _ in range(i)))
    found, build = flatten(along(f, x0, _directions(weights, xs, form), sum(given)))
    return build(as_floats([_total(weights.values(), c[-1]) for c in found], xs))


def derivative_tensor(f, x0, order):
    """All partial derivatives of one order: ``T[..., i, j, k]`` is d3 f / dx_i dx_j dx_k, symmetric in i, j and k.

    Its shape is that of ``f(x0)`` and then ``order`` times that of ``x0``, so that orders 1 and 2 give the Jacobian
    and the Hessian; the numbers of a tuple ``x0`` count in turn, along one axis. The n numbers of ``x0`` take
    C(n + order - 1, order) rays, which go through ``f`` together as far as memory allows. (For order 2 of many numbers
    ``hessian`` is cheaper.)
    Raises InputError for an order that isn't an integer from 0; DomainError as ``taylor`` does.

    >>> derivative_tensor(lambda x: x[0] ** 2 * x[1], np.array([3.0, 5.0]), 3).tolist()
    [[[0.0, 2.0], [2.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]]]
    """
    check_function(f, "derivative_tensor(f, x0, order)")
    d, (xs, form) = as_order(order, "derivative_tensor"), flatten(x0)
    n = sum(map(size_of, xs))
    axes = (n,) * d if isinstance(x0, (tuple, list, dict)) else shape_of(x0) * d
    by = list(combinations_with_replacement(range(n), d))  # (0, 0, 2) is twice by x_0 and once by x_2
    row = {ray: r for r, ray in enumerate(by)}
    place = np.reshape([row[tuple(sorted(at))] for at in product(range(n), repeat=d)], (n,) * d)
    found, build = flatten(along(f, x0, _directions(by, xs, form), d))

    def tensor(c):
        partials = [_total(w.values(), [c[-1][row[ray]] for ray in w]) for w in map(_weights, by)]
        return np.reshape(np.stack(partials, axis=-1)[..., place], shape_of(c)[2:] + axes)

    return build(as_floats(list(map(tensor, found)), xs))


@lru_cache(maxsize=1024)
def interpolation(i):
    """The partial of orders ``i`` as a sum over rays: ``{j: weight}``, in exact fractions.

    With d = |i| and f_d(j) the coefficient of t^d in f(x + t j),

        d^i f = sum_(|j|=d) g_ij f_d(j),    g_ij = sum_(0<k<=i) (-1)^|i-k| C(i, k) C(d k / |k|, j) (|k| / d)^d,

    where i, j, k are vectors of integers, |k| is the sum of one, and C the product of the binomial coefficients of the
    entries.

    >>> {j: str(weight) for j, weight in interpolation((1, 1)).items()}
    {(0, 2): '-1/4', (1, 1): '1', (2, 0): '-1/4'}
    """
    d, weights = sum(i), {}
    inner = [k for k in product(*(range(order + 1) for order in i)) if any(k)]
    for j in product(*(range(d + 1) for _ in i)):
        if sum(j) == d:  # C(d k / |k|, j) (|k| / d)^d is a product of d factors (d k_l - r |k|) over d^d j!
            terms = (
                (-1) ** (d - sum(k)) * prod(map(comb, i, k))
                * prod(d * k_l - r * sum(k) for k_l, j_l in zip(k, j, strict=True) for r in range(j_l))
                for k in inner
            )  # fmt: skip
            weights[j] = Fraction(sum(terms), d**d * prod(map(factorial, j)))
    return {j: weight for j, weight in weights.items() if weight} if d else {i: Fraction(1)}


def _weights(by):
    """The same for a partial and rays named by their variables: (0, 0, 2) is twice by x_0, and 2 e_0 + e_2."""
    orders = Counter(by)
    variables = sorted(orders, key=orders.get)  # so that the interpolation is one that is known
    weights = interpolation(tuple(map(orders.get, variables)))
    ray = lambda j: tuple(sorted(l for l, times in zip(variables, j, strict=True) for _ in range(times)))
    return {ray(j): weight for j, weight in weights.items()}


# ---------------------------------------------------------------------------------------------- the rays


def along(f, x0, directions, order):
    """The coefficients of f(x0 + t v), to ``order``, for many directions v, in as few runs of ``f`` as can be.

    ``directions`` has the form of ``x0``, each array with one axis more in front, for the rays. The result has the form
    of that of ``f``, its arrays the shape (order + 1, rays, ...): k! times entry k is the k-th directional derivative.
    All rays go together, as a batch, so that the program at x0 runs once. Where a function can't take a batch, and
    where some ray must divide by zero, each goes by itself.

    >>> along(lambda x: x[0] ** 2 * x[1], np.array([3.0, 5.0]), np.eye(2), 2).tolist()
    [[45.0, 45.0], [30.0, 9.0], [5.0, 0.0]]
    """
    vs, form = flatten(directions)
    rays = len(vs[0])
    step = max(1, AT_ONCE // (1 + sum(map(size_of, vs)) // rays * (order + 1)))
    parts = [_together(f, x0, [v[r : r + step] for v in vs], form, order) for r in range(0, rays, step)]
    return parts[0][1]([np.concatenate(c, axis=1) for c in zip(*(found for found, _ in parts), strict=True)])


def _together(f, x0, vs, form, order):
    if len(vs[0]) > 1:
        level = Level()

        def members(c):
            mine = isinstance(c, Batch) and c.level is level
            return c.value if mine else np.stack([c] * len(vs[0]))

        try:
            with np.errstate(divide="ignore", invalid="ignore"):
                found, build = _series(f, x0, form([Batch(v, level) for v in vs]), order)
            found = [np.stack(list(map(members, c))) for c in found]
            if all(map(is_finite, map(plain, found))):
                return found, build
        except (ADError, TypeError, ValueError):
            pass
        finally:
            level.close()
    each = [_series(f, x0, form([v[r] for v in vs]), order) for r in range(len(vs[0]))]
    stacked = [
        np.stack([np.stack(c) for c in leaf], axis=1) for leaf in zip(*(found for found, _ in each), strict=True)
    ]
    return stacked, each[0][1]


def _series(f, x0, direction, order):
    """The coefficients of each leaf of the result; from longer series, where divisions take orders away."""
    for reach in (order, 2 * order, 4 * order + 4):
        leaves, build = flatten(taylor(f, x0, reach, direction))
        if all(y.order >= order for y in leaves):
            return [y.coefficients[: order + 1] for y in leaves], build
    raise outside(called(f), leaves[0], f"its coefficient of t^{order} must be known")


def _directions(rays, xs, form):
    """Rays as directions in the form of x0, in the kind of array and the dtype of its leaves ``xs``."""
    sizes = list(map(size_of, xs))
    v = np.zeros((len(rays), sum(sizes)))
    for r, ray in enumerate(rays):
        for l in ray:
            v[r, l] += 1.0
    parts = np.split(v, np.cumsum(sizes)[:-1], axis=1)
    return form([_like(np.reshape(p, (len(p), *shape_of(x))), plain(x)) for p, x in zip(parts, xs, strict=True)])


def _like(v, x):
    dtype = getattr(x, "dtype", None)
    return np.array(v.tolist(), dtype if getattr(dtype, "kind", "") == "f" else float, like=x if shape_of(x) else None)


def _total(weights, c):
    """The sum over all rays of weight times coefficient."""
    return sum(float(w) * c_r for w, c_r in zip(weights, c, strict=True))
