"""What tests of every part share: the processor, quiet plots, the course as a stranger would have it installed."""

import os
import random
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

collect_ignore_glob = ["tests/grading/answers/*.py"]  # students' programs, one below the other: no modules
os.environ["MPLBACKEND"] = "agg"
os.environ["ADCOURSE_PROGRESS"] = "off"  # what tests check is nobody's progress
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each test process has one processor: more threads would only wait for it
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"  # JAX is asked for a number once: compiling is all that it does
# What tests draw while they are collected has to be the same in each of the processes, and new in each run.
random.seed(os.environ.setdefault("ADCOURSE_TEST_SEED", str(random.randrange(10**9))))
# No deadline: how long an example takes says more about the machine than about the code.
# Half of hypothesis' hundred examples: each run draws new ones.
settings.register_profile("adcourse", deadline=None, print_blob=True, max_examples=50)
settings.load_profile("adcourse")


# Of these no case is left out.
WHOLE = ("::test_first_order", "::test_right_answers_pass", "tests/notebooks/", "tests/test_")


def pytest_report_header() -> str:
    return f"random draws: ADCOURSE_TEST_SEED={os.environ['ADCOURSE_TEST_SEED']}"


def everything(config) -> bool:
    """Whether no tests were named."""
    return config.args == config.getini("testpaths")


def pytest_xdist_auto_num_workers(config) -> int:
    """All tests are shared out, file by file. What is named runs here: it starts sooner, and a debugger can stop it."""
    return min(os.cpu_count() or 1, 4) if everything(config) else 0


def pytest_collection_modifyitems(config, items):
    """Of a test with ten cases or more, a run of everything draws a fifth, each time another: two processors do not run
    30,000 tests in 25 minutes. ``ADCOURSE_TESTS=all`` runs all, as does naming them. Each example of a rule of the core
    stands in sixteen such tests that draw by themselves, and first derivatives are always asked of all."""
    if not everything(config) or os.environ.get("ADCOURSE_TESTS") == "all":
        return
    cases = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    dropped = set()
    for name, found in cases.items():
        if len(found) >= 10 and not any(part in name for part in WHOLE):
            draw = random.Random(f"{os.environ['ADCOURSE_TEST_SEED']} {name}")
            dropped.update(draw.sample(found, 4 * len(found) // 5))
    config.hook.pytest_deselected(items=list(dropped))
    items[:] = [item for item in items if item not in dropped]


class ByFile(LoadFileScheduling):
    """Each file to one process; all tests with a browser to the same, for they need a second processor as it is."""

    def _split_scope(self, nodeid):
        path = super()._split_scope(nodeid)
        return "tests/browser" if path.startswith("tests/browser/") else path


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def kept(repository):
    """``kept("lectures")``: the files in a folder of the repository, without what running them leaves there."""

    def kept(folder: str) -> list[str]:
        leavings = {"__pycache__", ".ipynb_checkpoints"}
        paths = (repository / folder).rglob("*")
        return [p.relative_to(repository).as_posix() for p in paths if p.is_file() and not leavings & set(p.parts)]

    return kept


def build(target: str, folder: Path, dist: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(dist)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return next(dist.iterdir())


@pytest.fixture(scope="session")
def sdist(repository, tmp_path_factory) -> Path:
    """The source archive as it would be published, built now and unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    shutil.unpack_archive(build("sdist", repository, folder / "dist"), folder, filter="data")
    return next(folder.glob("adcourse-*"))


@pytest.fixture(scope="session")
def wheel(sdist, tmp_path_factory) -> Path:
    """The package as it would be published, built of the source archive."""
    return build("wheel", sdist, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory) -> Path:
    """The programs of a fresh virtual environment that holds the wheel and, by reference, what it depends on."""
    home = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-index", str(wheel)], check=True)
    site = sysconfig.get_path("purelib", vars={"base": str(home)})
    # A .pth file adds a folder, but reads no .pth files there: a checkout installed beside the tests stays out.
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs
