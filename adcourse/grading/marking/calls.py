"""Functions of ours that a session calls by message: evaluated here, so that nobody can look into them or miscount."""

from __future__ import annotations

import math

from adcourse.grading.marking.wire import pack_plain, pack_words, unpack_call
from adcourse.grading.meters import Running
from adcourse.grading.plain import LIMIT, Complaint, Plain


def answered(running: Running, body: bytes) -> tuple[bytes, bytes]:
    """Evaluate a function of ours, here, on plain arguments. What is refused ends the question."""
    place, args = unpack_call(body)
    args = [arg._replace(numbers=tuple(map(_float, arg.numbers))) for arg in args]
    said = Complaint("f was called with far more numbers than it takes")
    if math.prod(max(len(arg.numbers), 1) for arg in args) <= LIMIT:  # they may be broadcast against each other
        said = running.call(place, args)
    return (b"V", pack_plain(said)) if isinstance(said, Plain) else (b"W", pack_words(**said._asdict()))


def _float(number):
    if not isinstance(number, int):
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
