"""nbgrader's own generation, into a folder of our choice; comparing with what was released; putting it in its place."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config import Config

from adcourse.grading.marking.cells import Cell, Refusal
from adcourse.grading.marking.course import Course

LEAVINGS = {".ipynb_checkpoints", "__pycache__"}  # what opening a release leaves in it


class GenerationFailed(Exception):
    """nbgrader refused to make the release; the message is what it said last."""


def generate(course: Course, assignment: str, into: Path, gradebook: bool) -> Path:
    """Run ``nbgrader generate_assignment``; the folder it made in ``into``. Only with ``gradebook`` is the assignment
    entered there."""
    config = Config(course.config)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.release_directory = str(into.resolve())
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.notebook_id = "*"
    if not gradebook:
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
    nbgrader = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    nbgrader.force = True
    here = os.getcwd()
    os.chdir(course.root)
    try:
        said = capture_log(nbgrader)
    finally:
        os.chdir(here)
    made = Path(os.path.normpath(nbgrader.coursedir.format_path(str(into.resolve()), ".", assignment)))
    if not said["success"]:
        raise GenerationFailed(last_words(said.get("log", "") + said["error"]))
    return made


def last_words(log: str) -> str:
    """Of what nbgrader logged, the line that says why: that of the first exception."""
    errors = re.findall(r"^\s*[\w.]*(?:Error|Exception|Warning): *(.*)$", log, re.MULTILINE)
    said = next((error for error in errors if error.strip()), "") or (log.strip().splitlines() or ["nothing"])[-1]
    return said[:300]


def files(folder: Path) -> dict[str, Path]:
    """All files below a folder by relative name, without what opening a notebook leaves."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path for name, path in named.items() if not LEAVINGS & set(name.split("/"))}


def same(one: Path, other: Path) -> bool:
    mine, theirs = files(one), files(other)
    return mine.keys() == theirs.keys() and all(mine[n].read_bytes() == theirs[n].read_bytes() for n in mine)


def changes(old: Path, new: Path, lines: int = 12) -> list[str]:
    """How a release differs from the one before: file by file, the first lines of each difference."""
    before, after = files(old), files(new)
    said = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            said.append(f"{name}: no longer released")
        elif name not in before:
            said.append(f"{name}: new")
        elif before[name].read_bytes() != after[name].read_bytes():
            texts = [path.read_bytes().decode("utf-8", "replace").splitlines() for path in (before[name], after[name])]
            diff = list(difflib.unified_diff(*texts, f"{name} as released", f"{name} now", n=0, lineterm=""))
            said += [line[:160] for line in diff[:lines]]
            if len(diff) > lines:
                said.append(f"... and {len(diff) - lines} more lines")
            if not diff:
                said.append(f"{name}: other line ends or bytes")
    return said


def tracked(folder: Path) -> bool:
    """Whether git keeps a file of this folder."""
    try:
        run = subprocess.run(["git", "ls-files", "--", "."], cwd=folder, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0 and bool(run.stdout.strip())


def aside(place: Path) -> tuple[Path, Path]:
    """Beside a release, where the next one waits and where the last one stays until all is done."""
    return place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")


def tidy(place: Path) -> None:
    """Undo a replacement that was killed half way: what was released stays released."""
    new, old = aside(place)
    if old.is_dir():
        shutil.rmtree(place, ignore_errors=True)
        os.rename(old, place)
    shutil.rmtree(new, ignore_errors=True)


@contextmanager
def replaced(place: Path, made: Path) -> Iterator[None]:
    """Put ``made`` at ``place``; what stood there comes back when the block fails, and goes when it is done."""
    new, old = aside(place)
    tidy(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copytree(made, new)
        if place.is_dir():
            os.rename(place, old)
        os.rename(new, place)
        yield
    except BaseException:
        if old.is_dir() or not new.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        if old.is_dir():
            os.rename(old, place)
        shutil.rmtree(new, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def conflicts(course: Course, assignment: str, cells: list[Cell]) -> list[Refusal]:
    """Cells that come or go although students have handed in, which nbgrader's gradebook can't follow."""
    url = course.directory.db_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        return []
    with Gradebook(url, course.directory.course_id) as gradebook:
        try:
            entry = gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return []
        if not entry.submissions:
            return []
        kinds = ("grade", "solution", "task", "source")
        before = {(kind, cell.name) for kind in kinds for cell in getattr(entry, f"{kind}_cells")}
    now = {(kind, cell.meta["grade_id"]) for cell in cells for kind in kinds[:3] if cell.meta.get(kind)}
    now |= {
        ("source", cell.meta["grade_id"]) for cell in cells if any(cell.meta.get(k) for k in (*kinds[:3], "locked"))
    }
    changed = sorted({name for _, name in before ^ now})
    if not changed:
        return []
    what = f"students have handed in, and these of nbgrader's cells come, go or change kind: {', '.join(changed)}"
    remedy = f"put them back as released; or, if what was handed in may go: nbgrader db assignment remove {assignment} "
    return [Refusal(cells[0].file, what, remedy + "--force")]
