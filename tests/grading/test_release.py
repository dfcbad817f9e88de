"""The course's own assignments are fit to be released, and the package hands out no solution."""

import zipfile

import pytest

from adcourse.grading.marking import gate
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.leaks import key, plain
from adcourse.grading.marking.markers import markers
from adcourse.grading.problems import all_problems
from tests.grading.blocks import ASSIGNMENTS


@pytest.fixture(scope="module")
def course(repository) -> Course:
    return Course.find(repository)


def source_of(course: Course, assignment: str) -> gate.Source:
    return gate.inspected(course, ASSIGNMENTS[assignment], markers(course.config))


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_assignment_is_fit_to_be_released(course, assignment):
    """Everything that `adcourse release` asks for, and the release is the one in exercises/."""
    outcome = gate.release(course, ASSIGNMENTS[assignment], check=True, step=lambda step: None)
    assert [str(refusal) for refusal in outcome.refusals] == []
    assert outcome.changed == outcome.notes == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_problem_has_a_solution_and_a_hidden_test(course, assignment):
    source = source_of(course, assignment)
    assert source.refusals == []
    problems = [problem for problem in all_problems().values() if problem.id.startswith(f"{int(assignment[2:])}.")]
    assert len(problems) > 2
    assert [problem for asked in source.asks.values() for problem in asked] == problems
    for kind in ("solution", "hidden"):
        cells = {region.cell.id.rpartition("-")[0] for region in source.regions if region.kind == kind}
        assert len(cells) == len(problems)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_package_holds_no_solution(course, assignment, wheel):
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        content = plain("\n".join(package.read(name).decode("utf-8", "replace") for name in names))
    assert not any(name.startswith("solutions") or "/solutions/" in name for name in names)
    content = "\n".join(map(key, content.splitlines()))
    for region in source_of(course, assignment).regions:
        code = [line for _, line in region.lines if line.strip() and not line.strip().startswith("#")]
        if region.kind == "solution":
            # One line may coincide with a line of a known wrong answer; the solution as a whole must not be there.
            assert "\n".join(map(key, code)) not in content, region.cell.id
