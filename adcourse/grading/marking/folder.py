"""nbgrader's folder of a graded submission: made complete beside its place, then put there at once."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.utils import find_all_files

from adcourse.grading.marking.course import Course
from adcourse.grading.marking.submissions import Submission, Unreadable, pieces


class Folders:
    """The graded folders of one assignment, as nbgrader's Autograde is configured to make them."""

    def __init__(self, course: Course, assignment: str):
        self.course, self.assignment = course, assignment
        self.converter = Autograde(coursedir=course.directory, parent=course.app)
        source = course.path("source", ".", assignment)
        kept = {str(source / name) for name in self.converter.exclude_overwriting.get(assignment, [])}
        ours = set(find_all_files(str(source), [*course.directory.ignore, "*.ipynb"])) - kept
        self._ours = {Path(path).relative_to(source).as_posix(): Path(path) for path in sorted(ours)}

    def place(self, student: str) -> Path:
        return self.course.path("autograded", student, self.assignment)

    def complete(self, student: str, notebooks) -> bool:
        """Whether the graded ``notebooks`` lie there."""
        return all((self.place(student) / f"{name}.ipynb").is_file() for name in notebooks)

    def sweep(self, students):
        """Remove what a killed grading left half made."""
        for student in students:
            for left in _beside(self.place(student)):
                shutil.rmtree(left, ignore_errors=True)

    @contextlib.contextmanager
    def ready(self, submission: Submission, notebooks: Mapping[str, bytes]):
        """All is written on entering; on leaving without an error it takes its place. So a full disk is met before
        anything has changed, and between the two the gradebook can be written."""
        place = self.place(submission.student)
        part, old = _beside(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            for left in (part, old):
                shutil.rmtree(left, ignore_errors=True)
            part.mkdir()
            self._fill(part, submission, notebooks)
            yield place
            if place.exists():
                os.rename(place, old)
            os.rename(part, place)
            if self.course.directory.groupshared:
                self.converter.set_permissions(self.assignment, submission.student)
        finally:
            for left in (part, old):
                shutil.rmtree(left, ignore_errors=True)

    def _fill(self, part: Path, submission: Submission, notebooks: Mapping[str, bytes]):
        room = 1000 * self.course.directory.max_dir_size
        for name, size in submission.files.items():
            if name.lower().endswith(".ipynb") or size > min(room, 1000 * self.course.directory.max_file_size):
                continue
            room -= size
            with contextlib.suppress(Unreadable), submission.open(name) as file:
                self._put(part / name, pieces(file, size))
        for name, path in self._ours.items():
            self._put(part / name, [path.read_bytes()])
        for name, content in notebooks.items():
            self._put(part / f"{name}.ipynb", [content])

    def _put(self, path: Path, content: Iterable[bytes]):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with path.open("wb") as file:
            file.writelines(content)
        path.chmod(int(str(self.converter.permissions), 8))


def _beside(place: Path) -> tuple[Path, Path]:
    """Where a new folder is made and an old one waits to be deleted; nbgrader overlooks names with a dot."""
    return place.with_name(f".{place.name}.part"), place.with_name(f".{place.name}.old")
