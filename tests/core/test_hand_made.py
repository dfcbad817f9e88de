"""Numbers made by hand among transforms: what is inside what, and that no two perturbations are confused."""

import gc

import numpy as np
import pytest

from adcourse import Dual, derivative, grad, hessian, jacobian, jvp, taylor, vjp
from adcourse.core.errors import EscapedBoxError, InputError
from adcourse.core.levels import Level, hand_made, levels_in


def slope(f):
    """The derivative of ``f`` with a dual number, as a reader writes it."""
    return lambda x: f(Dual(x, 1.0)).tangent


def forward(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


WAYS = [slope, forward, grad, derivative, jacobian]


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("outer", WAYS)
def test_nested_in_every_order(outer, inner):
    """The second derivative, when the inner function meets a traced value of the outer one as it is."""
    f = outer(lambda x: x * inner(lambda y: np.sin(x * y) + x * y)(x))
    x = 0.7  # x d/dy (sin(x y) + x y) at y = x: x^2 cos(x^2) + x^2
    assert f(x) == pytest.approx(2 * x * np.cos(x * x) - 2 * x**3 * np.sin(x * x) + 2 * x, rel=1e-14)


@pytest.mark.parametrize("third", WAYS)
@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_three_deep(first, second, third):
    f = first(second(third(lambda x: x**5 * np.exp(-x))))
    x = 1.3
    assert f(x) == pytest.approx(np.exp(-x) * x**2 * (60 - 60 * x + 15 * x**2 - x**3), rel=1e-13)


def test_numbers_made_by_hand_share_their_perturbation():
    """Whenever they were made: before, inside or after a transform."""
    a = Dual(3.0, 1.0)
    grad(lambda x: x * x)(1.0)
    b = Dual(2.0, 1.0)
    assert ((a * b).value, (a * b).tangent) == (6.0, 5.0)
    assert grad(lambda x: (Dual(x, 1.0) * Dual(2.0, 1.0) * x).tangent)(3.0) == 8.0  # d/dx of x (x + 2)
    assert grad(lambda x: (Dual(2.0, 1.0) * x * x).tangent)(3.0) == 6.0
    assert grad(lambda x: (a * Dual(x, 2.0)).tangent)(5.0) == 1.0  # of x + 6


def test_a_transform_takes_one_made_before_as_a_constant_or_an_argument():
    a = Dual(3.0, 1.0)
    for d in (derivative, grad, forward):
        dy = d(lambda y: y * y * a)(2.0)
        assert (dy.value, dy.tangent) == (12.0, 4.0)
        dy = d(np.sin)(a)
        assert (dy.value, dy.tangent) == pytest.approx((np.cos(3.0), -np.sin(3.0)), rel=1e-15)
        dy = d(lambda y: y * a)(a)
        assert (dy.value, dy.tangent) == (3.0, 1.0)


def test_matrices():
    """d/dx of sum(inv(x A)) = -sum(inv(A))/x^2, with the dual number inside and outside of the reverse sweep."""
    A = np.array([[2.0, 1.0], [0.5, 3.0]])
    f = lambda x: np.sum(np.linalg.inv(x * A))
    second = 2 * np.sum(np.linalg.inv(A)) / 1.7**3
    assert grad(slope(f))(1.7) == pytest.approx(second, rel=1e-13)
    assert slope(grad(f))(1.7) == pytest.approx(second, rel=1e-13)
    H = hessian(lambda x: np.sum((Dual(x, np.array([1.0, 2.0])) ** 3).tangent))(np.array([1.0, 2.0]))
    assert H.tolist() == [[6.0, 0.0], [0.0, 12.0]]


def test_object_arrays_of_traced_numbers():
    def f(v):
        x = Dual(np.array([v[0], v[1] * v[0]]), np.ones(2))
        return np.sum((x * x).tangent)

    assert grad(f)(np.array([1.0, 2.0])).tolist() == [6.0, 2.0]  # of 2 v0 + 2 v0 v1


def test_the_one_that_holds_is_outside():
    inside = Dual(2.0, 1.0)
    outer = Dual(Dual(2.0, 1.0), 1.0)
    product = outer * inside  # (2 + e + E)(2 + e)
    assert [product.value.value, product.value.tangent, product.tangent.value, product.tangent.tangent] == [4, 4, 2, 1]
    for a, b in [(product, inside * outer), (outer * outer * inside, inside * (outer * outer))]:
        assert repr(a) == repr(b)


def test_levels():
    """Above what it holds and what runs, below what begins later; other classes in the order of their ranks."""
    low, high = hand_made(1.0, rank=0.25), hand_made(1.0, rank=0.75)
    running = Level()
    inside = hand_made(rank=0.75)
    held = hand_made(Dual(1.0, 1.0), rank=0.25)
    assert low.number < high.number < running.number < held.number - 0.5 < inside.number < held.number
    assert high.tag == inside.tag != held.tag == low.tag
    assert hand_made(rank=0.75) is inside  # one object, as long as nothing begins
    assert Level().number > held.number
    a = Dual(Dual(1.0, 1.0), 1.0)
    assert [level.tag for level in levels_in(a)] == [(0.75, 1), (0.75, 0)]


def test_what_is_mixed_raises():
    a = Dual(3.0, 1.0)
    with pytest.raises(InputError, match="A Dual that holds a Var met a Var that holds a Dual"):
        grad(lambda x: (x * a * Dual(x, 1.0)).tangent)(5.0)
    with pytest.raises(AttributeError, match="Make it inside the function"):
        grad(lambda x: (x * a).tangent)(5.0)


@pytest.mark.parametrize("transform", [grad, jacobian, derivative, forward, lambda f: lambda x: vjp(f, x)])
def test_a_result_that_holds_traced_values_is_refused(transform):
    """It would count as a constant, with derivative zero."""
    with pytest.raises(InputError, match=r"return y\.value"):
        transform(lambda x: Dual(x, 1.0) * x)(2.0)
    with pytest.raises(InputError, match=r"return y\.value"):
        transform(lambda x: Dual(Dual(1.0, x), 1.0))(2.0)


def test_escaped():
    kept = []
    grad(lambda x: (kept.append(Dual(1.0, x)), x)[1])(1.0)
    gc.collect()
    with pytest.raises(EscapedBoxError):
        kept[0] * kept[0]
    with pytest.raises(EscapedBoxError):
        kept[0] + Dual(1.0, 1.0)


def test_a_series_of_a_result_that_holds_one_is_refused():
    with pytest.raises(InputError, match=r"return y\.value"):
        taylor(lambda x: Dual(x, 1.0) * x, 2.0, 3)
    assert taylor(lambda x: (Dual(x, 1.0) ** 3).tangent, 2.0, 2).coefficients == [12.0, 12.0, 3.0]
