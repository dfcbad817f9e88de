"""The book as `python docs/build.py` makes it: whole, without a dead link, readable on a phone, and asking no one.

It is made in a copy of the repository to which docs/adding_a_lecture.md has added a lecture, by the command that ends
that page, which executes this one; all of them are executed by whoever publishes the book.
"""

import pkgutil
import re
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest

import adcourse
from tests.guides import run
from tests.notebooks.adding import NAME, with_a_lecture_more

for needed in ("sphinx", "myst_nb", "furo"):
    pytest.importorskip(needed, reason='the book needs pip install -e ".[docs]"')

LECTURE = f"lectures/{NAME}"
PAGES = ("index", LECTURE, "docs/api", "adcourse/core/FUNCTIONS")
PICTURES = "[...document.querySelectorAll('figure img[width]')]"
WITHOUT = ("adcourse.grading.marking",)  # the graders' inside


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
def book(tmp_path_factory):
    """The folder of the site."""
    course, _, build = with_a_lecture_more(tmp_path_factory.mktemp("course"))
    run(course, *build[1:])  # a warning is an error
    return course / "build" / "book" / "html"


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


def public_names():
    """``module.name`` of every function and class in an ``__all__`` of the package."""
    for module in pkgutil.walk_packages(adcourse.__path__, "adcourse."):
        if not module.name.startswith(WITHOUT):
            home = pkgutil.resolve_name(module.name)
            yield from ((home, name) for name in getattr(home, "__all__", ()) if callable(getattr(home, name)))
    yield from ((adcourse, name) for name in adcourse.__all__ if callable(getattr(adcourse, name)))


@pytest.fixture(scope="module")
def described(book, pages):
    """The full names that the reference has an entry for."""
    reference = (page for path, page in pages.items() if path.name.startswith("api"))
    return {name.removeprefix("module-") for page in reference for name in page.ids}


def test_every_public_name_is_described(described):
    """Where it is public, or where the package's user is told to take it from."""
    missing = []
    for home, name in public_names():
        entries = [entry for entry in described if entry.startswith("adcourse.") and entry.endswith(f".{name}")]
        if not any(pkgutil.resolve_name(entry) is getattr(home, name) for entry in entries):
            missing.append(f"{home.__name__}.{name}")
    assert not missing, f"list their modules in docs/api*.md: {missing}"


def test_every_lecture_is_in_it_with_what_it_imports(repository, book, described):
    assert (book / f"{LECTURE}.html").exists()
    for path in repository.glob("lectures/*.ipynb"):  # a constant has no entry of its own
        assert (book / "lectures" / f"{path.stem}.html").exists()
        for module, names in re.findall(r"from (adcourse[\w.]*) import ([\w, ]+)", path.read_text(encoding="utf-8")):
            used = {module if name.isupper() else f"{module}.{name}" for name in names.split(", ")}
            assert used <= described, f"{path.stem}: list {used - described} in docs/api*.md"


@pytest.fixture(scope="module")
def site(book):
    """The address of a server that knows nothing but files."""
    handler = partial(SimpleHTTPRequestHandler, directory=book)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("scheme, width", [("light", 390), ("dark", 1280)])
def test_pages_fit_their_window(open_page, site, pictures, scheme, width):
    """Neither is anything asked of another machine, nor does the console report an error: ``open_page`` says so."""
    page = open_page(scheme, width)
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(f"{PICTURES}.every((i) => i.width >= Math.floor(i.getAttribute('width') / 2))"), name
        page.screenshot(path=pictures / f"book-{name.rpartition('/')[2]}-{scheme}-{width}.png")


def test_pictures_take_the_theme_that_the_reader_chose(page, site):
    """By furo's switch, whatever the machine prefers: all that have the colours of both."""
    page.goto(f"{site}/{LECTURE}.html")
    schemes = "[...document.querySelectorAll('.adcourse-picture')].map((image) => getComputedStyle(image).colorScheme)"
    for theme in ("light", "dark"):
        while page.evaluate("document.body.dataset.theme") != theme:
            page.locator("button.theme-toggle:visible").first.click()
        found = page.evaluate(schemes)
        assert len(found) >= 2 and set(found) == {theme}
    page.goto(f"{site}/index.html")
    assert "sweep-dark.svg" in page.evaluate("getComputedStyle(document.querySelector('picture img')).content")


def test_search_finds_what_a_reader_looks_for(page, site):
    for words, found in {
        "cotangent": "docs/api.html",
        "topological order": "lectures/03_programs_are_graphs.html",
    }.items():
        page.goto(f"{site}/search.html?q={words}")
        page.locator(f"#search-results a[href*='{found}']").first.wait_for()
