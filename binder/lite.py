"""The course as a site that runs in the browser alone: ``python binder/lite.py`` writes it to build/lite.

JupyterLite, with the lectures, the exercises and the package's wheel; its Python is Pyodide. A package that a cell
imports is fetched then, by Pyodide's list of packages. The site's own list has adcourse too, with what it uses in a
browser: so ``import adcourse`` works without a line that installs, and what else the wheel asks for, JupyterLab and
nbgrader, stays out.

Needs ``pip install -e ".[lite]"`` and a network. Visitors get Pyodide from its usual address. With ``--pyodide FOLDER``
the site has its own copy, of Pyodide's full distribution or of npm's package ``pyodide``; pure Python that is not in
that folder is added from PyPI, and what is compiled and not in it is left at the usual address.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from urllib.request import urlopen

from jupyter_core.paths import jupyter_path
from jupyterlite_pyodide_kernel.constants import (
    PYODIDE_CDN_URL,
    PYODIDE_KERNEL_PLUGIN_ID,
    PYODIDE_PYTHON_VERSION,
    PYODIDE_VERSION,
)

ROOT = Path(__file__).resolve().parent.parent
LIST = "pyodide-lock.json"
KERNEL = ["micropip", "ipython", "jedi"]  # what the kernel itself takes from the list
ADDED = {  # to the list: each with what it uses in a browser
    "adcourse": ["numpy", "sympy", "matplotlib", "tqdm", "anywidget"],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "ipywidgets": ["comm", "ipython", "traitlets"],
    "psygnal": [],
    "comm": [],
}
METADATA = {  # what the kernel writes into a notebook that it finds otherwise, so that opening one would change it
    "kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"},
    "language_info": {
        "name": "python", "version": "3.8", "mimetype": "text/x-python", "file_extension": ".py",
        "codemirror_mode": {"name": "python", "version": 3}, "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}  # fmt: skip
EXTENSIONS = ["@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager", "anywidget"]


def run(*command: object, cwd: Path = ROOT):
    """Run a module as a program; its words are shown if it fails."""
    done = subprocess.run([sys.executable, "-m", *map(str, command)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout}\n{done.stderr}")


def fetch(versions: dict[str, str], folder: Path):
    """Wheels of pure Python, from PyPI."""
    print("From PyPI:", ", ".join(versions), flush=True)
    only = ["--no-deps", "--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any"]
    names = [f"{name}=={number}" for name, number in versions.items()]
    run("pip", "download", *only, f"--python-version={PYODIDE_PYTHON_VERSION}", "--dest", folder, *names)


def found(wheel: Path, beside: str = "") -> dict[str, str]:
    """A wheel's place and check sum in the list, which lies in the folder of our wheels."""
    return {"file_name": beside + wheel.name, "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()}


def used(packages: dict) -> list[dict]:
    """The packages of the list that the course and its kernel need."""
    names, todo = set(), [*KERNEL, *ADDED]
    while todo:
        if (name := todo.pop().replace("_", "-")) not in names:
            names.add(name)
            todo += packages[name]["depends"]
    return [packages[name] for name in sorted(names)]


def package_list(work: Path, pyodide: Path | None) -> str:
    """Pyodide's list of packages with our own, whose wheels are put into ``work``."""
    print(f"Pyodide {PYODIDE_VERSION}, from {pyodide or PYODIDE_CDN_URL}", flush=True)
    ours = work / "pypi"
    run("hatchling", "build", "-t", "wheel", "-d", ours)
    fetch({name: version(name) for name in ADDED if name != "adcourse"}, ours)  # as the front end's, from here
    address = f"{PYODIDE_CDN_URL}/{LIST}"
    listed = json.loads((pyodide / LIST).read_bytes() if pyodide else urlopen(address).read())
    packages = listed["packages"]
    for package in packages.values():
        package["file_name"] = f"{PYODIDE_CDN_URL}/{package['file_name']}"
    for wheel in ours.glob("*.whl"):
        name, number = wheel.name.split("-")[:2]
        packages[name] = {
            "name": name, "version": number, "imports": [name], "depends": ADDED[name], "install_dir": "site",
            "package_type": "package", "unvendored_tests": False, **found(wheel),
        }  # fmt: skip
    if pyodide:
        copy = work / "static" / "pyodide"
        shutil.copytree(pyodide, copy, ignore=shutil.ignore_patterns("*.map", "*.ts", "*.html"))
        has = lambda package: (copy / package["file_name"].rpartition("/")[2]).exists()
        pure = [p for p in used(packages) if p["name"] not in ADDED and p["file_name"].endswith("-none-any.whl")]
        if missing := {p["name"]: p["version"] for p in pure if not has(p)}:
            fetch(missing, copy)
        for package in filter(has, packages.values()):
            package |= found(copy / package["file_name"].rpartition("/")[2], "../static/pyodide/")
    return json.dumps(listed)


def course(work: Path):
    """Put the notebooks into ``work``, and what JupyterLab is told about them."""
    for name in ("lectures", "exercises"):
        leavings = shutil.ignore_patterns(".*", "__pycache__", "adcourse-progress*")
        shutil.copytree(ROOT / name, work / "files" / name, ignore=leavings)
    for path in work.glob("files/**/*.ipynb"):
        notebook = json.loads(path.read_bytes())
        notebook["metadata"] |= METADATA
        path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    shutil.copy(ROOT / "adcourse/widgets/jupyterlab.json", work / "overrides.json")


def assemble(work: Path, site: Path, extensions: list[str] = EXTENSIONS):
    """Write the site of what is in ``work``."""
    print("JupyterLite, with", ", ".join(extensions), flush=True)
    places = [Path(place) / name for place in jupyter_path("labextensions") for name in extensions]
    places = [place for place in places if (place / "package.json").exists()]
    if missing := [name for name in extensions if not any(str(place).endswith(name) for place in places)]:
        raise SystemExit(
            f"JupyterLab's extensions {', '.join(missing)} are not installed beside {sys.executable}: no picture "
            'would come up in such a site. In a fresh environment: pip install -e ".[lite]", then this program again.'
        )
    options = ["--no-sourcemaps", "--no-unused-shared-packages", "--ignore-sys-prefix"]
    options += [f"--LiteBuildConfig.federated_extensions={place}" for place in places]
    shutil.rmtree(site, ignore_errors=True)
    run("jupyterlite_core", "build", f"--lite-dir={work}", f"--output-dir={site}", *options, cwd=work)


def build(site: Path, pyodide: Path | None):
    """Write the site."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        course(work)
        text = package_list(work, pyodide)
        mark = hashlib.sha256(text.encode()).hexdigest()  # no old list out of a browser's memory
        options = {"loadPyodideOptions": {"lockFileURL": f"./pypi/{LIST}?sha256={mark}"}}
        config = {"appName": "adcourse", "litePluginSettings": {PYODIDE_KERNEL_PLUGIN_ID: options}}
        written = {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}
        (work / "jupyter-lite.json").write_text(json.dumps(written), encoding="utf-8")
        assemble(work, site)
        (site / "pypi" / LIST).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pyodide", type=Path, metavar="FOLDER", help="a copy of Pyodide that the site shall have")
    parser.add_argument("--site", type=Path, default=ROOT / "build" / "lite", help="where to write it (build/lite)")
    given = parser.parse_args()
    build(given.site.resolve(), given.pyodide and given.pyodide.resolve())
    print(f"Done. To look at it: python -m http.server --directory {given.site}")
