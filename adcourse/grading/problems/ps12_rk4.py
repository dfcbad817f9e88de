"""Assignment 12, a fixed-step RK4: 12.1.

The oracle is the method from its Butcher tableau, with the complex step for its derivative. Tolerance: the steps of the
hidden questions make a rounding some ten times larger, and there are 400 slopes at most: 1e-10 of numbers of size 1.
The observed order is asked for as well, with the logistic equation, whose solution is known: errors of 1e-4 and less,
so that the order shows, and far from rounding.
"""

from __future__ import annotations

import math

import numpy as np

from adcourse.grading.judges import Close, Order, Parts
from adcourse.grading.plain import parts, plain
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps12_fields import (
    CHANGED,
    CLASSICAL,
    EULER,
    HEUN,
    HUNT,
    LAYER,
    MIDPOINT,
    RATES,
    STEP,
    THREE,
    at_the_end,
    growth,
    some_coupled,
    steps,
)
from adcourse.grading.untouched import Untouched, asked

HALF = 1 / 2


def state_at(f, u0, p, T, n, question) -> Probe:
    """The answer, and that neither u0 nor p were changed."""
    u0, p = np.asarray(u0), np.asarray(p)

    def ask(rk4):
        said, changed = asked(lambda u0, p: rk4(f, u0, p, T, n), u0, p)
        return parts((said, changed), u=u0.shape, arguments=())

    right = Close(lambda: at_the_end(f, u0, p, T, n), rtol=1e-10, atol=1e-10)
    return Probe(question, ask, Parts(u=right, arguments=Untouched()))


def slope_at(f, u0, p, v, w, T, n, question) -> Probe:
    """By the complex step through the student's own program: (v, w) is the direction in which u0 and p move."""
    u0, p = np.asarray(u0) + 1j * STEP * np.asarray(v), np.asarray(p) + 1j * STEP * np.asarray(w)

    def ask(rk4):
        end = [complex(number) for number in plain(rk4(f, u0.copy(), p.copy(), T, n)).numbers]
        return parts(([z.real for z in end], [z.imag / STEP for z in end]), u=u0.shape, slope=u0.shape)

    end = at_the_end(f, u0, p, T, n)
    close = {"rtol": 1e-10, "atol": 1e-10}
    return Probe(question, ask, Parts(u=Close(end.real, **close), slope=Close(end.imag / STEP, **close)))


def logistic(u, p):
    return p[0] * u * (1 - u / p[1])


def order_at(u0, r, K, T, n, question) -> Probe:
    """The logistic equation with n, 2n and 4n steps."""

    def ask(rk4):
        return [rk4(logistic, np.array([u0]), np.array([r, K]), T, n * finer) for finer in (1, 2, 4)]

    return Probe(question, ask, Order([K / (1 + (K / u0 - 1) * math.exp(-r * T))], order=4, floor=1e-12))


def rk4_visible():
    hunt = HUNT[0]
    return [
        order_at(0.4, 1.3, 2.0, 2.0, 5, "the logistic equation with 5, 10 and 20 steps: order 4"),
        state_at(growth, [1.0], [-1.0], 1.0, 20, "u' = pu with p = -1, u(0) = 1, 20 steps to T = 1: nearly exp(-1)"),
        state_at(hunt, [1.2, 0.7], RATES, 0.4, 1, "hares and foxes, one step of length 0.4"),
        state_at(hunt, [1.2, 0.7], RATES, 2.0, 15, "hares and foxes, 15 steps to T = 2"),
        state_at(THREE[0], [0.5, -0.8, 1.1], [1.2, -0.7], 1.5, 6, "three unknowns, 6 steps"),
        state_at(hunt, [2, 1], RATES, 1.0, 8, "hares and foxes, from the integers (2, 1)"),
        slope_at(hunt, [1.2, 0.7], RATES, [0.6, -0.4], [0.3, 0.8, -0.5, 0.7], 1.0, 8, "from a complex u0"),
    ]


def rk4_hidden(rng):
    hunt, p = HUNT[0], np.array(RATES)
    yield order_at(*rng.uniform([0.2, 1.0, 1.5], [0.6, 1.5, 3.0]).tolist(), 2.0, 5, "another logistic equation")
    yield state_at(hunt, [1.0, 1.0], p, 10.0, 100, "hares and foxes, 100 steps to T = 10")
    three, layer = some_coupled(rng)[0], LAYER[0]
    u, q = rng.uniform(0.5, 1.5, size=3), rng.uniform(0.5, 1.5, size=2)
    T = float(rng.uniform(1, 2))
    yield state_at(three, u, q, T, int(rng.integers(1, 6)), "three unknowns")
    yield state_at(layer, rng.normal(size=2), rng.normal(size=6), T, int(rng.integers(3, 9)), "a neural ODE")
    yield state_at(hunt, rng.integers(1, 4, size=2), p, T / 2, int(rng.integers(5, 9)), "from integers")
    v, w = rng.normal(size=2), rng.normal(size=4)
    yield slope_at(hunt, rng.uniform(0.7, 1.5, size=2), p, v, w, T, 10, "from a complex u0")


