"""System calls that no cell needs, refused: memory that no limit counts, other programs, the network, the kernel's more
adventurous parts. seccomp(2), with a filter program of the kind that bpf(4) calls classic."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

# name: number on x86_64, on aarch64 (asm/unistd.h)
_REFUSED = {
    "execve": (59, 221),
    "execveat": (322, 281),
    # memory that counts as nobody's (shmget(2), memfd_create(2), mq_open(3)); semaphores
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # other processes (ptrace(2), process_vm_readv(2), pidfd_getfd(2)), keys (keyrings(7))
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # namespaces and mounts: refused for lack of rights too, but this asks less of the kernel
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    # what most holes of recent years were found in
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
}
_MACHINES = {"x86_64": (0, 0xC000003E, 41), "aarch64": (1, 0xC00000B7, 198)}  # column, AUDIT_ARCH, socket
_LOAD, _EQUAL, _ATLEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _DENY = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_UNIX = 1  # the only family of sockets; asyncio needs a pair of them
_X32 = 0x40000000  # a second set of numbers for the same calls


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def program(machine: str) -> bytes:
    """The filter for a kind of processor, or b"" for one that is not known here."""
    if machine not in _MACHINES:
        return b""
    column, architecture, socket = _MACHINES[machine]
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    steps += [(_LOAD, 0, 0, 0), (_ATLEAST, 0, 1, _X32), (_RETURN, 0, 0, _DENY)]
    for numbers in _REFUSED.values():
        steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _DENY)]
    steps += [(_EQUAL, 1, 0, socket), (_RETURN, 0, 0, _ALLOW)]
    steps += [(_LOAD, 0, 0, 16), (_EQUAL, 1, 0, _UNIX), (_RETURN, 0, 0, _DENY), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def refuse(call) -> None:
    """For this process and all that come from it, for good. ``call(name, *args)`` calls the C library, or raises."""
    code = program(platform.machine())
    if code:
        call("prctl", 38, *map(ctypes.c_ulong, (1, 0, 0, 0)))  # PR_SET_NO_NEW_PRIVS, which a filter requires
        call("prctl", 22, ctypes.c_ulong(2), ctypes.byref(_Program(len(code) // 8, code)))  # PR_SET_SECCOMP
