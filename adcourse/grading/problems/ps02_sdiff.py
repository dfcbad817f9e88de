"""Assignment 2, a symbolic derivative: 2.1.

A formula is a number, a letter (a string), or a tuple: ('+', a, b), ('*', a, b), ('sin', a), ('cos', a) or
('pow', a, n) with a constant n. A derivative is judged by its values: every right formula has the same, whatever it
looks like. The oracle is the complex step through the formula itself. Tolerance: a formula of a few dozen operations
on numbers of size 1 loses a few roundings, so 1e-11 of the sizes of its terms; the nearest wrong rule is off by 1e-2.
"""

from __future__ import annotations

import cmath

from adcourse.grading.judges import Close
from adcourse.grading.plain import NotPlain, describe
from adcourse.grading.problem import Mistake, Probe, Problem

SQUARE = ("*", "x", "x")


def value(formula, at: dict):
    """The value of a formula, where ``at`` gives the letters; complex numbers are welcome."""
    if isinstance(formula, str):
        return at[formula]
    if not isinstance(formula, tuple):
        return formula
    head, *rest = formula
    if head == "pow":
        return value(rest[0], at) ** rest[1]
    parts = [value(part, at) for part in rest]
    if head == "+":
        return parts[0] + parts[1]
    if head == "*":
        return parts[0] * parts[1]
    return cmath.sin(parts[0]) if head == "sin" else cmath.cos(parts[0])


def checked(formula, letters):
    """A student's formula, if it is one; what it is instead, if not. A loop: theirs may be deep, or contain itself."""
    todo, seen = [(formula, 0)], 0
    while todo:
        part, depth = todo.pop()
        seen += 1
        if seen > 100_000 or depth > 300:
            raise NotPlain("the formula that came back is endless")
        kind = type(part)
        if kind in (int, float):
            continue
        if kind is str and part in letters:
            continue
        if kind is str:
            raise NotPlain("there is a text in your formula that is not one of its letters")
        if kind is not tuple or not part or type(part[0]) is not str:
            what = "None" if part is None else describe(part)
            raise NotPlain(f"{what} stands in your formula, where a number, a letter or a tuple belongs")
        size = {"+": 3, "*": 3, "sin": 2, "cos": 2, "pow": 3}.get(part[0])
        if size is None:
            raise NotPlain("your formula has an operation other than '+', '*', 'sin', 'cos' and 'pow'")
        if len(part) != size:
            raise NotPlain(f"a {part[0]!r} in your formula has {len(part) - 1} operands, and takes {size - 1}")
        if part[0] == "pow" and type(part[2]) not in (int, float):
            raise NotPlain("a 'pow' in your formula has an exponent that is not a number")
        todo += [(child, depth + 1) for child in (part[1:2] if part[0] == "pow" else part[1:])]
    return formula


def slope_of(formula, letter, points, question) -> Probe:
    """Ask for the derivative of a formula by a letter, and for its values at some points."""

    def ask(sdiff):
        found = checked(sdiff(formula, letter), points[0])
        return [value(found, at) for at in points]

    def expected():
        h = 1e-30
        stepped = [{k: v + 1j * h * (k == letter) for k, v in at.items()} for at in points]
        return [complex(value(formula, at)).imag / h for at in stepped]

    return Probe(question, ask, Close(expected, rtol=1e-11, atol=1e-11))


AT = [{"x": 3.0}]
TWO = [{"x": 0.7, "y": 1.3}]


def sdiff_visible():
    return [
        slope_of(SQUARE, "x", AT, "('*', 'x', 'x') by x, at x = 3: 6"),
        slope_of(("+", "x", 5), "x", AT, "('+', 'x', 5) by x: 1"),
        slope_of(7, "x", AT, "7 by x: 0"),
        slope_of(("*", SQUARE, "y"), "y", TWO, "('*', ('*', 'x', 'x'), 'y') by y, at (0.7, 1.3): 0.49"),
        slope_of(("sin", SQUARE), "x", TWO, "('sin', ('*', 'x', 'x')) by x, at x = 0.7"),
        slope_of(("cos", "y"), "x", TWO, "('cos', 'y') by x: 0"),
        slope_of(("cos", ("*", 2, "x")), "x", TWO, "('cos', ('*', 2, 'x')) by x, at x = 0.7"),
        slope_of(("pow", ("+", "x", 1), 3), "x", AT, "('pow', ('+', 'x', 1), 3) by x, at x = 3: 48"),
        slope_of(("pow", ("*", 2, "x"), 3), "x", AT, "('pow', ('*', 2, 'x'), 3) by x, at x = 3: 216"),
    ]


def _generic(rng, low, high):
    """Never an integer: 2 and 2.0 would be one subexpression to some, and two to others."""
    return round(float(rng.uniform(low, high)), 3) + 0.0005


def some_formula(rng, depth):
    """A random formula in x and y in which each rule meets an inner function."""
    if depth == 0:
        return [
            lambda: "x",
            lambda: "y",
            lambda: _generic(rng, 0.5, 2),
            lambda: ("+", ("*", _generic(rng, 1.5, 3), "x"), "y"),
        ][rng.integers(4)]()
    kind = ("+", "*", "sin", "cos", "pow")[rng.integers(5)]
    inner = some_formula(rng, depth - 1)
    if kind in "+*":
        return (kind, inner, some_formula(rng, depth - 1))
    return (kind, inner, int(rng.integers(2, 5))) if kind == "pow" else (kind, inner)


