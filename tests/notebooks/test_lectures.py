"""Every lecture, executed as a learner would: in a kernel of its own, from the top; and read as it lies in git.

A lecture asserts its own numbers. Here stands what holds for all of them.
"""

import ast
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

LECTURES = sorted((Path(__file__).parents[2] / "lectures").glob("[0-9]*.ipynb"))
SECONDS, BYTES = 60, 1e9  # what a lecture may take: of processor time, and of memory at its highest
WIDGET, IMAGES = "application/vnd.jupyter.widget-view+json", ("image/png", "image/jpeg", "image/svg+xml")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
USED = """
import resource, sys
spent = resource.getrusage(resource.RUSAGE_SELF)
peak = spent.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
if sys.platform == "linux":  # there ru_maxrss is no less than that of the process which started this one
    peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(spent.ru_utime + spent.ru_stime, peak)
"""


@pytest.fixture(scope="module", params=LECTURES, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture(scope="module")
def book(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def run(path, tmp_path_factory):
    """The executed notebook, and the kernel's processor seconds and peak memory."""
    folder = tmp_path_factory.mktemp(path.stem)
    if (images := path.parent / "images").exists():
        shutil.copytree(images, folder / "images")
    executed = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(executed, timeout=300, resources=resources, store_widget_state=False)
    env = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}  # as in Jupyter, where figures are shown inline
    with client.setup_kernel(env=env):
        executed.cells += [nbformat.v4.new_code_cell(USED)] if os.name == "posix" else []
        for number, cell in enumerate(executed.cells):
            client.execute_cell(cell, number)
    # what one print says may arrive in several messages
    used = "".join(o.text for o in executed.cells.pop().outputs).split() if os.name == "posix" else ()
    return executed, *map(float, used)


class Images(HTMLParser):
    """The attributes of each <img> in a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes))


def described(image):
    return len((image.get("alt") or "").split()) >= 5


def outputs(executed):
    return [(cell, output) for cell in executed.cells if cell.cell_type == "code" for output in cell.outputs]


def code(book):
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def test_there_are_lectures():
    assert LECTURES


def test_it_runs_without_a_word_on_stderr(run):
    said = [(cell.id, o.text) for cell, o in outputs(run[0]) if o.output_type == "stream" and o.name == "stderr"]
    # On a slow machine a progress bar may come and go: it writes over its own line.
    assert not [(name, text) for name, text in said if re.sub(r"\r[^\r\n]*", "", text).strip()]


@pytest.mark.skipif(os.name != "posix", reason="peak memory is asked of the resource module")
def test_it_stays_within_its_budget(run):
    _, seconds, memory = run
    print(f"{seconds:.1f} s of processor time, {memory / 1e6:.0f} MB")
    assert seconds < SECONDS and memory < BYTES


def test_every_picture_says_in_words_what_it_shows(run):
    pictures = 0
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


def test_in_git_it_is_clean(book, path):
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "python3" and "widgets" not in book.metadata
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) for name in ids), "ids are names, so that they stay"
    assert not any(re.fullmatch(r"[0-9a-f]{8}", name) for name in ids), "these look like random ids"
    for cell in book.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None and "execution" not in cell.metadata


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
    for cell in book.cells:
        if cell.cell_type == "markdown":
            for picture, text, target in LINK.findall(cell.source):
                assert text.strip() or not picture, f"{cell.id}: a picture without words"
                if not re.match(r"[a-z]+:|#", target):
                    assert (path.parent / target.split("#")[0]).exists(), f"{cell.id}: {target}"


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
