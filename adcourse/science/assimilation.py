"""Data assimilation: which start u0 of a model u' = f(u, p, t) fits what was observed on the way? 4D-Var.

J(u0) = ½ |u0 - background|² / spread² + ½ Σ_k |H u(t_k) - y_k|² / σ²

is an ordinary program of u0: its gradient is the discrete adjoint of the model. Its minimum is the *analysis*; what the
model says after the last observation is the *forecast*.

Sources: Le Dimet and Talagrand, *Variational algorithms for analysis and assimilation of meteorological observations*
(1986); Asch, Bocquet and Nodet, *Data Assimilation* (SIAM, 2016), chapter 2; Lorenz, *Deterministic nonperiodic flow*
(1963).
"""

import numpy as np

import adcourse as ad
from adcourse.core.errors import InputError

from .given import right_hand_side, whole
from .least_squares import levenberg_marquardt
from .runge_kutta import as_times, rk4_step, solve


def lotka_volterra(u, p, t=0.0):
    """Prey x and predators y: x' = p₀ x - p₁ x y, y' = p₃ x y - p₂ y (Lotka, 1925; Volterra, 1926).

    At rest at (p₂/p₃, p₀/p₁); otherwise p₃ x - p₂ log x + p₁ y - p₀ log y stays what it was. ``u`` is (x, y), or
    2 × members.

    >>> lotka_volterra(np.array([3.0, 1.5]), (1.5, 1.0, 3.0, 1.0))
    array([0., 0.])
    """
    x, y = u[0], u[1]
    return np.stack([p[0] * x - p[1] * x * y, p[3] * x * y - p[2] * y])


def lorenz63(u, p=(10.0, 28.0, 8 / 3), t=0.0):
    """Lorenz's three numbers of a layer heated from below: x' = σ(y - x), y' = x(ρ - z) - y, z' = xy - βz.

    With these ``p`` = (σ, ρ, β) it is chaotic: small errors grow about e^(0.9 t)-fold. At rest at (0, 0, 0) and at
    (±√(β(ρ-1)), ±√(β(ρ-1)), ρ-1).

    >>> lorenz63(np.array([6.0, 6.0, 13.5]), (10.0, 14.5, 8 / 3))
    array([0., 0., 0.])
    """
    x, y, z = u[0], u[1], u[2]
    return np.stack([p[0] * (y - x), x * (p[1] - z) - y, x * y - p[2] * z])


def observe(f, u0, p, t, every, H, sigma, rng):
    """Observations y_k = H u(t_k) + noise of size σ, at t[every], t[2 every], ...: of a *twin*, whose start is known.

    >>> y = observe(lotka_volterra, np.ones(2), (1.5, 1, 3, 1), np.linspace(0, 5, 51), 10, np.array([[1.0, 0]]), 0.0,
    ...             np.random.default_rng())
    >>> y.shape
    (5, 1)
    """
    every = whole(every, 1, "every")
    exact = solve(f, u0, p, t)[every::every] @ np.transpose(H)
    return exact + sigma * rng.normal(size=exact.shape)


def misfit(f, p, t, every, H, y, sigma, background, spread, step=rk4_step, states=None):
    """The function r(u0) with J = ½ |r|²: (u0 - background) / spread, then all (H u(t_k) - y_k) / σ, in one vector.

    ``y`` (m rows) are observations H u of the states at t[every], t[2 every], ... . Where ``states`` is given, no more
    than that many are kept between two observations on the way back (``ad.checkpointed_loop``). Raises InputError
    where y and H don't fit the times and the background.

    >>> r = misfit(lotka_volterra, (1.5, 1, 3, 1), [0, 0.1], 1, np.eye(2), np.ones((1, 2)), 0.1, np.ones(2), 2.0)
    >>> r(np.array([3.0, 1.5]))  # at rest
    array([ 1.  ,  0.25, 20.  ,  5.  ])
    """
    f, every = right_hand_side(f, "misfit"), whole(every, 1, "every")
    t, H, y, background = as_times(t), np.asarray(H, float), np.asarray(y, float), np.asarray(background, float)
    if H.ndim != 2 or y.ndim != 2 or y.shape[1:] != H.shape[:1] or H.shape[1:] != background.shape:
        raise InputError(
            f"4D-Var was given H of shape {H.shape}, y of shape {y.shape}, a background of shape {background.shape}.",
            "H takes a state to what is observed of it, and each row of y is one observation.",
            "H = np.array([[1.0, 0.0]]) to observe the first of two numbers, and y of shape (times, 1)",
        )
    if not 0 < len(y) * every < len(t):
        raise InputError(
            f"{len(y)} observations, {every} steps apart, were given for {len(t) - 1} steps.",
            "the window must reach to the last of them.",
            "t = np.linspace(0.0, end, len(y) * every + 1)",
        )

    def one(u, k, first):
        return step(f, u, p, t[first + k], t[first + k + 1] - t[first + k])

    def r(u0):
        u, parts = u0, [(u0 - background) / spread]
        for i in range(len(y)):
            if states:
                u = ad.checkpointed_loop(one, u, every, i * every, states=states)
            else:
                for k in range(every):
                    u = one(u, k, i * every)
            parts.append((H @ u - y[i]) / sigma)
        return np.concatenate(parts)

    return r


def four_d_var(f, p, t, every, H, y, sigma, background, spread, step=rk4_step):
    """The analysis: ``least_squares.levenberg_marquardt`` on ``misfit``, from the background; returns its Fit.

    (In weather forecasting the same is called *incremental* 4D-Var: in each round, the linear least squares problem of
    the tangent-linear model.)

    >>> t, H, start = np.linspace(0, 1, 11), np.array([[1.0, 0.0]]), np.array([1.2, 0.7])
    >>> y = observe(lotka_volterra, start, (1.5, 1, 3, 1), t, 5, H, 0.0, np.random.default_rng())
    >>> four_d_var(lotka_volterra, (1.5, 1, 3, 1), t, 5, H, y, 0.1, background=np.ones(2), spread=1e6).x.round(6)
    array([1.2, 0.7])
    """  # the second number was never observed
    r = misfit(f, p, t, every, H, y, sigma, background, spread, step)
    return levenberg_marquardt(r, background, steps=50)


def analysis_covariance(fit):
    """(JᵀJ)⁻¹ with the Jacobian of the misfit: to first order the covariance of the analysis's error.

    Exact where the model is linear, and the errors are Gaussian and of the sizes that the misfit was told.

    >>> t = [0.0, 0.1]
    >>> still = lambda u, p, t: 0 * u
    >>> fit = four_d_var(still, None, t, 1, np.eye(2), np.ones((1, 2)), sigma=3.0, background=np.zeros(2), spread=4.0)
    >>> np.sqrt(np.diag(analysis_covariance(fit))).round(6)  # 1 / √(1/3² + 1/4²)
    array([2.4, 2.4])
    """
    R = np.linalg.qr(fit.jacobian, mode="r")
    inverse = np.linalg.inv(R)
    return inverse @ inverse.T
