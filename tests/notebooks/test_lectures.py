"""Every lecture, executed as a learner would: in a kernel of its own, from the top; and read as it lies in git.

A lecture asserts its own numbers. Here stands what holds for all of them.
"""

import ast
import os
import re

import nbformat
import pytest

from .reading import LECTURES, Images, check_in_git, check_links, described, executed, outputs, said

SECONDS, BYTES = 60, 1e9  # what a lecture may take: of processor time, and of memory at its highest
WIDGET, IMAGES = "application/vnd.jupyter.widget-view+json", ("image/png", "image/jpeg", "image/svg+xml")


@pytest.fixture(scope="module", params=LECTURES, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture(scope="module")
def run(path, tmp_path_factory):
    return executed(path, tmp_path_factory.mktemp(path.stem))


@pytest.fixture(scope="module")
def book(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def code(book):
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def test_there_are_lectures():
    assert LECTURES


def test_it_runs_without_a_word_on_stderr(run):
    assert not said(run[0])


@pytest.mark.skipif(os.name != "posix", reason="peak memory is asked of the resource module")
def test_it_stays_within_its_budget(run):
    _, seconds, memory = run
    print(f"{seconds:.1f} s of processor time, {memory / 1e6:.0f} MB")
    assert seconds < SECONDS and memory < BYTES


def test_every_picture_says_in_words_what_it_shows(run):
    pictures = 0
    for cell in run[0].cells:  # a figure is shown where it is a cell's last line
        drawn = cell.cell_type == "code" and re.search(r"^figure\(", cell.source, re.M)
        assert not drawn or any("text/html" in o.get("data", {}) for o in cell.outputs), f"{cell.id}: a figure is lost"
    for cell, output in outputs(run[0]):
        data = output.get("data", {})
        images = Images(data.get("text/html", "")).found
        pictures += len(images)
        assert all(map(described, images)), cell.id
        if any(kind in data for kind in IMAGES):  # beside the bare picture there must be one with words
            assert images, f"{cell.id}: a picture without alternative text; show it by adcourse.show.figure"
    assert pictures >= 2


def test_what_moves_has_a_static_form(run):
    """In the widget's own output, or below it in the same section: a picture with words, and a table."""
    cells = run[0].cells
    for k, cell in enumerate(cells):
        shown = [o.data for o in cell.get("outputs", []) if WIDGET in o.get("data", {})]
        if not shown:
            continue
        section = [shown[0].get("text/html", "")]
        for below in cells[k + 1 :]:
            if below.cell_type == "markdown" and below.source.startswith("#"):
                break
            section += [below.source] if below.cell_type == "markdown" else []
            section += [o.data.get("text/html", "") for o in below.get("outputs", []) if "data" in o]
        text = "\n".join(section)
        assert any(map(described, Images(text).found)), f"{cell.id}: no picture for readers without a kernel"
        assert "<table" in text or re.search(r"^\|[ :|-]+\|$", text, re.M), f"{cell.id}: no table"


def test_in_git_it_is_clean(book):
    check_in_git(book)


def test_it_uses_public_names_only(book):
    """Nothing from inside adcourse.core, and no name with an underscore in front."""
    for source in code(book):
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.ImportFrom(module=module, names=names):
                    used = [module, *(f"{module}.{n.name}" for n in names)]
                case ast.Import(names=names):
                    used = [n.name for n in names]
                case ast.Attribute():
                    used = [ast.unparse(node)]
                case _:
                    continue
            for name in used:
                assert not re.match(r"(adcourse|ad)\.core\b", name), name
                assert not (name.startswith(("adcourse.", "ad.")) and re.search(r"\._", name)), name


def test_links_lead_somewhere(book, path):
    check_links(book, path)


def test_it_has_the_parts_of_a_lecture(book):
    """Objectives; questions with folded answers; a check of three; what it cannot do; references."""
    text = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    parts = ["# ", "**After this lecture you can**", "## Check yourself", "## What this cannot do", "## References"]
    places = [text.index(part) for part in parts]
    assert places[0] == 0 and places == sorted(places)
    check = text[places[2] :]
    assert check.count("<details>") >= 3 and all(f"**{n}.**" in check for n in (1, 2, 3))
    assert text.count("<details>") == text.count("</details>") >= 6
    assert sum("assert" in source for source in code(book)) >= 10, "stated numbers are asserted"
