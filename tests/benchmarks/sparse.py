"""A tridiagonal Jacobian and a tridiagonal Hessian: three sweeps, whatever the number of unknowns.

The peers are told the colours and what to read where; adcourse finds them in the first call, which isn't timed.
"""

from functools import cache, partial
from types import SimpleNamespace

import numpy

import adcourse

from .bench import Case, table
from .rosenbrock import rosenbrock
from .ways import HAND, OURS, VALUE, peer


def broyden(x, np=numpy):
    """Broyden's tridiagonal function: a dozen cheap operations."""
    zero = np.zeros_like(x[:1])
    return (3.0 - 2.0 * x) * x - np.concatenate([zero, x[:-1]]) - 2.0 * np.concatenate([x[1:], zero]) + 1.0


def matrix(data, columns, indptr):
    """A sparse array of SciPy's; its parts, where SciPy isn't installed."""
    sparse, n = peer("scipy.sparse"), len(indptr) - 1
    return sparse.csr_array((data, columns, indptr), shape=(n, n)) if sparse else (data, columns, indptr)


def tridiagonal(left, middle, right):
    """With these numbers beside each other in every row."""
    n = len(middle)
    data = numpy.empty((n, 3))
    data[:, 0], data[:, 1], data[:, 2] = left, middle, right
    return matrix(data.ravel()[1:-1], *_places(n))


@cache
def _places(n):
    columns = (numpy.arange(n)[:, None] + [-1, 0, 1]).ravel()[1:-1]
    return columns, numpy.clip(3 * numpy.arange(n + 1) - 1, 0, 3 * n - 2)


def broyden_by_hand(x):
    return tridiagonal(-1.0, 3.0 - 4.0 * x, -2.0)


def bratu(x, np=numpy):
    """u'' + exp(u) on a grid, u = 0 at both ends."""
    zero, n = np.zeros_like(x[:1]), x.shape[0] + 1.0
    return n * n * (np.concatenate([zero, x[:-1]]) - 2.0 * x + np.concatenate([x[1:], zero])) + np.exp(x)


def bratu_by_hand(x):
    n = len(x) + 1.0
    return tridiagonal(n * n, numpy.exp(x) - 2.0 * n * n, n * n)


def hessian_by_hand(x):
    middle, side = numpy.zeros_like(x), numpy.zeros(len(x) + 1)
    side[1:-1] = -400.0 * x[:-1]
    middle[:-1] = 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
    middle[1:] += 200.0
    return tridiagonal(side[:-1], middle, side[1:])


def by_peers(f, x, hessian=False):
    """Three products with the sums of every third unit vector, by each package's means, and the entries read off."""
    n = len(x)
    columns, indptr = _places(n)
    at = columns % 3, numpy.repeat(numpy.arange(n), numpy.diff(indptr))
    seeds = numpy.equal.outer(numpy.arange(3), numpy.arange(n) % 3).astype(float)
    read = lambda compressed: matrix(numpy.asarray(compressed)[at], columns, indptr)
    ways = dict.fromkeys(("autograd", "torch", "jax", "jax, compiled"))
    if autograd := peer("autograd"):
        g = partial(f, np=peer("autograd.numpy"))
        jvp = peer("autograd.differential_operators").make_jvp_reversemode(autograd.grad(g) if hessian else g)
        ways["autograd"] = lambda: read([jvp(x)(s) for s in seeds])
    if torch := peer("torch"):
        g, t, ts = partial(f, np=torch), torch.from_numpy(x), torch.from_numpy(seeds)
        g = torch.func.grad(g) if hessian else g
        pushed = torch.func.vmap(lambda s, g=g: torch.func.jvp(g, (t,), (s,))[1])
        ways["torch"] = lambda: read(pushed(ts))
    if jax := peer("jax"):
        g = partial(f, np=jax.numpy)
        g = jax.grad(g) if hessian else g
        push = lambda x: jax.vmap(lambda s: jax.jvp(g, (x,), (s,))[1])(seeds)
        fast = jax.jit(push)
        ways |= {"jax": lambda: read(push(x)), "jax, compiled": lambda: read(fast(x))}
    return ways


def by_casadi(f, x, hessian):
    """Sparse and symbolic of its own; what it builds and compiles is done beforehand, as for "jax, compiled"."""
    if not (casadi := peer("casadi")):
        return None
    zeros = lambda u: casadi.SX.zeros(*u.shape)
    names = SimpleNamespace(concatenate=lambda parts: casadi.vertcat(*parts), zeros_like=zeros, exp=casadi.exp)
    names.sum = casadi.sum1
    u = casadi.SX.sym("u", len(x))
    y = f(u, np=names)
    J = casadi.Function("J", [u], [casadi.hessian(y, u)[0] if hessian else casadi.jacobian(y, u)])
    return lambda: J(x).sparse()


def dense(J):
    return J.toarray().ravel()


def cases(tiny=False):
    for f, by_hand, n in (
        (broyden, broyden_by_hand, 2000),
        (broyden, broyden_by_hand, 100_000),
        (bratu, bratu_by_hand, 2000),
        (rosenbrock, hessian_by_hand, 2000),
    ):
        x = numpy.random.default_rng(n).normal(size=20 if tiny else n)
        exact, hessian = by_hand(x), f is rosenbrock
        ours = (adcourse.sparse_hessian if hessian else adcourse.sparse_jacobian)(f)
        ours(x)
        runs = {HAND: partial(by_hand, x)}
        runs[VALUE] = lambda f=f, x=x, exact=exact: (f(x), exact)[1]
        runs[OURS] = partial(ours, x)
        fast = adcourse.replay(ours)
        fast(x)
        runs["adcourse, replayed"] = partial(fast, x)
        runs |= by_peers(f, x, hessian) | {"casadi": by_casadi(f, x, hessian)}
        yield Case(f"{'Hessian' if hessian else f.__name__}, n = {n:,}", runs, compare=dense)


def main(tiny=False):
    return table("Tridiagonal Jacobian and Hessian", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
