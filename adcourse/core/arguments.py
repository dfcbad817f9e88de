"""What goes into a transform and what comes out: checked, converted, and the caller's own afterwards."""

from collections.abc import Iterable
from functools import wraps
from operator import index
from traceback import walk_tb

import numpy as np

from .errors import ADError, InputError, object_array, read_only
from .inplace import snapshot
from .kinds import dtype_of, shape_of
from .levels import Traced, highest, levels_in, pack, plain
from .tape import TAPE, Var
from .tree import flatten, leaves_like


def as_input(x, what="the argument"):
    """A number or array that can be differentiated: real and floating; integers become floats."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        x = pack(x)
    if isinstance(x, Traced):
        return x.astype(float) if x.many and getattr(dtype_of(x), "kind", "f") in "iu" else x
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    if isinstance(x, bool) or kind not in (None, "f", "i", "u") or not (kind or isinstance(x, (int, float))):
        name = f"dtype {x.dtype}" if kind else type(x).__name__
        raise InputError(
            f"{what} is {x!r} ({name}); a derivative needs real floating-point numbers.",
            "a derivative is taken by real numbers and arrays of them, and by tuples, lists, dicts and named tuples of "
            "these; text, None, True, complex numbers and other objects have none.",
            "a float or a NumPy array of floats; argnums=... to differentiate by another argument; for an object p its "
            "numbers in a dict, as dataclasses.asdict(p) gives",
        )
    if kind == "f" or isinstance(x, float):
        return x
    return x.astype(float) if kind else float(x)


def as_output(y, level=None):
    """One leaf of what the function returned (to the transform of this level)."""
    y = pack(y)
    plain(y)  # raises for a value that has escaped from another transform
    if isinstance(y, Traced) and y.level.shared and level in levels_in(y):
        name = type(y).__name__
        raise InputError(
            f"The function returned a {name} made of traced values.",
            f"a {name} is several numbers, of which each has a derivative.",
            f"return y.value at the end of the function, or another number of the {name} y",
        )
    kind = getattr(getattr(y, "dtype", None), "kind", None)
    if isinstance(y, (Traced, int, float)) or kind in tuple("fiub"):
        return y
    raise InputError(
        f"The function returned {y!r} ({type(y).__name__}).",
        "a derivative needs a result of real numbers; None usually means a forgotten return, and a complex result "
        "has no real derivative.",
        "return y at the end of the function, where y is a number or an array",
    )


def selected(args, argnums, f):
    """The positions to differentiate by, checked, and whether one was asked for or several."""
    several = type(argnums) in (tuple, list)
    if not several and type(argnums) is not int:
        several = isinstance(argnums, Iterable) and np.ndim(argnums) != 0
    found = []
    for n in argnums if several else (argnums,):
        if type(n) is not int:
            n = n if not hasattr(n, "__index__") or isinstance(n, bool) else index(n)
        if type(n) is not int or not -len(args) <= n < len(args) or n % len(args) in found:
            raise InputError(
                f"argnums={argnums!r}, but {called(f)} was called with {len(args)} positional argument(s).",
                "argnums counts the positional arguments from 0 (from the last: -1), each at most once; an argument "
                "given by its name isn't one of them.",
                "grad(f, argnums=0)(x, y), or argnums=(0, 1) for both",
            )
        found.append(n % len(args))
    return found, several


def called(f):
    return getattr(f, "__name__", type(f).__name__)


def check_function(f, who):
    """Raise unless ``f`` is a function. ``who`` asks: "grad"; or, if its call isn't (f)(x), that: "vjp(f, x)"."""
    if not callable(f):
        name, bracket, _ = who.partition("(")
        raise InputError(
            f"{name} was given {f!r}, which can't be called.",
            f"{name} calls the function itself, and one value of it doesn't say what the others are.",
            f"{who if bracket else name + '(f)(x)'}, where f is a function: its name, without brackets behind it",
        )


def as_python(x):
    """A Python float for a NumPy one: what goes in as a float comes out as a float."""
    return float(x) if isinstance(x, np.floating) else x


def as_floats(tangents, xs):
    """Tangents as Python floats, where all that went in were Python's own numbers."""
    return [as_python(t) for t in tangents] if all(type(x) in (float, int) for x in xs) else tangents


def own_arrays(arrays, given=()):
    """Results as arrays of the caller's own: no views, nothing shared between two of them or with what was given."""
    seen = {id(a) for a in given}
    for k, a in enumerate(arrays):
        if type(a) is not float:
            arrays[k] = a = snapshot(a)
            if isinstance(a, np.ndarray):
                if not a.flags.owndata or not a.flags.writeable or id(a) in seen:
                    arrays[k] = a = a.copy()
                seen.add(id(a))
    return arrays


def teach(error, args=()):
    """Raise something better for an error of NumPy's own that traced values caused, at the guilty line; else return.

    ``args``: what the function was called with.
    """
    if isinstance(error.__cause__, ADError):  # what float(box) raised, wrapped
        raise error.__cause__.with_traceback(error.__traceback__) from None
    if isinstance(error, ADError):  # said already, by an inner transform
        return
    if "read-only" in str(error):
        raise read_only(error).with_traceback(error.__traceback__) from None
    said = ["dtype('O')", "which has no callable", "not supported for the input types"]
    said += ["numpy.object_", "'add' does not have an identity"]  # of objects
    if isinstance(error, AttributeError):  # what box.dtype says, if it was NumPy that asked; or a number without sin
        said = ["traced scalar has no dtype"] if _raised_by_numpy(error.__traceback__) else []
        said += [str(error)] * (
            isinstance(error.obj, (int, float)) and isinstance(getattr(np, error.name or "", None), np.ufunc)
        )
    if any(text in str(error) for text in said) or (type(error) is not ValueError and _stumbled(error.__traceback__)):
        raise object_array(error).with_traceback(error.__traceback__) from error
    if type(error) is TypeError and any(text in str(error) for text in LISTS) and any(type(a) is list for a in args):
        raise InputError(
            f"An argument is a list, and the function calculates with it as with an array: {error}.",
            "arguments keep their form: a list of numbers is a list in the function too, as in the plain program.",
            "np.array([1.0, 2.0]) in place of [1.0, 2.0]",
        ).with_traceback(error.__traceback__) from error


