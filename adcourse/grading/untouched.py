"""What a function was given belongs to its caller: whether it was left as it was.

``asked`` hands out copies and counts those that were changed; ``Untouched`` judges that number, one part of an answer.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Exact
from adcourse.grading.plain import Complaint


def asked(f: Callable, *given) -> tuple:
    """The answer of ``f`` on copies of these arrays, and how many of the copies it changed.

    >>> asked(lambda x: x.sort(), np.array([2.0, 1.0]))
    (None, 1)
    """
    mine = [np.copy(x) for x in given]
    said = f(*mine)
    return said, sum(not np.array_equal(x, y) for x, y in zip(given, mine, strict=True))


class Untouched(Exact):
    """The number of arguments that were changed is 0."""

    def __init__(self):
        super().__init__(0)

    def __call__(self, answer):
        if self.wrong(answer):
            return Complaint("your function changed an array that it was given", kind="changed")
        return None
