"""All problems, one module an assignment, found by their id."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

from adcourse.grading.problem import Problem

ASSIGNMENTS = ("ps01", "ps06")


class UnknownProblem(LookupError):
    """There is no problem of that id; the message names the nearest ones."""


def all_problems() -> dict[str, Problem]:
    """Every problem by its id, in the order of the course."""
    modules = (import_module(f"adcourse.grading.problems.{name}") for name in ASSIGNMENTS)
    return {problem.id: problem for module in modules for problem in module.PROBLEMS}


def find(id: str) -> Problem:
    """The problem of that id; a number such as 6.4 is understood too."""
    problems = all_problems()
    wanted = str(id).strip() if isinstance(id, (str, int, float)) else ""
    if wanted in problems:
        return problems[wanted]
    if not wanted:
        raise UnknownProblem(
            f"the number of a problem comes first, not a {type(id).__name__}: adcourse.check('6.4', backward)"
        )
    named = [problem.id for problem in problems.values() if problem.name == wanted]
    near = named or get_close_matches(wanted, problems, n=3, cutoff=0.3) or list(problems)
    offers = ", ".join(f"{key} ({problems[key].name})" for key in near)
    line = f"adcourse.check({near[0]!r}, {problems[near[0]].name})"
    raise UnknownProblem(f"there is no problem {wanted!r}; nearest are {offers}. Write for instance {line}")
