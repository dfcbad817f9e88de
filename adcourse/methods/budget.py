"""A budget in seconds for work that can run away, and a line for whoever waits longer than two.

SymPy has no switch to stop it. A second thread watches the clock; when the budget is spent it asks Python to raise
OutOfTime in the thread that works (CPython's PyThreadState_SetAsyncExc), which costs the work nothing until then.
"""

import ctypes
import sys
import threading
import time
from contextlib import contextmanager, suppress

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
            # What was asked for too late arrives here. It can't be withdrawn instead: that leaves CPython 3.11 waiting
            # for it, and under sys.settrace (a debugger, coverage) the next function call then never starts.
            while not done.is_set() or watcher.is_alive():
                with suppress(OutOfTime):
                    done.set()
                    watcher.join()

    def _wait(self, done, worker, task, end):
        said = 0
        while not done.wait(min(max(end - self.spent, 0.05), 0.5)):
            if self.spent >= end:
                raise_in(worker)
            elif int(self.spent) > max(said, PATIENCE - 1):
                said = int(self.spent)
                print(f"\r{task}: {said} s of at most {self.seconds:.0f} s ", end="", file=sys.stderr, flush=True)
        if said:
            print("\r" + " " * 72 + "\r", end="", file=sys.stderr, flush=True)


def raise_in(thread):
    """Have OutOfTime raised in another thread, at its next step."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(OutOfTime))