def _rk(rows=CLASSICAL[0], weights=CLASSICAL[1], length=lambda T, n: T / n, count=lambda n: n, start=lambda u: u):
    """Another tableau, steps of another length, another number of them, another start."""

    def rk4(f, u0, p, T, n):
        return steps(lambda u: f(u, p), start(u0), length(T, n), count(n), (rows, weights))[-1]

    return rk4


def _stages(moved):
    """The four stages are told by ``moved``: where each starts, from u, h and the slopes before."""

    def rk4(f, u0, p, T, n):
        u, h = u0, T / n
        for _ in range(n):
            k = []
            for start in moved:
                k.append(f(start(u, h, k), p))
            u = u + h / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3])
        return u

    return rk4


def _moving(f, u0, p, T, n):
    """u moves on before the next slope is taken."""
    u, h = u0, T / n
    for _ in range(n):
        k1 = f(u, p)
        u = u + h / 6 * k1
        k2 = f(u + h / 2 * k1, p)
        u = u + h / 3 * k2
        k3 = f(u + h / 2 * k2, p)
        u = u + h / 3 * k3
        u = u + h / 6 * f(u + h * k3, p)
    return u


def _until(f, u0, p, T, n):
    u, t, h = u0, 0.0, T / n
    while t < T:
        u, t = steps(lambda u: f(u, p), u, h, 1)[-1], t + h
    return u


def _in_place(f, u0, p, T, n):
    h = T / n
    for _ in range(n):
        u0 += steps(lambda u: f(u, p), u0, h, 1)[-1] - u0
    return u0


def _real_rooms(f, u0, p, T, n):
    u, h = np.zeros((n + 1, len(u0))), T / n
    u[0] = u0.real
    for k in range(n):
        u[k + 1] = steps(lambda u: f(u, p), u[k], h, 1)[-1].real
    return u[-1]


def _like_u0(f, u0, p, T, n):
    u = np.zeros((n + 1, len(u0)), dtype=u0.dtype)
    u[0], h = u0, T / n
    for k in range(n):
        u[k + 1] = steps(lambda u: f(u, p), u[k], h, 1)[-1]
    return u[-1]


A = CLASSICAL[0]
_WEIGHTS = (
    "Your four slopes are right, and weighed wrongly. The two in the middle of the step count more than those at its "
    "ends, and all weights together make 1: look at u' = 1, where every slope is 1."
)
_LOWER = (
    "With steps half as long your error gets only {} times smaller; here it should get 16 times smaller. How many "
    "slopes does your step look at, and where?"
)
_COUNT = (
    "The number of your steps is not n: print t after each one. n steps of length T/n lead from 0 to T, and "
    "`for _ in range(n)` needs no t at all, nor a comparison of floats."
)
_REAL = (
    "From a complex u0 your answer has lost its imaginary part. Where do you make an array of floats? It is real for "
    "good, whatever you put into it."
)

