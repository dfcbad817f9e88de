"""vmap: the stack of the calls, in one run; axes and trees as in JAX; what can't be had is refused."""

import collections
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import custom_rule, derivative, grad, hessian, hvp, jacobian, jvp, linearize, taylor, value_and_grad, vmap
from adcourse.core.errors import ADError, ConversionError, EscapedBoxError, InputError, MutationError
from adcourse.core.tree import flatten

B = 5
RNG = np.random.default_rng()
X, M, S = RNG.normal(size=(B, 4)), RNG.normal(size=(B, 4, 4)), RNG.normal(size=B)
I, J, K = RNG.integers(0, 4, B), RNG.integers(-4, 4, (B, 3)), np.stack([RNG.permutation(4) for _ in range(B)])
MASK = RNG.normal(size=(B, 4)) > 0


def same(found, expected, **options):
    """Equal trees."""
    leaves, others = flatten(found)[0], flatten(expected)[0]
    assert len(leaves) == len(others)
    for a, b in zip(leaves, others, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, **({"rtol": 1e-10, "atol": 1e-10} | options))


def stacks(f, *args):
    """vmap(f) is the stack of the calls, each on its own copy."""
    same(vmap(f)(*args), np.stack([f(*(np.copy(x)[b] for x in args)) for b in range(B)]))


# ---------------------------------------------------------------------------------------------- axes and trees

Pair = collections.namedtuple("Pair", "a b")
AXES = [
    (lambda np: lambda x, y: x @ y, (0, None), 0, [(6, 3), (3,)]),
    (lambda np: lambda x, y: x @ y, (None, 0), -1, [(2, 3), (6, 3)]),
    (lambda np: lambda x, y: x @ y, (2, -1), 1, [(2, 3, 6), (3, 2, 6)]),
    (lambda np: lambda x, y: {"s": x + y[0], "t": (y[1], np.sum(x))}, (0, (None, 1)), 0, [(6, 3), ((3,), (3, 6))]),
    (lambda np: lambda x, y: (x * 2, (y, y)), [1, 0], (1, (0, None)), [(3, 6), 7.0]),
    (lambda np: lambda p: p["w"] @ p["v"], ({"w": None, "v": 0},), 0, [{"w": (2, 3), "v": (6, 3)}]),
    (lambda np: lambda p: Pair(p.b, p.a.sum()), (Pair(1, 0),), Pair(-1, 0), [Pair((2, 6), (6, 3))]),
    (lambda np: lambda x: (x, 3.0), 0, (0, None), [(6, 2)]),
    (lambda np: lambda x: 3.0, 0, 0, [(6, 2)]),
    (lambda np: lambda x, y, z: x + y * z, (0, 1, None), 0, [(6,), (2, 6), (2,)]),
]


def fill(shapes, rng):
    if isinstance(shapes, float):
        return np.full(6, shapes)
    if isinstance(shapes, dict):
        return {k: fill(s, rng) for k, s in shapes.items()}
    if all(isinstance(n, int) for n in shapes):
        return rng.normal(size=shapes)
    return (
        type(shapes)(*(fill(s, rng) for s in shapes))
        if isinstance(shapes, Pair)
        else tuple(fill(s, rng) for s in shapes)
    )


@pytest.mark.parametrize("case", range(len(AXES)))
def test_axes_as_in_jax(case):
    import jax

    make, in_axes, out_axes, shapes = AXES[case]
    args = [fill(s, np.random.default_rng(case)) for s in shapes]
    if case == 4:
        out_axes = (1, (0, 0))
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        expected = jax.vmap(make(jax.numpy), in_axes, out_axes)(*args)
    found = vmap(make(np), in_axes, out_axes)(*args)
    same(found, jax.tree.map(np.asarray, expected))


def test_keyword_arguments_are_mapped_over_axis_0():
    f = lambda x, *, y: x + y
    same(vmap(f)(X, y=M), np.stack([x + y for x, y in zip(X, M, strict=True)]))
    same(vmap(f, in_axes=None)(X[0], y=M), X[0] + M)


