"""The pages that guide: what their readers type, write into files, and see."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parent.parent


def text(page: str) -> str:
    """A page of docs/."""
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def blocks(page: str, language: str = r"\w*") -> list[str]:
    """The fenced blocks of a page, in a language or in any; those in a list too."""
    return [dedent(block) for block in re.findall(rf"^ *```{language}\n(.*?)^ *```$", text(page), re.M | re.S)]


def commands(page: str) -> list[str]:
    """Every line that a page has its reader type into a shell."""
    return "".join(blocks(page, "bash")).splitlines()


def copy(folder: Path, *names: str, without=()) -> Path:
    """A copy of these files and folders of the repository, to be changed."""
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", *without)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def run(folder: Path, *command: str) -> str:
    """What a Python command prints, in a copy of the repository."""
    ours = ("PATH", "VIRTUAL_ENV", "PYTEST_ADDOPTS")
    env = {key: value for key, value in os.environ.items() if key not in ours}
    env |= {"PATH": os.defpath, "PYTHONPATH": str(folder), "JUPYTER_PREFER_ENV_PATH": "1", "MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
