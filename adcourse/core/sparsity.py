"""Which number depends on which: the pattern of a Jacobian, found in one pass over the tape.

The chain rule says dz/dx = (dz/dy) (dy/dx). Read with "or" for the sum and "and" for the product, it says of which
inputs z is made. So a rule needs to tell only which numbers of its operands each number of its result reads:

    elementwise    those at its own place, as broadcasting pairs them
    linear         the rule itself, run on positions 1, 2, 3, ... in place of numbers, says where each one went
    bilinear       a row of one operand and a column of the other; of a constant one only what isn't zero
    all others     every number, matrix by matrix

The pattern is that of the branch which the program took. It never lacks an entry; it may have one that cancels, as
x - x does.

Source: Griewank and Walther, *Evaluating Derivatives* (2008), section 7.1.
"""

from functools import lru_cache
from math import prod

import numpy as np

from ..functions.shapes import MOVES
from .custom import Bundled
from .inplace import setitem
from .kinds import Elementwise, shape_of, size_of
from .levels import plain
from .linalg import DIVIDE
from .rules import RULES, astype, concatenate, getitem, put, where
from .tape import INPUT

LONGEST = 10_000  # rows; beyond, the look at all of them costs more than what it saves
COMPARABLE = {int, float, bool, str, slice, type(Ellipsis), type}  # what == compares as a whole, unlike arrays
MOST = 2**24  # pairs of numbers; a product with a constant that would need more counts as one with a full matrix


class Pattern:
    """A set of places in a matrix: in row i, those in the columns ``indices[indptr[i] : indptr[i + 1]]``, in order."""

    __slots__ = ("example", "indices", "indptr", "shape")

    def __init__(self, indptr, indices, shape):
        self.indptr, self.indices, self.shape = indptr, indices, shape

    @classmethod
    def of(cls, rows, columns, shape):
        """The pattern with these entries, given in any order, also repeatedly."""
        keys = np.unique(np.asarray(rows, np.intp) * shape[1] + columns)
        rows, columns = np.divmod(keys, max(1, shape[1]))
        return cls(np.searchsorted(rows, np.arange(shape[0] + 1)), columns, shape)

    nnz = property(lambda self: len(self.indices))
    counts = property(lambda self: self.indptr[1:] - self.indptr[:-1])  # entries in each row
    rows = property(lambda self: np.repeat(np.arange(self.shape[0]), self.counts))  # the row of each entry
    T = property(lambda self: Pattern.of(self.indices, self.rows, self.shape[::-1]))

    def __or__(self, other):
        both = [(p.rows, p.indices) for p in (self, other)]
        return Pattern.of(*map(np.concatenate, zip(*both, strict=True)), self.shape)

    def __le__(self, other):
        return bool(other.has(self).all())

    def has(self, other):
        """Which entries of another pattern are in this one."""
        return np.isin(*(p.rows * p.shape[1] + p.indices for p in (other, self)))

    def toarray(self):
        """The pattern as a matrix of True and False."""
        full = np.zeros(self.shape, bool)
        full[self.rows, self.indices] = True
        return full

    def after(self, size, targets, sources):
        """The pattern of ``size`` numbers of which number ``targets[k]`` reads row ``sources[k]`` of this one."""
        count, n = self.counts[sources], self.shape[1]
        stop = np.cumsum(count)
        at = np.arange(stop[-1] if len(stop) else 0) + np.repeat(self.indptr[sources] - (stop - count), count)
        if np.any(targets[1:] <= targets[:-1]):
            return Pattern.of(np.repeat(targets, count), self.indices[at], (size, n))
        counts = np.zeros(size + 1, np.intp)  # each reads one row at most, in order: nothing to unite
        counts[targets + 1] = count
        return Pattern(np.cumsum(counts), self.indices[at], (size, n))


