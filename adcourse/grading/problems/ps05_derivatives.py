"""Assignment 5, all derivatives by one run of F on a series: 5.3.

F runs on the grader's side, by the oracles of 5.1 and 5.2, and its runs are counted. The right answers come from
closed forms: exact derivatives of polynomials, and those of e^(ax) and the like.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adcourse.grading.asking import Stopped
from adcourse.grading.judges import Close, Price
from adcourse.grading.meters import Counted
from adcourse.grading.plain import Complaint
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import P, Polynomial, derivative, exact
from adcourse.grading.problems.ps05_functions import composed
from adcourse.grading.problems.ps05_products import product, quotient

NO_SERIES = Complaint("F was not given a series, but something else than a list of coefficients", kind="series")


class OnSeries:
    """F, from a list of coefficients to a list as long, made of ``rule``, which may give back any sequence."""

    def __init__(self, rule: Callable):
        self.rule = rule

    def __call__(self, coefficients):
        if np.ndim(coefficients) != 1 or not len(coefficients):
            raise Stopped(NO_SERIES)
        return np.array(self.rule(np.array(coefficients, float)), float).tolist()


def names(K):
    return ["f", "f'", "f''", "f'''", *(f"f^({k})" for k in range(4, K + 1))][: K + 1]


def derivatives_of(rule, x0, K, expected, question, atol=0.0) -> Probe:
    """F loses some tens of roundings, relative to the size of each derivative: 1e-12."""
    F = Counted(OnSeries(rule))
    judge = Price(Close(expected, rtol=1e-12, atol=atol, labels=names(K)), at_most=1, what="F")
    return Probe(question, lambda derivatives: derivatives(lambda c: F(c).tolist(), x0, K), judge, F)


def horner(p: Polynomial):
    """p on series: a product and a sum for each coefficient."""

    def rule(c):
        total = np.zeros(len(c))
        for coefficient in reversed(p.coefficients):
            total = product(total, c)
            total[0] += coefficient
        return total

    return rule


def linear(a, b, c):
    """The series a c + b."""
    return a * c + b * np.eye(1, len(c))[0]


def of_polynomial(p: Polynomial, x0, K, question) -> Probe:
    """Exact; the tolerance is 1e-12 of the sum of the absolute values that are added up."""

    def values(f):
        found = []
        for _ in range(K + 1):
            found.append(f)
            f = derivative(f)
        return found

    size = [float(exact(Polynomial(*map(abs, f.coefficients)), abs(x0))) for f in values(p)]
    return derivatives_of(
        horner(p), x0, K, lambda: [float(exact(f, x0)) for f in values(p)], question, 1e-12 * np.array(size)
    )


def exp(c):
    return composed("exp", c)


def derivatives_visible():
    return [
        derivatives_of(exp, 0.0, 6, [1.0] * 7, "exp at 0, K = 6: seven ones"),
        of_polynomial(P, 1.0, 6, "p = 5x⁵ + 4x³ - 5 at 1, K = 6: 4, 37, 124, 324, 600, 600, 0"),
        derivatives_of(exp, 0.5, 3, [math.exp(0.5)] * 4, "exp at 0.5, K = 3: 1.6487 four times"),
        derivatives_of(exp, 0.5, 0, [math.exp(0.5)], "K = 0: the value alone"),
    ]


def derivatives_hidden(rng):
    yield derivatives_of(
        lambda c: exp(composed("sin", c)), 0.0, 6, [1, 1, 1, 0, -3, -8, -3], "exp(sin t) at 0", atol=1e-11
    )
    a, b, x0 = (float(v) for v in rng.uniform(0.5, 1.4, size=3))
    yield derivatives_of(
        lambda c: exp(linear(a, b, c)),
        x0,
        8,
        lambda: [a**k * math.exp(a * x0 + b) for k in range(9)],
        "a function, K = 8",
    )
    yield derivatives_of(
        lambda c: composed("sin", linear(a, b, c)),
        -x0,
        5,
        lambda: [a**k * math.sin(b - a * x0 + k * math.pi / 2) for k in range(6)],
        "a function, K = 5",
        atol=1e-11,
    )
    yield derivatives_of(
        lambda c: quotient(linear(0.0, a, c), linear(1.0, b, c)),
        x0,
        7,
        lambda: [(-1) ** k * math.factorial(k) * a / (b + x0) ** (k + 1) for k in range(8)],
        "a function, K = 7",
    )
    p = Polynomial(*rng.uniform(-2, 2, size=5).tolist())
    for K in (0, 1, 2, 7):
        yield of_polynomial(p, float(rng.uniform(0.5, 2)), K, f"a polynomial, K = {K}")


def _derivatives(weight=lambda c, k: c * math.factorial(k), start=lambda x0, K: [x0, 1.0, *[0.0] * K][: K + 1]):
    """The coefficients of one run from the series ``start``, each with a weight."""
    return lambda F, x0, K: [weight(c, k) for k, c in enumerate(F(start(x0, K)))]


def _run_for_each(F, x0, K):
    return [F([x0, 1.0, *[0.0] * K][: k + 1])[k] * math.factorial(k) for k in range(K + 1)]


DERIVATIVES = Problem(
    id="5.3",
    title="All derivatives at once",
    points=2,
    signature="derivatives(F, x0, K)",
    visible=derivatives_visible,
    hidden=derivatives_hidden,
    hint="f_k = f^(k)/k!. And what series does F run on? Write x₀ + t as a list of K+1 coefficients.",
    mistakes=[
        Mistake(
            _derivatives(lambda c, k: c),
            "These are the coefficients, f^(k)/k!, not yet the derivatives. Up to f' that doesn't show: compare f'' "
            "of p.",
        ),
        Mistake(
            _derivatives(lambda c, k: c * math.factorial(max(k - 1, 0))),
            "Your factor is (k-1)!. Print k beside it: at f'' it is 1, and the second derivative of t² is 2. (A "
            "running product that is multiplied one step late does the same.)",
        ),
        Mistake(
            _derivatives(lambda c, k: c * math.factorial(k + 1)),
            "Your factor is (k+1)!. The value, at k = 0, and f' have the factor 1.",
        ),
        Mistake(
            _derivatives(lambda c, k: c / math.factorial(k)),
            "You divide by k!, and that was done already: f_k = f^(k)/k!. Solve for f^(k).",
        ),
        Mistake(
            _derivatives(lambda c, k: c * max(k, 1)),
            "You multiply by k. Differentiate t³ three times: 3, then 3·2, then 3·2·1.",
        ),
        Mistake(
            lambda F, x0, K: [c * math.factorial(K) for c in _derivatives(lambda c, k: c)(F, x0, K)],
            "You multiply all coefficients by K!, the same number. Each has its own factorial: f itself has none.",
        ),
        Mistake(
            _derivatives(lambda c, k: 0.0 * c),
            "Every number is 0. A product that begins with 0, as 0·1·2·..., stays there: 0! is 1.",
        ),
        Mistake(
            lambda F, x0, K: _derivatives()(F, x0, K)[-1],
            "One number came back, the last derivative. Asked for are all of them, from f on.",
        ),
        Mistake(
            _derivatives(lambda c, k: c * math.factorial(k), lambda x0, K: [x0, *[0.0] * K]),
            "You run F on x₀ alone, a number that doesn't move: the derivatives of a constant came out. Where is the "
            "t in x₀ + t?",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [x0, *[1.0] * K]),
            "You run F on x₀ + t + t² + ..., which nudges x along a curve. x₀ + t has a single 1.",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [0.0, 1.0, *[0.0] * K][: K + 1]),
            "You run F on t, so these are derivatives at 0. Where does x₀ go in x₀ + t?",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [x0] * (K + 1)),
            "You run F on x₀(1 + t + t² + ...). As a list, x₀ + t has x₀ in one place only.",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [1.0, x0, *[0.0] * K][: K + 1]),
            "You run F on 1 + x₀t. The constant term comes first: it is the place where you look.",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [x0, *[1 / math.factorial(k) for k in range(1, K + 1)]]),
            "You run F on x₀ + t + t²/2 + .... The 1/k! is in the result by itself; what goes in is x₀ + t.",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [x0, 1.0, *[0.0] * K][:K] or [x0]),
            "Your list is one too short: f, f', ... up to f^(K) are K + 1 numbers. F gives back as many as it is "
            "given.",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [x0, 1.0, *[0.0] * K]),
            "Your list is one too long: f, f', ... up to f^(K) are K + 1 numbers. F gives back as many as it is given.",
        ),
        Mistake(
            _derivatives(start=lambda x0, K: [x0, 1.0]),
            "You run F on two coefficients, and it gives back two: F doesn't know that you want K + 1.",
        ),
        Mistake(
            lambda F, x0, K: _derivatives()(F, x0, K)[::-1],
            "Your list runs from the highest derivative down. f itself belongs first.",
        ),
        Mistake(
            _run_for_each, "F is run once for every derivative. Look at all the coefficients of the last of these runs."
        ),
    ],
    hints={
        "price": "F is run more than once. How many derivatives are in the coefficients of one run?",
        "series": "F takes a list of coefficients, lowest first, as all series here: what is x₀ + t as such a list?",
        "digits": "Some digits are lost, as with a difference quotient. F needs no small step: its coefficients are "
        "exact.",
    },
)
