"""One example of every interactive picture, for the tests that hold for all of them."""

import numpy as np

from adcourse.widgets import SweepStepper


def running_example(w1, w2):
    v = w2 * np.log(w1)
    return v + np.sqrt(v)


EXAMPLES = {
    "SweepStepper": lambda: SweepStepper(running_example, np.e, 4.0),
}
