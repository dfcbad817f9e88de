"""Record a function once, and run the program that was written down: no boxes, no rules, no levels.

Tracing costs what a few microseconds of Python an operation cost. A program that only depends on the shapes of its
arguments and on the branches it takes can be recorded once (recorder.py), cleaned (passes.py), written as straight-line
source and compiled (machine.py, compiled.py), and called.
"""

import gc
import warnings
from contextlib import contextmanager
from functools import wraps
from inspect import signature
from types import BuiltinFunctionType, FunctionType, ModuleType

import numpy as np

from ..core.arguments import called, check_function
from ..core.errors import ADError, InputError
from ..core.kinds import shape_of
from ..core.levels import Traced
from ..core.tree import flatten
from .captured import Captured
from .compiled import Compiled, Unrecorded
from .machine import Elsewhere, Singular
from .passes import improved
from .recorder import recorded
from .unrolled import unrolled

BRANCHES = 8  # recordings of one signature, after which a new branch isn't recorded any more
VALUES = (bool, int, str, bytes, complex, type(None))  # arguments that are no input, but part of the signature
THINGS = (FunctionType, BuiltinFunctionType, ModuleType, type, np.ufunc, np.dtype, slice, type(Ellipsis))


def replay(f):
    """``f``, recorded once and run as the straight-line program that it was: the same results, to the last bit.

    ``f`` may be any function of NumPy code, and just so ``grad(f)``, ``value_and_grad(f)``, ``jacobian(f)``,
    ``hessian(f)``, ``vmap(f)`` and what else the transforms make. The first call with arguments of new shapes, types
    or trees records; so does a call that takes another branch. Floats and arrays of numbers are inputs of the program;
    integers, booleans and text are part of its signature, and another one records again. So do numbers and arrays that
    ``f`` reads besides its arguments (of enclosing functions, globals, attributes of the object it is a method of) when
    they change; of an array with more than 4,096 entries a sample is looked at.

    ``replay(f).programs`` is the list of what was recorded: each has its ``source``, its ``steps`` and their number.
    A function that doesn't repeat itself (random numbers, a counter) can't be replayed: it is run as it is, and a
    RuntimeWarning says so once. ``np.array([x, y])`` of recorded numbers is an array of objects, which NumPy adds one
    by one, and ``np.power`` of two numbers is ``x**y``, as on a tape: a replayed ``f`` itself, outside of ``grad`` and
    its like, may differ from ``f`` in the last bit there. Under another transform ``f`` itself is called. Raises
    InputError for arguments that are neither numbers, arrays of them nor trees of these; what ``f`` raises.
    Source: Griewank and Walther (2008), section 6.1, on reusing a recorded tape.

    >>> import numpy as np
    >>> from adcourse import grad
    >>> f = lambda x: np.sum(np.where(x > 0, x**2, np.sin(x)))
    >>> fast = replay(grad(f))
    >>> fast(np.array([2.0, 0.0])).tolist(), fast(np.array([3.0, -0.0])).tolist(), len(fast.programs)
    ([4.0, 1.0], [6.0, 1.0], 1)
    """
    check_function(f, "replay")
    known, programs = {}, []

    def look(args, kwargs):
        """The program for these arguments, found or recorded, and run."""
        leaves, build = flatten((args, kwargs))
        if any(isinstance(x, Traced) for x in leaves):
            return f(*args, **kwargs)
        variants = known.setdefault((_form(args), _form(kwargs)), [])
        for k, found in enumerate(variants):
            if not found.captured.holds():
                continue
            try:
                result = found.run(leaves) if found.repeats else f(*args, **kwargs)
            except Singular:  # NumPy knows what 1 / 0 is, and the caller's function what to do about it
                if not found.apart:
                    return f(*args, **kwargs)
                variants[k], result = record(f, leaves, build, kwargs, apart=False)
                programs[:] = [variants[k] if p is found else p for p in programs]
                found = variants[k]
            except Elsewhere:
                continue
            break
        else:
            if len(variants) >= BRANCHES:
                return f(*args, **kwargs)
            found, result = record(f, leaves, build, kwargs)
            variants.append(found)
            programs.append(found)
        names["latest"] = found.body if found.flat and found.repeats else anew
        return result

    def anew(*args):
        return look(args, {})

    names = {"look": look, "latest": anew, "Elsewhere": Elsewhere}
    replayed = wraps(f, updated=())(_front(f, names))
    replayed.programs = programs
    return replayed


