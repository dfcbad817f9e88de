"""Assignment 14, the audit: 14.5.

The instant check sees the form alone, so that it can't be asked which verdicts are right; the grading wants all twelve.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Exact, Holds
from adcourse.grading.plain import NotPlain, entries
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps14_claims import CLAIMS

KEYS = [claim.key for claim in CLAIMS]


def truths() -> list[bool]:
    return [claim.holds() for claim in CLAIMS]


def verdicts(audit):
    """True or False for each key; 0 and 1 are understood."""
    said = entries(audit(), KEYS)
    for key, verdict in zip(KEYS, said, strict=True):
        if not isinstance(verdict, bool | np.bool_ | int | np.integer) or verdict not in (0, 1):
            raise NotPlain(f"the entry {key!r} is neither True nor False; write one of the two, without quotes")
    return said


def audit_visible():
    form = Holds(lambda said: "", shape=(len(KEYS),))
    return [Probe("a dict with the twelve keys, each True or False", verdicts, form)]


def audit_hidden(rng):
    yield Probe("your twelve verdicts", verdicts, Exact(truths, says="not all of the twelve are right"))


def _all_but(*keys):
    """The right verdicts, but for these."""
    return lambda: {key: truth != (key in keys) for key, truth in zip(KEYS, truths(), strict=True)}


AUDIT = Problem(
    id="14.5",
    title="Audit the claims",
    points=3,
    signature="audit()",
    visible=audit_visible,
    hidden=audit_hidden,
    hint="Use the numbers you computed in this course.",
    unseen="The check looks at the keys and at the types. Whether the twelve verdicts are right, the grading finds "
    "out: all of them have to be.",
    mistakes=[
        *(Mistake(_all_but(claim.key), f"{claim.key}: {claim.hint}") for claim in CLAIMS),
        Mistake(
            lambda: dict.fromkeys(KEYS, False),
            "You believe nothing. That is no audit either: for each sentence do one experiment, and let its numbers "
            "speak. Begin with the sentence that looks most wrong.",
        ),
        Mistake(
            lambda: dict.fromkeys(KEYS, True),
            "You believe everything. Each sentence is close to one that somebody published: for each of them do one "
            "experiment, and let its numbers speak.",
        ),
        Mistake(
            lambda: {key: key == "polynomial" for key in KEYS},
            "That one sentence is true although it doesn't look like it does not make all others false. For each of "
            "them do one experiment.",
        ),
        Mistake(_all_but(*KEYS), "Turn your sheet around: did you mark what is wrong with True?"),
    ],
)
