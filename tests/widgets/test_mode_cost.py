"""The picture's counts for what is set; shapes that fit, and what is said to those that don't."""

import numpy as np
import pytest

from adcourse.core.errors import InputError
from adcourse.methods import groupings as order
from adcourse.widgets import ModeCost


def test_sizes_shapes_and_jacobians_say_the_same():
    shapes = ((1, 4), (4, 3), (3, 1000))
    made = [ModeCost(1000, 3, 4, 1), ModeCost(*shapes), ModeCost(*map(np.ones, shapes)), ModeCost(*map(list, shapes))]
    for cost in made:
        assert cost.sizes == (1000, 3, 4, 1)
        assert cost.multiplications == {"forward": 16_000, "reverse": 3012, "best": 3012}
        assert cost.passes == {"forward": 1000, "reverse": 1}


def test_what_is_set_is_what_counts():
    cost = ModeCost(100, 7, 5)
    cost.settings = {"layers": 3}
    assert cost.sizes == (100, 7, 7, 7, 5)  # added layers are as wide as the last one
    cost.settings = {"inputs": 1, "results": 1000, "layers": 1}
    assert cost.sizes == (1, 7, 1000)
    assert set(cost.multiplications.values()) == {7000}
    cost.settings = {"layers": 0}
    assert cost.sizes == (1, 1000) and set(cost.multiplications.values()) == {0}


def test_the_best_may_be_neither_mode():
    cost = ModeCost(100, 1, 100, 1, 100)
    assert cost.multiplications == {"forward": 30_000, "reverse": 30_000, "best": 10_200}
    assert cost.best == "J₄ ((J₃ J₂) J₁)"


def test_the_browser_gets_every_grouping_forward_first_and_reverse_last():
    data = ModeCost(2, 3, 4).data
    for stages, rows in data["groupings"].items():
        assert [name for name, *_ in rows] == [order.name(g) for g in order.groupings(stages)]
        assert rows[0][1] == order.products(order.forward(stages))
        assert rows[-1][1] == order.products(order.reverse(stages))


@pytest.mark.parametrize(
    "chain, message",
    [
        (((1, 4), (5, 3)), "Factors 1 and 2 don't fit: 1 x 4 times 5 x 3"),
        (((3, 1000), (4, 3), (1, 4)), "Turned round, they would fit"),
        ((np.ones((2, 3)), np.ones((2, 3))), "3 columns of the left one meet the 2 rows"),
        ((), "was given nothing"),
        ((5,), "one size"),
        ((1000, 3.5, 1), "whole|sizes"),
        ((1000, 0, 1), "from 1 to 10,000"),
        ((1000, -3, 1), "from 1 to 10,000"),
        ((1000, 10_001, 1), "from 1 to 10,000"),
        ((True, 2), "sizes"),
        ((np.ones(3), np.ones((3, 2))), "Jacobians"),
        (("abc", 2), "sizes"),
        (tuple([2] * 8), "7 stages"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_the_line_to_write(chain, message):
    with pytest.raises(InputError, match=rf"(?s)({message}).*Write: "):
        ModeCost(*chain)


@pytest.mark.parametrize("chain", [(7, 3), (1, 1, 1), (1000, 3, 4, 1), (3, 50, 2, 9, 4), (2, 3, 4, 5, 6, 7, 8)])
def test_the_static_form_has_every_grouping_with_its_count(chain):
    cost = ModeCost(*chain)
    html = cost.static_html()
    for grouping in order.groupings(len(chain) - 1):
        assert f"<td>{order.multiplications(chain, grouping):,}</td>" in html
        assert order.name(grouping) in html
    assert f"{cost.multiplications['best']:,}" in html.partition("<table")[0]
