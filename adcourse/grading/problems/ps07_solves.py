"""Assignment 7, linear systems: 7.3.

The oracle is the complex step through the solve, entry by entry. The random matrices have no symmetry and singular
values between 1/2 and 2, so that errors of an elimination, or of an inverse, stay within some dozen roundings.
Tolerance: 1e-11 of the largest entry.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp
from adcourse.grading.untouched import Untouched, asked


def close(expected) -> Close:
    return Close(expected, atol=1e-11 * max(1.0, float(np.abs(expected).max())))


def some_matrix(rng, n):
    """A generic matrix with a positive determinant."""
    left, right = (np.linalg.qr(rng.normal(size=(n, n)))[0] for _ in range(2))
    X = left * rng.uniform(0.5, 2, size=n) @ right
    return X if np.linalg.det(X) > 0 else -X if n % 2 else X[[1, 0, *range(2, n)]]


CHANGED = (
    "The arrays belong to the caller, and the rest of the backward sweep needs them as they were. `A -= ...` and "
    "`A[i] = ...` write into A itself; `A = A - ...` makes a new array."
)


def solve_at(A, b, g, question) -> Probe:
    A, b, g = (np.asarray(x, dtype=float) for x in (A, b, g))
    x = np.linalg.solve(A, b)

    def ask(vjp_solve):
        said, changed = asked(vjp_solve, A, b, x, g)
        return [*parts(said, A_bar=A.shape, b_bar=b.shape), changed]

    A_bar, b_bar = complex_step_vjp(np.linalg.solve, (A, b), g)
    return Probe(question, ask, Parts(A_bar=close(A_bar), b_bar=close(b_bar), arguments=Untouched()))


def solve_visible():
    return [
        solve_at(
            [[1.6, 0], [0, 4.2]], [2.3, 7.1], [2.9, -5.3], "a diagonal system, where A and its transpose are the same"
        ),
        solve_at([[0, 2], [5, 1]], [2.6, 7.3], [6.2, -2.7], "A = [[0, 2], [5, 1]], b = (2.6, 7.3), g = (6.2, -2.7)"),
        solve_at(
            [[2.3, 1.1, -0.6], [-1.2, 3.4, 1.9], [3.7, 0.2, 1.3]],
            [1.4, 2.1, -0.7],
            [0.6, -2.2, 3.1],
            "a system of three",
        ),
        solve_at([[4.0]], [6.0], [0.7], "one equation in one unknown, 4x = 6, g = 0.7"),
    ]


def solve_hidden(rng):
    for n in (4, 4, 1, 2, 6):
        yield solve_at(some_matrix(rng, n), rng.normal(size=n), rng.normal(size=n), f"a system of {n}")
    A = np.roll(np.diag(rng.uniform(0.5, 2, size=4)), 1, axis=0) + np.triu(rng.uniform(0.1, 0.4, size=(4, 4)), 1)
    yield solve_at(A, rng.normal(size=4), rng.normal(size=4), "a system with zeros on the diagonal")


def _solve(b_bar=lambda A, g: np.linalg.solve(A.T, g), A_bar=lambda A, b, x, g, b_bar: -np.outer(b_bar, x)):
    def vjp_solve(A, b, x, g):
        found = b_bar(A, g)
        return A_bar(A, b, x, g, found), found

    return vjp_solve


_SAME = (
    "Your b_bar solves a system with A itself. In the diagonal system nobody can tell; in [[0, 2], [5, 1]] try: for "
    "each way to move b by a little, move x = solve(A, b), and compare ⟨g, change of x⟩ with ⟨b_bar, change of b⟩."
)
_SIGN = (
    "The sign of A_bar: in 4x = 6 let 4 grow a little. Does x grow or fall? And g is positive there: so what sign has "
    "the adjoint of the 4?"
)
_VECTOR = (
    "The first of your two answers is a vector. The adjoint of A comes first, and has a number for each pair of an "
    "equation and an unknown."
)
_ONE = "One array came back, and two are asked for, that of A first: x depends on A and on b."

SOLVE = Problem(
    id="7.3",
    title="Adjoint of a linear solve",
    points=3,
    signature="vjp_solve(A, b, x, g)",
    visible=solve_visible,
    hidden=solve_hidden,
    hint="Differentiate Ax=b.",
    hints={"changed": CHANGED},
    mistakes=[
        Mistake(_solve(b_bar=np.linalg.solve), _SAME),
        Mistake(_solve(A_bar=lambda A, b, x, g, b_bar: np.outer(b_bar, x)), _SIGN),
        Mistake(
            _solve(b_bar=np.linalg.solve, A_bar=lambda A, b, x, g, b_bar: np.outer(b_bar, x)), f"{_SAME} Then: {_SIGN}"
        ),
        Mistake(
            _solve(b_bar=lambda A, g: -np.linalg.solve(A.T, g)),
            "All your signs are turned around: let b grow in 4x = 6. Does x grow or fall?",
        ),
        Mistake(
            _solve(b_bar=lambda A, g: -np.linalg.solve(A.T, g), A_bar=lambda A, b, x, g, b_bar: np.outer(b_bar, x)),
            "The sign of b_bar: let b grow in 4x = 6. Does x grow or fall?",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -np.outer(x, b_bar)),
            "Your A_bar lies on its side. A[0, 1] multiplies x[1], in equation 0: which entry of x, and which of "
            "b_bar, belong into A_bar[0, 1]?",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -np.outer(b_bar, b)),
            "Your A_bar holds the entries of b where others belong. Write A_dot x + A x_dot = b_dot: what does A_dot "
            "multiply?",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -np.outer(g, x)),
            "In your A_bar stands g as it came in. A change of A moves the right-hand side, by -A_dot x, and that has "
            "to go through the solve as a change of b has.",
        ),
        Mistake(
            _solve(b_bar=lambda A, g: A.T @ g),
            "You multiply by the transpose: that belongs to the product b = Ax. Here x comes from b by solving. In "
            "4x = 6, does x move by four times the change of b, or by a quarter of it?",
        ),
        Mistake(
            _solve(b_bar=lambda A, g: A @ g),
            "You multiply by A. Here x comes from b by solving. In 4x = 6, does x move by four times the change of b, "
            "or by a quarter of it?",
        ),
        Mistake(
            _solve(b_bar=lambda A, g: g.copy()),
            "Your b_bar is g: it has not gone back through the solve. In 4x = 6, by how much does x move when b does?",
        ),
        Mistake(
            lambda A, b, x, g: (np.linalg.solve(A.T, g), -np.outer(np.linalg.solve(A.T, g), x)),
            _VECTOR,
        ),
        Mistake(lambda A, b, x, g: -np.outer(np.linalg.solve(A.T, g), x), _ONE),
        Mistake(lambda A, b, x, g: np.linalg.solve(A.T, g), _ONE),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: np.zeros_like(A)),
            "You take A for a constant. Move one of its entries a little and solve again.",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -b_bar * x),
            _VECTOR,
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -np.diag(b_bar * x)),
            "Your A_bar has zeros off the diagonal. That an entry of A is 0 doesn't mean that x is deaf to it: put "
            "0.01 in its place, and solve.",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -(b_bar @ x)),
            "b_bar @ x is a single number, the sum over all. A_bar has a number for each pair of an equation and an "
            "unknown.",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -np.linalg.inv(A) @ np.outer(g, b) @ np.linalg.inv(A)),
            "You go through the rule of the inverse, with the transposes missing. It can be done, in three times the "
            "work; from A x = b it is shorter.",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -np.outer(b_bar, np.linalg.solve(A, x))),
            "In your A_bar x has gone through the solve once more. Write A_dot x + A x_dot = b_dot: what does A_dot "
            "multiply?",
        ),
        Mistake(
            _solve(A_bar=lambda A, b, x, g, b_bar: -np.linalg.solve(A.T, np.outer(b_bar, x))),
            "In your A_bar there is one solve too many: b_bar has been through it already.",
        ),
    ],
)
