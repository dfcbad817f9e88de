"""What docs/jupyterhub.md says, as far as it can be seen without a hub: tests/test_jupyterhub.py has one.

Homework travels through nbgrader's exchange by the page's commands; tests/grading/test_teachers_week.py grades it.
"""

import os
import resource
import runpy
import subprocess
import sys
import types
from pathlib import Path

import pytest

from tests.guides import ROOT, blocks, commands

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange is for Linux and macOS")
NAME = "ps06_reverse_mode"
# One process for all commands, each where its user is: what takes long is to import nbgrader.
TYPED = """
import os, sys
from nbgrader.apps.nbgraderapp import NbGraderApp
for typed in sys.argv[1:]:
    folder, command = typed.split(":")
    os.chdir(folder)
    NbGraderApp.launch_instance(command.split())
    for cls in NbGraderApp.subcommands.values():
        cls[0].clear_instance()
    NbGraderApp.clear_instance()
"""


def test_homework_goes_out_and_comes_back(tmp_path):
    teacher, student, exchange, settings = (tmp_path / name for name in ("teacher", "student", "exchange", "settings"))
    for folder in (teacher, student, exchange, settings):
        folder.mkdir()
    exchange.chmod(0o777)
    (code,) = blocks("jupyterhub.md", "python")
    (settings / "nbgrader_config.py").write_text(f"{code}c.Exchange.root = {str(exchange)!r}\n")
    (teacher / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    for part in ("solutions", "exercises"):
        (teacher / part / NAME).mkdir(parents=True)
        (teacher / part / NAME / f"{NAME}.ipynb").write_bytes((ROOT / part / NAME / f"{NAME}.ipynb").read_bytes())

    page = [line.removeprefix("/opt/hub/bin/nbgrader ") for line in commands("jupyterhub.md") if "/nbgrader " in line]
    week = [line for line in page if "feedback" not in line]
    assert [line.split()[0] for line in week] == ["release_assignment", "fetch_assignment", "submit", "collect"]
    where = {"release_assignment": teacher, "fetch_assignment": student, "submit": student, "collect": teacher}
    typed = [f"{where[line.split()[0]]}:{line}" for line in week]
    env = os.environ | {"JUPYTER_CONFIG_PATH": str(settings), "HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", TYPED, *typed], env=env, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr

    handed_out = (student / "exercises" / NAME / f"{NAME}.ipynb").read_bytes()  # where the lectures' links lead
    (collected,) = (teacher / "build" / "submitted").glob(f"*/{NAME}/{NAME}.ipynb")
    assert handed_out == collected.read_bytes() == (ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_bytes()
    inbound = exchange / "adcourse" / "inbound"
    assert inbound.stat().st_mode & 0o077 == 0o033  # others may write there, and list nothing


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the configuration is for Linux")
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")  # JAX's, where another test has imported it
def test_a_process_started_by_the_configuration_has_its_limits(monkeypatch):
    """The spawner's limits, without a hub: its parent here only says that it would become the student."""

    class LocalProcessSpawner:
        mem_limit, cpu_limit = 1 << 30, 1.0

        def make_preexec_fn(self, name):
            return lambda: os.write(1, f"{name}\n".encode())

    stand_in = types.ModuleType("jupyterhub.spawner")
    stand_in.LocalProcessSpawner = LocalProcessSpawner
    monkeypatch.setitem(sys.modules, "jupyterhub", types.ModuleType("jupyterhub"))
    monkeypatch.setitem(sys.modules, "jupyterhub.spawner", stand_in)
    from traitlets.config import Config

    config = Config()
    read = runpy.run_path(str(ROOT / "binder" / "jupyterhub_config.py"), {"get_config": lambda: config})
    assert config.JupyterHub.spawner_class is read["Limited"]
    code = """if True:
        import os, resource
        print(resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_NPROC))
        print(len(os.sched_getaffinity(0)))
        try:
            bytearray(2 << 30)
        except MemoryError:
            print("MemoryError")
    """
    limited = read["Limited"]().make_preexec_fn("ada")
    run = subprocess.run([sys.executable, "-c", code], preexec_fn=limited, capture_output=True, text=True, timeout=60)
    processes = min(read["PROCESSES"], resource.getrlimit(resource.RLIMIT_NPROC)[1] % (1 << 64))
    assert run.stdout.splitlines() == [
        "ada", f"({1 << 30}, {1 << 30}) ({processes}, {processes})", "1", "MemoryError",
    ], run.stderr  # fmt: skip


def test_the_configuration_names_options_that_there_are():
    pytest.importorskip("jupyterhub")
    from jupyterhub.app import JupyterHub
    from jupyterhub.auth import Authenticator, PAMAuthenticator
    from jupyterhub.spawner import Spawner

    hub = JupyterHub(config_file=str(ROOT / "binder" / "jupyterhub_config.py"))
    hub.load_config_file(hub.config_file)
    known = {cls.__name__: cls for cls in (JupyterHub, Authenticator, PAMAuthenticator, Spawner)}
    for name, options in hub.config.items():
        assert set(options) <= set(known[name].class_trait_names(config=True)), (name, options)
    assert Path(hub.config.Spawner.cmd[0]).exists()
