"""``x[i]`` in a loop over all elements: the time for an element mustn't grow with the length of x."""

import numpy

from .bench import Case, table
from .ways import HAND, OURS, by_adcourse, by_autograd, by_jax, by_torch

WAYS = {OURS: by_adcourse, "autograd": by_autograd, "torch": by_torch, "jax": by_jax}


def squares(x, np=numpy):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] * x[i]
    return total


def by_hand(x):
    total, gradient = 0.0, []
    for v in x.tolist():
        total += v * v
        gradient.append(2.0 * v)
    return total, numpy.array(gradient)


def cases(tiny=False):
    for n in (3, 10) if tiny else (200, 1000, 4000):
        x = numpy.random.default_rng(n).normal(size=n)
        ways = {name: way(squares, (x,)) for name, way in WAYS.items() if name != "jax" or n <= 200}  # else minutes
        yield Case(f"n = {n:,}", {HAND: lambda x=x: by_hand(x)} | ways, unit=n)


def main(tiny=False):
    return table("x[i] in a loop", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
