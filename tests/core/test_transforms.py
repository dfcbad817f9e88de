"""The transforms: their meaning, their nesting, what they accept and return."""

import itertools
from collections import OrderedDict, defaultdict, namedtuple
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import derivative, grad, hessian, hvp, jacobian, jvp, linearize, taylor, value_and_grad, vjp
from adcourse.core.dual import Dual
from adcourse.core.errors import ADError, InputError
from adcourse.core.levels import Traced
from adcourse.core.tree import flatten

FORWARD_REVERSE = {"forward": derivative, "reverse": grad}
PAIRS = list(itertools.product(FORWARD_REVERSE.values(), repeat=2))
TRIPLES = list(itertools.product(FORWARD_REVERSE.values(), repeat=3))


# ------------------------------------------------------------------------------ perturbation confusion


@pytest.mark.parametrize("outer, inner", PAIRS)
def test_perturbations_are_not_confused(outer, inner):
    """d/dx (x d/dy (x + y)) = 1 (Siskind and Pearlmutter 2005), and cases where 1, 8 and 12 are right."""
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: inner(lambda y: x * y)(2.0) * x)(4.0) == 8.0
    assert outer(lambda x: x * inner(lambda y: x * y * y)(x))(1.0) == pytest.approx(6.0)  # d/dx 2x^3
    assert outer(lambda x: inner(lambda y: y * x**2 * x)(7.0))(2.0) == pytest.approx(12.0)


@pytest.mark.parametrize("a, b, c", TRIPLES)
def test_three_deep(a, b, c):
    """Third derivatives in every mixture of modes, and a mixed one with all three variables alive at once."""
    assert a(b(c(lambda x: x**5)))(1.5) == pytest.approx(60 * 1.5**2, rel=1e-14)
    assert a(b(c(np.exp)))(0.3) == pytest.approx(np.exp(0.3), rel=1e-14)
    nested = a(lambda x: b(lambda y: c(lambda z: x * y**2 * z**3 + x * y)(x * y))(x))(1.1)
    # c: 3 x y^2 z^2 at z = xy is 3 x^3 y^4; b: 12 x^3 y^3 at y = x is 12 x^6; a: 72 x^5
    assert nested == pytest.approx(72 * 1.1**5, rel=1e-13)


@pytest.mark.parametrize("outer, inner", PAIRS)
def test_inner_failure_leaves_the_outer_alone(outer, inner):
    def fails(y):
        raise RuntimeError("half way")

    def f(x):
        with suppress(RuntimeError):
            inner(fails)(x)
        return x * x * x

    assert outer(f)(2.0) == 12.0


@pytest.mark.parametrize("d", FORWARD_REVERSE.values())
def test_a_function_that_raised_can_be_called_again(d):
    calls = []

    def f(x):
        calls.append(x)
        if len(calls) == 1:
            raise ValueError("first time")
        return x * x

    with pytest.raises(ValueError, match="first time"):
        d(f)(3.0)
    assert d(f)(3.0) == 6.0


# ------------------------------------------------------------------------------ programs, not formulas


def _while(x):
    y = x
    while y < 100:
        y = y * y
    return y  # x^8 for x in (1.78, 3.16)


def _recursive(x, n=6):
    return 1.0 if n == 0 else x * _recursive(x, n - 1)


def _branches(x):
    return x * x if x > 1 else -x


def _mutable(x, memory=[]):  # noqa: B006  (that is the point)
    memory.append(1)
    return len(memory) * x


def _generator(x):
    return sum(x**k for k in range(4))


def _containers(x):
    seen = {x: 1.0, "y": x * x}
    return seen["y"] + (x if x in {x} else 0.0)


def _min_max(x):
    return max(x, 2.0) * min(x, 5.0) + abs(-x)


@pytest.mark.parametrize("d", FORWARD_REVERSE.values())
@pytest.mark.parametrize(
    "f, x, slope",
    [
        (_while, 2.0, 8 * 2.0**7),
        (_recursive, 1.5, 6 * 1.5**5),
        (_branches, 3.0, 6.0),
        (_branches, 0.5, -1.0),
        (_generator, 2.0, 1 + 4 + 12),
        (_containers, 3.0, 7.0),
        (_min_max, 3.0, 7.0),
    ],
)
def test_control_flow(d, f, x, slope):
    assert d(f)(x) == pytest.approx(slope, rel=1e-15)
    assert [d(_mutable)(1.0) for _ in range(2)] == [
        len(_mutable.__defaults__[0]) - 1,
        len(_mutable.__defaults__[0]),
    ]


