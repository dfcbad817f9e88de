"""Assignment 2, the problems on formulas: 2.1 and 2.2.

A formula is a number, a letter (a string), or a tuple: ('+', a, b), ('*', a, b), ('sin', a), ('cos', a) or
('pow', a, n) with a constant n. A derivative is judged by its values: every right formula has the same, whatever it
looks like. The oracle is the complex step through the formula itself. Tolerance: a formula of a few dozen operations
on numbers of size 1 loses a few roundings, so 1e-11 of the sizes of its terms; the nearest wrong rule is off by 1e-2.
"""

from __future__ import annotations

import cmath

from adcourse.grading.judges import Close, Exact
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


# --- 2.1 ---------------------------------------------------------------------------------------------------------


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


def _sdiff(product=None, sin=None, cos=None, power=None, letter=None):
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
            _sdiff(product=lambda u, v, du, dv: ("*", du, dv)),
            "Your product has the product of the derivatives. Try x*x at 3: that would be 1*1, and (3.001² - 3²)/0.001 "
            "is about 6.",
        ),
        Mistake(
            _sdiff(product=lambda u, v, du, dv: ("*", du, v)),
            "Your product rule lets only the first factor move. In x*x both do.",
        ),
        Mistake(
            _sdiff(product=lambda u, v, du, dv: ("*", u, dv)),
            "Your product rule lets only the second factor move. In x*x both do.",
        ),
        Mistake(
            _sdiff(product=lambda u, v, du, dv: ("+", ("*", du, v), ("*", ("*", -1, u), dv))),
            "There is a minus in your product rule, as in the rule of the quotient. Both factors of x*x push the same "
            "way.",
        ),
        Mistake(
            _sdiff(sin=lambda u, du: ("cos", u)),
            _INNER + "sin(x²) at 0.7 has the slope cos(0.49) times that of x².",
        ),
        Mistake(
            _sdiff(cos=lambda u, du: ("*", -1, ("sin", u))),
            _INNER + "compare cos(y) by x, which is 0, with what your rule for cos returns.",
        ),
        Mistake(
            _sdiff(sin=lambda u, du: ("cos", u), cos=lambda u, du: ("*", -1, ("sin", u))),
            _INNER + "that of cos(y) by x is 0, whatever sin(y) is.",
        ),
        Mistake(
            _sdiff(power=lambda u, n, du: ("*", n, ("pow", u, n - 1))),
            _INNER + "(x + 1)³ hides it, because x + 1 has the slope 1; try (2x)³.",
        ),
        Mistake(
            _sdiff(
                sin=lambda u, du: ("cos", u),
                cos=lambda u, du: ("*", -1, ("sin", u)),
                power=lambda u, n, du: ("*", n, ("pow", u, n - 1)),
            ),
            _INNER + "yours are right for sin(x), and wrong for sin(x²).",
        ),
        Mistake(
            _sdiff(cos=lambda u, du: ("*", ("sin", u), du)),
            "The sign of the derivative of cos: is cos rising or falling just right of 0?",
        ),
        Mistake(
            _sdiff(sin=lambda u, du: ("*", ("cos", du), 1)),
            "You took cos of the derivative. The outer rule is evaluated at the inner function, and multiplied by the "
            "inner derivative.",
        ),
        Mistake(
            _sdiff(power=lambda u, n, du: ("*", ("pow", u, n - 1), du)),
            "Your power rule forgets the exponent in front: the slope of x³ at 1 is 3.",
        ),
        Mistake(
            _sdiff(power=lambda u, n, du: ("*", ("*", n, ("pow", u, n)), du)),
            "Your power rule keeps the exponent: which degree has the derivative of x³?",
        ),
        Mistake(
            _sdiff(letter=lambda e, var: int(isinstance(e, str))),
            "Every letter counts as the variable for you. By x, the letter y is a constant: its derivative is 0.",
        ),
        Mistake(
            _sdiff(letter=lambda e, var: e if not isinstance(e, str) else int(e == var)),
            "A number is its own derivative in your rules. How fast does 5 change?",
        ),
    ],
)


# --- 2.2 ---------------------------------------------------------------------------------------------------------


def logistic_formula(n, x="x"):
    """l_n of the logistic map as a formula: l_1 = x, l_(k+1) = 4 l_k (1 - l_k). Shared parts are one object."""
    for _ in range(n - 1):
        x = ("*", ("*", 4, x), ("+", 1, ("*", -1, x)))
    return x


def apart(formula):
    """The same formula, in which no two parts are one object: equal parts have to be found by what they say."""
    if isinstance(formula, str):
        return "".join(list(formula))
    return tuple(apart(part) for part in formula) if isinstance(formula, tuple) else formula


def count(formula) -> tuple[int, int]:
    """(nodes written out, distinct ones), in one pass from the leaves up, every distinct part once."""
    sizes = {}

    def visit(part):
        if part not in sizes:
            children = part[1:] if isinstance(part, tuple) else ()
            sizes[part] = 1 + sum(visit(child) for child in children)
        return sizes[part]

    return visit(formula), len(sizes)


