"""Functions that another system may lack, by functions that it has: NumPy programs, run on companions.

Only derivatives are taken from them: the value beside them is NumPy's own.
"""

import math
import sys
from functools import reduce

import numpy as np

from adcourse.core.levels import asked


class _Special:
    """scipy.special, which whoever needs these formulas has imported."""

    def __getattr__(self, name):
        return getattr(sys.modules.get("scipy.special"), name)  # of None: AttributeError


sc = _Special()


def _sign_of_gamma(x):
    return np.where(x > 0, 1.0, 1.0 - 2.0 * (np.floor(x) - 2.0 * np.floor(np.floor(x) / 2.0)))


def _rest(x, y, rounded):
    return x - y * rounded(x / y)


def _cumsum(x, *, axis):
    n = x.shape[axis]
    return np.moveaxis(np.matmul(np.moveaxis(x, axis, -1), np.triu(np.ones((n, n)))), -1, axis)


def _convolve(x, y):
    """Every window of the longer operand, with zeros around it, times the shorter one, backwards."""
    x, y = (x, y) if x.shape[0] >= y.shape[0] else (y, x)
    m, n = x.shape[0], y.shape[0]
    at = np.arange(m + n - 1)[:, None] + n - 1 - np.arange(n)
    return np.matmul(np.pad(x, n - 1)[at], y)


def _extreme(larger):
    def extreme(x, *, axis=None, keepdims=False):
        axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        rest = [n for k, n in enumerate(x.shape) if k not in {a % x.ndim for a in axes}]
        rows = np.reshape(np.moveaxis(x, axes, range(len(axes))), (-1, *rest))
        found = reduce(larger, [rows[k] for k in range(len(rows))])
        return np.expand_dims(found, axes) if keepdims else found

    return extreme


def _dft(x, *, inverse, norm):
    """The discrete Fourier transform of pairs (re, im) along the last axis but one, by its matrix."""
    n = x.shape[-2]
    angles = 2.0 * math.pi / n * (np.outer(np.arange(n), np.arange(n)) % n) * (1 if inverse else -1)
    by = {"ortho": n**-0.5, "forward": 1.0 if inverse else 1.0 / n}.get(norm, 1.0 / n if inverse else 1.0)
    c, s, re, im = by * np.cos(angles), by * np.sin(angles), x[..., 0], x[..., 1]
    return np.stack([np.matmul(re, c) - np.matmul(im, s), np.matmul(re, s) + np.matmul(im, c)], axis=-1)


def _nextafter(x, y):
    return x + (np.nextafter(asked(x), asked(y)) - asked(x))


def _slogdet(a):
    d = np.linalg.det(a)
    return np.stack([np.sign(d) + 0.0 * d, np.log(np.abs(d))], axis=-1)


FORMULAS = {
    "positive": np.copy, "conjugate": np.copy, "fabs": np.absolute, "float_power": np.power,
    "square": lambda x: x * x, "reciprocal": lambda x: 1.0 / x,
    "deg2rad": lambda x: x * (math.pi / 180), "radians": lambda x: x * (math.pi / 180),
    "rad2deg": lambda x: x * (180 / math.pi), "degrees": lambda x: x * (180 / math.pi),
    "exp2": lambda x: np.exp(x * math.log(2)), "exp10": lambda x: np.exp(x * math.log(10)),
    "log2": lambda x: np.log(x) / math.log(2), "log10": lambda x: np.log(x) / math.log(10),
    "cbrt": lambda x: np.sign(x) * np.power(np.absolute(x), 1 / 3), "hypot": lambda x, y: np.sqrt(x * x + y * y),
    "logaddexp": lambda x, y: np.maximum(x, y) + np.log1p(np.exp(-np.absolute(x - y))),
    "logaddexp2": lambda x, y: np.logaddexp(x * math.log(2), y * math.log(2)) / math.log(2),
    "fmod": lambda x, y: _rest(x, y, np.trunc), "remainder": lambda x, y: _rest(x, y, np.floor),
    "modf": lambda x: x - np.trunc(x), "nextafter": _nextafter,
    "copysign": lambda x, y: np.absolute(x) * np.where(np.signbit(y), -1.0, 1.0),
    "heaviside": lambda x, y: np.where(x > 0, 1.0, np.where(x < 0, 0.0, y)),
    "cumsum": _cumsum, "convolve": _convolve, "max": _extreme(np.maximum), "min": _extreme(np.minimum), "fft": _dft,
    "slogdet": _slogdet,
    # SciPy's
    "erfc": lambda x: 1.0 - sc.erf(x), "erfcx": lambda x: np.exp(x * x) * sc.erfc(x),
    "erfcinv": lambda x: sc.erfinv(1.0 - x), "ndtr": lambda x: 0.5 * sc.erfc(x * -(0.5**0.5)),
    "log_ndtr": lambda x: np.log(sc.ndtr(x)), "ndtri": lambda x: 2**0.5 * sc.erfinv(2.0 * x - 1.0),
    "expit": lambda x: 0.5 + 0.5 * np.tanh(0.5 * x), "logit": lambda x: np.log(x / (1.0 - x)),
    "log_expit": lambda x: -np.logaddexp(0.0, -x),
    "gamma": lambda x: _sign_of_gamma(x) * np.exp(sc.gammaln(x)), "rgamma": lambda x: 1.0 / sc.gamma(x),
    "loggamma": lambda x: sc.gammaln(x),
    "beta": lambda x, y: sc.gamma(x) * sc.gamma(y) / sc.gamma(x + y),
    "betaln": lambda x, y: sc.gammaln(x) + sc.gammaln(y) - sc.gammaln(x + y),
    "xlogy": lambda x, y: x * np.log(np.where((x == 0) & (y == 0), 1.0, y)),
    "xlog1py": lambda x, y: x * np.log1p(np.where((x == 0) & (y == -1), 0.0, y)), "entr": lambda x: -sc.xlogy(x, x),
    "rel_entr": lambda x, y: sc.xlogy(x, x / y), "kl_div": lambda x, y: sc.rel_entr(x, y) - x + y,
    "cosm1": lambda x: -2.0 * np.sin(0.5 * x) ** 2,
}  # fmt: skip
