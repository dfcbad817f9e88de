"""Symbol: a SymPy expression, or an array of them, that passes through NumPy code in place of a number.

The elementwise functions of the table are mapped to their SymPy counterparts here. The linear ones (sum, reshape,
indexing, matmul, ...) need no counterpart: NumPy runs them on arrays of expressions. Letters stand for real numbers.
"""

import operator as op
from decimal import Decimal
from functools import reduce

import numpy as np
import sympy as sp

from adcourse.core.box import Box
from adcourse.core.errors import ADError
from adcourse.core.kinds import Constant, Elementwise, General
from adcourse.core.levels import Level, Traced
from adcourse.core.rules import astype, fraction
from adcourse.core.rules import where as where_rule


def _trunc(x):
    return sp.Piecewise((sp.floor(x), x >= 0), (sp.ceiling(x), True))


FUNCTIONS = {
    np.add: op.add, np.subtract: lambda x, y: x + (-1) * y, np.multiply: op.mul, np.divide: op.truediv,
    np.power: op.pow, np.float_power: op.pow, np.negative: lambda x: (-1) * x, np.positive: op.pos,
    np.conjugate: op.pos, np.reciprocal: lambda x: 1 / x,
    np.square: lambda x: x**2, np.remainder: lambda x, y: x - y * sp.floor(x / y),
    np.exp: sp.exp, np.exp2: lambda x: 2**x, np.expm1: lambda x: sp.exp(x) - 1,
    np.log: sp.log, np.log2: lambda x: sp.log(x, 2), np.log10: lambda x: sp.log(x, 10),
    np.log1p: lambda x: sp.log(1 + x),
    np.sqrt: sp.sqrt, np.cbrt: lambda x: sp.sign(x) * sp.cbrt(sp.Abs(x)),
    np.sin: sp.sin, np.cos: sp.cos, np.tan: sp.tan, np.arcsin: sp.asin, np.arccos: sp.acos, np.arctan: sp.atan,
    np.sinh: sp.sinh, np.cosh: sp.cosh, np.tanh: sp.tanh, np.arcsinh: sp.asinh, np.arccosh: sp.acosh,
    np.arctanh: sp.atanh, np.arctan2: sp.atan2, np.hypot: lambda x, y: sp.sqrt(x**2 + y**2),
    np.logaddexp: lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    np.deg2rad: lambda x: x * sp.pi / 180, np.rad2deg: lambda x: x * 180 / sp.pi,
    np.absolute: sp.Abs, np.fabs: sp.Abs, np.maximum: sp.Max, np.minimum: sp.Min, np.fmax: sp.Max, np.fmin: sp.Min,
    np.radians: lambda x: x * sp.pi / 180, np.degrees: lambda x: x * 180 / sp.pi,
    np.logaddexp2: lambda x, y: sp.log(2**x + 2**y, 2), np.fmod: lambda x, y: x - y * _trunc(x / y),
    fraction.function: lambda x: x - _trunc(x), np.nextafter: lambda x, y: x,
    np.heaviside: lambda x, y: sp.Piecewise((0, x < 0), (y, sp.Eq(x, 0)), (1, True)),
    np.copysign: lambda x, y: sp.Abs(x) * sp.Piecewise((1, y >= 0), (-1, True)),
}  # fmt: skip

