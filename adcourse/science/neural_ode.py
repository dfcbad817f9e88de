"""Neural differential equations: u' = known(u, t) + network(θ, u), with θ learnt from data.

With no known part it is a *neural ODE*; with one, a *universal* differential equation, in which the network stands for
what the equation leaves out. A solution by fixed steps is a deep network whose layers are the steps and share θ.

Sources: Chen, Rubanova, Bettencourt and Duvenaud, *Neural ordinary differential equations* (2018); Rackauckas et al.,
*Universal differential equations for scientific machine learning* (2020); Kidger, *On Neural Differential Equations*
(2022).
"""

from dataclasses import dataclass

import numpy as np

import adcourse as ad
from adcourse.core.errors import InputError

from .nn import Network, mean_square, train
from .optimize import adam
from .runge_kutta import as_times, rk4_step, solve


@dataclass(frozen=True)
class NeuralODE:
    """The right-hand side f(u, θ, t) = known(u, t) + network(θ, u), for states in rows: ``u`` is N × d.

    ``known`` is plain NumPy, None for nothing; ``network`` a ``nn.Network`` with d inputs and d outputs.

    >>> ode = NeuralODE(Network((2, 8, 2)))
    >>> ode(np.ones((5, 2)), np.zeros(ode.network.size)).shape
    (5, 2)
    """

    network: Network
    known: object = None

    def __post_init__(self):
        if not isinstance(self.network, Network):
            raise InputError(
                f"A neural ODE was given {self.network!r} for its network.",
                "it is a network with as many outputs as inputs.",
                "NeuralODE(Network((2, 16, 2)))",
            )
        first, *_, last = self.network.sizes
        if first != last:
            raise InputError(
                f"A neural ODE was given a network of sizes {self.network.sizes}.",
                "it takes a state to its rate of change, which has as many numbers.",
                f"Network(({first}, 16, {first}))",
            )

    def __call__(self, u, theta, t=0.0):
        learnt = self.network(theta, u)
        return learnt if self.known is None else self.known(u, t) + learnt

    def predict(self, theta, u0, t, step=rk4_step):
        """The states at the times t from ``u0`` (d numbers, or N × d): one ``step`` between neighbours."""
        u0 = np.asarray(u0, float)
        return np.reshape(solve(self, np.atleast_2d(u0), theta, t, step), (len(as_times(t)), *u0.shape))

    def loss(self, theta, starts, ends, times, states=None):
        """½ |u(t_n) - ends|² / N for all rows at once, after the steps of ``times``.

        Where ``states`` is given, no more than that many are kept on the way back (``ad.checkpointed_loop``).
        """
        t = as_times(times)
        one = lambda u, k, theta: rk4_step(self, u, theta, t[k], t[k + 1] - t[k])
        if states:
            return mean_square(ad.checkpointed_loop(one, starts, len(t) - 1, theta, states=states), ends)
        return mean_square(solve(self, starts, theta, t)[-1], ends)

    def fit(self, t, u, rule=None, reach=3, epochs=300, batch=32, rng=None):
        """Learn θ from states ``u`` (n + 1 × d) seen at evenly spaced times: ``nn.train`` on pieces of ``reach`` steps.

        From each u_k, ``reach`` steps must end at u_(k + reach). (Short pieces have gentle gradients; over a long
        trajectory a wrong θ has long left the data.) Returns a ``Training``. Raises InputError for uneven times.

        >>> t = np.linspace(0.0, 1.0, 11)
        >>> ode = NeuralODE(Network((1, 1)))  # no hidden layer: a straight line, for u' = 1 - u
        >>> found = ode.fit(t, 1.0 - np.exp(-t)[:, None], adam(0.1), reach=1, epochs=100, rng=np.random.default_rng(0))
        >>> bool(np.abs(found.theta - [-1.0, 1.0]).max() < 0.1)
        True
        """
        t, u, rng = as_times(t), np.asarray(u, float), rng or np.random.default_rng()
        h = (t[-1] - t[0]) / (len(t) - 1)
        if not np.allclose(np.diff(t), h) or len(u) != len(t) or not 0 < reach < len(t):
            raise InputError(
                f"fit was given {len(t)} times, {len(u)} states, and pieces of {reach} steps.",
                "there is one state for each time, the times are evenly spaced, and a piece lies within them.",
                "t = np.linspace(0.0, 10.0, len(u))",
            )
        piece = h * np.arange(reach + 1)
        loss = lambda theta, starts, ends: self.loss(theta, starts, ends, piece)
        data = (u[:-reach], u[reach:])
        return train(loss, self.network.start(rng), data, rule or adam(0.01), epochs, batch, rng)
