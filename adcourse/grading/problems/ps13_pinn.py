"""Assignment 13, the residual of a network in an equation: 13.5.

The oracle is arithmetic with truncated series: that of the network by the recurrence of tanh, times that of x(1 - x).
Tolerance: 5e-10 of the largest residual, or of the source. Exact second derivatives are off by 1e-14, and differences
of exact first ones by some 1e-10, which is accurate enough; a second difference of values keeps seven digits at best.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.untouched import Untouched, asked


def residual(W, x):
    """By series in t at each point x + t, to t²: of tanh(wx + b), of the network, and of its product with x(1 - x)."""
    (w, b, v), x = W, x[:, None]
    t0 = np.tanh(w * x + b)
    t1 = w * (1 - t0 * t0)  # the series of tanh(z): its derivative is z' (1 - tanh²)
    t2 = -w * t0 * t1
    N = [(t * v).sum(axis=1) for t in (t0, t1, t2)]
    x = x[:, 0]
    g = x * (1 - x), 1 - 2 * x, -1.0
    u2 = g[0] * N[2] + g[1] * N[1] + g[2] * N[0]
    return 2 * u2 + np.pi**2 * np.sin(np.pi * x)


def residual_at(W, x, question) -> Probe:
    W, x = np.asarray(W, float), np.asarray(x, float)

    def ask(pinn_residual):
        said, changed = asked(pinn_residual, W, x)
        return [*parts((said,), residual=x.shape), changed]

    expected = residual(W, x)
    judge = Parts(
        residual=Close(expected, atol=5e-10 * max(10.0, float(np.abs(expected).max()))), arguments=Untouched()
    )
    return Probe(question, ask, judge)


def residual_visible():
    W = [[1.3, -0.8, 2.1], [0.4, 0.9, -1.2], [0.7, -1.6, 1.1]]
    return [
        residual_at([[1.3, -0.8], [0.4, 0.9], [0.0, 0.0]], [0.2, 0.5, 0.9], "v = 0, a network that is zero everywhere"),
        residual_at([[0.0], [0.6], [1.5]], [0.2, 0.5, 0.9], "w = 0, a network that is constant"),
        residual_at([[2.0], [-0.7], [1.5]], [0.3], "one neuron, one point"),
        residual_at(W, [0.1, 0.35, 0.6, 0.85], "three neurons, four points"),
        residual_at(W, [0.0, 1.0], "the same at the two ends, where x(1 - x) is 0"),
    ]


def residual_hidden(rng):
    for m, points, words in ((6, 9, "nine points"), (1, 3, "one neuron"), (4, 1, "one point"), (3, 3, "m = 3, k = 3")):
        W = rng.uniform(0.4, 2.2, size=(3, m)) * rng.choice([-1, 1], size=(3, m))
        yield residual_at(W, rng.uniform(0.05, 0.95, size=points), words)
    yield residual_at(rng.normal(size=(3, 5)), [1.0, 0.0], "the two ends")
    yield residual_at(rng.normal(size=(3, 5)) * [[1], [1], [0]], rng.uniform(size=4), "a network that is zero")


def _network(W, x):
    """N, N', N'' at the points."""
    (w, _, v), t = W, np.tanh(np.multiply.outer(x, W[0]) + W[1])
    s = 1 - t * t
    return t @ v, s @ (v * w), (-2 * t * s) @ (v * w * w)


def _source(x):
    return np.pi**2 * np.sin(np.pi * x)


def _with(second=None, source=_source, N=_network, end=lambda r: r):
    """``second(x, N, N', N'')`` is what the student takes for u''."""
    second = second or _right
    return lambda W, x: end(second(x, *N(W, x)) + source(x))


def _right(x, N, N1, N2):
    return x * (1 - x) * N2 + 2 * (1 - 2 * x) * N1 - 2 * N


def _changed(
    first=lambda t, w: (1 - t * t) * w, second=lambda t, w: -2 * t * (1 - t * t) * w * w, b=1.0, rows=(0, 1, 2)
):
    """The network with other derivatives of its layer."""

    def network(W, x):
        w, bias, v = (W[k] for k in rows)
        t = np.tanh(np.multiply.outer(x, w) + b * bias)
        return t @ v, first(t, w) @ v, second(t, w) @ v

    return _with(N=network)


