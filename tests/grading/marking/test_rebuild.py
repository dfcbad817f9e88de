"""Whatever became of the cells, the questions reach the answers, and each deviation is said once."""

from __future__ import annotations

import copy
import math
import random
import sys

import cloudpickle
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse.grading import Node
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.handed import read
from adcourse.grading.marking.matching import added
from adcourse.grading.marking.names import bound
from adcourse.grading.marking.rebuild import rebuild
from adcourse.grading.marking.runner import Question, Runner
from adcourse.grading.plain import Plain
from adcourse.grading.sheet import sheet
from tests.grading.blocks import ASSIGNMENTS
from tests.grading.marking.handins import as_bytes, cell, code, frame, solved, text, untouched

ALL = {"6.1", "6.2", "6.3", "6.4", "6.5"}


def built(notebook: dict, question=lambda ask, place: Question(ask.problem, ask.name, b""), released=None):
    return rebuild(released or frame(), read(as_bytes(notebook)).cells, question)


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        yield runner


def by_two_sums(backward):
    a = Node(1.0)
    b = a + a
    backward(b + b)
    return a.g


def in_order(toposort):
    a = Node(1.0)
    b = a + a
    return [node.value for node in toposort(b + b)]


# One question for each problem of assignment 6 with an answer known by heart: quicker than all of the grading's.
QUESTIONS = {
    "6.1": (lambda grad_xyz: grad_xyz(1.0, 2.0, 4.0), (4.0, 4.0, 3.0)),
    "6.2": (lambda mipt_grads: mipt_grads(math.e, 4.0), (5 / math.e, 1.25)),
    "6.3": (in_order, (1.0, 2.0, 4.0)),
    "6.4": (by_two_sums, (4.0,)),
    "6.5": (lambda logistic_ls: logistic_ls(0.0, 0.0, 1.0, 1.0), (0.125, -0.125, -0.125)),
}
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the sandbox has no tests
BLOBS = {id: cloudpickle.dumps([ask]) for id, (ask, _) in QUESTIONS.items()}
cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def answered(runner, notebook: dict) -> set[str]:
    """The problems of assignment 6 whose question the notebook answers rightly, at one of its places."""
    ran = runner.run(built(notebook, lambda ask, place: Question(ask.problem, ask.name, BLOBS[ask.problem])).steps)
    right = {id: pytest.approx(expected) for id, (_, expected) in QUESTIONS.items()}
    answers = {(id, answer) for (_, id), asked in ran.asked.items() for answer in asked.answers}
    return {id for id, answer in answers if isinstance(answer, Plain) and answer.numbers == right[id]}


def earned(runner, notebook: dict, assignment: str = "ps06", seed: int = 1) -> set[str]:
    """The problems that the notebook solves by the real questions, runner and judge."""

    def question(ask, place):
        asked = sheet(ask.problem, seed)
        return Question(ask.problem, ask.name, asked.blob, asked.functions)

    rebuilt = built(notebook, question, frame(assignment))
    ran = runner.run(rebuilt.steps)
    return {
        id for (_, id), asked in ran.asked.items() if asked.defined and sheet(id, seed).judged(asked.answers).passed
    }


def at(notebook: dict, id: str) -> int:
    return notebook["cells"].index(cell(notebook, id))


def answer(id: str) -> str:
    return text(cell(solved(), id))


# --- what happens to honest notebooks: everything is earned -----------------------------------------------------------


def nothing(notebook):
    pass


def delete(*ids):
    return lambda notebook: [notebook["cells"].remove(cell(notebook, id)) for id in ids]


def replace(id, source, **fields):
    return lambda notebook: cell(notebook, id).update(source=source, **fields)


def insert(before, *cells):
    def change(notebook):
        k = at(notebook, before) if before else len(notebook["cells"])
        notebook["cells"][k:k] = copy.deepcopy(cells)

    return change


