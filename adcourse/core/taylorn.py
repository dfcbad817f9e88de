"""Taylor series in several variables: all partial derivatives at once.

Along a ray from the centre, a function of several variables is a series in t like any other, and its k-th coefficient
is a homogeneous polynomial of degree k in the direction of the ray. So a series in several variables *is* a ``Taylor``
with homogeneous polynomials as coefficients (homogeneous.py), and every recurrence (recurrences.py) serves it: where
one variable has t d/dt, several have Euler's operator x d/dx + y d/dy + ..., and both multiply what has degree k by k.

Sources: Griewank, Utke and Walther, *Evaluating higher derivative tensors by forward propagation of univariate Taylor
series* (2000); Haro et al., *The Parameterization Method for Invariant Manifolds* (2016), chapter 2.
"""

from math import factorial, prod
from operator import index

import numpy as np

from ..functions.derived import as_array
from .arguments import as_input, as_python
from .coefficients import as_order, blank, cut
from .errors import DomainError, InputError
from .homogeneous import PRODUCTS, Graded, Homogeneous, monomials, offset, parents, rank, size
from .inplace import become
from .kinds import dtype_of, shape_of
from .levels import Traced, hand_made, plain
from .taylor import Series, Taylor

RANK = 0.125  # see levels.hand_made; half of it is that of the coefficients
MOST = 2**27  # numbers in the variables together: 1 GiB


