"""The transforms: their meaning, their nesting, what they accept and return."""

import itertools
from collections import namedtuple
from contextlib import suppress

import numpy as np
import pytest

from adcourse import derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from adcourse.core.dual import Dual
from adcourse.core.errors import ADError, InputError

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
    with pytest.raises(ValueError, match="shape"):
        Dual(np.ones(2), 1.0)


# ------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize("bad", [True, "x", None, 1j, np.ones(2) * 1j, np.array([True]), np.array(["a"]), object()])
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