def append_to(id, source):
    return lambda notebook: cell(notebook, id).update(source=text(cell(notebook, id)) + "\n" + source)


def duplicate(id, to_end=False):
    def change(notebook):
        twin = copy.deepcopy(cell(notebook, id))
        notebook["cells"].insert(len(notebook["cells"]) if to_end else at(notebook, id), twin)

    return change


def move(id, to):
    def change(notebook):
        moved = cell(notebook, id)
        notebook["cells"].remove(moved)
        notebook["cells"].insert(to if to >= 0 else len(notebook["cells"]), moved)

    return change


def marks(id, **changes):
    return lambda notebook: cell(notebook, id)["metadata"]["nbgrader"].update(changes)


def typed(id, kind):
    def change(notebook):
        found = cell(notebook, id)
        found["cell_type"] = kind
        for field in ("outputs", "execution_count"):
            del found[field]

    return change


def both(*changes):
    return lambda notebook: [change(notebook) for change in changes]


def stub(id):
    return replace(id, text(cell(untouched(), id)))


def colab(notebook):
    """What Colab writes: its own metadata, no cell ids, old format numbers, an empty cell at the end."""
    for k, one in enumerate(notebook["cells"]):
        one.pop("id")
        one["metadata"] = {"id": f"aB3x{k}", "colab": {"base_uri": "https://localhost:8080/"}}
    notebook["cells"].append(code("", metadata={"id": "zz"}))
    notebook.update(nbformat_minor=0, metadata={"colab": {"provenance": []}, "kernelspec": {"name": "python3"}})


def vscode(notebook):
    for k, one in enumerate(notebook["cells"]):
        one.update(id=f"{k:08x}", metadata={"vscode": {"languageId": "python"}})


def ids(value):
    return lambda notebook: [one.update(id=value) for one in notebook["cells"]]


def swap_grade_ids(notebook):
    one, two = (cell(notebook, id)["metadata"]["nbgrader"] for id in ("p6-1-test", "p6-2-test"))
    one["grade_id"], two["grade_id"] = two["grade_id"], one["grade_id"]


def only_code(notebook):
    notebook["cells"] = [one for one in notebook["cells"] if one["cell_type"] == "code"]


def one_cell(notebook):
    everything = "\n\n".join(text(one) for one in notebook["cells"] if one["cell_type"] == "code")
    notebook["cells"] = [code(everything)]


def answers_on_top(notebook):
    everything = "\n\n".join(answer(f"p6-{k}-solution") for k in range(1, 6))
    for k in range(1, 6):
        cell(notebook, f"p6-{k}-solution")["source"] = ""
    notebook["cells"].insert(2, code(everything))


def merged_with_ps01(notebook):
    notebook["cells"] += solved("ps01")["cells"]


SPLIT = "def _half(x, y):\n    return x + y", "def grad_xyz(x, y, z):\n    return z, z, _half(x, y)"


def split(notebook):
    """As JupyterLab splits a cell: both halves keep the metadata, one gets a new id."""
    duplicate("p6-1-solution")(notebook)
    first, second = (one for one in notebook["cells"] if one["id"] == "p6-1-solution")
    first["source"], second["source"] = SPLIT
    second["id"] = "new"


