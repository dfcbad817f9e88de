"""What a check says to the student: passed or not, question by question, and the hint that fits."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

LONGEST = 400  # characters of anything said; an error's own text may be of any length


def readable(text: str, longest: int = LONGEST) -> str:
    """``text`` on one line and cut where it gets long, without characters that steer a terminal or turn the writing.

    >>> readable("two\\nlines and \\x1b[31mred")
    'two lines and [31mred'
    """
    text = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * longest]).split())
    return text if len(text) <= longest else text[:longest].rstrip() + " …"


@dataclass(frozen=True)
class Line:
    """One question and what is wrong with the answer to it ("" when nothing is)."""

    question: str
    complaint: str = ""

    def __post_init__(self):
        object.__setattr__(self, "complaint", readable(self.complaint))

    @property
    def verdict(self) -> str:
        return "wrong" if self.complaint else "right"

    def __str__(self) -> str:
        return f"{self.question}: {self.complaint}" if self.complaint else self.question


@dataclass(frozen=True, repr=False)
class Result:
    """True when passed. It prints as text; a notebook shows it as HTML. ``message`` says what is wrong first, ``hint``
    where to look, ``lines`` each question."""

    id: str
    title: str
    message: str
    hint: str = ""
    lines: tuple[Line, ...] = ()
    note: str = ""
    passed: bool = False

    def __post_init__(self):
        object.__setattr__(self, "message", readable(self.message))

    def __bool__(self) -> bool:
        return self.passed

    @property
    def heading(self) -> str:
        return f"{self.id} {self.title}: {'passed' if self.passed else 'not yet'}"

    def __str__(self) -> str:
        rows = [f"  {line.verdict}  {line}" for line in self.lines]
        hint = f"Hint: {self.hint}" if self.hint else ""
        return "\n".join(filter(None, [self.heading, *(rows or [self.message]), hint, self.note]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Verdicts in words; the bar's colour only repeats them. Everything that comes from a student is escaped."""
        rows = "".join(f"<li><strong>{line.verdict}</strong>: {escape(str(line))}</li>" for line in self.lines)
        body = f"<ul>{rows}</ul>" if rows else f"<p>{escape(self.message)}</p>"
        hint = f"<p><strong>Hint</strong>: {escape(self.hint)}</p>" if self.hint else ""
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        colour = "var(--jp-success-color1, #2e7d32)" if self.passed else "var(--jp-warn-color1, #e65100)"
        return (
            f'<section aria-label="{escape(self.heading)}" style="border-left: 0.3em solid {colour}; '
            'padding-left: 1em; max-width: 45em; overflow-wrap: anywhere">'
            f"<p><strong>{escape(self.heading)}</strong></p>{body}{hint}{note}</section>"
        )
