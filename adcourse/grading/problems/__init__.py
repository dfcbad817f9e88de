"""All problems, one module an assignment, found by their id. Only the assignment that is asked for gets imported."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from importlib import import_module
from numbers import Number

from adcourse.grading.problem import Problem
from adcourse.grading.result import readable

ASSIGNMENTS = ("ps01", "ps02", "ps03", "ps04", "ps05", "ps06", "ps07",
               "ps08", "ps09", "ps10", "ps11", "ps12", "ps13", "ps14")  # fmt: skip


class UnknownProblem(LookupError):
    """There is no problem of that id; the message names the nearest ones."""


def problems_of(assignment: str) -> tuple[Problem, ...]:
    """The problems of one assignment, such as "ps06"."""
    return import_module(f"{__name__}.{assignment}").PROBLEMS


def title_of(assignment: str) -> str:
    """The first line of its module: "Assignment 6: Reverse mode"."""
    return import_module(f"{__name__}.{assignment}").__doc__.partition("\n")[0].rstrip(".")


def all_problems() -> dict[str, Problem]:
    """Every problem by its id, in the order of the course."""
    return {problem.id: problem for assignment in ASSIGNMENTS for problem in problems_of(assignment)}


def find(id: str | float) -> Problem:
    """The problem of that id. Also understood: 6.4, "p6.4", "p6-4", and the name of its function.

    >>> find("6.4").title
    'The reverse sweep'
    >>> find(6.4) is find("p6-4") is find("backward") is find("6.4")
    True

    Raises UnknownProblem, which names the nearest ones.
    """
    if not isinstance(id, (str, Number)) or isinstance(id, bool):
        raise UnknownProblem(_not_an_id(id))
    wanted = readable(str(id), 60)
    if numbers := re.fullmatch(r"(?:[a-z]+\.?|#)?\s*0*(\d+)\s*[.,_ -]\s*(\d+)", wanted, re.ASCII | re.IGNORECASE):
        assignment = f"ps{int(numbers[1]):02}"
        here = {p.id: p for p in problems_of(assignment)} if assignment in ASSIGNMENTS else {}
        key = f"{int(numbers[1])}.{numbers[2]}"
        if key + "0" in here and not isinstance(id, str):
            raise UnknownProblem(f"{key} and {key}0 are the same number; write {key!r} or '{key}0', in quotes")
        if key in here:
            return here[key]
    found = [problem for problem in all_problems().values() if problem.name == wanted.partition("(")[0]]
    if len(found) == 1:
        return found[0]
    near = found or nearest(wanted)
    offers = ", ".join(f"{problem.id} ({problem.name})" for problem in near)
    several = f"several problems ask for {wanted!r}" if found else f"there is no problem {wanted!r}; nearest are"
    raise UnknownProblem(f"{several} {offers}. Write for instance {near[0].call}")


def nearest(wanted: str) -> list[Problem]:
    """The problems that ``wanted`` may have meant, the likeliest first: by assignment and number, else by letters."""
    problems = list(all_problems().values())
    numbers = [int(number) for number in re.findall(r"\d{1,6}", wanted)]
    here = [problem for problem in problems if numbers and _place(problem)[0] == numbers[0]]
    if here:
        return sorted(here, key=lambda p: abs(_place(p)[1] - numbers[1]))[:3] if numbers[1:] else here

    def likeness(problem):
        words = (problem.id, problem.name, problem.title)
        return max(SequenceMatcher(None, wanted.casefold(), word.casefold()).ratio() for word in words)

    return sorted(problems, key=likeness, reverse=True)[:3]


def _place(problem: Problem) -> tuple[int, int]:
    assignment, _, number = problem.id.partition(".")
    return int(assignment), int(number)


def _not_an_id(given: object) -> str:
    """For whoever gives something else where the number belongs: most often the function."""
    name = getattr(given, "__name__", "")
    meant = [problem for problem in all_problems().values() if problem.name == name]
    line = (meant[0] if meant else find("6.4")).call
    return f"the number of a problem comes first, not a {type(given).__name__}; write {line}"
