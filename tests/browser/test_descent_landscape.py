"""The landscape's ES module: the browser walks as Python does, shows no walk before the prediction, takes a drag."""

import random

import numpy as np

from adcourse.widgets import DescentLandscape
from tests.widgets.examples import himmelblau
from tests.widgets.test_descent_landscape import lopsided

ANSWERED = "models[0].set('predictions', [{name: 'end', answer: null, right: null}])"


def status(page):
    return page.get_by_role("status").inner_text()


def walked(page):
    """The rows of the table that have numbers."""
    cells = page.locator("#w0 tbody td").all_text_contents()
    return np.array([list(map(float, row)) for row in zip(*[iter(cells)] * 4, strict=True) if row[0].strip()])


def test_the_browser_walks_as_python_does(mount):
    shown = DescentLandscape(lopsided, (-2, 3), (-1, 2))
    page = mount(shown)
    page.evaluate(ANSWERED)
    for _ in range(6):
        now = {"x": round(random.uniform(-1.5, 1.5), 2), "y": round(random.uniform(-0.5, 1.5), 2)}
        now |= {
            "rate": random.randint(0, 18),
            "momentum": random.choice([0.0, 0.5, 0.8]),
            "steps": random.randint(1, 25),
        }
        page.evaluate("now => models[0].set('settings', now)", now)
        shown.settings = now
        rows, way = walked(page), shown.walk
        assert np.allclose(rows[:, :2], np.array(way.points)[: len(rows)], rtol=1e-3, atol=1e-6), now
        assert np.allclose(rows[:, 2], way.values[: len(rows)], rtol=1e-3, atol=1e-6), now
        inside = shown._inside(np.array(way.points))
        assert len(rows) == (len(inside) if inside.all() else np.argmin(inside)), now


def test_the_walk_is_hidden_until_its_end_is_predicted(mount):
    page = mount(DescentLandscape(himmelblau))
    assert "for you to predict" in status(page) and len(walked(page)) == 1
    page.locator("#w0 .predict select").select_option("C")
    page.get_by_role("button", name="Check").press("Enter")
    assert status(page).startswith("Not in C: it is in B.") and "It settles in B, at (3, 2)." in status(page)
    assert len(walked(page)) == 26
    page.get_by_role("textbox").fill("0.019")
    page.keyboard.press("Enter")
    assert status(page).startswith("Near enough: it is 0.01897")
    page.get_by_role("slider", name="step size α").fill("28")  # longer than for B, but it stays in the valley
    assert "has settled nowhere" in status(page)
    page.get_by_role("slider", name="step size α").press("End")
    assert "It leaves the picture after step" in status(page)
    page.get_by_role("combobox", name="basins").select_option("show")
    drawn = page.locator("#w0 .area path.point").evaluate_all("all => all.map(e => e.getAttribute('d').length > 100)")
    assert sum(drawn) >= 4


def test_a_start_may_be_dragged(mount):
    page = mount(DescentLandscape(himmelblau))
    box = page.locator("#w0 .plot .area").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    x, y = page.evaluate("[models[0].state.settings.x, models[0].state.settings.y]")
    assert abs(x - 2.5) < 0.15 and abs(y - 2.5) < 0.15
    assert float(page.get_by_role("slider", name="start x").input_value()) == x
