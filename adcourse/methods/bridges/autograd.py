"""The bridge to autograd: a NumPy program as a function of its boxes, and its derivatives of it.

autograd, from which JAX learned its interface, wraps NumPy's namespace. With this bridge, ``import numpy as np`` will
do. ``grad``, ``jvp``, ... are autograd's, of plain numbers; ``translate(f)`` is the program with autograd's functions
in the place of NumPy's.
"""

import warnings
from contextlib import contextmanager
from functools import cached_property

import numpy as np

from adcourse.core.kinds import Elementwise
from adcourse.methods.bridges.bridge import Bridge
from adcourse.methods.bridges.companion import no_tolerance
from adcourse.methods.bridges.system import is_numpys

_LACKING = {"copysign", "hypot"}  # hypot has no forward mode


class Autograd(Bridge):
    name = package = title = "autograd"

    # ------------------------------------------------------------------ functions
    @cached_property
    def table(self):
        """autograd's functions for rules that aren't elementwise."""
        import autograd.numpy as anp

        linalg = anp.linalg

        def solve(a, b):  # its own doesn't broadcast; b is a vector only if it has one axis, as in NumPy
            columns = b[:, None] if b.ndim == 1 else b
            batch = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
            a, columns = (self.spread(x, batch + x.shape[-2:]) for x in (a, columns))
            return linalg.solve(a, columns)[..., 0] if b.ndim == 1 else linalg.solve(a, columns)

        def where(condition, x, y):
            shape = np.broadcast_shapes(condition.shape, x.shape, y.shape)
            return anp.where(condition, self.spread(x, shape), self.spread(y, shape))

        def pinv(a, rcond=None, rtol=None):  # at full rank a tolerance changes nothing
            tolerance = rcond if rtol is None else rtol
            if tolerance is not None and np.any(np.linalg.matrix_rank(self.value(a), tolerance) < min(a.shape[-2:])):
                raise no_tolerance(self)
            return linalg.pinv(a)

        def cholesky(a, upper=False):
            return anp.swapaxes(linalg.cholesky(a), -1, -2) if upper else linalg.cholesky(a)

        return {
            "sum": anp.sum, "mean": anp.mean, "max": anp.max, "min": anp.min, "where": where, "matmul": anp.matmul,
            "getitem": lambda x, index: x[index], "inv": linalg.inv, "det": linalg.det, "solve": solve,
            "pinv": pinv, "slogdet": lambda a: tuple(linalg.slogdet(a)),
            "eigh": lambda a, UPLO="L": tuple(linalg.eigh(a, UPLO)), "cholesky": cholesky,
            "svd": lambda a: tuple(linalg.svd(a, full_matrices=False)),
        }  # fmt: skip

    def native(self, rule):
        if rule.name in self.table or not isinstance(rule, Elementwise) or rule.name in _LACKING:
            return self.table.get(rule.name)
        import autograd.numpy as anp
        import autograd.scipy.special as special
        from autograd.core import primitive_vjps

        function = getattr(anp if is_numpys(rule) else special, rule.name, None)
        return function if function in primitive_vjps else None

    # ------------------------------------------------------------------ arrays
    def is_array(self, x):
        from autograd.tracer import isbox

        return isbox(x) and hasattr(x, "dtype")

    def value(self, x):
        from autograd.tracer import isbox

        while isbox(x):
            x = x._value
        return x

    def constant(self, x, where):
        return x

    def cast(self, x, dtype):
        return x.astype(dtype)

    def reshape(self, x, shape):
        return x.reshape(shape)

    def take(self, arrays, at):
        import autograd.numpy as anp

        flat = [anp.ravel(a) for a in arrays]
        if at.size and at.min() < 0:
            flat, at = [np.zeros(1, flat[0].dtype), *flat], at + 1
        return (anp.concatenate(flat) if len(flat) > 1 else flat[0])[at]

    def scatter(self, flat, at, size):
        return self.added(flat, at, size)

    @cached_property
    def added(self):
        """Zeros, to which numbers are added at places: what autograd has for its own use only."""
        from autograd.extend import defjvp, defvjp, primitive

        @primitive
        def added(flat, at, size):
            whole = np.zeros(size, flat.dtype)
            np.add.at(whole, at, flat)
            return whole

        defvjp(added, lambda z, flat, at, size: lambda g: g[at], argnums=(0,))
        defjvp(added, lambda g, z, flat, at, size: added(g, at, size), argnums=(0,))
        return added

    # ------------------------------------------------------------------ derivatives
    def pull(self, program, xs):
        from autograd import make_vjp

        joined, values = self._joined(program)
        with constants():
            pullback, _ = make_vjp(joined)(xs)
        values = list(values)

        def pull(gs):
            return list(pullback(np.concatenate([np.ravel(g) for g in gs])))

        return values, pull

    def push(self, program, xs, vs):
        from autograd import make_jvp

        joined, values = self._joined(program)
        _, tangent = make_jvp(joined)(xs)(vs)
        parts = np.split(np.asarray(tangent), np.cumsum([y.size for y in values])[:-1])
        return list(values), [p.reshape(y.shape) for p, y in zip(parts, values, strict=True)]

    def _joined(self, program):
        """The program with one vector of all results, for which autograd asks; and a list that gets their values."""
        values = []

        def joined(xs):
            ys = [y if hasattr(y, "ndim") else np.asarray(y) for y in program(xs)]
            values[:] = [np.asarray(self.value(y)) for y in ys]
            return self.take(ys, np.arange(sum(y.size for y in values)))

        return joined, values

    def second(self, scalar, xs):
        from autograd import grad

        gradient = grad(lambda xs: scalar(xs))
        with constants():
            return self.blocks(lambda xs: list(gradient(xs)), xs)

    def nth(self, scalar, x, order):
        from autograd import grad

        def d(x):
            return scalar([x])

        for _ in range(order):
            d = grad(d)
        with constants():
            return d(x)


@contextmanager
def constants():
    """Functions that don't depend on their argument have the derivative zero; autograd warns of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input")
        yield


BRIDGE = Autograd()
translate, grad, value_and_grad, jacobian = BRIDGE.translate, BRIDGE.grad, BRIDGE.value_and_grad, BRIDGE.jacobian
hessian, jvp, vjp, gradient = BRIDGE.hessian, BRIDGE.jvp, BRIDGE.vjp, BRIDGE.gradient
