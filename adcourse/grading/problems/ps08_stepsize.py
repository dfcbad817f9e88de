"""Assignment 8, the derivative of gradient descent by its step size: 8.5.

The oracle is the complex step through the ten steps. A product of twenty factors 1 - alpha is off by a few dozen
roundings, which the subtraction of alpha x makes up to twenty times larger where 1 - alpha is small: 1e-11 of the
number, and where nothing is left, 1e-14 of |x0|².
"""

from __future__ import annotations

import math

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_gradient
from adcourse.grading.untouched import Untouched, asked

STEPS = 10


def loss_after(alpha, x0):
    x = np.asarray(x0)
    for _ in range(STEPS):
        x = x - alpha * x  # the gradient of x·x/2 is x
    return np.sum(x * x) / 2


def step_size_at(alpha, x0, question) -> Probe:
    x0 = np.asarray(x0)

    def ask(step_size_gradient):
        said, changed = asked(lambda x: step_size_gradient(alpha, x), x0)
        return [*parts(said, L=(), slope=()), changed]

    tolerance = {"rtol": 1e-11, "atol": 1e-14 * float(x0 @ x0)}
    loss = Close(lambda: loss_after(alpha, x0), **tolerance)
    slope = Close(lambda: complex_step_gradient(lambda alpha: loss_after(alpha, x0), (alpha,))[0], **tolerance)
    return Probe(question, ask, Parts(L=loss, slope=slope, x0=Untouched()))


def step_size_visible():
    return [
        step_size_at(0.1, [3.0, 4.0], "alpha = 0.1, x0 = (3, 4): dL/dalpha = -33.7712929418"),
        step_size_at(0.3, [1.5, -2.0, 0.5], "alpha = 0.3, three numbers"),
        step_size_at(1.9, [0.4], "alpha = 1.9, which goes beyond the minimum and back, one number"),
        step_size_at(0.05, [3, -1, 2, 1], "alpha = 0.05, from integers"),
        step_size_at(1.0, [3.0, 4.0], "alpha = 1, which hits the minimum in one step: L and dL/dalpha are 0"),
    ]


def step_size_hidden(rng):
    for n in (1, 2, 5):
        x0 = 2 * rng.normal(size=n)
        yield step_size_at(float(rng.uniform(0.02, 0.4)), x0, "another step size")
        yield step_size_at(float(rng.uniform(1.6, 2.1)), x0, "a step size beyond the minimum")
    yield step_size_at(1.0, rng.normal(size=3), "alpha = 1, where the exercise as published starts")
    yield step_size_at(1, rng.normal(size=2), "alpha = 1, an integer")
    yield step_size_at(2.0, rng.normal(size=2), "alpha = 2, which jumps to and fro")
    yield step_size_at(-float(rng.uniform(0.05, 0.1)), rng.normal(size=3), "a negative step size, which climbs")
    yield step_size_at(0.25, rng.integers(1, 5, size=3), "a start at integers")


def _sweep(
    through=lambda x_bar, alpha: (1 - alpha) * x_bar,
    alpha_bar=lambda x_bar, xs, k: -np.sum(x_bar * xs[k]),
    seed=lambda x: x,
    loss=lambda x: np.sum(x * x) / 2,
    steps=STEPS,
    collect=lambda terms: sum(terms),
):
    """The reverse sweep with some of its lines exchanged for wrong ones."""

    def step_size_gradient(alpha, x0):
        xs = [np.array(x0, float)]
        for _ in range(steps):
            xs.append(xs[-1] - alpha * xs[-1])
        x_bar, terms = seed(xs[-1]), []
        for k in reversed(range(steps)):
            terms.append(alpha_bar(x_bar, xs, k))
            x_bar = through(x_bar, alpha)
        return loss(xs[-1]), collect(terms)

    return step_size_gradient


def _by_logarithms(alpha, x0):
    """-20 L / (1 - alpha)."""
    L = np.float64(loss_after(alpha, np.asarray(x0, float)))
    with np.errstate(all="ignore"):
        return L, -2 * STEPS * L / np.float64(1 - alpha)


def _difference(step):
    def step_size_gradient(alpha, x0):
        above, below = (loss_after(alpha + h, np.asarray(x0, float)) for h in (step, -step))
        return loss_after(alpha, x0), (above - below) / (2 * step)

    return step_size_gradient


_LEAVES = (
    "You divide by 1 - alpha, and at alpha = 1 that is 0/0: the formula has a hole where the program has none. A "
    "reverse sweep through the ten steps divides by nothing."
)
_ONE = "You give one number. The loss was asked for as well: (L, dL/dalpha)."
_ALL = (
    "alpha is used in all ten steps, and your answer has the part of one of them. Every use of a value adds a term to "
    "its adjoint: is there an = where a += belongs?"
)

