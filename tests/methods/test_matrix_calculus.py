"""Gradients in whole matrices: against the closed forms of the books, SymPy's matrix expressions and the core."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import grad
from adcourse.core.errors import ADError
from adcourse.methods import symbolic
from adcourse.methods.matrix_calculus import at, matrix_expression, matrix_gradient
from adcourse.methods.symbol import SymbolicError

A, B, S = (sp.MatrixSymbol(name, 3, 3) for name in "ABS")
R = sp.MatrixSymbol("R", 3, 2)
x, b = (sp.MatrixSymbol(name, 3, 1) for name in "xb")
logdet = lambda m: np.linalg.slogdet(m)[1]
solve = lambda m, u, v: u @ np.linalg.solve(m, v)
quadratic = lambda u, m: u @ m @ u

BOOK = [  # the program, its arguments, its gradients as the books have them (None: not listed)
    (logdet, (A,), [A.T.I]),
    (np.linalg.det, (A,), [sp.Determinant(A) * A.T.I]),
    (lambda m: np.log(np.linalg.det(m)), (A,), [A.T.I]),
    (lambda m: logdet(m.T @ m), (R,), [2 * R * (R.T * R).I]),
    (quadratic, (x, A), [A * x + A.T * x, x * x.T]),
    (solve, (A, x, b), [-A.T.I * x * b.T * A.T.I, A.I * b, A.T.I * x]),
    (lambda m, u, v: u @ np.linalg.inv(m) @ v, (A, x, b), [-A.T.I * x * b.T * A.T.I, A.I * b, A.T.I * x]),
    (lambda m, n: np.trace(m @ n), (A, B), [B.T, A.T]),
    (lambda m, n: np.trace(np.linalg.inv(m) @ n), (A, B), [-A.T.I * B.T * A.T.I, A.T.I]),
    (lambda m, n: np.trace(np.linalg.solve(m, n)), (A, B), [None, A.T.I]),
    (lambda m: np.trace(m @ m.T), (R,), [2 * R]),
    (lambda m: np.trace(np.linalg.matrix_power(m, 3)), (A,), [3 * A.T**2]),
    (lambda m: np.log(np.trace(m)), (A,), [sp.Identity(3) / sp.Trace(A)]),
    (lambda m: np.sum(m**2) / 2, (R,), [R]),
    (lambda m, n: np.sum(m * n), (A, B), [B, A]),
    (lambda u, m, v: np.sum((m @ u - v) ** 2), (x, A, b), [2 * A.T * (A * x - b), 2 * (A * x - b) * x.T, None]),
    (lambda u, v: np.dot(u, v) ** 2, (x, b), [2 * sp.Trace(x.T * b) * b, None]),
    (lambda m, u: -u @ np.linalg.solve(m, u) / 2 - logdet(m) / 2, (S, x), [None, -(S.I + S.T.I) * x / 2]),
    (lambda u, v, m: np.trace(np.outer(u, v) @ m), (x, b, A), [A.T * b, A * x, b * x.T]),
    (lambda m: np.sum(m, axis=0) @ np.sum(m, axis=0), (R,), [2 * sp.OneMatrix(3, 3) * R]),
    (lambda m: np.mean(m), (R,), [sp.OneMatrix(3, 2) / 6]),
    (lambda m, u: np.sum(np.tanh(m @ u)), (A, x), [None, None]),
    (lambda u, m: np.log(1 + np.exp(u @ m @ u)), (x, A), [None, None]),
    (lambda m, t: t**2 * np.trace(m), (A, "t"), [None, None]),
    (lambda u, w: u @ np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 0.5], [3.0, 0.0, 1.0]]) @ w, (x, b), [None, None]),
]  # fmt: skip


MIXED = [  # shapes that are broadcast, spread, kept and taken away again
    lambda m, u: np.sum(m * u), lambda m, u: np.sum(u * m @ u), lambda m, u: np.sum(u[:, None] * m),
    lambda m, u: (u[:, None].T @ m @ u)[0] * np.trace(m), lambda m, u: np.sum(m - 2),
    lambda m, u: np.sum((m - u @ u) @ u),
    lambda m, u: np.sum(np.sqrt(m) @ u), lambda m, u: np.sum(m, axis=1) @ u,
    lambda m, u: np.sum(np.sum(m, axis=0, keepdims=True) * m),
    lambda m, u: np.sum(np.sum(m, axis=1, keepdims=True) * m),
    lambda m, u: np.sum(np.exp(m * m.T / 9)), lambda m, u: np.linalg.det(m @ m) * u @ u, lambda m, u: 2.0 ** (u @ u),
    lambda m, u: np.sum(u / (1 + u @ u)), lambda m, u: np.sum(np.tensordot(m, u, 1)),
    lambda m, u: np.sum(np.broadcast_to(u, (2, 3))), lambda m, u: np.sum(np.linalg.inv(m) ** 2),
    lambda m, u: np.trace(np.linalg.solve(m.T, np.eye(3))), lambda m, u: np.trace(m / 3 - m.T) + np.sum(np.cos(u)),
]  # fmt: skip


@pytest.mark.parametrize("f", MIXED)
def test_broadcasting_means_what_it_means_in_numpy(f):
    rng = np.random.default_rng()
    numbers = rng.uniform(0.5, 1, (3, 3)) + np.eye(3), rng.uniform(0.5, 1, 3)
    named = dict(zip("Ax", numbers, strict=True))
    assert at(matrix_expression(f, A, x), named) == pytest.approx(f(*numbers), rel=1e-10)
    for k in (0, 1):
        exact = np.asarray(grad(f, k)(*numbers))
        try:
            found = matrix_gradient(f, A, x, argnums=k)
        except SymbolicError:  # as m**-1/2, entry by entry
            assert f is MIXED[6] and k == 0
            continue
        assert np.reshape(at(found, named), exact.shape) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def draw(arguments, rng):
    """Generic numbers for matrix letters: no symmetry, well conditioned."""
    found = []
    for a in arguments:
        shape = () if isinstance(a, str) else tuple(map(int, a.shape))
        m = rng.normal(size=shape if shape[1:] != (1,) else shape[:1])
        found.append(m + 4 * np.eye(3) if m.shape == (3, 3) else m if shape else float(m))
    return found, {str(a): v for a, v in zip(arguments, found, strict=True)}


@pytest.mark.parametrize("f, arguments, book", BOOK)
def test_gradients_are_those_of_the_books_and_of_the_core(f, arguments, book):
    numbers, named = draw(arguments, np.random.default_rng())
    assert at(matrix_expression(f, *arguments), named) == pytest.approx(f(*numbers), rel=1e-10)
    for k, closed_form in enumerate(book):
        found = matrix_gradient(f, *arguments, argnums=k)
        exact = np.asarray(grad(f, k)(*numbers))
        assert np.reshape(at(found, named), exact.shape) == pytest.approx(exact, rel=1e-9, abs=1e-9)
        if closed_form is not None:
            assert at(closed_form.doit(), named).reshape(exact.shape) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_the_formulas_are_the_short_ones():
    assert matrix_gradient(logdet, A) == A.T.I
    assert matrix_gradient(quadratic, x, A, argnums=(0, 1)) == (A * x + A.T * x, x * x.T)
    assert matrix_gradient(solve, A, x, b, argnums=(0, 2)) == (-A.T.I * x * b.T * A.T.I, A.T.I * x)
    assert matrix_gradient(lambda m, n: np.trace(m @ n), "A:3:3", "B:3:3") == B.T
    assert matrix_expression(lambda m, v: np.linalg.solve(m, v), A, b) == A.I * b


@pytest.mark.parametrize(
    "f, arguments, theirs",
    [
        (quadratic, (x, A), x.T * A * x),
        (solve, (A, x, b), x.T * A.I * b),
        (lambda m, n: np.trace(m @ n), (A, B), sp.Trace(A * B)),
        (lambda m, n: np.trace(np.linalg.inv(m) @ n), (A, B), sp.Trace(A.I * B)),
        (lambda m, n: np.trace(m @ n @ m.T), (A, B), sp.Trace(A * B * A.T)),
    ],
)
def test_gradients_agree_with_sympys_matrix_expressions(f, arguments, theirs):
    _, named = draw(arguments, np.random.default_rng())
    for k, letter in enumerate(arguments):
        mine = at(matrix_gradient(f, *arguments, argnums=k), named)
        assert mine == pytest.approx(at(theirs.diff(letter).doit(), named), rel=1e-9, abs=1e-9)


def test_log_det_entry_by_entry():
    """Where SymPy's matrix expressions have no answer, its entries do: d log det A / dA_ij = (A^-1)_ji."""
    numbers, named = draw([A], np.random.default_rng())
    entries = symbolic.gradient(logdet, A)
    letters = {A[i, j]: numbers[0][i, j] for i in range(3) for j in range(3)}
    by_entry = np.array([[float(entries[i, j].subs(letters)) for j in range(3)] for i in range(3)])
    assert at(matrix_gradient(logdet, A), named) == pytest.approx(by_entry, rel=1e-9)


