"""Events on the way: where g(t, y) = 0. On a step, g of the solution is a polynomial, and its roots are all."""

import numpy as np
from numpy.polynomial import polynomial

from .solution import evaluate

NEAR = 1e-9  # of a step: what lies nearer to the step's beginning belongs to the step before


class Watch:
    """The events of one solution: ``found[i]`` has the times and values of the i-th."""

    def __init__(self, flow, functions, given):
        self.flow, self.functions = flow, functions
        self.directions = [getattr(e, "direction", 0) for e in given]
        self.terminal = [getattr(e, "terminal", False) for e in given]
        self.found, self.ended = [[] for _ in functions], False

    def step(self, before, now, c):
        """Note what happens from ``before`` to ``now``; return ``now``, or the time of an event that ends it all."""
        h, happened = now - before, []
        for i, g in enumerate(self.functions):
            scaled = self.flow.along(g, before, c) * h ** np.arange(len(c))  # in units of the step
            for root, rising in _roots(scaled):
                if self.directions[i] * rising * h >= 0:
                    happened.append((root, i))
        for root, i in sorted(happened):
            t = before + root * h
            self.found[i].append((t, evaluate(c, root * h)))
            if self.terminal[i]:
                self.ended = True
                return t
        return now


def _roots(g):
    """The roots of a polynomial in (0, 1], and the sign of its slope there."""
    size = np.max(np.abs(g))
    g = polynomial.polytrim(g, 1e-17 * size) if size else np.zeros(1)
    slope = polynomial.polyder(g)
    for root in polynomial.polyroots(g) if len(g) > 1 else ():
        if abs(root.imag) < 1e-6 and NEAR < root.real <= 1 + NEAR:
            x = root.real
            for _ in range(3):  # the eigenvalues of a companion matrix have fewer digits than the polynomial
                s = polynomial.polyval(x, slope)
                x = x - polynomial.polyval(x, g) / s if s else x
            before, after = (polynomial.polyval(x + d, g) for d in (-1e-7, 1e-7))
            if before * after <= 0:  # a root of even order is no crossing
                yield min(max(x, 0.0), 1.0), np.sign(polynomial.polyval(x, slope))
