"""Ways downhill: what to do with a gradient.

``descend`` takes steps by a *rule*, which turns a gradient into a step and never asks for f again:
``gradient_descent``, ``momentum``, ``adam``. ``steepest_descent`` and ``newton_cg`` choose a direction, and look along
it how far to go.

Source: Nocedal and Wright, *Numerical Optimization*, 2nd edition (Springer, 2006), chapters 2, 3 and 7.
"""

from dataclasses import dataclass, field

import numpy as np

from adcourse import grad, linearize, value_and_grad
from adcourse.core.arguments import as_input, check_function
from adcourse.core.errors import InputError

from .given import whole
from .progress import progress


@dataclass
class Descent:
    """Where a method went, and why it stopped.

    ``points``, ``values``, ``slopes``   x, f(x) and the largest entry of |∇f(x)|, at the start and after each step
    ``x``, ``value``                     the last of them
    ``steps``, ``products``              how many steps; how many Hessian-vector products
    ``converged``, ``why``               whether the slope came below the tolerance; a sentence
    """

    points: list = field(default_factory=list)
    values: list = field(default_factory=list)
    slopes: list = field(default_factory=list)
    products: int = 0
    converged: bool = False
    why: str = ""

    @property
    def x(self):
        return self.points[-1]

    @property
    def value(self):
        return self.values[-1]

    @property
    def steps(self):
        return len(self.points) - 1

    def arrive(self, x, value, slope, tol):
        """Note a point. Whether the way ends there."""
        self.points.append(x)
        self.values.append(value)
        self.slopes.append(slope)
        self.converged = bool(slope <= tol)
        if self.converged:
            self.why = f"The slope is at most {tol:g}."
        elif not (np.isfinite(value) and np.isfinite(slope)):
            self.why = f"f or its gradient is not finite after {self.steps} steps: a shorter step may help."
        return bool(self.why)

    def __repr__(self):
        way = "converged" if self.converged else "not converged"
        return f"Descent of {self.steps} steps to f = {float(self.value):.6g}, {way}. {self.why}"


# Rules: functions (gradient, state) -> (step, state), where the first state is None. Nothing is kept in the rule
# itself, so it can be used again, and the way it leads can be differentiated by its numbers.


def gradient_descent(lr):
    """The rule Δx = -lr ∇f.

    On a quadratic function it converges if lr < 2/λ for the largest curvature λ (Nocedal and Wright, section 3.3).
    Raises InputError for a step that isn't positive.

    >>> gradient_descent(0.1)(np.array([3.0, -4.0]))
    (array([-0.3,  0.4]), None)
    """
    _positive(lr)
    return lambda g, state=None: (-lr * g, state)


def momentum(lr, beta=0.9):
    """The heavy ball: v ← β v + ∇f, Δx = -lr v, from v = 0 (Polyak, 1964). beta=0 is gradient descent.

    >>> rule = momentum(0.1, beta=0.5)
    >>> step, state = rule(np.array([1.0]))
    >>> step, rule(np.array([1.0]), state)[0]
    (array([-0.1]), array([-0.15]))
    """
    _positive(lr)
    _fraction(beta, "beta")

    def rule(g, state=None):
        v = g if state is None else beta * state + g
        return -lr * v, v

    return rule


def adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Steps of about ``lr`` in every coordinate, whatever the size of the gradient (Kingma and Ba, 2015, algorithm 1).

    m ← β₁ m + (1-β₁) g,  v ← β₂ v + (1-β₂) g²,  Δx = -lr m̂ / (√v̂ + eps), where m̂ = m/(1-β₁ᵏ) and v̂ = v/(1-β₂ᵏ) in
    the k-th step make up for the start at 0.

    >>> adam(0.1)(np.array([1000.0, -0.001]))[0].round(5)
    array([-0.1,  0.1])
    """
    _positive(lr)
    _fraction(beta1, "beta1")
    _fraction(beta2, "beta2")

    def rule(g, state=None):
        k, m, v = state or (0, 0.0, 0.0)
        k, m, v = k + 1, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        return -lr * (m / (1 - beta1**k)) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

    return rule


def descend(f, x0, rule, steps=100, tol=0.0):
    """Take ``steps`` steps of ``rule`` from ``x0``, with the gradient of the program ``f``; returns a Descent.

    ``x0`` is a number or an array. It ends early where the largest entry of |∇f| is at most ``tol``, and where f is no
    longer finite. Differentiable by x0, by what ``f`` uses, and by the numbers of the rule.

    >>> descend(lambda x: x**2 / 2, 3.0, gradient_descent(0.5), steps=3).points
    [3.0, 1.5, 0.75, 0.375]
    """
    if not callable(rule):
        raise InputError(
            f"descend was given the rule {rule!r}.",
            "a rule is a function that turns a gradient into a step.",
            "descend(f, x0, gradient_descent(0.1)), or momentum(0.1) or adam(0.1)",
        )
    slope, found, x, state, steps = value_and_grad(f), Descent(), _start(x0), None, whole(steps, 0, "steps")
    for k in progress(range(steps + 1), "descend"):
        value, g = slope(x)
        if found.arrive(x, value, _size(g), tol) or k == steps:
            break
        step, state = rule(g, state)
        x = x + step
    found.why = found.why or f"All {steps} steps were taken."
    return found


def line_search(f, x, p, value, slope, t=1.0):
    """How far to go from x in the direction p: the first t, t/2, t/4, ... with f(x + t p) ≤ f(x) + t slope / 10000.

    ``value`` is f(x) and ``slope`` = ∇f(x)·p, which must be negative (InputError). Returns t, or 0 if none lowers f,
    as at a minimum that is known to rounding. Backtracking with Armijo's condition: Nocedal and Wright, algorithm 3.1.

    >>> line_search(lambda x: x**4, 1.0, -4.0, value=1.0, slope=-16.0)  # 4 and 2 would go too far
    0.25
    """
    if not slope < 0:
        raise InputError(
            f"line_search was given the slope {slope!r}.",
            "f doesn't fall in this direction, so there is nothing to look for.",
            "p = -gradient, and slope = gradient @ p",
        )
    for _ in range(60):
        moved = f(x + t * p)
        if moved < value and moved <= value + 1e-4 * t * slope:  # the second may be lost in rounding
            return t
        t = t / 2
    return 0.0


def steepest_descent(f, x0, steps=1000, tol=1e-8):
    """Minimise the program f: go along -∇f, each time as far as ``line_search`` says; returns a Descent.

    >>> steepest_descent(lambda x: (x[0] - 1) ** 2 + 5 * (x[1] - 2) ** 2, [3.0, 1.0]).x.round(6)
    array([1., 2.])
    """
    slope, length = value_and_grad(f), [1.0]

    def direction(x, found):
        value, g = slope(x)
        return value, g, lambda: -g, 2 * length[-1]

    return _search(f, x0, direction, steps, tol, length)


def newton_cg(f, x0, steps=100, tol=1e-8):
    """Minimise the program f by Newton's method without a matrix; returns a Descent.

    In each step, H p = -∇f is solved by conjugate gradients, to an accuracy that grows towards the end, from products
    of the Hessian H with a vector alone: one sweep each. Where f curves downwards, that direction is followed as far as
    it goes down. Nocedal and Wright, algorithm 7.1.

    >>> found = newton_cg(lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2, [-1.2, 1.0])
    >>> found.x.round(6), found.steps < 30
    (array([1., 1.]), True)
    """

    def direction(x, found):
        g, product = linearize(grad(f), x)

        def newton():
            size = np.sqrt(np.sum(g * g))
            p, count, _ = conjugate_gradients(product, -g, tol=min(0.01, np.sqrt(size)))
            found.products += count
            return p

        return f(x), g, newton, 1.0

    return _search(f, x0, direction, steps, tol)


def conjugate_gradients(product, b, tol=1e-10, most=None):
    """Solve H p = b from p = 0, for a symmetric matrix H known by ``product(v)`` = H v alone.

    Returns p, the number of products, and whether |H p - b| ≤ tol |b| was reached: in exact arithmetic after as many
    products as H has distinct eigenvalues. Not if a direction comes up in which H isn't positive: p is then what was
    found before it, or b if nothing was; nor after ``most`` products (twice the number of unknowns, unless given).
    Hestenes and Stiefel (1952); Nocedal and Wright, section 5.1 and algorithm 7.1.

    >>> H = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> p, products, solved = conjugate_gradients(lambda v: H @ v, np.array([3.0, 4.0]))
    >>> p.round(12), products, solved
    (array([1., 1.]), 2, True)
    """
    check_function(product, "conjugate_gradients(lambda v: H @ v, b)")
    b = np.asarray(b, float)
    p, r, d, count = np.zeros_like(b), b, b, 0
    enough = tol**2 * np.sum(b * b)
    while (rr := np.sum(r * r)) > enough and count < (2 * b.size if most is None else most):
        Hd = product(d)
        count += 1
        curvature = np.sum(d * Hd)
        if not curvature > 0:
            return (p if count > 1 else b), count, False
        p, r = p + rr / curvature * d, r - rr / curvature * Hd
        d = r + np.sum(r * r) / rr * d
    return p, count, bool(rr <= enough)


def _search(f, x0, direction, steps, tol, length=None):
    """Steps along ``direction``: a function (x, found) -> (f(x), ∇f(x), () -> p, first length to try)."""
    found, x, steps = Descent(), np.asarray(_start(x0), float), whole(steps, 0, "steps")
    for k in progress(range(steps + 1), "descent"):
        value, g, way, first = direction(x, found)
        if found.arrive(x, value, _size(g), tol) or k == steps:
            break
        p = way()
        t = line_search(f, x, p, value, np.sum(g * p), first)
        if t == 0:
            found.why = "No step lowers f any more: it is flat to rounding."
            break
        if length is not None:
            length.append(t)
        x = x + t * p
    found.why = found.why or f"All {steps} steps were taken."
    return found


def _start(x0):
    """Integers become floats, and the caller's array is left alone; what is being differentiated stays so."""
    return as_input(np.array(x0) if isinstance(x0, (list, tuple)) else x0, "The start x0") * 1.0


def _size(g):
    return np.max(np.abs(g))


def _positive(lr):
    if isinstance(lr, str) or not np.all(lr > 0):
        raise InputError(
            f"A rule was given the step lr={lr!r}.",
            "the rule puts the minus sign itself: a step that isn't positive goes uphill, or nowhere.",
            "lr=0.1; to climb, descend on lambda x: -f(x)",
        )


def _fraction(beta, name):
    if not 0 <= beta < 1:
        raise InputError(
            f"A rule was given {name}={beta!r}.",
            "it is the part of the memory that is kept from step to step; with 1 nothing would ever be forgotten.",
            f"{name}=0.9",
        )
