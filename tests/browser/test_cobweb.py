"""The cobweb in a bare page: predictions first; each step and each start is the kernel's."""

import numpy as np
import pytest

from adcourse.widgets import Cobweb


def test_the_loop_s_derivative_is_shown_once_it_has_been_predicted(mount):
    cobweb = Cobweb(lambda z, a: a + 0.5 * np.sin(z), 1.0, 3.0)
    page = mount(cobweb)
    status = lambda: page.get_by_role("status").inner_text()
    assert "loop" not in status()
    page.get_by_role("textbox").fill("0.9")
    page.get_by_role("textbox").press("Enter")
    assert status().startswith("Not 0.9: it is 0.036. The curve is flatter")
    page.locator(".predict select").select_option("same")
    page.get_by_role("button", name="Check").press("Enter")
    assert status().startswith("Not both about the same: it is 4e-6 for zₖ, 0.00018 for the derivative.")
    for start, steps in ((0, 3), (7, 1), (24, 8)):
        page.get_by_role("slider", name="start").fill(str(start))
        page.get_by_role("slider", name="steps").fill(str(steps))
        told = status()
        for words, name in (("z = .*?, off by ", "value"), ("is off by ", "loop"), ("same z, by ", "equation")):
            cobweb.settings = page.evaluate("models[0].state.settings")
            found = float(told.split(words.split(".*?, ")[-1])[1].split(";")[0].rstrip(".").split(". ")[0])
            assert found == pytest.approx(cobweb.errors[name][steps], rel=0.06, abs=1e-14), (told, name)
