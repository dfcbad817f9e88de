"""Implicit functions: their derivatives are those of the solution, to any order, and of nothing else."""

import itertools
import math
import warnings
from functools import partial

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

import adcourse as ad
from adcourse import (
    check_derivatives,
    custom_rule,
    derivative,
    fixed_point,
    grad,
    hessian,
    hvp,
    implicit_function,
    jacobian,
    jvp,
    taylor,
    vjp,
)
from adcourse.core.errors import ConvergenceError, ConversionError, DomainError, InputError
from adcourse.core.tree import flatten


def close(found, exact, rtol=1e-10, atol=1e-12):
    found, exact = flatten(found)[0], flatten(exact)[0]
    assert len(found) == len(exact)
    for a, b in zip(found, exact, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


# ---------------------------------------------------------------------------------------------- closed forms

root = implicit_function(lambda z, x: z * z - x, lambda x: math.sqrt(x))  # math takes no traced value


@pytest.mark.parametrize("modes", list(itertools.product((grad, derivative), repeat=3)))
@given(st.floats(0.1, 10))
@settings(max_examples=5, deadline=None)
def test_a_square_root_in_every_mode_to_order_three(modes, x):
    found, exact = (lambda t: root(t * x) * t), (lambda t: np.sqrt(t * x) * t)
    for d in modes:
        found, exact = d(found), d(exact)
        assert found(0.7) == pytest.approx(exact(0.7), rel=1e-12)


def kepler(M, e):
    E = M
    for _ in range(50):
        E -= (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
    return E


anomaly = implicit_function(lambda E, M, e: E - e * np.sin(E) - M, kepler)


@given(st.floats(-3, 3), st.floats(0, 0.8))
@settings(max_examples=30, deadline=None)
def test_keplers_equation(M, e):
    """(1 - e cos E) dE = dM + sin E de."""
    E = anomaly(M, e)
    exact = 1 / (1 - e * math.cos(E)), math.sin(E) / (1 - e * math.cos(E))
    for mode in ("forward", "reverse"):
        close(jacobian(anomaly, (0, 1), mode=mode)(M, e), exact)


@pytest.mark.parametrize("M, e", [(1.0, 0.5), (0.1, 0.9), (-2.5, 0.3)])
def test_keplers_equation_at_forty_digits(M, e):
    """All partial derivatives to order three, and eight orders of the series, against differences at 40 digits."""
    with mp.workdps(60):

        def exact(M, e):
            return mp.findroot(lambda E: E - e * mp.sin(E) - M, float(kepler(float(M), float(e))))

        for m, n in itertools.product(range(4), repeat=2):
            if 1 <= m + n <= 3:
                by_M = lambda e, m=m: ad.derivative(lambda M: anomaly(M, e), m)(M)
                found = by_M
                for d in [grad, derivative, grad][:n]:
                    found = d(found)
                assert found(e) == pytest.approx(float(mp.diff(exact, (M, e), (m, n))), rel=1e-9), (m, n)
        series = taylor(lambda M: anomaly(M, e), M, 8).coefficients
        close(series, [float(c) for c in mp.taylor(lambda M: exact(M, e), M, 8)], rtol=1e-9)


def test_perturbations_stay_apart():
    for outer, inner in itertools.product((grad, derivative), repeat=2):  # d/dx x d/dy (x root(y)) at y = x: 2x / 2√x
        found = outer(lambda x, inner=inner: x * inner(lambda y: x * root(y))(x))(0.7)
        assert found == pytest.approx(1.5 * 0.7**0.5 / 2, rel=1e-13)  # (x^(3/2) / 2)' = 3/4 √x


# ---------------------------------------------------------------------------------------------- matrices, trees


def lower(v, n):
    """The lower triangle with the entries v."""
    L = np.zeros((n, n), like=v)
    L[np.tril_indices(n)] = v
    return L


def factored(solution, n):
    """Functions of B with the Cholesky factor of B B^T + 1: by an equation, or by the rule of the table."""
    return lambda B: np.sum(np.sin(solution(B @ B.T + np.eye(n))) * np.arange(1.0, n + 1))


@pytest.mark.parametrize("n, seed", [(2, 0), (4, 1)])
def test_cholesky_by_its_equation(n, seed):
    B, V = np.random.default_rng(seed).normal(size=(2, n, n))
    entries = np.tril_indices(n)
    factor = implicit_function(
        lambda v, A: (lower(v, n) @ lower(v, n).T - A)[entries], lambda A: np.linalg.cholesky(A)[entries]
    )
    found, exact = (factored(s, n) for s in (lambda A: lower(factor(A), n), np.linalg.cholesky))
    close(found(B), exact(B))
    close(grad(found)(B), grad(exact)(B))
    close(jvp(found, B, V)[1], jvp(exact, B, V)[1])
    close(hvp(found, B, V), hvp(exact, B, V))
    if n == 2:
        close(hessian(found)(B), hessian(exact)(B))


@pytest.mark.parametrize("n, seed", [(3, 2), (11, 3)])
def test_a_square_root_of_a_matrix(n, seed):
    """X X = A, with 121 unknowns by products alone; d(X X) = dX X + X dX = dA is a Sylvester equation."""
    rng = np.random.default_rng(seed)
    B, V = rng.normal(size=(2, n, n)) / n
    A = np.eye(n) + 0.3 * B
    sqrtm = implicit_function(lambda X, A: X @ X - A, lambda A: linalg.sqrtm(A).real)
    X = sqrtm(A)
    dX = linalg.solve_sylvester(X, X, V)
    close(jvp(sqrtm, A, V)[1], dX)
    close(vjp(sqrtm, A)[1](V)[0], linalg.solve_sylvester(X.T, X.T, V))
    d2X = linalg.solve_sylvester(X, X, -2 * dX @ dX)
    close(jvp(lambda A: jvp(sqrtm, A, V)[1], A, V)[1], d2X, rtol=1e-9, atol=1e-10)


def energy(w, data, log_ridge):
    misfit = np.tanh(data["X"] @ w["w"] + w["b"]) - data["y"]
    return np.sum(misfit**2) + np.exp(log_ridge) * (np.sum(w["w"] ** 2) + w["b"] ** 2)


def minimise(w0):
    """The argmin of the energy by Newton's method on plain numbers; w in a dict."""

    def solve(data, log_ridge):
        def f(v):
            return energy({"w": v[1:], "b": v[0]}, data, log_ridge)

        v = w0.copy()
        step = np.ones(1)
        while np.linalg.norm(step) > 1e-8:  # and so the last one leaves less than rounding
            step = np.linalg.solve(hessian(f)(v), grad(f)(v))
            v = v - step / max(1.0, np.linalg.norm(step))
        return {"w": v[1:], "b": v[0]}

    return solve


@pytest.mark.parametrize("seed", range(2))
def test_an_argmin_by_its_gradient(seed):
    """The residual is a gradient itself; derivatives by numbers, arrays and dicts of them, to order two."""
    rng = np.random.default_rng(seed)
    data = {"X": rng.normal(size=(6, 2)), "y": 0.5 * rng.normal(size=6)}
    best = implicit_function(grad(energy), minimise(np.zeros(3)))
    report = check_derivatives(lambda data, r: best(data, r), data, 0.5, order=2)
    assert len(report.errors) >= 6

    def outer(log_ridge):  # the hypergradient: by the theorem, and by (H + ...) with nothing but second derivatives
        w = best(data, log_ridge)
        return np.sum(w["w"] ** 3) + w["b"]

    w = best(data, 0.5)
    v = np.array([w["b"], *w["w"]])
    H = hessian(lambda v: energy({"w": v[1:], "b": v[0]}, data, 0.5))(v)
    g = np.array([1.0, *3 * w["w"] ** 2])
    for d in (grad, derivative):
        assert d(outer)(0.5) == pytest.approx(-g @ np.linalg.solve(H, 2 * np.exp(0.5) * v), rel=1e-9)


@pytest.mark.parametrize("n", [5, 130])
def test_the_hypergradient_of_ridge_regression(n):
    """w = (X^T X + lam)^-1 X^T y: to order three, directly and (n = 130) from products alone."""
    rng = np.random.default_rng(n)
    X, y, Xv, yv = rng.normal(size=(n + 5, n)), rng.normal(size=n + 5), rng.normal(size=(7, n)), rng.normal(size=7)
    lam = 0.5 * n
    closed = lambda lam, y: np.linalg.solve(X.T @ X + lam * np.eye(n), X.T @ y)
    ridge = implicit_function(lambda w, lam, y: X.T @ (X @ w - y) + lam * w, closed)
    found, exact = (lambda lam, y, w=w: np.mean((Xv @ w(lam, y) - yv) ** 2) for w in (ridge, closed))
    close(grad(found, (0, 1))(lam, y), grad(exact, (0, 1))(lam, y), rtol=1e-9)
    close(hvp(found, (lam, y), (1.0, yv[0] * y)), hvp(exact, (lam, y), (1.0, yv[0] * y)), rtol=1e-8)
    third = [derivative(grad(derivative(lambda lam, f=f: f(lam, y))))(lam) for f in (found, exact)]
    assert third[0] == pytest.approx(third[1], rel=1e-7)


# ---------------------------------------------------------------------------------------------- fixed points


def layer(z, p):
    return np.tanh(p["W"] @ z + p["b"])


@pytest.mark.parametrize("n, seed", [(4, 0), (120, 1)])
def test_deep_equilibrium_is_an_unrolled_network_of_many_layers(n, seed):
    rng = np.random.default_rng(seed)
    p, v = ({"W": 0.5 * rng.normal(size=(n, n)) / n**0.5, "b": rng.normal(size=n)} for _ in range(2))

    def unrolled(p):
        z = np.zeros(n)
        for _ in range(80):
            z = layer(z, p)
        return z

    found, exact = (lambda p: np.sum(fixed_point(layer, p, np.zeros(n)) ** 3)), (lambda p: np.sum(unrolled(p) ** 3))
    close(grad(found)(p), grad(exact)(p), atol=1e-10)
    close(jvp(found, (p,), (v,))[1], jvp(exact, (p,), (v,))[1])
    if n == 4:
        close(hvp(found, (p,), (v,)), hvp(exact, (p,), (v,)), rtol=1e-9)
        close(taylor(lambda t: found({"W": t * p["W"], "b": p["b"]}), 1.0, 4).coefficients,
              taylor(lambda t: exact({"W": t * p["W"], "b": p["b"]}), 1.0, 4).coefficients, rtol=1e-8)  # fmt: skip


def test_neither_the_start_nor_the_steps_matter():
    """z = x + sin(z) / 2; a start that is traced itself is a start and nothing more."""
    f = lambda z, x: x + 0.5 * np.sin(z)
    z = fixed_point(f, 1.0, 0.0)
    exact = 1 / (1 - 0.5 * math.cos(z))
    for start in (-20.0, 0.0, 1.5, z):
        for d in (grad, derivative):
            assert d(lambda x, start=start: fixed_point(f, x, start))(1.0) == pytest.approx(exact, rel=1e-11)
            assert d(lambda start: fixed_point(f, 1.0, start))(start) == 0.0
            assert d(lambda x: fixed_point(f, x, x))(1.0) == pytest.approx(exact, rel=1e-11)


def test_trees_of_two_precisions():
    def f(z, x):
        return {"a": 0.5 * np.cos(z["c"][0]) + x[0], "c": [0.3 * np.sin(z["a"]).astype(np.float32) * x[1]]}

    z0 = {"a": np.zeros(3), "c": [np.zeros(3, np.float32)]}
    x = (np.array([0.1, 0.2, 0.3]), np.ones(3, np.float32))
    z, dz = jvp(lambda *x: fixed_point(f, x, z0), x, x)
    assert z["a"].dtype == dz["a"].dtype == np.float64 and z["c"][0].dtype == dz["c"][0].dtype == np.float32
    g = vjp(lambda *x: fixed_point(f, x, z0), *x)[1](z)
    assert [b.dtype for b in g] == [np.float64, np.float32]
    left = np.sum(z["a"] * dz["a"]) + np.sum(z["c"][0] * dz["c"][0])
    assert left == pytest.approx(sum(np.sum(a * b) for a, b in zip(g, x, strict=True)), rel=1e-5)
    step = 1e-3  # both sides of x along x, in the precision there is
    ahead, behind = (fixed_point(f, tuple((1 + s) * a.astype(float) for a in x), z0)["a"] for s in (step, -step))
    close(dz["a"], (ahead - behind) / (2 * step), rtol=1e-3)


# ---------------------------------------------------------------------------------------------- one linear solve


def test_how_many_linear_solves():
    """One for a jvp, one for a gradient; three for an hvp (w, its tangent, that of z), however the root was found."""
    solves = []

    def by_matrix(product, b):
        solves.append(len(b))
        return np.linalg.solve(np.stack([product(e) for e in np.eye(len(b))], axis=1), b)

    B = np.random.default_rng(0).normal(size=(3, 3)) / 3
    equation = lambda z, x: z + 0.1 * z**3 + B @ np.sin(z) - x
    f = implicit_function(equation, partial(newton_for, B), linear_solve=by_matrix)
    plain = implicit_function(
        f.__wrapped__ and (lambda z, x: z + 0.1 * z**3 + B @ np.sin(z) - x), partial(newton_for, B)
    )
    x, v = np.array([0.3, -0.2, 1.0]), np.array([1.0, 2.0, -1.0])
    loss = lambda f: lambda x: np.sum(f(x) ** 2)
    for run, count in (
        (lambda f: f(x), 0),
        (lambda f: jvp(f, x, v), 1),
        (lambda f: grad(loss(f))(x), 1),
        (lambda f: hvp(loss(f), x, v), 3),
        (lambda f: jacobian(f)(x), 3),  # one for each column
    ):
        solves.clear()
        found = run(f)
        assert solves == [3] * count
        close(found, run(plain))


def newton_for(B, x):
    z = np.zeros_like(x)
    for _ in range(40):
        z = z - np.linalg.solve(np.diag(1 + 0.3 * z**2) + B * np.cos(z), z + 0.1 * z**3 + B @ np.sin(z) - x)
    return z


@pytest.mark.parametrize("rank", [1, 4])
def test_how_many_products(rank):
    """F_z = 1 + a matrix of low rank: r directions and one more, and never the matrix (3.2 GB)."""
    n, count = 20_000, {"there": 0, "back": 0}
    U, V = np.random.default_rng(rank).normal(size=(2, n, rank)) / n**0.5

    @custom_rule
    def low_rank(z):
        return U @ (V.T @ z)

    @low_rank.jvp
    def there(y, primals, tangents):
        count["there"] += 1
        return low_rank(tangents[0])

    @low_rank.vjp
    def back(g, y, primals):
        count["back"] += 1
        return V @ (U.T @ g)

    small = np.linalg.inv(np.eye(rank) + V.T @ U)  # Woodbury
    inverse = lambda x: x - U @ (small @ (V.T @ x))
    f = implicit_function(lambda z, x: z + low_rank(z) - x, inverse)
    x, v = np.random.default_rng(0).normal(size=(2, n))
    close(jvp(f, x, v)[1], inverse(v))
    assert count["there"] <= rank + 6 and count["back"] == 0  # beside those of the check of z
    count.update(there=0, back=0)
    close(vjp(f, x)[1](v)[0], v - V @ (small.T @ (U.T @ v)))
    assert count["back"] <= rank + 6


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["random", "cyclic", "skew", "triangular", "spread"])
def test_hard_matrices_from_products(kind, seed):
    """Where the search needs as many products as there are unknowns, or turns in circles, the matrix is made."""
    n, rng = 140, np.random.default_rng(seed)
    R = rng.normal(size=(n, n))
    A = {
        "random": R,
        "cyclic": np.roll(np.eye(n), 1, axis=0),
        "skew": R - R.T,
        "triangular": np.triu(R) / 5 + np.diag(np.linspace(1, 3, n)),
        "spread": np.diag(np.logspace(0, 5, n)),
    }[kind]
    x, v = rng.normal(size=(2, n))
    solve = implicit_function(lambda z, x: A @ z - x, lambda x: np.linalg.solve(A, x))
    bound = 1e-13 * np.linalg.cond(A)
    for found, exact in (
        (jvp(solve, x, v)[1], np.linalg.solve(A, v)),
        (vjp(solve, x)[1](v)[0], np.linalg.solve(A.T, v)),
    ):
        assert np.linalg.norm(found - exact) <= bound * np.linalg.norm(exact)


def test_a_jacobian_makes_one_matrix():
    n = 110
    A = np.random.default_rng(0).normal(size=(n, n)) / n**0.5 + 2 * np.eye(n)
    solve = implicit_function(lambda z, x: A @ z - x, lambda x: np.linalg.solve(A, x))
    for mode in ("forward", "reverse"):
        close(jacobian(solve, mode=mode)(np.ones(n)), np.linalg.inv(A))


# ---------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("steps", range(1, 12))
def test_an_unfinished_solver_is_refused_with_its_residual(steps):
    """Heron's method for sqrt(2): what passes has at least six right digits in its derivative."""

    def heron(x):
        z = 10.0
        for _ in range(steps):
            z = (z + x / z) / 2
        return z

    f = implicit_function(lambda z, x: z * z - x, heron)
    wrong = abs(heron(2.0) / 2**0.5 - 1)
    for run in (f, grad(f), derivative(f)):
        if wrong > 1e-5:
            with pytest.raises(ConvergenceError, match=f"residual of {heron(2.0) ** 2 - 2:.3g}") as info:
                run(2.0)
            assert "Why: " in str(info.value) and "Write: " in str(info.value)
        elif wrong < 1e-7:
            run(2.0)
    if wrong < 1e-7:
        assert grad(f)(2.0) == pytest.approx(1 / 8**0.5, rel=1e-6)
    loose = implicit_function(lambda z, x: z * z - x, heron, tol=1e3)
    assert grad(loose)(2.0) == pytest.approx(1 / (2 * heron(2.0)))


@given(st.integers(-12, 12), st.integers(-12, 12), st.booleans())
@settings(max_examples=25, deadline=None)
def test_units_do_not_decide(power_z, power_F, wrong):
    """(z / unit)^3 - x in other units: a wrong root is refused and a right one isn't."""
    unit, scale = 10.0**power_z, 10.0**power_F
    f = implicit_function(
        lambda z, x: scale * (np.sign(z) * np.abs(z / unit) ** 3 - x),
        lambda x: unit * math.cbrt(x) * (1 + 1e-3 * wrong),
    )
    if wrong:
        with pytest.raises(ConvergenceError):
            grad(f)(2.0)
    else:
        assert grad(f)(2.0) == pytest.approx(unit * 2 ** (-2 / 3) / 3, rel=1e-10)


def test_roots_at_zero():
    """Found by bisection, so to an absolute accuracy; and a double root, where z has no derivative."""
    for miss in (0.0, 1e-17, -3e-13, 1e-9):
        f = implicit_function(lambda E, M, e: E - e * np.sin(E) - M, lambda M, e, miss=miss: M + miss)
        assert grad(f)(0.0, 0.5) == pytest.approx(2.0, rel=1e-8)
        with pytest.raises(DomainError if miss == 0.0 else ConvergenceError):
            grad(implicit_function(lambda z, x: z * z - x, lambda x, miss=miss: miss))(0.0)


def test_singular_and_nearly_singular():
    def along(gap):  # z0 + z1 = x, z0 + (1 + gap) z1 = x
        return implicit_function(
            lambda z, x: np.stack([z[0] + z[1] - x, z[0] + (1 + gap) * z[1] - x]), lambda x: np.array([x, 0.0])
        )

    for d in (jacobian, partial(jacobian, mode="reverse")):
        for gap in (0.0, 1e-15):
            with pytest.raises(DomainError, match="singular"):
                d(along(gap))(1.0)
        with pytest.warns(RuntimeWarning, match="nearly singular"):
            close(d(along(1e-10))(1.0), np.array([1.0, 0.0]), atol=1e-5)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            close(d(along(1e-3))(1.0), np.array([1.0, 0.0]))
    units = np.logspace(-9, 9, 5)  # badly scaled is not singular
    A = np.random.default_rng(0).normal(size=(5, 5)) + 4 * np.eye(5)
    f = implicit_function(lambda z, x: (A @ (z / units) - x) / units, lambda x: units * np.linalg.solve(A, x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        close(jacobian(f)(np.ones(5)) / units[:, None], np.linalg.inv(A))


@pytest.mark.parametrize("n", [3, 120, 2100])
def test_a_double_root_among_many_is_refused_at_every_size(n):
    f = implicit_function(lambda z, x: z * z - x, np.sqrt)
    x = np.arange(float(n))
    for run in (lambda: jvp(f, x, x + 1.0), lambda: vjp(f, x)[1](x + 1.0)):
        with pytest.raises((DomainError, ConvergenceError)):
            run()


def test_what_is_taken_from_around_is_refused():
    for d in (grad, derivative):
        for residual, solve in (
            (lambda a: lambda z, x: z * z - a * x, lambda a: lambda x: math.sqrt(3.0 * x)),
            (lambda a: lambda z, x: z * z - 3.0 * x, lambda a: lambda x: (a * x) ** 0.5),
        ):
            through = lambda a, r=residual, s=solve: implicit_function(r(a), s(a))(2.0)
            with pytest.raises(InputError, match="isn't among its arguments"):
                d(through)(3.0)
            with pytest.raises(InputError, match="isn't among its arguments"):
                d(lambda a, r=residual, s=solve: implicit_function(r(a), s(a))(a - 1.0))(3.0)
        with pytest.raises(InputError, match="isn't among its arguments"):
            d(lambda a: fixed_point(lambda z, x: 0.5 * np.cos(z) * a + x, 1.0, 0.0))(0.3)


def test_bad_input_teaches():
    with pytest.raises(InputError, match="3 equations for the 2 numbers"):
        implicit_function(lambda z, x: np.concatenate([z, z[:1]]) - x, lambda x: np.ones(2))(1.0)
    with pytest.raises(InputError, match="returned is None"):
        implicit_function(lambda z, x: z - x, lambda x: None)(1.0)
    with pytest.raises(InputError, match="can't be called"):
        implicit_function(3.0, math.sqrt)
    with pytest.raises(ConvergenceError, match="nan"):
        implicit_function(lambda z, x: z - x, lambda x: math.nan)(1.0)
    with pytest.raises(ConvergenceError, match="After 1000 steps"):
        fixed_point(lambda z, x: x - z, 1.0, 0.0)  # to and fro
    with pytest.raises(ConvergenceError, match="steps"):
        fixed_point(lambda z, x: 2.0 * z + x, 1.0, 1.0)  # away
    with pytest.raises(InputError, match="returned"):
        fixed_point(lambda z, x: (z, x), 1.0, 0.0)
    with pytest.raises(InputError, match="form"):
        fixed_point(lambda z, x: z[0] + x, 1.0, (0.0, 0.0))
    with pytest.raises(InputError, match=r"shape \(2,\)"):
        fixed_point(lambda z, x: 0.5 * z + x, np.ones(2), 0.0)
    bad = implicit_function(lambda z, x: 2 * z - x, lambda x: x / 2, linear_solve=lambda product, b: 0.4 * b)
    for d in (grad, derivative):
        with pytest.raises(ConvergenceError, match="linear system"):
            d(bad)(1.0)


def test_constants_of_any_kind():
    """Names, integers, tables: what isn't differentiated reaches both functions as it is."""

    def residual(z, x, kind, n, table):
        assert kind == "power" and isinstance(n, int)
        return z**n - x * table[n]

    f = implicit_function(residual, lambda x, kind, n, table: (x * table[n]) ** (1 / n))
    for d in (grad, derivative):
        assert d(lambda x: f(x, "power", 3, {3: 1.0}))(8.0) == pytest.approx(1 / 12)
        assert d(lambda c: f(8.0, "power", 3, {3: c}))(1.0) == pytest.approx(8 / 12)


def test_no_unknowns():
    f = implicit_function(lambda z, x: z * x, lambda x: np.zeros(0))
    assert jvp(f, 1.0, 1.0)[1].shape == (0,) and vjp(f, 1.0)[1](np.zeros(0)) == (0.0,)


def test_under_strict_and_repair():
    for block in (ad.strict, ad.repair):
        with block():
            for d in (grad, derivative):
                assert d(root)(4.0) == pytest.approx(0.25)
                assert d(d(root))(4.0) == pytest.approx(-1 / 32)


def test_single_precision_stays():
    f = implicit_function(lambda z, x: z * z - x, np.sqrt)
    x = np.array([2.0, 3.0], np.float32)
    assert grad(lambda x: np.sum(f(x)))(x).dtype == jvp(f, x, x)[1].dtype == np.float32
    close(jvp(f, x, x)[1], np.sqrt(x) / 2, rtol=1e-6)


def test_where_no_derivative_is_asked_for_the_step_may_be_any_program():
    step = lambda z, a: a + 0.5 * math.sin(z)
    z = fixed_point(step, 1.0, 1.0)
    assert abs(z - step(z, 1.0)) < 1e-11
    with pytest.raises(ConversionError, match=r"np\.sin"):
        grad(lambda a: fixed_point(step, a, 1.0))(1.0)
