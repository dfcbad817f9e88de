"""The rules of SciPy's special functions. They join the table once a program has imported ``scipy.special``.

Source: *NIST Digital Library of Mathematical Functions*, chapters 5 to 8, 10 and 25, for the derivatives.
"""

import inspect
from types import FunctionType

import numpy as np
import scipy.special as sc

from ..core.errors import NoRuleError
from ..core.kinds import shape_of
from ..core.levels import Traced, asked, by_formula, pack
from ..core.recurrences import RECURRENCES
from ..core.rules import elementwise
from .neighbours import logistic, neighbours


def _order(x):
    raise NoRuleError(
        "A special function met a traced value as its order (its first argument).",
        "the derivatives of Bessel, zeta and incomplete gamma functions by their order are no such functions.",
        "the order as a plain number, as in scipy.special.jv(2, x)",
    )


_TABLE = {
    # error functions: 2/sqrt(pi), sqrt(pi)/2, sqrt(2 pi) and its inverse
    "erf": lambda x: 1.1283791670955126 * np.exp(-x * x),
    "erfc": lambda x: -1.1283791670955126 * np.exp(-x * x),
    "erfi": lambda x: 1.1283791670955126 * np.exp(x * x),
    "erfcx": lambda z, x: 2.0 * x * z - 1.1283791670955126,
    "dawsn": lambda z, x: 1.0 - 2.0 * x * z,
    "erfinv": lambda z: 0.886226925452758 * np.exp(z * z),
    "erfcinv": lambda z: -0.886226925452758 * np.exp(z * z),
    "ndtr": lambda x: 0.3989422804014327 * np.exp(-0.5 * x * x),
    "log_ndtr": lambda z, x: 0.3989422804014327 * np.exp(-0.5 * x * x - z),
    "ndtri": lambda z: 2.5066282746310002 * np.exp(0.5 * z * z),
    # logistic
    "expit": lambda z, x: z * sc.expit(-x),
    "logit": lambda x: 1.0 / (x * (1.0 - x)),  # inf at 0 and 1
    "log_expit": lambda x: sc.expit(-x),
    # gamma
    "gamma": lambda z, x: z * sc.psi(x),
    "rgamma": lambda z, x: -z * sc.psi(x),  # nan at 0, -1, -2, ...
    "gammaln": lambda x: sc.psi(x),
    "loggamma": lambda x: sc.psi(x),
    "psi": lambda x: sc.zeta(2.0, x),  # digamma
    "_zeta": (_order, lambda x, y: -x * sc.zeta(x + 1.0, y)),  # Hurwitz; polygamma(n, x) = (-1)^(n+1) n! zeta(n+1, x)
    "beta": (lambda z, x, y: z * (sc.psi(x) - sc.psi(x + y)), lambda z, x, y: z * (sc.psi(y) - sc.psi(x + y))),
    "betaln": (lambda x, y: sc.psi(x) - sc.psi(x + y), lambda x, y: sc.psi(y) - sc.psi(x + y)),
    "gammainc": (_order, lambda x, y: np.exp((x - 1.0) * np.log(y) - y - sc.gammaln(x))),
    "gammaincc": (_order, lambda x, y: -np.exp((x - 1.0) * np.log(y) - y - sc.gammaln(x))),
    # entropies
    "xlogy": (lambda y: np.log(y), lambda x, y: x / y),  # at x = 0 too: -inf by x at (0, 0)
    "xlog1py": (lambda y: np.log1p(y), lambda x, y: x / (1.0 + y)),
    "entr": lambda x: -1.0 - np.log(x),  # inf at 0
    "rel_entr": (lambda x, y: np.log(x / y) + 1.0, lambda x, y: -x / y),  # -inf by x at 0
    "kl_div": (lambda x, y: np.log(x / y), lambda x, y: 1.0 - x / y),
    # Bessel
    "j0": lambda x: -sc.j1(x),
    "j1": lambda x: 0.5 * (sc.j0(x) - sc.jv(2.0, x)),
    "y0": lambda x: -sc.y1(x),
    "y1": lambda x: 0.5 * (sc.y0(x) - sc.yv(2.0, x)),
    "i0": lambda x: sc.i1(x),
    "i1": lambda x: 0.5 * (sc.i0(x) + sc.iv(2.0, x)),
    "k0": lambda x: -sc.k1(x),
    "k1": lambda x: -0.5 * (sc.k0(x) + sc.kv(2.0, x)),
    "jv": (_order, lambda x, y: 0.5 * (sc.jv(x - 1.0, y) - sc.jv(x + 1.0, y))),
    "yv": (_order, lambda x, y: 0.5 * (sc.yv(x - 1.0, y) - sc.yv(x + 1.0, y))),
    "iv": (_order, lambda x, y: 0.5 * (sc.iv(x - 1.0, y) + sc.iv(x + 1.0, y))),
    "kv": (_order, lambda x, y: -0.5 * (sc.kv(x - 1.0, y) + sc.kv(x + 1.0, y))),
    # exponentials
    "expi": lambda x: np.exp(x) / x,
    "exp1": lambda x: -np.exp(-x) / x,
    "exp2": lambda z: 0.6931471805599453 * z,
    "exp10": lambda z: 2.302585092994046 * z,
    "expm1": lambda x: np.exp(x),
    "log1p": lambda x: 1.0 / (1.0 + x),
    "cosm1": lambda x: -np.sin(x),
    "cbrt": lambda z: 1.0 / (3.0 * z * z),  # inf at 0
}
for _name, _partials in _TABLE.items():
    elementwise(getattr(sc._ufuncs, _name), *(_partials if isinstance(_partials, tuple) else (_partials,)))

