"""Short vectors as numbers: the bits of the call itself at every number there is, and only where it saves time."""

import warnings

import numpy as np
import pytest

from adcourse import grad, hessian, jvp, replay, vmap
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
