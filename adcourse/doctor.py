"""``adcourse doctor``: looks at this installation as the course uses it, and says what to mend.

Each check is a generator of findings: ``(True, what is right)``, ``(None, what is missing but not needed)`` or
``(False, what is wrong, what to do)``. Nothing is changed on the machine.
"""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

import click

from . import __version__

SIGNS = {True: click.style("  ok  ", fg="green"), None: " note ", False: click.style("WRONG ", fg="red", bold=True)}
PIP = f'"{sys.executable}" -m pip install'
WAIT = 60  # seconds for a kernel; cold, on a slow disk, it takes ten


def packages():
    """Python and every package that the course needs, at a version it can use."""
    from packaging.requirements import Requirement

    own = metadata.metadata("adcourse")
    python = ".".join(map(str, sys.version_info[:3]))
    if Requirement(f"python{own['Requires-Python']}").specifier.contains(python):
        yield True, f"Python {python}, adcourse {__version__}"
    else:
        yield (
            False,
            f"Python {python} is too old or too new",
            f"make an environment with Python {own['Requires-Python']}",
        )
    needed = [
        r for r in map(Requirement, metadata.requires("adcourse")) if not r.marker or r.marker.evaluate({"extra": ""})
    ]
    wrong = []
    for requirement in needed:
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found = None
        if found is None or not requirement.specifier.contains(found, prereleases=True):
            wrong.append(str(requirement).partition(";")[0])
            have = f"{requirement.name} {found} is installed" if found else f"{requirement.name} is missing"
            yield False, f"{have}; the course needs {wrong[-1]}", f'{PIP} "{wrong[-1]}"'
    if not wrong:
        yield True, f"all {len(needed)} packages that it needs"
    extras = {"SciPy": "scipy", "scikit-learn": "sklearn"}
    absent = [name for name, module in extras.items() if not find_spec(module)]
    if absent:
        yield None, f"no {' and no '.join(absent)}: a few pages use them. {PIP} adcourse[science]"


def arrays():
    """CuPy, where there is one: arrays on a GPU."""
    try:
        cupy = import_module("cupy")
        count = cupy.cuda.runtime.getDeviceCount()
        total = float(cupy.arange(3.0).sum())
    except ModuleNotFoundError as error:
        if error.name == "cupy":
            yield None, "no CuPy: arrays stay on the processor. With an NVIDIA GPU: " + f"{PIP} adcourse[gpu]"
        else:
            yield False, f"CuPy can't be imported: {error}", f"{PIP} --force-reinstall adcourse[gpu]"
    except Exception as error:  # drivers say what they have against this machine in many ways
        words = str(error).strip().splitlines() or [type(error).__name__]
        yield (
            False, f"CuPy is installed, but a sum on the GPU failed: {words[0][:150]}",
            "see that `nvidia-smi` lists a GPU and that CuPy fits its CUDA; or uninstall CuPy: nothing else needs it",
        )  # fmt: skip
    else:
        yield total == 3.0, f"CuPy {cupy.__version__} with {count} GPU{'s' * (count != 1)}", "install CuPy again"


def lab():
    """JupyterLab, the parts in it that show pictures, and a port to serve them at."""
    from jupyter_core.paths import jupyter_path

    homes = [Path(path) for path in jupyter_path("labextensions")]
    for package, extension in {
        "jupyterlab_widgets": "@jupyter-widgets/jupyterlab-manager",
        "anywidget": "anywidget",
    }.items():
        place = next((home / extension for home in homes if (home / extension / "package.json").is_file()), None)
        if place:
            yield True, f"JupyterLab's part of {package}"
        else:
            again = f"{PIP} --force-reinstall --no-deps {package}"
            yield (
                False,
                f"JupyterLab has no part of {package}: pictures can't be shown",
                f"{again}, then reload the page",
            )
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 0))
            yield True, "a port of this machine to serve notebooks at"
        except OSError as error:
            yield False, f"no port can be opened: {error.strerror}", "allow programs to listen at 127.0.0.1 (firewall)"


