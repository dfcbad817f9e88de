"""A small real course to plant faults in: one problem of assignment 6, with the course's own configuration."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

from adcourse.grading.marking import gate
from adcourse.grading.marking.cells import Refusal
from adcourse.grading.marking.course import Course

ROOT = Path(__file__).parents[3]
NAME = "ps06_small"
REAL = json.loads((ROOT / "solutions/ps06_reverse_mode/ps06_reverse_mode.ipynb").read_text(encoding="utf-8"))
CELLS = ("p6-setup", "p6-1-text", "p6-1-solution", "p6-1-test")
SOLUTION, TEST, TEXT, SETUP = "p6-1-solution", "p6-1-test", "p6-1-text", "p6-setup"


class Planted:
    """The course in ``folder``. Change ``raw``, the notebook as JSON, then ask for ``refusals()``."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        self.raw = deepcopy(REAL)
        self.raw["cells"] = [cell for cell in self.raw["cells"] if cell["id"] in CELLS]
        for cell in self.raw["cells"]:
            cell["source"] = "".join(cell["source"])
        self.name = NAME

    @property
    def source(self) -> Path:
        return self.folder / "solutions" / NAME

    @property
    def released(self) -> Path:
        return self.folder / "exercises" / NAME

    def cell(self, id: str) -> dict:
        return next(cell for cell in self.raw["cells"] if cell.get("id") == id)

    def meta(self, id: str) -> dict:
        return self.cell(id)["metadata"]["nbgrader"]

    def change(self, id: str, old: str, new: str) -> None:
        assert old in self.cell(id)["source"]
        self.cell(id)["source"] = self.cell(id)["source"].replace(old, new)

    def add(self, type: str, source: str, id: str = "p6-extra", at: int | None = None, **nbgrader) -> dict:
        cell = {"cell_type": type, "id": id, "metadata": {}, "source": source}
        if type == "code":
            cell |= {"outputs": [], "execution_count": None}
        if nbgrader:
            kinds = {"grade": False, "solution": False, "locked": False, "task": False}
            cell["metadata"]["nbgrader"] = {"grade_id": id, "schema_version": 3} | kinds | nbgrader
        self.raw["cells"].insert(len(self.raw["cells"]) if at is None else at, cell)
        return cell

    def save(self, name: str | None = None, text: str | bytes | None = None) -> Path:
        self.source.mkdir(parents=True, exist_ok=True)
        path = self.source / (name or f"{NAME}.ipynb")
        text = json.dumps(self.raw, indent=1, ensure_ascii=False) + "\n" if text is None else text
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def outcome(self, check: bool = True) -> gate.Outcome:
        return gate.release(Course.find(self.folder), NAME, check, lambda step: None)

    def refusals(self) -> list[Refusal]:
        if not (self.source / f"{NAME}.ipynb").exists():
            self.save()
        return self.outcome().refusals


def without_running(monkeypatch) -> None:
    """Leave out the kernels, for what has nothing to do with them; others run them."""
    monkeypatch.setattr(gate, "attempted", lambda *args: [])


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


Plant = Callable[[Planted], object]
