"""What a source notebook must be before it is released: ids, points, kernel, nothing left of a run."""

from __future__ import annotations

import math
import re
from pathlib import Path

from nbformat import NotebookNode

from adcourse.grading.marking.cells import Cell, Refusal

ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
KERNEL = '"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}'


def notebooks(source: Path, folder: str, name: str) -> list[Refusal]:
    """An assignment is one notebook, named as its folder: by that name it is collected and graded."""
    found = sorted(path.stem for path in source.glob("*.ipynb"))
    right = f"{name}.ipynb"
    if not found:
        return [Refusal(folder, "holds no notebook", f"put the source there: {folder}/{right}")]
    if name not in found and len(found) == 1:
        remedy = f"rename it: mv {folder}/{found[0]}.ipynb {folder}/{right}"
        return [Refusal(f"{folder}/{found[0]}.ipynb", "is not named as its folder", remedy)]
    remedy = "move it out of this folder" if name in found else f"keep one, under the name {right}"
    what = "is another notebook of the same assignment, and nbgrader would release it too"
    return [Refusal(f"{folder}/{stem}.ipynb", what, remedy) for stem in found if stem != name]


def whole(notebook: NotebookNode, file: str) -> list[Refusal]:
    """The notebook's own metadata: its kernel, and no saved state of widgets."""
    refusals = []
    kernel = notebook.metadata.get("kernelspec") or {}
    if kernel.get("name") != "python3" or kernel.get("language", "python") != "python":
        what = f"asks for the kernel {kernel.get('name')!r}, which a student need not have"
        refusals.append(Refusal(file, what, f"write in its metadata: {KERNEL}"))
    if "widgets" in notebook.metadata:
        what = "holds the saved state of widgets, with whatever they showed"
        remedy = "delete metadata.widgets: in JupyterLab, Edit > Clear Outputs of All Cells, then save"
        refusals.append(Refusal(file, what, remedy))
    return refusals


def ids(cells: list[Cell]) -> list[Refusal]:
    """Every cell has an id of its own, and nbgrader's grade_id is the same word: a cell is found by both."""
    refusals, seen, names = [], {}, {}
    for cell in cells:
        if not cell.id:
            what = "has no id, so every release would give it another"
            refusals.append(cell.refuse(what, f'write beside its cell_type: "id": "{suggestion(cell, cells)}"'))
        elif not ID.fullmatch(cell.id):
            what = f"has the id {cell.id!r}: only letters, digits, - and _ are allowed, at most 64"
            refusals.append(cell.refuse(what, f'write: "id": "{suggestion(cell, cells)}"'))
        elif cell.id in seen:
            what = f"has the id of cell number {seen[cell.id]}"
            refusals.append(cell.refuse(what, f'write: "id": "{suggestion(cell, cells)}"'))
        elif cell.id.isdecimal():
            what = "has a number for an id, which changes when a cell is put before it"
            refusals.append(cell.refuse(what, "keep the ids: nbstripout --keep-id; " + f'write: "id": "p-{cell.id}"'))
        seen.setdefault(cell.id, cell.number)
        if not any(cell.meta.get(key) for key in ("grade", "solution", "locked", "task")):
            continue
        name = cell.meta.get("grade_id")
        if not name or not isinstance(name, str):
            refusals.append(cell.refuse("has no grade_id", f'write in its metadata.nbgrader: "grade_id": "{cell.id}"'))
        elif name in names:
            what = f"has the grade_id {name!r} of cell number {names[name]}"
            other = cell.id if cell.id not in names else suggestion(cell, cells)
            refusals.append(cell.refuse(what, f'write in its metadata.nbgrader: "grade_id": "{other}"'))
        elif name != cell.id and cell.id:
            what = f"has another grade_id, {name!r}: nbgrader finds the cell by one, Jupyter by the other"
            refusals.append(cell.refuse(what, f'write in its metadata.nbgrader: "grade_id": "{cell.id}"'))
        names.setdefault(name, cell.number)
    return refusals


def suggestion(cell: Cell, cells: list[Cell]) -> str:
    """An id that is free: the grade_id if it can be one, else the id of the cell before with a number."""
    taken = {other.id for other in cells}
    name = cell.meta.get("grade_id")
    if isinstance(name, str) and ID.fullmatch(name) and name not in taken:
        return name
    before = next((other.id for other in reversed(cells[: cell.number - 1]) if ID.fullmatch(other.id)), "cell")
    return next(f"{before[:58]}-{k}" for k in range(2, 10**4) if f"{before[:58]}-{k}" not in taken)


