"""The book, a static site of the executed lectures, the guides and the reference: ``python docs/build.py``.

Needs ``pip install -e ".[docs]"``. Executing all lectures takes a few minutes; what they computed is kept in
``build/book/executed``, and used again while neither lecture nor package has changed. The site is ``build/book/html``.
"""

import argparse
import gc
import os
import shutil
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
# The pages, and what they link to, lie as they do in the repository: the links between them hold.
SOURCES = (
    "*.md", "LICENSE*", "CITATION.cff", "docs/**/*.md", "lectures/*.ipynb", "lectures/images/*",
    "adcourse/core/FUNCTIONS.md", "tests/benchmarks/*.md", "binder/README.md", "binder/*.py",
)  # fmt: skip


def gather(folder: Path) -> list[str]:
    """Copy the sources to ``folder``, with their times, by which Sphinx sees what has changed. Returns the lectures."""
    shutil.rmtree(folder, ignore_errors=True)
    found = sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)})
    for path in found:
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    (folder / "docs" / "index.md").rename(folder / "index.md")
    return [path.relative_to(ROOT).as_posix() for path in found if path.suffix == ".ipynb"]


def package() -> str:
    """A few letters that change with the package."""
    code = [path for path in sorted((ROOT / "adcourse").rglob("*")) if path.suffix in (".py", ".js", ".css")]
    return sha256(b"".join(path.read_bytes() for path in code)).hexdigest()[:12]


def build(folder: Path, execute: str = "*") -> int:
    """Make the site ``folder/html``. Lectures whose names don't match ``execute`` stand there without their results."""
    os.environ["ADCOURSE_PROGRESS"] = "off"  # the book shows nobody's
    gc.disable()  # pages are trees of a million nodes, which are kept: to look through them takes a quarter of the time
    lectures = gather(folder / "source")
    settings = {
        "nb_execution_cache_path": str(folder / "executed" / package()),
        "nb_execution_excludepatterns": [path for path in lectures if not fnmatch(Path(path).name, execute)],
    }
    places = (folder / "source", ROOT / "docs", folder / "html", folder / "pages")
    book = Sphinx(*places, buildername="html", confoverrides=settings, warningiserror=True)
    book.build()
    # README's picture has an address for each theme, which Sphinx doesn't know of.
    shutil.copytree(folder / "source/lectures/images", folder / "html/lectures/images", dirs_exist_ok=True)
    return book.statuscode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "book", help="where; build/book unless given")
    parser.add_argument("--execute", default="*", metavar="PATTERN", help="only these lectures, such as '06*'")
    chosen = parser.parse_args()
    raise SystemExit(build(chosen.folder.resolve(), chosen.execute))
