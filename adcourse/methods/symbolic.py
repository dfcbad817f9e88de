"""Symbolic differentiation: run the program on letters, and SymPy differentiates the formula that comes out.

Letters stand for real numbers. Constants: integers and short decimals such as 0.5 or 0.1 are shown as the fractions
1/2 and 1/10, other floats (2*np.pi, say) as decimals. With ``exact=True`` every float becomes the fraction that the
computer holds: 0.1 is then 3602879701896397/36028797018963968, and the formula is exactly the program's.

The formula is left as SymPy's constructors make it; ``simplify=True`` has ``sympy.simplify`` work on it for at most
``seconds``, and ``simplify=sympy.factor`` another function. How large a formula is, as a tree and as a graph, and how
fast it runs: formulas.py and swell.py. Formulas with matrices that stay matrices: matrix_calculus.py.

What it can't see: a branch on a letter (``if x > 0``) raises; ``np.where`` becomes Piecewise. Loops are unrolled.
"""

import warnings

import numpy as np
import sympy as sp

from adcourse.core.arguments import check_function
from adcourse.core.errors import InputError
from adcourse.core.levels import pack
from adcourse.core.tree import flatten
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.evaluation import evaluate, run  # noqa: F401  (names of this module too)
from adcourse.methods.letters import Letters, each_leaf, packed, parameters, unpacked
from adcourse.methods.symbol import Symbol, SymbolicError, Tracing, each, explained, objects


def expression(f, *args, exact=False, simplify=False, seconds=10.0):
    """The formula that f computes: a SymPy expression; a SymPy Array where f returns an array; a tuple, list or dict
    of these where f returns one.

    Each argument is a name ("x"; "w:3" for an array of w0, w1, w2; "A:2:2" for a matrix), a SymPy symbol, matrix or
    matrix symbol, a list or array of symbols, a tuple, list or dict of all these, or a number or array of numbers,
    which is taken as it is. Without arguments: a letter for every parameter of f.
    Raises SymbolicError where the program needs a number in place of a letter, as in ``if x > 0``.

    >>> expression(lambda x, y: np.sin(x) * y + 0.5)
    y*sin(x) + 1/2
    >>> expression(lambda w: w @ w, "w:2")
    w0**2 + w1**2
    >>> expression(lambda p: p["w"] @ p["w"] * p["b"], {"w": "w:2", "b": "b"}, simplify=sp.expand)
    b*w0**2 + b*w1**2
    """
    formula, letters = _traced(f, args, exact)
    return _finished(formula, letters, simplify, seconds)


def derivative(f, *args, n=1, exact=False, simplify=False, seconds=10.0):
    """The formula of the n-th derivative of f, a function of one number; arguments as for :func:`expression`.

    >>> derivative(lambda x: 5 * x**5 + 4 * x**3 - 5)
    25*x**4 + 12*x**2
    """
    if isinstance(n, bool) or not hasattr(n, "__index__") or n < 0:
        raise InputError(
            f"derivative was asked for order {n!r}.", "orders count 0, 1, 2, ...", "derivative(f, n=2) for the second"
        )
    formula, letters = _traced(f, args, exact)
    inputs = letters.inputs
    if not isinstance(formula, (sp.Expr, sp.NDimArray)):
        raise InputError(
            f"f returned {formula!r}.",
            "SymPy differentiates numbers and arrays.",
            "derivative(lambda x: f(x)[0]) for the first of several results, or jacobian(f) for all of them",
        )
    if len(inputs) != 1 or flatten(inputs[0])[0] != [inputs[0]] or np.ndim(inputs[0]) != 0:
        raise InputError(
            "derivative(f) needs f to have one argument that is a letter.",
            "a function of several letters has a partial derivative for each.",
            "gradient(f) for all of them, or numbers for the others: derivative(f, 'x', 2.0)",
        )
    _check_letters(inputs)
    slope = each_leaf(lambda e: differentiate(e, inputs[0], n), formula)
    return _finished(slope, letters, simplify, seconds)


def gradient(f, *args, exact=False, simplify=False, seconds=10.0):
    """The formulas of all first partial derivatives of f; arguments as for :func:`expression`.

    One argument of letters gives the derivative by it (a SymPy Array for an array, a dict for a dict, ...), several a
    tuple of these.

    >>> gradient(lambda x, y, z: (x + y) * z)
    (z, z, x + y)
    >>> gradient(lambda w: w[0] ** 2 * w[1], "w:2")
    [2*w0*w1, w0**2]
    """
    formula, letters = _traced(f, args, exact)
    _check_number(formula, "gradient", "an array of numbers has a Jacobian", "jacobian(f)")
    return _finished(_only(_by_letters(formula, letters.inputs)), letters, simplify, seconds)


def jacobian(f, *args, exact=False, simplify=False, seconds=10.0):
    """The formulas of the first partial derivatives of every result of f: Arrays of shape ``y.shape + x.shape``.

    By one argument of letters a single Array (a tree of them, if the argument is one), by several a tuple.

    >>> jacobian(lambda v: np.stack([v[0] * v[1], v[0]]), "v:2")
    [[v1, v0], [1, 0]]
    """
    formula, letters = _traced(f, args, exact)
    outputs, build = flatten(formula)
    slopes = build([_only(_by_letters(y, letters.inputs)) for y in outputs])
    return _finished(slopes, letters, simplify, seconds)


