"""Measuring one method on one function at one point: value, evaluations of f, seconds, operations, peak memory."""

import time
import tracemalloc
from contextlib import contextmanager
from statistics import median

import numpy as np

from adcourse.core.errors import ADError
from adcourse.methods import costs
from adcourse.methods.budget import OutOfTime
from adcourse.methods.chain_rule import operations_on_graph
from adcourse.methods.comparison import Row

RUNS, ENOUGH = 5, 0.1  # so many timed runs, if they fit into so many seconds
LONG = 1.0  # seconds from which a run is not repeated to measure its memory, which takes several times as long


class Counted:
    """f, counting its evaluations, with an argument of its own each time; ``formula`` is what symbolic tracing gave."""

    def __init__(self, f):
        self.f, self.calls, self.formula = f, 0, None

    def __call__(self, x):
        self.calls += 1
        return self.f(own(x))


def own(x):
    return x.copy() if isinstance(x, np.ndarray) else x


def measure(method, f, x, order, clock, share):
    """The :class:`Row` of one method; ``f`` is a :class:`Counted`. Within a share of what is left on the clock.

    Seconds are the median of a few runs, fewer if they are long. Memory and operations are measured in runs of their
    own, after that: they slow a program down.
    """
    row = Row(method.name)
    if missing := method.unavailable():
        row.note = missing
        return row
    clock.off(method.prepare)
    begun = clock.spent
    try:
        with clock.watch(f"compare: {method.name}", share), np.errstate(all="ignore"):
            seconds = [_timed(method, f, x, order, row)]
            row.evaluations = f.calls
            if not method.memory:  # other systems compile what they meet for the first time
                seconds = [_timed(method, f, x, order, Row(method.name))]
            while len(seconds) < RUNS and sum(seconds) + seconds[0] < ENOUGH:
                seconds.append(_timed(method, f, x, order, Row(method.name)))
            row.seconds = median(seconds)
            if method.memory and row.seconds < LONG:
                row.memory = _memory(method, f, x, order)
            row.operations = _operations(method, f, x, order, row)
    except OutOfTime:
        _stopped(row, clock, clock.spent - begun)
    except RecursionError:
        row.note = "the formula is nested more deeply than Python can follow"
    except ADError as error:
        row.note = f"{error.what} Why: {error.why}"
    except Exception as error:
        row.note = f"{type(error).__name__}: {error}"
    return row


def _timed(method, f, x, order, row):
    start = time.perf_counter()
    value = method(f, x, order)
    seconds = time.perf_counter() - start
    row.value = float(value) if np.ndim(x) == 0 else np.asarray(value)
    row.note = "" if np.all(np.isfinite(row.value)) else "not a finite number"
    return seconds


def _stopped(row, clock, seconds):
    """Say what the budget has cut off."""
    budget = f"the budget is {clock.seconds:g} s; compare(f, x, budget=...) sets another"
    if row.value is None:
        row.note = f"stopped after {seconds:.3g} s: {budget}"
    else:
        row.note = "; ".join(filter(None, [row.note, f"its memory or operations were not measured: {budget}"]))


def _operations(method, f, x, order, row):
    if method.counted is None:
        return None
    if method.counted == "formula":
        return operations_on_graph(tuple(f.formula[1]))
    try:
        if method.counted == "calls":
            return row.evaluations * costs.operations(f.f, x)
        return costs.operations(lambda v: method(f.f, v, order), x)
    except Exception:  # the method can differentiate the program, but numbers that count can't pass through it
        return None


def _memory(method, f, x, order):
    with peak_memory() as peak:
        method(f, x, order)
    return peak[0]


@contextmanager
def peak_memory():
    """A list that holds, when the block is done, the most bytes that were allocated in it at one time."""
    peak, mine = [], not tracemalloc.is_tracing()
    if mine:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        if mine:
            tracemalloc.stop()
