"""Assignment 10, layers that can be undone: 10.4.

The oracle is the way there: the student gets what it leads to, and has to find where it began. One layer stretches a
rounding error by 1 + k/2 at most in both directions, seven of them by some 1e4: 1e-10 of numbers of size 1.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.untouched import Untouched, asked


def layers(x, y, n):
    for k in range(1, n + 1):
        y = y + np.sin(k * x)
        x = x + np.tanh(y) / 2
    return x, y


def coupling_at(x, y, n, question) -> Probe:
    x, y = np.asarray(x, float), np.asarray(y, float)
    above, below = (np.asarray(end) for end in layers(x, y, n))

    def ask(invert_coupling):
        said, changed = asked(lambda x, y: invert_coupling(x, y, n), above, below)
        return [*parts(said, x=above.shape, y=above.shape), changed]

    return Probe(question, ask, Parts(x=Close(x, atol=1e-10), y=Close(y, atol=1e-10), arguments=Untouched()))


def coupling_visible():
    return [
        coupling_at([0.7], [-0.4], 1, "one layer, one number each"),
        coupling_at([0.3, -1.1, 0.9], [0.5, 0.2, -0.8], 1, "one layer, three numbers each"),
        coupling_at([0.3, -1.1, 0.9], [0.5, 0.2, -0.8], 2, "two layers"),
        coupling_at([0.6, -0.2], [0.1, 1.3], 5, "five layers"),
        coupling_at([0.6, -0.2], [0.1, 1.3], 0, "no layer at all"),
    ]


def coupling_hidden(rng):
    for n in (1, 2, 7, int(rng.integers(3, 7))):
        x, y = rng.uniform(-1.2, 1.2, size=(2, int(rng.integers(2, 5))))
        yield coupling_at(x, y, n, f"{n} layer{'s' * (n > 1)}")
    yield coupling_at(*rng.uniform(-1, 1, size=(2, 2, 3)), 3, "three layers of arrays in two dimensions")
    yield coupling_at(*rng.uniform(-1, 1, size=(2, 2)), 0, "no layer at all")


def _undo(
    layer=lambda x, y, k: (x - np.tanh(y) / 2, y - np.sin(k * (x - np.tanh(y) / 2))),
    ks=lambda n: range(n, 0, -1),
    end=lambda x, y: (x, y),
):
    def invert_coupling(x, y, n):
        x, y = np.array(x, float), np.array(y, float)
        for k in ks(n):
            x, y = layer(x, y, k)
        return end(x, y)

    return invert_coupling


def _in_place(x, y, n):
    for k in range(n, 0, -1):
        x -= np.tanh(y) / 2
        y -= np.sin(k * x)
    return x, y


def _swapped(x, y, k):
    """y first."""
    y = y - np.sin(k * x)
    return x - np.tanh(y) / 2, y


_TWO = "Two arrays were asked for: (x, y), as they were before the first layer."

COUPLING = Problem(
    id="10.4",
    title="A reversible layer stores nothing",
    points=2,
    signature="invert_coupling(x, y, n)",
    visible=coupling_visible,
    hidden=coupling_hidden,
    hint="Undo the LAST operation first, with the same k order reversed. Write down one layer, and under it what takes "
    "it back, line by line from below.",
    hints={
        "changed": "The arrays belong to the caller. `x -= ...` writes into x itself; `x = x - ...` makes a new array.",
        "digits": "Nearly: some digits are lost on the way. There is nothing to be solved by iteration here, each line "
        "can be undone exactly.",
        "raised TypeError": "x and y are arrays of one shape: np.sin and np.tanh take them whole, math.sin doesn't.",
    },
    mistakes=[
        Mistake(
            _undo(_swapped),
            "Within a layer you undo y first. x was changed last, with the new y: as long as y is still the new one, "
            "what was added to x can be found again.",
        ),
        Mistake(
            _undo(_swapped, ks=lambda n: range(1, n + 1)),
            "You go through the lines from the top, with minus signs. Shoes and socks: what was put on last comes off "
            "first, in every layer and for the layers.",
        ),
        Mistake(
            _undo(ks=lambda n: range(1, n + 1)),
            "You undo the layers in the order in which they were done. The last one was that of k = n.",
        ),
        Mistake(
            _undo(lambda x, y, k: (x - np.tanh(y) / 2, y - np.sin(k * x))),
            "You undo both lines from the same x. When y is undone x must be what it was when y was changed: the old "
            "one.",
        ),
        Mistake(
            _undo(ks=lambda n: range(n - 1, -1, -1)),
            "Your k runs from n - 1 down to 0. The layers are those of k = 1, ..., n.",
        ),
        Mistake(
            _undo(ks=lambda n: range(n, 1, -1)),
            "Your loop ends before the first layer: range(a, b, -1) stops before it reaches b. Print your k.",
        ),
        Mistake(
            _undo(ks=lambda n: range(n, -1, -1)),
            "Your loop has one round too many: with k = 0 there is no layer. For n = 0, nothing happens.",
        ),
        Mistake(
            _undo(ks=lambda n: [n] * n),
            "Your k is the same in every layer. It runs from 1 to n, and now back.",
        ),
        Mistake(_undo(ks=lambda n: [1] * n), "Your k is 1 in every layer. It runs from 1 to n, and now back."),
        Mistake(_undo(ks=lambda n: [n] if n else []), "You undo one layer. There are n of them."),
        Mistake(
            lambda x, y, n: layers(x, y, n),
            "You do the layers once more. They were to be undone: what do you have to subtract, and in which order?",
        ),
        Mistake(
            _undo(lambda x, y, k: (x + np.tanh(y) / 2, y - np.sin(k * (x + np.tanh(y) / 2)))),
            "The sign in the line of x: what was added has to be subtracted.",
        ),
        Mistake(
            _undo(lambda x, y, k: (x - np.tanh(y) / 2, y + np.sin(k * (x - np.tanh(y) / 2)))),
            "The sign in the line of y: what was added has to be subtracted.",
        ),
        Mistake(
            _undo(lambda x, y, k: (x - np.tanh(y), y - np.sin(k * (x - np.tanh(y))))),
            "The 1/2 is missing from the line of x.",
        ),
        Mistake(
            _undo(lambda x, y, k: (x - np.tanh(y / 2), y - np.sin(k * (x - np.tanh(y / 2))))),
            "The 1/2 has slipped into the tanh: half of tanh(y) was added to x.",
        ),
        Mistake(
            _undo(lambda x, y, k: (x - np.tanh(y) / 2, y - k * np.sin(x - np.tanh(y) / 2))),
            "k stands inside the sine.",
        ),
        Mistake(
            _undo(lambda x, y, k: (2 * np.arctanh(np.clip(x, -0.99, 0.99)), np.arcsin(np.clip(y, -1, 1)) / k)),
            "You invert the functions. They needn't be invertible, and sin is not: to undo x + a subtract a, and a "
            "can be computed again from what hasn't changed.",
        ),
        Mistake(_undo(end=lambda x, y: (y, x)), "Your two answers have changed places: x comes first."),
        Mistake(_undo(end=lambda x, y: x), _TWO),
        Mistake(
            _in_place,
            "You write into the caller's own arrays: print x and y before and after the call. A new array for each "
            "line leaves them alone.",
        ),
    ],
)
