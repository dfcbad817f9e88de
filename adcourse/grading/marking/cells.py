"""The cells of a notebook as they stand in the file, and a refusal: where, what is wrong, what to write instead.

nbformat and nbgrader mend, drop or replace much while they read (missing ids, outputs, unknown keys). The release gate
wants to see what was written, so the file is read as plain JSON here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import reads
from nbformat.validator import iter_validate


class Refusal(NamedTuple):
    """Why something is not released. ``line`` counts from 1, in the cell where one is named, else in the file."""

    file: str
    what: str
    remedy: str
    cell: str = ""
    line: int = 0
    text: str = ""  # the guilty line

    def __str__(self) -> str:
        where = ", ".join(filter(None, [self.file, self.cell, f"line {self.line}" if self.line else ""]))
        guilty = f"\n      {self.text.strip()[:160]}" if self.text.strip() else ""
        return f"{where}: {self.what}{guilty}\n    {self.remedy}"


@dataclass(frozen=True)
class Cell:
    """One cell: ``number`` counts from 1 in ``file``."""

    file: str
    number: int
    node: NotebookNode

    @property
    def id(self) -> str:
        return str(self.node.get("id", ""))

    @property
    def label(self) -> str:
        return f"cell {self.id} (number {self.number})" if self.id else f"cell number {self.number}"

    @property
    def type(self) -> str:
        return self.node.cell_type

    @property
    def source(self) -> str:
        return self.node.source

    @cached_property
    def lines(self) -> list[str]:
        return self.source.split("\n")  # as nbgrader counts them

    @property
    def meta(self) -> dict:
        """What nbgrader knows of the cell; empty when it is none of nbgrader's."""
        meta = self.node.metadata.get("nbgrader", {})
        return meta if isinstance(meta, dict) else {}

    @property
    def is_task(self) -> bool:
        return self.meta.get("task") is True

    @property
    def is_answer(self) -> bool:
        """Students write here: nbgrader's solution cell."""
        return self.meta.get("solution") is True

    @property
    def is_test(self) -> bool:
        """Graded by running it: nbgrader's grade cell without a solution in it."""
        return self.type == "code" and self.meta.get("grade") is True and not self.is_answer and not self.is_task

    @property
    def has_points(self) -> bool:
        return self.meta.get("grade") is True or self.is_task

    def refuse(self, what: str, remedy: str, line: int = 0) -> Refusal:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Refusal(self.file, what, remedy, self.label, line, text)


def read(path: Path, file: str) -> tuple[list[Cell], NotebookNode | None, list[Refusal]]:
    """The cells of a notebook, the notebook, and why it can't be read as nbformat 4.5 where it can't."""
    try:
        raw = json.loads(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return [], None, [Refusal(file, "is not UTF-8", "save it with JupyterLab, or as UTF-8", line=line)]
    except json.JSONDecodeError as error:
        what = f"is no JSON: {error.msg}"
        return [], None, [Refusal(file, what, "take back the last change of this line by hand", line=error.lineno)]
    except RecursionError:
        return [], None, [Refusal(file, "is nested without end", "take back the last change")]
    version = (raw.get("nbformat"), raw.get("nbformat_minor")) if isinstance(raw, dict) else (None, None)
    if version != (4, 5):
        what = f"is nbformat {version[0]}.{version[1]}, in which cells have no ids or mean something else"
        remedy = 'save it with JupyterLab 4, which ends the file in "nbformat": 4, "nbformat_minor": 5'
        return [], None, [Refusal(file, what, remedy)]
    faults = [fault for fault in iter_validate(raw, version=4, version_minor=5) if not about_an_id(fault, raw)]
    if faults:
        return [], None, [malformed(fault, raw, file) for fault in faults[:5]]
    for cell in raw["cells"]:
        cell.setdefault("id", "")
    notebook = reads(json.dumps(raw))
    return [Cell(file, number, node) for number, node in enumerate(notebook.cells, 1)], notebook, []


def about_an_id(fault, raw) -> bool:
    """Whether a fault is a missing or odd cell id and nothing else: ids are looked at by themselves."""
    path = list(fault.absolute_path)
    if len(path) == 3 and path[0] == "cells" and path[2] == "id":
        return True
    if len(path) == 2 and path[0] == "cells" and isinstance(raw["cells"][path[1]], dict):
        return fault.validator == "required" and "id" not in raw["cells"][path[1]] and "'id'" in fault.message
    return False


def malformed(fault, raw, file: str) -> Refusal:
    path = list(fault.absolute_path)
    cell = ""
    if len(path) > 1 and path[0] == "cells" and isinstance(raw["cells"][path[1]], dict):
        id = raw["cells"][path[1]].get("id")
        cell = f"cell {id} (number {path[1] + 1})" if id else f"cell number {path[1] + 1}"
    where = ".".join(str(step) for step in path)
    what = f"is no notebook of nbformat 4.5: {where + ': ' if where else ''}{fault.message[:200]}"
    return Refusal(file, what, "open and save it with JupyterLab, or take back the last change by hand", cell)
