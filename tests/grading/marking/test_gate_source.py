"""Faults of a source notebook: each is refused where it stands, with what to write; what only looks alike is not."""

from __future__ import annotations

import pytest

from tests.grading.marking.planting import NAME, SETUP, SOLUTION, TEST, TEXT, Planted, without_running

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_TESTS, END_TESTS = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
MARKERS = {
    "lower case": "### begin solution",
    "title case": "### Begin Solution",
    "two spaces": "### BEGIN  SOLUTION",
    "a tab": "### BEGIN\tSOLUTION",
    "a no-break space": "### BEGIN\N{NO-BREAK SPACE}SOLUTION",
    "a zero-width space": "### BEGIN\N{ZERO WIDTH SPACE} SOLUTION",
    "a Cyrillic letter": "### BEGIN S\N{CYRILLIC CAPITAL LETTER O}LUTION",
    "an underscore": "### BEGIN_SOLUTION",
    "a hyphen": "# BEGIN-SOLUTION",
    "no space": "###BEGINSOLUTION",
    "letters swapped": "### BEIGN SOLUTION",
    "letters missing": "### BGIN SOLUTON",
    "letters swapped in the second word": "### BEGIN SOLUTOIN",
    "other words": "### START SOLUTION",
    "other order": "### SOLUTION BEGIN",
    "an abbreviation": "### BEGIN SOL",
    "a remark behind it": "### begin solution (two lines)",
}
TEST_MARKERS = {
    "lower case": "### begin hidden tests",
    "singular and lower case": "# begin hidden test",
    "a letter missing": "### BEGIN HIDEN TESTS",
    "a word missing": "### BEGIN TESTS",
    "a hyphen": "### BEGIN HIDDEN-TESTS",
    "one word": "### BEGIN HIDDENTESTS",
}
ENDS = [
    "### END SOLUTON",
    "### end solution",
    "### END",
    "### End of the solution",
    "### END_SOLUTION",
    "### EDN SOLUTION",
]


@pytest.fixture
def planted(tmp_path) -> Planted:
    return Planted(tmp_path)


def only(planted: Planted, words: str, cell: str = "", line: int = 0):
    """The one refusal, which says so, there, and what to do."""
    found = [refusal for refusal in planted.refusals() if words in refusal.what or words in refusal.remedy]
    assert found, [str(refusal) for refusal in planted.refusals()]
    refusal = found[0]
    assert refusal.file == f"solutions/{NAME}/{NAME}.ipynb"
    assert cell in refusal.cell
    assert refusal.line == line or not line
    assert len(refusal.remedy) > 5
    assert all(part in str(refusal) for part in (refusal.file, refusal.cell, refusal.what, refusal.remedy))
    return refusal


@pytest.mark.parametrize("marker", MARKERS.values(), ids=MARKERS)
def test_a_marker_that_nbgrader_would_not_know(planted, marker):
    planted.change(SOLUTION, BEGIN, marker)
    assert only(planted, "is no marker for nbgrader", SOLUTION, 3).remedy == f"write: {BEGIN}"


@pytest.mark.parametrize("marker", TEST_MARKERS.values(), ids=TEST_MARKERS)
def test_a_test_marker_that_nbgrader_would_not_know(planted, marker):
    planted.change(TEST, BEGIN_TESTS, marker)
    assert only(planted, "is no marker for nbgrader", TEST, 6).remedy == f"write: {BEGIN_TESTS}"


@pytest.mark.parametrize("marker", ENDS)
def test_an_end_that_nbgrader_would_not_know(planted, marker):
    planted.change(SOLUTION, END, marker)
    only(planted, f"write: {END}", SOLUTION)
    only(planted, "never closed", SOLUTION, 3)


@pytest.mark.parametrize("type", ["markdown", "raw"])
@pytest.mark.parametrize("line", ["### begin solution", BEGIN, "<!-- begin solution -->", "BEGIN  HIDDEN TESTS"])
def test_a_marker_in_text(planted, type, line):
    planted.add(type, f"Some words.\n\n{line}\nq = x + y\n")
    only(planted, "", "p6-extra", 3)


