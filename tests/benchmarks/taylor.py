"""Taylor coefficients of exp(sin x) / (1 + x²) to high order, at one point and at many."""

import math
import subprocess
import sys
from functools import partial
from operator import mul
from pathlib import Path

import numpy

import adcourse
from adcourse.core.straight import OFTEN

from .bench import Case, duration, table, timed
from .ways import HAND, OURS, peer

LIMIT = 60  # seconds that jax may take to compile
ORDERS = 25, 50, 100, 200, 400


def program(x, np=numpy):
    return np.exp(np.sin(x)) / (1.0 + x**2)


def by_hand(x, order):
    """About one point, in floats. With s = sin: k s_k = s^(k)(x) / (k-1)!; e = exp(s): k e_k = sum of j s_j e_(k-j);
    and e = q (1 + x² + 2 x t + t²)."""
    s, c = math.sin(x), math.cos(x)
    cycle, factor, slopes = (c, -s, -c, s), 1.0, []
    for k in range(order):
        slopes.append(factor * cycle[k % 4])
        factor /= k + 1
    e = [math.exp(s)]
    for k in range(1, order + 1):
        e.append(sum(map(mul, slopes, reversed(e))) / k)
    twice, scale, q = x + x, 1.0 / (1.0 + x * x), [0.0, 0.0]
    for e_k in e:
        q.append(scale * (e_k - twice * q[-1] - q[-2]))
    return q[2:]


def by_hand_at_many(x, order):
    """The same, about each entry of x; coefficients are the rows of an array."""
    s, c = numpy.sin(x), numpy.cos(x)
    cycle, factor, slopes = (c, -s, -c, s), 1.0, numpy.empty((order, len(x)))
    for k in range(order):
        numpy.multiply(cycle[k % 4], factor, out=slopes[k])
        factor /= k + 1
    e = numpy.empty((order + 1, len(x)))
    numpy.exp(s, out=e[0])
    for k in range(1, order + 1):
        numpy.einsum("jn,jn->n", slopes[:k], e[k - 1 :: -1], out=e[k])
        e[k] /= k
    twice, scale = x + x, 1.0 / (1.0 + x * x)
    e[0] *= scale
    for k in range(1, order + 1):  # e becomes q
        e[k] -= twice * e[k - 1]
        if k > 1:
            e[k] -= e[k - 2]
        e[k] *= scale
    return e


def by_adcourse(x, order):
    """What runs often is written out (see straight.py); that isn't part of the time, as compiling isn't."""
    run = lambda: adcourse.taylor(program, x, order).coefficients
    for _ in range(OFTEN):
        run()
    return run


def by_algopy(x, order):
    if not (algopy := peer("algopy")):
        return None
    series = numpy.zeros((order + 1, numpy.size(x)))
    series[0], series[1] = x, 1.0
    return lambda: program(algopy.UTPM(series), np=algopy).data


def by_jet(x, order, jit=False):
    """jet counts in derivatives. Eager, or compiled: compiling isn't part of the time."""
    if not (jax := peer("jax")):
        return None
    jet, f = peer("jax.experimental.jet").jet, partial(program, np=jax.numpy)
    factorials = numpy.array([float(math.factorial(k)) for k in range(order + 1)])

    def series(x):
        value, derivatives = jet(f, (x,), ([1.0] + [0.0] * (order - 1),))
        return jax.numpy.stack([value, *derivatives]) / factorials

    run = jax.jit(series).lower(x).compile() if jit else series
    return lambda: jax.block_until_ready(run(x))


def by_compiled_jet(x, order):
    """Beyond order 50 a new process finds out first whether it compiles at all."""
    if order > 50 and peer("jax"):
        command = [sys.executable, "-m", "tests.benchmarks.taylor", str(order)]
        try:
            subprocess.run(command, timeout=LIMIT, check=True, cwd=Path(__file__).parents[2])
        except subprocess.TimeoutExpired:
            return f"over {LIMIT} s to compile"
    return by_jet(x, order, jit=True)


def cases(tiny=False):
    for order in (3, 5) if tiny else (10, 20, 50, 100):
        x = 0.7
        ways = {HAND: partial(by_hand, x, order), OURS: by_adcourse(x, order), "algopy": by_algopy(x, order)}
        if order <= 20:  # each of its operations is compiled by itself: at order 50 the first call takes 50 s
            ways["jet"] = by_jet(x, order)
        ways["jet, compiled"] = by_compiled_jet(x, order)
        yield Case(f"order {order}, 1 point", ways, faster=("algopy", 10))
    for order in (3, 5) if tiny else (10, 20, 50, 100):
        x = numpy.linspace(-1.0, 1.0, 7 if tiny else 1000)
        ways = {HAND: partial(by_hand_at_many, x, order), OURS: by_adcourse(x, order), "algopy": by_algopy(x, order)}
        yield Case(f"order {order}, {len(x):,} points", ways, faster=("algopy", 2.5))


def growth(orders=ORDERS, points=1000, times=5):
    """The times at these orders, best of ``times``, and the power of the order that fits them."""
    runs = [by_adcourse(numpy.linspace(-1.0, 1.0, points), order) for order in orders]
    best = numpy.min([[timed(run, 1) for run in runs] for _ in range(times)], axis=0)
    return best, numpy.polyfit(numpy.log(orders), numpy.log(best), 1)[0]


def main(tiny=False):
    orders = ORDERS[:3] if tiny else ORDERS
    times, power = growth(orders, *((7, 3) if tiny else ()))
    rows = [
        f"| 1,000 points | {' | '.join(f'order {order}' for order in orders)} | grows like order to the |",
        "| --- |" + " ---: |" * (len(orders) + 1),
        f"| **{OURS}** | {' | '.join(map(duration, times))} | **{power:.2f}** |",
        f"| to reach |{' — |' * len(orders)} 2.1 |",
        "",
    ]
    return "\n".join([table("Taylor coefficients of exp(sin x) / (1 + x²)", cases(tiny), tiny), *rows])


if __name__ == "__main__":
    print(by_jet(0.7, int(sys.argv[1]), jit=True)() if sys.argv[1:] else main())
