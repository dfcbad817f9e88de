"""checkpoint: the same values and derivatives from less memory; and what a tape keeps alive."""

import gc
import tracemalloc
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from adcourse import (
    checkpoint,
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
    taylor,
    value_and_grad,
    vjp,
)
from adcourse.core.errors import EscapedBoxError, MutationError, NonFiniteError, RecomputationError

from .memory import peak

A = np.random.default_rng(5).normal(size=(3, 3)) / 2

# ------------------------------------------------------------------ programs, each with c = checkpoint or nothing


def chain(c, x):
    for w in (0.5, 0.8, 1.1):
        x = c(lambda x, w: np.tanh(w * (A @ x)) ** 2 + x)(x, w)
    return np.sum(x**3)


def trees(c, x):
    f = c(lambda p, *, scale, name: {"q": (p["a"] * scale, [p["b"][0] ** 2]), "name": name, "n": 3, "none": None})
    out = f({"a": x, "b": [x[0], "text"]}, scale=x[1], name="leap")
    assert (out["name"], out["n"], out["none"]) == ("leap", 3, None)
    return np.sum(out["q"][0]) * out["q"][1][0] * out["n"]


def closures(c, x):
    w, box = np.sin(x[0]), SimpleNamespace(inside=[x[1:] * 2])

    def f(y, k=x[2] ** 2):
        return np.sum(y * w * w * np.exp(x[0])) * k + np.sum(box.inside[0])

    return c(f)(x[1:]) + c(lambda: w * np.sum(x))() + c(partial(np.multiply, x[0]))(w)


def nested(c, x):
    inner = c(lambda y, z: np.exp(-y * z) + y[::-1])
    outer = c(lambda y: inner(y, inner(y, x)) * np.sum(inner(x, x)))
    return np.sum(c(lambda y: outer(outer(y)))(x))


def own_writes(c, x):
    def f(y):
        out = np.zeros_like(y)
        for i in range(3):
            out[i] = y[i] * out[i - 1] + x[i]
        out[1:] += np.cos(y[:2])
        out *= y
        return out

    return np.sum(c(f)(c(f)(x)))


def written_later(c, x):
    y, steps = np.zeros_like(x), []
    for i in range(3):
        steps.append(c(lambda y, i: np.sum(y * y) + x[i] ** 2)(y, i))
        y[i] = steps[-1] * x[i - 1]
    return np.sum(y) * steps[1]


def complex_results(c, x):
    z, w = c(lambda y: (np.exp(1j * y) * x, y))(x * 2)
    return np.sum(np.abs(c(lambda z: z * z + w[0] * 1j)(z)) ** 2) + z[0].real


def objects(c, x):
    packed = np.array([x[0], x[1] ** 2, 3.0])
    y = c(lambda p: np.array([p[0] * p[1], p[2] * p[0], np.sin(p[1])]))(packed)
    return np.sum(y * x)


def same_twice(c, x):
    first, second = c(lambda a, b: (a * b, a * b))(x, x)
    r = c(lambda a: (lambda s: (s, s, a))(np.sin(a)))(first)
    assert r[0] is r[1]
    return np.sum(r[0] * r[1] * r[2]) + second[1]


def not_used(c, x):
    """The second result has an infinite slope at 0, and nobody uses it."""
    return np.sum(c(lambda y: (y * y, np.sqrt(y - x)))(x)[0])


def many_pieces(c, x):
    total = x[0] * np.sum(x)
    for i in range(3):
        total = total + c(lambda i: x[i] * np.exp(x[i - 1]) + np.sum(x))(i)
    return total + x[1] * x[2]


def branches(c, x):
    return c(lambda y: y[0] * y[1] if y[0] > x[1] and len(y) == 3 else y[2] ** 3)(x) + c(lambda: x)()[2] ** 2


def derivatives_inside(c, x):
    g = c(lambda y: grad(lambda z: np.sum(np.sin(z * y) ** 2) * x[0])(y))(x)
    h = c(lambda: jvp(lambda z: z * x**2, (x,), (g,))[1])()
    return np.sum(h)


def matrices(c, x):
    M = A @ A.T + np.eye(3)
    return np.sum(c(lambda y: np.linalg.solve(M + np.outer(y, y), y))(x)) + c(lambda y: np.linalg.norm(y))(x)


@custom_rule
def cubed(x):
    return x**3


@cubed.jvp
def _(z, primals, tangents):
    return 3 * primals[0] ** 2 * tangents[0]


def custom(c, x):
    return np.sum(c(lambda y: cubed(y) * x)(np.cos(x)))


def views(c, x):
    a, b = c(lambda y: (y[1:], y.reshape(3, 1)))(x * 2)
    return np.sum(a * b[1:, 0]) * c(lambda y: y[0])(x)


