"""Never silently wrong: each case gives the right derivative or raises an error that ends in the line to write."""

import copy
import ctypes
import math
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from adcourse import derivative, grad, hessian, jacobian, jvp, record, vjp
from adcourse.core.errors import ADError, ConversionError, EscapedBoxError, MutationError, NoRuleError, ReadOnlyError

MODES = [derivative, grad]
modes = pytest.mark.parametrize("d", MODES)


# ------------------------------------------------------------------------------ values that would lose their derivative


def _fill(x):
    c = np.zeros(2)
    c[0] = x
    return c.sum()


@modes
@pytest.mark.parametrize(
    "f",
    [math.sin, lambda x: math.exp(x) * 2, float, complex, _fill, lambda x: np.asarray(x, dtype=float) * 2.0,
     lambda x: x.item(), lambda x: np.array([x, 1.0], dtype=float).sum(), lambda x: x.astype(int)],
)  # fmt: skip
def test_conversions_raise(d, f):
    with pytest.raises((ConversionError, MutationError), match="Write: "):
        d(f)(1.5)


@modes
def test_the_guilty_line_is_in_the_traceback(d):
    with pytest.raises(ConversionError) as info:
        d(_fill)(1.0)
    assert any("c[0] = x" in str(entry.statement) for entry in info.traceback)


def _iadd(x):
    c = np.zeros(3)
    c += x
    return c.sum()


def _at(x):
    c = np.zeros(3)
    np.add.at(c, [0], x)
    return c.sum()


def _copyto(x):
    c = np.zeros(3)
    np.copyto(c, x)
    return c.sum()


@modes
@pytest.mark.parametrize(
    "f",
    [_iadd, _at, _copyto, lambda x: np.full_like(np.ones(3), x).sum(),
     lambda x: np.add(x, 1.0, out=np.zeros(())), lambda x: np.sum(x * np.ones(2), out=np.zeros(()))],
)  # fmt: skip
def test_writes_raise(d, f):
    with pytest.raises((MutationError, ConversionError), match="Write: "):
        d(f)(1.5)


LARGE = 5000  # more than the tape copies


def test_a_large_buffer_the_tape_reads_is_protected():
    """y = sum(x b); then b changes: the sweep would read the new b. The write raises; b is free later."""
    b = np.ones(LARGE)
    views = b[:4500], b.reshape(LARGE, 1)

    def f(x, late):
        y = np.sum(x * b) + np.sum(x[:4500] * views[0])
        if late:
            b[:] = 2.0
        return y

    with pytest.raises(ReadOnlyError, match="read-only") as info:
        grad(f)(np.ones(LARGE), True)
    assert any("b[:] = 2.0" in str(entry.statement) for entry in info.traceback)
    assert grad(f)(np.ones(LARGE), False).tolist() == [2.0] * 4500 + [1.0] * 500
    b[:] = 3.0
    views[0][:] = 3.0
    assert b.flags.writeable and views[0].flags.writeable


@pytest.mark.parametrize(
    "write", [lambda v: v.fill(2.0), lambda v: memoryview(v).cast("B").cast("d").__setitem__(0, 2.0)]
)
def test_a_write_through_an_older_view_is_noticed(write):
    """NumPy doesn't protect the views that were there before; the tape looks at the numbers again."""
    b = np.ones(LARGE)
    older = b[:1000]

    def f(x):
        y = np.sum(x * b)
        write(older)
        return y

    with pytest.raises(ReadOnlyError, match="older view"):
        grad(f)(np.ones(LARGE))
    assert b.flags.writeable


