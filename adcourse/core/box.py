"""Box: what travels through user code in place of a number.

A Box looks like a NumPy array or scalar. Whatever is done to it, by an operator, a ufunc (NEP 13) or another NumPy
function (NEP 18), ends in ``apply(rule, operands)``, and the mode that owns the box takes it from there.
Operators are written by hand and bound to their rule here, once: that path is five times faster than NumPy's.
"""

import operator as op
import sys

import numpy as np

from ..functions import calculus, matrices, products, shapes, statistics  # noqa: F401  (their functions join the tables)
from ..functions.derived import DERIVED, ufunc_method
from .errors import equal_keys, lost_derivative, no_rule
from .gather import pick
from .inplace import (
    CREATES,
    VIEWS,
    WRITES,
    assign,
    augmented,
    computed,
    create,
    exported,
    share,
    write,
    write_at,
    write_out,
)
from .kinds import Constant, Elementwise, dtype_of, owned, shape_of, size_of
from .levels import Traced, apply, asked, batches, highest, plain
from .rules import RULES, astype, getitem


def _unary(function):
    rule = RULES[function]
    return lambda self: apply(rule, (self,))


def _binary(function):
    rule = RULES[function]
    return lambda self, other: apply(rule, (self, other))


def _reflected(function):
    rule = RULES[function]
    return lambda self, other: apply(rule, (other, self))


def _question(function, swap=False):
    rule = RULES[function]

    def ask(self, other):
        operands = (other, self) if swap else (self, other)
        return highest(operands).decide(rule, operands, {})

    return ask


def _constant(function):
    rule = RULES[function]
    return lambda self, *args: self.decide(rule, (self, *args), {})


class Box(Traced):
    """The base of every mode's traced value. A mode adds ``process``."""

    __slots__ = ("__weakref__", "_base", "_views")  # see inplace.py; unset but for arrays that share memory
    __array_priority__ = 1000.0

    # ------------------------------------------------------------------ operators
    __add__, __radd__ = _binary(np.add), _reflected(np.add)
    __sub__, __rsub__ = _binary(np.subtract), _reflected(np.subtract)
    __mul__, __rmul__ = _binary(np.multiply), _reflected(np.multiply)
    __truediv__, __rtruediv__ = _binary(np.divide), _reflected(np.divide)
    __pow__, __rpow__ = _binary(np.power), _reflected(np.power)
    __mod__, __rmod__ = _binary(np.remainder), _reflected(np.remainder)
    __matmul__, __rmatmul__ = _binary(np.matmul), _reflected(np.matmul)
    __neg__, __pos__, __abs__ = _unary(np.negative), _unary(np.positive), _unary(np.absolute)

    __lt__, __le__, __gt__, __ge__ = map(_question, (np.less, np.less_equal, np.greater, np.greater_equal))
    __eq__, __ne__ = _question(np.equal), _question(np.not_equal)
    __floordiv__, __rfloordiv__ = _question(np.floor_divide), _question(np.floor_divide, swap=True)
    __iadd__, __isub__, __imul__ = map(augmented, (op.add, op.sub, op.mul))
    __itruediv__, __ifloordiv__, __imod__ = map(augmented, (op.truediv, op.floordiv, op.mod))
    __ipow__, __imatmul__ = augmented(op.pow), augmented(op.matmul)
    __setitem__ = assign
    __divmod__ = lambda self, other: (self // other, self % other)
    __rdivmod__ = lambda self, other: (other // self, other % self)
    __floor__, __ceil__, __trunc__, __round__ = map(_constant, (np.floor, np.ceil, np.trunc, np.round))

    # ------------------------------------------------------------------ NumPy's protocols
    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        if out is not None:
            return write_out(ufunc, out[0], getattr(ufunc, method)(*inputs, **kwargs))
        if method == "at":
            return write_at(ufunc, *inputs)
        rule = RULES.get(ufunc) or _from_scipy(ufunc)
        if method != "__call__":
            return ufunc_method(ufunc, method, inputs, kwargs)
        if ufunc in DERIVED:
            return DERIVED[ufunc](*inputs, **kwargs)
        if rule is None:
            raise no_rule(ufunc)
        if isinstance(rule, Constant):
            return highest(inputs).decide(rule, inputs, kwargs)
        if kwargs:
            raise no_rule(ufunc, f"(..., {', '.join(kwargs)}=...)")
        return apply(rule, inputs)

    def __array_function__(self, function, types, args, kwargs):
        if len(types) > 1 and not self.pair and any(getattr(t, "pair", False) for t in types):
            return NotImplemented  # theirs to say
        if function in DERIVED:
            result = DERIVED[function](*args, **kwargs)
            return result if function in VIEWS else computed(result)
        if function in CREATES:
            return create(self, function, args, kwargs)
        if function in WRITES:
            return write(function, *args, **kwargs)
        rule = RULES.get(function)
        if rule is None:
            if function.__module__ == "numpy.fft":
                from ..functions.fft import FUNCTIONS

                return FUNCTIONS[function](*args, **kwargs)
            raise no_rule(function)
        if isinstance(rule, Constant):
            return self.decide(rule, args, kwargs)
        operands, static = rule.bind(args, kwargs)
        result = apply(rule, operands, static)
        return share(result, operands[0], rule, static) if function in VIEWS else result

    # ------------------------------------------------------------------ what an array has
    shape = property(lambda self: shape_of(self.value))
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: size_of(self.value))
    T = property(lambda self: np.transpose(self))
    real = property(lambda self: self)
    imag = property(lambda self: np.zeros_like(self))

    @property
    def dtype(self):
        if not self.shape:  # np.array([x, y]).mean() asks, and would then make its result a plain number
            raise AttributeError("a traced scalar has no dtype, as a Python float has none; use np.zeros_like(x)")
        return dtype_of(self)

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of a traced scalar")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        if batches(index):
            return pick(self, index)
        static = {"index": owned(index)}
        out = apply(getitem, (self,), static)
        return out if type(out.value) is float else share(out, self, getitem, static)

    def __bool__(self):
        return bool(asked(self))

    def __int__(self):
        return int(asked(self))  # piecewise constant, as floor is: its derivative is 0 wherever it has one

    def astype(self, dtype):
        if np.dtype(dtype).kind != "f":
            raise lost_derivative(self, f"astype({np.dtype(dtype).name})")
        return apply(astype, (self,), {"dtype": np.dtype(dtype)})

    def copy(self, order="C"):
        return np.copy(self, order=order)

    def fill(self, value):
        self[...] = value

    def sort(self, axis=-1):
        self[...] = np.sort(self, axis=axis)

    def partition(self, kth, axis=-1):
        self[...] = np.partition(self, kth, axis=axis)

    def reshape(self, *shape, order="C"):
        shape = shape[0] if len(shape) == 1 else shape
        return np.reshape(self, shape) if order == "C" else np.reshape(self, shape, order)

    def transpose(self, *axes):
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def flatten(self, order="C"):
        return np.ravel(self.copy()) if order == "C" else np.ravel(self.copy(), order)

    def compress(self, condition, axis=None):
        return np.compress(condition, self, axis)

    def conj(self):
        return +self

    conjugate = conj
    flat = property(lambda self: np.ravel(self))
    mT = property(lambda self: np.matrix_transpose(self))
    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.size * self.itemsize)

    # ------------------------------------------------------------------ what would lose the derivative
    def __float__(self):
        raise lost_derivative(self, "float() or a write into a plain array")

    def __complex__(self):
        raise lost_derivative(self, "complex()")

    def __hash__(self):
        """By identity, as long as that is what the plain program does: there, equal numbers are one key."""
        if self.shape:
            raise TypeError("a traced array can't be a key or in a set, as a NumPy array can't")
        if self.level.__dict__.setdefault("keys", {}).setdefault(float(asked(self)), self) is not self:
            raise equal_keys(plain(self))
        return object.__hash__(self)

    def __reduce_ex__(self, protocol):
        raise lost_derivative(self, "pickling, or sending to another process,")

    def __copy__(self):
        return np.copy(self) if self.shape else +self

    def __deepcopy__(self, memo):
        return memo.setdefault(id(self), self.__copy__())

    @property
    def __array__(self):
        if not self.shape:  # so that NumPy takes a traced scalar as an object
            raise AttributeError("__array__")
        return lambda dtype=None, copy=None: exported(self, dtype, copy)

    def __format__(self, spec):  # for a look at it, f"{x:.3f}"; float() of the text must not pass for x
        return f"{type(self).__name__}({format(plain(self), spec)})" if spec else repr(self)

    def __repr__(self):
        return f"{type(self).__name__}({self.value!r})"


