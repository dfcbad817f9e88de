"""The site that binder/lite.py writes, in Chromium, its Python too.

It takes a minute, and a copy of Pyodide: ``ADCOURSE_PYODIDE`` names the folder of npm's package ``pyodide``, of the
version that lite.py says.
"""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

from tests.widgets.examples import EXAMPLES

from .lab import Notebook

PYODIDE = os.environ.get("ADCOURSE_PYODIDE")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYODIDE, reason="ADCOURSE_PYODIDE names no copy of Pyodide"),
]
KEEP = """
import importlib.util, os, sys, types
home = importlib.util.find_spec("adcourse").submodule_search_locations[0]
part = types.ModuleType("adcourse.grading")  # the module without its package, which needs NumPy
part.__path__ = [home + "/grading"]
sys.modules["adcourse.grading"] = part
from adcourse.grading import keeping
for right in (1, 2):
    assert keeping._keep(keeping.place(), "1.1", keeping.Attempt(right, 2, "2030-01-01T00:00:00+00:00")) == ""
print(keeping.known()[0]["1.1"].best.right, keeping.place(), sorted(os.listdir("..")))
"""
# The pictures' own state and modules, without the package around them, which needs NumPy.
STAND_IN = """
import anywidget, json, traitlets
shown = {{}}
def show(name, esm, css, state):
    kinds = {{"data": traitlets.Dict, "step": traitlets.Int, "settings": traitlets.Dict, "predictions": traitlets.List}}
    traits = {{key: kind().tag(sync=True) for key, kind in kinds.items()}}
    shown[name] = type(name, (anywidget.AnyWidget,), {{"_esm": esm, "_css": css, **traits}})(**state)
for entry in json.loads({text!r}):
    show(*entry)
"""
RUN = """async (source) => {
  const { content } = window.jupyterapp.shell.currentWidget, cells = content.model.sharedModel;
  cells.insertCell(0, {cell_type: "code", source});
  content.activeCellIndex = 0;
  await window.jupyterapp.commands.execute("notebook:run-cell");
}"""
CLICKED = """
import anywidget, traitlets
class Counter(anywidget.AnyWidget):
    _esm = "export default { render({model, el}) { const b = document.createElement('button'); el.append(b);" \\
        "b.className = 'count'; b.onclick = () => { model.set('n', model.get('n') + 1); model.save_changes(); } } }"
    n = traitlets.Int(3).tag(sync=True)
counter = Counter()
"""


@pytest.fixture(scope="module")
def site(repository, tmp_path_factory):
    """Its address, on a server that does nothing but hand out files."""
    pytest.importorskip("jupyterlite_core", reason='needs pip install -e ".[lite]"')
    folder = tmp_path_factory.mktemp("lite") / "site"
    subprocess.run(
        [sys.executable, "binder/lite.py", "--pyodide", PYODIDE, "--site", folder], cwd=repository, check=True
    )
    settings = json.loads((folder / "jupyter-lite.json").read_text())
    settings["jupyter-config-data"]["exposeAppInBrowser"] = True
    (folder / "jupyter-lite.json").write_text(json.dumps(settings))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_course_in_the_browser_alone(site, open_page, repository, pictures):
    page = open_page()
    page.goto(f"{site}/lab/index.html?path=lectures/06_reverse_mode.ipynb", wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    for folder in ("lectures", "exercises"):
        listed = page.evaluate(
            "async p => (await window.jupyterapp.serviceManager.contents.get(p, {content: true})).content", folder
        )
        expected = {p.name for p in (repository / folder).iterdir() if not p.name.startswith(".")}
        assert {entry["name"] for entry in listed} == expected

    notebook = Notebook(page, None)
    page.wait_for_function(Notebook.IDLE, timeout=180_000)
    assert not page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.dirty"), "opened is not changed"
    assert notebook.ask("import sys; print(sys.platform)") == "emscripten"
    assert page.outside == []
    notebook.ask("import adcourse")  # fetches it with what it uses, as far as the site has it
    assert page.outside and all(address.endswith("wasm32.whl") for address in page.outside)
    page.outside.clear()
    page.errors.clear()
    found = "from importlib.util import find_spec as f; print([bool(f(n)) for n in ('adcourse', 'sympy', 'nbgrader')])"
    assert notebook.ask(found) == "[True, True, False]"
    kept = notebook.ask(KEEP)
    assert kept == "2 /drive/adcourse-progress.json ['adcourse-progress.json', 'exercises', 'lectures']"

    assert notebook.ask(CLICKED) == ""
    page.evaluate(RUN, "counter")
    page.locator("button.count").click()
    notebook.wait_for("print(counter.n)", "4")
    page.screenshot(path=pictures / "lite.png")


def test_every_picture_comes_up_and_moves(site, open_page):
    made = {name: make() for name, make in EXAMPLES.items()}
    parts = ["data", "step", "settings", "predictions"]
    states = [(name, picture._esm, picture._css, picture.get_state(parts)) for name, picture in made.items()]
    page = open_page()
    page.goto(f"{site}/lab/index.html?path=lectures/00_start_here.ipynb", wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    notebook = Notebook(page, None)
    page.wait_for_function(Notebook.IDLE, timeout=300_000)
    assert notebook.ask(STAND_IN.format(text=json.dumps(states))) == ""
    for name in made:
        page.evaluate(RUN, f"shown[{name!r}]")
        control = page.locator(".adcourse input[type=range]:visible, .adcourse .controls select:visible").first
        state = f"import json; print(json.dumps([shown[{name!r}].step, shown[{name!r}].settings]))"
        before = notebook.ask(state)
        last = control.evaluate("e => e.max ? e.value === e.max : e.selectedIndex === e.length - 1")
        control.press("ArrowLeft" if last else "ArrowRight")
        notebook.wait_for(state.replace("print(", f"print({before!r} != "), "True")
    page.errors.clear()  # JupyterLite asks its server for files that only the browser has
