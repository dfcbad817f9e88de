"""The account of expression swell: the numbers of the course, how sizes grow, and what a budget does."""

import json

import numpy as np
import pytest
import sympy as sp

from adcourse import grad
from adcourse.core.errors import ADError
from adcourse.methods import symbolic
from adcourse.methods.formulas import operations
from adcourse.methods.swell import Row, Swell, logistic, nested_sine, speelpenning, swell

x = sp.Symbol("x", real=True)


def test_the_numbers_of_the_course():
    assert logistic(0.2, 4) == pytest.approx(0.28901376, abs=1e-15)
    assert grad(logistic)(0.2, 4) == pytest.approx(9.0660864, rel=1e-14)
    slope = symbolic.derivative(lambda t: logistic(t, 4), x, exact=True)
    assert slope.subs(x, sp.Rational(1, 5)) == sp.Rational("9.0660864")
    counts = [operations(symbolic.derivative(lambda t, n=n: logistic(t, n), x)) for n in range(2, 7)]
    assert counts == [2, 21, 82, 264, 768]
    assert grad(nested_sine)(0.1, 30) == pytest.approx(1.917706760386666, rel=1e-14)
    exact = symbolic.evaluate(symbolic.derivative(lambda t: nested_sine(t, 30), x), {x: sp.Rational(1, 10)})
    assert float(exact) == pytest.approx(1.917706760386666, rel=1e-15)


@pytest.fixture(scope="module")
def account():
    return swell(logistic, range(2, 7), at=0.2, seconds=20)


def test_trees_of_the_logistic_map_double_and_graphs_grow_by_a_constant(account):
    short, long = swell(logistic, [4, 10], seconds=3).rows
    assert (short.derivative_tree, short.derivative_dag) == (343, 43)
    assert (long.derivative_tree, long.derivative_dag) == (70663, 121)
    assert account["sympy_operations"] == [2, 21, 82, 264, 768]
    trees = np.array(account["derivative_tree"])
    assert np.all(trees[1:] > 2 * trees[:-1]) and account["tree"] == [2 ** (n + 2) - 7 for n in account.steps]
    for column in ("dag", "derivative_dag", "shared_operations"):
        assert len(set(np.diff(account[column]))) == 1, column


def test_times_grow_with_the_tree_where_the_formula_is_written_out(account):
    """From n = 4 to 6 the tree grows sevenfold, the graph and the program by half."""
    rows = {row.steps: row for row in account.rows}
    assert rows[6].evaluate > 4 * rows[4].evaluate
    assert rows[6].lambdified > 2.5 * rows[4].lambdified
    assert rows[6].lambdified > 2 * rows[6].lambdified_cse
    assert rows[6].automatic < 4 * rows[4].automatic


def test_a_nested_sine_swells_quadratically_as_a_tree_and_is_evaluated_as_if_exponentially():
    account = swell(nested_sine, [2, 4, 6, 8, 10], seconds=8)
    assert set(np.diff(account["derivative_tree"], 3)) == {0} and set(np.diff(account["derivative_dag"])) == {20 // 2}
    assert account["shared_operations"] == [5 * n for n in account.steps]
    evaluate = account["evaluate"]
    assert evaluate[4] > 20 * evaluate[1]  # measured: 160 times, where the tree is ten times as large


def test_the_gradient_of_a_product():
    account = swell(speelpenning, [2, 4, 8], at=lambda n: np.linspace(1, 2, n), seconds=8)
    assert account["shared_operations"] == [3 * (n - 1) for n in account.steps]
    assert account["sympy_operations"] == [n * (n - 2) for n in account.steps]
    assert account["dag"] == [2 * n - 1 for n in account.steps]
    assert all(row.automatic > 0 and not row.note for row in account.rows)


def test_what_runs_out_of_time_is_stopped_and_said_and_sizes_go_on():
    account = swell(logistic, [3, 11, 12], seconds=3)
    last = account.rows[-1]
    assert (last.derivative_tree, last.derivative_dag, last.evaluate) == (348167, 147, None)
    assert any("budget is 3 s" in note for note in account.notes)
    assert "–" in account.table()


def test_an_account_is_a_table_a_page_and_a_dict(account):
    text, page, numbers = str(account), account._repr_html_(), json.loads(json.dumps(account.to_dict()))
    assert text == account.table() == repr(account) and "logistic" in text
    assert "2 375" in text and "2 375" in page and page.count("<tr>") == 1 + len(account.rows)
    assert [Row(**row) for row in numbers["rows"]] == account.rows
    assert account.steps == list(range(2, 7))
    assert "&lt;lambda&gt;" in Swell(lambda t, n: t, [Row(1)], 1.0)._repr_html_()


def test_bad_requests_are_refused():
    for steps in ([], [3, 2], [2, 2]):
        with pytest.raises(ADError, match="steps"):
            swell(logistic, steps)
    with pytest.raises(ADError, match="branch"):
        swell(lambda t, n: t if t > 0 else -t, [1])
    with pytest.raises(ZeroDivisionError):
        swell(lambda t, n: t / 0 * n if isinstance(t, float) else 1 // 0, [1])
