"""Derivatives that are inf or nan: strict names where they come from, repair takes 0 * inf as 0."""

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import (
    custom_rule,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    record,
    repair,
    strict,
    value_and_grad,
    vjp,
)  # fmt: skip
from adcourse.core.errors import NonFiniteError
from adcourse.core.tape import TAPE, Tape

pytestmark = [pytest.mark.filterwarnings(f"ignore:{what}") for what in ("divide by", "invalid", "overflow")]
MODES = pytest.mark.parametrize("d", [grad, derivative])


def guarded(x):
    return np.where(x > 0, np.sqrt(x), 0.0)


def doubly_guarded(x):
    return np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)


# ------------------------------------------------------------------------------ strict


@MODES
@pytest.mark.parametrize(
    "f, x, row",
    [
        (np.sqrt, 0.0, r"v1, sqrt\(0.0\)"),
        (lambda x: np.sin(x) + np.sqrt(2.0 * x), 0.0, r"v3, sqrt\(0.0\)"),
        (lambda x: np.exp(np.log(np.abs(x - 3.0))), 3.0, r"v3, log\(0.0\)"),
        (lambda x: 1.0 / (x - 1.0), 1.0, r"v2, divide\(1.0, 0.0\)"),
        (lambda x: np.arcsin(x) * 2.0, 1.0, r"v1, arcsin\(1.0\)"),
        (lambda x: x**0.5, 0.0, r"v1, power\(0.0, 0.5\)"),
        (lambda x: np.cbrt(x * x), 0.0, r"v2, cbrt\(0.0\)"),
        (lambda x: np.sum(np.sqrt(x * np.array([1.0, 0.0, 4.0]))), 1.0, r"v2\[1\], sqrt\(0.0\)"),
        (lambda x: np.log(x) * 0.0 + np.sqrt(x), 0.0, r"v\d, (log|sqrt)\(0.0\)"),  # the first is another one backwards
    ],
)
def test_the_first_operation_is_named(d, f, x, row):
    with strict(), pytest.raises(NonFiniteError, match=f"In {row} (turned the .* into|is) (inf|nan|-inf)") as info:
        d(f)(x)
    assert "Why: " in str(info.value) and "Write: " in str(info.value)
    d(f)(x)  # outside, inf and nan are NumPy's business


def test_the_branch_that_is_not_taken():
    """Reverse mode hands a zero to it, and 0 * inf is nan; forward mode drops its inf."""
    with strict():
        with pytest.raises(NonFiniteError, match=r"sqrt\(0.0\) turned the adjoint 0.0 into nan.*\n.*np.where"):
            grad(guarded)(0.0)
        assert derivative(guarded)(0.0) == 0.0
        for d in (grad, derivative):
            assert d(doubly_guarded)(0.0) == 0.0 and d(d(doubly_guarded))(0.0) == 0.0
            assert d(guarded)(4.0) == 0.25
        with pytest.raises(NonFiniteError, match=r"v1\[2\], sqrt\(0.0\)"):
            grad(lambda x: np.sum(guarded(x)))(np.array([1.0, 4.0, 0.0]))


@MODES
def test_what_does_not_reach_the_result_is_not_accused(d):
    """The first operation of the sweep that makes an inf is not to blame when np.where drops the inf again."""

    def f(x):
        if d is derivative:  # the tangent of the log is inf, and where drops it
            return np.where(x > 1.0, np.log(x), 0.0) + np.sqrt(np.sin(x))
        # the adjoint that the last sqrt hands on is inf, and where drops it
        return np.sqrt(np.sin(x)) + np.sqrt(np.where(x > 1.0, x, 0.0))

    row = "v4" if d is derivative else "v2"
    with strict(), pytest.raises(NonFiniteError, match=rf"{row}, sqrt\(0.0\) turned the .* 1.0 into inf"):
        d(f)(0.0)


@MODES
def test_overflow_is_called_overflow(d):
    with (
        strict(),
        pytest.raises(NonFiniteError, match=r"(?s)exp\(400.0\) turned .*larger than the largest|power\(.*\) is inf"),
    ):
        d(lambda x: np.exp(x) ** 2)(400.0)
    with strict(), pytest.raises(NonFiniteError, match="larger than"):
        d(lambda x: (x - 1.0) * 1e200 * 1e200)(1.0)


