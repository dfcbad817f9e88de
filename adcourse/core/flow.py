"""The Taylor coefficients of the solution of y' = f(t, y): y_(k+1) = f(t, y)_k / (k + 1).

``f`` runs once on series that grow: what it returns has a k-th coefficient as soon as y has one. If it asked no
questions of the values, the recurrences that it left behind are started again at the next point without running it.

Source: Moore, *Interval Analysis* (1966), chapter 11; Jorba and Zou, *A software package for the numerical integration
of ODEs by means of high-order Taylor methods* (2005), section 2.
"""

from contextlib import suppress
from itertools import count

import numpy as np

from .arguments import as_output, teach
from .coefficients import Still, Values, blank, sequence
from .errors import ADError, InputError, lost_orders
from .kinds import shape_of
from .levels import Level, Traced, pack, plain
from .straight import key_of, program_of, run, write_expansion
from .taylor import Series, Taylor, Unknown, known, program

FEW = 64  # numbers that are series each of their own; more are one series of arrays


class NeedsArrays(Exception):
    """``f`` doesn't work on an array of objects."""


class Flow:
    """The solutions of y' = f(t, y): ``flow(t, y)`` has the coefficients c_0, ..., c_order of that through y at t.

    ``f`` is plain NumPy code and returns an array or list of the shape of y. It must depend on t and y alone.
    """

    def __init__(self, f, order):
        self.f, self.order = f, order
        self.apart, self.recipe = True, None

    def __call__(self, t, y):
        if self.recipe is not None:
            with suppress(ArithmeticError):  # the long way says what it is
                return self._again(t, y)
        self.apart = self.apart and np.size(y) <= FEW
        try:
            return self._expand(t, y)
        except NeedsArrays:
            self.apart = False
            return self._expand(t, y)

    def _expand(self, t, y):
        level, shape = Level(), np.shape(y)
        level.tracked, level.met = tracked, _ = [], {}  # what f computes twice is computed once
        try:
            time = _growing(level, float(t), self.order)
            time.series.steps = (0.0 if k else 1.0 for k in count())
            inputs = [_growing(level, v, self.order) for v in (np.reshape(y, -1) if self.apart else [y])]
            try:
                slope = self.f(time, _array(inputs, shape) if self.apart and shape else inputs[0])
            except (TypeError, ValueError, AttributeError) as error:
                if self.apart and not isinstance(error, ADError):
                    raise NeedsArrays from error
                teach(error)
                raise
            outputs = _numbers(slope, shape) if self.apart else [_of_shape(_as_value(slope), shape)]
            if self.apart and not level.asked:
                self.recipe = _recipe(time, inputs, outputs, tracked, self.order)
                if self.recipe is not None:
                    with suppress(ArithmeticError):  # the long way says what it is
                        return self._again(t, y)
                    self.recipe = None
            for x, dx in zip(inputs, outputs, strict=True):
                x.series.steps = _integral(x, dx)
            series = [time.series, *(x.series for x in inputs), *(z.series for z, *_ in tracked)]
            with program(level):
                try:
                    for k in range(1, self.order + 1):
                        for z in series:  # in the order of evaluation, so that none needs to ask for another first
                            z.extend(k)
                except Unknown:
                    raise lost_orders() from None
            return _coefficients(inputs, shape, self.apart)
        finally:
            level.close()

    def along(self, g, t, c):
        """The coefficients of g(t, y(t)), a number, for the solution y with coefficients ``c``: plain numbers."""
        level, c = Level(), [plain(x) for x in c]
        try:
            time = Taylor.at(level, sequence([t, 1.0], self.order), t)
            value = g(time, Taylor.at(level, sequence(c, None), c[0]))
            value = _of_shape(_as_value(value), ())
            return np.array(value.series.c if time.shares(value) else [value, *[0.0] * self.order])
        finally:
            level.close()

    def _again(self, t, y):
        """The recurrences of the last expansion from new first coefficients."""
        inputs, nodes, program = self.recipe
        values, written = (t, *y.ravel().tolist()), program.function
        if written is None:
            written = program.ready(write_expansion, inputs, nodes, self.order)
        with np.errstate(divide="raise", invalid="raise"):
            c = written(*values) if written else run(inputs, nodes, values, self.order)
        return np.array(c[1:]).T.reshape(-1, *y.shape)


def _recipe(time, inputs, outputs, tracked, order):
    """What ``f`` did, for doing it again on other numbers; None if it isn't recurrences of floats alone."""
    nodes = []
    for x, dx in zip(inputs, outputs, strict=True):
        slope = dx.series.c if x.shares(dx) else Still(dx)
        nodes.append((x.series.c, None, [slope], antiderivative, (x.series.c, slope)))
    for z, rule, operands, sequences, static in tracked:
        recurrence, arguments, alone = z.recurrence(rule, operands, sequences, static)
        if not alone or static:
            return None
        nodes.append((z.series.c, rule.compute, sequences, recurrence, arguments))
    used = [c for *_, arguments in nodes for c in arguments if type(c) not in (float, int)]
    if any(type(c) is not list and not (type(c) is Still and type(c[0]) in (int, float)) for c in used):
        return None
    for c in used:
        if type(c) is list:
            c[1:] = [0.0] * order
    time.series.c[1:] = [1.0, *[0.0] * (order - 1)]
    sequences = [x.series.c for x in (time, *inputs)]
    return sequences, nodes, program_of(key_of(sequences, nodes, order))


def _growing(level, first, order):
    """A series of which the first coefficient is known."""
    first = float(first) if isinstance(first, np.generic) else first
    x = Taylor.at(level, blank(first, order), first)
    x.series = Series(x.series.c, iter(()))
    return x


def _integral(x, dx):
    """The coefficients of x by need, where dx = f(t, x) is being found from them."""
    for k in count(1):
        yield known(dx, x, k - 1)[k - 1] / k


def antiderivative(z, x):  # z' = x:  k z_k = x_(k-1)
    for k in count(1):
        yield x[k - 1] / k


def _array(boxes, shape):
    """Traced numbers as an array of objects, on which f acts number by number."""
    array = np.empty(len(boxes), object)
    array[:] = boxes
    return array.reshape(shape)


def _of_shape(slope, shape):
    if shape_of(slope) != shape:
        raise InputError(
            f"A function of a differential equation returned shape {shape_of(slope)}; it needs {shape}.",
            "y' = f(t, y) says how fast each number of y changes, and an event is one number.",
            "return np.array([...]) with one entry for each entry of y; return y[0] in an event",
        )
    return slope


def _as_value(x):
    return as_output(x if isinstance(x, Traced) or x is None else np.asarray(x))


def _numbers(slope, shape):
    """What f returned, number by number."""
    slope = _of_shape(slope if isinstance(slope, Traced) else np.asarray(slope, object), shape)
    entries = [slope[i] for i in np.ndindex(shape)] if shape else [slope if isinstance(slope, Traced) else slope.item()]
    return list(map(as_output, entries))


def _coefficients(inputs, shape, apart):
    """c_0, ..., c_order as arrays; traced where y or what f uses is."""
    if not apart:
        return inputs[0].series.c
    columns = [x.series.c for x in inputs]
    if any(type(c) is Values or isinstance(c[-1], Traced) for c in columns):
        return [np.reshape(pack(_array(row, (len(columns),))), shape) for row in zip(*columns, strict=True)]
    return np.array(columns).T.reshape(-1, *shape)
