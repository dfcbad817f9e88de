"""Assignment 5, exp, log and sin of a truncated series: 5.2.

The oracle is Taylor's formula for the outer function, f(a + n) = sum of f_j(a) n^j with n the series without its
constant term: a finite sum, for n^(K+1) = 0, and no recurrence. The same sum of absolute values bounds what is added up
on any way to the answer; a right one is off by some tens of roundings of it. Tolerance: 1e-11 of it, and of 1.
"""

from __future__ import annotations

import math

import numpy as np

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps05_products import back_to, labels, some, untouched

OUTER = {  # the coefficient of n^j in f(a + n)
    "exp": lambda a, j: math.exp(a) / math.factorial(j),
    "log": lambda a, j: math.log(a) if j == 0 else -((-1 / a) ** j) / j,
    "sin": lambda a, j: math.sin(a + j * math.pi / 2) / math.factorial(j),
}
EXP_SIN = [1, 1, 1 / 2, 0, -1 / 8, -1 / 15, -1 / 240, 1 / 90, 31 / 5760]


def by_powers(outer, f):
    """The sum of outer[j] n^j, with n the series f without its constant term."""
    n, power, total = [0.0, *f[1:]], np.eye(1, len(f))[0], np.zeros(len(f))
    for c in outer:
        total += c * power
        power = np.convolve(power, n)[: len(f)]
    return total


def composed(name, f, size=lambda x: x):
    """The coefficients of name(f(t)); with ``size=abs`` a bound for all that is added up."""
    outer = [size(OUTER[name](f[0], j)) for j in range(len(f))]
    return by_powers(outer, [f[0], *map(size, f[1:])])


def fn_of(name, f, question, expected=None) -> Probe:
    tolerance = 1e-11 * np.maximum(1.0, composed(name, f, abs))
    judge = Close(expected or (lambda: composed(name, f)), atol=tolerance, labels=labels(len(f)))
    return Probe(question, lambda taylor_fn: taylor_fn(name, list(f)), judge)


def untouched_by(name, f, question) -> Probe:
    return untouched(lambda taylor_fn, mine: taylor_fn(name, mine), (f,), question)


def exp_sin(question) -> Probe:
    judge = Close(EXP_SIN, atol=1e-13, labels=labels(9))
    return Probe(question, lambda taylor_fn: taylor_fn("exp", some(taylor_fn("sin", [0, 1] + [0] * 7))), judge)


def log_exp(f, question) -> Probe:
    tolerance = 1e-10 * max(composed("exp", f, abs))
    return back_to(f, lambda taylor_fn: taylor_fn("log", some(taylor_fn("exp", list(f)))), tolerance, question)


def visible():
    return [
        fn_of("exp", [0, 1, 0, 0, 0], "exp(t): 1, 1, 1/2, 1/6, 1/24"),
        fn_of("exp", [0.5, -1.0, 2.0, 0.75], "exp(0.5 - t + 2t² + 0.75t³)"),
        fn_of("log", [1, 1, 0, 0, 0], "log(1 + t): 0, 1, -1/2, 1/3, -1/4"),
        fn_of("log", [2.0, -1.0, 0.5, 1.5], "log(2 - t + 0.5t² + 1.5t³)"),
        fn_of("sin", [0, 1, 0, 0, 0], "sin(t): 0, 1, 0, -1/6, 0"),
        fn_of("sin", [0.5, -1.0, 2.0, 0.75], "sin(0.5 - t + 2t² + 0.75t³)"),
        fn_of("exp", [0.25], "order 0, where a series is a number"),
        untouched_by("sin", [0.5, -1.0, 2.0, 0.75], "f after a sine"),
    ]


def some_series(rng, name, n):
    first = rng.uniform(1.2, 2.5) if name == "log" else rng.uniform(0.3, 1.2) * rng.choice([-1, 1])
    return [float(first), *(rng.uniform(0.4, 1.2, size=n - 1) * rng.choice([-1, 1], size=n - 1)).tolist()]


def hidden(rng):
    for name in OUTER:
        for n in (4, 9):
            yield fn_of(name, some_series(rng, name, n), f"{name} of a series with {n} coefficients")
        yield fn_of(name, some_series(rng, name, 1), f"{name}, order 0")
        yield untouched_by(name, some_series(rng, name, 4), f"f after {name}")
    yield exp_sin("exp(sin t) to order 8")
    yield log_exp(some_series(rng, "exp", 7), "log(exp f) is f")


def _fn(exp=None, log=None, sin=None):
    """The three functions, with some of them computed otherwise, each from f alone."""
    wrong = {"exp": exp, "log": log, "sin": sin}
    return lambda name, f: wrong[name](f) if wrong[name] else composed(name, f)


