"""Write binder/requirements.txt: ``python binder/pin.py`` in an environment where the course is installed and tested.

Pinned are the base dependencies of pyproject.toml, its extra ``binder`` and everything they need, at the versions of
this environment, except what comes with JupyterLab and Notebook: the image has its own, and a pin would replace half
of it.
"""

import tomllib
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
OF_THE_IMAGE = ("jupyterlab", "notebook", "setuptools")
HEADER = "# Written by `python binder/pin.py` from pyproject.toml. Not JupyterLab: the image brings its own.\n"


def dependencies() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["binder"]]


def closure(names) -> set[str]:
    """The packages ``names`` and all they need here, extras aside."""
    found, todo = set(), [canonicalize_name(name) for name in names]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            needs = map(Requirement, requires(name) or [])
            todo += [canonicalize_name(r.name) for r in needs if not r.marker or r.marker.evaluate({"extra": ""})]
    return found


def requirements() -> str:
    names = closure(r.name for r in dependencies()) - closure(OF_THE_IMAGE)
    return HEADER + "".join(f"{name}=={version(name)}\n" for name in sorted(names))


if __name__ == "__main__":
    (ROOT / "binder" / "requirements.txt").write_text(requirements(), encoding="utf-8")
