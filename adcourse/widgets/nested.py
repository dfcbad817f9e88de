"""A derivative inside a derivative, line by line, with one ε for both and with an ε for each. Plain data, no widget.

The program is D(x -> outer(x, d))(x0) with d = D(y -> inner(x, y))(y0). With tags its numbers are
v + a ε₁ + b ε₂ + c ε₁ε₂, without tags v + b ε: hyper-dual and dual numbers, in the package's own arithmetic.
"""

from typing import NamedTuple

import numpy as np

from ..core.dual import Dual
from ..core.hyperdual import HyperDual
from ..show.words import number, operation

DIGITS = 4


class Line(NamedTuple):
    """One line of the run: its words, and the parts of its number: (v, ε) without tags, (v, ε₁, ε₂, ε₁ε₂) with."""

    name: str
    equation: str
    place: str  # "outer" or "inner": which of the two functions it stands in
    kind: str  # "seed", "operation", "read", "result"
    without: tuple
    tagged: tuple
    source: str = ""  # the line whose coefficient is read off


def lines(inner, outer, x, y):
    """The lines of the whole run. ``inner`` is a tape; ``outer(d)`` records the outer function at x and a number d."""
    bare, both = [Dual(x, 1.0), Dual(y, 1.0)], [HyperDual(x, 1, 0), HyperDual(y, 0, 1)]
    found = [
        Line("x", f"x = {number(x)}", "outer", "seed", (x, 1.0), (x, 1.0, 0.0, 0.0)),
        Line("y", f"y = {number(y)}", "inner", "seed", (y, 1.0), (y, 0.0, 1.0, 0.0)),
    ]
    last, bare_result, result = _run(inner, inner, ["x", "y"], bare, both, "inner", found)
    d, e = _parts(bare_result, 2)[1], _parts(result, 4)
    found.append(Line("d", f"d = read off {last}", "outer", "read", (d, 0.0), (e[2], e[3], 0.0, 0.0), last))
    operands = [bare[0], Dual(d, 0.0)], [both[0], HyperDual(e[2], e[3], 0, 0)]
    last, bare_result, result = _run(outer(d), outer(e[2]), ["x", "d"], *operands, "outer", found)
    ends = _parts(bare_result, 2)[1], _parts(result, 4)[1]
    found.append(Line("", f"read off {last}", "outer", "result", (ends[0], 0.0), (ends[1], 0.0, 0.0, 0.0), last))
    return found


def _run(bare_tape, tape, inputs, bare, both, place, found):
    """Append a line for each operation; returns the name and the two numbers of the result."""
    names, bare, both = list(inputs), list(bare), list(both)
    made = sum(line.kind == "operation" for line in found)
    for twin, row in list(zip(bare_tape, tape, strict=True))[len(inputs) :]:
        made += 1
        names.append(f"v{made}")
        with np.errstate(all="ignore"):
            bare.append(_apply(twin, bare))
            both.append(_apply(row, both))
        words = f"{names[-1]} = {operation(row, names.__getitem__, DIGITS)}"
        found.append(Line(names[-1], words, place, "operation", _parts(bare[-1], 2), _parts(both[-1], 4)))
    out = tape.outputs[0]
    return names[out], bare[out], both[out]


def _apply(row, numbers):
    operands = [x if p is None else numbers[p] for x, p in zip(row.operands, row.parents, strict=True)]
    return row.rule.function(*operands, **row.static)


def _parts(x, n):
    return tuple(float(part) for part in x.parts) if hasattr(x, "parts") else (float(x),) + (n - 1) * (0.0,)


def written(parts):
    """A number of the run as it is written by hand: ``2 + 1ε₁ + 1ε₂``; parts that are 0 are left out.

    >>> written((2.0, 1.0, -1.0, 0.0)), written((2.0, 2.0)), written((3.0, 0.0))
    ('2 + 1ε₁ − 1ε₂', '2 + 2ε', '3')
    """
    units = ("", "ε") if len(parts) == 2 else ("", "ε₁", "ε₂", "ε₁ε₂")
    text = number(parts[0], DIGITS)
    for part, unit in zip(parts[1:], units[1:], strict=True):
        if part:
            text += f" {'−' if part < 0 else '+'} {number(abs(part), DIGITS)}{unit}"
    return text.replace("-", "−")


