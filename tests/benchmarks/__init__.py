"""Benchmarks: adcourse beside derivatives written by hand and beside its peers. See README.md.

Everything runs on one thread. NumPy and the peers read these settings when they are imported, so they stand here.
"""

import os

os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
