"""Derivatives of J = Σ_k g(u(t_k), k) by the start u0 and the parameters p of u' = f(u, p, t), in five ways.

=======================  ===========================================  ===========================================
``forward_sensitivity``  du/du0 and du/dp travel along with u         exact for the steps; work grows with inputs
``discrete_adjoint``     reverse mode of the steps, with checkpoints  exact for the steps, however many inputs
``continuous_adjoint``   the adjoint equation, solved backwards       exact in the limit of short steps
``backsolve``            the same, with u solved backwards too        keeps no states, and is often wrong
``odeint``               adaptive steps, the adjoint equation a rule  within the tolerance
=======================  ===========================================  ===========================================

The adjoint λ(t) = dJ/du(t) obeys λ' = -f_uᵀ λ between the times t_k and grows by ∂g/∂u at each of them, backwards from
λ = 0 after the last; then dJ/du0 = λ(t_0) and dJ/dp = ∫ f_pᵀ λ dt.

Sources: Errico, *What is an adjoint model?* (1997); Cao, Li, Petzold and Serban, *Adjoint sensitivity analysis for
differential-algebraic equations* (2003); Chen, Rubanova, Bettencourt and Duvenaud, *Neural ordinary differential
equations* (2018) for the backsolve.
"""

import numpy as np

import adcourse as ad

from .given import right_hand_side
from .progress import progress
from .runge_kutta import as_times, rk4_step, rk45, solve


def forward_sensitivity(f, u0, p, t, step=rk4_step):
    """The states at the times t (n + 1 × d) with their Jacobians by u0 (n + 1 × d × d) and by p (n + 1 × d × m).

    They obey U' = f_u U with U(0) = 1 and S' = f_u S + f_p with S(0) = 0, and are taken along by the same ``step``; so
    they are the exact Jacobians of ``solve``. ``u0`` and ``p`` are vectors of d and m numbers.

    >>> t = np.linspace(0.0, 1.0, 101)
    >>> u, by_u0, by_p = forward_sensitivity(lambda u, p, t: p * u, np.ones(1), np.ones(1), t)
    >>> (by_p[-1, 0, 0] - np.e).round(7), by_u0[-1].shape  # d/dp of exp(p) at 1
    (np.float64(-0.0), (1, 1))
    """
    f, u0, p = right_hand_side(f, "forward_sensitivity"), np.asarray(u0, float), np.asarray(p, float)
    d, m = len(u0), len(p)

    def along(W, p, t):
        u, US = W[:, 0], W[:, 1:]
        f_u, f_p = ad.jacobian(lambda u, p: f(u, p, t), (0, 1))(u, p)
        return np.column_stack([f(u, p, t), f_u @ US + np.hstack([np.zeros((d, d)), f_p])])

    W = solve(along, np.column_stack([u0, np.eye(d), np.zeros((d, m))]), p, t, step)
    return W[:, :, 0], W[:, :, 1 : d + 1], W[:, :, d + 1 :]


def discrete_adjoint(f, u0, p, t, g, step=rk4_step, states=None):
    """J = Σ_k g(u_k, k) for the states of ``solve``, with dJ/du0 and dJ/dp: the reverse mode of the steps, by hand.

    From λ_n = ∂g/∂u_n, each step back is  λ_k = (∂step/∂u)ᵀ λ_k+1 + ∂g/∂u_k  and adds (∂step/∂p)ᵀ λ_k+1 to dJ/dp.
    At most ``states`` states are kept, u0 among them; the others are computed again by ``adcourse.revolve``.
    ``u0`` and ``p`` are numbers or arrays, g returns a number.

    >>> from adcourse.science.runge_kutta import euler_step
    >>> end = lambda u, k: u if k == 10 else 0.0
    >>> J, by_u0, by_p = discrete_adjoint(lambda u, p, t: p * u, 1.0, 1.0, np.linspace(0, 1, 11), end, euler_step)
    >>> float(round(by_p, 9)), float(round(by_u0, 9))  # 10 h (1 + h)⁹ and (1 + h)¹⁰: not e
    (2.357947691, 2.59374246)
    """
    f, t, p, u = right_hand_side(f, "discrete_adjoint"), as_times(t), p * 1.0, u0 * 1.0
    n = len(t) - 1
    value, by_p, kept = 0.0, 0.0 * p, {}
    one = lambda k: lambda u, p: step(f, u, p, t[k], t[k + 1] - t[k])
    schedule = progress(ad.revolve(n, states or n), "discrete adjoint", position=0)
    for action, k, *to in schedule:
        if action == "save":
            kept[k] = u
        elif action == "restore":
            u = kept[k]
        elif action == "advance":
            for i in range(k, *to):
                u = one(i)(u, p)
        else:
            after, pull = ad.vjp(one(k), u, p)
            if k == n - 1:
                value, adjoint = ad.value_and_grad(g)(after, n)
            adjoint, more = pull(adjoint)
            by_p = by_p + more
            now, jump = ad.value_and_grad(g)(u, k)
            value, adjoint = value + now, adjoint + jump
            kept.pop(k, None)
    return value, adjoint, by_p


