"""Whether a line that students must not have stands anywhere in what they get.

What counts as a line of a solution: two texts are compared without white space, case kept, and without what a quoted
line begins and ends with (``>``, ``#``, ``-``, quotes). A line weighs as much as it has different names, numbers and
words that are neither Python's keywords nor its built-ins:

* from 3 on (``q = x + y``) it may not stand anywhere as a line;
* from 3 on, and 12 characters, it may not stand within a line either, nor broken over lines;
* a lighter one (``return order``, ``)``, ``else:``, ``while todo:``) says nothing by itself. Two or more that follow
  each other as they do in the solution count together;
* an import that a released cell needs too is everybody's.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from adcourse.grading.marking.markers import Marker, Region, meant

HEAVY, LONG = 3, 12
COMMON = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
WORD = re.compile(r"\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\w+")
BREAK = re.compile(r"[\n\r\0\v\f\u2028\u2029]")
EDGES = " \t#>*+-|`'\",;:\\"


class Secret(NamedTuple):
    """A line that stays with the teacher, and where it stands."""

    text: str
    cell: str
    line: int
    weight: int

    @property
    def where(self) -> str:
        return f"{self.cell}, line {self.line}"


class Found(NamedTuple):
    secret: Secret
    line: int  # of the text that was searched
    text: str


def plain(text: str) -> str:
    """A text in which letters that look alike are the same, and none is invisible."""
    if text.isascii():
        return text
    return re.sub("[\u200b-\u200d\u2060\ufeff\u00ad]", "", unicodedata.normalize("NFKC", text))


def compact(text: str) -> str:
    return "".join(text.split())


def key(line: str) -> str:
    """What of a line is compared."""
    return compact(line.strip(EDGES))


def weight(line: str) -> int:
    return len(set(WORD.findall(line)) - COMMON)


def is_import(line: str) -> bool:
    return bool(re.match(r"\s*(import\s+\w|from\s+[\w.]+\s+import\s)", line))


class Leaks:
    """Finds secret lines: ``regions`` hold them, ``stub`` is what nbgrader writes in their place, and ``imports`` are
    lines of released code."""

    def __init__(self, regions: Iterable[Region], stub: str = "", imports: Iterable[str] = ()):
        everybodys = {key(line) for line in (*stub.split("\n"), *filter(is_import, imports))} | {""}
        self.pairs: set[tuple[str, str]] = set()
        self.secrets: dict[str, Secret] = {}
        for region in regions:
            before = ""
            for number, line in region.lines:
                if (name := key(plain(line))) in everybodys:
                    before = before if not name else ""
                    continue
                self.secrets.setdefault(name, Secret(line.strip(), region.cell.label, number, weight(line)))
                if before and before != name:
                    self.pairs.add((before, name))
                before = name
        self.long = [(k, s) for k, s in self.secrets.items() if s.weight >= HEAVY and len(k) >= LONG]

    def search(self, text: str) -> Iterator[Found]:
        """Every secret that stands in a text, once."""
        lines = BREAK.split(plain(text))
        found, before, last = set(), "", ""
        for number, line in enumerate(lines, 1):
            name = key(line)
            secret = self.secrets.get(name)
            pair = (before, name) in self.pairs and weight(last) + weight(line) >= HEAVY if before else False
            if secret and name not in found and (secret.weight >= HEAVY or pair):
                found.add(name)
                yield Found(secret, number, line)
            if name:
                before, last = name, line
        missing = [(name, secret) for name, secret in self.long if name not in found]
        if not missing:
            return
        parts = [compact(line) for line in lines]
        whole, ends = "".join(parts), None
        for name, secret in missing:
            if (at := whole.find(name)) >= 0:
                ends = ends or list(accumulate(map(len, parts)))
                number = bisect_right(ends, at) + 1
                yield Found(secret, number, lines[number - 1])


def markers_in(text: str, known: list[Marker]) -> Iterator[tuple[int, str]]:
    """Lines that a marker of nbgrader, or what was meant to be one, is left in."""
    exact = re.compile("|".join(re.sub(r"\s+", r"[\\s_-]*", marker.text) for marker in known))
    for number, line in enumerate(BREAK.split(text), 1):
        if exact.search(line) or ("#" in line and len(line) < 200 and meant(line, "text", known)):
            yield number, line
