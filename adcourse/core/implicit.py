"""Implicit functions: z(x) is known by the equation F(z, x) = 0 that it solves, in whatever way it was found.

Differentiate the equation, not the loop that solves it. Along a curve of solutions F stays 0, so

    F_z dz + F_x dx = 0

Forward mode solves F_z dz = -F_x dx. Reverse mode solves F_z^T w = z_bar, and then x_bar = -F_x^T w. Either is one
linear system, whatever the solver did. Its solution, v with A(p) v = b, is a function given by an equation itself:
A dv = db - dA v. So it has both modes too, and derivatives of every order follow from these two lines.

Source: Griewank and Walther, *Evaluating Derivatives* (2008), chapter 15; Christianson, *Reverse accumulation and
attractive fixed points* (1994); Blondel et al., *Efficient and Modular Implicit Differentiation* (2022), section 2.
"""

from functools import wraps
from types import SimpleNamespace

import numpy as np

from .arguments import as_input, as_output, called, check_function
from .custom import custom_rule, is_traced
from .errors import ConvergenceError, InputError, from_around
from .jacobians import jacobian
from .kinds import dtype_of, shape_of
from .krylov import DENSE, STALLED, accept, inverse, refined, search
from .levels import plain
from .transforms import jvp, linearize, vjp
from .tree import flatten, leaves_like, ravel


def implicit_function(residual, solve, tol=None, linear_solve=None):
    """The function z(x) with ``residual(z(x), *x) = 0``, which ``solve(*x)`` finds, as one with derivatives.

    ``solve`` gets plain numbers and may be any code: SciPy, a loop, a table; it is not differentiated. ``residual``
    is NumPy code, with as many equations as z has numbers. Arguments and z may be numbers, arrays and trees of them.
    A derivative takes one linear solve with the matrix F_z, or its transpose: directly for up to 100 unknowns, and
    otherwise from products alone, by GMRES or by your own ``linear_solve(product, b)``, which returns v with
    ``product(v) = b``.

    Raises ConvergenceError when z leaves a residual above ``tol`` (about 1e-6) times what the equation's terms in z
    amount to, or when the linear solver stops short; DomainError where F_z is singular, for z has no derivative there
    (near it, a RuntimeWarning says how many digits are left; from products alone both show only where the right-hand
    side meets the singular direction); InputError for what ``residual`` or ``solve`` take from an outer derivative
    other than by their arguments.
    Source: Blondel et al. (2022), section 2; ``jax.lax.custom_root``.

    >>> from math import cos, sin, isclose
    >>> import numpy as np
    >>> from adcourse import grad
    >>> def newton(M, e):  # Kepler's equation, with the math module
    ...     E = M
    ...     for _ in range(20):
    ...         E -= (E - e * sin(E) - M) / (1 - e * cos(E))
    ...     return E
    >>> anomaly = implicit_function(lambda E, M, e: E - e * np.sin(E) - M, newton)
    >>> isclose(grad(anomaly)(1.0, 0.5), 1 / (1 - 0.5 * cos(anomaly(1.0, 0.5))))
    True
    """
    for f in (residual, solve):
        check_function(f, "implicit_function(f, solve)")

    @wraps(solve, updated=())
    def solution(*x):
        return _Equation(residual, solve, x, tol, linear_solve)()

    return solution


