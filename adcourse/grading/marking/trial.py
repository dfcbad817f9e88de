"""A source notebook tried out: its reference gets all points, hidden tests are come to, untouched it gets none.

nbgrader itself runs the cells, as it will run those of students: its Execute with the course's configuration, its
``determine_grade`` for the score.
"""

from __future__ import annotations

import ast
import copy
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jupyter_core.utils import run_sync
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from adcourse.grading.marking.cells import Cell, Refusal
from adcourse.grading.marking.graded_code import asserts
from adcourse.grading.marking.markers import Region

LOUD = 64_000  # characters that a cell may print


def tried(
    cells: Sequence[Cell], regions: Sequence[Region], released: NotebookNode, folder: Path, config, step: Callable
) -> Iterator[Refusal]:
    """What goes wrong when the reference, and then the untouched release, is handed in. ``folder`` holds what is
    released beside the notebook."""
    nonce = secrets.token_hex(8)
    traces = {cell.id: trace(cell, regions, nonce) for cell in cells if cell.is_test}
    traced = {id: node for id, (node, _) in traces.items()}
    metadata = released.metadata
    step("running the reference")
    solved = run([traced.get(cell.id, cell.node) for cell in cells], metadata, folder, config)
    if isinstance(solved, str):
        yield Refusal(cells[0].file, f"could not be run: {solved}", "run it in JupyterLab, from the top")
        return
    for cell, node in zip(cells, solved, strict=True):
        yield from with_the_reference(cell, node, traces[cell.id][1] if cell.is_test else set())
    step("running it untouched")
    untouched = run([traced.get(node.id, node) for node in released.cells], metadata, folder, config)
    if isinstance(untouched, str):
        yield Refusal(cells[0].file, f"could not be run without the answers: {untouched}", "run the release once")
        return
    by_id = {node.id: node for node in untouched}
    for cell in cells:
        score, full, _ = grade(by_id[cell.id]) if cell.is_test else (0.0, 0.0, "")
        if score > 0:
            what = f"gives {score:g} of {full:g} points to whoever hands in nothing"
            yield cell.refuse(what, "let it ask for what the student writes: assert verdict, verdict.message")


class Quietly(Execute):
    """What the kernel's own process says goes nowhere; what the cells print is in their outputs."""

    async def async_start_new_kernel(self, **kwargs):
        await super().async_start_new_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)

    start_new_kernel = run_sync(async_start_new_kernel)


def run(nodes: Sequence[NotebookNode], metadata: NotebookNode, folder: Path, config) -> list[NotebookNode] | str:
    """The cells with their outputs, run by nbgrader in a copy of ``folder``; why not, where that fails."""
    notebook = NotebookNode(cells=copy.deepcopy(list(nodes)), metadata=metadata, nbformat=4, nbformat_minor=5)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        shutil.copytree(folder, place, dirs_exist_ok=True)
        try:
            Quietly(config=config).preprocess(notebook, {"metadata": {"path": place}})
        except Exception as error:  # a kernel that dies, can't be started or answers nothing
            return f"{type(error).__name__}: {error}"[:300]
    return notebook.cells


class Tracer(ast.NodeTransformer):
    """Lets a test cell say where it has been: at each assertion in a hidden region, and at the region's end."""

    def __init__(self, hidden: Sequence[Region], nonce: str):
        self.hidden, self.nonce, self.expected = hidden, nonce, set()

    def mark(self, kind: str, number: int) -> list[ast.stmt]:
        mark = f"{self.nonce} {kind} {number}"
        self.expected.add(mark)
        return ast.parse(f"print({mark!r})").body

    def region(self, node: ast.AST) -> int:
        line = getattr(node, "lineno", 0)
        return next((k for k, region in enumerate(self.hidden) if region.first <= line <= region.last), -1)

    def generic_visit(self, node):
        super().generic_visit(node)
        for name, body in ast.iter_fields(node):
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                setattr(node, name, list(self.marked(body, isinstance(node, ast.Module))))
        return node

    def marked(self, body: list[ast.stmt], outermost: bool) -> Iterator[ast.stmt]:
        for number, statement in enumerate(body):
            here = self.region(statement)
            inner = statement.value if isinstance(statement, ast.Expr) else statement
            if here >= 0 and asserts(inner) and not isinstance(inner, ast.Raise):  # what passes raises nothing
                yield from self.mark("assertion", here)
            yield statement
            following = body[number + 1] if number + 1 < len(body) else None
            if outermost and here >= 0 and (following is None or self.region(following) != here):
                yield from self.mark("end", here)


def trace(cell: Cell, regions: Sequence[Region], nonce: str) -> tuple[NotebookNode, set[str]]:
    """A test cell that prints a mark wherever it comes in its hidden regions, and the marks that belong there."""
    tracer = Tracer([r for r in regions if r.cell is cell and r.kind == "hidden"], nonce)
    node = copy.deepcopy(cell.node)
    if tracer.hidden:
        node.source = ast.unparse(ast.fix_missing_locations(tracer.visit(ast.parse(cell.source))))
    return node, tracer.expected


def with_the_reference(cell: Cell, node: NotebookNode, marks: set[str]) -> Iterator[Refusal]:
    """One cell after the run of the source: a test gives all points, nothing fails, nothing floods the page."""
    if cell.type != "code":
        return
    printed = sum(len(text(output)) for output in node.outputs)
    if printed > LOUD:
        what = f"prints {printed:,} characters, more than a page holds and grading keeps ({LOUD:,})"
        yield cell.refuse(what, "print less: the first rows, or a figure")
    if not cell.is_test:
        if error := failure(node):
            yield cell.refuse(f"fails with the reference: {error}", "run the notebook from the top, and mend this cell")
        return
    score, full, why = grade(node)
    if score < full:
        what = f"gives the reference {score:g} of {full:g} points{': ' if why else ''}{why}"
        yield cell.refuse(what, "run the notebook from the top; mend the reference, or the test")
    elif not marks <= {line for output in node.outputs for line in text(output).split("\n")}:
        what = "never comes to its hidden tests, though it passes"
        yield cell.refuse(what, "put them at the top level of the cell: no if, no function around them")


def text(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return output.text
    return str(output.get("data", {}).get("text/plain", ""))


def failure(node: NotebookNode) -> str:
    errors = [output for output in node.outputs if output.output_type == "error"]
    return f"{errors[0].ename}: {errors[0].evalue}"[:200].strip(": ") if errors else ""


def grade(node: NotebookNode) -> tuple[float, float, str]:
    """What nbgrader gives a test cell that has run, of how much, and why not all."""
    why = failure(node)
    warned = [output.text for output in node.outputs if output.output_type == "stream" and output.name == "stderr"]
    if warned and not why:
        why = f"it writes on stderr, which nbgrader counts as failure: {warned[0].strip()[-150:]}"
    try:
        score, full = determine_grade(node)
    except (ValueError, KeyError) as error:
        return 0.0, float(node.metadata.nbgrader.points), str(error)
    return float(score or 0), full, why
