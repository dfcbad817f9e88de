"""Assignment 1, the complex step and the gradient: 1.4 and 1.5.

Both oracles are closed forms, and both problems are asked about at large steps too, where t³ and quadratic functions
say exactly what must come out. The tolerances are some tens of roundings of the numbers that enter.
"""

from __future__ import annotations

import math

import numpy as np

from adcourse.grading.judges import Close, Parts, Price
from adcourse.grading.meters import Counted
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import CUBE, P
from adcourse.grading.untouched import Untouched, asked

# --- 1.4 ---------------------------------------------------------------------------------------------------------


def squire_trapp(a: float, b: float, k: float):
    """k e^(ax) / sqrt(sin³ bx + cos³ bx), and its derivative in closed form (Squire & Trapp 1998 for a = b = k = 1)."""

    def f(x):
        return k * np.exp(a * x) / np.sqrt(np.sin(b * x) ** 3 + np.cos(b * x) ** 3)

    def slope(x):
        s, c = math.sin(b * x), math.cos(b * x)
        return k * math.exp(a * x) / math.sqrt(s**3 + c**3) * (a - 1.5 * b * s * c * (s - c) / (s**3 + c**3))

    return f, slope


def complex_step_at(f, x, expected, question, *h, rtol=0.0, atol=0.0) -> Probe:
    return Probe(question, lambda complex_step: complex_step(f, x, *h), Close(expected, rtol=rtol, atol=atol))


def cube_with_step(x, h, question) -> Probe:
    """Im (x + ih)³ / h = 3x² − h² exactly: at a large step it shows whether h is used, and where."""
    return complex_step_at(CUBE, x, 3 * x * x - h * h, question, h, rtol=1e-13, atol=1e-13)


def complex_step_visible():
    return [
        complex_step_at(P, 1.0, 37.0, "complex_step(p, 1) to 1e-12", atol=1e-12),
        complex_step_at(
            squire_trapp(1, 1, 1)[0], 1.5, 4.0534278938986, "eˣ/√(sin³x + cos³x) at 1.5 to 5e-14", atol=5e-14
        ),
        complex_step_at(P, 1.0, 37.0, "complex_step(p, 1, 1e-200) to 1e-12", 1e-200, atol=1e-12),
        cube_with_step(2.0, 0.5, "complex_step(t³, 2, 0.5), where 3x² - h² is exact"),
    ]


def complex_step_hidden(rng):
    f, slope = squire_trapp(1, 1, 1)
    yield complex_step_at(f, 1.5, 4.0534278938986, "Squire and Trapp's function at 1.5", atol=5e-14)
    for h in ((), (1e-200,), (1e-8,)):
        f, slope = squire_trapp(*rng.uniform(0.5, 1.0, size=3))
        x = float(rng.uniform(0.2, 1.5))
        yield complex_step_at(f, x, slope(x), "a relative of Squire and Trapp's function", *h, rtol=1e-12, atol=1e-12)
    yield cube_with_step(float(rng.uniform(1, 2)), float(rng.uniform(0.3, 0.6)), "t³ at a large step")


