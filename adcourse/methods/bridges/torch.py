"""The bridge to PyTorch: a NumPy program as a function of tensors, and PyTorch's derivatives of it.

There: ``grad``, ``jvp``, ... are PyTorch's, of plain numbers; ``translate(f)`` is the program as a function of tensors,
on whichever device they are. Back: ``function(f)`` is a program with adcourse's derivatives for use in PyTorch.
"""

from functools import cached_property

import numpy as np

from adcourse.core.kinds import Elementwise
from adcourse.core.rules import getitem
from adcourse.methods.bridges.bridge import Bridge
from adcourse.methods.bridges.into_torch import function  # noqa: F401  (the way back)
from adcourse.methods.bridges.system import is_numpys

_NAMES = {"absolute": "abs", "fabs": "abs", "psi": "digamma", "_zeta": "zeta", "power": "pow", "loggamma": "gammaln"}
_LACKING = set(  # not there, or without derivative
    "conjugate nextafter heaviside gammainc gammaincc j0 j1 y0 y1 k0 k1 modf float_power".split()
)
_SPECIAL = """erf erfc erfinv erfcx expit logit i0 i1 exp2 expm1 log1p
    gammaln digamma zeta xlogy xlog1py entr ndtr ndtri log_ndtr""".split()
_QUESTIONS = {"equal": "eq", "rint": "round", "fix": "trunc"} | {
    name: name
    for name in """greater greater_equal less less_equal not_equal sign floor ceil trunc floor_divide signbit isfinite
    isnan isinf isposinf isneginf logical_and logical_or logical_not logical_xor any all""".split()
}