def sdiff_hidden(rng):
    a, b = _generic(rng, 1.2, 2.5), _generic(rng, 1.2, 2.5)
    linear = ("+", ("*", a, "x"), ("*", b, "y"))
    fixed = [
        ("*", linear, ("*", "x", "y")),
        ("sin", ("*", a, SQUARE)),
        ("cos", linear),
        ("pow", linear, 3),
        ("+", ("sin", ("cos", "x")), ("*", "y", ("pow", ("sin", "y"), 2))),
    ]
    points = [dict(zip("xy", rng.uniform(0.3, 1.2, size=2).tolist(), strict=True)) for _ in range(2)]
    for formula in [*fixed, *(some_formula(rng, 3) for _ in range(3))]:
        for letter in "xy":
            yield slope_of(formula, letter, points, "a formula in x and y")
    yield slope_of("x", "y", points, "a single letter, by another one")


def sdiff_with(product=None, sin=None, cos=None, power=None, letter=None):
    """Differentiation by structural recursion, with some of its rules replaced."""

    def d(e, var):
        if not isinstance(e, tuple):
            return letter(e, var) if letter else int(e == var)
        head, u, *rest = e
        du = d(u, var)
        if head == "+":
            return ("+", du, d(rest[0], var))
        if head == "*":
            v = rest[0]
            dv = d(v, var)
            return product(u, v, du, dv) if product else ("+", ("*", du, v), ("*", u, dv))
        if head == "sin":
            return sin(u, du) if sin else ("*", ("cos", u), du)
        if head == "cos":
            return cos(u, du) if cos else ("*", ("*", -1, ("sin", u)), du)
        n = rest[0]
        return power(u, n, du) if power else ("*", ("*", n, ("pow", u, n - 1)), du)

    return d


_INNER = "Each rule needs the derivative of its argument too: "

SDIFF = Problem(
    id="2.1",
    title="Differentiate a tree",
    points=4,
    signature="sdiff(expr, var)",
    visible=sdiff_visible,
    hidden=sdiff_hidden,
    hint="Each rule needs the derivative of its argument too.",
    mistakes=[
        Mistake(
            sdiff_with(product=lambda u, v, du, dv: ("*", du, dv)),
            "Your product has the product of the derivatives. Try x*x at 3: that would be 1*1, and (3.001² - 3²)/0.001 "
            "is about 6.",
        ),
        Mistake(
            sdiff_with(product=lambda u, v, du, dv: ("*", du, v)),
            "Your product rule lets only the first factor move. In x*x both do.",
        ),
        Mistake(
            sdiff_with(product=lambda u, v, du, dv: ("*", u, dv)),
            "Your product rule lets only the second factor move. In x*x both do.",
        ),
        Mistake(
            sdiff_with(product=lambda u, v, du, dv: ("+", ("*", du, v), ("*", ("*", -1, u), dv))),
            "There is a minus in your product rule, as in the rule of the quotient. Both factors of x*x push the same "
            "way.",
        ),
        Mistake(
            sdiff_with(sin=lambda u, du: ("cos", u)),
            _INNER + "sin(x²) at 0.7 has the slope cos(0.49) times that of x².",
        ),
        Mistake(
            sdiff_with(cos=lambda u, du: ("*", -1, ("sin", u))),
            _INNER + "compare cos(y) by x, which is 0, with what your rule for cos returns.",
        ),
        Mistake(
            sdiff_with(sin=lambda u, du: ("cos", u), cos=lambda u, du: ("*", -1, ("sin", u))),
            _INNER + "that of cos(y) by x is 0, whatever sin(y) is.",
        ),
        Mistake(
            sdiff_with(power=lambda u, n, du: ("*", n, ("pow", u, n - 1))),
            _INNER + "(x + 1)³ hides it, because x + 1 has the slope 1; try (2x)³.",
        ),
        Mistake(
            sdiff_with(
                sin=lambda u, du: ("cos", u),
                cos=lambda u, du: ("*", -1, ("sin", u)),
                power=lambda u, n, du: ("*", n, ("pow", u, n - 1)),
            ),
            _INNER + "yours are right for sin(x), and wrong for sin(x²).",
        ),
        Mistake(
            sdiff_with(cos=lambda u, du: ("*", ("sin", u), du)),
            "The sign of the derivative of cos: is cos rising or falling just right of 0?",
        ),
        Mistake(
            sdiff_with(sin=lambda u, du: ("*", ("cos", du), 1)),
            "You took cos of the derivative. The outer rule is evaluated at the inner function, and multiplied by the "
            "inner derivative.",
        ),
        Mistake(
            sdiff_with(power=lambda u, n, du: ("*", ("pow", u, n - 1), du)),
            "Your power rule forgets the exponent in front: the slope of x³ at 1 is 3.",
        ),
        Mistake(
            sdiff_with(power=lambda u, n, du: ("*", ("*", n, ("pow", u, n)), du)),
            "Your power rule keeps the exponent: which degree has the derivative of x³?",
        ),
        Mistake(
            sdiff_with(letter=lambda e, var: int(isinstance(e, str))),
            "Every letter counts as the variable for you. By x, the letter y is a constant: its derivative is 0.",
        ),
        Mistake(
            sdiff_with(letter=lambda e, var: e if not isinstance(e, str) else int(e == var)),
            "A number is its own derivative in your rules. How fast does 5 change?",
        ),
    ],
)
