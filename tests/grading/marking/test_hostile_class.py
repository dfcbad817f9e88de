"""A class with cheats in it, graded by the real `adcourse grade`: the honest have what they have without the cheats.

What a submission's code can do is tried in tests/grading/hostility/; here are also files that are none, names that are
more than names, and what lies beside a notebook."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.grading.hostility import handed_in, notebooks, odd_notebooks
from tests.grading.hostility.class_of import frame, without_plot, witness
from tests.grading.hostility.handed_in import blocks, first, submission
from tests.grading.hostility.traces import Arena, children
from tests.grading.marking.campaigns import ENVIRONMENT, nbgrader

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

NAME = "ps01_four_ways_to_a_slope"
FILE = f"{NAME}.ipynb"
FULL = 12


def adcourse(course: Path, *command: str, code: int = 0) -> str:
    run = subprocess.run(
        [sys.executable, "-c", "from adcourse.cli import main; main()", *command],
        cwd=course,
        env=ENVIRONMENT,
        capture_output=True,
        timeout=500,
    )
    said = run.stdout.decode() + run.stderr.decode()
    assert run.returncode == code, said
    return said


def solved() -> bytes:
    return json.dumps(without_plot(submission(NAME, {}))).encode()


def honest() -> dict[str, bytes]:
    odd = {case.name: case for case in odd_notebooks.cases()}
    return {
        "ada": solved(),
        "bo": witness().content,
        "cleo": odd["as colab saves it"].content,
        "dmitri": odd["the name used for something else later"].content,
    }


CODE = (  # what the code of some cells tries, one of each kind
    "the right answers left in every place",
    "an object that equals everything",
    "forged messages on every descriptor",
    "all descriptors closed",
    "adcourse.check and examine that always pass",
    "the gradebook, other submissions, the course folder",
    "a daemon that waits for the next submission",
    "os._exit in a cell",
    "lone surrogates and NUL",
    "an exception whose text is a page",
)
SHAPE = ("scripts in outputs", "scripts printed and raised", "a thousand points", "graded cells of its own")


def cheats(words: dict[str, str]) -> dict[str, bytes]:
    """What the cheats hand in, by their names: none of it earns all the points."""
    found = [case for case in blocks("attacks", words) if case.name.startswith(CODE)]
    found += [case for case in notebooks.cases() if case.name.startswith(SHAPE)]
    guard = f"import os\nassert not os.path.exists({words['CANARY']!r}), 'outside of the sandbox'"
    names = [
        "<img src=x onerror=alert(1)>",
        "=1+HYPERLINK(1)",
        "--help",
        "-rf",
        "a b",
        "dots..",
        "ünïcode",
        "'; DROP TABLE grade; --",
    ]
    names += [f"cheat{k}" for k in range(len(found))]
    return {
        name: handed_in.edited(case, lambda notebook: first(without_plot(notebook), guard)).content
        for name, case in zip(names, found, strict=False)
    }


def links_and_devices(submitted: Path, arena: Arena) -> dict[str, float]:
    """Files that are none, and what each may earn."""

    def folder(name: str) -> Path:
        (submitted / name / NAME).mkdir(parents=True)
        return submitted / name / NAME

    (folder("link-to-ada") / FILE).symlink_to(submitted / "ada" / NAME / FILE)
    (folder("link-to-a-secret") / FILE).symlink_to(arena.canary)
    (folder("link-to-zero") / FILE).symlink_to("/dev/zero")
    (submitted / "link-to-a-folder").mkdir()
    (submitted / "link-to-a-folder" / NAME).symlink_to(submitted / "ada" / NAME)
    os.mkfifo(folder("pipe") / FILE)
    (folder("directory") / FILE).mkdir()
    with (folder("sparse") / FILE).open("wb") as file:
        file.truncate(1 << 40)
    with zipfile.ZipFile(folder("bomb") / f"{NAME}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FILE, b"[" * 500_000_000)
        archive.writestr("../../../ada.ipynb", solved())
    beside = folder("modules-beside")
    for name in ("numpy", "json", "adcourse", "sitecustomize", "nbgrader_config", "conftest"):
        (beside / f"{name}.py").write_text(f"open({str(arena.canary) + '.beside'!r}, 'w')\n")
    (beside / FILE).write_bytes(solved())
    return {"modules-beside": FULL, "bomb": FULL}  # what is in an archive counts, wherever it wants to go


def hand_in(course: Path, handed: dict[str, bytes]) -> None:
    for student, content in handed.items():
        folder = course / "build" / "submitted" / student / NAME
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(content)


def scores(course: Path) -> dict[str, float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'build' / 'gradebook.db'}") as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions(NAME)}


def kept(course: Path, student: str) -> tuple[dict, str]:
    """What an honest student gets: the report without its times, and the notebook that is shown."""
    (report,) = json.loads((course / "build" / "marking" / NAME / "reports" / f"{student}.json").read_text())
    report.pop("seconds")
    return report, (course / "build" / "autograded" / student / NAME / FILE).read_text()


def state(course: Path) -> dict[str, str]:
    """All that grading has no business to change."""
    files = [path for part in ("solutions", "exercises", "build/submitted") for path in (course / part).rglob("*")]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 30
    }


def test_the_honest_have_what_they_have_without_the_cheats(folder, tmp_path):
    arena = Arena(tmp_path / "arena")
    nbgrader(folder, "generate_assignment", NAME)
    hand_in(folder, honest())
    adcourse(folder, "grade", "ps01", "--workers", "1")
    before = {student: kept(folder, student) for student in honest()}
    assert scores(folder) == {"ada": FULL, "bo": 4, "cleo": FULL, "dmitri": FULL}

    cheating = cheats(arena.words | {"COURSE": str(folder)})
    assert len(cheating) > 10
    hand_in(folder, cheating)
    may = links_and_devices(folder / "build" / "submitted", arena)
    hand_in(folder, {"new\nline": solved(), "x\x1b[2J": solved()})  # these two can't be entered, and it says so
    files, processes = state(folder), children()
    said = adcourse(folder, "grade", "ps01", "--workers", "2", "--again", code=1)

    assert {student: kept(folder, student) for student in honest()} == before
    assert state(folder) == files
    assert "\x1b" not in said.replace("\x1b[A", "")
    assert "new" in said and "x?[2J" in said
    found = scores(folder)
    most = sum(cell.points for cell in frame(NAME).tests)
    assert most == FULL
    for student in set(found) - set(honest()):
        assert found[student] == may.get(student, found[student] if student in cheating else 0), student
        assert found[student] < FULL or student in may, student
    assert {"new\nline", "x\x1b[2J"}.isdisjoint(found)
    assert set(found) >= set(cheating)

    assert arena.state() == arena.before
    assert not children() - processes
    assert not arena.visits
    arena.close()
    shutil.rmtree(folder / "build" / "submitted" / "sparse")
