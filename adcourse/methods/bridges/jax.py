"""The bridge to JAX: a NumPy program as a function of JAX's, and JAX's derivatives of it.

There: ``grad``, ``jvp``, ... are JAX's, of plain numbers; ``translate(f)`` is the program as a function of JAX's
arrays, for ``jax.jit``, ``jax.vmap`` and whatever else. Back: ``function(f)`` is a program with adcourse's
derivatives for use in JAX.
"""

from contextlib import contextmanager
from functools import cached_property

import numpy as np

from adcourse.core.kinds import Elementwise
from adcourse.methods.bridges.bridge import Bridge
from adcourse.methods.bridges.into_jax import function  # noqa: F401  (the way back)
from adcourse.methods.bridges.system import is_numpys

_SPECIAL = {"psi": "digamma", "_zeta": "zeta", "loggamma": "gammaln"}
_LACKING = {"nextafter", "gamma", "beta"}  # no derivative, or one for positive numbers only
_QUESTIONS = """greater greater_equal less less_equal equal not_equal floor_divide sign floor ceil trunc rint round
    around signbit isfinite isnan isinf isposinf isneginf logical_and logical_or logical_not logical_xor any all isclose
    allclose count_nonzero"""


class Jax(Bridge):
    name = package = "jax"
    title = "JAX"
    with_numbers = "bridges.jax.grad(f)(x), which is not compiled and runs f on numbers"

    # ------------------------------------------------------------------ functions
    @cached_property
    def table(self):
        """JAX's functions for rules that aren't elementwise."""
        import jax.numpy as jnp

        def pinv(a, rcond=None, rtol=None):
            return jnp.linalg.pinv(a, rtol=rcond if rtol is None else rtol)

        return {
            "sum": jnp.sum, "mean": jnp.mean, "max": jnp.max, "min": jnp.min, "cumsum": jnp.cumsum,
            "where": jnp.where, "matmul": jnp.matmul, "convolve": jnp.convolve,
            "concatenate": lambda *arrays, axis=0: jnp.concatenate(arrays, axis),
            "getitem": lambda x, index: x[_without_lists(index)], "broadcast_to": jnp.broadcast_to,
            "transpose": jnp.transpose, "swapaxes": jnp.swapaxes, "moveaxis": jnp.moveaxis, "flip": jnp.flip,
            "inv": jnp.linalg.inv, "det": jnp.linalg.det, "solve": jnp.linalg.solve, "pinv": pinv,
            "cholesky": jnp.linalg.cholesky, "slogdet": lambda a: tuple(jnp.linalg.slogdet(a)),
            "eigh": lambda a, UPLO="L": tuple(jnp.linalg.eigh(a, UPLO)), "qr": lambda a: tuple(jnp.linalg.qr(a)),
            "svd": lambda a: tuple(jnp.linalg.svd(a, full_matrices=False)),
            "modf": lambda x: jnp.modf(x)[0],
        }  # fmt: skip

    def native(self, rule):
        if rule.name in self.table or not isinstance(rule, Elementwise) or rule.name in _LACKING:
            return self.table.get(rule.name)
        import jax.numpy as jnp
        import jax.scipy.special as special

        name = _SPECIAL.get(rule.name, rule.name)
        return getattr(jnp if is_numpys(rule) else special, name, None)

    def question(self, rule):
        import jax.numpy as jnp

        return getattr(jnp, rule.name) if rule.name in _QUESTIONS.split() else None

    # ------------------------------------------------------------------ arrays
    def is_array(self, x):
        import jax

        return isinstance(x, jax.Array)

    def value(self, x):
        """The numbers of an array; None under ``jit`` and ``vmap``, which have none yet."""
        import jax

        x = jax.lax.stop_gradient(x)  # under grad and jvp, what is inside
        return None if isinstance(x, jax.core.Tracer) else np.asarray(x)

    def spec(self, x):
        return x.shape, x.dtype

    def constant(self, x, where):
        import jax.numpy as jnp

        return jnp.array(x)

    def cast(self, x, dtype):
        import jax

        return x.astype(jax.dtypes.canonicalize_dtype(dtype))

    def reshape(self, x, shape):
        return x.reshape(shape)

    def take(self, arrays, at):
        import jax.numpy as jnp

        flat = [a.reshape(-1) for a in arrays]
        if at.size and at.min() < 0:
            flat, at = [jnp.zeros(1, flat[0].dtype), *flat], at + 1
        return (jnp.concatenate(flat) if len(flat) > 1 else flat[0])[at]

    def scatter(self, flat, at, size):
        import jax.numpy as jnp

        return jnp.zeros(size, flat.dtype).at[at].add(flat)

    # ------------------------------------------------------------------ derivatives
    def pull(self, program, xs):
        import jax

        with double():
            values, pullback = jax.vjp(program, _arrays(xs))

        def pull(gs):
            with double():
                return list(map(np.asarray, pullback(_arrays(gs))[0]))

        return list(map(np.asarray, values)), pull

    def push(self, program, xs, vs):
        import jax

        with double():
            values, tangents = jax.jvp(program, (_arrays(xs),), (_arrays(vs),))
            return list(map(np.asarray, values)), list(map(np.asarray, tangents))

    def blocks(self, program, xs):
        import jax

        with double():
            return jax.tree.map(np.asarray, jax.jacrev(program)(_arrays(xs)))

    def second(self, scalar, xs):
        import jax

        with double():
            return jax.tree.map(np.asarray, jax.hessian(scalar)(_arrays(xs)))

    def nth(self, scalar, x, order):
        import jax

        def d(x):
            return scalar([x])

        with double():
            for _ in range(order):
                d = jax.grad(d)
            return np.asarray(d(*_arrays([x])))


@contextmanager
def double():
    """JAX with float64, which it otherwise leaves out, inside and only inside."""
    import jax

    if hasattr(jax, "enable_x64"):
        with jax.enable_x64(True):
            yield
    else:
        from jax.experimental import enable_x64

        with enable_x64():
            yield


def _arrays(xs):
    import jax.numpy as jnp

    return [jnp.array(x) for x in xs]


def _without_lists(index):
    items = index if isinstance(index, tuple) else (index,)
    items = tuple(np.array(i, int if not i else None) if isinstance(i, list) else i for i in items)
    return items if isinstance(index, tuple) else items[0]


BRIDGE = Jax()
translate, grad, value_and_grad, jacobian = BRIDGE.translate, BRIDGE.grad, BRIDGE.value_and_grad, BRIDGE.jacobian
hessian, jvp, vjp, gradient = BRIDGE.hessian, BRIDGE.jvp, BRIDGE.vjp, BRIDGE.gradient
