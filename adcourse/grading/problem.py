"""What a problem is: its questions, the judge of the answers, and the misunderstandings it knows by name.

One definition serves the instant check in the student's notebook and the hidden test cells that nbgrader runs. It
holds no solution: a judge compares with an oracle that reaches the right numbers by another route, and a wrong
answer known by name is code, run on the same questions only so that its numbers can be recognised. The reference
solution stands in ``solutions/`` alone, in the cell ``p6-4-solution``.

A whole problem, as a teacher writes it (docs/adding_a_problem.md walks through it)::

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

import numpy as np

from adcourse.grading.meters import Meter
from adcourse.grading.plain import Complaint, Plain, describe
from adcourse.grading.result import readable

__all__ = ["Complaint", "Judge", "Mistake", "Probe", "Problem"]


class Judge:
    """Finds what is wrong with a plain answer: ``judge(answer)`` is a Complaint, or None when it is right.

    A judge that compares number by number also has ``wrong(answer)``, the places of the wrong ones, ``equal(answer,
    known)``, which of the numbers of two answers agree, and ``right()``, the numbers themselves: by them a hint is
    found for an answer that is wrong in several ways.
    """

    kinds = True  # two complaints of one kind come from one misunderstanding

    def __call__(self, answer: Plain) -> Complaint | None:
        raise NotImplementedError

    def same(self, answer: Plain, known: Plain) -> bool:
        """Whether two wrong answers without a kind say the same thing."""
        return answer == known


@dataclass(frozen=True)
class Probe:
    """One question. ``ask(answer)`` puts it to what the student wrote and gives back what it said, to be read as
    plain numbers; it builds its arguments anew each time, so that nothing done to them outlasts the question.

    ``ask`` runs in the sandbox, beside the student's code, which can look into everything that it refers to: the
    function to be differentiated belongs there, its derivative doesn't. The judge and the words of the question stay
    with the grader. ``meter`` is the function, if there is one, whose calls from ``ask`` are counted.
    """

    question: str
    ask: Callable
    judge: Judge
    meter: Meter | None = None


@dataclass(frozen=True)
class Mistake:
    """A wrong answer known by name: the ``code`` that commits it, and the hint for whoever answers alike."""

    code: Callable
    hint: str


@dataclass(frozen=True, eq=False)
class Problem:
    """``visible()`` gives the fixed questions of the instant check, ``hidden(rng)`` those of the grading, with
    data that nobody has seen. ``hints`` has one for each kind of complaint that a judge of this problem makes;
    ``hint`` is for wrong answers that nothing else explains. ``unseen``, if there is any, is said beside a pass of the
    check: what it leaves to the grading, since its questions are about the form of an answer alone."""

    id: str
    title: str
    points: int
    signature: str
    visible: Callable[[], Iterable[Probe]]
    hidden: Callable[[np.random.Generator], Iterable[Probe]]
    hint: str
    mistakes: Sequence[Mistake] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    unseen: str = ""

    @property
    def name(self) -> str:
        """The name that the student defines: of a function, a class, or a value."""
        return self.signature.removeprefix("class ").partition("(")[0].strip()

    @property
    def kind(self) -> str:
        """What it is that the student defines, as the signature says: ``f(x)``, ``class Dual(a, b)``, ``table``."""
        if self.signature.startswith("class "):
            return "class"
        return "function" if "(" in self.signature else "value"

    @property
    def call(self) -> str:
        """The line that checks an answer."""
        return f"adcourse.check({self.id!r}, {self.name})"

    def misfit(self, answer: object) -> str:
        """Why ``answer`` can't be asked at all, or "" when it is of the kind that the signature says."""
        line = f"write {self.call}"
        if isinstance(answer, str) and (self.kind != "value" or answer == self.name):  # a value may be a word
            return f"{readable(repr(answer), 40)} in quotes is a text; without quotes it is your {self.kind}: {line}"
        if self.kind == "value":
            return f"{self.id} asks for a value, and this is {describe(answer)}; {line}" if callable(answer) else ""
        if self.kind == "class" and not isinstance(answer, type):
            return f"{self.id} asks for the class itself, and this is {describe(answer)}; {line}"
        if not callable(answer):
            return f"{self.id} asks for the function itself, and this is {describe(answer)}; without brackets, {line}"
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
                return f"Your {self.kind} takes {_bare(theirs)}, and {self.id} calls {self.name}({', '.join(names)})"
        return ""


class _Default:
    """Stands for a default value, whose own representation may be of any length, or fail."""

    def __repr__(self):
        return "…"


def _bare(signature: inspect.Signature) -> str:
    empty = inspect.Parameter.empty
    parameters = [
        p.replace(annotation=empty, default=empty if p.default is empty else _Default())
        for p in signature.parameters.values()
    ]
    return str(inspect.Signature(parameters))
