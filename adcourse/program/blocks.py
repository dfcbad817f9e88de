"""Elementwise steps on large arrays, in blocks that stay in the processor's cache, and in memory that is used again.

A fresh array of megabytes costs more than the arithmetic that fills it: its pages come from the system one by one. So
neighbouring steps go through the arrays together, block by block, and what only they need lives in a few blocks.
"""

from collections import defaultdict
from functools import cache

import numpy as np

from ..core.kinds import Elementwise, shape_of
from ..core.rules import RULES, put
from .recorder import GUARD, Asked, Step

LARGE = 2**17  # bytes from which an array is worth it
CACHE = 2**22  # bytes that a block of all arrays of a group may take
NEAR = 64  # numbers by which the parts of a sum may be apart, to be added in one loop
POWERS = {2.0: np.square, 0.5: np.sqrt, -1.0: np.reciprocal}  # what NumPy's ** calls for these exponents
POWER, REDUCE = RULES[np.power], np.add.reduce


def fits(step):
    """Whether it is an elementwise step whose operands are numbers and contiguous arrays of the shape of the result."""
    rule, value = step.rule, step.value
    if not isinstance(value, np.ndarray) or value.nbytes < LARGE or step.static or not value.flags.c_contiguous:
        return False
    if not isinstance(rule, (Elementwise, Asked)) or not isinstance(rule.function, np.ufunc) or rule.function.nout > 1:
        return False
    operands = [x.value if type(x) is Step else x for x in step.args]
    return all(
        not shape_of(x) or (type(x) is np.ndarray and x.shape == value.shape and (x.ndim == 1 or x.flags.c_contiguous))
        for x in operands
    )


def arranged(steps):
    """The steps in an order in which those that go together are neighbours: steps, and lists of them.

    A step that a group doesn't need and that doesn't need the group goes before it; one that reads a result behind it.
    """
    if not any(map(fits, steps)):
        return steps
    order, group, later, waiting, members = [], [], [], set(), set()

    def flush():
        order.extend([list(group)] if group else [])
        order.extend(later)
        for some in (group, later, waiting, members):
            some.clear()

    for step in steps:
        fit = fits(step)
        if group and step.rule is GUARD:
            flush()
        late = any(x in waiting for x in step.reads)
        if fit and group and (late or shape_of(step.value) != shape_of(group[0].value)):
            flush()
        if fit:
            group.append(step)
            members.add(step)
        elif late or (group and any(x in members for x in step.reads)):
            later.append(step)
            waiting.add(step)
        else:
            order.append(step)
    flush()
    return order


class Buffers:
    """Memory that a program uses in every run: taken at the start, given back at the end, one set for each run at once.

    ``shapes`` says of each array its shape and dtype.
    """

    def __init__(self):
        self.shapes, self.free = [], []

    def add(self, shape, dtype):
        self.shapes.append((shape, dtype))
        return f"b{len(self.shapes)}"

    def take(self):
        try:
            return self.free.pop()
        except IndexError:
            return tuple(np.empty(shape, dtype) for shape, dtype in self.shapes)


