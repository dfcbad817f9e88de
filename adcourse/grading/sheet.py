"""The questions of one problem for one seed, for the grading of a whole class: packed for the sandbox, judged here."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np

from adcourse.grading.asking import Remote, quiet
from adcourse.grading.diagnosis import Answer, Diagnosis, put
from adcourse.grading.engine import find, judged
from adcourse.grading.meters import Meter
from adcourse.grading.plain import Complaint, Plain
from adcourse.grading.problem import Probe, Problem
from adcourse.grading.result import Result


class Sheet:
    """The visible questions and, from ``seed``, the hidden ones. What is expensive is done once: the expected
    numbers, the known mistakes' answers, the packed questions."""

    def __init__(self, problem: Problem, seed: int):
        self.problem, self.seed = problem, seed
        with quiet(False):
            self.probes: tuple[Probe, ...] = (*problem.visible(), *problem.hidden(np.random.default_rng(seed)))
        self._diagnosis = Diagnosis(problem, self.probes)

    @property
    def functions(self) -> tuple[Meter | None, ...]:
        """For each question the function that is evaluated here, by message, or None."""
        return tuple(probe.meter for probe in self.probes)

    @cached_property
    def blob(self) -> bytes:
        """The questions alone, to be unpickled where there are no problems: a list of ``ask``."""
        import cloudpickle  # not under Pyodide, where nothing is graded

        places = {id(meter): place for place, meter in enumerate(self.functions) if meter}

        class Pickler(cloudpickle.Pickler):
            def reducer_override(self, obj):
                if isinstance(obj, Meter):
                    return Remote, (places[id(obj)],)
                return super().reducer_override(obj)

        from adcourse.grading import problems

        packed = io.BytesIO()
        cloudpickle.register_pickle_by_value(problems)
        try:
            Pickler(packed).dump([probe.ask for probe in self.probes])
        finally:
            cloudpickle.unregister_pickle_by_value(problems)
        return packed.getvalue()

    def ask(self, answer: object) -> list[Answer]:
        """Put the questions here, in this process: for answers that are trusted, a reference or a known mistake."""
        with quiet(False):
            return [put(probe, answer) for probe in self.probes]

    def judged(self, answers: Sequence[Answer], lost: str = "") -> Result:
        """The judgement of the answers to all questions. One that never came is wrong, ``lost`` says why: "time",
        "memory", "died" or anything else.

        Whatever the answers hold, none of it is repeated in the words of the result: the student's code knew the
        hidden questions when it gave them, those to the visible questions included."""
        missing = Complaint("no answer came back", kind=f"lost: {lost}")
        asked = len(self.probes)
        answers = [a if isinstance(a, Plain | Complaint) else missing for a in answers][:asked]
        with quiet(False):
            answers += [missing] * (asked - len(answers))
            return judged(self.problem, self.probes, answers, False, self._diagnosis)


@lru_cache(maxsize=256)
def sheet(problem_id: str, seed: int) -> Sheet:
    """The sheet of a problem, kept for as long as the process runs."""
    return Sheet(find(problem_id), seed)