class TaylorN(Taylor):
    """A Taylor polynomial in several variables, known to the order ``order``; its value is that at the centre.

    ``terms`` has the coefficient of each monomial by its exponents, numbers or arrays of one shape: {(0, 0): 1.0,
    (2, 1): 3.0} is 1 + 3 x² y. The variables count from the centre, which is (0, ..., 0). Most are made by
    ``TaylorN.variables`` and what a program does with these; all that NumPy does to one follows the rules of the core.
    Raises InputError where variables of other names come in, and DomainError where the value must not be zero.
    Source: Griewank and Walther, *Evaluating Derivatives* (2008), section 13.3.

    >>> import numpy as np
    >>> x, y = TaylorN.variables([0.0, 0.0], order=3)
    >>> p = np.exp(x) * np.cos(y)
    >>> p.coefficient((1, 2)), p.partial((1, 2)), p.hessian().tolist()
    (-0.5, -1.0, [[1.0, 0.0], [0.0, -1.0]])
    """

    __slots__ = ("names",)
    several = True

    def __init__(self, terms, order=None, names=None):
        if not isinstance(terms, dict):  # an array of polynomials, as np.array([p, q]) makes
            found = as_array(terms)
            if not isinstance(found, TaylorN):
                raise _no_terms(terms)
            become(self, found)
            return
        if not terms:
            raise _no_terms(terms)
        terms = {_exponents(m): as_input(c, "A coefficient") for m, c in terms.items()}
        n = len(next(iter(terms)))
        order = max(map(sum, terms)) if order is None else as_order(order, "TaylorN")
        for m in terms:
            _degree(m, n, order)
        shape = np.broadcast_shapes(*map(shape_of, terms.values()))
        zero = np.zeros((), np.result_type(*map(plain, terms.values())))
        parts = [
            np.stack([np.broadcast_to(terms.get(tuple(m), zero), shape) for m in monomials(n, d).tolist()])
            for d in range(order + 1)
        ]
        self._hold(parts, _names(names, n))

    def _hold(self, parts, names):
        """Take the coefficients of each degree: an array of them, with the monomials along its first axis."""
        n, below = len(names), hand_made(*parts, rank=RANK / 2)
        rest = [Homogeneous(part, n, d, below) for d, part in enumerate(parts)]
        c = Graded([as_python(parts[0][0]), *rest[1:]], rest[0])
        self.value, self.series, self.names, self.level = c[0], Series(c), names, hand_made(*c, rank=RANK)
        return self

    @classmethod
    def variables(cls, x0, order, names=None):
        """The variables near the point ``x0``, as one polynomial of its shape: x0_1 + x, x0_2 + y, ...

        ``f(TaylorN.variables(x0, order))`` is the Taylor polynomial of ``f`` at ``x0``, with all partial derivatives to
        that order. The variables are x, y, z, or x1, x2, ... where there are more, or have the ``names`` given.
        Raises InputError for points that aren't made of real numbers.

        >>> x, y = TaylorN.variables([1.0, 2.0], order=2)
        >>> (x * y).terms()
        {(0, 0): 2.0, (1, 0): 2.0, (0, 1): 1.0, (1, 1): 1.0}
        """
        x0 = as_input(np.array(x0) if isinstance(x0, (list, tuple)) else x0, "The point x0")
        n, order = prod(shape_of(x0)), as_order(order, "TaylorN.variables")
        names = _names(names, n)
        if offset(n, order + 1) * n > MOST:
            raise InputError(
                f"TaylorN.variables was asked for {n} variables with {offset(n, order + 1)} terms to order {order}.",
                "one number for each term and variable doesn't fit into memory.",
                "TaylorN.variables(x0, 2); or taylor(f, x0, order, direction) for the derivatives along one line",
            )
        parts = [np.zeros((size(n, d), *shape_of(x0)), dtype_of(x0)) for d in range(order + 1)]
        parts[0] = np.expand_dims(np.copy(x0), 0)
        if order:
            parts[1] = np.reshape(np.eye(n, dtype=dtype_of(x0)), (n, *shape_of(x0)))
        return object.__new__(cls)._hold(parts, names)

    # ------------------------------------------------------------------ the mode
    def like(self, c, value=None):
        p = super().like(c, value)
        p.names = self.names
        return p

    def lift(self, value):
        c = blank(value, self.order, self.series.c)
        for k in range(1, len(c)):
            c[k] = 0.0
        return self.like(c, value)

    def process(self, rule, operands, static):
        for x in operands:
            if self.shares(x) and x.names != self.names:
                raise InputError(
                    f"A polynomial in {', '.join(self.names)} met one in {', '.join(x.names)}.",
                    "a formula has one set of variables; which of these stands for which of those isn't said.",
                    "TaylorN.variables(x0, order, names) with all names at once; or p(q), for a q without constant "
                    "term in the place of the variables of p",
                )
        if rule in PRODUCTS and all(map(self._full, operands)):
            x, y = (x.series.c for x in operands)
            return self.like(x.times(y, rule, static))
        return super().process(rule, operands, static)

    def _full(self, x):
        """Whether ``x`` is a polynomial all of whose coefficients are known, and no derivative along rays."""
        return self.shares(x) and not x.series.steps and type(x.series.c[0]) is not Homogeneous

    # ------------------------------------------------------------------ reading
    def _part(self, d):
        """The coefficients of degree ``d``, with the monomials along the first axis."""
        return self.series.c[d].value if d else np.expand_dims(self.value, 0)

    def coefficient(self, exponents):
        """The coefficient of one monomial: ``p.coefficient((2, 1))`` is that of x² y."""
        exponents = _exponents(exponents)
        return as_python(np.copy(self._part(_degree(exponents, len(self.names), self.order))[int(rank(exponents))])[()])

    def partial(self, exponents):
        """A partial derivative at the centre: ``p.partial((2, 1))`` is that by x twice and y, 2! 1! times x² y's."""
        return prod(map(factorial, _exponents(exponents))) * self.coefficient(exponents)

    def terms(self):
        """The coefficients that aren't zero, by the exponents of their monomials, from the lowest degree up."""
        found = {}
        for d in range(self.order + 1):
            for m, c in zip(monomials(len(self.names), d).tolist(), self._part(d), strict=True):
                if np.any(plain(c) != 0):
                    found[tuple(m)] = as_python(np.copy(c)[()])
        return found

    @property
    def coefficients(self):
        """For each degree from 0 an array of the coefficients of all monomials, in the order x², x y, y²."""
        return [np.copy(self._part(d)) for d in range(self.order + 1)]

    @property
    def derivatives(self):
        """All partial derivatives at the centre that aren't zero, by how often each variable is differentiated by."""
        return {m: prod(map(factorial, m)) * c for m, c in self.terms().items()}

    def jacobian(self):
        """The first derivatives at the centre, of the polynomial's shape and one more axis for the variables."""
        self._known_to(1, "A Jacobian")
        return np.moveaxis(self._part(1), 0, -1).copy()

    def gradient(self):
        """The first derivatives of a scalar at the centre, one for each variable."""
        if self.shape:
            raise InputError(
                f"gradient() was asked of a polynomial of shape {self.shape}.",
                "a gradient is that of one number; several have a row of a Jacobian each.",
                "p.jacobian(), or p[0].gradient() for the first",
            )
        return self.jacobian()

    def hessian(self):
        """The second derivatives at the centre, of the polynomial's shape and two more axes for the variables."""
        self._known_to(2, "A Hessian")
        pairs = np.eye(len(self.names), dtype=int)
        pairs = pairs[:, None] + pairs
        both = self._part(2)[rank(pairs)]  # of x_i x_j, which is x_j x_i too
        twice = np.reshape(1.0 + np.eye(len(pairs)), pairs.shape[:2] + (1,) * self.ndim)
        return np.moveaxis(both * twice, (0, 1), (-2, -1)).copy()

    def _known_to(self, order, what):
        if self.order < order:
            raise InputError(
                f"{what} was asked of a polynomial of order {self.order}.",
                f"it is made of the terms of degree {order}, and those aren't known.",
                f"TaylorN.variables(x0, {order}) for the variables it is made of",
            )

    # ------------------------------------------------------------------ new ones from it
    def derivative(self, variable):
        """The derivative by a variable, given by its place or its name, as a polynomial of one order less."""
        self._known_to(1, "A derivative")
        n = len(self.names)
        i = self.names.index(variable) if variable in self.names else variable
        if isinstance(i, bool) or not hasattr(i, "__index__") or not -n <= i < n:
            raise InputError(
                f"The derivative by {variable!r} was asked of a polynomial in {', '.join(self.names)}.",
                "it has no such variable.",
                f"p.derivative({self.names[0]!r}), or p.derivative(0)",
            )
        unit = np.eye(n, dtype=int)[i]
        parts = []
        for d in range(self.order):
            above = monomials(n, d) + unit
            factor = np.reshape(above[:, i], (-1,) + (1,) * self.ndim)
            parts.append(factor * self._part(d + 1)[rank(above)])
        return object.__new__(TaylorN)._hold(parts, self.names)

    def __call__(self, *point):
        """The value of the polynomial at a point, counted from the centre; or its composition with other series.

        ``p(dx, dy)`` or ``p(d)`` for a d with the variables along its first axis; its other axes are those of many
        points, and come before the shape of p in the result. Where d is a series (``TaylorN`` or ``Taylor``), it must
        have no constant term, and the result is known to the lower of the two orders. Raises InputError otherwise.

        >>> x, y = TaylorN.variables([0.0, 0.0], order=2)
        >>> p = 1 + x + 3 * x * y
        >>> p(0.5, 2.0), p(np.array([[0.5, 1.0], [2.0, 0.0]])).tolist(), p(y, x + x).terms()
        (4.5, [4.5, 2.0], {(0, 0): 1.0, (0, 1): 1.0, (1, 1): 6.0})
        """
        d, order = self._displacement(point)
        total = self.value + np.zeros(shape_of(d)[1:] + self.shape, dtype_of(self.value))
        for k in range(1, order + 1):
            if k == 1:
                powers = d
            else:
                lower, variable = parents(len(self.names), k)
                powers = powers[lower] * d[variable]
            total = total + np.tensordot(powers, self._part(k), (0, 0))
        return as_python(total)

    def _displacement(self, point):
        """``point`` with the variables along its first axis, and the order to which a polynomial of it is known."""
        n, order = len(self.names), self.order
        point = [as_input(as_array(d), "The point") for d in point]
        if len(point) == n and (n > 1 or not shape_of(point[0])):
            d = np.stack(np.broadcast_arrays(*point))
        elif len(point) == 1 and shape_of(point[0])[:1] == (n,):
            d = point[0]
        else:
            raise InputError(
                f"A polynomial in {', '.join(self.names)} was called with {len(point)} argument(s) of shape "
                f"{', '.join(str(shape_of(d)) for d in point)}.",
                "a point has one number for each variable.",
                f"p({', '.join('d' + name for name in self.names)}), or p(d) for an array d of shape ({n}, ...)",
            )
        inner = d
        while isinstance(inner, Traced):
            if isinstance(inner, Taylor):
                order = min(order, inner.order)
                if np.any(plain(inner) != 0) or (inner is not d and inner.order > order):
                    raise InputError(
                        f"A polynomial known at its centre was composed with the series {inner!r}.",
                        f"its terms from degree {self.order + 1} on aren't known; only if the series has no constant "
                        "term do they come with powers that are cut off as well.",
                        "p(q - q.value) for the polynomial along q from p's own centre; for another centre, the "
                        "function itself: f(x0 + q)",
                    )
            inner = inner.value
        return (d.like(cut(d.series.c, order + 1)) if isinstance(d, Taylor) else d), order

    def _to(self, order):
        """The same terms as a polynomial of another order."""
        parts = [self._part(d) for d in range(min(order, self.order) + 1)]
        parts += [
            np.zeros((size(len(self.names), d), *self.shape), parts[0].dtype) for d in range(len(parts), order + 1)
        ]
        return object.__new__(TaylorN)._hold(parts, self.names)

    def inverse(self):
        """The inverse map near the centre, for as many results as variables: q with p(q) = p_0 + (x, y, ...).

        q counts from the centre as p does, q(p - p_0) = (x, y, ...), so that one composed with the other is the
        identity to the full order. With p = p_0 + J d + N(d), q = J^-1 ((x, y, ...) - N(q)): each pass of this gains
        an order, because N begins with degree 2. Raises DomainError where J has no inverse.

        >>> x, y = TaylorN.variables([0.0, 0.0], order=3)
        >>> p = TaylorN(np.array([x + y * y, y]))
        >>> p.inverse()[0].terms()
        {(1, 0): 1.0, (0, 2): -1.0}
        """
        n = len(self.names)
        if self.shape != (n,):
            raise InputError(
                f"The inverse of a map from {n} variables to results of shape {self.shape} was asked for.",
                "a map has an inverse if it has as many results as variables, along one axis.",
                "TaylorN(np.array([p, q])).inverse() for two polynomials p, q in two variables",
            )
        J = self.jacobian()
        if np.linalg.cond(plain(J)) * np.finfo(dtype_of(J)).eps > 1:
            raise DomainError(
                f"The inverse was asked of a map with the Jacobian {plain(J).tolist()} at the centre.",
                "its determinant must be non-zero: where it vanishes, the inverse has no Taylor series.",
                "the map near another point: f(TaylorN.variables(x0 + 0.1, order)).inverse()",
            )
        J_inv = np.linalg.inv(J)
        bent = self - self.value - J @ TaylorN.variables(np.zeros(n), self.order, self.names)
        q = J_inv @ TaylorN.variables(np.zeros(n), 1, self.names)
        for order in range(2, self.order + 1):
            y = TaylorN.variables(np.zeros(n), order, self.names)
            q = J_inv @ (y - bent(q._to(order)))
        return q

    def __repr__(self):
        from adcourse.show.series import text_n  # what a reader sees is made above the core

        return text_n(self.terms(), self.names, self.order)

    def _repr_latex_(self):
        from adcourse.show.series import latex_n

        return f"${latex_n(self.terms(), self.names, self.order)}$"