SPECIAL = {  # SciPy's functions, by name: nothing here imports SciPy
    "erf": sp.erf, "erfc": sp.erfc, "erfi": sp.erfi, "erfcx": lambda x: sp.exp(x**2) * sp.erfc(x),
    "dawsn": lambda x: sp.sqrt(sp.pi) / 2 * sp.exp(-(x**2)) * sp.erfi(x), "erfinv": sp.erfinv,
    "erfcinv": lambda x: sp.erfinv(1 - x),
    "ndtr": lambda x: sp.erfc(-x / sp.sqrt(2)) / 2, "log_ndtr": lambda x: sp.log(sp.erfc(-x / sp.sqrt(2)) / 2),
    "ndtri": lambda x: sp.sqrt(2) * sp.erfinv(2 * x - 1),
    "expit": lambda x: 1 / (1 + sp.exp(-x)), "log_expit": lambda x: -sp.log(1 + sp.exp(-x)),
    "logit": lambda x: sp.log(x / (1 - x)), "gamma": sp.gamma, "rgamma": lambda x: 1 / sp.gamma(x),
    "gammaln": sp.loggamma, "loggamma": sp.loggamma, "psi": sp.digamma, "_zeta": sp.zeta,
    "gammainc": lambda a, x: sp.lowergamma(a, x) / sp.gamma(a),
    "gammaincc": lambda a, x: sp.uppergamma(a, x) / sp.gamma(a),
    "beta": lambda x, y: sp.gamma(x) * sp.gamma(y) / sp.gamma(x + y),
    "betaln": lambda x, y: sp.loggamma(x) + sp.loggamma(y) - sp.loggamma(x + y),
    "xlogy": lambda x, y: x * sp.log(y), "xlog1py": lambda x, y: x * sp.log(1 + y), "entr": lambda x: -x * sp.log(x),
    "rel_entr": lambda x, y: x * sp.log(x / y), "kl_div": lambda x, y: x * sp.log(x / y) - x + y,
    "j0": lambda x: sp.besselj(0, x), "j1": lambda x: sp.besselj(1, x), "jv": sp.besselj,
    "y0": lambda x: sp.bessely(0, x), "y1": lambda x: sp.bessely(1, x), "yv": sp.bessely,
    "i0": lambda x: sp.besseli(0, x), "i1": lambda x: sp.besseli(1, x), "iv": sp.besseli,
    "k0": lambda x: sp.besselk(0, x), "k1": lambda x: sp.besselk(1, x), "kv": sp.besselk,
    "expi": sp.Ei, "exp1": lambda x: sp.expint(1, x), "exp2": lambda x: 2**x, "exp10": lambda x: 10**x,
    "expm1": FUNCTIONS[np.expm1], "log1p": FUNCTIONS[np.log1p], "cosm1": lambda x: sp.cos(x) - 1,
    "cbrt": FUNCTIONS[np.cbrt],
}  # fmt: skip

QUESTIONS = {
    np.greater: op.gt, np.greater_equal: op.ge, np.less: op.lt, np.less_equal: op.le, np.equal: sp.Eq,
    np.not_equal: sp.Ne,
    np.logical_and: sp.And, np.logical_or: sp.Or, np.logical_not: sp.Not, np.logical_xor: sp.Xor,
    np.sign: sp.sign, np.floor: sp.floor, np.ceil: sp.ceiling, np.floor_divide: lambda x, y: sp.floor(x / y),
    np.trunc: lambda x: sp.sign(x) * sp.floor(sp.Abs(x)), np.fix: lambda x: sp.sign(x) * sp.floor(sp.Abs(x)),
}  # fmt: skip

LOGICAL = {np.bitwise_and: np.logical_and, np.bitwise_or: np.logical_or, np.invert: np.logical_not,
           np.bitwise_xor: np.logical_xor}  # fmt: skip
OF_SHAPE = {np.shape, np.ndim, np.size, np.result_type}
EXTREMES = {np.max: np.maximum, np.min: np.minimum}
OF_CONDITIONS = {np.any: sp.Or, np.all: sp.And}
MATRICES = {  # None: no formula, or none that decides as the computer does (signs of vectors, order of eigenvalues)
    np.linalg.inv: lambda a: sp.Matrix(a).inv(),
    np.linalg.det: lambda a: sp.Matrix(a).det(),
    np.linalg.slogdet: lambda a: [sp.sign(sp.Matrix(a).det()), sp.log(sp.Abs(sp.Matrix(a).det()))],
    np.linalg.solve: lambda a, b: np.reshape(sp.Matrix(a).LUsolve(sp.Matrix(b)), b.shape),
    np.linalg.cholesky: None, np.linalg.pinv: None,
    np.linalg.qr: None, np.linalg.eigh: None, np.linalg.svd: None,
}  # fmt: skip


