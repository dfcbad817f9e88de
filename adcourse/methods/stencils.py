"""Difference formulas of any order on any points, with exact rational weights.

A stencil for the n-th derivative is a set of offsets o_k and weights w_k:

    D f = (w_1 f(x + o_1 h) + ... + w_N f(x + o_N h)) / h^n = f^(n)(x) + C f^(n+p)(x) h^p + ...

The weights are those that differentiate the polynomial through the N points; Fornberg's recursion finds them by adding
one point after the other. Taylor's theorem then tells everything else: with the moments m_j = sum of w_k o_k^j / j!,
Df = sum of m_j f^(j)(x) h^(j-n), so m_j is 0 for j < n, 1 for j = n, and the next that isn't zero is C, with j = n + p.
All of that is arithmetic with fractions: the order p and the error constant C are exact.

Source: Fornberg, *Generation of finite difference formulas on arbitrarily spaced grids*, Mathematics of Computation 51
(1988), 699-706.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from numbers import Integral

import numpy as np

from adcourse.core.errors import InputError
from adcourse.methods.points import StepError, default_step, number, positive, real, representable


def weights(offsets, n):
    """The weights w with sum of w_k f(x + o_k h) / h^n = f^(n)(x) for all polynomials of degree below len(offsets).

    ``offsets``: different numbers o_k, at least n + 1 of them; exact, as a float is, too. Returns a tuple of fractions.
    Raises InputError for offsets that coincide or are too few. Source: Fornberg (1988).

    >>> [str(w) for w in weights([-1, 0, 1], 2)], [str(w) for w in weights([-2, -1, 0, 1, 2], 1)]
    (['1', '-2', '1'], ['1/12', '-2/3', '0', '2/3', '-1/12'])
    """
    try:
        o = [Fraction(a) for a in offsets]
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"The offsets are {offsets!r}.", "they are real numbers.", "[-1, 0, 1]") from error
    if not isinstance(n, Integral) or n < 0 or len(o) <= n or len(set(o)) < len(o):
        raise InputError(
            f"No formula for the derivative of order {n!r} on the offsets {[str(a) for a in o]}.",
            "the n-th derivative of a polynomial takes its values at n + 1 different points, or at more.",
            "stencil(n=2, offsets=[-1, 0, 1])",
        )
    w = {0: [Fraction(1)]}  # w[j][m]: the weight of point j for the m-th derivative, with the points met so far
    before = Fraction(1)  # the product of o_(i-1) - o_j over the points j before
    for i in range(1, len(o)):
        product, last = Fraction(1), _padded(w[i - 1], n)
        for j in range(i):
            product *= o[i] - o[j]
            old = _padded(w[j], n)
            w[j] = [(o[i] * old[m] - m * old[m - 1]) / (o[i] - o[j]) for m in range(n + 1)]
        w[i] = [before / product * (m * last[m - 1] - o[i - 1] * last[m]) for m in range(n + 1)]
        before = product
    return tuple(_padded(w[j], n)[n] for j in range(len(o)))


def _padded(row, n):
    return row + [Fraction(0)] * (n + 1 - len(row))


@dataclass(frozen=True)
class Stencil:
    """A difference formula: derivative ``n``, ``offsets`` and ``weights``, all exact. Call it, or read its theory.

    ``stencil(f, x, h)`` is the difference quotient. ``order`` (p) and ``constant`` (C): the error is C f^(n+p)(x) h^p
    plus higher powers. ``rounding``: the sum of |w_k|, so errors of at most e in the values of f become at most
    ``rounding`` * e / h^n. See :func:`stencil` for making one.
    """

    n: int
    offsets: tuple
    weights: tuple

    @cached_property
    def _leading(self):
        j = self.n + 1
        while not (m := sum(w * o**j for w, o in zip(self.weights, self.offsets, strict=True))):
            j += 1
        return j - self.n, m / math.factorial(j)

    @property
    def order(self):
        """p: by which power of h the error falls."""
        return self._leading[0]

    @property
    def constant(self):
        """C, a fraction: the error is C f^(n+p)(x) h^p + ..."""
        return self._leading[1]

    @cached_property
    def rounding(self):
        """The sum of |w_k|, a fraction."""
        return sum(map(abs, self.weights))

    @property
    def kind(self):
        """On which side of x the points are: "central", if on both, "forward" or "backward"."""
        if min(self.offsets) < 0 < max(self.offsets):
            return "central"
        return "forward" if max(self.offsets) > 0 else "backward"

    @cached_property
    def _moves(self):
        """The offsets as floats, and whether a product with one is never rounded."""
        return [(float(o), math.frexp(o)[0] in (0.0, 0.5, -0.5)) for o in self.offsets]

    def rounded(self, dtype):
        """The weights in floating point, as numerators and their denominator."""
        if dtype not in (known := self.__dict__.setdefault("_rounded", {})):
            common = math.lcm(*(w.denominator for w in self.weights))
            known[dtype] = [_float(w * common, dtype) for w in self.weights], _float(Fraction(common), dtype)
        return known[dtype]

    @property
    def symmetric(self):
        """Whether the error has every other power of h only: p, p + 2, ..."""
        mirrored = {-o: (-1) ** self.n * w for o, w in zip(self.offsets, self.weights, strict=True)}
        return mirrored == dict(zip(self.offsets, self.weights, strict=True))

    def default_step(self, x):
        """The power of 2 next to eps^(1/(n+p)) max(1, |x|): with it x + h is mostly exact."""
        h = default_step(x, self.n + self.order)
        return np.exp2(np.round(np.log2(h)))

    def error(self, h, derivative, noise):
        """What theory says of the error: |C| |f^(n+p)| h^p + (sum of |w_k|) noise / h^n."""
        return float(abs(self.constant)) * abs(derivative) * h**self.order + float(self.rounding) * noise / h**self.n

    def best_step(self, derivative, noise):
        """Where :meth:`error` is least: h^(n+p) = n (sum of |w_k|) noise / (p |C| |f^(n+p)|).

        derivative: the size of f^(n+p) about x; noise: that of the errors of f. Positive numbers.

        >>> forward = stencil(1, 1, "forward")
        >>> f"{forward.best_step(4.0, 1e-16):.0e}, {forward.error(1e-8, 4.0, 1e-16):.0e}"  # 2 sqrt(noise / f'')
        '1e-08, 4e-08'
        """
        ratio = self.n * float(self.rounding) * noise / (self.order * float(abs(self.constant)) * abs(derivative))
        return ratio ** (1 / (self.n + self.order))

    def __call__(self, f, x, h=None):
        """The quotient at the number x; f takes and returns one number. ``h`` > 0; default :meth:`default_step`."""
        x = real(x)[()]
        h = self.default_step(x) if h is None else positive(h, x)[()]
        return self.quotient(f, x, h)[0]

    def quotient(self, f, x, h, value=number):
        """The quotient and the values it was made of. ``value(f, t)``: how f is asked at t.

        The step is made representable; where points x + o h are still rounded, the weights are for them as they are.
        """
        if (reach := max(map(abs, self.offsets))) in (1, 2):
            h = representable(x, reach.numerator * h) / reach.numerator
        with np.errstate(over="ignore"):
            points = [x + x.dtype.type(o) * h for o, _ in self._moves]
        w, common = _weights_at(self, x, h, points)
        ys = [value(f, t) for t in points]
        middle = ys[len(ys) // 2]  # the weights sum to 0: products of differences have less rounding
        with np.errstate(over="ignore"):
            quotient = sum(c * (y - middle) for c, y in zip(w, ys, strict=True)) / common
            for _ in range(self.n):
                quotient = quotient / h
        if not np.all(np.isfinite(quotient)):
            raise StepError(
                f"The quotient overflows with the step h = {h:.3g}.", f"it divides by h^{self.n}.", "a larger step h"
            )
        return quotient, ys

    def __str__(self):
        """The formula: (f(x + h) - f(x - h)) / (2 h)."""
        common = math.lcm(*(w.denominator for w in self.weights))
        pairs = sorted(zip(self.offsets, self.weights, strict=True), reverse=True)
        terms = [(int(w * common), _point(o)) for o, w in pairs]
        text = " ".join(f"{'-' if c < 0 else '+'} {'' if abs(c) == 1 else f'{abs(c)} '}{t}" for c, t in terms)
        text = text[2:] if text.startswith("+") else "-" + text[2:]
        below = " ".join(([str(common)] if common != 1 else []) + ["h" if self.n == 1 else f"h^{self.n}"])
        return f"({text}) / " + (f"({below})" if " " in below else below)


def _float(c, dtype):
    """A fraction in this dtype, which may be longer than a float."""
    return dtype.type(high := float(c)) + dtype.type(float(c - Fraction(high)))


def _point(o):
    if o == 0:
        return "f(x)"
    size = "" if abs(o) == 1 else f"{abs(o)} "
    return f"f(x {'-' if o < 0 else '+'} {size}h)"


def _weights_at(stencil, x, h, points):
    """The weights for the points as rounding made them, x + o h nearly: numerators and denominator."""
    finite = all(map(math.isfinite, points))
    if not finite or len({*points}) < len(points) or (0 not in stencil.offsets and x in points):
        raise StepError(
            f"With the step h = {h:.3g}, points of the formula at x = {x:.6g} "
            + ("coincide: x + h is x." if finite else "overflow."),
            f"next to {x:.6g}, numbers of type {x.dtype} are {np.spacing(abs(x)):.1e} apart.",
            f"h={stencil.default_step(x):.1e}, or no h at all for the default",
        )
    if all(_exactly(x, *move, h, p) for move, p in zip(stencil._moves, points, strict=True)):
        return stencil.rounded(x.dtype)
    start, step = Fraction(*x.as_integer_ratio()), Fraction(*h.as_integer_ratio())
    there = [(Fraction(*p.as_integer_ratio()) - start) / step for p in points]
    return [_float(w, x.dtype) for w in weights(there, stencil.n)], x.dtype.type(1)


def _exactly(x, o, exact, h, p):
    """Whether p is x + o h without rounding (False too if this can't be told quickly). Source: Knuth's two-sum."""
    if not exact and (np.frexp(h)[0] != 0.5 or int(o) != o):
        return False
    b = x.dtype.type(o) * h
    back = p - x
    return (x - (p - back)) + (b - back) == 0


@lru_cache(1000)
def _standard(n, order, kind):
    if kind == "central":
        half = (n + 1) // 2 - 1 + order // 2
        return stencil(n, offsets=range(-half, half + 1))
    side = 1 if kind == "forward" else -1
    return stencil(n, offsets=[side * k for k in range(n + order)])


def stencil(n=1, order=2, kind="central", *, offsets=None):
    """The difference formula for the n-th derivative of the given order of accuracy on the fewest equidistant points,
    "central", "forward" or "backward"; or the one on ``offsets`` (in units of h, any numbers), whatever its order.

    Central formulas have even order; n and order are at least 1. Returns a :class:`Stencil`.
    Raises InputError for what no formula has.

    >>> print(stencil(1, 4))
    (-f(x + 2 h) + 8 f(x + h) - 8 f(x - h) + f(x - 2 h)) / (12 h)
    >>> s = stencil(1, offsets=[0, 1, 3])
    >>> print(s, "order", s.order, "constant", s.constant)
    (-f(x + 3 h) + 9 f(x + h) - 8 f(x)) / (6 h) order 2 constant -1/2
    """
    if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
        raise InputError(f"The order of the derivative is n = {n!r}.", "it is 1, 2, 3, ...", "stencil(n=2)")
    if offsets is not None:
        offsets = list(offsets) if np.iterable(offsets) else offsets
        pairs = [(Fraction(o), w) for o, w in zip(offsets, weights(offsets, n), strict=True) if w]
        return Stencil(int(n), *map(tuple, zip(*pairs, strict=True)))
    if kind not in ("central", "forward", "backward"):
        raise InputError(
            f"There is no kind of formula {kind!r}.",
            "the points lie on both sides of x, to the right or to the left.",
            'kind="central", "forward" or "backward"; or points of your own: stencil(n, offsets=[-1, 0, 2])',
        )
    if not isinstance(order, Integral) or order < 1 or (kind == "central" and order % 2):
        raise InputError(
            f"A {kind} formula of order {order!r} doesn't exist.",
            "errors fall by a whole power of h, and those of central formulas by an even one: the odd ones cancel.",
            'stencil(n, 2) or stencil(n, 4); for odd orders kind="forward"',
        )
    return _standard(int(n), int(order), kind)
