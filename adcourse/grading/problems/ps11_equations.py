"""Assignment 11, the implicit function theorem: 11.1.

The oracle does what the theorem saves: it differentiates Newton's iteration, by the complex step. F_z has singular
values above 0.2 and is never symmetric, so that an elimination, or an inverse, is off by some dozen roundings at most:
1e-11 of the largest entry.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_jvp
from adcourse.grading.problems.ps07_solves import close, some_matrix
from adcourse.grading.untouched import Untouched, asked


def newton(F: Callable, Fz: Callable, start, x):
    """z with F(z, x) = 0, near ``start``."""
    z = np.asarray(start) + 0 * x[0]  # complex where x is
    for _ in range(12):
        z = z - np.linalg.solve(Fz(z, x), F(z, x))
    return z


def jacobian_of(F, Fz, Fx, start, x, question) -> Probe:
    """``Fz(z, x)`` and ``Fx(z, x)`` are the partial derivatives of ``F(z, x)``, by hand."""
    start, x = np.asarray(start, float), np.asarray(x, float)
    z = newton(F, Fz, start, x)
    A, B = (np.array(part(z, x), dtype=float) for part in (Fz, Fx))

    def ask(implicit_jacobian):
        said, changed = asked(implicit_jacobian, A, B)
        return [*parts((said,), jacobian=B.shape), changed]

    columns = [complex_step_jvp(lambda x: newton(F, Fz, start, x), (x,), (e,)) for e in np.eye(len(x))]
    return Probe(question, ask, Parts(jacobian=close(np.column_stack(columns)), arguments=Untouched()))


def waves(A, B, C, z, x, question) -> Probe:
    """A z + sin(B z + C x) = k, with k such that z solves it; Newton's iteration starts beside it."""
    k = A @ z + np.sin(B @ z + C @ x)
    return jacobian_of(
        lambda z, x: A @ z + np.sin(B @ z + C @ x) - k,
        lambda z, x: A + np.cos(B @ z + C @ x)[:, None] * B,
        lambda z, x: np.cos(B @ z + C @ x)[:, None] * C,
        z + 0.05,
        x,
        question,
    )


def some_waves(rng, n, p) -> Probe:
    A, B = some_matrix(rng, n), rng.normal(size=(n, n))
    B *= 0.3 / np.linalg.norm(B, 2)
    question = f"{n} equation{'s' * (n > 1)}, {p} parameter{'s' * (p > 1)}"
    return waves(A, B, rng.normal(size=(n, p)), rng.normal(size=n), rng.normal(size=p), question)


def implicit_visible():
    A = np.array([[1.7, 0.4, -0.9], [-0.6, 1.2, 0.3], [0.8, -1.1, 2.1]])
    C = np.array([[0.5, -1.2], [1.4, 0.3], [-0.7, 0.9]])
    return [
        jacobian_of(
            lambda z, x: z * z - x,
            lambda z, x: [[2 * z[0]]],
            lambda z, x: [[-1.0]],
            [3.1],
            [9.0],
            "z² - x = 0 at x = 9: Fz = [[6]], Fx = [[-1]]",
        ),
        jacobian_of(
            lambda z, x: z - x[1] * np.sin(z) - x[:1],
            lambda z, x: [[1 - x[1] * np.cos(z[0])]],
            lambda z, x: [[-1.0, -np.sin(z[0])]],
            [1.3],
            [1.0, 0.3],
            "Kepler's equation z - e sin z - M = 0, x = (M, e) = (1, 0.3): one unknown, two parameters",
        ),
        jacobian_of(
            lambda z, x: np.array([x[0] * z[0] ** 2 + 2 * z[1] - 4, z[0] + x[0] - x[1] * z[1] ** 3]),
            lambda z, x: np.array([[2 * x[0] * z[0], 2], [1, -3 * x[1] * z[1] ** 2]]),
            lambda z, x: [[z[0] ** 2, 0], [1, -(z[1] ** 3)]],
            [0.9, 1.4],
            [1.5, 0.8],
            "two equations, two parameters: x₀z₀² + 2z₁ = 4, z₀ + x₀ = x₁z₁³",
        ),
        waves(A, 0.3 * A[::-1], C, C[:, 1], C[1], "three equations, two parameters"),
    ]


def implicit_hidden(rng):
    for n, p in ((3, 2), (3, 2), (1, 1), (1, 3), (4, 1), (2, 2), (5, 3)):
        yield some_waves(rng, n, p)


solve = np.linalg.solve

_SIGN = (
    "The sign. z² - x = 0: when x grows, the root z grows, too; Fz = 6 and Fx = -1 there. For F to stay 0, what "
    "moves in it because of x must be taken back by what moves because of z."
)
_TRANSPOSED = (
    "You solve with the transpose of Fz. Row i of Fz belongs to equation i, as row i of Fx does: write the total "
    "derivative of the first equation by hand, for two unknowns. (The transpose belongs to the way back: it carries "
    "an adjoint, and here nothing of the kind was given.)"
)
_OTHER = (
    "Fz and Fx have changed places: that would be dx/dz. In z² - x = 0 at z = 3, let x grow by 0.06: does z grow "
    "by 0.01 or by 0.36?"
)
_PRODUCT = (
    "You multiply by Fz. In z² - x = 0 at z = 3, F becomes 0.06 too large when z grows by 0.01; so by how much does "
    "z move for 0.06?"
)
_ENTRIES = (
    "You divide entry by entry. That is right for one equation. For two, each unknown stands in both of them, and "
    "moving one to mend the first spoils the second: that takes a linear system."
)
_ALONE = (
    "Fz has no part in your answer. In z² - x = 0 at z = 3, raise x by 0.06 and compute the root: did z move by 0.06?"
)
_SHAPE = (
    "The answer has a row for each unknown and a column for each parameter, like Fx. Kepler's equation, with one "
    "unknown and two parameters, has a 1 x 2 Jacobian."
)

