"""The evaluation trace: the tables of the sources entry by entry, and identities that any program's trace must meet."""

import math
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse import derivative, grad, record
from adcourse.core.errors import InputError
from adcourse.show import trace


def running_example(w1, w2):
    v1 = np.log(w1)
    v2 = w2 * v1
    v3 = np.sqrt(v2)
    L = v2 + v3
    return L


def logistic_least_squares(x, t):
    def loss(w, b):
        z = w * x + b
        y = 1.0 / (1.0 + np.exp(-z))
        return 0.5 * (y - t) ** 2

    return loss


def entries(table, column):
    return [getattr(line, column) for line in table.lines]


def test_the_forward_table_of_the_running_example():
    """L = w2 log w1 + sqrt(w2 log w1) at (e, 4), by w1 and by w2."""
    tape, e = record(running_example, math.e, 4.0), math.e
    table = trace(tape, sweep="forward")
    assert [line.equation for line in table.lines] == [
        "w1", "w2", "v1 = log(w1)", "v2 = w2 * v1", "v3 = sqrt(v2)", "L = v2 + v3",
    ]  # fmt: skip
    assert entries(table, "value") == pytest.approx([e, 4, 1, 4, 2, 6])
    assert entries(table, "tangent") == pytest.approx([1, 0, 1 / e, 4 / e, 1 / e, 5 / e])
    assert entries(table, "adjoint") == [None] * 6
    by_w2 = trace(tape, sweep="forward", seeds=[0.0, 1.0])
    assert entries(by_w2, "tangent") == pytest.approx([0, 1, 0, 1, 0.25, 1.25])


def test_the_reverse_table_of_the_running_example_corrected():
    """The source prints dL/dw2 = dL/dv1 * v1, which would be 5; dL/dv2 * v1 = 1.25 is right."""
    e = math.e
    table = trace(record(running_example, e, 4.0))
    assert entries(table, "adjoint") == pytest.approx([5 / e, 1.25, 5, 1.25, 1, 1])
    assert entries(table, "adjoint")[0] == pytest.approx(1.8393972, abs=5e-8)
    assert [line.partials for line in table.lines] == [
        {}, {}, {"w1": ["0.3678794"]}, {"w2": ["1"], "v1": ["4"]}, {"v2": ["0.25"]}, {"v2": ["1"], "v3": ["1"]},
    ]  # fmt: skip


def test_the_product_of_a_sum():
    table = trace(record(lambda x, y, z: (x + y) * z, -2.0, 5.0, -4.0))
    assert [(line.equation, line.value, line.adjoint) for line in table.lines] == [
        ("x", -2, -4), ("y", 5, -4), ("z", -4, 3), ("v1 = x + y", 3, -4), ("v2 = v1 * z", -12, 1),
    ]  # fmt: skip
    assert table.lines[-1].partials == {"v1": ["-4"], "z": ["3"]}


def test_logistic_least_squares():
    table = trace(record(logistic_least_squares(-1.0, 1.0), 2.0, 0.5))
    assert table.lines[-1].value == pytest.approx(0.334214, abs=5e-7)
    assert entries(table, "adjoint")[:2] == pytest.approx([0.121938, -0.121938], abs=5e-7)
    y = 1 / (1 + math.exp(1.5))
    z_bar = (y - 1) * y * (1 - y)
    adjoints = {line.equation.partition(" = ")[2]: line.adjoint for line in table.lines}
    assert adjoints["v1 + b"] == pytest.approx(z_bar)
    assert adjoints["1 / v5"] == pytest.approx(y - 1)


def test_the_sum_of_a_product_and_a_sine():
    table = trace(record(lambda x1, x2: x1 * x2 + np.sin(x1), 2.0, 3.0), sweep="both")
    assert entries(table, "value") == pytest.approx([2, 3, 6, math.sin(2), 6 + math.sin(2)])
    assert table.lines[-1].value == pytest.approx(6.909297, abs=5e-7)
    assert entries(table, "adjoint") == pytest.approx([3 + math.cos(2), 2, 1, 1, 1])
    assert entries(table, "adjoint")[0] == pytest.approx(2.583853, abs=5e-7)
    assert entries(table, "tangent") == pytest.approx([1, 0, 3, math.cos(2), 3 + math.cos(2)])


