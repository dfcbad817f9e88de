"""Matrix calculus: programs run on whole matrices that stay letters, and so do their derivatives.

The rules of matrix functions in adcourse.core.linalg are written with matrix products, transposes and solves. Run on
matrix letters, reverse mode therefore writes down what books on matrix calculus list: d log det A = tr(A^-1 dA), so the
gradient is A^-T. Petersen and Pedersen, *The Matrix Cookbook* (2012); Giles, *Collected matrix derivative results for
forward and reverse mode algorithmic differentiation* (2008).

SymPy differentiates matrix expressions too, but not all: SymPy 1.14 says that the derivative of log(Determinant(A)) is
0. So check a formula at numbers, with :func:`at`.
"""

from functools import reduce

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from adcourse.core.box import Box
from adcourse.core.errors import InputError
from adcourse.core.kinds import Linear, shape_of
from adcourse.core.levels import Level
from adcourse.core.transforms import grad
from adcourse.methods.counterparts import counterpart
from adcourse.methods.matrix_rules import MEANING, SAME_ENTRIES, SHAPES, arranged, constant, fitted, is_matrix, pattern
from adcourse.methods.symbol import AT_A_NUMBER, SymbolicError


def matrix_expression(f, *args):
    """The formula that f computes of matrices and vectors, a SymPy matrix expression (or expression, for a number).

    Each argument is a matrix symbol (one of shape (n, 1) is a vector to the program), a name with a shape ("A:3:3" for
    a matrix, "x:3" for a vector, "t" for a number), a real symbol, or a number or array of numbers. A number made of
    vectors is a trace: x^T A x = tr(x^T A x). Raises SymbolicError for what has no such formula: entries, branches.

    >>> matrix_expression(lambda A, x: x @ A @ x, "A:3:3", "x:3")
    Trace(x.T*A*x)
    >>> matrix_expression(lambda A, b: np.linalg.solve(A, b), "A:3:3", "b:3")
    A**(-1)*b
    """
    return _run(lambda level, letters: f(*letters), args)


def matrix_gradient(f, *args, argnums=0):
    """The gradient of f, which returns one number, as matrix expressions of the shapes of its arguments.

    Arguments as for :func:`matrix_expression`; ``argnums`` as for ``adcourse.grad``, which does the work: the entry
    (i, j) is the derivative by A[i, j].

    >>> matrix_gradient(lambda A: np.linalg.slogdet(A)[1], "A:3:3")
    A.T**(-1)
    >>> matrix_gradient(lambda x, A: x @ A @ x, "x:3", "A:3:3")
    A*x + A.T*x
    """
    return _run(lambda level, letters: grad(f, argnums)(*letters), args)


def at(formula, numbers):
    """The value of a matrix expression at numbers, ``{"A": array, ...}``, as a NumPy array or float.

    >>> at(matrix_gradient(np.trace, "A:2:2"), {})
    array([[1., 0.],
           [0., 1.]])
    """
    found = _number(formula, numbers)
    return found if is_matrix(formula) else float(found)


def _number(e, numbers):
    if isinstance(e, sp.MatrixSymbol):
        return np.asarray(numbers[e.name], float).reshape(e.shape)
    if isinstance(e, sp.Symbol):
        return float(numbers[e.name])
    if is_matrix(e) and (not e.args or isinstance(e, (sp.OneMatrix, sp.ZeroMatrix, sp.Identity, sp.MatrixBase))):
        return np.array(e.as_explicit().tolist(), float)
    if isinstance(e, ElementwiseApplyFunction):
        return np.vectorize(sp.lambdify(*e.function.args))(_number(e.expr, numbers))
    parts = [_number(a, numbers) for a in e.args]
    if type(e) in NUMERICALLY:
        return NUMERICALLY[type(e)](*parts)
    return float(e.func(*parts)) if parts else float(e)


def _times(*factors):
    return reduce(lambda a, b: a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else a @ b, factors)


