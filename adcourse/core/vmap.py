"""One run for many: ``vmap`` turns a function of one sample into a function of a batch of them.

The function runs once, on batches (batch.py) in place of its arguments. A batch is one more level, like those of the
modes, so ``vmap`` and derivatives nest in any order: ``vmap(grad(loss))`` are the gradients of all samples, and
``grad(lambda w: np.mean(vmap(loss, (None, 0))(w, xs)))`` differentiates through the batch.
"""

from functools import wraps

import numpy as np

from . import guard
from .arguments import called, check_function, own_arrays, teach
from .batch import Batch
from .errors import InputError, varies
from .inplace import argument, snapshot
from .kinds import shape_of
from .levels import Level, Traced, pack, plain
from .tree import flatten


def vmap(f, in_axes=0, out_axes=0):
    """``f`` for many arguments at once: ``vmap(f)(xs)`` is ``np.stack([f(x) for x in xs])``, in one run of ``f``.

    ``in_axes`` says which axis of each argument counts the members: an integer for all arguments, or a tuple with one
    entry for each, an integer, None (the same value for all members), or a tree of these for the leaves of an argument.
    Keyword arguments are mapped over axis 0. ``out_axes`` says, just so, where that axis goes in the results; None is
    for a result that doesn't depend on the member. Cost: that of ``f`` on arrays with one more axis, without a loop.

    Inside ``f``, a batch looks like one member. Comparisons, ``np.argmax`` and the like give an answer for each member,
    for ``np.where`` and as indices; ``if x > 0`` can't. Raises InputError for axes that aren't there, for lengths that
    differ, and where nothing is mapped; ConversionError where ``f`` needs one answer for all members.
    Source: ``jax.vmap``.

    >>> import numpy as np
    >>> from adcourse import grad
    >>> vmap(np.dot)(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])).tolist()
    [3.0, 4.0]
    >>> loss = lambda w, x, y: (np.sum(w * x) - y) ** 2
    >>> xs, ys = np.array([[1.0, 2.0], [1.0, 1.0]]), np.array([2.0, 0.0])
    >>> vmap(grad(loss), in_axes=(None, 0, 0))(np.array([0.5, 0.5]), xs, ys).tolist()
    [[-1.0, -2.0], [2.0, 2.0]]
    """
    check_function(f, "vmap")

    @wraps(f, updated=())
    def batched(*args, **kwargs):
        axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
        if isinstance(axes, tuple) and len(axes) != len(args):
            raise InputError(
                f"in_axes={in_axes!r}, but {called(f)} was called with {len(args)} positional argument(s).",
                "in_axes is one integer for all arguments, or a tuple with one entry for each.",
                "vmap(f, in_axes=(0, None))(x, w) to map over the first axis of x, with the same w for all",
            )
        leaves, build = flatten((args, kwargs))
        axes = _axes(axes, args, "in_axes") + _axes(0, kwargs, "in_axes")
        rows = [_rows(x, axis) for x, axis in zip(leaves, axes, strict=True)]
        size = _size(rows, called(f))
        level, held = Level(), {}
        try:
            for x in leaves:
                if isinstance(x, np.ndarray):
                    guard.hold(x, held)
            given = [
                x if axis is None else _batch(value, level) for x, axis, value in zip(leaves, axes, rows, strict=True)
            ]
            args, kwargs = build(given)
            results, build_out = flatten(_run(f, args, kwargs))
            axes = _axes(out_axes, build_out(results), "out_axes") or [0] * len(results)
            found = [_result(y, axis, level, size) for y, axis in zip(results, axes, strict=True)]
        finally:
            level.close()
            guard.release(held)
        return build_out(own_arrays(found, leaves))

    return batched


def _run(f, args, kwargs):
    try:
        return f(*args, **kwargs)
    except IndexError as error:
        if "arrays used as indices" in str(error) or "only integers" in str(error):
            raise varies("an index into a plain array (np.array(a, like=i)[i] does it)") from error
        raise
    except (AttributeError, TypeError, ValueError) as error:
        teach(error, args)
        raise


# ---------------------------------------------------------------------------------------------- axes