@given(st.lists(st.sampled_from("tisnhm"), min_size=1, max_size=3), st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_random_matrix_programs(steps, seed):
    """Chains of transpose, inverse, solve, sum, entrywise and matrix products, ended by a trace or log det."""
    steps_of = {
        "t": lambda m, a: m.T, "i": lambda m, a: np.linalg.inv(m), "s": lambda m, a: np.linalg.solve(m, a),
        "n": lambda m, a: m + 2 * a, "h": lambda m, a: m * a, "m": lambda m, a: m @ a.T / 3,
    }  # fmt: skip

    def f(a):
        m = a
        for s in steps:
            m = steps_of[s](m, a)
        return np.trace(m) if seed % 2 else np.sum(m @ a)

    rng = np.random.default_rng(seed)
    number = rng.uniform(0.5, 1.0, (3, 3)) + 3 * np.eye(3)
    exact = grad(f)(number)
    assert at(matrix_gradient(f, A), {"A": number}) == pytest.approx(exact, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(
    "f",
    [
        lambda m: m[0, 0],
        lambda m: m[0] @ m[1],
        lambda m: np.linalg.eigvalsh(m)[0],
        lambda m: np.trace(m) if m[0, 0] > 0 else 0.0,
        lambda m: np.trace(m) if np.trace(m) > 0 else 0.0,
        lambda m: np.sum(np.sort(m)),
        lambda m: np.sum(np.reshape(m, (1, 9))),
    ],
)
def test_what_is_no_matrix_expression_is_refused_with_the_way_out(f):
    with pytest.raises(SymbolicError, match="grad"):
        matrix_expression(f, A)


def test_odd_results_are_refused():
    with pytest.raises(ADError, match="returned"):
        matrix_expression(lambda m: None, A)
    with pytest.raises(ADError):
        matrix_gradient(lambda m: m, A)
