"""Arrays that a tape still needs as they are: a copy of a small one; a large one is read-only until the sweep is done.

y = np.sum(x * b); b[:] = 0 would change what the reverse sweep reads. While a tape is open, the large arrays it took
from the caller can't be written to: NumPy raises at the line that tries. Several tapes, also in several threads, may
hold the same array; the last one to let go makes it writeable again. Copies would cost memory traffic at every
operation. NumPy doesn't tell which views of an array there are: a view of a large array, made before the tape took it,
can still be written to. Its numbers are looked at again, a few of them, when the tape lets go, and a change raises.
"""

import threading

import numpy as np

SMALL = 2**12  # up to so many numbers, a copy costs less than a microsecond or two

_lock = threading.Lock()
_held = {}  # id -> [array, how many tapes hold it]; only arrays that were writeable


def chain(array):
    """An array and those whose memory it shares: the array, its base, the base of that, ..."""
    while isinstance(array, np.ndarray):
        yield array
        array = array.base


def hold(array, mine):
    """Make ``array`` read-only, with what it is a view of. ``mine``: this tape's arrays, ``{id: sample}``, added to."""
    if id(array) in mine:
        return
    with _lock:
        for a in chain(array):
            if id(a) in mine:
                continue
            if id(a) in _held:
                _held[id(a)][1] += 1
            elif a.flags.writeable:
                if _comes_back(a):
                    a.flags.writeable = False
                _held[id(a)] = [a, 1]
            else:
                continue
            mine[id(a)] = _sample(a)


def _comes_back(array):
    """Whether NumPy lets it be writeable again: not if the memory belongs to a library that doesn't speak of it."""
    if array.base is None or isinstance(array.base, np.ndarray):
        return True
    try:
        return not memoryview(array.base).readonly
    except TypeError:
        return False


def _sample(array):
    if array.size > SMALL or array.flags.writeable:
        return array.flat[:: array.size // 64 or 1].tobytes()
    return None


def changed(mine):
    """Whether one of a tape's arrays no longer holds the numbers it held."""
    return any(sample is not None and sample != _sample(_held[key][0]) for key, sample in mine.items())


def release(mine):
    """Let go of a tape's arrays. A view can't be writeable before its base, so owners come first."""
    with _lock:
        for key in mine:
            _held[key][1] -= 1
        free = [a for a, holders in _held.values() if holders == 0]
        for a in sorted(free, key=lambda a: sum(1 for _ in chain(a))):
            if all(b.flags.writeable or id(b) not in _held for b in chain(a.base)):
                if not a.flags.writeable:
                    a.flags.writeable = True
                del _held[id(a)]
    mine.clear()
