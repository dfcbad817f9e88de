"""How far a student has come: what the instant checks said, kept in a small file of the student's own.

The file lies at the root of the course, found upwards from the working directory, else in the working directory.
``ADCOURSE_PROGRESS`` names another file, or says "off". Checking goes on whatever becomes of it: a file that can't be
written is said once, a file that can't be read is put aside under another name.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import NamedTuple

from adcourse.grading import asking
from adcourse.grading.result import Result

NAME = "adcourse-progress.json"
ABOUT = "Results of adcourse.check, version 1. Delete this file for a fresh start."
LARGEST = 1_000_000  # bytes; a file of ours has some 200 a problem
PATIENCE = 0.3  # seconds; writing takes a thousandth of that

_said: set[str] = set()  # what a reader needs to be told once


class Attempt(NamedTuple):
    """One check: how many of the questions were answered rightly, and when (ISO 8601, with its time zone)."""

    right: int
    of: int
    when: str

    @property
    def passed(self) -> bool:
        return self.right == self.of

    def __str__(self) -> str:
        return datetime.fromisoformat(self.when).astimezone().strftime("%Y-%m-%d %H:%M")


class Standing(NamedTuple):
    """The best attempt at a problem (the first that was so good), and the last."""

    best: Attempt
    last: Attempt

    def then(self, attempt: Attempt) -> Standing:
        better = attempt.right * self.best.of > self.best.right * attempt.of
        return Standing(attempt if better else self.best, attempt)


# --- the file ----------------------------------------------------------------------------------------------------


def place() -> str | None:
    """Where progress is kept; None where it isn't: switched off, or nbgrader runs the notebook of somebody else."""
    setting = os.environ.get("ADCOURSE_PROGRESS", "").strip()
    if setting.casefold() in ("off", "no", "none", "0", "false") or "NBGRADER_EXECUTION" in os.environ:
        return None
    if setting:
        path = os.path.expanduser(setting)
        return os.path.realpath(os.path.join(path, NAME) if os.path.isdir(path) else path)
    folder = here = os.path.realpath(os.getcwd())
    while not all(os.path.isdir(os.path.join(folder, part)) for part in ("exercises", "lectures")):
        if os.path.dirname(folder) == folder:
            folder = here
            break
        folder = os.path.dirname(folder)
    return os.path.realpath(os.path.join(folder, NAME))


def record(result: Result) -> Result:
    """Keep what a check said. The result comes back, with a note where there is something to be told about that.

    A result without questions (an untouched stub, something that isn't a function) is no attempt.
    """
    if not result.lines:
        return result
    right = sum(not line.complaint for line in result.lines)
    attempt = Attempt(right, len(result.lines), datetime.now().astimezone().isoformat(timespec="seconds"))
    try:
        path = place()
        note = _keep(path, result.id, attempt) if path else ""
    except OSError as error:
        note = _once(
            f"Your progress can't be kept ({_why(error)}); the check is as good without. "
            'os.environ["ADCOURSE_PROGRESS"] = "a file of yours" names a place for it, "off" leaves it.'
        )
    return replace(result, note=" ".join(filter(None, [result.note, note])))


def _keep(path: str, id: str, attempt: Attempt) -> str:
    """Read the file, add the attempt, put the new file in the old one's place; "" or what there is to be told."""
    note = ""
    with _new_version(path) as file:
        known, whole = _read(path)
        if not whole:
            note = f"What could not be read in {path} is in {_put_aside(path)} now."
        known[id] = known[id].then(attempt) if id in known else Standing(attempt, attempt)
        problems = {id: {name: a._asdict() for name, a in s._asdict().items()} for id, s in known.items()}
        json.dump({"about": ABOUT, "problems": problems}, file, indent=1)
    return note


@contextmanager
def _new_version(path: str):
    """A file to write to that takes the place of ``path`` in the end, or is gone.

    Only one notebook can create it at a time: so none overwrites what another has just kept, and it takes no locks,
    which not every system has.
    """
    part = f"{path}.part"
    create = lambda: open(part, "x", encoding="utf-8")  # noqa: SIM115
    try:
        file = _insist(FileExistsError, create)
    except FileExistsError:  # left behind by a notebook that was killed while it wrote
        os.unlink(part)
        file = create()
    try:
        with file:
            yield file
        _insist(PermissionError, lambda: os.replace(part, path))  # on Windows, while somebody reads the old one
    except BaseException:
        os.unlink(part)
        raise


def _insist(busy: type[OSError], step):
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return step()
        except busy:
            if time.monotonic() > until:
                raise
            time.sleep(0.003)


def _read(path: str) -> tuple[dict[str, Standing], bool]:
    """What the file holds, by problem, and whether that is all of it: anything else there is not ours."""
    if not os.path.lexists(path):
        return {}, True
    if not os.path.isfile(path):
        raise FileExistsError(0, "no ordinary file stands there", path)
    with open(path, "rb") as file:
        raw = file.read(LARGEST + 1)
    try:
        content = json.loads(raw) if len(raw) <= LARGEST else None
        about, problems = content["about"], content["problems"].items()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}, False
    read = {id: _standing(entry) for id, entry in problems}
    known = {id: standing for id, standing in read.items() if standing}
    return (known, len(known) == len(read)) if about == ABOUT else ({}, False)


