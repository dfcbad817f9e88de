"""What grading one notebook came to: a verdict a problem, and the rows of the gradebook."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Verdict:
    """One problem. ``message`` and ``hint`` are for the student and hold no number of a hidden question; ``notes`` are
    for the teacher (tampering seen, limits met, where the answer was found). ``cell`` is the cell that has the points.
    """

    id: str
    title: str
    points: float
    score: float
    message: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
    cell: str = ""

    @property
    def passed(self) -> bool:
        return self.score >= self.points


@dataclass(frozen=True)
class Report:
    """One notebook of one student.

    ``grades`` has every cell that can earn points: its score, or None where a person has to look. ``comments`` has what
    is said below each answer, or None. ``notes`` are for the student. ``trouble`` is why nothing could be read, or "".
    ``isolation`` is "" or the line that says what protection was missing. ``digest`` names what the scores depend on,
    ``engine`` the code that gave them.

    >>> report = Report("ps06", "ps06", "bo", (Verdict("6.1", "Sum", 2, 2.0), Verdict("6.2", "Sweep", 4, 1.0)))
    >>> report.score, report.points, Report.from_json(report.to_json()) == report
    (3.0, 6, True)
    """

    assignment: str
    notebook: str
    student: str
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    digest: str = ""
    engine: str = ""
    isolation: str = ""
    trouble: str = ""
    grades: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """What the problems earned; what a person gives is in the gradebook alone."""
        return sum(verdict.score for verdict in self.verdicts)

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Report:
        """Raises ValueError for what is no report."""
        try:
            fields = json.loads(text)
            verdicts = (Verdict(**{**verdict, "notes": tuple(verdict["notes"])}) for verdict in fields["verdicts"])
            return cls(**{**fields, "verdicts": tuple(verdicts), "notes": tuple(fields["notes"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"this is no report: {error}") from None
