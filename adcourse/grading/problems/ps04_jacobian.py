"""Assignment 4, a Jacobian by sweeps: 4.2.

The oracle is the complex step. Tolerance: a dozen operations on numbers of size 1, so 1e-12. The functions are asked
with the student's own numbers, so they use no more than assignment 4.1 has; no slope is a number that they hold.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Exact, Parts
from adcourse.grading.meters import counted
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem

STEP = 1e-30


def pushed(f, x, v) -> np.ndarray:
    """J v of a list-valued f of a list, in one evaluation."""
    return np.array([complex(y).imag / STEP for y in f([complex(a, STEP * b) for a, b in zip(x, v, strict=True)])])


def complex_jacobian(f, x) -> np.ndarray:
    return np.column_stack([pushed(f, x, e) for e in np.eye(len(x))])


def jacobian_of(f, x, question) -> Probe:
    m, n = len(f(list(x))), len(x)

    def ask(jacobian_forward):
        counting, calls = counted(f)
        return parts((jacobian_forward(counting, list(x)), calls()), jacobian=(m, n), calls=())

    sweeps = f"f was not evaluated once for each input, {n} times in all"
    judge = Parts(jacobian=Close(lambda: complex_jacobian(f, x), rtol=1e-12, atol=1e-12), calls=Exact(n, says=sweeps))
    return Probe(question, ask, judge)


def hill(v):
    x, y = v
    return [x * x * y, 5 * x + np.sin(y)]


def curve(v):
    (t,) = v
    return [t * t, np.exp(-t), 1 / (1 + t)]


def height(v):
    x, y, z = v
    return [x * y / z + np.sqrt(x)]


def one_at_rest(v):
    x, y = v
    return [x * y, 3.0, y / x]


def jacobian_visible():
    return [
        jacobian_of(hill, [2.0, 0.0], "f(x, y) = (x²y, 5x + sin y) at (2, 0): [[0, 4], [5, 1]]"),
        jacobian_of(hill, [1.5, 0.7], "the same f at (1.5, 0.7)"),
        jacobian_of(curve, [0.5], "three results of one input: 3 × 1"),
        jacobian_of(height, [4.0, 2.0, 0.5], "one result of three inputs: 1 × 3"),
        jacobian_of(one_at_rest, [2.0, 3.0], "a result that is the number 3, wherever you are"),
    ]


def jacobian_hidden(rng):
    p = rng.uniform(0.5, 1.5, size=5).tolist()

    def five(v):
        x, y, z = v
        return [
            np.sin(p[0] * x * y),
            np.exp(p[1] * y) / (2 + z),
            p[2],
            x**3 * np.log(z * p[3] + 1),
            2 - y * z * np.sqrt(p[4] + x),
        ]

    def looped(v):
        u, w = v[0], v[1]
        for k in range(4):
            u, w = np.sin(u) + w / (k + 2), u * w + v[2] / (k + 2)
        return [u, w]

    def chain(v):
        return [np.exp(-v[k] * v[k + 1]) for k in range(len(v) - 1)]

    yield jacobian_of(five, rng.uniform(0.5, 1.5, size=3).tolist(), "five results of three inputs, one of them at rest")
    yield jacobian_of(looped, rng.uniform(0.5, 1.0, size=3).tolist(), "two results of three inputs, with a loop")
    yield jacobian_of(chain, rng.uniform(0.5, 1.5, size=7).tolist(), "six results of seven inputs")
    yield jacobian_of(curve, rng.uniform(0.5, 1.5, size=1).tolist(), "a curve")
    yield jacobian_of(lambda v: [2.0, np.sin(v[0]) / 3], [float(rng.uniform(0.5, 1))], "one result at rest, first")


def _swept(seeds):
    """The columns that sweeps with the seeds seeds(x) bring."""
    return lambda f, x: np.column_stack([pushed(f, x, v) for v in seeds(x)])


def _again(more):
    """The right Jacobian after more(n, m) sweeps in all."""

    def jacobian_forward(f, x):
        J = complex_jacobian(f, x)
        for _ in range(more(len(x), len(J)) - len(x)):
            f(x)
        return J

    return jacobian_forward


def _differences(f, x):
    base, h = np.array(f(x), dtype=float), 1e-7
    return np.column_stack([(np.array(f((np.array(x) + h * e).tolist())) - base) / h for e in np.eye(len(x))])


def _all_at_once(f, x):
    """The right Jacobian by one evaluation: each input is an array, with an entry for each sweep."""
    said = f([value + 1j * STEP * e for value, e in zip(x, np.eye(len(x)), strict=True)])
    return np.array([np.imag(y) / STEP + np.zeros(len(x)) for y in said])


JACOBIAN = Problem(
    id="4.2",
    title="Jacobian, one column per sweep",
    points=3,
    signature="jacobian_forward(f, x)",
    visible=jacobian_visible,
    hidden=jacobian_hidden,
    hint="A sweep with tangent e_i gives column i.",
    hints={
        "digits": "Right in the first digits is what a difference quotient brings. A sweep has no step at all.",
        "raised AttributeError": "Is one of the results of f a plain number? Nothing moved it, so it came back as it "
        "was, without an ε. What is its derivative?",
        "calls": "Your function goes on evaluating f. How many inputs are there?",
    },
    mistakes=[
        Mistake(
            lambda f, x: complex_jacobian(f, x).T,
            "Your Jacobian lies on its side: it has a row for each result and a column for each input. A sweep brings "
            "a column; where did you put it?",
        ),
        Mistake(
            _swept(lambda x: np.ones((len(x), len(x)))),
            "All your columns are alike: every input moves in every sweep. What should move in the first?",
        ),
        Mistake(
            lambda f, x: pushed(f, x, [1.0] * len(x)),
            "One sweep with all inputs moving brings one number for each result: the sum of its row. Which of the "
            "inputs has to stand still, to see what the other does?",
        ),
        Mistake(
            _swept(lambda x: np.tri(len(x))),
            "The inputs that moved in the sweeps before go on moving. Print the tangents that you put into the last "
            "sweep.",
        ),
        Mistake(
            _swept(lambda x: np.diag(x)),
            "The tangents that you put in are the values of x themselves. The question is: how fast, when that input "
            "moves at speed 1?",
        ),
        Mistake(
            lambda f, x: np.column_stack([np.real(f(x)) for _ in x]),
            "These are the values of f. The derivatives are the other half of the dual numbers that come back.",
        ),
        Mistake(
            lambda f, x: complex_jacobian(f, x)[0],
            "One number for each input came back: that is one row, the gradient of a single result, or of their sum. A "
            "sweep moves all results: read every one of them.",
        ),
        Mistake(
            lambda f, x: complex_jacobian(f, x)[:, ::-1],
            "Your columns are in the opposite order: the first is that of the first input.",
        ),
        Mistake(
            lambda f, x: np.abs(complex_jacobian(f, x)),
            "Your entries have no signs. A result may fall when an input grows.",
        ),
        Mistake(
            _differences,
            "Right in the first digits is what a difference quotient brings. A sweep of dual numbers has no step.",
        ),
        Mistake(
            _all_at_once,
            "Your Jacobian is right, and f was evaluated once: all tangents travelled together (vector forward mode, "
            "or a tape). Here the sweeps are asked for, one after the other.",
        ),
        Mistake(
            _again(lambda n, m: n + 1),
            "Your Jacobian is right, and you evaluate f once more than there are inputs. What does that evaluation "
            "tell that the sweeps do not? (The number of results, the values?)",
        ),
        Mistake(
            _again(lambda n, m: 2 * n),
            "Your Jacobian is right, with two evaluations for each input. A dual number brings value and tangent at "
            "once: what is the second for?",
        ),
        Mistake(
            _again(lambda n, m: m * n),
            "Your Jacobian is right, with one evaluation for each entry. One sweep brings a whole column: you throw "
            "all of it away but one number.",
        ),
    ],
)
