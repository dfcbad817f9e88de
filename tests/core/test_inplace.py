"""In-place assignment: y[i] = v, y += v and views give what NumPy gives, and the derivatives of that program."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import grad, hessian, hvp, jacobian, jvp, record, vjp
from adcourse.core.errors import MutationError

from .examples import EXAMPLES, draw

X = np.array([1.3, -0.7, 0.4, 2.1])

# ---------------------------------------------------------------------------------------------- programs people write


def time_stepping(x):
    U = np.zeros((5, 4), like=x)
    U[0] = x
    for k in range(4):
        u = U[k]
        U[k + 1] = u + 0.1 * np.sin(u) * u[::-1]
    return np.sum(U[-1] * U[2])


def cumulative(x):
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = y[i - 1] * x[i] + x[0]
    return np.sum(y * y)


def matrix(x):
    return np.array([[4.0, 1.0, 0.5], [1.0, 5.0, 0.2], [0.5, 0.2, 3.0]]) * x[0] + np.outer(x[:3], x[1:])


def gauss(x):
    A, b = matrix(x), x[1:].copy()
    for i in range(3):
        p = i + int(np.argmax(np.abs(A[i:, i])))
        A[[i, p]] = A[[p, i]]
        b[i], b[p] = b[p], b[i]
        for j in range(i + 1, 3):
            m = A[j, i] / A[i, i]
            A[j] -= m * A[i]
            b[j] -= m * b[i]
    for i in (2, 1, 0):
        b[i] = (b[i] - A[i, i + 1 :] @ b[i + 1 :]) / A[i, i]
    return np.sum(b)


def lu_in_place(x):
    A = matrix(x)
    for k in range(3):
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= A[k + 1 :, k : k + 1] * A[k, k + 1 :]
    return A[0, 0] * A[1, 1] * A[2, 2]


def cholesky_in_place(x):
    A = matrix(x) + 9.0 * np.eye(3)
    A = 0.5 * (A + A.T)
    L = np.zeros_like(A)
    for j in range(3):
        L[j, j] = np.sqrt(A[j, j] - np.sum(L[j, :j] ** 2))
        for i in range(j + 1, 3):
            L[i, j] = (A[i, j] - L[i, :j] @ L[j, :j]) / L[j, j]
    return np.log(L[0][0]) + L[2][1] * L[1][1]


def sorting_network(x):
    a = x.copy()
    for i, j in [(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)]:
        if a[i] > a[j]:
            a[i], a[j] = a[j], a[i]
    return a @ np.array([1.0, 2.0, 3.0, 4.0])


def red_black(x):
    y = x * 1.0
    for _ in range(3):
        y[1:-1:2] = 0.5 * (y[:-2:2] + y[2::2])
        y[2:-1:2] *= y[1:-2:2]
    return np.sum(y**2)


def masked(x):
    y = x * x
    y[x > 0] += np.sin(x[x > 0])
    y[y > 1.0] = 0.0
    y[[0, 0, 3]] = np.stack([x[0], x[1], x[2]])  # of two values for y[0] the last one counts
    return np.sum(y * x)


def rows_and_columns(x):
    A = np.ones((4, 4), like=x)
    A[1] = x
    A[:, 2] *= x
    A[3][1] = x[0] * x[1]
    row = A[1]
    A[0] = row * 2
    row += 1.0
    A.T[0] = x**2
    A.reshape(-1)[5:7] = x[:2]
    return np.sum(A @ A * np.arange(16.0).reshape(4, 4))


def numpys_writers(x):
    y, A = np.zeros(6, like=x), np.full_like(np.outer(x, x), x[2])
    np.copyto(y[:4], x)
    np.copyto(y, 3.0, where=np.array([False, True, False, False, True, True]))
    np.fill_diagonal(A, x)
    np.put(A, [1, 7, 1], x[:3])
    np.add.at(y, [0, 0, 5], x[1:])
    np.subtract.at(A, (slice(None), 3), x)
    np.putmask(y, np.arange(6) > 3, x)
    np.put_along_axis(A, np.array([[1], [0], [3], [2]]), x[0] * x[1], axis=1)
    z = x * x
    z.fill(x[3])
    return np.sum(A * A) + np.sum(y * y) + z[0]


def scalars(x):
    s = np.zeros_like(x[0])
    alias = s
    s += x[0] * x[1]
    s[...] = s * x[2]
    total = 0.0
    total += alias * x[3]
    total *= x[0]
    total -= total**2
    return total


PROGRAMS = [time_stepping, cumulative, gauss, lu_in_place, cholesky_in_place, sorting_network, red_black, masked,
            rows_and_columns, numpys_writers, scalars]  # fmt: skip


def plain_run(f, x):
    """The program on plain arrays: ``like=`` may be a plain array too. Its own copy: the program may write to it."""
    return f(np.array(x))


def complex_step(f, x, h=1e-30):
    """Exact derivatives of an analytic program, from NumPy alone."""
    return np.array([plain_run(f, x + 1j * h * e).imag / h for e in np.eye(len(x))])


def central(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_programs_that_fill_arrays(f):
    value, pullback = vjp(f, X)
    assert float(value) == float(plain_run(f, X)) == record(f, X).value
    g = pullback(1.0)[0]
    np.testing.assert_allclose(g, central(lambda x: plain_run(f, x), X), rtol=1e-7, atol=1e-7)
    forward = [jvp(f, (X,), (e,))[1] for e in np.eye(4)]
    np.testing.assert_allclose(forward, g, rtol=1e-12, atol=1e-12)
    H = hessian(f)(X)
    np.testing.assert_allclose(H, central(grad(f), X), rtol=1e-6, atol=1e-6)
    for outer in (jacobian, lambda g: lambda x: np.stack([jvp(g, (x,), (e,))[1] for e in np.eye(4)], axis=-1)):
        forward_gradient = lambda x: np.stack([jvp(f, (x,), (e,))[1] for e in np.eye(4)])
        np.testing.assert_allclose(outer(forward_gradient)(X), H, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(outer(grad(f))(X), H, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("f", [time_stepping, cumulative, lu_in_place], ids=lambda f: f.__name__)
def test_the_other_modes_follow_the_writes(f):
    from adcourse.methods.analytic import imaginary_part
    from adcourse.methods.symbol import Symbol, Tracing

    e = np.array([0.2, -1.0, 0.5, 0.3])
    slope = imaginary_part(lambda t: f(X + t * e), np.float64(0.0), 1e-30) / 1e-30
    assert slope == pytest.approx(float(grad(f)(X) @ e), rel=1e-12)
    import sympy as sp

    letters = sp.symbols("a:4", real=True)
    formula = f(Symbol(np.array(letters, dtype=object), Tracing())).value
    numbers = dict(zip(letters, X, strict=True))
    found = [float(formula.diff(a).subs(numbers)) for a in letters]
    np.testing.assert_allclose(found, grad(f)(X), rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------------------------------- random programs


def random_index(rng, shape):
    """Slices, numbers, masks, arrays with repeated entries, new axes, an ellipsis: whatever NumPy takes."""
    kind = rng.integers(7)
    if kind == 0:
        return Ellipsis
    if kind == 1 and shape:
        return rng.random(shape) < 0.5
    if kind == 2 and shape:
        return rng.integers(-shape[0], shape[0], rng.integers(0, 4))
    if kind == 3 and len(shape) > 1:
        return tuple(rng.integers(0, n, 3) for n in shape)
    parts = []
    for n in shape[: rng.integers(len(shape) + 1)]:
        if rng.random() < 0.3:
            parts.append(int(rng.integers(-n, n)))
        else:
            parts.append(slice(*(None if rng.random() < 0.4 else int(rng.integers(-n, n)) for _ in range(2)),
                               [None, 1, 2, -1, -2][rng.integers(5)]))  # fmt: skip
    if kind == 4:
        parts.insert(rng.integers(len(parts) + 1), None)
    return tuple(parts)


def nonempty_index(rng, a):
    index = random_index(rng, a.shape)
    return index if np.size(np.zeros(a.shape)[index]) else Ellipsis


VIEWS = [
    lambda a, rng: a[nonempty_index(rng, a)],
    lambda a, rng: a.T,
    lambda a, rng: a.reshape(-1),
    lambda a, rng: np.ravel(a),
    lambda a, rng: np.expand_dims(a, 0),
    lambda a, rng: np.squeeze(a),
    lambda a, rng: a[::-1] if a.shape else a,
    lambda a, rng: np.swapaxes(a, 0, -1) if a.ndim > 1 else np.reshape(a, (-1, 1)),
    lambda a, rng: np.moveaxis(a, 0, -1) if a.ndim else a[None],
]


def random_program(seed):
    """A straight-line program of writes, reads, views and ``+=``; the same on plain, complex and traced arrays."""

    def program(x):
        rng = np.random.default_rng(seed)
        arrays, out = [x.copy(), np.zeros_like(x), np.outer(x[:3], x[:2]), np.array([x[0], x[1]], like=x), x], 0.0
        arrays += [np.ones((2, 3), like=x) * (1.0 + 0.0 * x[0]), np.zeros_like(x[0])]
        writable = lambda: [a for k, a in enumerate(arrays) if k not in borrowed]
        borrowed = {4}  # the argument itself, and its views
        pick = lambda items: items[rng.integers(len(items))]
        for _ in range(rng.integers(4, 16)):
            do = rng.integers(12)
            k = int(rng.integers(len(arrays)))
            a = arrays[k]
            if do <= 2:  # a view, where NumPy makes one
                new = pick(VIEWS)(a, rng)
                if not np.size(new) or not np.shape(new) or new.ndim > 3:
                    continue
                arrays.append(new)
                if k in borrowed:
                    borrowed.add(len(arrays) - 1)
            elif do == 3:
                arrays.append([np.copy, lambda a: a.copy(), lambda a: a.flatten(), lambda a: +a][rng.integers(4)](a))
                if not arrays[-1].shape:
                    arrays.pop()
            elif do == 4:
                arrays.append(np.sin(a) * pick([0.5, x[1]]) if a.shape else x * a)
            else:  # a write
                y = pick(writable())
                index = random_index(rng, y.shape)
                like = np.zeros(y.shape)[index]
                v = pick([1.5, x[0], x[1] * x[2], a, np.cos(a), np.sum(a), rng.normal(size=np.shape(like))])
                if np.shape(v) != np.shape(like)[np.ndim(like) - np.ndim(v) :] or np.ndim(v) > np.ndim(like):
                    v = np.sum(v)
                if do == 5 and y.shape:
                    y[index] += v
                elif do == 6 and y.shape:
                    y[index] *= v
                elif do == 7 and y.shape:
                    y -= np.sum(v) * 0.3
                elif do == 8 and y.shape:
                    i, j = rng.integers(0, len(y), 2)
                    y[i], y[j] = y[j], y[i]
                elif do == 9 and len(y.shape) and len(y) > 1:
                    y[1:] = y[:-1]
                else:
                    y[index] = v
            out = out + 0.1 * np.sum(np.sin(pick(arrays)))  # what is read now must not feel later writes
        return out + sum(np.sum(a * a * 0.1) for a in arrays)

    return program


def check_random_program(seed, orders=2):
    f = random_program(seed)
    x = np.random.default_rng(seed + 1).uniform(-1.5, 1.5, 4)
    value, pullback = vjp(f, x)
    assert float(value) == float(f(x.copy())), seed
    g = pullback(1.0)[0]
    exact = complex_step(f, x)
    scale = 1e-11 * (1 + np.max(np.abs(exact)))
    np.testing.assert_allclose(g, exact, rtol=1e-11, atol=scale, err_msg=str(seed))
    np.testing.assert_allclose([jvp(f, (x,), (e,))[1] for e in np.eye(4)], exact, rtol=1e-11, atol=scale)
    if orders > 1:
        H = hessian(f)(x)
        v = np.array([0.3, -1.0, 0.7, 0.2])
        scale = 1e-10 * (1 + np.max(np.abs(H)))
        np.testing.assert_allclose(hvp(f, x, v), H @ v, rtol=1e-10, atol=scale, err_msg=str(seed))
        np.testing.assert_allclose(grad(lambda x: jvp(f, (x,), (v,))[1])(x), H @ v, rtol=1e-10, atol=scale)
        np.testing.assert_allclose(grad(lambda x: grad(f)(x) @ v)(x), H @ v, rtol=1e-10, atol=scale)
        second = jvp(lambda x: jvp(f, (x,), (v,))[1], (x,), (v,))[1]
        np.testing.assert_allclose(second, v @ H @ v, rtol=1e-10, atol=scale)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32))
def test_random_programs(seed):
    """The value is NumPy's own, to the last bit; the derivative is that of NumPy's run on x + ih."""
    with np.errstate(all="ignore"):
        check_random_program(seed)


# ---------------------------------------------------------------------------------------------- views


def leaves(x):
    return [leaf for part in x for leaf in leaves(part)] if isinstance(x, (tuple, list)) else [x]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_what_shares_memory_in_numpy_shares_writes(name):
    """Every function of the table: its result sees a write into its operand if and only if NumPy's own result does."""
    for call, domains, shapes in EXAMPLES[name]:
        operands = draw(np.random.default_rng(len(name)), domains, shapes)
        operands = [np.array(x) if shape else x for x, shape in zip(operands, shapes, strict=True)]
        for k, shape in enumerate(shapes):
            if not shape:
                continue

            def after_the_write(*xs, k=k, call=call):
                xs = [np.copy(x) for x in xs]
                results = leaves(call(*xs))
                before = [np.copy(y) for y in results]
                xs[k][...] = xs[k] + 0.25
                return results, [y - b for y, b in zip(results, before, strict=True)]

            expected, traced = after_the_write(*operands), vjp(after_the_write, *operands)[0]
            for moved, found in zip(leaves(expected[1]), leaves(traced[1]), strict=True):
                np.testing.assert_array_equal(np.asarray(found) != 0, np.asarray(moved) != 0)


