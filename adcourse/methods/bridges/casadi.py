"""The bridge to CasADi: a NumPy program as a symbolic graph, and CasADi's derivatives of the graph.

CasADi differentiates graphs, made of a program that runs once on symbols. So loops are unrolled, ``np.where`` keeps
both branches, and what depends on the numbers themselves (``if x > 0``, sorting) is refused. Numbers are float64.
CasADi knows columns and matrices only: in ``translate(f)`` a 1 x 1 matrix is a number, a column an array with one axis.
"""

import math
from functools import cached_property
from itertools import pairwise

import numpy as np

from adcourse.methods.bridges.bridge import Bridge
from adcourse.methods.bridges.companion import BridgeError, no_tolerance

_ELEMENTWISE = {"absolute": "fabs", "arctan2": "atan2", "maximum": "fmax", "minimum": "fmin"}
_ELEMENTWISE |= {"arc" + name: "a" + name for name in "sin cos tan sinh cosh tanh".split()}
_ELEMENTWISE |= {name: name for name in """sin cos tan sinh cosh tanh exp log sqrt log1p expm1 power fmin fmax hypot
    copysign fmod erf erfinv""".split()}  # fmt: skip
_OPERATORS = {
    "add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y, "negative": lambda x: -x, "square": lambda x: x * x,
}  # fmt: skip
_QUESTIONS = {
    "greater": lambda x, y: x > y, "greater_equal": lambda x, y: x >= y, "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y, "equal": lambda x, y: x == y, "not_equal": lambda x, y: x != y,
    "isnan": lambda x: x != x,
}  # fmt: skip
_QUESTIONS_BY_NAME = {name: name for name in "sign floor ceil".split()}
_QUESTIONS_BY_NAME |= {f"logical_{name}": f"logic_{name}" for name in ("and", "or", "not")}


class Vector:
    """An array as CasADi has it: a column of its numbers in C order, and the shape that NumPy gave it."""

    def __init__(self, column, shape):
        self.column, self.shape = column, tuple(shape)

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: int(np.prod(self.shape)))


