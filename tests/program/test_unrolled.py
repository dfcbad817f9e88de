"""Short vectors as numbers: the bits of the call itself at every number there is, and only where it saves time."""

import re
import warnings

import numpy as np
import pytest

from adcourse import grad, hessian, jacobian, jvp, replay, vmap
from adcourse import value_and_grad as vag
from adcourse.program.machine import FEW

from .test_replay_table import same

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e308, -1e-308, 5e-324, 1.0, -1.0, 2.0, 0.5, 1e16, 3.0]


def points(rng, n, count=6):
    """Vectors of usual numbers, and then of all kinds of them."""
    usual = [rng.normal(size=n) for _ in range(2)]
    return usual + [np.where(rng.random(n) < 0.5, rng.choice(SPECIAL, n), rng.normal(size=n)) for _ in range(count)]


def program(rng, n):
    """A function of a vector, drawn: arithmetic, slices, shapes, writes, sums, and what stays NumPy's between them."""
    arithmetic = [
        lambda u, v: u + v, lambda u, v: u - v, lambda u, v: u * v, lambda u, v: u / v, lambda u, v: -u,
        lambda u, v: u**2, lambda u, v: 1 / v, lambda u, v: u**-1, lambda u, v: np.sqrt(u * u),
        lambda u, v: 3 - 0.1 * u, lambda u, v: u * np.sum(v), lambda u, v: u[::-1] - v[0],
        lambda u, v: u + v[-1] * v[n // 2],
        lambda u, v: np.concatenate([v[n // 2 :], u[: n // 2]]), lambda u, v: np.outer(u, v)[0] if n < 5 else u,
        lambda u, v: np.reshape(u, (-1, 1))[:, 0] * np.array(np.arange(n) - 1),
        lambda u, v: u * np.ones((n, 1)) @ v * v,
    ]  # fmt: skip
    theirs = [lambda u, v: np.sin(u) * v, lambda u, v: np.maximum(u, v), lambda u, v: np.where(u > v, u, 2 * v)]

    def write(u, v):
        u = u.copy()
        u[n // 2] = v[0] * 2
        u[1:] += v[:-1]
        u[0] = 0.5
        return u

    kinds = [*arithmetic, *arithmetic, write, *theirs[: rng.integers(0, 4)]]
    picks = [(kinds[rng.integers(len(kinds))], *rng.integers(0, 3, 2)) for _ in range(rng.integers(2, 9))]
    total = rng.random() < 0.5

    def f(x):
        last = [x, x[::-1], x * 0.5]
        for kind, a, b in picks:
            last = [*last[-2:], kind(last[a], last[b])]
        return np.sum(last[-1] * last[-2]) if total else last[-1][0] * last[-1][n // 2] + last[-2][-1]

    return f


@pytest.mark.parametrize("case", range(30))
def test_drawn_programs_and_their_derivatives(case):
    seed = int(np.random.default_rng().integers(2**32))
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, FEW + 3))
    f = program(rng, n)
    transformed = [f, vag(f), lambda x: jvp(grad(f), (x,), (np.cos(x),))[1]]
    if n < 4:
        transformed += [hessian(f), lambda x: vmap(grad(f))(np.stack([x, x[::-1]]))]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for k, g in enumerate(transformed):
            fast = replay(g)
            for x in points(rng, n):
                try:
                    same(fast(x), g(x))
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}, n = {n}, transform {k}, at {x!r}") from error


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def pendulum(x, steps=5):
    for _ in range(steps):
        middle = x + 0.05 * np.stack([x[1], -(x[0] ** 3)])
        x = x + 0.1 * np.stack([middle[1], -(middle[0] ** 3)])
    return x


def calls(f, x):
    """What the program of ``f`` calls, each once."""
    fast = replay(f)
    same(fast(x), f(x))
    return set(re.findall(r"(\w+)\(", fast.programs[0].source)) - {"program", "type", "get", "holds"}


@pytest.mark.parametrize(
    "f", [grad(rosenbrock), hessian(rosenbrock), jacobian(pendulum), vag(lambda x: pendulum(x)[0])]
)
def test_arithmetic_on_few_numbers_calls_nothing(f):
    found = calls(f, np.array([0.3, -0.7]))
    assert found <= {"tolist", "array", "float64", "reshape"}


def test_the_exact_hessian_of_a_product_of_few_numbers():
    x = np.array([2.0, -3.0, 0.5])
    fast = replay(hessian(lambda x: x[0] * x[1] * x[2]))
    for k in (1.0, 2.0):
        np.testing.assert_array_equal(fast(k * x), k * np.array([[0, 0.5, -3.0], [0.5, 0, 2.0], [-3.0, 2.0, 0]]))


@pytest.mark.parametrize("n", [FEW + 1, 200])
def test_longer_vectors_and_products_stay_numpys(n):
    assert {"multiply", "square"} <= calls(grad(rosenbrock), np.linspace(-1, 1, n))
    A = np.arange(12.0).reshape(4, 3)
    assert "tolist" not in calls(lambda x: A.T @ (A @ x), np.ones(3))


def test_where_an_entry_divides_by_zero_the_program_stays_numpys():
    """What np.where leaves out may be 0 / 0: NumPy goes on, Python's numbers raise."""
    g = grad(lambda x: np.sum(np.where(x == 0.0, 1.0, 3.0 / x) * x**2))
    usual, zero = np.array([0.3, 2.0]), np.array([0.0, 2.0])
    with np.errstate(all="ignore"):
        for points in ([usual, zero, usual, -zero], [zero, usual, zero]):
            fast = replay(g)
            for x in points:
                same(fast(x), g(x))
            (program,) = fast.programs
            assert "divide" in program.source
            same(program.body(zero), g(zero))  # not by asking the function
        fast = replay(g)
        fast(usual)
        assert "divide" not in fast.programs[0].source


def test_long_programs_stay_numpys():
    """Fetching so much code would take the time that it saves."""
    assert "multiply" in calls(lambda x: pendulum(x, 400), np.array([0.3, -0.7]))
