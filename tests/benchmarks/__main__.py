"""``python -m tests.benchmarks``: run every work, each in a new interpreter, and write the tables of README.md."""

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

README = Path(__file__).with_name("README.md")
MARK = "<!-- measured: below this line is what `python -m tests.benchmarks` writes -->"
WORKS = "scalars rosenbrock replay mlp logistic vmap linalg chain nested sparse implicit taylor ode".split()
WORKS += "differences indexing import_time instant_check".split()
PACKAGES = "numpy autograd torch jax micrograd hyperjet algopy scipy heyoka casadi numdifftools".split()


def processor():
    """The kind of machine, not its name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name")) + ", "
    except (OSError, StopIteration):
        model = ""
    return f"{model}{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"


def packages():
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} not installed"


def measure(work):
    """The table that one work prints, or why there is none."""
    start = time.monotonic()
    command = [sys.executable, "-m", f"tests.benchmarks.{work}"]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=README.parents[2])
    print(f"--- {work}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return run.stdout.strip() if run.returncode == 0 else f"### {work}\n\nIt failed, with status {run.returncode}."


def main():
    prose = README.read_text(encoding="utf-8").partition(MARK)[0]
    machine = f"Python {platform.python_version()}; {', '.join(packages())}. {processor()}."
    tables = [measure(work) for work in sys.argv[1:] or WORKS]
    text = "\n\n".join([prose + MARK, machine, *tables]) + "\n"
    if not sys.argv[1:]:
        README.write_text(text, encoding="utf-8")
    print("\n\n".join([machine, *tables]))


if __name__ == "__main__":
    main()
