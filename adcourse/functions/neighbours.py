"""Taylor series of special functions whose derivatives lead to their neighbours: the rows of a triangle, not a tower.

The derivative of J_v is made of J_(v-1) and J_(v+1), theirs of J_(v-2), J_v and J_(v+2), and so on: to order K, series
of 2 K neighbours, of which those m steps away are needed to order K - m. Row by row they take no recursion.

Source: *NIST Digital Library of Mathematical Functions*, 10.6, 10.29 and 25.11.17.
"""

from itertools import count

from ..core.coefficients import Still, blank, convolve, fill
from ..core.errors import DomainError
from ..core.recurrences import slopes
from ..core.singular import is_finite


def logistic(function):
    """z' = z w x' with w = 1 - z, which is ``function(-x)`` to its last digit."""

    def recurrence(z, x):
        w, dx = function(-x[0]), slopes(x)
        product = blank(z[0] * w, len(z) - 1, z)
        for k in count(1):
            dx[k] = k * x[k]
            z_k = convolve(dx, product, k, 1) / k
            fill(product, k, (w - z[0]) * z_k - convolve(z, z, k, 1, k - 1))
            yield z_k

    return recurrence


def neighbours(function, refuse, below, above):
    """Of a function of an order v and x: its derivative by x is below(v) f_(v-1) + above(v) f_(v+1).

    ``refuse`` raises where the order is a series too.
    """

    def row(z, v, x, size):
        first = function(v, x[0])
        if not is_finite(first):
            raise DomainError(
                f"The Taylor series of {function.__name__.strip('_')} was asked to order {len(z) - 1}.",
                f"it is made of this function for orders as far away, and for the order {v} its value is no float.",
                "taylor(f, x0, order) with a lower order",
            )
        return blank(first, size, z)

    def recurrence(z, v, x):
        if type(v) is not Still:
            refuse(v)
        v, dx, rows = v.first, slopes(x), {0: z}
        slope = lambda m, n: convolve(dx, rows[m], n, 1)
        for k in count(1):
            dx[k] = k * x[k]
            for m in (k, -k) if below else (k,):
                rows[m] = row(z, v + m, x, len(z) - 1 - k)
            for n in range(1, k + 1):
                for m in {k - n, n - k} if below else {k - n}:
                    c = slope(m + 1, n) * (above(v + m) / n)
                    c = c + slope(m - 1, n) * (below(v + m) / n) if below else c
                    if n < k:
                        fill(rows[m], n, c)
            yield c

    return recurrence
