"""The reference: arrays of 50-digit numbers on which the same NumPy program runs. It knows no derivative.

Structure (reshape, index, sort, products of arrays, ...) is NumPy's own, on arrays of objects; the elementary functions
are mpmath's. Derivatives are central differences: with 50 digits and h = 1e-10, a third difference keeps 19 digits.
"""

import itertools
import warnings
from functools import cache

import mpmath
import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..core.examples import EXAMPLES, draw
from ..core.examples_special import ORDERS
from ..core.test_rules import ORACLE
from .exact_functions import FUNCTIONS, each
from .programs import namespace

DIGITS, STEP = 50, "1e-10"
NUMBERS = (mpmath.mpf, mpmath.mpc)

# ufuncs for which NumPy has no loop over objects, beside those in ORACLE
PIECEWISE = {"floor": mpmath.floor, "ceil": mpmath.ceil, "rint": mpmath.nint, "sign": mpmath.sign}
PIECEWISE["floor_divide"] = lambda x, y: mpmath.floor(x / y)
PIECEWISE["trunc"] = lambda x: mpmath.floor(x) if x > 0 else mpmath.ceil(x)
_NATIVE = {"add", "subtract", "multiply", "divide", "negative", "positive", "absolute", "maximum", "minimum"}
UFUNCS = {name: f for name, f in (ORACLE | PIECEWISE).items() if name not in _NATIVE}
for _name in ORDERS:  # the reference has the order that the examples use
    UFUNCS[_name] = lambda n, x, f=ORACLE[_name]: f(x)
UFUNCS["conjugate"] = mpmath.conj
CONSTRUCTORS = "eye identity zeros ones full empty arange linspace tri".split()


class Exact(NDArrayOperatorsMixin):
    """An array of mpmath numbers. ``noise``: a generator of relative errors, one for every number computed."""

    noise = None

    def __init__(self, numbers):
        self.data = np.asarray(numbers, dtype=object)

    @classmethod
    def of(cls, x):
        return cls(each(mpmath.mpf)(x))

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        operands = [_bare(x) for x in inputs]
        if ufunc is np.modf:
            whole = np.trunc(*inputs)
            return np.subtract(*inputs, whole), whole
        if ufunc.__name__ in UFUNCS:
            ufunc = np.frompyfunc(UFUNCS[ufunc.__name__], ufunc.nin, 1)
            if method == "reduce":
                axes = kwargs.pop("axis", 0)
                axes = range(operands[0].ndim) if axes is None else np.atleast_1d(axes)
                for axis in sorted((a % operands[0].ndim for a in axes), reverse=True):
                    operands[0] = ufunc.reduce(operands[0], axis=axis, **kwargs)
                return _wrap(operands[0])
        if "out" in kwargs:  # c += x, for an array c of objects
            kwargs["out"] = tuple(_bare(x) for x in kwargs["out"])
        return _wrap(getattr(ufunc, method)(*operands, **kwargs))

    def __array_function__(self, function, types, args, kwargs):
        args, kwargs = _bare(args), {k: _bare(v) for k, v in kwargs.items() if k != "dtype" or function is np.eye}
        name = f"{function.__module__}.{function.__name__}".removeprefix("numpy.")
        if name in CONSTRUCTORS:  # with like=
            return Exact.of(function(*args, **{k: v for k, v in kwargs.items() if k != "like"}))
        return _wrap(FUNCTIONS.get(name, function)(*args, **kwargs))

    def __getitem__(self, index):
        return _wrap(self.data[_bare(index)])

    def __setitem__(self, index, value):
        self.data[_bare(index)] = _bare(value)

    def __array__(self, dtype=None, copy=None):
        return self.data  # what np.array([x, y]) asks for

    def __bool__(self):
        return bool(self.data)

    def __int__(self):
        return int(self.data.item())

    def __len__(self):
        return len(self.data)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def astype(self, dtype):
        return Exact(self.data)

    def copy(self):
        return Exact(self.data.copy())

    def __getattr__(self, name):  # x.sum(axis=0) is np.sum(x, axis=0), but methods spell some arguments their own way
        if name in ("reshape", "transpose", "flatten", "compress"):
            return lambda *args, **kwargs: _wrap(getattr(self.data, name)(*args, **kwargs))
        if name.startswith("_") or not hasattr(np, name):
            raise AttributeError(name)
        return lambda *args, **kwargs: getattr(np, name)(self, *args, **kwargs)

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    dtype = np.dtype(float)
    T = property(lambda self: Exact(self.data.T))
    real = property(lambda self: np.real(self))
    imag = property(lambda self: np.imag(self))


