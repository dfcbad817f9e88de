"""The chain rule on formulas, as the textbook writes it: nothing simplified, so that what it costs can be counted.

Two ways through the graph of a formula. *From the letters up* each part gets a derivative, made of those of its
arguments: the symbolic differentiation of the textbook. *From the result down* each part gets an adjoint, the
derivative of the result by that part: with every part kept once, this is reverse mode, and it does the same operations.
Laue, *On the Equivalence of Automatic and Symbolic Differentiation* (2019).
"""

from functools import cache, lru_cache

import sympy as sp

from adcourse.methods.formulas import entries, parts


def operands(e):
    """What one operation computes with: of a Piecewise its branches, not the conditions between them."""
    return [branch for branch, _ in e.args] if isinstance(e, sp.Piecewise) else e.args


def local_partials(e, wanted):
    """The partial derivatives of one operation by those of its operands that are wanted; None for the others.

    >>> x, y = sp.symbols("x y")
    >>> local_partials(x * sp.sin(y), [True, True])
    [sin(y), x]
    """
    if not e.args or not isinstance(e, sp.Expr):
        return [None for _ in wanted]
    own = operands(e)
    letters = tuple(_letter(i) if w else a for i, (a, w) in enumerate(zip(own, wanted, strict=True)))
    conditions = tuple(c for _, c in e.args) if isinstance(e, sp.Piecewise) else ()
    found = _alone(e.func, letters, tuple(wanted), conditions)
    with sp.evaluate(False):
        return [d if d is None else d.xreplace(dict(zip(letters, own, strict=True))) for d in found]


@cache
def _letter(i):
    return sp.Dummy(real=True)


@lru_cache(maxsize=512)  # a loop does the same few operations again and again
def _alone(operation, letters, wanted, conditions):
    """The partial derivatives of one operation on letters."""
    with sp.evaluate(True):
        alone = operation(*(zip(letters, conditions, strict=True) if conditions else letters))
        return [sp.diff(alone, s) if w else None for s, w in zip(letters, wanted, strict=True)]


def dependent(order, letters=None):
    """Of each part, given after those that it is made of: whether it depends on the letters (default: on any)."""
    found = {}
    for e in order:
        found[e] = (e.is_Symbol if letters is None else e in letters) or any(found[a] for a in e.args)
    return found


def differentiate_up(formula, letter):
    """The derivative by the rules alone: ``d(u v) = du v + dv u``, also where du is 0 or 1. Of several formulas, which
    may share parts, a list.

    >>> x = sp.Symbol("x")
    >>> differentiate_up(sp.Mul(3, x, evaluate=False), x)
    0*x + 1*3
    """
    slope, order = {}, parts(formula)
    varies = dependent(order)
    with sp.evaluate(False):
        for e in order:
            partials = local_partials(e, [varies[a] or e.is_Add or e.is_Mul for a in operands(e)])  # not x^3 by 3
            terms = [_times(slope[a], d) for a, d in zip(operands(e), partials, strict=True) if d is not None]
            slope[e] = sp.S.One if e == letter else sp.Add(*terms) if terms else sp.S.Zero
    found = [slope[e] for e in entries(formula)]
    return found if isinstance(formula, (tuple, list)) else found[0]


def differentiate_down(formula, letters):
    """The derivatives of one formula by several letters, by adjoints: ``ubar += vbar dv/du`` from the result down.

    A list; its formulas share their parts.

    >>> x, y = sp.symbols("x y")
    >>> differentiate_down(x * sp.sin(y), [x, y])
    [1*sin(y), (1*x)*cos(y)]
    """
    (formula,) = entries(formula)
    order = parts(formula)
    varies = dependent(order, letters)
    adjoint = {formula: sp.S.One}
    with sp.evaluate(False):
        for e in reversed(order):
            if e not in adjoint:
                continue
            for a, d in zip(operands(e), local_partials(e, [varies[a] for a in operands(e)]), strict=True):
                if d is not None:
                    term = _times(adjoint[e], d)
                    adjoint[a] = sp.Add(adjoint[a], term) if a in adjoint else term
    return [adjoint.get(s, sp.S.Zero) for s in letters]


def _times(outer, partial):
    return outer if partial == 1 else sp.Mul(outer, partial)


def operations_on_graph(formula):
    """How many operations it takes to compute each distinct part of a formula once, as it is written; a change of sign
    (which turns a sum into a difference) isn't counted.

    >>> x, y = sp.symbols("x y")
    >>> operations_on_graph((sp.sin(x - y), sp.cos(x - y)))
    3
    """
    varies, count = dependent(parts(formula)), 0
    for e, variable in varies.items():
        if variable and e.args and not (e.is_Mul and len(e.args) == 2 and e.args[0] == -1):
            count += len(e.args) - 1 if e.is_Add or e.is_Mul else 1
    return count
