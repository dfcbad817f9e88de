"""Assignment 2, the size of a formula: 2.2.

The oracle counts from the leaves up, every distinct part once; the answers are two integers.
"""

from __future__ import annotations

from adcourse.grading.judges import Exact
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps02_sdiff import SQUARE, sdiff_with, some_formula


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
    derivative = sdiff_with()
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
