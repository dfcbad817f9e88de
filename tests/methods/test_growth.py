"""Costs as they grow: exact in operations, honest about what was stopped, and pictures of both."""

import json
import warnings

import numpy as np
import pytest

from adcourse import compare, record
from adcourse.core.errors import InputError
from adcourse.methods.costs import operations


def squares(v):
    return np.sum(v * v)


@pytest.mark.parametrize("seed", range(3))
def test_operations_are_those_of_the_textbook(seed):
    rng = np.random.default_rng(seed)
    m, k, n = rng.integers(1, 9, 3)
    A, B = rng.normal(size=(m, k)), rng.normal(size=(k, n))
    assert operations(lambda X: X @ B, A) == m * n * (2 * k - 1)
    assert operations(np.sum, A) == m * k - 1
    assert operations(lambda X: np.exp(X)[0] + X.T.copy()[:, 0], A) == m * k + k
    S = np.eye(n) * 9 + rng.normal(size=(n, n))
    assert operations(lambda X: np.linalg.solve(X, np.ones(n)), S) == round(2 / 3 * n**3 + 2 * n**2)
    assert operations(lambda X: X[::-1].reshape(-1), A) == 0


@pytest.mark.parametrize(
    "f, x", [(lambda x: x * np.sin(x) + 1, 0.3), (lambda v: (v[0] + v[1]) * v[2] / v[0], np.ones(3))]
)
def test_operations_of_a_straight_line_program_are_the_rows_of_its_tape(f, x):
    rows = [row for row in record(f, x) if row.rule is not None and row.rule.name != "getitem"]
    assert operations(f, x) == len(rows)


def test_taylor_grows_as_a_square_and_nested_forward_mode_as_a_power():
    orders = compare(lambda x: np.exp(np.sin(x)), 0.7, methods="tape", budget=40).orders(
        (2, 3, 4, 5, 6), ["dual numbers", "Taylor mode"]
    )
    nested, taylor = (np.array(orders[name].operations) for name in ("dual numbers", "Taylor mode"))
    assert np.all(nested[1:] / nested[:-1] > 2)  # for one order more
    k = np.arange(2, 7)
    assert np.all(taylor < 3 * (k + 1) ** 2) and taylor[-1] < nested[-1] / 5


def test_the_budget_stops_what_runs_away_and_the_others_go_on():
    comparison = compare(squares, np.ones(2), methods="tape", budget=8)
    cost = comparison.cost((1, 10, 1_000_000), ["hyperdual numbers", "tape"])
    slow, tape = cost["hyperdual numbers"], cost["tape"]
    assert slow.at == [1, 10] and "stopped at 1000000" in slow.note and "8 s" in slow.note
    assert tape.at == [1, 10, 1_000_000] and tape.note == "" and max(tape.operations) < 6
    assert json.loads(json.dumps(cost.to_dict()))["curves"][1]["at"] == [1, 10, 1_000_000]


def test_a_method_without_an_order_ends_there_and_says_so():
    orders = compare(np.sin, 0.3, methods="tape").orders((1, 2, 3), ["hyperdual numbers", "complex step"])
    assert orders["hyperdual numbers"].at == [1, 2] and "two units" in orders["hyperdual numbers"].note
    assert orders["complex step"].at == [1] and "subtracts" in orders["complex step"].note


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "kind, f, x, options",
    [
        ("cost", squares, np.ones(2), {"sizes": (1, 3, 10), "methods": ["tape", "dual numbers"]}),
        ("order", np.sin, 0.3, {"orders": (1, 2, 3), "methods": ["tape", "Taylor mode"]}),
        ("swell", lambda x: x * x, 0.3, {"steps": (1, 2, 3)}),
        ("swell", squares, np.ones(2), {"steps": (1, 2)}),
    ],
)
def test_pictures_have_two_panels_and_say_what_they_show(kind, f, x, options, dark):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = compare(f, x, methods="tape", budget=20).plot(kind, dark, **options)
        figure.canvas.draw()
    assert [ax.get_yscale() for ax in figure.axes] == ["log", "log"]
    for name in options.get("methods", ["tree", "graph", "tape"]):
        assert name.lower() in figure.alt.lower()


def test_questions_that_make_no_sense_here():
    number, array = compare(np.sin, 0.3, methods="tape"), compare(squares, np.ones(2), methods="tape")
    with pytest.raises(InputError, match="one number"):
        array.plot("order")
    with pytest.raises(InputError, match="every length"):
        number.plot("cost")
    with pytest.raises(InputError, match='plot."swell"'):
        number.plot("swells")
    with pytest.raises(InputError, match="array"):
        compare(squares, np.ones(2), order=2)
    for order in (0, -1, 1.5, True):
        with pytest.raises(InputError):
            compare(np.sin, 0.3, order=order)
