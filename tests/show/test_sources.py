"""The tables of the sources, entry by entry: every name, operation, value, local partial, tangent and adjoint.

The expected numbers are closed forms of the calculus, worked out here by hand with ``math``, not by the library.
Sources: the course notes behind the syllabus, section 1 there; the log-density is that of the Stan Math Library paper
(Carpenter et al., arXiv:1509.07164).
"""

import math
import re
from math import cos, exp, log, pi, sin, sqrt
from typing import NamedTuple

import numpy as np
import pytest

from adcourse import record
from adcourse.show import trace, words

from .formats import html_rows, latex_rows, markdown_rows, text_rows


class Entry(NamedTuple):
    """What a source prints in one row. ``tangents``: by each input in turn."""

    name: str
    operation: str
    value: float
    partials: dict
    tangents: tuple
    adjoint: float


# ---------------------------------------------------------------------------------------------- the running example


def running_example(w1, w2):
    v1 = np.log(w1)
    v2 = w2 * v1
    v3 = np.sqrt(v2)
    L = v2 + v3
    return L


def of_the_running_example(w1, w2):
    v1, v2 = log(w1), w2 * log(w1)
    v3 = sqrt(v2)
    s = 1 + 1 / (2 * v3)  # dL/dv2
    return [
        Entry("w1", "", w1, {}, (1, 0), s * w2 / w1),
        Entry("w2", "", w2, {}, (0, 1), s * v1),  # the source prints dL/dv1 * v1
        Entry("v1", "log(w1)", v1, {"w1": 1 / w1}, (1 / w1, 0), s * w2),
        Entry("v2", "w2 * v1", v2, {"w2": v1, "v1": w2}, (w2 / w1, v1), s),
        Entry("v3", "sqrt(v2)", v3, {"v2": 1 / (2 * v3)}, (w2 / w1 / (2 * v3), v1 / (2 * v3)), 1),
        Entry("L", "v2 + v3", v2 + v3, {"v2": 1, "v3": 1}, (s * w2 / w1, s * v1), 1),
    ]


# ---------------------------------------------------------------------------------------------- normal log-density


def log_density(v1, v2, v3):
    v4 = v1 - v2
    v5 = v4 / v3
    v6 = v5**2
    v7 = -0.5 * v6
    v8 = np.log(v3)
    v9 = v7 - v8
    v10 = v9 - 0.5 * math.log(2 * math.pi)
    return v10


def of_the_log_density(y, mu, sigma):
    d, r, s = y - mu, (y - mu) / sigma, sigma
    tangents = [(1, -1, 0), (1 / s, -1 / s, -d / s**2)]
    tangents.append(tuple(2 * r * t for t in tangents[1]))
    tangents.append(tuple(-r * t for t in tangents[1]))
    last = (-d / s**2, d / s**2, d**2 / s**3 - 1 / s)
    values = [d, r, r**2, -(r**2) / 2, log(s), -(r**2) / 2 - log(s)]
    return [
        Entry("v1", "", y, {}, (1, 0, 0), last[0]),
        Entry("v2", "", mu, {}, (0, 1, 0), last[1]),
        Entry("v3", "", sigma, {}, (0, 0, 1), last[2]),
        Entry("v4", "v1 - v2", values[0], {"v1": 1, "v2": -1}, tangents[0], -d / s**2),
        Entry("v5", "v4 / v3", values[1], {"v4": 1 / s, "v3": -d * s**-2}, tangents[1], -r),
        Entry("v6", "v5 ** 2", values[2], {"v5": 2 * r}, tangents[2], -0.5),
        Entry("v7", "-0.5 * v6", values[3], {"v6": -0.5}, tangents[3], 1),
        Entry("v8", "log(v3)", values[4], {"v3": 1 / s}, (0, 0, 1 / s), -1),
        Entry("v9", "v7 - v8", values[5], {"v7": 1, "v8": -1}, last, 1),
        Entry("v10", "v9 - 0.9189385", values[5] - log(2 * pi) / 2, {"v9": 1}, last, 1),
    ]


