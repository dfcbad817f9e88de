"""Recorded programs: the same bits, the same errors, and never the number of another branch."""

import copy
import re
import threading
import warnings
from contextlib import suppress

import numpy as np
import pytest

import adcourse as ad
from adcourse import (
    checkpoint,
    custom_rule,
    grad,
    hessian,
    hvp,
    implicit_function,
    jacobian,
    jvp,
    replay,
    sparse_hessian,
    sparse_jacobian,
    vjp,
    vmap,
)
from adcourse import value_and_grad as vag
from adcourse.core.errors import ADError, ConversionError, InputError, MutationError
from adcourse.core.tree import flatten
from adcourse.program.replay import identical
from tests.fuzz.generate import draw

SEEDS = range(4)


def same(a, b):
    a, b = flatten(a)[0], flatten(b)[0]
    return len(a) == len(b) and all(map(identical, a, b))


def agrees(f, *calls, programs=None):
    """Each call of the replayed function gives the bits of ``f``; how many programs there were."""
    fast = replay(f)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "replay runs")
        for args in calls:
            expected, before = f(*args), copy.deepcopy(args)
            assert same(fast(*args), expected)
            assert same(fast(*args), expected)
            assert same(args, before)
    assert programs in (None, len(fast.programs))
    return fast


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def branches(x):
    if x > 1:
        return x**3
    return np.sin(x) if x > 0 else np.exp(-x)


# ---------------------------------------------------------------------------------------------- the transforms


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "transform",
    [
        lambda f: f, grad, vag, jacobian, hessian, lambda f: jacobian(grad(f), mode="reverse"),
        lambda f: lambda x: hvp(f, x, np.cos(x)), lambda f: lambda x: jvp(f, (x,), (np.sin(x),)),
        lambda f: lambda x: vjp(f, x)[1](1.0), lambda f: lambda x: vmap(grad(f))(np.stack([x, 2.0 * x, np.cos(x)])),
        lambda f: grad(checkpoint(f)), lambda f: lambda x: grad(lambda y: np.sum(hessian(f)(y)))(x),
    ],
)  # fmt: skip
def test_every_transform(transform, seed):
    rng = np.random.default_rng(seed)
    agrees(transform(rosenbrock), *[(rng.normal(size=4),) for _ in range(3)], programs=1)


@pytest.mark.parametrize("seed", range(100))
def test_random_programs(seed):
    """Programs drawn from the whole table, their gradients and second derivatives, at two points."""
    program = draw(20261121 + seed)
    f, args = program.function(), tuple(program.inputs.values())
    near = tuple(x * 1.001 for x in args)
    positions = tuple(range(len(args)))
    second = lambda *xs: jvp(lambda *a: grad(f, positions)(*a), xs, xs)[1]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for g in (f, vag(f, positions), second):
            fast = replay(g)
            for xs in (args, near, args):
                try:
                    expected = g(*xs)
                except Exception as error:
                    with pytest.raises(type(error)):
                        fast(*xs)
                    return
                before = copy.deepcopy(xs)
                assert same(fast(*xs), expected)
                assert same(xs, before)


@pytest.mark.parametrize("seed", SEEDS)
def test_names_of_numbers_in_long_programs_are_used_again(seed):
    """Numbers that live for a moment beside others that live to the end; a write into an array and a branch between."""
    rng = np.random.default_rng([seed, 300])
    picks = rng.integers(0, 6, size=(120, 3))
    far = rng.random(120) < 0.2

    def f(x, y):
        values, store = [x, y, x * y], np.zeros(3, like=x)
        for (kind, a, b), old in zip(picks.tolist(), far.tolist(), strict=True):
            u = values[a % len(values)] if old else values[-1 - a % len(values)]
            v = values[-1 - b % min(len(values), 3)]
            values.append((u + v, u - 0.5 * v, u * v, np.sin(u) - v, v / (2.0 + u * u), np.tanh(u + v))[kind] * 0.7)
            if kind == 0:
                store[a % 3] = values[-1]
            if kind == 1 and values[-1] > 1e3:
                return values[-1]
        return sum(values[-5:]) + values[7] + np.sum(store * store)

    calls = [tuple(rng.normal(size=2).tolist()) for _ in range(3)]
    fast = agrees(vag(f, (0, 1)), *calls)
    names = set(re.findall(r"\b[rv]\d+(?= =)", fast.programs[0].source))
    assert len(names) < 0.8 * fast.programs[0].source.count("\n")