def fixed_point(f, x, z0, tol=None, max_iterations=1000):
    """The z with ``f(z, x) = z`` that the iteration z <- f(z, x) reaches from ``z0``, as a function of ``x``.

    It stops when no number changes by more than ``tol`` (about 1e-12; in single precision 1e-5) times the largest met
    on the way. The derivative is that of the solution, by one linear solve with 1 - f_z: neither the number of steps
    nor ``z0`` matters, and no step is kept. ``x`` and z may be numbers, arrays and trees of them.
    Raises ConvergenceError when ``max_iterations`` don't get there, with the last change; otherwise as
    ``implicit_function`` does. Source: Christianson (1994); Bai et al., *Deep Equilibrium Models* (2019).

    >>> import numpy as np
    >>> from adcourse import grad
    >>> z = lambda a: fixed_point(lambda z, a: a + 0.5 * np.sin(z), a, 1.0)
    >>> round(float(z(1.0)), 10), round(grad(z)(1.0), 10)
    (1.4987011335, 1.0373620219)
    """
    check_function(f, "fixed_point(f, x, z0)")
    leaves, build = flatten(z0)
    z0 = build([plain(as_input(z, "The start z0")) for z in leaves])
    eps = max(np.finfo(dtype_of(z) or float).eps for z in flatten(z0)[0])
    tol = float(eps) ** 0.75 if tol is None else tol

    def step(z, x):
        new = [as_output(y) for y in leaves_like(f(z, x), z, "The numbers that f returned")]
        for a, b in zip(new, flatten(z)[0], strict=True):
            if shape_of(a) != shape_of(b):
                raise InputError(
                    f"f(z, x) has shape {shape_of(a)} where z has {shape_of(b)}.",
                    "at a fixed point f(z, x) is z, so both have one form.",
                    "a z0 of the shape that f returns",
                )
        return new

    def iterate(x):
        old, build = flatten(z0)
        change, largest, steps = np.inf, 0.0, 0
        while steps < max_iterations and np.isfinite(largest):
            new, steps = step(build(old), x), steps + 1
            _check_plain(new, f)
            change = _largest(a - b for a, b in zip(new, old, strict=True))
            old, largest = new, max(largest, _largest(old), _largest(new))
            if change <= tol * largest:
                return build(new)
        raise ConvergenceError(
            f"After {steps} steps z <- f(z, x) still changes by {change:.3g}, beside numbers up to {largest:.3g}.",
            "the iteration converges where f contracts: where all eigenvalues of f_z are below 1 in absolute value.",
            "max_iterations=10000, where it is only slow; z <- (z + f(z, x)) / 2 as f, where it jumps to and fro; or "
            "implicit_function(lambda z, x: z - f(z, x), solve) with a solver of its own",
        )

    def residual(z, x):
        return [a - b for a, b in zip(flatten(z)[0], step(z, x), strict=True)]

    if not any(map(is_traced, flatten(x)[0])):
        return iterate(x)  # no derivative is asked for, so f may be any program
    iterate.__name__ = called(f)
    check = max(_tolerance(eps), 2 * tol)
    return implicit_function(residual, iterate, tol=check)(x)


def _largest(leaves):
    return max([float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves], default=0.0)


class _Equation:
    """F(z, x) = 0 at one call: ``x`` are the leaves of its arguments that are traced, on whatever level."""

    def __init__(self, residual, solve, args, tol, linear_solve):
        self.residual, self.solve, self.tol = residual, solve, tol
        self.leaves, self.build = flatten(args)
        self.places = [k for k, leaf in enumerate(self.leaves) if is_traced(leaf)]
        self.linear = _Linear(self.F, linear_solve)

    def __call__(self):
        def solution(*x):
            return self.solution(x)

        solution.__name__ = called(self.solve)
        return custom_rule(solution, jvp=self.tangent, vjp=self.cotangents)(*[self.leaves[k] for k in self.places])

    def arguments(self, x):
        given = dict(zip(self.places, x, strict=True))
        return self.build([given.get(k, leaf) for k, leaf in enumerate(self.leaves)])

    def F(self, z, x):
        """The residuals, as a vector, at the vector z."""
        return _vector([as_output(y) for y in flatten(self.residual(self.as_z(z), *self.arguments(x)))[0]])

    def solution(self, x):
        leaves, build = flatten(self.solve(*self.arguments(x)))
        leaves = [as_input(leaf, f"What {called(self.solve)} returned") for leaf in leaves]
        _check_plain(leaves, self.solve)
        z, unravel = ravel(leaves)
        self.as_z = lambda z: build(unravel(z))
        _check_solved(self, z, x)
        return build(leaves)

    def tangent(self, z, x, dx):  # F_z dz = -F_x dx
        z = _vector(flatten(z)[0])
        b = -jvp(lambda *x: self.F(z, x), x, dx)[1]
        return self.as_z(self.linear.solve((z, x), b))

    def cotangents(self, g, z, x):  # F_z^T w = g,  x_bar = -F_x^T w
        z = _vector(flatten(z)[0])
        w = self.linear.T.solve((z, x), _vector(flatten(g)[0]))
        return vjp(lambda *x: self.F(z, x), *x)[1](-w)


def _vector(leaves):
    return ravel(leaves)[0]


