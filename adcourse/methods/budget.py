"""A budget in seconds for work that can run away, and a progress bar for whoever waits longer than two.

SymPy has no switch to stop it. A second thread watches the clock; when the budget is spent it asks Python to raise
OutOfTime in the thread that works (CPython's PyThreadState_SetAsyncExc), which costs the work nothing until then.
It arrives between two steps of Python. A single call into compiled code (the inverse of a huge matrix, the power of a
huge integer, ``time.sleep``) can't be stopped: it ends first, and the work is stopped then.

Where there are no threads (Pyodide, in a browser) the clock is looked at whenever a function is called: a loop that
calls none ends first too.
"""

import ctypes
import sys
import threading
import time
from contextlib import contextmanager

from tqdm import tqdm

PATIENCE = 2.0  # seconds before a progress bar shows


BAR = "{desc}: {n:.0f} s of at most {total:.0f} s |{bar}|"


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

    def off(self, work):
        """Do some work off the clock: what has to be loaded first is nobody's fault."""
        begun = time.monotonic()
        work()
        self.start += time.monotonic() - begun

    @contextmanager
    def watch(self, task, share=1.0):
        """Raise OutOfTime when the block has used up this share of what is left of the budget."""
        end = self.spent + share * (self.seconds - self.spent)
        if self.spent >= self.seconds:
            raise OutOfTime
        # A bare lock, released when the work is done: OutOfTime may arrive between any two steps of Python, also within
        # an Event's, whose own lock would then stay locked.
        done, worker = threading.Lock(), threading.get_ident()
        done.acquire()
        watcher = threading.Thread(target=self._wait, args=(done, worker, task, end), daemon=True)
        with _asked_again():
            try:
                watcher.start()
            except RuntimeError:
                with self._looking(end):
                    yield
                return
            try:
                yield
            finally:
                # What was asked for too late arrives here. It can't be withdrawn instead: that leaves CPython 3.11
                # waiting for it, and under sys.settrace (a debugger, coverage) the next call then never starts.
                while True:
                    try:
                        if done.locked():
                            done.release()
                        watcher.join()
                        break
                    except OutOfTime:
                        pass

    @contextmanager
    def _looking(self, end):
        def look(*_):
            if self.spent >= end:
                raise OutOfTime

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _wait(self, done, worker, task, end):
        bar = None
        while not done.acquire(timeout=min(max(end - self.spent, 0.05), 0.25)):
            if self.spent >= end:
                raise_in(worker)
            if bar is None and self.spent > PATIENCE:
                bar = tqdm(
                    total=self.seconds, initial=min(self.spent, self.seconds), desc=task, leave=False, bar_format=BAR
                )
            if bar is not None:
                bar.update(min(self.spent, self.seconds) - bar.n)
        if bar is not None:
            bar.close()


@contextmanager
def _asked_again():
    """What arrives in a destructor or a callback of the garbage collector is lost there: it comes again a moment later,
    and Python has nothing to report."""
    before = sys.unraisablehook

    def hook(lost):
        if not issubclass(lost.exc_type, OutOfTime):
            before(lost)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


def raise_in(thread):
    """Have OutOfTime raised in another thread, at its next step."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(OutOfTime))