RECURRENCES |= {
    sc.expit: logistic(sc.expit),
    sc._ufuncs._zeta: neighbours(sc.zeta, _order, None, lambda s: -s),
    sc.jv: neighbours(sc.jv, _order, lambda v: 0.5, lambda v: -0.5),
    sc.yv: neighbours(sc.yv, _order, lambda v: 0.5, lambda v: -0.5),
    sc.iv: neighbours(sc.iv, _order, lambda v: 0.5, lambda v: 0.5),
    sc.kv: neighbours(sc.kv, _order, lambda v: -0.5, lambda v: -0.5),
}

# ---------------------------------------------------------------------------------------------- no ufuncs


def _logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False):
    a, b = _array(a), _array(b)
    if b is not None:
        a = np.broadcast_to(a, np.broadcast_shapes(shape_of(a), shape_of(b)))
    top = np.max(asked(a), axis=axis, keepdims=True)  # whatever is taken out and put back has no derivative
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.exp(a - top) if b is None else b * np.exp(a - top)
    total = np.sum(total, axis=axis, keepdims=keepdims)
    top = np.reshape(top, shape_of(total))
    return (np.log(np.abs(total)) + top, np.sign(total)) if return_sign else np.log(total) + top


def _softmax(x, axis=None):
    return np.exp(_log_softmax(x, axis))


def _log_softmax(x, axis=None):
    return _array(x) - _logsumexp(x, axis, keepdims=True)


def _polygamma(n, x):
    x = _array(x)
    return sc.psi(x) if n == 0 else (-1.0) ** (n + 1) * sc.gamma(n + 1.0) * sc.zeta(n + 1.0, x)


def _array(x):
    x = pack(np.array(x) if isinstance(x, (list, tuple)) else x)
    by_formula("a function of SciPy that is none of NumPy's", x)
    return x


def _has_traced(x):
    if isinstance(x, np.ndarray):
        return x.dtype == object and any(map(_has_traced, x.flat))
    return isinstance(x, Traced) or (isinstance(x, (list, tuple)) and any(map(_has_traced, x)))


def _through(*args, _chosen, **kwargs):
    return _chosen(*args, **kwargs)


def _also_for_traced(function, mine):
    """Let a Python function of SciPy's hand traced arguments to ``mine``; all others go the way they went.

    These functions begin by turning what they get into a plain array, which no protocol of NumPy's lets us see. So the
    function object itself learns of traced values, under every name it has been imported by.
    """
    if not isinstance(function, FunctionType) or function.__closure__:
        return
    original = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    original.__kwdefaults__, function.__signature__ = function.__kwdefaults__, inspect.signature(function)

    def chosen(*args, **kwargs):
        return (mine if _has_traced((*args, *kwargs.values())) else original)(*args, **kwargs)

    function.__code__, function.__defaults__ = _through.__code__, None
    function.__kwdefaults__ = {"_chosen": chosen}


for _mine in (_logsumexp, _softmax, _log_softmax, _polygamma):
    _also_for_traced(getattr(sc, _mine.__name__[1:]), _mine)