# ---------------------------------------------------------------------------------------------- the product of a sum


def product_of_a_sum(x, y, z):
    q = x + y
    f = q * z
    return f


def of_the_product(x, y, z):
    return [
        Entry("x", "", x, {}, (1, 0, 0), z),
        Entry("y", "", y, {}, (0, 1, 0), z),
        Entry("z", "", z, {}, (0, 0, 1), x + y),
        Entry("q", "x + y", x + y, {"x": 1, "y": 1}, (1, 1, 0), z),
        Entry("f", "q * z", (x + y) * z, {"q": z, "z": x + y}, (z, z, x + y), 1),
    ]


# ---------------------------------------------------------------------------------------------- logistic least squares


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def logistic(x, t):
    def loss(w, b):
        z = w * x + b
        y = sigmoid(z)
        L = 0.5 * (y - t) ** 2
        return L

    return loss


def of_the_logistic_loss(x, t):
    def entries(w, b):
        z = w * x + b
        y = 1 / (1 + exp(-z))
        e, dy = exp(-z), y * (1 - y)  # sigma'(z) = sigma (1 - sigma)
        zbar = (y - t) * dy
        return [
            Entry("w", "", w, {}, (1, 0), zbar * x),
            Entry("b", "", b, {}, (0, 1), zbar),
            Entry(
                "v1", f"w * {words.number(x)}" if x >= 0 else f"w * ({words.number(x)})", w * x, {"w": x}, (x, 0), zbar
            ),
            Entry("z", "v1 + b", z, {"v1": 1, "b": 1}, (x, 1), zbar),
            Entry("v3", "-z", -z, {"z": -1}, (-x, -1), -zbar),
            Entry("v4", "exp(v3)", e, {"v3": e}, (-x * e, -e), -(y - t) * y**2),
            Entry("v5", "1 + v4", 1 + e, {"v4": 1}, (-x * e, -e), -(y - t) * y**2),
            Entry("y", "1 / v5", y, {"v5": -(y**2)}, (x * dy, dy), y - t),
            Entry("v7", f"y - {words.number(t)}", y - t, {"y": 1}, (x * dy, dy), y - t),
            Entry("v8", "v7 ** 2", (y - t) ** 2, {"v7": 2 * (y - t)}, (2 * zbar * x, 2 * zbar), 0.5),
            Entry("L", "0.5 * v8", (y - t) ** 2 / 2, {"v8": 0.5}, (zbar * x, zbar), 1),
        ]

    return entries


# ---------------------------------------------------------------------------------------------- a product and a sine


def product_and_sine(x1, x2):
    v1 = x1 * x2
    v2 = np.sin(x1)
    z = v1 + v2
    return z


def of_product_and_sine(x1, x2):
    return [
        Entry("x1", "", x1, {}, (1, 0), x2 + cos(x1)),
        Entry("x2", "", x2, {}, (0, 1), x1),
        Entry("v1", "x1 * x2", x1 * x2, {"x1": x2, "x2": x1}, (x2, x1), 1),
        Entry("v2", "sin(x1)", sin(x1), {"x1": cos(x1)}, (cos(x1), 0), 1),
        Entry("z", "v1 + v2", x1 * x2 + sin(x1), {"v1": 1, "v2": 1}, (x2 + cos(x1), x1), 1),
    ]


