"""The process that has everything imported, and forks a session for each submission. It runs no student's code.

Several graders share it. Each gets in by the server's one door, a socket: it hands over the end of a socket of its own,
is greeted there, and asks there for one session after the other.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import time
import warnings
from dataclasses import dataclass
from typing import NoReturn

from adcourse.grading.marking import compartment
from adcourse.grading.marking.wire import Channel, Closed, pack_words, unpack_words


def main(settings: dict) -> NoReturn:
    """``settings`` come from the grader, see `sandbox.start`."""
    door = Channel(socket.socket(fileno=settings["door"]))
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
        server = Server(door, settings)
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
    """Import, once and for all submissions, what notebooks use: modules, and names that load when they are first asked
    for, such as `adcourse.grad`. What isn't installed is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            with contextlib.suppress(ImportError, AttributeError):
                pkgutil.resolve_name(name)


# What IPython and the questions would import later, in each session anew.
LATER = ("bdb", "IPython.core.logger", "cloudpickle", "numpy.random", "adcourse.grading.alarms")


def stand_in() -> None:
    """The problems are not here. ``check`` says yes without looking where ``asking.REMOTE`` is set: an
    ``assert adcourse.check(...)`` in an answer must not cost anything."""
    from adcourse.grading import asking, engine

    asking.REMOTE = _not_now
    engine.examine = engine.check


def _not_now(*args):
    raise RuntimeError("this function can only be called while its question is put")


@dataclass
class Grader:
    """One of those that ask for sessions, and the process of its session, if it has one."""

    control: Channel
    pid: int = 0
    patience: float = 0.0  # until when a session that should be over may take to end; 0: it may go on
    gone: bool = False


class Server:
    def __init__(self, door: Channel, settings: dict):
        self.door, self.settings, self.mode = door, settings, settings["mode"]
        self.graders: list[Grader] = []
        gc.disable()  # importing makes much and throws little away
        from adcourse.grading.marking import session, shell

        self.session, self.fork = session, shell.fork
        preload([*settings["preload"], *LATER])
        stand_in()
        self.shell = shell.Shell(settings["folder"])
        with contextlib.suppress(Exception):
            self.shell.run_line_magic("matplotlib", "inline")
        shell.refuse_programs()
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
        """Until nobody is left who asks for sessions, or could come in."""
        look = 0.0
        while self.door or self.graders:
            busy, ending = (any(getattr(one, what) for one in self.graders) for what in ("pid", "patience"))
            asking = {one.control.sock: one for one in self.graders if not one.gone}
            sockets = [*asking, *([self.door.sock] if self.door else [])]
            for sock in select.select(sockets, [], [], 0.0005 if ending else 0.1 if busy else None)[0]:
                if sock in asking:
                    self.asked(asking[sock])
                else:
                    self.knocked()
            for one in [one for one in self.graders if one.patience]:
                self.end(one)
            if busy and time.monotonic() > look:
                look = time.monotonic() + 0.1
                self.watch()

    def knocked(self) -> None:
        try:
            _, _, fds = self.door.receive_with_fds(1)
        except Closed:
            self.door.close()
            self.door = None
            return
        self.graders.append(Grader(Channel(self.opened(fds[0]))))
        with contextlib.suppress(Closed):
            self.graders[-1].control.send(b"R", pack_words(refused=self.refused))

    def asked(self, grader: Grader) -> None:
        """A session, or the end of one; after which nothing of it is left."""
        try:
            tag, _, fds = grader.control.receive_with_fds(2)
        except Closed:  # the grader is gone, and so are its other sockets, to the session
            tag, grader.gone = b"E", True
        if tag == b"E":
            grader.patience = time.monotonic() + 5  # its number 1 has seen its socket closed
            return
        if self.mode == "single":  # this process is number 1 already, and serves one submission
            self.alone()
            self.keep(*map(self.opened, fds))
        grader.pid = self.fork()
        if grader.pid == 0:
            self.alone()
            self.compartment(*map(self.opened, fds))
        for fd in fds:
            os.close(fd)

    def alone(self) -> None:
        """In a fork: what belongs to the graders is not here."""
        for channel in (self.door, *(one.control for one in self.graders)):
            if channel:
                channel.close()

    @staticmethod
    def opened(fd: int) -> socket.socket:
        return socket.socket(fileno=fd)

    def end(self, grader: Grader) -> None:
        """Say that the session is over, once it is."""
        if grader.pid and os.waitpid(grader.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > grader.patience:
                os.kill(grader.pid, signal.SIGKILL)
            return
        grader.pid, grader.patience = 0, 0.0
        if not grader.gone:
            with contextlib.suppress(Closed):
                grader.control.send(b"E")
                return
        grader.control.close()
        self.graders.remove(grader)

    def watch(self) -> None:
        """RLIMIT_AS is for each process. Where all of a session take too much together, the youngest of the larger ones
        has to go."""
        for one in self.graders:
            used = compartment.descendants(one.pid) if one.pid else {}
            used = {pid: max(size - self.resident, 0) for pid, size in used.items()}
            if sum(used.values()) > 3 * self.settings["memory"] > 0:
                with contextlib.suppress(OSError):
                    os.kill(max(pid for pid in used if used[pid] * len(used) >= sum(used.values())), signal.SIGKILL)

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
                tag, body = channel.receive()
                if tag == b"G":
                    compartment.go_on(self.mode == "bare")
                    continue
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