def dependence(tape, values):
    """The pattern of the Jacobian that a tape holds, ``values`` being what its program returned.

    A row for each number of the results, a column for each of the inputs, in order.
    """
    n, start = sum(size_of(tape.rows[i][4]) for i in tape.inputs), 0
    last, found = _last_uses(tape), [None] * len(tape.rows)  # Patterns; of a single number, the set of its columns
    for i, (rule, parents, operands, static, value) in enumerate(tape.rows):
        if rule is INPUT:
            size = size_of(value)
            found[i] = (
                frozenset([start])
                if size == 1
                else Pattern(np.arange(size + 1), np.arange(start, start + size), (size, n))
            )
            start += size
        elif i in last:
            if rule is None:  # a number made of one or two numbers
                parents = (parents,) if operands is None else (parents, operands)
                found[i] = _union([found[p] for p in parents if found[p]])
            else:
                found[i] = _row(rule, [None if p is None else found[p] for p in parents], operands, static, value, n)
            for p in parents:
                if p is not None and last[p] == i:
                    found[p] = None
    outputs = [frozenset() if o is None else found[o] for o in tape.outputs]
    nothing = [Pattern(np.zeros(size_of(y) + 1, np.intp), np.zeros(0, np.intp), (size_of(y), n)) for y in values]
    return _stacked([p or empty for p, empty in zip(outputs, nothing, strict=True)], n)


def structure(tape):
    """All that ``dependence`` looks at, to compare tapes by ``==``; None if that includes numbers, or is very long."""
    if len(tape.rows) > LONGEST:
        return None
    found = [list(tape.inputs), list(tape.outputs)]
    for rule, parents, operands, static, value in tape.rows:
        if rule is None or rule is INPUT:
            found.append((parents, operands if rule is None else shape_of(value)))
            continue
        zeros = _READS.get(rule) in (_product, _convolved) and None in parents  # those of the constant operand
        if zeros or getattr(rule, "constant", ()) or isinstance(rule, Bundled):
            return None
        if not all(map(_comparable, static.values())):
            return None
        found.append((rule, tuple(parents), [*map(shape_of, operands)], static, shape_of(value)))
    return found


def _comparable(x):
    """Whether a rule's static argument is no array, nor has one in it."""
    if type(x) in (tuple, list):
        return all(map(_comparable, x))
    return x is None or type(x) in COMPARABLE or isinstance(x, np.dtype)


def _last_uses(tape):
    """Of each row that the outputs depend on: the last of these rows that reads it."""
    last = {o: len(tape.rows) for o in tape.outputs if o is not None}
    for i in range(len(tape.rows) - 1, -1, -1):
        if i in last:
            rule, parents, right, *_ = tape.rows[i]
            for p in parents if rule is not None else (parents, right):
                if p is not None:
                    last.setdefault(p, i)
    return last


def _union(sets):
    if len(sets) == 2:
        return sets[0] if sets[0] is sets[1] else sets[0] | sets[1]
    return frozenset().union(*sets) if len(sets) != 1 else sets[0]


def _stacked(patterns, n):
    """Patterns below each other, as one."""
    if len(patterns) == 1 and isinstance(patterns[0], Pattern):
        return patterns[0]
    counts = np.concatenate([[0], *([len(p)] if isinstance(p, frozenset) else p.counts for p in patterns)])
    indices = [np.array(sorted(p), np.intp) if isinstance(p, frozenset) else p.indices for p in patterns]
    indices = np.concatenate([np.zeros(0, np.intp), *indices])
    return Pattern(np.cumsum(counts), indices, (len(counts) - 1, n))


@lru_cache(8)
def _numbered(shape):
    """0, 1, 2, ... in this shape."""
    numbers = np.arange(prod(shape)).reshape(shape)
    numbers.flags.writeable = False
    return numbers


# ---------------------------------------------------------------------------------------------- one row of the tape