def _bare(x):
    if isinstance(x, Exact):
        return x.data if x.shape else x.data.item()
    return type(x)(map(_bare, x)) if type(x) in (tuple, list) else x


def _wrap(x):
    """The result of an operation: numbers as Exact, answers (bool, int) as they are, never numbers of 16 digits."""
    if isinstance(x, tuple):
        return type(x)(*map(_wrap, x)) if type(x) is not tuple else tuple(map(_wrap, x))
    if type(x) is list:
        return list(map(_wrap, x))
    if isinstance(x, NUMBERS) or getattr(getattr(x, "dtype", None), "kind", None) == "O":
        x = np.array(x, dtype=object)
        flat = [v if isinstance(v, (*NUMBERS, bool)) else mpmath.mpmathify(v) for v in x.flat]
        if flat and isinstance(flat[0], bool):
            return x.astype(bool)
        if Exact.noise is not None:
            errors = Exact.noise.uniform(-1, 1, len(flat)) * 2.0**-52
            flat = [v * (1 + mpmath.mpf(e)) for v, e in zip(flat, errors, strict=True)]
        data = np.empty(x.shape, dtype=object)
        data.flat = flat
        return Exact(data)
    if type(x) is float:  # a constant of the program's, as np.clip may return
        return Exact(mpmath.mpf(x))
    if getattr(getattr(x, "dtype", None), "kind", "b") == "f":
        raise TypeError("this function has rounded to 16 digits: add it to FUNCTIONS in tests/fuzz/exact.py")
    return x


# ------------------------------------------------------------------------------ values and derivatives


def directional(program, noise=None):
    """The derivative of the program in its directions, one after the other: d^k f[v_1, ..., v_k].

    ``noise``: a seed. Every number computed then carries an error of its own of up to 2^-52, the same in every run of
    the program, so that what comes out is the derivative of a neighbouring program.
    """
    with mpmath.workdps(DIGITS):
        h, total, f = mpmath.mpf(STEP), mpmath.mpf(0), program.function(numpy)
        xs = [_mpf(x) for x in program.inputs.values()]
        directions = [[h * _mpf(v) for v in direction] for direction in program.directions()]
        try:
            for signs in itertools.product((1, -1), repeat=len(directions)):
                at = xs
                for sign, direction in zip(signs, directions, strict=True):
                    at = [x + sign * v for x, v in zip(at, direction, strict=True)]
                Exact.noise = None if noise is None else np.random.default_rng(noise)
                total += int(np.prod(signs)) * _number(f(*map(Exact, at)))
        finally:
            Exact.noise = None
        return float(total / (2 * h) ** len(directions))


def _mpf(x):
    return np.array(each(mpmath.mpf)(x), dtype=object)


class _NumPy:
    """NumPy, except that an array made of exact numbers is one."""

    def __getattr__(self, name):
        return getattr(np, name)

    def array(self, x):
        x = np.array(_bare(x))
        return Exact(x) if x.dtype == object else x


numpy = _NumPy()


class special:
    """Functions of scipy.special that are no ufuncs, by their definition."""

    @staticmethod
    def logsumexp(a, axis=None, b=1, keepdims=False):
        a = a if isinstance(a, Exact) else numpy.array(a)
        return np.log(np.sum(np.exp(a) * b, axis=axis, keepdims=keepdims))

    @classmethod
    def log_softmax(cls, x, axis=None):
        return x - cls.logsumexp(x, axis, keepdims=True)

    @classmethod
    def softmax(cls, x, axis=None):
        return np.exp(cls.log_softmax(x, axis))

    @staticmethod
    def polygamma(n, x):
        return _wrap(each(lambda v: mpmath.psi(n, v))(_bare(x)))


numpy.sc = special


@cache
def known(name, k):
    """Whether the reference can compute this call of the table of examples, and gives what NumPy gives."""
    call, domains, shapes = EXAMPLES[name][k]
    x = draw(np.random.default_rng(1), domains, shapes)
    with mpmath.workdps(DIGITS), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            y = namespace(numpy)["EXAMPLES"][name][k][0](*map(Exact.of, x))
            return isinstance(y, Exact) and np.allclose(y.data.astype(float), call(*x), rtol=1e-10, atol=1e-13)
        except Exception:  # the call is left out, named and counted; test_fuzz.py bounds how many
            return False


def _number(y):
    return y.data.item() if isinstance(y, Exact) else y
