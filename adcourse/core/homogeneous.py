"""Homogeneous polynomials of several variables: the coefficients of all monomials of one degree, as one value.

Of degree 2 in x and y they are a x² + b xy + c y². Polynomials of a degree are added and scaled coefficient by
coefficient, as a batch is. A product pairs each monomial of the one with each of the other; which pairs meet in which
monomial is looked up in a table, made once, so that all pairs are multiplied at once and then added up.

In the *total-degree layout*, the monomials of degree 0, 1, 2, ... follow each other, and within a degree those with
more of the first variable come first: 1, x, y, x², xy, y², x³, ... Haro et al., *The Parameterization Method for
Invariant Manifolds* (2016), chapter 2, on storing series of several variables by degree.
"""

from functools import lru_cache
from itertools import accumulate
from math import comb

import numpy as np

from .arguments import as_python
from .batch import Batch
from .coefficients import Values
from .errors import NoRuleError
from .kinds import Bilinear, Linear, dtype_of, shape_of
from .levels import Traced, apply
from .linalg import DIVIDE
from .members import how
from .rules import RULES, put

AT_ONCE = 2**18  # numbers in a table of products

# ---------------------------------------------------------------------------------------------- the layout


def size(n, d):
    """How many monomials of degree ``d`` in ``n`` variables there are.

    >>> [size(2, d) for d in range(4)]
    [1, 2, 3, 4]
    """
    return comb(n + d - 1, d) if d >= 0 else 0


def offset(n, d):
    """How many monomials of ``n`` variables have a degree below ``d``: where degree ``d`` begins in the layout."""
    return comb(n + d - 1, n) if d > 0 else 0


@lru_cache(256)
def monomials(n, d):
    """The exponents of all monomials of degree ``d`` in ``n`` variables, a row for each, in order.

    >>> monomials(2, 2).tolist()
    [[2, 0], [1, 1], [0, 2]]
    """
    rows = np.full((1, 1), d)  # the degree that is left for the variables to come, in the last column
    for _ in range(n - 1):
        left = rows[:, -1]
        which = np.repeat(np.arange(len(rows)), left + 1)
        rest = np.arange(len(which)) - np.repeat(np.cumsum(left + 1) - (left + 1), left + 1)
        rows = np.column_stack([rows[which, :-1], left[which] - rest, rest])
    rows.flags.writeable = False
    return rows


def rank(exponents):
    """The place of monomials among those of their degree; ``exponents`` has them along its last axis.

    Those before x^a y^b z^c are the ones with more than a factors x, one for each monomial of degree b + c - 1 in
    three variables; then, with a of them, those with more than b factors y; and so on.

    >>> [int(rank(m)) for m in monomials(3, 2)]
    [0, 1, 2, 3, 4, 5]
    """
    exponents = np.asarray(exponents)
    n, place = exponents.shape[-1], np.zeros(exponents.shape[:-1], dtype=np.intp)
    left = np.cumsum(exponents[..., ::-1], axis=-1)  # what the last one, two, ... variables have
    for k in range(1, n):
        place += _choose(n, int(np.max(left, initial=0)))[k][left[..., k - 1]]
    return place


@lru_cache(64)
def _choose(n, d):
    """For 1 <= k < n and 0 <= m <= d: how many monomials in k + 1 variables have degree m - 1."""
    return [np.array([comb(m + k - 1, k) if m else 0 for m in range(d + 1)], dtype=np.intp) for k in range(n)]


@lru_cache(256)
def parents(n, d):
    """Each monomial of degree ``d`` as one of degree d - 1 times a variable: the places of both."""
    exponents = monomials(n, d)
    variable = np.argmax(exponents > 0, axis=1)
    return rank(exponents - np.eye(n, dtype=int)[variable]), variable


