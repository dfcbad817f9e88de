"""Run a command that opens the course, exactly as written, until JupyterLab serves a lecture; then stop it cleanly.

``open_course.py COMMAND FOLDER``: COMMAND runs in the current folder, and must open the course in FOLDER.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

LECTURE = "lectures/06_reverse_mode.ipynb"
DEADLINE = 900  # seconds, for an installation over a slow network


def fetch(server: dict, path: str) -> bytes:
    headers = {"Authorization": f"token {server['token']}"}
    with urllib.request.urlopen(urllib.request.Request(server["url"] + path, headers=headers), timeout=10) as answer:
        return answer.read()


def wait_for_server(process: subprocess.Popen, runtime: Path) -> dict:
    """The running server's own description: its address, token, folder and process."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        for file in runtime.glob("jpserver-*.json"):
            try:
                server = json.loads(file.read_text())
                fetch(server, "api/status")
                return server
            except (OSError, ValueError):  # not written yet, or not listening yet
                continue
        if process.poll() is not None:
            sys.exit(f"the command ended with {process.returncode} before JupyterLab answered")
        time.sleep(0.5)
    sys.exit(f"JupyterLab did not answer within {DEADLINE} s")


def open_course(command: str, folder: Path):
    with tempfile.TemporaryDirectory() as runtime:
        print(f"$ {command}", flush=True)
        process = subprocess.Popen(
            ["bash", "-c", command],
            env=os.environ | {"JUPYTER_RUNTIME_DIR": runtime},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            server = wait_for_server(process, Path(runtime))
            lecture = json.loads(fetch(server, f"api/contents/{LECTURE}"))
            assert lecture["type"] == "notebook" and lecture["content"]["cells"], lecture
            assert b"jupyter-config-data" in fetch(server, "lab"), "no JupyterLab page"
            assert folder.samefile(server["root_dir"]), server["root_dir"]
            print(f"JupyterLab serves {LECTURE}: {len(lecture['content']['cells'])} cells", flush=True)
            os.kill(server["pid"], signal.SIGTERM)
            assert process.wait(60) == 0, process.returncode
            assert not list(Path(runtime).glob("jpserver-*.json")), "the server did not shut down cleanly"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    open_course(sys.argv[1], Path(sys.argv[2]))
