"""Assignment 8, a gradient checker: 8.4.

The right number comes from exact gradients; the student's has the error of a central difference in it. In all questions
the third derivatives are about as large as the entries of the gradient, and the values a few hundred times at most: so
with steps from 1e-3 to 1e-7 a central difference is off by less than 1e-6 of the entry. The tolerance is twice that. A
forward difference is off by more, at any step, where the second derivative is 10000 times larger: one question is so.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.untouched import Untouched, asked


class Function:
    """scale · Σ (cₖ xₖ + aₖ xₖ²/2 + sin xₖ), over the k where aₖ or cₖ isn't 0, and ``product`` · x₀ x₋₁."""

    def __init__(self, c, a, scale=1.0, product=0.0):
        self.c, self.a, self.scale, self.product = np.asarray(c, float), np.asarray(a, float), scale, product
        self.used = (self.c != 0) | (self.a != 0)

    def __call__(self, x):
        x = np.asarray(x)
        terms = self.c * x + self.a * x * x / 2 + self.used * np.sin(x)
        return self.scale * (np.sum(terms) + self.product * x[0] * x[-1])


class Claimed:
    """What somebody takes for the gradient of such a function: entry by entry ``times`` a factor, ``plus`` so much."""

    def __init__(self, f: Function, times, plus):
        self.f, self.times, self.plus = f, np.asarray(times, float), np.asarray(plus, float)

    def __call__(self, x):
        f, x = self.f, np.asarray(x)
        slopes = f.c + f.a * x + f.used * np.cos(x)
        slopes[0] += f.product * x[-1]
        slopes[-1] += f.product * x[0]
        return f.scale * slopes * self.times + self.plus


def gradient_of(f, x):
    """By the complex step."""
    h = 1e-30
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))])


def largest(num, ana):
    size = np.maximum(np.abs(num), np.abs(ana))
    return float(max(abs(n - a) / s if s else 0.0 for n, a, s in zip(num, ana, size, strict=True)))


class Nothing(Close):
    """The gradient is right. Who finds an error, and a small one, has found that of a quotient."""

    def __init__(self):
        super().__init__(0.0, atol=2e-6)

    def __call__(self, answer):
        blamed = super().__call__(answer)
        return blamed._replace(kind="step") if blamed and 0 < answer.numbers[0] < 0.3 else blamed


def check_at(f, x, question, times=1.0, plus=0.0) -> Probe:
    x = np.asarray(x)
    g = Claimed(f, times * np.ones(len(x)), plus * np.ones(len(x)))

    def ask(grad_check):
        said, changed = asked(lambda x: grad_check(f, g, x), x)
        return [*parts((said,), error=()), changed]

    right = largest(gradient_of(f, x.astype(float)), g(x))
    error = Close(right, atol=2e-6) if right > 1e-9 else Nothing()
    return Probe(question, ask, Parts(error=error, x=Untouched()))


def bent(x, slopes) -> Function:
    """With these slopes at x, and a second derivative of 40000."""
    return Function(np.asarray(slopes) - 40000 * np.asarray(x) - np.cos(x), np.full(len(x), 40000.0))


MIXED = Function([1.5, -2.0, 0.5], [0.5, -1.0, 1.0], product=0.75)
DEAF = Function([1.5, 0.0, -1.25], [0.5, 0.0, 1.0])  # to its second number
TINY = Function([1.5, -2.0, 0.75], [0.5, -1.0, 1.0], scale=1e-10)
FLAT = Function([0.0, 0.0], [0.0, 0.0])
UNEVEN = Function([1.5, 300.0, -2.5], [0.5, 2.0, 1.0], product=0.75)


