"""What a problem is: its questions, the judge of the answers, and the misunderstandings it knows by name.

One definition serves the instant check in the student's notebook and the hidden cells that nbgrader runs. It holds
no solution: judges compare with an oracle that gets the right numbers by another route, and a wrong answer that
is known by name is code, run on the same questions only to recognise its numbers. The reference solution stands in
``solutions/``, in the cell ``p6-4-solution``.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from adcourse.grading.plain import Plain, plain


class Complaint(NamedTuple := __import__("typing").NamedTuple):
    pass
