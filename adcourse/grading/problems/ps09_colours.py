"""Assignment 9, colours for the columns of a pattern: 9.2.

A colouring is right in many ways, so its two properties are judged. Columns that meet in a row differ: counted row by
row. And there are few: for the patterns with a known minimum that many, which the columns' own order reaches as well;
for random ones as many as any greedy order needs at most, one more than the most columns that one column meets.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Holds
from adcourse.grading.plain import Complaint
from adcourse.grading.problem import Mistake, Probe, Problem


def tridiagonal(n):
    return abs(np.subtract.outer(range(n), range(n))) < 2


def arrow(n, by_rows):
    """A diagonal with a full last row, or a full last column."""
    S = np.eye(n, dtype=bool)
    S[(-1, slice(None)) if by_rows else (slice(None), -1)] = True
    return S


def some_pattern(rng, m, n, each):
    """``each`` entries a row, and none of the columns is empty."""
    S = np.zeros((m, n), dtype=bool)
    for row in S:
        row[rng.choice(n, size=each, replace=False)] = True
    S[rng.integers(0, m, size=n), range(n)] = True
    return S


def most_neighbours(S) -> int:
    meet = S.T.astype(int) @ S.astype(int) > 0
    return int(meet.sum(axis=0).max()) - 1


class Colouring(Holds):
    """Columns that meet in a row differ, and there are no more than ``enough`` colours. Which numbers the colours have
    doesn't matter."""

    kinds = False  # that both have a clash does not make two colourings alike

    def __init__(self, S, enough):
        super().__init__(self.blame, shape=(S.shape[1],))
        self.S, self.enough = S, enough

    def blame(self, colours):
        if not all(np.isreal(colours)) or not all(c == int(c) for c in colours.real):
            return Complaint("the colours are not whole numbers", kind="numbers")
        for i, row in enumerate(self.S):
            columns = np.flatnonzero(row)
            first = {}
            for j in columns:
                k = first.setdefault(int(colours[j]), j)
                if k != j:
                    text = "two columns that meet in a row have the same colour"
                    return Complaint(text, f"columns {k} and {j}, in row {i}")
        if (number := len(set(colours.tolist()))) > self.enough:
            return Complaint(f"more colours than needed: {self.enough} are enough", f"there are {number}", kind="many")
        return None

    def same(self, answer, known):
        """Whatever the colours are called."""
        return answer.shape == known.shape and _renamed(answer.numbers) == _renamed(known.numbers)


def _renamed(numbers):
    names = {}
    return [names.setdefault(number, len(names)) for number in numbers]


def colours_of(S, enough, question) -> Probe:
    S = np.array(S, dtype=bool)
    return Probe(question, lambda colour_columns: colour_columns(S.copy()), Colouring(S, enough))


def colours_visible():
    return [
        colours_of(np.eye(5), 1, "a diagonal of 5: one colour"),
        colours_of(tridiagonal(7), 3, "tridiagonal, 7 columns"),
        colours_of([[1, 1, 0], [0, 1, 1]], 2, "the pattern [[1, 1, 0], [0, 1, 1]]"),
        colours_of([[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 1], [1, 0, 0, 0]], 2, "5 rows, 4 columns"),
    ]


def colours_hidden(rng):
    n = int(rng.integers(5, 12))
    yield colours_of(tridiagonal(50), 3, "tridiagonal, 50 columns")
    yield colours_of(arrow(n, by_rows=True), n, "a diagonal and a full row")
    yield colours_of(arrow(n, by_rows=False), 2, "a diagonal and a full column")
    k = int(rng.integers(2, 5))
    yield colours_of(np.kron(np.eye(4), np.ones((k, k))), k, "full blocks on the diagonal")
    shifted = np.eye(20, 23) + np.eye(20, 23, 1) + np.eye(20, 23, 3)
    yield colours_of(shifted, most_neighbours(shifted > 0) + 1, "three diagonals, more columns than rows")
    shuffled = tridiagonal(30)[rng.permutation(30)][:, rng.permutation(30)]
    yield colours_of(shuffled, 5, "a tridiagonal pattern in disorder")
    for m, n, each in ((12, 20, 3), (25, 8, 2), (15, 15, 3), (1, 6, 3)):
        S = some_pattern(rng, m, n, each)
        yield colours_of(S, most_neighbours(S) + 1, f"a random pattern, {m} rows and {n} columns")


def greedy(meets):
    """Each column takes the first colour that is free, where ``meets(S, j, k)`` says which exclude each other."""

    def colour_columns(S):
        colours = []
        for j in range(S.shape[1]):
            taken = {colours[k] for k in range(j) if meets(S, j, k)}
            colours.append(next(c for c in range(j + 1) if c not in taken))
        return np.array(colours)

    return colour_columns


def share_a_row(S, j, k):
    return any(S[:, j] & S[:, k])


def _at(S, i, j):
    return i < len(S) and j < S.shape[1] and bool(S[i, j])


def _last_group(S):
    """Only the newest colour is tried."""
    colours = [0]
    for j in range(1, S.shape[1]):
        group = [k for k in range(j) if colours[k] == colours[-1]]
        colours.append(colours[-1] + any(share_a_row(S, j, k) for k in group))
    return np.array(colours)


def _first_of_each(S):
    """A column is compared with the first one of each colour."""
    colours, first = [], []
    for j in range(S.shape[1]):
        free = [c for c, k in enumerate(first) if not share_a_row(S, j, k)]
        colours.append(free[0] if free else len(first))
        first += [] if free else [j]
    return np.array(colours)


