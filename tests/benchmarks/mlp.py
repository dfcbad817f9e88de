"""A multilayer perceptron, 784-256-128-10 with softmax and cross-entropy: matrix products, and little else."""

from functools import partial
from itertools import pairwise

import numpy

from .bench import Case, table
from .ways import HAND, WAYS

SIZES = 784, 256, 128, 10


def loss(W1, b1, W2, b2, W3, b3, X, y, np=numpy):
    h = np.maximum(X @ W1 + b1, 0.0)
    h = np.maximum(h @ W2 + b2, 0.0)
    z = h @ W3 + b3
    z = z - np.max(z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(len(y)), y])


def loss_torch(W1, b1, W2, b2, W3, b3, X, y, np):
    h = np.relu(X @ W1 + b1)
    h = np.relu(h @ W2 + b2)
    return np.nn.functional.cross_entropy(h @ W3 + b3, y)


def by_hand(W1, b1, W2, b2, W3, b3, X, y):
    h1 = X @ W1
    h1 += b1
    numpy.maximum(h1, 0.0, out=h1)
    h2 = h1 @ W2
    h2 += b2
    numpy.maximum(h2, 0.0, out=h2)
    z = h2 @ W3
    z += b3
    z -= z.max(axis=1, keepdims=True)
    rows = numpy.arange(len(y))
    right = z[rows, y]
    g = numpy.exp(z, out=z)
    total = g.sum(axis=1)
    value = (numpy.log(total) - right).mean()
    g /= total[:, None]
    g[rows, y] -= 1.0
    g /= len(y)
    W3_, b3_ = h2.T @ g, g.sum(axis=0)
    g = g @ W3.T
    g *= h2 > 0
    W2_, b2_ = h1.T @ g, g.sum(axis=0)
    g = g @ W2.T
    g *= h1 > 0
    return value, (X.T @ g, g.sum(axis=0), W2_, b2_, W3_, b3_)


def cases(tiny=False):
    for batch in (5,) if tiny else (64, 1024):
        for dtype in "float32", "float64":
            rng = numpy.random.default_rng(batch)
            weights = []
            for n, m in pairwise(SIZES):
                weights += [rng.normal(size=(n, m)) / numpy.sqrt(n / 2), rng.normal(size=m) / 10]
            weights = [w.astype(dtype) for w in weights]
            data = rng.random((batch, SIZES[0])).astype(dtype), rng.integers(10, size=batch)
            ways = {name: way(loss_torch if name == "torch" else loss, weights, data) for name, way in WAYS.items()}
            yield Case(f"batch {batch:,}, {dtype}", {HAND: partial(by_hand, *weights, *data)} | ways, reach=1.1)


def main(tiny=False):
    return table("Multilayer perceptron, 784-256-128-10", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
