"""The server as the grader sees it: started when needed, in the best sandbox that this machine allows, and ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from adcourse.grading.marking import sandbox
from adcourse.grading.marking.wire import Closed, Garbled, Late, pair, unpack_words

_START = 120.0  # seconds; a first start may have to build caches
_OFF = "Isolation is off ({}): submissions have limits on time and memory, but can read and write this machine's files."


class Gone(Exception):
    """The server is not there any more."""


class Process:
    def __init__(self, limits, preload: Sequence[str], mode: str):
        if os.name == "nt":
            raise RuntimeError("Grading needs Linux or macOS; on Windows run it inside WSL (`wsl --install`).")
        self.limits, self.preload, self.forced = limits, list(preload), mode
        self.mode, self.isolation, self.process, self.control, self.folder = "", "", None, None, ""

    # --- start -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        if self.process and self.process.poll() is None:
            return
        self.stop()
        if not self.mode:
            self._find_mode()
        else:
            self._launch(self.mode)

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
        limits = self.limits
        self.folder = sandbox.private_folder() if mode == "bare" else ""
        self.control, inside = pair()
        settings = {
            "preload": self.preload,
            "memory": limits.memory,
            "disk": limits.disk,
            "processes": 0 if mode == "bare" else limits.processes,
            "cpu": int(limits.total) + 5,
            "cell": limits.cell,
            "output": limits.output,
        }
        with inside, tempfile.TemporaryFile() as log:
            self.process = sandbox.start(mode, settings, inside, self.folder, [Path.cwd()], log)
            inside.close()
            try:
                _, body = self.control.receive(time.monotonic() + _START)
                return unpack_words(body)["refused"]
            except (Closed, Late, Garbled) as error:
                self.stop()
                log.seek(0)
                lines = log.read()[-4000:].decode(errors="replace").strip().splitlines()
                raise Gone(lines[-1] if lines else "it said nothing") from error
            except BaseException:
                self.stop()
                raise

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
        for name in os.listdir(self.folder) if self.folder else ():
            with contextlib.suppress(OSError):
                path = os.path.join(self.folder, name)
                shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
        return True

    # --- end -------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        control, process, folder = self.control, self.process, self.folder
        self.control, self.process, self.folder = None, None, ""
        if control:
            control.close()
        if process:
            try:
                process.wait(0.5 if self.mode != "single" else 0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
