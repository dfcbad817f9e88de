"""Assignment 4, dual numbers: 4.1.

The oracle is the complex step through the same expression, at x + 1e-30 b i. The tangents that are put in are 2 and
others that are not 1: a forgotten factor hides behind 1. Tolerance: a dozen operations on numbers of size 1, so 1e-12.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close
from adcourse.grading.plain import NotPlain, describe, parts
from adcourse.grading.problem import Mistake, Probe, Problem


def read(number) -> list:
    """(a, b) of a dual number; a plain number has b = 0."""
    if hasattr(number, "a") and hasattr(number, "b"):
        return parts((number.a, number.b), a=(), b=())
    if isinstance(number, (int, float, np.number)):
        return [number, 0.0]
    raise NotPlain(f"{describe(number)} came back, not a dual number with its parts in .a and .b")


def complex_pair(f, *pairs) -> list[float]:
    """Value and tangent of an analytic f at a + bε, by the complex step."""
    said = complex(f(*(complex(a, 1e-30 * b) for a, b in pairs)))
    return [said.real, said.imag / 1e-30]


def pair_of(f, *pairs, question) -> Probe:
    """f of one dual number, or of several, whose tangents move together along the imaginary axis."""
    judge = Close(lambda: complex_pair(f, *pairs), rtol=1e-12, atol=1e-12, labels=("a", "b"))
    return Probe(question, lambda Dual: read(f(*(Dual(a, b) for a, b in pairs))), judge)


def dual_of(f, a, b, question) -> Probe:
    return pair_of(f, (a, b), question=question)


def twice_used(x):
    y = x + 1
    return y * x


def dual_visible():
    return [
        dual_of(lambda x: x**2, 3.0, 1.0, "(3 + ε)² = 9 + 6ε"),
        dual_of(lambda x: x * x, 3.0, 2.0, "(3 + 2ε)(3 + 2ε) = 9 + 12ε"),
        pair_of(lambda x, y: x + y, (1.0, 2.0), (3.0, 5.0), question="(1 + 2ε) + (3 + 5ε)"),
        pair_of(lambda x, y: x - y, (1.0, 2.0), (3.0, 5.0), question="(1 + 2ε) − (3 + 5ε)"),
        pair_of(lambda x, y: x * y, (2.0, 3.0), (4.0, -1.0), question="(2 + 3ε)(4 − ε) = 8 + 10ε"),
        pair_of(lambda x, y: x / y, (2.0, 3.0), (4.0, -1.0), question="(2 + 3ε) / (4 − ε)"),
        dual_of(lambda x: -x, 3.0, 2.0, "−(3 + 2ε)"),
        dual_of(lambda x: 2 - x, 3.0, 2.0, "2 − (3 + 2ε) = −1 − 2ε"),
        dual_of(lambda x: 1 + x, 3.0, 2.0, "1 + (3 + 2ε)"),
        dual_of(lambda x: x * 5 - 1, 3.0, 2.0, "(3 + 2ε)·5 − 1"),
        dual_of(lambda x: x / 4, 3.0, 2.0, "(3 + 2ε) / 4"),
        dual_of(lambda x: 1 / x, 2.0, 3.0, "1 / (2 + 3ε) = 0.5 − 0.75ε"),
        dual_of(lambda x: x**-1.5, 2.0, 3.0, "(2 + 3ε)^−1.5"),
        dual_of(np.sin, 0.7, 2.0, "np.sin(0.7 + 2ε)"),
        dual_of(np.exp, 0.7, 2.0, "np.exp(0.7 + 2ε)"),
        dual_of(np.log, 0.7, 2.0, "np.log(0.7 + 2ε)"),
        dual_of(np.sqrt, 0.7, 2.0, "np.sqrt(0.7 + 2ε)"),
        dual_of(twice_used, 3.0, 2.0, "y = x + 1, and then y·x: is x still what it was?"),
    ]


EXPRESSIONS = (
    lambda x: (2 - x) * np.exp(x) / (1 + x * x),
    lambda x: 1 / (x - 3) + np.sin(x) ** 3,
    lambda x: np.log(1 + np.sqrt(x)) - np.exp(-x) / 2,
    lambda x: -np.sin(np.exp(x) / 3) + 5 * x**1.5,
    lambda x: 2 / np.sqrt(1 + np.sin(x) / 2) - (x - 1) / x,
)


def iterated(x):
    y = x
    for _ in range(6):
        y = np.sin(y) + x / (2 + y)
    return y


def dual_hidden(rng):
    for f in EXPRESSIONS:
        x, slope = float(rng.uniform(0.4, 1.8)), float(rng.choice([2.0, -1.5, 0.3]))
        yield dual_of(f, x, slope, "an expression")
    for f in (lambda x, y: x / y, lambda x, y: (x - y) * np.sin(x * y), lambda x, y: np.log(x) ** 2 / y):
        first, second = rng.uniform(0.5, 2, size=(2, 2)).tolist()
        yield pair_of(f, first, second, question="two dual numbers")
    yield dual_of(lambda x: 4 - (3 - x), float(rng.uniform(1, 2)), 2.0, "a number minus a dual number, twice")
    yield dual_of(lambda x: x**3 - 2 / x**2, -float(rng.uniform(1, 2)), 2.0, "powers of a negative number")
    yield dual_of(lambda x: (x - x) * 3 + x**0, float(rng.uniform(1, 2)), 2.0, "an expression that is constant")
    yield dual_of(iterated, float(rng.uniform(0.3, 0.7)), -1.5, "a program with a loop")
    yield dual_of(twice_used, float(rng.uniform(1, 2)), 0.7, "a number that is used twice")


def _dual(constant=0.0, changing=(), **wrong):
    """A class of dual numbers, some of its rules replaced by wrong ones on the pairs; ``constant`` is the tangent of a
    plain number, and the operations ``changing`` change their left operand."""

    def lift(x):
        return x if hasattr(x, "b") else Dual(x, constant)

    rules = {
        "add": lambda a, b, c, d: (a + c, b + d),
        "sub": lambda a, b, c, d: (a - c, b - d),
        "rsub": lambda a, b, c, d: (c - a, d - b),
        "mul": lambda a, b, c, d: (a * c, b * c + a * d),
        "div": lambda a, b, c, d: (a / c, (b * c - a * d) / c**2),
        "rdiv": lambda a, b, c, d: (c / a, (d * a - c * b) / a**2),
        "pow": lambda a, b, n: (a**n, n * a ** (n - 1) * b),
        "neg": lambda a, b: (-a, -b),
        "sin": lambda a, b: (np.sin(a), np.cos(a) * b),
        "exp": lambda a, b: (np.exp(a), np.exp(a) * b),
        "log": lambda a, b: (np.log(a), b / a),
        "sqrt": lambda a, b: (np.sqrt(a), b / (2 * np.sqrt(a))),
    } | wrong

    class Dual:
        def __init__(self, a, b=0.0):
            self.a, self.b = a, b

        def __pow__(self, n):
            return Dual(*rules["pow"](self.a, self.b, n))

    def two(name):
        def operation(self, other):
            pair = rules[name](self.a, self.b, lift(other).a, lift(other).b)
            if name not in changing:
                return Dual(*pair)
            self.a, self.b = pair
            return self

        return operation

    def one(name):
        return lambda self: Dual(*rules[name](self.a, self.b))

    names = {"__add__": "add", "__radd__": "add", "__sub__": "sub", "__rsub__": "rsub", "__mul__": "mul"}
    names |= {"__rmul__": "mul", "__truediv__": "div", "__rtruediv__": "rdiv"}
    for method, name in names.items():
        setattr(Dual, method, two(name))
    for name in ("sin", "exp", "log", "sqrt"):
        setattr(Dual, name, one(name))
    Dual.__neg__ = one("neg")
    return Dual


DUAL = Problem(
    id="4.1",
    title="Dual numbers",
    points=6,
    signature="class Dual(a, b)",
    visible=dual_visible,
    hidden=dual_hidden,
    hint="Try 2 - x, and a tangent of 2: is the result linear in b?",
    hints={
        "form": "Whatever is done to a dual number, the result is a new Dual, with its numbers in .a and .b.",
        "recursion": "One of your methods ends up in itself. Which of them computes with the very sign that it is to "
        "define? Write the two numbers of the result down instead.",
        "raised AttributeError": "In 2*x and x + 1 one of the two operands is a plain number: it has no .a and no .b. "
        "What dual number is a constant?",
        "raised TypeError": "Read which operation it names: Python found no method for it that takes these two. "
        "`x / 4` asks x.__truediv__(4), `1 / x` asks x.__rtruediv__(1), np.sin(x) asks "
        "x.sin(); and each gives a new Dual, to compute on with.",
    },
    mistakes=[
        Mistake(
            _dual(mul=lambda a, b, c, d: (a * c, b * d)),
            "Your product multiplies the ε parts. Multiply (a + bε)(c + dε) out, and throw away what has ε².",
        ),
        Mistake(
            _dual(mul=lambda a, b, c, d: (a * c, b * c + a * d + b * d)),
            "There is an ε² in your product: b·d belongs to it, and ε² = 0.",
        ),
        Mistake(
            _dual(div=lambda a, b, c, d: (a / c, (b * c + a * d) / c**2)),
            "The sign in your quotient: if only the denominator grows, the quotient falls.",
        ),
        Mistake(
            _dual(div=lambda a, b, c, d: (a / c, (b * c - a * d) / c)),
            "Your quotient divides by c once; (bc − ad) is divided by c².",
        ),
        Mistake(
            _dual(div=lambda a, b, c, d: (a / c, b / d if d else 0.0)),
            "Your quotient divides the ε parts. Multiply your result by the denominator: does the numerator come back?",
        ),
        Mistake(
            _dual(rsub=lambda a, b, c, d: (a - c, b - d)),
            "2 − x and x − 2 are the same to you. Python calls x.__rsub__(2) for 2 − x: who is subtracted from whom?",
        ),
        Mistake(
            _dual(rsub=lambda a, b, c, d: (c - a, b - d)),
            "In 2 − x the tangent changes its sign as well: what does 2 − x do when x grows?",
        ),
        Mistake(
            _dual(rdiv=lambda a, b, c, d: (a / c, b / c)),
            "1/x and x/1 are the same to you. Python calls x.__rtruediv__(1) for 1/x: who is divided by whom?",
        ),
        Mistake(
            _dual(rdiv=lambda a, b, c, d: (c / a, c * b / a**2)),
            "1/x falls when x grows: the sign of its tangent.",
        ),
        Mistake(
            _dual(pow=lambda a, b, n: (a**n, n * a ** (n - 1))),
            "Your power forgets the tangent that came in. With b = 1 nobody sees it; with b = 2 the "
            "tangent of the result must double.",
        ),
        Mistake(
            _dual(pow=lambda a, b, n: (a**n, b**n)),
            "You take the power of the tangent. (3 + 2ε)² is (3 + 2ε)(3 + 2ε).",
        ),
        Mistake(
            _dual(pow=lambda a, b, n: (a**n, n * a**n * b)),
            "The exponent falls by one: the slope of x³ is 3x².",
        ),
        Mistake(_dual(neg=lambda a, b: (-a, b)), "−x falls when x grows: its tangent changes its sign, too."),
        Mistake(
            _dual(
                sin=lambda a, b: (np.sin(a), np.cos(a)),
                exp=lambda a, b: (np.exp(a), np.exp(a)),
                log=lambda a, b: (np.log(a), 1 / a),
                sqrt=lambda a, b: (np.sqrt(a), 0.5 / np.sqrt(a)),
            ),
            "Your functions forget the tangent that came in: f(a + bε) = f(a) + f'(a) b ε. With b = 1 nobody sees it.",
        ),
        Mistake(
            _dual(constant=1.0),
            "Your constants move: in 1 + x the 1 stands still. What is its tangent?",
        ),
        Mistake(
            _dual(sub=lambda a, b, c, d: (a - c, b + d)),
            "You add the tangents of a difference. Two cars at one speed: how does the distance between them change?",
        ),
        *(
            Mistake(
                _dual(changing=operations),
                "An operation changes the number that it works on: after y = x + 1, print x. It should be what it was.",
            )
            for operations in (["add"], ["add", "sub"], ["add", "sub", "mul", "div"])
        ),
        Mistake(
            _dual(exp=lambda a, b: (np.exp(a), a * np.exp(a - 1) * b)),
            "The rule of powers is for a variable base and a constant exponent. In exp it is the exponent that moves.",
        ),
        Mistake(
            _dual(log=lambda a, b: (np.log10(a), b / a / np.log(10))),
            "Your logarithm is the one to base 10; np.log is the natural one.",
        ),
        Mistake(
            _dual(sin=lambda a, b: (np.sin(a), np.cos(b))),
            "You take the cosine of the tangent. The slope is that of sin at a, times b.",
        ),
        Mistake(
            _dual(sin=lambda a, b: (np.sin(a), -np.cos(a) * b)), "sin rises just right of 0: the sign of its slope."
        ),
        Mistake(
            _dual(log=lambda a, b: (np.log(a), 1 / (a * b) if b else 0.0)),
            "The tangent goes into the numerator of b/a: twice the speed in, twice the speed out.",
        ),
        Mistake(
            _dual(sqrt=lambda a, b: (np.sqrt(a), b / np.sqrt(a))), "Half is missing in the slope of the square root."
        ),
        Mistake(
            _dual(sqrt=lambda a, b: (np.sqrt(a), 0.5 * np.sqrt(a) * b)),
            "The root stands in the denominator of its slope: it is steep near 0.",
        ),
    ],
)
