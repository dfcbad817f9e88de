"""Assignment 1: Four ways to a slope.

Difference quotients are asked about at LARGE steps, where exact algebra tells right from nearly right: at h = 1e-6
every formula for p'(1) prints 37. The oracle is arithmetic with fractions, the tolerance the rounding of the
student's floats (``Polynomial.rounding``), which is all that a right formula may be off by.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from adcourse.grading.meters import counted
from adcourse.grading.oracles import Polynomial
from adcourse.grading.problem import Close, Complaint, Judge, Mistake, Probe, Problem

P = Polynomial(-5.0, 0.0, 0.0, 4.0, 0.0, 5.0)  # p(x) = 5x⁵ + 4x³ − 5, with p(1) = 4, p'(1) = 37, p''(1) = 124
SQUARE, CUBE, FOURTH = Polynomial(0, 0, 1), Polynomial(0, 0, 0, 1), Polynomial(0, 0, 0, 0, 1)


def quotient(f: Polynomial, x: float, h: float, kind: str):
    """The forward or central quotient in exact arithmetic."""
    exact, x, step = f.exact, Fraction(x), Fraction(h)
    return (
        (exact(x + step) - exact(x)) / step
        if kind == "forward"
        else (exact(x + step) - exact(x - step)) / (2 * step)
    )


def some_polynomial(rng) -> Polynomial:
    """Degree 5, no coefficient near zero: generic enough that no two formulas agree on it."""
    return Polynomial(*(rng.uniform(0.5, 2.0, size=6) * rng.choice([-1.0, 1.0], size=6)))


# --- 1.1 ---------------------------------------------------------------------------------------------------------


def fd_at(f, x, h, kind, question, expected=None, atol=None) -> Probe:
    expected = quotient(f, x, h, kind) if expected is None else expected
    return Probe(
        question,
        lambda fd: fd(f, x, h, kind),
        Close(expected, atol=f.rounding(x, h) / h if atol is None else atol),
    )


def fd_refuses(kind) -> Probe:
    def ask(fd):
        try:
            fd(P, 1.0, 0.5, kind)
        except ValueError:
            return 1.0
        return 0.0

    return Probe(f"fd(p, 1, 0.5, {kind!r})", ask, Close(1.0, says="any other kind has to raise ValueError"))


def fd_visible():
    return [
        fd_at(P, 1.0, 1e-6, "forward", "fd(p, 1, 1e-6, 'forward') to 1e-3", 37.0, 1e-3),
        fd_at(P, 1.0, 1e-6, "central", "fd(p, 1, 1e-6, 'central') to 1e-6", 37.0, 1e-6),
        fd_at(SQUARE, 1.5, 0.5, "forward", "fd(t², 1.5, 0.5, 'forward'), where 2x + h is exact"),
        fd_at(CUBE, 1.5, 0.5, "central", "fd(t³, 1.5, 0.5, 'central'), where 3x² + h² is exact"),
        fd_refuses("backward"),
    ]


def fd_hidden(rng):
    for kind in ("forward", "central"):
        for f, name in ((SQUARE, "t²"), (CUBE, "t³"), (some_polynomial(rng), "another polynomial")):
            x, h = rng.uniform(0.5, 2.0) * rng.choice([-1, 1]), rng.uniform(0.2, 0.7)
            yield fd_at(f, float(x), float(h), kind, f"the {kind} quotient of {name} at a large step")
    yield fd_refuses("sideways")
    yield fd_refuses("")


def _fd(forward, central):
    """A wrong fd that still knows its kinds."""

    def fd(f, x, h, kind):
        if kind not in ("forward", "central"):
            raise ValueError(kind)
        return (forward if kind == "forward" else central)(f, x, h)

    return fd


def _forward(f, x, h):
    return (f(x + h) - f(x)) / h


def _central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


TWO_FORMULAS = Problem(
    id="1.1",
    title="Two difference formulas",
    points=2,
    signature="fd(f, x, h, kind)",
    visible=fd_visible,
    hidden=fd_hidden,
    hint="At h=0.5 what should your forward quotient of t^2 give, exactly?",
    mistakes=[
        Mistake(
            _fd(lambda f, x, h: (f(x) - f(x - h)) / h, _central),
            "Your forward quotient looks backward. At h = 0.5 and x = 1.5 the forward one of t² is 3.5: which two points "
            "does it use? Print the points at which you evaluate f.",
        ),
        Mistake(
            _fd(_forward, lambda f, x, h: (f(x + h) - f(x - h)) / h),
            "Your central quotient comes out twice too large. How far apart are the two points that it uses?",
        ),
        Mistake(
            _fd(lambda f, x, h: (f(x + h) - f(x)) / (2 * h), _central),
            "Your forward quotient comes out half as large as it should. How far apart are its two points?",
        ),
        Mistake(
            _fd(_central, _forward),
            "Your two kinds are exchanged: which of them is exact for t², and which is off by h?",
        ),
        Mistake(
            _fd(_forward, _forward),
            "Both kinds give the forward quotient. For t² the central one is exactly 2x, at any step.",
        ),
        Mistake(
            _fd(_central, _central),
            "Both kinds give the central quotient. For t² the forward one is 2x + h, not 2x.",
        ),
        Mistake(
            lambda f, x, h, kind: (_forward if kind == "forward" else _central)(f, x, h),
            "Your formulas are right. But try fd(np.sin, 1, 0.1, 'centrla'): a misspelt kind must raise ValueError, "
            "or it returns a number that nobody asked for.",
        ),
        Mistake(
            _fd(lambda f, x, h: f(x + h) - f(x), lambda f, x, h: f(x + h) - f(x - h)),
            "These are differences, not quotients: halve h and they halve too. What are they still to be divided by?",
        ),
    ],
)


# --- 1.2 ---------------------------------------------------------------------------------------------------------


def second_at(f, a, h, question, expected=None, atol=None) -> Probe:
    if expected is None:
        x, step = Fraction(a), Fraction(h)
        expected = (f.exact(x + step) - 2 * f.exact(x) + f.exact(x - step)) / step**2
    atol = 2 * f.rounding(a, h) / h**2 if atol is None else atol
    return Probe(question, lambda second: second(f, a, h), Close(expected, atol=atol))


def second_visible():
    return [
        second_at(P, 1.0, 1e-4, "second(p, 1, 1e-4) to 1e-4", 124.0, 1e-4),
        second_at(SQUARE, 3.0, 0.5, "second(t², 3, 0.5), exactly 2"),
        second_at(FOURTH, 1.0, 0.5, "second(t⁴, 1, 0.5), exactly 12.5"),
    ]


def second_hidden(rng):
    f, a = some_polynomial(rng), float(rng.uniform(0.5, 2.0))
    for h in (0.5, 0.25, 0.125):  # the error must fall fourfold: order 2
        yield second_at(f, a, h, f"another polynomial at h = {h:g}")
    yield second_at(
        some_polynomial(rng), -a, float(rng.uniform(0.2, 0.7)), "another polynomial at a negative point"
    )
    yield second_at(SQUARE, a, 0.5, "t² at h = 0.5")


SECOND = Problem(
    id="1.2",
    title="Second difference (seed 2)",
    points=2,
    signature="second(f, a, h)",
    visible=second_visible,
    hidden=second_hidden,
    hint="Evaluate on t^2: every second difference is exactly 2.",
    mistakes=[
        Mistake(
            lambda f, a, h: (f(a + h) - 2 * f(a) + f(a - h)) / h,
            "Your t² comes out as 2h. A second difference is a difference of differences: how many divisions by h?",
        ),
        Mistake(
            lambda f, a, h: (f(a + h) - f(a) + f(a - h)) / h**2,
            "Your value grows without bound as h shrinks. On f(t) = 1 every second difference is 0: what weight must "
            "the middle point have?",
        ),
        Mistake(
            lambda f, a, h: (f(a + h) + 2 * f(a) + f(a - h)) / h**2,
            "On f(t) = 1 every second difference is 0. What do your three weights add up to?",
        ),
        Mistake(
            lambda f, a, h: (f(a + h) - 2 * f(a) + f(a - h)) / (2 * h**2),
            "On t² your answer is 1, half of what it should be. Which factor 2 does not belong there?",
        ),
        Mistake(
            lambda f, a, h: (f(a + 2 * h) - 2 * f(a + h) + f(a)) / h**2,
            "On t² you are right, on t⁴ you are not: your three points are not centred at a.",
        ),
        Mistake(
            lambda f, a, h: (f(a + 2 * h) - 2 * f(a) + f(a - 2 * h)) / (4 * h**2),
            "On t² you are right; on t⁴ your error is four times too large: your points are 2h away from a.",
        ),
        Mistake(
            lambda f, a, h: (f(a + h) - f(a - h)) / (2 * h),
            "On t² your answer is 2a: that is a first derivative.",
        ),
    ],
)


# --- 1.3 ---------------------------------------------------------------------------------------------------------


def ucurve_at(f, x, hs, question) -> Probe:
    """Entrywise equality. What rounding may add is f's own rounding over h: large at tiny steps, where a right
    answer is noise, and nothing at large ones, where each wrong answer shows."""
    df = f.derivative()

    def expected():
        slope = df.exact(x)
        return [[abs(quotient(f, x, h, kind) - slope) for h in hs] for kind in ("forward", "central")]

    noise = [f.rounding(x, h) / h + df.rounding(x, 0.0) for h in hs]
    return Probe(
        question, lambda ucurve: ucurve(f, df, x, np.array(hs)), Close(expected, atol=[noise, noise])
    )


def ucurve_visible():
    return [
        ucurve_at(P, 1.0, [0.5, 0.1], "two errors a row, for p at 1 with hs = [0.5, 0.1]"),
        ucurve_at(
            P,
            1.0,
            [10.0**-k for k in range(1, 13)],
            "twelve errors a row, for p at 1 with h = 1e-1 ... 1e-12",
        ),
        ucurve_at(Polynomial(0, 3, -1), 2.0, [0.5], "3t - t² at 2, where the forward quotient is too small"),
    ]


def ucurve_hidden(rng):
    yield ucurve_at(P, 1.0, np.logspace(-12, 0, 25).tolist(), "p at 1 on 25 steps")
    for _ in range(2):
        hs = rng.permutation(np.logspace(rng.uniform(-12, -10), 0, 25)).tolist()
        yield ucurve_at(
            some_polynomial(rng), float(rng.uniform(0.5, 1.5)), hs, "another polynomial on 25 steps"
        )


def _errors(rows):
    return lambda f, df, x, hs: np.array([[error(row(f, x, h), df(x)) for h in hs] for row, error in rows])


def _gap(q, slope):
    return abs(q - slope)


_RIGHT_ROWS = ((_forward, _gap), (_central, _gap))

UCURVE = Problem(
    id="1.3",
    title="The U-curve",
    points=3,
    signature="ucurve(f, df, x, hs)",
    visible=ucurve_visible,
    hidden=ucurve_hidden,
    hint="Which row has its minimum further left?",
    mistakes=[
        Mistake(
            _errors([(row, lambda q, slope: q - slope) for row, _ in _RIGHT_ROWS]),
            "Your errors have signs. Take 3t - t² at 2: the forward quotient is below the slope there, and a plot on "
            "logarithmic axes has no place for a negative number.",
        ),
        Mistake(
            _errors([(row, lambda q, slope: slope - q) for row, _ in _RIGHT_ROWS]),
            "Your errors have signs: for p at 1 they all come out negative. A plot on logarithmic axes has no place "
            "for a negative number.",
        ),
        Mistake(
            _errors(_RIGHT_ROWS[::-1]),
            "Your rows are exchanged: at h = 0.1 the smaller error belongs to the central quotient, and that is row 1.",
        ),
        Mistake(
            _errors([(row, lambda q, slope: abs(q - slope) / abs(slope)) for row, _ in _RIGHT_ROWS]),
            "These are relative errors; the U-curve here shows the absolute ones.",
        ),
        Mistake(
            _errors([(row, lambda q, slope: (q - slope) ** 2) for row, _ in _RIGHT_ROWS]),
            "These are squared errors: at h = 0.1 and h = 0.01 compare how fast each row falls.",
        ),
        Mistake(
            _errors([(_forward, _gap), (_forward, _gap)]),
            "Your two rows are the same. A tenth of h should make the central error a hundred times smaller.",
        ),
        Mistake(
            lambda f, df, x, hs: _errors(_RIGHT_ROWS)(f, df, x, hs).T,
            "Your array is transposed: two rows are asked for, with one column for each step.",
        ),
        Mistake(
            _errors([(row, lambda q, slope: abs(q)) for row, _ in _RIGHT_ROWS]),
            "These are the quotients themselves. An error says how far they are from df(x).",
        ),
        Mistake(
            lambda f, df, x, hs: np.array(
                [
                    [abs(_forward(f, x, h) - df(x)) for h in hs],
                    [abs((f(x + h) - f(x - h)) / h - df(x)) for h in hs],
                ]
            ),
            "Your central errors stay large however small h gets: how far apart are the two points of that quotient?",
        ),
    ],
)


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
        yield complex_step_at(
            f, x, slope(x), "a relative of Squire and Trapp's function", *h, rtol=1e-12, atol=1e-12
        )
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
            "You divided by ih, which turns the answer by a quarter: compare the real and the imaginary part of what you have.",
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
    """c·v + v·A v / 2 as a function of a vector; a forward quotient in direction i at step h is exactly
    (c + A v)ᵢ + h Aᵢᵢ / 2."""

    def __init__(self, c, A):
        self.c, self.A = np.asarray(c, float), np.asarray(A, float)

    def __call__(self, v):
        v = np.asarray(v)
        return self.c @ v + v @ (self.A @ v) / 2

    def quotients(self, v, h):
        return self.c + self.A @ v + h * np.diag(self.A) / 2

    @staticmethod
    def random(rng, n) -> Quadratic:
        A = rng.normal(size=(n, n))
        return Quadratic(rng.normal(size=n), A + A.T + 2 * n * np.eye(n))


def _rounding(f: Quadratic, x, h) -> float:
    size = float(np.abs(x).max()) + h
    return 1e-14 * float(np.abs(f.c).sum() * size + np.abs(f.A).sum() * size**2 + 1) / h


def grad_fd_at(f, x, question, *h) -> Probe:
    x = np.array(x)
    step = h[0] if h else 1e-6
    expected = f.quotients(x.astype(float), step)
    return Probe(
        question, lambda grad_fd: grad_fd(f, x.copy(), *h), Close(expected, atol=_rounding(f, x, step))
    )


def grad_fd_price(f, x, question) -> Probe:
    def ask(grad_fd):
        counting, calls = counted(f)
        grad_fd(counting, np.array(x))
        return calls()

    says = "you evaluated f {got} times, where n + 1 = {expected} are enough"
    return Probe(question, ask, Close(len(x) + 1, says=says))


class Untouched(Judge):
    def __call__(self, answer):
        if any(answer.numbers):
            return Complaint("your function changed the x that it was given", kind="changed x")
        return None


def grad_fd_untouched(f, x, question) -> Probe:
    def ask(grad_fd):
        mine = np.array(x)
        grad_fd(f, mine)
        return mine - np.array(x)

    return Probe(question, ask, Untouched())


DOT = Quadratic([0, 0, 0], 2 * np.eye(3))  # v·v


def grad_fd_visible():
    return [
        grad_fd_at(DOT, [1.0, 2.0, 3.0], "the gradient of v·v at (1, 2, 3)"),
        grad_fd_at(
            DOT, [1.0, 2.0, 3.0], "the same with h = 0.5, where the quotients are exactly 2v + h", 0.5
        ),
        grad_fd_price(DOT, [1.0, 2.0, 3.0], "the number of evaluations of f"),
        grad_fd_untouched(DOT, [0.1, 0.2, 0.3], "x afterwards"),
        grad_fd_at(DOT, [1, 2, 3], "the gradient at the integers (1, 2, 3)"),
    ]


def grad_fd_hidden(rng):
    for n in (1, 4, int(rng.integers(5, 9))):
        f, x = Quadratic.random(rng, n), rng.normal(size=n)
        yield grad_fd_at(f, x, "the gradient of a quadratic function")
        yield grad_fd_at(f, x, "the gradient at a large step", float(rng.uniform(0.3, 0.7)))
        yield grad_fd_price(f, x, "the number of evaluations")
        yield grad_fd_untouched(f, x, "x afterwards")
        yield grad_fd_at(f, rng.integers(-4, 5, size=n), "the gradient at an integer point", 0.25)


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
            "You step in the caller's own x and step back: 0.1 + h - h is not 0.1 in floats. Work on a copy; on integers "
            "the step would fail altogether.",
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

PROBLEMS = (TWO_FORMULAS, SECOND, UCURVE, COMPLEX_STEP, GRAD_FD)
