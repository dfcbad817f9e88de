"""Symbolic differentiation: run the program on letters, and SymPy differentiates the formula that comes out.

Letters stand for real numbers. Constants: integers and short decimals such as 0.5 or 0.1 are shown as the fractions
1/2 and 1/10, other floats (2*np.pi, say) as decimals. With ``exact=True`` every float becomes the fraction that the
computer holds: 0.1 is then 3602879701896397/36028797018963968, and the formula is exactly the program's.

What it can't see: a branch on a letter (``if x > 0``) raises; ``np.where`` becomes Piecewise. Loops are unrolled.
"""

import inspect

import numpy as np
import sympy as sp

from adcourse.core.errors import InputError
from adcourse.core.levels import pack
from adcourse.core.tree import flatten
from adcourse.methods.symbol import Symbol, SymbolicError, Tracing, each, objects


def expression(f, *args, exact=False):
    """The formula that f computes: a SymPy expression; a SymPy Array where f returns an array.

    Each argument is a name ("x"; "w:3" for an array of w0, w1, w2), a SymPy symbol or a list or array of them, or a
    number or array of numbers, which is taken as it is. Without arguments: a letter for every parameter of f.
    Raises SymbolicError where the program needs a number in place of a letter, as in ``if x > 0``.

    >>> expression(lambda x, y: np.sin(x) * y + 0.5)
    y*sin(x) + 1/2
    >>> expression(lambda w: w @ w, "w:2")
    w0**2 + w1**2
    """
    formula, _, back = traced(f, args, exact)
    return _in_letters_given(formula, back)


def derivative(f, *args, n=1, exact=False):
    """The formula of the n-th derivative of f, a function of one number; arguments as for :func:`expression`.

    >>> derivative(lambda x: 5 * x**5 + 4 * x**3 - 5)
    25*x**4 + 12*x**2
    """
    formula, inputs, back = traced(f, args, exact)
    _check_number_or_array(formula)
    if len(inputs) != 1 or np.ndim(inputs[0]) != 0:
        raise InputError(
            "derivative(f) needs f to have one argument that is a letter.",
            "a function of several letters has a partial derivative for each.",
            "gradient(f) for all of them, or numbers for the others: derivative(f, 'x', 2.0)",
        )
    return _in_letters_given(differentiate(formula, inputs[0], n), back)


def gradient(f, *args, exact=False):
    """The formulas of all first partial derivatives of f; arguments as for :func:`expression`.

    One argument of letters gives the derivative by it (a SymPy Array for an array), several a tuple of these.

    >>> gradient(lambda x, y, z: (x + y) * z)
    (z, z, x + y)
    >>> gradient(lambda w: w[0] ** 2 * w[1], "w:2")
    [2*w0*w1, w0**2]
    """
    formula, inputs, back = traced(f, args, exact)
    if not isinstance(formula, sp.Expr):
        raise InputError(
            f"f returned {formula!r}.",
            "a gradient belongs to one number; an array of numbers has a Jacobian.",
            "np.sum(f(x)), or gradient(lambda x: f(x)[0]) for one entry",
        )
    parts = tuple(
        _in_letters_given(_packed(each(lambda s: differentiate(formula, s), [objects(x)])), back) for x in inputs
    )
    return parts[0] if len(parts) == 1 else parts


def differentiate(formula, symbol, n=1):
    """The n-th derivative of a formula. Jumps of floor and ceiling count as flat: their derivative is 0 elsewhere."""
    d = sp.diff(formula, symbol, n)
    if not d.has(sp.Derivative):
        return d
    flat = (sp.floor, sp.ceiling)
    d = d.replace(lambda e: isinstance(e, sp.Derivative) and isinstance(e.expr, flat), lambda e: sp.S.Zero)
    return d.replace(lambda e: isinstance(e, sp.Subs), lambda e: e.doit())


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


# ---------------------------------------------------------------------------------------------- tracing


def traced(f, args, exact=False):
    """The formula of f; its letters, argument by argument; and what the caller called those that had to be replaced.

    Letters that aren't declared real are replaced while f runs, so that sqrt(x**2) is |x|.
    """
    inputs, back = [], {}
    level = Tracing(exact)
    try:
        leaves, build = flatten(f(*(_argument(a, level, inputs, back) for a in args or _parameters(f))))
        return build([_formula(leaf, level) for leaf in leaves]), inputs, back
    except IndexError as error:
        if all(np.ndim(x) for x in inputs):
            raise
        raise InputError(
            f"f indexes its argument: {error}.",
            "a name such as 'x' stands for one number.",
            "expression(f, 'x:3') for an array of three letters",
        ) from error
    finally:
        level.close()


def _parameters(f):
    if isinstance(f, np.ufunc):  # their signatures differ between versions of NumPy
        return ["x", "y", "z"][: f.nin]
    parameters = inspect.signature(f).parameters.values()
    required = [
        p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return required or ["x"]


def _argument(a, level, inputs, back):
    """What f receives for one argument."""
    if isinstance(a, str):
        a = sp.symbols(a, real=True)
    entries = np.array(a, object) if isinstance(a, (list, tuple)) else objects(a)
    if not any(isinstance(e, sp.Symbol) for e in entries.flat):
        return a
    for e in entries.flat:
        if not isinstance(e, sp.Symbol) or e.is_real is False:
            raise InputError(
                f"{e} among the arguments is not a letter for a real number.",
                "an argument is made of letters, or else of numbers.",
                "sympy.Symbol('x', real=True)",
            )
    letters = np.frompyfunc(lambda s: s if s.is_real else sp.Dummy(s.name, real=True), 1, 1)(entries)
    back.update((mine, s) for mine, s in zip(objects(letters).flat, entries.flat, strict=True) if mine is not s)
    inputs.append(letters)
    return Symbol(letters, level)


def _formula(y, level):
    """One leaf of what f returned: an expression, or an Array of them."""
    y = pack(y)
    if isinstance(y, Symbol) and y.level is level:
        return _packed(objects(y.value))
    if isinstance(y, (int, float, np.number, np.bool_)) or (isinstance(y, np.ndarray) and y.dtype.kind in "fiub"):
        return _packed(each(level.constant, [objects(y)]))
    raise SymbolicError(
        f"f returned {y!r}, of type {type(y).__name__}.",
        "a formula describes numbers. A function without a return line gives None.",
        "return y, a number or an array",
    )


def _packed(entries):
    return sp.Array(list(entries.flat), entries.shape) if np.ndim(entries) else entries[()]


def _in_letters_given(formula, back):
    leaves, build = flatten(formula)
    return build(
        [e.applyfunc(lambda x: x.xreplace(back)) if isinstance(e, sp.Array) else e.xreplace(back) for e in leaves]
    )


def _check_number_or_array(formula):
    if not isinstance(formula, (sp.Expr, sp.Array)):
        raise InputError(
            f"f returned {formula!r}.",
            "SymPy differentiates numbers and arrays.",
            "derivative(lambda x: f(x)[0]) for the first of several results",
        )
