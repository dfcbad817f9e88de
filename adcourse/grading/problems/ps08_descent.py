"""Assignment 8, gradient descent: 8.1.

On a quadratic function with the gradient A x - b the iterates have a closed form, x* + (I - lr A)^n (x0 - x*). The
eigenvalues of A lie between 1/2 and 2 and steps are below 1: nothing grows, a few dozen roundings stay below 1e-12 of
the largest number on the way.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts, Price
from adcourse.grading.meters import Counted
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.untouched import Untouched, asked


class Slope:
    """The gradient of x·Ax/2 - b·x."""

    def __init__(self, A, b):
        self.A, self.b = np.asarray(A, float), np.asarray(b, float)

    def __call__(self, x):
        return self.A @ x - self.b


def iterate(slope: Slope, x0, lr, n):
    lowest = np.linalg.solve(slope.A, slope.b)
    shrink = np.linalg.matrix_power(np.eye(len(lowest)) - lr * slope.A, n)
    return lowest + shrink @ (x0 - lowest)


def descent_at(slope: Slope, x0, lr, n, question) -> Probe:
    x0, counted = np.asarray(x0), Counted(slope)

    def ask(gradient_descent):
        said, changed = asked(lambda x: gradient_descent(counted, x, lr, n), x0)
        return [*parts((said,), x=x0.shape), changed]

    size = float(np.abs(x0).max() + np.abs(slope.b).sum() + 1)
    x_n = Close(lambda: iterate(slope, x0, lr, n), atol=1e-12 * size)
    return Probe(question, ask, Price(Parts(x_n=x_n, x0=Untouched()), at_most=n, what="grad"), counted)


BOWL = Slope(np.eye(3), np.zeros(3))  # of x·x/2, which is x itself
TILTED = Slope([[1.5, 0.5, 0], [0.5, 1, -0.25], [0, -0.25, 0.75]], [1, -2, 0.5])


def descent_visible():
    return [
        descent_at(BOWL, [10.0, -20.0, 5.0], 0.1, 2, "two steps of 0.1 on x·x/2 from (10, -20, 5): (8.1, -16.2, 4.05)"),
        descent_at(TILTED, [3.0, -1.0, 2.0], 0.4, 1, "one step of 0.4 on a quadratic function, from (3, -1, 2)"),
        descent_at(TILTED, [3.0, -1.0, 2.0], 0.4, 5, "five steps, from five gradients, x0 left as it was"),
        descent_at(TILTED, [3, -1, 2], 0.4, 5, "the same from the integers (3, -1, 2)"),
        descent_at(TILTED, [3.0, -1.0, 2.0], 0.4, 0, "no step at all"),
    ]


def some_slope(rng, n) -> Slope:
    turn = np.linalg.qr(rng.normal(size=(n, n)))[0]
    return Slope(turn * rng.uniform(0.5, 2, size=n) @ turn.T, rng.normal(size=n))


def descent_hidden(rng):
    for n, steps in ((2, 1), (4, 3), (3, int(rng.integers(6, 12)))):
        lr = float(rng.uniform(0.1, 0.9))
        yield descent_at(some_slope(rng, n), 3 * rng.normal(size=n), lr, steps, f"{n} numbers, {steps} steps")
    integers = rng.choice([-5, -4, -2, 3, 7], size=4, replace=False)
    yield descent_at(some_slope(rng, 4), integers, float(rng.uniform(0.1, 0.4)), 4, "a start at integers")
    yield descent_at(some_slope(rng, 1), rng.normal(size=1), 0.3, 2, "one number")
    yield descent_at(some_slope(rng, 2), rng.normal(size=2), 0.3, 0, "no step at all")


def _descent(move=lambda x, g, lr, k: x - lr * g, steps=lambda n: range(n), end=lambda xs, grad: xs[-1]):
    """``move`` gives the next point, ``end`` what comes back of them all."""

    def gradient_descent(grad, x0, lr, n):
        xs = [np.array(x0, float)]
        for k in steps(n):
            xs.append(np.array(move(xs[-1], grad(xs[-1]), lr, k), float))
        return end(xs, grad)

    return gradient_descent


def _in_place(grad, x0, lr, n):
    for _ in range(n):
        x0 -= lr * grad(x0)
    return x0


def _entries_in_place(grad, x0, lr, n):
    for _ in range(n):
        x0[:] = x0 - lr * grad(x0)
    return x0


def _copy_of_integers(grad, x0, lr, n):
    x = x0.copy()
    for _ in range(n):
        x -= lr * grad(x)
    return x


def _entries_of_integers(grad, x0, lr, n):
    x = np.copy(x0)
    for _ in range(n):
        x[:] = x - lr * grad(x)
    return x


def _frozen(grad, x0, lr, n):
    g = grad(x0) if n else 0.0
    return x0 - n * lr * g


def _from_the_start(grad, x0, lr, n):
    x = x0
    for _ in range(n):
        x = x0 - lr * grad(x)
    return x


def _one_by_one(grad, x0, lr, n):
    """Each entry with a gradient that knows the new ones before it."""
    x = np.array(x0, float)
    for _ in range(n):
        for i in range(len(x)):
            x[i] -= lr * grad(x)[i]
    return x


def _asks_twice(grad, x0, lr, n):
    x = np.array(x0, float)
    for _ in range(n):
        x = x - lr * (grad(x) + grad(x)) / 2
    return x


def _one_more(grad, x0, lr, n):
    x = np.array(x0, float)
    g = grad(x)
    for _ in range(n):
        x = x - lr * g
        g = grad(x)
    return x


def _until_flat(tolerance):
    def gradient_descent(grad, x0, lr, n):
        x = np.array(x0, float)
        g = grad(x)
        while _size(g) > tolerance:
            x = x - lr * g
            g = grad(x)
        return x

    return gradient_descent


def _averaging(grad, x0, lr, n):
    """With momentum."""
    x, v = np.array(x0, float), 0.0
    for _ in range(n):
        v = 0.9 * v + grad(x)
        x = x - lr * v
    return x


def _size(g):
    return np.sqrt(np.sum(g * g))


_FROZEN = (
    "Every step of yours uses the slope at x0. On x·x/2 from 10 in steps of 0.1 you get 9, then 8; but at 9 the slope "
    "is 9, not 10. Where do you have to ask for the gradient?"
)
_INTEGERS = (
    "From an integer start your answer is wrong, from the same point in floats it is right. Try x = np.array([1, 2]); "
    "x[0] = x[0] + 0.5; print(x): an array of integers keeps integers."
)
_UNTIL = "You go on until the gradient is small. n says how many steps there are, and n gradients are what they cost."
_PRICE = (
    "Your answer is right and asks for too many gradients. In a real problem the gradient is all the work there is: n "
    "steps need n of them. Which of yours is never used, or known already?"
)

DESCENT = Problem(
    id="8.1",
    title="Gradient descent USES a gradient",
    points=2,
    signature="gradient_descent(grad, x0, lr, n)",
    visible=descent_visible,
    hidden=descent_hidden,
    hint="Direction: minus the gradient, re-evaluated each step. Do two steps on x·x/2 by hand, from 10 with lr = 0.1.",
    hints={
        "changed": "x0 belongs to the caller, who may want to start again from there: print it before and after. "
        "`x = x0` makes a second name, not a second array, and `x -= ...` writes into it.",
        "raised UFuncTypeError": _INTEGERS,
        "calls": "n says how many steps there are: your loop doesn't end after n of them.",
    },
    mistakes=[
        Mistake(
            _descent(lambda x, g, lr, k: x + lr * g),
            "You climb. The gradient points to where the function grows fastest: what does x·x/2 do along your steps? "
            "(The notes that say 'in the direction of the gradient' have the sign wrong, too.)",
        ),
        Mistake(
            _in_place,
            "You walk in the caller's own array: print x0 after the call, and call once more. (From integers your code "
            "fails for the same reason.)",
        ),
        Mistake(
            _entries_in_place,
            "You write your steps into the caller's own array: print x0 after the call. (If it is an array of "
            "integers, they are cut to integers there.)",
        ),
        Mistake(_copy_of_integers, _INTEGERS),
        Mistake(_entries_of_integers, _INTEGERS),
        Mistake(_frozen, _FROZEN),
        Mistake(
            lambda grad, x0, lr, n: x0 - lr * grad(x0),
            "You take one step, whatever n is.",
        ),
        Mistake(
            _from_the_start,
            "Each of your steps begins at x0 again, so that the last one is all that is left. Where does step k begin?",
        ),
        Mistake(
            _descent(steps=lambda n: range(1, n)),
            "You take one step too few: for n = 1, count how often your loop runs.",
        ),
        Mistake(
            _descent(steps=lambda n: range(n + 1)),
            "You take one step too many: for n = 0, does your loop run at all?",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - g),
            "Your step is the whole gradient: does the code look at lr?",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - g / lr),
            "You divide by lr. A small lr makes small steps.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - lr * g / (_size(g) or 1.0)),
            "All your steps have the same length, lr: you divide by the length of the gradient. Near the lowest point "
            "the gradient is small, and so are the steps of gradient descent; with yours, what happens there?",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - lr * np.sign(g)),
            "You use the signs of the gradient alone. How far to go in each coordinate is in its size.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - lr / (k + 1) * g),
            "Your steps get smaller from one to the next: lr is the same for all of them here.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - lr ** (k + 1) * g),
            "Your lr is multiplied by itself at each step. It is the same for all steps: what grows smaller by itself "
            "is the gradient.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - 2 * lr * g),
            "Your steps are twice as long as asked for. grad gives the gradient, with all its factors in it.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: (1 - lr) * x + lr * g),
            "You mix the point and its gradient, (1 - lr)·x + lr·(...). A step starts at the whole x.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: -lr * g), "Your next point is the step alone. A step starts where you are."
        ),
        Mistake(
            _descent(lambda x, g, lr, k: g),
            "Your next point is the gradient. It is a direction at x, not a place to go to.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - lr * np.sum(g)),
            "You add up the gradient: every coordinate has a slope of its own.",
        ),
        Mistake(
            _averaging,
            "Your steps remember those before (momentum). That is a good idea, and another algorithm.",
        ),
        Mistake(
            _one_by_one,
            "You move one coordinate at a time and ask for a new gradient in between: that is another algorithm, and "
            "costs as many gradients as there are coordinates. One gradient, at one point, moves them all.",
        ),
        Mistake(
            _descent(lambda x, g, lr, k: x - lr * g * (np.arange(len(x)) == 0)),
            "Only the first entry of your point moves. Every coordinate has a slope of its own: print x and grad(x).",
        ),
        Mistake(_until_flat(1e-6), _UNTIL),
        Mistake(_until_flat(1e-8), _UNTIL),
        Mistake(_asks_twice, _PRICE),
        Mistake(_one_more, _PRICE),
        Mistake(
            _descent(end=lambda xs, grad: xs),
            "You give all the points of the way. The last one was asked for.",
        ),
        Mistake(
            _descent(end=lambda xs, grad: xs[-1] - xs[0]),
            "You give how far you came. Asked for is where you are.",
        ),
        Mistake(
            _descent(end=lambda xs, grad: grad(xs[-1])),
            "You give the gradient at the end. It went in; what comes out is the point.",
        ),
        Mistake(
            _descent(end=lambda xs, grad: np.mean(xs, axis=0)),
            "You give the mean of all points of the way. The last one was asked for.",
        ),
    ],
)
