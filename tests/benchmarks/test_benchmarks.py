"""The benchmarks run, without peers too; all contestants compute the same; what must grow linearly does."""

import sys
import tracemalloc
from functools import partial
from importlib import import_module

import mpmath
import numpy as np
import pytest

from adcourse import sparse_jacobian, value_and_grad

from . import bench, chain, differences, import_time, indexing, instant_check, ode, sparse, taylor
from .__main__ import MARK, README, WORKS
from .ways import HAND, OURS, by_adcourse

PEERS = "autograd torch jax micrograd hyperjet algopy scipy heyoka casadi numdifftools otter".split()
ROWS = [*PEERS, "jet", "DOP853", "heyoka, compiled"]
RACES = [work for work in WORKS if work not in ("import_time", "instant_check")]

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
        line.split("|")[1].strip(" *"): [c.strip(" *") for c in line.split("|")[2:-1]]
        for line in lines[2:]
        if line.startswith("|")
    }
    assert all(cell == "—" or cell.split()[0].replace("e+", "").replace(".", "").isdigit() for cell in rows["adcourse"])
    others = [rows[name] for name in ROWS if name in rows]
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


@pytest.mark.parametrize(
    "algopy, verdict", [(5.0, "5 times faster than algopy; ahead of all"), ("not installed", "alone")]
)
def test_aims_against_a_peer(algopy, verdict):
    case = bench.Case("case", {}, faster=("algopy", 10))
    assert bench._aim(case) == "10 times faster than algopy"
    assert bench._verdict(case, {HAND: 0.5, OURS: 1.0, "algopy": algopy, "jet, compiled": 0.1}) == verdict


def test_a_contestant_may_say_why_it_is_missing():
    case = bench.Case("case", {HAND: int, OURS: int, "jax": "over 60 s"})
    assert bench.race(case, rounds=1)["jax"] == "over 60 s"


def test_taylor_coefficients_cost_the_square_of_the_order():
    """Four times the order: 16 times the time, or less; summing each product over all orders anew, 64 times."""
    (short, long), _ = taylor.growth((100, 400), times=3)
    assert long < 2 * 16 * short


def test_reference_to_fifty_digits():
    """Another method's solution after a short time; and at the end, what the equations conserve."""
    start = [10.0, 5.0]
    other = mpmath.odefun(lambda t, state: ode.lotka_volterra(state), 0, [mpmath.mpf(y) for y in start])(0.5)
    assert ode.to_fifty_digits(start, 0.5) == pytest.approx([float(y) for y in other], rel=1e-14)
    conserved = lambda x, y: x - 3.0 * np.log(x) + y - 1.5 * np.log(y)
    assert conserved(*ode.to_fifty_digits(start, 15.0)) == pytest.approx(conserved(*start), rel=1e-14)


def test_what_difference_methods_say_of_their_errors():
    """Ours is within the error it says, with noise too, and finds no slope at the kink."""
    for label, (f, x, slope) in differences.PROBLEMS.items():
        error, said, evaluations = differences.outcome("richardson", f, x, slope)
        assert 0 < evaluations < 100, label
        assert error is None if slope is None else error <= said < 1e-3, label
        if slope is not None and "noise" not in label:
            assert said < 1e-11, label


def test_what_the_final_errors_are():
    """DOP853 with tolerances of 1e-12 has about the final error that all are tuned to."""
    for label, problem, error, _ in ode.problems():
        end = ode.dop853(problem, 1e-12)()
        assert error / 3 < np.max(np.abs(end - problem.end)) <= 2 * error, label


def test_indexing_in_a_loop_is_linear():
    """64 times the elements take about 64 times as long; with an array of zeros for each x[i], over 250 times."""
    runs = {n: by_adcourse(indexing.squares, (np.linspace(-1.0, 1.0, n),)) for n in (1_000, 64_000)}
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(3):
        for n, run in runs.items():
            best[n] = min(best[n], bench.timed(run, 1))
    assert best[64_000] < 2 * 64 * best[1_000]


def test_a_sparse_jacobian_is_linear_from_the_first_call_on():
    """Pattern, colours and entries: 16 times the unknowns take about 16 times as long; a dense Jacobian, 256 times."""
    points = {n: np.linspace(-1.0, 1.0, n) for n in (4_000, 64_000)}
    best = dict.fromkeys(points, float("inf"))
    for _ in range(3):
        for n, x in points.items():
            best[n] = min(best[n], bench.timed(lambda x=x: sparse_jacobian(sparse.broyden)(x), 1))
    assert best[64_000] < 4 * 16 * best[4_000]  # more data than fits into a cache takes its time


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


def test_the_first_instant_check_costs_less_than_numpy():
    """The package, the problems of one assignment, a check and both forms of its result; then each check far less."""
    instant_check.seconds("adcourse")
    numpy, first, *further = map(min, zip(*(instant_check.seconds("adcourse") for _ in range(3)), strict=True))
    assert first < numpy
    assert max(further) < numpy / 5


def test_readme_has_the_mark_and_every_title():
    prose, mark, tables = README.read_text(encoding="utf-8").partition(MARK)
    assert mark and "python -m tests.benchmarks" in prose
    titles = [line for line in tables.splitlines() if line.startswith("### ")]
    assert len(titles) == len(WORKS)
