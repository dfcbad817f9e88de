"""The instant check and its hidden twin: questions put to an answer, the answers judged, the hint that fits."""

from __future__ import annotations

import builtins
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from adcourse.grading import asking
from adcourse.grading.asking import RECURSION, STUB, quiet
from adcourse.grading.diagnosis import Answer, Diagnosis, Said, heard, put
from adcourse.grading.keeping import record
from adcourse.grading.meters import ENDLESS, VISITS
from adcourse.grading.problem import Probe, Problem
from adcourse.grading.result import Line, Result

_MISSING = object()
WRONG = "your code raised an error, or can't be asked"
LOST = {
    "time": "your code took too long over it",
    "memory": "your code needed too much memory",
    "died": "your code ended the whole process",
}
HIDDEN = {known.kind: known.text for known in (RECURSION, ENDLESS, VISITS)} | {
    "form": "what came back can't be read as the numbers that were asked for",
    "lost": "no answer came back",
}


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
    return record(_examine(_visible(problem), answer, show=True))


def examine(id: str, answer: object, seed: int | None = None) -> Result:
    """Ask the hidden questions of a problem, as the grading does: fresh random data, none of it in the report.

    The seed, drawn from the operating system unless given, is named in the report so that a grading can be repeated.
    """
    problem = find(id)
    seed = int.from_bytes(os.urandom(6)) if seed is None else seed
    with quiet(False):
        questions = Diagnosis(problem, list(problem.hidden(np.random.default_rng(seed))))
    result = _examine(questions, answer, show=False)
    return replace(result, note=f"Hidden questions of seed {seed}.")


def find(id: str) -> Problem:
    from adcourse.grading.problems import find  # when it is needed: the sandbox has none

    return find(id)


@cache
def _visible(problem: Problem) -> Diagnosis:
    """The questions of the check, which never change, and how the known mistakes answer them."""
    with quiet(False):
        return Diagnosis(problem, list(problem.visible()))


def _examine(diagnosis: Diagnosis, answer, show: bool) -> Result:
    problem, answers = diagnosis.problem, []
    if misfit := problem.misfit(answer):
        return Result(problem.id, problem.title, misfit)
    with quiet(show):
        for probe in diagnosis.probes:
            answers.append(put(probe, answer))
            if answers[-1] is STUB:
                break
        return judged(problem, diagnosis.probes[: len(answers)], answers, show, diagnosis)


def judged(
    problem: Problem,
    probes: Sequence[Probe],
    answers: Sequence[Answer],
    show: bool,
    diagnosis: Diagnosis | None = None,
) -> Result:
    """What is to be said about the answers to the questions; ``show`` where the student knows the questions. A
    ``diagnosis`` of the same questions saves finding out anew how the known mistakes answer them."""
    if any(answer == STUB for answer in answers):
        return Result(problem.id, problem.title, STUB.text)
    said = heard(probes, answers)
    lines = tuple(Line(p.question, _words(s, show)) for p, s in zip(probes, said, strict=True))
    if not any(s.blamed for s in said):
        note = problem.unseen or "Grading asks the same kind of questions with other data."
        return Result(problem.id, problem.title, "All questions answered.", "", lines, note, passed=bool(lines))
    try:
        hint = (diagnosis or Diagnosis(problem, probes)).hint(said)
    except Exception:  # an answer made of strange numbers must not stop the grading of a class
        hint = problem.hint
    first = next(line for line in lines if line.complaint)
    return Result(problem.id, problem.title, f"{first.question}: {first.complaint}", hint, lines)


def _words(said: Said, show: bool) -> str:
    """Where the question is hidden, nothing that the student's code put into words: it could spell out the question."""
    if not said.blamed:
        return ""
    text, detail, kind = said.blamed
    if show:
        return f"{text} ({detail})" if detail else text or WRONG
    if said.blamed is not said.answer:
        return text
    name, _, more = kind.partition(": ")
    error = getattr(builtins, name.partition("raised ")[2], None)
    if isinstance(error, type) and issubclass(error, BaseException):
        return f"your code raised {error.__name__}"
    return LOST.get(more, HIDDEN["lost"]) if name == "lost" else HIDDEN.get(name, WRONG)
