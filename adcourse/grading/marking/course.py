"""Where the course lies and what nbgrader's own configuration says about it."""

from __future__ import annotations

import difflib
import glob
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

_BLANKS = _STUDENT, _ASSIGNMENT = "\1", "\2"  # stand in a path for what is looked for


@dataclass(frozen=True)
class Course:
    """A course as nbgrader sees it: ``directory`` is nbgrader's CourseDirectory, ``config`` all of its configuration.

    ``Course.find()`` reads the ``nbgrader_config.py`` of the current folder; ClickException where there is none.
    """

    directory: CourseDirectory
    config: Config
    app: object = None  # nbgrader itself: its converters and plugins take their configuration from it

    @classmethod
    def find(cls, folder: str | os.PathLike = ".") -> Course:
        from nbgrader.apps.baseapp import NbGrader

        folder = Path(folder).resolve()
        if not (folder / "nbgrader_config.py").is_file():
            above = next((str(p) for p in folder.parents if (p / "nbgrader_config.py").is_file()), "YOUR_COURSE")
            raise click.ClickException(
                f"there is no nbgrader_config.py in {folder}. Grading reads where submissions, marks and releases lie "
                f"from that file, so start it in the folder of the course: cd {above}"
            )
        # nbgrader starts `alembic` by name; it lies beside the Python that runs us, environment activated or not.
        path = os.environ.get("PATH", os.defpath).split(os.pathsep)
        if (programs := str(Path(sys.executable).parent)) not in path:
            os.environ["PATH"] = os.pathsep.join([programs, *path])
        app = NbGrader(log_level="WARN")
        before = os.getcwd()
        os.chdir(folder)  # nbgrader takes its own folder, and relative paths in its configuration, from there
        try:
            app.initialize([])
        finally:
            os.chdir(before)
        return cls(app.coursedir, app.config, app)

    @property
    def root(self) -> Path:
        return Path(self.directory.root)

    def path(self, step: str, student: str, assignment: str) -> Path:
        """The folder of a step: "source", "release", "submitted", "autograded", "feedback" or "solution".

        ``student`` is "." for the first two.
        """
        folder = getattr(self.directory, f"{step}_directory")
        return Path(os.path.normpath(self.directory.format_path(folder, student, assignment)))

    def assignments(self) -> list[str]:
        """The names of all assignments that have a source or a release."""
        found = [*self._found("source", "."), *self._found("release", ".")]
        return sorted({name for _, name, folder in found if any(folder.glob("*.ipynb"))})

    def students(self, step: str, assignment: str) -> dict[str, Path]:
        """Who has a folder of this assignment in a step, as nbgrader finds them: {name: folder}."""
        return {student: folder for student, _, folder in self._found(step, assignment=assignment)}

    def folders(self, step: str) -> dict[tuple[str, str], Path]:
        """All folders in a step, {(student, assignment): folder}, those that are named after no assignment too."""
        return {(student, assignment): folder for student, assignment, folder in self._found(step)}

    def released(self, assignment: str) -> dict[str, Path]:
        """The notebooks that students are given, by name."""
        return {path.stem: path for path in sorted(self.path("release", ".", assignment).glob("[!.]*.ipynb"))}

    def private(self, assignment: str) -> Path:
        """Where the grading keeps what is its own: beside nbgrader's folder of graded work."""
        graded = Path(self.directory.root) / self.directory.autograded_directory
        return graded.parent / "marking" / assignment

    def _found(
        self, step: str, student: str = _STUDENT, assignment: str = _ASSIGNMENT
    ) -> Iterator[tuple[str, str, Path]]:
        """The folders that exist, sorted, with what stands in place of the blanks."""
        parts = re.split(f"([{_STUDENT}{_ASSIGNMENT}])", str(self.path(step, student, assignment)))
        inside = f"([^{re.escape(os.sep)}]+)"
        pattern = re.compile("".join(inside if part in _BLANKS else re.escape(part) for part in parts))
        order = [part for part in parts if part in _BLANKS]
        for name in sorted(glob.glob("".join("*" if part in _BLANKS else glob.escape(part) for part in parts))):
            if os.path.isdir(name) and (match := pattern.fullmatch(name)):
                names = dict(zip(order, match.groups(), strict=True))
                yield names.get(_STUDENT, student), names.get(_ASSIGNMENT, assignment), Path(name)

    def assignment(self, name: str) -> str:
        """The full name of an assignment, from that or from what it begins with: "ps06" -> "ps06_reverse_mode"."""
        every = self.assignments()
        name = name.rstrip("/")  # as a shell completes it
        if name in every:
            return name
        fit = [a for a in every if name and (a.startswith(name) or a.removeprefix("ps").lstrip("0").startswith(name))]
        if len(fit) == 1:
            return fit[0]
        if fit:
            raise click.ClickException(f"{name!r} begins the names of {' and '.join(fit)}: write more of the one meant")
        near = difflib.get_close_matches(name, every, n=3, cutoff=0.4) or every
        there = f"Is it one of these? {', '.join(near)}" if near else f"There is none in {self.root}."
        raise click.ClickException(f"there is no assignment {name!r} in this course. {there}")
