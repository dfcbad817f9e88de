"""Assignment 7, the logarithm of a determinant: 7.5.

The oracle is the complex step through the determinant, entry by entry; data and tolerance are those of 7.3. Upstream
scalars are neither 1 nor -1, and some are negative.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp
from adcourse.grading.problems.ps07_solves import close, some_matrix


def neglogdet(X):
    return -np.log(np.linalg.det(X))


def neglogdet_at(X, g, question) -> Probe:
    X = np.asarray(X, dtype=float)
    expected = complex_step_vjp(neglogdet, (X,), g)[0]
    return Probe(question, lambda vjp_neglogdet: vjp_neglogdet(X.copy(), g), close(expected))


def neglogdet_visible():
    return [
        neglogdet_at([[2, 0], [0, 4]], 3.0, "X = diag(2, 4), g = 3: diag(-1.5, -0.75)"),
        neglogdet_at([[4, 1], [2, 3]], 0.9, "X = [[4, 1], [2, 3]], whose determinant is 10, g = 0.9"),
        neglogdet_at([[2.3, 1.1, -0.6], [-1.2, 3.4, 1.9], [3.7, 0.2, 1.3]], -0.4, "three rows, g = -0.4"),
    ]


def neglogdet_hidden(rng):
    yield neglogdet_at(some_matrix(rng, 4), 1.7, "four rows, g = 1.7")
    for n in (1, 2, 3, 5):
        yield neglogdet_at(some_matrix(rng, n), float(rng.uniform(-3, -1.5)), f"{n} row{'s' * (n > 1)}, g negative")


def _of_inverse(rule):
    return lambda X, g: rule(np.linalg.inv(X), g)


_TURNED = (
    "That is the transpose of what was asked for. Move X[0, 1] alone in [[4, 1], [2, 3]], where the determinant is "
    "4·3 - 1·2, and see which of your entries says by how much -log det moves."
)
_DIAGONAL = (
    "You treat X as if the entries off the diagonal were out of the game. In [[4, 1], [2, 3]] the determinant is "
    "4·3 - 1·2: move the 1."
)
_SYMMETRIC = (
    "That is a formula for matrices that stay symmetric, where two entries move together. Here each entry moves alone, "
    "and X needn't be symmetric."
)

NEGLOGDET = Problem(
    id="7.5",
    title="Gradient of -log det X",
    points=2,
    signature="vjp_neglogdet(X, g)",
    visible=neglogdet_visible,
    hidden=neglogdet_hidden,
    hint="d log det X = tr(X^{-1} dX): what is the inner product?",
    mistakes=[
        Mistake(_of_inverse(lambda Y, g: -g * Y), _TURNED),
        Mistake(
            _of_inverse(lambda Y, g: g * Y.T),
            "The sign: let the 2 in diag(2, 4) grow. The determinant grows, so what does minus its logarithm do?",
        ),
        Mistake(
            _of_inverse(lambda Y, g: g * Y),
            f"Two things. The sign: let the 2 in diag(2, 4) grow, what does -log det do? And: {_TURNED}",
        ),
        Mistake(
            _of_inverse(lambda Y, g: -Y.T),
            "The upstream scalar g has got lost: if the loss is g times -log det X, how does it move?",
        ),
        Mistake(
            _of_inverse(lambda Y, g: -Y), f"The upstream scalar g has got lost, and a transpose with it. {_TURNED}"
        ),
        Mistake(
            _of_inverse(lambda Y, g: -Y.T / g),
            "You divide by the upstream scalar. If the loss moves by g times as much, so do its slopes.",
        ),
        Mistake(
            _of_inverse(lambda Y, g: g - Y.T),
            "You add the upstream scalar. The chain rule multiplies: if the loss moves by g times as much, so do its "
            "slopes.",
        ),
        Mistake(
            _of_inverse(lambda Y, g: -g * Y.T / np.linalg.det(Y)),
            "That is the gradient of -det X. The logarithm has a slope of its own: that of log t is 1/t.",
        ),
        Mistake(
            _of_inverse(lambda Y, g: -g * Y.T * np.linalg.det(Y)),
            "You divide by the determinant once too often. An entry of the inverse has it below already.",
        ),
        Mistake(
            lambda X, g: -g * X.T,
            "You transpose X in place of inverting it: for diag(2, 4), does -log det move faster with the 2 or with "
            "the 4?",
        ),
        Mistake(
            lambda X, g: -g * X,
            "Your slopes grow with X. For diag(2, 4), does -log det move faster with the 2 or with the 4?",
        ),
        Mistake(
            lambda X, g: -g / X,
            "You take one over each entry: the inverse of a matrix is another thing. Multiply X by your answer.",
        ),
        Mistake(lambda X, g: -g * np.diag(1 / np.diag(X)), _DIAGONAL),
        Mistake(_of_inverse(lambda Y, g: -g * np.diag(np.diag(Y))), _DIAGONAL),
        Mistake(
            _of_inverse(lambda Y, g: -g * np.trace(Y)),
            "A single number came back: the trace has added up what belongs to single entries. ⟨X_bar, dX⟩ is a trace, "
            "X_bar is what stands beside dX in it.",
        ),
        Mistake(
            _of_inverse(lambda Y, g: -g * Y.T @ Y.T),
            "That is the rule of the inverse, two inverses around an adjoint. Here the result is a number: "
            "d log det X = tr(X^{-1} dX), one inverse.",
        ),
        Mistake(
            lambda X, g: -g * np.log(np.linalg.det(X)),
            "That is the value of -log det X, times g. Asked for are its slopes, one for each entry of X.",
        ),
        Mistake(_of_inverse(lambda Y, g: -g * (2 * Y - np.diag(np.diag(Y)))), _SYMMETRIC),
        Mistake(_of_inverse(lambda Y, g: -g * (Y + Y.T - np.diag(np.diag(Y)))), _SYMMETRIC),
        Mistake(_of_inverse(lambda Y, g: -g * (Y + Y.T) / 2), _SYMMETRIC),
    ],
)