def test_what_is_computed_afresh_is_contiguous_and_no_view():
    """So that reshape and ravel of it are views exactly where NumPy's are."""

    def f(x):
        _, v = np.linalg.eigh(x)
        flat = v.reshape(-1)
        flat[...] = 0.0
        p = np.prod(x[:1], axis=0)
        p[...] = 7.0
        c = np.clip(x, None, 9.0).T.copy().ravel()
        c[0] = 5.0
        return v, x, np.clip(x, -9.0, None)

    x = np.arange(8.0).reshape(2, 2, 2) + 1.0
    x = x + np.swapaxes(x, 1, 2)
    for plain, traced in zip(f(x), vjp(f, x)[0], strict=True):
        np.testing.assert_array_equal(traced, plain)


def test_a_write_is_a_row_of_the_trace():
    def f(x):
        y = np.zeros_like(x)
        y[0] = x[1]
        y[1:] += 2.0
        return np.sum(y)

    text = str(record(f, np.array([3.0, 4.0])))
    for line in ("y_1 = array([0, 0])", "y_2 = y_1 with v2 at [0]", "v5 = v4 + 2", "y_3 = y_2 with v5 at [1:]"):
        assert line in text, text
    assert "with" in record(f, np.array([3.0, 4.0]))._repr_html_()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_writes_keep_the_dtype(dtype):
    """As in NumPy, what is written takes the dtype of the array; so do the derivatives."""

    def f(x):
        y = np.zeros_like(x)
        y[0] = x[1] * 2.0
        y[1:] += np.float64(2.0) * x[:2]
        y *= np.ones(3)
        return np.sum(y * y)  # 4 x1^2 + 4 x0^2 + 4 x1^2

    x = np.array([1.5, 2.0, 3.0], dtype)
    value, pullback = vjp(f, x)
    results = [value, pullback(dtype(1.0))[0], jvp(f, (x,), (x,))[1], hessian(f)(x)]
    assert [r.dtype for r in results] == [dtype] * 4
    assert results[1].tolist() == [12.0, 32.0, 0.0] and np.diag(results[3]).tolist() == [8.0, 16.0, 0.0]


