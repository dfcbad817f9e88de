"""Colourings: the definitions on random patterns, optima by exhaustion on small ones and where they are known."""

from itertools import combinations, pairwise, permutations, product

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from adcourse import colour_columns, colour_rows, star_colouring
from adcourse.core.colouring import ORDERS
from adcourse.core.errors import InputError


@st.composite
def patterns(draw, most=9, symmetric=False):
    """Matrices of True and False of every density, also empty ones."""
    m, n = draw(st.integers(0, most)), draw(st.integers(0, most))
    m = n if symmetric else m
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    S = rng.random((m, n)) < draw(st.floats(0, 1))
    return S | S.T if symmetric else S


def is_column_colouring(S, colours):
    """No row has two columns of one colour."""
    return all(len(set(colours[row])) == row.sum() for row in S.astype(bool))


def is_star_colouring(S, colours):
    """Neighbours differ, and every path of four vertices has three colours: read from the definition."""
    joined = S & ~np.eye(len(S), dtype=bool)
    if any(colours[i] == colours[j] for i, j in np.argwhere(joined)):
        return False
    paths = (p for p in permutations(range(len(S)), 4) if all(joined[a, b] for a, b in pairwise(p)))
    return all(len({*colours[list(p)]}) > 2 for p in paths)


def fewest(S, valid):
    """The smallest number of colours with which a valid colouring exists, by trying all."""
    n = S.shape[1]
    if not n:
        return 0
    return next(k for k in range(1, n + 1) for c in product(range(k), repeat=n) if valid(S, np.array(c)))


def count(colours):
    assert sorted(set(colours.tolist())) == list(range(len(set(colours.tolist()))))  # 0, 1, 2, ... without gaps
    return len(set(colours.tolist()))


@given(patterns(), st.sampled_from((None, *ORDERS)))
def test_columns_and_rows(S, order):
    columns, rows = colour_columns(S, order), colour_rows(S, order)
    assert is_column_colouring(S, columns) and is_column_colouring(S.T, rows)
    assert np.array_equal(rows, colour_columns(S.T, order))
    bound = S.sum(axis=1).max(initial=0)  # the columns of the longest row all differ
    meets = (S.T.astype(int) @ S > 0) & ~np.eye(S.shape[1], dtype=bool)
    assert bound <= count(columns) <= meets.sum(axis=1).max(initial=-1) + 1  # greedy: at most the largest degree + 1


@given(patterns(symmetric=True), st.sampled_from((None, *ORDERS)))
def test_stars(S, order):
    assert is_star_colouring(S, star_colouring(S, order))


@given(patterns(most=6))
def test_never_fewer_than_the_optimum(S):
    assert count(colour_columns(S)) >= fewest(S, is_column_colouring) >= S.sum(axis=1).max(initial=0)


@given(patterns(most=5, symmetric=True))
def test_stars_never_fewer_than_the_optimum(S):
    assert count(star_colouring(S)) >= fewest(S, is_star_colouring)


@given(patterns())
def test_the_better_of_both_orders(S):
    assert count(colour_columns(S)) == min(count(colour_columns(S, order)) for order in ORDERS)


@given(patterns(symmetric=True), st.integers(0, 2**32))
def test_every_entry_can_be_read_from_a_star_colouring(S, seed):
    """Of h_ij and h_ji one stands alone in its row among the columns of its colour; a diagonal entry always does."""
    H = np.triu(np.random.default_rng(seed).uniform(1, 2, S.shape) * S)
    H = H + np.triu(H, 1).T
    colours = star_colouring(S)
    compressed = H @ np.eye(max(1, len(S)))[colours]
    for i, j in np.argwhere(S):
        alone = (S[i] & (colours == colours[j])).sum() == 1
        assert H[i, j] == (compressed[i, colours[j]] if alone else compressed[j, colours[i]])
        assert alone or i != j


