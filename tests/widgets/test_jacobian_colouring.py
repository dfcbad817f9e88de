"""Jacobian colouring: what it says of conflicts and of the fewest colours is true."""

import random
from itertools import product

import numpy as np
import pytest

from adcourse import colour_columns
from adcourse.core.errors import ADError, InputError
from adcourse.widgets import JacobianColouring

SEEDS = pytest.mark.parametrize("seed", random.sample(range(2**32), 6))


def valid(pattern, colours):
    """By linear algebra: of the columns of one colour at most one has an entry in each row."""
    seeds = np.equal.outer(colours, np.arange(max(colours) + 1))
    return bool(np.all(pattern.astype(int) @ seeds <= 1))


@SEEDS
def test_the_fewest_colours_are_those_of_trying_every_colouring(seed):
    rng = np.random.default_rng(seed)
    pattern = rng.random((rng.integers(1, 7), rng.integers(1, 7))) < 0.4
    pattern[0, 0] = True
    picture = JacobianColouring(pattern)
    columns = pattern.shape[1]
    possible = [k for k in range(1, columns + 1) if any(valid(pattern, c) for c in product(range(k), repeat=columns))]
    assert picture.fewest == possible[0] == max(picture.best) + 1 and valid(pattern, picture.best)


def test_first_fit_may_need_more():
    """A crown: column k of the first half meets all of the second but its partner, and they come in pairs."""
    n = 4
    columns = [(half, k) for k in range(n) for half in (0, 1)]
    pairs = [(a, b) for a in columns for b in columns if a < b and a[0] != b[0] and a[1] != b[1]]
    pattern = np.array([[c in pair for c in columns] for pair in pairs])
    picture = JacobianColouring(pattern)
    assert colour_columns(pattern, order="natural").max() + 1 == n and picture.fewest == 2


@SEEDS
def test_there_is_a_conflict_wherever_an_entry_can_not_be_read_off(seed):
    rng = np.random.default_rng(seed)
    pattern = rng.random((6, 8)) < 0.3
    pattern[2, 5] = True
    picture = JacobianColouring(pattern)
    assert picture.conflicts == []  # a colour for each column, in the beginning
    picture.settings = {"palette": int(rng.integers(1, 9)), "painted": rng.integers(0, 8, 8).tolist()}
    colours = picture.colours
    assert max(colours) < picture.settings["palette"] and (not picture.conflicts) == valid(pattern, colours)
    for row, j, k in picture.conflicts:
        assert pattern[row, j] and pattern[row, k] and colours[j] == colours[k]


def test_an_arrow_is_a_matter_of_the_way():
    arrow = lambda x: np.concatenate([x[:-1] ** 2, [np.sum(x)]])
    picture = JacobianColouring(arrow, np.ones(6))
    fewest, way = picture.data["asks"]
    assert picture.fewest == fewest["answer"] == 6 and way["answer"] == "rows" and "rows need 2" in way["because"]
    assert JacobianColouring(picture.pattern.T).data["asks"][1]["answer"] == "columns"
    assert JacobianColouring(np.eye(3)).data["asks"][1]["answer"] == "same"


def test_entries_that_happen_to_be_zero_belong_to_the_pattern():
    picture = JacobianColouring(lambda x: x * x[::-1], np.array([0.0, 1.0, 0.0]))
    assert picture.pattern.sum() == 5 and picture.data["entries"][0] == ["0", "", "0"]


@pytest.mark.parametrize(
    "arguments, word",
    [
        ((np.cos,), "without a point"),
        ((np.cos, np.ones(15)), "at most 14"),
        ((np.zeros((3, 3)),), "0 entries"),
        ((np.ones(3),), "sparsity pattern"),
        ((lambda x: x.no_such_thing, np.ones(3)), "AttributeError"),
        ((lambda x: "a word", np.ones(3)), ""),
    ],
)
def test_what_can_not_be_shown_is_refused(arguments, word):
    with pytest.raises(ADError, match="(?s)Why: .*Write: ") as caught:
        JacobianColouring(*arguments)
    assert word in str(caught.value) and isinstance(caught.value, InputError)


@pytest.mark.parametrize("painted", [[0, 1], [0] * 9, "00000000", [0.5] * 8, [-1] * 8, [True] * 8, None])
def test_paint_that_is_not_for_these_columns_is_refused(painted):
    picture = JacobianColouring(lambda u: np.roll(u, 1) - u, np.ones(8))
    with pytest.raises(InputError, match="a list of 8 whole numbers"):
        picture.settings = {"painted": painted}
    picture.settings = {"painted": [0, 1] * 4}
    assert picture.colours == [0, 1] * 4
