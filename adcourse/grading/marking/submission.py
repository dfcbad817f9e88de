"""One submission, as the grader sees it: cells run, checkpoints kept, questions put, whatever happens on the way.

This is the trusted side. It holds one end of a socket to each process of a session and believes none of them; its own
clock has the last word. What they say is heard in `hearing`; here is what follows from it.

Where a question is to be put, a process is forked and stands still until all cells have run. A cell that came after a
question could print what was asked: a question's process can leave it in a file or in memory that it shares.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

from adcourse.grading.marking import hearing
from adcourse.grading.marking.checkpoint import Checkpoint, Lost, Session
from adcourse.grading.marking.process import Gone, Process
from adcourse.grading.marking.steps import Asked, CellRun, Limits, Question, Ran, Settled, Step
from adcourse.grading.marking.wire import Channel, Closed, Garbled, Late
from adcourse.grading.plain import Plain

_QUICK = 0.3  # seconds of cells that may have to be run twice, which costs less than a process for each cell


class Submission:
    """``at_once`` puts each question where it stands, before the next cell runs: what cells then show is not to be
    shown to anybody."""

    def __init__(
        self,
        limits: Limits,
        process: Process,
        steps: list[Step],
        files: Mapping[str, bytes],
        settled: Settled,
        at_once: bool = False,
    ):
        self.limits, self.process, self.steps, self.files, self.settled = limits, process, steps, files, settled
        self.at_once = at_once
        self.cells: dict[str, CellRun] = {}
        self.asked: dict[tuple[str, str], Asked] = {}
        self.notes: dict[str, None] = {}
        self.checkpoints: list[Checkpoint] = []
        self.done: list[Step] = []  # cells whose effect the newest checkpoint has
        self.waiting: dict[tuple[str, str], tuple[Question, Checkpoint | None]] = {}
        self.passed: set[str] = set()  # questions that need not be put again
        self.numbers = limits.numbers
        self.broken = False  # whether what ran last ended badly
        self.careful = False  # whether anything did
        self.session: Session | None = None
        self.running: Checkpoint | None = None  # what was forked last

    def run(self) -> Ran:
        start = time.monotonic()
        self.process.start()
        self.end = time.monotonic() + self.limits.total
        try:
            self.open()
            for step in self.steps:
                if step.source is not None:
                    self.cells[step.key] = self.guarded(lambda step=step: self.cell(step), _SKIPPED_CELL)
                for question in step.questions:
                    self.waiting[step.key, question.id] = question, self.guarded(self.fork, None)
                if self.at_once:
                    self.ask()
            # Endless cells must not take the answers' time; the other way round, nothing is left to lose.
            self.end = max(self.end, time.monotonic() + self.limits.total / 2)
            self.ask()
        finally:
            self.close()
        if not self.at_once:
            self.ask_again()
        return Ran(self.cells, self.asked, tuple(self.notes), time.monotonic() - start)

    def guarded(self, action, otherwise):
        """The action, in a new session if this one has come down; whatever brings it down again and again is left out,
        the cell that ran last first."""
        attempts = 0
        while time.monotonic() < self.end:
            try:
                return action()
            except Lost:
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
        self.session = Session(self.process, self.files)
        self.checkpoints = [self.session.first]

    def close(self) -> bool:
        """False if the server is gone."""
        for process in (*self.checkpoints, *(process for _, process in self.waiting.values()), self.running):
            if process:
                process.channel.close()
                process.pid = 0  # in another session the number is somebody else's
        session, self.session, self.checkpoints = self.session, None, []
        return session.close() if session else True

    def reopen(self) -> None:
        """A new session, with the cells that did no harm run again."""
        self.careful = True
        self.notes["A cell brought the whole session down; the cells before it were run again"] = None
        if not self.close():
            raise Gone("it ended in the middle")
        self.open()
        done, self.done = self.done, []
        for step in done:
            with contextlib.suppress(Lost):
                self.alone(step)

    def fork(self) -> Checkpoint:
        """A new process that is as the last good cell left things."""
        while self.checkpoints:
            try:
                self.running = self.checkpoints[-1].fork(self.end + 1)
                return self.running
            except (Closed, Late, Garbled):
                if self.broken or len(self.checkpoints) < 2:
                    break
                if len(self.checkpoints[-1].steps) > 1:
                    self.one_by_one()
                else:
                    self.spoilt(self.checkpoints.pop())
                    self.sweep()
        raise Lost

    def spoilt(self, checkpoint: Checkpoint) -> None:
        """A cell that seemed to end well, and after which nothing more can be run."""
        checkpoint.channel.close()
        self.left_out(checkpoint.steps[-1].key)

    def left_out(self, key: str) -> None:
        self.done = [step for step in self.done if step.key != key]
        if key in self.cells:
            self.cells[key] = CellRun("died", self.cells[key].outputs, "After this cell nothing more could be run.")
        self.notes["A cell left the session unusable; it was left out"] = None

    def sweep(self) -> None:
        """End all that still runs but the checkpoints and what waits for its question."""
        waiting = [process for _, process in self.waiting.values() if process]
        self.session.sweep([process.pid for process in (*self.checkpoints, *waiting)])

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
        except Lost:
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

    def attempt(self, step: Step, process: Checkpoint | None = None) -> tuple[CellRun, Checkpoint | None]:
        """Run it in that process, or a new one, which is given back if it could go on from there."""
        shared, process = process is not None, process or self.fork()
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
        except Lost:
            self.reopen()

    # --- a question ------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Put the questions that wait."""
        if not self.at_once:
            with contextlib.suppress(Lost):
                self.sweep()  # what cells have left running
        while self.waiting:
            place = next(iter(self.waiting))
            question, process = self.waiting.pop(place)
            if question.id not in self.passed:
                self.asked[place] = self.question(question, process.channel) if process else _SKIPPED_ANSWER
                if self.settled(question, self.asked[place]):
                    self.passed.add(question.id)
            if process:
                process.channel.close()

    def question(self, question: Question, channel: Channel) -> Asked:
        self.session.go_on()  # whoever was asked before may have stopped all
        deadline = min(time.monotonic() + self.limits.question, self.end)
        asked, garbled = hearing.answers(channel, question, self.numbers, deadline)
        self.numbers -= sum(len(answer.numbers) for answer in asked.answers if isinstance(answer, Plain))
        if garbled:
            self.notes[f"An answer was no answer: {garbled}"] = None
        self.broken = bool(asked.lost)
        if self.broken:
            with contextlib.suppress(Lost):
                self.sweep()
        return asked

    def ask_again(self) -> None:
        """A process that waited may have been killed, by a cell that came later or while another question was put.
        What never began to answer is asked once more, in a session of its own."""
        lost = {place for place, asked in self.asked.items() if asked.lost == "died" and not asked.answers}
        lost = {place for place in lost if place[1] not in self.passed}
        steps = [s._replace(questions=tuple(q for q in s.questions if (s.key, q.id) in lost)) for s in self.steps]
        if lost:
            half = self.limits._replace(total=self.limits.total / 2)
            again = Submission(half, self.process, steps, self.files, self.settled, at_once=True)
            again.numbers, again.passed = self.numbers, self.passed
            again.run()
            self.asked |= {place: asked for place, asked in again.asked.items() if asked.lost != "skipped"}
            self.notes |= again.notes


_SKIPPED_CELL = CellRun("skipped", [], "This cell was not run: the cells before it had used all the time there is.")
_SKIPPED_ANSWER = Asked(False, [], "skipped")
