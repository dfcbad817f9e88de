"""Repositories that tests make for themselves, and what is typed in them."""

import os
import subprocess
import sys
from pathlib import Path

OUTSIDE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}  # set where a hook of git runs the tests


def shell(command: str, folder: Path) -> str:
    """What a shell says to a command, typed in a folder. Its Python is this one; its git has nobody's settings."""
    env = {name: value for name, value in os.environ.items() if name not in OUTSIDE} | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }  # fmt: skip
    run = subprocess.run(["bash", "-ec", command], cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, (command, run.stdout, run.stderr)
    return run.stdout.strip()
