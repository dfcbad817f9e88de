"""The three sweeps over a tape, as a list of steps: what each step shows, says, and asks. Plain data, no widget.

A step is a dict: ``sweep`` ("primal", "tangent", "adjoint"), ``row`` at work, ``edge`` in use ("parent,row,operand"
or ""), ``say`` (what happens, with its numbers), ``sum`` (the accumulation at a fan-out, or ""), ``set`` (the cells
that change: [row, column, words, short words for the graph]) and, where an adjoint changes, ``ask`` (a prediction).
"""

from math import isfinite

from ..show.captions import short
from ..show.words import equation, number, shape, value

NAMES = {"primal": "Primal sweep", "tangent": "Tangent sweep", "adjoint": "Adjoint sweep"}


def steps(tape, tangents):
    """All steps of the primal, the tangent and the adjoint sweep, in order."""
    return [*_primal(tape), *_tangent(tape, tangents), *_adjoint(tape)]


def _step(sweep, row, say, changes, edge="", total="", ask=None):
    cells = [[i, sweep, value(x), short(x)] for i, x in changes]
    return {"sweep": sweep, "row": row, "edge": edge, "say": say, "sum": total, "set": cells, "ask": ask}


def _primal(tape):
    for row in tape:
        text = equation(row, lambda p: tape[p].name)
        if row.rule is None:
            say = f"Input {row.name} = {value(row.value)}."
        else:
            numbers = " and ".join(f"{tape[p].name} = {value(tape[p].value)}" for p in dict.fromkeys(_parents(row)))
            say = f"{text}, with {numbers}: {row.name} = {value(row.value)}."
        yield _step("primal", row.index, say, [(row.index, row.value)])


def _parents(row):
    return [p for p in row.parents if p is not None]


def _tangent(tape, tangents):
    for row in tape:
        i, t = row.index, tangents[row.index]
        if row.rule is None:
            say = f"Seed: the tangent of {row.name} is {value(t)}."
        elif _scalar_rule(tape, i):
            terms = [
                f"{_factor(d)} × {_factor(tangents[p])}"
                for p, d in zip(row.parents, tape.partials(i), strict=True)
                if p is not None
            ]
            say = (
                f"Tangent of {row.name}: local partial × tangent{', added up' * (len(terms) > 1)}: "
                f"{' + '.join(terms)} = {value(t)}."
            )
        else:
            parts = " and ".join(f"{tape[p].name}: {value(tangents[p])}" for p in dict.fromkeys(_parents(row)))
            text = equation(row, lambda p: tape[p].name)
            say = f"{text} pushes the tangents of its operands ({parts}) forward: tangent of {row.name} = {value(t)}."
        yield _step("tangent", i, say, [(i, t)])


def _adjoint(tape):
    out, names = tape.outputs[0], {i: tape[i].name for i in range(len(tape))}
    adjoint = [0.0 * row.value for row in tape]
    adjoint[out] = adjoint[out] + 1.0
    say = f"Seed: the adjoint of {names[out]}, the output, is 1; every other adjoint starts at 0."
    yield _step("adjoint", out, say, enumerate(adjoint))
    uses, history = _uses(tape, out), {}
    for row in reversed(list(tape)):
        i = row.index
        if row.rule is None or i not in uses:
            continue
        for k, (p, share) in enumerate(zip(row.parents, tape.pullback(i, adjoint[i]), strict=True)):
            if p is None:
                continue
            before, adjoint[p] = adjoint[p], adjoint[p] + share
            total = f"{value(before)} + {_factor(share)} = {value(adjoint[p])}"
            history.setdefault(p, []).append(total)
            local, ask = None, None
            if _scalar_rule(tape, i):
                local = tape.partials(i)[k]
                say = (
                    f"{names[i]} passes to {names[p]}: adjoint of {names[i]} × local partial = "
                    f"{_factor(adjoint[i])} × {_factor(local)} = {value(share)}. Adjoint of {names[p]}: {total}."
                )
            else:
                text = equation(row, names.get)
                what = f"{value(adjoint[i])} for {text.partition(' = ')[2]}, 0 elsewhere"
                what = what if row.rule.name == "getitem" else value(share)
                say = f"{text} pulls its adjoint back to {names[p]}: {what}. Adjoint of {names[p]}: {total}."
            if not shape(adjoint[p]):
                ask = _question(row, names, k, before, share, adjoint[p], local, adjoint[i])
            fan = _fan_out(names[p], uses[p], history[p], bool(shape(adjoint[p])))
            yield _step("adjoint", p, say, [(p, adjoint[p])], f"{p},{i},{k}", fan, ask)


def _uses(tape, out):
    """How often each row that the output depends on is used on the way to it."""
    uses = {out: 0}
    for row in reversed(list(tape)):
        for p in _parents(row) if row.index in uses else ():
            uses[p] = uses.get(p, 0) + 1
    return uses


def _fan_out(name, uses, history, is_array):
    """The running sum at a value that is used more than once, share by share."""
    if uses < 2:
        return ""
    last = "complete" if len(history) == uses else f"{uses - len(history)} still to come"
    shown = ("…, then " if len(history) > 4 else "") + ", then ".join(history[-4:])
    sums = f"share {len(history)} of {uses} has come in" if is_array else shown
    return f"Fan-out: {name} is used {uses} times, so its adjoint is a sum: {sums}; {last}."


def _scalar_rule(tape, i):
    """Whether row ``i`` is a number computed from numbers by local partials, so that a hand can follow it."""
    row = tape[i]
    return not shape(row.value) and all(
        p is None or (d is not None and not shape(d)) for p, d in zip(row.parents, tape.partials(i), strict=True)
    )


def _factor(x):
    """A number in a product or sum: negative ones in parentheses."""
    text = value(x)
    return f"({text})" if text.startswith("-") else text


def _question(row, names, k, before, share, after, local, adjoint):
    """The prediction asked before ``after`` is revealed, with the wrong answers that tell a misunderstanding."""
    if not isinstance(after, (int, float)) or not isfinite(after):
        return None
    parent, child = names[row.parents[k]], names[row.index]
    mistakes = []
    if before:
        there = f"the {number(before)} already there"
        mistakes += [
            (share, f"{number(share)} is the new share alone; add it to {there}."),
            (before, f"{number(before)} was there before; the share of {child} is still to be added."),
            (before * share, "Shares that arrive at one value are added, not multiplied."),
        ]
    if local is not None:
        times = f"Multiply the adjoint of {child}, {number(adjoint)}, by the local partial, {number(local)}"
        times += f", then add {there}." if before else "."
        mistakes += [(m, times) for m in dict.fromkeys((local, adjoint, before + local, before + adjoint))]
        mistakes.append((before + adjoint * row.operands[k], f"That uses the value of {parent}. {times}"))
    mistakes = [(float(m), why) for m, why in mistakes if isfinite(m)]
    # Near enough is right, but never so near that a known mistake would pass.
    near = [abs(m - after) for m, _ in mistakes if abs(m - after) > 1e-9 * abs(after)]
    tolerance = min([0.005 * abs(after), *(0.4 * d for d in near)])
    wrong = [[m, why] for m, why in mistakes if abs(m - after) > tolerance]
    return {
        "question": f"{child} passes its share back to {parent}. What is the adjoint of {parent} then?",
        "name": parent, "answer": float(after), "shown": number(after), "tolerance": tolerance, "mistakes": wrong,
    }  # fmt: skip