TESTS = [f"p6-{k}-test" for k in range(1, 6)]
HONEST = {
    "as asked": (nothing, []),
    "a test deleted": (delete("p6-4-test"), ["The cell p6-4-test was missing"]),
    "all tests deleted": (delete(*TESTS), [f"The cells {', '.join(TESTS)} were missing"]),
    "a test copied": (duplicate("p6-4-test"), ["test cell p6-4-test was there more than once"]),
    "a test copied to the end": (duplicate("p6-1-test", to_end=True), ["p6-1-test was there more", "another order"]),
    "a test renamed": (both(marks("p6-4-test", grade_id="mine"), lambda n: cell(n, "p6-4-test").update(id="mine")), []),
    "grade ids swapped": (
        swap_grade_ids,
        [f"p6-{k}-test was changed{what}" for k in (1, 2) for what in (" (points)", ";")] + ["another order"],
    ),
    "a test moved up": (move("p6-5-test", 0), ["another order"]),
    "tests moved to the end": (both(*(move(id, -1) for id in TESTS)), ["another order"]),
    "everything reversed": (lambda n: n["cells"].reverse(), ["another order"]),
    "a test edited": (replace("p6-4-test", "assert True"), ["p6-4-test was changed; it counts as it was released"]),
    "a test that reports more": (append_to("p6-4-test", "print(verdict.hint)"), ["p6-4-test was changed; it counts"]),
    "a test emptied": (replace("p6-4-test", ""), ["p6-4-test was changed; it counts"]),
    "a test commented out": (replace("p6-4-test", "# import adcourse\n# assert"), ["p6-4-test was changed; it counts"]),
    "the answer typed into the test": (
        both(stub("p6-1-solution"), replace("p6-1-test", answer("p6-1-solution") + "\nimport adcourse\nassert True")),
        ["p6-1-test was changed; the code typed into it ran as part of your answer"],
    ),
    "the answer typed into the set-up": (
        both(stub("p6-1-solution"), append_to("p6-setup", answer("p6-1-solution"))),
        ["p6-setup was changed; the code typed into it ran"],
    ),
    "an import typed into the set-up": (
        both(
            append_to("p6-setup", "from operator import add"),
            replace("p6-1-solution", "def grad_xyz(x, y, z):\n    return z, z, add(x, y)"),
        ),
        ["p6-setup was changed; the code typed into it ran"],
    ),
    "the set-up emptied": (replace("p6-setup", ""), ["locked cell p6-setup was changed; it counts"]),
    "the set-up broken": (replace("p6-setup", "import numby as np"), ["locked cell p6-setup was changed"]),
    "the set-up deleted": (delete("p6-setup"), ["The cell p6-setup was missing"]),
    "the set-up at the end": (move("p6-setup", -1), ["another order"]),
    "the set-up twice": (duplicate("p6-setup", to_end=True), ["p6-setup was there more than once"]),
    "points edited": (marks("p6-1-test", points=1000), ["p6-1-test was changed (points)"]),
    "flags edited": (marks("p6-1-test", grade=False, locked=False), ["p6-1-test was changed (grade, locked)"]),
    "solution flag edited": (marks("p6-1-solution", grade=True, points=9), ["p6-1-solution was changed (grade)"]),
    "schema version edited": (marks("p6-1-test", schema_version=99), []),
    "checksum edited": (marks("p6-1-test", checksum="0" * 32), []),
    "metadata emptied": (lambda n: [one.update(metadata={}) for one in n["cells"]], []),
    "Colab": (colab, []),
    "VS Code": (vscode, []),
    "one id for all": (both(vscode, ids("x")), []),
    "one id for all, grade ids kept": (ids("x"), []),
    "only the code kept": (only_code, []),
    "all in one cell": (
        one_cell,
        ["p6-2-solution, p6-3-solution, p6-4-solution, p6-5-solution were", "p6-setup, p6-1-test, p6-2-test"],
    ),
    "an answer copied": (duplicate("p6-3-solution"), ["p6-3-solution was there more than once; all of them ran"]),
    "an answer split": (split, ["p6-1-solution was there more than once"]),
    "a helper in a cell of its own": (
        both(insert("p6-1-solution", code(SPLIT[0])), replace("p6-1-solution", SPLIT[1])),
        [],
    ),
    "a helper defined later": (both(insert("", code(SPLIT[0])), replace("p6-1-solution", SPLIT[1])), []),
    "the answer in a new cell": (both(delete("p6-5-solution"), insert("p6-5-test", code(answer("p6-5-solution")))), []),
    "the answer above its stub": (
        both(stub("p6-5-solution"), insert("p6-5-solution", code(answer("p6-5-solution")))),
        [],
    ),
    "the answer at the end": (both(stub("p6-5-solution"), insert("", code(answer("p6-5-solution")))), []),
    "the answer on top": (both(stub("p6-1-solution"), insert("p6-title", code(answer("p6-1-solution")))), []),
    "all answers in one new cell": (answers_on_top, []),
    "a first, wrong try": (insert("p6-1-solution", code("def grad_xyz(x, y, z):\n    return 1, 2, 3")), []),
    "deleted from memory at the end": (insert("", code("del backward, toposort")), []),
    "overwritten at the end": (insert("", code("backward = toposort = grad_xyz = None")), []),
    "the answer cell made Markdown": (typed("p6-4-solution", "markdown"), ["p6-4-solution had become a markdown cell"]),
    "the answer cell made raw": (typed("p6-4-solution", "raw"), ["p6-4-solution had become a raw cell; it ran"]),
    "the test cell made raw": (typed("p6-4-test", "raw"), []),
    "the set-up made Markdown": (typed("p6-setup", "markdown"), []),
    "text made code": (lambda n: cell(n, "p6-1-text").update(code("thoughts = 1", id="p6-1-text")), []),
    "a cell that raises": (insert("p6-1-solution", code("1 / 0")), []),
    "a cell that can't be parsed": (insert("p6-1-solution", code("Dear teacher,")), []),
    "an answer that raises after it": (append_to("p6-1-solution", "grad_xyz()"), []),
    "a check inside the answer": (
        append_to("p6-1-solution", "import adcourse\nassert adcourse.check('6.1', grad_xyz)"),
        [],
    ),
    "magics": (both(insert("p6-setup", code("%matplotlib inline\n%time 1")), append_to("p6-1-solution", "%who")), []),
    "a cell magic": (lambda n: cell(n, "p6-1-solution").update(source="%%time\n" + answer("p6-1-solution")), []),
    "shell commands": (insert("p6-setup", code("!pip install numpy\n%pip install x")), []),
    "help asked": (insert("p6-1-test", code("grad_xyz?")), []),
    "glued to another assignment": (merged_with_ps01, [
        f"A cell says that it is graded (p1-{k}-test)" for k in range(1, 6)
    ]),
}  # fmt: skip


