"""A budget in seconds for work that can run away, and a line for whoever waits longer than two.

SymPy has no switch to stop it. A second thread watches the clock; when the budget is spent it asks Python to raise
OutOfTime in the thread that works (CPython's PyThreadState_SetAsyncExc), which costs the work nothing until then.
"""

import ctypes
import sys
import threading
import time
from contextlib import contextmanager

PATIENCE = 2.0  # seconds before the first line


class OutOfTime(BaseException):
    """The budget is spent. Not an Exception, so that no ``except Exception`` on the way swallows it."""


class Budget:
    """So many seconds from now.

    >>> budget = Budget(60)
    >>> with budget.watch("adding"):
    ...     sum(range(10))
    45
    """

    def __init__(self, seconds):
        self.seconds, self.start = seconds, time.monotonic()

    @property
    def spent(self):
        return time.monotonic() - self.start

    @contextmanager
    def watch(self, task, share=1.0):
        """Raise OutOfTime when the block has used up this share of what is left of the budget."""
        end = self.spent + share * (self.seconds - self.spent)
        if self.spent >= self.seconds:
            raise OutOfTime
        done, worker = threading.Event(), threading.get_ident()
        watcher = threading.Thread(target=self._wait, args=(done, worker, task, end), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
            _raise_in(worker, None)  # withdraw what was asked for too late to arrive

    def _wait(self, done, worker, task, end):
        said = 0
        while not done.wait(min(max(end - self.spent, 0.05), 0.5)):
            if self.spent >= end:
                _raise_in(worker, OutOfTime)
            elif int(self.spent) > max(said, PATIENCE - 1):
                said = int(self.spent)
                print(f"\r{task}: {said} s of at most {self.seconds:.0f} s ", end="", file=sys.stderr, flush=True)
        if said:
            print("\r" + " " * 72 + "\r", end="", file=sys.stderr, flush=True)


def _raise_in(thread, exception):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception and ctypes.py_object(exception))
