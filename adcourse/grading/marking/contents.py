"""All texts in a file that somebody might read: of a notebook every field, of an archive every member, decoded."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import html
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

DEEP = 4  # so many wrappings are taken off
LARGE = 200_000_000  # no archive is unpacked beyond that
BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{4}\s?){3,}[A-Za-z0-9+/_-]{0,3}={0,2}")
HEX = re.compile(r"(?:[0-9a-fA-F]{2}){12,}")
PACKED = ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\xfd7zXZ\0", lzma.decompress))


def texts(name: str, data: bytes, deep: int = DEEP) -> Iterator[tuple[str, str]]:
    """(where, text) for each text in a file of that name."""
    if deep < 0:
        return
    for member, content in unpacked(data):
        yield from texts(f"{name}: {member}" if member else name, content, deep - 1)
    for text in decoded(data):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, (dict, list)):
            for where, part in strings(value):
                yield from readings(f"{name}, {where}" if where else name, part, deep)
        else:
            yield from readings(name, text, deep)


def decoded(data: bytes) -> Iterator[str]:
    """Bytes as text: UTF-8 where it is that, else Latin-1, which never fails; and UTF-16 where every other byte is 0
    or a mark says so."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield data.decode("utf-16", "replace")
    elif data[1:40:2].count(0) > 10 or data[:40:2].count(0) > 10:
        yield data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        yield data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield data.decode("latin-1")


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is inside: members of archives, compressed data, the text of a picture. Damaged ones hold nothing."""
    try:
        if data[:4] == b"PK\x03\x04" or zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = [member for member in archive.infolist() if member.file_size < LARGE]
                yield "names", "\n".join([archive.comment.decode("latin-1"), *archive.namelist()]).encode()
                for member in members:
                    yield member.filename, archive.read(member)
        elif data[257:262] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                for member in archive:
                    if member.isfile() and member.size < LARGE:
                        yield member.name, archive.extractfile(member).read()
        elif data[:8] == b"\x89PNG\r\n\x1a\n":
            yield "text", b"\n".join(png_texts(data))
        for magic, decompress in PACKED:
            if data.startswith(magic):
                yield "", decompress(data)
        if data[:1] == b"\x78" and len(data) > 2 and int.from_bytes(data[:2]) % 31 == 0:
            yield "", zlib.decompress(data)
    except (
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
        tarfile.TarError,
    ):
        return


def png_texts(data: bytes) -> Iterator[bytes]:
    """The textual chunks of a PNG picture (PNG specification, 11.3.3)."""
    at = 8
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"zTXt", b"eXIf"):
            yield content
            for start in (m.end() for m in re.finditer(rb"\0", content)):
                try:
                    yield zlib.decompress(content[start:].removeprefix(b"\0"))
                except zlib.error:
                    continue
        at += size + 12


def strings(value, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text in JSON, keys too; the lines of a notebook's cell are one text, named by the cell."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
        yield where, ("" if any(entry.endswith("\n") for entry in value) else "\n").join(value)
    elif isinstance(value, list):
        for number, entry in enumerate(value, 1):
            id = entry.get("id") if isinstance(entry, dict) else None
            part = f"cell {id} (number {number})" if isinstance(id, str) and where == "cells" else f"{where} {number}"
            yield from strings(entry, part.strip())
    elif isinstance(value, dict):
        yield f"{where} keys".strip(), "\n".join(value)
        for name, entry in value.items():
            path = where if name == "source" else f"{where} {name}".strip()
            yield from strings(entry, path)


def readings(where: str, text: str, deep: int) -> Iterator[tuple[str, str]]:
    """A text as it stands, and as it reads when its escapes, entities, base64 or hexadecimal digits are undone."""
    yield where, text
    seen = {text}
    for way, read in (("HTML", html.unescape), ("escaped", unescaped), ("URL", unquote)):
        if (plain := read(text)) not in seen:
            seen.add(plain)
            yield f"{where} ({way})", plain
    for match in BASE64.finditer(text):
        digits = re.sub(r"\s", "", match[0]).rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            yield from texts(f"{where} (base64)", base64.b64decode(digits + "=" * (-len(digits) % 4)), deep - 1)
        except binascii.Error:
            continue
    for match in HEX.finditer(text):
        yield from texts(f"{where} (hexadecimal)", bytes.fromhex(match[0]), deep - 1)


def unescaped(text: str) -> str:
    r"""``\n``, ``\"`` and ``\u03b1`` undone, as in the text of a JSON file that is no JSON."""
    if "\\" not in text:
        return text
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\([nrt\"'/\\])", lambda match: {"n": "\n", "r": "\n", "t": "\t"}.get(match[1], match[1]), text)
