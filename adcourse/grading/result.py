"""What a check says to the student: passed or not, question by question, and the hint that fits."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Line:
    """One question and what is wrong with the answer to it ("" when nothing is)."""

    question: str
    complaint: str = ""


@dataclass(frozen=True)
class Result:
    """True when passed. ``print`` it for text; a notebook shows it as HTML."""

    id: str
    title: str
    message: str
    hint: str = ""
    lines: tuple[Line, ...] = ()
    note: str = ""
    passed: bool = False

    def __bool__(self) -> bool:
        return self.passed

    @property
    def heading(self) -> str:
        return f"{self.id} {self.title}: {'passed' if self.passed else 'not yet'}"

    def __str__(self) -> str:
        rows = [f"  {'right' if not line.complaint else 'wrong'}  {_sentence(line)}" for line in self.lines]
        hint = f"Hint: {self.hint}" if self.hint else ""
        return "\n".join(filter(None, [self.heading, *(rows or [self.message]), hint, self.note]))

    def _repr_html_(self) -> str:
        """Verdicts in words, never in colour alone; everything that comes from the student is escaped."""
        rows = "".join(
            f"<li><strong>{'right' if not line.complaint else 'wrong'}</strong>: {escape(_sentence(line))}</li>"
            for line in self.lines
        )
        body = f"<ul>{rows}</ul>" if rows else f"<p>{escape(self.message)}</p>"
        hint = f"<p><strong>Hint</strong>: {escape(self.hint)}</p>" if self.hint else ""
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f'<section aria-label="{escape(self.heading)}" style="border-left: 0.3em solid; padding-left: 1em">'
            f"<p><strong>{escape(self.heading)}</strong></p>"
            f"{body}{hint}{note}</section>"
        )


def _sentence(line: Line) -> str:
    return f"{line.question}: {line.complaint}" if line.complaint else line.question
