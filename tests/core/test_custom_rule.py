"""Custom rules: one JVP line or a VJP gives every mode and every order; what they return is checked."""

import itertools
import math
import operator
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import custom_rule, derivative, grad, hessian, hvp, jacobian, jvp, record, vjp
from adcourse.core.errors import ADError, ConversionError, InputError, NoRuleError, RuleError
from adcourse.core.levels import Traced


def _product_body(x, y):
    assert not isinstance(x, Traced) and not isinstance(y, Traced)
    return x * math.sin(y)  # math takes no traced value


by_jvp = custom_rule(_product_body, jvp=lambda z, p, t: t[0] * np.sin(p[1]) + p[0] * np.cos(p[1]) * t[1])  # z = x sin y
by_vjp = custom_rule(_product_body, vjp=lambda g, z, p: (g * np.sin(p[1]), g * p[0] * np.cos(p[1])))
by_both = custom_rule(_product_body, jvp=by_jvp.written["jvp"], vjp=by_vjp.written["vjp"])
WRITTEN = pytest.mark.parametrize("f", [by_jvp, by_vjp, by_both], ids=["jvp", "vjp", "both"])


@WRITTEN
@pytest.mark.parametrize("modes", list(itertools.product((grad, derivative), repeat=3)))
@given(st.floats(-2, 2), st.floats(-2, 2))
@settings(max_examples=10, deadline=None)
def test_every_mode_and_order(f, modes, x, y):
    """With x and y both functions of one t, nested to order 3: as the same program of rules in the table."""

    def through(g):
        def program(t):
            return g(x + t, y * np.exp(t)) * g(t, x) + g(2.0, t)

        for n, d in enumerate(modes, 1):
            program = d(program)
            yield n, program(0.3)

    for (n, found), (_, exact) in zip(through(f), through(lambda a, b: a * np.sin(b)), strict=True):
        assert found == pytest.approx(exact, rel=1e-11, abs=1e-11), f"order {n}"


@WRITTEN
def test_perturbations_stay_apart(f):
    for outer, inner in itertools.product((grad, derivative), repeat=2):
        # d/dx x d/dy (x sin y) at y = x: (x^2 cos x)' = 2 x cos x - x^2 sin x
        found = outer(lambda x, inner=inner: x * inner(lambda y: f(x, y))(x))(0.7)
        assert found == pytest.approx(2 * 0.7 * math.cos(0.7) - 0.49 * math.sin(0.7), rel=1e-14)


def _solve_body(A, b):
    from scipy import linalg

    return linalg.lu_solve(linalg.lu_factor(A), b)


solved_jvp = custom_rule(_solve_body, jvp=lambda z, p, t: np.linalg.solve(p[0], t[1] - t[0] @ z))


@custom_rule
def solved_vjp(A, b):
    return _solve_body(A, b)


@solved_vjp.vjp
def solved_cotangents(g, z, primals):
    b_bar = solved_vjp(primals[0].T, g)  # the function itself, in its own derivative
    return -b_bar[:, None] * z, b_bar


@pytest.mark.parametrize("f", [solved_jvp, solved_vjp])
@pytest.mark.parametrize("seed", range(3))
def test_arrays_and_a_library(f, seed):
    pytest.importorskip("scipy")
    rng = np.random.default_rng(seed)
    A, b, c = rng.normal(size=(3, 3)) + 4 * np.eye(3), rng.normal(size=3), rng.normal(size=3)

    def with_solver(solve):
        return lambda A, b: np.exp(c @ solve(A, b * A[0]))

    for d in (partial(jacobian, mode="reverse"), partial(jacobian, mode="forward"), hessian):
        for argnums in (0, 1):
            found, exact = (d(with_solver(s), argnums)(A, b) for s in (f, np.linalg.solve))
            np.testing.assert_allclose(found, exact, rtol=1e-10, atol=1e-12)
    V, v = rng.normal(size=(3, 3)), rng.normal(size=3)
    for found, exact in zip(*(hvp(with_solver(s), (A, b), (V, v)) for s in (f, np.linalg.solve)), strict=True):
        np.testing.assert_allclose(found, exact, rtol=1e-10, atol=1e-12)


# ------------------------------------------------------------------------------ how it may be written and called


@custom_rule
def power(x, scale=1.0, *, n=2, label="unused"):
    """The n-th power."""
    return scale * x**n


@power.jvp
def power_jvp(z, primals, tangents, *, n, label):
    (x, scale), (dx, dscale) = primals, tangents
    return scale * n * x ** (n - 1) * dx + x**n * dscale


