"""Widget 9, Jacobian colouring: columns of a sparse Jacobian are painted; those of one colour share a sweep."""

import numpy as np

from ..core.colouring import as_pattern, colour_columns, number_of
from ..core.errors import InputError
from ..core.sparse import sparse_jacobian
from ..show.captions import short
from .base import InteractivePicture
from .drawn import Drawing, beside, stroke, words
from .learner import called, running
from .settings import free, slider

LETTERS = "ABCDEFGHIJKLMN"
LIMIT = len(LETTERS)  # columns and rows: beyond, neither picture nor table can be taken in
WIDE, HIGH = 44, 26  # of an entry in the static form
ROLES = ("primal", "adjoint", "tangent", "partial", "warm", "ink")


class JacobianColouring(InteractivePicture, module="jacobian_colouring.js", using=("table.js",)):
    """Paint the columns of a sparse Jacobian: ``JacobianColouring(f, x)``, or ``JacobianColouring(pattern)``.

    Columns of one colour are added up by one sweep. Where two of them meet in a row, their entries mix: a conflict. How
    few colours are enough is predicted first. ``f`` is a plain NumPy function and ``x`` an array; a pattern is a matrix
    that isn't zero where the Jacobian may be. At most 14 rows and columns.

    Attributes for a later cell: ``colours`` (a number for each column), ``conflicts`` (row, column, column),
    ``fewest`` (the least number of colours), ``done``, ``predictions``. ``to_html(path)`` writes one file that opens
    from disk. Raises InputError when the function or the pattern can't be shown, and says what to do.

    >>> picture = JacobianColouring(lambda x: x[1:] * x[:-1], np.arange(1.0, 6.0))
    >>> picture.colours, picture.fewest
    ([0, 1, 2, 3, 4], 2)
    >>> picture.settings = {"palette": 2}  # the colours go round: A, B, A, B, A
    >>> picture.colours, picture.conflicts
    ([0, 1, 0, 1, 0], [])
    """

    def __init__(self, function_or_pattern, x=None):
        self.pattern, texts, name = _matrix(function_or_pattern, x)
        columns = self.pattern.shape[1]
        self.best = _fewest(self.pattern)
        self.fewest, by_rows = 1 + max(self.best), 1 + max(_fewest(self.pattern.T))
        data = {
            "title": f"Colouring the columns of {name}",
            "letters": LETTERS,
            "roles": ROLES,
            "entries": texts,
            "asks": [_how_few(self.pattern, self.fewest), _which_way(self.fewest, by_rows)],
        }
        settings = {"palette": slider("colours", columns, 1, columns), "painted": free(list(range(columns)))}
        super().__init__(data, settings)

    @property
    def colours(self):
        """The colour of each column, as a number."""
        return [c % self.settings["palette"] for c in self.settings["painted"]]

    @property
    def conflicts(self):
        """(row, column, column) wherever two columns of one colour meet."""
        found, colours = [], self.colours
        for i, row in enumerate(self.pattern):
            (places,) = np.nonzero(row)
            found += [(i, int(j), int(k)) for j in places for k in places if j < k and colours[j] == colours[k]]
        return found

    def _picture(self):
        rows, columns = self.pattern.shape
        left = self._drawn(range(columns), "the matrix")
        right = self._drawn(self.best, "the sweeps")
        letters = " ".join(LETTERS[c] for c in self.best)
        return beside(
            (left, right),
            f"A matrix of {rows} rows and {columns} columns, lettered {letters} by colour, and beside it its "
            f"entries pushed together into {self.fewest} columns, one for each letter; no two fall on the same place.",
        )

    def _drawn(self, places, title):
        """Each column at its place, with the letter and the colour that it has in the best colouring."""
        parts = [words(4, 16, title, more=' font-weight="600"')]
        for j, (place, c) in enumerate(zip(places, self.best, strict=True)):
            x, role = 4 + WIDE * (place + 0.5), ROLES[c % len(ROLES)]
            parts.append(words(x, 42, LETTERS[c], role, "middle", ' font-weight="600"'))
            for i in np.flatnonzero(self.pattern[:, j]):
                y = 52 + HIGH * i
                parts.append(stroke(f"M{x - WIDE / 2 + 2:.0f} {y}h{WIDE - 4}v{HIGH - 4}h{4 - WIDE}z", role))
                parts.append(words(x, y + 16, self.data["entries"][i][j], role, "middle"))
        return Drawing(WIDE * (1 + max(places)) + 30, 56 + HIGH * len(self.pattern), "", parts)

    def _table(self):
        rows = [
            (f"column {j}", LETTERS[c], ", ".join(map(str, np.flatnonzero(self.pattern[:, j]))) or "none")
            for j, c in enumerate(self.best)
        ]
        return f"{self.fewest} colours are enough", ("column", "colour", "rows in which it has an entry"), rows


