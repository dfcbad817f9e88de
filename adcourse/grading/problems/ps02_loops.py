"""Assignment 2, derivatives without a formula: 2.3 and 2.4.

The logistic map has a closed form, l_n = sin²(2^(n-1) θ) with x = sin² θ. The map doubles an error in each step, so
after n steps a right answer is off by some 2^n roundings: the tolerance is 2^(n-1) times 1e-14, for the slope, which
grows like 2^n itself, relative to 2^n. For the Babylonian root, a handful of steps of rational arithmetic on numbers of
size 1, it is 1e-12; the oracle runs the recursion in exact fractions, on a number with its derivative beside it.
"""

from __future__ import annotations

import math
from fractions import Fraction

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem

# --- 2.3 ---------------------------------------------------------------------------------------------------------


def closed_form(n, x):
    theta = math.asin(math.sqrt(x))
    return math.sin(2 ** (n - 1) * theta) ** 2, 2 ** (n - 1) * math.sin(2**n * theta) / math.sin(2 * theta)


def logistic_at(n, x, question) -> Probe:
    size = 2.0 ** (n - 1)
    tolerance = [1e-14 * size, 1e-13 * size * size]
    return Probe(question, lambda logistic_pair: logistic_pair(n, x), Close(lambda: closed_form(n, x), atol=tolerance))


def logistic_visible():
    return [
        logistic_at(4, 0.2, "logistic_pair(4, 0.2): (0.28901376, 9.0660864)"),
        logistic_at(1, 0.3, "logistic_pair(1, 0.3), where l_1 = x: (0.3, 1)"),
        logistic_at(2, 0.3, "logistic_pair(2, 0.3): (0.84, 1.6)"),
        logistic_at(3, 0.15, "logistic_pair(3, 0.15)"),
    ]


def logistic_hidden(rng):
    for n in (1, 2, 3, 5, 8, 12):
        yield logistic_at(n, float(rng.uniform(0.05, 0.45)), f"n = {n}")
    # l_k of x = 3/4 stays there, and its slope is (-2)^(n-1): no rounding even after 40 steps.
    fixed = (0.75, (-2.0) ** 39)
    yield Probe("n = 40, at the fixed point", lambda f: f(40, 0.75), Close(fixed, rtol=1e-12))


def _logistic(slope, first=(lambda x: x, lambda x: 1.0), rounds=lambda n: n - 1):
    def pair(n, x):
        value, speed = first[0](x), first[1](x)
        for _ in range(rounds(n)):
            after = 4 * value * (1 - value)
            value, speed = after, slope(value, after, speed)
        return value, speed

    return pair


def _quotient(n, x):
    def run(x):
        for _ in range(n - 1):
            x = 4 * x * (1 - x)
        return x

    return run(x), (run(x + 1e-7) - run(x - 1e-7)) / 2e-7


LOGISTIC = Problem(
    id="2.3",
    title="Derivative without the formula",
    points=3,
    signature="logistic_pair(n, x)",
    visible=logistic_visible,
    hidden=logistic_hidden,
    hint="Update both numbers from the OLD pair.",
    mistakes=[
        Mistake(
            _logistic(lambda old, new, speed: 4 * (1 - 2 * new) * speed),
            "Your slope is taken at the l that has just been updated. For n = 2 at x = 0.3 do it by hand: which l "
            "stands in 4(1 - 2l)?",
        ),
        Mistake(
            _logistic(lambda old, new, speed: 4 * (1 - 2 * old)),
            "Your slope forgets what came before: each round multiplies the slope it has been handed. Chain rule.",
        ),
        Mistake(
            _logistic(lambda old, new, speed: 4 * (1 - old) * speed),
            "In 4 l (1 - l) the l stands twice, and both move. The slope of l - l² is not 1 - l.",
        ),
        Mistake(
            _logistic(lambda old, new, speed: -4 * speed),
            "You multiplied the derivatives of the two factors. Product rule.",
        ),
        Mistake(
            _logistic(lambda old, new, speed: (1 - 2 * old) * speed),
            "The factor 4 is missing in the slope.",
        ),
        Mistake(
            _logistic(lambda old, new, speed: 4 * (1 - 2 * old) + speed),
            "You add the slopes of the rounds. Rounds follow one another: their slopes multiply.",
        ),
        Mistake(
            _logistic(lambda old, new, speed: 4 * (1 - 2 * old) * speed, rounds=lambda n: n),
            "One round too many: l_1 is x itself, so l_n takes n - 1 rounds.",
        ),
        Mistake(
            _logistic(lambda old, new, speed: 4 * (1 - 2 * old) * speed, first=(lambda x: x, lambda x: 0.0)),
            "Your slope starts at 0 and stays there. How fast does l_1 = x move when x does?",
        ),
        Mistake(
            _logistic(lambda old, new, speed: 4 * (1 - 2 * old) * speed, first=(lambda x: x, lambda x: x)),
            "Your slope starts at x. It starts at dl_1/dx, and l_1 = x.",
        ),
        Mistake(
            _quotient,
            "That is a difference quotient: nearly right, and worse with every round. Carry the slope along in the "
            "loop instead.",
        ),
        Mistake(
            lambda n, x: _logistic(lambda old, new, speed: 4 * (1 - 2 * old) * speed)(n, x)[::-1],
            "Your pair has changed places: first the value, then the derivative.",
        ),
    ],
)


