"""A chain of a million scalar operations: time and memory an operation, and no recursion."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy

from .bench import Case, table
from .scalars import by_micrograd, loop, loop_by_hand
from .ways import HAND, OURS, by_adcourse, by_autograd, by_torch

WAYS = {
    OURS: by_adcourse,
    "micrograd": partial(by_micrograd, depth=sys.getrecursionlimit()),
    "autograd": by_autograd,
    "torch": by_torch,
}


def chain(x, n, np=numpy):
    """n operations: half of them multiplications, half additions."""
    return loop(x, 0.01, n // 2, np)


def entrants(n):
    hand = {HAND: lambda: loop_by_hand(0.99, 0.01, n // 2)}
    return hand | {name: way(partial(chain, n=n), (0.99,)) for name, way in WAYS.items()}


def bytes_an_operation(name, n):
    """How much the memory of this process grows at most during one call. For a new process: it never shrinks."""
    import resource  # not on Windows

    if (run := entrants(n)[name]) is None:
        return "not installed"
    entrants(100)[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        run()
    except Exception as error:
        return type(error).__name__
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit / n:.0f}"


def in_a_new_process(name, n):
    command = [sys.executable, "-m", "tests.benchmarks.chain", name, str(n)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    return run.stdout.strip() if run.returncode == 0 else "failed"


def cases(tiny=False):
    for n in (10, 100) if tiny else (10_000, 1_000_000):
        yield Case(f"n = {n:,}", entrants(n), reach=24, unit=n)


def main(tiny=False):
    rows = ["| bytes an operation | at the peak |", "| --- | ---: |"]
    for name in [OURS] if tiny else WAYS:
        print(f"Chain: memory of {name}", file=sys.stderr, flush=True)
        memory = in_a_new_process(name, 200_000)
        rows.append(f"| **{name}** | **{memory}** |" if name == OURS else f"| {name} | {memory} |")
    rows += ["| to reach | 250 |", ""]
    return "\n".join([table("Chain of scalar operations", cases(tiny), tiny), *rows])


if __name__ == "__main__":
    print(bytes_an_operation(sys.argv[1], int(sys.argv[2])) if sys.argv[1:] else main())
