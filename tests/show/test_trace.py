"""The evaluation trace: the tables of the sources entry by entry, and identities that any program's trace must meet."""

import math
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adcourse import derivative, grad, record
from adcourse.core.errors import InputError
from adcourse.show import trace
from adcourse.show.table import first_direction

from .formats import HTMLTable, html_rows, markdown_rows
from .test_sources import running_example


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


def test_html_has_caption_and_scopes_and_the_same_entries_as_the_text():
    table = trace(record(running_example, math.e, 4.0), sweep="both")
    found = HTMLTable(table.html())
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


# ---------------------------------------------------------------------------------------------- any program at all


def with_odd_keys(p):
    product = p["a|b"] * p["`c``$x$"]
    return product + p["<i>&"] * p["_em_ *x* [y](z)"] ** 2 - p["back\\slash"] + p["#1 ~~"]


ODD = {"a|b": 1.0, "`c``$x$": 2.0, "<i>&": 3.0, "_em_ *x* [y](z)": -1e-12, "back\\slash": 1e200, "#1 ~~": float("inf")}


def with_odd_values(x, y, n):
    a = np.abs(x) * np.inf
    b = np.where(np.array([True, False, True]), a, x)
    c = b * np.array([1, 2, 3])
    d = x.astype(np.float32)
    return np.sum(y) + np.sum(d) + np.sum(c) * n


PROGRAMS = {
    "odd keys": (with_odd_keys, ODD),
    "odd values": (with_odd_values, np.array([1.0, np.nan, -np.inf]), np.zeros((0, 3)), np.array(2.0)),
    "float32": (lambda x: x[1:] @ x[:-1] + np.maximum(x, 0)[0], np.float32([1, 2, 3])),
    "integers": (lambda x, n: np.sum(x) * n, np.arange(12).reshape(3, 4), 3),
    "several results": (lambda x: (x * 2, {"b": x * 3}), 2),
    "a result that is an input": (lambda x, y: x, 1.0, 2.0),
    "a constant": (lambda x: 3.0, 2.0),
    "nested inputs": (lambda xs, p: xs[0] * xs[1]["w"] ** p, (2.0, {"w": 3.0}), 4.0),
    "Greek": (lambda θ, σ_2, learning_rate, _h: θ * σ_2 / learning_rate - _h, 1.0, 2.0, 3.0, 4.0),
    "a gradient": (grad(lambda x: np.sum(x[:2] ** 3)), np.array([1.0, 2.0, 3.0])),
    "long": (lambda x: sum(np.sin(x * k) for k in range(150)), 1.0),
}


@pytest.fixture(params=PROGRAMS.values(), ids=list(PROGRAMS))
def tape(request):
    f, *args = request.param
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield record(f, *args)


@pytest.mark.parametrize("formulas", [False, True])
def test_markdown_and_html_show_the_same_cells_to_a_real_parser(tape, formulas):
    with np.errstate(all="ignore"):
        table = trace(tape, "both", formulas=formulas)
    shown = HTMLTable(MarkdownIt("commonmark", {"html": False}).enable("table").render(table.markdown()))
    cells = [[cell.strip() for cell in row] for row in shown.rows]
    expected = html_rows(table)
    if len(table) > 200:  # the gap is one cell there
        gap = next(row for row in expected if len(row) == 1)
        gap += [""] * (len(expected[0]) - 1)
    assert cells == expected == markdown_rows(table)
    marked = [row[0] for row in cells[1:] if "(input)" in row[0]]
    assert marked == [f"{tape.name(i)} (input){' (output)' * (i in tape.outputs)}" for i in tape.inputs]


KNOWN = set(
    "begin end text hline frac partial mathrm operatorname left right cdot sqrt vdots dot bar infty top theta sigma "
    "sin cos exp , ; _ # $ % & \\".split()
)


@pytest.mark.parametrize("formulas", [False, True])
def test_latex_has_no_macro_that_mathjax_or_katex_lacks_and_is_balanced(tape, formulas):
    with np.errstate(all="ignore"):
        latex = trace(tape, "both", formulas=formulas).latex()
    macros = set(re.findall(r"\\([a-zA-Z]+|.)", latex))
    assert macros <= KNOWN, macros - KNOWN
    bare = re.sub(r"\\.", "", latex)
    assert bare.count("{") == bare.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    columns = re.match(r"\\begin\{array\}\{(\w+)\}", latex)[1]
    assert all(len(re.findall(r"(?<!\\)&", row)) == len(columns) - 1 for row in latex.split("\n")[1:-1])
    assert not re.search(r"[$#%]", re.sub(r"\\[$#%]", "", latex))


def test_the_text_of_every_program_has_a_row_for_each_operation(tape):
    with np.errstate(all="ignore"):
        table = trace(tape, "both", formulas=True)
    lines = table.text(limit=None).split("\n")
    assert len(lines) == len(tape) + 2
    assert all(line.startswith(row.equation) for line, row in zip(lines[2:], table.lines, strict=True))


def test_the_first_direction_of_arrays_in_any_order_of_memory_and_at_infinity():
    x = np.asfortranarray(np.full((3, 4), np.inf))
    np.testing.assert_array_equal(first_direction(record(lambda x: np.sum(x), x))[0], np.eye(3, 4) * [1, 0, 0, 0])
    assert first_direction(record(lambda x, y: x, np.float32(np.nan), 1.0)) == [1.0, 0.0]
    assert first_direction(record(np.sum, np.zeros((0, 2))))[0].shape == (0, 2)
    assert first_direction(record(lambda x: np.sum(x), np.ones(3, np.float32)))[0].dtype == np.float32


def test_a_row_whose_formula_isnt_known_shows_its_numbers_alone():
    table = trace(
        record(lambda x, b: np.sum(np.maximum(x, 0.0) * b), np.array([1.0, -2.0]), 3.0), "both", formulas=True
    )
    by = {line.name: line for line in table.lines}
    assert by["v1"].formulas == {"x": [None]} and by["v1"].tangent_formula is None
    assert str(by["v2"].tangent_formula) == "b * dv1 + v1 * db"
    assert by["b"].adjoint_formula is None  # a sum over what was broadcast
    assert by["v1"].adjoint_formula is not None and by["x"].adjoint_formula is None
    assert "∂v1/∂x = [1, 0]" in str(table)


def test_an_adjoint_formula_is_a_sum_over_all_uses():
    def f(x, y):
        u = x * x
        w = u + y
        return u * w - x

    x, y = 3.0, 0.5
    table = trace(record(f, x, y), "both", formulas=True)
    by = {line.name: line for line in table.lines}
    assert str(by["u"].adjoint_formula) == "w_bar + v3_bar * w"
    assert str(by["x"].adjoint_formula) == "u_bar * x + u_bar * x - v4_bar"
    assert by["x"].adjoint == pytest.approx(2 * x * (2 * x * x + y) - 1)


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
