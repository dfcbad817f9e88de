"""A gradient for each sample of a batch: a small perceptron, written for one sample."""

from functools import partial

import numpy

import adcourse

from .bench import Case, table
from .ways import HAND, OURS, peer

SIZES = 10, 32


def loss(W, b, w, x, y, np=numpy):
    """The error of one sample."""
    return (np.tanh(x @ W + b) @ w - y) ** 2


def by_hand(W, b, w, X, Y):
    h = X @ W
    h += b
    numpy.tanh(h, out=h)
    r = h @ w
    r -= Y
    r *= 2.0
    g = h * h
    numpy.subtract(1.0, g, out=g)
    g *= w
    g *= r[:, None]
    h *= r[:, None]
    return X[:, :, None] * g[:, None, :], g, h


def in_turn(args, X, Y):
    """Sample by sample, as one does without vmap."""
    gradient = adcourse.grad(loss, (0, 1, 2))
    return lambda: [
        numpy.stack(g) for g in zip(*(gradient(*args, x, y) for x, y in zip(X, Y, strict=True)), strict=True)
    ]


def by_adcourse(args, X, Y):
    run = adcourse.vmap(adcourse.grad(loss, (0, 1, 2)), (None, None, None, 0, 0))
    return lambda: run(*args, X, Y)


def by_torch(args, X, Y):
    if not (torch := peer("torch")):
        return None
    data = [torch.from_numpy(a) for a in (*args, X, Y)]
    run = torch.func.vmap(torch.func.grad(partial(loss, np=torch), (0, 1, 2)), (None, None, None, 0, 0))
    return lambda: run(*data)


def by_jax(args, X, Y, jit=False):
    if not (jax := peer("jax")):
        return None
    data = [jax.numpy.asarray(a) for a in (*args, X, Y)]
    run = jax.vmap(jax.grad(partial(loss, np=jax.numpy), (0, 1, 2)), (None, None, None, 0, 0))
    run = jax.jit(run).lower(*data).compile() if jit else run
    return lambda: jax.block_until_ready(run(*data))


WAYS = {
    OURS: by_adcourse,
    f"{OURS}, sample by sample": in_turn,
    "torch": by_torch,
    "jax": by_jax,
    "jax, compiled": partial(by_jax, jit=True),
}


def cases(tiny=False):
    for batch in (5,) if tiny else (10, 100, 1000, 10_000):
        rng, (n, m) = numpy.random.default_rng(batch), SIZES
        args = rng.normal(size=(n, m)) / 3, rng.normal(size=m), rng.normal(size=m)
        X, Y = rng.normal(size=(batch, n)), rng.normal(size=batch)
        yield Case(
            f"{batch:,} samples", {HAND: partial(by_hand, *args, X, Y)} | {k: w(args, X, Y) for k, w in WAYS.items()}
        )


def main(tiny=False):
    return table("A gradient for each sample, perceptron 10-32-1", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
