"""What a student handed in: the file is found under whatever name, and its cells are read from whatever is in it.

Nothing here raises on what a student wrote, follows a link, or waits for a pipe. What had to be guessed becomes a
sentence in the notes of the report; what can't be read says why.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.handed import HandedIn, likeness, read, slim

LARGEST = 200_000_000  # bytes of a file that is looked at
SLIM = 8_000_000  # above it, what is handed on is the notebook without its outputs
FILES = 500  # entries of a folder or archive that are looked at
CANDIDATES = 12  # files that are read to find the one that is meant
DEPTH = 4  # folders in folders

_COPY = re.compile(r"(?:^(?:copy of|kopie von|copie de)\s+|[ _-]*\(\d+\)|[ _-]+copy ?\d*|[ _-]+kopie|\s+\d+)", re.I)
_ENDINGS = (".ipynb", ".json", ".py", ".txt", "")
_FOREIGN = {".pdf": "a PDF", ".html": "a web page", ".htm": "a web page", ".docx": "a Word document"}


class Found(NamedTuple):
    """The file that was handed in for a notebook: its path in the folder and its bytes, or b"" and a note."""

    path: str
    content: bytes
    notes: tuple[str, ...]


class _File(NamedTuple):
    path: str  # in the folder; "archive.zip/notebook.ipynb" inside an archive
    content: bytes


def find(folder: Path, frames: Mapping[str, Frame]) -> dict[str, Found]:
    """For each released notebook what lies in ``folder`` (nbgrader's submitted/STUDENT/ASSIGNMENT).

    The file of that very name is it, if it holds an answer; otherwise the one that has most in common with the
    release, under whatever name, in a folder within the folder or in an archive.
    """
    notes: list[str] = []
    files = list(_files(Path(folder), notes))
    taken: set[str] = set()
    found = {}
    for name, frame in frames.items():
        others = {f"{other}.ipynb" for other in frames if other != name}
        pool = [path for path in files if path not in taken and path not in others]
        found[name] = _choose(Path(folder), f"{name}.ipynb", frame, pool, tuple(notes), len(frames) == 1)
        taken.add(found[name].path)
    return found


def _choose(folder: Path, wanted: str, frame: Frame, pool: list[str], notes: tuple[str, ...], only: bool) -> Found:
    said = list(notes)
    exact = next((file for file in _open(folder, wanted, said)), None) if wanted in pool else None
    if exact and pool == [wanted] and exact.path == wanted:
        return _found(exact, said)
    candidates = [(exact, read(exact.content))] if exact else []
    for path in sorted(pool, key=lambda path: _distance(path, wanted))[: CANDIDATES + 1]:
        if path != wanted and (exact is None or path.endswith(".ipynb")):
            candidates += ((file, read(file.content)) for file in _open(folder, path, said))
    ranked = sorted(
        (entry for entry in candidates if entry[0] is exact or likeness(frame, entry[1].cells)[0] or only),
        key=lambda entry: _rank(frame, entry[1], entry[0] is exact),
        reverse=True,
    )
    if not ranked:
        return Found("", b"", (*said, _missing(wanted, pool)))
    best, handed = ranked[0]
    readable = [file for file, other in ranked if other.cells]
    if best is exact and exact.path == wanted:
        return _found(exact, said)
    if not handed.cells:
        return _found(best, [*said, f"{wanted} was not handed in; {best.path} was, and can't be read as a notebook."])
    if exact and best is not exact:
        why = "can't be read" if not candidates[0][1].cells else "holds no answer"
        said.append(f"{wanted} {why}; {best.path}, handed in beside it, was graded instead.")
    elif len(readable) > 1:
        said.append(f"{len(readable)} files could be meant by {wanted}; the one with most of it is {best.path}.")
    else:
        said.append(f"{wanted} was handed in as {best.path}.")
    if not likeness(frame, handed.cells)[0]:
        said.append(f"{best.path} has nothing in common with the assignment: is it the right file?")
    return _found(best, said)


def _rank(frame: Frame, handed: HandedIn, exact: bool) -> tuple:
    shared, answered = likeness(frame, handed.cells)
    return (bool(handed.cells), answered > 0, exact, shared, answered)


def _found(file: _File, notes: list[str]) -> Found:
    content = file.content
    if len(content) > SLIM:
        handed = read(content)
        notes = [*notes, *handed.notes, f"The file has {len(content) / 1e6:.0f} MB; its outputs were left out."]
        content = slim(handed) if handed.cells else content[:1000]
    return Found(file.path, content, tuple(notes))


def _missing(wanted: str, pool: list[str]) -> str:
    for path in pool:
        if kind := _FOREIGN.get(PurePosixPath(path).suffix.lower()):
            return f"{wanted} is missing; {path} is {kind}, which can't be graded: hand in the notebook itself."
    return f"{wanted} was not handed in."


def _distance(path: str, wanted: str) -> tuple:
    """Sorts paths by how far they are from the one wanted: ending, name, depth."""
    name = PurePosixPath(path).name
    stem, endings = _stem(name)
    kind = ".zip" if endings.endswith(".zip") else endings
    return (
        ".ipynb_checkpoints" in path,
        not endings.startswith(".ipynb"),
        kind == ".py",
        stem != _stem(wanted)[0],
        path.count("/"),
        path,
    )


def _stem(name: str) -> tuple[str, str]:
    """A name without what browsers and people put around it, and its endings.

    >>> _stem("Copy of PS06 (1).ipynb.txt")
    ('ps06', '.ipynb.txt')
    """
    name, endings = name.lower(), ""
    while (suffix := PurePosixPath(name).suffix) in {".ipynb", ".json", ".txt", ".py", ".zip"}:
        name, endings = name[: -len(suffix)], suffix + endings
    return _COPY.sub("", name).strip(" _-"), endings


# --- files, none of them trusted ------------------------------------------------------------------------------------


def _files(folder: Path, notes: list[str], inside: str = "", depth: int = 0) -> Iterator[str]:
    """The regular files in a folder and its folders. Links are named in the notes, and never followed."""
    try:
        with os.scandir(folder) as entries:
            entries = sorted((entry for _, entry in zip(range(FILES), entries, strict=False)), key=lambda e: e.name)
    except OSError as error:
        if depth or not isinstance(error, FileNotFoundError):
            notes.append(f"The folder {shown(inside) or 'handed in'} can't be read: {error.strerror}.")
        return
    for entry in entries:
        path = f"{inside}{entry.name}"
        try:
            path.encode()
            mode = entry.stat(follow_symlinks=False).st_mode
        except (OSError, UnicodeError):
            continue
        if entry.name.startswith("._") or entry.name in ("__MACOSX", "__pycache__", ".git"):
            continue
        if stat.S_ISREG(mode):
            yield path
        elif stat.S_ISDIR(mode):
            if depth < DEPTH:
                yield from _files(folder / entry.name, notes, f"{path}/", depth + 1)
        elif stat.S_ISLNK(mode):
            notes.append(f"{shown(path)} is a link; links are not followed.")
        else:
            notes.append(f"{shown(path)} is not a file (it is a device or a pipe).")


def _open(folder: Path, path: str, notes: list[str]) -> Iterator[_File]:
    """The file at ``path``, or the notebooks in it if it is an archive; nothing, and a note, if it can't be read."""
    if not path.lower().endswith((".zip", *_ENDINGS[:-1])) and "." in PurePosixPath(path).name[1:]:
        return
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(folder / path, flags), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                notes.append(f"{shown(path)} has {size / 1e6:.0f} MB, more than any notebook: it was not read.")
                return
            content = file.read(LARGEST + 1)
    except OSError as error:
        notes.append(f"{shown(path)} can't be read: {error.strerror}.")
        return
    if content[:2] == b"PK":
        yield from _unzipped(path, content, notes)
    else:
        yield _File(shown(path), content)


def _unzipped(path: str, content: bytes, notes: list[str]) -> Iterator[_File]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = [info for info in archive.infolist()[:FILES] if info.filename.lower().endswith(".ipynb")]
            for info in names[:CANDIDATES]:
                if "__MACOSX" in info.filename or ".ipynb_checkpoints" in info.filename:
                    continue
                with archive.open(info) as file:  # what the archive says of sizes is not believed
                    unzipped = file.read(LARGEST // 4)
                yield _File(shown(f"{path}/{info.filename}"), unzipped)
    except Exception as error:  # zipfile raises a dozen kinds on a broken, encrypted or strange archive
        notes.append(f"{shown(path)} can't be unpacked: {shown(str(error)) or type(error).__name__}.")


def shown(text: str) -> str:
    """A name that a student chose, in a sentence: printable, and not long."""
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= 80 else f"{text[:40]}...{text[-37:]}"


__all__ = ["Found", "HandedIn", "find", "read", "shown"]
