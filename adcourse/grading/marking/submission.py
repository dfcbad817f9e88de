"""One submission, as the grader sees it: cells run, checkpoints kept, questions put, whatever happens on the way.

This is the trusted side. It holds one end of a socket to each process of a session and believes none of them; its own
clock has the last word. What they say is heard in `hearing`; here is what follows from it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from adcourse.grading.marking import hearing
from adcourse.grading.marking.process import Gone, Process
from adcourse.grading.marking.steps import Asked, CellRun, Limits, Question, Ran, Settled, Step
from adcourse.grading.marking.wire import Channel, Closed, Garbled, Late, pack_words, pair
from adcourse.grading.plain import Plain

_PATIENCE = 10.0  # seconds for what takes milliseconds
_QUICK = 0.3  # seconds of cells that may have to be run twice, which costs less than a process for each cell


class _Lost(Exception):
    """The session can't go on."""


@dataclass
class _Checkpoint:
    """A process that stands still after the cells that it has run since it was forked."""

    channel: Channel
    pid: int
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0  # that they took


class Submission:
    def __init__(
        self, limits: Limits, process: Process, steps: list[Step], files: Mapping[str, bytes], settled: Settled
    ):
        self.limits, self.process, self.steps, self.files, self.settled = limits, process, steps, files, settled
        self.cells: dict[str, CellRun] = {}
        self.asked: dict[tuple[str, str], Asked] = {}
        self.notes: dict[str, None] = {}
        self.checkpoints: list[_Checkpoint] = []
        self.done: list[Step] = []  # cells whose effect the newest checkpoint has
        self.numbers = limits.numbers
        self.broken = False  # whether what ran last ended badly
        self.careful = False  # whether anything did
        self.keeper: Channel | None = None
        self.running: Channel | None = None  # to the process that was forked last

    def run(self) -> Ran:
        start = time.monotonic()
        self.process.start()
        self.end = time.monotonic() + self.limits.total
        settled: set[str] = set()
        try:
            self.open()
            for step in self.steps:
                if step.source is not None:
                    self.cells[step.key] = self.guarded(lambda step=step: self.cell(step), _SKIPPED_CELL)
                for question in step.questions:
                    if question.id not in settled:
                        asked = self.guarded(lambda question=question: self.question(question), _SKIPPED_ANSWER)
                        self.asked[step.key, question.id] = asked
                        if self.settled(question.id, asked):
                            settled.add(question.id)
        finally:
            self.close()
        return Ran(self.cells, self.asked, tuple(self.notes), time.monotonic() - start)

    def guarded(self, action, otherwise):
        """The action, in a new session if this one has come down; whatever brings it down again and again is left out,
        the cell that ran last first."""
        attempts = 0
        while time.monotonic() < self.end:
            try:
                return action()
            except _Lost:
                attempts += 1
                if attempts > 2:
                    if not self.done:
                        raise Gone("not even a new session can be forked") from None
                    self.left_out(self.done[-1].key)
                self.reopen()
        self.notes["The submission used all of its time"] = None
        return otherwise

    # --- the session -----------------------------------------------------------------------------------------------

    def open(self) -> None:
        self.keeper, keeper_inside = pair()
        first, first_inside = pair()
        with keeper_inside, first_inside:
            self.process.session(keeper_inside, first_inside)
        deadline = time.monotonic() + _PATIENCE
        try:
            self.keeper.receive(deadline)
            self.checkpoints = [_Checkpoint(first, hearing.greeted(first, deadline))]
            for name, content in self.files.items():
                first.send(b"W", name.encode() + b"\0" + content, deadline)
        except (Closed, Late, Garbled) as error:
            first.close()
            raise Gone from error

    def close(self) -> bool:
        """False if the server is gone."""
        for checkpoint in self.checkpoints:
            checkpoint.channel.close()
        self.checkpoints = []
        if self.running:
            self.running.close()
        if self.keeper:
            self.keeper.close()
            self.keeper = None
            return self.process.session_over()
        return True

    def reopen(self) -> None:
        """A new session, with the cells that did no harm run again."""
        self.careful = True
        self.notes["A cell brought the whole session down; the cells before it were run again"] = None
        if not self.close():
            raise Gone("it ended in the middle")
        self.open()
        done, self.done = self.done, []
        for step in done:
            with contextlib.suppress(_Lost):
                self.alone(step)

    def fork(self) -> tuple[Channel, int]:
        """A new process that is as the last good cell left things."""
        while self.checkpoints:
            try:
                return self.fork_of(self.checkpoints[-1])
            except (Closed, Late, Garbled):
                if self.broken or len(self.checkpoints) < 2:
                    break
                if len(self.checkpoints[-1].steps) > 1:
                    self.one_by_one()
                else:
                    self.spoilt(self.checkpoints.pop())
                    self.sweep()
        raise _Lost

    def fork_of(self, checkpoint: _Checkpoint) -> tuple[Channel, int]:
        ours, theirs = pair()
        deadline = min(time.monotonic() + _PATIENCE, self.end + 1)
        try:
            with theirs:
                checkpoint.channel.send(b"C", deadline=deadline, fds=[theirs.fileno()])
            pid = hearing.greeted(ours, deadline)
        except BaseException:
            ours.close()
            raise
        self.running = ours
        return ours, pid

    def spoilt(self, checkpoint: _Checkpoint) -> None:
        """A cell that seemed to end well, and after which nothing more can be run."""
        checkpoint.channel.close()
        self.left_out(checkpoint.steps[-1].key)

    def left_out(self, key: str) -> None:
        self.done = [step for step in self.done if step.key != key]
        if key in self.cells:
            self.cells[key] = CellRun("died", self.cells[key].outputs, "After this cell nothing more could be run.")
        self.notes["A cell left the session unusable; it was left out"] = None

    def sweep(self) -> None:
        """End all that still runs but the checkpoints."""
        deadline = time.monotonic() + _PATIENCE
        try:
            self.keeper.send(b"S", pack_words(keep=[checkpoint.pid for checkpoint in self.checkpoints]), deadline)
            self.keeper.receive(deadline)
        except (Closed, Late, Garbled):
            raise _Lost from None

    # --- a cell ----------------------------------------------------------------------------------------------------

    def cell(self, step: Step) -> CellRun:
        """Quick cells share a process until one of them ends badly. Nobody knows whose fault that is: they are run
        again, and from then on each in a process of its own."""
        latest = self.checkpoints[-1] if self.checkpoints else None
        if self.careful or not latest or not latest.steps or latest.seconds > _QUICK:
            return self.alone(step)
        run, process = self.attempt(step, latest)
        if process:
            self.done.append(step)
            return run
        self.one_by_one()
        if run.status == "timeout":  # it has had its time
            self.broken = True
            return run
        return self.alone(step)

    def one_by_one(self) -> None:
        """From the last checkpoint but one, the cells of the last one again."""
        self.careful = self.broken = True
        spoilt = self.checkpoints.pop()
        spoilt.channel.close()
        again = list(spoilt.steps)
        self.done = [step for step in self.done if step not in again]
        try:
            self.sweep()
            while again:
                self.cells[again[0].key] = self.alone(again[0])
                del again[0]
        except _Lost:
            self.done += again
            self.reopen()

    def alone(self, step: Step) -> CellRun:
        """Run it in a process of its own, which becomes a checkpoint if it ends well."""
        run, process = self.attempt(step)
        if run.status == "broken" and len(self.checkpoints) > 1:
            # The shell failed, not the cell. If it works as it was one cell earlier, that cell has broken it.
            latest = self.checkpoints.pop()
            run, process = self.attempt(step)
            if run.status == "broken":
                self.checkpoints.append(latest)
            else:
                self.spoilt(latest)
        self.broken = process is None
        if self.broken:
            run = run._replace(status="died") if run.status == "broken" else run
            self.cells[step.key] = run
            self.sweep_or_reopen()
        else:
            self.checkpoints.append(process)
            self.done.append(step)
            for old in self.checkpoints[:-2]:
                old.channel.close()
            del self.checkpoints[:-2]
        return run

    def attempt(self, step: Step, process: _Checkpoint | None = None) -> tuple[CellRun, _Checkpoint | None]:
        """Run it in that process, or a new one, which is given back if it could go on from there."""
        shared, process = process is not None, process or _Checkpoint(*self.fork())
        start = time.monotonic()
        # The session's own clock strikes first, and leaves what the cell had defined; this one is for who silenced it.
        deadline = min(start + 1.5 * self.limits.cell + 0.5, self.end)
        said = hearing.cell(process.channel, step.source, self.limits, deadline)
        if said.garbled:
            self.notes[f"A cell sent what no session sends: {said.garbled}"] = None
        if not said.certain:
            process.seconds += _QUICK
            said = said._replace(status="broken") if shared else said
        if not said.goes_on:
            process.channel.close()
            return said.run(self.limits), None
        process.steps.append(step)
        process.seconds += time.monotonic() - start
        return said.run(self.limits), process

    def sweep_or_reopen(self) -> None:
        try:
            self.sweep()
        except _Lost:
            self.reopen()

    # --- a question ------------------------------------------------------------------------------------------------

    def question(self, question: Question) -> Asked:
        channel, _ = self.fork()
        deadline = min(time.monotonic() + self.limits.question, self.end)
        asked, garbled = hearing.answers(channel, question, self.numbers, deadline)
        channel.close()
        self.numbers -= sum(len(answer.numbers) for answer in asked.answers if isinstance(answer, Plain))
        if garbled:
            self.notes[f"An answer was no answer: {garbled}"] = None
        self.broken = bool(asked.lost)
        if self.broken:
            self.sweep_or_reopen()
        return asked


_SKIPPED_CELL = CellRun("skipped", [], "This cell was not run: the cells before it had used all the time there is.")
_SKIPPED_ANSWER = Asked(False, [], "skipped")
