"""What was handed in is found under any name, and read whatever has become of it."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import sys
import time
import tracemalloc
import zipfile

import jupytext
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import ScriptExporter

from adcourse.grading.marking.frame import Frame, asks
from adcourse.grading.marking.handed import read, slim
from adcourse.grading.marking.intake import find
from adcourse.grading.problems import all_problems
from tests.grading.blocks import ASSIGNMENTS
from tests.grading.marking.handins import FRAMES, as_bytes, code, file_name, frame, solved, untouched, write

SOLVED = as_bytes(solved())
STUB = as_bytes(untouched())
NAME = file_name()
CELLS = read(SOLVED).cells


def sought(folder):
    (found,) = find(folder, FRAMES["ps06"]).values()
    return found


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


# --- the release ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_frame_is_the_release(assignment):
    released = frame(assignment)
    assert [cell.source for cell in released.cells] == ["".join(c["source"]) for c in untouched(assignment)["cells"]]
    assert {cell.points for cell in released.cells if not cell.graded} == {0}
    for test in released.tests:
        (ask,) = test.asks
        assert test.key == f"p{ask.problem.replace('.', '-')}-test" and test.locked and test.points > 0
        assert test.answer == test.key.replace("test", "solution")
    assert [ask.problem for ask in released.asks] == [
        id for id in all_problems() if id.startswith(f"{int(assignment[2:])}.")
    ]


@pytest.mark.parametrize(
    "source, key, problems",
    [
        ('assert adcourse.check("6.4", backward)', "any", ["6.4"]),
        ("from adcourse import check as ok\ncheck('6.1', g)", "any", ["6.1"]),
        ("adcourse.check(id='6.3', answer=toposort)", "any", ["6.3"]),
        ("%time verdict = adcourse.check('6.1', f)\n", "p6-2-test", ["6.2"]),  # the magic line is not Python
        ("for f in (a, b):\n    adcourse.check('6.1', f)\nadcourse.check('6.2', g)", "", ["6.1", "6.2"]),
        ("assert f(2) == 4", "p6-04-test", ["6.4"]),
        ("assert f(2) == 4", "test-of-mine", []),
        ("adcourse.check('99.9', f)", "x", []),
        ("def broken(:", "x", []),
    ],
)
def test_which_problem_a_test_cell_asks(source, key, problems):
    assert [ask.problem for ask in asks(source, key)] == problems


def test_a_teachers_own_assignment(tmp_path):
    """Several notebooks; manual answers, tasks, a hand-written test, locked text; cells without ids; old metadata."""

    def marks(grade_id, **flags):
        flags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **flags}
        return {"nbgrader": {"grade_id": grade_id, **flags}}

    cells = [
        nbformat.v4.new_markdown_cell("Read this.", metadata=marks("intro", locked=True)),
        nbformat.v4.new_code_cell("def f(x): ...", metadata=marks("answer-f", solution=True)),
        nbformat.v4.new_code_cell("assert f(1) == 2", metadata=marks("by-hand", grade=True, locked=True, points=2)),
        nbformat.v4.new_markdown_cell("Why?", metadata=marks("why", grade=True, solution=True, points=3)),
        nbformat.v4.new_code_cell("# plot", metadata=marks("plot", grade=True, solution=True, points=1.5)),
        nbformat.v4.new_markdown_cell("Do this.", metadata=marks("do", task=True, locked=True, points=4)),
        nbformat.v4.new_code_cell("1 + 1"),
    ]
    book = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(book, tmp_path / "one.ipynb")
    for cell in book.cells:
        del cell["id"]
    book.nbformat_minor = 2
    nbformat.write(book, tmp_path / "two.ipynb")
    one, two = (Frame.read(tmp_path / f"{name}.ipynb") for name in ("one", "two"))
    for released in (one, two):
        assert [cell.role for cell in released.cells] == ["setup", "answer", "test", "manual", "manual", "task", "code"]
        assert [cell.points for cell in released.cells] == [0, 0, 2, 3, 1.5, 4, 0]
        assert [cell.locked for cell in released.cells] == [True, False, True, False, False, True, False]
        assert released.tests[0].asks == () and released.tests[0].answer == "answer-f"
        assert len({cell.key for cell in released.cells}) == 7 == len({cell.id for cell in released.cells})


# --- which file -----------------------------------------------------------------------------------------------------

FILES = {
    "as asked": {NAME: SOLVED},
    "downloaded twice": {f"{NAME[:-6]} (1).ipynb": SOLVED},
    "copied by Drive": {f"Copy of {NAME}": SOLVED},
    "copied by JupyterLab": {f"{NAME[:-6]}-Copy1.ipynb": SOLVED},
    "other case": {NAME.upper(): SOLVED},
    "a text file": {f"{NAME}.txt": SOLVED},
    "a JSON file": {f"{NAME[:-6]}.json": SOLVED},
    "without an ending": {NAME[:-6]: SOLVED},
    "the student's own name": {"Müller 数学 final FINAL.ipynb": SOLVED},
    "in a folder": {f"ps06/work/{NAME}": SOLVED},
    "in a folder of its own name": {f"{NAME}/{NAME}": SOLVED},
    "in an archive": {"submission.zip": zipped(("__MACOSX/._" + NAME, b"junk"), (f"x/{NAME}", SOLVED))},
    "an archive with the notebook's name": {NAME: zipped((NAME, SOLVED))},
    "an old version beside it": {f"{NAME[:-6]}_v1.ipynb": STUB, NAME: SOLVED},
    "the release handed in too": {NAME: STUB, "ps06 my answers.ipynb": SOLVED},
    "a broken one too": {NAME: SOLVED[:40], "ps06 (1).ipynb": SOLVED},
    "an empty one too": {NAME: b"", "ps06 (1).ipynb": SOLVED},
    "two copies, one untouched": {"ps06 (1).ipynb": STUB, "ps06 (2).ipynb": SOLVED},
    "another assignment too": {"ps01.ipynb": as_bytes(solved("ps01")), "mine.ipynb": SOLVED},
    "only the autosaved one": {f".ipynb_checkpoints/{NAME[:-6]}-checkpoint.ipynb": SOLVED},
    "among other files": {"data.csv": b"1,2", "notes.txt": b"dear teacher", "a.png": b"\x89PNG", "x.ipynb": SOLVED},
}


@pytest.mark.parametrize("case", FILES)
def test_the_notebook_is_found(case, tmp_path):
    for name, content in FILES[case].items():
        write(tmp_path / name, content)
    found = sought(tmp_path)
    assert read(found.content).cells == CELLS
    plain = NAME in FILES[case] and FILES[case][NAME] == SOLVED
    assert any(NAME in note for note in found.notes) == (not plain), found.notes
    assert plain or found.path in found.notes[-1]


NOT_THERE = {
    "nothing": ({}, "was not handed in"),
    "a PDF": ({"ps06.pdf": b"%PDF-1.7"}, "ps06.pdf is a PDF"),
    "a web page": ({"ps06.html": b"<html>"}, "ps06.html is a web page"),
    "a broken archive": ({"a.zip": b"PK\3\4 broken"}, "a.zip can't be unpacked"),
    "an empty archive": ({"a.zip": zipped()}, "was not handed in"),
}


@pytest.mark.parametrize("case", NOT_THERE)
def test_what_is_missing_is_said(case, tmp_path):
    files, words = NOT_THERE[case]
    for name, content in files.items():
        write(tmp_path / name, content)
    found = sought(tmp_path)
    assert found.content == b"" and found.path == "" and any(words in note for note in found.notes), found.notes


def test_an_unreadable_folder_is_said(tmp_path):
    found = sought(tmp_path / "nowhere")
    assert found.notes == (f"{NAME} was not handed in.",)


def test_several_notebooks_of_one_assignment(tmp_path):
    """Each gets its own file, whatever their names; a file is not graded twice."""
    both = {**FRAMES["ps01"], **FRAMES["ps06"]}
    write(tmp_path / "a.ipynb", SOLVED)
    write(tmp_path / "b.ipynb", as_bytes(solved("ps01")))
    assert [found.path for found in find(tmp_path, both).values()] == ["b.ipynb", "a.ipynb"]
    (tmp_path / "b.ipynb").unlink()
    assert [found.path for found in find(tmp_path, both).values()] == ["", "a.ipynb"]
    write(tmp_path / file_name("ps01"), as_bytes(untouched("ps01")))
    assert [found.path for found in find(tmp_path, both).values()] == [file_name("ps01"), "a.ipynb"]


def secret(tmp_path):
    path = tmp_path / "other student" / NAME
    write(path, SOLVED)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
@pytest.mark.parametrize("kind", ["link", "relative link", "link to a folder", "pipe", "socket", "loop", "dangling"])
def test_links_and_pipes_are_refused(kind, tmp_path, monkeypatch):
    folder, other = tmp_path / "mine", secret(tmp_path)
    folder.mkdir()
    monkeypatch.chdir(folder)
    listener = socket.socket(socket.AF_UNIX)
    make = {
        "link": lambda: (folder / NAME).symlink_to(other),
        "relative link": lambda: (folder / NAME).symlink_to(f"../other student/{NAME}"),
        "link to a folder": lambda: (folder / "work").symlink_to(other.parent),
        "pipe": lambda: os.mkfifo(folder / NAME),
        "socket": lambda: listener.bind(NAME),
        "loop": lambda: (folder / "again").symlink_to("."),
        "dangling": lambda: (folder / NAME).symlink_to("nowhere"),
    }
    make[kind]()
    listener.close()
    found = sought(folder)
    assert found.content == b""
    assert any(words in note for note in found.notes for words in ("is a link", "not a file")), found.notes
    write(folder / "real.ipynb", SOLVED)  # what else is there still counts
    assert sought(folder).path == "real.ipynb"


def test_links_inside_an_archive_are_only_bytes(tmp_path):
    link = zipfile.ZipInfo(NAME)
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, str(secret(tmp_path)))
        archive.writestr("../../escaped.ipynb", STUB)
    write(tmp_path / "mine" / "a.zip", buffer.getvalue())
    found = sought(tmp_path / "mine")
    assert read(found.content).cells == read(STUB).cells
    assert not (tmp_path.parent / "escaped.ipynb").exists() and not (tmp_path / "escaped.ipynb").exists()


def test_a_zip_bomb_costs_little(tmp_path):
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(NAME, "w", force_zip64=True) as out,
    ):
        for _ in range(120):
            out.write(bytes(1 << 20))
    write(tmp_path / "a.zip", buffer.getvalue())
    tracemalloc.start()
    found = sought(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 260e6 and read(found.content).trouble


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="everything can be read here")
def test_a_file_without_permission_is_said(tmp_path):
    write(tmp_path / NAME, SOLVED)
    (tmp_path / NAME).chmod(0)
    assert any("can't be read" in note for note in sought(tmp_path).notes)


def test_a_crowded_folder_costs_little(tmp_path):
    for k in range(3000):
        (tmp_path / f"{k}.ipynb").touch()
    write(tmp_path / "a" / "b" / "c" / "d" / "e" / "f" / "deep.ipynb", SOLVED)
    start = time.monotonic()
    found = sought(tmp_path)
    assert time.monotonic() - start < 30 and not read(found.content).cells


# --- what is in it --------------------------------------------------------------------------------------------------


def old_format(minor: int) -> bytes:
    book = nbformat.from_dict(solved())
    book.nbformat_minor = minor
    if minor < 5:
        for cell in book.cells:
            del cell["id"]
    return json.dumps(book).encode()


def format_3() -> bytes:
    book = nbformat.convert(nbformat.reads(SOLVED.decode(), as_version=4), 3)
    return nbformat.writes(book, version=3).encode()


def changed(change) -> bytes:
    notebook = solved()
    change(notebook)
    return as_bytes(notebook)


def without_ids(notebook):
    for cell in notebook["cells"]:
        del cell["id"]


def huge_outputs(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            lines = ["x" * 70 + "\n"] * 1000
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}]


def hostile_outputs(notebook):
    fake = code("def backward(out): pass", id="fake")
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells[0]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"x": {"cells": [fake, fake]}}}]
    cells[0]["metadata"]["deep"] = json.loads("[" * 300 + "]" * 300)
    notebook["metadata"]["cells"] = [fake]


WHOLE = {
    "one line": json.dumps(solved()).encode(),
    "CRLF": SOLVED.replace(b"\n", b"\r\n"),
    "CRLF in the cells": SOLVED.replace(b"\\n", b"\\r\\n"),
    "CR in the cells": SOLVED.replace(b"\\n", b"\\r"),
    "byte order mark": b"\xef\xbb\xbf" + SOLVED,
    "UTF-16": SOLVED.decode().encode("utf-16"),
    "UTF-16, big": b"\xfe\xff" + SOLVED.decode().encode("utf-16-be"),
    "UTF-16 without a mark": SOLVED.decode().encode("utf-16-le"),
    "UTF-32": SOLVED.decode().encode("utf-32"),
    "unescaped UTF-8": json.dumps(solved(), ensure_ascii=False).encode(),
    "sources as strings": changed(lambda n: [c.update(source="".join(c["source"])) for c in n["cells"]]),
    "format 4.4": old_format(4),
    "format 4.0": old_format(0),
    "format 3": format_3(),
    "no metadata": changed(lambda n: n.pop("metadata")),
    "no kernel": changed(lambda n: n["metadata"].clear()),
    "kernel of another name": changed(lambda n: n["metadata"]["kernelspec"].update(name="julia-1.9")),
    "kernelspec a number": changed(lambda n: n["metadata"].update(kernelspec=7)),
    "no format numbers": changed(lambda n: (n.pop("nbformat"), n.pop("nbformat_minor"))),
    "a format of the future": changed(lambda n: n.update(nbformat=5, nbformat_minor=0)),
    "without ids": changed(without_ids),
    "outputs of a megabyte": changed(huge_outputs),
    "cells hidden in outputs": changed(hostile_outputs),
    "NaN and huge numbers": SOLVED.replace(b'"metadata": {}', b'"metadata": {"a": NaN, "b": -Infinity}', 1).replace(
        b'"nbformat"', b'"n": ' + b"9" * 10_000 + b', "nbformat"'
    ),
    "execution counts": changed(lambda n: [c.update(execution_count=10**30) for c in n["cells"]]),
    "duplicate keys": SOLVED.replace(b'"cell_type": "code"', b'"cell_type": "raw", "source": [], "cell_type": "code"'),
}


@pytest.mark.parametrize("case", WHOLE)
def test_whole_notebooks_are_read_wholly(case):
    handed = read(WHOLE[case])
    assert [(c.kind, c.source) for c in handed.cells] == [(c.kind, c.source) for c in CELLS]
    assert not handed.trouble and all("UTF" in note for note in handed.notes)
    if case not in ("format 4.4", "format 4.0", "format 3", "without ids"):
        assert [c.id for c in handed.cells] == [c.id for c in CELLS]
    assert [c.grade_id for c in handed.cells] == [c.grade_id for c in CELLS]
    assert read(slim(handed)).cells == handed.cells


def test_latin_1():
    notebook = untouched()
    notebook["cells"][0]["source"] = "# Prüfung: größer"
    for encoding in ("latin-1", "cp1252", "utf-8"):
        handed = read(json.dumps(notebook, ensure_ascii=False).replace("−", "-").encode(encoding, "ignore"))
        assert handed.cells[0].source == "# Prüfung: größer" and len(handed.cells) == len(CELLS)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_file_that_was_cut_off(share):
    handed = read(SOLVED[: int(share * len(SOLVED))])
    assert handed.cells == CELLS[: len(handed.cells)] and "damaged" in handed.notes[0]
    assert len(SOLVED) * share - len(as_bytes({"cells": solved()["cells"][: len(handed.cells)]})) < 5000


BROKEN = {
    "a comma is missing": SOLVED.replace(b'"metadata": {},', b'"metadata": {}'),
    "commas too many": SOLVED.replace(b"\n   ]", b",\n   ]"),
    "a bracket too many": SOLVED + b"}",
    "text behind it": SOLVED + b"\nsent from my phone",
    "text before it": b"here it is:\n" + SOLVED,
    "merge markers": SOLVED.replace(b'   "source": [\n', b'   "source": [\n<<<<<<< HEAD\n=======\n>>>>>>> mine\n'),
    "line ends in strings": SOLVED.replace(b"\\n", b"\n"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_json_is_mended(case):
    handed = read(BROKEN[case])
    assert [(c.kind, c.source) for c in handed.cells] == [(c.kind, c.source) for c in CELLS]


UNREADABLE = {
    "empty": (b"", "empty"),
    "blank": (b" \n\t", "empty"),
    "zeros": (bytes(1000), "empty"),
    "no cells": (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no cells"),
    "a list": (b"[1, 2, 3]", "no cells"),
    "a PDF": (b"%PDF-1.5 ...", "a PDF"),
    "a web page": (b"\n<!DOCTYPE html><html>", "a web page"),
    "an image": (b"\x89PNG\r\n", "an image"),
    "a letter": (b"Dear teacher, my laptop broke. Sorry", "not a notebook"),
    "one word": (b"sorry", "not a notebook"),
    "random": (bytes(range(256)) * 40, "not a notebook"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
    "cells of nonsense": (b'{"cells": [1, null, "x", [], {"source": []}]}', "no cells"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_says_why(case):
    content, words = UNREADABLE[case]
    handed = read(content)
    assert handed.cells == () and words in handed.trouble


@pytest.mark.parametrize(
    "field, value, source",
    [
        ("source", None, ""),
        ("source", 5, ""),
        ("source", {"a": "b"}, ""),
        ("source", ["x = 1\n", 7, None, ["y"], "z = 2"], "x = 1\nz = 2"),
        ("source", "\ud800 half a character", "? half a character"),
        ("source", "zero\0byte", "zero\0byte"),
        ("source", "x" * 1_000_001, ""),
        ("id", 5, "ok"),
        ("id", "../../etc", "ok"),
        ("id", "x" * 65, "ok"),
        ("metadata", [], "ok"),
        ("metadata", {"nbgrader": "x"}, "ok"),
        ("metadata", {"nbgrader": {"grade_id": {"a": 1}}}, "ok"),
        ("metadata", {"nbgrader": {"grade_id": '"><script>'}}, "ok"),
        ("attachments", {"a.svg": {"image/svg+xml": "<svg/>"}, "b": 3}, "ok"),
        ("cell_type", "code\n", "ok"),
        ("cell_type", ["code"], "ok"),
    ],
)
def test_odd_fields(field, value, source):
    handed = read(json.dumps({"cells": [{**code("ok"), field: value}, code("after")]}).encode())
    first, second = handed.cells
    assert first.source == source and second == read(as_bytes({"cells": [code("after")]})).cells[0]
    assert first.id == "" and first.grade_id == "" and first.attachments == {}
    assert first.kind == ("raw" if field == "cell_type" else "code")


@pytest.mark.parametrize("how", ["percent", "light", "script"])
def test_a_script_made_from_the_notebook(how, tmp_path):
    book = nbformat.reads(SOLVED.decode(), as_version=4)
    made = ScriptExporter().from_notebook_node(book)[0] if how == "script" else jupytext.writes(book, fmt=f"py:{how}")
    write(tmp_path / ("out.txt" if how == "script" else "out.py"), made.encode())
    found = sought(tmp_path)
    assert found.path in ("out.py", "out.txt")  # nbconvert calls it so where the notebook doesn't name a language
    handed = read(found.content)
    everything = "\n".join(cell.source for cell in handed.cells if cell.kind == "code")
    space: dict = {}
    exec(compile(everything.replace("get_ipython()", "0 and 0"), "script", "exec"), space)
    assert all(callable(space[ask.name]) for ask in frame().asks)
    if how == "percent":
        assert [c.grade_id for c in handed.cells] == [c.grade_id for c in CELLS]


# --- in general -----------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
LINES = st.text(max_size=20) | st.sampled_from(['"', "\\", '\\"', "{[", "]}", "x = {'a': [1]}\n", "# é\u2028\n"])
NOTEBOOKS = st.fixed_dictionaries(
    {
        "cells": st.lists(
            st.fixed_dictionaries(
                {
                    "cell_type": st.sampled_from(["code", "markdown", "raw"]),
                    "metadata": st.dictionaries(st.text(max_size=5), JSON, max_size=2),
                    "source": LINES | st.lists(LINES, max_size=4),
                },
                optional={"outputs": st.lists(JSON, max_size=3), "id": st.text("abc-_0", min_size=1, max_size=6)},
            ),
            min_size=1,
            max_size=5,
        ),
        "nbformat": st.just(4),
        "nbformat_minor": st.just(5),
    },
    optional={"metadata": st.dictionaries(st.text(max_size=5), JSON, max_size=3)},
)


@given(NOTEBOOKS, st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=100)
def test_it_reads_what_json_reads(notebook, indent, ascii):
    """On valid notebooks the scanner and the standard library's parser agree."""
    content = json.dumps(notebook, indent=indent, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    handed = read(content)
    assert not handed.trouble and not any("damaged" in note for note in handed.notes)
    for cell, given_cell in zip(
        handed.cells, json.loads(content.decode("utf-8", "surrogatepass"))["cells"], strict=True
    ):
        source = "".join(given_cell["source"]).replace("\r\n", "\n").replace("\r", "\n")
        assert cell.source == source.encode("utf-8", "replace").decode()
        assert (cell.kind, cell.id) == (given_cell["cell_type"], given_cell.get("id", ""))


EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 400),
        st.binary(max_size=30) | st.sampled_from([b'"', b"{", b"}", b"[[[[", b"\\", b":"]),
    ),
    min_size=1,
    max_size=6,
)


