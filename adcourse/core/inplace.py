"""In-place assignment: ``y[i] = v`` and ``y += v`` as in NumPy, where writes reach every name and view of the array.

Underneath nothing is overwritten. A write is an operation like any other, new = write(old, v), linear in both, and the
object ``y`` then stands for the new array; what was computed from the old one keeps its derivative. A view remembers
what it was read from and how. A write to it is a write to the array that owns the memory, and every view of that array
which is still in use is read again. The arguments of the function belong to the caller and can't be written to.
"""

from weakref import ref

import numpy as np

from .errors import MutationError, lost_derivative, varies
from .gather import gather, numbered, pick, scatter
from .kinds import Linear, dtype_of, match, out_argument, owned, shape_of, size_of, stand_in
from .levels import Traced, apply, ask, batches, bottom, highest, pack, plain, settled
from .rules import getitem

ARGUMENT = "argument"  # the ``_base`` of an input; that of a view is (source, rule, static)


def _write(old, new, *, index):
    if highest((old, new)) is not None:  # this is no NumPy function, so NumPy's protocols don't see traced parts
        return apply(setitem, (old, new), {"index": index})
    out = np.copy(old)
    out[index] = new[()] if getattr(new, "ndim", 1) == 0 else new  # or an array of objects would hold an array
    return out


def _write_t(g, k, operands, *, index):
    if not shape_of(operands[0]):
        return np.reshape(g, shape_of(operands[1])) if k else 0.0
    if k == 0:
        return apply(setitem, (g, 0.0), {"index": index})
    g = apply(getitem, (g,), {"index": index})
    return match(np.reshape(g, (1,) * (len(shape_of(operands[1])) - len(shape_of(g))) + shape_of(g)), operands[1])


setitem = Linear(_write, _write_t, operands=2, name="setitem")
constant = Linear(lambda x: x, lambda g, k, operands: g, name="array")  # the row of a constant that may be written to


def argument(box):
    """Mark an input of the program: it stands for memory of the caller's."""
    box._base = ARGUMENT
    return box


def become(box, new):
    """Let the object ``box`` stand for what ``new`` stands for."""
    for name in [s for cls in type(new).__mro__ for s in getattr(cls, "__slots__", ()) if not s.startswith("_")]:
        setattr(box, name, getattr(new, name))


def snapshot(box):
    """The same value as an object of its own, which writes to ``box`` don't reach; and no view of anything."""
    if not isinstance(box, Traced):
        return box
    new = object.__new__(type(box))
    become(new, box)
    return new


def share(view, source, rule, static):
    """``view``, read from ``source`` by a rule. If the two share memory in NumPy, they share writes."""
    value = plain(view)
    if _is_array(value) and np.may_share_memory(bottom(view), bottom(source)):
        view._base = source, rule, static
        root, _ = _origin(view)
        if getattr(root, "_base", None) is not ARGUMENT:
            views = getattr(root, "_views", [])
            if len(views) & (len(views) - 1) == 0:  # a power of two: time to forget those that are gone
                views = root._views = [v for v in views if v() is not None]
            views.append(ref(view))
    return view


def exported(box, dtype, copy):
    """``np.asarray(box)``: an array of its elements, read-only because what NumPy writes there can't reach the box."""
    if dtype is not None and np.dtype(dtype) != object:
        raise lost_derivative(box, f"np.array(..., dtype={np.dtype(dtype).name})")
    out = np.empty(box.shape, object)
    for i in np.ndindex(box.shape):
        out[i] = box[i]
    if not copy:
        out.flags.writeable = False
        root, _ = _origin(box)
        if getattr(root, "_base", None) is not ARGUMENT:
            root._views = [*getattr(root, "_views", ()), ref(out)]
    return out


def _is_array(value):
    if isinstance(value, Traced):  # a batch, of arrays or of numbers
        return bool(value.shape)
    return hasattr(value, "__array_function__") and not isinstance(value, np.generic)


def _origin(box):
    """The array that owns the memory of ``box``, and the ways it is read, from ``box`` back to there."""
    reads = []
    while type(getattr(box, "_base", None)) is tuple:
        reads.append(box._base)
        box = box._base[0]
    return box, reads


