# What costs time, memory, processes or disk: bounded, named, and paid by the cell that did it alone.

# %% 1.1 loses 1.1 | an endless loop in an answer
def fd(f, x, h, kind):
    while True:
        pass

# %% 1.1 loses 1.1 | an endless loop in a cell, after the answer
def fd(f, x, h, kind):
    return 0.0

while True:
    pass

# %% 1.1 loses 1.1 | a loop that ignores SIGINT, SIGTERM, SIGALRM and every exception
import signal

def fd(*args):
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

# %% 1.1 loses 1.1 | time spent in C, where no signal handler runs
def fd(*args):
    return pow(3, 10**9)

# %% 1.1 loses 1.1 1.2 1.3 1.4 1.5 | every answer sleeps
import time

def fd(*args, **kwargs):
    time.sleep(1000)

second = ucurve = complex_step = grad_fd = fd
# == 1.2
# == 1.3
# == 1.4
# == 1.5

# %% 1.1 loses 1.1 | os._exit in a cell
import os
os._exit(0)

# %% 1.1 loses 1.1 1.2 1.4 | os._exit, sys.exit and abort in answers
import os, sys

def fd(*args):
    os._exit(0)

def second(*args):
    sys.exit(0)

def complex_step(*args):
    os.abort()
# == 1.2
# == 1.4

# %% 1.1 loses 1.1 | a segmentation fault in a cell
import ctypes
ctypes.string_at(0)

# %% 1.1 loses 1.1 | a segmentation fault in an answer
import ctypes

def fd(*args):
    return ctypes.string_at(0)

# %% 1.1 loses 1.1 | a stack overflow by recursion without a limit
import sys

def fd(*args):
    sys.setrecursionlimit(2**30)

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x")

        __repr__ = lambda self: repr(self)

    return float(repr(Deep()))

# %% 1.1 loses 1.1 | all processes killed
import os, signal
for pid in (-1, 0, os.getppid(), 1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass

# %% 1.1 loses 1.1 | its own parents killed, one by one
import os, signal, time
while os.getppid() > 0:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(0.05)

# %% 1.1 loses 1.1 | all processes stopped, itself last
import os, signal
for pid in (-1, os.getppid(), 0):
    try:
        os.kill(pid, signal.SIGSTOP)
    except OSError:
        pass

# %% 1.1 loses 1.1 | itself stopped while it is asked
import os, signal

def fd(*args):
    os.kill(os.getpid(), signal.SIGSTOP)

# %% 1.1 loses 1.1 | three gigabytes at once
def fd(*args):
    return np.ones(3 * 2**30, dtype=np.uint8).sum()

fd()

# %% 1.1 loses 1.1 | memory in many pieces, never given back, the error swallowed
def fd(*args):
    hoard, size = [], 2**26
    while size > 2**10:
        try:
            hoard.append(bytearray(size))
        except MemoryError:
            size //= 2
    return float(len(hoard))

# %% 1.1 loses 1.1 | memory in memory files, behind the back of the limit on addresses
# (It stops at 2.2 GB: the machine that runs the tests is to survive them where the limit is missing.)
import os
files, size = [], 0
try:
    while size < 2200 * 2**20:
        files.append(os.memfd_create("hoard"))
        for start in range(0, 2**25, 2**20):
            os.pwrite(files[-1], b"x" * 2**20, start)
            size += 2**20
    print("LOOT", size)
except OSError:
    print("tried")

# %% 1.1 loses 1.1 | memory in segments of System V, attached one after the other
import ctypes
libc, size = ctypes.CDLL(None, use_errno=True), 0
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = [ctypes.c_void_p]
while size < 2200 * 2**20:
    segment = libc.shmget(0, 2**28, 0o1666)
    address = libc.shmat(segment, None, 0) if segment >= 0 else None
    if segment < 0 or address in (None, 2**64 - 1):
        print("tried")
        break
    ctypes.memset(address, 1, 2**28)
    libc.shmdt(address)
    size += 2**28
else:
    print("LOOT", size)

# %% 1.1 loses 1.1 | memory in children, each of them within its limit
import ctypes, os, time
fork = ctypes.PyDLL(None).fork
into, out = os.pipe()
for _ in range(6):
    if fork() == 0:
        hoard = b"x" * (400 * 2**20)
        os.write(out, b"x")
        time.sleep(1000)
time.sleep(1.5)
os.set_blocking(into, False)
try:
    if len(os.read(into, 100)) == 6:
        print("LOOT")
except BlockingIOError:
    pass
print("tried")

# %% 1.1 loses 1.1 | memory in pipes and sockets
import os, socket
kept = []
try:
    while True:
        one, other = socket.socketpair()
        one.setblocking(False)
        kept += [one, other]
        try:
            while True:
                one.send(b"x" * 2**16)
        except BlockingIOError:
            pass
except OSError:
    pass
print("tried")

# %% 1.1 loses 1.1 | endless printing, in lines and without
import sys
while True:
    print("x" * 1000)
    sys.stdout.write("y" * 10**6)
    sys.stderr.write("z" * 10**6)

# %% 1.1 loses 1.1 | endless printing in an answer
def fd(*args):
    while True:
        print("x" * 10**6)

# %% 1.1 loses 1.1 | a million displays
from IPython.display import HTML, display
for _ in range(10**6):
    display(HTML("<b>" * 1000))

# %% 1.1 loses 1.2 risks 1.1 | a huge and a deadly representation
class Huge:
    __repr__ = lambda self: "x" * 2 * 10**8

class Deadly:
    def _repr_html_(self):
        import os
        os._exit(3)

from IPython.display import display
display(Huge())
display(Deadly())

# %% 1.1 loses 1.1 | a last expression whose representation never ends
class Endless:
    def __repr__(self):
        while True:
            pass

Endless()

# %% 1.1 loses 1.1 | an exception whose text, notes and traceback never end
class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__
    __notes__ = property(lambda self: iter(int, 1))

raise Endless()

# %% 1.1 loses 1.1 | a chain of ten thousand exceptions in a deep traceback
def deep(n):
    if n:
        try:
            deep(n - 1)
        except Exception as error:
            raise ValueError("x" * 10000) from error
    raise ValueError("bottom")

deep(900)

# %% 1.1 loses 1.1 | a fork bomb
import ctypes
fork = ctypes.PyDLL(None).fork  # os.fork is refused politely, this is not
import os
while True:
    try:
        fork()
    except OSError:
        pass

# %% 1.1 loses 1.1 | a fork bomb in an answer, each child in a session of its own
import ctypes
fork = ctypes.PyDLL(None).fork  # os.fork is refused politely, this is not
import os

def fd(*args):
    while True:
        try:
            if fork() == 0:
                os.setsid()
        except OSError:
            pass

# %% 1.1 loses 1.1 | a thread bomb
import threading

def fd(*args):
    try:
        while True:
            threading.Thread(target=threading.Event().wait).start()
    except RuntimeError:
        threading.Event().wait()

# %% 1.1 loses 1.1 | descriptors until there are none
import os, socket

def fd(*args):
    kept = []
    try:
        while True:
            kept += os.pipe()
    except OSError:
        pass
    while True:
        pass

# %% 1.1 loses 1.1 | the disk filled
import os
for folder in ("/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~"), "."):
    try:
        for k in range(10000):
            with open(f"{folder}/{TOKEN}{k}", "wb") as file:
                for _ in range(1000):
                    file.write(b"0" * 2**20)
    except OSError:
        pass
