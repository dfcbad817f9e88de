"""Answers that are more alike than chance would have them.

Winnowing (Schleimer, Wilkerson and Aiken 2003, "Winnowing: Local Algorithms for Document Fingerprinting"): the tokens
of a program are cut into overlapping runs of K, each run is hashed, and of every W hashes in a row the smallest is
kept. Any common run of K + W - 1 tokens then shares a fingerprint. Comments, docstrings, spaces and brackets are no
tokens; a name is replaced by how far back it stood last, so that renaming changes nothing (Baker 1995, "Parameterized
Pattern Matching").

What stands in the release or in the reference solution counts for nothing. A fingerprint of many students says little:
its weight falls from 1, for two of n students, to 0, for all, as log(n/m) / log(n/2). Two answers are reported when
they share the weight of LEAST fingerprints and that is at least half of one of them. A likeness is a reason to look,
never a proof; answers too short to share that much can't be told apart, and are not compared.
"""

from __future__ import annotations

import keyword
import re
import zlib
from builtins import __dict__ as _builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from adcourse.grading.marking.feedback import joined
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.gradesheet import Gradesheet, Row, answer_cell
from adcourse.grading.marking.pages import render

K, W = 10, 4  # tokens in a run, hashes in a window: common runs of 13 tokens are found
LEAST = 8.0  # shared fingerprints, about 30 tokens that only these two have
ALIKE = 0.5  # of an answer
SHOWN = 100  # matches
CODE = 100_000  # characters of one student's notebook that are compared
BACK = 16  # how far back a name is looked for
TOKEN = re.compile(
    r"(?P<skip>\#[^\n]*|\\\n|[^\S\n]+)|(?P<line>\n)"
    r"|(?P<text>[rbuftRBUFT]{0,2}(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)"
    r"|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?))"
    r"|(?P<name>[^\W\d]\w*)|(?P<number>\.?\d(?:[eE][+-]|[\w.])*)|(?P<sign>\*\*=?|//=?|[<>=!]=|->|:=|.)",
    re.S,
)
KEPT = set(keyword.kwlist) | {name for name in _builtins if not name.startswith("_")}


class Cell(NamedTuple):
    """An answer: what it is called, and its source."""

    name: str
    source: str


class Match(NamedTuple):
    """Two answers that are alike: whose, which, and the lines (counted from 0) of each that the other has too."""

    students: tuple[str, str]
    names: tuple[str, str]
    sources: tuple[str, str]
    lines: tuple[frozenset[int], frozenset[int]]
    share: float  # of the answer that is the more contained in the other
    weight: float


class Report(NamedTuple):
    matches: tuple[Match, ...]  # the most alike first, SHOWN at most
    found: int  # matches in all
    compared: int  # students
    short: tuple[str, ...]  # what is too short to be compared, in the work of most


class Prints(NamedTuple):
    """The fingerprints of a source: hashes, and the first and last line of the run that each stands for."""

    hashes: np.ndarray
    first: np.ndarray
    last: np.ndarray


def tokens(source: str) -> tuple[list[str], list[int]]:
    """The tokens of a program, names replaced, and the line of each. Whatever isn't Python is cut up all the same.

    >>> tokens("def f(a):  # so\\n    return a + b")[0]
    ['def', '~0', '~0', ':', 'return', '~3', '+', '~0']
    """
    found: list[tuple[str, int]] = []
    seen: dict[str, int] = {}
    line, fresh, before = 0, True, ""  # fresh: nothing on this line yet, or only an opened block
    pending = None  # a text that may be a docstring
    for match in TOKEN.finditer(source):
        kind, said = match.lastgroup, match[0]
        if kind == "skip":
            line += said.count("\n")
            continue
        if kind == "line":
            pending, fresh, line = None, True, line + 1  # a text alone on its lines is dropped
            continue
        if pending:
            found.append(pending)
            pending = None
        if kind == "text":
            if fresh:
                pending = ("text", line)
            else:
                found.append(("text", line))
            line += said.count("\n")
        elif said in "()[]":
            pass
        elif kind == "name" and before != "." and said not in KEPT:
            place = len(found)
            back = place - seen.get(said, place)
            found.append((f"~{back if back <= BACK else 0}", line))
            seen[said] = place
        else:
            found.append((said, line))
        before, fresh = said, fresh and said == ":"
    return [token for token, _ in found], [place for _, place in found]


def fingerprints(source: str) -> Prints:
    """The winnowed fingerprints of a source; none of one with fewer than K tokens."""
    words, lines = tokens(source)
    if len(words) < K:
        return Prints(*(np.empty(0, np.uint64),) * 3)
    codes = np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in words], np.uint64)
    runs = np.lib.stride_tricks.sliding_window_view(codes, K)
    with np.errstate(over="ignore"):
        weights = np.uint64(0x9E3779B97F4A7C15) ** np.arange(1, K + 1, dtype=np.uint64)
        hashes = _mixed((runs * weights).sum(axis=1, dtype=np.uint64))
    width = min(W, len(hashes))
    windows = np.lib.stride_tricks.sliding_window_view(hashes, width)
    kept = np.unique(np.arange(len(windows)) + width - 1 - np.argmin(windows[:, ::-1], axis=1))  # the rightmost least
    place = np.array(lines)
    return Prints(hashes[kept], place[kept], place[kept + K - 1])