@pytest.mark.parametrize("n", [1, 4, 100, 4096, LARGE])
def test_a_buffer_used_again(n):
    """y = sum_k sum(x b_k) with one buffer for all b_k: small ones are copied, for a large one the write raises."""
    buffer, older = np.zeros(n), None

    def f(x):
        y = 0.0
        for k in range(1, 4):
            (older if n == 4 else buffer)[...] = k
            y = y + np.sum(x * buffer) * x[0]
        return y

    older = buffer.reshape(-1, 1)
    if n == LARGE:
        with pytest.raises(ReadOnlyError):
            grad(f)(np.ones(n))
    else:
        assert grad(f)(np.ones(n)).tolist() == [6.0 + 6.0 * n] + [6.0] * (n - 1)


@pytest.mark.parametrize(
    "meet",
    [lambda x, b: x @ b, lambda x, b: np.sum(np.where(b > 0, x, 0.0) * b), lambda x, b: x[0] * b[...].reshape(-1)[0]],
)
@pytest.mark.parametrize("b", [np.ones(3), np.ones((3, 3))[1], np.full(LARGE, 2.0), np.ones((2, LARGE))[1]])
def test_buffers_are_protected_wherever_a_rule_reads_them(meet, b):
    """Also where the result is a scalar. A number taken out of the buffer is a copy and needs no protection."""

    def f(x):
        y = meet(x, b)
        b[:] = b + 1.0
        return y

    ones = np.ones(len(b))
    try:
        found = grad(f)(ones)
    except ReadOnlyError:
        assert len(b) == LARGE
        return
    b -= 1.0
    np.testing.assert_array_equal(found, grad(lambda x: meet(x, b))(ones))


def test_an_array_without_axes_is_copied():
    b = np.array(2.0)

    def f(x):
        y = x * b
        b[...] = 5.0
        return y

    assert grad(f)(3.0) == 2.0


def test_the_arguments_are_protected_too_and_given_back():
    """In every mode: a write to the caller's array, behind the back of the function, would change the argument."""
    x = np.ones(3)

    def f(y):
        out = np.sum(y * y)
        x[0] = 5.0
        return out * y[0]

    for d in (grad, hessian, lambda f: lambda x: jvp(f, (x,), (x,)), lambda f: lambda x: jacobian(f)(x)):
        with pytest.raises(ReadOnlyError, match="read-only"):
            d(f)(x)
        x[0] = 2.0
    frozen = np.ones(2)
    frozen.flags.writeable = False
    grad(lambda y: np.sum(y * frozen))(frozen)
    assert not frozen.flags.writeable  # what was read-only stays so


@pytest.mark.parametrize("n", [3, 100])
def test_memory_of_a_library_that_does_not_speak_of_it(n):
    """NumPy makes such an array read-only, but never writeable again. A write to it is noticed all the same."""
    memory = (ctypes.c_double * (n * n))()

    class Owner:
        def __init__(self):
            where = (ctypes.addressof(memory), False)
            self.__array_interface__ = {"data": where, "typestr": "<f8", "shape": (n, n), "version": 3}

    b = np.asarray(Owner())
    b[:] = np.eye(n)
    assert b.base is not None and not isinstance(b.base, np.ndarray)
    for x in (b, b[1:], b.T):
        assert np.array_equal(grad(lambda x: np.sum(x * x))(x), 2 * x)
        assert np.array_equal(jvp(lambda x: x * x, x, x)[1], 2 * x * x)
        assert b.flags.writeable and x.flags.writeable

    def overwritten(x):
        y = np.sum(x * x)
        b[:] = 5.0
        return y

    with pytest.raises(ReadOnlyError):
        grad(overwritten)(b)
    assert b.flags.writeable and np.array_equal(grad(np.sum)(b), np.ones((n, n)))


