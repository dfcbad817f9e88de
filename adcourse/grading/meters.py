"""What an answer costs, measured by what it touches: calls counted, look-ups counted, never seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager

import numpy as np

from adcourse.grading.asking import RECURSION, Stopped, value
from adcourse.grading.graphs import Node
from adcourse.grading.plain import Complaint, Plain, plain

EACH = 32  # look-ups between two looks at the depth: a recursion deep enough to matter makes more on its way down
DEPTH = 150  # stack frames a loop may need at most; a recursion goes deeper on any long chain
CALLS = 2_000  # for one question, unless it says otherwise: an endless loop ends here

VISITS = Complaint("your function was stopped: it came back to the same nodes again and again", kind="visits")
ENDLESS = Complaint("your function was stopped: it evaluated f again and again", kind="calls")


class Meter:
    """A function of ours that the student's code calls, on plain numbers and arrays, and what the calls cost.

    ``make()`` builds the evaluator: a function with the attribute ``cost``, a tuple of integers. Each time that the
    question is put a new one is made. It always runs on the grader's side, so that the cost can't be forged, nor the
    function looked into; what it is given and gives back is the same in the instant check.
    """

    __name__ = "f"  # as functions have

    def __init__(self, make: Callable[[], Callable]):
        self._make = make
        self.start()

    def start(self) -> Callable:
        self._evaluator = self._make()
        return self._evaluator

    @property
    def cost(self) -> tuple[int, ...]:
        return self._evaluator.cost

    def __call__(self, *args):
        said = evaluated(self._evaluator, [plain(arg) for arg in args])
        if isinstance(said, Complaint):
            raise Stopped(said)
        return value(said)


class Counted(Meter):
    """``f``, whose calls are counted: the cost is their number. Of several functions the first argument says which.

    >>> f = Counted(lambda x: x * x)
    >>> float(f(3)), float(f(4.0)), f.cost
    (9.0, 16.0, (2,))
    >>> f = Counted(abs, lambda x: x + 1)
    >>> float(f(1, 0.0)), f.cost
    (1.0, (0, 1))
    """

    def __init__(self, *functions: Callable, limit: int = CALLS):
        super().__init__(lambda: _Counter(functions, limit))


class _Counter:
    def __init__(self, functions, limit):
        self.functions, self.limit, self.calls = functions, limit, [0] * len(functions)

    def __call__(self, *args):
        which = 0
        if len(self.functions) > 1:
            which, *args = int(args[0]), *args[1:]
        self.calls[which] += 1
        if sum(self.calls) > self.limit:
            raise Stopped(ENDLESS)
        return self.functions[which](*args)

    @property
    def cost(self):
        return tuple(self.calls)


def evaluated(evaluator: Callable, args: Sequence[Plain]) -> Plain | Complaint:
    """One call, from plain numbers to plain numbers."""
    try:
        return plain(evaluator(*map(value, args)))
    except Stopped as stopped:
        return stopped.complaint
    except Exception as error:
        return Complaint("f can't be evaluated at what your function gave it", f"{type(error).__name__}: {error}")


class Running:
    """The meters of questions that are being put in another process: ``functions[k]`` is that of question k, or None.
    The calls come by message; the costs are written beside the answers at the end."""

    def __init__(self, functions: Sequence[Meter | None]):
        self._evaluators = [meter and meter.start() for meter in functions]

    def call(self, place: int, args: Sequence[Plain]) -> Plain | Complaint:
        evaluator = self._evaluators[place] if 0 <= place < len(self._evaluators) else None
        if not evaluator:
            return Complaint("there is no such function to call")
        with np.errstate(all="ignore"):  # an overflow is the answer's, and warns nobody here
            return evaluated(evaluator, args)

    def read(self, answers: Sequence[Plain | Complaint]) -> list[Plain | Complaint]:
        """Questions that were never answered may be missing from the end."""
        pairs = zip(answers, self._evaluators, strict=False)
        return [a._replace(cost=e.cost) if e and isinstance(a, Plain) else a for a, e in pairs]


def counted(f: Callable, limit: int = CALLS) -> tuple[Callable, Callable[[], int]]:
    """``f`` that counts its calls, and a function that tells how many there were: for functions called with the
    student's own numbers (dual numbers, say), which can't leave the process. Prefer ``Counted``."""
    calls = 0

    def counting(*args):
        nonlocal calls
        calls += 1
        if calls > limit:
            raise Stopped(ENDLESS)
        return f(*args)

    return counting, lambda: calls


@contextmanager
def watched(nodes: Sequence[Node], lookups: int):
    """Within this context ``node.parents`` may be read ``lookups`` times in all, and not from deep in a recursion.

    The depth is measured in stack frames, so that neither a raised recursion limit hides it nor a crash reports it.
    """
    meter = _Meter(lookups, sys._getframe(2))

    class Watched(Node):
        @property
        def parents(self):
            meter.left -= 1
            if meter.left < 0 or not meter.left % EACH:
                meter.look()
            return self.__dict__["parents"]

        @parents.setter
        def parents(self, parents):
            self.__dict__["parents"] = parents

    for node in nodes:
        node.__class__ = Watched
    try:
        yield
    finally:
        meter.base = None
        for node in nodes:
            node.__class__ = Node
    if meter.tripped:  # said again, for a student's bare `except:` may have swallowed it
        raise Stopped(meter.tripped)


class _Meter:
    def __init__(self, lookups, base):
        self.left, self.base, self.tripped = lookups, base, None

    def look(self):
        frame, depth = sys._getframe(2), 0
        while frame is not None and frame is not self.base and depth <= DEPTH:
            frame, depth = frame.f_back, depth + 1
        if depth > DEPTH:
            self.tripped = RECURSION
        elif self.left < 0:
            self.tripped = self.tripped or VISITS
        if self.tripped:
            self.left = 0  # the next look-up is refused too
            raise Stopped(self.tripped)
