"""check_derivatives: passes what is right, names the rule that is wrong, says what it can't decide."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import check_derivatives, custom_rule
from adcourse.core.errors import DerivativeError, InputError
from adcourse.core.kinds import Linear
from adcourse.core.levels import apply, plain

from .examples import EXAMPLES, draw


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_rule_of_the_table_is_accused(name):
    seed = np.random.SeedSequence().entropy % 2**32
    print("seed", seed)
    rng = np.random.default_rng(seed)
    for call, domains, shapes in EXAMPLES[name][-1:]:
        operands = draw(rng, domains, shapes)
        report = check_derivatives(call, *operands, seed=seed, directions=1)
        assert report.values > 0 or not any(map(np.size, operands)), report


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(2))
def test_large_programs_are_not_accused(dtype, seed):
    """Saturated layers, where 1 - tanh^2 has few digits left; loops; numbers of very different size."""
    rng = np.random.default_rng(seed)
    W, b, X = (rng.normal(size=n).astype(dtype) for n in [(60, 20), 20, (5, 60)])

    def layer(W, b):
        h = np.tanh(X @ W + b)
        return np.sum(h * h) + np.sum(np.log1p(np.exp(-X @ W)))

    def loop(x, k):
        for _ in range(20):
            x = x + dtype(0.02) * (np.sin(x[::-1]) - k * x)
        return x

    for f, args in ((layer, (W, b)), (loop, (b * dtype(1e3), dtype(1e-3)))):
        report = check_derivatives(f, *args, seed=seed)
        assert report.undecided + report.kinks < 0.2 * report.values, report


# ------------------------------------------------------------------------------ wrong rules, one way or another

WRONG = {
    "jvp": {"jvp": lambda z, p, t: -np.sin(p[0]) * t[0]},
    "vjp": {"vjp": lambda g, z, p: g * np.cos(2 * p[0])},
    "slightly": {"jvp": lambda z, p, t: np.cos(p[0]) * t[0] * 1.000001},
    "transposed": {"jvp": lambda z, p, t: np.cos(p[0]) * t[0], "vjp": lambda g, z, p: g * np.sin(p[0])},
    "second": {"jvp": lambda z, p, t: np.cos(plain(p[0])) * t[0]},
    "second of the vjp": {"vjp": lambda g, z, p: g * np.cos(plain(p[0]))},
    "negative": {"jvp": lambda z, p, t: np.cos(np.abs(p[0]) + (p[0] < 0)) * t[0]},
    "not linear": {"jvp": lambda z, p, t: np.cos(p[0]) * np.abs(t[0]), "vjp": lambda g, z, p: g * np.cos(p[0])},
    "not finite": {"jvp": lambda z, p, t: np.cos(p[0]) * t[0] * np.inf},
}


@pytest.mark.parametrize("kind", WRONG)
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_the_guilty_rule_is_named(kind, seed):
    """Among right ones, some of them the user's own; at random points; for numbers and for arrays."""

    def guilty(x):
        return np.sin(x)

    def innocent(x):
        return np.tanh(x)

    wrong = custom_rule(guilty, **WRONG[kind])
    right = custom_rule(innocent, jvp=lambda z, p, t: (1 - z**2) * t[0])
    rng = np.random.default_rng(seed)
    for x in (rng.uniform(-1.5, -0.3), rng.uniform(-1.5, -0.3, (3, 3))):
        if kind == "not linear" and not np.shape(x):
            continue  # it takes a direction of the other sign to see it

        def f(x):
            return np.sum(np.exp(wrong(right(x) * 0.7) * x) * right(x))

        order = 2 if kind.startswith("second") else 1
        with pytest.raises(DerivativeError, match="rule that disagrees by itself is guilty, with operands of shape"):
            check_derivatives(f, x, order=order, seed=seed)
        if order == 2:
            assert check_derivatives(f, x, order=1, seed=seed)
        with pytest.raises(AssertionError):
            check_derivatives(wrong, x, order=order, seed=seed)


def test_a_rule_that_is_wrong_for_negative_inputs_alone():
    wrong = custom_rule(math.sin, **WRONG["negative"])
    assert check_derivatives(wrong, 0.5)
    with pytest.raises(DerivativeError):
        check_derivatives(wrong, -0.5)


def test_a_wrong_rule_inside_the_derivative_of_a_right_one():
    """The second derivative of one rule is wrong because another rule, in its JVP line, is: that one is named."""

    def cosine(x):
        return math.cos(x)

    def sine(x):
        return math.sin(x)

    wrong = custom_rule(cosine, jvp=lambda z, p, t: np.sin(p[0]) * t[0])
    f = custom_rule(sine, jvp=lambda z, p, t: wrong(p[0]) * t[0])
    assert check_derivatives(lambda x: np.exp(f(x * x)), 0.7, order=1)
    with pytest.raises(DerivativeError, match="is cosine, with"):
        check_derivatives(lambda x: np.exp(f(x * x)), 0.7)


@pytest.mark.parametrize(
    "transpose",
    [lambda g, k, operands: g, lambda g, k, operands: 2.0 * g[::-1], lambda g, k, operands: np.zeros_like(g)],
)
def test_wrong_transposes(transpose):
    reverse = Linear(lambda x: x[::-1], transpose, name="reversed_order")
    x = np.array([0.5, -1.0, 2.0])
    with pytest.raises(DerivativeError, match="is reversed_order"):
        check_derivatives(lambda x: np.sin(x) @ apply(reverse, (x * x,)), x)
    used = custom_rule(lambda x: x[::-1] * 2.0, jvp=lambda z, p, t: apply(reverse, (t[0],)) * 2.0)
    with pytest.raises(DerivativeError, match="is reversed_order"):  # found inside the JVP line
        check_derivatives(lambda x: np.sum(used(x) ** 3), x)
    right = Linear(lambda x: x[::-1], lambda g, k, operands: g[::-1], name="reversed_order")
    assert check_derivatives(lambda x: np.sin(x) @ apply(right, (x * x,)), x)


