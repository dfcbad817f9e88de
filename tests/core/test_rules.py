"""Walk the table: every rule, in both modes, to second order, against each other and against independent values."""

import mpmath
import numpy as np
import pytest

from adcourse import grad, hvp, jvp, record, vjp
from adcourse.core.kinds import Constant, Elementwise
from adcourse.core.rules import RULES

from . import examples_special
from .examples import DERIVED, EXAMPLES, draw

ROUNDED = {*DERIVED, "fft"}  # made of others, which may round in another order
CASES = [
    pytest.param(name, call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


def _internal():
    from adcourse.core.rules import astype, getitem, put

    return {astype.name, getitem.name, put.name}


def test_every_rule_has_examples():
    """A rule can't be added without a test: each differentiable row of the table has an entry."""
    names = {rule.name for rule in RULES.values() if not isinstance(rule, Constant)}
    assert names - {"_take", "_put", "<lambda>"} <= set(EXAMPLES)
    assert _internal() <= set(EXAMPLES)


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - set(DERIVED) - {"put"}))
def test_examples_use_their_rule(name):
    """The examples under a rule's name really pass through that rule."""
    call, domains, shapes = EXAMPLES[name][0]
    tape = record(call, *draw(np.random.default_rng(0), domains, shapes))
    assert name in {row.rule.name for row in tape if row.rule}


def _setup(call, domains, shapes, seed):
    rng = np.random.default_rng(seed)
    x = tuple(draw(rng, domains, shapes))
    v = tuple(rng.normal(size=np.shape(a)) if np.shape(a) else float(rng.normal()) for a in x)
    weights = rng.normal(size=np.shape(call(*x)))
    return x, v, weights


def _dot(a, b):
    return sum(float(np.sum(p * q)) for p, q in zip(a, b, strict=True))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name, call, domains, shapes", CASES)