@pytest.mark.parametrize("seed", SEEDS)
def test_sparse_matrices(seed):
    """The same entries; a pattern that an early point didn't show is found."""
    rng = np.random.default_rng(seed)
    points = [rng.normal(size=30) for _ in range(3)]
    for f in (sparse_jacobian(lambda x: x[1:] * np.sin(x[:-1])), sparse_hessian(rosenbrock)):
        fast = replay(f)
        for x in points:
            a, b = fast(x), f(x)
            assert same(a, b) and a.info == b.info and a.has_sorted_indices
            a.data[:] = a.indices[:] = 0  # the caller's own
        assert len(fast.programs) == 1 and fast.programs[0].repeats
    relu = sparse_jacobian(lambda x: np.where(x > 0, x, 0.0) * x[::-1])
    fast = replay(relu)
    for x in (-np.ones(6), *[rng.normal(size=6) for _ in range(4)]):
        np.testing.assert_array_equal(fast(x).toarray(), jacobian(lambda x: np.where(x > 0, x, 0.0) * x[::-1])(x))


def test_under_another_transform_the_function_itself_is_called():
    fast = replay(rosenbrock)
    x = np.array([0.3, -1.2, 2.0])
    assert same(grad(fast)(x), grad(rosenbrock)(x))
    assert same(hessian(fast)(x), hessian(rosenbrock)(x))
    assert not fast.programs


# ---------------------------------------------------------------------------------------------- branches


def test_each_branch_is_recorded_once_and_none_is_mistaken_for_another():
    points = [(x,) for x in (2.0, 0.5, -1.0, 3.0, 0.25, -2.0, 1.0, 0.0, -0.0)]
    agrees(vag(branches), *points, *reversed(points), programs=3)


@pytest.mark.parametrize("seed", SEEDS)
def test_branches_in_loops_masks_and_integers(seed):
    def bisect(x):
        low, high = 0.0 * x, 2.0 + 0.0 * x
        for _ in range(3):
            middle = (low + high) / 2
            low, high = (middle, high) if middle * middle < x else (low, middle)
        return low * x

    def masked(x):
        y = np.zeros_like(x)
        y[x > 0] = x[x > 0] ** 2
        return np.sum(y) + np.sum(np.where(x < -0.5, x, 0.0)) + np.max(x) * np.sort(x)[0]

    def power(x):
        return sum(x**k for k in range(int(x)))

    rng = np.random.default_rng(seed)
    agrees(vag(bisect), *[(float(v),) for v in rng.uniform(0.1, 3.9, 12)])
    agrees(vag(masked), *[(rng.normal(size=5),) for _ in range(12)])
    agrees(vag(power), *[(float(v),) for v in rng.uniform(-2.0, 9.0, 12)])


def test_a_branch_on_nan_and_on_signed_zeros():
    f = vag(lambda x: np.where(x == x, x * x, 1.0) + (x if x >= 0 else -x) / np.copysign(1.0, x))
    with np.errstate(all="ignore"):
        agrees(f, (1.0,), (np.nan,), (0.0,), (-0.0,), (-3.0,), (np.inf,), (-np.inf,))


def test_more_branches_than_are_kept():
    f = vag(lambda x: sum(x * k for k in range(int(x))))
    fast = agrees(f, *[(k + 0.5,) for k in range(40)], *[(k + 0.25,) for k in range(40)])
    assert len(fast.programs) <= 8


# ---------------------------------------------------------------------------------------------- arguments


