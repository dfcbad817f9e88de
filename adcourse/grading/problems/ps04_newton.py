"""Assignment 4, Newton's method: 4.3.

The oracle is bisection. Tolerance: an answer may stop where |f| < tol, which leaves an error of tol / |f'|, or where
the step is smaller than tol, which leaves less; twice that, and a rounding. From the starts that are asked, Newton's
method needs 5 to 7 evaluations (counted for thousands of draws); 9 leave room for one more at either end. A slope that
is not refreshed needs 13 to 15, or 30 to 44, or more than 55: clear of 9, 18 and 50. Two evaluations a step need 10.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.asking import refuses
from adcourse.grading.judges import Close, Exact, Parts
from adcourse.grading.meters import counted
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_gradient

TOL, MAXIT, ENOUGH = 1e-12, 50, 9


def bisected(f, low, high) -> float:
    """The root between two points where f has opposite signs."""
    rising = f(low) < 0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (f(middle) < 0) == rising else (low, middle)
    return (low + high) / 2


def root_of(f, x0, low, high, question) -> Probe:
    """The root between low and high, from x0. ``arrived`` is 0 after a RuntimeError, ``exact`` says whether f was ever
    given more than plain numbers, and ``price`` is 0 for up to 9 evaluations, 1 for up to 18, else 2."""

    def ask(newton):
        asked = []

        def noted(x):
            asked.append(isinstance(x, (int, float, np.integer, np.floating)))
            return f(x)

        counting, calls = counted(noted)
        try:
            root, arrived = newton(counting, x0), 1
        except (NotImplementedError, RecursionError):  # these are RuntimeErrors, too: an empty stub, for instance
            raise
        except RuntimeError:
            root, arrived = 0.0, 0
        exact = not (asked and all(asked))
        price = exact * min(2, max(0, calls() - 1) // ENOUGH)
        return parts((arrived, root, exact, price), arrived=(), root=(), exact=(), price=())

    root = bisected(f, low, high)
    slope = abs(complex_step_gradient(f, (root,))[0])
    judge = Parts(
        arrived=Exact(1, says="your iteration gave up with a RuntimeError, and there is a root"),
        root=Close(root, rtol=1e-14, atol=2 * TOL * (1 + 1 / slope)),
        exact=Exact(1, says="f was only asked for its value at plain numbers, which brings no exact slope"),
        price=Exact(0, says=f"more than {ENOUGH} evaluations of f"),
    )
    return Probe(question, ask, judge)


def rootless(f, x0, maxit, question) -> Probe:
    def ask(newton):
        counting, calls = counted(f)
        raised = refuses(RuntimeError, newton, counting, x0, TOL, maxit)
        return parts((raised, calls() > 2 * maxit + 2), raised=(), late=())

    judge = Parts(
        raised=Exact(True, says="a RuntimeError was asked for, and none came"),
        late=Exact(False, says=f"maxit is {maxit}, and f was evaluated more than {2 * maxit + 2} times"),
    )
    return Probe(question, ask, judge)


# Products, not powers: where a wrong iteration runs away, x * x is inf, and x**2 raises an OverflowError.


def kepler(M, e):
    return lambda E: E - e * np.sin(E) - M


def newton_visible():
    return [
        root_of(kepler(1.0, 0.3), 1.0, 0.0, 3.0, "Kepler's equation, M = 1 and e = 0.3, from 1: 1.28809131321184"),
        root_of(lambda x: x * x - 2, 3.0, 1.0, 3.0, "x² = 2, from 3"),
        root_of(lambda x: x * x * x - 2 * x - 5, 2, 1.0, 3.0, "Newton's own example x³ − 2x − 5 = 0, from 2 (an int)"),
        root_of(lambda x: 2 - x - np.exp(x), 1.5, 0.0, 2.0, "2 − x = eˣ, from 1.5: a function that falls"),
        rootless(lambda x: x * x + 1, 0.7, MAXIT, "x² + 1 = 0, which no real number solves"),
        rootless(lambda x: x * x + 1, 0.7, 8, "the same with maxit = 8"),
    ]


def newton_hidden(rng):
    for _ in range(2):
        M, e = float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.76, 0.8))
        yield root_of(kepler(M, e), np.pi, 0.0, np.pi, "Kepler's equation for a longer ellipse, from π")
    c, d, b = float(rng.uniform(1.5, 3.5)), float(rng.uniform(-2, 1)), float(rng.uniform(5.6, 9))
    yield root_of(lambda x: x * np.exp(x) - c, 1.8, 0.0, 2.0, "x eˣ = c")
    yield root_of(lambda x: d - x - np.exp(x), 2.0, -4.0, 2.0, "a function that falls")
    yield root_of(lambda x: x * x * x - 2 * x + b, -3.0, -3.0, -1.5, "a negative root")
    yield root_of(lambda x: c * x - d - 7, float(rng.uniform(3, 9)), 0.0, 9.0, "a straight line")
    yield rootless(lambda x: x * x + c, float(rng.uniform(0.4, 0.9)), MAXIT, "a parabola above zero")
    yield rootless(
        lambda x: (x * x + 1) * (x * x + c) + x, float(rng.uniform(0.4, 0.9)), 11, "another curve above zero"
    )


def _newton(
    step=lambda x, value, slope: -value / slope,
    small=lambda value, dx, tol: abs(dx) < tol,
    refresh=True,
    evaluations=1,
    after=True,
    give_up=True,
    limit=lambda maxit: maxit,
):
    """Newton's method with something exchanged."""

    def newton(f, x0, tol=TOL, maxit=MAXIT):
        x, slope = x0, None
        for _ in range(limit(maxit)):
            for _ in range(evaluations):
                y = complex(f(complex(x, 1e-30)))
            value = y.real
            if refresh or slope is None:
                slope = y.imag / 1e-30
            dx = step(x, value, slope)
            if small(value, dx, tol):
                return x + dx if after else x
            x = x + dx
        if give_up:
            raise RuntimeError("no convergence")
        return x

    return newton