@MODES
def test_a_value_that_is_not_finite_already(d):
    """Then it is the first such value that is named, not what came of it."""
    z = np.array([1000.0, 0.0])
    softmax = lambda t: np.log(np.exp(z[0] * t) / np.sum(np.exp(z * t)))
    with strict(), pytest.raises(NonFiniteError, match=r"In v\d(\[0\])?, exp\(1000.0\) is inf"):
        d(softmax)(1.0)
    f = custom_rule(lambda x: x / 0.0, jvp=lambda z, p, t: t[0] * np.inf)
    with strict(), pytest.raises(NonFiniteError, match=r"v2, .* of operands of shape \(2,\) is inf or nan"):
        d(lambda x: np.sum(np.sqrt(f(x * np.ones(2)))))(1.0)


@MODES
def test_rules_of_the_third_kind(d):
    f = custom_rule(lambda x: np.sum(x), jvp=lambda z, p, t: np.sum(t[0]) * np.inf)
    with strict(), pytest.raises(NonFiniteError, match=r"of operands of shape \(2,\) turned a finite"):
        d(lambda x: f(x * np.ones(2)))(1.0)


def test_every_transform_looks():
    x = np.array([1.0, 0.0])
    f = lambda x: np.sum(np.sqrt(x))
    with strict():
        for run in (
            lambda: value_and_grad(f)(x),
            lambda: jvp(f, x, np.ones(2)),
            lambda: linearize(f, x)[1](np.ones(2)),
            lambda: vjp(f, x)[1](1.0),
            lambda: jacobian(np.sqrt, mode="forward")(x),
            lambda: jacobian(np.sqrt, mode="reverse")(x),
            lambda: hessian(f)(x),
            lambda: hvp(f, x, np.ones(2)),
            lambda: record(f, x).adjoints(),
            lambda: record(f, x).tangents([np.ones(2)]),
        ):
            with pytest.raises(NonFiniteError, match=r"sqrt\(0.0\)"):
                run()
        _, pullback = vjp(f, x)
    with pytest.raises(NonFiniteError):  # recorded there, looked at for ever
        pullback(1.0)
    with strict(), pytest.raises(NonFiniteError, match="came in"):
        vjp(np.sin, 1.0)[1](np.inf)


@pytest.mark.parametrize("outer, inner", list(itertools.product((grad, derivative), repeat=2)))
def test_second_derivatives(outer, inner):
    """x^1.5 has slope 0 at 0, and no finite second derivative."""
    with strict():
        assert inner(lambda x: x**1.5)(0.0) == 0.0
        with pytest.raises(NonFiniteError):
            outer(inner(lambda x: x**1.5))(0.0)
        assert outer(inner(lambda x: x**2.5))(0.0) == 0.0


def _programs():
    x = np.array([0.5, 2.0, -1.0])
    yield lambda x: np.sum(np.tanh(np.outer(x, x)) @ np.abs(x)), x
    yield lambda x: np.linalg.det(np.outer(x, x) + np.eye(3) * np.exp(x)) * x[0], x
    yield lambda x: np.where(x > 0, x, x**2).sum() + np.max(x) * np.prod(x), x
    yield lambda x: np.arctan2(x, 2.0) * np.logaddexp(x, 1.0) + x**3 / (1 + x * x), 0.7


@pytest.mark.parametrize("mode", [strict, repair])
@pytest.mark.parametrize("f, x", list(_programs()))
def test_ordinary_derivatives_are_the_same(mode, f, x):
    v = np.ones_like(x)
    transforms = [grad(f), jacobian(f), hessian(f), lambda x: jvp(f, x, v), lambda x: hvp(f, x, v)]
    for transform in transforms:
        plain = transform(x)
        with mode():
            np.testing.assert_allclose(transform(x), plain, rtol=1e-14, atol=1e-15)
        assert type(transform(0.3 * x)) is type(plain)