def numbers(c, x):
    a, b = x[0], x[1]
    for k in range(5):
        a, b = c(lambda a, b, k: (a * b / (1 + a**2), np.exp(-b) + k * a**3 - 2**b))(a, b, k)
    return a * b + a / b


PROGRAMS = [
    chain, trees, closures, nested, complex_results, own_writes, written_later, objects, same_twice, not_used,
    many_pieces, branches, derivatives_inside, matrices, custom, views, numbers,
]  # fmt: skip
plain = lambda f: f
each_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)


@each_program
@pytest.mark.parametrize("seed", [1, 2])
def test_value_and_gradient_to_the_last_bit(program, seed):
    x = np.random.default_rng(seed).normal(size=3) * 0.7
    y0, g0 = value_and_grad(partial(program, plain))(x)
    y, g = value_and_grad(partial(program, checkpoint))(x)
    assert y == y0 and type(y) is type(y0)
    assert g.tobytes() == g0.tobytes()
    assert program(checkpoint, x) == program(plain, x)  # without any derivative


DERIVATIVES = {
    "jvp": lambda f, x, v: jvp(f, x, v)[1],
    "vjp twice": lambda f, x, v: (lambda pull: pull(2.0)[0] + pull(1.0)[0])(vjp(f, x)[1]),
    "linearize": lambda f, x, v: linearize(f, x)[1](v),
    "hvp": lambda f, x, v: hvp(f, x, v),
    "reverse over reverse": lambda f, x, v: grad(lambda x: np.sum(grad(f)(x) * v))(x),
    "reverse over forward": lambda f, x, v: grad(lambda x: jvp(f, x, v)[1])(x),
    "hessian": lambda f, x, v: hessian(f)(x),
    "forward jacobian": lambda f, x, v: jacobian(f, mode="forward")(x),
    "jacobian of a vector": lambda f, x, v: jacobian(lambda x: f(x) * x, mode="reverse")(x),
    "hvp of hvp": lambda f, x, v: hvp(lambda x: np.sum(hvp(f, x, v) * x), x, v),
    "three times reverse": lambda f, x, v: grad(lambda x: grad(lambda x: grad(f)(x)[0])(x)[1])(x),
    "as a closure": lambda f, x, v: grad(lambda t: f(x + t * v))(0.3),
    "taylor": lambda f, x, v: np.array(taylor(lambda t: f(x + t * v), 0.0, 4).coefficients),
}


@each_program
@pytest.mark.parametrize("name", DERIVATIVES)
def test_every_mode_and_order(program, name):
    x, v = np.random.default_rng(7).normal(size=(2, 3)) * 0.7
    with np.errstate(all="ignore"):
        expected = DERIVATIVES[name](partial(program, plain), x, v)
        found = DERIVATIVES[name](partial(program, checkpoint), x, v)
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.max(np.abs(expected)))


def test_higher_derivatives_of_one_number():
    f = lambda x: np.exp(checkpoint(lambda y: np.sin(y) * x)(x**2))
    g = lambda x: np.exp(np.sin(x**2) * x)
    for n in range(1, 6):
        assert derivative(f, n)(0.6) == pytest.approx(derivative(g, n)(0.6), rel=1e-12)


@pytest.mark.parametrize("kind", [np.float32, np.float64, float])
def test_dtypes_stay(kind):
    x, a = kind(1.25), np.arange(1, 4, dtype=np.float32)

    def f(c):
        def program(x, a):
            y, z = c(lambda x, a: (np.sin(x), a * x))(x, a)
            return np.sum(z * y + c(lambda: 2 * x)() * a)

        return program

    for (y, (dx, da)), (y0, (dx0, da0)) in [[value_and_grad(f(c), (0, 1))(x, a) for c in (checkpoint, plain)]]:
        assert (y, type(y), dx, type(dx), da.dtype) == (y0, type(y0), dx0, type(dx0), da0.dtype)
        assert da.tobytes() == da0.tobytes()


@pytest.mark.parametrize("seed", range(8))
def test_random_programs(seed):
    """Stages that mix what came before, some checkpointed, some of those inside others."""

    def program(c, x):
        rng = np.random.default_rng(seed)
        values = [x, x[::-1] * 0.5]

        def stage(depth):
            kind, (i, j) = rng.integers(5), rng.integers(len(values), size=2)
            a, b = values[i], values[j]
            f = [
                lambda a: a * b,
                lambda a: np.tanh(a) + b[0],
                lambda a: np.where(a > b, a, np.sin(b)),
                lambda a: A @ a - b,
                lambda a: np.exp(-(a**2)) * np.sum(b),
            ][kind]
            if depth:
                g = f
                f = lambda a: c(g)(g(a)) * 0.5 + b
            return (c if rng.random() < 0.7 else plain)(f)(a)

        for _ in range(10):
            values.append(stage(rng.integers(3)))
        return np.sum(values[-1] * values[-2] + values[-3])

    x = np.random.default_rng(seed + 100).normal(size=3)
    with_, without = value_and_grad(partial(program, checkpoint))(x), value_and_grad(partial(program, plain))(x)
    assert with_[0] == without[0] and with_[1].tobytes() == without[1].tobytes()
    H, H0 = hessian(partial(program, checkpoint))(x), hessian(partial(program, plain))(x)
    np.testing.assert_allclose(H, H0, rtol=1e-10, atol=1e-10 * np.abs(H0).max())


