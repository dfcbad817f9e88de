"""Assignment 5, product and quotient of truncated series: 5.1.

The oracles are NumPy's convolution, and a linear system: the lower triangular matrix of the divisor, solved as any
other. Coefficients are of size 1, and the divisor's first is no smaller: a quotient of twelve of them amplifies
roundings by 1000 or so, and 1e-10 leaves room for every route, products by a Fourier transform included.
"""

from __future__ import annotations

import math
from itertools import islice

import numpy as np

from adcourse.grading.judges import Close, Holds
from adcourse.grading.plain import Complaint
from adcourse.grading.problem import Mistake, Probe, Problem

CHANGED = Complaint("the series that your code was given is no longer what it was", kind="changed")


def product(a, b):
    return np.convolve(a, b)[: len(a)]


def quotient(a, b):
    n = len(a)
    return np.linalg.solve(sum(c * np.eye(n, k=-k) for k, c in enumerate(b)), np.asarray(a, float))


def labels(n: int) -> list[str]:
    return [f"c_{k}" for k in range(n)]


def op_of(a, b, op, question) -> Probe:
    judge = Close(lambda: (product if op == "*" else quotient)(a, b), atol=1e-10, labels=labels(len(a)))
    return Probe(question, lambda taylor_op: taylor_op(list(a), list(b), op), judge)


def some(answer) -> list:
    """What came back, as a list to go on with; some answers never end."""
    return list(islice(answer, 100))


def back_to(series, ask, atol, question) -> Probe:
    """``ask`` leads back to the series that it began with. What is looked at is the difference: the series itself lies
    beside the question."""

    def difference(answer):
        back = some(ask(answer))
        return [x - y for x, y in zip(back, series, strict=True)] if len(back) == len(series) else back

    return Probe(question, difference, Close([0.0] * len(series), atol=atol, labels=labels(len(series))))


def round_trip(a, b, question) -> Probe:
    def ask(taylor_op):
        return taylor_op(some(taylor_op(list(a), list(b), "*")), list(b), "/")

    return back_to(a, ask, 1e-10, question)


def with_itself(a, question) -> Probe:
    """The same list twice: who overwrites the one overwrites the other."""
    product_and_quotient = [*product(a, a), 1.0, *[0.0] * (len(a) - 1)]

    def ask(taylor_op):
        mine = list(a)
        return [*some(taylor_op(mine, mine, "*")), *some(taylor_op(mine, mine, "/"))]

    names = [f"c_{k} of {words}" for words in ("the product", "the quotient") for k in range(len(a))]
    return Probe(question, ask, Close(product_and_quotient, atol=1e-10, labels=names))


def untouched(call, series, question) -> Probe:
    """``call(answer, *copies)`` leaves the copies of the series as they are."""

    def ask(answer):
        mine = [list(s) for s in series]
        call(answer, *mine)
        return mine == [list(s) for s in series]

    return Probe(question, ask, Holds(lambda same: None if same else CHANGED, shape=()))


def untouched_by(op, a, b, question) -> Probe:
    return untouched(lambda taylor_op, a, b: taylor_op(a, b, op), (a, b), question)


def visible():
    a, b = [0.5, -1.5, 2.0, 0.25], [2.0, 0.5, -1.0, 3.0]
    return [
        op_of([1, 1, 0, 0], [1, 1, 0, 0], "*", "(1 + t)(1 + t) to order 3: 1 + 2t + t²"),
        op_of(a, b, "*", "a product of two series to order 3"),
        op_of([1, 0, 0, 0, 0], [1, -1, 0, 0, 0], "/", "1/(1 - t) to order 4: all ones"),
        op_of([1, 2, 3, 4], [2, 1, 0, -1], "/", "(1 + 2t + 3t² + 4t³)/(2 + t - t³): 0.5 + 0.75t + 1.125t² + 1.6875t³"),
        op_of(a, b, "/", "a quotient of two series to order 3"),
        op_of([3.0], [4.0], "*", "order 0, where a series is a number"),
        untouched_by("/", a, b, "a and b after a quotient"),
    ]


