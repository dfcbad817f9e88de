"""Sparse Jacobians and Hessians: no entry is ever missed, whatever the program; and how many sweeps they take."""

import sys

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from adcourse import custom_rule, grad, hessian, jacobian, jvp, replay, sparse_hessian, sparse_jacobian
from adcourse.core import sparse
from adcourse.core.arguments import recording
from adcourse.core.errors import InputError
from adcourse.core.jacobians import many
from adcourse.core.sparsity import dependence
from adcourse.functions.sparse import Sparse

from ..fuzz.check import quiet
from ..fuzz.generate import draw as draw_program
from ..fuzz.programs import namespace
from .examples import EXAMPLES, draw

# Everything else has exactly the pattern of its Jacobian at a generic point. Of these, some count as full where the
# function has structure (of linalg and fft), some depend on fewer numbers at one point than elsewhere (extremes).
FULL = """
    det solve cholesky qr norm fft rfft irfft fft2 fftn rfftn irfftn max min var ptp ufunc.reduce ufunc.accumulate
    maximum minimum fmax fmin remainder fmod heaviside ufunc.outer nan take cov clip trapezoid linspace polynomial
    elementary
""".split()
CASES = [
    pytest.param(name, call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


def all_of(f, args):
    """The Jacobian by all arguments, as one dense matrix: block beside block."""
    J = jacobian(lambda *xs: _flat(f(*xs)), argnums=tuple(range(len(args))))(*args)
    return np.concatenate([np.reshape(block, (block.shape[0], -1)) for block in J], axis=1)


def _flat(y):
    return np.concatenate([np.reshape(part, -1) for part in (y if isinstance(y, tuple) else (y,))])


def pattern(f, args):
    with recording(f, args, tuple(range(len(args)))) as (tape, _, _, values, _):
        return dependence(tape, values).toarray()


@pytest.mark.parametrize("name, call, domains, shapes", CASES)
def test_the_pattern_of_every_rule(name, call, domains, shapes):
    rng = np.random.default_rng(sum(map(ord, name)))
    x = tuple(draw(rng, domains, shapes))
    S, there = pattern(call, x), all_of(call, x) != 0
    assert not np.any(there & ~S)
    if name not in FULL:
        np.testing.assert_array_equal(S, there)
    w = rng.normal(size=np.shape(call(*x)))
    gradient = grad(lambda *xs: np.sum(w * call(*xs)), tuple(range(len(x))))
    assert not np.any((all_of(gradient, x) != 0) & ~pattern(gradient, x))


@pytest.mark.parametrize("seed", range(60))
@quiet()
def test_random_programs(seed):
    """Their lines' unread values side by side: the Jacobian, both ways, and the Hessian of their sum."""
    program = draw_program(seed, 9)
    body = "".join(f"    {line}\n" for _, text in program.lines for line in text.splitlines())
    space = dict(namespace(np))
    exec(f"def f({', '.join(program.inputs)}):\n{body}    return ({', '.join(program.sinks)},)", space)
    f, x = space["f"], tuple(program.inputs.values())
    every, J = tuple(range(len(x))), all_of(f, x)
    for mode in (None, "forward", "reverse"):
        np.testing.assert_allclose(sparse_jacobian(f, every, mode=mode)(*x).toarray(), J, 1e-8, 1e-8)
    if program.order > 1:
        g = program.function()
        H = sparse_hessian(g, every)(*x).toarray()
        np.testing.assert_allclose(H, all_of(grad(g, every), x), 1e-7, 1e-7)


# ------------------------------------------------------------------------------ sweeps


def tridiagonal(x):
    """Broyden's function: x_i with its neighbours."""
    y = (3 - 2 * x) * x + 1
    return y - np.concatenate([[0.0], x[:-1]]) - 2 * np.concatenate([x[1:], [0.0]])


def its_jacobian(x):
    n = len(x)
    return np.diag(3 - 4 * x) - np.eye(n, k=-1) - 2 * np.eye(n, k=1)


def in_a_loop(x):
    """The same, number by number."""
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = (3 - 2 * x[i]) * x[i] + 1
        if i > 0:
            y[i] -= x[i - 1]
        if i + 1 < len(x):
            y[i] -= 2 * x[i + 1]
    return y


def in_a_list(x):
    ends = [0.0, *x, 0.0]
    return np.array([(3 - 2 * b) * b + 1 - a - 2 * c for a, b, c in zip(ends, ends[1:], ends[2:], strict=False)])


@given(st.integers(1, 40), st.sampled_from((tridiagonal, in_a_loop, in_a_list)), st.integers(0, 99))
def test_tridiagonal_takes_three_sweeps_for_any_n(n, f, seed):
    x = np.random.default_rng(seed).normal(size=n)
    J = sparse_jacobian(f)
    assert J.sweeps(x) == min(n, 3) and J.mode(x) == "forward"
    np.testing.assert_allclose(J(x).toarray(), its_jacobian(x), 1e-14, 1e-14)
    assert J(x).info == (min(n, 3), "forward")


@pytest.mark.parametrize("n", [3, 30])
def test_an_arrow(n):
    """Its last row is full: n sweeps forwards, two backwards; transposed the other way round."""

    def arrow(x):
        return np.concatenate([np.sin(x[:-1]), [np.sum(x**2)]])

    def transposed(x):
        return np.concatenate([np.sin(x[:-1]) * x[-1], x[-1:]])

    x = np.random.default_rng(n).normal(size=n)
    for f, few in ((arrow, "reverse"), (transposed, "forward")):
        J = sparse_jacobian(f)
        assert (J.sweeps(x), J.mode(x)) == (2, few)
        many = sparse_jacobian(f, mode="forward" if few == "reverse" else "reverse")
        assert many.sweeps(x) == n
        for matrix in (J, many):
            np.testing.assert_allclose(matrix(x).toarray(), jacobian(f)(x), 1e-13, 1e-13)


def test_a_constant_matrix_keeps_its_zeros():
    rng = np.random.default_rng()
    A = rng.normal(size=(12, 9)) * (rng.random((12, 9)) < 0.2)
    A[0, 0] = 1.0
    x = rng.normal(size=9)
    for f in (lambda x: A @ x, lambda x: x @ A.T, lambda x: np.einsum("ij,j->i", A, x), lambda x: np.dot(A, x)):
        J = sparse_jacobian(f)(x)
        assert J.nnz == np.count_nonzero(A)
        np.testing.assert_allclose(J.toarray(), A, 1e-15)
    X = rng.normal(size=(2, 9, 3))
    np.testing.assert_array_equal(pattern(lambda X: A @ X, (X,)), np.kron(np.eye(2), np.kron(A != 0, np.eye(3))) > 0)
    kernel = np.array([1.0, 0.0, 2.0])
    assert sparse_jacobian(lambda x: np.convolve(x, kernel))(x).nnz == 18


def test_matrices_of_a_batch_stay_apart():
    A = np.random.default_rng(3).normal(size=(4, 3, 3)) + 3 * np.eye(3)
    for f in (np.linalg.inv, np.linalg.det, lambda A: np.linalg.solve(A, np.ones((3, 1))), np.linalg.pinv):
        J = sparse_jacobian(f)
        np.testing.assert_allclose(J(A).toarray(), all_of(f, (A,)), 1e-8, 1e-10)
        assert J.sweeps(A) <= 9


# ------------------------------------------------------------------------------ Hessians


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def star(x):
    """All meet the first."""
    return np.sum(np.sin(x[0] * x[1:]))


def separable(x):
    return np.sum(np.exp(x) / (1 + x**2))


def affine(x):
    return 3.0 * x[0] - np.sum(x) + 1.0


def corner(x):
    """A number that meets others but not itself: a zero on the diagonal."""
    return x[0] * np.sum(x[1:] ** 2) + x[1] ** 3 * x[2]


@pytest.mark.parametrize(
    "f, n, sweeps",
    [(rosenbrock, 2, 2), (rosenbrock, 60, 3), (star, 50, 2), (separable, 40, 1), (affine, 20, 1), (corner, 9, 3)],
)
def test_hessians(f, n, sweeps):
    x = np.random.default_rng(n).normal(size=n)
    H = sparse_hessian(f)
    assert (H.sweeps(x), H.mode(x)) == (sweeps, "symmetric")
    found = H(x)
    np.testing.assert_allclose(found.toarray(), hessian(f)(x), 1e-11, 1e-11)
    assert found.nnz == np.count_nonzero(H.pattern(x).toarray()) <= max(0, 3 * n)


def test_a_linear_function_has_no_second_derivatives():
    assert sparse_hessian(affine)(np.ones(5)).nnz == 0


def test_second_derivatives_that_are_not_symmetric():
    """A rule of the reader's own may have such: each entry is then read in its own place, as hessian reads it."""

    @custom_rule
    def wrong(x):
        return np.sum(x[:-1] * x[1:])

    @wrong.jvp
    def wrong_jvp(z, primals, tangents):
        (x,), (dx,) = primals, tangents
        return np.sum(x[1:] * dx[:-1]) + 3.0 * np.sum(x[:-1] * dx[1:])

    x = np.arange(1.0, 7.0)
    np.testing.assert_allclose(sparse_hessian(wrong)(x).toarray(), hessian(wrong)(x), 1e-13)


# ------------------------------------------------------------------------------ the pattern is checked


def upwind(x):
    """Which neighbour matters depends on the sign."""
    left, right = np.roll(x, 1), np.roll(x, -1)
    return np.where(x > 0, x * (x - left), x * (right - x))


def other_branch(x):
    return x[:-1] * x[1:] if x[0] > 0 else x[:-1] * x[-1]


def some_rows(x):
    y = x**2
    for i in range(len(x)):
        if x[i] > 0.5:
            y[i] += np.sum(x)
    return y


def masked(x):
    y = x**2
    y[x > 0] *= x[0]
    return y


def a_matrix_with_other_zeros(x):
    return np.where(np.outer(x > 0, x < 0.5), 2.0, 0.0) @ np.sin(x)


def a_kernel_with_other_zeros(x):
    return np.convolve(np.where(x[:3] > 0, 1.0, 0.0), x**2)


BRANCHES = [upwind, other_branch, some_rows, np.sort, masked, a_matrix_with_other_zeros, a_kernel_with_other_zeros]
BRANCHES += [
    lambda x: np.maximum(x[1:], x[:-1] ** 2),
    lambda x: np.exp(x[np.argsort(-x)] + x[::-1]),
    lambda x: x * np.max(x),
]


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
@pytest.mark.parametrize("again", [lambda J: J, replay], ids=["called", "replayed"])
@pytest.mark.parametrize("f", BRANCHES)
def test_another_branch_never_gives_a_wrong_number(f, again, mode):
    rng = np.random.default_rng(12)
    J = again(sparse_jacobian(f, mode=mode))
    for _ in range(20):
        x = rng.normal(size=8)
        for _ in range(2):  # the second time by what was learned the first time
            np.testing.assert_allclose(J(x).toarray(), jacobian(f)(x), 1e-12, 1e-12)


@pytest.mark.parametrize("again", [lambda J: J, replay], ids=["called", "replayed"])
def test_an_entry_of_another_branch_that_is_zero_at_first(again):
    """The check can't see it there."""
    J = again(sparse_jacobian(lambda x: x * x[::-1] if x[0] < 0 else x**2))
    first, second = np.arange(1.0, 7.0), np.arange(-1.0, 5.0)
    for x in (first, np.array([-1.0, 0, 0, 0, 0, 0]), second, first, second):
        np.testing.assert_allclose(J(x).toarray(), jacobian(lambda x: x * x[::-1] if x[0] < 0 else x**2)(x), 1e-14)


def test_the_same_operations_are_checked_once(monkeypatch):
    """A direction more than there are colours is the check; where numbers decide, each call has it."""
    counts = []
    monkeypatch.setattr(sparse, "many", lambda sweep, vs, most: counts.append(len(vs[0])) or many(sweep, vs, most))
    x, y = np.linspace(0.2, 0.9, 6), np.linspace(-0.9, -0.2, 6)
    J = sparse_jacobian(tridiagonal)
    for z in (x, y, x, x[1:], y[1:]):
        J(z)
    assert counts == [4, 3, 3, 4, 3]
    counts.clear()
    J = sparse_jacobian(lambda x: x[:-1] * x[1:] if x[0] > 0 else x[1:] * x[:-1])
    for z in (x, x, y, y, x):
        J(z)
    assert counts == [3, 2, 3, 2, 2]
    for f in (upwind, masked, a_matrix_with_other_zeros, a_kernel_with_other_zeros):
        counts.clear()
        J = sparse_jacobian(f, mode="forward")
        assert [J(x).info.sweeps for _ in range(3)] == [n - 1 for n in counts]


def test_another_branch_of_a_hessian():
    def f(x):
        return np.sum(x**4) + (x[0] * x[3] if x[1] > 0 else x[0] * x[2] ** 2)

    rng, H = np.random.default_rng(4), sparse_hessian(f)
    for _ in range(20):
        x = rng.normal(size=6)
        np.testing.assert_allclose(H(x).toarray(), hessian(f)(x), 1e-12, 1e-12)


def test_a_tiny_entry_is_not_missed():
    """A billionth of its row's other entry, and its own row: that is no rounding."""

    def f(x):
        return np.array([1e6 * x[0] + (1e-3 * x[2] if x[3] > 0 else 0.0), x[1], x[2] * 1.0, 1e-12 * x[3] ** 2])

    J = sparse_jacobian(f)
    for last in (-1.0, 1.0, -1.0):
        x = np.array([1.0, 2.0, 3.0, last])
        np.testing.assert_array_equal(J(x).toarray(), jacobian(f)(x))


def test_what_is_not_finite_stays_in_its_place():
    with np.errstate(all="ignore"):
        J = sparse_jacobian(lambda x: np.sqrt(x) * np.array([1.0, 2.0, 3.0]))(np.array([0.0, 4.0, -1.0]))
    assert J.nnz == 3
    np.testing.assert_array_equal(np.diag(J.toarray())[1], 0.5)
    assert np.isnan(np.diag(J.toarray())[2]) and not np.isfinite(np.diag(J.toarray())[0])


def test_a_pattern_that_is_given():
    x = np.random.default_rng(8).normal(size=9)
    S = its_jacobian(np.ones(9)) != 0
    for given_ in (S, scipy.sparse.csr_array(S), sparse_jacobian(tridiagonal).pattern(x), np.ones((9, 9)), S | S[::-1]):
        J = sparse_jacobian(tridiagonal, pattern=given_)
        np.testing.assert_allclose(J(x).toarray(), its_jacobian(x), 1e-13, 1e-13)
    assert sparse_jacobian(tridiagonal, pattern=np.ones((9, 9))).sweeps(x) == 9
    H = sparse_hessian(rosenbrock, pattern=np.tri(9) - np.tri(9, k=-2))  # one triangle is enough
    np.testing.assert_allclose(H(x).toarray(), hessian(rosenbrock)(x), 1e-12, 1e-12)


def test_a_given_pattern_may_leave_out_what_is_zero():
    """x - x depends on x for who looks at the program alone."""
    f = lambda x: np.roll(x, 1) - np.roll(x, 1) + x**2
    x = np.arange(1.0, 6.0)
    J = sparse_jacobian(f, pattern=np.eye(5))
    assert J.sweeps(x) == 1
    np.testing.assert_array_equal(J(x).toarray(), np.diag(2 * x))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("missing", [(0, 0), (4, 5), (8, 7)])
def test_a_given_pattern_that_lacks_an_entry_raises(mode, missing):
    S = its_jacobian(np.ones(9)) != 0
    S[missing] = False
    with pytest.raises(InputError, match=rf"\({missing[0]}, {missing[1]}\)"):
        sparse_jacobian(tridiagonal, pattern=S, mode=mode)(np.linspace(1.0, 2.0, 9))


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: sparse_jacobian(3.0), "can't be called"),
        (lambda: sparse_hessian(np.ones(3)), "can't be called"),
        (lambda: sparse_jacobian(np.sin, mode="backward"), "reverse"),
        (lambda: sparse_jacobian(np.sin, pattern=np.eye(3))(np.ones(4)), r"\(3, 3\).*\(4, 4\)"),
        (lambda: sparse_jacobian(np.sin, pattern="tridiagonal")(np.ones(4)), "a matrix"),
        (lambda: sparse_hessian(np.sin)(np.ones(4)), "one number"),
        (lambda: sparse_jacobian(lambda x: None)(np.ones(4)), "return"),
        (lambda: sparse_jacobian(np.sin)("x"), "real"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(InputError, match=says):
        call()


# ------------------------------------------------------------------------------ what goes in and out


def test_a_sparse_array_of_scipys():
    x = np.linspace(0.0, 1.0, 5)
    J = sparse_jacobian(tridiagonal)
    first = J(x)
    assert isinstance(first, scipy.sparse.csr_array) and first.has_sorted_indices
    first.data[:], first.indices[:] = 7.0, 0  # the caller's own
    np.testing.assert_allclose(J(x).toarray(), its_jacobian(x), 1e-15)
    S = J.pattern(x)
    assert S.dtype == bool and np.array_equal(S.toarray(), its_jacobian(np.ones(5)) != 0)
    assert sorted(set(J.colours(x).tolist())) == [0, 1, 2]


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)  # importing it now raises ImportError
    x = np.linspace(0.0, 1.0, 5)
    J = sparse_jacobian(tridiagonal)(x)
    assert isinstance(J, Sparse) and J.shape == (5, 5) and J.nnz == len(J.rows) == len(J.columns) == 13
    np.testing.assert_allclose(J.toarray(), its_jacobian(x), 1e-15)
    S = sparse_jacobian(tridiagonal).pattern(x)
    np.testing.assert_array_equal(S.toarray(), its_jacobian(np.ones(5)) != 0)
    np.testing.assert_allclose(sparse_jacobian(tridiagonal, pattern=S)(x).toarray(), J.toarray())
    np.testing.assert_allclose(sparse_hessian(rosenbrock)(x).toarray(), hessian(rosenbrock)(x), 1e-13)


def test_inside_other_transforms():
    x = np.random.default_rng(9).normal(size=6)
    size = lambda J: lambda x: np.sum(J(x) ** 2)
    mine = size(lambda x: sparse_jacobian(tridiagonal)(x).toarray())
    np.testing.assert_allclose(grad(mine)(x), grad(size(jacobian(tridiagonal)))(x), 1e-12)
    curvature = lambda x: np.sum(sparse_hessian(rosenbrock)(x).values ** 2)
    v = np.ones(6)
    exact = jvp(size(hessian(rosenbrock)), (x,), (v,))[1]
    np.testing.assert_allclose(jvp(curvature, (x,), (v,))[1], exact, 1e-12)


def test_several_arguments_and_results():
    def f(a, p, scale):
        return {"sum": scale * (a + p["w"][0]), "one": p["b"] * a[1], "constant": np.ones(2)}

    a, p = np.arange(1.0, 4.0), {"w": np.ones((2, 3)), "b": 2.0}
    J = sparse_jacobian(f, argnums=(0, 1))(a, p, scale=3.0)
    exact = np.zeros((6, 10))  # a, then w and b; sum, one, constant
    exact[:3, :3] = exact[:3, 3:6] = 3.0 * np.eye(3)
    exact[3, 1], exact[3, 9] = 2.0, 2.0
    np.testing.assert_array_equal(J.toarray(), exact)
    np.testing.assert_array_equal(sparse_jacobian(f, argnums=1, mode="reverse")(a, p, 3.0).toarray(), exact[:, 3:])
    g = lambda x, y: np.sum(x * y[::-1]) + y[0] ** 3
    H = sparse_hessian(g, argnums=(0, 1))(np.ones(2), np.full(2, 2.0))
    np.testing.assert_array_equal(H.toarray(), [[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 12, 0], [1, 0, 0, 0]])


def test_numbers_and_matrices():
    assert sparse_jacobian(np.sin)(0.0).toarray().tolist() == [[1.0]]
    assert sparse_hessian(lambda x: x**3)(2.0).toarray().tolist() == [[12.0]]
    X = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(sparse_jacobian(np.transpose)(X).toarray(), np.eye(6)[[0, 3, 1, 4, 2, 5]])
    assert sparse_jacobian(lambda x: x * 0.5)(X.astype(np.float32)).dtype == np.float32
    assert sparse_jacobian(lambda x: x[:0])(X[0]).shape == (0, 3)
    assert sparse_jacobian(np.cos)(np.zeros(0)).shape == (0, 0)
    assert sparse_jacobian(lambda x: ())(X[0]).shape == (0, 3)
    assert sparse_jacobian(lambda x: np.ones(4))(X[0]).nnz == 0


def test_one_function_for_many_shapes():
    J = sparse_jacobian(tridiagonal)
    for n in (5, 3, 5, 1, 8, 3):
        x = np.random.default_rng(n).normal(size=n)
        np.testing.assert_allclose(J(x).toarray(), its_jacobian(x), 1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_pattern_is_found_once(dtype, monkeypatch):
    """Rounding, in single precision too, isn't taken for another branch."""
    looks = []
    monkeypatch.setattr(sparse, "dependence", lambda *args: looks.append(1) or dependence(*args))
    f = lambda x: np.tanh(tridiagonal(np.sin(x) * x))
    J = sparse_jacobian(f)
    for seed in range(10):
        x = np.random.default_rng(seed).normal(size=300).astype(dtype)
        np.testing.assert_allclose(J(x).toarray(), jacobian(f)(x), 1e-4, 1e-5)
    assert len(looks) == 1


def test_a_hundred_thousand():
    n = 100_000
    x = np.random.default_rng(7).normal(size=n)
    J = sparse_jacobian(tridiagonal)(x)
    assert J.nnz == 3 * n - 2 and J.info.sweeps == 3
    np.testing.assert_allclose(J.diagonal(), 3 - 4 * x, 1e-14, 1e-14)
    assert (J.diagonal(1) == -2).all() and (J.diagonal(-1) == -1).all()
    H = sparse_hessian(rosenbrock)(x)
    assert H.nnz == 3 * n - 2 and H.info.sweeps == 3
    np.testing.assert_allclose(H.diagonal(1), -400 * x[:-1], 1e-13)
