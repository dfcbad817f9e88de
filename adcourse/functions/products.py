"""Products of arrays, all of them made of ``matmul``, transposition and reshaping."""

from string import ascii_letters

import numpy as np

from ..core.levels import apply
from ..core.rules import RULES
from .derived import as_array, derives, outer_of


@derives(np.dot)
def dot(a, b):
    """A product with scalars, matmul up to two dimensions; beyond, the last axis of a with the last but one of b."""
    a, b = as_array(a), as_array(b)
    if not np.ndim(a) or not np.ndim(b):
        return a * b
    return np.matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, (-1, -2))


@derives(np.inner)
def inner(a, b):
    a, b = as_array(a), as_array(b)
    return a * b if not np.ndim(a) or not np.ndim(b) else np.tensordot(a, b, (-1, -1))


@derives(np.vdot)
def vdot(a, b):
    return np.matmul(np.ravel(as_array(a)), np.ravel(as_array(b)))


@derives(np.outer)
def outer(a, b):
    return outer_of(np.multiply, np.ravel(as_array(a)), np.ravel(as_array(b)))


@derives(np.vecdot)
def vecdot(x1, x2, *, axis=-1):
    x1, x2 = (np.moveaxis(as_array(x), axis, -1) for x in (x1, x2))
    if np.shape(x1)[-1] != np.shape(x2)[-1]:
        raise ValueError(f"vecdot: the core dimensions {np.shape(x1)[-1]} and {np.shape(x2)[-1]} differ")
    return np.sum(x1 * x2, axis=-1)


if hasattr(np, "matvec"):  # NumPy 2.2
    derives(np.matvec)(lambda x1, x2: np.matmul(x1, as_array(x2)[..., None])[..., 0])
    derives(np.vecmat)(lambda x1, x2: np.matmul(as_array(x1)[..., None, :], x2)[..., 0, :])


@derives(np.tensordot)
def tensordot(a, b, axes=2):
    """Sums over pairs of axes; as an einsum with one letter for each."""
    a, b = as_array(a), as_array(b)
    m, n = np.ndim(a), np.ndim(b)
    if np.ndim(axes) == 0:
        axes = range(m - axes, m), range(axes)
    over_a, over_b = (list(x) if np.ndim(x) else [x] for x in axes)
    if len(over_a) != len(over_b) or any(np.shape(a)[i] != np.shape(b)[j] for i, j in zip(over_a, over_b, strict=True)):
        raise ValueError("shape-mismatch for sum")
    of_a, of_b = list(ascii_letters[:m]), list(ascii_letters[m : m + n])
    for i, j in zip(over_a, over_b, strict=True):
        of_b[j] = of_a[i]
    out = [c for c in of_a if c not in of_b] + [c for c in of_b if c not in of_a]
    return np.einsum(f"{''.join(of_a)},{''.join(of_b)}->{''.join(out)}", a, b)


