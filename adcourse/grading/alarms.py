"""Questions that are put while every invalid operation is an error, whatever a student's code does to silence NumPy."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np


class Deaf:
    """Stands for np.errstate: it changes nothing."""

    def __init__(self, **kinds):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __call__(self, f):
        return f


@contextmanager
def alarmed():
    """Division by zero, overflow and invalid operations raise; np.errstate and np.seterr can't switch that off.

    >>> with alarmed(), np.errstate(all="ignore"):
    ...     np.log(0.0)
    Traceback (most recent call last):
    FloatingPointError: divide by zero encountered in log
    """
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        kept = np.errstate, np.seterr
        try:
            np.errstate, np.seterr = Deaf, lambda **kinds: np.geterr()
            yield
        finally:
            np.errstate, np.seterr = kept
