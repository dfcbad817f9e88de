"""Assignment 1, difference quotients: 1.1, 1.2 and 1.3.

Difference quotients are asked about at LARGE steps, where exact algebra tells right from nearly right: at h = 1e-6
every formula for p'(1) prints 37. The oracle is arithmetic with fractions, the tolerance the rounding of the
student's floats (``rounding``), which is all that a right formula may be off by.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from adcourse.grading.asking import refuses
from adcourse.grading.judges import Close, Exact
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import CUBE, FOURTH, SQUARE, P, Polynomial, derivative, exact, rounding


def quotient(f: Polynomial, x: float, h: float, kind: str):
    """The forward or central quotient in exact arithmetic."""
    x, step = Fraction(x), Fraction(h)
    if kind == "forward":
        return (exact(f, x + step) - exact(f, x)) / step
    return (exact(f, x + step) - exact(f, x - step)) / (2 * step)


def some_polynomial(rng) -> Polynomial:
    """Degree 5, no coefficient near zero: generic enough that no two formulas agree on it."""
    return Polynomial(*(rng.uniform(0.5, 2.0, size=6) * rng.choice([-1.0, 1.0], size=6)))


# --- 1.1 ---------------------------------------------------------------------------------------------------------


def fd_at(f, x, h, kind, question, expected=None, atol=None) -> Probe:
    expected = quotient(f, x, h, kind) if expected is None else expected
    return Probe(
        question,
        lambda fd: fd(f, x, h, kind),
        Close(expected, atol=rounding(f, x, h) / h if atol is None else atol),
    )


def fd_refuses(kind) -> Probe:
    return Probe(
        f"fd(p, 1, 0.5, {kind!r})",
        lambda fd: refuses(ValueError, fd, P, 1.0, 0.5, kind),
        Exact(True, says="any other kind has to raise ValueError"),
    )


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
            "Your forward quotient looks backward. At h = 0.5 and x = 1.5 the forward one of t² is 3.5: which two "
            "points does it use? Print the points at which you evaluate f.",
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
        expected = (exact(f, x + step) - 2 * exact(f, x) + exact(f, x - step)) / step**2
    atol = 2 * rounding(f, a, h) / h**2 if atol is None else atol
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
    yield second_at(some_polynomial(rng), -a, float(rng.uniform(0.2, 0.7)), "another polynomial at a negative point")
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
    df = derivative(f)

    def expected():
        slope = exact(df, x)
        return [[abs(quotient(f, x, h, kind) - slope) for h in hs] for kind in ("forward", "central")]

    noise = [rounding(f, x, h) / h + rounding(df, x, 0.0) for h in hs]
    return Probe(question, lambda ucurve: ucurve(f, df, x, np.array(hs)), Close(expected, atol=[noise, noise]))


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
    f, x = some_polynomial(rng), float(rng.uniform(0.5, 1.5))
    for g in (f, Polynomial(*(-c for c in f.coefficients))):  # one of the two has quotients below its slope
        hs = rng.permutation(np.logspace(rng.uniform(-12, -10), 0, 25)).tolist()
        yield ucurve_at(g, x, hs, "another polynomial on 25 steps")


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