def check_visible():
    x = [0.5, -1.0, 2.0]
    near = [0.04, -0.07, 0.05]
    return [
        check_at(MIXED, x, "a right gradient: 0, or nearly"),
        check_at(MIXED, x, "one entry of g 1% too large: 0.01/1.01 = 0.0099", times=[1, 1, 1.01]),
        check_at(MIXED, x, "one entry of g 20% too small: 0.2", times=[0.8, 1, 1]),
        check_at(MIXED, x, "every entry with the wrong sign: 2", times=-1),
        check_at(MIXED, x, "an entry of g that is 0 and shouldn't be: 1", times=[1, 0, 1]),
        check_at(UNEVEN, x, "a small entry 10% too large, beside a large one", times=[1, 1, 1.1]),
        check_at(MIXED, x, "two entries wrong: the larger error counts", times=[1.1, 1, 0.7]),
        check_at(DEAF, x, "f doesn't depend on x[1], and g says so: 0", times=1),
        check_at(DEAF, x, "f doesn't depend on x[1], and g is 0.25 there: 1", plus=[0, 0.25, 0]),
        check_at(FLAT, [0.3, 0.7], "a constant f, and g = 0: 0"),
        check_at(TINY, x, "a function of size 1e-10, and g is 1.5 times too large: 1/3", times=1.5),
        check_at(bent(near, [1, -1.5, 2]), near, "a strongly curved f and a right g: 0, or nearly"),
        check_at(MIXED, [1, -1, 2], "a right gradient at the integers (1, -1, 2)"),
    ]


def some_function(rng, n, scale=1.0):
    """f and a point where no slope is small."""
    while True:
        x = rng.uniform(0.3, 2, size=n) * rng.choice([-1, 1], size=n)
        f = Function(rng.uniform(-2, 2, size=n), rng.uniform(-1, 1, size=n), scale, float(rng.uniform(0.3, 1)))
        if np.abs(gradient_of(f, x)).min() > scale:
            return f, x


def at_one(rng, n, factor):
    times = np.ones(n)
    times[rng.integers(n)] = factor
    return times


def check_hidden(rng):
    yield check_at(*some_function(rng, 5), "a right gradient of 5 numbers")
    for n in (2, 4):
        yield check_at(*some_function(rng, n), "1% too large in one entry", times=at_one(rng, n, 1.01))
        yield check_at(*some_function(rng, n), "too small in one entry", times=at_one(rng, n, rng.uniform(0.3, 0.9)))
    yield check_at(*some_function(rng, 3), "every entry wrong", times=rng.uniform(-2, 2, size=3))
    yield check_at(*some_function(rng, 3), "an entry that is 0 and shouldn't be", times=at_one(rng, 3, 0))
    f, x = some_function(rng, 3)
    f.c[1] = 200
    yield check_at(f, x, "a small entry wrong, beside a large one", times=[1, 1, rng.uniform(1.05, 1.2)])
    f, x = some_function(rng, 4, scale=1e-10)
    yield check_at(f, x, "a tiny gradient, 1.5 times too large", times=1.5)
    yield check_at(f, x, "a tiny gradient, right")
    deaf = Function([0.0, 1.5, 0.0, -1.25], [0.0, 0.5, 0.0, 1.0])
    yield check_at(deaf, rng.uniform(0.5, 2, size=4), "two numbers that f doesn't depend on")
    yield check_at(
        deaf, rng.uniform(0.5, 2, size=4), "a slope where there is none", plus=[0, 0, rng.uniform(0.1, 1), 0]
    )
    yield check_at(FLAT, rng.normal(size=2), "a constant")
    x = rng.uniform(0.03, 0.08, size=3)
    yield check_at(bent(x, rng.uniform(1, 2, size=3)), x, "a strongly curved function")
    yield check_at(MIXED, rng.permutation([1, -1, 2]), "at integers")


def central(f, x, h=1e-5):
    x = np.array(x, float)
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


def _forward(f, x, h=1e-7):
    x = np.array(x, float)
    return np.array([(f(x + h * e) - f(x)) / h for e in np.eye(len(x))])


def _check(relative=lambda n, a: abs(n - a) / max(abs(n), abs(a)) if n or a else 0.0, whole=max, num=central):
    """``relative`` is the error of one entry, ``whole`` puts them together."""
    return lambda f, g, x: whole([relative(n, a) for n, a in zip(num(f, x), g(x), strict=True)])


def _checked(whole, num=central):
    """``whole`` looks at both gradients as arrays."""
    return lambda f, g, x: whole(num(f, x), g(x))


def _in_place(f, g, x, h=1e-5):
    num = np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        num[i] = (above - f(x)) / (2 * h)
        x[i] += h
    return largest(num, g(x))


