"""The ways to value and gradient: each takes a program ``f(*args, *constants, np=...)`` and returns a call to time.

The program is written once, with NumPy's names; each package lends its own ``np``. A way that isn't installed is None.
"""

from functools import partial
from importlib import import_module

import numpy as np

import adcourse

HAND, OURS, VALUE = "by hand", "adcourse", "the value alone"


def peer(name):
    """A module, or None where it isn't installed."""
    try:
        module = import_module(name)
    except ImportError:
        return None
    if name == "torch":
        module.set_num_threads(1)
    if name == "jax":
        module.config.update("jax_enable_x64", True)
        module.config.update("jax_cpu_enable_async_dispatch", False)
    return module


def by_adcourse(f, args, constants=()):
    both = adcourse.value_and_grad(f, 0 if len(args) == 1 else tuple(range(len(args))))
    return lambda: both(*args, *constants)


def by_autograd(f, args, constants=()):
    if not (autograd := peer("autograd")):
        return None
    argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    both = autograd.value_and_grad(partial(f, np=peer("autograd.numpy")), argnums)
    return lambda: both(*args, *constants)


def by_torch(f, args, constants=()):
    if not (torch := peer("torch")):
        return None
    args, constants = ([torch.from_numpy(np.array(a)) for a in xs] for xs in (args, constants))

    def run():
        xs = [a.detach().requires_grad_() for a in args]
        y = f(*xs, *constants, np=torch)
        return y, torch.autograd.grad(y, xs)

    return run


def by_jax(f, args, constants=(), jit=False):
    """Eager, or compiled: compiling isn't part of the time."""
    if not (jax := peer("jax")):
        return None
    args, constants = ([jax.numpy.asarray(a) for a in xs] for xs in (args, constants))
    argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    both = jax.value_and_grad(partial(f, np=jax.numpy), argnums)
    both = jax.jit(both).lower(*args, *constants).compile() if jit else both
    return lambda: jax.block_until_ready(both(*args, *constants))


WAYS = {
    OURS: by_adcourse,
    "autograd": by_autograd,
    "torch": by_torch,
    "jax": by_jax,
    "jax, compiled": partial(by_jax, jit=True),
}


def numbers(result):
    """All numbers of a result, one after the other, whatever they came in."""
    if isinstance(result, (tuple, list)):
        return np.concatenate([numbers(r) for r in result]) if result else np.zeros(0)
    return np.ravel(np.asarray(result.detach() if hasattr(result, "detach") else result)).astype(float)