def test_writes_into_arrays_without_axes_or_elements():
    def f(x):
        y = x.copy()
        alias = y
        y += x
        y[...] *= 2.0
        return np.sum(alias * x)

    assert grad(f)(np.array(2.0)) == 16.0  # 4 x^2
    assert grad(f)(np.zeros((0, 3))).shape == (0, 3)
    assert grad(f)(np.ones(1)).tolist() == [8.0]


def test_the_past_stays():
    """What was computed from the old entries keeps its value and its derivative, in every rule that reads them."""

    def f(x):
        y = x * 1.0
        kept = [y * y, np.exp(y), np.outer(y, y), np.sqrt(y), y @ y, np.linalg.norm(y), y[1:] * y[:-1], np.prod(y)]
        y[...] = 0.0
        return sum(np.sum(k) for k in kept)

    x = np.array([0.5, 1.5, 2.5])
    np.testing.assert_allclose(grad(f)(x), central(f, x), rtol=1e-8)
    np.testing.assert_allclose(hessian(f)(x), central(grad(f), x), rtol=1e-7)


def test_levels_and_writes():
    """An outer array written to inside: the inner transform keeps what it has read; its own argument stays."""

    def f(x):
        y = x * x

        def inner(t):
            s = np.sum(t * y) + t[0] * y[1]
            y[...] = 7.0  # neither t, which began as y, nor what has been recorded
            return s * np.sum(t)

        return np.sum(grad(inner)(y) * x) + y[0]

    # grad inner(t) = (y + y1 e0) T + (t.y + t0 y1), with t = y = x^2 and T = sum y
    def by_hand(x):
        y = x * x
        return np.sum(((y + y[1] * np.eye(len(x))[0]) * np.sum(y) + y @ y + y[0] * y[1]) * x) + 7.0

    x = np.array([0.5, 1.5, -0.5])
    assert vjp(f, x)[0] == pytest.approx(by_hand(x))
    for d in (grad, hessian):
        np.testing.assert_allclose(d(f)(x), d(by_hand)(x), rtol=1e-12)
    with pytest.raises(MutationError, match="another mode"):
        grad(lambda x: jvp(lambda t: [y := np.zeros_like(x), y.fill(t)] and y[0], (x[0],), (1.0,))[1])(x)