@pytest.mark.parametrize("case", HONEST)
def test_honest_notebooks_keep_their_marks(case, runner):
    change, words = HONEST[case]
    notebook = solved()
    change(notebook)
    rebuilt = built(notebook)
    for word in words:
        assert sum(word in note for note in rebuilt.notes) == 1, (word, rebuilt.notes)
    assert len(rebuilt.notes) == len(words), rebuilt.notes
    assert_sound(rebuilt, frame(), read(as_bytes(notebook)).cells)
    assert answered(runner, notebook) == ALL


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_assignment(assignment, runner):
    """Nothing is said of what the tools of others do to a notebook, and all of it is earned by the real questions."""
    for how in (nothing, vscode, only_code, colab):
        notebook = solved(assignment)
        how(notebook)
        assert built(notebook, released=frame(assignment)).notes == ()
    assert earned(runner, notebook, assignment) == {ask.problem for ask in frame(assignment).asks}


@pytest.mark.parametrize("seed", [random.randrange(10**6) for _ in range(2)])
def test_any_order_of_the_cells(seed, runner):
    notebook = solved()
    random.Random(seed).shuffle(notebook["cells"])
    assert answered(runner, notebook) == ALL


# --- what is lost, and only that --------------------------------------------------------------------------------------

PASTED = both(delete("p6-4-solution"), insert("p6-4-test", {"cell_type": "markdown", "metadata": {}, "source": ""}))
FENCED = "```python\n" + answer("p6-4-solution") + "\n```"


def pasted(source):
    def change(notebook):
        PASTED(notebook)
        notebook["cells"][at(notebook, "p6-4-test") - 1]["source"] = source

    return change


