"""What a session can't do. Each attack is a cell, run for real: it costs itself, and the cell after it runs."""

import sys
from pathlib import Path

import pytest

import adcourse
from adcourse.grading.marking import process
from adcourse.grading.marking.runner import Limits, Runner, Step
from tests.grading.marking.test_runner import about, text

SMALL = Limits(cell=1.5, question=1.5, total=30.0, memory=300 << 20, disk=16 << 20)


@pytest.fixture(scope="module")
def runner():
    with Runner(SMALL, mode="nested") as runner:
        yield runner


HONEST = Step("after", "import os\nprint(6 * 7)\ndef f(x): return x + 1", (about("f", lambda f: f(1.0)),))

ATTACKS = {
    "endless loop": ("while True: pass", "timeout"),
    "a loop that ignores signals": (
        "import signal\nfor s in range(1, 65):\n"
        "  try: signal.signal(s, signal.SIG_IGN)\n  except (OSError, ValueError): pass\n"
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
        "timeout",
    ),
    "a loop in C": ("sum(range(10**13))", "timeout"),
    "os._exit": ("import os; os._exit(0)", "died"),
    "SystemExit": ("raise SystemExit(0)", "error"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "died"),
    "abort": ("import os; os.abort()", "died"),
    "3 GB at once": ("x = bytearray(3 << 30)", "memory"),
    "3 GB in small pieces": ("x = []\nwhile True: x.append(bytearray(1 << 20))", None),
    "3 GB shared": ("import mmap; m = mmap.mmap(-1, 3 << 30)", "error"),
    "endless printing": ("while True: print('x' * 1000)", "timeout"),
    "endless printing to fd 1": ("import os\nwhile True: os.write(1, b'x' * 10**5)", "timeout"),
    "endless displays": ("while True: display('x')", "timeout"),
    "fork bomb": (
        "import ctypes\nlibc = ctypes.CDLL(None)\nwhile True: libc.fork()",
        None,  # stopped by the clock; where its processes outlive that, it is left out
    ),
    "thread bomb": ("import threading\nwhile True: threading.Thread(target=threading.Event().wait).start()", "error"),
    "fills the disk": ("with open('/tmp/x', 'wb') as f:\n  while True: f.write(bytes(10**6))", "error"),
    "many files": ("for i in range(10**6): open(f'/tmp/{i}', 'w').close()", "error"),
    "opens thousands of fds": ("import os\nx = [os.open('/dev/null', 0) for _ in range(10**4)]", "died"),
    "kills all": ("import os, signal; os.kill(-1, signal.SIGKILL)", "ok"),
    "kills all and itself": ("import os, signal; os.kill(-1, signal.SIGKILL); os._exit(0)", "died"),
    "kills its parent": ("import os, signal; os.kill(os.getppid(), signal.SIGKILL); os._exit(0)", "died"),
    "stops all": ("import os, signal; os.kill(-1, signal.SIGSTOP); os.kill(os.getpid(), signal.SIGSTOP)", "timeout"),
    "kills number 1": ("import os, signal\nfor s in range(1, 65): os.kill(1, s)", "ok"),
    "closes all fds": ("import os; os.closerange(0, 10000)", "died"),
    "garbage into every fd": (
        "import os\nfor fd in range(256):\n  try: os.write(fd, os.urandom(10**4))\n  except OSError: pass",
        "died",
    ),
    "a gigantic length": (
        "import os\nfor fd in range(3, 256):\n"
        "  try: os.write(fd, b'\\xff\\xff\\xff\\xffO' + bytes(10))\n  except OSError: pass",
        "died",
    ),
    "a forged end": (
        "import os, struct, json\nbody = json.dumps({'status': 'ok', 'kind': ''}).encode()\n"
        "for fd in range(3, 256):\n  try: os.write(fd, struct.pack('<IB', len(body), ord('D')) + body)\n"
        "  except OSError: pass",
        "ok",
    ),
    "deep JSON": (
        "import os, struct\nbody = b'[' * 10**6\n"
        "for fd in range(3, 256):\n  try: os.write(fd, struct.pack('<IB', len(body), ord('D')) + body)\n"
        "  except OSError: pass\nwhile True: pass",
        "died",
    ),
    "a daemon": (
        "import ctypes, os\nlibc = ctypes.CDLL(None)\nif libc.fork() == 0:\n  os.setsid()\n  if libc.fork() == 0:\n"
        "    while True: pass\n  os._exit(0)",
        "ok",
    ),
    "an alarm for later": ("import signal; signal.alarm(1); signal.signal(signal.SIGALRM, signal.SIG_DFL)", "ok"),
    "limits set to nothing": (
        "import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))",
        "died",
    ),
    "forking taken away": ("import os\nos.fork = os._exit = None", "ok"),
    "builtins taken away": ("import builtins\nfor n in dir(builtins): setattr(builtins, n, None)", None),
    "IPython broken": (
        "ip = get_ipython()\nfor n in dir(ip):\n  try: setattr(ip, n, None)\n  except Exception: pass",
        None,
    ),
    "run_cell broken": ("get_ipython().run_cell = lambda *a, **k: None", "ok"),
    "every object of ours broken": (
        "import gc, types\nfor o in gc.get_objects():\n"
        "  if isinstance(o, types.ModuleType) and 'adcourse' in o.__name__:\n"
        "    for n in dir(o):\n      try: setattr(o, n, None)\n      except Exception: pass",
        None,
    ),
    "ask replaced": ("import adcourse.grading.asking as a\na.ask = lambda *args: a.Plain((), (99.0,))", "ok"),
    "pickle replaced": ("import pickle\npickle.loads = pickle.load = lambda *a: [lambda f: 99.0]", "ok"),
    "json replaced": ("import json\njson.dumps = json.loads = None", "died"),
    "sockets replaced": ("import socket\nsocket.socket.send = socket.socket.recv = socket.send_fds = None", None),
    "a finaliser": ("class A:\n  def __del__(self):\n    while True: pass\ny = A()\ndel y", None),
    "a finaliser for later": ("class A:\n  def __del__(self):\n    while True: pass\nkept = A()", "ok"),
    "a callback at every fork": ("import os\nos.register_at_fork(after_in_child=lambda: os._exit(0))", "died"),
    "a thread that never rests": (
        "import threading\ndef f():\n  while True: pass\nthreading.Thread(target=f, daemon=True).start()",
        "ok",
    ),
    "a trace function that raises": ("import sys\ndef t(*a): raise ValueError\nsys.settrace(t)", None),
    "a handler for everything": (
        "import atexit, sys\natexit.register(print, 'x')\nsys.exit = sys.excepthook = None",
        "ok",
    ),
    "recursion limit gone": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return max([0], key=lambda _: f())\nf()",
        None,
    ),
    "a repr without end": ("class A:\n  def __repr__(self):\n    while True: pass\nA()", "timeout"),
    "a huge repr": ("class A:\n  def __repr__(self): return 'x' * 10**8\nA()", "ok"),
    "a huge picture": ("class A:\n  def _repr_png_(self): return b'\\x89PNG\\r\\n\\x1a\\n' + bytes(10**8)\nA()", "ok"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_its_own_cell_alone(runner, name):
    code, status = ATTACKS[name]
    before = Step("before", "x = 3")
    ran = runner.run([before, Step("attack", code), HONEST, Step("end", "print(x)")])
    if status:
        assert ran.cells["attack"].status == status, ran
    assert ran.cells["before"].status == "ok"
    assert ran.cells["after"].status == "ok", ran
    assert text(ran.cells["after"]) == "42\n"
    assert text(ran.cells["end"]) == "3\n"
    assert ran.asked["after", "q"].answers[0].numbers == (2.0,)
    assert sum(len(str(run)) for run in ran.cells.values()) < 2 * 10**6
    assert ran.seconds < 15


ESCAPES = {
    "unshare": "libc.unshare(0x10000000) == 0 or libc.unshare(0x20000) == 0",
    "mount": "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
    "chroot": "libc.chroot(b'/tmp') == 0",
    "ptrace": "libc.ptrace(16, 1, 0, 0) == 0",
    "be root": "libc.setuid(0) == 0 or libc.setgid(0) == 0",
    "memory that nobody counts": "libc.memfd_create(b'x', 0) >= 0 or libc.shmget(0, 4096, 0o1600) >= 0",
    "proc": "bool(os.path.exists('/proc/1') or os.path.exists('/proc/self'))",
    "write anywhere": "any(map(can_write, ['/', '/usr', '/etc', '/dev', '/dev/shm', '/box', os.__file__, '/lib']))",
    "socket": "can_connect(socket.AF_INET) or can_connect(socket.AF_INET6)",
    "vsock": "can_connect(40)",
    "solutions": "any(os.path.exists(root + n) for n in ['/solutions', '/tests', '/build', '/.git', '/gradebook.db'])",
    "problems": "any(n.endswith('.py') for n in os.listdir(package + '/grading/problems'))",
    "keys": "libc.syscall(250, 0, -3, 0) >= 0",
    "device": "libc.mknod(b'/tmp/d', 0o20666, 0x101) == 0",
    "exec": "libc.execl(b'/bin/true', b'true', None) == 0",
    "other": "os.path.exists('/root/.bashrc') or os.path.exists('/home/x') or os.path.exists('/var/log')",
}
HELP = """
import ctypes, os, socket, adcourse
libc = ctypes.CDLL(None, use_errno=True)
package = os.path.dirname(adcourse.__file__)
root = os.path.dirname(package)
def can_write(path):
    try: open(path + "/x" if os.path.isdir(path) else path, "ab").close()
    except OSError: return False
    return True
def can_connect(family):
    try: socket.socket(family)
    except OSError: return False
    return True
"""


@pytest.mark.parametrize("name", ESCAPES)
def test_there_is_no_way_out(runner, name):
    ran = runner.run([Step("help", HELP), Step("try", ESCAPES[name])])
    assert text(ran.cells["try"]) == "False", ran.cells["try"]


def test_nothing_of_the_repository_is_there(runner):
    ran = runner.run([Step("help", HELP), Step("see", "print(*os.listdir(root), *os.listdir('/'), sep='\\n')")])
    repository, seen = Path(adcourse.__file__).parents[1], set(text(ran.cells["see"]).splitlines())
    assert "adcourse" in seen
    environment = {Path(sys.prefix).name} if Path(sys.prefix).parent == repository else set()
    assert not seen & {path.name for path in repository.iterdir()} - {"adcourse"} - environment


def test_processes_of_others_are_not_seen(runner):
    code = "import os\nfound = []\nfor p in range(2, 5000):\n  try: os.kill(p, 0); found.append(p)\n"
    code += "  except OSError: pass\nprint(len(found))"
    assert int(text(runner.run([Step("a", code)]).cells["a"])) < 5


def test_the_answers_of_a_liar_are_read_strictly(runner):
    """A question's process that sends what it likes: garbled, or numbers; never an object."""
    liar = """
import os, struct
def f(x):
    for fd in range(3, 256):
        try: os.write(fd, struct.pack('<IB', 5, ord('A')) + b'\\x01\\xff\\xff\\xff\\xff')
        except OSError: pass
    return 1.0
"""
    ran = runner.run([Step("a", liar, (about("f", lambda f: f(1)),)), HONEST])
    assert ran.asked["a", "q"].lost == "garbled"
    assert ran.asked["after", "q"].answers[0].numbers == (2.0,)
    assert ran.notes


@pytest.mark.parametrize(
    "code, lost",
    [
        ("while True: pass", "time"),
        ("import os; os._exit(0)", "died"),
        ("import ctypes; ctypes.string_at(0)", "died"),
        ("import os, signal; os.kill(-1, signal.SIGKILL); os._exit(0)", "died"),
        ("import sys\n  sys.stdout.write('x' * 10**7)", ""),
        ("while True: print('x' * 1000)", "time"),
        ("raise KeyboardInterrupt", ""),
    ],
)
def test_a_question_costs_itself_alone(runner, code, lost):
    ask = (about("f", lambda f: 7.0, lambda f: f(1)), about("g", lambda g: g())._replace(id="r"))
    ran = runner.run([Step("a", f"def f(x):\n  {code}\ndef g(): return 3.0", ask), HONEST])
    assert ran.asked["a", "q"].lost == lost
    assert ran.asked["a", "q"].answers[0].numbers == (7.0,)
    assert ran.asked["a", "r"].answers[0].numbers == (3.0,)
    assert ran.asked["after", "q"].answers[0].numbers == (2.0,)


WRECKS = {  # of the student's own interpreter: what still runs there is the student's loss alone
    "numpy replaced": "import numpy as np\nfor n in dir(np): setattr(np, n, None)",
    "struct replaced": "import struct\nstruct.pack = struct.unpack = lambda *a: b''",
    "modules taken away": "import sys\nsys.modules.clear()",
    "reading of numbers replaced": "import adcourse.grading.asking as a\na.plain = None",
    "cells rewritten": "get_ipython().input_transformers_post.append(lambda lines: ['1 / 0'])",
    "a daemon that kills again and again": "import ctypes, os, signal, time\nif ctypes.CDLL(None).fork() == 0:\n"
    "  os.setsid()\n  while True:\n    time.sleep(0.1); os.kill(-1, signal.SIGKILL)",
}


def test_the_next_submission_is_as_if_there_had_been_none(runner):
    steps = [
        Step(
            "a", "import sys, numpy as np\nx = len(sys.modules)\nprint(sorted({'a', 'b', 'c', 'd'}, key=hash), np.pi)"
        ),
        HONEST,
    ]
    want = runner.run(steps)
    for code in [*WRECKS.values(), *(code for code, _ in ATTACKS.values() if "while True" not in code)]:
        ran = runner.run([Step("attack", code), HONEST])
        assert set(ran.cells) == {"attack", "after"}
    got = runner.run(steps)
    assert (got.cells, got.asked, got.notes) == (want.cells, want.asked, want.notes)


@pytest.mark.parametrize(
    "release, together",
    [("5.13.19", False), ("5.14.0-rc1", True), ("5.4.0-216-generic", False), ("6.1.0-13-amd64", True), ("10.0", True)],
)
def test_graders_share_a_server_where_linux_counts_each_session_by_itself(monkeypatch, release, together):
    """And so the tests of neighbours are skipped there alone."""
    monkeypatch.setattr(process.platform, "release", lambda: release)
    monkeypatch.setattr(process.sandbox, "bubblewrap", lambda: "/usr/bin/bwrap")
    assert process.shareable(1) and process.shareable(2) is together
    monkeypatch.setattr(process.sandbox, "bubblewrap", lambda: None)
    assert not process.shareable(1) and not process.shareable(2)
