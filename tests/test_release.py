"""Versions come from git's tags, however a copy was made; and a release is made as CONTRIBUTING.md says."""

import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from tests.git import shell

MORE = "git -C origin commit -qm more --allow-empty"
WAYS = {  # commands that make a folder `copy` of the repository `origin` -> the version that is built there
    "a clone": ("git clone -q origin copy", "9.9.9"),
    "a clone of what follows": (f"{MORE} && git clone -q origin copy", "9.9.10.dev1"),
    "an archive": ("git -C origin archive --prefix=copy/ HEAD | tar x", "9.9.9"),
    "an archive of what follows": (f"{MORE} && git -C origin archive --prefix=copy/ HEAD | tar x", "9.9.10.dev1"),
    "a clone with a tag of another kind": ("git -C origin tag 2026-week-1 && git clone -q origin copy", "9.9.9"),
    "a clone without tags": ("git clone -q --no-tags origin copy", "0.0.1.dev1"),
    "a clone of the last commit": (f'{MORE} && git clone -q --depth 1 "file://$PWD/origin" copy', "0.0.1.dev1"),
    "files alone": ("git clone -q origin copy && rm -rf copy/.git", "0.0.0"),
    "files in another repository": (
        "git init -q && git commit -qm other --allow-empty && git tag v1.0.0 && cp -r origin copy && rm -rf copy/.git",
        "0.0.0",
    ),
}


def version_of(folder: Path) -> str:
    return shell("python -m hatchling version", folder).split()[-1]


@pytest.fixture
def origin(repository, tmp_path) -> Path:
    """A git repository with the files that decide the version, at a commit with the tag v9.9.9."""
    origin = tmp_path / "origin"
    origin.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-CONTENT", ".gitattributes", ".git_archival.txt"):
        shutil.copy(repository / name, origin)
    shell("git init -q && git add . && git commit -qm first && git tag v9.9.9", origin)
    return origin


@pytest.mark.skipif(os.name == "nt", reason="the commands are for a Unix shell")
@pytest.mark.parametrize("way", WAYS)
def test_version_of_a_copy(way, origin):
    command, version = WAYS[way]
    shell(command, origin.parent)
    assert version_of(origin.parent / "copy") == version


def fits(changes: str, version: str) -> bool:
    """Whether a changelog, whose headings are versions from new to old, begins with what the commit is tagged as."""
    first, *older = re.findall(r"^## (.*)", changes, re.M)
    versions = [Version(heading) for heading in ([first] if first != "Not yet released" else []) + older]
    released = version != "0.0.0" and not Version(version).is_devrelease
    return versions == sorted(set(versions), reverse=True) and (first == version or not released)


def test_the_changelog_begins_with_what_is_released(repository):
    assert fits((repository / "CHANGELOG.md").read_text(encoding="utf-8"), version_of(repository))
    assert fits("## 1.1.0\n\n## 1.0.0\n", "1.1.0") and fits("## Not yet released\n\n## 1.0.0\n", "1.0.1.dev3")
    assert not fits("## Not yet released\n\n## 1.0.0\n", "1.1.0") and not fits("## 1.0.0\n\n## 1.1.0\n", "1.0.0")


def test_nothing_else_holds_a_version(repository, kept):
    files = [*kept("adcourse"), *kept("binder"), *kept("docs"), "pyproject.toml", "CITATION.cff", "README.md"]
    for name in files:
        text = (repository / name).read_text(encoding="utf-8")
        assert not re.search(r"""^\W*version\W*[:=]\s*["']?\d""", text, re.M | re.I), name


@pytest.mark.skipif(os.name == "nt", reason="the commands are for a Unix shell")
def test_a_release_as_contributing_says(repository, kept, tmp_path):
    """In a copy: both archives carry the tag's version and pass twine; the source makes the same wheel without git."""
    origin, copy = tmp_path / "origin", tmp_path / "copy"
    for name in (*kept("adcourse"), *kept("binder"), *kept("lectures"), *kept("exercises")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(repository / name, copy / name)
    for path in repository.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy(path, copy)
    shell(f"git init -q --bare {origin} && git init -q && git remote add origin {origin}", copy)
    changes = copy / "CHANGELOG.md"
    changes.write_text(changes.read_text(encoding="utf-8").replace("Not yet released", "9.9.9"), encoding="utf-8")
    text = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"^## Making a release\n.*?^```bash\n(.*?)^```", text, re.M | re.S)
    shell("git add . && git commit -qm release && git push -q origin HEAD:main", copy)
    said = shell(commands.replace("1.2.0", "9.9.9"), copy)
    assert said.count("PASSED") == 2
    assert shell("git ls-remote --tags origin", copy).split()[-1].startswith("refs/tags/v9.9.9")

    source, wheel = copy / "dist" / "adcourse-9.9.9.tar.gz", copy / "dist" / "adcourse-9.9.9-py3-none-any.whl"
    shutil.unpack_archive(source, tmp_path, filter="data")
    shell("python -m hatchling build -t wheel -d again", tmp_path / "adcourse-9.9.9")
    again = tmp_path / "adcourse-9.9.9" / "again" / wheel.name
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert {info.filename: info.CRC for info in first.infolist()} == {
            info.filename: info.CRC for info in second.infolist()
        }
        assert "\nVersion: 9.9.9\n" in first.read("adcourse-9.9.9.dist-info/METADATA").decode()
