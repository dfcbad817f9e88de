"""One submission graded, in whatever process: that needs the installed package and what the task carries, no folder of
the course, and writes nothing."""

from __future__ import annotations

import hashlib
import multiprocessing.util
import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from adcourse import __version__
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.mark import mark
from adcourse.grading.marking.report import Report
from adcourse.grading.marking.runner import Runner


class Handed(NamedTuple):
    """One notebook of a submission: the released frame, the bytes handed in, and what to say about them."""

    frame: Frame
    content: bytes
    notes: tuple[str, ...] = ()


class Task(NamedTuple):
    """All that is needed to grade one submission, anywhere."""

    student: str
    assignment: str
    notebooks: tuple[Handed, ...]
    files: Mapping[str, bytes]  # data that was released with the notebooks
    seed: int
    digest: str
    engine: str
    preload: tuple[str, ...] = ("numpy",)  # what the notebooks import


class Done(NamedTuple):
    """A submission graded: its reports, and the notebooks to show, by name."""

    student: str
    reports: list[Report]
    notebooks: dict[str, bytes]


class Failed(NamedTuple):
    """A submission that could not be graded, and why. It says something about the grader, not about the student."""

    student: str
    why: str


@cache
def engine() -> str:
    """The version of all code that a score depends on."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return f"adcourse {__version__} ({digest.hexdigest()[:10]})"


def work(task: Task) -> Done:
    """Grade one submission, in this process."""
    if task.engine != engine():
        raise RuntimeError(f"this worker has {engine()}, the grading is by {task.engine}: install the same version")
    done = Done(task.student, [], {})
    for handed in task.notebooks:
        missing = handed.notes[-1] if handed.notes else ""
        report, notebook = mark(handed.frame, handed.content, runner(task.preload), task.seed, task.files, missing)
        about = {"assignment": task.assignment, "student": task.student, "digest": task.digest, "engine": task.engine}
        done.reports.append(replace(report, **about, notes=(*handed.notes, *report.notes)))
        done.notebooks[handed.frame.notebook] = notebook
    return done


_ours = threading.local()  # a Dask worker may grade in several threads


def runner(preload: tuple[str, ...], door: socket.socket | None = None) -> Runner:
    """The runner of this thread, warm, which ends with its process. ``door`` leads to a server that others use too."""
    runners = _ours.__dict__
    if kept := [runners[other] for other in runners if set(preload) <= set(other)]:
        return kept[0]
    for other in list(runners):
        runners.pop(other).close()
    runners[preload] = Runner(preload=preload, door=door)
    runners[preload].__enter__()
    multiprocessing.util.Finalize(runners[preload], Runner.close, (runners[preload],), exitpriority=10)
    return runners[preload]
