"""Runs a submission's cells, puts the questions, and gives back what was said: see `Runner`.

This is the trusted side. It holds one end of a socket to each process of a session and believes none of them; its own
clock has the last word.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from adcourse.grading.marking.process import Gone, Process
from adcourse.grading.marking.wire import (
    Channel,
    Closed,
    Garbled,
    Late,
    Outputs,
    pack_plain,
    pack_words,
    pair,
    unpack_call,
    unpack_complaint,
    unpack_plain,
    unpack_words,
)
from adcourse.grading.meters import Meter, Running
from adcourse.grading.plain import LIMIT, Complaint, Plain

PRELOAD = ("numpy", "matplotlib.pyplot", "sympy", "scipy", "scipy.linalg", "scipy.optimize", "ipywidgets", "adcourse")
_PATIENCE = 10.0  # seconds for what takes milliseconds
_ANSWERS = 500  # more than any problem asks for


class Limits(NamedTuple):
    """Seconds for a cell, for a question, for a submission; bytes of memory and of files; characters that a cell may
    show, bytes of its pictures; processes and threads at a time; numbers in all answers together."""

    cell: float = 10.0
    question: float = 10.0
    total: float = 60.0
    memory: int = 1500 << 20
    disk: int = 64 << 20
    output: int = 64_000
    images: int = 1 << 20
    processes: int = 64
    numbers: int = 2_000_000


class Question(NamedTuple):
    """``name`` is what the student defined, ``blob`` a pickled list of questions to put to it; ``functions`` has for
    each the meter that is evaluated here, outside, or None. A `Sheet` has them all."""

    id: str
    name: str
    blob: bytes
    functions: Sequence[Meter | None] = ()


class Step(NamedTuple):
    """Run ``source`` (None: nothing), then put the questions."""

    key: str
    source: str | None
    questions: tuple[Question, ...] = ()


class CellRun(NamedTuple):
    """``status`` is "ok", "error", "timeout", "died", "memory" or "skipped"; ``said`` says it to the student."""

    status: str
    outputs: list[dict]
    said: str = ""


class Asked(NamedTuple):
    """``answers`` are in the order of the questions; where some are missing, ``lost`` is "time", "memory", "died",
    "garbled" or "skipped"."""

    defined: bool
    answers: list[Plain | Complaint]
    lost: str = ""


class Ran(NamedTuple):
    """Cells by key; answers by (key of the step, id of the question); what was noticed on the way."""

    cells: dict[str, CellRun]
    asked: dict[tuple[str, str], Asked]
    notes: tuple[str, ...]
    seconds: float


Settled = Callable[[str, Asked], bool]


class Runner:
    """Runs submissions one after the other, each in a session of its own, forked from a server that has all imported.

    >>> with Runner() as runner:
    ...     ran = runner.run([Step("a", "print(6 * 7)")])
    >>> ran.cells["a"].outputs[0]["text"]
    '42\\n'

    ``isolation`` is "" where sessions are fully closed in, else one line that says what is missing. ``mode`` is for
    tests: "nested", "single" or "bare". Raises RuntimeError where nothing can be run at all.
    """

    def __init__(self, limits: Limits | None = None, preload: Sequence[str] = PRELOAD, mode: str = ""):
        self.limits = limits or Limits()
        self._process = Process(self.limits, preload, mode)

    @property
    def isolation(self) -> str:
        self._process.start()
        return self._process.isolation

    def run(
        self, steps: Iterable[Step], files: Mapping[str, bytes] | None = None, settled: Settled | None = None
    ) -> Ran:
        """Run a submission, with ``files`` (names with their content) in its current folder. When ``settled(id,
        asked)`` says so, the question ``id`` isn't put again at later places. If the server dies under a submission,
        which none can bring about, it is run once more."""
        steps, files, settled = list(steps), files or {}, settled or (lambda id, asked: False)
        try:
            try:
                return _Submission(self.limits, self._process, steps, files, settled).run()
            except Gone:
                self._process.stop()
                return _Submission(self.limits, self._process, steps, files, settled).run()
        except Gone as error:
            self._process.stop()
            raise RuntimeError(f"the grader's own process died twice under this submission: {error}") from error
        except BaseException:
            self._process.stop()
            raise

    def close(self) -> None:
        self._process.stop()

    def __enter__(self) -> Runner:
        self._process.start()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


class _Lost(Exception):
    """The session can't go on."""


class _Checkpoint(NamedTuple):
    key: str | None  # of the cell that made it
    channel: Channel
    pid: int


