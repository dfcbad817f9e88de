"""A new user's first ten minutes: README's command, lecture 6, the sweep by keyboard, exercise 6.1, its grade.

The course is installed by the very line that README.md gives, in a fresh copy and a fresh virtual environment.
"""

import csv
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .lab import Notebook, write_settings

ASSIGNMENT = "ps06_reverse_mode"
SOLUTION = """def grad_xyz(x, y, z):
    q = x + y
    q_bar, z_bar = z, q
    return q_bar, q_bar, z_bar
"""


class Opened:
    """The server that the user's command started, as ``Notebook`` wants it."""

    def __init__(self, url, token, root):
        self.url, self.token, self.root = url.rstrip("/").replace("//localhost", "//127.0.0.1"), token, root


LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "build", "dist", "__pycache__", ".ipynb_checkpoints", ".*_cache")


def copy_of(repository, to):
    """The files of the repository, without what working in it has left there."""
    return shutil.copytree(repository, to, ignore=LEFT_OUT)


@pytest.fixture
def stranger(tmp_path):
    """The environment variables of someone who has Python and nothing else."""
    home = tmp_path / "home"
    write_settings(home / ".jupyter" / "lab" / "user-settings")
    exposed = {"LabApp": {"expose_app_in_browser": True}}  # so that the test can ask the page what it shows
    (home / ".jupyter" / "jupyter_lab_config.json").write_text(json.dumps(exposed))
    dropped = ("PYTHON", "VIRTUAL_ENV", "JUPYTER", "IPYTHON", "MPL", "NBGRADER", "PYTEST", "COV")
    env = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    return env | {
        "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "BROWSER": "true", "PIP_QUIET": "1",
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", os.path.expanduser("~/.cache/pip")),
    }  # fmt: skip


@pytest.fixture
def opened(repository, tmp_path, stranger):
    """README's first command, run as written; ends with JupyterLab."""
    course = copy_of(repository, tmp_path / "adcourse")
    command = subprocess.check_output([sys.executable, repository / ".ci" / "readme_command", "1"], text=True)
    spec = importlib.util.spec_from_file_location("open_course", repository / ".ci" / "open_course.py")
    spec.loader.exec_module(open_course := importlib.util.module_from_spec(spec))
    process = subprocess.Popen(["bash", "-c", command], cwd=course, env=stranger, start_new_session=True)
    try:
        server = open_course.wait_for_server(process, Path(stranger["JUPYTER_RUNTIME_DIR"]))
        yield Opened(server["url"], server["token"], course)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.mark.slow
def test_first_ten_minutes(opened, stranger, repository, tmp_path, page):
    # Open lecture 6 and run it.
    lecture = Notebook(page, opened).visit("lectures/06_reverse_mode.ipynb")
    lecture.run_all()

    # Step the sweep from the first operation to the last adjoint, by keyboard.
    forward = page.get_by_role("button", name="Next", exact=True).first
    forward.focus()
    for _ in range(200):
        if forward.get_attribute("aria-disabled") == "true":
            break
        page.keyboard.press("Enter")
    assert forward.get_attribute("aria-disabled") == "true", "the sweep has no end"
    adjoints = page.locator("table", has=page.locator("td[data-column=adjoint]")).first
    found = [cell.replace("−", "-") for cell in adjoints.locator("td[data-column=adjoint]").all_inner_texts()]
    assert found[:2] == ["1.839397", "1.25"], found  # dL/dw1 = 5/e, dL/dw2
    lecture.close()

    # Solve 6.1 in the exercise, run it, and read the verdict of the instant check.
    exercise = Notebook(page, opened).visit(f"exercises/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    cell = page.locator(".jp-CodeCell", has_text="def grad_xyz").first
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(SOLUTION)
    exercise.command("notebook:run-all-cells")
    verdict = page.locator(".jp-CodeCell", has_text='adcourse.check("6.1"').first.locator(".jp-OutputArea-output")
    verdict.first.wait_for()
    assert "6.1" in verdict.first.inner_text()
    assert "passed" in verdict.first.inner_text().lower()
    exercise.command("docmanager:save")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    exercise.close()

    # Hand it in; the teacher, in a copy of their own, grades it with nbgrader.
    desk = copy_of(repository, tmp_path / "desk")
    handed_in = desk / "build" / "submitted" / "newcomer" / ASSIGNMENT
    handed_in.mkdir(parents=True)
    shutil.copy2(opened.root / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", handed_in)
    nbgrader = [str(opened.root / ".venv" / "bin" / "nbgrader")]
    for command in (["generate_assignment", "--force"], ["autograde"], ["generate_feedback"]):
        done = subprocess.run([*nbgrader, *command, ASSIGNMENT], cwd=desk, env=stranger, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
    subprocess.run([*nbgrader, "export", "--to=grades.csv"], cwd=desk, env=stranger, capture_output=True, check=True)
    with open(desk / "grades.csv", newline="") as file:
        (grade,) = csv.DictReader(file)
    assert (grade["student_id"], float(grade["score"]), float(grade["max_score"])) == ("newcomer", 1.0, 16.0)
    feedback = (desk / "build" / "feedback" / "newcomer" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert "grad_xyz" in feedback