def test_the_normal_log_density():
    """The ten-row table of the sources, here with its constants in their operations."""

    def density(y, mu, sigma):
        return -0.5 * ((y - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * math.log(2 * math.pi)

    table = trace(record(density, 3.0, 1.0, 2.0))
    assert table.lines[-1].value == pytest.approx(-2.112085713764618, abs=1e-15)
    assert entries(table, "adjoint")[:3] == pytest.approx([-0.5, 0.5, 0.0])


@given(st.floats(0.2, 3), st.floats(0.2, 3), st.sampled_from([np.sin, np.exp, np.sqrt, np.log1p, np.tanh]))
def test_adjoints_of_inputs_are_the_gradient_and_local_partials_carry_them(x, y, function):
    """In every row of numbers: adjoint of a parent = sum over its uses of adjoint of the child times local partial."""

    def f(x, y):
        u = function(x * y)
        return u * u / (x + 1.5) - y**2 * u

    table = trace(record(f, x, y), sweep="both")
    lines = {line.name: line for line in table.lines}
    assert (lines["x"].adjoint, lines["y"].adjoint) == pytest.approx(grad(f, argnums=(0, 1))(x, y))
    assert table.lines[-1].tangent == pytest.approx(derivative(lambda t: f(t, y))(x))
    for name, line in lines.items():
        shares = [c.adjoint * float(d) for c in lines.values() for d in c.partials.get(name, [])]
        if shares:  # the words have seven digits
            assert math.fsum(shares) == pytest.approx(line.adjoint, rel=1e-5, abs=1e-6 * sum(map(abs, shares)))


def test_a_parent_used_twice_shows_both_shares():
    table = trace(record(lambda x: x - x * x, 3.0))
    assert table.lines[1].partials == {"x": ["3", "3"]}
    assert "∂v1/∂x = 3 + 3" in str(table)
    assert "∂v1/∂x = 1 + (-1)" in str(trace(record(lambda x: x - x, 3.0)))


def test_local_jacobians_of_array_operations():
    table = trace(record(lambda W, x: np.sum((W @ x)[1:] * 2.0), np.ones((3, 2)), np.array([4.0, 5.0])))
    by = {line.name: line for line in table.lines}
    assert by["v1"].partials == {"W": ["Jacobian of shape (3, 3, 2)"], "x": ["Jacobian of shape (3, 2)"]}
    assert by["v2"].equation == "v2 = v1[1:]"
    assert by["v2"].partials == {"v1": ["1 at [1:]"]}
    assert by["v3"].partials == {"v2": ["2"]}
    assert by["v4"].partials == {"v3": ["[1, 1]"]}
    np.testing.assert_array_equal(by["x"].adjoint, [4.0, 4.0])


def test_an_array_result_has_no_adjoint_column_until_a_cotangent_is_given():
    tape = record(lambda x: x * x, np.array([1.0, 2.0]))
    assert trace(tape).adjoints is None
    assert "adjoint" not in str(trace(tape))
    np.testing.assert_array_equal(trace(tape, seeds=np.array([1.0, 10.0])).lines[0].adjoint, [2.0, 40.0])


def test_a_result_that_ignores_its_input_has_no_adjoints_and_several_results_neither():
    assert trace(record(lambda x: 1.0, 2.0)).adjoints is None
    assert trace(record(lambda x: (x * 2, x * 3), 2.0)).adjoints is None


def test_the_default_direction_is_the_first_entry_of_the_first_input():
    table = trace(record(lambda x, y: np.sum(x) * y, np.array([1.0, 2.0, 3.0]), 5.0), sweep="forward")
    np.testing.assert_array_equal(table.lines[0].tangent, [1.0, 0.0, 0.0])
    assert table.lines[-1].tangent == 5.0
    assert "dx = [1, 0, 0], dy = 0" in table.caption


def test_another_sweep_is_refused_with_the_line_to_write():
    with pytest.raises(InputError, match=r"sideways[\s\S]*sweep='reverse'"):
        trace(record(np.sin, 1.0), sweep="sideways")


class Table(HTMLParser):
    """Rows of cells of the first table, and what a screen reader needs to find its way."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.scopes, self.caption, self.inside = [], [], "", None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self.scopes.append(dict(attributes).get("scope") if tag == "th" else None)
        self.inside = tag if tag in ("th", "td", "caption") else self.inside if tag == "code" else None

    def handle_endtag(self, tag):
        self.inside = None if tag in ("td", "caption") else self.inside

    def handle_data(self, data):
        if self.inside == "caption":
            self.caption += data
        elif self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def test_html_has_caption_and_scopes_and_the_same_entries_as_the_text():
    table = trace(record(running_example, math.e, 4.0), sweep="both")
    found = Table(table.html())
    assert found.caption == table.caption
    assert found.rows[0] == ["operation", "value", "local partials", "tangent", "adjoint"]
    assert found.scopes[:5] == ["col"] * 5
    assert found.scopes[5::5] == ["row"] * 6
    assert found.rows[-1] == ["L = v2 + v3 (output)", "6", "∂L/∂v2 = 1, ∂L/∂v3 = 1", "1.839397", "1"]
    for row in found.rows[1:]:
        assert all(cell in str(table) for cell in row[1:])


def test_html_escapes_what_the_user_named():
    html = trace(record(lambda p: p["<b>"] * 2.0, {"<b>": 1.0})).html()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_latex_is_balanced_and_says_the_same():
    latex = trace(record(running_example, math.e, 4.0)).latex()
    assert latex.count("{") == latex.count("}")
    assert latex.startswith(r"\begin{array}{lrlr}") and latex.endswith(r"\end{array}")
    rows = latex.splitlines()[2:-1]
    assert len(rows) == 6
    assert all(row.count("&") == 3 for row in rows)
    assert r"v_{2} = w_{2} \cdot v_{1}" in latex and r"\sqrt{v_{2}}" in latex and r"\log\left(w_{1}\right)" in latex


def test_latex_is_read_by_a_real_parser():
    """Matplotlib's mathtext reads each cell (it knows no array environment)."""
    from matplotlib.mathtext import MathTextParser

    def f(x, rate_2, sigma):
        y = np.abs(x[0] - 2.0) ** 3 / sigma + rate_2**2 * np.exp(-x[1])
        return y + np.maximum(x[0], 0.5) - np.sum(x * 1e-9) + np.square(sigma)

    parser = MathTextParser("path")
    latex = trace(record(f, np.array([3.0, 4.0]), 0.5, 2.0)).latex()
    for row in latex.splitlines()[2:-1]:
        for cell in row.removesuffix(r" \\").split(" & "):
            parser.parse(f"${cell.replace(chr(92) + 'text', chr(92) + 'mathrm').strip()}$" if cell.strip() else "")


def test_a_long_trace_is_cut_in_the_middle_and_says_so():
    def f(x):
        for _ in range(3000):
            x = np.sin(x)
        return x

    table = trace(record(f, 1.0))
    assert len(str(table).splitlines()) < 250
    assert re.search(r"2801 rows left out", str(table)), str(table)[-3000:]
    assert "2801 rows left out" in table.html()
    assert "vdots" in table.latex()
    assert len(table.text(limit=None).splitlines()) == 3001 + 2
    assert len(table.lines) == 3001


def test_a_tape_that_kept_only_shapes_still_prints():
    """What a derivative doesn't read, a sweep's own tape keeps as shape and dtype."""
    from adcourse.core.tape import Tape

    tape = Tape()
    (x,) = tape.begin([np.arange(8.0)])
    y = np.sum(x + 1.0)
    tape.outputs, tape.input_names = [y.index], ["x"]
    tape.close()
    tape.release()
    assert "(8,) float64" in str(trace(tape, sweep=None))


def test_importing_it_does_not_import_numpy():
    code = "import sys, adcourse.show.table, adcourse.show.drawing, adcourse.show.style; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
