"""Walk the table: every example of every rule, replayed, gives the bits of the call itself; and so do derivatives."""

import warnings

import numpy as np
import pytest

from adcourse import jvp, replay, vjp
from adcourse.core.tree import flatten
from adcourse.program.replay import identical
from tests.core.examples import EXAMPLES, draw

CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


def same(found, expected):
    found, expected = flatten(found)[0], flatten(expected)[0]
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert identical(a, b), (a, b)


def replayed(f, points):
    """The first call records, the others run what was recorded; each is the call itself."""
    fast = replay(f)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for args in points:
            same(fast(*args), f(*args))
    return fast, [str(w.message) for w in said if "replay runs" in str(w.message)]


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_table(call, domains, shapes, request):
    rng = np.random.default_rng(len(request.node.name))
    points = [draw(rng, domains, shapes) for _ in range(3)]

    def tangents(*xs):
        return jvp(call, xs, tuple(np.cos(x) for x in xs))

    def cotangents(*xs):
        y, pullback = vjp(call, *xs)
        return y, pullback(np.cos(np.arange(float(np.size(y)))).reshape(np.shape(y)) if np.shape(y) else 1.0)

    fast, said = replayed(call, points)
    ours = [text for text in said if "complex numbers" in text or "function of SciPy" in text]
    assert said == ours and all(p.repeats for p in fast.programs) is not bool(ours)  # run as it is, or replayed
    for f in (tangents, cotangents):
        fast, said = replayed(f, points)
        assert not said and all(p.repeats for p in fast.programs)


def test_few_are_run_as_they_are():
    """Only outside of transforms: Fourier transforms and complex numbers, and SciPy's functions that are no ufuncs."""
    ours = 0
    for name in EXAMPLES:
        call, domains, shapes = EXAMPLES[name][0]
        ours += bool(replayed(call, [draw(np.random.default_rng(1), domains, shapes)])[1])
    assert ours <= 20 and len(EXAMPLES) > 150
