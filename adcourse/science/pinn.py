"""Physics-informed networks: a network is the unknown of a differential equation, and is trained to fulfil it.

The equation F(x, u, u', u'') = 0 on an interval, with u given at its ends, is asked for at some points; u' and u'' are
derivatives of the network by its input, those of the misfit by its weights go on top.

Source: Lagaris, Likas and Fotiadis, *Artificial neural networks for solving ordinary and partial differential
equations* (IEEE Transactions on Neural Networks 9, 1998), who have the ends by construction; Raissi, Perdikaris and
Karniadakis, *Physics-informed neural networks* (Journal of Computational Physics 378, 2019), who have them by weights.
"""

from dataclasses import dataclass

import numpy as np

from adcourse import taylor
from adcourse.core.errors import InputError

from .least_squares import levenberg_marquardt
from .nn import Network


@dataclass(frozen=True)
class Trial:
    """u(θ, x) for points x (an array of shape (N,)) and the weights θ of a network with one input and one output.

    ``hard``: u = line + (x - a)(b - x) N(θ, x), where the line has the given ``values`` at the ``ends`` a and b, so
    that u has them whatever the weights. Otherwise u = N, and the ends are one more demand of ``residuals``.

    >>> u = Trial(Network((1, 4, 1)), values=(2.0, 5.0))
    >>> u(np.ones(u.network.size), np.array([0.0, 1.0]))
    array([2., 5.])
    """

    network: Network
    ends: tuple = (0.0, 1.0)
    values: tuple = (0.0, 0.0)
    hard: bool = True

    def __post_init__(self):
        if self.network.sizes[0] != 1 or self.network.sizes[-1] != 1 or not self.ends[0] < self.ends[1]:
            raise InputError(
                f"A Trial was given a network of sizes {self.network.sizes} and the ends {self.ends}.",
                "it is one function of one number, from the left end to the right one.",
                "Trial(Network((1, 12, 1)), ends=(0.0, 1.0))",
            )

    def __call__(self, theta, x):
        N = self.network(theta, np.reshape(x, (-1, 1)))[:, 0]
        if not self.hard:
            return N
        (a, b), (left, right) = self.ends, self.values
        return left + (right - left) * (x - a) / (b - a) + (x - a) * (b - x) * N

    def derivatives(self, theta, x):
        """u, u' and u'' at the points x: one Taylor sweep of order 2, point by point."""
        c = taylor(lambda x: self(theta, x), x, 2).coefficients
        return c[0], c[1], 2.0 * c[2]

    def residuals(self, theta, equation, points, weight=1.0):
        """F/√N at the N points; for a soft Trial also √weight (u - value) at both ends.

        Half the sum of their squares is the loss: ½ mean F² + ½ weight Σ (u - value)².
        ``equation(x, u, u', u'')`` is F, plain NumPy code for arrays of shape (N,).
        """
        F = equation(points, *self.derivatives(theta, points)) / np.sqrt(len(points))
        if np.shape(F) != np.shape(points):
            raise InputError(
                f"The equation returned an array of shape {np.shape(F)} for {len(points)} points.",
                "it must be one number for each point.",
                "lambda x, u, du, ddu: ddu + np.sin(x)",
            )
        if self.hard:
            return F
        return np.concatenate([F, np.sqrt(weight) * (self(theta, np.array(self.ends)) - np.array(self.values))])


def train(u, equation, points, theta, weight=1.0, steps=200, tol=1e-6):
    """Weights at which the Trial ``u`` fulfils the equation at the points: a ``Fit`` of ``levenberg_marquardt``.

    ``theta`` is the start, such as ``u.network.start(rng)``: from another one comes another solution, where there are
    some. The Jacobian of the residuals is exact, by the tape through the Taylor sweep.
    Raises InputError unless the points are numbers between the ends, more than one.

    >>> u, points = Trial(Network((1, 5, 1))), np.linspace(0, 1, 12)
    >>> fit = train(u, lambda x, u, du, ddu: ddu + 2.0, points, u.network.start(np.random.default_rng(0)))
    >>> bool(np.abs(u(fit.x, points) - points * (1 - points)).max() < 1e-4)
    True
    """
    points = np.asarray(points, float)
    a, b = u.ends
    if points.ndim != 1 or len(points) < 2 or not np.all((a <= points) & (points <= b)):
        raise InputError(
            f"train was given points of shape {points.shape}.",
            f"the equation is asked for at some numbers between {a:g} and {b:g}.",
            f"np.linspace({a:g}, {b:g}, 30)",
        )
    if not weight > 0:
        raise InputError(f"train was given weight={weight!r}.", "it says how much the ends count.", "weight=100.0")
    return levenberg_marquardt(lambda theta: u.residuals(theta, equation, points, weight), theta, steps, tol)