class _Submission:
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
        for _ in range(3):
            if time.monotonic() > self.end:
                break
            try:
                return action()
            except _Lost:
                self.reopen()
        else:
            raise Gone("not even a new session can be forked")
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
            self.checkpoints = [_Checkpoint(None, first, self.hello(first, deadline))]
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
        self.notes["A cell brought the whole session down; the cells before it were run again"] = None
        if not self.close():
            raise Gone("it ended in the middle")
        self.open()
        done, self.done = self.done, []
        for step in done:
            with contextlib.suppress(_Lost):
                self.cell(step)

    @staticmethod
    def hello(channel: Channel, deadline: float) -> int:
        tag, body = channel.receive(deadline)
        pid = unpack_words(body).get("pid")
        if tag != b"H" or type(pid) is not int or not 0 < pid < 1 << 31:
            raise Garbled("no greeting")
        return pid

    def fork(self) -> tuple[Channel, int]:
        """A new process that is as the last good cell left things."""
        while self.checkpoints:
            try:
                return self.fork_of(self.checkpoints[-1])
            except (Closed, Late, Garbled):
                if self.broken or len(self.checkpoints) < 2:
                    break
                self.spoilt(self.checkpoints.pop())
                self.sweep()
        raise _Lost

    def fork_of(self, checkpoint: _Checkpoint) -> tuple[Channel, int]:
        ours, theirs = pair()
        deadline = min(time.monotonic() + _PATIENCE, self.end + 1)
        try:
            with theirs:
                checkpoint.channel.send(b"C", deadline=deadline, fds=[theirs.fileno()])
            pid = self.hello(ours, deadline)
        except BaseException:
            ours.close()
            raise
        self.running = ours
        return ours, pid

    def spoilt(self, checkpoint: _Checkpoint) -> None:
        """A cell that seemed to end well, and after which nothing more can be run, counts as one that died."""
        checkpoint.channel.close()
        self.done = [step for step in self.done if step.key != checkpoint.key]
        if checkpoint.key in self.cells:
            outputs = self.cells[checkpoint.key].outputs
            self.cells[checkpoint.key] = CellRun("died", outputs, "After this cell nothing more could be run.")
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

    def attempt(self, step: Step) -> tuple[CellRun, _Checkpoint | None]:
        """Run it in a new process, which is given back if it could go on from there."""
        channel, pid = self.fork()
        outputs = Outputs(self.limits.output, self.limits.images)
        # The session's own clock strikes first, and leaves what the cell had defined; this one is for who silenced it.
        deadline = min(time.monotonic() + self.limits.cell + 1.0, self.end)
        status, kind, whole = "", "", False
        try:
            channel.send(b"X", step.source.encode("utf-8", "replace"), deadline)
            received = 0
            while True:
                tag, body = channel.receive(deadline)
                received += len(body) + 64
                if received > 64 * (self.limits.output + self.limits.images):
                    raise Garbled("more than a session sends")
                if tag == b"D":
                    status, kind = self.status(body)
                    whole = status not in ("broken", "full")
                    break
                if tag != b"O":
                    raise Garbled("an unknown message")
                outputs.add(body)
        except Late:
            status = "timeout"
        except Closed:
            status = "died"
        except Garbled as error:
            status = "died"
            self.notes[f"A cell sent what no session sends: {error}"] = None
        if not whole:
            channel.close()
        status = "memory" if status == "full" else status
        run = CellRun(status, outputs.list, self.words(status, kind))
        return run, _Checkpoint(step.key, channel, pid) if whole else None

    def sweep_or_reopen(self) -> None:
        try:
            self.sweep()
        except _Lost:
            self.reopen()

    @staticmethod
    def status(body: bytes) -> tuple[str, str]:
        words = unpack_words(body)
        status, kind = words.get("status"), words.get("kind")
        if status not in ("ok", "error", "timeout", "memory", "full", "broken") or not isinstance(kind, str):
            raise Garbled("an unknown status")
        return status, kind[:100]

    def words(self, status: str, kind: str) -> str:
        limits = self.limits
        return {
            "error": f"This cell raised {kind if kind.isidentifier() else 'an error'}.",
            "timeout": f"This cell ran longer than {limits.cell:g} seconds and was stopped.",
            "memory": f"This cell asked for more than the {limits.memory >> 20} MB of memory that it may use.",
            "broken": "This cell broke the notebook itself and was left out.",
            "died": "This cell ended Python itself (a crash, os._exit, a kill) and was left out.",
        }.get(status, "")

    # --- a question ------------------------------------------------------------------------------------------------

    def question(self, question: Question) -> Asked:
        channel, _ = self.fork()
        answers: list[Plain | Complaint] = []
        defined, lost, running = True, "", Running(question.functions)
        deadline = min(time.monotonic() + self.limits.question, self.end)
        try:
            channel.send(b"Q", question.name.encode() + b"\0" + question.blob, deadline)
            while True:
                tag, body = channel.receive(deadline)
                if tag == b"D":
                    break
                if tag == b"N":
                    defined = False
                elif tag == b"A":
                    answers.append(unpack_plain(body))
                    self.numbers -= len(answers[-1].numbers)
                elif tag == b"C":
                    answers.append(unpack_complaint(body))
                elif tag == b"F":
                    channel.send(*call(running, body), deadline)
                else:
                    raise Garbled("an unknown message")
                if len(answers) > _ANSWERS or self.numbers < 0:
                    raise Garbled("more than was asked for")
        except Late:
            lost = "time"
        except Closed:
            lost = "died"
        except Garbled as error:
            lost = "garbled"
            self.notes[f"An answer was no answer: {error}"] = None
        channel.close()
        self.broken = bool(lost)
        asked = Asked(defined, running.read(answers) if question.functions else answers, lost)
        if self.broken:
            self.sweep_or_reopen()
        return asked


_SKIPPED_CELL = CellRun("skipped", [], "This cell was not run: the cells before it had used all the time there is.")
_SKIPPED_ANSWER = Asked(False, [], "skipped")


def call(running: Running, body: bytes) -> tuple[bytes, bytes]:
    """Evaluate a function of ours, here, on plain arguments. What is refused ends the question."""
    place, args = unpack_call(body)
    args = [arg._replace(numbers=tuple(map(_float, arg.numbers))) for arg in args]
    said = Complaint("f was called with far more numbers than it takes")
    if math.prod(max(len(arg.numbers), 1) for arg in args) <= LIMIT:  # they may be broadcast against each other
        said = running.call(place, args)
    return (b"V", pack_plain(said)) if isinstance(said, Plain) else (b"W", pack_words(**said._asdict()))


def _float(number):
    if not isinstance(number, int):
        return number
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)