class CasADi(Bridge):
    name = package = "casadi"
    title = "CasADi"

    # ------------------------------------------------------------------ functions
    @cached_property
    def table(self):
        import casadi

        table = {name: self._each(function) for name, function in _OPERATORS.items()}
        table |= {name: self._each(getattr(casadi, theirs)) for name, theirs in _ELEMENTWISE.items()}
        return table | {
            "where": self._each(casadi.if_else), "sum": self._sum, "matmul": self._matmul,
            "mean": lambda x, **how: self._scaled(self._sum(x, **how), x.size),
            "inv": lambda a: self._of_matrices(casadi.inv, a),
            "det": lambda a: self._of_matrices(casadi.det, a, drop=2),
            "pinv": self._pinv,
            "solve": self._solve,
        }  # fmt: skip

    def native(self, rule):
        return self.table.get(rule.name)

    @cached_property
    def questions(self):
        import casadi

        table = {name: self._each(function) for name, function in _QUESTIONS.items()}
        table |= {name: self._each(getattr(casadi, theirs)) for name, theirs in _QUESTIONS_BY_NAME.items()}
        return table | {
            "trunc": self._each(lambda x: casadi.sign(x) * casadi.floor(casadi.fabs(x))),
            "floor_divide": self._each(lambda x, y: casadi.floor(x / y)),
        }

    def question(self, rule):
        return self.questions.get(rule.name)

    def _each(self, function):
        def each(*xs):
            shape = np.broadcast_shapes(*(x.shape for x in xs))
            return Vector(function(*(x.column if x.size == 1 else self.spread(x, shape).column for x in xs)), shape)

        return each

    def _scaled(self, total, size):
        return Vector(total.column / (size / (total.size or 1) or 1), total.shape)

    def _sum(self, x, axis=None, keepdims=False):
        import casadi

        numbers = np.arange(x.size).reshape(x.shape)
        shape = np.sum(numbers, axis=axis, keepdims=keepdims).shape
        axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        rest = int(np.prod(shape))
        at = np.moveaxis(numbers, axes, range(len(axes))).reshape(-1, rest) if rest else numbers.reshape(-1, 0)
        matrix = casadi.reshape(self.take([x], at).column, rest, at.shape[0])
        return Vector(casadi.sum2(matrix), shape)

    def _matrix(self, x):
        """A 2-D array as a matrix of CasADi's, which lists columns first."""
        import casadi

        return casadi.reshape(x.column, x.shape[1], x.shape[0]).T

    def _column(self, matrix):
        import casadi

        return casadi.vec(matrix.T)

    def _matrices(self, *xs):
        """The matrices in stacks of them, side by side, and the shape of the stack."""
        batch = np.broadcast_shapes(*(x.shape[:-2] for x in xs))
        xs = [self.spread(x, batch + x.shape[-2:]) for x in xs]
        out = []
        for k in range(int(np.prod(batch))):
            numbers = [np.arange(x.size).reshape(-1, *x.shape[-2:])[k] for x in xs]
            out.append([self._matrix(self.take([x], at)) for x, at in zip(xs, numbers, strict=True)])
        return out, batch

    def _of_matrices(self, function, *xs, drop=0):
        import casadi

        found, batch = self._matrices(*xs)
        found = [function(*matrices) for matrices in found]
        shape = () if drop else tuple(found[0].shape) if found else xs[-1].shape[-2:]
        return Vector(casadi.vertcat(*map(self._column, found)), batch + shape)

    def _matmul(self, x, y):
        import casadi

        rows = Vector(x.column, (1, *x.shape)) if x.ndim == 1 else x
        columns = Vector(y.column, (*y.shape, 1)) if y.ndim == 1 else y
        z = self._of_matrices(casadi.mtimes, rows, columns)
        *batch, m, n = z.shape
        return Vector(z.column, (*batch, *([m] if x.ndim > 1 else []), *([n] if y.ndim > 1 else [])))

    def _solve(self, a, b):
        import casadi

        vector = b.ndim == 1
        z = self._of_matrices(casadi.solve, a, Vector(b.column, (*b.shape, 1)) if vector else b)
        return Vector(z.column, z.shape[:-1]) if vector else z

    def _pinv(self, a, **options):
        import casadi

        if options:
            raise no_tolerance(self)
        return self._of_matrices(casadi.pinv, a)

    # ------------------------------------------------------------------ arrays
    def is_array(self, x):
        import casadi

        return isinstance(x, (casadi.MX, casadi.SX, casadi.DM, Vector))

    def _enter(self, x, run):
        if not isinstance(x, Vector):
            shape = () if x.shape == (1, 1) else x.shape[:1] if x.shape[1] == 1 else x.shape
            x = Vector(self._column(x), shape)
        return super()._enter(x, run)

    def value(self, x):
        return None

    def spec(self, x):
        return x.shape, float

    def constant(self, x, where):
        import casadi

        column = casadi.DM(x.astype(float).ravel().tolist()) if x.size else casadi.DM(0, 1)
        return Vector(casadi.densify(column), x.shape)

    def cast(self, x, dtype):
        return x

    def reshape(self, x, shape):
        return Vector(x.column, shape)

    def take(self, arrays, at):
        import casadi

        columns = [a.column for a in arrays]
        if at.size and at.min() < 0:
            columns, at = [casadi.DM([0.0]), *columns], at + 1
        flat = columns[0] if len(columns) == 1 else casadi.vertcat(*columns)
        if at.size == flat.shape[0] and np.array_equal(at.ravel(), np.arange(at.size)):
            return Vector(flat, at.shape)
        picked = casadi.reshape(flat[at.ravel().tolist()], at.size, 1) if at.size else casadi.DM(0, 1)
        return Vector(picked, at.shape)

    def scatter(self, flat, at, size):
        import casadi

        places = casadi.DM.triplet(at.tolist(), list(range(at.size)), casadi.DM.ones(at.size), size, at.size)
        return Vector(casadi.mtimes(places, flat.column), (size,))

    def leave(self, y):
        import casadi

        if y.ndim > 2:
            raise BridgeError(
                f"The result has {y.ndim} axes.", "CasADi has columns and matrices.", "np.reshape(y, (len(y), -1))"
            )
        return casadi.densify(self._matrix(y) if y.ndim == 2 else y.column)

    # ------------------------------------------------------------------ derivatives
    def pull(self, program, xs):
        import casadi

        letters, results, shapes = self._graph(program, xs)
        weights = casadi.MX.sym("g", results.shape[0])
        values = _numbers([letters], results, [xs])
        product = casadi.jtimes(results, letters, weights, True)
        return _split(values, shapes), lambda gs: _split(
            _numbers([letters, weights], product, [xs, gs]), [x.shape for x in xs]
        )

    def push(self, program, xs, vs):
        import casadi

        letters, results, shapes = self._graph(program, xs)
        seed = casadi.MX.sym("v", letters.shape[0])
        product = casadi.jtimes(results, letters, seed)
        tangents = _numbers([letters, seed], product, [xs, vs])
        return _split(_numbers([letters], results, [xs]), shapes), _split(tangents, shapes)

    def blocks(self, program, xs):
        import casadi

        letters, results, shapes = self._graph(program, xs)
        return _blocks(_numbers([letters], casadi.jacobian(results, letters), [xs]), shapes, [x.shape for x in xs])

    def second(self, scalar, xs):
        import casadi

        letters, result, _ = self._graph(lambda xs: [scalar(xs)], xs)
        matrix = _numbers([letters], casadi.hessian(result, letters)[0], [xs])
        return _blocks(matrix, [x.shape for x in xs], [x.shape for x in xs])

    def nth(self, scalar, x, order):
        import casadi

        letters, d, _ = self._graph(lambda xs: [scalar(xs)], [x])
        for _ in range(order):
            d = casadi.jacobian(d, letters)
        return _numbers([letters], d, [[x]]).reshape(())

    def _graph(self, program, xs):
        """The graph of a program: its symbols, the numbers of all results as one column, and their shapes."""
        import casadi

        letters = casadi.MX.sym("x", sum(x.size for x in xs))
        parts = _ends([x.shape for x in xs])
        results = program([Vector(letters[i:j], x.shape) for x, (i, j) in zip(xs, parts, strict=True)])
        column = casadi.densify(casadi.MX(casadi.vertcat(*(y.column for y in results))))
        return letters, column, [y.shape for y in results]