# ------------------------------------------------------------------------------ the blocks


def test_blocks_end_and_nest():
    assert TAPE.get() is Tape
    with pytest.raises(NonFiniteError), strict():
        grad(np.sqrt)(0.0)
    assert TAPE.get() is Tape and grad(np.sqrt)(0.0) == np.inf
    for one, other in ((strict, repair), (repair, strict)):
        with one():
            with other():
                assert grad(guarded)(0.0) == 0.0
                with pytest.raises(NonFiniteError):
                    grad(np.sqrt)(0.0)
            if one is repair:
                assert grad(np.sqrt)(0.0) == np.inf and grad(guarded)(0.0) == 0.0
    assert np.isnan(grad(guarded)(0.0))


def test_as_a_decorator():
    @strict()
    def train(x):
        return grad(np.sqrt)(x)

    assert train(4.0) == 0.25
    for _ in range(2):
        with pytest.raises(NonFiniteError):
            train(0.0)


def test_other_threads_are_left_alone():
    found = []
    with strict():
        thread = threading.Thread(target=lambda: found.append(grad(np.sqrt)(0.0)))
        thread.start()
        thread.join()
    assert found == [np.inf] or found == []  # from Python 3.14 on, a thread may inherit the block


def test_the_callers_arrays_are_free_again():
    x, b = np.zeros(2), np.ones(2)
    with strict(), pytest.raises(NonFiniteError):
        grad(lambda x: np.sum(np.sqrt(x) * b))(x)
    x[0] = b[0] = 5.0


# ------------------------------------------------------------------------------ repair


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "f",
    [
        guarded,
        lambda x: np.where(x > 0, np.log(x), 0.0),
        lambda x: np.where(x == 0, 0.0, np.exp(-1 / x)),
        lambda x: np.where(x > 0, x**-0.5, 0.0) * 3.0,
        lambda x: np.where(x > 0, np.arccosh(1.0 + x), 0.0),
    ],
)
def test_branches_that_are_not_taken_add_nothing(f, n):
    """To every order, in every mixture of modes; and the branch that is taken keeps its derivative."""
    for modes in itertools.product((grad, derivative), repeat=n):
        d, plain = f, f
        for mode in modes:
            d = mode(d)
        with repair():
            assert d(0.0) == 0.0
            at_two = d(2.0)
        for mode in modes:
            plain = mode(plain)
        assert at_two == pytest.approx(plain(2.0), rel=1e-14)


@given(
    st.lists(st.floats(0, 4).map(lambda x: 0.0 if x < 1e-3 else x), min_size=1, max_size=5), st.integers(0, 2**32 - 1)
)
@settings(max_examples=30, deadline=None)
def test_repaired_is_doubly_guarded(values, seed):
    """What repair gives is what the double where gives, for arrays that are partly at the singular point."""
    x, rng = np.array(values), np.random.default_rng(seed)
    w, v = rng.normal(size=x.shape), rng.normal(size=x.shape)
    f, g = (lambda x, h=h: w @ np.sin(h(x) * x + h(x)) for h in (guarded, doubly_guarded))
    with repair():
        found = grad(f)(x), jvp(f, x, v)[1], hessian(f)(x), hvp(f, x, v)
    for a, b in zip(found, (grad(g)(x), jvp(g, x, v)[1], hessian(g)(x), hvp(g, x, v)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@MODES
def test_the_convention_has_a_price(d):
    """Where the 0 and the inf are limits, as in sqrt(x)^2, repair takes the wrong one: it says so, and is asked for."""
    with repair():
        assert d(lambda x: np.sqrt(x) ** 2)(0.0) == 0.0
        assert d(np.sqrt)(0.0) == np.inf  # nothing to repair: 1 * inf
        assert d(lambda x: x * np.sqrt(x))(0.0) == 0.0


def test_float32_stays():
    with repair():
        g = grad(lambda x: np.sum(guarded(x)))(np.array([0.0, 4.0], np.float32))
        assert g.dtype == np.float32 and g.tolist() == [0.0, 0.25]
        assert grad(guarded)(np.float32(0.0)).dtype == np.float32