class Torch(Bridge):
    name = package = "torch"
    title = "PyTorch"
    with_numbers = "bridges.torch.grad(f)(x), which runs f on numbers (torch.func and vmap don't show them)"

    # ------------------------------------------------------------------ functions
    @cached_property
    def table(self):
        """PyTorch's functions for rules that aren't elementwise."""
        import torch

        linalg = torch.linalg

        def pinv(a, rcond=None, rtol=None):
            return linalg.pinv(a, rtol=rcond if rtol is None else rtol)

        def over(reduction):
            return lambda x, axis=None, keepdims=False: reduction(
                x, dim=tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims
            )

        def solve(a, b):  # b is a vector only if it has one axis, as in NumPy
            return linalg.solve(a, b[:, None])[..., 0] if b.ndim == 1 else linalg.solve(a, b)

        def transpose(x, axes=None):
            return x.permute(tuple(axes) if axes is not None else tuple(range(x.ndim))[::-1])

        return {
            "sum": over(torch.sum), "mean": over(torch.mean), "max": over(torch.amax), "min": over(torch.amin),
            "cumsum": lambda x, axis: torch.cumsum(x, axis), "where": torch.where, "matmul": torch.matmul,
            "getitem": self._getitem, "broadcast_to": lambda x, shape: x.expand(shape), "transpose": transpose,
            "inv": linalg.inv, "det": linalg.det, "solve": solve, "pinv": pinv,
            "cholesky": lambda a, upper=False: linalg.cholesky(a, upper=upper),
            "slogdet": lambda a: tuple(linalg.slogdet(a)), "eigh": lambda a, UPLO="L": tuple(linalg.eigh(a, UPLO=UPLO)),
            "qr": lambda a: tuple(linalg.qr(a)), "svd": lambda a: tuple(linalg.svd(a, full_matrices=False)),
        }  # fmt: skip

    def native(self, rule):
        if rule.name in self.table or not isinstance(rule, Elementwise) or rule.name in _LACKING:
            return self.table.get(rule.name)
        import torch

        name = _NAMES.get(rule.name, rule.name)
        if is_numpys(rule):
            return getattr(torch, name, None)
        return getattr(torch.special, name) if name in _SPECIAL else None

    def _getitem(self, x, index):
        items = index if isinstance(index, tuple) else (index,)
        if all(i is None or i is Ellipsis or (np.ndim(i) == 0 and _forwards(i)) for i in items):
            return x[tuple(int(i) if isinstance(i, np.integer) else i for i in items)]
        return self.move(getitem, [x], [tuple(x.shape)], {"index": index})

    def question(self, rule):
        import torch

        if rule.name not in _QUESTIONS:
            return None
        ask = getattr(torch, _QUESTIONS[rule.name])
        return lambda *xs, **how: ask(*(x.detach() if self.is_array(x) else x for x in xs), **how)

    # ------------------------------------------------------------------ arrays
    def is_array(self, x):
        import torch

        return isinstance(x, torch.Tensor)

    def value(self, x):
        """The numbers of a tensor; None inside torch.func's transforms, which don't show them."""
        try:
            return x.detach().cpu().numpy()
        except RuntimeError:
            return None

    def spec(self, x):
        return tuple(x.shape), str(x.dtype).removeprefix("torch.")

    def where(self, x):
        return x.device

    def constant(self, x, where):
        import torch

        return torch.tensor(x, device=where)

    def cast(self, x, dtype):
        import torch

        return x.to(getattr(torch, np.dtype(dtype).name))

    def reshape(self, x, shape):
        return x.reshape(tuple(shape))

    def take(self, arrays, at):
        import torch

        flat = [a.reshape(-1) for a in arrays]
        if at.size and at.min() < 0:
            flat, at = [flat[0].new_zeros(1), *flat], at + 1
        flat = torch.cat(flat) if len(flat) > 1 else flat[0]
        return flat[torch.as_tensor(np.ascontiguousarray(at), device=flat.device)]

    def scatter(self, flat, at, size):
        import torch

        return flat.new_zeros(size).index_add(0, torch.as_tensor(at, device=flat.device), flat)

    # ------------------------------------------------------------------ derivatives
    def pull(self, program, xs):
        import torch

        tensors = _leaves(xs)
        ys = program(tensors)
        depend = [k for k, y in enumerate(ys) if y.requires_grad]

        def pull(gs):
            if not depend:
                return [np.zeros_like(x) for x in xs]
            gs = [torch.tensor(gs[k]) for k in depend]
            found = torch.autograd.grad([ys[k] for k in depend], tensors, gs, retain_graph=True, allow_unused=True)
            return [np.zeros_like(x) if g is None else _numbers(g) for g, x in zip(found, xs, strict=True)]

        return list(map(_numbers, ys)), pull

    def push(self, program, xs, vs):
        import torch
        from torch.autograd import forward_ad

        with forward_ad.dual_level():
            duals = [forward_ad.make_dual(torch.tensor(x), torch.tensor(v)) for x, v in zip(xs, vs, strict=True)]
            ys = [forward_ad.unpack_dual(y) for y in program(duals)]
            tangents = [torch.zeros_like(y.primal) if y.tangent is None else y.tangent for y in ys]
            return [_numbers(y.primal) for y in ys], list(map(_numbers, tangents))

    def second(self, scalar, xs):
        import torch

        found = torch.autograd.functional.hessian(lambda *xs: scalar(list(xs)), tuple(_leaves(xs)))
        return [list(map(_numbers, row)) for row in found]

    def nth(self, scalar, x, order):
        import torch

        (t,) = _leaves([x])
        d = scalar([t])
        for _ in range(order):
            if not d.requires_grad:
                return np.zeros_like(x)
            (d,) = torch.autograd.grad(d, t, create_graph=True)
        return _numbers(d)


def _forwards(i):
    """Whether an index is one that tensors understand as arrays do: they take no negative step, and masks otherwise."""
    if isinstance(i, slice):
        return i.step is None or i.step > 0
    return isinstance(i, (int, np.integer)) and not isinstance(i, bool)


def _leaves(xs):
    import torch

    return [torch.tensor(x, requires_grad=True) for x in xs]


def _numbers(t):
    return t.detach().cpu().numpy().copy()


BRIDGE = Torch()
translate, grad, value_and_grad, jacobian = BRIDGE.translate, BRIDGE.grad, BRIDGE.value_and_grad, BRIDGE.jacobian
hessian, jvp, vjp, gradient = BRIDGE.hessian, BRIDGE.jvp, BRIDGE.vjp, BRIDGE.gradient