# ------------------------------------------------------------------ what it costs


def test_one_row_and_two_runs():
    runs = []

    @checkpoint
    def f(x):
        runs.append(1)
        return np.sin(np.cos(np.exp(x)))

    assert [row.name for row in record(f, 0.5)] == ["x", "v1"]
    runs.clear()
    grad(f)(0.5)
    assert len(runs) == 2
    jvp(f, 0.5, 1.0)
    f(0.5)
    assert len(runs) == 4  # forward mode, and no derivative at all: one run each


def test_still_so_beside_complex_numbers():
    z = grad(lambda x: np.abs(np.exp(1j * x) + 1))(0.5)
    assert z == pytest.approx(-np.sin(0.25)) and len(record(checkpoint(lambda x: np.sin(np.cos(x))), 0.5)) == 2


def warm_peak(run):
    run()  # fills caches
    return peak(run)


N, STAGES, DEPTH = 20_000, 24, 24
ARRAY = 8 * N


def stages(c, x):
    def stage(x):
        for _ in range(DEPTH):
            x = np.sin(x) * 1.01
        return x

    for _ in range(STAGES):
        x = c(stage)(x)
    return np.sum(x)


def test_memory_of_a_chain_of_stages():
    """Without: an array for each operation that is nonlinear. With: one for each stage, and the tape of one stage."""
    x = np.linspace(0, 1, N)
    without, with_ = (warm_peak(lambda c=c: grad(partial(stages, c))(x)) for c in (plain, checkpoint))
    assert without > 2 * STAGES * DEPTH * ARRAY
    assert with_ < (STAGES + 2 * DEPTH + 12) * ARRAY
    second = warm_peak(lambda: hvp(partial(stages, checkpoint), x, x))
    assert second < 2 * (STAGES + 4 * DEPTH + 12) * ARRAY < warm_peak(lambda: hvp(partial(stages, plain), x, x))


