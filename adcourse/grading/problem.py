"""What a problem is: its questions, the judge of the answers, and the misunderstandings it knows by name.

One definition serves the instant check in the student's notebook and the hidden test cells that nbgrader runs. It
holds no solution: a judge compares with an oracle that reaches the right numbers by another route, and a wrong
answer known by name is code, run on the same questions only so that its numbers can be recognised. The reference
solution stands in ``solutions/`` alone, in the cell ``p6-4-solution``.

A whole problem, as a teacher writes it (CONTRIBUTING walks through it)::

    def at(x, y, z):
        return Probe(
            f"grad_xyz({x:g}, {y:g}, {z:g})",
            lambda grad_xyz: grad_xyz(x, y, z),
            Close(complex_step_gradient(lambda x, y, z: (x + y) * z, (x, y, z)), rtol=1e-9),
        )

    GRAD_XYZ = Problem(
        id="6.1", title="Back-propagate (x+y)z", points=1, signature="grad_xyz(x, y, z)",
        visible=lambda: [at(-2.0, 5.0, -4.0)],
        hidden=lambda rng: [at(*rng.normal(size=3)) for _ in range(3)],
        hint="q is computed forward; its adjoint is z.",
        mistakes=[Mistake(lambda x, y, z: (1.0, 1.0, x + y), "Your ∂f/∂x is ∂q/∂x. ...")],
    )
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from adcourse.grading.plain import Plain, plain

NEARLY = 1e-5  # what is off by less than that has lost digits, not a term


class Complaint(NamedTuple):
    """What is wrong with an answer. ``detail`` holds numbers and is shown for visible questions only; two answers
    whose complaints share a ``kind`` are wrong in the same way, whatever their numbers."""

    text: str
    detail: str = ""
    kind: str = ""


class Judge:
    """Finds what is wrong with a plain answer: ``judge(answer)`` is a Complaint, or None when it is right."""

    def __call__(self, answer: Plain) -> Complaint | None:
        raise NotImplementedError

    def same(self, answer: Plain, known: Plain) -> bool:
        """Whether two wrong answers without a kind say the same thing."""
        return answer == known


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
        return plain(self._expected() if callable(self._expected) else self._expected)

    @cached_property
    def tolerances(self) -> list[float]:
        numbers = self.expected.numbers
        absolute = np.broadcast_to(np.asarray(self._atol, float), self.expected.shape).ravel().tolist()
        return [atol + self._rtol * abs(number) for atol, number in zip(absolute, numbers, strict=True)]

    def __call__(self, answer: Plain) -> Complaint | None:
        expected = self.expected
        if answer.shape != expected.shape:
            return Complaint(f"{_form(answer.shape)} came back, but {_form(expected.shape)} was asked for")
        triples = list(zip(answer.numbers, expected.numbers, self.tolerances, strict=True))
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
            for a, b, tolerance in zip(answer.numbers, known.numbers, slack, strict=True)
        )


@dataclass(frozen=True)
class Probe:
    """One question. ``ask(answer)`` puts it to the student's function and gives back what it said, to be read as
    plain numbers; it builds its arguments anew each time, so that nothing done to them outlasts the question."""

    question: str
    ask: Callable
    judge: Judge


@dataclass(frozen=True)
class Mistake:
    """A wrong answer known by name: the ``code`` that commits it, and the hint for whoever answers alike."""

    code: Callable
    hint: str


@dataclass(frozen=True)
class Problem:
    """``visible()`` gives the fixed questions of the instant check, ``hidden(rng)`` those of the grading, with
    data that nobody has seen. ``hints`` has one for each kind of complaint that a judge of this problem makes;
    ``hint`` is for wrong answers that nothing else explains."""

    id: str
    title: str
    points: int
    signature: str
    visible: Callable[[], Iterable[Probe]]
    hidden: Callable[[np.random.Generator], Iterable[Probe]]
    hint: str
    mistakes: Sequence[Mistake] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the function that the student writes."""
        return self.signature.partition("(")[0]

    def misfit(self, answer: object) -> str:
        """Why ``answer`` can't be asked at all, or "" when it can be called as the signature says."""
        if not callable(answer):
            return f"{self.id} asks for the function itself; write adcourse.check({self.id!r}, {self.name})"
        try:
            theirs = inspect.signature(answer)
        except Exception:  # some callables have none to read: then calling them will show
            return ""
        parameters = inspect.signature(eval(f"lambda {self.signature.partition('(')[2][:-1]}: None")).parameters
        required = [name for name, parameter in parameters.items() if parameter.default is parameter.empty]
        for names in (required, parameters):
            try:
                theirs.bind(*names)
            except TypeError:
                return f"Your function takes {theirs}, and {self.id} calls {self.name}({', '.join(names)})"
        return ""


def _form(shape: tuple[int, ...]) -> str:
    if shape == ():
        return "a single number"
    return f"a sequence of {shape[0]}" if len(shape) == 1 else f"an array of shape {shape}"


def _position(index: int, shape: tuple[int, ...]) -> str:
    return "[" + ", ".join(str(int(i)) for i in np.unravel_index(index, shape)) + "]"


def _number(number: float | complex) -> str:
    return format(number, ".10g")
