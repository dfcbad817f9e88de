"""Honest notebooks in odd shapes: what editors, services and people do to a notebook. All of them earn full marks."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.grading.blocks import cell
from tests.grading.hostility.handed_in import Case, code_cell, ids, markdown_cell, reference, submission

ASSIGNMENT = "ps01_four_ways_to_a_slope"
_made: list[Callable] = []


def odd(make):
    _made.append(make)
    return make


def cases() -> list[Case]:
    found = []
    for make in _made:
        handed = submission(ASSIGNMENT, {})
        made = make(handed)
        made = handed if made is None else made
        content = made if isinstance(made, bytes) else json.dumps(made).encode()
        found.append(Case(make.__name__.replace("_", " "), ASSIGNMENT, content, part="notebooks"))
    return found


@odd
def another_kernels_name(handed):
    handed["metadata"]["kernelspec"] = {"name": "conda-env-my_env-py", "display_name": "Python [conda env:my_env]"}


@odd
def no_metadata_at_all(handed):
    handed["metadata"] = {}


@odd
def as_colab_saves_it(handed):
    """Format 4.0: no ids; Colab's own metadata beside or instead of others'."""
    handed["nbformat_minor"] = 0
    handed["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    for k, one in enumerate(handed["cells"]):
        del one["id"]
        one["metadata"] = {"id": f"Wq3{k:09}"}
        one["source"] = one["source"].splitlines(keepends=True)
        if one["cell_type"] == "code":
            one["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "x"}
            one["execution_count"] = k


@odd
def as_vs_code_saves_it(handed):
    """Metadata kept, ids replaced, languages named."""
    handed["metadata"] = {
        "language_info": {"name": "python", "version": "3.12.1", "codemirror_mode": {"name": "ipython"}}
    }
    for k, one in enumerate(handed["cells"]):
        one["id"] = f"{k:08x}"
        one["metadata"] = {"vscode": {"languageId": "python"}} | {
            key: value for key, value in one["metadata"].items() if key == "nbgrader"
        }


@odd
def as_vs_code_and_a_web_service_leave_it(handed):
    """No ids and no metadata of nbgrader: only the names of the functions are left."""
    handed["nbformat_minor"] = 4
    for one in handed["cells"]:
        del one["id"]
        one["metadata"] = {}


@odd
def windows_line_ends(handed):
    for one in handed["cells"]:
        one["source"] = one["source"].replace("\n", "\r\n")
    return json.dumps(handed, indent=1).replace("\n", "\r\n").encode()


@odd
def a_byte_order_mark(handed):
    return b"\xef\xbb\xbf" + json.dumps(handed).encode()


@odd
def utf_16(handed):
    return json.dumps(handed, ensure_ascii=False).encode("utf-16")


@odd
def indented_with_tabs_and_sorted(handed):
    return json.dumps(handed, indent="\t", sort_keys=True, ensure_ascii=False).encode()


@odd
def scratch_cells_everywhere(handed):
    cells = []
    for k, one in enumerate(handed["cells"]):
        cells += [one, code_cell(f"scratch = {k}\nscratch", id=f"scratch-{k}")]
    handed["cells"] = cells


@odd
def scratch_cells_that_fail(handed):
    failing = [
        "1 / 0",
        "undefined",
        "def broken(:",
        "assert False",
        "raise SystemExit",
        "exit()",
        "%nothing",
        "import nothing",
    ]
    for k, source in enumerate(failing):
        handed["cells"].insert(3 + 2 * k, code_cell(source, id=f"failing-{k}"))


@odd
def answers_split_over_cells(handed):
    where = next(k for k, one in enumerate(handed["cells"]) if one["id"] == cell("1.4"))
    handed["cells"][where]["source"] = "def imaginary(z):\n    return z.imag"
    answer = "def complex_step(f, x, h=1e-20):\n    return imaginary(f(x + 1j * h)) / h"
    handed["cells"].insert(where + 1, code_cell(answer, id="second-half"))


@odd
def all_answers_in_one_cell_at_the_top(handed):
    solved = "\n\n".join(reference(ASSIGNMENT).values())
    for id in reference(ASSIGNMENT):
        ids(handed)[cell(id)]["source"] = ""
    handed["cells"].insert(0, code_cell(solved, id="everything"))


@odd
def all_answers_in_one_cell_at_the_end(handed):
    solved = "\n\n".join(reference(ASSIGNMENT).values())
    for id in reference(ASSIGNMENT):
        ids(handed)[cell(id)]["source"] = "pass  # see the end"
    handed["cells"].append(code_cell(solved, id="everything"))


@odd
def cells_in_reverse(handed):
    setup = handed["cells"].pop(1)
    handed["cells"] = [setup, *handed["cells"][::-1]]


@odd
def answer_cells_copied_with_their_ids(handed):
    cells = []
    for one in handed["cells"]:
        cells += [one, dict(one)] if one["id"].endswith("-solution") else [one]
    handed["cells"] = cells


@odd
def test_cells_copied_with_their_ids(handed):
    cells = []
    for one in handed["cells"]:
        cells += [one, dict(one)] if one["id"].endswith("-test") else [one]
    handed["cells"] = cells


@odd
def a_first_try_kept_above_the_answer(handed):
    first = "def complex_step(f, x, h=1e-20):\n    return (f(x + h) - f(x)) / h"
    where = next(k for k, one in enumerate(handed["cells"]) if one["id"] == cell("1.4"))
    handed["cells"].insert(where, code_cell(first, id="first-try"))


@odd
def the_name_used_for_something_else_later(handed):
    handed["cells"].append(code_cell("fd = second = open\ncomplex_step = None\ndel ucurve, grad_fd", id="later"))


@odd
def test_cells_edited_and_emptied(handed):
    ids(handed)["p1-1-test"]["source"] = "# fails, I don't know why\nassert False"
    ids(handed)["p1-2-test"]["source"] = ""
    ids(handed)["p1-4-test"]["source"] = "verdict = adcourse.check('1.4', complex_step)\nprint(verdict.hint)"


@odd
def test_and_set_up_cells_deleted(handed):
    handed["cells"] = [one for one in handed["cells"] if not one["id"].endswith(("-test", "-setup"))]


@odd
def all_text_deleted(handed):
    handed["cells"] = [one for one in handed["cells"] if one["cell_type"] == "code"]


@odd
def the_set_up_run_twice_and_changed(handed):
    handed["cells"].insert(
        4, code_cell("import numpy as np\nimport numpy\nnp.set_printoptions(precision=3)", id="again")
    )


@odd
def outputs_and_counts_left_in(handed):
    for k, one in enumerate(handed["cells"]):
        if one["cell_type"] == "code":
            one["execution_count"] = 100 - k
            one["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": ["3 of 5\n"]},
                {"output_type": "execute_result", "execution_count": 3, "metadata": {}, "data": {"text/plain": ["1"]}},
                {
                    "output_type": "error",
                    "ename": "KeyError",
                    "evalue": "'x'",
                    "traceback": ["\x1b[0;31mKeyError\x1b[0m"],
                },
            ]


@odd
def ten_megabytes_of_outputs(handed):
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" + "A" * 1_000_000}}
    for one in [one for one in handed["cells"] if one["cell_type"] == "code"][:10]:
        one["outputs"] = [picture]


@odd
def tags_slides_collapsed_cells_and_attachments(handed):
    for one in handed["cells"]:
        one["metadata"] |= {"collapsed": True, "scrolled": "auto", "tags": ["a", "b"], "slideshow": {"slide_type": "-"}}
    picture = {"p.png": {"image/png": "iVBORw0KGgo="}}
    handed["cells"].insert(2, markdown_cell("![p](attachment:p.png) ä € 漢字 🎈", id="notes", attachments=picture))


@odd
def magics_that_cannot_work_here(handed):
    for k, source in enumerate(
        ["!pip install numpy", "%pip install numpy", "!ls", "%%bash\nls", "files = !ls", "%cd .."]
    ):
        handed["cells"].insert(2, code_cell(source, id=f"magic-{k}"))


@odd
def input_and_widgets_in_scratch_cells(handed):
    handed["cells"].insert(2, code_cell("name = input('Your name? ')", id="asks"))
    shown = "import ipywidgets\nipywidgets.interact(lambda h: h, h=(0, 1, 0.1))"
    handed["cells"].insert(3, code_cell(shown, id="shows"))


@odd
def the_untouched_stub_kept_as_a_comment(handed):
    for id in reference(ASSIGNMENT):
        ids(handed)[cell(id)]["source"] += "\n# YOUR CODE HERE\n# raise NotImplementedError()"


@odd
def metadata_of_nbgrader_lost(handed):
    for one in handed["cells"]:
        one["metadata"].pop("nbgrader", None)


@odd
def ids_renumbered(handed):
    for k, one in enumerate(handed["cells"]):
        one["id"] = str(k)


@odd
def an_answer_loaded_from_a_variable(handed):
    ids(handed)[cell("1.4")]["source"] = "f = lambda f, x, h=1e-20: f(x + 1j * h).imag / h\ncomplex_step, f = f, None"