def test_first_order(name, call, domains, shapes, seed):
    x, v, weights = _setup(call, domains, shapes, seed)
    y, dy = jvp(call, x, v)
    # tracing doesn't change the value; derived functions may add up in another order
    np.testing.assert_allclose(y, call(*x), rtol=1e-14 if name in ROUNDED else 0)
    assert np.shape(dy) == np.shape(y)

    # against a central difference: truncation h^2 ~ 1e-10, round-off eps/h ~ 1e-11
    h = 1e-5
    plus, minus = (call(*(a + s * h * b for a, b in zip(x, v, strict=True))) for s in (1, -1))
    np.testing.assert_allclose(dy, (plus - minus) / (2 * h), rtol=2e-6, atol=2e-6)

    # adjoint identity <w, J v> = <J^T w, v>
    _, pullback = vjp(call, *x)
    bars = pullback(weights if np.shape(weights) else float(weights))
    assert [np.shape(b) for b in bars] == [np.shape(a) for a in x]
    np.testing.assert_allclose(_dot(bars, v), float(np.sum(weights * dy)), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name, call, domains, shapes", CASES)
def test_second_order(name, call, domains, shapes):
    """v^T H v of a scalar built on the rule: the four nestings agree, also with a difference of the first order."""
    x, v, weights = _setup(call, domains, shapes, seed=3)

    def f(*a):  # curved, so that a linear rule has a second derivative too
        return np.sum(weights * np.sin(call(*a)))

    every = tuple(range(len(x)))

    def slope(*a):
        return jvp(f, a, v)[1]

    def gradient_dot_v(*a):
        return sum(np.sum(g * d) for g, d in zip(grad(f, every)(*a), v, strict=True))

    forward_forward = jvp(slope, x, v)[1]
    reverse_forward = _dot(grad(slope, every)(*x), v)
    forward_reverse = hvp(f, x, v)
    forward_reverse = _dot(forward_reverse if len(x) > 1 else (forward_reverse,), v)
    reverse_reverse = _dot(grad(gradient_dot_v, every)(*x), v)
    found = [forward_forward, reverse_forward, forward_reverse, reverse_reverse]
    np.testing.assert_allclose(found, found[0], rtol=1e-9, atol=1e-9)

    h = 1e-5
    plus, minus = (slope(*(a + s * h * b for a, b in zip(x, v, strict=True))) for s in (1, -1))
    np.testing.assert_allclose(found[0], (plus - minus) / (2 * h), rtol=1e-4, atol=1e-4)


# ------------------------------------------------------------------------------ an oracle of 50 digits

ORACLE = {
    "add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y, "power": lambda x, y: x**y, "float_power": lambda x, y: x**y,
    "negative": lambda x: -x, "positive": lambda x: x, "conjugate": lambda x: x, "reciprocal": lambda x: 1 / x,
    "square": lambda x: x * x,
    "remainder": lambda x, y: x - y * mpmath.floor(x / y),
    "exp": mpmath.exp, "exp2": lambda x: 2**x, "expm1": mpmath.expm1, "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2), "log10": mpmath.log10, "log1p": mpmath.log1p, "sqrt": mpmath.sqrt,
    "cbrt": mpmath.cbrt, "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "arcsin": mpmath.asin,
    "arccos": mpmath.acos, "arctan": mpmath.atan, "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh,
    "arcsinh": mpmath.asinh, "arccosh": mpmath.acosh, "arctanh": mpmath.atanh, "arctan2": mpmath.atan2,
    "hypot": mpmath.hypot, "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "deg2rad": mpmath.radians, "rad2deg": mpmath.degrees, "absolute": abs, "fabs": abs,
    "maximum": max, "minimum": min, "fmax": max, "fmin": min, "radians": mpmath.radians, "degrees": mpmath.degrees,
    "logaddexp2": lambda x, y: mpmath.log(2**x + 2**y, 2), "nextafter": lambda x, y: x,
    "fmod": lambda x, y: x - y * (mpmath.floor if x / y > 0 else mpmath.ceil)(x / y),
    "modf": lambda x: x - (mpmath.floor if x > 0 else mpmath.ceil)(x),
    "copysign": lambda x, y: abs(x) * (mpmath.sign(y) or 1),
    "heaviside": lambda x, y: y if x == 0 else mpmath.mpf(x > 0),
}  # fmt: skip
ORACLE |= examples_special.ORACLE
ELEMENTWISE = sorted(rule.name for rule in RULES.values() if isinstance(rule, Elementwise))


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_elementwise_against_fifty_digits(name, seed):
    """First and second partial derivatives of every elementwise rule, to nearly the last digit."""
    call, domains, shapes = EXAMPLES[name][0]
    x = draw(np.random.default_rng(seed), domains, shapes)
    every = tuple(range(len(x)))
    with mpmath.workdps(50):
        exact = [mpmath.mpf(a) for a in x]
        for i in every:
            first = mpmath.diff(ORACLE[name], tuple(exact), tuple(int(k == i) for k in every))
            assert grad(call, i)(*x) == pytest.approx(float(first), rel=2e-14, abs=1e-14)
            for j in every:
                order = tuple(int(k == i) + int(k == j) for k in every)
                second = mpmath.diff(ORACLE[name], tuple(exact), order)
                assert grad(grad(call, i), j)(*x) == pytest.approx(float(second), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_float32_stays_float32(name):
    for call, domains, shapes in EXAMPLES[name]:
        if name == "astype" or name == "float_power" or any(not s for s in shapes):
            continue
        x = tuple(a.astype(np.float32) for a in draw(np.random.default_rng(7), domains, shapes))
        if call(*x).dtype != np.float32:
            continue  # the example itself mixes in float64 constants
        y, dy = jvp(call, x, x)
        assert dy.dtype == y.dtype == np.float32
        assert all(g.dtype == np.float32 for g in vjp(call, *x)[1](np.ones_like(y)))


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_tape_keeps_only_what_is_read(name):
    """With shapes in place of the arrays that no derivative reads, the adjoints are the same."""
    call, domains, shapes = EXAMPLES[name][-1]
    x = draw(np.random.default_rng(8), domains, shapes)
    everything = record(call, *x)  # keeps all
    weights = np.random.default_rng(9).normal(size=np.shape(everything.value))
    full = everything.sweep({everything.outputs[0]: weights})
    lean = vjp(call, *x)[1](weights if weights.shape else float(weights))
    for i, g in zip(everything.inputs, lean, strict=True):
        np.testing.assert_array_equal(full[i], g)
