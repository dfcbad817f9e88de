"""In-place assignment: y[i] = v, y += v and views give what NumPy gives, and the derivatives of that program."""

import numpy as np
import pytest

from adcourse import grad, hessian, jacobian, jvp, record, vjp

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
