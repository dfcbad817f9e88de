"""Reads the answers in ``answers/`` and the cells of the notebooks."""

from __future__ import annotations

from pathlib import Path

import nbformat

from adcourse.grading.marking.answers import FOLDER, answers
from adcourse.grading.marking.answers import Answer as Block

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = {path.name[:4]: path.name for path in sorted((ROOT / "solutions").glob("ps*"))}


def blocks() -> list[Block]:
    return [block for path in sorted((ROOT / FOLDER).glob("ps*.py")) for block in answers(path)]


def notebook(folder: str, assignment: str):
    name = next(name for name in ASSIGNMENTS.values() if assignment in name)
    return nbformat.read(ROOT / folder / name / f"{name}.ipynb", as_version=4)


def cell(id: str) -> str:
    """The id of the answer cell of a problem: 6.4 -> p6-4-solution."""
    return f"p{id.replace('.', '-')}-solution"


def function(problem, code: str):
    """The function that ``code`` defines, in a namespace such as the notebook's set-up cell makes."""
    import math

    import numpy as np

    from adcourse.grading import Node

    space = {"np": np, "math": math, "Node": Node}
    exec(compile(code, f"<answer to {problem.id}>", "exec"), space)
    return space[problem.name]