def test_two_tapes_hold_one_array():
    """An inner tape that lets go must not free what the outer one still reads, nor views of it."""
    b = np.arange(1.0, 2.0 * LARGE + 1.0)
    halves = b[:LARGE], b[LARGE:]

    def outer(x):
        y = np.sum(x * halves[0])
        z = grad(lambda w: np.sum(w * b) * np.sum(w[LARGE:] * halves[1]))(np.ones(2 * LARGE))
        assert not b.flags.writeable
        assert not halves[0].flags.writeable
        return y + z[0] * x[0]

    z = np.sum(halves[1])  # d/dw_0 [(w.b)(w[n:].b[n:])] = b_0 sum(b[n:]) at w = 1
    assert grad(outer)(np.ones(LARGE)).tolist() == [1.0 + z, *halves[0][1:]]
    for array in (b, *halves):
        array[0] = 0.0


def test_an_unread_buffer_stays_free():
    b = np.zeros(3)

    def f(x):
        y = x + b  # addition reads nothing
        b[:] = 7.0
        return np.sum(y * y)

    assert grad(f)(np.ones(3)).tolist() == [2.0, 2.0, 2.0]


def test_records_that_outlive_the_call_own_their_data():
    x, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    _, pullback = vjp(lambda x: x * b * x, x)
    tape = record(lambda x: np.sum(x * b), x)
    x[:], b[:] = -1.0, -1.0
    assert pullback(np.ones(2))[0].tolist() == [6.0, 16.0]
    assert tape.adjoints()[0].tolist() == [3.0, 4.0]


def test_an_index_is_copied():
    x, index = np.array([1.0, 2.0, 3.0]), np.array([0, 0])

    def f(x):
        y = x[index]
        index[:] = 2
        return np.sum(y * y)

    assert grad(f)(x).tolist() == [4.0, 0.0, 0.0]


# ------------------------------------------------------------------------------ copies, keys, np.asarray


def test_copies_of_traced_values():
    """copy.copy and copy.deepcopy make arrays of their own, on the tape; pickling would cut the connection."""

    def f(x):
        kept = {"y": x * 1.0, "s": [x[0], x]}
        other = copy.deepcopy(kept)
        other["y"][0] = x[1]
        again = copy.copy(other["y"])
        again[1] = 0.0
        return np.sum(kept["y"] ** 2) + np.sum(other["y"] ** 3) + np.sum(again) + other["s"][0] * x[1]

    # x0^2 + x1^2 + 2 x1^3 + x1 + x0 x1
    x = np.array([3.0, 2.0])
    assert grad(f)(x).tolist() == [8.0, 4.0 + 24.0 + 1.0 + 3.0]
    assert hessian(f)(x).tolist() == [[2.0, 1.0], [1.0, 26.0]]
    with pytest.raises(ConversionError, match="pickling"):
        grad(lambda x: pickle.dumps(x) and x)(1.0)


@modes
@pytest.mark.parametrize("text", [str, repr, "{:.17g}".format, "{}".format, np.array2string, np.array_str])
def test_text_does_not_become_a_number_again(d, text):
    with pytest.raises((ValueError, TypeError, ADError)):
        d(lambda x: float(text(x)))(1.5)


@modes
def test_keys(d):
    """One key for each traced number; two that are equal would be one in the plain program, so they are refused."""
    assert d(lambda x: (lambda t: t[x] * sum({x, x, 2 * x}))({x: x * x}))(3.0) == 81.0  # x^2 3x
    with pytest.raises(ConversionError, match="same value"):
        d(lambda x: sum({x, x + 0.0}))(3.0)
    memo = {1.0: 5.0}  # a result of plain numbers must not pass for that of a traced one
    assert d(lambda x: memo.get(x, x * x))(1.0) == 2.0
    with pytest.raises(TypeError, match="NumPy array"):
        d(lambda x: len({x * np.ones(2)}) * x)(1.0)


def test_asarray_of_an_array_that_is_written_to():
    """In NumPy, np.asarray(y) is y: neither may go stale."""

    def write(x, to):
        y = x * 1.0
        z = np.asarray(y)
        (z if to == "z" else y)[0] = 5.0
        return np.sum(y * z)

    for to in "zy":
        with pytest.raises(MutationError):
            grad(write)(np.ones(3), to)

    def done(x):
        y = np.array(x)
        y[0] = 5.0
        z = x * 1.0
        s = np.sum(np.asarray(z) * x)
        z[0] = 5.0  # the array of objects is gone
        return s + np.sum(y)

    assert grad(done)(np.ones(3)).tolist() == [2.0, 3.0, 3.0]


