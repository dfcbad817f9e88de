"""The repository as a whole: clean notebooks, archives that carry the course and no solutions."""

import json
import re
import zipfile
from email.parser import Parser
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted(
    path
    for part in ("lectures", "solutions", "exercises")
    for path in (ROOT / part).rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)


def test_there_are_notebooks():
    assert {path.relative_to(ROOT).parts[0] for path in NOTEBOOKS} == {"lectures", "solutions", "exercises"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem if path.stem[:2].isdigit() else path.parts[-3])
def test_notebook_is_clean(path):
    """Valid nbformat 4.5 with unique cell ids, for any Python 3 kernel, and without outputs."""
    raw = json.loads(path.read_text(encoding="utf-8"))  # nbformat would mend what it reads
    assert (raw["nbformat"], raw["nbformat_minor"]) == (4, 5)
    nbformat.validate(raw, relax_add_props=False)
    ids = [cell["id"] for cell in raw["cells"]]
    assert len(set(ids)) == len(ids)
    assert raw["metadata"]["kernelspec"]["name"] == "python3"
    assert "widgets" not in raw["metadata"]
    for cell in raw["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.fixture(scope="module")
def archive(wheel):
    with zipfile.ZipFile(wheel) as archive:
        yield archive


def test_wheel_carries_the_course(archive, kept):
    """The package, every lecture and exercise, both licences; nothing else from the repository."""
    course = [f"adcourse/course/{name}" for name in kept("lectures") + kept("exercises")]
    inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    (setting,) = (name for name in inside if ".data/" in name)
    assert setting.endswith(".data/data/share/jupyter/lab/settings/overrides.d/adcourse.json")
    assert inside - {setting} == {*kept("adcourse"), *course}
    assert {"LICENSE", "LICENSE-CONTENT"} <= {name.rpartition("/")[2] for name in archive.namelist()}


def test_archives_hand_out_no_solutions(archive, sdist):
    """They are for those who have the repository."""
    inside = {path.relative_to(sdist).as_posix(): path for path in sdist.rglob("*.ipynb")}
    texts = {name: path.read_text(encoding="utf-8") for name, path in inside.items()}
    texts |= {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".ipynb")}
    assert "exercises/ps06_reverse_mode/ps06_reverse_mode.ipynb" in texts
    for name, text in texts.items():
        assert not re.search(r"(BEGIN|END)\s+(SOLUTION|HIDDEN)", text, re.I), name
        assert "solutions" not in name


def test_metadata(archive):
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = Parser().parsestr(archive.read(name).decode())
    assert metadata["License-Expression"] == "BSD-3-Clause AND CC-BY-4.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"test", "gpu", "bridges", "docs"} <= set(metadata.get_all("Provides-Extra"))
