"""A course as a teacher has it: real notebooks, released by nbgrader into a real gradebook; made once a process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .campaigns import make_course


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Path:
    """A course with one assignment released. Copy it; don't write into it."""
    return make_course(tmp_path_factory.mktemp("released") / "course")


@pytest.fixture
def folder(released, tmp_path, monkeypatch) -> Path:
    """A course of the test's own, which is the current folder."""
    course = tmp_path / "course"
    shutil.copytree(released, course)
    monkeypatch.chdir(course)
    return course
