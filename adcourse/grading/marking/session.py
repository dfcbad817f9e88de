"""A submission, inside: processes that stand still as checkpoints, and forks of them that run cells and questions.

A fork that has run a cell is the next checkpoint. All of this shares its process with a student's code, so nothing in
it is relied upon: whatever it says, or fails to say, is the loss of that submission alone.
"""

from __future__ import annotations

import mmap
import os
import pickle
import signal
import socket
import sys
import threading
import warnings
from typing import NamedTuple, NoReturn

from adcourse.grading import asking
from adcourse.grading.marking.shell import Shell, Sink, Stream, TimeUp, fork
from adcourse.grading.marking.wire import (
    FRAME,
    Channel,
    pack_call,
    pack_plain,
    pack_words,
    unpack_complaint,
    unpack_plain,
)
from adcourse.grading.plain import LIMIT, Complaint, Plain

# As they are before a student can lay hands on them: what is replaced costs whoever replaced it, not the next problem.
_exit, _run_cell, _ask, _loads = os._exit, Shell.run_cell, asking.ask, pickle.loads


class Settings(NamedTuple):
    cell: float  # seconds
    output: int  # characters
    memory: int  # bytes


def serve(shell: Shell, sock: socket.socket, settings: Settings) -> NoReturn:
    """Be a process of the session: do the one thing that this process is for, then stand as a checkpoint."""
    try:
        channel = Channel(sock, longest=1 << 30)
        while True:
            channel = _life(shell, channel, settings)
    except BaseException:  # the grader has gone, or a student's signal handler, trace function, broken builtins
        _exit(1)


def _life(shell: Shell, channel: Channel, settings: Settings) -> Channel:
    """Do what the messages say: a cell or a question, then forks. Returns in a child, with the child's channel."""
    channel.send(b"H", pack_words(pid=os.getpid()))
    while True:
        tag, body, fds = channel.receive_with_fds(1)
        if tag == b"X":
            token, _, source = body.decode().partition("\0")
            channel.send(b"D", pack_words(token=token, **_cell(shell, channel, settings, source)))
        elif tag == b"Q":
            _question(shell, channel, body)
            channel.send(b"D", pack_words())
            _exit(0)
        elif tag == b"W":
            _write(body)
        elif fork() == 0:
            channel.close()
            return Channel(socket.socket(fileno=fds[0]), longest=1 << 30)
        else:
            os.close(fds[0])


def _write(body: bytes) -> None:
    """A file that comes with the assignment."""
    name, _, content = body.partition(b"\0")
    os.makedirs(os.path.dirname(name) or b".", exist_ok=True)
    with open(name, "wb") as file:
        file.write(content)


# --- a cell --------------------------------------------------------------------------------------------------------


def _cell(shell: Shell, channel: Channel, settings: Settings, source: str) -> dict:
    sink = shell.sink = Sink(channel, settings.output)
    sys.stdout, sys.stderr = Stream(shell, "stdout"), Stream(shell, "stderr")

    def strike(*_):
        if sink.sending:  # not in the middle of a message: in a moment again
            signal.setitimer(signal.ITIMER_REAL, 0.01)
        else:
            raise TimeUp(f"this cell ran longer than {settings.cell:g} seconds")

    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, settings.cell)
    broken = False
    try:
        result = _run_cell(shell, source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        broken = error is not None and not _ours_to_tell(shell, result)
    except BaseException as raised:
        error, broken = raised, True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    for hook in (sys.settrace, sys.setprofile, threading.settrace, threading.setprofile):
        hook(None)
    with sink.lock:  # a thread that goes on has nobody to tell
        sink.flush()
        sink.open = False
    kind = "" if error is None else type(error).__name__
    status = {"": "ok", "TimeUp": "timeout", "MemoryError": "memory"}.get(kind, "broken" if broken else "error")
    if status in ("memory", "timeout") and not _room(settings.memory // 2):
        status = "full"  # nothing can go on from here
    return {"status": status, "kind": kind[:100]}


def _room(size: int) -> bool:
    try:
        mmap.mmap(-1, size).close()  # nothing is written there, so that it takes no memory
        return True
    except OSError:
        return False


def _ours_to_tell(shell: Shell, result) -> bool:
    """Whether an error comes from the cell. If not, a cell before it has broken the shell."""
    if result.error_before_exec is not None:
        return isinstance(result.error_before_exec, SyntaxError)
    trace = result.error_in_exec.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals is shell.user_ns:
            return True
        trace = trace.tb_next
    return False


# --- a question ----------------------------------------------------------------------------------------------------


def _question(shell: Shell, channel: Channel, body: bytes) -> None:
    """Ask all that the blob asks of what the student gave this name; the answers go out one by one."""
    name, _, blob = body.partition(b"\0")
    namespace = shell.user_ns
    if name.decode() not in namespace:
        channel.send(b"N")
        return
    answer = namespace[name.decode()]
    shell.sink = Sink(channel, 0)
    shell.sink.open = False
    asking.REMOTE = lambda place, args: _remote(channel, place, args)
    with warnings.catch_warnings(), asking.quiet(show=False):
        warnings.simplefilter("ignore")
        for question in _loads(blob):
            said = _said(question, answer)
            data = pack_plain(said) if isinstance(said, Plain) else b""
            if len(data) > FRAME:
                said = Complaint("the answer is far longer than was asked for", kind="form")
            if isinstance(said, Plain):
                channel.send(b"A", data)
            else:
                channel.send(b"C", pack_words(**said._asdict()))


def _said(question, answer) -> Plain | Complaint:
    try:
        return _ask(question, answer)
    except BaseException as error:  # ask lets a KeyboardInterrupt through
        return Complaint(f"your code raised {type(error).__name__[:40]}")


_ONE_AT_A_TIME = threading.Lock()


def _remote(channel: Channel, place: int, args: tuple[Plain, ...]) -> Plain:
    """The grader's function, evaluated there; it may end the question."""
    if sum(len(arg.numbers) for arg in args) > LIMIT:
        raise ValueError("f was called with far more numbers than it takes")
    with _ONE_AT_A_TIME:  # a student may call f from several threads
        channel.send(b"F", pack_call(place, args))
        tag, body = channel.receive()
    if tag == b"V":
        return unpack_plain(body)
    raise asking.Stopped(unpack_complaint(body))
