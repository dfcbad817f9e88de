"""Assignment 5, hyper-dual numbers: 5.5.

The oracle is lecture 5's disguise: with N = [[0, 0], [1, 0]] the nudges e1 and e2 are the 4×4 matrices N⊗I and I⊗N, and
products, and polynomials, of hyper-dual numbers are those of matrices. Squire and Trapp's function comes in 50 digits.
What goes in is of size 1, and the second derivatives below are of size 100 at most, so 1e-11 is thousands of roundings.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close, Holds
from adcourse.grading.plain import Complaint, NotPlain, parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import P, Polynomial, derivative, high_precision

N = np.eye(2, k=-1)
E1, E2 = np.kron(N, np.eye(2)), np.kron(np.eye(2), N)
PARTS = ["a", "b", "c", "d"]
CHANGED = Complaint("a number that took part in a calculation is no longer what it was", kind="changed")


def matrix(a, b, c, d):
    return a * np.eye(4) + b * E1 + c * E2 + d * E1 @ E2


def of_matrix(M):
    return [M[0, 0], M[2, 0], M[1, 0], M[3, 0]]


def polynomial(p: Polynomial, M):
    total = np.zeros((4, 4))
    for c in reversed(p.coefficients):
        total = total @ M + c * np.eye(4)
    return total


def read(z):
    """The four parts of what came back."""
    if z is None:
        raise NotPlain("None came back: is a `return` missing?")
    if not all(hasattr(z, part) for part in "abcd"):
        raise NotPlain("what came back is no HyperDual: it doesn't have the four parts a, b, c and d")
    return parts((z.a, z.b, z.c, z.d), a=(), b=(), c=(), d=())


def number_of(expression: Callable, expected, question, *numbers) -> Probe:
    """``expression(HyperDual(*numbers[0]), ...)`` is a hyper-dual number with the parts ``expected()``."""
    judge = Close(expected, rtol=1e-11, atol=1e-11, labels=PARTS)
    return Probe(question, lambda HyperDual: read(expression(*(HyperDual(*n) for n in numbers))), judge)


def sum_of(x, y, question) -> Probe:
    return number_of(lambda x, y: x + y, lambda: [p + q for p, q in zip(x, y, strict=True)], question, x, y)


def product_of(x, y, question) -> Probe:
    return number_of(lambda x, y: x * y, lambda: of_matrix(matrix(*x) @ matrix(*y)), question, x, y)


def square_times(x, y, question) -> Probe:
    right = lambda: of_matrix(matrix(*x) @ matrix(*x) @ matrix(*y))
    return number_of(lambda x, y: x * x * y, right, question, x, y)


def lifted(p: Polynomial, x, question) -> Probe:
    f, f1, f2 = p, derivative(p), derivative(derivative(p))
    return number_of(lambda x: x.lift(f, f1, f2), lambda: of_matrix(polynomial(p, matrix(*x))), question, x)


def untouched(x, y, question) -> Probe:
    def ask(HyperDual):
        u, v = HyperDual(*x), HyperDual(*y)
        u + v, u * v, u.lift(np.exp, np.exp, np.exp)
        return [*read(u), *read(v)]

    before = [*x, *y]
    return Probe(question, ask, Holds(lambda after: None if after.tolist() == before else CHANGED, shape=(8,)))


def minus_sin(t):
    return -np.sin(t)


def minus_cos(t):
    return -np.cos(t)


def squire_trapp(x):
    """e^x / sqrt(sin³x + cos³x) of a hyper-dual number, by +, * and lift alone."""
    s, c = x.lift(np.sin, np.cos, minus_sin), x.lift(np.cos, minus_sin, minus_cos)
    inside = s * s * s + c * c * c
    return x.lift(np.exp, np.exp, np.exp) * inside.lift(
        lambda u: u**-0.5, lambda u: -0.5 * u**-1.5, lambda u: 0.75 * u**-2.5
    )


def squire_trapp_at(t, b, c, d, question) -> Probe:
    def right():
        def f(mp, x):
            return mp.exp(x) / mp.sqrt(mp.sin(x) ** 3 + mp.cos(x) ** 3)

        f0, f1, f2 = (high_precision(lambda mp, x, k=k: mp.diff(lambda u: f(mp, u), x, k), t) for k in range(3))
        return [f0, f1 * b, f1 * c, f1 * d + f2 * b * c]

    return number_of(squire_trapp, right, question, (t, b, c, d))


def exp_xy_sin_x(x, y):
    return (x * y).lift(np.exp, np.exp, np.exp) * x.lift(np.sin, np.cos, minus_sin)


def mixed_at(x, y, u, v, question) -> Probe:
    """exp(xy) sin x, with a nudge of size u in x and of size v in y."""

    def right():
        e, s, c = math.exp(x * y), math.sin(x), math.cos(x)
        return [e * s, u * e * (y * s + c), v * x * e * s, u * v * e * (s + x * (y * s + c))]

    return number_of(exp_xy_sin_x, right, question, (x, u, 0.0, 0.0), (y, 0.0, v, 0.0))


def visible():
    x, y = (2.0, -1.0, 0.5, 3.0), (-0.5, 4.0, 1.5, -2.0)
    sine = lambda: [math.sin(0.5), math.cos(0.5), math.cos(0.5), -math.sin(0.5)]
    return [
        product_of((3.0, 1.0, 1.0, 0.0), (3.0, 1.0, 1.0, 0.0), "(3 + e1 + e2)²: 9 + 6e1 + 6e2 + 2e1e2"),
        sum_of(x, y, "(2 - e1 + 0.5e2 + 3e1e2) + (-0.5 + 4e1 + 1.5e2 - 2e1e2)"),
        product_of(x, y, "(2 - e1 + 0.5e2 + 3e1e2)(-0.5 + 4e1 + 1.5e2 - 2e1e2)"),
        square_times(
            (3.0, 1.0, 0.0, 0.0), (5.0, 0.0, 1.0, 0.0), "x²y with x = 3 + e1, y = 5 + e2: 45 + 30e1 + 9e2 + 6e1e2"
        ),
        number_of(lambda x: x.lift(np.sin, np.cos, minus_sin), sine, "lift: sin(0.5 + e1 + e2)", (0.5, 1.0, 1.0, 0.0)),
        lifted(P, (1.0, 2.0, -0.5, 3.0), "lift: p(1 + 2e1 - 0.5e2 + 3e1e2), where p(1) = 4, p'(1) = 37, p''(1) = 124"),
        untouched(x, y, "x and y after x + y, x * y and x.lift"),
    ]


def some_number(rng):
    return tuple((rng.uniform(0.4, 1.6, size=4) * rng.choice([-1, 1], size=4)).tolist())


def hidden(rng):
    yield squire_trapp_at(1.5, 1.0, 1.0, 0.0, "Squire and Trapp's function at 1.5")
    t, x, y, u, v = (float(n) for n in rng.uniform(0.4, 1.2, size=5))
    yield squire_trapp_at(t, v, -1.0, u, "Squire and Trapp's function at another number")
    yield mixed_at(x, y, u, -v, "a mixed partial derivative")
    yield square_times((x, u, 0.0, 0.0), (y, 0.0, v, 0.0), "the mixed partial derivative of x²y")
    for _ in range(2):
        yield sum_of(some_number(rng), some_number(rng), "a sum")
        yield product_of(some_number(rng), some_number(rng), "a product")
        yield square_times(some_number(rng), some_number(rng), "three factors")
        yield lifted(Polynomial(*rng.uniform(0.5, 2, size=5).tolist()), some_number(rng), "lift")
    yield untouched(some_number(rng), some_number(rng), "the operands afterwards")


def _plus(x, y):
    return [p + q for p, q in zip(x, y, strict=True)]


def _times(x, y, wrong=None):
    """As products of matrices, with some of the parts computed otherwise."""
    z = dict(zip("abcd", of_matrix(matrix(*x) @ matrix(*y)), strict=True))
    return [*(z | (wrong(*x, *y) if wrong else {})).values()]


def _lifted(x, f, f1, f2):
    a, b, c, d = x
    return [f(a), f1(a) * b, f1(a) * c, f1(a) * d + f2(a) * b * c]


def _class(plus=_plus, times=_times, lifted=_lifted, product=None):
    class HyperDual:
        def __init__(self, a, b, c, d):
            self.a, self.b, self.c, self.d = self.parts = a, b, c, d

        def __add__(self, other):
            return HyperDual(*plus(self.parts, other.parts))

        def __mul__(self, other):
            return HyperDual(*times(self.parts, other.parts, *([product] if product else [])))

        def lift(self, f, f1, f2):
            return HyperDual(*lifted(self.parts, f, f1, f2))

    return HyperDual


def _lift(d=lambda a, b, c, d, f1, f2: f1 * d + f2 * b * c, b=lambda b, f1: f1 * b, c=lambda c, f1, f2: f1 * c):
    """A class whose lift goes wrong in some parts; f1 and f2 are numbers, the derivatives at a."""

    def lifted(x, f, f1, f2):
        s, t = f1(x[0]), f2(x[0])
        return [f(x[0]), b(x[1], s), c(x[2], s, t), d(*x, s, t)]

    return _class(lifted=lifted)


HYPERDUAL = Problem(
    id="5.5",
    title="Hyper-dual numbers",
    points=4,
    signature="class HyperDual(a, b, c, d)",
    visible=visible,
    hidden=hidden,
    hint="Which products give e1e2? There are four. And in f(a + n) = f(a) + f'(a) n + f''(a) n²/2 with n = be1 + ce2 "
    "+ de1e2: what is n²?",
    mistakes=[
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"d": a * s + d * p}),
            "The products of an e1 with an e2 are missing: multiply (3 + e1 + e2)(3 + e1 + e2) out, all nine terms.",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"d": a * s + d * p + b * r}),
            "One of the cross products is missing: e1 of the left meets e2 of the right, and what else gives e1e2?",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"d": a * s + d * p + c * q}),
            "One of the cross products is missing: e2 of the left meets e1 of the right, and what else gives e1e2?",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"d": b * r + c * q}),
            "Only cross products are in your e1e2. Try 2 times (1 + e1e2): the part d of a number has to count, too.",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"d": a * s + d * p + b * q + c * r}),
            "In your e1e2 stand the products e1e1 and e2e2, which are 0. Which pairs give e1e2?",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"d": a * s + d * p + (b * r + c * q) / 2}),
            "Your cross products are halved. Both orders occur, and each counts in full: multiply (3 + e1 + e2)² out.",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"d": a * s + d * p + b * r + c * q + d * s}),
            "The product of the two parts d doesn't belong in: (e1e2)² has e1² inside.",
        ),
        Mistake(
            _class(times=lambda x, y: [p * q for p, q in zip(x, y, strict=True)]),
            "You multiply part by part. (3 + e1)² would be 9 + e1²: multiply it out.",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"b": b * q, "c": c * r}),
            "In the parts b and c you multiply the nudges with each other, and e1² is 0. It is the product rule that "
            "belongs there: try (3 + e1)(3 + e1).",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"b": a * q, "c": a * r}),
            "In the parts b and c half of the product rule is missing: (3 + e1)² has 3·e1 twice.",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"a": a * p + b * q + c * r}),
            "e1² and e2² come out as 1 in your product, and they are 0: the part a is the product of the parts a.",
        ),
        Mistake(
            _class(product=lambda a, b, c, d, p, q, r, s: {"a": a * p - b * q - c * r + d * s}),
            "Your e1 and e2 are imaginary units, with the square -1. Here e1² = e2² = 0.",
        ),
        Mistake(
            _class(plus=lambda x, y: [x[0] + y[0], *x[1:]]),
            "Your sum adds the values and keeps the nudges of the left one. What is (1 + e1) + (1 + e1)?",
        ),
        Mistake(
            _class(plus=lambda x, y: [*_plus(x[:3], y[:3]), x[3] + y[3] + x[1] * y[2] + x[2] * y[1]]),
            "Your sum has cross products in it. They come from multiplying; adding goes part by part.",
        ),
        Mistake(
            _class(plus=lambda x, y: [*_plus(x[:3], y[:3]), 0.0]),
            "Your sum forgets the parts d. A number that comes out of a product has one.",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f1 * d),
            "f'' doesn't occur in your lift: e1 and e2 both nudge, and the slope itself changes under way. Lift t² at "
            "3 + e1 + e2 and compare with the product.",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f2 * b * c),
            "The part d of the number is lost in your lift. With a fresh variable it is 0 and nobody notices: lift "
            "sin at a product.",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f2 * d),
            "In your lift f'' multiplies d. d is a nudge of the number, and is passed on by the slope; f'' comes in "
            "where two nudges meet.",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f1 * d + f2),
            "f'' stands alone in your lift. It is multiplied by the nudges that meet, which needn't be 1: lift t² at "
            "3 + 2e1 + e2.",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f1 * d + f2 * b * b),
            "In your lift f'' multiplies e1 with e1, and e1² is 0. Which two nudges meet in e1e2?",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f1 * d + f2 * c * c),
            "In your lift f'' multiplies e2 with e2, and e2² is 0. Which two nudges meet in e1e2?",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f1 * d + f2 * b * c / 2),
            "Your f'' is halved, as in Taylor's formula; but n² = (be1 + ce2)² has a cross product twice. Lift t² at "
            "3 + e1 + e2 and compare with the product.",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f1 * d + 2 * f2 * b * c),
            "Your f'' is doubled. Taylor's formula has it over 2: lift t² at 3 + e1 + e2 and compare with the product.",
        ),
        Mistake(
            _lift(d=lambda a, b, c, d, f1, f2: f1 * (d + b * c)),
            "In your lift the slope multiplies the product of the nudges. Where two nudges meet, the second "
            "derivative belongs.",
        ),
        Mistake(
            _lift(b=lambda b, f1: f1, c=lambda c, f1, f2: f1),
            "The parts b and c of your lift are the slope alone. It multiplies the nudge that was there, which "
            "needn't be 1.",
        ),
        Mistake(
            _lift(c=lambda c, f1, f2: f2 * c),
            "c isn't the place of the second derivative: e2 is a first nudge like e1. f'' shows in e1e2.",
        ),
        Mistake(
            _class(lifted=lambda x, f, f1, f2: [f(x[0]), f1(x[1]), f1(x[2]), f2(x[3])]),
            "Your derivatives are taken at b, c and d. The place is a; the nudges are what the slope is multiplied by.",
        ),
        Mistake(
            _class(lifted=lambda x, f, f1, f2: [f(part) for part in x]),
            "You apply f to every part. f(a + be1 + ...) = f(a) + f'(a) b e1 + ...: what does f' do?",
        ),
    ],
    hints={
        "changed": "Print x before and after x * y: a calculation gives a new HyperDual, and the old ones are needed "
        "again.",
        "form": "What +, * and lift give back has to be a HyperDual again, with the parts a, b, c and d: only then "
        "can the calculation go on.",
        "raised AttributeError": "Does every HyperDual have the parts a, b, c and d under these names, and a method "
        "lift? What +, * and lift give back has to be a HyperDual again, too.",
        "raised TypeError": "What +, * and lift give back has to be a HyperDual again. And the class needs all three: "
        "the methods __add__(self, y), __mul__(self, y) and lift(self, f, f1, f2), where f, f1 and f2 are "
        "functions of a number.",
    },
)
