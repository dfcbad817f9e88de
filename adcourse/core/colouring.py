"""Which columns of a sparse matrix can share one sweep: colourings of a pattern.

Two columns without a common row don't meet: their sum, one product J (e_j + e_k), shows both. A colouring gives columns
that do meet different colours, and one product a colour is enough (Curtis, Powell and Reid 1974). No row has more
non-zeros than there are colours, so the longest row is a lower bound.

A symmetric matrix shows each number twice, and one place to read it is enough: a star colouring, with fewer colours.

Sets of colours are the bits of whole numbers here, so that a row with many entries costs no more than any other.

Source: Gebremedhin, Manne and Pothen, *What color is your Jacobian? Graph coloring for computing derivatives* (SIAM
Review 47, 2005).
"""

from itertools import pairwise

import numpy as np

from ..functions.sparse import Sparse
from .errors import InputError
from .sparsity import Pattern

ORDERS = ("natural", "largest_first")


def as_pattern(S):
    """The places of a matrix that aren't zero: of a dense one, of a sparse one (SciPy's or ours), of a Pattern."""
    if isinstance(S, Pattern):
        return S
    if hasattr(S, "tocoo"):
        S = S.tocoo()
        return Pattern.of(S.row, S.col, S.shape)
    if isinstance(S, Sparse):
        return Pattern.of(S.rows, S.columns, S.shape)
    S = np.asarray(S)
    if S.ndim != 2 or S.dtype.kind not in "biuf":
        raise InputError(
            f"A sparsity pattern was given as {S!r}.",
            "it is a matrix that isn't zero where a derivative may be other than zero.",
            "a matrix of True and False, a sparse array of SciPy's, or sparse_jacobian(f).pattern(x)",
        )
    return Pattern.of(*np.nonzero(S), S.shape)


def colour_columns(S, order=None):
    """A colour 0, 1, 2, ... for each column of the pattern ``S``, so that columns of one colour share no row.

    ``S``: a matrix that isn't zero where the Jacobian may be other than zero: an array, or a sparse array of SciPy's.
    Each column in turn takes the first colour that is free: in their ``order``, "natural" or "largest_first" (most
    neighbours first); without one, the better of both. Returns an array of integers. Raises InputError for what is no
    matrix, or another order.
    Source: Curtis, Powell and Reid (1974); Gebremedhin, Manne and Pothen (2005).

    >>> import numpy as np
    >>> colour_columns(np.tri(7, k=1) - np.tri(7, k=-2)).tolist()
    [0, 1, 2, 0, 1, 2, 0]
    """
    S = as_pattern(S)
    longest = int(S.counts.max(initial=0))
    return _best(order, _neighbours(S), longest, lambda turn: _first_fit(S.T, S.shape[0], turn))


def colour_rows(S, order=None):
    """A colour for each row of the pattern ``S``, so that rows of one colour share no column. As ``colour_columns``.

    >>> import numpy as np
    >>> arrow = np.eye(5)
    >>> arrow[-1] = 1  # the last row is full
    >>> colour_rows(arrow).tolist(), colour_columns(arrow).tolist()
    ([0, 0, 0, 0, 1], [0, 1, 2, 3, 4])
    """
    return colour_columns(as_pattern(S).T, order)


def star_colouring(S, order=None):
    """A colour for each column of the pattern ``S`` of a symmetric matrix, from which all its numbers can be read.

    As a graph, with an edge for each number beside the diagonal: neighbours differ, and every path of four vertices has
    three colours. Then of h_ij and h_ji one stands alone in its row among the columns of its colour.
    ``order`` as for ``colour_columns``. Raises InputError if the pattern isn't symmetric.
    Source: Gebremedhin, Manne and Pothen (2005).

    >>> import numpy as np
    >>> arrow = np.eye(5)
    >>> arrow[-1] = arrow[:, -1] = 1
    >>> star_colouring(arrow).tolist(), colour_columns(arrow).tolist()
    ([0, 0, 0, 0, 1], [0, 1, 2, 3, 4])
    """
    S = as_pattern(S)
    if S.shape[0] != S.shape[1] or not S <= S.T:
        raise InputError(
            f"star_colouring was given a pattern of shape {S.shape} that isn't symmetric.",
            "it reads one of h_ij and h_ji and takes it for both.",
            "colour_columns(S) for a Jacobian; star_colouring(S + S.T)",
        )
    return _best(order, S.counts, 2, lambda turn: _star(S, turn))


def _neighbours(S):
    """Of each column, how many others it meets, row by row."""
    return np.bincount(S.indices, S.counts[S.rows] - 1, S.shape[1])


def _best(order, degrees, least, colour):
    """The colouring in this order; without one, the better of both, or the first if it has as few as ``least``."""
    if order is not None and order not in ORDERS:
        raise InputError(
            f"A colouring was asked for with order={order!r}.",
            "columns take their colours one after the other, and the order decides how many are needed.",
            'order="natural" or order="largest_first", or neither for the better of both',
        )
    found = []
    for name in (order,) if order else ORDERS:
        turn = np.argsort(-degrees, kind="stable") if name == "largest_first" else np.arange(len(degrees))
        found.append(np.array(colour(turn.tolist()), int))
        if number_of(found[-1]) <= least:
            break
    return min(found, key=number_of)


def _lists(S):
    """The columns of each row, as lists."""
    indices, indptr = S.indices.tolist(), S.indptr.tolist()
    return [indices[a:b] for a, b in pairwise(indptr)]


def _first_free(taken):
    return (~taken & (taken + 1)).bit_length() - 1


def _first_fit(columns, rows, turn):
    """Greedy: ``columns`` has a row for each column. ``taken`` keeps for each row the colours that are in it."""
    met, taken, colours = _lists(columns), [0] * rows, [0] * columns.shape[0]
    for j in turn:
        forbidden = 0
        for i in met[j]:
            forbidden |= taken[i]
        colours[j] = c = _first_free(forbidden)
        for i in met[j]:
            taken[i] |= 1 << c
    return colours


def _star(S, turn):
    """Greedy star colouring. A vertex v may not close a path of four vertices in two colours. It would be

    at the end, v - w - x - y with y in the colour of w, if it took the colour of x: ``ends[w]`` has these colours;
    inside, u - v - w - x with u in the colour of w, if it took the colour of x: ``around[w]`` has these.
    """
    n = S.shape[0]
    neighbours = [[w for w in ws if w != v] for v, ws in enumerate(_lists(S))]
    colours, around, ends = [None] * n, [0] * n, [0] * n
    first = [{} for _ in range(n)]  # of each vertex: its first neighbour in each colour
    for v in turn:
        done = [w for w in neighbours[v] if colours[w] is not None]
        seen, twice = 0, 0
        for w in done:
            twice |= seen & 1 << colours[w]
            seen |= 1 << colours[w]
        forbidden = seen
        for w in done:
            forbidden |= ends[w] | (around[w] if twice >> colours[w] & 1 else 0)
        colours[v] = c = _first_free(forbidden)
        for w in done:
            if twice >> colours[w] & 1:  # v is between w and another in the colour of w
                ends[w] |= 1 << c
            y = first[w].get(c)
            if y is not None:  # w is between v and y
                ends[v] |= 1 << colours[w]
                ends[y] |= 1 << colours[w]
        for w in neighbours[v]:
            around[w] |= 1 << c
            first[w].setdefault(c, v)
    return colours


def number_of(colours):
    """How many colours there are."""
    return int(colours.max(initial=-1)) + 1
