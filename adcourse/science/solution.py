"""The solution of a differential equation, piece by piece a polynomial."""

from bisect import bisect_right

import numpy as np

from adcourse.core.errors import InputError
from adcourse.core.levels import Traced, pack


class Solution:
    """What ``taylor_solve`` found.

    ``t``, ``y``      the times asked for and the solution there, one row for each
    ``steps``         the times between which it is one polynomial; ``order``, their order
    ``errors``        for each step, the size of the last term: an estimate of the step's error
    ``events``        for each event, a list of the times and values (t, y) at which it happened
    ``solution(t)``   the solution at any time, or at an array of times (one row for each)
    """

    def __init__(self, y0, times, order, tol):
        self.order, self.tol, self.wanted = order, tol, times
        self.steps, self.pieces, self.errors, self.events = [times[0]], [], [], []
        self.t, self._values = [times[0]], [y0]

    @property
    def t_end(self):
        """The time that was reached."""
        return self.steps[-1]

    def add(self, before, now, c, error):
        """Take a step: the polynomial with coefficients ``c`` about ``before``. The value at its end."""
        self.pieces.append(c)
        self.steps.append(now)
        self.errors.append(error)
        y = evaluate(c, now - before)
        forward = self.wanted[-1] > self.wanted[0]
        while len(self.t) < len(self.wanted):
            t = self.wanted[len(self.t)]
            if t > now if forward else t < now:
                break
            self._values.append(y if t == now else evaluate(c, t - before))
            self.t.append(t)
        return y

    def finish(self, events):
        self.events, self.t = events, np.array(self.t)
        values = self._values
        if any(isinstance(y, Traced) for y in values):
            self.y = np.stack([np.reshape(y, np.shape(values[0])) for y in values])
        else:
            self.y = np.array(values)

    def __call__(self, t):
        if np.ndim(t):
            return np.stack([self(s) for s in np.ravel(t)])
        first, last = sorted((self.steps[0], self.steps[-1]))
        if not first <= t <= last:
            raise InputError(
                f"The solution was asked for t = {t!r}.",
                f"it was computed from t = {first:.6g} to {last:.6g}, and a polynomial tells nothing outside.",
                "a longer span: taylor_solve(f, y0, (t0, t1))",
            )
        forward = self.steps[-1] > self.steps[0]
        steps = self.steps if forward else [-s for s in self.steps]
        i = min(max(bisect_right(steps, t if forward else -t) - 1, 0), len(self.pieces) - 1)
        return evaluate(self.pieces[i], t - self.steps[i])

    def __repr__(self):
        largest = max(self.errors, default=0.0)
        return (
            f"Solution of order {self.order} from t = {self.steps[0]:.6g} to {self.t_end:.6g} in {len(self.pieces)} "
            f"steps; largest error of a step: {largest:.1e} (tolerance {self.tol:g})"
        )


def evaluate(c, h):
    """The polynomial at h. The small terms first, so that the sum is rounded once at the size of c_0."""
    if isinstance(c, np.ndarray):
        powers = h ** np.arange(1, len(c))
        return c[0] + (powers @ c[1:] if c.ndim < 3 else np.tensordot(powers, c[1:], 1))
    total = c[-1]
    for ck in c[-2::-1]:
        total = total * h + ck
    return pack(total)
