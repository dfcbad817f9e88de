"""Markers, which say what students do not get: found as nbgrader finds them, and near misses that it would release.

nbgrader looks for capital letters with one space between the words, anywhere in a line of any cell. What is spelt
otherwise is no marker for it, and what that should have hidden is released.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from adcourse.grading.marking.cells import Cell, Refusal


class Marker(NamedTuple):
    side: str  # BEGIN or END
    kind: str  # solution, hidden, scheme
    text: str  # what nbgrader looks for

    @property
    def line(self) -> str:
        return f"### {self.text}"


class Region(NamedTuple):
    """What stands between two markers: lines ``first`` to ``last`` of the cell, counted from 1."""

    kind: str
    cell: Cell
    first: int
    last: int

    @property
    def lines(self) -> list[tuple[int, str]]:
        return [(number, self.cell.lines[number - 1]) for number in range(self.first, self.last + 1)]


PLACES = {
    "solution": ("an answer cell", "make the cell an answer: nbgrader's cell type Autograded answer"),
    "hidden": ("a test cell", "make the cell a test: nbgrader's cell type Autograder tests"),
    "scheme": ("a task cell", "make the cell a task: nbgrader's cell type Manually graded task"),
}


def markers(config) -> list[Marker]:
    """The six markers as this course's nbgrader is configured to know them."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

    found = []
    for kind, name, cleaner in (
        ("solution", "solution", ClearSolutions(config=config)),
        ("hidden", "test", ClearHiddenTests(config=config)),
        ("scheme", "mark_scheme", ClearMarkScheme(config=config)),
    ):
        for side in ("BEGIN", "END"):
            found.append(Marker(side, kind, getattr(cleaner, f"{side.lower()}_{name}_delimeter")))
    return found


def fits(kind: str, cell: Cell) -> bool:
    """Whether a region of this kind is cleared, and put back for the grading, in such a cell."""
    return {"solution": cell.is_answer, "hidden": cell.is_test, "scheme": cell.is_task}[kind]


def marked(cell: Cell, known: list[Marker]) -> tuple[list[Region], list[Refusal]]:
    """The regions of a cell, and what is wrong with its markers."""
    regions, refusals, opened, start = [], [], None, 0
    for number, line in enumerate(cell.lines, 1):
        here = [marker for marker in known if marker.text in line]
        if not here:
            if marker := meant(line, cell.type, known):
                refusals.append(cell.refuse("is no marker for nbgrader", f"write: {marker.line}", number))
            continue
        marker = here[0]
        if refusal := misplaced(cell, number, line, here):
            refusals.append(refusal)
        if marker.side == "BEGIN" and opened:
            what = f"opens a region inside the one that line {start} opens"
            remedy = f"close that one first, on a line of its own: ### {end_of(opened, known).text}"
            refusals.append(cell.refuse(what, remedy, number))
        elif marker.side == "BEGIN":
            opened, start = marker, number
        elif opened is None or opened.kind != marker.kind:
            begin = next(m for m in known if m.kind == marker.kind and m.side == "BEGIN")
            what = "closes what was not opened" if opened is None else f"does not close what line {start} opens"
            remedy = f"write {begin.line} where the region begins" if opened is None else ""
            remedy = remedy or f"write: ### {end_of(opened, known).text}"
            refusals.append(cell.refuse(what, remedy, number))
            opened = None
        else:
            regions.append(Region(opened.kind, cell, start + 1, number - 1))
            opened = None
    if opened:
        remedy = f"write after its last line: ### {end_of(opened, known).text}"
        refusals.append(cell.refuse("opens a region that is never closed", remedy, start))
    if cell.is_answer and not any(region.kind == "solution" for region in regions) and not refusals:
        regions.append(Region("solution", cell, 1, len(cell.lines)))  # nbgrader replaces all of such a cell
    return regions, refusals


def end_of(begin: Marker, known: list[Marker]) -> Marker:
    return next(marker for marker in known if marker.kind == begin.kind and marker.side == "END")


def misplaced(cell: Cell, number: int, line: str, here: list[Marker]) -> Refusal | None:
    """A marker in a sentence, behind code, or in a cell where nbgrader does not clear it."""
    marker = here[0]
    if len(here) > 1:
        return cell.refuse("holds two markers", "give each marker a line of its own", number)
    before = line.partition(marker.text)[0]
    if re.search(r"\w", before) and not before.lstrip().startswith("#"):
        what = "is a marker for nbgrader, which drops the whole line"
        return cell.refuse(what, f"give the marker a line of its own: {marker.line}", number)
    if not fits(marker.kind, cell):
        place, remedy = PLACES[marker.kind]
        return cell.refuse(f"stands in a cell that is not {place}", f"{remedy}, or leave this line out", number)
    return None


LOOKALIKES = str.maketrans("АВЕКМНОРСТІЅΒΕΗΙΚΜΝΟΡΤаеосріѕ01", "ABEKMHOPCTISBEHIKMNOPTaeocpisoi")
FILLERS = {"the", "of", "a", "an", "my", "your", "this", "here"}
SIDES = {"begin": "BEGIN", "start": "BEGIN", "end": "END", "stop": "END"}


def meant(line: str, kind: str, known: list[Marker]) -> Marker | None:
    """The marker that a line is probably meant to be, though nbgrader does not take it for one.

    In code every comment is looked at, in text only lines that look like a comment, a heading or a shout. A comment
    that starts with ### or shouts needs less resemblance than one that may be a sentence.
    """
    line = unicodedata.normalize("NFKC", line).translate(LOOKALIKES)
    comment = line.strip() if kind != "code" else line[line.index("#") :].strip() if "#" in line else ""
    words = re.findall(r"[a-z]+", comment.lower())
    shouts = comment.startswith("###") or bool(re.match(r"[^a-z]*[A-Z]{3}[^a-z]*$", comment))
    for marker in known:
        if "".join(words) == re.sub("[^a-z]", "", marker.text.lower()) and comment:
            return marker
    if not comment or not words or (kind != "code" and not (shouts or re.match(r"#|<!--|%|//", comment))):
        return None
    words = [word for word in words if word not in FILLERS] or words
    for head, rest in splits(words, shouts):
        side = next((side for word, side in SIDES.items() if alike(head, word)), None)
        for marker in known:
            subject = re.sub("[^a-z]", "", marker.text.lower().partition(" ")[2])
            if marker.side == side and resembles(rest, subject, shouts):
                return marker
        if side and not rest and kind == "code" and comment.startswith("###"):  # ### END, but of what?
            return next(marker for marker in known if marker.side == side)
    return None


def splits(words: list[str], shouts: bool) -> Iterator[tuple[str, str]]:
    """The ways to read words as one that opens or closes, and what it opens or closes."""
    yield words[0], "".join(words[1:])
    yield words[-1].removesuffix("s"), "".join(words[:-1])
    if shouts or len(words) == 1:  # BEGINSOLUTION
        joined = "".join(words)
        yield joined[:5], joined[5:]
        yield joined[:3], joined[3:]


def alike(word: str, other: str) -> bool:
    return sorted(word) == sorted(other) or (word[:1] == other[:1] and ratio(word, other) > 0.7)


def resembles(said: str, subject: str, shouts: bool) -> bool:
    if shouts and len(said) > 2 and (said in subject or ratio(said[: len(subject)], subject) > 0.75):
        return True
    return ratio(said, subject) >= 0.8


def ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