# ------------------------------------------------------------------------------ arguments and results


def test_argnums():
    def f(x, y, z):
        return (x + y) * z

    assert grad(f)(-2.0, 5.0, -4.0) == -4.0
    assert grad(f, 2)(-2.0, 5.0, -4.0) == grad(f, -1)(-2.0, 5.0, -4.0) == 3.0
    assert grad(f, (0, 2))(-2.0, 5.0, -4.0) == (-4.0, 3.0)
    assert grad(f, (1,))(-2.0, 5.0, -4.0) == (-4.0,)
    assert grad(lambda x, power=2: x**power)(3.0, power=3) == 27.0
    for wrong in (3, -4, "x", 1.0):
        with pytest.raises(InputError, match="argnums"):
            grad(f, wrong)(1.0, 2.0, 3.0)


def test_nested_arguments_and_results():
    Point = namedtuple("Point", "x y")

    def f(p):
        return p["w"][0] * p["w"][1].sum() + p["at"].x * p["at"].y

    p = {"w": [2.0, np.array([1.0, 3.0])], "at": Point(5.0, 7.0)}
    g = grad(f)(p)
    assert list(g) == ["w", "at"] and isinstance(g["at"], Point) and g["at"] == Point(7.0, 5.0)
    assert g["w"][0] == 4.0 and g["w"][1].tolist() == [2.0, 2.0]

    def several(x):
        return {"sum": np.sum(x), "parts": (x * 2.0, 3.0)}

    x = np.array([1.0, 2.0])
    y, dy = jvp(several, x, np.array([1.0, -1.0]))
    assert y["sum"] == 3.0 and dy["sum"] == 0.0 and dy["parts"][0].tolist() == [2.0, -2.0] and dy["parts"][1] == 0.0
    y, pullback = vjp(several, x)
    (bar,) = pullback({"sum": 1.0, "parts": (np.array([0.0, 1.0]), 5.0)})
    assert bar.tolist() == [1.0, 3.0]
    J = jacobian(several)(x)
    assert J["sum"].tolist() == [1.0, 1.0] and J["parts"][0].tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert J["parts"][1].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("x", [3, np.int64(3), 3.0, np.float32(3), np.array(3.0)])
def test_scalars_of_every_type(x):
    assert float(grad(lambda x: x**3)(x)) == 27.0
    assert float(derivative(lambda x: x**3)(x)) == 27.0


def test_a_float_in_a_float_out():
    for g in (grad(np.sin)(1.0), derivative(np.sin)(1.0), grad(lambda x: x * 2.0)(1)):
        assert type(g) is float
    assert grad(lambda x: np.sum(x * x))(np.arange(3)).tolist() == [0.0, 2.0, 4.0]  # integers count as reals
    assert grad(lambda x: np.sum(x * 2.0))(np.ones(2, np.float32)).dtype == np.float32


def test_independent_and_constant_results():
    assert grad(lambda x: 3.0)(1.0) == 0.0
    assert grad(lambda x, y: y * y, (0, 1))(np.ones(2), 3.0)[0].tolist() == [0.0, 0.0]
    assert jacobian(lambda x: np.ones(2))(np.ones(3)).tolist() == np.zeros((2, 3)).tolist()
    assert derivative(lambda x: 1)(2.0) == 0.0


def test_empty_and_zero_dimensional_arrays():
    assert grad(lambda x: np.sum(x * x))(np.zeros(0)).shape == (0,)
    assert grad(lambda x: np.sum(x * x) + 1.0)(np.zeros((2, 0))).shape == (2, 0)
    assert jacobian(lambda x: x * 2.0)(np.zeros(0)).shape == (0, 0)
    g = grad(lambda x: x * x)(np.array(3.0))
    assert np.shape(g) == () and g == 6.0


def test_jacobian_in_both_directions():
    """Tall, wide and square: the same matrix whichever way the tape is swept; f runs once."""
    rng = np.random.default_rng(0)
    for m, n in [(5, 2), (2, 5), (3, 3), (1, 4), (4, 1)]:
        A, x, calls = rng.normal(size=(m, n)), rng.normal(size=n), []

        def f(x, A=A, calls=calls):
            calls.append(1)
            return np.sin(A @ x)

        J = jacobian(f)(x)
        assert len(calls) == 1
        np.testing.assert_allclose(J, np.cos(A @ x)[:, None] * A, rtol=1e-13)
    X = rng.normal(size=(2, 3))
    assert jacobian(lambda X: X.T @ X)(X).shape == (3, 3, 2, 3)
    assert jacobian(np.sin)(0.0) == 1.0


