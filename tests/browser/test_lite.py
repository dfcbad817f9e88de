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

import nbformat
import pytest
from ipywidgets import Widget

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
OPENED = """async (content) => {
  const { serviceManager, commands } = window.jupyterapp, path = "pictures.ipynb";
  await serviceManager.contents.save(path, {type: "notebook", format: "json", content});
  await commands.execute("docmanager:open", {path});
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
    page.evaluate("""async () => { const { content } = window.jupyterapp.shell.currentWidget;
      content.model.sharedModel.insertCell(0, {cell_type: "code", source: "counter"});
      content.activeCellIndex = 0;
      await window.jupyterapp.commands.execute("notebook:run-cell"); }""")
    page.locator("button.count").click()
    notebook.wait_for("print(counter.n)", "4")
    page.screenshot(path=pictures / "lite.png")


def saved_pictures():
    """A notebook as JupyterLab saves it, here and in a browser: every picture with its state, trusted by who ran it."""
    pictures = {name: make() for name, make in EXAMPLES.items()}
    cells = []
    for name, picture in pictures.items():
        bundle = picture._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        output = nbformat.v4.new_output("execute_result", data, execution_count=1)
        cells.append(nbformat.v4.new_code_cell(name, outputs=[output], metadata={"trusted": True}))
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    state = {"application/vnd.jupyter.widget-state+json": Widget.get_manager_state()}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "widgets": state})


def test_saved_pictures_stand_there_and_move_with_nothing_run(site, open_page):
    page = open_page(height=14_000)  # JupyterLab leaves out what isn't in view
    page.goto(f"{site}/lab/index.html", wait_until="domcontentloaded")
    page.wait_for_function("() => !!window.jupyterapp?.shell")
    page.evaluate("() => window.jupyterapp.restored")
    page.evaluate(OPENED, saved_pictures())
    page.wait_for_function(
        "n => document.querySelectorAll('.adcourse [role=status]').length === n", arg=len(EXAMPLES), timeout=180_000
    )
    for k, name in enumerate(EXAMPLES):
        picture = page.locator(".adcourse").nth(k)
        control = picture.locator("input[type=range]:visible, .controls select:visible").first
        look = "e => [e.value, e.closest('.adcourse').innerText]"
        before = control.evaluate(look)
        last = control.evaluate("e => e.max ? e.value === e.max : e.selectedIndex === e.length - 1")
        control.press("ArrowLeft" if last else "ArrowRight")
        after = control.evaluate(look)
        assert before[0] != after[0] and before[1] != after[1], name
