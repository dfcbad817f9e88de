"""The instant check and its hidden twin: questions put to an answer, the answers judged, the hint that fits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from adcourse.grading import asking
from adcourse.grading.asking import STUB, quiet
from adcourse.grading.diagnosis import Answer, Diagnosis, complaint, put
from adcourse.grading.keeping import record
from adcourse.grading.plain import Complaint
from adcourse.grading.problem import Probe, Problem
from adcourse.grading.result import Line, Result

_MISSING = object()


def check(id: str, answer: object = _MISSING) -> Result:
    """Check your solution of a problem, at once and without nbgrader.

    ``id`` is the number of the problem, ``answer`` your function itself. The result is true when every question was
    answered rightly; its ``message`` says what is wrong if not, its ``hint`` where to look. Grading asks the same kind
    of questions with data that you have not seen.

    >>> bool(check("6.1", lambda x, y, z: (z, z, x + y)))
    True
    >>> print(check("6.1", lambda x, y, z: (1, 1, x + y)).message)
    grad_xyz(-2, 5, -4): entry [0] of your answer is not right (it is 1, not -4)

    Raises UnknownProblem for an id that does not exist, and names the nearest ones.
    """
    if asking.REMOTE is not None:  # being graded, where the problems are out of reach: the questions come afterwards
        return Result(str(id), "", "Checked when it is graded.", passed=True)
    problem = find(id)
    if answer is _MISSING:
        raise TypeError(f"{problem.id} needs your function too; write adcourse.check({problem.id!r}, {problem.name})")
    return record(_examine(problem, answer, problem.visible, show=True))


def examine(id: str, answer: object, seed: int | None = None) -> Result:
    """Ask the hidden questions of a problem, as the grading does: fresh random data, none of it in the report.

    The seed, drawn from the operating system unless given, is named in the report so that a grading can be repeated.
    """
    problem = find(id)
    seed = int.from_bytes(os.urandom(6)) if seed is None else seed
    result = _examine(problem, answer, lambda: problem.hidden(np.random.default_rng(seed)), show=False)
    return replace(result, note=f"Hidden questions of seed {seed}.")


def find(id: str) -> Problem:
    from adcourse.grading.problems import find  # when it is needed: the sandbox has none

    return find(id)


def _examine(problem: Problem, answer, probes, show: bool) -> Result:
    if misfit := problem.misfit(answer):
        return Result(problem.id, problem.title, misfit)
    with quiet(show):
        answers, asked = [], []
        for probe in probes():
            asked.append(probe)
            answers.append(put(probe, answer))
            if answers[-1] is STUB:
                break
        return judged(problem, asked, answers, show=len(asked) if show else 0)


def judged(
    problem: Problem,
    probes: Sequence[Probe],
    answers: Sequence[Answer],
    show: int,
    diagnosis: Diagnosis | None = None,
) -> Result:
    """What is to be said about the answers to the questions, the first ``show`` of which the student may see. A
    ``diagnosis`` of the same questions saves finding out anew how the known mistakes answer them."""
    if any(answer == STUB for answer in answers):
        return Result(problem.id, problem.title, STUB.text)
    complaints = [complaint(probe, answer) for probe, answer in zip(probes, answers, strict=True)]
    lines = tuple(_lines(probes, complaints, show))
    if not any(complaints):
        note = "Grading asks the same kind of questions with other data."
        return Result(problem.id, problem.title, "All questions answered.", "", lines, note, passed=bool(lines))
    hint = (diagnosis or Diagnosis(problem, probes)).hint(answers, complaints)
    first = next(line for line in lines if line.complaint)
    return Result(problem.id, problem.title, f"{first.question}: {first.complaint}", hint, lines)


def _lines(probes: Iterable[Probe], complaints: Iterable[Complaint | None], show: int):
    for k, (probe, blamed) in enumerate(zip(probes, complaints, strict=True)):
        words = blamed.text if blamed else ""
        yield Line(probe.question, f"{words} ({blamed.detail})" if blamed and blamed.detail and k < show else words)