def _quotient(h, central):
    def u(W, x):
        return x * (1 - x) * (np.tanh(np.multiply.outer(x, W[0]) + W[1]) @ W[2])

    def pinn_residual(W, x):
        if central:
            return (u(W, x + h) - 2 * u(W, x) + u(W, x - h)) / h**2 + _source(x)
        return (u(W, x + 2 * h) - 2 * u(W, x + h) + u(W, x)) / h**2 + _source(x)

    return pinn_residual


_PRODUCT = (
    "A product of two functions has three terms in its second derivative. Try it with x·x: what do the terms "
    "that you have give, and what is the second derivative?"
)
_TANH = (
    "The derivatives of the layer: with the chain rule each of them brings a factor. Take one neuron, tanh(2x - 0.7), "
    "and compare your N' and N'' at x = 0.3 with difference quotients."
)
_SOURCE = "The source: put u = sin(πx) into u'' + (source), by hand. It has to vanish, for this is the exact solution."
_QUOTIENT = (
    "A second difference: right in its first digits, and the residual of a trained network is made of those that are "
    "lost. The rule for a second derivative of x(1 - x)N(x) takes three lines; or let numbers carry it along."
)
_BOUNDARY = (
    "The factor x(1 - x) is there to make u vanish at both ends, whatever the weights: what is your u at x = 0 and at "
    "x = 1?"
)