def write_group(w, group, buffers, kept, sums=(), totals=()):
    """The loop over blocks of a group of steps. ``kept``: those that a later step reads, and those of the result.

    ``sums``: steps that add members of the group alone into one vector, which are done in the loop; see ``Sum``.
    ``totals``: steps that add all numbers of a member; see ``halves``.
    """
    shape, n = shape_of(group[0].value), group[0].value.size
    outside = dict.fromkeys(x for step in group for x in step.reads if shape_of(x.value) and x not in group)
    inside = {x: k for k, step in enumerate(group) for x in step.reads if x in group}  # where each is read last
    most = max(1024, CACHE // (8 * (len(outside) + len(kept) + 3)))
    parts = halves(n, most)
    block = max(j - i for i, j in parts)
    lines, slices, names, free, cut = [], {}, {}, defaultdict(list), []
    for x in (*outside, *kept):
        whole = w.name(x)
        if x in kept:
            if x in w.outputs:
                w.line(f"{whole} = {w.function('np.empty', np.empty)}({shape}, {w.text(x.value.dtype)})")
            else:
                w.line(f"{whole} = {buffers.add(shape, x.value.dtype)}")
        if len(shape) > 1:
            w.line(f"{whole}_flat = {whole}.reshape(-1)")
            whole = f"{whole}_flat"
        slices[x] = whole
    for k, (x, whole) in enumerate(slices.items()):
        names[x] = f"a{k}"
        lines.append(f"a{k} = {whole}[i:j]")
    sums = [Sum(w, step, buffers, block, n) for step in sums]
    for s in sums:
        lines += s.opening
        cut += s.cut
        names |= s.names
    collected = {step: w.new() for step in totals}
    for name in collected.values():
        w.line(f"{name} = []")

    def let_go(x):
        if x not in kept and not any(x in s.names for s in sums):
            free[x.value.dtype].append(names[x])

    for k, step in enumerate(group):
        operands = [operand(w, x, names) for x in step.args]
        for x in dict.fromkeys(step.reads):
            if inside.get(x) == k:
                let_go(x)
        if step not in names:
            if not free[step.value.dtype]:
                whole = buffers.add((block,), step.value.dtype)
                free[step.value.dtype].append(f"{whole}_")
                cut.append((whole, 0))
            names[step] = free[step.value.dtype].pop()
        function, operands = of_block(step, operands)
        lines.append(f"{w.function(f'np.{function.__name__}', function)}({', '.join(operands)}, {names[step]})")
        for total, name in collected.items():
            if total.args[0] is step:
                lines.append(f"{name}.append({w.function('np.add.reduce', REDUCE)}({names[step]}))")
        if step not in inside:
            let_go(step)
    for s in sums:
        lines += s.closing
    w.line(f"for i, j in {w.constant(parts)}:")
    for whole, more in cut:
        w.line(f"    {whole}_ = {whole}[: j - i + {more}]" if more else f"    {whole}_ = {whole}[: j - i]")
    for line in lines:
        w.line(f"    {line}")
    for s in sums:
        for line in s.after:
            w.line(line)
    for step, name in collected.items():
        w.assign(step, f"{w.function('total', total_of)}(iter({name}), {n}, {most})")
    for step in kept:
        if step in w.outputs:
            w.owned.add(step)


def first_half(n):
    """How many of n numbers NumPy takes for the first half: whole groups of eight."""
    return n // 2 // 8 * 8


def halves(n, most, start=0):
    """The parts of n numbers, of at most so many, by which NumPy adds them: each half by itself (pairwise summation).

    So the sum of a long vector is that of the sums of its parts, to the last bit. Higham (2002), section 4.2.
    """
    if n <= most:
        return [(start, start + n)]
    half = first_half(n)
    return [*halves(half, most, start), *halves(n - half, most, start + half)]


def total_of(sums, n, most):
    """The sum of n numbers from those of their ``halves``, in order."""
    if n <= most:
        return next(sums)
    half = first_half(n)
    left = total_of(sums, half, most)
    return left + total_of(sums, n - half, most)


@cache
def adds_by_halves(shape, dtype):
    """Whether this NumPy adds so: tried on as many numbers."""
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    parts = [REDUCE(x.reshape(-1)[i:j]) for i, j in halves(x.size, 1024)]
    return dtype in (np.float32, np.float64) and total_of(iter(parts), x.size, 1024) == REDUCE(x, None)


def is_total(step, mine):
    """Whether a step is the sum of all numbers of a member of a group."""
    if step.rule.function is not np.sum or len(step.args) != 1 or step.args[0] not in mine:
        return False
    x = step.args[0].value
    return step.static in ({}, {"axis": None}) and x.ndim < 3 and adds_by_halves((3000, 3)[: x.ndim], x.dtype)


class Sum:
    """A vector to which members of a group are added, each from its start on: written in the loop over the blocks.

    The part that starts at s reaches the block with what it was s numbers ago. So its buffer has s numbers more in
    front, the last ones of the block before, and is added as a whole; but in the first block nothing was before.
    """

    def __init__(self, w, step, buffers, block, n):
        self.names, self.opening, self.closing, self.after, self.cut = {}, [], [], [], []
        whole, start = w.name(step), starts_of(step)
        add, empty = w.function("np.add", np.add), w.function("np.empty", np.empty)
        w.line(f"{whole} = {empty}({step.static['shape'][0]}, {w.text(step.value.dtype)})")
        g = w.new()
        self.opening = [f"{g} = {whole}[i:j]"]
        self.after = [f"{whole}[{n}:] = 0.0"] if step.static["shape"][0] > n else []
        for k, (part, s) in enumerate(zip(step.args, start, strict=True)):
            if k == s == 0:
                self.names[part] = g
                continue
            b = buffers.add((block + s,), part.value.dtype)
            self.cut.append((b, s))
            self.names[part] = f"{b}_[{s}:]" if s else f"{b}_"
            here = f"{b}_[:-{s}]" if s else f"{b}_"
            if s:
                self.closing += ["if i == 0:", f"    {g}[:{s}] = 0.0"] if k == 0 else ["if i == 0:"]
                now = f"{b}_[{s}:-{s}]"
                self.closing.append(f"    {add}({g}[{s}:], {now}, {g}[{s}:])" if k else f"    {g}[{s}:] = {now}")
                self.closing += ["else:", f"    {add}({g}, {here}, {g})" if k else f"    {g}[:] = {here}"]
                self.closing.append(f"{b}[:{s}] = {b}_[-{s}:]")
                end = f"{whole}[{n}:{n + s}]"
                self.after.append(f"{end} {'+=' if k else '='} {b}[:{s}]")
            else:
                self.closing.append(f"{add}({g}, {here}, {g})" if k else f"{g}[:] = {here}")


def starts_of(step):
    """Where each part of a sum begins, if all are slices of one vector without gaps, near its beginning; else None."""
    shape = step.static["shape"]
    if step.rule is not put or len(shape) != 1 or not all(type(i) is slice for i in step.static["indices"]):
        return None
    ends = [i.indices(shape[0]) for i in step.static["indices"]]
    return [e[0] for e in ends] if all(e[2] == 1 and e[0] <= NEAR for e in ends) else None


def operand(w, x, names):
    """An operand of a step in a block: a number, or the block of an array."""
    if type(x) is Step:
        return names.get(x) or w.text(x)
    if isinstance(x, np.ndarray):
        return f"{w.constant(x.reshape(-1))}[i:j]" if x.ndim else w.text(x.item())
    return w.operand(x)


def of_block(step, operands):
    """The function to call, as ``**`` would."""
    if step.rule is POWER and type(step.args[1]) in (int, float) and float(step.args[1]) in POWERS:
        return POWERS[float(step.args[1])], operands[:1]
    return step.rule.function, operands


def scattered(whole, parts, starts, block=2**15):
    """Zeros with every part added at its place, block by block; ``whole`` is an array to fill."""
    first, begin = parts[0], starts[0]
    for i in range(0, len(whole), block):
        j = min(i + block, len(whole))
        a, b = max(i, begin), min(j, begin + len(first))
        if b - a < j - i:
            whole[i:j] = 0.0
        if a < b:
            whole[a:b] = first[a - begin : b - begin]
        for part, start in zip(parts[1:], starts[1:], strict=True):
            a, b = max(i, start), min(j, start + len(part))
            if a < b:
                piece = whole[a:b]
                np.add(piece, part[a - start : b - start], piece)
    return whole
