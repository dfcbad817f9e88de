"""What a teacher released: the cells of a notebook, what each is for, and which problem it asks.

Marks, points and the questions of a problem are read from here alone, never from what was handed in.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from adcourse.grading.marking.names import bound, parsed
from adcourse.grading.problems import UnknownProblem, find


class Ask(NamedTuple):
    """A problem, and the name under which its test cell looks for the answer."""

    problem: str
    name: str


class Released(NamedTuple):
    """A released cell. ``key`` names it: its grade id, else its cell id. ``role`` is one of

    ========  =====================================================================================
    "setup"   locked, not graded: runs as it was released
    "answer"  where an automatically graded answer is written
    "test"    graded automatically; ``asks`` are the problems (none in a test written by hand), ``answer``
              is the key of the cell where the answer is written
    "manual"  an answer that a person grades
    "task"    a task that a person grades
    "code"    an example, free to be changed; "text" likewise
    ========  =====================================================================================
    """

    key: str
    role: str
    kind: str
    source: str
    id: str
    metadata: Mapping
    attachments: Mapping = {}
    points: float = 0.0
    asks: tuple[Ask, ...] = ()
    answer: str = ""
    locked: bool = False

    @property
    def graded(self) -> bool:
        return self.role in ("test", "manual", "task")


class Frame(NamedTuple):
    """A released notebook: its name without ``.ipynb``, its metadata, its cells in order."""

    notebook: str
    metadata: Mapping
    cells: tuple[Released, ...]

    @property
    def tests(self) -> tuple[Released, ...]:
        return tuple(cell for cell in self.cells if cell.role == "test")

    @property
    def manual(self) -> tuple[Released, ...]:
        return tuple(cell for cell in self.cells if cell.role in ("manual", "task"))

    @property
    def asks(self) -> tuple[Ask, ...]:
        """Every problem of the notebook once, in order."""
        return tuple(dict.fromkeys(ask for cell in self.tests for ask in cell.asks))

    @classmethod
    def read(cls, path: Path) -> Frame:
        """The frame of a notebook that nbgrader has released."""
        import nbformat  # both slow to import: workers get frames ready made
        from nbgrader.nbgraderformat import MetadataValidator

        notebook = nbformat.read(path, as_version=4)
        MetadataValidator().upgrade_notebook_metadata(notebook)
        cells: list[Released] = []
        for number, cell in enumerate(notebook.cells, 1):
            id = cell.get("id") or f"cell-{number}"
            key = cell.metadata.get("nbgrader", {}).get("grade_id") or id
            while any(other.key == key for other in cells):
                key = f"{key}-{number}"
            cells.append(_released(cell, key, id, cells))
        return cls(Path(path).stem, _plain(notebook.metadata), tuple(cells))


def frames(folder: Path) -> dict[str, Frame]:
    """The frames of all notebooks in a released assignment's folder, by their names."""
    return {path.stem: Frame.read(path) for path in sorted(Path(folder).glob("[!.]*.ipynb"))}


def _plain(node) -> dict:
    return json.loads(json.dumps(node))


def _released(cell, key: str, id: str, before: list[Released]) -> Released:
    marks = cell.metadata.get("nbgrader", {})
    grade, solution, task = (bool(marks.get(flag)) for flag in ("grade", "solution", "task"))
    locked = not solution and (grade or bool(marks.get("locked")))  # as nbgrader sees it
    role = (
        "task" if task else "manual" if grade and solution else "test" if grade else "answer" if solution
        else "setup" if locked else "code" if cell.cell_type == "code" else "text"
    )  # fmt: skip
    asked = asks(cell.source, key) if role == "test" else ()
    return Released(
        key, role, cell.cell_type, cell.source, id, _plain(cell.metadata), _plain(cell.get("attachments", {})),
        points=float(marks.get("points", 0)) if grade or task else 0.0,
        asks=asked, answer=_answer(asked, before) if role == "test" else "", locked=locked,
    )  # fmt: skip


def _answer(asked: tuple[Ask, ...], before: list[Released]) -> str:
    """The answer cell that a test cell looks at: the last one that binds the name it asks for, else the last one."""
    answers = [cell for cell in before if cell.role == "answer"]
    binding = [cell for cell in answers if any(ask.name in bound(cell.source) for ask in asked)]
    return (binding or answers)[-1].key if answers else ""


def asks(source: str, key: str = "") -> tuple[Ask, ...]:
    """The problems that a test cell asks: of each call ``check("6.4", backward)``; else the one its id speaks of.

    >>> asks('verdict = adcourse.check("6.4", backward)')
    (Ask(problem='6.4', name='backward'),)
    """
    found = []
    nodes = ast.walk(parsed(source) or ast.Module([], []))
    calls = [node for node in nodes if isinstance(node, ast.Call) and _called(node.func) == "check"]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        ids = [arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, (str, float))]
        names = [arg.id for arg in given if isinstance(arg, ast.Name)]
        found += _problem(ids[0], names[0] if names else "") if ids else ()
    if not found and (numbers := re.search(r"(?<!\d)0*(\d+)[-_.]0*(\d+)(?!\d)", key)):
        found += _problem(".".join(numbers.groups()), "")
    return tuple(dict.fromkeys(found))


def _called(function) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _problem(id, name: str) -> tuple[Ask, ...]:
    try:
        problem = find(id)
    except UnknownProblem:
        return ()
    return (Ask(problem.id, name or problem.name),)
