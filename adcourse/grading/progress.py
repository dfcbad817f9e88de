"""How far a student has come: all problems of the course, and what the checks said of each."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from adcourse.grading import asking
from adcourse.grading.keeping import Standing, known


@dataclass(frozen=True)
class Row:
    """One problem and how the student stands with it (None: no question asked yet)."""

    id: str
    title: str
    points: float
    standing: Standing | None = None

    @property
    def passed(self) -> bool:
        return bool(self.standing and self.standing.best.passed)

    @property
    def state(self) -> str:
        """In words: passed, tried, or not yet. A failure after a success takes nothing away, and is said."""
        if not self.standing:
            return "not yet"
        best, last = self.standing
        now = f"{last}: {last.right} of {last.of} right"
        if best.passed:
            return f"passed, {best}" + (f"; last try, {now}" if not last.passed else "")
        better = f"{best}: {best.right} of {best.of} right; last try, " if last[:2] != best[:2] else ""
        return f"tried, {better}{now}"


@dataclass(frozen=True)
class Part:
    """The problems of one assignment, or of all."""

    title: str
    rows: tuple[Row, ...]

    @property
    def points(self) -> float:
        return sum(row.points for row in self.rows if row.passed)

    @property
    def of(self) -> float:
        return sum(row.points for row in self.rows)

    @property
    def heading(self) -> str:
        return f"{self.title}, {self.points:g} of {self.of:g} points"


@dataclass(frozen=True, repr=False)
class Progress(Part):
    """All problems: ``points`` earned ``of`` how many, ``rows`` with a ``state`` each, ``parts`` for the assignments.
    ``print`` it for text; a notebook shows it as HTML."""

    parts: tuple[Part, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        width = max((len(row.title) for row in self.rows), default=0)
        lines = [self.heading]
        for part in self.parts:
            lines += ["", part.heading]
            lines += [f"  {r.id:>5}  {r.title:{width}}  {_points(r.points):>9}  {r.state}" for r in part.rows]
        return "\n".join([*lines, "", self.note])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """One table, a group of rows for each assignment, every state in words."""
        heads = "".join(f'<th scope="col" {_LEFT}>{name}</th>' for name in ("Problem", "Points", "State"))
        return (
            f'<section aria-label="{escape(self.heading)}"><table><caption {_LEFT}>{escape(self.heading)}</caption>'
            f"<thead><tr>{heads}</tr></thead>{''.join(map(_group, self.parts))}</table>"
            f"<p>{escape(self.note)}</p></section>"
        )


_LEFT = 'style="text-align: left"'


def _points(points: float) -> str:
    return f"{points:g} point{'s' * (points != 1)}"


def _group(part: Part) -> str:
    rows = "".join(
        f'<tr><th scope="row" style="text-align: left; font-weight: normal">{escape(f"{r.id} {r.title}")}</th>'
        f"<td>{r.points:g}</td><td {_LEFT}>{escape(r.state)}</td></tr>"
        for r in part.rows
    )
    heading = f'<tr><th scope="rowgroup" colspan="3" {_LEFT}>{escape(part.heading)}</th></tr>'
    return f"<tbody>{heading}{rows}</tbody>"


def progress() -> Progress:
    """All problems of the course, with their points and how you stand with each: passed, tried, or not yet.

    ``adcourse.check`` keeps what it finds in a small file, ``adcourse-progress.json``, in the folder that holds
    ``lectures`` and ``exercises`` (where there is none, in the folder you work in). Delete it for a fresh start. The
    environment variable ``ADCOURSE_PROGRESS`` names another file, or says "off".

    Returns what prints as text and shows as a table in a notebook, with ``.points`` ``.of`` how many, ``.rows`` for the
    problems and ``.parts`` for the assignments. A later failure takes no pass away. Never raises for what it finds in
    the file.

    >>> print(progress())
    Progress, ... points
    ...
    Assignment 6: Reverse mode, ... of 16 points
        6.1  Back-propagate (x+y)z                    1 point  ...
    """
    if asking.REMOTE is not None:
        return Progress("Progress", (), (), "Nothing is kept while a notebook is graded.")
    from adcourse.grading.problems import ASSIGNMENTS, problems_of, title_of

    standings, note = known()
    parts = []
    for name in ASSIGNMENTS:
        rows = (Row(p.id, p.title, p.points, standings.get(p.id)) for p in problems_of(name))
        parts.append(Part(title_of(name), tuple(rows)))
    return Progress("Progress", tuple(row for part in parts for row in part.rows), tuple(parts), note)