def _matrix(what, x):
    """Where the matrix has entries, the words for each, and its name."""
    if callable(what):
        matrix, pattern, name = _of_function(what, x)
    else:
        pattern, name = as_pattern(what).toarray(), "a pattern"
        matrix = np.where(pattern, None, 0)
    if not pattern.any() or max(pattern.shape) > LIMIT:
        raise InputError(
            f"JacobianColouring was given a matrix of shape {pattern.shape} with {int(pattern.sum())} entries.",
            f"it shows at most {LIMIT} rows and columns, and needs an entry to read off.",
            "JacobianColouring(f, np.ones(9)): a larger problem mostly has the pattern of a small one",
        )
    texts = [
        [("" if not there else f"j{i}{j}" if v is None else f"{v:.2g}".replace("-", "−")) for j, (there, v) in row]
        for i, row in enumerate(enumerate(zip(*two, strict=True)) for two in zip(pattern, matrix, strict=True))
    ]
    return pattern, texts, name


def _of_function(f, x):
    name = called(f)
    if x is None:
        raise InputError(
            f"JacobianColouring was given {name} without a point.",
            "it runs the function once, to see what depends on what.",
            f"JacobianColouring({name}, np.ones(9))",
        )
    why = "the picture runs the function once at the point it was given, and that run failed."
    with running(name, why, f"{name}({short(x)}) by itself to see where it fails; then another point"):
        x = np.asarray(x, float)
        jacobian = sparse_jacobian(f)
        return jacobian(x).toarray(), jacobian.pattern(x).toarray().astype(bool), f"the Jacobian of {name}"


def _fewest(pattern):
    """A colouring of the columns with as few colours as can be, by trying all, the first columns first."""
    meets = (pattern.T.astype(int) @ pattern) > 0
    best = colour_columns(pattern)
    longest = int(pattern.sum(axis=1).max(initial=1))

    def extended(start, colours):
        if len(start) == len(meets):
            return start
        taken = {c for c, met in zip(start, meets[len(start)], strict=False) if met}
        for c in range(min(colours, max(start, default=-1) + 2)):
            if c not in taken and (found := extended([*start, c], colours)):
                return found
        return None

    while number_of(best) > longest and (fewer := extended([], number_of(best) - 1)):
        best = np.array(fewer)
    return best.tolist()


def _how_few(pattern, fewest):
    columns = pattern.shape[1]
    row = int(pattern.sum(axis=1).argmax())
    longest = int(pattern[row].sum())
    because = f"Row {row} has {longest} entries, and their columns all meet there."
    if longest < fewest:
        because += " But that many are not enough here: every way to paint with them has a conflict."
    mistakes = [[columns, "A colour for each column always works; columns without a common row can share one."]]
    if longest < fewest:
        mistakes.append([longest, "That is the longest row, a lower bound."])
    return {
        "name": "fewest", "question": "How few colours are enough, so that no two columns of one colour meet in a row?",
        "answer": fewest, "shown": str(fewest), "tolerance": 0, "because": because,
        "mistakes": [m for m in mistakes if m[0] != fewest],
        "below": "With so few, two columns of one colour meet in some row.", "above": "Fewer will do.",
    }  # fmt: skip


def _which_way(by_columns, by_rows):
    answer = "same" if by_columns == by_rows else "columns" if by_columns < by_rows else "rows"
    options = [
        ["columns", "columns forwards", "Columns need at least as many colours as the fullest row has entries."],
        ["rows", "rows backwards", "Rows need at least as many colours as the fullest column has entries."],
        ["same", "equally many", "Look for the fullest row, and for the fullest column."],
    ]
    because = f"Columns need {by_columns}, a forward sweep each; rows need {by_rows}, a reverse sweep each."
    return {
        "name": "which way", "question": "Which way takes fewer sweeps: columns forwards, or rows backwards?",
        "options": options, "answer": answer, "shown": next(words for key, words, _ in options if key == answer),
        "because": because,
    }  # fmt: skip