def mutated(content: bytes, edits) -> bytes:
    for where, length, instead in edits:
        at = int(where * len(content))
        content = content[:at] + instead + content[at + length :]
    return content


@given(EDITS)
@settings(max_examples=100)
def test_any_damage_is_survived(edits):
    handed = read(mutated(SOLVED, edits))
    assert bool(handed.cells) != bool(handed.trouble)
    for cell in handed.cells:
        cell.source.encode()
        assert cell.kind in ("code", "markdown", "raw") and "\r" not in cell.source


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=300)
def test_any_bytes_are_survived(content):
    handed = read(content)
    assert bool(handed.cells) != bool(handed.trouble)


BOMBS = [
    "[",
    "{",
    '"',
    '\\"',
    '"\\',
    '{"a":',
    "]",
    '{"cell_type":"code","source":',
    "1,",
    '{"cell_type":"code","source":"x"},',
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_time_is_linear_and_memory_small(bomb):
    """A million characters of nesting, open strings, or cells: seconds, and a few times their size in memory."""
    content = b'{"cells": [' + bomb.encode() * (1_000_000 // len(bomb))
    start = time.monotonic()
    read(content)
    assert time.monotonic() - start < 60
    tracemalloc.start()
    read(content[: 10**5])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6


def test_a_notebook_of_a_hundred_megabytes(tmp_path):
    notebook = solved()
    lines = ["x" * 78 + "\n"] * 400_000
    huge = [c for c in notebook["cells"] if c["cell_type"] == "code"][:2]
    huge[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}]
    huge[1]["outputs"] = [{"output_type": "display_data", "data": {"image/png": "A" * 68_000_000}, "metadata": {}}]
    write(tmp_path / NAME, json.dumps(notebook).encode())
    found = sought(tmp_path)
    assert len(found.content) < 100_000 and read(found.content).cells == CELLS
    assert any("MB; its outputs were left out" in note for note in found.notes)


def test_a_file_larger_than_any_notebook_is_not_read(tmp_path):
    with open(tmp_path / NAME, "wb") as file:
        file.truncate(1 << 40)  # a sparse terabyte
    found = sought(tmp_path)
    assert any("more than any notebook" in note for note in found.notes) and len(found.content) < 10_000
    shutil.rmtree(tmp_path)
