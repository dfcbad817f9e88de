"""What a student receives holds no line of a solution and none of a hidden test, in whatever file or field."""

import json
import re
import zipfile

import pytest

from tests.grading.blocks import ASSIGNMENTS, ROOT, notebook

MARKERS = re.compile(r"(BEGIN|END)\s+(SOLUTION|HIDDEN|MARK)", re.IGNORECASE)


def regions(assignment: str) -> dict[str, list[str]]:
    """The lines inside solution and hidden regions, by cell."""
    found = {}
    for c in notebook("solutions", assignment).cells:
        inside = []
        for part in re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", c.source, re.DOTALL):
            inside += [line.strip() for line in part.splitlines() if line.strip()]
        if inside:
            found[c.id] = inside
    return found


def texts(value):
    """Every string in a notebook: sources, metadata, attachments, keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from texts(entry)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_problem_has_a_solution_and_a_hidden_test(assignment):
    cells = regions(assignment)
    assert sum(id.endswith("-solution") for id in cells) == 5
    assert sum(id.endswith("-test") for id in cells) == 5


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_line_of_a_solution_or_a_hidden_test_is_released(assignment):
    name = ASSIGNMENTS[assignment]
    files = [p for p in (ROOT / "exercises").rglob("*") if p.is_file() and ".ipynb_checkpoints" not in p.parts]
    assert sorted(p.name for p in files) == sorted(f"{n}.ipynb" for n in ASSIGNMENTS.values())
    lines = set()
    for text in texts(json.loads((ROOT / "exercises" / name / f"{name}.ipynb").read_text())):
        assert not MARKERS.search(text), text
        lines |= {line.strip() for line in text.splitlines()}
    for id, secret in regions(assignment).items():
        assert not lines & set(secret), (id, lines & set(secret))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_markers_are_spelt_as_nbgrader_knows_them(assignment):
    """A misspelt marker is no marker, and what it should have hidden would be released."""
    known = {"### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"}
    for c in notebook("solutions", assignment).cells:
        for line in c.source.splitlines():
            if re.search(r"#.*\b(begin|end)\b.*\b(solutions?|hidden|tests?)\b", line, re.IGNORECASE):
                assert line.strip() in known


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_package_holds_no_solution_cell(assignment, wheel):
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        content = "\n".join(package.read(name).decode("utf-8", "replace") for name in names)
    assert not any(name.startswith("solutions") or "/solutions/" in name for name in names)
    assert "BEGIN SOLUTION" not in content
    for id, secret in regions(assignment).items():
        code = [line for line in secret if not line.startswith("#")]
        if id.endswith("-solution"):
            # One line may coincide with a line of a known wrong answer; the solution as a whole must not be there.
            assert "\n".join(code) not in "\n".join(line.strip() for line in content.splitlines()), id
