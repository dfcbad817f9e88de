"""The evaluation trace in a real Chromium, light and dark: accessible, legible, its numbers in line."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from adcourse import record
from adcourse.show import trace


def network(p, x):
    h = np.tanh(p["W1"] @ x + p["b1"])
    loss = np.sum((p["W2"] @ h) ** 2)
    return loss


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_is_accessible_and_its_numbers_stand_in_line(open_page, pictures, scheme):
    rng = np.random.default_rng(5)
    p = {"W1": rng.normal(size=(4, 3)), "b1": np.zeros(4), "W2": rng.normal(size=(2, 4))}
    table = trace(record(network, p, np.ones(3)), "both", formulas=True)
    page = open_page(scheme=scheme, width=1800)
    page.set_content(
        f"<!doctype html><html lang=en><head><meta charset=utf-8><meta name=color-scheme content={scheme}>"
        f"<title>A trace</title></head><body><main><h1>A trace</h1>{table.html()}</main></body></html>"
    )
    assert Axe().run(page).response["violations"] == []
    assert page.get_by_role("table").get_attribute("class") == "adcourse-trace"
    assert page.get_by_role("columnheader").all_inner_texts() == [
        "operation", "value", "local partials", "tangent", "adjoint",
    ]  # fmt: skip
    assert page.get_by_role("rowheader").count() == len(table)
    right = page.eval_on_selector_all(
        "td:nth-child(2)",
        "cells => cells.map(c => c.getBoundingClientRect().right - parseFloat(getComputedStyle(c).paddingRight))",
    )
    assert len(set(right)) == 1
    assert page.eval_on_selector("td:nth-child(2)", "c => getComputedStyle(c).textAlign") == "right"
    page.screenshot(path=pictures / f"trace-{scheme}.png")