class Table:
    """Pairs of monomials, by the monomial that they meet in.

    ``left`` and ``right``: the places of the two factors; ``starts``: where the pairs of each product begin.
    """

    __slots__ = ("left", "right", "starts")

    def __init__(self, left, right, starts):
        self.left, self.right, self.starts = left, right, starts

    def sum_products(self, rule, x, y, static):
        """``rule`` on all pairs of rows of ``x`` and ``y``, and the sum of those that meet in each monomial."""

        def part(pairs, starts):
            values = [x.take(self.left[pairs], 0), y.take(self.right[pairs], 0)]
            return _sums(how(rule)(rule, values, [True, True], static), starts)

        pairs, width = len(self.left), max(x[0].size, y[0].size, 1)
        if pairs * width <= AT_ONCE:
            return part(slice(None), self.starts)
        ends, parts, at = np.append(self.starts, pairs), [], 0
        while at < len(self.starts):
            to = max(at + 1, int(np.searchsorted(ends, ends[at] + AT_ONCE // width, "right")) - 1)
            parts.append(part(slice(ends[at], ends[to]), self.starts[at:to] - ends[at]))
            at = to
        return np.concatenate(parts)


def _sums(z, starts):
    """The sums of z[starts[0] : starts[1]], z[starts[1] : starts[2]], ..."""
    if not isinstance(z, Traced):
        return np.add.reduceat(z, starts, axis=0)
    places = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(z)))
    return apply(put, (z,), {"indices": (places,), "shape": (len(starts), *z.shape[1:])})


@lru_cache(1024)
def table(n, d, low, high):
    """The pairs of degree ``d`` whose first factor has a degree from ``low`` to ``high``.

    Places count from the first monomial of degree ``low``, and of degree ``d - high`` for the second factor.
    """
    left, right, place = [], [], []
    for j in range(low, high + 1):
        i, k = np.indices((size(n, j), size(n, d - j))).reshape(2, -1)
        left.append(i + offset(n, j) - offset(n, low))
        right.append(k + offset(n, d - j) - offset(n, d - high))
        place.append(rank(monomials(n, j)[i] + monomials(n, d - j)[k]))
    left, right, place = map(np.concatenate, (left, right, place))
    order = np.argsort(place, kind="stable")
    return Table(left[order], right[order], np.searchsorted(place[order], np.arange(size(n, d))))


@lru_cache(64)
def full_table(n, order):
    """The pairs of all degrees up to ``order``, in the total-degree layout."""
    tables = [table(n, d, 0, d) for d in range(order + 1)]
    begin = accumulate((len(t.left) for t in tables), initial=0)
    left, right = (np.concatenate([getattr(t, side) for t in tables]) for side in ("left", "right"))
    return Table(left, right, np.concatenate([t.starts + b for t, b in zip(tables, begin, strict=False)]))


# ---------------------------------------------------------------------------------------------- the polynomials

_MULTIPLY = RULES[np.multiply]
PRODUCTS = {_MULTIPLY} | {rule for rule in RULES.values() if isinstance(rule, Bilinear)}
_LINEAR = {RULES[f] for f in (np.add, np.subtract, np.negative, np.positive, np.conjugate)}
_LINEAR |= {RULES[f] for f in (np.deg2rad, np.radians, np.rad2deg, np.degrees)}
_LINEAR_IN = {RULES[np.divide]: 0, RULES[np.linalg.solve]: 1, DIVIDE: 0}  # this one operand


class Homogeneous(Batch):
    """A homogeneous polynomial of ``degree`` in ``n`` variables; ``value`` has its coefficients along the first axis.

    >>> from adcourse.core.levels import Level
    >>> p = Homogeneous(np.array([1.0, 2.0]), 2, 1, Level())  # x + 2y
    >>> p * p  # x² + 4xy + 4y²
    Homogeneous([1. 4. 4.], degree 2 in 2 variables)
    """

    __slots__ = ("degree", "n")
    many, answers = False, False
    example, lift = Traced.example, Traced.lift

    def __init__(self, value, n, degree, level):
        super().__init__(value, level)
        self.n, self.degree = n, degree

    def like(self, value):
        return Homogeneous(value, self.n, self.degree, self.level)

    def process(self, rule, operands, static):
        members = [x for x in operands if type(x) is Homogeneous and x.level.tag == self.level.tag]
        if rule in PRODUCTS and len(members) == 2:
            return convolve(rule, operands[:1], operands[1:], static)
        if rule in _LINEAR_IN:
            linear = len(members) == 1 and members[0] is operands[_LINEAR_IN[rule]]
        else:
            linear = rule in _LINEAR or rule in PRODUCTS or isinstance(rule, Linear)
        if not linear or len({(x.n, x.degree) for x in members}) > 1:
            raise NoRuleError(
                f"{rule.name} was asked of homogeneous polynomials.",
                "it isn't linear in them, or their degrees differ, and the result would have terms of many degrees.",
                "the same function of a TaylorN, which has a polynomial for each degree",
            )
        return super().process(rule, operands, static)

    def decide(self, rule, args, kwargs):
        if len(args) == 1 and args[0] is self and not kwargs and rule.name in ("shape", "ndim", "size"):
            return getattr(self, rule.name)
        raise NoRuleError(
            f"{rule.name if rule else 'A question'} was asked of a homogeneous polynomial.",
            "it is no number, and has no single answer.",
            "the same question of its coefficients",
        )

    def __bool__(self):
        return self.decide(None, (), {})

    def zeros(self, degree, shape):
        """The polynomial 0 of another degree, with coefficients of this shape."""
        return Homogeneous(np.zeros((size(self.n, degree), *shape), dtype_of(self)), self.n, degree, self.level)

    def __repr__(self):
        return f"Homogeneous({self.value}, degree {self.degree} in {self.n} variables)"


def convolve(rule, xs, ys, static):
    """sum_j rule(xs[j], ys[j]), with degrees that ascend in ``xs`` and descend in ``ys``, by one each time.

    A plain value counts as a polynomial of degree 0.
    """
    some = max((p for p in (xs[-1], ys[0]) if type(p) is Homogeneous), key=lambda p: p.level.number)
    low, high = degree(xs[0]), degree(xs[-1])
    d = low + degree(ys[0])
    z = table(some.n, d, low, high).sum_products(rule, stacked(xs), stacked(ys[::-1]), static)
    return Homogeneous(z, some.n, d, some.level)


def degree(p):
    return p.degree if type(p) is Homogeneous else 0


def stacked(polynomials):
    """The coefficients of polynomials of ascending degree, one after the other."""
    blocks = [p.value if type(p) is Homogeneous else np.expand_dims(p, 0) for p in polynomials]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


class Graded(Values):
    """The coefficients of a series in several variables: a plain one, then polynomials of degree 1, 2, ...

    ``some`` is one of these polynomials. The coefficients of a derivative along rays begin with degree 1.
    """

    def __init__(self, coefficients, some):
        super().__init__(coefficients)
        self.some = some

    def like(self, coefficients):
        return Graded(coefficients, self.some)

    def __setitem__(self, k, value):
        """Coefficient ``k`` becomes known. What is no polynomial can only be zero."""
        if k and type(value) is not Homogeneous:
            value = self.some.zeros(degree(self[0]) + k, shape_of(self[0]))
        super().__setitem__(k, value)

    def convolve(self, other, k, i, j):
        """The sum of self_m other_(k-m) over m = i, ..., j, all products at once."""
        return convolve(_MULTIPLY, self[i : j + 1], other[k - j : k - i + 1][::-1], {}) if i <= j else 0.0

    def times(self, other, rule, static):
        """The product with another series to all orders, all products at once."""
        order, n = min(len(self), len(other)) - 1, self.some.n
        x, y = stacked(self[: order + 1]), stacked(other[: order + 1])
        z = full_table(n, order).sum_products(rule, x, y, static)
        level = max(self.some.level, other.some.level, key=lambda level: level.number)
        rest = [Homogeneous(z[offset(n, d) : offset(n, d + 1)], n, d, level) for d in range(1, order + 1)]
        return self.like([as_python(z[0]), *rest])
