"""Recorded programs: the works of the other tables, run again by the code that was written down.

What is built beforehand, by us and by "jax, compiled", isn't timed in the table; below it is what building takes.
"""

import time
from functools import partial
from itertools import repeat

import numpy

import adcourse

from .bench import Case, table
from .rosenbrock import by_hand, rosenbrock
from .scalars import density, density_by_hand, loop, loop_by_hand, loop_by_hand_both
from .ways import HAND, OURS, by_adcourse, by_jax, by_torch


def replayed(f, args):
    argnums = tuple(range(len(args))) if len(args) > 1 else 0
    fast = adcourse.replay(adcourse.value_and_grad(f, argnums))
    fast(*args)
    return partial(fast, *args)


WAYS = {
    OURS: replayed, "adcourse, each time anew": by_adcourse, "torch": by_torch,
    "jax, compiled": partial(by_jax, jit=True),
}  # fmt: skip


def rabbits(x, n=60, np=numpy):
    """Rabbits and foxes: Euler's method for x' = x - xy, y' = xy - y, and how many there are at the end."""
    for _ in range(n):
        x = x + 0.01 * np.stack([x[0] - x[0] * x[1], x[0] * x[1] - x[1]])
    return np.sum(x)


def rabbits_by_hand(x, n=60):
    """The states are kept for the way back, on which u and v are the adjoints."""
    (a, b), states = x.tolist(), []
    for _ in repeat(None, n):
        states.append((a, b))
        ab = a * b
        a, b = a + 0.01 * (a - ab), b + 0.01 * (ab - b)
    u = v = 1.0
    for p, q in reversed(states):
        d = 0.01 * (v - u)
        u, v = 1.01 * u + d * q, 0.99 * v + d * p
    return a + b, numpy.array([u, v])


def cases(tiny=False):
    n = 10 if tiny else 500
    works = [
        (f"loop of {n:,}, by x", partial(loop, c=0.01, n=n), (0.99,), lambda x: loop_by_hand(x, 0.01, n), 1.0),
        (f"loop of {n:,}, by x and c", partial(loop, n=n), (0.99, 0.01), partial(loop_by_hand_both, n=n), 1.0),
        ("log-normal density", density, (1.3, 0.2, 0.7), density_by_hand, 1.6),
        ("60 steps of Euler's method", rabbits, (numpy.array([1.5, 0.7]),), rabbits_by_hand, None),
    ]
    for size, reach in ((3, 1.0), (10, 1.0)) if tiny else ((10, 1.0), (1000, None), (100_000, None), (1_000_000, 0.6)):
        x = numpy.random.default_rng(size).normal(size=size)
        works.append((f"Rosenbrock, n = {size:,}", rosenbrock, (x,), by_hand, reach))
    for label, f, args, hand, reach in works:
        ways = {name: way(f, args) for name, way in WAYS.items()}
        yield Case(label, {HAND: partial(hand, *args)} | ways, reach)


def building(n):
    """Processor time to record, improve, write and compile, and the number of steps."""
    fast = adcourse.replay(adcourse.value_and_grad(partial(loop, n=n), (0, 1)))
    start = time.process_time()
    fast(0.99, 0.01)
    return time.process_time() - start, fast.programs[0].steps


def main(tiny=False):
    found = [(seconds, steps) for seconds, steps in map(building, (10, 20) if tiny else (1_000, 10_000, 50_000))]
    text = ", ".join(f"{1e6 * seconds / steps:.3g} µs for each of {steps:,}" for seconds, steps in found)
    return table("Recorded programs", cases(tiny), tiny) + f"\nBuilding a program of so many steps: {text}.\n"


if __name__ == "__main__":
    print(main())
