"""Import time over NumPy's: a new interpreter imports NumPy, then the contestant, and takes one gradient."""

import subprocess
import sys
from statistics import median

from .bench import OURS, duration, peer

FIRST_USE = {
    OURS: "import adcourse; adcourse.grad(np.sin)(1.0)",
    "autograd": "import autograd, autograd.numpy as anp; autograd.grad(anp.sin)(1.0)",
    "jax": "import jax; jax.grad(jax.numpy.sin)(1.0)",
    "torch": "import torch; torch.sin(torch.tensor(1.0, requires_grad=True)).backward()",
}
MEASURE = """
import time, numpy as np
start = time.process_time()
{}
print(time.process_time() - start)
"""


def seconds(code):
    """The processor time of ``code`` in a new interpreter that has NumPy."""
    run = subprocess.run([sys.executable, "-c", MEASURE.format(code)], capture_output=True, text=True, check=True)
    return float(run.stdout)


def main(tiny=False):
    codes = {name: code for name, code in FIRST_USE.items() if name == OURS or not tiny}
    times = {name: [] for name in codes if name == OURS or peer(name)}
    for r in range(1 if tiny else 10):
        print(f"Import time: round {r + 1}", file=sys.stderr, flush=True)
        for name, samples in times.items():
            if r == 0:
                seconds(codes[name])  # from now on the files are in memory, and compiled
            if r < 4 or name == OURS:
                samples.append(seconds(codes[name]))
    rows = [f"| {name} | {duration(median(times[name])) if name in times else 'not installed'} |" for name in codes]
    head = ["| import and a first gradient | over NumPy |", "| --- | ---: |"]
    return "### Import time\n\n" + "\n".join([*head, *rows, "| to reach | 25 ms |"]) + "\n"


if __name__ == "__main__":
    print(main())
