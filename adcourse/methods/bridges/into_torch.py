"""A NumPy program with adcourse's derivatives, as a function of PyTorch's."""

from functools import cache, wraps

import numpy as np

from adcourse.core.arguments import check_function
from adcourse.core.errors import InputError
from adcourse.core.vmap import vmap
from adcourse.methods.bridges.back import Called, pulled, pushed


def function(f):
    """``f``, a NumPy program, as a function of tensors that PyTorch differentiates by adcourse's derivatives.

    To ``f`` the tensors among its arguments are NumPy arrays of their shape and dtype; its results become tensors.
    Arguments and results may be nested tuples, lists and dicts. Reverse mode, forward mode (``torch.func.jvp``), higher
    orders (``create_graph=True``) and ``torch.vmap`` work: each derivative is a program of adcourse's again. ``f`` may
    use whatever adcourse differentiates: ``custom_rule``, ``implicit_function``, SciPy's special functions. A backward
    sweep runs ``f`` once more, recorded. Raises InputError for tensors that are not in the computer's own memory.
    Source: ``torch.autograd.Function``.

    >>> import numpy as np
    >>> def gradient_in_torch():
    ...     import torch
    ...     x = torch.tensor([1.0, 2.0], requires_grad=True)
    ...     y = 10.0 * function(lambda x: np.sum(x**3))(x)
    ...     y.backward()
    ...     return x.grad.tolist()
    >>> from adcourse.methods.bridges import BRIDGES
    >>> gradient_in_torch() if BRIDGES["torch"].available else [30.0, 120.0]
    [30.0, 120.0]
    """
    from adcourse.methods.bridges.torch import BRIDGE

    BRIDGE.require()
    check_function(f, "bridges.torch.function")
    import torch

    @wraps(f, updated=())
    def through(*args, **kwargs):
        call = Called(f, args, kwargs, lambda x: isinstance(x, torch.Tensor))
        if not call.operands:
            return f(*args, **kwargs)
        for x in call.operands:
            if x.device.type != "cpu":
                raise InputError(
                    f"A tensor on {x.device} was given to a NumPy program.",
                    "NumPy computes in the computer's own memory.",
                    "g(x.cpu()).to(x.device), through which gradients flow; or bridges.torch.translate(f), which runs "
                    "the program on the device, with PyTorch's derivatives",
                )
        results = _run(call, call.operands)
        return call.build(list(results))

    return through


def _run(program, tensors):
    return _through().apply(program, *tensors)


@cache
def _through():
    """The class, made when it is first needed: then PyTorch is imported."""
    import torch

    class Through(torch.autograd.Function):
        """A program of NumPy arrays; its derivatives are programs as well."""

        @staticmethod
        def forward(program, *tensors):
            return tuple(torch.tensor(np.asarray(y)) for y in program(*map(_array, tensors)))

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.program, *tensors = inputs
            ctx.save_for_backward(*tensors)
            ctx.save_for_forward(*tensors)
            ctx.mark_non_differentiable(*(y for y in output if not y.is_floating_point()))

        @staticmethod
        def backward(ctx, *gs):
            xs = ctx.saved_tensors
            smooth = [x.is_floating_point() for x in xs]
            found = iter(_run(pulled(ctx.program, smooth), [*xs, *gs]))
            return None, *(next(found) if s else None for s in smooth)

        @staticmethod
        def jvp(ctx, _, *vs):
            xs = ctx.saved_tensors
            smooth = [x.is_floating_point() for x in xs]
            given = [torch.zeros_like(x) if v is None else v for x, v, s in zip(xs, vs, smooth, strict=True) if s]
            return tuple(_run(pushed(ctx.program, smooth), [*xs, *given]))

        @staticmethod
        def vmap(info, in_dims, program, *tensors):
            results = _run(vmap(program, in_axes=tuple(in_dims[1:])), tensors)
            return results, tuple(0 for _ in results)

    return Through


def _array(t):
    """The numbers of a tensor as an array that can't be written to, and a number as one."""
    a = t.detach().numpy()
    a.flags.writeable = False
    return a[()]
