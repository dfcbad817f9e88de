"""Runs submissions, each in a session of its own: see `Runner`."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Mapping, Sequence

from adcourse.grading.marking.process import Gone, Process
from adcourse.grading.marking.steps import Asked, CellRun, Limits, Question, Ran, Settled, Step
from adcourse.grading.marking.submission import Submission

__all__ = ["Asked", "CellRun", "Limits", "Question", "Ran", "Runner", "Step"]

PRELOAD = ("numpy", "matplotlib.pyplot", "sympy", "scipy", "scipy.linalg", "scipy.optimize", "ipywidgets")
PRELOAD += ("adcourse.grad", "adcourse.compare", "adcourse.show")


class Runner:
    """Runs submissions one after the other, each in a session of its own, forked from a server that has all imported.

    >>> with Runner() as runner:
    ...     ran = runner.run([Step("a", "print(6 * 7)")])
    >>> ran.cells["a"].outputs[0]["text"]
    '42\\n'

    ``isolation`` is "" where sessions are fully closed in, else one line that says what is missing. ``mode`` is for
    tests: "nested", "single" or "bare"; ``door`` leads to a server that is there for several runners. Raises
    RuntimeError where nothing can be run at all.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        preload: Sequence[str] = PRELOAD,
        mode: str = "",
        door: socket.socket | None = None,
    ):
        self.limits = limits or Limits()
        self._process = Process(self.limits, preload, mode, door)

    @property
    def isolation(self) -> str:
        self._process.start()
        return self._process.isolation

    def run(
        self, steps: Iterable[Step], files: Mapping[str, bytes] | None = None, settled: Settled | None = None
    ) -> Ran:
        """Run a submission, with ``files`` (names with their content) in its current folder. When
        ``settled(question, asked)`` says so, it isn't put again at later places. If the server dies under a submission,
        which none can bring about, it is run once more, on a server that no other runner uses."""
        steps, files, settled = list(steps), files or {}, settled or (lambda question, asked: False)
        try:
            try:
                return Submission(self.limits, self._process, steps, files, settled).run()
            except Gone:
                self._process.stop()
                return Submission(self.limits, self._process, steps, files, settled).run()
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