def _copies_of_integers(f, g, x, h=1e-5):
    num = np.zeros(len(x))
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i], below[i] = x[i] + h, x[i] - h
        num[i] = (f(above) - f(below)) / (2 * h)
    return largest(num, g(x))


def _together(f, g, x, h=1e-5):
    """Along (1, ..., 1) alone."""
    slope, sums = (f(x + h) - f(x - h)) / (2 * h), np.sum(g(x))
    return largest([slope], [sums])


def _nan(relative):
    def error(n, a):
        with np.errstate(all="ignore"):
            return relative(np.float64(n), np.float64(a))

    return error


_ABSOLUTE = (
    "Absolute differences cannot see small gradients: with a gradient of size 1e-10 yours is tiny, however wrong the "
    "gradient is. Compare each difference with the size of what is compared."
)
_ZEROS = (
    "0/0 is nan: where f doesn't depend on an entry, both slopes are 0, and they agree. (And print max(0.1, nan) and "
    "max(nan, 0.1).)"
)
_SMALL = (
    "A small number in your denominator hides what is smaller: a gradient of size 1e-10 may be wrong by half and yours "
    "says all is well. There is only one case where the denominator needs help: which?"
)
_SIZE = (
    "You divide by something else than the larger of |num| and |ana|. Work out your number for num = 1, ana = 2, and "
    "for num = 2, ana = 1: it should be the same, 1/2."
)
_ALL = (
    "A small entry that is wrong hides behind the large ones in yours: each entry has to be compared with its own size."
)
_SKIPS = (
    "You leave out entries where one of the two slopes is 0. Only if both are 0 do they agree; 0 against 0.25 is an "
    "error of 1."
)
_STEP = (
    "You report an error where the gradient is right: it is that of your quotient. Is it a central difference? Is its "
    "step too long, or too short? Lecture 1 has the errors of both, and the steps that make them smallest."
)
_INTEGERS = (
    "At integers your answer is wrong, at the same point in floats it is right. Try x = np.array([1, 2]); "
    "x[0] = x[0] + 0.5; print(x): an array of integers keeps integers."
)