def _numbers(symbols, result, values):
    """What a graph makes of numbers."""
    import casadi

    values = [np.concatenate([np.ravel(v).astype(float) for v in vs]) for vs in values]
    try:
        return np.array(casadi.Function("f", symbols, [result])(*values).full())
    except RuntimeError as error:
        raise BridgeError(
            f"CasADi couldn't evaluate the graph: {error}",
            "as np.linalg.solve, it needs matrices that aren't singular.",
            "adcourse.grad(f)(x), which names the line of the program",
        ) from error


def _ends(shapes):
    """Where arrays of these shapes begin and end in one column of all their numbers."""
    return list(pairwise(np.cumsum([0, *(math.prod(shape) for shape in shapes)]).tolist()))


def _split(numbers, shapes):
    return [numbers.ravel()[i:j].reshape(shape) for (i, j), shape in zip(_ends(shapes), shapes, strict=True)]


def _blocks(matrix, rows, columns):
    """A matrix of derivatives by results and arguments."""
    right, down = _ends(columns), _ends(rows)
    return [
        [matrix[i:j, k:m].reshape(row + column) for (k, m), column in zip(right, columns, strict=True)]
        for (i, j), row in zip(down, rows, strict=True)
    ]


BRIDGE = CasADi()
translate, grad, value_and_grad, jacobian = BRIDGE.translate, BRIDGE.grad, BRIDGE.value_and_grad, BRIDGE.jacobian
hessian, jvp, vjp, gradient = BRIDGE.hessian, BRIDGE.jvp, BRIDGE.vjp, BRIDGE.gradient
