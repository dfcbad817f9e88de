"""Phase space in a bare page: what becomes of the energy is predicted, then every method and step is the kernel's."""

import re

import numpy as np
import pytest

from adcourse.widgets import PhaseSpace


def test_the_energy_is_predicted_then_compared(mount):
    picture = PhaseSpace(lambda q: 1 - np.cos(q), 2.0, steps=60)
    page = mount(picture)
    status = lambda: page.get_by_role("status").inner_text()
    page.get_by_role("slider", name="steps").fill("60")
    assert status().startswith("10 steps of Euler") and "for you to predict" in status()
    page.locator(".predict select").select_option("same")
    page.get_by_role("button", name="Check").press("Enter")
    assert status().startswith("Not the same to a hundredth: it is larger. Look along")
    page.get_by_role("textbox").fill("2")
    page.get_by_role("textbox").press("Enter")
    assert "Each half of a kick is matched" in status()
    for method, step, steps in (("leapfrog", 3, 60), ("rk4", 5, 12), ("euler", 0, 1)):
        page.get_by_role("combobox", name="method").select_option(method)
        page.get_by_role("slider", name="step h").fill(str(step))
        page.get_by_role("slider", name="steps").fill(str(steps))
        picture.settings = page.evaluate("models[0].state.settings")
        q, p = re.search(r"q = (\S+), p = ([^\s,;]+)", status()).groups()
        assert [float(q), float(p)] == pytest.approx(picture.path[:, -1], rel=1e-3)
        assert float(re.search(r"up to (\S+)\.", status())[1]) == pytest.approx(picture.drift, rel=0.06)
