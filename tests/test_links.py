"""Launch links: from the one address in pyproject.toml to README.md and every lecture, and away again."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

CASES = {
    "https://github.com/someone/a-course": {"mybinder.org": "/v2/gh/someone/a-course", "colab": "/github/someone/"},
    "https://github.com/someone/a-course.git": {"mybinder.org": "/v2/gh/someone/a-course", "colab": "/github/"},
    "https://gitlab.com/group/part/course/": {"mybinder.org": "/v2/gl/group%2Fpart%2Fcourse"},
    "https://git.example.org/x/course": {"mybinder.org": "/v2/git/https%3A%2F%2Fgit.example.org%2Fx%2Fcourse"},
}


@pytest.fixture
def copy(repository, tmp_path):
    """A copy of what has links; ``copy(address)`` writes them for it, as its user would, and returns the copy."""
    for name in ("binder", "lectures"):
        shutil.copytree(repository / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_*"))
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(repository / name, tmp_path)
    project = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")

    def write(address, browser=""):
        urls = f'[project.urls]\nRepository = "{address}"\n' + f'Browser = "{browser}"\n' * bool(browser)
        (tmp_path / "pyproject.toml").write_text(project + ("\n" + urls) * bool(address), encoding="utf-8")
        subprocess.run([sys.executable, "binder/links.py"], cwd=tmp_path, check=True)
        return tmp_path

    return write


def texts(folder):
    return {p.name: p.read_text(encoding="utf-8") for p in [folder / "README.md", *folder.glob("lectures/*.ipynb")]}


def test_what_is_committed_is_what_the_command_writes(repository):
    links = runpy.run_path(str(repository / "binder" / "links.py"))
    for path, text in links["written"](links["addresses"]()).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `python binder/links.py`"


@pytest.mark.parametrize("address", CASES)
def test_links_lead_from_every_lecture_to_itself(copy, repository, address):
    folder = copy(address, "https://someone.example.org/lite/")
    for name, text in texts(folder).items():
        place = "lectures/" + ("00_start_here.ipynb" if name == "README.md" else name)
        if name == "README.md":
            found = re.search(r"Without installing anything.*", text)[0]
        else:
            nbformat.validate(nbformat.reads(text, as_version=4))
            title, launch, after = json.loads(text)["cells"][:3]
            assert (title["id"], launch["id"]) == ("title", "launch")
            assert (after["id"] == "colab") == ("colab" in CASES[address])
            found = "".join(launch["source"])
        links = [urlsplit(link) for link in re.findall(r"\]\((\S+)\)", found)]
        assert len(links) == 1 + len(CASES[address])
        for link in links:
            kind = next((host for host in CASES[address] if host in link.netloc), None)
            if kind:
                assert link.path.startswith(CASES[address][kind])
            query = parse_qs(link.query)
            if kind == "mybinder.org":
                page, _, asked = query["urlpath"][0].partition("?")
                query = parse_qs(asked)
                repo = address.rstrip("/").removesuffix(".git")
                assert (page, query["repo"], query["targetPath"]) == ("git-pull", [repo], ["."])
                assert link.path == CASES[address][kind] + "/environment"
            opened = unquote((query.get("urlpath") or query.get("path") or [link.path])[0])
            assert opened.endswith(place) and (repository / place).exists()


def test_again_changes_nothing_and_without_an_address_they_are_gone(copy, repository):
    once = texts(copy("https://github.com/someone/a-course"))
    assert texts(copy("https://github.com/someone/a-course")) == once
    other = texts(copy("https://github.com/other/course"))
    assert not any("someone/a-course" in text for text in other.values())
    assert texts(copy("")) == texts(repository) or (repository / "pyproject.toml").read_text().count("Repository =")


def test_colab_s_cell_installs_there_and_does_nothing_here(copy):
    folder = copy("https://github.com/someone/a-course")
    (cell,) = (c for c in json.loads(texts(folder)["04_forward_mode.ipynb"])["cells"] if c["id"] == "colab")
    code = TransformerManager().transform_cell("".join(cell["source"]))

    class Shell:
        def __init__(self, name):
            self.name, self.asked = name, []

        def __str__(self):
            return f"<{self.name} object>"

        def run_line_magic(self, name, line):
            self.asked.append(f"{name} {line}")

    for name, asked in {
        "ipykernel.zmqshell.ZMQInteractiveShell": [],
        "google.colab._shell.Shell": ['pip install --quiet "git+https://github.com/someone/a-course"'],
    }.items():
        shell = Shell(name)
        exec(code, {"get_ipython": lambda shell=shell: shell})
        assert shell.asked == asked
