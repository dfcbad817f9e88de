"""The geometry of dual numbers in a bare page: moving it, predicting, what is said and drawn. No Jupyter."""

import math
import re

import numpy as np
import pytest

from adcourse import jvp
from adcourse.widgets import DualGeometry


def wave(x):
    return np.sin(2 * x) + x / 2


def status(page):
    return page.get_by_role("status").inner_text()


def through(page, view):
    page.get_by_label("Through", exact=True).select_option(index=["function", "product", "chain"].index(view))


def reveal(page):
    page.get_by_role("button", name="Show me").press("Enter")


@pytest.mark.parametrize("view", ["function", "product", "chain"])
def test_what_comes_out_is_a_forward_sweep_wherever_it_is_moved(mount, view):
    g = np.exp
    picture = DualGeometry(wave, g, between=(-2, 2))
    whole = {"function": wave, "product": lambda x: wave(x) * g(x), "chain": lambda x: g(wave(x))}[view]
    page = mount(picture)
    through(page, view)
    reveal(page)
    a, b = picture.data["settings"]["a"], picture.data["settings"]["b"]
    rng = np.random.default_rng()
    for _ in range(4):
        x = float(a["min"] + a["step"] * rng.integers(1, 39))
        t = float(b["step"] * rng.integers(1, 5))
        page.get_by_role("slider", name="a").fill(f"{x:.9g}")
        page.get_by_role("slider", name="b").fill(f"{t:.9g}")
        value, tangent = jvp(whole, (x,), (t,))
        cells = page.locator("tbody tr").last.locator("td").all_inner_texts()
        numbers = [float(text.replace("−", "-")) for text in (cells[0], cells[2])]
        assert numbers == pytest.approx([value, tangent], rel=2e-3, abs=1e-9)
        if view != "product" and x + t <= 2:
            assert float(cells[3].replace("−", "-")) == pytest.approx(
                whole(x + t) - value - tangent, rel=2e-3, abs=1e-9
            )


def test_what_is_dropped_shrinks_with_the_square_of_epsilon(mount):
    page = mount(DualGeometry())
    for view, expected in (("function", 0.125), ("product", 0.5 * 1.4 * 0.5 * math.exp(1.4))):
        through(page, view)
        reveal(page)
        for h in ("1", "0.5", "0.2", "0.1"):
            page.get_by_label("ε drawn as", exact=True).select_option(h)
            dropped = page.locator("tbody tr").last.locator("td").last.inner_text()
            assert float(dropped) == pytest.approx(expected * float(h) ** 2, rel=1e-3)
            assert dropped in status(page)


def test_a_prediction_reveals_what_comes_out_and_known_mistakes_are_named(mount):
    page = mount(DualGeometry())
    drawn = page.locator("path.arrow")
    assert drawn.count() == 1 and "0.7" not in status(page)  # only the arrow that goes in
    page.get_by_role("textbox").fill("1.4")
    page.get_by_role("textbox").press("Enter")
    assert status(page).startswith("Not 1.4: it is 0.7. That is how much an arrow of length 1")
    assert drawn.count() == 3
    made = page.evaluate("models[0].state.predictions[0]")
    assert (made["name"], made["answer"], made["right"]) == ("function", 1.4, False)
    assert made["expected"] == pytest.approx(0.7)
    through(page, "product")
    page.get_by_role("textbox").fill("1.419")
    page.get_by_role("button", name="Check").click()
    assert "That is the corner" in status(page) and "it is 3.812" in status(page)
    through(page, "chain")
    page.get_by_role("textbox").fill("1.13")
    page.get_by_role("textbox").press("Enter")
    assert status(page).startswith("Right.")
    assert "1 of 3 right" in page.locator(".score").text_content()
    through(page, "function")  # what has been answered stays open
    assert drawn.count() == 3 and not page.get_by_role("textbox").is_visible()


def test_no_known_mistake_would_pass_as_right(mount):
    """What is right, and what comes of each misunderstanding, at several places."""
    picture = DualGeometry(wave, np.exp, between=(-2, 2))
    page = mount(picture)
    for a in ("-1.4", "0.6", "1.8"):
        page.get_by_role("slider", name="a").fill(a)
        x = float(a)
        slope = 2 * math.cos(2 * x) + 0.5
        for given in (slope / 2, slope, 0.5, wave(x), wave(x + 0.5) - wave(x)):
            page.get_by_role("textbox").fill(f"{given:.9g}")
            page.get_by_role("textbox").press("Enter")
            assert page.evaluate("models[0].state.predictions[0].right") == (given == slope / 2)
            page.get_by_role("button", name="Reset").press("Enter")
            page.get_by_role("slider", name="a").fill(a)


def test_where_there_is_no_value_nothing_is_asked_and_that_is_said(mount):
    page = mount(DualGeometry(np.log, np.sqrt, between=(-1, 3), a=2.0))
    page.get_by_role("slider", name="a").press("Home")
    assert re.search("At x = −1 there is no value", status(page))
    assert not page.get_by_role("textbox").is_visible()
    page.get_by_role("slider", name="a").press("End")
    assert page.get_by_role("textbox").is_visible()
    assert "NaN" not in page.locator(".plot").evaluate("e => e.outerHTML")
