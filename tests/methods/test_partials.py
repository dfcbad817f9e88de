"""Gradients, Jacobians, Hessians, mixed derivatives by differences: exact algebra, counted evaluations, forms of x."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import adcourse
from adcourse.core.errors import ADError
from adcourse.methods.numerical import SCHEMES, UndefinedError, gradient, hessian, jacobian, mixed, stencil
from adcourse.methods.points import Counted

TOLERANCE = {"forward": 1e-6, "backward": 1e-6, "central": 1e-8, "complex_step": 1e-13, "richardson": 1e-11}
seeds = st.integers(0, 2**32 - 1)


def smooth(v):
    return np.sum(np.sin(v)) * np.exp(v.ravel()[0] / 3) + v.ravel()[-1] ** 3


def several(v):
    return np.stack([np.sum(v**2), v[0] * np.sin(v[-1]), np.exp(v[0])])


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=20)
@given(seed=seeds)
def test_every_scheme_against_the_tape(scheme, seed):
    x = np.random.default_rng(seed).uniform(-2, 2, 4)
    np.testing.assert_allclose(gradient(smooth, x, scheme), adcourse.grad(smooth)(x), atol=30 * TOLERANCE[scheme])
    np.testing.assert_allclose(jacobian(several, x, scheme), adcourse.jacobian(several)(x), atol=30 * TOLERANCE[scheme])


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_number_of_evaluations(n):
    x = np.linspace(0.5, 1, n)
    for function, of in ((gradient, smooth), (jacobian, several)):
        for scheme, calls in (("forward", n + 1), ("backward", n + 1), ("central", 2 * n), ("complex_step", n)):
            f = Counted(of)
            function(f, x, scheme)
            assert f.calls == calls
        f = Counted(of)
        function(f, x, stencil(1, 4))
        assert f.calls == 4 * n
    for scheme, calls in (("forward", (n + 1) * (n + 2) // 2), ("central", n * n + n + 1)):
        f = Counted(smooth)
        hessian(f, x, scheme)
        assert f.calls == calls
    f = Counted(smooth)
    mixed(f, x, np.ones(n, int))
    assert f.calls == 2**n


@pytest.mark.parametrize("scheme", [*SCHEMES, stencil(1, 4), stencil(1, 2, "forward")])
@settings(max_examples=20)
@given(seed=seeds)
def test_estimates_cover_the_error_and_count_evaluations(scheme, seed):
    x = np.random.default_rng(seed).uniform(0.2, 2, 3)
    f = Counted(several)
    value, error, step, evaluations = jacobian(f, x, scheme, full=True)
    assert value.shape == error.shape == (3, 3) and evaluations == f.calls and np.all(np.asarray(step) > 0)
    assert np.all(abs(value - adcourse.jacobian(several)(x)) <= 2 * error + 1e-14) and np.max(error) < 1e-5
    value, error, _, evaluations = gradient(f := Counted(smooth), x, scheme, full=True)
    assert np.all(abs(value - adcourse.grad(smooth)(x)) <= 2 * error + 1e-13) and evaluations == f.calls


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=4), st.sampled_from([0.5, 1.0, 2.0]), seeds)
def test_quadratic_forms_have_exact_hessians(x, h, seed):
    n = len(x)
    a = np.random.default_rng(seed).integers(-5, 6, (n, n))
    f = lambda v: v @ a @ v + 3 * v[0]
    for scheme in ("central", "forward"):
        assert np.array_equal(hessian(f, x, scheme, h), a + a.T)
    assert np.array_equal(gradient(f, x, "central", h), (a + a.T) @ x + 3 * (np.arange(n) == 0))


@pytest.mark.parametrize("scheme, order", [("forward", 1), ("central", 2)])
def test_errors_of_hessians_fall_with_their_order(scheme, order):
    x = np.array([0.3, 0.8, -0.5])
    exact = adcourse.hessian(smooth)(x)
    errors = [np.max(abs(hessian(smooth, x, scheme, h) - exact)) for h in (1e-2, 5e-3, 2.5e-3)]
    assert np.log2(np.divide(errors[:-1], errors[1:])) == pytest.approx([order, order], abs=0.1)


@settings(max_examples=30)
@given(seed=seeds)
def test_hessians_are_symmetric_and_near_those_of_the_core(seed):
    x = np.random.default_rng(seed).uniform(-1, 1, (2, 2))
    exact = adcourse.hessian(smooth)(x)
    for scheme, tolerance in (("central", 1e-5), ("forward", 1e-3)):
        value, error, _, evaluations = hessian(smooth, x, scheme, full=True)
        assert value.shape == (2, 2, 2, 2) and np.array_equal(value, np.transpose(value, (2, 3, 0, 1)))
        assert np.max(abs(value - exact)) <= min(3 * np.max(error), tolerance)
        assert evaluations == 2 * {"central": 21, "forward": 15}[scheme]
    assert hessian(np.sin, 1.0) == pytest.approx(-np.sin(1), abs=1e-6)


@given(st.lists(st.integers(0, 2), min_size=2, max_size=3), st.sampled_from(["central", "forward", "backward"]))
def test_mixed_derivatives_of_exponentials(orders, kind):
    assume(0 < sum(orders) <= 4)
    rates = np.array([0.5, -1.0, 2.0])[: len(orders)]
    x = np.array([0.2, 0.4, -0.3])[: len(orders)]
    f = lambda v: np.exp(rates @ v)
    exact = np.prod(rates ** np.array(orders)) * f(x)
    h = 2.0**-5
    assert mixed(f, x, orders, order=4, kind=kind, h=h) == pytest.approx(exact, rel=0.05, abs=1e-3)
    coarse = abs(mixed(f, x, orders, 2, kind, 0.1) - exact)
    fine = abs(mixed(f, x, orders, 2, kind, 0.05) - exact)
    assert 2.5 < coarse / fine < 7


def test_mixed_derivatives_of_monomials_are_exact():
    f = lambda v: v[0] ** 2 * v[1] * v[2] ** 3
    assert mixed(f, [3, 5, 2], [2, 1, 3], h=0.5) == 2 * 6
    assert mixed(f, [3, 5, 2], [1, 1, 0], h=0.5) == 2 * 3 * 8
    assert mixed(f, [3.0, 5.0, 2.0], [0, 0, 1]) == pytest.approx(9 * 5 * 12)
    assert mixed(lambda t: t**3, 2.0, 2, h=0.5) == 12


def test_containers():
    x = {"w": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": (0.5, np.array([2, 3]))}
    f = lambda p: np.sum(p["w"] ** 2) * p["b"][0] + p["b"][1] @ p["b"][1]
    for scheme, tolerance in TOLERANCE.items():
        found = gradient(f, x, scheme)
        assert found["w"] == pytest.approx(x["w"], rel=10 * tolerance)
        assert found["b"][0] == pytest.approx(30, rel=10 * tolerance)
        assert found["b"][1] == pytest.approx([4, 6], rel=10 * tolerance)
    g = lambda p: np.stack([np.sum(p["w"]), p["b"][0], p["b"][1][0] * p["b"][0]])
    columns = jacobian(g, x, "central", h=0.5)
    assert columns["w"].shape == (3, 2, 2) and columns["b"][0].shape == (3,) and columns["b"][1].shape == (3, 2)
    assert columns["b"][0].tolist() == [0, 1, 2] and columns["b"][1].tolist() == [[0, 0], [0, 0], [0.5, 0]]
    steps = {"w": 0.5, "b": (0.25, 0.125)}
    full = gradient(f, x, "central", steps, full=True)
    assert full.step["w"].tolist() == [[0.5, 0.5], [0.5, 0.5]] and full.step["b"][0] == 0.25
    assert full.value["b"][1].tolist() == [4, 6]


def test_shapes_follow_those_of_f_and_x():
    x = np.arange(1.0, 5.0).reshape(2, 2)
    f = lambda m: np.stack([m @ m, m.T])
    for scheme in SCHEMES:
        found = jacobian(f, x, scheme)
        assert found.shape == (2, 2, 2, 2, 2)
        np.testing.assert_allclose(found, adcourse.jacobian(f)(x), atol=1e-5)
        assert jacobian(lambda t: np.stack([t, t * t]), 3.0, scheme) == pytest.approx([1, 6], abs=1e-6)
        assert jacobian(lambda v: [v[0] * v[1], v[0]], [2.0, 3.0], scheme) == pytest.approx(
            np.array([[3, 2], [1, 0]]), abs=1e-6
        )
        assert jacobian(lambda v: v @ v, np.ones(2), scheme).shape == (2,)


def test_dtype_of_each_leaf_is_kept():
    x = {"a": np.float32(1.0), "b": np.ones(2)}
    found = gradient(lambda p: np.sin(p["a"]), x["a"] and {"a": x["a"]}, "central")
    assert found["a"].dtype == np.float32
    assert hessian(lambda v: v @ v, np.ones(2, np.float32)).dtype == np.float32
    assert jacobian(lambda v: v * v, np.ones(2, np.float32), "central").dtype == np.float32


def test_the_arguments_are_left_alone():
    def vandal(v):
        y = v @ v
        v[:] = 0
        return y

    x = np.array([1.0, 2.0])
    assert hessian(vandal, x, h=0.5).tolist() == [[2, 0], [0, 2]]
    assert mixed(vandal, x, [1, 1], h=0.5) == 0
    assert jacobian(vandal, x, "central", 0.5).tolist() == [2, 4]
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize(
    "call",
    [
        lambda: gradient(smooth, np.ones(2), stencil(2)),
        lambda: gradient(smooth, np.ones(2), 3),
        lambda: gradient(smooth, np.ones(0)),
        lambda: gradient(smooth, {}),
        lambda: gradient(smooth, np.ones(2), h=-1.0),
        lambda: gradient(smooth, np.ones(2) * 1j),
        lambda: gradient(lambda v: v, np.ones(2)),
        lambda: gradient(lambda v: v @ v, [1.0, np.nan]),
        lambda: jacobian(lambda v: {"a": v}, np.ones(2)),
        lambda: jacobian(lambda v: None, np.ones(2), "central"),
        lambda: jacobian(lambda v: None, np.ones(2), "complex_step"),
        lambda: jacobian(np.abs, np.ones(2), "complex_step"),
        lambda: jacobian(lambda v: np.abs(v), np.zeros(2), "richardson"),
        lambda: hessian(smooth, np.ones(2), "complex_step"),
        lambda: hessian(lambda v: v, np.ones(2)),
        lambda: hessian(smooth, np.ones(2), h=1e-17),
        lambda: mixed(smooth, np.ones(2), [1]),
        lambda: mixed(smooth, np.ones(2), [1, 1], h=[0.1, 0.2, 0.3]),
        lambda: gradient(smooth, np.ones(2), h=[0.1, 0.2, 0.3]),
        lambda: gradient(lambda p: p["a"], {"a": 1.0, "b": 2.0, "c": 1.0}, h=(np.ones(1), np.ones(1))),
        lambda: mixed(smooth, np.ones(2), [0, 0]),
        lambda: mixed(smooth, np.ones(2), [1.0, 1.0]),
        lambda: mixed(smooth, np.ones(2), [-1, 1]),
        lambda: mixed(smooth, np.ones(2), [1, 1], order=3),
    ],
)
def test_refusals(call):
    with pytest.raises(ADError, match="Write:"):
        call()


def test_the_border_of_the_domain_is_named():
    f = lambda v: np.sqrt(v[0]) + v[1]
    with np.errstate(invalid="ignore"):
        for scheme in ("central", "richardson", "backward"):
            with pytest.raises(UndefinedError, match="Write:"):
                gradient(f, np.array([0.0, 1.0]), scheme)
        with pytest.raises(UndefinedError):
            hessian(f, np.array([0.0, 1.0]))
