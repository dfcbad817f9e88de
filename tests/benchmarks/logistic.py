"""Logistic regression, 100,000 x 100: the gradient, and the Hessian times a vector. The data is read from memory."""

from functools import partial

import numpy

import adcourse

from .bench import Case, table
from .ways import HAND, OURS, WAYS, peer


def loss(w, X, y, np=numpy):
    """The mean of log(1 + exp(-y w.x)), with labels y = 1 or -1."""
    return np.mean(np.logaddexp(0.0, -y * (X @ w)))


def loss_torch(w, X, y, np):
    return np.mean(np.nn.functional.softplus(-y * (X @ w)))


def by_hand(w, X, y):
    m = X @ w
    m *= -y
    e = numpy.exp(-numpy.abs(m))
    value = (numpy.log1p(e) + numpy.maximum(m, 0.0)).mean()
    sigmoid = numpy.where(m > 0, 1.0, e)
    e += 1.0
    sigmoid /= e
    sigmoid *= y
    sigmoid /= -len(y)
    return value, sigmoid @ X


def hvp_by_hand(w, v, X, y):
    """H v = X^T (s (1 - s) X v) / n with s = sigmoid(X w); the labels drop out, as y**2 = 1."""
    m = X @ w
    e = numpy.exp(-numpy.abs(m, out=m), out=m)  # s (1 - s) = e / (1 + e)**2 for e = exp(-|m|)
    u = X @ v
    u *= e
    e += 1.0
    e *= e
    u /= e
    u /= len(y)
    return u @ X


def hvp_adcourse(w, v, X, y):
    return lambda: adcourse.hvp(partial(loss, X=X, y=y), w, v)


def hvp_autograd(w, v, X, y):
    if not (autograd := peer("autograd")):
        return None
    product = autograd.hessian_vector_product(partial(loss, X=X, y=y, np=peer("autograd.numpy")))
    return lambda: product(w, v)


def hvp_torch(w, v, X, y):
    if not (torch := peer("torch")):
        return None
    w, v, X, y = map(torch.from_numpy, (w, v, X, y))
    f = partial(loss_torch, X=X, y=y, np=torch)
    return lambda: torch.autograd.functional.vhp(f, w, v)[1]  # H is symmetric; of torch's ways this is the fastest


def hvp_jax(w, v, X, y, jit=False):
    if not (jax := peer("jax")):
        return None
    w, v, X, y = map(jax.numpy.asarray, (w, v, X, y))

    def product(w, v, X, y):
        return jax.jvp(jax.grad(partial(loss, X=X, y=y, np=jax.numpy)), (w,), (v,))[1]

    product = jax.jit(product).lower(w, v, X, y).compile() if jit else product
    return lambda: jax.block_until_ready(product(w, v, X, y))


HVP_WAYS = {
    OURS: hvp_adcourse,
    "autograd": hvp_autograd,
    "torch": hvp_torch,
    "jax": hvp_jax,
    "jax, compiled": partial(hvp_jax, jit=True),
}


def cases(tiny=False):
    n, k = (20, 4) if tiny else (100_000, 100)
    rng = numpy.random.default_rng(k)
    X, w, v = rng.normal(size=(n, k)), rng.normal(size=k) / 10, rng.normal(size=k)
    y = numpy.where(X @ rng.normal(size=k) + rng.normal(size=n) > 0, 1.0, -1.0)
    ways = {name: way(loss_torch if name == "torch" else loss, (w,), (X, y)) for name, way in WAYS.items()}
    yield Case("value and gradient", {HAND: partial(by_hand, w, X, y)} | ways, reach=1.1)
    ways = {name: way(w, v, X, y) for name, way in HVP_WAYS.items()}
    yield Case("Hessian times vector", {HAND: partial(hvp_by_hand, w, v, X, y)} | ways, reach=1.3)


def main(tiny=False):
    return table("Logistic regression, 100,000 x 100", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