NUMERICALLY = {
    sp.MatAdd: lambda *terms: sum(terms), sp.MatMul: _times, sp.Transpose: np.transpose, sp.Trace: np.trace,
    sp.Determinant: np.linalg.det, sp.Inverse: lambda a, n: np.linalg.inv(a),
    sp.MatPow: lambda a, n: np.linalg.matrix_power(a, int(n)), sp.HadamardProduct: lambda *f: reduce(np.multiply, f),
    sp.HadamardPower: np.power, sp.DiagMatrix: lambda a: np.diag(a.ravel()),
    sp.DiagonalOf: lambda a: np.diag(a)[:, None],
}  # fmt: skip


# ---------------------------------------------------------------------------------------------- letters for matrices


class Matrix(Box):
    """A number, vector (as a column) or matrix of NumPy's in letters: ``formula``; ``value`` only holds the shape."""

    __slots__ = ("formula",)
    answers = False

    def __init__(self, formula, shape, level):
        formula = sp.Trace(formula) if getattr(formula, "shape", None) == (1, 1) else formula  # a number
        self.formula, self.value, self.level = formula, np.zeros(shape)[()], level

    def process(self, rule, operands, static):
        shapes = [shape_of(x) for x in operands]
        formulas = [x.formula if isinstance(x, Matrix) else constant(x) for x in operands]
        shape = None if rule in SHAPES else _shape_of_result(rule, shapes, static)
        known = [pattern(e) for e in formulas]
        if isinstance(rule, Linear) and len(operands) == 1 and known[0] is not None:
            factor, numbers = known[0]
            found = np.asarray(rule.evaluate([np.reshape(numbers, shapes[0])[()]], static))
            return Matrix(sp.MatMul(factor, constant(found), evaluate=False), found.shape, self.level)
        if rule in SHAPES:
            formula, shape = SHAPES[rule](formulas[0], shapes[0], static)
        elif rule.function in MEANING:
            formula = MEANING[rule.function](*zip(formulas, shapes, strict=True), **static)
        elif rule in SAME_ENTRIES:
            formula = arranged(formulas[0], shape)
        elif counterpart(rule) and (len(formulas) == 1 or not any(map(is_matrix, formulas))):
            function = counterpart(rule)
            formula = formulas[0].applyfunc(function) if is_matrix(formulas[0]) else function(*formulas)
        else:
            formula = None
        formula = formula if rule in SHAPES else fitted(formula, shape)
        if formula is None:
            raise no_formula(rule.name, shapes)
        return Matrix(formula, shape, self.level)

    def decide(self, rule, args, kwargs):
        raise no_formula("a branch, or a question about the numbers" if rule is None else rule.name, [])

    def lift(self, value):
        return Matrix(constant(value), shape_of(value), self.level)


def _shape_of_result(rule, shapes, static):
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        return np.shape(rule.evaluate([rng.uniform(1.0, 2.0, s) for s in shapes], static))


def no_formula(name, shapes):
    return SymbolicError(
        f"{name} of shapes {shapes} has no formula in whole matrices here." if shapes else f"{name} needs numbers.",
        "matrix letters know sums, products, transposes, inverses, determinants and traces; single entries and other "
        "functions of the entries are no matrix expressions.",
        f"symbolic.gradient(f, 'A:3:3'), whose letters are the entries; or {AT_A_NUMBER}",
    )


def _run(work, args):
    level = Level()
    try:
        letters = [_letter(a, level) for a in args]
        found = work(level, letters)
        return _formulas(found)
    finally:
        level.close()


def _letter(a, level):
    if isinstance(a, str):
        name, *sizes = a.split(":")
        rows, columns = [*map(int, sizes), 1, 1][:2]
        a = sp.MatrixSymbol(name, rows, columns) if sizes else sp.Symbol(name, real=True)
    if isinstance(a, sp.MatrixSymbol):
        shape = tuple(int(n) for n in a.shape)
        return Matrix(a, shape[:1] if shape[1] == 1 else shape, level)
    return Matrix(a, (), level) if isinstance(a, sp.Symbol) else a


def _formulas(found):
    if isinstance(found, (tuple, list)):
        return type(found)(map(_formulas, found))
    if not isinstance(found, (Matrix, int, float, np.ndarray, np.number)):
        raise InputError(f"f returned {found!r}.", "a formula describes numbers and arrays.", "return y")
    e = found.formula if isinstance(found, Matrix) else constant(found)
    return e.doit() if is_matrix(e) else e
