"""Jacobians take many sweeps at once. For every rule, that is the same as one sweep after the other."""

import numpy as np
import pytest

from adcourse import Dual, grad, hessian, jacobian, jvp, vjp
from adcourse.core import jacobians
from adcourse.core.batch import Batch
from adcourse.core.errors import ConversionError
from adcourse.core.levels import Level

from .examples import EXAMPLES, draw

CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


@pytest.mark.parametrize("mode, seed", [("forward", 24), ("reverse", 22)])
@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_every_rule_takes_a_batch(call, domains, shapes, mode, seed):
    rng = np.random.default_rng(seed)
    x = tuple(draw(rng, domains, shapes))
    v = tuple(rng.normal(size=np.shape(a)) if np.shape(a) else float(rng.normal()) for a in x)
    y, dy = jvp(call, x, v)
    w = rng.normal(size=np.shape(y))
    bars = vjp(call, *x)[1](w if w.shape else float(w))
    blocks = jacobian(call, argnums=tuple(range(len(x))), mode=mode)(*x)
    total = 0.0
    for block, a, da, bar in zip(blocks, x, v, bars, strict=True):
        assert np.shape(block) == np.shape(y) + np.shape(a)
        total = total + np.tensordot(block, da, axes=np.ndim(a))
        np.testing.assert_allclose(np.tensordot(w, block, axes=w.ndim), bar, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(total, dy, rtol=1e-10, atol=1e-12)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@pytest.mark.parametrize("at_once", [1, 40, 10**6])
def test_the_size_of_a_batch_changes_nothing(at_once, monkeypatch):
    monkeypatch.setattr(jacobians, "AT_ONCE", at_once)
    x = np.random.default_rng().normal(size=7)
    H = hessian(rosenbrock)(x)
    exact = np.zeros((7, 7))
    for i in range(6):
        exact[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        exact[i + 1, i + 1] += 200
        exact[i, i + 1] = exact[i + 1, i] = -400 * x[i]
    np.testing.assert_allclose(H, exact, rtol=1e-12, atol=1e-10)


def test_jacobians_nest_in_every_mode():
    x = np.random.default_rng().normal(size=4)
    f = lambda x: np.sum(np.sin(x) * x[::-1]) ** 2
    third = jacobian(jacobian(jacobian(f)))(x)
    for order in ([0, 2, 1], [2, 1, 0]):  # symmetric in all three
        np.testing.assert_allclose(third, np.transpose(third, order), rtol=1e-9, atol=1e-9)
    v = np.random.default_rng().normal(size=4)
    along = jvp(lambda x: jvp(lambda x: jvp(f, (x,), (v,))[1], (x,), (v,))[1], (x,), (v,))[1]
    np.testing.assert_allclose(np.einsum("ijk,i,j,k", third, v, v, v), along, rtol=1e-9)
    for outer in ("forward", "reverse"):
        for inner in ("forward", "reverse"):
            H = jacobian(jacobian(lambda x: f(x) * x, mode=inner), mode=outer)(x)
            np.testing.assert_allclose(H[0], hessian(lambda x: f(x) * x[0])(x), rtol=1e-9, atol=1e-9)


def test_inside_another_transform():
    x = np.random.default_rng().normal(size=3)
    f = lambda x: np.sum(jacobian(lambda y: np.sin(y) * np.sum(x * y))(x) ** 2)
    h = 1e-6
    for k in range(3):
        e = h * (np.arange(3) == k)
        assert grad(f)(x)[k] == pytest.approx((f(x + e) - f(x - e)) / (2 * h), rel=1e-6, abs=1e-6)


def test_axes_of_a_batch():
    x, level = np.random.default_rng().normal(size=(5, 2, 3, 4)), Level()
    for move in (
        lambda a: np.swapaxes(a, 0, -1),
        lambda a: np.moveaxis(a, 2, 0),
        lambda a: np.moveaxis(a, (0, 1), (-1, 0)),
        lambda a: np.transpose(a, (2, 0, 1)),
        lambda a: a.T,
        lambda a: np.sum(a, axis=-2),
        lambda a: a * np.ndim(a) + np.size(a) + np.ones(np.shape(a)),
    ):
        np.testing.assert_array_equal(move(Batch(x, level)).value, [move(a) for a in x])


def test_a_batch_has_an_answer_for_each_member_and_no_single_one():
    """Nor has what holds one."""
    batch = Batch(np.array([[1.0, -1.0], [2.0, 3.0]]), Level())
    for x in (batch, Dual(batch, batch)):
        np.testing.assert_array_equal((x > 0).value, [[True, False], [True, True]])
        np.testing.assert_array_equal(np.argmax(x).value, [0, 1])
        for decide in (lambda x: x[0] > 0 or x[1], lambda x: int(x[0]), lambda x: {x[0]: 1}):
            with pytest.raises(ConversionError, match="they may differ"):
                decide(x)
