"""Reads the cells out of a notebook's bytes: all of a whole file, as many as are whole of a broken one.

A parser of JSON gives all or nothing, and builds every output in memory. This one finds strings and brackets, keeps
where the fields of a cell begin and end, and leaves the outputs where they are, so that a notebook of 100 MB, one
that was cut off, and one nested a million deep cost time in proportion to their length and little memory.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

TOKENS = 4_000_000  # strings, brackets and colons that are looked at
DEEP = 100  # cells and what is kept of them are nested a few levels deep
LONGEST = 4_000_000  # bytes of one field of a cell
CELLS = 5_000

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[\]{}:]', re.DOTALL)
_STRING = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?', re.DOTALL)
_ESCAPED = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([nrtbf"\\/]))')
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_KEPT = {b"cell_type", b"source", b"input", b"code", b"metadata", b"id", b"attachments", b"level"}


class Scanned(NamedTuple):
    """The fields of each cell, and whether the notebook was read to its end as it should be."""

    cells: list[dict]
    whole: bool


class _Open:
    """A bracket that has not been closed: the keys that lead to it, and in an object where its values begin."""

    __slots__ = ("began", "fields", "found", "key", "value")

    def __init__(self, began: int, found: int):
        self.began, self.found, self.key, self.value, self.fields = began, found, b"", began + 1, {}


def scan(content: bytes) -> Scanned:
    """The cells of a notebook in UTF-8, whatever is wrong with it."""
    stack: list[_Open] = []
    cells: list[tuple[bytes, dict]] = []  # the path, the fields as bytes
    skipped = last = 0  # brackets too deep to be kept; where the last string began
    path: list[bytes] = []
    whole = False
    for count, token in enumerate(_TOKEN.finditer(content)):
        if count > TOKENS or len(cells) > CELLS:
            break
        char = content[token.start()]
        if char == 0x22:  # a string
            last = token.start()
            text = token
        elif char == 0x3A:  # a colon: the string before it was a key
            if stack and not skipped and content[stack[-1].began] == 0x7B and last > stack[-1].began:
                top = stack[-1]
                _keep(content, top, last)
                top.key, top.value = content[last + 1 : text.end() - 1][:40], token.end()
        elif char in b"[{":
            if skipped or len(stack) >= DEEP:
                skipped += 1
            else:
                path.append(stack[-1].key if stack else b"")
                stack.append(_Open(token.start(), len(cells)))
        elif skipped:
            skipped -= 1
        elif stack:
            top = stack.pop()
            _keep(content, top, token.start())
            where = b"/".join(path[1:])
            path.pop()
            _collect(cells, where, top)
            if not stack:
                whole = not content[token.end() : token.end() + 100].strip()
                break
    for depth, top in enumerate(stack):  # cut off inside a cell whose source is complete
        _collect(cells, b"/".join(path[1 : depth + 1]), top)
    for proper in (b"cells/", b"worksheets//cells/"):
        if found := [fields for where, fields in cells if where == proper]:
            break
    else:
        found, whole = [fields for _, fields in cells], whole and not cells
    values = [{key.decode(): _value(raw.strip().rstrip(b",").rstrip()) for key, raw in cell.items()} for cell in found]
    mended = any(isinstance(value, _Mended) for cell in values for value in cell.values())
    return Scanned(values, whole and not mended)


def _collect(cells: list, where: bytes, top: _Open):
    if b"cell_type" in top.fields and top.fields.keys() & {b"source", b"input", b"code"}:
        del cells[top.found :]  # what looked like cells inside a cell is part of it
        cells.append((where, top.fields))


def _keep(content: bytes, top: _Open, end: int):
    if top.key in _KEPT and end - top.value <= LONGEST:
        top.fields[top.key] = content[top.value : end]


class _Mended(list):
    """The strings of a value that isn't JSON: a comma is missing, or two versions were merged."""


def _value(raw: bytes):
    text = decode(raw)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _Mended(_unescaped(decode(string)) for string in _STRING.findall(raw))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else _PLAIN.get(m[2], m[2]), text)


def decode(raw: bytes) -> str:
    """Text that should be UTF-8, and was perhaps saved in the encoding that Windows or Latin scripts use."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
