"""The package does with what Python in a browser has. tests/browser/test_lite.py opens the site itself."""

import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

IN_THE_BROWSER = {"numpy", "sympy", "matplotlib", "ipywidgets", "anywidget", "tqdm"}  # of all that the package names

# Pyodide has no threads and no processes, of the packages those alone, and a clock that goes in tenths of milliseconds.
POOR = """
import sys, time, _thread

fine = time.perf_counter
time.perf_counter = lambda: fine() // 1e-4 * 1e-4

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        missing = name.partition(".")[0] in {missing}
        return None if missing else self.finder.find_spec(name, path, target)

def refuse(*_, **__):
    raise RuntimeError("can't start new thread")

sys.meta_path[:] = map(Without, sys.meta_path)
_thread.start_new_thread = _thread.start_joinable_thread = refuse
import threading
threading._start_new_thread = threading._start_joinable_thread = refuse
"""
COURSE = """
import numpy as np, sympy as sp, adcourse as ad, adcourse.widgets
from adcourse.methods.budget import Budget, OutOfTime
from adcourse.methods.formulas import lambdify

for place in (ad, adcourse.widgets):
    for name in place.__all__:
        getattr(place, name)
print(ad.compare(lambda x: x * np.sin(x), 1.0))
growth = ad.compare(np.prod, np.array([1.1, 0.9]), methods="tape").cost(sizes=(2, 3))
assert growth["tape"].at == [2, 3] and min(growth["tape"].seconds) > 0, growth
x = sp.Symbol("x", real=True)
assert lambdify(sp.diff(sp.exp(2 * x), x), x)(0.0) == 2
start = time.monotonic()
try:
    with Budget(0.2).watch("a formula that explodes"):
        while True:
            sp.diff(sp.sin(x) ** 9, x)
except OutOfTime:
    print("stopped", sys.getprofile(), time.monotonic() - start < 10)
with Budget(60).watch("what is done in time"):
    print("done")

def fd(f, x, h, kind):
    if kind not in ("forward", "central"):
        raise ValueError(kind)
    return (f(x + h) - f(x)) / h if kind == "forward" else (f(x + h) - f(x - h)) / (2 * h)

assert ad.check("1.1", fd) and not ad.check("1.1", lambda f, x, h, kind: 1.0)
print(adcourse.widgets.SweepStepper(lambda a: a * a, 3.0).adjoints)
"""


@pytest.fixture(scope="module")
def poor(repository) -> str:
    """Python that makes an interpreter as poor as a browser's."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    missing = {Requirement(line).name.replace("-", "_") for line in named} - IN_THE_BROWSER
    return POOR.format(missing=missing - {"mpmath", "packaging"} | {"sklearn", "_multiprocessing", "resource", "fcntl"})


def test_the_package_does_with_what_a_browser_has(poor):
    run = subprocess.run([sys.executable, "-c", poor + COURSE], capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr[-3000:]
    assert "stopped None True" in run.stdout and "done" in run.stdout and "'a': 6.0" in run.stdout
