"""All submissions of an assignment: which are to be graded, by whom, and what is done with the results.

One process, this one, writes. For each submission it writes the graded folder beside its place, commits the gradebook,
puts the folder in place, and then the report, whose digest says that all of it is done. Killed anywhere between, the
next run does that submission again, with the same questions and the same result.
"""

from __future__ import annotations

import errno
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import click

from adcourse.grading.marking.course import Course
from adcourse.grading.marking.folder import Folders
from adcourse.grading.marking.frame import Frame, frames
from adcourse.grading.marking.gradebook import Book, Entered
from adcourse.grading.marking.names import imports
from adcourse.grading.marking.progress import Progress
from adcourse.grading.marking.reader import Reader
from adcourse.grading.marking.records import Records
from adcourse.grading.marking.submissions import Submission, misnamed, nearest, strays
from adcourse.grading.marking.work import Done, Failed, Handed, Task, engine
from adcourse.grading.marking.workers import graded

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass
class Outcome:
    """What one run came to, by student."""

    assignment: str
    graded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)  # graded, with nothing that could be read
    failed: dict[str, str] = field(default_factory=dict)  # not graded
    strays: dict[str, str] = field(default_factory=dict)
    by_hand: list[str] = field(default_factory=list)  # test cells that no problem of ours stands behind
    isolation: set[str] = field(default_factory=set)
    crew: str = ""
    seconds: float = 0.0
    stopped: bool = False


class Campaign:
    """The grading of one assignment, while it holds the lock."""

    def __init__(self, course: Course, assignment: str, book: Book, records: Records):
        self.course, self.assignment, self.book, self.records = course, assignment, book, records
        release = course.path("release", ".", assignment)
        self.frames: dict[str, Frame] = frames(release)
        self._agree()
        ignore = course.directory.ignore
        released = Submission.read("", release, ignore)
        self.files = {name: (release / name).read_bytes() for name in released.files if not name.endswith(".ipynb")}
        self.seed, self.folders = records.seed(), Folders(course, assignment)
        # What the released cells import, a worker imports once, for all submissions.
        self.preload = imports(c.source for frame in self.frames.values() for c in frame.cells if c.kind == "code")
        self._basis = json.dumps([engine(), released.digest(), self.seed, book.penalty])
        handed_in = course.students("submitted", assignment)
        self.submissions = {name: Submission.read(name, folder, ignore) for name, folder in handed_in.items()}
        self._digests: dict[str, str] = {}

    def _agree(self):
        """The gradebook must know the notebooks that students were given."""
        release = f"Release it again: adcourse release {self.assignment}"
        if not self.frames:
            where = self.course.path("release", ".", self.assignment)
            raise click.ClickException(
                f"there is no notebook in {where}. Release it first: adcourse release {self.assignment}"
            )
        for name, frame in self.frames.items():
            cells = {cell.key: cell.points for cell in frame.cells if cell.graded}
            if name not in self.book.cells or self.book.cells[name].points != cells:
                raise click.ClickException(
                    f"the gradebook has other cells or points than the released {name}.ipynb. {release}"
                )
        if left := sorted(set(self.book.cells) - set(self.frames)):
            raise click.ClickException(f"the gradebook has {left[0]}.ipynb, which is not among the released. {release}")

    def choose(self, students: Sequence[str]) -> list[str]:
        """The students to look at: those named, else all who handed in."""
        where = self.course.path("submitted", "STUDENT", self.assignment)
        if not self.submissions:
            raise click.ClickException(
                f"nobody has handed in {self.assignment}. What a student hands in belongs here: "
                f"{where / next(iter(self.frames))}.ipynb"
            )
        for student in students:
            if student not in self.submissions:
                near = nearest(student, list(self.submissions))
                raise click.ClickException(
                    f"there is nothing by {student!r}: no folder {where}. {near}".replace("STUDENT", student, 1)
                )
        excluded = [name.strip() for name in self.course.directory.student_id_exclude.split(",")]
        return list(dict.fromkeys(students)) or [name for name in self.submissions if name not in excluded]

    def refused(self, student: str) -> str:
        """Why this student can't be entered, or ""."""
        if why := misnamed(student):
            return why
        if self.submissions[student].folder.is_symlink():
            return "the folder is a link, perhaps to what somebody else handed in; links are not followed"
        if not self.folders.converter.create_student and not self.book.known(student):
            return "nbgrader is configured (Autograde.create_student) to grade only whom the gradebook knows"
        return ""

    def digest(self, student: str, entered: Entered | None) -> str:
        """What the scores depend on: submission, release, problems, seed, engine, deadline and its penalty."""
        due = entered.due if entered else self.book.due()
        return hashlib.sha256(json.dumps([self._basis, due, self.submissions[student].digest()]).encode()).hexdigest()

    def is_done(self, student: str, digest: str, entered: Entered | None) -> bool:
        """Whether exactly this was graded, and the gradebook and the graded folder still have it."""
        reports = self.records.read(student)
        if {report.notebook for report in reports} != set(self.frames) or any(r.digest != digest for r in reports):
            return False
        scores = {(report.notebook, cell): score for report in reports for cell, score in report.grades.items()}
        given = lambda scores: {place: score for place, score in scores.items() if score is not None}
        kept = entered is not None and given(entered.scores) == given(scores)
        return kept and self.folders.complete(student, self.frames)

    def plan(self, students: list[str], again: bool, outcome: Outcome) -> list[str]:
        """Whom to grade now."""
        entered, todo = self.book.entered(), []
        for student in students:
            if why := self.refused(student):
                outcome.failed[student] = why
                continue
            self._digests[student] = self.digest(student, entered.get(student))
            if not again and self.is_done(student, self._digests[student], entered.get(student)):
                outcome.unchanged.append(student)
            else:
                todo.append(student)
        return todo

    def tasks(self, students: list[str], reader: Reader) -> Iterator[Task]:
        for student in students:
            found = reader.read(self.submissions[student].folder)
            handed = tuple(Handed(frame, found[name].content, found[name].notes) for name, frame in self.frames.items())
            yield Task(
                student, self.assignment, handed, self.files, self.seed, self._digests[student], engine(), self.preload
            )  # fmt: skip

    def keep(self, done: Done):
        """Write what one submission came to, all of it or nothing."""
        submission = self.submissions[done.student]
        try:
            with self.folders.ready(submission, done.notebooks):
                self.book.write(done.student, submission.timestamp(), done.reports)
            self.records.write(done.student, done.reports)
        except OSError as error:
            where = error.filename or self.folders.place(done.student)
            cause = "there is no room left on the disk" if error.errno in FULL else error.strerror
            raise click.ClickException(
                f"{done.student}'s grades could not be kept: {cause} ({where}). All that was graded before is kept. "
                "Put that right and start this again: it goes on where it stopped."
            ) from error


