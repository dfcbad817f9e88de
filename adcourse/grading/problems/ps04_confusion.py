"""Assignment 4, derivatives of derivatives: 4.5.

Each question is a program in which `derivative` may stand inside a function that is differentiated; all are polynomials
with sums and products alone, and their derivatives are worked out by hand. Tolerance: a few roundings, 1e-12.
"""

from __future__ import annotations

from itertools import count

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem


def nested(program, expected, question) -> Probe:
    return Probe(question, program, Close(expected, rtol=1e-12, atol=1e-12))


def plus_times(D):
    return D(lambda x: x * D(lambda y: x + y, 1.0), 1.0)


def times_times(D):
    return D(lambda x: x * D(lambda y: x * y, 3.0), 4.0)


def at_itself(D):
    return D(lambda x: D(lambda y: x * y * y, x), 3.0)


def second(D):
    return D(lambda x: D(lambda y: y * y * y, x), 2.0)


def confusion_visible():
    return [
        nested(lambda D: D(lambda x: x * x, 3.0), 6.0, "the derivative of x·x at 3: 6"),
        nested(lambda D: D(lambda x: 2 * x + x * 5 + 1, 4.0), 7.0, "of 2x + 5x + 1: 7"),
        nested(lambda D: D(lambda x: 3 + x * x * x, 2), 12.0, "of 3 + x·x·x at 2 (an int): 12"),
        nested(lambda D: D(lambda x: 7.0, 2.0), 0.0, "of the constant 7: 0"),
        nested(second, 12.0, "a second derivative, D(x ↦ D(y ↦ y·y·y, x), 2): 12"),
        nested(plus_times, 1.0, "D(x ↦ x·D(y ↦ x + y, 1), 1): 1"),
        nested(times_times, 8.0, "D(x ↦ x·D(y ↦ x·y, 3), 4): 8"),
        nested(at_itself, 12.0, "D(x ↦ D(y ↦ x·y·y, x), 3): 12"),
        nested(lambda D: D(lambda x: x * D(lambda y: x, 5.0), 3.0), 0.0, "D(x ↦ x·D(y ↦ x, 5), 3): 0"),
    ]


def confusion_hidden(rng):
    a, b, c = rng.uniform(0.5, 2.0, size=3).tolist()

    def polynomial(D):
        return D(lambda x: a * x * x * x + b * x + x * c, a + b)

    def triple(D):
        return D(lambda x: x * D(lambda y: y * D(lambda z: x * y * z * z, b), c), a)

    def shared(D):
        return D(lambda x: D(lambda y: x * x * y * y, a) * D(lambda y: x * y + y * y, b), c)

    def later(D):
        return D(lambda x: x * D(lambda y: y * D(lambda z: x * z + y, a) + x * y, b) * x, c)

    def third(D):
        return D(lambda x: D(lambda y: D(lambda z: x * y * z * z * z, y), x), a)

    def after(D):
        return D(lambda x: D(lambda y: x * y, a) * x + D(lambda y: y * y, x), b)

    def unused(D):
        return D(lambda x: x * D(lambda y: D(lambda z: x * y + x, a), b) + x * x, c)

    def resting(D):
        return D(lambda x: x * D(lambda y: x * x * c, a) + x, b)

    def outer_first(D):
        return D(lambda x: D(lambda y: x * (x * y) + (y * x) * y, a), b)

    def other_way(D):
        return D(lambda x: D(lambda y: (y * x) * x + y * (y * x), a), b)

    yield nested(polynomial, 3 * a * (a + b) ** 2 + b + c, "a polynomial")
    yield nested(lambda D: D(lambda x: a + b, c), 0.0, "a constant")
    # the case of ReverseDiff.jl #45, and those of lecture 4, once more
    yield nested(plus_times, 1.0, "x·D(y ↦ x + y)")
    yield nested(times_times, 8.0, "x·D(y ↦ x·y)")
    yield nested(at_itself, 12.0, "D(y ↦ x·y·y) at x")
    # z: 2xyb; times y: 2xy²b, by y at c: 4xcb; times x: 4x²cb
    yield nested(triple, 8 * a * b * c, "three, one in the other")
    # 2x²a (x + 2b) = 2a x³ + 4ab x²
    yield nested(shared, 6 * a * c**2 + 8 * a * b * c, "two side by side")
    # z: x; y x + x y = 2xy, by y: 2x; times x²: 2x³
    yield nested(later, 6 * c**2, "a sum with a derivative in it")
    # z at y: 3xy·y² = 3xy³, by y at x: 9x·x² = 9x³
    yield nested(third, 27 * a**2, "three, each at the point of the next")
    yield nested(after, 2 * b + 2.0, "a sum of two derivatives")
    yield nested(unused, 2 * c, "one that nothing depends on")
    yield nested(resting, 1.0, "an inner function that its own argument doesn't move")
    # x² + 2xy by y, at a: x² + 2xa
    yield nested(outer_first, 2 * b + 2 * a, "products in one order")
    yield nested(other_way, 2 * b + 2 * a, "products in the other order")


# --- wrong ways --------------------------------------------------------------------------------------------------