# --- 2.4 ---------------------------------------------------------------------------------------------------------


def exact(x, N):
    """Value and derivative after N steps, in fractions: t and t' of t <- (t + x/t) / 2 from (1 + x) / 2."""
    x = Fraction(x)
    t, slope = (1 + x) / 2, Fraction(1, 2)
    for _ in range(N - 1):
        t, slope = (t + x / t) / 2, (slope + 1 / t - x * slope / t**2) / 2
    return float(t), float(slope)


def babylonian_at(x, N, question, expected=None) -> Probe:
    judge = Close(expected or (lambda: exact(x, N)), rtol=1e-12, atol=1e-13)
    return Probe(question, lambda babylonian_pair: babylonian_pair(x, N), judge)


def babylonian_visible():
    return [
        babylonian_at(2.0, 10, "babylonian_pair(2, 10): (√2, 1/(2√2))", (math.sqrt(2), 0.5 / math.sqrt(2))),
        babylonian_at(9.0, 12, "babylonian_pair(9, 12): (3, 1/6)", (3.0, 1 / 6)),
        babylonian_at(2.0, 1, "babylonian_pair(2, 1), the start t_1 = (1 + x)/2: (1.5, 0.5)"),
        babylonian_at(2.0, 2, "babylonian_pair(2, 2): (17/12, 13/36)", (17 / 12, 13 / 36)),
    ]


def babylonian_hidden(rng):
    for N in (1, 2, 3, 4):
        yield babylonian_at(float(rng.uniform(2, 9)), N, f"N = {N}, before it has converged")
    x = float(rng.uniform(0.2, 0.8))
    yield babylonian_at(x, 2, "N = 2, x below 1")
    x = float(rng.uniform(10, 50))
    yield babylonian_at(x, 14, "N = 14", (math.sqrt(x), 0.5 / math.sqrt(x)))


def _babylonian(slope, start=0.5, rounds=lambda N: N - 1, first=lambda x: (1 + x) / 2):
    def pair(x, N):
        t, speed = first(x), start
        for _ in range(rounds(N)):
            after = (t + x / t) / 2
            t, speed = after, slope(t, after, x, speed)
        return t, speed

    return pair


_RIGHT = lambda t, new, x, d: (d + 1 / t - x * d / t**2) / 2

BABYLONIAN = Problem(
    id="2.4",
    title="Babylonian square root",
    points=3,
    signature="babylonian_pair(x, N)",
    visible=babylonian_visible,
    hidden=babylonian_hidden,
    hint="Check N=1 and N=2 by hand.",
    mistakes=[
        Mistake(
            _babylonian(_RIGHT, start=0.0),
            "Your derivative starts at 0. It converges all the same, so large N don't show it; but t_1 = (1 + x)/2 "
            "moves when x does. Look at N = 1.",
        ),
        Mistake(
            _babylonian(_RIGHT, start=1.0),
            "Your derivative starts at 1. Look at N = 1: how fast does t_1 = (1 + x)/2 move?",
        ),
        Mistake(
            _babylonian(lambda t, new, x, d: (d + 1 / t) / 2),
            "In x/t the t moves too: the quotient rule has a second term. By hand for N = 2.",
        ),
        Mistake(
            _babylonian(lambda t, new, x, d: (d - x * d / t**2) / 2),
            "In x/t the x moves too, not only the t. By hand for N = 2.",
        ),
        Mistake(
            _babylonian(lambda t, new, x, d: (d + 1 / t + x * d / t**2) / 2),
            "The sign of the second term: what happens to x/t when t grows?",
        ),
        Mistake(
            _babylonian(lambda t, new, x, d: d + 1 / t - x * d / t**2),
            "The half in front of (t + x/t)/2 belongs to the derivative too.",
        ),
        Mistake(
            _babylonian(lambda t, new, x, d: (d + 1 / new - x * d / new**2) / 2),
            "Your derivative uses the t that has just been updated. Both new numbers come from the old pair.",
        ),
        Mistake(
            _babylonian(_RIGHT, rounds=lambda N: N),
            "One step too many: t_1 is the start, so t_N takes N - 1 steps. Look at N = 1.",
        ),
        Mistake(
            lambda x, N: (_babylonian(_RIGHT)(x, N)[0], 0.5 / math.sqrt(x)),
            "You return the derivative of the square root itself. Asked for is that of what the loop returns after N "
            "steps, and for N = 2 they differ.",
        ),
        Mistake(
            lambda x, N: (math.sqrt(x), 0.5 / math.sqrt(x)),
            "You return the limit of the loop. Asked for are its value and derivative after N steps: look at N = 1.",
        ),
        Mistake(
            lambda x, N: (_babylonian(_RIGHT)(x, N)[0], 0.5 / _babylonian(_RIGHT)(x, N)[0]),
            "1/(2t) would be right if t were the root already. Differentiate the loop: by hand for N = 2.",
        ),
        Mistake(
            _babylonian(_RIGHT, first=lambda x: x, start=1.0),
            "The loop starts from t_1 = (1 + x)/2, yours from x. It converges all the same; look at N = 1.",
        ),
        Mistake(
            _babylonian(_RIGHT, first=lambda x: 1.0, start=0.0),
            "The loop starts from t_1 = (1 + x)/2, yours from 1. It converges all the same; look at N = 1.",
        ),
    ],
)
