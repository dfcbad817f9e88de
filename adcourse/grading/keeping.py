"""What the instant checks said is kept in a small file of the student's own.

The file lies at the root of the course, found upwards from the working directory, else in the working directory.
``ADCOURSE_PROGRESS`` names another file, or says "off". Checking goes on whatever becomes of it: a file that can't be
written is said once, a file that can't be read is put aside under another name.
"""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from adcourse.grading.result import Result

NAME = "adcourse-progress.json"
ABOUT = "Results of adcourse.check, version 1. Delete this file for a fresh start."
LARGEST = 1_000_000  # bytes; a file of ours has some 200 a problem
PATIENCE = 0.5  # seconds; writing takes a thousandth of that

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


def known() -> tuple[dict[str, Standing], str]:
    """How the student stands with each problem that was ever tried, and what there is to be told about the file."""
    try:
        path = place()
        if path is None:
            return {}, "Nothing is kept here: ADCOURSE_PROGRESS is off, or nbgrader runs this notebook."
        found, whole = _read(path)
    except OSError as error:
        return {}, f"What was kept can't be read ({_why(error)})."
    note = f"These are your own checks; grading asks the same with other data. Kept in {path}: delete it to start anew."
    return found, note if whole else f"{note} Not all in that file could be read; the next check puts it aside."


def _keep(path: str, id: str, attempt: Attempt) -> str:
    """Read the file, add the attempt, put the new file in the old one's place; "" or what there is to be told."""
    note = ""
    with _new_version(path) as file:
        known, whole = _read(path)
        if not whole:
            note = f"What could not be read in {path} is in {_put_aside(path)} now."
        known[id] = known[id].then(attempt) if id in known else Standing(attempt, attempt)
        problems = {id: {name: a._asdict() for name, a in s._asdict().items()} for id, s in known.items()}
        content = json.dumps({"about": ABOUT, "problems": problems}, indent=1).encode()
        if file.write(content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
    return note


@contextmanager
def _new_version(path: str):
    """A file to write to that takes the place of ``path`` in the end, or is gone.

    Only one notebook can create it at a time: so none overwrites what another has just kept, and it takes no locks,
    which not every system has.
    """
    part = f"{path}.part"
    file = _create(part)
    try:
        with file:
            yield file
        _replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def _create(part: str):
    """The file ``part``, new; waits for its turn. What does not change while we wait is from a notebook that was
    killed as it wrote."""
    seen, since = None, time.monotonic()
    while True:
        try:
            return open(part, "xb", buffering=0)
        except FileExistsError:
            with suppress(FileNotFoundError):
                found = os.stat(part)
                if seen != (found.st_ino, found.st_mtime_ns):
                    seen, since = (found.st_ino, found.st_mtime_ns), time.monotonic()
                elif time.monotonic() - since > PATIENCE:
                    os.unlink(part)
        time.sleep(0.003)


def _replace(part: str, path: str):
    """On Windows a file can't be replaced while somebody reads it: try again for a while."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return os.replace(part, path)
        except PermissionError:
            if os.name != "nt" or time.monotonic() > until:
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