@pytest.mark.parametrize("n", [1, 2, 3, 4, 50, 1001])
def test_tridiagonal(n):
    S = np.tri(n, k=1) - np.tri(n, k=-2)
    assert count(colour_columns(S)) == count(colour_rows(S)) == min(n, 3)
    assert count(star_colouring(S)) == min(n, 3 if n > 3 else 2)  # on a path of four vertices two colours are too few


@pytest.mark.parametrize("n", [2, 3, 60])
@pytest.mark.parametrize("at", [0, -1])
def test_arrow(n, at):
    """One full row beside the diagonal: n colours by columns, 2 by rows; with its mirror image, a star."""
    S = np.eye(n)
    S[at] = 1
    assert (count(colour_columns(S)), count(colour_rows(S))) == (n, 2)
    assert count(star_colouring(np.maximum(S, S.T))) == 2


@pytest.mark.parametrize("k", [1, 2, 5])
def test_bands(k):
    """2k + 1 diagonals need 2k + 1 colours, in the order of the columns."""
    S = np.abs(np.subtract.outer(range(40), range(40))) <= k
    assert colour_columns(S).tolist() == [j % (2 * k + 1) for j in range(40)]


def test_grid():
    """The five-point stencil: five colours at least for columns; the star colouring needs no more."""
    T = np.tri(7, k=1) - np.tri(7, k=-2) - np.eye(7)
    S = np.kron(np.eye(7), T) + np.kron(T, np.eye(7)) + np.eye(49) > 0
    columns, star = colour_columns(S), star_colouring(S)
    assert is_column_colouring(S, columns) and 5 <= count(columns) <= 8
    joined = [np.flatnonzero(row & ~e) for row, e in zip(S, np.eye(49, dtype=bool), strict=True)]
    assert all(star[i] != star[j] for i in range(49) for j in joined[i])
    for b, c in np.argwhere(S & ~np.eye(49, dtype=bool)):  # the middle of each path of four
        ends = ((a, d) for a in joined[b] if a != c for d in joined[c] if d not in (a, b))
        assert all(len({star[a], star[b], star[c], star[d]}) > 2 for a, d in ends)


def test_order_matters():
    """A crown: in the order a1, b1, a2, b2, ... first-fit takes n colours where two are enough."""
    n = 6
    pairs = [(2 * i, 2 * j + 1) for i in range(n) for j in range(n) if i != j]
    S = np.zeros((len(pairs), 2 * n), bool)
    for row, pair in zip(S, pairs, strict=True):
        row[list(pair)] = True
    assert count(colour_columns(S, "natural")) == n
    assert count(colour_columns(S[:, [*range(0, 2 * n, 2), *range(1, 2 * n, 2)]])) == 2


def test_largest_first():
    """A path whose ends come first: two colours when its middle is coloured before them."""
    S = np.zeros((3, 4), bool)
    for row, (a, b) in zip(S, [(0, 2), (2, 3), (3, 1)], strict=True):
        row[[a, b]] = True
    assert count(colour_columns(S, "natural")) == 3
    assert count(colour_columns(S, "largest_first")) == count(colour_columns(S)) == 2


def test_every_form_of_a_pattern():
    S = np.random.default_rng().random((6, 8)) < 0.3
    for form in (S.astype(float), scipy.sparse.csr_array(S), scipy.sparse.coo_matrix(S), S.tolist()):
        assert np.array_equal(colour_columns(form), colour_columns(S))


def test_all_pairs_of_a_full_matrix():
    S = np.ones((4, 4), bool)
    for colours in (colour_columns(S), colour_rows(S), star_colouring(S)):
        assert all(colours[i] != colours[j] for i, j in combinations(range(4), 2))


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: colour_columns(np.ones(3)), "a matrix"),
        (lambda: colour_columns("abc"), "a matrix"),
        (lambda: colour_rows(np.eye(2), "smallest_last"), "largest_first"),
        (lambda: star_colouring(np.tri(3)), "symmetric"),
        (lambda: star_colouring(np.ones((2, 3))), "symmetric"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(InputError, match=says):
        call()
