"""Sums over pairs are those of the dense formula, in every mode, in the memory of a block."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import (
    check_derivatives,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    sum_over_pairs,
    taylor,
    vjp,
)
from adcourse.core.errors import InputError
from adcourse.core.tree import flatten


def close(found, exact, rtol=1e-11, atol=1e-12):
    for a, b in zip(flatten(found)[0], flatten(exact)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


def gauss(x, y, width):  # points in the plane, charges
    """Each pair of {"at": (..., 2), "charge": (...)} and ((..., 2), (...)): one number."""
    at, charge = y
    return np.exp(-np.sum((x["at"] - at) ** 2, axis=-1) / width) * charge * np.cos(x["charge"])


def force(x, y, width):  # a vector for each pair
    at, charge = y
    apart = x["at"] - at
    return apart * (charge / (width + np.sum(apart**2, axis=-1)))[..., None]


def dense(formula, x, y, *parameters):
    leaves, build = flatten(x)
    x = build([a[:, None] for a in leaves])
    leaves, build = flatten(y)
    return np.sum(formula(x, build([a[None] for a in leaves]), *parameters), axis=1)


def draw(seed, n, m):
    rng = np.random.default_rng(seed)
    x = {"at": rng.normal(size=(n, 2)), "charge": rng.normal(size=n)}
    return x, (rng.normal(size=(m, 2)), rng.normal(size=m)), rng.uniform(1, 3)


@pytest.mark.parametrize("formula", [gauss, force])
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 12), st.integers(0, 10**6))
@settings(max_examples=12, deadline=None)
def test_as_the_dense_formula_in_every_mode(formula, n, m, block, seed):
    args, v = draw(seed, n, m), draw(seed + 1, n, m)
    found = lambda *a: sum_over_pairs(formula, *a, block=block)
    exact = lambda *a: dense(formula, *a)
    close(found(*args), exact(*args))
    close(jvp(found, args, v), jvp(exact, args, v))
    g = np.random.default_rng(seed).normal(size=exact(*args).shape)
    close(vjp(found, *args)[1](g), vjp(exact, *args)[1](g))
    loss = lambda f: lambda *a: np.sum(np.sin(f(*a)))
    close(hvp(loss(found), args, v), hvp(loss(exact), args, v))
    reverse_over_forward = lambda f: grad(lambda *a: jvp(loss(f), a, v)[1], (0, 1, 2))(*args)
    close(reverse_over_forward(found), reverse_over_forward(exact))


@pytest.mark.parametrize("modes", list(itertools.product((grad, derivative), repeat=3)))
def test_a_parameter_to_order_three(modes):
    (x, y, width), found, exact = draw(3, 4, 5), *(
        lambda w, s=s: np.sum(s(gauss, x, y, w) ** 2)
        for s in (lambda *a: sum_over_pairs(*a, block=2), dense)
    )  # fmt: skip
    for d in modes:
        found, exact = d(found), d(exact)
        assert found(width) == pytest.approx(exact(width), rel=1e-11)


def test_matrices_series_and_levels():
    x, y, width = draw(5, 4, 3)
    both = [lambda *a, s=s: s(gauss, *a) for s in (lambda *a: sum_over_pairs(*a, block=2), dense)]
    for mode in ("forward", "reverse"):
        close(*(jacobian(f, (0, 1, 2), mode=mode)(x, y, width) for f in both))
    close(*(hessian(lambda at, f=f: np.sum(f({**x, "at": at}, y, width) ** 2))(x["at"]) for f in both))
    close(*(taylor(lambda w, f=f: np.sum(f(x, y, w)), width, 4).coefficients for f in both), rtol=1e-10)
    for outer, inner in itertools.product((grad, derivative), repeat=2):  # a sum inside a derivative inside another
        close(
            *(outer(lambda w, f=f, d=inner: d(lambda c: np.sum(f(x, (y[0], c * y[1]), w * c)))(w))(width) for f in both)
        )
    check_derivatives(both[0], x, y, width, order=2)


def test_shapes_that_formulas_return():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5])
    for formula, exact in (
        (lambda x, y: y * y, np.full(3, 2.5)),  # the same for all x
        (lambda x, y: x, 2 * x),  # for all y
        (lambda x, y: 1.0, np.full(3, 2.0)),
        (lambda x, y: (x * y)[..., None] * np.ones(4), 2.0 * x[:, None] * np.ones(4)),
        (lambda x, y: np.stack([x + y, x - y], axis=-1), np.stack([2 * x + 2, 2 * x - 2], axis=-1)),
    ):
        for block in (1, 2, 5):
            close(sum_over_pairs(formula, x, y, block=block), exact)
    s = sum_over_pairs(lambda x, y: x * y, np.ones(3, np.float32), np.ones(2, np.float32))
    assert s.dtype == np.float32
    assert sum_over_pairs(lambda x, y: x * y, np.ones(3), np.ones(0)).tolist() == [0.0] * 3
    assert sum_over_pairs(lambda x, y: x * y, np.ones(0), np.ones(2)).shape == (0,)


def test_integers_stay_integers():
    """A table looked up by labels: what isn't differentiated reaches the formula as it is."""
    table = np.random.default_rng(0).normal(size=(3, 3))
    kind_x, kind_y = np.array([0, 1, 2, 1]), np.array([2, 0])
    formula = lambda x, y, table: table[x[1], y[1]] * (x[0] - y[0]) ** 2
    x, y = np.arange(4.0), np.array([0.3, 0.4])
    for f in (lambda s: lambda x, y, t: np.sum(s(formula, (x, kind_x), (y, kind_y), t) ** 2),):
        found, exact = f(lambda *a: sum_over_pairs(*a, block=2)), f(dense)
        close(grad(found, (0, 1, 2))(x, y, table), grad(exact, (0, 1, 2))(x, y, table))