def _secant(f, x0, tol=TOL, maxit=MAXIT):
    x, y = x0, f(x0)
    after = x + 1e-3
    for _ in range(maxit):
        x, y, last, before = after, f(after), x, y
        after = x - y * (x - last) / (y - before) if y != before else x
        if abs(after - x) < tol:
            return after
    raise RuntimeError("no convergence")


NEWTON = Problem(
    id="4.3",
    title="Newton with exact derivatives",
    points=3,
    signature="newton(f, x0, tol=1e-12, maxit=50)",
    visible=newton_visible,
    hidden=newton_hidden,
    hint="Is your slope refreshed at every step?",
    hints={
        "form": "The root itself is asked for, a plain number. What is it that your function returns, and does it "
        "return it on every way out?",
        "digits": "The root is right in its first digits only. Is tol what decides when to stop? And does the slope "
        "come from a dual number, at the point where you are?",
        "raised ValueError": "Where the iteration does not converge, the error that is asked for is a RuntimeError.",
        "raised ZeroDivisionError": "A slope became 0. Which x was that, and how did you get there from x0?",
        "raised OverflowError": "Your guesses run away. Print them for x² = 2: where should they go?",
        "raised AttributeError": "Print what comes back from f: are value and slope read off a dual number?",
        "calls": "Your iteration never ends where there is no root. What is maxit for?",
    },
    mistakes=[
        Mistake(
            _newton(step=lambda x, value, slope: value / slope),
            "Your guesses move away from the root: print them for x² = 2, from 3. f is positive there and rises; which "
            "way is down?",
        ),
        Mistake(
            _newton(refresh=False),
            "Your slope is that of the starting point, in every step. Print the errors for x² = 2: each is a fixed "
            "fraction of the one before, where Newton's method squares it.",
        ),
        Mistake(
            _newton(evaluations=2),
            "Two evaluations of f in each step. A dual number brings the value and the slope at once: what is the "
            "second for?",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: dx < tol),
            "You stop as soon as a step is negative: a step of -5 is smaller than tol, too. When is a step small?",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: -dx < tol),
            "You stop as soon as f/f' is negative: -5 is smaller than tol, too. What is small about a step?",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: value < tol, after=False),
            "You stop as soon as f is negative: -5 is smaller than tol, too. When is f near zero?",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: True),
            "That is one step. Put your result in as x0 once more: does it stay where it is?",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: True, after=False),
            "What comes back is x0. In which line does x change?",
        ),
        Mistake(
            _newton(give_up=False),
            "You return the last guess, whether or not it solves the equation. Put what you return for x² + 1 into it.",
        ),
        Mistake(
            _newton(limit=lambda maxit: 50),
            "maxit is not looked at: with maxit = 8 your iteration goes on after the eighth step.",
        ),
        Mistake(
            _newton(step=lambda x, value, slope: -0.5 * value / slope),
            "Your steps go half of the way. The straight line through the current point meets zero at its end: "
            "how far is that?",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: False, give_up=False),
            "You always take maxit steps. When has the iteration arrived?",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: abs(dx) < tol, step=lambda x, value, slope: -value / (slope * x)),
            "The slope that you divide by has a factor too many. What tangent do you put in: how fast does x move when "
            "x moves?",
        ),
        Mistake(
            _secant,
            "Your slopes are difference quotients (a secant). Put a dual number into f: it brings the exact slope.",
        ),
        Mistake(
            _newton(small=lambda value, dx, tol: abs(dx) < tol, step=lambda x, value, slope: -value * slope),
            "You multiply by the slope. Where the curve is steep, is zero nearer or farther?",
        ),
    ],
)