def assign(box, index, value):
    """``box[index] = value``. Elements that the index names twice get the last value, as in NumPy."""
    root, reads = _origin(box)
    if getattr(root, "_base", None) is ARGUMENT:
        raise MutationError(
            "An argument of the function was written to.",
            "in NumPy this would overwrite the caller's array, at which the derivative is being taken.",
            "x = x.copy() at the top of the function, or x = x + 1 in place of x += 1",
        )
    if any(rule.function in (np.broadcast_to, np.diagonal) for _, rule, _ in reads):
        raise MutationError(
            "A read-only view was written to.",
            "as in NumPy: elements of a broadcast array share one memory, and np.diagonal is for reading.",
            "y = y.copy() before the write, or np.fill_diagonal(a, v)",
        )
    value = pack(np.array(value) if isinstance(value, (list, tuple)) else value)
    index = settled(index)
    differ = batches(index)
    if differ:
        return assign(root, Ellipsis, _spread(root, reads, index, value))
    index, top = owned(index), highest((root, value))
    arrays = [i for i in (index if isinstance(index, tuple) else (index,)) if isinstance(i, list) or np.ndim(i)]
    base = getattr(value, "_base", None)
    if base is not None and base[0] is box and not arrays and base[2] == {"index": index}:
        return  # the end of y[index] += v, already done
    if type(top) is not type(root):
        raise MutationError(
            f"A {type(top).__name__} was written into an array that holds a {type(root).__name__}.",
            "the array belongs to an outer transform of another mode, and can't carry both derivatives.",
            "np.zeros_like of the inner variable, for an array of the inner function's own",
        )
    if len(reads) == 1 and index is Ellipsis and reads[0][1] is getitem:
        index, reads = reads.pop()[2]["index"], []  # all of y[1:3]: as good as y[1:3] = value
    if reads or any(isinstance(i, list) or dtype_of(i).kind in "iu" for i in arrays):
        index, value = _elements(root, reads, index, value)
        if value is None:
            return
    whole = index is Ellipsis and isinstance(value, Traced) and value.level is top.level and _alike(value, root)
    if any(isinstance(v(), np.ndarray) for v in getattr(root, "_views", ())):
        raise MutationError(
            "An array was written to of which np.asarray has made another.",
            "in NumPy the two are one; of a traced array np.asarray makes an array of objects, which can't follow.",
            "np.array(y) for a copy; or leave np.asarray away",
        )
    become(root, value if whole else apply(setitem, (root, value), {"index": index}))
    for view in getattr(root, "_views", ()):
        if (view := view()) is not None:
            source, rule, static = view._base
            become(view, apply(rule, (source,), static))


def _alike(a, b):
    a, b = bottom(a), bottom(b)
    return (
        _is_array(a)
        and a.shape == b.shape
        and a.dtype == b.dtype
        and getattr(a, "strides", 0) == getattr(b, "strides", 0)
    )


def _numbered(root, reads):
    """The elements of one of the views of ``root``: which of its elements, counted from 0, they are."""
    where = numbered(shape_of(root), root)
    for _, rule, static in reversed(reads):
        where = rule.evaluate((where,), static)
    return where


def _spread(root, reads, index, value):
    """What ``root`` becomes by a write with an index that differs from member to member of a batch."""
    where = _numbered(root, reads)
    if isinstance(index, Traced) and dtype_of(index).kind == "b":
        if shape_of(value):
            raise varies("a mask with an array of values to write")
        hit = np.broadcast_to(np.reshape(index, shape_of(index) + (1,) * (where.ndim - index.ndim)), where.shape)
        came = ask(_written, where, size_of(root), hit)
        return np.reshape(np.where(came > 0, value, np.ravel(root)), shape_of(root))
    where = pick(where, index)
    return _filled(root, ask(_written, where, size_of(root)), np.broadcast_to(value, shape_of(where)))


def _written(where, size, hit=True):
    """For each of ``size`` elements, which of the writes to the elements ``where`` was the last, from 1; 0 for none."""
    came = np.zeros_like(where, shape=(size,))
    hit = np.broadcast_to(hit, where.shape)
    came[where[hit]] = 1 + numbered(where.shape, where)[hit]
    return came


def _filled(root, came, values):
    """``root`` with the values that ``_written`` says, counted from 1."""
    chosen = apply(gather, (values, np.maximum(came - 1, 0)))
    return np.reshape(np.where(came > 0, chosen, np.ravel(root)), shape_of(root))


def _elements(root, reads, index, value):
    """The elements of ``root`` that an index of one of its views means, each once, and the values for them."""
    where = _numbered(root, reads)[index]
    flat = where.reshape(-1)
    last = np.zeros_like(flat, shape=(size_of(root),))
    last[flat] = order = np.arange(flat.size, like=flat)
    if (last[flat] != order).any():
        keep = last[flat] == order
        value = np.reshape(np.broadcast_to(value, where.shape), (-1,))[keep]
        where = flat[keep]
    if not shape_of(root):
        return (), np.reshape(value, ()) if where.size else None
    return np.unravel_index(where, shape_of(root)), value


# ---------------------------------------------------------------------------------------------- NumPy's functions

