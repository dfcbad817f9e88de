"""Puts a question to an answer: the student's code runs here, and nothing of the judgement.

It is all of the grading that runs in the sandbox, where the problems do not exist. In a session there, ``REMOTE`` is
the way to the grader: a function whose calls are counted is evaluated on the other side.
"""

from __future__ import annotations

import builtins
import io
import sys
import warnings
from collections.abc import Callable
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import numpy as np

from adcourse.grading.plain import Complaint, NotPlain, Plain, plain

PRINTED = 10_000  # characters of what a student prints while a check runs
CUT = "\n[your code prints more than is shown here]\n"

REMOTE: Callable[[int, tuple[Plain, ...]], Plain] | None = None

STUB = Complaint("This is still the empty stub: put your code in place of `raise NotImplementedError()`", kind="stub")
RECURSION = Complaint(
    "your function calls itself again for every node on the way, deeper than Python allows", kind="recursion"
)


class Stopped(BaseException):
    """Ends a student's function that costs too much. Not an Exception: ``except Exception`` must not hide it."""

    def __init__(self, complaint: Complaint):
        super().__init__()
        self.complaint = complaint


def ask(question: Callable, answer: object) -> Plain | Complaint:
    """What ``answer`` says to ``question``, whatever it does: only the user's own interrupt gets through."""
    limit = sys.getrecursionlimit()
    try:
        return plain(question(answer))
    except KeyboardInterrupt:
        raise
    except Stopped as stopped:
        return _complaint(stopped)
    except NotImplementedError:
        return STUB
    except RecursionError:
        return RECURSION
    except NotPlain as refused:
        return Complaint(str(refused), kind=f"form: {refused}")
    except BaseException as error:
        return _raised(error)
    finally:
        sys.setrecursionlimit(limit)


def refuses(error: type[Exception], f: Callable, *args) -> bool:
    """Whether ``f(*args)`` raises that error, for questions about what must not be answered.

    >>> refuses(ZeroDivisionError, lambda x: 1 / x, 0)
    True
    """
    try:
        f(*args)
    except error:
        return True
    return False


def _complaint(stopped: Stopped) -> Complaint:
    """What it was stopped for. A student's code can raise this too, with anything inside."""
    inside = getattr(stopped, "complaint", None)
    words = type(inside) is Complaint and all(type(part) is str for part in inside)
    return inside if words else Complaint("your code raised an error of its own", kind="raised Stopped")


def _raised(error: BaseException) -> Complaint:
    """The name of an error is told where Python gives it; one of the student's own could spell out a question."""
    kind = type(error)
    own = type.__dict__["__name__"].__get__(kind)  # whatever its metaclass says
    try:
        said = str.__getitem__(str(error), slice(200))
    except BaseException:
        said = ""
    known = getattr(builtins, own, None) is kind or kind is np.linalg.LinAlgError
    detail = said if known else f"{own[:40]}: {said}"
    return Complaint(
        f"your code raised {own if known else 'an error of its own'}", detail, kind=f"raised {own}: {said}"
    )


class Remote:
    """Stands in a session for a function of the grader's: sends the arguments, plain, and gives back the value."""

    __name__ = "f"

    def __init__(self, place: int):
        self.place = place

    def __call__(self, *args):
        if REMOTE is None:
            raise RuntimeError("this function can only be called while its question is put")
        return value(REMOTE(self.place, tuple(map(plain, args))))


def value(answer: Plain):
    """A plain answer as NumPy computes with it: a scalar, or an array."""
    return np.array(answer.numbers).reshape(answer.shape)[()]


class _Printed(io.TextIOBase):
    """What is printed, up to a length (-1: nothing): a line for every node of a graph would bury the verdict."""

    def __init__(self, stream, left: int):
        self.stream, self.left = stream, left

    def write(self, text):
        if len(text) <= self.left:
            self.stream.write(text)
        elif self.left >= 0:
            self.stream.write(text[: self.left] + CUT)
        self.left -= len(text)
        return len(text)


@contextmanager
def quiet(show: bool):
    """Warnings and prints of a right answer cost nothing: nbgrader takes any line on stderr for a failure. What a
    student prints while debugging is shown, except where it would print the hidden questions."""
    sink = _Printed(sys.stdout, PRINTED if show else -1)
    with redirect_stdout(sink), redirect_stderr(sink), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
