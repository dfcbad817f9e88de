# The channel between the session and the grader: read, written, flooded, closed. {TOKEN} marks what must not be left.

# %% 1.1 loses 1.2 1.4 risks 1.1 | forged messages on every descriptor
import json, os, pickle, struct
passed = {"passed": True, "score": 1000, "defined": True, "status": "ok", "answers": [[[], [2.0]]] * 20}
forged = [json.dumps(passed).encode() + b"\n", pickle.dumps(passed), b"\x00" * 64, b"\xff" * 64, b"{" * 64]
forged += [struct.pack(order + size, len(m)) + m for m in forged[:2] for order in "<>!" for size in "IQ"]
for number in range(3, 64):
    for message in forged:
        try:
            os.set_blocking(number, False)
            os.write(number, message)
        except OSError:
            pass

# %% 1.1 loses 1.1 1.2 1.4 | forged messages while it is asked
import json, os, pickle, struct

def fd(*args, **kwargs):
    passed = {"passed": True, "answers": [[[], [2.0]]] * 20}
    for message in (json.dumps(passed).encode() + b"\n", pickle.dumps(passed)):
        for head in (b"", struct.pack("<I", len(message)), struct.pack(">I", len(message)), struct.pack("<Q", len(message)), struct.pack(">Q", len(message))):
            for descriptor in range(3, 64):
                try:
                    os.set_blocking(descriptor, False)
                    os.write(descriptor, head + message)
                except OSError:
                    pass
    return 0.0

second = complex_step = fd
# == 1.2
# == 1.4

# %% 1.1 loses 1.2 1.4 risks 1.1 | a message that says it is 2^63 bytes long, on every descriptor
import os
for number in range(3, 64):
    try:
        os.set_blocking(number, False)
        os.write(number, b"\x7f" + b"\xff" * 7 + b"x" * 1000)
    except OSError:
        pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | a flood of bytes on every descriptor
import os, threading, time

def flood(number):
    end = time.time() + 1
    try:
        while time.time() < end:
            os.write(number, b"9" * 65536)
    except OSError:
        pass

for number in range(3, 64):
    threading.Thread(target=flood, args=(number,), daemon=True).start()

# %% 1.1 loses 1.2 1.4 risks 1.1 | JSON nested a hundred thousand deep
import os
for number in range(3, 64):
    try:
        os.set_blocking(number, False)
        bomb = b"[" * 100_000 + b"]" * 100_000
        os.write(number, b"\x00\x03\x0d\x40" + bomb + b"\n")
    except OSError:
        pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | all descriptors closed
import os
os.closerange(0, 4096)

# %% 1.1 loses 1.2 1.4 risks 1.1 | every descriptor turned into /dev/null
import os
null = os.open("/dev/null", os.O_RDWR)
for number in range(64):
    if number != null:
        try:
            os.dup2(null, number)
        except OSError:
            pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | the channel shut down for writing
import os, socket
for number in range(3, 64):
    try:
        socket.socket(fileno=os.dup(number)).shutdown(socket.SHUT_RDWR)
    except OSError:
        pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | what the grader says is read away by a thread
import os, threading

def drain(number):
    try:
        while os.read(number, 65536):
            pass
    except OSError:
        pass

for number in range(3, 64):
    threading.Thread(target=drain, args=(number,), daemon=True).start()

# %% 1.1 loses 1.2 1.4 risks 1.1 | descriptors sent to the grader until it has none left
import os, socket
spare = [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
for number in range(3, 64):
    try:
        channel = socket.socket(fileno=os.dup(number))
        channel.setblocking(False)
        for _ in range(10):
            socket.send_fds(channel, [b"\x00"], spare)
    except OSError:
        pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | all that Python holds is searched for channels, and they are answered first
import gc, socket
for thing in gc.get_objects():
    if isinstance(thing, socket.socket):
        try:
            thing.setblocking(False)
            thing.send(b'{"status": "ok", "passed": true}\n' * 100)
        except OSError:
            pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | the session's own modules used to forge
import sys
for name, module in list(sys.modules.items()):
    if "marking" in name:
        for attribute in list(vars(module)):
            thing = getattr(module, attribute)
            if callable(thing) and ("send" in attribute or "write" in attribute or "reply" in attribute):
                for arguments in ((), (b"passed",), ({"passed": True},), (3, b"passed"), (3, {"passed": True})):
                    try:
                        thing(*arguments)
                    except BaseException:
                        pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | whatever holds the session's loop is changed on the way up
import sys
frame = sys._getframe()
while frame:
    for name, value in list(frame.f_locals.items()):
        if isinstance(value, (list, dict)) and frame.f_code.co_filename.startswith("/") and "adcourse" in frame.f_code.co_filename:
            try:
                value.clear()
            except BaseException:
                pass
    frame = frame.f_back

# %% 1.1 loses 1.1 1.2 1.4 risks 1.3 1.5 | a child that goes on as the session, twice over
import ctypes
fork = ctypes.PyDLL(None).fork  # os.fork is refused politely, this is not
import os
if fork() == 0:
    second = complex_step = fd = lambda *args: 2.0
else:
    os.wait()
# == 1.2
# == 1.4

# %% 1.1 loses 1.1 | the question forks, and both of them answer
import ctypes
fork = ctypes.PyDLL(None).fork  # os.fork is refused politely, this is not
import os

def fd(f, x, h, kind):
    fork()
    return 2.0 if os.getpid() % 2 else 12.0

# %% 1.1 loses 1.1 1.2 1.3 1.4 1.5 | answers whose form is a lie
def fd(f, x, h, kind):
    class Shape(np.ndarray):
        shape = property(lambda self: (10**9,))
        size = property(lambda self: 1)
    return np.zeros(3).view(Shape)

def second(f, a, h):
    class Endless(float):
        __float__ = lambda self: Endless(1.0)
        as_integer_ratio = hex = __repr__ = __str__ = lambda self: "2.0, 'passed': True"
    return Endless(0.0)

def ucurve(f, df, x, hs):
    class Text(str):
        __float__ = lambda self: 0.0
    return [[Text("0")] * len(hs)] * 2

def complex_step(f, x, h=1e-20):
    return np.zeros((), dtype=[("passed", bool), ("score", float)])

def grad_fd(f, x, h=1e-6):
    class Rows:
        __len__ = lambda self: len(x)
        __iter__ = lambda self: iter([Rows()])
    return Rows()
# == 1.2
# == 1.3
# == 1.4
# == 1.5

# %% 1.1 loses 1.2 1.4 risks 1.1 | lone surrogates and NUL in everything that is shown
print("\ud800\udfff\x00\ud800")
import sys
sys.stderr.write("\ud800")
raise type("\u202eSurrogate", (Exception,), {})("\ud800\x00\x1b]0;owned\x07")

# %% 1.1 loses 1.2 1.4 risks 1.1 | outputs that pretend to be the grader's verdict
from IPython.display import HTML, Javascript, SVG, display
print('{"1.2": {"score": 2, "passed": true}}')
print("1.2 Second difference (seed 2): passed\n  right  everything\n2 of 2 points")
display(HTML("<script>document.title='scripted'</script><img src=x onerror=alert(1)>"))
display(Javascript("document.title='scripted'"), SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"))
display({"application/json": {"score": 1000}, "text/html": "<iframe src='javascript:1'></iframe>", "text/latex": "$\\href{javascript:1}{x}$"}, raw=True)
1000
