"""A JupyterLab server in a process of its own, and a notebook opened in it by a browser."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # every cell is rendered, also off-screen
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}  # fmt: skip
START = 90  # seconds


def write_settings(folder):
    """JupyterLab's settings of a user who likes it quiet."""
    for plugin, settings in SETTINGS.items():
        file = folder / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))


class Lab:
    """``with Lab(folder) as lab``: a server at ``lab.url`` that shows the folder ``lab.root``, and runs in it."""

    def __init__(self, folder, root=None):
        self.folder, self.root, self.token = folder, root or folder / "root", secrets.token_hex(16)
        self.root.mkdir(exist_ok=True)
        write_settings(folder / "settings")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        own = {
            "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython", "MPLCONFIGDIR": "matplotlib",
        }  # fmt: skip
        env = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        env |= {name: str(self.folder / place) for name, place in own.items()}
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path.cwd()), env.get("PYTHONPATH")]))
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}",
        ]  # fmt: skip
        self.log = open(self.folder / "server.log", "w")
        self.process = subprocess.Popen(
            command, cwd=self.root, env=env, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True
        )
        deadline = time.monotonic() + START
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError("JupyterLab did not start:\n" + (self.folder / "server.log").read_text()[-4000:])
            time.sleep(0.1)
        return self

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/api/status?token={self.token}", timeout=2):
                return True
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)  # the server then ends its kernels itself
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


class Notebook:
    """One notebook in one page: open it, run it, ask its kernel."""

    IDLE = """() => {
      const session = window.jupyterapp?.shell?.currentWidget?.sessionContext;
      const kernel = session?.isReady && session.session?.kernel;
      return kernel && kernel.status === "idle" && kernel.connectionStatus === "connected";
    }"""
    OUTPUTS = """() => {
      const cells = window.jupyterapp.shell.currentWidget.content.model.cells, found = [];
      for (let i = 0; i < cells.length; i++) {
        const cell = cells.get(i);
        if (cell.type !== "code") continue;
        const outputs = [];
        for (let j = 0; j < cell.outputs.length; j++) outputs.push(cell.outputs.get(j).toJSON());
        found.push({cell: i, source: cell.sharedModel.source, count: cell.executionCount, outputs});
      }
      return found;
    }"""
    ASK = """async (code) => {
      const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
      const future = kernel.requestExecute({code, store_history: false});
      let out = "";
      future.onIOPub = ({header, content}) => {
        if (header.msg_type === "stream") out += content.text;
        if (header.msg_type === "error") out += content.ename + ": " + content.evalue;
      };
      await future.done;
      return out.trim();
    }"""

    OPEN = "async path => { await window.jupyterapp.commands.execute('docmanager:open', {path}); }"
    CLOSE = """async () => {
      const shown = window.jupyterapp.shell.currentWidget;
      await shown.sessionContext.shutdown();
      shown.context.model.dirty = false;  // nobody is asked whether to save
      shown.close();
    }"""
    SHOWN = """async ([k, what]) => {
      const cells = window.jupyterapp.shell.currentWidget.content;
      cells.activeCellIndex = k;
      cells.widgets[k].model.clearExecution();
      const place = cells.widgets[k].node, start = performance.now();
      const found = new Promise((done) => {
        const seen = () => place.querySelector(what) && done(performance.now() - start);
        new MutationObserver(seen).observe(place, {childList: true, subtree: true});
      });
      await window.jupyterapp.commands.execute("notebook:run-cell");
      return await found;
    }"""

    def __init__(self, page, lab):
        self.page, self.lab, self.opened = page, lab, False

    def open(self, cells, name="test.ipynb", place="lab/tree"):
        """Open a notebook with these code cells, or a copy of an existing file; in Notebook 7 at ``"notebooks"``.

        A JupyterLab that the page shows already opens it itself: loading another takes ten times as long.
        """
        if isinstance(cells, Path):
            name = cells.name
            (self.lab.root / name).write_bytes(cells.read_bytes())
        else:
            book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
            book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(book, self.lab.root / name)
        there = place == "lab/tree" and self.page.evaluate("window.jupyterapp?.name") == "JupyterLab"
        return self.show(name) if there else self.visit(name, place)

    def visit(self, name, place="lab/tree"):
        """Load JupyterLab, or Notebook 7, at a notebook that lies in the server's folder."""
        address = f"{self.lab.url}/{place}/{name}?token={self.lab.token}&reset"
        self.page.goto(address, wait_until="domcontentloaded")
        self.page.wait_for_function("() => !!window.jupyterapp")
        return self._shown()

    def show(self, name):
        """Open a notebook that lies in the server's folder in the JupyterLab that the page shows already."""
        self.page.evaluate(self.OPEN, name)
        return self._shown()

    def _shown(self):
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(self.IDLE)
        self.ask("")  # a kernel that says it is idle may still be connecting; one that has answered is there
        self.opened = True
        return self

    def command(self, name):
        """Run one of JupyterLab's commands, as its menus do."""
        self.page.evaluate("(name) => window.jupyterapp.commands.execute(name)", name)

    def run_all(self, timeout=120):
        """Run every cell; fails when one raises or doesn't run."""
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(self.IDLE, timeout=1000 * timeout)
        for cell in (ran := self.page.evaluate(self.OUTPUTS)):
            errors = [o for o in cell["outputs"] if o["output_type"] == "error"]
            assert not errors, f"cell {cell['cell']} raised {errors[0]['ename']}: {errors[0]['evalue']}"
            assert cell["count"] is not None or not cell["source"].strip(), f"cell {cell['cell']} did not run"
        return ran

    def ask(self, code):
        """What the kernel prints, as for a learner's next cell."""
        return self.page.evaluate(self.ASK, code)

    def wait_for(self, code, expected, timeout=15):
        """Ask until the answer is as expected: a state message waits until the kernel has answered the last one."""
        deadline = time.monotonic() + timeout
        while (answer := self.ask(code)) != expected:
            assert time.monotonic() < deadline, f"{code}: {answer!r}, expected {expected!r}"
            time.sleep(0.05)

    def shown(self, k, what):
        """Run a cell; the milliseconds until there is an element in its output, given by a CSS selector."""
        return self.page.evaluate(self.SHOWN, [k, what])

    def close(self):
        """End the kernel and close the notebook; JupyterLab stays."""
        if self.opened and not self.page.is_closed():
            self.page.evaluate(self.CLOSE)
            self.opened = False