TABLES = {
    "running example": (running_example, of_the_running_example, [(math.e, 4.0), (2.0, 3.0), (5.5, 0.3)]),
    "log-density": (log_density, of_the_log_density, [(3.0, 1.0, 2.0), (0.3, 1.4, 0.7), (-2.5, -3.25, 1.75)]),
    "product of a sum": (product_of_a_sum, of_the_product, [(-2.0, 5.0, -4.0), (0.5, 1.25, 3.0)]),
    "logistic": (logistic(-1.0, 1.0), of_the_logistic_loss(-1.0, 1.0), [(2.0, 0.5), (-0.3, 1.7)]),
    "logistic elsewhere": (logistic(0.75, 0.0), of_the_logistic_loss(0.75, 0.0), [(0.4, -0.2)]),
    "product and sine": (product_and_sine, of_product_and_sine, [(2.0, 3.0), (-0.4, 1.1)]),
}
# Written in one expression, the same operations go by their place: v1, v2, ...; beside inputs v1, v2, v3 by t1, t2, ...
EXPRESSIONS = {
    "log-density": (
        lambda v1, v2, v3: -0.5 * ((v1 - v2) / v3) ** 2 - np.log(v3) - 0.5 * math.log(2 * math.pi),
        {f"v{k}": f"t{k - 3}" for k in range(4, 11)},
    ),
    "log-density of y, mu, sigma": (
        lambda y, mu, sigma: -0.5 * ((y - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * math.log(2 * math.pi),
        {"v1": "y", "v2": "mu", "v3": "sigma", **{f"v{k}": f"v{k - 3}" for k in range(4, 11)}},
    ),
    "product of a sum": (lambda x, y, z: (x + y) * z, {"q": "v1", "f": "v2"}),
    "product and sine": (lambda x1, x2: x1 * x2 + np.sin(x1), {"z": "v3"}),
}
CASES = [(name, f, rows, point, {}) for name, (f, rows, points) in TABLES.items() for point in points]
CASES += [(name, f, *TABLES[name.partition(" of y")[0]][1:], new) for name, (f, new) in EXPRESSIONS.items()]
CASES = [
    (n, f, rows, p, new) for n, f, rows, points, new in CASES for p in (points if type(points) is list else [points])
]


def renamed(text, new):
    return re.sub(r"[a-z]\w*", lambda word: new.get(word[0], word[0]), text, flags=re.IGNORECASE)


@pytest.mark.parametrize("name, f, rows, point, new", CASES, ids=[f"{c[0]} at {c[3]}" for c in CASES])
def test_every_entry(name, f, rows, point, new):
    """Numbers, and the formulas they come with: each formula, run as Python, gives the number of the closed form."""
    tape, expected = record(f, *point), rows(*point)
    for k in range(len(point)):
        seeds = [float(i == k) for i in range(len(point))]
        table = trace(tape, "both", seeds, formulas=True)
        assert len(table.lines) == len(expected)
        known = {function: getattr(np, function) for function in ("exp", "log", "sin", "cos", "sqrt")}
        for row in expected:
            n = new.get(row.name, row.name)
            known |= {n: row.value, f"d{n}": row.tangents[k], f"{n}_bar": row.adjoint}
        run = lambda formula: eval(words.expression(formula), {}, known)  # noqa: B023
        for line, row in zip(table.lines, expected, strict=True):
            assert line.name == new.get(row.name, row.name)
            assert line.equation == line.name + " = " * bool(row.operation) + renamed(row.operation, new)
            assert line.value == pytest.approx(row.value, rel=1e-14, abs=1e-15)
            assert line.tangent == pytest.approx(row.tangents[k], rel=1e-13, abs=1e-15)
            assert line.adjoint == pytest.approx(row.adjoint, rel=1e-13, abs=1e-15)
            assert list(line.partials) == [new.get(parent, parent) for parent in row.partials]
            for parent, partial in row.partials.items():
                (in_words,), (formula,) = line.partials[new.get(parent, parent)], line.formulas[new.get(parent, parent)]
                assert float(in_words) == pytest.approx(partial, rel=1e-6)
                assert run(formula) == pytest.approx(partial, rel=1e-13)
            if row.operation:
                assert run(line.tangent_formula) == pytest.approx(row.tangents[k], rel=1e-13, abs=1e-15)
            if not line.is_output:
                assert run(line.adjoint_formula) == pytest.approx(row.adjoint, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("formulas", [False, True])
@pytest.mark.parametrize("name, f, rows, point, new", CASES, ids=[f"{c[0]} at {c[3]}" for c in CASES])
def test_every_entry_stands_in_every_format(name, f, rows, point, new, formulas):
    table = trace(record(f, *point), "both", formulas=formulas)
    html, markdown, latex, text = html_rows(table), markdown_rows(table), latex_rows(table), text_rows(table)
    heads = ["operation", "value", "local partials", "tangent", "adjoint"]
    assert html[0] == markdown[0] == text[0] == heads
    assert latex[0] == [rf"\text{{{head}}}" for head in heads]
    assert len(html) == len(markdown) == len(latex) == len(text) == len(table) + 1
    assert html == markdown
    for in_html, in_latex, in_text, line, row in zip(
        html[1:], latex[1:], text[1:], table.lines, rows(*point), strict=True
    ):
        assert in_html[0] == line.equation + line.mark
        said = [cell for cell in [line.equation + line.mark * line.is_input, *in_html[1:]] if cell]
        assert in_text == said + ["(output)"] * line.is_output
        for column, number in (1, row.value), (3, row.tangents[0]), (4, row.adjoint):
            for cell in in_html[column], in_latex[column]:
                assert number_in(cell) == pytest.approx(number, rel=1e-6, abs=1e-12)
        for column, sep in (in_html[2], ", "), (in_latex[2], r",\; "):
            partials = [number_in(cell) for cell in column.split(sep) if cell]
            assert partials == pytest.approx(list(row.partials.values()), rel=1e-6)


def number_in(cell):
    """The number that a cell ends in, after the formula if there is one."""
    number = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", cell.rpartition("= ")[2])
    return float(number)


def test_the_numbers_that_the_sources_print():
    """As the syllabus has them, to the digits shown there."""
    at = lambda f, *point: {line.name: line for line in trace(record(f, *point)).lines}
    running = at(running_example, math.e, 4.0)
    assert [round(running[n].value, 12) for n in ("v1", "v2", "v3", "L")] == [1, 4, 2, 6]
    assert (round(running["w1"].adjoint, 7), round(running["w2"].adjoint, 12)) == (1.8393972, 1.25)
    assert round(at(running_example, 2.0, 3.0)["w2"].adjoint, 6) == 0.933485
    product = at(product_of_a_sum, -2.0, 5.0, -4.0)
    assert [(product[n].value, product[n].adjoint) for n in "xyzqf"] == [(-2, -4), (5, -4), (-4, 3), (3, -4), (-12, 1)]
    assert at(log_density, 3.0, 1.0, 2.0)["v10"].value == pytest.approx(-2.112085713764618, abs=5e-16)
    loss = at(logistic(-1.0, 1.0), 2.0, 0.5)
    assert [round(loss[n].adjoint, 6) for n in "wb"] == [0.121938, -0.121938]
    assert round(loss["L"].value, 6) == 0.334214
    sine = at(product_and_sine, 2.0, 3.0)
    assert (round(sine["z"].value, 6), round(sine["x1"].adjoint, 6), sine["x2"].adjoint) == (6.909297, 2.583853, 2)


def test_the_misprint_of_the_reverse_table():
    """dL/dw2 = dL/dv1 * v1, the source says; dL/dv2 * v1 it is. The wrong line gives 5, the right one 1.25."""
    tape = record(running_example, math.e, 4.0)
    line = trace(tape, formulas=True).lines[1]
    assert words.expression(line.adjoint_formula) == "v2_bar * v1"
    by = dict(zip(tape.names.values(), tape.adjoints(), strict=True))
    assert by["v1"] * 1.0 == pytest.approx(5.0)
    h = 1e-6
    quotient = (running_example(math.e, 4 + h) - running_example(math.e, 4 - h)) / (2 * h)
    assert quotient == pytest.approx(line.adjoint, rel=1e-9)
    assert line.adjoint == pytest.approx(1.25)