@pytest.mark.parametrize(
    "write",
    [lambda x: x.__setitem__(0, 1.0), lambda x: x[1:].fill(0.0), lambda x: x.T.fill(0.0), lambda x: np.copyto(x, 1.0),
     lambda x: np.add.at(x, [0], 1.0), lambda x: np.negative(x, out=x), lambda x: x.reshape(-1).__iadd__(1.0)],
)  # fmt: skip
def test_the_arguments_belong_to_the_caller(write):
    x = np.ones(3)
    for d in (grad, hessian, lambda f: lambda x: jvp(f, (x,), (x,))):
        with pytest.raises(MutationError, match=r"x = x\.copy\(\)"):
            d(lambda x: write(x) or np.sum(x))(x)
    assert x.tolist() == [1.0] * 3


@pytest.mark.parametrize("write", [lambda v: v.__setitem__(0, 1.0), lambda v: v.__iadd__(1.0)])
def test_read_only_views(write):
    with pytest.raises(MutationError, match="read-only"):
        grad(lambda x: write(np.broadcast_to(x * 1.0, (2, 3))) or np.sum(x))(np.ones(3))


def test_an_array_may_be_filled_one_by_one():
    """Linear in the tape, no recursion, and the views that are gone are forgotten."""

    def f(x):
        y = np.zeros((300, 2), like=x)
        y[0] = x
        for k in range(299):
            y[k + 1] = y[k] * 0.99 + 0.01 * y[k, ::-1]
        assert len(getattr(y, "_views", ())) < 20
        return np.sum(y[-1] * y[-2])

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(grad(f)(x), central(f, x), rtol=1e-7)
