"""Many submissions on many processes: on this machine, or on the workers of a Dask scheduler.

A process that dies costs no submission: what it was at is done again.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

import click

from adcourse.grading.marking.compartment import mapped
from adcourse.grading.marking.pool import Pool, bound_memory, fork_from
from adcourse.grading.marking.process import WINDOWS, Server, shareable
from adcourse.grading.marking.steps import Limits
from adcourse.grading.marking.work import Done, Failed, Task, runner, work

ROOM = 2 << 30  # bytes of memory for judging, beside what a process begins with
TRIES = 2  # a submission that so many processes died of, alone, is not tried again
DIED = "each process that graded it died: is there enough memory?"


def _ready(preload: tuple[str, ...], door: socket.socket | None):
    runner(preload, door)
    bound_memory(mapped() + ROOM)  # a function of ours, called with what a student made, may ask for any amount


class Here(Pool):
    """Processes on this machine: forks of one that has imported what grades. Where they can, they share a server that
    has imported ``preload``; it starts beside them."""

    def __init__(self, processes: int, preload: tuple[str, ...]):
        if os.name == "nt":
            raise click.ClickException(WINDOWS)
        self._server = Server(Limits(), preload, "nested") if shareable(processes) else None
        fork_from(work.__module__)
        super().__init__(processes, "forkserver", _ready, preload, self._server and self._server.door.sock)

    def close(self, at_once: bool):
        super().close(at_once)
        if self._server:
            self._server.stop()

    def __str__(self):
        return f"{self.size} process{'es' if self.size > 1 else ''} here"


class Dask:
    """The workers of a Dask scheduler, wherever they are."""

    PATIENCE = "20s"

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError:
            raise click.ClickException(
                'grading on many machines needs Dask: pip install "adcourse[cluster]", here and on the workers'
            ) from None
        try:
            self._client = Client(address, timeout=self.PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise click.ClickException(
                f"no Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`, and on each "
                "machine `dask worker ADDRESS --nthreads 1`; ADDRESS is what the scheduler prints: tcp://10.0.0.1:8786"
            ) from None
        self._pool = self._client.get_executor(pure=False)
        if not self._client.nthreads():
            click.echo("The scheduler has no workers yet: waiting for the first ...", err=True)
            self._client.wait_for_workers(1)

    @property
    def size(self) -> int:
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, function: Callable, task: Task) -> Future:
        return self._pool.submit(function, task)

    def renew(self):
        """The scheduler has found other workers."""

    def close(self, at_once: bool):
        self._pool.shutdown(wait=False)
        self._client.close()

    def __str__(self):
        found = self._client.nthreads()
        return f"{len(found)} Dask worker{'s' if len(found) != 1 else ''}"


def graded(tasks: Iterable[Task], crew, tick: Callable[[], None], function: Callable = work) -> Iterator[Done | Failed]:
    """Do all tasks, in any order; call ``tick`` every second. Few are read ahead: not all submissions are in memory.

    When a process dies, nobody knows of whose code: all that was under way is done again, one at a time, so that
    nobody fails for another.
    """
    tasks, suspects, deaths = iter(tasks), [], Counter()
    under_way: dict[Future, Task] = {}
    while True:
        if suspects and not under_way:
            task = suspects.pop()
            under_way[_submit(crew, function, task)] = task
        while not suspects and len(under_way) < 2 * crew.size and (task := next(tasks, None)):
            under_way[_submit(crew, function, task)] = task
        if not under_way:
            return
        finished, _ = wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED)
        tick()
        lost = []
        for future in finished:
            task = under_way.pop(future)
            try:
                yield future.result()
            except BrokenExecutor:
                lost.append(task)
            except (Exception, CancelledError) as error:
                yield Failed(task.student, _why(error))
        if lost:
            lost += under_way.values()
            under_way.clear()
            crew.renew()
            if len(lost) == 1:
                deaths[lost[0].student] += 1
            suspects += [task for task in lost if deaths[task.student] < TRIES]
            yield from (Failed(task.student, DIED) for task in lost if deaths[task.student] >= TRIES)


def _submit(crew, function: Callable, task: Task) -> Future:
    try:
        return crew.submit(function, task)
    except BrokenExecutor as error:  # a process has died since
        future = Future()
        future.set_exception(error)
        return future


def _why(error: BaseException) -> str:
    if type(error).__name__ == "KilledWorker":  # Dask's, which has tried it on several workers
        return DIED
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
