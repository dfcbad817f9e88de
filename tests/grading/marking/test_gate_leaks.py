"""No line of a solution or hidden test gets out, in whatever file, field, packing or spelling; common lines may."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import struct
import tarfile
import zipfile
import zlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import reads
from traitlets.config import Config

from adcourse.grading.marking.cells import Cell
from adcourse.grading.marking.contents import texts
from adcourse.grading.marking.leaks import Leaks
from adcourse.grading.marking.markers import Region, marked, markers
from tests.grading.marking.planting import NAME, REAL, SOLUTION, TEST, TEXT, Planted, tree, without_running

SECRET = "q_bar, z_bar = z, q"
SHORT = "q = x + y"
HIDDEN = 'verdict = examine("6.1", grad_xyz)'
BLOCK = f"# what comes first\n{SECRET}\n"


@pytest.fixture
def planted(tmp_path, monkeypatch) -> Planted:
    without_running(monkeypatch)
    return Planted(tmp_path)


def png(text: bytes, kind: bytes = b"tEXt") -> bytes:
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(kind, text) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def tarred(content: bytes, mode: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        member = tarfile.TarInfo("notes.txt")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


code = BLOCK.encode()
FILES = {
    "text": ("notes.txt", code),
    "a data file": ("data.csv", b"x,y\n" + code),
    "a hidden file": (".notes", code),
    "a folder in the folder": ("more/and/more.txt", code),
    "an editor's copy": (f".{NAME}.ipynb.swp", b"b0VIM\0\0" + b"\0".join(code.split(b"\n"))),
    "a copy of the notebook": (f"{NAME}.ipynb.bak", json.dumps(REAL).encode()),
    "half a notebook": (f"{NAME}.ipynb.orig", json.dumps(REAL).encode()[:-200]),
    "a notebook in a folder": ("old/notes.json", json.dumps({"cells": [{"source": BLOCK.split("\n")}]}).encode()),
    "one line of JSON": ("notes.json", json.dumps(f"see {SECRET} there").encode()),
    "other white space": ("notes.txt", "q_bar,z_bar =\tz,\xa0q\n".encode()),
    "broken over lines": ("notes.txt", b"q_bar, z_bar = (\n".replace(b" (", b"") + b"    z, q\n"),
    "Windows line ends": ("notes.txt", code.replace(b"\n", b"\r\n")),
    "UTF-16": ("notes.txt", BLOCK.encode("utf-16")),
    "UTF-16 without a mark": ("notes.txt", BLOCK.encode("utf-16-be")),
    "a byte order mark": ("notes.txt", b"\xef\xbb\xbf" + SHORT.encode()),
    "wide letters": ("notes.txt", SECRET.replace("z", "\N{FULLWIDTH LATIN SMALL LETTER Z}").encode()),
    "zero-width spaces": ("notes.txt", SECRET.replace("z", "\N{ZERO WIDTH SPACE}z").encode()),
    "quoted": ("notes.txt", f"> {SHORT}\n".encode()),
    "a difference": ("fix.patch", f"+    {SHORT}\n".encode()),
    "a list": ("notes.md.txt", f"* `{SHORT}`\n".encode()),
    "a page": ("notes.html", f"<p>{html.escape('a < b')}</p><pre>{html.escape(HIDDEN)}</pre>".encode()),
    "an address": ("notes.txt", quote(SECRET).encode()),
    "base64": ("notes.txt", base64.b64encode(code)),
    "base64 in lines": ("notes.txt", base64.encodebytes(code * 5)),
    "base64 for addresses": ("notes.txt", base64.urlsafe_b64encode(b"\xff\xfe\xfb" + code)),
    "base64 twice": ("notes.txt", base64.b64encode(base64.b64encode(code))),
    "hexadecimal": ("notes.txt", code.hex().encode()),
    "zip": ("more.zip", zipped("a/notes.txt", code)),
    "a zip in a zip": ("more.zip", zipped("more.zip", zipped("notes.txt", code))),
    "a name in a zip": ("more.zip", zipped(SECRET, b"")),
    "tar": ("more.tar", tarred(code, "w")),
    "tar.gz": ("more.tar.gz", tarred(code, "w:gz")),
    "gzip": ("notes.gz", gzip.compress(code)),
    "bzip2": ("notes.bz2", bz2.compress(code)),
    "xz": ("notes.xz", lzma.compress(code)),
    "zlib": ("notes.z", zlib.compress(code)),
    "a picture's text": ("plot.png", png(b"Comment\0" + code)),
    "a picture's packed text": ("plot.png", png(b"Comment\0\0" + zlib.compress(code), b"zTXt")),
    "a picture's international text": ("plot.png", png(b"Source\0\1\0\0\0" + zlib.compress(code), b"iTXt")),
    "a drawing": ("plot.svg", f"<svg><desc>{SECRET}</desc></svg>".encode()),
    "something else": ("model.bin", b"\x93\x00\xff" + code + b"\xfe"),
    "a file's name": (f"{SECRET}.txt", b""),
    "a marker": ("notes.txt", b"### BEGIN SOLUTION\nnothing\n"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content"), FILES.values(), ids=FILES)
def test_a_file_beside_the_notebook(planted, name, content):
    planted.save()
    path = planted.source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    refusals = planted.outcome().refusals
    assert any(r.file == f"exercises/{NAME}/{name}" and r.line and r.remedy for r in refusals), list(map(str, refusals))


FIELDS = {
    "text": lambda p: p.change(TEXT, "## 6.1", f"{SECRET}\n\n## 6.1"),
    "text, in a sentence": lambda p: p.add("markdown", f"The line is `{SECRET}`, of course."),
    "text, in a code block": lambda p: p.add("markdown", f"```python\n{SHORT}\n```"),
    "a page's comment": lambda p: p.add("markdown", f"<!-- {SECRET} -->"),
    "a raw cell": lambda p: p.add("raw", SHORT),
    "an example": lambda p: p.add("code", f"x, y = 1, 2\n{SHORT}"),
    "an example's remark": lambda p: p.add("code", f"x = 1  # then {SECRET}"),
    "a string": lambda p: p.add("code", f'note = "{SECRET}"'),
    "the answer cell above the region": lambda p: p.change(
        SOLUTION, "    ### BEGIN", f"    # {SECRET}\n    ### BEGIN"
    ),
    "the answer cell below the region": lambda p: p.change(
        SOLUTION, "    ### END SOLUTION", f"    ### END SOLUTION\n    {SHORT}"
    ),
    "the visible part of a test": lambda p: p.change(
        TEST, "print(verdict)", f"print(verdict)\nfrom adcourse.grading import examine\n{HIDDEN}"
    ),
    "a cell's metadata": lambda p: p.cell(TEXT)["metadata"].update(note=SECRET),
    "a key of metadata": lambda p: p.cell(TEXT)["metadata"].update({SECRET: 1}),
    "tags": lambda p: p.cell(TEXT)["metadata"].update(tags=["a", SHORT]),
    "nested metadata": lambda p: p.cell(SOLUTION)["metadata"].update(
        history=[{"was": {"source": [SHORT + "\n", "z"]}}]
    ),
    "the notebook's metadata": lambda p: p.raw["metadata"].update(abstract=f"first\n{SHORT}\nthen"),
    "an attachment": lambda p: (
        p.change(TEXT, "## 6.1", "![notes](attachment:notes.txt)\n\n## 6.1"),
        p.cell(TEXT).update(attachments={"notes.txt": {"text/plain": base64.b64encode(code).decode()}}),
    ),
    "an attachment's name": lambda p: (
        p.change(TEXT, "## 6.1", f"![n](<attachment:{SECRET}>)\n\n## 6.1"),
        p.cell(TEXT).update(attachments={SECRET: {"image/png": base64.b64encode(png(b"C\0c")).decode()}}),
    ),
    "a picture in the text": lambda p: p.add(
        "markdown", f"![p](data:image/png;base64,{base64.b64encode(png(b'Comment' + bytes(1) + code)).decode()})"
    ),
    "an import of the solution, in text": lambda p: (
        p.change(SOLUTION, "    # Forward", "    from scipy.linalg import expm_frechet\n    # Forward"),
        p.add("markdown", "from scipy.linalg import expm_frechet"),
    ),
    "two common lines that follow each other": lambda p: (
        p.change(SOLUTION, "    # Forward", "    todo = [x]\n    while todo:\n        break\n    # Forward"),
        p.add("markdown", "todo = [x]\nwhile todo:"),
    ),
    "the whole solution": lambda p: p.add(
        "markdown", p.cell(SOLUTION)["source"].partition("SOLUTION\n")[2].partition("###")[0]
    ),
    "an answer in words": lambda p: (
        p.add("markdown", "The adjoint of a sum is handed on unchanged.", grade=True, solution=True, points=1),
        p.add("markdown", "Note: The adjoint of a sum is handed on unchanged.", id="p6-note"),
    ),
    "a mark scheme": lambda p: (
        p.add("markdown", "Do.\n### BEGIN MARK SCHEME\none point for each row\n### END MARK SCHEME", task=True,
              locked=True, points=2),
        p.cell(TEXT)["metadata"].update(note="one point for each row"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("plant", FIELDS.values(), ids=FIELDS)
def test_a_field_of_the_notebook(planted, plant):
    plant(planted)
    refusals = planted.refusals()
    assert any("hands out what stays with you" in r.what and r.remedy for r in refusals), list(map(str, refusals))
    assert all(r.file == f"exercises/{NAME}/{NAME}.ipynb" for r in refusals)


def test_an_attachment_of_an_answer_is_handed_out_by_nbgrader(planted):
    """nbgrader replaces the text of such an answer and leaves its picture, which nothing shows any more."""
    cell = planted.add("markdown", "![sketch](attachment:sketch.png)", grade=True, solution=True, points=1)
    cell["attachments"] = {"sketch.png": {"image/png": base64.b64encode(png(b"a\0b")).decode()}}
    (refusal,) = planted.refusals()
    assert "sketch.png" in refusal.what and "p6-extra" in refusal.cell


@pytest.mark.parametrize("name", [".ipynb_checkpoints/a.txt", "__pycache__/a.txt", "helper.pyc"])
def test_what_a_run_leaves_is_not_released(planted, name):
    """nbgrader leaves these out as this course configures it; where a course does not, they are refused."""
    planted.save()
    path = planted.source / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xa7\r\r\n")
    assert planted.outcome().refusals == []
    config = planted.folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.CourseDirectory.ignore = ['nothing']\n")
    (refusal,) = planted.outcome().refusals
    assert refusal.file == f"exercises/{NAME}/{name}"


def test_what_nbgrader_does_not_copy_may_lie_there(planted):
    planted.save()
    for name in ("answers.py", "notes.md", ".ipynb_checkpoints/ps.ipynb", "__pycache__/x.pyc", "old/copy.ipynb"):
        path = planted.source / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(BLOCK)
    assert planted.outcome().refusals == []


BESIDE = ["notes.txt", "ps06_other/notes.txt", f"{NAME}/notes.md", f"{NAME}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb"]


@pytest.mark.parametrize("name", BESIDE)
def test_what_lies_in_the_release_tree_already(planted, name):
    """Students get all of it: other assignments, and what somebody put there."""
    planted.save()
    path = planted.folder / "exercises" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(BLOCK)
    assert any(r.file == f"exercises/{name}" for r in planted.outcome().refusals)


COMMON = {
    "one name": lambda p: p.add("code", "q_bar = 1\nq_bar"),
    "the stub": lambda p: p.add("markdown", "Replace\n\n    raise NotImplementedError()\n\nby your code."),
    "a formula that a line of the solution is part of": lambda p: p.add("markdown", "with $q = x + y$ the function is"),
    "the signature": lambda p: p.add("markdown", "```python\ndef grad_xyz(x, y, z):\n    ...\n```"),
    "common lines": lambda p: (
        p.change(SOLUTION, "    # Forward", "    todo = [x]\n    while todo:\n        break\n    # Forward"),
        p.add("code", "todo = [1]\nprint(todo)\nwhile todo:\n    todo.pop()"),
    ),
    "brackets, else, return x": lambda p: (
        p.change(SOLUTION, "    # Forward", "    if x:\n        pass\n    else:\n        (\n        )\n    # Forward"),
        p.add("code", "def f(x):\n    if x:\n        return x\n    else:\n        (\n        )\n    return x"),
    ),
    "an import that both need": lambda p: (
        p.change(SOLUTION, "    # Forward", "    from math import log, sqrt\n    # Forward"),
        p.add("code", "from math import log, sqrt\n\nsqrt(log(2))"),
    ),
    "the same names, other sums": lambda p: p.add("code", "x, y = 1, 2\nq = x * y\nz_bar, q_bar = x, y"),
    "a picture": lambda p: p.add(
        "markdown", f"![p](data:image/png;base64,{base64.b64encode(png(b'a' + bytes(1))).decode()})"
    ),
    "a heading": lambda p: p.add("markdown", "# Forward\n\n# Backward"),
}  # fmt: skip


@pytest.mark.parametrize("plant", COMMON.values(), ids=COMMON)
def test_common_lines_are_no_leak(planted, plant):
    plant(planted)
    assert list(map(str, planted.refusals())) == []


LINKS = {
    "a file that is not there": ("[data](data.csv)", "not released"),
    "a picture that is not there": ("![](images/plot.png)", "not released"),
    "a page's picture": ('<img src="plot.png" alt="">', "not released"),
    "the source": (f"[s](../../solutions/{NAME}/{NAME}.ipynb)", "do not get"),
    "the course's configuration": ("[c](../../nbgrader_config.py)", "do not get"),
    "a lecture that is not there": ("[l](../../lectures/99.ipynb)", "does not exist"),
    "a place on this machine": ("[l](/home/me/data.csv)", "your machine"),
    "a file address": ("[l](file:///home/me/data.csv)", "your machine"),
    "a folder above": ("[l](../../../data.csv)", "do not get"),
    "by reference": ("[data][d]\n\n[d]: data.csv", "not released"),
    "an attachment that is not there": ("![](attachment:plot.png)", "not there"),
    "a file that nbgrader leaves out": ("[h](helper.py)", "not released"),
}


@pytest.mark.parametrize(("text", "words"), LINKS.values(), ids=LINKS)
def test_a_link_to_what_students_do_not_get(planted, text, words):
    planted.add("markdown", f"See\n\n{text}")
    planted.save()
    (planted.source / "helper.py").write_text("x = 1\n")
    (refusal,) = planted.outcome().refusals
    assert words in refusal.what
    assert "p6-extra" in refusal.cell and refusal.line == (5 if "[d]:" in text else 3)


def test_links_to_what_students_get(planted):
    planted.add(
        "markdown", f"[d](data%201.csv), [o](../ps06_other/a.txt#x), [l](../../lectures/06.ipynb?x) [me]({NAME}.ipynb)"
    )
    planted.save()
    (planted.source / "data 1.csv").write_text("1,2\n")
    for name in ("exercises/ps06_other/a.txt", "lectures/06.ipynb"):
        (planted.folder / name).parent.mkdir(parents=True)
        (planted.folder / name).write_text("{}")
    assert planted.outcome().refusals == []


KNOWN = markers(Config())


def secrets_of(raw) -> list[Region]:
    cells = [Cell("source", n, node) for n, node in enumerate(reads(json.dumps(raw)).cells, 1)]
    return [region for cell in cells for region in marked(cell, KNOWN)[0]]


REGIONS = secrets_of(REAL)
LEAKS = Leaks(REGIONS)
HEAVY = sorted(text for text, secret in ((s.text, s) for s in LEAKS.secrets.values()) if secret.weight >= 3)
WRAPPINGS = [
    lambda text: text.encode(),
    lambda text: text.encode("utf-16"),
    lambda text: base64.b64encode(b"xyz\n" + text.encode() + b"\npadding of some length"),
    lambda text: (text + "\n" + " " * 12).encode().hex().encode(),
    lambda text: gzip.compress(text.encode()),
    lambda text: zipped("a.txt", text.encode()),
    lambda text: json.dumps({"a": [1, {"b": text}]}).encode(),
    lambda text: json.dumps([text, "x"]).encode(),
    lambda text: html.escape(text).encode(),
    lambda text: quote(text).encode(),
    lambda text: png(b"Comment\0" + text.encode()),
]


def test_most_lines_are_heavy():
    """What is too common to count by itself stays the exception."""
    assert len(HEAVY) > 0.75 * len(LEAKS.secrets)


@given(st.sampled_from(HEAVY), st.lists(st.text(max_size=40), max_size=4), st.integers(0, 4), st.data())
def test_a_secret_line_is_found_wherever_it_is_put(secret, around, at, data):
    """Between other lines, indented, wrapped up to three times over."""
    indent = data.draw(st.sampled_from(["", "    ", "\t", "> ", "- ", "# ", "+", "* `"]))
    lines = [*around[:at], indent + secret, *around[at:]]
    content = data.draw(st.sampled_from(WRAPPINGS))("\n".join(lines))
    for _ in range(data.draw(st.integers(0, 2))):
        content = data.draw(
            st.sampled_from([base64.b64encode, gzip.compress, lambda c: zipped("b", c), zlib.compress])
        )(content)
    found = {hit.secret.text for _, text in texts("a", content) for hit in LEAKS.search(text)}
    assert secret in found


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(content):
    for magic in (
        b"",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ\0",
        b"\x78\x9c",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xfe",
        b"{",
    ):
        for _, text in texts("a", magic + content):
            list(LEAKS.search(text))


@given(st.data())
def test_a_secret_line_in_a_real_release_is_found(tmp_path_factory, data):
    """Put into a random string of the released notebook: a source, an entry of metadata, a new one."""
    raw = json.loads(json.dumps(REAL))
    raw["cells"] = [c for c in raw["cells"] if c["id"] in (TEXT, "p6-title", "p6-end")]
    secret = data.draw(st.sampled_from(HEAVY))
    cell = data.draw(st.sampled_from(raw["cells"]))
    if data.draw(st.booleans()):
        source = "".join(cell["source"]).split("\n")
        source.insert(data.draw(st.integers(0, len(source))), secret)
        cell["source"] = "\n".join(source).splitlines(keepends=True)
    else:
        place = cell["metadata"]
        for name in data.draw(st.lists(st.text(max_size=5), max_size=3)):
            place = place.setdefault(name, {})
        place[data.draw(st.text(max_size=5))] = data.draw(st.sampled_from([secret, [secret], {secret: None}]))
    hits = [hit for _, text in texts("a", json.dumps(raw).encode()) for hit in LEAKS.search(text)]
    assert secret in {hit.secret.text for hit in hits}


def test_the_real_releases_hold_no_secret_of_each_other(repository):
    for content in tree(repository / "exercises").values():
        for where, text in texts("a", content):
            assert list(LEAKS.search(text)) == [], where
