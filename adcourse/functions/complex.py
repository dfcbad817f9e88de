"""Complex numbers between real inputs and real results: a pair of traced real numbers or arrays.

The rules of the core are those of real functions. ``Complex`` sits above all modes (its level has the highest number):
it turns an operation on complex values into operations on their real and imaginary parts, which then go their usual
way. So derivatives are right in every mode and order, also of abs and conj, which have no complex derivative. What
isn't listed here raises. A function's arguments and its result stay real: return z.real, or abs(z)**2.
"""

import cmath
import math

import numpy as np

from ..core.box import Box
from ..core.errors import InputError
from ..core.kinds import Constant, Linear, dtype_of, shape_of
from ..core.levels import Level, apply
from ..core.rules import RULES, astype
from .derived import DERIVED

_ABOVE_ALL = Level()
_ABOVE_ALL.number = math.inf


def refused(what):
    return InputError(
        f"{what} met a traced complex number.",
        "the rules are those of real functions; a traced complex number is its real and its imaginary part, and this "
        "operation isn't defined on the pair here.",
        "z.real, z.imag, abs(z) or np.angle(z), which are real; a result must be real too, as in abs(z) ** 2",
    )


class Complex(Box):
    """re + i im, of traced (or plain) real numbers or arrays of one shape."""

    __slots__ = ("imag", "real")
    pair = True

    def __init__(self, real, imag):
        self.level, shape = _ABOVE_ALL, np.broadcast_shapes(shape_of(real), shape_of(imag))
        self.real, self.imag = (p if shape_of(p) == shape else np.broadcast_to(p, shape) for p in (real, imag))

    @property
    def value(self):
        raise refused("A function of real numbers, or the result of the program,")

    shape = property(lambda self: shape_of(self.real))
    size = property(lambda self: math.prod(self.shape))
    dtype = property(lambda self: np.result_type(dtype_of(self.real) or float, 1j))

    def conj(self):
        return Complex(self.real, -self.imag)

    conjugate = conj

    def process(self, rule, operands, static):
        function = rule.function
        if isinstance(rule, Linear) and rule is not astype and rule.name != "setitem":
            return Complex(*(
                apply(rule, tuple(x if k in rule.constant else part(x) for k, x in enumerate(operands)), static)
                for part in (_real, _imag)
            ))  # fmt: skip
        if function in (np.multiply, np.matmul):
            return _product(lambda x, y: apply(rule, (x, y)), *operands)
        if function in _FORMULAS:
            return _FORMULAS[function](*operands)
        raise refused(rule.name)

    def decide(self, rule, args, kwargs):
        raise refused(rule.name)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        if out is not None or method == "at":
            raise refused(f"Writing with np.{ufunc.__name__}")
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if function in _OF_PARTS:
            return _OF_PARTS[function](*args, **kwargs)
        if function in DERIVED and function in STRUCTURAL:
            return DERIVED[function](*args, **kwargs)
        rule = RULES.get(function)
        if function in DERIVED or not isinstance(rule, (Linear, Constant)):
            raise refused(f"np.{function.__name__}")
        return self.decide(rule, args, kwargs) if isinstance(rule, Constant) else apply(rule, *rule.bind(args, kwargs))

    def __getitem__(self, index):
        return Complex(self.real[index], self.imag[index])

    def _written(self, *_):
        raise refused("Writing in place (z[i] = ..., z += ...)")

    __setitem__ = __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = _written

    def __repr__(self):
        return f"Complex({self.real!r}, {self.imag!r})"


def _real(x):
    return x.real if isinstance(x, Complex) else x


def _imag(x):
    return x.imag if isinstance(x, Complex) else np.zeros_like(x) if shape_of(x) else 0.0


def _product(f, x, y):
    if not isinstance(x, Complex):
        return Complex(f(x, y.real), f(x, y.imag))
    if not isinstance(y, Complex):
        return Complex(f(x.real, y), f(x.imag, y))
    return Complex(f(x.real, y.real) - f(x.imag, y.imag), f(x.real, y.imag) + f(x.imag, y.real))


def _divide(x, y):
    if isinstance(y, Complex):
        return x * y.conj() / (y.real * y.real + y.imag * y.imag)
    return Complex(x.real / y, x.imag / y)


def _power(x, y):
    """z^2 as a product, other real powers in polar form (no derivative at 0), complex ones as exp(y log x)."""
    if isinstance(y, (int, float)) and y == 2:
        return x * x
    if isinstance(x, Complex) and type(x.real) is float:  # a Python number, which takes on the dtype of the other
        return np.exp(y * cmath.log(complex(x.real, x.imag)))
    if isinstance(x, Complex) and not isinstance(y, Complex):
        return _polar(abs(x) ** y, y * _angle(x))
    return np.exp(y * np.log(x))


def _angle(z, deg=False):
    angle = np.arctan2(z.imag, z.real)
    return np.rad2deg(angle) if deg else angle


def _polar(r, angle):
    return Complex(r * np.cos(angle), r * np.sin(angle))


_FORMULAS = {
    np.add: lambda x, y: Complex(_real(x) + _real(y), _imag(x) + _imag(y)),
    np.subtract: lambda x, y: x + -y,
    np.negative: lambda x: Complex(-x.real, -x.imag),
    np.positive: lambda x: Complex(+x.real, +x.imag),
    np.conjugate: lambda x: x.conj(),
    np.divide: _divide,
    np.reciprocal: lambda x: 1.0 / x,
    np.square: lambda x: x * x,
    np.power: _power,
    np.absolute: lambda x: np.hypot(x.real, x.imag),  # derivative 0 at 0
    np.exp: lambda x: _polar(np.exp(x.real), x.imag),
    np.log: lambda x: Complex(np.log(abs(x)), _angle(x)),
    np.sqrt: lambda x: _power(x, 0.5),
}
_OF_PARTS = {
    np.real: _real, np.imag: _imag, np.angle: _angle, np.iscomplexobj: lambda x: True, np.isrealobj: lambda x: False,
}  # fmt: skip
STRUCTURAL = {  # no abs, conj or order
    getattr(np, name)
    for name in """sum mean prod cumsum cumprod where concatenate stack vstack hstack append take split array_split dot
    outer inner tensordot einsum kron trace roll flip diff trapezoid shape ndim size""".split()
}

from . import fft  # noqa: E402, F401  (a program may meet a transform of a complex number first)
