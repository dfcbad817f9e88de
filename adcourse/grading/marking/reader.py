"""Reads what was handed in, in a process of its own: a file that takes too much memory or time to read ends that
process and not the grading, which then says so."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as Late
from pathlib import Path

from adcourse.grading.marking.intake import Found, find
from adcourse.grading.marking.pool import Pool, bound_memory

MEMORY = 2 << 30  # bytes of address space; a notebook of 200 MB can be read in it
SECONDS = 60.0

_frames: Mapping = {}


class Reader:
    """``Reader(frames).read(folder)``: for each released notebook the file that was handed in for it."""

    def __init__(self, frames: Mapping, seconds: float = SECONDS):
        self._frames, self._seconds = frames, seconds
        self._process = Pool(1, "spawn", _start, frames)

    def read(self, folder: Path) -> dict[str, Found]:
        future = self._process.submit(_read, folder)
        try:
            return future.result(self._seconds)
        except Late:
            why = f"took longer than {self._seconds:g} s to read"
        except (BrokenExecutor, MemoryError):
            why = "took more memory to read than there is"
        self._process.close(at_once=True)
        self._process = Pool(1, "spawn", _start, self._frames)
        return {
            name: Found("", b"", (f"What was handed in {why}: nothing of it was graded.",)) for name in self._frames
        }

    def close(self):
        self._process.close(at_once=True)


def _start(frames: Mapping):
    global _frames
    _frames = frames
    bound_memory(MEMORY)


def _read(folder: Path) -> dict[str, Found]:
    return find(folder, _frames)
