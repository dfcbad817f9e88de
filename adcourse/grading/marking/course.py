"""Where the course lies and what nbgrader's own configuration says about it."""

from __future__ import annotations

import difflib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config


@dataclass(frozen=True)
class Course:
    """A course as nbgrader sees it: ``directory`` is nbgrader's CourseDirectory, ``config`` all of its configuration.

    ``Course.find()`` reads the ``nbgrader_config.py`` of the current folder; ClickException where there is none.
    """

    directory: CourseDirectory
    config: Config

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
        return cls(app.coursedir, app.config)

    @property
    def root(self) -> Path:
        return Path(self.directory.root)

    def path(self, step: str, student: str, assignment: str) -> Path:
        """The folder of a step: "source", "release", "submitted", "autograded", "feedback" or "solution".

        ``student`` is "." for the first two.
        """
        folder = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(folder, student, assignment))

    def assignments(self) -> list[str]:
        """The names of all assignments that have a source or a release."""
        found = set()
        for step in ("source", "release"):
            parent = self.path(step, ".", "x").parent
            if parent.is_dir():
                found |= {p.name for p in parent.iterdir() if p.is_dir() and any(p.glob("*.ipynb"))}
        return sorted(found)

    def assignment(self, name: str) -> str:
        """The full name of an assignment, from that or from what it begins with: "ps06" -> "ps06_reverse_mode"."""
        every = self.assignments()
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
