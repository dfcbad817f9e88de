"""What a submission could leave on the machine, and what waits for it there: all of it marked with a word of its own,
so that nothing else that happens on the machine is mistaken for it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import site
import socket
import sys
import sysconfig
import threading
from pathlib import Path

import adcourse


class Arena:
    """A course folder with secrets, listening ports, and the places to look at afterwards."""

    def __init__(self, folder: Path):
        self.token = f"h{secrets.token_hex(5)}"
        self.course, self.canary = folder / "course", folder / "canaries" / self.token
        (self.course / "build" / "submitted").mkdir(parents=True)
        self.canary.parent.mkdir()
        self.canary.write_text("here")
        (self.course / "build" / "gradebook.db").write_bytes(b"not to be touched")
        (self.course / "nbgrader_config.py").write_text("# not to be read\n")
        self.visits: list[str] = []
        self.servers = [socket.create_server(("127.0.0.1", 0))]
        self.servers += [self._local(f"\0{self.token}"), self._local(f"{self.canary}.sock")]
        for server in self.servers:
            threading.Thread(target=self._wait, args=(server,), daemon=True).start()
        with socket.create_server(("", 0)) as free:
            self.free = free.getsockname()[1]
        self.before = self.state()

    @staticmethod
    def _local(name: str) -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.bind(name)
        server.listen()
        return server

    def _wait(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                server.accept()
                self.visits.append(str(server.getsockname()))

    @property
    def words(self) -> dict[str, str]:
        """What the attacks are told: as much as an insider would know."""
        return {
            "TOKEN": self.token,
            "CANARY": str(self.canary),
            "COURSE": str(self.course),
            "HOSTPID": str(os.getpid()),
            "PORT": str(self.servers[0].getsockname()[1]),
            "LISTEN": str(self.free),
        }

    def close(self) -> None:
        for server in self.servers:
            server.close()

    # --- what can be seen ------------------------------------------------------------------------------------------

    def state(self) -> dict[str, object]:
        """Everything that must be the same afterwards."""
        return {
            "files of this name": self._files(),
            "the course": self._contents(self.course) + self._contents(self.canary.parent),
            "packages": self._packages(),
            "processes": self._processes(),
            "open ports": self._ports(),
            "named sockets": self._sockets(),
            "shared memory": self._segments(),
        }

    def _files(self) -> list[str]:
        folders = ["/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/etc", "/etc/cron.d", "/etc/profile.d"]
        folders += [
            "/usr/lib",
            "/lib",
            "/box",
            "/box/tmp",
            Path.home(),
            Path.home() / ".ipython/profile_default/startup",
        ]
        folders += [Path.home() / ".config", Path.home() / ".cache/matplotlib", sys.prefix, sys.base_prefix, Path.cwd()]
        folders += [*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path("stdlib")]
        folders += [Path(adcourse.__file__).parent, Path(adcourse.__file__).parent / "__pycache__"]
        found = []
        for folder in folders:
            with contextlib.suppress(OSError):
                found += [f"{folder}/{name}" for name in os.listdir(folder) if self.token in name]
        return found

    @staticmethod
    def _contents(folder: Path) -> list[tuple[str, str]]:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return [(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]

    @staticmethod
    def _packages() -> list[tuple[str, int, int]]:
        """Sizes and times of what the attacks would poison."""
        import IPython
        import matplotlib
        import numpy

        found = []
        for module in (numpy, IPython, matplotlib):
            home = Path(module.__file__).parent
            for path in (home, *home.glob("*.py"), *(home / "__pycache__").glob("*")):
                found.append((str(path), path.stat().st_size, path.stat().st_mtime_ns))
        sources = sorted(Path(adcourse.__file__).parent.rglob("*.py"))
        return [*found, *((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sources)]

    def _processes(self) -> list[str]:
        """Those that bear the name, and those that descend from this process in namespaces of their own."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.token.encode() in (folder / "cmdline").read_bytes() + (folder / "comm").read_bytes():
                    found.append(str(folder))
        return found

    def _ports(self) -> list[str]:
        wanted = f":{self.free:04X}"
        lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
        return [line for line in lines if line.split()[1].endswith(wanted)]

    def _sockets(self) -> list[str]:
        lines = Path("/proc/net/unix").read_text().splitlines()
        return sorted({line.split()[-1] for line in lines if self.token in line})

    @staticmethod
    def _segments() -> list[str]:
        return [line for line in Path("/proc/sysvipc/shm").read_text().splitlines() if line.split()[0] == str(0x4ADC)]


def children(pid: int | None = None) -> set[int]:
    """All that descend from a process, but multiprocessing's own helper."""
    pid, parents = pid or os.getpid(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"resource_tracker" not in (folder / "cmdline").read_bytes():
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}
