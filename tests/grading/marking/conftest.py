"""A course as a teacher has it: real notebooks, released by nbgrader into a real gradebook; made once a process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.grading.blocks import ASSIGNMENTS, ROOT

PATH = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])  # nbgrader starts alembic
ENVIRONMENT = os.environ | {"PATH": PATH, "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "MPLBACKEND": "agg"}


def nbgrader(course: Path, *command: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=course, env=ENVIRONMENT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Path:
    """A course with one assignment released. Copy it; don't write into it."""
    course = tmp_path_factory.mktemp("released")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions", course / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    nbgrader(course, "generate_assignment", ASSIGNMENTS["ps06"])
    return course


@pytest.fixture
def folder(released, tmp_path, monkeypatch) -> Path:
    """A course of the test's own, which is the current folder."""
    course = tmp_path / "course"
    shutil.copytree(released, course)
    monkeypatch.chdir(course)
    return course