def hessian(f, *args, exact=False, simplify=False, seconds=10.0):
    """The formulas of the second partial derivatives of f by one argument: an Array of shape ``x.shape + x.shape``.

    >>> hessian(lambda v: v[0] ** 2 * v[1], "v:2")
    [[2*v1, 2*v0], [2*v0, 0]]
    """
    formula, letters = _traced(f, args, exact)
    _check_number(formula, "Hessian", "each entry of an array has one of its own", "hessian(lambda x: f(x)[0])")
    if len(letters.inputs) != 1 or not isinstance(letters.inputs[0], (np.ndarray, sp.Basic)):
        raise InputError(
            f"hessian(f) met {len(letters.inputs)} arguments of letters, or one that is a container.",
            "a Hessian has a row and a column for each entry of one array.",
            "hessian(lambda v: f(v[0], v[1]), 'v:2')",
        )
    slopes = _by_letters(_only(_by_letters(formula, letters.inputs)), letters.inputs)
    return _finished(_only(slopes), letters, simplify, seconds)


def differentiate(formula, symbol, n=1):
    """The n-th derivative of a formula. Jumps of floor, ceiling and sign count as flat: their derivative is 0."""
    d = sp.diff(formula, symbol, n)
    if d.has(sp.DiracDelta):
        d = d.replace(lambda e: isinstance(e, sp.DiracDelta), lambda e: sp.S.Zero)
    if not d.has(sp.Derivative):
        return d
    flat = (sp.floor, sp.ceiling)
    d = d.replace(lambda e: isinstance(e, sp.Derivative) and isinstance(e.expr, flat), lambda e: sp.S.Zero)
    return d.replace(lambda e: isinstance(e, sp.Subs), lambda e: e.doit())


def _by_letters(formula, inputs):
    """The derivatives of one expression or Array by every input: a list of trees."""
    _check_letters(inputs)
    found = []
    for x in inputs:
        leaves, build = flatten(x)
        found.append(build([_outer(unpacked(formula), objects(s)) for s in leaves]))
    return found


def _outer(y, x):
    slopes = [differentiate(e, s) for e in y.flat for s in x.flat]
    return packed(np.array([*slopes, None], object)[:-1].reshape(y.shape + x.shape))


def _only(parts):
    return parts[0] if len(parts) == 1 else tuple(parts)


def _check_number(formula, what, why, instead):
    if not isinstance(formula, sp.Expr):
        raise InputError(
            f"f returned {formula!r}.", f"a {what} belongs to one number; {why}.", f"np.sum(f(x)), or {instead}"
        )


def _check_letters(inputs):
    for x in inputs:
        for leaf in flatten(x)[0]:
            for e in objects(leaf).flat:
                if not e.is_symbol:
                    raise InputError(
                        f"{e} among the arguments is not a letter.",
                        "a derivative is taken by letters, one for each entry.",
                        "the letters as the argument, and what is made of them inside f: lambda a: f(a**2)",
                    )


def _finished(formula, letters, simplify, seconds):
    """Simplified or not, and in the letters that were given."""
    if simplify:
        try:
            with Budget(seconds).watch("simplify"):
                formula = each_leaf(sp.simplify if simplify is True else simplify, formula)
        except OutOfTime:
            message = f"The formula is not simplified: that took more than {seconds:g} s. (simplify=True, seconds=...)"
            warnings.warn(message, stacklevel=3)
    return letters.given(formula)


# ---------------------------------------------------------------------------------------------- tracing


def traced(f, args, exact=False):
    """The formula of f; its letters, argument by argument; and what the caller called those that had to be replaced."""
    formula, letters = _traced(f, args, exact)
    return formula, letters.inputs, letters.back


def _traced(f, args, exact):
    check_function(f, "expression(f)")
    level = Tracing(exact)
    try:
        letters = Letters(args or parameters(f), level)
        leaves, build = flatten(f(*letters.arguments))
        return build([_formula(leaf, level) for leaf in leaves]), letters
    except Exception as error:
        better = explained(error)
        if isinstance(error, IndexError) and "too many indices" in str(error) and _has_scalars(letters.inputs):
            better = InputError(
                f"f indexes its argument: {error}.",
                "a name such as 'x' stands for one number.",
                "expression(f, 'x:3') for an array of three letters",
            )
        if better is None or better is error:
            raise
        raise better.with_traceback(error.__traceback__) from None
    finally:
        level.close()


def _has_scalars(inputs):
    return not all(np.ndim(leaf) for x in inputs for leaf in flatten(x)[0])


def _formula(y, level):
    """One leaf of what f returned: an expression, or an Array of them."""
    y = pack(y)
    if isinstance(y, Symbol) and y.level is level:
        return packed(y.value)
    if isinstance(y, (int, float, np.number, np.bool_)) or (isinstance(y, np.ndarray) and y.dtype.kind in "fiub"):
        return packed(each(level.constant, [objects(y)]))
    raise SymbolicError(
        f"f returned {y!r}, of type {type(y).__name__}.",
        "a formula describes numbers. A function without a return line gives None.",
        "return y, a number or an array",
    )
