"""Judges of plain answers, one idea each."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from adcourse.grading.plain import Complaint, Plain, form, plain
from adcourse.grading.problem import Judge

NEARLY = 1e-5  # what is off by less than that has lost digits, not a term


class Close(Judge):
    """Right when every number lies within ``atol + rtol * |expected|`` of the oracle's.

    ``expected`` is the oracle's answer, or a function of no argument that computes it when first needed; ``atol``
    may hold one tolerance a number. An answer that has merely lost digits gets a complaint of kind "digits".
    ``says`` puts the complaint in words of the problem, with ``{got}`` and ``{expected}`` to fill in.
    """

    def __init__(self, expected, rtol: float = 0.0, atol=0.0, says: str = ""):
        self._expected, self._rtol, self._atol, self._says = expected, rtol, atol, says

    @cached_property
    def expected(self) -> Plain:
        said = plain(self._expected() if callable(self._expected) else self._expected)
        return said._replace(numbers=tuple(map(_real, said.numbers)))

    @cached_property
    def tolerances(self) -> list[float]:
        numbers = self.expected.numbers
        absolute = np.broadcast_to(np.asarray(self._atol, float), self.expected.shape).ravel().tolist()
        return [atol + self._rtol * abs(number) for atol, number in zip(absolute, numbers, strict=True)]

    def __call__(self, answer: Plain) -> Complaint | None:
        expected = self.expected
        if answer.shape != expected.shape:
            return Complaint(f"{form(answer.shape)} came back, but {form(expected.shape)} was asked for")
        triples = list(zip(map(_real, answer.numbers), expected.numbers, self.tolerances, strict=True))
        # Written so that nan, which compares with nothing, is wrong.
        wrong = [k for k, (got, right, tolerance) in enumerate(triples) if not abs(got - right) <= tolerance]
        if not wrong:
            return None
        got, right, _ = triples[wrong[0]]
        if self._says:
            return Complaint(self._says.format(got=_number(got), expected=_number(right)))
        where = f"entry {_position(wrong[0], expected.shape)} of your answer" if expected.shape else "your answer"
        if isinstance(got, complex):
            return Complaint(f"{where} is a complex number, a real one was asked for")
        if not abs(got) < float("inf"):
            return Complaint(f"{where} is {_number(got)}")
        detail = f"it is {_number(got)}, not {_number(right)}"
        if all(abs(triples[k][0] - triples[k][1]) <= NEARLY * abs(triples[k][1]) for k in wrong):
            return Complaint(f"{where} is right in its first digits only", detail, "digits")
        return Complaint(f"{where} is not right", detail)

    def same(self, answer: Plain, known: Plain) -> bool:
        if answer.shape != known.shape:
            return False
        slack = self.tolerances if answer.shape == self.expected.shape else [0.0] * len(answer.numbers)
        return all(
            a == b or (a != a and b != b) or abs(a - b) <= 2 * tolerance + 1e-9 * abs(b)
            for a, b, tolerance in zip(map(_real, answer.numbers), map(_real, known.numbers), slack, strict=True)
        )


def _position(index: int, shape: tuple[int, ...]) -> str:
    return "[" + ", ".join(str(int(i)) for i in np.unravel_index(index, shape)) + "]"


def _number(number: float | complex) -> str:
    return format(number, ".10g")


def _real(number):
    """A float for an integer of any length."""
    try:
        return number if isinstance(number, complex) else float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