def _standing(entry) -> Standing | None:
    try:
        standing = Standing(*(Attempt(**entry[name]) for name in Standing._fields))
        for attempt in standing:
            str(attempt)  # a time that can be read
            if not (type(attempt.right) is type(attempt.of) is int and 0 <= attempt.right <= attempt.of > 0):
                return None
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None
    return standing


def _put_aside(path: str) -> str:
    stem, extension = os.path.splitext(path)
    aside, number = f"{stem}-unread{extension}", 1
    while os.path.lexists(aside):
        number += 1
        aside = f"{stem}-unread-{number}{extension}"
    os.rename(path, aside)
    return aside


def _why(error: OSError) -> str:
    return f"{error.strerror or error}: {error.filename}" if error.filename else f"{error.strerror or error}"


def _once(text: str) -> str:
    told = text in _said
    _said.add(text)
    return "" if told else text


# --- what a student sees -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One problem and how the student stands with it (None: no question asked yet)."""

    id: str
    title: str
    points: float
    standing: Standing | None = None

    @property
    def passed(self) -> bool:
        return bool(self.standing and self.standing.best.passed)

    @property
    def state(self) -> str:
        """In words: passed, tried, or not yet. A failure after a success takes nothing away, and is said."""
        if not self.standing:
            return "not yet"
        best, last = self.standing
        since = f"; last try, {last}: {last.right} of {last.of} right"
        if best.passed:
            return f"passed, {best}" + since * (not last.passed)
        return f"tried, {best}: {best.right} of {best.of} right" + since * (last != best)


@dataclass(frozen=True)
class Part:
    """The problems of one assignment, or of all."""

    title: str
    rows: tuple[Row, ...]

    @property
    def points(self) -> float:
        return sum(row.points for row in self.rows if row.passed)

    @property
    def of(self) -> float:
        return sum(row.points for row in self.rows)

    @property
    def heading(self) -> str:
        return f"{self.title}, {self.points:g} of {self.of:g} points"


@dataclass(frozen=True)
class Progress(Part):
    """All problems: ``points`` earned ``of`` how many, ``rows`` with a ``state`` each, ``parts`` for the assignments.
    ``print`` it for text; a notebook shows it as HTML."""

    parts: tuple[Part, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        width = max((len(row.title) for row in self.rows), default=0)
        lines = [self.heading]
        for part in self.parts:
            lines += ["", part.heading]
            lines += [f"  {r.id:>5}  {r.title:{width}}  {_points(r.points):>9}  {r.state}" for r in part.rows]
        return "\n".join([*lines, "", self.note])

    def _repr_html_(self) -> str:
        """A table for each assignment, every state in words."""
        return (
            f'<section aria-label="{escape(self.heading)}"><p><strong>{escape(self.heading)}</strong></p>'
            f"{''.join(map(_table, self.parts))}<p>{escape(self.note)}</p></section>"
        )


def _points(points: float) -> str:
    return f"{points:g} point{'s' * (points != 1)}"


def _table(part: Part) -> str:
    left = 'style="text-align: left"'
    heads = "".join(f'<th scope="col" {left}>{name}</th>' for name in ("Problem", "Points", "State"))
    rows = "".join(
        f'<tr><th scope="row" {left}>{escape(f"{r.id} {r.title}")}</th><td>{r.points:g}</td>'
        f"<td {left}>{escape(r.state)}</td></tr>"
        for r in part.rows
    )
    caption = f"<caption {left}>{escape(part.heading)}</caption>"
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def progress() -> Progress:
    """All problems of the course, with their points and how you stand with each: passed, tried, or not yet.

    ``adcourse.check`` keeps what it finds in a small file, ``adcourse-progress.json``, in the folder that holds
    ``lectures`` and ``exercises`` (where there is none, in the folder you work in). Delete it for a fresh start. The
    environment variable ``ADCOURSE_PROGRESS`` names another file, or says "off".

    Returns what prints as text and shows as tables in a notebook, with ``.points`` ``.of`` how many, ``.rows`` for the
    problems and ``.parts`` for the assignments. A later failure takes no pass away. Never raises for what it finds in
    the file.

    >>> print(progress())
    Progress, ... points
    ...
    Assignment 6: Reverse mode, ... of 16 points
        6.1  Back-propagate (x+y)z                    1 point  ...
    """
    if asking.REMOTE is not None:
        return Progress("Progress", (), (), "Nothing is kept while a notebook is graded.")
    from adcourse.grading.problems import ASSIGNMENTS, problems_of, title_of

    known, note = _known()
    parts = []
    for name in ASSIGNMENTS:
        rows = (Row(problem.id, problem.title, problem.points, known.get(problem.id)) for problem in problems_of(name))
        parts.append(Part(title_of(name), tuple(rows)))
    return Progress("Progress", tuple(row for part in parts for row in part.rows), tuple(parts), note)


def _known() -> tuple[dict[str, Standing], str]:
    try:
        path = place()
        if path is None:
            return {}, "Nothing is kept here: ADCOURSE_PROGRESS is off, or nbgrader runs this notebook."
        known, whole = _read(path)
    except OSError as error:
        return {}, f"What was kept can't be read ({_why(error)})."
    note = f"These are your own checks; grading asks the same with other data. Kept in {path}: delete it to start anew."
    return known, note if whole else f"{note} Not all in that file could be read; the next check puts it aside."