def test_a_dependence_that_no_row_shows():
    with pytest.raises(DerivativeError, match="in a way that the trace can't see"):
        check_derivatives(lambda x: x * float(plain(x)), 2.0)


# ------------------------------------------------------------------------------ kinks, jumps, poles


@pytest.mark.parametrize(
    "f", [np.abs, lambda x: np.maximum(x, 0.0), lambda x: np.where(x > 0, x, 0.0), lambda x: x * x + np.abs(x)]
)
def test_kinks_pass_and_are_counted(f):
    report = check_derivatives(f, 0.0)
    assert report.kinks and "kink" in str(report)
    assert not check_derivatives(f, 1.0).kinks


def test_a_wrong_slope_at_a_kink_is_found():
    for slope in (-1.5, 2.0, 1e9):
        f = custom_rule(lambda x: abs(x), jvp=lambda z, p, t, slope=slope: (np.sign(p[0]) + slope * (p[0] == 0)) * t[0])
        assert check_derivatives(f, 1.0)
        with pytest.raises(DerivativeError):
            check_derivatives(f, 0.0, order=1)
    relu = custom_rule(lambda x: max(x, 0.0), jvp=lambda z, p, t: (p[0] >= 0) * t[0])
    assert check_derivatives(relu, 0.0).kinks  # 1 is as good as 0 or 1/2


@pytest.mark.parametrize("f", [np.sign, lambda x: np.where(x > 0, 1.0 + x, x), lambda x: np.where(x < 0, -1.0, 1.0)])
def test_jumps_are_not_decided(f):
    report = check_derivatives(f, 0.0, order=1)
    assert report.undecided and "not decided" in str(report)


def test_singular_points_name_the_rule():
    with pytest.raises(DerivativeError, match="is sqrt, with operands of shape.*not finite"):
        check_derivatives(lambda x: np.sqrt(x * x) + x, 0.0)


# ------------------------------------------------------------------------------ what it takes and says


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 1e3, 1e9])
def test_scales(scale):
    """Steps are relative to the argument, so large and small ones are checked alike."""
    f = lambda x: np.log(x) * x**1.5 + np.arctan(x / scale)
    wrong = custom_rule(lambda x: x**1.5, jvp=lambda z, p, t: 1.5001 * p[0] ** 0.5 * t[0])
    report = check_derivatives(f, scale)
    assert not report.undecided and not report.kinks
    with pytest.raises(DerivativeError):
        check_derivatives(lambda x: np.log(x) * wrong(x), scale)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_that_of_the_numbers(dtype):
    x = np.array([0.3, -1.2, 2.0], dtype)
    report = check_derivatives(lambda x: np.exp(np.sin(x)) @ x, x)
    assert report.dtype == np.dtype(dtype).name and dtype.__name__ in str(report)
    error, allowed = report.errors["forward = reverse"]
    assert error <= allowed == pytest.approx(np.sqrt(np.finfo(dtype).eps))
    wrong = custom_rule(np.tanh, jvp=lambda z, p, t: (1 - z * z) * t[0] * dtype(1.01))
    with pytest.raises(DerivativeError):
        check_derivatives(lambda x: np.sum(wrong(x)), x)


def test_trees_and_constants():
    def f(p, n, word):
        assert word == "w"
        return {"y": sum(p["a"] ** k for k in range(n)), "none": None, "z": [p["b"][0] * p["a"], 7]}

    report = check_derivatives(f, {"a": 2.0, "b": [np.ones((2, 2))]}, 4, "w", order=3, seed=5)
    assert report and "order 3" in str(report) and "seed 5" in str(report)
    assert len(report.errors) == 2 * (1 + 2 + 4)


def test_the_same_seed_gives_the_same_report():
    reports = [repr(check_derivatives(lambda x: np.exp(x) @ x, np.arange(3.0), seed=s)) for s in (1, 1, 2)]
    assert reports[0] == reports[1] != reports[2].replace("seed 2", "seed 1")


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: check_derivatives(np.sin, 3), "floating-point argument"),
        (lambda: check_derivatives(np.sin, 1.0, order=0), "order 0"),
        (lambda: check_derivatives(np.sin, 1.0, directions=0), "0 direction"),
        (lambda: check_derivatives(3.0, 1.0), "can't be called"),
        (lambda: check_derivatives(lambda x: x * np.random.default_rng().normal(), 1.0), "called again"),
        (lambda: check_derivatives(lambda x: x / 0.0 if x == 0 else np.log(x), np.float64(-1.0)), "finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_domains_that_steps_leave():
    """A step may leave the domain: of NumPy's functions (nan) or of the user's own (an error)."""
    root = custom_rule(lambda x: math.sqrt(x), jvp=lambda z, p, t: t[0] / (2 * z))
    assert check_derivatives(lambda x: np.log(x - 1.0) + root(x - 1.0), 1.001, seed=3)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_slope_of_what_is_zero_everywhere_is_noticed(shape):
    """Each relu passes by itself, with a slope between its two; their sum is 0, and its derivative isn't."""
    relu = lambda t: np.where(t > 0, t, 0.0)
    with pytest.raises(DerivativeError, match="several kinks meet"):
        check_derivatives(lambda t: relu(-t) + t - relu(t), np.zeros(shape) if shape else 0.0)
    check_derivatives(lambda t: np.maximum(-t, 0.0) + t - np.maximum(t, 0.0), np.zeros(shape) if shape else 0.0)
    check_derivatives(lambda t: 0.0 * t, np.ones(shape) if shape else 1.0)
