"""The gradient of a fixed point z = tanh(z W + b): one linear solve, not a sweep through the iteration."""

from functools import partial

import numpy

import adcourse

from .bench import Case, table
from .ways import HAND, OURS, peer

TOL = 1e-12  # of the largest number


def step(z, W, b, np=numpy):
    return np.tanh(z @ W + b)


def iterate(f, z, np=numpy):
    while True:
        old, z = z, f(z)
        if np.max(np.abs(z - old)) <= TOL * np.max(np.abs(z)):
            return z


def by_hand(W, b):
    """With D = 1 - z²: w = z_bar + W (D w), then b_bar = D w and W_bar = z b_bar."""
    z = iterate(lambda z: step(z, W, b), numpy.zeros_like(b))
    D = 1.0 - z * z
    b_bar = D * numpy.linalg.solve(numpy.eye(len(z)) - W * D, z)
    return 0.5 * (z @ z), (numpy.outer(z, b_bar), b_bar)


def by_adcourse(W, b):
    def f(W, b):
        z = adcourse.fixed_point(lambda z, p: step(z, *p), (W, b), numpy.zeros_like(b), tol=TOL)
        return 0.5 * (z @ z)

    both = adcourse.value_and_grad(f, (0, 1))
    return lambda: both(W, b)


def through_the_loop(W, b):
    def f(W, b):
        z = iterate(lambda z: step(z, W, b), numpy.zeros_like(b))
        return 0.5 * (z @ z)

    both = adcourse.value_and_grad(f, (0, 1))
    return lambda: both(W, b)


def by_autograd(W, b):
    """Its reverse mode iterates too, in place of a solve."""
    if not (autograd := peer("autograd")):
        return None
    np, fixed_point = peer("autograd.numpy"), peer("autograd.misc.fixed_points").fixed_point
    start, distance = numpy.zeros_like(b), lambda a, b: np.max(np.abs(a - b)) / np.max(np.abs(a))

    def f(W, b):
        p = autograd.builtins.tuple((W, b))
        z = fixed_point(lambda p: lambda z: step(z, *p, np=np), p, start, distance, TOL)
        return 0.5 * (z @ z)

    both = autograd.value_and_grad(f, (0, 1))
    return lambda: both(W, b)


def by_jax(W, b, jit=False):
    if not (jax := peer("jax")):
        return None
    np = jax.numpy

    def solve(F, z):
        far = lambda state: np.max(np.abs(state[1] - state[0])) > TOL * np.max(np.abs(state[1]))
        return jax.lax.while_loop(far, lambda state: (state[1], state[1] - F(state[1])), (z, z - F(z)))[1]

    def f(W, b):
        residual = lambda z: z - step(z, W, b, np=np)
        dense = lambda product, v: np.linalg.solve(jax.jacobian(product)(v), v)
        z = jax.lax.custom_root(residual, np.zeros_like(b), solve, dense)
        return 0.5 * (z @ z)

    W, b = np.asarray(W), np.asarray(b)
    both = jax.value_and_grad(f, (0, 1))
    both = jax.jit(both).lower(W, b).compile() if jit else both
    return lambda: jax.block_until_ready(both(W, b))


WAYS = {
    OURS: by_adcourse,
    f"{OURS}, through the loop": through_the_loop,
    "autograd": by_autograd,
    "jax": by_jax,
    "jax, compiled": partial(by_jax, jit=True),
}


def cases(tiny=False):
    for n in (5,) if tiny else (50, 100, 400):
        rng = numpy.random.default_rng(n)
        W, b = 0.4 * rng.normal(size=(n, n)) / numpy.sqrt(n), rng.normal(size=n)
        yield Case(f"{n} unknowns", {HAND: partial(by_hand, W, b)} | {name: way(W, b) for name, way in WAYS.items()})


def main(tiny=False):
    return table("Gradient of a fixed point", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
