"""The course map: it runs, leads to every lecture, and explains each word where it says."""

import re

import nbformat
import pytest

from .reading import LECTURES, MAP, Images, check_in_git, check_links, described, executed, outputs, said


@pytest.fixture(scope="module")
def book():
    return nbformat.read(MAP, as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def text(book):
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def test_it_runs_and_its_picture_has_words(tmp_path):
    run, *_ = executed(MAP, tmp_path)
    assert not said(run)
    images = [
        image for _, output in outputs(run) for image in Images(output.get("data", {}).get("text/html", "")).found
    ]
    assert images and all(map(described, images))
    (needs,) = [image["alt"] for image in images if "needs which" in image["alt"]]
    assert {int(number) for number in re.findall(r"\d+", needs)} == {int(path.name[:2]) for path in LECTURES}


def test_in_git_it_is_clean(book):
    check_in_git(book)


def test_it_leads_to_every_lecture_in_order(book, text):
    check_links(book, MAP)
    assert list(dict.fromkeys(re.findall(r"\((\d\d)_\w+\.ipynb\)", text))) == [p.name[:2] for p in LECTURES]


def test_every_word_is_explained_where_the_glossary_says(text):
    _, glossary = text.split("## Words")
    glossary, timeline = glossary.split("## Three centuries")
    rows = re.findall(r"^\| \*\*(.+?)\*\*.*\| ([\d, ]+) \|$", glossary, re.M)
    assert len(rows) > 15
    rows += re.findall(r"^\| (\d{4}) \|.*\| ([\d, ]+) \|$", timeline, re.M)
    for word, number in rows:
        for n in number.split(", "):
            (lecture,) = (path for path in LECTURES if int(path.name[:2]) == int(n))
            assert word.lower() in lecture.read_text().lower(), (word, n)