LISTS = "'list'", "multiply sequence"  # in what Python says of arithmetic with lists


def _raised_by_numpy(trace):
    while trace.tb_next is not None and trace.tb_next.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_globals.get("__name__", "").startswith("numpy.")


def _stumbled(trace):
    """Whether Python code of NumPy's raised this, at work on an array of objects among which are traced values."""
    frames = [frame for frame, _ in walk_tb(trace)]
    theirs = [frame for frame in frames if frame.f_globals.get("__name__", "").startswith("numpy.")]
    arrays = [x for frame in theirs for x in frame.f_locals.values() if isinstance(x, np.ndarray) and x.dtype == object]
    return frames[-1:] == theirs[-1:] and any(isinstance(e, Traced) for x in arrays for e in x.flat)


class recording:
    """Run ``f`` on recorded inputs: ``with recording(...) as (tape, leaves, build, values, build_out)``.

    The inputs' and the outputs' leaves, each with the builder of their tree. The tape is closed; inside the block the
    arrays that it needs can't be written to.
    """

    __slots__ = ("given", "tape")

    def __init__(self, f, args, argnums, kwargs=None, keep=False, own=False):
        found, several = selected(args, argnums, f)
        leaves, build = flatten(tuple([args[n] for n in found]))
        leaves = leaves or [args[n] for n in found if args[n] is None]  # refused in the next line
        for k, x in enumerate(leaves):
            if type(x) is not float:
                leaves[k] = as_input(x, f"An argument of {called(f)}")
        tape = self.tape = TAPE.get()(keep, own)
        try:
            swapped = list(args)
            for n, x in zip(found, build(tape.begin(leaves)), strict=True):
                swapped[n] = x
            try:
                outputs, build_out = flatten(f(*swapped, **kwargs) if kwargs else f(*swapped))
            except (AttributeError, TypeError, ValueError) as error:
                teach(error, swapped)
                raise
            values = outputs
            for k, y in enumerate(outputs):
                if type(y) is not Var or type(y.value) is not float:
                    values[k] = y = as_output(y, tape)
                mine = type(y) is Var and y.level is tape
                tape.outputs.append(y.index if mine else None)
                if mine:
                    values[k] = y.value if type(y.value) is float else snapshot(y.value)
            if tape.lean and float not in map(type, leaves):  # NumPy's numbers went in, and come out
                values = [np.float64(y) if type(y) is float else y for y in values]
            if own:  # what the caller does to the result must not reach the rows
                values = [y.copy() if isinstance(y, np.ndarray) else y for y in values]
            tape.value = build_out(values)
        except BaseException:
            tape.release()
            raise
        finally:
            tape.close()
        self.given = tape, leaves, (build if several else lambda new: build(new)[0]), values, build_out

    def __enter__(self):
        return self.given

    def __exit__(self, error, *_):
        changed = self.tape.release()
        if not self.tape.own:  # nobody can ask for it again; and its memory goes now, also where values refer to it
            self.tape.rows.clear()
        if changed and error is None:
            raise read_only("an array was written to through an older view of its memory")


def pair(primals, tangents, transform):
    """Primals and tangents as tuples; a single argument may stand without one."""
    if type(primals) not in (tuple, list):
        primals, tangents = (primals,), (tangents,)
    if type(tangents) not in (tuple, list) or len(primals) != len(tangents):
        raise InputError(
            f"{transform} got {len(primals)} primal(s) and tangents {tangents!r}.",
            "each argument of the function needs one tangent, of its own shape.",
            f"{transform}(f, (x, y), (dx, dy))",
        )
    return tuple(primals), tuple(tangents)


def without_aux(f):
    """``f`` without the second part of its result, and a list into which a call puts that part, as plain values."""
    kept = []

    @wraps(f, updated=())
    def main(*args, **kwargs):
        result = f(*args, **kwargs)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise InputError(
                f"With has_aux=True, {called(f)} returned {result!r}.",
                "has_aux says that the function returns a pair: what to differentiate, and what else to hand back.",
                "return y, aux at the end of the function, or leave has_aux away",
            )
        mine = highest(flatten(args)[0])  # an input of the transform that calls: the newest level
        leaves, build = flatten(result[1])
        kept[:] = [build([_kept(x, mine) for x in leaves])]
        return result[0]

    return main, kept


def _kept(x, mine):
    if isinstance(x, np.ndarray) and x.dtype == object and any(isinstance(e, Traced) for e in x.flat):
        x = pack(x)
    if mine is None or not isinstance(x, Traced) or x.level is not mine.level:
        return x
    return x.value.copy() if isinstance(x.value, np.ndarray) else snapshot(x.value)


def as_tangents(tangents, primals, xs):
    """The leaves of ``tangents``, checked against ``xs``, those of ``primals``."""
    vs = [as_input(v, "A tangent") for v in leaves_like(tangents, primals, "The tangents")]
    if any(shape_of(x) != shape_of(v) for x, v in zip(xs, vs, strict=True)):
        raise InputError(
            f"Primals have shapes {[shape_of(x) for x in xs]}, tangents {[shape_of(v) for v in vs]}.",
            "a tangent is a direction in the space of its primal: one number for each of its numbers.",
            "np.ones_like(x), or another array of the shape of x",
        )
    return vs
