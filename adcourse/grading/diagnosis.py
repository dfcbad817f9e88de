"""Finds the misunderstanding behind a wrong answer: the known mistake that answers the questions alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from adcourse.grading.asking import ask
from adcourse.grading.plain import Complaint, Plain
from adcourse.grading.problem import Mistake, Probe, Problem

Answer = Plain | Complaint


def put(probe: Probe, answer: object) -> Answer:
    """The answer to one question, with what it cost beside it."""
    if probe.meter is None:
        return ask(probe.ask, answer)
    evaluator = probe.meter.start()
    said = ask(probe.ask, answer)
    return said._replace(cost=evaluator.cost) if isinstance(said, Plain) else said


def complaint(probe: Probe, answer: Answer) -> Complaint | None:
    return answer if isinstance(answer, Complaint) else probe.judge(answer)


class Diagnosis:
    """The known mistakes' answers to the questions, found when first needed and then kept: a class makes few mistakes
    many times."""

    def __init__(self, problem: Problem, probes: Sequence[Probe]):
        self.problem, self.probes = problem, probes

    @cached_property
    def known(self) -> list[tuple[Mistake, list[tuple[Answer, Complaint | None]]]]:
        found = []
        for mistake in self.problem.mistakes:
            answers = [put(probe, mistake.code) for probe in self.probes]
            found.append((mistake, [(a, complaint(p, a)) for p, a in zip(self.probes, answers, strict=True)]))
        return found

    def hint(self, answers: Sequence[Answer], complaints: Sequence[Complaint | None]) -> str:
        """The hint that fits: of the known mistake that answers every question as this answer does; else of the kind
        of complaint that the judge made first; else of a mistake that agrees at least wherever this answer is wrong."""
        said = list(zip(answers, complaints, strict=True))
        wrong = {k for k, (_, blamed) in enumerate(said) if blamed}
        part = ""
        for mistake, known in self.known:
            agreed = {k for k, probe in enumerate(self.probes) if _alike(probe, said[k], known[k])}
            if len(agreed) == len(said):
                return mistake.hint
            if wrong <= agreed:
                part = part or mistake.hint
        return self.problem.hints.get(complaints[min(wrong)].kind) or part or self.problem.hint


def _alike(probe: Probe, said: tuple, known: tuple) -> bool:
    (answer, blamed), (other, other_blamed) = said, known
    if blamed is None or other_blamed is None:
        return blamed is other_blamed
    if blamed.kind or other_blamed.kind:
        return blamed.kind == other_blamed.kind
    return isinstance(answer, Plain) and isinstance(other, Plain) and probe.judge.same(answer, other)
