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
from math import comb, factorial, prod

import numpy as np

from .arguments import as_floats, called, check_function
from .batch import Batch
from .coefficients import as_order
from .errors import ADError, InputError, outside
from .expand import taylor
from .jacobians import AT_ONCE
from .kinds import shape_of, size_of
from .levels import Level, plain
from .singular import is_finite
from .tree import flatten


def mixed_partial(f, x0, orders):
    """One partial derivative: ``orders[i]`` times by the i-th number of ``x0``.

    ``x0`` is a number, an array, or a tuple with one entry for each argument of ``f``, whose numbers count in turn.
    The result has the form, shape and dtype of that of ``f``. For d derivatives by m of the numbers, C(m + d - 1, d)
    rays go through ``f`` together, in one run.
    Raises InputError for orders that aren't integers from 0, one for each number; DomainError as ``taylor`` does.

    >>> mixed_partial(lambda x: x[0] ** 2 * x[1] * x[2], [3.0, 4.0, 5.0], (2, 0, 1))
    8.0
    >>> mixed_partial(lambda x, y: x**3 * y**2, (1.0, 2.0), (1, 2))
    6.0
    """
    check_function(f, "mixed_partial")
    n, orders = sum(map(size_of, flatten(x0)[0])), tuple(np.ravel(np.array(orders, dtype=object)))
    if len(orders) != n or not all(type(i) is not bool and isinstance(i, (int, np.integer)) and i >= 0 for i in orders):
        raise InputError(
            f"mixed_partial was given orders {orders} for {n} number(s).",
            "each number of x0 has one order: how many times to differentiate by it.",
            "mixed_partial(f, x0, (2, 0, 1)) for the third derivative, twice by x[0] and once by x[2]",
        )
    weights = interpolation(tuple(map(int, orders)))
    found, build = along(f, x0, list(weights), sum(orders))
    return build(as_floats([_total(weights.values(), c) for c in found], flatten(x0)[0]))


def derivative_tensor(f, x0, order):
    """All partial derivatives of one order: ``T[..., i, j, k]`` is d3 f / dx_i dx_j dx_k, symmetric in i, j and k.

    Its shape is that of ``f(x0)`` and then ``order`` times that of ``x0``, so that orders 1 and 2 give the Jacobian
    and the Hessian; the numbers of a tuple ``x0`` count in turn, along one axis. The n numbers of ``x0`` take
    C(n + order - 1, order) rays, which go through ``f`` together as far as memory allows.
    Raises InputError for an order that isn't an integer from 0; DomainError as ``taylor`` does.

    >>> derivative_tensor(lambda x: x[0] ** 2 * x[1], np.array([3.0, 5.0]), 3).tolist()
    [[[0.0, 2.0], [2.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]]]
    """
    check_function(f, "derivative_tensor")
    d, n = as_order(order, "derivative_tensor"), sum(map(size_of, flatten(x0)[0]))
    axes = (n,) * d if isinstance(x0, (tuple, list, dict)) else shape_of(x0) * d
    by = [Counter(c) for c in combinations_with_replacement(range(n), d)]  # x_0 x_0 x_2 is {0: 2, 2: 1}
    rays = [tuple(c[k] for k in range(n)) for c in by]
    row = {j: r for r, j in enumerate(rays)}
    found, build = along(f, x0, rays, d)
    places = [row[tuple(map(at.count, range(n)))] for at in product(range(n), repeat=d)]

    def tensor(c):
        partials = [_total(w.values(), [c[row[j]] for j in w]) for w in map(interpolation, rays)]
        entries = np.stack([partials[p] for p in places], axis=-1)
        return np.reshape(entries, shape_of(entries)[:-1] + axes) if axes else partials[0]

    return build(as_floats(list(map(tensor, found)), flatten(x0)[0]))


def interpolation(i):
    """The partial of orders ``i`` as a sum over rays: ``{j: weight}``, in exact fractions.

    With d = |i| and f_d(j) the coefficient of t^d in f(x + t j),

        d^i f = sum_(|j|=d) g_ij f_d(j),    g_ij = sum_(0<k<=i) (-1)^|i-k| C(i, k) C(d k / |k|, j) (|k| / d)^d,

    where i, j, k are vectors of integers, |k| is the sum of one, and C the product of the binomial coefficients of the
    entries. All rays lie within the variables of ``i``.
    """
    active = sorted((l for l, order in enumerate(i) if order), key=lambda l: i[l])
    weights = {}
    for j, weight in _interpolation(tuple(i[l] for l in active)).items():
        ray = dict(zip(active, j, strict=True))
        weights[tuple(ray.get(l, 0) for l in range(len(i)))] = weight
    return weights


@lru_cache(maxsize=1024)
def _interpolation(i):
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


# ---------------------------------------------------------------------------------------------- the rays


def along(f, x0, directions, order):
    """The coefficients of t^order in f(x0 + t v), for each row v of ``directions``, in as few runs of ``f`` as can be.

    A list of arrays, one for each leaf of the result, with the rays in front; and what builds the result's tree.
    The direction of the series is a batch of all rays, so that the program at x0 runs once. Where a function can't take
    a batch, and where some ray must divide by zero, each ray goes by itself.
    """
    directions = np.array(directions, dtype=float).reshape(len(directions), -1)
    step = max(1, AT_ONCE // max(1, directions.shape[1] * (order + 1)))
    parts = [_along(f, x0, directions[r : r + step], order) for r in range(0, len(directions), step)]
    return [np.concatenate(c) for c in zip(*(found for found, _ in parts), strict=True)], parts[0][1]


def _along(f, x0, directions, order):
    if len(directions) > 1:
        level = Level()
        try:
            with np.errstate(divide="ignore", invalid="ignore"):
                found, build = _coefficients(f, x0, lambda v: Batch(v, level), directions, order)
            same = [not (isinstance(c, Batch) and c.level is level) for c in found]
            found = [np.stack([c] * len(directions)) if k else c.value for c, k in zip(found, same, strict=True)]
            if all(map(is_finite, found)):
                return found, build
        except (ADError, TypeError, ValueError):
            pass
        finally:
            level.close()
    each = [_coefficients(f, x0, lambda v: v[0], v[None], order) for v in directions]
    return [np.stack(c) for c in zip(*(found for found, _ in each), strict=True)], each[0][1]


def _coefficients(f, x0, form, directions, order):
    """The coefficients of t^order; from a longer series, where divisions take orders away."""
    xs, build = flatten(x0)
    ends = np.cumsum([size_of(x) for x in xs])[:-1]
    split = np.split(directions, ends, axis=1)
    v = build([form(_like(np.reshape(p, (len(p), *shape_of(x))), plain(x))) for p, x in zip(split, xs, strict=True)])
    for reach in (order, 2 * order, 4 * order + 4):
        leaves, build_out = flatten(taylor(f, x0, reach, v))
        if all(y.order >= order for y in leaves):
            return [y.coefficients[order] for y in leaves], build_out
    raise outside(called(f), leaves[0], f"its coefficient of t^{order} must be known")


def _like(v, x):
    """Directions in the kind of array and the dtype of ``x``."""
    dtype = getattr(x, "dtype", None)
    return np.array(v.tolist(), dtype if getattr(dtype, "kind", "") == "f" else float, like=x if shape_of(x) else None)


def _total(weights, c):
    """The sum over all rays of weight times coefficient."""
    return sum(float(w) * c_r for w, c_r in zip(weights, c, strict=True))