@pytest.mark.parametrize(
    "rows, columns", [pytest.param(20_000, 20_000, marks=pytest.mark.slow), (40_000, 2_000), (2_000, 40_000)]
)
def test_the_matrix_is_never_there(rows, columns):
    """Value and gradient of 80 and 400 million pairs (3.2 GB a matrix) in less than 60 MB; exact from three moments."""
    rng = np.random.default_rng(rows)
    x, y, b = rng.normal(size=rows), rng.normal(size=columns), rng.normal(size=columns)
    tracemalloc.start()
    try:
        s, pullback = vjp(lambda x, b: sum_over_pairs(lambda x, y: y[1] * (x - y[0]) ** 2, x, (y, b)), x, b)
        x_bar, b_bar = pullback(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60e6
    B, X = ([np.sum(w * z**k) for k in range(3)] for w, z in ((b, y), (x, x)))
    size = columns**0.5 * 10
    close(s, B[0] * x**2 - 2 * B[1] * x + B[2], atol=1e-12 * size)
    close(x_bar, 2 * x * (B[0] * x - B[1]), atol=1e-12 * size)
    close(b_bar, X[2] - 2 * X[1] * y + X[0] * y**2, atol=1e-12 * rows)


def test_a_second_derivative_holds_no_matrix_either():
    n = 3_000
    x, v = np.random.default_rng(0).normal(size=(2, n))
    energy = lambda x: np.sum(sum_over_pairs(lambda a, b: 1 / (1 + (a - b) ** 2), x, x, block=256))
    tracemalloc.start()
    try:
        found = hvp(energy, x, v)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30e6 < n * n * 8
    apart = x[::500, None] - x
    second = (6 * apart**2 - 2) / (1 + apart**2) ** 3
    close(found[::500], 2 * np.sum(second * (v[::500, None] - v), axis=1), rtol=1e-9, atol=1e-9)


def test_bad_input_teaches():
    x, y = np.ones(3), np.ones(2)
    product = lambda x, y, *p: x * y
    for bad in (0, -1, 2.5, None, True):
        with pytest.raises(InputError, match="block="):
            sum_over_pairs(product, x, y, block=bad)
    with pytest.raises(InputError, match="first axis"):
        sum_over_pairs(product, (x, y), y)
    with pytest.raises(InputError, match="first axis"):
        sum_over_pairs(product, x, 2.0)
    with pytest.raises(InputError, match="can't be called"):
        sum_over_pairs(2.0, x, y)
    for formula in (
        lambda x, y: np.sum(x * y, axis=0),
        lambda x, y: np.sum(x * y, axis=-1),
        lambda x, y: np.ones((4, 4)),
    ):
        with pytest.raises(InputError, match="block of"):
            sum_over_pairs(formula, x, y)
    for d in (grad, derivative):
        with pytest.raises(InputError, match="isn't among its arguments"):
            d(lambda w: np.sum(sum_over_pairs(lambda x, y: np.exp(-w * x * y), x, y)))(1.0)
        with pytest.raises(InputError, match="isn't among its arguments"):
            d(lambda w: np.sum(sum_over_pairs(lambda x, y: np.exp(-w * x * y), w * x, y)))(1.0)
        d(lambda w: np.sum(sum_over_pairs(lambda x, y, w: np.exp(-w * x * y), x, y, w)))(1.0)


def test_the_sum_of_all_pairs_has_the_derivative_of_an_energy():
    """Coulomb energy of a chain: forces by hand, sum_j q_i q_j (x_i - x_j) / |x_i - x_j|^3, softened."""
    rng = np.random.default_rng(1)
    x, q = rng.normal(size=(30, 3)), rng.normal(size=30)
    pair = lambda a, b, soft: a[1] * b[1] / np.sqrt(soft + np.sum((a[0] - b[0]) ** 2, axis=-1))
    energy = lambda x: 0.5 * np.sum(sum_over_pairs(pair, (x, q), (x, q), 0.1, block=7))
    apart = x[:, None] - x
    by_hand = -np.sum((q[:, None] * q / (0.1 + np.sum(apart**2, -1)) ** 1.5)[..., None] * apart, axis=1)
    close(grad(energy)(x), by_hand)
    assert math.isclose(np.abs(np.sum(grad(energy)(x), axis=0)).max(), 0.0, abs_tol=1e-12)  # actio = reactio
