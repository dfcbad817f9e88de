"""Answers whose worth is known, put to the questions of a problem as the grading puts them: right ones must pass, wrong
ones must fail, each with the hint of its misunderstanding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

from adcourse.grading.asking import quiet
from adcourse.grading.diagnosis import Diagnosis, put
from adcourse.grading.engine import judged
from adcourse.grading.marking.answers import Answer
from adcourse.grading.marking.cells import Cell, Refusal
from adcourse.grading.problem import Probe, Problem
from adcourse.grading.result import Result

SEEDS = (1, 2)  # of the hidden questions: always the same, so that a release is refused or not, whoever asks


class Questions:
    """Some questions of a problem; how the known mistakes answer them is found out once."""

    def __init__(self, title: str, problem: Problem, probes: Sequence[Probe]):
        self.title, self.problem, self.probes = title, problem, probes
        self.diagnosis = Diagnosis(problem, probes)

    def result(self, answer: object) -> Result:
        if misfit := self.problem.misfit(answer):
            return Result(self.problem.id, self.problem.title, misfit)
        with quiet(False):
            answers = [put(probe, answer) for probe in self.probes]
            return judged(self.problem, self.probes, answers, 0, self.diagnosis)


def questions(problem: Problem) -> list[Questions]:
    """The hidden ones of each seed, then the visible ones."""
    with quiet(False):
        hidden = {seed: list(problem.hidden(np.random.default_rng(seed))) for seed in SEEDS}
        visible = list(problem.visible())
    found = [Questions(f"the hidden questions of seed {seed}", problem, probes) for seed, probes in hidden.items()]
    return [*found, Questions("the visible questions", problem, visible)]


def mistakes(cell: Cell, asked: Sequence[Questions]) -> Iterator[Refusal]:
    """Every wrong answer that a problem knows by name fails the hidden questions, and gets its own hint."""
    problem = asked[0].problem
    for mistake in problem.mistakes:
        title = f"the mistake of problem {problem.id} with the hint {mistake.hint[:60]!r}"
        for part in asked:
            result = part.result(mistake.code)
            if result and part is not asked[-1]:
                what = f"{title} answers {part.title} rightly"
                yield cell.refuse(what, "ask where it differs from the right answer, or leave it out")
            elif not result and result.hint != mistake.hint:
                what = f"{title} gets another hint at {part.title}: {result.hint[:60]!r}"
                yield cell.refuse(what, "ask where the two mistakes differ, or give both one hint")
            else:
                continue
            break


def written(answers: Sequence[Answer], asked: Sequence[Questions], space: Mapping, file: str) -> Iterator[Refusal]:
    """Every answer that was written down as right passes, every wrong one fails with the hint that it should get.
    ``space`` has the names that the course's set-up cells define."""
    problem = asked[0].problem
    for answer in answers:
        title = f"the answer {answer.name or answer.code[:40]!r} to {answer.id}"
        given = defined(answer.code, problem.name, space)
        for part in asked:
            result = part.result(given)
            if result and problem.unseen and part is asked[-1]:  # these questions are about the form alone
                continue
            if answer.right and not result:
                what = f"{title} is called right and fails {part.title}: {result.message[:200]}"
                yield Refusal(file, what, "mend the answer, or the question")
            elif not answer.right and result:
                what = f"{title} is called wrong and passes {part.title}"
                yield Refusal(file, what, "ask where it is wrong, or call it right")
            elif not answer.right and answer.hint not in result.hint:
                what = f"{title} gets at {part.title} another hint than {answer.hint!r}: {result.hint[:80]!r}"
                yield Refusal(file, what, f"add it to the mistakes of problem {problem.id}, with that hint")
            else:
                continue
            break


class NoShell:
    """In place of IPython's shell."""

    def __getattr__(self, name):
        return lambda *args, **options: None


def set_up(cells: Sequence[Cell]) -> dict:
    """The names that the locked cells of a notebook define, which are the same for everybody. Magics do nothing."""
    space: dict = {"__name__": "__main__", "get_ipython": NoShell}
    for cell in cells:
        if cell.type == "code" and cell.meta.get("locked") and not cell.is_test and not cell.is_answer:
            exec(compile(TransformerManager().transform_cell(cell.source), cell.label, "exec"), space)
    return space


def defined(code: str, name: str, space: Mapping) -> object:
    """What an answer defines under a name; None when it does not come so far."""
    space = dict(space)
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            exec(compile(code, "<answer>", "exec"), space)
    except Exception:  # an answer may be wrong in that it does not even run
        return None
    return space.get(name)
