"""Processes that work for this one, on this machine."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing.connection
import multiprocessing.forkserver
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor


def _start(prepare: Callable, *args):
    """In each new process of ours: leave Ctrl-C to the parent, end when it ends, be ready before the first task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    prepare(*args)
    gc.freeze()  # what is imported by now stays


def _end_with(parent):
    multiprocessing.connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)


def fork_from(module: str):
    """Let the processes of every pool whose ``method`` is "forkserver" be forks of one that has imported this. It takes
    our way of finding modules, which before Python 3.13 multiprocessing gives to the forks alone."""
    before = os.environ.get("PYTHONPATH")
    multiprocessing.set_forkserver_preload([module])
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def bound_memory(addresses: int):
    """What needs more in this process gets a MemoryError, and nobody's machine runs out of memory. (Windows has no such
    limits.)"""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (addresses, resource.getrlimit(resource.RLIMIT_AS)[1]))


class Pool:
    """So many processes, each of which begins with ``prepare(*args)``. They are no forks of this one: whatever it holds
    open stays with it. ``method`` is "spawn" or "forkserver"."""

    def __init__(self, processes: int, method: str, prepare: Callable, *args):
        self.size, self._context, self._prepared = processes, multiprocessing.get_context(method), (prepare, *args)
        self._open()

    def _open(self):
        self._pool = ProcessPoolExecutor(self.size, self._context, _start, self._prepared)
        for _ in range(self.size):  # begin now to start, and not when there is something to do
            self._pool.submit(int)

    def submit(self, function: Callable, *args) -> Future:
        return self._pool.submit(function, *args)

    def renew(self):
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._open()

    def close(self, at_once: bool):
        if at_once:  # they are at work for nobody
            for process in list((self._pool._processes or {}).values()):
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
