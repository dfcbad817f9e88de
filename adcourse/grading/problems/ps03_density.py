"""Assignment 3, the table of the normal log-density: 3.1 and 3.2.

Both oracles are closed forms. Ten rows of elementary operations on numbers of size 1 lose a few roundings: 1e-13.
All rows are compared, not only the last, since v4 = mu - y leaves v10 as it is. The points are generic: at
(y, mu, sigma) = (3, 1, 2) the derivative by sigma is 0, and v6 is 1.
"""

from __future__ import annotations

import math

from adcourse.grading.judges import Close
from adcourse.grading.plain import entries
from adcourse.grading.problem import Mistake, Probe, Problem

NAMES = [f"v{k}" for k in range(1, 11)]
EDGES = [(4, 1), (4, 2), (5, 4), (5, 3), (6, 5), (7, 6), (8, 3), (9, 7), (9, 8), (10, 9)]


def rows(y, mu, sigma):
    """The ten values, each in closed form from the inputs alone."""
    z = (y - mu) / sigma
    half = -0.5 * z * z
    density = half - math.log(sigma)
    last = density - 0.5 * math.log(2 * math.pi)
    return [y, mu, sigma, y - mu, z, z * z, half, math.log(sigma), density, last]


# --- 3.1 ---------------------------------------------------------------------------------------------------------


def trace_at(y, mu, sigma, question) -> Probe:
    judge = Close(lambda: rows(y, mu, sigma), rtol=1e-13, atol=1e-13, labels=NAMES)
    return Probe(question, lambda trace_lognormal: trace_lognormal(y, mu, sigma), judge)


def trace_visible():
    return [
        trace_at(3.0, 1.0, 2.0, "the ten values at (3, 1, 2), the last of them -2.112085713764618"),
        trace_at(0.5, 2.0, 0.8, "the ten values at (0.5, 2, 0.8)"),
    ]


def some_point(rng):
    return float(rng.uniform(-2, 2)), float(rng.uniform(-2, 2)), float(rng.uniform(0.3, 3))


def trace_hidden(rng):
    for _ in range(3):
        yield trace_at(*some_point(rng), "the ten values at another point")


def _trace(**wrong):
    """The list, with some of its rows computed otherwise, by functions of (v, where v[1] is y)."""
    right = {
        4: lambda v: v[1] - v[2],
        5: lambda v: v[4] / v[3],
        6: lambda v: v[5] ** 2,
        7: lambda v: -0.5 * v[6],
        8: lambda v: math.log(v[3]),
        9: lambda v: v[7] - v[8],
        10: lambda v: v[9] - 0.5 * math.log(2 * math.pi),
    } | {int(name[1:]): rule for name, rule in wrong.items()}

    def trace_lognormal(y, mu, sigma):
        v = [None, y, mu, sigma]
        for k in range(4, 11):
            v.append(right[k](v))
        return v[1:]

    return trace_lognormal


TRACE = Problem(
    id="3.1",
    title="Wengert list of the normal log-density",
    points=2,
    signature="trace_lognormal(y, mu, sigma)",
    visible=trace_visible,
    hidden=trace_hidden,
    hint="Row by row; natural log.",
    mistakes=[
        Mistake(
            _trace(v4=lambda v: v[2] - v[1]),
            "Your v4 has the wrong sign. v10 doesn't notice, because v4 is squared on the way; the list does.",
        ),
        Mistake(_trace(v8=lambda v: math.log10(v[3])), "Your v8 is a logarithm to base 10. log means the natural one."),
        Mistake(_trace(v8=lambda v: math.log2(v[3])), "Your v8 is a logarithm to base 2. log means the natural one."),
        Mistake(
            _trace(v9=lambda v: v[7] + v[8]), "The logarithm of sigma is subtracted: the wider, the lower the density."
        ),
        Mistake(_trace(v7=lambda v: 0.5 * v[6]), "The minus in front of one half is missing: look at v7."),
        Mistake(_trace(v7=lambda v: -v[6]), "The half in front of the square is missing: look at v7."),
        Mistake(
            _trace(v10=lambda v: v[9] - math.log(2 * math.pi)),
            "Half of log 2π is subtracted in the last row: the density has a square root of 2π.",
        ),
        Mistake(
            _trace(v10=lambda v: v[9] + 0.5 * math.log(2 * math.pi)),
            "The constant is subtracted in the last row: the density is divided by the root of 2π.",
        ),
        Mistake(
            _trace(v10=lambda v: v[9] - 0.5 * math.log10(2 * math.pi)),
            "The logarithm in your last row is to base 10. log means the natural one.",
        ),
        Mistake(
            _trace(v8=lambda v: math.log10(v[3]), v10=lambda v: v[9] - 0.5 * math.log10(2 * math.pi)),
            "Your logarithms are to base 10. log means the natural one.",
        ),
        Mistake(
            _trace(v5=lambda v: v[4] / v[3] ** 2),
            "sigma, not its square, stands below y - mu: the square comes in the row after.",
        ),
        Mistake(
            _trace(v8=lambda v: math.log(v[3] ** 2)),
            "log sigma, not log of its square: with sigma² there would be a half in front.",
        ),
        Mistake(
            _trace(v6=lambda v: 2 * v[5]),
            "v6 is the square of v5, not twice it: 2 v5 is its derivative, which comes in problem 3.2.",
        ),
    ],
)