def _no_terms(given):
    return InputError(
        f"TaylorN was given {given!r}.",
        "a polynomial is made of its terms, or of an array of polynomials.",
        "TaylorN({(0, 0): 1.0, (2, 1): 3.0}) for 1 + 3 x² y, TaylorN(np.array([p, q])) or TaylorN.variables(x0, order)",
    )


def _exponents(exponents):
    """The exponents of a monomial as a tuple of integers."""
    try:
        found = tuple(map(index, exponents if isinstance(exponents, (tuple, list)) else (exponents,)))
    except TypeError:
        found = ()
    if not found or min(found) < 0:
        raise InputError(
            f"{exponents!r} was given for a monomial.",
            "a monomial is named by the power of each variable.",
            "p.coefficient((2, 1)) for that of x² y",
        )
    return found


def _degree(exponents, n, order):
    """The degree of a monomial that a polynomial of this order in ``n`` variables has."""
    if len(exponents) != n or sum(exponents) > order:
        raise InputError(
            f"The term {exponents} was asked of a polynomial of order {order} in {n} variable(s).",
            f"it has terms with {n} exponents, and those of degree {order + 1} on aren't known.",
            f"TaylorN.variables(x0, {max(order, sum(exponents))}) for the variables it is made of",
        )
    return sum(exponents)


def _names(names, n):
    """Names for ``n`` variables."""
    usual = ("x", "y", "z")[:n] if n <= 3 else tuple(f"x{i + 1}" for i in range(n))
    names = usual if names is None else (names,) if isinstance(names, str) else tuple(names)
    if not n or len(names) != n or len(set(names)) != n or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"{names} were given as the names of {n} variable(s).",
            "there must be a variable or more, and each has one name of its own.",
            f"names={usual}" if n else "TaylorN.variables(x0, order) with an x0 of one number or more",
        )
    return names