def test_results_belong_to_the_caller():
    x = X.copy()
    y, z = vmap(lambda a: (a, a))(x)
    y[:] = 0.0
    assert (z == X).all() and (x == X).all() and y.flags.writeable
    x[:] = 1.0  # writeable again


def test_kinds_of_numbers_stay():
    for dtype in (np.float32, np.float64, np.int64, bool):
        assert vmap(lambda x: x)(X.astype(dtype)).dtype == dtype
    assert vmap(lambda x: np.exp(x) * 2.0)(X.astype(np.float32)).dtype == np.float32
    assert vmap(lambda i: i * 2 + 1)(J).dtype == J.dtype
    assert vmap(grad(lambda x: np.sum(x**2)))(X.astype(np.float32)).dtype == np.float32
    z = X + 1j * X[::-1]
    same(vmap(lambda z: z * z.conj() * 2j)(z), z * z.conj() * 2j)


def test_a_batch_of_none():
    none = np.zeros((0, 3))
    assert vmap(lambda x: np.sin(x)[:2])(none).shape == (0, 2)
    assert vmap(grad(lambda x: np.sum(np.sort(x)[np.argmax(x)])))(none).shape == (0, 3)


# ---------------------------------------------------------------------------------------------- with derivatives


def loss(x):
    return np.sum(np.tanh(x)[:-1] * np.sin(x[1:])) ** 2 + np.max(x)


def vector(x):
    return np.linalg.solve(np.outer(x, x) + np.eye(4), np.sort(x)) * np.where(x > 0, x, 1.0)


TRANSFORMED = {
    "grad": grad(loss),
    "value_and_grad": lambda x: np.append(*value_and_grad(loss)(x)),
    "hessian": hessian(loss),
    "jacobian, forward": jacobian(vector, mode="forward"),
    "jacobian, reverse": jacobian(vector, mode="reverse"),
    "jacobian of jacobian": jacobian(jacobian(vector)),
    "jvp": lambda x: jvp(vector, x, x[::-1])[1],
    "linearize": lambda x: linearize(vector, x)[1](x),
    "hvp": lambda x: hvp(loss, x, np.ones(4)),
    "grad of grad": grad(lambda x: np.sum(grad(loss)(x) ** 3)),
    "jvp of grad": lambda x: jvp(grad(loss), x, np.cos(x))[1],
    "grad of jvp": grad(lambda x: jvp(loss, x, np.sin(x))[1]),
    "taylor": lambda x: taylor(loss, x, 3, np.ones(4)).coefficients[3],
    "vmap": lambda x: vmap(lambda a: a * x[0])(x),
    "grad of vmap": grad(lambda x: np.sum(vmap(lambda a: a**2 * x)(x) ** 2)),
    "vmap of grad": lambda x: vmap(grad(lambda a: np.sum(a * x) ** 2))(x),
}


