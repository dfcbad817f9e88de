"""Bridges: the same plain NumPy program through JAX, PyTorch, autograd and CasADi, where they are installed; and back.

There: ``bridges.jax.grad(f)`` is JAX's gradient of the very function that ``adcourse.grad`` takes, written with
``import numpy as np``. Likewise ``value_and_grad``, ``jacobian``, ``hessian``, ``jvp``, ``vjp`` and
``gradient(f, x, order)``, all of plain numbers; and ``bridges.jax.translate(f)``, the program as a function of JAX's
own arrays, for ``jax.jit`` and whatever else there is. The same for ``torch``, ``autograd`` and ``casadi``.

Back: ``bridges.torch.function(f)`` and ``bridges.jax.function(f)`` are ``f`` with adcourse's derivatives, for use in
the middle of a program of the other system.

``BRIDGES`` has each by its name; ``.available`` and ``.why`` tell whether it is installed. Nothing is imported before
it is used.

>>> import numpy as np
>>> f = lambda x: np.sum(np.where(x > 0, np.sin(x), x**2))
>>> exact = np.array([np.cos(1.0), -4.0])
>>> [b.name for b in BRIDGES.values() if b.available and not np.allclose(b.grad(f)(np.array([1.0, -2.0])), exact)]
[]
"""

from adcourse.methods.bridges import autograd, casadi, jax, torch
from adcourse.methods.bridges.bridge import Bridge
from adcourse.methods.bridges.companion import BridgeError
from adcourse.methods.bridges.system import MissingError

BRIDGES = {module.BRIDGE.name: module.BRIDGE for module in (jax, torch, autograd, casadi)}

__all__ = ["BRIDGES", "Bridge", "BridgeError", "MissingError", "autograd", "casadi", "jax", "torch"]
