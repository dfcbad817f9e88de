"""Puts the questions of a problem to a student's answer, and finds the hint that fits."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from adcourse.grading.meters import RECURSION, Stopped
from adcourse.grading.plain import NotPlain, Plain, plain
from adcourse.grading.problem import Complaint, Probe, Problem
from adcourse.grading.problems import find
from adcourse.grading.result import Line, Result

_MISSING = object()
_STUB = Complaint("This is still the empty stub: put your code in place of `raise NotImplementedError()`", kind="stub")


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
    problem = find(id)
    if answer is _MISSING:
        raise TypeError(f"{problem.id} needs your function too; write adcourse.check({problem.id!r}, {problem.name})")
    return _examine(problem, answer, problem.visible, show=True)


def examine(id: str, answer: object, seed: int | None = None) -> Result:
    """Ask the hidden questions of a problem, as the grading does: fresh random data, none of it in the report.

    The seed, drawn from the operating system unless given, is named in the report so that a grading can be repeated.
    """
    problem = find(id)
    seed = int.from_bytes(os.urandom(6)) if seed is None else seed
    result = _examine(problem, answer, lambda: problem.hidden(np.random.default_rng(seed)), show=False)
    return replace(result, note=f"Hidden questions of seed {seed}.")


class _Outcome(NamedTuple):
    probe: Probe
    answer: Plain | None
    complaint: Complaint | None


def _examine(problem: Problem, answer, probes, show: bool) -> Result:
    if misfit := problem.misfit(answer):
        return Result(problem.id, problem.title, misfit)
    with _quiet(show):
        outcomes = []
        for probe in probes():
            outcomes.append(_ask(probe, answer))
            if outcomes[-1].complaint is _STUB:
                return Result(problem.id, problem.title, _STUB.text)
        wrong = [outcome for outcome in outcomes if outcome.complaint]
        hint = _diagnose(problem, outcomes) if wrong else ""
    lines = tuple(Line(o.probe.question, _words(o.complaint, show)) for o in outcomes)
    if not wrong:
        note = "Grading asks the same kind of questions with other data."
        return Result(problem.id, problem.title, "All questions answered.", "", lines, note, passed=bool(lines))
    first = next(line for line in lines if line.complaint)
    return Result(problem.id, problem.title, f"{first.question}: {first.complaint}", hint, lines)


def _ask(probe: Probe, answer) -> _Outcome:
    """One question, whatever the answer does: only the user's own interrupt gets through."""
    limit = sys.getrecursionlimit()
    try:
        said = plain(probe.ask(answer))
    except KeyboardInterrupt:
        raise
    except Stopped as stopped:
        return _Outcome(probe, None, stopped.complaint)
    except NotImplementedError:
        return _Outcome(probe, None, _STUB)
    except RecursionError:
        return _Outcome(probe, None, RECURSION)
    except NotPlain as refused:
        return _Outcome(probe, None, Complaint(str(refused)))
    except BaseException as error:
        return _Outcome(probe, None, _raised(error))
    finally:
        sys.setrecursionlimit(limit)
    return _Outcome(probe, said, probe.judge(said))


def _raised(error: BaseException) -> Complaint:
    try:
        said = str(error)[:200]
    except Exception:
        said = ""
    name = type(error).__name__[:40]
    return Complaint(f"your code raised {name}", said, kind=f"raised {name}: {said}")


def _diagnose(problem: Problem, outcomes: list[_Outcome]) -> str:
    """The hint that fits: of the known mistake that answers every question as this answer does; else of the kind of
    complaint that the judge made first; else of a mistake that agrees at least wherever this answer is wrong."""
    wrong = {i for i, outcome in enumerate(outcomes) if outcome.complaint}
    part = ""
    for mistake in problem.mistakes:
        agreed = {i for i, outcome in enumerate(outcomes) if _alike(outcome, _ask(outcome.probe, mistake.code))}
        if len(agreed) == len(outcomes):
            return mistake.hint
        if wrong <= agreed:
            part = part or mistake.hint
    return problem.hints.get(outcomes[min(wrong)].complaint.kind) or part or problem.hint


def _alike(outcome: _Outcome, known: _Outcome) -> bool:
    if outcome.complaint is None or known.complaint is None:
        return outcome.complaint is known.complaint
    if outcome.complaint.kind or known.complaint.kind:
        return outcome.complaint.kind == known.complaint.kind
    return bool(outcome.answer and known.answer) and outcome.probe.judge.same(outcome.answer, known.answer)


def _words(complaint: Complaint | None, show: bool) -> str:
    if complaint is None:
        return ""
    return f"{complaint.text} ({complaint.detail})" if show and complaint.detail else complaint.text


class _Nowhere:
    def write(self, text):
        return len(text)

    def flush(self):
        pass


@contextmanager
def _quiet(show: bool):
    """Warnings and prints of a right answer cost nothing: nbgrader takes any line on stderr for a failure. What a
    student prints while debugging is shown, except where it would print the hidden questions."""
    sink = sys.stdout if show else _Nowhere()
    with redirect_stdout(sink), redirect_stderr(sink), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