PINN = Problem(
    id="13.5",
    title="A PINN residual with hard boundary conditions",
    points=4,
    signature="pinn_residual(W, x)",
    visible=residual_visible,
    hidden=residual_hidden,
    hint="u''=gN''+2g'N'+g''N. Compute each of the factors at one point, by hand, for one neuron.",
    hints={
        "changed": "W and x belong to the caller: print them before and after. `x += h` writes into x itself.",
        "digits": _QUOTIENT,
    },
    mistakes=[
        Mistake(_with(lambda x, N, N1, N2: x * (1 - x) * N2 - 2 * N), f"There is no N' in your u''. {_PRODUCT}"),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2 + (1 - 2 * x) * N1 - 2 * N),
            f"The term with N' is half as large as it should be. {_PRODUCT}",
        ),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2 + 2 * (1 - 2 * x) * N1),
            f"There is no N itself in your u''; for a constant network that is all there is. {_PRODUCT}",
        ),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2),
            f"You differentiate N alone, and take x(1 - x) for a constant factor. {_PRODUCT}",
        ),
        Mistake(_with(lambda x, N, N1, N2: -2 * N2), f"The product of two second derivatives. {_PRODUCT}"),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2 + 2 * (1 - 2 * x) * N1 + 2 * N),
            "The sign of the term with N: what is the second derivative of x(1 - x)?",
        ),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2 + 2 * (1 - 2 * x) * N1 - N),
            "The term with N is half as large as it should be: what is the second derivative of x(1 - x)?",
        ),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2 + 2 * (1 - x) * N1 - 2 * N),
            "The slope of x(1 - x): at x = 1/2 it is zero. Is yours?",
        ),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2 + 2 * (1 + 2 * x) * N1 - 2 * N),
            "The slope of x(1 - x): at x = 1/2 it is zero. Is yours?",
        ),
        Mistake(
            _with(lambda x, N, N1, N2: x * (1 - x) * N2 - 2 * (1 - 2 * x) * N1 - 2 * N),
            "The sign of the term with N': near x = 0, does x(1 - x) rise or fall?",
        ),
        Mistake(_with(lambda x, N, N1, N2: x * (1 - x) * N1 + (1 - 2 * x) * N), "That is u' where u'' belongs."),
        Mistake(_with(lambda x, N, N1, N2: x * (1 - x) * N), "That is u itself where u'' belongs."),
        Mistake(_with(lambda x, N, N1, N2: N2), f"You differentiate the network, not u. {_BOUNDARY}"),
        Mistake(_with(lambda x, N, N1, N2: x * N2 + 2 * N1), _BOUNDARY),
        Mistake(_with(lambda x, N, N1, N2: (1 - x) * N2 - 2 * N1), _BOUNDARY),
        Mistake(_with(source=lambda x: -_source(x)), _SOURCE),
        Mistake(_with(source=lambda x: 0 * x), f"There is no source in your residual. {_SOURCE}"),
        Mistake(_with(source=lambda x: np.sin(np.pi * x)), _SOURCE),
        Mistake(_with(source=lambda x: np.pi * np.sin(np.pi * x)), _SOURCE),
        Mistake(_with(source=lambda x: np.pi**2 * np.sin(x)), _SOURCE),
        Mistake(
            _with(lambda x, *N: -_right(x, *N)), "The sign of your u'', against that of the source: u'' + π² sin πx."
        ),
        Mistake(
            _with(lambda x, *N: -_right(x, *N), source=lambda x: -_source(x)),
            "Everything has the opposite sign: -u'' = π² sin πx is the same equation, and the residual asked for is "
            "u'' + π² sin πx.",
        ),
        Mistake(_changed(first=lambda t, w: 1 - t * t), f"A factor is missing from N'. {_TANH}"),
        Mistake(_changed(second=lambda t, w: -2 * t * (1 - t * t) * w), f"A factor is missing from N''. {_TANH}"),
        Mistake(_changed(second=lambda t, w: -2 * t * (1 - t * t)), f"Factors are missing from N''. {_TANH}"),
        Mistake(
            _changed(first=lambda t, w: 1 - t * t, second=lambda t, w: -2 * t * (1 - t * t)),
            f"Factors are missing from N' and from N''. {_TANH}",
        ),
        Mistake(_changed(second=lambda t, w: 2 * t * (1 - t * t) * w * w), f"The sign of N''. {_TANH}"),
        Mistake(
            _changed(second=lambda t, w: -t * (1 - t * t) * w * w), f"N'' is half as large as it should be. {_TANH}"
        ),
        Mistake(_changed(second=lambda t, w: -2 * t * w * w), f"The second derivative of tanh. {_TANH}"),
        Mistake(
            _changed(second=lambda t, w: ((1 - t * t) * w) ** 2),
            f"Your N'' is made of squares of first derivatives. {_TANH}",
        ),
        Mistake(_changed(b=0.0), "The second row of W, b, has no part in your network: N(x) = Σ v tanh(wx + b)."),
        Mistake(
            lambda W, x: residual(np.stack([W[0], W[1], 0 * W[2] + 1]), x),
            "The third row of W, v, has no part in your network: N(x) = Σ v tanh(wx + b).",
        ),
        Mistake(
            lambda W, x: residual(np.stack([W[0], W[1], W[2] / len(W[2])]), x),
            "You take the mean over the neurons, where the sum was asked for.",
        ),
        Mistake(_changed(rows=(1, 0, 2)), "w and b have changed places: w is the first row of W, and stands beside x."),
        Mistake(_changed(rows=(0, 2, 1)), "b and v have changed places: b is the second row of W, v the third."),
        Mistake(_changed(rows=(2, 1, 0)), "w and v have changed places: w is the first row of W, and stands beside x."),
        Mistake(
            _with(end=lambda r: r**2),
            "That is the square of the residual. A loss is made of squares; asked for is what is squared.",
        ),
        Mistake(
            _with(end=lambda r: np.mean(r**2)), "One number came back, the loss. Asked for is the residual at each x."
        ),
        Mistake(_with(end=lambda r: np.sum(r)), "One number came back, the loss. Asked for is the residual at each x."),
        Mistake(_with(end=lambda r: abs(r)), "You take absolute values. A residual has a sign."),
        Mistake(
            _with(
                source=lambda x: 0 * x,
                end=lambda r: r + 0 * r,
                second=lambda x, *N: np.stack([_right(x, *N), _source(x)]),
            ),
            "Two arrays came back, u'' and the source: which number says how far u is from being a solution?",
        ),
        Mistake(_quotient(1e-4, True), _QUOTIENT),
        Mistake(_quotient(1e-4, False), _QUOTIENT),
    ],
)
