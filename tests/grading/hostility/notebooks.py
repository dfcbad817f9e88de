"""Notebooks that cheat by what they are, not by what their code does: metadata, cells, JSON, HTML."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.grading.blocks import cell
from tests.grading.hostility.handed_in import Case, code_cell, ids, markdown_cell, nonsense, reference, submission

ASSIGNMENT = "ps01_four_ways_to_a_slope"
_ALL = "1.1 1.2 1.3 1.4 1.5"
_made: list[tuple[Callable, str, str]] = []


def attack(loses: str, risks: str = ""):
    def keep(make):
        _made.append((make, loses, risks))
        return make

    return keep


def cases() -> list[Case]:
    """Each attack on a notebook whose lost problems have nonsense for answers, and whose others are solved."""
    found = []
    for make, loses, risks in _made:
        handed = submission(ASSIGNMENT, {id: nonsense(id) for id in loses.split()})
        made = make(handed)
        made = handed if made is None else made
        content = made if isinstance(made, bytes) else json.dumps(made).encode()
        name = make.__name__.replace("_", " ")
        found.append(Case(name, ASSIGNMENT, content, frozenset(loses.split()), frozenset(risks.split()), "notebooks"))
    return found


def grade_id(id: str) -> str:
    return cell(id).replace("solution", "test")


# --- metadata ------------------------------------------------------------------------------------------------------


@attack(loses="1.1 1.2")
def a_thousand_points_in_the_metadata(handed):
    for cells in handed["cells"]:
        if cells["metadata"].get("nbgrader", {}).get("grade"):
            cells["metadata"]["nbgrader"]["points"] = 1000


@attack(loses="1.1")
def negative_points_infinite_points_and_text(handed):
    for id, points in (("1.1", -5), ("1.2", 1e308), ("1.3", "1000"), ("1.4", None), ("1.5", [1])):
        ids(handed)[grade_id(id)]["metadata"]["nbgrader"]["points"] = points


@attack(loses="1.2")
def the_grade_id_of_another_problem(handed):
    wrong, right = ids(handed)[grade_id("1.2")], ids(handed)[grade_id("1.1")]
    wrong["metadata"]["nbgrader"], right["metadata"]["nbgrader"] = (
        right["metadata"]["nbgrader"],
        wrong["metadata"]["nbgrader"],
    )


@attack(loses="1.2")
def the_ids_of_two_test_cells_exchanged(handed):
    wrong, right = ids(handed)[grade_id("1.2")], ids(handed)[grade_id("1.1")]
    for one, other in ((wrong, "1.1"), (right, "1.2")):
        one["id"] = one["metadata"]["nbgrader"]["grade_id"] = grade_id(other)


@attack(loses="1.2")
def the_ids_of_two_answer_cells_exchanged(handed):
    wrong, right = ids(handed)[cell("1.2")], ids(handed)[cell("1.1")]
    for one, other in ((wrong, "1.1"), (right, "1.2")):
        one["id"] = one["metadata"]["nbgrader"]["grade_id"] = cell(other)


@attack(loses="1.2 1.4")
def every_cell_has_the_id_of_a_test_that_passes(handed):
    for one in handed["cells"]:
        one["id"] = grade_id("1.1")
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["grade_id"] = grade_id("1.1")


@attack(loses="1.3")
def graded_cells_of_its_own(handed):
    for k in range(20):
        own = code_cell("assert True", id=f"own-{k}")
        own["metadata"]["nbgrader"] = {
            "cell_type": "code",
            "grade": True,
            "grade_id": f"own-{k}",
            "locked": True,
            "points": 50,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }
        handed["cells"].append(own)


@attack(loses="1.3")
def an_answer_that_is_graded_by_hand_and_has_points_already(handed):
    one = ids(handed)[cell("1.3")]
    one["metadata"]["nbgrader"] |= {"grade": True, "points": 100, "locked": True}
    one["source"] += "\n100"


@attack(loses="1.3")
def a_task_that_is_not_locked(handed):
    one = markdown_cell("a task", id="task")
    one["metadata"]["nbgrader"] = {
        "grade": True,
        "grade_id": "task",
        "locked": False,
        "points": 10,
        "schema_version": 3,
        "solution": False,
        "task": True,
    }
    handed["cells"].insert(3, one)


@attack(loses="1.4")
def metadata_of_the_wrong_types(handed):
    for k, one in enumerate(handed["cells"]):
        one["metadata"] = [None, [], "text", 7, {"nbgrader": 5}, {"nbgrader": []}, {"nbgrader": {"grade_id": {}}}][
            k % 7
        ]
    handed["metadata"] = {"kernelspec": 5, "language_info": None, "celltoolbar": "Create Assignment"}


@attack(loses="1.4")
def kernels_that_run_something_else(handed):
    handed["metadata"] = {
        "kernelspec": {"name": "../../../../bin/sh", "display_name": "<script>alert(1)</script>", "language": "bash"},
        "language_info": {"name": "<img src=x onerror=alert(1)>", "pygments_lexer": "../../evil", "version": "9.9"},
        "title": "<script>document.title='scripted'</script>",
        "authors": [{"name": "<script>document.title='scripted'</script>"}],
    }


@attack(loses="1.4")
def five_megabytes_of_metadata(handed):
    handed["metadata"]["widgets"] = {"state": ["x" * 1000] * 5000}


@attack(loses="1.1")
def schema_versions_from_the_future_and_the_past(handed):
    for one in handed["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["schema_version"] = 99 if "test" in one["id"] else 1


# --- cells ---------------------------------------------------------------------------------------------------------


@attack(loses="1.1 1.5")
def test_cells_that_say_true(handed):
    for one in handed["cells"]:
        if one["id"].endswith("-test"):
            one["source"] = "assert True"


@attack(loses="1.1 1.5")
def test_cells_that_return_a_thousand_points(handed):
    for one in handed["cells"]:
        if one["id"].endswith("-test"):
            one["source"] = "1000"


@attack(loses="1.1 1.5")
def test_cells_deleted(handed):
    handed["cells"] = [one for one in handed["cells"] if not one["id"].endswith("-test")]


@attack(loses="1.1 1.5")
def test_cells_turned_into_text(handed):
    for one in handed["cells"]:
        if one["id"].endswith("-test"):
            one["cell_type"] = "markdown"
            del one["outputs"], one["execution_count"]


@attack(loses="1.5")
def test_cells_with_the_outputs_of_a_pass(handed):
    for one in handed["cells"]:
        if one["id"].endswith("-test"):
            text = "1.5 Finite-difference gradient and its price: passed\n3 of 3 points"
            one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
            one["execution_count"] = 12


@attack(loses="1.5")
def a_set_up_cell_with_patches(handed):
    one = ids(handed)["p1-setup"]
    one["source"] += (
        "\nimport adcourse\nadcourse.check = lambda *args: True\nnp.isclose = np.allclose = lambda *a, **k: True"
    )


@attack(loses="1.1 1.2 1.3 1.4 1.5")
def raw_cells_hidden_cells_and_nothing_else(handed):
    handed["cells"] = [
        {"cell_type": "raw", "id": "raw", "metadata": {"format": "text/html"}, "source": "<script>alert(1)</script>"},
        code_cell("passed = True", id="hidden", metadata={"jupyter": {"source_hidden": True}, "tags": ["remove_cell"]}),
    ]


@attack(loses="1.2")
def the_right_answer_to_another_problem_under_its_name(handed):
    ids(handed)[cell("1.2")]["source"] = reference(ASSIGNMENT)["1.1"].replace("def fd(", "def second(")


@attack(loses="1.2")
def source_of_the_wrong_types(handed):
    for source in (None, 7, {"a": 1}, [1, 2], [["def"]], True):
        handed["cells"].append(code_cell(source, id=f"odd-{len(handed['cells'])}"))


@attack(loses="1.2")
def a_hundred_copies_of_a_wrong_answer(handed):
    handed["cells"] += [code_cell(nonsense("1.2"), id=f"copy-{k}") for k in range(100)]


@attack(loses="1.2")
def a_source_of_five_megabytes(handed):
    ids(handed)[cell("1.2")]["source"] = "x = '" + "y" * 5_000_000 + "'"


@attack(loses="1.2")
def a_million_statements(handed):
    ids(handed)[cell("1.2")]["source"] = "1;" * 300_000


@attack(loses="1.2")
def brackets_nested_until_the_parser_gives_up(handed):
    ids(handed)[cell("1.2")]["source"] = "second = " + "[" * 50_000 + "]" * 50_000


@attack(loses="1.2")
def a_compiler_bomb(handed):
    ids(handed)[cell("1.2")]["source"] = "second = " + "-" * 200_000 + "1"


@attack(loses="1.2")
def lone_surrogates_and_nul_in_the_source(handed):
    ids(handed)[cell("1.2")]["source"] = "x = '\ud800\x00\udfff'\nprint(x)"
    handed["cells"].append(markdown_cell("\ud800 \x00 \uffff"))


@attack(loses="1.2")
def cell_ids_with_markup_paths_and_no_end(handed):
    for k, id in enumerate(
        ["<script>alert(1)</script>", "../../../../tmp/evil", "a" * 100_000, "", "\ud800", "p1-2-test\n", 5]
    ):
        handed["cells"].append(code_cell("x = 1", id=id))
        handed["cells"].append(markdown_cell(f"text {k}", id=id))


@attack(loses="1.2")
def guesses_one_below_the_other(handed):
    """What a kernel would have forgotten by the time of the test counts for nothing."""
    guesses = [code_cell(nonsense("1.2").replace("0.0", f"{k}.0"), id=f"guess-{k}") for k in range(2)]
    guesses.insert(1, code_cell(reference(ASSIGNMENT)["1.2"], id="right-by-chance"))
    where = handed["cells"].index(ids(handed)[grade_id("1.2")])
    handed["cells"][where:where] = guesses


@attack(loses="1.5")
def evaluations_remembered_from_the_first_place_where_it_was_asked(handed):
    """Too many of them, kept in a file; at the second place the same questions would be answered without any."""
    ids(handed)[cell("1.5")]["source"] = """
