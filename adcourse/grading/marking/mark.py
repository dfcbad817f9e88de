"""One notebook of one submission, from bytes to a report: read, put into its frame, run, judged, shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from adcourse.grading.engine import find
from adcourse.grading.marking.autograded import autograded
from adcourse.grading.marking.frame import Ask, Frame, Released
from adcourse.grading.marking.handed import read
from adcourse.grading.marking.rebuild import Rebuilt, rebuild
from adcourse.grading.marking.report import Report, Verdict
from adcourse.grading.marking.runner import Asked, Question, Runner
from adcourse.grading.plain import Complaint
from adcourse.grading.result import Result
from adcourse.grading.sheet import Sheet, sheet

NO_RESPONSE = "No response."  # nbgrader's words


def mark(
    frame: Frame, content: bytes, runner: Runner, seed: int, files: Mapping[str, bytes] = {}, missing: str = ""
) -> tuple[Report, bytes]:
    """The report on what was handed in for a released notebook, and the notebook to show.

    ``seed`` draws the hidden questions. ``files`` lie beside the notebook when it runs. ``missing`` is why there is no
    content, if there is none. Never raises for what a student
    wrote: what can't be read or run earns nothing, and the report says why.
    """
    handed = read(content)
    if missing and not content:
        handed = handed._replace(trouble=missing)
    judged: dict[str, list[tuple[Asked, Result]]] = {ask.problem: [] for ask in frame.asks}

    def settled(question: Question, asked: Asked) -> bool:
        found = judged[question.id]
        if not asked.defined or any(asked == before for before, _ in found):
            return False
        found.append((asked, questions(question.id, seed, question.place).judged(asked.answers, asked.lost)))
        return found[-1][1].passed

    def question(ask: Ask, place: int) -> Question:
        sheet = questions(ask.problem, seed, place)
        return Question(ask.problem, ask.name, sheet.blob, sheet.functions, place)

    rebuilt = rebuild(frame, handed.cells, question)
    ran = runner.run(rebuilt.steps, files, settled) if handed.cells else None
    verdicts = tuple(
        _verdict(cell, ask, judged[ask.problem], handed.trouble) for cell in frame.tests for ask in cell.asks
    )
    report = Report(
        assignment="", notebook=frame.notebook, student="", verdicts=verdicts,
        notes=(*handed.notes, *rebuilt.notes, *(ran.notes if ran else ())),
        seconds=ran.seconds if ran else 0.0, isolation=runner.isolation, trouble=handed.trouble,
        grades=_grades(frame, rebuilt, verdicts), comments=_comments(frame, rebuilt, verdicts),
    )  # fmt: skip
    return report, json.dumps(autograded(frame, rebuilt, ran, verdicts), indent=1, ensure_ascii=False).encode()


def questions(problem: str, seed: int, place: int = 0) -> Sheet:
    """The questions of a problem in a course: each problem draws its own from the course's seed, and draws anew for the
    second place where it is asked. An answer may remember what it was asked at the first, and what came of it."""
    text = f"{seed} {problem}" + f" {place}" * bool(place)
    return sheet(problem, int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]))


def _verdict(cell: Released, ask: Ask, judged: list[tuple[Asked, Result]], trouble: str) -> Verdict:
    """The best of the answers given at all places where the question was put."""
    problem = find(ask.problem)
    share = cell.points * problem.points / sum(find(other.problem).points for other in cell.asks)
    about = {"id": problem.id, "title": problem.title, "points": share, "cell": cell.key}
    if not judged:
        missing = f"there is no {ask.name} in your notebook: the answer is found by that name"
        return Verdict(**about, score=0.0, message=trouble or missing)
    # Of equals the last: what a student left standing.
    asked, result = max(
        reversed(judged), key=lambda one: (one[1].passed, sum(not line.complaint for line in one[1].lines))
    )
    notes = [f"answers were lost: {asked.lost}"] if asked.lost else []
    if result.passed and any(_is_answer(other) for other, _ in judged[:-1]):
        notes.append("two different answers were given; the better one counts")
    score, hint = (share, "") if result.passed else (0.0, result.hint)
    return Verdict(**about, score=score, message=result.message, hint=hint, notes=tuple(notes))


def _is_answer(asked: Asked) -> bool:
    """Whether something was answered, and not by the stub."""
    return any(not isinstance(answer, Complaint) or answer.kind != "stub" for answer in asked.answers)


def _grades(frame: Frame, rebuilt: Rebuilt, verdicts: tuple[Verdict, ...]) -> dict[str, float | None]:
    """As nbgrader gives them: an answer for a person earns nothing when it was left as released. A task is not touched;
    a test that asks no problem of ours needs a person."""
    untouched = _untouched(rebuilt)
    grades: dict[str, float | None] = {cell.key: None for cell in frame.tests}
    for verdict in verdicts:
        grades[verdict.cell] = (grades[verdict.cell] or 0.0) + verdict.score
    grades |= {cell.key: 0.0 if cell.key in untouched else None for cell in frame.manual if cell.role == "manual"}
    return grades


def _comments(frame: Frame, rebuilt: Rebuilt, verdicts: tuple[Verdict, ...]) -> dict[str, str | None]:
    """Below each answer what is wrong with it; below one that was left as released, nbgrader's two words."""
    untouched = _untouched(rebuilt)
    comments: dict[str, str | None] = {}
    for cell in frame.cells:
        if cell.role in ("manual", "answer"):
            comments[cell.key] = NO_RESPONSE if cell.key in untouched else None
        elif cell.role == "task":
            comments[cell.key] = None
    answers = {cell.key: cell.answer for cell in frame.tests}
    for answer in dict.fromkeys(answers.values()):
        own = [verdict for verdict in verdicts if answers[verdict.cell] == answer]
        if answer in comments and own and (answer not in untouched or any(verdict.passed for verdict in own)):
            said = [f"{verdict.id}: {verdict.message} {verdict.hint}".strip() for verdict in own if not verdict.passed]
            comments[answer] = "\n\n".join(said) or None
    return comments


def _untouched(rebuilt: Rebuilt) -> set[str]:
    """The cells that are as they were released, or missing."""
    return {
        place.key
        for place in rebuilt.places
        if place.released and (place.cell is None or place.cell.source.strip() == place.released.source.strip())
    }
