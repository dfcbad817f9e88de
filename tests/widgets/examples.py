"""One example of every interactive picture, for the tests that hold for all of them."""

import numpy as np

from adcourse.widgets import ModeCost, SweepStepper, SwellMeter


def running_example(w1, w2):
    v = w2 * np.log(w1)
    return v + np.sqrt(v)


EXAMPLES = {
    "ModeCost": lambda: ModeCost(1000, 3, 4, 1),
    "SweepStepper": lambda: SweepStepper(running_example, np.e, 4.0),
    "SwellMeter": lambda: SwellMeter(lambda y: 4 * y * (1 - y)),
}
