"""Every error a user of the core can meet. Each says what happened, why, and the line to write instead."""

from traceback import walk_tb


class ADError(Exception):
    """The common parent: ``except adcourse.core.errors.ADError`` catches whatever the core refuses to do."""

    def __init__(self, what, why, instead):
        self.what, self.why, self.instead = what, why, instead
        super().__init__(f"{what}\n  Why: {why}\n  Write: {instead}")


class InputError(ADError, TypeError):
    """A transform was given something it can't differentiate, or a function that returns something it can't."""


class ConversionError(ADError, TypeError):
    """A traced value was about to become a plain number, and its derivative would have been lost."""


class MutationError(ADError, TypeError):
    """A write into memory that the derivative needs, or that can't hold a traced value."""


class ReadOnlyError(MutationError, ValueError):
    """A write into an array that a tape still reads, or that was read-only anyway."""


class NoRuleError(ADError, TypeError):
    """A NumPy function, or an option of one, that the table of rules doesn't have."""


class RuleError(ADError, ValueError):
    """A custom rule doesn't return what its function needs."""


class NonFiniteError(ADError, ArithmeticError):
    """A derivative is inf or nan, and ``strict`` was asked to say where that comes from."""


class RecomputationError(ADError, RuntimeError):
    """A function that is run again in the reverse sweep didn't do what it did the first time."""


class DomainError(ADError, ArithmeticError):
    """A function has no Taylor series, or no derivative, at this point: some number is zero or negative there."""


class ConvergenceError(ADError, ArithmeticError):
    """An equation hasn't been solved well enough for the derivative of its solution."""


class DerivativeError(ADError, AssertionError):
    """Two ways to the same derivative disagree: ``check_derivatives`` found a rule that is wrong."""


class EscapedBoxError(ADError, RuntimeError):
    """A traced value was used after the transform that made it had returned."""


def escaped(box):
    """The error for a box whose level is closed."""
    return EscapedBoxError(
        f"A {type(box).__name__} was used after the transform that created it had returned.",
        "a traced value belongs to one call of grad, jvp, ...; kept in a global, a list, a generator or a "
        "closure it no longer has a derivative to report to.",
        "return the value from the function you differentiate: def f(x): ...; return y",
    )


def mixed(one, other):
    """The error for two nested numbers, each of which is inside the other's like."""
    a, b = type(one).__name__, type(other).__name__
    return InputError(
        f"A {a} that holds a {b} met a {b} that holds a {a}.",
        "of two perturbations, one is the inner one; here each claims to be.",
        f"the {a} where the {b} is made, in one function and from the same values, and all nested in one order",
    )


def varies(what):
    """The error for a question to which the members of a batch may have different answers, where one is needed."""
    return ConversionError(
        f"A batch of values, one for each member, was used as {what}.",
        "under vmap the function runs once for all members together, and they may differ in what it should do.",
        "np.where(x > 0, a, b) for a if x > 0 else b; np.sum(np.where(mask, x, 0.0)) for np.sum(x[mask]); x[i] with "
        "an array of integers i works; or [f(x) for x in xs] in place of vmap",
    )


def lost_derivative(box, how):
    """The error for ``float(x)`` and its relatives."""
    if box.many:
        return varies(f"one plain number ({how})")
    return ConversionError(
        f"{how} would turn a {type(box).__name__} into a plain number.",
        "a plain number carries no derivative, so the answer would silently miss this path. float(), complex(), "
        "functions of the math module and writing into an existing NumPy array all do this.",
        "np.sin(x) instead of math.sin(x); x instead of float(x); y = np.zeros_like(x) or "
        "np.zeros(n, like=x) for an array to fill",
    )


def outside(function, x, needs):
    """The error for a function without a power series at ``x``; ``needs`` says what coefficients it needs."""
    return DomainError(
        f"{function} met the series {x!r}.",
        f"for a power series of the result, {needs}.",
        "the expansion about another point, where that holds: taylor(f, x0 + 0.1, order); or the formula of the limit",
    )


def lost_orders():
    """The error for a series that is known to fewer orders than the recurrence which is made of it."""
    return DomainError(
        "A series that is still being computed was divided by one without constant term.",
        "such a quotient needs coefficients that aren't known yet.",
        "the formula without that division, or the expansion about another point",
    )


def from_around(name, x):
    """The error for a body that runs on plain numbers and returned a traced one, ``x``."""
    return InputError(
        f"{name} reached a traced value that isn't among its arguments: its result is {x!r}.",
        "it is differentiated by its arguments; what it takes from around itself is a constant to it, and that part of "
        "the derivative would be lost.",
        "f(x, a), where f is differentiated by a too, instead of f(x) with an a from outside",
    )


def equal_keys(value):
    """The error for two traced numbers of one value in sets and as keys of dicts."""
    return ConversionError(
        f"Two traced numbers with the same value, {value}, were used as keys of a dict or in a set.",
        "in the plain program they would be one key, but each has a derivative of its own.",
        "the positions as keys: for i, v in enumerate(x): d[i] = ...",
    )


def object_array(error):
    """The error for a NumPy function that doesn't take the object array that ``np.array([x, y])`` makes."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    if frame.f_globals.get("__name__", "").startswith("scipy."):
        return ConversionError(
            f"{frame.f_globals['__name__']} made an array of Python objects of a traced value: {error}.",
            "functions of SciPy that are no ufuncs begin by making plain arrays. A few of scipy.special learn of "
            "traced values when a transform is called after scipy.special was imported.",
            "import scipy.special at the top of the program for logsumexp, softmax, log_softmax and polygamma; "
            "NumPy's functions in place of any others",
        )
    return ConversionError(
        f"NumPy met an array of Python objects: {error}.",
        "np.array([x, y]) of traced scalars is an array of objects. Operators and elementwise functions work on it; "
        "this function doesn't take one.",
        "np.array([x, 1.0], like=x) in place of np.array([x, 1.0]), or np.stack([x, y]) if all are traced",
    )


def read_only(error):
    """The error for NumPy's own at a write into an array that the tape holds."""
    return ReadOnlyError(
        f"A write into an array that is read-only for now: {error}.",
        "the derivative is made of the numbers that the array held when it met a traced value, so while the function "
        "runs, the arrays it has used, and its arguments, can't be overwritten.",
        "b = b + 1 instead of b += 1, or b = b.copy() before the write: a new array for new numbers",
    )


_INTEGERS = "bitwise_and bitwise_or bitwise_xor bitwise_count invert left_shift right_shift gcd lcm"
REASONS = dict.fromkeys(_INTEGERS.split(), "it is made for integers, and a traced value stands for a real number.") | {
    "isnat": "it asks about dates, and a traced value stands for a real number.",
    "histogram": "counts jump as a number crosses the edge of a bin, and the edges move with the numbers.",
}


def no_rule(function, detail=""):
    """The error for a function that isn't in the table."""
    name = getattr(function, "__name__", str(function))
    module = "np.linalg" if "linalg" in (getattr(function, "__module__", "") or "") else "np"
    return NoRuleError(
        f"{module}.{name}{detail} has no derivative rule.",
        REASONS.get(name, "adcourse differentiates a NumPy function by its row in the table adcourse/core/rules.py."),
        f"the formula of {name} with functions that have a rule (adcourse.core.rules.RULES lists them); or say the "
        f"derivative yourself:\n    @adcourse.custom_rule\n    def f(x): return {module}.{name}(x)\n"
        f"    @f.jvp\n    def tangent(y, primals, tangents): return <f'(x)> * tangents[0]",
    )
