"""Judges of plain answers, one idea each; those of random draws are in ``chance``.

A tolerance is stated where a problem uses it, with its reason: the rounding of a right answer, never the distance to
the nearest wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from adcourse.grading.plain import Complaint, Plain, form, plain, real
from adcourse.grading.problem import Judge

NEARLY = 1e-5  # what is off by less than that has lost digits, not a term


class Close(Judge):
    """Right when every number lies within ``atol + rtol * |expected|`` of the oracle's.

    ``expected`` is the oracle's answer, or a function of no argument that computes it when first needed; ``atol``
    may hold one tolerance a number. An answer that has merely lost digits gets a complaint of kind "digits".
    ``says`` puts the complaint in words of the problem; ``labels`` are names for the numbers, where a position says
    little.
    """

    def __init__(self, expected, rtol: float = 0.0, atol=0.0, says: str = "", labels: Sequence = ()):
        self._expected, self._rtol, self._atol, self._says, self._labels = expected, rtol, atol, says, labels

    @cached_property
    def expected(self) -> Plain:
        said = plain(self._expected() if callable(self._expected) else self._expected)
        return said._replace(numbers=tuple(map(real, said.numbers)))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.expected.shape

    @cached_property
    def tolerances(self) -> list[float]:
        numbers = self.expected.numbers
        absolute = np.broadcast_to(np.asarray(self._atol, float), self.expected.shape).ravel().tolist()
        return [atol + self._rtol * abs(number) for atol, number in zip(absolute, numbers, strict=True)]

    def wrong(self, answer: Plain) -> list[int]:
        """Which numbers are not right. Written so that nan, which compares with nothing, is wrong."""
        triples = zip(map(real, answer.numbers), self.expected.numbers, self.tolerances, strict=True)
        return [k for k, (got, right, tolerance) in enumerate(triples) if not abs(got - right) <= tolerance]

    def __call__(self, answer: Plain) -> Complaint | None:
        if answer.shape != self.shape:
            return misshapen(answer.shape, self.shape)
        wrong = self.wrong(answer)
        if not wrong:
            return None
        got, right = answer.numbers[wrong[0]], self.expected.numbers[wrong[0]]
        if self._says:
            return Complaint(self._says)
        where = self._where(wrong[0])
        if isinstance(got, complex):
            return Complaint(f"{where} is a complex number, a real one was asked for")
        if not abs(got) < float("inf"):
            return Complaint(f"{where} is {'nan' if got != got else 'inf' if got > 0 else '-inf'}")
        detail = f"it is {_number(got)}, not {_number(right)}"
        pairs = [(real(answer.numbers[k]), self.expected.numbers[k]) for k in wrong]
        if all(abs(a - b) <= NEARLY * abs(b) for a, b in pairs) and not isinstance(self, Exact):
            return Complaint(f"{where} is right in its first digits only", detail, "digits")
        return Complaint(f"{where} is not right", detail)

    def _where(self, index: int) -> str:
        if self._labels:
            return f"the entry {self._labels[index]}"
        place = ", ".join(str(int(i)) for i in np.unravel_index(index, self.shape))
        return f"entry [{place}] of your answer" if self.shape else "your answer"

    def same(self, answer: Plain, known: Plain) -> bool:
        return answer.shape == known.shape and all(self.equal(answer, known))

    def right(self) -> tuple[float, ...]:
        return self.expected.numbers

    def equal(self, answer: Plain, known: Plain) -> list[bool]:
        """Number by number, whether two answers of one size say the same."""
        fits = len(answer.numbers) == len(self.expected.numbers)
        slack = self.tolerances if fits else [0.0] * len(answer.numbers)
        triples = zip(map(real, answer.numbers), map(real, known.numbers), slack, strict=True)
        return [
            isinstance(a, complex) == isinstance(b, complex)
            and (a == b or (a != a and b != b) or abs(a - b) <= 2 * tolerance + 1e-9 * abs(b) < math.inf)
            for a, b, tolerance in triples
        ]


class Exact(Close):
    """Right when every number is the very one: integers of any length, truth values, the places of words."""

    def __init__(self, expected, says: str = "", labels: Sequence = ()):
        super().__init__(expected, says=says, labels=labels)

    @cached_property
    def expected(self) -> Plain:
        return plain(self._expected() if callable(self._expected) else self._expected)

    def wrong(self, answer):
        return [k for k, (a, b) in enumerate(zip(answer.numbers, self.expected.numbers, strict=True)) if a != b]

    def equal(self, answer, known):
        return [a == b for a, b in zip(answer.numbers, known.numbers, strict=True)]


class Parts(Judge):
    """Several values, each with a judge of its own: what ``plain.parts`` reads, in the same order.

    >>> judge = Parts(loss=Close(2.0, rtol=1e-12), gradient=Close([1.0, 0.5], rtol=1e-12))
    >>> judge(Plain((3,), (2.0, 1.0, 0.25)))
    Complaint(text='gradient: entry [1] of your answer is not right', detail='it is 0.25, not 0.5', kind='')
    """

    def __init__(self, **judges):
        self.judges = judges

    @property
    def shape(self) -> tuple[int, ...]:
        return (sum(math.prod(judge.shape) for judge in self.judges.values()),)

    def split(self, answer: Plain) -> list[Plain]:
        numbers = iter(answer.numbers)
        shapes = [judge.shape for judge in self.judges.values()]
        return [Plain(shape, tuple(next(numbers) for _ in range(math.prod(shape))), answer.cost) for shape in shapes]

    def __call__(self, answer):
        if answer.shape != self.shape:
            return misshapen(answer.shape, self.shape)
        for (name, judge), part in zip(self.judges.items(), self.split(answer), strict=True):
            if blamed := judge(part):
                return blamed._replace(text=f"{name}: {blamed.text}")
        return None

    def same(self, answer, known):
        if answer.shape != self.shape or known.shape != self.shape:
            return answer == known
        triples = zip(self.judges.values(), self.split(answer), self.split(known), strict=True)
        return all(judge.same(a, b) for judge, a, b in triples)

    def wrong(self, answer):
        ends = np.cumsum([0, *(math.prod(judge.shape) for judge in self.judges.values())]).tolist()
        triples = zip(self.judges.values(), self.split(answer), ends, strict=False)
        return [start + k for judge, part, start in triples for k in judge.wrong(part)]

    def equal(self, answer, known):
        triples = zip(self.judges.values(), self.split(answer), self.split(known), strict=True)
        return [same for judge, a, b in triples for same in judge.equal(a, b)]

    def right(self):
        return tuple(number for judge in self.judges.values() for number in judge.right())


class Price(Judge):
    """A right answer at the right price: ``judge`` looks at the numbers, then the calls that the question's meter
    counted must be ``exactly`` or ``at_most`` so many. One question asks for both, so that no answer can be cheap
    where it is counted and right where it is not. ``of`` names one cost where the meter reads several."""

    def __init__(
        self,
        judge: Judge,
        exactly: int | None = None,
        at_most: int | None = None,
        what: str = "f",
        of: int | None = None,
    ):
        self.judge, self.exactly, self.at_most, self.what, self.of = judge, exactly, at_most, what, of

    @property
    def shape(self):
        return self.judge.shape

    def __call__(self, answer):
        calls = sum(answer.cost) if self.of is None else answer.cost[self.of]
        if blamed := self.judge(answer):
            return blamed
        if self.exactly is not None and calls != self.exactly:
            text = f"the number of evaluations of {self.what} is not {self.exactly}"
        elif self.at_most is not None and calls > self.at_most:
            text = f"too many evaluations of {self.what}: {self.at_most} are enough"
        else:
            return None
        return Complaint(text, f"there were {calls}", kind=f"price: {calls}")

    def same(self, answer, known):
        return self.judge.same(answer, known)

    def wrong(self, answer):
        return self.judge.wrong(answer)

    def equal(self, answer, known):
        return self.judge.equal(answer, known)

    def right(self):
        return self.judge.right()


class Order(Judge):
    """The observed order of convergence: row k of the answer was computed with a step ``ratio`` times smaller than
    row k - 1, and the last error must have become ``ratio ** order`` times smaller, within ``slack`` of the order.

    Errors below ``floor`` are rounding and say nothing; the last two above it are compared.

    >>> judge = Order([1.0], order=2)
    >>> judge(plain([[1.16], [1.04], [1.01]]))
    >>> print(judge(plain([[1.4], [1.2], [1.1]])).detail)
    with 2 times smaller steps the error becomes 2 times smaller: order 1
    """

    def __init__(self, exact, order: float, ratio: float = 2.0, slack: float = 0.35, floor: float = 1e-11):
        self.exact, self.order, self.ratio, self.slack, self.floor = plain(exact), order, ratio, slack, floor

    def __call__(self, answer):
        if answer.shape[1:] != self.exact.shape or not answer.shape:
            return misshapen(answer.shape[1:], self.exact.shape)
        rows = np.array(answer.numbers).reshape(answer.shape[0], -1)
        errors = abs(rows - np.array(self.exact.numbers)).max(axis=1)
        if not np.all(np.isfinite(errors)):
            return Complaint("your answer is not a finite number", kind="infinite")
        seen = [error for error in errors if error > self.floor]
        if len(seen) < 2:
            return None if errors[-1] <= self.floor else Complaint("the error does not fall", kind="order")
        factor = float(seen[-2] / seen[-1])
        order = math.log(factor) / math.log(self.ratio)
        if order >= self.order - self.slack:
            return None
        detail = (
            f"with {self.ratio:g} times smaller steps the error becomes {factor:.3g} times smaller: order {order:.2g}"
        )
        return Complaint(f"the error does not fall as order {self.order:g} asks", detail, kind=f"order: {order:.1f}")

    def same(self, answer, known):
        return answer == known


class Adjoint(Judge):
    """The dot-product test: z is Jᵀu exactly when ⟨z, v⟩ = ⟨u, Jv⟩ for all v. ``jvp(v)`` gives Jv; it is asked about
    ``directions``, an array each, in the order of which a wrong z passes with probability 0 if they are random.

    Tolerance: ``rtol`` of |z|·|v| + |u|·|Jv|, the sizes of what is added up.
    """

    def __init__(self, jvp: Callable, u, directions: Sequence, rtol: float = 1e-11):
        self.jvp, self.u, self.directions, self.rtol = jvp, np.asarray(u), [np.asarray(v) for v in directions], rtol

    @property
    def shape(self):
        return self.directions[0].shape

    @cached_property
    def _right(self) -> list[tuple[float, float]]:
        pushed = [np.asarray(self.jvp(v)) for v in self.directions]
        return [(float(np.sum(self.u * jv)), float(np.sum(abs(self.u) * abs(jv)))) for jv in pushed]

    def __call__(self, answer):
        if answer.shape != self.shape:
            return misshapen(answer.shape, self.shape)
        z = np.array(answer.numbers).reshape(self.shape)
        for v, (right, size) in zip(self.directions, self._right, strict=True):
            got, own = np.sum(z * v), float(np.sum(abs(z) * abs(v)))
            if not abs(got - right) <= self.rtol * (size + own):
                return Complaint("⟨your answer, v⟩ is not ⟨u, Jv⟩ for some v", f"{got:.10g}, not {right:.10g}")
        return None

    def same(self, answer, known):
        return answer.shape == known.shape and bool(np.allclose(answer.numbers, known.numbers, rtol=1e-9, atol=1e-12))


class Holds(Judge):
    """Any answer will do that has a property: ``fault(array)`` is what is wrong with it, words or a Complaint, or
    nothing. For colourings, orders and the like, which are right in many ways."""

    def __init__(self, fault: Callable, shape: tuple[int, ...] | None = None):
        self.fault, self.shape = fault, shape

    def __call__(self, answer):
        if self.shape is not None and answer.shape != self.shape:
            return misshapen(answer.shape, self.shape)
        blamed = self.fault(np.array(answer.numbers).reshape(answer.shape))
        return Complaint(blamed) if isinstance(blamed, str) and blamed else blamed or None


def misshapen(got: tuple[int, ...], asked: tuple[int, ...]) -> Complaint:
    return Complaint(f"{form(asked)} was asked for", f"{form(got)} came back")


def _number(number: float | complex) -> str:
    return format(number, ".10g") if not isinstance(number, int) else str(number)