import json, os
later = False

def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    place = "/tmp/" + repr((x.tolist(), h)).replace("/", "")
    if not os.path.exists(place):
        slopes = [float(f(x + h * e) - f(x)) / h for e in np.eye(len(x))]
        open(place, "w").write(json.dumps(slopes))
    later
    return json.load(open(place))
"""
    handed["cells"].append(code_cell("later = True", id="later"))


_TELLS = """
import mmap, os
board = mmap.mmap(-1, 4096)

def {name}(*args):
    board[:9] = b"LOOT told"
    open("/tmp/told", "w").write("LOOT told")
    {do}
"""
_ASKS = code_cell(
    "print(board[:9].decode().strip(chr(0)), *(open(p).read() for p in ['/tmp/told'] if os.path.exists(p)))"
)


@attack(loses="1.1")
def what_was_asked_told_to_a_cell_that_prints_it(handed):
    ids(handed)[cell("1.1")]["source"] = _TELLS.format(name="fd", do="return 0.0")
    handed["cells"].append(_ASKS)


@attack(loses="1.1 1.2")
def what_was_asked_told_in_a_session_that_has_to_be_run_again(handed):
    """Whatever waits for its question is killed, in a cell and while another question is put."""
    ids(handed)[cell("1.1")]["source"] = _TELLS.format(name="fd", do="os.kill(-1, 9); os._exit(0)")
    ids(handed)[cell("1.2")]["source"] = _TELLS.format(name="second", do="os.kill(-1, 9); return 0.0")
    handed["cells"] += [code_cell("os.kill(-1, 9)", id="kills"), _ASKS]


@attack(loses="1.1 1.2")
def all_that_waits_for_its_question_stopped(handed):
    ids(handed)[cell("1.1")]["source"] = "import os\ndef fd(*args):\n    os.kill(-1, 19)\n    os.kill(os.getpid(), 19)"
    ids(handed)[cell("1.2")]["source"] = "def second(*args):\n    os.kill(-1, 19)\n    return 0.0"
    handed["cells"].append(code_cell("os.kill(-1, 19)", id="stops"))


# --- what is shown -------------------------------------------------------------------------------------------------

SCRIPTS = """<script>document.title='scripted'</script>
<img src=x onerror="document.title='scripted'"><svg onload="document.title='scripted'"></svg>
<iframe srcdoc="<script>parent.document.title='scripted'</script>"></iframe>
<a href="javascript:document.title='scripted'">click</a> [link](javascript:document.title='scripted')
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/"><base href="http://127.0.0.1:9/">
<style>* { display: none }</style><link rel=stylesheet href="http://127.0.0.1:9/x.css">
<form action="http://127.0.0.1:9/"><input autofocus onfocus="document.title='scripted'"></form>
<details open ontoggle="document.title='scripted'"></details>
<math><maction actiontype="statusline#http://127.0.0.1:9/" xlink:href="javascript:alert(1)">x</maction></math>
$\\href{javascript:document.title='scripted'}{x}$ $\\unicode{<img src=x onerror=alert(1)>}$
```html
</code></pre><script>document.title='scripted'</script>
```
"""


@attack(loses="1.3")
def scripts_in_text_and_attachments(handed):
    attachments = {"x.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+", "text/html": "<script>1</script>"}}
    handed["cells"].insert(0, markdown_cell(SCRIPTS + "![x](attachment:x.svg)", id="scripts", attachments=attachments))
    ids(handed)["p1-title"]["source"] += SCRIPTS


@attack(loses="1.3")
def scripts_in_outputs(handed):
    data = {"text/html": SCRIPTS, "image/svg+xml": SCRIPTS, "application/javascript": "document.title='scripted'"}
    data |= {"text/latex": SCRIPTS, "text/markdown": SCRIPTS, "image/png": '"><script>alert(1)</script>'}
    for one in handed["cells"]:
        if one["cell_type"] == "code":
            one["outputs"] = [
                {"output_type": "display_data", "data": data, "metadata": {"text/html": {"isolated": False}}},
                {"output_type": "error", "ename": SCRIPTS, "evalue": SCRIPTS, "traceback": [SCRIPTS]},
                {"output_type": "stream", "name": "<script>", "text": SCRIPTS},
                {"output_type": "nonsense"},
            ]


@attack(loses="1.3")
def scripts_printed_and_raised(handed):
    ids(handed)["p1-example-code"]["source"] = f"""