def _never_again(S):
    """A column that meets any other before it opens a new colour."""
    colours = []
    for j in range(S.shape[1]):
        meets = any(share_a_row(S, j, k) for k in range(j))
        colours.append(max(colours, default=-1) + 1 if meets or not colours else 0)
    return np.array(colours)


def _by_rows(S):
    """The rows are coloured, one number for each row."""
    return greedy(share_a_row)(S.T)


_ROWS = (
    "You have coloured the rows: rows that meet in a column differ. One product J v adds up columns; two of them can "
    "be told apart if no row has entries of both."
)
_CYCLE = (
    "You count the colours through, whatever the pattern: that suits a band, and no other. Which columns meet is to "
    "be read from S."
)
_MANY = (
    "Your colouring would do, with more sweeps than needed. Print it for a tridiagonal pattern: columns 0 and 3 don't "
    "meet in any row. Does column 3 get the chance to take the colour of column 0?"
)

COLOUR_COLUMNS = Problem(
    id="9.2",
    title="Curtis-Powell-Reid colouring",
    points=4,
    signature="colour_columns(S)",
    visible=colours_visible,
    hidden=colours_hidden,
    hint="Columns conflict when they meet in the same ROW (distance 2), not when S[i,j] is nonzero.",
    hints={
        "many": _MANY,
        "form": "One whole number for each column is asked for, in the order of the columns.",
        "numbers": "A colour is a whole number, 0, 1, 2, ..., one for each column.",
        "raised IndexError": "A Jacobian needn't be square: there are S.shape[0] rows and S.shape[1] columns. Which of "
        "the two does each of your loops run over?",
    },
    mistakes=[
        Mistake(
            lambda S: np.arange(S.shape[1]),
            "A colour of its own for each column: that is the dense Jacobian again, n sweeps. In a diagonal pattern "
            "no two columns meet; what could they share?",
        ),
        Mistake(
            greedy(lambda S, j, k: _at(S, j, k) or _at(S, k, j)),
            "You look at S[j, k] itself, whether column j has an entry in row k, as if S were a table of which column "
            "meets which. In the tridiagonal pattern S[0, 2] is False, and columns 0 and 2 meet all the same: look at "
            "row 1.",
        ),
        Mistake(
            greedy(lambda S, j, k: _at(S, j, k)),
            "You look at S[j, k] itself, whether row j has an entry in column k. In the tridiagonal pattern S[2, 0] is "
            "False, and columns 0 and 2 meet all the same: look at row 1.",
        ),
        Mistake(_by_rows, _ROWS),
        Mistake(lambda S: np.resize(_by_rows(S), S.shape[1]), _ROWS),
        Mistake(
            greedy(lambda S, j, k: j - k == 1 and share_a_row(S, j, k)),
            "Each column is compared with the one before it alone. In the tridiagonal pattern columns 0 and 2 meet "
            "in row 1.",
        ),
        Mistake(
            greedy(lambda S, j, k: not share_a_row(S, j, k)),
            "The other way round: columns that meet share a colour in your answer, and those that don't meet differ. "
            "Two columns can share a product J v if every row shows which of them an entry comes from.",
        ),
        Mistake(
            greedy(lambda S, j, k: share_a_row(S, j, k) or any(S[min(j, len(S) - 1)] & S[min(k, len(S) - 1)])),
            "You keep columns apart that meet in no row. Print your colours for a diagonal with a full column beside "
            "it: who meets whom?",
        ),
        Mistake(
            lambda S: np.zeros(S.shape[1]),
            "One colour for all: then J v shows the sums of whole rows. In [[1, 1, 0], [0, 1, 1]], which part of the "
            "first sum is column 0?",
        ),
        Mistake(lambda S: np.arange(S.shape[1]) % 3, _CYCLE),
        Mistake(lambda S: np.arange(S.shape[1]) % int(S.sum(axis=1).max()), _CYCLE),
        Mistake(lambda S: np.arange(S.shape[1]) % 2, _CYCLE),
        Mistake(
            _first_of_each,
            "A column is compared with the first of each colour only. Others may have joined since, and it has to get "
            "along with all of them.",
        ),
        Mistake(
            _last_group,
            "Only the newest colour is tried before a new one is opened. In the tridiagonal pattern column 3 doesn't "
            "meet column 0, whose colour you have left behind.",
        ),
        Mistake(
            _never_again,
            "A column that meets any other opens a new colour. It has to keep clear of the colours of the columns "
            "that it meets, and of no others: in the tridiagonal pattern column 3 doesn't meet column 0.",
        ),
        Mistake(
            lambda S: len(set(greedy(share_a_row)(S).tolist())),
            "The number of colours came back. Asked for is the colour of each column: with it the next problem knows "
            "which columns to add up.",
        ),
        Mistake(
            lambda S: S.sum(axis=0),
            "That is how many entries each column has. Two columns with one entry each may meet or not: it depends on "
            "which row they are in.",
        ),
        Mistake(
            lambda S: S.argmax(axis=0),
            "That is the first row of each column. Two columns that begin in different rows may still meet further "
            "down.",
        ),
        Mistake(
            lambda S: S.T.astype(int) @ S.astype(int) > 0,
            "That is the table of which column meets which, a good beginning. Now colour: one number a column.",
        ),
    ],
)