def _mixed(x: np.ndarray) -> np.ndarray:
    """Spread over all bits (the last step of SplitMix64), so that the smallest hash is any."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def compare(work: Mapping[str, Sequence[Cell]], known: Iterable[str] = ()) -> Report:
    """Which answers are alike. ``work`` has each student's code, ``known`` the sources that everybody was given and the
    reference solution, which count for nothing."""
    students = list(work)
    cells = [(k, cell, fingerprints(cell.source)) for k, student in enumerate(students) for cell in work[student]]
    if not cells:
        return Report((), 0, len(students), ())
    owner = np.array([k for k, _, _ in cells])
    size = [len(prints.hashes) for _, _, prints in cells]
    hashes, column = np.unique(np.concatenate([prints.hashes for _, _, prints in cells]), return_inverse=True)
    cell, column = np.unique(np.stack([np.repeat(np.arange(len(cells)), size), column]), axis=1)  # each once in a cell
    ours = np.concatenate([np.empty(0, np.uint64), *(fingerprints(source).hashes for source in known)])
    weight = np.where(np.isin(hashes, ours), 0.0, _rarity(owner[cell], column, len(hashes), len(students)))
    held = np.bincount(cell, weight[column], minlength=len(cells))  # of each answer, in all
    shared = _shared(cell, column, weight, len(cells))
    least = np.minimum(held[:, None], held)
    alike = np.triu((shared >= LEAST) & (shared >= ALIKE * least) & (owner[:, None] != owner), 1)
    pairs = [(float(shared[a, b] / least[a, b]), float(shared[a, b]), a, b) for a, b in np.argwhere(alike)]
    pairs.sort(key=lambda pair: (-pair[0], -pair[1], pair[2:]))
    matches = []
    for share, mass, a, b in pairs[:SHOWN]:
        (_, one, prints), (_, other, prints2) = cells[a], cells[b]
        both = np.intersect1d(prints.hashes, prints2.hashes)
        both = both[weight[np.searchsorted(hashes, both)] > 0]
        lines = _lines(prints, both), _lines(prints2, both)
        whose = students[owner[a]], students[owner[b]]
        matches.append(Match(whose, (one.name, other.name), (one.source, other.source), lines, min(share, 1.0), mass))
    return Report(tuple(matches), len(pairs), len(students), _short(cells))


def _rarity(student: np.ndarray, column: np.ndarray, columns: int, n: int) -> np.ndarray:
    """The weight of each fingerprint, from how many of the n students have it."""
    count = np.bincount(np.unique(np.stack([student, column]), axis=1)[1], minlength=columns)
    return np.clip(np.log(n / np.maximum(count, 1)) / np.log(n / 2), 0.0, 1.0) if n > 2 else np.ones(columns)


def _shared(cell: np.ndarray, column: np.ndarray, weight: np.ndarray, n: int) -> np.ndarray:
    """The weight that every two of n answers share, a few thousand fingerprints at a time."""
    common = (np.bincount(column, minlength=len(weight))[column] > 1) & (weight[column] > 0)
    cell, (names, column) = cell[common], np.unique(column[common], return_inverse=True)
    total = np.zeros((n, n), np.float32)
    for start in range(0, len(names), 4096):
        part = (column >= start) & (column < start + 4096)
        held = np.zeros((n, min(4096, len(names) - start)), np.float32)
        held[cell[part], column[part] - start] = np.sqrt(weight[names[column[part]]])
        total += held @ held.T
    return total


def _lines(prints: Prints, hashes: np.ndarray) -> frozenset[int]:
    kept = np.isin(prints.hashes, hashes)
    runs = zip(prints.first[kept], prints.last[kept], strict=True)
    return frozenset(int(line) for first, last in runs for line in range(int(first), int(last) + 1))


def _short(cells) -> tuple[str, ...]:
    """The answers that are too short to be told apart, in the work of more than half."""
    sizes: dict[str, list[int]] = {}
    for _, cell, prints in cells:
        sizes.setdefault(cell.name, []).append(len(np.unique(prints.hashes)))
    return tuple(sorted(name for name, found in sizes.items() if name and np.median(found) < LEAST))


def work(sheet: Gradesheet, notebooks: Callable[[Row, str], Mapping | None], frames: Mapping[str, Frame]) -> dict:
    """The code of each student whose work is marked, as :func:`compare` takes it: what they wrote into the answer cells
    and beside them, not what they were given. ``notebooks(row, name)`` reads one."""
    found: dict[str, list[Cell]] = {}
    for row in sheet.rows:
        if not row.marked:
            continue
        found[row.student] = []
        for name in sheet.notebooks():
            problems = {answer_cell(item.cell): item.problem or item.cell for item in sheet.items}
            found[row.student] += _written(notebooks(row, name), frames[name], problems)
    return found


def _written(notebook: Mapping | None, frame: Frame, problems: Mapping[str, str]) -> Iterator[Cell]:
    released = {cell.key: cell for cell in frame.cells} | {cell.id: cell for cell in frame.cells}
    given = notebook.get("cells") if notebook else None
    room = CODE
    for cell in given if isinstance(given, list) else []:
        if not isinstance(cell, Mapping) or cell.get("cell_type") != "code" or room <= 0:
            continue
        metadata = cell.get("metadata") if isinstance(cell.get("metadata"), Mapping) else {}
        ours = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), Mapping) else {}
        key = ours.get("grade_id", cell.get("id"))
        known = released.get(key) if isinstance(key, str) else None
        source = joined(cell.get("source"))[:room]
        if known and (known.role in ("setup", "test") or known.source == source):
            continue
        room -= len(source)
        yield Cell(problems.get(key, "") if known else "", source)


def page(sheet: Gradesheet, found: Report) -> str:
    """The likenesses as a page for the teacher, the answers side by side."""
    return render("similar.html.j2", assignment=sheet.assignment, found=found)