def kernel():
    """The kernel that notebooks ask for runs this very environment."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_client.manager import start_new_kernel

    again = f'{PIP} --force-reinstall ipykernel, or: "{sys.executable}" -m ipykernel install --sys-prefix'
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        yield False, "there is no kernel `python3`, which the notebooks ask for", again
        return
    try:
        manager, client = start_new_kernel(startup_timeout=WAIT, kernel_name="python3", stderr=subprocess.DEVNULL)
    except Exception as error:  # whatever its command does
        words = f"the kernel `python3` doesn't start ({spec.argv[0]}): {error}"
        yield False, words, f"{again}; a broken one lies in {spec.resource_dir}"
        return
    try:
        said = []
        client.execute_interactive(
            "import sys\ntry:\n    import adcourse\n    print(adcourse.__version__)\nexcept Exception as error:\n"
            "    print(repr(error))\nprint(sys.prefix)",
            timeout=WAIT, output_hook=lambda message: said.append(message["content"].get("text", "")),
        )  # fmt: skip
        answer, prefix = "".join(said).splitlines()[:2]
        if Path(prefix).resolve() != Path(sys.prefix).resolve():
            words = f"the kernel `python3` is another Python, in {prefix}; its adcourse: {answer}"
            yield False, words, f"{again}; remove {spec.resource_dir}"
        elif answer != __version__:
            yield False, f"the kernel can't import adcourse: {answer}", f"{PIP} --force-reinstall --no-deps adcourse"
        else:
            yield True, "a kernel, which imports adcourse"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def pictures():
    """An interactive picture can be made."""
    from .widgets import SweepStepper

    stepper = SweepStepper(lambda x: x * x, 3.0)
    yield stepper.adjoints["x"] == 6.0, "interactive pictures", "install adcourse again"


def grading():
    """What a teacher needs besides; students can do without."""
    programs = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    for program in ("nbgrader", "alembic"):
        if not shutil.which(program, path=programs):
            yield (
                False,
                f"the program `{program}` isn't beside this Python",
                f"{PIP} --force-reinstall nbgrader alembic",
            )
            return
    yield True, f"nbgrader {metadata.version('nbgrader')}"
    if sys.platform == "linux" and not shutil.which("bwrap"):
        yield None, "no bubblewrap: `adcourse grade` would run without its sandbox. Debian: apt-get install bubblewrap"


def folders():
    """Work can be saved here, and Jupyter can keep what it keeps."""
    from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

    wrong = False
    for what, place in {
        "this folder": Path.cwd(), "the folder of temporary files": Path(tempfile.gettempdir()),
        "the folder of Jupyter's data": Path(jupyter_data_dir()),
        "the folder of Jupyter's running servers": Path(jupyter_runtime_dir()),
    }.items():  # fmt: skip
        there = next(parent for parent in (place, *place.parents) if parent.exists())
        try:
            with tempfile.NamedTemporaryFile(dir=there, prefix=".adcourse-doctor-"):
                pass
        except OSError as error:
            wrong = True
            words = f"{what} can't be written to: {there} ({error.strerror})"
            yield False, words, "choose another folder, or have it made yours"
    if not wrong:
        yield True, f"files can be written: {Path.cwd()}"
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    if free < 0.5:
        yield False, f"only {free:.2f} GB of disk are free here", "make room: saving a notebook may fail"


CHECKS = {"packages": packages, "GPU": arrays, "JupyterLab": lab, "folders": folders, "grading": grading,
          "pictures": pictures, "kernel (starting one)": kernel}  # fmt: skip


@click.command()
def doctor():
    """Check this installation, and say what to mend.

    It looks at versions, JupyterLab's parts, the kernel, pictures, nbgrader, a GPU and folders, and changes nothing.
    It ends with 1 if something is wrong.
    """
    failed = 0
    for name, check in CHECKS.items():
        begun = time.monotonic()
        click.echo(f"{name} ...")
        try:
            findings = list(check())
        except Exception as error:  # a check that stumbles has found something too
            findings = [(False, f"{type(error).__name__}: {error}", f"{PIP} --force-reinstall adcourse")]
        for state, words, *remedy in findings:
            click.echo(f"{SIGNS[state]} {words}" + (f"\n       Do: {remedy[0]}" if state is False else ""))
            failed += state is False
        if (took := time.monotonic() - begun) > 2:
            click.echo(f"       ({took:.0f} s)")
    click.echo(
        f"{failed} thing{'s' * (failed != 1)} to mend." if failed else "Everything that the course needs is there."
    )
    sys.exit(bool(failed))
