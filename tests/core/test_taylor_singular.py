"""Series that begin with zeros: the order to which a result is known, and where there is none."""

import math

import numpy as np
import pytest
import scipy.special as sc

from adcourse import Taylor, derivative, taylor
from adcourse.core.errors import DomainError

# ------------------------------------------------------------------------------ what is known


def variable(order=8):
    return Taylor([0.0, 1.0], order)


def known(f, order=8):
    """The coefficients of f(t), and how many are known."""
    y = f(variable(order))
    assert len(y.coefficients) == y.order + 1
    return y.order, [float(c) for c in y.coefficients]


FACTORIALS = [1 / math.factorial(k) for k in range(30)]
SIN = [0.0 if k % 2 == 0 else (-1) ** (k // 2) * FACTORIALS[k] for k in range(30)]
COS = [0.0 if k % 2 else (-1) ** (k // 2) * FACTORIALS[k] for k in range(30)]
ROOT = [1.0]  # sqrt(1 + t)
for _k in range(1, 30):
    ROOT.append(ROOT[-1] * (1.5 - _k) / _k)
VALID = {  # orders lost, coefficients
    "sin(t)/t": (1, lambda t: np.sin(t) / t, SIN[1:]),
    "(1 - cos(t))/t^2": (2, lambda t: (1 - np.cos(t)) / t**2, [-c for c in COS[2:]]),
    "(1 - cos(t))/t": (1, lambda t: (1 - np.cos(t)) / t, [-c for c in COS[1:]]),
    "(exp(t) - 1)/t": (1, lambda t: (np.exp(t) - 1) / t, FACTORIALS[1:]),
    "expm1(t)/t": (1, lambda t: np.expm1(t) / t, FACTORIALS[1:]),
    "log1p(t)/t": (1, lambda t: np.log1p(t) / t, [(-1) ** k / (k + 1) for k in range(30)]),
    "t/t": (1, lambda t: t / t, [1.0] + [0.0] * 30),
    "t^3/t": (1, lambda t: t**3 / t, [0.0, 0.0, 1.0] + [0.0] * 30),
    "t^3/t^2": (2, lambda t: t**3 / t**2, [0.0, 1.0] + [0.0] * 30),
    "(t + t^2)/(2 t)": (1, lambda t: (t + t * t) / (2 * t), [0.5, 0.5] + [0.0] * 30),
    "0/t": (1, lambda t: 0.0 / t, [0.0] * 30),
    "sin(t)^2/(1 - cos(t))": (2, lambda t: np.sin(t) ** 2 / (1 - np.cos(t)), [2.0, *COS[1:]]),
    "sqrt(t^2 (1 + t))": (1, lambda t: np.sqrt(t * t * (1 + t)), [0.0, *ROOT]),
    "sqrt(t^4 (1 + t))": (2, lambda t: np.sqrt(t**4 * (1 + t)), [0.0, 0.0, *ROOT]),
    "sqrt(4 t^2)": (1, lambda t: np.sqrt(4 * t * t), [0.0, 2.0] + [0.0] * 30),
    "(t^2)^0.5": (1, lambda t: (t * t * (1 + t)) ** 0.5, [0.0, *ROOT]),
    "(t^2)^1.5": (0, lambda t: (t * t) ** 1.5, [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "t^2": (0, lambda t: t**2, [0.0, 0.0, 1.0] + [0.0] * 30),
    "t^2.0": (0, lambda t: t**2.0, [0.0, 0.0, 1.0] + [0.0] * 30),
    "t^float64(3)": (0, lambda t: t ** np.float64(3), [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "t^int64(3)": (0, lambda t: t ** np.int64(3), [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "power(t, 3.0)": (0, lambda t: np.power(t, 3.0), [0.0, 0.0, 0.0, 1.0] + [0.0] * 30),
    "t^0": (0, lambda t: t**0, [1.0] + [0.0] * 30),
    "t^0.0": (0, lambda t: t**0.0, [1.0] + [0.0] * 30),
    "t^20": (0, lambda t: t**20, [0.0] * 30),
    "sin(t)^3": (0, lambda t: np.sin(t) ** 3, [(3 * a - b) / 4 for a, b in zip(SIN, [s * 3**k for k, s in
                                                                           enumerate(SIN)], strict=True)]),
    "t/sin(t)": (1, lambda t: np.sin(t) * (t / np.sin(t)), [0.0, 1.0] + [0.0] * 30),
    "cbrt(1 + t)^3": (0, lambda t: np.cbrt(1 + t) ** 3, [1.0, 1.0] + [0.0] * 30),
    "product of orders": (1, lambda t: (t / t) * np.exp(t), FACTORIALS),
    "sum of orders": (2, lambda t: t**3 / t**2 + t / t + np.exp(t), [2.0, 2.0, *FACTORIALS[2:]]),
}  # fmt: skip


@pytest.mark.parametrize("order", [4, 8])
@pytest.mark.parametrize("name", VALID)
def test_valid_order(name, order):
    """What is returned is right, and it is not more than what is known: O(t^n) of an operand stays O(t^n)."""
    lost, f, exact = VALID[name]
    valid, found = known(f, order)
    assert valid <= order if lost == 0 else valid == order - lost
    assert valid >= order - lost
    np.testing.assert_allclose(found, exact[: valid + 1], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", VALID)
def test_what_is_said_to_be_known_is(name):
    """What an operand leaves open, its coefficient of t^(order+1), changes nothing that is said to be known."""
    _, f, _ = VALID[name]
    y = f(Taylor([0.0, 1.0] + [0.0] * 5, 6))
    for c in (1.0, -3.0):
        z = f(Taylor([0.0, 1.0] + [0.0] * 5 + [c], 7))
        for a, b in zip(y.coefficients, z.coefficients, strict=False):
            assert a == pytest.approx(b, abs=1e-13)


def test_orders_of_operands_differ():
    a, b = Taylor([1.0, 2.0, 3.0]), Taylor([4.0, 5.0, 6.0, 7.0, 8.0])
    for y in (a + b, a * b, a / b, b / a, a - b, a**b, np.hypot(a, b), np.arctan2(b, a), np.maximum(a, b)):
        assert y.order == 2
    assert np.stack([a, b]).order == np.hstack([a, b]).order == np.array([a, b, 1.0], like=a).order == 2
    assert (np.array([[1.0, 2.0]]) @ np.stack([a, b])).order == 2


# ------------------------------------------------------------------------------ what isn't

OUTSIDE = {
    "log(t)": np.log, "log2(t)": np.log2, "log10(t)": np.log10, "1/t": lambda t: 1 / t, "1/t^2": lambda t: 1 / (t * t),
    "t/t^2": lambda t: t / t**2, "cos/sin": lambda t: np.cos(t) / np.sin(t), "reciprocal": np.reciprocal,
    "sqrt(t)": np.sqrt, "sqrt(t^3)": lambda t: np.sqrt(t**3), "sqrt(sin t)": lambda t: np.sqrt(np.sin(t)),
    "t^0.5": lambda t: t**0.5, "t^2.5": lambda t: t**2.5, "t^-1": lambda t: t**-1, "t^-2": lambda t: t**-2.0,
    "cbrt(t)": np.cbrt, "(t^2)^-0.5": lambda t: (t * t) ** -0.5, "sqrt(-t^2)": lambda t: np.sqrt(-t * t),
    "t^t": lambda t: t**t, "log1p(t - 1)": lambda t: np.log1p(t - 1), "x log x": lambda t: t * np.log(t),
    "arcsin(1 + t)": lambda t: np.arcsin(1 + t), "arccos(-1 + t)": lambda t: np.arccos(-1 + t),
    "arccosh(1 + t)": lambda t: np.arccosh(1 + t), "arctanh(1 - t)": lambda t: np.arctanh(1 - t),
    "0/0": lambda t: (t - t) / (t - t), "t/0": lambda t: t / (t - t), "1/0": lambda t: 1.0 / (0.0 * t),
    "arctan2(t, t)": lambda t: np.arctan2(t, t - t),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_domain(name):
    """No series exists, and what is said names the coefficient that must not be zero."""
    with pytest.raises(DomainError, match=r"coefficient|c_\d"), np.errstate(all="ignore"):
        OUTSIDE[name](variable())
    with pytest.raises(DomainError), np.errstate(all="ignore"):
        taylor(OUTSIDE[name], 0.0, 5)


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_domain_in_one_entry_of_an_array(name):
    t = Taylor([np.array([0.5, 0.0, 0.7]), np.ones(3)], 6)
    with pytest.raises(DomainError), np.errstate(all="ignore"):
        OUTSIDE[name](t)


@pytest.mark.parametrize("order", [1, 2])
def test_at_first_order_too(order):
    """The derivative of sqrt at 0 is infinite: no series, at any order; its value alone, order 0, is."""
    with pytest.raises(DomainError):
        taylor(np.sqrt, 0.0, order)
    assert taylor(np.sqrt, 0.0, 0).coefficients == [0.0]


@pytest.mark.parametrize("f, exact", [
    (lambda t: np.sin(t) / t, -1 / 3), (lambda t: (1 - np.cos(t)) / t**2, -1 / 12),
    (lambda t: (np.sin(t) - t) / t**3, 1 / 60), (lambda t: (np.sin(t) - t) / t / t / t, 1 / 60),
    (lambda t: (np.exp(t) - 1 - t) / (1 - np.cos(t)), 1 / 3), (lambda t: np.sqrt(2 - 2 * np.cos(t)) / t, -1 / 12),
    (lambda t: t**2.5, 0.0), (lambda t: (t * t) ** 1.5, 0.0), (lambda t: t**4.5 / t**2, 0.0),
])  # fmt: skip
def test_second_derivative_at_a_removable_singularity(f, exact):
    """Where quotients take orders away, ``derivative`` asks for more."""
    assert derivative(f, 2)(0.0) == pytest.approx(exact, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("f", [lambda t: 1 / t, np.sqrt, np.log, lambda t: t**1.5, lambda t: t / (t - np.sin(t))])
def test_second_derivative_where_there_is_none(f):
    with pytest.raises(DomainError):
        derivative(f, 2)(0.0)


def test_orders_that_run_out():
    """(sin t - t) / t^3 = -1/6 + ...: not a coefficient of it is known from series to order 2, one from order 3."""
    with pytest.raises(DomainError, match="order"):
        taylor(lambda t: (np.sin(t) - t) / t**3, 0.0, 2)
    with pytest.raises(DomainError, match="order"):
        taylor(lambda t: (np.sin(t) - t) / t / t / t, 0.0, 2)
    found = taylor(lambda t: (np.sin(t) - t) / t**3, 0.0, 3)
    assert found.order == 0 and float(found.value) == pytest.approx(-1 / 6, rel=1e-15)


# ------------------------------------------------------------------------------ random programs that meet zeros

ONE = [
    np.exp, np.sin, np.cos, np.tan, np.tanh, np.expm1, np.log1p, np.arctan, np.arcsin, np.arccos, np.sqrt, np.log,
    np.square, np.cbrt, np.arcsinh, np.arctanh, np.arccosh, np.sinc, np.reciprocal, np.negative, sc.erf,
    sc.j1, sc.expit,
    lambda x: x**2, lambda x: x**3.0, lambda x: x**0.5, lambda x: x**1.5, lambda x: x**-1, lambda x: 2**x,
    lambda x: 1 - np.cos(x), lambda x: 1 + x, lambda x: x - 1, lambda x: np.sum(np.stack([x, x * x])),
    lambda x: np.prod(np.stack([x, x + 1])), lambda x: 0.0 * x,
]  # fmt: skip
TWO = [np.add, np.subtract, np.multiply, np.divide, np.divide, np.divide, np.power, np.logaddexp, np.arctan2]


def random_program(seed):
    rng = np.random.default_rng(seed)
    steps = []
    for n in range(rng.integers(2, 7)):
        functions, count = (ONE, 1) if rng.random() < 0.6 else (TWO, 2)
        steps.append((functions[rng.integers(len(functions))], rng.integers(0, n + 1, count)))

    def f(x):
        values = [x]
        for function, operands in steps:
            values.append(function(*(values[i] for i in operands)))
        return tuple(values)

    return f, float(rng.choice([0.0, 0.0, 0.0, 1.0, 0.5]))


@pytest.mark.parametrize("part", range(5))
def test_random_programs(part):
    """What is said to be known from few coefficients is so from many; and the sum at 0.01 is the value there."""
    judged = 0
    for seed in range(100 * part, 100 * part + 100):
        f, x0 = random_program(seed)
        with np.errstate(all="ignore"):
            try:
                short, long = (taylor(f, x0, order) for order in (6, 12))
            except DomainError:
                continue
            values = f(np.float64(x0 + 0.01))
        for few, many, value in zip(short, long, values, strict=True):
            assert few.order <= 6 and many.order >= few.order, seed
            a, b = np.array(few.coefficients, float), np.array(many.coefficients, float)
            size = np.abs(b) * 0.01 ** np.arange(len(b))
            np.testing.assert_allclose(a, b[: len(a)], rtol=1e-6, atol=1e-9 * np.max(np.abs(b)), err_msg=f"seed {seed}")
            if np.isfinite(value) and size[-1] < 1e-10 * max(1.0, abs(value)) and np.max(size) < 1e6:
                assert many(0.01) == pytest.approx(value, rel=1e-8, abs=1e-8), seed
                judged += 1
    assert judged > 100