def sizes_of(formula, question) -> Probe:
    says = "the two numbers are (nodes of the tree, distinct subexpressions)"
    return Probe(question, lambda sizes: sizes(formula), Exact(lambda: count(formula), says=says))


def sizes_visible():
    return [
        sizes_of(("+", "x", "x"), "('+', 'x', 'x'): (3, 2)"),
        sizes_of("x", "'x': (1, 1)"),
        sizes_of(("sin", ("*", "x", "y")), "('sin', ('*', 'x', 'y')): (4, 4)"),
        sizes_of(("*", SQUARE, apart(SQUARE)), "(x*x)*(x*x): (7, 3)"),
        sizes_of(("*", ("+", "x", "y"), ("+", "x", "y")), "(x+y)*(x+y): (7, 4)"),
        sizes_of(("+", ("*", "x", "y"), ("*", "y", "x")), "x*y + y*x, which are two products: (7, 5)"),
        sizes_of(logistic_formula(4), "l_4 of the logistic map: (57, 16)"),
        sizes_of(("pow", "x", 3), "('pow', 'x', 3), where the exponent is a node too: (3, 3)"),
    ]


def sizes_hidden(rng):
    for n in range(1, 7):
        yield sizes_of(logistic_formula(n), f"l_{n} of the logistic map")
    grown = logistic_formula(5)
    derivative = _sdiff()
    for n in range(2, 7):
        yield sizes_of(derivative(logistic_formula(n), "x"), f"the derivative of l_{n}")
    yield sizes_of(apart(grown), "equal parts that are different objects")
    yield sizes_of(("*", ("+", "x", "y"), ("+", "y", "x")), "sums that differ in their order")
    for _ in range(3):
        a, b = some_formula(rng, 3), some_formula(rng, 2)
        yield sizes_of(("+", ("*", a, b), ("*", apart(a), ("sin", b))), "a random formula with repetitions")


def _children(e):
    return e[1:] if isinstance(e, tuple) else ()


def _tree(e):
    return 1 + sum(_tree(c) for c in _children(e))


def _all(e):
    yield e
    for c in _children(e):
        yield from _all(c)


def _leaves(e):
    return sum(not isinstance(part, tuple) for part in _all(e))


SIZES = Problem(
    id="2.2",
    title="Expression swell: tree versus DAG",
    points=3,
    signature="sizes(expr)",
    visible=sizes_visible,
    hidden=sizes_hidden,
    hint="A set of already seen sub-expressions is enough.",
    mistakes=[
        Mistake(
            lambda e: (_tree(e), _tree(e)),
            "Both of your numbers count every node. In ('+', 'x', 'x') the letter stands twice and is one thing: which "
            "of Python's collections keeps each thing once?",
        ),
        Mistake(
            lambda e: (count(e)[1], count(e)[1]),
            "Both of your numbers count distinct nodes. Written out, ('+', 'x', 'x') has three.",
        ),
        Mistake(
            lambda e: (_leaves(e), len({p for p in _all(e) if not isinstance(p, tuple)})),
            "You count leaves. An operation is a node as well: ('+', 'x', 'x') has three.",
        ),
        Mistake(
            lambda e: (_tree(e), len({p for p in _all(e) if not isinstance(p, tuple)})),
            "Your second number counts distinct leaves alone. A subexpression such as ('*', 'x', 'x') counts too.",
        ),
        Mistake(
            lambda e: (_tree(e) - _leaves(e), count(e)[1] - len({p for p in _all(e) if not isinstance(p, tuple)})),
            "You count operations alone. Letters and numbers are nodes too: a single 'x' is (1, 1).",
        ),
        Mistake(
            lambda e: (_tree(e), len({id(p) for p in _all(e)})),
            "You tell parts apart by where they lie in memory. Two parts that say the same are the same subexpression, "
            "also if they were built separately: compare them with ==.",
        ),
        Mistake(
            lambda e: count(e)[::-1],
            "Your two numbers have changed places: (nodes of the tree, distinct subexpressions).",
        ),
        Mistake(
            lambda e: (len(str(e)), len(set(str(e)))),
            "You count characters. What is asked for are nodes: operations, letters and numbers.",
        ),
        Mistake(
            lambda e: (
                _tree(e),
                len({p[0] if isinstance(p, tuple) else p for p in _all(e)}),
            ),
            "You count distinct labels: for you all products are one. ('*', 'x', 'x') and ('*', 'x', 'y') are two "
            "subexpressions.",
        ),
        Mistake(
            lambda e: (_tree(e), len({tuple(sorted(map(repr, p))) if isinstance(p, tuple) else p for p in _all(e)})),
            "You take x*y and y*x for one. As numbers they are equal, as expressions they are two.",
        ),
        Mistake(
            lambda e: (
                1 + sum(len(p) for p in _all(e) if isinstance(p, tuple)),
                count(e)[1] + len({p[0] for p in _all(e) if isinstance(p, tuple)}),
            ),
            "You count the head of a tuple ('+', 'sin', ...) as a node of its own, beside the tuple. The tuple is the "
            "node.",
        ),
    ],
)