VIEWS = {
    getattr(np, name)
    for name in """reshape ravel transpose permute_dims matrix_transpose swapaxes moveaxis rollaxis squeeze expand_dims
    broadcast_to broadcast_arrays diagonal diag flip fliplr flipud rot90 split array_split hsplit vsplit dsplit unstack
    atleast_1d atleast_2d atleast_3d trim_zeros real real_if_close einsum""".split()
    if hasattr(np, name)
} | {np.linalg.matrix_transpose, np.linalg.diagonal}
_LIKE = {np.zeros_like, np.ones_like, np.empty_like, np.full_like}
CREATES = _LIKE | {np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.arange, np.tri, np.array, np.asarray}
_FROM = _LIKE | {np.array, np.asarray}
WRITES = {np.copyto: 1, np.fill_diagonal: 1, np.put: 2, np.place: 2, np.putmask: 2, np.put_along_axis: 2}


def create(box, function, args, kwargs):
    """``np.zeros_like(box)``, ``np.zeros(3, like=box)``, ...: a constant of the level of ``box``, for writing to."""
    fill, args = 0.0, list(args)
    if function in (np.array, np.asarray):
        value = args.pop(0)
        if isinstance(value, Traced):
            return np.copy(value) if function is np.array else value
        value = pack(np.array(value))
        value = value.astype(*args, **kwargs) if args or kwargs else value
    else:
        if function in (np.full, np.full_like):
            fill = args[1] if len(args) > 1 else kwargs["fill_value"]
        swap = lambda x: box.example if x is box else 0.0 if x is fill and isinstance(x, Traced) else x
        args, kwargs = map(swap, args), {name: swap(x) for name, x in kwargs.items()}
        if function not in _LIKE and hasattr(box.value, "__array_function__"):
            kwargs["like"] = box.example
        value = function(*args, **kwargs)
    kind = dtype_of(value).kind
    whole = kind in "biuc" and not (box.many and function in _FROM)  # numbers of a kind that has no derivative
    if whole or (isinstance(value, Traced) and value.level.number >= box.level.number):
        return value
    value = box.lift(value.astype(float) if kind == "O" else value)
    return apply(setitem, (value, fill), {"index": Ellipsis}) if isinstance(fill, Traced) else value


def write(function, array, *args, **kwargs):
    """``np.copyto``, ``np.put`` and their like: run on numbered values, the function tells which value goes where."""
    if not isinstance(array, Traced):
        raise out_argument(function)
    args = list(args)
    place, key = (args, WRITES[function] - 1) if len(args) >= WRITES[function] else (kwargs, list(kwargs)[-1])
    values = place[key]
    values = pack(np.array(values) if isinstance(values, (list, tuple)) else values)
    place[key] = np.arange(1, size_of(values) + 1, like=bottom(array)).reshape(shape_of(values))

    def run(*args, **kwargs):
        came = np.zeros_like(stand_in(array), dtype=int)
        function(came, *args, **kwargs)
        return came

    if batches((args, kwargs)):
        came = np.ravel(ask(run, *args, **kwargs))
        return assign(array, Ellipsis, _filled(array, came, values))
    came = run(*args, **kwargs)
    assign(array, came > 0, np.reshape(values, (-1,))[came[came > 0] - 1])


def write_at(ufunc, array, index, values):
    """``np.add.at``: like ``array[index] += values``, but an element named twice gets both."""
    if not isinstance(array, Traced) or ufunc not in (np.add, np.subtract):
        raise out_argument(ufunc)
    where = pick(_numbered(array, ()), index)
    added = apply(scatter, (np.broadcast_to(values, shape_of(where)), where), {"shape": array.shape})
    assign(array, Ellipsis, ufunc(array, added))


def write_out(function, array, result):
    """``out=array``, which is also what ``array += traced`` asks for."""
    if isinstance(array, Traced):
        assign(array, Ellipsis, result)
    elif array.dtype.kind == "O":  # of traced numbers, as np.array([x[0], x[1]]) is
        result = np.broadcast_to(result, array.shape)
        for i in np.ndindex(array.shape):
            array[i] = result[i]
    else:
        raise out_argument(function)
    return array


def augmented(function):
    """The operator ``y += v`` (``function`` adds): a write to an array; a number is given a new value, as in Python."""

    def operator(self, other):
        if type(self.value) is float or not _is_array(plain(self)):
            return NotImplemented
        new = function(self, other)
        if shape_of(new) != self.shape:
            raise ValueError(f"an array of shape {self.shape} can't take the result, of shape {shape_of(new)}")
        assign(self, Ellipsis, new)
        return self

    return operator


def computed(result):
    """What a function computes afresh is no view, though its formula may end in one; and it is contiguous."""
    if isinstance(result, tuple):
        return type(result)._make(map(computed, result)) if hasattr(result, "_make") else tuple(map(computed, result))
    if not isinstance(result, Traced) or result.pair:
        return result
    flags = getattr(bottom(result), "flags", None)
    return snapshot(result) if flags is None or flags.forc else np.copy(result, order="C")
