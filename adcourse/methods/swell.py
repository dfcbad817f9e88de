"""Expression swell, measured: how the formula of a derivative grows with the length of the program.

Written out, the derivative of a loop grows geometrically; its distinct parts, and the operations of automatic
differentiation, grow linearly. Baydin et al., *Automatic Differentiation in Machine Learning: a Survey* (2018), section
2.2; Laue, *On the Equivalence of Automatic and Symbolic Differentiation* (2019).
"""

import time
from dataclasses import asdict, dataclass
from html import escape

import numpy as np
import sympy as sp
from sympy.core.cache import clear_cache

from adcourse.core.arguments import check_function
from adcourse.core.errors import InputError
from adcourse.core.transforms import grad
from adcourse.methods import symbolic
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.chain_rule import differentiate_down, differentiate_up, operations_on_graph
from adcourse.methods.formulas import common_subexpressions, dag_size, lambdify, operations, tree_size

# ---------------------------------------------------------------------------------------------- the course's programs


def logistic(x, n):
    """l_n of the logistic map: l_1 = x, l_(k+1) = 4 l_k (1 - l_k)."""
    for _ in range(n - 1):
        x = 4 * x * (1 - x)
    return x


def nested_sine(x, n):
    """y <- sin(x + y), n times, from y = x."""
    y = x
    for _ in range(n):
        y = np.sin(x + y)
    return y


def speelpenning(x, n):
    """The product x_1 x_2 ... x_n, from left to right. (For ``swell`` with ``at=lambda n: np.linspace(1, 2, n)``.)"""
    y = x[0]
    for i in range(1, n):
        y = y * x[i]
    return y


# ---------------------------------------------------------------------------------------------- the account


@dataclass
class Row:
    """One length of the program. Times are in seconds; None where the measurement was stopped, and ``note`` says so.

    ``tree``, ``dag``: nodes of the formula of f as the program writes it, written out and with equal parts kept once.
    ``derivative_tree``, ``derivative_dag``: the same of its derivative by the rules of the textbook, nothing simplified
    (of a gradient: all its entries together). ``shared_operations``: of f and its derivative on the graph, each part
    computed once; changes of sign aren't counted. ``sympy_operations``: of the formula that SymPy's ``diff`` gives, as
    it is written; ``cse_operations``: of the same with its common subexpressions computed once.
    ``differentiate``: SymPy's ``diff``. ``evaluate``: that formula at a point, by SymPy. ``lambdified``: as a NumPy
    function, written out; ``lambdified_cse``: with common subexpressions. ``automatic``: the tape, on f itself.
    """

    steps: int
    tree: int | None = None
    dag: int | None = None
    derivative_tree: int | None = None
    derivative_dag: int | None = None
    shared_operations: int | None = None
    sympy_operations: int | None = None
    cse_operations: int | None = None
    differentiate: float | None = None
    evaluate: float | None = None
    lambdified: float | None = None
    lambdified_cse: float | None = None
    automatic: float | None = None
    note: str = ""


TIMES = ("differentiate", "evaluate", "lambdified", "lambdified_cse", "automatic")
HEADS = {
    "steps": "n", "tree": "f: tree", "dag": "graph", "derivative_tree": "f': tree", "derivative_dag": "graph",
    "shared_operations": "operations on the graph", "sympy_operations": "SymPy's f': operations",
    "cse_operations": "with cse", "differentiate": "differentiate (ms)", "evaluate": "evaluate (ms)",
    "lambdified": "lambdified (ms)", "lambdified_cse": "with cse (ms)", "automatic": "tape (ms)",
}  # fmt: skip


def swell(f, steps, at=0.1, seconds=20.0):
    """Measure how the formula of the derivative of ``f(x, n)`` grows with n, the number of steps.

    f: a program of x and n that returns one number; plain NumPy code. ``steps``: the values of n, increasing. ``at``:
    the point for the times, a number or 1-D array, or a function of n that gives one (``lambda n: np.ones(n)``); it
    also says what x is. ``seconds``: the budget. A measurement that runs out of its share is stopped, and not tried
    again for a larger n; the sizes, which are counted on the graph, go on.

    Returns a :class:`Swell`, which prints as a table. Raises what f raises; SymbolicError if f branches on letters.

    >>> account = swell(logistic, [2, 3, 4], at=0.2)
    >>> account["derivative_tree"], account["derivative_dag"], account["sympy_operations"]
    ([27, 111, 343], [17, 30, 43], [2, 21, 82])
    """
    check_function(f, "swell(f, range(1, 11))")
    steps = [int(n) for n in steps] if np.iterable(steps) else []
    if not steps or sorted(set(steps)) != steps:
        raise InputError(
            f"swell was given the steps {steps}.",
            "what is stopped at one length is not tried at a larger one, so the lengths must increase.",
            "swell(f, range(1, 11))",
        )
    account, rows = _Account(f, at, Budget(seconds)), [Row(n) for n in steps]
    for measure in (account.sizes, account.times):
        for row in rows:
            measure(row)
    return Swell(f, rows, seconds)


