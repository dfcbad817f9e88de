"""Assignment 14, four programs for zero: 14.2.

The oracle runs the programs themselves on pairs (value, slope), with a relu that answers s at its kink. Tolerance:
1e-12 of 1 + s², the size of what is added up. Every relu is met at 0, and nowhere else.
"""

from __future__ import annotations

from typing import NamedTuple

from adcourse.grading.judges import Close
from adcourse.grading.plain import entries
from adcourse.grading.problem import Mistake, Probe, Problem

PROGRAMS = {
    "zero1": lambda t, relu: relu(-t) + t - relu(t),
    "zero2": lambda t, relu: relu(t) - relu(relu(t)),
    "zero3": lambda t, relu: relu(-relu(t)),
    "zero4": lambda t, relu: relu(-3 * t) - 3 * relu(-t),
}
KEYS = list(PROGRAMS)


class Pair(NamedTuple):
    """A value and its slope, as forward mode carries them."""

    value: float
    slope: float

    def __add__(self, other):
        return Pair(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        return self + -1 * other

    def __rmul__(self, number):
        return Pair(number * self.value, number * self.slope)

    def __neg__(self):
        return -1 * self


def slopes(s, program=PROGRAMS.get, relu=None) -> dict[str, float]:
    """What the chain rule makes of each program at t = 0."""
    relu = relu or (lambda t: Pair(max(t.value, 0.0), (s if t.value == 0 else t.value > 0) * t.slope))
    return {key: float(program(key)(Pair(0.0, 1.0), relu).slope) for key in KEYS}


def kink_at(s, question) -> Probe:
    judge = Close(lambda: list(slopes(s).values()), atol=1e-12 * (1 + s * s), labels=KEYS)
    return Probe(question, lambda ad_at_kink: entries(ad_at_kink(s), KEYS), judge)


def kinks_visible():
    return [
        kink_at(0.0, "s = 0: zero1 gets slope 1, although it is 0 for every t"),
        kink_at(0.75, "s = 0.75"),
        kink_at(1, "s = 1"),
    ]


def kinks_hidden(rng):
    for s in (0.5, 1, 0.3, 0, -0.4):
        yield kink_at(s, f"s = {s:g}")
    for _ in range(2):
        yield kink_at(float(rng.uniform(0, 1)), "another s between 0 and 1")
    yield kink_at(float(rng.uniform(2, 5)), "an s that no relu has")


def _with(**wrong):
    """The dict, with some entries computed otherwise from s."""
    return lambda s: slopes(s) | {key: rule(s) for key, rule in wrong.items()}


def _fixed(at):
    return lambda s: slopes(at)


def _inside(t, three):
    """The programs with other factors inside of relu, in place of -1 and -3."""
    other = {
        "zero1": lambda x, relu: relu(t * x) + x - relu(x),
        "zero3": lambda x, relu: relu(t * relu(x)),
        "zero4": lambda x, relu: relu(three * x) - 3 * relu(t * x),
    }
    return lambda s: slopes(s, program=(PROGRAMS | other).get)


_DOUBLE = (
    "A relu of a relu meets its kink twice: the inner one hands its slope to the outer one, which has something to do "
    "with it too. Write h = relu(t), then relu(h), and the chain rule for the two. What does it do with two slopes?"
)
_SIGN = "Watch the sign in front of a relu, outside of it: -relu(t) is minus one times what relu(t) gives."

AT_KINK = Problem(
    id="14.2",
    title="Programs for zero",
    points=3,
    signature="ad_at_kink(s)",
    visible=kinks_visible,
    hidden=kinks_hidden,
    hint="relu(-t) contributes -s.",
    mistakes=[
        Mistake(
            lambda s: dict.fromkeys(KEYS, 0.0),
            "0 is the derivative of the function, which is 0 everywhere. Asked for is what the chain rule returns, and "
            "it sees the operations of the program one by one. Take zero1 with s = 0: three terms, three slopes.",
        ),
        Mistake(
            _inside(t=1, three=3),
            "What stands inside of a relu has a slope too: that of -t is not 1. Move t to the right: which way does "
            "-t move?",
        ),
        Mistake(
            _inside(t=-1, three=-1),
            "-3t runs three times as fast as -t, and the chain rule counts that. Which of the four programs has a 3 "
            "inside of a relu?",
        ),
        Mistake(
            lambda s: slopes(s, relu=lambda t: Pair(0.0, s)),
            "Each relu gives s with you, whatever stands inside. The chain rule multiplies with the slope of what "
            "stands inside: what are the slopes of -t, of -3t, of relu(t)?",
        ),
        Mistake(
            _fixed(0.0), "Your answers don't depend on s: you have taken 0 for it, as jax.nn.relu does. Try s = 0.3."
        ),
        Mistake(
            _fixed(0.5), "Your answers don't depend on s: you have taken 1/2 for it, as jnp.maximum does. Try s = 0.3."
        ),
        Mistake(
            _fixed(1.0),
            "You take relu for t itself, whose slope is 1. That is so for t > 0. At 0 the system's answer is s.",
        ),
        Mistake(_with(zero1=lambda s: -2 * s), "The t that stands alone in zero1 has a slope as well."),
        Mistake(
            _with(zero1=lambda s: 1.0),
            "In zero1 your two relus cancel. One of them is added and one subtracted, but one of them runs backwards: "
            "put the three slopes of the three terms in a row before you add.",
        ),
        Mistake(
            _with(zero1=lambda s: 1 + 2 * s), "In zero1 the last relu is subtracted, the first one runs backwards."
        ),
        Mistake(_with(zero2=lambda s: 0.0, zero3=lambda s: -s), _DOUBLE),
        Mistake(_with(zero2=lambda s: 0.0), _DOUBLE),
        Mistake(_with(zero3=lambda s: -s), _DOUBLE),
        Mistake(_with(zero2=lambda s: -s, zero3=lambda s: -2 * s), _DOUBLE + " It does not add them."),
        Mistake(_with(zero2=lambda s: s - 2 * s), _DOUBLE + " It does not add them."),
        Mistake(_with(zero3=lambda s: s * s), _SIGN),
        Mistake(_with(zero2=lambda s: s + s * s), _SIGN),
        Mistake(
            _with(zero4=lambda s: -6 * s), "In zero4 the second term is subtracted, and it runs backwards as well."
        ),
        Mistake(
            _with(zero3=lambda s: 0.0),
            "zero3 is a relu of a number that is never positive; that is no reason for its slope to be 0. At t = 0 the "
            "number is 0 itself, and there the system's answer is s.",
        ),
    ],
)