def steps(found):
    """The steps of the picture, one a line: what it says and, where a coefficient is read, what it asks."""
    return [{"say": _say(found, k), "ask": _ask(found, k)} for k in range(len(found))]


def _say(found, k):
    line = found[k]
    without, tagged = written(line.without), written(line.tagged)
    if line.kind == "seed":
        if line.name == "x":
            return f"The outer derivative gives x a nudge. Without tags: x = {without}. With tags: x = {tagged}."
        return (
            f"The inner derivative gives y a nudge. Without tags it has the same name as that of x: y = {without}. "
            f"With tags it has its own: y = {tagged}."
        )
    if line.kind == "operation":
        say = f"{line.equation}. Without tags: {without}. With tags: {tagged}."
        a, b = line.tagged[1:3]
        if line.place == "inner" and a and b:
            add = f"{number(a, DIGITS)} from x and {number(b, DIGITS)} from y are added up".replace("-", "−")
            say += f" Without tags {add}, and nobody can tell them apart any more."
        return say
    if line.kind == "read":
        say = f"The inner derivative reads a coefficient off {line.source}. Without tags that of ε: {without}. "
        say += f"With tags that of ε₂: {tagged}."
        return say + (" In it x still moves, by ε₁; without tags that is lost." if line.tagged[1] else "")
    say = f"The outer derivative reads a coefficient off {line.source}. Without tags that of ε: {without}. "
    say += f"With tags that of ε₁: {tagged}."
    if without == tagged:
        return say + " Here the two agree; two nudges by one name did no harm this time."
    return say + f" The derivative is {tagged}; without tags it is wrong, and nothing warns you."


def _ask(found, k):
    """The question before a coefficient is read off, with the wrong answers that tell a misunderstanding."""
    line = found[k]
    if line.kind not in ("read", "result") or not all(map(np.isfinite, (*line.without, *line.tagged))):
        return None
    last, before = line.kind == "result", next(earlier for earlier in found if earlier.name == line.source)
    right, other = (line.tagged[0], line.without[0]) if last else (line.without[0], line.tagged[0])
    if last:
        d = next(earlier for earlier in found if earlier.kind == "read")
        question = f"With tags: which number does the outer derivative read off {before.name}"
        mistakes = [
            (other, "That is what comes out without tags."),
            (
                d.tagged[0],
                "That is the inner derivative; the outer one is taken of the whole product or sum it stands in.",
            ),
            (before.tagged[0], "That is the value; a derivative reads off the coefficient of its own ε."),
        ]
    else:
        question = f"Without tags: which number does the inner derivative read off {before.name}"
        mistakes = [
            (other, "That is y's part, which it ought to read. But x's nudge has the same name, and stands in it too."),
            (before.tagged[1], "That is x's part alone; y's is added to it."),
            (before.without[0], "That is the value; a derivative reads off the coefficient of ε."),
        ]
    apart = abs(right - other) > 1e-9 * abs(right)
    low, high = sorted((right, other))
    options = f", {number(low, DIGITS)} or {number(high, DIGITS)}?" if apart else "?"
    near = [abs(m - right) for m, _ in mistakes if abs(m - right) > 1e-9 * abs(right)]
    tolerance = min([max(0.005 * abs(right), 1e-9), *(0.4 * distance for distance in near)])
    return {
        "question": question + options, "name": "with tags" if last else "without tags",
        "answer": right, "shown": written((right, 0.0)), "tolerance": tolerance,
        "mistakes": [[m, why] for m, why in mistakes if abs(m - right) > tolerance],
    }  # fmt: skip