class Swell:
    """The account: ``rows``, a :class:`Row` for each n; ``account["tree"]`` is a column."""

    def __init__(self, f, rows, seconds):
        self.f, self.rows, self.seconds = f, rows, seconds

    def __getitem__(self, column):
        return [getattr(row, column) for row in self.rows]

    steps = property(lambda self: self["steps"])

    def to_dict(self):
        """Everything as numbers, strings and lists, for ``json``."""
        return {"function": self.name, "seconds": self.seconds, "rows": [asdict(row) for row in self.rows]}

    @property
    def name(self):
        return getattr(self.f, "__name__", type(self.f).__name__)

    @property
    def notes(self):
        return [f"n = {row.steps}: {row.note}" for row in self.rows if row.note]

    def cells(self):
        """The table as text: a list of rows, the first of them the heads."""
        return [list(HEADS.values())] + [[_cell(c, getattr(row, c)) for c in HEADS] for row in self.rows]

    def table(self):
        """The account as text."""
        rows = self.cells()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([f"Expression swell of {self.name}", *lines, *self.notes])

    __str__ = __repr__ = table

    def plot(self, along="number of steps n", dark=False):
        """The account as a Matplotlib figure, sizes and times, with the attribute ``alt``."""
        from adcourse.methods import swellplot

        return swellplot.draw(self, along, dark)

    def _repr_html_(self):
        head, *body = self.cells()
        style = 'style="text-align:right"'
        head = "".join(f'<th scope="col" {style}>{escape(c)}</th>' for c in head)
        body = "".join(
            f'<tr><th scope="row" {style}>{row[0]}</th>' + "".join(f"<td {style}>{c}</td>" for c in row[1:]) + "</tr>"
            for row in body
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return (
            f'<table class="adcourse-swell"><caption style="text-align:left">Expression swell of {escape(self.name)}'
            f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"
        )


def _cell(column, value):
    if value is None:
        return "–"
    return f"{1000 * value:.3g}" if column in TIMES else f"{value:,}".replace(",", " ")


# ---------------------------------------------------------------------------------------------- measuring


class _Account:
    """What the rows have in common: the function, the clock, and what has been given up."""

    def __init__(self, f, at, clock):
        self.f, self.at, self.clock, self.stopped = f, at, clock, set()

    def program(self, n):
        """f of n steps, the point, and letters for it."""
        x = np.asarray(self.at(n) if callable(self.at) else self.at, float)[()]
        letters = np.array(sp.symbols(f"x:{x.size}", real=True), object) if x.ndim else sp.Symbol("x", real=True)
        return lambda x: self.f(x, n), x, letters

    def sizes(self, row):
        f, _, letters = self.program(row.steps)
        self.measure(row, "tree", lambda: _sizes(f, letters, row), share=0.9)

    def times(self, row):
        f, x, letters = self.program(row.steps)
        found = []  # the derivative by SymPy, once it is there
        self.measure(row, "differentiate", lambda: _differentiate(f, letters, row, found))
        if found:
            point = dict(zip(np.ravel(letters), np.ravel(x).tolist(), strict=True))
            self.measure(row, "evaluate", lambda: _time(row, "evaluate", lambda: [d.evalf(subs=point) for d in found]))
            for name, cse in (("lambdified", False), ("lambdified_cse", True)):
                self.measure(row, name, lambda name=name, cse=cse: _lambdify(found, letters, x, row, name, cse))
        self.measure(row, "automatic", lambda: _time(row, "automatic", lambda: grad(f)(x)))

    def measure(self, row, task, work, share=0.4):
        if task in self.stopped:
            return
        try:
            with self.clock.watch(f"swell: {task}, n = {row.steps}", share), np.errstate(all="ignore"):
                work()
        except (OutOfTime, RecursionError, MemoryError, SyntaxError) as error:  # the last three: of Python's compiler
            self.stopped.add(task)
            why = f"the budget is {self.clock.seconds:g} s" if isinstance(error, OutOfTime) else "nested too deeply"
            row.note = "; ".join(filter(None, [row.note, f"{task} was stopped, {why}"]))


def _sizes(f, letters, row):
    with sp.evaluate(False):
        formula = symbolic.expression(f, letters)
    letters = list(np.ravel(letters))
    row.tree, row.dag = tree_size(formula), dag_size(formula)
    slopes = tuple(differentiate_up(formula, s) for s in letters)
    row.derivative_tree, row.derivative_dag = tree_size(slopes), dag_size(slopes)
    row.shared_operations = operations_on_graph((formula, *differentiate_down(formula, letters)))


def _differentiate(f, letters, row, found):
    formula = symbolic.expression(f, letters)
    clear_cache()  # SymPy remembers the derivatives of shorter loops
    start = time.perf_counter()
    slopes = [symbolic.differentiate(formula, s) for s in np.ravel(letters)]
    row.differentiate = time.perf_counter() - start
    row.sympy_operations = operations(slopes)
    row.cse_operations = common_subexpressions(slopes).operations
    found += slopes


def _lambdify(found, letters, x, row, name, cse):
    function = lambdify(found, letters, cse=cse)
    _time(row, name, lambda: function(x))


def _time(row, name, work):
    """The shortest of up to five runs, within a twentieth of a second if one run is short."""
    begin = time.perf_counter()
    for _ in range(5):
        start = time.perf_counter()
        work()
        took = time.perf_counter() - start
        before = getattr(row, name)
        setattr(row, name, took if before is None else min(before, took))
        if time.perf_counter() - begin > 0.05:
            break
