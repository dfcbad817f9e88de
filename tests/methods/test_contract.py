"""The contract: every method and bridge, on every scenario, is right to the accuracy it states or says why it isn't."""

import warnings

import numpy as np
import pytest

from adcourse import compare
from adcourse.methods.registry import METHODS
from tests.methods.scenarios import SCENARIOS


def tolerance(method, scenario):
    """What the method promises: rounding for an exact one, eps^q for one with a step."""
    eps = float(np.finfo(np.asarray(scenario.x).dtype).eps) if np.asarray(scenario.x).dtype.kind == "f" else 2.0**-52
    if method.exact:
        return 100 * scenario.condition * eps * max(1.0, float(np.max(np.abs(scenario.exact))))
    return 100 * scenario.size * eps ** method.accuracy(1)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_right_or_a_reason(scenario):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a comparison speaks in its rows, not in warnings
        comparison = compare(scenario.f, scenario.x, budget=10)
    assert [row.method for row in comparison.rows] == list(METHODS)
    wrong = []
    for row in comparison.rows:
        method = METHODS[row.method]
        if row.value is None or not np.all(np.isfinite(row.value)):
            if not row.note:
                wrong.append(f"{row.method}: {row.value} without a word")
        elif scenario.kink:
            low, high = scenario.exact
            if not low - 1e-6 <= row.value <= high + 1e-6:
                wrong.append(f"{row.method}: {row.value} is none of the slopes at this kink")
        elif np.all(np.isfinite(scenario.exact)):
            off = float(np.max(np.abs(row.value - scenario.exact)))
            if (method.exact or scenario.smooth or not row.note) and not off <= tolerance(method, scenario):
                wrong.append(f"{row.method}: {row.value}, off by {off:.2g}, said {row.note!r}")
        elif comparison.reference.values is not None or not comparison.notes:
            wrong.append(f"{row.method}: {row.value}, where f has no derivative")
    assert not wrong, "\n".join(wrong)
