"""The IPython shell that cells run in: what they show is sent to the grader, what they can't have is refused plainly.

The refusals here are courtesy, for honest students; that a cell can do no harm is the compartment's business.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import getpass
import io
import os
import sys
import threading

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from adcourse.grading.marking.wire import Channel, Closed, pack_words

PROGRAMS = "Graded cells can't start other programs or install packages: this cell was stopped here. Delete the line."
INPUT = "Graded cells can't ask for input: nobody is there to answer. Give the value in the cell instead."
_MAGICS = (
    "sx system bash sh script pip conda mamba micromamba uv perl ruby pypy python python2 python3 cmd edit".split()
)


class Refused(PermissionError):
    """Something that a cell can't have while it is graded."""


class TimeUp(BaseException):
    """Raised in a cell that took too long. Not an Exception: ``except Exception`` must not hide it."""


class Sink:
    """Sends what a cell shows; after ``longest`` characters of text it swallows the rest."""

    def __init__(self, channel: Channel, longest: int):
        self.channel, self.left, self.lock, self.waiting, self.size = channel, longest, threading.RLock(), [], 0
        self.images, self.sending, self.open, self.cut = 16, False, True, False

    def write(self, name: str, text: str) -> None:
        if self.left <= 0:
            self.over()
            return
        text = text[: self.left]
        self.left -= len(text)
        with self.lock:
            self.waiting.append((name, text))
            self.size += len(text)
        if self.size > 8192:
            self.flush()

    def flush(self) -> None:
        with self.lock:
            waiting, self.waiting, self.size = self.waiting, [], 0
            joined: list[list[str]] = []
            for name, text in waiting:
                if joined and joined[-1][0] == name:
                    joined[-1][1] += text
                else:
                    joined.append([name, text])
            for name, text in joined:
                self.send(output_type="stream", name=name, text=text)

    def show(self, **output) -> None:
        with self.lock:
            self.flush()
            self.send(**output)

    def data(self, kind: str, data: dict, **more) -> None:
        """Plain text and pictures; the rest of what an object offers (HTML, scripts, widgets) stays here."""
        kept = {"text/plain": str(data.get("text/plain", ""))[: max(self.left, 0)]}
        self.left -= len(kept["text/plain"])
        picture = data.get("image/png")
        if picture is not None and self.images > 0:
            self.images -= 1
            raw = base64.b64decode(picture) if isinstance(picture, str) else bytes(picture)
            if len(raw) < 1 << 20:
                kept["image/png"] = base64.b64encode(raw).decode()
        self.show(output_type=kind, data=kept, **more)

    def over(self) -> None:
        if not self.cut:
            self.cut = True
            self.show(output_type="cut")

    def send(self, **output) -> None:
        if not self.open:
            return
        self.sending = True  # so that the clock does not strike in the middle of a message
        try:
            self.channel.send(b"O", pack_words(**output))
        except Closed:
            self.open = False
        finally:
            self.sending = False


class Stream(io.TextIOBase):
    """``sys.stdout`` and ``sys.stderr`` of a cell."""

    encoding = "utf-8"

    def __init__(self, shell: Shell, name: str):
        self.shell, self.name = shell, name

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.shell.sink.write(self.name, text)
        return len(text)

    def flush(self) -> None:
        pass


class Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, *args, **kwargs):
        self.shell.sink.data("display_data", data)

    def clear_output(self, wait=False):
        pass


class Hook(DisplayHook):
    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.sink.data("execute_result", format_dict, execution_count=self.prompt_count)

    def finish_displayhook(self):
        pass


def _refuse(*args, **kwargs):
    raise Refused(PROGRAMS)


class Shell(InteractiveShell):
    """One a process: made in the server, used in forks of it."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    sink: Sink

    system = system_piped = system_raw = getoutput = _refuse

    def __init__(self, folder: str):
        config = Config()
        config.HistoryManager.enabled = False
        super().__init__(config=config, ipython_dir=folder, colors="nocolor", xmode="Plain", banner1="")
        InteractiveShell._instance = Shell._instance = self  # what get_ipython() and display() find
        self.display_formatter.active_types = ["text/plain", "image/png"]
        for kind in ("line", "cell"):
            for name in {*_MAGICS, "!", "!!"} & set(self.magics_manager.magics[kind]) | set(_MAGICS):
                self.register_magic_function(_refuse, kind, name)

    def enable_gui(self, gui=None):
        """`%matplotlib inline` asks for no window."""

    def init_history(self):
        super().init_history()

    def _tee(self, channel):  # IPython would keep a second copy of all that is printed
        return contextlib.nullcontext()

    def ask_exit(self):
        pass

    def _showtraceback(self, etype, evalue, stb):
        name, said = "", ""
        with contextlib.suppress(Exception):
            name, said = str(etype.__name__), str(evalue)
        if isinstance(stb, str):
            stb = [stb]
        lines = [str(line)[:4000] for line in stb[:60]]
        self.sink.show(output_type="error", ename=name[:200], evalue=said[:1000], traceback=lines)


fork = os.fork  # as it is before cells may no longer use it


def refuse_programs() -> None:
    """Clear errors in place of odd ones. An audit hook would see more, and cost a microsecond for each change of an
    object's class and each look at a frame, which is as much as a question's own work."""
    import multiprocessing.util
    import pty
    import subprocess

    multiprocessing.util.spawnv_passfds = subprocess.Popen._execute_child = pty.spawn = _refuse
    for module in filter(None, map(sys.modules.get, ("os", os.name, "_posixsubprocess"))):  # os has them from posix
        for name in "system execv execve fork fork_exec forkpty posix_spawn posix_spawnp startfile".split():
            if hasattr(module, name):
                setattr(module, name, _refuse)

    def asks(prompt="", *args, **kwargs):
        raise Refused(INPUT)

    builtins.input = getpass.getpass = asks
