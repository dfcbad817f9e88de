"""The instant check beside Otter's: problem 6.1 with the same two questions, in a kernel's Python, progress kept."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from .bench import duration
from .ways import OURS, peer

RIGHT = "def grad_xyz(x, y, z):\n    return z, z, x + y\n"
WRONG = "def grad_xyz(x, y, z):\n    return 1, 1, x + y\n"
OTTERS_TEST = """
OK_FORMAT = True
test = {"name": "q1", "points": 1, "suites": [{"type": "doctest", "cases": [
    {"code": r'''>>> assert np.allclose(grad_xyz(-2.0, 5.0, -4.0), (-4.0, -4.0, 3.0)), "look at the local partials"''',
     "hidden": False, "locked": False},
    {"code": r'''>>> assert np.allclose(grad_xyz(1.5, -0.5, 2.0), (2.0, 2.0, 1.0)), "look at the local partials"''',
     "hidden": False, "locked": False}]}]}
"""
CHECKS = {
    OURS: ("import adcourse", "adcourse.check('6.1', grad_xyz)", "passed"),
    "otter": (
        "import otter; grader = otter.Notebook('notebook.ipynb', tests_dir='tests')",
        "grader.check('q1')",
        "grade == 1",
    ),
}
MEASURE = """
import time
start = time.process_time()
import numpy as np
numpys = time.process_time() - start
try:
    import IPython  # as in a notebook
except ImportError:
    pass
{right}
def page(result):
    return str(result) + result._repr_html_()
start = time.process_time()
{load}
page({check})
first = time.process_time() - start
def again():
    start = time.process_time()
    for _ in range(20):
        page(result := {check})
    return (time.process_time() - start) / 20, result
rights, result = again()
assert result.{passed}, result
{wrong}
wrongs, result = again()
assert not result.{passed}, result
print(numpys, first, rights, wrongs)
"""


def seconds(name):
    """Processor times, in a new interpreter: NumPy's import; then import and first check, a check passed, a check not
    passed, each with the text and the HTML of its result."""
    load, check, passed = CHECKS[name]
    code = MEASURE.format(right=RIGHT, wrong=WRONG, load=load, check=check, passed=passed)
    env = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "ADCOURSE_PROGRESS")
    }
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), env.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tests").mkdir()
        Path(folder, "tests", "q1.py").write_text(OTTERS_TEST, encoding="utf-8")
        Path(folder, "notebook.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
        run = subprocess.run(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=folder, env=env, check=True
        )
    return tuple(map(float, run.stdout.splitlines()[-1].split()))


def main(tiny=False):
    samples = {name: [] for name in CHECKS if name == OURS or (not tiny and peer(name))}
    for r in range(1 if tiny else 7):
        print(f"Instant check: round {r + 1}", file=sys.stderr, flush=True)
        for name, taken in samples.items():
            if r == 0:
                seconds(name)  # from now on the files are compiled, and in memory
            taken.append(seconds(name))
    times = {name: [median(column) for column in zip(*taken, strict=True)][1:] for name, taken in samples.items()}
    rows = ["|  | import and first check | a check, passed | a check, not passed |", "| --- | ---: | ---: | ---: |"]
    for name in CHECKS:
        cells = [duration(t) for t in times[name]] if name in times else ["not installed"] * 3
        rows.append(
            f"| **{name}** | **{'** | **'.join(cells)}** |" if name == OURS else f"| {name} | {' | '.join(cells)} |"
        )
    if "otter" in times:
        ratios = [f"{theirs / ours:.2g} times faster" for ours, theirs in zip(times[OURS], times["otter"], strict=True)]
        rows.append(f"| adcourse is | {' | '.join(ratios)} |")
    return "\n".join(["### Instant check", "", *rows, ""])


if __name__ == "__main__":
    print(main())