IMPLICIT = Problem(
    id="11.1",
    title="Implicit function theorem",
    points=2,
    signature="implicit_jacobian(Fz, Fx)",
    visible=implicit_visible,
    hidden=implicit_hidden,
    hint="Differentiate F(x,z(x))=0 totally. x moves F directly, and by way of z; together F doesn't move.",
    hints={
        "digits": "Right in the first digits. Were the numbers rounded, or put into float32? An elimination is off by "
        "a few roundings alone.",
        "changed": "Fz and Fx belong to the caller: `Fx *= -1` writes into the array itself, `-Fx` makes a new one.",
        "raised LinAlgError": "Which of the two matrices is always square? There are as many equations as unknowns; of "
        "parameters there may be any number.",
        "raised ValueError": "Print both shapes. Fz has a column for each unknown, Fx one for each parameter: so which "
        "products of the two, or of their inverses, exist at all?",
    },
    mistakes=[
        Mistake(lambda Fz, Fx: solve(Fz, Fx), _SIGN),
        Mistake(lambda Fz, Fx: -solve(Fz.T, Fx), _TRANSPOSED),
        Mistake(lambda Fz, Fx: solve(Fz.T, Fx), f"{_SIGN} And then: {_TRANSPOSED}"),
        Mistake(lambda Fz, Fx: -solve(Fx, Fz), _OTHER),
        Mistake(lambda Fz, Fx: solve(Fx, Fz), f"{_OTHER} And look at the sign."),
        Mistake(lambda Fz, Fx: -np.linalg.pinv(Fx) @ Fz, _OTHER),
        Mistake(
            lambda Fz, Fx: -Fx @ np.linalg.inv(Fz),
            "The inverse stands on the wrong side of Fx: matrices don't commute, and with two parameters for three "
            "unknowns the product doesn't exist. What does Fz multiply in the total derivative, and from which side?",
        ),
        Mistake(lambda Fz, Fx: -Fz @ Fx, _PRODUCT),
        Mistake(lambda Fz, Fx: Fz @ Fx, f"{_PRODUCT} And look at the sign."),
        Mistake(lambda Fz, Fx: -Fz.T @ Fx, _PRODUCT),
        Mistake(lambda Fz, Fx: -Fx / Fz, _ENTRIES),
        Mistake(lambda Fz, Fx: Fx / Fz, f"{_ENTRIES} And look at the sign."),
        Mistake(lambda Fz, Fx: -(1 / Fz) @ Fx, _ENTRIES),
        Mistake(
            lambda Fz, Fx: -Fx / np.diag(Fz)[:, None],
            "You divide each row by the diagonal entry of Fz: that lets every unknown see its own equation alone. Look "
            "at the entries beside the diagonal: they say how z₁ stands in the first equation.",
        ),
        Mistake(lambda Fz, Fx: -Fx, _ALONE),
        Mistake(lambda Fz, Fx: Fx.copy(), _ALONE),
        Mistake(lambda Fz, Fx: -solve(Fz, Fx).T, f"Your answer lies on its side. {_SHAPE}"),
        Mistake(lambda Fz, Fx: -np.linalg.inv(Fz), f"Fx has no part in your answer. {_SHAPE}"),
        Mistake(lambda Fz, Fx: np.linalg.inv(Fz), f"Fx has no part in your answer. {_SHAPE}"),
        Mistake(lambda Fz, Fx: -Fx[0, 0] / Fz[0, 0], f"One number came back. {_SHAPE}"),
        Mistake(lambda Fz, Fx: -solve(Fz, Fx[:, 0]), f"You answer for one parameter, or for all in one. {_SHAPE}"),
        Mistake(
            lambda Fz, Fx: np.column_stack([-solve(Fz, Fx[:, 0]), 0 * Fx[:, 1:]]),
            "Only the first parameter has been seen to. Does your return stand inside the loop over the columns?",
        ),
        Mistake(
            lambda Fz, Fx: np.zeros_like(Fx),
            "You take z for a constant. Raise x in z² - x = 0 by a little and compute the root again.",
        ),
        Mistake(
            lambda Fz, Fx: solve(np.eye(len(Fz)) - Fz, Fx),
            "That is the formula for a fixed point z = f(z, x). Here the equation is F = 0, and Fz is the derivative "
            "of F itself: what is F, if the equation is written as z - f(z, x) = 0?",
        ),
        Mistake(
            lambda Fz, Fx: -Fx / np.linalg.det(Fz),
            "Dividing by the determinant is right for one equation. For more of them it is one part of Cramer's rule; "
            "a linear system is shorter.",
        ),
        Mistake(
            lambda Fz, Fx: -solve(Fz, solve(Fz, Fx)),
            "You solve with Fz twice. In z² - x = 0 at z = 3, does z move by 1/6 of the change of x, or by 1/36 of it?",
        ),
    ],
)