STEP_SIZE = Problem(
    id="8.5",
    title="Differentiate through gradient descent",
    points=4,
    signature="step_size_gradient(alpha, x0)",
    visible=step_size_visible,
    hidden=step_size_hidden,
    hint="The adjoint of x_k is (1-alpha_k) times that of x_{k+1}. And alpha_k, that of step k, has an adjoint "
    "of its own; all ten are the same alpha.",
    hints={
        "changed": "x0 belongs to the caller, who may start again from it: `x = x0` makes a second name, not another "
        "array, and `x -= ...` writes into it.",
        "digits": "Your slope is right in its first digits, which is what a difference quotient leaves. Keep the ten "
        "points on the way forward, and come back through them.",
        "raised ZeroDivisionError": _LEAVES,
        "raised UFuncTypeError": "From an integer start `x -= ...` fails, for an array of integers keeps integers; and "
        "it would write into the caller's x0.",
    },
    mistakes=[
        Mistake(_by_logarithms, _LEAVES),
        Mistake(
            _sweep(alpha_bar=lambda x_bar, xs, k: np.sum(x_bar * xs[k])),
            "The sign: x_{k+1} = x_k - alpha x_k. If alpha grows from 0.1 to 0.11, the steps get longer: does the loss "
            "rise or fall?",
        ),
        Mistake(_sweep(collect=lambda terms: terms[0]), _ALL),
        Mistake(_sweep(collect=lambda terms: sum(terms) / STEPS), _ALL),
        Mistake(
            _sweep(collect=lambda terms: sum(terms[1:])),
            "One of the ten steps is missing in your sum: alpha is used in the first step and in the last, too.",
        ),
        Mistake(
            _sweep(through=lambda x_bar, alpha: x_bar),
            "In your sum one of the two factors is the same for all ten steps. Each step begins at a point of its own, "
            "and the adjoint changes on the way back, for x_{k+1} = x_k - alpha x_k has x_k in it twice.",
        ),
        Mistake(
            _sweep(through=lambda x_bar, alpha: -alpha * x_bar),
            "You go back through the gradient and not through x_k itself: x_{k+1} = x_k - alpha x_k has it twice.",
        ),
        Mistake(
            _sweep(through=lambda x_bar, alpha: alpha * x_bar),
            "You multiply by alpha on the way back. By how much does x_k - alpha x_k move when x_k does?",
        ),
        Mistake(
            _sweep(through=lambda x_bar, alpha: (1 + alpha) * x_bar),
            "You multiply by 1 + alpha on the way back. By how much does x_k - alpha x_k move when x_k does?",
        ),
        Mistake(
            _sweep(through=lambda x_bar, alpha: x_bar / (1 - alpha) if alpha != 1 else np.inf * x_bar),
            "You divide by 1 - alpha on the way back, as if to undo the step. An adjoint goes through a factor by the "
            "same factor, backwards or forwards.",
        ),
        Mistake(
            _sweep(alpha_bar=lambda x_bar, xs, k: -np.sum(x_bar * xs[k + 1])),
            "You are one step off: alpha_k meets the point where step k began (it went into the gradient) and the "
            "adjoint of the point where it ended. Which of the two do you take from elsewhere?",
        ),
        Mistake(
            _sweep(alpha_bar=lambda x_bar, xs, k: -np.sum(x_bar * xs[-1])),
            "In every step you use x_10. Print the points that you have kept: `x -= ...` changes the one array that "
            "all ten names stand for.",
        ),
        Mistake(
            _sweep(alpha_bar=lambda x_bar, xs, k: -np.sum(xs[k] * xs[k])),
            "Beside x_k in your sum stands x_k again. One of the two should be an adjoint: by how much L moves when "
            "x_{k+1} does.",
        ),
        Mistake(
            _sweep(alpha_bar=lambda x_bar, xs, k: -np.sum(x_bar)),
            "By how much does x_k - alpha x_k move when alpha does? In your answer that is -1, wherever x_k is.",
        ),
        Mistake(
            _sweep(seed=lambda x: np.ones_like(x)),
            "Your sweep starts with ones. It starts at the end: what is the adjoint of x_10 for L = x_10·x_10/2?",
        ),
        Mistake(
            _sweep(seed=lambda x: 2 * x),
            "Your sweep starts with twice what it should: L has a 1/2 in it.",
        ),
        Mistake(
            _sweep(seed=lambda x: 2 * x, loss=lambda x: np.sum(x * x)),
            "The 1/2 is missing from L, and from its slope.",
        ),
        Mistake(_sweep(loss=lambda x: np.sum(x * x)), "The 1/2 is missing from L."),
        Mistake(
            _sweep(seed=lambda x: x * np.sum(x * x) / 2),
            "Your sweep starts with a factor L too much: the adjoint of L is 1.",
        ),
        Mistake(
            _sweep(seed=lambda x: np.sum(x * x) / 2 * np.ones_like(x)),
            "Your sweep starts with L. It starts with the adjoint of x_10, the slope of L there.",
        ),
        Mistake(_sweep(steps=9), "You take nine steps: x_10 is the point after the tenth."),
        Mistake(_sweep(steps=11), "You take eleven steps: x_10 is the point after the tenth."),
        Mistake(
            _sweep(alpha_bar=lambda x_bar, xs, k: -x_bar * xs[k], collect=lambda terms: sum(terms)),
            "You give a slope for each coordinate of x0. alpha is one number and moves all: what becomes of the parts?",
        ),
        Mistake(
            _sweep(collect=lambda terms: terms[::-1]),
            "You give a slope for each of the ten steps. They have one alpha in common: what becomes of the parts?",
        ),
        Mistake(lambda alpha, x0: loss_after(alpha, x0), _ONE),
        Mistake(lambda alpha, x0: _sweep()(alpha, x0)[1], _ONE),
        Mistake(
            lambda alpha, x0: _sweep()(alpha, x0)[::-1], "Your two answers have changed places: the loss comes first."
        ),
        Mistake(
            lambda alpha, x0: (loss_after(alpha, x0), math.copysign(abs(_sweep()(alpha, x0)[1]), -1)),
            "Your slope is never positive. With alpha = 1.9 every step goes beyond the minimum: should it be longer or "
            "shorter?",
        ),
    ],
)