LOST = {
    "a second, wrong try": (insert("p6-1-test", code("def grad_xyz(x, y, z):\n    return 1, 2, 3")), {"6.1"}, []),
    "guesses one below the other": (
        both(
            delete("p6-1-test"),
            replace("p6-1-solution", "grad_xyz = lambda x, y, z: (z, z, x + y)"),
            insert("p6-2-text", *(code(f"grad_xyz = lambda x, y, z: ({k}, {k}, x + y)") for k in range(4))),
        ),
        {"6.1"},
        ["The cell p6-1-test was missing"],
    ),
    "the stub": (stub("p6-4-solution"), {"6.4"}, []),
    "an empty answer": (replace("p6-4-solution", ""), {"6.4"}, []),
    "a syntax error": (append_to("p6-4-solution", "def half("), {"6.4"}, []),
    "another name": (replace("p6-4-solution", answer("p6-4-solution").replace("backward", "back")), {"6.4"}, []),
    "pasted into Markdown": (
        pasted(answer("p6-4-solution")),
        {"6.4"},
        ["backward is defined in a markdown cell, which can't run", "The answer cell p6-4-solution was missing"],
    ),
    "pasted with a fence": (
        pasted(FENCED),
        {"6.4"},
        ["backward is defined in a markdown cell", "The answer cell p6-4-solution was missing"],
    ),
    "a test cell that says it passed": (
        both(stub("p6-4-solution"), replace("p6-4-test", "verdict = True\nprint('6.4 passed')")),
        {"6.4"},
        ["p6-4-test was changed; it counts as it was released"],
    ),
    "a forged test cell": (
        both(
            stub("p6-4-solution"),
            insert("", code("pass", metadata={"nbgrader": {"grade_id": "bonus", "grade": True, "points": 99}})),
        ),
        {"6.4"},
        ["A cell says that it is graded (bonus), but was not released"],
    ),
    "check replaced": (
        both(stub("p6-4-solution"), insert("", code("import adcourse\nadcourse.check = lambda *a: True"))),
        {"6.4"},
        [],
    ),
}


@pytest.mark.parametrize("case", LOST)
def test_what_is_missing_costs_itself_alone(case, runner):
    change, lost, words = LOST[case]
    notebook = solved()
    change(notebook)
    rebuilt = built(notebook)
    assert len(rebuilt.notes) == len(words)
    assert all(any(word in note for note in rebuilt.notes) for word in words), rebuilt.notes
    assert answered(runner, notebook) == ALL - lost


def test_the_release_itself_earns_nothing(runner):
    for assignment in ASSIGNMENTS:
        assert earned(runner, untouched(assignment), assignment) == set()
        assert built(untouched(assignment), released=frame(assignment)).notes == ()


def test_nothing_handed_in():
    rebuilt = rebuild(frame(), (), lambda ask, place: Question(ask.problem, ask.name, b""))
    assert rebuilt.notes == ()
    assert [place.key for place in rebuilt.places] == [c.key for c in frame().cells if c.role not in ("text", "code")]
    assert [step.key for step in rebuilt.steps] == ["p6-setup"]
    assert [question.id for question in rebuilt.steps[0].questions] == sorted(ALL)


# --- how an answer may be defined -------------------------------------------------------------------------------------

