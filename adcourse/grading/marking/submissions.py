"""What lies in nbgrader's folder of submissions: whose, which file is the notebook, what else came with it.

Nothing here trusts a name or a file: links are not followed, pipes and devices not opened, sizes not believed.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from adcourse.grading.marking.course import Course

READ = 250_000_000  # bytes of a submission that its digest looks at
LONGEST = 100  # characters of a student's name: nbgrader's gradebook has room for 128, a file name for 255 bytes


class Unreadable(Exception):
    """Why a file can't be read, in words for the teacher."""


@dataclass(frozen=True)
class Submission:
    """What ``student`` handed in: relative paths and sizes of all regular files, and what else was met."""

    student: str
    folder: Path
    files: dict[str, int]
    odd: tuple[str, ...] = ()

    @classmethod
    def read(cls, student: str, folder: Path, ignore: Iterable[str] = ()) -> Submission:
        files, odd = {}, []
        for path, status in _walk(folder, tuple(ignore)):
            name = path.relative_to(folder).as_posix()
            if stat.S_ISREG(status.st_mode):
                files[name] = status.st_size
            else:
                odd.append(f"{name} is {'a link' if stat.S_ISLNK(status.st_mode) else 'no ordinary file'}")
        return cls(student, folder, files, tuple(odd))

    def open(self, name: str) -> BinaryIO:
        """A file as it is now, if it still is an ordinary one. Raises Unreadable."""
        try:
            file = os.fdopen(os.open(self.folder / name, _FLAGS), "rb")
        except OSError as error:
            raise Unreadable(f"{name} can't be read: {error.strerror}") from None
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise Unreadable(f"{name} is no ordinary file")
        return file

    def digest(self) -> str:
        """Of the names, sizes and contents of all files; of contents no more than anybody reads, for a file with a
        hole in it may claim a terabyte."""
        digest, room = hashlib.sha256(), READ
        for name, size in sorted(self.files.items()):
            digest.update(f"{name!r} {size}\n".encode("utf-8", "backslashreplace"))
            try:
                with self.open(name) as file:
                    for piece in pieces(file, min(size, room)):
                        digest.update(piece)
                        room -= len(piece)
            except (Unreadable, OSError) as why:
                digest.update(str(why).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()

    def timestamp(self) -> datetime | None:
        """When it was handed in, in UTC, as nbgrader's timestamp.txt says; None where nothing readable does."""
        from nbgrader.utils import parse_utc

        try:
            with self.open("timestamp.txt") as file:
                return parse_utc(file.read(1000).decode().strip() or None)
        except (Unreadable, OSError, ValueError, OverflowError, TypeError):
            return None


def pieces(file: BinaryIO, size: int, piece: int = 1 << 20) -> Iterator[bytes]:
    """No more of a file than it had when it was found."""
    while size > 0 and (content := file.read(min(piece, size))):
        size -= len(content)
        yield content


_FLAGS = os.O_RDONLY  # and where there are such things: don't follow a link, don't wait for a pipe's writer
_FLAGS |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def _walk(folder: Path, ignore: tuple[str, ...], depth: int = 8) -> Iterator[tuple[Path, os.stat_result]]:
    """All files below a folder, not through links, without what nbgrader ignores."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if any(fnmatch.fnmatch(entry.name, pattern) for pattern in ignore):
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth:
                yield from _walk(Path(entry.path), ignore, depth - 1)
        else:
            yield Path(entry.path), entry.stat(follow_symlinks=False)


def misnamed(student: str) -> str:
    """Why nothing can be kept under this student's name, or ""."""
    try:
        student.encode()
    except UnicodeEncodeError:
        return "the name is not UTF-8"
    if len(student) > LONGEST or len(student.encode()) > 2 * LONGEST:
        return f"the name is longer than {LONGEST} characters"
    if student != student.strip():
        return "the name begins or ends with a space, which nbgrader drops"
    if bad := re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\/]", student):
        return f"the name holds the character {json.dumps(bad.group())}, which nbgrader's pages can't show"
    return ""


def nearest(wanted: str, names: Sequence[str]) -> str:
    """The names that could be meant; when none is near, some of all."""
    near = get_close_matches(wanted, names, n=3, cutoff=0.5)
    return (
        f"Did you mean {' or '.join(near)}?"
        if near
        else f"There are: {', '.join(list(names)[:8])}{' ...' * (len(names) > 8)}"
    )


def strays(course: Course, known: Iterable[str]) -> dict[str, str]:
    """Folders of submissions that carry no assignment's name, each with the assignment that is probably meant."""
    known = sorted(known)
    found = {}
    for (_, name), folder in course.folders("submitted").items():
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.4)
            found[os.path.relpath(folder, course.root)] = near[0] if near else ""
    return found