# --- 3.2 ---------------------------------------------------------------------------------------------------------


def partials(v):
    """The ten partials in the order of EDGES, by the inputs alone where that is another way."""
    y, mu, sigma = v[1], v[2], v[3]
    return [1, -1, 1 / sigma, (mu - y) / sigma**2, 2 * (y - mu) / sigma, -0.5, 1 / sigma, 1, -1, 1]


def partials_at(point, question) -> Probe:
    v = dict(enumerate(rows(*point), start=1))
    judge = Close(lambda: partials(v), rtol=1e-13, labels=EDGES)
    return Probe(question, lambda local_partials: entries(local_partials(dict(v)), EDGES), judge)


def partials_visible():
    return [
        partials_at((3.0, 1.0, 2.0), "the ten partials at (3, 1, 2)"),
        partials_at((0.5, 2.0, 0.8), "the ten partials at (0.5, 2, 0.8)"),
    ]


def partials_hidden(rng):
    for _ in range(3):
        yield partials_at(some_point(rng), "the ten partials at another point")


def _partials(**wrong):
    """The dict, with some entries computed otherwise; ``e53`` is the entry (5, 3), ``e109`` the entry (10, 9)."""
    rules = {
        (4, 1): lambda v: 1,
        (4, 2): lambda v: -1,
        (5, 4): lambda v: 1 / v[3],
        (5, 3): lambda v: -v[4] / v[3] ** 2,
        (6, 5): lambda v: 2 * v[5],
        (7, 6): lambda v: -0.5,
        (8, 3): lambda v: 1 / v[3],
        (9, 7): lambda v: 1,
        (9, 8): lambda v: -1,
        (10, 9): lambda v: 1,
    } | {(int(name[1:-1]), int(name[-1])): rule for name, rule in wrong.items()}
    return lambda v: {edge: rule(v) for edge, rule in rules.items()}


def _totals(v):
    """Derivatives of the last row by each operand, in place of the local ones."""
    local = _partials()(v)
    bar = {10: 1.0}
    for i, j in sorted(EDGES, reverse=True):
        bar[j] = bar.get(j, 0.0) + bar[i] * local[i, j]
    return {(i, j): bar[i] * local[i, j] for i, j in EDGES}


PARTIALS = Problem(
    id="3.2",
    title="Fill in the partials column",
    points=3,
    signature="local_partials(v)",
    visible=partials_visible,
    hidden=partials_hidden,
    hint="Differentiate only the ONE operation on that row.",
    mistakes=[
        Mistake(
            _partials(e53=lambda v: -v[4] / v[3]),
            "In v5 = v4/v3, differentiate by v3: 1/v3 has the derivative -1/v3², so a square is lost.",
        ),
        Mistake(_partials(e53=lambda v: v[4] / v[3] ** 2), "When v3 grows, v4/v3 falls: the sign of the entry (5, 3)."),
        Mistake(
            _partials(e53=lambda v: -1 / v[3] ** 2),
            "In v5 = v4/v3, differentiate by v3: v4 stays as a factor in the entry (5, 3).",
        ),
        Mistake(_partials(e98=lambda v: 1), "v9 = v7 - v8: what happens to v9 when v8 grows?"),
        Mistake(_partials(e42=lambda v: 1), "v4 = v1 - v2: what happens to v4 when v2 grows?"),
        Mistake(
            _partials(e98=lambda v: 1, e42=lambda v: 1),
            "Differences have one plus and one minus: what happens to v1 - v2 when v2 grows?",
        ),
        Mistake(_partials(e65=lambda v: v[5]), "The derivative of v5² is not v5: try 3² and 3.001²."),
        Mistake(_partials(e65=lambda v: 2), "The derivative of v5² depends on v5: try it at 3 and at 10."),
        Mistake(_partials(e76=lambda v: 0.5), "v7 = -v6/2 has a minus, and so has its slope."),
        Mistake(_partials(e83=lambda v: v[3]), "The slope of the logarithm at v3 is not v3: it is steep near 0."),
        Mistake(
            _partials(e83=lambda v: 1 / v[8]),
            "The slope of log v3 is one over what stands inside the logarithm, not over its value.",
        ),
        Mistake(
            lambda v: {(j, i): slope for (i, j), slope in _partials()(v).items()},
            "Your keys are turned around: (i, j) is the derivative of v_i by v_j, so the later row comes first.",
        ),
        Mistake(
            _totals,
            "These are derivatives of the whole, multiplied along the way. A local partial looks at the one operation "
            "on its row and at nothing behind it.",
        ),
        Mistake(
            _partials(e109=lambda v: 0),
            "v10 = v9 - constant: subtracting a constant doesn't stop v10 from moving with v9.",
        ),
    ],
)