def kept(cells: list[Cell], released: list[Cell]) -> list[Refusal]:
    """A cell that students already have keeps its id: what they hand in is matched with it."""
    refusals = []
    now = {cell.id for cell in cells}
    before = {(cell.type, cell.source): cell.id for cell in released if cell.id and cell.id not in now}
    known = {cell.id for cell in released}
    for cell in cells:
        old = before.get((cell.type, cell.source))
        if old and cell.id not in known and cell.source.strip():
            what = f"was released with the id {old!r}; work handed in would no longer find its place"
            remedy = f'write: "id": "{old}" (or delete the old release first, if nobody has it yet)'
            refusals.append(cell.refuse(what, remedy))
    return refusals


def graded(cell: Cell) -> list[Refusal]:
    """What nbgrader is told about one cell: kinds that exist, points that are a number, tasks that are locked."""
    refusals = []
    meta = cell.node.metadata.get("nbgrader", {})
    if not isinstance(meta, dict):
        return [
            cell.refuse("has metadata.nbgrader that is no table", "choose the cell's type in nbgrader's panel anew")
        ]
    for key in ("grade", "solution", "locked", "task"):
        if key in meta and not isinstance(meta[key], bool):
            what = f"says {key} = {meta[key]!r}, which nbgrader reads as {bool(meta[key])}"
            refusals.append(cell.refuse(what, f'write: "{key}": true   or   "{key}": false'))
    if cell.has_points:
        refusals += points(cell, meta.get("points"))
    if cell.is_task and meta.get("locked") is not True:
        what = "is a task that is not locked, on which nbgrader's autograding of every student stops"
        refusals.append(cell.refuse(what, 'write in its metadata.nbgrader: "locked": true'))
    if cell.is_task and cell.type != "markdown":
        refusals.append(cell.refuse("is a task in a code cell", "make it a markdown cell"))
    if cell.type == "markdown" and not cell.is_task and bool(meta.get("grade")) != bool(meta.get("solution")):
        what = "is text, so it is either graded and the student's to write, or neither"
        refusals.append(cell.refuse(what, "choose Manually graded answer, or -, in nbgrader's panel"))
    if cell.type == "raw" and any(meta.get(key) for key in ("grade", "solution", "task")):
        refusals.append(cell.refuse("is a raw cell, which nbgrader can't grade", "make it a code or a markdown cell"))
    return refusals


def points(cell: Cell, value) -> list[Refusal]:
    where = "write in its metadata.nbgrader, for example:"
    if value is None:
        return [cell.refuse("is graded and has no points", f'{where} "points": 1')]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        number = re.search(r"\d+(\.\d+)?", str(value))
        return [cell.refuse(f"has the points {value!r}, no number", f'{where} "points": {number[0] if number else 1}')]
    if not math.isfinite(value) or value < 0:
        return [cell.refuse(f"has {value} points", f'{where} "points": {abs(value) if math.isfinite(value) else 1}')]
    return []


def stripped(cell: Cell) -> list[Refusal]:
    """Nothing is left of a run: outputs hold answers, and change with every run."""
    if cell.type != "code":
        return []
    remedy = "in JupyterLab: Edit > Clear Outputs of All Cells, then save"
    refusals = []
    if cell.node.get("outputs"):
        refusals.append(cell.refuse("holds an output", remedy))
    if cell.node.get("execution_count") is not None:
        what = f"holds the execution count {cell.node.execution_count}"
        refusals.append(cell.refuse(what, f'{remedy}, or write: "execution_count": null'))
    return refusals


def schema(notebook: NotebookNode, file: str) -> list[Refusal]:
    """What nbgrader itself has to say about its metadata, for what is not looked at above."""
    from nbgrader.nbgraderformat import MetadataValidator, SchemaTooNewError, SchemaTooOldError, ValidationError

    for number, node in enumerate(notebook.cells, 1):
        cell = Cell(file, number, node)
        try:
            MetadataValidator().validate_cell(node)
        except (SchemaTooOldError, SchemaTooNewError):
            version = MetadataValidator.schema_version
            what = "has metadata of another version of nbgrader"
            return [cell.refuse(what, f'write in its metadata.nbgrader: "schema_version": {version}')]
        except ValidationError as error:
            what = f"has metadata that nbgrader refuses: {error.message[:200]}"
            return [cell.refuse(what, "choose the cell's type in nbgrader's panel anew")]
    return []