# ------------------------------------------------------------------------------ escaped values


@pytest.mark.parametrize(
    "use",
    [lambda b: b * 2, lambda b: b > 0, bool, np.sin, lambda b: b[()], lambda b: grad(lambda y: y * b)(1.0),
     lambda b: derivative(lambda y: y + b)(1.0), lambda b: grad(lambda y: b)(1.0)],
)  # fmt: skip
@modes
def test_escaped_values_raise(d, use):
    kept = []
    d(lambda x: kept.append(x) or x)(1.0)
    with pytest.raises(EscapedBoxError, match="Write: "):
        use(kept[0])


@modes
def test_generators_and_closures_that_outlive_the_call(d):
    def powers(x):
        while True:
            yield x
            x = x * 2.0

    kept = []

    def f(x):
        p = powers(x)
        kept.append(p)
        kept.append(lambda: x + 1.0)
        return next(p) + next(p)

    assert d(f)(1.0) == 3.0
    with pytest.raises(EscapedBoxError):
        next(kept[0])
    with pytest.raises(EscapedBoxError):
        kept[1]()


@modes
def test_a_box_of_an_open_outer_level_is_a_constant(d):
    assert d(lambda x: x * grad(lambda y: y * y)(x))(3.0) == 12.0


# ------------------------------------------------------------------------------ rules that aren't there


@modes
@pytest.mark.parametrize(
    "f, name",
    [(lambda x: np.ravel(x * np.ones(3), order="K").sum(), "order"), (lambda x: np.sin(x, where=False), "where"),
     (lambda x: np.add.reduceat(x * np.ones(3), [0, 2]).sum(), "reduceat"),
     (lambda x: np.histogram(x * np.ones(3))[0].sum(), "histogram"), (lambda x: np.bitwise_count(x), "bitwise_count"),
     (lambda x: np.pad(x * np.ones(3), 1, mode="linear_ramp").sum(), "linear_ramp"),
     (lambda x: np.quantile(x * np.ones(3), 0.5, method="hazen"), "hazen"),
     (lambda x: np.linalg.eigvals(x * np.eye(2)).sum(), "eig")],
)  # fmt: skip
def test_a_function_without_a_rule_is_named(d, f, name):
    with pytest.raises(NoRuleError, match=name) as info:
        d(f)(0.7)
    assert "elementwise(" in str(info.value) or "Write" in str(info.value)


# ------------------------------------------------------------------------------ object arrays


@modes
def test_arrays_built_from_entries(d):
    assert d(lambda x: np.sum(np.array([x, x**2, 3.0])))(2.0) == 5.0
    assert d(lambda x: np.sum(np.sin(np.array([x, 2 * x]))))(0.5) == pytest.approx(math.cos(0.5) + 2 * math.cos(1.0))
    assert d(lambda x: np.sum(np.array([x, x]) @ np.ones((2, 3))))(0.5) == 6.0
    assert d(lambda x: np.linalg.det(x * np.array([[x, 1.0], [2.0, x]])))(2.0) == pytest.approx(4 * 8 - 8.0)
    assert d(lambda x: np.array([x, x**2]).mean() + np.array([x, 3 * x]).var())(2.0) == 2.5 + 4.0
    assert d(lambda x: np.full(3, x).sum())(2.0) == 3.0
    assert d(lambda x: [1.0, 2.0] @ (np.array([x, x]) * x))(3.0) == 18.0


