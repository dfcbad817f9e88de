"""Finds the misunderstanding behind a wrong answer: the known mistake that answers the questions alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from adcourse.grading.asking import ask
from adcourse.grading.plain import Complaint, Plain, real
from adcourse.grading.problem import Mistake, Probe, Problem

Answer = Plain | Complaint
Place = tuple[int, int]  # a number of an answer: which question, which entry; entry -1 is the answer as a whole

UNNAMED = "A name that your code uses is not defined there. Restart the kernel and run all cells from the top."
FORMS = (
    (-1.0, "has the wrong sign, and is right apart from that"),
    (2.0, "is twice as large as it should be"),
    (0.5, "is half as large as it should be"),
)
ORDER = "Your numbers are right, but stand in another order."


def put(probe: Probe, answer: object) -> Answer:
    """The answer to one question, with what it cost beside it."""
    if probe.meter is None:
        return ask(probe.ask, answer)
    evaluator = probe.meter.start()
    said = ask(probe.ask, answer)
    return said._replace(cost=evaluator.cost) if isinstance(said, Plain) else said


class Said(NamedTuple):
    """An answer and what the judge has to say about it."""

    answer: Answer
    blamed: Complaint | None
    entries: Sequence[int] | None  # the places of its wrong numbers; None where it isn't judged number by number


def heard(probes: Iterable[Probe], answers: Iterable[Answer]) -> list[Said]:
    found = []
    for probe, answer in zip(probes, answers, strict=True):
        blamed = answer if isinstance(answer, Complaint) else _judged(probe, answer)
        found.append(Said(answer, blamed, _wrong_entries(probe, answer) if blamed else None))
    return found


def _judged(probe: Probe, answer: Plain) -> Complaint | None:
    """An answer that a judge stumbles over is wrong; it must not stop the grading of a class."""
    try:
        return probe.judge(answer)
    except Exception as error:
        return Complaint("what came back can't be judged", repr(error), kind="unjudged")


class Diagnosis:
    """The known mistakes' answers to the questions are found when first needed and then kept: a class makes few
    mistakes many times."""

    def __init__(self, problem: Problem, probes: Sequence[Probe]):
        self.problem, self.probes = problem, probes

    @cached_property
    def known(self) -> list[tuple[Mistake, list[Said]]]:
        return [
            (mistake, heard(self.probes, [put(probe, mistake.code) for probe in self.probes]))
            for mistake in self.problem.mistakes
        ]

    def hint(self, said: Sequence[Said]) -> str:
        """The hint that fits best, in this order: of the known mistake that answers every question as this answer
        does; of the kind of complaint that the judge made first; of one or two known mistakes that together explain
        all wrong numbers; of the problem, with what they have in common; of the known mistake that explains most of
        them; of the known mistake with which they have something in common; of the problem."""
        first = next(s.blamed for s in said if s.blamed)
        wrong = {place for k, s in enumerate(said) if s.blamed for place in self._wrong(k, s)}
        found = []
        for mistake, known in self.known:
            explained, against = self._compare(said, known)
            if explained == wrong and not against:
                return mistake.hint
            found.append((mistake, explained, against))
        whole, part = self._in_part(wrong, found)
        form = self._form(said, None)
        called = all(s.blamed and s.blamed.kind.startswith(("raised TypeError", "raised InputError")) for s in said)
        if called and not self._of_kind(first):
            return f"It is called as {self.problem.signature}: does yours take that? {self.problem.hint}"
        whole = self._of_kind(first) or whole or (f"{form} {self.problem.hint}" if form else part)
        return whole or next((m.hint for m, known in self.known if self._form(said, known)), self.problem.hint)

    def _of_kind(self, first: Complaint) -> str:
        hints = self.problem.hints
        name = first.kind.partition(":")[0]
        return hints.get(first.kind) or hints.get(name) or (UNNAMED if name == "raised NameError" else "")

    def _wrong(self, k: int, said: Said) -> set[Place]:
        """The wrong numbers of one answer; the answer as a whole where it isn't judged number by number."""
        return {(k, entry) for entry in said.entries or (-1,)}

    def _compare(self, said: Sequence[Said], known: Sequence[Said]) -> tuple[set[Place], set[Place]]:
        """The wrong numbers that the known mistake has too, and those where it is wrong and this answer is not."""
        explained, against = set(), set()
        for k, (probe, mine, other) in enumerate(zip(self.probes, said, known, strict=True)):
            if not other.blamed:
                continue
            if not mine.blamed:
                against.add((k, -1))
            elif _alike(probe, mine, other):
                explained |= self._wrong(k, mine)
            elif mine.entries and len(mine.answer.numbers) == len(getattr(other.answer, "numbers", ())):
                equal = probe.judge.equal(mine.answer, other.answer)
                ours, theirs = set(mine.entries), set(other.entries or ())
                explained |= {(k, entry) for entry in ours & theirs if equal[entry]}
                against |= {(k, entry) for entry in theirs - ours}
        return explained, against

    def _in_part(self, wrong: set[Place], found: list) -> tuple[str, str]:
        """The hints of the mistakes that explain all, or else that explain most. A mistake that this answer
        contradicts somewhere, by being right where the mistake is not, counts only if it explains the greater part,
        and never as the whole."""
        fits = [(m, e) for m, e, against in found if e and not against]
        if fits:
            mistake, explained = max(fits, key=lambda fit: len(fit[1]))
            rest = wrong - explained
            second = next((m for m, e in fits if rest and rest <= e), None)
            if second:
                return f"{mistake.hint} And then: {second.hint}", ""
            return ("", mistake.hint) if rest else (mistake.hint, "")
        fits = [(m, e) for m, e, against in found if 2 * len(e) > len(wrong) + len(against)]
        return "", max(fits, key=lambda fit: len(fit[1]))[0].hint if fits else ""

    def _form(self, said: Sequence[Said], known: Sequence[Said] | None) -> str:
        """What the wrong numbers have in common with the right ones, or with those of a known mistake."""
        pairs, orders = [], []
        for k, (probe, mine) in enumerate(zip(self.probes, said, strict=True)):
            if not mine.blamed:
                continue
            if mine.entries is None:
                return ""
            other = probe.judge.right() if known is None else getattr(known[k].answer, "numbers", ())
            own, other = ([real(number) for number in numbers] for numbers in (mine.answer.numbers, other))
            if len(other) != len(own):
                return ""
            pairs += [(own[entry], other[entry]) for entry in mine.entries]
            orders.append((sorted(own, key=_key), sorted(other, key=_key)))
        for factor, words in FORMS:
            if pairs and all(_near(a, factor * b) and b for a, b in pairs):
                return f"Whatever is wrong in your answer {words}."
        return ORDER if pairs and all(all(map(_near, a, b)) for a, b in orders) else ""


def _wrong_entries(probe: Probe, answer: Answer) -> list[int] | None:
    """The places of the wrong numbers, or None where the judge doesn't look at them one by one."""
    if not isinstance(answer, Plain) or not hasattr(probe.judge, "wrong"):
        return None
    try:
        size = len(probe.judge.right())
        return probe.judge.wrong(answer) if len(answer.numbers) == size else None
    except AttributeError:  # one of its parts is judged as a whole
        return None


def _alike(probe: Probe, mine: Said, other: Said) -> bool:
    if mine.blamed.kind or other.blamed.kind:
        same = mine.blamed.kind == other.blamed.kind
        if not same or probe.judge.kinds or not isinstance(mine.answer, Plain):
            return same
    return (
        isinstance(mine.answer, Plain)
        and isinstance(other.answer, Plain)
        and probe.judge.same(mine.answer, other.answer)
    )


def _near(a, b) -> bool:
    return abs(a - b) <= 1e-9 * abs(b)


def _key(number):
    return (number.real, number.imag)
