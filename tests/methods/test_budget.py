"""A budget leaves the thread as it found it, also where the end of the work and the end of the budget meet."""

import subprocess
import sys

import pytest

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
