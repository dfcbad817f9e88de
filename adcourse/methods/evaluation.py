"""The number that a formula has at a point, to as many digits as are asked for."""

import sympy as sp


def evaluate(formula, at, digits=50):
    """The number that a formula has at a point, ``{symbol: number}``, to ``digits`` digits: a SymPy number.

    Floats in ``at`` are taken exactly. The formula is evaluated with more and more working digits until two results
    agree; each distinct part of it once. nan where the value is not real.

    >>> x = sp.Symbol("x")
    >>> evaluate(sp.exp(x) - 1 - x, {x: 1e-30}, 20)
    5.0000000000000008334e-61
    """
    last = None
    for working in (digits + 25, 3 * digits, 9 * digits, 27 * digits):
        value, largest = run(formula, at, working)
        if not (value.is_Float or value.is_Rational):
            return value if value in (sp.oo, -sp.oo) else sp.nan
        if last is not None and abs(value - last) <= abs(value) * sp.Float(10) ** -digits:
            return sp.Float(value, digits)
        if working >= 9 * digits and abs(value) < largest * sp.Float(10) ** (15 - working):
            return sp.Float(0, digits)  # what is left is rounding, however many digits are taken
        last = value
    return sp.nan


def run(formula, at, digits):
    """One evaluation in arithmetic of so many digits, and the largest number met on the way.

    A loop with a stack, not a recursion: an unrolled program is nested deeply.
    """
    known = {s: sp.Float(sp.Rational(number), digits) for s, number in at.items()}
    largest, stack = sp.S.One, [sp.sympify(formula)]
    while stack:
        e = stack[-1]
        missing = [a for a in e.args if a not in known] if e not in known else []
        if missing:
            stack += missing
            continue
        stack.pop()
        if e not in known:
            value = known[e] = _computed(e, [known[a] for a in e.args], digits)
            if value.is_Float or (value.is_Rational and value.is_finite):
                largest = max(largest, abs(value))
    return known[e], largest


def _computed(e, args, digits):
    try:
        value = e.func(*args) if args else e
    except TypeError:  # a comparison of what is not real, in a branch that nobody may take
        return sp.nan
    return value.evalf(digits) if value.is_number and not (value.is_Rational or value.is_Float) else value