def test_defaults_names_and_options():
    assert power(3.0) == 9.0 and power.__name__ == "power" and power.__doc__ == "The n-th power."
    for d in (grad, derivative):
        assert d(power)(3.0) == 6.0
        assert d(lambda x: power(x, n=3))(3.0) == 27.0
        assert d(lambda s: power(3.0, scale=s, n=3))(1.0) == 27.0  # given by name, differentiated all the same
        assert d(lambda x: power(scale=x, x=x, n=2))(3.0) == 27.0
        assert d(lambda x: power(x, np.array(2), n=2))(3.0) == 12.0  # an integer array is a constant operand
        with pytest.raises(InputError, match="keyword-only argument n"):
            d(lambda x: power(2.0, n=x))(2.0)
    assert [r.rule.name for r in record(lambda x: power(x, n=3) + x, 2.0) if r.rule] == ["custom power", "add"]
    assert "power(x, 1, n=3" in str(record(lambda x: power(x, n=3) + x, 2.0))


def test_what_is_not_a_number_is_handed_through():
    @custom_rule
    def apply_named(name, x, options, times=None):
        return getattr(math, name)(x[0]) * options["factor"] * (times or 1)

    @apply_named.jvp
    def apply_jvp(z, primals, tangents):
        assert primals[0] == "sin" and tangents[0] is None and primals[2]["text"] == "a"
        return np.cos(primals[1][0]) * tangents[1][0] * primals[2]["factor"] + z / 2.0 * tangents[2]["factor"]

    for d in (grad, derivative):
        assert d(lambda x: apply_named("sin", (x, 5.0), {"factor": 2.0, "text": "a"}))(0.5) == 2 * math.cos(0.5)


def test_several_results():
    @custom_rule
    def polar(x, y):
        return {"r": math.hypot(x, y), "angles": (np.array([math.atan2(y, x), math.atan2(x, y)]),)}

    @polar.jvp
    def polar_jvp(z, primals, tangents):
        (x, y), (dx, dy) = primals, tangents
        turn = (x * dy - y * dx) / z["r"] ** 2
        return {"r": (x * dx + y * dy) / z["r"], "angles": (np.stack([turn, -turn]),)}

    assert polar(3.0, 4.0)["r"] == 5.0

    def back(x, y):
        p = polar(x, y)
        return p["r"] * np.cos(p["angles"][0]), p["r"] * np.sin(p["angles"][0][0])

    for mode in ("forward", "reverse"):
        J = jacobian(back, (0, 1), mode=mode)(3.0, 4.0)  # x and y again: the identity
        np.testing.assert_allclose(np.array(J[0]), [[1.0, 0.0], [0.0, 1.0]], atol=1e-15)
        np.testing.assert_allclose(np.array(J[1]), [0.0, 1.0], atol=1e-15)
    for d in (grad, derivative):
        assert d(d(lambda x: back(x, 2.0 * x)[1]))(1.5) == pytest.approx(0.0, abs=1e-14)


def test_results_of_two_precisions_keep_them():
    @custom_rule
    def both(x):
        return x * 2, x.astype(np.float64)

    both.vjp(lambda g, z, p: g[0] * 2 + g[1].astype(np.float32))
    x = np.ones(2, np.float32)
    y, pullback = vjp(both, x)
    (bar,) = pullback((np.ones(2, np.float32), np.ones(2)))
    assert [v.dtype for v in y] == [np.float32, np.float64] and bar.dtype == np.float32 and bar.tolist() == [3.0, 3.0]
    assert jvp(both, x, x)[1][0].dtype == np.float32


def test_integer_results_do_not_round_the_derivative():
    rounded = custom_rule(lambda x: np.round(x).astype(int), jvp=lambda z, p, t: 0.25 * t[0])
    assert jvp(rounded, np.array([1.2, 2.7]), np.ones(2))[1].tolist() == [0.25, 0.25]
    assert grad(lambda x: np.sum(rounded(x)))(np.array([1.2, 2.7])).tolist() == [0.25, 0.25]


def test_methods():
    class Spring:
        k = 3.0

        @custom_rule
        def energy(self, x):
            return self.k * math.pow(x, 2) / 2

        @energy.vjp
        def force(g, z, primals):
            self, x = primals
            return None, g * self.k * x

    assert grad(Spring().energy)(2.0) == derivative(Spring().energy)(2.0) == 6.0


def test_decorator_with_its_rule_and_other_callables():
    @custom_rule(jvp=lambda z, p, t: z * t[0])
    def exp(x):
        return math.exp(x)

    assert derivative(exp, 3)(1.0) == pytest.approx(math.e)
    assert grad(custom_rule(math.exp, jvp=lambda z, p, t: z * t[0]))(0.0) == 1.0  # no signature to read
    twice = custom_rule(partial(operator.mul, 2.0), vjp=lambda g, z, p: 2.0 * g)
    assert jacobian(twice)(np.ones(2)).tolist() == [[2.0, 0.0], [0.0, 2.0]]


