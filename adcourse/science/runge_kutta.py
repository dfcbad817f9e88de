"""Differential equations step by step: u' = f(u, p, t), by Euler, by Runge and Kutta, and by SciPy's adaptive steps.

A *step* is a function (f, u, p, t, h) that takes the state u at time t to the state at t + h. It is plain NumPy, so a
solution is a program like any other; reverse mode of it is the discrete adjoint (see ``adcourse.science.adjoint``).

Source: Hairer, Nørsett and Wanner, *Solving Ordinary Differential Equations I*, 2nd edition (Springer, 1993), ch. II.
"""

import numpy as np

from adcourse.core.errors import ADError, InputError

from .given import right_hand_side
from .progress import progress


class StepError(ADError, ArithmeticError):
    """An adaptive solver found no step short enough."""


def euler_step(f, u, p, t, h):
    """u + h f(u, p, t): order 1.

    >>> euler_step(lambda u, p, t: p * u, 1.0, 2.0, 0.0, 0.1)
    1.2
    """
    return u + h * f(u, p, t)


def rk4_step(f, u, p, t, h):
    """The step of Kutta (1901), from the slopes at the beginning, twice in the middle, and at the end: order 4.

    >>> rk4_step(lambda u, p, t: 4 * t**3, 0.0, None, 1.0, 1.0)  # 2⁴ - 1⁴: Simpson's rule is exact for cubics
    15.0
    """
    k1 = f(u, p, t)
    k2 = f(u + h / 2 * k1, p, t + h / 2)
    k3 = f(u + h / 2 * k2, p, t + h / 2)
    k4 = f(u + h * k3, p, t + h)
    return u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def solve(f, u0, p, t, step=rk4_step):
    """The states at the times ``t`` (n + 1 of them, growing or falling), with one ``step`` between neighbours.

    ``u0`` is the state at t[0], a number or an array; the result has one more axis in front, of length n + 1.
    Differentiable by u0 and p in every mode; complex u0 and p are fine too. Raises InputError for less than two times.

    >>> u = solve(lambda u, p, t: p * u, 1.0, 1.0, np.linspace(0.0, 1.0, 11))
    >>> u.shape, bool(abs(u[-1] - np.e) < 3e-6)
    ((11,), True)
    """
    f, t, states = right_hand_side(f, "solve"), as_times(t), [u0]
    for k in progress(range(len(t) - 1), "solve", unit=" steps", position=0):
        states.append(step(f, states[-1], p, t[k], t[k + 1] - t[k]))
    return np.stack(states)


def rk45(f, u0, p, t, rtol=1e-8, atol=1e-10, dense=False):
    """The states at the times ``t`` by SciPy's adaptive steps of orders 5 and 4 (Dormand and Prince, 1980).

    ``rtol`` and ``atol`` bound the estimated error of each step. With ``dense``, a function of time is returned
    instead. Not differentiable: SciPy's loop needs plain numbers; ``adcourse.science.adjoint.odeint`` gives it a
    derivative. Raises StepError where no step is short enough, ModuleNotFoundError without SciPy.

    >>> u = rk45(lambda u, p, t: p * u, np.ones(1), 1.0, [0.0, 1.0], rtol=1e-10)
    >>> bool(abs(u[-1, 0] - np.e) < 1e-8)
    True
    """
    from scipy.integrate import solve_ivp

    f, t, u0 = right_hand_side(f, "rk45"), as_times(t), np.asarray(u0, float)
    with progress(what="rk45", total=abs(t[-1] - t[0]), unit=" of time", position=0) as bar:

        def slope(now, u):
            bar.update(max(0.0, abs(now - t[0]) - bar.n))
            return np.ravel(f(u.reshape(u0.shape), p, now))

        found = solve_ivp(slope, (t[0], t[-1]), u0.ravel(), "RK45", t, dense, rtol=rtol, atol=atol)
    if not found.success:
        raise StepError(
            f"rk45 could not come from t = {t[0]:g} to {t[-1]:g}.",
            f"SciPy says: {found.message} The solution grows without bound, or is stiff.",
            "an end before that, or larger tolerances",
        )
    if dense:
        return lambda now: found.sol(now).reshape(u0.shape)
    return found.y.T.reshape(len(t), *u0.shape)


def as_times(t):
    """The times as floats, checked."""
    try:
        t = np.asarray(t, float)
    except (TypeError, ValueError):  # no numbers
        t = np.asarray(t, object)
    if t.dtype == object or t.ndim != 1 or len(t) < 2 or not (np.all(np.diff(t) > 0) or np.all(np.diff(t) < 0)):
        raise InputError(
            f"A solution was asked for at the times {t!r}.",
            "the first time is the start, the last the end, and those between grow or fall.",
            "np.linspace(0.0, 10.0, 1001) for 1000 steps",
        )
    return t


def observed_order(f, u0, p, end, step=rk4_step, n=50):
    """log₂ of how much the error at t = ``end`` shrinks when ``n`` steps from 0 become 2n, the exact u from 16n.

    >>> [round(observed_order(lambda u, p, t: -u, 1.0, None, 1.0, step)) for step in (euler_step, rk4_step)]
    [1, 4]
    """
    coarse, fine, exact = (solve(f, u0, p, np.linspace(0.0, end, m + 1), step)[-1] for m in (n, 2 * n, 16 * n))
    return float(np.log2(np.max(np.abs(coarse - exact)) / np.max(np.abs(fine - exact))))