def some_series(rng, n):
    """The first coefficient is far enough from 0 to be divided by."""
    first = float(rng.uniform(1.2, 2.5) * rng.choice([-1, 1]))
    return [first, *rng.uniform(-1, 1, size=n - 1).tolist()]


def some_integers(rng, n):
    return [int(rng.choice([-2, 2])), *rng.choice([-3, -1, 1, 3], size=n - 1).tolist()]


def hidden(rng):
    for n in (2, 5, 12):
        for op in "*/":
            yield op_of(some_series(rng, n), some_series(rng, n), op, f"{n} coefficients, {op}")
    for op in "*/":
        yield op_of(some_integers(rng, 6), some_integers(rng, 6), op, f"coefficients that are integers, {op}")
        yield op_of(some_series(rng, 1), some_series(rng, 1), op, f"order 0, {op}")
        yield untouched_by(op, some_series(rng, 4), some_series(rng, 4), f"a and b after {op}")
    early = [[*some_series(rng, 2), 0.0, 0.0, 0.0] for _ in range(2)]
    yield op_of(*early, "*", "a product that ends in zeros")
    yield round_trip(some_series(rng, 8), some_series(rng, 8), "(a*b)/b is a")
    yield with_itself(some_series(rng, 5), "a*a and a/a")


def _divide(step):
    """Coefficient by coefficient: ``step(a, b, c, k)`` from the c so far."""

    def over(a, b):
        c = []
        for k in range(len(a)):
            c.append(step(a, b, c, k))
        return c

    return over


def _op(times=product, over=quotient):
    return lambda a, b, op: times(a, b) if op == "*" else over(a, b)


def _by_coefficient(a, b):
    with np.errstate(all="ignore"):
        return np.divide(a, b)


def _in_the_type_of_a(a, b):
    c = np.zeros_like(a)
    for k in range(len(a)):
        c[k] = (a[k] - sum(b[j] * c[k - j] for j in range(1, k + 1))) / b[0]
    return c


def _geometric(a, b):
    """a (1 + n + n² + ...) with n = 1 - b, which ends by itself when b_0 is 1."""
    n, power, total = np.eye(1, len(b))[0] - b, np.eye(1, len(b))[0], np.zeros(len(b))
    for _ in b:
        total += power
        power = product(power, n)
    return product(a, total)


def _around(a, b):
    return np.fft.ifft(np.fft.fft(a) * np.fft.fft(b)).real


