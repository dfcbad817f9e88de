"""What passes between the grader and a session: frames with a length, plain numbers, a little JSON.

Whatever comes out of a session is hostile. It is read here, once, by its form alone: never unpickled, never
evaluated, nothing longer than was asked for, and numbers of the declared count and shape only.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import socket
import struct
import time
from typing import Any

from adcourse.grading.plain import BITS, EXACT, LIMIT, Complaint, Plain

FRAME = 4 << 20  # the longest message that a session may send
_HEAD = struct.Struct("<IB")  # length of what follows, tag
_DEEP = 16  # dimensions; `plain` goes no deeper than 10
_SHOWN = 500  # outputs of a cell that are kept
_TEXT = 500  # characters of a complaint that are kept


class Closed(Exception):
    """The other side is gone."""


class Late(Exception):
    """The other side did not answer in time."""


class Garbled(Exception):
    """What came is no message of ours."""


class Channel:
    """One end of a socket pair, with deadlines (of ``time.monotonic``; None waits for ever)."""

    def __init__(self, sock: socket.socket, longest: int = FRAME):
        self.sock, self.longest = sock, longest

    def send(self, tag: bytes, body: bytes = b"", deadline: float | None = None, fds=()) -> None:
        data = memoryview(_HEAD.pack(len(body), tag[0]) + body)
        try:
            self._wait(deadline)
            sent = socket.send_fds(self.sock, [data], list(fds)) if fds else 0
            while sent < len(data):
                self._wait(deadline)
                sent += self.sock.send(data[sent:])
        except TimeoutError:
            raise Late from None
        except OSError as error:
            raise Closed from error

    def receive(self, deadline: float | None = None) -> tuple[bytes, bytes]:
        """The next frame as (tag, body)."""
        length, tag = _HEAD.unpack(self._exactly(_HEAD.size, deadline))
        if length > self.longest:
            raise Garbled(f"a message of {length} bytes")
        return bytes([tag]), self._exactly(length, deadline)

    def receive_with_fds(self, count: int) -> tuple[bytes, bytes, list[int]]:
        """A frame that carries file descriptors; used inside, where the grader is the sender."""
        try:
            head, fds, _, _ = socket.recv_fds(self.sock, _HEAD.size, count)
        except OSError as error:
            raise Closed from error
        if not head:
            raise Closed
        length, tag = _HEAD.unpack(head + self._exactly(_HEAD.size - len(head), None))
        return bytes([tag]), self._exactly(length, None), fds

    def _exactly(self, length: int, deadline: float | None) -> bytes:
        parts, left = [], length
        while left:
            try:
                self._wait(deadline)
                part = self.sock.recv(min(left, 1 << 18))
            except TimeoutError:
                raise Late from None
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _wait(self, deadline: float | None) -> None:
        if deadline is None:
            self.sock.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)

    def close(self) -> None:
        self.sock.close()


def pair(longest: int = FRAME) -> tuple[Channel, socket.socket]:
    """The grader's end, and the socket to hand over."""
    ours, theirs = socket.socketpair()
    return Channel(ours, longest), theirs


# --- plain numbers -------------------------------------------------------------------------------------------------


def pack_plain(answer: Plain) -> bytes:
    """Dimensions, shape, whether imaginary parts follow; the real parts, the imaginary parts; then the integers that
    are no floats, each with its place. Exact; nan and infinities included."""
    shape, numbers = answer.shape, answer.numbers
    there = any(isinstance(number, complex) for number in numbers)
    whole = [(place, number) for place, number in enumerate(numbers) if isinstance(number, int)]
    real = [0.0 if isinstance(number, int) else number.real for number in numbers]
    parts = real + ([0.0 if isinstance(number, int) else number.imag for number in numbers] if there else [])
    data = [struct.pack(f"<B{len(shape)}I?", len(shape), *shape, there), struct.pack(f"<{len(parts)}d", *parts)]
    for place, number in whole:
        digits = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
        data += [struct.pack("<IH", place, len(digits)), digits]
    return b"".join(data)


def unpack_plain(data: bytes) -> Plain:
    """The only way by which an answer gets to a judge."""
    try:
        (dimensions,) = struct.unpack_from("<B", data)
        if dimensions > _DEEP:
            raise Garbled("an answer of too many dimensions")
        *shape, there = struct.unpack_from(f"<{dimensions}I?", data, 1)
        count = math.prod(shape)
        if count > LIMIT:
            raise Garbled(f"an answer of {count} numbers")
        at = 2 + 4 * dimensions
        parts = struct.unpack_from(f"<{count * (1 + there)}d", data, at)
        at += 8 * len(parts)
        numbers = list(parts[:count])
        if there:
            pairs = zip(numbers, parts[count:], strict=True)
            numbers = [real if imag == 0 else complex(real, imag) for real, imag in pairs]  # as `plain` reads them
        while at < len(data):
            place, length = struct.unpack_from("<IH", data, at)
            digits = data[at + 6 : at + 6 + length]
            at += 6 + length
            if place >= count or len(digits) < length or length > BITS // 8 + 1:
                raise Garbled("an integer that does not fit")
            numbers[place] = _whole(int.from_bytes(digits, "little", signed=True))
    except struct.error as error:
        raise Garbled("numbers that do not fill their shape") from error
    return Plain(tuple(shape), tuple(numbers))


