"""Neural networks of dense layers, as functions of one vector: the losses, and training by small batches.

That all weights lie in one vector θ makes a network a program like any other: ``adcourse.grad``, ``hvp`` and SciPy's
optimizers take it as it is, and the rules of ``adcourse.science.optimize`` move it.

Source: Goodfellow, Bengio and Courville, *Deep Learning* (MIT Press, 2016), chapters 6 and 8.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from adcourse import value_and_grad
from adcourse.core.errors import InputError

from .progress import progress


def relu(x):
    """max(0, x). At 0 its derivative is taken to be that of NumPy's ``maximum`` in this package."""
    return np.maximum(0.0, x)


@dataclass(frozen=True)
class Network:
    """Dense layers: H ← a(H W + b) with the activation a, the last layer without it.

    ``sizes`` are the widths, inputs first: Network((64, 32, 10)) takes rows of 64 numbers and gives rows of 10.
    ``network(θ, X)`` is its output for the N × inputs matrix X.

    >>> network = Network((2, 3, 1))
    >>> network.size, [(W.shape, b.shape) for W, b in network.layers(np.zeros(13))]
    (13, [((2, 3), (3,)), ((3, 1), (1,))])
    """

    sizes: tuple
    activation: object = np.tanh

    def __post_init__(self):
        if len(self.sizes) < 2 or not all(isinstance(n, (int, np.integer)) and n > 0 for n in self.sizes):
            raise InputError(
                f"A network was given the sizes {self.sizes!r}.",
                "they are how many numbers go in, how many each layer gives to the next, and how many come out.",
                "Network((2, 16, 1)) for two inputs, one hidden layer of 16, and one output",
            )

    @property
    def size(self):
        """How many numbers θ has."""
        return sum((n + 1) * m for n, m in pairwise(self.sizes))

    def layers(self, theta):
        """The weights W (inputs × outputs) and biases b of each layer, as parts of θ."""
        if np.shape(theta) != (self.size,):
            raise InputError(
                f"A network of sizes {self.sizes} was given θ of shape {np.shape(theta)}.",
                f"its weights and biases are {self.size} numbers in one vector.",
                "theta = network.start(np.random.default_rng())",
            )
        parts, at = [], 0
        for n, m in pairwise(self.sizes):
            W, b = theta[at : at + n * m], theta[at + n * m : at + n * m + m]
            parts.append((np.reshape(W, (n, m)), b))
            at += (n + 1) * m
        return parts

    def start(self, rng):
        """A random θ: weights of variance 1/inputs, so that values keep their size from layer to layer; biases 0."""
        parts = []
        for n, m in pairwise(self.sizes):
            parts += [rng.normal(size=n * m) / np.sqrt(n), np.zeros(m)]
        return np.concatenate(parts)

    def __call__(self, theta, X):
        *hidden, (W, b) = self.layers(theta)
        for V, c in hidden:
            X = self.activation(X @ V + c)
        return X @ W + b


def mean_square(outputs, targets):
    """½ |outputs - targets|² / N for N rows.

    >>> mean_square(np.array([[1.0], [2.0]]), np.array([[0.0], [0.0]]))
    np.float64(1.25)
    """
    if np.shape(outputs) != np.shape(targets):
        raise InputError(
            f"mean_square was given shapes {np.shape(outputs)} and {np.shape(targets)}.",
            "broadcasting would compare every row with every other.",
            "targets.reshape(outputs.shape), if that is what they are",
        )
    return np.sum((outputs - targets) ** 2) / (2 * len(targets))


def cross_entropy(scores, labels):
    """The mean of -log p over N rows, where p = exp(score of the right label) / Σ exp(scores).

    ``scores`` is N × classes; ``labels`` are N integers. The largest score is subtracted first, so nothing overflows.

    >>> cross_entropy(np.array([[0.0, 0.0], [0.0, 1000.0]]), np.array([0, 1])).round(6)
    np.float64(0.346574)
    """
    labels = np.asarray(labels)
    rows, classes = np.shape(scores)
    if labels.shape != (rows,) or labels.dtype.kind not in "iu" or not (labels >= 0).all() or labels.max() >= classes:
        raise InputError(
            f"cross_entropy was given scores of shape {np.shape(scores)} and the labels {labels!r}.",
            f"there must be one label for each of the {rows} rows, an integer from 0 to {classes - 1}.",
            "np.argmax(targets, axis=1), if the targets are rows with a single 1",
        )
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(scores), axis=1)) - scores[np.arange(rows), labels])


def accuracy(scores, labels):
    """The part of the rows whose largest score is that of their label.

    >>> accuracy(np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]]), [0, 1, 1]).round(6)
    np.float64(0.666667)
    """
    return np.mean(np.argmax(scores, axis=1) == labels)


@dataclass
class Training:
    """What ``train`` found: ``theta``; the loss of each step in ``losses``; in ``curve``, a row (epoch, what ``watch``
    returned) before the first and after each epoch.
    """

    theta: np.ndarray
    losses: list = field(default_factory=list)
    curve: list = field(default_factory=list)


def train(loss, theta, data, rule, epochs=10, batch=32, rng=None, watch=None):
    """Stochastic gradient descent: steps of ``rule`` by the gradients of ``loss(θ, *rows)`` on small batches.

    ``data`` is a tuple of arrays with a row for each sample. In every epoch they are shuffled, and each batch
    takes the next ``batch`` of them. ``rule`` is one of ``adcourse.science.optimize``; ``watch(θ)`` is called
    after each epoch. ``theta`` is left as it is. Raises InputError where the loss is no longer finite.

    >>> X = np.linspace(-1.0, 1.0, 40)
    >>> from adcourse.science.optimize import gradient_descent
    >>> found = train(lambda w, x, y: np.mean((w * x - y) ** 2), 0.0, (X, 3 * X), gradient_descent(0.5), epochs=20)
    >>> round(float(found.theta), 6), len(found.losses)  # 20 epochs of 40 / 32 batches, rounded up
    (3.0, 40)
    """
    rows = {len(part) for part in data}
    if len(rows) != 1 or rows == {0} or batch < 1:
        raise InputError(
            f"train was given data of {sorted(rows)} rows and batch={batch!r}.",
            "each array must have a row for every sample, and a batch has at least one.",
            "train(loss, theta, (X, labels), rule, batch=32)",
        )
    (rows,), slope, rng = rows, value_and_grad(loss), rng or np.random.default_rng()
    found, state = Training(theta * 1.0), None
    with progress(what="train", total=epochs * -(-rows // batch), unit=" batches") as bar:
        for epoch in range(epochs + 1):
            if watch:
                found.curve.append((epoch, watch(found.theta)))
            if epoch == epochs:
                break
            order = rng.permutation(rows)
            for start in range(0, rows, batch):
                chosen = order[start : start + batch]
                value, g = slope(found.theta, *(part[chosen] for part in data))
                if not np.isfinite(value):
                    raise InputError(
                        f"The loss is {float(value)} after {len(found.losses)} steps.",
                        "the steps were too long, so that the weights grew without bound, or a sample is not finite.",
                        "a rule with a smaller lr",
                    )
                step, state = rule(g, state)
                found.theta = found.theta + step
                found.losses.append(float(value))
                bar.update()
                bar.set_postfix(loss=f"{value:.3f}", refresh=False)
    return found
