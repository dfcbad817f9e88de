"""binder/: pins that fit pyproject.toml, files that repo2docker accepts, lectures that arrive without a new image.

.ci/binder_steps runs the steps of the image.
"""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.browser.lab import Lab
from tests.git import shell

ON_UNIX = pytest.mark.skipif(os.name == "nt", reason="repo2docker runs on Linux and macOS")
LECTURE = "lectures/06_reverse_mode.ipynb"
COPY = """
import sys
from repo2docker.contentproviders import Git
list(Git().fetch({"repo": sys.argv[1], "ref": sys.argv[2]}, sys.argv[3]))
"""


@pytest.fixture(scope="module")
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def pins(repository) -> dict[str, str]:
    """Package -> the one version that binder/requirements.txt allows."""
    lines = (repository / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    pins = {}
    for requirement in found:
        (specifier,) = requirement.specifier
        assert specifier.operator == "==" and "*" not in specifier.version, f"{requirement} is not pinned"
        pins[canonicalize_name(requirement.name)] = specifier.version
    assert len(pins) == len(found), "a package is pinned twice"
    return pins


def test_every_base_dependency_is_pinned_to_a_version_the_package_allows(project, pins):
    for requirement in map(Requirement, project["dependencies"] + project["optional-dependencies"]["binder"]):
        name = canonicalize_name(requirement.name)
        if name != "jupyterlab":
            assert name in pins, f"{name} is missing: run `python binder/pin.py`"
            assert pins[name] in requirement.specifier, f"{name}=={pins[name]} does not satisfy {requirement}"


def test_the_image_keeps_its_own_jupyterlab(pins):
    assert not {"jupyterlab", "notebook", "jupyter-server", "adcourse"} & set(pins)


def test_pins_are_what_the_command_writes(repository, pins):
    """Nothing is pinned by hand: pin.py, run here, names every package (its versions are this environment's)."""
    code = "import runpy; print(runpy.run_path('binder/pin.py')['requirements']())"
    run = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    written = {line.partition("==")[0] for line in run.stdout.splitlines() if "==" in line}
    assert {"numpy", "mpmath", "nbgitpuller", "sqlalchemy"} <= written & set(pins)
    assert "jupyterlab" not in written


def test_python_of_the_image(repository, project):
    name, _, version = (repository / "binder" / "runtime.txt").read_text().strip().partition("-")
    assert name == "python"
    assert Requirement(f"python{project['requires-python']}").specifier.contains(version)


def test_post_build_can_be_executed(repository):
    post_build = repository / "binder" / "postBuild"
    assert os.access(post_build, os.X_OK)
    assert post_build.read_bytes().startswith(b"#!")


@ON_UNIX
def test_repo2docker_accepts_the_repository(repository):
    options = ["--no-build", "--debug", "--user-id=1000", "--user-name=me"]
    command = [sys.executable, "-m", "repo2docker", *options, "."]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120)
    steps = run.stdout + run.stderr
    assert run.returncode == 0, steps
    assert "python=3.11" in steps
    # The pinned packages come before the copy of the repository, so that a new lecture doesn't build them again.
    pinned = steps.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    copied = steps.index("COPY --chown=1000:1000 src/ ${REPO_DIR}")
    assert pinned < copied < steps.index("RUN ./binder/postBuild")


class Origin:
    """The course as binder/README.md has it published for students: a source archive, its host a folder."""

    def __init__(self, files, folder, repository):
        self.work, self.host = shutil.copytree(files, folder / "work"), folder / "host"
        page = (repository / "binder" / "README.md").read_text(encoding="utf-8")
        (self.push,) = re.findall(r"^ *(git push .*refs/heads/environment\")$", page, re.M)
        host = f"git init -q --bare -b main {self.host} && git init -q -b main && git remote add origin {self.host}"
        shell(host, self.work)
        self.image = self.publish()

    def publish(self) -> str:
        """Commit and push, then as the page says the image's branch. Returns the commit that Binder builds."""
        shell(f"git add -A && git commit -qm change && git push -q origin HEAD:main && {self.push}", self.work)
        return shell("git ls-remote origin environment", self.work).split()[0]

    def head(self) -> str:
        return shell("git rev-parse HEAD", self.work)


@pytest.fixture
def origin(sdist, tmp_path, repository):
    return Origin(sdist, tmp_path, repository)


def append(file, text):
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


@ON_UNIX
def test_what_moves_the_image(origin):
    for name in ("binder/requirements.txt", "binder/postBuild", "pyproject.toml", "CHANGELOG.md"):
        append(origin.work / name, "# changed\n")
        before, origin.image = origin.image, origin.publish()
        assert origin.image == origin.head() != before, name


@ON_UNIX
def test_an_edited_lecture_arrives_and_the_image_stays(origin, repository, tmp_path):
    """repo2docker's own copy of what Binder's link names; a server in it, where nbgitpuller does what the link says."""
    lecture = origin.work / LECTURE
    lecture.write_text(lecture.read_text(encoding="utf-8").replace("Reverse mode", "Mode reversed"), encoding="utf-8")
    assert origin.publish() == origin.image
    append(origin.work / "adcourse/core/tape.py", "# mended\n")
    assert origin.publish() == origin.image != origin.head()

    links = runpy.run_path(str(repository / "binder" / "links.py"))["links"]
    link = urlsplit(links({"Repository": f"file://{origin.host}"}, LECTURE)["Binder"])
    *_, address, branch = link.path.split("/")
    home, pulled = tmp_path / "home", tmp_path / "home" / LECTURE
    subprocess.run([sys.executable, "-c", COPY, unquote(address), branch, home], check=True, capture_output=True)
    assert "Mode reversed" not in pulled.read_text(encoding="utf-8")
    (home / "lectures" / "mine.ipynb").write_text("a visitor's own")

    page, _, asked = parse_qs(link.query)["urlpath"][0].partition("?")
    asked = {name: value for name, (value,) in parse_qs(asked).items()}
    with Lab(tmp_path, root=home) as lab:

        def get(path, **query):
            query = urlencode({**query, "token": lab.token})
            with urllib.request.urlopen(f"{lab.url}/{path}?{query}", timeout=60) as answer:
                return answer.read().decode()

        shown = dict(re.findall(r'data-(\w+)="([^"]*)"', get(page, **asked)))
        assert unquote(shown["path"]) == f"lab/tree/{LECTURE}"  # which it opens after having asked, as here,
        said = get(f"{page}/api", repo=unquote(shown["repo"]), targetpath=shown["targetpath"]).strip().splitlines()
        assert json.loads(said[-1].removeprefix("data: ")) == {"phase": "finished"}, said
        assert "Mode reversed" in get(f"api/contents/{LECTURE}")
    assert (home / "adcourse/core/tape.py").read_text(encoding="utf-8").endswith("# mended\n")
    assert (home / "lectures" / "mine.ipynb").read_text() == "a visitor's own"
