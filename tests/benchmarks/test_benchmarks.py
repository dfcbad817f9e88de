"""The benchmarks run, without peers too; all contestants compute the same; what must grow linearly does."""

import sys
import tracemalloc
from functools import partial
from importlib import import_module

import numpy as np
import pytest

from adcourse import value_and_grad

from . import bench, chain, import_time, indexing
from .__main__ import MARK, README, WORKS
from .ways import HAND, OURS, by_adcourse

PEERS = "autograd torch jax micrograd hyperjet algopy".split()
RACES = [work for work in WORKS if work != "import_time"]

pytestmark = pytest.mark.filterwarnings("ignore")  # peers may warn as they like


def load(work):
    return import_module(f".{work}", __package__)


@pytest.mark.parametrize("work", WORKS)
def test_runs_without_peers(work, monkeypatch):
    for name in PEERS:
        for module in [m for m in sys.modules if m == name or m.startswith(f"{name}.")] + [name]:
            monkeypatch.setitem(sys.modules, module, None)  # importing it now raises ImportError
    lines = load(work).main(tiny=True).splitlines()
    assert lines[0].startswith("### ")
    rows = {
        line.split("|")[1].strip(" *"): [c.strip(" *") for c in line.split("|")[2:-1]] for line in lines[2:] if line
    }
    assert all(cell == "—" or cell.split()[0].replace("e+", "").replace(".", "").isdigit() for cell in rows["adcourse"])
    others = [rows[name] for name in PEERS if name in rows]
    assert others and all(cell in ("not installed", "—") for cells in others for cell in cells)


@pytest.mark.parametrize("work", RACES)
def test_contestants_agree(work):
    """By hand and by every package that is installed: the same numbers as ours."""
    for case in load(work).cases(tiny=True):
        ours = case.compare(case.contestants[OURS]())
        assert ours.size and np.all(np.isfinite(ours)) and np.any(ours)
        tolerance = 1e-4 if "float32" in case.label else 1e-9
        for name, run in case.contestants.items():
            if run is not None:
                np.testing.assert_allclose(
                    case.compare(run()), ours, tolerance, tolerance, err_msg=f"{name}, {case.label}"
                )


def test_the_race_reports_each_contestant():
    calls = []
    runs = {HAND: lambda: calls.append("hand"), OURS: lambda: 1 / 0, "torch": None}
    case = bench.Case("case", runs | {"jax": lambda: calls.append("jax")})
    times = bench.race(case, rounds=1)
    assert list(times) == list(case.contestants)
    assert times[OURS] == "ZeroDivisionError" and times["torch"] == "not installed"
    assert calls[-2:] == ["hand", "jax"] and min(times[HAND], times["jax"]) >= 0


@pytest.mark.parametrize(
    "hand, ours, jax, verdict",
    [
        (1.0, 2.0, 3.0, "ahead of all"),
        (1.0, 2.0, 1.6, "behind jax (1.2 times)"),
        (1.0, 5.0, "not installed", "100 % above the aim; alone"),
        (1.0, 5.0, 4.0, "100 % above the aim; behind jax (1.2 times)"),
        (1.0, "NoRuleError", 4.0, "—"),
    ],
)
def test_verdict(hand, ours, jax, verdict):
    times = {HAND: hand, OURS: ours, "jax": jax, "jax, compiled": 0.1}
    assert bench._verdict(bench.Case("case", {}, reach=2.5), times) == verdict


def test_indexing_in_a_loop_is_linear():
    """64 times the elements take about 64 times as long; with an array of zeros for each x[i], over 250 times."""
    runs = {n: by_adcourse(indexing.squares, (np.linspace(-1.0, 1.0, n),)) for n in (1_000, 64_000)}
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(3):
        for n, run in runs.items():
            best[n] = min(best[n], bench.timed(run, 1))
    assert best[64_000] < 2 * 64 * best[1_000]


def test_a_long_chain_without_recursion():
    n = 100_000
    assert sys.getrecursionlimit() < n
    value, slope = chain.entrants(n)[OURS]()
    assert (value, slope) == pytest.approx(chain.entrants(n)[HAND](), rel=1e-12)


def test_bytes_an_operation():
    """The tape and its sweep, at their peak; counted by Python itself, so the same on every run."""
    run, n = value_and_grad(partial(chain.chain, n=20_000)), 20_000
    run(0.99)
    tracemalloc.start()
    run(0.99)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / n <= 250


def test_import_costs_less_than_numpy():
    """Import and first gradient; about a quarter of NumPy's import."""
    code = import_time.FIRST_USE[OURS]
    import_time.seconds(code)
    numpy, ours = map(min, zip(*(import_time.seconds(code) for _ in range(3)), strict=True))
    assert ours < numpy


def test_readme_has_the_mark_and_every_title():
    prose, mark, tables = README.read_text(encoding="utf-8").partition(MARK)
    assert mark and "python -m tests.benchmarks" in prose
    titles = [line for line in tables.splitlines() if line.startswith("### ")]
    assert len(titles) == len(WORKS)
