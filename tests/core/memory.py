"""How much memory a run takes at most, in bytes."""

import gc
import tracemalloc


def peak(run):
    gc.collect()
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
