"""What a student wrote, as nbgrader's own pages show it: it is looked at, and does nothing."""

from __future__ import annotations

import json

import nbformat
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from tests.grading.marking.handins import as_bytes, frame
from tests.grading.marking.test_autograded import SAID, VERDICTS, evil_notebook, made


def pages() -> dict[str, str]:
    """The page that formgrader shows, and the feedback, by nbgrader's own templates."""
    node = nbformat.reads(json.dumps(made(as_bytes(evil_notebook()), VERDICTS, SAID)), as_version=4)
    for one in node.cells:
        if "nbgrader" in one.metadata:  # as nbgrader's GetGrades puts them in
            one.metadata.nbgrader |= {"score": 1, "points": 2, "comment": "fine"}
    found = {}
    for template in ("formgrade", "feedback"):
        config = Config()
        config.HTMLExporter.template_name = template
        config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        config.HTMLExporter.extra_template_paths = [f"{handlers.static_path}/node_modules/bootstrap/dist/css"]
        exporter = HTMLExporter(config=config)
        resources = {
            "nbgrader": {"notebook": "ps06", "score": 1, "max_score": 2, "late_penalty": 0},
            "index": 0, "total": 1, "base_url": "", "submission_id": "s", "notebook_id": "n", "assignment_id": "a",
        }  # fmt: skip
        found[template] = exporter.from_notebook_node(node, resources=resources)[0]
    return found


TOUR = """() => {
  for (const a of document.querySelectorAll("#notebook a[href]"))
    if (!a.getAttribute("href").startsWith("#")) a.target = "_blank";
  for (const e of document.querySelectorAll("#notebook *"))
    for (const kind of ["mouseover", "focus", "click", "load", "error", "toggle"])
      if (!(e.tagName === "A" && kind === "click")) e.dispatchEvent(new Event(kind));
  const inside = [...document.querySelectorAll("#notebook .text_cell_render *, #notebook .output *")];
  const scheme = /^\\s*(javascript|data|vbscript):/i;
  return {
    stolen: window.stolen,
    tags: inside.filter((e) => /^(script|iframe|object|embed|svg|math|form|input|style|link|meta|base|video)$/i
      .test(e.tagName)).map((e) => e.outerHTML),
    handlers: inside.filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).map((e) => e.outerHTML),
    links: inside.filter((e) => scheme.test(e.getAttribute("href") || "")).map((e) => e.outerHTML),
    images: inside.filter((e) => e.tagName === "IMG" && e.src && !e.src.startsWith("data:image/png")).map((e) => e.src),
    relative: inside.filter((e) => e.tagName === "A" && !/^(https?:|mailto:|#)/.test(e.getAttribute("href") || "#"))
      .map((e) => e.outerHTML),
    covers: inside.filter((e) => getComputedStyle(e).position === "fixed").map((e) => e.outerHTML),
    scores: document.querySelectorAll("input.score").length,
    verdicts: document.querySelectorAll("#notebook section").length,
  };
}"""


def test_nothing_of_it_acts(browser, tmp_path):
    own = ("file://", "data:image/png", "about:")
    for name, html in pages().items():
        path = tmp_path / f"{name}.html"
        path.write_text(html)
        page, asked = browser.new_page(), []
        page.context.route(
            "**/*", lambda route: route.continue_() if route.request.url.startswith(own) else route.abort()
        )
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        dialogs = []
        page.on("dialog", lambda dialog, dialogs=dialogs: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        seen = page.evaluate(TOUR)
        page.wait_for_timeout(300)
        assert page.url == path.as_uri() and not dialogs
        assert page.evaluate("window.stolen") is None
        assert seen.pop("verdicts") == len(VERDICTS)
        assert seen.pop("scores") == (len(frame().tests) if name == "formgrade" else 0)
        assert not any(seen.values()), seen
        # The templates themselves ask for MathJax, and formgrader's for its own scripts and style sheets.
        foreign = [
            url for url in asked if not url.startswith((*own, "https://cdnjs.cloudflare.com/ajax/libs/mathjax/"))
        ]
        assert not foreign
        assert not [url for url in asked if url.startswith("file://") and "/formgrader/static/" not in url][1:]
        page.close()
