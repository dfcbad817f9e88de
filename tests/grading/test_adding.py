"""docs/adding_a_problem.md, followed to the letter in a copy of the course."""

import re
import textwrap
from copy import deepcopy

import nbformat
import pytest

from tests.guides import blocks, copy, run

MODULE, LISTED, TEXT, ANSWER, TEST, ANSWERS, COMMANDS = blocks("adding_a_problem.md")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """What the page says, done by a program."""
    parts = "adcourse solutions exercises tests nbgrader_config.py pyproject.toml conftest.py".split()
    course = copy(tmp_path_factory.mktemp("course"), *parts, without=["ps0[2-9]*.ipynb", "ps1*.ipynb"])
    problems = course / "adcourse/grading/problems"
    (problems / "ps01_mean.py").write_text(MODULE)
    with open(problems / "ps01.py", "a") as listed, open(course / "tests/grading/answers/ps01.py", "a") as answers:
        listed.write("\n" + LISTED)
        answers.write("\n" + ANSWERS)
    (path,) = course.glob("solutions/ps01*/*.ipynb")
    book = nbformat.read(path, as_version=4)
    neighbours = {c.id: c for c in book.cells if c.id in ("p1-5-text", "p1-5-solution", "p1-5-test")}
    for neighbour, source in zip(neighbours.values(), (TEXT, ANSWER, TEST), strict=True):
        new = deepcopy(neighbour)
        new.id, new.source = neighbour.id.replace("1-5", "1-6"), source.rstrip("\n")
        if "nbgrader" in new.metadata:
            new.metadata.nbgrader.grade_id = new.id
            if "points" in new.metadata.nbgrader:
                new.metadata.nbgrader.points = 1
        book.cells.append(new)
    nbformat.write(book, path)
    return course


def test_it_is_short():
    assert len(MODULE.strip().splitlines()) < 40


def test_the_check_knows_it(course):
    code = """
        import adcourse, numpy as np
        assert adcourse.check("1.6", lambda x: 2 * x / x.size)
        result = adcourse.check("1.6", lambda x: 2 * x)
        assert not result and "Double the array" in result.hint
        assert "'1.6', grad_mean_square" in adcourse.check("1.6", 1.0).message
        from adcourse.grading.sheet import sheet
        questions = sheet("1.6", 1)
        assert len(questions.blob) < 2000 and questions.judged(questions.ask(lambda x: 2 * x / x.size))
        """
    run(course, "-c", textwrap.dedent(code))


def test_it_is_released_and_tested(course):
    """By the two commands that end the page: nbgrader runs the reference, and the untouched release."""
    release, test = COMMANDS.strip().splitlines()
    assert release.split()[0] == "adcourse"
    run(course, "-c", "from adcourse.cli import main; main()", *release.split()[1:])
    (path,) = course.glob("exercises/ps01*/*.ipynb")
    cells = {c.id: c.source for c in nbformat.read(path, as_version=4).cells}
    assert "raise NotImplementedError" in cells["p1-6-solution"]
    assert "2 * x / x.size" not in path.read_text()
    assert cells["p1-6-test"].endswith("assert verdict, verdict.message")
    said = run(course, "-m", *test.split(), "-q", "-p", "no:cacheprovider")
    assert int(re.search(r"(\d+) passed", said)[1]) > 10, said