def _from_scipy(ufunc):
    """The rule of a special function: they join the table when a program that has imported SciPy first meets one."""
    if "scipy.special" in sys.modules:
        from ..functions import special  # noqa: F401
    return RULES.get(ufunc)


def _as_function(name):
    def method(self, *args, **kwargs):
        return getattr(np, name)(self, *args, **kwargs)

    method.__name__, method.__doc__ = name, f"``np.{name}(x, ...)``."
    return method


def _losing(name):
    def method(self, *args, **kwargs):
        raise lost_derivative(self, f".{name}()")

    return method


_FUNCTIONS = """
    sum mean prod max min var std clip cumsum cumprod all any argmax argmin argsort argpartition nonzero searchsorted
    round choose diagonal dot ravel repeat squeeze swapaxes take trace
"""
for _name in _FUNCTIONS.split():
    setattr(Box, _name, _as_function(_name))
for _name in "item tolist tobytes tofile dump dumps".split():
    setattr(Box, _name, _losing(_name))

# NumPy's loops over object arrays call a method of the ufunc's name on each element: np.sin(np.array([x[0], x[1]])).
for _function, _rule in RULES.items():
    if isinstance(_rule, Elementwise) and not hasattr(Box, _function.__name__):
        _method = (_unary if len(_rule.partials) == 1 else _binary)(_function)
        _method.__name__ = _function.__name__
        setattr(Box, _function.__name__, _method)


def _missing(name, explain):
    def say(self):
        raise AttributeError(explain(self, name))

    return property(say)


def _made_before(x, name):
    return (
        f"a {type(x).__name__} has no {name}: a number made by hand is a constant to a transform that begins after it "
        "was made. Make it inside the function that is differentiated"
    )


for _name in ("tangent", "coefficients", "e1", "e2", "e12"):
    setattr(Box, _name, _missing(_name, _made_before))

# What an array has and a box has not says so. (A __getattr__ would make every attribute of every box slower.)
for _name in dir(np.ndarray):
    if not _name.startswith("_") and not hasattr(Box, _name):
        setattr(Box, _name, _missing(_name, lambda x, name: str(no_rule(name, " as a method of a traced value"))))
