"""The cells of a file that was handed in: a notebook of any age, whole or broken, or a script made from one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.names import bound
from adcourse.grading.marking.scan import decode, scan

LONGEST = 1_000_000  # characters of a cell
IMAGES = ("image/png", "image/jpeg", "image/gif")
IMAGE = 3_000_000  # characters of an attached image

ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SIGNS = (
    (b"%PDF", "it is a PDF"),
    (b"\x89PNG", "it is an image"),
    (b"\xff\xd8", "it is an image"),
    (b"<!doctype", "it is a web page"),
    (b"<html", "it is a web page"),
    (b"PK", "it is an archive"),
    (b"\x1f\x8b", "it is an archive"),
    (b"version https://git-lfs", "it is the pointer that Git LFS leaves in place of a file"),
)
_WIDE = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PERCENT = re.compile(r"(?m)^# ?(?:%%(.*)|In ?\[[ \d*]*\]:.*)$")
_GRADE_ID = re.compile(r"""grade_id["']?\s*[:=]\s*["']([\w-]{1,200})["']""")
_CELL_ID = re.compile(r"""(?<!\w)id\s*=\s*["']([\w-]{1,64})["']""")


class Cell(NamedTuple):
    """A cell as it was handed in. ``marks`` is what its metadata says to nbgrader: read to be told, never believed."""

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    marks: Mapping = {}
    attachments: Mapping = {}


class HandedIn(NamedTuple):
    """The cells, what had to be guessed or left out, and why nothing can be read ("" if something can)."""

    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str = ""


def read(content: bytes) -> HandedIn:
    """The cells in ``content``, whatever it is. Never raises; time and memory are bounded by its length.

    >>> read(b'{"cells": [{"cell_type": "code", "source": ["x = 1\\\\n", "y = 2"]}, {"cell_ty').cells[0].source
    'x = 1\\ny = 2'
    >>> read(b"").trouble
    'the file is empty'
    """
    content, notes = _as_utf8(content)
    if not content.strip(b"\0 \t\r\n"):
        return HandedIn(trouble="the file is empty")
    start = content.lstrip()[:64].lower()
    for sign, what in _SIGNS:
        if start.startswith(sign.lower()):
            return HandedIn((), tuple(notes), f"it is not a notebook: {what}")
    fields, whole = scan(content)
    if fields:
        if not whole:
            notes.append(f"The file is damaged or not valid JSON: what could be read of it, {len(fields)} cells, was.")
        return HandedIn(tuple(_cell(cell, notes) for cell in fields), tuple(dict.fromkeys(notes)))
    if whole:
        return HandedIn((), tuple(notes), "the notebook has no cells")
    if cells := _script(content, start):
        notes.append("A script was handed in, not a notebook; its code was graded.")
        return HandedIn(cells, tuple(notes))
    return HandedIn((), tuple(notes), "it is not a notebook, and no cell could be found in it")


def slim(handed: HandedIn) -> bytes:
    """The same cells as a notebook without outputs, in as few bytes as it takes."""
    cells = [
        {
            "cell_type": cell.kind, "source": cell.source, "attachments": cell.attachments,
            "metadata": {"nbgrader": {**cell.marks, "grade_id": cell.grade_id}},
            **({"id": cell.id} if cell.id else {}),
        }
        for cell in handed.cells
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def likeness(frame: Frame, cells: Sequence[Cell]) -> tuple[int, int]:
    """How many of the released cells ``cells`` have, by id or text, and how many of the answers."""
    ids = {cell.grade_id for cell in cells} | {cell.id for cell in cells}
    texts = {cell.source.strip() for cell in cells}
    shared = sum(cell.key in ids or cell.id in ids or cell.source.strip() in texts for cell in frame.cells)
    released = {cell.source.strip() for cell in frame.cells}
    new = [cell for cell in cells if cell.source.strip() not in released]
    names = frozenset().union(*(bound(cell.source) for cell in new if cell.kind == "code"))
    written = {cell.grade_id or cell.id for cell in new}
    answered = sum(ask.name in names for ask in frame.asks) + sum(cell.key in written for cell in frame.manual)
    return shared + sum(ask.name in names for ask in frame.asks), answered


def _as_utf8(content: bytes) -> tuple[bytes, list[str]]:
    encoding = next((encoding for mark, encoding in _WIDE if content.startswith(mark)), "")
    if not encoding and b"\0" in content[:2].strip():  # two bytes a character and no mark
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    if not encoding:
        return content.removeprefix(b"\xef\xbb\xbf"), []
    text = content.decode(encoding, "replace")
    return text.encode("utf-8", "replace"), [f"The file was in {encoding[:6].upper()}, not in UTF-8."]


def _cell(fields: dict, notes: list[str]) -> Cell:
    kind = fields.get("cell_type")
    source = next((fields[key] for key in ("source", "input", "code") if key in fields), "")
    if kind == "heading":  # nbformat 3
        level = fields.get("level")
        kind, source = "markdown", f"{'#' * (level if level in range(1, 7) else 1)} {_text(source)}"
    if kind not in ("code", "markdown", "raw"):
        kind = "raw"
        notes.append("A cell of an unknown type was not run.")
    source = _text(source)
    if len(source) > LONGEST:
        notes.append(f"A cell of {len(source)} characters, more than anybody writes, was left out.")
        source = ""
    metadata = _mapping(fields.get("metadata"))
    marks = _mapping(metadata.get("nbgrader"))
    marks = {k: v for k, v in list(marks.items())[:20] if isinstance(v, (str, int, float, bool)) and len(str(v)) < 200}
    return Cell(
        kind, source, _id(fields.get("id")), _id(marks.pop("grade_id", "")), marks,
        _images(fields.get("attachments")) if kind == "markdown" else {},
    )  # fmt: skip


def _text(value) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    value = value.encode("utf-8", "replace").decode()  # half of a surrogate pair can't be written anywhere
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _mapping(value) -> Mapping:
    return value if isinstance(value, dict) else {}


def _id(value) -> str:
    return value if isinstance(value, str) and ID.fullmatch(value) else ""


def _images(value) -> dict[str, dict[str, str]]:
    """Attachments as nbformat has them, if they are images; how harmless they are is judged where they are shown."""
    found = {}
    for name, kinds in list(_mapping(value).items())[:20]:
        kept = {kind: _text(data) for kind, data in _mapping(kinds).items() if kind in IMAGES}
        if kept := {kind: data for kind, data in kept.items() if 0 < len(data) <= IMAGE}:
            found[_text(name)[:200]] = kept
    return found


def _script(content: bytes, start: bytes) -> tuple[Cell, ...]:
    """The cells of a script as jupytext or nbconvert write it; a plain one is a single cell."""
    if start[:1] in b"{[" or b"\0" in content[:10_000] or len(content) > LONGEST:
        return ()
    text = _text(decode(content))
    marks = list(_PERCENT.finditer(text))
    if not marks:
        return (Cell("code", text),) if bound(text) else ()
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    cells = [_script_cell(mark[1] or "", text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    head = text[: marks[0].start()].strip()
    return (*((Cell("code", head),) if bound(head) else ()), *cells)


def _script_cell(head: str, body: str) -> Cell:
    grade_id, id = _GRADE_ID.search(head), _CELL_ID.search(head)
    kind = "markdown" if "[markdown]" in head or "[md]" in head else "raw" if "[raw]" in head else "code"
    if kind != "code":
        body = re.sub(r"(?m)^# ?", "", body)
    return Cell(kind, body.strip("\n"), id[1] if id else "", _id(grade_id[1]) if grade_id else "")
