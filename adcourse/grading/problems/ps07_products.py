"""Assignment 7, matrix products: 7.2.

The product is linear in each factor, so the adjoints are known from their definition: entry by entry ⟨G, E B⟩ and
⟨G, A E⟩, without any rule. A right answer adds up a few products of numbers of size 1, in whatever order: 1e-12. Shapes
that aren't square force most transposes; square ones, where they go missing unnoticed, are asked as well.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp


def matmul_at(A, B, G, question) -> Probe:
    A, B, G = (np.asarray(x, dtype=float) for x in (A, B, G))

    def ask(vjp_matmul):
        return parts(vjp_matmul(A.copy(), B.copy(), G.copy()), A_bar=A.shape, B_bar=B.shape)

    A_bar, B_bar = complex_step_vjp(np.matmul, (A, B), G)
    return Probe(question, ask, Parts(A_bar=Close(A_bar, atol=1e-12), B_bar=Close(B_bar, atol=1e-12)))


def matmul_visible():
    A, B = [[1.3, 2.1, -0.4], [-1.2, 3.5, 0.7]], [[2.2, 1.6, -0.3, 1.1], [0.4, -1.5, 1.9, 3.1], [0.8, 4.3, -2.6, 5.7]]
    return [
        matmul_at(np.eye(2), np.eye(2), [[1.7, -0.6], [2.4, 3.2]], "A and B the identity: both adjoints are G"),
        matmul_at(A, B, [[1.7, -0.9, 2.4, 0.6], [3.2, -1.4, 0.1, 1.8]], "A of shape (2, 3), B of shape (3, 4)"),
        matmul_at(
            [[1.3, 2.2], [3.4, 5.1]], [[2.3, -1.2], [0.7, 4.6]], [[1.1, 3.7], [-2.5, 0.6]], "square, and not symmetric"
        ),
    ]


def matmul_hidden(rng):
    for m, k, n in ((2, 3, 4), (4, 4, 4), (5, 2, 3), (1, 3, 1), (3, 1, 2), (2, 2, 2)):
        data = rng.normal(size=(m, k)), rng.normal(size=(k, n)), rng.normal(size=(m, n))
        yield matmul_at(*data, f"A of shape ({m}, {k}), B of shape ({k}, {n})")


_TRANSPOSES = (
    "Where the matrices aren't square your products don't exist, and where they are, they are wrong: transposes are "
    "missing. Write down the shapes of A, B and G for a (2, 3) times (3, 4) product, and that of each factor you need."
)
_ONE = "One matrix came back, and two are asked for, that of A first: C depends on both."

MATMUL = Problem(
    id="7.2",
    title="Adjoint of a matrix product",
    points=2,
    signature="vjp_matmul(A, B, G)",
    visible=matmul_visible,
    hidden=matmul_hidden,
    hint="Shapes leave one possibility for non-square; squares need the transposes too.",
    mistakes=[
        Mistake(lambda A, B, G: (G @ B, A @ G), _TRANSPOSES),
        Mistake(lambda A, B, G: (np.dot(G, B), np.dot(A, G)), _TRANSPOSES),
        Mistake(
            lambda A, B, G: (
                G @ B.T if G.shape[1] != B.shape[0] else G @ B,
                A.T @ G if len(A) != A.shape[1] else A @ G,
            ),
            "You transpose where the shapes force you to. In square matrices nothing forces you, and the transposes "
            "belong there all the same.",
        ),
        Mistake(lambda A, B, G: G @ B.T, _ONE),
        Mistake(lambda A, B, G: A.T @ G, _ONE),
        Mistake(
            lambda A, B, G: (G @ B.T, A @ G),
            "In the adjoint of B a transpose is missing: which entries of A multiply B[0, 0] in "
            "C = AB, a row of A or a column?",
        ),
        Mistake(
            lambda A, B, G: (G @ B, A.T @ G),
            "In the adjoint of A a transpose is missing: which entries of B multiply A[0, 0] in "
            "C = AB, a row of B or a column?",
        ),
        Mistake(
            lambda A, B, G: (A.T @ G, G @ B.T),
            "Your two adjoints have changed places: that of A comes first, and has the shape of A.",
        ),
        Mistake(
            lambda A, B, G: (B @ G.T, G.T @ A),
            "Your adjoints lie on their sides: each has the shape of its matrix transposed. Entry [i, j] belongs to "
            "entry [i, j].",
        ),
        Mistake(
            lambda A, B, G: (B.T @ G, G @ A.T),
            "The right factors in the wrong order: matrices don't commute. In C = AB, A stands left of B; on which "
            "side of G does what remains of B stand?",
        ),
        Mistake(
            lambda A, B, G: (B.T, A.T),
            "That is the other factor, as for a product of two numbers, and G has got lost. Change G: should your "
            "answer not change?",
        ),
        Mistake(
            lambda A, B, G: (np.ones_like(G) @ B.T, A.T @ np.ones_like(G)),
            "You have put ones in place of G: that is the gradient of the sum of all entries of C. Every entry of C "
            "comes with an adjoint of its own.",
        ),
        Mistake(
            lambda A, B, G: (G * B.T, A.T * G),
            "You multiply entry by entry. In C = AB an entry of A meets a whole row of B.",
        ),
        Mistake(
            lambda A, B, G: (G @ B.T / len(G), A.T @ G / len(G)),
            "You divide by the number of rows. A mean is part of a loss, and comes in through G; C = AB has none.",
        ),
        Mistake(
            lambda A, B, G: (G @ np.linalg.pinv(B), np.linalg.pinv(A) @ G),
            "You undo the product. An adjoint undoes nothing: double B, and each entry of A counts twice as much, not "
            "half as much.",
        ),
    ],
)
