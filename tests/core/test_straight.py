"""Recurrences written out as a straight-line program give the same numbers, to the last bit."""

import numpy as np
import pytest

from adcourse import taylor
from adcourse.core import straight
from adcourse.core.flow import Flow

PROGRAMS = {
    "kepler": lambda t, y: np.array([y[2], y[3], -y[0] / np.sqrt(y[0] ** 2 + y[1] ** 2) ** 3, -y[1] * (y @ y) ** -1.5]),
    "products": lambda t, y: np.array([y[0] * (1.5 - y[1]), y[1] * y[1] - 3 * y[2], y[2] * y[0] * 2.5, -y[3]]),
    "quotients": lambda t, y: np.array([1 / y[1], y[0] / y[2], (y[2] - 1) / 3, t / (t + y[3])]),
    "functions": lambda t, y: np.array([np.sin(y[1] + t), np.exp(-y[0]), np.log(y[2]), np.sqrt(y[3])]),
    "more functions": lambda t, y: np.array([np.cosh(y[1]), np.cos(t * y[0]), y[2] ** 0.3, 2.0 ** y[3]]),
    "constants": lambda t, y: np.array([1.0, t, 0.0 * y[0], 2 * t + y[3] - y[3]]),
    "many digits": lambda t, y: y * np.array([0.1, 1 / 3, -np.pi, 1e-300]) - np.array([1e22, 0.0, -0.0, 1 / 7]),
}


@pytest.mark.parametrize("order", [1, 2, 7, 24])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_numbers(name, order, monkeypatch):
    monkeypatch.setattr(straight, "OFTEN", 3)
    straight.program_of.cache_clear()
    points = np.random.default_rng(order).uniform(0.5, 2.0, (5, 5))
    flow = Flow(PROGRAMS[name], order)
    found = [flow(p[0], p[1:]) for p in points]
    *_, program = flow.recipe
    assert program.times == 3 and program.function is not None
    monkeypatch.setattr(straight, "OFTEN", np.inf)
    for p, c in zip(points, found, strict=True):
        straight.program_of.cache_clear()
        np.testing.assert_array_equal(Flow(PROGRAMS[name], order)(p[0], p[1:]), c)


def test_programs_with_other_constants_are_others():
    straight.program_of.cache_clear()
    f = lambda a: Flow(lambda t, y: a * y, 3)
    for _ in range(2 * straight.OFTEN // 3):
        for a in (1.0, 2, 2.0, -0.5):
            np.testing.assert_allclose(f(a)(0.0, np.ones(1))[1], a)
    assert straight.program_of.cache_info().currsize == 4


def test_what_cannot_be_written_out_runs_on(monkeypatch):
    monkeypatch.setattr(straight, "OFTEN", 2)
    monkeypatch.setattr(straight.Name, "__mul__", None)
    straight.program_of.cache_clear()
    flow = Flow(lambda t, y: y * y, 3)
    for _ in range(5):
        np.testing.assert_allclose(flow(0.0, np.ones(1))[:, 0], 1.0)


def test_a_name_is_no_number():
    x = straight.Name(straight.Writer(), "x")
    with pytest.raises(TypeError, match="any number"):
        bool(x)


FUNCTIONS = [np.sin, np.cosh, np.exp, np.log, np.sqrt, lambda x: x**2.5, lambda x: x * x, lambda x: (1 + x) / x**3]


@pytest.mark.parametrize("x", [0.7, np.linspace(0.5, 1.5, 9), np.linspace(0.5, 1.5, 4, dtype=np.float32).reshape(2, 2)])
@pytest.mark.parametrize("order", [1, 6, 32, 33])
def test_a_series_the_first_time_and_later(x, order, monkeypatch):
    run = lambda: [taylor(lambda t, f=f: f(0.1 + 2 * t - t * t / 3), x, order).coefficients for f in FUNCTIONS]
    monkeypatch.setattr(straight, "OFTEN", np.inf)
    first = run()
    monkeypatch.setattr(straight, "OFTEN", 1)
    straight.program_of.cache_clear()
    later = run()
    assert (straight.program_of.cache_info().currsize > 0) == (order <= straight.LONGEST)
    for a, b in zip(first, later, strict=True):
        # Nearly: where an array lies in memory decides how some of NumPy's sums are grouped.
        few = 16 * np.finfo(np.asarray(a).dtype).eps
        np.testing.assert_allclose(a, b, rtol=few, atol=few * np.max(np.abs(a)), strict=True)
