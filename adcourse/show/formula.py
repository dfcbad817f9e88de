"""The formulas behind the numbers of a trace: local partials, and what each row adds to tangents and adjoints.

A rule's partial derivative is a Python function of values. Called with a ``Formula`` in place of each value it returns
the expression that it computes, so what a table prints is the rule itself, and no second writing of it:
``1.0 / x`` on row ``v1 = log(w1)`` is ``1 / w1``. A rule that asks for more than arithmetic (a tie, a sign) has none.
"""

from .words import expression, shape


class Formula:
    """An operation, by NumPy's name, on formulas and plain values; without any, the name of a value.

    ``accent``: "d" for the tangent of a value of that name, "bar" for its adjoint.

    >>> x, y = Formula("x"), Formula("y")
    >>> print(-(x + 1.0) * y / 2.0, 1.0 * x, y.d, y.bar)
    -(x + 1) * y / 2 x dy y_bar
    """

    __slots__ = ("accent", "args", "op")

    def __init__(self, op, *args, accent=""):
        self.op, self.args, self.accent = op, args, accent

    d = property(lambda self: Formula(self.op, accent="d"))
    bar = property(lambda self: Formula(self.op, accent="bar"))

    def __array_ufunc__(self, ufunc, method, *args, **options):
        return NotImplemented if method != "__call__" or options else _made(ufunc.__name__, *args)

    def __str__(self):
        return expression(self)

    def _no_answer(self, *_):
        raise TypeError("a formula has no value")

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _no_answer
    __hash__ = object.__hash__
    __neg__ = lambda self: _made("negative", self)


def _made(op, *args):
    """An operation, but for factors of one and minus one."""
    if op == "multiply":
        a, b = args
        for one, other in ((a, b), (b, a)):
            if isinstance(one, (int, float)) and abs(one) == 1:
                return other if one == 1 else Formula("negative", other)
    return Formula(op, *args)


for _python, _numpy in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power", "matmul": "matmul",
}.items():  # fmt: skip
    setattr(Formula, f"__{_python}__", lambda self, other, op=_numpy: _made(op, self, other))
    setattr(Formula, f"__r{_python}__", lambda self, other, op=_numpy: _made(op, other, self))


def operands(row, names):
    """The operands of a row: the names of rows, constants as they are."""
    return [x if p is None else Formula(names(p)) for x, p in zip(row.operands, row.parents, strict=True)]


def partial(row, k, names):
    """The local partial derivative of a row by its ``k``-th operand: a formula, a number, or None."""
    if not hasattr(row.rule, "partials"):  # elementwise rules have them
        return None
    try:
        found = row.rule.partial(k, Formula(row.name), operands(row, names))
    except (TypeError, AttributeError, ValueError):
        return None
    return found if isinstance(found, (Formula, int, float)) else None


def tangent(row, names):
    """The tangent of a row by those of its operands, ``w2 * dv1 + v1 * dw2``; None where no formula says it."""
    args, active = operands(row, names), [k for k, p in enumerate(row.parents) if p is not None]
    if hasattr(row.rule, "transposes"):  # bilinear: the product rule
        return total(Formula(row.rule.name, *args[:k], args[k].d, *args[k + 1 :]) for k in active)
    return total(_times(partial(row, k, names), args[k].d) for k in active)


def adjoint(row, uses, names):
    """The adjoint of a row by those of the rows that use it, ``[(row, operand), ...]``: each hands on its share."""
    if any(shape(child.value) != shape(row.value) for child, _ in uses):  # a sum over what was broadcast
        return None
    return total(_times(Formula(child.name).bar, partial(child, k, names)) for child, k in uses)


def _times(a, b):
    return None if a is None or b is None else _made("multiply", a, b)


def total(terms):
    """The sum of formulas; None if one of them isn't known, or without any."""
    found = None
    for term in terms:
        if term is None:
            return None
        minus = found is not None and isinstance(term, Formula) and term.op == "negative"
        found = (
            term if found is None else Formula("subtract", found, *term.args) if minus else Formula("add", found, term)
        )
    return found