def grade(course: Course, assignment: str, students: Sequence[str], hire: Callable, again: bool = False) -> Outcome:
    """Grade what was handed in of an assignment. ``hire(n, preload)`` opens a crew of workers for n submissions
    of notebooks that import ``preload``.

    Raises ClickException, which says what to do; what was graded until then is kept.
    """
    outcome, start = Outcome(assignment), time.monotonic()
    records = Records(course, assignment)
    with ExitStack() as stack:
        book = stack.enter_context(Book(course, assignment))
        stack.enter_context(records.lock())
        campaign = Campaign(course, assignment, book, records)
        chosen = campaign.choose(students)
        campaign.folders.sweep(campaign.submissions)
        outcome.by_hand = [cell.key for frame in campaign.frames.values() for cell in frame.tests if not cell.asks]
        outcome.strays = {} if students else strays(course, course.assignments())
        if todo := campaign.plan(chosen, again, outcome):
            _run(campaign, todo, hire, outcome)
    outcome.seconds = time.monotonic() - start
    return outcome


def _run(campaign: Campaign, todo: list[str], hire: Callable, outcome: Outcome):
    at_once = True
    with ExitStack() as stack:
        crew = hire(len(todo), campaign.preload)
        stack.callback(lambda: crew.close(at_once))
        reader = Reader(campaign.frames)
        stack.callback(reader.close)
        outcome.crew = str(crew)
        progress = stack.enter_context(Progress(campaign.assignment, len(todo)))
        campaign.book.say = progress.say
        try:
            for result in graded(campaign.tasks(todo, reader), crew, progress.tick):
                if isinstance(result, Failed):
                    outcome.failed[result.student] = result.why
                else:
                    campaign.keep(result)
                    outcome.graded.append(result.student)
                    outcome.isolation.update(report.isolation for report in result.reports)
                    if trouble := [report.trouble for report in result.reports if report.trouble]:
                        outcome.unread[result.student] = "; ".join(trouble)
                progress.done(result.student)
            at_once = False
        except KeyboardInterrupt:
            outcome.stopped = True
