"""Assignment 11, a hypergradient: 11.3.

The oracle is the complex step in lam, through the solve. Tolerance: 2e-12 of 2 (|Xv||w| + |yv|) |Xv||dw|, the sizes of
what is added up. The right way that loses most digits, a system with as many equations as data points, is off by a
sixth of that; the best difference quotients, with any step, by three times as much in some question.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_gradient
from adcourse.grading.untouched import Untouched, asked

solve = np.linalg.solve


def weights(X, y, lam):
    return solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)


def slope_at(X, y, lam, Xv, yv, question) -> Probe:
    X, y, Xv, yv = (np.asarray(v, dtype=float) for v in (X, y, Xv, yv))

    def ask(ridge_hypergrad):
        said, changed = asked(lambda X, y, Xv, yv: ridge_hypergrad(X, y, lam, Xv, yv), X, y, Xv, yv)
        return [*parts((said,), slope=()), changed]

    def residual(lam):
        return Xv @ weights(X, y, lam) - yv

    (expected,) = complex_step_gradient(lambda lam: np.sum(residual(lam) ** 2), [lam])
    w, reach = weights(X, y, lam), float(np.linalg.norm(Xv))
    moved = np.linalg.norm(weights(X, y, lam + 1e-30j).imag / 1e-30)
    size = 2 * (reach * np.linalg.norm(w) + np.linalg.norm(yv)) * reach * float(moved)
    return Probe(question, ask, Parts(slope=Close(expected, atol=2e-12 * size), arguments=Untouched()))


def ridge_visible():
    X = [[1.0, 0.4], [1.0, -1.3], [1.0, 2.2], [1.0, 0.9]]
    return [
        slope_at([[2]], [3], 0.5, [[1.5]], [5], "X = [[2]], y = [3], lam = 0.5, Xv = [[1.5]], yv = [5]: by hand 8/3"),
        slope_at(X, [1.2, -0.4, 2.9, 0.3], 0.7, [[1, -0.6], [1, 1.7]], [0.8, -1.1], "a straight line through 4 points"),
        slope_at(
            [[1.3, -0.4, 0.7], [0.2, 1.6, -1.1]],
            [2.1, -0.9],
            1.6,
            [[0.5, 1.2, -0.3], [-1.4, 0.6, 0.8], [0.9, -0.2, 2.3]],
            [1.7, 0.4, -2.2],
            "two data points and three weights: only lam makes w unique",
        ),
    ]


def ridge_hidden(rng):
    for rows, columns, validating in ((9, 4, 5), (12, 3, 7), (3, 5, 4), (6, 1, 3), (4, 4, 1)):
        X, Xv = rng.normal(size=(rows, columns)), rng.normal(size=(validating, columns))
        w = rng.normal(size=columns)
        y, yv = X @ w + rng.normal(size=rows), Xv @ w + 2 * rng.normal(size=validating)
        lam = float(rng.uniform(1, 3))
        yield slope_at(X, y, lam, Xv, yv, f"{rows} data points, {columns} weight{'s' * (columns > 1)}")


def _slope(
    matrix=lambda X, lam: X.T @ X + lam * np.eye(X.shape[1]),
    dw=lambda A, w, X, y, lam: -solve(A, w),
    residual=lambda Xv, w, yv: Xv @ w - yv,
    answer=lambda r, Xv, dw, w: 2 * r @ (Xv @ dw),
    validate=True,
):
    """The right way with something exchanged."""

    def ridge_hypergrad(X, y, lam, Xv, yv):
        A = matrix(X, lam)
        w = solve(A, X.T @ y)
        Xv, yv = (Xv, yv) if validate else (X, y)
        return answer(residual(Xv, w, yv), Xv, dw(A, w, X, y, lam), w)

    return ridge_hypergrad


def _loss(X, y, lam, Xv, yv):
    return np.sum((Xv @ weights(X, y, lam) - yv) ** 2)


def _quotient(h):
    return lambda X, y, lam, Xv, yv: (_loss(X, y, lam + h, Xv, yv) - _loss(X, y, lam - h, Xv, yv)) / (2 * h)


_SIGN = (
    "The sign. As lam grows the weights shrink. In the example by hand Xv w = 2 is below yv = 5 already: does the loss "
    "grow or fall when lam does?"
)
_FACTOR = "The factor: r² moves by 2 r times what r moves by. In the example by hand r = -3, and the slope is 8/3."
_QUOTIENT = (
    "Right in the first digits. A difference quotient of the loss? Each of its points takes a training of its own. Or "
    "a training, step by step, that wasn't led to its end? w has an equation: solve that, and differentiate it."
)
_OWN = (
    "You differentiate the loss on the training data. The question is how well w does on data that it hasn't seen: r "
    "is made with Xv and yv."
)
_VECTOR = (
    "An array came back. lam is a single number, and so is the loss: the slope is one number. What does ‖·‖² do with "
    "all r², and how does the loss see each of the weights?"
)
_MATRIX = (
    "X.T @ X + lam adds lam to every entry of the matrix. With one weight nobody can tell. What is lam multiplied with "
    "in the exercise?"
)

RIDGE = Problem(
    id="11.3",
    title="Hypergradient of ridge regression",
    points=3,
    signature="ridge_hypergrad(X, y, lam, Xv, yv)",
    visible=ridge_visible,
    hidden=ridge_hidden,
    hint="(X^T X+lam I) dw = -w dlam. That is the equation for w, differentiated; the loss depends on lam by way of w "
    "alone.",
    hints={
        "digits": _QUOTIENT,
        "changed": "The data belong to the caller: `r -= yv`, or `A += ...` on an array that you were given, writes "
        "into them. `r = r - yv` makes a new array.",
        "raised ValueError": "Print the shapes. X has a row for each data point and a column for each weight: which of "
        "the two is the size of XᵀX, and of the unit matrix beside it?",
        "raised LinAlgError": "Without lam the matrix has no inverse if there are more weights than data points. In "
        "which of your systems is it missing?",
    },
    mistakes=[
        Mistake(_slope(dw=lambda A, w, X, y, lam: solve(A, w)), _SIGN),
        Mistake(_slope(answer=lambda r, Xv, dw, w: r @ (Xv @ dw)), _FACTOR),
        Mistake(_slope(answer=lambda r, Xv, dw, w: -r @ (Xv @ dw)), f"{_SIGN} And then: {_FACTOR}"),
        Mistake(
            _slope(answer=lambda r, Xv, dw, w: 2 * np.mean(r * (Xv @ dw))),
            "You take the mean over the data. ‖·‖² is the sum of the squares.",
        ),
        Mistake(
            _slope(answer=lambda r, Xv, dw, w: r @ (Xv @ dw) / np.linalg.norm(r)),
            "You differentiate the norm, and the loss is its square.",
        ),
        Mistake(
            _slope(answer=lambda r, Xv, dw, w: np.sum((Xv @ dw) ** 2)),
            "You have put dw in the place of w and taken the norm: the derivative of a square is something else. And "
            "yv, where is it?",
        ),
        Mistake(
            _slope(residual=lambda Xv, w, yv: Xv @ w),
            "yv has no part in your answer. In the example by hand, with yv = 2 the residual is 0, and the slope, too.",
        ),
        Mistake(_slope(validate=False), _OWN),
        Mistake(lambda X, y, lam, Xv, yv: weights(X, y, lam) @ weights(X, y, lam), f"That is wᵀw. {_OWN}"),
        Mistake(
            _slope(answer=lambda r, Xv, dw, w: 2 * r @ (Xv @ dw) + w @ w),
            "You add wᵀw: lam stands beside it in the training objective, which finds w. The loss on the other data "
            "has no such term.",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -w),
            "Your dw is -w: it was not solved for, or with Xᵀy in the place of w. In (XᵀX + lam I) w = Xᵀy let lam "
            "grow: lam w moves because of lam, and everything on the left because of w. Which matrix stands before dw?",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -w / lam),
            "You divide by lam: that leaves XᵀX out. In 4w + lam w = 6 at lam = 0.5, what is in front of dw?",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -np.linalg.pinv(X.T @ X) @ w),
            "In the system for dw there is no lam. The left side is (XᵀX + lam I) w, a product in which both factors "
            "move.",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -solve(A, np.ones(len(w)))),
            "On the right of your system for dw there are ones: the derivative of lam I by lam is I. What does I "
            "multiply in the equation?",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -lam * solve(A, w)),
            "That is the slope by log lam: lam dL/dlam. In 4w + lam w = 6 at lam = 0.5: how far does w move when lam "
            "grows by 0.01?",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -2 * lam * solve(A, w)),
            "lam is not squared: the objective has lam ‖w‖².",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -solve(A, solve(A, w))),
            "One solve too many: in your dw the matrix is inverted twice after w. The formula with A⁻² has Xᵀy behind "
            "it, and w is A⁻¹Xᵀy already.",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: -A @ w),
            "You multiply by the matrix. dw stands on the left of the system, beside it.",
        ),
        Mistake(
            _slope(dw=lambda A, w, X, y, lam: 0 * w),
            "You hold w fixed, and then the loss doesn't depend on lam at all. Train again with a larger lam: w moves.",
        ),
        Mistake(_slope(dw=lambda A, w, X, y, lam: w), "Your dw is w. Train again with a larger lam: how does w move?"),
        Mistake(_slope(matrix=lambda X, lam: X.T @ X + lam), _MATRIX),
        Mistake(
            _slope(matrix=lambda X, lam: X.T @ X + lam * len(X) * np.eye(X.shape[1])),
            "You multiply lam by the number of data points. Some books do; here the matrix is XᵀX + lam I.",
        ),
        Mistake(
            _slope(matrix=lambda X, lam: X.T @ X + 2 * lam * np.eye(X.shape[1])),
            "You solve with XᵀX + 2 lam I. In the objective both squares have the same factor 2 when they are "
            "differentiated, and it falls out.",
        ),
        Mistake(
            lambda X, y, lam, Xv, yv: (
                -2
                * (Xv @ np.linalg.lstsq(X, y, rcond=None)[0] - yv)
                @ Xv
                @ solve(X.T @ X + lam * np.eye(X.shape[1]), np.linalg.lstsq(X, y, rcond=None)[0])
            ),
            "Your w is that of plain least squares, with lam = 0. In the example by hand w is 4/3, and not 3/2.",
        ),
        Mistake(
            _slope(matrix=lambda X, lam: X.T @ X + lam**2 * np.eye(X.shape[1])),
            "lam is not squared: the matrix is XᵀX + lam I.",
        ),
        Mistake(
            lambda X, y, lam, Xv, yv: (
                -2
                * (Xv @ weights(X, y, lam) - yv)
                @ Xv
                @ solve(Xv.T @ Xv + lam * np.eye(Xv.shape[1]), weights(X, y, lam))
            ),
            "In the system for dw you have XvᵀXv. w was trained with X; the validation data come in at the end.",
        ),
        Mistake(_slope(answer=lambda r, Xv, dw, w: dw), _VECTOR),
        Mistake(_slope(answer=lambda r, Xv, dw, w: 2 * r * (Xv @ dw)), _VECTOR),
        Mistake(_slope(answer=lambda r, Xv, dw, w: 2 * Xv.T @ r), _VECTOR),
        Mistake(
            _slope(answer=lambda r, Xv, dw, w: np.sum(2 * Xv.T @ r)),
            "You add up the gradient by w, as if all weights moved by 1. How far does each of them move with lam?",
        ),
        Mistake(
            lambda X, y, lam, Xv, yv: (_loss(X, y, lam, Xv, yv), _slope()(X, y, lam, Xv, yv)),
            "Two numbers came back, the loss and its slope? One was asked for, the slope.",
        ),
        Mistake(_loss, "That is the loss itself. Asked for is how it moves with lam."),
        *[Mistake(_quotient(h), _QUOTIENT) for h in (1e-3, 1e-4, 1e-5, 1e-6)],
    ],
)