BODY = "lambda x, y, z: (z, z, x + y)"
WAYS = {
    "lambda": f"grad_xyz = {BODY}",
    "annotated": f"grad_xyz: object = {BODY}",
    "under if": "if True:\n    def grad_xyz(x, y, z):\n        return z, z, x + y",
    "under try": "try:\n    def grad_xyz(x, y, z):\n        return z, z, x + y\nfinally:\n    pass",
    "under with": f"import contextlib\nwith contextlib.nullcontext({BODY}) as grad_xyz:\n    pass",
    "decorated": "import functools\n@functools.lru_cache\ndef grad_xyz(x, y, z):\n    return z, z, x + y",
    "class": "class grad_xyz(tuple):\n    def __new__(cls, x, y, z):\n        return tuple.__new__(cls, (z, z, x + y))",
    "object": "class F:\n    def __call__(self, x, y, z):\n        return z, z, x + y\ngrad_xyz = F()",
    "partial": f"import functools\ngrad_xyz = functools.partial({BODY})",
    "tuple": f"(a, [grad_xyz, *b]) = 1, [{BODY}, 2]",
    "chain": f"g = grad_xyz = {BODY}",
    "walrus": f"print((grad_xyz := {BODY}))",
    "loop": f"for grad_xyz in [{BODY}]:\n    pass",
    "match": f"match {BODY}:\n    case grad_xyz:\n        pass",
    "global": f"def main():\n    global grad_xyz\n    grad_xyz = {BODY}\nmain()",
    "semicolons": f"import math; grad_xyz = {BODY}; print(1)",
    "beside a magic": f"%precision 3\ngrad_xyz = {BODY}",
    "tabs": "def grad_xyz(x, y, z):\n\treturn z, z, x + y",
}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_is_found_by_its_name(way, runner):
    """Without its test cell: only the place after the definition is left."""
    notebook = solved()
    both(delete("p6-1-test", "p6-1-solution"), insert("p6-2-text", code(WAYS[way])))(notebook)
    assert "grad_xyz" in bound(WAYS[way])
    assert answered(runner, notebook) == ALL


@pytest.mark.parametrize(
    "source",
    [
        "def other():\n    backward = 1",
        "class A:\n    def backward(self): pass",
        "x = [backward for backward in ()]",
        "f = lambda backward: 1",
        "a.backward = 1; a['backward'] = 2",
        "# def backward(): pass",
        "'''\nbackward = 1\n'''",
        "backward(1)",
        "from backward import *",
    ],
)
def test_what_does_not_bind_a_name(source):
    assert "backward" not in bound(source)


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "-" * 200_000 + "1", "a" + ".b" * 100_000, "x=" * 100_000, "if 1:\n" * 9999]
)
def test_no_code_is_too_odd_to_look_at(text):
    assert bound(text) <= {"a", "x"}
    rebuilt = built({"cells": [code(text), *solved()["cells"]]})
    assert rebuilt.steps[0].source == text


def test_lines_added_to_a_locked_cell():
    assert added("import a\nb = 1\nassert b\n", "import a\nassert b") == "b = 1"
    assert added("if x:\n    import a\n    b = 1", "import a") == "if x:\n    import a\n    b = 1"
    assert added("import a  \n# b = 1\n", "import a") == ""
    assert added("import a\nb = (", "import a") == "b = ("  # it will say that it is a syntax error


# --- a teacher's own frame --------------------------------------------------------------------------------------------


def graded(kind, source, grade_id, **flags):
    flags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **flags}
    new = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
    return new(source, metadata={"nbgrader": {"grade_id": grade_id, **flags}})


@pytest.fixture
def own(tmp_path):
    """A notebook with answers that people grade, and its frame."""
    cells = [
        nbformat.v4.new_markdown_cell("# Essay"),
        graded("markdown", "Rules, not to be changed.", "rules", locked=True),
        graded("markdown", "YOUR ANSWER HERE", "why", grade=True, solution=True, points=3),
        nbformat.v4.new_markdown_cell("Now plot."),
        graded("code", "# YOUR CODE HERE", "plot", grade=True, solution=True, points=2),
        graded("markdown", "Discuss.", "task", task=True, locked=True, points=4),
        graded("code", "assert plotted", "by-hand", grade=True, locked=True, points=1),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "essay.ipynb")
    book = nbformat.read(tmp_path / "essay.ipynb", as_version=4)
    book.cells[2].source, book.cells[4].source = "Because $x^2$ is convex.", "plotted = True"
    return book, Frame.read(tmp_path / "essay.ipynb")


