"""Symbol: a SymPy expression, or an array of them, that passes through NumPy code in place of a number.

The rules of the table say what the program does; counterparts.py and matrix_formulas.py say what SymPy has for them.
What depends on the numbers themselves (branches, orders, counts) is refused: there are none.
"""

from decimal import Decimal

import numpy as np
import sympy as sp

from adcourse.core.box import Box
from adcourse.core.errors import ADError, ConversionError
from adcourse.core.kinds import Constant, Elementwise, General
from adcourse.core.levels import Level, Traced
from adcourse.core.rules import astype
from adcourse.core.rules import where as where_rule
from adcourse.methods.counterparts import LOGICAL, OF_CONDITIONS, OF_REAL, OF_SHAPE, QUESTIONS, counterpart
from adcourse.methods.matrix_formulas import FORMULAS, NO_FORMULA, PROGRAMS


class SymbolicError(ADError, TypeError):
    """The program asked for something that a formula in letters can't answer."""


ONE_PATH = (
    "symbolic tracing runs the program once, with letters in place of numbers, and sees that one path: a loop over a "
    "fixed range is unrolled, a condition inside np.where keeps both branches. Where the path itself depends on a "
    "number (`if`, `while`, `range`, an index), letters can't choose it."
)
AT_A_NUMBER = "adcourse.grad(f)(x), which runs f at a number and differentiates the path taken there"


def branches(e):
    """The error for ``if x > 0`` and ``while x > tol``."""
    return SymbolicError(
        f"The program branches on whether {e}: letters have no answer.",
        ONE_PATH,
        f"np.where(condition, a, b), or np.maximum, np.minimum, abs, which keep both branches; or {AT_A_NUMBER}",
    )


def needs_number(what):
    """The error for int(), float(), an index, and whatever else takes a number out of a letter."""
    return SymbolicError(
        f"{what}: in symbolic tracing there is no number, only letters.",
        ONE_PATH,
        "np.floor(x) in place of int(x), np.sin(x) of math.sin(x), x of float(x), y = np.zeros(n, like=x) for an "
        f"array to fill; a loop of fixed length; or {AT_A_NUMBER}",
    )


class Tracing(Level):
    """One symbolic run of a program. ``exact``: every float is the dyadic fraction that the computer holds."""

    def __init__(self, exact=False):
        super().__init__()
        self.exact = exact

    def constant(self, c):
        """A constant of the program as a SymPy number."""
        if isinstance(c, (bool, np.bool_)):
            return sp.true if c else sp.false
        if isinstance(c, (int, np.integer)):
            return sp.Integer(int(c))
        if isinstance(c, sp.Basic):
            return c
        if isinstance(c, Traced):
            raise SymbolicError(
                "A formula met a traced number of another transform.",
                "tracing puts letters in place of numbers; a number on its way through grad or jvp is neither.",
                "adcourse.grad of the function itself, without expression(...) inside it",
            )
        c = float(c)
        if not np.isfinite(c) or c == int(c):
            return sp.nan if c != c else sp.oo * np.sign(c).astype(int) if np.isinf(c) else sp.Integer(int(c))
        if self.exact:
            return sp.Rational(c)
        short = Decimal(repr(c)).normalize()
        return sp.Rational(repr(c)) if len(short.as_tuple().digits) <= 6 and abs(c) > 1e-6 else sp.Float(repr(c), 17)


def objects(x):
    """x as an array of objects: SymPy expressions are not sequences, whatever NumPy thinks of them."""
    if isinstance(x, np.ndarray):
        return x.astype(object)
    a = np.empty((), object)
    a[()] = x
    return a


def _counted(e):
    """True and False count as 1 and 0, as in NumPy."""
    return e if isinstance(e, sp.Expr) else sp.Piecewise((1, e), (0, True))


def _condition(e):
    return sp.Ne(e, 0) if isinstance(e, sp.Expr) else e


def _choose(condition, a, b):
    return sp.Piecewise((_counted(a), _condition(condition)), (_counted(b), True))


_as_counted, _as_conditions = np.frompyfunc(_counted, 1, 1), np.frompyfunc(_condition, 1, 1)


def each(function, arrays):
    """``function`` on the broadcast entries of object arrays; an object array."""
    with np.errstate(
        all="ignore"
    ):  # SymPy may leave a floating-point flag behind, which says nothing about the entries
        return objects(np.frompyfunc(function, len(arrays), 1)(*arrays))


