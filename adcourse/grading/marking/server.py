"""The process that has everything imported, and forks a session for each submission. It runs no student's code."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import signal
import socket
import sys
import time
import warnings
from typing import NoReturn

from adcourse.grading.marking import compartment
from adcourse.grading.marking.wire import Channel, Closed, Late, pack_words, unpack_words


def main(settings: dict) -> NoReturn:
    """``settings`` come from the grader, see `sandbox.start`."""
    control = Channel(socket.socket(fileno=settings["control"]))
    code = 1
    try:
        settings["last"] = compartment.last_number()
        if settings["mode"] == "single":  # one session to a sandbox: this process will be its number 1
            compartment.enter_box()
        if settings["uid"]:
            _lower(settings["uid"])
        if sys.platform == "linux":
            compartment.unreadable()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        server = Server(control, settings)
        control.send(b"R", pack_words(refused=server.refused))
        os.dup2(0, 2)  # what went wrong at the start was told there; from now on nothing is
        server.serve()
        code = 0
    except Closed:
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        if settings["mode"] == "bare":  # the grader does it too, unless it was killed
            shutil.rmtree(settings["folder"], ignore_errors=True)
        os._exit(code)


def _lower(uids: list[int]) -> None:
    for uid in uids:
        with contextlib.suppress(OSError):
            compartment.become(uid)
            return
    raise SystemExit("root has no other user's number to give")


def preload(names: list[str]) -> None:
    """Import, once and for all submissions, what notebooks use. What isn't installed is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            with contextlib.suppress(ImportError):
                module = importlib.import_module(name)
                for public in getattr(module, "__all__", ()) if name == "adcourse" else ():
                    with contextlib.suppress(ImportError):
                        getattr(module, public)


def stand_in() -> None:
    """The problems are not here. ``check`` says yes without looking where ``asking.REMOTE`` is set: an
    ``assert adcourse.check(...)`` in an answer must not cost anything."""
    from adcourse.grading import asking, engine

    asking.REMOTE = _not_now
    engine.examine = engine.check


def _not_now(*args):
    raise RuntimeError("this function can only be called while its question is put")


class Server:
    def __init__(self, control: Channel, settings: dict):
        self.control, self.settings, self.mode = control, settings, settings["mode"]
        gc.disable()  # importing makes much and throws nothing away
        from adcourse.grading.marking import session, shell

        self.session, self.fork = session, shell.fork
        preload(settings["preload"])
        stand_in()
        self.shell = shell.Shell(settings["folder"])
        with contextlib.suppress(Exception):
            self.shell.run_line_magic("matplotlib", "inline")
        shell.refuse_programs()
        gc.collect()
        gc.freeze()  # a collection in a fork would copy every page that it looks at
        gc.enable()
        self.mapped, self.resident = compartment.mapped(), compartment.resident()
        self.numbers = settings["last"]
        self.refused = self.trial() if self.mode == "nested" else ""

    def trial(self) -> str:
        """Why there can be no compartments within the sandbox, or ""."""
        out, into = os.pipe()
        pid = self.fork()
        if pid == 0:
            try:
                compartment.unshare(1 << 20, self.settings["below_tmp"])
                if self.fork() == 0:
                    compartment.drop_rights()
                    with open("/tmp/trial", "w") as file:
                        file.write("x")
                    os.write(into, b"ok")
                    os._exit(0)
                os.wait()
            except BaseException as error:
                os.write(into, str(error).encode())
            os._exit(0)
        os.close(into)
        os.waitpid(pid, 0)
        said = os.read(out, 1000).decode(errors="replace")
        os.close(out)
        return "" if said == "ok" else said or "no reason was given"

    def serve(self) -> None:
        while True:
            _, _, fds = self.control.receive_with_fds(2)
            if self.mode == "single":  # this process is number 1 already, and serves one submission
                self.control.close()
                self.keep(*map(self.opened, fds))
            pid = self.fork()
            if pid == 0:
                self.control.close()
                self.compartment(*map(self.opened, fds))
            for fd in fds:
                os.close(fd)
            self.until_over(pid)

    @staticmethod
    def opened(fd: int) -> socket.socket:
        return socket.socket(fileno=fd)

    def until_over(self, pid: int) -> None:
        """Until the session is over, or the grader says that it is; then nothing of it is left."""
        while True:
            try:
                self.control.receive(time.monotonic() + 0.1)
                break
            except Late:
                self.watch(pid)
            except Closed:  # the grader is gone, and so is its other socket, to the session
                break
        patience = time.monotonic() + 5  # its number 1 has seen its socket closed
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            time.sleep(0.0005)
            if time.monotonic() > patience:
                os.kill(pid, signal.SIGKILL)
        self.control.send(b"E")

    def watch(self, pid: int) -> None:
        """RLIMIT_AS is for each process. Where all of a session take too much together, the youngest has to go."""
        used = compartment.descendants(pid)
        if sum(max(size - self.resident, 0) for size in used.values()) > 3 * self.settings["memory"] > 0:
            with contextlib.suppress(OSError):
                os.kill(max(used), signal.SIGKILL)

    def compartment(self, keeper: socket.socket, first: socket.socket) -> NoReturn:
        try:
            if self.mode == "nested":
                compartment.dies_with_parent()
                compartment.unshare(self.settings["disk"], self.settings["below_tmp"])
                pid = self.fork()
                if pid:
                    keeper.close()
                    first.close()
                    os.waitpid(pid, 0)
                    os._exit(0)
                compartment.dies_with_parent()
                os.setsid()  # kill(2) with 0 takes the process group, and no namespace bounds that one
            else:
                os.setsid()
                compartment.adopts_orphans()
            self.keep(keeper, first)
        finally:
            os._exit(1)

    def keep(self, keeper: socket.socket, first: socket.socket) -> NoReturn:
        """Number 1 of a session: when it ends, the kernel ends all of them (pid_namespaces(7)). Signals from within do
        not reach it, and it can't be traced; it sees to it that nothing goes on that should not."""
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's own handler would let it through
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whatever ends leaves no zombie (wait(2))
            if self.mode != "bare":
                compartment.drop_rights()
            compartment.refuse_calls()
            if self.fork() == 0:
                keeper.close()
                self.first(first)
            first.close()
            channel = Channel(keeper)
            channel.send(b"H")
            while True:
                _, body = channel.receive()
                compartment.sweep(set(unpack_words(body)["keep"]), self.fork, self.numbers, self.mode == "bare")
                channel.send(b"H")
        except Closed:
            pass
        finally:
            if self.mode == "bare":
                compartment.sweep(set(), self.fork, self.numbers, True)
            os._exit(0)

    def first(self, sock: socket.socket) -> NoReturn:
        """The checkpoint before the first cell."""
        try:
            settings = self.settings
            compartment.limit(
                settings["memory"] and settings["memory"] + self.mapped,
                settings["disk"],
                settings["processes"],
                settings["cpu"],
            )
            keep = sock.fileno()
            os.closerange(3, keep)
            os.closerange(keep + 1, 1024)
            if self.mode == "bare":
                os.chdir(settings["folder"])
            sys.path.insert(0, "")
            self.session.serve(
                self.shell, sock, self.session.Settings(*(settings[name] for name in self.session.Settings._fields))
            )
        finally:
            os._exit(1)
