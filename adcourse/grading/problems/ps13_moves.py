"""Assignment 13, Hamiltonian Monte Carlo: how moves are asked for, and judged."""

from __future__ import annotations

import numpy as np

from adcourse.grading.chance import Random
from adcourse.grading.plain import Complaint, parts

ALIKE = 1e-5  # how probably two wrong answers that are alike are taken for different ones, by each statistic


class Moves(Random):
    """Random, of moves: a row holds q, whether it was accepted, whether q moved, and whether the argument changed."""

    def __call__(self, answer):
        if answer.shape == self.shape and complex not in set(map(type, answer.numbers)):
            accepted, moved, changed = self._draws(answer)[:, -3:].T
            if changed.any():
                return Complaint("your function changed an array that it was given", kind="changed")
            if not np.isin(accepted, (0, 1)).all():
                return Complaint("`accepted` is neither true nor false", kind="flag")
            if np.any(moved > accepted):
                return Complaint("a move that was not accepted ends at another q", kind="moved")
            if np.any(accepted > moved):
                return Complaint("a move that was accepted ends where it began", kind="still")
        blamed = super().__call__(answer)
        return blamed and blamed._replace(text=blamed.text.replace("your draws", "your moves"))

    def same(self, answer, known):
        """At a level that finds differences which a refusal must not rest on."""
        if answer.numbers == known.numbers or answer.shape != self.shape or known.shape != self.shape:
            return answer.numbers == known.numbers
        a, b = self._draws(answer), self._draws(known)
        pairs = [(np.size(s.of(a)), np.size(s.of(b)), s) for s in self.statistics]
        return not any(s.differ(a, b, ALIKE) if m and n else m != n for m, n, s in pairs)


def inner(x, y):
    """x·y, of vectors or row by row."""
    return np.dot(x, y) if np.ndim(x) == 1 else np.sum(x * y, axis=1)


def moves(hmc_step, U, gradU, starts, eps, L, rng):
    together = getattr(hmc_step, "together", None)  # which known mistakes have
    if together:
        starts = np.array([*starts])
        ends, accepted = together(U, gradU, starts, eps, L, rng)
        return np.column_stack([ends, accepted, np.any(ends != starts, axis=1), 0 * accepted])
    rows, usual = [], [np.ndarray, bool]
    for start in starts:  # one after the other: the next one is nobody's business yet
        q = np.array(start)
        said = hmc_step(U, gradU, q, eps, L, rng)
        is_usual = type(said) is tuple and [*map(type, said)] == usual
        if is_usual and said[0].dtype == float and said[0].shape == q.shape:
            end, accepted = said[0].tolist(), said[1]  # in a fifth of the time
        else:
            *end, accepted = parts(said, q=q.shape, accepted=())
        rows.append([*end, accepted, end != start.tolist(), q.tolist() != start.tolist()])
    return np.array(rows)  # which is read in a tenth of the time
