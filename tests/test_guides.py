"""The pages of docs/ are true: every command on them is run, every answer is what is seen, every link leads somewhere.

The teacher's commands are those of tests/grading/test_teachers_week.py, the hub's of tests/test_exchange.py and, where
there is a hub, of tests/test_jupyterhub.py.
"""

import json
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import adcourse
from tests.guides import ROOT, blocks, commands, copy, text

PAGES = sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name != "index.md")


def shell(line: str, folder: Path, **environment):
    """Type a line in a folder, on a machine without a network."""
    pip = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    env = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), "PIP_COMPILE": "0", **pip, **environment}
    run = subprocess.run(
        ["bash", "-ec", line], cwd=folder, env=env, capture_output=True, text=True, errors="replace", timeout=300
    )
    assert run.returncode == 0, (line, run.stdout[-2000:], run.stderr[-2000:])
    return run.stdout + run.stderr


def program(path: Path, line: str):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexec {line}\n")
    path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="the page has its Windows commands in words")
def test_from_the_teachers_copy_to_the_students_first_hour(tmp_path):
    """The teacher's file, made as teachers.md says, installed and opened as first_hour.md says."""
    teacher, student, path = tmp_path / "teacher", tmp_path / "student", tmp_path / "bin"
    student.mkdir()
    python, pip = shlex.quote(sys.executable), f"{shlex.quote(sys.executable)} -m pip"
    program(path / "python3", f'{python} "$@" --without-pip')  # for `-m venv`: to install pip takes longest of all
    copy(teacher, "adcourse", "lectures", "exercises", "pyproject.toml", "README.md", "LICENSE", "LICENSE-CONTENT")
    program(teacher / ".venv" / "bin" / "pip", f'{pip} "$@"')
    (make,) = (line for line in commands("teachers.md") if "pip wheel" in line)
    shell(make, teacher)
    (file,) = teacher.glob("adcourse-*.whl")
    shutil.copy(file, student)

    said = []
    for line in commands("first_hour.md"):
        if line.endswith("adcourse lab"):
            line += " -- --version"  # all but JupyterLab itself, which tests/test_cli.py starts
        programs = os.pathsep.join([str(path), sysconfig.get_path("scripts"), os.defpath])
        said.append(shell(line, student, PATH=programs, JUPYTER_PATH=os.path.join(sys.prefix, "share", "jupyter")))
        if "-m venv" in line:  # what it depends on is taken from the environment of the tests
            site = sysconfig.get_path("purelib", vars={"base": str(student / ".venv")})
            Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
            program(student / ".venv" / "bin" / "pip", f'{pip} --python .venv/bin/python "$@"')
    assert len(said) == 4
    assert "Everything that the course needs is there." in said[2]
    for page in ("lectures/00_start_here.ipynb", *re.findall(r"`(exercises/\S+)`", text("first_hour.md"))):
        assert (student / "adcourse-course" / page).is_file(), page


def test_the_first_answer_and_what_is_said_of_it():
    first, _ = blocks("first_hour.md", "python")
    names = {}
    exec(first, names)
    seen = str(adcourse.check("1.1", names["fd"]))
    assert seen.startswith(blocks("first_hour.md", "text")[1])
    assert "\nHint: " in seen


@pytest.mark.parametrize("page", PAGES)
def test_links_and_paths_lead_somewhere(page):
    prose = re.sub(r"^ *```.*?^ *```$", "", text(page), flags=re.M | re.S)  # what goes into files links from there
    for target in re.findall(r"\]\(([^)]+)\)", prose):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = ROOT / "docs" / path if path else ROOT / "docs" / page
        assert file.is_file(), target
        headings = re.findall(r"^#+ (.*)", file.read_text(encoding="utf-8"), re.M)
        slugs = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in slugs, target
    for path in re.findall(r"`((?:adcourse|lectures|exercises|solutions|tests|binder)/[\w./-]*)`", prose):
        assert (ROOT / path).exists() or "15_horner" in path, path  # which one page makes


def prose():
    """``(file, text)`` of every page and of every lecture's text cells."""
    for pattern in ("*.md", "docs/*.md", "binder/*.md", "tests/benchmarks/*.md"):
        yield from ((path.name, path.read_text(encoding="utf-8")) for path in ROOT.glob(pattern))
    for path in ROOT.glob("lectures/*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path.name, "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_names_in_prose_are_public():
    """`ad.grad`, `adcourse.science.ode`: each is something that a reader finds under that name."""
    found = 0
    for page, written in prose():
        for path in set(re.findall(r"`(?:adcourse|ad)\.([a-zA-Z_][\w.]*\w)", written)):
            found += 1
            try:
                pkgutil.resolve_name(f"adcourse.{path}")
            except (AttributeError, ImportError):
                pytest.fail(f"{page}: there is no adcourse.{path}")
            assert not re.search(r"\b_(?!_)", path), f"{page}: adcourse.{path} is private"
    assert found > 20
