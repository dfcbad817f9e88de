"""What the grading of an assignment keeps for itself: the seed, the reports, and the lock. Nobody else may read it."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import click
from filelock import FileLock, Timeout

from adcourse.cli import replace
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.report import Report

README = """\
What `adcourse grade` keeps of {assignment}. Private: show none of it to students.

seed      draws the hidden questions: the same ones for everybody, and again when something is graded again. It was
          made once. Without this file a new one is made, and everybody is graded anew with new questions.
reports/  what each student's grading came to, in JSON; `adcourse feedback` and `adcourse report` read it.
lock      held while a grading runs.

The scores are in nbgrader's gradebook. Without this folder they stay, and the next `adcourse grade` grades all anew.
"""


class Records:
    """The private folder of one assignment of a course."""

    def __init__(self, course: Course, assignment: str):
        self.assignment, self.folder = assignment, course.private(assignment)

    def seed(self) -> int:
        """The seed of all hidden questions: 64 random bits, made when first needed."""
        path = self.folder / "seed"
        try:
            return int(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            pass
        except ValueError:
            raise click.ClickException(
                f"{path} holds no number. Put back the file that was there, or delete it: then a new seed is made, "
                "and everybody is graded anew with new questions."
            ) from None
        self._open()
        replace(path, f"{secrets.randbits(64)}\n".encode(), mode=0o600)
        return self.seed()

    def read(self, student: str) -> list[Report]:
        """The reports of a student's notebooks; none when there are none, or none that can be read."""
        try:
            return [Report.from_json(json.dumps(one)) for one in json.loads(self._path(student).read_bytes())]
        except (FileNotFoundError, ValueError, TypeError):
            return []

    def reports(self) -> dict[str, list[Report]]:
        """All reports: {student: one for each notebook}."""
        students = [path.name.removesuffix(".json") for path in sorted((self.folder / "reports").glob("[!.]*.json"))]
        return {student: found for student in students if (found := self.read(student))}

    def write(self, student: str, reports: list[Report]):
        """Replace a student's reports, all or nothing."""
        text = "[" + ",\n".join(report.to_json() for report in reports) + "]\n"
        replace(self._path(student), text.encode(), mode=0o600)

    def _path(self, student: str) -> Path:
        return self.folder / "reports" / f"{student}.json"

    def _open(self):
        """Make the folder, for the teacher's eyes alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.folder.parent, self.folder):
            folder.chmod(0o700)
        replace(self.folder / "README.txt", README.format(assignment=self.assignment).encode())

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Only one grading of an assignment at a time; the lock of one that was killed is free."""
        self._open()
        holder = self.folder / "lock.holder"
        lock = FileLock(self.folder / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            who = _text(holder) or "another process"
            raise click.ClickException(
                f"{self.assignment} is being graded by {who}. Wait until that is done, or stop it: the grading "
                "goes on where it was stopped."
            ) from None
        try:
            for part in self.folder.rglob(".*.part"):  # left by a grading that was killed
                part.unlink()
            holder.write_text(f"process {os.getpid()} on {platform.node()}, since {time.strftime('%H:%M:%S, %d %B')}")
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