class _Nudged:
    """a + b ε, where each ε has a number of its own; the one with the highest stands outside."""

    def __init__(self, a, b, tag):
        self.a, self.b, self.tag = a, b, tag

    def _of(self, tag):
        return (self.a, self.b) if self.tag == tag else (self, 0.0)

    def __add__(self, other):
        tag, (a, b), (c, d) = _both(self, other)
        return _Nudged(a + c, b + d, tag)

    def __mul__(self, other):
        tag, (a, b), (c, d) = _both(self, other)
        return _Nudged(a * c, a * d + b * c, tag)

    __radd__, __rmul__ = __add__, __mul__


def _both(x, y):
    pair = [z if isinstance(z, _Nudged) else None for z in (x, y)]
    tag = max(z.tag for z in pair if z)
    return tag, *(n._of(tag) if n else (z, 0.0) for n, z in zip(pair, (x, y), strict=True))


def _value(x):
    return _value(x.a) if isinstance(x, _Nudged) else x


def _operator(tags=lambda: count(1).__next__, point=lambda x: x, read=None):
    """A derivative operator: where its tags come from, what it makes of the point, what it reads off the result."""
    fresh = tags()
    if read is None:
        read = lambda z, tag: z.b if isinstance(z, _Nudged) and z.tag == tag else 0.0

    def derivative(f, x):
        tag = fresh()
        return read(f(_Nudged(point(x), 1.0, tag)), tag)

    return derivative


def _one_tag():
    return lambda: 0


def _difference(f, x):
    return (f(x + 1e-4) + -1 * f(x + -1e-4)) * 5e3


def _seed_inherits(f, x):
    """The tangent of the inner variable is the point itself."""
    z = f(_Nudged(x, x, tag := next(_COUNT)))
    return z.b if isinstance(z, _Nudged) and z.tag == tag else 0.0


_COUNT = count(1)
_DIGITS = "Right in the first digits is what a difference quotient brings. And nested twice it loses twice."

CONFUSION = Problem(
    id="4.5",
    title="Perturbation confusion",
    points=5,
    signature="derivative(f, x)",
    visible=confusion_visible,
    hidden=confusion_hidden,
    hint="Two epsilons that are equal cannot be told apart: give every call its own tag.",
    hints={
        "form": "A plain number was asked for. Where derivatives are nested, one of your numbers still carries an ε "
        "when the outermost derivative has been read off: whose is it?",
        "digits": _DIGITS,
        "raised AttributeError": "A plain number met your rule: a constant, or an f that doesn't depend on its "
        "argument. What is its derivative?",
        "raised TypeError": "Read which operation it names. In 2*x and x + y the two may be a plain number and one "
        "with an ε, in either order, or numbers with two different ε.",
        "recursion": "One of your operations calls itself without end. When two numbers with different ε meet, which "
        "of them treats the other as a constant?",
    },
    mistakes=[
        Mistake(
            _operator(tags=_one_tag),
            "All your ε are the same. Follow D(x ↦ x·D(y ↦ x + y, 1), 1) on paper: x is 1 + ε, y is 1 + ε, and the "
            "inner derivative reads off the coefficient of ε in x + y. Whose ε did it count?",
        ),
        Mistake(
            _operator(tags=_one_tag, point=_value),
            "All your ε are the same, and the ε of the point is cut off: in D(x ↦ D(y ↦ x·y·y, x), 3) the inner "
            "derivative is taken at x, which moves.",
        ),
        Mistake(
            _operator(point=_value),
            "Your tags are right, and the ε of the point gets lost: in D(x ↦ D(y ↦ y·y·y, x), 2) the inner derivative "
            "is taken at a point that moves.",
        ),
        Mistake(
            _operator(read=lambda z, tag: _value(z.b) if isinstance(z, _Nudged) and z.tag == tag else 0.0),
            "Your inner derivatives come back as plain numbers. In D(x ↦ x·D(y ↦ x·y, 3), 4) the inner one is x: it "
            "moves when x moves.",
        ),
        Mistake(
            _operator(read=lambda z, tag: z.b if isinstance(z, _Nudged) else 0.0),
            "You read off an ε without asking whose it is. What should D(y ↦ x, 5) be, inside of a derivative by x?",
        ),
        Mistake(
            _operator(read=lambda z, tag: z.b if isinstance(z, _Nudged) and z.tag == tag else 1.0),
            "For a function that doesn't depend on its argument you return 1. How fast does 7 change when x does?",
        ),
        Mistake(
            _operator(tags=lambda: count(0, -1).__next__),
            "Your tags are right, and your numbers nest the wrong way round: what you read off is looked for on the "
            "outside, where the ε of another call stands. Print the result of the inner f in "
            "D(x ↦ x·D(y ↦ x·y, 3), 4).",
        ),
        Mistake(
            lambda f, x: _value(f(x)),
            "That is the value of f. Move its argument by ε, and read off what stands before the ε.",
        ),
        Mistake(
            _seed_inherits,
            "The tangent that you put in is x. The question is: how fast does f move when its argument moves at "
            "speed 1?",
        ),
        Mistake(
            _difference,
            _DIGITS,
        ),
    ],
)