COMPLEX_STEP = Problem(
    id="1.4",
    title="Complex step",
    points=2,
    signature="complex_step(f, x, h=1e-20)",
    visible=complex_step_visible,
    hidden=complex_step_hidden,
    hint="Where does f'(x)h sit in f(x+ih)?",
    mistakes=[
        Mistake(
            lambda f, x, h=1e-20: np.real(f(x + 1j * h)) / h,
            "You took the real part. Expand f(x + ih) = f(x) + ih f'(x) + ...: in which part does the slope sit?",
        ),
        Mistake(
            lambda f, x, h=1e-20: np.imag(f(x + 1j * h)),
            "Your answer shrinks with h: try h = 1e-20 and h = 1e-10. The imaginary part is h f'(x), not yet f'(x).",
        ),
        Mistake(
            lambda f, x, h=1e-20: (f(x + h) - f(x)) / h,
            "Your step is real, and x + 1e-20 is x: print 1.0 + 1e-20 == 1.0. The step has to leave the real axis.",
        ),
        Mistake(
            lambda f, x, h=1e-20: (f(x + h) - f(x - h)) / (2 * h),
            "Your step is real, and 1.0 + 1e-20 == 1.0: a difference of equal numbers is 0. Leave the real axis.",
        ),
        Mistake(
            lambda f, x, h=1e-20: np.imag((f(x + 1j * h) - f(x)) / (1j * h)),
            "You divided by ih, which turns the answer by a quarter: compare the real and the imaginary part of "
            "what you have.",
        ),
        Mistake(
            lambda f, x, h=1e-20: abs(f(x + 1j * h)) / h,
            "You took the modulus, and the value f(x) drowns the slope in it. Look at the two parts one by one.",
        ),
        Mistake(
            lambda f, x, h=1e-20: np.imag(f(x + 1j * h)) / (2 * h),
            "Half the slope came out. The 2h of the central quotient comes from two points; how many have you used?",
        ),
        Mistake(
            lambda f, x, h=1e-20: np.imag(f(x - 1j * h)) / h,
            "Your sign is off: the step went down the imaginary axis.",
        ),
        Mistake(
            lambda f, x, h=1e-20: np.imag(f(x + 1e-20j)) / 1e-20,
            "Your function does not use the h it is given: t³ at the large step 0.5 must come out as 3x² - 0.25.",
        ),
    ],
)


# --- 1.5 ---------------------------------------------------------------------------------------------------------


class Quadratic:
    """c·v + v·A v / 2 as a function of a vector."""

    def __init__(self, c, A):
        self.c, self.A = np.asarray(c, float), np.asarray(A, float)

    def __call__(self, v):
        v = np.asarray(v)
        return self.c @ v + v @ (self.A @ v) / 2


def quotients(f: Quadratic, v, h):
    """The forward quotient in direction i at step h is exactly (c + A v)ᵢ + h Aᵢᵢ / 2."""
    return f.c + f.A @ v + h * np.diag(f.A) / 2


def some_quadratic(rng, n) -> Quadratic:
    A = rng.normal(size=(n, n))
    return Quadratic(rng.normal(size=n), A + A.T + 2 * n * np.eye(n))


def _rounding(f: Quadratic, x, h) -> float:
    size = float(np.abs(x).max()) + h
    return 1e-14 * float(np.abs(f.c).sum() * size + np.abs(f.A).sum() * size**2 + 1) / h


def grad_fd_at(f, x, question, *h) -> Probe:
    """The quotients, their price, and what became of x."""
    x, n, counted = np.array(x), len(x), Counted(f)

    def ask(grad_fd):
        return parts(asked(lambda x: grad_fd(counted, x, *h), x), gradient=(n,), arguments=())

    step = h[0] if h else 1e-6
    gradient = Close(lambda: quotients(f, x.astype(float), step), atol=_rounding(f, x, step))
    return Probe(question, ask, Price(Parts(gradient=gradient, arguments=Untouched()), at_most=n + 1), counted)


DOT = Quadratic([0, 0, 0], 2 * np.eye(3))  # v·v


def grad_fd_visible():
    return [
        grad_fd_at(DOT, [1.0, 2.0, 3.0], "the gradient of v·v at (1, 2, 3), from 4 evaluations, x left as it was"),
        grad_fd_at(DOT, [1.0, 2.0, 3.0], "the same with h = 0.5, where the quotients are exactly 2v + h", 0.5),
        grad_fd_at(DOT, [1, 2, 3], "the gradient at the integers (1, 2, 3)"),
    ]


def grad_fd_hidden(rng):
    for n in (1, 4, int(rng.integers(5, 9))):
        f, g, k, x = *(some_quadratic(rng, n) for _ in range(3)), rng.normal(size=n)
        yield grad_fd_at(f, x, "the gradient of a quadratic function")
        yield grad_fd_at(g, 1 / x, "the gradient at a large step", float(rng.uniform(0.3, 0.7)))
        yield grad_fd_at(k, rng.integers(-4, 5, size=n), "the gradient at an integer point", 0.25)