def test_answers_for_people(own):
    book, released = own
    rebuilt = built(book, released=released)
    assert rebuilt.notes == () and [place.key for place in rebuilt.places] == [c.key for c in released.cells]
    assert [(step.key, step.source, step.questions) for step in rebuilt.steps] == [("plot", "plotted = True", ())]


def test_answers_for_people_without_ids(own):
    """An essay has no name to know it by: it is what stands where the essay belongs."""
    book, released = own
    colab(book)
    rebuilt = built(book, released=released)
    assert rebuilt.notes == ()
    assert {p.key: p.cell.source for p in rebuilt.places if p.released and p.released.role == "manual"} == {
        "why": "Because $x^2$ is convex.",
        "plot": "plotted = True",
    }


def test_answers_for_people_with_oddities(own):
    book, released = own
    book.cells[1].source = "Do as you like."
    book.cells[5].source = "Nothing to discuss."
    del book.cells[4]
    rebuilt = built(book, released=released)
    assert len(rebuilt.notes) == 3
    assert "The text of rules was changed" in rebuilt.notes[0] and "The text of task" in rebuilt.notes[1]
    assert rebuilt.notes[2] == "The answer cell plot was missing; answers in other cells count."
    (plot,) = (place for place in rebuilt.places if place.key == "plot")
    assert plot.cell is None and plot.run is None and rebuilt.steps == []


# --- in general -------------------------------------------------------------------------------------------------------


def assert_sound(rebuilt, released, cells):
    """What must hold of every rebuilt notebook."""
    keys = [place.key for place in rebuilt.places]
    assert len(keys) == len(set(keys)) and {c.key for c in released.cells if c.graded or c.locked} <= set(keys)
    assert [place.cell for place in rebuilt.places if place.cell] == list(cells)
    runs = [(place.key, place.run) for place in rebuilt.places if place.run is not None]
    assert [(step.key, step.source) for step in rebuilt.steps if step.source is not None] == runs
    locked = {place.key: place for place in rebuilt.places if place.released and place.released.locked}
    for key, source in runs:
        if key in locked and locked[key].released.role == "setup":
            assert source.startswith(locked[key].released.source)
    tests = {test.source for test in released.tests}
    assert not any(run in tests for key, run in runs if not key.startswith("extra"))
    for ask in released.asks:
        assert 1 <= sum(question.id == ask.problem for step in rebuilt.steps for question in step.questions) <= 2
    for note in rebuilt.notes:
        assert len(note) < 500 and note.isprintable() and note[-1] == ".", note


OPERATIONS = st.lists(
    st.tuples(st.sampled_from("delete copy move strip edit retype marks".split()), *[st.integers(0, 99)] * 2)
)


@given(OPERATIONS, st.booleans())
@settings(max_examples=80)
def test_any_deeds_are_survived(operations, answered):
    notebook = solved() if answered else untouched()
    cells = notebook["cells"]
    for deed, i, j in operations:
        if not cells:
            break
        one = cells[i % len(cells)]
        if deed == "delete":
            cells.remove(one)
        elif deed == "copy":
            cells.insert(j % len(cells), copy.deepcopy(one))
        elif deed == "move":
            cells.remove(one)
            cells.insert(j % (len(cells) + 1), one)
        elif deed == "strip":
            one["metadata"] = {}
            one.pop("id", None)
        elif deed == "edit":
            one["source"] = text(one)[:j] + "x = 1\n" + text(one)[j:]
        elif deed == "retype":
            one["cell_type"] = ("code", "markdown", "raw")[j % 3]
        else:
            one["metadata"] = {"nbgrader": {"grade_id": cells[j % len(cells)].get("id"), "points": j, "grade": True}}
    handed = read(as_bytes(notebook))
    assert_sound(
        rebuild(frame(), handed.cells, lambda ask, place: Question(ask.problem, ask.name, b"")), frame(), handed.cells
    )