class Symbol(Box):
    """A SymPy expression, or an object array of them, of one symbolic run."""

    __slots__ = ()
    dtype = np.dtype(float)

    def __init__(self, value, level):
        value = objects(value)
        self.value, self.level = value if value.ndim else value[()], level

    def _operand(self, x):
        if type(x) is Symbol and x.level is self.level:
            return objects(x.value)
        return each(self.level.constant, [objects(x)])

    def process(self, rule, operands, static):
        values = [self._operand(x) for x in operands]
        if rule is where_rule:
            z = each(_choose, values)
        elif isinstance(rule, Elementwise) and counterpart(rule):
            z = each(counterpart(rule), [objects(_as_counted(v)) for v in values])
        elif rule.function in FORMULAS:
            z = objects(FORMULAS[rule.function](*values, **static))
            z = z if z.ndim else z[()]
        elif isinstance(rule, (Elementwise, General)):
            raise _no_counterpart(rule)
        else:
            z = values[0] if rule is astype else rule.evaluate([objects(_as_counted(v)) for v in values], static)
        return Symbol(z, self.level)

    def decide(self, rule, args, kwargs):
        """Comparisons become relations, floor and sign stay functions; what needs the numbers themselves is refused."""
        if rule is None:
            raise needs_number("The program decides something by the numbers themselves")
        if rule.function in OF_SHAPE:
            return rule.compute(*(np.zeros(x.shape) if isinstance(x, Symbol) else x for x in args), **kwargs)
        values = [self._operand(x) for x in args if isinstance(x, (Symbol, np.ndarray, int, float, np.number))]
        if rule.function in OF_REAL and not kwargs and not all(e.is_number for e in values[0].flat):
            return np.full(values[0].shape, OF_REAL[rule.function])[()]
        if rule.function in QUESTIONS and not kwargs:
            logical = rule.function.__name__.startswith("logical")
            values = [objects(_as_conditions(v) if logical else _as_counted(v)) for v in values]
            return Symbol(each(QUESTIONS[rule.function], values), self.level)
        if rule.function in OF_CONDITIONS and len(args) == 1 and not kwargs:
            return Symbol(OF_CONDITIONS[rule.function](*_as_conditions(values[0]).flat), self.level)
        if all(e.is_number for v in values for e in v.flat):  # a run on long numbers, not on letters
            return rule.compute(*(_floats(x) if isinstance(x, Symbol) else x for x in args), **kwargs)
        raise _no_counterpart(rule)

    def lift(self, value):
        return Symbol(each(self.level.constant, [objects(value)]), self.level)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return super().__array_ufunc__(LOGICAL.get(ufunc, ufunc), method, *inputs, **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if function in PROGRAMS and isinstance(args[0], Symbol):
            found = PROGRAMS[function](*args, **kwargs)
            if found is not NotImplemented:
                return found
        return super().__array_function__(function, types, args, kwargs)

    @property
    def answers(self):
        """Whether something can be decided by it: if it is made of long numbers, not of letters."""
        return all(e.is_number or e in (sp.true, sp.false) for e in objects(self.value).flat)

    def map(self, function):
        """``function`` of each entry."""
        return Symbol(each(function, [objects(self.value)]), self.level)

    def __bool__(self):
        if self.size != 1:
            raise ValueError("the truth of an array is ambiguous: np.any(...) or np.all(...)")
        e = objects(self.value).flat[0]
        if e in (sp.true, sp.false):
            return bool(e)
        if e.is_number and e.is_comparable:
            return not e.is_zero
        raise branches(sp.N(e, 4) if self.level.exact else e)

    def __int__(self):
        e = objects(self.value).flat[0]
        if self.size == 1 and e.is_number:
            return int(e)
        raise needs_number(f"int() asked for the number behind {e}")

    def __float__(self):
        raise needs_number(f"float(), or a write into a plain array, asked for the number behind {self.value}")

    def __complex__(self):
        raise needs_number(f"complex() asked for the number behind {self.value}")

    def __hash__(self):
        if self.answers:
            return super().__hash__()
        raise needs_number(f"A set, or a dict with {self.value} as a key, asked which numbers are equal")

    def any(self):
        return np.any(self)

    def all(self):
        return np.all(self)

    __and__ = __rand__ = lambda self, other: np.logical_and(self, other)
    __or__ = __ror__ = lambda self, other: np.logical_or(self, other)
    __xor__ = __rxor__ = lambda self, other: np.logical_xor(self, other)
    __invert__ = lambda self: np.logical_not(self)


def _floats(x):
    return np.array([float(e) for e in objects(x.value).flat]).reshape(x.shape)[()]


def _no_counterpart(rule):
    if isinstance(rule, Constant) or not hasattr(rule, "pushforward"):
        return needs_number(f"{rule.name} asked how the numbers compare")
    why = NO_FORMULA.get(
        rule.function, "symbolic tracing maps NumPy's functions to SymPy's; this one is not in the map."
    )
    return SymbolicError(
        f"{rule.name} has no counterpart in a formula.",
        why,
        f"{AT_A_NUMBER}; or f with functions that have a formula (adcourse.methods.counterparts.FUNCTIONS and "
        "adcourse.methods.matrix_formulas.FORMULAS)",
    )


def explained(error):
    """What Python, NumPy or SymPy said of a letter, as the error that explains it; None if it is none of these."""
    text = str(error)
    if isinstance(error.__cause__, SymbolicError):  # what float(x) raised, wrapped by NumPy
        return error.__cause__
    if isinstance(error, ConversionError):
        return needs_number(error.what.rstrip("."))
    if "truth value of Relational" in text:
        return branches(text.split("Relational: ")[-1])
    if any(mark in text for mark in OF_INDICES):
        return needs_number("range() or an index was given a letter")
    if any(mark in text for mark in OF_OBJECTS):
        return needs_number(f"NumPy or Python met letters ({text})")
    return None


OF_INDICES = (
    "'Symbol' object cannot be interpreted as an integer", "used as indices must be of integer",
    "only integers, slices",
)  # fmt: skip
OF_OBJECTS = (
    "data type <class 'numpy.object_'>", "data type dtype('O')", "must be real number, not Symbol",
    "not supported for the input types", "which has no callable",
)  # fmt: skip
