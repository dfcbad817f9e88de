"""Assignment 9, a sparse Jacobian from a few products: 9.3.

The products come from the grader, J v with a v of one number a column, and are counted. Tolerance: an entry of J comes
through with no more than a rounding or two, 1e-12 of the largest. For the Burgers stencil the products are complex
steps through the equation, and the expected entries its derivatives by hand.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close, Price
from adcourse.grading.meters import Counted
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_jvp
from adcourse.grading.problems.ps09_colours import arrow, greedy, share_a_row, some_pattern, tridiagonal


def of_vectors(product: Callable, n: int, name: str = "v") -> Callable:
    """``product`` that takes one vector of n numbers at a time: several in a matrix would count as one call."""

    def one(v):
        if np.shape(v) != (n,):
            raise ValueError(f"{name} must be one vector of {n} numbers, and has shape {np.shape(v)}")
        return product(v)

    return one


def jacobian_of(J, S, colours, question, product=None) -> Probe:
    J, S, colours = np.asarray(J, dtype=float), np.asarray(S, dtype=bool), np.asarray(colours, dtype=int)
    jvp = Counted(of_vectors(product or (lambda v: J @ v), J.shape[1]))
    right = Close(J, atol=1e-12 * float(np.abs(J).max()))

    def ask(compressed_jacobian):
        return compressed_jacobian(jvp, S.copy(), colours.copy())

    return Probe(question, ask, Price(right, at_most=len(set(colours.tolist())), what="J v"), jvp)


def burgers(u, nu=0.05):
    """The right side of u_t = -u u_x + ν u_xx by central differences on a grid of unit steps, and 0 outside."""
    padded = np.concatenate([[0.0], u, [0.0]])
    left, right = padded[:-2], padded[2:]
    return -u * (right - left) / 2 + nu * (right - 2 * u + left)


def burgers_jacobian(u, nu=0.05):
    left, right = np.append(0.0, u[:-1]), np.append(u[1:], 0.0)
    return np.diag(-(right - left) / 2 - 2 * nu) + np.diag(-u[:-1] / 2 + nu, 1) + np.diag(u[1:] / 2 + nu, -1)


def recovery_visible():
    J = [[1.4, -0.6, 0.0], [0.0, 2.3, 0.9]]
    T = np.diag([1.4, -2.3, 0.6, 3.1, 1.7]) + np.diag([0.8, -1.2, 2.6, 0.3], 1) + np.diag([-0.7, 1.9, 0.4, -2.2], -1)
    return [
        jacobian_of(np.diag([2.5, -1.3, 0.7]), np.eye(3), [0, 0, 0], "a diagonal, from a single product"),
        jacobian_of(J, np.not_equal(J, 0), [0, 1, 0], "[[1.4, -0.6, 0], [0, 2.3, 0.9]], from two products"),
        jacobian_of(T, tridiagonal(5), [0, 2, 1, 0, 2], "tridiagonal, from three products"),
    ]


def recovery_hidden(rng):
    n = int(rng.integers(12, 20))
    u = rng.normal(size=n)
    yield jacobian_of(
        burgers_jacobian(u),
        tridiagonal(n),
        np.arange(n) % 3,
        "the Burgers stencil",
        lambda v: complex_step_jvp(burgers, (u,), (v,)),
    )
    patterns = [np.array([[1, 1, 0], [0, 1, 1]], dtype=bool), arrow(6, by_rows=False)]
    patterns += [some_pattern(rng, m, n, each) for m, n, each in ((5, 9, 2), (9, 5, 2), (7, 7, 2))]
    for S in patterns:
        S = S[rng.permutation(len(S))] if S.size > 6 else S
        J = S * rng.normal(size=S.shape)
        colours = greedy(share_a_row)(S)
        renamed = rng.permutation(colours.max() + 1)[colours]
        m, n = S.shape
        yield jacobian_of(J, S, renamed, f"a pattern of {m} rows and {n} columns")


def _swept(jvp, colours):
    """For each colour the columns that have it, and their product."""
    for c in np.unique(colours):
        together = colours == c
        yield together, jvp(1.0 * together)


def _with(place, start=lambda S: np.zeros(S.shape)):
    """``place(J, S, columns, product)`` writes the product of a colour into J."""

    def compressed_jacobian(jvp, S, colours):
        J = start(S)
        for together, product in _swept(jvp, colours):
            place(J, S, np.flatnonzero(together), product)
        return J

    return compressed_jacobian


def _masked(J, S, columns, product):
    for j in columns:
        J[S[:, j], j] = product[S[:, j]]


def _unmasked(J, S, columns, product):
    J[:, columns] = product[:, None]


def _first_only(J, S, columns, product):
    J[:, columns[0]] = product * S[:, columns[0]]


def _first_found(J, S, columns, product):
    for i in range(len(J)):
        among = np.isin(np.arange(S.shape[1]), columns)
        J[i, np.argmax(S[i] & among)] = product[i]


def _whole_rows(J, S, columns, product):
    J[S] = (S * product[:, None])[S]


def _added(J, S, columns, product):
    J += S * product[:, None]


def _row_colours(jvp, S, colours):
    J = np.zeros(S.shape)
    products = [product for _, product in _swept(jvp, colours)]
    for i in range(len(S)):
        for j in np.flatnonzero(S[i]):
            J[i, j] = products[int(colours[i % len(colours)])][i]
    return J


def _column_by_column(jvp, S, colours):
    return np.column_stack([jvp(e) for e in np.eye(S.shape[1])])


def _all_but_the_last(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in range(int(colours.max())):
        _masked(J, S, np.flatnonzero(colours == c), jvp(1.0 * (colours == c)))
    return J


def _seeded(seed):
    def compressed_jacobian(jvp, S, colours):
        J = np.zeros(S.shape)
        for c in range(int(colours.max()) + 1):
            _masked(J, S, np.flatnonzero(colours == c), jvp(seed(colours, c)))
        return J

    return compressed_jacobian


_UNIT = (
    "Your Jacobian is right, from one product for each column. Columns of one colour meet in no row: what does a "
    "single product with a 1 at each of them show? (If that is what you put in: it is the same for all of them.)"
)

_SUMS = (
    "Every entry of yours is the sum of its row. Either all columns move in every product, or each product is added to "
    "the whole pattern. A product of a colour belongs to the columns of that colour, and in v only these have a 1."
)
_FIRST = (
    "Of each colour only the first column is filled in. Print the v that you put in: does it have a 1 at each column "
    "of the colour? Then the product shows all of them, each in rows of its own."
)

COMPRESSED_JACOBIAN = Problem(
    id="9.3",
    title="Recover a sparse Jacobian",
    points=4,
    signature="compressed_jacobian(jvp, S, colours)",
    visible=recovery_visible,
    hidden=recovery_hidden,
    hint="In row i only one column of a colour is non-zero.",
    hints={
        "calls": "Your function goes on asking for products. How many colours are there?",
        "price": "Your Jacobian is right, from more products than there are colours. Print each v that you put in.",
    },
    mistakes=[
        Mistake(
            _with(_unmasked),
            "Each column of a colour gets the whole product, with the entries of the others in it. In the diagonal "
            "example the product is (2.5, -1.3, 0.7); which of these belong to column 0? Ask S.",
        ),
        Mistake(_column_by_column, _UNIT),
        Mistake(
            lambda jvp, S, colours: _with(_masked)(jvp, S, colours).T,
            "Your Jacobian lies on its side: rows belong to the results of f, columns to its inputs, as in S.",
        ),
        Mistake(
            lambda jvp, S, colours: np.column_stack([product for _, product in _swept(jvp, colours)]),
            "These are the products, one column for each colour: the compressed Jacobian. What is left is to say for "
            "each entry which column of J it belongs to.",
        ),
        Mistake(
            _with(_first_only),
            _FIRST,
        ),
        Mistake(
            _with(_first_found),
            "np.argmax of a row that is False throughout says 0. So where a row has no column of this colour, your "
            "code writes into column 0, over an entry that may be there already.",
        ),
        Mistake(
            _with(_whole_rows),
            "Every product is written over the whole pattern, so the last one is what remains. A product of a colour "
            "belongs to the columns of that colour alone.",
        ),
        Mistake(
            _with(_added),
            _SUMS,
        ),
        Mistake(
            _with(_masked, start=np.zeros_like),
            "Your entries are those of the pattern, 0 and 1. If you began with np.zeros_like(S), print its dtype: an "
            "array like a pattern of True and False keeps truth values, and no numbers.",
        ),
        Mistake(
            _all_but_the_last,
            "The columns of the last colour stay empty. With colours 0, 1 and 2, how many are there?",
        ),
        Mistake(
            _seeded(lambda colours, c: colours * 1.0 * (colours == c)),
            "The columns move at the speed of their colour's number, and those of colour 0 not at all. Print the v "
            "that you put in.",
        ),
        Mistake(
            _seeded(lambda colours, c: 1.0 * (colours <= c)),
            "The columns of the colours before go on moving. Print the v that you put in for the last colour.",
        ),
        Mistake(
            _seeded(lambda colours, c: np.ones(len(colours))),
            _SUMS,
        ),
        Mistake(
            _seeded(lambda colours, c: 1.0 * (np.arange(len(colours)) == np.flatnonzero(colours == c)[0])),
            _FIRST,
        ),
        Mistake(
            _seeded(lambda colours, c: 1.0 * (np.arange(len(colours)) == c)),
            "Your v has a 1 at the place c. c is a colour; which columns have it?",
        ),
        Mistake(
            _row_colours,
            "You look up the colour by the number of the row. Columns have colours: entry [i, j] came with the "
            "product of the colour of j.",
        ),
    ],
)
