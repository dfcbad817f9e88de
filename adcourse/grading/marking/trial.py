"""A source notebook tried out: its reference, its untouched form, and every answer known to be right or wrong.

nbgrader itself runs the cells, as it will run those of students: its Execute with the course's configuration, its
``determine_grade`` for the score. Two notebooks are made of the source and its release:

* untouched: the release, with the test cells of the source, which nbgrader puts back before it grades;
* solved: the source, then again for each problem each known answer and the test cell.

A line at the end of each hidden region says that it was reached.
"""

from __future__ import annotations

import copy
import secrets
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from adcourse.grading.engine import examine
from adcourse.grading.marking.answers import Answer
from adcourse.grading.marking.cells import Cell, Refusal
from adcourse.grading.marking.markers import Region
from adcourse.grading.problem import Problem

SEEDS = (1, 2, 3)  # of the hidden questions that known mistakes are asked
LOUD = 64_000  # characters that a cell may print


class Trial:
    """``asks`` says which problem a test cell asks, by cell number; ``answers`` are those known beside the problem's
    own mistakes."""

    def __init__(self, cells: Sequence[Cell], regions: Sequence[Region], asks: dict[int, Problem], config, folder: Path):
        self.cells, self.regions, self.asks = cells, regions, asks
        self.config, self.folder = config, folder
        self.said = secrets.token_hex(8)

    def run(self, nodes: list[NotebookNode], metadata: NotebookNode) -> list[NotebookNode]:
        """The cells with their outputs, run by nbgrader in a copy of what is released."""
        notebook = NotebookNode(cells=copy.deepcopy(nodes), metadata=metadata, nbformat=4, nbformat_minor=5)
        with tempfile.TemporaryDirectory() as place:
            shutil.copytree(self.folder, place, dirs_exist_ok=True)
            Execute(config=self.config).preprocess(notebook, {"metadata": {"path": place}})
        return notebook.cells

    def traced(self, cell: Cell) -> NotebookNode:
        """A test cell that says at the end of each of its hidden regions that it came so far."""
        node = copy.deepcopy(cell.node)
        lines = list(cell.lines)
        for region in sorted((r for r in self.regions if r.cell is cell and r.kind == "hidden"), key=lambda r: -r.last):
            inside = [line for _, line in region.lines if line.strip()]
            indent = inside[-1][: len(inside[-1]) - len(inside[-1].lstrip())] if inside else ""
            if inside and inside[-1].endswith(":"):
                indent += "    "
            lines.insert(region.last, f"{indent}print({self.said!r})")
        node.source = "\n".join(lines)
        return node

    def reached(self, node: NotebookNode) -> bool:
        return any(self.said in text_of(output) for output in node.outputs)


def text_of(output: NotebookNode) -> str:
    return output.get("text", "") if output.output_type == "stream" else ""
