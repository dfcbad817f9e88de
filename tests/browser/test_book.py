"""The book as `python docs/build.py` makes it: whole, without a dead link, readable on a phone, and asking no one.

One lecture is executed here; all of them by whoever publishes the book.
"""

import re
import subprocess
import sys
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest

import adcourse

for needed in ("sphinx", "myst_nb", "furo"):
    pytest.importorskip(needed, reason='the book needs pip install -e ".[docs]"')

LECTURE = "lectures/03_programs_are_graphs"
PAGES = ("index", LECTURE, "docs/api", "adcourse/core/FUNCTIONS")


class Page(HTMLParser):
    """What a page has (``ids``), what it asks for (``links``), and its ``images``' attributes."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.images = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids.update(found[name] for name in ("id", "name") if found.get(name))
        self.links += [found[name] for name in ("href", "src", "srcset") if found.get(name)]
        self.images += [found] if tag == "img" else []


@pytest.fixture(scope="module")
def book(repository, tmp_path_factory):
    """The folder of the site."""
    folder = tmp_path_factory.mktemp("book")
    command = [sys.executable, "docs/build.py", "--folder", str(folder), "--execute", "03*"]
    made = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr[-3000:]  # a warning is an error
    return folder / "html"


@pytest.fixture(scope="module")
def pages(book):
    return {path: Page(path) for path in book.rglob("*.html")}


def test_no_link_within_the_book_is_dead(book, pages):
    dead, followed = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            followed += 1
            missing = anchor and target in pages and anchor not in pages[target].ids
            if not target.is_file() or missing:
                dead.append(f"{path.relative_to(book)}: {link}")
    assert followed > 1000 and not dead


def test_nothing_is_asked_of_others(pages):
    """Links lead out of the book where a reader follows them; scripts, styles and pictures lie in it."""
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert not any(f'{kind}="{start}' in text for kind in ("src", "srcset") for start in ("http", "//")), path
        assert "widget-view+json" not in text and "cdn." not in text, path


def test_every_formula_is_converted(pages):
    """What the converter doesn't know it leaves as it was, with its backslash. No browser draws ``double-struck``."""
    formulas = [f for path in pages for f in re.findall(r"<math.*?</math>", path.read_text(encoding="utf-8"), re.S)]
    assert len(formulas) > 1000
    assert not [f for f in formulas if "\\" in f or re.search('mathvariant="(double-struck|script)"', f)]


def test_every_image_has_words(book, pages):
    assert all(image.get("alt") for page in pages.values() for image in page.images)
    assert len(pages[book / f"{LECTURE}.html"].images) >= 2


def test_every_lecture_and_every_public_name_is_in_it(repository, book, pages):
    described = {name.removeprefix("module-") for name in pages[book / "docs" / "api.html"].ids}
    assert {f"adcourse.{name}" for name in adcourse.__all__ if callable(getattr(adcourse, name))} <= described
    for path in repository.glob("lectures/*.ipynb"):  # a constant has no entry of its own
        assert (book / "lectures" / f"{path.stem}.html").exists()
        for module, names in re.findall(r"from (adcourse[\w.]*) import ([\w, ]+)", path.read_text(encoding="utf-8")):
            used = {module if name.isupper() else f"{module}.{name}" for name in names.split(", ")}
            assert used <= described, f"{path.stem}: list {used - described} in docs/api.md"


@pytest.fixture(scope="module")
def site(book):
    """The address of a server that knows nothing but files."""
    handler = partial(SimpleHTTPRequestHandler, directory=book)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("scheme, width", [("light", 390), ("dark", 1280)])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window(open_page, site, pictures, name, scheme, width):
    """Neither is anything asked of another machine, nor does the console report an error: ``open_page`` says so."""
    page = open_page(scheme, width)
    page.goto(f"{site}/{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=pictures / f"book-{name.rpartition('/')[2]}-{scheme}-{width}.png")


def test_search_finds_what_a_reader_looks_for(page, site):
    for words, found in {"cotangent": "docs/api.html", "topological order": f"{LECTURE}.html"}.items():
        page.goto(f"{site}/search.html?q={words}")
        page.locator(f"#search-results a[href*='{found}']").first.wait_for()