def test_arrays_of_entries_as_results():
    J = jacobian(lambda x: np.array([[x[0], x[1]], [x[0] * x[1], 1.0]]))(np.array([2.0, 3.0]))
    assert J.tolist() == [[[1.0, 0.0], [0.0, 1.0]], [[3.0, 2.0], [0.0, 0.0]]]
    y, dy = jvp(lambda t: np.array([t, t * t]), 3.0, 1.0)
    assert y.tolist() == [3.0, 9.0] and dy.tolist() == [1.0, 6.0] and y.dtype == dy.dtype == float


@modes
def test_a_function_that_refuses_object_arrays_teaches(d):
    with pytest.raises(ConversionError, match=r"np\.stack") as info:
        d(lambda x: np.linalg.det(np.array([[x, 1.0], [2.0, x]])))(3.0)
    assert any("np.linalg.det" in str(entry.statement) for entry in info.traceback)
    rows = lambda x: np.stack([np.stack([x, np.float64(1.0)]), np.stack([np.float64(2.0), x])])
    assert d(lambda x: np.linalg.det(rows(x)))(3.0) == pytest.approx(6.0)


def test_asarray_of_a_traced_array():
    assert grad(lambda x: np.sum(np.asarray(x) ** 2))(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert grad(lambda x: np.asarray(x) * 2.0)(1.0) == 2.0


# ------------------------------------------------------------------------------ no derivative, and plain answers


@modes
@pytest.mark.parametrize(
    "f, slope",
    [(lambda x: x * np.sign(x), 1.0), (lambda x: x - np.floor(x), 1.0), (lambda x: x * (x // 1), 1.0),
     (lambda x: x % 1, 1.0), (lambda x: x * round(x), 2.0), (lambda x: x * int(x), 1.0),
     (lambda x: x * math.floor(x), 1.0), (lambda x: 7 // x + x, 1.0),
     (lambda x: x * np.argmax(np.array([0.0, 1.0]) * x), 1.0), (lambda x: x * np.size(x) + np.ndim(x), 1.0),
     (lambda x: np.sum(np.zeros_like(x) + x), 1.0),
     (lambda x: x if np.isfinite(x) and np.allclose(x, x) else 0.0, 1.0)],
)  # fmt: skip
def test_piecewise_constant_functions(d, f, slope):
    assert d(f)(1.7) == pytest.approx(slope)


@modes
def test_conventions_at_kinks(d):
    """What stands beside the rule in the table."""
    assert d(np.abs)(0.0) == 0.0
    assert d(lambda x: np.maximum(x, 0.0))(0.0) == d(lambda x: np.minimum(0.0, x))(0.0) == 0.5
    assert d(lambda x: np.maximum(x, x))(1.0) == 1.0
    assert d(lambda x: x**0)(0.0) == 0.0 and d(lambda x: x**1)(0.0) == 1.0 and d(d(lambda x: x**2))(0.0) == 2.0
    assert d(lambda x: 0.0**x)(2.0) == 0.0
    # an exponent that happens to be 0 is not a constant: d/dy d/dx x^y = x^(y-1) (1 + y log x) = 1/x at y = 0
    assert d(lambda y: d(lambda x: x**y)(2.0))(0.0) == d(lambda x: d(lambda y: x**y)(0.0))(2.0) == 0.5
    assert d(lambda x: np.hypot(x, 0.0))(0.0) == 0.0
    with np.errstate(divide="ignore"):
        assert d(np.sqrt)(0.0) == d(lambda x: x**0.5)(0.0) == math.inf
        assert d(lambda x: 1.0 / x)(0.0) == -math.inf
    with np.errstate(invalid="ignore"):
        assert math.isnan(d(lambda x: x**0.5)(-8.0))  # NumPy's nan, not Python's complex number


@modes
def test_where_guards_a_singular_branch_from_its_value(d):
    """A singular derivative in the branch not taken gives nan in reverse (0 * inf): guard the input too."""
    assert d(lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0))(-1.0) == 0.0


@modes
def test_ties_nans_and_the_norm_at_zero(d):
    assert d(lambda x: np.max(np.stack([x, np.float64(2.0), x])))(2.0) == pytest.approx(2 / 3)
    assert math.isnan(d(lambda x: x * np.min(np.stack([x, np.float64(math.nan)])))(1.0))
    assert d(lambda x: np.linalg.norm(x * np.ones(3)))(0.0) == 0.0
    assert d(lambda x: np.clip(x, 0.0, 1.0))(2.0) == 0.0


@modes
def test_products_with_zeros(d):
    assert d(lambda x: np.prod(np.array([x, 2.0, x])))(0.0) == 0.0
    assert d(d(lambda x: np.prod(np.array([x, 2.0, x]))))(0.0) == 4.0
    assert d(lambda x: np.prod(x * np.array([0.0, 1.0])) + x)(3.0) == 1.0


# ------------------------------------------------------------------------------ threads, size, cost


def test_two_threads_at_once():
    barrier = threading.Barrier(4)
    shared = np.linspace(0, 1, 50)

    def work(k):
        barrier.wait()
        return [
            float(grad(lambda x: derivative(lambda y: np.sum(np.sin(k * x * y * shared)))(x))(0.5)) for _ in range(50)
        ]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(1, 5)))
    for k, values in enumerate(found, 1):
        a = k * shared  # d/dx [ sum a x cos(a x^2) ] = sum a cos(a x^2) - 2 a^2 x^2 sin(a x^2)
        exact = np.sum(a * np.cos(a * 0.25) - 2 * a**2 * 0.25 * np.sin(a * 0.25))
        np.testing.assert_allclose(values, exact, rtol=1e-12)
    shared[0] = 1.0  # and the shared array is writeable again


def test_a_hundred_thousand_operations_deep():
    """One loop, no recursion: (x + c)^..., 100,000 operations, value n x."""

    def f(x):
        y = 0.0
        for _ in range(100_000):
            y = y + x
        return y

    assert grad(f)(3.0) == 100_000.0


def test_indexing_in_a_loop_scatters_once():
    """n reads of x[i] meet in one buffer: n scatters into one array of n, not n arrays of n."""
    made = []

    class Counting(np.ndarray):
        def __array_function__(self, function, types, args, kwargs):
            if function is np.zeros_like:
                made.append(kwargs.get("shape"))
            return super().__array_function__(function, types, args, kwargs)

    x = np.arange(500.0).view(Counting)

    def f(x):
        s = 0.0
        for i in range(len(x)):
            s = s + x[i] * x[i - 1] * np.ones(1).view(Counting)
        return s[0]

    g = np.asarray(grad(f)(x))
    exact = np.roll(np.arange(500.0), 1) + np.roll(np.arange(500.0), -1)
    np.testing.assert_array_equal(g, exact)
    assert made.count((500,)) <= 2


def test_the_first_transform_a_program_meets_may_be_of_a_complex_number():
    """np.fft's rules load when they are needed, also if a traced complex number needs them first."""
    code = (
        "import numpy as np, adcourse\n"
        "print(adcourse.grad(lambda x: np.sum(np.fft.hfft(x * (1 + 1j), 6)))(np.arange(4.0)).tolist())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    np.testing.assert_allclose(eval(run.stdout), [6.0, 0.0, 0.0, 0.0], atol=1e-14)  # the sum is n times the first


@pytest.mark.parametrize("transform", [grad, derivative])
def test_numpy_functions_that_ask_objects_for_a_dtype_teach(transform):
    def f(x):
        rows = np.median(np.array([[x, 2 * x], [x * x, 1.0]]), axis=-1)
        return np.linalg.norm(rows, -2)

    with pytest.raises(ConversionError, match="array of Python objects"):
        transform(f)(0.9)


NARROW = np.arange(4, dtype=np.float32) / 3


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.sum(x) * NARROW * x[0]),
        lambda x: np.sum((x[0] * x[1] - 0.5) * NARROW),
        lambda x: np.sum(np.where(NARROW > 0.5, np.sin(x[0]) ** 2, NARROW)),
        lambda x: x[1] * 2.0 * np.float32(0.7) + np.float64(0.1) * x[2] * np.float32(0.7),
        lambda x: np.sum(NARROW / x[0] - x[1] ** NARROW + np.mean(x) * NARROW),
    ],
)
def test_double_precision_beside_single_stays_double(f):
    """A np.float64 wins beside float32, in value and gradient, although numbers travel as Python floats on a tape."""
    x = np.array([1.1, 2.3, -0.7])
    y, pullback = vjp(f, x)
    assert y == f(x)
    assert np.asarray(y).dtype == np.asarray(f(x)).dtype
    np.testing.assert_allclose(pullback(1.0)[0], [jvp(f, (x,), (e,))[1] for e in np.eye(3)], rtol=1e-14)


