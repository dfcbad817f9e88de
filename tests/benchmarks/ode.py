"""Differential equations, all contestants tuned to the same final error: Kepler and Lotka-Volterra."""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import partial
from operator import mul
from types import SimpleNamespace
from typing import NamedTuple

import numpy

from adcourse.science.ode import taylor_solve

from .bench import Case, table
from .ways import HAND, OURS, numbers, peer

TOLERANCES = [10.0 ** (-k / 2) for k in range(26, 9, -1)]  # from 1e-13, near the tightest that SciPy takes, to 1e-5


def kepler(state, np=numpy):
    x, y, u, v = state
    cube = (x * x + y * y) ** -1.5
    return np.array([u, v, -x * cube, -y * cube])


def lotka_volterra(state, np=numpy):
    x, y = state
    return np.array([x * (1.5 - y), y * (x - 3.0)])


def kepler_by_hand(x, y, u, v, order):
    """The next coefficients of a solution. With s = x² + y² and w = s^(-3/2):
    s_0 w_k = -sum over j = 1..k of (1 + j / (2 k)) s_j w_(k-j)."""
    s, s_, w = [], [], []  # s_j and j s_j from j = 1 on
    s0 = x[0] * x[0] + y[0] * y[0]
    for k in range(order):
        if k:
            s.append(sum(map(mul, x, reversed(x))) + sum(map(mul, y, reversed(y))))
            s_.append(k * s[-1])
            w.append(-(sum(map(mul, s, reversed(w))) + sum(map(mul, s_, reversed(w))) / (2 * k)) / s0)
        else:
            w.append(s0**-1.5)
        u.append(-sum(map(mul, x, reversed(w))) / (k + 1))
        v.append(-sum(map(mul, y, reversed(w))) / (k + 1))
        x.append(u[k] / (k + 1))
        y.append(v[k] / (k + 1))


def lotka_volterra_by_hand(x, y, order, number=float):
    a, b = number(1.5), number(3)
    for k in range(order):
        xy = sum(map(mul, x, reversed(y)))
        x.append((a * x[k] - xy) / (k + 1))
        y.append((xy - b * y[k]) / (k + 1))


def by_hand(recurrence, y0, t, tol, order=20, number=float):
    """Taylor's method: the last two terms of each step are ``tol`` of the largest component."""
    state, left = [number(y) for y in y0], number(t)
    while left:
        series = [[y] for y in state]
        recurrence(*series, order)
        size = tol * float(max(map(abs, state)))
        terms = ((n, float(max(abs(c[n]) for c in series))) for n in (order - 1, order))
        h = min(left, number(min((size / term) ** (1 / n) for n, term in terms)))
        left -= h
        for i, coefficients in enumerate(series):
            y = coefficients.pop()
            for c in reversed(coefficients):
                y = y * h + c
            state[i] = y
    return state


def to_fifty_digits(y0, t):
    """Lotka-Volterra's solution at t, with decimal numbers."""
    with localcontext(prec=50):
        recurrence = partial(lotka_volterra_by_hand, number=Decimal)
        return numpy.array(by_hand(recurrence, y0, t, 1e-45, order=60, number=Decimal), float)


class Problem(NamedTuple):
    program: Callable
    recurrence: Callable
    y0: list
    t: float
    end: numpy.ndarray


def hand(p, tol):
    return partial(by_hand, p.recurrence, p.y0, p.t, tol)


def adcourse(p, tol):
    """The recurrences of a problem that is solved again and again are written out (see straight.py) by then."""
    return lambda: taylor_solve(p.program, numpy.array(p.y0), (0.0, p.t), tol=tol).y[-1]


def dop853(p, tol):
    """The program on floats, which is faster than on the entries of an array."""
    if not (scipy := peer("scipy.integrate")):
        return None
    f = lambda t, y: p.program(y.tolist())
    return lambda: scipy.solve_ivp(f, (0.0, p.t), p.y0, method="DOP853", rtol=tol, atol=tol).y[:, -1]


def heyoka(p, tol):
    """Compiling isn't part of the time."""
    if not (heyoka := peer("heyoka")):
        return None
    variables = heyoka.make_vars(*"xyuv"[: len(p.y0)])
    right = p.program(variables, np=SimpleNamespace(array=list))
    solver = heyoka.taylor_adaptive(list(zip(variables, right, strict=True)), p.y0, tol=tol)

    def run():
        solver.time = 0.0
        solver.state[:] = p.y0
        solver.propagate_until(p.t)
        return solver.state.copy()

    return run


WAYS = {HAND: hand, OURS: adcourse, "DOP853": dop853, "heyoka, compiled": heyoka}


def tuned(way, p, error):
    """The solution with the loosest tolerance from which on, down to the tightest, the final error is at most this."""
    found = "not to this error"
    for tol in TOLERANCES:
        if (run := way(p, tol)) is None:
            return None
        if not numpy.max(numpy.abs(numbers(run()) - p.end)) <= error:
            break
        found = run
    return found


def problems(tiny=False):
    """Each with the final error that DOP853 has, in the full run, where its tolerances are 1e-12."""
    start, periods = [0.5, 0.0, 0.0, math.sqrt(3.0)], 1 if tiny else 10  # e = 0.5, in the pericentre
    orbit = Problem(kepler, kepler_by_hand, start, 2.0 * math.pi * periods, numpy.array(start))
    yield f"Kepler, e = 0.5, {periods} periods", orbit, 1e-10 if tiny else 6e-9, 1
    start, t = [10.0, 5.0], 3.0 if tiny else 15.0
    hunt = Problem(lotka_volterra, lotka_volterra_by_hand, start, t, to_fifty_digits(start, t))
    yield f"Lotka-Volterra, t = {t:g}", hunt, 6e-12, 5


def cases(tiny=False):
    for label, problem, error, times in problems(tiny):
        ways = {name: tuned(way, problem, error) for name, way in WAYS.items()}
        yield Case(f"{label}, to an error of {f'{error:.0e}'.replace('e-0', 'e-')}", ways, faster=("DOP853", times))


def main(tiny=False):
    return table("Differential equations to the same final error", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
