"""Differential equations by Taylor series: y' = f(t, y).

One step: expand the solution about the present point, to an order that depends on the tolerance alone; go as far as the
last coefficients say; evaluate the polynomial there. The polynomials are kept: they are the solution in between.

Source: Jorba and Zou, *A software package for the numerical integration of ODEs by means of high-order Taylor methods*
(Experimental Mathematics, 2005).
"""

import inspect
import math
from itertools import pairwise

import numpy as np

from adcourse.core.arguments import as_input, check_function
from adcourse.core.errors import ADError, DomainError, InputError
from adcourse.core.flow import Flow
from adcourse.core.levels import Traced, pack, plain

from .events import Watch
from .given import whole
from .progress import progress
from .solution import Solution


class ODEError(ADError, ArithmeticError):
    """The solution can't be followed any further; ``solution`` is what there is."""


def taylor_solve(f, y0, t, tol=1e-12, order=None, events=(), max_steps=100_000):
    """Solve y' = f(y) or y' = f(t, y) from y(t[0]) = y0 by Taylor series.

    ``f`` is plain NumPy code that depends on its arguments alone; which of two is the time, their names say
    (``t``, ``time``), otherwise it is the first. ``y0`` is a number or an array; ``t`` the times at which the solution
    is wanted, growing or falling, the first of them the start. ``tol`` bounds the error of a step, relative to y where
    that is larger than 1 and absolute elsewhere; the order follows from it, two for each digit, unless given.
    ``events`` are functions like ``f`` that return a number, whose zeros are sought; ``event.terminal = True`` ends the
    solution at its first one, ``event.direction = 1`` (or -1) counts rising (falling) ones alone, as in SciPy.
    Returns a ``Solution``. Differentiable by y0 and by what ``f`` uses: the steps are constants then.
    Raises ODEError, with the solution so far, where steps shrink to nothing or ``f`` has no power series.

    >>> turn = taylor_solve(lambda y: np.array([y[1], -y[0]]), [1.0, 0.0], [0.0, np.pi, 2 * np.pi])
    >>> turn  # doctest: +ELLIPSIS
    Solution of order 24 from t = 0 to 6.28319 in ... steps; largest error of a step: ... (tolerance 1e-12)
    >>> bool(np.abs(turn.y[:, 0] - [1.0, -1.0, 1.0]).max() < 1e-11), bool(abs(turn(1.0)[0] - np.cos(1.0)) < 1e-11)
    (True, True)
    """
    f, times = with_time(f, "taylor_solve"), _times(t)
    if not 0.0 < tol < 1.0:
        raise InputError(f"taylor_solve was given tol={tol!r}.", "a tolerance is a small number.", "tol=1e-12")
    order = max(2, math.ceil(-2.0 * math.log10(tol))) if order is None else whole(order, 2, "order")
    flow, y, now, end = Flow(f, order), _start(y0), times[0], times[-1]
    found = Solution(y, times, order, tol)
    events = list(events) if np.iterable(events) else [events]
    watch = Watch(flow, [with_time(e, "An event of taylor_solve") for e in events], events)
    with progress(what="taylor_solve", total=abs(end - times[0]), unit=" of time") as bar:
        while now != end and not watch.ended:
            if len(found.steps) > max_steps:
                raise _stuck(found, f"{max_steps} steps were not enough", "max_steps=..., or a larger tol")
            try:
                c = flow(now, y)
            except DomainError as error:
                raise _stuck(found, f"the right-hand side has no power series: {error}", "a start elsewhere") from error
            reach, last = _reach(c, tol)
            h = min(reach, abs(end - now))
            if not math.isfinite(last):
                raise _stuck(
                    found, "the derivatives of y are not finite there", "an end before that, or an event before it"
                )
            if not h > 16 * np.spacing(abs(now)):
                raise _stuck(
                    found, "the steps shrink to nothing", "an end before the singularity, or an event before it"
                )
            before, now = now, end if h == abs(end - now) else now + math.copysign(h, end - now)
            now = watch.step(before, now, c)
            y = found.add(before, now, c, last * h**order)
            bar.update(abs(now - times[0]) - bar.n)
    found.finish(watch.found)
    return found


def with_time(f, who):
    """``f`` as a function of (t, y)."""
    check_function(f, who)
    try:
        names = [
            p.name
            for p in inspect.signature(f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
        ]
    except ValueError:  # built-in functions have no signature
        names = ["y"]
    if len(names) < 2:
        return lambda t, y: f(y)
    return (lambda t, y: f(y, t)) if names[1] in ("t", "time") else f


def _times(t):
    try:
        times = np.asarray(t, float).ravel().tolist() if not isinstance(t, Traced) else []
    except (TypeError, ValueError):  # no numbers
        times = []
    ways = {np.sign(b - a) for a, b in pairwise(times)}
    if len(times) < 2 or len(ways) != 1 or not ways <= {1.0, -1.0}:
        raise InputError(
            f"taylor_solve was given the times {t!r}.",
            "the first time is the start, the last the end, and those between grow or fall.",
            "np.linspace(0.0, 10.0, 101), or (0.0, 10.0)",
        )
    return times


def _start(y0):
    y = pack(np.array(y0)) if isinstance(y0, (list, tuple)) else y0
    y = as_input(y, "The start y0")
    return y if isinstance(y, Traced) else np.asarray(y, float)


def _reach(c, tol):
    """How far to go, and the size of the last coefficient.

    The radius of convergence is about |c_k|^(-1/k) for the last k, and the terms of order k are below tol up to
    tol^(1/k) of it (e^-2 of it for k = -log(tol) / 2); a little less for safety.
    """
    sizes = np.abs(c).reshape(len(c), -1).max(1).tolist() if isinstance(c, np.ndarray) else list(map(_size, c))
    best, allowed = math.inf, tol * max(1.0, sizes[0])
    for k in (len(c) - 2, len(c) - 1):
        if not math.isfinite(sizes[k]):
            return 0.0, sizes[k]
        if sizes[k]:
            best = min(best, (allowed / sizes[k]) ** (1.0 / k))
    return best * math.exp(-0.7 / (len(c) - 2)), sizes[-1]


def _size(c):
    return float(np.max(np.abs(plain(c)), initial=0.0))


def _stuck(found, why, instead):
    found.finish([])
    error = ODEError(
        f"taylor_solve came to t = {found.t_end:.6g} and no further.",
        f"{why}. The solution so far is the attribute `solution` of this error.",
        instead,
    )
    error.solution = found
    return error


def errors_by_tolerance(f, y0, t, tols=(1e-4, 1e-6, 1e-8, 1e-10, 1e-12)):
    """The error at the end against the tolerance: a list of dicts with tol, order, steps and error.

    The error is the largest over the entries of y, beside a solution with a tolerance of 1e-15.

    >>> rows = errors_by_tolerance(lambda y: y, 1.0, (0.0, 1.0), (1e-6, 1e-12))
    >>> [row["order"] for row in rows], rows[0]["error"] > rows[1]["error"]
    ([12, 24], True)
    """
    best = taylor_solve(f, y0, t, tol=1e-15).y[-1]
    rows = []
    for tol in tols:
        found = taylor_solve(f, y0, t, tol=tol)
        error = float(np.max(np.abs(found.y[-1] - best)))
        rows.append({"tol": tol, "order": found.order, "steps": len(found.steps) - 1, "error": error})
    return rows