PRODUCTS = Problem(
    id="5.1",
    title="Truncated series: product and quotient",
    points=3,
    signature="taylor_op(a, b, op)",
    visible=visible,
    hidden=hidden,
    hint="Does your result keep length K+1? Then multiply out (a₀ + a₁t + a₂t²)(b₀ + b₁t + b₂t²) on paper and collect "
    "t²; for the quotient, c times b has to give a again.",
    mistakes=[
        Mistake(
            _op(np.multiply),
            "You multiply coefficient by coefficient. (1 + t)² would be 1 + t²: multiply it out, and see which "
            "products give a t.",
        ),
        Mistake(
            _op(over=_by_coefficient),
            "You divide coefficient by coefficient. Multiply your quotient by b, as you multiply polynomials: is it a?",
        ),
        Mistake(
            _op(np.multiply, _by_coefficient),
            "You calculate coefficient by coefficient. (1 + t)² would be 1 + t²: multiply it out, and see which "
            "products give a t.",
        ),
        Mistake(
            _op(np.convolve),
            "Your product is longer than its factors. Truncated means: what comes after t^K is thrown away, for the "
            "factors don't know it either.",
        ),
        Mistake(
            _op(lambda a, b: np.convolve(a, b, "same")),
            "Your product is the middle part of a longer one, and begins too late: what is c_0, the product at t = 0?",
        ),
        Mistake(
            _op(_around),
            "What lies beyond t^K came in again at the front: a Fourier transform of length K + 1 multiplies around a "
            "circle. Look at the constant term of (1 + t)², to order 1.",
        ),
        Mistake(
            _op(lambda a, b: [sum(math.comb(k, j) * a[j] * b[k - j] for j in range(k + 1)) for k in range(len(a))]),
            "You have Leibniz' rule with its binomials, which is for derivatives. Coefficients are derivatives over "
            "k!, and that makes the binomials go away: multiply out (1 + t)² · 1.",
        ),
        Mistake(
            _op(lambda a, b: [sum(a[j] * b[k - j] for j in range(k)) for k in range(len(a))]),
            "In your product a term of each sum is missing: what is c_0? Which pairs of indices add up to k, and how "
            "many are there?",
        ),
        Mistake(
            _op(lambda a, b: [sum(a[j] * b[k] for j in range(k + 1)) for k in range(len(a))]),
            "In your product the indices don't add up: a_j t^j times b_i t^i belongs to t^(i+j).",
        ),
        Mistake(
            _op(lambda a, b: product(a, b)[::-1], lambda a, b: quotient(a, b)[::-1]),
            "Your coefficients run from the highest power down. c_0 belongs first.",
        ),
        Mistake(
            _op(lambda a, b: [a[0] * b[0]] + [a[0] * b[k] + a[k] * b[0] for k in range(1, len(a))]),
            "You use the product rule for first derivatives at every order. From t² on there are products in between, "
            "such as a₁b₁.",
        ),
        Mistake(
            _op(over=_divide(lambda a, b, c, k: a[k] - sum(b[j] * c[k - j] for j in range(1, k + 1)))),
            "In your quotient nothing is divided by b₀. With 1 - t that doesn't show: try 1/2, to order 0.",
        ),
        Mistake(
            _op(over=_divide(lambda a, b, c, k: (a[k] + sum(b[j] * c[k - j] for j in range(1, k + 1))) / b[0])),
            "The sign of the sum in your quotient: a_k is c_k b₀ plus the rest, so the rest goes to the other side.",
        ),
        Mistake(
            _op(over=_divide(lambda a, b, c, k: (a[k] - sum(b[j] * a[k - j] for j in range(1, k + 1))) / b[0])),
            "The sum in your quotient runs over coefficients of a. What has to give a is b times the quotient: whose "
            "coefficients does c_k need?",
        ),
        Mistake(
            _op(over=_divide(lambda a, b, c, k: (a[k] - sum(b[j] * c[k - j] for j in range(1, k))) / b[0])),
            "The sum in your quotient stops one too early: the term with c₀ belongs to it. Try 1/(1 - t) to order 1.",
        ),
        Mistake(
            _op(over=_divide(lambda a, b, c, k: a[k] / b[0] - sum(b[j] * c[k - j] for j in range(1, k + 1)))),
            "In your quotient only a_k is divided by b₀. Solve a_k = b₀c_k + (the rest) for c_k once more.",
        ),
        Mistake(
            _op(over=_divide(lambda a, b, c, k: a[k] - sum(b[j] * c[k - j] for j in range(1, k + 1)) / b[0])),
            "In your quotient only the sum is divided by b₀. Solve a_k = b₀c_k + (the rest) for c_k once more.",
        ),
        Mistake(
            _op(over=_geometric),
            "You sum the geometric series of 1 - b. Its powers end by themselves only if 1 - b begins with a 0, that "
            "is, for b₀ = 1.",
        ),
        Mistake(_op(over=lambda a, b: quotient(b, a)), "Your quotient is turned around: b/a. Try [1.0] over [2.0]."),
        Mistake(_op(over=product), "Your answer is the product for both: does the code look at op?"),
        Mistake(
            _op(over=_in_the_type_of_a),
            "Coefficients that are integers give a quotient of integers in your code: an array made like a stores no "
            "halves. Ask for floats where you make it.",
        ),
        Mistake(_op(over=lambda a, b: [x // 1 for x in quotient(a, b)]), "Your quotient is rounded down: // is not /."),
    ],
    hints={
        "changed": "Print a and b before and after the call: whoever called will need them again. Collect the result "
        "in a list of its own.",
        "raised TypeError": "a and b are lists. Lists can't be multiplied with each other, nor with a float; their "
        "entries can.",
        "raised IndexError": "Your code reads a coefficient that isn't there. Which indices does the sum for c_k "
        "need, and how many coefficients of c are known by then?",
        "raised ZeroDivisionError": "Your code divides by a coefficient that may be 0: coefficient by coefficient? "
        "1/(1 - t) exists; which is the only coefficient of the divisor that must not be 0?",
    },
)
