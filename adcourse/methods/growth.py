"""How the cost of a derivative grows: of a gradient with the number of inputs, of a derivative with its order.

Costs are ratios: the operations of the method, or its seconds, over those of one run of f. The ratio of operations is
exact and the same on every machine; that of seconds also knows what Python and NumPy spend on other things.
Cheap gradient principle: Griewank and Walther, *Evaluating Derivatives* (2008), section 4.6.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from adcourse.core.errors import ADError
from adcourse.methods import costs
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.chain_rule import operations_on_graph
from adcourse.methods.measure import Counted, own
from adcourse.methods.registry import METHODS

RUNS, ENOUGH = 9, 0.02  # so many timed rounds, if they fit into so many seconds
ROUND = 1e-3  # seconds that a round takes at least: the clock of a browser goes in steps of a tenth of that


@dataclass
class Curve:
    """The cost of one method: at each place of ``at`` a ratio, nan where there is none, and ``note`` says why."""

    method: str
    at: list = field(default_factory=list)
    operations: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    note: str = ""


@dataclass
class Growth:
    """Curves of cost against ``along``, "number of inputs n" or "order of the derivative"."""

    along: str
    curves: list
    budget: float

    def __getitem__(self, method):
        return {curve.method: curve for curve in self.curves}[method]

    def to_dict(self):
        """Everything as numbers, strings and lists, for ``json``."""
        return {"along": self.along, "budget": self.budget, "curves": [dict(vars(curve)) for curve in self.curves]}


def against_inputs(f, x, methods, sizes, budget):
    """The cost of the gradient of f, a function of an array of any length, at x, repeated or cut to each size."""
    points = {int(n): np.resize(np.ravel(x), int(n)) for n in sizes}
    return Growth("number of inputs n", _curves(f, points, dict.fromkeys(points, 1), methods, budget), budget)


def against_order(f, x, methods, orders, budget):
    """The cost of the derivatives of f, a function of one number, at x."""
    orders = {int(k): int(k) for k in orders}
    return Growth("order of the derivative", _curves(f, dict.fromkeys(orders, x), orders, methods, budget), budget)


def _curves(f, points, orders, methods, budget):
    clock, unit = Budget(budget), {}
    curves = [Curve(name) for name in methods]
    for k, curve in enumerate(curves):
        method = METHODS[curve.method]
        curve.note = method.unavailable()
        if not curve.note:
            clock.off(method.prepare)
        share = 1 / (len(curves) - k)  # of what is left, so that each has its turn
        last = None
        try:
            with clock.watch(f"cost of {curve.method}", share), np.errstate(all="ignore"):
                for last, x in points.items() if not curve.note else ():
                    if method.highest is not None and orders[last] > method.highest:
                        curve.note = f"has no derivative of order {orders[last]}: {method.why}"
                        break
                    if last not in unit:
                        unit[last] = _seconds(lambda x=x: f(own(x))), costs.operations(f, x)
                    _add(curve, last, _cost(method, f, x, orders[last]), unit[last])
        except OutOfTime:
            curve.note = f"stopped at {last}: the budget of all methods is {budget:g} s"
        except RecursionError:
            curve.note = f"ended at {last}: nested more deeply than Python can follow"
        except ADError as error:
            curve.note = f"ended at {last}: {error.what} Why: {error.why}"
        except Exception as error:
            curve.note = f"ended at {last}: {type(error).__name__}: {error}"
    return curves


def _add(curve, place, cost, unit):
    curve.at.append(place)
    curve.seconds.append(cost[0] / unit[0])
    curve.operations.append(cost[1] / unit[1] if unit[1] and cost[1] is not None else float("nan"))


def _cost(method, f, x, order):
    """Seconds and operations of one method."""
    counted = Counted(f)
    method(counted, x, order)  # the first run also fills caches
    evaluations = counted.calls
    seconds = _seconds(lambda: method(counted, x, order))
    if method.counted == "calls":
        return seconds, evaluations * costs.operations(f, x)
    if method.counted == "formula":
        return seconds, operations_on_graph(tuple(counted.formula[1]))
    return seconds, costs.operations(lambda v: method(f, v, order), x) if method.counted else None


def _seconds(work):
    """Seconds of one run: the shortest of the rounds, for what else the machine does makes it longer, never shorter."""
    taken, spent, runs = [], 0.0, 1
    while not taken or (len(taken) < RUNS and spent < ENOUGH):
        start = time.perf_counter()
        for _ in range(runs):
            work()
        took = time.perf_counter() - start
        spent += took
        if took < ROUND:
            runs *= 4
        else:
            taken.append(took / runs)
    return min(taken)
