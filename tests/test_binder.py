"""binder/: pins that fit pyproject.toml, and files that repo2docker itself accepts. .ci/binder_steps runs the steps."""

import os
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


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
    for requirement in map(Requirement, project["dependencies"]):
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
    assert {"numpy", "mpmath", "sqlalchemy"} <= written & set(pins)
    assert "jupyterlab" not in written


def test_python_of_the_image(repository, project):
    name, _, version = (repository / "binder" / "runtime.txt").read_text().strip().partition("-")
    assert name == "python"
    assert Requirement(f"python{project['requires-python']}").specifier.contains(version)


def test_post_build_can_be_executed(repository):
    post_build = repository / "binder" / "postBuild"
    assert os.access(post_build, os.X_OK)
    assert post_build.read_bytes().startswith(b"#!")


@pytest.mark.skipif(os.name == "nt", reason="repo2docker runs on Linux and macOS")
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