_SAME = {RULES[f] for f in (np.reshape, np.ravel, np.expand_dims, np.squeeze, np.copy)} | {astype}
_MOVES = MOVES | _SAME | {where, concatenate, setitem}
_MOVES |= {RULES[f] for f in (np.broadcast_to, np.transpose, np.swapaxes, np.moveaxis, np.flip)}


def _row(rule, known, operands, static, value, n):
    """The dependence of one value: a Pattern, a set if it is one number, None if it depends on nothing."""
    zero = rule.terms if isinstance(rule, Elementwise) else ()
    live = [k for k, p in enumerate(known) if p and (k >= len(zero) or zero[k] != "0.0")]
    found = _at_once(rule, known, live, operands, static, size_of(value)) if live else None
    if found is None and live:
        start = np.cumsum([0, *(size_of(operands[k]) for k in live)])
        places = {k: _numbered(shape_of(operands[k])) + s for k, s in zip(live, start, strict=False)}
        reads = _READS.get(rule, _paired if _is_elementwise(rule) else _moved if rule in _MOVES else _everything)
        found = _stacked([known[k] for k in live], n)
        for size, *pairs in reads(rule, places, operands, static, shape_of(value)):
            found = found.after(size, *(np.concatenate([np.ravel(a) for a in arrays]) for arrays in pairs))
        found = frozenset(found.indices.tolist()) if size_of(value) == 1 else found
    return None if found is None or (isinstance(found, Pattern) and not found.nnz) else found


def _is_elementwise(rule):
    return isinstance(rule, Elementwise) or rule is DIVIDE


def _at_once(rule, known, live, operands, static, size):
    """The frequent cases in which nothing has to be worked out; None in all others."""
    patterns = [known[k] for k in live]
    first, shapes, elementwise = patterns[0], {shape_of(operands[k]) for k in live}, _is_elementwise(rule)
    if isinstance(first, frozenset):
        sets = size == 1 and (elementwise or len(known) == 1) and all(isinstance(p, frozenset) for p in patterns)
        return _union(patterns) if sets else None
    if elementwise or (rule in _SAME and static.get("order", "C") in "CK"):
        same = all(p is first for p in patterns) and len(shapes) == 1 and size == size_of(operands[live[0]])
        return first if same else None
    if rule is getitem and size == 1:
        k = int(_numbered(*shapes)[static["index"]].ravel()[0])
        return frozenset(first.indices[first.indptr[k] : first.indptr[k + 1]].tolist())
    return None


# What a rule reads, in one step or in two. A step: how many numbers result, which of them read something, and what; the
# latter two as lists of arrays of one shape. ``places`` numbers the numbers of all operands that aren't constant.


def _paired(rule, places, operands, static, shape):
    sources = [np.broadcast_to(p, shape) for p in places.values()]
    return [(prod(shape), [_numbered(shape)] * len(sources), sources)]


def _moved(rule, places, operands, static, shape):
    """The rule moves the places as it moves numbers; 0 stands for constants."""
    constant = getattr(rule, "constant", ())
    numbers = [
        places[k] + 1 if k in places else plain(x) if k in constant else np.zeros(shape_of(x), int)
        for k, x in enumerate(operands)
    ]
    came = np.ravel(rule.evaluate(numbers, static))
    targets = np.flatnonzero(came)
    return [(prod(shape), [targets], [came[targets] - 1])]


def _indexed(rule, places, operands, static, shape):
    return [(prod(shape), [_numbered(shape)], [places[0][static["index"]]])]


def _gathered(rule, places, operands, static, shape):
    """Sums, means, extremes: every number along the axes."""
    axis, numbers = static.get("axis"), _numbered(shape)
    if axis is not None and not static.get("keepdims"):
        numbers = np.expand_dims(numbers, axis)
    return [(prod(shape), [np.broadcast_to(numbers, places[0].shape)], [places[0]])]