def test_hessian_and_product():
    rng = np.random.default_rng(1)
    A, x, v = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4)

    def f(x):
        return np.sum(np.exp(A @ x)) + x[0] * x[1] * x[2]

    H = hessian(f)(x)
    exact = A.T @ np.diag(np.exp(A @ x)) @ A
    for i, j, k in itertools.permutations((0, 1, 2)):
        exact[i, j] += x[k]
    np.testing.assert_allclose(H, exact, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(hvp(f, x, v), exact @ v, rtol=1e-12, atol=1e-12)
    blocks = hessian(lambda x, y: x * x * y, (0, 1))(3.0, 5.0)
    assert blocks == ((10.0, 6.0), (6.0, 0.0))
    assert hvp(lambda x, y: x * x * y, (3.0, 5.0), (1.0, 0.0)) == (10.0, 6.0)


def test_value_and_grad_is_both():
    y, g = value_and_grad(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    assert y == 9.0 and g.tolist() == [3.0, 12.0]


def test_pullback_again_and_again():
    x = np.array([1.0, 2.0])
    y, pullback = vjp(lambda x: np.exp(x), x)
    kept = y.copy()
    x[:] = 100.0  # the caller's arrays are the caller's
    y[:] = 0.0
    for _ in range(2):
        (bar,) = pullback(np.ones(2))
        np.testing.assert_array_equal(bar, kept)
        bar[:] = 7.0


def test_gradients_are_the_callers_own():
    x, y = np.ones(3), np.ones(3)
    gx, gy = grad(lambda x, y: np.sum(x + y), (0, 1))(x, y)
    gx[:] = 5.0  # neither shared nor read-only
    assert gy.tolist() == [1.0] * 3
    seed = np.ones(3)
    (bar,) = vjp(lambda x: x + 0.0, x)[1](seed)
    bar[:] = 9.0
    assert seed.tolist() == [1.0] * 3
    _, dx = jvp(lambda x: x, x, seed)
    dx[:] = 9.0
    assert seed.tolist() == [1.0] * 3


def test_dual_numbers_by_hand():
    x = Dual(3.0, 2.0)
    for value, tangent in [
        (x * x, 12.0),
        (2 - x, -2.0),
        (1 / (x - 1), -0.5),
        (np.exp(x), 2 * np.exp(3.0)),
        (-x, -2.0),
    ]:
        assert value.tangent == pytest.approx(tangent, rel=1e-15)
    assert derivative(lambda y: y * x)(1.0).value == 3.0  # a constant to the inner level
    assert np.sum(Dual(np.ones(2), np.array([1.0, 2.0]))).tangent == 3.0
    with pytest.raises(InputError, match="shape"):
        Dual(np.ones(2), 1.0)


# ------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    "bad",
    [True, "x", None, 1j, np.ones(2) * 1j, np.array([True]), np.array(["a"]), np.array([1.0, None]), object()],
)
def test_inputs_without_a_derivative(bad):
    for transform in (
        lambda: grad(np.sum)(bad),
        lambda: jvp(np.sum, (bad,), (1.0,)),
        lambda: vjp(np.sum, bad),
    ):
        with pytest.raises(InputError):
            transform()


@pytest.mark.parametrize(
    "transform, message",
    [
        (lambda: grad(3.0), "can't be called"),
        (lambda: grad(lambda x: None)(1.0), "returned None"),
        (lambda: grad(lambda x: "a")(1.0), "returned 'a'"),
        (lambda: grad(lambda x: x)(np.ones(2)), "one number"),
        (lambda: grad(lambda x: (x, x))(1.0), "one number"),
        (lambda: grad(lambda x: x * 1j)(1.0), "complex"),
        (lambda: grad(lambda x: x + "1")(1.0), "'1'"),
        (lambda: grad(lambda x: np.array([x, None]))(1.0), "None"),
        (lambda: grad(lambda x: np.sum(x * np.array([None, 1.0])))(1.0), "None"),
        (lambda: grad(lambda x: np.sum(x**2))([1.0, 2.0]), "a list"),
        (lambda: jvp(lambda x: 0.5 * x, ([1.0],), ([1.0],)), "a list"),
        (lambda: taylor(lambda x: x - 1.0, [1.0], 2), "a list"),
        (lambda: jvp(np.sin, (np.ones(2),), (1.0,)), "tangents"),
        (lambda: jvp(np.sin, (1.0, 2.0), (1.0,)), "tangent"),
        (lambda: jvp(np.sin, (1.0,), (1j,)), "tangent"),
        (lambda: vjp(np.sin, np.ones(2))[1](1.0), "cotangent"),
        (lambda: vjp(lambda x: (x, x), 1.0)[1](1.0), "cotangent"),
        (lambda: derivative(np.sin)(np.ones(2)), "array"),
        (lambda: derivative(np.sin, -1), "order"),
        (lambda: derivative(np.sin, 1.5), "order"),
    ],
)
def test_errors_teach(transform, message):
    """Each says what happened, why, and the line to write instead."""
    with pytest.raises(ADError, match=message) as info:
        transform()
    assert "Why: " in str(info.value) and "Write: " in str(info.value)


# ------------------------------------------------------------------------------ what else is handed back


def _loss(p, scale=1.0):
    residual = p["w"] * scale - 1.0
    parts = np.array([p["w"][0], p["b"] ** 2])  # an object array of traced scalars
    return np.sum(residual**2) + p["b"], {"residual": residual, "b": p["b"], "parts": parts, "note": ("done", None, 3)}


def _is_plain(aux):
    return not any(isinstance(x, Traced) for x in flatten(aux)[0]) and aux["parts"].dtype == float


def test_has_aux_hands_back_plain_values():
    p = {"w": np.array([1.0, 3.0]), "b": 2.0}
    v = {"b": 1.0, "w": np.array([1.0, 0.0])}  # another order of the keys
    (value, aux), g = value_and_grad(_loss, has_aux=True)(p, scale=2.0)
    results = [
        aux,
        grad(_loss, has_aux=True)(p, scale=2.0)[1],
        jvp(lambda p: _loss(p, 2.0), (p,), (v,), has_aux=True)[2],
        vjp(lambda p: _loss(p, 2.0), p, has_aux=True)[2],
        linearize(lambda p: _loss(p, 2.0), p, has_aux=True)[2],
        jacobian(_loss, has_aux=True)(p, scale=2.0)[1],
        hessian(_loss, has_aux=True)(p, scale=2.0)[1],
    ]
    for a in results:
        assert _is_plain(a) and a["note"] == ("done", None, 3)
        assert a["residual"].tolist() == [1.0, 5.0] and a["b"] == 2.0 and a["parts"].tolist() == [1.0, 4.0]
    assert value == 28.0 and g["w"].tolist() == [4.0, 20.0] and g["b"] == 1.0
    y, dy, _ = jvp(lambda p: _loss(p, 2.0), (p,), (v,), has_aux=True)
    assert (y, dy) == (28.0, 5.0)
    assert hessian(_loss, has_aux=True)(p, scale=2.0)[0]["w"]["w"].tolist() == [[8.0, 0.0], [0.0, 8.0]]


@pytest.mark.parametrize("outer, inner", PAIRS)
def test_aux_still_carries_the_outer_derivative(outer, inner):
    """Stripped of the inner level alone: d/dx of aux = x^2 y at y = x is 3 x^2, of which the outer level sees all."""

    def f(x):
        slope, aux = (
            grad(lambda y: (x * y * y, x * x * y), has_aux=True)(x)
            if inner is grad
            else jvp(lambda y: (x * y * y, x * x * y), (x,), (1.0,), has_aux=True)[1:]
        )
        return slope + aux  # 2 x^2 + x^3

    assert outer(f)(3.0) == pytest.approx(12.0 + 27.0, rel=1e-15)


def test_aux_is_the_callers_own():
    """What is done to it reaches neither the pullback nor a second call."""
    x = np.array([1.0, 2.0])
    _, pullback, aux = vjp(lambda x: ((y := np.exp(x)) * y, y), x, has_aux=True)
    aux[:] = 0.0
    np.testing.assert_allclose(pullback(np.ones(2))[0], 2 * np.exp(2 * x), rtol=1e-15)


@pytest.mark.parametrize("result", [3.0, (1.0, 2.0, 3.0), None])
def test_has_aux_needs_a_pair(result):
    with pytest.raises(InputError, match="return y, aux"):
        grad(lambda x: result, has_aux=True)(1.0)
    with pytest.raises(InputError, match="has_aux=True"):
        grad(lambda x: (x, {"twice": 2 * x}))(1.0)


# ------------------------------------------------------------------------------ the derivative as a linear function


@given(st.integers(1, 4), st.integers(0, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_linearize_is_jvp_many_times(n, m, seed):
    rng = np.random.default_rng(seed)
    A, x, calls = rng.normal(size=(m, n)), rng.normal(size=n), []

    def f(x, c):
        calls.append(1)
        return {"y": np.tanh(A @ x) * c, "x": x, "constant": 1.0}

    _, f_jvp = linearize(f, x, 2.0)
    kept = x.copy()
    x[:] = np.nan  # the caller's arrays are the caller's
    pushed = [f_jvp(v, 0.5) for v in np.vstack([np.eye(n), np.ones(n)])]
    assert len(calls) == 1
    for v, dy in zip(np.vstack([np.eye(n), np.ones(n)]), pushed, strict=True):
        _, exact = jvp(f, (kept, 2.0), (v, 0.5))
        np.testing.assert_array_equal(dy["y"], exact["y"])
        assert dy["x"].tolist() == v.tolist() and dy["constant"] == 0.0 and dy["x"] is not v
    for bad in [(v,), (v, np.ones(1)), (v[:, None], 0.5)]:
        with pytest.raises(InputError, match=r"(?i)tangent"):
            f_jvp(*bad)


@pytest.mark.parametrize("outer", FORWARD_REVERSE.values())
def test_linearize_nests(outer):
    assert outer(lambda x: linearize(lambda y: x * y**3, x)[1](x))(2.0) == pytest.approx(12 * 2.0**3)  # (3 x^3 x)'
    _, f_jvp = linearize(lambda x: x**3, 2.0)
    assert outer(lambda v: f_jvp(v) ** 2)(1.0) == pytest.approx(2 * 12.0**2)


# ------------------------------------------------------------------------------ which mode, which argument, which form


def test_jacobian_says_which_mode():
    A = np.arange(12.0).reshape(3, 4)
    for B, mode in [(A, "reverse"), (A.T, "forward"), (A[:, :3], "forward")]:
        J = jacobian(lambda x, B=B: (np.sin(B @ x), "kept")[:1])
        x = np.linspace(0.1, 1.0, B.shape[1])
        assert J.mode(x) == mode
        exact = np.cos(B @ x)[:, None] * B
        for forced in ("forward", "reverse", None):
            forced_J = jacobian(lambda x, B=B: np.sin(B @ x), mode=forced)
            np.testing.assert_allclose(forced_J(x), exact, rtol=1e-13, atol=1e-13)
            assert forced_J.mode(x) == (forced or mode)
    assert jacobian(lambda x, y: x * y, (0, 1)).mode(1.0, 2.0) == "reverse"  # one row for two columns
    assert jacobian(lambda x: (x * x, x), has_aux=True).mode(2.0) == "forward"
    with pytest.raises(InputError, match="mode='backwards'"):
        jacobian(np.sin, mode="backwards")


def test_blocks_of_a_jacobian_are_the_callers_own():
    a, b = jacobian(lambda x: ((y := x * np.ones(3)), y))(2.0)
    a[:] = 7.0
    assert b.tolist() == [1.0] * 3
    (c,) = jacobian(lambda x: (np.broadcast_to(x, (2,)),))(2.0)
    c += 1.0
    (d,) = jacobian(lambda x: np.sum(x), (0,))(np.ones(3))
    d += 1.0


def test_hessian_of_several_results_is_a_tree():
    x = np.array([0.5, 2.0])
    H = hessian(lambda x: {"square": x**2, "product": np.prod(x)})(x)
    np.testing.assert_allclose(H["product"], [[0.0, 1.0], [1.0, 0.0]])
    np.testing.assert_allclose(H["square"], [[[2.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]])


@pytest.mark.parametrize("argnums", [np.int64(1), -1, np.array(1), 1])
def test_argnums_of_every_type(argnums):
    assert grad(lambda x, y: x * y**2, argnums)(2.0, 3.0) == 12.0
    for several in ([0, argnums], np.array([0, 1]), range(2)):
        assert grad(lambda x, y: x * y**2, several)(2.0, 3.0) == (9.0, 12.0)


@pytest.mark.parametrize("argnums", [(0, 0), (0, -2), True, (True,), "x", None, 2, -3, {0}])
def test_argnums_that_are_refused(argnums):
    """Repeated ones would give one of the two the whole derivative and the other nothing."""
    for transform in (grad, jacobian, value_and_grad, hessian):
        with pytest.raises(InputError, match="argnums"):
            transform(lambda x, y: x * y, argnums)(2.0, 3.0)


def test_dicts_go_by_their_keys():
    """Tangents and cotangents may list the keys in another order; other keys or lengths are refused."""

    def f(p):
        return {"y": p["a"] * 10.0, "z": p["b"] * 100.0}

    p = {"a": 1.0, "b": 2.0}
    assert jvp(f, (p,), ({"b": 5.0, "a": 3.0},))[1] == {"y": 30.0, "z": 500.0}
    assert vjp(f, p)[1]({"z": 1.0, "y": 0.0}) == ({"a": 0.0, "b": 100.0},)
    for wrong in ({"a": 1.0}, {"a": 1.0, "c": 1.0}, (1.0, 2.0), {"a": 1.0, "b": (1.0,)}, 1.0):
        with pytest.raises(InputError):
            jvp(f, (p,), (wrong,))
        with pytest.raises(InputError):
            vjp(f, p)[1](wrong)


def test_containers_keep_their_type():
    p = defaultdict(float, b=2.0, a=[3.0, None], nothing=None)
    g = grad(lambda p: p["b"] * p["a"][0] + p["absent"])(p)
    assert type(g) is defaultdict and dict(g) == {"b": 3.0, "a": [2.0, None], "nothing": None}
    assert type(grad(lambda p: p["x"] ** 2)(OrderedDict(x=1.0))) is OrderedDict
    Point = namedtuple("Point", "x y")
    at = Point(2.0, 3.0)  # a named tuple is one argument, not several
    assert jvp(lambda p: p.x * p.y, at, Point(1.0, 0.0)) == (6.0, 3.0)
    assert hvp(lambda p: p.x**2 * p.y, at, Point(1.0, 0.0)) == Point(6.0, 4.0)
    assert jacobian(lambda x: (x, None))(2.0) == (1.0, None)


def test_everything_callable():
    """Methods, partial functions, callable objects, lambdas, defaults and keyword arguments."""

    class Model:
        power = 3

        def method(self, x, *, scale=1.0):
            return scale * x**self.power

        __call__ = method
        slope = grad(method, 1)

    model = Model()
    assert grad(model)(2.0) == grad(model.method)(2.0) == model.slope(2.0) == 12.0
    assert grad(model)(2.0, scale=10.0) == 120.0 and jacobian(model)(2.0, scale=10.0) == 120.0
    assert grad(partial(pow, 3.0))(2.0) == pytest.approx(9 * np.log(3.0))
    assert hessian(partial(model.method, scale=2.0))(1.0) == 12.0
    assert grad(lambda *xs, **kw: sum(xs) * kw["k"], (0, 2))(1.0, 2.0, 3.0, k=4.0) == (4.0, 4.0)
    assert derivative(partial(np.power, 2.0))(0.0) == pytest.approx(np.log(2.0))
    for transform in (grad(model), jacobian(model), value_and_grad(model, has_aux=True)):
        assert callable(transform) and transform.__wrapped__ is model


def test_what_is_accepted_is_said():
    @dataclass
    class Parameters:
        w: float

    with pytest.raises(InputError, match="asdict"):
        grad(lambda p: p.w)(Parameters(1.0))
    assert grad(lambda p: p["w"] ** 2)(asdict(Parameters(3.0))) == {"w": 6.0}


@pytest.mark.parametrize("rows", [3, 5000])  # a large tangent takes another way than a small one
@pytest.mark.parametrize("f", [np.multiply, np.divide, np.power, np.arctan2], ids=lambda f: f.__name__)
def test_a_large_tangent_is_stretched_as_its_value_is(f, rows):
    """⟨g, J dx⟩ = ⟨Jᵀg, dx⟩ where an operand is broadcast, for tangents in memory of their own and for a spread one."""
    rng = np.random.default_rng(rows)
    x, y, g = rng.uniform(1, 2, size=(rows, 1)), rng.uniform(1, 2, size=4), rng.normal(size=(rows, 4))
    for program in (lambda x: f(x, y), lambda x: f(y, x)):
        for dx in (rng.normal(size=x.shape), np.broadcast_to(1.5, x.shape)):
            _, moved = jvp(program, (x,), (dx,))
            (pulled,) = vjp(program, x)[1](g)
            assert moved.shape == g.shape and np.isclose(np.sum(g * moved), np.sum(pulled * dx), rtol=1e-10, atol=1e-9)