def test_what_the_body_does_to_its_arguments_stays_there():
    """A body that overwrites its argument (as many C routines do) changes neither the caller's array nor the tape's."""

    @custom_rule(jvp=lambda z, p, t: 2.0 * p[0] * t[0])
    def square(x):
        x *= x
        return x

    x = np.array([1.0, 3.0])
    assert grad(lambda x: np.sum(square(x) * x))(x).tolist() == [3.0, 27.0]
    assert x.tolist() == [1.0, 3.0] and x.flags.writeable
    x[0] = 5.0


def test_arrays_are_writeable_again():
    """A rule that is transposed leaves no array locked behind."""
    A = np.eye(2) * 3.0
    f = custom_rule(lambda A, x: A @ x, jvp=lambda z, p, t: t[0] @ p[1] + p[0] @ t[1])
    grad(lambda x: np.sum(f(A, x)))(np.ones(2))
    jvp(custom_rule(lambda A, x: A @ x, vjp=lambda g, z, p: (np.outer(g, p[1]), p[0].T @ g)), (A, A[0]), (A, A[0]))
    assert A.flags.writeable


def test_object_arrays_of_traced_values_are_arrays():
    total = custom_rule(lambda x: float(x.sum()), jvp=lambda z, p, t: t[0].sum())
    assert grad(lambda x: total(np.array([x, x * x])))(3.0) == 7.0


# ------------------------------------------------------------------------------ what is refused


def _vector(x):
    return np.array([x[0] * x[1], x[0], x[1]])


@pytest.mark.parametrize(
    "written, message",
    [
        ({"jvp": lambda z, p, t: None}, "returned None"),
        ({"jvp": lambda z, p, t: t[0]}, r"shape \(2,\); it needs .* \(3,\)"),
        ({"jvp": lambda z, p, t: (z, t[0])}, "tangent of the result alone"),
        ({"jvp": lambda z, p, t: "dz"}, "returned 'dz'"),
        ({"vjp": lambda g, z, p: None}, "returned None"),
        ({"vjp": lambda g, z, p: g}, r"shape \(3,\); it needs .* \(2,\)"),
        ({"vjp": lambda g, z, p: (g[:2], g[:2])}, r"needs a number or array of shape \(2,\)"),
        ({"vjp": lambda g, z, p: 0.0}, r"\(2,\)"),
    ],
)
def test_wrong_returns_teach(written, message):
    f, x = custom_rule(_vector, **written), np.array([2.0, 3.0])
    for run in (lambda: jvp(f, x, x), lambda: vjp(f, x)[1](np.ones(3)), lambda: jacobian(f)(x)):
        with pytest.raises(RuleError, match=message) as info:
            run()
        assert "Why: " in str(info.value) and "Write: " in str(info.value)


def test_without_a_rule():
    f = custom_rule(lambda x: math.sin(x))
    assert f(0.0) == 0.0
    for d in (grad, derivative):
        with pytest.raises(NoRuleError, match=r"\.jvp above"):
            d(f)(1.0)
    with pytest.raises(InputError, match="can't be called"):
        custom_rule(3.0)


@pytest.mark.parametrize("result", [None, "a", 1j, np.array([True]), object()])
def test_results_that_are_not_real_numbers(result):
    f = custom_rule(lambda x: result, jvp=lambda z, p, t: t[0])
    for d in (grad, derivative):
        with pytest.raises(InputError, match="result"):
            d(f)(1.0)


def test_what_the_body_takes_from_around_itself():
    """Of the derivative that is being taken it must be an argument; of an outer one it is a constant to this one."""
    around = lambda a: custom_rule(lambda x: x * a, jvp=lambda z, p, t: t[0] * a)
    for outer in (grad, derivative):
        for at in (lambda a: a, lambda a: np.array([a, a])):
            with pytest.raises(InputError, match="isn't among its arguments"):
                outer(lambda a, at=at: np.sum(around(a)(at(a))))(3.0)
        for inner in (grad, derivative):
            assert outer(lambda a, inner=inner: a * inner(around(a))(2.0))(3.0) == 6.0


def test_a_rule_that_cannot_be_differentiated_again_says_so():
    f = custom_rule(math.sin, jvp=lambda z, p, t: math.cos(p[0]) * t[0])
    assert grad(f)(0.0) == derivative(f)(0.0) == 1.0
    for outer, inner in itertools.product((grad, derivative), repeat=2):
        with pytest.raises(ConversionError, match="np.sin"):
            outer(inner(f))(0.5)


def test_a_failing_body_leaves_nothing_behind():
    @custom_rule(jvp=lambda z, p, t: t[0] / p[0])
    def log(x):
        return math.log(x)

    for d in (grad, derivative):
        with pytest.raises(ValueError, match="domain|positive"):
            d(log)(-1.0)
        assert d(log)(2.0) == 0.5
    assert not isinstance(RuleError("a", "b", "c"), InputError) and issubclass(RuleError, ADError)
