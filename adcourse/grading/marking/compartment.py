"""What closes a session in, from within: namespaces of its own, a root of its own, no rights, and limits.

Linux alone, by the C library's own calls. Each step names the manual page that says why.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

from adcourse.grading.marking import filter

BOX = "/box"  # where the sandbox lays out the sessions' file system
_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x08000000, 0x10000000, 0x20000000, 0x40000000  # clone(2)
_BIND, _REC = 4096, 16384  # mount(2)
_PDEATHSIG, _DUMPABLE, _CAPBSET_DROP, _NO_NEW_PRIVS, _SUBREAPER, _AMBIENT = 1, 4, 24, 38, 36, 47  # prctl(2)

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *args) -> None:
    if getattr(_libc, name)(*args) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def unreadable() -> None:
    """No process of the same user may look into this one: ptrace(2) and /proc/PID/mem ask for this (prctl(2))."""
    _prctl(_DUMPABLE, 0)


def become(uid: int) -> None:
    """As root, be somebody without rights: RLIMIT_NPROC does not bind root (getrlimit(2))."""
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def dies_with_parent() -> None:
    """Linux only; elsewhere a closed control socket says the same, later."""
    if sys.platform == "linux":
        _prctl(_PDEATHSIG, 9)


def adopts_orphans() -> None:
    if sys.platform == "linux":
        _prctl(_SUBREAPER, 1)


def unshare(tmp: int, below: list[str]) -> None:
    """Namespaces of its own for the next child; its file system is the box, with an empty /tmp of ``tmp`` bytes, and
    in that what of the environment lies ``below`` the machine's /tmp."""
    uid, gid = os.getuid(), os.getgid()
    _prctl(_DUMPABLE, 1)  # else /proc/self belongs to root, and the map can't be written (proc(5), user_namespaces(7))
    # The sandbox has no network already; what another one keeps apart is sockets by name (unix(7), abstract).
    _call("unshare", _NEWUSER | _NEWNS | _NEWPID | _NEWIPC | _NEWNET)
    for name, text in (("setgroups", "deny"), ("gid_map", f"{gid} {gid} 1"), ("uid_map", f"{uid} {uid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    _prctl(_DUMPABLE, 0)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # when memory runs out, the kernel takes this first (proc(5))
    # nodev, nosuid: mount(8). An inode costs kernel memory, so they are limited too.
    _call("mount", b"tmpfs", f"{BOX}/tmp".encode(), b"tmpfs", 2 | 4, f"size={tmp},nr_inodes=4096,mode=1777".encode())
    for path in below:
        place = BOX + path
        if os.path.isdir(path):
            os.makedirs(place, 0o755, exist_ok=True)
        elif not os.path.exists(place):
            os.makedirs(os.path.dirname(place), 0o755, exist_ok=True)
            os.close(os.open(place, os.O_CREAT, 0o644))
        _call("mount", path.encode(), place.encode(), None, _BIND | _REC, None)  # stays read-only (mount_namespaces(7))
    enter_box()


def enter_box() -> None:
    """chroot(2). Who has another root than its mount namespace can't make user namespaces any more (user_namespaces(7),
    EPERM), and without CAP_SYS_CHROOT, dropped next, nor an open folder outside, there is no way back."""
    os.chroot(BOX)
    os.chdir("/tmp")


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def drop_rights() -> None:
    """No capability, none to be had by executing a file (capabilities(7)), and no set-user-id (no_new_privs)."""
    with contextlib.suppress(OSError):
        for capability in range(64):  # EINVAL behind the last; EPERM where there is none to drop from
            _prctl(_CAPBSET_DROP, capability)
    _call("prctl", _AMBIENT, ctypes.c_ulong(4), *[ctypes.c_ulong(0)] * 3)  # clear all
    _call("capset", ctypes.byref(_Header(0x20080522, 0)), (_Data * 2)())
    _prctl(_NO_NEW_PRIVS, 1)


def refuse_calls() -> None:
    """The system calls that no cell needs, on Linux."""
    if sys.platform == "linux":
        filter.refuse(_call)


def limit(addresses: int, file: int, processes: int, cpu: int) -> None:
    """getrlimit(2). Bytes of address space and of a file, processes with their threads, seconds; 0: not limited."""
    wanted = {"AS": addresses, "FSIZE": file, "NPROC": processes, "CPU": cpu, "NOFILE": 256, "CORE": -1}
    wanted |= {"MSGQUEUE": -1, "MEMLOCK": -1, "SIGPENDING": 256}
    for name, value in wanted.items():
        if value and hasattr(resource, f"RLIMIT_{name}"):
            kind = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(kind)[1]
            value = max(value, 0)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with contextlib.suppress(OSError, ValueError):  # macOS has no RLIMIT_AS that can be set
                resource.setrlimit(kind, (value, value))


def mapped() -> int:
    """Bytes of address space in use (proc(5), statm)."""
    return _statm(0, 1 << 30)


def resident() -> int:
    """Bytes in memory."""
    return _statm(1, 0)


def _statm(field: int, otherwise: int) -> int:
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[field]) * resource.getpagesize()
    except OSError:
        return otherwise


def last_number() -> int:
    """The highest process number that is given out."""
    try:
        with open("/proc/sys/kernel/pid_max") as file:
            return int(file.read())
    except OSError:
        return 1 << 22


def sweep(keep: set[int], fork, last: int, bare: bool) -> None:
    """End every process of the session but those to be kept (and this one).

    All are stopped first, so that none can fork away from it: kill(2) with -1 takes every process of the namespace. The
    numbers are given out in turn, so a new one is above all others, unless they have gone round."""
    if bare:
        return _sweep_children(keep)
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGSTOP)
    if last > 1 << 16:
        last = fork()
        if last == 0:
            os._exit(0)
    for pid in range(2, last + 1):
        if pid not in keep:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGCONT)


def go_on(bare: bool) -> None:
    """Whatever in the session has been stopped goes on."""
    for pid in descendants(os.getpid()) if bare else (-1,):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _sweep_children(keep: set[int]) -> None:
    """Without a namespace: what descends from this process, until there is nothing."""
    for _ in range(100):
        strays = set(descendants(os.getpid())) - keep
        if not strays:
            return
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def descendants(root: int) -> dict[int, int]:
    """The processes that come from ``root``, with the bytes that each has in memory (proc(5), stat)."""
    found: dict[int, tuple[int, int]] = {}
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{int(name)}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
                if fields[0] != b"Z":
                    found[int(name)] = int(fields[1]), int(fields[21]) * resource.getpagesize()
    mine = {root}
    while more := {pid for pid, (parent, _) in found.items() if parent in mine} - mine:
        mine |= more
    return {pid: found[pid][1] for pid in mine - {root}}
