"""Answers known to be right or wrong, kept as students write them: ``tests/grading/answers/psNN.py`` of a course.

Each starts with a line that says to which problem it belongs, whether it is right, and, if not, words that its hint
must hold::

    # %% 6.4 wrong: adjoints are not reset | start again from
    def backward(out):
        ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = "tests/grading/answers"
TITLE = re.compile(r"(?m)^# %% (\S+) (right|wrong): (.*)$")


@dataclass(frozen=True)
class Answer:
    """One answer: to which problem, right or not, what it does, words that its hint must hold, and the code."""

    id: str
    right: bool
    name: str
    hint: str
    code: str

    def __str__(self):
        return f"{self.id} {'right' if self.right else 'wrong'} {self.name}"


def answers(path: Path) -> list[Answer]:
    """The answers in one file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "ps09.py")
    ...     _ = path.write_text("# %% 9.1 wrong: off by one | count again\\ndef f(n):\\n    return n + 1\\n")
    ...     print(answers(path)[0])
    9.1 wrong off by one
    """
    _, *parts = TITLE.split(path.read_text(encoding="utf-8"))
    found = []
    for id, verdict, title, code in zip(*[iter(parts)] * 4, strict=True):
        name, _, hint = (part.strip() for part in title.partition("|"))
        found.append(Answer(id, verdict == "right", name, hint, code.strip() + "\n"))
    return found
