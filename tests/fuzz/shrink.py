"""Make a failing program smaller while it still fails."""

from dataclasses import replace

import numpy as np

from .check import REFUSED, UNCLEAR, disagreement
from .programs import literal


def fails(program):
    try:
        return disagreement(program) not in (None, UNCLEAR, REFUSED)
    except Exception:  # not a program any more
        return False


def shrink(program, fails=fails, attempts=200):
    """Greedily: one result instead of many, a lower order, an input or a constant in place of a line."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _simpler(program):
            attempts -= 1
            if attempts < 0:
                return program
            if fails(candidate):
                program, smaller = candidate, True
                break
    return program


def _simpler(program):
    pruned = program.pruned()
    if len(pruned.lines) < len(program.lines) or len(pruned.inputs) < len(program.inputs):
        yield pruned
    if len(program.sinks) > 1:
        for name in program.sinks:
            yield replace(program, results=(name,)).pruned()
    for order in range(1, program.order):
        yield replace(program, order=order)
    values = program.values()
    for k in reversed(range(len(program.lines))):
        name, text = program.lines[k]
        same = [x for x, v in program.inputs.items() if np.shape(v) == np.shape(values[name])]
        for new in [*same, literal(values[name])]:
            if text != f"{name} = {new}":
                changed = (*program.lines[:k], (name, f"{name} = {new}"), *program.lines[k + 1 :])
                yield replace(program, lines=changed).pruned()
