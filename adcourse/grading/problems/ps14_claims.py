"""Assignment 14, twelve sentences and the experiment that decides each: for 14.5.

The sentences are made after the four sources of the course, in other words. Whether one of them is true is not written
down here: the experiment finds it out when it is needed, in a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from adcourse.grading.problems.oracles import P, Polynomial, complex_step_gradient, derivative, exact
from adcourse.grading.problems.ps03_density import rows
from adcourse.grading.problems.ps06_formulas import mipt_loss
from adcourse.grading.problems.ps14_kinks import PROGRAMS, slopes


class Claim(NamedTuple):
    """A sentence; ``holds()`` puts it to the test; the hint names an experiment that a student can do."""

    key: str
    sentence: str
    holds: Callable[[], bool]
    hint: str


def _polynomial():
    points = (1.0, -0.7, 2.3)
    return all(math.isclose(complex_step_gradient(P, (x,))[0], 25 * x**4 + 12 * x**2, rel_tol=1e-12) for x in points)


def _swell():
    """The product rule on l_k = 4 l (1 - l), where l and l' are the same objects wherever they occur."""
    l, slope = "x", 1
    for _ in range(9):
        rest = ("+", 1, ("*", -1, l))
        slope = ("*", 4, ("+", ("*", slope, rest), ("*", l, ("*", -1, slope))))
        l = ("*", 4, ("*", l, rest))
    return _distinct(slope) > 10_000


def _distinct(formula) -> int:
    seen, todo = {}, [formula]
    while todo:
        part = todo.pop()
        if id(part) not in seen:
            seen[id(part)] = part
            todo += part[1:] if isinstance(part, tuple) else ()
    return len(seen)


def _density():
    """How fast the last row changes with sigma: a quotient with an error of a millionth."""
    last = lambda sigma: rows(3.0, 1.0, sigma)[-1]
    return abs(last(2 + 1e-5) - last(2 - 1e-5)) / 2e-5 < 1e-6


def _taylor():
    """Of a polynomial around 3/7: its third difference quotient in the shift, in fractions, without rounding."""
    at, f = Fraction(3, 7), Polynomial(2, -1, 4, 5)
    values = [exact(f, at + k) for k in range(4)]
    coefficient = (values[3] - 3 * values[2] + 3 * values[1] - values[0]) / 6
    return coefficient == exact(derivative(derivative(derivative(f))), at) / 6


def _reverse_table():
    """At (e, 4) by the sentence, and by the complex step."""
    w1, w2 = math.e, 4.0
    v1 = math.log(w1)
    of_v1 = complex_step_gradient(lambda v1: w2 * v1 + np.sqrt(w2 * v1), (v1,))[0]
    return math.isclose(of_v1 * v1, complex_step_gradient(mipt_loss, (w1, w2))[1])


def _independent():
    """Multiplications of a reverse sweep through a product: n - 1 forward, and two a factor back."""
    return _multiplications(10) == _multiplications(1000)


def _multiplications(n):
    calls, value, before = 0, 1.0, []
    for _ in range(n):
        before.append(value)
        value, calls = value * 1.0, calls + 1
    bar, gradient = 1.0, []
    for product in reversed(before):
        gradient.append(bar * product)
        bar, calls = bar * 1.0, calls + 2
    return calls


def _descent():
    """Twenty small steps to where the gradient of x² points: is it a way down?"""
    x = 1.0
    for _ in range(20):
        x = x + 0.05 * 2 * x
    return x * x < 1


def _hessian_vector():
    """g(x) = grad f(x) . v for Rosenbrock's function of two numbers: how many numbers is that?"""
    x, y = -1.2, 1.0
    gradient = np.array([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)])
    return np.size(gradient @ np.array([1.0, 2.0])) == 2


def _adjoint():
    """u' = pu with p = 1, in ten steps: by differentiating the steps; and by solving l' = -pl back with ten steps of
    the same method, and adding up h l u."""
    n, h = 10, 0.1
    steps = complex_step_gradient(lambda p: (1 + h * p) ** n, (1.0,))[0]
    u = [(1 + h) ** k for k in range(n + 1)]
    adjoint = [(1 + h) ** (n - k) for k in range(n + 1)]
    return math.isclose(steps, sum(h * adjoint[k] * u[k] for k in range(n)), rel_tol=1e-3)


def _force():
    """A ball at rest in V = q²/2, pushed by the force of the sentence: does it roll down?"""
    q = 1.0
    later = q + 0.5 * 0.1**2 * complex_step_gradient(lambda q: q * q / 2, (q,))[0]
    return later**2 < q**2