def test_shapes_types_trees_and_options_are_the_signature():
    def f(p, x, power=2, *, name="a"):
        y = p["w"] @ x + p["b"][0]
        return np.sum(y**power) * (2.0 if name == "a" else 3.0)

    rng = np.random.default_rng(1)
    p = {"w": rng.normal(size=(2, 3)), "b": (rng.normal(size=2), 1)}
    g = vag(lambda p, x, **k: f({**p, "b": (p["b"][0],)}, x, **k), 0)
    fast = replay(g)
    x = rng.normal(size=3)
    calls = [((p, x), {}), ((p, x), {"power": 3}), ((p, x), {"name": "b"}), ((p, x.astype(np.float32)), {})]
    calls += [(({"w": p["w"][:, :3].astype(np.float32), "b": p["b"]}, x), {}), ((p, np.stack([x, x], 1)[:, 0]), {})]
    calls += [(({"w": np.asfortranarray(p["w"]), "b": p["b"]}, x), {})]
    for args, kwargs in calls * 2:
        assert same(fast(*args, **kwargs), g(*args, **kwargs))
    assert len(fast.programs) == len(calls)


def test_arguments_by_name_and_defaults():
    def f(x, c=2.0, np=np):
        return c * np.sin(x)

    fast, g = replay(grad(f)), grad(f)
    assert fast(1.0) == g(1.0) and fast(1.5, 3.0) == g(1.5, 3.0) and fast(0.5, c=5.0) == g(0.5, c=5.0)
    with pytest.raises(TypeError):
        fast(1.0, 2.0, np, 4.0)
    with pytest.raises(TypeError):
        fast()


@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.float16])
@pytest.mark.parametrize("other", [float, np.float64, np.float32])
def test_types_of_numbers_come_back(kind, other):
    f = lambda x, y: np.sin(x) * y + x / (1.0 + y * y)
    for g in (f, vag(f, (0, 1)), lambda x, y: vag(f, (0, 1))(np.full(3, x), y)):
        if g is not f and "full" in g.__code__.co_names:
            g = vag(lambda x, y: np.sum(f(x, y)), (0, 1))
            agrees(g, *[(np.full(3, kind(v)), other(0.3)) for v in (0.5, 1.5)], programs=1)
        else:
            agrees(g, *[(kind(v), other(0.3)) for v in (0.5, 1.5)], programs=1)


def test_integers_and_labels():
    rng = np.random.default_rng(3)
    w, x = rng.normal(size=(4, 3)), rng.normal(size=(5, 4))

    def loss(w, x, labels, n):
        z = x @ w
        z = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
        return -sum(z[k, labels[k]] for k in range(n)) + np.sum(z[np.arange(5), labels] * 0.5)

    batches = [(w, x * s, rng.integers(0, 3, 5), 5) for s in (1.0, 2.0)]
    agrees(vag(loss), *batches, (w, x, batches[0][2], 3), programs=None)
    few = lambda w, x, labels: -np.sum((x @ w)[np.arange(5), labels])
    agrees(vag(few), *[(w, x, rng.integers(0, 3, 5)) for _ in range(5)], programs=1)


def test_refused_arguments_teach():
    class Thing:
        c = 2.0

    with pytest.raises(InputError, match=r"in a tuple, list or dict"):
        replay(lambda x, t: x * t.c)(1.0, Thing())
    with pytest.raises(InputError, match="which can't be called"):
        replay(3.0)
    with pytest.raises(ConversionError, match=r"np\.sin\(x\) instead of math\.sin"):
        replay(lambda x: float(x) * 2)(1.0)
    with pytest.raises(MutationError):
        replay(lambda x: x.__setitem__(0, 1.0))(np.ones(2))


# ---------------------------------------------------------------------------------------------- singular points


def test_where_pythons_numbers_raise_and_numpys_dont():
    cases = [
        (lambda x: 1.0 / x, (2.0, 0.0, -0.0)), (lambda x: np.log(x) / x, (2.0, 0.0, -1.0)),
        (lambda x: np.exp(x) - np.exp(x), (1.0, 800.0)), (lambda x: x**-1.5 + x**0.5, (2.0, 0.0, -8.0)),
        (lambda x: x**300, (2.0, 1e5)), (lambda x: 3.0**x * x**x, (2.0, 900.0, -0.5)),
        (lambda x: np.sqrt(x) * np.arcsin(x), (0.5, -1.0, 2.0)), (lambda x: x % 2.0 + 5.0 % x, (3.0, 0.0)),
        (lambda x: np.arctanh(x) + np.log1p(x), (0.5, -1.0, 3.0)), (lambda x: np.abs(x) / x, (-2.0, 0.0)),
    ]  # fmt: skip
    with np.errstate(all="ignore"):
        for f, points in cases:
            for g in (f, grad(f), vag(grad(f))):
                for order in (points, points[::-1]):
                    fast = replay(g)
                    for p in order * 2:
                        try:
                            expected = g(p)
                        except ArithmeticError as error:  # of Python's own numbers, where no transform is
                            with pytest.raises(type(error)):
                                fast(p)
                        else:
                            assert same(fast(p), expected)