def counterpart(rule):
    """What SymPy has for an elementwise function of the table, or None."""
    return FUNCTIONS.get(rule.function) or SPECIAL.get(rule.name)


class SymbolicError(ADError, TypeError):
    """The program asked for something that a formula in letters can't answer."""


class Tracing(Level):
    """One symbolic run of a program. ``exact``: every float is the dyadic fraction that the computer holds."""

    def __init__(self, exact=False):
        super().__init__()
        self.exact = exact

    def constant(self, c):
        """A constant of the program as a SymPy number."""
        if isinstance(c, (bool, np.bool_)):
            return sp.true if c else sp.false
        if isinstance(c, (int, np.integer)):
            return sp.Integer(int(c))
        if isinstance(c, sp.Basic):
            return c
        if isinstance(c, Traced):
            raise SymbolicError(
                "A formula met a traced number of another transform.",
                "tracing puts letters in place of numbers; a number on its way through grad or jvp is neither.",
                "adcourse.grad of the function itself, without expression(...) inside it",
            )
        c = float(c)
        if not np.isfinite(c) or c == int(c):
            return sp.nan if c != c else sp.oo * np.sign(c).astype(int) if np.isinf(c) else sp.Integer(int(c))
        if self.exact:
            return sp.Rational(c)
        short = Decimal(repr(c)).normalize()
        return sp.Rational(repr(c)) if len(short.as_tuple().digits) <= 6 and abs(c) > 1e-6 else sp.Float(repr(c), 17)


def objects(x):
    """x as an array of objects: SymPy expressions are not sequences, whatever NumPy thinks of them."""
    if isinstance(x, np.ndarray):
        return x.astype(object)
    a = np.empty((), object)
    a[()] = x
    return a


def _counted(e):
    """True and False count as 1 and 0, as in NumPy."""
    return e if isinstance(e, sp.Expr) else sp.Piecewise((1, e), (0, True))


def _condition(e):
    return sp.Ne(e, 0) if isinstance(e, sp.Expr) else e


def _choose(condition, a, b):
    return sp.Piecewise((_counted(a), _condition(condition)), (_counted(b), True))


_as_counted, _as_conditions = np.frompyfunc(_counted, 1, 1), np.frompyfunc(_condition, 1, 1)


def each(function, arrays):
    """``function`` on the broadcast entries of object arrays; an object array."""
    with np.errstate(
        all="ignore"
    ):  # SymPy may leave a floating-point flag behind, which says nothing about the entries
        return objects(np.frompyfunc(function, len(arrays), 1)(*arrays))