def _up_to_here(rule, places, operands, static, shape):
    """Sums of all numbers up to each, along an axis."""
    sources, targets = (np.moveaxis(a, static["axis"], -1) for a in (places[0], _numbered(shape)))
    earlier, later = np.triu_indices(shape[static["axis"]])
    return [(prod(shape), [targets[..., later]], [sources[..., earlier]])]


def _put(rule, places, operands, static, shape):
    targets = [_numbered(shape)[static["indices"][k]] for k in places]
    return [
        (prod(shape), targets, [np.broadcast_to(p, t.shape) for p, t in zip(places.values(), targets, strict=True)])
    ]


def _product(rule, places, operands, static, shape):
    """Rows times columns, by the places of the numbers that meet."""
    x, y = map(shape_of, operands)
    batch = shape[: len(shape) - (len(x) > 1) - (len(y) > 1)]
    places = dict(places)
    rows = x[-2] if len(x) > 1 else 1
    columns = y[-1] if len(y) > 1 else 1
    z = np.reshape(_numbered(shape), (-1, rows, columns))
    flat = lambda a, m, n: np.reshape(
        np.broadcast_to(np.reshape(a, (*np.shape(a)[:-2], m, n)), (*batch, m, n)), (-1, m, n)
    )
    fit = [lambda a: flat(a, rows, x[-1]), lambda a: np.swapaxes(flat(a, x[-1], columns), -1, -2)]
    zs = z, np.swapaxes(z, -1, -2)
    if len(places) == 1:
        ((k, p),) = places.items()
        nonzero = np.nonzero(fit[1 - k](plain(operands[1 - k])) != 0)  # matrix, column of z, number along the sum
        matrix, column, along = nonzero
        a = fit[k](p)
        if len(matrix) * a.shape[1] <= MOST:
            return [(z.size, [zs[k][matrix, :, column]], [a[matrix, :, along]])]
    groups, targets, sources, uses, users = 0, [], [], [], []
    for k, p in places.items():
        a = fit[k](p)
        group = groups + np.reshape(np.arange(a.shape[0] * a.shape[1]), (*a.shape[:2], 1))
        groups += group.size
        targets.append(np.broadcast_to(group, a.shape))
        sources.append(a)
        uses.append(np.broadcast_to(group, zs[k].shape))
        users.append(zs[k])
    return [(groups, targets, sources), (z.size, users, uses)]


def _convolved(rule, places, operands, static, shape):
    ((m,), (n,)) = map(shape_of, operands)
    at = np.arange(m)[:, None] + np.arange(n)  # where each product goes
    met = [np.arange(m)[:, None], np.arange(n)]
    there = np.ones((m, n), bool)
    for k in {0, 1} - set(places):
        there &= plain(operands[k])[met[k]] != 0
    return [
        (m + n - 1, [at[there]] * len(places), [np.broadcast_to(p[met[k]], (m, n))[there] for k, p in places.items()])
    ]


def _everything(rule, places, operands, static, shape):
    """All of one matrix for all of its result; and what isn't known to take matrices apart, for all of the result."""
    home = getattr(rule.function, "__module__", None)
    core = 2 if home in ("numpy.linalg", "numpy.fft") else max(len(p.shape) for p in places.values())
    batch = np.broadcast_shapes(*(shape_of(x)[:-core] if core else () for x in operands))
    count = prod(batch)
    sources = [
        np.reshape(np.broadcast_to(p, batch + p.shape[max(0, len(p.shape) - core) :]), (count, -1))
        for p in places.values()
    ]
    targets = [np.broadcast_to(np.arange(count)[:, None], s.shape) for s in sources]
    size = prod(shape)
    return [(count, targets, sources), (size, [np.arange(size)], [np.repeat(np.arange(count), size // max(1, count))])]


_READS = {getitem: _indexed, put: _put, RULES[np.cumsum]: _up_to_here, RULES[np.matmul]: _product}
_READS |= {RULES[f]: _gathered for f in (np.sum, np.mean, np.max, np.min)} | {RULES[np.convolve]: _convolved}
