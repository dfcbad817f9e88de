"""One example of every interactive picture, for the tests that hold for all of them."""

import numpy as np

from adcourse import widgets


def running_example(w1, w2):
    v = w2 * np.log(w1)
    return v + np.sqrt(v)


def around_a_ring(u):
    return np.roll(u, 1) - 2 * u + np.roll(u, -1) - 0.1 * u**3


def p(x):
    return 5 * x**5 + 4 * x**3 - 5


def himmelblau(v):
    x, y = v
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


EXAMPLES = {
    "BroadcastView": lambda: widgets.BroadcastView((3, 1), (2, 1, 4), (4,)),
    "CheckpointSchedule": lambda: widgets.CheckpointSchedule(20, 3),
    "Cobweb": lambda: widgets.Cobweb(lambda z, a: a + 0.5 * np.sin(z), 1.0, 3.0),
    "DescentLandscape": lambda: widgets.DescentLandscape(himmelblau),
    "DualGeometry": lambda: widgets.DualGeometry(),
    "ErrorV": lambda: widgets.ErrorV(p, 1.0),
    "JacobianColouring": lambda: widgets.JacobianColouring(around_a_ring, np.linspace(-1, 1, 8)),
    "KinkExplorer": lambda: widgets.KinkExplorer(lambda t, relu: relu(-t) + t - relu(t)),
    "ModeCost": lambda: widgets.ModeCost(1000, 3, 4, 1),
    "PerturbationConfusion": lambda: widgets.PerturbationConfusion(),
    "PhaseSpace": lambda: widgets.PhaseSpace(lambda q: 1 - np.cos(q), 2.0, steps=100),
    "SweepStepper": lambda: widgets.SweepStepper(running_example, np.e, 4.0),
    "SwellMeter": lambda: widgets.SwellMeter(lambda y: 4 * y * (1 - y)),
    "TaylorExplorer": lambda: widgets.TaylorExplorer(lambda t: 1 / (1 + t**2), 0.0, 1.0, -2.0),
}