def test_powers_have_the_bits_of_whoever_computes_them():
    """x**2 and x * x differ for one number in a thousand; so may powers of a number and of an array of one number."""
    draws = np.random.default_rng().normal(size=20_000).tolist()
    squares = [(x,) for x in draws if x**2 != x * x][:5]
    for transform in (lambda f: f, vag, lambda f: lambda v: jvp(f, (v,), (1.0,)), lambda f: vag(grad(f))):
        agrees(transform(lambda x: 3.0 * x**2), *squares)
        for p in (0.5, -1.0, 2, 2.0, 3, 2.5, -0.7):
            of_array = lambda x, p=p: np.where(x > 0, x, -x) ** p * 3.0
            agrees(transform(of_array), *[(x,) for x in draws[:10]])
        agrees(transform(lambda x: 1.7 ** np.where(x > 0, x, -x) * x), *[(x,) for x in draws[:10]])
    bases = [(abs(x) + 0.1, y) for x, y in zip(draws[:200], draws[200:400], strict=True)]
    agrees(vag(lambda x, y: x**y, (0, 1)), *bases, programs=1)
    agrees(hessian(lambda x: x**x), *[(x,) for x, _ in bases])
    agrees(vag(lambda v: v[0] ** v[1]), *[(np.array(b),) for b in bases], programs=1)


# ---------------------------------------------------------------------------------------------- memory


def test_results_are_the_callers_and_arguments_stay():
    f = lambda x: (x, x[1:], x.T, np.zeros_like(x), x + 0.0, np.broadcast_to(x[0], (3,)))
    fast, x = replay(f), np.arange(3.0)
    for _ in range(3):
        results = fast(x)
        assert same(results, f(np.arange(3.0)))
        for r in results:
            assert r.flags.writeable and r.flags.owndata
            r[...] = -1.0
        assert x.tolist() == [0.0, 1.0, 2.0]
    assert not any(np.may_share_memory(a, b) for a in fast(x) for b in (*results, x))


@pytest.mark.parametrize("n", [2**14, 2**14 + 1, 50_000, 123_457])
@pytest.mark.parametrize("seed", SEEDS)
def test_large_arrays_go_in_blocks(n, seed):
    """With what is elementwise in blocks, buffers used again, views, comparisons, and reductions between."""

    def f(x, y):
        z = np.sin(x) * y - 2.0 * x**2 + np.exp(-y * y)
        total = np.sum(z)
        u = np.where(z > 0.3, z, x) / total
        v = u[1:] - u[:-1] + np.abs(x[:-1]) * (y[1:] >= 0)
        return np.sum(v**3 * (1.0 + u[::-1][1:])) + total

    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, n))
    fast = agrees(vag(f, (0, 1)), (x, y), (y, x), (x[::-1], y), (-x, 0.5 * y), programs=1)
    assert "for i, j in" in fast.programs[0].source
    m = n // 200 * 200
    agrees(vag(lambda a: np.sum(np.tanh(a) * a.T.sum() + a**2)), (x[:m].reshape(200, -1),), (y[:m].reshape(200, -1),))
    agrees(vag(rosenbrock), (x,), (y,))
    table, row = rng.normal(size=(3, n)), rng.normal(size=n)  # constants, of the arrays' shape and of another
    agrees(lambda a: np.sin(a * table) * table - row + row * a[1], (np.stack([x, y, x]),), (np.stack([y, x, y]),))
    agrees(lambda a: (np.float32(2.0) * a * a + a, a > 0.0), (x.astype(np.float32),), (y.astype(np.float32),))


