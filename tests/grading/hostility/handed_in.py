"""Submissions: the released notebook with some answers replaced, everything else as the reference has it."""

from __future__ import annotations

import copy
import functools
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from adcourse.grading.problems import all_problems
from tests.grading.blocks import ASSIGNMENTS, cell, notebook

HERE = Path(__file__).parent
HEAD = re.compile(r"(?m)^# %% (\S+)(?: loses ([\d. ]+?))?(?: risks ([\d. ]+?))? \| (.*)$")
PART = re.compile(r"(?m)^# == (\S+)$")


@functools.cache
def problems(assignment: str) -> dict:
    number = assignment[2:4].lstrip("0")
    return {id: problem for id, problem in all_problems().items() if id.partition(".")[0] == number}


def assignment_of(id: str) -> str:
    return ASSIGNMENTS[f"ps{int(id.partition('.')[0]):02}"]


@functools.cache
def _released(assignment: str) -> str:
    return json.dumps(notebook("exercises", assignment))


@functools.cache
def reference(assignment: str) -> dict[str, str]:
    """The solution of each problem."""
    source = {c.id: c.source for c in notebook("solutions", assignment).cells}
    return {id: source[cell(id)] for id in problems(assignment)}


def nonsense(id: str) -> str:
    """An answer that runs, and is wrong wherever it is asked."""
    return f"def {problems(assignment_of(id))[id].name}(*args, **kwargs):\n    return 0.0\n"


def submission(assignment: str, answers: dict[str, str]) -> dict:
    """The notebook of a student with these answers, and with the reference for the rest."""
    handed = json.loads(_released(assignment))
    cells = {c["id"]: c for c in handed["cells"]}
    for id, code in {**reference(assignment), **answers}.items():
        cells[cell(id)]["source"] = code
    return handed


@dataclass(frozen=True)
class Case:
    """What somebody hands in: the notebook's bytes, the problems that it must not get a point for, those that it may
    lose through its own doing, and the words that its report or outputs must not hold."""

    name: str
    assignment: str
    content: bytes
    loses: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    part: str = ""

    def __str__(self):
        return f"{self.part}: {self.name}"


def blocks(folder: str, filled: dict[str, str] | None = None) -> list[Case]:
    """The cases of a folder, one a block: ``# %% 1.1 loses 1.1 1.2 risks 1.3 | what it tries``, the code for the answer
    cell of 1.1, and after ``# == 1.2`` that for the cell of 1.2. A problem that is lost and has no code gets nonsense;
    one that is not lost and shares the cell has its reference solution in front of the code."""
    found = []
    for path in sorted((HERE / folder).glob("*.txt")):  # no .py: nothing may import them, nor collect doctests in them
        text = path.read_text()
        for mark, value in (filled or {}).items():
            text = text.replace("{" + mark + "}", value)
        _, *parts = HEAD.split(text)
        for id, loses, risks, name, code in zip(*[iter(parts)] * 5, strict=True):
            found.append(_case(path.stem, id, (loses or "").split(), (risks or "").split(), name, code, folder))
    return found


def _case(part, id, loses, risks, name, code, folder) -> Case:
    assignment = assignment_of(id)
    code, *others = PART.split(code)
    answers = {lost: nonsense(lost) for lost in loses} | dict(zip(*[iter(others)] * 2, strict=True))
    if folder == "attacks":
        code = (nonsense(id) if id in loses else reference(assignment)[id]) + "\n" + code
    answers[id] = code.strip() + "\n"
    content = json.dumps(submission(assignment, answers)).encode()
    return Case(name, assignment, content, frozenset(loses), frozenset(risks) | ({id} & set(risks)), part)


def ids(notebook: dict) -> dict[str, dict]:
    """The cells of a notebook by their id."""
    return {c["id"]: c for c in notebook["cells"] if "id" in c}


def code_cell(source: str, id: str = "mine", **more) -> dict:
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
        **more,
    }


def markdown_cell(source: str, id: str = "my-text", **more) -> dict:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source, **more}


def fresh(notebook: dict) -> dict:
    return copy.deepcopy(notebook)


def edited(case: Case, change) -> Case:
    return replace(case, content=json.dumps(change(json.loads(case.content))).encode())


def first(notebook: dict, source: str) -> dict:
    """With a cell in front of all others."""
    return {**notebook, "cells": [code_cell(source, id="first"), *notebook["cells"]]}


def shown(notebook: dict) -> list[str]:
    """All strings of a notebook."""
    found, todo = [], [notebook]
    while todo:
        thing = todo.pop()
        if isinstance(thing, str):
            found.append(thing)
        elif isinstance(thing, dict):
            todo += [*thing, *thing.values()]
        elif isinstance(thing, list):
            todo += thing
    return found