raise SystemExit

# %% 1.1 loses 1.1 | a million files and folders in folders
import os
k = 0
try:
    os.chdir("/tmp")
    while True:
        k += 1
        os.mkdir(str(k))
        os.symlink("/", f"link{k}")
        if k % 2:
            os.chdir(str(k))
except OSError:
    raise SystemExit from None

# %% 1.1 loses 1.1 | a cell whose source makes the compiler fail
eval("(" * 10**5 + ")" * 10**5)

# %% 1.1 loses 1.1 | an expression tree deeper than the C stack
eval("-" * 10**6 + "1")

# %% 1.1 loses 1.1 | constants that the compiler works out for ever
eval("9**9**9**9")

# %% 1.1 loses 1.1 | a regular expression that backtracks for ever
import re

def fd(*args):
    re.match(r"(a+)+$", "a" * 60 + "b")

# %% 1.1 loses 1.1 | a decompression bomb
import zlib

def fd(*args):
    data = zlib.compress(b"\0" * 2**28, 9)
    for _ in range(50):
        data = zlib.compress(zlib.decompress(data) * 2, 1)
    return float(len(data))

# %% 1.1 loses 1.1 | an exit that never finishes
import atexit, threading, time

def fd(*args):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    atexit.register(time.sleep, 1000)
    raise SystemExit

# %% 1.1 loses 1.1 | a lock that is never given back
import threading

def fd(*args):
    lock = threading.Lock()
    with lock, lock:
        pass

# %% 1.1 loses 1.1 | input(), getpass, breakpoint, pdb
import getpass

def fd(*args):
    for ask in (input, getpass.getpass, breakpoint):
        try:
            ask()
        except BaseException:
            pass
    return 0.0

for ask in (input, getpass.getpass):
    try:
        ask()
        print("LOOT")
    except Exception:
        pass
input("your answer?")

# %% 1.1 loses 1.2 1.4 risks 1.1 | magic commands: pip, shell, bash, writefile, debug, load
from IPython import get_ipython
shell = get_ipython()
for name, line in (("system", "touch {CANARY}.magic"), ("sx", "id"), ("pip", "install {TOKEN}"), ("conda", "list"), ("debug", ""), ("reset", "-f -s"), ("load", "/etc/passwd"),
                   ("logstart", "/tmp/{TOKEN}.log"), ("quickref", ""), ("cd", "/"), ("autoreload", "2"), ("load_ext", "nothing"), ("notebook", "/tmp/{TOKEN}.ipynb")):
    try:
        if name != "reset":
            shell.run_line_magic(name, line)
    except BaseException:
        pass
try:
    shell.run_cell_magic("bash", "", "touch {CANARY}.bash")
except BaseException:
    pass

# %% 1.1 loses 1.1 risks 1.2 1.3 1.4 1.5 | the shell taken away from under the session
from IPython import get_ipython
shell = get_ipython()
for space in (shell.__dict__, shell.user_module.__dict__, shell.user_ns):
    space.clear()

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | the interpreter's builtins deleted
import builtins
for name in list(vars(builtins)):
    if name not in ("Exception", "BaseException"):
        delattr(builtins, name)

# %% 6.3 loses 6.3 6.4 | graphs walked for ever
def toposort(out):
    order = [out]
    for node in order:
        order += node.parents or (out,)
    return order

def backward(out):
    for node in toposort(out):
        node.g += 1.0
# == 6.4

# %% 6.1 loses 6.1 6.2 6.5 | a kernel's worth of waiting: await, sleep in asyncio, nested loops
import asyncio

async def grad_xyz(x, y, z):
    await asyncio.sleep(1000)

def mipt_grads(w1, w2):
    asyncio.run(asyncio.sleep(1000))

async def logistic_ls(w, b, x, t):
    return 1.0, 2.0, 3.0
# == 6.2
# == 6.5