def _whole(integer: int) -> int | float:
    return float(integer) if -EXACT <= integer <= EXACT else integer


def pack_call(place: int, args: tuple[Plain, ...]) -> bytes:
    """The arguments for function ``place`` of a question."""
    packed = [pack_plain(arg) for arg in args]
    return struct.pack("<BB", place, len(packed)) + b"".join(struct.pack("<I", len(p)) + p for p in packed)


def unpack_call(data: bytes) -> tuple[int, list[Plain]]:
    try:
        place, count = struct.unpack_from("<BB", data)
        args, at = [], 2
        for _ in range(count):
            (length,) = struct.unpack_from("<I", data, at)
            args.append(unpack_plain(data[at + 4 : at + 4 + length]))
            at += 4 + length
    except struct.error as error:
        raise Garbled("a call that breaks off") from error
    if at != len(data):
        raise Garbled("a call with something behind it")
    return place, args


# --- words ---------------------------------------------------------------------------------------------------------


def pack_words(**words) -> bytes:
    return json.dumps(words).encode()


def unpack_words(data: bytes) -> dict[str, Any]:
    try:
        words = json.loads(data)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise Garbled("no JSON") from error
    if not isinstance(words, dict):
        raise Garbled("no JSON object")
    return words


_UNWANTED = re.compile("\x1b\\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: object, longest: int) -> str:
    """Text that can be stored and shown: no half surrogates, no colour codes, nothing that turns the writing round."""
    if not isinstance(text, str):
        raise Garbled("no text where text belongs")
    text = text[: 2 * longest].encode("utf-8", "replace").decode()
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:longest]


def unpack_complaint(data: bytes) -> Complaint:
    words = unpack_words(data)
    return Complaint(*(clean(words.get(key, ""), _TEXT) for key in Complaint._fields))


# --- outputs -------------------------------------------------------------------------------------------------------


class Outputs:
    """What a cell shows, as nbformat means it, with at most ``text`` characters and ``image`` bytes of pictures."""

    def __init__(self, text: int, image: int):
        self.text, self.image, self.cut, self.list = text, image, False, []

    def add(self, data: bytes) -> None:
        words = unpack_words(data)
        kind = words.get("output_type")
        if len(self.list) >= _SHOWN:
            self._over()
        elif kind == "stream" and words.get("name") in ("stdout", "stderr"):
            self._stream(words["name"], words.get("text"))
        elif kind in ("display_data", "execute_result"):
            self._data(kind, words)
        elif kind == "error":
            lines = words.get("traceback")
            if not isinstance(lines, list):
                raise Garbled("a traceback that is no list")
            said = {key: self._take(words.get(key))[:1000] for key in ("ename", "evalue")}
            kept = [self._take(line) for line in lines[:200] if self.text > 0]
            self.list.append({"output_type": "error", **said, "traceback": kept})
        elif kind == "cut":
            self._over()
        else:
            raise Garbled("an output of no known type")

    def _stream(self, name, text) -> None:
        text = self._take(text)
        if not text:
            return
        last = self.list[-1] if self.list else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.list.append({"output_type": "stream", "name": name, "text": text})

    def _data(self, kind, words) -> None:
        data = words.get("data")
        if not isinstance(data, dict):
            raise Garbled("data that is no mapping")
        kept = {"text/plain": self._take(data.get("text/plain", ""))}
        picture = data.get("image/png")
        if picture is not None and self._is_png(picture):
            if len(picture) <= self.image:
                self.image -= len(picture)
                kept["image/png"] = picture
            else:
                self._over()
        if not kept["text/plain"] and len(kept) == 1:
            return
        output = {"output_type": kind, "data": kept, "metadata": {}}
        if kind == "execute_result":
            count = words.get("execution_count")
            output["execution_count"] = count if type(count) is int and 0 <= count < 10**6 else None
        self.list.append(output)

    @staticmethod
    def _is_png(picture) -> bool:
        try:
            return base64.b64decode(picture.encode("ascii"), validate=True).startswith(b"\x89PNG\r\n\x1a\n")
        except (AttributeError, UnicodeError, binascii.Error):
            return False

    def _take(self, text) -> str:
        kept = clean(text, max(self.text, 0))
        self.text -= len(kept)
        if self.text <= 0:
            self._over()
        return kept

    def _over(self) -> None:
        if not self.cut:
            self.cut = True
            self.list.append({"output_type": "stream", "name": "stderr", "text": "\n[more was shown than is kept]\n"})
