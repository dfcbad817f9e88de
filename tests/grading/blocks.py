"""Reads the answers in ``answers/`` and the cells of the notebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = {path.name[:4]: path.name for path in sorted((ROOT / "solutions").glob("ps*"))}


@dataclass(frozen=True)
class Block:
    """One answer: to which problem, right or not, what it does, words that its hint must hold, and the code."""

    id: str
    right: bool
    name: str
    hint: str
    code: str

    def __str__(self):
        return f"{self.id} {'right' if self.right else 'wrong'} {self.name}"


def blocks() -> list[Block]:
    pattern = r"(?m)^# %% (\S+) (right|wrong): (.*)$"
    found = []
    for path in sorted((Path(__file__).parent / "answers").glob("ps*.py")):
        _, *parts = re.split(pattern, path.read_text())
        for id, verdict, title, code in zip(*[iter(parts)] * 4, strict=True):
            name, _, hint = (part.strip() for part in title.partition("|"))
            found.append(Block(id, verdict == "right", name, hint, code.strip() + "\n"))
    return found


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