def _grad_fd(quotient, promote=float):
    def grad_fd(f, x, h=1e-6):
        x = np.array(x, dtype=promote)
        return np.array([quotient(f, x, h * (np.arange(x.size) == i), h) for i in range(x.size)])

    return grad_fd


def _forgets_to_restore(f, x, h=1e-6):
    base, gradient = f(x), []
    for i in range(len(x)):
        x[i] += h
        gradient.append((f(x) - base) / h)
    return np.array(gradient)


def _restores_by_subtracting(f, x, h=1e-6):
    base, gradient = f(x), np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        gradient[i] = (f(x) - base) / h
        x[i] -= h
    return gradient


def _keeps_integers(f, x, h=1e-6):
    base, gradient = f(x), np.zeros(len(x))
    for i in range(len(x)):
        y = x.copy()
        y[i] = y[i] + h
        gradient[i] = (f(y) - base) / h
    return gradient


def _copies_and_adds(f, x, h=1e-6):
    base, gradient = f(x), np.zeros(len(x))
    for i in range(len(x)):
        y = x.copy()
        y[i] += h
        gradient[i] = (f(y) - base) / h
    return gradient


def _integer_gradient(f, x, h=1e-6):
    gradient, base = np.zeros_like(x), f(x)
    for i in range(len(x)):
        gradient[i] = (f(x + h * (np.arange(len(x)) == i)) - base) / h
    return gradient


_INTEGERS = (
    "At an integer point your answer is wrong, at the same point in floats it is right. Try x = np.array([1, 2, 3]); "
    "x[0] = x[0] + 0.5; print(x): an array of integers keeps integers."
)

GRAD_FD = Problem(
    id="1.5",
    title="Finite-difference gradient and its price",
    points=3,
    signature="grad_fd(f, x, h=1e-6)",
    visible=grad_fd_visible,
    hidden=grad_fd_hidden,
    hint="How often did you evaluate f at the base point? What does x[i]+=h do to an int array?",
    hints={
        "changed": "The array belongs to the caller; work on a copy. Stepping forth and back is not enough: print "
        "1.0 + 1e-6 - 1e-6."
    },
    mistakes=[
        Mistake(
            _grad_fd(lambda f, x, e, h: (f(x + e) - f(x)) / h),
            "Your gradient is right and costs 2n evaluations of f. Which of them gives the same number every time?",
        ),
        Mistake(
            _grad_fd(lambda f, x, e, h: (f(x + e) - f(x - e)) / (2 * h)),
            "These are central quotients: more exact, and 2n evaluations. The forward ones of v·v are 2v + h, and "
            "need n + 1.",
        ),
        Mistake(
            _forgets_to_restore,
            "Your steps pile up: when the second partial derivative is taken, x still carries the first step. Print x "
            "before and after.",
        ),
        Mistake(
            _restores_by_subtracting,
            "You step in the caller's own x and step back: print 1.0 + 1e-6 - 1e-6. Work on a copy; on "
            "integers the step would fail altogether.",
        ),
        Mistake(_keeps_integers, _INTEGERS),
        Mistake(_copies_and_adds, _INTEGERS),
        Mistake(_integer_gradient, _INTEGERS),
        Mistake(
            lambda f, x, h=1e-6: _grad_fd(lambda f, x, e, h: (f(x + e) - f(x)) / h)(f, x, 1e-6),
            "Your function does not use the h it is given.",
        ),
        Mistake(
            lambda f, x, h=1e-6: (f(np.asarray(x) + h) - f(x)) / h,
            "You moved all the entries of x at once: that is the slope in the direction (1, ..., 1), the sum of the "
            "partial derivatives.",
        ),
        Mistake(
            _grad_fd(lambda f, x, e, h: f(x + e) - f(x)),
            "These are differences; each is still to be divided by its step.",
        ),
    ],
)
