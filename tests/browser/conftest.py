"""A real Chromium, a real JupyterLab, and pages that let nothing leave the machine.

Without Chromium these tests are skipped on a laptop and fail in continuous integration (``CI`` set).
"""

import os
import shutil
from pathlib import Path

import pytest

from .lab import Lab, Notebook

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium."""
    path = os.environ.get("ADCOURSE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("no Chromium: install one (Debian: apt-get install chromium) or set ADCOURSE_CHROMIUM to its path")
    return path


@pytest.fixture(scope="module")  # while it is open, no other event loop can run in this thread
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, headless=True, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pictures(repository):
    """Where tests leave pictures for people to look at; not in git."""
    folder = repository / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _new_page(browser, scheme="light", width=1280, height=1400):
    """A page in a context of its own, that records errors, and aborts requests that leave the machine."""
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.errors, page.outside = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.errors.append(message.text))
    page.on("websocket", lambda socket: _local(socket.url) or page.outside.append(socket.url))

    def guard(route):
        if _local(route.request.url):
            route.continue_()
        else:
            page.outside.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    return page


def _photograph(request, pages, pictures):
    """Of a test that failed, what its pages show."""
    if failed := getattr(request.node, "failed", False):
        for k, page in enumerate(pages):
            page.screenshot(path=pictures / f"failed-{request.node.name}-{k}.png")
    return failed


def _check(pages):
    errors, outside = [e for p in pages for e in p.errors], [u for p in pages for u in p.outside]
    assert not outside, f"requests that leave the machine: {outside}"
    assert not errors, f"errors in the browser's console: {errors}"


@pytest.fixture
def open_page(browser, request, pictures):
    """``open_page(scheme="dark", width=1000)``: a page that records errors, and aborts requests that leave the machine.

    At the end of the test both lists must be empty.
    """
    pages = []

    def make(*args, **kwargs):
        pages.append(_new_page(browser, *args, **kwargs))
        return pages[-1]

    yield make
    _photograph(request, pages, pictures)
    for page in pages:
        page.context.close()
    _check(pages)


def _local(url):
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "file:", "about:"))


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """A running JupyterLab of its own: own settings, own kernels, own folder."""
    with Lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def lab_page(browser):
    """One page for all notebooks of a module: JupyterLab is loaded into it once, and opens one after the other."""
    page = _new_page(browser)
    yield page
    page.context.close()


@pytest.fixture
def notebook(lab_page, lab, request, pictures):
    """A notebook opened in JupyterLab, at ``notebook.page``; with the test its kernel ends, and it closes."""
    lab_page.errors.clear()
    lab_page.outside.clear()
    opened = Notebook(lab_page, lab)
    yield opened
    try:
        _check([lab_page])
    finally:
        if _photograph(request, [lab_page], pictures):
            lab_page.goto("about:blank")  # the next test loads JupyterLab anew
        else:
            opened.close()


@pytest.fixture
def mount(open_page):
    """``mount(widget, ...)``: its ES module in a bare page with a stand-in for the widget's model. No Jupyter."""

    def place(*widgets, scheme="light", width=1000):
        page = open_page(scheme, width)
        places = "".join(f'<div id="w{k}"></div>' for k in range(len(widgets)))
        page.set_content(
            f'<!doctype html><html lang="en"><head><title>Test</title><style>{widgets[0]._css}</style></head>'
            f"<body><main><h1>Test</h1>{places}</main></body></html>"
        )
        for k, widget in enumerate(widgets):
            state = widget.get_state(["data", "step", "settings", "predictions"])
            page.evaluate(MOUNT, {"esm": widget._esm, "state": state, "k": k})
        return page

    return place


MOUNT = """async ({esm, state, k}) => {
  const listeners = {};
  const model = {
    state, listeners, saves: 0,
    get: (name) => state[name],
    set(name, value) { state[name] = value; (listeners["change:" + name] || []).forEach((f) => f()); },
    save_changes() { this.saves++; },
    on: (event, f) => (listeners[event] ||= []).push(f),
    off: (event, f) => (listeners[event] = (listeners[event] || []).filter((g) => g !== f)),
  };
  const url = URL.createObjectURL(new Blob([esm], {type: "text/javascript"}));
  const module = (await import(url)).default;
  window.module = module;
  (window.models ||= [])[k] = model;
  (window.cleanups ||= [])[k] = module.render({model, el: document.getElementById("w" + k)});
}"""