UNBALANCED = {
    "no end": (lambda p: p.change(SOLUTION, f"    {END}", ""), SOLUTION, "never closed"),
    "no begin": (lambda p: p.change(SOLUTION, f"    {BEGIN}\n", ""), SOLUTION, "was not opened"),
    "twice begun": (lambda p: p.change(SOLUTION, BEGIN, f"{BEGIN}\n    {BEGIN}"), SOLUTION, "inside the one"),
    "twice ended": (lambda p: p.change(SOLUTION, END, f"{END}\n    {END}"), SOLUTION, "was not opened"),
    "other kind": (lambda p: p.change(TEST, END_TESTS, END), TEST, "does not close"),
    "nested": (lambda p: p.change(TEST, "verdict = examine", f"{BEGIN}\nverdict = examine"), TEST, "inside the one"),
    "behind code": (lambda p: p.change(SOLUTION, f"    {BEGIN}\n", f"    q = 1  {BEGIN}\n"), SOLUTION, "whole line"),
    "in a string": (lambda p: p.change(SETUP, "import math", f"import math\nprint('{END}')"), SETUP, "whole line"),
    "two in a line": (lambda p: p.change(SOLUTION, BEGIN, f"{BEGIN} {END}"), SOLUTION, "two markers"),
    "solution in a test cell": (
        lambda p: p.change(TEST, "import adcourse\n", f"{BEGIN}\nimport adcourse\n{END}\n"), TEST, "not an answer cell",
    ),
    "solution in an example": (lambda p: p.add("code", f"{BEGIN}\nq = 1\n{END}"), "p6-extra", "not an answer cell"),
    "hidden tests in an answer": (
        lambda p: p.change(SOLUTION, f"    {END}", f"    {END}\n{BEGIN_TESTS}\nassert True\n{END_TESTS}"),
        SOLUTION, "not a test cell",
    ),
    "a mark scheme in an answer": (
        lambda p: p.change(SOLUTION, f"    {END}", f"    {END}\n### BEGIN MARK SCHEME\n### END MARK SCHEME"),
        SOLUTION, "not a task cell",
    ),
    "hidden tests in an answer that a person grades": (
        lambda p: p.add("code", f"{BEGIN_TESTS}\nq = 1\n{END_TESTS}", grade=True, solution=True, points=1),
        "p6-extra", "not a test cell",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("plant", "cell", "words"), UNBALANCED.values(), ids=UNBALANCED)
def test_markers_that_do_not_fit_together(planted, plant, cell, words):
    plant(planted)
    only(planted, words, cell)


FORMS = {
    "an output": (lambda p: p.cell(TEST).update(outputs=[stream()]), TEST, "holds an output"),
    "an execution count": (lambda p: p.cell(SETUP).update(execution_count=3), SETUP, '"execution_count": null'),
    "no id": (lambda p: p.cell(TEXT).pop("id"), "number 2", '"id": "p6-setup-2"'),
    "no id in a test cell": (lambda p: p.cell(TEST).pop("id"), "number 4", '"id": "p6-1-test"'),
    "an empty id": (lambda p: p.cell(TEXT).update(id=""), "number 2", "has no id"),
    "an odd id": (lambda p: p.cell(TEXT).update(id="p6.1 text"), "number 2", "only letters"),
    "a long id": (lambda p: p.cell(TEXT).update(id="p" * 65), "number 2", "at most 64"),
    "the same id": (lambda p: p.cell(TEXT).update(id=SETUP), SETUP, "has the id of cell number 1"),
    "a number for an id": (lambda p: p.cell(TEXT).update(id="1"), "cell 1", "--keep-id"),
    "no grade_id": (lambda p: p.meta(TEST).pop("grade_id"), TEST, f'"grade_id": "{TEST}"'),
    "an empty grade_id": (lambda p: p.meta(TEST).update(grade_id=""), TEST, f'"grade_id": "{TEST}"'),
    "the same grade_id": (lambda p: p.meta(TEST).update(grade_id=SOLUTION), TEST, f'"grade_id": "{TEST}"'),
    "a grade_id that is not the id": (lambda p: p.meta(TEST).update(grade_id="test"), TEST, f'"grade_id": "{TEST}"'),
    "no points": (lambda p: p.meta(TEST).pop("points"), TEST, '"points": 1'),
    "negative points": (lambda p: p.meta(TEST).update(points=-1), TEST, '"points": 1'),
    "points in words": (lambda p: p.meta(TEST).update(points="3 points"), TEST, '"points": 3'),
    "points in a string": (lambda p: p.meta(TEST).update(points="1"), TEST, '"points": 1'),
    "points that are true": (lambda p: p.meta(TEST).update(points=True), TEST, "no number"),
    "points without end": (lambda p: p.meta(TEST).update(points=float("inf")), TEST, "inf points"),
    "points that are no number": (lambda p: p.meta(TEST).update(points=float("nan")), TEST, "nan points"),
    "other points than the problem's": (lambda p: p.meta(TEST).update(points=2), TEST, '"points": 1'),
    "grade in a string": (lambda p: p.meta(TEST).update(grade="true"), TEST, "reads as True"),
    "an old schema": (lambda p: p.meta(TEST).update(schema_version=1), TEST, '"schema_version": 3'),
    "a new schema": (lambda p: p.meta(TEST).update(schema_version=4), TEST, '"schema_version": 3'),
    "metadata nbgrader does not know": (lambda p: p.meta(TEST).update(note="x"), TEST, "nbgrader refuses"),
    "metadata that is a word": (lambda p: p.cell(TEST)["metadata"].update(nbgrader="x"), TEST, "no table"),
    "a task that is not locked": (
        lambda p: p.add("markdown", "Do.", task=True, points=2), "p6-extra", '"locked": true',
    ),
    "a task without points": (
        lambda p: p.add("markdown", "Do.", task=True, locked=True), "p6-extra", '"points": 1',
    ),
    "a task in code": (lambda p: p.add("code", "1", task=True, locked=True, points=1), "p6-extra", "markdown cell"),
    "an answer in words without points": (
        lambda p: p.add("markdown", "Why?", solution=True, grade=True), "p6-extra", '"points": 1',
    ),
    "an answer in words that nobody grades": (
        lambda p: p.add("markdown", "Why?", solution=True), "p6-extra", "Manually graded answer",
    ),
    "a graded raw cell": (lambda p: p.add("raw", "Why?", grade=True, points=1), "p6-extra", "raw cell"),
    "another kernel": (lambda p: p.raw["metadata"]["kernelspec"].update(name="adcourse"), "", '"name": "python3"'),
    "no kernel": (lambda p: p.raw["metadata"].pop("kernelspec"), "", '"name": "python3"'),
    "another language": (lambda p: p.raw["metadata"]["kernelspec"].update(language="R"), "", '"name": "python3"'),
    "saved widgets": (lambda p: p.raw["metadata"].update(widgets={}), "", "metadata.widgets"),
    "nbformat 4.4": (lambda p: p.raw.update(nbformat_minor=4), "", "4.4"),
    "nbformat 3": (lambda p: p.raw.update(nbformat=3), "", "3.5"),
    "no cells": (lambda p: p.raw.pop("cells"), "", "'cells'"),
    "a cell of no kind": (lambda p: p.cell(TEXT).update(cell_type="text"), TEXT, "no notebook of nbformat 4.5"),
    "a cell without a source": (lambda p: p.cell(TEXT).pop("source"), TEXT, "no notebook of nbformat 4.5"),
}  # fmt: skip


def stream() -> dict:
    return {"output_type": "stream", "name": "stdout", "text": ["1\n"]}


@pytest.mark.parametrize(("plant", "cell", "words"), FORMS.values(), ids=FORMS)
def test_a_form_that_does_not_grade(planted, plant, cell, words):
    plant(planted)
    only(planted, words, cell)


def plus(source: str):
    return lambda p: p.change(TEST, END_TESTS, f"{END_TESTS}\n{source}")


def instead(source: str):
    return lambda p: p.cell(TEST).update(source=source)


CODE = {
    "a value at the end": (plus("verdict"), TEST, "ends in an expression"),
    "a number at the end": (plus("1"), TEST, "ends in an expression"),
    "a string at the end": (plus("'done'"), TEST, "ends in an expression"),
    "a call at the end": (plus("print(verdict)"), TEST, "ends in an expression"),
    "a value, then a remark": (plus("verdict  # 1 point"), TEST, "ends in an expression"),
    "a value at the end of the hidden tests": (
        lambda p: p.change(TEST, "assert verdict, verdict\n", "assert verdict, verdict\nverdict\n"), TEST, "ends in",
    ),
    "no assertion": (instead('import adcourse\n\nverdict = adcourse.check("6.1", grad_xyz)'), TEST, "asserts nothing"),
    "an empty test": (instead(""), TEST, "asserts nothing"),
    "a test in a comment": (instead("# assert grad_xyz(1, 2, 3)"), TEST, "asserts nothing"),
    "an assertion that holds always": (instead("assert True"), TEST, "asserts nothing"),
    "an assertion of a pair": (instead('assert (grad_xyz(1, 2, 3), "no")'), TEST, "asserts nothing"),
    "a test that only checks": (
        instead('import adcourse\n\nadcourse.check("6.1", grad_xyz);'), TEST, "asserts nothing",
    ),
    "a problem that is not defined": (
        lambda p: p.change(TEST, 'check("6.1"', 'check("6.11"'), TEST, "nearest are",
    ),
    "a hidden problem that is not defined": (
        lambda p: p.change(TEST, 'examine("6.1"', 'examine("16.1"'), TEST, "not defined",
    ),
    "two problems": (lambda p: p.change(TEST, 'examine("6.1"', 'examine("6.2"'), TEST, "no hidden question of 6.1"),
    "the points of one of two problems": (
        lambda p: p.change(TEST, "assert verdict, verdict\n", 'assert examine("6.2", f)\n'), TEST, '"points": 4',
    ),
    "a hidden problem that is not named in what is released": (
        lambda p: p.change(TEST, "check(", "examine("), TEST, 'write: assert adcourse.check("6.1", grad_xyz)',
    ),
    "a problem in a variable": (lambda p: p.change(TEST, 'check("6.1"', "check(ID"), TEST, "write out which problem"),
    "an alias, another problem": (
        instead('import adcourse as ad\n\nassert ad.check("7.77", grad_xyz)'), TEST, "not defined",
    ),
    "no hidden question": (instead('import adcourse\n\nassert adcourse.check("6.1", grad_xyz)'), TEST, BEGIN_TESTS),
    "a hidden verdict that is not looked at": (
        lambda p: p.change(TEST, "assert verdict, verdict\n", ""), TEST, "asserts nothing of the verdict",
    ),
    "a hidden question that is not hidden": (
        lambda p: (p.change(TEST, BEGIN_TESTS + "\n", ""), p.change(TEST, END_TESTS, "")), TEST, BEGIN_TESTS,
    ),
    "a problem tested twice": (
        lambda p: p.add("code", p.cell(TEST)["source"], grade=True, locked=True, points=1), "p6-extra", "already",
    ),
    "no Python in an answer": (lambda p: p.change(SOLUTION, "def grad_xyz", "df grad_xyz"), SOLUTION, "no Python"),
    "no Python in an example": (lambda p: p.add("code", "x = = 1"), "p6-extra", "no Python"),
    "a magic in a test": (instead("%time assert grad_xyz(1, 2, 3)"), TEST, "IPython's magics"),
    "a cell magic in a test": (instead("%%time\nassert grad_xyz(1, 2, 3)"), TEST, "IPython's magics"),
    "the shell in a test": (plus("!ls\nassert verdict"), TEST, "IPython's magics"),
    "the shell in an assignment": (plus("names = !ls\nassert verdict"), TEST, "IPython's magics"),
    "a question to IPython": (plus("verdict?\nassert verdict"), TEST, "IPython's magics"),
    "a magic in an answer": (
        lambda p: p.change(SOLUTION, "def grad", "%matplotlib inline\ndef grad"), SOLUTION, "magics",
    ),
    "a magic by name": (
        lambda p: p.change(SOLUTION, "def grad", "get_ipython().magic('time')\ndef grad"), SOLUTION, "magics",
    ),
    "widgets": (lambda p: p.change(SETUP, "import math", "import math\nimport ipywidgets as w"), SETUP, "widgets"),
    "widgets of the course": (lambda p: p.add("code", "from adcourse.widgets import Sweep"), "p6-extra", "widgets"),
    "widgets by attribute": (lambda p: p.add("code", "import adcourse\nadcourse.widgets.x"), "p6-extra", "widgets"),
}  # fmt: skip


@pytest.mark.parametrize(("plant", "cell", "words"), CODE.values(), ids=CODE)
def test_code_that_does_not_grade(planted, plant, cell, words):
    plant(planted)
    only(planted, words, cell)


def test_a_refusal_names_the_line(planted):
    planted.change(TEST, "print(verdict)", "print(verdict))")
    assert only(planted, "no Python", TEST, 4).text == "print(verdict))"
    planted.cell(TEST)["source"] = 'import adcourse\n\nassert adcourse.check("6.66", grad_xyz)'
    planted.save()
    only(planted, "not defined", TEST, 3)


FILES = {
    "no JSON": ('{"cells": [\n}', "no JSON", 2),
    "cut off": ('{"cells": [', "no JSON", 1),
    "empty": ("", "no JSON", 1),
    "not UTF-8": (b'{"cells":\n "\xe9"}', "not UTF-8", 2),
    "a list": ("[]", "nbformat None.None", 0),
    "nested without end": ("[" * 100_000, "", 0),
}


@pytest.mark.parametrize(("text", "words", "line"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_notebook(planted, text, words, line):
    planted.save(text=text)
    only(planted, words, "", line)


def test_a_folder_holds_one_notebook_of_its_name(planted):
    planted.save("other.ipynb")
    (refusal,) = planted.outcome().refusals
    assert refusal.remedy == f"rename it: mv solutions/{NAME}/other.ipynb solutions/{NAME}/{NAME}.ipynb"
    planted.save()
    (refusal,) = planted.outcome().refusals
    assert refusal.file == f"solutions/{NAME}/other.ipynb"


NOT_REFUSED = {
    "comments that speak of solutions": lambda p: p.change(
        SOLUTION, "    # Forward", "    # Second solution; at the end of the sweep\n    # Forward"
    ),
    "headings": lambda p: p.add("markdown", "## Solution\n\nAt the beginning the solution is unknown.\n\n## The end"),
    "hidden tests as words": lambda p: p.add("markdown", "Hidden tests begin with other numbers."),
    "a marker with less decoration": lambda p: p.change(SOLUTION, BEGIN, "# BEGIN SOLUTION"),
    "two regions in a cell": lambda p: p.change(
        SOLUTION, f"    {END}", f"    {END}\n    # then\n    {BEGIN}\n    # nothing more to do here\n    {END}"
    ),
    "an answer without markers": lambda p: (
        p.change(SOLUTION, f"    {BEGIN}\n", ""), p.change(SOLUTION, f"    {END}", ""),
    ),
    "a value that is silenced": plus("verdict;  # nothing is shown"),
    "a value before the hidden tests": lambda p: p.change(TEST, BEGIN_TESTS, f"verdict\n{BEGIN_TESTS}"),
    "a percent sign, a difference": plus('assert 5 % 2 != 0, "%matplotlib !ls"'),
    "a shell line in a comment": plus("# !pip install adcourse"),
    "widgets as a word": lambda p: p.add("code", "widgets = 3  # ipywidgets are not used"),
    "a magic in the set-up": lambda p: p.change(SETUP, "import math", "%matplotlib inline\nimport math"),
    "a task": lambda p: p.add(
        "markdown", "Do.\n### BEGIN MARK SCHEME\n1 point each\n### END MARK SCHEME", task=True, locked=True, points=2
    ),
    "an answer in words": lambda p: p.add("markdown", "It is its own adjoint.", grade=True, solution=True, points=1.5),
    "an answer in code that a person grades": lambda p: p.add(
        "code", "seven = 3 + 4", grade=True, solution=True, points=0
    ),
    "tests without a problem": lambda p: p.add(
        "code", "import numpy as np\n\nnp.testing.assert_allclose(grad_xyz(1, 2, 3), (3, 3, 3));",
        grade=True, locked=True, points=2,
    ),
    "another function called check": lambda p: p.add(
        "code", "def check(id, f):\n    assert f\n\n\ncheck('99.9', 1);", grade=True, locked=True, points=2
    ),
    "aliases": lambda p: p.cell(TEST).update(
        source='from adcourse import check as c\n\nassert c("6.1", grad_xyz)\n'
        f'{BEGIN_TESTS}\nfrom adcourse.grading import examine as e\n\nassert e("6.1", grad_xyz)\n{END_TESTS}'
    ),
    "the number of a problem": lambda p: p.change(TEST, 'check("6.1"', "check(6.1"),
    "metadata of other programs": lambda p: p.cell(TEXT)["metadata"].update(tags=["read"], collapsed=False),
    "an empty cell": lambda p: p.add("markdown", ""),
    "a link into the web": lambda p: p.add("markdown", "[w](https://example.org/#x), <a@example.org>, [up](#p6)"),
    "a formula like a link": lambda p: p.add("markdown", "The value $f[i](x)$ and `[a](b.png)` in code."),
}  # fmt: skip


@pytest.mark.parametrize("plant", NOT_REFUSED.values(), ids=NOT_REFUSED)
def test_what_only_looks_like_a_fault(planted, plant, monkeypatch):
    without_running(monkeypatch)
    plant(planted)
    assert planted.refusals() == []


@pytest.mark.slow
def test_what_only_looks_like_a_fault_runs_too(planted):
    """All of it in one notebook, as far as it goes together, through the whole gate."""
    apart = {"an answer without markers", "aliases", "the number of a problem", "another function called check"}
    for number, (name, plant) in enumerate(NOT_REFUSED.items()):
        if name not in apart:
            plant(planted)
            for cell in planted.raw["cells"]:
                if cell["id"] == "p6-extra":
                    cell["id"] = f"p6-extra-{number}"
                    if "nbgrader" in cell["metadata"]:
                        cell["metadata"]["nbgrader"]["grade_id"] = cell["id"]
    assert planted.refusals() == []