def _stable():
    """The chain rule on log(1 + exp(x)) as it stands, at 1000, where the slope is 1."""
    with np.errstate(all="ignore"):
        e = np.exp(np.float64(1000))
        return bool(abs(1 / (1 + e) * e - 1) < 1e-6)


def _procedure():
    """A program that is 0 for every t, and one that says so at once."""
    relu = lambda t: max(t, 0.0)
    same = all(PROGRAMS["zero1"](t, relu) == 0 for t in (-2.0, -0.5, 0.0, 0.25, 3.0))
    return same and slopes(0.0)["zero1"] != 0


CLAIMS = (
    Claim(
        "polynomial",
        "Where f(x) is 5x⁵ + 4x³ − 5, the slope is 25x⁴ + 12x², with no trace of the −5.",
        _polynomial,
        "take the complex step of 1.4 at x = 1 and at two other points, and set its numbers beside the formula's.",
    ),
    Claim(
        "swell",
        "Written as a formula, the derivative of l₁₀ of the logistic map takes more than ten thousand operations, even "
        "if what occurs several times is computed only once.",
        _swell,
        "2.2 has two counts. Take both for the derivatives of l₂ to l₆, and watch how each of them grows.",
    ),
    Claim(
        "density",
        "At (y, μ, σ) = (3, 1, 2) a small change of σ leaves the normal log-density as it is, to first order.",
        _density,
        "fill in the table of 3.1 and 3.2 at this point, and add up the paths from σ as in 3.3. Or move σ by 0.001.",
    ),
    Claim(
        "taylor",
        "The number in front of (t − t₀)³ in a Taylor series is a sixth of the third derivative at t₀.",
        _taylor,
        "expand t³ around t₀ = 2 by hand, and compare with 5.3 for a function whose third derivative you know.",
    ),
    Claim(
        "reverse_table",
        "With v₁ = log w₁, v₂ = w₂v₁ and L = v₂ + √v₂, the reverse sweep finds ∂L/∂w₂ as ∂L/∂v₁ times v₁.",
        _reverse_table,
        "compute the product at (e, 4), and beside it the quotient of L for a w₂ that moves from 4 to 4.001.",
    ),
    Claim(
        "independent",
        "In reverse mode a gradient by a thousand parameters takes as many operations as one by ten.",
        _independent,
        "count the operations of a reverse sweep through x₁x₂⋯xₙ, for n = 10 and for n = 1000, as lecture 6 does: the "
        "operations, and what they are as a multiple of those of the product itself.",
    ),
    Claim(
        "descent",
        "Gradient descent takes small steps in the direction in which the gradient points, and each of them makes the "
        "loss smaller.",
        _descent,
        "print the loss of your 8.1 on x² after each of three steps, once with the step as the sentence has it.",
    ),
    Claim(
        "hessian_vector",
        "To get a Hessian-vector product one differentiates g(x) = ∇f(x)·v, which has as many components as x.",
        _hessian_vector,
        "evaluate g for Rosenbrock's function at (−1.2, 1) with v = (1, 2), and print its shape.",
    ),
    Claim(
        "adjoint",
        "For u′ = pu, u(0) = 1, p = 1 and ten steps of Euler to time 1, back-propagation through the steps and the "
        "adjoint equation λ′ = −pλ, solved with ten steps of Euler as well, give one and the same du(1)/dp.",
        _adjoint,
        "compute both numbers: the first with 12.3, or as the derivative of (1 + p/10)¹⁰; the second as the sum of "
        "λu/10, with a λ that starts from 1 at the end and grows by the factor 1.1 a step.",
    ),
    Claim(
        "force",
        "The force on a particle is the derivative of its potential energy.",
        _force,
        "put a ball at q = 1 in the valley V = q²/2: which way does the sentence push it? Which way does your 13.1?",
    ),
    Claim(
        "stable",
        "The numerical stability of automatic differentiation means that log(1 + eˣ), written down like that, gets its "
        "slope right at x = 1000 as well.",
        _stable,
        "apply the chain rule to the program as it is written, with the numbers that NumPy has for each step at 1000; "
        "compare with 14.4.",
    ),
    Claim(
        "procedure",
        "Two programs may return the same number for every input, and yet one AD system gives them different slopes.",
        _procedure,
        "return to 14.2: take one of its programs beside `def zero(t): return 0 * t`, with the s of some system.",
    ),
)