def _exp(term=lambda f, e, k, j: (k - j) * f[k - j] * e[j] / k, start=math.exp):
    def exp(f):
        e = [start(f[0])]
        for k in range(1, len(f)):
            e.append(sum(term(f, e, k, j) for j in range(k)))
        return e

    return exp


def _log(term=lambda f, e, k, j: j * e[j] * f[k - j] / k, start=math.log, sign=-1, over=lambda f: f[0]):
    def log(f):
        e = [start(f[0])]
        for k in range(1, len(f)):
            e.append((f[k] + sign * sum(term(f, e, k, j) for j in range(1, k))) / over(f))
        return e

    return log


def _sin(term=lambda f, e, k, j: (k - j) * f[k - j] * e[j] / k, sine=math.sin, cosine=math.cos, sign=-1, give="s"):
    def sin(f):
        s, c = [sine(f[0])], [cosine(f[0])]
        for k in range(1, len(f)):
            new = sum(term(f, c, k, j) for j in range(k))
            c.append(sign * sum(term(f, s, k, j) for j in range(k)))
            s.append(new)
        return s if give == "s" else c

    return sin


def _each(function):
    """Coefficient by coefficient."""

    def of(f):
        with np.errstate(all="ignore"):
            return function(np.array(f, float))

    return of


def _dual(of, slope):
    """The rule of dual numbers, for every coefficient."""
    return lambda f: [of(f[0])] + [slope(f[0]) * c for c in f[1:]]


def _powers(name):
    """The powers of f itself, put into the function's series about 0 (about 1 for the logarithm), to order K."""

    def of(f):
        f = [float(f[0] - (name == "log")), *f[1:]]
        power, total = np.eye(1, len(f))[0], np.zeros(len(f))
        for j in range(len(f)):
            total += OUTER[name](float(name == "log"), j) * power
            power = np.convolve(power, f)[: len(f)]
        return total

    return of


def _alone(name):
    """The series of the function itself at f_0, whatever comes after."""
    return lambda f: [OUTER[name](f[0], k) for k in range(len(f))]


_unweighted = lambda f, e, k, j: f[k - j] * e[j] / k
_undivided = lambda f, e, k, j: (k - j) * f[k - j] * e[j]
_WEIGHT = "There is no weight in your sum. f' has the coefficients 1·f₁, 2·f₂, 3·f₃ ...: where did these numbers go?"
_OVER_K = "Nothing is divided by k in your sum. The derivative of e_k t^k is k e_k t^(k-1): what is solved for e_k?"
_INDEX = (
    "The weight belongs to the other factor of your sum: it comes from a derivative, and is the index of the series "
    "that was differentiated."
)
_NOTHING = (
    "all your coefficients but the first are 0, for the first doesn't count in your sum: does the sum reach it, and "
    "is its weight the index of the series that was differentiated?"
)
_START = "Your first coefficient doesn't depend on f₀. Put t = 0: what does the function of f₀ give?"
_EACH = (
    "You apply the function to each coefficient on its own. Only the first is a value; in exp(t) = 1 + t + t²/2 + ... "
    "the coefficients of t, which are 0, 1, 0, 0, turn into others altogether."
)

