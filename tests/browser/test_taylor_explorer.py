"""The Taylor explorer in a bare page: predictions first; polynomial and remainder are the kernel's, everywhere."""

import numpy as np
import pytest

from adcourse.widgets import TaylorExplorer


def status(page):
    return page.get_by_role("status").inner_text()


def test_two_predictions_each_judged_and_explained(mount):
    page = mount(TaylorExplorer(lambda t: 1 / (1 + t * t), 0.0, 1.0))
    assert "comes when you have predicted" in status(page)
    page.get_by_role("button", name="Check").click()
    assert page.locator(".hint").inner_text() == "Choose one."
    page.locator(".predict select").select_option("closer")
    page.get_by_role("button", name="Check").press("Enter")
    assert status(page).startswith("Not they come closer to the function: it is they move away. How smooth it looks")
    assert "remainder" in status(page)
    page.get_by_role("textbox").fill("1")
    page.get_by_role("textbox").press("Enter")
    assert status(page).startswith("Not 1: it is about 1.41. That is the radius about 0; the centre has moved.")
    made = page.evaluate("models[0].state.predictions.map((p) => [p.name, p.right])")
    assert made == [["outside", False], ["radius", False]]


def test_every_order_centre_and_place_is_the_kernels(mount):
    explorer = TaylorExplorer(np.tanh, 0.0, 1.0)
    page = mount(explorer)
    for _ in explorer.data["asks"]:
        page.get_by_role("button", name="Show me").press("Enter")
    for order, c, x in ((0, 0.0, 0), (5, 1.0, 12), (30, 0.0, -1), (17, 1.0, -20)):
        page.get_by_role("slider", name="order").fill(str(order))
        page.get_by_role("combobox", name="centre").select_option(str(int(c)))
        page.get_by_role("slider", name="x").fill(str(explorer.xs[x]))
        explorer.settings = page.evaluate("models[0].state.settings")
        assert explorer.settings["order"] == order and explorer.settings["centre"] == c
        told = status(page)
        assert float(told.split("function is ")[1].split(",")[0]) == pytest.approx(np.tanh(explorer.xs[x]), rel=1e-5)
        assert float(told.split("remainder ")[1].split(". ")[0]) == pytest.approx(
            explorer.remainder, rel=0.06, abs=1e-15
        )
        inside = abs(explorer.xs[x] - c) < explorer.radius[c]
        assert ("inside the disc" if inside else "outside the disc") in told
