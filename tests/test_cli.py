"""`adcourse`: the installed program in a fresh environment nobody activated; working copies that lose no work."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from jupyter_client import BlockingKernelClient

from adcourse.cli import MANIFEST, prepare, refresh

# The shell of somebody who just installed: no activated environment, no display, no course-specific setting.
SHELL = {"PATH": os.defpath, "LANG": "C.UTF-8"} | {k: os.environ[k] for k in ("SYSTEMROOT",) if k in os.environ}


@pytest.fixture
def run(installed, tmp_path):
    """Run the installed ``adcourse`` in ``tmp_path``."""

    def run(*arguments, cwd=tmp_path):
        return subprocess.run(
            [installed / "adcourse", *arguments],
            cwd=cwd, env=SHELL | {"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    return run


def course(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_version_and_help(run, wheel):
    assert run("--version").stdout.strip() == f"adcourse, version {wheel.name.split('-')[1]}"
    assert "lab" in run("--help").stdout
    assert "JUPYTERLAB OPTIONS" in run("lab", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(["lba"], "lba"), (["lab", "--no-browser"], "adcourse lab -- --no-browser"), (["lab", "a", "b"], "b")],
)
def test_misspelt_commands_say_so(run, arguments, hint):
    answer = run(*arguments)
    assert answer.returncode == 2
    assert hint in answer.stderr


def test_installed_package_makes_a_working_copy(run, tmp_path, repository, kept):
    """By default in ./adcourse-course; what follows -- goes to JupyterLab, which here only tells its version."""
    answer = run("lab", "--", "--version")
    assert answer.returncode == 0, answer.stderr
    assert str(tmp_path / "adcourse-course") in answer.stdout
    assert re.search(r"^\d+\.\d+\.\d+$", answer.stdout, re.M)
    copy = tmp_path / "adcourse-course"
    delivered = {name: content for name, content in course(copy).items() if name != MANIFEST}
    assert delivered == {name: (repository / name).read_bytes() for name in kept("lectures") + kept("exercises")}


def test_work_survives_a_second_start_from_anywhere_inside(run, tmp_path):
    run("lab", "my course", "--", "--version")
    mine = sorted((tmp_path / "my course").rglob("*.ipynb"))[0]
    mine.write_text("my work")
    answer = run("lab", "--", "--version", cwd=mine.parent)
    assert mine.read_text() == "my work"
    assert f"Kept as you changed them: {mine.relative_to(tmp_path / 'my course').as_posix()}" in answer.stdout
    assert not list(mine.parent.rglob("*adcourse-course"))


@pytest.mark.parametrize("place", ["a file", "a file/below it", "/proc/adcourse"])
def test_a_folder_that_cannot_be_made_is_a_clear_error(run, tmp_path, place):
    (tmp_path / "a file").write_text("precious")
    answer = run("lab", place, "--", "--version")
    assert answer.returncode == 1
    assert "Choose another: adcourse lab FOLDER" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert (tmp_path / "a file").read_text() == "precious"


def test_in_a_checkout_the_checkout_opens(run, tmp_path, repository, monkeypatch):
    """Also from a folder inside it; nothing is copied."""
    monkeypatch.chdir(repository / "lectures")
    assert prepare(None) == repository
    assert prepare(repository / "exercises") == repository
    monkeypatch.chdir("/")
    assert prepare(None) == repository  # the package in use is the checkout's own


def test_a_checkout_needs_the_courses_own_name(run, tmp_path):
    """A course of somebody else with the same folders is not taken for this one."""
    (tmp_path / "lectures").mkdir()
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\n')
    assert "working copy" in run("lab", "new", "--", "--version").stdout
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "adcourse"\n')
    assert f"Opening the course in {tmp_path}" in run("lab", "--", "--version").stdout


NAMES = st.sampled_from(["lectures/01.ipynb", "lectures/images/a.svg", "exercises/ps01/ps01.ipynb"])
CONTENTS = st.integers(0, 3).map(lambda n: f"version {n}".encode())  # few, so that coincidences happen


class WorkingCopy(RuleBasedStateMachine):
    """Students edit and delete; the course changes; copies are refreshed: no work is lost, nothing new withheld."""

    @initialize()
    def begin(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.course, self.copy = Path(self.temporary.name, "course"), Path(self.temporary.name, "copy")
        self.work = {}  # path -> what the student wrote there last
        self.spoilt = False  # then what was delivered can't be told from work, and stays

    def teardown(self):
        self.temporary.cleanup()

    @rule(name=NAMES, content=CONTENTS)
    def course_changes(self, name, content):
        (self.course / name).parent.mkdir(parents=True, exist_ok=True)
        (self.course / name).write_bytes(content)

    @rule(data=st.data(), content=CONTENTS)
    def student_writes(self, data, content):
        there = sorted(set(course(self.copy)) - {MANIFEST}) if self.copy.exists() else []
        name = data.draw(st.sampled_from(there) if there else NAMES)
        content = b"work on " + content
        (self.copy / name).parent.mkdir(parents=True, exist_ok=True)
        (self.copy / name).write_bytes(content)
        self.work[name] = content

    @rule(data=st.data())
    def student_deletes(self, data):
        there = sorted(set(course(self.copy)) - {MANIFEST}) if self.copy.exists() else []
        if there:
            name = data.draw(st.sampled_from(there))
            (self.copy / name).unlink()
            self.work.pop(name, None)

    @rule()
    def student_spoils_the_manifest(self):
        if self.copy.exists():
            (self.copy / MANIFEST).write_text("[not what it was")
            self.spoilt = True

    @rule()
    def refresh(self):
        files = {name: self.course / name for name in course(self.course)} if self.course.exists() else {}
        missing = {name for name in files if not (self.copy / name).exists()}
        refresh(self.copy, files)
        for name, source in files.items():
            if name in missing or not (self.spoilt or name in self.work):
                assert (self.copy / name).read_bytes() == source.read_bytes()
        before = course(self.copy)
        refresh(self.copy, files)
        assert course(self.copy) == before, "a second refresh changed something"

    @invariant()
    def no_work_is_lost(self):
        for name, content in getattr(self, "work", {}).items():
            assert (self.copy / name).read_bytes() == content


TestWorkingCopy = WorkingCopy.TestCase
TestWorkingCopy.settings = settings(max_examples=60, stateful_step_count=20)


def test_a_newer_version_is_laid_beside_the_students(tmp_path, capsys):
    """An untouched file is updated in place; a changed one stays, and the new version comes under its own name once."""
    source, copy = tmp_path / "ps06.ipynb", tmp_path / "copy"
    files = {"exercises/ps06.ipynb": source}
    mine, beside = copy / "exercises/ps06.ipynb", copy / "exercises/ps06.new.ipynb"

    source.write_text("1")
    refresh(copy, files)
    source.write_text("2")
    refresh(copy, files)
    assert mine.read_text() == "2"

    mine.write_text("2 and my work")
    refresh(copy, files)
    assert not beside.exists()  # nothing is newer than what the student started from
    source.write_text("3")
    refresh(copy, files)
    assert (mine.read_text(), beside.read_text()) == ("2 and my work", "3")
    assert "ps06.new.ipynb" in capsys.readouterr().out
    source.write_text("4")
    refresh(copy, files)
    assert beside.read_text() == "4"

    beside.write_text("4 and my work")
    source.write_text("5")
    refresh(copy, files)
    assert beside.read_text() == "4 and my work"
    assert (copy / "exercises/ps06.new2.ipynb").read_text() == "5"
    beside.unlink()
    refresh(copy, files)
    assert not beside.exists()  # a version offered once and thrown away is not pressed on the student again


def test_files_that_were_there_before_are_never_replaced(tmp_path):
    """A folder where the course's place is taken by a link, a folder or somebody's file."""
    source, copy = tmp_path / "course.ipynb", tmp_path / "copy"
    source.write_text("the course's")
    (copy / "a.ipynb").mkdir(parents=True)
    (copy / "b.ipynb").symlink_to(tmp_path / "nowhere")
    (copy / "c.ipynb").write_text("somebody's")
    refresh(copy, dict.fromkeys(["a.ipynb", "b.ipynb", "c.ipynb"], source))
    assert (copy / "a.ipynb").is_dir()
    assert (copy / "b.ipynb").is_symlink()
    assert (copy / "c.ipynb").read_text() == "somebody's"
    assert [(copy / f"{name}.new.ipynb").read_text() for name in "abc"] == ["the course's"] * 3


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="stops the server with SIGTERM")
def test_jupyterlab_opens_the_working_copy(installed, tmp_path):
    """Asked for a port that is taken, it takes another; it serves a lecture; its kernels are of this environment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        log = tmp_path / "log"
        with log.open("w") as out:
            options = ["--no-browser", f"--port={port}", "--ServerApp.ip=127.0.0.1"]
            lab = subprocess.Popen(
                [installed / "adcourse", "lab", "course", "--", *options],
                cwd=tmp_path, env=SHELL | {"HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "run")},
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            server = wait_for(
                lambda: json.loads(next((tmp_path / "run").glob("jpserver-*.json")).read_text()), lab, log
            )
            assert server["pid"] == lab.pid  # so that Ctrl-C and signals reach JupyterLab itself
            assert server["port"] != port
            assert Path(server["root_dir"]) == tmp_path / "course"

            def fetch(path, data=None):
                headers = {"Authorization": f"token {server['token']}"}
                request = urllib.request.Request(server["url"] + path, data, headers)
                return json.loads(urllib.request.urlopen(request, timeout=30).read())

            wait_for(lambda: fetch("api/status"), lab, log)
            lecture = next((tmp_path / "course/lectures").glob("06*.ipynb"))
            assert fetch(f"api/contents/lectures/{lecture.name}")["content"]["cells"]
            kernel = fetch("api/kernels", b"{}")["id"]
            answer = ask_kernel(
                next((tmp_path / "run").glob(f"kernel-{kernel}.json")),
                "import adcourse, os; print(adcourse.__file__, os.environ['PATH'], sep=os.pathsep)",
            )
            package, first, *_ = answer.strip().split(os.pathsep)
            assert Path(package).is_relative_to(installed.parent)
            assert first == str(installed)
        finally:
            lab.send_signal(signal.SIGTERM)
            assert lab.wait(60) == 0
    if os.geteuid() == 0:
        assert "adding --allow-root" in log.read_text()


def ask_kernel(connection: Path, code: str) -> str:
    """What a running kernel prints."""
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    printed = []
    try:
        client.wait_for_ready(timeout=60)
        client.execute_interactive(code, output_hook=lambda message: printed.append(message["content"]), timeout=60)
    finally:
        client.stop_channels()
    return "".join(content.get("text", "") for content in printed)


def wait_for(ask, process: subprocess.Popen, log: Path):
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            return ask()
        except (OSError, ValueError, StopIteration):
            time.sleep(0.1)
    raise TimeoutError(log.read_text())
