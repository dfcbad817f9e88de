"""A budget leaves the thread as it found it, also where the end of the work and the end of the budget meet."""

import gc
import subprocess
import sys
import time
import weakref

import pytest

from adcourse.methods.budget import Budget, OutOfTime

RACE = """
import sys, time
from adcourse.methods.budget import Budget, OutOfTime

sys.settrace(lambda frame, event, arg: None)  # as a debugger does, or coverage
stopped, pieces = 0, 240
for k in range(pieces):
    try:
        with Budget(0.05).watch("race"):
            end = time.monotonic() + 0.045 + k % 24 * 1e-3
            while time.monotonic() < end:
                pass
    except OutOfTime:
        stopped += 1
for k in range(1000):
    (lambda: k)()
assert 0 < stopped < pieces, stopped
print("free")
"""


@pytest.mark.slow
def test_nothing_arrives_after_the_end():
    """Work that ends when its budget does, under a tracing function: nothing hangs, nothing is left over."""
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "free", done.stderr[-2000:]


def busy(seconds=0.005):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def in_a_callback_of_the_collector():
    gc.callbacks.append(callback := lambda phase, info: busy())
    try:
        gc.collect(0)
    finally:
        gc.callbacks.remove(callback)


class Slow:
    def __del__(self):
        busy()


def in_a_callback_of_a_weak_reference():
    thing = {"a set can have weak references"}
    kept = weakref.ref(thing, lambda _: busy())
    del thing
    assert kept() is None


def endless(lost):
    with Budget(0.02).watch("work"):
        while True:
            busy()
            lost()


@pytest.mark.parametrize("lost", [in_a_callback_of_the_collector, Slow, in_a_callback_of_a_weak_reference])
def test_where_python_drops_an_exception_it_is_asked_for_again(lost, monkeypatch):
    """Half of the work is where Python drops whatever is raised; and nothing is reported of it."""
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: reported.append(lost.exc_type))
    for _ in range(5):
        with pytest.raises(OutOfTime):
            endless(lost)
    assert reported == []
    outside = sys.unraisablehook
    with Budget(1).watch("work"):
        type("Broken", (), {"__del__": lambda self: 1 / 0})()
    assert reported == [ZeroDivisionError]  # an error of somebody else's is
    assert sys.unraisablehook is outside
