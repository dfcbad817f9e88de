"""Examples and 50-digit references for SciPy's special functions, joined to those of examples.py and test_rules.py."""

import mpmath as mp
import scipy.special as sc

from adcourse.functions import special  # noqa: F401  (joins the table; a program's first use of one does it too)

ANY, POSITIVE, UNIT = (-2.0, 2.0), (0.3, 3.0), (0.1, 0.9)
NAMES = {
    "erf erfc erfi erfcx dawsn ndtr log_ndtr expit log_expit i0 i1 j0 j1 exp2 exp10 expm1 cosm1": ANY,
    "gamma rgamma gammaln loggamma psi entr y0 y1 k0 k1 expi exp1 log1p cbrt": POSITIVE,
    "erfinv erfcinv ndtri logit": UNIT,
    "beta betaln xlogy xlog1py rel_entr kl_div": (POSITIVE, POSITIVE),
}
ORDERS = {"jv": 2, "yv": 2, "iv": 2, "kv": 2, "gammainc": 2.5, "gammaincc": 2.5, "_zeta": 3}

EXAMPLES = {}
for names, domains in NAMES.items():
    two = isinstance(domains[0], tuple)
    shapes = [((), ()), ((2, 3), (3,)), ((3, 1), (2,))] if two else [((),), ((2, 3),)]
    for name in names.split():
        EXAMPLES[name] = [(getattr(sc, name), list(domains) if two else [domains], s) for s in shapes]
for name, n in ORDERS.items():
    function = getattr(sc, name.removeprefix("_"))
    EXAMPLES[name] = [(lambda x, f=function, n=n: f(n, x), [POSITIVE], (s,)) for s in ((), (2, 3))]
FUNCTIONS = {  # of arrays, or no ufuncs
    "logsumexp": [(lambda x: sc.logsumexp(x), (4,)), (lambda x: sc.logsumexp(x, axis=(0, 2), keepdims=True), (2, 3, 4)),
                  (lambda x, y: sc.logsumexp(x, axis=-1, b=y * y), (3,), (2, 3)),
                  (lambda x: sc.logsumexp(x + 800), (3,)), (lambda x, y: sc.logsumexp([x[0], y[1], y[0]]), (2,), (2,))],
    "softmax": [(lambda x: sc.softmax(x), (4,)), (lambda x: sc.softmax(x, axis=0), (2, 3))],
    "log_softmax": [(lambda x: sc.log_softmax(x), (4,)), (lambda x: sc.log_softmax(x, axis=(0,)), (2, 3))],
    "polygamma": [(lambda x, n=n: sc.polygamma(n, x * x), (3,)) for n in (0, 1, 3)],
}  # fmt: skip


def erfc_inverse(y):
    return mp.findroot(lambda x: mp.erfc(x) - y, sc.erfcinv(float(y)))


ORACLE = {
    "erf": mp.erf, "erfc": mp.erfc, "erfi": mp.erfi, "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "dawsn": lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x), "ndtr": mp.ncdf,
    "log_ndtr": lambda x: mp.log(mp.ncdf(x)), "expit": lambda x: 1 / (1 + mp.exp(-x)),
    "log_expit": lambda x: -mp.log(1 + mp.exp(-x)), "logit": lambda x: mp.log(x / (1 - x)),
    "erfinv": mp.erfinv, "erfcinv": erfc_inverse, "ndtri": lambda x: mp.sqrt(2) * mp.erfinv(2 * x - 1),
    "i0": lambda x: mp.besseli(0, x), "i1": lambda x: mp.besseli(1, x), "iv": lambda x: mp.besseli(2, x),
    "j0": lambda x: mp.besselj(0, x), "j1": lambda x: mp.besselj(1, x), "jv": lambda x: mp.besselj(2, x),
    "y0": lambda x: mp.bessely(0, x), "y1": lambda x: mp.bessely(1, x), "yv": lambda x: mp.bessely(2, x),
    "k0": lambda x: mp.besselk(0, x), "k1": lambda x: mp.besselk(1, x), "kv": lambda x: mp.besselk(2, x),
    "exp10": lambda x: mp.mpf(10) ** x, "cosm1": lambda x: mp.cos(x) - 1,
    "gamma": mp.gamma, "rgamma": mp.rgamma, "gammaln": mp.loggamma, "loggamma": mp.loggamma, "psi": mp.digamma,
    "gammainc": lambda x: mp.gammainc(mp.mpf(5) / 2, 0, x, regularized=True),
    "gammaincc": lambda x: mp.gammainc(mp.mpf(5) / 2, x, mp.inf, regularized=True), "_zeta": lambda x: mp.zeta(3, x),
    "beta": mp.beta, "betaln": lambda x, y: mp.log(mp.beta(x, y)), "expi": mp.ei, "exp1": mp.e1,
    "entr": lambda x: -x * mp.log(x), "xlogy": lambda x, y: x * mp.log(y), "xlog1py": lambda x, y: x * mp.log(1 + y),
    "rel_entr": lambda x, y: x * mp.log(x / y), "kl_div": lambda x, y: x * mp.log(x / y) - x + y,
}  # fmt: skip
