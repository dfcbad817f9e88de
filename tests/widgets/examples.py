"""One example of every interactive picture, for the tests that hold for all of them."""

import numpy as np

from adcourse.widgets import (
    BroadcastView,
    DescentLandscape,
    DualGeometry,
    ErrorV,
    JacobianColouring,
    ModeCost,
    PerturbationConfusion,
    SweepStepper,
    SwellMeter,
)


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
    "BroadcastView": lambda: BroadcastView((3, 1), (2, 1, 4), (4,)),
    "DescentLandscape": lambda: DescentLandscape(himmelblau),
    "DualGeometry": DualGeometry,
    "ErrorV": lambda: ErrorV(p, 1.0),
    "JacobianColouring": lambda: JacobianColouring(around_a_ring, np.linspace(-1, 1, 8)),
    "ModeCost": lambda: ModeCost(1000, 3, 4, 1),
    "PerturbationConfusion": PerturbationConfusion,
    "SweepStepper": lambda: SweepStepper(running_example, np.e, 4.0),
    "SwellMeter": lambda: SwellMeter(lambda y: 4 * y * (1 - y)),
}
