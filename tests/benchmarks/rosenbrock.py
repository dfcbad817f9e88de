"""Rosenbrock's function of n variables: few operations on arrays that grow out of the caches."""

from functools import partial

import numpy

from .bench import Case, table
from .ways import HAND, WAYS


def rosenbrock(x, np=numpy):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def by_hand(x):
    """With r = x[:-1]**2 - x[1:] and s = x[:-1] - 1: each x gets 400 r x + 2 s, and -200 r from its left neighbour."""
    left = x[:-1]
    r = left * left
    r -= x[1:]
    s = left - 1.0
    value = 100.0 * r.dot(r) + s.dot(s)
    r *= 200.0
    gradient = numpy.empty_like(x)
    head, tail = gradient[:-1], gradient[1:]
    numpy.multiply(r, left, head)
    head += s
    head += head
    gradient[-1] = 0.0
    tail -= r
    return value, gradient


def cases(tiny=False):
    for n, reach in ((3, 5), (10, 5)) if tiny else ((10, 5), (1000, 5), (100_000, 2.6), (1_000_000, 2.5)):
        x = numpy.random.default_rng(n).normal(size=n)
        ways = {name: way(rosenbrock, (x,)) for name, way in WAYS.items()}
        yield Case(f"n = {n:,}", {HAND: partial(by_hand, x)} | ways, reach)


def main(tiny=False):
    return table("Rosenbrock's function", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