@pytest.mark.parametrize("n", [2**14 + 20, 60_001, 300_000])
@pytest.mark.parametrize("seed", SEEDS)
def test_neighbours_in_large_vectors(n, seed):
    """Derivatives of neighbours meet in one vector, some numbers apart: in the loop over blocks, in the same order."""
    rng = np.random.default_rng(seed)
    shifts = rng.choice(8, size=rng.integers(2, 5), replace=False).tolist()
    m = n - max(shifts) - int(rng.integers(0, 3))

    def f(x):
        parts = [x[s : s + m] for s in shifts]
        first, *others = parts
        y = np.sin(first)
        for k, p in enumerate(others):
            y = y * p + (k + 0.5) * p**2 - first
        return np.sum(y**2)

    x, y = rng.normal(size=(2, n))
    x[rng.integers(0, n, 50)] = 0.0
    fast = agrees(vag(f), (x,), (y,), (-x,), programs=1)
    assert "scattered" not in fast.programs[0].source and "zeros" not in fast.programs[0].source
    one = agrees(vag(lambda x: np.sum(np.tanh(x[3:]) * x[3:] ** 2)), (x,), (y,), programs=1)
    assert "[3:]" in one.programs[0].source


@pytest.mark.parametrize("seed", range(8))
def test_memory_is_used_again_when_nobody_looks_at_it_any_more(seed):
    """Small arrays of many shapes, views of each other, read once or later again; some are part of the result."""
    rng = np.random.default_rng([seed, 12])
    picks, numbers = rng.integers(0, 9, size=(40, 3)).tolist(), rng.normal(size=40).tolist()

    def f(x, row):
        values = [x, row, x.T, x[0]]
        for (kind, a, b), c in zip(picks, numbers, strict=True):
            u, v = values[-1 - a % min(len(values), 4)], values[b % len(values)]
            if u.ndim == v.ndim == 2 and u.shape != v.shape:
                v = v.T
            new = (u + v, u - v, v * u, c * u, c - u, u / (2.0 + u * u), np.abs(u), u.T, u[::-1])[kind]
            values.append(np.float32(c) * new if c > 2.0 else new)
        return [*values[-3:], values[7], sum(np.sum(v * np.cos(v)) for v in values[::5])]

    points = [(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in range(3)]
    agrees(f, *points, (points[0][0].T, points[0][1]))
    agrees(vag(lambda *args: f(*args)[-1], (0, 1)), *points)
    agrees(jacobian(lambda *args: f(*args)[0]), *points)


def test_sums_of_few_numbers_are_numpys():
    """Up to two dozen are added by Python, in the order in which NumPy adds; what they are doesn't matter."""
    rng = np.random.default_rng()
    total = lambda x: (
        np.sum(x),
        2.0 * np.sum(x) + np.sum(x * x, axis=0),
        np.sum(x, keepdims=True),
        np.max(x),
        np.all(x),
    )
    with np.errstate(all="ignore"):
        for n in range(1, 40):
            wide = np.exp(rng.normal(0.0, 20.0, size=(4, n))) * rng.choice([-1.0, 1.0], size=(4, n))
            odd = rng.choice([0.0, -0.0, np.inf, np.nan, 1.0, 1e308], size=(3, n))
            fast = agrees(total, *[(x,) for x in (*wide, *odd, np.full(n, -0.0))], programs=1)
            assert ("tolist" in fast.programs[0].source) is (n <= 24)
            agrees(total, (wide[0].astype(np.float32),), programs=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_sums_of_large_arrays_in_their_blocks(seed):
    """Each block is a part that NumPy adds by itself; numbers of all sizes, so that another order would show."""
    rng = np.random.default_rng([seed, 5])
    n = int(rng.integers(2**15, 2**19))
    spread = lambda *shape: np.exp(rng.normal(0.0, 5.0, size=shape)) * rng.choice([-1.0, 1.0], size=shape)

    def f(x):
        y = x * 3.0 - x**2
        total = np.sum(y)
        return total, np.sum(x * 0.5), y / total, np.sum(y / total)

    points = [(spread(n),) for _ in range(3)]
    for g, xs in ((f, points), (vag(lambda x: f(x)[3] + f(x)[1]), points), (f, [(spread(n // 3, 3),)])):
        fast = agrees(g, *xs, programs=1)
        assert "total(" in fast.programs[0].source and "for i, j in" in fast.programs[0].source
    agrees(f, *[(x.astype(np.float32),) for (x,) in points], programs=1)


def test_threads_run_one_program_at_once():
    x = np.random.default_rng(0).normal(size=(8, 40_000))
    g = vag(rosenbrock)
    fast, expected, wrong = replay(g), [g(row) for row in x], []
    fast(x[0])

    def work(k):
        for _ in range(20):
            if not same(fast(x[k]), expected[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong and len(fast.programs) == 1


def test_writes_in_place():
    def f(x):
        y = np.zeros_like(x)
        for i in range(x.shape[0]):
            y[i] = np.sin(x[i]) + (y[i - 1] if i else 0.0)
        z = y[1:]
        z *= 2.0
        w = y.copy()
        w[::2] += x[::2]
        return np.sum(w * y)

    rng = np.random.default_rng(5)
    agrees(vag(f), *[(rng.normal(size=6),) for _ in range(3)], programs=1)


# ---------------------------------------------------------------------------------------------- what changes


@pytest.mark.parametrize("seed", SEEDS)
def test_indices_that_are_computed_add_cotangents_as_the_tape_does(seed):
    """Rounding depends on the order of a sum, the sign of a zero on what it is added to."""
    rng = np.random.default_rng([seed, 7])
    w, k = rng.normal(size=6), rng.integers(0, 6, 9)

    def f(x):
        best = x[np.argmax(x)] * x[2] - x[np.argmin(x)] * x[k] @ w[k]
        return best + np.sum(np.sort(x) * w) + np.sum(x[np.argsort(x)] * x[::-1]) + np.take(x, np.argmax(x * x))

    def rows(x):
        x = x.reshape(2, 3)
        return np.sum(x[:, np.argsort(x[0])] * w[:3]) + np.sum(np.take(x, np.argmax(x[0]), 1)) * x[1, 1] + x[0] @ w[3:]

    points = [(rng.choice([-0.0, 0.0, -1.0, 1.0, 0.1, 0.3, 7.7], 6),) for _ in range(4)] + [(rng.normal(size=6),)]
    for g in (f, rows):
        for transform in (grad, jacobian, hessian, lambda g: lambda x: jvp(grad(g), (x,), (w,)), vag):
            agrees(transform(g), *points)
        agrees(lambda x, g=g: vmap(grad(g))(np.stack([x, x * w])), *points)


@pytest.mark.parametrize("seed", SEEDS)
def test_copies_lie_in_memory_as_those_of_the_function(seed):
    """The order of a sum is that of the numbers in memory."""
    rng = np.random.default_rng([seed, 11])
    x = rng.normal(size=(5, 6, 7))

    def f(x):
        turned = np.transpose(x, (1, 2, 0))
        return np.sum(turned.copy() * 0.1), np.sum(np.copy(turned) * 0.1)

    agrees(f, (x,), (-x,), programs=1)
    agrees(grad(lambda x: f(x)[0] * f(x)[1]), (x,), (x * 0.3,), programs=1)
    for n in (1, 2, 5):
        X = np.asfortranarray(rng.normal(size=(n, 7))[:, ::2])
        agrees(grad(lambda X: np.sum(np.sin(X @ X.T) / (1.0 + np.abs(X @ X.T)))), (X,), (X * 0.3,), (X * 1.1,))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_view_of_an_argument_is_written_to(seed):
    """What NumPy copies while recording (a turned vector that is flattened) is copied by the program, too."""
    rng = np.random.default_rng([seed, 13])
    x, X = rng.normal(size=40), rng.normal(size=(5, 6))
    for flat in (np.ravel, lambda x: x.ravel(), lambda x: x.flatten(), lambda x: np.reshape(x, -1)):
        agrees(vag(lambda x, flat=flat: np.sum(np.vdot(x[::-1], x[::-1]) * flat(x[::-1]) * 2.0)), (x,), (x + 1,))
        agrees(vag(lambda X, flat=flat: np.sum(np.sin(flat(X.T) * 2.0) * flat(X))), (X,), (X + 1,))


def test_arrays_of_one_number_come_back():
    agrees(lambda x: np.asarray(x * 2.0), (1.5,), (2.5,), programs=1)
    agrees(lambda x: (np.array(x), np.sum(x, keepdims=True)), (1.5,), (2.5,))


def test_what_cant_be_recorded_is_run_as_it_is_and_says_why():
    norm = lambda x: np.linalg.matrix_norm(np.array([[x, 1.0], [2.0, x]]), ord="nuc")
    kinked = lambda x: np.sum(np.where(np.full(3, 0.5) * x < np.array([x, x * x, 1.0]), x, 2.0))
    for f, word in ((norm, "svd"), (grad(kinked), "np.stack")):
        fast = replay(f)
        with pytest.warns(RuntimeWarning, match=f"as it is.*{word}"):
            assert same(fast(0.3), f(0.3))
        assert same(fast(1.4), f(1.4)) and [p.repeats for p in fast.programs] == [False]


def test_what_doesnt_repeat_itself_is_run_as_it_is():
    rng = np.random.default_rng(0)
    fast = replay(lambda x: x * rng.normal())
    with pytest.warns(RuntimeWarning, match="repeat itself"):
        fast(1.0)
    assert len({fast(1.0) for _ in range(5)}) == 5
    with pytest.warns(RuntimeWarning, match="complex"):
        replay(lambda x: np.abs(np.fft.fft(x)))(np.ones(3))


scale = 3.0
weights = np.arange(4.0)


def test_a_constant_that_changes_is_recorded_again():
    global scale, weights
    c, table, rest = 2.0, np.arange(4.0), [1.0, np.ones(4)]

    class Model:
        def __init__(self):
            self.w = 1.5

        def loss(self, x):
            return np.sum(self.w * x * weights)

    model = Model()
    f = lambda x: scale * c * np.sum(x * table * rest[0] * rest[1]) + model.loss(x)
    fast, method, x = replay(vag(f)), replay(grad(model.loss)), np.linspace(0.1, 1.0, 4)

    def check():
        for _ in range(2):
            assert same(fast(x), vag(f)(x)) and same(method(x), grad(model.loss)(x))

    check()
    scale = 4.0
    check()
    c = 7.0
    check()
    table[2] = -5.0
    check()
    model.w = 0.25
    check()
    weights = np.ones(4)
    check()
    weights[0] = 9.0
    check()
    rest[0] = 3.0
    check()
    rest[1][3] = 4.0
    check()
    assert len(fast.programs) == 8  # as many as are kept


def test_rules_of_ones_own_and_equations():
    @custom_rule
    def cube(x):
        return x * x * x

    @cube.jvp
    def _(z, primals, tangents):
        (x,), (dx,) = primals, tangents
        return 3.0 * x * x * dx

    root = implicit_function(lambda z, a: z * z - a, lambda a: np.sqrt(a))
    rng = np.random.default_rng(2)
    points = [(rng.uniform(1.0, 2.0, 3),) for _ in range(3)]
    agrees(vag(lambda x: np.sum(cube(x) * x)), *points)
    fast, g = replay(vag(lambda x: np.sum(root(x)))), vag(lambda x: np.sum(root(x)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for args in points:
            with suppress(ADError):
                assert same(fast(*args), g(*args))


# ---------------------------------------------------------------------------------------------- long programs


def test_common_and_dead_code_is_left_out():
    def f(x):
        a, b = np.sin(x) * x, x * np.sin(x) + 0.0 * np.cos(x) ** 7
        np.exp(a)
        return a * b * 1.0

    fast = agrees(f, (1.0,), (2.0,), programs=1)
    assert fast.programs[0].source.count("sin") == 1 and "exp" not in fast.programs[0].source


def test_building_is_linear_in_the_length():
    def f(x, n):
        y = x
        for _ in range(n):
            y = y * x + 0.5
        return y

    sizes, steps = (1_000, 16_000), []
    for n in sizes:
        fast = agrees(vag(f), (0.5, n), (0.25, n), programs=2 if n is None else 1)
        steps.append(fast.programs[0].steps)
    assert steps[1] <= 16.1 * steps[0]


def test_the_public_name():
    assert ad.replay is replay
