"""Second and mixed derivatives of functions of several numbers, from values of f alone.

With n inputs a Hessian takes n^2 + n + 1 evaluations of f for an error like h^2, or (n + 1)(n + 2) / 2 for one
like h. A mixed derivative takes the product of formulas of one variable, one along each input.
"""

from itertools import product

import numpy as np

from adcourse.core.errors import InputError
from adcourse.methods.points import Counted, Estimate, as_precise_as, default_step, each, number, real, representable
from adcourse.methods.stencils import stencil


def mixed(f, x, orders, order=2, kind="central", h=None):
    """The mixed derivative of f at the array x, ``orders[i]`` times by x[i]: a product of formulas of one variable.

    ``order``, ``kind``: of each formula, as for :func:`stencil`; the error falls like h^order. ``h``: one step or one
    for each input; default eps^(1/(sum of orders + order)) max(1, |x_i|). The price is the product of the numbers of
    points: 4 evaluations for d^2 f / dx dy. Returns a number.

    >>> f = lambda v: v[0] ** 2 * v[1]
    >>> float(mixed(f, [1.0, 5.0], [1, 1], h=0.5)), float(mixed(f, [1.0, 5.0], [2, 1], h=0.5))
    (2.0, 2.0)
    """
    x = real(x)
    orders = np.asarray(orders)
    if orders.shape != x.shape or orders.dtype.kind not in "iu" or np.any(orders < 0) or not np.any(orders):
        raise InputError(
            f"The orders {orders.tolist()} don't fit an x of shape {x.shape}.",
            "there is one for each input: how many times f is differentiated by it.",
            "mixed(f, [1.0, 2.0], [2, 1]) for the derivative twice by x[0] and once by x[1]",
        )
    total = int(np.sum(orders))
    hs = _steps(x, h, total + order)
    formulas = [(i, stencil(int(orders[i]), order, kind)) for i in np.ndindex(x.shape) if orders[i]]
    f = as_precise_as(x, f) if h is None else f
    terms, common = [], np.prod([s.rounded(x.dtype)[1] for _, s in formulas])
    for choice in product(*(zip(s.rounded(x.dtype)[0], s.offsets, strict=True) for _, s in formulas)):
        weight, there = 1, x.copy()
        for (i, _), (w, o) in zip(formulas, choice, strict=True):
            weight, there[i] = weight * w, x[i] + x.dtype.type(float(o)) * hs[i]
        terms.append((weight, number(lambda t, there=there: f(there), x)))
    middle = terms[len(terms) // 2][1]
    quotient = sum(w * (y - middle) for w, y in terms) / common
    for i, s in formulas:
        for _ in range(s.n):
            quotient = quotient / hs[i]
    return quotient


def hessian(f, x, scheme="central", h=None, *, full=False):
    """The Hessian of a scalar f of one array (or number) by second differences: symmetric, of shape x.shape + x.shape.

    ``scheme``: "central", n^2 + n + 1 evaluations, error like h^2 (default h eps^(1/4) max(1, |x_i|)); or "forward",
    (n+1)(n+2)/2 evaluations, error like h (default eps^(1/3)). ``h``: one step, or one for each input. With
    ``full=True`` an :class:`Estimate`, from about twice as many evaluations. Where a gradient g is at hand,
    ``jacobian(g, x)`` is better: n + 1 gradients, and an error of eps^(1/2).

    >>> hessian(lambda v: v[0] ** 2 * v[1], [1.0, 5.0], h=0.5)
    array([[10.,  2.],
           [ 2.,  0.]])
    """
    if scheme not in ("central", "forward"):
        raise InputError(
            f"There is no Hessian by {scheme!r}.",
            "second derivatives come from second differences, on both sides of x or to the right.",
            'hessian(f, x, "central"), or jacobian(gradient of f, x, "complex_step") with a gradient you have',
        )
    x, counted = real(x), Counted(f)
    hs = _steps(x, h, 4 if scheme == "central" else 3)
    f = as_precise_as(x, counted) if h is None else counted
    if not full:
        return _second_differences(f, x, scheme, hs)[0]
    (coarse, size), (fine, _) = (_second_differences(f, x, scheme, steps) for steps in (hs, hs / 2))
    rounding = 4 * np.finfo(x.dtype).eps * size / np.multiply.outer(hs, hs)
    error = np.abs(fine - coarse) / (1 - 2.0 ** -(2 if scheme == "central" else 1)) + rounding
    return Estimate(coarse, error, hs[()], counted.calls)


def _second_differences(f, x, scheme, hs):
    """The Hessian, and the size of the values that it is made of."""
    flat, steps, n, size = x.ravel(), np.ravel(hs), x.size, 0.0

    def at(*moves):
        nonlocal size
        there = flat.copy()
        for i, side in moves:
            there[i] += side * steps[i]
        y = number(lambda t: f(there.reshape(x.shape)[()]), x)
        size = max(size, abs(y))
        return y

    here, up, result = at(), [at((i, 1)) for i in range(n)], np.empty((n, n), x.dtype)
    down = [at((i, -1)) for i in range(n)] if scheme == "central" else None
    for i, j in zip(*np.tril_indices(n), strict=True):
        if scheme == "forward":
            difference = (at((i, 1), (j, 1)) - up[i]) - (up[j] - here)
        elif i == j:
            difference = (up[i] - here) - (here - down[i])
        else:  # what f(x + h_i + h_j) and f(x - h_i - h_j) have beyond their values along the axes
            difference = (at((i, 1), (j, 1)) - up[i]) - (up[j] - here)
            difference = (difference + ((at((i, -1), (j, -1)) - down[i]) - (down[j] - here))) / 2
        result[i, j] = result[j, i] = difference / steps[i] / steps[j]
    return result.reshape(x.shape * 2)[()], size


def _steps(x, h, root):
    """The steps for all entries of x, such that x + h and x - h are exact."""
    hs = each(default_step(x, root) if h is None else h, x)
    steps = np.empty_like(x)
    for i in np.ndindex(x.shape):
        steps[i] = representable(x[i], hs[i])
    return steps