from IPython.display import HTML, Javascript, Latex, Markdown, display
text = {SCRIPTS!r}
print(text)
display(HTML(text), Javascript("document.title='scripted'"), Markdown(text), Latex(text))
raise type("<script>alert(1)</script>", (Exception,), {{}})(text)
"""


# --- JSON ----------------------------------------------------------------------------------------------------------


@attack(loses=_ALL)
def json_nested_a_million_deep(handed):
    return b"[" * 1_000_000


@attack(loses=_ALL)
def json_nested_inside_the_metadata(handed):
    return (
        json.dumps(handed)
        .encode()
        .replace(b'"kernelspec"', b'"deep": ' + b"[" * 50_000 + b"]" * 50_000 + b', "kernelspec"')
    )


@attack(loses="1.1", risks=_ALL)
def numbers_beyond_all_numbers(handed):
    return (
        json.dumps(handed)
        .encode()
        .replace(b'"nbformat": 4', b'"nbformat": 4, "big": 1' + b"0" * 100_000 + b', "huge": 1e999, "none": NaN')
    )


@attack(loses="1.2")
def keys_twice(handed):
    text = json.dumps(handed)
    return text.replace('"points": 2', '"points": 2, "points": 1000').encode()


@attack(loses=_ALL)
def an_empty_file(handed):
    return b""


@attack(loses=_ALL)
def half_a_file(handed):
    text = json.dumps(handed).encode()
    return text[: len(text) // 2]


@attack(loses=_ALL)
def not_a_notebook_at_all(handed):
    return b"PK\x03\x04" + bytes(range(256)) * 100


@attack(loses=_ALL)
def a_list_where_the_notebook_should_be(handed):
    return json.dumps([handed]).encode()


@attack(loses=_ALL)
def cells_that_are_no_list(handed):
    handed["cells"] = {"0": handed["cells"]}


@attack(loses=_ALL)
def cells_that_are_no_cells(handed):
    handed["cells"] = [None, 5, "code", [], {}, {"cell_type": "code"}, {"cell_type": "evil", "source": "x"}]


@attack(loses="1.1", risks=_ALL)
def a_format_from_the_future(handed):
    handed["nbformat"], handed["nbformat_minor"] = 99, 99


@attack(loses="1.1", risks=_ALL)
def a_format_that_is_no_number(handed):
    handed["nbformat"], handed["nbformat_minor"] = "4; DROP TABLE grade", None