def continuous_adjoint(f, u0, p, t, g, step=rk4_step):
    """As ``discrete_adjoint``, by the adjoint *equation*: λ' = -f_uᵀ λ, μ' = -f_pᵀ λ, solved backwards by ``step``.

    Where the step asks for u between two times, a cubic through the states and slopes at both gives it. The error falls
    with the order of ``step`` (up to 4); for any fixed number of steps the result is the derivative of no program.

    >>> from adcourse.science.runge_kutta import euler_step
    >>> end = lambda u, k: u if k == 10 else 0.0
    >>> J, _, by_p = continuous_adjoint(lambda u, p, t: p * u, 1.0, 1.0, np.linspace(0, 1, 11), end, euler_step)
    >>> float(round(by_p, 6))
    2.593742
    """
    t, p = as_times(t), p * 1.0
    u = solve(f, u0 * 1.0, p, t, step)
    slopes = [f(u[k], p, t[k]) for k in range(len(t))]

    def along(k, now):
        """Hermite's cubic between t_k and t_k+1."""
        h = t[k + 1] - t[k]
        s = (now - t[k]) / h
        start, end = u[k] + s * h * slopes[k], u[k + 1] - (1 - s) * h * slopes[k + 1]
        return (1 - s) ** 2 * (start + 2 * s * u[k]) + s**2 * (end + 2 * (1 - s) * u[k + 1])

    value = sum(g(u[k], k) for k in range(len(t)))
    return value, *_backwards(f, p, t, g, step, u[-1], along)[1:]


def backsolve(f, u0, p, t, g, step=rk4_step):
    """As ``continuous_adjoint``, but u is forgotten and solved backwards too. A fourth result is the u0 that it found.

    Compare that with u0. Where the flow forgets its start, the way back multiplies every error, and the gradient
    belongs to another solution. It needs no memory for states: that is all that speaks for it.

    >>> f = lambda u, k, t: k * (np.cos(t) - u)
    >>> end = lambda u, k: u if k == 100 else 0.0
    >>> bool(abs(backsolve(f, 2.0, 30.0, np.linspace(0, 1, 101), end)[3] - 2.0) > 1e4)
    True
    """
    f, t, p, u, value = right_hand_side(f, "backsolve"), as_times(t), p * 1.0, u0 * 1.0, 0.0
    for k in range(len(t) - 1):
        value, u = value + g(u, k), step(f, u, p, t[k], t[k + 1] - t[k])
    value = value + g(u, len(t) - 1)
    found, adjoint, by_p = _backwards(f, p, t, g, step, u, None)
    return value, adjoint, by_p, found


def odeint(f, u0, p, t, rtol=1e-8, atol=1e-10):
    """``runge_kutta.rk45`` with a derivative: SciPy's adaptive steps both ways, as a rule of its own.

    The states at the times t. Its pullback solves the adjoint equation along the solution, kept as a function of time.
    Differentiable by u0 and p (numbers or arrays), once; ``f`` must not use other values that are being differentiated.
    Needs SciPy.

    >>> end = lambda p: odeint(lambda u, p, t: p * u, np.ones(1), p, [0.0, 1.0])[-1, 0]
    >>> bool(abs(ad.grad(end)(1.0) - np.e) < 1e-7)
    True
    """
    t = as_times(t)
    adaptive = lambda f, u, p, t, h: rk45(f, u, p, [t, t + h], rtol, atol)[-1]

    @ad.custom_rule
    def solution(u0, p):
        return rk45(f, u0, p, t, rtol, atol)

    @solution.vjp
    def solution_vjp(G, u, primals):
        u0, p = primals
        along = rk45(f, u0, p, t, rtol, atol, dense=True)
        weighted = lambda u, k: np.sum(G[k] * u)
        return _backwards(f, p, t, weighted, adaptive, u[-1], lambda k, now: along(now))[1:]

    return solution(u0, p)


def _backwards(f, p, t, g, step, u, along):
    """u(t_0), λ(t_0) and μ(t_0), backwards from u at the last time, in one vector W = (u, λ, μ).

    ``along(k, now)`` is u between t_k and t_k+1; None means that u' = f is solved backwards too.
    """
    size, n = np.size(u), len(t) - 1
    join = lambda *parts: np.concatenate([np.ravel(part) for part in parts])

    def split(W):
        parts = W[:size], W[size : 2 * size], W[2 * size :]
        return [np.reshape(part, np.shape(x))[()] for part, x in zip(parts, (u, u, p), strict=True)]

    def slope(W, p, now):
        here, adjoint, _ = split(W)
        here = along(k, now) if along else here
        du, pull = ad.vjp(lambda u, p: f(u, p, now), here, p)
        by_u, by_p = pull(adjoint)
        return join(0 * du if along else du, -by_u, -by_p)

    W = join(u, ad.grad(g)(u, n), np.zeros(np.shape(p)))
    for k in progress(reversed(range(n)), "adjoint", total=n, position=0):
        here, adjoint, by_p = split(step(slope, W, p, t[k + 1], t[k] - t[k + 1]))
        here = along(k, t[k]) if along else here
        W = join(here, adjoint + ad.grad(g)(here, k), by_p)
    return split(W)