class _Linear:
    """A v = b with A = F_z at p = (z, x): its products and its solution, which have derivatives by p and b."""

    def __init__(self, F, linear_solve, transposed=None):
        self.F, self.linear_solve, self.transposed = F, linear_solve, transposed is not None
        self.T = transposed or _Linear(F, linear_solve, self)
        self.last = None

    def product(self, p):
        """v -> A v, from one record of F."""
        z, x = p
        if self.transposed:
            pullback = vjp(lambda z: self.F(z, x), z)[1]
            return lambda w: pullback(w)[0]
        return linearize(lambda z: self.F(z, x), z)[1]

    def solve(self, p, b):
        return custom_rule(self.solution, jvp=self.tangent, vjp=self.cotangents)(p, b)

    def tangent(self, v, primals, tangents):  # A dv = db - dA v
        (p, _), (dp, db) = primals, tangents
        return self.solve(p, db - jvp(lambda p: self.product(p)(v), (p,), (dp,))[1])

    def cotangents(self, g, v, primals):
        p, _ = primals
        w = self.T.solve(p, g)
        return vjp(lambda p: self.product(p)(v), p)[1](-w)[0], w

    def solution(self, p, b):
        if not len(b):
            return b
        if self.linear_solve is not None:
            product = self.product(p)
            v = np.reshape(self.linear_solve(product, b), b.shape)
            accept(b, np.linalg.norm(product(v) - b))
            return v
        at, n = self.at(p), len(b)
        if n > DENSE and (n > STALLED or at.products < n):
            v, left, condition, products = search(self.product(p), b)
            at.products += products
            if n > STALLED or left <= 1e3 * np.finfo(b.dtype).eps * np.linalg.norm(b):
                accept(b, left, condition)
                return v
        if at.matrices is None:
            A = jacobian(lambda z: self.F(z, p[1]))(p[0])
            at.matrices = A, inverse(A)
        return refined(*(M.T if self.transposed else M for M in at.matrices), b)

    def at(self, p):
        """What is known of A at p, for both modes and the columns of a Jacobian."""
        if self.transposed:
            return self.T.at(p)
        leaves = flatten(p)[0]
        if self.last is None or not all(map(np.array_equal, self.last.leaves, leaves)):
            self.last = SimpleNamespace(leaves=leaves, matrices=None, products=0)
        return self.last


# ---------------------------------------------------------------------------------------------- is it solved?


def _tolerance(eps):
    return float(eps) ** 0.375  # what solvers leave by default passes: 1.4e-6 in double precision, 2.5e-3 in single


def _check_plain(leaves, f):
    if any(map(is_traced, leaves)):
        raise from_around(called(f), leaves)


def _check_solved(equation, z, x):
    """Refuse a z whose residual isn't small.

    Beside what? The terms of an equation are the larger, the more it changes when each z_i changes by about its own
    size. Where a root is 0 that is no measure: then a z that is off by sqrt(eps) will do, if F_z hardly changes on the
    way, for that is what the derivative is made of.
    """
    F, eps = (lambda z: equation.F(z, x)), np.finfo(z.dtype).eps
    tol = _tolerance(eps) if equation.tol is None else equation.tol
    sizes = 1.0 + 0.5 * np.cos(np.arange(len(z), like=z) ** 2.0)  # no two alike, so that no terms cancel
    residual, terms = jvp(F, z, np.abs(z) * sizes.astype(z.dtype))
    _check_plain([residual, terms], equation.residual)
    if len(residual) != len(z):
        raise InputError(
            f"{called(equation.residual)} gives {len(residual)} equations for the {len(z)} numbers of z.",
            "they determine z, and its derivative, when there are as many equations as unknowns.",
            "one equation for each number of z; for the least squares of more, their gradient by z",
        )
    good = np.abs(residual) <= tol * np.abs(terms)
    if not np.all(good):
        small = (float(eps) ** 0.5 * sizes).astype(z.dtype)
        here, there = (jvp(F, at, small)[1] for at in (z, z + small))
        good |= (np.abs(residual) <= np.abs(here)) & (np.abs(there - here) <= 10 * tol * np.abs(here))
    if not np.all(good):
        ratio = np.where(good, 0.0, np.abs(residual) / np.maximum(np.abs(terms), np.finfo(z.dtype).tiny))
        k = int(np.argmax(np.where(np.isnan(ratio), np.inf, ratio)))
        raise ConvergenceError(
            f"{called(equation.solve)} returned a z that leaves a residual of {residual[k]:.3g} in equation {k}, whose "
            f"terms in z amount to {abs(terms[k]):.3g}.",
            "the derivative follows from F(z, x) = 0; where that doesn't hold it would be that of another problem.",
            f"more steps or a smaller tolerance in {called(equation.solve)}; or, where this is as good as it gets, "
            f"implicit_function(residual, solve, tol=...), which is {tol:.1g} here",
        )