RK4 = Problem(
    id="12.1",
    title="A fixed-step RK4",
    points=2,
    signature="rk4(f, u0, p, T, n)",
    visible=rk4_visible,
    hidden=rk4_hidden,
    hint="Halve h: the error must fall 16-fold. Then do one step by hand, with u' = u from 1 and h = 1: the four "
    "slopes are 1, 1.5, 1.75 and 2.75. Print yours.",
    hints={
        "changed": CHANGED,
        "raised UFuncTypeError": "From integers, or with complex numbers, `u += ...` fails: an array keeps its kind of "
        "numbers. `u = u + ...` makes a new one.",
        "raised AttributeError": "u0 and p are NumPy arrays, of floats, of integers or of complex numbers.",
        "raised IndexError": "u0 has as many entries as there are unknowns, one, two or three here; f takes it whole.",
        "infinite": "Your state grows without bound. Is each slope multiplied by h, once?",
        "order": "With steps half as long the error of a method of order 4 gets 16 times smaller, and yours doesn't. "
        "How many slopes does your step look at, where is each taken, and with which weight? (And n steps were asked "
        "for: a solver that chooses its own shows no order.)",
        "raised TypeError": "f takes the state and the parameters: f(u, p).",
    },
    mistakes=[
        Mistake(
            _rk(*EULER), "That is Euler's method: one slope for a step, taken at its start. " + _LOWER.format("two")
        ),
        Mistake(_rk(*HEUN), "That is Heun's method: two slopes for a step. " + _LOWER.format("four")),
        Mistake(_rk(*MIDPOINT), "That is the midpoint rule: two slopes for a step. " + _LOWER.format("four")),
        Mistake(
            _rk(((), (1 / 3,), (-1 / 3, 1.0), (1.0, -1.0, 1.0)), (1 / 8, 3 / 8, 3 / 8, 1 / 8)),
            "That is Kutta's other method, with weights in eighths: of order 4, too. Here the classical one is asked "
            "for, in sixths, so that all mean the same numbers.",
        ),
        Mistake(_rk(A, (1 / 4,) * 4), _WEIGHTS),
        Mistake(_rk(A, (1 / 3, 1 / 6, 1 / 6, 1 / 3)), _WEIGHTS),
        Mistake(_rk(A, (1 / 6,) * 4), _WEIGHTS),
        Mistake(_rk(A, (1 / 6, 1 / 3, 1 / 3, 1 / 3)), _WEIGHTS),
        Mistake(_rk(A, (1 / 6, 1 / 6, 1 / 3, 1 / 3)), _WEIGHTS),
        Mistake(_rk(A, (1.0, 2.0, 2.0, 1.0)), "The weights 1, 2, 2, 1 make 6 together, and should make 1."),
        Mistake(_rk(A, (1 / 8, 1 / 4, 1 / 4, 1 / 8)), _WEIGHTS),
        Mistake(
            _rk(((), (HALF,), (HALF, 0.0), (0.0, 0.0, 1.0))),
            "Your third slope starts from the first one, as the second does. Print k2 and k3: they are the same number "
            "in your step. What is k2 good for, if not to start k3?",
        ),
        Mistake(
            _rk(((), (HALF,), (0.0, HALF), (0.0, 1.0, 0.0))),
            "Your fourth slope starts from the second one. Each of them starts from the one just before.",
        ),
        Mistake(
            _rk(((), (HALF,), (0.0, HALF), (1.0, 0.0, 0.0))),
            "Your fourth slope starts from the first one. Each of them starts from the one just before.",
        ),
        Mistake(
            _rk(((), (HALF,), (HALF, 0.0), (1.0, 0.0, 0.0))),
            "All your slopes start from the first one. Each of them starts from the one just before.",
        ),
        Mistake(
            _rk(((), (HALF,), (0.0, HALF), (0.0, 0.0, HALF))),
            "Your fourth slope is taken in the middle of the step. It is the one at its end.",
        ),
        Mistake(
            _rk(((), (1.0,), (0.0, 1.0), (0.0, 0.0, 1.0))),
            "Your second and third slopes are taken at the end of the step. They are the ones in its middle.",
        ),
        Mistake(
            _rk(((), (1.0,), (0.0, HALF), (0.0, 0.0, 1.0))),
            "Your second slope is taken at the end of the step. It is one of the two in its middle.",
        ),
        Mistake(
            _rk(((), (HALF,), (0.0, 1.0), (0.0, 0.0, 1.0))),
            "Your third slope is taken at the end of the step. It is one of the two in its middle.",
        ),
        Mistake(
            _rk(((), (HALF,), (HALF, HALF), (HALF, HALF, 1.0))),
            "Your slopes pile up: the third starts from u with both slopes before it added. Each starts from u, the "
            "state at the beginning of the step, and one slope.",
        ),
        Mistake(
            _moving,
            "u moves on within the step, before all four slopes are known. Each of them starts from the state at the "
            "beginning of the step: change u once, at its end.",
        ),
        Mistake(
            _stages(
                [
                    lambda u, h, k: u,
                    lambda u, h, k: u + k[0] / 2,
                    lambda u, h, k: u + k[1] / 2,
                    lambda u, h, k: u + k[2],
                ]
            ),
            "Your slopes start from u + k/2, as if a step had length 1. Print where they are taken if h is 0.001.",
        ),
        Mistake(
            _rk(length=lambda T, n: T / (n + 1)),
            "Your steps have length T/(n + 1). n steps end in T if each has length T/n.",
        ),
        Mistake(
            _rk(length=lambda T, n: T / max(n - 1, 1), count=lambda n: n),
            "Your steps have length T/(n - 1): that is the distance of n points with both ends among them, as of "
            "np.linspace(0, T, n). There are n steps, so n + 1 points.",
        ),
        Mistake(
            _rk(length=lambda T, n: T / max(n - 1, 1), count=lambda n: max(n - 1, 1)),
            "You take n - 1 steps: n points with both ends among them, as of np.linspace(0, T, n), have n - 1 steps "
            "between them.",
        ),
        Mistake(_rk(count=lambda n: n - 1), _COUNT),
        Mistake(_rk(count=lambda n: n + 1), _COUNT),
        Mistake(_until, _COUNT),
        Mistake(_rk(length=lambda T, n: -T / n), "You go back in time: the sign of h."),
        Mistake(
            lambda f, u0, p, T, n: steps(lambda u: f(u, p), u0, T / n, n),
            "You give all states. The one at T is asked for, the last.",
        ),
        Mistake(_in_place, CHANGED),
        Mistake(_real_rooms, _REAL),
        Mistake(_rk(start=np.real), _REAL),
        Mistake(
            _like_u0,
            "From the integers (2, 1) your states are integers: an array made like u0 keeps whole numbers, and cuts "
            "off the rest.",
        ),
    ],
)