def _axes(axes, tree, name):
    """The axis for each leaf of ``tree``: ``axes`` is an integer or None for all of them, or a tree of its form."""
    if tree is None:
        return []
    if axes is None or (hasattr(axes, "__index__") and not isinstance(axes, bool)):
        return [axes] * len(flatten(tree)[0])
    if isinstance(tree, dict) and isinstance(axes, dict) and tree.keys() == axes.keys():
        return [a for key, t in tree.items() for a in _axes(axes[key], t, name)]
    if isinstance(tree, (tuple, list)) and isinstance(axes, (tuple, list)) and len(tree) == len(axes):
        return [a for t, part in zip(tree, axes, strict=True) for a in _axes(part, t, name)]
    raise InputError(
        f"{name} has {axes!r} where the function has {_form(tree)}.",
        f"{name} is an integer, None, or a tree of these, in the same tuples, lists and dicts as the "
        f"{'arguments' if name == 'in_axes' else 'result'}; one entry may stand for all below it.",
        "vmap(f, in_axes=(0, {'w': None, 'b': None}))(x, params), or in_axes=(0, None) for short",
    )


def _form(tree):
    leaves, build = flatten(tree)
    return repr(build([f"array{shape_of(x)}" if shape_of(x) else "number" for x in leaves]))


def _rows(x, axis):
    """A mapped argument with its members along the first axis; None for one that isn't mapped."""
    if axis is None:
        return None
    x = pack(x)
    if not -len(shape_of(x)) <= axis < len(shape_of(x)):
        raise InputError(
            f"vmap was to map over axis {axis} of {x!r}, of shape {shape_of(x)}.",
            "a mapped argument holds one value for each member, along that axis. A list or tuple is no array, but a "
            "tree: its entries are mapped each by itself.",
            "np.array(xs) for a list of members; in_axes=(0, None) if the second argument is the same for all of them",
        )
    return np.moveaxis(x, axis, 0)


def _size(rows, name):
    sizes = [None if x is None else shape_of(x)[0] for x in rows]
    found = sorted({n for n in sizes if n is not None})
    if not found:
        raise InputError(
            f"vmap of {name} has nothing to map over.",
            "every argument has None as its axis, so there is but one member.",
            "f(x) itself, or in_axes with an integer for at least one argument",
        )
    if len(found) > 1:
        raise InputError(
            f"vmap of {name} was called with {' and '.join(map(str, found))} members: the lengths of the mapped axes, "
            f"argument by argument (None: not mapped), are {sizes}.",
            "all members are computed together, so each mapped argument needs the same number of them.",
            "in_axes=(0, None) for an argument that is the same for all; in_axes=(0, 1) where the members of the "
            "second lie along its axis 1",
        )
    return found[0]


# ---------------------------------------------------------------------------------------------- in and out


def _batch(value, level):
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    if kind == "c":
        from ..functions.complex import Complex

        return Complex(_batch(value.real, level), _batch(value.imag, level))
    if kind not in "fiub":
        raise InputError(
            f"vmap met an array of dtype {value.dtype}.",
            "a batch holds numbers, integers or booleans.",
            "an array of numbers there; in_axes=None for an argument that is no array of numbers",
        )
    return argument(Batch(snapshot(value), level))


def _result(y, axis, level, size):
    """What the function returned, as an array with all members."""
    y = pack(y)
    if getattr(y, "pair", False):
        real, imag = (_result(part, axis, level, size) for part in (y.real, y.imag))
        return real + 1j * imag
    if not isinstance(y, (Traced, int, float)) and getattr(getattr(y, "dtype", None), "kind", "O") not in "fiubc":
        raise InputError(
            f"The function returned {y!r} ({type(y).__name__}).",
            "vmap puts the results of all members into arrays; None usually means a forgotten return.",
            "return y at the end of the function, where y is a number or an array, or a tuple, list or dict of them",
        )
    plain(y)  # raises for a value that has escaped from another transform
    mine = isinstance(y, Batch) and y.level is level
    if axis is None:
        if mine:
            raise InputError(
                "out_axes has None for a result that differs from member to member.",
                "None says that there is one result for all members.",
                "out_axes=0; or a result of unmapped arguments alone",
            )
        return y
    value = y.value if mine else np.broadcast_to(y, (size, *shape_of(y)))
    if not -len(shape_of(value)) <= axis < len(shape_of(value)):
        raise InputError(
            f"out_axes has {axis} for results that, stacked, have shape {shape_of(value)}.",
            "it says which axis of the stacked results counts the members.",
            "out_axes=0",
        )
    return value if axis == 0 else np.moveaxis(value, 0, axis)