@derives(np.einsum)
def einsum(subscripts, *operands, optimize=None):
    """Sums of products, in the notation of Einstein: pair by pair, each pair as one matrix product."""
    if not isinstance(subscripts, str):  # einsum(a, [0, 1], b, [1, 2], [0, 2])
        given = (subscripts, *operands)
        operands = given[: 2 * (len(given) // 2) : 2]
        subscripts = ",".join(map(_word, given[1::2])) + (f"->{_word(given[-1])}" if len(given) % 2 else "")
    operands = list(map(as_array, operands))
    words, out = _parse(subscripts, list(map(np.ndim, operands)))
    size = {}
    for word, x in zip(words, operands, strict=True):
        for c, n in zip(word, np.shape(x), strict=True):
            if size.setdefault(c, n) != n and 1 not in (n, size[c]):
                raise ValueError(f"np.einsum({subscripts!r}): index {c!r} has lengths {size[c]} and {n}.")
            size[c] = max(size[c], n) if 0 not in (n, size[c]) else 0
    if set(out) - set(size) or len(set(out)) != len(out):
        raise ValueError(f"np.einsum({subscripts!r}): the output needs indices of the operands, each of them once.")
    pairs = []
    for k, (word, x) in enumerate(zip(words, operands, strict=True)):
        elsewhere = set("".join(words[:k] + words[k + 1 :])) | set(out)
        pairs.append(_reduced(word, x, elsewhere, size))
    path = [(0, -1)] * (len(pairs) - 1)  # each with what there is of the product
    if optimize and len(pairs) > 2:
        shapes = [np.broadcast_to(0.0, np.shape(x)) for x in operands]
        path = np.einsum_path(f"{','.join(words)}->{out}", *shapes, optimize=optimize)[0][1:]
    for places in path:
        chosen = [pairs.pop(i) for i in sorted((i % len(pairs) for i in places), reverse=True)]
        while len(chosen) > 1:
            second, first = chosen.pop(), chosen.pop()
            wanted = set("".join(word for word, _ in pairs + chosen)) | set(out)
            chosen.append(_contract(*first, *second, wanted))
        pairs += chosen
    word, x = _reduced(*pairs[0], set(out), size)
    return np.transpose(x, [word.index(c) for c in out]) if word != out else x


def _word(indices):
    return "".join("..." if i is Ellipsis else ascii_letters[i] for i in indices)


def _parse(subscripts, ndims):
    """The indices of each operand and of the result, with a letter for each axis that an ellipsis stands for."""
    given, arrow, out = subscripts.replace(" ", "").partition("->")
    given = given.split(",")
    if len(given) != len(ndims):
        raise ValueError(f"np.einsum({subscripts!r}) has {len(given)} operand(s) in its text and {len(ndims)} given.")
    free = [c for c in ascii_letters if c not in subscripts]
    hidden = [n - len(w.replace("...", "")) for w, n in zip(given, ndims, strict=True)]
    if any(h < 0 or (h and "..." not in w) for w, h in zip(given, hidden, strict=True)):
        raise ValueError(f"np.einsum({subscripts!r}): an operand's indices don't fit its number of axes, {ndims}.")
    most = max(hidden)
    words = [w.replace("...", "".join(free[most - h : most])) for w, h in zip(given, hidden, strict=True)]
    shared = "".join(free[:most])
    if not arrow:
        named = "".join(given).replace(".", "")
        return words, shared + "".join(sorted(c for c in set(named) if named.count(c) == 1))
    if shared and "..." not in out:
        raise ValueError(f"np.einsum({subscripts!r}): the axes of an ellipsis need one in the output.")
    return words, out.replace("...", shared)


def _reduced(word, x, elsewhere, size):
    """An operand with each index once, of full length, and none that only it has: diagonals taken and sums done."""
    while len(set(word)) < len(word):
        c = next(c for c in word if word.count(c) > 1)
        i, j = word.index(c), word.rindex(c)
        x = np.diagonal(x, 0, i, j)
        word = word[:i] + word[i + 1 : j] + word[j + 1 :] + c
    for i in reversed(range(len(word))):
        if np.shape(x)[i] != size[word[i]]:  # of length 1, broadcast
            x = np.squeeze(x, i)
        elif word[i] not in elsewhere:
            x = np.sum(x, axis=i)
        else:
            continue
        word = word[:i] + word[i + 1 :]
    return word, x


def _contract(a, x, b, y, wanted):
    """The product of two operands, summed over the indices that nothing else wants."""
    batch = [c for c in a if c in b and c in wanted]
    inner = [c for c in a if c in b and c not in wanted]
    left, right = [c for c in a if c not in b], [c for c in b if c not in a]
    x = np.transpose(x, [a.index(c) for c in batch + left + inner])
    y = np.transpose(y, [b.index(c) for c in batch + inner + right])
    word = "".join(batch + left + right)
    k, m, n = len(batch), len(left), len(right)
    if not inner:
        return word, np.reshape(x, np.shape(x) + (1,) * n) * np.reshape(y, np.shape(y)[:k] + (1,) * m + np.shape(y)[k:])
    shape, rows, columns = np.shape(x)[:k], np.shape(x)[k : k + m], np.shape(y)[k + len(inner) :]
    length = int(np.prod(np.shape(x)[k + m :]))
    x = np.reshape(x, (*shape, int(np.prod(rows)), length))
    y = np.reshape(y, (*shape, length, int(np.prod(columns))))
    return word, np.reshape(np.matmul(x, y), shape + rows + columns)


@derives(np.kron)
def kron(a, b):
    a, b = as_array(a), as_array(b)
    n = max(np.ndim(a), np.ndim(b))
    p, q = ((1,) * (n - np.ndim(x)) + np.shape(x) for x in (a, b))
    blocks = np.reshape(a, [s for m in p for s in (m, 1)]) * np.reshape(b, [s for m in q for s in (1, m)])
    return np.reshape(blocks, [s * t for s, t in zip(p, q, strict=True)])


@derives(np.cross)
def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """(a x b)_i = a_(i+1) b_(i+2) - a_(i+2) b_(i+1), indices modulo 3."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(as_array(a), axisa, -1), np.moveaxis(as_array(b), axisb, -1)
    sizes = np.shape(a)[-1], np.shape(b)[-1]
    if not {2, 3}.issuperset(sizes):
        raise ValueError("incompatible dimensions for cross product\n(dimension must be 2 or 3)")
    if sizes == (2, 2):
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = (x if np.shape(x)[-1] == 3 else np.pad(x, [(0, 0)] * (np.ndim(x) - 1) + [(0, 1)]) for x in (a, b))
    found = np.roll(a, -1, -1) * np.roll(b, -2, -1) - np.roll(a, -2, -1) * np.roll(b, -1, -1)
    return np.moveaxis(found, -1, axisc)


def _cut(full, m, n, mode, late):
    """Of the m + n - 1 sums the complete ones, or as many from the middle as the longer operand has numbers."""
    short, long = sorted((m, n))
    start = {"full": 0, "same": short // 2 if late else (short - 1) // 2, "valid": short - 1}[mode]
    return full[start : start + {"full": m + n - 1, "same": long, "valid": long - short + 1}[mode]]


@derives(np.convolve)
def convolve(a, v, mode="full"):
    a, v = np.atleast_1d(as_array(a), as_array(v))
    if not len(a) or not len(v):
        raise ValueError("a cannot be empty" if not len(a) else "v cannot be empty")
    return _cut(apply(RULES[np.convolve], (a, v)), len(a), len(v), mode, False)


@derives(np.correlate)
def correlate(a, v, mode="valid"):
    a, v = np.atleast_1d(as_array(a), as_array(v))
    return _cut(np.convolve(a, np.flip(v)), len(a), len(v), mode, len(a) < len(v))
