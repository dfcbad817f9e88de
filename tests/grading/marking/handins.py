"""Submissions as students make them: the released notebook with answers in it, and what may happen to its file."""

from __future__ import annotations

import json
from pathlib import Path

from adcourse.grading.marking.frame import Frame, frames
from tests.grading.blocks import ASSIGNMENTS, ROOT

FRAMES = {short: frames(ROOT / "exercises" / name) for short, name in ASSIGNMENTS.items()}


def frame(assignment: str = "ps06") -> Frame:
    (only,) = FRAMES[assignment].values()
    return only


def file_name(assignment: str = "ps06") -> str:
    return f"{frame(assignment).notebook}.ipynb"


def load(folder: str, assignment: str = "ps06") -> dict:
    return json.loads((ROOT / folder / ASSIGNMENTS[assignment] / file_name(assignment)).read_text())


def untouched(assignment: str = "ps06") -> dict:
    """The notebook as JSON, as it was released."""
    return load("exercises", assignment)


def solved(assignment: str = "ps06") -> dict:
    """The released notebook with the reference solution in its answer cells."""
    notebook, answers = untouched(assignment), {cell["id"]: cell for cell in load("solutions", assignment)["cells"]}
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answers[cell["id"]]["source"]
    return notebook


def as_bytes(notebook: dict) -> bytes:
    return json.dumps(notebook, indent=1).encode()


def cell(notebook: dict, id: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell.get("id") == id)


def text(cell: dict) -> str:
    return "".join(cell["source"])


def code(source: str, **fields) -> dict:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **fields}


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
