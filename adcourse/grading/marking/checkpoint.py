"""The processes of a session, as the grader holds them: those that stand still, and number 1, which keeps order."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adcourse.grading.marking.hearing import greeted
from adcourse.grading.marking.process import Gone, Process
from adcourse.grading.marking.steps import Step
from adcourse.grading.marking.wire import Channel, Closed, Garbled, Late, pack_words, pair

_PATIENCE = 10.0  # seconds for what takes milliseconds


class Lost(Exception):
    """The session can't go on."""


@dataclass
class Checkpoint:
    """A process that stands still after the cells that it has run since it was forked."""

    channel: Channel
    pid: int
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0  # that they took

    def fork(self, end: float) -> Checkpoint:
        """A copy of it. Raises Closed, Late or Garbled."""
        ours, theirs = pair()
        deadline = min(time.monotonic() + _PATIENCE, end)
        try:
            with theirs:
                self.channel.send(b"C", deadline=deadline, fds=[theirs.fileno()])
            return Checkpoint(ours, greeted(ours, deadline))
        except BaseException:
            ours.close()
            raise


class Session:
    """A session, begun: ``first`` is its checkpoint before the first cell, with ``files`` in its current folder."""

    def __init__(self, process: Process, files: Mapping[str, bytes]):
        self._process = process
        self._keeper, keeper_inside = pair()
        first, first_inside = pair()
        with keeper_inside, first_inside:
            process.session(keeper_inside, first_inside)
        deadline = time.monotonic() + _PATIENCE
        try:
            self._keeper.receive(deadline)
            self.first = Checkpoint(first, greeted(first, deadline))
            for name, content in files.items():
                first.send(b"W", name.encode() + b"\0" + content, deadline)
        except (Closed, Late, Garbled) as error:
            first.close()
            self._keeper.close()
            raise Gone from error

    def sweep(self, keep: Sequence[int]) -> None:
        """End all that still runs but ``keep``."""
        deadline = time.monotonic() + _PATIENCE
        try:
            self._keeper.send(b"S", pack_words(keep=list(keep)), deadline)
            self._keeper.receive(deadline)
        except (Closed, Late, Garbled):
            raise Lost from None

    def go_on(self) -> None:
        """Whatever has been stopped goes on."""
        with contextlib.suppress(Closed, Late):
            self._keeper.send(b"G", deadline=time.monotonic() + 1)

    def close(self) -> bool:
        """When this returns, nothing of it is left. False if the server is gone."""
        self._keeper.close()
        return self._process.session_over()