def _front(f, names):
    """What the caller calls: with the parameters of ``f``, as a call with * costs twice the time, if that can be."""
    try:
        given = list(signature(f).parameters.values())
    except (TypeError, ValueError):
        given = None
    if not given or not all(map(_simple, given)) or any(p.name in names for p in given):
        head, call, args = "*args, **kwargs", "look(args, kwargs) if kwargs else latest(*args)", "args, kwargs"
    else:
        defaults = {f"default_{k}": p.default for k, p in enumerate(given) if p.default is not p.empty}
        names |= defaults
        head = ", ".join(p.name + f"=default_{k}" * (f"default_{k}" in defaults) for k, p in enumerate(given))
        args = "".join(f"{p.name}, " for p in given)
        call, args = f"latest({args})", f"({args}), {{}}"
    text = f"def replayed({head}):\n try:\n  return {call}\n except Elsewhere:\n  pass\n return look({args})"
    exec(text, names)
    return names["replayed"]


def _simple(p):
    """Whether a parameter can stand in the text of a function."""
    known = p.default is p.empty or isinstance(p.default, (float, *VALUES, *THINGS))
    return p.kind is p.POSITIONAL_OR_KEYWORD and known


def record(f, leaves, build, kwargs, apart=True):
    """The program of one call, checked against the call itself, and the result of that.

    ``apart``: whether short vectors may become numbers of Python's, which raise where NumPy's divide by zero.
    """
    args, kwargs = build(leaves)
    result = f(*args, **kwargs)
    captured = Captured(f)
    wanted, _ = flatten(result)
    with uncollected():
        try:
            program = recorded(f, leaves, build)
        except ADError:
            raise
        except Exception as error:  # of NumPy, or of the function, which has just run without it on plain numbers
            found = Unrecorded(captured)
            found.repeats, why = False, f"with recorded numbers it raises {type(error).__name__}: {error}"
        else:
            whole = improved(program)
            program = unrolled(whole) if apart else whole
            found = Compiled(program, leaves, wanted, not kwargs and len(args) == len(leaves), captured)
            found.apart = program is not whole
            found.repeats, why = program.ours is None, f"it meets {program.ours} outside every transform"
    if found.repeats:
        try:
            again = found.run(leaves)
        except Singular:
            return record(f, leaves, build, kwargs, apart=False) if found.apart else (found, result)
        except Elsewhere:
            again = None
        leaves, _ = flatten(again)
        found.repeats = len(leaves) == len(wanted) and all(map(identical, leaves, wanted))
        result = again if found.repeats else result
        why = "it doesn't repeat itself (random numbers, a counter, a file?)"
    if not found.repeats:
        warnings.warn(f"replay runs {called(f)} as it is: {why}.", RuntimeWarning, stacklevel=4)
    return found, result


@contextmanager
def uncollected():
    """No collection of garbage: all steps stay to the end, and looking through them again and again takes its time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def identical(a, b):
    """Whether two values are the same in type, shape and every bit (any nan is as good as another)."""
    if type(a) is not type(b) or shape_of(a) != shape_of(b) or getattr(a, "dtype", 0) != getattr(b, "dtype", 0):
        return False
    if hasattr(a, "indptr"):  # a sparse matrix of SciPy's
        return all(identical(getattr(a, part), getattr(b, part)) for part in ("data", "indices", "indptr"))
    if not isinstance(a, (float, np.ndarray, np.generic)):
        return bool(a == b)
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    return bool(np.array_equal(a, b, equal_nan=True)) and bool(np.all((np.signbit(a) == np.signbit(b)) | np.isnan(a)))


def _form(x):
    """What a recording depends on: the tree, and of each leaf its type, shape and dtype, or its value."""
    kind = type(x)
    if kind is float:
        return float
    if kind is np.ndarray and x.dtype.kind in "fiub":
        return x.shape, x.dtype, x.flags.c_contiguous, x.flags.f_contiguous
    if isinstance(x, dict):
        return kind, tuple((k, _form(v)) for k, v in x.items())
    if isinstance(x, (tuple, list)):
        return kind, tuple(map(_form, x))
    if isinstance(x, np.floating):
        return kind
    if isinstance(x, Traced):
        return None
    if isinstance(x, (*VALUES, np.integer, np.bool_)):
        return kind, x
    if isinstance(x, THINGS):
        return kind, id(x), x if not isinstance(x, slice) else (x.start, x.stop, x.step)
    raise InputError(
        f"A replayed function was called with {x!r} ({kind.__name__}).",
        "its program is kept for numbers and arrays of real numbers; what is in another object may change unseen.",
        "the numbers in it as arguments, in a tuple, list or dict if they are many; or f itself in place of replay(f)",
    )