def test_a_python_float_gives_way_to_single_precision_as_in_numpy():
    f = lambda s: (s * 2.0 + 1.0) * NARROW
    y, dy = jvp(f, (0.3,), (1.0,))
    assert y.dtype == dy.dtype == vjp(f, 0.3)[0].dtype == f(0.3).dtype == np.float32
    g = lambda s: np.sin(s) * NARROW  # np.sin makes a np.float64 of it
    assert vjp(g, 0.3)[0].dtype == g(0.3).dtype == np.float64
    np.testing.assert_array_equal(vjp(g, 0.3)[0], g(0.3))


# ------------------------------------------------------------------------------ questions are noticed

X = np.array([0.3, -1.2, 2.0])
QUESTIONS = {
    "comparison": lambda x: x[0] > 0,
    "truth": lambda x: 1.0 if x[0] else 2.0,
    "int": lambda x: int(x[0]),
    "where": lambda x: np.where(x > 0, x, 0.0),
    "maximum": lambda x: np.sort(x)[-1],
    "argmax": lambda x: x[np.argmax(x)],
    "frexp": lambda x: np.frexp(x)[0],
    "unwrap": lambda x: np.unwrap(5.0 * x),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "interp": lambda x: np.interp(x, [-2.0, 0.0, 2.0], [1.0, 0.0, 3.0]),
    "digitize": lambda x: np.digitize(x, [0.0]),
    "key": lambda x: {x[0]: 1.0},
    "sign": lambda x: np.sign(x),
    "floor": lambda x: np.floor(x),
    "isfinite": lambda x: np.isfinite(x),
    "range": lambda x: sum(x[k] for k in range(int(x[2]))),
    "minimum by Python": lambda x: min(x),
}
STRAIGHT = {
    "arithmetic": lambda x: x * x - 3.0 / x + x**3,
    "functions": lambda x: np.exp(np.sin(x)) + np.tanh(x) * np.arctan(x),
    "shapes": lambda x: np.reshape(np.stack([x, x.T]), (3, 2))[1:].sum(0),
    "linear algebra": lambda x: np.linalg.solve(np.eye(3) * 2 + np.outer(x, x), x),
    "einsum": lambda x: np.einsum("i,j->ij", x, x),
    "writing": lambda x: _filled(x),
    "shape": lambda x: x * len(x) + np.size(x) + x.ndim,
}


def _filled(x):
    y = np.zeros_like(x)
    y[1:] = x[:-1] * 2.0
    return y


@pytest.mark.parametrize("name", [*QUESTIONS, *STRAIGHT])
def test_a_level_knows_whether_it_was_asked(name):
    """What a program decided by its values holds at these values only: replay and solvers must know."""
    f, seen = (QUESTIONS | STRAIGHT)[name], []

    def program(x):
        seen.append(x.level)
        f(x)
        return x

    jvp(program, (X,), (X,))
    assert seen[0].asked == (name in QUESTIONS)
