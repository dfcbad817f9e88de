"""Assignment 11, the adjoint of a fixed point: 11.2.

The oracle is the complex step through 300 iterations of z = f(z, x), each of which leaves three fifths of an error at
most. Tolerance: 1e-8 of the largest entry, as the exercise says. An iteration that stops when w changes by 1e-9 of its
length is off by 1.5 times that, one of forty rounds by 1.3e-9, one of thirty by 2e-7.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close, Parts, Price
from adcourse.grading.meters import Counted
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp
from adcourse.grading.problems.ps09_recovery import of_vectors
from adcourse.grading.untouched import Untouched, asked

ENOUGH = 199  # calls of both functions together
LIMIT = 400  # an iteration that doesn't converge ends here


def iterated(f: Callable, z, x):
    for _ in range(300):
        z = f(z, x)
    return z


def adjoint_at(f, fz, fx, start, x, g, question) -> Probe:
    """``fz(z, x)`` and ``fx(z, x)`` are the Jacobians of ``f(z, x)``, by hand; students get products alone."""
    start, x, g = (np.asarray(v, float) for v in (start, x, g))
    z = iterated(f, start, x)
    A, B = np.asarray(fz(z, x), float), np.asarray(fx(z, x), float)
    n = len(start)
    products = Counted(of_vectors(lambda w: w @ A, n, "w"), of_vectors(lambda w: w @ B, n, "w"), limit=LIMIT)

    def ask(fixed_point_vjp):
        def vjp_z(w):
            return products(0, np.asarray(w, dtype=complex))  # a dual number refuses

        def vjp_x(w):
            return products(1, np.asarray(w, dtype=complex))

        said, changed = asked(lambda g: fixed_point_vjp(vjp_z, vjp_x, g), g)
        return [*parts((said,), x_bar=x.shape), changed]

    expected = complex_step_vjp(lambda x: iterated(f, start, x), (x,), g)[0]
    judge = Parts(x_bar=Close(expected, atol=1e-8 * float(np.abs(expected).max())), arguments=Untouched())
    return Probe(question, ask, Price(judge, at_most=ENOUGH, what="vjp_z and vjp_x"), products)


def layer(W, U, b, start, x, g, question) -> Probe:
    """z = tanh(W z + U x + b), as in a deep equilibrium network."""

    def bent(z, x, M):
        return (1 - np.tanh(W @ z + U @ x + b) ** 2)[:, None] * M

    return adjoint_at(
        lambda z, x: np.tanh(W @ z + U @ x + b),
        lambda z, x: bent(z, x, W),
        lambda z, x: bent(z, x, U),
        start,
        x,
        g,
        question,
    )


def some_layer(rng, fz, U, question) -> Probe:
    """With this ∂f/∂z at the fixed point."""
    n, p = U.shape
    z, x = rng.uniform(-0.7, 0.7, size=n), rng.normal(size=p)
    W = fz / (1 - z**2)[:, None]
    return layer(W, U, np.arctanh(z) - W @ z - U @ x, z, x, rng.uniform(0.5, 2, n) * rng.choice([-1, 1], n), question)


def some_contraction(rng, n):
    """Not symmetric; its norm is between 0.5 and 0.6."""
    return rng.uniform(0.5, 0.6) * np.linalg.qr(rng.normal(size=(n, n)))[0] * np.append(1, rng.uniform(0.7, 1, n - 1))


def line(slope, x, g, question) -> Probe:
    """z = slope z + x²."""
    return adjoint_at(
        lambda z, x: slope * z + x * x, lambda z, x: [[slope]], lambda z, x: [2 * x], [0.0], x, g, question
    )


def fixed_point_visible():
    U = np.array([[0.8, -0.3], [0.5, 1.1], [-0.6, 0.4]])
    W = np.array([[0.2, 0.5, -0.3], [-0.4, 0.3, 0.2], [0.1, -0.6, 0.4]])
    return [
        layer(0 * W, U, 0, [0, 0, 0], [0.3, -0.5], [1.2, -0.7, 2.1], "z = tanh(Ux): ∂f/∂z = 0, so w = g"),
        adjoint_at(
            lambda z, x: x + np.sin(z) / 2,
            lambda z, x: np.cos(z)[:, None] / 2,
            lambda z, x: [[1.0]],
            [1.0],
            [1.0],
            [3.0],
            "z = a + sin(z)/2 at a = 1, where dz/da = 1.0373620219, with g = 3",
        ),
        line(0.6, [1.5], [0.4], "z = 0.6z + x² at x = 1.5, g = 0.4"),
        layer(
            W[:2, :2], np.eye(2), 0, [0, 0], [0.4, -0.9], [1.7, 0.6], "z = tanh(Wz + x), W = [[0.2, 0.5], [-0.4, 0.3]]"
        ),
        layer(W, U, 0.2, [0, 0, 0], [0.3, -0.5], [1.2, -0.7, 2.1], "three unknowns, two parameters"),
    ]


def fixed_point_hidden(rng):
    for n, p in ((3, 0), (4, 2), (2, 3)):
        U = rng.normal(size=(n, p)) if p else np.eye(n)
        yield some_layer(rng, some_contraction(rng, n), U, f"{n} unknowns, {p or n} parameter{'s' * (p != 1)}")
    yield line(0.6, [rng.uniform(1, 2)], [rng.uniform(0.5, 2)], "one unknown, and the iteration is slow")
    later = np.triu(rng.uniform(0.4, 1.2, size=(4, 4)), 1)
    yield some_layer(rng, later, rng.normal(size=(4, 2)), "unknowns that depend on later ones alone")


def _rounds(
    step=lambda w, Jw, g: g + Jw,
    start=lambda g: g,
    end=lambda vjp_x, w, g: vjp_x(w),
    rounds=40,
):
    """A fixed number of rounds, with something exchanged."""

    def fixed_point_vjp(vjp_z, vjp_x, g):
        w = start(np.array(g, float))
        for _ in range(rounds):
            w = step(w, vjp_z(w), g)
        return end(vjp_x, w, g)

    return fixed_point_vjp


def _matrix(product, n):
    return np.array([product(e) for e in np.eye(n)])


def _mixed_up(vjp_z, vjp_x, g):
    """The matrix from its rows, taken for its columns."""
    return vjp_x(np.linalg.solve(np.eye(len(g)) - _matrix(vjp_z, len(g)), g))


def _in_place(vjp_z, vjp_x, g):
    w = g
    for _ in range(40):
        w += vjp_z(w)
    return vjp_x(w)


def _all_of_them(vjp_z, vjp_x, g):
    w, total = np.array(g, float), 0.0
    for _ in range(40):
        total, w = total + w, g + vjp_z(w)
    return vjp_x(total)


_ONE = (
    "You stop before z has answered: that is ∂f/∂x at a fixed z, one step of the loop. In z = 0.6z + x² let x² grow "
    "by 0.01: how far does z move in the end?"
)
_FEW = (
    "You stop after a few terms. Print w in each round for z = 0.6z + x²: by how much does it still grow? Each round "
    "leaves three fifths of the error there: how many of them do eight digits take? Let the change of w decide, not a "
    "number of rounds."
)
_DROPPED = (
    "g comes in once, and then it is carried from product to product until nothing is left: print w in each round. At "
    "the solution w = g + (∂f/∂z)ᵀw; put yours in."
)
_GROWS = (
    "You add to w what is in it already. Print w in each round: it grows and grows. Put it into w = g + (∂f/∂z)ᵀw: "
    "does it stay as it is?"
)
_COST = (
    "Your numbers are right, from more products than are allowed. How far does w still change in round 150? And what "
    "is asked for in each round: the product with ∂f/∂x is needed once, when w is there."
)
_DIGITS = (
    "Right in the first digits: you stop too early. Which change of w do you stop at? np.allclose is content with "
    "five digits. And where a round leaves three fifths of the error, what is still missing is half as much again as "
    "the last change."
)


def _parameters_in_the_loop(vjp_z, vjp_x, g):
    w = g
    for _ in range(80):
        w = g + vjp_x(w)
    return vjp_x(w)


_NO_W = (
    "Print the shapes. g and w have a number for each unknown, and vjp_x(w) has one for each parameter: it is no w, "
    "and has no place in the loop."
)

FIXED_POINT = Problem(
    id="11.2",
    title="Adjoint of a fixed point",
    points=4,
    signature="fixed_point_vjp(vjp_z, vjp_x, g)",
    visible=fixed_point_visible,
    hidden=fixed_point_hidden,
    hint="Start from g and keep ADDING g, until w changes no more; then go over to x.",
    hints={
        "digits": _DIGITS,
        "price": _COST,
        "calls": "Your iteration doesn't end. Print the change of w in each round: does it shrink? If it does, below "
        "which size can it not get, with sixteen digits? If it doesn't, put w into w = g + (∂f/∂z)ᵀw.",
        "changed": "g belongs to the caller, and your w is the same array: after `w = g` a `w += ...` writes into "
        "both, and `w = g + ...` makes a new one.",
        "raised ConversionError": "vjp_z and vjp_x compute with plain arrays: dual numbers, or those of a tape, can't "
        "pass through them. What they give is a derivative already.",
        "raised ValueError": _NO_W,
        "raised TypeError": "vjp_z and vjp_x are functions of one vector w; g is an array.",
    },
    mistakes=[
        Mistake(_rounds(rounds=0), _ONE),
        Mistake(
            _rounds(rounds=1),
            f"Two terms: z has answered the change once, and its answer was left without one. {_FEW}",
        ),
        *[Mistake(_rounds(rounds=k), _FEW) for k in (2, 3, 4, 5, 9, 10, 19, 20)],
        Mistake(_rounds(step=lambda w, Jw, g: Jw, rounds=1), _DROPPED),
        Mistake(_rounds(step=lambda w, Jw, g: Jw), _DROPPED),
        Mistake(_rounds(step=lambda w, Jw, g: w + Jw), _GROWS),
        Mistake(_rounds(step=lambda w, Jw, g: w + g + Jw), _GROWS),
        Mistake(_in_place, _GROWS),
        Mistake(
            _all_of_them,
            "You add up the w of all rounds. Each of them is a whole approximation; the last is the best.",
        ),
        Mistake(
            _rounds(step=lambda w, Jw, g: g - Jw),
            "The sign: you solve w = g - (∂f/∂z)ᵀw. In z = 0.6z + x² a larger z makes z larger still: is w above g, or "
            "below?",
        ),
        Mistake(
            _rounds(end=lambda vjp_x, w, g: -vjp_x(w)),
            "The sign: in z = 0.6z + x², with x > 0, z grows with x. A minus belongs to F = 0; for F = z - f, what is "
            "the sign of ∂F/∂x?",
        ),
        Mistake(
            _rounds(end=lambda vjp_x, w, g: w),
            "That is w, the adjoint of f's result at the fixed point, a number for each unknown. The parameters have "
            "adjoints of their own: how does f depend on them?",
        ),
        Mistake(
            _rounds(end=lambda vjp_x, w, g: vjp_x(w - g)),
            "The first term is missing: with ∂f/∂z = 0 your answer is 0, and z moves with x all the same.",
        ),
        Mistake(
            _rounds(end=lambda vjp_x, w, g: vjp_x(w + g)),
            "g is counted once too often: with ∂f/∂z = 0 you have it twice.",
        ),
        Mistake(
            _rounds(step=lambda w, Jw, g: (g + Jw) / 2),
            "You take the mean of g and (∂f/∂z)ᵀw. With ∂f/∂z = 0 your w is g/2.",
        ),
        Mistake(
            _mixed_up,
            "You build the matrix from its products with unit vectors, and then it stands on its side: vjp_z(e) is a "
            "column of (∂f/∂z)ᵀ. (And n products are too many where n is a million.)",
        ),
        Mistake(
            lambda vjp_z, vjp_x, g: vjp_x(g / (1 - vjp_z(np.ones(len(g))))),
            "You divide entry by entry. g/(1 - ∂f/∂z) is right for one unknown; for two, each answers the other, and 1 "
            "- ∂f/∂z is a matrix.",
        ),
        Mistake(_parameters_in_the_loop, _NO_W),
        Mistake(
            lambda vjp_z, vjp_x, g: vjp_x(g - vjp_z(g)),
            "You multiply g by I - (∂f/∂z)ᵀ. The equation for w is w - (∂f/∂z)ᵀw = g: that factor stands before w, and "
            "has to be divided by.",
        ),
        Mistake(
            lambda vjp_z, vjp_x, g: vjp_x(g) + vjp_z(g),
            "You add an adjoint of x and one of z: they have different shapes in general. What vjp_z gives is an "
            "adjoint of z*, which has to go through f once more.",
        ),
        Mistake(
            lambda vjp_z, vjp_x, g: vjp_x(np.ones(len(g))),
            "g has no part in your answer. Double it, and the answer must double.",
        ),
        Mistake(
            _rounds(start=lambda g: np.ones(len(g)), step=lambda w, Jw, g: 1 + Jw),
            "g has no part in your answer: a one stands in its place. Double g, and the answer must double.",
        ),
    ],
)
