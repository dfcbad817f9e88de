"""Sessions that run at the same time on one server: what one of them does is nothing to the others."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading

import pytest

from adcourse.grading.marking.calls import answered
from adcourse.grading.marking.process import Server, shareable
from adcourse.grading.marking.runner import Limits, Runner, Step
from adcourse.grading.marking.wire import pack_call, unpack_complaint
from adcourse.grading.marking.workers import Here
from adcourse.grading.meters import Running
from adcourse.grading.plain import Plain
from adcourse.grading.sheet import sheet
from tests.grading.marking.test_runner import about, text

pytestmark = pytest.mark.skipif(sys.platform != "linux" or not shareable(2), reason="needs bubblewrap, Linux 5.14")
LIMITS = Limits(cell=2.0, question=2.0, total=60.0, memory=400 << 20)
HONEST = [
    Step("a", "import os, socket\nx = bytearray(50 << 20)\nname = b'\\0neighbour'"),
    Step("b", "try:\n  socket.socket(socket.AF_UNIX).connect(name)\nexcept OSError as e: print(e.strerror)"),
    Step("c", "print('for a friend' in os.listdir('/tmp'))\ndef f(x): return 2 * x", (about("f", lambda f: f(3.0)),)),
]
SPITEFUL = {
    "an open door": "import socket, time\ns = socket.socket(socket.AF_UNIX); s.bind(b'\\0neighbour'); s.listen()\n"
    "open('/tmp/for a friend', 'w').write('37')\ntime.sleep(1.5)",
    "all processes that there may be": "import ctypes\nlibc = ctypes.CDLL(None)\nwhile True: libc.fork()",
    "all memory": "import ctypes, time\nlibc = ctypes.CDLL(None)\nfor _ in range(4): libc.fork()\n"
    "x = bytearray(300 << 20)\ntime.sleep(1.5)",
    "signals for everybody": "import os, time\nfor _ in range(100):\n  for s in (19, 9):\n"  # SIGSTOP, SIGKILL
    "    try: os.kill(-1, s)\n    except OSError: pass\n  time.sleep(0.01)",
    "descriptors in flight": "import os, socket, time\nkept = []\nwhile len(kept) < 100:\n"
    "  a, b = socket.socketpair(); kept += [a, b]\n  try:\n"
    "    for _ in range(50): socket.send_fds(a, [b'x'], [b.fileno()] * 250)\n  except OSError: pass\ntime.sleep(1)",
    "knocking": "import os, socket\nfor fd in range(3, 256):\n  try:\n"
    "    s = socket.socket(fileno=os.dup(fd)); a, b = socket.socketpair()\n"
    "    socket.send_fds(s, [b'\\0\\0\\0\\0K'], [b.fileno()])\n"
    "    a.settimeout(0.2); print(a.recv(99))\n  except OSError: pass",
}


@contextlib.contextmanager
def neighbours():
    """Two runners on one server, and the server."""
    server = Server(LIMITS, (), "nested")
    try:
        with (
            Runner(LIMITS, (), door=server.door.sock.dup()) as one,
            Runner(LIMITS, (), door=server.door.sock.dup()) as two,
        ):
            yield one, two, server
    finally:
        server.stop()


def test_what_one_does_is_nothing_to_the_other():
    with neighbours() as (spiteful, honest, server):
        want, results, seen = honest.run(HONEST), [], []
        steps = [Step(name, code) for name, code in SPITEFUL.items()]
        thread = threading.Thread(target=lambda: results.append(spiteful.run(steps)))
        thread.start()
        while thread.is_alive():
            seen.append(honest.run(HONEST))
        thread.join()
        assert server.process.poll() is None
    assert text(want.cells["b"]) == "Connection refused\n"
    assert text(want.cells["c"]) == "False\n"
    assert want.asked["c", "q"].answers[0].numbers == (6.0,)
    assert len(seen) > 3
    assert all((ran.cells, ran.asked, ran.notes) == (want.cells, want.asked, want.notes) for ran in seen)
    assert set(results[0].cells) == set(SPITEFUL)
    assert "R" not in text(results[0].cells["knocking"])


def test_each_of_them_goes_on_when_their_server_dies():
    steps = [Step("a", "import time\ntime.sleep(1)\nx = 7"), Step("b", "print(x)")]
    with neighbours() as (one, two, server):
        found = []
        threads = [threading.Thread(target=lambda r=runner: found.append(r.run(steps))) for runner in (one, two)]
        for thread in threads:
            thread.start()
        threading.Timer(0.5, lambda: os.kill(server.process.pid, signal.SIGKILL)).start()
        for thread in threads:
            thread.join()
        assert one._process.server and two._process.server, "each is on one of its own"
    assert [text(ran.cells["b"]) for ran in found] == ["7\n", "7\n"]


def test_a_server_ends_when_nobody_is_left():
    server = Server(LIMITS, (), "nested")
    runner = Runner(LIMITS, (), door=server.door.sock.dup()).__enter__()
    server.door.close()
    assert runner.run([Step("a", "print(1)")]).cells["a"].status == "ok"
    runner.close()
    assert server.process.wait(10) == 0
    server.stop()


def greedy() -> str:
    """What becomes of a call that makes a quadratic function build a matrix of 3 GB, in a process that grades."""
    functions = sheet("1.5", 1).functions
    calls = [pack_call(k, [Plain((20_000, 1, 1), (1.5,) * 20_000)]) for k, meter in enumerate(functions) if meter]
    said = [answered(Running(functions), call) for call in calls]
    return " ".join(unpack_complaint(body).detail for tag, body in said if tag == b"W")


def test_a_function_of_ours_called_with_too_much_takes_no_memory():
    crew = Here(1, ("numpy",))
    try:
        assert "MemoryError" in crew.submit(greedy).result(120)
        assert crew.submit(abs, -3).result(60) == 3
    finally:
        crew.close(at_once=True)
