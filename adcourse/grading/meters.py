"""What an answer costs, measured by what it touches: calls counted, look-ups counted, never seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager

from adcourse.grading.graphs import Node
from adcourse.grading.problem import Complaint

DEPTH = 150  # stack frames a loop may need at most; a recursion goes deeper on any long chain

RECURSION = Complaint(
    "your function calls itself again for every node on the way, deeper than Python allows", kind="recursion"
)
VISITS = Complaint("your function was stopped: it came back to the same nodes again and again", kind="visits")


class Stopped(BaseException):
    """Ends a student's function that costs too much. Not an Exception: ``except Exception`` must not hide it."""

    def __init__(self, complaint: Complaint):
        super().__init__(complaint.text)
        self.complaint = complaint


def counted(f: Callable) -> tuple[Callable, Callable[[], int]]:
    """``f`` that counts its calls, and a function that tells how many there were."""
    calls = 0

    def counting(*args):
        nonlocal calls
        calls += 1
        return f(*args)

    return counting, lambda: calls


@contextmanager
def watched(nodes: Sequence[Node], lookups: int):
    """Within this context ``node.parents`` may be read ``lookups`` times in all, and not from deep in a recursion.

    The depth is measured in stack frames, so that neither a raised recursion limit hides it nor a crash reports it.
    """
    meter = _Meter(lookups, sys._getframe(2))
    for node in nodes:
        node.__dict__["_meter"] = meter
        node.__class__ = _Watched
    try:
        yield
    finally:
        meter.base = None
        for node in nodes:
            node.__class__ = Node
            node.__dict__.pop("_meter", None)
    if meter.tripped:  # said again, for a student's bare `except:` may have swallowed it
        raise Stopped(meter.tripped)


class _Meter:
    def __init__(self, lookups, base):
        self.left, self.base, self.tripped = lookups, base, None

    def read(self):
        self.left -= 1
        if self.left < 0:
            self.tripped = self.tripped or VISITS
        frame, depth = sys._getframe(2), 0
        while frame is not None and frame is not self.base and depth <= DEPTH:
            frame, depth = frame.f_back, depth + 1
        if depth > DEPTH:
            self.tripped = RECURSION
        if self.tripped:
            raise Stopped(self.tripped)


class _Watched(Node):
    @property
    def parents(self):
        self._meter.read()
        return self.__dict__["parents"]

    @parents.setter
    def parents(self, parents):
        self.__dict__["parents"] = parents