@pytest.mark.parametrize("name", TRANSFORMED)
def test_every_transform_inside_and_around(name):
    f = TRANSFORMED[name]
    stacks(f, X)
    twice = vmap(vmap(f))(np.stack([X, 0.5 * X]))
    same(twice, np.stack([np.stack([f(x) for x in xs]) for xs in (X, 0.5 * X)]))
    v = RNG.normal(size=X.shape)
    along = jvp(vmap(f), X, v)[1]
    same(along, np.stack([jvp(f, x, d)[1] for x, d in zip(X, v, strict=True)]), rtol=1e-8, atol=1e-8)
    total = grad(lambda x: np.sum(vmap(f)(x) ** 2))(X)
    same(total, np.stack([grad(lambda x: np.sum(f(x) ** 2))(x) for x in X]), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_derivatives_of_a_function_of_one_number(n):
    stacks(derivative(lambda t: np.sqrt(1 + t * t) * np.exp(np.sin(t)) / (2 + np.cos(t)), n), S)


def test_levels_stay_apart():
    """d/dx (x * d/dy (x + y)) = 1, for each member."""
    same(vmap(grad(lambda x: x * grad(lambda y: x + y)(2.0)))(S), np.ones(B))
    same(grad(lambda s: np.sum(vmap(lambda x: x * s)(X)))(2.0), np.sum(X))
    same(vmap(lambda x: vmap(lambda y: x @ y)(X))(X), X @ X.T)


def test_against_jax():
    import jax

    def net(np):
        return lambda p, x, y: np.sum((np.tanh(np.tanh(x @ p[0]) @ p[1]) - y) ** 2)

    p = (RNG.normal(size=(4, 8)), RNG.normal(size=(8, 2)))
    y = RNG.normal(size=(B, 2))
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        g = jax.vmap(jax.grad(net(jax.numpy)), (None, 0, 0))(p, X, y)
        h = jax.vmap(jax.hessian(net(jax.numpy), 1), (None, 0, 0))(p, X, y)
    same(vmap(grad(net(np)), (None, 0, 0))(p, X, y), tuple(map(np.asarray, g)))
    same(vmap(hessian(net(np), 1), (None, 0, 0))(p, X, y), np.asarray(h))


def test_a_rule_of_ones_own():
    @custom_rule
    def sinc(x):
        return math.sin(x) / x if x else 1.0

    @sinc.jvp
    def sinc_jvp(z, primals, tangents):
        return (np.cos(primals[0]) - z) / primals[0] * tangents[0]

    for f in (sinc, grad(sinc), grad(grad(sinc)), derivative(sinc, 3)):
        stacks(f, S)
    pair = custom_rule(lambda x, y: (x * y, x), vjp=lambda g, z, p: (g[0] * p[1] + g[1], np.sum(g[0] * p[0])))
    stacks(grad(lambda x: np.sum(pair(x, x[0])[0]) + pair(x, 2.0)[1][1]), X)
    as_sine = custom_rule(np.linalg.det, jvp=lambda z, p, t: 0.0 * np.sum(t[0]))  # not the rule of the table
    same(vmap(grad(as_sine))(M), np.zeros_like(M))


# ---------------------------------------------------------------------------------------------- questions, indices

QUESTIONS = {
    "where": lambda x: np.where((x > 0) & (x < 1) | ~(x > -1) ^ (x == x[0]), x, 0.0),
    "masks": lambda x: np.sum(x, where=x > 0) + np.mean(x, where=x <= x[0]) + np.max(x, where=x > 0, initial=-9.0),
    "any, all": lambda x: np.any(x > 1) * 1.0 + np.all(np.abs(x) < 3, axis=0) + np.count_nonzero(x > 0),
    "argmax": lambda x: x[np.argmax(x)] * x[np.argmin(np.abs(x))],
    "argsort": lambda x: x[np.argsort(x)] * np.argsort(-x),
    "sort": lambda x: np.sort(x) * np.partition(x, 2)[2] - np.median(x) * np.quantile(x, 0.3),
    "quantile": lambda x: np.quantile(x, np.abs(np.sin(x))),
    "nan": lambda x: np.nanmedian(np.where(x > 1, np.nan, x)) + np.nanmax(np.where(x > x[0], np.nan, x)),
    "steps": lambda x: np.floor(x) + x // 0.3 + np.sign(x) + np.round(x, 1) + np.fix(2 * x) + divmod(x, 0.7)[0],
    "searchsorted": lambda x: np.searchsorted(np.sort(x), x) + np.digitize(x, [-1.0, 0.0]) + np.isin(x, x[:2]),
    "logic": lambda x: np.logical_xor(x > 0, np.isfinite(1 / x)) + np.logical_and.reduce(x > -2),
    "order of keys": lambda x: np.lexsort((x, x > 0)) + np.array_equal(x, x) + np.allclose(x, x[0]),
    "parts": lambda x: np.modf(x)[1] + np.frexp(x)[1] + np.ldexp(x, np.frexp(x)[1]) + np.unwrap(5 * x),
    "interp": lambda x: np.interp(x, np.sort(x[:3]), np.cos(x[:3])) + np.interp(x, [-1.0, 0.0, 1.0], [0.0, 2.0, 1.0]),
    "piecewise": lambda x: np.piecewise(x, [x < 0, x > 1], [np.sin, lambda t: t**2, 3.0]),
    "choose": lambda x: np.select([x < 0, x < 1], [x, x**2], 7.0) + np.clip(x, x[0], 2.0) + np.choose(x > 0, [x, 3.0]),
    "integers": lambda x: ((np.argsort(x) * 2 + 1) % 3 - (np.argsort(x) >> 1)) & 3,
    "norms": lambda x: np.linalg.norm(x, 0) + np.linalg.norm(x, np.inf),
    "astype": lambda x: (x > 0).astype(float) + np.argsort(x).astype(float) + np.astype(x > 0, int),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions(name):
    f = QUESTIONS[name]
    stacks(lambda x: f(x) + 0.0, X)
    stacks(jacobian(lambda x: f(x) * x), X)
    same(vmap(vmap(f))(np.stack([X, 2 * X])), np.stack([np.stack([f(x) for x in y]) for y in (X, 2 * X)]))


def written(x, i):
    y = np.zeros_like(x)
    y[i] = 2 * x[:3]
    y[0] += x[1]
    y[x > 1] = -1.0
    y[i[0]] *= 3.0
    return y


def viewed(x, i):
    y = x.copy()
    rows = y.reshape(2, 2)
    rows[0] = x[2:]
    rows[i[0] % 2, 1] = 3 * x[0]
    rows.T[1:] *= x[:2]
    np.add.at(y, i, x[:3])
    np.add.at(y, [0, 0], x[1])
    return y * rows[1, 0]


INDEXED = {
    "number": lambda x, m, i: x[i[0]] * m[i[0], i[1]],
    "array": lambda x, m, i: x[i] + x[i][:, None],
    "rows": lambda x, m, i: m[i],
    "columns": lambda x, m, i: m[:, i],
    "apart": lambda x, m, i: m[i, None, i] + m[i, ..., i],
    "two, mixed": lambda x, m, i: m[i[:, None], [0, 2]] + m[1:, i[0], None][0] + m[[[1], [0], [1]], i[:2]],
    "list of batches": lambda x, m, i: x[[i[0], 1, i[2]]],
    "take": lambda x, m, i: np.take(m, i, axis=1) + np.take(m, i[0]) + np.take(m, i[0] + 9, mode="wrap"),
    "take_along_axis": lambda x, m, i: np.take_along_axis(x, i, 0) + np.take_along_axis(m, i[:1, None], 1)[0, 0],
    "a table": lambda x, m, i: np.array(np.arange(5.0) ** 2, like=i)[i] * x[:3],
    "bincount": lambda x, m, i: np.bincount(i % 4, weights=x[:3], minlength=4) + np.bincount(i % 4, minlength=4),
    "written": lambda x, m, i: written(x, i),
    "views": lambda x, m, i: viewed(x, i),
    "put_along_axis": lambda x, m, i: put_along(x, i),
    "copyto": lambda x, m, i: copied(x),
}


def put_along(x, i):
    y = x.copy()
    np.put_along_axis(y, i, 9.0 * x[:3], 0)
    np.put(y, i[:1], x[2])
    return y


def copied(x):
    y = x.copy()
    np.copyto(y, 7.0 * x[::-1], where=x > 0)
    np.putmask(y, x < -1, 5.0)
    y.sort()
    return y


@pytest.mark.parametrize("name", INDEXED)
def test_indices_and_writes_that_differ(name):
    f = INDEXED[name]
    stacks(f, X, M, J)
    stacks(jacobian(lambda x, m, i: f(x, m, i) * np.sum(x), argnums=0), X, M, J)
    stacks(jacobian(lambda m, x, i: f(x, m, i) * np.sum(m) ** 2, argnums=0), M, X, J)
    at = RNG.integers(-4, 4, (B, 2, 3))
    nested = vmap(lambda x, m, ii: vmap(lambda i: f(x, m, i))(ii))(X, M, at)
    same(nested, np.stack([np.stack([f(x, m, i) for i in ii]) for x, m, ii in zip(X, M, at, strict=True)]))
    outside = lambda x, m: np.sum(vmap(lambda i: f(x, m, i))(at[0]) ** 2)
    if name not in ("written", "views", "put_along_axis"):  # arrays of an outer transform, written to by an inner one
        one = [grad(lambda x, m, i=i: np.sum(f(x, m, i) ** 2), (0, 1))(X[0], M[0]) for i in at[0]]
        same(grad(outside, (0, 1))(X[0], M[0]), tuple(sum(g) for g in zip(*one, strict=True)))


def entries(ndim):
    """Indices of an array with ndim axes of length 4: with slices, None, ..., integers and (differing) arrays."""
    array = st.sampled_from([(), (3,), (2, 1), (2, 3)])
    one = st.one_of(
        st.just(slice(None)), st.just(slice(1, None, 2)), st.integers(-4, 3),
        array.map(lambda s: ("differs", s)), array.filter(bool).map(lambda s: ("same", s)),
    )  # fmt: skip
    return st.lists(one, min_size=1, max_size=ndim).flatmap(
        lambda items: st.lists(st.sampled_from([None, Ellipsis]), max_size=2, unique=True).flatmap(
            lambda more: st.permutations([*items, *more])
        )
    )


@settings(max_examples=150, deadline=None)
@given(items=entries(3), seed=st.integers(0, 2**32 - 1))
def test_any_index(items, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, 4, 4, 4))
    drawn = [
        rng.integers(-4, 4, (3, *i[1]) if i[0] == "differs" else i[1]) if isinstance(i, tuple) else i for i in items
    ]
    differs = [isinstance(i, tuple) and i[0] == "differs" for i in items]

    def index(parts):
        parts = iter(parts)
        return tuple(next(parts) if d else i for d, i in zip(differs, drawn, strict=True))

    given_ = [i for d, i in zip(differs, drawn, strict=True) if d]
    members = [index([i[b] for i in given_]) for b in range(3)]
    found = vmap(lambda x, *parts: x[index(parts)])(x, *given_)
    np.testing.assert_array_equal(found, np.stack([x[(b, *())][m] for b, m in enumerate(members)]))
    square = lambda x, *parts: np.sum(x[index(parts)] ** 2)
    found = vmap(grad(square))(x, *given_)
    same(found, np.stack([grad(square)(x[b], *(i[b] for i in given_)) for b in range(3)]))


def test_writes_as_in_numpy_where_the_memory_lies_otherwise():
    """In-place writes through views, for members along a last axis."""
    expected = np.stack([viewed(x, i) for x, i in zip(X, J, strict=True)])
    same(vmap(viewed, (1, 1))(np.asfortranarray(X.T), J.T), expected)
    same(vmap(viewed, (1, 1))(np.ascontiguousarray(X.T), J.T), expected)


def test_numbers_are_given_new_values_and_arguments_stay():
    def counted(s):
        s += 1.0
        s *= 2.0
        return s

    stacks(counted, S)
    with pytest.raises(MutationError, match="argument"):
        vmap(lambda x: x.__setitem__(0, 1.0))(X)
    w = np.ones(4)
    with pytest.raises(ValueError, match="read-only"):
        vmap(lambda x, w: w.__setitem__(0, 2.0), (0, None))(X, w)
    w[0] = 1.0


# ---------------------------------------------------------------------------------------------- refusals

REFUSED = {
    "if": (lambda x: x if x[0] > 0 else -x, "np.where"),
    "while": (lambda x: _halved(x), "np.where"),
    "max of Python": (lambda x: max(x[0], x[1]), "np.where"),
    "assert": (lambda x: x if np.all(x > 0) else None, "np.where"),
    "mask": (lambda x: np.sum(x[x > 0]), "np.where"),
    "mask written": (lambda x: _written_by_mask(x), "np.where"),
    "nonzero": (lambda x: np.nonzero(x > 0)[0], "np.where"),
    "where": (lambda x: np.where(x > 0)[0], "np.where"),
    "unique": (np.unique, "shape"),
    "compress": (lambda x: np.compress(x > 0, x), "shape"),
    "int": (lambda x: int(x[0]), "np.where"),
    "float": (lambda x: float(x[0]), "np.where"),
    "range": (lambda x: sum(x[k] for k in range(np.argmax(x))), "np.where"),
    "repeat": (lambda x: np.repeat(x, np.argsort(x)), "np.where"),
    "roll": (lambda x: np.roll(x, np.argmax(x)), "np.where"),
    "key": (lambda x: {x[0]: 1}, "np.where"),
    "plain table": (lambda x: np.arange(4.0)[np.argmax(x)], "like=i"),
    "plain table, array": (lambda x: np.arange(4.0)[np.argsort(x)], "like=i"),
    "plain array": (lambda x: np.zeros(4).__setitem__(0, x[0]), "np.where"),
    "bincount": (lambda x: np.bincount(np.argsort(x)[:2]), "minlength"),
    "nothing": (lambda x: None, "forgotten return"),
    "text": (lambda x: "x", "number or an array"),
}


def _halved(x):
    while np.sum(x) > 1:
        x = x / 2
    return x


def _written_by_mask(x):
    y = np.zeros_like(x)
    y[x > 0] = np.arange(2.0)
    return y


@pytest.mark.parametrize("name", REFUSED)
def test_what_members_may_differ_in_is_refused(name):
    f, says = REFUSED[name]
    with pytest.raises(ADError, match=says):
        vmap(f)(np.array([[0.5, -1, 2, -3], [3, 1, -2, -0.5], [-1, 0.5, -3, 2], [2, -3, 1, 0.5], [-0.3, 2, 3, -1]]))


def test_axes_that_are_not_there():
    for in_axes, args, says in [
        ((0, 0), (X,), "1 positional"),
        (0, (X, M[:3]), "3 and 5 members"),
        (None, (X,), "nothing to map"),
        ((None, None), (X, X), "nothing to map"),
        (0, (3.0,), "axis 0 of 3.0"),
        (2, (X,), "axis 2"),
        (0, ([1.0, 2.0],), "np.array"),
        ((0, {"v": 0}), (X, {"w": X}), "in_axes"),
        ("0", (X,), "in_axes"),
        (True, (X,), "in_axes"),
        (0, (np.array(["a", "b"]),), "dtype"),
    ]:
        with pytest.raises(InputError, match=says):
            vmap(lambda *x: X[0], in_axes)(*args)
    for out_axes, says in [(2, "shape"), (None, "differs"), ((0, 0), "out_axes"), ({"a": 0}, "out_axes")]:
        with pytest.raises(InputError, match=says):
            vmap(np.sum, 0, out_axes)(X)
    with pytest.raises(InputError, match="can't be called"):
        vmap(3.0)
    with pytest.raises(IndexError, match="astype"):
        vmap(lambda x, i: x[i])(X, S)
    with pytest.raises(IndexError, match="out of bounds"):
        vmap(lambda x, i: x[i])(X, I + 4)


def test_a_batch_may_not_outlive_its_call():
    kept = []
    vmap(lambda x: kept.append(x) or x)(X)
    with pytest.raises(EscapedBoxError):
        kept[0] + 1.0
    with pytest.raises(EscapedBoxError):
        vmap(lambda x: kept[0])(X)


def test_a_lost_derivative_is_still_refused():
    with pytest.raises(ConversionError):
        grad(lambda x: np.sum(vmap(lambda r: r.astype(int))(x)))(X)
    with pytest.raises(ADError, match="no derivative rule"):
        grad(lambda x: np.sum(vmap(lambda r: np.isnat(r))(x)))(X)
