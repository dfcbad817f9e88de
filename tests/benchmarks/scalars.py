"""Scalars: a loop of multiplications and additions on floats, and the log-normal density."""

import math
import sys
from functools import partial
from itertools import repeat

import numpy

from .bench import Case, table
from .ways import HAND, OURS, by_adcourse, by_autograd, by_torch, peer

ROOT_TWO_PI = math.sqrt(2 * math.pi)


def loop(x, c, n, np=numpy):
    y = x
    for _ in range(n):
        y = y * x + c
    return y


def loop_by_hand(x, c, n):
    """The derivative by x alone, carried along with the value; ``repeat`` is the fastest way to count."""
    y, dy = x, 1.0
    for _ in repeat(None, n):
        dy = dy * x + y
        y = y * x + c
    return y, dy


def loop_by_hand_both(x, c, n):
    """The derivatives by x and c."""
    y, dx, dc = x, 1.0, 0.0
    for _ in repeat(None, n):
        dx = dx * x + y
        dc = dc * x + 1.0
        y = y * x + c
    return y, (dx, dc)


def density(x, mu, sigma, np=numpy):
    return np.exp(-(((np.log(x) - mu) / sigma) ** 2) / 2) / (x * sigma * ROOT_TWO_PI)


def density_by_hand(x, mu, sigma, log=math.log, exp=math.exp):
    u = (log(x) - mu) / sigma
    p = exp(-0.5 * u * u) / (x * sigma * ROOT_TWO_PI)
    q = p / sigma
    dmu = u * q
    return p, (-(p + dmu) / x, dmu, (u * u - 1.0) * q)


def by_micrograd(f, args, depth=10_000):
    if not (engine := peer("micrograd.engine")):
        return None

    def run():
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(depth)  # its sort calls itself for each operation
        xs = [engine.Value(a) for a in args]
        y = f(*xs)
        y.backward()
        sys.setrecursionlimit(limit)
        return y.data, tuple(x.grad for x in xs)

    return run


class Methods:
    """``np.exp(x)`` for numbers that have ``x.exp()``."""

    exp, log = (lambda x: x.exp()), (lambda x: x.log())


def by_hyperjet(f, args):
    if not (hyperjet := peer("hyperjet")):
        return None

    def run():
        y = f(*hyperjet.variables(list(args), 1), np=Methods)
        return y.f, tuple(y.g)

    return run


def cases(tiny=False):
    n = 10 if tiny else 1000
    peers = {
        OURS: by_adcourse,
        "micrograd": by_micrograd,
        "autograd": by_autograd,
        "torch": by_torch,
        "hyperjet": by_hyperjet,
    }
    for label, f, args, hand in (
        (f"loop of {n:,}, by x", lambda x, np=numpy: loop(x, 0.01, n), (0.99,), lambda x: loop_by_hand(x, 0.01, n)),
        (f"loop of {n:,}, by x and c", partial(loop, n=n), (0.99, 0.01), partial(loop_by_hand_both, n=n)),
    ):
        yield Case(label, {HAND: partial(hand, *args)} | {name: way(f, args) for name, way in peers.items()}, reach=12)
    args = 1.3, 0.2, 0.7
    ways = {name: way(density, args) for name, way in peers.items() if name != "micrograd"}  # which has no log
    yield Case("log-normal density", {HAND: partial(density_by_hand, *args)} | ways, reach=20)


def main(tiny=False):
    return table("Scalars", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