GRAD_CHECK = Problem(
    id="8.4",
    title="A gradient checker",
    points=3,
    signature="grad_check(f, g, x)",
    visible=check_visible,
    hidden=check_hidden,
    hint="Absolute differences cannot see small gradients. One entry at a time: its central difference, its entry of "
    "g(x), the difference of the two by the larger of their sizes.",
    hints={
        "step": _STEP,
        "changed": "x belongs to the caller. Stepping forth and back is not enough: print 1.0 + 1e-5 - 1e-5. Work on a "
        "copy.",
        "raised UFuncTypeError": _INTEGERS,
        "raised ZeroDivisionError": _ZEROS,
        "raised TypeError": "f and g are functions of x, an array: both need brackets, g(x).",
    },
    mistakes=[
        Mistake(_check(lambda n, a: abs(n - a)), _ABSOLUTE),
        Mistake(_checked(lambda n, a: np.linalg.norm(n - a)), _ABSOLUTE),
        Mistake(_checked(lambda n, a: np.mean(np.abs(n - a))), _ABSOLUTE),
        Mistake(_check(_nan(lambda n, a: abs(n - a) / max(abs(n), abs(a))), whole=np.max), _ZEROS),
        Mistake(_check(_nan(lambda n, a: abs(n - a) / max(abs(n), abs(a)))), _ZEROS),
        Mistake(_check(_nan(lambda n, a: abs(n - a) / max(abs(n), abs(a))), whole=np.nanmax), _ZEROS),
        *(
            Mistake(_check(lambda n, a, small=small: abs(n - a) / max(abs(n), abs(a), small)), _SMALL)
            for small in (1e-7, 1e-8)
        ),
        *(
            Mistake(_check(lambda n, a, small=small: abs(n - a) / (max(abs(n), abs(a)) + small)), _SMALL)
            for small in (1e-8, 1e-10, 1e-12)
        ),
        Mistake(_check(lambda n, a: abs(n - a) / max(abs(n) + abs(a), 1e-8)), _SMALL),
        Mistake(_check(lambda n, a: abs(n - a) / (abs(n) + abs(a)) if n or a else 0.0), _SIZE),
        Mistake(_check(lambda n, a: 2 * abs(n - a) / (abs(n) + abs(a)) if n or a else 0.0), _SIZE),
        Mistake(_check(lambda n, a: abs(n - a) / (abs(n) or 1.0)), _SIZE),
        Mistake(_check(lambda n, a: abs(n - a) / (abs(a) or 1.0)), _SIZE),
        Mistake(_check(lambda n, a: abs(n - a) / (min(abs(n), abs(a)) or 1.0)), _SIZE),
        Mistake(
            _checked(lambda n, a: np.linalg.norm(n - a) / (max(np.linalg.norm(n), np.linalg.norm(a)) or 1.0)), _ALL
        ),
        Mistake(_checked(lambda n, a: np.linalg.norm(n - a) / (np.linalg.norm(n) + np.linalg.norm(a) or 1.0)), _ALL),
        Mistake(_checked(lambda n, a: np.max(abs(n - a)) / (max(np.max(abs(n)), np.max(abs(a))) or 1.0)), _ALL),
        Mistake(_check(lambda n, a: abs(n - a) / max(abs(n), abs(a)) if n and a else 0.0), _SKIPS),
        Mistake(_check(lambda n, a: abs(n - a) / max(abs(n), abs(a)) if a else 0.0), _SKIPS),
        Mistake(_check(lambda n, a: abs(n - a) / max(abs(n), abs(a)) if n else 0.0), _SKIPS),
        Mistake(_check(num=_forward), _STEP),
        Mistake(
            _check(num=lambda f, x: 2 * central(f, x)),
            "Your quotient divides by h what is a difference over 2h: on f = x·x, what does it give?",
        ),
        Mistake(
            _check(num=lambda f, x: central(f, x) / 2),
            "Your quotients are half as large as they should be: on f = x·x, what do they give? How far apart are the "
            "two points, and what do you divide by?",
        ),
        Mistake(
            _check(lambda n, a: (n - a) / max(abs(n), abs(a)) if n or a else 0.0),
            "A difference that is negative counts as no error in yours: an entry of g that is too large goes unseen.",
        ),
        Mistake(
            _check(lambda n, a: (a - n) / max(abs(n), abs(a)) if n or a else 0.0),
            "A difference that is negative counts as no error in yours: an entry of g that is too small goes unseen.",
        ),
        Mistake(
            _check(lambda n, a: (n - a) / (max(n, a) or 1.0)),
            "Slopes may be negative: the size in the denominator is that of their absolute values.",
        ),
        Mistake(
            _check(whole=np.mean), "You average over the entries. One wrong entry is enough: the largest was asked for."
        ),
        Mistake(_check(whole=sum), "You add up over the entries. The largest error was asked for."),
        Mistake(
            _check(whole=min), "You give the smallest error. One wrong entry is enough: the largest was asked for."
        ),
        Mistake(lambda f, g, x: 0.0, "Your answer is 0, whatever g is. Try a g that is plainly wrong, lambda x: -x."),
        Mistake(_check(whole=lambda errors: errors[0]), "You look at the first entry alone."),
        Mistake(
            _check(whole=lambda errors: errors[-1]), "You look at the last entry alone: is the loop left too early?"
        ),
        Mistake(_check(whole=lambda errors: errors), "You give an error for every entry. The largest was asked for."),
        Mistake(
            _check(whole=lambda errors: int(np.argmax(errors))),
            "You say where the largest error is, and not how large.",
        ),
        Mistake(
            _check(whole=lambda errors: max(errors) < 1e-5), "You say whether g is right. Asked for is how wrong it is."
        ),
        Mistake(_check(whole=lambda errors: 100 * max(errors)), "Your error is in per cent: 1% is 0.01."),
        Mistake(
            _check(whole=lambda errors: np.linalg.norm(errors)),
            "You put the errors together by squares. The largest was asked for.",
        ),
        Mistake(
            _together,
            "You moved all entries of x at once: that compares the slope in the direction (1, ..., 1) with the sum of "
            "g. Errors of two entries can cancel there.",
        ),
        Mistake(
            _in_place,
            "You step in the caller's own x and step back: print 1.0 + 1e-5 - 1e-5. Work on a copy; on integers the "
            "step would fail altogether.",
        ),
        Mistake(_copies_of_integers, _INTEGERS),
    ],
)
