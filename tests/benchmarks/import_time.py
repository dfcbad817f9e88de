"""Import time over NumPy's: a new interpreter imports NumPy, then the contestant, and takes one gradient."""

import os
import subprocess
import sys
from statistics import median

from .bench import duration
from .ways import OURS, peer

FIRST_USE = {
    OURS: "import adcourse; adcourse.grad(np.sin)(1.0)",
    "autograd": "import autograd, autograd.numpy as anp; autograd.grad(anp.sin)(1.0)",
    "jax": "import jax; jax.grad(jax.numpy.sin)(1.0)",
    "torch": "import torch; torch.sin(torch.tensor(1.0, requires_grad=True)).backward()",
}
MEASURE = """
import time
start = time.process_time()
import numpy as np
middle = time.process_time()
{}
print(middle - start, time.process_time() - middle)
"""


def seconds(code):
    """The processor times of NumPy's import and then of ``code``, in a new interpreter that may keep compiled files."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", MEASURE.format(code)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return tuple(map(float, run.stdout.split()))


def main(tiny=False):
    times = {name: [] for name in FIRST_USE if name == OURS or (not tiny and peer(name))}
    for r in range(1 if tiny else 10):
        print(f"Import time: round {r + 1}", file=sys.stderr, flush=True)
        for name, samples in times.items():
            if r == 0:
                seconds(FIRST_USE[name])  # from now on the files are compiled, and in memory
            if r < 4 or name == OURS:
                samples.append(seconds(FIRST_USE[name]))
    rows = ["| import and a first gradient | over NumPy |", "| --- | ---: |"]
    rows.append(f"| NumPy itself | {duration(median(numpy for numpy, _ in times[OURS]))} |")
    for name in FIRST_USE:
        cell = duration(median(own for _, own in times[name])) if name in times else "not installed"
        rows.append(f"| **{name}** | **{cell}** |" if name == OURS else f"| {name} | {cell} |")
    return "\n".join(["### Import time", "", *rows, "| to reach | 25 ms |", ""])


if __name__ == "__main__":
    print(main())
