"""The sandbox around the server: what of this machine exists inside, and how it is started.

bubblewrap does it (bwrap(1)): no network, process numbers of its own, and a file system that holds the system's
programs, this environment and the package `adcourse`, all read-only, and nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
import threading
from pathlib import Path

import adcourse
from adcourse.grading.marking.compartment import BOX

PACKAGE = Path(adcourse.__file__).parent
_HIDDEN = PACKAGE / "grading" / "problems"  # judges, expected numbers, known mistakes
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_ETC = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime", "/etc/fonts")
_PARTS = ("bin", "lib", "lib32", "lib64", "share", "pyvenv.cfg")  # of an environment: it may lie in a course's folder


def environment() -> list[Path]:
    """The files and folders that this Python is made of, as it calls them and as they are really called."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    prefixes |= {str(Path(os.path.realpath(sys.executable)).parent.parent)}
    prefixes |= {str(Path(program).parent.parent) for program in _links(sys.executable)}
    paths = {Path(prefix, part) for prefix in prefixes for part in _PARTS}
    packages = {Path(folder) for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")}
    packages |= {Path(folder) for folder in [*site.getsitepackages(), *sysconfig.get_paths().values()]}
    packages |= {Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("platstdlib"))}
    paths |= {folder for folder in packages if folder.name in ("site-packages", "dist-packages")}
    paths |= {PACKAGE}
    paths |= {Path(os.path.realpath(path)) for path in paths}
    return sorted(path for path in paths if path.exists() and path.is_absolute())


def _links(path: str) -> list[str]:
    """A path and all that it leads through."""
    seen = [path]
    while os.path.islink(seen[-1]) and len(seen) < 20:
        seen.append(os.path.join(os.path.dirname(seen[-1]), os.readlink(seen[-1])))
    return [os.path.normpath(path) for path in seen]


def import_path(paths: list[Path]) -> list[str]:
    """What of ``sys.path`` is there inside, with this package's own folder (in which nothing else will be)."""
    inside = [*map(Path, _SYSTEM), *paths]
    kept = [p for p in sys.path if p and any(Path(p).is_relative_to(folder) for folder in inside)]
    zipped = [p for p in sys.path if p.endswith(".zip") and p not in kept and Path(p).is_file()]
    return list(dict.fromkeys([*kept, *zipped, str(PACKAGE.parent)]))


def mounts(paths: list[Path], hidden: list[Path]) -> list[tuple[str, str]]:
    """(what, where) in the order in which to mount: a folder before what lies in it. A hidden one is empty."""
    there: dict[str, str] = {"/tmp": "tmp"}
    for name in (*_SYSTEM, *_ETC):
        if os.path.islink(name):
            there[name] = "--symlink"
        elif os.path.exists(name):
            there[name] = "--ro-bind"
    for path in paths:
        bound = any(str(path).startswith(f"{name}/") for name, how in there.items() if how == "--ro-bind")
        if not bound or any(path.is_relative_to(folder) for folder in hidden):
            there[str(path)] = "--ro-bind"
    for folder in hidden:
        if any(folder.is_relative_to(name) for name, how in there.items() if how == "--ro-bind"):
            there.setdefault(str(folder), "--tmpfs")
    for name in list(there):
        for folder in Path(name).parents:
            bound = (other for other, how in there.items() if how == "--ro-bind")
            if str(folder) not in {"/", *there} and not any(folder.is_relative_to(other) for other in bound):
                there[str(folder)] = "--dir"  # bubblewrap would make it for its owner alone
    return sorted(((how, name) for name, how in there.items()), key=lambda mount: (mount[1].count("/"), mount[1]))


def bubblewrap() -> str | None:
    return shutil.which("bwrap") if sys.platform == "linux" else None


def _wrapped(mode: str, hidden: list[Path], settings: dict) -> list[str]:
    command = [bubblewrap(), "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try"]
    command += ["--hostname", "sandbox", "--new-session", "--clearenv"]
    # prctl(2), PR_SET_PDEATHSIG: what counts as the parent is the thread that started this. Where that could end
    # before the process does, the closed sockets alone end the server.
    if threading.current_thread() is threading.main_thread():
        command += ["--die-with-parent"]
    if os.getuid() == 0:
        # No user namespace, so that what lies in folders for root alone can be mounted; the server gives its rights up.
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        settings["uid"] = [64000 + os.getpid() % 1000, 65534]
    else:
        command += ["--unshare-user"]
    if mode == "single":
        command += ["--as-pid-1", "--cap-add", "CAP_SYS_CHROOT"]
    there = mounts(environment(), hidden)
    settings["below_tmp"] = [name for how, name in there if how != "--dir" and name.startswith("/tmp/")]
    for top in ("", BOX):
        command += ["--perms", "0755", "--dir", BOX] if top else []
        for how, name in there:
            if how == "--symlink":
                command += [how, os.readlink(name), top + name]
            elif how == "tmp":
                command += ["--perms", "1777", "--size", str(settings["disk"]), "--tmpfs", top + name]
            elif how == "--dir":
                command += ["--perms", "0755", how, top + name]
            elif how == "--tmpfs":
                command += ["--perms", "0755", how, top + name, "--remount-ro", top + name]
            else:
                command += [how, name, top + name]
        command += ["--dev", f"{top}/dev", "--remount-ro", f"{top}/dev"]  # its /dev/shm is memory
    command += ["--proc", "/proc", "--chdir", "/tmp", "--remount-ro", "/"]
    for name, value in _variables("/tmp").items():
        command += ["--setenv", name, value]
    return command


def _variables(folder: str) -> dict[str, str]:
    return {
        "HOME": folder,
        "TMPDIR": folder,
        "MPLCONFIGDIR": folder,
        "IPYTHONDIR": folder,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "student",
        "LOGNAME": "student",
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",  # the order of a set is the same for everybody
        **{f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB")},
    }


def start(mode: str, settings: dict, door, folder: str, hidden: list[Path], log) -> subprocess.Popen:
    """Start the server in ``mode`` ("nested", "single" or "bare"); graders come in by ``door``, a socket."""
    paths = environment()
    settings = settings | {"mode": mode, "door": door.fileno(), "path": import_path(paths)}
    settings |= {"uid": [], "below_tmp": []}
    command = [] if mode == "bare" else _wrapped(mode, [_HIDDEN, *hidden], settings)
    settings["folder"] = folder if mode == "bare" else "/tmp"
    code = (
        "import json, sys; settings = json.loads(sys.argv[1]); sys.path[:] = settings['path']; "
        "from adcourse.grading.marking.server import main; main(settings)"
    )
    return subprocess.Popen(
        [*command, sys.executable, "-P", "-s", "-B", "-c", code, json.dumps(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        pass_fds=[door.fileno()],
        env=_variables(folder) if mode == "bare" else {"PATH": os.environ.get("PATH", "")},
        cwd=folder if mode == "bare" else "/",
        start_new_session=mode == "bare",
    )


def private_folder() -> str:
    return tempfile.mkdtemp(prefix="adcourse-")