def test_memory_of_nested_halves():
    """Halves of halves: the tape holds one state for each level of the recursion."""

    def power(c, f, n):
        if n == 1:
            return f
        half = power(c, f, n // 2)
        return lambda x: c(half)(c(half)(x))

    x = np.linspace(0, 1, N)
    f = lambda c: lambda x: np.sum(power(c, lambda x: np.sin(x) * 1.01, 128)(x))
    assert grad(f(checkpoint))(x).tobytes() == grad(f(plain))(x).tobytes()
    assert warm_peak(lambda: grad(f(checkpoint))(x)) < 40 * ARRAY < 128 * ARRAY < warm_peak(lambda: grad(f(plain))(x))


def test_nothing_is_left_behind():
    x, w = np.ones(N), np.linspace(0, 1, N)
    g = grad(lambda x: np.sum(checkpoint(lambda: np.sin(x * w) ** 2)()))
    g(x)
    gc.disable()
    try:
        tracemalloc.start()
        for _ in range(5):
            g(x)
        assert tracemalloc.get_traced_memory()[0] < ARRAY
    finally:
        tracemalloc.stop()
        gc.enable()
    w[:], x[:] = 1.0, 2.0  # and no array is read-only any more


# ------------------------------------------------------------------ what is refused


def test_random_numbers_are_refused():
    rng = np.random.default_rng(3)
    with pytest.raises(RecomputationError, match="as an argument"):
        grad(checkpoint(lambda x: np.sum(x * rng.normal(size=3))))(np.ones(3))
    noise = rng.normal(size=3)
    assert (grad(checkpoint(lambda x: np.sum(x * noise)))(np.ones(3)) == noise).all()


@pytest.mark.parametrize("size", [1, 3, 100_000])
@pytest.mark.parametrize("use", [lambda x, b: np.sum(x * b), lambda x, b: np.sum((x + b) ** 2)])
def test_an_array_that_changes_in_between_is_refused(size, use):
    b = np.ones(size)

    def f(x):
        y = checkpoint(use)(x, b)
        b[size // 2] = 3.0
        return y

    for x in (np.ones(size), np.zeros(size)):  # at zero the value of x * b is the same for every b
        b[:] = 1.0
        with pytest.raises(RecomputationError):
            grad(f)(x)


def test_a_number_that_changes_in_between_is_refused():
    """At 0 the value doesn't tell, the derivative does."""
    c = [2.0]

    def f(x):
        y = checkpoint(lambda x: x * c[0])(x)
        c[0] += 1
        return y

    with pytest.raises(RecomputationError):
        grad(f)(0.0)


def test_writes_to_inputs_are_refused():
    def given(x):
        y = x * 2
        checkpoint(lambda y: y.__setitem__(0, 1.0))(y)
        return np.sum(y)

    def closed_over(x):
        y = x * 2

        def f(z):
            y[0] = z[1]
            return z

        return np.sum(checkpoint(f)(x) * y)

    def result(x):
        y = x * 2
        r = checkpoint(lambda y: y[1:])(y)
        r[0] = 0.0  # in the plain program this writes to y
        return np.sum(y)

    for f in (given, closed_over, result):
        with pytest.raises(MutationError):
            grad(f)(np.ones(3))


def test_values_can_not_escape():
    kept = []
    f = checkpoint(lambda x: kept.append(x * x) or x)
    with pytest.raises(EscapedBoxError):
        grad(lambda x: f(x) * kept[0])(2.0)


def test_an_error_inside_leaves_all_as_it_was():
    x = np.ones(3)

    def f(x):
        y = x * 2
        with pytest.raises(ZeroDivisionError):
            checkpoint(lambda: np.sum(y) * (1 // 0))()
        return np.sum(y * y)

    assert grad(f)(x).tolist() == [8.0] * 3
    x[0] = 5.0


def test_under_strict_and_repair():
    f = checkpoint(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))
    x = np.array([0.0, 4.0])
    with repair():
        assert grad(f)(x).tolist() == [0.0, 0.25]
    with strict(), pytest.raises(NonFiniteError):
        grad(f)(x)


# ------------------------------------------------------------------ tape.nbytes, tape.timeline()


def test_nbytes_counts_arrays_once_and_views_by_their_base():
    x = np.ones(1000)
    assert record(lambda x: x, x).nbytes == 8000
    assert record(lambda x: x * x, x).nbytes == 16_000
    assert record(lambda x: x[:10] * 2.0, x).nbytes == 8000 + 80 + 8  # the view is of the input
    assert record(lambda x: np.sum(np.broadcast_to(x, (50, 1000))), x).nbytes == 8008
    assert record(lambda x, y: x * y, 2.0, 3.0).nbytes == 24


@pytest.mark.parametrize("function", [np.cos, np.sin, np.tanh, lambda x: x * 3.0, lambda x: x @ np.eye(300)])
def test_nbytes_against_tracemalloc(function):
    """Within 2 % and what the rows themselves take, less than a kilobyte each."""
    x = np.linspace(0, 1, 90_000).reshape(300, 300)

    def program(x):
        for _ in range(20):
            x = function(x)
        return np.sum(x)

    pullback = vjp(program, x)[1]
    del pullback
    gc.collect()
    tracemalloc.start()
    try:
        pullback = vjp(program, x)[1]
        real = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    tape = next(c.cell_contents for c in pullback.__closure__ if hasattr(c.cell_contents, "rows"))
    assert abs(real - tape.nbytes) < 0.02 * real + 1000 * len(tape)


def test_timeline():
    x, n = np.linspace(0.0, 1.0, 10_000), 30

    def program(x):
        for _ in range(n):
            x = np.sin(x)
        return np.sum(x)

    tape = record(program, x)
    forward, reverse = tape.timeline()
    assert len(forward) == len(reverse) == len(tape)
    assert forward[-1] == tape.nbytes and np.all(np.diff(forward) >= 0)
    assert np.diff(forward[: n + 1]).tolist() == [x.nbytes] * n
    assert {r - tape.nbytes for r in reverse[: n + 1]} == {x.nbytes}  # one adjoint waits at a time
    wide = record(lambda x: sum(np.sin(x) for _ in range(n)) @ x, x).timeline()
    assert max(wide.reverse) - wide.forward[-1] <= (n + 2) * x.nbytes
    with_ = record(lambda x: checkpoint(program)(x), x)
    assert with_.nbytes == x.nbytes + 8 and with_.timeline().forward == [x.nbytes, x.nbytes + 8]


def test_timeline_against_tracemalloc():
    """The peak of a gradient: the tape, the waiting adjoints, and at most three arrays that a rule makes in passing."""
    x = np.linspace(0.0, 1.0, 100_000)
    program = lambda x: np.sum(np.exp(np.sin(x) * np.cos(x)) * x)
    tape, real = record(program, x), warm_peak(lambda: grad(program)(x))
    assert 0.6 * max(tape.timeline().reverse) < real < max(tape.timeline().reverse) + 3 * x.nbytes
