"""Assignment 8, a network with one hidden layer: 8.3.

The oracle is the complex step through the loss as it is written, with max{0, z} by the sign of the real part; data are
drawn so that no z lies near the kink, and no unit is always on or always off. Numbers are of size 1 and a few dozen are
added up: 1e-12 of the largest of an array, and of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import NotPlain, entries, parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp
from adcourse.grading.untouched import Untouched

NAMES = ("W1", "b1", "W2", "b2")


def network_loss(W1, b1, W2, b2, lam, X, Y):
    Z = X @ W1 + b1
    O = (Z.real > 0) * Z @ W2 + b2
    return np.sum((O - Y) ** 2) / (2 * len(X)) + lam / 2 * np.sum(W1**2)


def network_at(p, X, Y, question) -> Probe:
    p = {name: np.asarray(value, float) for name, value in p.items()}
    X, Y = np.asarray(X, float), np.asarray(Y, float)
    shapes = {name: p[name].shape for name in NAMES}

    def ask(mlp_loss_and_grads):
        given = {**{name: value.copy() for name, value in p.items()}, "lam": float(p["lam"])}
        x, y = X.copy(), Y.copy()
        loss, gradients = two(mlp_loss_and_grads(given, x, y))
        changed = sum(not np.array_equal(given.get(name), value) for name, value in p.items())
        changed += (not np.array_equal(x, X)) + (not np.array_equal(y, Y))
        return [*parts((loss, *entries(gradients, NAMES)), loss=(), **shapes), changed]

    values = tuple(p[name] for name in NAMES)

    bars = complex_step_vjp(lambda *w: network_loss(*w, p["lam"], X, Y), values, 1.0)
    loss = Close(network_loss(*values, p["lam"], X, Y), rtol=1e-12)
    gradients = {
        f"the gradient {name}": Close(bar, atol=1e-12 * max(1.0, float(np.abs(bar).max())))
        for name, bar in zip(NAMES, bars, strict=True)
    }
    return Probe(question, ask, Parts(loss=loss, **gradients, arguments=Untouched()))


def two(said):
    """(loss, gradients), of which the second is a dict."""
    if isinstance(said, Mapping):
        raise NotPlain("a dict came back alone, but (loss, gradients) was asked for")
    if isinstance(said, (tuple, list)) and len(said) == 2:
        return said
    parts(said, loss=(), gradients=())  # says what is wrong with it
    raise NotPlain("(loss, gradients) was asked for, a tuple of two")


def network_visible():
    p = {"W1": [[0.6, -1.1, 0.3], [0.8, 0.5, -0.9]], "b1": [0.2, -0.3, 0.4], "lam": 0.0}
    p |= {"W2": [[1.2], [-0.7], [0.5]], "b2": [0.1]}
    X, Y = [[1.0, 0.5], [-0.4, 1.6], [0.7, -1.3], [-1.2, -0.8]], [[0.3], [-1.0], [0.8], [2.0]]
    two_results = p | {"W2": [[1.2, 0.4], [-0.7, 0.9], [0.5, -1.3]], "b2": [0.1, -0.6], "lam": 0.3}
    return [
        network_at(p, X, Y, "four rows, two inputs, three hidden units, one result, lam = 0"),
        network_at(p | {"lam": 0.3}, X, Y, "the same with lam = 0.3"),
        network_at(two_results, X, np.hstack([Y, [[0.5], [1.1], [-0.2], [-0.7]]]), "the same with two results"),
        network_at(two_results, X[:1], [[0.3, 0.5]], "a single row, lam = 0.3"),
    ]


def some_network(rng, n, d, h, k, lam):
    """No unit near its kink, none always on or always off (where there are rows enough)."""
    while True:
        p = {"W1": rng.normal(size=(d, h)), "b1": rng.normal(size=h) / 2, "W2": rng.normal(size=(h, k)), "lam": lam}
        p["b2"] = rng.normal(size=k)
        X = rng.normal(size=(n, d))
        Z = X @ p["W1"] + p["b1"]
        on = (Z > 0).sum(axis=0)
        if np.abs(Z).min() > 1e-3 and (n == 1 or (on.all() and (on < n).all())):
            return p, X, rng.normal(size=(n, k))


def network_hidden(rng):
    for n, d, h, k in ((5, 3, 4, 2), (3, 3, 3, 3), (1, 3, 2, 2)):
        sizes = f"{n} row{'s' * (n > 1)}, {d} inputs, {h} hidden units, {k} result{'s' * (k > 1)}"
        yield network_at(*some_network(rng, n, d, h, k, float(rng.uniform(0.2, 1.5))), sizes)
    yield network_at(*some_network(rng, 4, 2, 3, 1, 0.0), "without the penalty")


def _network(
    fit=lambda R, N: np.sum(R * R) / (2 * N),
    penalty=lambda W1, W2, lam: lam / 2 * np.sum(W1 * W1),
    O_bar=lambda R, N: R / N,
    pull=lambda O_bar, W2, Z, H: (O_bar @ W2.T) * (Z > 0),
    bias=lambda bar: bar.sum(axis=0),
    decay=lambda W1, lam, N: lam * W1,
    W2_bar=lambda H, O_bar, Z: H.T @ O_bar,
    more=lambda p, gradients: gradients,
    relu=lambda Z: np.maximum(Z, 0),
    top=lambda O: O,
    b1=lambda b1: b1,
):
    """The network with some of its lines exchanged for wrong ones."""

    def mlp_loss_and_grads(p, X, Y):
        N = len(X)
        Z = X @ p["W1"] + b1(p["b1"])
        H = relu(Z)
        R = top(H @ p["W2"] + p["b2"]) - Y
        bar = O_bar(R, N)
        Z_bar = pull(bar, p["W2"], Z, H)
        gradients = {"W1": X.T @ Z_bar + decay(p["W1"], p["lam"], N), "b1": bias(Z_bar)}
        gradients |= {"W2": W2_bar(H, bar, Z), "b2": bias(bar)}
        return fit(R, N) + penalty(p["W1"], p["W2"], p["lam"]), more(p, gradients)

    return mlp_loss_and_grads


_MEAN = (
    "Your bias gradients are means over the rows. The loss is a mean, and its 1/N is in the adjoint of O already; b is "
    "added to every row, and the adjoint of a copy is ... (7.1)?"
)
_MASK = (
    "Your sweep goes back through max{0, ·} as if it weren't there. A unit with z < 0 gives 0 whatever W1 is: what "
    "should it hand down? (With W1 as drawn here, half of the units are off.)"
)
_HALF = (
    "Your data gradients are twice those of the loss: of (1/2N)·r², how much is left of the 2 when you differentiate?"
)
_ENTRIES = "You divide by all entries of O, N times the number of results. The loss divides by the number of rows."

NETWORK = Problem(
    id="8.3",
    title="One hidden layer with weight decay",
    points=5,
    signature="mlp_loss_and_grads(p, X, Y)",
    visible=network_visible,
    hidden=network_hidden,
    hint="W1 is used twice: prediction and penalty. Write the forward run line by line, Z, H, O, then go back line by "
    "line; each adjoint has the shape of its value. The rules for the lines are those of assignment 7.",
    hints={
        "changed": "The parameters and the data belong to the caller: an optimiser will step from p, and the next call "
        "needs X. `A = p['W1']` is a second name for one array, and `A *= ...` writes into it.",
        "digits": "Your numbers are right in their first digits, which is what a difference quotient leaves. Go back "
        "through the lines, with one rule each.",
        "raised ValueError": "Two shapes don't fit together. Print the shape of every line: X is (N, d), Z and H are "
        "(N, h), O and Y are (N, k), and an adjoint has the shape of its value. A product in the wrong order, or a "
        "missing transpose, shows here.",
        "raised KeyError": "p has the keys 'W1', 'b1', 'W2', 'b2' and 'lam'; the gradients have the first four.",
    },
    mistakes=[
        Mistake(
            _network(decay=lambda W1, lam, N: 0.0),
            "Your W1 gradient knows the way through the prediction alone. W1 has a second user, the penalty; a value "
            "that is used twice collects two terms. Put lam = 100 and look at what a difference quotient says.",
        ),
        Mistake(_network(bias=lambda bar: bar.mean(axis=0)), _MEAN),
        Mistake(
            _network(bias=lambda bar: bar),
            "Your bias gradients have a row for every row of X. b was copied to all rows on the way forward: what is "
            "the adjoint of a copy (7.1)?",
        ),
        Mistake(_network(pull=lambda O_bar, W2, Z, H: O_bar @ W2.T), _MASK),
        Mistake(
            _network(pull=lambda O_bar, W2, Z, H: (O_bar @ W2.T) * H),
            "You multiply by H where its slope belongs. Where max{0, z} is 2.5, how steep is it?",
        ),
        Mistake(
            _network(pull=lambda O_bar, W2, Z, H: np.maximum(O_bar @ W2.T, 0)),
            "Your mask looks at the adjoint that comes in: adjoints may be negative. What decides is whether the unit "
            "was on in the forward run.",
        ),
        Mistake(
            _network(pull=lambda O_bar, W2, Z, H: (O_bar @ W2.T) * (Z < 0)),
            "Your mask is turned around: the units that were off hand something down, and those that were on nothing.",
        ),
        Mistake(
            _network(pull=lambda O_bar, W2, Z, H: (O_bar @ W2.T) * (1 - H * H)),
            "The slope 1 - H² belongs to the tangent hyperbolic. Here the hidden layer is max{0, ·}.",
        ),
        Mistake(
            _network(pull=lambda O_bar, W2, Z, H: (O_bar @ W2.T) * H * (1 - H)),
            "The slope H(1 - H) belongs to the logistic function of 6.5. Here the hidden layer is max{0, ·}.",
        ),
        Mistake(
            _network(W2_bar=lambda H, O_bar, Z: Z.T @ O_bar),
            "Your W2 gradient has Z where another factor belongs: what did W2 multiply in the forward run?",
        ),
        Mistake(
            _network(relu=lambda Z: Z, pull=lambda O_bar, W2, Z, H: O_bar @ W2.T),
            "There is no max{0, ·} in your forward run. Without it, two layers are one.",
        ),
        Mistake(
            _network(relu=lambda Z: Z),
            "Your sweep knows of max{0, ·}, and your forward run doesn't.",
        ),
        Mistake(
            _network(top=lambda O: np.maximum(O, 0)),
            "You put max{0, ·} on the result as well. O is linear in H: a network that fits any number needs that.",
        ),
        Mistake(
            _network(b1=lambda b1: 0 * b1),
            "The bias of the hidden layer is missing from your forward run.",
        ),
        Mistake(
            _network(O_bar=lambda R, N: R),
            "Your loss is a mean over the rows, and your gradients those of the sum. Put every row in twice: the loss "
            "stays, and so must its slopes.",
        ),
        Mistake(
            _network(O_bar=lambda R, N: R, fit=lambda R, N: np.sum(R * R) / 2),
            "You add up over the rows. Put every row in twice: the loss stays, yours doubles.",
        ),
        Mistake(_network(O_bar=lambda R, N: 2 * R / N), _HALF),
        Mistake(
            _network(O_bar=lambda R, N: R / (2 * N)), "The derivative of r² is 2r: a 2 got lost in your adjoint of O."
        ),
        Mistake(
            _network(O_bar=lambda R, N: 2 * R / N, fit=lambda R, N: np.sum(R * R) / N),
            "You left out the 1/2 of the squared error, in the loss and in the gradients.",
        ),
        Mistake(
            _network(fit=lambda R, N: np.sum(R * R) / N), "The first term of your loss is twice too large: 1/(2N)."
        ),
        Mistake(_network(O_bar=lambda R, N: R / R.size, fit=lambda R, N: np.mean(R * R) / 2), _ENTRIES),
        Mistake(_network(O_bar=lambda R, N: R / R.size), _ENTRIES),
        Mistake(_network(fit=lambda R, N: np.mean(R * R) / 2), _ENTRIES),
        Mistake(
            _network(O_bar=lambda R, N: -R / N),
            "The sign of your data gradients: let an entry of b2 grow where O is above Y already. Does the loss fall?",
        ),
        Mistake(
            _network(penalty=lambda W1, W2, lam: 0.0),
            "The penalty is in your gradients and not in your loss.",
        ),
        Mistake(
            _network(penalty=lambda W1, W2, lam: 0.0, decay=lambda W1, lam, N: 0.0),
            "There is no penalty in your loss: does the code look at lam?",
        ),
        Mistake(
            _network(penalty=lambda W1, W2, lam: lam * np.sum(W1 * W1), decay=lambda W1, lam, N: 2 * lam * W1),
            "Your penalty is twice too large: lam/2 times the sum of the squares.",
        ),
        Mistake(
            _network(penalty=lambda W1, W2, lam: lam * np.sum(W1 * W1)),
            "The penalty in your loss is twice too large: lam/2 times the sum of the squares.",
        ),
        Mistake(
            _network(decay=lambda W1, lam, N: 2 * lam * W1),
            "The penalty's gradient is twice too large: lam/2 times w², differentiated, is how much?",
        ),
        Mistake(
            _network(decay=lambda W1, lam, N: lam / 2 * W1),
            "The penalty's gradient is half as large as it should be: lam/2 times w², differentiated, is how much?",
        ),
        Mistake(
            _network(decay=lambda W1, lam, N: lam * W1 / N),
            "You divide the penalty's gradient by N: the mean is over the data, and the penalty isn't one of them.",
        ),
        Mistake(
            _network(decay=lambda W1, lam, N: lam * np.sign(W1)),
            "lam times the sign is the slope of a penalty on |W1|. Here it is on the squares.",
        ),
        Mistake(
            _network(penalty=lambda W1, W2, lam: lam / 2 * np.sqrt(np.sum(W1 * W1))),
            "Your penalty is the norm of W1: its square was asked for, the sum of the squares of all entries.",
        ),
        Mistake(
            _network(
                penalty=lambda W1, W2, lam: lam / 2 * (np.sum(W1 * W1) + np.sum(W2 * W2)),
                more=lambda p, gradients: gradients | {"W2": gradients["W2"] + p["lam"] * p["W2"]},
            ),
            "You penalise W2, too. Here the penalty is on W1 alone.",
        ),
        Mistake(
            _network(more=lambda p, gradients: gradients | {"W2": gradients["W2"] + p["lam"] * p["W2"]}),
            "Your W2 gradient has a penalty in it that the loss doesn't have: the penalty is on W1 alone.",
        ),
        Mistake(
            _network(more=lambda p, gradients: gradients | {"b1": gradients["b1"] + p["lam"] * p["b1"]}),
            "Your b1 gradient has a penalty in it that the loss doesn't have: the penalty is on W1 alone.",
        ),
        Mistake(
            _network(more=lambda p, gradients: {name: p[name] - gradients[name] for name in NAMES}),
            "You give the parameters after a step. The gradients were asked for; what is done with them is up to the "
            "caller.",
        ),
    ],
)
