"""What a process of a session says when it is given a cell or a question, heard to its end or to the deadline.

None of it is believed: what no session sends ends the hearing.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from adcourse.grading.marking.calls import answered
from adcourse.grading.marking.steps import Asked, CellRun, Limits, Question
from adcourse.grading.marking.wire import (
    Channel,
    Closed,
    Garbled,
    Late,
    Outputs,
    unpack_complaint,
    unpack_plain,
    unpack_words,
)
from adcourse.grading.meters import Running
from adcourse.grading.plain import Complaint, Plain

_ANSWERS = 500  # more than any problem asks for


def greeted(channel: Channel, deadline: float) -> int:
    """The number of a process that has just been forked."""
    tag, body = channel.receive(deadline)
    pid = unpack_words(body).get("pid")
    if tag != b"H" or type(pid) is not int or not 0 < pid < 1 << 31:
        raise Garbled("no greeting")
    return pid


# --- a cell --------------------------------------------------------------------------------------------------------


class Cell(NamedTuple):
    """How a cell ended: a status of `CellRun`, or "broken" (the shell failed, not the cell) or "full" (no memory left
    to go on). ``ended`` if the process has said so itself; ``certain`` unless a cell has written to the socket: what
    comes next on it belongs to no cell."""

    status: str
    outputs: list[dict]
    kind: str = ""
    ended: bool = False
    certain: bool = True
    garbled: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether the process could run another cell."""
        return self.ended and self.status not in ("broken", "full")

    def run(self, limits: Limits) -> CellRun:
        status = "memory" if self.status == "full" else self.status
        words = {
            "error": f"This cell raised {self.kind if self.kind.isidentifier() else 'an error'}.",
            "timeout": f"This cell ran longer than {limits.cell:g} seconds and was stopped.",
            "memory": f"This cell asked for more than the {limits.memory >> 20} MB of memory that it may use.",
            "broken": "This cell broke the notebook itself and was left out.",
            "died": "This cell ended Python itself (a crash, os._exit, a kill) and was left out.",
        }
        return CellRun(status, self.outputs, words.get(status, ""))


def cell(channel: Channel, source: str, limits: Limits, deadline: float) -> Cell:
    token, outputs, received = secrets.token_hex(8), Outputs(limits.output, limits.images), 0
    try:
        channel.send(b"X", f"{token}\0{source}".encode("utf-8", "replace"), deadline)
        while True:
            tag, body = channel.receive(deadline)
            received += len(body) + 64
            if received > 64 * (limits.output + limits.images):
                raise Garbled("more than a session sends")
            if tag == b"D":
                status, kind, said = _ending(body)
                return Cell(status, outputs.list, kind, ended=True, certain=said == token)
            if tag != b"O":
                raise Garbled("an unknown message")
            outputs.add(body)
    except Late:
        return Cell("timeout", outputs.list)
    except Closed:
        return Cell("died", outputs.list)
    except Garbled as error:
        return Cell("died", outputs.list, garbled=str(error))


def _ending(body: bytes) -> tuple[str, str, object]:
    words = unpack_words(body)
    status, kind = words.get("status"), words.get("kind")
    if status not in ("ok", "error", "timeout", "memory", "full", "broken") or not isinstance(kind, str):
        raise Garbled("an unknown status")
    return status, kind[:100], words.get("token")


# --- a question ----------------------------------------------------------------------------------------------------


def answers(channel: Channel, question: Question, numbers: int, deadline: float) -> tuple[Asked, str]:
    """What is answered, with at most so many ``numbers``; and what was garbled."""
    found: list[Plain | Complaint] = []
    defined, lost, garbled, running = True, "", "", Running(question.functions)
    try:
        channel.send(b"Q", question.name.encode() + b"\0" + question.blob, deadline)
        while True:
            tag, body = channel.receive(deadline)
            if tag == b"D":
                break
            if tag == b"N":
                defined = False
            elif tag == b"A":
                found.append(unpack_plain(body))
                numbers -= len(found[-1].numbers)
            elif tag == b"C":
                found.append(unpack_complaint(body))
            elif tag == b"F":
                channel.send(*answered(running, body), deadline)
            else:
                raise Garbled("an unknown message")
            if len(found) > _ANSWERS or numbers < 0:
                raise Garbled("more than was asked for")
    except Late:
        lost = "time"
    except Closed:
        lost = "died"
    except Garbled as error:
        lost, garbled = "garbled", str(error)
    return Asked(defined, running.read(found) if question.functions else found, lost), garbled
