"""The server as the grader sees it: started when needed, in the best sandbox that this machine allows, and ended."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from adcourse.grading.marking import sandbox
from adcourse.grading.marking.steps import Limits
from adcourse.grading.marking.wire import Channel, Closed, Garbled, Late, pair, unpack_words

_START = 120.0  # seconds; a first start may have to build caches
WINDOWS = "Grading needs Linux or macOS; on Windows run it inside WSL (`wsl --install`)."
_OFF = "Isolation is off ({}): submissions have limits on time and memory, but can read and write this machine's files."


class Gone(Exception):
    """The server is not there any more."""


class Server:
    """A server in ``mode``, as it starts: this does not wait for it. Graders come in by ``door``."""

    def __init__(self, limits: Limits, preload: Sequence[str], mode: str):
        self.folder = sandbox.private_folder() if mode == "bare" else ""
        self.door, inside = pair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        settings = {
            "preload": list(preload),
            "memory": limits.memory,
            "disk": limits.disk,
            "processes": 0 if mode == "bare" else limits.processes,
            "cpu": int(limits.total) + 5,
            "cell": limits.cell,
            "output": limits.output,
        }
        with inside:
            self.process = sandbox.start(mode, settings, inside, self.folder, [Path.cwd()], self._log)

    def last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read()[-4000:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def clear(self) -> None:
        """Without a sandbox, the files of a session are in a folder that the next one has too."""
        for name in os.listdir(self.folder) if self.folder else ():
            with contextlib.suppress(OSError):
                path = os.path.join(self.folder, name)
                shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)

    def stop(self, patience: float = 0.5) -> None:
        """It ends by itself when nobody can come in any more and nobody is in."""
        self.door.close()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def shareable(graders: int) -> bool:
    """Whether so many may use one server: before Linux 5.14 the processes of all sessions count together for
    RLIMIT_NPROC, and one that has taken them all leaves the others none."""
    if not sandbox.bubblewrap():
        return False
    kernel = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    return graders == 1 or kernel >= (5, 14)


class Process:
    """A grader's place at a server: at that behind ``door`` for as long as it lives, else at one of its own."""

    def __init__(self, limits: Limits, preload: Sequence[str], mode: str, door: socket.socket | None = None):
        if os.name == "nt":
            raise RuntimeError(WINDOWS)
        self.limits, self.preload, self.forced, self.door = limits, list(preload), mode, door
        self.mode, self.isolation = "", ""
        self.server: Server | None = None
        self.control: Channel | None = None

    # --- start -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        if self.control and not (self.server and self.server.process.poll() is not None):
            return
        self.stop()
        if self.door:
            door, self.door = Channel(self.door), None  # where that one fails, the next is one of our own
            with contextlib.closing(door), contextlib.suppress(Closed, Late, Garbled):
                if not self._come_in(door):
                    self.mode = "nested"
                    return
            self.stop()
        if self.mode:
            self._launch(self.mode)
        else:
            self._find_mode()

    def _find_mode(self) -> None:
        """The safest way that works here. What a way lacks is said in `isolation`."""
        reason = ""
        if self.forced in ("", "nested", "single"):
            if not sandbox.bubblewrap():
                reason = "bubblewrap, the program bwrap, is not installed"
            for mode in ("nested", "single") if not self.forced else (self.forced,):
                if reason:
                    break
                try:
                    refused = self._launch(mode)
                except Gone as error:
                    reason = f"bubblewrap can't be used here: {error}"
                    continue
                if not refused:
                    self.mode = mode
                    return
                self.stop()
            if self.forced:
                raise RuntimeError(f"submissions can't be run in mode {self.forced}: {reason or refused}")
        try:
            self._launch("bare")
        except Gone as error:
            raise RuntimeError(f"Submissions can't be run here: {error}") from error
        self.mode, self.isolation = "bare", _OFF.format(reason or "by request")

    def _launch(self, mode: str) -> str:
        """Start it; why sessions can't have compartments of their own, or ""."""
        self.server = Server(self.limits, self.preload, mode)
        try:
            refused = self._come_in(self.server.door)
            self.server.door.close()  # nobody else comes in
            return refused
        except (Closed, Late, Garbled) as error:
            said = self.server.last_words()
            self.stop()
            raise Gone(said) from error
        except BaseException:
            self.stop()
            raise

    def _come_in(self, door: Channel) -> str:
        self.control, inside = pair()
        with inside:
            door.send(b"K", fds=[inside.fileno()])
        _, body = self.control.receive(time.monotonic() + _START)
        return unpack_words(body)["refused"]

    # --- sessions --------------------------------------------------------------------------------------------------

    def session(self, keeper, first) -> None:
        """Fork a session, and hand it its sockets."""
        self.start()
        try:
            self.control.send(b"S", fds=[keeper.fileno(), first.fileno()])
        except Closed as error:
            raise Gone from error

    def session_over(self) -> bool:
        """When this returns, nothing of the session is left. False if the server had died under it."""
        if self.mode == "single":  # a server a session
            self.stop()
            return True
        try:
            self.control.send(b"E")
            self.control.receive(time.monotonic() + 10)
        except (Closed, Late, Garbled):
            self.stop()
            return False
        if self.server:
            self.server.clear()
        return True

    # --- end -------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        control, server = self.control, self.server
        self.control, self.server = None, None
        if control:
            control.close()
        if server:
            server.stop(0 if self.mode == "single" else 0.5)
