"""The kink explorer in a bare page: predictions first; then the chain rule's answer for every place and every s."""

import re

import pytest

from adcourse.widgets import KinkExplorer


def test_the_answer_is_predicted_then_moved(mount):
    k = KinkExplorer(lambda t, relu: relu(-t) + t - relu(t))
    page = mount(k)
    status = lambda: page.get_by_role("status").inner_text()
    assert "for you to predict" in status()
    page.get_by_role("textbox").fill("0")
    page.get_by_role("textbox").press("Enter")
    assert status().startswith("Not 0: it is 1. Go through the program operation by operation")
    page.locator(".predict select").select_option("none")
    page.get_by_role("button", name="Check").press("Enter")
    assert status().startswith("Not for no s: it is for some s, not for all. Move s,")
    for place, s in ((20, 0.5), (20, 0.8), (3, 1)):
        page.get_by_role("slider", name="t", exact=True).fill(str(place))
        page.get_by_role("slider", name="slope of relu").fill(str(s))
        k.settings = page.evaluate("models[0].state.settings")
        told = status()
        assert float(re.search(r"returns (\S+):", told)[1]) == pytest.approx(k.slope, abs=1e-12)
        assert ("no slope of this curve" in told) == (not k.between_them)