FUNCTIONS = Problem(
    id="5.2",
    title="Elementary functions of a series",
    points=4,
    signature="taylor_fn(name, f)",
    visible=visible,
    hidden=hidden,
    hint="The weight is (k-j), the index of the INNER series. Take e = exp f: write e' = f'e, and compare the "
    "coefficients of t^(k-1) on both sides.",
    mistakes=[
        Mistake(_fn(exp=_exp(_unweighted)), "exp: " + _WEIGHT),
        Mistake(_fn(log=_log(lambda f, e, k, j: e[j] * f[k - j] / k)), "log: " + _WEIGHT),
        Mistake(_fn(sin=_sin(_unweighted)), "sin: " + _WEIGHT),
        Mistake(_fn(_exp(_unweighted), _log(lambda f, e, k, j: e[j] * f[k - j] / k), _sin(_unweighted)), _WEIGHT),
        Mistake(_fn(exp=_exp(_undivided)), "exp: " + _OVER_K),
        Mistake(_fn(log=_log(lambda f, e, k, j: j * e[j] * f[k - j])), "log: " + _OVER_K),
        Mistake(_fn(sin=_sin(_undivided)), "sin: " + _OVER_K),
        Mistake(_fn(_exp(_undivided), _log(lambda f, e, k, j: j * e[j] * f[k - j]), _sin(_undivided)), _OVER_K),
        Mistake(
            _fn(exp=_exp(lambda f, e, k, j: j * f[k - j] * e[j] / k)),
            "exp: " + _NOTHING,
        ),
        Mistake(_fn(log=_log(lambda f, e, k, j: (k - j) * e[j] * f[k - j] / k)), "log: " + _INDEX),
        Mistake(_fn(sin=_sin(lambda f, e, k, j: j * f[k - j] * e[j] / k)), "sin: " + _NOTHING),
        Mistake(
            _fn(
                _exp(lambda f, e, k, j: j * f[k - j] * e[j] / k),
                _log(lambda f, e, k, j: (k - j) * e[j] * f[k - j] / k),
                _sin(lambda f, e, k, j: j * f[k - j] * e[j] / k),
            ),
            _INDEX,
        ),
        Mistake(_fn(exp=_exp(start=lambda a: 1.0)), "exp: " + _START),
        Mistake(_fn(log=_log(start=lambda a: 0.0)), "log: " + _START),
        Mistake(_fn(sin=_sin(sine=lambda a: 0.0, cosine=lambda a: 1.0)), "sin: " + _START),
        Mistake(
            _fn(_exp(start=lambda a: 1.0), _log(start=lambda a: 0.0), _sin(sine=lambda a: 0.0, cosine=lambda a: 1.0)),
            _START,
        ),
        Mistake(_fn(exp=_each(np.exp)), "exp: " + _EACH),
        Mistake(_fn(log=_each(np.log)), "log: " + _EACH),
        Mistake(_fn(sin=_each(np.sin)), "sin: " + _EACH),
        Mistake(_fn(_each(np.exp), _each(np.log), _each(np.sin)), _EACH),
        Mistake(
            _fn(_alone("exp"), _alone("log"), _alone("sin")),
            "You give the series of the function itself, and f beyond its first coefficient isn't looked at. exp(2t) "
            "and exp(t) can't be the same.",
        ),
        Mistake(
            _fn(_powers("exp"), _powers("log"), _powers("sin")),
            "You put f into the function's own series about one fixed place. Its powers end by themselves only where "
            "that place is f₀: exp(t) comes out, and exp(0.5) to order 0 does not.",
        ),
        Mistake(
            _fn(exp=_powers("exp"), sin=_powers("sin")),
            "You put f into the series of exp and of sin about 0. The powers of f end by themselves only if f₀ = 0: "
            "exp(t) comes out, and exp(0.5) to order 0 does not.",
        ),
        Mistake(
            _fn(_dual(math.exp, math.exp), _dual(math.log, lambda a: 1 / a), _dual(math.sin, math.cos)),
            "You apply the rule of dual numbers, value and slope, to every coefficient. It is right up to t and no "
            "further: exp(t) has 1/2 at t², whatever f₂ is.",
        ),
        Mistake(
            _fn(sin=_dual(math.sin, math.cos)),
            "The cosine of your series stays what it was at the start. Sine and cosine are two series, and each new "
            "coefficient of the one needs all those of the other so far.",
        ),
        Mistake(
            _fn(sin=_sin(sign=1)),
            "You found the hyperbolic sine: compare your t³ of sin(t) with -1/6. What is the derivative of the cosine?",
        ),
        Mistake(_fn(sin=_sin(give="c")), "That is the cosine: put t = 0."),
        Mistake(_fn(sin=_sin(sine=math.cos, cosine=math.sin)), "Your sine starts from the cosine of f₀: put t = 0."),
        Mistake(
            _fn(log=lambda f: [c * max(k, 1) for k, c in enumerate(composed("log", f))]),
            "log: your coefficient of t^k is that of the derivative, k l_k. From l' = f'/f back to l, integrate.",
        ),
        Mistake(
            _fn(log=_log(sign=1)),
            "log: the sign of the sum. k f_k is k l_k f₀ plus the rest, so the rest goes to the other side.",
        ),
        Mistake(
            _fn(log=_log(over=lambda f: 1.0)),
            "log: nothing is divided by f₀. With log(1 + t) that doesn't show: try log(2 + t), whose slope is 1/2.",
        ),
        Mistake(
            _fn(log=_log(start=math.log10)),
            "log: your first coefficient is a logarithm to base 10, not the natural one.",
        ),
        Mistake(_fn(log=_log(start=lambda a: a)), "log: your first coefficient is f₀ itself. Put t = 0: log of what?"),
        Mistake(
            lambda name, f: composed("exp" if name != "sin" else name, f),
            "Your log is the exponential: does the code look at name?",
        ),
    ],
    hints={
        "raised TypeError": "f is a list of coefficients, which math.exp and the operators don't take; its entries "
        "are numbers.",
        "raised IndexError": "Your code reads a coefficient that isn't there. Which indices does the sum for "
        "coefficient k need, and how many are known by then?",
        "changed": "Print f before and after the call: whoever called will need it again. Collect the result in a "
        "list of its own.",
        "raised ZeroDivisionError": "Your code divides by 0: by k, where k starts from 0? Or by a coefficient of f "
        "other than f₀? Those may well be 0.",
        "raised ValueError": "Where does your code take a logarithm of a number that isn't positive? Only f₀ is sure "
        "to be.",
    },
)