class Symbol(Box):
    """A SymPy expression, or an object array of them, of one symbolic run."""

    __slots__ = ()
    dtype = np.dtype(float)

    def __init__(self, value, level):
        value = objects(value)
        self.value, self.level = value if value.ndim else value[()], level

    def _operand(self, x):
        if type(x) is Symbol and x.level is self.level:
            return objects(x.value)
        return each(self.level.constant, [objects(x)])

    def process(self, rule, operands, static):
        values = [self._operand(x) for x in operands]
        if rule is where_rule:
            z = each(_choose, values)
        elif isinstance(rule, Elementwise) and counterpart(rule):
            z = each(counterpart(rule), [objects(_as_counted(v)) for v in values])
        elif isinstance(rule, General) and MATRICES.get(rule.function) and values[0].ndim == 2:
            z = objects(np.array(MATRICES[rule.function](*values), object)[()])
        elif isinstance(rule, (Elementwise, General)):
            raise _no_counterpart(rule)
        else:
            z = values[0] if rule is astype else rule.evaluate([objects(_as_counted(v)) for v in values], static)
        return Symbol(z, self.level)

    def decide(self, rule, args, kwargs):
        """Comparisons become relations, floor and sign stay functions; what needs the numbers themselves is refused."""
        if rule.function in OF_SHAPE:
            return rule.compute(*(np.zeros(x.shape) if isinstance(x, Symbol) else x for x in args), **kwargs)
        values = [self._operand(x) for x in args if isinstance(x, (Symbol, np.ndarray, int, float, np.number))]
        if rule.function in QUESTIONS and not kwargs:
            logical = rule.function.__name__.startswith("logical")
            values = [objects(_as_conditions(v) if logical else _as_counted(v)) for v in values]
            return Symbol(each(QUESTIONS[rule.function], values), self.level)
        if rule.function in OF_CONDITIONS and len(args) == 1 and not kwargs:
            return Symbol(OF_CONDITIONS[rule.function](*_as_conditions(values[0]).flat), self.level)
        if all(e.is_number for v in values for e in v.flat):  # a run on long numbers, not on letters
            return rule.compute(*(_floats(x) if isinstance(x, Symbol) else x for x in args), **kwargs)
        raise _no_counterpart(rule)

    def lift(self, value):
        return Symbol(each(self.level.constant, [objects(value)]), self.level)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return super().__array_ufunc__(LOGICAL.get(ufunc, ufunc), method, *inputs, **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if function in EXTREMES:
            return _extreme(EXTREMES[function], *args, **kwargs)
        return super().__array_function__(function, types, args, kwargs)

    def __bool__(self):
        if self.size != 1:
            raise ValueError("the truth of an array is ambiguous: np.any(...) or np.all(...)")
        e = objects(self.value).flat[0]
        if e in (sp.true, sp.false):
            return bool(e)
        if e.is_number and e.is_comparable:
            return not e.is_zero
        raise SymbolicError(
            f"The program branches on whether {sp.N(e, 4) if self.level.exact else e}: letters have no answer.",
            "symbolic tracing runs the program once, with letters in place of numbers. It would see one branch of an "
            "`if` or `while` and never the other. (A `for` over a fixed range is fine: it is unrolled.)",
            "np.where(condition, a, b), which keeps both branches; or adcourse.derivative(f)(x), which runs f at a "
            "number and differentiates the branch taken",
        )

    def __int__(self):
        e = objects(self.value).flat[0]
        if self.size == 1 and e.is_number:
            return int(e)
        raise SymbolicError(
            f"int() asked for the number behind {e}.",
            "in symbolic tracing there is none, only the letter.",
            "np.floor(x), which stays in the formula, or adcourse.derivative(f)(x) at a number",
        )

    def any(self):
        return np.any(self)

    def all(self):
        return np.all(self)

    __and__ = __rand__ = lambda self, other: np.logical_and(self, other)
    __or__ = __ror__ = lambda self, other: np.logical_or(self, other)
    __xor__ = __rxor__ = lambda self, other: np.logical_xor(self, other)
    __invert__ = lambda self: np.logical_not(self)


def _extreme(larger, a, axis=None, keepdims=False):
    """max and min, whose winner isn't known in letters, as nested Max and Min."""
    rows = a.ravel() if axis is None else np.moveaxis(a, axis, 0)
    winner = reduce(larger, [rows[i] for i in range(len(rows))])
    return np.expand_dims(winner, tuple(range(a.ndim)) if axis is None else axis) if keepdims else winner


def _floats(x):
    return np.array([float(e) for e in objects(x.value).flat]).reshape(x.shape)[()]


def _no_counterpart(rule):
    needs = isinstance(rule, Constant)
    return SymbolicError(
        f"{rule.name} has no counterpart in a formula.",
        "its result depends on the numbers, and in symbolic tracing there are only letters."
        if needs
        else "symbolic tracing maps NumPy's functions to SymPy's, and this one is not in the map.",
        "adcourse.grad(f)(x), which runs f on numbers; or f with the functions in adcourse.methods.symbol.FUNCTIONS",
    )
