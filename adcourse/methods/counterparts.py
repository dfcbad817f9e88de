"""What SymPy has for the elementwise functions of the table, and for the questions that have an answer in letters.

Letters stand for real numbers. The linear functions of the table (sum, reshape, indexing, matmul, ...) need no
counterpart: NumPy runs them on arrays of expressions. Functions of matrices are in matrix_formulas.py.
"""

import operator as op

import numpy as np
import sympy as sp

from adcourse.core.rules import fraction


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
OF_REAL = {np.isnan: False, np.isinf: False, np.isposinf: False, np.isneginf: False, np.isfinite: True}  # of a letter
OF_CONDITIONS = {np.any: sp.Or, np.all: sp.And}


def counterpart(rule):
    """What SymPy has for an elementwise function of the table, or None."""
    return FUNCTIONS.get(rule.function) or SPECIAL.get(rule.name)
