"""What is asked of any notebook of the course: executed in a kernel of its own, and as it lies in git."""

import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "lectures"
MAP = FOLDER / "00_start_here.ipynb"
LECTURES = sorted({*FOLDER.glob("[0-9]*.ipynb")} - {MAP})
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
USED = """
import resource, sys
spent = resource.getrusage(resource.RUSAGE_SELF)
peak = spent.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
if sys.platform == "linux":  # there ru_maxrss is no less than that of the process which started this one
    peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(spent.ru_utime + spent.ru_stime, peak)
"""


def executed(path, folder):
    """The executed notebook, and the kernel's processor seconds and peak memory."""
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


def said(run):
    """What was written to stderr. On a slow machine a progress bar may come and go: it writes over its own line."""
    texts = [(cell.id, o.text) for cell, o in outputs(run) if o.output_type == "stream" and o.name == "stderr"]
    return [(name, text) for name, text in texts if re.sub(r"\r[^\r\n]*", "", text).strip()]


def check_in_git(book):
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "python3" and "widgets" not in book.metadata
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) for name in ids), "ids are names, so that they stay"
    assert not any(re.fullmatch(r"[0-9a-f]{8}", name) for name in ids), "these look like random ids"
    for cell in book.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None and "execution" not in cell.metadata


def check_links(book, path):
    for cell in book.cells:
        if cell.cell_type == "markdown":
            for picture, text, target in LINK.findall(cell.source):
                assert text.strip() or not picture, f"{cell.id}: a picture without words"
                if not re.match(r"[a-z]+:|#", target):
                    assert (path.parent / target.split("#")[0]).exists(), f"{cell.id}: {target}"
