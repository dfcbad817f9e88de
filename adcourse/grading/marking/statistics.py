"""How a class did on an assignment, in numbers, tables and pictures without names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from adcourse.grading.marking.gradesheet import Gradesheet, Item
from adcourse.grading.marking.pages import number, render

FEW = 10  # students: of fewer, a correlation says nothing
HINTS = 10  # misunderstandings in the picture; the table has all


class Problem(NamedTuple):
    """An item's marks: how many got all, some, none of its points; their mean, as a share of the points; and
    ``discrimination``, the correlation of its marks with those of all other items together (Henrysson 1963,
    "Correction of item-total correlations in item analysis"), None where there is none to speak of."""

    item: Item
    solved: int
    partly: int
    unsolved: int
    success: float
    discrimination: float | None

    @property
    def marked(self) -> int:
        return self.solved + self.partly + self.unsolved


class Misunderstanding(NamedTuple):
    item: Item
    sentence: str  # the first of the hint
    count: int  # students who got it
    share: float  # of those whose answer was marked


class Statistics(NamedTuple):
    students: int
    handed_in: int
    totals: tuple[float, ...]  # of everybody who has one
    points: float
    problems: tuple[Problem, ...]
    misunderstandings: tuple[Misunderstanding, ...]
    seconds: tuple[float, ...]
    remarks: tuple[tuple[str, int], ...]  # what happened, and to how many


def statistics(sheet: Gradesheet) -> Statistics:
    """The numbers of a class; who has nothing marked counts in ``students`` alone."""
    marked = [row for row in sheet.rows if row.marked]
    problems, misunderstandings = [], []
    for item in sheet.items:
        rows = [row for row in marked if row.marks[item].score is not None]
        scores = np.array([row.marks[item].score for row in rows], float)
        rest = np.array([row.score for row in rows], float) - scores
        solved, unsolved = int(np.sum(scores >= item.points)), int(np.sum(scores <= 0))
        success = float(scores.mean() / item.points) if len(scores) and item.points else 0.0
        problems.append(
            Problem(item, solved, len(scores) - solved - unsolved, unsolved, success, correlation(scores, rest))
        )
        verdicts = [row.marks[item].verdict for row in rows]
        hints = Counter(first_sentence(v.hint) for v in verdicts if v and v.hint and not v.passed)
        misunderstandings += [Misunderstanding(item, said, n, n / len(rows)) for said, n in hints.items()]
    misunderstandings.sort(key=lambda m: (-m.count, sheet.items.index(m.item), m.sentence))
    reports = [report for row in marked for report in row.reports]
    remarks = (
        ("notebooks that could not be read", sum(bool(report.trouble) for report in reports)),
        ("notebooks with a note about the file", sum(bool(report.notes) for report in reports)),
        ("answers with a note of the grading", sum(bool(v.notes) for report in reports for v in report.verdicts)),
        ("students with a penalty for lateness", sum(row.penalty > 0 for row in marked)),
        ("students waiting for marks by hand", sum(row.status == "waiting" for row in marked)),
    )
    return Statistics(
        students=len(sheet.rows),
        handed_in=sum(row.status != "nothing" for row in sheet.rows),
        totals=tuple(row.total for row in marked),
        points=sheet.points,
        problems=tuple(problems),
        misunderstandings=tuple(misunderstandings),
        seconds=tuple(report.seconds for report in reports if report.seconds > 0),
        remarks=tuple((words, count) for words, count in remarks if count),
    )


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Pearson's, or None for fewer than FEW pairs, or where one of the two never changes.

    >>> x = list(range(12))
    >>> correlation(x, [-v for v in x]), correlation(x, [1] * 12), correlation(x[:3], x[:3])
    (-1.0, None, None)
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) < FEW:
        return None
    x, y = x - x.mean(), y - y.mean()
    size = float(np.linalg.norm(x) * np.linalg.norm(y))
    return round(float(x @ y) / size, 12) if size > 1e-12 * len(x) else None


def first_sentence(hint: str) -> str:
    """
    >>> first_sentence("Is x 0.5? Then 1.5 is f(x). Try it.")
    'Is x 0.5?'
    """
    return re.split(r"(?<=[.?!])\s", " ".join(hint.split()), maxsplit=1)[0]


def bins(totals: Sequence[float], points: float) -> list[tuple[float, float, int]]:
    """The totals counted in at most twenty ranges of a whole number of points: (from, to, how many).

    Each range holds its lower end; the last holds everything above it, extra credit too.
    """
    width = max(1, int(np.ceil(points / 20)))
    edges = np.arange(0, max(points, 1) + width, width, dtype=float)
    place = np.clip(np.digitize(totals, edges) - 1, 0, len(edges) - 2) if len(totals) else np.empty(0, int)
    counts = np.bincount(place, minlength=len(edges) - 1)
    return [(float(a), float(b), int(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False)]


def spread(values: Sequence[float]) -> list[tuple[str, float]]:
    """Mean, median, quartiles and extremes, by name."""
    if not len(values):
        return []
    low, middle, high = np.percentile(values, [25, 50, 75])
    named = ("mean", np.mean(values)), ("median", middle), ("lower quartile", low), ("upper quartile", high)
    return [(name, float(v)) for name, v in (*named, ("lowest", np.min(values)), ("highest", np.max(values)))]


def page(sheet: Gradesheet, found: Statistics, pictures: dict) -> str:
    """The numbers as a page; ``pictures`` from :func:`adcourse.grading.marking.plots.plots`."""
    return render(
        "statistics.html.j2", assignment=sheet.assignment, found=found, pictures=pictures, few=FEW,
        bins=bins(found.totals, found.points), spread=spread(found.totals), times=spread(found.seconds), number=number,
    )  # fmt: skip
